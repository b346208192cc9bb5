//! One file per rule. This list is kept equal to the folder by `tests/rulebook.rs`.

mod agreed_partners_only;
mod automatic_forward_outside;
mod broadcast_recipients_exposed;
mod confidential_attachment_unencrypted;
mod confidential_in_body;
mod first_time_recipient;
mod lookalike_recipient;
mod password_in_same_channel;
mod personal_data_leaving;
mod private_address_recipient;
mod top_secret_leaving;

use super::rule::Rule;

/// Every rule, by id.
pub static ALL: &[&Rule] = &[
    &agreed_partners_only::RULE,
    &automatic_forward_outside::RULE,
    &broadcast_recipients_exposed::RULE,
    &confidential_attachment_unencrypted::RULE,
    &confidential_in_body::RULE,
    &first_time_recipient::RULE,
    &lookalike_recipient::RULE,
    &password_in_same_channel::RULE,
    &personal_data_leaving::RULE,
    &private_address_recipient::RULE,
    &top_secret_leaving::RULE,
];
