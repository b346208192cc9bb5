//! Where a log goes on: the head of what is there, and what a kill in the middle of a line left.
//!
//! Way in: [`recover`], with the log locked. Invariant: nothing that stands in a whole line is
//! changed or removed, sound or not; the torn end of the last file is cut off and kept aside. A
//! damaged end is left for `sekisho log verify` to tell; the chain goes on behind it in a new file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::entry::{Hash, Head, Link, MAX_LINE, Torn};
use super::files::{self, Lines, Listing, Name, Next};

/// What a folder's log leaves to go on from.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The last entry.
    pub(super) head: Head,
    /// When it was written.
    pub(super) at: Option<String>,
    /// The last file.
    pub(super) last: Option<Last>,
    /// What was cut off from it.
    pub(super) torn: Option<Torn>,
}

/// The last file of a log.
#[derive(Debug)]
pub(super) struct Last {
    pub(super) name: Name,
    /// Length up to the last line feed; what stood behind is cut off.
    pub(super) length: u64,
    /// Whether further entries may go into it.
    pub(super) open: bool,
}

/// Looks for the head of the log, and repairs a torn end.
pub(super) fn recover(dir: &Path, listing: &Listing) -> io::Result<Found> {
    let mut found = Found::default();
    for stored in listing.files.iter().rev() {
        if !stored.packed {
            let torn = cut(dir, stored.name)?;
            found.torn = found.torn.take().or(torn);
            if fs::metadata(stored.name.plain(dir))?.len() == 0 {
                // Nothing was ever written to it.
                fs::remove_file(stored.name.plain(dir))?;
                continue;
            }
        }
        let end = match stored.packed {
            true => end(stored.open(dir)?)?,
            false => plain_end(dir, stored.name)?,
        };
        // Lines behind the last sound one had numbers too; theirs are not used again.
        let beyond = found.head.seq;
        let last = Last {
            name: stored.name,
            length: if stored.packed { 0 } else { fs::metadata(stored.name.plain(dir))?.len() },
            open: !stored.packed && end.damaged == 0 && !end.closed,
        };
        let last = found.last.get_or_insert(last);
        if let Some(link) = end.link {
            let seq = link.seq.saturating_add(end.damaged);
            found.head = Head { seq: seq.max(beyond), hash: link.hash };
            found.at = Some(link.at);
            return Ok(found);
        }
        last.open = false;
        let seq = stored.name.first.saturating_sub(1).saturating_add(end.damaged);
        found.head = Head { seq: seq.max(beyond), hash: Hash::default() };
    }
    Ok(found)
}

/// The end of a file.
#[derive(Default)]
struct End {
    /// The last sound line.
    link: Option<Link>,
    /// Lines behind it.
    damaged: u64,
    /// The last sound line closes the file.
    closed: bool,
}

fn end(reader: impl BufRead) -> io::Result<End> {
    let mut lines = Lines::new(reader);
    let mut end = End::default();
    loop {
        match lines.next() {
            Ok(Some(Next::Line(line))) => match Link::read(line).filter(Link::is_whole) {
                Some(link) => {
                    let closed = link.closed.is_some();
                    end = End { link: Some(link), damaged: 0, closed };
                }
                None => end.damaged += 1,
            },
            Ok(Some(Next::TooLong)) => end.damaged += 1,
            Ok(Some(Next::Torn(_)) | None) => return Ok(end),
            // A compressed file that is broken: its number of lines is unknown, and not needed.
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                end.damaged += 1;
                return Ok(end);
            }
            Err(error) => return Err(error),
        }
    }
}

/// The same for a plain file, where its last lines are enough if they are sound.
fn plain_end(dir: &Path, name: Name) -> io::Result<End> {
    let mut file = File::open(name.plain(dir))?;
    let length = file.metadata()?.len();
    let window = 2 * MAX_LINE as u64;
    if length > window {
        file.seek(SeekFrom::Start(length - window))?;
        let mut reader = BufReader::new(&file);
        // The first of them is a part of a line.
        reader.skip_until(b'\n')?;
        let end = end(reader)?;
        if end.link.is_some() {
            return Ok(end);
        }
        file.seek(SeekFrom::Start(0))?;
    }
    end(BufReader::new(file))
}

/// Cuts off what stands behind the last line feed of a file, and keeps it beside.
fn cut(dir: &Path, name: Name) -> io::Result<Option<Torn>> {
    let path = name.plain(dir);
    let mut file = OpenOptions::new().read(true).write(true).open(&path)?;
    let length = file.metadata()?.len();
    let whole = behind_last_line_feed(&mut file, length)?;
    if whole == length {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(whole))?;
    // A torn line is one line; a file that is all garbage may be longer than memory.
    let mut tail = Vec::new();
    (&file).take(2 * MAX_LINE as u64).read_to_end(&mut tail)?;
    let kept = keep(dir, name, whole, &tail)?;
    file.set_len(whole)?;
    file.sync_all()?;
    Ok(Some(Torn {
        file: name.to_string(),
        bytes: length - whole,
        sha256: Hash::of(&tail).to_string(),
        kept,
    }))
}

/// Writes the torn bytes into a file of their own; returns its name.
fn keep(dir: &Path, name: Name, whole: u64, tail: &[u8]) -> io::Result<String> {
    let mut again = 0;
    loop {
        let kept = format!("torn-{name}-{whole}.{again}");
        match files::create(&dir.join(&kept)) {
            // Killed again while it was repaired, or torn twice at the same place.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && again < 1000 => {
                again += 1;
            }
            Err(error) => return Err(error),
            Ok(mut file) => {
                file.write_all(tail)?;
                file.sync_all()?;
                files::sync_folder(dir)?;
                return Ok(kept);
            }
        }
    }
}

/// Where the last line feed ends; 0 without any.
fn behind_last_line_feed(file: &mut File, length: u64) -> io::Result<u64> {
    let mut block = vec![0; BLOCK];
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(BLOCK as u64);
        let size = usize::try_from(end - start).unwrap_or(BLOCK);
        let part = block.get_mut(..size).unwrap_or_default();
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        if let Some(at) = memchr::memrchr(b'\n', part) {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

const BLOCK: usize = 64 << 10;
