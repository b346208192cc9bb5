//! The privileged companion: does to mails in Postfix's hold queue what the milter and the
//! commands, which have no rights, ask it to do.
//!
//! Way in: [`serve`]; who asks uses [`client`]. It runs as root and reads nothing but requests of
//! a few words ([`protocol`]). Invariants: only peers with an allowed uid are heard (the kernel
//! tells it, SO_PEERCRED); only mails that are on hold are released, deleted or shown; one command
//! at a time; every deed is logged with the uid that asked; requests, answers, connections and times
//! are bounded.
//!
//! It remembers what it released and deleted lately. Who was killed before writing down what was
//! done asks again and hears [`protocol::Head::Before`], not that the mail left by itself.

pub mod client;
pub mod commands;
pub mod protocol;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

pub use self::commands::{CommandError, Commands, Content, Entry, Listing};
use self::protocol::{Head, LONGEST_REQUEST, NotAfter, QueueId, Request, Size};
use crate::socket::{Sockets, Stream};

/// Where the companion listens and its clients look for it.
pub const SOCKET: &str = "/run/sekisho-holdd/socket";

/// Serves until `stop`. The command that runs then is finished.
pub async fn serve(
    sockets: Sockets,
    commands: Commands,
    allowed: Vec<u32>,
    stop: CancellationToken,
) {
    let companion = Arc::new(Companion {
        commands,
        allowed,
        desk: Mutex::new(Desk { listed: None, deeds: Deeds::default() }),
    });
    let slots = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, sockets.accept().await)
        };
        let (slot, stream) = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = accepted => accepted,
        };
        while connections.try_join_next().is_some() {}
        match stream {
            Ok(Stream::Unix(stream)) => {
                let (companion, stop) = (Arc::clone(&companion), stop.clone());
                connections.spawn(async move {
                    if let Err(e) = companion.converse(stream, stop).await {
                        debug!("connection lost: {e}");
                    }
                    drop(slot);
                });
            }
            // We never listen there.
            Ok(Stream::Inet(_)) => error!("a connection over the network is not answered"),
            Err(e) => {
                warn!("cannot accept a connection: {e}");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(sockets);
    let all_done = async { while connections.join_next().await.is_some() {} };
    if timeout(GRACE, all_done).await.is_err() {
        warn!("{} connections cut", connections.len());
    }
}

struct Companion {
    commands: Commands,
    allowed: Vec<u32>,
    desk: Mutex<Desk>,
}

/// What one deed at a time works with.
struct Desk {
    /// The hold queue as it was a moment ago: many deeds in a row need one look.
    listed: Option<(Instant, Listing)>,
    deeds: Deeds,
}

/// The answer to a request.
struct Answer {
    head: Head,
    body: Vec<u8>,
}

impl From<Head> for Answer {
    fn from(head: Head) -> Answer {
        Answer { head, body: Vec::new() }
    }
}

impl Companion {
    async fn converse(&self, mut stream: UnixStream, stop: CancellationToken) -> io::Result<()> {
        let peer = stream.peer_cred()?.uid();
        if !self.allowed.contains(&peer) {
            warn!("uid {peer} is refused: it may not ask");
            return write(&mut stream, &Head::Refused.into()).await;
        }
        let mut waiting = Vec::new();
        loop {
            let line = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                line = timeout(IDLE, line(&mut stream, &mut waiting)) => match line {
                    Ok(line) => line?,
                    Err(_) => return Ok(()),
                },
            };
            let answer = match line {
                Line::End => return Ok(()),
                Line::TooLong => Head::Bad("too long".to_owned()).into(),
                Line::Whole(line) => match Request::parse(&line) {
                    Ok(request) => self.answer(&request, peer).await,
                    Err(why) => Head::Bad(why.to_owned()).into(),
                },
            };
            let over = matches!(answer.head, Head::Bad(_));
            write(&mut stream, &answer).await?;
            // Whoever speaks otherwise is no client of ours.
            if over {
                return Ok(());
            }
        }
    }

    /// Does what is asked, after what others asked before.
    async fn answer(&self, request: &Request, peer: u32) -> Answer {
        let mut desk = self.desk.lock().await;
        let answered = match request {
            Request::Discard(id, bound) => {
                self.end(&mut desk, Deed::Discarded, id, *bound, peer).await
            }
            Request::Hold(id) => self.hold(&mut desk, id, peer).await,
            Request::List => self.list(&mut desk).await,
            Request::Release(id, bound) => {
                self.end(&mut desk, Deed::Released, id, *bound, peer).await
            }
            Request::Show(id, bound) => self.show(&mut desk, id, *bound, peer).await,
        };
        answered.unwrap_or_else(|e| {
            error!("{request}, asked by uid {peer}: {e}");
            Head::Failed(e.to_string()).into()
        })
    }

    async fn list(&self, desk: &mut Desk) -> Result<Answer, CommandError> {
        let listing = self.commands.list().await?;
        let mut body = Vec::new();
        for entry in &listing.entries {
            // Strings and numbers always become JSON.
            let _ = serde_json::to_writer(&mut body, entry);
            body.push(b'\n');
        }
        let size = Size { count: listing.entries.len(), whole: listing.whole };
        desk.listed = Some((Instant::now(), listing));
        Ok(Answer { head: Head::Listed(size), body })
    }

    /// Releases or deletes a mail that is on hold.
    async fn end(
        &self,
        desk: &mut Desk,
        deed: Deed,
        id: &QueueId,
        bound: NotAfter,
        peer: u32,
    ) -> Result<Answer, CommandError> {
        let Some(arrival) = self.arrival(desk, id, bound).await? else {
            let before = desk.deeds.has(id, deed, bound);
            return Ok(if before { Head::Before } else { Head::Absent }.into());
        };
        // Whatever happens to the mail now, it is not where it was seen.
        desk.forget(id);
        let (done, word) = match deed {
            Deed::Discarded => (self.commands.discard(id).await?, "deleted"),
            Deed::Released => (self.commands.release(id).await?, "released from hold"),
        };
        if !done {
            return Ok(Head::Absent.into());
        }
        desk.deeds.add(id.clone(), arrival, deed);
        info!("{id}: {word}, asked by uid {peer}");
        Ok(Head::Done.into())
    }

    async fn hold(&self, desk: &mut Desk, id: &QueueId, peer: u32) -> Result<Answer, CommandError> {
        desk.listed = None;
        if !self.commands.hold(id).await? {
            return Ok(Head::Absent.into());
        }
        info!("{id}: put on hold, asked by uid {peer}");
        Ok(Head::Done.into())
    }

    async fn show(
        &self,
        desk: &mut Desk,
        id: &QueueId,
        bound: NotAfter,
        peer: u32,
    ) -> Result<Answer, CommandError> {
        if self.arrival(desk, id, bound).await?.is_none() {
            return Ok(Head::Absent.into());
        }
        let content = self.commands.show(id).await?;
        info!("{id}: shown, asked by uid {peer}");
        let size = Size { count: content.bytes.len(), whole: content.whole };
        Ok(Answer { head: Head::Content(size), body: content.bytes })
    }

    /// When the mail came, if it is on hold and the one that is meant.
    async fn arrival(
        &self,
        desk: &mut Desk,
        id: &QueueId,
        bound: NotAfter,
    ) -> Result<Option<i64>, CommandError> {
        let find = |listing: &Listing| {
            let found = listing.entries.iter().find(|entry| entry.id == id.as_str());
            found.map(|entry| entry.arrival)
        };
        let fresh = desk.listed.as_ref().filter(|(at, _)| at.elapsed() < FRESH);
        let mut arrival = fresh.and_then(|(_, listing)| find(listing));
        // What was not there a moment ago may have come since.
        if arrival.is_none() {
            let now = Instant::now();
            arrival = find(&desk.listed.insert((now, self.commands.list().await?)).1);
        }
        Ok(arrival.filter(|arrival| bound.is_none_or(|bound| *arrival <= bound)))
    }
}

impl Desk {
    fn forget(&mut self, id: &QueueId) {
        if let Some((_, listing)) = &mut self.listed {
            listing.entries.retain(|entry| entry.id != id.as_str());
        }
    }
}

/// What was done to a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Discarded,
    Released,
}

/// The latest deeds, [`MOST_REMEMBERED`] of them.
#[derive(Default)]
struct Deeds {
    by_id: HashMap<QueueId, (i64, Deed)>,
    order: VecDeque<(QueueId, i64)>,
}

impl Deeds {
    fn add(&mut self, id: QueueId, arrival: i64, deed: Deed) {
        self.by_id.insert(id.clone(), (arrival, deed));
        self.order.push_back((id, arrival));
        while self.order.len() > MOST_REMEMBERED {
            let Some((old, arrival)) = self.order.pop_front() else { return };
            // The id may have been used again since.
            if self.by_id.get(&old).is_some_and(|(newest, _)| *newest == arrival) {
                self.by_id.remove(&old);
            }
        }
    }

    fn has(&self, id: &QueueId, deed: Deed, bound: NotAfter) -> bool {
        self.by_id.get(id).is_some_and(|(arrival, done)| {
            *done == deed && bound.is_none_or(|bound| *arrival <= bound)
        })
    }
}

/// What came of reading a line.
enum Line {
    End,
    TooLong,
    Whole(Vec<u8>),
}

/// The next line; `waiting` holds what came behind it.
async fn line(from: &mut (impl AsyncRead + Unpin), waiting: &mut Vec<u8>) -> io::Result<Line> {
    loop {
        if let Some(end) = memchr::memchr(b'\n', waiting) {
            let rest = waiting.split_off(end.saturating_add(1));
            let mut line = std::mem::replace(waiting, rest);
            line.pop();
            return Ok(Line::Whole(line));
        }
        if waiting.len() > LONGEST_REQUEST {
            return Ok(Line::TooLong);
        }
        let mut more = [0; LONGEST_REQUEST];
        match from.read(&mut more).await? {
            0 => return Ok(Line::End),
            read => waiting.extend_from_slice(more.get(..read).unwrap_or_default()),
        }
    }
}

async fn write(to: &mut UnixStream, answer: &Answer) -> io::Result<()> {
    let mut bytes = format!("{}\n", answer.head).into_bytes();
    bytes.extend_from_slice(&answer.body);
    timeout(WRITE, to.write_all(&bytes))
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Connections at once; more wait.
const MOST_CONNECTIONS: usize = 16;

/// A connection on which nothing is asked for this long is closed.
const IDLE: Duration = Duration::from_secs(30);

/// How long a client may take to read an answer.
const WRITE: Duration = Duration::from_secs(10);

/// How long a look at the hold queue serves for deeds on what it showed. A mail that leaves meanwhile is not touched:
/// postsuper looks in the hold queue alone.
const FRESH: Duration = Duration::from_secs(2);

/// How long connections may take once we are asked to stop.
const GRACE: Duration = Duration::from_secs(35);

/// Wait after a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Deeds remembered; more than are done in the time in which somebody asks again.
const MOST_REMEMBERED: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn id(written: &str) -> QueueId {
        QueueId::parse(written).unwrap()
    }

    #[test]
    fn deeds_are_remembered_for_the_mail_and_not_for_its_id() {
        let mut deeds = Deeds::default();
        deeds.add(id("026D799607B"), 100, Deed::Released);
        assert!(deeds.has(&id("026D799607B"), Deed::Released, None));
        assert!(deeds.has(&id("026D799607B"), Deed::Released, Some(100)));
        assert!(!deeds.has(&id("026D799607B"), Deed::Released, Some(99)));
        assert!(!deeds.has(&id("026D799607B"), Deed::Discarded, None));
        assert!(!deeds.has(&id("026D799607C"), Deed::Released, None));
    }

    #[test]
    fn the_oldest_deeds_are_forgotten() {
        let mut deeds = Deeds::default();
        deeds.add(id("026D799607B"), 1, Deed::Released);
        for number in 0..MOST_REMEMBERED {
            deeds.add(id(&format!("{number:08X}")), 2, Deed::Released);
        }
        assert!(!deeds.has(&id("026D799607B"), Deed::Released, None));
        assert_eq!((deeds.by_id.len(), deeds.order.len()), (MOST_REMEMBERED, MOST_REMEMBERED));
    }

    #[tokio::test]
    async fn lines_are_bounded_and_come_one_by_one() {
        let mut waiting = Vec::new();
        let mut from = &b"list\nshow 1\n"[..];
        for expected in [&b"list"[..], b"show 1"] {
            let Line::Whole(read) = line(&mut from, &mut waiting).await.unwrap() else { panic!() };
            assert_eq!(read, expected);
        }
        assert!(matches!(line(&mut from, &mut waiting).await.unwrap(), Line::End));
        let endless = vec![b'x'; 1000];
        let read = line(&mut &endless[..], &mut waiting).await.unwrap();
        assert!(matches!(read, Line::TooLong) && waiting.len() <= 2 * LONGEST_REQUEST);
    }
}
