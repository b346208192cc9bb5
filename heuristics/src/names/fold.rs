//! The forms in which names are compared: what a hurried reader takes for the same.
//!
//! Hosts: [`skeleton`] of a label's letters and digits, [`latin`] for labels in other scripts.
//! Texts: [`squash`], and [`alike`] for what passes for the same letter. Skeletons are compared with skeletons only: `m` and `rn` have one, and so
//! have `i`, `l` and `1`.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_canonical;

use crate::indicator::is_unshowable;

/// What is left of a label when look-alikes are one: `arnaz0n` and `amazon` have the same.
pub(super) fn skeleton(label: &str) -> String {
    let mut out = String::with_capacity(label.len());
    for folded in label.chars().map(alike) {
        let pair = match (out.as_bytes().last(), folded) {
            (Some(b'r'), 'n') => Some('m'),
            (Some(b'v'), 'v') => Some('w'),
            (Some(b'c'), 'l') => Some('d'),
            _ => None,
        };
        match pair {
            Some(one) => {
                out.pop();
                out.push(one);
            }
            None => out.push(folded),
        }
    }
    out
}

/// A label of another script as Latin letters that look like it, where all of it does; `None`
/// where a character looks like none. Marks over letters are left out.
pub(super) fn latin(label: &str) -> Option<String> {
    let mut out = String::with_capacity(label.len());
    for c in label.nfkd() {
        if is_mark(c) || is_unshowable(c) {
            continue;
        }
        let c = c.to_lowercase().next().unwrap_or(c);
        match c {
            'a'..='z' | '0'..='9' | '-' | '_' => out.push(c),
            other => out.push(look_alike(other)?),
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Letters and digits that are one to a hurried reader; as many bytes as before.
pub(super) fn alike(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | 'i' => 'l',
        '3' => 'e',
        '5' => 's',
        '8' => 'b',
        c => c,
    }
}

/// A text without what does not count when names are compared: case, width, style, blanks,
/// punctuation, accents, marks drawn over letters, invisible characters.
#[derive(Debug, Default)]
pub(super) struct Squashed {
    /// What is left.
    pub(super) text: String,
    /// For each of its characters where it begins, and whether something stood before it.
    places: Vec<(usize, bool)>,
}

impl Squashed {
    /// Characters of it.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Where the character `at` begins; the end of the text for those behind the last.
    pub(super) fn byte(&self, at: usize) -> usize {
        self.places.get(at).map_or(self.text.len(), |(byte, _)| *byte)
    }

    /// What begins at the character `at`, as far as `longest` characters.
    pub(super) fn from(&self, at: usize, longest: usize) -> &str {
        self.text.get(self.byte(at)..self.byte(at.saturating_add(longest))).unwrap_or_default()
    }

    /// Whether a word may end before the character `at`: Latin letters need something between
    /// words, others do not.
    pub(super) fn is_boundary(&self, at: usize) -> bool {
        let Some((byte, gap)) = self.places.get(at) else { return true };
        let latin = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = self.text.as_bytes();
        let before = byte.checked_sub(1).and_then(|before| bytes.get(before));
        *gap || !latin(before) || !latin(bytes.get(*byte))
    }

    fn push(&mut self, c: char, gap: bool) {
        self.places.push((self.text.len(), gap));
        self.text.push(c);
    }
}

/// Squashes the first [`MAX_CHARS`] characters of a text.
pub(super) fn squash(text: &str) -> Squashed {
    let mut out = Squashed::default();
    let mut gap = true;
    if text.is_ascii() {
        for b in text.bytes().take(MAX_CHARS) {
            if b.is_ascii_alphanumeric() {
                out.push(char::from(b.to_ascii_lowercase()), gap);
                gap = false;
            } else {
                gap |= !b.is_ascii_control() || b.is_ascii_whitespace();
            }
        }
        return out;
    }
    let seen = text.chars().take(MAX_CHARS).filter(|c| !is_unseen(*c));
    // Normalisation writes the sign out, as letters of the name before it.
    let seen = seen.map(|c| if matches!(c, '\u{2120}' | '\u{2122}') { ' ' } else { c });
    for c in seen.nfkc() {
        if is_unseen(c) || is_mark(c) {
            continue;
        }
        let c = plain_letter(c);
        if c == '\u{00A9}' {
            "copyright".chars().for_each(|c| out.push(c, std::mem::replace(&mut gap, false)));
            gap = true;
        } else if c.is_alphanumeric() || matches!(c, 'ー' | '々') {
            c.to_lowercase().for_each(|c| out.push(c, std::mem::replace(&mut gap, false)));
        } else {
            gap = true;
        }
    }
    out
}

/// Most characters of a text that are compared.
pub(super) const MAX_CHARS: usize = 20_000;

/// Not drawn, and no blank either.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}') || is_unshowable(c) && !c.is_whitespace()
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{20D0}'..='\u{20FF}')
}

/// The plain Latin letter that a letter is meant to be read as in a text that is not of its script
/// anyway: without accents, of another script that draws it alike, small capitals, white on black.
fn plain_letter(c: char) -> char {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    match c {
        '\0'..='\u{007F}' | '\u{0530}' | '\u{0590}'..='\u{139F}' | '\u{2000}'..='\u{A72F}' => c,
        '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}' => {
            let mut base = None;
            decompose_canonical(c, |part| base = base.or(Some(part)));
            let base = base.unwrap_or(c);
            look_alike(lower(base)).unwrap_or(base)
        }
        // Capitals that look like another Latin letter than their small forms.
        '\u{0396}' => 'z',
        '\u{0397}' => 'h',
        '\u{039C}' => 'm',
        '\u{039D}' => 'n',
        '\u{03A5}' => 'y',
        '\u{0250}'..='\u{058F}' | '\u{1D00}'..='\u{1D7F}' | '\u{A730}' | '\u{A731}' => {
            look_alike(lower(c)).unwrap_or(c)
        }
        '\u{13A0}' => 'd',
        '\u{13AC}' => 'e',
        '\u{13B3}' => 'w',
        '\u{13DF}' => 'c',
        '\u{13E2}' => 'p',
        '\u{1F150}'..='\u{1F169}' => nth_letter(c, '\u{1F150}'),
        '\u{1F170}'..='\u{1F189}' => nth_letter(c, '\u{1F170}'),
        c => c,
    }
}

/// The Latin letter as far from `a` as `c` is from `first`.
fn nth_letter(c: char, first: char) -> char {
    let letter =
        u32::from(c).checked_sub(u32::from(first)).and_then(|n| ('a'..='z').nth(n as usize));
    letter.unwrap_or(c)
}

/// The Latin letter that a lower-case character of another script looks like (Unicode Technical
/// Standard 39, confusables, those that browsers' fonts draw alike).
fn look_alike(c: char) -> Option<char> {
    Some(match c {
        // Cyrillic
        '\u{0430}' => 'a',
        '\u{0432}' | '\u{044C}' | '\u{044A}' => 'b',
        '\u{0441}' => 'c',
        '\u{0501}' => 'd',
        '\u{0435}' | '\u{0451}' | '\u{0454}' => 'e',
        '\u{0433}' => 'r',
        '\u{0493}' => 'f',
        '\u{04BB}' | '\u{043D}' => 'h',
        '\u{0456}' | '\u{0457}' => 'i',
        '\u{0458}' => 'j',
        '\u{043A}' | '\u{049B}' => 'k',
        '\u{04CF}' => 'l',
        '\u{043C}' => 'm',
        '\u{043F}' => 'n',
        '\u{043E}' => 'o',
        '\u{0440}' => 'p',
        '\u{051B}' => 'q',
        '\u{0455}' => 's',
        '\u{0442}' => 't',
        '\u{0446}' => 'u',
        '\u{0475}' => 'v',
        '\u{051D}' | '\u{0448}' => 'w',
        '\u{0445}' => 'x',
        '\u{0443}' | '\u{04AF}' => 'y',
        // Greek
        '\u{03B1}' => 'a',
        '\u{03B2}' => 'b',
        '\u{03B5}' => 'e',
        '\u{03B7}' => 'n',
        '\u{03B9}' => 'i',
        '\u{03BA}' => 'k',
        '\u{03BD}' => 'v',
        '\u{03BF}' | '\u{03C3}' => 'o',
        '\u{03C1}' => 'p',
        '\u{03C4}' => 't',
        '\u{03C5}' => 'u',
        '\u{03C7}' => 'x',
        '\u{03C9}' => 'w',
        // Latin letters beyond ASCII that keep their shape without a mark
        '\u{0131}' => 'i',
        '\u{0142}' | '\u{01C0}' => 'l',
        '\u{00F8}' => 'o',
        '\u{0111}' => 'd',
        '\u{0251}' => 'a',
        '\u{0261}' => 'g',
        '\u{0269}' => 'i',
        // Armenian
        '\u{0570}' => 'h',
        '\u{0578}' => 'n',
        '\u{057D}' => 'u',
        '\u{0585}' => 'o',
        // Small capitals
        '\u{1D00}' => 'a',
        '\u{0299}' => 'b',
        '\u{1D04}' => 'c',
        '\u{1D05}' => 'd',
        '\u{1D07}' => 'e',
        '\u{A730}' => 'f',
        '\u{0262}' => 'g',
        '\u{029C}' => 'h',
        '\u{026A}' => 'i',
        '\u{1D0A}' => 'j',
        '\u{1D0B}' => 'k',
        '\u{029F}' => 'l',
        '\u{1D0D}' => 'm',
        '\u{0274}' => 'n',
        '\u{1D0F}' => 'o',
        '\u{1D18}' => 'p',
        '\u{0280}' => 'r',
        '\u{A731}' => 's',
        '\u{1D1B}' => 't',
        '\u{1D1C}' => 'u',
        '\u{1D20}' => 'v',
        '\u{1D21}' => 'w',
        '\u{028F}' => 'y',
        '\u{1D22}' => 'z',
        // Kana and signs that pass for letters
        '\u{30CE}' | '\u{3063}' => 'l',
        '\u{30FC}' | '\u{2010}'..='\u{2015}' => '-',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn look_alikes_have_one_skeleton() {
        for (a, b) in [
            ("arnaz0n", "amazon"),
            ("paypa1", "paypal"),
            ("rnicrosoft", "microsoft"),
            ("g00gie", "google"),
            ("vvellsfargo", "wellsfargo"),
            ("clocomo", "docomo"),
            ("rakuterncard", "rakutemcard"),
        ] {
            assert_eq!(skeleton(a), skeleton(b), "{a}");
        }
        assert_ne!(skeleton("amazom"), skeleton("amazon"));
    }

    #[test]
    fn other_scripts_are_read_as_they_look() {
        assert_eq!(latin("\u{0430}m\u{0430}z\u{043E}n").as_deref(), Some("amazon"));
        assert_eq!(latin("\u{03C1}\u{03B1}ypal").as_deref(), Some("paypal"));
        assert_eq!(latin("am\u{00E1}zon").as_deref(), Some("amazon"));
        assert_eq!(latin("\u{FF41}mazon").as_deref(), Some("amazon"));
        assert_eq!(latin("楽天"), None);
        assert_eq!(latin(""), None);
    }

    #[test]
    fn texts_are_squashed() {
        let squashed = squash("ＥＴＣ 利用\u{200B}照会");
        assert_eq!(squashed.text, "etc利用照会");
        let gaps: Vec<bool> = squashed.places.iter().map(|(_, gap)| *gap).collect();
        assert_eq!(gaps, [true, false, false, true, false, false, false]);
        assert_eq!(squashed.from(3, 2), "利用");
        assert_eq!(squash("a1 b").places, [(0, true), (1, false), (2, true)]);
    }

    #[test]
    fn disguises_are_seen_through() {
        for text in [
            "Am\u{0430}zon",
            "A\u{FE0F}m\u{E0139}a\u{00AD}z\u{034F}o\u{200B}n",
            "A\u{0337}maz\u{0338}o\u{0335}n\u{20E0}",
            "\u{1D400}\u{1D426}\u{1D41A}\u{1D433}\u{1D428}\u{1D427}",
            "\u{24B6}\u{24DC}\u{24D0}\u{24E9}\u{24DE}\u{24DD}",
            "\u{1F150}\u{1F15C}\u{1F150}\u{1F169}\u{1F15E}\u{1F15D}",
            "\u{1F170}\u{1F17C}\u{1F170}\u{1F189}\u{1F17E}\u{1F17D}",
            "\u{1D00}\u{1D0D}\u{1D00}\u{1D22}\u{1D0F}\u{0274}",
            "\u{0391}\u{039C}\u{0391}\u{0396}\u{039F}\u{039D}",
            "\u{00C3}m\u{00E1}\u{017C}\u{00F8}\u{00F1}",
            "A m a z o n",
            "A.m.a.z.o.n",
            "Amazon\u{2122}",
            "\u{FF21}mazon\u{00AE}",
        ] {
            assert_eq!(squash(text).text, "amazon", "{text}");
        }
        assert_eq!(squash("\u{00A9}Amazon").text, "copyrightamazon");
        assert_eq!(squash("パパ").text, "パパ");
    }

    proptest! {
        #[test]
        fn anything_is_folded(text in "\\PC{0,60}") {
            let _ = (skeleton(&text), latin(&text));
            let squashed = squash(&text);
            prop_assert_eq!(squashed.text.chars().count(), squashed.len());
            prop_assert_eq!(squashed.from(0, usize::MAX), &squashed.text);
        }
    }
}
