//! What bytes are evidence of: how much they look like Japanese in Shift_JIS or in EUC-JP.
//!
//! Validity alone decides nothing: nearly every EUC-JP text is valid Shift_JIS (a row of
//! half-width kana). So characters are weighed: kana and common kanji (JIS level 1) speak for a
//! charset; rare kanji, rows of half-width kana and broken pairs against it. No text is decoded
//! and nothing allocated.

/// What a reading of the bytes is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Score {
    /// Sum of the weights; positive speaks for the charset.
    pub(super) points: i32,
    /// Characters that are not ASCII.
    pub(super) characters: u32,
    /// Full-width hiragana and katakana.
    pub(super) kana: u32,
    /// Bytes that fit no character.
    pub(super) invalid: u32,
}

impl Score {
    /// Whether the reading is Japanese text with at most a little damage.
    pub(super) fn is_japanese(self) -> bool {
        self.points > 0 && self.invalid.saturating_mul(16) <= self.characters
    }

    fn add(&mut self, weight: i32) {
        self.characters += 1;
        self.points += weight;
    }

    fn kana(&mut self) {
        self.kana += 1;
        self.add(4);
    }

    fn invalid(&mut self) {
        self.invalid += 1;
        self.points -= 8;
    }
}

/// How many bytes are weighed: enough to know, and bounded.
const SAMPLE: usize = 16 * 1024;

const COMMON: i32 = 2;
const HALF_WIDTH: i32 = 0;
const RARE: i32 = -1;
const UNASSIGNED: i32 = -6;

/// Reads the bytes as Shift_JIS with the extensions of CP932.
pub(super) fn shift_jis(bytes: &[u8]) -> Score {
    let mut score = Score::default();
    let mut rest = bytes.get(..SAMPLE).unwrap_or(bytes);
    let cut = rest.len() < bytes.len();
    let mut after_letter = false;
    loop {
        let is_after_letter = after_letter;
        after_letter = false;
        rest = match rest {
            [b @ ..=0x7F, tail @ ..] => {
                after_letter = b.is_ascii_alphabetic();
                tail
            }
            [0xA1..=0xDF, tail @ ..] => {
                score.add(HALF_WIDTH);
                tail
            }
            [0x82, 0x9F..=0xF1, tail @ ..] | [0x83, 0x40..=0x7E | 0x80..=0x96, tail @ ..] => {
                score.kana();
                tail
            }
            [a @ (0x81..=0x9F | 0xE0..=0xFC), b @ (0x40..=0x7E | 0x80..=0xFC), tail @ ..] => {
                score.add(match (*a, *b) {
                    // An accented letter inside a European word.
                    (_, b'a'..=b'z') if is_after_letter => UNASSIGNED,
                    (0x81, 0x40..=0xAC) => COMMON,
                    (0x82, 0x4F..=0x9A) | (0x87, _) => 1,
                    (0x88, 0x9F..) | (0x89..=0x97, _) | (0x98, ..=0x72) => COMMON,
                    (0x98, 0x9F..) | (0x99..=0x9F, _) | (0xE0..=0xEA, _) => RARE,
                    (0x81 | 0x83 | 0x84 | 0xED | 0xEE | 0xFA..=0xFC, _) => RARE,
                    _ => UNASSIGNED,
                });
                tail
            }
            [_] if cut => &[],
            [_, tail @ ..] => {
                score.invalid();
                tail
            }
            [] => return score,
        };
    }
}

/// Reads the bytes as EUC-JP with the extensions of eucJP-ms.
pub(super) fn euc_jp(bytes: &[u8]) -> Score {
    let mut score = Score::default();
    let mut rest = bytes.get(..SAMPLE).unwrap_or(bytes);
    let cut = rest.len() < bytes.len();
    loop {
        rest = match rest {
            [..=0x7F, tail @ ..] => tail,
            [0xA4, 0xA1..=0xF3, tail @ ..] | [0xA5, 0xA1..=0xF6, tail @ ..] => {
                score.kana();
                tail
            }
            [a @ 0xA1..=0xFE, 0xA1..=0xFE, tail @ ..] => {
                score.add(match a {
                    0xA1 | 0xB0..=0xCF => COMMON,
                    0xA3 | 0xAD => 1,
                    0xD0..=0xF4 | 0xA2 | 0xA6..=0xA8 | 0xF9..=0xFC => RARE,
                    _ => UNASSIGNED,
                });
                tail
            }
            [0x8E, 0xA1..=0xDF, tail @ ..] => {
                score.add(HALF_WIDTH);
                tail
            }
            [0x8F, 0xA1..=0xFE, 0xA1..=0xFE, tail @ ..] => {
                score.add(RARE);
                tail
            }
            [_] | [0x8F, _] if cut => &[],
            [_, tail @ ..] => {
                score.invalid();
                tail
            }
            [] => return score,
        };
    }
}

/// How UTF-8 the bytes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Utf8 {
    /// Whole characters of two or more bytes.
    pub(super) characters: u32,
    /// Those of three or more bytes, which other charsets hardly ever form by chance.
    pub(super) long: u32,
    /// Places where a byte fits no character; a character cut off at the end is none.
    pub(super) invalid: u32,
}

impl Utf8 {
    /// Valid, and more than ASCII.
    pub(super) fn is_valid(self) -> bool {
        self.invalid == 0 && self.characters > 0
    }

    /// Damaged at a few places, but nothing else writes so.
    pub(super) fn is_damaged(self) -> bool {
        self.long > 0 && self.invalid.saturating_mul(8) <= self.characters
    }
}

/// Counts the characters of UTF-8.
pub(super) fn utf8(bytes: &[u8]) -> Utf8 {
    let mut found = Utf8::default();
    for chunk in bytes.utf8_chunks() {
        for lead in chunk.valid().bytes().filter(|b| *b >= 0xC0) {
            found.characters += 1;
            found.long += u32::from(lead >= 0xE0);
        }
        if !chunk.invalid().is_empty() {
            found.invalid += 1;
        }
    }
    // A cut at the end, as limits make it, is no sign of another charset.
    if let Some(last) = bytes.utf8_chunks().last()
        && matches!(last.invalid(), [0xC2..=0xF4] | [0xE0..=0xF4, _] | [0xF0..=0xF4, _, _])
        && found.characters > 1
    {
        found.invalid -= 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_JP, SHIFT_JIS};

    use super::*;

    const TEXTS: [&str; 6] = [
        "会議のお知らせ",
        "見積書",
        "請求書を送付いたします。",
        "株式会社サンプル",
        "テスト",
        "東京都千代田区霞が関",
    ];

    #[test]
    fn each_charset_wins_with_its_own_text() {
        for text in TEXTS {
            let bytes = SHIFT_JIS.encode(text).0;
            assert!(shift_jis(&bytes).is_japanese(), "{text}");
            assert!(shift_jis(&bytes).points > euc_jp(&bytes).points, "{text}");
            let bytes = EUC_JP.encode(text).0;
            assert!(euc_jp(&bytes).is_japanese(), "{text}");
            assert!(euc_jp(&bytes).points > shift_jis(&bytes).points, "{text}");
            assert!(utf8(text.as_bytes()).is_valid() && !utf8(&bytes).is_valid(), "{text}");
        }
    }

    #[test]
    fn european_text_is_not_japanese() {
        for bytes in [
            &b"G\xE9n\xE9ral"[..],
            b"M\xFCnchen, Stra\xDFe",
            b"caf\xE9",
            b"\x93Hi\x94",
            b"Dij\x8Ft",
        ] {
            assert!(!shift_jis(bytes).is_japanese() && !euc_jp(bytes).is_japanese());
            assert!(!utf8(bytes).is_valid() && !utf8(bytes).is_damaged());
        }
    }

    #[test]
    fn a_character_cut_off_at_the_end_is_no_damage() {
        assert_eq!(utf8(b"\xE3\x81\x82\xE3\x81\x84\xE3\x81").invalid, 0);
        assert_eq!(utf8(b"\xE3\x81\x82\xE3\x81\xE3\x81\x84").invalid, 1);
    }
}
