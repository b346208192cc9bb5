//! `records.toml`: what is written down, and the audit log.

use std::path::PathBuf;
use std::time::Duration;

use super::Profile;

/// `records.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// Folder of the audit log; `None` means `audit` in the state folder.
    pub directory: Option<PathBuf>,
    /// Group that may read it; `None` leaves the process's own.
    pub group: Option<String>,
    /// For how many days closed files are kept; `None` asks the profile, see [`Records::days`].
    pub keep_days: Option<u16>,
    /// Compress files when their day is over.
    pub compress: bool,
    /// How the subject is written down.
    pub subject: SubjectKept,
    /// Where the head of the log is told.
    pub anchors: Anchors,
    /// Where numbers for a monitoring system are told, by HTTP; `None` nowhere.
    pub metrics: Option<std::net::SocketAddr>,
}

/// How the subject of a mail is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKept {
    /// As it is.
    Full,
    /// A mark by which equal subjects are known.
    Hashed,
    /// Its first characters and its length.
    Masked,
}

/// Where the head of the audit log is told, so that a rewritten log is noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchors {
    /// How often.
    pub every: Duration,
    /// To the system log.
    pub syslog: bool,
    /// Appended to this file.
    pub file: Option<PathBuf>,
    /// By mail to this address.
    pub mail: Option<String>,
}

impl Records {
    /// For how many days closed files are kept (clause log-kept): what is written, else what the
    /// profile asks.
    pub fn days(&self, profile: Profile) -> u16 {
        self.keep_days.unwrap_or(match profile {
            Profile::Company | Profile::Foundation => THREE_YEARS,
            Profile::Isms => THREE_MONTHS,
        })
    }
}

/// Three years with a leap day.
const THREE_YEARS: u16 = 1096;

/// The longest three months in a row, and the day itself.
const THREE_MONTHS: u16 = 93;
