//! LZW as Unix `compress` writes it (`.Z`).
//!
//! Way in: [`unpack`]. Codes grow from 9 to at most 16 bits. A peculiarity of the first program that
//! all have kept: codes are written in groups of eight, and where the width changes, or the table is
//! cleared, the rest of the group is skipped. Memory is the two tables; an empty string or a code
//! ahead of the table ends it.

/// Unpacks up to `most` bytes; also whether there was no damage.
pub(super) fn unpack(bytes: &[u8], most: usize) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let Some([0x1F, 0x9D, flags]) = bytes.first_chunk::<3>() else { return (out, false) };
    let widest = u32::from(flags & 0x1F);
    if !(9..=16).contains(&widest) {
        return (out, false);
    }
    let can_clear = flags & 0x80 != 0;
    let mut codes = Codes { bytes: bytes.get(3..).unwrap_or_default(), at: 0, group: 0, width: 9 };
    let first_free = if can_clear { CLEAR + 1 } else { CLEAR };
    let mut table = Table::default();
    let mut previous: Option<(u16, u8)> = None;
    while out.len() < most {
        let next_code = first_free + table.entries.len();
        if next_code > (1 << codes.width) - 1 && codes.width < widest {
            codes.end_group();
            codes.width += 1;
        }
        let Some(code) = codes.next() else { return (out, true) };
        if can_clear && usize::from(code) == CLEAR {
            codes.end_group();
            codes.width = 9;
            table.entries.clear();
            previous = None;
            continue;
        }
        let Some((before, first)) = previous else {
            let Ok(byte) = u8::try_from(code) else { return (out, false) };
            out.push(byte);
            previous = Some((code, byte));
            continue;
        };
        // The one code that may be ahead of the table: the string before and its first byte again.
        let is_next = usize::from(code) == next_code;
        let string = if is_next { before } else { code };
        let start = out.len();
        if !table.push_reversed(string, first_free, &mut out) {
            return (out, false);
        }
        if let Some(string) = out.get_mut(start..) {
            string.reverse();
        }
        if is_next {
            out.push(first);
        }
        let first = out.get(start).copied().unwrap_or(first);
        if next_code < 1 << widest {
            table.entries.push((before, first));
        }
        previous = Some((code, first));
    }
    out.truncate(most);
    (out, true)
}

/// The code that empties the table; where none does, the first that stands for a string.
const CLEAR: usize = 256;

/// Strings by code: the code of all but the last byte, and the last byte.
#[derive(Default)]
struct Table {
    entries: Vec<(u16, u8)>,
}

impl Table {
    /// Writes the string of `code`, last byte first; `false` where there is none.
    fn push_reversed(&self, mut code: u16, first_free: usize, out: &mut Vec<u8>) -> bool {
        loop {
            if let Ok(byte) = u8::try_from(code) {
                out.push(byte);
                return true;
            }
            // Every entry was made from an older code, so this comes to an end.
            let entry = usize::from(code).checked_sub(first_free).and_then(|i| self.entries.get(i));
            let Some(&(before, last)) = entry else { return false };
            out.push(last);
            code = before;
        }
    }
}

/// The codes, lowest bit first.
struct Codes<'a> {
    bytes: &'a [u8],
    /// Offset of the next code, in bits.
    at: usize,
    /// Offset of the group it belongs to, in bits.
    group: usize,
    /// Bits of a code.
    width: u32,
}

impl Codes<'_> {
    fn next(&mut self) -> Option<u16> {
        let rest = self.bytes.get(self.at / 8..)?;
        let mut bits = 0u32;
        for (i, &byte) in rest.iter().take(3).enumerate() {
            bits |= u32::from(byte) << (8 * i);
        }
        let end = self.at + self.width as usize;
        if end > self.bytes.len() * 8 {
            return None;
        }
        let code = bits >> (self.at % 8) & ((1 << self.width) - 1);
        self.at = end;
        u16::try_from(code).ok()
    }

    fn end_group(&mut self) {
        let size = 8 * self.width as usize;
        self.at = self.group + (self.at - self.group).next_multiple_of(size);
        self.group = self.at;
    }
}
