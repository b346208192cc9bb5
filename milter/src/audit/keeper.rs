//! What is done beside the writing: compressing closed files, telling anchors.
//!
//! Way in: [`Keeper::start`]. A thread of its own, so that neither a large file nor a slow receiver
//! of anchors keeps entries waiting. A compressed file replaces the plain one only after it was
//! read back and gave the same bytes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use tracing::{error, warn};

use super::anchor::{Anchor, Destination};
use super::files::{self, FILE_MODE, Name, UNFINISHED};

enum Job {
    Anchor(Anchor),
    Pack(Name),
}

/// The thread.
pub(super) struct Keeper {
    jobs: Option<SyncSender<Job>>,
    stopping: Arc<AtomicBool>,
    ended: Receiver<()>,
}

impl Keeper {
    pub(super) fn start(
        dir: PathBuf,
        mut destinations: Vec<Box<dyn Destination>>,
    ) -> io::Result<Keeper> {
        let (jobs, todo) = sync_channel(JOBS);
        let (done, ended) = sync_channel(1);
        let stopping = Arc::<AtomicBool>::default();
        let stop = Arc::clone(&stopping);
        let work = move || {
            for job in todo {
                match job {
                    Job::Anchor(anchor) => tell(&mut destinations, &anchor),
                    Job::Pack(name) => match pack(&dir, name, &stop) {
                        Ok(()) => {}
                        Err(_) if stop.load(Ordering::Relaxed) => {}
                        Err(error) => error!("audit log: {name} stays uncompressed: {error}"),
                    },
                }
            }
            let _ = done.send(());
        };
        thread::Builder::new().name("audit-keeper".into()).spawn(work)?;
        Ok(Keeper { jobs: Some(jobs), stopping, ended })
    }

    /// Tells an anchor to everybody.
    pub(super) fn anchor(&self, anchor: Anchor) {
        if let Err(anchor) = self.give(Job::Anchor(anchor))
            && let Job::Anchor(anchor) = anchor
        {
            warn!("audit log: nobody was told, for those before are still being told: {anchor}");
        }
    }

    /// Compresses a closed file. Left out where too much is to be done: the next start does it.
    pub(super) fn pack(&self, name: Name) {
        let _ = self.give(Job::Pack(name));
    }

    fn give(&self, job: Job) -> Result<(), Job> {
        let Some(jobs) = &self.jobs else { return Err(job) };
        jobs.try_send(job).map_err(|e| match e {
            TrySendError::Full(job) | TrySendError::Disconnected(job) => job,
        })
    }

    /// Tells the anchors that wait, leaves the rest, and ends; waits a short while for it.
    pub(super) fn stop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.jobs = None;
        if self.ended.recv_timeout(FAREWELL).is_err() {
            warn!(
                "audit log: the last anchors may not have been told: somebody does not take them"
            );
        }
    }
}

fn tell(destinations: &mut [Box<dyn Destination>], anchor: &Anchor) {
    for destination in destinations {
        if let Err(error) = destination.send(anchor) {
            error!("audit log: {} was not told {anchor}: {error}", destination.name());
        }
    }
}

/// Puts a compressed file in the place of a plain one.
fn pack(dir: &Path, name: Name, stop: &AtomicBool) -> io::Result<()> {
    let (plain, packed) = (name.plain(dir), name.packed(dir));
    let mut part = packed.clone().into_os_string();
    part.push(UNFINISHED);
    let part = PathBuf::from(part);
    if stop.load(Ordering::Relaxed) || !plain.exists() {
        return Ok(());
    }
    let made = write(&plain, &part, stop).and_then(|written| {
        let read = digest(files::unpacked(File::open(&part)?), stop, |_| Ok(()))?;
        if read == written {
            return Ok(());
        }
        Err(io::Error::other("what was compressed does not give the same bytes back"))
    });
    if let Err(error) = made {
        let _ = fs::remove_file(&part);
        return Err(error);
    }
    fs::rename(&part, &packed)?;
    files::sync_folder(dir)?;
    fs::remove_file(&plain)
}

/// Compresses a file into another; returns the digest of what was read.
fn write(plain: &Path, part: &Path, stop: &AtomicBool) -> io::Result<[u8; 32]> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(FILE_MODE).open(part)?;
    let mut encoder = GzEncoder::new(BufWriter::new(file), Compression::default());
    let written = digest(File::open(plain)?, stop, |bytes| encoder.write_all(bytes))?;
    let file = encoder.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(written)
}

fn digest(
    mut from: impl Read,
    stop: &AtomicBool,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut block = vec![0; 64 << 10];
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let read = match from.read(&mut block) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let bytes = block.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(hash.finalize().into());
        }
        hash.update(bytes);
        each(bytes)?;
    }
}

/// Jobs that wait; three years of files that were never compressed fit.
const JOBS: usize = 2048;

/// How long the last anchors may take at the end.
const FAREWELL: Duration = Duration::from_secs(5);
