//! One case: a mail, its circumstances and the expectation.
//!
//! A file that is missing, unreadable or misspelt is an error that names it; nothing panics.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use sekisho_config::{Outbound, Ruling};
use sekisho_heuristics::facts::{
    AuthResult, Authentication, Client, Direction, DomainResult, Scan,
};
use sekisho_heuristics::history::{Contact, History, Known, Number};
use sekisho_heuristics::message::Envelope;
use sekisho_heuristics::telephone;
use toml::de::{DeTable, DeValue};

/// A mail with everything that is needed to judge it and to check the judgement.
#[derive(Clone, Debug)]
pub struct Case {
    /// `TOPIC/NAME`.
    pub name: String,
    /// Why it is here, one sentence.
    pub about: String,
    /// The mail, byte for byte, CRLF line ends.
    pub mail: Vec<u8>,
    /// Which way it goes.
    pub direction: Direction,
    /// Settings for mail that leaves, where the case has other than the shipped ones.
    pub outbound: Option<Outbound>,
    /// MAIL FROM and RCPT TO.
    pub envelope: Envelope,
    /// The SMTP client.
    pub client: Client,
    /// What SPF, DKIM and DMARC say.
    pub authentication: Authentication,
    /// What the virus scanner says.
    pub scan: Scan,
    /// Who wrote to whom before; unknown where the case is not about it.
    pub history: History,
    /// What must come out.
    pub expected: Expected,
}

/// What must come out of the judgement, with shipped settings and [`Case::OWN_DOMAIN`] as ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Ids that must speak.
    pub fires: Vec<String>,
    /// What is done for each of them, in the same order; of outbound cases alone.
    pub rulings: Vec<Ruling>,
    /// Ids that must not; `*` stands for all that `fires` does not name.
    pub silent: Vec<String>,
    /// The decision, where the case is about it.
    pub decision: Option<String>,
}

impl Case {
    /// Our organisation in every case: the recipients' of inbound, the sender's of outbound mail.
    pub const OWN_DOMAIN: &'static str = "own.example";

    /// Whether the mail is judged silent but for the ids it must fire.
    pub fn is_exact(&self) -> bool {
        self.expected.silent.iter().any(|id| id == "*")
    }
}

/// All cases, by name. The errors name their files.
pub fn cases() -> Result<Vec<Case>, Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    cases_below(&root)
}

fn cases_below(root: &Path) -> Result<Vec<Case>, Vec<String>> {
    let mut cases = Vec::new();
    let mut errors = Vec::new();
    for topic in entries(root, &mut errors) {
        for file in entries(&topic, &mut errors) {
            match file.extension().and_then(|e| e.to_str()) {
                Some("eml") => match read(root, &file) {
                    Ok(case) => cases.push(case),
                    Err(why) => errors.push(why),
                },
                Some("toml") if file.with_extension("eml").exists() => {}
                _ => errors.push(format!("{}: belongs to no mail", file.display())),
            }
        }
    }
    if errors.is_empty() { Ok(cases) } else { Err(errors) }
}

fn entries(folder: &Path, errors: &mut Vec<String>) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(entries) => entries.filter_map(Result::ok).map(|e| e.path()).collect(),
        Err(e) => {
            errors.push(format!("{}: {e}", folder.display()));
            return Vec::new();
        }
    };
    paths.sort();
    paths
}

fn read(root: &Path, eml: &Path) -> Result<Case, String> {
    let shown = eml.with_extension("").strip_prefix(root).unwrap_or(eml).display().to_string();
    let mail = fs::read(eml).map_err(|e| format!("{shown}.eml: {e}"))?;
    let about = fs::read_to_string(eml.with_extension("toml"));
    let about = about.map_err(|e| format!("{shown}.toml: {e}"))?;
    described(&shown, mail, &about).map_err(|why| format!("{shown}.toml: {why}"))
}

/// Reads the description of a mail.
fn described(name: &str, mail: Vec<u8>, toml: &str) -> Result<Case, String> {
    let table = DeTable::parse(toml).map_err(|e| e.to_string())?.into_inner();
    let known = [
        "about",
        "authentication",
        "client",
        "direction",
        "envelope",
        "expected",
        "history",
        "outbound_toml",
        "scan",
    ];
    only(&table, "", &known)?;
    let empty = DeTable::new();
    let inner = |key: &str| match value(&table, key) {
        None => Ok(&empty),
        Some(DeValue::Table(inner)) => Ok(inner),
        Some(_) => Err(format!("{key}: must be a table")),
    };
    let envelope = inner("envelope")?;
    only(envelope, "envelope.", &["from", "to"])?;
    let client = inner("client")?;
    only(client, "client.", &["ip", "name", "helo", "own_network", "user"])?;
    let authentication = inner("authentication")?;
    only(authentication, "authentication.", &["spf", "dkim", "dmarc"])?;
    let history = inner("history")?;
    only(history, "history.", &["sender", "answers_ours", "numbers", "new_domains"])?;
    let expected = inner("expected")?;
    let direction = direction(text(&table, "direction")?.as_deref())?;
    let outbound = text(&table, "outbound_toml")?.map(|toml| outbound(&toml)).transpose()?;
    let (fires, rulings) = match direction {
        Direction::Inbound => {
            only(expected, "expected.", &["fires", "silent", "decision"])?;
            (texts(expected, "fires")?, Vec::new())
        }
        Direction::Internal | Direction::Outbound => {
            only(expected, "expected.", &["breaches", "silent", "decision"])?;
            breaches(expected)?.into_iter().unzip()
        }
    };
    if direction == Direction::Inbound && outbound.is_some() {
        return Err("outbound_toml: is of no use to an inbound case".into());
    }
    let silent = texts(expected, "silent")?;
    if fires.is_empty() && silent.is_empty() {
        return Err("expected: names neither what fires nor what is silent".into());
    }
    if let Some(both) = fires.iter().find(|id| silent.contains(id)) {
        return Err(format!("expected: {both} cannot both fire and be silent"));
    }
    Ok(Case {
        name: name.to_owned(),
        about: text(&table, "about")?.ok_or("about: is missing")?,
        mail,
        direction,
        outbound,
        envelope: Envelope {
            mail_from: text(envelope, "from")?,
            recipients: texts(envelope, "to")?,
        },
        client: Client {
            ip: text(client, "ip")?.map(|ip| address(&ip)).transpose()?,
            name: text(client, "name")?,
            helo: text(client, "helo")?,
            own_network: flag(client, "own_network")?,
            authenticated_user: text(client, "user")?,
        },
        authentication: Authentication {
            spf: one(&texts(authentication, "spf")?, "spf")?,
            dkim: texts(authentication, "dkim")?
                .iter()
                .map(|r| result(r))
                .collect::<Result<_, _>>()?,
            dmarc: one(&texts(authentication, "dmarc")?, "dmarc")?,
        },
        scan: match text(&table, "scan")? {
            None => Scan::Unknown,
            Some(name) if name == "clean" => Scan::Clean,
            Some(name) => Scan::Found(name),
        },
        history: remembered(history)?,
        expected: Expected { fires, rulings, silent, decision: text(expected, "decision")? },
    })
}

fn direction(written: Option<&str>) -> Result<Direction, String> {
    let known = [Direction::Inbound, Direction::Internal, Direction::Outbound];
    match written {
        None => Ok(Direction::Inbound),
        Some(name) => {
            known.into_iter().find(|direction| direction.name() == name).ok_or_else(|| {
                format!(
                    "direction: {name:?} is none; there are {}",
                    known.map(Direction::name).join(", ")
                )
            })
        }
    }
}

/// The settings that an administrator's `outbound.toml` of this text makes.
fn outbound(toml: &str) -> Result<Outbound, String> {
    let settings = sekisho_config::from_texts(&[("outbound.toml", toml)]);
    settings.map(|settings| settings.outbound).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        format!("outbound_toml: {}", lines.join("; "))
    })
}

/// `breaches = { top-secret-leaving = "hold" }`.
fn breaches(expected: &DeTable<'_>) -> Result<Vec<(String, Ruling)>, String> {
    let table = match value(expected, "breaches") {
        None => return Ok(Vec::new()),
        Some(DeValue::Table(table)) => table,
        Some(_) => return Err("expected.breaches: must be a table".into()),
    };
    let ruling = |id: &str| {
        let name = text(table, id)?.unwrap_or_default();
        let known = Ruling::ALL.into_iter().find(|ruling| ruling.name() == name);
        known.ok_or_else(|| format!("expected.breaches.{id}: {name:?} is no ruling"))
    };
    let ids = table.keys().map(|key| key.get_ref().to_string());
    ids.map(|id| ruling(&id).map(|ruling| (id, ruling))).collect()
}

/// What is remembered; a key that is left out is unknown.
fn remembered(table: &DeTable<'_>) -> Result<History, String> {
    let met = Contact { received: 1, sent: 1, first: 1 };
    let never = Contact::default();
    let sender = match text(table, "sender")?.as_deref() {
        None => None,
        Some("new") => Some(Known { address: never, domain: never }),
        Some("known") => Some(Known { address: met, domain: met }),
        Some("known-domain") => Some(Known { address: never, domain: met }),
        Some(other) => {
            let words = "\"new\", \"known\", \"known-domain\"";
            return Err(format!("history.sender: {other:?} is none of {words}"));
        }
    };
    let is_named = |key| value(table, key).is_some();
    let answers_ours = is_named("answers_ours").then(|| flag(table, "answers_ours")).transpose()?;
    let numbers = texts(table, "numbers")?;
    let numbers = is_named("numbers").then(|| numbers.iter().map(|n| number(n)).collect());
    let new_domains = texts(table, "new_domains")?;
    let new_recipient_domains = is_named("new_domains").then_some(new_domains);
    Ok(History { sender, answers_ours, numbers, new_recipient_domains, ..History::default() })
}

/// `"03-5253-5111"`, `"FAX 03-5253-5112"`.
fn number(written: &str) -> Number {
    let fax = written.strip_prefix("FAX ");
    let digits = telephone::read(fax.unwrap_or(written)).digits;
    Number { digits, is_fax: fax.is_some() }
}

fn only(table: &DeTable<'_>, prefix: &str, known: &[&str]) -> Result<(), String> {
    match table.keys().map(|key| key.get_ref()).find(|key| !known.contains(&key.as_ref())) {
        Some(key) => Err(format!("{prefix}{key}: no such key; there are {}", known.join(", "))),
        None => Ok(()),
    }
}

fn value<'t>(table: &'t DeTable<'_>, key: &str) -> Option<&'t DeValue<'t>> {
    table.get(key).map(|value| value.get_ref())
}

fn text(table: &DeTable<'_>, key: &str) -> Result<Option<String>, String> {
    match value(table, key) {
        None => Ok(None),
        Some(DeValue::String(text)) => Ok(Some(text.to_string())),
        Some(_) => Err(format!("{key}: must be a text")),
    }
}

fn flag(table: &DeTable<'_>, key: &str) -> Result<bool, String> {
    match value(table, key) {
        None => Ok(false),
        Some(DeValue::Boolean(flag)) => Ok(*flag),
        Some(_) => Err(format!("{key}: must be true or false")),
    }
}

fn texts(table: &DeTable<'_>, key: &str) -> Result<Vec<String>, String> {
    let wrong = || format!("{key}: must be a list of texts");
    match value(table, key) {
        None => Ok(Vec::new()),
        Some(DeValue::Array(list)) => {
            list.iter().map(|v| v.get_ref().as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}

fn address(ip: &str) -> Result<IpAddr, String> {
    ip.parse().map_err(|_| format!("client.ip: {ip:?} is no address"))
}

fn one(results: &[String], key: &str) -> Result<DomainResult, String> {
    match results {
        [] => Ok(DomainResult::default()),
        [only] => result(only),
        _ => Err(format!("authentication.{key}: one result at most")),
    }
}

/// `"pass example.com"`.
fn result(written: &str) -> Result<DomainResult, String> {
    let (word, domain) = written.split_once(' ').unwrap_or((written, ""));
    let result = match word {
        "fail" => AuthResult::Fail,
        "neutral" => AuthResult::Neutral,
        "none" => AuthResult::None,
        "pass" => AuthResult::Pass,
        "permerror" => AuthResult::PermError,
        "softfail" => AuthResult::SoftFail,
        "temperror" => AuthResult::TempError,
        "unknown" => AuthResult::Unknown,
        _ => return Err(format!("authentication: {word:?} is no result of RFC 8601")),
    };
    Ok(DomainResult { domain: domain.to_owned(), result })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_read_whole() {
        let case = described(
            "links/x",
            b"Subject: x\r\n\r\n".to_vec(),
            "about = \"Why.\"\n[envelope]\nfrom = \"a@b.example\"\nto = [\"c@own.example\"]\n\
             [client]\nip = \"192.0.2.1\"\n[history]\nsender = \"known-domain\"\n\
             answers_ours = false\nnumbers = [\"03-5253-5111\", \"FAX 03-5253-5112\"]\n[authentication]\nspf = [\"fail b.example\"]\n\
             [expected]\nfires = [\"ip-address-link\"]\nsilent = [\"*\"]\ndecision = \"accept\"\n",
        )
        .unwrap();
        assert_eq!(case.envelope.mail_from.as_deref(), Some("a@b.example"));
        assert_eq!(case.authentication.spf.result, AuthResult::Fail);
        assert_eq!(case.expected.fires, ["ip-address-link"]);
        assert!(case.is_exact());
        let history = &case.history;
        let sender = history.sender.unwrap_or_default();
        assert!(sender.domain.is_known() && !sender.address.is_known());
        assert_eq!(history.answers_ours, Some(false));
        let number = |digits: &str, is_fax| Number { digits: digits.into(), is_fax };
        let numbers = [number("0352535111", false), number("0352535112", true)];
        assert_eq!(history.numbers.as_deref(), Some(&numbers[..]));
    }

    #[test]
    fn an_outbound_description_is_read_whole() {
        let case = described(
            "outbound/x",
            b"Subject: x\r\n\r\n".to_vec(),
            "about = \"Why.\"\ndirection = \"outbound\"\n\
             outbound_toml = \"[policy]\\nprofile = 'isms'\"\n\
             [history]\nnew_domains = [\"new.example\"]\n\
             [expected]\nbreaches = { top-secret-leaving = \"reject\" }\ndecision = \"reject\"\n",
        )
        .unwrap();
        assert_eq!(case.direction, Direction::Outbound);
        assert_eq!(case.outbound.unwrap().profile, sekisho_config::Profile::Isms);
        assert_eq!(case.expected.fires, ["top-secret-leaving"]);
        assert_eq!(case.expected.rulings, [Ruling::Reject]);
        let new = case.history.new_recipient_domains.unwrap();
        assert_eq!((new, case.history.answers_ours), (vec!["new.example".to_owned()], None));
    }

    #[test]
    fn mistakes_are_told() {
        let expected = "[expected]\nsilent = [\"*\"]\n";
        let cases = [
            ("about = 1", "about: must be a text"),
            ("abuot = \"x\"", "abuot: no such key"),
            ("about = \"x\"\n[client]\nip = \"here\"", "client.ip: \"here\" is no address"),
            ("about = \"x\"\n[authentication]\nspf = [\"perhaps\"]", "\"perhaps\" is no result"),
            (
                "about = \"x\"\n[history]\nsender = \"perhaps\"",
                "history.sender: \"perhaps\" is none",
            ),
            ("about = \"x\"\n[history]\nnumber = []", "history.number: no such key"),
            ("about = \"x\"\n[envelope]\nto = \"a\"", "to: must be a list"),
            ("about = \"x\"\ndirection = \"up\"", "direction: \"up\" is none"),
            ("about = \"x\"\noutbound_toml = \"x = 1\"", "outbound_toml: outbound.toml:1: x"),
            ("about = \"x\"\noutbound_toml = \"\"", "outbound_toml: is of no use"),
        ];
        for (toml, message) in cases {
            let why = described("x", vec![], &format!("{toml}\n{expected}")).unwrap_err();
            assert!(why.contains(message), "{why}");
        }
        assert!(described("x", vec![], "about = \"x\"").unwrap_err().contains("expected"));
        let told = "about = \"x\"\n[history]\nsender = \"perhaps\"\n[expected]\nsilent = [\"*\"]";
        let why = described("x", vec![], told).unwrap_err();
        assert!(why.starts_with("history.sender: \"perhaps\" is none"), "{why}");
        let unruly = "direction = \"outbound\"\n[expected.breaches]\nx = \"often\"";
        let why = described("x", vec![], unruly).unwrap_err();
        assert_eq!(why, "expected.breaches.x: \"often\" is no ruling");
    }

    #[test]
    fn history_is_unknown_unless_named() {
        let toml = "about = \"x\"\n[expected]\nsilent = [\"*\"]\n";
        assert_eq!(described("x", vec![], toml).unwrap().history, History::default());
    }

    #[test]
    fn a_folder_that_cannot_be_read_is_an_error_with_its_name() {
        let errors = cases_below(Path::new("/nonexistent/cases")).unwrap_err();
        assert!(errors[0].starts_with("/nonexistent/cases: "), "{errors:?}");
    }
}
