//! Text of pages and of the forms drawn on them, in the order of the file.
//!
//! Where a letter stands decides only whether a line ended; columns are not told apart. That is
//! enough to find words and numbers in it.

use std::collections::HashMap;
use std::rc::Rc;

use super::file::Pdf;
use super::font::Font;
use super::object::{Dict, Lexer, Object};
use crate::container::Visit;
use crate::container::observation::Place;

/// Tells the text of pages and drawn forms with these indices.
pub(super) fn read(pdf: &Pdf<'_>, pages: &[usize], visit: &mut Visit<'_>) {
    let mut fonts = Fonts::default();
    for &index in pages {
        let Some(stored) = pdf.stored(index, visit) else { continue };
        let Some(dict) = stored.object.dict() else { continue };
        let mut source = Vec::new();
        if stored.is_stream() {
            source = pdf.unpacked(&stored, visit).map(|u| u.data).unwrap_or_default();
        } else {
            let Some(contents) = dict.value("Contents") else { continue };
            let contents = match pdf.resolve(contents, visit) {
                Some(one) if !one.is_stream() => one.object,
                _ => contents.clone(),
            };
            // Streams of one page are one text, cut anywhere between two words.
            for part in contents.values().iter().take(MOST_PARTS) {
                let Some(part) = pdf.resolve(part, visit) else { continue };
                let part = pdf.unpacked(&part, visit).map(|u| u.data).unwrap_or_default();
                source.extend_from_slice(&part);
                source.push(b'\n');
            }
        }
        if source.is_empty() || !visit.budget().take_work(WORK_A_BYTE * source.len()) {
            continue;
        }
        let named = fonts.named(dict, pdf, visit);
        let text = shown(&source, &named);
        visit.text(Place::Body, text);
    }
}

/// Reading operators and letters.
const WORK_A_BYTE: usize = 2;

/// Streams of one page.
const MOST_PARTS: usize = 1_000;

/// Fonts of one page.
const MOST_FONTS: usize = 256;

/// Holders of a page that are asked for its fonts.
const MOST_HOLDERS: usize = 8;

/// Fonts by name.
type Named = HashMap<Vec<u8>, Rc<Font>>;

/// Every font read so far, by the number of its object.
#[derive(Default)]
struct Fonts(HashMap<u32, Rc<Font>>);

impl Fonts {
    /// The fonts of a page, which it may have from what holds it.
    fn named(&mut self, page: &Dict, pdf: &Pdf<'_>, visit: &mut Visit<'_>) -> Named {
        let mut holder = page.clone();
        for _ in 0..MOST_HOLDERS {
            if let Some(Object::Dict(resources)) = pdf.value(&holder, "Resources", visit) {
                let fonts = pdf.value(&resources, "Font", visit);
                return fonts.as_ref().and_then(Object::dict).map_or_else(Named::new, |fonts| {
                    let each = fonts.entries().take(MOST_FONTS);
                    each.filter_map(|(n, f)| Some((n.to_vec(), self.font(f, pdf, visit)?)))
                        .collect()
                });
            }
            match pdf.value(&holder, "Parent", visit) {
                Some(Object::Dict(parent)) => holder = parent,
                _ => break,
            }
        }
        Named::new()
    }

    fn font(&mut self, font: &Object, pdf: &Pdf<'_>, visit: &mut Visit<'_>) -> Option<Rc<Font>> {
        let number = font.reference();
        if let Some(known) = number.and_then(|n| self.0.get(&n)) {
            return Some(known.clone());
        }
        let stored = pdf.resolve(font, visit)?;
        let read = Rc::new(Font::of(stored.object.dict()?, pdf, visit));
        if let Some(number) = number {
            self.0.insert(number, read.clone());
        }
        Some(read)
    }
}

/// The text that a content stream shows (ISO 32000-1, 9.4).
fn shown(source: &[u8], fonts: &Named) -> String {
    let mut lexer = Lexer::new(source, 0);
    let mut page = Page::default();
    let mut operands: Vec<Object> = Vec::new();
    while let Some(object) = lexer.object() {
        let Object::Word(word) = object else {
            if operands.len() < MOST_OPERANDS {
                operands.push(object);
            }
            continue;
        };
        match word.as_slice() {
            b"Tf" => {
                let name = operands.first().and_then(Object::name).unwrap_or_default();
                page.font = fonts.get(name).cloned();
            }
            b"Td" | b"TD" => page.moved(&operands),
            b"Tm" => page.placed(&operands),
            b"T*" | b"'" | b"\"" => page.line_end(),
            b"BT" | b"cm" => page.gap = true,
            b"ID" => skip_picture(&mut lexer),
            _ => {}
        }
        if matches!(word.as_slice(), b"Tj" | b"TJ" | b"'" | b"\"") {
            for operand in operands.last().map(Object::values).unwrap_or_default() {
                match operand {
                    Object::Text(text) => page.show(text),
                    // Thousandths of the font's size, to the left.
                    Object::Number(kerning) if *kerning < -200.0 => page.gap = true,
                    _ => {}
                }
            }
        }
        operands.clear();
    }
    page.text
}

/// Operands kept of one operator; none takes more than six.
const MOST_OPERANDS: usize = 32;

/// Moves past the bytes of a picture in a content stream.
fn skip_picture(lexer: &mut Lexer<'_>) {
    let rest = lexer.rest();
    let end = memchr::memmem::find_iter(rest, b"EI").find(|&end| {
        let blank = |at: Option<usize>| {
            at.and_then(|at| rest.get(at)).is_none_or(|b| b.is_ascii_whitespace())
        };
        blank(end.checked_sub(1)) && blank(end.checked_add(2))
    });
    lexer.seek(lexer.at() + end.map_or(rest.len(), |end| end + 2));
}

/// A page as its text is read.
#[derive(Default)]
struct Page {
    text: String,
    font: Option<Rc<Font>>,
    /// Where the line stands, across its direction.
    line: f64,
    /// What comes next stands apart from what came before.
    gap: bool,
}

impl Page {
    /// By so much from the beginning of the line.
    fn moved(&mut self, operands: &[Object]) {
        let by = self.across(operands.first(), operands.get(1));
        self.at_line(self.line + by);
    }

    /// To a place.
    fn placed(&mut self, operands: &[Object]) {
        let line = self.across(operands.get(4), operands.get(5));
        self.at_line(line);
    }

    fn across(&self, x: Option<&Object>, y: Option<&Object>) -> f64 {
        let is_vertical = self.font.as_ref().is_some_and(|f| f.is_vertical);
        if is_vertical { x } else { y }.and_then(Object::number).unwrap_or(0.0)
    }

    fn at_line(&mut self, line: f64) {
        if (line - self.line).abs() > SAME_LINE {
            self.line_end();
        }
        self.line = line;
        self.gap = true;
    }

    fn line_end(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn show(&mut self, text: &[u8]) {
        let Some(font) = &self.font else { return };
        let before = self.text.len();
        let last = self.text.chars().next_back();
        font.read(text, &mut self.text);
        // Words of letters stand apart; Japanese is set letter by letter.
        let first = self.text.get(before..).and_then(|t| t.chars().next());
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if self.gap && is_word(last) && is_word(first) {
            self.text.insert(before, ' ');
        }
        self.gap = false;
    }
}

/// Units by which letters of one line may stand higher or lower.
const SAME_LINE: f64 = 1.0;
