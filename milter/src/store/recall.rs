//! What one mail is told of the past: in time, or not at all.
//!
//! Way in: [`Recall::history`]. It never fails and never takes longer than the deadline: what the
//! store does not tell in time is unknown. Answers about senders are kept for a minute, so that many
//! mails alike ask once; what concerns recipients is asked anew each time, for a password may
//! follow its file within seconds. A store that fell silent is asked by one mail a second, so that the
//! others do not wait in vain.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sekisho_heuristics::history::History;
use tracing::{info, warn};

use super::{Question, Store};

/// Asks a store on behalf of mail.
pub struct Recall<S> {
    store: Arc<S>,
    deadline: Duration,
    cache: Mutex<Cache>,
    /// Mails in a row whose history is unknown.
    unknown: AtomicU64,
    /// A silent store is not asked before.
    again: Mutex<Instant>,
}

impl<S: Store> Recall<S> {
    /// Asks `store`, each mail for as long as `deadline`; `cached` answers are kept.
    pub fn new(store: Arc<S>, deadline: Duration, cached: usize) -> Recall<S> {
        let cache = Mutex::new(Cache { most: cached, ..Cache::default() });
        let again = Mutex::new(Instant::now());
        Recall { store, deadline, cache, unknown: AtomicU64::new(0), again }
    }

    /// What is remembered that concerns one mail.
    pub async fn history(&self, ask: &Question) -> History {
        if ask.sender.is_empty() && ask.answers.is_empty() && ask.recipients.is_empty() {
            return History::default();
        }
        // The times move on with the clock and change nothing within a minute.
        let key = ask.recipients.is_empty().then(|| Question {
            answers_since: 0,
            encrypted_since: 0,
            ..ask.clone()
        });
        if let Some(known) = key.as_ref().and_then(|key| self.cache().find(key)) {
            return known;
        }
        if !self.may_ask() {
            self.unknown.fetch_add(1, Ordering::Relaxed);
            return History::default();
        }
        match tokio::time::timeout(self.deadline, self.store.history(ask)).await {
            Ok(Ok(history)) => {
                let unknown = self.unknown.swap(0, Ordering::Relaxed);
                if unknown > 0 {
                    info!("the history of mail is known again; it was unknown for {unknown} mails");
                }
                if let Some(key) = key {
                    self.cache().keep(key, history.clone());
                }
                history
            }
            Ok(Err(error)) => self.without(&error),
            Err(_) => self.without(&format_args!("no answer within {:?}", self.deadline)),
        }
    }

    /// Whether it is this mail's turn to try a store that was silent for [`SILENT`] mails in a row.
    fn may_ask(&self) -> bool {
        if self.unknown.load(Ordering::Relaxed) < SILENT {
            return true;
        }
        let mut again = self.again.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let may = *again <= now;
        if may {
            *again = now + PAUSE;
        }
        may
    }

    /// Said once, not for each mail.
    fn without(&self, why: &dyn std::fmt::Display) -> History {
        if self.unknown.fetch_add(1, Ordering::Relaxed) == 0 {
            warn!("the history of mail is unknown for now: {why}");
        }
        History::default()
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers of the last minute, the oldest dropped first.
#[derive(Default)]
struct Cache {
    most: usize,
    answers: HashMap<Arc<Question>, (Instant, History)>,
    in_order: VecDeque<(Instant, Arc<Question>)>,
}

impl Cache {
    fn find(&self, ask: &Question) -> Option<History> {
        let (kept, history) = self.answers.get(ask)?;
        (kept.elapsed() < KEPT).then(|| history.clone())
    }

    fn keep(&mut self, ask: Question, history: History) {
        let now = Instant::now();
        while let Some((kept, _)) = self.in_order.front() {
            if self.in_order.len() < self.most && now.duration_since(*kept) < KEPT {
                break;
            }
            if let Some((kept, ask)) = self.in_order.pop_front() {
                // Kept anew meanwhile, it stands further back too.
                if self.answers.get(&ask).is_some_and(|(newest, _)| *newest == kept) {
                    self.answers.remove(&ask);
                }
            }
        }
        if self.most > 0 {
            let ask = Arc::new(ask);
            self.in_order.push_back((now, Arc::clone(&ask)));
            self.answers.insert(ask, (now, history));
        }
    }
}

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(60);

/// Mails in a row that asked in vain before others are spared it.
const SILENT: u64 = 20;

/// How often a silent store is tried.
const PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::super::stub::Stub;
    use super::*;

    fn from(sender: &str) -> Question {
        Question { sender: sender.to_owned(), ..Question::default() }
    }

    fn recall(cached: usize) -> (Arc<Stub>, Recall<Stub>) {
        let stub = Arc::new(Stub::default());
        (Arc::clone(&stub), Recall::new(stub, Duration::from_millis(50), cached))
    }

    #[tokio::test]
    async fn the_same_question_is_asked_once() {
        let (stub, recall) = recall(2);
        for sender in ["a", "a", "b", "c", "a"] {
            assert!(recall.history(&from(sender)).await.sender.is_some());
        }
        // "a" had to make room for "c".
        assert_eq!(stub.asked(), ["a", "b", "c", "a"]);
        assert_eq!(recall.cache().answers.len(), 2);
    }

    #[tokio::test]
    async fn recipients_are_asked_for_each_time() {
        let (stub, recall) = recall(2);
        let ask = Question { recipients: vec![("x".into(), "y".into())], ..from("a") };
        recall.history(&ask).await;
        recall.history(&ask).await;
        assert_eq!(stub.asked().len(), 2);
    }

    #[tokio::test]
    async fn what_comes_late_or_not_at_all_is_unknown_and_not_kept() {
        let (stub, recall) = recall(2);
        stub.set_slow(Duration::from_secs(600));
        assert_eq!(recall.history(&from("a")).await, History::default());
        stub.set_slow(Duration::ZERO);
        stub.set_away(true);
        assert_eq!(recall.history(&from("a")).await, History::default());
        stub.set_away(false);
        assert!(recall.history(&from("a")).await.sender.is_some());
    }

    #[tokio::test]
    async fn a_silent_store_is_not_asked_by_every_mail() {
        let (stub, recall) = recall(0);
        stub.set_away(true);
        // The first beyond the bound has its turn.
        for _ in 0..=SILENT {
            recall.history(&from("a")).await;
        }
        stub.set_away(false);
        assert_eq!(recall.history(&from("a")).await, History::default());
        assert!(stub.asked().is_empty());
        *recall.again.lock().unwrap() = Instant::now();
        assert!(recall.history(&from("a")).await.sender.is_some());
        assert!(recall.history(&from("a")).await.sender.is_some(), "asked by everybody again");
    }

    #[tokio::test]
    async fn nothing_is_asked_of_nobody() {
        let (stub, recall) = recall(2);
        assert_eq!(recall.history(&Question::default()).await, History::default());
        assert!(stub.asked().is_empty());
    }
}
