//! What could not be read of a message, and which limit was met. Recorded next to the values.

use std::fmt;

/// Something that could not be read, or not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A body could not be read as its Content-Transfer-Encoding says.
    BrokenEncoding,
    /// Nested deeper than is looked at; the number is the limit.
    Depth(usize),
    /// More comes out of decoding and unpacking than is looked at, in bytes.
    Inflated(usize),
    /// More links than are looked at.
    Links(usize),
    /// More archive members than are looked at.
    Members(usize),
    /// An archive or document is damaged; the text says what and where.
    Damaged(String),
    /// More parts than are looked at.
    Parts(usize),
    /// The reader of such files stopped in the middle; the text names the kind of file.
    Reader(&'static str),
    /// More text than is read, in bytes.
    TextBytes(usize),
    /// More work than one message may make; the number is the limit.
    Work(usize),
}

impl Problem {
    /// Whether it means that a container, a document or the mail itself was not looked at whole
    /// (`archive-limit`).
    pub fn is_container_limit(&self) -> bool {
        use Problem::*;
        matches!(self, Depth(_) | Inflated(_) | Members(_) | Parts(_) | Reader(_) | Work(_))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::BrokenEncoding => write!(f, "a body is not encoded as its header says"),
            Problem::Depth(n) => {
                write!(f, "nested deeper than {n} levels; deeper parts were not looked at")
            }
            Problem::Inflated(n) => {
                write!(f, "unpacks to more than {n} bytes; the rest was not looked at")
            }
            Problem::Links(n) => write!(f, "more than {n} links; the rest were not looked at"),
            Problem::Members(n) => {
                write!(f, "more than {n} archive members; the rest were not looked at")
            }
            Problem::Damaged(what) => write!(f, "damaged: {what}"),
            Problem::Parts(n) => write!(f, "more than {n} MIME parts; the rest were not looked at"),
            Problem::Reader(kind) => {
                write!(f, "{kind}: cannot be read to its end; the rest was not looked at")
            }
            Problem::Work(n) => {
                write!(f, "takes more than {n} units of work; the rest was not looked at")
            }
            Problem::TextBytes(n) => {
                write!(f, "more than {n} bytes of text; the rest was not read")
            }
        }
    }
}
