//! A word is written with letters of two alphabets that look alike.
//!
//! `Amazon` with a Cyrillic first letter reads the same to a person and as another word to a filter.
//! Innocent: technical notation with single Greek letters (µs, Ω, Δx), which is why it takes a Latin
//! word of four letters or more, and a Cyrillic, Armenian or Cherokee letter, or a Greek one that
//! looks Latin.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

/// A Latin word holds foreign letters that look Latin.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "mixed-script-words",
    clause: None,
    group: Group::Text,
    // Made to slip past filters; multilingual text may slip once.
    points: 30,
    says: Words {
        ja: "「{evidence}」には、英字に似せた別の文字体系の文字が混ざっています。",
        en: "The word “{evidence}” mixes Latin letters with look-alikes of another alphabet.",
    },
    means: Words {
        ja: "英単語や会社名の一部が、見た目のよく似たキリル文字などに置き換えられています。\
             検索や迷惑メール対策をすり抜けるための偽装で、通常の文章ではまず起こりません。",
        en: "Part of a word or company name is written with Cyrillic or other letters that look like \
             Latin ones. It is a disguise to slip past filters; honest writing hardly ever has it.",
    },
    look,
};

fn look(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let texts = mail.texts().iter().filter(|text| text.message == 0).map(|text| {
        let own = text.own();
        own.get(..own.floor_char_boundary(MAX_BYTES)).unwrap_or_default()
    });
    let names = mail.from().iter().map(|from| from.name.as_str());
    let mut shown = std::iter::once(mail.subject()).chain(names).chain(texts);
    shown.find_map(mixed).map(Evidence::new)
}

fn mixed(text: &str) -> Option<String> {
    if !may_hold_lookalike(text) {
        return None;
    }
    let words = text.split(|c: char| !c.is_alphabetic() || is_of_japan(c));
    words.filter(|word| !word.is_ascii()).find(|word| is_mixed(word)).map(written_out)
}

/// Whether a byte is there with which [`LOOKALIKES`] begin in UTF-8: a pass of a few bytes at a time
/// where the rest takes some instructions for each character.
fn may_hold_lookalike(text: &str) -> bool {
    text.bytes().fold(false, |any, b| any | matches!(b, 0xCE..=0xD6 | 0xE1))
}

fn is_mixed(word: &str) -> bool {
    let (mut latin, mut alike, mut others) = (0_usize, 0_usize, 0_usize);
    for c in word.chars() {
        match c {
            'A'..='Z' | 'a'..='z' => latin += 1,
            c if is_lookalike(c) => alike += 1,
            _ => others += 1,
        }
    }
    // `Linux-ядро` and `USBшный` are made of two words; a disguise swaps a letter or two.
    alike > 0 && others == 0 && latin + alike >= 4 && latin >= alike
}

/// The word, and which letters are not what they seem.
fn written_out(word: &str) -> String {
    let foreign: Vec<String> = word
        .chars()
        .filter(|c| is_lookalike(*c))
        .take(4)
        .map(|c| format!("U+{:04X}", u32::from(c)))
        .collect();
    format!("{word} ({})", foreign.join(" "))
}

/// Letters of other alphabets that read as Latin ones.
fn is_lookalike(c: char) -> bool {
    LOOKALIKES.contains(&c)
}

/// Kana, kanji and the like stand beside Latin letters without a blank.
fn is_of_japan(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..)
}

/// Cyrillic, Greek, Armenian and Cherokee letters that look Latin.
const LOOKALIKES: &[char] = &[
    '\u{0391}', '\u{0392}', '\u{0395}', '\u{0396}', '\u{0397}', '\u{0399}', '\u{039A}', '\u{039C}',
    '\u{039D}', '\u{039F}', '\u{03A1}', '\u{03A4}', '\u{03A5}', '\u{03A7}', '\u{03BF}', '\u{03C1}',
    '\u{0405}', '\u{0406}', '\u{0408}', '\u{0410}', '\u{0412}', '\u{0415}', '\u{041A}', '\u{041C}',
    '\u{041D}', '\u{041E}', '\u{0420}', '\u{0421}', '\u{0422}', '\u{0423}', '\u{0425}', '\u{0430}',
    '\u{0435}', '\u{043A}', '\u{043E}', '\u{043F}', '\u{0440}', '\u{0441}', '\u{0443}', '\u{0445}',
    '\u{0455}', '\u{0456}', '\u{0458}', '\u{04BB}', '\u{04CF}', '\u{0501}', '\u{051B}', '\u{051D}',
    '\u{0555}', '\u{0570}', '\u{0578}', '\u{057D}', '\u{0585}', '\u{13A0}', '\u{13AC}', '\u{13B3}',
    '\u{13DF}', '\u{13E2}',
];

/// Bytes read of each text.
const MAX_BYTES: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn mail(text: &str) -> String {
        format!("From: a@example.com\nContent-Type: text/plain; charset=utf-8\n\n{text}\n")
    }

    #[test]
    fn no_lookalike_is_passed_over() {
        assert!(LOOKALIKES.iter().all(|c| may_hold_lookalike(&c.to_string())));
        assert!(!may_hold_lookalike("Amazonのお知らせ é"));
    }

    #[test]
    fn fires_for_swapped_letters() {
        assert_eq!(
            fires(&INDICATOR, mail("お客様の\u{0410}mazonアカウント")),
            "\u{0410}mazon (U+0410)"
        );
        fires(&INDICATOR, mail("Verify your p\u{0430}ssw\u{043E}rd"));
        fires(&INDICATOR, mail("y\u{03BF}ur bank"));
        fires(&INDICATOR, "Subject: P\u{0430}yment\n\nx\n");
    }

    #[test]
    fn silent_for_honest_scripts() {
        for text in [
            "Amazon",
            "アマゾンAmazonです",
            "caf\u{E9} na\u{EF}ve Stra\u{DF}e",
            "\u{041F}\u{0440}\u{0438}\u{0432}\u{0435}\u{0442}, Linux",
            "\u{03B1}\u{03B2}\u{03B3} test",
            "10 \u{00B5}s, \u{03A9}, \u{0394}x, \u{03C3}test",
            "USB\u{0448}\u{043D}\u{044B}\u{0439}",
            "Ａｍａｚｏｎ",
        ] {
            silent(&INDICATOR, mail(text));
        }
    }
}
