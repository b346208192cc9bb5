//! Header fields of one message, as ranges over its bytes. Nothing is decoded until asked for.

use std::ops::Range;

use super::header_text;

/// Ranges of one header field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRange {
    /// Field name, without the colon and white space before it.
    pub name: Range<usize>,
    /// Everything after the colon up to the line end of the last line, folding kept.
    pub value: Range<usize>,
}

impl FieldRange {
    /// The field in the bytes that the ranges are over.
    pub(super) fn over<'m>(&self, bytes: &'m [u8]) -> Field<'m> {
        Field {
            name: bytes.get(self.name.clone()).unwrap_or_default(),
            value: bytes.get(self.value.clone()).unwrap_or_default(),
        }
    }
}

/// One header field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'m> {
    /// Field name as written.
    pub name: &'m [u8],
    /// Raw value, folding and leading space kept.
    pub value: &'m [u8],
}

impl Field<'_> {
    /// Whether the field is called `name` (ASCII case ignored).
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The value as people see it: unfolded and decoded.
    pub fn text(&self) -> String {
        header_text::decode(self.value)
    }
}

/// Finds the header fields at the beginning of `bytes` (offset by `at`), up to the blank line.
/// Returns the fields and the offset where the last one ends.
///
/// Lines that are no header field are passed over, as clients do: else one would hide all fields
/// behind it from us alone. Where the very first line is none, it takes a `Content-…` field behind
/// it to make a header; a text that lost its blank line stays a text.
pub fn scan(bytes: &[u8], at: usize, limit: usize) -> (Vec<FieldRange>, usize) {
    let mut fields: Vec<FieldRange> = Vec::new();
    let (mut pos, mut end) = (at, at);
    let (mut in_field, mut begins_as_text) = (false, false);
    while let Some(rest) = bytes.get(pos..) {
        let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1);
        let Some(line) = rest.get(..len) else { break };
        let text = trim_line_end(line);
        if text.is_empty() {
            break;
        }
        let value_end = pos + text.len();
        if matches!(text.first(), Some(b' ' | b'\t')) {
            begins_as_text |= pos == at;
            if let Some(last) = fields.last_mut().filter(|_| in_field) {
                last.value.end = value_end;
                end = pos + len;
            }
        } else if let Some((name, colon)) = field_name(text) {
            if fields.len() == limit {
                break;
            }
            fields.push(FieldRange {
                name: pos..pos + name.len(),
                value: pos + colon + 1..value_end,
            });
            in_field = true;
            end = pos + len;
        } else {
            // An mbox separator that was left in place is no text.
            begins_as_text |= pos == at && !text.starts_with(b"From ");
            in_field = false;
        }
        pos += len;
    }
    let says_content = |field: &FieldRange| {
        let name = bytes.get(field.name.clone()).unwrap_or_default();
        name.get(..CONTENT.len()).is_some_and(|start| start.eq_ignore_ascii_case(CONTENT))
    };
    if begins_as_text && !fields.iter().any(says_content) {
        return (Vec::new(), at);
    }
    (fields, end)
}

/// What the names of MIME fields begin with.
const CONTENT: &[u8] = b"content-";

/// The name that a line begins with, and the place of its colon.
fn field_name(line: &[u8]) -> Option<(&[u8], usize)> {
    let colon = memchr::memchr(b':', line)?;
    let name = line.get(..colon)?.trim_ascii_end();
    let is_name = !name.is_empty() && name.iter().all(|b| (0x21..0x7F).contains(b));
    is_name.then_some((name, colon))
}

fn trim_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_and_values(raw: &str) -> Vec<(&str, &str)> {
        let (fields, _) = scan(raw.as_bytes(), 0, 100);
        fields.iter().map(|f| (&raw[f.name.clone()], &raw[f.value.clone()])).collect()
    }

    #[test]
    fn folded_values_stay_whole() {
        let raw = "Subject: a\r\n b\r\nTo:c\nX : d\r\n\r\nbody: no\r\n";
        assert_eq!(names_and_values(raw), [("Subject", " a\r\n b"), ("To", "c"), ("X", " d")]);
    }

    #[test]
    fn lines_that_are_no_field_hide_none() {
        assert_eq!(
            names_and_values("A: 1\r\nno field\r\n folded\r\nB: 2\r\n"),
            [("A", " 1"), ("B", " 2")]
        );
        let raw = "no field\nContent-Type: text/html\n\n<p>";
        assert_eq!(names_and_values(raw), [("Content-Type", " text/html")]);
    }

    #[test]
    fn a_text_that_lost_its_blank_line_stays_a_text() {
        assert_eq!(names_and_values(" folded first\r\nB: 2\r\n"), []);
        assert_eq!(names_and_values("Dear all\nnote: see below\n"), []);
        assert_eq!(scan(b"A: 1\nno field\n", 0, 9).1, 5);
    }

    #[test]
    fn an_mbox_separator_is_passed_over() {
        let raw = "From a@b.example Fri Jan 26 00:11:07 2001\nA: 1\n";
        assert_eq!(names_and_values(raw), [("A", " 1")]);
        assert_eq!(names_and_values("From : a@b.example\n"), [("From", " a@b.example")]);
    }

    #[test]
    fn a_name_with_a_blank_inside_is_no_name() {
        assert_eq!(names_and_values("Fr om: a@b.example\r\n"), []);
    }
}
