//! One file per indicator. This list is kept equal to the folder by `tests/catalogue.rs`.

mod authentication_failed;
mod display_name_other_address;
mod free_mail_sender;
mod own_domain_from_outside;
mod reply_to_other_domain;

use crate::indicator::Indicator;

/// Every indicator, by id.
pub static ALL: &[&Indicator] = &[
    &authentication_failed::INDICATOR,
    &display_name_other_address::INDICATOR,
    &free_mail_sender::INDICATOR,
    &own_domain_from_outside::INDICATOR,
    &reply_to_other_domain::INDICATOR,
];
