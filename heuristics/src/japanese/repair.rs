//! Slips inside words: places where the text is hardly Japanese and one changed kana makes it so.
//!
//! 「してくださ。」 lacks an い, 「くたさい」 a voiced mark, 「いただけなない」 has a な too many. A sequence is
//! such a slip where the model ([`super::model`]) finds it next to impossible, and finds it usual
//! once a kana is put in, taken out where it is doubled, voiced, or two are exchanged. That a
//! sequence is rare says nothing alone: names of places in hiragana, dialect and verse are rare too,
//! but no single kana makes common words of them.

use super::LONGEST;
use super::model::{
    BOUNDARY, Reader, SYMBOLS, Symbol, hiragana, is_grammar, is_hiragana, surprise,
};

/// A text read for the model.
pub struct Prose<'t> {
    text: &'t str,
    /// Symbols and the byte offsets of their characters.
    symbols: Vec<(Symbol, usize)>,
}

impl<'t> Prose<'t> {
    /// Reads the first [`LONGEST`] characters.
    pub fn read(text: &'t str) -> Prose<'t> {
        let mut reader = Reader::default();
        let read = text.char_indices().take(LONGEST);
        let mut symbols = Vec::with_capacity(text.len().min(LONGEST * 3) / 3 + 4);
        symbols.extend([(BOUNDARY, 0); 2]);
        symbols.extend(read.filter_map(|(at, c)| Some((reader.read(c)?, at))));
        Prose { text, symbols }
    }

    /// Calls `found` with each slip, as a person sees it, and with whether a blank made it.
    pub fn slips(&self, mut found: impl FnMut(&'t str, Slip)) {
        let mut looks = 0;
        for (third, window) in self.symbols.windows(3).enumerate().map(|(at, w)| (at + 2, w)) {
            let &[(a, _), (b, before), (c, at)] = window else { continue };
            if !(is_hiragana(b) || is_hiragana(c)) || c == BOUNDARY {
                continue;
            }
            let surprise = surprise(a, b, c);
            if surprise <= USUAL {
                if self.is_cut(a, b, c, before, at) {
                    found(self.around(at), Slip::Blank);
                }
            } else if surprise >= STRANGE
                && looks < MOST_LOOKS
                && [a, b, c].into_iter().all(|s| s != BOUNDARY && is_grammar(s))
            {
                looks += 1;
                if self.is_repairable(third - 1) || self.is_repairable(third) {
                    found(self.around(at), Slip::Kana);
                }
            }
        }
    }

    /// Whether a single blank stands inside a word, before `at`: three hiragana that often
    /// follow one another, with letters right on both sides. Letters set apart each are decoration.
    fn is_cut(&self, a: Symbol, b: Symbol, c: Symbol, before: usize, at: usize) -> bool {
        // Kana are three bytes, and so next to each other.
        if at - before.min(at) == 3 || ![a, b, c].into_iter().all(is_hiragana) {
            return false;
        }
        let between = self.text.get(before..at).unwrap_or_default();
        let mut between = between.chars().skip(1);
        let is_blank =
            |c: Option<char>| c.is_some_and(|c| matches!(c, ' ' | '\u{3000}' | '\u{A0}'));
        if !is_blank(between.next()) || between.next().is_some() {
            return false;
        }
        let letter = |c: Option<char>| c.is_some_and(super::is_japanese_letter);
        let ahead = self.text.get(..before).unwrap_or_default().chars().next_back();
        let mut behind = self.text.get(at..).unwrap_or_default().chars().skip(1);
        letter(ahead) && letter(behind.next())
    }

    /// Whether one kana changed at `at` makes usual what is impossible now.
    fn is_repairable(&self, at: usize) -> bool {
        let symbol = |at: usize| self.symbols.get(at).map_or(BOUNDARY, |s| s.0);
        let here = symbol(at);
        let Some(start) = at.checked_sub(3).filter(|_| here != BOUNDARY) else { return false };
        let left = [symbol(start), symbol(start + 1), symbol(start + 2)];
        let right = [symbol(at + 1), symbol(at + 2), symbol(at + 3)];
        // What no change at `at` touches must be usual already.
        let [before_left, last, next] = [left[1], left[2], right[0]];
        let untouched = bits(left[0], before_left, last);
        let whole = cost(&left, &[here], &right);
        if whole < GAIN || untouched > LEFT_OVER {
            return false;
        }
        let good = |cost: u32| cost <= LEFT_OVER && whole - cost >= GAIN;
        let doubled = here == last || here == next || last == next;
        let exchanged = [next, here];
        if doubled && good(cost(&left, &[], &right))
            || next != BOUNDARY && good(cost(&left, &exchanged, right.get(1..).unwrap_or_default()))
        {
            return true;
        }
        // What stands behind stays as well for a kana more or another kana.
        let behind = bits(next, right[1], right[2]);
        if untouched + behind > LEFT_OVER {
            return false;
        }
        let voiced = VOICED.iter().any(|&(plain, voiced)| {
            let (plain, voiced) = (hiragana(plain), hiragana(voiced));
            here == plain && good(cost(&left, &[voiced], &right))
                || here == voiced && good(cost(&left, &[plain], &right))
        });
        let all = 0..Symbol::try_from(SYMBOLS).unwrap_or(Symbol::MAX);
        voiced
            || all.filter(|&more| is_hiragana(more)).any(|more| {
                let here_too = untouched + behind + bits(before_left, last, more);
                here_too <= LEFT_OVER
                    && here_too + bits(last, more, here) <= LEFT_OVER
                    && good(cost(&left, &[more, here], &right))
            })
    }

    /// Characters round `at`, within the line.
    fn around(&self, at: usize) -> &'t str {
        let (before, after) = self.text.split_at_checked(at).unwrap_or(("", self.text));
        let in_line = |c: &char| *c != '\n';
        let start: usize =
            before.chars().rev().take_while(in_line).take(5).map(char::len_utf8).sum();
        let end: usize = after.chars().take_while(in_line).take(4).map(char::len_utf8).sum();
        self.text.get(at - start.min(at)..at + end).unwrap_or_default().trim()
    }
}

/// What is wrong at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// A blank inside a word.
    Blank,
    /// A kana that is missing, doubled, exchanged, or without its voiced mark.
    Kana,
}

/// Bits that three pieces in a row cost. Line starts cost nothing: what stands there may be anything.
fn cost(left: &[Symbol], middle: &[Symbol], right: &[Symbol]) -> u32 {
    let mut last = [BOUNDARY; 2];
    let mut sum = 0;
    for (at, &symbol) in left.iter().chain(middle).chain(right).enumerate() {
        if at >= 2 {
            sum += bits(last[0], last[1], symbol);
        }
        last = [last[1], symbol];
    }
    sum
}

/// What the third of three symbols costs; nothing at or right behind the start of a line.
fn bits(first: Symbol, second: Symbol, third: Symbol) -> u32 {
    if second == BOUNDARY || third == BOUNDARY {
        0
    } else {
        u32::from(surprise(first, second, third))
    }
}

/// Surprise from which a place is looked at closely, in bits.
const STRANGE: u8 = 8;

/// Surprise of what often follows, in bits.
const USUAL: u8 = 2;

/// Strange places of one text that are looked at closely; a letter has a few, noise has thousands.
const MOST_LOOKS: usize = 200;

/// Bits that a repair must save over the four or five symbols it touches. Measured on honest and
/// hostile mail: the slips lie at 11 to 23, what is merely rare leaves much over.
const GAIN: u32 = 11;

/// Most bits that the repaired place may still cost.
const LEFT_OVER: u32 = 8;

/// Kana with and without their mark, or small and large.
const VOICED: [(char, char); 29] = [
    ('か', 'が'),
    ('き', 'ぎ'),
    ('く', 'ぐ'),
    ('け', 'げ'),
    ('こ', 'ご'),
    ('さ', 'ざ'),
    ('し', 'じ'),
    ('す', 'ず'),
    ('せ', 'ぜ'),
    ('そ', 'ぞ'),
    ('た', 'だ'),
    ('ち', 'ぢ'),
    ('つ', 'づ'),
    ('て', 'で'),
    ('と', 'ど'),
    ('は', 'ば'),
    ('ひ', 'び'),
    ('ふ', 'ぶ'),
    ('へ', 'べ'),
    ('ほ', 'ぼ'),
    ('は', 'ぱ'),
    ('ひ', 'ぴ'),
    ('ふ', 'ぷ'),
    ('へ', 'ぺ'),
    ('ほ', 'ぽ'),
    ('つ', 'っ'),
    ('や', 'ゃ'),
    ('ゆ', 'ゅ'),
    ('よ', 'ょ'),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn slips(text: &str) -> Vec<(&str, Slip)> {
        let mut found = Vec::new();
        Prose::read(text).slips(|shown, slip| found.push((shown, slip)));
        found
    }

    #[track_caller]
    fn slip(text: &str) {
        assert!(!slips(text).is_empty(), "{text}");
    }

    #[test]
    fn missing_doubled_exchanged_and_unvoiced_kana() {
        slip("下記のリンクをクリックしてくださ。");
        slip("情報を更新してくだい。");
        slip("現在ご利用いただけなない状態です。");
        slip("内容をご確認くたさい。");
        slip("ご利用いただきありかとうございます。");
        slip("ご連絡をお願いいたしまます。");
        slip("誠にありがとうごいざます。");
    }

    #[test]
    fn blanks_inside_words() {
        let found = slips("いつもご利用いただ きまして、ありがとうござ います。");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|f| f.1 == Slip::Blank), "{found:?}");
    }

    #[test]
    fn none_in_honest_japanese() {
        for text in [
            "お世話になっております。先日はありがとうございました。資料をお送りいたしますので、ご査収ください。",
            "あ り が と う ご ざ い ま す",
            "きょうは がっこうで えを かきました。とても たのしかったです。",
            "せやから言うたやろ。ほんまにあかんで。なんぼなんでも、そらないわ。",
            "みなとみらいのさくら公園で、もくもくと作業をしています。",
            "春はあけぼの。やうやう白くなりゆく山ぎは、すこしあかりて。",
        ] {
            assert_eq!(slips(text), [], "{text}");
        }
    }

    #[test]
    fn anything_is_survived() {
        for text in ["", "あ", "ああ", "、、、", "\n\n\n", "くださ", "を\nを", "😀をを😀"]
        {
            slips(text);
        }
        slips(&"をが".repeat(50_000));
    }
}
