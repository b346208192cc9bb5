//! What a recorded mail would come to under other settings: ids and points in, an outcome out.
//!
//! Way in: [`Replay::new`] once per settings, then [`Replay::inbound`] and [`Replay::outbound`] per
//! record. The mail itself is not needed and nothing is looked at again: what fired then fires now,
//! with the points or the ruling of the settings given. So what was switched off then left no
//! trace and cannot come back. Adding up and deciding is done by the very functions that judge
//! mail. Ids that this version does not know add nothing.

use std::collections::HashMap;

use sekisho_config::Ruling;

use crate::counter::{self, Relief};
use crate::inbound::{Finding, Outcome, settle};
use crate::indicator::Indicator;
use crate::indicators;
use crate::outbound;
use crate::policy::Policy;
use crate::score;

/// Settings, ready to be held against records.
pub struct Replay<'p> {
    policy: &'p Policy,
    indicators: HashMap<&'static str, &'static Indicator>,
    points: HashMap<&'static str, u16>,
    rulings: HashMap<&'static str, Ruling>,
}

/// What a record tells of one inbound mail.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told<'a> {
    /// Ids of what was found and not excused.
    pub findings: &'a [&'a str],
    /// Ids of what spoke for the mail.
    pub relief: &'a [&'a str],
    /// Whether the sender was trusted.
    pub is_trusted: bool,
}

impl<'p> Replay<'p> {
    /// Makes `policy` ready.
    pub fn new(policy: &'p Policy) -> Replay<'p> {
        let indicators = policy.active().iter().map(|&(i, points)| (i.id, points));
        let counters = policy.counters().iter().map(|&(c, points)| (c.id, points));
        Replay {
            policy,
            indicators: indicators::ALL.iter().map(|&i| (i.id, i)).collect(),
            points: indicators.chain(counters).collect(),
            rulings: policy.rules().iter().map(|&(rule, ruling)| (rule.id, ruling)).collect(),
        }
    }

    /// The points of an indicator or counter; `None` where it is switched off or unknown.
    pub fn points(&self, id: &str) -> Option<u16> {
        self.points.get(id).copied()
    }

    /// What an inbound mail would come to.
    pub fn inbound(&self, told: &Told<'_>) -> Outcome {
        let mut findings: Vec<Finding> =
            told.findings.iter().filter_map(|id| self.finding(id)).collect();
        score::add_together(&mut findings, self.policy);
        let relief: Vec<Relief> = match findings.is_empty() {
            true => Vec::new(),
            false => told.relief.iter().filter_map(|id| self.relief(id)).collect(),
        };
        let thresholds = &self.policy.settings().thresholds;
        settle(&findings, &relief, told.is_trusted, self.policy, thresholds)
    }

    /// What a mail that leaves would come to, by the rules that spoke.
    pub fn outbound<'r>(&self, rules: impl IntoIterator<Item = &'r str>) -> Option<Ruling> {
        outbound::hardest(rules.into_iter().filter_map(|id| self.rulings.get(id).copied()))
    }

    fn finding(&self, id: &str) -> Option<Finding> {
        let indicator = self.indicators.get(id)?;
        Some(Finding {
            id: indicator.id,
            clause: indicator.clause,
            group: indicator.group,
            points: self.points(id)?,
            evidence: String::new(),
            ja: String::new(),
            en: String::new(),
        })
    }

    fn relief(&self, id: &str) -> Option<Relief> {
        let counter = counter::ALL.iter().find(|c| c.id == id)?;
        let (evidence, ja, en) = (String::new(), String::new(), String::new());
        Some(Relief { id: counter.id, points: self.points(id)?, evidence, ja, en })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Decision;
    use sekisho_config::{Cap, OwnRuling, Place, Settings, Weight};

    fn policy(change: impl FnOnce(&mut Settings)) -> Policy {
        let mut settings = Settings::default();
        change(&mut settings);
        let (policy, problems) = Policy::new(settings);
        assert!(problems.is_empty(), "{problems:?}");
        policy
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Settings), told: Told<'_>, expected: (u16, Decision)) {
        let policy = policy(change);
        let outcome = Replay::new(&policy).inbound(&told);
        assert_eq!((outcome.score, outcome.decision), expected);
    }

    const DISGUISED: &[&str] =
        &["attachment-present", "double-extension", "executable-attachment", "free-mail-sender"];

    #[test]
    fn it_comes_to_what_judging_comes_to() {
        let told = Told { findings: DISGUISED, ..Told::default() };
        check(|_| {}, told, (100, Decision::Hold));
        check(|_| {}, Told { is_trusted: true, ..told }, (100, Decision::Accept));
        check(|_| {}, Told::default(), (0, Decision::Accept));
    }

    #[test]
    fn points_caps_and_thresholds_are_those_of_the_settings_given() {
        let told = Told { findings: &["double-extension", "free-mail-sender"], ..Told::default() };
        let place = Place::default;
        let cap = |s: &mut Settings| {
            s.caps.insert("attachment".into(), Cap { points: 30, place: place() });
        };
        check(cap, told, (35, Decision::Tag));
        let off = |s: &mut Settings| {
            s.weights.insert("double-extension".into(), Weight { points: None, place: place() });
        };
        check(off, told, (5, Decision::Accept));
        check(|s| s.thresholds.reject = Some(50), told, (50, Decision::Reject));
    }

    #[test]
    fn relief_ends_at_files_as_it_does_when_judging() {
        let relief = &["answer-to-ours", "authenticated-partner"][..];
        let told =
            Told { findings: &["double-extension", "free-mail-sender"], relief, ..Told::default() };
        check(|_| {}, told, (45, Decision::Banner));
        check(|_| {}, Told { findings: &["free-mail-sender"], ..told }, (0, Decision::Accept));
    }

    #[test]
    fn unknown_ids_add_nothing() {
        check(
            |_| {},
            Told { findings: &["of-another-version"], ..Told::default() },
            (0, Decision::Accept),
        );
    }

    #[test]
    fn the_hardest_ruling_of_the_settings_decides_what_leaves() {
        let set = |ruling| {
            policy(|s| {
                let own = OwnRuling { ruling, place: Place::default() };
                s.outbound.rulings.insert("lookalike-recipient".into(), own);
            })
        };
        let rules = ["lookalike-recipient"];
        assert_eq!(Replay::new(&set(Ruling::Reject)).outbound(rules), Some(Ruling::Reject));
        assert_eq!(Replay::new(&set(Ruling::Off)).outbound(rules), None);
        assert_eq!(Replay::new(&set(Ruling::Hold)).outbound(["nothing-known"]), None);
    }
}
