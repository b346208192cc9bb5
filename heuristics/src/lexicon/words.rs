//! The words of all lists, and where they stand in a folded text.
//!
//! Way in: [`Words::search`], one pass. Most places are told by one look into a small table to begin
//! no word; at the others the sorted words are asked. A word that begins with an ASCII letter or
//! digit begins only where none stands before it, so within such a run nothing is looked up. That
//! costs about half of what an automaton over all words does, whose states fit no cache.

use std::collections::BTreeMap;
use std::ops::Range;

/// Words with what is known of each, ready for search.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// Sorted by text.
    list: Vec<Word>,
    /// The [`head`] of each, close together for the binary search.
    heads: Vec<u64>,
    /// Which beginnings there are, hashed; see [`Start`].
    begin: Box<[u64]>,
    /// ASCII signs, neither letters nor digits, that a word begins with, as bits.
    signs: u128,
}

/// A word in its folded form.
#[derive(Clone, Debug)]
pub(super) struct Word {
    text: Box<str>,
    pub(super) entry: Entry,
    /// The longest other word that it begins with.
    within: Option<usize>,
}

/// What the lists say of a word.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// Lists it stands in, by number.
    pub(super) lists: Vec<u16>,
    /// Whether no letter may stand after it.
    pub(super) ends: bool,
}

/// A word's place in a text.
pub(super) struct Found<'w> {
    pub(super) entry: &'w Entry,
    pub(super) bytes: Range<usize>,
    pub(super) columns: Range<u32>,
}

impl Words {
    pub(super) fn new(entries: BTreeMap<String, Entry>) -> Words {
        let mut words = Words {
            list: Vec::with_capacity(entries.len()),
            heads: Vec::with_capacity(entries.len()),
            begin: [0; SLOTS].into(),
            signs: 0,
        };
        for (text, entry) in entries.into_iter().filter(|(text, _)| !text.is_empty()) {
            words.note_beginning(text.as_bytes(), entry.ends);
            words.heads.push(head(text.as_bytes()));
            let mut within = words.list.len().checked_sub(1);
            while let Some(word) = within.and_then(|at| words.list.get(at)) {
                if text.starts_with(&*word.text) {
                    break;
                }
                within = word.within;
            }
            words.list.push(Word { text: text.into(), entry, within });
        }
        words
    }

    /// Calls `found` with every place where a word stands, in the order in which they begin, until it
    /// says `false`. Returns the columns of the whole text.
    pub(super) fn search<'w>(
        &'w self,
        text: &str,
        mut found: impl FnMut(Found<'w>) -> bool,
    ) -> u32 {
        let bytes = text.as_bytes();
        let (mut at, mut column) = (0, 0_u32);
        while let Some(rest) = bytes.get(at..)
            && let Some(&first) = rest.first()
        {
            let start = at;
            let width;
            let may_begin = if first.is_ascii_alphanumeric() {
                let is_within = start.checked_sub(1).and_then(|b| bytes.get(b)) == Some(&b'_');
                let run = Run::read(rest);
                at += run.length;
                width = u32::try_from(run.length).unwrap_or(u32::MAX);
                !is_within && self.may_begin_with(&run)
            } else if first.is_ascii() {
                at += 1;
                width = 1;
                self.signs >> first & 1 != 0
            } else {
                at += character(first);
                width = 2;
                let [alone, pair] = Start::of_characters(rest);
                self.may_begin(pair) || self.may_begin(alone)
            };
            if may_begin {
                for word in self.at(rest) {
                    let end = start + word.text.len();
                    if word.entry.ends && bytes.get(end).is_some_and(|b| is_letter(*b)) {
                        continue;
                    }
                    let columns = column..column.saturating_add(columns(&word.text));
                    if !found(Found { entry: &word.entry, bytes: start..end, columns }) {
                        return column
                            .saturating_add(self::columns(text.get(start..).unwrap_or_default()));
                    }
                }
            }
            column = column.saturating_add(width);
        }
        column
    }

    /// All words that `rest` begins with, longest first.
    fn at<'w>(&'w self, rest: &[u8]) -> impl Iterator<Item = &'w Word> {
        // What `rest` begins with sorts before it, and so does only what lies between the two: the
        // word right before `rest` is the longest, or begins with it.
        let head = head(rest);
        let lower = self.heads.partition_point(|word| *word < head);
        let same = self.list.iter().zip(&self.heads).skip(lower);
        let same = same.take_while(|(word, of)| **of == head && word.text.as_bytes() <= rest);
        let next = lower + same.count();
        let shorter = |longer: &usize| self.list.get(*longer)?.within;
        std::iter::successors(next.checked_sub(1), shorter).filter_map(move |at| {
            let (word, of) = (self.list.get(at)?, self.heads.get(at)?);
            // The head tells nearly all without a look at the text, which lies elsewhere.
            let is_there =
                first(head, word.text.len()) == *of && rest.starts_with(word.text.as_bytes());
            is_there.then_some(word)
        })
    }

    fn may_begin(&self, start: Start) -> bool {
        self.begin.get(start.slot).is_some_and(|slot| slot & start.bit != 0)
    }

    fn may_begin_with(&self, run: &Run) -> bool {
        self.may_begin(run.alone())
            || self.may_begin(run.open())
            || self.may_begin(run.before(run.behind))
    }

    fn note(&mut self, start: Start) {
        if let Some(slot) = self.begin.get_mut(start.slot) {
            *slot |= start.bit;
        }
    }

    /// Notes how texts can begin that begin with the word.
    fn note_beginning(&mut self, word: &[u8], ends: bool) {
        let Some(&first) = word.first() else { return };
        if !first.is_ascii() {
            let [alone, pair] = Start::of_characters(word);
            return self.note(if word.len() > character(first) { pair } else { alone });
        }
        if !first.is_ascii_alphanumeric() {
            self.signs |= 1 << first;
            return;
        }
        let run = Run::read(word);
        match *word.get(run.length..).unwrap_or_default() {
            [] if ends => self.note(run.alone()),
            [] if run.length >= Run::OPEN => self.note(run.open()),
            // The run may end here or go on.
            [] => {
                self.note(run.alone());
                for b in (b'0'..=b'9').chain(b'a'..=b'z') {
                    self.note_beginning(&[word, &[b]].concat(), false);
                }
            }
            [next] => (0..=u8::MAX).for_each(|b| self.note(run.before([next, b]))),
            [next, second, ..] => self.note(run.before([next, second])),
        }
    }
}

/// A run of ASCII letters and digits.
struct Run {
    length: usize,
    /// Its first bytes, as by [`head`].
    head: u64,
    /// The two bytes behind it, `\0` for those that are not there.
    behind: [u8; 2],
}

impl Run {
    /// Bytes of a run by which words that leave its end open are looked up.
    const OPEN: usize = 4;

    /// The run that `bytes` begin with.
    fn read(bytes: &[u8]) -> Run {
        let length = bytes.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        let behind = |at| bytes.get(length + at).copied().unwrap_or_default();
        Run { length, head: first(head(bytes), length), behind: [behind(0), behind(1)] }
    }

    /// For words that are the whole run.
    fn alone(&self) -> Start {
        Start::of(self.head)
    }

    /// For words that the run begins with.
    fn open(&self) -> Start {
        Start::of(first(self.head, Run::OPEN) | 1)
    }

    /// For words that go on behind the run.
    fn before(&self, behind: [u8; 2]) -> Start {
        Start::of(self.head.rotate_left(20) ^ u64::from(u16::from_be_bytes(behind)))
    }
}

/// What a place in a text begins with, as a bit of a table.
#[derive(Clone, Copy)]
struct Start {
    slot: usize,
    bit: u64,
}

impl Start {
    /// For words of the one character that `text` begins with, and for those that begin with its
    /// first two.
    fn of_characters(text: &[u8]) -> [Start; 2] {
        let one = text.first().map_or(0, |b| character(*b));
        let two = one + text.get(one).map_or(0, |b| character(*b));
        [one, two].map(|length| Start::of(first(head(text), length)))
    }

    fn of(key: u64) -> Start {
        // The high bits are the well mixed ones.
        let mixed = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48;
        let at = usize::try_from(mixed).unwrap_or_default();
        Start { slot: at / 64 % SLOTS, bit: 1 << (at % 64) }
    }
}

/// The first eight bytes as a number that sorts as they do; `\0` for those that are not there.
fn head(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(head) => u64::from_be_bytes(*head),
        None => {
            let shift = 8 * (8 - bytes.len() % 8);
            let number = bytes.iter().fold(0, |sum, b| sum << 8 | u64::from(*b));
            number.checked_shl(u32::try_from(shift).unwrap_or(u32::MAX)).unwrap_or(0)
        }
    }
}

/// A [`head`] with only the first `length` bytes left.
fn first(head: u64, length: usize) -> u64 {
    let rest = u64::MAX.checked_shr(u32::try_from(8 * length).unwrap_or(u32::MAX));
    head & !rest.unwrap_or(0)
}

/// Bytes of the character that begins with `first` in UTF-8.
fn character(first: u8) -> usize {
    match first {
        ..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0.. => 4,
    }
}

/// Columns that a folded text takes: two for each character that is not ASCII, one for the rest.
pub(super) fn columns(text: &str) -> u32 {
    let of = |b: u8| usize::from(b < 0x80) + 2 * usize::from(b >= 0xC0);
    u32::try_from(text.bytes().map(of).sum::<usize>()).unwrap_or(u32::MAX)
}

/// What may not stand after a word that ends in an ASCII letter.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// 65,536 bits: they stay in the first cache, and a few thousand words fill one in twenty.
const SLOTS: usize = 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Words as they are given, `*` at the end for any ending.
    fn words(list: &[&str]) -> Words {
        let entry = |word: &&str| {
            let bare = word.trim_end_matches('*');
            let ends =
                bare.len() == word.len() && bare.ends_with(|c: char| c.is_ascii_alphanumeric());
            (bare.to_owned(), Entry { lists: vec![], ends })
        };
        Words::new(list.iter().map(entry).collect())
    }

    fn found<'t>(words: &Words, text: &'t str) -> Vec<&'t str> {
        let mut all = Vec::new();
        words.search(text, |found| {
            assert_eq!(found.columns.start, columns(&text[..found.bytes.start]));
            assert_eq!(found.columns.end, columns(&text[..found.bytes.end]));
            all.push(&text[found.bytes]);
            true
        });
        all
    }

    #[test]
    fn words_within_words_are_all_found() {
        let words = words(&["鍵", "鍵束", "束", "key", "key ring", "ring*", "a*", "鍵の束を"]);
        assert_eq!(found(&words, "鍵束"), ["鍵束", "鍵", "束"]);
        assert_eq!(found(&words, "鍵の束"), ["鍵", "束"]);
        assert_eq!(found(&words, "key rings"), ["key", "ring"]);
        assert_eq!(
            found(&words, "(key ring) monkey keys 鍵key"),
            ["key ring", "key", "ring", "鍵", "key"]
        );
        assert_eq!(found(&words, "abcd ba a"), ["a", "a"]);
    }

    #[test]
    fn a_search_ends_when_it_is_told_to() {
        let words = words(&["鍵"]);
        let mut count = 0;
        let columns = words.search("鍵 鍵 鍵a", |_| {
            count += 1;
            count < 2
        });
        assert_eq!((count, columns), (2, 9));
    }

    #[test]
    fn heads_sort_as_their_texts_do() {
        assert_eq!(head(b"abcdefghi"), head(b"abcdefgh"));
        assert_eq!(head(b"ab"), 0x6162_0000_0000_0000);
        assert_eq!(head(b""), 0);
        assert_eq!(first(head(b"abcdefgh"), 2), head(b"ab"));
        assert_eq!(first(head(b"abcdefgh"), 8), head(b"abcdefgh"));
        assert_eq!(first(head(b"abcdefgh"), 0), 0);
    }

    #[test]
    fn columns_are_two_for_a_kanji() {
        assert_eq!(columns("abc 漢字か"), 10);
    }

    const LIST: &[&str] = &[
        "a", "ab*", "abc", "abcde", "b_", "_a", "b c", "鍵", "鍵鍵", "鍵a", "1時間", ",0", "ß",
        "ßa",
    ];

    proptest! {
        /// The same as looking for each word at each place.
        #[test]
        fn nothing_is_missed(text in "[abc_1, 0鍵時間ß]{0,40}") {
            let words = words(LIST);
            let mut expected = Vec::new();
            for (at, _) in text.char_indices() {
                let before = text[..at].bytes().next_back();
                for word in words.list.iter().rev().filter(|w| text[at..].starts_with(&*w.text)) {
                    let begins = word.text.as_bytes()[0].is_ascii_alphanumeric();
                    let after = text.as_bytes().get(at + word.text.len()).copied();
                    if !(begins && before.is_some_and(is_letter)
                        || word.entry.ends && after.is_some_and(is_letter))
                    {
                        expected.push(&*word.text);
                    }
                }
            }
            prop_assert_eq!(found(&words, &text), expected);
        }
    }
}
