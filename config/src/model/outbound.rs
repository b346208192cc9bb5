//! `outbound.toml`: the rules for mail that leaves.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{AddressPattern, Network, Place};

/// `outbound.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Outbound {
    /// Whose rule book is in force.
    pub profile: Profile,
    /// Rulings by rule id, only where they differ from the profile's.
    pub rulings: BTreeMap<String, OwnRuling>,
    /// Bounds on broadcasts.
    pub broadcast: Broadcast,
    /// Persons from which on a list of them is personal data that leaks.
    pub persons: usize,
    /// A password told within this time after an encrypted file went to the same recipient is that
    /// file's.
    pub password_window: Duration,
    /// Mail that no rule looks at, beside purely internal mail.
    pub exempt: Exempt,
    /// Whom something may be sent to by agreement (001 5.14).
    pub partners: Vec<Partner>,
    /// Classes of mail that leave to agreed partners only.
    pub partners_only: Vec<MailClass>,
    /// Tell the sender of a refusal by a mail in Japanese and English.
    pub notify_sender: bool,
    /// Header that marks confidential mail, so that Postfix demands TLS for it; empty marks nothing.
    pub transport_mark: String,
    /// Whether the rules look at purely internal mail too.
    pub internal: bool,
}

/// Whose rule book is in force (clauses.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Rules of a small company (IPA template).
    Company,
    /// Security standard of a public foundation.
    Foundation,
    /// ISMS (ISO/IEC 27001:2022).
    Isms,
}

impl Profile {
    /// All profiles, in the order they are listed.
    pub const ALL: [Profile; 3] = [Profile::Company, Profile::Isms, Profile::Foundation];

    /// Name in `outbound.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Company => "company",
            Profile::Foundation => "foundation",
            Profile::Isms => "isms",
        }
    }
}

/// What is done with a mail that a rule speaks against, from mildest to hardest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ruling {
    /// The rule is not looked at.
    Off,
    /// The mail leaves; the sender's organisation is told.
    Warn,
    /// The mail leaves changed, as the clause says; only rules that define how.
    Convert,
    /// Into Postfix's hold queue.
    Hold,
    /// Refused with 550 5.7.1.
    Reject,
}

impl Ruling {
    /// All rulings, from mildest to hardest.
    pub const ALL: [Ruling; 5] =
        [Ruling::Off, Ruling::Warn, Ruling::Convert, Ruling::Hold, Ruling::Reject];

    /// Name in `outbound.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Ruling::Off => "off",
            Ruling::Warn => "warn",
            Ruling::Convert => "convert",
            Ruling::Hold => "hold",
            Ruling::Reject => "reject",
        }
    }
}

/// A ruling as the administrator set it, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnRuling {
    /// What is done.
    pub ruling: Ruling,
    /// Where it was written, for messages about unknown ids.
    pub place: Place,
}

/// Bounds on broadcasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broadcast {
    /// External addresses that To and Cc together may show.
    pub shown: usize,
    /// Different external organisations that To and Cc together may show; `None` sets no bound.
    pub organisations: Option<usize>,
}

/// Mail that no rule looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exempt {
    /// Senders (MAIL FROM or From): cron, scanners, ticket systems.
    pub senders: Vec<AddressPattern>,
    /// Networks they send from; both must fit where both are written.
    pub networks: Vec<Network>,
}

/// Somebody outside with whom an agreement exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Domain, lower case, ASCII form; subdomains count too.
    pub domain: String,
    /// What may go there.
    pub may_receive: Vec<MailClass>,
    /// Last second the agreement holds, Unix time; `None` is for ever.
    pub until: Option<i64>,
    /// Why, for the next administrator.
    pub reason: String,
}

/// A class of mail an agreement can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MailClass {
    /// Labelled confidential, 社外秘, 部外秘.
    Confidential,
    /// Personal data.
    PersonalData,
    /// Labelled 極秘.
    TopSecret,
}

impl MailClass {
    /// Name in `outbound.toml`.
    pub fn name(self) -> &'static str {
        match self {
            MailClass::Confidential => "confidential",
            MailClass::PersonalData => "personal-data",
            MailClass::TopSecret => "top-secret",
        }
    }
}
