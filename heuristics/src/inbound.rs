//! The main path: message → findings → score → decision.

use sekisho_config::{Exception, Thresholds};

use crate::arrangement::{Arrangement, arrangement};
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
    /// What the administrator arranged for mail of its kind, where that decided.
    pub arrangement: Option<Arrangement>,
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
    /// Effective points, with what it earns beside others, before caps.
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
    let found: Vec<Finding> = policy
        .active()
        .iter()
        .filter_map(|&(indicator, points)| {
            (indicator.look)(mail, facts).map(|e| Finding::new(indicator, points, &e))
        })
        .collect();
    let exceptions = applicable_exceptions(mail, facts);
    let (mut excused, mut findings): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|f| exceptions.iter().any(|e| excuses(e, f)));
    score::add_together(&mut findings, policy);
    for list in [&mut findings, &mut excused] {
        list.sort_by(|a, b| b.points.cmp(&a.points).then(a.id.cmp(b.id)));
    }
    let relief = match findings.is_empty() {
        true => Vec::new(),
        false => counter::weigh(mail, facts, policy),
    };
    let trusted = trusted_sender(mail, facts);
    let Outcome { score, clauses, decision } =
        settle(&findings, &relief, trusted.is_some(), policy, &facts.settings.thresholds);
    let (decision, arrangement) = match arrangement(mail, facts) {
        drill @ Some(Arrangement::Drill) => (decision.min(Decision::Tag), drill),
        held @ Some(Arrangement::UnknownWithFiles)
            if trusted.is_none() && decision < Decision::Hold =>
        {
            (Decision::Hold, held)
        }
        _ => (decision, None),
    };
    Assessment {
        score,
        clauses,
        decision,
        findings,
        excused,
        relief,
        trusted,
        arrangement,
        problems: mail.problems(),
    }
}

/// What comes of findings and relief, however they were come by: in a mail, or in the record of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// 0–100, where 100 stands for "certain".
    pub score: u16,
    /// Different rows of the rule books' table that matched.
    pub clauses: usize,
    /// What is to be done.
    pub decision: Decision,
}

/// From findings to a decision.
pub fn settle(
    findings: &[Finding],
    relief: &[Relief],
    is_trusted: bool,
    policy: &Policy,
    thresholds: &Thresholds,
) -> Outcome {
    let score = score::relieved(findings, relief, policy);
    let decision = if is_trusted { Decision::Accept } else { decide(score, thresholds) };
    Outcome { score, clauses: score::clauses(findings), decision }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{AuthResult, DomainResult};
    use crate::history::{Contact, Known};
    use crate::indicator::check::crlf;
    use crate::message::Envelope;
    use sekisho_config::{AddressPattern, Place, Settings, Trusted};

    const MAIL: &str = "From: Yamada <yamada@gmail.com>\nTo: a@own.example\nSubject: x\n\
        Content-Type: application/pdf; name=a.pdf.exe\n\n-";
    const NOW: i64 = 1_000;

    fn assess(settings: impl FnOnce(&mut Settings), authenticated: bool) -> Assessment {
        let raw = crlf(MAIL.as_bytes());
        let mut set = Settings::default();
        settings(&mut set);
        let (policy, problems) = Policy::new(set);
        assert!(problems.is_empty(), "{problems:?}");
        let envelope = Envelope {
            mail_from: Some("yamada@gmail.com".into()),
            recipients: vec!["A@own.example".into()],
        };
        let mail = Message::new(&raw, &envelope, &policy.settings().filter.limits);
        let mut facts = Facts { now: NOW, ..Facts::unknown(policy.settings()) };
        if authenticated {
            let pass = DomainResult { domain: "gmail.com".into(), result: AuthResult::Pass };
            facts.authentication.dkim.push(pass);
        }
        judge(&mail, &facts, &policy)
    }

    fn ids(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|f| f.id).collect()
    }

    fn excuse(from: Option<&str>, to: Option<&str>, ids: &[&str], until: Option<i64>) -> Exception {
        let pattern = |p: &str| p.parse::<AddressPattern>().unwrap();
        Exception {
            from: from.map(pattern),
            to: to.map(pattern),
            indicators: ids.iter().map(|i| (*i).to_owned()).collect(),
            until,
            reason: "a reason".into(),
            place: Place::default(),
        }
    }

    #[test]
    fn findings_come_strongest_first_and_add_up_to_certain() {
        let a = assess(|_| {}, false);
        let expected =
            ["executable-attachment", "double-extension", "attachment-present", "free-mail-sender"];
        assert_eq!(ids(&a.findings), expected);
        assert_eq!((a.score, a.clauses, a.decision), (100, 4, Decision::Hold));
    }

    /// Points of each finding in a letter by a stranger, a friend, or nobody knows whom.
    fn letter(
        known: Option<u64>,
        dmarc: AuthResult,
        settings: impl FnOnce(&mut Settings),
    ) -> Vec<(&'static str, u16)> {
        let raw = crlf(crate::lexicon::theme::letter("-", "取材のお願いです。").as_bytes());
        let mut set = Settings::default();
        settings(&mut set);
        let (policy, problems) = Policy::new(set);
        assert!(problems.is_empty(), "{problems:?}");
        let envelope = Envelope::default();
        let mail = Message::new(&raw, &envelope, &policy.settings().filter.limits);
        let mut facts = Facts::under(&policy);
        let domain = "stranger.example".to_owned();
        facts.authentication.dmarc = DomainResult { domain, result: dmarc };
        facts.history.sender = known.map(|received| {
            let address = Contact { received, ..Contact::default() };
            Known { address, ..Known::default() }
        });
        judge(&mail, &facts, &policy).findings.iter().map(|f| (f.id, f.points)).collect()
    }

    #[test]
    fn a_strangers_story_counts_more_and_an_acquaintances_is_none() {
        let unknown = AuthResult::Unknown;
        let theme = "theme-interview-request";
        let stranger = [(theme, 15), ("first-contact", 3)];
        assert_eq!(letter(Some(0), unknown, |_| {}), stranger);
        assert_eq!(letter(None, unknown, |_| {}), [(theme, 10)], "unknown counts as a stranger");
        assert_eq!(letter(Some(1), unknown, |_| {}), []);
        let forged = letter(Some(1), AuthResult::Fail, |_| {});
        assert_eq!(forged, [("authentication-failed", 25), (theme, 10)]);
    }

    #[test]
    fn what_a_strangers_story_earns_can_be_set() {
        let set = |id: &'static str, points| {
            move |s: &mut Settings| {
                let weight = sekisho_config::Weight { points, place: Place::default() };
                s.weights.insert(id.to_owned(), weight);
            }
        };
        let by = |id, points| letter(Some(0), AuthResult::Unknown, set(id, points));
        let theme = "theme-interview-request";
        assert_eq!(by("theme-by-stranger", Some(9)), [(theme, 19), ("first-contact", 3)]);
        assert_eq!(by("theme-by-stranger", None), [(theme, 10), ("first-contact", 3)]);
        assert_eq!(by("first-contact", None), [(theme, 10)]);
        let excused = |s: &mut Settings| {
            let who = excuse(Some("@stranger.example"), None, &["first-contact"], None);
            s.senders.exceptions.push(who);
        };
        assert_eq!(letter(Some(0), AuthResult::Unknown, excused), [(theme, 10)]);
    }

    #[test]
    fn a_cap_holds_a_group_together() {
        let a = assess(
            |s| {
                let cap = sekisho_config::Cap { points: 30, place: Place::default() };
                s.caps.insert("attachment".into(), cap);
            },
            false,
        );
        assert_eq!((a.score, a.decision), (35, Decision::Tag));
    }

    #[test]
    fn an_exception_excuses_what_it_names_for_whom_and_as_long_as_it_says() {
        let strong = ["executable-attachment", "double-extension"];
        let cases = [
            (excuse(Some("yamada@gmail.com"), None, &strong, None), true),
            (excuse(Some("@gmail.com"), Some("@own.example"), &["*"], Some(NOW)), true),
            (excuse(Some("@gmail.com"), None, &["*"], Some(NOW - 1)), false),
            (excuse(Some("sato@gmail.com"), None, &["*"], None), false),
            (excuse(None, Some("b@own.example"), &["*"], None), false),
        ];
        for (exception, excused) in cases {
            let shown = format!("{exception:?}");
            let a = assess(|s| s.senders.exceptions.push(exception), false);
            assert_eq!(!ids(&a.findings).contains(&"double-extension"), excused, "{shown}");
            assert_eq!(ids(&a.excused).contains(&"double-extension"), excused, "{shown}");
        }
    }

    #[test]
    fn a_trusted_sender_is_trusted_only_when_authenticated_and_in_time() {
        let trust = |until| {
            move |s: &mut Settings| {
                let from = "@gmail.com".parse().unwrap();
                s.senders.trusted.push(Trusted { from, until, reason: "a drill".into() });
            }
        };
        let a = assess(trust(None), true);
        assert_eq!((a.decision, a.trusted.as_deref()), (Decision::Accept, Some("a drill")));
        assert_eq!(a.findings.len(), 4, "what was seen is told all the same");
        assert_eq!(assess(trust(None), false).decision, Decision::Hold);
        assert_eq!(assess(trust(Some(NOW - 1)), true).decision, Decision::Hold);
    }

    #[test]
    fn a_drill_is_tagged_at_most_and_what_was_seen_is_told() {
        let drill = |s: &mut Settings| {
            s.notify.drill_senders.push("yamada@gmail.com".parse().unwrap());
        };
        let a = assess(drill, true);
        assert_eq!((a.score, a.decision), (100, Decision::Tag));
        assert_eq!(a.arrangement, Some(Arrangement::Drill));
        let forged = assess(drill, false);
        assert_eq!((forged.decision, forged.arrangement), (Decision::Hold, None));
    }

    #[test]
    fn switched_off_indicators_are_not_looked_at() {
        let off = |s: &mut Settings| {
            for i in crate::indicators::ALL {
                let weight = sekisho_config::Weight { points: None, place: Place::default() };
                s.weights.insert(i.id.to_owned(), weight);
            }
        };
        let a = assess(off, false);
        assert_eq!((a.score, a.clauses, a.decision), (0, 0, Decision::Accept));
    }
}
