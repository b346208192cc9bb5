//! One mistake in the configuration: where, which key, what is wrong and what is allowed.

use std::fmt;

use crate::Place;

/// A mistake in a configuration file. Shown as `file:line: key: message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// File and line.
    pub place: Place,
    /// Key, dotted; empty where the whole file is meant.
    pub key: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place.file)?;
        if self.place.line > 0 {
            write!(f, ":{}", self.place.line)?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The known word nearest to what was written, if one is near enough to be meant.
pub fn suggestion<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let near = |k: &'k str| (strsim::damerau_levenshtein(written, k), k);
    let (distance, best) = known.into_iter().map(near).min_by_key(|(d, _)| *d)?;
    (distance <= 1 + best.chars().count() / 4).then_some(best)
}
