//! Comparisons on records made up.

use sekisho_config::{Settings, fingerprint};

use super::*;
use crate::paper::Tongue;
use crate::record::Found;
use sekisho_heuristics::indicators::ALL;

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.filter.own_domains = vec!["own.example".into()];
    settings.notify.drill_senders = vec!["@drill.example".parse().unwrap()];
    settings
}

fn inbound(ids: &[&str], score: u16, decision: &str) -> Record {
    let found = |id: &&str| Found {
        id: (*id).to_owned(),
        clause: ALL.iter().find(|i| i.id == *id).and_then(|i| i.clause).unwrap_or("").to_owned(),
        points: 1,
        ..Found::default()
    };
    Record {
        id: "Q-1".into(),
        direction: "inbound".into(),
        from: "x@bad.example".into(),
        recipients: vec!["a@sales.own.example".into()],
        subject: "請求書".into(),
        score,
        decision: decision.into(),
        findings: ids.iter().map(found).collect(),
        settings: fingerprint(&settings()),
        ..Record::default()
    }
}

fn compare(changes: &[&str], records: &[Record]) -> Outcome {
    let changes: Vec<String> = changes.iter().map(|&c| c.to_owned()).collect();
    let (today, new) =
        (change::apply(&settings(), &[]).unwrap(), change::apply(&settings(), &changes).unwrap());
    let departments = Departments::by_domain(&settings());
    let mut comparison = Comparison::new(&today, &new, &departments, 2);
    records.iter().for_each(|r| comparison.record(r));
    comparison.outcome()
}

#[test]
fn a_lower_threshold_moves_what_it_reaches() {
    let double = inbound(&["double-extension"], 45, "banner");
    let form = inbound(&["html-form"], 10, "accept");
    let records = [double.clone(), double.clone(), double, form];
    let out = compare(&["hold=45"], &records);
    assert_eq!(out.moves, BTreeMap::from([(Move { from: 2, to: 4 }, 3)]));
    assert_eq!((out.inbound_before, out.inbound_after), ([1, 0, 3, 0, 0, 0], [1, 0, 0, 0, 3, 0]));
    assert_eq!(out.clauses["attachment-5"], Moved { harder: 3, milder: 0 });
    assert_eq!(out.departments["sales.own.example"].harder, 3);
    assert_eq!(
        (out.harder_senders[0].name.as_str(), out.harder_senders[0].count),
        ("bad.example", 3)
    );
    assert_eq!(out.examples.len(), 2, "so many of each kind");
    assert_eq!((out.examples[0].score_before, out.examples[0].score_after), (45, 45));
    assert_eq!(out.other_settings, 0);
}

#[test]
fn points_are_weighed_anew() {
    let out =
        compare(&["weights.double-extension=5"], &[inbound(&["double-extension"], 45, "banner")]);
    assert_eq!(out.moves, BTreeMap::from([(Move { from: 2, to: 0 }, 1)]));
    assert_eq!((out.examples[0].score_before, out.examples[0].score_after), (45, 5));
    assert_eq!(out.milder_senders[0].name, "bad.example");
}

#[test]
fn what_was_decided_for_other_reasons_stays() {
    // Held although nothing was found: a scanner that did not answer, say.
    let out = compare(&["banner=30"], &[inbound(&[], 0, "hold")]);
    assert!(out.moves.is_empty(), "{out:?}");
    let mut trusted = inbound(&["double-extension"], 45, "accept");
    trusted.trusted = "a partner".into();
    assert!(compare(&["banner=20", "tag=20"], &[trusted]).moves.is_empty());
}

#[test]
fn records_of_other_settings_are_told_and_weighed_by_todays() {
    let mut old = inbound(&["double-extension"], 10, "accept");
    old.settings = "0123456789abcdef".into();
    let out = compare(&[], &[old]);
    assert_eq!((out.other_settings, out.moves.len()), (1, 1));
    assert_eq!(out.examples[0].after, "banner");
}

#[test]
fn rulings_are_replayed_for_mail_that_leaves() {
    let mut mail = inbound(&[], 0, "reject");
    mail.direction = "outbound".into();
    mail.from = "taro@own.example".into();
    mail.findings = vec![Found {
        id: "lookalike-recipient".into(),
        clause: "misdelivery".into(),
        ..Found::default()
    }];
    let out = compare(&["rulings.lookalike-recipient=warn"], &[mail]);
    assert_eq!(out.outbound_after, [0, 1, 0, 0, 0, 0]);
    assert_eq!(out.departments["own.example"].milder, 1);
}

#[test]
fn drills_are_left_out() {
    let mut drill = inbound(&["double-extension"], 45, "accept");
    drill.from = "x@drill.example".into();
    let out = compare(&[], &[drill]);
    assert_eq!((out.records, out.drills), (0, 1));
}

#[test]
fn tables_and_lines_tell_the_same() {
    let out = compare(&["hold=45"], &[inbound(&["double-extension"], 45, "banner")]);
    let set = ["hold=45".to_owned()];
    let table = output::table(&out, &set, Tongue::En);
    for text in ["banner → hold", "45 → 45", "x@bad.example", "請求書", "attachment-5"] {
        assert!(table.contains(text), "{text}: {table}");
    }
    assert!(output::table(&out, &set, Tongue::Ja).contains("処置の変化"));
    let lines = output::jsonl(&out, &set);
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines[0]["totals"]["inbound_after"]["hold"], 1);
    assert_eq!(lines[0]["totals"]["moves"]["banner->hold"], 1);
    assert_eq!(lines[1]["example"]["after"], "hold");
}

#[test]
fn nothing_on_record_is_an_empty_preview() {
    let out = compare(&["banner=30"], &[]);
    assert_eq!(out, Outcome::default());
    assert!(output::table(&out, &[], Tongue::Ja).contains("ありません"));
}
