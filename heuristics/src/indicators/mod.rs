//! One file per indicator. This list is kept equal to the folder by `tests/catalogue.rs`.

use crate::indicator::Indicator;

/// Every indicator, by id.
pub static ALL: &[&Indicator] = &[];
