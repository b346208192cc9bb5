//! The catalogue held as data: what every indicator must have, and that the published lists are
//! what the code says.
//!
//! `indicators/mod.rs` and `INDICATORS.md` are checked in. Where they differ from the folder and
//! the code they are written anew and the test fails once; run it again. With `CI` set they are
//! never written.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use sekisho_heuristics::counter;
use sekisho_heuristics::indicator::{Group, Indicator, Words};
use sekisho_heuristics::indicators::ALL;
use sekisho_heuristics::score::THEME_BY_STRANGER;

/// Rows of the rule books' table that an indicator may answer.
const CLAUSES: &[&str] = &[
    "theme-1",
    "theme-2",
    "theme-3",
    "theme-4",
    "theme-5",
    "theme-6",
    "sender-1",
    "sender-2",
    "body-1",
    "body-2",
    "body-3",
    "body-4",
    "body-5",
    "attachment-1",
    "attachment-2",
    "attachment-3",
    "attachment-4",
    "attachment-5",
    "malware-scan",
];

#[test]
fn the_list_is_the_folder() {
    let mut list = String::from(
        "//! One file per indicator. This list is kept equal to the folder by `tests/catalogue.rs`.\n\n",
    );
    for file in files() {
        writeln!(list, "mod {file};").unwrap();
    }
    list.push_str("\nuse crate::indicator::Indicator;\n\n/// Every indicator, by id.\n");
    list.push_str("pub static ALL: &[&Indicator] = &[\n");
    for file in files() {
        writeln!(list, "    &{file}::INDICATOR,").unwrap();
    }
    list.push_str("];\n");
    holds(&folder().join("mod.rs"), &list);
}

#[test]
fn the_published_table_is_current() {
    holds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("INDICATORS.md"), &published());
}

#[test]
fn ids_are_unique_kebab_case_and_the_file_names() {
    let ids: Vec<_> = ALL.iter().map(|i| i.id).collect();
    let files: Vec<_> = files().iter().map(|f| f.replace('_', "-")).collect();
    assert_eq!(ids, files, "an id is its file name in kebab-case");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    for id in ids {
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(id.chars().all(fine), "{id}");
    }
}

#[test]
fn words_stand_in_both_languages_with_the_same_placeholders() {
    for i in ALL {
        let id = i.id;
        for (ja, en) in [(i.says.ja, i.says.en), (i.means.ja, i.means.en)] {
            assert!(ja.ends_with('。'), "{id}: the Japanese is not a full sentence: {ja}");
            assert!(en.ends_with('.'), "{id}: the English is not a full sentence: {en}");
            assert!(ja.chars().any(|c| ('ぁ'..='ん').contains(&c)), "{id}: not Japanese: {ja}");
            assert!(
                en.is_ascii() || en.chars().all(|c| c.is_ascii() || "–’“”".contains(c)),
                "{id}: {en}"
            );
            assert_eq!(placeholders(ja), placeholders(en), "{id}: placeholders differ");
        }
        assert!(placeholders(i.means.ja).is_empty(), "{id}: an explanation has no evidence");
        assert!(i.says.ja.chars().count() <= 120, "{id}: too long for a banner: {}", i.says.ja);
    }
}

#[test]
fn what_stands_together_is_in_the_catalogue() {
    let together = &THEME_BY_STRANGER;
    assert!(ALL.iter().any(|i| i.id == together.with), "no indicator {}", together.with);
    let taken = ALL.iter().map(|i| i.id).chain(counter::ALL.iter().map(|c| c.id));
    assert!(taken.into_iter().all(|id| id != together.id), "{} is taken", together.id);
}

#[test]
fn points_are_within_bounds_and_rows_of_the_table_count() {
    for i in ALL {
        assert!((1..=100).contains(&i.points), "{}: {} points", i.id, i.points);
        assert!(i.points <= i.group.cap(), "{}: more points than its group's cap", i.id);
        if let Some(clause) = i.clause {
            assert!(CLAUSES.contains(&clause), "{}: no such clause {clause}", i.id);
            assert!(i.points >= 5, "{}: a row of the table counts at least 5", i.id);
        }
    }
}

#[test]
fn each_has_a_firing_and_a_silent_example() {
    for file in files() {
        let path = folder().join(format!("{file}.rs"));
        let text = std::fs::read_to_string(&path).unwrap();
        let (header, tests) = text.split_once("mod tests").unwrap_or((&text, ""));
        assert!(header.starts_with("//!"), "{file}: begins with what it is about");
        assert!(
            tests.contains("fires") && tests.contains("silent"),
            "{file}: examples are missing"
        );
    }
}

fn published() -> String {
    let mut text = String::from(
        "# Indicators\n\nWritten by `cargo test -p sekisho-heuristics --test catalogue` from the code. \
         `sekisho explain ID` tells more; points and caps can be set in `weights.toml`.\n\n\
         | id | clause | group | points | what staff read |\n|---|---|---|---|---|\n",
    );
    for Indicator { id, clause, group, points, says, .. } in ALL.iter().copied() {
        let (clause, group) = (clause.unwrap_or("–"), group.name());
        let (ja, en) = (says.ja.replace('|', "\\|"), says.en.replace('|', "\\|"));
        writeln!(text, "| `{id}` | {clause} | {group} | {points} | {ja}<br>{en} |").unwrap();
    }
    text.push_str("\n| group | most points together |\n|---|---|\n");
    for group in Group::ALL {
        writeln!(text, "| {} | {} |", group.name(), group.cap()).unwrap();
    }
    let t = &THEME_BY_STRANGER;
    text.push_str(
        "\n| together | adds | to each sign of | with | what it means |\n|---|---|---|---|---|\n",
    );
    let (group, Words { ja, en }) = (t.group.name(), t.says);
    writeln!(text, "| `{}` | {} | {group} | `{}` | {ja}<br>{en} |", t.id, t.points, t.with)
        .unwrap();
    text.push_str("\n| speaks for a mail | takes off | what is seen |\n|---|---|---|\n");
    for c in counter::ALL {
        writeln!(text, "| `{}` | {} | {}<br>{} |", c.id, c.points, c.says.ja, c.says.en).unwrap();
    }
    text
}

/// Names of placeholders; a value that is itself a word stands once per language (`what_ja`).
fn placeholders(text: &str) -> BTreeSet<&str> {
    let names = text.split('{').skip(1).filter_map(|t| t.split_once('}').map(|(name, _)| name));
    names.map(|n| n.trim_end_matches("_ja").trim_end_matches("_en")).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/indicators")
}

/// Module names in the folder, sorted by the id they stand for.
fn files() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .filter_map(|e| {
            e.unwrap().file_name().into_string().unwrap().strip_suffix(".rs").map(str::to_owned)
        })
        .filter(|name| name != "mod")
        .collect();
    names.sort_by_key(|name| name.replace('_', "-"));
    names
}

/// The file says `expected`; else it is written and the test fails.
#[track_caller]
fn holds(path: &Path, expected: &str) {
    let found = std::fs::read_to_string(path).unwrap_or_default();
    if found != expected {
        if std::env::var_os("CI").is_none() {
            std::fs::write(path, expected).unwrap();
        }
        panic!(
            "{} was not current; it is now (not with CI set). Run the test again.",
            path.display()
        );
    }
}
