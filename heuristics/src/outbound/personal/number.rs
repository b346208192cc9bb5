//! My Numbers and card numbers in a text.
//!
//! A My Number is twelve digits, the last a check digit, and is called one: by a word near it or at
//! the head of its column. A card number passes Luhn's test, lies in an issuer's range and is not
//! called anything else. Both are written in one piece or in groups set apart by blanks or hyphens.
//! Source of the check digit: Ordinance of the Ministry of Internal Affairs and Communications 2014
//! No. 85, Article 5; of card numbers: ISO/IEC 7812-1 and the issuers' ranges.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::super::plain::plain;
use super::labels::{Label, Labels};

/// Numbers found so far, digits only.
#[derive(Default)]
pub(super) struct Numbers {
    pub(super) my_numbers: BTreeSet<String>,
    cards: BTreeSet<String>,
    /// In one piece, called nothing, with Luhn's digit and without: a column of other numbers has
    /// it by chance once in ten.
    bare: BTreeSet<String>,
    failed: usize,
}

impl Numbers {
    /// Reads a plain text.
    pub(super) fn read(&mut self, text: &str) {
        let numbers: Vec<Number> = Number::all(text).take(MOST_NUMBERS).collect();
        if numbers.is_empty() {
            return;
        }
        let lower = text.to_ascii_lowercase();
        let mut labels = Labels::new(&lower);
        for number in numbers {
            let label = labels.of(number.at, number.end);
            self.add(number, label);
        }
    }

    /// Card numbers.
    pub(super) fn cards(&self) -> impl Iterator<Item = &String> {
        let bare = self.bare.iter().filter(|_| self.bare.len() > self.failed);
        self.cards.iter().chain(bare.filter(|digits| !self.cards.contains(*digits)))
    }

    /// How many were found, bare ones too.
    pub(super) fn count(&self) -> usize {
        self.my_numbers.len() + self.cards.len() + self.bare.len()
    }

    fn add(&mut self, number: Number, label: Option<Label>) {
        let digits = number.digits;
        if digits.len() == MY_NUMBER {
            let is_one = is_my_number(&digits) && (number.is_grouped || !is_timestamp(&digits));
            if is_one && label == Some(Label::MyNumber) {
                self.my_numbers.insert(digits);
            }
            return;
        }
        if label == Some(Label::Other) || !is_issued(&digits) {
            return;
        }
        let is_sure = number.is_grouped || label == Some(Label::Card);
        match (is_luhn(&digits), is_sure) {
            (true, true) => drop(self.cards.insert(digits)),
            (true, false) => drop(self.bare.insert(digits)),
            (false, _) => self.failed += 1,
        }
    }
}

/// `text` with every number that passes for a My Number or a card by its digits alone masked but for
/// the last four, so that it can be written down. Borrowed where there is none.
pub(super) fn without(text: &str) -> Cow<'_, str> {
    let plain = plain(text);
    let is_personal =
        |n: &Number| is_my_number(&n.digits) || is_issued(&n.digits) && is_luhn(&n.digits);
    let mut out = String::new();
    let mut from = 0;
    for number in Number::all(&plain).filter(is_personal).take(MOST_NUMBERS) {
        let mut left = number.digits.len().saturating_sub(READABLE);
        out.push_str(plain.get(from..number.at).unwrap_or_default());
        for c in plain.get(number.at..number.end).unwrap_or_default().chars() {
            let hides = c.is_ascii_digit() && left > 0;
            left -= usize::from(hides);
            out.push(if hides { '*' } else { c });
        }
        from = number.end;
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(plain.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// A number that could be one of either kind by its length and groups.
struct Number {
    at: usize,
    end: usize,
    digits: String,
    is_grouped: bool,
}

/// Digits in a row.
#[derive(Clone, Copy)]
struct Group {
    at: usize,
    end: usize,
    /// What sets it apart from the group before, where that is near enough.
    joint: Option<Joint>,
}

/// What sets two groups of one number apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    /// One blank.
    Blank,
    /// One hyphen of any kind.
    Hyphen,
    /// Hardly used within a number: another mark, blanks around a mark, the next cell or line. Only
    /// three groups of four are taken for a number so.
    Loose(char),
}

impl Number {
    /// Every one of a text, in order.
    fn all(text: &str) -> impl Iterator<Item = Number> {
        let mut groups = groups(text).peekable();
        std::iter::from_fn(move || {
            let mut run = vec![groups.next()?];
            let joint = groups.peek().and_then(|g| g.joint);
            if let Some(Joint::Loose(_)) = joint {
                if is_loose_number(&run, joint, groups.clone()) {
                    run.extend(groups.by_ref().take(2));
                }
                return Some(Number::of_run(text, &run));
            }
            // `1 1234-5678-9018`: what a hyphen follows begins another one.
            if joint == Some(Joint::Blank)
                && groups.clone().nth(1).is_some_and(|g| g.joint == Some(Joint::Hyphen))
            {
                return Some(Number::of_run(text, &run));
            }
            while let Some(next) = groups.next_if(|g| g.joint.is_some() && g.joint == joint) {
                run.push(next);
                if run.len() == LONGEST_RUN {
                    break;
                }
            }
            Some(Number::of_run(text, &run))
        })
        .flatten()
    }

    /// Numbers in groups that one kind of joint holds together.
    fn of_run(text: &str, run: &[Group]) -> Vec<Number> {
        let sizes: Vec<usize> = run.iter().map(|g| g.end - g.at).collect();
        let whole = |sizes: &[usize]| {
            let first = sizes.first().copied().unwrap_or(0);
            sizes.len() > 1 && sizes.iter().all(|&s| s == first) && first * sizes.len() == MY_NUMBER
        };
        if whole(&sizes) {
            return Number::new(text, run).into_iter().collect();
        }
        let is_blank = run.get(1).is_none_or(|g| g.joint == Some(Joint::Blank));
        let mut numbers = Vec::new();
        let mut from = 0;
        while let Some(rest) = sizes.get(from..).filter(|rest| !rest.is_empty()) {
            let shape = SHAPES.iter().find(|shape| rest.starts_with(shape));
            let length = shape.map_or(1, |shape| shape.len());
            let is_alone = length == sizes.len();
            // Between blanks other numbers may stand beside it, but not a fourth group of four.
            let others = [from.checked_sub(1), Some(from + length)];
            let mut beside = others.into_iter().flatten().filter_map(|i| sizes.get(i));
            let is_cut = length > 1 && beside.any(|&size| size == 4);
            if shape.is_some() && (is_alone || is_blank && !is_cut) {
                numbers.extend(run.get(from..from + length).and_then(|g| Number::new(text, g)));
            }
            from += length;
        }
        numbers
    }

    fn new(text: &str, groups: &[Group]) -> Option<Number> {
        let (at, end) = (groups.first()?.at, groups.last()?.end);
        let digits: String = groups.iter().filter_map(|g| text.get(g.at..g.end)).collect();
        let first = digits.chars().next()?;
        let is_wanted = stands_alone(text, at, end) && !digits.chars().all(|c| c == first);
        is_wanted.then_some(Number { at, end, digits, is_grouped: groups.len() > 1 })
    }
}

/// Every row of digits, with what joins it to the one before.
fn groups(text: &str) -> impl Iterator<Item = Group> + Clone {
    let mut from = 0;
    let mut last_end = None;
    std::iter::from_fn(move || {
        let rest = text.as_bytes().get(from..)?;
        let at = from + rest.iter().position(u8::is_ascii_digit)?;
        let digits = text.as_bytes().get(at..)?.iter().take_while(|b| b.is_ascii_digit()).count();
        let joint = last_end.and_then(|end| joint(text.get(end..at)?));
        from = at + digits;
        last_end = Some(from);
        Some(Group { at, end: from, joint })
    })
}

/// The joint, where nothing else stands between two groups.
fn joint(between: &str) -> Option<Joint> {
    if between.len() > LONGEST_JOINT {
        return None;
    }
    match between {
        " " => return Some(Joint::Blank),
        "\t" | "\n" => return between.chars().next().map(Joint::Loose),
        _ => {}
    }
    let mut marks = between.chars().filter(|c| *c != ' ');
    match (marks.next(), marks.next()) {
        (None, _) => Some(Joint::Loose(' ')),
        (Some(c), None) if is_hyphen(c) && between.len() == c.len_utf8() => Some(Joint::Hyphen),
        (Some(c), None) if is_hyphen(c) => Some(Joint::Loose('-')),
        (Some(c), None) if "._/,|~〜・:".contains(c) => Some(Joint::Loose(c)),
        (Some(')'), Some('(')) if between == ")(" => Some(Joint::Loose('(')),
        _ => None,
    }
}

/// Whether the group and the next two are a number of three groups of four, and no more.
fn is_loose_number(
    first: &[Group],
    joint: Option<Joint>,
    mut ahead: impl Iterator<Item = Group>,
) -> bool {
    let is_four = |g: &Group| g.end - g.at == 4;
    first.iter().all(|g| g.joint != joint && is_four(g))
        && ahead.by_ref().take(2).filter(|g| g.joint == joint && is_four(g)).count() == 2
        && ahead.next().is_none_or(|g| g.joint != joint)
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' | '\u{FF70}')
}

/// Whether it is no piece of something longer: a word, an address, an amount.
fn stands_alone(text: &str, at: usize, end: usize) -> bool {
    let mut before = text.get(..at).unwrap_or_default().chars().rev();
    let mut after = text.get(end..).unwrap_or_default().chars();
    let is_free_before = match before.next() {
        Some('-') => !before.next().is_some_and(|c| c.is_ascii_alphanumeric()),
        // `?id=…` in an address is none, `MyNumber=…` may be one.
        Some('=') => !before
            .take(LONGEST_NAME)
            .find(|c| !(c.is_ascii_alphanumeric() || *c == '_'))
            .is_some_and(|c| matches!(c, '?' | '&')),
        Some(c) => !(c.is_ascii_alphanumeric() || "_/.&%+@~$¥\\".contains(c)),
        None => true,
    };
    let is_free_after = match after.next() {
        Some('.') => !after.next().is_some_and(|c| c.is_ascii_alphanumeric()),
        Some(c) => !(c.is_ascii_alphanumeric() || is_hyphen(c) || "_/@%&=~円".contains(c)),
        None => true,
    };
    is_free_before && is_free_after
}

/// Whether the twelfth digit is the check digit of the eleven before it.
fn is_my_number(digits: &str) -> bool {
    let mut numbers = digits.bytes().rev().map(|b| u32::from(b - b'0'));
    let check = numbers.next();
    // The weights of P₁ to P₁₁, counted from the right without the check digit.
    let weights = (2..=7).chain(2..=6);
    let sum: u32 = numbers.zip(weights).map(|(p, q)| p * q).sum();
    let remainder = sum % 11;
    digits.len() == MY_NUMBER && check == Some(if remainder <= 1 { 0 } else { 11 - remainder })
}

/// Whether twelve digits are year, month, day, hour and minute.
fn is_timestamp(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|d| d.parse::<u32>().ok());
    part(0, 4).is_some_and(|year| (1970..2100).contains(&year))
        && part(4, 6).is_some_and(|month| (1..=12).contains(&month))
        && part(6, 8).is_some_and(|day| (1..=31).contains(&day))
        && part(8, 10).is_some_and(|hour| hour < 24)
        && part(10, 12).is_some_and(|minute| minute < 60)
}

fn is_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .map(|b| u32::from(b - b'0'))
        .enumerate()
        .map(|(at, d)| match (at % 2, d) {
            (0, d) => d,
            (_, d) if d > 4 => 2 * d - 9,
            (_, d) => 2 * d,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether an issuer gives out numbers that begin so, of this length.
fn is_issued(digits: &str) -> bool {
    let Some(head) = digits.get(..6).and_then(|d| d.parse::<u32>().ok()) else { return false };
    ISSUERS.iter().any(|(heads, lengths)| heads.contains(&head) && lengths.contains(&digits.len()))
}

/// Digits of a My Number.
const MY_NUMBER: usize = 12;

/// Digits at the end that stay readable where a number is masked.
const READABLE: usize = 4;

/// Longest name of a parameter, in characters.
const LONGEST_NAME: usize = 32;

/// Numbers of one text that are looked at.
const MOST_NUMBERS: usize = 20_000;

/// What may stand between two groups of a number, in bytes.
const LONGEST_JOINT: usize = 5;

/// Groups that are taken for one run.
const LONGEST_RUN: usize = 64;

/// How numbers are grouped; longer ones first.
const SHAPES: &[&[usize]] = &[
    &[4, 4, 4, 4, 3],
    &[4, 4, 4, 4],
    &[4, 4, 4],
    &[4, 6, 5],
    &[4, 6, 4],
    &[12],
    &[14],
    &[15],
    &[16],
    &[19],
];

/// First six digits and lengths by issuer.
const ISSUERS: &[(std::ops::RangeInclusive<u32>, &[usize])] = &[
    (300_000..=305_999, &[14]),
    (309_500..=309_599, &[14]),
    (340_000..=349_999, &[15]),
    (352_800..=358_999, &[16]),
    (360_000..=369_999, &[14]),
    (370_000..=379_999, &[15]),
    (380_000..=399_999, &[14]),
    (400_000..=499_999, &[16, 19]),
    (510_000..=559_999, &[16]),
    (222_100..=272_099, &[16]),
    (601_100..=601_199, &[16]),
    (620_000..=629_999, &[16, 19]),
    (644_000..=659_999, &[16]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, my_numbers: &[&str], cards: &[&str]) {
        let mut found = Numbers::default();
        found.read(text);
        let seen: Vec<_> = found.my_numbers.iter().map(String::as_str).collect();
        assert_eq!(seen, my_numbers, "{text}");
        assert_eq!(found.cards().map(String::as_str).collect::<Vec<_>>(), cards, "{text}");
    }

    #[test]
    fn the_check_digit_of_the_ordinance() {
        assert!(is_my_number("123456789018"));
        assert!((0..10).filter(|d| is_my_number(&format!("12345678901{d}"))).count() == 1);
        // A remainder of 0 would give 11, one of 1 gives 10: both are 0.
        assert!(is_my_number("000000000140") && is_my_number("000000000060"));
        assert!(!is_my_number("12345678901") && !is_my_number("1234567890180"));
    }

    #[test]
    fn my_numbers_however_grouped() {
        let expected = &["123456789018"];
        check("マイナンバー: 123456789018", expected, &[]);
        check("個人番号は1234-5678-9018です", expected, &[]);
        check("My Number 1234 5678 9018", expected, &[]);
        check("MyNumber=123456789018", expected, &[]);
        check("個人番号 1 2 3 4 5 6 7 8 9 0 1 8", expected, &[]);
        check("マイナンバー\n\n1234\u{2010}5678\u{2010}9018\n", expected, &[]);
        check("123456789018(個人番号)", expected, &[]);
    }

    #[test]
    fn numbers_are_masked_where_they_stand() {
        for (text, masked) in [
            ("個人番号 1234-5678-9018 の件", "個人番号 ****-****-9018 の件"),
            (
                "１２３４５６７８９０１８ と 4111 1111 1111 1111",
                "********9018 と **** **** **** 1111",
            ),
            ("注文 123456789017 ①", "注文 123456789017 ①"),
            ("", ""),
        ] {
            assert_eq!(without(text), masked);
        }
    }

    #[test]
    fn my_numbers_in_odd_spellings() {
        let expected = &["123456789018"];
        for number in [
            "1234  5678  9018",
            "1234 - 5678 - 9018",
            "1234.5678.9018",
            "1234・5678・9018",
            "1234,5678,9018",
            "1234/5678/9018",
            "1234_5678_9018",
            "1234〜5678〜9018",
            "1234\n5678\n9018",
            "1234\t5678\t9018",
            "(1234)(5678)(9018)",
            "1 1234-5678-9018",
        ] {
            check(&format!("マイナンバー: {number}"), expected, &[]);
        }
        for name in ["まいなんばー", "マ イ ナ ン バ ー", "My No."] {
            check(&format!("{name} 123456789018"), expected, &[]);
        }
        // Groups of other numbers, and columns.
        for other in
            ["1234,5678,9018,1000", "1234.5678.901", "4111.1111.1111.1111", "12345678\n9018"]
        {
            check(&format!("マイナンバー: {other}"), &[], &[]);
        }
        check("マイナンバー\n123456789018\n111122223334\n", expected, &[]);
        check("4111\t1111\t1111\t1111", &[], &[]);
    }

    #[test]
    fn my_numbers_in_columns() {
        let expected = &["123456789018"];
        check("氏名,個人番号,注文番号\n山田,123456789018,123456789018\n", expected, &[]);
        check("氏名\t注文番号\t個人番号\n山田\t123456789018\t111\n", &[], &[]);
        let far = format!("no\tマイナンバー\n{}9\t123456789018\n", "8\t1\n".repeat(500));
        check(&far, expected, &[]);
    }

    #[test]
    fn other_numbers_are_none() {
        for text in [
            "123456789018",
            "マイナンバー 123456789017",
            "マイナンバー 1234567890180",
            "法人番号 1234567890180 個人番号なし",
            "個人番号ではなく法人番号 123456789018",
            "マイナンバーの件、運転免許証番号 123456789018",
            "マイナンバー申請 注文番号 1234-5678-9018",
            "マイナンバー 000000000000",
            "マイナンバー A123456789018 123456789018円 https://a.example/123456789018",
            "マイナンバー JAN 4901234567894",
        ] {
            check(text, &[], &[]);
        }
    }

    #[test]
    fn cards_however_grouped() {
        check("4111 1111 1111 1111", &[], &["4111111111111111"]);
        check("カード番号: 5555-5555-5555-4444", &[], &["5555555555554444"]);
        check("3782 822463 10005", &[], &["378282246310005"]);
        check("card no. 30569309025904", &[], &["30569309025904"]);
        check("3530111333300000", &[], &["3530111333300000"]);
        check("カード 6212 3456 7890 1234 569", &[], &["6212345678901234569"]);
    }

    #[test]
    fn what_only_looks_like_a_card() {
        for text in [
            "4111 1111 1111 1112",
            "ご注文番号 4111111111111111",
            "お問い合わせ番号: 4111-1111-1111-1111",
            "tracking 4111111111111111",
            "0000 0000 0000 0000",
            "9999 9999 9999 9999",
            "<4111111111111111@example.com>",
            "https://a.example/4111111111111111",
            "https://a.example/?a=1&card=4111111111111111",
            "20261121103000 4901234567894",
            // Serial numbers of which one has Luhn's digit by chance.
            "4111111111111109\n4111111111111110\n4111111111111111\n4111111111111112",
        ] {
            check(text, &[], &[]);
        }
    }
}
