//! The checked settings: what the rest of the program works with.
//!
//! Everything here is plain data that is already valid; [`crate::read`] makes it from files and
//! reports what was wrong as [`crate::Problem`]s. The shipped defaults live in `defaults/*.toml`
//! alone: [`Settings::default`] reads those.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Bound;
use std::path::PathBuf;
use std::time::Duration;

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
    /// MIME parts looked at in one message, attached messages included.
    pub parts: usize,
    /// Levels of nested multiparts, attached messages and archives.
    pub depth: usize,
    /// Members looked at in all archives of one message.
    pub members: usize,
    /// Bytes that may come out of all decoding and unpacking of one message.
    pub inflated_bytes: usize,
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

/// `lists.toml` and the shipped `defaults/lists/*.txt`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Lists {
    /// Domains where anybody opens a mailbox for nothing. To be looked up exactly: the providers'
    /// companies write from subdomains (`auctions.yahoo.co.jp`, `corp.mail.ru`).
    pub free_mail_domains: DomainSet,
    /// Personal mail domains of carriers and internet service providers, with their subdomains.
    pub private_mail_domains: DomainSet,
    /// Hosts of shorteners: a link there says nothing of where it leads.
    pub shortener_hosts: DomainSet,
    /// Hosts that forward to any target named in the link, some only under a path:
    /// `example.com/url`. [`Lists::is_open_redirect`] looks one up.
    pub open_redirect_hosts: DomainSet,
    /// File name extensions of programs and scripts, lower case, without dot.
    pub executable_extensions: ExtensionSet,
    /// File name extensions of shortcuts, lower case, without dot.
    pub shortcut_extensions: ExtensionSet,
    /// File name extensions that people take for documents, lower case, without dot.
    pub document_extensions: ExtensionSet,
    /// File name extensions that a browser opens as HTML, lower case, without dot.
    pub html_extensions: ExtensionSet,
    /// Public bodies that exist, bureaus of a ministry with the ministry's name before them.
    pub public_bodies: NameSet,
    /// Public bodies that no longer exist: name, blank, day of the end (`大蔵省 2001-01-06`).
    /// [`Lists::abolished`] looks one up.
    pub abolished_bodies: NameSet,
    /// Cities, towns, villages, and wards.
    pub municipalities: NameSet,
    /// Organisations, brands and public bodies that mail claims to come from.
    pub names: Names,
    /// Words that Chinese writes and Japanese does not, in characters that Japanese charsets hold.
    pub chinese_words: WordSet,
    /// Font families made for Chinese, lower case.
    pub chinese_fonts: WordSet,
    /// Japanese that no native writer writes; each is an error wherever it stands.
    pub broken_japanese: WordSet,
    /// Correct phrases that speak of translation; they count beside real errors only.
    pub translated_japanese: WordSet,
    /// Words of the themes, and which of them together make one.
    pub themes: Themes,
}

/// Words and phrases of bait, and the rules that say which of them together make a theme:
/// `defaults/lists/themes.toml`, and `[themes]` of `lists.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Themes {
    /// Words by the name of their list; lower case, a `*` at the end for any ending.
    pub words: BTreeMap<String, std::collections::BTreeSet<String>>,
    /// The rules, in the order in which they are tried.
    pub rules: Vec<ThemeRule>,
}

/// Which words together make a theme. Every list is named by its key in [`Themes::words`];
/// distances are in columns: two for a kanji or kana, one for a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThemeRule {
    /// Id of the theme without its `theme-`.
    pub theme: String,
    /// One word of each list must stand there; the first list's is the one distances count from.
    pub all: Vec<String>,
    /// How far from it the others may stand.
    pub within: u16,
    /// One word of any of these must stand there too; nothing is asked where it is empty.
    pub also: Vec<String>,
    /// How far from it; 0 is anywhere in the text.
    pub also_within: u16,
    /// A word of these at the place makes it mean something else.
    pub not: Vec<String>,
    /// A word of these anywhere in the text excuses it.
    pub unless: Vec<String>,
    /// Whether the first list's word must stand in the sender's name or the subject.
    pub head: bool,
}

/// Real names and what stands beside them in hosts: `defaults/lists/names.toml`, and `[[names]]` of
/// `lists.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Names {
    /// The names, by id; an administrator's record stands in place of a shipped one.
    pub records: Vec<Name>,
    /// Words by which bait asks for something (`login`): a name joined to one is still that name,
    /// and a weak token beside one counts.
    pub bait: std::collections::BTreeSet<String>,
    /// Everyday parts of hosts (`mail`, `card`): a name joined to one is still that name.
    pub plain: std::collections::BTreeSet<String>,
    /// Services that give each customer a subdomain by his own name.
    pub tenants: DomainSet,
    /// Words by which organisations call their desks and mail: a text of a name and such words
    /// claims the name.
    pub desk: std::collections::BTreeSet<String>,
}

/// A real name: who it is, how it is written, which domains are its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// What the record is called: lower-case letters, digits, hyphens.
    pub id: String,
    /// What it is.
    pub kind: NameKind,
    /// How people see it written.
    pub names: Vec<String>,
    /// Every domain it mails from or links to, subdomains included, lower case, ASCII form.
    pub domains: Vec<String>,
    /// Labels that it holds under the suffixes of all countries (written `example.*`).
    pub country_labels: Vec<String>,
    /// Suffixes under which its state registers public bodies alone (`gov.br`): every domain there
    /// counts as its own.
    pub suffixes: Vec<String>,
    /// What stands for it in hosts wherever it turns up: lower-case letters and digits.
    pub tokens: Vec<String>,
    /// What stands for it in hosts only beside a bait word.
    pub weak_tokens: Vec<String>,
    /// Words that look like a token with a slip but are not.
    pub honest: Vec<String>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// A private organisation or brand.
    Private,
    /// A public body: it may write from any domain under go.jp and lg.jp.
    Public,
}

impl Lists {
    /// The day (year-month-day) from which the public body `name` did not exist; `None` for any
    /// other name.
    pub fn abolished(&self, name: &str) -> Option<&str> {
        use std::ops::Bound::{Included, Unbounded};
        let next = self.abolished_bodies.range::<str, _>((Included(name), Unbounded)).next()?;
        next.strip_prefix(name)?.strip_prefix(' ')
    }
}

/// Names of bodies, NFKC, without blanks.
pub type NameSet = std::collections::BTreeSet<String>;

/// Domains, lower case, ASCII form; looked up exactly or with every parent.
pub type DomainSet = std::collections::BTreeSet<String>;

/// Words, looked up as they stand.
pub type WordSet = std::collections::BTreeSet<String>;

/// File name extensions, lower case, without dot.
pub type ExtensionSet = std::collections::BTreeSet<String>;

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

impl Lists {
    /// Whether a link to `path` on `host` (lower case, ASCII form) leads wherever the link says.
    /// A listed host stands for its subdomains too, a listed path for what lies under it.
    pub fn is_open_redirect(&self, host: &str, path: &str) -> bool {
        host_and_parents(host).any(|host| {
            self.open_redirect_hosts
                .range::<str, _>((Bound::Included(host), Bound::Unbounded))
                .map_while(|entry| entry.strip_prefix(host))
                // "example.com.au" sorts among the entries of "example.com" but is another host.
                .filter(|listed| listed.is_empty() || listed.starts_with('/'))
                .any(|listed| is_path_under(path, listed))
        })
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

/// Whether `host` or a domain above it stands in `set`. Lower case, ASCII form.
pub fn is_in_or_under(set: &DomainSet, host: &str) -> bool {
    host_and_parents(host).any(|domain| set.contains(domain))
}

/// `host` and the domains above it, nearest first, top-level domains left out: none is listed.
/// Nothing for what is too long to be a host (RFC 1035, section 2.3.4): a link's author chooses its
/// length, and each parent costs a look-up.
fn host_and_parents(host: &str) -> impl Iterator<Item = &str> {
    let first = (host.len() <= 253).then_some(host);
    std::iter::successors(first, |host| host.split_once('.').map(|(_, parent)| parent))
        .take_while(|host| host.contains('.'))
}

fn is_path_under(path: &str, listed: &str) -> bool {
    path.strip_prefix(listed)
        .is_some_and(|rest| rest.is_empty() || listed.is_empty() || !continues_name(rest))
}

/// Whether what follows a listed path makes its last segment another name (`/url` in `/urls`).
fn continues_name(rest: &str) -> bool {
    !rest.starts_with(['/', '?', '#', ';', '&'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_redirect(listed: &str, host: &str, path: &str, expected: bool) {
        let open_redirect_hosts = listed.split(' ').map(str::to_owned).collect();
        let lists = Lists { open_redirect_hosts, ..Lists::default() };
        assert_eq!(lists.is_open_redirect(host, path), expected, "{host}{path} in {listed}");
    }

    #[test]
    fn open_redirects_by_host_and_path() {
        check_redirect("example.com", "example.com", "", true);
        check_redirect("example.com", "www.example.com", "/any?u=1", true);
        check_redirect("example.com", "example.com.au", "/", false);
        check_redirect("example.com", "anexample.com", "/", false);
        check_redirect("example.com/url", "www.example.com", "/url?q=1", true);
        check_redirect("example.com/url", "example.com", "/url/x", true);
        check_redirect("example.com/url", "example.com", "/urls", false);
        check_redirect("example.com/url", "example.com", "/", false);
        check_redirect(
            "example.com.au example.com/a/b example.com/url",
            "example.com",
            "/url",
            true,
        );
        check_redirect("example.com-x.example example.com/url", "example.com", "/url", true);
        check_redirect("", "example.com", "/", false);
    }

    #[test]
    fn overlong_hosts_are_no_hosts() {
        let set = DomainSet::from(["example.com".to_owned()]);
        assert!(is_in_or_under(&set, "mail.example.com"));
        assert!(!is_in_or_under(&set, "com"));
        assert!(!is_in_or_under(&set, &format!("{}example.com", "a.".repeat(200))));
    }

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
