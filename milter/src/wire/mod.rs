//! The milter protocol without I/O: bytes to values and back, from both ends.
//!
//! Way in: [`frame::first_packet`] cuts a buffer into packets, [`Command::decode`] reads what the
//! mail server says, [`FromFilter::encode`] writes what a filter answers. The other two directions
//! exist so that tests can play the mail server with the same code.
//!
//! Invariants: nothing here reads, writes, waits or allocates for what it merely looks at; strings
//! stay raw bytes, because mail headers are in every charset or none; whatever bytes come in, the
//! result is a value or a [`Malformed`], never a panic.
//!
//! Sources: `libmilter/mfdef.h` and `mfapi.h` of sendmail 8.18 for numbers, Postfix's
//! `src/milter/milter8.c` for what the other side really does.

pub mod command;
pub mod frame;
pub mod negotiate;
pub mod reply;
pub mod smtp_text;

pub use command::{Command, Family, Words};
pub use frame::{FrameError, Packet};
pub use negotiate::{Actions, Agreement, MacroStage, Offer, Protocol};
pub use reply::{Action, FromFilter, Reply};
pub use smtp_text::SmtpText;

/// A packet whose contents do not fit its command byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Command or reply byte of the packet.
    pub code: u8,
    /// What is wrong with it.
    pub what: &'static str,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "packet '{}': {}", self.code.escape_ascii(), self.what)
    }
}

impl std::error::Error for Malformed {}

/// The string before the first NUL, and what follows that NUL.
fn c_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(0, bytes)?;
    let (string, rest) = bytes.split_at_checked(end)?;
    Some((string, rest.get(1..)?))
}

/// A 32-bit number in network order, and what follows it.
fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*head), rest))
}

/// Appends `string` and a NUL. A NUL inside would end the string early and put everything after it
/// into the wrong field, so it is left out.
fn put_c_string(out: &mut Vec<u8>, string: &[u8]) {
    if memchr::memchr(0, string).is_none() {
        out.extend_from_slice(string);
    } else {
        out.extend(string.iter().filter(|byte| **byte != 0));
    }
    out.push(0);
}
