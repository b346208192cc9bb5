//! What is written down of one judged mail, and of what people did afterwards.
//!
//! A [`Record`] is made once, when the decision is taken, and goes unchanged into the store (for
//! searching) and into the audit log (as evidence). Its shape is versioned: fields are added, never
//! renamed; [`VERSION`] rises when the meaning of one changes. No text of a mail stands in it; the
//! evidence of findings is masked where it shows personal numbers.

use serde::{Deserialize, Serialize};

/// Version of the shape of [`Record`].
pub const VERSION: u16 = 1;

/// Begins the action (`act::plan`, `act::outbound`) of a mail that was only watched: whatever was decided, it went its way.
pub const OBSERVED: &str = "observed only; would be";

/// Ends the action (`act::outbound`) of a mail that could not be converted and was refused.
pub const NOT_CONVERTED: &str = "so not converted but refused";

/// One judged mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Shape, see [`VERSION`].
    pub version: u16,
    /// Unique over all hosts and years: what administrators look it up by.
    pub id: String,
    /// When the decision was taken, milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// The same with the host's offset, RFC 3339 (clause clock).
    pub time: String,
    /// Postfix's queue id; `NOQUEUE` where it told none.
    pub queue_id: String,
    /// Host that judged.
    pub host: String,
    /// `inbound`, `outbound` or `internal`.
    pub direction: String,
    /// MAIL FROM, empty for the null sender.
    pub mail_from: String,
    /// Address of the first From, lower case domain.
    pub from: String,
    /// Envelope recipients.
    pub recipients: Vec<String>,
    /// SASL user; empty where none authenticated.
    pub user: String,
    /// Address of the SMTP client; empty for local submission.
    pub client: String,
    /// Message-ID without brackets; empty where the mail has none.
    pub message_id: String,
    /// Subject, masked where the settings say so.
    pub subject: String,
    /// Bytes of the whole message.
    pub size: u64,
    /// Files attached, those inside archives not.
    pub attachments: Vec<Attached>,
    /// Points; 0 for mail that is not inbound.
    pub score: u16,
    /// Different rows of the rule book that matched.
    pub clauses: u16,
    /// Decision (spec: `accept`, `tag`, `banner`, `hold`, `reject`, `convert`).
    pub decision: String,
    /// What was found, the weightiest first.
    pub findings: Vec<Found>,
    /// What spoke for the mail, with the points it took off.
    pub relief: Vec<Found>,
    /// Indicators that the settings except for this sender.
    pub excused: Vec<String>,
    /// The trusted sender that it was taken for; empty for everybody else.
    pub trusted: String,
    /// What was done to the mail, a short English phrase each.
    pub actions: Vec<String>,
    /// What could not be read or asked.
    pub problems: Vec<String>,
    /// Fingerprint of the settings in force.
    pub settings: String,
    /// Time spent on it, microseconds.
    pub took_us: u64,
}

impl Record {
    /// Whether it was only watched, so that nothing was done to it.
    pub fn is_observed(&self) -> bool {
        self.actions.iter().any(|action| action.starts_with(OBSERVED))
    }

    /// Whether it was to be converted and was refused instead.
    pub fn is_refused_instead(&self) -> bool {
        self.actions.iter().any(|action| action.ends_with(NOT_CONVERTED))
    }

    /// Whether it is a drill of the organisation's own: reports count it apart.
    pub fn is_drill(&self) -> bool {
        self.actions.iter().any(|action| action == DRILL)
    }
}

/// Stands among [`Record::actions`] of a drill.
pub const DRILL: &str = "drill";

/// A file that was attached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attached {
    /// Its name as shown to the reader.
    pub name: String,
    /// Bytes, decoded.
    pub size: u64,
    /// SHA-256 of the decoded bytes, hex, lower case.
    pub sha256: String,
    /// Whether it was shown to be encrypted.
    pub encrypted: bool,
}

/// An indicator or a rule that spoke.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Found {
    /// Indicator or rule id.
    pub id: String,
    /// Clause of the rule books; empty where it answers none.
    pub clause: String,
    /// Points; 0 for rules.
    pub points: u16,
    /// For rules what was ruled (`warn`, `hold`, …); empty for indicators.
    pub ruling: String,
    /// What was seen, safe to show.
    pub evidence: String,
}

/// Something people or the program did about records, holds, the log: it goes into the audit log
/// beside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// The same with the host's offset, RFC 3339.
    pub time: String,
    /// On which host.
    pub host: String,
    /// Who: a user name, an address, or `sekisho` for the program itself.
    pub who: String,
    /// What was done.
    pub what: Deed,
    /// What it was done to: a record's id, a month, a person; empty where it needs none.
    pub subject: String,
    /// Why, or other words on it; empty where there are none.
    pub note: String,
}

/// What an [`Event`] can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// A held mail was approved by somebody entitled to.
    Approved,
    /// The clock of the host jumped.
    ClockJumped,
    /// A held mail was refused by an approver.
    Denied,
    /// A held mail was deleted.
    Discarded,
    /// A held mail went by itself or was deleted because its time was over.
    Expired,
    /// A person was forgotten on request.
    Forgotten,
    /// A mail was put on hold.
    Held,
    /// A held mail was let go.
    Released,
    /// A member of staff reported a mail.
    Reported,
    /// A monthly report was signed off.
    SignedOff,
    /// The program was started.
    Started,
    /// The program was stopped.
    Stopped,
    /// All staff were warned.
    Warned,
}
