//! The MIME tree (RFC 2046, 5.1): flat parts with ranges over the bytes they stand in.
//!
//! Way in: [`read`]. Only structure is read here: which bytes are a part's header and body; header
//! texts, parameters and charsets have their own modules. Any bytes give a tree, and each byte is
//! looked at a bounded number of times, however many multiparts are open or never closed: a
//! delimiter line is held against every open boundary at once, innermost first, and ends all that
//! lies inside. The walk needs no recursion; parts and depth are bounded by [`Limits`].

use std::borrow::Cow;
use std::ops::Range;

use sekisho_config::Limits;

use super::headers::{self, FieldRange};
use super::param::{self, FileName, NameForm, Parameterized};
use super::part::{Part, PartId, TransferEncoding};
use super::{Head, Problem, transfer};

/// What [`read`] returns.
pub(super) struct Tree<'a> {
    pub(super) sources: Vec<Cow<'a, [u8]>>,
    pub(super) messages: Vec<Head>,
    pub(super) parts: Vec<Part>,
    pub(super) problems: Vec<Problem>,
}

/// Reads the structure of `raw`.
pub(super) fn read<'a>(raw: &'a [u8], limits: &Limits) -> Tree<'a> {
    let tree = Tree {
        sources: vec![Cow::Borrowed(raw)],
        messages: Vec::new(),
        parts: Vec::new(),
        problems: Vec::new(),
    };
    let mut reader = Reader { tree, limits, decoded: 0 };
    // Attached messages that came encoded are walks of their own, over their own bytes.
    let mut walks = vec![Walk::new(0, None, 0)];
    while let Some(mut walk) = walks.pop() {
        if let Some(begin) = walk.next.take() {
            let inner = reader.part(&mut walk, begin);
            walks.push(walk);
            walks.extend(inner);
        }
    }
    reader.mark_broken();
    reader.tree
}

/// The way through one source.
struct Walk {
    source: usize,
    /// Where the next part begins.
    next: Option<Begin>,
    /// The part that was read last and all that hold it, outermost first.
    chain: Vec<PartId>,
    /// Multiparts whose closing delimiter has not come, outermost first.
    open: Vec<Open>,
}

/// A part's place, before its header is read.
struct Begin {
    at: usize,
    parent: Option<PartId>,
    depth: usize,
    /// The message it belongs to; `None` begins one.
    message: Option<usize>,
    /// Whether it stands in a multipart/digest.
    in_digest: bool,
}

struct Open {
    part: PartId,
    boundary: Vec<u8>,
    is_digest: bool,
}

/// A line that ends a part.
struct Delimiter {
    line: Range<usize>,
    /// Index of the multipart whose delimiter it is.
    of: usize,
    closes: bool,
}

impl Walk {
    fn new(source: usize, parent: Option<PartId>, depth: usize) -> Walk {
        let begin = Begin { at: 0, parent, depth, message: None, in_digest: false };
        Walk { source, next: Some(begin), chain: Vec::new(), open: Vec::new() }
    }
}

struct Reader<'a, 'l> {
    tree: Tree<'a>,
    limits: &'l Limits,
    /// Bytes of all attached messages that had to be decoded.
    decoded: usize,
}

impl Reader<'_, '_> {
    /// Reads one part and finds where the next one begins. Returns the walk through the part where
    /// it is an attached message that came encoded.
    fn part(&mut self, walk: &mut Walk, begin: Begin) -> Option<Walk> {
        let bytes = self.source(walk.source);
        let header = Header::read(bytes, begin.at, &walk.open, self.limits.headers);
        let part = describe(bytes, walk.source, &begin, &header, self.tree.messages.len());
        let boundary = boundary_of(bytes, &header, &part);
        if begin.message.is_none() {
            self.tree.messages.push(Head { source: walk.source, fields: header.fields });
        }
        let id = self.tree.parts.len();
        let holds_message = part.main == "message" && matches!(&*part.sub, "rfc822" | "global");
        let encoding = part.encoding;
        let is_digest = part.sub == "digest";
        let from = part.body.start;
        let is_container = boundary.is_some() || holds_message && header.is_whole;
        self.tree.parts.push(part);
        walk.chain.push(id);
        let too_deep = is_container && begin.depth >= self.limits.depth;
        if too_deep {
            self.note(Problem::Depth(self.limits.depth));
        } else if let Some(boundary) = boundary {
            walk.open.push(Open { part: id, boundary, is_digest });
        } else if is_container && !encoding.changes_bytes() {
            let (parent, depth) = (Some(id), begin.depth + 1);
            if self.has_room() {
                let inner = Begin { at: from, parent, depth, message: None, in_digest: false };
                walk.next = Some(inner);
                return None;
            }
        }
        self.seek(walk, from);
        let is_encoded_message = is_container && holds_message && encoding.changes_bytes();
        (is_encoded_message && !too_deep).then(|| self.decoded_message(walk.source, id))?
    }

    /// Finds the next part, and the end of those before it.
    fn seek(&mut self, walk: &mut Walk, mut from: usize) {
        while let Some(found) = delimiter(self.source(walk.source), from, &walk.open) {
            let Some(open) = walk.open.get(found.of) else { return };
            let (holder, in_digest) = (open.part, open.is_digest);
            let end = before_line_end(self.source(walk.source), found.line.start);
            while let Some(id) = walk.chain.pop_if(|id| *id != holder) {
                if let Some(part) = self.tree.parts.get_mut(id) {
                    part.body.end = end.max(part.body.start);
                }
            }
            walk.open.truncate(if found.closes { found.of } else { found.of + 1 });
            from = found.line.end;
            if !found.closes && self.has_room() {
                let holder_part = self.tree.parts.get(holder);
                walk.next = Some(Begin {
                    at: from,
                    parent: Some(holder),
                    depth: holder_part.map_or(0, |p| p.depth) + 1,
                    message: holder_part.map(|p| p.message),
                    in_digest,
                });
                return;
            }
        }
        // The mail ends within a part.
        let last = walk.chain.last().copied();
        if walk.open.last().is_some_and(|open| last != Some(open.part))
            && let Some(part) = last.and_then(|id| self.tree.parts.get_mut(id))
        {
            part.broken = true;
        }
    }

    fn decoded_message(&mut self, source: usize, id: PartId) -> Option<Walk> {
        let part = self.tree.parts.get(id)?;
        let raw = self.source(source).get(part.body.clone())?;
        let content = match part.encoding {
            TransferEncoding::Base64 => transfer::base64(raw),
            _ => transfer::quoted_printable(raw),
        };
        let depth = part.depth + 1;
        self.decoded = self.decoded.saturating_add(content.len());
        if self.decoded > self.limits.inflated_bytes {
            self.note(Problem::Inflated(self.limits.inflated_bytes));
            return None;
        }
        if content.is_empty() || !self.has_room() {
            return None;
        }
        self.tree.sources.push(Cow::Owned(content));
        Some(Walk::new(self.tree.sources.len() - 1, Some(id), depth))
    }

    /// Whether another part may be read; notes it where not.
    fn has_room(&mut self) -> bool {
        let room = self.tree.parts.len() < self.limits.parts;
        if !room {
            self.note(Problem::Parts(self.limits.parts));
        }
        room
    }

    /// Marks parts that are not base64 though they say so.
    fn mark_broken(&mut self) {
        let Tree { sources, parts, .. } = &mut self.tree;
        for part in parts.iter_mut() {
            if part.encoding == TransferEncoding::Base64 && !part.is_multipart() {
                let bytes = sources.get(part.source).map(AsRef::as_ref).unwrap_or_default();
                let body = bytes.get(part.body.clone()).unwrap_or_default();
                part.broken |= !transfer::is_base64(body);
            }
        }
        if parts.iter().any(|p| p.broken) {
            self.note(Problem::BrokenEncoding);
        }
    }

    fn source(&self, source: usize) -> &[u8] {
        self.tree.sources.get(source).map(AsRef::as_ref).unwrap_or_default()
    }

    fn note(&mut self, problem: Problem) {
        if !self.tree.problems.contains(&problem) {
            self.tree.problems.push(problem);
        }
    }
}

/// Where a part's header and body are.
struct Header {
    fields: Vec<FieldRange>,
    range: Range<usize>,
    body_start: usize,
    /// Whether it ends in a blank line: only then does it say what the body is.
    is_whole: bool,
}

impl Header {
    fn read(bytes: &[u8], at: usize, open: &[Open], limit: usize) -> Header {
        let (stop, blank_line_end) = Header::block(bytes, at, open);
        let (fields, end) = headers::scan(bytes.get(..stop).unwrap_or_default(), at, limit);
        // Lines between the fields and the blank line are no text; where there are no fields at all,
        // they are.
        let (body_start, is_whole) = match blank_line_end {
            Some(start) if stop == at || !fields.is_empty() => (start, true),
            _ => (end, false),
        };
        Header { fields, range: at..end.max(at), body_start, is_whole }
    }

    /// Up to the blank line or the delimiter line that ends a header, and the end of the blank line.
    fn block(bytes: &[u8], at: usize, open: &[Open]) -> (usize, Option<usize>) {
        let mut pos = at;
        while let Some(rest) = bytes.get(pos..).filter(|rest| !rest.is_empty()) {
            let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1);
            match rest {
                [b'\n', ..] | [b'\r', b'\n', ..] => return (pos, Some(pos + len)),
                [b'-', b'-', line @ ..] if matching(line, open).is_some() => return (pos, None),
                _ => pos += len,
            }
        }
        (pos, None)
    }

    fn value<'b>(&self, bytes: &'b [u8], name: &str) -> Option<&'b [u8]> {
        let is_it = |f: &&FieldRange| {
            bytes.get(f.name.clone()).is_some_and(|n| n.eq_ignore_ascii_case(name.as_bytes()))
        };
        bytes.get(self.fields.iter().find(is_it)?.value.clone())
    }
}

/// The first delimiter line at or after `from`, which is the beginning of a line.
fn delimiter(bytes: &[u8], from: usize, open: &[Open]) -> Option<Delimiter> {
    if open.is_empty() {
        return None;
    }
    let before = from.saturating_sub(1);
    memchr::memmem::find_iter(bytes.get(before..)?, b"\n--").find_map(|at| {
        let start = before + at + 1;
        let line = bytes.get(start..)?;
        let (of, closes) = matching(line.get(2..)?, open)?;
        let len = memchr::memchr(b'\n', line).map_or(line.len(), |i| i + 1);
        Some(Delimiter { line: start..start + len, of, closes })
    })
}

/// Which boundary a line shows after its `--`, innermost first, and whether it closes it. Blanks
/// may follow (RFC 2046, 5.1.1), nothing else.
fn matching(line: &[u8], open: &[Open]) -> Option<(usize, bool)> {
    open.iter().enumerate().rev().find_map(|(of, open)| {
        let after = line.strip_prefix(open.boundary.as_slice())?;
        let (after, closes) = match after.strip_prefix(b"--") {
            Some(after) => (after, true),
            None => (after, false),
        };
        let end = after.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r'));
        end.is_none_or(|b| *b == b'\n').then_some((of, closes))
    })
}

/// What the lines of a multipart show; `None` where it says nothing that could be found, or is none.
fn boundary_of(bytes: &[u8], header: &Header, part: &Part) -> Option<Vec<u8>> {
    if !header.is_whole || !part.is_multipart() {
        return None;
    }
    // Clients compare bytes: a boundary is not decoded, whatever it looks like.
    let as_written =
        header.value(bytes, "content-type").and_then(|v| param::as_written(v, "boundary"));
    let boundary = as_written.or_else(|| part.boundary.clone().map(String::into_bytes))?;
    let boundary = boundary.trim_ascii_end();
    (!boundary.is_empty()).then(|| boundary.to_owned())
}

fn before_line_end(bytes: &[u8], at: usize) -> usize {
    let before = bytes.get(..at).unwrap_or_default();
    let before = before.strip_suffix(b"\n").unwrap_or(before);
    before.strip_suffix(b"\r").unwrap_or(before).len()
}

fn describe(bytes: &[u8], source: usize, begin: &Begin, header: &Header, messages: usize) -> Part {
    let declared = header.value(bytes, "content-type").map(param::parse);
    let disposition = header.value(bytes, "content-disposition").map(param::parse);
    let encoding = header.value(bytes, "content-transfer-encoding").map(transfer_encoding);
    let type_text = declared.as_ref().map(|d| d.value.as_str()).unwrap_or_default();
    let (main, sub) = match type_text.split_once('/') {
        Some((main, sub)) if !main.is_empty() && !sub.is_empty() => (main, sub),
        // A multipart/digest holds messages where nothing is said (RFC 2046, 5.1.5).
        _ if begin.in_digest && declared.is_none() => ("message", "rfc822"),
        _ => ("text", "plain"),
    };
    Part {
        parent: begin.parent,
        depth: begin.depth,
        message: begin.message.unwrap_or(messages),
        source,
        header: header.range.clone(),
        body: header.body_start..bytes.len(),
        main: main.to_owned(),
        sub: sub.to_owned(),
        type_declared: !type_text.is_empty(),
        charset: param_of(&declared, "charset"),
        boundary: param_of(&declared, "boundary"),
        disposition: disposition.as_ref().map(|d| d.value.clone()).filter(|d| !d.is_empty()),
        content_id: header.value(bytes, "content-id").map(|value| {
            let text = super::header_text::decode(value);
            text.trim_matches(|c: char| c.is_whitespace() || c == '<' || c == '>').to_owned()
        }),
        names: names(declared.as_ref(), disposition.as_ref()),
        encoding: encoding.unwrap_or_default(),
        broken: false,
    }
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

#[cfg(test)]
mod tests {
    use sekisho_config::Settings;

    use super::*;

    fn tree_of(raw: &[u8]) -> Tree<'_> {
        let limits = Limits { depth: 4, parts: 10, ..Settings::default().filter.limits };
        read(raw, &limits)
    }

    /// `depth type body` of every part, in order; the body of what holds others is left out.
    #[track_caller]
    fn check(raw: &str, expected: &[&str]) {
        let tree = tree_of(raw.as_bytes());
        let is_parent = |id: usize| tree.parts.iter().any(|p| p.parent == Some(id));
        let shown: Vec<String> = tree
            .parts
            .iter()
            .enumerate()
            .map(|(id, part)| {
                let source = tree.sources[part.source].as_ref();
                let body = String::from_utf8_lossy(&source[part.body.clone()]).into_owned();
                let body = if is_parent(id) { String::new() } else { body };
                format!("{} {} {}", part.depth, part.media_type(), body.escape_debug())
            })
            .collect();
        assert_eq!(shown, expected, "{raw}");
    }

    fn mixed(boundary: &str, body: &str) -> String {
        format!("Content-Type: multipart/mixed; boundary={boundary}\n\n{body}")
    }

    #[test]
    fn a_part_ends_before_the_line_end_of_its_delimiter() {
        let body = "pre\r\n--b\r\n\r\none\r\n--b \t\r\nX: y\r\n\r\ntwo\r\n\r\n--b--\r\npost";
        check(
            &mixed("b", body),
            &["0 multipart/mixed ", "1 text/plain one", "1 text/plain two\\r\\n"],
        );
    }

    #[test]
    fn a_delimiter_is_a_line_of_its_own() {
        let body = "--b\n\na --b\n--bb\n --b\n--b x\n--b--";
        check(
            &mixed("b", body),
            &["0 multipart/mixed ", "1 text/plain a --b\\n--bb\\n --b\\n--b x"],
        );
    }

    #[test]
    fn an_outer_delimiter_ends_what_was_never_closed() {
        let body = format!("--b\n{}\n--b\n\nthree\n--b--", mixed("bb", "--bb\n\none\n--bb\n\ntwo"));
        check(
            &mixed("b", &body),
            &[
                "0 multipart/mixed ",
                "1 multipart/mixed ",
                "2 text/plain one",
                "2 text/plain two",
                "1 text/plain three",
            ],
        );
    }

    #[test]
    fn a_mail_that_ends_within_a_part_keeps_its_text() {
        let raw = mixed("b", "--b\n\nhalf");
        check(&raw, &["0 multipart/mixed ", "1 text/plain half"]);
        assert!(tree_of(raw.as_bytes()).parts[1].broken);
    }

    #[test]
    fn a_header_without_fields_or_blank_line_is_text() {
        check("only text\n\nmore", &["0 text/plain only text\\n\\nmore"]);
        check("X: y\nno field\n", &["0 text/plain no field\\n"]);
        check("X: y\nno field\n\nbody", &["0 text/plain body"]);
        check("", &["0 text/plain "]);
        check(
            &mixed("b:", "--b:\n--b:\n\nx\n--b:--"),
            &["0 multipart/mixed ", "1 text/plain ", "1 text/plain x"],
        );
    }

    #[test]
    fn a_boundary_is_compared_and_not_decoded() {
        let word = mixed("\"=?utf-8?Q?b?=\"", "--b\n\nno\n--=?utf-8?Q?b?=\n\nyes");
        check(&word, &["0 multipart/mixed ", "1 text/plain yes"]);
        let raw = b"Content-Type: multipart/mixed; boundary=\"\x82\xA0\"\n\n--\x82\xA0\n\nx";
        assert_eq!(tree_of(raw).parts.len(), 2);
    }

    #[test]
    fn attached_messages_are_read_also_encoded_ones() {
        let inner = "Subject: x\nContent-Type: text/html\n\n<p>";
        let plain = format!("--b\nContent-Type: message/rfc822\n\n{inner}\n--b--");
        let expected = ["0 multipart/mixed ", "1 message/rfc822 ", "2 text/html <p>"];
        check(&mixed("b", &plain), &expected);
        let base64 = "U3ViamVjdDogeApDb250ZW50LVR5cGU6IHRleHQvaHRtbAoKPHA+";
        let how = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64";
        check(&mixed("b", &format!("--b\n{how}\n\n{base64}\n--b--")), &expected);
        let digest = format!("Content-Type: multipart/digest; boundary=b\n\n--b\n\n{inner}\n--b--");
        check(&digest, &["0 multipart/digest ", "1 message/rfc822 ", "2 text/html <p>"]);
    }

    #[test]
    fn parts_and_depth_are_bounded_and_told() {
        let many = mixed("b", &"--b\n\n".repeat(100_000));
        let tree = tree_of(many.as_bytes());
        assert_eq!((tree.parts.len(), tree.problems), (10, vec![Problem::Parts(10)]));
        let deep = "Content-Type: message/rfc822\n\n".repeat(100_000);
        let tree = tree_of(deep.as_bytes());
        assert_eq!((tree.parts.len(), tree.problems), (5, vec![Problem::Depth(4)]));
    }

    #[test]
    fn many_multiparts_whose_delimiter_never_comes_take_no_longer_than_their_bytes() {
        let limits = Settings::default().filter.limits;
        let part = format!("--b\n{}", mixed("--------x", "x\n"));
        let raw = mixed("b", &(part.repeat(1000) + &"\n--".repeat(1_000_000)));
        assert_eq!(read(raw.as_bytes(), &limits).parts.len(), 1000);
    }
}
