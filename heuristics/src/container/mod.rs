//! What files hold: type by content, members, encryption.

pub mod magic;

pub use magic::Kind;

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
