//! Errors of a text that native writers of Japanese do not make, weighed together.
//!
//! One error is a slip of the hand and says nothing. What tells a foreign writer, a machine or a
//! broken template is several **different** ones in a letter of ordinary length, so each error counts
//! once however often it is repeated, each kind has a bound, and a longer text must hold more.
//!
//! Way in: [`errors`] for all texts, then [`Errors::verdict`]. One pass for the model, one for
//! words and signs.

use std::cell::LazyCell;
use std::ops::Deref;

use sekisho_config::WordSet;

use super::repair::{self, Prose};
use super::words::Words;
use super::{Census, LONGEST, is_han, is_japanese_letter, spacing, words};

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A form of the list `broken_japanese`.
    Broken,
    /// A kana missing, doubled, exchanged, or without its voiced mark.
    Kana,
    /// A kanji in the place of a katakana, or the reverse; letters of two alphabets in one word.
    LookAlike,
    /// A question mark where a character of a word was lost.
    Lost,
    /// A blank inside a word or before a full stop.
    Blank,
    /// Marks of another language between Japanese, beside the right ones.
    Mark,
    /// A phrase of the list `translated_japanese`.
    Translated,
}

impl Kind {
    /// What one error of the kind is worth, and what all of them are worth at most.
    fn weight(self) -> (u32, u32) {
        match self {
            Kind::Broken | Kind::Kana => (2, 8),
            Kind::LookAlike | Kind::Lost => (2, 4),
            // A wrapped line or a template makes one or two of these.
            Kind::Blank => (1, 4),
            Kind::Mark => (1, 2),
            // Correct Japanese after all: never enough alone, nor one with one slip of the hand.
            Kind::Translated => (1, 2),
        }
    }
}

/// Errors found so far.
#[derive(Debug)]
pub struct Errors<'t> {
    /// Each different error once, in order.
    found: Vec<(Kind, &'t str)>,
    /// Japanese letters read.
    letters: usize,
}

impl<'t> Errors<'t> {
    /// Reads one text a person sees: a subject, a body. `lists` of broken and of translated Japanese
    /// are made when they are first asked for.
    fn read(text: &'t str, lists: &impl Deref<Target = (Words<'t>, Words<'t>)>) -> Errors<'t> {
        let census = Census::of(text);
        let letters = census.hiragana + census.katakana + census.han;
        let mut errors = Errors { found: Vec::new(), letters };
        if !census.is_japanese() {
            return errors;
        }
        let (broken, translated) = &**lists;
        errors.words(text, broken, translated);
        errors.marks(text);
        let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
        for line in text.get(..end).unwrap_or(text).split('\n') {
            spacing::search(line, |shown| errors.add(Kind::Blank, shown));
        }
        // All kana is a text for children, or verse: the model learnt from neither.
        if census.han * 12 >= census.hiragana {
            Prose::read(text).slips(|shown, slip| {
                let kind = match slip {
                    repair::Slip::Blank => Kind::Blank,
                    repair::Slip::Kana => Kind::Kana,
                };
                errors.add(kind, shown);
            });
        }
        errors
    }

    /// Adds what was found elsewhere in the same mail.
    #[must_use]
    pub fn and(mut self, other: Errors<'t>) -> Errors<'t> {
        self.letters += other.letters;
        for (kind, shown) in other.found {
            self.add(kind, shown);
        }
        self
    }

    /// What was found, where it is enough to say that the prose is not a native's; each error once.
    pub fn verdict(&self) -> Option<Vec<&'t str>> {
        let longer = self.letters.saturating_sub(SHORT) / LETTERS_A_POINT;
        let needed = u32::try_from(longer).unwrap_or(u32::MAX).saturating_add(ENOUGH);
        let enough = self.found.len() >= 2 && self.weight() >= needed;
        enough.then(|| self.found.iter().map(|(_, shown)| *shown).collect())
    }

    /// All errors together.
    pub fn weight(&self) -> u32 {
        let mut sum = 0;
        for kind in ALL {
            let (one, most) = kind.weight();
            let count = self.found.iter().filter(|(found, _)| *found == kind).count();
            sum += u32::try_from(count).unwrap_or(u32::MAX).saturating_mul(one).min(most);
        }
        sum
    }

    fn add(&mut self, kind: Kind, shown: &'t str) {
        let known = |found: &str| found.contains(shown) || shown.contains(found);
        if self.found.len() < MOST && !self.found.iter().any(|(_, found)| known(found)) {
            self.found.push((kind, shown));
        }
    }

    fn words<'l>(&mut self, text: &str, broken: &Words<'l>, translated: &Words<'l>)
    where
        'l: 't,
    {
        let mut last = (0, '\n');
        for (at, c) in text.char_indices().take(LONGEST) {
            let (start, first) = std::mem::replace(&mut last, (at, c));
            let pair = words::Pair::new(first, c);
            if broken.may_begin(pair)
                && let Some(word) = text.get(start..).and_then(|rest| broken.at(rest))
            {
                self.add(Kind::Broken, word);
            }
            if translated.may_begin(pair)
                && let Some(word) = text.get(start..).and_then(|rest| translated.at(rest))
            {
                self.add(Kind::Translated, word);
            }
        }
    }

    /// Signs and letters that do not go with their neighbours.
    fn marks(&mut self, text: &'t str) {
        let mut counts = Marks::default();
        let mut window = [(0, '\n'); 4];
        let padding = [(text.len(), '\n')];
        for (at, c) in text.char_indices().take(LONGEST).chain(padding) {
            window = [window[1], window[2], window[3], (at, c)];
            let [(_, ahead), (start, left), (middle_at, middle), (_, right)] = window;
            // Nearly all characters, and never the odd one.
            if is_hiragana(middle) || is_han(middle) && !is_mistaken(middle) {
                continue;
            }
            let shown =
                || text.get(start..at + if c == '\n' { 0 } else { c.len_utf8() }).unwrap_or("");
            if is_kanji_for_katakana(left, middle, right)
                || is_katakana_for_kana(left, middle, right)
            {
                self.add(Kind::LookAlike, shown());
            } else if middle == '?' && is_katakana(left) && is_katakana(right) {
                self.add(Kind::Lost, shown());
            } else if middle == '\u{B7}' && is_japanese_letter(left) && is_japanese_letter(right) {
                self.add(Kind::Mark, shown());
            } else if middle == '客' && right == '様' && !(is_han(left) || "おご御".contains(left))
            {
                self.add(Kind::Broken, shown());
            } else if is_two_alphabets(middle, right) {
                let shown = text.get(middle_at..).unwrap_or_default();
                let end = shown
                    .find(|c: char| !c.is_alphanumeric() || is_japanese_letter(c))
                    .unwrap_or(shown.len());
                self.add(Kind::LookAlike, shown.get(..end).unwrap_or_default());
            }
            counts.see(ahead, left, middle, right, shown);
        }
        for mixed in [counts.stops, counts.commas] {
            if let Mixed { japanese: 3.., foreign: Some(shown) } = mixed {
                self.add(Kind::Mark, shown);
            }
        }
    }
}

/// Marks of Japanese, and the first one of another language in their place.
#[derive(Clone, Copy, Default)]
struct Mixed<'t> {
    japanese: u32,
    foreign: Option<&'t str>,
}

#[derive(Default)]
struct Marks<'t> {
    stops: Mixed<'t>,
    commas: Mixed<'t>,
}

impl<'t> Marks<'t> {
    fn see(
        &mut self,
        ahead: char,
        left: char,
        middle: char,
        right: char,
        shown: impl FnOnce() -> &'t str,
    ) {
        match middle {
            '。' => self.stops.japanese += 1,
            '、' => self.commas.japanese += 1,
            // です. or ます. and then something new.
            '.' if matches!(left, 'す' | 'た' | 'ん' | 'い')
                && is_hiragana(ahead)
                && (right.is_whitespace() || is_japanese_letter(right)) =>
            {
                self.stops.foreign.get_or_insert_with(shown);
            }
            ',' if is_hiragana(left) && is_japanese_letter(right) => {
                self.commas.foreign.get_or_insert_with(shown);
            }
            _ => {}
        }
    }
}

/// Kanji that are looked at: those of [`is_kanji_for_katakana`], and 客.
fn is_mistaken(c: char) -> bool {
    matches!(c, '力' | '口' | '二' | '八' | '工' | '夕' | '千' | '卜' | '一' | '客')
}

/// `力ード`, `二ュース`, `メ一ル`, `アカウン卜`: a kanji drawn like the katakana that belongs there. What
/// follows decides, because 力 and 口 stand behind katakana in words of their own (デザイン力, 二カ国).
fn is_kanji_for_katakana(left: char, middle: char, right: char) -> bool {
    match middle {
        '力' | '口' | '二' | '八' | '工' | '夕' | '千' => {
            matches!(right, 'ー' | 'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ' | 'ャ' | 'ュ' | 'ョ')
        }
        '卜' => is_katakana(left),
        '一' => {
            is_katakana(left) && is_katakana(right) && !matches!(right, 'ノ' | 'ツ' | 'ヶ' | 'カ')
        }
        _ => false,
    }
}

/// `銀行ヘの`: a katakana drawn like the hiragana that belongs there.
fn is_katakana_for_kana(left: char, middle: char, right: char) -> bool {
    matches!(middle, 'ヘ' | 'ベ' | 'ペ')
        && (is_hiragana(left) || is_han(left))
        && is_hiragana(right)
}

/// A Cyrillic letter, or a Greek one drawn like a Latin one, and a Latin one in the same word. Other
/// Greek letters are signs of units and quantities (`k\u{03A9}`, `\u{03BC}m`, `\u{0394}t`).
fn is_two_alphabets(left: char, right: char) -> bool {
    let is_other = |c: char| match c {
        '\u{0393}' | '\u{0394}' | '\u{0398}' | '\u{039B}' | '\u{039E}' | '\u{03A0}'
        | '\u{03A3}' | '\u{03A6}' | '\u{03A8}' | '\u{03A9}' => false,
        '\u{0391}'..='\u{03A9}' | '\u{0400}'..='\u{04FF}' => true,
        '\u{03B1}' | '\u{03B9}' | '\u{03BA}' | '\u{03BD}' | '\u{03BF}' | '\u{03C1}'
        | '\u{03C5}' => true,
        _ => false,
    };
    let is_latin = |c: char| c.is_ascii_alphabetic();
    is_other(left) && is_latin(right) || is_latin(left) && is_other(right)
}

fn is_hiragana(c: char) -> bool {
    ('\u{3041}'..='\u{3096}').contains(&c)
}

fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30A1}'..='\u{30FA}' | 'ー')
}

/// Looks at texts of one mail with the lists of the settings.
pub fn errors<'t>(
    texts: impl Iterator<Item = &'t str>,
    broken: &'t WordSet,
    translated: &'t WordSet,
) -> Option<Errors<'t>> {
    let lists = LazyCell::new(|| (Words::new(broken), Words::new(translated)));
    texts.map(|text| Errors::read(text, &lists)).reduce(Errors::and)
}

const ALL: [Kind; 7] = [
    Kind::Broken,
    Kind::Kana,
    Kind::LookAlike,
    Kind::Lost,
    Kind::Blank,
    Kind::Mark,
    Kind::Translated,
];

/// Weight that a letter of ordinary length needs: two errors nobody makes, or one and some oddities.
const ENOUGH: u32 = 4;

/// Japanese letters of a letter of ordinary length.
const SHORT: usize = 900;

/// Further letters for which one more point is needed.
const LETTERS_A_POINT: usize = 400;

/// Most different errors kept.
const MOST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &[&str]) -> WordSet {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    fn found(text: &str) -> Vec<(Kind, String)> {
        let broken = list(&["をを", "ご重要"]);
        let translated = list(&["あなたの口座", "私たちはあなた", "異常な活動"]);
        let errors = errors([text].into_iter(), &broken, &translated).unwrap();
        errors.found.iter().map(|(kind, shown)| (*kind, shown.trim().to_owned())).collect()
    }

    #[test]
    fn kinds_of_errors() {
        for (text, kind, shown) in [
            ("内容をを見てください", Kind::Broken, "をを"),
            ("客様の注文を止めました", Kind::Broken, "客様"),
            ("情報を更新してくだい。", Kind::Kana, "新してくだい。"),
            ("力ードのご利用です", Kind::LookAlike, "力ー"),
            ("二ュースをお届けします", Kind::LookAlike, "二ュ"),
            ("メ一ルをお送りします", Kind::LookAlike, "メ一ル"),
            ("アカウン卜を確認します", Kind::LookAlike, "ン卜を"),
            ("銀行ヘの届け出です", Kind::LookAlike, "行ヘの"),
            ("\u{410}mazonをご利用です", Kind::LookAlike, "\u{410}mazon"),
            ("マネー?ローンのご案内", Kind::Lost, "ー?ロ"),
            ("止·抑を見ました", Kind::Mark, "止·抑"),
            ("あなたの口座を見ました", Kind::Translated, "あなたの口座"),
        ] {
            let all = found(text);
            assert!(all.contains(&(kind, shown.to_owned())), "{text}: {all:?}");
        }
    }

    #[test]
    fn words_of_their_own_are_no_look_alikes() {
        for text in [
            "二カ国と三ヶ月、八ッ場、四ッ谷、一ノ瀬です",
            "デザイン力アップと入口ドア、出口カメラの話です",
            "力ずくではなく、二人で夕方に話します",
            "ヘ音記号とヘルプとベルの話です",
            "お客様とお客さま、来客様のご案内です",
            "本当ですか?それは何ですか?",
            "α版とβ版、Приветの話です",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn units_and_quantities_are_one_alphabet() {
        let text = "抵抗は4.7k\u{03A9}、厚みは12\u{03BC}m、\u{0394}tは0.3\u{03BC}sです。";
        assert_eq!(found(text), []);
        assert_eq!(found("\u{03B1}ppleをご利用です")[0].0, Kind::LookAlike);
    }

    #[test]
    fn marks_of_another_language_count_beside_the_right_ones() {
        assert_eq!(found("です。ます。した。こうです. そうです。").len(), 1);
        assert_eq!(found("はい、今日、明日、昨日は,本です").len(), 1);
        assert_eq!(found("論文です. 実験しました. 以上です."), []);
    }

    #[test]
    fn an_error_counts_once() {
        assert_eq!(found("をを。をを。をを。").len(), 1);
        assert_eq!(found("マネー?ロー。マネー?ロー。").len(), 1);
    }

    #[test]
    fn several_errors_are_needed_and_more_in_a_longer_text() {
        let (broken, none) = (list(&["をを", "ご重要"]), WordSet::new());
        let verdict = |text: &str| {
            errors([text].into_iter(), &broken, &none).and_then(|e| e.verdict().map(|v| v.len()))
        };
        assert_eq!(verdict("内容をを見てください"), None);
        let short = "内容をを見てください。ご重要です。";
        assert_eq!(verdict(short), Some(2));
        let long = "資料をお送りしますので、ご確認ください。".repeat(100);
        assert_eq!(verdict(&format!("{short}{long}")), None);
    }

    #[test]
    fn anything_is_survived() {
        for text in ["", "あ", "\n", "。", "ー?ー", "客様", " の ", "😀", "\u{410}a"] {
            let broken = WordSet::new();
            let _ = errors([text].into_iter(), &broken, &broken);
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn any_text_is_survived(text in "[あ-んア-ン一-鿿 。、?·A-Cа-в\n]{0,120}") {
            let broken = WordSet::new();
            let _ = errors([text.as_str()].into_iter(), &broken, &broken);
        }
    }
}
