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

/// Finds the header fields at the beginning of `bytes` (offset by `at`), up to the blank line or
/// the first line that is no header field. Returns the fields and the offset where they end.
pub fn scan(bytes: &[u8], at: usize, limit: usize) -> (Vec<FieldRange>, usize) {
    let mut fields: Vec<FieldRange> = Vec::new();
    let mut pos = at;
    while let Some(rest) = bytes.get(pos..) {
        let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1);
        let Some(line) = rest.get(..len) else { break };
        let text = trim_line_end(line);
        if text.is_empty() {
            break;
        }
        let value_end = pos + text.len();
        if matches!(text.first(), Some(b' ' | b'\t')) {
            match fields.last_mut() {
                Some(last) => last.value.end = value_end,
                None => break,
            }
        } else if let Some((name, colon)) = field_name(text) {
            if fields.len() == limit {
                break;
            }
            fields.push(FieldRange {
                name: pos..pos + name.len(),
                value: pos + colon + 1..value_end,
            });
        } else if pos == at && text.starts_with(b"From ") {
            // An mbox separator that was left in place.
        } else {
            break;
        }
        pos += len;
    }
    (fields, pos)
}

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
    fn ends_at_the_first_line_that_is_no_field() {
        assert_eq!(names_and_values("A: 1\r\nno field\r\nB: 2\r\n"), [("A", " 1")]);
        assert_eq!(names_and_values(" folded first\r\nB: 2\r\n"), []);
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
