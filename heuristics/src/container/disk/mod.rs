//! Disk images: the files of the file systems in them.
//!
//! Way in: [`read`] for an image as it stands (ISO 9660, UDF, FAT, or a disk with partitions),
//! [`read_vhd`] and [`read_vhdx`] for virtual disks, whose blocks lie scattered in their file. All of
//! them end in [`volume`], one file system on one [`Disk`].
//!
//! A file system is a web of numbers that its maker chose. Each folder is read once, chains end at
//! the size they are for, every byte of a folder and every step of a chain is paid as work, and
//! nothing is allocated by a number that was read: contents stay where they are, and what lies in
//! pieces is put together only when somebody looks at it. NTFS and exFAT are recognised only.

mod extent;
mod fat;
mod iso9660;
mod partition;
mod udf;
mod virtual_disk;

use std::collections::HashSet;

use super::{Kind, Visit};
use extent::{Disk, Listing};
pub(super) use virtual_disk::{read_vhd, read_vhdx};

/// Reads the image of a volume or of a disk with partitions.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    let disk = Disk::flat(content);
    if !volume(disk, visit) && !partitions(disk, visit) {
        visit.damaged("its file system");
    }
}

/// Reads a virtual disk, of which partitions count before all.
fn read_virtual(disk: Disk<'_>, visit: &mut Visit<'_>) {
    let has_table = partition::has_table(&disk.read(0, 512)) && partitions(disk, visit);
    if !volume(disk, visit) && !has_table {
        visit.damaged("its file system");
    }
}

/// Whether `head` begins a disk with a partition table, or a volume that is recognised only.
pub(super) fn is_disk(head: &[u8]) -> bool {
    fat::is_recognised_only(head) || partition::has_table(head)
}

/// Tells the files of the volumes that the partition table names; `false` where there is none.
fn partitions(disk: Disk<'_>, visit: &mut Visit<'_>) -> bool {
    let parts = partition::find(disk);
    for &part in &parts {
        volume(part, visit);
    }
    !parts.is_empty()
}

/// Tells the files of the volume on `disk`; `false` where no file system read here is on it. A disk
/// can be of several kinds at once and show other files to each reader, so every kind is looked for.
fn volume(disk: Disk<'_>, visit: &mut Visit<'_>) -> bool {
    let mut listing = Listing::new(visit.budget().members());
    let on_udf = udf::list(disk, &mut listing, visit);
    let on_iso = iso9660::list(disk, &mut listing, visit);
    match visit.kind() {
        // The marks of UDF can lie behind many descriptors of ISO 9660.
        Kind::Iso9660 if on_udf => visit.set_kind(Kind::Udf),
        Kind::Udf if !on_udf => visit.damaged("marks of UDF, but no volume"),
        _ => {}
    }
    listing.tell(disk, visit);
    let on_fat = fat::read(disk, visit);
    on_udf || on_iso || on_fat
}

/// Folders to read, each once.
struct Folders<T> {
    open: Vec<(String, T)>,
    seen: HashSet<u64>,
}

impl<T> Folders<T> {
    fn new() -> Folders<T> {
        Folders { open: Vec::new(), seen: HashSet::new() }
    }

    /// Adds the folder that lies at `place`, with what it takes to read it.
    fn add(&mut self, path: String, place: u64, folder: T) {
        // A name alone never makes a path longer than people can open.
        if path.len() <= LONGEST_PATH && self.seen.len() < MOST_FOLDERS && self.seen.insert(place) {
            self.open.push((path, folder));
        }
    }

    /// The next folder, which costs `visit` a little.
    fn next(&mut self, visit: &mut Visit<'_>) -> Option<(String, T)> {
        let next = self.open.pop()?;
        visit.budget().take_work(next.0.len() + 64).then_some(next)
    }
}

/// Longest path of a folder, in bytes.
const LONGEST_PATH: usize = 1024;

/// Most folders of one volume.
const MOST_FOLDERS: usize = 10_000;

/// Largest folder that is read, in bytes; a hundred thousand files fit in.
const LARGEST_FOLDER: u64 = 16 << 20;

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Text of big-endian UTF-16; a byte at the end that is half a unit is left out.
fn utf16_be(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|&pair| u16::from_be_bytes(pair));
    char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect()
}

#[cfg(test)]
mod tests;
