//! Asks the companion: for the milter's keeper and the commands.
//!
//! Way in: [`Client`]. Each question is a connection of its own, with a deadline over all of it.
//! Invariant: an answer is read up to its bounds and no further. When it fails: [`ClientError`],
//! a value as any other; [`ClientError::Absent`] where no companion runs.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::commands::{Content, Entry, LONGEST_CONTENT, Listing, MOST_LISTED};
use super::protocol::{Head, LONGEST_HEAD, NotAfter, QueueId, Request, Size};

/// Knows where the companion is.
#[derive(Clone, Debug)]
pub struct Client {
    socket: PathBuf,
    deadline: Duration,
}

/// What became of a deed that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// The mail is not there, and not because the companion did what is asked.
    Absent,
    /// It was done when somebody asked earlier.
    Before,
    /// It was done now.
    Now,
}

/// Why the companion did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientError {
    /// Nobody listens there.
    Absent(PathBuf, String),
    /// Postfix's command did not do it: what was said.
    Failed(String),
    /// No answer in time.
    Late(Duration),
    /// What came is no answer.
    Nonsense(String),
    /// This user may not ask.
    Refused,
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientError::Absent(socket, why) => write!(
                f,
                "sekisho holdd does not listen on {}: {why}; is sekisho-holdd.service running?",
                socket.display()
            ),
            ClientError::Failed(why) => write!(f, "sekisho holdd could not do it: {why}"),
            ClientError::Late(limit) => {
                write!(f, "sekisho holdd did not answer within {} s", limit.as_secs())
            }
            ClientError::Nonsense(what) => write!(f, "sekisho holdd answered strangely: {what}"),
            ClientError::Refused => f.write_str(
                "sekisho holdd refuses this user; root and those of --allow-user may ask",
            ),
        }
    }
}

impl std::error::Error for ClientError {}

impl Client {
    /// One that asks at this socket.
    pub fn new(socket: impl AsRef<Path>) -> Client {
        Client { socket: socket.as_ref().to_owned(), deadline: DEADLINE }
    }

    /// The same with another deadline.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Client {
        Client { deadline, ..self }
    }

    /// Lets a mail go that is on hold and came no later than the bound.
    pub async fn release(&self, id: &QueueId, bound: NotAfter) -> Result<Done, ClientError> {
        self.deed(Request::Release(id.clone(), bound)).await
    }

    /// Deletes a mail that is on hold and came no later than the bound.
    pub async fn discard(&self, id: &QueueId, bound: NotAfter) -> Result<Done, ClientError> {
        self.deed(Request::Discard(id.clone(), bound)).await
    }

    /// Puts a mail of the queue on hold.
    pub async fn hold(&self, id: &QueueId) -> Result<Done, ClientError> {
        self.deed(Request::Hold(id.clone())).await
    }

    /// The hold queue as it is now.
    pub async fn list(&self) -> Result<Listing, ClientError> {
        self.ask(&Request::List, async |head, from| match head {
            Head::Listed(size) => read_listing(size, from).await,
            other => Err(unexpected(other)),
        })
        .await
    }

    /// A mail that is on hold, its first megabyte; `None` where it is not there.
    pub async fn show(
        &self,
        id: &QueueId,
        bound: NotAfter,
    ) -> Result<Option<Content>, ClientError> {
        self.ask(&Request::Show(id.clone(), bound), async |head, from| match head {
            Head::Absent => Ok(None),
            Head::Content(size) if size.count <= LONGEST_CONTENT => {
                let mut bytes = vec![0; size.count];
                from.read_exact(&mut bytes).await.map_err(|e| cut_off(&e))?;
                Ok(Some(Content { bytes, whole: size.whole }))
            }
            other => Err(unexpected(other)),
        })
        .await
    }

    async fn deed(&self, request: Request) -> Result<Done, ClientError> {
        self.ask(&request, async |head, _| match head {
            Head::Absent => Ok(Done::Absent),
            Head::Before => Ok(Done::Before),
            Head::Done => Ok(Done::Now),
            other => Err(unexpected(other)),
        })
        .await
    }

    async fn ask<T>(
        &self,
        request: &Request,
        read: impl AsyncFnOnce(Head, &mut Answered) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let work = async {
            let absent = |e: io::Error| ClientError::Absent(self.socket.clone(), e.to_string());
            let mut stream = UnixStream::connect(&self.socket).await.map_err(absent)?;
            // Who is refused finds the answer there and the way closed: what counts is the answer.
            let sent = stream.write_all(format!("{request}\n").as_bytes()).await;
            let mut from = BufReader::new(stream);
            let mut line = String::new();
            let came = (&mut from).take(LONGEST_HEAD as u64 + 1).read_line(&mut line).await;
            came.and(sent.or_else(|e| if line.is_empty() { Err(e) } else { Ok(()) }))
                .map_err(|e| cut_off(&e))?;
            let head = line.strip_suffix('\n').and_then(Head::parse);
            match head.ok_or_else(|| nonsense(&line))? {
                Head::Failed(why) => Err(ClientError::Failed(why)),
                Head::Refused => Err(ClientError::Refused),
                head => read(head, &mut from).await,
            }
        };
        timeout(self.deadline, work).await.unwrap_or(Err(ClientError::Late(self.deadline)))
    }
}

type Answered = BufReader<UnixStream>;

async fn read_listing(size: Size, from: &mut Answered) -> Result<Listing, ClientError> {
    let mut listing = Listing { entries: Vec::new(), whole: size.whole };
    let mut line = Vec::new();
    for _ in 0..size.count.min(MOST_LISTED) {
        line.clear();
        let came = from.take(LONGEST_ENTRY).read_until(b'\n', &mut line).await;
        came.map_err(|e| cut_off(&e))?;
        let entry: Entry =
            serde_json::from_slice(&line).map_err(|_| nonsense(&String::from_utf8_lossy(&line)))?;
        listing.entries.push(entry);
    }
    Ok(listing)
}

fn unexpected(head: Head) -> ClientError {
    nonsense(&head.to_string())
}

fn nonsense(what: &str) -> ClientError {
    ClientError::Nonsense(what.trim_end().chars().take(100).collect())
}

fn cut_off(error: &io::Error) -> ClientError {
    ClientError::Nonsense(format!("cut off: {error}"))
}

/// Longer than the companion's own limit for a command, as others may be served before us.
const DEADLINE: Duration = Duration::from_secs(45);

/// Bytes of an entry: its sender has 320 characters, which JSON may escape.
const LONGEST_ENTRY: u64 = 8 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::UnixListener;

    /// Asks a companion that answers with `answer`, whatever is asked.
    async fn asked<T>(answer: &[u8], ask: impl AsyncFn(&Client) -> T) -> T {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let listener = UnixListener::bind(&socket).unwrap();
        let answer = answer.to_vec();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 100];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(&answer).await;
        });
        let said = ask(&Client::new(&socket)).await;
        served.await.unwrap();
        said
    }

    #[tokio::test]
    async fn answers_are_read() {
        let id = QueueId::parse("026D799607B").unwrap();
        let release = async |client: &Client| client.release(&id, Some(1)).await;
        assert_eq!(asked(b"done\n", release).await, Ok(Done::Now));
        assert_eq!(asked(b"before\n", release).await, Ok(Done::Before));
        assert_eq!(asked(b"absent\n", release).await, Ok(Done::Absent));
        assert_eq!(asked(b"refused\n", release).await, Err(ClientError::Refused));
        let failed = Err(ClientError::Failed("postsuper: no".into()));
        assert_eq!(asked(b"failed postsuper: no\n", release).await, failed);
        for strange in [&b"listed 0 whole\n"[..], b"", b"done", b"\xff\n", &[b'x'; 5000]] {
            let said = asked(strange, release).await;
            assert!(matches!(said, Err(ClientError::Nonsense(_))), "{said:?}");
        }
    }

    #[tokio::test]
    async fn lists_and_contents_are_read_to_their_bounds() {
        let list = async |client: &Client| client.list().await;
        let answer = b"listed 1 cut\n{\"id\":\"A1\",\"arrival\":1,\"size\":2,\"sender\":\"\"}\n";
        let entry = Entry { id: "A1".into(), arrival: 1, size: 2, sender: String::new() };
        assert_eq!(asked(answer, list).await, Ok(Listing { entries: vec![entry], whole: false }));
        assert!(asked(b"listed 2 whole\n{}\n", list).await.is_err());
        let id = QueueId::parse("026D799607B").unwrap();
        let show = async |client: &Client| client.show(&id, None).await;
        let whole = Content { bytes: b"ab".to_vec(), whole: true };
        assert_eq!(asked(b"content 2 whole\nab", show).await, Ok(Some(whole)));
        assert_eq!(asked(b"absent\n", show).await, Ok(None));
        assert!(asked(b"content 3 whole\nab", show).await.is_err());
        assert!(asked(b"content 99999999999 whole\nab", show).await.is_err());
    }

    #[tokio::test]
    async fn nobody_there_and_nobody_answering_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let client = Client::new(&socket).within(Duration::from_millis(50));
        assert!(matches!(client.list().await, Err(ClientError::Absent(..))));
        let _silent = UnixListener::bind(&socket).unwrap();
        assert_eq!(client.list().await, Err(ClientError::Late(Duration::from_millis(50))));
    }
}
