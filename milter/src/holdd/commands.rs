//! Postfix's own commands, run for the companion: postsuper(1), postqueue(1), postcat(1).
//!
//! Way in: [`Commands::find`]. Invariants: programs are named by absolute paths in Postfix's
//! `command_directory`, belong to root and can be written by nobody else; no shell, an empty
//! environment, each argument a constant or a [`QueueId`]; every command has a time limit after
//! which it is killed; what is read of its output is bounded.
//!
//! When it fails: [`CommandError`] says which command and why.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;

use super::protocol::QueueId;

/// A mail in the hold queue, as postqueue(1) tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Queue id.
    pub id: String,
    /// When it came, Unix time.
    pub arrival: i64,
    /// Bytes of header and body.
    pub size: u64,
    /// Envelope sender as Postfix shows it; `MAILER-DAEMON` for the null sender.
    pub sender: String,
}

/// What lies in the hold queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The mails, in Postfix's order.
    pub entries: Vec<Entry>,
    /// Every mail stands there: only then does absence mean something.
    pub whole: bool,
}

/// A mail's bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Envelope, header and body as postcat(1) shows them.
    pub bytes: Vec<u8>,
    /// Nothing was cut off.
    pub whole: bool,
}

/// A command that did not do its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandError {
    program: String,
    why: String,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.program, self.why)
    }
}

impl std::error::Error for CommandError {}

/// Where the commands are, and which Postfix they are for.
#[derive(Clone, Debug)]
pub struct Commands {
    folder: PathBuf,
    config: Option<PathBuf>,
}

impl Commands {
    /// Asks postconf(1) where the commands of the Postfix with this configuration folder are.
    pub async fn find(config: Option<&Path>) -> Result<Commands, CommandError> {
        let config = config.map(Path::to_owned);
        let places = POSTCONF_FOLDERS.iter().map(Path::new);
        let Some(folder) = places.into_iter().find(|f| f.join("postconf").is_file()) else {
            let looked = POSTCONF_FOLDERS.join(", ");
            return Err(error("postconf", format!("is not installed in {looked}")));
        };
        let nearby = Commands { folder: folder.to_owned(), config };
        let ran = nearby.run("postconf", &["-h", "command_directory"], LONGEST_ERROR).await?;
        let named = String::from_utf8_lossy(&ran.out.bytes).trim().to_owned();
        if !ran.status.success() || !named.starts_with('/') {
            return Err(error("postconf", ran.complaint()));
        }
        let found = Commands { folder: named.into(), ..nearby };
        for program in ["postsuper", "postqueue", "postcat"] {
            found.program(program)?;
        }
        Ok(found)
    }

    /// The hold queue.
    pub(super) async fn list(&self) -> Result<Listing, CommandError> {
        let mut child = self.spawn("postqueue", &["-j".as_ref()])?;
        let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(error("postqueue", "its output cannot be read".into()));
        };
        let work = async {
            let (listing, said) = tokio::join!(held(out), bounded(err, LONGEST_ERROR));
            Ok::<_, std::io::Error>((listing?, said?, child.wait().await?))
        };
        let ended = timeout(LIMIT, work).await.map_err(|_| late("postqueue"))?;
        let (listing, said, status) = ended.map_err(|e| error("postqueue", e.to_string()))?;
        if status.success() {
            return Ok(listing);
        }
        Err(error("postqueue", Ran { status, out: Content::default(), said }.complaint()))
    }

    /// Lets a mail go; `false` where it is not on hold. Postfix tries at once to deliver it.
    pub(super) async fn release(&self, id: &QueueId) -> Result<bool, CommandError> {
        let released = self.postsuper("-H", id, &["hold"], "Released from hold").await?;
        if released {
            // Else it would lie there until the next queue run. It goes then at the latest.
            if let Err(e) = self.run("postqueue", &["-i", id.as_str()], LONGEST_ERROR).await {
                tracing::warn!("{id}: released, but not asked to go at once: {e}");
            }
        }
        Ok(released)
    }

    /// Deletes a mail; `false` where it is not on hold.
    pub(super) async fn discard(&self, id: &QueueId) -> Result<bool, CommandError> {
        self.postsuper("-d", id, &["hold"], "Deleted").await
    }

    /// Puts a mail on hold; `false` where it is in no queue from which that can be done.
    pub(super) async fn hold(&self, id: &QueueId) -> Result<bool, CommandError> {
        self.postsuper("-h", id, &["incoming", "active", "deferred"], "Placed on hold").await
    }

    /// The mail; empty where it is gone.
    pub(super) async fn show(&self, id: &QueueId) -> Result<Content, CommandError> {
        let ran = self.run("postcat", &["-q", id.as_str()], LONGEST_CONTENT).await?;
        // Killed by a full pipe it did enough.
        if ran.status.success() || !ran.out.whole {
            return Ok(ran.out);
        }
        Err(error("postcat", ran.complaint()))
    }

    /// Whether postsuper(1) did to the one mail what it was asked. It tells so on standard error
    /// alone, and ends well with nothing done.
    async fn postsuper(
        &self,
        option: &str,
        id: &QueueId,
        queues: &[&str],
        report: &str,
    ) -> Result<bool, CommandError> {
        let arguments = [&[option, id.as_str()], queues].concat();
        let ran = self.run("postsuper", &arguments, LONGEST_ERROR).await?;
        if !ran.status.success() {
            return Err(error("postsuper", ran.complaint()));
        }
        done(&String::from_utf8_lossy(&ran.said.bytes), report)
            .ok_or_else(|| error("postsuper", ran.complaint()))
    }

    async fn run(
        &self,
        program: &str,
        arguments: &[&str],
        at_most: usize,
    ) -> Result<Ran, CommandError> {
        let arguments: Vec<&OsStr> = arguments.iter().map(AsRef::as_ref).collect();
        let mut child = self.spawn(program, &arguments)?;
        let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(error(program, "its output cannot be read".into()));
        };
        let work = async {
            let (out, said) = tokio::join!(bounded(out, at_most), bounded(err, LONGEST_ERROR));
            Ok::<_, std::io::Error>(Ran { out: out?, said: said?, status: child.wait().await? })
        };
        let ended = timeout(LIMIT, work).await.map_err(|_| late(program))?;
        ended.map_err(|e| error(program, e.to_string()))
    }

    /// Killed when what waits for it is given up.
    fn spawn(
        &self,
        program: &str,
        arguments: &[&OsStr],
    ) -> Result<tokio::process::Child, CommandError> {
        let mut command = Command::new(self.program(program)?);
        if let Some(config) = &self.config {
            command.arg("-c").arg(config);
        }
        command
            .args(arguments)
            .env_clear()
            .envs([("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), ("LC_ALL", "C")])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command.spawn().map_err(|e| error(program, e.to_string()))
    }

    /// The program, if nobody but root can have put it there.
    fn program(&self, name: &str) -> Result<PathBuf, CommandError> {
        let path = self.folder.join(name);
        for place in [self.folder.as_path(), &path] {
            let found = std::fs::metadata(place)
                .map_err(|e| error(name, format!("{}: {e}", place.display())))?;
            if found.uid() != 0 || found.mode() & 0o022 != 0 {
                let place = place.display();
                return Err(error(name, format!("{place} can be changed by others than root")));
            }
        }
        Ok(path)
    }
}

/// How a command ended.
struct Ran {
    status: ExitStatus,
    out: Content,
    said: Content,
}

impl Ran {
    fn complaint(&self) -> String {
        let said = String::from_utf8_lossy(&self.said.bytes);
        match said.lines().last() {
            Some(line) => line.to_owned(),
            None => self.status.to_string(),
        }
    }
}

/// How many mails a report of postsuper(1) tells of, as one or none; `None` without a report.
fn done(said: &str, report: &str) -> Option<bool> {
    said.lines().rev().find_map(|line| {
        let (_, count) = line.split_once(report)?;
        let count = count.strip_prefix(": ")?.split(' ').next()?;
        count.parse::<u32>().ok().map(|count| count > 0)
    })
}

/// Reads to the end and keeps the first `at_most` bytes.
async fn bounded(mut from: impl AsyncRead + Unpin, at_most: usize) -> std::io::Result<Content> {
    let mut bytes = Vec::new();
    (&mut from).take(at_most as u64).read_to_end(&mut bytes).await?;
    let mut rest = vec![0; 8 << 10];
    let mut left = 0usize;
    loop {
        match from.read(&mut rest).await? {
            0 => return Ok(Content { bytes, whole: left == 0 }),
            // Whoever asked has enough; the pipe is closed, and that ends the command.
            _ if left > MOST_PASSED_OVER => return Ok(Content { bytes, whole: false }),
            more => left = left.saturating_add(more),
        }
    }
}

/// Reads postqueue(1)'s JSON lines and keeps those of the hold queue.
async fn held(mut from: impl AsyncRead + Unpin) -> std::io::Result<Listing> {
    let mut listing = Listing { entries: Vec::new(), whole: true };
    let (mut line, mut too_long) = (Vec::new(), false);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(listing);
        }
        for piece in buffer.get(..read).unwrap_or_default().split_inclusive(|b| *b == b'\n') {
            if line.len().saturating_add(piece.len()) > LONGEST_LINE {
                too_long = true;
            } else {
                line.extend_from_slice(piece);
            }
            if piece.last() == Some(&b'\n') {
                listing.whole &= !std::mem::take(&mut too_long);
                listing.add(&line);
                line.clear();
            }
        }
    }
}

impl Listing {
    /// Adds what a line tells, if it is of the hold queue.
    fn add(&mut self, line: &[u8]) {
        // Deferred queues are long: only what may be on hold is read closely.
        let start = line.get(..line.len().min(64)).unwrap_or_default();
        if memchr::memmem::find(start, b"\"hold\"").is_none() {
            return;
        }
        let Ok(queued) = serde_json::from_slice::<Queued>(line) else {
            self.whole = false;
            return;
        };
        if queued.queue_name != "hold" {
            return;
        }
        if self.entries.len() >= MOST_LISTED {
            self.whole = false;
            return;
        }
        self.entries.push(Entry {
            id: queued.queue_id,
            arrival: queued.arrival_time,
            size: queued.message_size,
            sender: queued.sender.chars().take(LONGEST_SENDER).collect(),
        });
    }
}

/// A line of `postqueue -j`.
#[derive(Deserialize)]
struct Queued {
    queue_name: String,
    queue_id: String,
    arrival_time: i64,
    message_size: u64,
    sender: String,
}

fn error(program: &str, why: String) -> CommandError {
    CommandError { program: program.to_owned(), why }
}

fn late(program: &str) -> CommandError {
    error(program, format!("took longer than {} s and was ended", LIMIT.as_secs()))
}

/// Where postconf(1) is.
const POSTCONF_FOLDERS: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/usr/bin"];

/// How long a command may take.
const LIMIT: Duration = Duration::from_secs(30);

/// Mails of the hold queue that are told.
pub(super) const MOST_LISTED: usize = 100_000;

/// Bytes of a mail that are shown.
pub(super) const LONGEST_CONTENT: usize = 1 << 20;

/// Bytes of one line of postqueue(1): 10,000 recipients with a reason each.
const LONGEST_LINE: usize = 4 << 20;

/// Characters of a sender; an address has 254.
const LONGEST_SENDER: usize = 320;

/// Bytes kept of what a command says on standard error.
const LONGEST_ERROR: usize = 4 << 10;

/// Bytes read and thrown away, so that a command can end by itself.
const MOST_PASSED_OVER: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    #[test]
    fn only_the_hold_queue_is_kept() {
        let json = br#"{"queue_name": "deferred", "queue_id": "A1B2C3D", "arrival_time": 1, "message_size": 2, "forced_expire": false, "sender": "hold@b.example", "recipients": [{"address": "\"hold\"@x"}]}
{"queue_name": "hold", "queue_id": "026D799607B", "arrival_time": 1795292933, "message_size": 188, "forced_expire": false, "sender": "MAILER-DAEMON", "recipients": [{"address": "taro@own.example"}]}
"#;
        let entry = Entry {
            id: "026D799607B".into(),
            arrival: 1_795_292_933,
            size: 188,
            sender: "MAILER-DAEMON".into(),
        };
        let read = block_on(held(&json[..])).unwrap();
        assert_eq!(read, Listing { entries: vec![entry], whole: true });
    }

    #[test]
    fn what_cannot_be_read_makes_the_list_no_proof_of_absence() {
        let broken = b"{\"queue_name\": \"hold\", \"queue_id\": 7}\n";
        assert!(!block_on(held(&broken[..])).unwrap().whole);
        let long =
            [&b"{\"queue_name\": \"hold\", "[..], &vec![b' '; LONGEST_LINE], b"}\n"].concat();
        assert!(!block_on(held(&long[..])).unwrap().whole);
    }

    #[test]
    fn postsuper_tells_on_standard_error() {
        let released = "postsuper: 026D799607B: released from hold\n\
                        postsuper: Released from hold: 1 message\n";
        assert_eq!(done(released, "Released from hold"), Some(true));
        assert_eq!(done("postsuper: Deleted: 0 messages\n", "Deleted"), Some(false));
        assert_eq!(done("", "Deleted"), None);
        assert_eq!(done("postsuper: fatal: Deleted\n", "Deleted"), None);
    }

    #[test]
    fn output_is_bounded() {
        let read = block_on(bounded(&b"12345"[..], 3)).unwrap();
        assert_eq!(read, Content { bytes: b"123".to_vec(), whole: false });
        let read = block_on(bounded(&b"123"[..], 3)).unwrap();
        assert_eq!(read, Content { bytes: b"123".to_vec(), whole: true });
    }

    proptest! {
        #[test]
        fn any_listing_is_read(lines in "(\\{\"queue_name\": \"hold\"|\"queue_id\"|[:,}0-9\"\n]){0,30}") {
            let _ = block_on(held(lines.as_bytes()));
        }
    }
}
