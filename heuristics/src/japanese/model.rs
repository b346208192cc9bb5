//! How usual a sequence of kana is in Japanese prose: a trigram model over script-normalised text.
//!
//! Text becomes symbols ([`Reader`]): hiragana stand for themselves; a run of ideographs, katakana,
//! Latin letters or digits is one symbol, so that names and brands say nothing; blanks vanish, a line
//! end is a boundary. What is left is grammar: particles, endings, honorifics. The table
//! `data/japanese.bin` holds for each three symbols the surprise of the third, in bits, as a nibble.
//!
//! `cargo run -p sekisho-corpus --bin japanese-model` makes the table, from prose whose owners `NOTICE`
//! names; it uses [`Reader`] too, so that both read alike. Scoring is one look-up a character.

use crate::indicator::is_unshowable;

/// How many symbols there are.
pub const SYMBOLS: usize = 84;

/// Bytes of the table: a nibble for each three symbols.
pub const TABLE_BYTES: usize = SYMBOLS * SYMBOLS * SYMBOLS / 2;

/// Highest surprise that is told apart, in bits.
pub const MOST_BITS: u8 = 15;

/// A class of characters, smaller than [`SYMBOLS`].
pub type Symbol = u8;

/// The start of a line.
pub const BOUNDARY: Symbol = 0;

/// Reads characters as symbols.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    last: Symbol,
}

impl Default for Reader {
    fn default() -> Reader {
        Reader { last: BOUNDARY }
    }
}

impl Reader {
    /// The symbol that `c` adds; `None` where it only goes on with the one before, or says nothing.
    pub fn read(&mut self, c: char) -> Option<Symbol> {
        let symbol = match c {
            '\u{3041}'..='\u{3096}' => hiragana(c),
            // A long vowel goes on with whatever it stands behind.
            'ー' | '〜' | '～' if self.last != BOUNDARY => return None,
            'ヶ' | 'ヵ' | '々' | '〆' => HAN,
            '\u{30A1}'..='\u{30FF}' | '\u{FF66}'..='\u{FF9F}' => KATAKANA,
            'a'..='z' | 'A'..='Z' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => LATIN,
            '0'..='9' | '０'..='９' => DIGITS,
            '、' | '，' | ',' => COMMA,
            '。' | '．' | '.' | '！' | '？' | '!' | '?' => STOP,
            '\n' => BOUNDARY,
            c if c.is_whitespace() || is_unseen(c) => return None,
            c if super::is_han(c) => HAN,
            c if c.is_alphabetic() => LATIN,
            _ => SIGN,
        };
        let goes_on = symbol == self.last && symbol < FIRST_HIRAGANA;
        self.last = symbol;
        (!goes_on).then_some(symbol)
    }
}

/// Whether `symbol` belongs to a Japanese sentence whatever it speaks of: no name, number or sign.
pub fn is_grammar(symbol: Symbol) -> bool {
    symbol >= FIRST_HIRAGANA || matches!(symbol, HAN | COMMA | STOP)
}

/// Whether `symbol` is a hiragana.
pub fn is_hiragana(symbol: Symbol) -> bool {
    symbol >= FIRST_HIRAGANA
}

/// Where three symbols stand in the table: byte, and by how many bits to shift.
pub fn place(first: Symbol, second: Symbol, third: Symbol) -> (usize, u32) {
    let at = (usize::from(first) * SYMBOLS + usize::from(second)) * SYMBOLS + usize::from(third);
    (at / 2, if at.is_multiple_of(2) { 0 } else { 4 })
}

/// Surprise of `third` after the two others, in bits, at most [`MOST_BITS`].
pub fn surprise(first: Symbol, second: Symbol, third: Symbol) -> u8 {
    let (byte, shift) = place(first, second, third);
    TABLE.get(byte).map_or(0, |nibbles| nibbles >> shift & MOST_BITS)
}

/// What is put between letters so that programs read something else than people.
fn is_unseen(c: char) -> bool {
    is_unshowable(c) || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// The symbol of a hiragana. Small vowels and letters out of use share one: they are too rare to
/// count, and say little.
pub(super) fn hiragana(c: char) -> Symbol {
    let at = usize::try_from(u32::from(c) - 0x3041).unwrap_or_default();
    HIRAGANA.get(at).copied().unwrap_or(RARE)
}

static TABLE: &[u8] = include_bytes!("../../data/japanese.bin");

const HAN: Symbol = 1;
const KATAKANA: Symbol = 2;
const LATIN: Symbol = 3;
const DIGITS: Symbol = 4;
const COMMA: Symbol = 5;
const STOP: Symbol = 6;
const SIGN: Symbol = 7;
const RARE: Symbol = 8;
const FIRST_HIRAGANA: Symbol = RARE;

/// Symbols of U+3041 to U+3096.
const HIRAGANA: [Symbol; 86] = {
    let mut table = [RARE; 86];
    let mut next = RARE + 1;
    let mut at = 0;
    while at < table.len() {
        // ぁ ぃ ぅ ぇ ぉ, ゎ ゐ ゑ, ゔ ゕ ゖ
        if !matches!(at, 0 | 2 | 4 | 6 | 8 | 77 | 79 | 80 | 83..) {
            #[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
            {
                table[at] = next;
            }
            next += 1;
        }
        at += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(text: &str) -> Vec<Symbol> {
        let mut reader = Reader::default();
        text.chars().filter_map(|c| reader.read(c)).collect()
    }

    #[test]
    fn runs_are_one_symbol() {
        assert_eq!(symbols("東京都"), [HAN]);
        assert_eq!(
            symbols("カード ABC 123、(!)"),
            [KATAKANA, LATIN, DIGITS, COMMA, SIGN, STOP, SIGN]
        );
        assert_eq!(symbols("いい"), [hiragana('い'); 2]);
        assert_eq!(symbols("確 認"), symbols("確認"));
        assert_eq!(symbols("です\nま"), [hiragana('で'), hiragana('す'), BOUNDARY, hiragana('ま')]);
    }

    #[test]
    fn every_symbol_is_within_the_table() {
        let all: Vec<Symbol> = ('\u{3041}'..='\u{3096}').map(hiragana).collect();
        assert_eq!(all.iter().max(), Some(&83));
        assert_eq!(hiragana('ぁ'), RARE);
        assert_eq!(hiragana('あ'), RARE + 1);
        assert_eq!(hiragana('ん'), 83);
        assert_eq!(TABLE.len(), TABLE_BYTES);
    }

    #[test]
    fn grammar_is_known() {
        let last_of = |text: &str| {
            let s = symbols(text);
            surprise(s[s.len() - 3], s[s.len() - 2], s[s.len() - 1])
        };
        assert!(last_of("ください") <= 2, "{}", last_of("ください"));
        assert!(last_of("ます。") <= 2);
        assert!(last_of("認をを") >= 10);
        assert!(last_of("くたさ") >= 10);
    }
}
