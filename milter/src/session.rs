//! One connection of the mail server, as a state machine without I/O: packets in, answers and
//! finished messages out.
//!
//! Way in: [`Session::take`] for each packet. The session only *records*; the one thing it decides
//! is whether an event is answered. What a handler decided is written by
//! [`crate::answer::put_response`].
//!
//! ```text
//! New --negotiate--> Connected --MAIL--> InMessage --end of message--> (handler) --> Connected
//!                        ^---------------- ABORT ----'
//! ```
//!
//! Invariants: the message is assembled once, in one buffer that grows as packets come; whatever
//! the mail server sends, memory stays within the [`Limits`] plus one packet, and that of all
//! sessions together within [`Limits::bytes_in_flight`]; macros are accepted
//! at any time. It fails ([`Malformed`]) on packets that cannot be read or that come before the
//! negotiation: after that nobody knows what the other side waits for, so the connection ends.

mod message;

use std::net::IpAddr;
use std::sync::Arc;

use sekisho_config::Limits;

use crate::in_flight::{InFlight, Share};
use crate::received::{Connection, Granted, Macros, Received};
use crate::wire::{
    Actions, Agreement, Command, Family, FromFilter, Malformed, Offer, Packet, Protocol, Reply,
};
use message::{Message, bounded};

/// The state of one connection.
#[derive(Debug)]
pub struct Session {
    wanted: Actions,
    limits: Limits,
    in_flight: InFlight,
    agreement: Option<Agreement>,
    connection: Arc<Connection>,
    macros: Macros,
    message: Option<Message>,
}

/// What one packet led to.
#[derive(Debug)]
pub enum Step {
    /// Recorded; where an answer was due, it is in the output buffer.
    Recorded,
    /// The message is complete and the mail server waits for the verdict. The share counts its
    /// bytes until the answer, which may be as long, is sent.
    Complete(Box<Received>, Share),
    /// The mail server said good-bye.
    Quit,
}

impl Session {
    /// A connection on which nothing was said yet. `wanted` are the actions asked for; the server
    /// may grant fewer. `in_flight` is shared by all connections.
    pub fn new(wanted: Actions, limits: Limits, in_flight: InFlight) -> Session {
        Session {
            wanted,
            limits,
            in_flight,
            agreement: None,
            connection: Arc::default(),
            macros: Macros::default(),
            message: None,
        }
    }

    /// Whether a message is under way: such a connection is not closed lightly.
    pub fn in_message(&self) -> bool {
        self.message.is_some()
    }

    /// Takes one packet; answers that are due are appended to `out`.
    pub fn take(&mut self, packet: Packet<'_>, out: &mut Vec<u8>) -> Result<Step, Malformed> {
        let command = Command::decode(packet)?;
        if let Command::Negotiate(offer) = command {
            self.negotiate(&offer, out)?;
            return Ok(Step::Recorded);
        }
        let Some(agreement) = &self.agreement else {
            return Err(Malformed { code: packet.code, what: "before the negotiation" });
        };
        let (protocol, limits) = (agreement.protocol, self.limits);
        match command {
            Command::Macros { stage, pairs } => self.macros.replace(stage, pairs),
            Command::Connect { hostname, family, port, address } => {
                self.connect(hostname, family, port, address);
            }
            Command::Helo(name) => {
                Arc::make_mut(&mut self.connection).helo = bounded(name);
            }
            Command::Mail(words) => {
                // The bytes of a message that was never finished are free for this one.
                self.message = None;
                self.message().mail(words);
            }
            Command::Rcpt(words) => self.message().rcpt(words, &limits),
            Command::Header { name, value } => {
                let leading_space = protocol.has(Protocol::HEADER_LEADING_SPACE);
                self.message().header(name, value, leading_space, &limits);
            }
            Command::EndOfHeaders => self.message().end_headers(),
            Command::Body(piece) => {
                let kept = self.message().body(piece, limits.body_bytes);
                let skip = !kept && protocol.has(Protocol::SKIP);
                if skip && !protocol.has(Protocol::QUIET_BODY) {
                    Reply::Skip.encode(out);
                    return Ok(Step::Recorded);
                }
            }
            Command::EndOfMessage(piece) => {
                self.message().body(piece, limits.body_bytes);
                let (received, share) = self.complete();
                return Ok(Step::Complete(Box::new(received), share));
            }
            Command::Abort => self.forget_message(),
            Command::QuitNewConnection => {
                self.forget_message();
                self.macros = Macros::default();
                self.connection = Arc::default();
            }
            Command::Quit => return Ok(Step::Quit),
            Command::Data | Command::Unknown(_) | Command::Negotiate(_) => {}
        }
        if wants_answer(packet.code, protocol) {
            Reply::Continue.encode(out);
        }
        Ok(Step::Recorded)
    }

    /// What the mail server agreed to; nothing before the negotiation.
    pub fn granted(&self) -> Granted {
        let (actions, protocol) = match &self.agreement {
            Some(agreement) => (agreement.actions, agreement.protocol),
            None => (Actions::default(), Protocol::default()),
        };
        Granted { actions, header_leading_space: protocol.has(Protocol::HEADER_LEADING_SPACE) }
    }

    /// A server that negotiates anew (after `K`, or once more) starts from nothing.
    fn negotiate(&mut self, offer: &Offer, out: &mut Vec<u8>) -> Result<(), Malformed> {
        let agreement = offer.agree(self.wanted)?;
        *self = Session::new(self.wanted, self.limits, self.in_flight.clone());
        let answer = FromFilter::Negotiate(agreement);
        answer.encode(out);
        if let FromFilter::Negotiate(agreement) = answer {
            self.agreement = Some(agreement);
        }
        Ok(())
    }

    fn connect(&mut self, hostname: &[u8], family: Family, port: u16, address: &[u8]) {
        let text = std::str::from_utf8(address).unwrap_or_default();
        let text = text.strip_prefix("IPv6:").unwrap_or(text);
        let address = match family {
            Family::Inet | Family::Inet6 => text.parse::<IpAddr>().ok(),
            Family::Unix | Family::Unknown => None,
        };
        let hostname = bounded(hostname);
        self.connection = Arc::new(Connection { hostname, address, port, helo: Vec::new() });
    }

    /// The message under way; one that began without MAIL FROM has an empty sender.
    fn message(&mut self) -> &mut Message {
        let share = || self.in_flight.share(self.limits.bytes_in_flight);
        self.message.get_or_insert_with(|| Message::new(share()))
    }

    fn forget_message(&mut self) {
        self.message = None;
        self.macros.forget_message();
    }

    fn complete(&mut self) -> (Received, Share) {
        let share = || self.in_flight.share(self.limits.bytes_in_flight);
        let mut message = self.message.take().unwrap_or_else(|| Message::new(share()));
        message.end_headers();
        let received = Received {
            connection: Arc::clone(&self.connection),
            macros: self.macros.clone(),
            mail_from: message.mail_from,
            mail_args: message.mail_args,
            recipients: message.recipients,
            body_start: message.body_start.unwrap_or(message.raw.len()),
            raw: message.raw,
            headers: message.headers,
            granted: self.granted(),
            over_limit: message.over_limit,
        };
        self.macros.forget_message();
        (received, message.share)
    }
}

/// Whether the mail server waits for an answer to this command.
fn wants_answer(code: u8, protocol: Protocol) -> bool {
    let quiet = match code {
        b'C' => Protocol::QUIET_CONNECT,
        b'H' => Protocol::QUIET_HELO,
        b'M' => Protocol::QUIET_MAIL,
        b'R' => Protocol::QUIET_RCPT,
        b'T' => Protocol::QUIET_DATA,
        b'U' => Protocol::QUIET_UNKNOWN,
        b'L' => Protocol::QUIET_HEADERS,
        b'N' => Protocol::QUIET_END_OF_HEADERS,
        b'B' => Protocol::QUIET_BODY,
        _ => return false,
    };
    !protocol.has(quiet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::received::OverLimit;
    use crate::wire::Words;
    use crate::wire::frame::{First, first_packet};
    use proptest::prelude::*;

    const POSTFIX: Offer = Offer { version: 6, actions: Actions::ALL, protocol: Protocol::ALL };

    /// Runs `commands` on a connection that negotiated `offer`; gives the answers and the messages.
    fn check(offer: Offer, limits: Limits, commands: &[Command<'_>]) -> (Vec<u8>, Vec<Received>) {
        let mut session = Session::new(Actions::ALL, limits, InFlight::default());
        let (mut out, mut messages, mut wire) = (Vec::new(), Vec::new(), Vec::new());
        Command::Negotiate(offer).encode(&mut wire);
        commands.iter().for_each(|command| command.encode(&mut wire));
        let mut rest = wire.as_slice();
        while let First::Whole(packet) = first_packet(rest).unwrap() {
            if let Step::Complete(received, _) = session.take(packet, &mut out).unwrap() {
                messages.push(*received);
            }
            rest = &rest[packet.wire_len()..];
        }
        let First::Whole(negotiated) = first_packet(&out).unwrap() else { panic!() };
        let answers = out[negotiated.wire_len()..].to_vec();
        (answers, messages)
    }

    fn limits() -> Limits {
        sekisho_config::Settings::default().filter.limits
    }

    fn words(bytes: &[u8]) -> Words<'_> {
        Words::new(bytes).unwrap()
    }

    fn header<'a>(name: &'a str, value: &'a str) -> Command<'a> {
        Command::Header { name: name.as_bytes(), value: value.as_bytes() }
    }

    #[test]
    fn a_message_is_put_together_as_it_was_sent() {
        let (answers, messages) = check(
            POSTFIX,
            limits(),
            &[
                Command::Macros { stage: b'C', pairs: words(b"j\0mx.own.example\0") },
                Command::Connect {
                    hostname: b"mail.example.com",
                    family: Family::Inet6,
                    port: 25,
                    address: b"IPv6:2001:db8::1",
                },
                Command::Helo(b"mail.example.com"),
                Command::Macros { stage: b'M', pairs: words(b"{auth_authen}\0taro\0") },
                Command::Mail(words(b"<a@example.com>\0SIZE=10\0smtputf8\0")),
                Command::Rcpt(words(b"<b@own.example>\0")),
                Command::Rcpt(words(b"<c@own.example>\0")),
                header("Subject", " a\n\tb"),
                header("X-Empty", ""),
                Command::EndOfHeaders,
                Command::Body(b"one\r"),
                Command::Body(b"\ntwo"),
                Command::Macros { stage: b'E', pairs: words(b"i\0ABC123\0") },
                Command::EndOfMessage(b""),
            ],
        );
        assert_eq!(answers, b"");
        let [message] = messages.as_slice() else { panic!("{messages:?}") };
        assert_eq!(
            String::from_utf8_lossy(&message.raw),
            "Subject: a\r\n\tb\r\nX-Empty:\r\n\r\none\r\ntwo"
        );
        assert_eq!(&message.raw[message.body_start..], b"one\r\ntwo");
        assert_eq!(
            message.headers().collect::<Vec<_>>(),
            [(&b"Subject"[..], &b" a\r\n\tb"[..]), (b"X-Empty", b"")]
        );
        assert_eq!(message.mail_from, b"a@example.com");
        assert!(message.smtputf8());
        assert_eq!(message.recipients, [b"b@own.example", b"c@own.example"]);
        assert_eq!(message.queue_id(), b"ABC123");
        assert_eq!(message.authenticated_as(), Some(&b"taro"[..]));
        assert_eq!(message.macros.value(b"j"), Some(&b"mx.own.example"[..]));
        assert_eq!(message.connection.address, "2001:db8::1".parse().ok());
        assert_eq!(message.connection.helo, b"mail.example.com");
        assert_eq!(message.over_limit, None);
    }

    #[test]
    fn nothing_of_an_aborted_message_is_in_the_next() {
        let (_, messages) = check(
            POSTFIX,
            limits(),
            &[
                Command::Macros { stage: b'M', pairs: words(b"{auth_authen}\0taro\0") },
                Command::Mail(words(b"<a@example.com>\0")),
                header("Subject", " one"),
                Command::Abort,
                Command::Mail(words(b"<>\0")),
                Command::Rcpt(words(b"<c@own.example>\0")),
                Command::EndOfMessage(b"late body"),
            ],
        );
        let [message] = messages.as_slice() else { panic!("{messages:?}") };
        assert_eq!(message.raw, b"\r\nlate body");
        assert_eq!(message.body_start, 2);
        assert_eq!((message.mail_from.as_slice(), message.authenticated_as()), (&b""[..], None));
    }

    #[test]
    fn an_old_server_gets_an_answer_to_each_event() {
        let old = Offer { version: 2, actions: Actions(0x1f), protocol: Protocol(0x7f) };
        let (answers, messages) = check(
            old,
            limits(),
            &[
                Command::Helo(b"x"),
                Command::Macros { stage: b'M', pairs: words(b"") },
                Command::Mail(words(b"<a@b>\0")),
                Command::Abort,
                Command::Mail(words(b"<a@b>\0")),
                header("Subject", "a"),
                Command::EndOfHeaders,
                Command::EndOfMessage(b""),
            ],
        );
        assert_eq!(answers, b"\0\0\0\x01c".repeat(5));
        assert_eq!(messages[0].raw, b"Subject: a\r\n\r\n");
        assert!(!messages[0].granted.header_leading_space);
    }

    #[test]
    fn beyond_the_limits_nothing_is_kept() {
        let small =
            Limits { headers: 2, header_bytes: 40, recipients: 1, body_bytes: 5, ..limits() };
        let over = |commands: &[Command<'_>]| {
            let mut all = vec![Command::Mail(words(b"<a@b>\0"))];
            all.extend_from_slice(commands);
            all.push(Command::EndOfMessage(b""));
            let message = check(POSTFIX, small, &all).1.remove(0);
            (message.over_limit, String::from_utf8(message.raw).unwrap())
        };
        let short = header("A", " b");
        assert_eq!(
            over(&[short; 3]),
            (Some(OverLimit::Headers), "A: b\r\nA: b\r\n\r\n".to_owned())
        );
        let long = header("A", " 0123456789012345678901234567890123456789");
        assert_eq!(over(&[long, short]), (Some(OverLimit::HeaderBytes), "\r\n".to_owned()));
        assert_eq!(
            over(&[Command::Body(b"abc"), Command::Body(b"def"), Command::Body(b"ghi")]),
            (Some(OverLimit::Body), "\r\nabcde".to_owned())
        );
        assert_eq!(over(&[Command::Body(b"abcde")]), (None, "\r\nabcde".to_owned()));
        let rcpt = Command::Rcpt(words(b"<a@b>\0"));
        assert_eq!(over(&[rcpt, rcpt]).0, Some(OverLimit::Recipients));
        let huge = format!("<{}@b>\0", "a".repeat(3000));
        assert_eq!(over(&[Command::Mail(words(huge.as_bytes()))]).0, Some(OverLimit::Sender));
    }

    #[test]
    fn a_message_that_finds_no_room_is_let_go_and_the_next_begins_anew() {
        let narrow = Limits { bytes_in_flight: 100, ..limits() };
        let (part, mail) = ([b'x'; 60], Command::Mail(words(b"<a@b>\0")));
        let rcpt = Command::Rcpt(words(b"<c@own.example>\0"));
        let (end, body) = (Command::EndOfMessage(b""), Command::Body(&part));
        let commands = [mail, rcpt, header("A", " b"), body, body, body, end, mail, body, end];
        let (_, messages) = check(POSTFIX, narrow, &commands);
        let [let_go, next] = messages.as_slice() else { panic!("{messages:?}") };
        assert_eq!(let_go.over_limit, Some(OverLimit::InFlight));
        assert_eq!(
            (let_go.raw.len(), let_go.recipients.len(), let_go.headers().count()),
            (0, 0, 0)
        );
        assert_eq!((next.over_limit, next.raw.len()), (None, 62));
        // Aborted, begun anew, negotiated anew: each time the bytes are free again.
        let commands = [mail, body, Command::Abort, mail, body, mail, body, end];
        assert_eq!(check(POSTFIX, narrow, &commands).1[0].over_limit, None);
        let commands = [mail, body, Command::Negotiate(POSTFIX), mail, body, end];
        assert_eq!(check(POSTFIX, narrow, &commands).1[0].over_limit, None);
        let commands = [mail, body, Command::QuitNewConnection, Command::Negotiate(POSTFIX), mail];
        assert_eq!(
            check(POSTFIX, narrow, &[&commands[..], &[body, end]].concat()).1[0].over_limit,
            None
        );
    }

    #[test]
    fn skip_is_said_where_it_is_understood_and_awaited() {
        let small = Limits { body_bytes: 1, ..limits() };
        let body = [Command::Body(b"ab")];
        let chatty = Offer { protocol: Protocol::SKIP, ..POSTFIX };
        assert_eq!(check(chatty, small, &body).0, b"\0\0\0\x01s");
        assert_eq!(check(POSTFIX, small, &body).0, b"");
        assert_eq!(
            check(Offer { protocol: Protocol(0), ..POSTFIX }, small, &body).0,
            b"\0\0\0\x01c"
        );
    }

    #[test]
    fn nothing_goes_before_the_negotiation() {
        let mut session = Session::new(Actions::ALL, limits(), InFlight::default());
        let error = session.take(Packet { code: b'N', payload: b"" }, &mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "packet 'N': before the negotiation");
    }

    /// Fuzz target: any bytes after a negotiation, cut into packets or not, give values or errors
    /// and a message that is whole in itself.
    fn survives(bytes: &[u8]) {
        let small =
            Limits { headers: 3, header_bytes: 60, recipients: 2, body_bytes: 9, ..limits() };
        let mut session = Session::new(Actions::ALL, small, InFlight::default());
        let mut wire = Vec::new();
        Command::Negotiate(POSTFIX).encode(&mut wire);
        wire.extend_from_slice(bytes);
        let mut rest = wire.as_slice();
        while let Ok(First::Whole(packet)) = first_packet(rest) {
            rest = &rest[packet.wire_len()..];
            match session.take(packet, &mut Vec::new()) {
                Ok(Step::Complete(message, _)) => {
                    assert!(message.body_start <= message.raw.len());
                    // A value of nothing but LF doubles.
                    assert!(message.raw.len() <= 2 * 60 + 3 * 4 + 2 + 9);
                    assert!(message.recipients.len() <= 2);
                    assert_eq!(message.headers().count(), message.headers.len());
                }
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }

    #[test]
    fn awkward_packets_do_no_harm() {
        survives(b"\0\0\0\x01E\0\0\0\x01E");
        survives(b"\0\0\0\x01N\0\0\0\x05LA\0b\0\0\0\0\x01E");
        survives(b"\0\0\0\x06LA\0\n\n\0\0\0\0\x01E");
        survives(b"\0\0\0\x02M\0\0\0\0\x02R\0\0\0\0\x02E\0");
        survives(b"\0\0\0\x02DE\0\0\0\x01E");
    }

    proptest! {
        #[test]
        fn arbitrary_packets_do_no_harm(
            packets in prop::collection::vec(
                (
                    prop::sample::select(b"ABBCDEEHKLLLMNORTU".to_vec()),
                    prop::collection::vec(prop_oneof![Just(0), Just(b'\n'), any::<u8>()], 0..20),
                ),
                0..20,
            ),
        ) {
            let mut wire = Vec::new();
            for (code, mut payload) in packets {
                payload.extend(matches!(code, b'D' | b'H' | b'L' | b'M' | b'R' | b'U').then_some(0));
                crate::wire::frame::put_packet(&mut wire, code, |out| out.extend(payload));
            }
            survives(&wire);
        }

        #[test]
        fn arbitrary_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            survives(&bytes);
        }
    }
}
