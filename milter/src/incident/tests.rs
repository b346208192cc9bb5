//! Incidents made up.

use jiff::civil::date;

use super::*;
use crate::paper::Tongue;
use crate::record::{Attached, Deed, Found, NOT_CONVERTED, OBSERVED};

fn record() -> Record {
    let file = |name: &str, encrypted| Attached {
        name: name.into(),
        size: 1_234,
        encrypted,
        ..Attached::default()
    };
    Record {
        id: "Q1-ABC".into(),
        direction: "outbound".into(),
        from: "taro@own.example".into(),
        recipients: vec!["x@wrong.example".into()],
        decision: "hold".into(),
        attachments: vec![file("名簿.xlsx", false), file("a.zip", true)],
        findings: vec![Found {
            id: "rule".into(),
            clause: "personal-data".into(),
            ruling: "hold".into(),
            evidence: "3 My Number(s), **** **** 9018; a list of 52 persons".into(),
            ..Found::default()
        }],
        ..Record::default()
    }
}

fn event(what: Deed) -> Event {
    Event {
        at_ms: 1,
        time: "2026-10-02T09:00:00.000+09:00".into(),
        host: "mx".into(),
        who: "boss@own.example".into(),
        what,
        subject: "Q1-ABC".into(),
        note: String::new(),
    }
}

fn text(events: &[Event], tongue: Tongue) -> String {
    let record = record();
    let deadlines = Deadlines::of(date(2026, 11, 21));
    let incident = Incident { record: &record, events, level: Some(2), deadlines, mark: "abc123" };
    paper(&incident, tongue).text()
}

#[test]
fn it_has_what_a_report_needs() {
    let ja = text(&[event(Deed::Released)], Tongue::Ja);
    for part in [
        "1 概要",
        "9 その他",
        "52件以上",
        "名簿.xlsx",
        "暗号化されていない",
        "暗号化を確認",
        "x@wrong.example",
        "保留の後に通した",
        "boss@own.example",
        "2026-11-25",
        "2026-12-20",
        "2027-01-19",
        "abc123",
        "【要記入】",
    ] {
        assert!(ja.contains(part), "{part}: {ja}");
    }
    let en = text(&[], Tongue::En);
    assert!(en.contains("at least 52 found") && en.contains("[to fill in]"), "{en}");
}

#[test]
fn the_last_thing_done_says_what_became_of_it() {
    let record = record();
    let fate = |events: &[Event], decision: &str| {
        let record = Record { decision: decision.into(), ..record.clone() };
        Incident { record: &record, events, level: None, deadlines: None, mark: "" }.fate()
    };
    assert_eq!(fate(&[], "hold"), Fate::Held);
    assert_eq!(fate(&[], "reject"), Fate::Stopped);
    assert_eq!(fate(&[], "banner"), Fate::Delivered);
    let done = |decision: &str, action: String| {
        let (decision, actions) = (decision.to_owned(), vec![action]);
        let record = Record { decision, actions, ..record.clone() };
        Incident { record: &record, events: &[], level: None, deadlines: None, mark: "" }.fate()
    };
    assert_eq!(done("reject", format!("{OBSERVED} reject")), Fate::Delivered);
    assert_eq!(done("convert", format!("signed, {NOT_CONVERTED}")), Fate::Stopped);
    assert_eq!(fate(&[event(Deed::Held), event(Deed::Denied)], "hold"), Fate::Stopped);
    assert_eq!(fate(&[event(Deed::Approved), event(Deed::Released)], "hold"), Fate::Released);
}

#[test]
fn without_a_day_and_a_level_both_are_left_to_people() {
    let record = Record { findings: vec![], ..record() };
    let incident =
        Incident { record: &record, events: &[], level: None, deadlines: None, mark: "" };
    assert_eq!(incident.persons(), None);
    let text = paper(&incident, Tongue::Ja).text();
    assert!(text.contains("--known-at") && text.contains("規則による検出なし"), "{text}");
}
