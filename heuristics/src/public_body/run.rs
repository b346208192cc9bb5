//! Runs of characters that names of bodies are written in, with places counted in characters.

/// Characters of a name without a blank or sign between.
#[derive(Debug)]
pub(super) struct Run<'a> {
    text: &'a str,
    /// Byte offset of each character, and of the end.
    at: Vec<usize>,
}

impl<'a> Run<'a> {
    /// A run of at most [`LONGEST`] characters.
    pub(super) fn new(text: &'a str) -> Run<'a> {
        let mut at: Vec<usize> = text.char_indices().map(|(at, _)| at).take(LONGEST).collect();
        let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
        at.push(end);
        Run { text: text.get(..end).unwrap_or_default(), at }
    }

    /// Number of characters.
    pub(super) fn len(&self) -> usize {
        self.at.len().saturating_sub(1)
    }

    /// The first `count` characters.
    pub(super) fn before(&self, count: usize) -> &'a str {
        self.at.get(count).and_then(|at| self.text.get(..*at)).unwrap_or(self.text)
    }

    /// What follows the first `count` characters.
    pub(super) fn from(&self, count: usize) -> &'a str {
        self.at.get(count).and_then(|at| self.text.get(*at..)).unwrap_or_default()
    }

    /// Where `word` begins first, in characters.
    pub(super) fn find(&self, word: &str) -> Option<usize> {
        let byte = self.text.find(word)?;
        self.at.binary_search(&byte).ok()
    }

    /// The first places of one of `signs`.
    pub(super) fn signs(&self, signs: &[char]) -> impl Iterator<Item = (usize, char)> {
        self.text.chars().enumerate().filter(|(_, c)| signs.contains(c)).take(MOST_SIGNS)
    }
}

/// Bodies named in one run: 国土交通省観光庁.
const MOST_SIGNS: usize = 4;

/// Longest run looked at, in characters.
const LONGEST: usize = 48;

/// The runs of a line: kanji, kana, and the signs inside of names.
pub(super) fn runs(line: &str) -> Vec<Run<'_>> {
    // A legal form in brackets stays with the name after it.
    line.split(|c: char| !is_of_name(c) && !matches!(c, '(' | ')'))
        .flat_map(|part| match part.strip_prefix("(独)") {
            Some(_) => vec![part],
            None => part.split(['(', ')']).collect(),
        })
        .filter(|part| !part.is_empty())
        .take(MOST)
        .map(Run::new)
        .collect()
}

const MOST: usize = 32;

/// What stands in the runs, together.
pub(super) fn joined(runs: &[Run<'_>]) -> String {
    runs.iter().take(4).map(|run| run.text).collect()
}

fn is_of_name(c: char) -> bool {
    matches!(c, '々' | '〆' | 'ー' | '・' | '\u{3041}'..='\u{3096}')
        || is_katakana(c)
        || is_kanji(c)
}

fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '々')
}

/// Whether `c` is katakana; ヶ and ケ, which stand in place names, are not.
pub(super) fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30A1}'..='\u{30FA}' | 'ー') && !matches!(c, 'ヶ' | 'ケ' | 'ノ')
}

/// The longest ending of `name`, two characters and more, that is known.
pub(super) fn longest_ending(name: &str, is_known: impl Fn(&str) -> bool) -> Option<&str> {
    let endings = name.char_indices().map(|(at, _)| name.get(at..).unwrap_or_default());
    endings.filter(|ending| ending.len() > 3).find(|ending| is_known(ending))
}

/// The part of a name after its last hiragana or dot: what can be a name of its own.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit(|c: char| matches!(c, '\u{3041}'..='\u{3096}' | '・')).next().unwrap_or(name)
}

/// Whether a name says that it is of former times.
pub(super) fn is_of_old(name: &str) -> bool {
    ["旧", "元", "前"].iter().any(|old| name.starts_with(old) || name.ends_with(old))
}

/// In how many places two names of one length differ; `None` for other lengths.
pub(super) fn differences(a: &str, b: &str) -> Option<usize> {
    let (mut a, mut b) = (a.chars(), b.chars());
    let mut count = 0;
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Some(count),
            (Some(x), Some(y)) => count += usize::from(x != y),
            _ => return None,
        }
    }
}

/// `name` with characters that have several forms in place names in one of them.
pub(super) fn plain_forms(name: &str) -> String {
    let plain = |c| FORMS.iter().find(|(other, _)| *other == c).map_or(c, |(_, plain)| *plain);
    name.chars().map(plain).collect()
}

const FORMS: [(char, char); 24] = [
    ('ヶ', 'ケ'),
    ('が', 'ケ'),
    ('ガ', 'ケ'),
    ('龍', '竜'),
    ('檮', '梼'),
    ('竈', '釜'),
    ('竃', '釜'),
    ('鰺', '鯵'),
    ('曾', '曽'),
    ('瀧', '滝'),
    ('會', '会'),
    ('澤', '沢'),
    ('濱', '浜'),
    ('櫻', '桜'),
    ('嶋', '島'),
    ('澁', '渋'),
    ('廣', '広'),
    ('國', '国'),
    ('邊', '辺'),
    ('齋', '斎'),
    ('礪', '砺'),
    ('諫', '諌'),
    ('瀨', '瀬'),
    ('之', 'の'),
];
