//! A store for the tests of what stands before it: slow, away or broken on demand.

use std::sync::Mutex;
use std::time::Duration;

use sekisho_heuristics::history::{History, Known};

use super::{Cutoffs, Hold, Question, Search, Step, Store, StoreError, Wanted, Write};
use crate::record::{Event, Record};

/// Remembers what it was asked and what it took.
#[derive(Default)]
pub(super) struct Stub {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    asked: Vec<String>,
    batches: Vec<Vec<Write>>,
    slow: Duration,
    away: bool,
    /// What [`Store::expire`] answers, the last first.
    old: Vec<u64>,
}

impl Stub {
    pub(super) fn asked(&self) -> Vec<String> {
        self.inner.lock().unwrap().asked.clone()
    }

    pub(super) fn batches(&self) -> Vec<Vec<Write>> {
        self.inner.lock().unwrap().batches.clone()
    }

    pub(super) fn set_slow(&self, slow: Duration) {
        self.inner.lock().unwrap().slow = slow;
    }

    pub(super) fn set_away(&self, away: bool) {
        self.inner.lock().unwrap().away = away;
    }

    pub(super) fn set_old(&self, old: Vec<u64>) {
        self.inner.lock().unwrap().old = old;
    }

    async fn answer(&self) -> Result<(), StoreError> {
        let (slow, away) = {
            let inner = self.inner.lock().unwrap();
            (inner.slow, inner.away)
        };
        if !slow.is_zero() {
            tokio::time::sleep(slow).await;
        }
        if away { Err(StoreError::Away("told so".to_owned())) } else { Ok(()) }
    }
}

impl Store for Stub {
    async fn write(&self, batch: &[Write]) -> Result<(), StoreError> {
        self.answer().await?;
        self.inner.lock().unwrap().batches.push(batch.to_vec());
        Ok(())
    }

    async fn history(&self, ask: &Question) -> Result<History, StoreError> {
        self.answer().await?;
        self.inner.lock().unwrap().asked.push(ask.sender.clone());
        Ok(History { sender: Some(Known::default()), ..History::default() })
    }

    async fn search(&self, _: &Search) -> Result<Vec<Record>, StoreError> {
        Ok(Vec::new())
    }

    async fn events(&self, _: i64, _: i64) -> Result<Vec<Event>, StoreError> {
        Ok(Vec::new())
    }

    async fn holds(&self, _: &Wanted) -> Result<Vec<Hold>, StoreError> {
        Ok(Vec::new())
    }

    async fn move_hold(&self, _: &Step) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn expire(&self, _: &Cutoffs, _: u32) -> Result<u64, StoreError> {
        self.answer().await?;
        Ok(self.inner.lock().unwrap().old.pop().unwrap_or(0))
    }

    async fn forget(&self, _: &str) -> Result<u64, StoreError> {
        Ok(0)
    }
}
