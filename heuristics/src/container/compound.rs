//! OLE compound files (MS-CFB): told apart by the root's class and the names in the directory.
//!
//! Way in: [`kind`], which reads the directory alone, through the file allocation table and never
//! more than [`MOST_SECTORS`] sectors of it; a file that is cut or lies about its sectors is a
//! [`Kind::Compound`] of no special kind. Who wants streams takes [`open`] and [`stream`].
//!
//! The `cfb` library follows no chain twice, but two lies make it take memory or time without
//! bound: a list of allocation sectors that names the same sector again and again (four bytes
//! for 512), and storages in storages, each of which carries its whole path. [`open`] walks both first
//! and refuses what no honest file comes near. A stream may still say any length and many streams
//! may share one chain; [`stream`] pays for what it reads and how far it had to walk.

use std::io::Cursor;

use cfb::CompoundFile;

use super::magic::{le16, le32};
use super::{Kind, Visit};

/// Tells a compound file's kind where its head did not.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    let kind = kind(content);
    visit.set_kind(kind);
    match super::reader(kind).filter(|_| kind != Kind::Compound) {
        Some(read) => read(content, visit),
        None => super::office::ole::read(content, visit),
    }
}

/// What kind of compound file `bytes` begin; the more of the file is given, the surer.
pub(super) fn kind(bytes: &[u8]) -> Kind {
    let Some(shift) = le16(bytes, 30).filter(|s| matches!(s, 9 | 12)) else {
        return Kind::Compound;
    };
    let mut next = le32(bytes, 48);
    for _ in 0..MOST_SECTORS {
        let Some(sector) = next.and_then(|n| at(bytes, n, shift)) else { break };
        for entry in sector.chunks_exact(ENTRY) {
            if let Some(kind) = by_entry(entry) {
                return kind;
            }
        }
        next = next.and_then(|n| following(bytes, n, shift));
    }
    Kind::Compound
}

/// A compound file whose streams can be read; `None` where it is damaged or costs too much. Storages
/// are listed by [`CompoundFile::walk`] and its kin within bounds.
pub(super) fn open(content: &[u8]) -> Option<CompoundFile<Cursor<&[u8]>>> {
    let shift = le16(content, 30).filter(|s| matches!(s, 9 | 12))?;
    let table = table(content, shift)?;
    has_short_paths(content, shift, &table)?;
    CompoundFile::open(Cursor::new(content)).ok()
}

/// What the stream at `path` (`/a/b`) of the file `content` holds, as far as bytes may still be
/// unpacked; `None` where there is none. Its memory is paid for.
pub(super) fn stream(
    file: &mut CompoundFile<Cursor<&[u8]>>,
    content: &[u8],
    path: &str,
    visit: &mut Visit<'_>,
) -> Option<Vec<u8>> {
    let found = file.open_stream(path).ok()?;
    // A stream of a few bytes can stand in a chain through the whole file.
    visit.budget().take_work(content.len() / 64).then(|| visit.unpack(found))
}

/// Directory sectors looked at; a document has a few dozen streams, eight to a small sector.
const MOST_SECTORS: usize = 64;

/// Size of one directory entry.
const ENTRY: usize = 128;

/// Components that the paths of all entries may have together: some 200,000 honest entries, or one
/// branch of 700 storages.
const MOST_COMPONENTS: usize = 250_000;

/// Allocation sectors the header itself lists.
const IN_HEADER: usize = 109;

/// No sector, no entry: all numbers from here on have other meanings.
const NONE: u32 = 0xFFFF_FFFA;

/// First 8 bytes of the classes of Windows installer files: package, patch, transform.
const INSTALLER: [[u8; 4]; 3] =
    [[0x84, 0x10, 0x0C, 0], [0x86, 0x10, 0x0C, 0], [0x82, 0x10, 0x0C, 0]];

/// The end of most of Microsoft's own class identifiers.
const MICROSOFT: &[u8] = &[0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];

fn by_entry(entry: &[u8]) -> Option<Kind> {
    const ROOT: u8 = 5;
    let class = entry.get(80..96)?;
    if entry.get(66) == Some(&ROOT) && class.ends_with(MICROSOFT) {
        let first = class.first_chunk::<4>()?;
        if INSTALLER.contains(first) {
            return Some(Kind::Msi);
        }
    }
    let length = usize::from(le16(entry, 64)?).saturating_sub(2).min(62);
    let units = entry.get(..length)?.chunks_exact(2).filter_map(|c| le16(c, 0));
    let name: String = char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect();
    match name.as_str() {
        "WordDocument" => Some(Kind::Word),
        "Workbook" | "Book" => Some(Kind::Excel),
        "PowerPoint Document" => Some(Kind::PowerPoint),
        "EncryptedPackage" => Some(Kind::EncryptedOffice),
        "__nameid_version1.0" | "__properties_version1.0" => Some(Kind::Msg),
        // Tables of an installer's database have names of their own alphabet.
        _ => name.starts_with('\u{4840}').then_some(Kind::Msi),
    }
}

/// Bytes of sector `number`.
fn at(bytes: &[u8], number: u32, shift: u16) -> Option<&[u8]> {
    let start = (number as usize).checked_add(1)?.checked_shl(shift.into())?;
    let rest = bytes.get(start..)?;
    Some(rest.get(..1 << shift).unwrap_or(rest))
}

/// The sector that follows `number` in its chain, by the allocation table whose own sectors the
/// header lists (109 of them; larger files go on elsewhere, which no directory of interest needs).
fn following(bytes: &[u8], number: u32, shift: u16) -> Option<u32> {
    let per_sector = 1u32 << (shift - 2);
    let (table, slot) = (number / per_sector, number % per_sector);
    if table >= 109 {
        return None;
    }
    let sector = at(bytes, le32(bytes, 76 + 4 * table as usize)?, shift)?;
    le32(sector, 4 * slot as usize)
}

/// Numbers of the sectors that hold the allocation table; `None` where the file names more of them
/// than it has room for.
fn table(bytes: &[u8], shift: u16) -> Option<Vec<u32>> {
    let per_sector = 1usize << (shift - 2);
    let most = IN_HEADER + per_sector + 2 * (bytes.len() >> shift) / per_sector;
    let in_header = (0..IN_HEADER).map_while(|i| le32(bytes, 76 + 4 * i));
    let mut table: Vec<u32> = in_header.take_while(|&n| n < NONE).collect();
    let mut next = le32(bytes, 68)?;
    while next < NONE {
        let list = at(bytes, next, shift)?;
        let (numbers, link) = list.split_at_checked(4 * (per_sector - 1))?;
        table.extend(numbers.chunks_exact(4).filter_map(|n| le32(n, 0)));
        next = le32(link, 0)?;
        if table.len() > most {
            return None;
        }
    }
    Some(table)
}

/// Walks the tree of storages: `None` where its paths together are too long, or where it is damaged
/// so that nobody reads it.
fn has_short_paths(bytes: &[u8], shift: u16, table: &[u32]) -> Option<()> {
    let mut sectors = Vec::new();
    let mut next = le32(bytes, 48)?;
    while next < NONE {
        sectors.push(at(bytes, next, shift)?);
        if sectors.len() > bytes.len() >> shift {
            return None;
        }
        let slot = next as usize;
        let in_table = shift - 2;
        let part = at(bytes, *table.get(slot >> in_table)?, shift)?;
        next = le32(part, 4 * (slot & ((1 << in_table) - 1)))?;
    }
    let per_sector = (1usize << shift) / ENTRY;
    let entry = |number: usize| {
        sectors.get(number / per_sector)?.get(number % per_sector * ENTRY..)?.get(..ENTRY)
    };
    let mut components = 0;
    // A tree that leads into itself has paths without end.
    let mut open = vec![(0usize, 0usize)];
    while let Some((number, depth)) = open.pop() {
        components += depth.max(1);
        if components > MOST_COMPONENTS {
            return None;
        }
        let entry = entry(number)?;
        // Left and right sibling, child.
        for (link, depth) in [(68, depth), (72, depth), (76, depth + 1)] {
            let to = le32(entry, link)?;
            if to < NONE {
                open.push((to as usize, depth));
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::magic;
    use super::*;
    use proptest::prelude::*;
    use std::io::Read;

    /// A compound file of one directory chain: header, table, directory sectors.
    fn file(class: [u8; 16], names: &[&str]) -> Vec<u8> {
        let mut directory = Vec::new();
        for (i, name) in std::iter::once(&"Root Entry").chain(names).enumerate() {
            let mut entry = vec![0; ENTRY];
            for (j, unit) in name.encode_utf16().enumerate() {
                entry[2 * j..2 * j + 2].copy_from_slice(&unit.to_le_bytes());
            }
            entry[64] = u8::try_from(2 * name.encode_utf16().count() + 2).unwrap();
            entry[66] = if i == 0 { 5 } else { 2 };
            if i == 0 {
                entry[80..96].copy_from_slice(&class);
            }
            directory.extend(entry);
        }
        directory.resize(directory.len().next_multiple_of(512), 0);
        let mut header = vec![0; 512];
        header[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
        header[30] = 9;
        header[48] = 1;
        let sectors = directory.len() / 512;
        let table = (0..128u32).flat_map(|i| match i as usize {
            0 => 0xFFFF_FFFDu32.to_le_bytes(),
            i if i < sectors => u32::try_from(i + 1).unwrap().to_le_bytes(),
            _ => 0xFFFF_FFFEu32.to_le_bytes(),
        });
        header.into_iter().chain(table).chain(directory).collect()
    }

    fn class(first: u8) -> [u8; 16] {
        [first, 0x10, 0x0C, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46]
    }

    #[test]
    fn told_apart_by_class_and_names() {
        let check = |file: &[u8], expected| assert_eq!(magic::kind(file), expected);
        check(&file(class(0x84), &[]), Kind::Msi);
        check(&file([0; 16], &["\u{4840}\u{3F3F}"]), Kind::Msi);
        check(&file([0; 16], &["1Table", "WordDocument"]), Kind::Word);
        check(&file([0; 16], &["a", "b", "c", "d", "e", "Workbook"]), Kind::Excel);
        check(&file([0; 16], &["EncryptionInfo", "EncryptedPackage"]), Kind::EncryptedOffice);
        check(&file([0; 16], &["__nameid_version1.0"]), Kind::Msg);
        check(&file([0; 16], &["JSRV_SegmentInformation"]), Kind::Compound);
    }

    #[test]
    fn a_chain_that_leads_into_itself_ends() {
        let mut looped = file([0; 16], &["a"]);
        looped[512 + 4] = 1;
        looped[512 + 5..512 + 8].fill(0);
        assert_eq!(kind(&looped), Kind::Compound);
    }

    /// A file by the library, with streams in storages.
    fn written(streams: &[(&str, &[u8])]) -> Vec<u8> {
        let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        for (path, content) in streams {
            let storage = std::path::Path::new(path).parent().unwrap();
            file.create_storage_all(storage).unwrap();
            std::io::Write::write_all(&mut file.create_stream(path).unwrap(), content).unwrap();
        }
        file.into_inner().into_inner()
    }

    #[test]
    fn honest_files_open() {
        let bytes = written(&[("/a/b/c", b"x"), ("/d", &[7; 9000])]);
        let mut file = open(&bytes).unwrap();
        let mut content = Vec::new();
        file.open_stream("/d").unwrap().read_to_end(&mut content).unwrap();
        assert_eq!(content, [7; 9000]);
        assert!(open(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1").is_none());
    }

    #[test]
    fn storages_in_storages_without_end_are_refused() {
        let deep = |levels| written(&[(&"/a".repeat(levels), b"x")]);
        assert!(open(&deep(64)).is_some());
        assert!(open(&deep(800)).is_none());
    }

    #[test]
    fn a_table_that_is_named_again_and_again_is_refused() {
        let mut bytes = written(&[("/d", &[7; 9000])]);
        // Sectors that each name the first one 127 times and go on with the next.
        let first = u32::try_from(bytes.len() / 512 - 1).unwrap();
        bytes[68..72].copy_from_slice(&first.to_le_bytes());
        for sector in first..first + 20 {
            let last = if sector == first + 19 { 0xFFFF_FFFE } else { sector + 1 };
            bytes.extend([[0; 4]; 127].concat());
            bytes.extend(last.to_le_bytes());
        }
        assert!(open(&bytes).is_none());
    }

    #[test]
    fn a_tree_that_leads_into_itself_is_refused() {
        let mut bytes = written(&[("/d", b"x")]);
        let name = memchr::memmem::find(&bytes, b"d\0\0").unwrap();
        bytes[name + 68..name + 72].copy_from_slice(&1u32.to_le_bytes());
        assert!(open(&bytes).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn no_damage_keeps_the_library(
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        ) {
            let mut bytes = written(&[("/a/b/c", b"x"), ("/d", &[7; 9000])]);
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let Some(mut file) = open(&bytes) else { return Ok(()) };
            let paths: Vec<_> = file.walk().map(|e| e.path().to_owned()).collect();
            for path in paths {
                if let Ok(stream) = file.open_stream(path) {
                    let mut content = Vec::new();
                    let _ = stream.take(1 << 20).read_to_end(&mut content);
                }
            }
        }

        #[test]
        fn no_damage_stops_us(at in 0..1500usize, byte: u8, cut in 0..2000usize) {
            let mut bytes = file([0; 16], &["a", "b", "c", "d", "Workbook"]);
            let len = bytes.len();
            bytes[at % len] = byte;
            bytes.truncate(cut);
            kind(&bytes);
        }
    }
}
