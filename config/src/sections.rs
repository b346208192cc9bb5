//! The tables of each file, read into the checked settings.
//!
//! Way in: one function a file, called by [`crate::from_texts`]. `None` only where the shipped
//! layer itself lacks a key, which a test excludes; every mistake of the administrator's is
//! reported and the shipped value read in its place, so that one reading finds all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use crate::layers::Table;
use crate::net;
use crate::scalar::{
    boolean, by, duration, integer, integer_or_off, line, parsed, permissions, size, until, word,
};
use crate::{
    Actions, AddressPattern, Authentication, Cap, DatabaseUrl, Exception, FailureReply, Filter,
    HtmlToText, Language, Limits, Listen, Log, Mode, OnFailure, Retention, Scanner, Senders, Store,
    Thresholds, Trusted, Weight,
};

/// Reads `filter.toml`.
pub(crate) fn filter(t: &mut Table<'_>) -> Option<Filter> {
    let filter = Filter {
        mode: t.read("mode", word(&[("enforce", Mode::Enforce), ("observe", Mode::Observe)]))?,
        listen: t.array("listen", parsed)?,
        socket_mode: t.read("socket_mode", permissions)?,
        socket_group: t.read("socket_group", by(group_name))?,
        own_domains: t.array("own_domains", by(net::domain))?,
        own_networks: t.array("own_networks", parsed)?,
        partner_domains: t.array("partner_domains", by(net::domain))?,
        state_dir: t.read("state_dir", by(absolute_path))?,
        log: t.read(
            "log",
            word(&[
                ("auto", Log::Auto),
                ("json", Log::Json),
                ("journald", Log::Journald),
                ("text", Log::Text),
            ]),
        )?,
        on_failure: t.table("on_failure", on_failure)?,
        limits: t.table("limits", limits)?,
    };
    if filter.listen.is_empty() {
        t.complain("listen", "must name at least one socket");
    }
    Some(filter)
}

/// Reads `thresholds.toml`.
///
/// What is written must ascend. A shipped threshold gives way to a written one: who writes
/// `banner = 10` alone tags from 10 points on as well.
pub(crate) fn thresholds(t: &mut Table<'_>) -> Option<Thresholds> {
    t.table("thresholds", |t| {
        let mut values = [None; 4];
        for (value, name) in values.iter_mut().zip(THRESHOLDS) {
            *value = t.read(name, integer_or_off(0..=HIGHEST_THRESHOLD))?;
        }
        let mut below: Option<(u16, &str)> = None;
        for (value, name) in values.into_iter().zip(THRESHOLDS) {
            let Some(value) = value.filter(|_| t.is_own(name)) else { continue };
            match below {
                Some((lower, lower_name)) if value < lower => t.complain(
                    name,
                    format!(
                        "{value} is below {lower_name} ({lower}); thresholds ascend: tag <= banner \
                         <= hold <= reject, those that are \"off\" left out"
                    ),
                ),
                _ => below = Some((value, name)),
            }
        }
        let mut floor = 0;
        for (value, name) in values.iter_mut().zip(THRESHOLDS) {
            *value = value.map(|v| v.max(floor));
            floor = value.filter(|_| t.is_own(name)).unwrap_or(floor);
        }
        let mut ceiling = HIGHEST_THRESHOLD;
        for (value, name) in values.iter_mut().zip(THRESHOLDS).rev() {
            *value = value.map(|v| v.min(ceiling));
            ceiling = value.filter(|_| t.is_own(name)).unwrap_or(ceiling);
        }
        let [tag, banner, hold, reject] = values;
        Some(Thresholds { tag, banner, hold, reject })
    })
}

/// Reads table `[weights]` of `weights.toml`.
pub(crate) fn weights(t: &mut Table<'_>) -> BTreeMap<String, Weight> {
    let entries = t.table("weights", |t| t.entries(integer_or_off(0..=100)));
    let weight = |(id, (points, place))| (id, Weight { points, place });
    entries.into_iter().map(weight).collect()
}

/// Reads table `[caps]` of `weights.toml`.
pub(crate) fn caps(t: &mut Table<'_>) -> BTreeMap<String, Cap> {
    let entries = t.table("caps", |t| t.entries(integer(0..=HIGHEST_THRESHOLD)));
    entries.into_iter().map(|(name, (points, place))| (name, Cap { points, place })).collect()
}

/// Reads `actions.toml`.
pub(crate) fn actions(t: &mut Table<'_>) -> Option<Actions> {
    Some(Actions {
        language: t.read(
            "language",
            word(&[
                ("both", Language::Both),
                ("en", Language::English),
                ("ja", Language::Japanese),
            ]),
        )?,
        banner: t.read("banner", boolean)?,
        banner_reasons: t.read("banner_reasons", integer(0..=10))?,
        banner_contact: t.read("banner_contact", line(200))?,
        subject_tag: t.read("subject_tag", line(40))?,
        html_to_text: t.read(
            "html_to_text",
            word(&[
                ("always", HtmlToText::Always),
                ("off", HtmlToText::Off),
                ("on-suspicion", HtmlToText::OnSuspicion),
            ]),
        )?,
    })
}

/// Reads `senders.toml`.
pub(crate) fn senders(t: &mut Table<'_>) -> Senders {
    let mut seen = BTreeSet::new();
    let trusted = t.rows("trusted", |t| {
        let from: Option<AddressPattern> = t.read("from", parsed);
        let until = t.maybe("until", until);
        let reason = t.maybe("reason", line(200)).unwrap_or_default();
        let from = from?;
        if !seen.insert(from.clone()) {
            t.complain("from", "is trusted twice");
        }
        Some(Trusted { from, until, reason })
    });
    let mut seen = BTreeSet::new();
    let exceptions = t.rows("exceptions", |t| {
        let exception = Exception {
            from: t.maybe("from", parsed),
            to: t.maybe("to", parsed),
            indicators: t.array("indicators", by(indicator_id)).unwrap_or_default(),
            until: t.maybe("until", until),
            reason: t.maybe("reason", line(200)).unwrap_or_default(),
            place: t.place("indicators"),
        };
        if !t.is_written("from") && !t.is_written("to") {
            t.complain(
                "from",
                "an exception is for a sender, a recipient or both; to switch an indicator off \
                 for everybody, write \"off\" in weights.toml",
            );
        }
        if !t.is_written("indicators") {
            t.complain("indicators", "is missing; name ids, or \"*\" for all");
        } else if t.is_own("indicators") && exception.indicators.is_empty() {
            t.complain("indicators", "is empty; name ids, or \"*\" for all");
        } else if exception.indicators.len() > 1 && exception.indicators.iter().any(|i| i == "*") {
            t.complain("indicators", "\"*\" stands for all; write it alone");
        }
        let Exception { from, to, indicators, .. } = &exception;
        if !seen.insert((from.clone(), to.clone(), indicators.clone())) {
            t.complain("indicators", "the same exception stands here twice");
        }
        Some(exception)
    });
    Senders { trusted, exceptions }
}

/// Reads `authentication.toml`.
pub(crate) fn authentication(t: &mut Table<'_>) -> Option<Authentication> {
    Some(Authentication {
        check: t.read("check", boolean)?,
        trusted_authserv_ids: t.array("trusted_authserv_ids", by(authserv_id))?,
        deadline: t
            .read("deadline", duration(Duration::from_millis(100)..=Duration::from_secs(120)))?,
        name_servers: t.array("name_servers", by(net::name_server))?,
    })
}

/// Reads `scanner.toml`.
pub(crate) fn scanner(t: &mut Table<'_>) -> Option<Scanner> {
    Some(Scanner {
        clamd: t.read("clamd", by(socket))?,
        deadline: t
            .read("deadline", duration(Duration::from_millis(100)..=Duration::from_secs(300)))?,
        max_bytes: t.read("max_bytes", size(64 * KIB..=GIB))?,
    })
}

/// Reads `store.toml`.
pub(crate) fn store(t: &mut Table<'_>) -> Option<Store> {
    let retention = t.table("retention", |t| {
        let days = || integer_or_off(1..=36_500);
        Some(Retention {
            correspondents: t.read("correspondents", days())?,
            details: t.read("details", days())?,
            records: t.read("records", days())?,
        })
    })?;
    t.table("store", |t| {
        Some(Store {
            url: t.read("url", by(database))?,
            hash_addresses: t.read("hash_addresses", boolean)?,
            deadline: t
                .read("deadline", duration(Duration::from_millis(1)..=Duration::from_secs(10)))?,
            cache: t.read("cache", integer(0..=1_000_000))?,
            spool: t.read("spool", size(MIB..=64 * GIB))?,
            retention,
        })
    })
}

/// A PostgreSQL; empty means none.
fn database(written: &str) -> Result<Option<DatabaseUrl>, String> {
    if written.is_empty() { Ok(None) } else { DatabaseUrl::new(written).map(Some) }
}

/// A socket; empty means none.
fn socket(written: &str) -> Result<Option<Listen>, String> {
    if written.is_empty() { Ok(None) } else { written.parse().map(Some) }
}

fn on_failure(t: &mut Table<'_>) -> Option<OnFailure> {
    let reply = || {
        word(&[
            ("accept", FailureReply::Accept),
            ("hold", FailureReply::Hold),
            ("tempfail", FailureReply::Tempfail),
        ])
    };
    Some(OnFailure {
        judging: t.read("judging", reply())?,
        limits: t.read("limits", reply())?,
        action: t.read("action", reply())?,
        scanner: t.read("scanner", reply())?,
    })
}

fn limits(t: &mut Table<'_>) -> Option<Limits> {
    let limits = Limits {
        connections: t.read("connections", integer(1..=10_000))?,
        idle: t.read("idle", duration(Duration::from_secs(1)..=Duration::from_secs(86_400)))?,
        headers: t.read("headers", integer(10..=100_000))?,
        header_bytes: t.read("header_bytes", size(4 * KIB..=64 * MIB))?,
        recipients: t.read("recipients", integer(1..=1_000_000))?,
        body_bytes: t.read("body_bytes", size(64 * KIB..=GIB))?,
        bytes_in_flight: t.read("bytes_in_flight", size(MIB..=64 * GIB))?,
        opened_at_once: t.read("opened_at_once", integer(1..=1000))?,
        parts: t.read("parts", integer(1..=100_000))?,
        depth: t.read("depth", integer(1..=100))?,
        members: t.read("members", integer(1..=100_000))?,
        inflated_bytes: t.read("inflated_bytes", size(64 * KIB..=GIB))?,
        work: t.read("work", integer(100_000..=10_000_000_000))?,
        text_bytes: t.read("text_bytes", size(4 * KIB..=64 * MIB))?,
        links: t.read("links", integer(1..=100_000))?,
    };
    let one_message = limits.header_bytes + limits.body_bytes;
    if limits.bytes_in_flight < one_message {
        t.complain(
            "bytes_in_flight",
            format!(
                "{} is below header_bytes + body_bytes ({one_message}): a message of that size \
                 could never come in",
                limits.bytes_in_flight
            ),
        );
    }
    Some(limits)
}

/// Name of a system group; empty means none.
pub(crate) fn group_name(written: &str) -> Result<Option<String>, String> {
    let good = |c: char| c.is_ascii_alphanumeric() || "_-.$".contains(c);
    if written.len() > 32 || !written.chars().all(good) {
        return Err(format!("{written:?} is not the name of a group; allowed is e.g. \"postfix\""));
    }
    Ok((!written.is_empty()).then(|| written.to_owned()))
}

/// An absolute path; empty means none.
pub(crate) fn absolute_path(written: &str) -> Result<Option<PathBuf>, String> {
    let good = written.starts_with('/') && !written.contains('\0');
    match written {
        "" => Ok(None),
        path if good => Ok(Some(PathBuf::from(path))),
        other => Err(format!("{other:?} is not an absolute path; it must begin with \"/\"")),
    }
}

/// The name a server gives itself in Authentication-Results (RFC 8601, section 2.5).
fn authserv_id(written: &str) -> Result<String, String> {
    let good = |c: char| !c.is_whitespace() && !c.is_control() && !"();\"".contains(c);
    if written.is_empty() || !written.chars().all(good) {
        return Err(format!(
            "{written:?} is not an authserv-id; allowed is e.g. \"mx.example.jp\""
        ));
    }
    Ok(written.to_lowercase())
}

/// An id by its form alone: whoever has the catalogue knows which ones exist.
fn indicator_id(written: &str) -> Result<String, String> {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if written == "*" || (!written.is_empty() && written.bytes().all(good)) {
        return Ok(written.to_owned());
    }
    Err(format!("{written:?} is not an indicator's id; allowed is e.g. \"free-mail-sender\""))
}

const THRESHOLDS: [&str; 4] = ["tag", "banner", "hold", "reject"];

/// Ten times "certain": no message gets there, whatever the weights.
const HIGHEST_THRESHOLD: u16 = 1000;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
const GIB: usize = 1 << 30;
