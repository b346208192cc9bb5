//! The words of all lists, and where they stand in a folded text.
//!
//! Way in: [`Words::search`], one pass of one automaton. A word that begins with an ASCII letter or
//! digit begins only where none stands before it.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Words with what is known of each, ready for search.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// `None` where there are more words than an automaton holds, which no configuration reaches.
    automaton: Option<AhoCorasick>,
    /// By number in the automaton.
    list: Vec<Word>,
}

#[derive(Clone, Debug)]
struct Word {
    entry: Entry,
    columns: u32,
    /// Whether no letter may stand before it.
    begins: bool,
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
    pub(super) fn new(mut entries: BTreeMap<String, Entry>) -> Words {
        entries.remove("");
        // Its states fit the caches best of the three kinds.
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(entries.keys())
            .ok();
        let list = entries.into_iter().map(|(text, entry)| Word {
            entry,
            columns: columns(&text),
            begins: text.starts_with(|c: char| c.is_ascii_alphanumeric()),
        });
        Words { automaton, list: list.collect() }
    }

    /// Calls `found` with every place where a word stands, in the order in which they end, until it
    /// says `false`. Returns the columns of the whole text.
    pub(super) fn search<'w>(
        &'w self,
        text: &str,
        mut found: impl FnMut(Found<'w>) -> bool,
    ) -> u32 {
        let bytes = text.as_bytes();
        let letter = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(is_letter);
        // Columns up to a byte, counted on as words are found one after the other.
        let (mut counted, mut to) = (0, 0_u32);
        let mut count_to = |end: usize| {
            to = to.saturating_add(text.get(counted..end).map_or(0, columns));
            counted = end;
            to
        };
        for hit in self.automaton.iter().flat_map(|a| a.find_overlapping_iter(text)) {
            let Some(word) = self.list.get(hit.pattern().as_usize()) else { continue };
            let (start, end) = (hit.start(), hit.end());
            if word.begins && letter(start.checked_sub(1)) || word.entry.ends && letter(Some(end)) {
                continue;
            }
            let to = count_to(end);
            let columns = to.saturating_sub(word.columns)..to;
            if !found(Found { entry: &word.entry, bytes: start..end, columns }) {
                break;
            }
        }
        count_to(text.len())
    }
}

fn is_letter(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

/// Columns that a folded text takes: two for what is not ASCII, one for the rest.
fn columns(text: &str) -> u32 {
    let of_byte = |b: u8| usize::from(b < 0x80) + 2 * usize::from(b >= 0xC0);
    u32::try_from(text.bytes().map(of_byte).sum::<usize>()).unwrap_or(u32::MAX)
}

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
        assert_eq!(found(&words, "鍵束"), ["鍵", "鍵束", "束"]);
        assert_eq!(found(&words, "鍵の束"), ["鍵", "束"]);
        assert_eq!(found(&words, "key rings"), ["key", "ring"]);
        assert_eq!(
            found(&words, "(key ring) monkey keys 鍵key"),
            ["key", "key ring", "ring", "鍵", "key"]
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
            let mut expected: Vec<&str> = Vec::new();
            for (at, _) in text.char_indices() {
                for word in LIST {
                    let bare = word.trim_end_matches('*');
                    let begins = bare.as_bytes()[0].is_ascii_alphanumeric();
                    let ends = bare == *word && bare.ends_with(|c: char| c.is_ascii_alphanumeric());
                    let before = text[..at].bytes().next_back().is_some_and(|b| is_letter(&b));
                    let after = text.as_bytes().get(at + bare.len()).is_some_and(is_letter);
                    if text[at..].starts_with(bare) && !(begins && before || ends && after) {
                        expected.push(bare);
                    }
                }
            }
            let mut found = found(&words, &text);
            found.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
