//! A calendar month in the organisation's own time, and the days in it.
//!
//! Way in: [`Month::parse`] and [`Month::before`]. Days begin at local midnight, so that a day with
//! a change of clocks has 23 or 25 hours. Out of range is told as a sentence for the administrator.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A month and where its days begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    first: Date,
    /// First milliseconds of each day, and of the month after.
    starts: Vec<i64>,
}

impl Month {
    /// Reads `YYYY-MM`.
    ///
    /// # Errors
    /// What is wrong, in English.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Month, String> {
        let wrong = || format!("{text:?} is no month; write it like 2026-10");
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        let digits =
            |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(wrong());
        }
        let (year, month) =
            (year.parse().map_err(|_| wrong())?, month.parse().map_err(|_| wrong())?);
        let first = Date::new(year, month, 1).map_err(|_| wrong())?;
        Month::of(first, zone).ok_or_else(wrong)
    }

    /// The month before the one that holds `now`.
    pub fn before(now: Timestamp, zone: &TimeZone) -> Option<Month> {
        let today = now.to_zoned(zone.clone()).date();
        Month::of(today.first_of_month().checked_sub(1.month()).ok()?, zone)
    }

    fn of(first: Date, zone: &TimeZone) -> Option<Month> {
        let mut starts = Vec::with_capacity(32);
        for day in 0..=i64::from(first.days_in_month()) {
            let date = first.checked_add(day.days()).ok()?;
            starts.push(date.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond());
        }
        Some(Month { first, starts })
    }

    /// `YYYY-MM`.
    pub fn name(&self) -> String {
        format!("{:04}-{:02}", self.first.year(), self.first.month())
    }

    /// Year and month, for titles.
    pub fn year_and_month(&self) -> (i16, i8) {
        (self.first.year(), self.first.month())
    }

    /// First millisecond.
    pub fn since_ms(&self) -> i64 {
        self.starts.first().copied().unwrap_or_default()
    }

    /// First millisecond of the month after.
    pub fn until_ms(&self) -> i64 {
        self.starts.last().copied().unwrap_or_default()
    }

    /// How many days it has.
    pub fn days(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Which day `at_ms` lies in, from 0; `None` outside.
    pub fn day_of(&self, at_ms: i64) -> Option<usize> {
        let after = self.starts.partition_point(|start| *start <= at_ms);
        after.checked_sub(1).filter(|day| *day < self.days())
    }

    /// Days that had begun at `now_ms` and were over.
    pub fn days_over(&self, now_ms: i64) -> usize {
        self.starts.iter().skip(1).filter(|end| **end <= now_ms).count()
    }

    /// Whether day `day` is a Saturday or a Sunday.
    pub fn is_weekend(&self, day: usize) -> bool {
        let from_monday =
            usize::try_from(self.first.weekday().to_monday_zero_offset()).unwrap_or(0);
        (from_monday + day) % 7 >= 5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_and_has_its_days() {
        let october = Month::parse("2026-10", &TimeZone::UTC).unwrap();
        assert_eq!((october.name().as_str(), october.days()), ("2026-10", 31));
        assert_eq!(october.day_of(october.since_ms()), Some(0));
        assert_eq!(october.day_of(october.until_ms() - 1), Some(30));
        assert_eq!(october.day_of(october.until_ms()), None);
        assert_eq!(october.day_of(october.since_ms() - 1), None);
        // 2026-10-03 is a Saturday.
        assert_eq!([1, 2, 3, 4].map(|day| october.is_weekend(day)), [false, true, true, false]);
        assert_eq!(october.days_over(october.since_ms() + 86_400_000 * 2), 2);
    }

    #[test]
    fn a_month_is_counted_in_local_time() {
        let tokyo = TimeZone::fixed(jiff::tz::offset(9));
        let october = Month::parse("2026-10", &tokyo).unwrap();
        let utc = Month::parse("2026-10", &TimeZone::UTC).unwrap();
        assert_eq!(utc.since_ms() - october.since_ms(), 9 * 3_600_000);
    }

    #[test]
    fn the_month_before_january_is_december() {
        let now: Timestamp = "2026-01-15T00:00:00Z".parse().unwrap();
        assert_eq!(Month::before(now, &TimeZone::UTC).unwrap().name(), "2025-12");
    }

    #[test]
    fn what_is_no_month_is_told() {
        for text in ["", "2026", "2026-13", "2026-00", "26-10", "2026-1", "2026-10-01", "+026-10"] {
            assert!(Month::parse(text, &TimeZone::UTC).is_err(), "{text}");
        }
    }
}
