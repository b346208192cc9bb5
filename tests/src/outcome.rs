//! What a filter made of a mail, and what the mail looks like afterwards.
//!
//! Way in: [`Outcome::delivered`] and the small questions beside it.

use sekisho_milter::wire::{Action, Reply};

use crate::fake_postfix::Mail;

/// Changes and verdict for one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Changes in order; a body in several chunks is one change.
    pub actions: Vec<Action>,
    /// The verdict.
    pub reply: Reply,
    /// How often the filter said that it is still at work.
    pub progress: usize,
}

impl Outcome {
    /// Whether the mail is delivered or held, not refused.
    pub fn is_taken(&self) -> bool {
        matches!(self.reply, Reply::Accept | Reply::Continue)
    }

    /// Whether the mail goes to the hold queue.
    pub fn is_held(&self) -> bool {
        self.is_taken() && self.actions.iter().any(|action| matches!(action, Action::Quarantine(_)))
    }

    /// The mail after the changes, with CRLF line ends, without the Received field that a mail
    /// server would put on top (so that places 0 and 1 of an insertion are both the top).
    ///
    /// `exact` tells whether it was agreed that the space after the colon is part of values.
    pub fn delivered(&self, mail: &Mail, exact: bool) -> Vec<u8> {
        let (mut fields, mut body) = mail.parts();
        let spaced = |value: &[u8]| {
            let space: &[u8] = if exact { b"" } else { b" " };
            [space, value].concat()
        };
        for action in &self.actions {
            match action {
                Action::AddHeader { name, value } => fields.push((name.clone(), spaced(value))),
                Action::InsertHeader { index, name, value } => {
                    let below_received = usize::try_from(*index).unwrap_or(usize::MAX);
                    let place = below_received.saturating_sub(1).min(fields.len());
                    fields.insert(place, (name.clone(), spaced(value)));
                }
                Action::ChangeHeader { name, index, value } => {
                    let nth = usize::try_from(*index).unwrap_or(usize::MAX).saturating_sub(1);
                    let mut same = fields.iter().enumerate();
                    let place = same
                        .by_ref()
                        .filter(|(_, field)| field.0.eq_ignore_ascii_case(name))
                        .nth(nth)
                        .map(|(place, _)| place);
                    match place {
                        Some(place) if value.is_empty() => drop(fields.remove(place)),
                        Some(place) => {
                            if let Some(field) = fields.get_mut(place) {
                                *field = (name.clone(), spaced(value));
                            }
                        }
                        None if value.is_empty() => {}
                        None => fields.push((name.clone(), spaced(value))),
                    }
                }
                Action::ReplaceBody(other) => body.clone_from(other),
                Action::ChangeSender { .. }
                | Action::AddRecipient { .. }
                | Action::RemoveRecipient(_)
                | Action::Quarantine(_) => {}
            }
        }
        let mut message = Vec::new();
        for (name, value) in fields {
            message.extend_from_slice(&name);
            message.push(b':');
            for (at, line) in value.split(|byte| *byte == b'\n').enumerate() {
                message.extend_from_slice(if at == 0 { b"" } else { b"\r\n" });
                message.extend_from_slice(line);
            }
            message.extend_from_slice(b"\r\n");
        }
        message.extend_from_slice(b"\r\n");
        message.extend_from_slice(&body);
        message
    }
}
