//! Files, folders and the direction of dependencies.

use std::collections::BTreeMap;

use sekisho_heuristics::indicator::is_unshowable;
use sekisho_heuristics::indicators::ALL;
use sekisho_heuristics::outbound::rules;
use sekisho_tests::sekisho::repository;

use crate::{Source, sources};

#[test]
fn no_source_file_is_longer_than_600_lines() {
    complain(sources(&["rs"]).iter().filter_map(|file| {
        let lines = file.content.lines().count();
        (lines > 600).then(|| format!("{}: {lines} lines", file.path))
    }));
}

#[test]
fn every_source_file_says_what_it_is_for() {
    complain(sources(&["rs"]).iter().filter_map(|file| {
        let opens =
            file.content.starts_with("//! ") && !file.content.starts_with("//! placeholder");
        (!opens).then(|| format!("{}: does not open with a //! header", file.path))
    }));
}

#[test]
fn the_core_touches_nothing_outside() {
    let outside = [
        "tokio",
        "std::env",
        "std::fs",
        // Reading out of memory is no way outside.
        "std::io::std",
        "io::stdin",
        "io::stdout",
        "io::stderr",
        "std::net::Tcp",
        "std::net::Udp",
        "std::os",
        "std::process",
        "std::thread",
        "SystemTime",
        "Instant",
        "async fn",
    ];
    complain(names(&code_of("heuristics/src/"), &outside));
}

#[test]
fn the_shell_and_the_settings_name_no_indicator_and_no_rule() {
    let indicators = ALL.iter().map(|i| i.id);
    let ids = indicators.chain(rules::ALL.iter().map(|rule| rule.id));
    let ids: Vec<String> = ids.map(|id| format!("\"{id}\"")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    complain(names(&code_of("milter/src/"), &ids));
    complain(names(&code_of("config/src/"), &ids));
}

#[test]
fn packages_know_only_those_below_them() {
    let may_know = [
        ("config", &[][..]),
        ("heuristics", &["config"][..]),
        ("milter", &["config", "heuristics"][..]),
        ("corpus", &["config", "heuristics"][..]),
    ];
    let manifests: BTreeMap<String, String> =
        sources(&["toml"]).into_iter().map(|f| (f.path, f.content)).collect();
    for (package, known) in may_know {
        let manifest = &manifests[&format!("{package}/Cargo.toml")];
        for other in ["config", "heuristics", "milter", "corpus", "tests"] {
            let named = manifest.contains(&format!("\nsekisho-{other}"));
            assert!(!named || known.contains(&other), "{package} must not know {other}");
        }
    }
}

#[test]
fn every_file_is_a_module_of_its_folder() {
    let files: BTreeMap<String, String> =
        sources(&["rs"]).into_iter().map(|f| (f.path, f.content)).collect();
    complain(files.keys().filter_map(|path| {
        let (folder, file) = path.rsplit_once('/')?;
        // Roots of crates: nobody declares them.
        let integration_test = folder.ends_with("/tests");
        if matches!(file, "lib.rs" | "main.rs" | "build.rs")
            || integration_test
            || ["bin", "benches", "examples"].iter().any(|f| folder.ends_with(f))
        {
            return None;
        }
        let (folder, name) = match file.strip_suffix(".rs")? {
            "mod" => folder.rsplit_once('/')?,
            name => (folder, name),
        };
        let parents = ["mod.rs", "lib.rs", "main.rs"].map(|p| format!("{folder}/{p}"));
        let beside = format!("{folder}.rs");
        let declared = parents
            .iter()
            .chain([&beside])
            .filter_map(|p| files.get(p))
            .any(|parent| parent.lines().any(|line| declared_module(line) == Some(name)));
        (!declared).then(|| format!("{path}: no `mod {name};` above it"))
    }));
}

#[test]
fn characters_that_cannot_be_seen_are_written_as_escapes() {
    complain(sources(&["rs", "toml", "md", "lua"]).iter().flat_map(|file| {
        file.content.lines().enumerate().filter_map(move |(number, line)| {
            let hidden = line.chars().find(|&c| is_unshowable(c) && c != '\t')?;
            Some(format!("{}:{}: U+{:04X}", file.path, number + 1, u32::from(hidden)))
        })
    }));
}

#[test]
fn no_path_of_somebodys_machine_stands_in_the_project() {
    let mut paths = vec!["/home/".to_owned(), "/Users/".to_owned(), "/root/".to_owned()];
    if repository().components().count() > 3 {
        paths.push(format!("{}/", repository().display()));
    }
    let files = sources(&["rs", "toml", "md", "lua", "service", "cf", "yml", "html", "css"]);
    complain(files.iter().filter(|f| f.path != "tests/tests/house/tidy.rs").filter_map(|file| {
        let path = paths.iter().find(|p| file.content.contains(p.as_str()))?;
        Some(format!("{}: names {path}", file.path))
    }));
}

#[test]
fn both_readmes_install_what_is_there_to_where_it_belongs() {
    let read = |path: &str| std::fs::read_to_string(repository().join(path)).unwrap();
    for readme in ["README.md", "README.ja.md"].map(read) {
        for file in
            ["sekisho.service", "sekisho-holdd.service", "sekisho.sysusers", "sekisho.tmpfiles"]
        {
            let path = format!("milter/dist/{file}");
            let content = read(&path);
            let place = content.split_once("Installed to ").unwrap().1;
            let place = place.split(|c: char| c.is_whitespace() || c == ':').next().unwrap();
            let place = place.strip_suffix('.').unwrap_or(place);
            let line = readme.lines().find(|line| line.contains(&path));
            let line = line.unwrap_or_else(|| panic!("nothing installs {path}"));
            assert!(line.contains(place), "{line}: not {place}");
        }
        let snippet = read("milter/dist/postfix/main.cf.inbound-unix");
        for setting in snippet.lines().filter(|line| !line.starts_with('#')) {
            assert!(readme.contains(&format!("postconf -e '{setting}'")), "{setting}");
        }
    }
}

/// The name in `mod name;`, whoever may see it.
fn declared_module(line: &str) -> Option<&str> {
    let code = line.split("//").next().unwrap_or_default().trim();
    let (visibility, name) = code.strip_suffix(';')?.split_once("mod ")?;
    (visibility.is_empty() || visibility.starts_with("pub")).then_some(name)
}

/// Files below a folder, cut to what is neither comment nor test.
fn code_of(folder: &str) -> Vec<Source> {
    let mut files = sources(&["rs"]);
    files.retain(|f| f.path.starts_with(folder));
    let tests: Vec<String> = files.iter().flat_map(test_modules).collect();
    files.retain(|f| !tests.iter().any(|t| f.path.starts_with(t.as_str())));
    for file in &mut files {
        let code = file.content.split("\n#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().map(|l| if l.trim_start().starts_with("//") { "" } else { l });
        file.content = lines.collect::<Vec<_>>().join("\n");
    }
    files
}

/// Files and folders of the modules that a file declares for tests alone.
fn test_modules(parent: &Source) -> Vec<String> {
    let (folder, file) = parent.path.rsplit_once('/').unwrap_or(("", &parent.path));
    let folder = match file.trim_end_matches(".rs") {
        "mod" | "lib" | "main" => folder.to_owned(),
        name => format!("{folder}/{name}"),
    };
    let lines: Vec<&str> = parent.content.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    let names = declared.filter_map(|pair| declared_module(pair[1]));
    names.flat_map(|name| [format!("{folder}/{name}.rs"), format!("{folder}/{name}/")]).collect()
}

/// Where one of `words` stands in the files.
fn names(files: &[Source], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for (number, line) in file.content.lines().enumerate() {
            if let Some(word) = words.iter().find(|w| line.contains(*w)) {
                found.push(format!("{}:{}: names {word}", file.path, number + 1));
            }
        }
    }
    found
}

#[track_caller]
fn complain(found: impl IntoIterator<Item = String>) {
    let found: Vec<String> = found.into_iter().collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}
