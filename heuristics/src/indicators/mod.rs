//! One file per indicator. This list is kept equal to the folder by `tests/catalogue.rs`.

mod archive_limit;
mod attachment_present;
mod double_extension;
mod executable_attachment;
mod padded_file_name;
mod rlo_file_name;
mod shortcut_attachment;

use crate::indicator::Indicator;

/// Every indicator, by id.
pub static ALL: &[&Indicator] = &[
    &archive_limit::INDICATOR,
    &attachment_present::INDICATOR,
    &double_extension::INDICATOR,
    &executable_attachment::INDICATOR,
    &padded_file_name::INDICATOR,
    &rlo_file_name::INDICATOR,
    &shortcut_attachment::INDICATOR,
];
