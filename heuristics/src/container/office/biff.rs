//! Records and texts of Excel's binary format (MS-XLS, 2.5.293 and on).
//!
//! Way in: [`records`], [`text`], [`shared_strings`]. Texts are of one or two bytes a character, as
//! a flag before them says; before Excel 97 they are of the writer's code page.

use super::super::magic::{le16, le32};
use crate::message::charset;

/// Types and contents of records, up to where one is cut.
pub(super) fn records(stream: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let (of, length) = (le16(rest, 0)?, usize::from(le16(rest, 2)?));
        let (record, tail) = rest.get(4..)?.split_at_checked(length)?;
        rest = tail;
        Some((of, record))
    })
}

/// A text with its length before, in two bytes where `is_long`; `is_old` before Excel 97.
pub(super) fn text(bytes: &[u8], is_long: bool, is_old: bool) -> Option<String> {
    let (length, rest) = match is_long {
        true => (usize::from(le16(bytes, 0)?), bytes.get(2..)?),
        false => (usize::from(*bytes.first()?), bytes.get(1..)?),
    };
    if is_old {
        let text = rest.get(..length).unwrap_or(rest);
        return Some(charset::decode(text, None, None).text.into_owned());
    }
    characters(rest, length)
}

/// `length` characters behind their flag.
pub(super) fn characters(bytes: &[u8], length: usize) -> Option<String> {
    let (flags, rest) = bytes.split_first()?;
    let mut out = Vec::new();
    units(rest, flags & WIDE != 0, length, &mut out);
    Some(String::from_utf16_lossy(&out))
}

/// The strings that cells share (`SST`), in the record and those that go on with it.
pub(super) fn shared_strings(segments: Vec<&[u8]>) -> Vec<String> {
    let mut reader = Segments { rest: segments.into_iter(), current: &[] };
    reader.next();
    // Uses, then strings: the second number is the sender's word.
    reader.skip(8);
    std::iter::from_fn(|| reader.string()).collect()
}

/// Reads over the borders of records.
struct Segments<'s> {
    rest: std::vec::IntoIter<&'s [u8]>,
    current: &'s [u8],
}

impl Segments<'_> {
    fn next(&mut self) -> Option<()> {
        self.current = self.rest.next()?;
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        while self.current.is_empty() {
            self.next()?;
        }
        let (length, flags) = (usize::from(le16(self.current, 0)?), *self.current.get(2)?);
        self.skip(3);
        let mut behind = 0;
        if flags & RICH != 0 {
            behind += 4 * usize::from(le16(self.current, 0)?);
            self.skip(2);
        }
        if flags & EXTENDED != 0 {
            behind += le32(self.current, 0)? as usize;
            self.skip(4);
        }
        let mut out = Vec::new();
        let mut is_wide = flags & WIDE != 0;
        loop {
            let taken = units(self.current, is_wide, length - out.len(), &mut out);
            self.current = self.current.get(taken..).unwrap_or_default();
            if out.len() >= length {
                break;
            }
            // Characters that go on have a flag of their own.
            if self.next().is_none() {
                break;
            }
            let Some((flags, rest)) = self.current.split_first() else { break };
            is_wide = flags & WIDE != 0;
            self.current = rest;
        }
        self.skip(behind);
        Some(String::from_utf16_lossy(&out))
    }

    fn skip(&mut self, mut count: usize) {
        while count > self.current.len() {
            count -= self.current.len();
            self.current = &[];
            if self.next().is_none() {
                return;
            }
        }
        self.current = self.current.get(count..).unwrap_or_default();
    }
}

/// Adds up to `length` characters; how many bytes they took.
fn units(bytes: &[u8], is_wide: bool, length: usize, out: &mut Vec<u16>) -> usize {
    if is_wide {
        let taken = length.min(bytes.len() / 2);
        out.extend(bytes.chunks_exact(2).take(taken).filter_map(|c| le16(c, 0)));
        2 * taken
    } else {
        let taken = length.min(bytes.len());
        out.extend(bytes.iter().take(taken).map(|&b| u16::from(b)));
        taken
    }
}

const WIDE: u8 = 1;
const EXTENDED: u8 = 4;
const RICH: u8 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_run_over_records() {
        let first = b"\x02\0\0\0\x02\0\0\0\x04\0\0AB".as_slice();
        let second = b"\x01\x42\x30\x44\x30\x01\0\x08\x01\0C1234".as_slice();
        assert_eq!(shared_strings(vec![first, second]), ["ABあい", "C"]);
    }

    #[test]
    fn what_is_cut_ends() {
        let whole = b"\x02\0\0\0\x02\0\0\0\x04\0\0ABCD\x01\0\x04\xFF\xFF\xFF\xFFE".as_slice();
        for end in 0..whole.len() {
            shared_strings(vec![&whole[..end]]);
        }
        assert_eq!(shared_strings(vec![whole]), ["ABCD", "E"]);
        assert_eq!(records(b"\x09\x08\x02\0ab\x0A\0\xFF").count(), 1);
    }
}
