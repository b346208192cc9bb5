//! What other settings would have done to the mails on record (the administrator's tuning).
//!
//! Way in: [`change::apply`] puts `--set` into settings, [`Comparison::record`] holds each record
//! against them, [`output`] shows what came of it. Mails are not needed: recorded findings are
//! replayed by the functions that judge mail ([`Replay`]). "Before" is what was decided then.
//! Where a record was judged under the settings of today and `--set` makes no difference to it,
//! what was decided stays, so that decisions with other reasons (a drill, a scanner that did not
//! answer) are not replayed away.

pub mod change;
pub mod output;

use std::collections::{BTreeMap, BTreeSet};

use sekisho_config::fingerprint;
use sekisho_heuristics::outbound;
use sekisho_heuristics::policy::Policy;
use sekisho_heuristics::replay::{Replay, Told};
use serde::Serialize;

use crate::record::Record;
use crate::report::department::Departments;
use crate::report::tally::{DECISIONS, Decided, is_drill, sender_domain};
use crate::report::top::{Ranked, Top};

/// What came of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Records looked at, drills left out.
    pub records: u64,
    /// Those judged under other settings than today's.
    pub other_settings: u64,
    /// Drills, left out.
    pub drills: u64,
    /// Inbound mails by decision, as decided then.
    pub inbound_before: Decided,
    /// Inbound mails by decision under the new settings.
    pub inbound_after: Decided,
    /// Outbound and internal mails, as decided then.
    pub outbound_before: Decided,
    /// Outbound and internal mails under the new settings.
    pub outbound_after: Decided,
    /// Mails by what was and would be decided, where that differs.
    pub moves: BTreeMap<Move, u64>,
    /// Moved mails by clause that spoke in them.
    pub clauses: BTreeMap<String, Moved>,
    /// Moved mails by department.
    pub departments: BTreeMap<String, Moved>,
    /// Domains of senders whose mail would be treated harder.
    pub harder_senders: Vec<Ranked>,
    /// Domains of senders whose mail would be treated milder.
    pub milder_senders: Vec<Ranked>,
    /// By how much a count of these may be too low.
    pub missed: u64,
    /// Some moved mails of each kind, the newest first.
    pub examples: Vec<Example>,
}

/// From one decision to another, places in [`DECISIONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// As decided then.
    pub from: usize,
    /// Under the new settings.
    pub to: usize,
}

/// How many mails would be treated harder and milder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Harder.
    pub harder: u64,
    /// Milder.
    pub milder: u64,
}

/// A mail that would be treated otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Id of the record.
    pub id: String,
    /// When, RFC 3339.
    pub time: String,
    /// Which way it went.
    pub direction: String,
    /// From.
    pub from: String,
    /// Subject.
    pub subject: String,
    /// Points then.
    pub score_before: u16,
    /// Points under the new settings.
    pub score_after: u16,
    /// Decision then.
    pub before: String,
    /// Decision under the new settings.
    pub after: String,
}

/// Compares while records pass.
pub struct Comparison<'p> {
    today: Replay<'p>,
    new: Replay<'p>,
    settings: String,
    policy: &'p Policy,
    departments: &'p Departments,
    examples_a_move: usize,
    out: Outcome,
    harder: Top,
    milder: Top,
}

impl<'p> Comparison<'p> {
    /// Compares `today`'s settings with `new` ones; keeps `examples_a_move` mails of each kind.
    pub fn new(
        today: &'p Policy,
        new: &'p Policy,
        departments: &'p Departments,
        examples_a_move: usize,
    ) -> Comparison<'p> {
        Comparison {
            today: Replay::new(today),
            new: Replay::new(new),
            settings: fingerprint(today.settings()),
            policy: new,
            departments,
            examples_a_move,
            out: Outcome::default(),
            harder: Top::new(NAMES),
            milder: Top::new(NAMES),
        }
    }

    /// Holds one record against the settings.
    pub fn record(&mut self, record: &Record) {
        if is_drill(record, &self.policy.settings().notify.drill_senders) {
            self.out.drills += 1;
            return;
        }
        let Some(before) = place(&record.decision) else { return };
        self.out.records += 1;
        let is_of_today = record.settings == self.settings;
        self.out.other_settings += u64::from(!is_of_today);
        let new = outcome(&self.new, record);
        let (score, after) = match is_of_today && outcome(&self.today, record) == new {
            true => (record.score, before),
            false => new,
        };
        let (then, now) = match record.direction.as_str() {
            "inbound" => (&mut self.out.inbound_before, &mut self.out.inbound_after),
            _ => (&mut self.out.outbound_before, &mut self.out.outbound_after),
        };
        for (counts, at) in [(then, before), (now, after)] {
            if let Some(count) = counts.get_mut(at) {
                *count += 1;
            }
        }
        if before != after {
            self.moved(record, score, Move { from: before, to: after });
        }
    }

    /// What came of it.
    pub fn outcome(mut self) -> Outcome {
        self.out.harder_senders = self.harder.ranked(SHOWN);
        self.out.milder_senders = self.milder.ranked(SHOWN);
        self.out.missed = self.harder.missed().max(self.milder.missed());
        self.out
    }

    fn moved(&mut self, record: &Record, score: u16, step: Move) {
        let is_harder = step.to > step.from;
        let clauses = record.findings.iter().map(|f| f.clause.as_str());
        for clause in clauses.filter(|c| !c.is_empty()).collect::<BTreeSet<_>>() {
            bounded(&mut self.out.clauses, clause).add(is_harder);
        }
        bounded(&mut self.out.departments, self.departments.of(record)).add(is_harder);
        let senders = if is_harder { &mut self.harder } else { &mut self.milder };
        senders.add(sender_domain(record));
        let count = self.out.moves.entry(step).or_default();
        *count += 1;
        if *count <= self.examples_a_move as u64 {
            let from = if record.from.is_empty() { &record.mail_from } else { &record.from };
            self.out.examples.push(Example {
                id: record.id.clone(),
                time: record.time.clone(),
                direction: record.direction.clone(),
                from: from.clone(),
                subject: record.subject.clone(),
                score_before: record.score,
                score_after: score,
                before: record.decision.clone(),
                after: name(step.to).to_owned(),
            });
        }
    }
}

impl Moved {
    fn add(&mut self, is_harder: bool) {
        let count = if is_harder { &mut self.harder } else { &mut self.milder };
        *count += 1;
    }
}

impl Serialize for Move {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}->{}", name(self.from), name(self.to)))
    }
}

/// Points and decision of a record under some settings.
fn outcome(replay: &Replay<'_>, record: &Record) -> (u16, usize) {
    if record.direction != "inbound" {
        let ruling = replay.outbound(record.findings.iter().map(|f| f.id.as_str()));
        return (0, place(outbound::decision(ruling).name()).unwrap_or_default());
    }
    let findings: Vec<&str> = record.findings.iter().map(|f| f.id.as_str()).collect();
    let relief: Vec<&str> = record.relief.iter().map(|f| f.id.as_str()).collect();
    let is_trusted = !record.trusted.is_empty();
    let outcome = replay.inbound(&Told { findings: &findings, relief: &relief, is_trusted });
    (outcome.score, place(outcome.decision.name()).unwrap_or_default())
}

fn place(decision: &str) -> Option<usize> {
    DECISIONS.iter().position(|name| *name == decision)
}

/// Name of the decision at a place.
pub(crate) fn name(at: usize) -> &'static str {
    DECISIONS.get(at).copied().unwrap_or_default()
}

fn bounded<'m>(map: &'m mut BTreeMap<String, Moved>, key: &str) -> &'m mut Moved {
    let key = if map.contains_key(key) || map.len() < MOST_KEYS {
        key
    } else {
        crate::report::tally::OTHERS
    };
    map.entry(key.to_owned()).or_default()
}

const NAMES: usize = 5_000;
const SHOWN: usize = 20;
const MOST_KEYS: usize = 1_000;

#[cfg(test)]
mod tests;
