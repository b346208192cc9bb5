//! Office documents of 97–2003 and other compound files (MS-CFB): what their streams are.
//!
//! Way in: [`read`]. Streams are told by their names wherever they lie, so an object embedded in a
//! document is looked at like the document; encryption is that of the outermost one. Streams are
//! read one after the other and paid for.

use cfb::CompoundFile;
use std::io::Cursor;

use super::super::magic::{le16, le32};
use super::super::observation::Observation;
use super::super::{Content, Encryption, Kind, Member, Role, Visit, compound};
use super::{MOST_STREAMS, excel, file_names, package, powerpoint, remote, summary, vba, word};

/// Reads a compound file whose kind the visit knows.
pub(in super::super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    vba::read(content, visit);
    let Some(file) = compound::open(content) else {
        visit.damaged("its sectors");
        return;
    };
    let mut streams = Streams { file, content };
    let entries: Vec<cfb::Entry> = streams.file.walk().take(MOST_STREAMS).collect();
    let (mut encrypted, mut is_known) = (false, false);
    for entry in entries.iter().filter(|e| e.is_stream()) {
        let path = entry.path().to_string_lossy().into_owned();
        let folder = entry.path().parent().map(|p| p.to_string_lossy().into_owned());
        let folder = folder.unwrap_or_default();
        let is_outermost = folder == "/";
        let name = entry.name().to_ascii_lowercase();
        let is_encrypted = match name.as_str() {
            "worddocument" => word::read(&path, &folder, &mut streams, visit),
            "workbook" | "book" => excel::read(&streams.stream(&path, visit), visit),
            "powerpoint document" => powerpoint::read(&streams.stream(&path, visit), visit),
            // Of presentations (MS-PPT, 2.3.7).
            "encryptedsummary" => true,
            "\u{1}ole10native" => {
                let native = streams.stream(&path, visit);
                package::native(&native, visit);
                continue;
            }
            "package" | "equation native" => {
                let whole = streams.stream(&path, visit);
                embedded(entry.name(), &whole, visit);
                continue;
            }
            "\u{1}ole" => {
                let link = streams.stream(&path, visit);
                moniker(&link).into_iter().for_each(|o| visit.observe(o));
                continue;
            }
            "\u{5}summaryinformation" | "\u{5}documentsummaryinformation" => {
                if visit.wants_text() {
                    let set = streams.stream(&path, visit);
                    summary::read(&set, visit);
                }
                continue;
            }
            _ => continue,
        };
        encrypted |= is_encrypted && is_outermost;
        is_known |= is_outermost;
    }
    if is_known && visit.kind() != Kind::EncryptedOffice {
        let encryption = if encrypted { Encryption::Encrypted } else { Encryption::Clear };
        visit.set_encryption(encryption);
    }
}

/// The streams of a compound file.
pub(super) struct Streams<'c> {
    file: CompoundFile<Cursor<&'c [u8]>>,
    content: &'c [u8],
}

impl Streams<'_> {
    /// What a stream holds; nothing where there is none.
    pub(super) fn stream(&mut self, path: &str, visit: &mut Visit<'_>) -> Vec<u8> {
        let stream = compound::stream(&mut self.file, self.content, path, visit);
        let stream = stream.unwrap_or_default();
        if visit.budget().take_work(stream.len()) { stream } else { Vec::new() }
    }
}

/// Tells of an embedded file.
pub(super) fn embedded(name: &str, content: &[u8], visit: &mut Visit<'_>) -> bool {
    visit.member(Member {
        names: file_names(name),
        size: content.len() as u64,
        encryption: Encryption::Clear,
        role: Role::Embedded,
        content: Content::Whole(content.into()),
    })
}

/// Where an object is fetched from: the monikers in its `\1Ole` stream (MS-OLEDS, 2.3.3). Only
/// their texts are looked for, since they hold each other in many ways.
fn moniker(stream: &[u8]) -> Option<Observation> {
    for at in memchr::memmem::find_iter(stream, &URL_MONIKER).take(MOST_MONIKERS) {
        let rest = stream.get(at + URL_MONIKER.len()..)?;
        let length = usize::try_from(le32(rest, 0)?).ok()?;
        let text = rest.get(4..)?;
        let target = wide(text.get(..length).unwrap_or(text));
        if let Some(found) = remote::observation(&target) {
            return Some(found);
        }
    }
    for at in memchr::memmem::find_iter(stream, &FILE_MONIKER).take(MOST_MONIKERS) {
        // Levels up, then the path with its length.
        let rest = stream.get(at + FILE_MONIKER.len() + 2..)?;
        let length = usize::try_from(le32(rest, 0)?).ok()?;
        let text = rest.get(4..)?;
        let path = text.get(..length).unwrap_or(text).split(|&b| b == 0).next()?;
        let found = remote::observation(&String::from_utf8_lossy(path));
        if found.is_some() {
            return found;
        }
    }
    None
}

/// UTF-16 up to its first zero.
pub(super) fn wide(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).filter_map(|c| le16(c, 0)).take_while(|&u| u != 0);
    char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect()
}

/// Classes of the monikers for URLs and files.
const URL_MONIKER: [u8; 16] =
    [0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C, 0x82, 0, 0xAA, 0, 0x4B, 0xA9, 0x0B];
const FILE_MONIKER: [u8; 16] = [3, 3, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];

/// Monikers of each kind that are looked at.
const MOST_MONIKERS: usize = 8;
