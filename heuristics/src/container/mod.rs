//! What files hold: type by content, members, encryption.
//!
//! Way in: [`Tree`], to which a message adds its files. What a file is, [`magic`] knows by its
//! content; what is in it, its reader tells ([`reader`], one a format). A reader works on a slice
//! that is in memory, lists before it unpacks, tells a [`Visit`] what it finds, and pays for
//! members, bytes and work out of one [`Budget`] that all files of a message share.

mod budget;
mod compound;
mod data_uri;
mod html_file;
pub mod icon;
mod kind;
pub mod magic;
mod markup;
pub mod name;
pub mod observation;
mod pdf;
mod qr;
mod svg;
mod text_magic;
pub mod tree;
pub mod zip;
#[cfg(test)]
pub(crate) mod zip_writer;

pub use budget::Budget;
pub use data_uri::data_uri;
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
        Kind::Bmp | Kind::Gif | Kind::Jpeg | Kind::Png | Kind::WebP => qr::read,
        Kind::Compound => compound::read,
        Kind::Hta | Kind::Html => html_file::read,
        Kind::Pdf => pdf::read,
        Kind::Svg => svg::read,
        Kind::Xml => markup::read,
        Kind::Zip => zip::read,
        _ => return None,
    })
}
