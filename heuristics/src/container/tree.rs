//! The tree of files: a message's attachments, what is packed in them, and so on down.
//!
//! Way in: [`Tree::add`] for a file of the message, [`Tree::open`] for what is in it. The tree is
//! one flat list, holders before what they hold. A reader gets a [`Visit`]: it tells what it finds
//! and never recurses itself, so depth, members, bytes and work are bounded here, once for all
//! formats; and a library that panics on what a sender wrote costs its file, not the mail.

use std::borrow::Cow;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sekisho_config::Limits;

use super::name::Name;
use super::observation::{DocumentText, Observation, Place};
use super::{Budget, Encryption, Kind, magic};
use crate::message::Problem;
use crate::message::param::FileName;

/// One file, wherever it was found.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// Index of the file that holds it, smaller than its own; `None` for a file of the message.
    pub parent: Option<usize>,
    /// How it stands in what holds it.
    pub role: Role,
    /// Every name it is given; may be empty.
    pub names: Vec<FileName>,
    /// The names read for comparison.
    pub readings: Vec<Name>,
    /// What its content is.
    pub kind: Kind,
    /// Size in bytes, as its holder says.
    pub size: u64,
    /// Whether it is encrypted; an archive is where every member is.
    pub encryption: Encryption,
    /// A password that the mail names opened it, or what it holds.
    pub opened_by_password: bool,
    /// What it does or holds beyond what it shows, in the order it was seen.
    pub observations: Vec<Observation>,
    /// What can be read in it, where text was asked for.
    pub texts: Vec<DocumentText>,
}

/// How a file stands in what holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// For its own sake.
    #[default]
    File,
    /// As a part of a document: picture, embedded object.
    Embedded,
}

/// A file that a reader found in another.
pub struct Member<'c> {
    /// Every name its holder gives it, path included; may be empty.
    pub names: Vec<FileName>,
    /// Size unpacked, in bytes, as its holder says.
    pub size: u64,
    /// Whether its holder encrypts it; what it does itself is its own reader's to say.
    pub encryption: Encryption,
    /// How it stands in what holds it.
    pub role: Role,
    /// What is in it.
    pub content: Content<'c>,
}

/// How a member's content is had.
pub enum Content<'c> {
    /// Not at all: encrypted, packed by a method not read here, damaged.
    Hidden,
    /// It lies in memory. Who unpacked it has paid for it.
    Whole(Cow<'c, [u8]>),
    /// Gives up to so many bytes from its beginning, each time it is asked.
    Packed(&'c mut dyn FnMut(usize) -> Vec<u8>),
}

/// Observations kept of one file.
const MOST_OBSERVATIONS: usize = 64;

/// First bytes of a packed member that are unpacked to see what it is.
const HEAD: usize = 4 * 1024;

/// All files of a message.
#[derive(Debug)]
pub struct Tree {
    files: Vec<File>,
    budget: Budget,
    limits: Limits,
    depth: usize,
    passwords: Vec<String>,
    wants_text: bool,
}

impl Tree {
    /// An empty tree. `passwords` are tried, in order, on what is encrypted; texts of documents are
    /// collected where `wants_text`.
    pub fn new(limits: &Limits, passwords: Vec<String>, wants_text: bool) -> Tree {
        let budget = Budget::new(limits.members, limits.inflated_bytes, limits.work);
        let (limits, depth) = (*limits, limits.depth);
        Tree { files: Vec::new(), budget, limits, depth, passwords, wants_text }
    }

    /// What is left of the message's limits.
    pub fn budget(&mut self) -> &mut Budget {
        &mut self.budget
    }

    /// Adds a file and gives its index.
    pub fn add(&mut self, mut file: File) -> usize {
        file.readings = Name::read_all(&file.names);
        if file.encryption == Encryption::Unknown {
            file.encryption = encryption_of(file.kind);
        }
        self.files.push(file);
        self.files.len() - 1
    }

    /// Reads what is in the file `at`, whose content this is. A kind without a reader stays as it is.
    pub fn open(&mut self, at: usize, content: &[u8]) {
        self.descend(at, content, 1);
    }

    /// Whether files of this kind are looked into: somebody reads them, and tells what is wanted.
    pub fn reads(&self, kind: Kind) -> bool {
        super::reader(kind).is_some() && (self.wants_text || kind != Kind::Text)
    }

    /// How many files there are so far.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Every file, and what could not be read.
    pub fn into_parts(self) -> (Vec<File>, Vec<Problem>) {
        (self.files, self.budget.into_problems())
    }

    fn descend(&mut self, at: usize, content: &[u8], depth: usize) {
        let Some(kind) = self.files.get(at).map(|f| f.kind) else { return };
        let Some(read) = super::reader(kind) else { return };
        if depth > self.depth {
            self.budget.note(Problem::Depth(self.depth));
            return;
        }
        let mut visit = Visit { tree: self, this: at, depth };
        // Most readers end in a library; none of them may take the mail with it.
        if catch_unwind(AssertUnwindSafe(|| read(content, &mut visit))).is_err() {
            self.budget.note(Problem::Reader(kind.name()));
        }
        self.settle(at);
    }

    /// What the members say of the encryption of the archive `at`.
    fn settle(&mut self, at: usize) {
        let Some(archive) = self.files.get(at) else { return };
        if archive.encryption != Encryption::Unknown
            || !(archive.kind.is_archive() || archive.kind.is_disk_image())
        {
            return;
        }
        let later = self.files.get(at + 1..).unwrap_or_default();
        let mut members = later.iter().filter(|f| f.parent == Some(at)).map(|f| f.encryption);
        let Some(first) = members.next() else { return };
        let all = members.fold(first, |all, this| match (all, this) {
            (Encryption::Clear, _) | (_, Encryption::Clear) => Encryption::Clear,
            (Encryption::Encrypted, Encryption::Encrypted) => Encryption::Encrypted,
            _ => Encryption::Unknown,
        });
        if let Some(archive) = self.files.get_mut(at) {
            archive.encryption = all;
        }
    }
}

/// A reader's view of the tree: the file it reads, and where to tell what it finds.
pub struct Visit<'t> {
    tree: &'t mut Tree,
    this: usize,
    depth: usize,
}

impl Visit<'_> {
    /// What is left of the message's limits.
    pub fn budget(&mut self) -> &mut Budget {
        &mut self.tree.budget
    }

    /// The limits in force for a message.
    pub fn limits(&self) -> Limits {
        self.tree.limits
    }

    /// Tells of a file in this one, which is looked into at once. `false`: no more are wanted.
    pub fn member(&mut self, member: Member<'_>) -> bool {
        if !self.tree.budget.take_member() {
            return false;
        }
        let Member { names, size, encryption, role, content } = member;
        let is_mounted = magic::is_mounted(&Name::read_all(&names));
        let mut file = File { parent: Some(self.this), role, names, size, ..File::default() };
        let content = match content {
            Content::Hidden => None,
            Content::Whole(content) => {
                let volume = is_mounted.then(|| magic::volume(&content)).flatten();
                file.kind = volume.unwrap_or_else(|| magic::kind_of_whole(&content));
                Some(content)
            }
            Content::Packed(unpack) => {
                file.kind = self.kind_of_packed(size, is_mounted, unpack);
                // Not unpacked again where nothing reads it, or nothing may go so deep.
                let is_read = self.tree.reads(file.kind) && self.depth < self.tree.depth;
                is_read.then(|| Cow::Owned(self.unpacked(size, unpack)))
            }
        };
        let kind = file.kind;
        file.encryption = match encryption_of(kind) {
            _ if encryption == Encryption::Encrypted => encryption,
            Encryption::Unknown if kind == Kind::Unknown => encryption,
            own => own,
        };
        let at = self.tree.add(file);
        match content {
            Some(content) => {
                self.tree.descend(at, &content, self.depth + 1);
                // Where a password opened it, what is in it says nothing of how it was sent.
                if encryption == Encryption::Encrypted
                    && let Some(file) = self.tree.files.get_mut(at)
                {
                    file.encryption = encryption;
                }
            }
            None if self.depth >= self.tree.depth && self.tree.reads(kind) => {
                self.tree.budget.note(Problem::Depth(self.tree.depth));
            }
            None => {}
        }
        true
    }

    fn kind_of_packed(
        &mut self,
        size: u64,
        is_mounted: bool,
        unpack: &mut dyn FnMut(usize) -> Vec<u8>,
    ) -> Kind {
        let affordable = |wanted: usize| usize::try_from(size).unwrap_or(wanted).min(wanted);
        if !self.tree.budget.take_bytes(affordable(HEAD)) {
            return Kind::Unknown;
        }
        let kind = magic::kind(&unpack(HEAD));
        let may_be_disk = is_mounted || matches!(kind, Kind::Unknown | Kind::Text);
        if !may_be_disk
            || size <= 32 * 1024
            || !self.tree.budget.take_bytes(affordable(magic::HEAD))
        {
            return kind;
        }
        let head = unpack(magic::HEAD);
        let volume = is_mounted.then(|| magic::volume(&head)).flatten();
        volume.unwrap_or_else(|| magic::kind(&head))
    }

    /// All of a member, or as much as may still be unpacked.
    fn unpacked(&mut self, size: u64, unpack: &mut dyn FnMut(usize) -> Vec<u8>) -> Vec<u8> {
        let left = self.tree.budget.bytes();
        let content = unpack(left);
        // A size that lies is no limit met.
        if content.len() >= left && size > left as u64 {
            let limit = self.tree.budget.bytes_limit();
            self.tree.budget.note(Problem::Inflated(limit));
        }
        self.tree.budget.take_bytes(content.len());
        content
    }

    /// What `source` gives, as far as bytes may still be unpacked; an error ends it where it is.
    pub fn unpack(&mut self, source: impl Read) -> Vec<u8> {
        let left = self.tree.budget.bytes();
        let mut content = Vec::new();
        let ended = source.take(left as u64 + 1).read_to_end(&mut content);
        if ended.is_err() {
            self.damaged("its data");
        }
        if content.len() > left {
            content.truncate(left);
            let limit = self.tree.budget.bytes_limit();
            self.tree.budget.note(Problem::Inflated(limit));
        }
        self.tree.budget.take_bytes(content.len());
        content
    }

    /// Tells what the file does or holds.
    pub fn observe(&mut self, observation: Observation) {
        if let Some(file) = self.tree.files.get_mut(self.this)
            && file.observations.len() < MOST_OBSERVATIONS
            && !file.observations.contains(&observation)
        {
            file.observations.push(observation);
        }
    }

    /// Tells what can be read in the file, where that is wanted.
    pub fn text(&mut self, place: Place, text: impl Into<String>) {
        let text = text.into();
        if !self.tree.wants_text
            || text.trim().is_empty()
            || !self.tree.budget.take_bytes(text.len())
        {
            return;
        }
        if let Some(file) = self.tree.files.get_mut(self.this) {
            file.texts.push(DocumentText { place, text });
        }
    }

    /// Whether texts are wanted.
    pub fn wants_text(&self) -> bool {
        self.tree.wants_text
    }

    /// What the file is, as far as known.
    pub fn kind(&self) -> Kind {
        self.tree.files.get(self.this).map_or(Kind::Unknown, |f| f.kind)
    }

    /// Tells what the file is, now that more of it is known.
    pub fn set_kind(&mut self, kind: Kind) {
        if let Some(file) = self.tree.files.get_mut(self.this) {
            file.kind = kind;
            file.encryption = encryption_of(kind);
        }
    }

    /// Tells whether the file is encrypted. Of an archive its members tell.
    pub fn set_encryption(&mut self, encryption: Encryption) {
        if let Some(file) = self.tree.files.get_mut(self.this) {
            file.encryption = encryption;
        }
    }

    /// Passwords that the mail names, to be tried in this order.
    pub fn passwords(&self) -> Vec<String> {
        self.tree.passwords.clone()
    }

    /// Tells that one of the passwords opened it.
    pub fn set_opened_by_password(&mut self) {
        if let Some(file) = self.tree.files.get_mut(self.this) {
            file.opened_by_password = true;
        }
    }

    /// Every name the file is given.
    pub fn names(&self) -> &[FileName] {
        self.tree.files.get(self.this).map_or(&[], |f| &f.names)
    }

    /// Whether any of the file's names has this extension (lower case, without dot).
    pub fn is_named(&self, extension: &str) -> bool {
        let readings = self.tree.files.get(self.this).map_or(&[][..], |f| &f.readings);
        readings.iter().any(|n| n.possible_extensions().any(|e| e == extension))
    }

    /// Notes that the file is damaged, and where.
    pub fn damaged(&mut self, what: &str) {
        let problem = Problem::Damaged(format!("{}: {what}", self.kind().name()));
        self.tree.budget.note(problem);
    }
}

/// What the kind alone says of encryption.
fn encryption_of(kind: Kind) -> Encryption {
    use Kind::*;
    match kind {
        EncryptedOffice => Encryption::Encrypted,
        // Members, or a reader, tell.
        _ if kind.is_archive() || kind.is_disk_image() => Encryption::Unknown,
        Compound | Excel | Msg | OneNote | Pdf | Pgp | Pkcs7 | PowerPoint | Tnef | Unknown
        | Word => Encryption::Unknown,
        _ => Encryption::Clear,
    }
}

#[cfg(test)]
pub(crate) mod check {
    //! Reads one file in tests, with the shipped limits.

    use std::sync::LazyLock;

    use super::*;

    /// The shipped limits; they are read once, for that takes longer than most files.
    pub(crate) fn limits() -> Limits {
        static LIMITS: LazyLock<Limits> =
            LazyLock::new(|| sekisho_config::Settings::default().filter.limits);
        *LIMITS
    }

    /// The tree of a file called `name`, passwords tried, texts collected.
    pub(crate) fn tree(
        name: &str,
        content: &[u8],
        passwords: &[&str],
    ) -> (Vec<File>, Vec<Problem>) {
        tree_of(magic::kind_of_whole(content), name, content, passwords)
    }

    /// The work that it takes to read a file, by what its content is.
    pub(crate) fn work(content: &[u8], passwords: &[&str]) -> usize {
        let limits = limits();
        let passwords = passwords.iter().map(|&p| p.to_owned()).collect();
        let mut tree = Tree::new(&limits, passwords, false);
        let at = tree.add(File { kind: magic::kind_of_whole(content), ..File::default() });
        tree.open(at, content);
        limits.work - tree.budget().work()
    }

    /// The tree of a file that is taken to be of `kind`.
    pub(crate) fn tree_of(
        kind: Kind,
        name: &str,
        content: &[u8],
        passwords: &[&str],
    ) -> (Vec<File>, Vec<Problem>) {
        let limits = limits();
        let passwords = passwords.iter().map(|&p| p.to_owned()).collect();
        let mut tree = Tree::new(&limits, passwords, true);
        let form = crate::message::param::NameForm::ArchiveEntry;
        let names = vec![FileName { text: name.into(), form }];
        let at = tree.add(File { names, kind, size: content.len() as u64, ..File::default() });
        tree.open(at, content);
        tree.into_parts()
    }

    /// Reads a file of `kind`; whose reader stops in the middle fails the test.
    pub(crate) fn survives(kind: Kind, content: &[u8]) -> Vec<File> {
        let (files, problems) = tree_of(kind, "a", content, &[]);
        let stopped = problems.iter().any(|p| matches!(p, Problem::Reader(_)));
        assert!(!stopped, "{kind:?} stops at {}", content.escape_ascii());
        files
    }

    /// The files as `depth name[ = name] kind size encryption`, and the problems.
    pub(crate) fn lines(name: &str, content: &[u8], passwords: &[&str]) -> Vec<String> {
        let (files, problems) = tree(name, content, passwords);
        let depth =
            |file: &File| std::iter::successors(file.parent, |&up| files[up].parent).count();
        let line = |f: &File| {
            let names: Vec<_> = f.names.iter().map(|n| n.text.as_str()).collect();
            format!("{} {} {:?} {} {:?}", depth(f), names.join(" = "), f.kind, f.size, f.encryption)
        };
        files.iter().map(line).chain(problems.iter().map(ToString::to_string)).collect()
    }
}
