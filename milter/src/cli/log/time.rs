//! Times as people write them on the command line.

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan, Zoned};

/// The first millisecond that `written` means.
pub(super) fn since(written: &str, now: &Zoned) -> Result<i64, String> {
    read(written, now, false)
}

/// The first millisecond behind what `written` means: a whole day is included.
pub(super) fn until(written: &str, now: &Zoned) -> Result<i64, String> {
    read(written, now, true)
}

fn read(written: &str, now: &Zoned, behind: bool) -> Result<i64, String> {
    let wrong = || {
        format!(
            "{written:?} is no time; allowed are 2027-03-31, 2027-03-31T09:00, \
             2027-03-31T09:00:00+09:00, and 30d, 12h or 5m for so long ago"
        )
    };
    let zone = || now.time_zone().clone();
    if let Ok(at) = written.parse::<Timestamp>() {
        return Ok(at.as_millisecond());
    }
    let at = if let Some(ago) = ago(written) {
        now.checked_sub(ago).ok()
    } else if written.len() == 10
        && let Ok(day) = written.parse::<Date>()
    {
        let day = if behind { day.checked_add(1.day()).ok() } else { Some(day) };
        day.and_then(|day| day.to_zoned(zone()).ok())
    } else {
        written.parse::<DateTime>().ok().and_then(|at| at.to_zoned(zone()).ok())
    };
    at.map(|at| at.timestamp().as_millisecond()).ok_or_else(wrong)
}

/// `30d`: a number with a unit.
fn ago(written: &str) -> Option<jiff::Span> {
    let number = written.get(..written.len().checked_sub(1)?)?;
    let number = number.parse::<u32>().ok().filter(|n| *n <= 1_000_000)?;
    let number = i64::from(number);
    match written.as_bytes().last()? {
        b'd' => Some(number.days()),
        b'h' => Some(number.hours()),
        b'm' => Some(number.minutes()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At nine in the morning of 2027-03-31 in Japan, in milliseconds from then.
    #[track_caller]
    fn check(written: &str, expected: Option<(i64, i64)>) {
        let now: Zoned = "2027-03-31T09:00:00+09:00[+09:00]".parse().unwrap();
        let from_now = |ms: i64| ms - now.timestamp().as_millisecond();
        let read =
            (since(written, &now).ok().map(from_now), until(written, &now).ok().map(from_now));
        assert_eq!(read.0.zip(read.1), expected, "{written}");
    }

    #[test]
    fn times() {
        const HOUR: i64 = 3_600_000;
        check("2027-03-31", Some((-9 * HOUR, 15 * HOUR)));
        check("2027-03-31T10:00", Some((HOUR, HOUR)));
        check("2027-03-31T10:00:00Z", Some((10 * HOUR, 10 * HOUR)));
        check("2027-03-31T10:00:00+09:00", Some((HOUR, HOUR)));
        check("2d", Some((-48 * HOUR, -48 * HOUR)));
        check("12h", Some((-12 * HOUR, -12 * HOUR)));
        for wrong in ["", "d", "yesterday", "2027-02-31", "-1d", "9999999999d", "１d", "あ"] {
            check(wrong, None);
        }
    }
}
