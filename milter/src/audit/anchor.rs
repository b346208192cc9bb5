//! Anchors: the head of the log, told to somebody outside.
//!
//! Whoever may write the files of a log can compute the whole chain anew; what was told to another
//! host, another disk or a person before that stays as it was. An anchor is one line of text, found
//! again within any other text (a syslog line, a mail):
//!
//! ```text
//! sekisho-audit anchor host=mx1.example.jp seq=1204 hash=… at=2027-03-31T09:00:00+09:00
//! ```
//!
//! Way in: [`Destination`], which is anything that takes that line; [`Anchor::find`] to read one.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;

use tracing::info;

use super::entry::Hash;
use super::files::FILE_MODE;

/// The head of a log at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Host that writes the log.
    pub host: String,
    /// Number of the last entry.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
    /// When the anchor was made, RFC 3339 with the host's offset.
    pub at: String,
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Anchor { host, seq, hash, at } = self;
        write!(f, "{MARK} host={host} seq={seq} hash={hash} at={at}")
    }
}

impl Anchor {
    /// The first anchor within a line of text.
    pub fn find(text: &str) -> Option<Anchor> {
        let (_, values) = text.split_once(MARK)?;
        let mut anchor =
            Anchor { host: String::new(), seq: 0, hash: Hash::default(), at: String::new() };
        // In a JSON line or a quotation a mark follows the last value.
        let words = values.split([' ', '\t', '"', '\r', '\n', '<', '\\']).filter(|w| !w.is_empty());
        let mut known = 0;
        for (word, name) in words.zip(["host", "seq", "hash", "at"]) {
            let value = word.strip_prefix(name)?.strip_prefix('=')?;
            match name {
                "host" => anchor.host = value.to_owned(),
                "seq" => anchor.seq = value.parse().ok()?,
                "hash" => anchor.hash = Hash::parse(value)?,
                _ => anchor.at = value.to_owned(),
            }
            known += 1;
        }
        (known == 4).then_some(anchor)
    }
}

/// Somebody outside who is told anchors. Called on a thread of its own, one anchor at a time; a
/// slow one delays the other destinations and the compression of files, nothing else.
pub trait Destination: Send {
    /// What it is called in the log.
    fn name(&self) -> String;

    /// Takes an anchor. A failure is logged, and the next anchor comes at its usual time.
    fn send(&mut self, anchor: &Anchor) -> io::Result<()>;
}

/// A file to which anchors are appended, one a line.
#[derive(Clone, Debug)]
pub struct AnchorFile(pub PathBuf);

impl Destination for AnchorFile {
    fn name(&self) -> String {
        self.0.display().to_string()
    }

    fn send(&mut self, anchor: &Anchor) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options.append(true).create(true).mode(FILE_MODE).open(&self.0)?;
        file.write_all(format!("{anchor}\n").as_bytes())?;
        file.sync_data()
    }
}

/// The system log, by its local socket (RFC 3164, as the C library writes); the filter's own log
/// where there is none.
#[derive(Clone, Debug)]
pub struct Syslog {
    socket: PathBuf,
}

impl Default for Syslog {
    fn default() -> Syslog {
        Syslog { socket: PathBuf::from("/dev/log") }
    }
}

impl Syslog {
    /// Another socket than /dev/log.
    pub fn at(socket: PathBuf) -> Syslog {
        Syslog { socket }
    }
}

impl Destination for Syslog {
    fn name(&self) -> String {
        "syslog".to_owned()
    }

    fn send(&mut self, anchor: &Anchor) -> io::Result<()> {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        let time = jiff::Zoned::now().strftime("%b %e %H:%M:%S").to_string();
        let text = format!("<{AUTHPRIV_INFO}>{time} sekisho[{}]: {anchor}", std::process::id());
        match socket.send_to(text.as_bytes(), &self.socket) {
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) =>
            {
                info!("{anchor}");
                Ok(())
            }
            sent => sent.map(drop),
        }
    }
}

/// Any function that takes the text of an anchor, such as one that sends a mail.
pub struct Hook<F> {
    /// What it is called in the log.
    pub name: String,
    /// The function.
    pub send: F,
}

impl<F: FnMut(&str) -> io::Result<()> + Send> Destination for Hook<F> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn send(&mut self, anchor: &Anchor) -> io::Result<()> {
        (self.send)(&anchor.to_string())
    }
}

const MARK: &str = "sekisho-audit anchor";

/// Facility 10 (security messages), severity 6 (RFC 3164, 4.1.1).
const AUTHPRIV_INFO: u8 = 10 * 8 + 6;

#[cfg(test)]
mod tests {
    use super::*;

    fn anchor() -> Anchor {
        Anchor {
            host: "mx1.example.jp".into(),
            seq: 1204,
            hash: Hash::of(b"x"),
            at: "2027-03-31T09:00:00+09:00".into(),
        }
    }

    #[test]
    fn anchors_are_found_in_other_text() {
        let anchor = anchor();
        for text in [
            format!("{anchor}"),
            format!("Mar 31 09:00:00 mx1 sekisho[12]: {anchor}\n"),
            format!(r#"{{"level":"INFO","message":"{anchor}"}}"#),
            format!("> {anchor} (hourly)"),
        ] {
            assert_eq!(Anchor::find(&text).as_ref(), Some(&anchor), "{text}");
        }
        for text in ["", MARK, "sekisho-audit anchor host=a seq=x hash=y at=z", "host=a seq=1"] {
            assert_eq!(Anchor::find(text), None, "{text}");
        }
    }

    #[test]
    fn the_system_log_gets_one_datagram() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let listener = UnixDatagram::bind(&path).unwrap();
        Syslog::at(path).send(&anchor()).unwrap();
        let mut buffer = [0; 1024];
        let length = listener.recv(&mut buffer).unwrap();
        let text = std::str::from_utf8(&buffer[..length]).unwrap();
        assert!(text.starts_with("<86>"), "{text}");
        assert_eq!(Anchor::find(text), Some(anchor()));
    }

    #[test]
    fn a_missing_system_log_is_no_failure() {
        assert!(Syslog::at("/nowhere/log".into()).send(&anchor()).is_ok());
    }
}
