//! Connections: reads packets, feeds a [`Session`], asks the [`Handler`] at the end of each
//! message, writes the answer.
//!
//! Way in: [`serve`]. Invariants: one write per answer and none where no answer is due; a panic of
//! the handler costs one message a temporary failure and nothing else; a mail that is being received
//! when the server stops is finished, within [`Service::grace`]; memory of big mails is given back;
//! all connections together hold [`Limits::bytes_in_flight`] of mail and answers.
//!
//! When it fails: a connection ends on a packet that cannot be read, on I/O errors, and when nothing
//! came for the idle time. The mail server then does what its own settings say (Postfix:
//! `milter_default_action`). The server as a whole does not fail.

use std::fmt;
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use sekisho_config::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};

use crate::answer::{Response, put_response};
use crate::in_flight::InFlight;
use crate::received::Received;
use crate::session::{Session, Step};
use crate::socket::{Sockets, Stream, Transport};
use crate::wire::frame::{First, first_packet};
use crate::wire::{Actions, FrameError, FromFilter, Malformed, Reply};

/// What decides about messages.
pub trait Handler: Send + Sync + 'static {
    /// What one connection works with from its first packet to its last, e.g. the settings in force
    /// when it was opened.
    type Connection: Send + Sync;

    /// Called for each new connection.
    fn connection(&self) -> Self::Connection;

    /// Bounds of a connection and what to ask the mail server for.
    fn terms(&self, connection: &Self::Connection) -> Terms;

    /// Decides about a message. May take long: the mail server is told that work goes on.
    fn end_of_message(
        &self,
        connection: &Self::Connection,
        received: Received,
    ) -> impl Future<Output = Response> + Send;
}

/// Terms of one connection.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Bounds on messages, and the idle time.
    pub limits: Limits,
    /// Changes that may become necessary.
    pub actions: Actions,
}

/// How the server as a whole behaves. These hold until it ends.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// Connections served at once; more wait in the listen queue.
    pub connections: usize,
    /// How long mails in flight may take once the server is asked to stop.
    pub grace: Duration,
    /// How often the mail server hears that work goes on. Postfix gives up after
    /// `milter_content_timeout`, 300 s.
    pub progress: Duration,
}

impl Service {
    /// The usual times, for so many connections at once.
    pub fn new(connections: usize) -> Service {
        Service { connections, grace: GRACE, progress: PROGRESS }
    }
}

/// Serves until `shutdown` is cancelled and the mails in flight are done. Stops at once when the
/// future is dropped.
pub async fn serve<H: Handler>(
    sockets: Sockets,
    handler: Arc<H>,
    service: Service,
    shutdown: CancellationToken,
) {
    // On a task of its own: `main` itself runs outside the workers, and handing each connection from
    // there to a worker would cost a fifth of the processor time of a mail.
    let mut accepting = JoinSet::new();
    accepting.spawn(accept(sockets, handler, service, shutdown));
    while let Some(ended) = accepting.join_next().await {
        if let Err(e) = ended {
            error!("no more connections are accepted: {e}");
        }
    }
}

async fn accept<H: Handler>(
    sockets: Sockets,
    handler: Arc<H>,
    service: Service,
    shutdown: CancellationToken,
) {
    let slots = Arc::new(Semaphore::new(service.connections));
    let in_flight = InFlight::default();
    let mut connections = JoinSet::new();
    loop {
        // The slot first: a connection that finds none stays in the listen queue.
        let accepted = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, sockets.accept().await)
        };
        let (slot, stream) = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = accepted => accepted,
        };
        while connections.try_join_next().is_some() {}
        let stream = match stream {
            Ok(stream) => stream,
            Err(e) => {
                // Too many open files, or a client that left at once: neither ends the server.
                warn!("cannot accept a connection: {e}");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let (handler, shutdown) = (Arc::clone(&handler), shutdown.clone());
        let in_flight = in_flight.clone();
        connections.spawn(async move {
            let handler = &*handler;
            let ended = match stream {
                Stream::Inet(stream) => {
                    converse(stream, handler, service, in_flight, shutdown).await
                }
                Stream::Unix(stream) => {
                    converse(stream, handler, service, in_flight, shutdown).await
                }
            };
            match ended {
                Ok(()) => {}
                Err(Ended::Io(e)) => debug!("connection to the mail server lost: {e}"),
                Err(ended) => warn!("connection to the mail server closed: {ended}"),
            }
            drop(slot);
        });
    }
    drop(sockets);
    let all_done = async { while connections.join_next().await.is_some() {} };
    if timeout(service.grace, all_done).await.is_err() {
        warn!("{} connections cut, their mails were not finished in time", connections.len());
        connections.shutdown().await;
    }
}

/// Why a connection ended before the mail server said good-bye.
#[derive(Debug)]
enum Ended {
    Frame(FrameError),
    Malformed(Malformed),
    Io(io::Error),
    InsidePacket,
    Idle,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Frame(e) => e.fmt(f),
            Ended::Malformed(e) => e.fmt(f),
            Ended::Io(e) => e.fmt(f),
            Ended::InsidePacket => f.write_str("it ended inside a packet"),
            Ended::Idle => f.write_str("nothing came for the idle time"),
        }
    }
}

async fn converse<S, H>(
    mut stream: S,
    handler: &H,
    service: Service,
    in_flight: InFlight,
    shutdown: CancellationToken,
) -> Result<(), Ended>
where
    S: Transport,
    H: Handler,
{
    let connection = handler.connection();
    let Terms { limits, actions } = handler.terms(&connection);
    let mut session = Session::new(actions, limits, in_flight);
    let (mut buffer, mut out) = (BytesMut::with_capacity(READ), Vec::new());
    let mut stopped = pin!(shutdown.cancelled());
    // One timer for the whole connection: a new one per read would cost more than the read.
    let mut idle = pin!(sleep(limits.idle));
    loop {
        let missing = loop {
            let packet = match first_packet(&buffer).map_err(Ended::Frame)? {
                First::Whole(packet) => packet,
                First::Missing(bytes) => break bytes,
            };
            let length = packet.wire_len();
            let step = session.take(packet, &mut out).map_err(Ended::Malformed)?;
            buffer.advance(length);
            match step {
                Step::Recorded => {}
                Step::Quit => return Ok(()),
                Step::Complete(received, share) => {
                    let granted = received.granted;
                    let queue_id = received.queue_id().escape_ascii().to_string();
                    flush(&mut stream, &mut out).await?;
                    // In a block of its own, so that even a panic before the first await is caught.
                    let work = async { handler.end_of_message(&connection, *received).await };
                    let response = finish(work, &mut stream, service.progress, &queue_id).await?;
                    if !put_response(&response, granted, &mut out) {
                        error!(
                            "{queue_id}: the mail server does not allow the changes, message put off"
                        );
                    }
                    // From here on the answer is held once, as written.
                    drop(response);
                    flush(&mut stream, &mut out).await?;
                    drop(share);
                }
            }
        };
        flush(&mut stream, &mut out).await?;
        if shutdown.is_cancelled() && !session.in_message() {
            return Ok(());
        }
        stream.acknowledge();
        make_room(&mut buffer, missing);
        let heard = Instant::now();
        loop {
            tokio::select! {
                biased;
                read = stream.read_buf(&mut buffer) => match read.map_err(Ended::Io)? {
                    0 if buffer.is_empty() => return Ok(()),
                    0 => return Err(Ended::InsidePacket),
                    _ => break,
                },
                () = &mut stopped, if !session.in_message() => return Ok(()),
                () = &mut idle => {
                    let due = heard + limits.idle;
                    if due <= Instant::now() {
                        return Err(Ended::Idle);
                    }
                    idle.as_mut().reset(due);
                }
            }
        }
    }
}

/// Waits for the handler, telling the mail server now and then that work goes on.
async fn finish<S: Transport>(
    work: impl Future<Output = Response>,
    stream: &mut S,
    progress: Duration,
    queue_id: &str,
) -> Result<Response, Ended> {
    let mut work = pin!(work);
    let mut out = Vec::new();
    let mut guarded = pin!(std::future::poll_fn(|context| {
        // Nothing that the panic may have left half done is looked at again: the future is not
        // polled any more, and what it shares with others is its own to protect.
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            error!(
                "{queue_id}: a defect of ours, message put off: {}",
                text.unwrap_or("(no text)")
            );
            Poll::Ready(Response::only(Reply::Tempfail))
        })
    }));
    loop {
        tokio::select! {
            biased;
            response = &mut guarded => return Ok(response),
            () = sleep(progress) => {
                FromFilter::Progress.encode(&mut out);
                flush(stream, &mut out).await?;
            }
        }
    }
}

/// Writes what is due, if anything, and empties `out`.
async fn flush<S: Transport>(stream: &mut S, out: &mut Vec<u8>) -> Result<(), Ended> {
    if out.is_empty() {
        return Ok(());
    }
    let written = timeout(WRITE, stream.write_all(out)).await;
    written.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(Ended::Io)?;
    out.clear();
    out.shrink_to(KEEP);
    Ok(())
}

/// Makes room for one read, more for a long packet, and gives back what one needed.
fn make_room(buffer: &mut BytesMut, missing: usize) {
    if buffer.is_empty() && buffer.capacity() > KEEP {
        *buffer = BytesMut::new();
    }
    buffer.reserve(missing.max(READ));
}

/// Room for a read: the whole of an average mail (10 kB) comes in one.
const READ: usize = 32 << 10;

/// Buffers above this are not kept for the next message.
const KEEP: usize = 256 << 10;

/// How long the mail server may take to read an answer; Postfix reads at once.
const WRITE: Duration = Duration::from_secs(60);

/// Wait after a failed accept, so that a lasting failure does not eat a processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// See [`Service::grace`].
const GRACE: Duration = Duration::from_secs(30);

/// See [`Service::progress`].
const PROGRESS: Duration = Duration::from_secs(10);
