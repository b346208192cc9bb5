//! The audit log: every judged mail and every deed, as evidence (clauses log-kept, log-protected).
//!
//! A folder of JSON lines, each linked to the one before by its hash ([`entry`]), one file a day
//! ([`files`]), read by [`verify`] and [`search`]. Way in: [`Audit::open`], then
//! [`Audit::append_record`] and [`Audit::append_event`], then [`Audit::stop`].
//!
//! - *Mail never waits.* Appending puts bytes into a bounded queue or, where that is full, counts a
//!   loss; a thread of its own writes. The disk full: the queue waits for room, what does not fit
//!   into it is lost, and how much was lost is itself an entry as soon as there is room.
//! - *How much a crash costs.* A killed program loses what is in the queue, a failed power supply
//!   also what was written within the last second: files are synced every second while something
//!   is written, when a file is closed, before an anchor is told, and at the end.
//! - *One writer.* A lock file; a second process gets [`OpenError::Busy`].
//! - *Who can change it.* Somebody who may write the files can compute the chain anew. That, and a
//!   cut at the end, is seen only against anchors told to somebody else ([`anchor`]). The copies
//!   in the folder's own file `anchors` catch accidents and the careless, not an attacker.
//! - *Time.* An entry is in the file of the local day on which it was written; where the clock
//!   jumps to another day, a new file is begun behind the present one. Jumps are entries.

pub mod anchor;
mod clock;
pub mod entry;
mod files;
mod keeper;
mod recover;
mod retention;
pub mod search;
pub mod subject;
pub mod verify;
mod writer;

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::tz::TimeZone;
use sekisho_config::Settings;
use tracing::warn;

use crate::record::{Event, Record};
use crate::state_dir::state_dir;
use anchor::{AnchorFile, Destination, Syslog};
pub use clock::{Clock, HostClock, Moment};
use entry::Head;
use files::FILE_MODE;
use keeper::Keeper;
use writer::Writer;

/// How a log is written.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its folder; made if missing.
    pub dir: PathBuf,
    /// Group of the folder and its files, by name or number; `None` leaves the process's own.
    pub group: Option<String>,
    /// Host that writes, for anchors and files.
    pub host: String,
    /// Days for which closed files are kept.
    pub keep_days: u16,
    /// Compress closed files.
    pub compress: bool,
    /// How often anchors are told; also when a file is closed, at the start and at the end.
    pub anchor_every: Duration,
    /// Entries that may wait.
    pub waiting: usize,
    /// Bytes of them.
    pub waiting_bytes: usize,
    /// Whose days the files are.
    pub zone: TimeZone,
}

impl Options {
    /// As the settings say.
    pub fn new(settings: &Settings, host: &str) -> Options {
        let records = &settings.records;
        Options {
            dir: folder(settings),
            group: records.group.clone(),
            host: host.to_owned(),
            keep_days: records.days(settings.outbound.profile),
            compress: records.compress,
            anchor_every: records.anchors.every,
            waiting: 20_000,
            waiting_bytes: 64 << 20,
            zone: TimeZone::system(),
        }
    }
}

/// The folder of the audit log.
pub fn folder(settings: &Settings) -> PathBuf {
    settings.records.directory.clone().unwrap_or_else(|| state_dir(settings).join("audit"))
}

/// Who is told anchors by the settings, mail left out.
pub fn destinations(settings: &Settings) -> Vec<Box<dyn Destination>> {
    let anchors = &settings.records.anchors;
    let mut all: Vec<Box<dyn Destination>> = Vec::new();
    if anchors.syslog {
        all.push(Box::new(Syslog::default()));
    }
    if let Some(file) = &anchors.file {
        all.push(Box::new(AnchorFile(file.clone())));
    }
    all
}

/// An audit log that is open for writing. Shared by reference; dropped, it stops.
pub struct Audit {
    queue: SyncSender<Waiting>,
    shared: Arc<Shared>,
    limit: usize,
    writing: Mutex<Option<JoinHandle<()>>>,
}

/// Why a log cannot be written.
#[derive(Debug)]
pub enum OpenError {
    /// Another process writes it.
    Busy {
        /// The folder.
        dir: PathBuf,
        /// Process id of the other, if it could be read.
        process: Option<u32>,
    },
    /// Something could not be made, read or repaired: what, and what the system said.
    Io(String, io::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Busy { dir, process } => {
                write!(f, "the audit log {} is being written by ", dir.display())?;
                match process {
                    Some(id) => write!(f, "process {id}; stop it, or name another folder"),
                    None => write!(f, "another process; stop it, or name another folder"),
                }
            }
            OpenError::Io(what, error) => write!(f, "audit log: {what}: {error}"),
        }
    }
}

impl std::error::Error for OpenError {}

/// An entry that waits to be written.
enum Waiting {
    Event(Vec<u8>, i64),
    Record(Vec<u8>, i64),
    /// Look whether to stop.
    Wake,
}

/// What the writing thread and those who append both know.
#[derive(Default)]
struct Shared {
    /// Bytes that wait.
    bytes: AtomicUsize,
    stopping: AtomicBool,
    lost: Mutex<Losses>,
    head: Mutex<Head>,
}

/// Entries that were lost, those that the log tells of already left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Losses {
    records: u64,
    events: u64,
    first_ms: i64,
    last_ms: i64,
    /// All since the start.
    ever: u64,
}

impl Audit {
    /// Opens the log: makes its folder, repairs what a crash left, goes on with the chain. Anchors
    /// go to `destinations` and into the folder itself.
    pub fn open(
        options: Options,
        destinations: Vec<Box<dyn Destination>>,
    ) -> Result<Audit, OpenError> {
        Audit::open_at(options, destinations, Box::new(HostClock::default()))
    }

    /// The same by another clock.
    pub fn open_at(
        options: Options,
        mut destinations: Vec<Box<dyn Destination>>,
        clock: Box<dyn Clock>,
    ) -> Result<Audit, OpenError> {
        let dir = options.dir.clone();
        let shown = dir.display().to_string();
        let failed = |what: &str| {
            let what = format!("{what} {shown}");
            move |error| OpenError::Io(what, error)
        };
        let group = options.group.as_deref().map(crate::socket::group_id).transpose();
        let group = group.map_err(failed("group for"))?;
        files::make_folder(&dir, group).map_err(failed("cannot make"))?;
        let lock = lock(&dir)?;
        destinations.insert(0, Box::new(AnchorFile(dir.join(ANCHORS))));
        let shared = Arc::<Shared>::default();
        let limit = options.waiting_bytes;
        let (queue, waiting) = sync_channel(options.waiting);
        let keeper = Keeper::start(dir.clone(), destinations).map_err(failed("thread for"))?;
        let writer = Writer::new(options, clock, keeper, Arc::clone(&shared), lock)
            .map_err(failed("cannot go on with"))?;
        let writing = std::thread::Builder::new()
            .name("audit".into())
            .spawn(move || writer.run(&waiting))
            .map_err(failed("thread for"))?;
        Ok(Audit { queue, shared, limit, writing: Mutex::new(Some(writing)) })
    }

    /// Appends the record of a judged mail. `false` where it is lost; the log will tell.
    pub fn append_record(&self, record: &Record) -> bool {
        let waiting = entry::tagged_record(record)
            .or_else(|| entry::tagged_record(&shortened(record)))
            .map(|tagged| Waiting::Record(tagged, record.at_ms));
        self.append(waiting, (1, 0), record.at_ms)
    }

    /// Appends an event. `false` where it is lost; the log will tell.
    pub fn append_event(&self, event: &Event) -> bool {
        let waiting = entry::tagged_event(event).map(|t| Waiting::Event(t, event.at_ms));
        self.append(waiting, (0, 1), event.at_ms)
    }

    /// Entries that were lost since the log was opened.
    pub fn lost(&self) -> u64 {
        self.shared.losses(|losses| losses.ever)
    }

    /// The last entry that was written.
    pub fn head(&self) -> Head {
        *self.shared.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits, tells a last anchor, and ends. Where there is no room, what waits is
    /// lost. Appending afterwards loses too.
    pub fn stop(&self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // A full queue needs no waking.
        let _ = self.queue.try_send(Waiting::Wake);
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writing) = writing
            && writing.join().is_err()
        {
            warn!("audit log: its thread failed");
        }
    }

    fn append(&self, waiting: Option<Waiting>, counts: (u64, u64), at_ms: i64) -> bool {
        let lose = || {
            self.shared.lose(counts, at_ms);
            false
        };
        let Some(waiting) = waiting else { return lose() };
        let length = waiting.length();
        let before = self.shared.bytes.fetch_add(length, Ordering::SeqCst);
        let room = before.saturating_add(length) <= self.limit;
        let stopping = self.shared.stopping.load(Ordering::SeqCst);
        if stopping || !room || self.queue.try_send(waiting).is_err() {
            self.shared.bytes.fetch_sub(length, Ordering::SeqCst);
            return lose();
        }
        true
    }
}

impl Drop for Audit {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Waiting {
    fn length(&self) -> usize {
        match self {
            Waiting::Event(tagged, _) | Waiting::Record(tagged, _) => tagged.len(),
            Waiting::Wake => 0,
        }
    }
}

impl Shared {
    fn losses<T>(&self, look: impl FnOnce(&mut Losses) -> T) -> T {
        look(&mut self.lost.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn lose(&self, (records, events): (u64, u64), at_ms: i64) {
        self.losses(|losses| {
            if losses.records == 0 && losses.events == 0 {
                losses.first_ms = at_ms;
            }
            losses.last_ms = at_ms;
            losses.records = losses.records.saturating_add(records);
            losses.events = losses.events.saturating_add(events);
            losses.ever = losses.ever.saturating_add(1);
        });
    }
}

/// Takes the lock of a folder, for as long as the file lives.
fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join(LOCK);
    let failed = |error| OpenError::Io(format!("lock file {}", path.display()), error);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(FILE_MODE);
    let mut file = options.open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let _ = file.take(32).read_to_string(&mut text);
            return Err(OpenError::Busy { dir: dir.to_owned(), process: text.trim().parse().ok() });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    // For the message to others alone: a full disk shall not keep us from going on.
    let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(file)
}

/// Whether somebody writes the log of a folder now.
fn is_locked(dir: &Path) -> bool {
    let file = File::open(dir.join(LOCK));
    file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// A record that was too long for a line, with as much as surely fits.
fn shortened(record: &Record) -> Record {
    let mut short = record.clone();
    short.problems.clear();
    short.problems.push(format!(
        "shortened in the audit log: {} recipients, {} attachments, {} findings",
        record.recipients.len(),
        record.attachments.len(),
        record.findings.len()
    ));
    short.recipients.truncate(1000);
    short.attachments.truncate(500);
    short.findings.truncate(200);
    short.actions.truncate(100);
    let texts = [&mut short.mail_from, &mut short.from, &mut short.message_id, &mut short.subject];
    let lists = short.recipients.iter_mut().chain(&mut short.actions);
    let files = short.attachments.iter_mut().map(|file| &mut file.name);
    let evidence = short.findings.iter_mut().map(|found| &mut found.evidence);
    for text in texts.into_iter().chain(lists).chain(files).chain(evidence) {
        text.truncate(text.floor_char_boundary(500));
    }
    short
}

/// The folder's own copy of the anchors.
const ANCHORS: &str = "anchors";

const LOCK: &str = "lock";

#[cfg(test)]
pub(crate) mod tests;
