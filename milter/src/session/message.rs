//! A message that is being received: keeps what the events of one transaction bring, within the
//! [`Limits`].
//!
//! Way in: [`super::Session`] hands each event on. Nothing fails; the first limit that was met is
//! noted, and what lies beyond it is left out. Where all connections together hold as much as they
//! may, the whole message is let go at once: it will come again.

use sekisho_config::Limits;

use crate::in_flight::Share;
use crate::received::{HeaderSpan, OverLimit};
use crate::wire::Words;

/// A message that is being received.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) mail_from: Vec<u8>,
    pub(super) mail_args: Vec<Vec<u8>>,
    pub(super) recipients: Vec<Vec<u8>>,
    pub(super) raw: Vec<u8>,
    pub(super) headers: Vec<HeaderSpan>,
    pub(super) body_start: Option<usize>,
    pub(super) over_limit: Option<OverLimit>,
    /// The bytes above, counted.
    pub(super) share: Share,
}

impl Message {
    /// A message of which nothing has come.
    pub(super) fn new(share: Share) -> Message {
        Message {
            mail_from: Vec::new(),
            mail_args: Vec::new(),
            recipients: Vec::new(),
            raw: Vec::new(),
            headers: Vec::new(),
            body_start: None,
            over_limit: None,
            share,
        }
    }

    pub(super) fn mail(&mut self, words: Words<'_>) {
        let mut words = words.iter();
        let address = words.next().unwrap_or_default();
        if address.len() > ADDRESS_MAX {
            self.exceed(OverLimit::Sender);
        } else {
            self.mail_from = bare_address(address).to_vec();
        }
        self.mail_args = words.take(ARGUMENTS_MAX).map(bounded).collect();
    }

    pub(super) fn rcpt(&mut self, words: Words<'_>, limits: &Limits) {
        let address = words.iter().next().unwrap_or_default();
        if self.recipients.len() >= limits.recipients || address.len() > ADDRESS_MAX {
            self.exceed(OverLimit::Recipients);
        } else if self.hold(size_of::<Vec<u8>>() + address.len()) {
            self.recipients.push(bare_address(address).to_vec());
        }
    }

    pub(super) fn header(
        &mut self,
        name: &[u8],
        value: &[u8],
        leading_space: bool,
        limits: &Limits,
    ) {
        // Once one is left out, later ones are too: "the first so many" is a clear statement.
        let full = matches!(self.over_limit, Some(OverLimit::Headers | OverLimit::HeaderBytes));
        if full || self.headers.len() >= limits.headers {
            return self.exceed(OverLimit::Headers);
        }
        if self.raw.len() + name.len() + value.len() > limits.header_bytes {
            return self.exceed(OverLimit::HeaderBytes);
        }
        // A header after the end of headers would shift the body; no server sends one.
        if self.body_start.is_some() || !self.hold(name.len() + value.len() + HEADER_MARKS) {
            return;
        }
        if self.raw.capacity() == 0 {
            self.raw.reserve(RAW_START);
        }
        let start = self.raw.len();
        self.raw.extend_from_slice(name);
        self.raw.push(b':');
        if !leading_space {
            self.raw.push(b' ');
        }
        put_with_crlf(&mut self.raw, value);
        self.raw.extend_from_slice(b"\r\n");
        self.headers.push(HeaderSpan { start, name_len: name.len() });
    }

    pub(super) fn end_headers(&mut self) {
        if self.body_start.is_none() {
            self.raw.extend_from_slice(b"\r\n");
            self.body_start = Some(self.raw.len());
        }
    }

    /// Keeps what fits; `false` when nothing more will be kept.
    pub(super) fn body(&mut self, piece: &[u8], limit: usize) -> bool {
        if piece.is_empty() {
            return true;
        }
        self.end_headers();
        let used = self.raw.len() - self.body_start.unwrap_or_default();
        let room = limit.saturating_sub(used);
        let fitting = piece.get(..room).unwrap_or(piece);
        if !self.hold(fitting.len()) {
            return false;
        }
        self.raw.extend_from_slice(fitting);
        if fitting.len() < piece.len() {
            self.exceed(OverLimit::Body);
            return false;
        }
        true
    }

    /// Whether so many bytes more may be held. If not, the message is let go: nothing of it is held
    /// from now on.
    fn hold(&mut self, bytes: usize) -> bool {
        if self.over_limit == Some(OverLimit::InFlight) {
            return false;
        }
        if self.share.grow(bytes) {
            return true;
        }
        self.recipients = Vec::new();
        self.headers = Vec::new();
        self.raw = Vec::new();
        self.body_start = Some(0);
        self.over_limit = Some(OverLimit::InFlight);
        self.share.give_back();
        false
    }

    /// Notes the first limit that was met.
    fn exceed(&mut self, limit: OverLimit) {
        self.over_limit.get_or_insert(limit);
    }
}

/// Appends `value`, each line end as CRLF.
fn put_with_crlf(raw: &mut Vec<u8>, value: &[u8]) {
    let mut rest = value;
    while let Some((line, after)) = memchr::memchr(b'\n', rest).and_then(|at| {
        let (line, after) = rest.split_at_checked(at)?;
        Some((line, after.get(1..)?))
    }) {
        raw.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        raw.extend_from_slice(b"\r\n");
        rest = after;
    }
    raw.extend_from_slice(rest);
}

/// An address without its angle brackets.
fn bare_address(address: &[u8]) -> &[u8] {
    address.strip_prefix(b"<").and_then(|a| a.strip_suffix(b">")).unwrap_or(address)
}

/// At most [`ADDRESS_MAX`] bytes of a name that is only looked at.
pub(super) fn bounded(bytes: &[u8]) -> Vec<u8> {
    bytes.get(..ADDRESS_MAX).unwrap_or(bytes).to_vec()
}

/// Longest address kept. RFC 5321 4.5.3.1.3 allows 256 octets, Postfix lines of 2,048.
const ADDRESS_MAX: usize = 2048;

/// ESMTP arguments kept of MAIL FROM.
const ARGUMENTS_MAX: usize = 32;

/// Colon, space and CRLF of a header field.
const HEADER_MARKS: usize = 4;

/// First size of a message buffer: holds the average mail without growing.
const RAW_START: usize = 16 << 10;
