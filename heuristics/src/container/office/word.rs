//! Word 97–2003 (MS-DOC), and the text of Word 6 and 95.
//!
//! Way in: [`read`]. The file information block says whether it is encrypted and where the piece
//! table lies, which puts the text together; the text comes in parts one after the other: body,
//! footnotes, headers and footers, comments, endnotes, text boxes.

use super::super::Visit;
use super::super::magic::{le16, le32};
use super::super::observation::{Observation, Place};
use super::field::Fields;
use super::ole::{Streams, wide};
use super::{Lines, remote};
use crate::message::charset;

/// Reads the stream `WordDocument` at `path` in `folder`; whether it is encrypted.
pub(super) fn read(
    path: &str,
    folder: &str,
    streams: &mut Streams<'_>,
    visit: &mut Visit<'_>,
) -> bool {
    let main = streams.stream(path, visit);
    let flags = le16(&main, 10).unwrap_or(0);
    if flags & ENCRYPTED != 0 {
        return true;
    }
    if le16(&main, 2).is_some_and(|version| version < WORD_97) {
        old(&main, visit);
        return false;
    }
    let table = if flags & TABLE_1 != 0 { "1Table" } else { "0Table" };
    let table = streams.stream(&format!("{}/{table}", folder.trim_end_matches('/')), visit);
    let structure = |index: usize| {
        let at = LENGTHS + 8 * index;
        let (offset, length) = (le32(&main, at)? as usize, le32(&main, at + 4)? as usize);
        table.get(offset..)?.get(..length)
    };
    if let Some(template) = structure(ASSOCIATIONS).and_then(template) {
        remote::observation(&template).into_iter().for_each(|o| visit.observe(o));
    }
    let pieces = structure(PIECES).and_then(pieces).unwrap_or_default();
    let mut story = Story::new(&main, visit);
    for piece in pieces {
        story.piece(&main, piece, visit);
    }
    story.finish(visit);
    false
}

/// Word 6 and 95: one run of text in the writer's code page.
fn old(main: &[u8], visit: &mut Visit<'_>) {
    let range = le32(main, 0x18).zip(le32(main, 0x1C));
    let text = range.and_then(|(from, to)| main.get(from as usize..to as usize));
    let Some(text) = text else { return };
    let mut story = Story { parts: vec![(Place::Body, u32::MAX)], ..Story::new(&[], visit) };
    for c in charset::decode(text, Some("shift_jis"), None).text.chars() {
        story.character(c, visit);
    }
    story.finish(visit);
}

/// A run of text: characters, and where their bytes lie.
struct Piece {
    length: u32,
    offset: u32,
}

/// The pieces of the text (`Clx`, MS-DOC 2.9.38): after properties comes one table, of positions
/// and of descriptors of 8 bytes.
fn pieces(mut clx: &[u8]) -> Option<Vec<Piece>> {
    while clx.first() == Some(&1) {
        clx = clx.get(3 + usize::from(le16(clx, 1)?)..)?;
    }
    let table = clx.strip_prefix(&[2])?;
    let length = le32(table, 0)? as usize;
    let table = table.get(4..)?;
    let table = table.get(..length).unwrap_or(table);
    let count = table.len().checked_sub(4)? / 12;
    let piece = |i: usize| {
        let (from, to) = (le32(table, 4 * i)?, le32(table, 4 * i + 4)?);
        let offset = le32(table, 4 * (count + 1) + 8 * i + 2)?;
        Some(Piece { length: to.checked_sub(from)?, offset })
    };
    Some((0..count).map_while(piece).collect())
}

/// The path of the template among the associated texts (`SttbfAssoc`, MS-DOC 2.7.2).
fn template(bytes: &[u8]) -> Option<String> {
    // Mark of UTF-16, number of texts, size of extra data; then texts with their lengths, the
    // template's the second.
    let first = bytes.strip_prefix(b"\xFF\xFF")?.get(4..)?;
    let rest = first.get(2 + 2 * usize::from(le16(first, 0)?)..)?;
    let length = 2 * usize::from(le16(rest, 0)?);
    Some(wide(rest.get(2..)?.get(..length)?))
}

/// The text being put together.
struct Story {
    /// Parts not yet begun and characters they have.
    parts: Vec<(Place, u32)>,
    place: Place,
    left: u32,
    lines: Lines,
    fields: Fields,
    links: Vec<Observation>,
}

impl Story {
    /// Parts as the file information block counts them.
    fn new(main: &[u8], visit: &mut Visit<'_>) -> Story {
        let part = |&(at, place): &(usize, Place)| (place, le32(main, at).unwrap_or(0));
        let parts = PARTS.iter().rev().map(part).collect();
        let (place, left) = (Place::Body, 0);
        let (lines, fields) = (Lines::new(visit), Fields::default());
        Story { parts, place, left, lines, fields, links: Vec::new() }
    }

    fn piece(&mut self, main: &[u8], piece: Piece, visit: &mut Visit<'_>) {
        let length = piece.length as usize;
        let is_narrow = piece.offset & NARROW != 0;
        let offset = (piece.offset & !NARROW & 0x7FFF_FFFF) as usize;
        let (start, size) = if is_narrow { (offset / 2, length) } else { (offset, 2 * length) };
        let rest = main.get(start..).unwrap_or_default();
        let bytes = rest.get(..size).unwrap_or(rest);
        // Many pieces may name the same bytes.
        if !visit.budget().take_work(bytes.len()) {
            return;
        }
        if is_narrow {
            let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes);
            text.chars().for_each(|c| self.character(c, visit));
        } else {
            let units = bytes.chunks_exact(2).filter_map(|c| le16(c, 0));
            for c in char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')) {
                self.character(c, visit);
            }
        }
    }

    fn character(&mut self, c: char, visit: &mut Visit<'_>) {
        while self.left == 0 {
            let Some((place, left)) = self.parts.pop() else { return };
            if place != self.place {
                let lines = std::mem::replace(&mut self.lines, Lines::new(visit));
                lines.tell(self.place, visit);
            }
            (self.place, self.left) = (place, left);
        }
        self.left = self.left.saturating_sub(c.len_utf16() as u32);
        match c {
            '\u{13}' => self.fields.begin(),
            '\u{14}' => self.fields.separate(),
            '\u{15}' => match self.fields.end() {
                Some(link @ Observation::Link(_)) if self.links.len() < MOST_LINKS => {
                    self.links.push(link);
                }
                Some(Observation::Link(_)) | None => {}
                Some(other) => visit.observe(other),
            },
            '\r' | '\u{B}' | '\u{C}' => self.lines.push("\n"),
            '\u{7}' => self.lines.push("\t"),
            // Pictures, marks of notes and the like.
            '\0'..='\u{8}' => {}
            _ => {
                let mut buffer = [0; 4];
                let text = c.encode_utf8(&mut buffer);
                if self.fields.is_in_instruction() {
                    self.fields.push(text);
                } else {
                    self.lines.push(text);
                }
            }
        }
    }

    fn finish(mut self, visit: &mut Visit<'_>) {
        let open = self.fields.finish();
        open.into_iter().for_each(|o| visit.observe(o));
        self.lines.tell(self.place, visit);
        self.links.drain(..).for_each(|link| visit.observe(link));
    }
}

/// Where the block counts the characters of each part (MS-DOC, 2.5.4), in the order of the text.
const PARTS: [(usize, Place); 7] = [
    (0x4C, Place::Body),
    (0x50, Place::Note),
    (0x54, Place::Header),
    (0x5C, Place::Note),
    (0x60, Place::Note),
    (0x64, Place::Body),
    (0x68, Place::Header),
];

/// First version with a piece table in a stream of its own.
const WORD_97: u16 = 0xC1;

const ENCRYPTED: u16 = 0x0100;
const TABLE_1: u16 = 0x0200;

/// Where offsets and lengths of structures in the table stream begin; and which of them are used.
const LENGTHS: usize = 0x9A;
const ASSOCIATIONS: usize = 32;
const PIECES: usize = 33;

/// A piece of one byte a character, its offset doubled.
const NARROW: u32 = 0x4000_0000;

/// Links kept of one document.
const MOST_LINKS: usize = 64;
