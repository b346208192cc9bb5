//! The MIME tree, by `mail-parser`, turned into our own flat parts with ranges.
//!
//! Only structure is taken from the library: which bytes are a part's header and body. Header
//! texts, parameters and charsets are read by our own modules, because Japanese mail writes them
//! in ways that the library does not read. A panic in the library costs the structure, not the
//! mail: the body is then taken as one text.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{MessageParser, MessagePart, PartType};
use sekisho_config::Limits;

use super::headers::{self, Field, FieldRange};
use super::param::{self, FileName, NameForm, Parameterized};
use super::part::{Part, PartId, TransferEncoding};
use super::{Head, Problem};

/// What [`read`] returns.
pub(super) struct Tree<'a> {
    pub(super) sources: Vec<Cow<'a, [u8]>>,
    pub(super) messages: Vec<Head>,
    pub(super) parts: Vec<Part>,
    pub(super) problems: Vec<Problem>,
}

/// Reads the structure of `raw`.
pub(super) fn read<'a>(raw: &'a [u8], limits: &Limits) -> Tree<'a> {
    let mut tree = Tree {
        sources: vec![Cow::Borrowed(raw)],
        messages: Vec::new(),
        parts: Vec::new(),
        problems: Vec::new(),
    };
    let parser = MessageParser::new().with_mime_headers().default_header_ignore();
    // The parser recovers from any input known to it; an unknown one must not cost the mail.
    let parsed = catch_unwind(AssertUnwindSafe(|| parser.parse(raw)));
    match parsed {
        Ok(Some(message)) if !message.parts.is_empty() => {
            Builder { tree: &mut tree, limits }.message(&message, 0, None, 0);
        }
        outcome => {
            if outcome.is_err() || !raw.is_empty() {
                tree.problems.push(Problem::Structure);
            }
            Builder { tree: &mut tree, limits }.whole_as_text();
        }
    }
    tree
}

struct Builder<'t, 'a, 'l> {
    tree: &'t mut Tree<'a>,
    limits: &'l Limits,
}

impl Builder<'_, '_, '_> {
    fn message(
        &mut self,
        message: &mail_parser::Message<'_>,
        source: usize,
        parent: Option<PartId>,
        depth: usize,
    ) {
        let number = self.tree.messages.len();
        let at = message.parts.first().map_or(0, |p| p.offset_header as usize);
        let bytes = self.tree.sources.get(source).map(AsRef::as_ref).unwrap_or_default();
        let (fields, _) = headers::scan(bytes, at, self.limits.headers);
        self.tree.messages.push(Head { source, fields });
        // An explicit stack: the sender decides how deep the tree is.
        let mut open = vec![(0u32, parent, depth)];
        while let Some((id, parent, depth)) = open.pop() {
            let Some(from) = message.parts.get(id as usize) else { continue };
            if self.tree.parts.len() >= self.limits.parts {
                self.note(Problem::Parts(self.limits.parts));
                return;
            }
            if depth > self.limits.depth {
                self.note(Problem::Depth(self.limits.depth));
                continue;
            }
            let this = self.tree.parts.len();
            let part = self.part(from, source, number, parent, depth);
            self.tree.parts.push(part);
            if from.is_encoding_problem {
                self.note(Problem::BrokenEncoding);
            }
            match &from.body {
                PartType::Multipart(children) => {
                    open.extend(children.iter().rev().map(|&c| (c, Some(this), depth + 1)));
                }
                PartType::Message(inner) => self.attached(inner, from, source, this, depth),
                _ => {}
            }
        }
    }

    /// A message that came as a part: over the same bytes, or decoded bytes of its own.
    fn attached(
        &mut self,
        inner: &mail_parser::Message<'_>,
        from: &MessagePart<'_>,
        source: usize,
        this: PartId,
        depth: usize,
    ) {
        if depth >= self.limits.depth {
            return self.note(Problem::Depth(self.limits.depth));
        }
        let source = if from.encoding == mail_parser::Encoding::None {
            source
        } else {
            self.tree.sources.push(Cow::Owned(inner.raw_message.as_ref().to_vec()));
            self.tree.sources.len() - 1
        };
        self.message(inner, source, Some(this), depth + 1);
    }

    fn part(
        &mut self,
        from: &MessagePart<'_>,
        source: usize,
        message: usize,
        parent: Option<PartId>,
        depth: usize,
    ) -> Part {
        let bytes = self.tree.sources.get(source).map(AsRef::as_ref).unwrap_or_default();
        let at = from.offset_header as usize;
        let (fields, header_end) = headers::scan(bytes, at, self.limits.headers);
        let field = |name: &str| {
            let find = |f: &&FieldRange| {
                bytes.get(f.name.clone()).is_some_and(|n| n.eq_ignore_ascii_case(name.as_bytes()))
            };
            let range = fields.iter().find(find)?;
            Some(Field {
                name: bytes.get(range.name.clone())?,
                value: bytes.get(range.value.clone())?,
            })
        };
        let body_start = (from.offset_body as usize).max(header_end).min(bytes.len());
        let body = body_start..(from.offset_end as usize).clamp(body_start, bytes.len());
        let declared = field("content-type").map(|f| param::parse(f.value));
        let disposition = field("content-disposition").map(|f| param::parse(f.value));
        let encoding = field("content-transfer-encoding").map(|f| transfer_encoding(f.value));
        let type_text = declared.as_ref().map(|d| d.value.as_str()).unwrap_or_default();
        let (main, sub) = match type_text.split_once('/') {
            Some((main, sub)) if !main.is_empty() && !sub.is_empty() => (main, sub),
            // A multipart/digest holds messages where nothing is said (RFC 2046, 5.1.5).
            _ if matches!(from.body, PartType::Message(_)) => ("message", "rfc822"),
            _ => ("text", "plain"),
        };
        Part {
            parent,
            depth,
            message,
            source,
            header: at.min(bytes.len())..header_end.clamp(at.min(bytes.len()), bytes.len()),
            body,
            main: main.to_owned(),
            sub: sub.to_owned(),
            type_declared: !type_text.is_empty(),
            charset: param_of(&declared, "charset"),
            boundary: param_of(&declared, "boundary"),
            disposition: disposition.as_ref().map(|d| d.value.clone()).filter(|d| !d.is_empty()),
            content_id: field("content-id").map(|f| {
                f.text()
                    .trim_matches(|c: char| c.is_whitespace() || c == '<' || c == '>')
                    .to_owned()
            }),
            names: names(declared.as_ref(), disposition.as_ref()),
            encoding: encoding.unwrap_or_default(),
            broken: from.is_encoding_problem,
        }
    }

    /// The fall-back: one text part that is everything after the header fields.
    fn whole_as_text(&mut self) {
        let bytes = self.tree.sources.first().map(AsRef::as_ref).unwrap_or_default();
        let (fields, end) = headers::scan(bytes, 0, self.limits.headers);
        let body = blank_line_end(bytes, end)..bytes.len();
        self.tree.messages.push(Head { source: 0, fields });
        self.tree.parts.push(Part {
            parent: None,
            depth: 0,
            message: 0,
            source: 0,
            header: 0..end,
            body,
            main: "text".into(),
            sub: "plain".into(),
            type_declared: false,
            charset: None,
            boundary: None,
            disposition: None,
            content_id: None,
            names: Vec::new(),
            encoding: TransferEncoding::Identity,
            broken: true,
        });
    }

    fn note(&mut self, problem: Problem) {
        if !self.tree.problems.contains(&problem) {
            self.tree.problems.push(problem);
        }
    }
}

/// Takes base64 off, leniently: what is no base64 character is passed over, as clients do.
pub(super) fn base64(raw: &[u8]) -> Vec<u8> {
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

fn transfer_encoding(value: &[u8]) -> TransferEncoding {
    let text = param::parse(value).value;
    match text.as_str() {
        "base64" => TransferEncoding::Base64,
        "quoted-printable" => TransferEncoding::QuotedPrintable,
        "" | "7bit" | "8bit" | "binary" => TransferEncoding::Identity,
        "x-uuencode" | "uuencode" | "x-uue" | "uue" => TransferEncoding::Uuencode,
        _ => TransferEncoding::Unknown,
    }
}

fn param_of(field: &Option<Parameterized>, name: &str) -> Option<String> {
    field.as_ref().and_then(|f| f.param(name)).map(str::to_owned)
}

fn names(declared: Option<&Parameterized>, disposition: Option<&Parameterized>) -> Vec<FileName> {
    let of = |field: Option<&Parameterized>, name: &str, form| -> Vec<FileName> {
        let texts = field.map(|f| f.all(name).map(str::to_owned).collect::<Vec<_>>());
        let texts = texts.unwrap_or_default().into_iter().filter(|t| !t.is_empty());
        texts.map(|text| FileName { text, form }).collect()
    };
    let mut names = of(disposition, "filename", NameForm::Disposition);
    names.extend(of(declared, "name", NameForm::Type));
    names
}

fn blank_line_end(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..) {
        Some([b'\r', b'\n', ..]) => at + 2,
        Some([b'\n', ..]) => at + 1,
        _ => at.min(bytes.len()),
    }
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
