//! Excel 97–2003 workbooks (MS-XLS), and those of Excel 5 and 95 where they are alike.
//!
//! Way in: [`read`]. A workbook is a row of records, each with its type and length; one that is cut
//! ends it. Strings that cells share may run over several records.

use super::super::Visit;
use super::super::magic::{le16, le32, le64};
use super::super::observation::{Observation, Place, excerpt};
use super::{Lines, biff, remote, sheet};

/// Reads the stream `Workbook` or `Book`; whether it is encrypted.
pub(super) fn read(stream: &[u8], visit: &mut Visit<'_>) -> bool {
    let mut book = Book { lines: Lines::new(visit), is_old: false, ..Book::default() };
    let mut records = biff::records(stream).peekable();
    while let Some((of, record)) = records.next() {
        match of {
            FILE_PASS => {
                let is_default = is_default_password(record);
                if !is_default {
                    return true;
                }
                // Readable by anybody, but not read here.
                visit.damaged("its encryption by the default password");
                return false;
            }
            BOF => book.is_old = le16(record, 0).is_some_and(|version| version < BIFF_8),
            SHEET => book.sheet(record, visit),
            LINKED_BOOK => book.link = linked(record),
            LINKED_NAME => book.linked_name(record, visit),
            SHARED | DRAWN_TEXT if visit.wants_text() => {
                let mut segments = vec![record];
                while let Some((_, more)) = records.next_if(|(of, _)| *of == CONTINUE) {
                    segments.push(more);
                }
                match of {
                    SHARED => book.shared = biff::shared_strings(segments),
                    _ => visit.text(Place::Note, drawn_text(&segments)),
                }
            }
            HEADER | FOOTER if visit.wants_text() => {
                let text = sheet::plain(&book.text(record, !book.is_old));
                visit.text(if of == HEADER { Place::Header } else { Place::Footer }, text);
            }
            _ if visit.wants_text() => book.cell(of, record),
            _ => {}
        }
    }
    book.lines.tell(Place::Cell, visit);
    false
}

#[derive(Default)]
struct Book {
    is_old: bool,
    shared: Vec<String>,
    lines: Lines,
    row: Option<u16>,
    /// Program and topic of the book or server that the next names belong to.
    link: Option<(String, String)>,
}

impl Book {
    /// `BoundSheet8`: position, state, type, name.
    fn sheet(&self, record: &[u8], visit: &mut Visit<'_>) {
        let name = record.get(6..).map(|n| self.text(n, false)).unwrap_or_default();
        if record.get(5) == Some(&MACRO_SHEET) {
            visit.observe(Observation::ExcelMacroSheet(excerpt(&name)));
        }
        visit.text(Place::SheetName, name);
    }

    /// `ExternName`: of a DDE server unless it is marked as an OLE link.
    fn linked_name(&self, record: &[u8], visit: &mut Visit<'_>) {
        let Some((program, topic)) = &self.link else { return };
        if le16(record, 0).is_some_and(|flags| flags & OLE_LINK == 0) {
            visit.observe(Observation::Dde(excerpt(&format!("{program} {topic}"))));
        } else {
            remote::observation(topic).into_iter().for_each(|o| visit.observe(o));
        }
    }

    fn cell(&mut self, of: u16, record: &[u8]) {
        let text = match of {
            LABEL_SHARED => {
                let number = le32(record, 6).unwrap_or(u32::MAX) as usize;
                self.shared.get(number).map(String::as_str).unwrap_or_default().into()
            }
            LABEL | RICH_LABEL => self.text(record.get(6..).unwrap_or_default(), true).into(),
            RESULT => {
                let text = self.text(record, true);
                self.lines.push(&text);
                self.lines.push("\t");
                return;
            }
            NUMBER | FORMULA => match le64(record, 6) {
                // A formula's result that is no number.
                Some(bits) if of == FORMULA && bits >> 48 == 0xFFFF => "".into(),
                Some(bits) => f64::from_bits(bits).to_string().into(),
                None => return,
            },
            COMPACT => le32(record, 6).map(compact).unwrap_or_default().into(),
            COMPACT_ROW => {
                let cells = record.get(4..).unwrap_or_default().chunks_exact(6);
                let numbers = cells.filter_map(|c| le32(c, 2)).map(compact);
                std::borrow::Cow::Owned(numbers.collect::<Vec<_>>().join("\t"))
            }
            _ => return,
        };
        let row = le16(record, 0);
        if self.row.is_some() && row != self.row {
            self.lines.push("\n");
        }
        self.row = row;
        self.lines.push(&text);
        if of != FORMULA || !text.is_empty() {
            self.lines.push("\t");
        }
    }

    /// A text with its length before, of two bytes where `is_long`.
    fn text(&self, bytes: &[u8], is_long: bool) -> String {
        biff::text(bytes, is_long, self.is_old).unwrap_or_default()
    }
}

/// `SupBook`: program and topic, where they are of another program (MS-XLS, 2.4.271).
fn linked(record: &[u8]) -> Option<(String, String)> {
    let path = biff::text(record.get(2..)?, true, false)?;
    let (program, topic) = path.split_once('\u{3}')?;
    Some((program.to_owned(), topic.to_owned()))
}

/// `TxO`: its text is in the record that follows.
fn drawn_text(segments: &[&[u8]]) -> String {
    let length = segments.first().and_then(|s| le16(s, 10)).unwrap_or(0);
    let text = segments.get(1).and_then(|s| biff::characters(s, usize::from(length)));
    text.unwrap_or_default()
}

/// A number in four bytes (`RkNumber`, MS-XLS 2.5.217).
pub(super) fn compact(bits: u32) -> String {
    let number = match bits & 2 {
        0 => f64::from_bits(u64::from(bits & !3) << 32),
        _ => f64::from(bits.cast_signed() >> 2),
    };
    (if bits & 1 == 1 { number / 100.0 } else { number }).to_string()
}

/// Whether the password is the one that Excel itself uses for books that are only protected from
/// changes. Told for the oldest method alone, whose verifier is a sum (MS-OFFCRYPTO, 2.3.7.1).
fn is_default_password(record: &[u8]) -> bool {
    const XOR: u16 = 0;
    let rest = match le16(record, 0) {
        Some(XOR) if record.len() == 6 => record.get(2..).unwrap_or_default(),
        _ => record,
    };
    rest.len() == 4 && le16(rest, 2) == Some(verifier(b"VelvetSweatshop"))
}

fn verifier(password: &[u8]) -> u16 {
    let length = u8::try_from(password.len()).unwrap_or(u8::MAX);
    let turned = password.iter().rev().chain([&length]).fold(0u16, |sum, &byte| {
        let high = u16::from(sum & 0x4000 != 0);
        (high | sum << 1 & 0x7FFF) ^ u16::from(byte)
    });
    turned ^ 0xCE4B
}

// Types of records.
const FORMULA: u16 = 0x0006;
const HEADER: u16 = 0x0014;
const FOOTER: u16 = 0x0015;
const LINKED_NAME: u16 = 0x0023;
const FILE_PASS: u16 = 0x002F;
const CONTINUE: u16 = 0x003C;
const SHEET: u16 = 0x0085;
const COMPACT_ROW: u16 = 0x00BD;
const RICH_LABEL: u16 = 0x00D6;
const SHARED: u16 = 0x00FC;
const LABEL_SHARED: u16 = 0x00FD;
const LINKED_BOOK: u16 = 0x01AE;
const DRAWN_TEXT: u16 = 0x01B6;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const RESULT: u16 = 0x0207;
const COMPACT: u16 = 0x027E;
const BOF: u16 = 0x0809;

/// Version of Excel 97 and later.
const BIFF_8: u16 = 0x0600;

/// Type of a sheet of Excel 4 macros.
const MACRO_SHEET: u8 = 1;

/// Mark of a name that belongs to an OLE link.
const OLE_LINK: u16 = 1 << 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_password_is_known() {
        let record = [&[0, 0, 1, 2][..], &verifier(b"VelvetSweatshop").to_le_bytes()].concat();
        assert!(is_default_password(&record));
        assert!(!is_default_password(&[0, 0, 1, 2, 3, 4]));
        assert!(!is_default_password(&[1, 0, 1, 0]));
        assert!(!is_default_password(&[]));
    }

    #[test]
    fn compact_numbers() {
        assert_eq!(compact(123_456 << 2 | 3), "1234.56");
        assert_eq!(compact(100 << 2 | 2), "100");
        assert_eq!(compact(0x3FF0_0000), "1");
    }
}
