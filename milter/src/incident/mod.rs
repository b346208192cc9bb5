//! Evidence of one mail in the shape that a report to the 個人情報保護委員会 needs.
//!
//! Way in: [`Incident`], then [`paper`]. The nine items are those of article 8 of the enforcement
//! rules of the Act on the Protection of Personal Information; what a record cannot know is left to
//! be filled in, and says so. Nothing here decides whether there is a duty to report: it shows what
//! the duty hangs on (persons, encryption, to whom it went, whether it was stopped).

pub mod deadlines;
mod document;

use serde::Serialize;

use crate::record::{Event, Record};
use deadlines::Deadlines;
pub use document::paper;

/// What is known of an incident.
#[derive(Clone, Debug)]
pub struct Incident<'a> {
    /// The mail.
    pub record: &'a Record,
    /// What was done about it, the oldest first.
    pub events: &'a [Event],
    /// Level of the rule books, 0–3; `None` where nobody has set it.
    pub level: Option<u8>,
    /// When it became known and what follows; `None` where nobody has said.
    pub deadlines: Option<Deadlines>,
    /// SHA-256 of the record, hex.
    pub mark: &'a str,
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It reached us, or left.
    Delivered,
    /// It was let go after a hold.
    Released,
    /// It was held, and nothing is known since.
    Held,
    /// It was refused or deleted.
    Stopped,
}

impl Incident<'_> {
    /// What became of the mail. Nothing is stopped that was only watched, whatever was decided.
    pub fn fate(&self) -> Fate {
        use crate::record::Deed;
        let last = self.events.iter().rev().find_map(|event| match event.what {
            Deed::Released => Some(Fate::Released),
            Deed::Discarded | Deed::Denied => Some(Fate::Stopped),
            _ => None,
        });
        match (last, self.record.decision.as_str()) {
            (Some(fate), _) => fate,
            (None, _) if self.record.is_observed() => Fate::Delivered,
            (None, _) if self.record.is_refused_instead() => Fate::Stopped,
            (None, "reject") => Fate::Stopped,
            (None, "hold") => Fate::Held,
            (None, _) => Fate::Delivered,
        }
    }

    /// What the findings tell of personal data.
    pub fn personal_data(&self) -> Vec<&str> {
        let about = self.record.findings.iter().filter(|f| f.clause == PERSONAL);
        about.map(|f| f.evidence.as_str()).collect()
    }

    /// How many persons, or numbers that each belong to one, the findings tell; the highest.
    pub fn persons(&self) -> Option<u64> {
        let counts = |text: &str| {
            let words: Vec<&str> = text.split_whitespace().collect();
            let counted = words.windows(2).filter_map(|pair| match pair {
                // Masked numbers and file names have digits too.
                [count, what] if COUNTED.contains(what) => count.parse::<u64>().ok(),
                _ => None,
            });
            counted.max()
        };
        self.personal_data().into_iter().filter_map(counts).max()
    }
}

/// What stands behind a count in the evidence of [`PERSONAL`].
const COUNTED: [&str; 3] = ["My", "card", "persons"];

/// The clause that findings about personal data answer.
const PERSONAL: &str = "personal-data";

#[cfg(test)]
mod tests;
