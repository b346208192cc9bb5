//! What a handler decided about a message, and how it is put to the mail server.
//!
//! Way in: [`put_response`]. It writes everything into one buffer, so that one system call sends
//! it. It fails, by saying so and asking for a later try, when a change was not granted.

use crate::received::Granted;
use crate::wire::{Action, Actions, Reply};

/// What the handler decided about one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Changes, in the order in which they count; bodies and quarantine go last whatever the order.
    /// Header values are without the space after the colon, unless white space begins them.
    pub actions: Vec<Action>,
    /// The verdict.
    pub reply: Reply,
}

impl Response {
    /// A verdict without changes.
    pub fn only(reply: Reply) -> Response {
        Response { actions: Vec::new(), reply }
    }
}

/// Writes the handler's decision in an order that every mail server takes: envelope and header
/// changes, the body in one piece, quarantine, the verdict.
///
/// Quarantine comes after all other changes because in Postfix it is no change at all but the
/// reply that a later "continue" stands for. With a refusal no change is written. When a change
/// was not granted, the rest of them could do harm (a warning in the subject without the one in
/// the body, a held mail delivered), so the whole becomes a temporary failure and `false` is
/// returned.
#[must_use]
pub fn put_response(response: &Response, granted: Granted, out: &mut Vec<u8>) -> bool {
    if !matches!(response.reply, Reply::Accept | Reply::Continue) {
        response.reply.encode(out);
        return true;
    }
    if !is_granted(response, granted) {
        Reply::Tempfail.encode(out);
        return false;
    }
    let turns: [fn(&Action) -> bool; 3] = [
        |a| !matches!(a, Action::ReplaceBody(_) | Action::Quarantine(_)),
        |a| matches!(a, Action::ReplaceBody(_)),
        |a| matches!(a, Action::Quarantine(_)),
    ];
    for turn in turns {
        for action in response.actions.iter().filter(|action| turn(action)) {
            put_action(action, granted.header_leading_space, out);
        }
    }
    response.reply.encode(out);
    true
}

/// Whether the mail server allows every change.
pub fn is_granted(response: &Response, granted: Granted) -> bool {
    response.actions.iter().all(|action| granted.actions.has(needed(action)))
}

/// The right that an action takes.
fn needed(action: &Action) -> Actions {
    match action {
        Action::AddHeader { .. } | Action::InsertHeader { .. } => Actions::ADD_HEADERS,
        Action::ChangeHeader { .. } => Actions::CHANGE_HEADERS,
        Action::ReplaceBody(_) => Actions::CHANGE_BODY,
        Action::ChangeSender { .. } => Actions::CHANGE_SENDER,
        Action::AddRecipient { arguments, .. } if arguments.is_empty() => Actions::ADD_RECIPIENTS,
        Action::AddRecipient { .. } => Actions::ADD_RECIPIENTS_WITH_ARGUMENTS,
        Action::RemoveRecipient(_) => Actions::REMOVE_RECIPIENTS,
        Action::Quarantine(_) => Actions::QUARANTINE,
    }
}

fn put_action(action: &Action, leading_space: bool, out: &mut Vec<u8>) {
    let value = |value: &[u8]| header_value(value, leading_space);
    match action {
        Action::AddHeader { name, value: v } => {
            Action::AddHeader { name: name.clone(), value: value(v) }.encode(out);
        }
        Action::InsertHeader { index, name, value: v } => {
            Action::InsertHeader { index: *index, name: name.clone(), value: value(v) }.encode(out);
        }
        Action::ChangeHeader { name, index, value: v } => {
            Action::ChangeHeader { name: name.clone(), index: *index, value: value(v) }.encode(out);
        }
        other => other.encode(out),
    }
}

/// A value as the mail server wants it: LF for folds, and the space after the colon from us if it
/// was agreed that it is part of the value. An empty value means "delete" and stays empty.
fn header_value(value: &[u8], leading_space: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 1);
    let value = match value {
        [] => value,
        [b' ', rest @ ..] if !leading_space => rest,
        [b' ' | b'\t' | b'\r' | b'\n', ..] => value,
        _ => {
            out.extend(leading_space.then_some(b' '));
            value
        }
    };
    out.extend(value.iter().filter(|byte| **byte != b'\r'));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::FromFilter;
    use crate::wire::frame::{First, first_packet};

    const ALL: Granted = Granted { actions: Actions::ALL, header_leading_space: true };

    /// The codes of the packets in order, and whether all was granted.
    fn check(actions: Vec<Action>, reply: Reply, granted: Granted) -> (String, bool) {
        let mut out = Vec::new();
        let whole = put_response(&Response { actions, reply }, granted, &mut out);
        let (mut codes, mut rest) = (String::new(), out.as_slice());
        while let First::Whole(packet) = first_packet(rest).unwrap() {
            FromFilter::decode(packet).unwrap();
            codes.push(char::from(packet.code));
            rest = &rest[packet.wire_len()..];
        }
        (codes, whole)
    }

    fn changes() -> Vec<Action> {
        vec![
            Action::Quarantine(b"why".to_vec()),
            Action::ReplaceBody(vec![b'x'; 70_000]),
            Action::InsertHeader { index: 1, name: b"X-A".to_vec(), value: b"1".to_vec() },
            Action::ChangeHeader { name: b"Subject".to_vec(), index: 1, value: b"2".to_vec() },
        ]
    }

    #[test]
    fn headers_then_the_whole_body_then_quarantine_then_the_verdict() {
        assert_eq!(check(changes(), Reply::Accept, ALL), ("imbbqa".to_owned(), true));
    }

    #[test]
    fn a_refused_message_is_not_changed() {
        assert_eq!(check(changes(), Reply::Reject, ALL), ("r".to_owned(), true));
    }

    #[test]
    fn what_cannot_be_done_whole_is_not_done_in_part() {
        let granted = Granted { actions: Actions::ADD_HEADERS, header_leading_space: true };
        assert_eq!(check(changes(), Reply::Accept, granted), ("t".to_owned(), false));
    }

    #[test]
    fn the_space_after_the_colon_is_there_once() {
        for (value, agreed, not_agreed) in [
            ("a", " a", "a"),
            (" a", " a", "a"),
            ("\ta", "\ta", "\ta"),
            ("a\r\n b", " a\n b", "a\n b"),
            ("", "", ""),
        ] {
            assert_eq!(header_value(value.as_bytes(), true), agreed.as_bytes(), "{value:?}");
            assert_eq!(header_value(value.as_bytes(), false), not_agreed.as_bytes(), "{value:?}");
        }
    }
}
