//! What a mail wants, told by its words: the word lists and rules of the settings, made ready once
//! per configuration.
//!
//! Way in: [`Lexicon::new`] for a configuration, [`Terms`] (through `Message::terms`) for a mail,
//! [`theme::find`] for an indicator. All words of all lists are looked for in one pass over each
//! text; rules then compare only places. A rule that names a list that is not there never holds;
//! nothing fails.

mod fold;
pub(crate) mod home;
mod terms;
pub(crate) mod theme;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use sekisho_config::{Settings, ThemeRule, Themes};

pub use terms::Terms;

/// Words and rules in the form in which mail is searched.
#[derive(Clone, Debug)]
pub struct Lexicon {
    /// `None` where there are more words than an automaton holds, which no configuration reaches.
    automaton: Option<AhoCorasick>,
    words: Vec<Word>,
    rules: Vec<Rule>,
}

/// A word, by its number in the automaton.
#[derive(Clone, Debug, Default)]
struct Word {
    /// Lists it stands in, by number.
    lists: Vec<u16>,
    columns: u32,
    /// Whether no letter may stand before it, and after it.
    begins: bool,
    ends: bool,
}

/// A rule with its lists by number.
#[derive(Clone, Debug)]
struct Rule {
    theme: String,
    anchor: u16,
    others: Vec<u16>,
    within: u32,
    also: Vec<u16>,
    also_within: u32,
    not: Vec<u16>,
    unless: Vec<u16>,
    head: bool,
}

impl Lexicon {
    /// Makes words and rules ready.
    pub fn new(themes: &Themes) -> Lexicon {
        let mut numbers: BTreeMap<&str, u16> = BTreeMap::new();
        let mut words: BTreeMap<String, Word> = BTreeMap::new();
        for (number, (key, list)) in (0_u16..).zip(&themes.words) {
            numbers.insert(key, number);
            for written in list {
                let bare = written.strip_suffix('*').unwrap_or(written);
                let mut folded = String::with_capacity(bare.len());
                fold::fold(bare, usize::MAX, &mut folded);
                let latin = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
                let begins = latin(folded.as_bytes().first());
                let ends = bare.len() == written.len() && latin(folded.as_bytes().last());
                let columns = u32::try_from(fold::columns(&folded)).unwrap_or(u32::MAX);
                let word = words.entry(folded).or_default();
                word.ends = ends && (word.lists.is_empty() || word.ends);
                word.begins = begins;
                word.columns = columns;
                if !word.lists.contains(&number) {
                    word.lists.push(number);
                }
            }
        }
        words.remove("");
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(words.keys())
            .ok();
        let rules = themes.rules.iter().filter_map(|rule| Rule::new(rule, &numbers)).collect();
        Lexicon { automaton, words: words.into_values().collect(), rules }
    }

    /// The shipped one.
    pub fn shipped() -> &'static Lexicon {
        static SHIPPED: LazyLock<Lexicon> =
            LazyLock::new(|| Lexicon::new(&Settings::default().lists.themes));
        &SHIPPED
    }

    fn rules_of<'l>(&'l self, theme: &'l str) -> impl Iterator<Item = &'l Rule> {
        self.rules.iter().filter(move |rule| rule.theme == theme)
    }
}

impl Rule {
    /// `None` where it names a list that is not there.
    fn new(rule: &ThemeRule, numbers: &BTreeMap<&str, u16>) -> Option<Rule> {
        let of = |keys: &[String]| -> Option<Vec<u16>> {
            keys.iter().map(|key| numbers.get(key.as_str()).copied()).collect()
        };
        let all = of(&rule.all)?;
        let (&anchor, others) = all.split_first()?;
        Some(Rule {
            theme: rule.theme.clone(),
            anchor,
            others: others.to_vec(),
            within: u32::from(rule.within),
            also: of(&rule.also)?,
            also_within: if rule.also_within == 0 { u32::MAX } else { u32::from(rule.also_within) },
            not: of(&rule.not)?,
            unless: of(&rule.unless)?,
            head: rule.head,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::ALL;

    #[test]
    fn every_shipped_rule_is_read_and_belongs_to_an_indicator() {
        let settings = Settings::default();
        let themes = &settings.lists.themes;
        let lexicon = Lexicon::new(themes);
        assert_eq!(lexicon.rules.len(), themes.rules.len());
        for indicator in ALL.iter().filter_map(|i| i.id.strip_prefix("theme-")) {
            assert!(lexicon.rules_of(indicator).next().is_some(), "{indicator} has no rule");
        }
        for rule in &themes.rules {
            let of_rule = |id: &str| id.strip_prefix("theme-").unwrap_or(id) == rule.theme;
            assert!(ALL.iter().any(|i| of_rule(i.id)), "{} is no indicator", rule.theme);
        }
    }

    #[test]
    fn no_list_says_the_same_twice() {
        for (key, list) in &Settings::default().lists.themes.words {
            let mut seen = BTreeMap::new();
            for word in list {
                let mut folded = String::new();
                fold::fold(word, usize::MAX, &mut folded);
                if let Some(other) = seen.insert(folded, word) {
                    panic!("{key}: {word} is the same as {other}");
                }
            }
        }
    }
}
