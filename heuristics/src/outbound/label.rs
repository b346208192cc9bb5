//! Class labels: 社外秘, 部外秘, 極秘, ㊙, 【機密】, CONFIDENTIAL, however they are spelled.
//!
//! Way in: [`find`]. A text is looked at line by line, without blanks and in NFKC, so that
//! `社 外 秘`, `ＣＯＮＦＩＤＥＮＴＩＡＬ` and a word cut by a line end are the same word. What makes a word a
//! label is where it stands ([`shape`]): alone, in brackets, apart from the sentence, or as what is
//! said of the matter (`本資料は社外秘です`). Inside a sentence about labels it is everyday use.
//! 取扱注意 and 社内限り are no classes of the rule books and are left out.
//!
//! Everything is one pass over at most [`LONGEST`] bytes; lines without a seed of a word cost a
//! search of bytes.

mod shape;
#[cfg(test)]
mod tests;

use memchr::memmem;
use unicode_normalization::UnicodeNormalization;

use crate::indicator::is_unshowable;
use shape::Shape;

/// What a label says of the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// 社外秘, 部外秘, ㊙, 機密, CONFIDENTIAL.
    Confidential,
    /// 極秘, TOP SECRET.
    TopSecret,
}

/// A label that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its class.
    pub class: Class,
    /// The word, in its usual spelling.
    pub word: &'static str,
    /// It is said of what is attached (`添付は社外秘です`), not of the text it stands in.
    pub of_attachment: bool,
}

/// What kind of text it is; short ones that exist to name or mark something are read less strictly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Headers and footers of documents.
    Margin,
    /// Sensitivity labels.
    Mark,
    /// Subjects, bodies, cells.
    Prose,
    /// File names, names of sheets, document properties.
    Title,
}

/// Bytes of one text that are looked at.
pub const LONGEST: usize = 1_000_000;

/// Labels that count in a text, each word once; few.
pub fn find(text: &str, manner: Manner) -> Vec<Label> {
    let text = bounded(text, LONGEST);
    let mut found: Vec<Label> = Vec::new();
    if !has_seed(text) {
        return found;
    }
    let mut above = [""; ABOVE];
    let mut words_seen = 0;
    let mut at = 0;
    for line in text.split_inclusive(['\n', '\t']) {
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        if words_seen < MOST_WORDS && has_seed(line) {
            let squeezed = Squeezed::read(line, &above);
            let below = bounded(text.get(at..).unwrap_or_default(), BELOW);
            let shape = Shape { line: &squeezed, below, manner };
            for (word, start) in squeezed.words() {
                words_seen += 1;
                let Some(of_attachment) = shape.label(word, start) else { continue };
                if !found.iter().any(|l| l.word == word.shown && l.of_attachment == of_attachment) {
                    found.push(Label { class: word.class, word: word.shown, of_attachment });
                }
            }
        }
        above.rotate_left(1);
        if let Some(last) = above.last_mut() {
            *last = line;
        }
    }
    if defines_classes(text, &found) { Vec::new() } else { found }
}

/// Lines above that a word can begin in.
const ABOVE: usize = 3;

/// Bytes below a line that tell a disclaimer.
const BELOW: usize = 400;

/// Words of one text that are weighed.
const MOST_WORDS: usize = 2_000;

/// A word that can be a label.
#[derive(Debug, PartialEq, Eq)]
struct Word {
    /// As it is found: NFKC, no blanks, lower case.
    spelled: &'static str,
    /// As it is shown.
    shown: &'static str,
    class: Class,
    /// How much of a label it is by itself.
    weight: Weight,
}

/// How much of a label a word is by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// English: blanks stand around every word of a sentence.
    English,
    /// Marks what it stands before (㊙新製品).
    Prefix,
    /// Hardly used but as a label.
    Strong,
    /// A common word; only alone or in brackets.
    Weak,
}

/// Longer words before those that they begin with.
const WORDS: [Word; 16] = [
    word("社外秘", "社外秘", Class::Confidential, Weight::Strong),
    word("部外秘", "部外秘", Class::Confidential, Weight::Strong),
    word("極秘", "極秘", Class::TopSecret, Weight::Strong),
    word("厳秘", "厳秘", Class::Confidential, Weight::Strong),
    word("最高機密", "最高機密", Class::TopSecret, Weight::Weak),
    word("機密", "機密", Class::Confidential, Weight::Weak),
    word("マル秘", "マル秘", Class::Confidential, Weight::Prefix),
    word("まる秘", "マル秘", Class::Confidential, Weight::Prefix),
    word("丸秘", "マル秘", Class::Confidential, Weight::Prefix),
    word("○秘", "マル秘", Class::Confidential, Weight::Prefix),
    word("◯秘", "マル秘", Class::Confidential, Weight::Prefix),
    word("〇秘", "マル秘", Class::Confidential, Weight::Prefix),
    word("\u{20DD}秘", "マル秘", Class::Confidential, Weight::Prefix),
    word("秘", "秘", Class::Confidential, Weight::Weak),
    word("confidential", "CONFIDENTIAL", Class::Confidential, Weight::English),
    word("topsecret", "TOP SECRET", Class::TopSecret, Weight::English),
];

const fn word(spelled: &'static str, shown: &'static str, class: Class, weight: Weight) -> Word {
    Word { spelled, shown, class, weight }
}

/// A line without blanks and in NFKC.
struct Squeezed {
    chars: Vec<char>,
    /// Whether a blank stands before the character.
    apart: Vec<bool>,
    /// It begins in the middle of a longer line.
    is_continued: bool,
}

impl Squeezed {
    fn read(line: &str, above: &[&str]) -> Squeezed {
        let mut squeezed = Squeezed::of(line);
        if matches!(squeezed.chars.as_slice(), ['秘', ..] | ['外', '秘', ..])
            || squeezed.is("secret")
        {
            let mut joined = Squeezed { chars: vec![], apart: vec![], is_continued: false };
            for above in above {
                joined.append(Squeezed::of(above));
            }
            let cut = joined.chars.len().saturating_sub(JOINED);
            joined.is_continued = cut > 0;
            joined.chars.drain(..cut);
            joined.apart.drain(..cut);
            joined.append(squeezed);
            squeezed = joined;
        }
        squeezed
    }

    fn of(line: &str) -> Squeezed {
        let mut squeezed = Squeezed { chars: Vec::new(), apart: Vec::new(), is_continued: false };
        let mut apart = false;
        let is_seen = |c: &char| !is_unshowable(*c) && !is_ornament(*c) || c.is_whitespace();
        for c in line.chars().filter(is_seen) {
            // Its compatibility form is a bare 秘.
            if c == '\u{3299}' {
                squeezed.push("マル秘".chars(), &mut apart);
            } else if c == '祕' {
                squeezed.push(['秘'].into_iter(), &mut apart);
            } else if c.is_ascii() || ('\u{3041}'..='\u{9FFF}').contains(&c) && c < '\u{3200}' {
                squeezed.push([c].into_iter(), &mut apart);
            } else {
                squeezed.push([c].into_iter().nfkc(), &mut apart);
            }
        }
        squeezed
    }

    fn push(&mut self, chars: impl Iterator<Item = char>, apart: &mut bool) {
        for c in chars {
            if c.is_whitespace() {
                *apart = true;
            } else {
                self.chars.push(c);
                self.apart.push(std::mem::take(apart));
            }
        }
    }

    fn append(&mut self, other: Squeezed) {
        self.chars.extend(other.chars);
        self.apart.extend(other.apart);
    }

    fn is(&self, word: &str) -> bool {
        word.chars().count() == self.chars.len() && self.has(word, 0)
    }

    /// Whether `word` (lower case) stands at `start`.
    fn has(&self, word: &str, start: usize) -> bool {
        let mut chars = self.chars.get(start..).unwrap_or_default().iter();
        word.chars().all(|w| chars.next().is_some_and(|c| c.to_ascii_lowercase() == w))
    }

    /// Every word that can be a label, and where it begins.
    fn words(&self) -> Vec<(&'static Word, usize)> {
        let mut words = Vec::new();
        let mut at = 0;
        while at < self.chars.len() && words.len() < MOST_WORDS {
            match WORDS.iter().find(|word| self.has(word.spelled, at)) {
                Some(word) => {
                    words.push((word, at));
                    at += word.spelled.chars().count();
                }
                None => at += 1,
            }
        }
        words
    }
}

/// What is drawn over or under a character, or chooses its shape.
fn is_ornament(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{FE00}'..='\u{FE0F}')
}

/// Characters of the lines above that are read with a line.
const JOINED: usize = 12;

/// Whether a word can stand in `text`: a search of bytes that nearly all texts end with.
fn has_seed(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !text.is_ascii() && SEEDS.iter().any(|seed| memmem::find(bytes, seed).is_some()) {
        return true;
    }
    // The next byte that is no blank; what is not ASCII may be anything.
    let next = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        let skipped = rest.iter().take(8).position(|b| !b.is_ascii_whitespace());
        skipped.and_then(|n| Some((rest.get(n)?.to_ascii_lowercase(), at + n + 1)))
    };
    let follows = |mut at: usize, letters: &[u8]| {
        for letter in letters {
            match next(at) {
                Some((b, after)) if b == *letter => at = after,
                Some((b, _)) => return !b.is_ascii(),
                None => return false,
            }
        }
        true
    };
    memchr::memchr2_iter(b'c', b'C', bytes).any(|at| follows(at + 1, b"onf"))
        || memchr::memchr2_iter(b't', b'T', bytes).any(|at| follows(at + 1, b"ops"))
        || bytes.len() < 40 && text.trim().eq_ignore_ascii_case("secret")
}

/// What is in every Japanese word; full-width letters that English ones begin with; what begins
/// letters of mathematics and letters in circles.
const SEEDS: [&[u8]; 11] = [
    "秘".as_bytes(),
    "祕".as_bytes(),
    "密".as_bytes(),
    "\u{3299}".as_bytes(),
    "\u{FF23}".as_bytes(),
    "\u{FF43}".as_bytes(),
    "\u{FF34}".as_bytes(),
    "\u{FF54}".as_bytes(),
    b"\xF0\x9D",
    b"\xE2\x92",
    b"\xE2\x93",
];

/// A table of the classes: both of them, and what is public.
fn defines_classes(text: &str, found: &[Label]) -> bool {
    let has = |class| found.iter().any(|l| l.class == class);
    let names_public = || {
        let mut lines = text.split(['\n', '\t']).map(str::trim_start);
        lines.any(|line| line.starts_with("公開") || line.starts_with("一般"))
    };
    has(Class::TopSecret) && has(Class::Confidential) && names_public()
}

/// The first `most` bytes of it, cut between characters.
fn bounded(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}
