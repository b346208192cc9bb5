//! Many words looked for at once, in one pass over a text.
//!
//! Two characters that begin no word are told by one look at 512 bytes; only then is the sorted list
//! asked. Made per message in a few microseconds, so that the lists can be an administrator's.

use std::ops::Bound;

use sekisho_config::WordSet;

/// A list of words, ready to be looked up.
pub struct Words<'a> {
    list: &'a WordSet,
    /// Which pairs of first characters there are, hashed.
    begin: [u64; SLOTS],
}

impl<'a> Words<'a> {
    /// Makes the list ready. Words of a single character are never found.
    pub fn new(list: &'a WordSet) -> Words<'a> {
        let mut begin = [0; SLOTS];
        for word in list {
            let mut chars = word.chars();
            if let (Some(first), Some(second)) = (chars.next(), chars.next()) {
                let pair = Pair::new(first, second);
                if let Some(slot) = begin.get_mut(pair.slot) {
                    *slot |= pair.bit;
                }
            }
        }
        Words { list, begin }
    }

    /// Whether a word may begin with these two characters. One look; most pairs end here.
    pub fn may_begin(&self, pair: Pair) -> bool {
        self.begin.get(pair.slot).is_some_and(|slot| slot & pair.bit != 0)
    }

    /// The longest word that `text` begins with.
    pub fn at(&self, text: &str) -> Option<&'a str> {
        let mut chars = text.chars();
        let (first, second) = (chars.next()?, chars.next()?);
        if !self.may_begin(Pair::new(first, second)) {
            return None;
        }
        let pair = text.get(..first.len_utf8() + second.len_utf8())?;
        self.list
            .range::<str, _>((Bound::Included(pair), Bound::Unbounded))
            .take_while(|word| word.starts_with(pair))
            .filter(|word| text.starts_with(word.as_str()))
            .last()
            .map(String::as_str)
    }
}

/// Two characters, hashed once for any number of lists.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    slot: usize,
    bit: u64,
}

impl Pair {
    /// Hashes the pair.
    #[inline]
    pub fn new(first: char, second: char) -> Pair {
        let mixed = u32::from(first).wrapping_mul(0x9E37_79B1)
            ^ u32::from(second).wrapping_mul(0x85EB_CA6B);
        // The high bits are the well mixed ones.
        let at = usize::try_from(mixed >> 20).unwrap_or_default();
        Pair { slot: at / 64 % SLOTS, bit: 1 << (at % 64) }
    }
}

const SLOTS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_word_is_found() {
        let list = ["請點", "請點擊", "這個", "您"].map(str::to_owned).into();
        let words = Words::new(&list);
        assert_eq!(words.at("請點擊這裡"), Some("請點擊"));
        assert_eq!(words.at("請點"), Some("請點"));
        assert_eq!(words.at("這"), None);
        assert_eq!(words.at("您好"), None);
        assert_eq!(words.at("個這"), None);
        assert_eq!(words.at(""), None);
    }
}
