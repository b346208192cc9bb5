//! The audit log from outside: written, broken on purpose, read again.

mod tampering; // what verify finds, by every kind of change
mod trouble; // crashes, damage, full queues, full disks
mod writing; // what is written: schema, days, rights, anchors

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::tz::{TimeZone, offset};

use super::anchor::{Anchor, Destination};
use super::search::search;
use super::verify::{Known, Report, own_anchors, verify};
use super::*;
use crate::record::{Attached, Deed, Found};
use crate::store::Search;

/// 2027-03-31T09:00:00+09:00.
pub(super) const MORNING: i64 = 1_806_451_200_000;

const DAY: i64 = 86_400_000;

/// Clocks that tests set.
#[derive(Clone)]
pub(super) struct SetClock(Arc<Mutex<Moment>>);

impl SetClock {
    fn at(wall_ms: i64) -> SetClock {
        SetClock(Arc::new(Mutex::new(Moment { wall_ms, steady: Duration::ZERO })))
    }

    /// Time goes by on both clocks.
    fn pass(&self, ms: i64) {
        let mut now = self.0.lock().unwrap();
        now.wall_ms += ms;
        now.steady += Duration::from_millis(ms.unsigned_abs());
    }

    /// The wall clock alone is set.
    fn jump(&self, ms: i64) {
        self.0.lock().unwrap().wall_ms += ms;
    }
}

impl Clock for SetClock {
    fn now(&mut self) -> Moment {
        *self.0.lock().unwrap()
    }
}

/// Anchors as somebody outside got them.
#[derive(Clone, Default)]
pub(super) struct Outside(Arc<Mutex<Vec<Anchor>>>);

impl Destination for Outside {
    fn name(&self) -> String {
        "outside".to_owned()
    }

    fn send(&mut self, anchor: &Anchor) -> io::Result<()> {
        self.0.lock().unwrap().push(anchor.clone());
        Ok(())
    }
}

impl Outside {
    fn known(&self) -> Vec<Known> {
        let known = |anchor: &Anchor| Known { anchor: anchor.clone(), source: "outside".into() };
        self.0.lock().unwrap().iter().map(known).collect()
    }
}

pub(super) fn options(dir: &Path) -> Options {
    Options {
        dir: dir.to_owned(),
        group: None,
        host: "mx1.example.jp".to_owned(),
        keep_days: 1096,
        compress: false,
        anchor_every: Duration::from_secs(3600),
        waiting: 1000,
        waiting_bytes: 1 << 20,
        zone: TimeZone::fixed(offset(9)),
    }
}

pub(super) fn open(options: Options, clock: &SetClock, outside: &Outside) -> Audit {
    Audit::open_at(options, vec![Box::new(outside.clone())], Box::new(clock.clone())).unwrap()
}

/// Waits until everything appended so far is written.
fn settle(audit: &Audit) {
    for _ in 0..5000 {
        if audit.shared.bytes.load(Ordering::SeqCst) == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("the writer does not write");
}

/// A typical record.
pub(crate) fn record(number: u64) -> Record {
    Record {
        version: 1,
        id: format!("r{number}"),
        at_ms: MORNING + i64::try_from(number).unwrap(),
        time: "2027-03-31T09:00:00+09:00".into(),
        queue_id: "4XyZ1b2Cdz9".into(),
        host: "mx1.example.jp".into(),
        direction: "inbound".into(),
        mail_from: "bounce@example.com".into(),
        from: "hanako@example.com".into(),
        recipients: vec!["taro@own.example".into()],
        client: "192.0.2.7".into(),
        message_id: "1234.5678@example.com".into(),
        subject: "請求書の送付について".into(),
        size: 48_213,
        attachments: vec![Attached {
            name: "請求書.pdf.exe".into(),
            size: 20_480,
            sha256: "ab".repeat(32),
            encrypted: false,
        }],
        score: 65,
        clauses: 2,
        decision: "banner".into(),
        findings: vec![Found {
            id: "double-extension".into(),
            clause: "attachment-5".into(),
            points: 45,
            ruling: String::new(),
            evidence: "請求書.pdf.exe".into(),
        }],
        actions: vec!["banner put into the body".into()],
        settings: "0123456789abcdef".into(),
        took_us: 812,
        ..Record::default()
    }
}

fn deed(what: Deed) -> Event {
    Event {
        at_ms: MORNING,
        time: "2027-03-31T09:00:00+09:00".into(),
        host: "mx1.example.jp".into(),
        who: "admin".into(),
        what,
        subject: "r1".into(),
        note: String::new(),
    }
}

/// Names in the folder, sorted.
fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Lines of all plain files, in order.
fn text(dir: &Path) -> String {
    let log = |name: &&String| name.starts_with("audit-");
    names(dir).iter().filter(log).map(|n| std::fs::read_to_string(dir.join(n)).unwrap()).collect()
}

/// A log of two days: entries 1 to 6 (opened, r1 to r4, closed) and 7 to 10 (opened, r5 to r7).
fn two_days(dir: &Path) -> Outside {
    let (clock, outside) = (SetClock::at(MORNING), Outside::default());
    let audit = open(options(dir), &clock, &outside);
    for number in 1..=4 {
        audit.append_record(&record(number));
    }
    settle(&audit);
    clock.pass(DAY);
    for number in 5..=7 {
        audit.append_record(&record(number));
    }
    audit.stop();
    outside
}

fn first(dir: &Path) -> PathBuf {
    dir.join("audit-000000000001-2027-03-31.jsonl")
}

fn second(dir: &Path) -> PathBuf {
    dir.join("audit-000000000007-2027-04-01.jsonl")
}

/// What verify finds in a log, as it is shown, by the anchors given.
fn found(dir: &Path, anchors: &[Known]) -> Vec<String> {
    report(dir, anchors).findings.iter().map(ToString::to_string).collect()
}

fn report(dir: &Path, anchors: &[Known]) -> Report {
    verify(dir, anchors, "mx1.example.jp").unwrap()
}

fn open_plain(dir: &Path, clock: &SetClock) -> Audit {
    open(options(dir), clock, &Outside::default())
}

/// Ids of the records of a log, as search gives them.
fn ids(dir: &Path) -> Vec<String> {
    let mut ids = Vec::new();
    let zone = options(dir).zone;
    let each = |record: Record| {
        ids.push(record.id);
        Ok(true)
    };
    assert_eq!(search(dir, &Search::default(), &zone, each).unwrap(), [""; 0]);
    ids
}
