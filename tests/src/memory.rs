//! A store that keeps holds in memory, for tests of what works with holds.
//!
//! Way in: [`Memory`]. It knows holds and events; of correspondents and records it knows nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sekisho_heuristics::history::History;
use sekisho_milter::holds::{Because, Told};
use sekisho_milter::record::{Event, Record};
use sekisho_milter::store::{
    Cutoffs, Hold, Question, Search, State, Step, Store, StoreError, Wanted, Write,
};

/// Holds and events.
#[derive(Default)]
pub struct Memory {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    holds: Vec<Hold>,
    events: Vec<Event>,
    away: bool,
}

impl Memory {
    /// One with these holds.
    pub fn with(holds: &[Hold]) -> Memory {
        let memory = Memory::default();
        memory.kept().holds = holds.to_vec();
        memory
    }

    /// The hold with this id.
    #[track_caller]
    pub fn hold(&self, id: &str) -> Hold {
        self.kept().holds.iter().find(|hold| hold.id == id).cloned().expect("a hold with this id")
    }

    /// Its state.
    #[track_caller]
    pub fn state(&self, id: &str) -> State {
        self.hold(id).state
    }

    /// From now on nothing is answered, or again.
    pub fn set_away(&self, away: bool) {
        self.kept().away = away;
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn present(&self) -> Result<MutexGuard<'_, Kept>, StoreError> {
        let kept = self.kept();
        if kept.away { Err(StoreError::Away("stopped by the test".into())) } else { Ok(kept) }
    }
}

impl Store for Memory {
    async fn write(&self, batch: &[Write]) -> Result<(), StoreError> {
        let mut kept = self.present()?;
        for write in batch {
            match write {
                // Known ones only learn that they were told of.
                Write::Hold(hold) => match kept.holds.iter_mut().find(|h| h.id == hold.id) {
                    Some(known) => known.warned |= hold.warned,
                    None => kept.holds.push((**hold).clone()),
                },
                Write::Event(event) => kept.events.push(event.clone()),
                _ => {}
            }
        }
        Ok(())
    }

    async fn history(&self, _ask: &Question) -> Result<History, StoreError> {
        Ok(History::default())
    }

    async fn search(&self, _search: &Search) -> Result<Vec<Record>, StoreError> {
        Ok(Vec::new())
    }

    async fn events(&self, since_ms: i64, until_ms: i64) -> Result<Vec<Event>, StoreError> {
        let kept = self.present()?;
        let within = |event: &&Event| (since_ms..until_ms).contains(&event.at_ms);
        Ok(kept.events.iter().rev().filter(within).cloned().collect())
    }

    async fn holds(&self, wanted: &Wanted) -> Result<Vec<Hold>, StoreError> {
        let kept = self.present()?;
        let fits = |hold: &&Hold| {
            let same = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
            let due = |at| hold.expires_ms <= at || hold.goes_ms.is_some_and(|goes| goes <= at);
            same(&wanted.id, &hold.id)
                && same(&wanted.host, &hold.host)
                && same(&wanted.queue_id, &hold.queue_id)
                && (wanted.states.is_empty() || wanted.states.contains(&hold.state))
                && wanted.due_ms.is_none_or(due)
        };
        Ok(kept.holds.iter().filter(fits).cloned().collect())
    }

    async fn move_hold(&self, step: &Step) -> Result<bool, StoreError> {
        let mut kept = self.present()?;
        let found = kept.holds.iter_mut().find(|h| h.id == step.id && h.state == step.from);
        let Some(hold) = found else { return Ok(false) };
        hold.state = step.to;
        if !step.who.is_empty() {
            hold.decided_by.clone_from(&step.who);
        }
        Ok(true)
    }

    async fn expire(&self, _retention: &Cutoffs, _at_most: u32) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn forget(&self, _address: &str) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// Hears what becomes of holds.
#[derive(Clone, Default)]
pub struct Heard {
    moved: Arc<Mutex<Vec<(String, State, Because)>>>,
    warned: Arc<Mutex<Vec<String>>>,
}

impl Heard {
    /// What came into another state so far, and why.
    pub fn moved(&self) -> Vec<(String, State, Because)> {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Of what somebody was told that it is about to expire.
    pub fn warned(&self) -> Vec<String> {
        self.warned.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Told for Heard {
    async fn about_to_expire(&self, hold: &Hold) -> bool {
        self.warned.lock().unwrap_or_else(PoisonError::into_inner).push(hold.id.clone());
        true
    }

    async fn moved(&self, hold: &Hold, because: Because) {
        let told = (hold.id.clone(), hold.state, because);
        self.moved.lock().unwrap_or_else(PoisonError::into_inner).push(told);
    }
}
