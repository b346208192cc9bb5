//! The settings matched with the catalogue, once per configuration: which indicators are looked
//! at and with how many points.

use sekisho_config::{Problem, Ruling, Settings, suggestion};

use crate::counter::{self, Counter};
use crate::indicator::{Group, Indicator};
use crate::indicators::ALL;
use crate::lexicon::Lexicon;
use crate::names::Registry;
use crate::outbound::rule::Rule;
use crate::outbound::rules;
use crate::score::THEME_BY_STRANGER;

/// Effective points and caps; made once, read for every message.
pub struct Policy {
    active: Vec<(&'static Indicator, u16)>,
    counters: Vec<(&'static Counter, u16)>,
    together: Option<u16>,
    caps: [u16; Group::ALL.len()],
    lexicon: Lexicon,
    settings: Settings,
    names: Registry,
    rules: Vec<(&'static Rule, Ruling)>,
}

impl Policy {
    /// Matches `settings` with the catalogue. Ids and groups that do not exist are problems.
    pub fn new(settings: Settings) -> (Policy, Vec<Problem>) {
        let mut problems = Vec::new();
        let ids = || ALL.iter().map(|i| i.id);
        let counted = || counter::ALL.iter().map(|c| c.id).chain([THEME_BY_STRANGER.id]);
        let weighed = || ids().chain(counted());
        for (id, weight) in &settings.weights {
            if !weighed().any(|known| known == id) {
                problems.push(unknown(weight.place.clone(), id, "indicator", id, weighed()));
            }
        }
        for exception in &settings.senders.exceptions {
            for id in exception.indicators.iter().filter(|id| *id != "*") {
                if !ids().any(|known| known == id) {
                    let place = exception.place.clone();
                    problems.push(unknown(place, "indicators", "indicator", id, ids()));
                }
            }
        }
        let groups = || Group::ALL.iter().map(|g| g.name());
        for (name, cap) in &settings.caps {
            if !groups().any(|known| known == name) {
                problems.push(unknown(cap.place.clone(), name, "group", name, groups()));
            }
        }
        let points = |id: &str, shipped: u16| match settings.weights.get(id) {
            Some(weight) => weight.points,
            None => Some(shipped),
        };
        let active = ALL.iter().filter_map(|&i| Some((i, points(i.id, i.points)?))).collect();
        let counters =
            counter::ALL.iter().filter_map(|&c| Some((c, points(c.id, c.points)?))).collect();
        let together = points(THEME_BY_STRANGER.id, THEME_BY_STRANGER.points);
        let caps = Group::ALL.map(|g| settings.caps.get(g.name()).map_or(g.cap(), |c| c.points));
        let lexicon = Lexicon::new(&settings.lists.themes);
        let names = Registry::new(&settings);
        let rules = rules(&settings, &mut problems);
        (Policy { active, counters, together, caps, lexicon, names, rules, settings }, problems)
    }

    /// Indicators that are looked at, with their effective points.
    pub fn active(&self) -> &[(&'static Indicator, u16)] {
        &self.active
    }

    /// Rules for outgoing mail that are looked at, with what is done where they speak.
    pub fn rules(&self) -> &[(&'static Rule, Ruling)] {
        &self.rules
    }

    /// The words and rules of the settings' themes, ready for [`crate::facts::Facts`].
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Counter-evidence that is looked for, with the points that it takes off.
    pub fn counters(&self) -> &[(&'static Counter, u16)] {
        &self.counters
    }

    /// The settings it was made from.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Real names, own and partner domains among them.
    pub fn names(&self) -> &Registry {
        &self.names
    }

    /// Effective points of one indicator or counter, or of findings that stand together; `None` when
    /// switched off or unknown.
    pub fn points(&self, id: &str) -> Option<u16> {
        if id == THEME_BY_STRANGER.id {
            return self.together;
        }
        let indicators = self.active.iter().map(|(i, points)| (i.id, *points));
        let counters = self.counters.iter().map(|(c, points)| (c.id, *points));
        indicators.chain(counters).find(|(known, _)| *known == id).map(|(_, points)| points)
    }

    /// What is done where a rule speaks; `None` when switched off or unknown.
    pub fn ruling(&self, id: &str) -> Option<Ruling> {
        self.rules.iter().find(|(rule, _)| rule.id == id).map(|(_, ruling)| *ruling)
    }

    /// Effective cap of a group.
    pub fn cap(&self, group: Group) -> u16 {
        Group::ALL.iter().zip(self.caps).find(|(g, _)| **g == group).map_or(0, |(_, cap)| cap)
    }
}

/// The rules in force. Ids that do not exist and rulings that a rule cannot carry out are problems.
fn rules(settings: &Settings, problems: &mut Vec<Problem>) -> Vec<(&'static Rule, Ruling)> {
    let own = &settings.outbound.rulings;
    let ids = || rules::ALL.iter().map(|rule| rule.id);
    for (id, set) in own {
        match rules::ALL.iter().find(|rule| rule.id == id) {
            None => problems.push(unknown(set.place.clone(), id, "rule", id, ids())),
            Some(rule) if set.ruling == Ruling::Convert && !rule.converts => {
                let message = "no clause says how such a mail would be converted; allowed are \
                               \"off\", \"warn\", \"hold\", \"reject\"";
                let place = set.place.clone();
                problems.push(Problem { place, key: id.clone(), message: message.into() });
            }
            Some(_) => {}
        }
    }
    let effective = |rule: &Rule| match own.get(rule.id) {
        Some(set) => set.ruling,
        None => rule.rulings.of(settings.outbound.profile),
    };
    let all = rules::ALL.iter().map(|&rule| (rule, effective(rule)));
    all.filter(|(_, ruling)| *ruling != Ruling::Off).collect()
}

fn unknown(
    place: sekisho_config::Place,
    key: &str,
    what: &str,
    written: &str,
    known: impl Iterator<Item = &'static str>,
) -> Problem {
    let hint = match suggestion(written, known) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("`sekisho indicators` lists every {what}"),
    };
    Problem { place, key: key.to_owned(), message: format!("no such {what} {written:?}; {hint}") }
}
