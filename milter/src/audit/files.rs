//! The files of an audit log: names, order, rights, and reading them line by line.
//!
//! A name tells the number of the file's first entry and its day,
//! `audit-000000000001-2027-03-31.jsonl`, and `.gz` behind when compressed. Numbers, not days, give
//! the order: a clock may jump back. The folder has mode 2750, so that files come into its group;
//! files have 0640. Way in: [`make_folder`], [`list`], [`Lines`].

use std::fmt;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use jiff::civil::Date;

use super::entry::MAX_LINE;

/// Name of a file of the log, the ending of compression left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    /// Number of its first entry.
    pub(super) first: u64,
    /// The day of its entries, local time.
    pub(super) day: Date,
}

/// A file of the log that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) name: Name,
    /// It is there compressed, and only so.
    pub(super) packed: bool,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Files of the log in their order.
    pub(super) files: Vec<Stored>,
    /// Names that look like ours and are not.
    pub(super) strange: Vec<String>,
    /// Compressed files that were not finished.
    pub(super) unfinished: Vec<PathBuf>,
}

impl Name {
    pub(super) fn parse(name: &str) -> Option<Name> {
        let (first, day) =
            name.strip_prefix("audit-")?.strip_suffix(".jsonl")?.split_at_checked(12)?;
        let digits = first.bytes().all(|b| b.is_ascii_digit());
        let day = day.strip_prefix('-').filter(|day| day.len() == 10)?;
        let name = Name { first: first.parse().ok()?, day: day.parse().ok()? };
        digits.then_some(name)
    }

    /// Where it lies, not compressed.
    pub(super) fn plain(&self, dir: &Path) -> PathBuf {
        dir.join(self.to_string())
    }

    /// Where it lies, compressed.
    pub(super) fn packed(&self, dir: &Path) -> PathBuf {
        dir.join(format!("{self}{PACKED}"))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "audit-{:012}-{}.jsonl", self.first, self.day)
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name, if self.packed { PACKED } else { "" })
    }
}

impl Stored {
    /// Opens it, also where it was compressed since it was listed.
    pub(super) fn open(&self, dir: &Path) -> io::Result<Box<dyn BufRead>> {
        let packed = || File::open(self.name.packed(dir)).map(unpacked);
        match File::open(self.name.plain(dir)) {
            Ok(file) => Ok(Box::new(BufReader::with_capacity(BUFFER, file))),
            Err(error) if error.kind() == ErrorKind::NotFound => packed(),
            Err(error) => Err(error),
        }
    }
}

/// What a compressed file holds.
pub(super) fn unpacked(file: File) -> Box<dyn BufRead> {
    let decoder = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, file));
    Box::new(BufReader::with_capacity(BUFFER, decoder))
}

/// The files of a folder; a folder that does not exist holds none.
pub(super) fn list(dir: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(listing),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with("audit-") {
            continue;
        }
        if name.ends_with(UNFINISHED) {
            listing.unfinished.push(dir.join(name));
            continue;
        }
        let bare = name.strip_suffix(PACKED);
        match Name::parse(bare.unwrap_or(&name)) {
            Some(parsed) => {
                listing.files.push(Stored { name: parsed, packed: bare.is_some() });
            }
            None => listing.strange.push(name),
        }
    }
    // Killed between compressing and deleting: the plain file counts, and sorts first.
    listing.files.sort_by_key(|file| (file.name, file.packed));
    listing.files.dedup_by_key(|file| file.name);
    listing.strange.sort();
    Ok(listing)
}

/// Makes the folder, or gives one that is there the rights it must have.
pub(super) fn make_folder(dir: &Path, group: Option<u32>) -> io::Result<()> {
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent)?;
    }
    match fs::DirBuilder::new().mode(FOLDER_MODE & 0o777).create(dir) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        made => made?,
    }
    let found = fs::metadata(dir)?;
    if group.is_some_and(|group| group != found.gid()) {
        chown(dir, None, group)?;
    }
    // After the group: changing that may take the bit away. The umask may have taken others.
    if fs::metadata(dir)?.mode() & 0o7777 != FOLDER_MODE {
        fs::set_permissions(dir, Permissions::from_mode(FOLDER_MODE))?;
    }
    Ok(())
}

/// Makes a file that was not there, for appending, with the rights it must have.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let file = options.append(true).create_new(true).mode(FILE_MODE).open(path)?;
    file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    Ok(file)
}

/// Makes names that came or went last through a power failure.
pub(super) fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Reads lines of any length in bounded memory.
pub(super) struct Lines<R> {
    reader: R,
    line: Vec<u8>,
}

/// What comes next in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<'l> {
    /// A line, line feed left out.
    Line(&'l [u8]),
    /// A line beyond [`MAX_LINE`], stepped over.
    TooLong,
    /// Bytes at the end without a line feed behind them, at most [`MAX_LINE`] of them.
    Torn(&'l [u8]),
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Lines<R> {
        Lines { reader, line: Vec::new() }
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Next<'_>>> {
        self.line.clear();
        let mut too_long = false;
        loop {
            let buffer = match self.reader.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            if buffer.is_empty() {
                let empty = self.line.is_empty() && !too_long;
                return Ok((!empty).then_some(Next::Torn(&self.line)));
            }
            let end = memchr::memchr(b'\n', buffer);
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            let used = part.len() + usize::from(end.is_some());
            if self.line.len() + part.len() > MAX_LINE {
                too_long = true;
            } else if !too_long {
                self.line.extend_from_slice(part);
            }
            self.reader.consume(used);
            match end {
                Some(_) if too_long => return Ok(Some(Next::TooLong)),
                Some(_) => return Ok(Some(Next::Line(&self.line))),
                None => {}
            }
        }
    }
}

/// Ending of compressed files.
const PACKED: &str = ".gz";

/// Ending of compressed files that are being written.
pub(super) const UNFINISHED: &str = ".part";

/// Owner everything, group reading, and new files come into the folder's group.
pub(super) const FOLDER_MODE: u32 = 0o2750;

/// Owner writes, group reads.
pub(super) const FILE_MODE: u32 = 0o640;

const BUFFER: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let name = Name { first: 12_345, day: jiff::civil::date(2027, 3, 31) };
        assert_eq!(name.to_string(), "audit-000000012345-2027-03-31.jsonl");
        assert_eq!(Name::parse(&name.to_string()), Some(name));
        for wrong in [
            "audit-000000012345-2027-03-31.jsonl.gz",
            "audit-12345-2027-03-31.jsonl",
            "audit-+00000012345-2027-03-31.jsonl",
            "audit-000000012345-2027-02-31.jsonl",
            "audit-000000012345-20270331.jsonl",
            "audit-\u{3042}\u{3042}\u{3042}\u{3042}-2027-03-31.jsonl",
            "",
        ] {
            assert_eq!(Name::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lines_of_any_length() {
        let mut bytes = b"a\n\n".to_vec();
        bytes.extend(std::iter::repeat_n(b'x', MAX_LINE + 1));
        bytes.extend_from_slice(b"\nb\ntail");
        let mut lines = Lines::new(&bytes[..]);
        let expected: [Next<'_>; 5] = [
            Next::Line(b"a"),
            Next::Line(b""),
            Next::TooLong,
            Next::Line(b"b"),
            Next::Torn(b"tail"),
        ];
        for next in expected {
            assert_eq!(lines.next().unwrap(), Some(next));
        }
        assert_eq!(lines.next().unwrap(), None);
    }
}
