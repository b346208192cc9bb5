//! The syntax of a field with parameters: finds each `name=value`, decodes nothing.

use std::borrow::Cow;

use super::super::header_text::Units;
use super::{Piece, is_file_name, read_name};

/// Reads one unfolded field from left to right. Linear: nothing is searched for twice.
pub(super) struct Reader<'a> {
    line: &'a [u8],
    units: Units<'a>,
    at: usize,
    has_open_comment: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(line: &'a [u8]) -> Reader<'a> {
        Reader { line, units: Units::new(line), at: 0, has_open_comment: false }
    }

    fn rest(&self) -> &'a [u8] {
        self.line.get(self.at..).unwrap_or_default()
    }

    fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.line.get(start..end).unwrap_or_default()
    }

    /// What stands before the first parameter.
    pub(super) fn value(&mut self) -> String {
        let mut value = Vec::new();
        loop {
            if is_known_name(self.rest()) {
                break;
            }
            match self.rest() {
                [b';' | b',', ..] | [] => break,
                [b'(', ..] => self.comment(),
                [b, ..] => {
                    if !b.is_ascii_whitespace() && *b != b'"' {
                        value.push(b.to_ascii_lowercase());
                    }
                    self.at += 1;
                }
            }
        }
        String::from_utf8_lossy(&value).into_owned()
    }

    /// Reads the next `name=value`. False at the end.
    pub(super) fn piece(&mut self, pieces: &mut Vec<Piece<'a>>) -> bool {
        let name = loop {
            match self.rest() {
                [b';' | b',', ..] => self.at += 1,
                [b, ..] if b.is_ascii_whitespace() => self.at += 1,
                [b'(', ..] => self.comment(),
                [] => return false,
                rest => {
                    let end = rest.iter().position(|b| matches!(b, b'=' | b';'));
                    let end = end.unwrap_or(rest.len());
                    let name = rest.get(..end).unwrap_or_default();
                    self.at += end;
                    // Something without a value says nothing.
                    if self.rest().starts_with(b"=") {
                        self.at += 1;
                        break name;
                    }
                }
            }
        };
        self.at += self.rest().iter().take_while(|b| b.is_ascii_whitespace()).count();
        let (name, section, is_extended) = read_name(name);
        let mut add = |bytes: Cow<'a, [u8]>| {
            pieces.push(Piece { name: name.clone(), section, is_extended, bytes });
        };
        if !self.rest().starts_with(b"\"") {
            add(Cow::Borrowed(self.bare(is_file_name(&name))));
            return true;
        }
        self.at += 1;
        let opened = self.at;
        let quoted = self.quoted();
        let Some(quoted) = quoted else {
            // Left open: up to the next semicolon, and all the rest where it may be a name.
            let all = self.slice(opened, self.line.len());
            self.at = opened;
            let bare = self.bare(is_file_name(&name));
            add(Cow::Borrowed(bare));
            if is_file_name(&name) && bare.len() < all.trim_ascii_end().len() {
                add(Cow::Borrowed(all));
            }
            return true;
        };
        // Text glued to the closing quote: some clients show the name up to it, some all.
        let closed = self.at;
        let glued = self.bare(false);
        let is_text = !glued.is_empty()
            && !glued.contains(&b'=')
            && !self.slice(closed, closed + 1).starts_with(b"(");
        if !is_text {
            self.at = closed;
        }
        let both = (is_text && is_file_name(&name)).then(|| [&quoted, glued].concat());
        add(quoted);
        if let Some(both) = both {
            add(Cow::Owned(both));
        }
        true
    }

    /// A quoted string after its opening quote; `None` where it is left open. Only `\"` and `\\`
    /// are escapes, so that the path `C:\a\b.exe` stays one.
    fn quoted(&mut self) -> Option<Cow<'a, [u8]>> {
        let start = self.at;
        let mut unescaped: Option<Vec<u8>> = None;
        loop {
            let (length, skip) = match self.rest() {
                [] => return None,
                [b'"', ..] => {
                    let bytes = self.slice(start, self.at);
                    self.at += 1;
                    return Some(unescaped.map_or(Cow::Borrowed(bytes), Cow::Owned));
                }
                [b'\\', b'"' | b'\\', ..] => {
                    unescaped.get_or_insert_with(|| self.slice(start, self.at).to_vec());
                    (2, 1)
                }
                _ => (self.unit(), 0),
            };
            if let Some(text) = &mut unescaped {
                text.extend_from_slice(self.slice(self.at + skip, self.at + length));
            }
            self.at += length;
        }
    }

    /// A value without quotes, white space at its end left out: up to a semicolon, or to a
    /// parameter before which it was forgotten. Blanks are part of file names
    /// (`filename=a b.pdf`); elsewhere a comment ends the value.
    fn bare(&mut self, is_file_name: bool) -> &'a [u8] {
        let start = self.at;
        loop {
            match self.rest() {
                [] | [b';', ..] => break,
                [b'(', ..] if !is_file_name => {
                    let end = self.at;
                    self.comment();
                    return self.slice(start, end).trim_ascii_end();
                }
                [b, after @ ..] if b.is_ascii_whitespace() && is_known_name(after) => break,
                _ => self.at += self.unit(),
            }
        }
        self.slice(start, self.at).trim_ascii_end()
    }

    /// Length of what must be taken whole. An encoded word never holds a quote: what looks like
    /// one that does is two values with something between them.
    fn unit(&self) -> usize {
        let length = self.units.length(self.at);
        let is_word = length > 2 && self.rest().starts_with(b"=?");
        if is_word && self.slice(self.at, self.at + length).contains(&b'"') { 1 } else { length }
    }

    /// Passes over a comment, or over the bracket where it is left open.
    fn comment(&mut self) {
        let mut depth = 0usize;
        if !self.has_open_comment {
            for (i, b) in self.rest().iter().enumerate() {
                match b {
                    b'(' => depth += 1,
                    b')' if depth == 1 => {
                        self.at += i + 1;
                        return;
                    }
                    b')' => depth -= 1,
                    _ => {}
                }
            }
        }
        // Not searched again, or a row of brackets would cost its square.
        self.has_open_comment = true;
        self.at += 1;
    }
}

/// Whether `bytes` begin with a parameter that is known and its `=`.
fn is_known_name(bytes: &[u8]) -> bool {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'*');
    let length = bytes.iter().take(32).take_while(|b| is_name(b)).count();
    let (name, after) = bytes.split_at(length);
    let name = name.split(|b| *b == b'*').next().unwrap_or_default();
    !name.is_empty()
        && after.trim_ascii_start().starts_with(b"=")
        && KNOWN_NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Parameters after which a blank cannot be part of the value before: where one of these and a
/// `=` follow, a semicolon was forgotten.
const KNOWN_NAMES: [&[u8]; 16] = [
    b"access-type",
    b"boundary",
    b"charset",
    b"creation-date",
    b"delsp",
    b"filename",
    b"format",
    b"method",
    b"micalg",
    b"modification-date",
    b"name",
    b"protocol",
    b"report-type",
    b"size",
    b"smime-type",
    b"type",
];
