//! File types by content: our own table.

/// What a file is by its first bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Nothing the table knows.
    #[default]
    Unknown,
}
