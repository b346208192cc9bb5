//! `hold.toml`: how long mail is kept back, who may let it go, and when it is given up.

use std::path::PathBuf;
use std::time::Duration;

use super::AddressPattern;

/// `hold.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Socket of the companion that works on the hold queue.
    pub holdd: PathBuf,
    /// How often held mails are looked at.
    pub interval: Duration,
    /// How long mail with any external recipient waits; `None` where it does not (clause
    /// no-immediate-sending).
    pub delay: Option<Duration>,
    /// Who approves where no department fits the sender.
    pub approval: Approvers,
    /// Who approves whose mail.
    pub departments: Vec<Department>,
    /// Who may let suspicious inbound mail go.
    pub quarantine_release: QuarantineRelease,
    /// When recipients are told of suspicious mail that is kept from them.
    pub digest: Digest,
    /// Whether inbound mail with files is held where nobody ever exchanged mail with its sender
    /// (004 【4】 エ③).
    pub unknown_with_files: bool,
    /// Tell the sender by mail that his mail waits.
    pub notify_sender: bool,
    /// After how long held mail is given up.
    pub expires: Duration,
    /// How long before that a warning is sent; zero sends none.
    pub warns: Duration,
}

/// When recipients are told of suspicious mail that is kept from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// How often.
    pub every: DigestEvery,
    /// Hour of the host's clock, 0–23, where it is once a day.
    pub hour: i8,
}

/// How often recipients are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestEvery {
    /// Once a day of all that waits.
    Day,
    /// Never.
    Off,
    /// Of each mail when it is held.
    Once,
}

/// Who may let suspicious inbound mail go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuarantineRelease {
    /// Administrators alone.
    Admin,
    /// Its recipients too, by a link in their digest.
    Recipient,
}

/// Who may let a mail go that needs permission (clause approval).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approvers {
    /// Superiors, lower case; any of them may.
    pub approvers: Vec<String>,
    /// Deputies, lower case; they may as well.
    pub deputies: Vec<String>,
    /// Whether one of them may approve his own mail.
    pub allow_self: bool,
}

/// A department: its senders and who approves their mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// Who belongs to it.
    pub senders: Vec<AddressPattern>,
    /// Who approves.
    pub approvers: Approvers,
}
