//! Compressed RTF (MS-OXRTFCP), in which Outlook keeps the text of a message.
//!
//! Way in: [`unpack`]. One pass, an output of at most nine times the input, nothing believed of the
//! sizes in its header; damage ends it where it is.

use super::magic::le32;

/// Up to `limit` bytes of RTF; empty where `packed` is none.
pub(super) fn unpack(packed: &[u8], limit: usize) -> Vec<u8> {
    let (Some(kind), Some(data)) = (le32(packed, 8), packed.get(16..)) else { return Vec::new() };
    match &kind.to_le_bytes() {
        b"LZFu" => unpacked(data, limit),
        b"MELA" => data.get(..limit).unwrap_or(data).to_vec(),
        _ => Vec::new(),
    }
}

/// What the dictionary holds at first (MS-OXRTFCP, 2.1.2.1).
const DICTIONARY: &[u8; 207] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \
\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\
\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// Size of the dictionary, whose end goes on at its beginning.
const SIZE: usize = 4096;

fn unpacked(data: &[u8], limit: usize) -> Vec<u8> {
    // The dictionary's last bytes are always the last that came out, so one buffer serves for both.
    let mut out = DICTIONARY.to_vec();
    let most = limit.saturating_add(DICTIONARY.len());
    let mut bytes = data.iter().copied();
    'all: while let Some(control) = bytes.next() {
        for bit in 0..8 {
            if out.len() >= most {
                break 'all;
            }
            let Some(first) = bytes.next() else { break 'all };
            if control >> bit & 1 == 0 {
                out.push(first);
                continue;
            }
            let Some(second) = bytes.next() else { break 'all };
            let reference = usize::from(first) << 8 | usize::from(second);
            let (offset, length) = (reference >> 4, (reference & 15) + 2);
            let back = (out.len() % SIZE + SIZE - offset) % SIZE;
            // A reference to where the next byte goes ends the data.
            let Some(start) = out.len().checked_sub(back).filter(|_| back > 0) else { break 'all };
            for at in start..start + length {
                let Some(&byte) = out.get(at) else { break 'all };
                out.push(byte);
            }
        }
    }
    out.truncate(most);
    out.drain(..DICTIONARY.len().min(out.len()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of MS-OXRTFCP, 4.1.1.
    const EXAMPLE: &[u8] = b"\x2D\0\0\0\x2B\0\0\0LZFu\xF1\xC5\xC7\xA7\x03\0\x0A\0rcpg125B\
\x32\x0A\xF3 hel\x09\0 bw\x05\xB0ld}\x0A\x80\x0F\xA0";

    #[test]
    fn the_example_of_the_specification() {
        let expected = b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n";
        assert_eq!(unpack(EXAMPLE, 1000), expected);
        assert_eq!(unpack(EXAMPLE, 5), b"{\\rtf");
    }

    #[test]
    fn a_run_may_overlap_itself() {
        // MS-OXRTFCP, 4.2: references into what they write themselves.
        let packed =
            b"\x1A\0\0\0\x1C\0\0\0LZFu\xE2\xD4\x4B\x51\x41\0\x04 WXYZ\x0D\x6E\x7D\x01\x0E\xB0";
        assert_eq!(unpack(packed, 1000), b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
    }

    #[test]
    fn what_is_not_packed_is_copied() {
        assert_eq!(unpack(b"\0\0\0\0\0\0\0\0MELA\0\0\0\0{\\rtf1}", 1000), b"{\\rtf1}");
        assert_eq!(unpack(b"\0\0\0\0\0\0\0\0LZFx\0\0\0\0{\\rtf1}", 1000), b"");
    }

    proptest! {
        #[test]
        fn no_data_stops_us(data in proptest::collection::vec(any::<u8>(), 0..400), limit in 0..3000usize) {
            let packed = [&[0; 8], b"LZFu".as_slice(), &[0; 4], &data].concat();
            let out = unpack(&packed, limit);
            prop_assert!(out.len() <= limit && out.len() <= 9 * data.len());
        }
    }
}
