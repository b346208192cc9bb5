//! Every case against its expectation, and the cases against the catalogue and the rule book.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use sekisho_config::{Ruling, Settings};
use sekisho_corpus::{Case, cases};
use sekisho_heuristics::facts::{Direction, Facts};
use sekisho_heuristics::indicators::ALL;
use sekisho_heuristics::message::Message;
use sekisho_heuristics::outbound::rules;
use sekisho_heuristics::policy::Policy;
use sekisho_heuristics::{inbound, outbound};

fn all_cases() -> Vec<Case> {
    cases().unwrap_or_else(|errors| panic!("{}", errors.join("\n")))
}

/// Cases of mail that comes in, and cases of mail that does not.
fn by_direction() -> (Vec<Case>, Vec<Case>) {
    all_cases().into_iter().partition(|case| case.direction == Direction::Inbound)
}

/// The shipped settings, or with what the case has of its own.
fn policy_of(case: &Case) -> Policy {
    let mut settings = Settings::default();
    settings.filter.own_domains = vec![Case::OWN_DOMAIN.to_owned()];
    if let Some(outbound) = &case.outbound {
        settings.outbound = outbound.clone();
    }
    let (policy, problems) = Policy::new(settings);
    assert!(problems.is_empty(), "{}: {problems:?}", case.name);
    policy
}

/// What came out of one case.
struct Judged {
    /// Ids that spoke.
    fired: Vec<&'static str>,
    /// What is done for each of them, of mail that leaves.
    rulings: Vec<Ruling>,
    /// What they saw.
    evidence: Vec<String>,
    /// What is done.
    decision: &'static str,
}

fn judged(case: &Case, policy: &Policy) -> Judged {
    let mail = Message::new(&case.mail, &case.envelope, &policy.settings().filter.limits);
    let facts = Facts {
        client: case.client.clone(),
        authentication: case.authentication.clone(),
        scan: case.scan.clone(),
        history: case.history.clone(),
        ..Facts::under(policy)
    };
    if case.direction == Direction::Inbound {
        let assessment = inbound::judge(&mail, &facts, policy);
        let findings = assessment.findings.iter();
        return Judged {
            fired: findings.clone().map(|f| f.id).collect(),
            rulings: Vec::new(),
            evidence: findings.map(|f| format!("{}: {}", f.id, f.evidence)).collect(),
            decision: assessment.decision.name(),
        };
    }
    let ruled = outbound::judge(&mail.with_file_texts(), &facts, policy);
    let breaches = ruled.breaches.iter();
    for told in breaches.clone().flat_map(|b| [&b.ja, &b.en, &b.advice_ja, &b.advice_en]) {
        assert!(!told.contains(['{', '}']), "{}: a placeholder stayed empty: {told}", case.name);
    }
    Judged {
        fired: breaches.clone().map(|b| b.id).collect(),
        rulings: breaches.clone().map(|b| b.ruling).collect(),
        evidence: breaches.map(|b| format!("{}: {}", b.id, b.evidence)).collect(),
        decision: decision(ruled.ruling),
    }
}

/// What a ruling is called as a decision about a mail.
fn decision(ruling: Option<Ruling>) -> &'static str {
    match ruling {
        None | Some(Ruling::Off) => "accept",
        Some(Ruling::Warn) => "tag",
        Some(Ruling::Convert | Ruling::Hold | Ruling::Reject) => {
            ruling.map_or("", |ruling| ruling.name())
        }
    }
}

fn hold_to_expectations(cases: &[Case]) {
    let mut wrong = Vec::new();
    let mut shared: Option<Policy> = None;
    for case in cases {
        let own = case.outbound.as_ref().map(|_| policy_of(case));
        let policy = match &own {
            Some(own) => own,
            None => shared.get_or_insert_with(|| policy_of(case)),
        };
        let judged = judged(case, policy);
        let fired: BTreeSet<&str> = judged.fired.iter().copied().collect();
        let expected = &case.expected;
        let mut complain = |what: String| {
            wrong.push(format!("{}: {what}\n    seen: {:?}", case.name, judged.evidence));
        };
        for id in expected.fires.iter().filter(|id| !fired.contains(id.as_str())) {
            complain(format!("{id} is silent"));
        }
        for id in &fired {
            let named = expected.fires.iter().any(|e| e == id);
            if !named && (case.is_exact() || expected.silent.iter().any(|e| e == id)) {
                complain(format!("{id} fires"));
            }
        }
        for (id, ruling) in judged.fired.iter().zip(&judged.rulings) {
            let mut rulings = expected.fires.iter().zip(&expected.rulings);
            if let Some((_, due)) = rulings.find(|(e, due)| e == id && *due != ruling) {
                complain(format!("{id} is {}, expected {}", ruling.name(), due.name()));
            }
        }
        if let Some(decision) = expected.decision.as_deref()
            && decision != judged.decision
        {
            complain(format!("decision {}, expected {decision}", judged.decision));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_inbound_case_is_judged_as_expected() {
    hold_to_expectations(&by_direction().0);
}

#[test]
fn every_outbound_case_is_judged_as_expected() {
    hold_to_expectations(&by_direction().1);
}

#[test]
fn every_indicator_has_a_firing_case_and_a_lookalike() {
    fire_and_are_silent(&by_direction().0, ALL.iter().map(|i| i.id));
}

#[test]
fn every_rule_has_a_firing_case_and_a_lookalike() {
    fire_and_are_silent(&by_direction().1, rules::ALL.iter().map(|rule| rule.id));
}

fn fire_and_are_silent(cases: &[Case], ids: impl Iterator<Item = &'static str>) {
    for id in ids {
        let fires = cases.iter().any(|c| c.expected.fires.iter().any(|i| i == id));
        assert!(fires, "no case makes {id} fire");
        let lookalike = cases.iter().any(|c| c.expected.silent.iter().any(|i| i == id));
        assert!(lookalike, "no case names {id} as silent: an honest look-alike is missing");
    }
}

#[test]
fn cases_name_only_ids_and_decisions_that_exist() {
    let indicators: Vec<&str> = ALL.iter().map(|i| i.id).collect();
    let rules: Vec<&str> = rules::ALL.iter().map(|rule| rule.id).collect();
    let (inbound, others) = by_direction();
    let decisions = ["accept", "tag", "banner", "hold", "reject"];
    name_only(&inbound, &indicators, &decisions);
    name_only(&others, &rules, &["accept", "tag", "convert", "hold", "reject"]);
}

fn name_only(cases: &[Case], ids: &[&str], decisions: &[&str]) {
    for case in cases {
        let expected = &case.expected;
        for id in expected.fires.iter().chain(&expected.silent).filter(|id| *id != "*") {
            assert!(ids.contains(&id.as_str()), "{}: there is no {id}", case.name);
        }
        if let Some(decision) = &expected.decision {
            assert!(decisions.contains(&decision.as_str()), "{}: {decision}", case.name);
        }
    }
}

#[test]
fn mail_that_leaves_is_ours_and_both_ways_of_writing_japanese_occur() {
    let (_, others) = by_direction();
    let of = |charset: &str| {
        let is = |mail: &[u8]| String::from_utf8_lossy(mail).to_lowercase().contains(charset);
        others.iter().filter(|case| is(&case.mail)).count()
    };
    assert!(of("charset=iso-2022-jp") >= 5 && of("charset=utf-8") >= 5);
    for case in &others {
        let folder = case.name.starts_with("outbound/");
        assert!(folder, "{}: belongs into outbound/", case.name);
        assert!(!case.envelope.recipients.is_empty(), "{}: goes to nobody", case.name);
    }
}

#[test]
fn mails_lie_there_byte_for_byte() {
    for case in all_cases() {
        let bare = case
            .mail
            .iter()
            .enumerate()
            .any(|(i, &b)| b == b'\n' && (i == 0 || case.mail[i - 1] != b'\r'));
        assert!(!bare, "{}: a line ends in a bare LF; has git changed it?", case.name);
        assert!(case.about.ends_with(['.', '。']), "{}: about is no sentence", case.name);
    }
}
