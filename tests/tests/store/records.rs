//! What was decided, and what people did about it.

use sekisho_milter::record::{Attached, Deed, Event, Found, Record};
use sekisho_milter::store::{Cutoffs, Search, Store, Write};

use crate::history::{about, met};
use crate::with_each;

pub(crate) fn record(id: &str, at_ms: i64) -> Record {
    Record {
        version: 1,
        id: id.to_owned(),
        at_ms,
        mail_from: format!("{id}@sender.example"),
        from: format!("{id}@From.example"),
        recipients: vec!["a@own.example".to_owned(), "b@own.example".to_owned()],
        subject: format!("請求書 100% {id}"),
        decision: "accept".to_owned(),
        ..Record::default()
    }
}

fn write(record: &Record) -> Write {
    Write::Record(Box::new(record.clone()))
}

/// 2026-11-21.
const NOW: i64 = 1_795_219_200_000;

const MONTH: i64 = 31 * 86_400_000;

#[tokio::test]
async fn records_are_found_by_every_field() {
    with_each(async |fresh| {
        let store = &fresh.store;
        let hash = "ab".repeat(32);
        let mut wanted = record("x1", NOW);
        wanted.decision = "hold".to_owned();
        wanted.recipients = vec!["\"quoted\" \\person@own.example".to_owned()];
        wanted.subject = "ＡＢＣ 50%_off".to_owned();
        wanted.findings =
            vec![Found { id: "double-extension".into(), points: 45, ..Found::default() }];
        wanted.attachments = vec![Attached { sha256: hash.clone(), ..Attached::default() }];
        let others: Vec<Record> = (0..20).map(|n| record(&format!("o{n}"), NOW + 1 + n)).collect();
        let batch: Vec<Write> = others.iter().chain([&wanted]).map(write).collect();
        store.write(&batch).await.unwrap();
        store.write(&batch[5..]).await.unwrap();

        let none = Search::default;
        let all = store.search(&none()).await.unwrap();
        assert_eq!(all.len(), 21, "written twice, there once");
        assert_eq!(all.last(), Some(&wanted), "as it was written, and newest first");
        for search in [
            Search { id: "x1".into(), ..none() },
            Search { from: "X1@sender".into(), ..none() },
            Search { from: "x1@FROM.".into(), ..none() },
            Search { to: "\"quoted\" \\PERSON".into(), ..none() },
            Search { subject: "50%_OFF".into(), ..none() },
            // Full-width letters have two cases as well.
            Search { subject: "ａｂｃ".into(), ..none() },
            Search { finding: "double-extension".into(), ..none() },
            Search { decision: "hold".into(), ..none() },
            Search { hash: hash.to_uppercase(), ..none() },
            Search { until_ms: NOW + 1, from: "x1".into(), since_ms: NOW, ..none() },
        ] {
            let found = store.search(&search).await.unwrap();
            assert_eq!(found, [wanted.clone()], "{search:?}");
        }
        for search in [
            Search { id: "x".into(), ..none() },
            Search { finding: "double".into(), ..none() },
            Search { hash: hash[..63].into(), ..none() },
            Search { subject: "50x_off".into(), ..none() },
            Search { since_ms: NOW + 100, ..none() },
            Search { until_ms: NOW, ..none() },
            Search { to: "sender.example".into(), ..none() },
            Search { from: "\0".into(), ..none() },
        ] {
            assert_eq!(store.search(&search).await.unwrap(), [], "{search:?}");
        }
        assert_eq!(
            store.search(&Search { decision: "accept".into(), ..none() }).await.unwrap().len(),
            20
        );
    })
    .await;
}

#[tokio::test]
async fn pages_leave_nothing_out_even_among_equal_times() {
    with_each(async |fresh| {
        let store = &fresh.store;
        let all: Vec<Record> = (0..25).map(|n| record(&format!("r{n:02}"), NOW + n / 10)).collect();
        store.write(&all.iter().map(write).collect::<Vec<_>>()).await.unwrap();
        let mut found: Vec<String> = Vec::new();
        let mut search = Search { limit: 4, ..Search::default() };
        loop {
            let page = store.search(&search).await.unwrap();
            let Some(last) = page.last() else { break };
            search.before = Some((last.at_ms, last.id.clone()));
            found.extend(page.into_iter().map(|record| record.id));
        }
        let newest_first: Vec<String> = all.into_iter().rev().map(|record| record.id).collect();
        assert_eq!(found, newest_first);
    })
    .await;
}

#[tokio::test]
async fn old_records_go_and_new_ones_stay() {
    with_each(async |fresh| {
        let store = &fresh.store;
        let event = |at_ms| Event {
            at_ms,
            time: String::new(),
            host: "mx".into(),
            who: "sekisho".into(),
            what: Deed::Started,
            subject: String::new(),
            note: String::new(),
        };
        let hash = "cd".repeat(32);
        let mut batch = Vec::new();
        for month in 0..5 {
            let mut record = record(&format!("m{month}"), NOW - month * MONTH);
            record.attachments = vec![Attached { sha256: hash.clone(), ..Attached::default() }];
            batch.push(write(&record));
            batch.push(Write::Event(event(NOW - month * MONTH)));
        }
        store.write(&batch).await.unwrap();
        store.write(&batch).await.unwrap();
        assert_eq!(store.events(0, 0).await.unwrap().len(), 5);
        assert_eq!(store.events(NOW, 0).await.unwrap(), [event(NOW)]);
        let cutoffs = Cutoffs { records_ms: NOW - 2 * MONTH, ..Cutoffs::default() };
        while store.expire(&cutoffs, 1).await.unwrap() > 0 {}
        let search = Search { hash, ..Search::default() };
        let left: Vec<String> =
            store.search(&search).await.unwrap().into_iter().map(|record| record.id).collect();
        assert_eq!(left, ["m0", "m1", "m2"]);
        assert_eq!(store.events(0, NOW).await.unwrap().len(), 2);
        // A month that was dropped is made again where something of it comes late.
        store.write(&[write(&record("late", NOW - 4 * MONTH))]).await.unwrap();
        assert_eq!(store.search(&Search::default()).await.unwrap().len(), 4);
    })
    .await;
}

#[tokio::test]
async fn one_person_is_forgotten() {
    with_each(async |fresh| {
        let store = &fresh.store;
        let mut theirs = record("theirs", NOW);
        theirs.from = "Hanako@Person.example".to_owned();
        theirs.recipients.push("hanako@person.example".to_owned());
        let batch = [
            met("hanako@person.example", false, 1000),
            met("taro@person.example", false, 1000),
            write(&theirs),
            write(&record("other", NOW)),
        ];
        store.write(&batch).await.unwrap();
        assert_eq!(store.forget("HANAKO@person.example").await.unwrap(), 2);
        assert_eq!(store.forget("hanako@person.example").await.unwrap(), 0);
        assert_eq!(store.forget("").await.unwrap(), 0);
        let known = store.history(&about("hanako@person.example")).await.unwrap().sender.unwrap();
        assert_eq!((known.address.received, known.domain.received), (0, 2));
        let known = store.history(&about("taro@person.example")).await.unwrap().sender.unwrap();
        assert_eq!(known.address.received, 1);
        let found =
            store.search(&Search { id: "theirs".into(), ..Search::default() }).await.unwrap();
        assert_eq!(found[0].from, "-");
        assert_eq!(found[0].recipients, ["a@own.example", "b@own.example", "-"]);
        let other =
            store.search(&Search { id: "other".into(), ..Search::default() }).await.unwrap();
        assert_eq!(other, [record("other", NOW)]);
    })
    .await;
}
