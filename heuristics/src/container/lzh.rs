//! LZH (LHA): header levels 0 to 3, names in CP932 or UTF-16.
//!
//! Way in: [`read`]. Headers are read here, since a wrong checksum must not hide a member; what is
//! packed is unpacked by `delharc`, whose decoders allocate a fixed window of 1 MiB at most and
//! read no more than what a member holds. A header always moves the reader forward; the first that
//! makes no sense ends the list, and the archive is damaged unless it is the end mark.

use delharc::decode::{DecoderAny, LhaDecodeReader};
use delharc::header::LhaHeader;
use std::borrow::Cow;
use std::io::Read;

use super::magic::{le16, le32, le64};
use super::{Content, Encryption, Member, Role, Visit, entry_name};
use crate::message::param::FileName;

/// Reads an archive.
pub(super) fn read(bytes: &[u8], visit: &mut Visit<'_>) {
    let mut rest = bytes;
    // A zero byte is the end; some writers leave it out.
    while rest.first().is_some_and(|&size| size != 0) {
        let Some((header, after)) = Header::read(rest) else {
            visit.damaged("what follows a member is no header");
            return;
        };
        let here = usize::try_from(header.packed).unwrap_or(usize::MAX).min(after.len());
        if header.packed > here as u64 {
            visit.damaged("it is cut");
        }
        let (data, after) = after.split_at_checked(here).unwrap_or_default();
        rest = after;
        if !header.is_folder() && !header.tell(data, visit) {
            return;
        }
    }
}

/// What a header says of a member.
struct Header<'a> {
    method: [u8; 5],
    packed: u64,
    size: u64,
    /// The name in the header itself (levels 0 and 1).
    name: &'a [u8],
    extra: Extra<'a>,
}

/// What extended headers say.
#[derive(Default)]
struct Extra<'a> {
    name: Option<&'a [u8]>,
    folder: &'a [u8],
    wide_name: Option<&'a [u8]>,
    wide_folder: &'a [u8],
    /// Packed and unpacked size where 32 bits were not enough.
    sizes: Option<(u64, u64)>,
}

impl<'a> Header<'a> {
    /// The header at the beginning of `bytes`, and what follows it.
    fn read(bytes: &'a [u8]) -> Option<(Header<'a>, &'a [u8])> {
        let method: [u8; 5] = *bytes.get(2..)?.first_chunk()?;
        if !matches!(method, [b'-', b'l' | b'p', _, _, b'-']) {
            return None;
        }
        let mut header = Header {
            method,
            packed: le32(bytes, 7)?.into(),
            size: le32(bytes, 11)?.into(),
            name: b"",
            extra: Extra::default(),
        };
        let after = match *bytes.get(20)? {
            level @ (0 | 1) => {
                let end = usize::from(*bytes.first()?) + 2;
                let length = usize::from(*bytes.get(21)?);
                header.name = bytes.get(22..22 + length)?;
                let after = bytes.get(end..)?;
                match level {
                    0 => after,
                    // The last two bytes say how long the first extended header is; all of them
                    // count as packed data.
                    _ => {
                        let first = u32::from(le16(bytes, end.checked_sub(2)?)?);
                        let data = header.extra.read(after, first, 2)?;
                        header.packed =
                            header.packed.checked_sub((after.len() - data.len()) as u64)?;
                        data
                    }
                }
            }
            2 => {
                let total = usize::from(le16(bytes, 0)?);
                header.extra.read(bytes.get(26..total)?, le16(bytes, 24)?.into(), 2)?;
                bytes.get(total..)?
            }
            3 => {
                let total = usize::try_from(le32(bytes, 24)?).ok()?;
                header.extra.read(bytes.get(32..total)?, le32(bytes, 28)?, 4)?;
                bytes.get(total..)?
            }
            _ => return None,
        };
        if let Some((packed, size)) = header.extra.sizes {
            (header.packed, header.size) = (packed, size);
        }
        Some((header, after))
    }

    fn is_folder(&self) -> bool {
        &self.method == b"-lhd-"
    }

    fn names(&self) -> Vec<FileName> {
        let mut names = Vec::new();
        if let Some(wide) = self.extra.wide_name {
            let units = [self.extra.wide_folder, wide].concat();
            let units = units.chunks_exact(2).filter_map(|c| le16(c, 0));
            names.push(entry_name::of_utf16(units.map(|u| if u == 0xFFFF { 0x2F } else { u })));
        }
        // Folders end in 0xFF, which is no byte of CP932, EUC-JP or UTF-8.
        let slashed = |bytes: &[u8]| -> Vec<u8> {
            bytes.iter().map(|&b| if b == 0xFF { b'/' } else { b }).collect()
        };
        for name in [self.extra.name, Some(self.name).filter(|n| !n.is_empty())] {
            let Some(name) = name else { continue };
            names.push(entry_name::of_bytes(&slashed(&[self.extra.folder, name].concat())));
        }
        entry_name::keep_first_of_each(&mut names);
        names
    }

    fn tell(&self, data: &[u8], visit: &mut Visit<'_>) -> bool {
        let mut packed = |limit| self.unpack(data, limit);
        let content = match &self.method {
            b"-lh0-" | b"-lz4-" | b"-pm0-" => Content::Whole(Cow::Borrowed(data)),
            b"-lh1-" | b"-lh4-" | b"-lh5-" | b"-lh6-" | b"-lh7-" | b"-lhx-" | b"-lzs-"
            | b"-lz5-" => Content::Packed(&mut packed),
            _ => Content::Hidden,
        };
        let encryption = Encryption::Clear;
        let role = Role::File;
        visit.member(Member { names: self.names(), size: self.size, encryption, role, content })
    }

    /// Up to `limit` bytes; damaged data gives what came out before the damage, by the block.
    fn unpack(&self, data: &[u8], limit: usize) -> Vec<u8> {
        let header = LhaHeader {
            compression: self.method,
            compressed_size: data.len() as u64,
            original_size: self.size,
            ..LhaHeader::default()
        };
        let decoder = DecoderAny::new_from_header(&header, data);
        let mut reader = LhaDecodeReader::default();
        reader.begin_with_header_and_decoder(header, decoder);
        let mut out = Vec::new();
        let mut block = [0; 4096];
        while let Some(room) = limit.checked_sub(out.len()).filter(|&room| room > 0) {
            let room = block.get_mut(..room.min(4096)).unwrap_or_default();
            match reader.read(room) {
                Ok(0) | Err(_) => break,
                Ok(n) => out.extend_from_slice(room.get(..n).unwrap_or_default()),
            }
        }
        out
    }
}

impl<'a> Extra<'a> {
    /// Reads the chain of extended headers, of which the first is `size` bytes long; each ends in
    /// the size of the next, a number of `width` bytes. Gives what follows the chain.
    fn read(&mut self, mut bytes: &'a [u8], mut size: u32, width: usize) -> Option<&'a [u8]> {
        while size != 0 {
            let (header, rest) = bytes.split_at_checked(usize::try_from(size).ok()?)?;
            let (field, next) = header.split_at_checked(header.len().checked_sub(width)?)?;
            size = match width {
                2 => le16(next, 0)?.into(),
                _ => le32(next, 0)?,
            };
            bytes = rest;
            match field.split_first() {
                Some((0x01, name)) => self.name = Some(name),
                Some((0x02, folder)) => self.folder = folder,
                Some((0x42, sizes)) => self.sizes = le64(sizes, 0).zip(le64(sizes, 8)),
                Some((0x44, name)) => self.wide_name = Some(name),
                Some((0x45, folder)) => self.wide_folder = folder,
                _ => {}
            }
        }
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::super::tree::check as read;
    use super::*;
    use proptest::prelude::*;

    /// A member by a header of `level`; `extra` are extended headers, each type and content.
    fn member(
        level: u8,
        method: &[u8],
        name: &[u8],
        extra: &[&[u8]],
        data: &[u8],
        size: u32,
    ) -> Vec<u8> {
        let width = if level == 3 { 4 } else { 2 };
        let length = |n: usize| u32::try_from(n).unwrap().to_le_bytes()[..width].to_vec();
        let mut sizes = extra.iter().map(|e| length(e.len() + width)).chain([length(0)]);
        let first = if level == 0 { Vec::new() } else { sizes.next().unwrap() };
        let chain: Vec<u8> =
            extra.iter().zip(sizes).flat_map(|(e, next)| [e, &next[..]].concat()).collect();
        let counted = if level == 1 { data.len() + chain.len() } else { data.len() };
        let sizes = [u32::try_from(counted).unwrap(), size].map(u32::to_le_bytes).concat();
        let middle = [method, &sizes, b"\0\0\0\0\x20", &[level]].concat();
        let head = match level {
            0 | 1 => {
                let name = [&[u8::try_from(name.len()).unwrap()], name, b"\0\0"].concat();
                let os: &[u8] = if level == 1 { b"M" } else { b"" };
                let rest = [&middle[..], &name, os, &first].concat();
                [&[u8::try_from(rest.len()).unwrap(), 0], &rest[..]].concat()
            }
            2 => {
                let total = u16::try_from(26 + chain.len()).unwrap().to_le_bytes();
                [&total[..], &middle, b"\0\0M", &first].concat()
            }
            _ => {
                let total = u32::try_from(32 + chain.len()).unwrap().to_le_bytes();
                [b"\x04\0", &middle[..], b"\0\0M", &total, &first].concat()
            }
        };
        [&head[..], &chain, data].concat()
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: &[&str]) {
        let (files, problems) = read::tree_of(Kind::Lzh, "a.lzh", bytes, &[]);
        let lines = files[1..].iter().map(|f| {
            let names: Vec<_> = f.names.iter().map(|n| n.text.as_str()).collect();
            format!("{} {:?} {} {:?}", names.join(" = "), f.kind, f.size, f.encryption)
        });
        let lines: Vec<_> = lines.chain(problems.iter().map(ToString::to_string)).collect();
        assert_eq!(lines, expected);
    }

    const GIF: &[u8] = b"GIF89a..";

    /// 65,535 times `a` by -lh5-: one block whose three tables hold a single symbol each, which
    /// takes no bits.
    const RUN: &[u8] = b"\xFF\xFF\0\0\x06\x10\0";

    #[test]
    fn headers_of_every_level() {
        let name = b"\x90\xBF\x8B\x81\x8F\x91.gif";
        let named = [b"\x01", &name[..]].concat();
        let folder = b"\x02\x91\x97\x95t\xFF";
        let bytes = [
            member(0, b"-lh0-", name, &[], GIF, 8),
            member(1, b"-lh0-", name, &[], GIF, 8),
            member(1, b"-lh0-", b"short", &[&named, folder], GIF, 8),
            member(2, b"-lh0-", b"", &[&named, folder], GIF, 8),
            member(3, b"-lh0-", b"", &[&named], GIF, 8),
            b"\0".to_vec(),
        ];
        let expected = [
            "請求書.gif Gif 8 Clear",
            "請求書.gif Gif 8 Clear",
            "送付/請求書.gif = 送付/short Gif 8 Clear",
            "送付/請求書.gif Gif 8 Clear",
            "請求書.gif Gif 8 Clear",
        ];
        check(&bytes.concat(), &expected);
    }

    #[test]
    fn names_in_utf_16_come_first() {
        let units = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let name = [&b"\x44"[..], &units("請求書\u{200B}.exe")].concat();
        let folder = [&b"\x45"[..], &units("送付"), b"\xFF\xFF"].concat();
        let bytes = member(2, b"-lh0-", b"", &[b"\x01a.exe", &name, &folder], b"x", 1);
        check(&bytes, &["送付/請求書\u{200B}.exe = a.exe Text 1 Clear"]);
    }

    #[test]
    fn folders_are_no_members() {
        let bytes = member(1, b"-lhd-", b"", &[b"\x02d\xFF"], b"", 0);
        check(&[&bytes[..], &member(0, b"-lh0-", b"a", &[], GIF, 8)].concat(), &["a Gif 8 Clear"]);
    }

    #[test]
    fn packed_members_are_unpacked() {
        let header = member(0, b"-lh5-", b"a.txt", &[], RUN, 0xFFFF);
        check(&header, &["a.txt Text 65535 Clear"]);
        let (entry, data) = Header::read(&header).unwrap();
        let out = entry.unpack(data, usize::MAX);
        assert_eq!(out.len(), 0xFFFF);
        assert!(out.iter().all(|&b| b == b'a'));
        assert_eq!(entry.unpack(data, 10), b"aaaaaaaaaa");
    }

    #[test]
    fn methods_not_read_are_named() {
        check(&member(0, b"-lh2-", b"a.exe", &[], b"data", 9), &["a.exe Unknown 9 Clear"]);
    }

    #[test]
    fn a_size_that_lies_takes_what_there_is() {
        let bytes = member(0, b"-lh5-", b"a.txt", &[], RUN, u32::MAX);
        check(&bytes, &["a.txt Text 4294967295 Clear"]);
        let mut bytes = member(0, b"-lh0-", b"a.gif", &[], GIF, 8);
        bytes[10] = 0xFF;
        check(&bytes, &["a.gif Gif 8 Clear", "damaged: LZH archive: it is cut"]);
    }

    #[test]
    fn rubbish_after_a_member_is_damage() {
        let bytes = [&member(0, b"-lh0-", b"a.gif", &[], GIF, 8)[..], b"rubbish"].concat();
        let said = "damaged: LZH archive: what follows a member is no header";
        check(&bytes, &["a.gif Gif 8 Clear", said]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_damage_stops_us(
            level in 0..4u8,
            method in 0..8usize,
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            data in proptest::collection::vec(any::<u8>(), 0..100),
            cut in any::<prop::sample::Index>(),
        ) {
            let methods: [&[u8]; 8] = [
                b"-lh1-", b"-lh4-", b"-lh5-", b"-lh6-", b"-lh7-", b"-lhx-", b"-lzs-", b"-lz5-",
            ];
            let name: &[u8] = if level < 2 { b"a" } else { b"" };
            let mut bytes = member(level, methods[method], name, &[b"\x01b"], &data, 70_000);
            read::tree_of(Kind::Lzh, "a", &bytes, &[]);
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
            read::tree_of(Kind::Lzh, "a", &bytes, &[]);
        }
    }
}
