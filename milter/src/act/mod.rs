//! What is done to a mail: from a decision to edits, as values. Nothing here does I/O.
//!
//! Way in: [`plan::inbound`] and [`outbound()`]. They return a [`Plan`]; the session hands it to
//! Postfix, [`apply_to`] shows on plain bytes what Postfix makes of it.
//!
//! Invariants: what is not edited keeps its bytes; no part that is signed, encrypted, a report or a
//! calendar is edited; a mail whose structure is doubtful keeps its body and gets the tag in its
//! subject instead. No input makes any of this fail: what could not be done stands in
//! [`Plan::notes`].
//!
//! Reading order: [`plan`], [`target`] (which parts), [`insert`] (the banner into one part),
//! [`banner`] (its words).

pub mod banner;

pub mod html_place;
pub mod html_to_text;
mod insert;
mod mime_edit;
mod new_part;
mod outbound;
pub mod plan;
mod recode;
mod subject;
pub mod target;
mod transfer;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use sekisho_heuristics::message::headers;

pub use outbound::{Leaving, outbound};
pub use plan::inbound;

/// Everything that is to be done to one mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Edits of the mail's own header, in the order in which they are to be made.
    pub headers: Vec<HeaderEdit>,
    /// The new body (everything after the header's blank line); `None` leaves it.
    pub body: Option<Vec<u8>>,
    /// Put the mail into Postfix's hold queue, with this reason (ASCII, one line).
    pub quarantine: Option<String>,
    /// The final answer.
    pub reply: Reply,
    /// What was done and what was not, one short English phrase each, for the log.
    pub notes: Vec<String>,
}

/// One edit of the mail's own header.
///
/// Values are raw bytes without the blank after the colon; folded lines are separated by LF and
/// begin with a blank, as in the milter protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderEdit {
    /// Add a field at the end of the header.
    Insert {
        /// Field name.
        name: String,
        /// Its value.
        value: Vec<u8>,
    },
    /// Replace the value of a field.
    Change {
        /// Field name; case does not matter.
        name: String,
        /// Which of the fields of that name in the message as received, counted from 1.
        occurrence: u32,
        /// Its new value, never empty (an empty value deletes, in the milter protocol).
        value: Vec<u8>,
    },
    /// Remove a field. Several of one name are removed from the highest occurrence down, so that
    /// the count holds whether or not removed fields still count.
    Delete {
        /// Field name; case does not matter.
        name: String,
        /// Which of the fields of that name in the message as received, counted from 1.
        occurrence: u32,
    },
}

/// The final answer to Postfix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reply {
    /// Take the mail, edits included.
    #[default]
    Accept,
    /// Refuse it for good.
    Reject(SmtpReply),
    /// Ask the client to try again later.
    Tempfail(SmtpReply),
}

/// An SMTP reply (RFC 5321, section 4.2; RFC 3463).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpReply {
    /// Three digits, e.g. 550.
    pub code: u16,
    /// Enhanced status code, e.g. `5.7.1`; the same class as `code`.
    pub enhanced: &'static str,
    /// Lines of text, at least one, without codes and line ends. Printable ASCII, except where the
    /// client spoke SMTPUTF8. `%` is not doubled here; that is the wire's business.
    pub lines: Vec<String>,
}

/// Shows what Postfix delivers when it carries out `plan`: `raw` with header and body edited.
///
/// `body_start` is the offset after the header's blank line (the length where there is none).
/// Nothing of the reply or the quarantine is seen in the result.
pub fn apply_to(raw: &[u8], body_start: usize, plan: &Plan) -> Vec<u8> {
    let line_end = mime_edit::line_end_of(raw);
    let head = raw.get(..body_start).unwrap_or(raw);
    let old_body = raw.get(body_start..).unwrap_or_default();
    let (fields, header_end) = headers::scan(head, 0, usize::MAX);
    let edits: HashMap<(Vec<u8>, u32), &HeaderEdit> =
        plan.headers.iter().filter_map(|e| e.concerns().map(|key| (key, e))).collect();
    let mut counts: HashMap<Vec<u8>, u32> = HashMap::new();
    let mut out = Vec::with_capacity(raw.len() + plan.body.as_ref().map_or(0, Vec::len));
    let mut copied = 0;
    for (at, field) in fields.iter().enumerate() {
        let name = head.get(field.name.clone()).unwrap_or_default();
        let next = fields.get(at + 1).map_or(header_end, |f| f.name.start);
        out.extend_from_slice(head.get(copied..field.name.start).unwrap_or_default());
        let key = name.to_ascii_lowercase();
        let count = counts.entry(key.clone()).or_insert(0);
        *count += 1;
        match edits.get(&(key, *count)) {
            Some(HeaderEdit::Change { value, .. }) => {
                out.extend_from_slice(name);
                mime_edit::push_value(&mut out, value, line_end);
            }
            Some(_) => {}
            None => {
                out.extend_from_slice(head.get(field.name.start..next).unwrap_or_default());
            }
        }
        copied = next;
    }
    out.extend_from_slice(head.get(copied..header_end).unwrap_or_default());
    for edit in &plan.headers {
        if let HeaderEdit::Insert { name, value } = edit {
            out.extend_from_slice(name.as_bytes());
            mime_edit::push_value(&mut out, value, line_end);
        }
    }
    let body = plan.body.as_deref().unwrap_or(old_body);
    let blank = head.get(header_end..).unwrap_or_default();
    if blank.is_empty() && !body.is_empty() {
        out.extend_from_slice(line_end);
    }
    out.extend_from_slice(blank);
    out.extend_from_slice(body);
    out
}

impl HeaderEdit {
    /// Name in lower case and number of the field it changes or removes.
    fn concerns(&self) -> Option<(Vec<u8>, u32)> {
        match self {
            HeaderEdit::Insert { .. } => None,
            HeaderEdit::Change { name, occurrence, .. }
            | HeaderEdit::Delete { name, occurrence } => {
                Some((name.to_ascii_lowercase().into_bytes(), *occurrence))
            }
        }
    }
}
