//! Whether a word stands as a label or in a sentence.
//!
//! Way in: [`Shape::label`]. Only the nearest [`NEAR`] characters of the line are looked at.

use super::{Manner, Squeezed, Weight, Word};

/// The line a word stands in, and what is below it.
pub(super) struct Shape<'a> {
    pub(super) line: &'a Squeezed,
    /// The beginning of what follows the line.
    pub(super) below: &'a str,
    pub(super) manner: Manner,
}

/// What stands beside a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    Blank,
    Bracket,
    /// `、`, `,`, `・`: also in sentences.
    Comma,
    Edge,
    Letter,
    /// 「」『』: the word itself is spoken of.
    Quote,
    /// Round brackets: also in sentences.
    Round,
    Separator,
}

impl Shape<'_> {
    /// Whether the word at `start` is a label, and if so whether it is one of what is attached.
    pub(super) fn label(&self, word: &Word, start: usize) -> Option<bool> {
        let end = start + word.spelled.chars().count();
        let is_english = word.weight == Weight::English;
        let near = self.near(start, end);
        let start = self.before_prefixes(start, is_english);
        let end = self.after_suffixes(end, is_english);
        let (left, right) = (self.left(start), self.right(end));
        let is_label = match word.weight {
            Weight::English => self.english(start, end, left, right, &near),
            _ => self.japanese(word, left, right, end, &near),
        };
        if is_label {
            return Some(false);
        }
        if is_english || word.weight == Weight::Weak {
            return None;
        }
        if self.is_handed_over(end, &near) {
            return Some(true);
        }
        self.is_said(start, end, &near)
            .then(|| near.contains("添付") || near.contains("別添") || near.contains("同封"))
    }

    fn japanese(&self, word: &Word, left: Beside, right: Beside, end: usize, near: &str) -> bool {
        use Beside::*;
        if matches!(self.manner, Manner::Mark) && (word.spelled != "秘" || left != Letter) {
            return !self.follows(end, &["保持", "保護", "ではな"]);
        }
        if near.contains("極秘") && (near.contains("社外秘") || near.contains("部外秘")) {
            return false;
        }
        if near.contains("とは") {
            return false;
        }
        let is_about = || ABOUT.iter().any(|about| near.contains(about));
        match (left, right) {
            (Edge | Bracket | Separator, Edge | Bracket | Separator) => true,
            // `【社外秘・転送禁止】`
            (Bracket, Comma | Blank) | (Comma | Blank, Bracket) => true,
            (Quote, Quote) => self.line.chars.len() <= end + 1 && self.begins_with_quote(),
            // `予算案社外秘.pdf`
            (Letter, Edge | Bracket | Separator | Blank) if self.manner == Manner::Title => {
                word.weight == Weight::Strong && !is_about()
            }
            (Letter | Quote, _) => {
                self.manner == Manner::Margin && word.weight == Weight::Strong && !is_about()
            }
            (_, Letter | Quote) => {
                let marks = word.weight == Weight::Prefix
                    || word.weight == Weight::Strong
                        && word.spelled != "極秘"
                        && self.manner == Manner::Title
                    || word.weight == Weight::Strong && self.manner == Manner::Margin;
                marks && !is_about() && !self.follows(end, &EVERYDAY)
            }
            (Round, Round) => !is_about(),
            _ => word.weight != Weight::Weak && !is_about(),
        }
    }

    /// `本資料は社外秘です`: what is said of the matter, not asked, denied or ruled.
    fn is_said(&self, start: usize, end: usize, near: &str) -> bool {
        let subject = start.checked_sub(1).and_then(|at| self.line.chars.get(at));
        let is_of_something = match subject {
            None => !self.line.is_continued,
            Some(c) => matches!(c, 'は' | 'が' | 'も' | '、' | '※' | '*' | '・' | '■'),
        };
        is_of_something
            && self.follows(end, &SAID)
            && !self.follows(end, &["ですか", "でしょうか", "になりますか"])
            && !ABOUT.iter().any(|about| near.contains(about))
    }

    /// `社外秘の資料をお送りします`: a covering letter.
    fn is_handed_over(&self, end: usize, near: &str) -> bool {
        let of = if self.follows(end, &["の"]) { end + 1 } else { end };
        self.follows(self.after_suffixes(of, false), &["を"])
            && HANDED.iter().any(|word| near.contains(word))
            && !ABOUT.iter().any(|about| near.contains(about))
    }

    fn english(&self, start: usize, end: usize, left: Beside, right: Beside, near: &str) -> bool {
        use Beside::*;
        let is_part = left == Letter || right == Letter;
        if is_part || self.is_denied(start) || ENGLISH_ABOUT.iter().any(|a| near.contains(a)) {
            return false;
        }
        if self.manner != Manner::Prose {
            return true;
        }
        let below = squeezed_lower(self.below);
        if DISCLAIMERS.iter().any(|d| near.contains(d) || below.contains(d)) {
            return false;
        }
        let shouted = || {
            self.line.chars.get(start..end).unwrap_or_default().iter().all(|c| !c.is_lowercase())
        };
        // `This document is strictly confidential.`
        let is_stated = || {
            let before = self.line.chars.get(start.saturating_sub(20)..start);
            let before = squeezed_lower(&before.unwrap_or_default().iter().collect::<String>());
            STATED.iter().any(|stated| before.ends_with(stated))
        };
        match (left, right) {
            (Edge | Bracket | Separator, Edge | Bracket | Separator) => true,
            (Comma | Round, Comma | Round) => shouted(),
            (Edge, Blank) => shouted() && self.line.chars.len() <= NEAR,
            (Blank, Edge) if shouted() && self.line.chars.len() <= NEAR => true,
            (Blank, Edge | Separator | Comma) => is_stated(),
            _ => false,
        }
    }

    /// `not confidential`, `non-confidential`.
    fn is_denied(&self, start: usize) -> bool {
        let before = self.line.chars.get(start.saturating_sub(12)..start).unwrap_or_default();
        let before: String = before.iter().filter(|c| c.is_alphanumeric()).collect();
        let before = before.to_ascii_lowercase();
        ["not", "non", "nolonger", "isnt", "arent", "un", "nothing"]
            .iter()
            .any(|denial| before.ends_with(denial))
    }

    fn left(&self, start: usize) -> Beside {
        match start.checked_sub(1).and_then(|at| self.line.chars.get(at)) {
            None if self.line.is_continued => Beside::Letter,
            None => Beside::Edge,
            Some(c) => self.beside(*c, self.line.apart.get(start)),
        }
    }

    fn right(&self, end: usize) -> Beside {
        match self.line.chars.get(end) {
            None => Beside::Edge,
            Some('.') if end + 1 == self.line.chars.len() => Beside::Edge,
            Some(c) => self.beside(*c, self.line.apart.get(end)),
        }
    }

    fn beside(&self, c: char, apart: Option<&bool>) -> Beside {
        match c {
            '【' | '】' | '[' | ']' | '〔' | '〕' | '<' | '>' | '《' | '》' | '〈' | '〉' | '{'
            | '}' | '\u{3016}' | '\u{3017}' | '〘' | '〙' | '\u{27E6}'..='\u{27EF}' => {
                Beside::Bracket
            }
            '「' | '」' | '『' | '』' | '"' | '\'' | '\u{201C}' | '\u{201D}' => Beside::Quote,
            '(' | ')' if self.manner == Manner::Title => Beside::Bracket,
            '(' | ')' => Beside::Round,
            '、' | ',' | '・' => Beside::Comma,
            ':'
            | ';'
            | '/'
            | '\\'
            | '|'
            | '-'
            | '_'
            | '='
            | '*'
            | '~'
            | '#'
            | '+'
            | '※'
            | '■'
            | '□'
            | '◆'
            | '◇'
            | '●'
            | '★'
            | '☆'
            | '▲'
            | '▼'
            | '▽'
            | '△'
            | '→'
            | '!'
            | '\u{2010}'..='\u{2015}'
            | '\u{2022}'
            | '\u{2500}'..='\u{257F}'
            // Arrows, drawings, pictures.
            | '\u{2190}'..='\u{21FF}'
            | '\u{25A0}'..='\u{27BF}'
            | '\u{1F000}'..='\u{1FAFF}' => Beside::Separator,
            '.' if self.manner == Manner::Title => Beside::Separator,
            _ if apart.is_some_and(|apart| *apart) => Beside::Blank,
            '0'..='9' if self.manner == Manner::Title => Beside::Separator,
            _ => Beside::Letter,
        }
    }

    fn begins_with_quote(&self) -> bool {
        self.line.chars.first() == Some(&'「')
    }

    fn follows(&self, end: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.line.has(word, end))
    }

    /// Where a label that ends in the word begins: `STRICTLY CONFIDENTIAL`.
    fn before_prefixes(&self, mut start: usize, is_english: bool) -> usize {
        if !is_english {
            let before = start.checked_sub(2).filter(|&at| self.line.has("社内", at));
            return before.unwrap_or(start);
        }
        while let Some(before) = PREFIXES.iter().find_map(|prefix| {
            let before = start.checked_sub(prefix.len())?;
            self.line.has(prefix, before).then_some(before)
        }) {
            start = before;
        }
        start
    }

    /// Where a label that begins with the word ends: `社外秘資料`.
    fn after_suffixes(&self, end: usize, is_english: bool) -> usize {
        let suffixes = if is_english { &ENGLISH_SUFFIXES[..] } else { &SUFFIXES[..] };
        let longest = suffixes.iter().find(|suffix| self.line.has(suffix, end));
        longest.map_or(end, |suffix| end + suffix.chars().count())
    }

    /// The sentence around a word, as far as it is near, in lower case.
    fn near(&self, start: usize, end: usize) -> String {
        let chars = &self.line.chars;
        let before = chars.get(start.saturating_sub(NEAR)..start).unwrap_or_default();
        let from = before.iter().rposition(|c| *c == '。').map_or(0, |at| at + 1);
        let last = chars.len().min(end.saturating_add(NEAR));
        let after = chars.get(end..last).unwrap_or_default();
        let to = after.iter().position(|c| *c == '。').unwrap_or(after.len());
        let parts = [before.get(from..), chars.get(start..end), after.get(..to)];
        parts.into_iter().flatten().flatten().map(char::to_ascii_lowercase).collect()
    }
}

fn squeezed_lower(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect()
}

/// Characters on either side that are looked at.
const NEAR: usize = 60;

/// What is said of matter that is confidential.
const SAID: [&str; 12] = [
    "です",
    "でお願い",
    "でござ",
    "でお取",
    "につき",
    "とな",
    "になります",
    "のため",
    "なので",
    "とさせて",
    "。",
    "にて",
];

/// How matter is handed over.
const HANDED: [&str; 4] = ["送付", "送り", "添付", "共有いたし"];

/// Words of sentences about labels: rules, definitions, trainings, denials.
const ABOUT: [&str; 34] = [
    "とは",
    "区分",
    "分類",
    "定義",
    "規程",
    "規定",
    "規則",
    "規約",
    "基準",
    "ルール",
    "研修",
    "教育",
    "講座",
    "セミナー",
    "記載",
    "表示",
    "明記",
    "ラベル",
    "スタンプ",
    "押印",
    "付与",
    "場合",
    "とき",
    "禁止",
    "ないで",
    "ません",
    "ではな",
    "解除",
    "等級",
    "レベル",
    "例えば",
    "意味",
    "契約",
    "映画",
];

/// What follows ㊙ and the like where nothing is secret.
const EVERYDAY: [&str; 13] = [
    "テク",
    "レシピ",
    "ワザ",
    "技",
    "裏",
    "話",
    "エピソード",
    "映像",
    "グッズ",
    "大作戦",
    "取扱",
    "管理",
    "とは",
];

/// What may stand between a word and the end of its label, longer before shorter.
const SUFFIXES: [&str; 11] =
    ["情報", "資料", "文書", "書類", "データ", "ファイル", "扱い", "扱", "指定", "事項", "案件"];

const ENGLISH_SUFFIXES: [&str; 6] =
    ["documents", "document", "materials", "material", "draft", "internaluseonly"];

const PREFIXES: [&str; 10] = [
    "strictly",
    "highly",
    "company",
    "private&",
    "privateand",
    "most",
    "internal",
    "business",
    "proprietaryand",
    "proprietary&",
];

/// What is not a label in English, whatever it looks like.
const ENGLISH_ABOUT: [&str; 10] = [
    "agreement",
    "confidentialnotice",
    "definition",
    "training",
    "policy",
    "labelled",
    "labeled",
    "marked",
    "disclosure",
    "disclaimer",
];

/// Words of the notices that stand under mail whatever it holds.
const DISCLAIMERS: [&str; 10] = [
    "thise-mail",
    "thisemail",
    "thismessage",
    "thiscommunication",
    "thistransmission",
    "intendedrecipient",
    "intendedonly",
    "intendedsolely",
    "solelyfor",
    "intendedfor",
];

/// Ends of `This document is`.
const STATED: [&str; 8] = [
    "documentis",
    "fileis",
    "reportis",
    "attachmentis",
    "materialis",
    "presentationis",
    "spreadsheetis",
    "proposalis",
];
