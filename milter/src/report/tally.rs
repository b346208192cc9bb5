//! Records and events in, the figures of a month out, in bounded memory.
//!
//! Way in: [`Tally::event`] for all events, then [`Tally::record`] for all records in any order,
//! then [`Tally::figures`]. Drills count apart and nowhere else. Names that a sender chooses go
//! through [`Top`]; ids, departments and reporters are kept up to a bound, what is beyond is
//! counted together as [`OTHERS`].

use std::collections::{BTreeMap, BTreeSet};

use sekisho_config::AddressPattern;
use serde::Serialize;

use super::department::Departments;
use super::month::Month;
use super::top::{Ranked, Top};
use super::unusual::{Measure, Unusual, unusual};
use crate::record::{Deed, Event, Record};

/// Decisions in the order of [`Decided`].
pub const DECISIONS: [&str; 6] = ["accept", "tag", "banner", "convert", "hold", "reject"];

/// Mails by decision, in the order of [`DECISIONS`].
pub type Decided = [u64; 6];

/// What a month came to. Only what its own records and events tell, so that it comes out the same
/// whenever it is counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// `YYYY-MM`.
    pub month: String,
    /// One entry a day.
    pub days: Vec<Day>,
    /// Inbound mails.
    pub inbound: Decided,
    /// Mails that left or wanted to.
    pub outbound: Decided,
    /// Mails among ourselves.
    pub internal: Decided,
    /// Bytes of all mails.
    pub bytes: u64,
    /// Inbound mails by row of the rule books' table.
    pub clauses: BTreeMap<String, u64>,
    /// Inbound mails by indicator.
    pub indicators: BTreeMap<String, Spoke>,
    /// Outbound and internal mails by rule.
    pub rules: BTreeMap<String, Spoke>,
    /// By department.
    pub departments: BTreeMap<String, Department>,
    /// Domains that most suspicious mail came from.
    pub suspicious_senders: Vec<Ranked>,
    /// Domains that most mail came from.
    pub senders: Vec<Ranked>,
    /// Own addresses that rules spoke against most often.
    pub breaking: Vec<Ranked>,
    /// By how much a count in these lists may be too low.
    pub missed: u64,
    /// Events by deed.
    pub deeds: BTreeMap<&'static str, u64>,
    /// Drills.
    pub drills: Drills,
    /// Days that stand out.
    pub unusual: Vec<Unusual>,
    /// Mails of which something could not be read or asked.
    pub with_problems: u64,
    /// Mails that were only watched: nothing was done to them, whatever was decided.
    pub observed: u64,
    /// How many different settings were in force.
    pub settings: usize,
}

/// One day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// Inbound mails.
    pub inbound: u64,
    /// Mails that left or wanted to.
    pub outbound: u64,
    /// Mails among ourselves.
    pub internal: u64,
    /// Inbound mails by decision.
    pub decided: Decided,
    /// Inbound mails with banner or worse.
    pub suspicious: u64,
    /// Outbound mails that a rule spoke against.
    pub violations: u64,
}

/// An indicator or a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spoke {
    /// Its clause; empty where it answers none.
    pub clause: String,
    /// Mails it spoke in.
    pub mails: u64,
    /// Those mails by decision.
    pub decided: Decided,
}

/// A department.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Department {
    /// Mails it received.
    pub inbound: u64,
    /// Those with banner or worse.
    pub suspicious: u64,
    /// Mails it sent out.
    pub outbound: u64,
    /// Those that a rule spoke against.
    pub violations: u64,
}

/// Targeted-mail drills (003 art. 22).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drills {
    /// Mails.
    pub mails: u64,
    /// Recipients of all of them.
    pub recipients: u64,
    /// Mails that somebody reported.
    pub reported: u64,
    /// Who reported.
    pub reporters: BTreeSet<String>,
}

/// Counts while records pass.
pub struct Tally<'a> {
    month: &'a Month,
    departments: &'a Departments,
    drill_senders: &'a [AddressPattern],
    figures: Figures,
    suspicious_senders: Top,
    senders: Top,
    breaking: Top,
    settings: BTreeSet<String>,
    reports: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Tally<'a> {
    /// Counts nothing yet.
    pub fn new(
        month: &'a Month,
        departments: &'a Departments,
        drill_senders: &'a [AddressPattern],
    ) -> Tally<'a> {
        let days = vec![Day::default(); month.days()];
        Tally {
            month,
            departments,
            drill_senders,
            figures: Figures { month: month.name(), days, ..Figures::default() },
            suspicious_senders: Top::new(NAMES),
            senders: Top::new(NAMES),
            breaking: Top::new(NAMES),
            settings: BTreeSet::new(),
            reports: BTreeMap::new(),
        }
    }

    /// Counts what was done; of other months only reports, since a drill may be reported later.
    pub fn event(&mut self, event: &Event) {
        if event.what == Deed::Reported && self.reports.len() < MOST_REPORTS {
            let who = self.reports.entry(event.subject.clone()).or_default();
            if who.len() < MOST_KEYS {
                who.insert(event.who.clone());
            }
        }
        if self.month.day_of(event.at_ms).is_some() {
            *self.figures.deeds.entry(deed(event.what)).or_default() += 1;
        }
    }

    /// Counts a mail; those of other months are passed over.
    pub fn record(&mut self, record: &Record) {
        let Some(day) = self.month.day_of(record.at_ms) else { return };
        if is_drill(record, self.drill_senders) {
            return self.drill(record);
        }
        let decided = if record.is_refused_instead() { "reject" } else { record.decision.as_str() };
        let Some(at) = DECISIONS.iter().position(|name| *name == decided) else { return };
        let is_inbound = record.direction == "inbound";
        let is_outbound = record.direction == "outbound";
        let is_suspicious = is_inbound && at >= BANNER;
        let is_violation = !is_inbound && !record.findings.is_empty();
        let figures = &mut self.figures;
        figures.bytes = figures.bytes.saturating_add(record.size);
        figures.observed += u64::from(record.is_observed());
        figures.with_problems += u64::from(!record.problems.is_empty());
        if let Some(day) = figures.days.get_mut(day) {
            let volume = match record.direction.as_str() {
                "inbound" => &mut day.inbound,
                "outbound" => &mut day.outbound,
                _ => &mut day.internal,
            };
            *volume += 1;
            day.suspicious += u64::from(is_suspicious);
            day.violations += u64::from(is_violation);
            if is_inbound {
                count(&mut day.decided, at);
            }
        }
        let by_decision = match record.direction.as_str() {
            "inbound" => &mut figures.inbound,
            "outbound" => &mut figures.outbound,
            _ => &mut figures.internal,
        };
        count(by_decision, at);
        let spoke = if is_inbound { &mut figures.indicators } else { &mut figures.rules };
        for found in &record.findings {
            let entry = bounded(spoke, &found.id);
            entry.mails += 1;
            entry.clause.clone_from(&found.clause);
            count(&mut entry.decided, at);
        }
        if is_inbound {
            let clauses = record.findings.iter().map(|f| f.clause.as_str());
            for clause in clauses.filter(|c| !c.is_empty()).collect::<BTreeSet<_>>() {
                *bounded(&mut figures.clauses, clause) += 1;
            }
        }
        let department = bounded(&mut figures.departments, self.departments.of(record));
        department.inbound += u64::from(is_inbound);
        department.suspicious += u64::from(is_suspicious);
        department.outbound += u64::from(is_outbound);
        department.violations += u64::from(is_violation);
        if is_inbound {
            let domain = sender_domain(record);
            self.senders.add(domain);
            if is_suspicious {
                self.suspicious_senders.add(domain);
            }
        }
        if is_violation {
            self.breaking.add(if record.from.is_empty() {
                &record.mail_from
            } else {
                &record.from
            });
        }
        if self.settings.len() < MOST_KEYS {
            self.settings.insert(record.settings.clone());
        }
    }

    /// The figures. Days from `days_over` on are not over and stand out by nothing.
    pub fn figures(mut self, days_over: usize) -> Figures {
        for what in Measure::ALL {
            let of = |day: &Day| match what {
                Measure::Inbound => day.inbound,
                Measure::Outbound => day.outbound,
                Measure::Suspicious => day.suspicious,
                Measure::Violations => day.violations,
            };
            let values: Vec<u64> = self.figures.days.iter().take(days_over).map(of).collect();
            let month = self.month;
            self.figures.unusual.extend(unusual(what, &values, |day| month.is_weekend(day)));
        }
        self.figures.unusual.sort_by_key(|u| u.day);
        self.figures.suspicious_senders = self.suspicious_senders.ranked(SHOWN);
        self.figures.senders = self.senders.ranked(SHOWN);
        self.figures.breaking = self.breaking.ranked(SHOWN);
        let tops = [&self.suspicious_senders, &self.senders, &self.breaking];
        self.figures.missed = tops.iter().map(|top| top.missed()).max().unwrap_or_default();
        self.figures.settings = self.settings.len();
        self.figures
    }

    fn drill(&mut self, record: &Record) {
        let drills = &mut self.figures.drills;
        drills.mails += 1;
        drills.recipients += record.recipients.len() as u64;
        let reports = [&record.id, &record.message_id].into_iter().filter(|id| !id.is_empty());
        let mut reports = reports.filter_map(|id| self.reports.get(id)).peekable();
        drills.reported += u64::from(reports.peek().is_some());
        for who in reports.flatten() {
            if drills.reporters.len() < MOST_KEYS {
                drills.reporters.insert(who.clone());
            }
        }
    }
}

/// Whether a mail is part of a drill.
pub fn is_drill(record: &Record, senders: &[AddressPattern]) -> bool {
    record.direction == "inbound"
        && senders.iter().any(|pattern| {
            [&record.from, &record.mail_from].iter().any(|a| pattern.matches(&a.to_lowercase()))
        })
}

/// The domain that From names, else MAIL FROM; the null sender's is [`NULL_SENDER`].
pub fn sender_domain(record: &Record) -> &str {
    let domain = |address: &'_ str| address.rsplit_once('@').map(|(local, _)| local.len() + 1);
    for address in [record.from.as_str(), record.mail_from.as_str()] {
        if let Some(domain) = domain(address).and_then(|at| address.get(at..))
            && !domain.is_empty()
        {
            return domain;
        }
    }
    NULL_SENDER
}

/// Name of a deed, as in the audit log.
pub fn deed(what: Deed) -> &'static str {
    match what {
        Deed::Approved => "approved",
        Deed::ClockJumped => "clock-jumped",
        Deed::Denied => "denied",
        Deed::Discarded => "discarded",
        Deed::Expired => "expired",
        Deed::Forgotten => "forgotten",
        Deed::Held => "held",
        Deed::Released => "released",
        Deed::Reported => "reported",
        Deed::SignedOff => "signed-off",
        Deed::Started => "started",
        Deed::Stopped => "stopped",
        Deed::Warned => "warned",
    }
}

fn count(decided: &mut Decided, at: usize) {
    if let Some(count) = decided.get_mut(at) {
        *count += 1;
    }
}

fn bounded<'m, T: Default>(map: &'m mut BTreeMap<String, T>, key: &str) -> &'m mut T {
    let key = if map.contains_key(key) || map.len() < MOST_KEYS { key } else { OTHERS };
    map.entry(key.to_owned()).or_default()
}

/// Place of `banner` in [`DECISIONS`].
const BANNER: usize = 2;

/// Different senders counted at once.
const NAMES: usize = 5_000;

/// Senders shown.
const SHOWN: usize = 20;

/// Different ids, departments, reporters and settings kept.
const MOST_KEYS: usize = 1_000;

/// Reported mails remembered.
const MOST_REPORTS: usize = 100_000;

/// What is beyond the bound.
pub const OTHERS: &str = "(others)";

/// What stands for mail without a sender.
pub const NULL_SENDER: &str = "<>";
