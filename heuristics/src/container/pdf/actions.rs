//! What a file does (ISO 32000-1, 12.6), where its links lead, and the files in it (7.11.4).
//!
//! Every dictionary of every object is looked at for the keys that make an action; which event
//! starts it plays no part.

use std::collections::HashSet;

use super::file::{Pdf, Stored};
use super::object::{Dict, Object, readable};
use crate::container::observation::{Observation, Place, excerpt};
use crate::container::{Content, Encryption, Member, Role, Visit};
use crate::message::param::{FileName, NameForm};

/// Tells what the objects do and hold. Where the file `is_readable` not, its texts are ciphertext:
/// what is there is told, not what it says.
pub(super) fn read(pdf: &Pdf<'_>, is_readable: bool, visit: &mut Visit<'_>) -> Found {
    let mut found = Found::default();
    let mut seen = Seen { is_readable, told: [0; 5], files: HashSet::new() };
    let mut nameless = Vec::new();
    for index in 0..pdf.len() {
        let Some(stored) = pdf.stored(index, visit) else { continue };
        let mut open = vec![&stored.object];
        while let Some(object) = open.pop() {
            match object {
                Object::Dict(dict) => {
                    seen.look(dict, pdf, visit);
                    open.extend(dict.entries().map(|(_, value)| value));
                }
                Object::Array(values) => open.extend(values.iter().rev()),
                _ => {}
            }
        }
        let Some(dict) = stored.object.dict() else { continue };
        match (dict.name("Type"), dict.name("Subtype")) {
            (b"EmbeddedFile", _) if stored.is_stream() => nameless.push(index),
            (_, b"Image") if stored.is_stream() => found.pictures.push(index),
            (_, b"Form") if stored.is_stream() => found.pages.push(index),
            (b"Page", _) => found.pages.push(index),
            _ => {}
        }
    }
    // Files that no file specification names come last: most have been told by their name.
    for index in nameless {
        if let Some(stored) = pdf.stored(index, visit) {
            seen.file(&stored, Vec::new(), pdf, visit);
        }
    }
    found
}

/// Objects that others look at, by index.
#[derive(Default)]
pub(super) struct Found {
    /// Streams that hold a picture.
    pub(super) pictures: Vec<usize>,
    /// Pages, and streams that are drawn like one.
    pub(super) pages: Vec<usize>,
}

struct Seen {
    is_readable: bool,
    /// How many of each kind have been told.
    told: [usize; 5],
    /// Embedded files that have been told, by where they begin.
    files: HashSet<usize>,
}

/// Things told of one file, by kind: a flood of one must not push out another.
const MOST: [usize; 5] = [8, 6, 4, 4, 30];
const SCRIPT: usize = 0;
const LAUNCH: usize = 1;
const FORM: usize = 2;
const REMOTE: usize = 3;
const LINK: usize = 4;

impl Seen {
    /// Whether one more of a kind may be told.
    fn may_tell(&mut self, kind: usize) -> bool {
        let (Some(told), Some(&most)) = (self.told.get_mut(kind), MOST.get(kind)) else {
            return false;
        };
        *told += 1;
        *told <= most
    }

    fn look(&mut self, dict: &Dict, pdf: &Pdf<'_>, visit: &mut Visit<'_>) {
        if let Some(script) = dict.value("JS").filter(|_| self.may_tell(SCRIPT)) {
            let script = self.script(script, pdf, visit);
            visit.observe(Observation::Script(excerpt(&script)));
        }
        match dict.name("S") {
            b"Launch" if self.may_tell(LAUNCH) => {
                let what = self.launched(dict, pdf, visit);
                visit.observe(Observation::Launch(excerpt(&what)));
            }
            b"SubmitForm" if self.may_tell(FORM) => {
                let to = self.target(dict, pdf, visit);
                visit.observe(Observation::Form(excerpt(&to)));
            }
            // A document elsewhere, to be gone to: a link, no part of this one.
            b"GoToR" | b"ImportData" => {
                let from = self.target(dict, pdf, visit);
                let is_far =
                    ["\\\\", "//"].iter().any(|s| from.starts_with(s)) || from.contains("://");
                if is_far && self.may_tell(REMOTE) {
                    visit.observe(Observation::Link(excerpt(&from)));
                }
            }
            b"JavaScript" if dict.value("JS").is_none() => {
                visit.observe(Observation::Script(String::new()));
            }
            _ => {}
        }
        if let Some(link) = dict.value("URI").and_then(|link| self.text(link, pdf, visit))
            && self.may_tell(LINK)
        {
            visit.observe(Observation::Link(excerpt(&link)));
        }
        if dict.value("EF").is_some() {
            self.embedded(dict, pdf, visit);
        }
        let is_remark = dict.value("Contents").is_some()
            && (dict.name("Type") == b"Annot" || dict.value("Rect").is_some());
        if visit.wants_text() && self.is_readable && is_remark {
            let remark = dict.value("Contents").and_then(|c| self.text(c, pdf, visit));
            visit.text(Place::Note, remark.unwrap_or_default());
        }
        if visit.wants_text() && self.is_readable && dict.name("FT") == b"Tx" {
            let typed = dict.value("V").and_then(|v| self.text(v, pdf, visit));
            visit.text(Place::Body, typed.unwrap_or_default());
        }
    }

    /// A script stands as a text or in a stream.
    fn script(&self, script: &Object, pdf: &Pdf<'_>, visit: &mut Visit<'_>) -> String {
        if !self.is_readable {
            return String::new();
        }
        let Some(number) = script.reference() else {
            return script.bytes().map(readable).unwrap_or_default();
        };
        // The first that says something: of an object written twice, one may be there to hide.
        let mut said = String::new();
        for index in pdf.numbered(number) {
            let Some(stored) = pdf.stored(index, visit) else { continue };
            let unpacked = pdf.unpacked(&stored, visit).map(|u| u.data);
            let text = stored.object.bytes().or(unpacked.as_deref()).map(readable);
            said = text.unwrap_or_default();
            if !said.trim().is_empty() {
                break;
            }
        }
        said
    }

    /// Program and parameters.
    fn launched(&self, dict: &Dict, pdf: &Pdf<'_>, visit: &mut Visit<'_>) -> String {
        let mut what = self.target(dict, pdf, visit);
        for system in ["Win", "Mac", "Unix"] {
            let Some(of) = pdf.value(dict, system, visit) else { continue };
            let Some(of) = of.dict() else { continue };
            for key in ["F", "P"] {
                let part = of.value(key).and_then(|v| self.text(v, pdf, visit));
                if let Some(part) = part.filter(|p| !p.trim().is_empty()) {
                    what = format!("{what} {part}");
                }
            }
        }
        what
    }

    /// The file or address that an action is about: a text, or a file specification.
    fn target(&self, dict: &Dict, pdf: &Pdf<'_>, visit: &mut Visit<'_>) -> String {
        let Some(of) = pdf.value(dict, "F", visit) else { return String::new() };
        match of.dict() {
            Some(of) => {
                let name = of.value("UF").or(of.value("F"));
                name.and_then(|n| self.text(n, pdf, visit)).unwrap_or_default()
            }
            None => self.text(&of, pdf, visit).unwrap_or_default(),
        }
    }

    fn text(&self, value: &Object, pdf: &Pdf<'_>, visit: &mut Visit<'_>) -> Option<String> {
        if !self.is_readable {
            return None;
        }
        pdf.resolve(value, visit)?.object.bytes().map(readable)
    }

    /// The files of a file specification, under its names.
    fn embedded(&mut self, dict: &Dict, pdf: &Pdf<'_>, visit: &mut Visit<'_>) {
        let mut names: Vec<FileName> = Vec::new();
        for key in ["UF", "F", "DOS", "Mac", "Unix"] {
            let Some(text) = dict.value(key).and_then(|v| self.text(v, pdf, visit)) else {
                continue;
            };
            if !text.is_empty() && names.iter().all(|n| n.text != text) {
                names.push(FileName { text, form: NameForm::ArchiveEntry });
            }
        }
        let Some(files) = pdf.value(dict, "EF", visit) else { return };
        let Some(files) = files.dict() else { return };
        for number in files.entries().filter_map(|(_, value)| value.reference()) {
            for index in pdf.numbered(number) {
                let Some(stored) = pdf.stored(index, visit) else { continue };
                if stored.is_stream() && !self.file(&stored, names.clone(), pdf, visit) {
                    return;
                }
            }
        }
    }

    /// Tells of one file, once; `false` where no more are wanted.
    fn file(
        &mut self,
        stored: &Stored,
        names: Vec<FileName>,
        pdf: &Pdf<'_>,
        visit: &mut Visit<'_>,
    ) -> bool {
        if !self.files.insert(stored.start()) {
            return true;
        }
        let unpacked = if self.is_readable { pdf.unpacked(stored, visit) } else { None };
        let (size, encryption, content) = match unpacked {
            Some(unpacked) if unpacked.left.is_none() => {
                let size = unpacked.data.len();
                (size, Encryption::Unknown, Content::Whole(unpacked.data.into()))
            }
            _ if self.is_readable => (stored.size(), Encryption::Unknown, Content::Hidden),
            _ => (stored.size(), Encryption::Encrypted, Content::Hidden),
        };
        let member = Member { names, size: size as u64, encryption, role: Role::File, content };
        visit.member(member)
    }
}
