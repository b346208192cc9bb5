//! What administrators write: types, checks, shipped defaults and lists.
//!
//! Way in: [`Settings::default`] for the shipped defaults, [`read`] for a folder of TOML files over
//! them, [`from_texts`] for the same without a disk, [`samples`] for the commented files. Two
//! layers, no third: a key that is written counts, any other keeps its shipped value. Mistakes are
//! all reported at once, as [`Problem`]s; no input panics. This package knows no indicator: ids are
//! checked by whoever has the catalogue, with [`survey`] also where there are other mistakes.

mod fingerprint;
mod hold;
mod layers;
mod lists;
mod model;
mod names;
mod net;
mod notify;
mod numbering;
mod outbound;
mod problem;
mod records;
mod scalar;
mod sections;
mod shipped;
mod themes;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use layers::{File, Problems, Table};

pub use fingerprint::fingerprint;
pub use model::*;
pub use net::domain;
pub use numbering::{area_code_prefectures, postal_prefectures};
pub use problem::{Problem, suggestion};

/// Reads every `*.toml` of a folder over the shipped defaults. A file that is not there keeps its
/// defaults; files whose name begins with a dot are left alone, as editors leave them behind.
pub fn read(dir: &Path) -> Result<Settings, Vec<Problem>> {
    let (settings, problems) = survey(dir);
    settings.filter(|_| problems.is_empty()).ok_or(problems)
}

/// Reads a folder as [`read`] does. Beside all mistakes stand the settings with shipped values in
/// their place, so that whoever knows more, such as which ids exist, can report that at once too.
/// They are missing only where the shipped files lack a key.
pub fn survey(dir: &Path) -> (Option<Settings>, Vec<Problem>) {
    let (files, mut problems) = texts(dir);
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let more = Problems::default();
    let settings = settings(&files, &more);
    problems.extend(more.into_sorted());
    (settings, problems)
}

/// Reads files given as name and text over the shipped defaults.
pub fn from_texts(files: &[(&str, &str)]) -> Result<Settings, Vec<Problem>> {
    let problems = Problems::default();
    let settings = settings(files, &problems);
    let problems = problems.into_sorted();
    // Settings are missing only where the shipped files lack a key, and that is reported too.
    settings.filter(|_| problems.is_empty()).ok_or(problems)
}

/// The shipped files, name and text: the defaults and the commented samples are one and the same.
pub fn samples() -> impl Iterator<Item = (&'static str, &'static str)> {
    shipped::SAMPLES.into_iter()
}

impl Default for Settings {
    /// The shipped defaults, as `defaults/*.toml` say them.
    fn default() -> Settings {
        #[expect(clippy::expect_used, reason = "no input; a test holds the shipped files")]
        static SHIPPED: LazyLock<Settings> =
            LazyLock::new(|| from_texts(&[]).expect("the shipped files are whole"));
        SHIPPED.clone()
    }
}

fn settings(files: &[(&str, &str)], problems: &Problems) -> Option<Settings> {
    let names = || samples().map(|(name, _)| name);
    for (name, _) in files.iter().filter(|(name, _)| !names().any(|known| known == *name)) {
        let hint = match suggestion(name, names()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("known are {}", names().collect::<Vec<_>>().join(", ")),
        };
        let place = Place { file: (*name).to_owned(), line: 0 };
        problems.add(place, "", format!("no such configuration file; {hint}"));
    }
    let [
        filter,
        thresholds,
        weights,
        actions,
        senders,
        authentication,
        scanner,
        outbound,
        notify,
        records,
        hold,
        store,
        lists,
    ] = shipped::SAMPLES.map(|(name, text)| {
        let own = files.iter().find(|(own, _)| *own == name);
        let own = own.map(|(name, text)| File::parse(name, text, problems));
        (own, File::parse(name, text, problems))
    });
    fn section<'t, T>(
        problems: &'t Problems,
        (own, shipped): &'t (Option<File<'t>>, File<'t>),
        read: impl FnOnce(&mut Table<'t>) -> T,
    ) -> T {
        let mut table = Table::top(problems, own.as_ref(), Some(shipped));
        let value = read(&mut table);
        table.finish();
        value
    }
    let (weights, caps) =
        section(problems, &weights, |t| (sections::weights(t), sections::caps(t)));
    Some(Settings {
        filter: section(problems, &filter, sections::filter)?,
        thresholds: section(problems, &thresholds, sections::thresholds)?,
        weights,
        caps,
        actions: section(problems, &actions, sections::actions)?,
        senders: section(problems, &senders, sections::senders),
        authentication: section(problems, &authentication, sections::authentication)?,
        scanner: section(problems, &scanner, sections::scanner)?,
        outbound: section(problems, &outbound, outbound::outbound)?,
        notify: section(problems, &notify, notify::notify)?,
        records: section(problems, &records, records::records)?,
        hold: section(problems, &hold, hold::hold)?,
        store: section(problems, &store, sections::store)?,
        lists: section(problems, &lists, lists::lists)?,
    })
}

/// The files of a folder, and what could not be read.
fn texts(dir: &Path) -> (Vec<(String, String)>, Vec<Problem>) {
    let problem = |file: &str, line, message: String| Problem {
        place: Place { file: file.to_owned(), line },
        key: String::new(),
        message,
    };
    let unreadable =
        |error| problem(&dir.display().to_string(), 0, format!("cannot be read: {error}"));
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => return (vec![], vec![unreadable(error)]),
    };
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for entry in entries {
        let path = match entry {
            Ok(entry) => entry.path(),
            Err(error) => {
                problems.push(unreadable(error));
                continue;
            }
        };
        let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
            continue;
        };
        if !name.ends_with(".toml") || name.starts_with('.') {
            continue;
        }
        // A pipe would keep us waiting, a device may never end.
        if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            let message = "is no regular file; remove it, or put a file in its place";
            problems.push(problem(&name, 0, message.into()));
            continue;
        }
        match fs::read(&path).map(String::from_utf8) {
            Ok(Ok(text)) => files.push((name, text)),
            Ok(Err(error)) => {
                let good = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
                let line = good.filter(|byte| **byte == b'\n').count() + 1;
                problems.push(problem(&name, line, "is not UTF-8; save the file as UTF-8".into()));
            }
            Err(error) => problems.push(problem(&name, 0, format!("cannot be read: {error}"))),
        }
    }
    // The system lists a folder in any order.
    files.sort();
    problems.sort_by(|a, b| a.place.file.cmp(&b.place.file));
    (files, problems)
}

#[cfg(test)]
mod tests;
