//! The task that serves the holds of its own host: lets mails go and deletes them when their time
//! has come or somebody decided so, and finds out what hands did past us.
//!
//! Way in: [`Keeper::keep`] in the milter, [`Keeper::round`] for one look. What is to be done is
//! decided by [`super::next`]; here it is done. Invariants: a hold comes into the state before a
//! deed (`releasing`) before the deed, and into the one after (`released`) after it, so that
//! whoever is killed between them finds the deed still to do, and the companion knows whether it
//! was done; every step asks that the hold still be in the state it was seen in, so that several
//! keepers and people do no harm to one another; nothing is concluded from a list that is not whole.
//!
//! When it fails: a round ends with [`RoundError`] and the next one tries again. Mails stay on hold
//! meanwhile, which is the safe side.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sekisho_config::Holding;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::next::{Next, Place, next};
use super::{Because, HoldQueue, SELF, Told, latest_arrival, milliseconds, same_mail};
use crate::holdd::client::{ClientError, Done};
use crate::holdd::protocol::QueueId;
use crate::holdd::{Entry, Listing};
use crate::store::{Hold, State, Step, Store, StoreError, Wanted, Write};

/// Serves the holds of one host.
pub struct Keeper<S, Q, T> {
    store: Arc<S>,
    queue: Q,
    told: T,
    host: String,
    interval: Duration,
    warn_ms: i64,
    /// Holds whose mail was seen in the hold queue: when it is away, it left.
    seen: HashSet<String>,
    /// Holds of which somebody was told, where the store may not know it yet.
    warned: HashSet<String>,
    /// Mails in the hold queue that are none of ours, by id and arrival.
    strangers: HashSet<(String, i64)>,
}

/// Why a round was not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoundError {
    /// The companion.
    Queue(ClientError),
    /// The store.
    Store(StoreError),
}

impl fmt::Display for RoundError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RoundError::Queue(e) => e.fmt(f),
            RoundError::Store(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for RoundError {}

impl From<ClientError> for RoundError {
    fn from(error: ClientError) -> RoundError {
        RoundError::Queue(error)
    }
}

impl From<StoreError> for RoundError {
    fn from(error: StoreError) -> RoundError {
        RoundError::Store(error)
    }
}

/// How closely a round looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// At what is due or decided. Costs one question to the store where nothing is.
    Due,
    /// At every hold of this host and every mail in its hold queue.
    Whole,
}

impl<S: Store, Q: HoldQueue, T: Told> Keeper<S, Q, T> {
    /// A keeper of the holds of `host`.
    pub fn new(store: Arc<S>, queue: Q, told: T, host: String, settings: &Holding) -> Self {
        Keeper {
            store,
            queue,
            told,
            host,
            interval: settings.interval,
            warn_ms: milliseconds(settings.warns),
            seen: HashSet::new(),
            warned: HashSet::new(),
            strangers: HashSet::new(),
        }
    }

    /// Looks again and again until `stop`; the first look and one a minute are whole, more of them
    /// where the settings want closer looks.
    pub async fn keep(mut self, stop: CancellationToken) {
        let mut rounds = tokio::time::interval(self.interval);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let whole_every = WHOLE_EVERY.min(self.interval.saturating_mul(WHOLE_ONE_IN));
        let mut whole: Option<tokio::time::Instant> = None;
        let mut failing: Option<RoundError> = None;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = rounds.tick() => {}
            }
            let look = match whole {
                Some(at) if at.elapsed() < whole_every => Look::Due,
                _ => Look::Whole,
            };
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            match self.round(milliseconds(now), look).await {
                Ok(()) => {
                    if failing.take().is_some() {
                        info!("held mails are served again");
                    }
                    if look == Look::Whole {
                        whole = Some(tokio::time::Instant::now());
                    }
                }
                // Told once, not every few seconds.
                Err(e) if failing.as_ref() == Some(&e) => {}
                Err(e) => {
                    error!("held mails are not served, they stay on hold: {e}");
                    failing = Some(e);
                }
            }
        }
    }

    /// One look, at `now_ms`.
    pub async fn round(&mut self, now_ms: i64, look: Look) -> Result<(), RoundError> {
        let holds = self.open_holds(now_ms, look).await?;
        if holds.is_empty() && look == Look::Due {
            return Ok(());
        }
        let listing = match self.queue.list().await {
            // Nothing waits to be served: a site that holds no mail needs no companion.
            Err(_) if holds.is_empty() => return Ok(()),
            listing => listing?,
        };
        let mut by_id: HashMap<&str, &Entry> = HashMap::new();
        by_id.extend(listing.entries.iter().map(|entry| (entry.id.as_str(), entry)));
        for hold in &holds {
            let entry = by_id.get(hold.queue_id.as_str()).filter(|e| same_mail(hold, e));
            let place = self.place(hold, entry.is_some(), listing.whole, now_ms);
            self.step(hold, place, now_ms).await?;
        }
        if look == Look::Whole {
            let open: HashSet<&str> = holds.iter().map(|hold| hold.id.as_str()).collect();
            self.seen.retain(|id| open.contains(id.as_str()));
            self.warned.retain(|id| open.contains(id.as_str()));
            self.find_kept(&holds, &listing, now_ms).await?;
        }
        Ok(())
    }

    /// Holds that may have something to be done.
    async fn open_holds(&self, now_ms: i64, look: Look) -> Result<Vec<Hold>, StoreError> {
        let ask = |states: &[State], due_ms| Wanted {
            host: self.host.clone(),
            states: states.to_vec(),
            due_ms,
            ..Wanted::default()
        };
        let decided = [State::Discarding, State::Releasing];
        match look {
            Look::Due => {
                let mut holds = self.store.holds(&ask(&decided, None)).await?;
                holds.extend(self.store.holds(&ask(&[State::Held], Some(now_ms))).await?);
                Ok(holds)
            }
            Look::Whole => {
                let open = [State::Held, State::Kept, State::Discarding, State::Releasing];
                self.store.holds(&ask(&open, None)).await
            }
        }
    }

    fn place(&mut self, hold: &Hold, on_hold: bool, whole: bool, now_ms: i64) -> Place {
        if on_hold {
            self.seen.insert(hold.id.clone());
            return Place::OnHold;
        }
        let settled = hold.held_ms.saturating_add(milliseconds(SETTLES)) <= now_ms;
        if whole && (settled || self.seen.contains(&hold.id)) {
            return Place::Away;
        }
        Place::Unclear
    }

    async fn step(&mut self, hold: &Hold, place: Place, now_ms: i64) -> Result<(), RoundError> {
        match next(hold, place, now_ms, self.warn_ms) {
            Next::Stay => {}
            Next::Warn => self.warn(hold).await?,
            Next::Gone => self.moved(hold, State::Gone, Because::ByHand, now_ms).await?,
            Next::Keep => self.moved(hold, State::Kept, Because::ByHand, now_ms).await?,
            Next::Discard(because) => {
                self.end(hold, State::Discarding, State::Discarded, because, place, now_ms).await?;
            }
            Next::Release(because) => {
                self.end(hold, State::Releasing, State::Released, because, place, now_ms).await?;
            }
        }
        Ok(())
    }

    /// Has a mail let go or deleted, with the state `during` around the deed and `after` behind it.
    async fn end(
        &self,
        hold: &Hold,
        during: State,
        after: State,
        because: Because,
        place: Place,
        now_ms: i64,
    ) -> Result<(), RoundError> {
        let mut hold = hold.clone();
        if hold.state != during {
            if !self.try_move(&hold, during, SELF, now_ms).await? {
                return Ok(());
            }
            hold.state = during;
            hold.decided_by = SELF.to_owned();
        }
        match carry_out(&self.queue, &hold).await? {
            Done::Now | Done::Before => self.moved(&hold, after, because, now_ms).await?,
            // It was released or deleted by hand before we came to it.
            Done::Absent if place == Place::Away => {
                self.moved(&hold, State::Gone, Because::ByHand, now_ms).await?;
            }
            Done::Absent => {}
        }
        Ok(())
    }

    async fn warn(&mut self, hold: &Hold) -> Result<(), RoundError> {
        if !self.warned.contains(&hold.id) {
            if !self.told.about_to_expire(hold).await {
                return Ok(());
            }
            self.warned.insert(hold.id.clone());
        }
        let warned = Hold { warned: true, ..hold.clone() };
        self.store.write(&[Write::Hold(Box::new(warned))]).await?;
        Ok(())
    }

    /// Finds mails that left once and were put on hold again by hand.
    async fn find_kept(
        &mut self,
        open: &[Hold],
        listing: &Listing,
        now_ms: i64,
    ) -> Result<(), RoundError> {
        let mut served: HashMap<&str, Vec<&Hold>> = HashMap::new();
        for hold in open {
            served.entry(&hold.queue_id).or_default().push(hold);
        }
        let is_served = |entry: &Entry| {
            served.get(entry.id.as_str()).is_some_and(|all| all.iter().any(|h| same_mail(h, entry)))
        };
        let unknown: Vec<&Entry> = listing.entries.iter().filter(|e| !is_served(e)).collect();
        let key = |entry: &Entry| (entry.id.clone(), entry.arrival);
        let present: HashSet<_> = unknown.iter().map(|entry| key(entry)).collect();
        self.strangers.retain(|stranger| present.contains(stranger));
        let mut ended = Vec::new();
        let new = unknown.iter().filter(|entry| !self.strangers.contains(&key(entry)));
        let new: Vec<&Entry> = new.take(MOST_ASKED).copied().collect();
        for entry in new {
            let wanted =
                Wanted { host: self.host.clone(), queue_id: entry.id.clone(), ..Wanted::default() };
            let mut known = self.store.holds(&wanted).await?;
            known.retain(|hold| same_mail(hold, entry));
            match known.pop() {
                // A hold of the last moments may not be written yet; if it never is, it is no harm
                // to ask for it each time.
                None if is_young(entry, now_ms) => {}
                None => {
                    self.strangers.insert(key(entry));
                }
                Some(hold) => ended.extend(hold.state.is_end().then_some(hold)),
            }
        }
        if ended.is_empty() {
            return Ok(());
        }
        // The list may be older than the states. What is in a list that was made after is there.
        let listing = self.queue.list().await?;
        for hold in ended {
            if listing.entries.iter().any(|entry| same_mail(&hold, entry)) {
                self.step(&hold, Place::OnHold, now_ms).await?;
            }
        }
        Ok(())
    }

    /// Writes the new state and tells about it, unless somebody was quicker.
    async fn moved(
        &self,
        hold: &Hold,
        to: State,
        because: Because,
        now_ms: i64,
    ) -> Result<(), RoundError> {
        if !self.try_move(hold, to, "", now_ms).await? {
            return Ok(());
        }
        let (id, queue_id) = (&hold.id, &hold.queue_id);
        match because {
            Because::Asked => info!("{queue_id}: hold {id} {to}, as {} decided", hold.decided_by),
            Because::ByHand => warn!("{queue_id}: hold {id} {to}: done by hand, past sekisho"),
            Because::Due => info!("{queue_id}: hold {id} {to}, its time is over"),
            Because::Expired => info!("{queue_id}: hold {id} {to}, nobody decided in time"),
        }
        self.told.moved(&Hold { state: to, ..hold.clone() }, because).await;
        Ok(())
    }

    async fn try_move(
        &self,
        hold: &Hold,
        to: State,
        who: &str,
        at_ms: i64,
    ) -> Result<bool, StoreError> {
        let (id, who) = (hold.id.clone(), who.to_owned());
        self.store.move_hold(&Step { id, from: hold.state, to, who, at_ms }).await
    }
}

/// Has the companion do what a hold in state `releasing` or `discarding` waits for.
pub(super) async fn carry_out<Q: HoldQueue>(queue: &Q, hold: &Hold) -> Result<Done, ClientError> {
    // What Postfix never wrote cannot be in its queue.
    let Some(id) = QueueId::parse(&hold.queue_id) else { return Ok(Done::Absent) };
    match hold.state {
        State::Discarding => queue.discard(&id, latest_arrival(hold)).await,
        State::Releasing => queue.release(&id, latest_arrival(hold)).await,
        _ => Ok(Done::Absent),
    }
}

fn is_young(entry: &Entry, now_ms: i64) -> bool {
    now_ms.div_euclid(1000).saturating_sub(entry.arrival) < YOUNG
}

/// Time between whole looks, at most.
const WHOLE_EVERY: Duration = Duration::from_secs(60);

/// One look in so many is whole, at least.
const WHOLE_ONE_IN: u32 = 12;

/// After the decision to hold a mail, other milters may be asked before it lies in the hold queue
/// (Postfix gives each 300 s, `milter_content_timeout`), or it may never come there.
const SETTLES: Duration = Duration::from_secs(900);

/// Seconds in which a hold is written at the latest.
const YOUNG: i64 = 3600;

/// Mails of a whole look that the store is asked about; the next look goes on.
const MOST_ASKED: usize = 500;
