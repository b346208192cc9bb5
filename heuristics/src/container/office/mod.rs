//! Office documents: what they say, what they hold, and what they do when opened.
//!
//! Way in: [`read_package`] for those that are ZIP archives, [`ole::read`] for those of 97–2003,
//! [`rtf::read`], [`text::read`]. Of interest are macros, templates and objects fetched from
//! elsewhere, DDE, embedded files, encryption, and, where it is wanted, the text. Each reader looks
//! at content rather than at names.

mod biff;
mod excel;
mod field;
mod odf;
pub(super) mod ole;
mod ooxml;
mod package;
mod powerpoint;
mod property;
pub(crate) mod remote;
pub(super) mod rtf;
mod rtf_words;
mod sheet;
mod summary;
#[cfg(test)]
pub(crate) mod tests;
pub(super) mod text;
mod vba;
mod word;
mod xlsb;
mod xml;

use super::observation::Place;
use super::zip::{Archive, Entry};
use super::{Kind, Visit};
use crate::message::param::{FileName, NameForm};

/// Reads a document that is a ZIP archive, by its kind.
pub(super) fn read_package(archive: &Archive<'_>, visit: &mut Visit<'_>) {
    match visit.kind() {
        Kind::Docx | Kind::Ooxml | Kind::Pptx | Kind::Xlsx => ooxml::read(archive, visit),
        Kind::Odf => odf::read(archive, visit),
        _ => {}
    }
}

/// All of a part, as far as bytes may still be unpacked.
fn unpacked(archive: &Archive<'_>, entry: &Entry<'_>, visit: &mut Visit<'_>) -> Vec<u8> {
    let content = archive.unpack(entry, visit.budget().bytes());
    visit.budget().take_bytes(content.len());
    content
}

/// The name of an embedded file.
fn file_names(name: &str) -> Vec<FileName> {
    if name.is_empty() {
        return Vec::new();
    }
    vec![FileName { text: name.to_owned(), form: NameForm::ArchiveEntry }]
}

/// Streams and storages of a compound file that are looked at.
const MOST_STREAMS: usize = 10_000;

/// Text being put together, no longer than bytes may still be unpacked; nothing where none is
/// wanted.
#[derive(Default)]
struct Lines {
    text: String,
    room: usize,
}

impl Lines {
    fn new(visit: &mut Visit<'_>) -> Lines {
        let room = if visit.wants_text() { visit.budget().bytes() } else { 0 };
        Lines { text: String::new(), room }
    }

    fn push(&mut self, piece: &str) {
        if self.text.len() + piece.len() <= self.room {
            self.text.push_str(piece);
        } else {
            // Nothing after a gap.
            self.room = 0;
        }
    }

    fn tell(self, place: Place, visit: &mut Visit<'_>) {
        visit.text(place, self.text);
    }
}
