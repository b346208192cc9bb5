//! Contact details in one line: mail addresses, telephone numbers with their labels, postal codes.
//! Lines are NFKC, so that full-width and half-width spellings are one.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::{Telephone, TelephoneLabel};

/// Fewest digits of a number that is taken for one to call; shorter ones are extensions.
const FEWEST_DIGITS: usize = 5;

/// Most details of one kind in a line.
const MOST: usize = 16;

/// Mail addresses, lower case; `[at]`, `(at)` and `[dot]` are read.
pub(super) fn addresses(folded: &str) -> Vec<String> {
    // The signs that are read as `@`; ★, ☆ and ■ begin with E2.
    let bytes = folded.as_bytes();
    if memchr::memchr3(b'@', b'(', b'[', bytes).is_none()
        && memchr::memchr3(b'<', b'{', 0xE2, bytes).is_none()
    {
        return Vec::new();
    }
    let line = plain_signs(folded);
    let mut found = Vec::new();
    for (at, _) in line.match_indices('@').take(MOST) {
        let (before, after) = line.split_at(at);
        let before = before.trim_end_matches(' ');
        let after = after.get(1..).unwrap_or_default().trim_start_matches(' ');
        let is_local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
        let is_host = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
        let start = before.rfind(|c| !is_local(c));
        let start = start.map_or(0, |i| {
            i + before.get(i..).and_then(|s| s.chars().next()).map_or(1, char::len_utf8)
        });
        let local = before.get(start..).unwrap_or_default().trim_start_matches('.');
        let end = after.find(|c| !is_host(c)).unwrap_or(after.len());
        let host = after.get(..end).unwrap_or_default().trim_end_matches(['.', '-']);
        if !local.is_empty() && host.contains('.') && !host.starts_with('.') {
            let address = format!("{local}@{host}").to_ascii_lowercase();
            if !found.contains(&address) {
                found.push(address);
            }
        }
    }
    found
}

/// Signs that stand for `@` and `.` so that robots do not read them.
fn plain_signs(folded: &str) -> String {
    let mut line = folded.to_owned();
    if line.contains(['[', '(', '<', '{', '★', '☆', '■']) {
        for (written, sign) in [
            ("[at]", "@"),
            ("(at)", "@"),
            ("<at>", "@"),
            ("{at}", "@"),
            ("[AT]", "@"),
            ("(AT)", "@"),
            ("[アット]", "@"),
            ("(アット)", "@"),
            ("(アットマーク)", "@"),
            ("[@]", "@"),
            ("(@)", "@"),
            ("★", "@"),
            ("☆", "@"),
            ("■", "@"),
            ("[dot]", "."),
            ("(dot)", "."),
            ("[.]", "."),
        ] {
            if line.contains(written) {
                line = line.replace(&format!(" {written} "), sign).replace(written, sign);
            }
        }
    }
    line
}

/// Telephone numbers with the label before each. `written` is the line as it stands, whose
/// characters may be wider; where it has as many, numbers are given from it.
pub(super) fn telephones(folded: &str, written: &str) -> Vec<Telephone> {
    if folded.bytes().filter(u8::is_ascii_digit).take(FEWEST_DIGITS).count() < FEWEST_DIGITS {
        return Vec::new();
    }
    let chars: Vec<char> = folded.chars().collect();
    let original: Vec<char> = written.chars().collect();
    let original = if original.len() == chars.len() { original } else { chars.clone() };
    let mut found: Vec<Telephone> = Vec::new();
    let mut label_from = 0;
    let mut at = 0;
    while at < chars.len() && found.len() < MOST {
        let Some(end) = number_end(&chars, at) else {
            at += 1;
            continue;
        };
        let between: String = chars.get(label_from..at).unwrap_or_default().iter().collect();
        let number = chars.get(at..end).unwrap_or_default();
        let digits = digits(number);
        let label = label(&between);
        let is_glued = at.checked_sub(1).and_then(|i| chars.get(i)).is_some_and(|c| is_glue(*c));
        if let Some(label) = label
            .or_else(|| repeated(&found, &between))
            .or_else(|| {
                (!is_glued && is_unlabelled(&digits, number, &between))
                    .then_some(Some(TelephoneLabel::None))
            })
            .flatten()
            && digits.len() >= FEWEST_DIGITS
        {
            // A bracket around the number and its label is not the number's.
            let is_open = number.first() == Some(&'(') && !number.contains(&')');
            let from = at + usize::from(is_open);
            let written = original.get(from..end).unwrap_or_default().iter().collect();
            found.push(Telephone { label, written, digits });
        }
        label_from = end;
        at = end;
    }
    found
}

/// `TEL 03-1234-5678 / 090-1234-5678`: the second number has the label of the first.
fn repeated(found: &[Telephone], between: &str) -> Option<Option<TelephoneLabel>> {
    let joins = between.chars().all(|c| " /,、・・|".contains(c)) && !between.is_empty();
    found.last().filter(|_| joins).map(|last| Some(last.label))
}

/// Whether a number needs no label to be a telephone number: as long as one, written with dashes
/// or brackets, and after nothing that says what else it is.
fn is_unlabelled(digits: &str, number: &[char], between: &str) -> bool {
    let international = digits.starts_with('+');
    let length = digits.trim_start_matches('+').len();
    let in_range = international && (10..=13).contains(&length)
        || digits.starts_with('0') && (10..=11).contains(&length);
    let has_signs = number.iter().any(|c| is_dash(*c) || *c == '(') || international;
    let is_other = ["番号", "コード", "No", "NO", "ID", "〒", "口座", "/", "="];
    in_range && has_signs && !is_other.iter().any(|other| between.contains(other))
}

/// What may not stand right before an unlabelled number: it would be part of something longer.
fn is_glue(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.' | '_' | '=' | '@')
}

fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'
            | '\u{2011}'
            | '\u{2012}'
            | '\u{2013}'
            | '\u{2014}'
            | '\u{2015}'
            | '\u{2212}'
            | 'ー'
            | '─'
            | '~'
            | '\u{301C}'
            | '･'
    )
}

/// End of the number that begins at `at`: digits with dashes, brackets, dots and single blanks.
fn number_end(chars: &[char], at: usize) -> Option<usize> {
    let first = *chars.get(at)?;
    let opens = first == '+'
        || first == '(' && chars.get(at + 1).is_some_and(|c| c.is_ascii_digit() || *c == '+');
    if !first.is_ascii_digit() && !opens {
        return None;
    }
    // How many digits a number has before a blank can end it; abroad they have more.
    let is_abroad = first == '+' && !matches!(chars.get(at + 1..at + 3), Some(['8', '1']));
    let enough = if is_abroad { 12 } else { 9 };
    let mut end = at;
    let mut count = 0usize;
    for (i, c) in chars.iter().enumerate().skip(at).take(LONGEST_NUMBER) {
        let next = chars.get(i + 1).copied().unwrap_or_default();
        let goes_on = next.is_ascii_digit();
        match c {
            '0'..='9' => {
                count += 1;
                end = i + 1;
            }
            '+' if i == at || i == at + 1 && first == '(' => {}
            '(' if goes_on || next == '+' => {}
            ')' if goes_on || next == ' ' || is_dash(next) => {}
            '.' if goes_on => {}
            // A blank inside belongs to the number until it is long enough for one.
            ' ' if count < enough && (goes_on || next == '(' || is_dash(next)) => {}
            c if is_dash(*c) && (goes_on || next == ' ' && count < enough || next == '(') => {}
            _ => break,
        }
    }
    (count >= 4).then_some(end)
}

const LONGEST_NUMBER: usize = 32;

/// ASCII digits, with a leading `+`.
fn digits(number: &[char]) -> String {
    let plus = number.iter().find(|c| !matches!(c, '(' | ' ')) == Some(&'+');
    let mut digits = String::from(if plus { "+" } else { "" });
    digits.extend(number.iter().filter(|c| c.is_ascii_digit()));
    digits
}

/// What the text before a number says of it. `None`: nothing. `Some(None)`: it is no telephone
/// number, an extension or something else with a name.
fn label(between: &str) -> Option<Option<TelephoneLabel>> {
    let text = between.to_lowercase();
    // `T 03-… / F 03-…`: a letter alone, right before the number.
    match text.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next() {
        Some("t" | "m" | "p") => return Some(Some(TelephoneLabel::Telephone)),
        Some("f") => return Some(Some(TelephoneLabel::Fax)),
        _ => {}
    }
    let Last { telephone, fax, other, number } = Last::find(&text);
    // `電話番号` is a label of telephone numbers, `お客様番号` is not.
    let ends = [telephone, fax].into_iter().flatten().map(|(_, end)| end).max();
    let other = other.or_else(|| {
        let (start, end) = number?;
        let gap = text.get(ends.unwrap_or_default()..start).unwrap_or_default();
        (ends.is_none() || !gap.trim().is_empty()).then_some((start, end))
    });
    let newest = [telephone, fax, other].into_iter().flatten().max()?;
    if other == Some(newest) {
        return Some(None);
    }
    let both = match (telephone, fax) {
        (Some(a), Some(b)) => {
            // `TEL/FAX`: only signs between the two.
            let between = text.get(a.1.min(b.1)..a.0.max(b.0)).unwrap_or_default();
            let between = between.trim();
            between.chars().all(|c| " /・･&,、|+()と:".contains(c))
                || ["または", "又は", "および", "及び", "or", "and"].contains(&between)
        }
        _ => false,
    };
    Some(Some(match newest {
        _ if both => TelephoneLabel::TelephoneAndFax,
        newest if fax == Some(newest) => TelephoneLabel::Fax,
        _ => TelephoneLabel::Telephone,
    }))
}

/// Where labels of each kind stand last: start and end.
#[derive(Default)]
struct Last {
    telephone: Option<(usize, usize)>,
    fax: Option<(usize, usize)>,
    other: Option<(usize, usize)>,
    /// `番号`, of whatever.
    number: Option<(usize, usize)>,
}

impl Last {
    /// Labels of ASCII letters must be words.
    fn find(text: &str) -> Last {
        let mut last = Last::default();
        let Some(labels) = LABELS.as_ref() else { return last };
        let bytes = text.as_bytes();
        let is_letter = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric)
        };
        for found in labels.find_overlapping_iter(text) {
            let (start, end) = (found.start(), found.end());
            let is_ascii = bytes.get(start).is_some_and(u8::is_ascii_alphabetic);
            if is_ascii && (is_letter(start.checked_sub(1)) || is_letter(Some(end))) {
                continue;
            }
            let number = found.pattern().as_usize();
            let kind = match number.checked_sub(TELEPHONE.len()) {
                None => &mut last.telephone,
                Some(n) if n < FAX.len() => &mut last.fax,
                Some(n) if n < FAX.len() + OTHER.len() => &mut last.other,
                Some(_) => &mut last.number,
            };
            *kind = (*kind).max(Some((start, end)));
        }
        last
    }
}

/// All labels, found in one pass: those of telephones, of fax, of others, and `番号`. `None` where it
/// could not be built, which their number makes impossible.
static LABELS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let labels = TELEPHONE.iter().chain(FAX).chain(OTHER).chain(&["番号"]);
    // Of the kinds it is the one that takes little memory.
    AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(labels).ok()
});

const TELEPHONE: &[&str] = &[
    "tel",
    "telephone",
    "phone",
    "mobile",
    "cell",
    "direct",
    "voice",
    "office",
    "ナビダイヤル",
    "電話",
    "テレフォン",
    "テレホン",
    "携帯",
    "ケータイ",
    "直通",
    "代表",
    "フリーダイヤル",
    "フリーコール",
    "t:",
    "m:",
    "p:",
    "t.",
    "m.",
    "ph:",
    "☎",
    "☏",
    "📞",
    "📱",
];

const FAX: &[&str] =
    &["fax", "facsimile", "ファックス", "ファクス", "ファクシミリ", "ファツクス", "f:", "f.", "📠"];

/// Labels of numbers that are none to call.
const OTHER: &[&str] = &[
    "内線",
    "ext",
    "extension",
    "法人番号",
    "登録番号",
    "口座",
    "〒",
    "郵便番号",
    "社員番号",
    "会員番号",
    "受付番号",
    "許可番号",
    "番号制度",
    "zip",
    "postal",
    "isbn",
    "issn",
    "jan",
    "注文",
    "伝票",
];

/// Postal codes, seven digits: after 〒, or written with their dash and nothing around.
pub(super) fn postal_codes(folded: &str) -> Vec<String> {
    if folded.bytes().filter(u8::is_ascii_digit).take(7).count() < 7 {
        return Vec::new();
    }
    let chars: Vec<char> = folded.chars().collect();
    let mut found = Vec::new();
    for at in 0..chars.len() {
        let before = at.checked_sub(1).and_then(|i| chars.get(i)).copied().unwrap_or(' ');
        if before.is_ascii_digit() || is_dash(before) || before == '+' || found.len() >= MOST {
            continue;
        }
        let Some(([a, b, c], rest)) = chars.get(at..).and_then(|s| s.split_first_chunk::<3>())
        else {
            break;
        };
        let (has_dash, rest) = match rest {
            [dash, rest @ ..] if is_dash(*dash) => (true, rest),
            rest => (false, rest),
        };
        let Some(([d, e, f, g], rest)) = rest.split_first_chunk::<4>() else { continue };
        let digits = [a, b, c, d, e, f, g];
        let ends = !rest.first().is_some_and(|c| c.is_ascii_digit() || is_dash(*c));
        let is_marked =
            chars.get(..at).unwrap_or_default().iter().rev().find(|c| !c.is_whitespace())
                == Some(&'〒');
        let is_alone = has_dash && (at == 0 || before == '(');
        if ends && (is_marked || is_alone) && digits.iter().all(|c| c.is_ascii_digit()) {
            found.push(digits.into_iter().collect());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::folded;
    use super::*;

    #[test]
    fn addresses_in_every_spelling() {
        for line in [
            "E-mail: taro@example.jp",
            "ＴＡＲＯ＠ＥＸＡＭＰＬＥ．ＪＰ",
            "メールtaro@example.jp",
            "taro [at] example.jp",
            "taro(at)example[dot]jp",
            "<Taro@Example.JP>",
            "taro @ example.jp",
            "mail:taro★example.jp",
        ] {
            assert_eq!(addresses(&folded(line)), ["taro@example.jp"], "{line}");
        }
        assert!(addresses("@example a@b @").is_empty());
    }

    /// Checks the numbers of a line, `label digits` each.
    fn check(line: &str, expected: &[&str]) {
        let found = telephones(&folded(line), line);
        let found: Vec<String> =
            found.iter().map(|t| format!("{:?} {}", t.label, t.digits)).collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn labels_of_telephones() {
        for line in [
            "TEL:03-1234-5678",
            "Ｔｅｌ　０３\u{2212}１２３４\u{2212}５６７８",
            "電話 03(1234)5678",
            "ﾃﾚﾌｫﾝ 03-1234-5678",
            "℡ 03 1234 5678",
            "直通：03-1234-5678",
            "代表 (03) 1234-5678",
            "T: 03.1234.5678",
            "Phone 03ー1234ー5678",
            "電話番号：０３\u{2010}１２３４\u{2010}５６７８（代表）",
        ] {
            check(line, &["Telephone 0312345678"]);
        }
        check(
            "携帯：090-1234-5678 Mobile +81-90-1234-5678",
            &["Telephone 09012345678", "Telephone +819012345678"],
        );
    }

    #[test]
    fn labels_of_fax() {
        for line in [
            "FAX 03-1234-5678",
            "ﾌｧｯｸｽ：03-1234-5678",
            "ＦＡＸ:０３－１２３４－５６７８",
            "F: 03-1234-5678",
        ] {
            check(line, &["Fax 0312345678"]);
        }
        check("T 03-1234-5678 / F 03-1234-5679", &["Telephone 0312345678", "Fax 0312345679"]);
        check("TEL 03-1234-5678 / FAX 03-1234-5679", &["Telephone 0312345678", "Fax 0312345679"]);
        check(
            "TEL 03-1234-5678（内線 1234） FAX 03-1234-5679",
            &["Telephone 0312345678", "Fax 0312345679"],
        );
    }

    #[test]
    fn one_label_for_both() {
        for line in [
            "TEL/FAX 03-1234-5678",
            "電話・FAX：03-1234-5678",
            "ＴＥＬ＆ＦＡＸ　03-1234-5678",
            "電話(FAX兼用) 03-1234-5678",
        ] {
            check(line, &["TelephoneAndFax 0312345678"]);
        }
    }

    #[test]
    fn numbers_without_a_label() {
        check("03-1234-5678", &["None 0312345678"]);
        check("+81 3 1234 5678", &["None +81312345678"]);
        check("Tel +44 (0)1383 411 234", &["Telephone +4401383411234"]);
        check("TEL 03-1234-5678 / 03-1234-5679", &["Telephone 0312345678", "Telephone 0312345679"]);
    }

    #[test]
    fn numbers_that_cannot_exist_come_out_where_they_are_labelled() {
        check("TEL 03-1234-567", &["Telephone 031234567"]);
        check("TEL 12345-6789-0123", &["Telephone 1234567890123"]);
    }

    #[test]
    fn other_numbers() {
        for line in [
            "〒100-0001 東京都千代田区1-2-3",
            "法人番号 1234567890123",
            "2026年11月20日 10:00",
            "内線 12345",
            "https://example.jp/03-1234-5678",
            "No.0123456789-01",
            "2026-11-20",
            "ISBN 978-4-00-000000-0",
            "お客様番号 0123456789",
            "電話でお申し込みの方はお客様番号 012345678901 をお知らせください",
        ] {
            check(line, &[]);
        }
    }

    #[test]
    fn written_keeps_the_width() {
        let line = "Tel　０３\u{2212}１２３４\u{2212}５６７８";
        assert_eq!(
            telephones(&folded(line), line)[0].written,
            "０３\u{2212}１２３４\u{2212}５６７８"
        );
    }

    #[test]
    fn postal_codes_in_every_spelling() {
        for line in [
            "〒100-0001 東京都",
            "〒 １００－０００１",
            "〒1000001",
            "100-0001 東京都",
            "(100-0001)",
        ] {
            assert_eq!(postal_codes(&folded(line)), ["1000001"], "{line}");
        }
        for line in ["TEL 100-0001", "100-0001-2", "03-100-0001", "1000001"] {
            assert!(postal_codes(line).is_empty(), "{line}");
        }
    }
}
