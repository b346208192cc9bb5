//! One file per rule. This list is kept equal to the folder by `tests/rulebook.rs`.

mod agreed_partners_only;
mod broadcast_recipients_exposed;
mod confidential_attachment_unencrypted;
mod confidential_in_body;
mod password_in_same_channel;
mod personal_data_leaving;
mod top_secret_leaving;

use super::rule::Rule;

/// Every rule, by id.
pub static ALL: &[&Rule] = &[
    &agreed_partners_only::RULE,
    &broadcast_recipients_exposed::RULE,
    &confidential_attachment_unencrypted::RULE,
    &confidential_in_body::RULE,
    &password_in_same_channel::RULE,
    &personal_data_leaving::RULE,
    &top_secret_leaving::RULE,
];
