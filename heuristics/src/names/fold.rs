//! The forms in which names are compared: what a hurried reader takes for the same.
//!
//! Hosts: [`skeleton`] of a label's letters and digits, [`latin`] for labels in other scripts.
//! Texts: [`squash`]. Skeletons are compared with skeletons only: `m` and `rn` have one, and so
//! have `i`, `l` and `1`.

use unicode_normalization::UnicodeNormalization;

use crate::indicator::is_unshowable;

/// What is left of a label when look-alikes are one: `arnaz0n` and `amazon` have the same.
pub(super) fn skeleton(label: &str) -> String {
    let mut out = String::with_capacity(label.len());
    for c in label.chars() {
        let folded = match c {
            '0' => 'o',
            '1' | 'i' => 'l',
            '3' => 'e',
            '5' => 's',
            '8' => 'b',
            c => c,
        };
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

/// A text without what does not count when names are compared (case, width, blanks, punctuation,
/// invisible characters), and for each character whether something stood before it.
pub(super) fn squash(text: &str) -> (Vec<char>, Vec<bool>) {
    let (mut chars, mut gaps) = (Vec::new(), Vec::new());
    let mut gap = true;
    for c in text.chars().take(MAX_CHARS).filter(|c| !is_unshowable(*c)).nfkc() {
        if is_unshowable(c) {
            continue;
        }
        if !c.is_alphanumeric() && !matches!(c, 'ー' | '々') {
            gap = true;
            continue;
        }
        let c = look_alike_letter(c);
        for c in c.to_lowercase() {
            chars.push(c);
            gaps.push(gap);
            gap = false;
        }
    }
    (chars, gaps)
}

/// Most characters of a text that are compared.
pub(super) const MAX_CHARS: usize = 20_000;

fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{20D0}'..='\u{20FF}')
}

/// Cyrillic and Greek letters that are drawn as Latin ones, in texts that are not of that script
/// anyway: a name spelt with them is meant to be read as Latin.
fn look_alike_letter(c: char) -> char {
    match c {
        '\u{0370}'..='\u{052F}' => {
            let lower = c.to_lowercase().next().unwrap_or(c);
            look_alike(lower).unwrap_or(c)
        }
        c => c,
    }
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
        let (chars, gaps) = squash("ＥＴＣ 利用\u{200B}照会");
        assert_eq!(chars.iter().collect::<String>(), "etc利用照会");
        assert_eq!(gaps, [true, false, false, true, false, false, false]);
        assert_eq!(squash("Am\u{0430}zon").0.iter().collect::<String>(), "amazon");
    }

    proptest! {
        #[test]
        fn anything_is_folded(text in "\\PC{0,60}") {
            let _ = (skeleton(&text), latin(&text));
            let (chars, gaps) = squash(&text);
            prop_assert_eq!(chars.len(), gaps.len());
        }
    }
}
