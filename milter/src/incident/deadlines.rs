//! Until when a leak of personal data has to be reported.
//!
//! Way in: [`Deadlines::of`]. First report: about 3 to 5 days from when it became known; full
//! report: within 30 days, within 60 where somebody may have acted with unlawful intent (attacks
//! from outside among them). The day it became known counts as the first, and weekends and
//! holidays count: the earliest reading of the law, so that nobody is late by ours.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

/// The days by which reports are due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deadlines {
    /// The day it became known.
    pub known: String,
    /// First report, the day to aim at.
    pub first_from: String,
    /// First report, the last day.
    pub first_until: String,
    /// Full report.
    pub full: String,
    /// Full report where there may be unlawful intent.
    pub full_malicious: String,
}

impl Deadlines {
    /// Counted from `known`, a day; `None` beyond the calendar.
    pub fn of(known: Date) -> Option<Deadlines> {
        let day = |nth: i64| known.checked_add((nth - 1).days()).ok().map(|date| date.to_string());
        Some(Deadlines {
            known: known.to_string(),
            first_from: day(3)?,
            first_until: day(5)?,
            full: day(30)?,
            full_malicious: day(60)?,
        })
    }

    /// Reads `--known-at`: a day (`2026-11-21`) or a time with its offset.
    ///
    /// # Errors
    /// What is wrong, in English.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Deadlines, String> {
        let date = match text.parse::<Timestamp>() {
            Ok(at) => Some(at.to_zoned(zone.clone()).date()),
            Err(_) if text.len() == "2026-11-21".len() => text.parse::<Date>().ok(),
            Err(_) => None,
        };
        date.and_then(Deadlines::of).ok_or_else(|| {
            format!(
                "{text:?} is neither a day like 2026-11-21 nor a time like 2026-11-21T09:00+09:00"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Deadlines, String> {
        Deadlines::parse(text, &TimeZone::fixed(jiff::tz::offset(9)))
    }

    #[test]
    fn the_first_day_counts() {
        let d = parse("2026-11-21").unwrap();
        assert_eq!((d.first_from.as_str(), d.first_until.as_str()), ("2026-11-23", "2026-11-25"));
        assert_eq!((d.full.as_str(), d.full_malicious.as_str()), ("2026-12-20", "2027-01-19"));
    }

    #[test]
    fn a_time_is_a_day_of_ours() {
        assert_eq!(parse("2026-11-20T23:30:00Z").unwrap().known, "2026-11-21");
        assert_eq!(parse("2026-11-21T09:00+09:00").unwrap().known, "2026-11-21");
    }

    #[test]
    fn what_is_no_day_is_told() {
        for text in ["", "21.11.2026", "2026-11-31", "today", "2026-11-21T09:00"] {
            assert!(parse(text).unwrap_err().contains("2026-11-21"), "{text}");
        }
    }
}
