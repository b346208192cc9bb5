//! The first exchange of a connection: what the mail server offers and what we take of it.
//!
//! Way in: [`Offer::agree`]. Invariants (Postfix drops a filter that breaks the first two): the
//! version answered is not above the one offered; the actions and protocol flags answered are among
//! those offered. It fails when the offer is older than version 2, which nobody speaks.
//!
//! We ask for silence wherever it is offered. A filter that answers every event costs Postfix five
//! times as much as one that speaks at the end of the message only.

use super::{Malformed, c_string, number};

/// What a filter may do to a message (`SMFIF_*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actions(pub u32);

/// Which events are sent and answered, and how (`SMFIP_*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Protocol(pub u32);

/// What the mail server can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Protocol version, 2 to 6 today.
    pub version: u32,
    /// Actions that it can carry out.
    pub actions: Actions,
    /// Events it can leave out, answers it can do without, and other abilities.
    pub protocol: Protocol,
}

/// What both sides keep to from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Protocol version.
    pub version: u32,
    /// Actions that may be asked for.
    pub actions: Actions,
    /// Protocol flags in force.
    pub protocol: Protocol,
    /// Macros wanted at each stage; stages that are not named send none. Empty means the mail
    /// server sends what it is configured to.
    pub macros: Vec<(MacroStage, String)>,
}

/// Stages that have a macro list of their own (`SMFIM_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MacroStage {
    /// Connection.
    Connect,
    /// HELO or EHLO.
    Helo,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA.
    Data,
    /// Body and end of message.
    EndOfMessage,
    /// Headers and end of headers.
    EndOfHeaders,
}

macro_rules! flags {
    ($name:ident { $($(#[$doc:meta])* $flag:ident = $bit:expr;)* }) => {
        impl $name {
            $($(#[$doc])* pub const $flag: $name = $name($bit);)*

            /// Whether all of `other` is set.
            pub const fn has(self, other: $name) -> bool {
                self.0 & other.0 == other.0
            }

            /// What is set in either.
            pub const fn and(self, other: $name) -> $name {
                $name(self.0 | other.0)
            }

            /// What is set in both.
            pub const fn common(self, other: $name) -> $name {
                $name(self.0 & other.0)
            }
        }
    };
}

flags! { Actions {
    /// Add and insert headers.
    ADD_HEADERS = 0x001;
    /// Replace the body.
    CHANGE_BODY = 0x002;
    /// Add recipients.
    ADD_RECIPIENTS = 0x004;
    /// Remove recipients.
    REMOVE_RECIPIENTS = 0x008;
    /// Change and delete headers.
    CHANGE_HEADERS = 0x010;
    /// Put the message aside (Postfix: the hold queue).
    QUARANTINE = 0x020;
    /// Change the envelope sender.
    CHANGE_SENDER = 0x040;
    /// Add recipients with ESMTP arguments.
    ADD_RECIPIENTS_WITH_ARGUMENTS = 0x080;
    /// Say which macros are wanted.
    CHOOSE_MACROS = 0x100;
    /// All that version 6 knows.
    ALL = 0x1ff;
}}

flags! { Protocol {
    /// Leave out: connection.
    NO_CONNECT = 1 << 0;
    /// Leave out: HELO.
    NO_HELO = 1 << 1;
    /// Leave out: MAIL FROM.
    NO_MAIL = 1 << 2;
    /// Leave out: RCPT TO.
    NO_RCPT = 1 << 3;
    /// Leave out: body.
    NO_BODY = 1 << 4;
    /// Leave out: headers.
    NO_HEADERS = 1 << 5;
    /// Leave out: end of headers.
    NO_END_OF_HEADERS = 1 << 6;
    /// No answer: headers.
    QUIET_HEADERS = 1 << 7;
    /// Leave out: SMTP commands that the mail server does not know.
    NO_UNKNOWN = 1 << 8;
    /// Leave out: DATA.
    NO_DATA = 1 << 9;
    /// "Enough of these" is understood.
    SKIP = 1 << 10;
    /// Recipients that the mail server refuses are sent too.
    REFUSED_RECIPIENTS = 1 << 11;
    /// No answer: connection.
    QUIET_CONNECT = 1 << 12;
    /// No answer: HELO.
    QUIET_HELO = 1 << 13;
    /// No answer: MAIL FROM.
    QUIET_MAIL = 1 << 14;
    /// No answer: RCPT TO.
    QUIET_RCPT = 1 << 15;
    /// No answer: DATA.
    QUIET_DATA = 1 << 16;
    /// No answer: unknown SMTP commands.
    QUIET_UNKNOWN = 1 << 17;
    /// No answer: end of headers.
    QUIET_END_OF_HEADERS = 1 << 18;
    /// No answer: body.
    QUIET_BODY = 1 << 19;
    /// White space after a header's colon is part of the value, both ways.
    HEADER_LEADING_SPACE = 1 << 20;
    /// Nothing is answered but the end of the message.
    QUIET = 0x000f_f080;
    /// All that Postfix offers.
    ALL = 0x001f_ffff;
}}

impl Offer {
    /// What we take of the offer, when we would like to perform `wanted`.
    ///
    /// Actions that are not offered are simply not in the agreement: whoever plans an action looks
    /// there first.
    pub fn agree(&self, wanted: Actions) -> Result<Agreement, Malformed> {
        if self.version < OLDEST {
            return Err(Malformed { code: b'O', what: "protocol version below 2" });
        }
        let actions = self.actions.common(wanted.and(Actions::CHOOSE_MACROS));
        let macros = if actions.has(Actions::CHOOSE_MACROS) {
            WANTED_MACROS.iter().map(|(stage, names)| (*stage, (*names).to_owned())).collect()
        } else {
            Vec::new()
        };
        Ok(Agreement {
            version: self.version.min(NEWEST),
            actions,
            protocol: self.protocol.common(WANTED_PROTOCOL),
            macros,
        })
    }

    pub(super) fn decode(payload: &[u8]) -> Option<Offer> {
        let (version, actions, protocol, _) = three_numbers(payload)?;
        Some(Offer { version, actions: Actions(actions), protocol: Protocol(protocol) })
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        for value in [self.version, self.actions.0, self.protocol.0] {
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
}

impl Agreement {
    pub(super) fn decode(payload: &[u8]) -> Option<Agreement> {
        let (version, actions, protocol, mut rest) = three_numbers(payload)?;
        let mut macros = Vec::new();
        while !rest.is_empty() {
            let (stage, after) = number(rest)?;
            let (names, after) = c_string(after)?;
            macros.push((MacroStage::decode(stage)?, String::from_utf8(names.to_vec()).ok()?));
            rest = after;
        }
        Some(Agreement { version, actions: Actions(actions), protocol: Protocol(protocol), macros })
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        Offer { version: self.version, actions: self.actions, protocol: self.protocol }.put(out);
        for (stage, names) in &self.macros {
            out.extend_from_slice(&stage.code().to_be_bytes());
            super::put_c_string(out, names.as_bytes());
        }
    }
}

impl MacroStage {
    /// All stages, in the order of their numbers.
    pub const ALL: [MacroStage; 7] = [
        MacroStage::Connect,
        MacroStage::Helo,
        MacroStage::Mail,
        MacroStage::Rcpt,
        MacroStage::Data,
        MacroStage::EndOfMessage,
        MacroStage::EndOfHeaders,
    ];

    fn decode(code: u32) -> Option<MacroStage> {
        MacroStage::ALL.into_iter().find(|stage| stage.code() == code)
    }

    fn code(self) -> u32 {
        match self {
            MacroStage::Connect => 0,
            MacroStage::Helo => 1,
            MacroStage::Mail => 2,
            MacroStage::Rcpt => 3,
            MacroStage::Data => 4,
            MacroStage::EndOfMessage => 5,
            MacroStage::EndOfHeaders => 6,
        }
    }
}

fn three_numbers(payload: &[u8]) -> Option<(u32, u32, u32, &[u8])> {
    let (first, rest) = number(payload)?;
    let (second, rest) = number(rest)?;
    let (third, rest) = number(rest)?;
    Some((first, second, third, rest))
}

/// Versions that we speak.
const OLDEST: u32 = 2;
const NEWEST: u32 = 6;

/// Events not needed, no answers before the end, header values untouched.
const WANTED_PROTOCOL: Protocol = Protocol::QUIET
    .and(Protocol::NO_UNKNOWN)
    .and(Protocol::NO_DATA)
    .and(Protocol::SKIP)
    .and(Protocol::HEADER_LEADING_SPACE);

/// Postfix sends a macro packet before *each* event of a stage that has macros, so the stage of
/// headers must have none; sendmail falls back to its own list for a stage that is not named.
const WANTED_MACROS: [(MacroStage, &str); 7] = [
    (MacroStage::Connect, "j {daemon_name}"),
    (MacroStage::Helo, ""),
    (MacroStage::Mail, "{auth_authen} {auth_type}"),
    (MacroStage::Rcpt, ""),
    (MacroStage::Data, ""),
    (MacroStage::EndOfMessage, "i"),
    (MacroStage::EndOfHeaders, ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(version: u32, actions: u32, protocol: u32) -> Offer {
        Offer { version, actions: Actions(actions), protocol: Protocol(protocol) }
    }

    #[test]
    fn all_silence_that_is_offered_is_taken() {
        let agreed = offer(6, 0x1ff, 0x1f_ffff).agree(Actions::ADD_HEADERS).unwrap();
        assert_eq!(agreed.version, 6);
        assert_eq!(agreed.actions, Actions(0x101));
        // Unwanted: 8 unknown, 9 data. Silent: 7 and 12-19. Able: 10 skip, 20 leading space.
        assert_eq!(agreed.protocol, Protocol(0x1f_f780));
        assert_eq!(agreed.macros.len(), 7);
    }

    #[test]
    fn nothing_is_taken_that_was_not_offered() {
        let agreed = offer(2, 0x1f, 0x7f).agree(Actions::ALL).unwrap();
        assert_eq!((agreed.version, agreed.actions, agreed.protocol.0), (2, Actions(0x1f), 0));
        assert_eq!(agreed.macros, []);
    }

    #[test]
    fn a_version_from_the_future_is_answered_with_ours() {
        assert_eq!(offer(7, 0, 0).agree(Actions::ALL).unwrap().version, 6);
    }

    #[test]
    fn version_one_is_refused() {
        assert!(offer(1, 0x1ff, 0).agree(Actions::ALL).is_err());
    }

    #[test]
    fn the_quiet_flags_are_the_nine_of_mfdef_h() {
        assert_eq!(Protocol::QUIET.0, (1 << 7) | (0xff << 12));
    }
}
