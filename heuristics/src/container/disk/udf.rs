//! UDF (ECMA-167, OSTA UDF 1.02 to 2.60): what DVDs and many `.iso` files are, and what Windows
//! shows of a disk that is ISO 9660 as well.
//!
//! Way in: [`list`]. From the anchor at sector 256 (or at the end) over the volume descriptors to the
//! file set and its root folder. Files whose entry, in the common strategy, is followed by short or
//! long allocation descriptors or by the content itself are read, on plain, sparable and metadata
//! partitions; disks that were written bit by bit (virtual partitions) are not.

use std::borrow::Cow;

use super::super::Visit;
use super::super::magic::{le16, le32, le64};
use super::extent::{Disk, Extent, Listing, Name, push};
use super::{Folders, LARGEST_FOLDER, joined, utf16_be};

/// Lists the files; `false` where no volume is on the disk.
pub(super) fn list(disk: Disk<'_>, listing: &mut Listing, visit: &mut Visit<'_>) -> bool {
    if !is_marked(disk) {
        return false;
    }
    let found = [2048, 512, 4096, 1024].iter().find_map(|&sector| volume(disk, sector));
    let Some((volume, root)) = found else { return false };
    let mut folders = Folders::new();
    folders.add(String::new(), root, root);
    while let Some((path, entry)) = folders.next(visit) {
        let Some(folder) = volume.file(entry).filter(|f| f.is_folder) else { continue };
        let content = volume.content(&folder, LARGEST_FOLDER);
        if !visit.budget().take_work(content.len()) {
            return true;
        }
        for identifier in identifiers(&content) {
            let Some(at) = volume.address(identifier.block, identifier.partition) else { continue };
            let path = joined(&path, &identifier.name);
            if identifier.is_folder {
                folders.add(path, at, at);
                continue;
            }
            let Some(file) = volume.file(at) else { continue };
            let affordable = visit.budget().take_work(64 * file.extents.len());
            if !affordable || !listing.add(Name::Full(path), file.size, file.extents) {
                return true;
            }
        }
    }
    true
}

/// Whether the volume recognition sequence names UDF (ECMA-167, 2/8): no system takes a disk for UDF
/// without it.
fn is_marked(disk: Disk<'_>) -> bool {
    let marks = (0..MOST_DESCRIPTORS).map(|i| disk.read(32_769 + 2048 * i, 5));
    marks.into_iter().any(|mark| matches!(&*mark, b"NSR02" | b"NSR03"))
}

/// Descriptors of the volume looked at.
const MOST_DESCRIPTORS: u64 = 64;

/// Partition maps looked at.
const MOST_MAPS: usize = 8;

/// Pieces of one file; one holds up to a gigabyte.
const MOST_PIECES: usize = 512;

/// Blocks of further allocation descriptors of one file.
const MOST_CONTINUATIONS: usize = 64;

mod tag {
    pub(super) const ANCHOR: u16 = 2;
    pub(super) const PARTITION: u16 = 5;
    pub(super) const LOGICAL_VOLUME: u16 = 6;
    pub(super) const END: u16 = 8;
    pub(super) const FILE_SET: u16 = 256;
    pub(super) const IDENTIFIER: u16 = 257;
    pub(super) const CONTINUATION: u16 = 258;
    pub(super) const FILE: u16 = 261;
    pub(super) const EXTENDED_FILE: u16 = 266;
}

/// A logical volume.
struct Volume<'a> {
    disk: Disk<'a>,
    block: u64,
    maps: Vec<Map>,
}

/// Where a partition's blocks are.
enum Map {
    /// From this offset on the disk.
    Plain(u64),
    /// In the pieces of the metadata file.
    Metadata(Vec<Extent>),
    /// Not known how.
    Other,
}

/// What a file entry says.
#[derive(Default)]
struct File {
    is_folder: bool,
    size: u64,
    extents: Vec<Extent>,
}

/// An entry of a folder.
struct Identifier {
    name: String,
    is_folder: bool,
    block: u32,
    partition: u16,
}

/// A descriptor whose tag is right (ECMA-167, 3/7.2): its identifier, where its checksum holds.
fn tag(bytes: &[u8]) -> Option<u16> {
    let head = bytes.get(..16)?;
    let sum =
        head.iter().enumerate().filter(|(i, _)| *i != 4).fold(0u8, |n, (_, &b)| n.wrapping_add(b));
    (head.get(4) == Some(&sum)).then(|| le16(head, 0)).flatten().filter(|&id| id != 0)
}

/// The volume, where the disk has sectors of this size, and the address of its root's entry.
fn volume(disk: Disk<'_>, sector: u64) -> Option<(Volume<'_>, u64)> {
    let last = (disk.size() / sector).checked_sub(1)?;
    let anchors = [Some(256), last.checked_sub(256), Some(last), Some(512)];
    anchors.into_iter().flatten().find_map(|number| {
        let anchor = disk.read(number * sector, 512);
        if tag(&anchor) != Some(tag::ANCHOR) {
            return None;
        }
        // Main and reserve sequence.
        [16, 24].into_iter().find_map(|at| {
            let (size, start) = (le32(&anchor, at)?, le32(&anchor, at + 4)?);
            described(disk, sector, u64::from(start), u64::from(size) / sector)
        })
    })
}

/// The volume that a sequence of descriptors describes.
fn described(disk: Disk<'_>, sector: u64, start: u64, count: u64) -> Option<(Volume<'_>, u64)> {
    let mut partitions = Vec::new();
    let mut logical = None;
    for number in start..start.checked_add(count.min(MOST_DESCRIPTORS))? {
        let descriptor = disk.read(number * sector, sector as usize);
        match tag(&descriptor) {
            Some(tag::PARTITION) => {
                let (id, start) = (le16(&descriptor, 22)?, le32(&descriptor, 188)?);
                partitions.push((id, u64::from(start) * sector));
            }
            Some(tag::LOGICAL_VOLUME) => logical = Some(descriptor),
            Some(tag::END) => break,
            _ => {}
        }
    }
    let logical = logical?;
    let block = u64::from(le32(&logical, 212)?);
    if !(512..=32_768).contains(&block) {
        return None;
    }
    let mut volume = Volume { disk, block, maps: Vec::new() };
    let mut maps = logical.get(440..)?;
    let count = (le32(&logical, 268)? as usize).min(MOST_MAPS);
    while let Some(&length) = maps.get(1).filter(|_| volume.maps.len() < count) {
        let (map, rest) = maps.split_at_checked(usize::from(length).max(2))?;
        let map = volume.map(map, &partitions).unwrap_or(Map::Other);
        volume.maps.push(map);
        maps = rest;
    }
    let set = volume.address(le32(&logical, 252)?, le16(&logical, 256)?)?;
    let set = disk.read(set, 512);
    if tag(&set) != Some(tag::FILE_SET) {
        return None;
    }
    let root = volume.address(le32(&set, 404)?, le16(&set, 408)?)?;
    Some((volume, root))
}

impl<'a> Volume<'a> {
    fn map(&self, map: &[u8], partitions: &[(u16, u64)]) -> Option<Map> {
        let start = |id: u16| partitions.iter().find(|(p, _)| *p == id).map(|(_, start)| *start);
        if map.first() == Some(&1) {
            return Some(Map::Plain(start(le16(map, 4)?)?));
        }
        let start = start(le16(map, 38)?)?;
        let identifier = map.get(5..28)?;
        if identifier.starts_with(b"*UDF Sparable Partition") {
            // Blocks that went bad are few, and lie elsewhere.
            return Some(Map::Plain(start));
        }
        if identifier.starts_with(b"*UDF Metadata Partition") {
            let entry = start + u64::from(le32(map, 40)?) * self.block;
            let plain =
                Volume { disk: self.disk, block: self.block, maps: vec![Map::Plain(start)] };
            return Some(Map::Metadata(plain.file(entry)?.extents));
        }
        None
    }

    /// Offset on the disk of a block of a partition.
    fn address(&self, block: u32, partition: u16) -> Option<u64> {
        let offset = u64::from(block) * self.block;
        match self.maps.get(usize::from(partition))? {
            Map::Plain(start) => start.checked_add(offset),
            Map::Metadata(extents) => {
                let mut before = 0u64;
                let holds = extents.iter().find_map(|extent| {
                    let within = offset.checked_sub(before)?;
                    before = before.saturating_add(extent.size);
                    (before > offset).then_some((extent.at?, within))
                });
                holds.and_then(|(at, within)| at.checked_add(within))
            }
            Map::Other => None,
        }
    }

    /// The file whose entry stands at `entry`.
    fn file(&self, entry: u64) -> Option<File> {
        let bytes = self.disk.read(entry, self.block as usize);
        let (attributes, fixed) = match tag(&bytes)? {
            tag::FILE => (168, 176),
            tag::EXTENDED_FILE => (208, 216),
            _ => return None,
        };
        const FOLDER: u8 = 4;
        let is_folder = *bytes.get(27)? == FOLDER;
        let form = le16(&bytes, 34)? & 7;
        let size = le64(&bytes, 56)?;
        let start = fixed + le32(&bytes, attributes)? as usize;
        let length = le32(&bytes, attributes + 4)? as usize;
        let mut file = File { is_folder, size, extents: Vec::new() };
        if form == IN_ENTRY {
            let there = bytes.len().saturating_sub(start).min(length) as u64;
            let at = entry.checked_add(start as u64);
            file.extents.push(Extent { at, size: there.min(size) });
            return Some(file);
        }
        // Pieces lie in the partition that holds the entry, unless they say otherwise.
        let own = self.partition_of(entry);
        let mut descriptors = Cow::Borrowed(bytes.get(start..)?);
        if let Some(these) = descriptors.get(..length) {
            descriptors = Cow::Owned(these.to_vec());
        }
        for _ in 0..MOST_CONTINUATIONS {
            let Some(next) = self.pieces(&descriptors, form, own, &mut file.extents) else { break };
            let more = self.disk.read(next, self.block as usize);
            if tag(&more) != Some(tag::CONTINUATION) {
                break;
            }
            let length = le32(&more, 20).unwrap_or(0) as usize;
            let these = more.get(24..).unwrap_or_default();
            descriptors = Cow::Owned(these.get(..length).unwrap_or(these).to_vec());
        }
        Some(file)
    }

    fn partition_of(&self, entry: u64) -> u16 {
        let first = self.maps.iter().position(|map| match map {
            Map::Metadata(extents) => {
                extents.iter().any(|e| e.at.is_some_and(|at| at <= entry && entry - at < e.size))
            }
            _ => false,
        });
        let plain = || self.maps.iter().position(|m| matches!(m, Map::Plain(_)));
        // Content never lies in the metadata partition itself, short descriptors of folders do.
        first.or_else(plain).and_then(|at| u16::try_from(at).ok()).unwrap_or(0)
    }

    /// Adds the pieces that allocation descriptors name; the address of further descriptors.
    fn pieces(&self, bytes: &[u8], form: u16, own: u16, extents: &mut Vec<Extent>) -> Option<u64> {
        let size = match form {
            SHORT => 8,
            LONG => 16,
            _ => return None,
        };
        for descriptor in bytes.chunks_exact(size) {
            let (said, block) = (le32(descriptor, 0)?, le32(descriptor, 4)?);
            let partition = if form == LONG { le16(descriptor, 8)? } else { own };
            let (kind, size) = (said >> 30, u64::from(said & 0x3FFF_FFFF));
            if size == 0 || extents.len() >= MOST_PIECES {
                return None;
            }
            let at = self.address(block, partition);
            match kind {
                3 => return at,
                0 => push(extents, Extent { at: Some(at?), size }),
                _ => push(extents, Extent { at: None, size }),
            }
        }
        None
    }

    /// The first `most` bytes of a file; zeros that stand nowhere are left out.
    fn content(&self, file: &File, most: u64) -> Vec<u8> {
        let mut content = Vec::new();
        for extent in &file.extents {
            let left = most.min(file.size).saturating_sub(content.len() as u64);
            let Some(at) = extent.at.filter(|_| left > 0) else { continue };
            content.extend_from_slice(&self.disk.read(at, extent.size.min(left) as usize));
        }
        content
    }
}

/// How the descriptors of a file are written (ECMA-167, 4/14.6.8).
const SHORT: u16 = 0;
const LONG: u16 = 1;
const IN_ENTRY: u16 = 3;

/// The entries of a folder but the one that leads up, and deleted ones.
fn identifiers(folder: &[u8]) -> impl Iterator<Item = Identifier> {
    const FOLDER: u8 = 2;
    const DELETED: u8 = 4;
    const UP: u8 = 8;
    const FIXED: usize = 38;
    let mut rest = folder;
    let next = move || -> Option<Option<Identifier>> {
        if tag(rest)? != tag::IDENTIFIER {
            return None;
        }
        let (flags, name) = (*rest.get(18)?, usize::from(*rest.get(19)?));
        let private = usize::from(le16(rest, 36)?);
        let size = (FIXED + private + name).next_multiple_of(4);
        let name = rest.get(FIXED + private..)?.get(..name)?;
        let found = Identifier {
            name: text(name),
            is_folder: flags & FOLDER != 0,
            block: le32(rest, 24)?,
            partition: le16(rest, 28)?,
        };
        rest = rest.get(size..).unwrap_or_default();
        Some((flags & (DELETED | UP) == 0).then_some(found))
    };
    std::iter::from_fn(next).flatten()
}

/// A name in OSTA compressed Unicode (UDF 2.60, 2.1.1).
fn text(name: &[u8]) -> String {
    match name.split_first() {
        Some((8 | 254, latin)) => latin.iter().map(|&b| char::from(b)).collect(),
        Some((16 | 255, wide)) => utf16_be(wide),
        _ => String::from_utf8_lossy(name).into_owned(),
    }
}

#[cfg(test)]
mod tests;
