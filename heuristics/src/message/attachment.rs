//! Files that come along: MIME parts that are files, and members of archives, as one flat list.

use super::param::FileName;
use super::part::PartId;
use crate::container::name::{self, Name};
use crate::container::observation::{DocumentText, Observation};
use crate::container::{Encryption, Kind, Role};

/// One file, wherever it was found.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Part it stands in or was unpacked from.
    pub part: PartId,
    /// Index in [`super::Message::attachments`] of the file that holds it, smaller than its own;
    /// `None` for a part.
    pub parent: Option<usize>,
    /// Whether it is a file for its own sake or a part of a document.
    pub role: Role,
    /// Every name it is given; may be empty.
    pub names: Vec<FileName>,
    /// The names read for comparison, percent-encoded ones once more decoded.
    pub readings: Vec<Name>,
    /// Media type the part declares (`application/pdf`); `None` for archive members.
    pub declared: Option<String>,
    /// What its content is.
    pub kind: Kind,
    /// Size in bytes, transfer encoding taken off; what the archive says for its members. For large
    /// parts counted from the encoded bytes, so a few bytes may be wrong.
    pub size: u64,
    /// Whether it is encrypted; an archive is where every member is.
    pub encryption: Encryption,
    /// A password that the mail names opened it, or what it holds.
    pub opened_by_password: bool,
    /// What it does or holds beyond what it shows.
    pub observations: Vec<Observation>,
    /// What can be read in it; empty unless [`super::Message::with_file_texts`] asked for it.
    pub texts: Vec<DocumentText>,
    /// A picture that the HTML body shows (`cid:`), a signature part, a delivery report: comes
    /// with the mail, but nobody would call it a file.
    pub incidental: bool,
}

/// A file of a sort, as [`Attachment::identified`] found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// Where it stands, with the name that tells.
    pub path: String,
    /// Its kind or extension in Japanese.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

impl Attachment {
    /// The name to show: the first one that is not empty.
    pub fn name(&self) -> &str {
        self.names.iter().map(|n| n.text.as_str()).find(|n| !n.is_empty()).unwrap_or("")
    }

    /// Where it stands, for a person: `書類.zip › 請求書.exe`, each name in its short form; a file
    /// without a name is called by its media type. Where `this` is a reading of another name than
    /// the first, both are given: `a.pdf = a.exe`.
    ///
    /// `all` is [`super::Message::attachments`].
    pub fn path(&self, all: &[Attachment], this: Option<&Name>) -> String {
        let first = Name::read(self.name());
        let mut path = match this {
            Some(this) if *this == first || self.name().is_empty() => this.shown(),
            Some(this) => format!("{} = {}", first.shown(), this.shown()),
            None if self.name().is_empty() => self.short_name(),
            None => first.shown(),
        };
        let mut holder = self.parent;
        // A holder stands before what it holds, so this ends.
        while let Some(archive) = holder.and_then(|at| all.get(at)) {
            path = format!("{} › {path}", archive.short_name());
            holder = archive.parent.filter(|&up| Some(up) < holder);
        }
        path
    }

    /// The first reading that opens the file by one of `extensions` (lower case, without dot), and
    /// that extension. A host or address is no file name (`www.example.com`), nor are the words
    /// that an attached message has for a subject.
    pub fn named_as(&self, extensions: impl Fn(&str) -> bool) -> Option<(&Name, &str)> {
        self.readings.iter().filter(|n| self.is_file_name(n)).find_map(|name| {
            let extension = name.possible_extensions().find(|e| extensions(e))?;
            Some((name, extension))
        })
    }

    /// What makes the file one of a sort, for a sentence: its kind where it is `of_kind`, else one of
    /// `extensions` that a reading ends in. `None` where it is none of the sort. `all` is as for
    /// [`Attachment::path`].
    pub fn identified(
        &self,
        all: &[Attachment],
        of_kind: bool,
        extensions: impl Fn(&str) -> bool,
    ) -> Option<Identified> {
        let named = self.named_as(extensions);
        let (ja, en) = match named {
            _ if of_kind => (self.kind.name_ja().to_owned(), self.kind.name().to_owned()),
            Some((_, extension)) => {
                (format!("拡張子 .{extension}"), format!("extension .{extension}"))
            }
            None => return None,
        };
        Some(Identified { path: self.path(all, named.map(|(name, _)| name)), ja, en })
    }

    /// Whether a reading is the name of a file, not words that end like one.
    pub fn is_file_name(&self, name: &Name) -> bool {
        let folded = name.folded();
        let subject = self.kind == Kind::Mail
            && self.declared.as_deref() == Some("message/rfc822")
            && folded.contains(char::is_whitespace);
        !subject && (self.kind.is_program() || !name::is_host_or_address(folded))
    }

    fn short_name(&self) -> String {
        match (self.name(), &self.declared) {
            ("", Some(declared)) => format!("({declared})"),
            ("", None) => "(?)".to_owned(),
            (name, _) => name::shortened(name),
        }
    }
}
