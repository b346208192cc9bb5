//! Days that stand out: median and MAD.
//!
//! A day stands out where its number differs from the median of the month's days of its kind
//! (working days, or Saturdays and Sundays) by more than [`TIMES`] scaled MADs (median absolute
//! deviation × 1.4826, which equals the standard deviation where numbers are normal), and by
//! [`LEAST`] mails or more. Outliers move neither median nor MAD, so that one flood hides no other.

use serde::Serialize;

/// A number of a day that stands out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unusual {
    /// Day, from 0.
    pub day: usize,
    /// Which number.
    pub what: Measure,
    /// The number.
    pub value: u64,
    /// What is usual on such days.
    pub median: u64,
}

/// A number of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Inbound mails.
    Inbound,
    /// Mails that left.
    Outbound,
    /// Inbound mails with banner or worse.
    Suspicious,
    /// Outbound mails that a rule spoke against.
    Violations,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 4] =
        [Measure::Inbound, Measure::Outbound, Measure::Suspicious, Measure::Violations];
}

/// Days of `values` that stand out among those of their kind.
pub fn unusual(what: Measure, values: &[u64], is_weekend: impl Fn(usize) -> bool) -> Vec<Unusual> {
    let mut found = Vec::new();
    for weekend in [false, true] {
        let days = values.iter().enumerate().filter(|(day, _)| is_weekend(*day) == weekend);
        let of_kind: Vec<(usize, u64)> = days.map(|(day, value)| (day, *value)).collect();
        if of_kind.len() < FEWEST_DAYS {
            continue;
        }
        let median = median(of_kind.iter().map(|(_, value)| *value).collect());
        let mad = self::median(of_kind.iter().map(|(_, v)| v.abs_diff(median)).collect());
        // In tenths of thousandths, without fractions that differ between machines.
        let bound = mad.saturating_mul(TIMES_SCALED) / 10_000;
        let stands_out = |(_, value): &(usize, u64)| {
            let off = value.abs_diff(median);
            off > bound && off >= LEAST
        };
        let standing_out = of_kind.into_iter().filter(stands_out);
        found.extend(standing_out.map(|(day, value)| Unusual { day, what, value, median }));
    }
    found.sort_by_key(|u| u.day);
    found
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// How many scaled MADs are too many.
pub const TIMES: &str = "3.5";

/// 3.5 × 1.4826 × 10,000.
const TIMES_SCALED: u64 = 51_891;

/// Differences below are nothing to look at.
pub const LEAST: u64 = 10;

/// Fewer days of a kind show no pattern.
const FEWEST_DAYS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[u64], expected: &[(usize, u64, u64)]) {
        let found = unusual(Measure::Inbound, values, |day| day % 7 >= 5);
        let found: Vec<_> = found.iter().map(|u| (u.day, u.value, u.median)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_flood_and_a_silence_stand_out() {
        let mut days = [100, 110, 95, 105, 98, 5, 3, 102, 99, 108, 97, 101, 4, 6];
        check(&days, &[]);
        days[2] = 900;
        days[8] = 0;
        check(&days, &[(2, 900, 102), (8, 0, 102)]);
    }

    #[test]
    fn weekends_are_held_against_weekends() {
        let mut days = [100; 28];
        for day in (0..28).filter(|day| day % 7 >= 5) {
            days[day] = 2;
        }
        check(&days, &[]);
        days[5] = 100;
        check(&days, &[(5, 100, 2)]);
    }

    #[test]
    fn small_numbers_and_few_days_show_nothing() {
        check(&[0, 0, 9, 0, 0], &[]);
        check(&[0, 5_000, 0], &[]);
        check(&[], &[]);
    }
}
