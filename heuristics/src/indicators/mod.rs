//! One file per indicator. This list is kept equal to the folder by `tests/catalogue.rs`.

use crate::indicator::Indicator;

mod html_form;
mod ip_address_link;
mod link_text_differs;
mod redirector_link;
mod userinfo_link;

/// Every indicator, by id.
pub static ALL: &[&Indicator] = &[
    &html_form::INDICATOR,
    &ip_address_link::INDICATOR,
    &link_text_differs::INDICATOR,
    &redirector_link::INDICATOR,
    &userinfo_link::INDICATOR,
];
