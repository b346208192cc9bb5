//! The one way to the store for mail: never waits, never fails.
//!
//! Way in: [`Queue::start`], [`Queue::write`], [`Queue::stop`]. Writes gather for [`LINGER`] and go in
//! batches, one at a time. While the store is away, slow or full, batches go into the spool on disk
//! instead, and from there into the store once it answers again; only where there is no room on disk
//! either are the newest left out, and counted. What happens is logged when it begins and when it
//! ends, with counts.
//!
//! What is lost when: at an orderly stop nothing that the store or the spool still takes. At
//! kill -9 what came within the last [`LINGER`], and what a store that just became slow was being
//! given: the batch under way, and what came since it did, for [`SLOW`] at most. The spool is
//! on disk.

mod writer;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::{Store, Write};
use writer::Writer;

/// The queue.
pub struct Queue {
    entry: mpsc::Sender<Write>,
    counts: Arc<Counts>,
    stop: CancellationToken,
    writing: Mutex<Option<JoinHandle<()>>>,
}

/// What became of writes since the start.
#[derive(Debug, Default)]
pub struct Counts {
    /// In the store, those from the spool included.
    pub written: AtomicU64,
    /// Put into the spool.
    pub spooled: AtomicU64,
    /// Left out for want of room.
    pub left_out: AtomicU64,
    /// Bytes that wait in the spool.
    pub spool_bytes: AtomicU64,
    /// 1 while the store is away.
    pub away: AtomicU64,
}

impl Queue {
    /// Starts writing to `store`. `spool` is a file in the state directory, of at most `most` bytes;
    /// what waits in it from the time before is written now.
    pub fn start<S: Store>(store: Arc<S>, spool: PathBuf, most: usize) -> Queue {
        let (entry, incoming) = mpsc::channel(WAITING);
        let (counts, stop) = (Arc::<Counts>::default(), CancellationToken::new());
        let writer = Writer::new(store, spool, most as u64, Arc::clone(&counts));
        let writing = tokio::spawn(writer.run(incoming, stop.clone()));
        Queue { entry, counts, stop, writing: Mutex::new(Some(writing)) }
    }

    /// Hands one thing over; returns at once. Left out only where [`WAITING`] others wait already,
    /// which takes a disk that stands still.
    pub fn write(&self, write: Write) {
        if self.entry.try_send(write).is_err()
            && self.counts.left_out.fetch_add(1, Ordering::Relaxed) == 0
        {
            error!("the queue to the store is full or stopped: what comes now is not remembered");
        }
    }

    /// Writes what waits, to the store or else into the spool, and ends. Takes [`FAREWELL`] at most.
    pub async fn stop(&self) {
        self.stop.cancel();
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writing) = writing {
            // A writer that panicked was logged.
            let _ = tokio::time::timeout(FAREWELL, writing).await;
        }
    }

    /// What became of writes so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }
}

/// Writes that wait in memory.
const WAITING: usize = 16_384;

/// Writes of one batch.
const BATCH: usize = 500;

/// How long a write waits for others to go with it.
const LINGER: Duration = Duration::from_millis(200);

/// A batch under way for longer means that others go into the spool.
const SLOW: Duration = Duration::from_secs(1);

/// A batch under way for longer is given up, and goes into the spool too.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the end may take.
const FAREWELL: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests;
