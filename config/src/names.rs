//! Real names: the shipped `defaults/lists/names.toml` and `[[names]]` of `lists.toml`.
//!
//! Way in: [`names`]. An administrator's record is added; one with a shipped id takes that record's
//! place. Both are read by the same function, so that a record means the same in either file. The
//! shipped file is read once a process; the tests below hold it in form.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use toml::de::DeValue;

use crate::layers::{File, Problems, Table};
use crate::scalar::{by, line, word};
use crate::{Name, NameKind, Names, net};

/// Reads `[[names]]` of `lists.toml` over the shipped names.
pub(crate) fn names(t: &mut Table<'_>) -> Names {
    let own = records(t, "names");
    let mut names = SHIPPED.clone();
    names.records.retain(|shipped| own.iter().all(|name| name.id != shipped.id));
    names.records.extend(own);
    names.records.sort_by(|a, b| a.id.cmp(&b.id));
    names
}

static SHIPPED: LazyLock<Names> = LazyLock::new(|| shipped(&Problems::default()));

fn shipped(problems: &Problems) -> Names {
    let file = File::parse("names.toml", include_str!("../defaults/lists/names.toml"), problems);
    let mut t = Table::top(problems, Some(&file), None);
    let set = |values: Option<Vec<String>>| values.into_iter().flatten().collect();
    let bait = set(t.array("bait", by(token)));
    let plain = set(t.array("plain", by(token)));
    let tenants = set(t.array("tenants", by(net::domain)));
    let desk = t.array("desk", line(40)).into_iter().flatten().collect();
    let records = records(&mut t, "name");
    t.finish();
    Names { records, bait, plain, tenants, desk }
}

fn records(t: &mut Table<'_>, key: &'static str) -> Vec<Name> {
    let mut ids = BTreeSet::new();
    t.rows(key, |t| {
        let id: Option<String> = t.read("id", by(id));
        let kind = word(&[("private", NameKind::Private), ("public", NameKind::Public)]);
        let kind = t.maybe("kind", kind).unwrap_or(NameKind::Private);
        let names = t.array("names", name).unwrap_or_default();
        let domains = t.array("domains", by(domain)).unwrap_or_default();
        let suffixes = t.array("suffixes", by(net::domain)).unwrap_or_default();
        let tokens = t.array("tokens", by(token)).unwrap_or_default();
        let weak_tokens = t.array("weak_tokens", by(token)).unwrap_or_default();
        let honest = t.array("honest", by(token)).unwrap_or_default();
        for (key, given) in [("names", !names.is_empty()), ("domains", !domains.is_empty())] {
            if !given && (!t.is_written(key) || t.is_own(key)) {
                t.complain(key, "must name at least one");
            }
        }
        let id = id?;
        if !ids.insert(id.clone()) {
            t.complain("id", "stands here twice");
        }
        let label = |d: &String| d.strip_suffix(".*").map(str::to_owned);
        let country_labels = domains.iter().filter_map(label).collect();
        let domains = domains.into_iter().filter(|d| !d.ends_with(".*")).collect();
        Some(Name {
            id,
            kind,
            names,
            domains,
            country_labels,
            suffixes,
            tokens,
            weak_tokens,
            honest,
        })
    })
}

fn id(written: &str) -> Result<String, String> {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if written.is_empty() || written.len() > 64 || !written.bytes().all(good) {
        return Err(format!("{written:?} is not an id; allowed is e.g. \"hanamizuki-bank\""));
    }
    Ok(written.to_owned())
}

/// A name as people see it; one character alone says nothing.
fn name(value: &DeValue<'_>) -> Result<String, String> {
    let written = line(80)(value)?;
    if written.chars().filter(|c| c.is_alphanumeric()).nth(1).is_none() {
        return Err("must hold at least two letters".to_owned());
    }
    Ok(written)
}

/// A domain, or `label.*` for a label under the suffixes of all countries.
fn domain(written: &str) -> Result<String, String> {
    match written.strip_suffix(".*") {
        // Any suffix serves to check a label alone.
        Some(label) => net::domain(&format!("{label}.example"))
            .map_err(|_| format!("{written:?} is not a label under all countries' suffixes"))
            .map(|whole| whole.trim_end_matches("example").to_owned() + "*"),
        None => net::domain(written),
    }
}

/// Letters and digits that stand for a name in a host.
fn token(written: &str) -> Result<String, String> {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if !(2..=32).contains(&written.len()) || !written.bytes().all(good) {
        return Err(format!(
            "{written:?} is not a token; allowed are 2 to 32 lower-case letters and digits, \
             without hyphens and dots"
        ));
    }
    Ok(written.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Problem, Settings, from_texts};

    #[test]
    fn shipped_names_are_in_form() {
        let problems = Problems::default();
        let names = shipped(&problems);
        let problems: Vec<String> = problems.into_sorted().iter().map(Problem::to_string).collect();
        assert_eq!(problems, Vec::<String>::new());
        assert!(names.records.len() > 300, "{}", names.records.len());
        for pair in names.records.windows(2) {
            let [a, b] = [&pair[0].id, &pair[1].id];
            assert!(a < b, "{a} and {b} are out of order");
        }
        let mut written = BTreeSet::new();
        let mut tokens = BTreeSet::new();
        for record in &names.records {
            let id = &record.id;
            for list in [&record.tokens, &record.weak_tokens, &record.honest] {
                assert!(list.is_sorted(), "{id}: {list:?} is sorted");
            }
            for name in &record.names {
                assert!(written.insert(name.to_lowercase()), "{id}: {name} stands elsewhere too");
                let wide = |c: char| ('\u{FF01}'..='\u{FF9F}').contains(&c);
                assert!(!name.contains(wide), "{id}: {name} is in its plain width");
            }
            for token in record.tokens.iter().chain(&record.weak_tokens) {
                assert!(tokens.insert(token), "{id}: {token} stands elsewhere too");
                let everyday = names.bait.contains(token) || names.plain.contains(token);
                assert!(!everyday, "{id}: {token} is an everyday word");
            }
            for token in &record.tokens {
                assert!(token.len() >= 4, "{id}: {token} is too short to stand alone");
            }
            for word in &record.honest {
                assert!(!tokens.contains(word), "{id}: {word} is a token");
            }
            for domain in &record.domains {
                assert_eq!(net::domain(domain).as_deref(), Ok(domain.as_str()), "{id}");
            }
        }
        assert_eq!(Settings::default().lists.names, names);
    }

    #[test]
    fn own_records_are_added_or_take_a_place() {
        let count = Settings::default().lists.names.records.len();
        let text = "[[names]]\nid = \"amazon\"\nnames = [\"Amazon\"]\ndomains = [\"a.example\"]\n\
                    [[names]]\nid = \"aa\"\nnames = [\"あ銀行\"]\ndomains = [\"B.example\", \"b.*\"]\n";
        let names = from_texts(&[("lists.toml", text)]).unwrap().lists.names;
        assert_eq!(names.records.len(), count + 1);
        assert_eq!(
            *names.records.iter().find(|n| n.id == "aa").unwrap(),
            Name {
                id: "aa".into(),
                kind: NameKind::Private,
                names: vec!["あ銀行".into()],
                domains: vec!["b.example".into()],
                country_labels: vec!["b".into()],
                suffixes: vec![],
                tokens: vec![],
                weak_tokens: vec![],
                honest: vec![],
            }
        );
        let amazon = names.records.iter().find(|n| n.id == "amazon").unwrap();
        assert_eq!(
            (&amazon.domains[..], &amazon.tokens[..]),
            (&["a.example".to_owned()][..], &[][..])
        );
    }

    #[track_caller]
    fn check(record: &str, expected: &[&str]) {
        let text = format!("[[names]]\n{record}\n");
        let problems = from_texts(&[("lists.toml", &text)]).err().unwrap_or_default();
        let shown: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert_eq!(shown, expected, "{record}");
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let good = "id = 'a'\nnames = ['あい']\ndomains = ['a.example']";
        check(good, &[]);
        check(
            "id = 'A b'\nnames = ['あい']\ndomains = ['a.example']",
            &["lists.toml:2: names.id: \"A b\" is not an id; allowed is e.g. \"hanamizuki-bank\""],
        );
        check(
            "id = 'a'\nnames = ['あ']\ndomains = ['a.example']",
            &["lists.toml:3: names.names: must hold at least two letters"],
        );
        check(
            "id = 'a'\nnames = ['あい']",
            &["lists.toml:1: names.domains: must name at least one"],
        );
        check(
            &format!("{good}\ntokens = ['a-b']"),
            &[
                "lists.toml:5: names.tokens: \"a-b\" is not a token; allowed are 2 to 32 lower-case \
               letters and digits, without hyphens and dots",
            ],
        );
        check(
            &format!("{good}\n[[names]]\n{good}"),
            &["lists.toml:6: names.id: stands here twice"],
        );
        check(
            &format!("{good}\nkinds = 'public'"),
            &["lists.toml:5: names.kinds: unknown key; did you mean kind?"],
        );
    }
}
