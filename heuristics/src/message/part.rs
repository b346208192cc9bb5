//! One part of the MIME tree (RFC 2045, 2046), as ranges over the bytes it stands in.

use std::ops::Range;

use super::param::FileName;

/// Index of a part in [`super::Message::parts`].
pub type PartId = usize;

/// A MIME part. The tree is kept flat, depth first, so that no walk can run away.
#[derive(Clone, Debug)]
pub struct Part {
    /// Part that holds this one; `None` for the message itself.
    pub parent: Option<PartId>,
    /// How many parts, multiparts and attached messages hold this one.
    pub depth: usize,
    /// Which message it belongs to: 0 is the mail itself, others are attached messages, an index
    /// into [`super::Message::messages`].
    pub message: usize,
    /// Which bytes the ranges are over: 0 is the mail itself, others are attached messages that
    /// came base64- or quoted-printable-encoded.
    pub source: usize,
    /// The part's header fields, without the blank line after them.
    pub header: Range<usize>,
    /// The part's body, transfer encoding still on.
    pub body: Range<usize>,
    /// Media type, lower case: `text`, `multipart`, `application`.
    pub main: String,
    /// Media subtype, lower case: `plain`, `mixed`, `pdf`.
    pub sub: String,
    /// Whether a Content-Type was given; else `text/plain` is the default (RFC 2045, 5.2).
    pub type_declared: bool,
    /// `charset` parameter as written.
    pub charset: Option<String>,
    /// `boundary` parameter, for multiparts.
    pub boundary: Option<String>,
    /// Content-Disposition, lower case: `inline`, `attachment`, or something else as written.
    pub disposition: Option<String>,
    /// Content-ID without angle brackets.
    pub content_id: Option<String>,
    /// Every name the headers give the file, in every form.
    pub names: Vec<FileName>,
    /// Content-Transfer-Encoding.
    pub encoding: TransferEncoding,
    /// Whether the body could not be read as its headers say.
    pub broken: bool,
}

/// Content-Transfer-Encoding (RFC 2045, section 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransferEncoding {
    /// base64
    Base64,
    /// 7bit, 8bit, binary or nothing: the bytes are the content.
    #[default]
    Identity,
    /// quoted-printable
    QuotedPrintable,
    /// Something that is not registered; the bytes are taken as they are.
    Unknown,
    /// x-uuencode and its spellings.
    Uuencode,
}

impl TransferEncoding {
    /// Whether what is in the part are other bytes than those that stand there.
    pub(super) fn changes_bytes(self) -> bool {
        matches!(self, TransferEncoding::Base64 | TransferEncoding::QuotedPrintable)
    }
}

impl Part {
    /// `main/sub`.
    pub fn media_type(&self) -> String {
        format!("{}/{}", self.main, self.sub)
    }

    /// Whether the media type is `main/sub`.
    pub fn is(&self, main: &str, sub: &str) -> bool {
        self.main == main && self.sub == sub
    }

    /// Whether it holds other parts.
    pub fn is_multipart(&self) -> bool {
        self.main == "multipart"
    }

    /// Whether Content-Disposition says `attachment`.
    pub fn is_attached(&self) -> bool {
        self.disposition.as_deref() == Some("attachment")
    }
}
