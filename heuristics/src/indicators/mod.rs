//! One file per indicator. This list is kept equal to the folder by `tests/catalogue.rs`.

mod archive_limit;
mod attachment_present;
mod authentication_failed;
mod display_name_other_address;
mod double_extension;
mod executable_attachment;
mod foreign_han;
mod free_mail_sender;
mod invisible_characters;
mod own_domain_from_outside;
mod padded_file_name;
mod reply_to_other_domain;
mod rlo_file_name;
mod shortcut_attachment;
mod unnatural_japanese;

use crate::indicator::Indicator;

/// Every indicator, by id.
pub static ALL: &[&Indicator] = &[
    &archive_limit::INDICATOR,
    &attachment_present::INDICATOR,
    &authentication_failed::INDICATOR,
    &display_name_other_address::INDICATOR,
    &double_extension::INDICATOR,
    &executable_attachment::INDICATOR,
    &foreign_han::INDICATOR,
    &free_mail_sender::INDICATOR,
    &invisible_characters::INDICATOR,
    &own_domain_from_outside::INDICATOR,
    &padded_file_name::INDICATOR,
    &reply_to_other_domain::INDICATOR,
    &rlo_file_name::INDICATOR,
    &shortcut_attachment::INDICATOR,
    &unnatural_japanese::INDICATOR,
];
