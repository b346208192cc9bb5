//! Edits of one mail's bytes: splices in the body, fields of a part's header.
//!
//! The header of the mail itself is edited through the milter protocol ([`HeaderEdit`]), the
//! headers of nested parts are bytes of the body. [`Edits::set_field`] hides the difference.

use std::ops::Range;

use sekisho_heuristics::message::Message;
use sekisho_heuristics::message::headers::{self, FieldRange};
use sekisho_heuristics::message::param;
use sekisho_heuristics::message::part::{Part, PartId, TransferEncoding};

use super::HeaderEdit;

/// One mail and what is to be changed in it.
pub(super) struct Edits<'a> {
    /// The mail as it was read.
    pub(super) mail: &'a Message<'a>,
    /// Its bytes.
    pub(super) raw: &'a [u8],
    /// Where its body begins.
    pub(super) body_start: usize,
    /// How its lines end.
    pub(super) line_end: &'static [u8],
    /// Edits of its own header so far.
    pub(super) headers: Vec<HeaderEdit>,
    splices: Vec<(Range<usize>, Vec<u8>)>,
}

impl<'a> Edits<'a> {
    pub(super) fn new(mail: &'a Message<'a>, raw: &'a [u8], body_start: usize) -> Edits<'a> {
        let line_end = line_end_of(raw);
        Edits { mail, raw, body_start, line_end, headers: Vec::new(), splices: Vec::new() }
    }

    /// Puts `bytes` in place of `range` of the mail.
    pub(super) fn splice(&mut self, range: Range<usize>, bytes: Vec<u8>) {
        self.splices.push((range, bytes));
    }

    /// The new body; `None` where nothing in it changes.
    pub(super) fn into_body(mut self) -> Option<Vec<u8>> {
        if self.splices.is_empty() {
            return None;
        }
        self.splices.sort_by_key(|(range, _)| range.start);
        let added: usize = self.splices.iter().map(|(_, bytes)| bytes.len()).sum();
        let mut out = Vec::with_capacity(self.raw.len() - self.body_start + added);
        let mut copied = self.body_start;
        for (range, bytes) in self.splices {
            out.extend_from_slice(self.raw.get(copied..range.start)?);
            out.extend_from_slice(&bytes);
            copied = range.end;
        }
        out.extend_from_slice(self.raw.get(copied..)?);
        Some(out)
    }

    /// Bytes of `range`.
    pub(super) fn bytes(&self, range: Range<usize>) -> &'a [u8] {
        self.raw.get(range).unwrap_or_default()
    }

    /// Header fields of a part.
    pub(super) fn fields(&self, part: &Part) -> Vec<FieldRange> {
        let limit = self.mail.limits().headers;
        let header = self.raw.get(..part.header.end).unwrap_or_default();
        headers::scan(header, part.header.start, limit).0
    }

    /// Raw value of a part's field.
    pub(super) fn field(&self, part: &Part, name: &str) -> Option<&'a [u8]> {
        let fields = self.fields(part);
        fields.iter().find(|f| self.is(f, name)).map(|f| self.bytes(f.value.clone()))
    }

    /// Gives a part's field a new value, or the part a new field. The part has at most one of that
    /// name ([`Edits::is_plain`]).
    pub(super) fn set_field(&mut self, id: PartId, name: &str, value: &[u8]) {
        let Some(part) = self.mail.parts().get(id) else { return };
        let fields = self.fields(part);
        let found = fields.iter().find(|f| self.is(f, name));
        let edit = match (part.parent, found) {
            (None, Some(field)) => {
                let name = String::from_utf8_lossy(self.bytes(field.name.clone())).into_owned();
                HeaderEdit::Change { name, occurrence: 1, value: value.to_vec() }
            }
            (None, None) => HeaderEdit::Insert { name: name.to_owned(), value: value.to_vec() },
            (Some(_), Some(field)) => {
                let mut new = Vec::new();
                push_folded(&mut new, value, self.line_end);
                return self.splice(field.value.clone(), new);
            }
            (Some(_), None) => {
                let mut new = name.as_bytes().to_vec();
                push_value(&mut new, value, self.line_end);
                return self.splice(part.header.start..part.header.start, new);
            }
        };
        self.headers.push(edit);
    }

    /// Whether a part's header ends and its body begins where every reader sees it: a header of
    /// well-formed fields with at most one of each that decides how the body is read, a blank line;
    /// before a nested part a proper delimiter line.
    pub(super) fn begins_plainly(&self, part: &Part) -> bool {
        let fields = self.fields(part);
        let sole = |name: &str| fields.iter().filter(|f| self.is(f, name)).count() <= 1;
        let decided = ["content-type", "content-transfer-encoding", "content-disposition"];
        if part.source != 0 || part.message != 0 || !decided.into_iter().all(sole) {
            return false;
        }
        if part.parent.is_none() {
            return part.body.start == self.body_start;
        }
        let blank_line = self.bytes(part.header.end..part.body.start);
        matches!(blank_line, b"\r\n" | b"\n") && self.delimiter_before(part).is_some()
    }

    /// Whether the whole body of a part may be replaced: it begins and ends where every reader sees
    /// it, and is read alike by all.
    pub(super) fn is_plain(&self, part: &Part) -> bool {
        let readable = !part.broken || part.encoding != TransferEncoding::Base64;
        let ends = part.body.end == self.raw.len() || self.ends_at_delimiter(part);
        readable && ends && self.begins_plainly(part)
    }

    /// The line `--boundary` right before a nested part's header.
    pub(super) fn delimiter_before(&self, part: &Part) -> Option<Range<usize>> {
        let boundary = self.mail.parts().get(part.parent?)?.boundary.as_deref()?;
        let end = part.header.start;
        let before = self.bytes(0..end).strip_suffix(b"\n")?;
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let line = self.bytes(start..end).trim_ascii_end();
        let proper = line.strip_prefix(b"--")? == boundary.as_bytes();
        (proper && start >= self.body_start).then_some(start..end)
    }

    fn ends_at_delimiter(&self, part: &Part) -> bool {
        let rest = self.bytes(part.body.end..self.raw.len());
        let at_line_start = rest.starts_with(b"\n") || rest.starts_with(b"\r\n");
        let after_line_end = self.bytes(0..part.body.end).ends_with(b"\n") || part.body.is_empty();
        let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
        let Some(line) = rest.strip_prefix(b"\n").unwrap_or(rest).strip_prefix(b"--") else {
            return false;
        };
        let boundary = part.parent.and_then(|p| self.mail.parts().get(p)?.boundary.as_deref());
        (at_line_start || after_line_end)
            && boundary.and_then(|b| line.strip_prefix(b.as_bytes())).is_some_and(|after| {
                matches!(after.first(), None | Some(b' ' | b'\t' | b'\r' | b'\n'))
                    || after.starts_with(b"--")
            })
    }

    fn is(&self, field: &FieldRange, name: &str) -> bool {
        self.bytes(field.name.clone()).eq_ignore_ascii_case(name.as_bytes())
    }
}

/// A Content-Type value with `charset` set to `charset` and every other parameter kept as written.
/// What cannot be edited safely becomes plain `media_type`.
pub(super) fn with_charset(value: Option<&[u8]>, media_type: &str, charset: &str) -> Vec<u8> {
    let fresh = || format!("{media_type}; charset={charset}").into_bytes();
    let Some(value) = value else { return fresh() };
    let value = lf_only(value.trim_ascii());
    let segments = split_parameters(&value);
    let mut out = Vec::with_capacity(value.len() + 16);
    let mut set = false;
    for (at, segment) in segments.iter().enumerate() {
        if at > 0 && is_parameter(segment, b"charset") {
            if !set {
                let leading = segment.iter().take_while(|b| b.is_ascii_whitespace()).count();
                out.push(b';');
                out.extend_from_slice(segment.get(..leading).unwrap_or_default());
                out.extend_from_slice(format!("charset={charset}").as_bytes());
                set = true;
            }
        } else if at == 0 || !segment.trim_ascii().is_empty() {
            if at > 0 {
                out.push(b';');
            }
            out.extend_from_slice(segment);
        }
    }
    let mut out = out.trim_ascii_end().to_vec();
    if !set {
        out.extend_from_slice(format!("; charset={charset}").as_bytes());
    }
    let read = param::parse(&out);
    let charsets: Vec<&str> = read.all("charset").collect();
    if read.value == media_type && charsets == [charset] { out } else { fresh() }
}

/// How the lines of `raw` end, by the first one.
pub(super) fn line_end_of(raw: &[u8]) -> &'static [u8] {
    match memchr::memchr(b'\n', raw) {
        Some(at) if at.checked_sub(1).and_then(|b| raw.get(b)) != Some(&b'\r') => b"\n",
        _ => b"\r\n",
    }
}

/// `bytes` with every CRLF made LF.
pub(super) fn lf_only(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut bytes = bytes.iter().copied().peekable();
    while let Some(b) = bytes.next() {
        if b != b'\r' || bytes.peek() != Some(&b'\n') {
            out.push(b);
        }
    }
    out
}

/// `text` with LF or CRLF as every line's end.
pub(super) fn with_line_ends(text: &[u8], line_end: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 32);
    for line in text.split_inclusive(|&b| b == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                out.extend_from_slice(line_end);
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

/// Appends `: value` and a line end.
pub(super) fn push_value(out: &mut Vec<u8>, value: &[u8], line_end: &[u8]) {
    out.push(b':');
    push_folded(out, value, line_end);
    out.extend_from_slice(line_end);
}

fn push_folded(out: &mut Vec<u8>, value: &[u8], line_end: &[u8]) {
    out.push(b' ');
    out.extend_from_slice(&with_line_ends(value, line_end));
}

/// Cuts a value at the `;` outside of quoted strings and comments.
fn split_parameters(value: &[u8]) -> Vec<&[u8]> {
    let mut segments = Vec::new();
    let (mut start, mut quoted, mut comment, mut at) = (0, false, 0usize, 0);
    while let Some(&b) = value.get(at) {
        match b {
            b'\\' if quoted || comment > 0 => at += 1,
            b'"' if comment == 0 => quoted = !quoted,
            b'(' if !quoted => comment += 1,
            b')' if !quoted => comment = comment.saturating_sub(1),
            b';' if !quoted && comment == 0 => {
                segments.extend(value.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    segments.extend(value.get(start..));
    segments
}

/// Whether a segment gives the parameter `name`, or a piece of it (RFC 2231: `name*`, `name*0`).
fn is_parameter(segment: &[u8], name: &[u8]) -> bool {
    let end = memchr::memchr2(b'=', b'*', segment).unwrap_or(segment.len());
    segment.get(..end).is_some_and(|n| n.trim_ascii().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_parameters_stay_as_written() {
        let cases = [
            ("text/plain", "text/plain; charset=utf-8"),
            (" text/plain; charset=ISO-2022-JP", "text/plain; charset=utf-8"),
            (
                " Text/Plain;\r\n\tcharset=\"x;y\";\r\n\tformat=flowed; delsp=yes",
                "Text/Plain;\n\tcharset=utf-8;\n\tformat=flowed; delsp=yes",
            ),
            ("text/plain; format=flowed;", "text/plain; format=flowed; charset=utf-8"),
            ("text/plain; CHARSET*=us-ascii''x; charset=y; a=b", "text/plain; charset=utf-8; a=b"),
            ("text/html; name=\"a;charset=b\"", "text/plain; charset=utf-8"),
            ("", "text/plain; charset=utf-8"),
        ];
        for (before, after) in cases {
            let found = with_charset(Some(before.as_bytes()), "text/plain", "utf-8");
            assert_eq!(String::from_utf8_lossy(&found), after, "of {before:?}");
        }
        assert_eq!(with_charset(None, "text/html", "utf-8"), b"text/html; charset=utf-8");
    }

    #[test]
    fn line_ends() {
        assert_eq!(line_end_of(b"a\nb\r\n"), b"\n");
        assert_eq!(line_end_of(b"a"), b"\r\n");
        assert_eq!(with_line_ends(b"a\nb\r\nc", b"\r\n"), b"a\r\nb\r\nc");
        assert_eq!(lf_only(b"a\r\n b\rc\n"), b"a\n b\rc\n");
    }
}
