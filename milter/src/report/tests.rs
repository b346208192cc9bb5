//! The report as a whole, on months made up.

use jiff::tz::TimeZone;
use sekisho_config::Settings;

use super::department::Departments;
use super::tally::Tally;
use super::*;
use crate::paper::Tongue;
use crate::record::{Found, Record};

const DAY: i64 = 86_400_000;

fn october() -> Month {
    Month::parse("2026-10", &TimeZone::UTC).unwrap()
}

fn mail(day: i64, direction: &str, from: &str, to: &str, decision: &str) -> Record {
    Record {
        id: format!("{from}-{day}"),
        at_ms: october().since_ms() + day * DAY,
        direction: direction.into(),
        from: from.into(),
        recipients: vec![to.into()],
        decision: decision.into(),
        size: 1_000,
        ..Record::default()
    }
}

fn found(id: &str, clause: &str, points: u16) -> Found {
    Found { id: id.into(), clause: clause.into(), points, ..Found::default() }
}

fn event(day: i64, what: Deed, who: &str, subject: &str, note: &str) -> Event {
    Event {
        at_ms: october().since_ms() + day * DAY,
        time: "2026-10-01T00:00:00.000+00:00".into(),
        host: "mx".into(),
        who: who.into(),
        what,
        subject: subject.into(),
        note: note.into(),
    }
}

fn figures(events: &[Event], records: &[Record]) -> Figures {
    let month = october();
    let mut settings = Settings::default();
    settings.filter.own_domains = vec!["own.example".into()];
    settings.notify.drill_senders = vec!["@drill.example".parse().unwrap()];
    let departments = Departments::by_domain(&settings);
    let mut tally = Tally::new(&month, &departments, &settings.notify.drill_senders);
    events.iter().for_each(|e| tally.event(e));
    records.iter().for_each(|r| tally.record(r));
    tally.figures(31)
}

fn report(figures: Figures) -> Report {
    Report {
        mark: mark(&figures),
        figures,
        made: "2026-11-01T09:00:00.000+09:00".into(),
        is_whole: true,
        integrity: Integrity::Whole { files: 31, entries: 5, anchors: 31 },
        open: Open::default(),
        signed: None,
    }
}

fn a_month() -> Vec<Record> {
    let mut bait = mail(2, "inbound", "x@bad.example", "a@sales.own.example", "banner");
    bait.findings = vec![found("one", "attachment-5", 45), found("two", "attachment-5", 5)];
    let mut leak = mail(3, "outbound", "taro@own.example", "y@b.example", "reject");
    leak.findings = vec![found("rule", "broadcast-by-bcc", 0)];
    vec![
        bait,
        leak,
        mail(2, "inbound", "z@good.example", "a@own.example", "accept"),
        mail(4, "internal", "taro@own.example", "a@own.example", "accept"),
        mail(5, "inbound", "who@drill.example", "a@own.example", "accept"),
        mail(31, "inbound", "next@month.example", "a@own.example", "reject"),
    ]
}

#[test]
fn each_mail_counts_where_it_belongs() {
    let f = figures(&[], &a_month());
    assert_eq!(f.inbound, [1, 0, 1, 0, 0, 0]);
    assert_eq!(f.outbound, [0, 0, 0, 0, 0, 1]);
    assert_eq!(f.internal, [1, 0, 0, 0, 0, 0]);
    assert_eq!((f.days[2].inbound, f.days[2].suspicious, f.days[3].violations), (2, 1, 1));
    assert_eq!(f.clauses["attachment-5"], 1, "a row counts once a mail");
    assert_eq!(f.indicators["one"].decided, [0, 0, 1, 0, 0, 0]);
    assert_eq!(f.rules["rule"].mails, 1);
    assert_eq!(f.suspicious_senders[0].name, "bad.example");
    assert_eq!(f.breaking[0].name, "taro@own.example");
    assert_eq!(f.departments["sales.own.example"].suspicious, 1);
    assert_eq!(f.departments["own.example"].violations, 1);
    assert_eq!((f.drills.mails, f.drills.reported), (1, 0));
    assert_eq!(f.bytes, 4_000);
}

#[test]
fn a_drill_reported_later_is_reported_and_who_did_is_named() {
    let id = "who@drill.example-5";
    let events = [
        event(40, Deed::Reported, "hanako@own.example", id, ""),
        event(6, Deed::Reported, "taro@own.example", id, ""),
        event(7, Deed::Released, "admin", "x", ""),
    ];
    let f = figures(&events, &a_month());
    assert_eq!((f.drills.reported, f.drills.reporters.len()), (1, 2));
    assert_eq!((f.deeds["reported"], f.deeds["released"]), (1, 1));
}

#[test]
fn the_order_of_records_changes_nothing() {
    let mut records = a_month();
    let one = figures(&[], &records);
    records.reverse();
    assert_eq!(mark(&figures(&[], &records)), mark(&one));
    records.pop();
    assert_ne!(mark(&figures(&[], &records)), mark(&one));
}

#[test]
fn a_signature_holds_as_long_as_the_figures_do() {
    let mut report = report(figures(&[], &a_month()));
    let note = Signed::note(&report);
    let signed = event(33, Deed::SignedOff, "監査 花子", "2026-10", &note);
    assert_eq!(
        Signed::in_event(&event(33, Deed::SignedOff, "x", "2026-09", &note), &october()),
        None
    );
    report.signed = Signed::in_event(&signed, &october());
    let text = document::paper(&report, Tongue::Ja).text();
    assert!(text.contains("監査 花子") && text.contains("確認済み"), "{text}");
    report.mark = "other".into();
    let text = document::paper(&report, Tongue::Ja).text();
    assert!(text.contains("確認されたときと集計値が異なります"), "{text}");
}

#[test]
fn both_languages_say_what_stands_out() {
    let mut records = Vec::new();
    for day in 0..31 {
        let many = if day == 14 { 80 } else { 2 };
        records.extend(
            (0..many).map(|_| mail(day, "inbound", "a@b.example", "a@own.example", "accept")),
        );
    }
    let report = report(figures(&[], &records));
    let ja = document::paper(&report, Tongue::Ja).text();
    assert!(ja.contains("!! 15日：受信数が80件でした（通常は2件程度）。"), "{ja}");
    let en = document::paper(&report, Tongue::En).text();
    assert!(en.contains("!! 2026-10-15: 80 inbound mails; usual are 2."), "{en}");
}

#[test]
fn an_empty_month_is_an_empty_report() {
    let mut report = report(figures(&[], &[]));
    report.integrity = Integrity::Empty;
    for tongue in [Tongue::Ja, Tongue::En] {
        let paper = document::paper(&report, tongue);
        assert!(!paper.text().contains("!!"), "{}", paper.text());
        assert!(paper.html().contains("</html>"));
    }
}

#[test]
fn a_million_senders_take_bounded_memory() {
    let month = october();
    let (settings, none) = (Settings::default(), []);
    let departments = Departments::by_domain(&settings);
    let mut tally = Tally::new(&month, &departments, &none);
    for n in 0..20_000 {
        let (from, to) = (format!("a@{n}.example"), format!("b@{n}.example"));
        let mut record = mail(1, "inbound", &from, &to, "hold");
        record.findings = vec![found(&format!("id-{n}"), &format!("clause-{n}"), 1)];
        tally.record(&record);
    }
    let f = tally.figures(31);
    assert_eq!(f.inbound[4], 20_000);
    assert!(
        f.indicators.len() <= 1_001 && f.clauses.len() <= 1_001 && f.departments.len() <= 1_001
    );
    assert!(f.senders.len() <= 20 && f.missed > 0);
}
