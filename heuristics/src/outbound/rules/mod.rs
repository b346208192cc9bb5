//! One file per rule. This list is kept equal to the folder by `tests/rulebook.rs`.

mod automatic_forward_outside;
mod broadcast_recipients_exposed;
mod lookalike_recipient;
mod private_address_recipient;

use super::rule::Rule;

/// Every rule, by id.
pub static ALL: &[&Rule] = &[
    &automatic_forward_outside::RULE,
    &broadcast_recipients_exposed::RULE,
    &lookalike_recipient::RULE,
    &private_address_recipient::RULE,
];
