//! How commands read the memory: one place to open it, pages instead of everything at once.
//!
//! Way in: [`with_store`], then [`each_record`], [`each_event`] and [`record`]. Commands are
//! written for any [`Store`].

use std::path::Path;

use jiff::Timestamp;
use sekisho_config::Settings;

use super::{Failure, Outcome, config_dir, settings};
use crate::record::{Deed, Event, Record};
use crate::recording::{host, with_offset};
use crate::state_dir::state_dir;
use crate::store::{Memory, Search, Store, StoreError, Write};

/// Opens the memory that the settings name; a fresh one is empty.
pub(super) async fn open_store(settings: &Settings) -> Result<Memory, Failure> {
    let store = Memory::new(&settings.store, &state_dir(settings)).map_err(failed)?;
    store.open().await.map_err(failed)?;
    Ok(store)
}

/// Reads the settings of `config`, opens the memory and does `work` with both.
pub(super) fn with_store(
    config: Option<&Path>,
    work: impl AsyncFnOnce(&Memory, &Settings) -> Outcome,
) -> Outcome {
    let settings = settings(config_dir(config).as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::Io("event loop".into(), e))?;
    runtime.block_on(async {
        let store = open_store(&settings).await?;
        work(&store, &settings).await
    })
}

/// Visits every record that fits, the newest first, one page in memory at a time.
pub(super) async fn each_record<S: Store>(
    store: &S,
    mut search: Search,
    mut visit: impl FnMut(&Record),
) -> Result<(), Failure> {
    search.limit = PAGE;
    loop {
        let page = store.search(&search).await.map_err(failed)?;
        page.iter().for_each(&mut visit);
        let Some(last) = page.last().filter(|_| page.len() >= PAGE as usize) else { break };
        let next = Some((last.at_ms, last.id.clone()));
        // A store that gives the same page again would keep us here for ever.
        if next == search.before {
            break;
        }
        search.before = next;
    }
    Ok(())
}

/// Visits every event from `since_ms` on and before `until_ms`, a day in memory at a time, the
/// days from the oldest on.
pub(super) async fn each_event<S: Store>(
    store: &S,
    since_ms: i64,
    until_ms: i64,
    mut visit: impl FnMut(&Event),
) -> Result<(), Failure> {
    let mut from = since_ms;
    while from < until_ms {
        let to = from.saturating_add(DAY_MS).min(until_ms);
        let events = store.events(from, to).await.map_err(failed)?;
        events.iter().rev().for_each(&mut visit);
        from = to;
    }
    Ok(())
}

/// The record with this id.
///
/// # Errors
/// There is none, or the store does not answer.
pub(super) async fn record<S: Store>(store: &S, id: &str) -> Result<Record, Failure> {
    let search = Search { id: id.to_owned(), limit: 100, ..Search::default() };
    let found = store.search(&search).await.map_err(failed)?;
    found.into_iter().find(|record| record.id == id).ok_or_else(|| {
        Failure::Usage(format!("there is no record {id:?}; the log line of a mail names its id"))
    })
}

/// Writes down that `who` did `what`.
pub(super) async fn remember<S: Store>(
    store: &S,
    what: Deed,
    who: &str,
    subject: &str,
    note: String,
) -> Result<(), Failure> {
    let now = Timestamp::now();
    let event = Event {
        at_ms: now.as_millisecond(),
        time: with_offset(now),
        host: host().to_owned(),
        who: who.to_owned(),
        what,
        subject: subject.to_owned(),
        note,
    };
    store.write(&[Write::Event(event)]).await.map_err(failed)
}

/// Who sits at the terminal, as far as it says.
pub(super) fn operator() -> String {
    let name = |key| std::env::var(key).ok().filter(|name| !name.is_empty());
    let name = name("SUDO_USER").or_else(|| name("USER")).unwrap_or_else(|| "administrator".into());
    sekisho_heuristics::indicator::safe_to_show(&name)
}

pub(super) fn failed(error: StoreError) -> Failure {
    Failure::Io("the store (store.toml)".into(), std::io::Error::other(error.to_string()))
}

/// Records fetched at once.
const PAGE: u32 = 1_000;

const DAY_MS: i64 = 86_400_000;

#[cfg(test)]
pub(super) mod fake {
    //! A store of vectors, for tests of commands.

    use std::sync::Mutex;

    use sekisho_heuristics::history::History;

    use super::*;
    use crate::store::{Cutoffs, Hold, Question, Step, Wanted};

    /// What stands in it.
    #[derive(Default)]
    pub(in crate::cli) struct Shelf {
        pub(in crate::cli) records: Mutex<Vec<Record>>,
        pub(in crate::cli) events: Mutex<Vec<Event>>,
        pub(in crate::cli) holds: Vec<Hold>,
    }

    impl Store for Shelf {
        async fn write(&self, batch: &[Write]) -> Result<(), StoreError> {
            for write in batch {
                match write {
                    Write::Record(record) => self.records.lock().unwrap().push((**record).clone()),
                    Write::Event(event) => self.events.lock().unwrap().push(event.clone()),
                    _ => {}
                }
            }
            Ok(())
        }

        async fn history(&self, _: &Question) -> Result<History, StoreError> {
            Ok(History::default())
        }

        async fn search(&self, s: &Search) -> Result<Vec<Record>, StoreError> {
            let mut found: Vec<Record> = self.records.lock().unwrap().clone();
            found.retain(|r| {
                r.id.contains(&s.id)
                    && r.at_ms >= s.since_ms
                    && (s.until_ms == 0 || r.at_ms < s.until_ms)
                    && s.before.as_ref().is_none_or(|b| (r.at_ms, &r.id) < (b.0, &b.1))
            });
            found.sort_by(|a, b| (b.at_ms, &b.id).cmp(&(a.at_ms, &a.id)));
            found.truncate(if s.limit == 0 { 1_000 } else { s.limit as usize });
            Ok(found)
        }

        async fn events(&self, since: i64, until: i64) -> Result<Vec<Event>, StoreError> {
            let mut found: Vec<Event> = self.events.lock().unwrap().clone();
            found.retain(|e| (since..until).contains(&e.at_ms));
            found.sort_by_key(|e| std::cmp::Reverse(e.at_ms));
            Ok(found)
        }

        async fn holds(&self, wanted: &Wanted) -> Result<Vec<Hold>, StoreError> {
            let fits = |h: &&Hold| wanted.states.is_empty() || wanted.states.contains(&h.state);
            Ok(self.holds.iter().filter(fits).cloned().collect())
        }

        async fn move_hold(&self, _: &Step) -> Result<bool, StoreError> {
            Ok(false)
        }

        async fn expire(&self, _: &Cutoffs, _: u32) -> Result<u64, StoreError> {
            Ok(0)
        }

        async fn forget(&self, _: &str) -> Result<u64, StoreError> {
            Ok(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fake::Shelf;
    use super::*;

    #[tokio::test]
    async fn every_record_is_visited_once_also_where_many_have_one_time() {
        let record = |n: i64| Record { id: format!("{n:06}"), at_ms: n / 700, ..Record::default() };
        let shelf = Shelf {
            records: (0..3_500).map(record).collect::<Vec<_>>().into(),
            ..Shelf::default()
        };
        let mut seen = Vec::new();
        each_record(&shelf, Search::default(), |r| seen.push(r.id.clone())).await.unwrap();
        assert_eq!(
            (seen.len(), seen[0].as_str(), seen[3_499].as_str()),
            (3_500, "003499", "000000")
        );
        seen.dedup();
        assert_eq!(seen.len(), 3_500);
    }

    #[tokio::test]
    async fn events_come_from_the_oldest_on() {
        let shelf = Shelf::default();
        for (at_ms, subject) in [(DAY_MS * 3, "c"), (5, "a"), (DAY_MS, "b"), (DAY_MS * 4, "out")] {
            let event = Event {
                at_ms,
                time: String::new(),
                host: String::new(),
                who: String::new(),
                what: Deed::Held,
                subject: subject.into(),
                note: String::new(),
            };
            shelf.events.lock().unwrap().push(event);
        }
        let mut seen = String::new();
        each_event(&shelf, 0, DAY_MS * 4, |e| seen.push_str(&e.subject)).await.unwrap();
        assert_eq!(seen, "abc");
    }

    #[tokio::test]
    async fn an_id_is_whole_or_none() {
        let shelf = Shelf {
            records: vec![Record { id: "Q1-AB".into(), ..Record::default() }].into(),
            ..Shelf::default()
        };
        assert!(record(&shelf, "Q1-AB").await.is_ok());
        assert!(matches!(record(&shelf, "Q1").await, Err(Failure::Usage(_))));
    }
}
