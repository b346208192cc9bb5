//! `notify.toml`: mails of our own.

use std::time::Duration;

use super::AddressPattern;

/// `notify.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// How our mails reach Postfix.
    pub submit: Submit,
    /// Whom they are from; empty is postmaster at the first own domain.
    pub from: String,
    /// Mails of ours to one address within an hour, at most.
    pub per_hour: u32,
    /// Administrators; empty tells nobody.
    pub admin: Vec<String>,
    /// Decisions that administrators are told of.
    pub admin_decisions: Vec<Told>,
    /// Inbound mails from this score on are told of too; `None` is off.
    pub admin_score: Option<u16>,
    /// What is alike within this time is told once, with a count.
    pub bundle: Duration,
    /// All staff, for `sekisho warn`: a list's address; empty where there is none.
    pub staff: String,
    /// Where staff forward suspicious mail to; empty where nowhere.
    pub report_address: String,
    /// Senders of drills: delivered and counted, never blocked (003 art. 22).
    pub drill_senders: Vec<AddressPattern>,
}

/// How our mails reach Postfix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submit {
    /// By SMTP, without authentication.
    Smtp {
        /// Host, brackets of IPv6 removed.
        host: String,
        /// Port.
        port: u16,
    },
    /// By the sendmail command at this path.
    Sendmail(std::path::PathBuf),
}

/// Decisions that administrators can be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// A banner was put in.
    Banner,
    /// Put on hold.
    Hold,
    /// Refused.
    Reject,
}

impl Told {
    /// Name in `notify.toml`, the decision's.
    pub fn name(self) -> &'static str {
        match self {
            Told::Banner => "banner",
            Told::Hold => "hold",
            Told::Reject => "reject",
        }
    }
}
