//! Outlook messages (MS-OXMSG): a compound file with a stream for each property.
//!
//! Way in: `read`. Attachments of attached messages lie in the same file and are told beside the
//! others. What the compound file itself may do to us, [`compound::open`] fences.

use std::borrow::Cow;
use std::io::Cursor;

use cfb::CompoundFile;

use super::magic::{le16, le32};
use super::mapi::{self, Body, id, kind};
use super::{Content, Encryption, Member, Role, Visit, compound};
use crate::message::param::{FileName, NameForm};

/// Tells the attachments and the text.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    let Some(file) = compound::open(content).filter(|_| visit.budget().take_work(content.len()))
    else {
        visit.damaged("its streams");
        return;
    };
    let storages = storages(&file);
    let mut message = Message { file, content, code_page: None };
    message.code_page = message.code_page_of(visit);
    if !message.body("", visit).tell(visit) {
        return;
    }
    for storage in storages {
        if !visit.budget().take_work(storage.path.len() + 64) || !message.told(&storage, visit) {
            return;
        }
    }
}

/// Storages that are looked at, attachments of attached messages among them.
const MOST_STORAGES: usize = 5_000;

/// Streams of one OLE object that are looked at.
const MOST_STREAMS: usize = 64;

/// Where an attachment holds an object instead of a file.
const OBJECT: &str = "/__substg1.0_3701000D/";

/// Most bytes of one name.
const LONGEST_NAME: usize = 4096;

/// A storage that is an attachment.
struct Storage {
    path: String,
    /// Streams of the OLE object it holds, path and size; empty for a file or a message.
    object: Vec<(String, u64)>,
    is_message: bool,
}

/// The attachments, in the order of the file.
fn storages(file: &CompoundFile<Cursor<&[u8]>>) -> Vec<Storage> {
    let mut storages: Vec<Storage> = Vec::new();
    for entry in file.walk() {
        let Some(path) = entry.path().to_str() else { continue };
        if entry.is_storage() && entry.name().starts_with("__attach_version1.0_#") {
            if storages.len() >= MOST_STORAGES {
                break;
            }
            storages.push(Storage { path: path.to_owned(), object: Vec::new(), is_message: false });
            continue;
        }
        // A storage comes before what it holds.
        let holder = storages.last_mut().filter(|s| path.starts_with(s.path.as_str()));
        if let Some(holder) = holder
            && entry.is_stream()
            && holder.object.len() < MOST_STREAMS
            && path.get(holder.path.len()..).is_some_and(|p| p.starts_with(OBJECT))
        {
            holder.object.push((path.to_owned(), entry.len()));
        }
    }
    for storage in &mut storages {
        let is_message = |(path, _): &(String, u64)| path.ends_with("/__properties_version1.0");
        if storage.object.iter().any(is_message) {
            storage.is_message = true;
            storage.object.clear();
        }
    }
    storages
}

/// A message whose streams are read.
struct Message<'a> {
    file: CompoundFile<Cursor<&'a [u8]>>,
    content: &'a [u8],
    code_page: Option<u32>,
}

impl Message<'_> {
    fn body<'b>(&mut self, folder: &str, visit: &mut Visit<'_>) -> Body<'b> {
        let html = self.stream(folder, id::HTML, kind::BINARY, visit);
        let html = html.or_else(|| Some(self.text(folder, id::HTML, visit)?.into_bytes()));
        Body {
            subject: self.text(folder, id::SUBJECT, visit).unwrap_or_default(),
            plain: self.text(folder, id::BODY, visit).unwrap_or_default(),
            html: html.map(Cow::Owned),
            rtf: self.stream(folder, id::RTF, kind::BINARY, visit).map(Cow::Owned),
        }
    }

    /// Tells one attachment. `false`: no more are wanted.
    fn told(&mut self, storage: &Storage, visit: &mut Visit<'_>) -> bool {
        let path = storage.path.as_str();
        if storage.is_message {
            // Its own files are told as they come.
            let folder = format!("{path}{}", OBJECT.trim_end_matches('/'));
            return self.body(&folder, visit).tell(visit);
        }
        let mut names = Vec::new();
        for property in [id::LONG_NAME, id::SHORT_NAME, id::DISPLAY_NAME] {
            names.extend(self.text(path, property, visit).filter(|n| n.len() <= LONGEST_NAME));
        }
        if let Some(data) = self.stream(path, id::DATA, kind::BINARY, visit) {
            return mapi::file(names, Cow::Owned(data), visit);
        }
        for (path, size) in &storage.object {
            let name = path.rsplit('/').next().unwrap_or_default();
            let text = names.first().map_or(name, String::as_str).to_owned();
            let names = vec![FileName { text, form: NameForm::ArchiveEntry }];
            let data = compound::stream(&mut self.file, self.content, path, visit);
            let content = data.map_or(Content::Hidden, |data| Content::Whole(Cow::Owned(data)));
            let (size, encryption, role) = (*size, Encryption::Clear, Role::Embedded);
            if !visit.member(Member { names, size, encryption, role, content }) {
                return false;
            }
        }
        true
    }

    /// A string property in either of its forms.
    fn text(&mut self, folder: &str, property: u16, visit: &mut Visit<'_>) -> Option<String> {
        [kind::UNICODE, kind::STRING].into_iter().find_map(|kind| {
            let bytes = self.stream(folder, property, kind, visit)?;
            Some(mapi::string(kind, &bytes, self.code_page))
        })
    }

    fn stream(
        &mut self,
        folder: &str,
        property: u16,
        kind: u16,
        visit: &mut Visit<'_>,
    ) -> Option<Vec<u8>> {
        let path = format!("{folder}/__substg1.0_{property:04X}{kind:04X}");
        compound::stream(&mut self.file, self.content, &path, visit)
    }

    /// The code page of strings that are not Unicode, from the fixed properties: entries of 16 bytes
    /// after a header of 32.
    fn code_page_of(&mut self, visit: &mut Visit<'_>) -> Option<u32> {
        let path = "/__properties_version1.0";
        let properties = compound::stream(&mut self.file, self.content, path, visit)?;
        let entries = properties.get(32..)?.as_chunks::<16>().0;
        [id::CODE_PAGE, id::INTERNET_CODE_PAGE].into_iter().find_map(|wanted| {
            let entry = entries.iter().find(|e| le16(*e, 2) == Some(wanted))?;
            le32(entry, 8)
        })
    }
}

#[cfg(test)]
mod tests;
