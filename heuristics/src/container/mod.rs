//! What files hold: type by content, members, encryption.
//!
//! Way in: [`Tree`], to which a message adds its files. What a file is, [`magic`] knows by its
//! content; what is in it, its reader tells ([`reader`], one a format). A reader works on a slice
//! that is in memory, lists before it unpacks, tells a [`Visit`] what it finds, and pays for
//! members, bytes and work out of one [`Budget`] that all files of a message share.

mod arj;
mod budget;
mod cab;
mod codec;
mod compound;
mod data_uri;
mod disk;
mod entry_name;
#[cfg(test)]
mod hostile;
mod html_file;
pub mod icon;
mod kind;
mod link_text;
pub(crate) mod lnk;
mod lzfu;
mod lzh;
mod lzw;
pub mod magic;
mod mail;
mod mapi;
mod markup;
mod msg;
pub mod name;
pub mod observation;
pub(crate) mod office;
mod onenote;
mod packed;
mod pdf;
mod pe;
#[cfg(test)]
pub(crate) mod pe_writer;
mod qr;
mod rar;
#[cfg(test)]
pub(crate) mod samples;
mod sevenz;
mod svg;
mod tar;
mod text_magic;
mod tnef;
pub mod tree;
pub mod uuencode;
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
        Kind::Arj => arj::read,
        Kind::Bmp | Kind::Gif | Kind::Jpeg | Kind::Png | Kind::WebP => qr::read,
        Kind::Bzip2 | Kind::Compress | Kind::Gzip | Kind::Xz | Kind::Zstd => packed::read,
        Kind::Cab => cab::read,
        Kind::Compound => compound::read,
        Kind::DesktopEntry | Kind::InternetShortcut => link_text::read_entries,
        Kind::Disk | Kind::Fat | Kind::Iso9660 | Kind::Udf => disk::read,
        Kind::DosProgram | Kind::Pe => pe::read,
        Kind::Excel | Kind::PowerPoint | Kind::Word => office::ole::read,
        Kind::Hta | Kind::Html => html_file::read,
        Kind::LibraryMs | Kind::SearchMs | Kind::SettingContentMs => link_text::read_markup,
        Kind::Lnk => lnk::read,
        Kind::Lzh => lzh::read,
        Kind::Mail | Kind::Mht => mail::read,
        Kind::Msg => msg::read,
        Kind::OneNote => onenote::read,
        Kind::Pdf => pdf::read,
        Kind::Rar => rar::read,
        Kind::Rtf => office::rtf::read,
        Kind::SevenZip => sevenz::read,
        Kind::Svg => svg::read,
        Kind::Tar => tar::read,
        Kind::Text => office::text::read,
        Kind::Tnef => tnef::read,
        Kind::Uuencode => uuencode::read,
        Kind::Vhd => disk::read_vhd,
        Kind::Vhdx => disk::read_vhdx,
        Kind::Xml => markup::read,
        Kind::Zip => zip::read,
        _ => return None,
    })
}
