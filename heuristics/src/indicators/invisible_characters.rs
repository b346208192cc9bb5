//! Characters that nobody sees, in the middle of words or URLs.
//!
//! They are put between the letters of 「ご利用」 or of a brand so that filters do not find the word a
//! person reads. Innocent, and so silent: emoji that are joined, variation selectors, joiners in
//! the scripts that need them, a byte order mark at the start, the row of `&zwnj;&nbsp;` behind a
//! newsletter's preheader; all of them stand beside blanks, signs or letters of such a script, not
//! between two letters. A soft hyphen needs a Latin letter or Japanese beside it, because UTF-8 that
//! was read as Latin-1 is full of them. Names of files have `rlo-file-name`.
//!
//! Tag characters and bidi overrides count anywhere. Flags of countries within countries are written
//! with tag characters, and are none of those.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "invisible-characters",
    clause: None,
    group: Group::Text,
    // Copying from web pages leaves some behind.
    points: 15,
    says: Words {
        ja: "件名や本文の単語またはURLの途中に、目に見えない文字が入っています（{evidence}）。",
        en: "Words or URLs hold characters that cannot be seen ({evidence}).",
    },
    means: Words {
        ja: "単語やURLの途中に幅のない文字などを入れると、見た目は変わらないまま、迷惑メールの検査を\
             すり抜けやすくなります。通常の日本語や英語の文章では、単語の途中に使う必要のない文字です。\
             ウェブページから貼り付けた文章に残っていることもあります。",
        en: "Zero-width and similar characters inside words leave the look unchanged and help a mail \
             past filters. Ordinary Japanese and English text has no use for them inside words. Text \
             pasted from a web page may hold some by accident.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let names = mail.from().iter().map(|from| from.name.as_str());
    let texts = mail.texts().iter().map(|text| text.content.as_str());
    let prose = [mail.subject()].into_iter().chain(names).chain(texts);
    let mut found = Found::default();
    for text in prose {
        search(text, &mut found);
    }
    for link in mail.links() {
        search_url(&link.written, &mut found);
    }
    found.evidence()
}

/// What was found: the first place, in words, and how many there are.
#[derive(Default)]
struct Found {
    first: Option<String>,
    count: usize,
}

impl Found {
    fn add(&mut self, words: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.is_none() {
            self.first = Some(words());
        }
    }

    fn evidence(self) -> Option<Evidence> {
        let first = self.first?;
        Some(match self.count {
            1 => Evidence::new(first),
            count => Evidence::new(format!("{first} …×{count}")),
        })
    }
}

/// Looks at text a person reads.
fn search(text: &str, found: &mut Found) {
    if !may_hold_suspicious(text) {
        return;
    }
    let mut left = None;
    let mut chars = text.char_indices().take(LONGEST_TEXT);
    while let Some((at, c)) = chars.next() {
        if !is_suspicious(c) {
            // Selectors change the look of what they follow and are no letters.
            if !is_selector(c) {
                left = Some(c);
            }
            continue;
        }
        if is_tag(c) || is_override(c) {
            let is_flag = is_tag(c) && left == Some(BLACK_FLAG);
            if !is_flag {
                found.add(|| around(text, at));
            }
            continue;
        }
        // One place, however many characters were put there.
        let (mut soft_only, mut right) = (c == SOFT_HYPHEN, None);
        for (at, next) in chars.by_ref() {
            if is_tag(next) || is_override(next) {
                found.add(|| around(text, at));
            } else if is_suspicious(next) {
                soft_only &= next == SOFT_HYPHEN;
            } else if !is_selector(next) {
                right = Some(next);
                break;
            }
        }
        let inside = left.zip(right).is_some_and(|(left, right)| {
            is_letter(left)
                && is_letter(right)
                && !(soft_only && (is_misread(left) || is_misread(right)))
        });
        if inside {
            found.add(|| around(text, at));
        }
        left = right;
    }
}

/// Looks at the target of a link. What is pasted with a blank of no width at its end still leads
/// where it says.
fn search_url(url: &str, found: &mut Found) {
    if url.is_ascii() {
        return;
    }
    let inner = url.trim_matches(|c: char| is_suspicious(c) || c.is_whitespace());
    let inside = inner.char_indices().find(|&(_, c)| is_suspicious(c) && !needs_joiner_near(inner));
    if let Some((at, _)) = inside {
        found.add(|| around(inner, at));
    }
}

/// Characters round `at`, back to the blank before and on to the blank after, within bounds.
fn around(text: &str, at: usize) -> String {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let start = before
        .char_indices()
        .rev()
        .take(SHOWN)
        .take_while(|(_, c)| !c.is_whitespace())
        .last()
        .map_or(at, |(start, _)| start);
    let after = after.chars().take(SHOWN).take_while(|c| !c.is_whitespace());
    before.get(start..).unwrap_or_default().chars().chain(after).collect()
}

/// Whether bytes are there with which a suspicious character begins in UTF-8: a pass of many bytes
/// at a time where [`search`] takes some instructions for each character.
fn may_hold_suspicious(text: &str) -> bool {
    let bytes = text.as_bytes();
    let seconds = bytes.get(1..).unwrap_or_default();
    let thirds = bytes.get(2..).unwrap_or_default();
    // Two bytes are enough for all but the quotation marks and dashes of every other text.
    let two = bytes.iter().zip(seconds).fold(false, |any, (first, second)| {
        any | (*first == 0xC2) & (*second == 0xAD)
            | matches!(first, 0xCD | 0xD8 | 0xE1 | 0xF3..)
            | (*first == 0xE2) & (*second == 0x81)
            | (*first == 0xE3) & (*second == 0x85)
            | (*first == 0xEF) & (*second >= 0xBB)
    });
    let three = || {
        let first_two = bytes.iter().zip(seconds);
        first_two.zip(thirds).fold(false, |any, ((first, second), third)| {
            any | (*first == 0xE2) & (*second == 0x80) & matches!(third, 0x8B..=0x8F | 0xAA..=0xAE)
        })
    };
    two || three()
}

/// Characters that are not seen and whose place decides whether they are innocent.
fn is_suspicious(c: char) -> bool {
    // Nearly every character of mail is told apart by these two comparisons.
    if c < SOFT_HYPHEN || ('\u{3165}'..='\u{FEFE}').contains(&c) {
        return false;
    }
    matches!(c,
        SOFT_HYPHEN | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}')
        || is_tag(c)
}

fn is_tag(c: char) -> bool {
    ('\u{E0000}'..='\u{E007F}').contains(&c)
}

fn is_override(c: char) -> bool {
    matches!(c, '\u{202D}' | '\u{202E}')
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{E0100}'..='\u{E01EF}')
}

/// A letter or digit of a script that needs nothing invisible.
fn is_letter(c: char) -> bool {
    (c.is_alphanumeric() || c == 'ー') && !needs_joiner(c)
}

/// Scripts in which joiners, direction marks or word separators are part of spelling.
fn needs_joiner(c: char) -> bool {
    matches!(c,
        // Hebrew, Arabic, Syriac, Thaana, N'Ko.
        '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
        // Scripts of India, Thai, Lao, Tibetan, Burmese.
        | '\u{0900}'..='\u{109F}'
        // Old Hangul, whose fillers stand for a missing letter.
        | '\u{1100}'..='\u{11FF}'
        // Khmer, Mongolian, and the smaller scripts after them.
        | '\u{1780}'..='\u{18AF}' | '\u{1900}'..='\u{1CFF}' | '\u{A800}'..='\u{ABFF}')
}

fn needs_joiner_near(text: &str) -> bool {
    text.chars().any(needs_joiner)
}

/// A letter that UTF-8 read as windows-1252 is made of, with a soft hyphen for its last byte.
fn is_misread(c: char) -> bool {
    matches!(
        c,
        '\u{0080}'
            ..='\u{00BF}'
                | 'Â'
                | 'Ã'
                | 'â'
                | 'ã'
                | 'ä'
                | 'å'
                | 'æ'
                | 'ç'
                | 'è'
                | 'é'
                | 'ƒ'
                | 'Œ'
                | 'œ'
                | 'Š'
                | 'š'
                | 'Ž'
                | 'ž'
                | 'Ÿ'
                | 'ˆ'
                | '˜'
    )
}

const SOFT_HYPHEN: char = '\u{AD}';

/// What the flags of England, Scotland and Wales begin with.
const BLACK_FLAG: char = '\u{1F3F4}';

/// Characters of one text that are looked at: more than anybody reads.
const LONGEST_TEXT: usize = 20_000;

/// Characters shown on either side.
const SHOWN: usize = 12;

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use super::{is_suspicious, may_hold_suspicious};
    use crate::indicator::check::{fires, silent};

    fn body(text: &str) -> String {
        format!(
            "From: a@example.com\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        )
    }

    fn html(text: &str) -> String {
        format!(
            "From: a@example.com\nSubject: x\nContent-Type: text/html; charset=utf-8\n\n{text}\n"
        )
    }

    #[test]
    fn no_suspicious_character_is_passed_over() {
        for c in ('\0'..=char::MAX).filter(|c| is_suspicious(*c)) {
            assert!(
                may_hold_suspicious(&format!("a{c}b")) && may_hold_suspicious(&c.to_string()),
                "{c:?}"
            );
        }
        assert!(!may_hold_suspicious("\u{201C}a\u{201D} \u{2013} \u{A0}「あア漢。」"));
    }

    #[test]
    fn fires_inside_words() {
        for (text, shown) in [
            ("ご利\u{200B}用の皆様", "ご利\\u{200B}用の皆様"),
            ("ア\u{200C}カウント", "ア\\u{200C}カウント"),
            ("ア\u{200D}カウント", "ア\\u{200D}カウント"),
            ("Your pass\u{AD}word", "pass\\u{00AD}word"),
            ("確\u{AD}認", "確\\u{00AD}認"),
            ("暗号\u{2060}資産", "暗号\\u{2060}資産"),
            ("送\u{2064}金", "送\\u{2064}金"),
            ("pay\u{FEFF}ment", "pay\\u{FEFF}ment"),
            ("Ama\u{3164}zon", "Ama\\u{3164}zon"),
            ("Ama\u{FFA0}zon", "Ama\\u{FFA0}zon"),
            ("Ama\u{034F}zon", "Ama\\u{034F}zon"),
            ("1\u{200E}2\u{200F}3", "1\\u{200E}2\\u{200F}3 …×2"),
            ("カ\u{200B}\u{200B}\u{FE09}ード", "カ\\u{200B}\\u{200B}\u{FE09}ード"),
            ("サーバ\u{200B}ー", "サーバ\\u{200B}ー"),
        ] {
            assert_eq!(fires(&INDICATOR, body(text)), shown);
        }
        assert_eq!(
            fires(&INDICATOR, html("<p>Net&zwnj;flix&#8203;</p>")),
            "Net\\u{200C}flix\\u{200B}"
        );
    }

    #[test]
    fn fires_in_subject_name_and_urls() {
        let head = |head: &str| format!("{head}\n\nx\n");
        fires(&INDICATOR, head("Subject: ご利\u{200B}用の確認"));
        fires(&INDICATOR, head("From: カー\u{2060}ド <a@example.com>"));
        fires(&INDICATOR, body("https://exam\u{200B}ple.com/"));
        fires(&INDICATOR, html("<a href='https://example&#8203;.com/'>a</a>"));
    }

    #[test]
    fn tag_characters_and_overrides_count_anywhere() {
        fires(&INDICATOR, body("a \u{E0041}\u{E0042} b"));
        fires(&INDICATOR, body("a \u{202E} b"));
        fires(&INDICATOR, body(" \u{202D}12 "));
        fires(&INDICATOR, body("a \u{200B}\u{202E} b"));
    }

    #[test]
    fn silent_where_something_needs_them() {
        for text in [
            "家族 👨\u{200D}👩\u{200D}👧 と 👩\u{200D}💻、🏳\u{FE0F}\u{200D}🌈、❤\u{FE0F}",
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
            "葛\u{E0100}城市、辻\u{E0101}さん、神\u{FE00}",
            "می\u{200C}خواهم",
            "क्\u{200D}ष",
            "ภาษา\u{200B}ไทย",
            "שלום\u{200F}אבג",
            "\u{2068}Taro\u{2069} さん、\u{202A}+81 3 1234 5678\u{202C}",
        ] {
            silent(&INDICATOR, body(text));
        }
    }

    #[test]
    fn silent_for_other_blanks_and_marks() {
        for text in [
            "東京\u{3000}太郎 10\u{A0}000\u{202F}円、a\u{2009}b",
            "か\u{3099}く\u{3099}、は\u{309A}",
            "\u{FEFF}お世話になっております。",
            "終わり。\u{200B}次の文です。\u{FEFF}",
            "a\u{200B} b \u{200B}c",
            "user@\u{200B}example.com",
        ] {
            silent(&INDICATOR, body(text));
        }
        silent(&INDICATOR, html("<a href='https://example.com/&#8203;'>a</a>"));
    }

    #[test]
    fn silent_for_a_preheaders_padding() {
        silent(
            &INDICATOR,
            html(&format!(
                "<div>夏のセール{}</div><div>こんにちは</div>",
                "&zwnj;&nbsp;&#847;&#8199;&shy;".repeat(80)
            )),
        );
        silent(&INDICATOR, html("<div>夏のセール&zwnj;&zwnj;&shy;</div><p>こんにちは</p>"));
    }

    #[test]
    fn silent_for_misread_utf_8() {
        silent(&INDICATOR, body("\u{E3}\u{192}\u{AD}\u{E3}\u{201A}\u{B0}"));
        silent(&INDICATOR, body("Ã\u{AD}ndice, espaÃ±ol, cafÃ\u{AD}a"));
    }

    #[test]
    fn nonsense_is_survived() {
        silent(&INDICATOR, "");
        silent(&INDICATOR, body("\u{200B}"));
        silent(&INDICATOR, body(&"\u{200B}".repeat(50_000)));
        fires(&INDICATOR, body(&"a\u{200B}".repeat(50_000)));
    }
}
