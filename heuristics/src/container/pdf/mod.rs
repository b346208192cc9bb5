//! PDF (ISO 32000): what runs or starts when one is opened, files and pictures in it, links,
//! encryption, text.
//!
//! Way in: `read`. Objects are found by walking over the file (`file`, `object`, `filter`), and
//! every dictionary is looked at, whether anything leads to it or not: files that carry malware are
//! broken on purpose, and viewers repair them in ways of their own. Seen are scripts and actions
//! (`actions`), embedded files, pictures that may hold a QR code (`pictures`), and where it is
//! wanted text (`text`, `font`).
//!
//! A reader of our own, because those at hand are strict, which hostile files are not, and trust
//! what they read: `lopdf` loads every object at once, recursively, into memory of whatever size.
//! It is used for the arithmetic of encryption alone (`crypt`), on a dictionary that has been read
//! here. Fences: objects, values, levels and versions are counted; each object read and each
//! stream unpacked is paid for out of the message's budget.
//!
//! Not seen: codes drawn as vectors or inline pictures, JPEG 2000, JBIG2 and fax pictures, XFA
//! forms, files encrypted for certificates.

mod actions;
mod crypt;
mod file;
mod filter;
mod font;
mod object;
mod pictures;
mod text;

use file::Pdf;
use object::{Dict, Object, readable};

use super::observation::Place;
use super::{Encryption, Visit};

/// Reads a file.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    if !visit.budget().take_work(content.len()) {
        return;
    }
    let mut pdf = Pdf::new(content, visit);
    let survey = Survey::of(&pdf, visit);
    let is_readable = unlock(&mut pdf, &survey, visit);
    for &index in &survey.object_streams {
        if let Some(stream) = pdf.stored(index, visit) {
            pdf.expand(&stream, visit);
        }
    }
    pdf.sort();
    let found = actions::read(&pdf, is_readable, visit);
    if !is_readable {
        return;
    }
    pictures::read(&pdf, &found.pictures, visit);
    if visit.wants_text() {
        properties(&pdf, &survey, visit);
        text::read(&pdf, &found.pages, visit);
    }
}

/// What must be known of the whole file before the rest can be read.
#[derive(Default)]
struct Survey {
    /// Streams that hold objects.
    object_streams: Vec<usize>,
    /// Trailers, and the dictionaries that stand for one.
    trailers: Vec<Dict>,
}

impl Survey {
    fn of(pdf: &Pdf<'_>, visit: &mut Visit<'_>) -> Survey {
        let mut survey = Survey { trailers: pdf.trailers(), ..Survey::default() };
        for index in 0..pdf.len() {
            let Some(stored) = pdf.stored(index, visit) else { continue };
            let Some(dict) = stored.object.dict().filter(|_| stored.is_stream()) else { continue };
            match dict.name("Type") {
                b"ObjStm" => survey.object_streams.push(index),
                b"XRef" => survey.trailers.push(dict.clone()),
                _ => {}
            }
        }
        survey
    }

    /// The value of a key in any trailer.
    fn value(&self, key: &str) -> Option<&Object> {
        self.trailers.iter().find_map(|t| t.value(key))
    }
}

/// Tries the passwords on an encrypted file, the empty one first; whether it can be read.
fn unlock(pdf: &mut Pdf<'_>, survey: &Survey, visit: &mut Visit<'_>) -> bool {
    let encrypt = survey.value("Encrypt").and_then(|e| pdf.resolve(e, visit));
    let Some(encrypt) = encrypt.as_ref().and_then(|e| e.object.dict()) else {
        visit.set_encryption(Encryption::Clear);
        return true;
    };
    let id = survey.value("ID").and_then(|id| pdf.resolve(id, visit)).map(|id| id.object);
    let id = id.as_ref().and_then(|id| id.values().first()).and_then(Object::bytes);
    let mut passwords = vec![String::new()];
    passwords.extend(visit.passwords());
    match crypt::open(encrypt, id.unwrap_or_default(), &passwords, visit) {
        Some((key, which)) => {
            pdf.key = Some(key);
            if which == 0 {
                visit.set_encryption(Encryption::Clear);
            } else {
                visit.set_encryption(Encryption::Encrypted);
                visit.set_opened_by_password();
            }
            true
        }
        None => {
            visit.set_encryption(Encryption::Encrypted);
            false
        }
    }
}

/// Title, subject, key words.
fn properties(pdf: &Pdf<'_>, survey: &Survey, visit: &mut Visit<'_>) {
    let Some(info) = survey.value("Info").and_then(|info| pdf.resolve(info, visit)) else { return };
    let Some(dict) = info.object.dict() else { return };
    for key in ["Title", "Subject", "Keywords"] {
        let value = pdf.value(dict, key, visit);
        if let Some(text) = value.as_ref().and_then(Object::bytes) {
            visit.text(Place::Property, readable(text));
        }
    }
}

#[cfg(test)]
mod tests;
