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
mod words;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use sekisho_config::{Settings, ThemeRule, Themes};

pub use terms::Terms;
use words::{Entry, Words};

/// Words and rules in the form in which mail is searched.
#[derive(Clone, Debug)]
pub struct Lexicon {
    words: Words,
    /// By theme, each theme's in the order in which they are tried.
    rules: BTreeMap<String, Vec<Rule>>,
}

/// A rule with its lists by number.
#[derive(Clone, Debug)]
struct Rule {
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
        let mut words: BTreeMap<String, Entry> = BTreeMap::new();
        for (number, (key, list)) in (0_u16..).zip(&themes.words) {
            numbers.insert(key, number);
            for written in list {
                let bare = written.strip_suffix('*').unwrap_or(written);
                let mut folded = String::with_capacity(bare.len());
                fold::fold(bare, usize::MAX, &mut folded);
                let ends = bare.len() == written.len()
                    && folded.ends_with(|c: char| c.is_ascii_alphanumeric());
                let word = words.entry(folded).or_default();
                word.ends = ends && (word.lists.is_empty() || word.ends);
                if !word.lists.contains(&number) {
                    word.lists.push(number);
                }
            }
        }
        let mut rules: BTreeMap<String, Vec<Rule>> = BTreeMap::new();
        for written in &themes.rules {
            if let Some(rule) = Rule::new(written, &numbers) {
                rules.entry(written.theme.clone()).or_default().push(rule);
            }
        }
        Lexicon { words: Words::new(words), rules }
    }

    /// The shipped one.
    pub fn shipped() -> &'static Lexicon {
        static SHIPPED: LazyLock<Lexicon> =
            LazyLock::new(|| Lexicon::new(&Settings::default().lists.themes));
        &SHIPPED
    }

    fn rules_of(&self, theme: &str) -> &[Rule] {
        self.rules.get(theme).map_or(&[], Vec::as_slice)
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
        assert_eq!(lexicon.rules.values().map(Vec::len).sum::<usize>(), themes.rules.len());
        for indicator in ALL.iter().filter_map(|i| i.id.strip_prefix("theme-")) {
            assert!(!lexicon.rules_of(indicator).is_empty(), "{indicator} has no rule");
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
