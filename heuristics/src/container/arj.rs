//! ARJ: lists, flags and stored members.
//!
//! Way in: [`read`]. ARJ's own packing is not unpacked; the content of such members is hidden. A
//! header always moves the reader forward, and its checksum is not looked at: a wrong one must not
//! hide a member.

use std::borrow::Cow;

use super::magic::{le16, le32};
use super::{Content, Encryption, Member, Role, Visit, entry_name};

/// Reads an archive: a header for the archive itself, then header and data of each member.
pub(super) fn read(bytes: &[u8], visit: &mut Visit<'_>) {
    let Some((_, mut rest)) = header(bytes) else {
        visit.damaged("its header");
        return;
    };
    while rest.starts_with(MARK) && le16(rest, 2) != Some(0) {
        let Some((header, after)) = header(rest) else {
            visit.damaged("a header");
            return;
        };
        let Some(entry) = Entry::read(header) else {
            visit.damaged("a member's header");
            return;
        };
        let here = usize::try_from(entry.packed).unwrap_or(usize::MAX).min(after.len());
        if here < entry.packed as usize {
            visit.damaged("it is cut");
        }
        let (data, after) = after.split_at_checked(here).unwrap_or_default();
        rest = after;
        if !entry.is_folder && !entry.tell(data, visit) {
            return;
        }
    }
}

const MARK: &[u8] = b"\x60\xEA";

const FLAG_ENCRYPTED: u8 = 1;
const STORED: u8 = 0;

struct Entry<'a> {
    name: &'a [u8],
    packed: u32,
    size: u32,
    is_encrypted: bool,
    is_stored: bool,
    is_folder: bool,
}

/// The basic header at the beginning of `bytes`, and what follows it, its checksum and extended
/// headers.
fn header(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let size = usize::from(le16(bytes, 2)?);
    let header = bytes.get(4..4 + size)?;
    let mut rest = bytes.get(4 + size + 4..)?;
    loop {
        match usize::from(le16(rest, 0)?) {
            0 => return Some((header, rest.get(2..)?)),
            extended => rest = rest.get(2 + extended + 4..)?,
        }
    }
}

impl<'a> Entry<'a> {
    fn read(header: &'a [u8]) -> Option<Entry<'a>> {
        let name = header.get(usize::from(*header.first()?)..)?;
        Some(Entry {
            name: name.get(..memchr::memchr(0, name)?)?,
            packed: le32(header, 12)?,
            size: le32(header, 16)?,
            is_encrypted: header.get(4)? & FLAG_ENCRYPTED != 0,
            is_stored: *header.get(5)? == STORED,
            is_folder: *header.get(6)? == 3,
        })
    }

    fn tell(&self, data: &[u8], visit: &mut Visit<'_>) -> bool {
        let (encryption, content) = match (self.is_encrypted, self.is_stored) {
            (true, _) => (Encryption::Encrypted, Content::Hidden),
            (false, true) => (Encryption::Clear, Content::Whole(Cow::Borrowed(data))),
            (false, false) => (Encryption::Clear, Content::Hidden),
        };
        let names = vec![entry_name::of_bytes(self.name)];
        visit.member(Member {
            names,
            size: self.size.into(),
            encryption,
            role: Role::File,
            content,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::super::tree::check as read;
    use super::*;
    use proptest::prelude::*;

    /// A header and its data; the archive's own has none.
    fn member(name: &[u8], flags: u8, method: u8, kind: u8, size: u32, data: &[u8]) -> Vec<u8> {
        let mut header = vec![30, 11, 1, 0, flags, method, kind, 0, 0, 0, 0, 0];
        header.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        header.extend(size.to_le_bytes());
        header.resize(30, 0);
        header.extend([name, b"\0\0"].concat());
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        [MARK, &length, &header, b"sum!\0\0", data].concat()
    }

    fn archive(members: &[Vec<u8>]) -> Vec<u8> {
        [&member(b"a.arj", 0, 0, 2, 0, b"")[..], &members.concat(), MARK, b"\0\0"].concat()
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: &[&str]) {
        assert_eq!(read::lines("a.arj", bytes, &[])[1..], *expected);
    }

    #[test]
    fn stored_members_are_looked_into_others_named() {
        let bytes = archive(&[
            member(b"a.gif", 0, 0, 0, 8, b"GIF89a.."),
            member(b"d", 0, 0, 3, 0, b""),
            member(b"\x90\xBF\x8B\x81\x8F\x91.exe", 0, 1, 0, 600, b"packed"),
            member(b"b.exe", 1, 0, 0, 8, b"GIF89a.."),
        ]);
        let expected = [
            "1 a.gif Gif 8 Clear",
            "1 請求書.exe Unknown 600 Clear",
            "1 b.exe Unknown 8 Encrypted",
        ];
        check(&bytes, &expected);
    }

    #[test]
    fn a_length_that_lies_takes_what_there_is() {
        let mut bytes = archive(&[]);
        bytes.truncate(bytes.len() - 4);
        let mut cut = member(b"a.gif", 0, 0, 0, 8, b"GIF89a..");
        cut[4 + 14] = 0xFF;
        bytes.extend(cut);
        check(&bytes, &["1 a.gif Gif 8 Clear", "damaged: ARJ archive: it is cut"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_damage_stops_us(
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = archive(&[member(b"a.gif", 0, 0, 0, 8, b"GIF89a..")]);
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
            read::tree_of(Kind::Arj, "a", &bytes, &[]);
        }
    }
}
