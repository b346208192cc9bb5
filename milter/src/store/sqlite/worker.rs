//! Threads that own connections and do one thing after the other.
//!
//! Way in: [`Worker::start`], [`Worker::run`]. What nobody waits for any more is not begun. The
//! threads end when the worker is dropped, each after what it is doing.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::store_error;
use crate::store::StoreError;

/// One or more threads, a connection each.
pub(super) struct Worker {
    jobs: mpsc::Sender<Job>,
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

impl Worker {
    /// A thread for each connection.
    pub(super) fn start(name: &str, connections: Vec<Connection>) -> io::Result<Worker> {
        let (jobs, waiting) = mpsc::channel::<Job>(WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        for mut connection in connections {
            let waiting = Arc::clone(&waiting);
            let work = move || {
                loop {
                    let mut queue = waiting.lock().unwrap_or_else(PoisonError::into_inner);
                    let Some(job) = queue.blocking_recv() else { return };
                    drop(queue);
                    job(&mut connection);
                }
            };
            thread::Builder::new().name(name.to_owned()).spawn(work)?;
        }
        Ok(Worker { jobs })
    }

    /// Has `work` done and waits for the outcome.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move |connection: &mut Connection| {
            if !reply.is_closed() {
                // Whoever asked may have given up meanwhile.
                let _ = reply.send(work(connection));
            }
        });
        let ended = || StoreError::Away("its thread has ended".to_owned());
        self.jobs.send(job).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?.map_err(store_error)
    }
}

/// More wait outside, with their deadlines running.
const WAITING: usize = 64;
