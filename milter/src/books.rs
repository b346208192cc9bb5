//! What outlives a mail: memory, the audit log, numbers, mails of our own.
//!
//! Way in: [`Books::open`] when the milter starts, [`Books::enter`] for each judged mail,
//! [`Books::stop`] at the end. Invariant: no mail waits for any of it or fails with it. A store that
//! cannot be opened, a full disk or a lost mail server cost an answer "unknown", a spool file or a
//! line in the log.

mod clerk;
mod deskwork;
mod digest;

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use sekisho_config::Settings;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::audit::{self, Audit, subject};
use crate::commands::{Asked, Seals};
use crate::filter::Filter;
use crate::holdd::client::Client;
use crate::holds::keeper::Keeper;
use crate::metrics::Metrics;
use crate::notice::admin::{Bundle, ROUND};
use crate::notice::{self, Notice, Outbox};
use crate::record::{Deed, Event, Record};
use crate::recording::{host, with_offset};
use crate::reported::Report;
use crate::state_dir::state_dir;
use crate::store::queue::Queue;
use crate::store::recall::Recall;
use crate::store::{Hold, Memory, Write, retention};
use clerk::Clerk;
use deskwork::{Desk, Hands};

/// Everything that is kept and told of mails.
pub struct Books {
    hands: Hands,
    recall: Option<Arc<Recall<Memory>>>,
    metrics: Arc<Metrics>,
    bundle: Arc<Bundle>,
    /// `None` where nothing is held that anybody could decide about.
    clerk: Option<Arc<Clerk>>,
    report_places: Arc<Semaphore>,
    stop: CancellationToken,
}

/// One judged mail, as it goes into the books.
pub struct Entry {
    /// What is written down.
    pub record: Record,
    /// What is remembered of it beside the record.
    pub learned: Vec<Write>,
    /// The hold it is put on.
    pub hold: Option<Hold>,
}

impl Books {
    /// Opens all that `settings` name and starts the tasks that serve it. Offline there is no store.
    /// What cannot be opened is told and done without: mail comes first.
    pub async fn open(settings: &Settings, offline: bool) -> Books {
        let shared = Arc::new(ArcSwap::from_pointee(settings.clone()));
        let stop = CancellationToken::new();
        let outbox = Arc::new(Outbox::start());
        let audit = open_audit(settings, &shared, &outbox).await;
        let memory = if offline { None } else { memory(settings) };
        let (mut recall, mut clerk) = (None, None);
        let mut hands = Hands { settings: shared.clone(), queue: None, audit, outbox, seals: None };
        if let Some(store) = memory {
            if let Err(why) = store.open().await {
                warn!("the store {store} cannot be opened yet, history is unknown: {why}");
            }
            let spool = state_dir(settings).join("spool");
            let kept = &settings.store;
            recall = Some(Arc::new(Recall::new(store.clone(), kept.deadline, kept.cache)));
            let writing = Arc::new(Queue::start(store.clone(), spool, kept.spool));
            hands.queue = Some(writing);
            hands.seals = seals(settings);
            let desk = Desk::new(hands.clone());
            let client = Client::new(&settings.hold.holdd);
            clerk = hands
                .seals
                .is_some()
                .then(|| Clerk::new(store.clone(), client.clone(), hands.clone()));
            let keeper =
                Keeper::new(store.clone(), client, desk, host().to_owned(), &settings.hold);
            tokio::spawn(keeper.keep(stop.clone()));
            let telling = digest::keep_telling(store.clone(), hands.clone());
            tokio::spawn(stop.clone().run_until_cancelled_owned(telling));
            let asked = shared;
            let retained = move || asked.load().store.retention;
            tokio::spawn(retention::run(store, retained, stop.clone()));
        }
        let books = Books {
            hands,
            recall,
            metrics: Arc::new(Metrics::default()),
            bundle: Arc::new(Bundle::default()),
            clerk,
            report_places: Arc::new(Semaphore::new(REPORTS_AT_ONCE)),
            stop,
        };
        books.look_round();
        books.event(Deed::Started, "", settings.filter.mode.name());
        books
    }

    /// What mail is told of the past by.
    pub fn recall(&self) -> Option<Arc<Recall<Memory>>> {
        self.recall.clone()
    }

    /// The numbers.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Whether records are kept anywhere, so that files are worth hashing.
    pub fn keeps_records(&self) -> bool {
        self.hands.audit.is_some() || self.hands.queue.is_some()
    }

    /// Other settings are in force from now on. Where things are kept needs a restart.
    pub fn exchange(&self, settings: &Settings) {
        self.hands.settings.store(Arc::new(settings.clone()));
    }

    /// Enters one judged mail everywhere. Returns at once.
    pub fn enter(&self, entry: Entry) {
        let Entry { mut record, learned, mut hold } = entry;
        let settings = self.hands.settings.load();
        self.metrics.judged(&record);
        if let Some(notice) = self.bundle.tell(&record, &settings, Instant::now()) {
            self.send(notice);
        }
        // People concerned were told the subject; what is kept shows of it what the settings allow.
        record.subject = subject::kept(settings.records.subject, &record.subject);
        if let Some(hold) = &mut hold {
            hold.subject.clone_from(&record.subject);
        }
        if let Some(audit) = &self.hands.audit {
            audit.append_record(&record);
        }
        if let Some(hold) = &hold {
            self.event(Deed::Held, &hold.id, hold.reason.name());
        }
        if let Some(queue) = &self.hands.queue {
            learned.into_iter().for_each(|write| queue.write(write));
            queue.write(Write::Record(Box::new(record)));
            if let Some(hold) = hold {
                queue.write(Write::Hold(Box::new(hold)));
            }
        }
    }

    /// Sends a mail of ours. Returns at once.
    pub fn send(&self, notice: Notice) {
        self.hands.outbox.send(&self.hands.settings.load(), notice);
    }

    /// What notices about holds are sealed with; `None` where they offer nothing.
    pub fn seals(&self) -> Option<&Seals> {
        self.hands.seals.as_ref()
    }

    /// Does what a mail of ours asks about a held mail. Returns at once.
    pub fn command(&self, asked: Asked) {
        match &self.clerk {
            Some(clerk) => clerk.take(asked),
            None => warn!("a command by mail was not heard: no holds are kept"),
        }
    }

    /// Has mails judged again that a member of staff reported. Returns at once.
    pub fn report(&self, filter: Arc<Filter>, report: Report) {
        let hands = self.hands.clone();
        let place = self.report_places.clone().try_acquire_owned();
        tokio::spawn(async move {
            let report = if place.is_ok() { report } else { report.unread() };
            let filed = report.judged(&filter).await;
            filed.events().into_iter().for_each(|event| hands.write_down(event));
            let settings = hands.settings.load_full();
            if let Some(notice) = notice::reported::notice(&filed, &settings) {
                hands.outbox.send(&settings, notice);
            }
        });
    }

    /// Writes down what the program did.
    pub fn event(&self, what: Deed, subject: &str, note: &str) {
        self.hands.write_down(event("sekisho", what, subject, note));
    }

    /// Writes what waits and closes everything.
    pub async fn stop(&self) {
        self.event(Deed::Stopped, "", "");
        self.stop.cancel();
        if let Some(queue) = &self.hands.queue {
            queue.stop().await;
        }
        if let Some(audit) = self.hands.audit.clone() {
            // It waits for its thread, which may wait for a disk.
            let _ = tokio::task::spawn_blocking(move || audit.stop()).await;
        }
    }

    /// Every few seconds: tells the administrators of what was counted, and how writing does.
    fn look_round(&self) {
        let (hands, metrics, bundle) =
            (self.hands.clone(), self.metrics.clone(), self.bundle.clone());
        let stop = self.stop.clone();
        tokio::spawn(stop.run_until_cancelled_owned(async move {
            loop {
                tokio::time::sleep(ROUND).await;
                if let Some(queue) = &hands.queue {
                    metrics.set_store(queue.counts());
                }
                if let Some(audit) = &hands.audit {
                    metrics.set_audit_lost(audit.lost());
                }
                let settings = hands.settings.load_full();
                for notice in bundle.due(&settings, Instant::now()) {
                    hands.outbox.send(&settings, notice);
                }
            }
        }));
    }
}

/// Reports whose mails are judged again at once; of others it is only written that they came.
const REPORTS_AT_ONCE: usize = 4;

/// Something that was done, now.
pub fn event(who: &str, what: Deed, subject: &str, note: &str) -> Event {
    let now = Timestamp::now();
    Event {
        at_ms: now.as_millisecond(),
        time: with_offset(now),
        host: host().to_owned(),
        who: who.to_owned(),
        what,
        subject: subject.to_owned(),
        note: note.to_owned(),
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn seals(settings: &Settings) -> Option<Seals> {
    let opened = Seals::open(&state_dir(settings));
    opened.inspect_err(|why| error!("notices offer no commands, their key failed: {why}")).ok()
}

fn memory(settings: &Settings) -> Option<Arc<Memory>> {
    match Memory::new(&settings.store, &state_dir(settings)) {
        Ok(store) => {
            info!("memory is in {store}");
            Some(Arc::new(store))
        }
        Err(why) => {
            error!("nothing is remembered until a restart: {why}");
            None
        }
    }
}

async fn open_audit(
    settings: &Settings,
    shared: &Arc<ArcSwap<Settings>>,
    outbox: &Arc<Outbox>,
) -> Option<Arc<Audit>> {
    let options = audit::Options::new(settings, host());
    let mut destinations = audit::destinations(settings);
    if settings.records.anchors.mail.is_some() {
        destinations.push(Box::new(deskwork::AnchorMail::new(shared.clone(), outbox.clone())));
    }
    // It reads and repairs the last file, which may be large.
    let opened = tokio::task::spawn_blocking(|| Audit::open(options, destinations)).await;
    match opened {
        Ok(Ok(audit)) => Some(Arc::new(audit)),
        Ok(Err(why)) => {
            error!("no audit log is written: {why}");
            None
        }
        Err(why) => {
            error!("no audit log is written: {why}");
            None
        }
    }
}
