//! Partition tables: MBR with extended partitions, and GPT (UEFI specification, chapter 5).
//!
//! Way in: [`find`] for the parts of a disk, [`has_table`] for whether the first sector holds a
//! table at all. What the table says of a partition's type is not believed; its content tells.

use super::super::magic::{le16, le32, le64};
use super::extent::Disk;

/// The partitions of a disk, [`MOST`] at most; none where it has no table.
pub(super) fn find(disk: Disk<'_>) -> Vec<Disk<'_>> {
    [512, 4096]
        .into_iter()
        .map(|sector| by_table(disk, sector))
        .find(|f| !f.is_empty())
        .unwrap_or_default()
}

/// Whether the first sector holds a partition table, and nothing contradicts it: the mark at the
/// end, four entries of which each is empty or plausible, and one that is not empty.
pub(in super::super) fn has_table(first: &[u8]) -> bool {
    let Some(entries) = first.get(446..510) else { return false };
    let is_plausible = |entry: &[u8; 16]| {
        let (active, kind) = (entry.first(), entry.get(4));
        let (start, size) = (le32(entry, 8).unwrap_or(0), le32(entry, 12).unwrap_or(0));
        let empty = kind == Some(&0) && start == 0 && size == 0;
        empty || matches!(active, Some(0 | 0x80)) && kind != Some(&0) && start > 0 && size > 0
    };
    let entries = entries.as_chunks::<16>().0;
    le16(first, 510) == Some(MARK)
        && entries.iter().all(is_plausible)
        && entries.iter().any(|e| e.get(4) != Some(&0))
}

const MARK: u16 = 0xAA55;

/// Most partitions of one disk.
const MOST: usize = 32;

fn by_table(disk: Disk<'_>, sector: u64) -> Vec<Disk<'_>> {
    const EXTENDED: [u8; 3] = [0x05, 0x0F, 0x85];
    const PROTECTIVE: u8 = 0xEE;
    let mut found = Vec::new();
    // Extended partitions hold tables of their own, each naming the next one.
    let (mut tables, mut base) = (vec![0u64], None);
    let mut looked_at = 0;
    while let Some(at) = tables.pop().filter(|_| looked_at < MOST) {
        looked_at += 1;
        let bytes = disk.read(at.saturating_mul(sector), 512);
        if le16(&bytes, 510) != Some(MARK) {
            continue;
        }
        for entry in bytes.get(446..510).unwrap_or_default().as_chunks::<16>().0 {
            let kind = entry.get(4).copied().unwrap_or(0);
            let start = u64::from(le32(entry, 8).unwrap_or(0));
            let size = u64::from(le32(entry, 12).unwrap_or(0));
            if kind == PROTECTIVE {
                return by_gpt(disk, sector);
            }
            if EXTENDED.contains(&kind) {
                let first = *base.get_or_insert(start);
                tables.push(if at == 0 { start } else { first + start });
            } else if kind != 0 && size > 0 && found.len() < MOST {
                found.push(disk.part((at + start) * sector, size * sector));
            }
        }
    }
    found.retain(|part| part.size() > 0);
    found
}

fn by_gpt(disk: Disk<'_>, sector: u64) -> Vec<Disk<'_>> {
    let header = disk.read(sector, 512);
    let entries = || {
        let (at, count) = (le64(&header, 72)?, le32(&header, 80)?);
        let size = le32(&header, 84).filter(|size| (128..=4096).contains(size))? as usize;
        let most = (count as usize).min(4 * MOST) * size;
        Some((disk.read(at.checked_mul(sector)?, most), size))
    };
    let Some((table, size)) = entries().filter(|_| header.starts_with(b"EFI PART")) else {
        return Vec::new();
    };
    let part = |entry: &[u8]| {
        let (first, last) = (le64(entry, 32)?, le64(entry, 40)?);
        let is_used = entry.get(..16)?.iter().any(|&b| b != 0);
        let size = last.checked_sub(first)?.checked_add(1)?;
        is_used.then_some(disk.part(first.checked_mul(sector)?, size.checked_mul(sector)?))
    };
    table.chunks_exact(size).filter_map(part).filter(|p| p.size() > 0).take(MOST).collect()
}
