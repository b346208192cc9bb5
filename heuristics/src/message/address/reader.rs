//! The syntax of an address list: finds each mailbox in one unfolded line.

use std::ops::Range;

use super::super::charset::iso2022;
use super::super::header_text::{self, Units};
use super::{Mailbox, address_of};

/// Where one mailbox stands in the line, and what was seen in it.
#[derive(Default)]
struct Entry {
    start: usize,
    /// Last pair of angle brackets, brackets included; one that holds an `@` is preferred.
    angle: Option<Range<usize>>,
    /// Last `@` outside of brackets, quotes and comments.
    at_sign: Option<usize>,
    /// Last quoted string, quotes included.
    quoted: Option<Range<usize>>,
    /// Last comment, brackets included.
    comment: Option<Range<usize>>,
}

/// Reads one line from left to right. Linear: no end is searched for twice.
pub(super) struct Reader<'a> {
    line: &'a [u8],
    units: Units<'a>,
    /// Whether runs of raw ISO-2022-JP are text whatever bytes they hold.
    knows_iso2022: bool,
    /// From here on no quoted string, or comment, is closed; kept so that no end is searched for
    /// twice.
    open_quote: usize,
    open_comment: usize,
    last_semicolon: usize,
    /// Whether a comma of the field's syntax was read as part of a name.
    pub(super) joined: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(line: &'a [u8], knows_iso2022: bool) -> Reader<'a> {
        Reader {
            line,
            units: Units::new(line),
            knows_iso2022,
            open_quote: usize::MAX,
            open_comment: usize::MAX,
            last_semicolon: memchr::memrchr(b';', line).unwrap_or(0),
            joined: false,
        }
    }

    /// Mailboxes in order, at most `limit`.
    pub(super) fn read(&mut self, limit: usize) -> Vec<Mailbox> {
        let mut found = Vec::new();
        let mut entry = Entry::default();
        // A chunk without an address, in front of a comma: a lone word, or half of a name that
        // should have been quoted (`Yamada, Taro <a@b.example>`).
        let mut nameless: Option<Range<usize>> = None;
        let mut at = 0;
        while found.len() < limit {
            let byte = self.line.get(at).copied();
            match byte {
                None | Some(b',' | b';') => {
                    let chunk = entry.start..at;
                    let is_address = entry.angle.is_some() || entry.at_sign.is_some();
                    let before = nameless.take();
                    if is_address {
                        let joins = entry.angle.is_some() && entry.at_sign.is_none();
                        if let Some(before) = before {
                            if joins {
                                entry.start = before.start;
                                self.joined = true;
                            } else {
                                found.extend(self.word(before));
                            }
                        }
                        found.extend(self.mailbox(&entry, at));
                    } else {
                        found.extend(before.and_then(|before| self.word(before)));
                        if byte == Some(b',') && !self.slice(&chunk).trim_ascii().is_empty() {
                            nameless = Some(chunk);
                        } else {
                            found.extend(self.word(chunk));
                        }
                    }
                    if byte.is_none() {
                        break;
                    }
                    entry = Entry { start: at + 1, ..Entry::default() };
                    at += 1;
                }
                Some(b':') if entry.angle.is_none() && entry.at_sign.is_none() => {
                    // The name of a group, where the group has an end.
                    if self.last_semicolon > at {
                        entry = Entry { start: at + 1, ..Entry::default() };
                    }
                    at += 1;
                }
                Some(b'@') => {
                    entry.at_sign = Some(at);
                    at += 1;
                }
                Some(_) => at = self.step(at, &mut entry),
            }
        }
        found.truncate(limit);
        found
    }

    /// Passes over the token at `at`, and notes in `entry` what it is. Returns where it ends.
    fn step(&mut self, at: usize, entry: &mut Entry) -> usize {
        let end = match self.line.get(at) {
            Some(b'"') => self.quoted_end(at).inspect(|end| entry.quoted = Some(at..*end)),
            Some(b'(') => self.comment_end(at).inspect(|end| entry.comment = Some(at..*end)),
            Some(b'<') => self.angle_end(at).inspect(|end| {
                let has_at_sign = |range: &Range<usize>| self.slice(range).contains(&b'@');
                let range = at..*end;
                if has_at_sign(&range) || !entry.angle.as_ref().is_some_and(has_at_sign) {
                    entry.angle = Some(range);
                }
            }),
            Some(&iso2022::ESC) if !self.knows_iso2022 => None,
            _ => Some(at + self.units.length(at)),
        };
        end.unwrap_or(at + 1)
    }

    fn slice(&self, range: &Range<usize>) -> &'a [u8] {
        self.line.get(range.clone()).unwrap_or_default()
    }

    /// End of the quoted string that begins at `at`; `None` where it is left open.
    fn quoted_end(&mut self, at: usize) -> Option<usize> {
        if at >= self.open_quote {
            return None;
        }
        let mut i = at + 1;
        loop {
            match self.line.get(i..) {
                Some([b'"', ..]) => return Some(i + 1),
                Some([b'\\', _, ..]) => i += 2,
                Some([_, ..]) => i += self.units.length(i),
                _ => {
                    self.open_quote = at;
                    return None;
                }
            }
        }
    }

    /// End of the comment that begins at `at`, comments inside included.
    fn comment_end(&mut self, at: usize) -> Option<usize> {
        if at >= self.open_comment {
            return None;
        }
        let (mut i, mut depth) = (at, 0usize);
        loop {
            match self.line.get(i..) {
                Some([b'(', ..]) => depth += 1,
                Some([b')', ..]) if depth == 1 => return Some(i + 1),
                Some([b')', ..]) => depth -= 1,
                Some([b'\\', _, ..]) => i += 1,
                Some([_, ..]) => i += self.units.length(i) - 1,
                _ => {
                    self.open_comment = at;
                    return None;
                }
            }
            i += 1;
        }
    }

    /// End of the angle brackets that open at `at`; `None` where they do not close before others
    /// open.
    fn angle_end(&mut self, at: usize) -> Option<usize> {
        let mut i = at + 1;
        loop {
            match self.line.get(i)? {
                b'>' => return Some(i + 1),
                b'<' => return None,
                b'"' => i = self.quoted_end(i).unwrap_or(i + 1),
                _ => i += 1,
            }
        }
    }

    fn mailbox(&mut self, entry: &Entry, end: usize) -> Option<Mailbox> {
        let angle = entry.angle.clone().filter(|range| {
            let inner = self.slice(range);
            inner.contains(&b'@') || entry.at_sign.is_none() && inner.len() > 2
        });
        let (address, outer) = match (angle, entry.at_sign) {
            (Some(range), _) => (range.start + 1..range.end - 1, range),
            (None, Some(at_sign)) => {
                let bare = self.bare(at_sign, entry);
                // A bracket left open, or closed only.
                let opens =
                    bare.start > entry.start && self.line.get(bare.start - 1) == Some(&b'<');
                let closes = bare.end < end && self.line.get(bare.end) == Some(&b'>');
                let outer = bare.start - usize::from(opens)..bare.end + usize::from(closes);
                (bare, outer)
            }
            (None, None) => return None,
        };
        let mut phrase = Vec::new();
        self.phrase(entry.start..outer.start, &mut phrase);
        self.phrase(outer.end..end, &mut phrase);
        if phrase.trim_ascii().is_empty()
            && let Some(comment) = &entry.comment
        {
            phrase = self.slice(&(comment.start + 1..comment.end - 1)).to_vec();
        }
        let name = header_text::decode_untrimmed(&phrase).trim().to_owned();
        let (local, host) = address_of(self.slice(&address))?;
        Some(Mailbox { name, local, host })
    }

    /// The address around an `@` without angle brackets, blanks beside the `@` allowed.
    fn bare(&self, at_sign: usize, entry: &Entry) -> Range<usize> {
        let ends = |b: &u8| b.is_ascii_whitespace() || b"<>()\",;".contains(b);
        let before = self.slice(&(entry.start..at_sign));
        let local_end = entry.start + before.trim_ascii_end().len();
        let start = match &entry.quoted {
            Some(quoted) if quoted.end == local_end => quoted.start,
            _ => {
                let local = self.slice(&(entry.start..local_end));
                local.iter().rposition(ends).map_or(entry.start, |i| entry.start + i + 1)
            }
        };
        let after = self.line.get(at_sign + 1..).unwrap_or_default();
        let blanks = after.len() - after.trim_ascii_start().len();
        let host = after.trim_ascii_start();
        let length = host.iter().position(ends).unwrap_or(host.len());
        start..at_sign + 1 + blanks + length
    }

    /// Appends a display name: quotes and escapes taken off, comments left out.
    fn phrase(&mut self, range: Range<usize>, out: &mut Vec<u8>) {
        let mut at = range.start;
        while at < range.end {
            let end = match self.line.get(at) {
                Some(b'"') => match self.quoted_end(at).filter(|end| *end <= range.end) {
                    Some(end) => {
                        self.unescape(at + 1..end - 1, out);
                        at = end;
                        continue;
                    }
                    None => at + 1,
                },
                Some(b'(') => match self.comment_end(at).filter(|end| *end <= range.end) {
                    Some(end) => {
                        at = end;
                        continue;
                    }
                    None => at + 1,
                },
                _ => at + self.units.length(at),
            };
            out.extend_from_slice(self.slice(&(at..end.min(range.end))));
            at = end;
        }
    }

    fn unescape(&self, range: Range<usize>, out: &mut Vec<u8>) {
        let mut at = range.start;
        while at < range.end {
            if self.line.get(at) == Some(&b'\\') {
                at += 1;
            }
            let end = (at + self.units.length(at)).min(range.end);
            out.extend_from_slice(self.slice(&(at..end)));
            at = end.max(at + 1);
        }
    }

    /// A lone word as a mailbox of the local host, a comment as its name: `root (Taro)`.
    fn word(&mut self, range: Range<usize>) -> Option<Mailbox> {
        let mut word = Vec::new();
        let comment = memchr::memchr(b'(', self.slice(&range)).map(|at| range.start + at);
        self.phrase(range.clone(), &mut word);
        let word = word.trim_ascii();
        let is_atom = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/._`{|}~".contains(b);
        if word.is_empty() || !word.iter().all(is_atom) {
            return None;
        }
        let name = comment.and_then(|at| self.comment_end(at).map(|end| at + 1..end - 1));
        let name = name.map(|range| header_text::decode_untrimmed(self.slice(&range)));
        Some(Mailbox {
            name: name.map(|name| name.trim().to_owned()).unwrap_or_default(),
            local: String::from_utf8_lossy(word).into_owned(),
            host: String::new(),
        })
    }
}
