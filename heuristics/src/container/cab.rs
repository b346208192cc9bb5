//! Microsoft cabinets: names in UTF-8 or CP932, members stored, MSZIP or LZX.
//!
//! Way in: [`read`]. The lists are read here, because a member may have any name, the same as
//! another or none in UTF-8, and because a folder (one packed stream with many members in it) is to
//! be unpacked once, in order, and not once a member. Fences: a block unpacks to 32 KiB at most, an
//! LZX window is at most 2 MiB, what is skipped between members is paid for like what is taken, and
//! members that lie over one another are told but not looked into. Quantum is told only.

use std::borrow::Cow;
use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress};
use lzxd::{Lzxd, WindowSize};

use super::magic::{le16, le32};
use super::{Content, Encryption, Member, Role, Visit, entry_name};
use crate::message::param::FileName;

/// Reads a cabinet.
pub(super) fn read(bytes: &[u8], visit: &mut Visit<'_>) {
    let Some(cabinet) = Cabinet::read(bytes) else {
        visit.damaged("its header");
        return;
    };
    // One more than may be told, so that the limit is met and noted.
    let mut files = cabinet.files(visit.budget().members().saturating_add(1));
    if files.len() < usize::from(cabinet.files).min(visit.budget().members()) {
        visit.damaged("the list of members");
    }
    // Each folder is unpacked in order.
    files.sort_by_key(|f| (f.folder, f.offset));
    let mut open: Option<(u16, Folder<'_>)> = None;
    for file in &files {
        if open.as_ref().is_none_or(|(number, _)| *number != file.folder) {
            open = cabinet.folder(file.folder).map(|folder| (file.folder, folder));
        }
        let folder = open.as_mut().map(|(_, folder)| folder);
        let content = folder.and_then(|folder| folder.unpack(file, visit));
        let member = Member {
            names: vec![file.name()],
            size: file.size.into(),
            encryption: Encryption::Clear,
            role: Role::File,
            content: content.map_or(Content::Hidden, |c| Content::Whole(Cow::Owned(c))),
        };
        if !visit.member(member) {
            return;
        }
    }
}

struct Cabinet<'a> {
    bytes: &'a [u8],
    folders: u16,
    files: u16,
    /// Where the folders' headers begin, and how long each is.
    folders_at: usize,
    folder_size: usize,
    files_at: usize,
    /// Bytes reserved in each block's header.
    reserved: usize,
}

/// A member, as the list has it.
struct File<'a> {
    name: &'a [u8],
    is_utf8: bool,
    size: u32,
    folder: u16,
    /// Where it begins in what the folder unpacks to.
    offset: u32,
}

const FLAG_PREVIOUS: u16 = 1;
const FLAG_NEXT: u16 = 2;
const FLAG_RESERVE: u16 = 4;

/// Attribute: the name is UTF-8.
const NAME_IS_UTF8: u16 = 0x80;

impl<'a> Cabinet<'a> {
    fn read(bytes: &'a [u8]) -> Option<Cabinet<'a>> {
        let flags = le16(bytes, 30)?;
        let mut at = 36;
        let (mut folder_size, mut reserved) = (8, 0);
        if flags & FLAG_RESERVE != 0 {
            let header = usize::from(le16(bytes, 36)?);
            folder_size += usize::from(*bytes.get(38)?);
            reserved = usize::from(*bytes.get(39)?);
            at += 4 + header;
        }
        // Name and disk of the cabinet before and of the one after.
        for flag in [FLAG_PREVIOUS, FLAG_NEXT] {
            if flags & flag != 0 {
                for _ in 0..2 {
                    at += memchr::memchr(0, bytes.get(at..)?)? + 1;
                }
            }
        }
        Some(Cabinet {
            bytes,
            folders: le16(bytes, 26)?,
            files: le16(bytes, 28)?,
            folders_at: at,
            folder_size,
            files_at: usize::try_from(le32(bytes, 16)?).ok()?,
            reserved,
        })
    }

    fn files(&self, most: usize) -> Vec<File<'a>> {
        let mut rest = self.bytes.get(self.files_at..).unwrap_or_default();
        let next = || {
            let (header, after) = rest.split_first_chunk::<16>()?;
            let end = memchr::memchr(0, after.get(..LONGEST_NAME).unwrap_or(after))?;
            rest = after.get(end + 1..)?;
            Some(File {
                name: after.get(..end)?,
                is_utf8: le16(header, 14)? & NAME_IS_UTF8 != 0,
                size: le32(header, 0)?,
                offset: le32(header, 4)?,
                folder: le16(header, 8)?,
            })
        };
        std::iter::from_fn(next).take(most.min(self.files.into())).collect()
    }

    /// `None` where there is no such folder, as in a set of cabinets, or it is packed by a method
    /// not read here.
    fn folder(&self, number: u16) -> Option<Folder<'a>> {
        if number >= self.folders {
            return None;
        }
        let at = self.folders_at + usize::from(number) * self.folder_size;
        let data = self.bytes.get(usize::try_from(le32(self.bytes, at)?).ok()?..)?;
        let method = match le16(self.bytes, at + 6)? {
            0 => Method::Stored,
            1 => Method::MsZip(Box::new(Decompress::new(false))),
            lzx if lzx & 0x0F == 3 => Method::Lzx(Box::new(Lzxd::new(window(lzx >> 8)?))),
            _ => return None,
        };
        let blocks = le16(self.bytes, at + 4)?;
        let reserved = self.reserved;
        Some(Folder { data, blocks, reserved, method, block: Vec::new(), at: 0, position: 0 })
    }
}

/// Longest name a cabinet may have, NUL and all, is 256 bytes; some writers go beyond.
const LONGEST_NAME: usize = 1024;

fn window(bits: u16) -> Option<WindowSize> {
    use WindowSize::*;
    let sizes = [KB32, KB64, KB128, KB256, KB512, MB1, MB2];
    sizes.get(usize::from(bits & 0x1F).checked_sub(15)?).copied()
}

impl File<'_> {
    fn name(&self) -> FileName {
        match self.is_utf8 {
            true => entry_name::of_text(String::from_utf8_lossy(self.name)),
            false => entry_name::of_bytes(self.name),
        }
    }
}

/// A folder being unpacked.
struct Folder<'a> {
    /// The blocks still to come.
    data: &'a [u8],
    blocks: u16,
    reserved: usize,
    method: Method,
    /// What the last block unpacked to, and how much of it is read.
    block: Vec<u8>,
    at: usize,
    /// Bytes read so far.
    position: u64,
}

enum Method {
    Stored,
    MsZip(Box<Decompress>),
    Lzx(Box<Lzxd>),
}

impl Folder<'_> {
    /// The content of `file`; `None` where it lies over the one before, or cannot be reached.
    fn unpack(&mut self, file: &File<'_>, visit: &mut Visit<'_>) -> Option<Vec<u8>> {
        let skipped = u64::from(file.offset).checked_sub(self.position)?;
        if !visit.budget().take_bytes(usize::try_from(skipped).ok()?) {
            return None;
        }
        let passed = io::copy(&mut self.take(skipped), &mut io::sink());
        if !passed.is_ok_and(|passed| passed == skipped) {
            visit.damaged("its data");
            return None;
        }
        let content = visit.unpack(self.take(file.size.into()));
        Some(content)
    }

    /// Unpacks the next block; `false` at the end.
    fn next_block(&mut self) -> io::Result<bool> {
        let Some(blocks) = self.blocks.checked_sub(1) else { return Ok(false) };
        self.blocks = blocks;
        let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let (header, rest) = self.data.split_at_checked(8 + self.reserved).ok_or_else(cut)?;
        let packed = usize::from(le16(header, 4).ok_or_else(cut)?);
        let size = usize::from(le16(header, 6).ok_or_else(cut)?);
        let (packed, rest) = rest.split_at_checked(packed).ok_or_else(cut)?;
        self.data = rest;
        self.at = 0;
        match &mut self.method {
            Method::Stored => self.block = packed.to_vec(),
            Method::MsZip(inflate) => {
                let packed = packed.strip_prefix(b"CK").ok_or_else(cut)?;
                inflate.reset(false);
                // Each block may refer to the one before.
                if !self.block.is_empty() {
                    inflate.set_dictionary(&self.block).map_err(io::Error::other)?;
                }
                let mut out = Vec::with_capacity(size.min(MOST_BLOCK));
                inflate.decompress_vec(packed, &mut out, FlushDecompress::Finish)?;
                self.block = out;
            }
            Method::Lzx(lzx) => {
                let out = lzx.decompress_next(packed, size.min(MOST_BLOCK));
                self.block = out.map_err(io::Error::other)?.to_vec();
            }
        }
        Ok(true)
    }
}

impl Read for Folder<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.block.len() {
            if !self.next_block()? {
                return Ok(0);
            }
        }
        let mut rest = self.block.get(self.at..).unwrap_or_default();
        let taken = rest.read(out)?;
        self.at += taken;
        self.position += taken as u64;
        Ok(taken)
    }
}

/// What a block unpacks to at most.
const MOST_BLOCK: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::super::samples::sample;
    use super::super::tree::check as read;
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &[&str]) {
        assert_eq!(read::lines("a.cab", bytes, &[])[1..], *expected);
    }

    /// A cabinet of one folder: method, files as name, size, offset and attributes, blocks as packed
    /// data and size.
    fn cabinet(method: u16, files: &[(&[u8], u32, u32, u16)], blocks: &[(&[u8], u16)]) -> Vec<u8> {
        let list: Vec<u8> = files
            .iter()
            .flat_map(|(name, size, offset, attributes)| {
                let mut entry = [size.to_le_bytes(), offset.to_le_bytes(), [0; 4]].concat();
                entry.extend([0, 0]);
                entry.extend(attributes.to_le_bytes());
                [&entry, *name, b"\0"].concat()
            })
            .collect();
        let data = u32::try_from(44 + list.len()).unwrap();
        let mut out = b"MSCF\0\0\0\0\0\0\0\0\0\0\0\0\x2C\0\0\0\0\0\0\0\x03\x01\x01\0".to_vec();
        out.extend(u16::try_from(files.len()).unwrap().to_le_bytes());
        out.extend([0; 6]);
        out.extend(data.to_le_bytes());
        out.extend(u16::try_from(blocks.len()).unwrap().to_le_bytes());
        out.extend(method.to_le_bytes());
        out.extend(list);
        for (packed, size) in blocks {
            out.extend([0; 4]);
            out.extend(u16::try_from(packed.len()).unwrap().to_le_bytes());
            out.extend(size.to_le_bytes());
            out.extend(*packed);
        }
        out
    }

    #[test]
    fn cabinets_by_a_real_tool() {
        let expected = ["1 setup.exe Pe 600 Clear", "1 請求書.txt Text 920 Clear"];
        let mut lines = read::lines("a.cab", sample!("mszip.cab"), &[])[1..].to_vec();
        lines.sort();
        assert_eq!(lines, expected);
        check(sample!("stored.cab"), &["1 setup.exe Pe 600 Clear"]);
    }

    #[test]
    fn names_are_utf_8_where_they_say_so_and_cp932_else() {
        let files: &[(&[u8], _, _, _)] = &[
            (b"\x90\xBF\x8B\x81\x8F\x91.exe", 1, 0, 0),
            ("図.exe".as_bytes(), 1, 1, NAME_IS_UTF8),
        ];
        let expected = ["1 請求書.exe Text 1 Clear", "1 図.exe Text 1 Clear"];
        check(&cabinet(0, files, &[(b"xy", 2)]), &expected);
    }

    #[test]
    fn lzx_is_unpacked() {
        // No translation; a block that is not packed, of 8 bytes; three offsets; the bytes.
        let block = b"\x00\x30\x80\x00\x01\0\0\0\x01\0\0\0\x01\0\0\0GIF89a..";
        let lzx = 3 | 15 << 8;
        check(&cabinet(lzx, &[(b"a", 8, 0, 0)], &[(block, 8)]), &["1 a Gif 8 Clear"]);
    }

    #[test]
    fn methods_not_read_are_named() {
        let quantum = cabinet(2, &[(b"a.exe", 8, 0, 0)], &[(b"data", 8)]);
        check(&quantum, &["1 a.exe Unknown 8 Clear"]);
        let window_of_gigabytes = cabinet(3 | 31 << 8, &[(b"a.exe", 8, 0, 0)], &[(b"data", 8)]);
        check(&window_of_gigabytes, &["1 a.exe Unknown 8 Clear"]);
    }

    #[test]
    fn members_that_overlap_are_looked_into_once() {
        let files: &[(&[u8], _, _, _)] = &[(b"a", 8, 0, 0), (b"b", 8, 0, 0), (b"c", 4, 8, 0)];
        let expected = ["1 a Gif 8 Clear", "1 b Unknown 8 Clear", "1 c Text 4 Clear"];
        check(&cabinet(0, files, &[(b"GIF89a..", 8), (b"text", 4)]), &expected);
    }

    #[test]
    fn a_member_beyond_the_data_is_named() {
        let said = "damaged: CAB archive: its data";
        let bytes = cabinet(0, &[(b"a.exe", 8, 100, 0)], &[(b"GIF89a..", 8)]);
        check(&bytes, &["1 a.exe Unknown 8 Clear", said]);
        let far = cabinet(0, &[(b"a.exe", 8, u32::MAX, 0)], &[(b"GIF89a..", 8)]);
        let limit = "unpacks to more than 104857600 bytes; the rest was not looked at";
        check(&far, &["1 a.exe Unknown 8 Clear", limit]);
    }

    #[test]
    fn a_list_that_is_cut_is_damaged() {
        let mut bytes = cabinet(0, &[(b"a", 8, 0, 0)], &[(b"GIF89a..", 8)]);
        bytes[28..30].copy_from_slice(&[0xFF, 0xFF]);
        let lines = read::lines("a.cab", &bytes, &[]);
        assert_eq!(lines.last().unwrap(), "damaged: CAB archive: the list of members");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_damage_stops_us(
            method in 0..4usize,
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            data in proptest::collection::vec(any::<u8>(), 0..100),
            cut in any::<prop::sample::Index>(),
        ) {
            let method = [0, 1, 3 | 15 << 8, 3 | 21 << 8][method];
            let data = if method == 1 { [b"CK", &data[..]].concat() } else { data };
            let files: &[(&[u8], _, _, _)] = &[(b"a", 8, 0, 0), (b"b", 40_000, 8, 0)];
            let mut bytes = cabinet(method, files, &[(&data, 32_768), (&data, 32_768)]);
            read::tree_of(Kind::Cab, "a", &bytes, &[]);
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
            read::tree_of(Kind::Cab, "a", &bytes, &[]);
        }
    }
}
