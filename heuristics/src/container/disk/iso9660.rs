//! ISO 9660 (ECMA-119) with Joliet and Rock Ridge.
//!
//! Way in: [`list`]. Every volume descriptor has a tree of its own over the same contents; Windows
//! shows Joliet's, others Rock Ridge's, so all trees are walked and a file has the names of all.
//! Short names (8.3, upper case) count only for files that have no other.

use super::super::Visit;
use super::super::magic::{le16, le32};
use super::extent::{Disk, Extent, Listing, Name, push};
use super::{Folders, LARGEST_FOLDER, joined, utf16_be};
use crate::message::charset;

/// Lists the files of every tree; `false` where no volume is on the disk.
pub(super) fn list(disk: Disk<'_>, listing: &mut Listing, visit: &mut Visit<'_>) -> bool {
    let mut trees: Vec<Tree> =
        (0..MOST_DESCRIPTORS).map_while(|i| tree(disk, i)).flatten().collect();
    // Joliet's names first: they are what most people see.
    trees.sort_by_key(|tree| !tree.is_joliet);
    for tree in &trees {
        tree.walk(disk, listing, visit);
    }
    !trees.is_empty()
}

/// Volume descriptors looked at.
const MOST_DESCRIPTORS: u64 = 64;

/// Sectors hold 2,048 bytes whatever a block holds.
const SECTOR: u64 = 2048;

/// A record without name and system use.
const RECORD: usize = 33;

/// Pieces of one file; each may hold four gigabytes.
const MOST_PIECES: usize = 64;

/// Continuation areas of one record's system use; honest ones have one.
const MOST_AREAS: usize = 8;

/// A tree of folders.
struct Tree {
    is_joliet: bool,
    /// Names are cut to 8.3, or may be.
    has_short_names: bool,
    block: u64,
    root: Record,
}

/// What a directory record says.
struct Record {
    start: u64,
    size: u64,
    flags: u8,
}

const FOLDER: u8 = 2;
const GOES_ON: u8 = 0x80;

/// The tree of descriptor `number`; `None` after the last one, `Some(None)` for one without a tree.
#[expect(clippy::option_option, reason = "the outer one ends the list")]
fn tree(disk: Disk<'_>, number: u64) -> Option<Option<Tree>> {
    let sector = disk.read((16 + number) * SECTOR, SECTOR as usize);
    let (kind, mark) = (*sector.first()?, sector.get(1..6)?);
    // UDF's descriptors stand among them, and a terminator may be followed by another list.
    let is_known = matches!(mark, b"CD001" | b"BEA01" | b"NSR02" | b"NSR03" | b"TEA01" | b"BOOT2");
    if !is_known {
        return None;
    }
    if mark != b"CD001" || !matches!(kind, 1 | 2) {
        return Some(None);
    }
    let escapes = sector.get(88..120)?;
    let is_joliet = kind == 2 && escapes.windows(3).any(|e| matches!(e, b"%/@" | b"%/C" | b"%/E"));
    let block = u64::from(le16(&sector, 128)?);
    let root = record(sector.get(156..190)?, block)?;
    let is_tree = (512..=SECTOR).contains(&block) && root.flags & FOLDER != 0;
    Some(is_tree.then_some(Tree { is_joliet, has_short_names: kind == 1, block, root }))
}

fn record(bytes: &[u8], block: u64) -> Option<Record> {
    let attributes = u64::from(*bytes.get(1)?);
    Some(Record {
        start: (u64::from(le32(bytes, 2)?) + attributes) * block,
        size: u64::from(le32(bytes, 10)?),
        flags: *bytes.get(25)?,
    })
}

impl Tree {
    fn walk(&self, disk: Disk<'_>, listing: &mut Listing, visit: &mut Visit<'_>) {
        let mut folders = Folders::new();
        folders.add(String::new(), self.root.start, (self.root.start, self.root.size));
        while let Some((path, (start, size))) = folders.next(visit) {
            let size = size.min(LARGEST_FOLDER) as usize;
            let content = disk.read(start, size);
            if !visit.budget().take_work(content.len()) {
                return;
            }
            // A file in several pieces has a record for each.
            let mut pieces = Vec::new();
            for bytes in records(&content) {
                let Some(record) = record(bytes, self.block) else { continue };
                let name = self.name(disk, bytes);
                let Some((name, is_short)) = name else { continue };
                let path = joined(&path, &name);
                if record.flags & FOLDER != 0 {
                    folders.add(path, record.start, (record.start, record.size));
                    continue;
                }
                push(&mut pieces, Extent { at: Some(record.start), size: record.size });
                if record.flags & GOES_ON != 0 && pieces.len() < MOST_PIECES {
                    continue;
                }
                let name = if is_short { Name::Short(path) } else { Name::Full(path) };
                let size = pieces.iter().fold(0u64, |sum, p| sum.saturating_add(p.size));
                if !listing.add(name, size, std::mem::take(&mut pieces)) {
                    return;
                }
            }
        }
    }

    /// The name of a record, and whether it is a short one; `None` for the folder itself and the
    /// one that holds it.
    fn name(&self, disk: Disk<'_>, record: &[u8]) -> Option<(String, bool)> {
        let length = usize::from(*record.get(32)?);
        let written = record.get(RECORD..)?.get(..length)?;
        if matches!(written, [] | [0] | [1]) {
            return None;
        }
        if self.is_joliet {
            return Some((without_version(utf16_be(written)), false));
        }
        let system_use = record.get(RECORD + length + (length + 1) % 2..).unwrap_or_default();
        let long = self.rock_ridge_name(disk, system_use);
        let decoded = |bytes: &[u8]| charset::decode(bytes, None, None).text.into_owned();
        Some(match long {
            Some(long) => (decoded(&long), false),
            None => (without_version(decoded(written)), self.has_short_names),
        })
    }

    /// The NM entries of the system use area (RRIP 1.12, 4.1.4), continuation areas included.
    fn rock_ridge_name(&self, disk: Disk<'_>, system_use: &[u8]) -> Option<Vec<u8>> {
        let mut name: Option<Vec<u8>> = None;
        let mut area = std::borrow::Cow::Borrowed(system_use);
        for _ in 0..MOST_AREAS {
            let mut next = None;
            let mut rest: &[u8] = &area;
            while let Some(&length) = rest.get(2) {
                let Some((entry, tail)) = rest.split_at_checked(usize::from(length).max(4)) else {
                    break;
                };
                match entry.get(..2) {
                    Some(b"NM") => name
                        .get_or_insert_default()
                        .extend_from_slice(entry.get(5..).unwrap_or_default()),
                    Some(b"CE") => next = continuation(entry),
                    Some(b"ST") => break,
                    _ => {}
                }
                rest = tail;
            }
            let Some((block, offset, size)) = next else { break };
            area = disk.read(block * self.block + offset, size);
        }
        name.filter(|n| !n.is_empty())
    }
}

/// Block, offset and size of a continuation area.
fn continuation(entry: &[u8]) -> Option<(u64, u64, usize)> {
    let size = (le32(entry, 20)? as usize).min(SECTOR as usize);
    Some((u64::from(le32(entry, 4)?), u64::from(le32(entry, 12)?), size))
}

/// The records of a folder; none goes over the end of a sector.
fn records(folder: &[u8]) -> impl Iterator<Item = &[u8]> {
    folder.chunks(SECTOR as usize).flat_map(|sector| {
        let mut rest = sector;
        std::iter::from_fn(move || {
            let length = usize::from(*rest.first()?);
            let (record, tail) = rest.split_at_checked(length.max(RECORD + 1))?;
            rest = tail;
            (length > RECORD).then_some(record)
        })
    })
}

/// The name without `;1` and without the dot that stands for no extension.
fn without_version(name: String) -> String {
    let plain = name
        .rsplit_once(';')
        .filter(|(_, version)| !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()));
    match plain {
        Some((plain, _)) => plain.strip_suffix('.').unwrap_or(plain).to_owned(),
        None => name,
    }
}
