//! Text files by content: markup, shortcuts and scripts that say what they are.
//!
//! Way in: [`kind`]. Most scripts cannot be known by content (any text may be JavaScript); only
//! those are told here that begin with their own mark. A mark in the middle of a text is talk
//! about the thing and says nothing.

use super::magic::is_binary;
use super::{Kind, uuencode};

/// What a text is by its first bytes; [`Kind::Unknown`] where it is no text.
pub(super) fn kind(head: &[u8]) -> Kind {
    if head.is_empty() {
        return Kind::Unknown;
    }
    let wide;
    let bytes = match head {
        [0xFF, 0xFE, rest @ ..] => {
            wide = narrowed(rest, 0);
            wide.as_slice()
        }
        [0xFE, 0xFF, rest @ ..] => {
            wide = narrowed(rest, 1);
            wide.as_slice()
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => rest,
        _ => head,
    };
    if is_binary(bytes) {
        // Readers look for the mark of a PDF in the first kilobyte.
        let pdf = memchr::memmem::find(bytes, b"%PDF-").is_some();
        return if pdf { Kind::Pdf } else { Kind::Unknown };
    }
    let text = bytes.trim_ascii_start();
    match text.first() {
        Some(b'<') => markup(text),
        Some(b'[' | b';') => ini(text),
        Some(b'b') if uuencode::begins(text) => Kind::Uuencode,
        _ => BEGINNINGS
            .iter()
            .find(|(mark, _)| begins(text, mark))
            .map_or_else(|| other(text), |&(_, kind)| kind),
    }
}

/// Beginnings that say everything, lower case.
static BEGINNINGS: &[(&[u8], Kind)] = &[
    (b"#@~^", Kind::EncodedScript),
    (b"%pdf-", Kind::Pdf),
    (b"-----begin pgp ", Kind::Pgp),
    (b"-----begin pkcs7-----", Kind::Pkcs7),
    (b"regedit4", Kind::RegistryFile),
    (b"windows registry editor version ", Kind::RegistryFile),
];

/// Root elements that say everything, lower case, without prefix.
static ROOTS: &[(&[u8], Kind)] = &[
    (b"librarydescription", Kind::LibraryMs),
    (b"pcsettings", Kind::SettingContentMs),
    (b"persistedquery", Kind::SearchMs),
    (b"searchconnectordescription", Kind::SearchMs),
    (b"svg", Kind::Svg),
];

/// Elements a page may begin with (WHATWG mimesniff, 7.1, and what browsers take besides).
static PAGE_ELEMENTS: &[&[u8]] = &[
    b"a", b"b", b"base", b"body", b"br", b"center", b"div", b"font", b"form", b"h1", b"h2",
    b"head", b"html", b"iframe", b"img", b"link", b"meta", b"p", b"script", b"span", b"style",
    b"table", b"title",
];

/// Header fields one of which a stored message begins with, sooner or later; lower case.
static FIRST_FIELDS: &[&[u8]] = &[
    b"arc-seal",
    b"bcc",
    b"cc",
    b"content-type",
    b"date",
    b"delivered-to",
    b"dkim-signature",
    b"from",
    b"message-id",
    b"mime-version",
    b"received",
    b"reply-to",
    b"return-path",
    b"sender",
    b"subject",
    b"to",
    b"x-mozilla-status",
    b"x-received",
];

/// Every second byte: enough to recognise ASCII marks in UTF-16.
fn narrowed(bytes: &[u8], low: usize) -> Vec<u8> {
    let pairs = bytes.chunks_exact(2);
    pairs
        .map(|p| if p.get(1 - low) == Some(&0) { p.get(low).copied() } else { None })
        .map(|b| b.unwrap_or(b'?'))
        .collect()
}

fn markup(text: &[u8]) -> Kind {
    if contains(text, b"<hta:application") {
        return Kind::Hta;
    }
    let mut rest = text;
    let mut declared_xml = false;
    // Prologue: declarations, comments and processing instructions; each step moves on.
    loop {
        rest = rest.trim_ascii_start();
        let end: &[u8] = match rest {
            [b'<', b'?', ..] => {
                declared_xml = true;
                b">"
            }
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            [b'<', b'!', ..] if begins(rest, b"<!doctype html") => return Kind::Html,
            [b'<', b'!', ..] if begins(rest, b"<!doctype svg") => return Kind::Svg,
            [b'<', b'!', ..] => b">",
            _ => break,
        };
        let Some(at) = memchr::memmem::find(rest, end) else {
            return if declared_xml { Kind::Xml } else { Kind::Html };
        };
        rest = rest.get(at + end.len()..).unwrap_or_default();
    }
    let Some(tag) = rest.strip_prefix(b"<") else {
        return if declared_xml { Kind::Xml } else { Kind::Text };
    };
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_' | b'.');
    let length = tag.iter().take_while(|b| is_name(b)).count();
    let (name, after) = tag.split_at_checked(length).unwrap_or_default();
    let local = name.rsplit(|&b| b == b':').next().unwrap_or(name);
    let whole = after.first().is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'));
    if let Some((_, kind)) = ROOTS.iter().find(|(root, _)| local.eq_ignore_ascii_case(root)) {
        return *kind;
    }
    if whole && PAGE_ELEMENTS.iter().any(|e| name.eq_ignore_ascii_case(e)) {
        return Kind::Html;
    }
    match declared_xml {
        true => Kind::Xml,
        false => Kind::Text,
    }
}

/// Windows' and Linux' shortcuts in INI form: the section stands alone on its line and is the
/// first, or follows another of a shortcut's sections.
fn ini(text: &[u8]) -> Kind {
    for line in text.split(|&b| b == b'\n' || b == b'\r').map(<[u8]>::trim_ascii) {
        match line.first() {
            None | Some(b';' | b'#') => {}
            Some(b'[') if line.eq_ignore_ascii_case(b"[InternetShortcut]") => {
                return Kind::InternetShortcut;
            }
            Some(b'[') if line.eq_ignore_ascii_case(b"[Desktop Entry]") => {
                return Kind::DesktopEntry;
            }
            Some(b'[') if line.ends_with(b"]") => {}
            // Values of the sections before.
            Some(_) if line.contains(&b'=') => {}
            Some(_) => break,
        }
    }
    Kind::Text
}

/// `#!/bin/sh`, `#! /usr/bin/env python`: at the very beginning, followed by a path.
pub(super) fn is_interpreter_line(bytes: &[u8]) -> bool {
    let path = bytes.strip_prefix(b"#!").map(<[u8]>::trim_ascii_start);
    path.is_some_and(|p| p.starts_with(b"/"))
}

/// A text that does not begin as anything.
fn other(text: &[u8]) -> Kind {
    match () {
        () if is_mail(text) => mail(text),
        () if holds_pdf(text) => Kind::Pdf,
        () => Kind::Text,
    }
}

/// Whether a line is the mark of a PDF, which need not come first (ISO 32000-1, Annex H, 3.4.1).
fn holds_pdf(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, b"%PDF-").any(|at| {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        let version = text.get(at + 5..).and_then(|v| v.first_chunk::<4>());
        let is_line = |b: u8| matches!(b, b'\r' | b'\n');
        before.is_some_and(|&b| is_line(b))
            && version.is_some_and(|&[major, point, minor, end]| {
                major.is_ascii_digit() && point == b'.' && minor.is_ascii_digit() && is_line(end)
            })
    })
}

/// Whether a text begins with header fields, one of which every mail may have: the first field is
/// the sender's choice. One field alone could begin a letter ("Subject: …").
fn is_mail(text: &[u8]) -> bool {
    // A line that begins with "From " separates the mails of a mailbox.
    let (mut fields, mut known) = (0, false);
    for (i, line) in text.split(|&b| b == b'\n').enumerate() {
        let is_token = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let length = line.iter().take_while(|b| is_token(b)).count();
        let (name, after) = line.split_at_checked(length).unwrap_or_default();
        match line.first() {
            Some(b' ' | b'\t') => fields += usize::from(fields == 1),
            _ if length > 0 && after.first() == Some(&b':') => {
                fields += 1;
                known |= FIRST_FIELDS.iter().any(|f| name.eq_ignore_ascii_case(f));
            }
            _ if i == 0 && line.starts_with(b"From ") => {}
            _ => break,
        }
        if known && fields > 1 {
            return true;
        }
    }
    false
}

fn mail(text: &[u8]) -> Kind {
    let saved = contains(text, b"snapshot-content-location:")
        || contains(text, b"saved by ")
        || contains(text, b"content-type: multipart/related");
    if saved { Kind::Mht } else { Kind::Mail }
}

fn begins(text: &[u8], mark: &[u8]) -> bool {
    text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark))
}

/// Whether `text` (a kilobyte at most) holds `mark`, ASCII case ignored.
fn contains(text: &[u8], mark: &[u8]) -> bool {
    text.windows(mark.len()).any(|w| w.eq_ignore_ascii_case(mark))
}

#[cfg(test)]
mod tests {
    use super::super::magic;
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: impl AsRef<[u8]>, expected: Kind) {
        let text = text.as_ref();
        assert_eq!(magic::kind(text), expected, "{}", String::from_utf8_lossy(text));
    }

    fn utf16(text: &str) -> Vec<u8> {
        "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn pages() {
        check("<!DOCTYPE html><title>a</title>", Kind::Html);
        check("\u{FEFF}\r\n <!-- saved --> <HTML>", Kind::Html);
        check("<script>location='x'</script>", Kind::Html);
        check("<?xml version='1.0'?><html xmlns='x'>", Kind::Html);
        check(utf16("<html>"), Kind::Html);
        check("<p>unfinished <!-- never closed", Kind::Html);
        check("<html><hta:application id=a>", Kind::Hta);
        check("<taro@example.com> wrote", Kind::Text);
    }

    #[test]
    fn drawings_and_xml() {
        check("<svg xmlns='http://www.w3.org/2000/svg'>", Kind::Svg);
        check("<?xml version='1.0'?><!-- a --><s:svg xmlns:s='x'>", Kind::Svg);
        check("<?xml version='1.0'?><rss>", Kind::Xml);
    }

    #[test]
    fn shortcuts() {
        check("[InternetShortcut]\r\nURL=http://a.example/", Kind::InternetShortcut);
        check(
            "; made by\n[{000214A0-0000-0000-C000-000000000046}]\nProp3=19,11\n[internetshortcut]",
            Kind::InternetShortcut,
        );
        check(utf16("[InternetShortcut]\r\nURL=file://a/"), Kind::InternetShortcut);
        check("[Desktop Entry]\nExec=sh", Kind::DesktopEntry);
        check("<?xml version='1.0'?><libraryDescription xmlns='x'>", Kind::LibraryMs);
        check("<persistedQuery version='1.0'>", Kind::SearchMs);
    }

    #[test]
    fn a_document_about_shortcuts_is_none() {
        check("URLファイルの書式\n[InternetShortcut]\nURL=…", Kind::Text);
        check("[1] はじめに\nショートカットには\n[InternetShortcut]\nと書きます", Kind::Text);
    }

    #[test]
    fn scripts_that_say_so() {
        check("#!/bin/sh\nls", Kind::Script);
        check("#! /usr/bin/env python3\n", Kind::Script);
        check("#!important note", Kind::Text);
        check("see #!/bin/sh", Kind::Text);
        check("#@~^QgAAAA==", Kind::EncodedScript);
        check("Windows Registry Editor Version 5.00\r\n", Kind::RegistryFile);
        check(utf16("Windows Registry Editor Version 5.00\r\n"), Kind::RegistryFile);
    }

    #[test]
    fn a_pdf_behind_lines_of_text() {
        check("sent by a printer\r\n%PDF-1.4\n1 0 obj", Kind::Pdf);
        check("A file begins with %PDF-1.4\nand goes on", Kind::Text);
        check("a\n%PDF-1.4 is its first line", Kind::Text);
    }

    #[test]
    fn mail() {
        check("Received: from a\r\n\tby b\r\n", Kind::Mail);
        check("From: a@b.example\r\nTo: c@d.example\r\n", Kind::Mail);
        check("From: <Saved by a browser>\r\nSnapshot-Content-Location: x\r\n", Kind::Mht);
        check("X-A: 1\nX-B: 2\n\t3\nContent-Type: text/html\n\n<html>", Kind::Mail);
        check("From a@b.example Mon Jan  1\nTo: c@d.example\nX-A: b\n", Kind::Mail);
        check("To: everybody\r\n\r\nPlease read.", Kind::Text);
        check("width: 1\nheight: 2\n", Kind::Text);
        check("From the beginning\nwe were there", Kind::Text);
    }

    #[test]
    fn encoded_files() {
        check("begin 644 a.exe\n#86)C\nend\n", Kind::Uuencode);
        check("begin-base64 600 a\nYWJj\n====\n", Kind::Uuencode);
        check("begin 6 months from now\nwe will", Kind::Text);
    }

    #[test]
    fn texts_in_any_charset_are_texts() {
        check("見積書を送ります", Kind::Text);
        check(b"\x1B$B8+@Q=q\x1B(B", Kind::Text);
        check(b"\x8C\xA9\x90\xCF\x8F\x91", Kind::Text);
        check(utf16("見積書"), Kind::Text);
        check(b"a\0b", Kind::Unknown);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_text_stops_us(
            pieces in proptest::collection::vec(
                prop_oneof![
                    Just("<"), Just("<!--"), Just("-->"), Just("<?"), Just(">"), Just("[a]"), Just("\n"),
                    Just("From:"), Just("svg"), Just("="), Just(":"), Just("\u{FEFF}"), Just("#!"),
                ],
                0..40,
            ),
            bytes in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            kind(pieces.concat().as_bytes());
            kind(&bytes);
        }
    }
}
