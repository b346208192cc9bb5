//! Which closed files have had their time (clause log-kept).
//!
//! Way in: [`due`]. Files go from the oldest on, without gaps, and each is told in the log before
//! it goes, so that the chain says itself where it begins. Days count back from the file before the
//! present one, not from today: a clock that is years ahead shall not take the evidence with it.

use std::fs;
use std::io;
use std::path::Path;

use jiff::ToSpan;

use super::entry::{Link, Retired};
use super::files::{self, Lines, Name, Next};

/// Files whose time is over, the oldest first, and what the log is to say of them.
pub(super) fn due(dir: &Path, keep_days: u16) -> io::Result<Vec<(Name, Retired)>> {
    let listing = files::list(dir)?;
    let [old @ .., before, _] = listing.files.as_slice() else { return Ok(Vec::new()) };
    let Ok(first_kept) = before.name.day.checked_sub(i64::from(keep_days).days()) else {
        return Ok(Vec::new());
    };
    let next = old.iter().skip(1).chain([before]);
    let mut due = Vec::new();
    for (file, next) in old.iter().zip(next).take_while(|(file, _)| file.name.day < first_kept) {
        // The next file's first line carries the hash of this one's last.
        let mut lines = Lines::new(next.open(dir)?);
        let link = match lines.next()? {
            Some(Next::Line(line)) => Link::read(line),
            _ => None,
        };
        let retired = Retired {
            file: file.name.to_string(),
            first: file.name.first,
            last: next.name.first.saturating_sub(1),
            hash: link.map(|link| link.prev.to_string()).unwrap_or_default(),
            keep_days: u32::from(keep_days),
        };
        due.push((file.name, retired));
    }
    Ok(due)
}

/// Deletes a file, compressed or not.
pub(super) fn delete(dir: &Path, name: Name) -> io::Result<()> {
    for path in [name.packed(dir), name.plain(dir)] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
