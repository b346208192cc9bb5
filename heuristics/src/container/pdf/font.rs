//! From the codes of a font to characters.
//!
//! A font says what its codes mean by a ToUnicode map (ISO 32000-1, 9.10.3), or by the name of an
//! encoding known to all (9.7.5.2), of which those for Japanese, Chinese and Korean that are plain
//! charsets are read. Codes of fonts that say nothing (`Identity-H` without a map) mean nothing.

use std::collections::HashMap;

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_16BE, WINDOWS_1252};

use super::file::Pdf;
use super::object::{Dict, Lexer, Object};
use crate::container::Visit;

/// How a font's codes are read.
pub(super) struct Font {
    codes: Codes,
    /// Lines run from top to bottom.
    pub(super) is_vertical: bool,
}

enum Codes {
    /// By a map of its own; bytes to a code.
    Mapped(Map, usize),
    /// In a charset.
    Charset(&'static Encoding),
    /// JIS X 0208 without its high bits.
    Jis,
    /// One byte each; letters that differ from Windows-1252.
    Simple(HashMap<u8, char>),
    /// Of no known meaning.
    Unknown,
}

/// What codes mean.
#[derive(Default)]
struct Map {
    single: HashMap<u32, String>,
    /// First code, last code, what the first means; sorted.
    ranges: Vec<(u32, u32, String)>,
    /// Bytes of a code, where the map says so.
    width: Option<usize>,
}

/// Codes and ranges kept of one map; a font has no more than 65,536 characters.
const MOST_CODES: usize = 70_000;

impl Font {
    /// Reads what a font says of itself.
    pub(super) fn of(font: &Dict, pdf: &Pdf<'_>, visit: &mut Visit<'_>) -> Font {
        let is_composite = font.name("Subtype") == b"Type0";
        let encoding = pdf.value(font, "Encoding", visit);
        let name = encoding.as_ref().and_then(Object::name).unwrap_or_default();
        let is_vertical = is_composite && (name.ends_with(b"-V") || name == b"V");
        let predefined = if is_composite { predefined(name) } else { None };
        if let Some(codes) = predefined {
            return Font { codes, is_vertical };
        }
        let map = font.value("ToUnicode").and_then(|map| pdf.resolve(map, visit));
        let map = map.and_then(|map| pdf.unpacked(&map, visit));
        let codes = match map {
            Some(map) => {
                let map = Map::read(&map.data);
                let width = map.width.unwrap_or(if is_composite { 2 } else { 1 });
                Codes::Mapped(map, width)
            }
            None if is_composite => Codes::Unknown,
            None => Codes::Simple(differences(encoding.as_ref().and_then(Object::dict))),
        };
        Font { codes, is_vertical }
    }

    /// The characters of a text shown in this font.
    pub(super) fn read(&self, text: &[u8], out: &mut String) {
        match &self.codes {
            Codes::Mapped(map, width) => {
                for code in text.chunks(*width) {
                    map.look_up(code.iter().fold(0, |n, &b| n << 8 | u32::from(b)), out);
                }
            }
            Codes::Charset(charset) => {
                out.push_str(&charset.decode_without_bom_handling(text).0);
            }
            Codes::Jis => {
                let raised: Vec<u8> = text.iter().map(|b| b | 0x80).collect();
                out.push_str(&EUC_JP.decode_without_bom_handling(&raised).0);
            }
            Codes::Simple(differences) if differences.is_empty() => {
                out.push_str(&WINDOWS_1252.decode_without_bom_handling(text).0);
            }
            Codes::Simple(differences) => {
                for byte in text {
                    match differences.get(byte) {
                        Some(&letter) => out.push(letter),
                        None => out.push_str(&WINDOWS_1252.decode_without_bom_handling(&[*byte]).0),
                    }
                }
            }
            Codes::Unknown => {}
        }
    }
}

impl Map {
    fn read(source: &[u8]) -> Map {
        let mut map = Map::default();
        let mut lexer = Lexer::new(source, 0);
        let mut operands: Vec<Object> = Vec::new();
        while let Some(object) = lexer.object() {
            let Object::Word(word) = object else {
                if operands.len() < 3 * MOST_CODES {
                    operands.push(object);
                }
                continue;
            };
            match word.as_slice() {
                b"endbfchar" => {
                    for pair in operands.chunks_exact(2) {
                        map.add(pair.first(), pair.first(), pair.get(1));
                    }
                }
                b"endbfrange" => {
                    for three in operands.chunks_exact(3) {
                        map.add(three.first(), three.get(1), three.get(2));
                    }
                }
                b"endcodespacerange" => {
                    let widths = operands.iter().filter_map(Object::bytes).map(<[u8]>::len);
                    map.width = widths.max().filter(|width| (1..=4).contains(width));
                }
                _ => {}
            }
            operands.clear();
        }
        map.ranges.sort_by_key(|r| r.0);
        map
    }

    fn add(&mut self, first: Option<&Object>, last: Option<&Object>, to: Option<&Object>) {
        let code = |object: Option<&Object>| {
            let bytes = object?.bytes().filter(|b| b.len() <= 4)?;
            Some(bytes.iter().fold(0u32, |n, &b| n << 8 | u32::from(b)))
        };
        let (Some(first), Some(last), Some(to)) = (code(first), code(last), to) else { return };
        if self.single.len() + self.ranges.len() >= MOST_CODES {
            return;
        }
        match to {
            Object::Array(each) => {
                for (code, to) in (first..=last).zip(each) {
                    if let Some(to) = to.bytes() {
                        self.single.insert(code, utf16(to));
                    }
                }
            }
            Object::Text(to) if first == last => drop(self.single.insert(first, utf16(to))),
            Object::Text(to) => self.ranges.push((first, last, utf16(to))),
            _ => {}
        }
    }

    fn look_up(&self, code: u32, out: &mut String) {
        if let Some(text) = self.single.get(&code) {
            out.push_str(text);
            return;
        }
        let after = self.ranges.partition_point(|r| r.0 <= code);
        let Some((first, last, text)) = after.checked_sub(1).and_then(|i| self.ranges.get(i))
        else {
            return;
        };
        let mut letters = text.chars();
        let (Some(letter), true) = (letters.next_back(), code <= *last) else { return };
        out.push_str(letters.as_str());
        out.extend(char::from_u32((letter as u32).saturating_add(code - first)));
    }
}

fn utf16(bytes: &[u8]) -> String {
    // One letter is enough for any code; ligatures have a few.
    let bytes = bytes.get(..32).unwrap_or(bytes);
    if let [byte] = bytes {
        return char::from(*byte).to_string();
    }
    UTF_16BE.decode_without_bom_handling(bytes).0.into_owned()
}

/// Encodings that are charsets.
fn predefined(name: &[u8]) -> Option<Codes> {
    let has = |part: &[u8]| memchr::memmem::find(name, part).is_some();
    Some(match name {
        b"H" | b"V" => Codes::Jis,
        _ if has(b"UTF16") || has(b"UCS2") => Codes::Charset(UTF_16BE),
        _ if has(b"RKSJ") => Codes::Charset(SHIFT_JIS),
        b"EUC-H" | b"EUC-V" => Codes::Charset(EUC_JP),
        _ if name.starts_with(b"GB") => Codes::Charset(GBK),
        _ if name.starts_with(b"KSC") => Codes::Charset(EUC_KR),
        _ if has(b"B5") => Codes::Charset(BIG5),
        _ => return None,
    })
}

/// Letters that an encoding names one by one (9.6.6): numbers begin a run, names fill it.
fn differences(encoding: Option<&Dict>) -> HashMap<u8, char> {
    let mut letters = HashMap::new();
    let mut code = 0usize;
    let all = encoding.and_then(|e| e.value("Differences")).map(Object::values);
    for value in all.unwrap_or_default() {
        match value {
            Object::Number(_) => code = value.count().unwrap_or(0),
            Object::Name(name) => {
                if let (Ok(code), Some(letter)) = (u8::try_from(code), letter(name)) {
                    letters.insert(code, letter);
                }
                code += 1;
            }
            _ => {}
        }
    }
    letters
}

/// The letter of a glyph name (Adobe Glyph List), where the name says it or is one of a few.
fn letter(name: &[u8]) -> Option<char> {
    let name = std::str::from_utf8(name).ok()?;
    let mut letters = name.chars();
    if let (Some(only), None) = (letters.next(), letters.next()) {
        return Some(only);
    }
    let code = name.strip_prefix("uni").or_else(|| name.strip_prefix('u'));
    if let Some(letter) =
        code.and_then(|c| u32::from_str_radix(c, 16).ok()).and_then(char::from_u32)
    {
        return Some(letter);
    }
    NAMED.iter().find(|(n, _)| *n == name).map(|&(_, letter)| letter)
}

static NAMED: &[(&str, char)] = &[
    ("space", ' '),
    ("zero", '0'),
    ("one", '1'),
    ("two", '2'),
    ("three", '3'),
    ("four", '4'),
    ("five", '5'),
    ("six", '6'),
    ("seven", '7'),
    ("eight", '8'),
    ("nine", '9'),
    ("period", '.'),
    ("comma", ','),
    ("colon", ':'),
    ("slash", '/'),
    ("hyphen", '-'),
    ("at", '@'),
    ("underscore", '_'),
    ("percent", '%'),
    ("ampersand", '&'),
    ("parenleft", '('),
    ("parenright", ')'),
];
