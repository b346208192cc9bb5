//! The rules for outgoing mail held as data: what every rule must have, what the rule books leave no
//! choice about, and that the published lists are what the code says.
//!
//! `rules/mod.rs` and `RULES.md` are checked in. Where they differ from the folder and the code they
//! are written anew and the test fails once; run it again. With `CI` set they are never written.
//! That every rule has a mail that breaks it and one that does not is held by the corpus.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use sekisho_config::Profile::{self, Company, Foundation, Isms};
use sekisho_config::Ruling;
use sekisho_heuristics::outbound::rule::Rule;
use sekisho_heuristics::outbound::rules::ALL;

/// Clauses of the rule books about outgoing mail, and the profiles whose own rule book has each. What
/// stands in the standards that all share counts for all.
const CLAUSES: &[(&str, &[Profile])] = &[
    ("agreed-partners", &[Isms]),
    ("approval", &[Company, Foundation]),
    ("broadcast-by-bcc", &[Company, Foundation]),
    ("confidential-in-attachment", &[Company, Foundation]),
    ("encryption-proof", &[Company, Foundation]),
    ("misdelivery", &[Company, Isms, Foundation]),
    ("no-immediate-sending", &[Company, Foundation]),
    ("no-private-forwarding", &[Company, Foundation]),
    ("password-by-other-path", &[Company, Foundation]),
    ("personal-data", &[Company, Isms, Foundation]),
    ("top-secret", &[Company, Isms, Foundation]),
    ("transport", &[Isms]),
];

/// Rules whose clause says how such a mail is changed.
const CONVERTING: &[&str] = &["broadcast-recipients-exposed"];

/// Rules that tell what happens every day to people who do nothing wrong; a hold for each would only
/// teach everybody to release without a look.
const WARNING: &[&str] = &["first-time-recipient"];

#[test]
fn the_list_is_the_folder() {
    let mut list = String::from(
        "//! One file per rule. This list is kept equal to the folder by `tests/rulebook.rs`.\n\n",
    );
    for file in files() {
        writeln!(list, "mod {file};").unwrap();
    }
    list.push_str("\nuse super::rule::Rule;\n\n/// Every rule, by id.\n");
    list.push_str("pub static ALL: &[&Rule] = &[\n");
    for file in files() {
        writeln!(list, "    &{file}::RULE,").unwrap();
    }
    list.push_str("];\n");
    holds(&folder().join("mod.rs"), &list);
}

#[test]
fn the_published_table_is_current() {
    holds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("RULES.md"), &published());
}

#[test]
fn ids_are_unique_kebab_case_and_the_file_names() {
    let ids: Vec<_> = ALL.iter().map(|rule| rule.id).collect();
    let files: Vec<_> = files().iter().map(|f| f.replace('_', "-")).collect();
    assert_eq!(ids, files, "an id is its file name in kebab-case");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    for id in ids {
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(id.chars().all(fine), "{id}");
    }
}

#[test]
fn no_id_is_an_indicators_too() {
    for indicator in sekisho_heuristics::indicators::ALL {
        assert!(ALL.iter().all(|rule| rule.id != indicator.id), "{}", indicator.id);
    }
}

#[test]
fn words_stand_in_both_languages_with_the_same_placeholders() {
    for rule in ALL {
        let id = rule.id;
        for words in [rule.says, rule.advice, rule.means] {
            let (ja, en) = (words.ja, words.en);
            assert!(ja.ends_with('。'), "{id}: the Japanese is not a full sentence: {ja}");
            assert!(en.ends_with('.'), "{id}: the English is not a full sentence: {en}");
            assert!(ja.chars().any(|c| ('ぁ'..='ん').contains(&c)), "{id}: not Japanese: {ja}");
            assert!(en.starts_with(|c: char| c.is_ascii_uppercase()), "{id}: {en}");
            // The SMTP answer can say nothing else.
            assert!(en.is_ascii(), "{id}: {en}");
            assert_eq!(placeholders(ja), placeholders(en), "{id}: placeholders differ");
        }
        assert!(placeholders(rule.means.ja).is_empty(), "{id}: an explanation has no evidence");
        for words in [rule.says, rule.advice] {
            assert!(words.ja.chars().count() <= 120, "{id}: too long: {}", words.ja);
            assert!(words.en.len() <= 200, "{id}: too long: {}", words.en);
        }
    }
}

#[test]
fn what_a_profiles_own_rule_book_demands_is_at_least_held() {
    for rule in ALL {
        let Some(clause) = rule.clause else { continue };
        let known = CLAUSES.iter().find(|(name, _)| *name == clause);
        let Some((_, demanding)) = known else { panic!("{}: no such clause {clause}", rule.id) };
        if WARNING.contains(&rule.id) {
            continue;
        }
        for &profile in *demanding {
            let ruling = rule.rulings.of(profile);
            let (id, profile) = (rule.id, profile.name());
            assert!(ruling >= Ruling::Hold, "{id}: only {} in {profile}", ruling.name());
        }
    }
}

#[test]
fn rules_speak_in_every_profile_and_change_mail_in_none() {
    for rule in ALL {
        for profile in Profile::ALL {
            let ruling = rule.rulings.of(profile);
            let fine = ![Ruling::Off, Ruling::Convert].contains(&ruling);
            assert!(fine, "{}: {} in {}", rule.id, ruling.name(), profile.name());
        }
        assert_eq!(rule.converts, CONVERTING.contains(&rule.id), "{}", rule.id);
    }
}

#[test]
fn top_secret_leaves_a_company_by_approval_and_others_never() {
    let rule = ALL.iter().find(|rule| rule.id == "top-secret-leaving").unwrap();
    let rulings = [Company, Isms, Foundation].map(|profile| rule.rulings.of(profile));
    assert_eq!(rulings, [Ruling::Hold, Ruling::Reject, Ruling::Reject]);
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
        "# Rules for outgoing mail\n\nWritten by `cargo test -p sekisho-heuristics --test rulebook` \
         from the code. What is done where a rule speaks depends on the profile; any of it can be \
         set in `outbound.toml`, table `[rulings]`, to `off`, `warn` (the mail leaves, the log tells), \
         `hold` (Postfix's hold queue), `reject` (550 5.7.1) or, for rules whose clause says how, \
         `convert`. What stands in braces is filled with what was seen, `{ban}` with what the \
         profile says of 極秘. `agreed-partners-only` speaks where `partners_only` names classes. \
         `sekisho explain ID` tells more, `sekisho check-config` what is in force.\n\n\
         | id | clause | company | isms | foundation | can convert | what the sender reads |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for Rule { id, clause, rulings, converts, says, advice, .. } in ALL.iter().copied() {
        let clause = clause.unwrap_or("–");
        let [company, isms, foundation] =
            [Company, Isms, Foundation].map(|profile| rulings.of(profile).name());
        let converts = if *converts { "yes" } else { "–" };
        let ja = format!("{}{}", says.ja, advice.ja).replace('|', "\\|");
        let en = format!("{} {}", says.en, advice.en).replace('|', "\\|");
        writeln!(
            text,
            "| `{id}` | {clause} | {company} | {isms} | {foundation} | {converts} | {ja}<br>{en} |"
        )
        .unwrap();
    }
    text
}

/// Names of placeholders; a value that is itself a word stands once per language (`where_en`).
fn placeholders(text: &str) -> BTreeSet<&str> {
    let names = text.split('{').skip(1).filter_map(|t| t.split_once('}').map(|(name, _)| name));
    names.map(|n| n.trim_end_matches("_ja").trim_end_matches("_en")).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/outbound/rules")
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
