//! `data:` URLs (RFC 2397): files written into an address.

use crate::message::transfer;

/// Longest address read, in bytes.
const LONGEST: usize = 32 * 1024 * 1024;

/// Media type (lower case, without parameters, empty where none is written) and content of a
/// `data:` URL; `None` where it is something else. Line ends and tabs in it are passed over, as
/// browsers do. What comes out is never longer than `src`.
pub fn data_uri(src: &str) -> Option<(String, Vec<u8>)> {
    let src = src.trim_start_matches(|c: char| c <= ' ');
    if src.len() > LONGEST {
        return None;
    }
    let rest = src.get(..5).filter(|s| s.eq_ignore_ascii_case("data:")).and(src.get(5..))?;
    let (kind, data) = rest.split_once(',')?;
    let mut parameters = kind.split(';');
    let media = parameters.next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_base64 = parameters.any(|p| p.trim().eq_ignore_ascii_case("base64"));
    let data = unescaped(data.as_bytes());
    Some((media, if is_base64 { transfer::base64(&data) } else { data }))
}

/// Takes percent-encoding off; a `%` that begins nothing stays.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        let digits = tail.first_chunk::<2>().filter(|_| byte == b'%');
        let value = digits.and_then(|&[high, low]| Some(hex(high)? << 4 | hex(low)?));
        rest = if value.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
        match (value, byte) {
            (Some(value), _) => out.push(value),
            (None, b'\t' | b'\n' | b'\r') => {}
            (None, byte) => out.push(byte),
        }
    }
    out
}

/// Value of a hexadecimal digit.
pub(super) fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(src: &str, expected: Option<(&str, &[u8])>) {
        let expected = expected.map(|(media, bytes)| (media.to_owned(), bytes.to_vec()));
        assert_eq!(data_uri(src), expected, "{src}");
    }

    #[test]
    fn both_forms() {
        check("data:image/png;base64,AAEC", Some(("image/png", &[0, 1, 2])));
        check("data:text/html,%3Cb%3E100%", Some(("text/html", b"<b>100%")));
        check("DATA:Image/PNG;name=a;BASE64,AA%3D%3D", Some(("image/png", &[0])));
        check(" \ndata:image/png;base64,AA\n  EC", Some(("image/png", &[0, 1, 2])));
        check("data:,a,b", Some(("", b"a,b")));
        check("data:;base64,", Some(("", b"")));
    }

    #[test]
    fn other_addresses_are_none() {
        check("https://a.example/data:,", None);
        check("data:image/png;base64", None);
        check("data", None);
        check("", None);
        check("\u{65E5}\u{672C}data:,", None);
    }

    proptest! {
        #[test]
        fn never_longer_than_the_address(src in "(data:)?[a-z/;%,=A-F0-9\u{3042}]{0,40}") {
            if let Some((media, content)) = data_uri(&src) {
                prop_assert!(media.len() + content.len() <= src.len());
            }
        }
    }
}
