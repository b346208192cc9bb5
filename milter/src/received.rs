//! A message as it came, with all that the mail server said about it.
//!
//! Way in: [`crate::session::Session`] makes a [`Received`] at the end of each message and hands it
//! to the handler. Plain data; nothing here fails.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::wire::{Actions, Words};

/// One complete message.
#[derive(Clone, Debug)]
pub struct Received {
    /// The SMTP client. Shared by the messages of one connection.
    pub connection: Arc<Connection>,
    /// Macros of the connection and of this message.
    pub macros: Macros,
    /// Address of MAIL FROM without angle brackets; empty for bounces.
    pub mail_from: Vec<u8>,
    /// ESMTP arguments of MAIL FROM as given, e.g. `SMTPUTF8`.
    pub mail_args: Vec<Vec<u8>>,
    /// Addresses of RCPT TO without angle brackets.
    pub recipients: Vec<Vec<u8>>,
    /// The whole message: `name:value CRLF` for each header field, CRLF, body as it was sent.
    pub raw: Vec<u8>,
    /// Where the body begins in `raw`.
    pub body_start: usize,
    /// Where the header fields are in `raw`; see [`Received::headers`].
    pub(crate) headers: Vec<HeaderSpan>,
    /// What may be done to it.
    pub granted: Granted,
    /// The first limit that was exceeded: what lies beyond it is not in here.
    pub over_limit: Option<OverLimit>,
}

/// The SMTP client of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// Name that the mail server verified, `unknown`, or the address in brackets.
    pub hostname: Vec<u8>,
    /// Its address; `None` for mail that did not come by the network, or where none was told.
    pub address: Option<IpAddr>,
    /// Its port; 0 where not known.
    pub port: u16,
    /// Name it gave in HELO or EHLO.
    pub helo: Vec<u8>,
}

/// What the mail server agreed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Granted {
    /// Changes that may be asked for.
    pub actions: Actions,
    /// Whether header values are exact. If not, the first space after the colon is a guess, and
    /// DKIM signatures with simple canonicalisation may not verify.
    pub header_leading_space: bool,
}

/// Which limit a message exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverLimit {
    /// An address of MAIL FROM that is no address.
    Sender,
    /// More recipients, or a longer address, than are kept.
    Recipients,
    /// More header fields.
    Headers,
    /// More bytes of headers.
    HeaderBytes,
    /// More bytes of body.
    Body,
    /// More bytes than all connections may hold together; nothing of the message was kept.
    InFlight,
}

impl fmt::Display for OverLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OverLimit::Sender => "the sender's address",
            OverLimit::Recipients => "recipients",
            OverLimit::Headers => "header fields",
            OverLimit::HeaderBytes => "bytes of header fields",
            OverLimit::Body => "bytes of body",
            OverLimit::InFlight => "bytes in flight",
        })
    }
}

/// Where one header field lies: it ends where the next begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeaderSpan {
    pub(crate) start: usize,
    pub(crate) name_len: usize,
}

/// Macros as they came, by stage. Looked up rarely, so they are kept unread.
#[derive(Clone, Debug, Default)]
pub struct Macros {
    stages: [Vec<u8>; STAGES],
}

impl Received {
    /// Queue id, the name of the message in the mail server's log; empty where it told none.
    pub fn queue_id(&self) -> &[u8] {
        self.macros.value(b"i").unwrap_or_default()
    }

    /// Name under which the client logged in (SASL), if it did.
    pub fn authenticated_as(&self) -> Option<&[u8]> {
        self.macros.value(b"auth_authen")
    }

    /// Whether the client may be answered in UTF-8 (RFC 6531).
    pub fn smtputf8(&self) -> bool {
        self.mail_args.iter().any(|argument| argument.eq_ignore_ascii_case(b"SMTPUTF8"))
    }

    /// Names and raw values of the header fields in order. The value is all between colon and the
    /// last CRLF. The n-th field of a name here is number n for
    /// [`crate::wire::Action::ChangeHeader`], counted from 1.
    pub fn headers(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let ends = self.headers.iter().skip(1).map(|span| span.start);
        let last = self.body_start.saturating_sub(2);
        self.headers.iter().zip(ends.chain([last])).filter_map(|(span, end)| {
            let (name, rest) = self.raw.get(span.start..end)?.split_at_checked(span.name_len)?;
            Some((name, rest.get(1..rest.len().saturating_sub(2))?))
        })
    }
}

impl Macros {
    /// The value of a macro, latest stage first. `name` is without braces. Empty values count as
    /// absent: Postfix sends none, sendmail some.
    pub fn value(&self, name: &[u8]) -> Option<&[u8]> {
        self.stages.iter().rev().find_map(|bytes| {
            let mut words = Words::new(bytes)?.iter();
            while let (Some(key), Some(value)) = (words.next(), words.next()) {
                let bare = key.strip_prefix(b"{").and_then(|key| key.strip_suffix(b"}"));
                if bare.unwrap_or(key) == name && !value.is_empty() {
                    return Some(value);
                }
            }
            None
        })
    }

    /// Stores the macros of a stage in place of its earlier ones.
    pub(crate) fn replace(&mut self, stage: u8, pairs: Words<'_>) {
        if let Some(slot) = slot(stage).and_then(|slot| self.stages.get_mut(slot)) {
            slot.clear();
            // Sendmail's longest, certificate names, stay far below; anything above is not macros.
            if pairs.as_bytes().len() <= STAGE_MAX {
                slot.extend_from_slice(pairs.as_bytes());
            }
        }
    }

    pub(crate) fn forget_message(&mut self) {
        self.stages.iter_mut().skip(CONNECTION_STAGES).for_each(Vec::clear);
    }
}

/// Where the macros of a command are kept; `None` for those that tell nothing about a message.
fn slot(stage: u8) -> Option<usize> {
    match stage {
        b'C' => Some(0),
        b'H' => Some(1),
        b'M' => Some(2),
        b'R' => Some(3),
        b'T' => Some(4),
        b'L' | b'N' => Some(5),
        b'B' | b'E' => Some(6),
        _ => None,
    }
}

/// Slots of [`slot`], and how many of them outlive a message.
const STAGES: usize = 7;
const CONNECTION_STAGES: usize = 2;

/// Bytes of macros kept of one stage.
const STAGE_MAX: usize = 16 << 10;
