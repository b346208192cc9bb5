//! RAR 2 to 4 (RARLab's technical note of 2005).
//!
//! A block is: checksum, type, flags, size of the header, and where flags say so a size of data.

use super::{Entry, Visit, data_of, headers_are_encrypted};
use crate::container::entry_name;
use crate::container::magic::{le16, le32};
use crate::message::param::FileName;

const ARCHIVE: u8 = 0x73;
const FILE: u8 = 0x74;
const END: u8 = 0x7B;

const HAS_DATA: u16 = 0x8000;
const ARCHIVE_ENCRYPTED: u16 = 0x0080;
const FILE_ENCRYPTED: u16 = 0x0004;
const FILE_LARGE: u16 = 0x0100;
const FILE_UNICODE: u16 = 0x0200;
/// Size of the dictionary; all bits set mean a folder.
const FILE_FOLDER: u16 = 0x00E0;

const DOS_FOLDER: u32 = 0x10;

const STORED: u8 = 0x30;

/// Size of a file's header without name.
const FILE_SIZE: usize = 32;

pub(super) fn read(mut rest: &[u8], visit: &mut Visit<'_>) {
    while let (Some(&kind), Some(flags), Some(size)) = (rest.get(2), le16(rest, 3), le16(rest, 5)) {
        let Some((header, after)) = rest.split_at_checked(size.into()).filter(|_| size >= 7) else {
            visit.damaged("a header");
            return;
        };
        // A file's size stands there whether the flag is set or not.
        let mut length = match flags & HAS_DATA {
            0 if kind != FILE => 0,
            _ => le32(header, 7).unwrap_or(0).into(),
        };
        match kind {
            END => return,
            ARCHIVE if flags & ARCHIVE_ENCRYPTED != 0 => return headers_are_encrypted(visit),
            FILE => {
                if flags & FILE_LARGE != 0 {
                    length |= u64::from(le32(header, 32).unwrap_or(0)) << 32;
                }
                let (data, after) = data_of(after, length, visit);
                rest = after;
                match entry(header, flags) {
                    Some(_) if is_folder(header, flags) => {}
                    Some(entry) => {
                        if !entry.tell(data, visit) {
                            return;
                        }
                    }
                    None => visit.damaged("a member's header"),
                }
                continue;
            }
            _ => {}
        }
        rest = data_of(after, length, visit).1;
    }
}

/// A folder by the flags, or as RAR 1.5 has it by the attributes of DOS.
fn is_folder(header: &[u8], flags: u16) -> bool {
    let is_old = header.get(24).is_some_and(|&version| version < 20);
    let attributes = le32(header, 28).unwrap_or(0);
    flags & FILE_FOLDER == FILE_FOLDER || is_old && attributes & DOS_FOLDER != 0
}

fn entry(header: &[u8], flags: u16) -> Option<Entry> {
    let name_at = if flags & FILE_LARGE != 0 { FILE_SIZE + 8 } else { FILE_SIZE };
    let mut size = u64::from(le32(header, 11)?);
    if flags & FILE_LARGE != 0 {
        size |= u64::from(le32(header, 36)?) << 32;
    }
    let name = header.get(name_at..)?.get(..le16(header, 26)?.into())?;
    Some(Entry {
        names: vec![name_of(name, flags & FILE_UNICODE != 0)],
        size,
        is_encrypted: flags & FILE_ENCRYPTED != 0,
        is_stored: *header.get(25)? == STORED,
    })
}

/// A name: bytes of the writer's code page, or UTF-8, or the former with a NUL and what is needed
/// to make UTF-16 of it.
fn name_of(field: &[u8], is_unicode: bool) -> FileName {
    match memchr::memchr(0, field).filter(|_| is_unicode) {
        Some(end) => {
            let (plain, packed) = field.split_at_checked(end).unwrap_or_default();
            entry_name::of_utf16(widened(plain, packed.get(1..).unwrap_or_default()).into_iter())
        }
        None if is_unicode => entry_name::of_text(String::from_utf8_lossy(field)),
        None => entry_name::of_bytes(field),
    }
}

/// Two bits for each step: a unit whose high byte is 0, or common to the name, a unit written out,
/// or a run of the plain name, corrected where it says so.
fn widened(plain: &[u8], packed: &[u8]) -> Vec<u16> {
    let mut out: Vec<u16> = Vec::with_capacity(plain.len());
    let mut packed = packed.iter().copied();
    let Some(high) = packed.next().map(|b| u16::from(b) << 8) else { return out };
    let (mut flags, mut left) = (0u8, 0);
    loop {
        if left == 0 {
            let Some(next) = packed.next() else { return out };
            (flags, left) = (next, 4);
        }
        let step = flags >> 6;
        flags <<= 2;
        left -= 1;
        let Some(byte) = packed.next() else { return out };
        match step {
            0 => out.push(byte.into()),
            1 => out.push(high | u16::from(byte)),
            2 => {
                let Some(upper) = packed.next() else { return out };
                out.push(u16::from_le_bytes([byte, upper]));
            }
            _ => {
                let run = usize::from(byte & 0x7F) + 2;
                let (correction, high) = match byte & 0x80 {
                    0 => (0, 0),
                    _ => match packed.next() {
                        Some(correction) => (correction, high),
                        None => return out,
                    },
                };
                let from = plain.get(out.len()..).unwrap_or_default();
                let run = from.get(..run).unwrap_or(from);
                out.extend(run.iter().map(|b| high | u16::from(b.wrapping_add(correction))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_every_form() {
        let check = |field: &[u8], is_unicode, expected: &str| {
            assert_eq!(name_of(field, is_unicode).text, expected);
        };
        check(b"a.exe", false, "a.exe");
        check(b"\x90\xBF\x8B\x81\x8F\x91.exe", false, "請求書.exe");
        check("請求書.exe".as_bytes(), true, "請求書.exe");
        // Three units written out, then four of the plain name.
        check(b"___.exe\0\0\xAB\xCB\x8A\x42\x6C\xF8\x66\x02", true, "請求書.exe");
        // A high byte for all: 0x30, katakana.
        check(b"__.exe\0\x30\x5C\xA2\xA4\x02", true, "ア\u{30A4}.exe");
    }

    #[test]
    fn a_name_that_is_cut_gives_what_there_is() {
        assert_eq!(widened(b"abc", b""), []);
        assert_eq!(widened(b"abc", b"\0\xC0"), []);
        assert_eq!(widened(b"abc", b"\0\xC0\xFF"), []);
        assert_eq!(widened(b"abc", b"\0\xC0\x7F"), [0x61, 0x62, 0x63]);
    }
}
