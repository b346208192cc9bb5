//! ZIP (PKWARE APPNOTE 6.3): names, sizes, encryption and the first bytes of members.
//!
//! Way in: `read`; documents that are archives take [`Archive`]. The central directory is what
//! counts, as it does for those who open the file; where it is missing or damaged the local headers
//! are read instead, and members that only a local header knows are told as well ([`unlisted`]).
//! Names are bytes: UTF-8 where the entry says so, else by evidence, since Japanese Windows writes
//! CP932 and says nothing. Members are unpacked when asked for ([`method`]) and paid for out of the
//! budget, so overlapping entries, lying sizes and archives that hold themselves cost what the
//! limits allow and no more. Encrypted ones are tried with the passwords the mail names
//! ([`cipher`]).

mod cipher;
mod method;
mod unlisted;

use std::borrow::Cow;
use std::ops::Range;

use super::magic::{le16, le32, le64};
use super::{Budget, Content, Encryption, Kind, Member, Role, Visit, entry_name, office};
use crate::message::Problem;
use crate::message::param::FileName;
use cipher::Passwords;

/// Reads an archive, or a document that is one. The members of a document are its own business:
/// they are left out unless a name opens it as an archive.
pub(super) fn read(bytes: &[u8], visit: &mut Visit<'_>) {
    let archive = Archive::new(bytes, visit.budget());
    if let Some(damage) = archive.damage {
        visit.damaged(damage);
    }
    let kind = archive.kind();
    visit.set_kind(kind);
    office::read_package(&archive, visit);
    let total = archive.files().fold(0u64, |sum, e| sum.saturating_add(e.size));
    let limit = visit.budget().bytes_limit();
    if total > limit as u64 {
        visit.budget().note(Problem::Inflated(limit));
    }
    if kind == Kind::Zip || visit.is_named("zip") {
        let mut passwords = Passwords::new(visit.passwords());
        let unlisted = unlisted::entries(bytes, &archive.entries, visit.budget().members() + 1);
        if !unlisted.is_empty() {
            visit.damaged("members that the central directory does not list");
        }
        for entry in archive.files().chain(unlisted.iter().filter(|e| !e.is_folder())) {
            if !entry.tell(bytes, &mut passwords, visit) {
                return;
            }
        }
    }
    if archive.is_cut {
        let limit = visit.budget().members_limit();
        visit.budget().note(Problem::Members(limit));
    }
}

/// An archive's entries.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    entries: Vec<Entry<'a>>,
    damage: Option<&'static str>,
    /// There are more entries than may be listed.
    is_cut: bool,
}

impl<'a> Archive<'a> {
    /// Lists the entries, no more of them than members are left.
    pub(super) fn new(bytes: &'a [u8], budget: &Budget) -> Archive<'a> {
        let (mut entries, damage) = entries(bytes, budget.members() + 1);
        let is_cut = entries.len() > budget.members();
        entries.truncate(budget.members());
        Archive { bytes, entries, damage, is_cut }
    }

    /// Every entry but folders.
    pub(super) fn files(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter().filter(|e| !e.is_folder())
    }

    /// What kind of ZIP it is.
    pub(super) fn kind(&self) -> Kind {
        kind_of(&self.entries, self.bytes)
    }

    /// Up to `limit` bytes of an entry, unpacked; empty where it is encrypted or packed by a method
    /// not read here.
    pub(super) fn unpack(&self, entry: &Entry<'_>, limit: usize) -> Vec<u8> {
        let local = local(self.bytes, entry.local);
        let data = local.map(|l| entry.data(&l, self.bytes)).unwrap_or_default();
        method::unpack(entry.method, data, entry.size, limit)
    }
}

/// One entry, from the central directory or from a local header.
pub(super) struct Entry<'a> {
    /// Its name as written, path included.
    pub(super) name: &'a [u8],
    /// Info-ZIP's Unicode Path, where there is one; readers differ in whether they take it.
    unicode_name: Option<&'a [u8]>,
    flags: u16,
    method: u16,
    /// Time of the last change, as DOS has it.
    time: u16,
    /// CRC-32 of what is unpacked; 0 where a data descriptor has it.
    checksum: u32,
    /// How WinZip's AES is used, where it is.
    aes: Option<cipher::Aes>,
    packed: u64,
    /// Size unpacked, as the archive says.
    pub(super) size: u64,
    /// Offset of the local header in the file.
    local: usize,
}

/// What a local header says.
struct Local<'a> {
    entry: Entry<'a>,
    data: Range<usize>,
}

const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";

/// Sizes of the records without their variable parts.
const CENTRAL_SIZE: usize = 46;
const LOCAL_SIZE: usize = 30;
const END_SIZE: usize = 22;

/// How many end records are tried: an archive's comment may hold others.
const MOST_ENDS: usize = 16;

/// Longest name believed in a local header when they are all there is.
const LONGEST_NAME: usize = 4096;

const STORED: u16 = 0;
const AES: u16 = 99;

const FLAG_ENCRYPTED: u16 = 1;
const FLAG_DESCRIPTOR: u16 = 1 << 3;
const FLAG_STRONG: u16 = 1 << 6;
const FLAG_UTF8: u16 = 1 << 11;
const FLAG_MASKED: u16 = 1 << 13;

/// The entries, and what is wrong with the archive.
fn entries(bytes: &[u8], limit: usize) -> (Vec<Entry<'_>>, Option<&'static str>) {
    let Some(directory) = directory(bytes) else {
        return (
            local_entries(bytes, limit),
            Some("no central directory; local headers were read"),
        );
    };
    let mut entries = Vec::new();
    let mut at = directory.start;
    while let Some(record) = bytes.get(at..).filter(|r| r.starts_with(CENTRAL)) {
        let Some((entry, size)) = central(record, directory.prefix) else {
            return (entries, Some("the central directory is cut"));
        };
        if entries.len() >= limit {
            return (entries, None);
        }
        entries.push(entry);
        at += size;
    }
    // 16 bits count modulo 65,536 in archives of some writers.
    let lies = entries.len() as u64 & 0xFFFF != directory.count & 0xFFFF;
    (entries, lies.then_some("the central directory does not hold as many entries as it says"))
}

/// Where the central directory begins, how many entries it says it has, and how many bytes stand
/// before the archive (a self-extractor, or anything).
struct Directory {
    start: usize,
    count: u64,
    prefix: usize,
}

fn directory(bytes: &[u8]) -> Option<Directory> {
    // The comment after the end record is at most 65,535 bytes; more may have been appended.
    let from = bytes.len().saturating_sub(2 * (END_SIZE + 0xFFFF));
    let mut tail = bytes.get(from..)?;
    for _ in 0..MOST_ENDS {
        let at = memchr::memmem::rfind(tail, END)?;
        if let Some(directory) = by_end(bytes, from + at) {
            return Some(directory);
        }
        tail = tail.get(..at)?;
    }
    None
}

/// Reads the end record at `at`; `None` where no directory lies where it says.
fn by_end(bytes: &[u8], at: usize) -> Option<Directory> {
    let record = bytes.get(at..)?.get(..END_SIZE)?;
    let mut count = u64::from(le16(record, 10)?);
    let mut size = u64::from(le32(record, 12)?);
    let mut offset = u64::from(le32(record, 16)?);
    let mut end = at;
    if (count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF)
        && let Some((at_64, record)) = end_64(bytes, at)
    {
        count = le64(record, 32)?;
        size = le64(record, 40)?;
        offset = le64(record, 48)?;
        end = at_64;
    }
    let (size, offset) = (usize::try_from(size).ok()?, usize::try_from(offset).ok()?);
    // The directory ends where the end record begins, whatever stands before the archive.
    let by_size = end.checked_sub(size);
    let is_directory = |start: usize| {
        bytes.get(start..).is_some_and(|r| r.starts_with(CENTRAL)) || (count == 0 && start <= end)
    };
    if let Some(start) = by_size.filter(|&s| s >= offset && is_directory(s)) {
        return Some(Directory { start, count, prefix: start - offset });
    }
    is_directory(offset).then_some(Directory { start: offset, count, prefix: 0 })
}

/// The zip64 end record that the locator before the end record at `at` points to.
fn end_64(bytes: &[u8], at: usize) -> Option<(usize, &[u8])> {
    let locator = bytes.get(at.checked_sub(20)?..at)?;
    if !locator.starts_with(LOCATOR_64) {
        return None;
    }
    let said = usize::try_from(le64(locator, 8)?).ok()?;
    // With bytes before the archive it lies further back: 56 bytes before the locator.
    [Some(said), at.checked_sub(20 + 56)].into_iter().flatten().find_map(|start| {
        let record = bytes.get(start..at)?.get(..56)?;
        record.starts_with(END_64).then_some((start, record))
    })
}

/// Reads one record of the central directory; also gives its size.
fn central(record: &[u8], prefix: usize) -> Option<(Entry<'_>, usize)> {
    let name_len = usize::from(le16(record, 28)?);
    let extra_len = usize::from(le16(record, 30)?);
    let comment_len = usize::from(le16(record, 32)?);
    let name = record.get(CENTRAL_SIZE..)?.get(..name_len)?;
    let extra = record.get(CENTRAL_SIZE + name_len..)?.get(..extra_len)?;
    let size = u64::from(le32(record, 24)?);
    let packed = u64::from(le32(record, 20)?);
    let local = u64::from(le32(record, 42)?);
    let (size, packed, local) = wide(extra, size, packed, local);
    let entry = Entry {
        name,
        unicode_name: unicode_path(extra),
        flags: le16(record, 8)?,
        method: le16(record, 10)?,
        time: le16(record, 12)?,
        checksum: le32(record, 16)?,
        aes: extra_field(extra, 0x9901).and_then(cipher::Aes::read),
        packed,
        size,
        local: usize::try_from(local)
            .ok()
            .and_then(|l| l.checked_add(prefix))
            .unwrap_or(usize::MAX),
    };
    Some((entry, CENTRAL_SIZE + name_len + extra_len + comment_len))
}

/// Reads the local header at `at` and where its data lies, cut to what is there.
fn local(bytes: &[u8], at: usize) -> Option<Local<'_>> {
    let record = bytes.get(at..)?;
    if !record.starts_with(LOCAL) {
        return None;
    }
    let name_len = usize::from(le16(record, 26)?);
    let extra_len = usize::from(le16(record, 28)?);
    let name = record.get(LOCAL_SIZE..)?.get(..name_len)?;
    let extra = record.get(LOCAL_SIZE + name_len..)?.get(..extra_len)?;
    let (size, packed, _) =
        wide(extra, u64::from(le32(record, 22)?), u64::from(le32(record, 18)?), 0);
    let entry = Entry {
        name,
        unicode_name: unicode_path(extra),
        flags: le16(record, 6)?,
        method: le16(record, 8)?,
        time: le16(record, 10)?,
        checksum: le32(record, 14)?,
        aes: extra_field(extra, 0x9901).and_then(cipher::Aes::read),
        packed,
        size,
        local: at,
    };
    let start = at + LOCAL_SIZE + name_len + extra_len;
    let packed = usize::try_from(packed).unwrap_or(usize::MAX);
    Some(Local { entry, data: start..start.saturating_add(packed).min(bytes.len()) })
}

/// The fall-back: every local header, in order of the file.
fn local_entries(bytes: &[u8], limit: usize) -> Vec<Entry<'_>> {
    let finder = memchr::memmem::Finder::new(LOCAL);
    let mut entries = Vec::new();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| finder.find(rest)) {
        let start = at + found;
        at = start + LOCAL.len();
        let Some(mut local) = local(bytes, start) else { continue };
        let name = local.entry.name;
        // Four bytes in the middle of packed data can look like a header.
        if name.is_empty() || name.len() > LONGEST_NAME || name.contains(&0) {
            continue;
        }
        if entries.len() >= limit {
            break;
        }
        if local.entry.flags & FLAG_DESCRIPTOR != 0 && local.entry.packed == 0 {
            // The size stands after the data; what can be seen without it is enough.
            local.entry.packed = (bytes.len() - local.data.start.min(bytes.len())) as u64;
        } else {
            at = at.max(local.data.end);
        }
        entries.push(local.entry);
    }
    entries
}

/// Size, packed size and offset, from the zip64 extra field where they did not fit.
fn wide(extra: &[u8], size: u64, packed: u64, offset: u64) -> (u64, u64, u64) {
    let Some(mut field) = extra_field(extra, 0x0001) else { return (size, packed, offset) };
    let mut widened = |value: u64| {
        if value != 0xFFFF_FFFF {
            return value;
        }
        let Some((first, rest)) = field.split_first_chunk::<8>() else { return value };
        field = rest;
        u64::from_le_bytes(*first)
    };
    (widened(size), widened(packed), widened(offset))
}

/// Info-ZIP's Unicode Path: version 1, the CRC of the plain name, the name in UTF-8. The CRC is not
/// looked at: a name that only some readers take is still a name the sender gave.
fn unicode_path(extra: &[u8]) -> Option<&[u8]> {
    extra_field(extra, 0x7075)?.get(5..)
}

fn extra_field(mut extra: &[u8], id: u16) -> Option<&[u8]> {
    while let (Some(this), Some(len)) = (le16(extra, 0), le16(extra, 2)) {
        let end = 4 + usize::from(len);
        if this == id {
            return extra.get(4..end);
        }
        extra = extra.get(end..)?;
    }
    None
}

impl Entry<'_> {
    fn is_encrypted(&self) -> bool {
        self.flags & (FLAG_ENCRYPTED | FLAG_MASKED) != 0 || self.method == AES
    }

    fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") && self.size == 0
    }

    fn names(&self) -> Vec<FileName> {
        let plain = match self.flags & FLAG_UTF8 {
            0 => entry_name::of_bytes(self.name),
            _ => entry_name::of_text(String::from_utf8_lossy(self.name)),
        };
        let unicode = self.unicode_name.map(|n| entry_name::of_text(String::from_utf8_lossy(n)));
        unicode.into_iter().chain([plain]).collect()
    }

    /// Tells the visit of this entry; `false` where no more are wanted.
    fn tell(&self, bytes: &[u8], passwords: &mut Passwords, visit: &mut Visit<'_>) -> bool {
        let mut names = self.names();
        let local = local(bytes, self.local);
        let mut encrypted = self.is_encrypted();
        if let Some(local) = &local {
            encrypted |= local.entry.is_encrypted();
            if local.entry.name != self.name && local.entry.flags & FLAG_MASKED == 0 {
                names.extend(local.entry.names());
            }
        }
        entry_name::keep_first_of_each(&mut names);
        let encryption = if encrypted { Encryption::Encrypted } else { Encryption::Clear };
        let data = local.map(|l| self.data(&l, bytes)).unwrap_or_default();
        let mut packed = |limit| method::unpack(self.method, data, self.size, limit);
        let content = match encrypted {
            true => match passwords.open(self, data, visit) {
                Some(content) => Content::Whole(Cow::Owned(content)),
                None => Content::Hidden,
            },
            false if !visit.budget().take_work(method::start(self.method)) => Content::Hidden,
            false if !method::is_read(self.method) => Content::Hidden,
            false => Content::Packed(&mut packed),
        };
        visit.member(Member { names, size: self.size, encryption, role: Role::File, content })
    }

    /// The packed bytes, by the central directory's size: with a data descriptor the local header
    /// says 0.
    fn data<'b>(&self, local: &Local<'_>, bytes: &'b [u8]) -> &'b [u8] {
        let start = local.data.start.min(bytes.len());
        let packed = usize::try_from(self.packed).unwrap_or(usize::MAX);
        bytes.get(start..start.saturating_add(packed).min(bytes.len())).unwrap_or_default()
    }
}

/// What kind of ZIP it is: many formats are one, with members that every file of theirs has.
fn kind_of(entries: &[Entry<'_>], bytes: &[u8]) -> Kind {
    // Office programs do not tell capitals from small letters (ECMA-376 part 2, 6.2.2.3).
    let has = |name: &[u8]| entries.iter().any(|e| e.name.eq_ignore_ascii_case(name));
    let starts = |name: &[u8], with: &[u8]| {
        name.get(..with.len()).is_some_and(|n| n.eq_ignore_ascii_case(with))
    };
    let under = |folder: &[u8]| entries.iter().any(|e| starts(e.name, folder));
    if has(b"AndroidManifest.xml") {
        return Kind::Apk;
    }
    if has(b"META-INF/MANIFEST.MF") {
        return Kind::Jar;
    }
    if has(b"[Content_Types].xml") {
        return match () {
            () if has(b"AppxManifest.xml") || has(b"AppxMetadata/AppxBundleManifest.xml") => {
                Kind::Msix
            }
            () if under(b"word/") => Kind::Docx,
            () if under(b"xl/") => Kind::Xlsx,
            () if under(b"ppt/") => Kind::Pptx,
            () => Kind::Ooxml,
        };
    }
    // "mimetype" comes first and is stored (OpenDocument 1.3, 3.3; EPUB OCF, 4.3).
    let declared = entries
        .first()
        .filter(|e| e.name == b"mimetype" && e.method == STORED)
        .and_then(|e| local(bytes, e.local).map(|l| e.data(&l, bytes)));
    match declared {
        Some(text) if text.starts_with(b"application/vnd.oasis.opendocument.") => Kind::Odf,
        Some(text) if text.starts_with(b"application/epub+zip") => Kind::Epub,
        // Office suites open what a manifest describes, in whatever order.
        _ if has(b"content.xml") && has(b"META-INF/manifest.xml") => Kind::Odf,
        _ => Kind::Zip,
    }
}

#[cfg(test)]
mod tests;
