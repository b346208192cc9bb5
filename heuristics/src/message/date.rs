//! The Date field (RFC 5322, section 3.3), read as leniently as it is written.
//!
//! Way in: [`read`]. Only what rules ask for is kept: day, time and the sender's time zone.

use super::Message;

/// When a mail says it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// Year, four digits.
    pub year: u16,
    /// Time zone, minutes east of Greenwich; `None` where none is given or its name tells nothing.
    pub zone: Option<i16>,
}

/// The date of the mail itself; `None` where there is none or it cannot be read.
pub fn read(mail: &Message<'_>) -> Option<Date> {
    parse(mail.field("date")?.value)
}

/// Reads one raw field value.
fn parse(raw: &[u8]) -> Option<Date> {
    let text = std::str::from_utf8(raw.get(..MAX_BYTES).unwrap_or(raw)).ok()?;
    let mut words = text.split([' ', '\t', '\r', '\n', ',']).filter(|word| !word.is_empty());
    let is_month = |word: &str| {
        MONTHS.iter().any(|m| word.get(..3).is_some_and(|w| w.eq_ignore_ascii_case(m)))
    };
    words.by_ref().find(|word| is_month(word))?;
    let year: u16 = words.next()?.parse().ok()?;
    let year = match year {
        // RFC 5322, section 4.3.
        0..50 => year + 2000,
        50..1000 => year + 1900,
        _ => year,
    };
    let zone = words.find(|word| !word.contains(':')).and_then(zone);
    Some(Date { year, zone })
}

/// `+0900`, `-0330`, `GMT`, `JST`. `-0000` says that the zone is not known.
fn zone(word: &str) -> Option<i16> {
    if word == "-0000" {
        return None;
    }
    if let Some(digits) = word.strip_prefix(['+', '-']) {
        let value: i16 = digits.get(..4)?.parse().ok()?;
        let minutes = value / 100 * 60 + value % 100;
        return Some(if word.starts_with('-') { -minutes } else { minutes });
    }
    match word.to_ascii_uppercase().as_str() {
        "GMT" | "UT" | "UTC" | "Z" => Some(0),
        "JST" => Some(540),
        _ => None,
    }
}

const MONTHS: &[&str] =
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Bytes read of the field.
const MAX_BYTES: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(written: &str, expected: Option<(u16, Option<i16>)>) {
        let date = parse(written.as_bytes()).map(|d| (d.year, d.zone));
        assert_eq!(date, expected, "{written}");
    }

    #[test]
    fn dates_as_mailers_write_them() {
        check(" Mon, 1 Jun 2026 09:00:00 +0900 (JST)", Some((2026, Some(540))));
        check("1 Jun 26 09:00 GMT", Some((2026, Some(0))));
        check("Mon, 01 June 1999 09:00:00 -0330", Some((1999, Some(-210))));
        check("Mon, 1 Jun 2026 09:00:00 -0000", Some((2026, None)));
        check("Mon, 1 Jun 2026 09:00:00", Some((2026, None)));
        check("Mon, 1 Jun 2026 09:00:00 EDT", Some((2026, None)));
        check("", None);
        check("2026-06-01T09:00:00Z", None);
        check("Jun", None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            parse(&bytes);
        }

        #[test]
        fn any_likely_text_is_read(text in "((Jun|99999|-|[+]|あ|:|[0-9]{1,5}) ?){0,12}") {
            parse(text.as_bytes());
        }
    }
}
