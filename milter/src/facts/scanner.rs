//! The virus scanner: clamd, asked by INSTREAM.
//!
//! Way in: [`Scanner::new`] once per configuration, [`Scanner::scan`] once a mail. The whole mail is
//! handed over, since clamd takes it apart itself; mails beyond `scanner.max_bytes` are not. No
//! answer within the deadline is [`NoAnswer`]; what that means for the mail is the handler's to say.

use std::fmt;
use std::io;
use std::time::Duration;

use clamav_client::tokio::{Socket, Tcp, scan_buffer};
use sekisho_config::{Listen, Settings};
use sekisho_heuristics::facts::Scan;
use tokio::time::timeout;

/// A clamd to be asked.
pub struct Scanner {
    clamd: Listen,
    deadline: Duration,
    max_bytes: usize,
}

/// Why clamd told nothing.
#[derive(Debug)]
pub enum NoAnswer {
    /// It cannot be reached, or broke off.
    Io(io::Error),
    /// Nothing came within the deadline.
    Late(Duration),
    /// It answered with an error; its words.
    Refused(String),
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoAnswer::Io(e) => write!(f, "clamd cannot be asked: {e}"),
            NoAnswer::Late(deadline) => write!(f, "clamd did not answer within {deadline:?}"),
            NoAnswer::Refused(words) => write!(f, "clamd says: {words}"),
        }
    }
}

impl Scanner {
    /// The scanner of the settings; `None` where none is configured.
    pub fn new(settings: &Settings) -> Option<Scanner> {
        let own = &settings.scanner;
        let clamd = own.clamd.clone()?;
        Some(Scanner { clamd, deadline: own.deadline, max_bytes: own.max_bytes })
    }

    /// What clamd says of one mail.
    ///
    /// # Errors
    /// It gave no answer.
    pub async fn scan(&self, raw: &[u8]) -> Result<Scan, NoAnswer> {
        if raw.len() > self.max_bytes {
            return Ok(Scan::Unknown);
        }
        let asked = async {
            match &self.clamd {
                Listen::Unix(path) => scan_buffer(raw, Socket { socket_path: path }, CHUNK).await,
                Listen::Inet { host, port } => {
                    scan_buffer(raw, Tcp { host_address: (host.as_str(), *port) }, CHUNK).await
                }
            }
        };
        match timeout(self.deadline, asked).await {
            Ok(Ok(answer)) => read(&answer),
            Ok(Err(e)) => Err(NoAnswer::Io(e)),
            Err(_) => Err(NoAnswer::Late(self.deadline)),
        }
    }
}

/// Bytes handed over at once.
const CHUNK: Option<usize> = Some(64 << 10);

/// `stream: OK`, `stream: NAME FOUND` or `… ERROR` (clamd(8)).
fn read(answer: &[u8]) -> Result<Scan, NoAnswer> {
    let text = String::from_utf8_lossy(answer);
    let text = text.trim_matches(['\0', '\n', '\r', ' ']);
    let said = text.strip_prefix("stream: ").unwrap_or(text);
    match said.strip_suffix(" FOUND") {
        Some(name) => Ok(Scan::Found(name.to_owned())),
        None if said == "OK" => Ok(Scan::Clean),
        None => Err(NoAnswer::Refused(said.chars().take(200).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[track_caller]
    fn check(answer: &str, expected: Result<Scan, &str>) {
        assert_eq!(
            read(answer.as_bytes()).map_err(|e| e.to_string()),
            expected.map_err(Into::into)
        );
    }

    #[test]
    fn answers() {
        check("stream: OK\0", Ok(Scan::Clean));
        check(
            "stream: Eicar-Test-Signature FOUND\0",
            Ok(Scan::Found("Eicar-Test-Signature".into())),
        );
        check(
            "INSTREAM size limit exceeded. ERROR\0",
            Err("clamd says: INSTREAM size limit exceeded. ERROR"),
        );
        check("", Err("clamd says: "));
    }

    /// A scanner that asks a port where whoever connects is treated so.
    async fn scanner(answer: Option<&'static [u8]>, deadline: Duration) -> Scanner {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            while !heard.ends_with(&[0; 4]) {
                if stream.read_buf(&mut heard).await.unwrap() == 0 {
                    return;
                }
            }
            match answer {
                Some(answer) => stream.write_all(answer).await.unwrap(),
                None => std::future::pending().await,
            }
        });
        let clamd = Listen::Inet { host: "127.0.0.1".into(), port };
        Scanner { clamd, deadline, max_bytes: 1000 }
    }

    #[tokio::test]
    async fn a_mail_is_handed_over_whole() {
        let scanner = scanner(Some(b"stream: A FOUND\0"), Duration::from_secs(5)).await;
        assert_eq!(scanner.scan(b"mail").await.unwrap(), Scan::Found("A".into()));
    }

    #[tokio::test]
    async fn a_scanner_that_says_nothing_is_late() {
        let scanner = scanner(None, Duration::from_millis(50)).await;
        let why = scanner.scan(b"mail").await.unwrap_err();
        assert_eq!(why.to_string(), "clamd did not answer within 50ms");
    }

    #[tokio::test]
    async fn nobody_there_and_mails_too_large() {
        let clamd = Listen::Unix("/nonexistent/clamd".into());
        let scanner = Scanner { clamd, deadline: Duration::from_secs(5), max_bytes: 10 };
        let why = scanner.scan(b"mail").await.unwrap_err();
        assert!(why.to_string().starts_with("clamd cannot be asked: "), "{why}");
        assert_eq!(scanner.scan(&[b'a'; 11]).await.unwrap(), Scan::Unknown);
    }
}
