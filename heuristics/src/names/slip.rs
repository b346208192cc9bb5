//! Finding tokens that are one typing slip away: a letter replaced, left out, put in, or two
//! neighbours swapped.
//!
//! Way in: [`Slips::near`]. An index over each token with one letter left out: whatever is one slip
//! away shares one of those forms, so that a look-up costs as many hashes as the word has letters,
//! however many tokens there are.

use std::collections::HashMap;

use super::hash::{Fnv, of_bytes};

/// Tokens by their forms with one letter left out.
#[derive(Debug, Default)]
pub(super) struct Slips {
    forms: HashMap<u64, Vec<u32>, Fnv>,
}

impl Slips {
    /// Adds a token (ASCII) under `index`.
    pub(super) fn add(&mut self, token: &str, index: u32) {
        let bytes = token.as_bytes();
        for form in forms(bytes) {
            let indices = self.forms.entry(form).or_default();
            if indices.last() != Some(&index) {
                indices.push(index);
            }
        }
    }

    /// The first token exactly one slip away from `word` (ASCII); `token` gives each its text.
    pub(super) fn near<'t>(&self, word: &str, token: impl Fn(u32) -> &'t str) -> Option<u32> {
        let bytes = word.as_bytes();
        if bytes.len() > MAX_LETTERS {
            return None;
        }
        forms(bytes)
            .filter_map(|form| self.forms.get(&form))
            .flatten()
            .copied()
            .find(|&index| is_one_slip(bytes, token(index).as_bytes()))
    }
}

/// Hashes of the word and of the word with each letter left out.
fn forms(word: &[u8]) -> impl Iterator<Item = u64> {
    let whole = std::iter::once(of_bytes(word.iter()));
    let without = move |at: usize| {
        of_bytes(word.iter().take(at).chain(word.iter().skip(at.saturating_add(1))))
    };
    whole.chain((0..word.len()).map(without))
}

/// Whether the words differ by exactly one slip.
fn is_one_slip(a: &[u8], b: &[u8]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    match long.len() - short.len() {
        1 => rest(short, same) == rest(long, same + 1),
        0 if same == short.len() => false,
        0 => {
            let (s, l) = (rest(short, same), rest(long, same));
            let swapped = matches!((s, l), ([a, b, s @ ..], [c, d, l @ ..])
                if a == d && b == c && s == l);
            swapped || s.get(1..) == l.get(1..)
        }
        _ => false,
    }
}

/// Whether the words differ by at most two letters replaced, left out or put in.
pub(super) fn is_two_slips(a: &[u8], b: &[u8]) -> bool {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (rest(a, same), rest(b, same));
    let one = |a: &[u8], b: &[u8]| a == b || is_one_slip(a, b);
    one(rest(a, 1), rest(b, 1)) || one(rest(a, 1), b) || one(a, rest(b, 1))
}

/// Whether a word one slip away from `token` has no letter that `token` has not: letters swapped,
/// one left out, one doubled.
pub(super) fn has_no_other_letter(word: &[u8], token: &[u8]) -> bool {
    let changed = |letters: &[u8], change: fn(&mut Vec<u8>)| {
        let mut letters = letters.to_vec();
        change(&mut letters);
        letters
    };
    let same = |change| changed(word, change) == changed(token, change);
    word.len() < token.len() || same(Vec::dedup) || same(|letters| letters.sort_unstable())
}

fn rest(word: &[u8], from: usize) -> &[u8] {
    word.get(from..).unwrap_or_default()
}

/// Longest word looked up; no token is longer.
const MAX_LETTERS: usize = 33;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOKENS: [&str; 3] = ["amazon", "mercari", "rakuten"];

    fn near(word: &str) -> Option<&'static str> {
        let mut slips = Slips::default();
        for (index, token) in (0..).zip(TOKENS) {
            slips.add(token, index);
        }
        let token = |index: u32| TOKENS[index as usize];
        slips.near(word, token).map(token)
    }

    #[test]
    fn one_slip_is_found() {
        for word in ["amazom", "amzaon", "amzon", "amazzon", "xamazon", "amazonx", "mazon"] {
            assert_eq!(near(word), Some("amazon"), "{word}");
        }
        assert_eq!(near("rakutan"), Some("rakuten"));
    }

    #[test]
    fn none_and_two_are_not() {
        for word in ["amazon", "amzaom", "amaon1", "azamon", "", "a"] {
            assert_eq!(near(word), None, "{word}");
        }
        assert_eq!(near(&"a".repeat(1000)), None);
    }

    proptest! {
        #[test]
        fn every_replacement_is_found(at in 0usize..7, letter in b'a'..=b'z') {
            let mut word = b"rakuten".to_vec();
            word[at] = letter;
            let word = String::from_utf8(word).unwrap();
            prop_assert_eq!(near(&word), (word != "rakuten").then_some("rakuten"));
        }
    }
}
