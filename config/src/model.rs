//! The checked settings: what the rest of the program works with.
//!
//! Everything here is plain data that is already valid; [`crate::read`] makes it from files and
//! reports what was wrong as [`crate::Problem`]s. The shipped defaults live in `defaults/*.toml`
//! alone: [`Settings::default`] reads those.

mod hold;
mod lists;
mod notify;
mod outbound;
mod records;
mod store;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use hold::*;
pub use lists::*;
pub use notify::*;
pub use outbound::*;
pub use records::*;
pub use store::*;

/// All settings of one configuration folder over the shipped defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `filter.toml`: sockets, direction, limits, what happens on failure.
    pub filter: Filter,
    /// `thresholds.toml`: from how many points on each decision is taken.
    pub thresholds: Thresholds,
    /// `weights.toml`: points by indicator id, only where they differ from the shipped ones.
    pub weights: BTreeMap<String, Weight>,
    /// `weights.toml`, table `[caps]`: the most that one group of indicators can add, by group name.
    pub caps: BTreeMap<String, Cap>,
    /// `actions.toml`: banner, subject tag, HTML to text.
    pub actions: Actions,
    /// `senders.toml`: trusted senders and exceptions.
    pub senders: Senders,
    /// `authentication.toml`: whose results are believed, and how long to wait for DNS.
    pub authentication: Authentication,
    /// `scanner.toml`: the virus scanner.
    pub scanner: Scanner,
    /// `outbound.toml`: the rules for mail that leaves.
    pub outbound: Outbound,
    /// `notify.toml`: mails of our own.
    pub notify: Notify,
    /// `records.toml`: what is written down, and the audit log.
    pub records: Records,
    /// `hold.toml`: delay, approval, expiry of held mail.
    pub hold: Holding,
    /// `store.toml`: memory of correspondents, decisions and held mail.
    pub store: Store,
    /// `lists.toml`: lists that indicators read.
    pub lists: Lists,
}

/// Whether the filter acts or only watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Act as decided.
    Enforce,
    /// Judge, log and count, but change nothing except our own headers.
    Observe,
}

/// `filter.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// Act, or only watch.
    pub mode: Mode,
    /// Where Postfix reaches the milter.
    pub listen: Vec<Listen>,
    /// Permission bits of unix sockets, e.g. 0o660.
    pub socket_mode: u32,
    /// Group that owns unix sockets (Postfix's group); `None` leaves the process's own.
    pub socket_group: Option<String>,
    /// Domains of the organisation, lower case, ASCII form; subdomains count as own.
    pub own_domains: Vec<String>,
    /// Networks whose clients are our own.
    pub own_networks: Vec<Network>,
    /// Domains of agreed partners, lower case, ASCII form; subdomains count too.
    pub partner_domains: Vec<String>,
    /// What Postfix is told when a stage fails.
    pub on_failure: OnFailure,
    /// Where state is kept; `None` means the platform's state directory.
    pub state_dir: Option<PathBuf>,
    /// Bounds on connections, messages and work.
    pub limits: Limits,
    /// How the log is written.
    pub log: Log,
}

/// A socket to listen on, as Postfix and sendmail write it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listen {
    /// `unix:PATH`
    Unix(PathBuf),
    /// `inet:HOST:PORT`; HOST may be a name, an IPv4 address or an IPv6 address in brackets.
    Inet {
        /// Host as written, brackets removed.
        host: String,
        /// Port; 0 lets the system choose one (for tests).
        port: u16,
    },
}

/// An IP network, `address/prefix`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    /// Network address.
    pub address: IpAddr,
    /// Prefix length in bits, 0–32 or 0–128.
    pub prefix: u8,
}

/// What Postfix is told when something of ours fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureReply {
    /// Deliver unjudged.
    Accept,
    /// `451 4.7.1`: the sender tries again later.
    Tempfail,
    /// Put into Postfix's hold queue.
    Hold,
}

/// What happens when a stage fails, one value per stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnFailure {
    /// Judging failed (a defect of ours).
    pub judging: FailureReply,
    /// The message is larger or has more recipients or headers than the limits allow.
    pub limits: FailureReply,
    /// The banner or another change could not be made.
    pub action: FailureReply,
    /// The virus scanner that is configured did not answer.
    pub scanner: FailureReply,
}

/// Bounds on what one connection and one message may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections served at once; more wait in the listen queue.
    pub connections: usize,
    /// A connection without a packet for this long is closed. Postfix keeps idle ones up to 7,200 s.
    pub idle: Duration,
    /// Header fields kept of one message.
    pub headers: usize,
    /// Bytes of all header fields of one message.
    pub header_bytes: usize,
    /// Recipients kept of one message.
    pub recipients: usize,
    /// Bytes of body kept of one message.
    pub body_bytes: usize,
    /// Bytes that the messages of all connections may hold together; a message beyond is put off.
    pub bytes_in_flight: usize,
    /// Messages whose files are looked into at once; more wait.
    pub opened_at_once: usize,
    /// MIME parts looked at in one message, attached messages included.
    pub parts: usize,
    /// Levels of nested multiparts, attached messages and archives.
    pub depth: usize,
    /// Members looked at in all archives of one message.
    pub members: usize,
    /// Bytes that may come out of all decoding and unpacking of one message.
    pub inflated_bytes: usize,
    /// Units of work that looking into the files of one message may take; a unit is about a byte
    /// parsed or a pixel looked at.
    pub work: usize,
    /// Bytes of text (plain and HTML source) read in one message.
    pub text_bytes: usize,
    /// Links looked at in one message.
    pub links: usize,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// journald when it started us, else text.
    Auto,
    /// One JSON object a line.
    Json,
    /// systemd's journal.
    Journald,
    /// Lines of text on standard error.
    Text,
}

/// From how many points on a decision is taken; `None` is `"off"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Header only, subject tag where set.
    pub tag: Option<u16>,
    /// Banner in the body.
    pub banner: Option<u16>,
    /// Postfix's hold queue.
    pub hold: Option<u16>,
    /// Refused with 550 5.7.1.
    pub reject: Option<u16>,
}

/// Points of one indicator as the administrator set them, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Points, 0–100; `None` is `"off"`: the indicator is not looked at.
    pub points: Option<u16>,
    /// Where it was written, for messages about unknown ids.
    pub place: Place,
}

/// The cap of one group as the administrator set it, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cap {
    /// The most points the group can add.
    pub points: u16,
    /// Where it was written, for messages about unknown groups.
    pub place: Place,
}

/// File and line of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Place {
    /// File name as it is shown to the administrator.
    pub file: String,
    /// Line, counted from 1; 0 where the whole file is meant.
    pub line: usize,
}

/// Languages of texts that people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Japanese, then English.
    Both,
    /// English only.
    English,
    /// Japanese only.
    Japanese,
}

/// When HTML bodies are turned into text (clause html-display).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HtmlToText {
    /// In every inbound mail.
    Always,
    /// Never.
    Off,
    /// In mail whose decision is banner or above.
    OnSuspicion,
}

/// `actions.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actions {
    /// Language of banner and tag.
    pub language: Language,
    /// Whether the banner is put into bodies (else header and subject tag alone).
    pub banner: bool,
    /// Most reasons shown in a banner.
    pub banner_reasons: usize,
    /// A line of the organisation's own at the end of the banner, e.g. whom to call. May be empty.
    pub banner_contact: String,
    /// Put before the subject at banner and above; empty means none.
    pub subject_tag: String,
    /// Turn HTML bodies into text.
    pub html_to_text: HtmlToText,
}

/// A sender or recipient pattern: an address, or a domain with its subdomains (`@example.jp`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressPattern {
    /// One address, lower case.
    Address(String),
    /// A domain and its subdomains, lower case, ASCII form.
    Domain(String),
}

/// `senders.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Senders {
    /// Senders whose authenticated mail is not judged further.
    pub trusted: Vec<Trusted>,
    /// Indicators that are excused for a sender, a recipient, or both, for a time.
    pub exceptions: Vec<Exception>,
}

/// A trusted sender; counts only where authentication passes for the From domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// Who.
    pub from: AddressPattern,
    /// Last second it holds, Unix time; `None` is for ever.
    pub until: Option<i64>,
    /// Why, for the next administrator.
    pub reason: String,
}

/// An exception: named indicators add no points for matching mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// From address it is for; `None` is everybody.
    pub from: Option<AddressPattern>,
    /// Recipient it is for (every recipient must match); `None` is everybody.
    pub to: Option<AddressPattern>,
    /// Indicator ids that are excused, or `["*"]` for all.
    pub indicators: Vec<String>,
    /// Last second it holds, Unix time; `None` is for ever.
    pub until: Option<i64>,
    /// Why, for the next administrator.
    pub reason: String,
    /// Where it was written, for messages about unknown ids.
    pub place: Place,
}

/// `authentication.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// Check SPF, DKIM and DMARC ourselves by DNS where no trusted result is in the mail.
    pub check: bool,
    /// `authserv-id`s whose Authentication-Results are believed, lower case. Theirs are the only
    /// ones; the same id coming from outside must be removed by the server that writes it.
    pub trusted_authserv_ids: Vec<String>,
    /// How long all facts together may take, DNS included.
    pub deadline: Duration,
    /// Name servers as `address` or `address:port`; empty means the system's.
    pub name_servers: Vec<String>,
}

/// `scanner.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanner {
    /// Socket of clamd; `None` asks nobody.
    pub clamd: Option<Listen>,
    /// How long one answer may take.
    pub deadline: Duration,
    /// Larger mails are not handed over, in bytes.
    pub max_bytes: usize,
}

impl Mode {
    /// The word in `filter.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Enforce => "enforce",
            Mode::Observe => "observe",
        }
    }
}

impl Network {
    /// Whether `address` lies in this network; an IPv4 address mapped into IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(a)) => {
                let shift = 32 - u32::from(self.prefix.min(32));
                u32::from(net).checked_shr(shift) == u32::from(a).checked_shr(shift)
            }
            (IpAddr::V6(net), IpAddr::V6(a)) => {
                let shift = 128 - u32::from(self.prefix.min(128));
                u128::from(net).checked_shr(shift) == u128::from(a).checked_shr(shift)
            }
            _ => false,
        }
    }
}

impl AddressPattern {
    /// Whether a lower-case `local@domain` matches.
    pub fn matches(&self, address: &str) -> bool {
        match self {
            AddressPattern::Address(a) => a == address,
            AddressPattern::Domain(d) => {
                address.rsplit_once('@').is_some_and(|(_, domain)| is_or_under(domain, d))
            }
        }
    }
}

/// Whether `host` is `domain` or a subdomain of it. Both lower case, ASCII form.
pub fn is_or_under(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_mapped_addresses() {
        let network = Network { address: IpAddr::from([192, 0, 2, 0]), prefix: 24 };
        for (address, expected) in
            [("192.0.2.9", true), ("::ffff:192.0.2.9", true), ("192.0.3.1", false)]
        {
            assert_eq!(network.contains(address.parse().unwrap()), expected, "{address}");
        }
        let everything = Network { address: IpAddr::from([0, 0, 0, 0]), prefix: 0 };
        assert!(everything.contains(IpAddr::from([203, 0, 113, 9])));
    }
}
