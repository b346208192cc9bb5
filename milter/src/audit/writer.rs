//! The thread that writes: one entry after the other, one file a day.
//!
//! Way in: [`Writer::run`]. Invariants: a file ends with a whole line whenever no write is under
//! way, for what a failed write left is cut off before the next; the head moves on only when a line
//! is whole. When writing fails, the same entry is tried again until there is room or the log is
//! stopped; meanwhile others wait in the queue.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind::{NotFound, QuotaExceeded, StorageFull};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use jiff::{Timestamp, Zoned};
use tracing::{error, info, warn};

use super::anchor::Anchor;
use super::clock::{BOUND_MS, Clock, Moment, Watch};
use super::entry::{Closed, Head, Lost, Opened, Own, Torn, tagged};
use super::files::{self, Name};
use super::keeper::Keeper;
use super::recover::recover;
use super::{Options, Shared, Waiting, retention};
use crate::record::{Deed, Event};

pub(super) struct Writer {
    options: Options,
    clock: Box<dyn Clock>,
    watch: Watch,
    /// By how many milliseconds it jumped, not told yet.
    jumped_by: i64,
    /// The clock was ahead of itself once: no file is deleted by its word.
    jumped_ahead: bool,
    keeper: Keeper,
    shared: Arc<Shared>,
    head: Head,
    file: Option<Current>,
    /// Head of the last anchor, and when it was told.
    anchored: (Head, Duration),
    synced: Duration,
    /// What the log has to say about itself as soon as there is room.
    untold: Vec<Own>,
    /// Writing failed the last time.
    in_trouble: bool,
    /// Held for as long as we write.
    _lock: File,
}

/// The file that is written.
struct Current {
    file: File,
    name: Name,
    /// Up to the last line feed.
    length: u64,
    /// Longer than that: a write failed in the middle.
    torn: bool,
    /// Something in it may not be on the disk yet.
    dirty: bool,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Made; its first line is not written yet.
    New,
    /// Takes entries.
    Open,
    /// Its last line is written, or it shall have none because its end is damaged.
    Closed,
}

impl Writer {
    /// Goes on with the log of a folder; what a crash left is repaired and told.
    pub(super) fn new(
        options: Options,
        mut clock: Box<dyn Clock>,
        keeper: Keeper,
        shared: Arc<Shared>,
        lock: File,
    ) -> io::Result<Writer> {
        let dir = &options.dir;
        let listing = files::list(dir)?;
        for part in &listing.unfinished {
            fs::remove_file(part)?;
        }
        let found = recover(dir, &listing)?;
        let file = match found.last {
            Some(last) if last.open => Some(Current {
                file: OpenOptions::new().append(true).open(last.name.plain(dir))?,
                name: last.name,
                length: last.length,
                torn: false,
                dirty: false,
                state: State::Open,
            }),
            _ => None,
        };
        let now = clock.now();
        let mut writer = Writer {
            options,
            clock,
            watch: Watch::new(now),
            jumped_by: 0,
            jumped_ahead: false,
            keeper,
            shared,
            head: found.head,
            file,
            anchored: (found.head, now.steady),
            synced: now.steady,
            untold: found.torn.map(Own::Torn).into_iter().collect(),
            in_trouble: false,
            _lock: lock,
        };
        match writer.begin(now, found.at.as_deref()) {
            // Mail goes on, and so do we: there may be room later.
            Err(error) if matches!(error.kind(), StorageFull | QuotaExceeded) => {
                writer.complain(&error);
            }
            begun => begun?,
        }
        Ok(writer)
    }

    /// The first entries, which also show that the folder can be written.
    fn begin(&mut self, now: Moment, last: Option<&str>) -> io::Result<()> {
        let ended = last.and_then(|at| at.parse::<Timestamp>().ok());
        let ahead = ended.map_or(0, |at| at.as_millisecond().saturating_sub(now.wall_ms));
        if ahead >= BOUND_MS {
            self.jumped_by = ahead.saturating_neg();
        }
        self.tell_untold(now)?;
        if self.jumped_by != 0 {
            self.tell_jump(now, "while the program was not running")?;
        }
        self.ready(now)?;
        self.pack_and_retire(now);
        self.anchor(now);
        Ok(())
    }

    /// Writes what comes until told to stop.
    pub(super) fn run(mut self, queue: &Receiver<Waiting>) {
        loop {
            match queue.recv_timeout(TICK) {
                Ok(waiting) => self.take(waiting),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.is_stopping() {
                break;
            }
            self.tick();
        }
        while let Ok(waiting) = queue.try_recv() {
            self.take(waiting);
        }
        let now = self.clock.now();
        self.tell_losses(now);
        self.anchor(now);
        self.keeper.stop();
        let unsaid = self.shared.losses(|losses| losses.records + losses.events);
        if unsaid > 0 {
            error!(
                "audit log: {unsaid} entries are lost, and there was no room to write that down"
            );
        }
    }

    fn take(&mut self, waiting: Waiting) {
        let length = waiting.length();
        let (tagged, at_ms, counts) = match waiting {
            Waiting::Event(tagged, at_ms) => (tagged, at_ms, (0, 1)),
            Waiting::Record(tagged, at_ms) => (tagged, at_ms, (1, 0)),
            Waiting::Wake => return,
        };
        loop {
            let now = self.clock.now();
            match self.write_entry(now, &tagged) {
                Ok(()) => break,
                Err(error) => {
                    self.complain(&error);
                    if self.is_stopping() {
                        self.shared.lose(counts, at_ms);
                        break;
                    }
                    std::thread::sleep(RETRY);
                }
            }
        }
        self.shared.bytes.fetch_sub(length, Ordering::SeqCst);
    }

    /// What is due by time: jumps, the next day, losses, syncing, anchors.
    fn tick(&mut self) {
        let now = self.clock.now();
        if now.steady.saturating_sub(self.synced) < TICK {
            return;
        }
        self.look_at_file();
        let looked = self.tell_untold(now).and_then(|()| self.look_at_clock(now));
        if let Err(error) = looked.and_then(|()| self.ready(now)) {
            self.synced = now.steady;
            return self.complain(&error);
        }
        self.tell_losses(now);
        self.sync(now);
        if now.steady.saturating_sub(self.anchored.1) >= self.options.anchor_every {
            self.anchor(now);
        }
    }

    fn write_entry(&mut self, now: Moment, tagged: &[u8]) -> io::Result<()> {
        self.tell_untold(now)?;
        self.look_at_clock(now)?;
        self.ready(now)?;
        let at = self.local(now);
        self.line(&at, tagged)?;
        if self.in_trouble {
            self.in_trouble = false;
            info!("audit log: written again");
        }
        Ok(())
    }

    fn write_own(&mut self, now: Moment, own: &Own) -> io::Result<()> {
        self.ready(now)?;
        let at = self.local(now);
        self.own_line(&at, own)
    }

    /// Writes what waits to be told about the log itself.
    fn tell_untold(&mut self, now: Moment) -> io::Result<()> {
        while let Some(own) = self.untold.first().cloned() {
            self.write_own(now, &own)?;
            if let Own::Torn(Torn { file, kept, .. }) = self.untold.remove(0) {
                warn!("audit log: {file} ended within a line; cut off, kept in {kept}");
            }
        }
        Ok(())
    }

    /// Leaves a file that is no longer as we wrote it: moved, deleted, cut or written to by others.
    /// It stays as it is, and the chain goes on in a new one.
    fn look_at_file(&mut self) {
        let Some(current) = &self.file else { return };
        let there = fs::metadata(current.name.plain(&self.options.dir));
        let same = match (current.file.metadata(), there) {
            (Ok(ours), Ok(there)) => {
                (ours.dev(), ours.ino()) == (there.dev(), there.ino())
                    && (ours.len() == current.length || current.torn)
            }
            _ => false,
        };
        if !same {
            error!(
                "audit log: {} was moved, deleted or changed by somebody else; a new file is begun",
                current.name
            );
            self.file = None;
        }
    }

    fn look_at_clock(&mut self, now: Moment) -> io::Result<()> {
        if let Some(by_ms) = self.watch.jump(now) {
            self.jumped_by = self.jumped_by.saturating_add(by_ms);
            self.jumped_ahead |= by_ms > 0;
        }
        if self.jumped_by == 0 { Ok(()) } else { self.tell_jump(now, "while running") }
    }

    fn tell_jump(&mut self, now: Moment, when: &str) -> io::Result<()> {
        let by_ms = self.jumped_by;
        let (way, by) = (if by_ms > 0 { "ahead" } else { "back" }, by_ms.unsigned_abs());
        let note = format!("{way} by {}.{:03} s {when}", by / 1000, by % 1000);
        warn!("audit log: the clock jumped {note}");
        let event = Event {
            at_ms: now.wall_ms,
            time: shown(&self.local(now)),
            host: self.options.host.clone(),
            who: "sekisho".to_owned(),
            what: Deed::ClockJumped,
            subject: String::new(),
            note,
        };
        self.write_own(now, &Own::Event(event))?;
        self.jumped_by = 0;
        Ok(())
    }

    /// Makes the file of the day ready to take entries.
    fn ready(&mut self, now: Moment) -> io::Result<()> {
        let at = self.local(now);
        let day = at.date();
        let fits = |file: &Current| file.name.day == day && file.state == State::Open;
        if self.file.as_ref().is_some_and(fits) {
            return Ok(());
        }
        let before = self.close(&at)?;
        if self.file.is_none() {
            let name = Name { first: self.head.seq.saturating_add(1), day };
            let file = self.create(name)?;
            let state = State::New;
            self.file = Some(Current { file, name, length: 0, torn: false, dirty: true, state });
            files::sync_folder(&self.options.dir)?;
        }
        let opened = Opened {
            file: self.file.as_ref().map(|file| file.name.to_string()).unwrap_or_default(),
            after: self.name_before().map(|name| name.to_string()).unwrap_or_default(),
            host: self.options.host.clone(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
        };
        self.own_line(&at, &Own::Opened(opened))?;
        if let Some(file) = &mut self.file {
            file.state = State::Open;
        }
        if before {
            self.pack_and_retire(now);
            self.anchor(now);
        }
        Ok(())
    }

    /// Makes a file, and the folder again if somebody took it away.
    fn create(&self, name: Name) -> io::Result<File> {
        let Options { dir, group, .. } = &self.options;
        match files::create(&name.plain(dir)) {
            Err(error) if error.kind() == NotFound => {
                let group = group.as_deref().map(crate::socket::group_id).transpose()?;
                files::make_folder(dir, group)?;
                files::create(&name.plain(dir))
            }
            made => made,
        }
    }

    /// Ends the present file unless it is one that was just made. Returns whether one ended.
    fn close(&mut self, at: &Zoned) -> io::Result<bool> {
        let Some(current) = &self.file else { return Ok(false) };
        if current.state == State::New {
            if current.name.day == at.date() {
                return Ok(true);
            }
            // Without room for its first line the day ended.
            fs::remove_file(current.name.plain(&self.options.dir))?;
            self.file = None;
            return Ok(true);
        }
        if current.state == State::Open {
            let entries = self.head.seq.saturating_add(2).saturating_sub(current.name.first);
            self.own_line(at, &Own::Closed(Closed { entries }))?;
            if let Some(file) = &mut self.file {
                file.state = State::Closed;
            }
        }
        if let Some(closed) = &mut self.file {
            closed.file.sync_all()?;
        }
        self.file = None;
        Ok(true)
    }

    /// The file before the present one.
    fn name_before(&self) -> Option<Name> {
        let listing = files::list(&self.options.dir).ok()?;
        let present = self.file.as_ref().map(|file| file.name);
        listing.files.iter().rev().map(|file| file.name).find(|name| Some(*name) != present)
    }

    fn own_line(&mut self, at: &Zoned, own: &Own) -> io::Result<()> {
        let tagged = tagged(own).ok_or_else(|| io::Error::other("too long for a line"))?;
        self.line(at, &tagged)
    }

    /// Appends one line, whole or not at all.
    fn line(&mut self, at: &Zoned, tagged: &[u8]) -> io::Result<()> {
        let Some(current) = &mut self.file else {
            return Err(io::Error::other("no file is open"));
        };
        if current.torn {
            current.file.set_len(current.length)?;
            current.torn = false;
        }
        let (line, head) = self.head.line(&shown(at), tagged);
        current.dirty = true;
        if let Err(error) = current.file.write_all(&line) {
            // The next try mends it where this one cannot.
            current.torn = current.file.set_len(current.length).is_err();
            return Err(error);
        }
        current.length = current.length.saturating_add(line.len() as u64);
        self.head = head;
        *self.shared.head.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = head;
        Ok(())
    }

    /// Writes how much was lost, if anything.
    fn tell_losses(&mut self, now: Moment) {
        let losses = self.shared.losses(|losses| *losses);
        if losses.records == 0 && losses.events == 0 {
            return;
        }
        let time = |ms| shown(&self.local(Moment { wall_ms: ms, ..now }));
        let lost = Lost {
            records: losses.records,
            events: losses.events,
            since: time(losses.first_ms),
            until: time(losses.last_ms),
        };
        match self.write_own(now, &Own::Lost(lost)) {
            Err(error) => self.complain(&error),
            Ok(()) => {
                let (records, events) = (losses.records, losses.events);
                error!("audit log: lost for want of room: {records} records, {events} events");
                self.shared.losses(|more| {
                    more.records = more.records.saturating_sub(records);
                    more.events = more.events.saturating_sub(events);
                    more.first_ms = more.last_ms;
                });
            }
        }
    }

    fn sync(&mut self, now: Moment) {
        self.synced = now.steady;
        if let Some(file) = self.file.as_mut().filter(|file| file.dirty) {
            match file.file.sync_data() {
                Ok(()) => file.dirty = false,
                Err(error) => self.complain(&error),
            }
        }
    }

    /// Tells the head to everybody outside, once it is on the disk: a power failure shall not make
    /// an anchor that was told look like a cut.
    fn anchor(&mut self, now: Moment) {
        self.sync(now);
        let synced = self.file.as_ref().is_none_or(|file| !file.dirty);
        if self.head.seq == self.anchored.0.seq || !synced {
            return;
        }
        self.anchored = (self.head, now.steady);
        let Head { seq, hash } = self.head;
        let at = shown(&self.local(now));
        self.keeper.anchor(Anchor { host: self.options.host.clone(), seq, hash, at });
    }

    /// Compresses closed files, and deletes those whose time is over.
    fn pack_and_retire(&mut self, now: Moment) {
        if let Err(error) = self.retire(now) {
            error!("audit log: old files are kept on: {error}");
        }
        let Ok(listing) = files::list(&self.options.dir) else { return };
        let present = self.file.as_ref().map(|file| file.name);
        for file in listing.files.iter().filter(|file| !file.packed && self.options.compress) {
            if Some(file.name) != present {
                self.keeper.pack(file.name);
            }
        }
    }

    /// Deletes files whose time is over, each told in the log before it goes. None at all once the
    /// clock jumped ahead.
    fn retire(&mut self, now: Moment) -> io::Result<()> {
        if self.jumped_ahead {
            return Ok(());
        }
        for (name, retired) in retention::due(&self.options.dir, self.options.keep_days)? {
            self.write_own(now, &Own::Retired(retired))?;
            self.sync(now);
            retention::delete(&self.options.dir, name)?;
            info!("audit log: {name} deleted after {} days", self.options.keep_days);
        }
        Ok(())
    }

    fn complain(&mut self, error: &io::Error) {
        if !self.in_trouble {
            self.in_trouble = true;
            error!("audit log: cannot be written: {error}; mail goes on, entries wait for room");
        }
    }

    fn is_stopping(&self) -> bool {
        self.shared.stopping.load(Ordering::SeqCst)
    }

    fn local(&self, now: Moment) -> Zoned {
        let at = Timestamp::from_millisecond(now.wall_ms).unwrap_or_default();
        at.to_zoned(self.options.zone.clone())
    }
}

/// RFC 3339 with the offset, to the millisecond.
fn shown(at: &Zoned) -> String {
    at.timestamp().display_with_offset(at.offset()).to_string()
}

/// How often time is looked at, and files are synced.
const TICK: Duration = Duration::from_secs(1);

/// How long to wait for room.
const RETRY: Duration = Duration::from_millis(500);
