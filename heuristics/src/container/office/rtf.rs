//! RTF (1.9.1): text, embedded and linked objects, remote templates, fields.
//!
//! Way in: [`read`]. Word forgives nearly everything, and so does this: objects, templates and
//! fields are found in whatever group they stand, hexadecimal digits are collected over white space,
//! control words and groups, and a group that nothing closes ends with the file. Text is decoded by
//! the charset of its font, which is how Japanese is written where it is not `\u`.

use std::collections::BTreeMap;
use std::mem::take;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::super::observation::{Observation, Place};
use super::super::{Kind, Visit, magic};
use super::field::Fields;
use super::ole::embedded;
use super::rtf_words::{charset_of, code_page, is_passed_over, place_of, symbol};
use super::{Lines, package, remote};

/// Reads a document.
pub(in super::super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    if !visit.budget().take_work(content.len()) {
        return;
    }
    let mut reader = Reader::new(content, visit);
    while reader.step(visit) {}
    reader.finish(visit);
}

/// Where the characters of a group go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Destination {
    Text(Place),
    /// The instruction of a field.
    Instruction,
    FontTable,
    /// Hexadecimal digits of an OLE object.
    Object,
    /// Hexadecimal digits of a picture.
    Picture,
    Template,
    /// Nowhere.
    Nothing,
}

/// What a group inherits.
#[derive(Clone, Copy)]
struct Group {
    destination: Destination,
    encoding: &'static Encoding,
    /// Characters that follow a `\u` for those who cannot read it.
    alternatives: usize,
    /// The destination begins with this group, and ends with it.
    is_own: bool,
    /// It is a field.
    is_field: bool,
    /// Where the bytes of its object or picture begin.
    start: usize,
}

struct Reader<'r> {
    rest: &'r [u8],
    groups: Vec<Group>,
    /// Groups deeper than [`DEEPEST`]; they are as the deepest one.
    deeper: usize,
    group: Group,
    fonts: BTreeMap<i32, &'static Encoding>,
    font: i32,
    /// The font of text that names none.
    default_font: i32,
    /// `\dbch` was read: the associated font is that of double-byte text.
    is_double_byte: bool,
    default: &'static Encoding,
    /// `\*` was read: the next word may be passed over.
    is_optional: bool,
    /// Characters left to pass over after `\u`.
    skip: usize,
    /// First half of a character outside the basic plane.
    high: Option<u16>,
    /// Bytes of text not yet decoded.
    bytes: Vec<u8>,
    /// Bytes of an object or picture, and the digit before.
    data: Vec<u8>,
    digit: Option<u8>,
    template: String,
    fields: Fields,
    texts: Vec<(Place, Lines)>,
    links: Vec<Observation>,
    /// No more members are wanted.
    is_full: bool,
}

impl<'r> Reader<'r> {
    fn new(content: &'r [u8], visit: &mut Visit<'_>) -> Reader<'r> {
        let group = Group {
            destination: Destination::Text(Place::Body),
            encoding: WINDOWS_1252,
            alternatives: 1,
            is_own: false,
            is_field: false,
            start: 0,
        };
        Reader {
            rest: content,
            groups: Vec::new(),
            deeper: 0,
            group,
            fonts: BTreeMap::new(),
            font: 0,
            default_font: 0,
            is_double_byte: false,
            default: WINDOWS_1252,
            is_optional: false,
            skip: 0,
            high: None,
            bytes: Vec::new(),
            data: Vec::new(),
            digit: None,
            template: String::new(),
            fields: Fields::default(),
            texts: PLACES.iter().map(|&place| (place, Lines::new(visit))).collect(),
            links: Vec::new(),
            is_full: false,
        }
    }

    /// Reads one group border, control word or character; `false` at the end.
    fn step(&mut self, visit: &mut Visit<'_>) -> bool {
        let Some((&first, rest)) = self.rest.split_first() else { return false };
        self.rest = rest;
        match first {
            b'{' => self.open(),
            b'}' => self.close(visit),
            b'\\' => self.control(),
            b'\r' | b'\n' | 0 => {}
            _ => self.byte(first),
        }
        !self.is_full
    }

    fn open(&mut self) {
        self.flush();
        self.skip = 0;
        if self.groups.len() < DEEPEST {
            self.groups.push(self.group);
            (self.group.is_own, self.group.is_field) = (false, false);
        } else {
            self.deeper += 1;
        }
    }

    fn close(&mut self, visit: &mut Visit<'_>) {
        self.flush();
        self.skip = 0;
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        if self.group.is_own {
            self.end_destination(visit);
        }
        if self.group.is_field {
            let found = self.fields.end();
            self.tell(found, visit);
        }
        let were_fonts = self.group.is_own && self.group.destination == Destination::FontTable;
        if let Some(outer) = self.groups.pop() {
            self.group = outer;
        }
        if were_fonts {
            self.font(self.default_font);
        }
    }

    fn end_destination(&mut self, visit: &mut Visit<'_>) {
        match self.group.destination {
            Destination::Instruction => self.fields.separate(),
            Destination::Template => {
                let target = take(&mut self.template);
                remote::observation(&target).into_iter().for_each(|o| visit.observe(o));
            }
            Destination::Object => {
                let data = self.data();
                if !data.is_empty() && visit.budget().take_bytes(data.len()) {
                    package::object(&data, visit);
                }
                self.is_full = visit.budget().members() == 0;
            }
            Destination::Picture => {
                let data = self.data();
                // Metafiles are of no kind known here.
                if magic::kind(&data).is_picture() && visit.budget().take_bytes(data.len()) {
                    self.is_full = !embedded("", &data, visit);
                }
            }
            // Values of properties are apart.
            Destination::Text(Place::Property) => self.text("\n"),
            _ => {}
        }
    }

    fn control(&mut self) {
        let Some((&first, rest)) = self.rest.split_first() else { return };
        if !first.is_ascii_alphabetic() {
            self.rest = rest;
            match first {
                b'\'' => {
                    let value = rest
                        .first_chunk::<2>()
                        .and_then(|two| Some(hex(two[0])? << 4 | hex(two[1])?));
                    if let Some(value) = value {
                        self.rest = rest.get(2..).unwrap_or_default();
                        self.character(value);
                    }
                }
                b'*' => self.is_optional = true,
                b'\\' | b'{' | b'}' => self.character(first),
                b'~' => self.character(b' '),
                b'\r' | b'\n' => self.text("\n"),
                _ => {}
            }
            return;
        }
        let end = self.rest.iter().position(|b| !b.is_ascii_alphabetic());
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let (parameter, rest) = number(rest);
        self.rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let word = std::str::from_utf8(word).unwrap_or_default();
        self.word(word, parameter);
        self.is_optional = false;
    }

    fn word(&mut self, word: &str, parameter: Option<i32>) {
        let number = parameter.unwrap_or(0);
        match word {
            "bin" => self.binary(number),
            "u" => self.unicode(number),
            "uc" => self.group.alternatives = usize::try_from(number).unwrap_or(0).min(16),
            "ansicpg" => {
                self.default = code_page(number).unwrap_or(self.default);
                self.group.encoding = self.default;
            }
            "deff" => self.default_font = number,
            "dbch" => self.is_double_byte = true,
            "hich" | "loch" => self.is_double_byte = false,
            "af" if self.is_double_byte => self.font(number),
            "f" => self.font(number),
            "plain" => self.font(self.default_font),
            "fcharset" if self.group.destination == Destination::FontTable => {
                self.flush();
                let encoding = charset_of(number).unwrap_or(self.default);
                self.group.encoding = encoding;
                if self.fonts.len() < MOST_FONTS {
                    self.fonts.insert(self.font, encoding);
                }
            }
            "field" => self.group.is_field = true,
            "fldinst" => {
                self.fields.begin();
                self.enter(Destination::Instruction);
            }
            // The text a field shows stands wherever the field does.
            "fldrslt" => self.enter_outer(),
            "fonttbl" => self.enter(Destination::FontTable),
            "objdata" => self.enter(Destination::Object),
            "pict" => self.enter(Destination::Picture),
            "template" => self.enter(Destination::Template),
            "shppict" | "shpinst" => {}
            _ => self.other(word),
        }
    }

    fn font(&mut self, number: i32) {
        self.flush();
        self.font = number;
        self.group.encoding = self.fonts.get(&number).copied().unwrap_or(self.default);
    }

    fn other(&mut self, word: &str) {
        if let Some(place) = place_of(word) {
            self.enter(Destination::Text(place));
        } else if is_passed_over(word) || self.is_optional {
            self.enter(Destination::Nothing);
        } else if let Some(text) = symbol(word) {
            self.flush();
            self.text(text);
        }
    }

    fn enter(&mut self, destination: Destination) {
        use Destination::{Instruction, Object, Picture, Template};
        self.flush();
        let current = self.group.destination;
        if self.group.is_own && matches!(current, Instruction | Object | Template) {
            // What is being collected goes on behind words that do not belong there.
            return;
        }
        if matches!(destination, Object | Picture) {
            (self.group.start, self.digit) = (self.data.len(), None);
        }
        self.group.destination = destination;
        self.group.is_own = true;
    }

    /// The bytes of the object or picture that ends.
    fn data(&mut self) -> Vec<u8> {
        self.digit = None;
        self.data.split_off(self.group.start.min(self.data.len()))
    }

    /// Out of an instruction, to the text around the field.
    fn enter_outer(&mut self) {
        self.flush();
        let text = self.groups.iter().rev().take(MOST_FIELDS).find_map(|g| match g.destination {
            Destination::Instruction => None,
            other => Some(other),
        });
        self.group.destination = text.unwrap_or(Destination::Text(Place::Body));
    }

    fn is_collecting(&self) -> bool {
        matches!(self.group.destination, Destination::Object | Destination::Picture)
    }

    /// `\bin`: so many bytes that are nothing but bytes.
    fn binary(&mut self, count: i32) {
        let count = usize::try_from(count).unwrap_or(0).min(self.rest.len());
        let (bytes, rest) = self.rest.split_at(count);
        self.rest = rest;
        if self.is_collecting() {
            self.data.extend_from_slice(bytes);
        }
    }

    fn unicode(&mut self, number: i32) {
        self.flush();
        // Numbers above 32,767 are written as negative ones.
        let unit = (number & 0xFFFF) as u16;
        let units = [self.high.take().unwrap_or(0), unit];
        let units = if units[0] == 0 { units.get(1..) } else { units.get(..) };
        for c in char::decode_utf16(units.unwrap_or_default().iter().copied()) {
            match c {
                Ok(c) => self.text(c.encode_utf8(&mut [0; 4])),
                Err(half) if half.unpaired_surrogate() == unit => self.high = Some(unit),
                Err(_) => {}
            }
        }
        self.skip = self.group.alternatives;
    }

    fn byte(&mut self, byte: u8) {
        if !self.is_collecting() {
            self.character(byte);
        } else if let Some(low) = hex(byte) {
            match self.digit.take() {
                Some(high) => self.data.push(high << 4 | low),
                None => self.digit = Some(low),
            }
        }
    }

    /// A byte of text.
    fn character(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if !matches!(self.group.destination, Destination::Nothing | Destination::FontTable)
            && !self.is_collecting()
        {
            self.bytes.push(byte);
        }
    }

    /// Decodes the bytes of text so far.
    fn flush(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = take(&mut self.bytes);
        let (text, _) = self.group.encoding.decode_without_bom_handling(&bytes);
        self.text(&text);
        self.bytes = bytes;
        self.bytes.clear();
    }

    fn text(&mut self, text: &str) {
        if !self.bytes.is_empty() {
            self.flush();
        }
        match self.group.destination {
            Destination::Instruction => self.fields.push(text),
            Destination::Template if self.template.len() < LONGEST_TARGET => {
                self.template.push_str(text);
            }
            Destination::Text(place) => {
                if let Some((_, lines)) = self.texts.iter_mut().find(|(p, _)| *p == place) {
                    lines.push(text);
                }
            }
            _ => {}
        }
    }

    fn tell(&mut self, found: Option<Observation>, visit: &mut Visit<'_>) {
        match found {
            Some(link @ Observation::Link(_)) if self.links.len() < MOST_LINKS => {
                self.links.push(link);
            }
            Some(Observation::Link(_)) | None => {}
            Some(other) => visit.observe(other),
        }
    }

    fn finish(mut self, visit: &mut Visit<'_>) {
        // Groups that are still open end here.
        self.deeper = 0;
        while !self.groups.is_empty() && !self.is_full {
            self.close(visit);
        }
        self.flush();
        for found in self.fields.finish() {
            self.tell(Some(found), visit);
        }
        for (place, lines) in take(&mut self.texts) {
            lines.tell(place, visit);
        }
        self.links.drain(..).for_each(|link| visit.observe(link));
        if visit.kind() != Kind::Rtf {
            visit.set_kind(Kind::Rtf);
        }
    }
}

/// A number behind a control word, and what follows it.
fn number(bytes: &[u8]) -> (Option<i32>, &[u8]) {
    let (is_negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, bytes),
    };
    let end = digits.iter().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
    if end == 0 {
        return (None, bytes);
    }
    let (digits, rest) = digits.split_at(end);
    let value = digits
        .iter()
        .fold(0i32, |sum, b| sum.saturating_mul(10).saturating_add(i32::from(b - b'0')));
    (Some(if is_negative { -value } else { value }), rest)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

const PLACES: [Place; 5] =
    [Place::Body, Place::Header, Place::Footer, Place::Note, Place::Property];

/// Groups inside each other that are told apart.
const DEEPEST: usize = 1000;

/// Fields inside each other out of which the text they show is told.
const MOST_FIELDS: usize = 64;

/// Fonts that are remembered.
const MOST_FONTS: usize = 4096;

/// Longest path of a template, in bytes.
const LONGEST_TARGET: usize = 4096;

/// Links kept of one document.
const MOST_LINKS: usize = 64;
