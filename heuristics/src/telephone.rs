//! The Japanese number plan: whether a telephone number can exist, and where its area is.
//!
//! Way in: [`read`], over a number as it is written. Width does not count; dashes, dots, brackets
//! and blanks group the digits and tell nothing else. What the plan says of a number is a
//! [`Verdict`]; how its digits are grouped against the true area code is weaker evidence and apart.
//! Source: the Telephone Number Plan of the Ministry of Internal Affairs and Communications; area
//! codes are a table of `sekisho-config`. Numbers of other countries are never judged.

use unicode_normalization::UnicodeNormalization;

use sekisho_config::area_code_prefectures;

/// A telephone number, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// What the plan says of it.
    pub verdict: Verdict,
    /// The digits by which two spellings of one number are equal: Japanese numbers as dialled in
    /// Japan (`0312345678`), others with their `+`. Extensions are left out.
    pub digits: String,
    /// Prefectures of the area code, `/` between them; `None` where the number has none.
    pub prefectures: Option<&'static str>,
    /// Whether it is grouped elsewhere than after its area code (`042-223-4567` in 0422), or its
    /// exchange begins with 1, which is kept for special services but stands in many a placeholder
    /// (`03-1234-5678`).
    pub is_odd: bool,
}

/// What the plan says of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A number of a subscriber in Japan.
    Valid,
    /// A mobile number (060, 070, 080, 090).
    Mobile,
    /// Nothing can be said: another country's, a short number, one without its area code.
    Unknown,
    /// It cannot exist in Japan.
    Impossible(Reason),
}

/// Why a number cannot exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Too few or too many digits for what it begins with.
    Length,
    /// Begins with no area code and no service.
    AreaCode,
    /// The exchange after the area code begins with 0.
    Exchange,
}

impl Number {
    /// Why it cannot exist in Japan; `None` where it can.
    pub fn fault(&self) -> Option<Reason> {
        match self.verdict {
            Verdict::Impossible(reason) => Some(reason),
            _ => None,
        }
    }
}

/// Reads a number as it is written. Only the first [`LONGEST`] characters are looked at.
pub fn read(written: &str) -> Number {
    let groups = Groups::read(written);
    let Some(national) = groups.national() else {
        let sign = if groups.is_international { "+" } else { "" };
        let digits = format!("{sign}{}", groups.digits);
        let verdict = groups.foreign_or_local();
        return Number { verdict, digits, prefectures: None, is_odd: false };
    };
    // The number may be followed by an extension or the end of a range of lines, as a group.
    let whole = judge(&national.digits);
    let (verdict, length) = match whole {
        Verdict::Impossible(_) => national
            .ends
            .iter()
            .rev()
            .filter_map(|end| Some((judge(national.digits.get(..*end)?), *end)))
            .find(|(verdict, _)| matches!(verdict, Verdict::Valid | Verdict::Mobile))
            .unwrap_or((whole, national.digits.len())),
        _ => (whole, national.digits.len()),
    };
    let digits = national.digits.get(..length).unwrap_or_default().to_owned();
    let code = area_code(&digits);
    let prefectures = code.and_then(area_code_prefectures);
    let is_odd = verdict == Verdict::Valid && code.is_some() && is_odd(&digits, &national.ends);
    Number { verdict, digits, prefectures, is_odd }
}

/// Longest number looked at, in characters.
pub const LONGEST: usize = 40;

/// The digits of a number and where its groups end.
#[derive(Debug, Default)]
struct Groups {
    digits: String,
    /// Offsets in `digits` where something else than a digit follows; the end is one.
    ends: Vec<usize>,
    is_international: bool,
}

impl Groups {
    fn read(written: &str) -> Groups {
        let mut groups = Groups::default();
        for c in written.nfkc().take(LONGEST) {
            match c {
                '0'..='9' => groups.digits.push(c),
                '+' if groups.digits.is_empty() => groups.is_international = true,
                _ => groups.end(),
            }
        }
        groups.end();
        groups
    }

    fn end(&mut self) {
        let end = self.digits.len();
        if end > 0 && self.ends.last() != Some(&end) {
            self.ends.push(end);
        }
    }

    /// The number as dialled in Japan, where it is one of Japan.
    fn national(&self) -> Option<Groups> {
        let code = self.country_code()?;
        let rest = self.digits.get(code..)?;
        // `+81-(0)3-…`: the zero in brackets is for callers at home.
        let zeros = usize::from(rest.starts_with('0'));
        let digits = format!("0{}", rest.get(zeros..)?);
        let shifted = |end: &usize| (end + 1).checked_sub(code + zeros).filter(|end| *end > 1);
        let ends = self.ends.iter().filter_map(shifted).collect();
        Some(Groups { digits, ends, ..Groups::default() })
    }

    /// Digits before the national number, country code and what leads to it; `None` where the
    /// number is not one of Japan, or begins without its area code.
    fn country_code(&self) -> Option<usize> {
        let (digits, length) = (self.digits.as_str(), self.digits.len());
        if self.is_international {
            return digits.starts_with("81").then_some(2);
        }
        // From Japan, from Europe and from North America.
        for lead in ["01081", "0081", "01181"] {
            if digits.starts_with(lead) && length >= lead.len() + 9 {
                return Some(lead.len());
            }
        }
        if digits.starts_with('0') {
            // 010 leads abroad.
            return (!digits.starts_with("010") || length <= 10).then_some(0);
        }
        let is_grouped = self.ends.first() == Some(&2);
        (is_grouped && digits.starts_with("81") && (11..=13).contains(&length)).then_some(2)
    }

    /// A number that does not begin as one of Japan.
    fn foreign_or_local(&self) -> Verdict {
        let first = self.ends.first().copied().unwrap_or_default();
        let is_one_block = self.ends.len() < 2;
        let is_abroad = self.is_international || self.digits.starts_with('0');
        // No country code and no area code abroad is so long; a block can hold both.
        if is_abroad || is_one_block || first <= 3 || self.digits.len() < TOO_LONG {
            Verdict::Unknown
        } else {
            Verdict::Impossible(Reason::Length)
        }
    }
}

/// Digits from which a number that begins with neither zero nor a country code is none.
const TOO_LONG: usize = 12;

/// What the plan says of digits that begin with 0.
fn judge(digits: &str) -> Verdict {
    let length = digits.len();
    let exactly = |expected: usize, then: Verdict| {
        if length == expected { then } else { Verdict::Impossible(Reason::Length) }
    };
    let third = digits.as_bytes().get(3).copied().unwrap_or_default();
    match digits.get(..3).unwrap_or_default() {
        // Short numbers and what is not given whole.
        _ if length < SHORTEST => Verdict::Unknown,
        // Numbers of carriers (00XY), which have no common length.
        start if start.starts_with("00") => match start {
            "000" => Verdict::Impossible(Reason::AreaCode),
            _ => Verdict::Unknown,
        },
        "060" | "070" | "080" | "090" | "050" if third == b'0' => match digits.get(..4) {
            Some("0800") => exactly(11, Verdict::Valid),
            _ => Verdict::Impossible(Reason::Exchange),
        },
        "060" | "070" | "080" | "090" => exactly(11, Verdict::Mobile),
        "050" => exactly(11, Verdict::Valid),
        // Machines and pagers, of several lengths.
        "020" => Verdict::Unknown,
        _ if SERVICES.iter().any(|service| digits.starts_with(service)) => {
            exactly(10, Verdict::Valid)
        }
        // 030 and 040 are kept for later use; 010 leads abroad.
        "030" | "040" if length == 10 => geographic(digits),
        "030" | "040" | "010" => Verdict::Impossible(Reason::AreaCode),
        _ => geographic(digits),
    }
}

/// Digits below which a number with its zero is not given whole, or no number to judge.
const SHORTEST: usize = 7;

/// Services with six digits after them.
const SERVICES: [&str; 4] = ["0120", "0180", "0570", "0990"];

/// A number with an area code: ten digits, and the exchange does not begin with 0.
fn geographic(digits: &str) -> Verdict {
    if digits.len() != 10 {
        return Verdict::Impossible(Reason::Length);
    }
    match area_code(digits) {
        None => Verdict::Impossible(Reason::AreaCode),
        Some(code) if exchange(digits, code) == b'0' => Verdict::Impossible(Reason::Exchange),
        Some(_) => Verdict::Valid,
    }
}

/// The area code of a number of ten digits. Five digits only where an exchange can follow: before a
/// zero the code of four is meant.
fn area_code(digits: &str) -> Option<&str> {
    let fits = |code: &&str| code.len() < 5 || exchange(digits, code) != b'0';
    (digits.len() == 10).then(|| area_codes(digits).find(fits))?
}

/// First digit of the exchange after the area code.
fn exchange(digits: &str, code: &str) -> u8 {
    digits.as_bytes().get(code.len()).copied().unwrap_or_default()
}

/// Whether a number of ten digits is grouped elsewhere than after its area code, or no area code
/// leaves an exchange that begins with 2 to 9.
fn is_odd(digits: &str, ends: &[usize]) -> bool {
    let mut codes = area_codes(digits).filter(|code| exchange(digits, code) >= b'2').peekable();
    let Some(longest) = codes.peek().map(|code| code.len()) else { return true };
    let is_grouped = ends.len() > 1;
    // 04, 042 and 047 divide the same range between them.
    is_grouped
        && if longest > 3 {
            !ends.contains(&longest)
        } else {
            !codes.any(|c| ends.contains(&c.len()))
        }
}

/// Every area code that `digits` begin with, longest first.
fn area_codes(digits: &str) -> impl Iterator<Item = &str> {
    (2..=5)
        .rev()
        .filter_map(|length| digits.get(..length))
        .filter(|code| area_code_prefectures(code).is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(written: &str, verdict: Verdict, digits: &str) {
        let number = read(written);
        assert_eq!((number.verdict, number.digits.as_str()), (verdict, digits), "{written}");
    }

    #[test]
    fn every_spelling_of_one_number() {
        for written in [
            "03-5253-5111",
            "0352535111",
            "03(5253)5111",
            "(03) 5253-5111",
            "03.5253.5111",
            "03 5253 5111",
            "０３－５２５３－５１１１",
            "０３（５２５３）５１１１",
            "+81-3-5253-5111",
            "+81 (0)3-5253-5111",
            "+81352535111",
            "＋８１−３−５２５３−５１１１",
            "(+81) 3 5253 5111",
            "81-3-5253-5111",
            "010-81-3-5253-5111",
            "0081-3-5253-5111",
            "011-81-3-5253-5111",
            "03-5253-5111(1234)",
            "03-5253-5111~3",
            "03-5253-5111-120",
        ] {
            check(written, Verdict::Valid, "0352535111");
        }
    }

    #[test]
    fn every_kind_of_number() {
        for (written, digits) in [
            ("011-231-4111", "0112314111"),
            ("0422-23-4567", "0422234567"),
            ("04-7123-4567", "0471234567"),
            ("04-2923-4567", "0429234567"),
            ("04998-2-3111", "0499823111"),
            ("01267-3-2111", "0126732111"),
            ("0120-123-456", "0120123456"),
            ("0120-12-3456", "0120123456"),
            ("0800-123-4567", "08001234567"),
            ("0570-001-069", "0570001069"),
            ("0570-06-7070", "0570067070"),
            ("0990-512-345", "0990512345"),
            ("050-3123-4567", "05031234567"),
        ] {
            check(written, Verdict::Valid, digits);
        }
        for written in ["060-1234-5678", "070-1234-5678", "+81-80-1234-5678", "090 1234 5678"] {
            assert_eq!(read(written).verdict, Verdict::Mobile, "{written}");
        }
    }

    #[test]
    fn numbers_that_are_not_judged() {
        for written in [
            "110",
            "119",
            "#9110",
            "188",
            "0077-78-1234",
            "0088-24-1234",
            "020-1234-5678",
            "5253-5111",
            "23-4567",
            "+1-408-555-0123",
            "1-800-555-0123",
            "(408) 555-0123",
            "+44 (0)20 7946 0123",
            "+850208486506",
            "86-10-1234-5678",
            "8613912345678",
            "010-1-408-555-0123",
            "",
            "abc",
        ] {
            assert_eq!(read(written).verdict, Verdict::Unknown, "{written}");
        }
    }

    #[test]
    fn numbers_that_cannot_exist() {
        use Reason::{AreaCode, Exchange, Length};
        for (written, reason) in [
            ("03-1234-567", Length),
            ("03-1234-56789", Length),
            ("090-123-4567", Length),
            ("0120-123-4567", Length),
            ("0570-123-4567", Length),
            ("0800-123-456", Length),
            ("050-634575214", Length),
            ("(01)-50-5830-6860", Length),
            ("+81-3-1234-567", Length),
            ("+81-90-123-4567", Length),
            ("12345-6789-0123", Length),
            ("0122-23-4567", AreaCode),
            ("0210-23-4567", AreaCode),
            ("0941-23-4567", AreaCode),
            ("030-1234-5678", AreaCode),
            ("03-0000-1234", Exchange),
            ("000-0000-0000", AreaCode),
            ("011-012-3456", Exchange),
            ("0422-05-1234", Exchange),
            ("045-012-3456", Exchange),
            ("090-0123-4567", Exchange),
            ("050-0123-4567", Exchange),
        ] {
            assert_eq!(read(written).fault(), Some(reason), "{written}");
        }
    }

    #[test]
    fn grouping_against_the_area_code_is_odd() {
        for written in
            ["042-223-4567", "0352-53-5111", "04223-4-567", "03-1234-5678", "012-345-6789"]
        {
            let number = read(written);
            let is_odd = number.is_odd || number.fault().is_some();
            assert!(is_odd, "{written}");
        }
        for written in [
            "0422-23-4567",
            "04-7123-4567",
            "04-2923-4567",
            "042-923-4567",
            "0352535111",
            "03-5253-5111",
        ] {
            assert!(!read(written).is_odd, "{written}");
        }
    }

    #[test]
    fn prefectures_of_area_codes() {
        assert_eq!(read("+81-6-6392-3980").prefectures, Some("兵庫県/大阪府"));
        assert_eq!(read("0120-123-456").prefectures, None);
        assert_eq!(read("090-1234-5678").prefectures, None);
    }

    proptest! {
        #[test]
        fn never_panics(written in "\\PC{0,60}") {
            read(&written);
        }

        #[test]
        fn digits_never_panic(written in "[0-9+() .\\-]{0,60}") {
            let number = read(&written);
            prop_assert!(number.digits.len() <= LONGEST + 1);
        }
    }
}
