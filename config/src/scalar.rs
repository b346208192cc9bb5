//! Single values: one small reader each, from a TOML value to a checked one.
//!
//! Way in: the functions, handed to [`crate::layers::Table`]. Errors are sentences that say what
//! is wrong and what is allowed, without the name of the key.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use toml::de::DeValue;
use toml_datetime::{Datetime, Offset};

use crate::layers::kind;
use crate::suggestion;

/// `true` or `false`.
pub(crate) fn boolean(value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| format!("must be true or false, not {}", kind(value)))
}

/// A string.
pub(crate) fn string<'v>(value: &'v DeValue<'_>) -> Result<&'v str, String> {
    value.as_str().ok_or_else(|| format!("must be a string in quotes, not {}", kind(value)))
}

/// One line of text of at most `longest` characters; may be empty.
pub(crate) fn line(longest: usize) -> impl Fn(&DeValue<'_>) -> Result<String, String> {
    move |value| {
        let text = string(value)?;
        if text.chars().any(char::is_control) {
            return Err("must be one line without control characters".to_owned());
        }
        if text.chars().count() > longest {
            return Err(format!("must be at most {longest} characters long"));
        }
        Ok(text.to_owned())
    }
}

/// A string that is read by `FromStr`.
pub(crate) fn parsed<T: FromStr<Err = String>>(value: &DeValue<'_>) -> Result<T, String> {
    string(value)?.parse()
}

/// A string that is read by a function.
pub(crate) fn by<T>(
    read: impl Fn(&str) -> Result<T, String>,
) -> impl Fn(&DeValue<'_>) -> Result<T, String> {
    move |value| read(string(value)?)
}

/// One of a few words.
pub(crate) fn word<T: Copy>(
    words: &'static [(&'static str, T)],
) -> impl Fn(&DeValue<'_>) -> Result<T, String> {
    move |value| {
        let allowed = || words.iter().map(|(w, _)| format!("{w:?}")).collect::<Vec<_>>().join(", ");
        let Some(written) = value.as_str() else {
            return Err(format!("must be one of {}, not {}", allowed(), kind(value)));
        };
        if let Some((_, meaning)) = words.iter().find(|(w, _)| *w == written) {
            return Ok(*meaning);
        }
        let near = suggestion(written, words.iter().map(|(w, _)| *w));
        let hint = near.map_or(String::new(), |near| format!("did you mean {near:?}? "));
        Err(format!("{written:?} is not known; {hint}allowed are {}", allowed()))
    }
}

/// An integer within bounds.
pub(crate) fn integer<T: TryFrom<i64> + Copy + PartialOrd + Display>(
    bounds: RangeInclusive<T>,
) -> impl Fn(&DeValue<'_>) -> Result<T, String> {
    move |value| {
        let allowed = format!("an integer from {} to {}", bounds.start(), bounds.end());
        let Some(number) = whole_number(value) else {
            return Err(format!("must be {allowed}, not {}", kind(value)));
        };
        let fits = number.and_then(|n| T::try_from(n).ok()).filter(|n| bounds.contains(n));
        fits.ok_or_else(|| format!("must be {allowed}"))
    }
}

/// An integer within bounds, or `"off"`.
pub(crate) fn integer_or_off<T: TryFrom<i64> + Copy + PartialOrd + Display>(
    bounds: RangeInclusive<T>,
) -> impl Fn(&DeValue<'_>) -> Result<Option<T>, String> {
    move |value| match value.as_str() {
        Some("off") => Ok(None),
        Some(other) => Err(format!(
            "{other:?} is not known; allowed are an integer from {} to {} and \"off\"",
            bounds.start(),
            bounds.end()
        )),
        None => {
            integer(bounds.clone())(value).map(Some).map_err(|message| message + "; or \"off\"")
        }
    }
}

/// Permission bits; octal notation alone, because 660 and 0o660 are different numbers.
pub(crate) fn permissions(value: &DeValue<'_>) -> Result<u32, String> {
    let octal = value.as_integer().filter(|integer| integer.radix() == 8);
    octal
        .and_then(|integer| u32::from_str_radix(integer.as_str(), 8).ok())
        .filter(|bits| *bits <= 0o777)
        .ok_or_else(|| "must be permission bits in octal, 0o000 to 0o777, e.g. 0o660".to_owned())
}

/// A time span: an integer of seconds, or a string with a unit (ms, s, m, h, d).
pub(crate) fn duration(
    bounds: RangeInclusive<Duration>,
) -> impl Fn(&DeValue<'_>) -> Result<Duration, String> {
    move |value| {
        let read = match value.as_str() {
            Some(text) => with_unit(text, &TIME_UNITS).map(Duration::from_millis),
            None => whole_number(value)
                .flatten()
                .and_then(|seconds| u64::try_from(seconds).ok())
                .map(Duration::from_secs),
        };
        read.filter(|span| bounds.contains(span)).ok_or_else(|| {
            format!(
                "must be a time from {:?} to {:?}: seconds, or a string with a unit (ms, s, m, h, \
                 d) such as \"500ms\" or \"2h\"",
                bounds.start(),
                bounds.end()
            )
        })
    }
}

/// A number of bytes: an integer, or a string with a unit (KiB, MiB, GiB).
pub(crate) fn size(
    bounds: RangeInclusive<usize>,
) -> impl Fn(&DeValue<'_>) -> Result<usize, String> {
    move |value| {
        let read = match value.as_str() {
            Some(text) => with_unit(text, &SIZE_UNITS).and_then(|n| usize::try_from(n).ok()),
            None => whole_number(value).flatten().and_then(|n| usize::try_from(n).ok()),
        };
        read.filter(|bytes| bounds.contains(bytes)).ok_or_else(|| {
            format!(
                "must be a size from {} to {} bytes: an integer, or a string with a unit (KiB, \
                 MiB, GiB) such as \"100MiB\"",
                bounds.start(),
                bounds.end()
            )
        })
    }
}

/// The last second something holds, Unix time.
///
/// Without an offset the time is Japan's, and a plain date holds through its last second.
pub(crate) fn until(value: &DeValue<'_>) -> Result<i64, String> {
    let allowed = "allowed are 2027-03-31, 2027-03-31T18:00:00 (both Japan time) and \
                   2027-03-31T09:00:00Z, without quotes";
    match value {
        DeValue::Datetime(moment) => {
            unix_time(moment).ok_or_else(|| format!("has no date; {allowed}"))
        }
        _ => Err(format!("must be a date, not {}; {allowed}", kind(value))),
    }
}

/// The value of an integer; `Some(None)` where it is too large to be held.
fn whole_number(value: &DeValue<'_>) -> Option<Option<i64>> {
    let integer = value.as_integer()?;
    Some(i64::from_str_radix(integer.as_str(), integer.radix()).ok())
}

/// `100MiB` times its unit; no fraction, at most one blank before the unit.
fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let unit = unit.strip_prefix(' ').unwrap_or(unit);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

fn unix_time(moment: &Datetime) -> Option<i64> {
    let date = moment.date.as_ref()?;
    let days = days_from_civil(date.year.into(), date.month.into(), date.day.into());
    let seconds = match &moment.time {
        Some(time) => {
            let (hour, minute) = (i64::from(time.hour), i64::from(time.minute));
            hour * 3600 + minute * 60 + i64::from(time.second.unwrap_or(0))
        }
        None => SECONDS_OF_DAY - 1,
    };
    let offset_minutes = match moment.offset {
        Some(Offset::Custom { minutes }) => minutes.into(),
        Some(Offset::Z) => 0,
        None => JAPAN_OFFSET_MINUTES,
    };
    Some(days * SECONDS_OF_DAY + seconds - offset_minutes * 60)
}

/// Days since 1970-01-01 of a date in the Gregorian calendar. The year begins in March, so that
/// the leap day is its last one.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

const SECONDS_OF_DAY: i64 = 86_400;
const JAPAN_OFFSET_MINUTES: i64 = 9 * 60;

const TIME_UNITS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

const SIZE_UNITS: [(&str, u64); 4] =
    [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

#[cfg(test)]
mod tests {
    use super::*;

    /// What `read` makes of a TOML value, mistakes shown as they are.
    fn check<T: std::fmt::Debug + PartialEq>(
        read: impl Fn(&DeValue<'_>) -> Result<T, String>,
        written: &str,
        expected: Result<T, &str>,
    ) {
        let value = DeValue::parse(written).expect(written);
        assert_eq!(read(value.get_ref()), expected.map_err(str::to_owned), "{written}");
    }

    #[test]
    fn words() {
        let fruit = || word(&[("apple", 1), ("plum", 2)]);
        check(fruit(), "'plum'", Ok(2));
        check(
            fruit(),
            "'aple'",
            Err("\"aple\" is not known; did you mean \"apple\"? allowed are \"apple\", \"plum\""),
        );
        check(fruit(), "3", Err("must be one of \"apple\", \"plum\", not an integer"));
    }

    #[test]
    fn integers() {
        check(integer(1..=9u16), "9", Ok(9));
        check(integer(1..=9u16), "0x9", Ok(9));
        check(integer(1..=9u16), "10", Err("must be an integer from 1 to 9"));
        check(integer(0..=9usize), "-1", Err("must be an integer from 0 to 9"));
        check(integer(1..=9u16), "9.0", Err("must be an integer from 1 to 9, not a fraction"));
        check(integer(1..=9u16), "99999999999999999999", Err("must be an integer from 1 to 9"));
        check(integer_or_off(1..=9u16), "'off'", Ok(None));
        check(integer_or_off(1..=9u16), "4", Ok(Some(4)));
        check(
            integer_or_off(1..=9u16),
            "'of'",
            Err("\"of\" is not known; allowed are an integer from 1 to 9 and \"off\""),
        );
        check(
            integer_or_off(1..=9u16),
            "true",
            Err("must be an integer from 1 to 9, not true or false; or \"off\""),
        );
    }

    #[test]
    fn permissions_are_octal() {
        check(permissions, "0o660", Ok(0o660));
        for wrong in ["660", "0o1000", "'0660'"] {
            check(
                permissions,
                wrong,
                Err("must be permission bits in octal, 0o000 to 0o777, e.g. 0o660"),
            );
        }
    }

    #[test]
    fn durations() {
        let read = || duration(Duration::from_millis(100)..=Duration::from_secs(86_400));
        check(read(), "5", Ok(Duration::from_secs(5)));
        check(read(), "'500ms'", Ok(Duration::from_millis(500)));
        check(read(), "'2 h'", Ok(Duration::from_secs(7200)));
        check(read(), "'1d'", Ok(Duration::from_secs(86_400)));
        let wrong = "must be a time from 100ms to 86400s: seconds, or a string with a unit (ms, s, \
                     m, h, d) such as \"500ms\" or \"2h\"";
        for written in ["0", "-1", "'5'", "'s'", "'1.5s'", "'2d'", "'99999999999999999999h'", "1.0"]
        {
            check(read(), written, Err(wrong));
        }
    }

    #[test]
    fn sizes() {
        check(size(1..=1 << 30), "4096", Ok(4096));
        check(size(1..=1 << 30), "'100MiB'", Ok(100 << 20));
        let wrong = "must be a size from 1 to 1024 bytes: an integer, or a string with a unit \
                     (KiB, MiB, GiB) such as \"100MiB\"";
        for written in ["0", "'2KiB'", "'1MB'", "'KiB'", "true", "'99999999999GiB'"] {
            check(size(1..=1024), written, Err(wrong));
        }
    }

    #[test]
    fn dates() {
        check(until, "1970-01-01T00:00:00Z", Ok(0));
        check(until, "1970-01-01T09:00:00", Ok(0));
        check(until, "1970-01-01", Ok(15 * 3600 - 1));
        check(until, "2000-02-29T12:34:56+09:00", Ok(951_795_296));
        check(until, "2026-12-31T23:59:59-05:30", Ok(1_798_781_399));
        let allowed = "allowed are 2027-03-31, 2027-03-31T18:00:00 (both Japan time) and \
                       2027-03-31T09:00:00Z, without quotes";
        check(until, "12:00:00", Err(&format!("has no date; {allowed}")));
        check(until, "'2027-03-31'", Err(&format!("must be a date, not a string; {allowed}")));
    }

    #[test]
    fn lines_of_text() {
        check(line(3), "'内線5'", Ok("内線5".to_owned()));
        check(line(3), "'abcd'", Err("must be at most 3 characters long"));
        check(line(3), r#""a\n""#, Err("must be one line without control characters"));
        check(line(3), "1", Err("must be a string in quotes, not an integer"));
    }
}
