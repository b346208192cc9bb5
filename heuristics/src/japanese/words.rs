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
                let (slot, bit) = place(first, second);
                if let Some(slot) = begin.get_mut(slot) {
                    *slot |= bit;
                }
            }
        }
        Words { list, begin }
    }

    /// The longest word that `text` begins with.
    pub fn at(&self, text: &str) -> Option<&'a str> {
        let mut chars = text.chars();
        let (first, second) = (chars.next()?, chars.next()?);
        let (slot, bit) = place(first, second);
        if self.begin.get(slot).is_none_or(|slot| slot & bit == 0) {
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

/// Slot and bit of a pair.
fn place(first: char, second: char) -> (usize, u64) {
    let mixed =
        u32::from(first).wrapping_mul(0x9E37_79B1) ^ u32::from(second).wrapping_mul(0x85EB_CA6B);
    // The high bits are the well mixed ones.
    let at = usize::try_from(mixed >> 20).unwrap_or_default();
    (at / 64 % SLOTS, 1 << (at % 64))
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
