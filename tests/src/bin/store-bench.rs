//! Measures memory by generated data: look-ups per second, size, how long retention takes and how
//! long a writer waits beside it.
//!
//! `store-bench [CORRESPONDENTS [RECORDS [URL]]]`: a million correspondents and 100,000 records on
//! SQLite in a temporary folder by default; with a `postgres://` URL, an empty database there. Run it
//! as a release build.

// A measuring tool: it prints, and what fails ends it.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::Path;
use std::time::{Duration, Instant};

use sekisho_config::{DatabaseUrl, Settings, Store as StoreSettings};
use sekisho_milter::record::{Attached, Found, Record};
use sekisho_milter::store::{Cutoffs, Memory, Question, Search, Store, Write};

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default| arguments.next().map_or(default, |a| a.parse().unwrap());
    let (correspondents, records) = (number(1_000_000_u64), number(100_000_u64));
    let url = arguments.next().map(|url| DatabaseUrl::new(&url).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let settings = StoreSettings { url, ..Settings::default().store };
    let store = Memory::new(&settings, folder.path()).unwrap();
    store.open().await.unwrap();

    for share in [correspondents / 10, correspondents] {
        fill(&store, share, share.min(correspondents / 10), correspondents).await;
        look_up(&store, share).await;
        println!("  {:.1} MB on disk", size(folder.path()));
    }
    let before = size(folder.path());
    write_records(&store, records).await;
    let bytes = (size(folder.path()) - before) * 1e6 / records as f64;
    println!("  {bytes:.0} bytes a record on disk");
    search(&store, "a decision", Search { decision: "hold".into(), ..Search::default() }).await;
    search(&store, "a hash", Search { hash: sha256(records / 2), ..Search::default() }).await;
    search(&store, "an id", Search { id: id(records / 2), ..Search::default() }).await;
    let part = Search { subject: "nowhere to be found".into(), ..Search::default() };
    search(&store, "a part of a subject, through all", part).await;
    look_up(&store, correspondents).await;
    retention(&store).await;
}

/// Writes correspondents `from..to`: what a first share had is not written again.
async fn fill(store: &Memory, to: u64, first: u64, all: u64) {
    let from = if to == first { 0 } else { all / 10 };
    let (start, mut written) = (Instant::now(), 0);
    // Addresses come in no order.
    let mut batch = Vec::with_capacity(BATCH);
    for n in from..to {
        let (address, domain) = correspondent(n);
        let at = START + i64::try_from(n % 90).unwrap() * DAY;
        batch.push(Write::Met { address, domain, sent: n % 3 == 0, at, count: 1 });
        if batch.len() == BATCH || n + 1 == to {
            store.write(&batch).await.unwrap();
            written += batch.len();
            batch.clear();
        }
    }
    let rate = written as f64 / start.elapsed().as_secs_f64();
    println!("{to} correspondents, written at {rate:.0} a second");
}

/// Asks as mail does, one question after the other.
async fn look_up(store: &Memory, among: u64) {
    let mut times = Vec::new();
    for n in 0..LOOK_UPS {
        // Every second one is a stranger.
        let (sender, sender_domain) = correspondent(mixed(n) % (among * 2));
        let answers = vec![format!("{n}@mail.own.example")];
        let ask = Question { sender, sender_domain, answers, ..Question::default() };
        let start = Instant::now();
        store.history(&ask).await.unwrap();
        times.push(start.elapsed());
    }
    let rate = LOOK_UPS as f64 / times.iter().sum::<Duration>().as_secs_f64();
    times.sort_unstable();
    let at =
        |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
    println!("  {rate:.0} look-ups a second, p50 {:?}, p99 {:?}", at(0.5), at(0.99));
}

async fn write_records(store: &Memory, records: u64) {
    let start = Instant::now();
    for first in (0..records).step_by(BATCH) {
        let batch: Vec<Write> = (first..records.min(first + BATCH as u64))
            .map(|n| Write::Record(Box::new(record(n, records))))
            .collect();
        store.write(&batch).await.unwrap();
    }
    let rate = records as f64 / start.elapsed().as_secs_f64();
    println!("{records} records of a month, written at {rate:.0} a second");
}

async fn search(store: &Memory, what: &str, search: Search) {
    let start = Instant::now();
    let found = store.search(&search).await.unwrap().len();
    println!("  search by {what}: {found} in {:?}", start.elapsed());
}

/// Half of everything goes, while somebody writes.
async fn retention(store: &Memory) {
    let middle = (START + 45 * DAY) * 1000;
    let cutoffs = Cutoffs { correspondents_ms: middle, details_ms: middle, records_ms: middle };
    let (start, mut gone, mut bites, mut longest) = (Instant::now(), 0, 0, Duration::ZERO);
    let mut waited = Vec::new();
    loop {
        let bite = Instant::now();
        let expire = async { (store.expire(&cutoffs, 500).await.unwrap(), bite.elapsed()) };
        let write = async {
            let (address, domain) = correspondent(bites);
            let met = Write::Met { address, domain, sent: false, at: START + 80 * DAY, count: 1 };
            store.write(&[met]).await.unwrap();
            bite.elapsed()
        };
        let ((went, took), wait) = tokio::join!(expire, write);
        (gone, bites, longest) = (gone + went, bites + 1, longest.max(took));
        waited.push(wait);
        if went == 0 {
            break;
        }
    }
    waited.sort_unstable();
    let p99 = waited.get(waited.len() * 99 / 100).copied().unwrap_or_default();
    println!(
        "retention: {gone} rows in {bites} bites, {:.1} s; the longest bite {longest:?}; a write beside \
         it waits p99 {p99:?}, at most {:?}",
        start.elapsed().as_secs_f64(),
        waited.last().copied().unwrap_or_default()
    );
}

fn correspondent(n: u64) -> (String, String) {
    let domain = format!("company{:07}.example", mixed(n / 7) % 10_000_000);
    (format!("person{:08x}@{domain}", mixed(n) as u32), domain)
}

/// A record as a usual mail makes one.
fn record(n: u64, of: u64) -> Record {
    let (from, _) = correspondent(n);
    let at_ms = (START + i64::try_from(n * 30 * 86_400 / of).unwrap()) * 1000;
    let found = |id: &str, points| Found {
        id: id.to_owned(),
        clause: "sender-1".to_owned(),
        points,
        ruling: String::new(),
        evidence: "Taro Yamada <taro@free-mail.example>".to_owned(),
    };
    let file = Attached {
        name: "お見積書.xlsx".to_owned(),
        size: 123_456,
        sha256: sha256(n),
        encrypted: false,
    };
    Record {
        version: 1,
        id: id(n),
        at_ms,
        time: "2026-11-21T20:24:34.123+09:00".to_owned(),
        queue_id: "4hKQ1z2mBwz4Q".to_owned(),
        host: "mx1.own.example".to_owned(),
        direction: "inbound".to_owned(),
        mail_from: from.clone(),
        from,
        recipients: vec!["somebody@own.example".to_owned()],
        client: "192.0.2.77".to_owned(),
        message_id: format!("{n}.mail@company.example"),
        subject: format!("Re: 【ご連絡】11月度のお見積りの件につきまして {n}"),
        size: 45_678,
        attachments: if n.is_multiple_of(5) { vec![file] } else { vec![] },
        score: 20,
        clauses: 1,
        decision: if n.is_multiple_of(1000) { "hold" } else { "accept" }.to_owned(),
        findings: vec![found("first-contact", 10), found("free-mail-sender", 10)],
        settings: "0123456789abcdef".to_owned(),
        took_us: 950,
        ..Record::default()
    }
}

fn id(n: u64) -> String {
    format!("mx1-{:016x}", mixed(n))
}

fn sha256(n: u64) -> String {
    let n = n / 5 * 5;
    [n, n + 1, n + 2, n + 3].map(|n| format!("{:016x}", mixed(n))).concat()
}

/// Numbers in no order (splitmix64).
fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// Megabytes of the files of a folder.
fn size(folder: &Path) -> f64 {
    let files = std::fs::read_dir(folder).unwrap().flatten();
    files.map(|file| file.metadata().map_or(0, |m| m.len())).sum::<u64>() as f64 / 1e6
}

const BATCH: usize = 500;
const LOOK_UPS: u64 = 50_000;
const DAY: i64 = 86_400;

/// 2026-10-01.
const START: i64 = 1_790_812_800;
