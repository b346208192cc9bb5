//! What `meta` elements say: the charset, and where the reader is sent.

use memchr::memmem;

/// Bytes that are searched for a charset; browsers look at 1,024, mailers put more before it.
const PRESCAN: usize = 4096;

/// The charset that a `meta` element within the first 4 KiB names, for decoding (before
/// [`super::read`], so on bytes of an unknown ASCII-compatible charset).
pub fn meta_charset(bytes: &[u8]) -> Option<String> {
    let mut rest = bytes.get(..PRESCAN).unwrap_or(bytes);
    loop {
        rest = rest.get(memchr::memchr(b'<', rest)?..)?;
        if rest.starts_with(b"<!--") {
            rest = rest.get(4 + memmem::find(rest.get(4..)?, b"-->")?..)?;
            continue;
        }
        let is_meta = rest.get(1..5).is_some_and(|name| name.eq_ignore_ascii_case(b"meta"))
            && rest.get(5).is_some_and(|b| b.is_ascii_whitespace() || *b == b'/');
        if is_meta {
            let end = memchr::memchr(b'>', rest).unwrap_or(rest.len());
            let tag = rest.get(5..end).unwrap_or_default();
            if let Some(charset) = charset_of(tag) {
                return Some(charset);
            }
        }
        rest = rest.get(1..)?;
    }
}

/// What follows `charset=` in an attribute, a `content` value, or a whole tag.
pub(super) fn charset_of(text: &[u8]) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let mut rest = text.as_slice();
    loop {
        rest = rest.get(memmem::find(rest, b"charset")? + 7..)?;
        let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") else { continue };
        let value = value.trim_ascii_start();
        let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
        let end = value
            .iter()
            .position(|b| !b.is_ascii_alphanumeric() && !b"-_.:+".contains(b))
            .unwrap_or(value.len());
        let label = value.get(..end).filter(|label| !label.is_empty())?;
        return std::str::from_utf8(label).ok().map(str::to_owned);
    }
}

/// The target of a refresh (`content="0; url=https://…"`; HTML Living Standard, section 4.2.5.3).
pub(super) fn refresh_target(content: &[u8]) -> Option<&[u8]> {
    let after_time = content
        .iter()
        .position(|b| !b.is_ascii_digit() && *b != b'.' && !b.is_ascii_whitespace())
        .and_then(|at| content.get(at..))?;
    let rest = match after_time.split_first() {
        Some((b';' | b',', rest)) => rest.trim_ascii_start(),
        _ => after_time,
    };
    let named = rest.get(..3).is_some_and(|name| name.eq_ignore_ascii_case(b"url"));
    let value = match rest.get(3..).unwrap_or_default().trim_ascii_start().strip_prefix(b"=") {
        Some(value) if named => value.trim_ascii_start(),
        _ => rest,
    };
    let value = match value.split_first() {
        Some((quote @ (b'"' | b'\''), inner)) => inner.split(|b| b == quote).next()?,
        _ => value,
    };
    let value = value.trim_ascii();
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charset_is_found_in_both_forms() {
        let cases: [(&str, Option<&str>); 8] = [
            ("<meta charset=Shift_JIS>", Some("shift_jis")),
            ("<META CHARSET = 'EUC-JP' />", Some("euc-jp")),
            (
                "<meta http-equiv=Content-Type content=\"text/html; charset=iso-2022-jp\">",
                Some("iso-2022-jp"),
            ),
            ("<!-- <meta charset=x> --><meta charset=\"utf-8\">", Some("utf-8")),
            ("<meta name=charset content=none>", None),
            ("<meta charset=", None),
            ("<metal charset=x", None),
            ("<!--", None),
        ];
        for (html, expected) in cases {
            assert_eq!(meta_charset(html.as_bytes()).as_deref(), expected, "{html}");
        }
        let late = format!("{}<meta charset=utf-8>", " ".repeat(5000));
        assert_eq!(meta_charset(late.as_bytes()), None);
    }

    #[test]
    fn refresh_is_read_as_browsers_do() {
        let cases: [(&str, Option<&str>); 7] = [
            ("0; url=https://a.example/", Some("https://a.example/")),
            ("0;URL='https://a.example/'", Some("https://a.example/")),
            ("5,  url = \"/x\" y", Some("/x")),
            ("0 https://a.example/", Some("https://a.example/")),
            ("0", None),
            ("0;", None),
            ("", None),
        ];
        for (content, expected) in cases {
            let target = refresh_target(content.as_bytes());
            assert_eq!(target, expected.map(str::as_bytes), "{content}");
        }
    }
}
