//! What files hold: type by content, members, encryption.
//!
//! Way in: [`open`], which takes a file whose first bytes [`magic::kind`] knows and gives its final
//! kind, whether it is encrypted, and its members. One reader a format; every reader works on a
//! slice that is in memory, lists before it unpacks, and pays for members and bytes out of one
//! [`Budget`] that all containers of a message share.

mod compound;
mod kind;
pub mod magic;
pub mod name;
mod text_magic;
pub mod zip;
#[cfg(test)]
pub(crate) mod zip_writer;

pub use kind::Kind;

use crate::message::Problem;
use crate::message::param::FileName;

/// Whether content is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Can be read by anybody.
    Clear,
    /// Cannot be read without a password or key.
    Encrypted,
    /// Not known.
    #[default]
    Unknown,
}

/// A file in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Every name the container gives it, path included; at least one.
    pub names: Vec<FileName>,
    /// What it is by its first bytes; [`Kind::Unknown`] where they cannot be read.
    pub kind: Kind,
    /// Size unpacked, in bytes, as the container says.
    pub size: u64,
    /// Whether it is encrypted.
    pub encryption: Encryption,
}

/// A file that was looked into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// What it is, now that its members are known.
    pub kind: Kind,
    /// Whether it is encrypted; a container is where every member is.
    pub encryption: Encryption,
    /// Its members, in the order of the container; folders left out, and parts of documents.
    pub members: Vec<Member>,
}

/// What all containers of one message together may still cost, and which limits they met.
#[derive(Clone, Debug)]
pub struct Budget {
    members: usize,
    members_limit: usize,
    bytes: usize,
    bytes_limit: usize,
    problems: Vec<Problem>,
}

impl Budget {
    /// A budget of `members` archive members and `bytes` decoded or unpacked.
    pub fn new(members: usize, bytes: usize) -> Budget {
        Budget { members, members_limit: members, bytes, bytes_limit: bytes, problems: Vec::new() }
    }

    /// Takes `bytes` that are about to be decoded or unpacked; where not enough is left, notes so
    /// and takes nothing.
    pub fn take_bytes(&mut self, bytes: usize) -> bool {
        match self.bytes.checked_sub(bytes) {
            Some(left) => self.bytes = left,
            None => {
                self.note(Problem::Inflated(self.bytes_limit));
                return false;
            }
        }
        true
    }

    /// How many members may still be listed.
    pub fn members(&self) -> usize {
        self.members
    }

    /// Takes one member, where one is left.
    pub fn take_member(&mut self) -> bool {
        match self.members.checked_sub(1) {
            Some(left) => self.members = left,
            None => {
                self.note(Problem::Members(self.members_limit));
                return false;
            }
        }
        true
    }

    /// Notes what could not be read, once.
    pub fn note(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// What could not be read, and which limits were met.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}

/// Whether [`open`] learns more from the whole content than [`magic::kind`] did from its head.
pub fn is_opened(kind: Kind) -> bool {
    matches!(kind, Kind::Compound | Kind::Zip)
}

/// Looks into a file whose head is of `kind`. A kind without a reader comes back as it was, with
/// no members.
///
/// `is_named_archive` says that its name opens it as an archive, whatever else it is.
pub fn open(kind: Kind, content: &[u8], is_named_archive: bool, budget: &mut Budget) -> Opened {
    match kind {
        Kind::Zip => zip::open(content, is_named_archive, budget),
        Kind::Compound => {
            let kind = compound::kind(content);
            Opened { kind, encryption: encryption_of(kind), members: Vec::new() }
        }
        _ => Opened { kind, encryption: encryption_of(kind), members: Vec::new() },
    }
}

/// What the kind alone says of encryption.
fn encryption_of(kind: Kind) -> Encryption {
    use Kind::*;
    match kind {
        EncryptedOffice => Encryption::Encrypted,
        // These may hide a password or encrypted members in ways not read here.
        _ if kind.is_archive() || kind.is_disk_image() => Encryption::Unknown,
        Compound | Excel | Msg | OneNote | Pdf | Pgp | Pkcs7 | PowerPoint | Tnef | Unknown
        | Word => Encryption::Unknown,
        _ => Encryption::Clear,
    }
}
