//! One file per indicator. This list is kept equal to the folder by `tests/catalogue.rs`.

mod archive_limit;
mod attachment_present;
mod authentication_failed;
mod display_name_other_address;
mod double_extension;
mod executable_attachment;
mod foreign_mail_software;
mod free_mail_sender;
mod hidden_text;
mod html_form;
mod invented_mail_software;
mod ip_address_link;
mod link_text_differs;
mod outdated_mail_software;
mod own_domain_from_outside;
mod padded_file_name;
mod recipients_undisclosed;
mod redirector_link;
mod reply_to_free_mail;
mod reply_to_other_domain;
mod rlo_file_name;
mod sender_clock_abroad;
mod shortcut_attachment;
mod userinfo_link;

use crate::indicator::Indicator;

/// Every indicator, by id.
pub static ALL: &[&Indicator] = &[
    &archive_limit::INDICATOR,
    &attachment_present::INDICATOR,
    &authentication_failed::INDICATOR,
    &display_name_other_address::INDICATOR,
    &double_extension::INDICATOR,
    &executable_attachment::INDICATOR,
    &foreign_mail_software::INDICATOR,
    &free_mail_sender::INDICATOR,
    &hidden_text::INDICATOR,
    &html_form::INDICATOR,
    &invented_mail_software::INDICATOR,
    &ip_address_link::INDICATOR,
    &link_text_differs::INDICATOR,
    &outdated_mail_software::INDICATOR,
    &own_domain_from_outside::INDICATOR,
    &padded_file_name::INDICATOR,
    &recipients_undisclosed::INDICATOR,
    &redirector_link::INDICATOR,
    &reply_to_free_mail::INDICATOR,
    &reply_to_other_domain::INDICATOR,
    &rlo_file_name::INDICATOR,
    &sender_clock_abroad::INDICATOR,
    &shortcut_attachment::INDICATOR,
    &userinfo_link::INDICATOR,
];
