//! Binary workbooks of Excel 2007 and later (MS-XLSB): packages whose parts are records.
//!
//! Way in: [`part_of`] tells a part by its first record, [`sheet_names`], [`shared_strings`] and
//! [`cells`] read one. A record that is cut ends its part.

use super::super::Visit;
use super::super::magic::{le32, le64};
use super::super::observation::Place;
use super::Lines;
use super::excel::compact;
use super::ole::wide;
use super::sheet::SharedStrings;

/// What a part of a binary workbook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BinaryPart {
    /// The list of sheets.
    Book,
    /// The cells of a sheet.
    Sheet,
    /// The strings that cells share.
    Strings,
}

/// The part that begins so.
pub(super) fn part_of(head: &[u8]) -> Option<BinaryPart> {
    match records(head).next()? {
        (BEGIN_SHEET, []) => Some(BinaryPart::Sheet),
        (BEGIN_BOOK, []) => Some(BinaryPart::Book),
        (BEGIN_STRINGS, counts) if counts.len() == 8 => Some(BinaryPart::Strings),
        _ => None,
    }
}

/// Relationships and names of the sheets.
pub(super) fn sheet_names(part: &[u8]) -> impl Iterator<Item = (String, String)> {
    records(part).filter(|(of, _)| *of == SHEET).filter_map(|(_, record)| {
        // State and number, then two texts.
        let (id, rest) = text(record.get(8..)?)?;
        let (name, _) = text(rest)?;
        Some((id, name))
    })
}

/// The strings that cells name by number.
pub(super) fn shared_strings(part: &[u8]) -> SharedStrings {
    let mut strings = SharedStrings::default();
    for (_, record) in records(part).filter(|(of, _)| *of == STRING) {
        let text = record.get(1..).and_then(text);
        strings.push(&text.map_or_else(String::new, |(text, _)| text));
    }
    strings
}

/// Tells the cells of a sheet, a row a line.
pub(super) fn cells(part: &[u8], shared: &SharedStrings, visit: &mut Visit<'_>) {
    let mut lines = Lines::new(visit);
    let mut is_first = true;
    for (of, record) in records(part) {
        if of == ROW {
            lines.push(if is_first { "" } else { "\n" });
            is_first = false;
            continue;
        }
        // Column and style come first.
        let value = record.get(8..).unwrap_or_default();
        let owned = match of {
            CELL_SHARED => {
                let number = le32(value, 0).unwrap_or(u32::MAX);
                lines.push(shared.at(number as usize));
                lines.push("\t");
                continue;
            }
            CELL_TEXT | CELL_TEXT_RESULT => text(value).map(|(text, _)| text),
            CELL_RICH_TEXT => value.get(1..).and_then(text).map(|(text, _)| text),
            CELL_COMPACT => le32(value, 0).map(compact),
            CELL_NUMBER | CELL_NUMBER_RESULT => {
                le64(value, 0).map(|bits| f64::from_bits(bits).to_string())
            }
            _ => continue,
        };
        lines.push(&owned.unwrap_or_default());
        lines.push("\t");
    }
    lines.tell(Place::Cell, visit);
}

/// A text behind its length, and what follows it.
fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let size = usize::try_from(le32(bytes, 0)?).ok()?.checked_mul(2)?;
    let (text, rest) = bytes.get(4..)?.split_at_checked(size)?;
    Some((wide(text), rest))
}

/// Types and contents of records: both numbers have 7 bits a byte, the type at most two, the size at
/// most four (MS-XLSB, 2.1.4).
fn records(part: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = part;
    std::iter::from_fn(move || {
        let of = number(&mut rest, 2)?;
        let size = usize::try_from(number(&mut rest, 4)?).ok()?;
        let (record, tail) = rest.split_at_checked(size)?;
        rest = tail;
        Some((of, record))
    })
}

fn number(rest: &mut &[u8], most: u32) -> Option<u32> {
    let mut value = 0;
    for place in 0..most {
        let (&byte, tail) = rest.split_first()?;
        *rest = tail;
        value |= u32::from(byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(value)
}

// Types of records (MS-XLSB, 2.3.2).
const ROW: u32 = 0;
const CELL_COMPACT: u32 = 2;
const CELL_NUMBER: u32 = 5;
const CELL_TEXT: u32 = 6;
const CELL_SHARED: u32 = 7;
const CELL_TEXT_RESULT: u32 = 8;
const CELL_NUMBER_RESULT: u32 = 9;
const STRING: u32 = 19;
const CELL_RICH_TEXT: u32 = 62;
const BEGIN_SHEET: u32 = 129;
const BEGIN_BOOK: u32 = 131;
const SHEET: u32 = 156;
const BEGIN_STRINGS: u32 = 159;
