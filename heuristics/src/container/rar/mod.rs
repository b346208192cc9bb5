//! RAR, both formats: lists, flags and stored members.
//!
//! Way in: [`read`]. [`rar4`] and [`rar5`] read their own headers by the published descriptions; what
//! is packed is not unpacked, since no free program text does so safely. So a packed member is told
//! by name and size, and its content is [`Content::Hidden`]; a stored one is a slice of the file.
//! Header checksums are not looked at: a wrong one must not hide a member. Every block moves the
//! reader forward; formats before RAR 2 (`RE~^`) are recognised only.

mod rar4;
mod rar5;

use std::borrow::Cow;

use super::{Content, Encryption, Member, Role, Visit};
use crate::message::param::FileName;

/// Reads an archive.
pub(super) fn read(bytes: &[u8], visit: &mut Visit<'_>) {
    if let Some(blocks) = bytes.strip_prefix(b"Rar!\x1A\x07\x01\0") {
        rar5::read(blocks, visit);
    } else if let Some(blocks) = bytes.strip_prefix(b"Rar!\x1A\x07\0") {
        rar4::read(blocks, visit);
    }
}

/// What a header says of a member.
struct Entry {
    names: Vec<FileName>,
    size: u64,
    is_encrypted: bool,
    is_stored: bool,
}

impl Entry {
    /// Tells of the member whose bytes in the archive are `data`.
    fn tell(self, data: &[u8], visit: &mut Visit<'_>) -> bool {
        let content = match self.is_stored && !self.is_encrypted {
            true => Content::Whole(Cow::Borrowed(data)),
            false => Content::Hidden,
        };
        let encryption = if self.is_encrypted { Encryption::Encrypted } else { Encryption::Clear };
        let Entry { names, size, .. } = self;
        visit.member(Member { names, size, encryption, role: Role::File, content })
    }
}

/// The first `length` bytes, as many as there are, and what follows them.
fn data_of<'a>(rest: &'a [u8], length: u64, visit: &mut Visit<'_>) -> (&'a [u8], &'a [u8]) {
    let here = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
    if length > here as u64 {
        visit.damaged("it is cut");
    }
    rest.split_at_checked(here).unwrap_or_default()
}

/// Tells that nothing can be seen of an archive without its password, not even names.
fn headers_are_encrypted(visit: &mut Visit<'_>) {
    visit.set_encryption(Encryption::Encrypted);
}

#[cfg(test)]
mod tests;
