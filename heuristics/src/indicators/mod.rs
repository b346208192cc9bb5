//! One file per indicator. This list is kept equal to the folder by `tests/catalogue.rs`.

mod archive_limit;
mod attachment_present;
mod authentication_failed;
mod display_name_other_address;
mod double_extension;
mod executable_attachment;
mod free_mail_sender;
mod hidden_text;
mod html_form;
mod ip_address_link;
mod link_text_differs;
mod own_domain_from_outside;
mod padded_file_name;
mod redirector_link;
mod reply_to_other_domain;
mod rlo_file_name;
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
    &free_mail_sender::INDICATOR,
    &hidden_text::INDICATOR,
    &html_form::INDICATOR,
    &ip_address_link::INDICATOR,
    &link_text_differs::INDICATOR,
    &own_domain_from_outside::INDICATOR,
    &padded_file_name::INDICATOR,
    &redirector_link::INDICATOR,
    &reply_to_other_domain::INDICATOR,
    &rlo_file_name::INDICATOR,
    &shortcut_attachment::INDICATOR,
    &userinfo_link::INDICATOR,
];
