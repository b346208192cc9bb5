//! The monthly review of the log (clause log-reviewed): the month before, ready to be signed off.
//!
//! Way in: [`tally::Tally`] counts records and events into [`tally::Figures`]; [`Report`] adds what
//! is known today (the check of the audit log, what is still held, who signed) and
//! [`document::paper`] writes it down. The signature is over the figures alone, so that it can be
//! told later whether they are still those that were signed.

pub mod department;
pub mod document;
pub mod month;
pub mod tally;
pub mod top;
pub mod unusual;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::record::{Deed, Event};
use crate::recording::hex;
use crate::store::{Hold, Reason};
use month::Month;
use tally::Figures;

/// A monthly report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// What the month came to.
    pub figures: Figures,
    /// Mark of the figures, see [`mark`].
    pub mark: String,
    /// When it was made, RFC 3339.
    pub made: String,
    /// Whether the month was over then.
    pub is_whole: bool,
    /// What the check of the audit log said.
    pub integrity: Integrity,
    /// What was still held then.
    pub open: Open,
    /// The newest signature.
    pub signed: Option<Signed>,
}

/// What the check of the audit log said; whoever makes the report has it checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Integrity {
    /// Altered, shortened, reordered or not readable: what was found.
    Broken(Vec<String>),
    /// Nobody looked, and why.
    Unchecked(String),
    /// Whole: how many files and entries were looked at.
    Whole {
        /// Files.
        files: u64,
        /// Entries.
        entries: u64,
        /// Anchors from outside that fit.
        anchors: u64,
    },
    /// There is no log yet.
    #[default]
    Empty,
}

/// Mails still held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Open {
    /// That wait for a permission.
    pub approval: u64,
    /// That wait for their time.
    pub delay: u64,
    /// Suspicious inbound mails.
    pub quarantine: u64,
    /// Since when the oldest waits, milliseconds; 0 where none does.
    pub oldest_ms: i64,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// Who.
    pub by: String,
    /// When, RFC 3339.
    pub time: String,
    /// Mark of the figures that were signed.
    pub mark: String,
}

/// SHA-256 of the figures, hex: it changes with every number and name in them.
pub fn mark(figures: &Figures) -> String {
    // Maps of strings and numbers can always be written.
    hex(&Sha256::digest(serde_json::to_vec(figures).unwrap_or_default()))
}

impl Open {
    /// Counts holds that have not ended.
    pub fn of(holds: &[Hold]) -> Open {
        let mut open = Open::default();
        for hold in holds {
            match hold.reason {
                Reason::Approval => open.approval += 1,
                Reason::Delay => open.delay += 1,
                Reason::Quarantine => open.quarantine += 1,
            }
            if open.oldest_ms == 0 || hold.held_ms < open.oldest_ms {
                open.oldest_ms = hold.held_ms;
            }
        }
        open
    }
}

impl Signed {
    /// The signature in `event`, if it is one under `month`.
    pub fn in_event(event: &Event, month: &Month) -> Option<Signed> {
        if event.what != Deed::SignedOff || event.subject != month.name() {
            return None;
        }
        let mark = event.note.strip_prefix(MARK).unwrap_or_default();
        let mark = mark.split_whitespace().next().unwrap_or_default().to_owned();
        Some(Signed { by: event.who.clone(), time: event.time.clone(), mark })
    }

    /// What the note of the event says.
    pub fn note(report: &Report) -> String {
        let log = match &report.integrity {
            Integrity::Broken(_) => "broken",
            Integrity::Empty => "empty",
            Integrity::Unchecked(_) => "unchecked",
            Integrity::Whole { .. } => "whole",
        };
        format!("{MARK}{} log={log}", report.mark)
    }
}

const MARK: &str = "sha256=";

#[cfg(test)]
mod tests;
