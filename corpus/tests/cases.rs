//! Every case against its expectation, and the cases against the catalogue.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use sekisho_config::Settings;
use sekisho_corpus::{Case, cases};
use sekisho_heuristics::facts::Facts;
use sekisho_heuristics::inbound::{Assessment, judge};
use sekisho_heuristics::indicators::ALL;
use sekisho_heuristics::message::Message;
use sekisho_heuristics::policy::Policy;

fn all_cases() -> Vec<Case> {
    cases().unwrap_or_else(|errors| panic!("{}", errors.join("\n")))
}

fn judged(case: &Case, policy: &Policy) -> Assessment {
    let settings = policy.settings();
    let mail = Message::new(&case.mail, &case.envelope, &settings.filter.limits);
    let facts = Facts {
        client: case.client.clone(),
        authentication: case.authentication.clone(),
        scan: case.scan.clone(),
        history: case.history.clone(),
        ..Facts::under(policy)
    };
    judge(&mail, &facts, policy)
}

#[test]
fn every_case_is_judged_as_expected() {
    let mut settings = Settings::default();
    settings.filter.own_domains = vec![Case::OWN_DOMAIN.to_owned()];
    let (policy, problems) = Policy::new(settings);
    assert!(problems.is_empty(), "{problems:?}");
    let mut wrong = Vec::new();
    for case in all_cases() {
        let assessment = judged(&case, &policy);
        let seen: Vec<_> = assessment.findings.iter().map(|f| (f.id, &f.evidence)).collect();
        let fired: BTreeSet<&str> = assessment.findings.iter().map(|f| f.id).collect();
        let expected = &case.expected;
        let mut complain =
            |what: String| wrong.push(format!("{}: {what}\n    seen: {seen:?}", case.name));
        for id in expected.fires.iter().filter(|id| !fired.contains(id.as_str())) {
            complain(format!("{id} is silent"));
        }
        for id in &fired {
            let named = expected.fires.iter().any(|e| e == id);
            if !named && (case.is_exact() || expected.silent.iter().any(|e| e == id)) {
                complain(format!("{id} fires"));
            }
        }
        if let Some(decision) = expected.decision.as_deref()
            && decision != assessment.decision.name()
        {
            let (got, score) = (assessment.decision.name(), assessment.score);
            complain(format!("decision {got} at {score}, expected {decision}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_indicator_has_a_firing_case_and_a_lookalike() {
    let cases = all_cases();
    for indicator in ALL {
        let id = indicator.id;
        let fires = cases.iter().any(|c| c.expected.fires.iter().any(|i| i == id));
        assert!(fires, "no case makes {id} fire");
        let lookalike = cases.iter().any(|c| c.expected.silent.iter().any(|i| i == id));
        assert!(lookalike, "no case names {id} as silent: an honest look-alike is missing");
    }
}

#[test]
fn cases_name_only_indicators_and_decisions_that_exist() {
    let decisions = ["accept", "tag", "banner", "hold", "reject"];
    for case in all_cases() {
        let expected = &case.expected;
        for id in expected.fires.iter().chain(&expected.silent).filter(|id| *id != "*") {
            assert!(ALL.iter().any(|i| i.id == id), "{}: no indicator {id}", case.name);
        }
        if let Some(decision) = &expected.decision {
            assert!(decisions.contains(&decision.as_str()), "{}: {decision}", case.name);
        }
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
