//! tar (POSIX.1 ustar and pax, GNU, and the old one): members as they stand in the file.
//!
//! Way in: [`read`]. Nothing is packed, so members are slices and cost no bytes. Read here and not
//! by a library because names are bytes of any charset, long names come in two dialects, and a
//! member that a library calls an error must not hide those behind it. Every step goes forward by
//! at least one block. Sparse members are told but not looked into: their blocks are not their
//! content.

use std::borrow::Cow;

use super::{Content, Encryption, Member, Role, Visit, entry_name};
use crate::message::param::FileName;

/// Reads an archive.
pub(super) fn read(bytes: &[u8], visit: &mut Visit<'_>) {
    let mut rest = bytes;
    let mut next = Next::default();
    let mut has_ended = false;
    while let Some((block, after)) = rest.split_at_checked(BLOCK) {
        rest = after;
        if block.iter().all(|&b| b == 0) {
            // Two of them are the end; what follows is read all the same, as `--ignore-zeros` does.
            has_ended = true;
            continue;
        }
        let Some(header) = Header::read(block) else {
            if !has_ended {
                visit.damaged("what follows a member is no header");
            }
            return;
        };
        let size = next.size.unwrap_or(header.size);
        let here = usize::try_from(size).unwrap_or(usize::MAX).min(rest.len());
        if size > here as u64 && header.has_data() {
            visit.damaged("it is cut");
        }
        let data = rest.get(..here).unwrap_or_default();
        let taken = if header.has_data() { here.next_multiple_of(BLOCK) } else { 0 };
        rest = rest.get(taken..).unwrap_or_default();
        match header.kind {
            b'L' => next.name = Some(entry_name::of_bytes(until_nul(data))),
            b'x' => next.read_pax(data),
            b'g' | b'K' | b'1'..=b'6' => {
                if !matches!(header.kind, b'g' | b'K') {
                    next = Next::default();
                }
            }
            _ => {
                let Next { name, size, is_sparse } = std::mem::take(&mut next);
                let size = size.unwrap_or(header.size);
                let hidden = is_sparse || header.kind == b'S';
                let member = Member {
                    names: vec![name.unwrap_or_else(|| header.name())],
                    size,
                    encryption: Encryption::Clear,
                    role: Role::File,
                    content: match hidden {
                        true => Content::Hidden,
                        false => Content::Whole(Cow::Borrowed(data)),
                    },
                };
                // Old archives write folders as empty files whose name ends in a slash.
                let is_folder =
                    data.is_empty() && member.names.first().is_some_and(|n| n.text.ends_with('/'));
                if !is_folder && !visit.member(member) {
                    return;
                }
            }
        }
    }
}

const BLOCK: usize = 512;

/// What an extension says of the member that follows.
#[derive(Default)]
struct Next {
    name: Option<FileName>,
    size: Option<u64>,
    is_sparse: bool,
}

impl Next {
    /// Records `length key=value\n`, the length counting itself (POSIX.1, pax).
    fn read_pax(&mut self, mut data: &[u8]) {
        while let Some(blank) = memchr::memchr(b' ', data.get(..20).unwrap_or(data)) {
            let length = data.get(..blank).and_then(number).filter(|&l| l > blank as u64 + 1);
            let length = length.and_then(|l| usize::try_from(l).ok());
            let Some((record, rest)) = length.and_then(|l| data.split_at_checked(l)) else {
                return;
            };
            data = rest;
            let record = record.get(blank + 1..).unwrap_or_default();
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            let Some(at) = memchr::memchr(b'=', record) else { continue };
            let (key, value) = (record.get(..at), record.get(at + 1..).unwrap_or_default());
            match key.unwrap_or_default() {
                b"path" | b"GNU.sparse.name" => self.name = Some(entry_name::of_bytes(value)),
                b"size" => self.size = number(value),
                key => self.is_sparse |= key.starts_with(b"GNU.sparse"),
            }
        }
    }
}

struct Header<'a> {
    block: &'a [u8],
    size: u64,
    kind: u8,
}

impl<'a> Header<'a> {
    /// `None` where the checksum says that this is no header.
    fn read(block: &'a [u8]) -> Option<Header<'a>> {
        let sum = |bytes: &[u8]| bytes.iter().map(|&b| u64::from(b)).sum::<u64>();
        let field = block.get(148..156)?;
        let right = sum(block) - sum(field) + 8 * u64::from(b' ');
        (octal(field)? == right).then_some(Header {
            block,
            size: size(block.get(124..136)?)?,
            kind: *block.get(156)?,
        })
    }

    /// Links, devices and folders have a size at most.
    fn has_data(&self) -> bool {
        !matches!(self.kind, b'1'..=b'6')
    }

    fn name(&self) -> FileName {
        let field = |from, to| until_nul(self.block.get(from..to).unwrap_or_default());
        let name = field(0, 100);
        // GNU uses the place of the prefix for times.
        let is_posix = self.block.get(257..263) == Some(b"ustar\0");
        let prefix = if is_posix { field(345, 500) } else { b"" };
        match prefix {
            b"" => entry_name::of_bytes(name),
            prefix => entry_name::of_bytes(&[prefix, b"/", name].concat()),
        }
    }
}

/// A size: octal digits, or with the highest bit set a number in big endian.
fn size(field: &[u8]) -> Option<u64> {
    match field {
        [0x80 | 0xFF, rest @ ..] => {
            let wide = rest.iter().fold(0u128, |n, &b| n << 8 | u128::from(b));
            Some(u64::try_from(wide).unwrap_or(u64::MAX))
        }
        _ => Some(octal(field).unwrap_or(0)),
    }
}

fn octal(field: &[u8]) -> Option<u64> {
    let field = field.trim_ascii_start();
    let end = field.iter().position(|b| !matches!(b, b'0'..=b'7')).unwrap_or(field.len());
    let digits = field.get(..end).filter(|d| !d.is_empty() && d.len() <= 20)?;
    Some(digits.iter().fold(0, |n, &b| n << 3 | u64::from(b - b'0')))
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|&b| b == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::super::samples::sample;
    use super::super::tree::check as read;
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &[&str]) {
        assert_eq!(read::lines("a.tar", bytes, &[])[1..], *expected);
    }

    /// One member: header and data, padded.
    fn member(name: &[u8], kind: u8, data: &[u8]) -> Vec<u8> {
        member_of_size(name, kind, format!("{:011o}\0", data.len()).as_bytes(), data)
    }

    fn member_of_size(name: &[u8], kind: u8, size: &[u8], data: &[u8]) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..name.len()].copy_from_slice(name);
        block[124..124 + size.len()].copy_from_slice(size);
        block[148..156].fill(b' ');
        block[156] = kind;
        block[257..263].copy_from_slice(b"ustar\0");
        let sum: u32 = block.iter().map(|&b| u32::from(b)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block.extend(data);
        block.resize(block.len().next_multiple_of(BLOCK), 0);
        block
    }

    #[test]
    fn long_names_in_both_dialects() {
        let folders = "とても長いフォルダ名/".repeat(5);
        for bytes in [sample!("gnu.tgz"), sample!("pax.tgz")] {
            let lines = read::lines("a.tgz", bytes, &[]);
            assert_eq!(lines[2..], [format!("2 {folders}setup.exe Pe 600 Clear")]);
        }
    }

    #[test]
    fn folders_and_links_are_no_members() {
        let bytes = [
            member(b"d/", b'5', b""),
            member(b"old/", b'0', b""),
            member(b"link", b'2', b""),
            member(b"a.gif", b'0', b"GIF89a.."),
            member(b"b.gif", 0, b"GIF89a.."),
            member(b"c.gif", b'7', b"GIF89a.."),
            vec![0; 1024],
        ];
        let expected = ["1 a.gif Gif 8 Clear", "1 b.gif Gif 8 Clear", "1 c.gif Gif 8 Clear"];
        check(&bytes.concat(), &expected);
    }

    #[test]
    fn names_of_japanese_windows_are_cp932() {
        let bytes = member(b"\x90\xBF\x8B\x81\x8F\x91.exe", b'0', b"x");
        check(&bytes, &["1 請求書.exe Text 1 Clear"]);
    }

    #[test]
    fn a_pax_record_names_and_sizes_the_next_member() {
        let bytes = [
            member(b"x", b'x', b"20 path=invoice.exe\n10 size=8\n"),
            member_of_size(b"a", b'0', b"0", b"GIF89a.."),
            member(b"b", b'0', b"x"),
        ];
        check(&bytes.concat(), &["1 invoice.exe Gif 8 Clear", "1 b Text 1 Clear"]);
    }

    #[test]
    fn what_follows_the_end_is_read() {
        let bytes = [member(b"a", b'0', b"x"), vec![0; 1024], member(b"b", b'0', b"y")];
        check(&bytes.concat(), &["1 a Text 1 Clear", "1 b Text 1 Clear"]);
    }

    #[test]
    fn a_size_that_lies_takes_what_there_is() {
        let huge = [&[0xFF; 1][..], &[0xFF; 11]].concat();
        let cut = "damaged: tar archive: it is cut";
        let bytes = member_of_size(b"a", b'0', &huge, b"GIF89a..");
        check(&bytes, &["1 a Gif 18446744073709551615 Clear", cut]);
    }

    #[test]
    fn sparse_members_are_named() {
        check(&member(b"a", b'S', b"GIF89a.."), &["1 a Unknown 8 Clear"]);
    }

    #[test]
    fn rubbish_after_a_member_is_damage() {
        let bytes = [member(b"a", b'0', b"x"), vec![b'x'; 512]].concat();
        let said = "damaged: tar archive: what follows a member is no header";
        check(&bytes, &["1 a Text 1 Clear", said]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_damage_stops_us(
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
            records in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut bytes =
                [member(b"x", b'x', &records), member(b"a", b'0', b"x"), member(b"b", b'L', b"y")]
                    .concat();
            read::tree_of(Kind::Tar, "a", &bytes, &[]);
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            read::tree_of(Kind::Tar, "a", &bytes, &[]);
        }
    }
}
