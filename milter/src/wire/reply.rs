//! What a filter says to the mail server (`SMFIR_*`).
//!
//! Way in: [`FromFilter::encode`]; [`FromFilter::decode`] reads as strictly as Postfix of 2026
//! does, so that tests refuse what it would refuse. It fails on an unknown code, on data where none
//! may be, and on a reply text that is not well formed.

use super::frame::{Packet, put_packet};
use super::{Agreement, Malformed, SmtpText, c_string, number, put_c_string};

/// Longest piece of a replaced body (`MILTER_CHUNK_SIZE`).
pub const BODY_CHUNK: usize = 65_535;

/// A change to the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A header field after all others.
    AddHeader {
        /// Name, without colon.
        name: Vec<u8>,
        /// Value, folds as LF.
        value: Vec<u8>,
    },
    /// A header field at a place of the message *as delivered*: 0 is above everything, 1 is below
    /// the Received field that the mail server adds.
    InsertHeader {
        /// The place.
        index: u32,
        /// Name, without colon.
        name: Vec<u8>,
        /// Value, folds as LF.
        value: Vec<u8>,
    },
    /// Another value for the `index`-th field of this name, counted from 1 in the message *as
    /// received*; an empty value deletes the field.
    ChangeHeader {
        /// Name, without colon.
        name: Vec<u8>,
        /// Which of them.
        index: u32,
        /// Value, folds as LF.
        value: Vec<u8>,
    },
    /// Another body, line ends as CRLF.
    ReplaceBody(Vec<u8>),
    /// Another envelope sender, with ESMTP arguments.
    ChangeSender {
        /// Address in angle brackets.
        address: Vec<u8>,
        /// ESMTP arguments separated by spaces; may be empty.
        arguments: Vec<u8>,
    },
    /// One more recipient.
    AddRecipient {
        /// Address in angle brackets.
        address: Vec<u8>,
        /// ESMTP arguments separated by spaces; may be empty.
        arguments: Vec<u8>,
    },
    /// One recipient less.
    RemoveRecipient(Vec<u8>),
    /// Put aside; Postfix moves the message to its hold queue and ignores the reason.
    Quarantine(Vec<u8>),
}

/// An answer that ends an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Go on; at the end of the message the same as [`Reply::Accept`].
    Continue,
    /// Take the message.
    Accept,
    /// Refuse with the server's own words (Postfix: `550 5.7.1 Command rejected`).
    Reject,
    /// Try later, in the server's own words (Postfix: `451 4.7.1 Service unavailable - try again
    /// later`).
    Tempfail,
    /// Take the message and throw it away.
    Discard,
    /// No more events of this kind, please.
    Skip,
    /// Close the SMTP connection with 421.
    Shutdown,
    /// The filter itself cannot be reached (for filters that stand before others).
    ConnectionFailed,
    /// Refuse in these words.
    Text(SmtpText),
}

/// Any packet from a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromFilter {
    /// `O`: answer to the offer.
    Negotiate(Agreement),
    /// A change; only between the end of the message and the last reply.
    Action(Action),
    /// An answer.
    Reply(Reply),
    /// `p`: still at work, start the time-out again.
    Progress,
}

impl FromFilter {
    /// Appends the packet; a body longer than [`BODY_CHUNK`] becomes several.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            FromFilter::Negotiate(agreement) => put_packet(out, b'O', |out| agreement.put(out)),
            FromFilter::Action(action) => action.encode(out),
            FromFilter::Reply(reply) => reply.encode(out),
            FromFilter::Progress => put_packet(out, b'p', |_| {}),
        }
    }

    /// Reads one packet.
    pub fn decode(packet: Packet<'_>) -> Result<FromFilter, Malformed> {
        let Packet { code, payload } = packet;
        let malformed = |what| Malformed { code, what };
        if b"acdfprst4".contains(&code) && !payload.is_empty() {
            return Err(malformed("data after a plain reply"));
        }
        let reply = match code {
            b'O' => {
                let agreement = Agreement::decode(payload).ok_or(malformed("not an agreement"));
                return agreement.map(FromFilter::Negotiate);
            }
            b'p' => return Ok(FromFilter::Progress),
            b'a' => Reply::Accept,
            b'c' => Reply::Continue,
            b'd' => Reply::Discard,
            b'f' => Reply::ConnectionFailed,
            b'r' => Reply::Reject,
            b's' => Reply::Skip,
            b't' => Reply::Tempfail,
            b'4' => Reply::Shutdown,
            b'y' => Reply::Text(SmtpText::decode(payload).map_err(malformed)?),
            _ => return Action::decode(packet).map(FromFilter::Action),
        };
        Ok(FromFilter::Reply(reply))
    }
}

impl Reply {
    /// Appends the packet.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let code = match self {
            Reply::Continue => b'c',
            Reply::Accept => b'a',
            Reply::Reject => b'r',
            Reply::Tempfail => b't',
            Reply::Discard => b'd',
            Reply::Skip => b's',
            Reply::Shutdown => b'4',
            Reply::ConnectionFailed => b'f',
            Reply::Text(text) => return put_packet(out, b'y', |out| text.put(out)),
        };
        put_packet(out, code, |_| {});
    }
}

impl Action {
    /// Appends the packet; a body longer than [`BODY_CHUNK`] becomes several, an empty one one.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Action::AddHeader { name, value } => put_packet(out, b'h', |out| {
                put_c_string(out, name);
                put_c_string(out, value);
            }),
            Action::InsertHeader { index, name, value } => {
                put_numbered(out, b'i', *index, name, value)
            }
            Action::ChangeHeader { name, index, value } => {
                put_numbered(out, b'm', *index, name, value)
            }
            Action::ReplaceBody(body) if body.is_empty() => put_packet(out, b'b', |_| {}),
            Action::ReplaceBody(body) => {
                for chunk in body.chunks(BODY_CHUNK) {
                    put_packet(out, b'b', |out| out.extend_from_slice(chunk));
                }
            }
            Action::ChangeSender { address, arguments } => {
                put_address(out, b'e', address, arguments)
            }
            // The older packet without arguments is offered by more servers.
            Action::AddRecipient { address, arguments } if arguments.is_empty() => {
                put_address(out, b'+', address, b"");
            }
            Action::AddRecipient { address, arguments } => {
                put_address(out, b'2', address, arguments)
            }
            Action::RemoveRecipient(address) => put_address(out, b'-', address, b""),
            Action::Quarantine(reason) => put_address(out, b'q', reason, b""),
        }
    }

    fn decode(packet: Packet<'_>) -> Result<Action, Malformed> {
        let Packet { code, payload } = packet;
        let malformed = |what| Malformed { code, what };
        let string = |bytes| c_string(bytes).ok_or(malformed("string without NUL"));
        let (index, strings) = match code {
            b'b' => return Ok(Action::ReplaceBody(payload.to_vec())),
            b'i' | b'm' => number(payload).ok_or(malformed("no index"))?,
            b'h' | b'e' | b'+' | b'2' | b'-' | b'q' => (0, payload),
            _ => return Err(malformed("unknown reply")),
        };
        let (first, rest) = string(strings)?;
        let (second, rest) = match code {
            b'h' | b'i' | b'm' => string(rest)?,
            b'e' | b'2' if !rest.is_empty() => string(rest)?,
            _ => (&b""[..], rest),
        };
        if !rest.is_empty() {
            return Err(malformed("data after the strings"));
        }
        let (first, second) = (first.to_vec(), second.to_vec());
        Ok(match code {
            b'h' => Action::AddHeader { name: first, value: second },
            b'i' => Action::InsertHeader { index, name: first, value: second },
            b'm' => Action::ChangeHeader { name: first, index, value: second },
            b'e' => Action::ChangeSender { address: first, arguments: second },
            b'-' => Action::RemoveRecipient(first),
            b'q' => Action::Quarantine(first),
            _ => Action::AddRecipient { address: first, arguments: second },
        })
    }
}

fn put_numbered(out: &mut Vec<u8>, code: u8, index: u32, name: &[u8], value: &[u8]) {
    put_packet(out, code, |out| {
        out.extend_from_slice(&index.to_be_bytes());
        put_c_string(out, name);
        put_c_string(out, value);
    });
}

fn put_address(out: &mut Vec<u8>, code: u8, address: &[u8], arguments: &[u8]) {
    put_packet(out, code, |out| {
        put_c_string(out, address);
        if !arguments.is_empty() {
            put_c_string(out, arguments);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::frame::{First, first_packet};
    use super::*;
    use proptest::prelude::*;

    fn decode_all(mut wire: &[u8]) -> Result<Vec<FromFilter>, Malformed> {
        let mut all = Vec::new();
        while let Ok(First::Whole(packet)) = first_packet(wire) {
            all.push(FromFilter::decode(packet)?);
            wire = &wire[packet.wire_len()..];
        }
        assert!(wire.is_empty());
        Ok(all)
    }

    /// `packet` encodes to `wire` (without length) and back.
    fn check(packet: FromFilter, wire: &[u8]) {
        let mut out = Vec::new();
        packet.encode(&mut out);
        assert_eq!(out[4..].escape_ascii().to_string(), wire.escape_ascii().to_string());
        assert_eq!(decode_all(&out), Ok(vec![packet]));
    }

    fn check_malformed(wire: &[u8], what: &'static str) {
        let packet = Packet { code: wire[0], payload: &wire[1..] };
        assert_eq!(FromFilter::decode(packet), Err(Malformed { code: wire[0], what }));
    }

    #[test]
    fn every_action_has_its_form() {
        let (name, value) = (b"X-A".to_vec(), b" b".to_vec());
        let action = |action, wire| check(FromFilter::Action(action), wire);
        action(Action::AddHeader { name: name.clone(), value: value.clone() }, b"hX-A\0 b\0");
        action(
            Action::InsertHeader { index: 1, name: name.clone(), value },
            b"i\0\0\0\x01X-A\0 b\0",
        );
        action(Action::ChangeHeader { name, index: 2, value: vec![] }, b"m\0\0\0\x02X-A\0\0");
        action(Action::ReplaceBody(b"a\r\n".to_vec()), b"ba\r\n");
        action(Action::ReplaceBody(vec![]), b"b");
        let (address, none) = (b"<a@b>".to_vec(), Vec::new());
        let arguments = b"SIZE=1".to_vec();
        action(
            Action::ChangeSender { address: address.clone(), arguments: none.clone() },
            b"e<a@b>\0",
        );
        action(
            Action::ChangeSender { address: address.clone(), arguments: arguments.clone() },
            b"e<a@b>\0SIZE=1\0",
        );
        action(Action::AddRecipient { address: address.clone(), arguments: none }, b"+<a@b>\0");
        action(Action::AddRecipient { address: address.clone(), arguments }, b"2<a@b>\0SIZE=1\0");
        action(Action::RemoveRecipient(address), b"-<a@b>\0");
        action(Action::Quarantine(b"why".to_vec()), b"qwhy\0");
    }

    #[test]
    fn plain_replies_are_one_byte() {
        for (reply, code) in [
            (Reply::Continue, b"c"),
            (Reply::Accept, b"a"),
            (Reply::Reject, b"r"),
            (Reply::Tempfail, b"t"),
            (Reply::Discard, b"d"),
            (Reply::Skip, b"s"),
            (Reply::Shutdown, b"4"),
            (Reply::ConnectionFailed, b"f"),
        ] {
            check(FromFilter::Reply(reply), code);
        }
        check(FromFilter::Progress, b"p");
        check_malformed(b"cx", "data after a plain reply");
        check_malformed(b"?", "unknown reply");
    }

    #[test]
    fn a_long_body_goes_in_chunks_that_follow_each_other() {
        let mut out = Vec::new();
        Action::ReplaceBody(vec![b'x'; BODY_CHUNK + 1]).encode(&mut out);
        let sizes = decode_all(&out).unwrap().into_iter().map(|packet| match packet {
            FromFilter::Action(Action::ReplaceBody(body)) => body.len(),
            other => panic!("{other:?}"),
        });
        assert_eq!(sizes.collect::<Vec<_>>(), [65_535, 1]);
    }

    proptest! {
        #[test]
        fn nothing_panics_on_arbitrary_bytes(
            code in prop::sample::select(b"Oabcdefhimpqrsty+-24?".to_vec()),
            payload in prop::collection::vec(prop_oneof![Just(0), Just(b'5'), any::<u8>()], 0..60),
        ) {
            let _ = FromFilter::decode(Packet { code, payload: &payload });
        }
    }
}
