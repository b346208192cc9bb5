//! A disk as bytes by offset, and files as pieces of it.
//!
//! Way in: [`Disk`], of which any range can be read, wherever its blocks lie in the image file, and
//! [`Listing`], which gathers files by the place of their content, so that one file under several
//! names (ISO 9660, Joliet, Rock Ridge, UDF) is told once with all of them.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::magic::{le32, le64};
use super::super::{Content, Encryption, Member, Role, Visit};
use super::be32;
use crate::message::param::{FileName, NameForm};

/// A disk, or a part of one, in an image.
#[derive(Clone, Copy)]
pub(super) struct Disk<'a> {
    image: &'a [u8],
    layout: Layout<'a>,
    start: u64,
    end: u64,
}

/// Where the bytes of a disk stand in its image file.
#[derive(Clone, Copy)]
pub(super) enum Layout<'a> {
    /// In order.
    Flat,
    /// In blocks of so many bytes, each behind a bitmap; the table gives each one's sector.
    Vhd {
        /// The block allocation table, big-endian.
        table: &'a [u8],
        /// Bytes of a block.
        block: u64,
        /// Bytes of the bitmap before each block.
        bitmap: u64,
    },
    /// In blocks of so many bytes; the table gives each one's mebibyte, and after every `ratio`
    /// blocks an entry that says something else.
    Vhdx {
        /// The block allocation table, little-endian.
        table: &'a [u8],
        /// Bytes of a block.
        block: u64,
        /// Blocks between two entries for bitmaps.
        ratio: u64,
    },
}

impl<'a> Disk<'a> {
    /// The image is the disk.
    pub(super) fn flat(image: &'a [u8]) -> Disk<'a> {
        Disk { image, layout: Layout::Flat, start: 0, end: image.len() as u64 }
    }

    /// A disk of `size` bytes whose blocks lie in `image`; a block has at least 512 bytes.
    pub(super) fn blocks(image: &'a [u8], layout: Layout<'a>, size: u64) -> Disk<'a> {
        Disk { image, layout, start: 0, end: size }
    }

    /// A part of it, cut to what there is.
    pub(super) fn part(self, start: u64, size: u64) -> Disk<'a> {
        let start = self.start.saturating_add(start).min(self.end);
        Disk { start, end: start.saturating_add(size).min(self.end), ..self }
    }

    /// Size in bytes, as the image says.
    pub(super) fn size(self) -> u64 {
        self.end - self.start
    }

    /// Up to `wanted` bytes from `at` on, fewer where the disk ends. Blocks that are not in the
    /// image are zeros. Copies where blocks lie scattered: `wanted` is to be bounded.
    pub(super) fn read(self, at: u64, wanted: usize) -> Cow<'a, [u8]> {
        let wanted = wanted.min(usize::try_from(self.size().saturating_sub(at)).unwrap_or(wanted));
        let (run, size) = self.run(at);
        if let Some(run) = run.filter(|_| size >= wanted as u64) {
            return Cow::Borrowed(run.get(..wanted).unwrap_or(run));
        }
        let mut out = Vec::new();
        self.append(at, wanted, &mut out);
        Cow::Owned(out)
    }

    /// Appends `wanted` bytes from `at` on, fewer where disk or image end.
    fn append(self, mut at: u64, wanted: usize, out: &mut Vec<u8>) {
        let end = out.len().saturating_add(wanted);
        while out.len() < end && at < self.size() {
            let (run, size) = self.run(at);
            let here = usize::try_from(size).unwrap_or(usize::MAX).min(end - out.len());
            match run {
                Some([]) => return,
                Some(run) => out.extend_from_slice(run.get(..here).unwrap_or(run)),
                None => out.resize(out.len() + here, 0),
            }
            at += here as u64;
            if here == 0 {
                return;
            }
        }
    }

    /// The bytes that stand together from `at` on, `None` for zeros that stand nowhere; how many
    /// there should be.
    fn run(self, at: u64) -> (Option<&'a [u8]>, u64) {
        let left = self.size().saturating_sub(at);
        let Some(at) = self.start.checked_add(at).filter(|_| left > 0) else {
            return (Some(&[]), 0);
        };
        let block = match self.layout {
            Layout::Flat => return (Some(self.tail(at)), left),
            Layout::Vhd { block, .. } | Layout::Vhdx { block, .. } => block,
        };
        let (number, within) = (at / block, at % block);
        let size = (block - within).min(left);
        let start = self.block(number).and_then(|start| start.checked_add(within));
        (start.map(|start| self.tail(start)), size)
    }

    fn tail(self, at: u64) -> &'a [u8] {
        usize::try_from(at).ok().and_then(|at| self.image.get(at..)).unwrap_or_default()
    }

    /// Offset of a block in the image, where it is there.
    fn block(self, number: u64) -> Option<u64> {
        match self.layout {
            Layout::Flat => None,
            Layout::Vhd { table, bitmap, .. } => {
                let at = usize::try_from(number).ok()?.checked_mul(4)?;
                let sector = be32(table, at).filter(|&s| s != u32::MAX)?;
                Some(u64::from(sector) * 512 + bitmap)
            }
            Layout::Vhdx { table, ratio, .. } => {
                let at = usize::try_from(number + number / ratio).ok()?.checked_mul(8)?;
                const PRESENT: u64 = 6;
                let entry = le64(table, at).filter(|e| e & 7 >= PRESENT)?;
                Some(entry >> 20 << 20)
            }
        }
    }

    fn is_flat(self) -> bool {
        matches!(self.layout, Layout::Flat)
    }

    /// Little-endian number at an offset.
    pub(super) fn le32(self, at: u64) -> Option<u32> {
        le32(&self.read(at, 4), 0)
    }
}

/// A piece of a file: bytes of the disk, or zeros that stand nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Offset on the disk; `None` for zeros.
    pub(super) at: Option<u64>,
    /// Length in bytes.
    pub(super) size: u64,
}

/// Adds a piece, or lengthens the last one where the new one follows it.
pub(super) fn push(extents: &mut Vec<Extent>, next: Extent) {
    if let Some(last) = extents.last_mut()
        && last.at.map(|at| at.saturating_add(last.size)) == next.at
    {
        last.size = last.size.saturating_add(next.size);
        return;
    }
    extents.push(next);
}

/// Tells of a file that lies in `extents`. `false`: no more are wanted.
pub(super) fn tell(
    disk: Disk<'_>,
    names: Vec<String>,
    size: u64,
    extents: &[Extent],
    visit: &mut Visit<'_>,
) -> bool {
    let names = names.into_iter().map(|text| FileName { text, form: NameForm::ArchiveEntry });
    let most = usize::try_from(size).unwrap_or(usize::MAX);
    let mut gather = |limit: usize| {
        let (mut out, limit) = (Vec::new(), limit.min(most));
        for extent in extents {
            let wanted = usize::try_from(extent.size).unwrap_or(limit).min(limit - out.len());
            match extent.at {
                Some(at) => disk.append(at, wanted, &mut out),
                None => out.resize(out.len() + wanted, 0),
            }
        }
        out
    };
    let together = match extents {
        [] => Some(&[][..]),
        [Extent { at: Some(at), size: there }] => match disk.run(*at) {
            // A flat image that is cut holds no more anywhere.
            (Some(run), size) if disk.is_flat() || size >= (*there).min(most as u64) => Some(run),
            _ => None,
        },
        _ => None,
    };
    let content = match together {
        Some(run) => {
            let there = extents.first().map_or(0, |e| usize::try_from(e.size).unwrap_or(most));
            Content::Whole(Cow::Borrowed(run.get(..most.min(there)).unwrap_or(run)))
        }
        None => Content::Packed(&mut gather),
    };
    let encryption = Encryption::Clear;
    visit.member(Member { names: names.collect(), size, encryption, role: Role::File, content })
}

/// The files of a volume, by the place of their content.
pub(super) struct Listing {
    files: Vec<Found>,
    by_place: HashMap<(u64, u64), usize>,
    most: usize,
}

/// One file.
struct Found {
    /// Every name, path included.
    names: Vec<String>,
    /// Whether the names so far are short forms, which give way to any other.
    is_short: bool,
    size: u64,
    extents: Vec<Extent>,
}

impl Listing {
    /// Keeps one file more than `most`, so that it is noticed where there are more.
    pub(super) fn new(most: usize) -> Listing {
        Listing { files: Vec::new(), by_place: HashMap::new(), most: most.saturating_add(1) }
    }

    /// Adds a name of the file that lies in `extents`; `false` where no more are kept.
    pub(super) fn add(&mut self, name: Name, size: u64, extents: Vec<Extent>) -> bool {
        let place = extents.first().and_then(|e| e.at).filter(|_| size > 0);
        let (text, is_short) = match name {
            Name::Full(text) => (text, false),
            Name::Short(text) => (text, true),
        };
        if let Some(found) = place
            .and_then(|at| self.by_place.get(&(at, size)))
            .and_then(|&index| self.files.get_mut(index))
        {
            if found.is_short && !is_short {
                (found.names, found.is_short) = (vec![text], false);
            } else if found.is_short == is_short
                && found.names.len() < MOST_NAMES
                && !found.names.contains(&text)
            {
                found.names.push(text);
            }
            return true;
        }
        if self.files.len() >= self.most {
            return false;
        }
        // Empty files have no place: the same name in two trees is the same one.
        if place.is_none()
            && self.files.iter().rev().take(MOST_EMPTY).any(|f| {
                f.size == size && f.names.iter().any(|n| is_short || n.eq_ignore_ascii_case(&text))
            })
        {
            return true;
        }
        if let Some(at) = place {
            self.by_place.insert((at, size), self.files.len());
        }
        self.files.push(Found { names: vec![text], is_short, size, extents });
        true
    }

    /// Tells every file, in the order they were found.
    pub(super) fn tell(self, disk: Disk<'_>, visit: &mut Visit<'_>) {
        for found in self.files {
            if !tell(disk, found.names, found.size, &found.extents, visit) {
                return;
            }
        }
    }
}

/// A name of a file, path included.
pub(super) enum Name {
    /// As its maker wrote it.
    Full(String),
    /// Cut to what the first ISO 9660 allowed: `a.company` is `A.COM`.
    Short(String),
}

/// Most names kept of one file.
const MOST_NAMES: usize = 16;

/// How many files are looked at for one of the same name that is empty too.
const MOST_EMPTY: usize = 64;
