//! PowerPoint 97–2003 presentations (MS-PPT).
//!
//! Way in: [`read`]. The stream is a tree of records; it is walked without one, by stepping into
//! every container, and what place a text has is told by the last container that says one.

use flate2::read::ZlibDecoder;

use super::super::Visit;
use super::super::magic::{le16, le32};
use super::super::observation::Place;
use super::ole::{embedded, wide};
use super::{Lines, vba};

/// Reads the stream `PowerPoint Document`; whether it is encrypted.
pub(super) fn read(stream: &[u8], visit: &mut Visit<'_>) -> bool {
    let mut encrypted = false;
    let mut texts = PLACES.map(|place| (place, Lines::new(visit)));
    let (mut place, mut until) = (Place::Body, 0);
    let mut at = 0;
    while let Some(record) = record(stream, at) {
        if at >= until {
            place = Place::Body;
        }
        let start = at + HEADER;
        if record.is_container {
            if let Some(of) = place_of(record.of) {
                (place, until) = (of, start.saturating_add(record.length));
            }
            encrypted |= record.of == CRYPT_SESSION;
            at = start;
            continue;
        }
        let rest = stream.get(start..).unwrap_or_default();
        let data = rest.get(..record.length).unwrap_or(rest);
        let text = match record.of {
            TEXT_CHARS => Some(wide(data)),
            TEXT_BYTES => Some(data.iter().map(|&b| char::from(b)).collect()),
            CSTRING if matches!(place, Place::Footer | Place::Note) => Some(wide(data)),
            OLE_STORAGE => {
                if !storage(data, record.instance, visit) {
                    break;
                }
                None
            }
            CRYPT_SESSION => {
                encrypted = true;
                None
            }
            _ => None,
        };
        if let Some(text) = text
            && let Some((_, lines)) = texts.iter_mut().find(|(p, _)| *p == place)
        {
            lines.push(&text.replace(['\r', '\u{B}'], "\n"));
            lines.push("\n");
        }
        at = start.saturating_add(record.length);
    }
    if encrypted {
        return true;
    }
    texts.into_iter().for_each(|(place, lines)| lines.tell(place, visit));
    false
}

/// An embedded object or the VBA project, packed where the instance says so; `false` where no more
/// members are wanted.
fn storage(data: &[u8], instance: u16, visit: &mut Visit<'_>) -> bool {
    let unpacked;
    let content = if instance == PACKED {
        unpacked = visit.unpack(ZlibDecoder::new(data.get(4..).unwrap_or_default()));
        unpacked.as_slice()
    } else {
        data
    };
    if vba::is_project(content) {
        vba::read(content, visit);
        return true;
    }
    embedded("", content, visit)
}

struct Record {
    is_container: bool,
    instance: u16,
    of: u16,
    length: usize,
}

fn record(stream: &[u8], at: usize) -> Option<Record> {
    let head = stream.get(at..)?.get(..HEADER)?;
    let version = le16(head, 0)?;
    Some(Record {
        is_container: version & 0xF == 0xF,
        instance: version >> 4,
        of: le16(head, 2)?,
        length: usize::try_from(le32(head, 4)?).ok()?,
    })
}

fn place_of(container: u16) -> Option<Place> {
    Some(match container {
        SLIDE | SLIDE_TEXTS => Place::Body,
        NOTES | COMMENT => Place::Note,
        // What stands on a master is seen on every slide.
        MASTER | HEADERS_FOOTERS => Place::Footer,
        _ => return None,
    })
}

const PLACES: [Place; 3] = [Place::Body, Place::Note, Place::Footer];

/// Size of a record's header.
const HEADER: usize = 8;

// Types of records (MS-PPT, 2.13.24).
const SLIDE: u16 = 0x03EE;
const NOTES: u16 = 0x03F0;
const MASTER: u16 = 0x03F8;
const TEXT_CHARS: u16 = 0x0FA0;
const TEXT_BYTES: u16 = 0x0FA8;
const CSTRING: u16 = 0x0FBA;
const HEADERS_FOOTERS: u16 = 0x0FD9;
const SLIDE_TEXTS: u16 = 0x0FF0;
const OLE_STORAGE: u16 = 0x1011;
const COMMENT: u16 = 0x2EE0;
const CRYPT_SESSION: u16 = 0x2F14;

/// Instance of a storage that is packed: its size, then zlib.
const PACKED: u16 = 1;
