//! The task behind the queue: gathers, writes, spools.
//!
//! Way in: [`Writer::run`]. One batch is under way at a time; everything else here takes no longer
//! than a line on disk, so that the queue in front stays short.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::super::spool::{Head, Spool};
use super::super::{Store, StoreError, Write};
use super::{BATCH, Counts, LINGER, PATIENCE, SLOW};

pub(super) struct Writer<S> {
    store: Arc<S>,
    counts: Arc<Counts>,
    path: PathBuf,
    most: u64,
    /// `None` until it could be opened.
    spool: Option<Arc<Mutex<Spool>>>,
    /// The spool is not tried before.
    spool_again: Instant,
    /// Whether it was said that the spool fails.
    spool_fails: bool,
    gathered: Vec<Write>,
    /// When the first of them came.
    since: Instant,
    flight: Option<Flight>,
    /// Came back, and the spool had no room: flies again as it is.
    grounded: Option<Arc<Batch>>,
    spooled_last: bool,
    away: Option<Away>,
}

/// Since when the store is away, and when it is tried again.
struct Away {
    since: Instant,
    again: Instant,
    pause: Duration,
}

/// What goes to the store in one piece.
struct Batch {
    writes: Vec<Write>,
    /// Where the next one begins in the spool, where it came from there.
    spooled: Option<u64>,
}

/// A batch under way.
struct Flight {
    since: Instant,
    batch: Arc<Batch>,
    outcome: JoinHandle<Result<(), StoreError>>,
}

impl<S: Store> Writer<S> {
    pub(super) fn new(store: Arc<S>, path: PathBuf, most: u64, counts: Arc<Counts>) -> Writer<S> {
        let now = Instant::now();
        Writer {
            store,
            counts,
            path,
            most,
            spool: None,
            spool_again: now,
            spool_fails: false,
            gathered: Vec::new(),
            since: now,
            flight: None,
            grounded: None,
            spooled_last: false,
            away: None,
        }
    }

    /// Runs until it is told to stop, then writes what is left.
    pub(super) async fn run(
        mut self,
        mut incoming: mpsc::Receiver<Write>,
        stop: CancellationToken,
    ) {
        loop {
            let (before, idle) = (self.gathered.len(), self.is_idle());
            tokio::select! {
                came = incoming.recv_many(&mut self.gathered, BATCH) => {
                    if came == 0 {
                        break;
                    }
                    if before == 0 {
                        self.since = Instant::now();
                    }
                    self.conceal_from(before);
                }
                () = sleep(TICK), if !idle => {}
                () = stop.cancelled() => break,
            }
            self.land().await;
            self.step().await;
        }
        incoming.close();
        let before = self.gathered.len();
        while incoming.recv_many(&mut self.gathered, BATCH).await > 0 {}
        self.conceal_from(before);
        self.end().await;
    }

    fn is_idle(&self) -> bool {
        let waits = self.counts.spool_bytes.load(Ordering::Relaxed) > 0
            || (self.spool.is_none() && self.spool_again <= Instant::now());
        self.gathered.is_empty() && self.flight.is_none() && self.grounded.is_none() && !waits
    }

    /// From here on a write may lie on disk.
    fn conceal_from(&mut self, first: usize) {
        self.gathered.iter_mut().skip(first).for_each(|write| self.store.conceal(write));
    }

    /// Whatever is due.
    async fn step(&mut self) {
        let now = Instant::now();
        let may_try = self.away.as_ref().is_none_or(|away| away.again <= now);
        if self.flight.is_none() && may_try {
            self.launch().await;
        }
        let is_ripe = self.is_ripe(now);
        let is_slow = self.flight.as_ref().is_some_and(|flight| now - flight.since > SLOW);
        if is_ripe && (self.away.is_some() || is_slow || self.gathered.len() > CROWD) {
            self.spool_gathered().await;
        }
    }

    fn is_ripe(&self, now: Instant) -> bool {
        self.gathered.len() >= BATCH
            || (!self.gathered.is_empty() && now.duration_since(self.since) >= LINGER)
    }

    /// Sends the next batch: fresh ones and those from the spool in turn.
    async fn launch(&mut self) {
        let ripe = self.is_ripe(Instant::now());
        let batch = match self.grounded.take() {
            Some(batch) => batch,
            None if self.spooled_last && ripe => Arc::new(Batch::fresh(self.take_gathered())),
            None => match self.spool_head().await {
                Some(head) => Arc::new(Batch { writes: head.batch, spooled: Some(head.end) }),
                None if ripe => Arc::new(Batch::fresh(self.take_gathered())),
                None => return,
            },
        };
        self.spooled_last = batch.spooled.is_some();
        let (store, under_way) = (Arc::clone(&self.store), Arc::clone(&batch));
        let outcome = tokio::spawn(async move {
            let late = || StoreError::Away(format!("no answer within {PATIENCE:?}"));
            let outcome = timeout(PATIENCE, store.write(&under_way.writes)).await;
            outcome.unwrap_or_else(|_| Err(late()))
        });
        self.flight = Some(Flight { since: Instant::now(), batch, outcome });
    }

    /// One batch of what was gathered.
    fn take_gathered(&mut self) -> Vec<Write> {
        let rest = self.gathered.split_off(self.gathered.len().min(BATCH));
        std::mem::replace(&mut self.gathered, rest)
    }

    /// Sees to the batch under way, if it is back.
    async fn land(&mut self) {
        let Some(flight) = self.flight.take_if(|flight| flight.outcome.is_finished()) else {
            return;
        };
        match flight.outcome.await {
            Ok(Ok(())) => self.written(&flight.batch).await,
            Ok(Err(error)) => self.refused(flight.batch, &error).await,
            Err(panic) => self.refused(flight.batch, &StoreError::Broken(panic.to_string())).await,
        }
    }

    async fn written(&mut self, batch: &Batch) {
        self.counts.written.fetch_add(batch.writes.len() as u64, Ordering::Relaxed);
        if let Some(away) = self.away.take() {
            let left_out = self.counts.left_out.load(Ordering::Relaxed);
            info!(
                "the store answers again after {} s; {} bytes that waited are written now, {left_out} \
                 writes were left out since the start",
                away.since.elapsed().as_secs(),
                self.counts.spool_bytes.load(Ordering::Relaxed),
            );
            self.counts.away.store(0, Ordering::Relaxed);
        }
        if let Some(end) = batch.spooled {
            self.with_spool(move |spool| spool.done(end)).await;
        }
    }

    async fn refused(&mut self, batch: Arc<Batch>, error: &StoreError) {
        let now = Instant::now();
        match &mut self.away {
            Some(away) => {
                away.pause = (away.pause * 2).min(LONGEST_PAUSE);
                away.again = now + away.pause;
            }
            None => {
                match error {
                    StoreError::Away(_) => {
                        warn!("{error}; what comes waits in {}", self.path.display())
                    }
                    _ => error!("{error}; what comes waits in {}", self.path.display()),
                }
                let (again, pause) = (now + FIRST_PAUSE, FIRST_PAUSE);
                self.away = Some(Away { since: now, again, pause });
                self.counts.away.store(1, Ordering::Relaxed);
            }
        }
        if batch.spooled.is_none() && !self.spool(&batch).await {
            self.grounded = Some(batch);
        }
    }

    /// Puts what was gathered on disk; what finds no room waits in memory, up to a bound.
    async fn spool_gathered(&mut self) {
        let batch = Arc::new(Batch::fresh(self.take_gathered()));
        if self.spool(&batch).await {
            self.since = Instant::now();
            return;
        }
        if let Some(batch) = Arc::into_inner(batch) {
            self.gathered.splice(..0, batch.writes);
        }
        let beyond = self.gathered.len().saturating_sub(CROWD);
        self.gathered.truncate(CROWD);
        self.leave_out(beyond);
    }

    fn leave_out(&self, writes: usize) {
        let before = self.counts.left_out.fetch_add(writes as u64, Ordering::Relaxed);
        if writes > 0 && before == 0 {
            error!("no room for what waits for the store: the newest is left out from now on");
        }
    }

    /// Appends a batch to the spool; `false` where that cannot be done now.
    async fn spool(&mut self, batch: &Arc<Batch>) -> bool {
        if Instant::now() < self.spool_again {
            return false;
        }
        let line = Arc::clone(batch);
        let taken = self.with_spool(move |spool| spool.append(&line.writes)).await;
        match taken {
            Some(true) => {
                self.counts.spooled.fetch_add(batch.writes.len() as u64, Ordering::Relaxed);
            }
            Some(false) => self.spool_again = Instant::now() + SPOOL_PAUSE,
            None => {}
        }
        taken == Some(true)
    }

    async fn spool_head(&mut self) -> Option<Head> {
        let is_empty = self.counts.spool_bytes.load(Ordering::Relaxed) == 0;
        if (self.spool.is_some() && is_empty) || Instant::now() < self.spool_again {
            return None;
        }
        self.with_spool(Spool::next).await.flatten()
    }

    /// Does something with the spool where disks may be waited for; `None` where it failed.
    async fn with_spool<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Spool) -> io::Result<T> + Send + 'static,
    ) -> Option<T> {
        let (known, path, most) = (self.spool.clone(), self.path.clone(), self.most);
        let done = tokio::task::spawn_blocking(move || {
            let spool = match known {
                Some(spool) => spool,
                None => Arc::new(Mutex::new(Spool::open(&path, most)?)),
            };
            let mut open = spool.lock().unwrap_or_else(PoisonError::into_inner);
            let outcome = work(&mut open);
            let waiting = open.waiting();
            drop(open);
            Ok((spool, outcome, waiting))
        });
        let outcome = match done.await.unwrap_or_else(|e| Err(io::Error::other(e))) {
            Ok((spool, outcome, waiting)) => {
                self.spool = Some(spool);
                self.counts.spool_bytes.store(waiting, Ordering::Relaxed);
                outcome
            }
            Err(error) => Err(error),
        };
        if let Err(error) = &outcome {
            self.spool_again = Instant::now() + SPOOL_PAUSE;
            if !self.spool_fails {
                error!(
                    "{}: {error}; what waits for the store waits in memory",
                    self.path.display()
                );
            }
        }
        self.spool_fails = outcome.is_err();
        outcome.ok()
    }

    fn next_at_the_end(&mut self) -> Option<Arc<Batch>> {
        let is_left = !self.gathered.is_empty();
        is_left.then(|| Arc::new(Batch::fresh(self.take_gathered())))
    }

    /// Writes what is left: to the store where it answers, else into the spool.
    async fn end(&mut self) {
        if let Some(flight) = &self.flight {
            let back = async {
                while !flight.outcome.is_finished() {
                    sleep(TICK).await;
                }
            };
            let is_back = timeout(LAST_FLIGHT, back).await.is_ok();
            self.land().await;
            if !is_back && let Some(flight) = self.flight.take() {
                flight.outcome.abort();
                let late = StoreError::Away(format!("no answer within {LAST_FLIGHT:?}"));
                self.refused(flight.batch, &late).await;
            }
        }
        let grounded = self.grounded.take();
        let mut next = grounded.or_else(|| self.next_at_the_end());
        while let Some(batch) = next {
            if self.away.is_none() {
                match timeout(LAST_FLIGHT, self.store.write(&batch.writes)).await {
                    Ok(Ok(())) => self.written(&batch).await,
                    Ok(Err(error)) => self.refused(batch, &error).await,
                    Err(_) => {
                        let late = StoreError::Away(format!("no answer within {LAST_FLIGHT:?}"));
                        self.refused(batch, &late).await;
                    }
                }
            } else {
                self.grounded = Some(batch);
            }
            if let Some(batch) = self.grounded.take() {
                self.spool_again = Instant::now();
                if batch.spooled.is_none() && !self.spool(&batch).await {
                    self.leave_out(batch.writes.len());
                }
            }
            next = self.next_at_the_end();
        }
        let (spooled, left_out) = (&self.counts.spool_bytes, &self.counts.left_out);
        let (spooled, left_out) =
            (spooled.load(Ordering::Relaxed), left_out.load(Ordering::Relaxed));
        if spooled > 0 || left_out > 0 {
            warn!(
                "stopped with {spooled} bytes for the store in {}; {left_out} writes were left out",
                self.path.display()
            );
        }
    }
}

impl Batch {
    fn fresh(writes: Vec<Write>) -> Batch {
        Batch { writes, spooled: None }
    }
}

/// How often what waits is looked at.
const TICK: Duration = Duration::from_millis(20);

/// Between the first two tries of a store that is away; then twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Between tries at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Until a spool that failed is tried again.
const SPOOL_PAUSE: Duration = Duration::from_secs(2);

/// Writes gathered beyond which the spool takes some, or nothing does.
const CROWD: usize = 8192;

/// How long the last batches may take.
const LAST_FLIGHT: Duration = Duration::from_secs(3);
