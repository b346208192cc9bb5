//! Content-Transfer-Encoding (RFC 2045, section 6) taken off, as clients do it.
//!
//! Way in: [`base64`] and [`quoted_printable`], which read anything, and [`is_base64`], which tells
//! whether there was something to pass over.

/// Takes base64 off, leniently: what is no base64 character is passed over, as clients do.
pub(crate) fn base64(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0u32, 0u8);
    let mut rest = raw;
    while let Some((&byte, tail)) = rest.split_first() {
        if count == 0 {
            // Within a line whole groups of four follow each other.
            let groups = base64_groups(rest, &mut out);
            if groups > 0 {
                rest = rest.get(4 * groups..).unwrap_or_default();
                continue;
            }
        }
        rest = tail;
        let value = base64_value(byte);
        if byte == b'=' {
            // Padding ends a run; some mailers concatenate runs.
            (bits, count) = (0, 0);
        }
        if value >= 64 {
            continue;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        match count {
            2 => out.push((bits >> 4) as u8),
            3 => out.push((bits >> 2) as u8),
            4 => {
                out.push(bits as u8);
                (bits, count) = (0, 0);
            }
            _ => {}
        }
    }
    out
}

/// Decodes the groups of four base64 characters that `raw` begins with, at most a line of them, and
/// says how many there were.
fn base64_groups(raw: &[u8], out: &mut Vec<u8>) -> usize {
    let mut line = [0; 3 * 32];
    let mut groups = 0;
    for (group, bytes) in raw.as_chunks::<4>().0.iter().zip(line.as_chunks_mut::<3>().0) {
        let [a, b, c, d] = group.map(base64_value);
        if a | b | c | d >= 64 {
            break;
        }
        *bytes = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
        groups += 1;
    }
    out.extend_from_slice(line.get(..3 * groups).unwrap_or_default());
    groups
}

/// Value of a base64 character, of both alphabets (RFC 4648, 4 and 5); 255 for any other byte.
fn base64_value(byte: u8) -> u8 {
    #[expect(clippy::indexing_slicing, reason = "a constant: the compiler checks it")]
    static VALUES: [u8; 256] = {
        let mut values = [255; 256];
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut value = 0;
        while value < alphabet.len() {
            values[alphabet[value] as usize] = value as u8;
            value += 1;
        }
        values[b'-' as usize] = 62;
        values[b'_' as usize] = 63;
        values
    };
    VALUES.get(usize::from(byte)).copied().unwrap_or(255)
}

/// Takes quoted-printable off (RFC 2045, 6.7), leniently: a `=` that begins nothing stays.
pub(super) fn quoted_printable(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'=', rest) {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before);
        rest = match after {
            [_, b'\r', b'\n', tail @ ..] | [_, b'\n', tail @ ..] => tail,
            [_, high, low, tail @ ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    tail
                }
                _ => match blank_before_line_end(after) {
                    Some(tail) => tail,
                    None => {
                        out.push(b'=');
                        after.get(1..).unwrap_or_default()
                    }
                },
            },
            _ => {
                // A soft line break at the very end.
                if after.len() > 1 {
                    out.extend_from_slice(after);
                }
                &[]
            }
        };
    }
    out.extend_from_slice(rest);
    out
}

/// `=` with blanks before the line end: a soft break that a relay padded.
fn blank_before_line_end(after: &[u8]) -> Option<&[u8]> {
    let tail = after.get(1..)?;
    let blanks = tail.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let tail = tail.get(blanks..)?;
    (blanks > 0).then(|| tail.strip_prefix(b"\r\n").or_else(|| tail.strip_prefix(b"\n"))).flatten()
}

fn hex(b: u8) -> Option<u8> {
    (b as char).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

/// Whether `raw` holds nothing but base64, padding and white space.
pub(crate) fn is_base64(raw: &[u8]) -> bool {
    raw.iter().all(|&b| base64_value(b) < 64 || b == b'=' || b.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_clients_do() {
        assert_eq!(base64(b"44GC\r\n44GE"), "あい".as_bytes());
        assert_eq!(base64(b"YQ==YWI="), b"aab");
        assert_eq!(base64(b"Y W!J"), b"ab");
        assert_eq!(base64(b"-_-_+/+/YWJj!!!!YWJj"), b"\xFB\xFF\xBF\xFB\xFF\xBFabcabc");
        assert_eq!(base64("YWJj".repeat(100).as_bytes()), b"abc".repeat(100));
        assert_eq!(base64(b""), b"");
    }

    #[test]
    fn quoted_printable_is_read_as_clients_do() {
        assert_eq!(quoted_printable(b"a=E3=81=82=\r\nb"), "aあb".as_bytes());
        assert_eq!(quoted_printable(b"a= \t\r\nb =zz =3d="), b"ab =zz =");
    }
}
