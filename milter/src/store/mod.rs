//! Memory: who wrote to whom, what was decided, what is held.
//!
//! Way in: [`Store`], one trait with two implementations, one set of tests run against both. Mail
//! never waits for the store and never fails with it: the filter asks through a deadline and writes
//! through a bounded queue that spools to disk, so a [`StoreError`] costs an answer "unknown" and a
//! log line, no mail.
//!
//! [`Memory`] is the store that the settings name; [`recall::Recall`] asks it for mail,
//! [`queue::Queue`] writes to it, [`retention`] deletes what is old. [`rows`] holds what both kinds
//! have in common, [`sqlite`] and [`postgres`] the rest.

use std::future::Future;

use serde::{Deserialize, Serialize};

use sekisho_heuristics::history::{EncryptedSent, History, Number};

use crate::record::{Event, Record};

pub use memory::Memory;

mod memory;
mod migrations;
mod names;
pub mod postgres;
pub mod queue;
pub mod recall;
pub mod retention;
mod rows;
mod spool;
pub mod sqlite;
#[cfg(test)]
mod stub;

/// Where memory is kept.
pub trait Store: Send + Sync + 'static {
    /// Writes all of `batch` or nothing of it. Written twice, it stands there once.
    fn write(&self, batch: &[Write]) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What is remembered that concerns one mail. One round trip.
    fn history(&self, ask: &Question) -> impl Future<Output = Result<History, StoreError>> + Send;

    /// Records that fit, newest first; further ones by [`Search::before`].
    fn search(
        &self,
        search: &Search,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send;

    /// What was done about records, holds and the log, newest first, at most [`MOST_EVENTS`].
    fn events(
        &self,
        since_ms: i64,
        until_ms: i64,
    ) -> impl Future<Output = Result<Vec<Event>, StoreError>> + Send;

    /// Held mails that fit, oldest first, at most [`MOST_HOLDS`].
    fn holds(&self, wanted: &Wanted) -> impl Future<Output = Result<Vec<Hold>, StoreError>> + Send;

    /// Moves a hold from one state to another if it still is in the first; `false` if somebody was
    /// quicker. This is the one place where races between people and hosts are decided.
    fn move_hold(&self, step: &Step) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes what is older than `retention` allows, at most `at_most` rows a table, so that
    /// nobody waits long; returns how many went. Ask again until 0.
    fn expire(
        &self,
        retention: &Cutoffs,
        at_most: u32,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Puts in the place of addresses what the store keeps instead, where the settings say so: for
    /// who keeps a write elsewhere meanwhile. [`Store::write`] does it too, and not twice.
    fn conceal(&self, _: &mut Write) {}

    /// Forgets a person: the address's history, and the address in records (replaced by `-`).
    /// Returns how many rows changed.
    fn forget(&self, address: &str) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// No answer in time, no connection, locked by another: later may help.
    Away(String),
    /// Disk full, no permission, a damaged file: the administrator must act.
    Broken(String),
    /// Made by a newer version of the program.
    Newer {
        /// Version of its tables.
        found: u32,
        /// The newest we know.
        known: u32,
    },
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreError::Away(why) => write!(f, "the store does not answer: {why}"),
            StoreError::Broken(why) => write!(f, "the store is broken: {why}"),
            StoreError::Newer { found, known } => write!(
                f,
                "the store was made by a newer sekisho (tables {found}, this one knows {known})"
            ),
        }
    }
}

impl std::error::Error for StoreError {}

/// One thing to remember. In which order several are written makes no difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Write {
    /// Mail was exchanged with somebody outside.
    Met {
        /// The outsider's address, lower case.
        address: String,
        /// Its registrable domain.
        domain: String,
        /// Whether we wrote (else we received).
        sent: bool,
        /// When, Unix time.
        at: i64,
        /// How many mails: several are counted together in one batch.
        count: u32,
    },
    /// A mail of ours left with this Message-ID.
    SentId {
        /// Without brackets.
        message_id: String,
        /// When, Unix time.
        at: i64,
    },
    /// A number in the signature of authenticated mail.
    Number {
        /// Registrable domain of the sender.
        domain: String,
        /// The number.
        #[serde(with = "NumberShape")]
        number: Number,
        /// When, Unix time.
        at: i64,
    },
    /// An encrypted file left.
    Encrypted(#[serde(with = "EncryptedShape")] EncryptedSent),
    /// A mail was judged.
    Record(Box<Record>),
    /// Something was done.
    Event(Event),
    /// A mail was put on hold. Of a hold that is known already only [`Hold::warned`] is taken, and
    /// only where it is true: everything else moves by [`Store::move_hold`].
    Hold(Box<Hold>),
}

/// How a [`Number`] is spooled.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Number")]
struct NumberShape {
    digits: String,
    is_fax: bool,
}

/// How an [`EncryptedSent`] is spooled.
#[derive(Serialize, Deserialize)]
#[serde(remote = "EncryptedSent")]
struct EncryptedShape {
    to: String,
    name: String,
    at: i64,
}

/// What a mail wants to know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Question {
    /// Address of the outside sender, lower case; empty does not ask.
    pub sender: String,
    /// Its registrable domain.
    pub sender_domain: String,
    /// Message-IDs of In-Reply-To and References, without brackets, at most 32.
    pub answers: Vec<String>,
    /// The mail answered may be as old as that, Unix time. Where none of `answers` is remembered
    /// and memory begins later, whether one was ours is unknown.
    pub answers_since: i64,
    /// External recipients of an outbound mail, lower case, with their registrable domains, at
    /// most 100.
    pub recipients: Vec<(String, String)>,
    /// Encrypted files are asked for from then on, Unix time.
    pub encrypted_since: i64,
}

/// Which records are wanted. Texts match as parts, upper and lower case alike; empty asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// This record.
    pub id: String,
    /// MAIL FROM or From.
    pub from: String,
    /// A recipient.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// This indicator or rule spoke; whole id.
    pub finding: String,
    /// This decision.
    pub decision: String,
    /// SHA-256 of an attachment, whole.
    pub hash: String,
    /// From this time on, milliseconds.
    pub since_ms: i64,
    /// Before this time, milliseconds; 0 sets no end.
    pub until_ms: i64,
    /// Continue behind this record of the page before: its time and id.
    pub before: Option<(i64, String)>,
    /// At most so many; 0 is 1,000.
    pub limit: u32,
}

/// A held mail. It lies in Postfix's hold queue of its host; this is what we know of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hold {
    /// The record's id.
    pub id: String,
    /// Queue id on its host.
    pub queue_id: String,
    /// Host whose Postfix holds it.
    pub host: String,
    /// Why.
    pub reason: Reason,
    /// `inbound`, `outbound`, `internal`.
    pub direction: String,
    /// Who sent it.
    pub sender: String,
    /// Envelope recipients.
    pub recipients: Vec<String>,
    /// Subject, as in the record.
    pub subject: String,
    /// Ids of what was found.
    pub findings: Vec<String>,
    /// Who may approve it; empty where nobody needs to.
    pub approvers: Vec<String>,
    /// Since when, milliseconds.
    pub held_ms: i64,
    /// When it goes by itself, milliseconds; `None` waits for a person.
    pub goes_ms: Option<i64>,
    /// When it is given up, milliseconds.
    pub expires_ms: i64,
    /// Where it stands.
    pub state: State,
    /// Who decided; empty while nobody has.
    pub decided_by: String,
    /// Whether the warning that it is about to expire was sent.
    pub warned: bool,
}

/// Why a mail is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Leaves only with permission (clause approval).
    Approval,
    /// Nothing leaves at once (clause no-immediate-sending).
    #[default]
    Delay,
    /// Suspicious inbound mail.
    Quarantine,
}

/// Where a held mail stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// To be deleted; its host has not done it yet.
    Discarding,
    /// Deleted.
    Discarded,
    /// No longer in the hold queue, by nobody we know: released, deleted or requeued by hand.
    Gone,
    /// Waits.
    #[default]
    Held,
    /// Lies in the hold queue because a hand put it there again; only a person lets it go.
    Kept,
    /// To be let go; its host has not done it yet.
    Releasing,
    /// Let go.
    Released,
}

impl Reason {
    /// All of them.
    pub const ALL: [Reason; 3] = [Reason::Approval, Reason::Delay, Reason::Quarantine];

    /// The word for it, as shown and in the store.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Approval => "approval",
            Reason::Delay => "delay",
            Reason::Quarantine => "quarantine",
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl State {
    /// All of them.
    pub const ALL: [State; 7] = [
        State::Discarding,
        State::Discarded,
        State::Gone,
        State::Held,
        State::Kept,
        State::Releasing,
        State::Released,
    ];

    /// The word for it, as shown and in the store.
    pub fn name(self) -> &'static str {
        match self {
            State::Discarding => "discarding",
            State::Discarded => "discarded",
            State::Gone => "gone",
            State::Held => "held",
            State::Kept => "kept",
            State::Releasing => "releasing",
            State::Released => "released",
        }
    }

    /// Whether nothing more happens to the mail.
    pub fn is_end(self) -> bool {
        matches!(self, State::Discarded | State::Gone | State::Released)
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Which holds are wanted; empty asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// This hold.
    pub id: String,
    /// On this host.
    pub host: String,
    /// With this queue id; short ids come again, so there may be several.
    pub queue_id: String,
    /// In one of these states; empty takes all.
    pub states: Vec<State>,
    /// Whose time to go or to expire was over then, milliseconds.
    pub due_ms: Option<i64>,
}

/// A step of a held mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which hold.
    pub id: String,
    /// The state it must still be in.
    pub from: State,
    /// The state it comes into.
    pub to: State,
    /// Who decided; empty leaves who stands there.
    pub who: String,
    /// When, milliseconds.
    pub at_ms: i64,
}

/// What is older than this goes; milliseconds, 0 keeps all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cutoffs {
    /// Addresses and domains by when mail was last exchanged.
    pub correspondents_ms: i64,
    /// Message-IDs of mail we sent, numbers in signatures, encrypted files sent.
    pub details_ms: i64,
    /// Records, events and ended holds.
    pub records_ms: i64,
}

/// Most events of one answer.
pub const MOST_EVENTS: u32 = 100_000;

/// Most held mails of one answer.
pub const MOST_HOLDS: u32 = 10_000;

/// Unix time by the host's clock.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
}
