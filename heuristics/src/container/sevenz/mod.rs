//! 7z: lists, encryption and members, by `sevenz-rust2`.
//!
//! Way in: [`read`]. The library bounds every count by the header's own length, and refuses loops
//! and absurd key derivations. What is left to fence, before it gets to see the file ([`fence`]):
//! headers larger than [`LONGEST_HEADER`], its search for a lost header (quadratic), windows and
//! chains of unpackers that cost more than they show. A folder is unpacked once, in order; what the
//! limits leave of it is told without content. A header that is sound and yet cannot be read is a
//! [`Problem::Reader`]: what it hides is unknown.

mod fence;

use std::borrow::Cow;
use std::io::{self, Cursor, Read};

use sevenz_rust2::{Archive, ArchiveEntry, Block, BlockDecoder, Password};

use super::magic::{le32, le64};
use super::{Content, Encryption, Kind, Member, Role, Visit, entry_name};
use crate::message::Problem;
use fence::{Coders, Fence};

/// Reads an archive.
pub(super) fn read(bytes: &[u8], visit: &mut Visit<'_>) {
    let Some(header) = header(bytes) else {
        visit.damaged("its header");
        return;
    };
    let Some(&first) = header.first() else { return };
    let coders = match first {
        ENCODED => Coders::of_encoded_header(header),
        _ => Some(Coders::default()),
    };
    let Some(coders) = coders else { return cannot_be_read(visit) };
    // Without a password not even names can be seen.
    if coders.is_encrypted() {
        visit.set_encryption(Encryption::Encrypted);
    }
    let size = coders.size.max(header.len() as u64);
    if size > LONGEST_HEADER {
        let limit = visit.budget().members_limit();
        visit.budget().note(Problem::Members(limit));
        return;
    }
    if !coders.pass(visit) || !visit.budget().take_work(size as usize * WORK_PER_BYTE) {
        return cannot_be_read(visit);
    }
    let mut passwords = Passwords { candidates: visit.passwords(), right: None, closed: 0 };
    let archive = match coders.key_derivation() {
        None => Archive::read(&mut Cursor::new(bytes), &Password::empty()).ok(),
        Some(derivation) => {
            let open = |password: &Password| Archive::read(&mut Cursor::new(bytes), password).ok();
            let Some(opened) = passwords.open(derivation, visit, |password, _| open(password))
            else {
                return;
            };
            Some(opened)
        }
    };
    match archive {
        Some(archive) => tell(bytes, &archive, coders.is_encrypted(), &mut passwords, visit),
        None => cannot_be_read(visit),
    }
}

/// Notes that what a sound header says is beyond us.
fn cannot_be_read(visit: &mut Visit<'_>) {
    visit.budget().note(Problem::Reader(Kind::SevenZip.name()));
}

/// Header that is packed, and perhaps encrypted, itself.
const ENCODED: u8 = 0x17;

/// Longest header that is read, in bytes; of some two thousand members.
const LONGEST_HEADER: u64 = 256 << 10;

/// What the library keeps of a member may be a hundred times what the header says of it.
const WORK_PER_BYTE: usize = 100;

/// The header that the start header points to, where both checksums are right.
fn header(bytes: &[u8]) -> Option<&[u8]> {
    let start = bytes.get(12..32)?;
    let offset = usize::try_from(le64(start, 0)?).ok()?;
    let size = usize::try_from(le64(start, 8)?).ok()?;
    let header = bytes.get(32..)?.get(offset..)?.get(..size)?;
    let is_sound = checksum(start) == le32(bytes, 8)? && checksum(header) == le32(start, 16)?;
    // All zero is what a cut archive has; the library would search the file for a header.
    (is_sound && start.iter().any(|&b| b != 0)).then_some(header)
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Tells of every member, folder by folder, then of those that are empty.
fn tell(
    bytes: &[u8],
    archive: &Archive,
    is_encrypted: bool,
    passwords: &mut Passwords,
    visit: &mut Visit<'_>,
) {
    let mut is_told = vec![false; archive.files.len()];
    let places = &archive.stream_map.file_block_index;
    for (number, block) in archive.blocks.iter().enumerate() {
        let first = archive.stream_map.block_first_file_index.get(number).copied().unwrap_or(0);
        let coders = Coders::of_block(block);
        let is_encrypted = is_encrypted || coders.is_encrypted();
        let folder = Folder { bytes, archive, number, block, is_encrypted };
        let Some(read) = folder.tell(&coders, passwords, visit) else { return };
        for told in is_told.iter_mut().skip(first).take(read) {
            *told = true;
        }
    }
    let files = archive.files.iter().zip(places).zip(is_told);
    for ((file, place), _) in files.filter(|(_, is_told)| !is_told) {
        let content = place.is_none().then(Vec::new);
        if !tell_file(file, is_encrypted && place.is_some(), content, visit) {
            return;
        }
    }
}

/// Tells of one member; folders and entries that only delete are none.
fn tell_file(
    file: &ArchiveEntry,
    is_encrypted: bool,
    content: Option<Vec<u8>>,
    visit: &mut Visit<'_>,
) -> bool {
    if file.is_directory || file.is_anti_item {
        return true;
    }
    visit.member(Member {
        names: vec![entry_name::of_text(file.name.as_str())],
        size: file.size,
        encryption: if is_encrypted { Encryption::Encrypted } else { Encryption::Clear },
        role: Role::File,
        content: content.map_or(Content::Hidden, |c| Content::Whole(Cow::Owned(c))),
    })
}

/// Members packed as one.
struct Folder<'a> {
    bytes: &'a [u8],
    archive: &'a Archive,
    number: usize,
    block: &'a Block,
    is_encrypted: bool,
}

impl Folder<'_> {
    /// Tells of the members, with content as far as it can be had. Gives how many were told of;
    /// `None` where no more are wanted.
    fn tell(
        &self,
        coders: &Coders,
        passwords: &mut Passwords,
        visit: &mut Visit<'_>,
    ) -> Option<usize> {
        let mut told = 0;
        let mut is_wanted = true;
        let password = match coders.key_derivation() {
            _ if !coders.pass(visit) => None,
            None => Some(Password::empty()),
            Some(derivation) => passwords.open(derivation, visit, |password, visit| {
                self.is_opened_by(password, coders, visit).then(|| password.clone())
            }),
        };
        let mut each = |file: &ArchiveEntry, content: &mut dyn Read| {
            let size = file.size.min(visit.budget().bytes() as u64);
            if size == 0 && file.size > 0 || !visit.budget().take_work(coders.work(size)) {
                return Ok(false);
            }
            let content = visit.unpack(content);
            told += 1;
            is_wanted = tell_file(file, self.is_encrypted, Some(content), visit);
            // What the limits cut off would have to be unpacked to get at the next.
            Ok(is_wanted && visit.budget().bytes() > 0)
        };
        if let Some(password) = password {
            let source = &mut Cursor::new(self.bytes);
            let decoder = BlockDecoder::new(1, self.number, self.archive, &password, source);
            // What is missing is told of below.
            let _ = decoder.for_each_entries(&mut each);
        }
        let first = self.archive.stream_map.block_first_file_index.get(self.number).copied()?;
        let places = &self.archive.stream_map.file_block_index;
        let files = self.archive.files.iter().zip(places).skip(first);
        for (file, _) in files.take_while(|(_, place)| **place == Some(self.number)).skip(told) {
            is_wanted = is_wanted && tell_file(file, self.is_encrypted, None, visit);
            told += 1;
        }
        is_wanted.then_some(told)
    }

    /// Whether the first member with data can be unpacked, checksum and all.
    fn is_opened_by(&self, password: &Password, coders: &Coders, visit: &mut Visit<'_>) -> bool {
        let mut is_right = false;
        let mut each = |file: &ArchiveEntry, content: &mut dyn Read| {
            if file.size == 0 {
                return Ok(true);
            }
            let size = usize::try_from(file.size).unwrap_or(usize::MAX);
            is_right = size <= visit.budget().bytes()
                && visit.budget().take_work(coders.work(file.size).saturating_add(size))
                && io::copy(content, &mut io::sink()).is_ok_and(|read| read == file.size);
            Ok(false)
        };
        let source = &mut Cursor::new(self.bytes);
        let decoder = BlockDecoder::new(1, self.number, self.archive, password, source);
        // An error is the answer "no".
        let _ = decoder.for_each_entries(&mut each);
        is_right && !self.block.coders.is_empty()
    }
}

/// Passwords to try, the likeliest first.
struct Passwords {
    candidates: Vec<String>,
    /// The last one that was right.
    right: Option<String>,
    /// How often none of them was.
    closed: usize,
}

/// How often all passwords fail before no more are tried: folders of one archive have one password
/// as a rule.
const MOST_CLOSED: usize = 4;

impl Passwords {
    /// What `open` gives for the first password it accepts. Each costs the derivation of a key;
    /// the last right one costs less, since the library keeps its key as long as nobody else asks.
    fn open<T>(
        &mut self,
        derivation: fence::KeyDerivation,
        visit: &mut Visit<'_>,
        open: impl Fn(&Password, &mut Visit<'_>) -> Option<T>,
    ) -> Option<T> {
        if self.closed >= MOST_CLOSED {
            return None;
        }
        let others =
            self.candidates.iter().filter(|&c| !c.is_empty() && Some(c) != self.right.as_ref());
        for candidate in self.right.iter().chain(others) {
            let is_kept = self.right.as_ref() == Some(candidate);
            let work = derivation.work(candidate) / if is_kept { 4 } else { 1 };
            if !visit.budget().take_work(work) {
                return None;
            }
            if let Some(opened) = open(&Password::new(candidate), visit) {
                visit.set_opened_by_password();
                self.right = Some(candidate.clone());
                return Some(opened);
            }
        }
        self.closed += 1;
        None
    }
}

#[cfg(test)]
mod tests;
