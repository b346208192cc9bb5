//! 法人番号, the number every corporation in Japan has: thirteen digits, the first a check digit.
//!
//! Way in: [`wrong`]. Only digits that are called a 法人番号 are judged: registration numbers of sole
//! proprietors (`T` and thirteen digits) follow no such rule, and other numbers are none.
//! Source: order of the Ministry of Finance on the check digit (法人番号の指定等に関する省令, 2).

use unicode_normalization::UnicodeNormalization;

/// The first 法人番号 in `text` whose check digit is wrong, digits alone.
pub fn wrong(text: &str) -> Option<String> {
    memchr::memmem::find_iter(text.as_bytes(), LABEL)
        .take(MOST)
        .filter_map(|at| number(text.get(at + LABEL.len()..)?))
        .find(|digits| !is_valid(digits))
}

/// The thirteen digits right after the label; `None` where there are more, fewer, or words between.
fn number(after: &str) -> Option<String> {
    let mut digits = String::new();
    for c in after.nfkc().take(LONGEST) {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '‐' | '−' | '–' | 'ー' => {}
            // What leads to the number; the T of a registration number among it.
            ':' | '(' | '[' | '【' | '】' | ')' | ']' | '|' | '\t' | 'T' | '・' | '=' | '\n'
            | '\r'
                if digits.is_empty() => {}
            _ => break,
        }
    }
    (digits.len() == 13).then_some(digits)
}

/// Whether the check digit is right: 9 less the remainder by 9 of the twelve others, those in even
/// places from the right counted twice.
fn is_valid(digits: &str) -> bool {
    let mut values = digits.bytes().map(|b| u32::from(b.wrapping_sub(b'0')));
    let Some(check) = values.next() else { return false };
    let sum: u32 =
        values.rev().enumerate().map(|(i, digit)| if i % 2 == 0 { digit } else { digit * 2 }).sum();
    check == 9 - sum % 9
}

const LABEL: &str = "法人番号";

/// Most labels looked at.
const MOST: usize = 16;

/// Characters looked at after a label.
const LONGEST: usize = 40;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn right_check_digits() {
        for text in [
            // The National Tax Agency's and the Digital Agency's own.
            "法人番号 7000012050002",
            "法人番号：8000012010038",
            "法人番号：７０００−０１２０−５０００２",
            "登録番号・法人番号: T7000012050002",
            "法人番号 7-0000-1205-0002",
        ] {
            assert_eq!(wrong(text), None, "{text}");
        }
    }

    #[test]
    fn wrong_check_digits() {
        for text in [
            "法人番号 1000012050002",
            "法人番号：１０００−０１２０−５０００２",
            "【法人番号】1000012050002",
        ] {
            assert_eq!(wrong(text).as_deref(), Some("1000012050002"), "{text}");
        }
        let second = "法人番号 7000012050002\n法人番号 1000012050002";
        assert_eq!(wrong(second).as_deref(), Some("1000012050002"));
    }

    #[test]
    fn other_numbers() {
        for text in [
            "1000012050002",
            "登録番号 T1000012050002",
            "会社法人等番号 000012050002",
            "法人番号 100001205000",
            "法人番号 10000120500021",
            "法人番号公表サイトで1000012050002を検索",
            "法人番号",
            "ISBN 9784000000000",
            "",
        ] {
            assert_eq!(wrong(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "(\\PC|法人番号|[0-9]){0,60}") {
            wrong(&text);
        }
    }
}
