//! Rules of the house, held by tests: who may know whom, how long a file may be, what may come in.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod licences; // what other people's code may be part of the program
mod tidy; // files, folders and the direction of dependencies

use std::fs;
use std::path::{Path, PathBuf};

use sekisho_tests::sekisho::repository;

/// A file of the repository: path below its root with `/`, and content.
struct Source {
    path: String,
    content: String,
}

/// Every UTF-8 file with one of these extensions, build output left out.
fn sources(extensions: &[&str]) -> Vec<Source> {
    let mut folders: Vec<PathBuf> = vec![repository().to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder").filter_map(Result::ok) {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | ".git") {
                    folders.push(path);
                }
            } else if extensions.iter().any(|e| path.extension().is_some_and(|x| x == *e))
                && let Ok(content) = fs::read_to_string(&path)
            {
                found.push(Source { path: below_root(&path), content });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn below_root(path: &Path) -> String {
    path.strip_prefix(repository()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
