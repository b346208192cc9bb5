//! What makes a text Japanese, and what is not Japanese about it.
//!
//! [`Census`] counts scripts; [`chinese`] knows the characters Japanese does not write; [`model`]
//! knows which sequences of kana Japanese prose has; [`repair`] finds slips with it, [`spacing`]
//! blanks that stand wrong, [`slips`] weighs all errors that native writers do not make; [`words`]
//! looks up lists. Everything is one pass over characters, bounded by [`LONGEST`].

pub mod chinese;
pub mod model;
pub mod repair;
pub mod slips;
pub mod spacing;
pub mod words;

/// Characters of one text that are looked at: more than anybody reads of a mail.
pub const LONGEST: usize = 20_000;

/// How many characters of each script a text holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Hiragana.
    pub hiragana: usize,
    /// Katakana, half-width too; not the marks (ー, ・), which Chinese text may hold.
    pub katakana: usize,
    /// Ideographs of any country.
    pub han: usize,
}

impl Census {
    /// Counts the first [`LONGEST`] characters.
    pub fn of(text: &str) -> Census {
        let mut census = Census::default();
        if text.is_ascii() {
            return census;
        }
        for c in text.chars().take(LONGEST) {
            match c {
                '\0'..='\u{7F}' => {}
                '\u{3041}'..='\u{3096}' => census.hiragana += 1,
                '\u{30A1}'..='\u{30FA}' | '\u{FF66}'..='\u{FF6F}' | '\u{FF71}'..='\u{FF9D}' => {
                    census.katakana += 1;
                }
                _ => census.han += usize::from(is_han(c)),
            }
        }
        census
    }

    /// Both counts together.
    #[must_use]
    pub fn and(self, other: Census) -> Census {
        Census {
            hiragana: self.hiragana + other.hiragana,
            katakana: self.katakana + other.katakana,
            han: self.han + other.han,
        }
    }

    /// Whether it is Japanese. Chinese likes a 「の」 in names of goods; Japanese sentences are to a
    /// third kana at the least, and a subject of three words still holds one in twelve.
    pub fn is_japanese(self) -> bool {
        let kana = self.hiragana + self.katakana;
        kana >= 1 && kana * 12 >= self.han
    }
}

/// Whether `c` is an ideograph.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// Whether `c` is hiragana, katakana or an ideograph: what a Japanese word is written in.
pub fn is_japanese_letter(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | 'ー' | '々') || is_han(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_counted() {
        let census = Census::of("重要なお知らせ：カード、ﾃｽﾄ・ー 123 abc 您");
        assert_eq!(census, Census { hiragana: 4, katakana: 5, han: 4 });
    }

    #[test]
    fn what_is_japanese() {
        for text in ["重要なお知らせ", "請求書を送付", "三井住友カード", "ご利用明細のご確認"]
        {
            assert!(Census::of(text).is_japanese(), "{text}");
        }
        for text in
            ["", "hello", "请确认您的账户", "鲜の每日坚果新年礼盒特价优惠欢迎选购", "東京都"]
        {
            assert!(!Census::of(text).is_japanese(), "{text}");
        }
    }
}
