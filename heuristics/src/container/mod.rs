//! What files hold: type by content, members, encryption.
//!
//! Way in: [`Tree`], to which a message adds its files. What a file is, [`magic`] knows by its
//! content; what is in it, its reader tells ([`reader`], one a format). A reader works on a slice
//! that is in memory, lists before it unpacks, tells a [`Visit`] what it finds, and pays for
//! members, bytes and work out of one [`Budget`] that all files of a message share.

mod budget;
mod compound;
pub mod icon;
mod kind;
mod link_text;
pub(crate) mod lnk;
pub mod magic;
pub mod name;
pub mod observation;
mod pe;
#[cfg(test)]
pub(crate) mod pe_writer;
mod text_magic;
pub mod tree;
pub mod zip;
#[cfg(test)]
pub(crate) mod zip_writer;

pub use budget::Budget;
pub use kind::Kind;
pub use tree::{Content, File, Member, Role, Tree, Visit};

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

/// Reads a file of its format: takes the content, tells what it finds.
pub type Reader = fn(&[u8], &mut Visit<'_>);

/// Who reads files of this kind; `None` for kinds that hold nothing of interest, or that are
/// recognised only.
pub fn reader(kind: Kind) -> Option<Reader> {
    Some(match kind {
        Kind::Compound => compound::read,
        Kind::DesktopEntry | Kind::InternetShortcut => link_text::read_entries,
        Kind::LibraryMs | Kind::SearchMs | Kind::SettingContentMs => link_text::read_markup,
        Kind::Lnk => lnk::read,
        Kind::DosProgram | Kind::Pe => pe::read,
        Kind::Zip => zip::read,
        _ => return None,
    })
}
