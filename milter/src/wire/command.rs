//! What the mail server says to a filter (`SMFIC_*`).
//!
//! Way in: [`Command::decode`] on a packet; [`Command::encode`] for the other end. A command
//! borrows from the read buffer: what is to stay must be copied by whoever records it.
//!
//! It fails ([`Malformed`]) on an unknown code — nobody could know whether it wants an answer — and
//! where a string lacks its NUL or a number its bytes.

use super::frame::{Packet, put_packet};
use super::{Malformed, Offer, c_string, put_c_string};

/// One command of the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// `O`: what the server offers; the first packet of a connection.
    Negotiate(Offer),
    /// `D`: macros for the command with the code `stage`. May come at any time, also for events
    /// that were switched off; replaces earlier ones of the same stage.
    Macros {
        /// Code of the command that they belong to.
        stage: u8,
        /// Names and values in turn.
        pairs: Words<'a>,
    },
    /// `C`: an SMTP client connected.
    Connect {
        /// Its verified name, `unknown`, or `[address]`.
        hostname: &'a [u8],
        /// Kind of address.
        family: Family,
        /// Its port; 0 where the family has none or it is not known.
        port: u16,
        /// Address in text, IPv6 with or without `IPv6:` in front; empty where unknown.
        address: &'a [u8],
    },
    /// `H`: HELO or EHLO with this name.
    Helo(&'a [u8]),
    /// `M`: MAIL FROM: the address as given, then ESMTP arguments.
    Mail(Words<'a>),
    /// `R`: RCPT TO: the address as given, then ESMTP arguments.
    Rcpt(Words<'a>),
    /// `T`: DATA.
    Data,
    /// `L`: one header field.
    Header {
        /// Name, without colon.
        name: &'a [u8],
        /// Value, folds as bare LF (Postfix).
        value: &'a [u8],
    },
    /// `N`: end of headers.
    EndOfHeaders,
    /// `B`: a piece of the body, at most 65,535 bytes, cut anywhere.
    Body(&'a [u8]),
    /// `E`: end of message. Old servers put the last piece of the body here.
    EndOfMessage(&'a [u8]),
    /// `A`: forget this message; the connection stays.
    Abort,
    /// `Q`: end of the connection.
    Quit,
    /// `K`: the SMTP client is gone, another one follows on the same connection.
    QuitNewConnection,
    /// `U`: an SMTP command that the server does not know.
    Unknown(&'a [u8]),
}

/// Kind of client address (`SMFIA_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `U`: not known; nothing follows.
    Unknown,
    /// `L`: unix socket.
    Unix,
    /// `4`: IPv4.
    Inet,
    /// `6`: IPv6.
    Inet6,
}

/// Strings, each ended by a NUL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    /// Takes bytes that end with a NUL, or none at all.
    pub fn new(bytes: &'a [u8]) -> Option<Words<'a>> {
        matches!(bytes.last(), None | Some(0)).then_some(Words(bytes))
    }

    /// The strings, without their NULs.
    pub fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (word, after) = c_string(rest)?;
            rest = after;
            Some(word)
        })
    }

    /// The bytes as they are on the wire.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}

impl<'a> Command<'a> {
    /// Reads one packet.
    pub fn decode(packet: Packet<'a>) -> Result<Command<'a>, Malformed> {
        let Packet { code, payload } = packet;
        let malformed = |what| Malformed { code, what };
        let string = || match c_string(payload) {
            Some((string, [])) => Ok(string),
            Some(_) => Err(malformed("data after the string")),
            None => Err(malformed("string without NUL")),
        };
        let words = |bytes| Words::new(bytes).ok_or(malformed("string without NUL"));
        Ok(match code {
            b'O' => Command::Negotiate(
                Offer::decode(payload).ok_or(malformed("fewer than three numbers"))?,
            ),
            b'D' => {
                let (stage, pairs) = payload.split_first().ok_or(malformed("no stage"))?;
                Command::Macros { stage: *stage, pairs: words(pairs)? }
            }
            b'C' => connect(payload).ok_or(malformed("not a name and an address"))?,
            b'H' => Command::Helo(string()?),
            b'M' | b'R' if payload.is_empty() => return Err(malformed("no address")),
            b'M' => Command::Mail(words(payload)?),
            b'R' => Command::Rcpt(words(payload)?),
            b'T' => Command::Data,
            b'L' => {
                let (name, rest) = c_string(payload).ok_or(malformed("name without NUL"))?;
                let (value, rest) = c_string(rest).ok_or(malformed("value without NUL"))?;
                if !rest.is_empty() {
                    return Err(malformed("data after the value"));
                }
                Command::Header { name, value }
            }
            b'N' => Command::EndOfHeaders,
            b'B' => Command::Body(payload),
            b'E' => Command::EndOfMessage(payload),
            b'A' => Command::Abort,
            b'Q' => Command::Quit,
            b'K' => Command::QuitNewConnection,
            b'U' => Command::Unknown(string()?),
            _ => return Err(malformed("unknown command")),
        })
    }

    /// Appends the command as a packet.
    pub fn encode(&self, out: &mut Vec<u8>) {
        put_packet(out, self.code(), |out| match self {
            Command::Negotiate(offer) => offer.put(out),
            Command::Macros { stage, pairs } => {
                out.push(*stage);
                out.extend_from_slice(pairs.0);
            }
            Command::Connect { hostname, family, port, address } => {
                put_c_string(out, hostname);
                out.push(family.code());
                if *family != Family::Unknown {
                    out.extend_from_slice(&port.to_be_bytes());
                    put_c_string(out, address);
                }
            }
            Command::Helo(string) | Command::Unknown(string) => put_c_string(out, string),
            Command::Mail(words) | Command::Rcpt(words) => out.extend_from_slice(words.0),
            Command::Header { name, value } => {
                put_c_string(out, name);
                put_c_string(out, value);
            }
            Command::Body(bytes) | Command::EndOfMessage(bytes) => out.extend_from_slice(bytes),
            Command::Data
            | Command::EndOfHeaders
            | Command::Abort
            | Command::Quit
            | Command::QuitNewConnection => {}
        });
    }

    /// The code byte.
    pub fn code(&self) -> u8 {
        match self {
            Command::Negotiate(_) => b'O',
            Command::Macros { .. } => b'D',
            Command::Connect { .. } => b'C',
            Command::Helo(_) => b'H',
            Command::Mail(_) => b'M',
            Command::Rcpt(_) => b'R',
            Command::Data => b'T',
            Command::Header { .. } => b'L',
            Command::EndOfHeaders => b'N',
            Command::Body(_) => b'B',
            Command::EndOfMessage(_) => b'E',
            Command::Abort => b'A',
            Command::Quit => b'Q',
            Command::QuitNewConnection => b'K',
            Command::Unknown(_) => b'U',
        }
    }
}

impl Family {
    fn decode(code: u8) -> Option<Family> {
        match code {
            b'U' => Some(Family::Unknown),
            b'L' => Some(Family::Unix),
            b'4' => Some(Family::Inet),
            b'6' => Some(Family::Inet6),
            _ => None,
        }
    }

    fn code(self) -> u8 {
        match self {
            Family::Unknown => b'U',
            Family::Unix => b'L',
            Family::Inet => b'4',
            Family::Inet6 => b'6',
        }
    }
}

fn connect(payload: &[u8]) -> Option<Command<'_>> {
    let (hostname, rest) = c_string(payload)?;
    let (family, rest) = rest.split_first()?;
    let family = Family::decode(*family)?;
    if family == Family::Unknown {
        return rest.is_empty().then_some(Command::Connect {
            hostname,
            family,
            port: 0,
            address: b"",
        });
    }
    let (port, rest) = rest.split_first_chunk::<2>()?;
    let (address, rest) = c_string(rest)?;
    let port = u16::from_be_bytes(*port);
    rest.is_empty().then_some(Command::Connect { hostname, family, port, address })
}

#[cfg(test)]
mod tests {
    use super::super::frame::{First, first_packet};
    use super::super::{Actions, Protocol};
    use super::*;
    use proptest::prelude::*;

    /// `wire` (without length) decodes to `expected`, which encodes to `wire` again.
    fn check(wire: &[u8], expected: Command<'_>) {
        let packet = Packet { code: wire[0], payload: &wire[1..] };
        assert_eq!(Command::decode(packet), Ok(expected));
        let mut out = Vec::new();
        expected.encode(&mut out);
        assert_eq!(&out[4..], wire);
    }

    fn check_malformed(wire: &[u8], what: &'static str) {
        let packet = Packet { code: wire[0], payload: &wire[1..] };
        assert_eq!(Command::decode(packet), Err(Malformed { code: wire[0], what }));
    }

    #[test]
    fn every_command_has_its_form() {
        let offer = Offer { version: 6, actions: Actions(0x1ff), protocol: Protocol(0x1fffff) };
        check(b"O\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff", Command::Negotiate(offer));
        check(b"DEi\x00ABC\0", Command::Macros { stage: b'E', pairs: Words(b"i\x00ABC\0") });
        check(b"DR", Command::Macros { stage: b'R', pairs: Words(b"") });
        check(
            b"Cmx.example\x004\0\x19192.0.2.1\0",
            Command::Connect {
                hostname: b"mx.example",
                family: Family::Inet,
                port: 25,
                address: b"192.0.2.1",
            },
        );
        check(
            b"Clocalhost\0U",
            Command::Connect {
                hostname: b"localhost",
                family: Family::Unknown,
                port: 0,
                address: b"",
            },
        );
        check(b"Hmx.example\0", Command::Helo(b"mx.example"));
        check(b"M<a@b>\0SMTPUTF8\0", Command::Mail(Words(b"<a@b>\0SMTPUTF8\0")));
        check(b"R<a@b>\0", Command::Rcpt(Words(b"<a@b>\0")));
        check(b"LSubject\0 a\n b\0", Command::Header { name: b"Subject", value: b" a\n b" });
        check(b"LX\0\0", Command::Header { name: b"X", value: b"" });
        check(b"Ba\0b", Command::Body(b"a\0b"));
        check(b"E", Command::EndOfMessage(b""));
        check(b"Eabc", Command::EndOfMessage(b"abc"));
        check(b"UNOOB\0", Command::Unknown(b"NOOB"));
        check(b"T", Command::Data);
        check(b"N", Command::EndOfHeaders);
        check(b"A", Command::Abort);
        check(b"Q", Command::Quit);
        check(b"K", Command::QuitNewConnection);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        check_malformed(b"Z", "unknown command");
        check_malformed(b"O\0\0\0\x06", "fewer than three numbers");
        check_malformed(b"D", "no stage");
        check_malformed(b"DEi\0ABC", "string without NUL");
        check_malformed(b"Cmx\09\0\x19x\0", "not a name and an address");
        check_malformed(b"Cmx\x004\0", "not a name and an address");
        check_malformed(b"M", "no address");
        check_malformed(b"LSubject", "name without NUL");
        check_malformed(b"LSubject\0value", "value without NUL");
        check_malformed(b"LSubject\0value\0more", "data after the value");
        check_malformed(b"Hmx", "string without NUL");
        check_malformed(b"Hmx\0more", "data after the string");
    }

    fn word() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(1..=255_u8, 0..20)
    }

    proptest! {
        #[test]
        fn headers_and_bodies_survive_unchanged(
            name in word(),
            value in word(),
            body in prop::collection::vec(any::<u8>(), 0..200),
            port in any::<u16>(),
        ) {
            for command in [
                Command::Header { name: &name, value: &value },
                Command::Body(&body),
                Command::Connect { hostname: &name, family: Family::Inet6, port, address: &value },
            ] {
                let mut out = Vec::new();
                command.encode(&mut out);
                let First::Whole(packet) = first_packet(&out)? else { panic!("not whole") };
                prop_assert_eq!(Command::decode(packet)?, command);
            }
        }

        /// What decodes at all encodes to the same bytes.
        #[test]
        fn nothing_panics_and_nothing_is_lost(
            code in prop::sample::select(b"ABCDEHKLMNOQRTUZ".to_vec()),
            payload in prop::collection::vec(prop_oneof![Just(0), Just(b'4'), any::<u8>()], 0..40),
        ) {
            if let Ok(command) = Command::decode(Packet { code, payload: &payload }) {
                let mut out = Vec::new();
                command.encode(&mut out);
                prop_assert!(payload.starts_with(&out[5..]), "{command:?}");
            }
        }
    }
}
