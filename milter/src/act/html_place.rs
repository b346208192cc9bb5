//! Where in an HTML body the banner goes: the first place whose content a browser shows.
//!
//! Works on bytes, so that the place is an offset into the part as it was sent. It follows the
//! tree construction of the HTML standard (sections 13.2.5 and 13.2.6): `html`, `head`, what
//! belongs into a head, comments and white space come before the body; a `<body>` tag opens it, and
//! so does anything else. The banner goes right behind `<body>`, or before that anything else. A
//! `<body>` tag further down (inside a hidden element, say) opens nothing and is not taken.

use std::ops::Range;

/// Offset in `html` at which the banner goes. Any bytes give a place within them, and never one
/// inside a tag, a comment, a style sheet or an ISO-2022-JP escaped run.
pub fn place(html: &[u8]) -> usize {
    match memchr::memchr(0x1B, html) {
        Some(_) => Scanner { bytes: &without_escaped_runs(html), at: 0 }.place(),
        None => Scanner { bytes: html, at: 0 }.place(),
    }
}

struct Scanner<'h> {
    bytes: &'h [u8],
    at: usize,
}

impl<'h> Scanner<'h> {
    fn place(mut self) -> usize {
        if self.rest().starts_with(b"\xEF\xBB\xBF") {
            self.at += 3;
        }
        loop {
            let blanks = self.rest().iter().take_while(|b| b" \t\r\n\x0C".contains(b)).count();
            self.at += blanks;
            let start = self.at;
            let Some(after) = self.rest().strip_prefix(b"<") else { return start };
            let skipped = match after {
                [b'!', b'-', b'-', ..] => self.comment(),
                [b'!' | b'?', ..] => self.declaration(),
                [b'/', b'a'..=b'z' | b'A'..=b'Z', ..] => match self.tag(2) {
                    Some(name) if self.is_any(&name, &[b"html", b"body", b"br", b"p"]) => None,
                    other => other.map(drop),
                },
                [b'/', ..] => self.declaration(),
                [b'a'..=b'z' | b'A'..=b'Z', ..] => match self.tag(1) {
                    Some(name) if self.is_any(&name, &[b"body"]) => return self.at,
                    Some(name) if self.is_any(&name, HEAD_TAGS) => Some(()),
                    Some(name) => HEAD_RAW_TEXT
                        .iter()
                        .find(|raw| self.is_any(&name, &[raw]))
                        .and_then(|raw| self.raw_text(raw)),
                    None => None,
                },
                _ => None,
            };
            if skipped.is_none() {
                return start;
            }
        }
    }

    fn rest(&self) -> &'h [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn is_any(&self, name: &Range<usize>, names: &[&[u8]]) -> bool {
        let name = self.bytes.get(name.clone()).unwrap_or_default();
        names.iter().any(|n| name.eq_ignore_ascii_case(n))
    }

    /// Passes a comment; `None` where it does not end.
    fn comment(&mut self) -> Option<()> {
        let body = self.rest().get(4..)?;
        let length = if body.starts_with(b">") {
            1
        } else if body.starts_with(b"->") {
            2
        } else {
            let ends = memchr::memmem::find_iter(body, b"--");
            ends.filter_map(|at| match body.get(at + 2..) {
                Some([b'>', ..]) => Some(at + 3),
                Some([b'!', b'>', ..]) => Some(at + 4),
                Some([b'-', b'>', ..]) => Some(at + 4),
                _ => None,
            })
            .next()?
        };
        self.at += 4 + length;
        Some(())
    }

    /// Passes a doctype or another declaration: it ends at the first `>`, quoted or not.
    fn declaration(&mut self) -> Option<()> {
        self.at += memchr::memchr(b'>', self.rest())? + 1;
        Some(())
    }

    /// Passes a tag whose name begins `skip` bytes ahead; returns where the name stands. `None`
    /// where the tag does not end.
    fn tag(&mut self, skip: usize) -> Option<Range<usize>> {
        let name_start = self.at + skip;
        let is_name_end = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | 0x0C | b'/' | b'>');
        let name = self.bytes.get(name_start..)?;
        let name_end = name_start + name.iter().position(is_name_end)?;
        let mut at = name_end;
        loop {
            // Before an attribute's name: white space and stray slashes.
            let rest = self.bytes.get(at..)?;
            at += rest.iter().position(|b| !is_name_end(b) || *b == b'>')?;
            if self.bytes.get(at) == Some(&b'>') {
                self.at = at + 1;
                return Some(name_start..name_end);
            }
            // The name; a `=` as its first character belongs to it.
            let rest = self.bytes.get(at + 1..)?;
            at += 1 + rest.iter().position(|b| is_name_end(b) || *b == b'=')?;
            let rest = self.bytes.get(at..)?;
            let blanks = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
            let Some(value) = rest.get(blanks..)?.strip_prefix(b"=") else { continue };
            let value_blanks = value.iter().take_while(|b| b.is_ascii_whitespace()).count();
            at += blanks + 1 + value_blanks;
            at += match value.get(value_blanks..)? {
                [quote @ (b'"' | b'\''), quoted @ ..] => memchr::memchr(*quote, quoted)? + 2,
                bare => bare.iter().position(|b| b.is_ascii_whitespace() || *b == b'>')?,
            };
        }
    }

    /// Passes the text of an element that holds no markup, and its end tag; the start tag has been
    /// passed. `None` where it does not end, or where a script may end later than it seems.
    fn raw_text(&mut self, name: &[u8]) -> Option<()> {
        let text = self.rest();
        let end = memchr::memmem::find_iter(text, b"</").find(|at| {
            let tag = text.get(at + 2..).unwrap_or_default();
            let after = tag.get(name.len());
            tag.get(..name.len()).is_some_and(|t| t.eq_ignore_ascii_case(name))
                && after.is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'))
        })?;
        if name == b"script" && memchr::memmem::find(text.get(..end)?, b"<!--").is_some() {
            return None;
        }
        self.at += end;
        self.tag(2).map(drop)
    }
}

/// Tags that stand before or in a head and have no text of their own.
const HEAD_TAGS: &[&[u8]] = &[b"html", b"head", b"meta", b"link", b"base", b"basefont", b"bgsound"];

/// Elements of a head whose text is no markup.
const HEAD_RAW_TEXT: &[&[u8]] = &[b"title", b"style", b"script", b"noscript"];

/// `html` with everything between an ISO-2022 escape to two-byte characters and the escape back
/// made 0xA0, and the escapes made blanks: what looks like markup there is not.
fn without_escaped_runs(html: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(html.len());
    let mut rest = html;
    let mut escaped = false;
    while let [first, tail @ ..] = rest {
        let (length, state) = match rest {
            [0x1B, b'(', b'B' | b'J', ..] => (3, false),
            [0x1B, b'(', b'I', ..] => (3, true),
            [0x1B, b'$', b'(', _, ..] => (4, true),
            [0x1B, b'$', b'@' | b'B', ..] => (3, true),
            _ => {
                out.push(if escaped { 0xA0 } else { *first });
                rest = tail;
                continue;
            }
        };
        out.extend(std::iter::repeat_n(if state { 0xA0 } else { b' ' }, length));
        escaped = state;
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `marked` holds a `|` where the banner is to go.
    #[track_caller]
    fn check(marked: &str) {
        let html = marked.replacen('|', "", 1);
        let found = place(html.as_bytes());
        let shown = format!("{}|{}", &html[..found], &html[found..]);
        assert_eq!(shown, marked);
    }

    #[test]
    fn behind_the_body_tag() {
        check("<html><body>|a");
        check(
            "<!DOCTYPE html PUBLIC \"-//W3C//DTD\">\r\n<HTML><HEAD><TITLE>x</TITLE></HEAD>\r\n<BODY bgcolor=white>|a",
        );
        check("<body title='a>b' data-x=\"<body>\">|a");
        check("<body class=a\"b>|c\">");
        check("<body/>|a");
        check("<body \"x>|y\">");
    }

    #[test]
    fn before_the_first_content_where_there_is_no_body_tag() {
        check("|");
        check("|text");
        check("<html>|text");
        check("<head><style>p{}</style></head>|<p>a</p>");
        check("<meta charset=utf-8>\n|<div>a");
        check("\u{FEFF}<html>|<p>");
        check("|</body>");
        check("|< body>");
        check("|<bodyguard>");
    }

    #[test]
    fn a_body_tag_inside_a_hidden_element_is_not_taken() {
        check("|<div style=\"display:none\"><body>a");
        check("<html>|x<body>a");
    }

    #[test]
    fn what_looks_like_a_body_tag_in_comments_and_raw_text_is_not_taken() {
        check("<!-- <body> --><body>|a");
        check("<!--><body>|-->");
        check("<!-- a --!><body>|a");
        check("<!-- a ---><body>|a");
        check("<style>/* <body> */</style ><body>|a");
        check("<title></titles><body></title><body>|a");
        check("<script>'<body>'</script><body>|a");
        check("<![CDATA[ <body>|]]>");
        check("<?xml version=\"1.0\"?><html xmlns=\"x\"><body>|a");
        check("<!--[if mso]><body><![endif]--><body>|a");
    }

    #[test]
    fn before_what_never_ends() {
        check("|<!-- never <body>");
        check("|<style> never <body>");
        check("|<body title=\"never>");
        check("<head>|<script><!--<script></script><body></script>");
    }

    #[test]
    fn never_inside_an_iso_2022_jp_run() {
        check("<html>\u{1B}(B|\u{1B}$B<body>\u{1B}(B<body>");
        check("<title>\u{1B}$B</title><body>$\"\u{1B}(B</title><body>|a");
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_place(
            pieces in proptest::collection::vec(proptest::sample::select(vec![
                "<", ">", "</", "<!--", "-->", "<body", "<style>", "</style>", "<title>", "=", "\"",
                "'", " ", "/", "x", "\u{1B}$B", "\u{1B}(B", "<html>", "<?", "<!",
            ]), 0..40),
        ) {
            let html = pieces.concat();
            prop_assert!(place(html.as_bytes()) <= html.len());
        }
    }
}
