//! RAR 5 (RARLab, "RAR 5.0 archive format").
//!
//! A block is: checksum, size of the header, header. Numbers have seven bits a byte, the lowest
//! first. A header is type, flags, size of its extra area, size of data, and what belongs to its
//! type.

use super::{Entry, Visit, data_of, headers_are_encrypted};
use crate::container::entry_name;

const FILE: u64 = 2;
const ENCRYPTION: u64 = 4;
const END: u64 = 5;

const HAS_EXTRA: u64 = 1;
const HAS_DATA: u64 = 2;

const FILE_FOLDER: u64 = 1;
const FILE_HAS_TIME: u64 = 2;
const FILE_HAS_CHECKSUM: u64 = 4;

/// Extra record: the member is encrypted.
const EXTRA_ENCRYPTION: u64 = 1;

pub(super) fn read(mut rest: &[u8], visit: &mut Visit<'_>) {
    while let Some((_, after)) = rest.split_first_chunk::<4>() {
        let mut numbers = Numbers(after);
        let Some(mut header) = numbers.block() else {
            visit.damaged("a header");
            return;
        };
        let Some((kind, flags)) = header.next().zip(header.next()) else { return };
        let extra = if flags & HAS_EXTRA != 0 { header.next() } else { Some(0) };
        let length = if flags & HAS_DATA != 0 { header.next() } else { Some(0) };
        let (Some(extra), Some(length)) = (extra, length) else {
            visit.damaged("a header");
            return;
        };
        let (data, after) = data_of(numbers.0, length, visit);
        rest = after;
        match kind {
            END => return,
            ENCRYPTION => return headers_are_encrypted(visit),
            FILE => match entry(header, extra) {
                Some(None) => {}
                Some(Some(entry)) => {
                    if !entry.tell(data, visit) {
                        return;
                    }
                }
                None => visit.damaged("a member's header"),
            },
            _ => {}
        }
    }
}

/// A member; `Some(None)` for a folder.
fn entry(mut header: Numbers<'_>, extra: u64) -> Option<Option<Entry>> {
    let before = header.0.len().checked_sub(usize::try_from(extra).ok()?)?;
    let (own, extra) = header.0.split_at_checked(before)?;
    header.0 = own;
    let flags = header.next()?;
    let size = header.next()?;
    header.next()?;
    for flag in [FILE_HAS_TIME, FILE_HAS_CHECKSUM] {
        if flags & flag != 0 {
            header.0 = header.0.get(4..)?;
        }
    }
    let compression = header.next()?;
    header.next()?;
    let name = header.block()?.0;
    if flags & FILE_FOLDER != 0 {
        return Some(None);
    }
    let mut is_encrypted = false;
    let mut records = Numbers(extra);
    while let Some(mut record) = records.block() {
        is_encrypted |= record.next() == Some(EXTRA_ENCRYPTION);
    }
    Some(Some(Entry {
        names: vec![entry_name::of_text(String::from_utf8_lossy(name))],
        size,
        is_encrypted,
        // Bits 7 to 9 are the method.
        is_stored: compression >> 7 & 7 == 0,
    }))
}

/// Numbers of variable length.
struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    fn next(&mut self) -> Option<u64> {
        let mut number = 0;
        for (i, &byte) in self.0.iter().enumerate().take(10) {
            number |= u64::from(byte & 0x7F).checked_shl(7 * i as u32).unwrap_or(0);
            if byte & 0x80 == 0 {
                self.0 = self.0.get(i + 1..)?;
                return Some(number);
            }
        }
        None
    }

    /// As many bytes as the number before them says.
    fn block(&mut self) -> Option<Numbers<'a>> {
        let length = usize::try_from(self.next()?).ok()?;
        let (block, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(Numbers(block))
    }
}
