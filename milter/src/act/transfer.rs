//! Content-Transfer-Encodings (RFC 2045, section 6): writing them, and finding the place in
//! encoded bytes where a given byte of the content begins.

/// base64 in lines of 76 columns; every line but the last ends with `line_end`.
pub(super) fn base64(content: &[u8], line_end: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() / 57 * (76 + line_end.len()) + 80);
    for (at, line) in content.chunks(BYTES_A_LINE).enumerate() {
        if at > 0 {
            out.extend_from_slice(line_end);
        }
        for group in line.chunks(3) {
            let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for i in 0..4 {
                out.push(if i <= group.len() { digit(bits >> (18 - 6 * i)) } else { b'=' });
            }
        }
    }
    out
}

/// Quoted-printable, with hard line breaks where `content` has line feeds (CR before them is taken
/// as part of the break). Lines have at most 76 columns.
pub(super) fn quoted_printable(content: &[u8], line_end: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() * 3 / 2);
    let mut column = 0;
    let mut bytes = content.iter().copied().peekable();
    while let Some(b) = bytes.next() {
        if b == b'\n' || b == b'\r' && bytes.next_if_eq(&b'\n').is_some() {
            out.extend_from_slice(line_end);
            column = 0;
            continue;
        }
        let ends_line = matches!(bytes.peek(), None | Some(b'\r' | b'\n'));
        let plain =
            matches!(b, b'!'..=b'<' | b'>'..=b'~') || matches!(b, b' ' | b'\t') && !ends_line;
        let width = if plain { 1 } else { 3 };
        // The last column is the soft break's.
        if column + width > QP_COLUMNS - 1 {
            out.push(b'=');
            out.extend_from_slice(line_end);
            column = 0;
        }
        if plain {
            out.push(b);
        } else {
            out.push(b'=');
            out.push(hex(b >> 4));
            out.push(hex(b));
        }
        column += width;
    }
    out
}

/// Where in quoted-printable `raw` the byte at `offset` of its content begins; `None` where the
/// bytes before it do not decode to exactly `before`, so that a place read differently by others is
/// never used.
pub(super) fn quoted_printable_place(raw: &[u8], before: &[u8]) -> Option<usize> {
    let mut at = 0;
    for &wanted in before {
        // Soft line breaks.
        while let Some(rest) = raw.get(at..).and_then(|r| r.strip_prefix(b"=")) {
            match rest {
                [b'\r', b'\n', ..] => at += 3,
                [b'\n', ..] => at += 2,
                _ => break,
            }
        }
        let found = match raw.get(at..)? {
            [b'=', high, low, ..] => {
                at += 3;
                unhex(*high)? << 4 | unhex(*low)?
            }
            [b'=', ..] => return None,
            [b, ..] => {
                at += 1;
                *b
            }
            [] => return None,
        };
        if found != wanted {
            return None;
        }
    }
    Some(at)
}

/// Where in base64 `raw` the group of four characters begins that holds byte `offset` of the
/// content, and where it ends. `None` where the bytes up to there are not plain base64.
pub(super) fn base64_group(raw: &[u8], offset: usize) -> Option<std::ops::Range<usize>> {
    let skip = offset / 3 * 4;
    let mut seen = 0;
    let mut start = None;
    for (at, &b) in raw.iter().enumerate() {
        match b {
            b'\r' | b'\n' => {}
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                if seen == skip {
                    start = Some(at);
                }
                seen += 1;
            }
            b'=' if seen > skip => seen += 1,
            _ => return None,
        }
        if seen == skip + 4 {
            return Some(start?..at + 1);
        }
    }
    // At the very end of the content there is no group to open.
    (seen == skip && start.is_none()).then_some(raw.len()..raw.len())
}

/// Content bytes that fill a line of 76 columns.
const BYTES_A_LINE: usize = 57;

const QP_COLUMNS: usize = 76;

fn digit(bits: u32) -> u8 {
    match (bits & 63) as u8 {
        b @ 0..=25 => b'A' + b,
        b @ 26..=51 => b'a' + (b - 26),
        b @ 52..=61 => b'0' + (b - 52),
        62 => b'+',
        _ => b'/',
    }
}

fn hex(nibble: u8) -> u8 {
    match nibble & 15 {
        n @ 0..=9 => b'0' + n,
        n => b'A' + (n - 10),
    }
}

fn unhex(b: u8) -> Option<u8> {
    (b as char).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_in_lines_of_76_columns() {
        assert_eq!(base64(b"", b"\n"), b"");
        assert_eq!(base64(b"a", b"\n"), b"YQ==");
        assert_eq!(base64(b"ab", b"\n"), b"YWI=");
        assert_eq!(base64("あ".as_bytes(), b"\n"), b"44GC");
        let lines = base64(&[0xFB; 60], b"\r\n");
        let lines: Vec<_> = lines.split(|&b| b == b'\n').map(<[u8]>::len).collect();
        assert_eq!(lines, [77, 4]);
    }

    #[test]
    fn quoted_printable_keeps_characters_readable_and_lines_short() {
        assert_eq!(quoted_printable(b"a = b\r\n", b"\n"), b"a =3D b\n");
        assert_eq!(quoted_printable(b"blank at the end \nx ", b"\n"), b"blank at the end=20\nx=20");
        assert_eq!(quoted_printable("あ".as_bytes(), b"\n"), b"=E3=81=82");
        let long = quoted_printable("あ".repeat(30).as_bytes(), b"\r\n");
        assert!(long.split(|&b| b == b'\n').all(|line| line.len() <= 77));
    }

    #[test]
    fn a_place_in_quoted_printable() {
        let raw = b"a=3D=\r\n=\nb";
        assert_eq!(quoted_printable_place(raw, b""), Some(0));
        assert_eq!(quoted_printable_place(raw, b"a"), Some(1));
        assert_eq!(quoted_printable_place(raw, b"a="), Some(4));
        assert_eq!(quoted_printable_place(raw, b"a=b"), Some(raw.len()));
        assert_eq!(quoted_printable_place(raw, b"ax"), None);
        assert_eq!(quoted_printable_place(b"=zz", b"="), None);
    }

    #[test]
    fn a_group_in_base64() {
        assert_eq!(base64_group(b"YWJj\r\nZGU=", 0), Some(0..4));
        assert_eq!(base64_group(b"YWJj\r\nZGU=", 2), Some(0..4));
        assert_eq!(base64_group(b"YWJj\r\nZGU=", 3), Some(6..10));
        assert_eq!(base64_group(b"YWJj", 3), Some(4..4));
        assert_eq!(base64_group(b"YQ==YWI=", 3), None);
        assert_eq!(base64_group(b"", 0), Some(0..0));
    }
}
