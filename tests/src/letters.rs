//! Writes mail in every charset, transfer encoding and structure, with the text known.
//!
//! Way in: [`Letter::write`]. Nothing here is shared with the code under test: charsets come from
//! `encoding_rs`, the rest is spelt out.

use std::fmt::Write as _;

/// A charset and the transfer encoding of the text parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Label in Content-Type.
    pub charset: &'static str,
    /// Content-Transfer-Encoding.
    pub encoding: &'static str,
}

/// How the parts of a mail lie in each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Structure {
    /// text/plain and text/html in multipart/alternative.
    Alternative,
    /// text/html alone.
    Html,
    /// text/plain and a file in multipart/mixed.
    Mixed,
    /// Alternative inside multipart/related with a logo, inside multipart/mixed with a file.
    Nested,
    /// text/plain alone.
    Plain,
    /// text/html and a logo in multipart/related.
    Related,
}

/// What is in a mail.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// From address.
    pub from: &'a str,
    /// To address.
    pub to: &'a str,
    /// Decoded subject.
    pub subject: &'a str,
    /// Lines of the text, in both languages of the body.
    pub lines: &'a [&'a str],
}

impl Form {
    /// Every form that Japanese mail comes in.
    pub const JAPANESE: [Form; 8] = [
        Form { charset: "UTF-8", encoding: "8bit" },
        Form { charset: "UTF-8", encoding: "base64" },
        Form { charset: "UTF-8", encoding: "quoted-printable" },
        Form { charset: "ISO-2022-JP", encoding: "7bit" },
        Form { charset: "ISO-2022-JP", encoding: "base64" },
        Form { charset: "Shift_JIS", encoding: "8bit" },
        Form { charset: "Shift_JIS", encoding: "base64" },
        Form { charset: "EUC-JP", encoding: "8bit" },
    ];

    /// Plain English.
    pub const ASCII: Form = Form { charset: "us-ascii", encoding: "7bit" };
}

impl Structure {
    /// All of them.
    pub const ALL: [Structure; 6] = [
        Structure::Plain,
        Structure::Html,
        Structure::Alternative,
        Structure::Mixed,
        Structure::Related,
        Structure::Nested,
    ];

    /// Whether a text/plain body is among the parts.
    pub fn has_text(self) -> bool {
        !matches!(self, Structure::Html | Structure::Related)
    }

    /// Whether a text/html body is among the parts.
    pub fn has_html(self) -> bool {
        !matches!(self, Structure::Plain | Structure::Mixed)
    }

    /// Whether [`FILE`] is attached.
    pub fn has_file(self) -> bool {
        matches!(self, Structure::Mixed | Structure::Nested)
    }
}

impl Letter<'_> {
    /// The mail in one form and structure, CRLF line ends.
    pub fn write(&self, form: Form, structure: Structure) -> Vec<u8> {
        let mut mail = format!(
            "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: Mon, 16 Nov 2026 09:30:00 +0900\r\n\
             Message-ID: <{:?}.{}.{}@mail.example>\r\nMIME-Version: 1.0\r\n",
            self.from,
            self.to,
            encoded_word(form, self.subject),
            structure,
            form.charset,
            form.encoding,
        )
        .into_bytes();
        mail.extend(self.body(form, structure));
        mail
    }

    /// Text of the text/plain body.
    pub fn text(&self) -> String {
        self.lines.iter().fold(String::new(), |all, line| all + line + "\r\n")
    }

    /// Source of the text/html body.
    pub fn html(&self) -> String {
        let mut html =
            String::from("<html><head><title>-</title></head>\r\n<body class=\"a\">\r\n");
        for line in self.lines {
            let _ = write!(html, "<p>{line}</p>\r\n");
        }
        html + "</body></html>\r\n"
    }

    fn body(&self, form: Form, structure: Structure) -> Vec<u8> {
        let plain = || part(form, "text/plain", &self.text());
        let html = || part(form, "text/html", &self.html());
        let alternative = || multipart("alternative", "=_alt", &[plain(), html()]);
        match structure {
            Structure::Alternative => alternative(),
            Structure::Html => html(),
            Structure::Mixed => multipart("mixed", "=_mix", &[plain(), file()]),
            Structure::Nested => multipart(
                "mixed",
                "=_mix",
                &[multipart("related", "=_rel", &[alternative(), logo()]), file()],
            ),
            Structure::Plain => plain(),
            Structure::Related => multipart("related", "=_rel", &[html(), logo()]),
        }
    }
}

/// Bytes of `text` in a charset. Panics where it cannot be written so.
pub fn encode(charset: &str, text: &str) -> Vec<u8> {
    let encoding = encoding_rs::Encoding::for_label(charset.as_bytes()).expect("known charset");
    let (bytes, _, unmappable) = encoding.encode(text);
    assert!(!unmappable, "{text:?} cannot be written in {charset}");
    bytes.into_owned()
}

/// Base64 in lines of 76 characters.
pub fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (count, group) in bytes.chunks(3).enumerate() {
        if count > 0 && count % 19 == 0 {
            out.push_str("\r\n");
        }
        let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let index = (bits >> (18 - 6 * i)) as usize & 63;
            out.push(if i > group.len() { '=' } else { char::from(BASE64[index]) });
        }
    }
    out
}

fn quoted_printable(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut width = 0;
    for &byte in bytes {
        let plain = matches!(byte, b'\r' | b'\n' | b' '..=b'<' | b'>'..=b'~');
        let piece = if plain { char::from(byte).to_string() } else { format!("={byte:02X}") };
        if byte != b'\r' && byte != b'\n' && width + piece.len() > 75 {
            out.push_str("=\r\n");
            width = 0;
        }
        width = if byte == b'\n' { 0 } else { width + piece.len() };
        out.push_str(&piece);
    }
    out
}

/// A header value as encoded words, each of whole characters and at most 75 long (RFC 2047).
fn encoded_word(form: Form, text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let words = characters.chunks(8).map(|few| {
        let few: String = few.iter().collect();
        format!("=?{}?B?{}?=", form.charset, base64(&encode(form.charset, &few)))
    });
    words.collect::<Vec<_>>().join("\r\n ")
}

fn part(form: Form, kind: &str, text: &str) -> Vec<u8> {
    let bytes = encode(form.charset, text);
    let bytes = match form.encoding {
        "base64" => (base64(&bytes) + "\r\n").into_bytes(),
        "quoted-printable" => quoted_printable(&bytes).into_bytes(),
        _ => bytes,
    };
    let mut part = format!(
        "Content-Type: {kind}; charset={}\r\nContent-Transfer-Encoding: {}\r\n\r\n",
        form.charset, form.encoding
    )
    .into_bytes();
    part.extend(bytes);
    part
}

fn multipart(kind: &str, boundary: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    let mut out = format!(
        "Content-Type: multipart/{kind};\r\n boundary=\"{boundary}\"\r\n\r\n\
         This is a multi-part message in MIME format.\r\n"
    )
    .into_bytes();
    for part in parts {
        out.extend(format!("--{boundary}\r\n").bytes());
        out.extend(part);
        out.extend(b"\r\n");
    }
    out.extend(format!("--{boundary}--\r\n").bytes());
    out
}

fn file() -> Vec<u8> {
    let content = base64(FILE);
    format!(
        "Content-Type: application/pdf; name=\"plan.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"plan.pdf\"\r\n\r\n{content}\r\n"
    )
    .into_bytes()
}

fn logo() -> Vec<u8> {
    let content = base64(LOGO);
    format!(
        "Content-Type: image/gif\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <logo>\r\n\
         Content-Disposition: inline\r\n\r\n{content}\r\n"
    )
    .into_bytes()
}

/// Content of the file that is attached as `plan.pdf`.
pub const FILE: &[u8] =
    b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// Content of the inline picture: one transparent pixel.
pub const LOGO: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\
\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maildir::Delivered;

    #[test]
    fn base64_is_as_in_rfc_4648() {
        let cases =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (bytes, expected) in cases {
            assert_eq!(base64(bytes.as_bytes()), expected);
        }
    }

    #[test]
    fn what_is_written_is_read_by_an_independent_parser() {
        let letter = Letter {
            from: "a@mail.example",
            to: "b@own.example",
            subject: "第3四半期の打ち合わせ日程について",
            lines: &[
                "いつもお世話になっております。",
                "株式会社見本の佐藤です。=20 .",
                "よろしくお願いします。",
            ],
        };
        for form in Form::JAPANESE {
            for structure in Structure::ALL {
                let mail = Delivered { raw: letter.write(form, structure) };
                assert_eq!(mail.subject(), letter.subject, "{form:?}");
                let text = letter.text().replace("\r\n", "\n");
                let html = letter.html().replace("\r\n", "\n");
                let same = |read: &str, written: &str| read.trim_end() == written.trim_end();
                if structure.has_text() {
                    assert!(same(&mail.texts()[0], &text), "{form:?} {structure:?} {mail:?}");
                }
                if structure.has_html() {
                    assert!(same(&mail.htmls()[0], &html), "{form:?} {structure:?} {mail:?}");
                }
                if structure.has_file() {
                    assert!(mail.attachments().contains(&("plan.pdf".into(), FILE.to_vec())));
                }
            }
        }
    }
}
