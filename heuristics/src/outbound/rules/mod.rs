//! One file per rule. This list is kept equal to the folder by `tests/rulebook.rs`.

mod broadcast_recipients_exposed;
mod password_in_same_channel;
mod personal_data_leaving;

use super::rule::Rule;

/// Every rule, by id.
pub static ALL: &[&Rule] = &[
    &broadcast_recipients_exposed::RULE,
    &password_in_same_channel::RULE,
    &personal_data_leaving::RULE,
];
