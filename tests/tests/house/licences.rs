//! What other people's code may be part of the program: `deny.toml`, held without any tool.

use std::collections::BTreeSet;
use std::process::Command;

use sekisho_tests::sekisho::repository;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

/// Packages that go into a build for this machine, tests included.
fn packages() -> Vec<Value> {
    let rustc = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let rustc = String::from_utf8_lossy(&rustc.stdout).into_owned();
    let host = rustc.lines().find_map(|l| l.strip_prefix("host: ")).expect("a host");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let metadata = Command::new(cargo)
        .args(["metadata", "--offline", "--locked", "--format-version=1"])
        .args(["--filter-platform", host])
        .current_dir(repository())
        .output()
        .expect("cargo metadata runs");
    let why = String::from_utf8_lossy(&metadata.stderr);
    assert!(metadata.status.success(), "cargo metadata: {why}");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("JSON");
    let used: BTreeSet<&str> = metadata["resolve"]["nodes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|node| node["id"].as_str())
        .collect();
    let all = metadata["packages"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|p| p["id"].as_str().is_some_and(|id| used.contains(id))).collect()
}

/// A list in `deny.toml`; of tables, their key `crate`.
fn listed(table: &str, key: &str) -> Vec<String> {
    let text = include_str!("../../../deny.toml");
    let deny = DeTable::parse(text).expect("deny.toml is TOML").into_inner();
    let list = deny[table].get_ref().get(key).expect("the list").get_ref().as_array().unwrap();
    let word = |v: &DeValue<'_>| match v {
        DeValue::Table(t) => t["crate"].get_ref().as_str().unwrap().to_owned(),
        other => other.as_str().unwrap().to_owned(),
    };
    list.iter().map(|v| word(v.get_ref())).collect()
}

#[test]
fn every_licence_is_one_we_allow() {
    let allowed = listed("licenses", "allow");
    let packages = packages();
    assert!(packages.len() > 50, "only {} packages", packages.len());
    let wrong: Vec<String> = packages
        .iter()
        .filter(|p| !p["license"].as_str().is_some_and(|l| is_allowed(l, &allowed)))
        .map(|p| format!("{} {}: {}", p["name"], p["version"], p["license"]))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn nothing_banned_and_nothing_from_elsewhere() {
    let banned = listed("bans", "deny");
    let registries = listed("sources", "allow-registry");
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        assert!(!banned.iter().any(|b| b == name), "{name} is banned; see deny.toml");
        if let Some(source) = package["source"].as_str() {
            let source = source.trim_start_matches("registry+");
            assert!(registries.iter().any(|r| r == source), "{name} comes from {source}");
        }
    }
}

/// Whether an SPDX expression can be met with allowed licences. `/` is an old way to write OR;
/// AND binds closer than OR.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    either(&words, &mut at, allowed) && at == words.len()
}

fn either(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut met = both(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= both(words, at, allowed);
    }
    met
}

fn both(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut met = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, allowed);
    }
    met
}

fn one(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let met = either(words, at, allowed);
        *at += 1;
        return met;
    }
    let mut licence = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        licence = format!("{licence} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    allowed.contains(&licence)
}

#[test]
fn expressions_are_read_as_spdx_says() {
    let allowed = ["MIT".to_owned(), "ISC".to_owned()];
    let cases = [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT/GPL-3.0", true),
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("GPL-3.0 OR MIT AND ISC", true),
        ("GPL-3.0 WITH MIT", false),
        ("", false),
        ("MIT ISC", false),
    ];
    for (expression, expected) in cases {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}
