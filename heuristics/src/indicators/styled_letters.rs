//! The subject or the sender's name is written with mathematical, circled or struck-through letters.
//!
//! They read as bold or fancy text to a person and as no word at all to a filter. Innocent: social
//! media habits in advertising. Full-width letters and circled digits are everyday Japanese and do
//! not count; nor does a single letter, as formulas and trade marks have it.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

/// A word of letters that are no plain letters.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "styled-letters",
    clause: None,
    group: Group::Text,
    // Advertising does it for show.
    points: 20,
    says: Words {
        ja: "件名または差出人名に、装飾文字で書かれた語があります（{evidence}）。",
        en: "The subject or the sender's name is written with ornamental letters ({evidence}).",
    },
    means: Words {
        ja: "通常の英字の代わりに、数学用の太字や丸囲み、打ち消し線付きの文字が使われています。\
             人には読めても検査では語として認識されないため、迷惑メール対策をすり抜ける目的でよく使われます。\
             広告メールで飾りとして使われることもあります。",
        en: "In place of plain letters stand mathematical bold, circled or struck-through ones. A person \
             reads them, a filter does not, which is why bait uses them. Advertising sometimes does for show.",
    },
    look,
};

fn look(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let names = mail.from().iter().map(|from| from.name.as_str());
    std::iter::once(mail.subject()).chain(names).find_map(styled).map(Evidence::new)
}

/// The first word with at least [`LETTERS`] styled letters, with its neighbours.
fn styled(text: &str) -> Option<&str> {
    if text.is_ascii() {
        return None;
    }
    let (mut count, mut start) = (0_usize, 0_usize);
    let mut last = '\n';
    for (at, c) in text.char_indices() {
        let is_struck = is_overlay(c) && last.is_alphabetic();
        if is_ornamental(c) || is_struck {
            if count == 0 {
                start = at;
            }
            count += 1;
            if count == LETTERS {
                let from = text.floor_char_boundary(start.saturating_sub(usize::from(is_struck)));
                return text.get(from..);
            }
        } else if !c.is_alphanumeric() {
            count = 0;
        }
        last = c;
    }
    None
}

/// Letters of the blocks Mathematical Alphanumeric Symbols, Enclosed Alphanumerics and their
/// Supplement; digits in circles are left out.
fn is_ornamental(c: char) -> bool {
    matches!(c, '\u{1D400}'..='\u{1D7CB}' | '\u{24B6}'..='\u{24E9}' | '\u{1F130}'..='\u{1F189}')
}

/// Strokes laid over the letter before them.
fn is_overlay(c: char) -> bool {
    matches!(c, '\u{0334}'..='\u{0338}')
}

/// Fewest styled letters of one word.
const LETTERS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn mail(subject: &str) -> String {
        format!("From: a@example.com\nSubject: {subject}\n\nx\n")
    }

    #[test]
    fn fires_for_words_of_ornamental_letters() {
        for subject in [
            "\u{1D40E}\u{1D429}\u{1D41E}\u{1D427} now",
            "Win \u{24E6}\u{24D8}\u{24DD}",
            "C\u{0337}a\u{0337}s\u{0337}h",
        ] {
            fires(&INDICATOR, mail(subject));
        }
        fires(
            &INDICATOR,
            "From: \u{1D5DA}\u{1D5F2}\u{1D601} it <a@example.com>\nSubject: x\n\nx\n",
        );
    }

    #[test]
    fn silent_for_japanese_and_for_signs() {
        for subject in [
            "ＡＢＣ株式会社より①②③のご案内",
            "㈱山田 ㊙ Ⅲ期 ℡",
            "\u{1D465} + \u{1D466} について",
            "Café déjà vu",
            "\u{24C7} registered",
        ] {
            silent(&INDICATOR, mail(subject));
        }
    }
}
