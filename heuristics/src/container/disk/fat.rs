//! FAT12, FAT16, FAT32 with long names (Microsoft FAT specification 1.03).
//!
//! Way in: [`read`]. A file's chain of clusters is followed when the file is told, no further than
//! its size asks for, and forgotten after it. Deleted entries are passed over. NTFS and exFAT volumes
//! are known by their boot sector and not read.

use super::super::Visit;
use super::super::magic::{le16, le32};
use super::extent::{Disk, Extent, push, tell};
use super::{Folders, joined};
use crate::message::charset;

/// Tells the files of a FAT volume; `false` where there is none.
pub(super) fn read(disk: Disk<'_>, visit: &mut Visit<'_>) -> bool {
    let boot = disk.read(0, 512);
    if is_recognised_only(&boot) {
        return true;
    }
    let Some(volume) = Volume::new(disk, &boot) else { return false };
    let mut folders = Folders::new();
    folders.add(String::new(), u64::MAX, volume.root);
    while let Some((path, place)) = folders.next(visit) {
        let Some(content) = volume.folder(place, visit) else { return true };
        for entry in entries(&content) {
            let path = joined(&path, &entry.name);
            if entry.is_folder {
                folders.add(path, entry.first.into(), Place::Chain(entry.first));
                continue;
            }
            let Some(extents) = volume.chain(entry.first, entry.size.into(), visit) else {
                return true;
            };
            if !tell(disk, vec![path], entry.size.into(), &extents, visit) {
                return true;
            }
        }
    }
    true
}

/// Pieces of one file or folder that are followed.
const MOST_PIECES: usize = 1 << 16;

/// Largest folder there may be: 65,536 entries.
const LARGEST_FOLDER: u64 = 65_536 * 32;

/// A volume.
struct Volume<'a> {
    disk: Disk<'a>,
    width: Width,
    /// Offset of the allocation table.
    table: u64,
    /// Offset of cluster 2, the first one.
    data: u64,
    cluster: u64,
    /// Number after the last cluster.
    end: u32,
    root: Place,
}

/// How many bits an entry of the allocation table has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Twelve,
    Sixteen,
    ThirtyTwo,
}

/// Where a folder lies.
#[derive(Clone, Copy)]
enum Place {
    /// In clusters, from this one on.
    Chain(u32),
    /// Between the tables and the clusters: offset and size of the root of FAT12 and FAT16.
    Fixed(u64, u64),
}

/// Whether a boot sector is one of NTFS or exFAT.
pub(super) fn is_recognised_only(boot: &[u8]) -> bool {
    matches!(boot.get(3..11), Some(b"NTFS    " | b"EXFAT   "))
        && boot.get(510..512) == Some(&[0x55, 0xAA])
}

impl<'a> Volume<'a> {
    fn new(disk: Disk<'a>, boot: &[u8]) -> Option<Volume<'a>> {
        let has_jump = matches!(boot, [0xEB, _, 0x90, ..] | [0xE9, ..]);
        let sector = u64::from(le16(boot, 11)?);
        let per_cluster = u64::from(*boot.get(13)?);
        let sizes = sector.is_power_of_two() && per_cluster.is_power_of_two();
        if !has_jump || !sizes || !(512..=4096).contains(&sector) {
            return None;
        }
        let reserved = u64::from(le16(boot, 14)?);
        let tables = u64::from(*boot.get(16)?);
        let root_entries = u64::from(le16(boot, 17)?);
        let either = |short: u16, long: u32| if short == 0 { long } else { u32::from(short) };
        let sectors = u64::from(either(le16(boot, 19)?, le32(boot, 32)?));
        let table_sectors = u64::from(either(le16(boot, 22)?, le32(boot, 36)?));
        if reserved == 0 || !(1..=4).contains(&tables) || table_sectors == 0 {
            return None;
        }
        let root_at = (reserved + tables * table_sectors) * sector;
        let root_size = (32 * root_entries).next_multiple_of(sector);
        let data = root_at + root_size;
        let cluster = sector * per_cluster;
        let clusters = (sectors * sector).checked_sub(data)? / cluster;
        let width = match clusters {
            _ if le16(boot, 22)? == 0 => Width::ThirtyTwo,
            0..4085 => Width::Twelve,
            _ => Width::Sixteen,
        };
        let root = match width {
            Width::ThirtyTwo => Place::Chain(le32(boot, 44)?),
            _ => Place::Fixed(root_at, root_size),
        };
        let end = u32::try_from(clusters + 2).unwrap_or(u32::MAX);
        Some(Volume { disk, width, table: reserved * sector, data, cluster, end, root })
    }

    fn folder(&self, place: Place, visit: &mut Visit<'_>) -> Option<Vec<u8>> {
        let extents = match place {
            Place::Chain(first) => self.chain(first, LARGEST_FOLDER, visit)?,
            Place::Fixed(at, size) => vec![Extent { at: Some(at), size }],
        };
        let mut content = Vec::new();
        for extent in extents {
            let left = LARGEST_FOLDER.saturating_sub(content.len() as u64);
            let bytes = self.disk.read(extent.at?, extent.size.min(left) as usize);
            if !visit.budget().take_work(bytes.len()) {
                return None;
            }
            content.extend_from_slice(&bytes);
            // Nothing is in use after the first entry that never was.
            if bytes.as_chunks::<32>().0.iter().any(|e| e.first() == Some(&0)) {
                break;
            }
        }
        Some(content)
    }

    /// The clusters from `first` on, as many as `size` bytes ask for; `None` where no more work may
    /// be done.
    fn chain(&self, first: u32, size: u64, visit: &mut Visit<'_>) -> Option<Vec<Extent>> {
        let mut extents = Vec::new();
        // The upper half means something else where numbers have 16 bits.
        let first = if self.width == Width::ThirtyTwo { first } else { first & 0xFFFF };
        let (mut next, mut left) = (first, size);
        while left > 0 && (2..self.end).contains(&next) && extents.len() < MOST_PIECES {
            if !visit.budget().take_work(32) {
                return None;
            }
            let at = self.data + u64::from(next - 2) * self.cluster;
            // Clusters after the end of the image hold nothing, and may be any number.
            if at >= self.disk.size() {
                break;
            }
            let here = left.min(self.cluster);
            push(&mut extents, Extent { at: Some(at), size: here });
            left -= here;
            next = self.following(next);
        }
        Some(extents)
    }

    /// The cluster after `cluster`; 0 where the table has none.
    fn following(&self, cluster: u32) -> u32 {
        let entry =
            |bits: u64| self.disk.le32(self.table + u64::from(cluster) * bits / 8).unwrap_or(0);
        match self.width {
            Width::Twelve => {
                let pair = entry(12) & 0xFFFF;
                if cluster % 2 == 1 { pair >> 4 } else { pair & 0xFFF }
            }
            Width::Sixteen => entry(16) & 0xFFFF,
            Width::ThirtyTwo => entry(32) & 0x0FFF_FFFF,
        }
    }
}

/// A file or folder.
struct Entry {
    name: String,
    is_folder: bool,
    first: u32,
    size: u32,
}

/// The entries of a folder but `.`, `..`, volume labels and deleted ones.
fn entries(folder: &[u8]) -> impl Iterator<Item = Entry> {
    const DELETED: u8 = 0xE5;
    const LABEL: u8 = 8;
    const FOLDER: u8 = 16;
    const LONG_NAME: u8 = 15;
    let mut long: Vec<[u16; 13]> = Vec::new();
    let used = folder.as_chunks::<32>().0.iter().take_while(|e| e.first() != Some(&0));
    used.filter_map(move |entry| {
        let first = *entry.first()?;
        let attributes = *entry.get(11)?;
        if first == DELETED {
            long.clear();
            return None;
        }
        if attributes & 63 == LONG_NAME {
            // The last part comes first and says so.
            if first & 0x40 != 0 {
                long.clear();
            }
            if long.len() < 20 {
                long.push(long_part(entry));
            }
            return None;
        }
        let parts = std::mem::take(&mut long);
        if attributes & LABEL != 0 || first == b'.' {
            return None;
        }
        let name = if parts.is_empty() { short_name(entry) } else { long_name(&parts) };
        let high = u32::from(le16(entry, 20)?) << 16;
        Some(Entry {
            name,
            is_folder: attributes & FOLDER != 0,
            first: high | u32::from(le16(entry, 26)?),
            size: le32(entry, 28)?,
        })
    })
}

fn long_part(entry: &[u8; 32]) -> [u16; 13] {
    let mut units = [0; 13];
    let places = (1..11).step_by(2).chain((14..26).step_by(2)).chain([28, 30]);
    for (unit, at) in units.iter_mut().zip(places) {
        *unit = le16(entry, at).unwrap_or(0);
    }
    units
}

/// The parts stand in reverse; a NUL ends the name where it does not fill the last one.
fn long_name(parts: &[[u16; 13]]) -> String {
    let units = parts.iter().rev().flatten().copied().take_while(|&u| u != 0);
    char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect()
}

/// `NAME    EXT` in the code page of whoever wrote it; Windows keeps in two bits that a half is
/// lower case.
fn short_name(entry: &[u8; 32]) -> String {
    let mut bytes = entry.get(..11).unwrap_or_default().to_vec();
    if let Some(first @ 5) = bytes.first_mut() {
        *first = 0xE5;
    }
    let case = entry.get(12).copied().unwrap_or(0);
    let half = |bytes: &[u8], lower: bool| {
        let text = charset::decode(bytes.trim_ascii_end(), None, None).text.into_owned();
        if lower { text.to_ascii_lowercase() } else { text }
    };
    let (name, extension) = bytes.split_at_checked(8).unwrap_or_default();
    let (name, extension) = (half(name, case & 8 != 0), half(extension, case & 16 != 0));
    if extension.is_empty() { name } else { format!("{name}.{extension}") }
}
