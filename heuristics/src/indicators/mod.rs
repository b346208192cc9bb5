//! One file per indicator. This list is kept equal to the folder by `tests/catalogue.rs`.

mod addressed_by_address;
mod archive_limit;
mod attachment_present;
mod authentication_failed;
mod display_name_other_address;
mod double_extension;
mod executable_attachment;
mod foreign_domain_link;
mod foreign_mail_software;
mod free_hosting_link;
mod free_mail_sender;
mod hidden_text;
mod html_form;
mod invented_mail_software;
mod ip_address_link;
mod link_text_differs;
mod mixed_script_words;
mod outdated_mail_software;
mod own_domain_from_outside;
mod padded_file_name;
mod picture_for_text;
mod random_link_domain;
mod random_sender_domain;
mod recipients_undisclosed;
mod redirector_link;
mod reply_to_free_mail;
mod reply_to_other_domain;
mod rlo_file_name;
mod sender_clock_abroad;
mod shortcut_attachment;
mod threat_of_suspension;
mod throwaway_domain;
mod userinfo_link;

use crate::indicator::Indicator;

/// Every indicator, by id.
pub static ALL: &[&Indicator] = &[
    &addressed_by_address::INDICATOR,
    &archive_limit::INDICATOR,
    &attachment_present::INDICATOR,
    &authentication_failed::INDICATOR,
    &display_name_other_address::INDICATOR,
    &double_extension::INDICATOR,
    &executable_attachment::INDICATOR,
    &foreign_domain_link::INDICATOR,
    &foreign_mail_software::INDICATOR,
    &free_hosting_link::INDICATOR,
    &free_mail_sender::INDICATOR,
    &hidden_text::INDICATOR,
    &html_form::INDICATOR,
    &invented_mail_software::INDICATOR,
    &ip_address_link::INDICATOR,
    &link_text_differs::INDICATOR,
    &mixed_script_words::INDICATOR,
    &outdated_mail_software::INDICATOR,
    &own_domain_from_outside::INDICATOR,
    &padded_file_name::INDICATOR,
    &picture_for_text::INDICATOR,
    &random_link_domain::INDICATOR,
    &random_sender_domain::INDICATOR,
    &recipients_undisclosed::INDICATOR,
    &redirector_link::INDICATOR,
    &reply_to_free_mail::INDICATOR,
    &reply_to_other_domain::INDICATOR,
    &rlo_file_name::INDICATOR,
    &sender_clock_abroad::INDICATOR,
    &shortcut_attachment::INDICATOR,
    &threat_of_suspension::INDICATOR,
    &throwaway_domain::INDICATOR,
    &userinfo_link::INDICATOR,
];
