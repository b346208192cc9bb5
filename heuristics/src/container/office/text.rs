//! Plain text, CSV and XML: text in whatever charset Japanese comes in; and documents of office
//! programs that are one XML file.
//!
//! Way in: [`read`].

use flate2::read::ZlibDecoder;

use super::super::observation::Place;
use super::super::{Kind, Visit};
use super::xml::{self, Event, Events};
use super::{odf, ole, ooxml, vba};
use crate::message::{charset, transfer};

/// Reads a text file.
pub(in super::super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    let is_xml = visit.kind() == Kind::Xml;
    if !(is_xml || visit.wants_text()) || !visit.budget().take_work(content.len()) {
        return;
    }
    let is_document = is_xml && document(&xml::decode(content), visit);
    if visit.wants_text() && !is_document {
        // What `visit.text` pays for is the copy; a text is not unpacked.
        visit.text(Place::Body, charset::decode(content, None, None).text);
    }
}

/// Word 2003's XML, OOXML and OpenDocument as one file, which their programs open like any other;
/// whether it is one.
fn document(text: &str, visit: &mut Visit<'_>) -> bool {
    let Some(root) = xml::root(text) else { return false };
    let mut links = Vec::new();
    match root.name {
        "document" => odf::part(text, &mut links, visit),
        "package" | "wordDocument" => {
            ooxml::flat(text, &mut links, visit);
            binaries(text, visit);
        }
        _ => return false,
    }
    links.drain(..).for_each(|link| visit.observe(link));
    true
}

/// Files in such a document, in base64: macros, objects, pictures.
fn binaries(text: &str, visit: &mut Visit<'_>) {
    let mut inside = false;
    for event in Events::new(text) {
        match event {
            Event::Start(tag) => inside = matches!(tag.name, "binData" | "binaryData"),
            Event::End(_) => inside = false,
            Event::Text(text) if inside && text.len() > SHORTEST => {
                if !visit.budget().take_bytes(text.len()) {
                    return;
                }
                let content = transfer::base64(text.as_bytes());
                if let Some(packed) = content.strip_prefix(ACTIVE_MIME) {
                    // Word 2003 packs its macros: a header of 50 bytes, then zlib.
                    let packed = packed.get(50 - ACTIVE_MIME.len()..).unwrap_or_default();
                    let project = visit.unpack(ZlibDecoder::new(packed));
                    vba::read(&project, visit);
                } else if vba::is_project(&content) {
                    vba::read(&content, visit);
                } else if !ole::embedded("", &content, visit) {
                    return;
                }
            }
            Event::Text(_) => {}
        }
    }
}

const ACTIVE_MIME: &[u8] = b"ActiveMime\0\0";

/// Shortest data worth decoding, in characters.
const SHORTEST: usize = 16;
