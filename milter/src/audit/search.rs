//! Records found again in the audit log: `sekisho log search`.
//!
//! Way in: [`search`], which gives every record that fits to a function, the oldest first: files are
//! read once from the front, so that memory stays bounded however much is found. Compressed files
//! are read as they are. Lines that are no entries are stepped over; whether the log is as it was
//! written is the question of [`super::verify`]. Files of days that cannot hold what is asked for
//! are not opened.

use std::io;
use std::path::Path;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sekisho_config::SubjectKept;

use super::entry::judged;
use super::files::{self, Lines, Next};
use super::subject;
use crate::record::Record;
use crate::store::Search;

/// Gives every record of `dir` that fits to `each`, oldest first, until that says `false`. Returns
/// what could not be read.
pub fn search(
    dir: &Path,
    wanted: &Search,
    zone: &TimeZone,
    mut each: impl FnMut(Record) -> io::Result<bool>,
) -> io::Result<Vec<String>> {
    let days = Days::of(wanted, zone);
    let wanted = Wanted::new(wanted);
    let mut unreadable = Vec::new();
    for stored in files::list(dir)?.files {
        if !days.may_hold(stored.name.day) {
            continue;
        }
        let mut lines = match stored.open(dir) {
            Ok(reader) => Lines::new(reader),
            Err(error) => {
                unreadable.push(format!("{stored}: {error}"));
                continue;
            }
        };
        loop {
            let record = match lines.next() {
                Ok(Some(Next::Line(line))) if wanted.may_stand_in(line) => judged(line),
                Ok(Some(_)) => None,
                Ok(None) => break,
                Err(error) => {
                    unreadable.push(format!("{stored}: {error}"));
                    break;
                }
            };
            if let Some(record) = record.filter(|record| wanted.fits(record))
                && !each(record)?
            {
                return Ok(unreadable);
            }
        }
    }
    Ok(unreadable)
}

/// Days whose files may hold what is wanted.
struct Days {
    first: Option<Date>,
    last: Option<Date>,
}

impl Days {
    fn of(wanted: &Search, zone: &TimeZone) -> Days {
        let day = |ms: i64| {
            let at = jiff::Timestamp::from_millisecond(ms).ok().filter(|_| ms > 0);
            at.map(|at| at.to_zoned(zone.clone()).date())
        };
        // Entries may wait for room on the disk, and a host may have changed its zone.
        Days {
            first: day(wanted.since_ms).map(|day| day.saturating_sub(1.day())),
            last: day(wanted.until_ms).map(|day| day.saturating_add(7.days())),
        }
    }

    fn may_hold(&self, day: Date) -> bool {
        self.first.is_none_or(|first| day >= first) && self.last.is_none_or(|last| day <= last)
    }
}

/// What is wanted, made ready for comparing.
struct Wanted {
    search: Search,
    /// Mark of the subject where subjects are kept hashed.
    mark: String,
}

impl Wanted {
    fn new(wanted: &Search) -> Wanted {
        let lower = |text: &String| text.to_lowercase();
        Wanted {
            mark: subject::kept(SubjectKept::Hashed, &wanted.subject),
            search: Search {
                from: lower(&wanted.from),
                to: lower(&wanted.to),
                subject: lower(&wanted.subject),
                hash: lower(&wanted.hash),
                ..wanted.clone()
            },
        }
    }

    /// Whether the line, not read yet, may be a record that fits: what is asked for as a whole word
    /// must stand in it.
    fn may_stand_in(&self, line: &[u8]) -> bool {
        let wanted = &self.search;
        // These hold no character that JSON writes otherwise; a word that does is left to `fits`.
        [&wanted.id, &wanted.finding, &wanted.hash, &wanted.decision].into_iter().all(|word| {
            let plain = word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            word.is_empty() || !plain || memchr::memmem::find(line, word.as_bytes()).is_some()
        })
    }

    fn fits(&self, record: &Record) -> bool {
        let wanted = &self.search;
        let whole = |wanted: &str, value: &str| wanted.is_empty() || wanted == value;
        let part =
            |wanted: &str, value: &str| wanted.is_empty() || value.to_lowercase().contains(wanted);
        record.at_ms >= wanted.since_ms
            && (wanted.until_ms == 0 || record.at_ms < wanted.until_ms)
            && whole(&wanted.id, &record.id)
            && whole(&wanted.decision, &record.decision)
            && (part(&wanted.from, &record.mail_from) || part(&wanted.from, &record.from))
            && (wanted.to.is_empty() || record.recipients.iter().any(|to| part(&wanted.to, to)))
            && (part(&wanted.subject, &record.subject) || record.subject == self.mark)
            && (wanted.finding.is_empty()
                || record.findings.iter().any(|found| found.id == wanted.finding))
            && (wanted.hash.is_empty()
                || record.attachments.iter().any(|file| file.sha256 == wanted.hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::tests::record;

    #[track_caller]
    fn check(wanted: Search, expected: bool) {
        let record = record(5);
        let line = serde_json::to_vec(&record).unwrap();
        let wanted = Wanted::new(&wanted);
        assert_eq!(wanted.may_stand_in(&line) && wanted.fits(&record), expected);
    }

    #[test]
    fn each_criterion_fits_or_does_not() {
        let of = |set: fn(&mut Search, String), text: &str| {
            let mut search = Search::default();
            set(&mut search, text.to_owned());
            search
        };
        check(Search::default(), true);
        check(of(|s, t| s.id = t, "r5"), true);
        check(of(|s, t| s.id = t, "r"), false);
        check(of(|s, t| s.from = t, "BOUNCE@"), true);
        check(of(|s, t| s.from = t, "hanako@example.com"), true);
        check(of(|s, t| s.from = t, "taro@own"), false);
        check(of(|s, t| s.to = t, "Taro@OWN"), true);
        check(of(|s, t| s.to = t, "hanako"), false);
        check(of(|s, t| s.subject = t, "請求書"), true);
        check(of(|s, t| s.subject = t, "見積"), false);
        check(of(|s, t| s.finding = t, "double-extension"), true);
        check(of(|s, t| s.finding = t, "double"), false);
        check(of(|s, t| s.finding = t, "zone/host"), false);
        check(of(|s, t| s.decision = t, "banner"), true);
        check(of(|s, t| s.decision = t, "hold"), false);
        check(of(|s, t| s.hash = t, &"AB".repeat(32)), true);
        check(of(|s, t| s.hash = t, &"AB".repeat(31)), false);
        let at = record(5).at_ms;
        check(Search { since_ms: at, ..Search::default() }, true);
        check(Search { since_ms: at + 1, ..Search::default() }, false);
        check(Search { until_ms: at, ..Search::default() }, false);
        check(Search { until_ms: at + 1, ..Search::default() }, true);
    }

    #[test]
    fn a_hashed_subject_is_found_by_its_words() {
        let mut hashed = record(1);
        hashed.subject = subject::kept(SubjectKept::Hashed, "極秘");
        let wanted = Search { subject: "極秘".to_owned(), ..Search::default() };
        assert!(Wanted::new(&wanted).fits(&hashed));
    }
}
