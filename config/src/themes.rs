//! Words of the themes: the shipped `defaults/lists/themes.toml` and `[themes]` of `lists.toml`.
//!
//! Way in: [`themes`]. An administrator extends or replaces the word lists, in the same two forms
//! as every other list; which lists make a theme is part of the program and only shipped. The
//! shipped file is read once a process; the tests below hold it in form.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use toml::de::DeValue;

use crate::layers::{File, Problems, Table};
use crate::scalar::{boolean, by, integer, line};
use crate::{ThemeRule, Themes, lists};

/// Reads `[themes]` of `lists.toml` over the shipped words.
pub(crate) fn themes(t: &mut Table<'_>) -> Themes {
    let mut themes = Themes { words: BTreeMap::new(), rules: SHIPPED.rules.clone() };
    t.table("themes", |t| {
        for (key, shipped) in &SHIPPED.words {
            let words = lists::over(t, key, by(word), || shipped.clone());
            themes.words.insert(key.clone(), words.unwrap_or_else(|| shipped.clone()));
        }
    });
    themes
}

static SHIPPED: LazyLock<Themes> = LazyLock::new(|| shipped(&Problems::default()));

fn shipped(problems: &Problems) -> Themes {
    let file = File::parse("themes.toml", include_str!("../defaults/lists/themes.toml"), problems);
    let mut t = Table::top(problems, Some(&file), None);
    let words = t.table("words", |t| t.entries(words));
    let words: BTreeMap<_, _> = words.into_iter().map(|(key, (words, _))| (key, words)).collect();
    let rules = t.rows("rule", rule);
    t.finish();
    Themes { words, rules }
}

fn rule(t: &mut Table<'_>) -> Option<ThemeRule> {
    let columns = || integer(0..=1000_u16);
    Some(ThemeRule {
        theme: t.read("theme", line(64))?,
        all: t.array("all", line(64))?,
        within: t.maybe("within", columns()).unwrap_or(0),
        also: t.array("also", line(64)).unwrap_or_default(),
        also_within: t.maybe("also_within", columns()).unwrap_or(0),
        not: t.array("not", line(64)).unwrap_or_default(),
        unless: t.array("unless", line(64)).unwrap_or_default(),
        head: t.maybe("head", boolean).unwrap_or(false),
    })
}

fn words(value: &DeValue<'_>) -> Result<BTreeSet<String>, String> {
    let array = value.as_array().ok_or("must be an array")?;
    array.iter().map(|element| by(word)(element.get_ref())).collect()
}

/// A word or phrase. One character alone says nothing, and a `*` only stands at the end of a word
/// of Latin letters.
fn word(written: &str) -> Result<String, String> {
    let word = written.trim().to_lowercase();
    let bare = word.strip_suffix('*').unwrap_or(&word);
    let letters = bare.chars().filter(|c| c.is_alphanumeric()).count();
    if !(2..=60).contains(&letters) || bare.chars().any(char::is_control) {
        return Err(format!("{written:?} is not a word; allowed are 2 to 60 letters"));
    }
    if bare.contains('*') || (bare.len() < word.len() && !bare.is_ascii()) {
        return Err(format!("{written:?}: \"*\" only stands at the end, after Latin letters"));
    }
    Ok(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Problem, Settings, from_texts};

    #[test]
    fn shipped_words_are_in_form() {
        let problems = Problems::default();
        let themes = shipped(&problems);
        let problems: Vec<String> = problems.into_sorted().iter().map(Problem::to_string).collect();
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(Settings::default().lists.themes, themes);
        let mut used = BTreeSet::new();
        for rule in &themes.rules {
            used.extend([&rule.all, &rule.also, &rule.not, &rule.unless].into_iter().flatten());
        }
        assert_eq!(used, themes.words.keys().collect(), "a rule names every list, and no other");
    }

    /// The file's own text: a set would hide what stands twice or out of order.
    #[test]
    fn shipped_words_are_sorted_unique_and_plain() {
        let text = include_str!("../defaults/lists/themes.toml");
        let (_, text) = text.split_once("\n[words]\n").unwrap();
        let (text, _) = text.split_once("\n[[rule]]\n").unwrap();
        let mut lists = 0;
        for block in text.split("\n]") {
            let Some((head, words)) = block.split_once(" = [\n") else { continue };
            let key = head.lines().last().unwrap();
            assert!(
                head.lines().rev().nth(1).is_some_and(|l| l.starts_with("# ")),
                "{key}: no note"
            );
            let words: Vec<&str> = words.split('"').skip(1).step_by(2).collect();
            for pair in words.windows(2) {
                assert!(pair[0] < pair[1], "{key}: {} and {} are out of order", pair[0], pair[1]);
            }
            for shipped in words {
                assert_eq!(word(shipped).as_deref(), Ok(shipped), "{key}");
                let wide = |c: char| ('\u{FF01}'..='\u{FF9F}').contains(&c) && !"（）".contains(c);
                assert!(!shipped.contains(wide), "{key}: {shipped} is in its plain width");
            }
            lists += 1;
        }
        assert_eq!(lists, SHIPPED.words.len());
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let text = format!("[themes]\n{text}\n");
        let problems = from_texts(&[("lists.toml", &text)]).err().unwrap_or_default();
        let shown: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn lists_are_extended_or_replaced() {
        let text = "[themes]\nsurvey = { extend = true, add = ['ご意見箱', 'Poll*'], remove = ['survey'] }\n\
                    cv = ['職歴']\n";
        let themes = from_texts(&[("lists.toml", text)]).unwrap().lists.themes;
        let survey = &themes.words["survey"];
        assert!(survey.contains("ご意見箱") && survey.contains("poll*"));
        assert!(survey.contains("アンケート") && !survey.contains("survey"));
        assert_eq!(themes.words["cv"], BTreeSet::from(["職歴".to_owned()]));
        assert_eq!(themes.rules, SHIPPED.rules);
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        check(
            "cv = ['職']",
            &["lists.toml:2: themes.cv: \"職\" is not a word; allowed are 2 to 60 letters"],
        );
        check(
            "cv = ['職歴*']",
            &[
                "lists.toml:2: themes.cv: \"職歴*\": \"*\" only stands at the end, after Latin letters",
            ],
        );
        check("surveys = []", &["lists.toml:2: themes.surveys: unknown key; did you mean survey?"]);
    }
}
