//! The main path: message → findings → score → decision.

use sekisho_config::Exception;

use crate::counter::{self, Relief};
use crate::decision::{Decision, decide};
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator};
use crate::message::Message;
use crate::policy::Policy;
use crate::score;

/// What was found in one message and what is to be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// 0–100, where 100 stands for "certain".
    pub score: u16,
    /// Different rows of the rule books' table that matched.
    pub clauses: usize,
    /// What is to be done.
    pub decision: Decision,
    /// What was found, most points first.
    pub findings: Vec<Finding>,
    /// What was found but excused by an exception of the administrator's.
    pub excused: Vec<Finding>,
    /// What speaks for it and took points off the score.
    pub relief: Vec<Relief>,
    /// Why the sender is trusted, where that decided.
    pub trusted: Option<String>,
    /// What could not be read, in English.
    pub problems: Vec<String>,
}

/// One indicator that fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Indicator id.
    pub id: &'static str,
    /// Row of the rule books' table.
    pub clause: Option<&'static str>,
    /// Group whose cap it shares.
    pub group: Group,
    /// Effective points, before caps.
    pub points: u16,
    /// What was seen, one line, safe to show.
    pub evidence: String,
    /// The sentence in Japanese.
    pub ja: String,
    /// The sentence in English.
    pub en: String,
}

/// Judges one inbound message.
pub fn judge(mail: &Message<'_>, facts: &Facts<'_>, policy: &Policy) -> Assessment {
    let mut found: Vec<Finding> = policy
        .active()
        .iter()
        .filter_map(|&(indicator, points)| {
            (indicator.look)(mail, facts).map(|e| Finding::new(indicator, points, &e))
        })
        .collect();
    found.sort_by(|a, b| b.points.cmp(&a.points).then(a.id.cmp(b.id)));
    let exceptions = applicable_exceptions(mail, facts);
    let (excused, findings): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|f| exceptions.iter().any(|e| excuses(e, f)));
    let relief = match findings.is_empty() {
        true => Vec::new(),
        false => counter::weigh(mail, facts, policy),
    };
    let score = score::relieved(&findings, &relief, policy);
    let trusted = trusted_sender(mail, facts);
    let decision = match trusted {
        Some(_) => Decision::Accept,
        None => decide(score, &facts.settings.thresholds),
    };
    Assessment {
        score,
        clauses: score::clauses(&findings),
        decision,
        findings,
        excused,
        relief,
        trusted,
        problems: mail.problems(),
    }
}

impl Finding {
    fn new(indicator: &Indicator, points: u16, evidence: &Evidence) -> Finding {
        Finding {
            id: indicator.id,
            clause: indicator.clause,
            group: indicator.group,
            points,
            evidence: evidence.shown().to_owned(),
            ja: evidence.fill(indicator.says.ja),
            en: evidence.fill(indicator.says.en),
        }
    }
}

/// The reason of the first trusted entry that matches; only for mail authenticated as what From
/// says, since anybody can write a trusted name.
fn trusted_sender(mail: &Message<'_>, facts: &Facts<'_>) -> Option<String> {
    let from = mail.sole_from()?;
    let address = from.address();
    let entry = facts
        .settings
        .senders
        .trusted
        .iter()
        .find(|t| t.from.matches(&address) && t.until.is_none_or(|until| facts.now <= until))?;
    facts.is_authenticated_for(from.domain()).then(|| entry.reason.clone())
}

fn applicable_exceptions<'f>(mail: &Message<'_>, facts: &'f Facts<'_>) -> Vec<&'f Exception> {
    let from = mail.sole_from().map(|m| m.address());
    let recipients = &mail.envelope().recipients;
    let matches = |e: &&Exception| {
        let time = e.until.is_none_or(|until| facts.now <= until);
        let sender = e.from.as_ref().is_none_or(|p| from.as_deref().is_some_and(|f| p.matches(f)));
        let to = e.to.as_ref().is_none_or(|p| {
            !recipients.is_empty() && recipients.iter().all(|r| p.matches(&r.to_lowercase()))
        });
        time && sender && to
    };
    facts.settings.senders.exceptions.iter().filter(matches).collect()
}

fn excuses(exception: &Exception, finding: &Finding) -> bool {
    exception.indicators.iter().any(|id| id == "*" || id == finding.id)
}
