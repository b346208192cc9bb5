//! Files packed into documents by Windows' object packager, and OLE 1 objects (MS-OLEDS).
//!
//! Way in: [`native`] for the stream `\1Ole10Native`, [`object`] for the OLE 1 object that RTF
//! writes in hexadecimal. Lengths are the sender's word; what is shorter is taken as it is.

use super::super::magic::{le16, le32};
use super::super::{Visit, observation};
use super::ole::embedded;
use super::remote;
use crate::message::charset;

/// Tells of the file in an `\1Ole10Native` stream: its size, then what was packed.
pub(super) fn native(stream: &[u8], visit: &mut Visit<'_>) {
    let Some(data) = stream.get(4..) else { return };
    match packed(data) {
        Some((name, content)) => embedded(&name, content, visit),
        None => embedded("", data, visit),
    };
}

/// Tells of an OLE 1 object (MS-OLEDS, 2.2): embedded with its data, or linked.
pub(super) fn object(bytes: &[u8], visit: &mut Visit<'_>) {
    if bytes.starts_with(COMPOUND) {
        embedded("", bytes, visit);
        return;
    }
    if read_object(bytes, visit).is_none()
        && let Some(at) = memchr::memmem::find(bytes, COMPOUND)
    {
        // Word finds its way through lies about lengths; so does this.
        embedded("", bytes.get(at..).unwrap_or_default(), visit);
    }
}

fn read_object(bytes: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let form = le32(bytes, 4)?;
    let mut rest = bytes.get(8..)?;
    let class = text(&mut rest)?;
    let topic = text(&mut rest)?;
    let _item = text(&mut rest)?;
    if form == LINKED {
        remote::observation(&topic).into_iter().for_each(|o| visit.observe(o));
        return Some(());
    }
    let size = usize::try_from(le32(rest, 0)?).ok()?;
    let data = rest.get(4..)?;
    let data = data.get(..size).unwrap_or(data);
    match packed(data).filter(|_| !data.starts_with(COMPOUND)) {
        Some((name, content)) => embedded(&name, content, visit),
        None => embedded(&class, data, visit),
    };
    Some(())
}

/// What the packager packs: label, path, where it is put, content. A file is called by its label
/// or, without one, by its path.
fn packed(data: &[u8]) -> Option<(String, &[u8])> {
    let rest = data.get(2..).filter(|_| le16(data, 0) == Some(2))?;
    let (label, rest) = until_zero(rest)?;
    let (path, rest) = until_zero(rest)?;
    // Two words that are always alike, then the path it is unpacked to, with its length.
    let length = usize::try_from(le32(rest, 4)?).ok()?;
    let rest = rest.get(8..)?.get(length..)?;
    let size = usize::try_from(le32(rest, 0)?).ok()?;
    let content = rest.get(4..)?;
    let name = [label, path].into_iter().find(|n| !n.is_empty()).unwrap_or_default();
    Some((decoded(name), content.get(..size).unwrap_or(content)))
}

/// A text with its length before and a zero at its end.
fn text(rest: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(le32(rest, 0)?).ok()?;
    let (text, tail) = rest.get(4..)?.split_at_checked(length)?;
    *rest = tail;
    Some(decoded(text.split(|&b| b == 0).next().unwrap_or_default()))
}

fn until_zero(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(0, bytes)?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

fn decoded(text: &[u8]) -> String {
    let text = text.get(..text.len().min(LONGEST_NAME)).unwrap_or_default();
    observation::excerpt(&charset::decode(text, None, None).text)
}

/// How a compound file begins.
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Form of an object that lies elsewhere.
const LINKED: u32 = 1;

/// Longest name read, in bytes.
const LONGEST_NAME: usize = 1024;
