//! Properties of compound files (MS-OLEPS): title, subject, author, and the users' own.
//!
//! Way in: [`read`]. Texts are of the code page the set names (932 in Japan) or UTF-16. Offsets are
//! the sender's word and only read.

use super::super::Visit;
use super::super::magic::{le16, le32};
use super::super::observation::Place;
use super::ole::wide;
use super::property;
use crate::message::charset;

/// Tells the texts in a property set stream.
pub(super) fn read(stream: &[u8], visit: &mut Visit<'_>) {
    // Summary information has one set; the document's a second one of the users' own.
    for index in 0..2 {
        let Some(offset) = le32(stream, 28 + 16 + 20 * index) else { break };
        let Some(set) = stream.get(offset as usize..) else { break };
        if le32(stream, 24).is_some_and(|count| count as usize > index) {
            tell(set, visit);
        }
    }
}

fn tell(set: &[u8], visit: &mut Visit<'_>) {
    let count = le32(set, 4).unwrap_or(0).min(MOST_PROPERTIES);
    let property = |i: u32| {
        let at = 8 + 8 * i as usize;
        Some((le32(set, at)?, set.get(le32(set, at + 4)? as usize..)?))
    };
    let all: Vec<(u32, &[u8])> = (0..count).map_while(property).collect();
    let of = |id: u32| all.iter().find(|(i, _)| *i == id).map(|(_, value)| *value);
    let code_page = of(CODE_PAGE).and_then(|v| le16(v, 4)).unwrap_or(0);
    let names = of(DICTIONARY).map(|d| dictionary(d, code_page)).unwrap_or_default();
    for &(id, value) in all.iter().filter(|(id, _)| *id > CODE_PAGE && !SILENT.contains(id)) {
        let Some(text) = text(value, code_page) else { continue };
        let named = names.iter().find(|(i, _)| *i == id);
        match named {
            Some((_, name)) => property::tell(name, text, visit),
            None => visit.text(Place::Property, text),
        }
    }
}

/// A property that is a text.
fn text(value: &[u8], code_page: u16) -> Option<String> {
    let length = le32(value, 4)? as usize;
    let rest = value.get(8..)?;
    match le32(value, 0)? & 0xFFFF {
        VT_LPSTR => Some(decoded(rest.get(..length).unwrap_or(rest), code_page)),
        VT_LPWSTR => Some(wide(rest.get(..length.saturating_mul(2)).unwrap_or(rest))),
        _ => None,
    }
}

/// Names of the users' own properties, by number.
fn dictionary(bytes: &[u8], code_page: u16) -> Vec<(u32, String)> {
    let mut names = Vec::new();
    let mut rest = bytes.get(4..).unwrap_or_default();
    for _ in 0..le32(bytes, 0).unwrap_or(0).min(MOST_PROPERTIES) {
        let (Some(id), Some(length)) = (le32(rest, 0), le32(rest, 4)) else { break };
        let is_wide = code_page == UTF_16;
        let size = length as usize * if is_wide { 2 } else { 1 };
        let Some(name) = rest.get(8..).and_then(|r| r.get(..size)) else { break };
        names.push((id, decoded(name, code_page)));
        let size = if is_wide { size.next_multiple_of(4) } else { size };
        rest = rest.get(8 + size..).unwrap_or_default();
    }
    names
}

fn decoded(bytes: &[u8], code_page: u16) -> String {
    if code_page == UTF_16 {
        return wide(bytes);
    }
    let label = match code_page {
        932 => Some("shift_jis"),
        65001 => Some("utf-8"),
        _ => None,
    };
    let bytes = bytes.split(|&b| b == 0).next().unwrap_or_default();
    charset::decode(bytes, label, None).text.into_owned()
}

const DICTIONARY: u32 = 0;
const CODE_PAGE: u32 = 1;

/// Template and program in the first set; nothing that people wrote.
const SILENT: [u32; 2] = [7, 18];

const VT_LPSTR: u32 = 0x1E;
const VT_LPWSTR: u32 = 0x1F;
const UTF_16: u16 = 1200;

/// Properties of one set that are looked at.
const MOST_PROPERTIES: u32 = 256;
