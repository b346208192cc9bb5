//! Virtual disks: VHD, fixed and dynamic (Microsoft specification 1.0), and VHDX (MS-VHDX).
//!
//! Way in: [`read_vhd`] and [`read_vhdx`]. Both give a disk by its table of blocks. Blocks that a
//! parent disk holds, which is not in the mail, are zeros here. A VHDX log that was never replayed
//! is left alone: disks that were closed have none.

use super::super::Visit;
use super::super::magic::{le32, le64};
use super::extent::{Disk, Layout};
use super::{be32, be64, read_virtual};

/// Reads a VHD: the footer says of what type it is. A fixed disk has it at its end only, a dynamic
/// one at its beginning too.
pub(in super::super) fn read_vhd(content: &[u8], visit: &mut Visit<'_>) {
    match vhd(content) {
        Some(disk) => read_virtual(disk, visit),
        None => visit.damaged("its table of blocks"),
    }
}

/// Reads a VHDX.
pub(in super::super) fn read_vhdx(content: &[u8], visit: &mut Visit<'_>) {
    match vhdx(content) {
        Some(disk) => read_virtual(disk, visit),
        None => visit.damaged("its table of blocks"),
    }
}

/// Sizes of a block that are believed, in bytes; writers use 2 MiB (VHD) and 1 to 256 MiB (VHDX).
const BLOCKS: std::ops::RangeInclusive<u64> = 4096..=(256 << 20);

fn vhd(content: &[u8]) -> Option<Disk<'_>> {
    const FIXED: u32 = 2;
    const NOWHERE: u64 = u64::MAX;
    let is_footer = |f: &&[u8]| f.starts_with(b"conectix");
    // Some writers left out the last byte of the footer.
    let last = [512, 511].into_iter().filter_map(|n| content.get(content.len().checked_sub(n)?..));
    let footer = last.into_iter().chain([content]).find(is_footer)?;
    let header_at = be64(footer, 16)?;
    if be32(footer, 60)? == FIXED || header_at == NOWHERE {
        let size = content.len() - footer.len().min(512);
        return Some(Disk::flat(content.get(..size).filter(|d| !d.is_empty()).unwrap_or(content)));
    }
    let header = content.get(usize::try_from(header_at).ok()?..)?;
    if !header.starts_with(b"cxsparse") {
        return None;
    }
    let entries = be32(header, 28)? as usize;
    let block = u64::from(be32(header, 32)?);
    let table = content.get(usize::try_from(be64(header, 16)?).ok()?..)?;
    let table = table.get(..entries.saturating_mul(4)).unwrap_or(table);
    if !BLOCKS.contains(&block) {
        return None;
    }
    // One bit a sector, in whole sectors.
    let bitmap = (block / 512).div_ceil(8).next_multiple_of(512);
    Some(Disk::blocks(content, Layout::Vhd { table, block, bitmap }, be64(footer, 48)?))
}

/// Identifiers of what a VHDX holds, as they stand in the file (MS-VHDX, 2.2.3.2 and 2.6.2).
mod id {
    pub(super) const BLOCK_TABLE: &[u8] =
        b"\x66\x77\xC2\x2D\x23\xF6\x00\x42\x9D\x64\x11\x5E\x9B\xFD\x4A\x08";
    pub(super) const METADATA: &[u8] =
        b"\x06\xA2\x7C\x8B\x90\x47\x9A\x4B\xB8\xFE\x57\x5F\x05\x0F\x88\x6E";
    pub(super) const PARAMETERS: &[u8] =
        b"\x37\x67\xA1\xCA\x36\xFA\x43\x4D\xB3\xB6\x33\xF0\xAA\x44\xE7\x6B";
    pub(super) const DISK_SIZE: &[u8] =
        b"\x24\x42\xA5\x2F\x1B\xCD\x76\x48\xB2\x11\x5D\xBE\xD8\x3B\xF4\xB8";
    pub(super) const SECTOR_SIZE: &[u8] =
        b"\x1D\xBF\x41\x81\x6F\xA9\x09\x47\xBA\x47\xF2\x33\xA8\xFA\xAB\x5F";
}

fn vhdx(content: &[u8]) -> Option<Disk<'_>> {
    // Two copies of the region table.
    let region = |identifier: &[u8]| {
        [192 << 10, 256 << 10].into_iter().find_map(|at: usize| {
            let table = content.get(at..)?.get(..64 << 10)?;
            let count = le32(table, 8)? as usize;
            let entries =
                table.get(16..).filter(|_| table.starts_with(b"regi"))?.as_chunks::<32>().0;
            let entry = entries.iter().take(count).find(|e| e.starts_with(identifier))?;
            let region = content.get(usize::try_from(le64(entry, 16)?).ok()?..)?;
            Some(region.get(..le32(entry, 24)? as usize).unwrap_or(region))
        })
    };
    let (table, metadata) = (region(id::BLOCK_TABLE)?, region(id::METADATA)?);
    let items =
        metadata.get(32..).filter(|_| metadata.starts_with(b"metadata"))?.as_chunks::<32>().0;
    let item = |identifier: &[u8]| {
        let entry = items.iter().take(2047).find(|e| e.starts_with(identifier))?;
        metadata.get(le32(entry, 16)? as usize..)
    };
    let block = u64::from(le32(item(id::PARAMETERS)?, 0)?);
    let sector = u64::from(le32(item(id::SECTOR_SIZE)?, 0)?);
    if !BLOCKS.contains(&block) || !matches!(sector, 512 | 4096) {
        return None;
    }
    // As many blocks as one block of bitmaps has bits for.
    let ratio = ((sector << 23) / block).max(1);
    Some(Disk::blocks(
        content,
        Layout::Vhdx { table, block, ratio },
        le64(item(id::DISK_SIZE)?, 0)?,
    ))
}
