//! TNEF (MS-OXTNEF): Outlook's `winmail.dat`.
//!
//! Way in: `read`. A stream of attributes; an attachment is a run of them, most of its names and an
//! attached message's content stand in its MAPI properties. Lengths are believed only as far as there
//! are bytes, checksums are not looked at (readers do not), and contents are borrowed.

use std::borrow::Cow;

use super::Visit;
use super::magic::{le16, le32};
use super::mapi::{self, Body, id, kind};

/// Tells the attachments and the text of the message.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    if !visit.budget().take_work(content.len()) {
        return;
    }
    let mut code_page = None;
    let mut body = Body::default();
    let mut attachment: Option<Attachment<'_>> = None;
    for (tag, data) in attributes(content.get(6..).unwrap_or_default()) {
        match tag {
            tag::OEM_CODE_PAGE => code_page = le32(data, 0),
            tag::SUBJECT => body.subject = mapi::string(kind::STRING, data, code_page),
            tag::BODY => body.plain = mapi::string(kind::STRING, data, code_page),
            tag::MESSAGE_PROPERTIES => take_body(&mut body, data, code_page),
            tag::RENDERING => {
                let before = attachment.replace(Attachment::default());
                if !before.is_none_or(|a| a.tell(visit)) {
                    return;
                }
            }
            // Some writers leave the rendering data out.
            _ => attachment.get_or_insert_default().take(tag, data, code_page),
        }
    }
    if attachment.is_none_or(|a| a.tell(visit)) {
        body.tell(visit);
    }
}

/// Attributes (MS-OXTNEF, 2.1.3.2): type in the upper half, identifier in the lower.
mod tag {
    pub(super) const SUBJECT: u32 = 0x0001_8004;
    pub(super) const BODY: u32 = 0x0002_800C;
    pub(super) const TITLE: u32 = 0x0001_8010;
    pub(super) const DATA: u32 = 0x0006_800F;
    pub(super) const TRANSPORT_NAME: u32 = 0x0006_9001;
    pub(super) const RENDERING: u32 = 0x0006_9002;
    pub(super) const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
    pub(super) const PROPERTIES: u32 = 0x0006_9005;
    pub(super) const OEM_CODE_PAGE: u32 = 0x0006_9007;
}

/// Identifier of an attached message; an OLE object has another.
const MESSAGE: &[u8] = b"\x07\x03\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46";

/// Most names of one attachment, and most values of one property.
const MOST_NAMES: usize = 16;

/// The attributes of a stream, as far as they are whole; the last one may be cut.
fn attributes(stream: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let (tag, size) = (le32(rest, 1)?, le32(rest, 5)? as usize);
        let data = rest.get(9..)?;
        let (data, tail) = data.split_at_checked(size).unwrap_or((data, &[]));
        // Two bytes of checksum.
        rest = tail.get(2..).unwrap_or_default();
        Some((tag, data))
    })
}

fn take_body<'a>(body: &mut Body<'a>, data: &'a [u8], code_page: Option<u32>) {
    for property in properties(data) {
        match (property.id, property.kind) {
            (id::SUBJECT, _) => body.subject = property.string(code_page),
            (id::BODY, _) => body.plain = property.string(code_page),
            (id::HTML, kind::UNICODE) => {
                body.html = Some(Cow::Owned(property.string(code_page).into_bytes()));
            }
            (id::HTML, _) => body.html = Some(Cow::Borrowed(property.value)),
            (id::RTF, _) => body.rtf = Some(Cow::Borrowed(property.value)),
            _ => {}
        }
    }
}

/// One attachment.
#[derive(Default)]
struct Attachment<'a> {
    names: Vec<String>,
    data: Option<&'a [u8]>,
}

impl<'a> Attachment<'a> {
    fn take(&mut self, tag: u32, data: &'a [u8], code_page: Option<u32>) {
        match tag {
            tag::TITLE | tag::TRANSPORT_NAME => {
                self.name(mapi::string(kind::STRING, data, code_page));
            }
            tag::DATA => self.data = Some(data),
            tag::PROPERTIES => {
                for property in properties(data) {
                    match property.id {
                        id::LONG_NAME => {
                            // What most people see, before the short forms.
                            let name = property.string(code_page);
                            self.name(name);
                            self.names.rotate_right(1);
                        }
                        id::SHORT_NAME | id::DISPLAY_NAME => self.name(property.string(code_page)),
                        id::DATA if property.kind == kind::OBJECT => {
                            let inner = property.value.strip_prefix(MESSAGE);
                            self.data = inner.or(property.value.get(16..)).or(self.data);
                        }
                        id::DATA => self.data = Some(property.value),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn name(&mut self, name: String) {
        if self.names.len() < MOST_NAMES && !name.is_empty() {
            self.names.push(name);
        }
    }

    fn tell(self, visit: &mut Visit<'_>) -> bool {
        if self.names.is_empty() && self.data.is_none() {
            return true;
        }
        mapi::file(self.names, Cow::Borrowed(self.data.unwrap_or_default()), visit)
    }
}

/// A MAPI property and its first value.
struct Property<'a> {
    id: u16,
    kind: u16,
    value: &'a [u8],
}

impl Property<'_> {
    fn string(&self, code_page: Option<u32>) -> String {
        mapi::string(self.kind, self.value, code_page)
    }
}

/// The properties of a list (MS-OXTNEF, 2.1.3.4), up to the first whose size is not known.
fn properties(data: &[u8]) -> impl Iterator<Item = Property<'_>> {
    let mut rest = data.get(4..).unwrap_or_default();
    std::iter::from_fn(move || property(&mut rest))
}

fn property<'a>(rest: &mut &'a [u8]) -> Option<Property<'a>> {
    const NAMED: u16 = 0x8000;
    const MANY: u16 = 0x1000;
    let (kind, id) = (le16(rest, 0)?, le16(rest, 2)?);
    *rest = rest.get(4..)?;
    if id >= NAMED {
        let by_name = le32(rest, 16)? == 1;
        let size = le32(rest, 20)?;
        *rest = rest.get(24..)?;
        if by_name {
            take(rest, size)?;
        }
    }
    let fixed = match kind & !MANY {
        0x02 | 0x03 | 0x04 | 0x0A | 0x0B => Some(4),
        0x05..=0x07 | 0x14 | 0x40 => Some(8),
        0x48 => Some(16),
        kind::OBJECT | kind::STRING | kind::UNICODE | kind::BINARY => None,
        _ => return None,
    };
    // Values of no fixed size always have a count.
    let count = if fixed.is_none() || kind & MANY != 0 {
        let count = le32(rest, 0)?;
        *rest = rest.get(4..)?;
        count
    } else {
        1
    };
    let mut first = None;
    for _ in 0..count {
        let size = match fixed {
            Some(size) => size,
            None => {
                let size = le32(rest, 0)?;
                *rest = rest.get(4..)?;
                size
            }
        };
        let value = take(rest, size)?;
        first.get_or_insert(value);
    }
    Some(Property { id, kind: kind & !MANY, value: first.unwrap_or_default() })
}

/// Takes a value and the bytes that fill it up to a multiple of four; a cut one is what is there.
fn take<'a>(rest: &mut &'a [u8], size: u32) -> Option<&'a [u8]> {
    let size = size as usize;
    if rest.is_empty() && size > 0 {
        return None;
    }
    let value = rest.get(..size).unwrap_or(rest);
    *rest = rest.get(size.checked_next_multiple_of(4)?..).unwrap_or_default();
    Some(value)
}

#[cfg(test)]
mod tests;
