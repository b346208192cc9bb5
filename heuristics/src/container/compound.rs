//! OLE compound files (MS-CFB): told apart by the root's class and the names in the directory.
//!
//! Way in: [`kind`]. Only the directory is read, through the file allocation table and never more
//! than [`MOST_SECTORS`] sectors of it; a file that is cut or lies about its sectors is a
//! [`Kind::Compound`] of no special kind.

use super::magic::{le16, le32};
use super::{Kind, Visit};

/// Tells a compound file's kind where its head did not.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    visit.set_kind(kind(content));
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

/// Directory sectors looked at; a document has a few dozen streams, eight to a small sector.
const MOST_SECTORS: usize = 64;

/// Size of one directory entry.
const ENTRY: usize = 128;

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

#[cfg(test)]
mod tests {
    use super::super::magic;
    use super::*;
    use proptest::prelude::*;

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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

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
