//! A small SMTP client (RFC 5321) that shows every reply and hides nothing.
//!
//! Way in: [`Session::connect`], then [`Session::introduce`] and [`Session::send`]; [`Session::command`]
//! and [`Session::write`] for tests that stop half-way. Commands are sent one at a time (no
//! pipelining) and content goes out as it is given, 8-bit bytes included, with dots doubled.
//! Fails with an [`io::Error`] when the server is silent for [`PATIENCE`] or closes.

use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// A reply of the server: its code and the text of each line, without the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Three digits.
    pub code: u16,
    /// Text of every line.
    pub lines: Vec<String>,
}

/// Who the client says it is, by Postfix's XCLIENT command (the test server allows it).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Address that the server is to take as the client's; `None` stays 127.0.0.1.
    pub address: Option<String>,
    /// Host name, `[UNAVAILABLE]` when `None`.
    pub name: Option<String>,
    /// SASL user name, as if AUTH had succeeded.
    pub login: Option<String>,
}

/// An envelope and a content with any line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// MAIL FROM, empty for reports.
    pub from: String,
    /// RCPT TO, in order.
    pub to: Vec<String>,
    /// Whether MAIL FROM says SMTPUTF8 (RFC 6531).
    pub smtputf8: bool,
    /// The message.
    pub content: Vec<u8>,
}

/// One connection.
pub struct Session {
    stream: BufReader<TcpStream>,
    /// Every reply so far, the greeting first.
    pub replies: Vec<Reply>,
}

impl Reply {
    /// All lines in one.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// Whether the command was taken (2xx or 3xx).
    pub fn is_ok(&self) -> bool {
        matches!(self.code, 200..=399)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.lines.join(" / "))
    }
}

impl Client {
    /// A mail server elsewhere: a documentation address (RFC 5737), not our own network.
    pub fn outside() -> Client {
        Client {
            address: Some("192.0.2.25".into()),
            name: Some("mx.outside.example".into()),
            login: None,
        }
    }

    /// A member of staff at a desk or on the road who has logged in.
    pub fn logged_in(user: &str) -> Client {
        Client { address: Some("198.51.100.7".into()), name: None, login: Some(user.into()) }
    }
}

impl Letter {
    /// A letter to one recipient.
    pub fn new(from: &str, to: &str, content: impl AsRef<[u8]>) -> Letter {
        Letter {
            from: from.into(),
            to: vec![to.into()],
            smtputf8: false,
            content: content.as_ref().to_vec(),
        }
    }
}

impl Session {
    /// Connects to a port on loopback and reads the greeting.
    pub fn connect(port: u16) -> io::Result<Session> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut session = Session { stream: BufReader::new(stream), replies: Vec::new() };
        session.reply()?;
        Ok(session)
    }

    /// Says who we are and EHLO. The answer to EHLO comes back.
    pub fn introduce(&mut self, client: &Client) -> io::Result<Reply> {
        let helo = client.name.as_deref().unwrap_or("client.example");
        let hello = format!("EHLO {helo}");
        if *client != Client::default() {
            self.command(&hello)?;
            let mut xclient = String::from("XCLIENT");
            let mut attribute = |name: &str, value: Option<&String>, absent: &str| {
                let value = value.map_or(absent, String::as_str);
                if !value.is_empty() {
                    xclient.push_str(&format!(" {name}={value}"));
                }
            };
            attribute("ADDR", client.address.as_ref(), "");
            attribute("NAME", client.name.as_ref(), "[UNAVAILABLE]");
            attribute("LOGIN", client.login.as_ref(), "");
            self.command(&xclient)?;
        }
        self.command(&hello)
    }

    /// One whole transaction. The first refusal of MAIL or DATA ends it; of several recipients
    /// the accepted ones are served. The last reply comes back, all of them are in `replies`.
    pub fn send(&mut self, letter: &Letter) -> io::Result<Reply> {
        let reply = self.begin(letter)?;
        if reply.code != 354 {
            return Ok(reply);
        }
        self.write(&stuffed(&letter.content))?;
        self.write(b".\r\n")?;
        self.reply()
    }

    /// MAIL, RCPT and DATA; 354 when the content may follow.
    pub fn begin(&mut self, letter: &Letter) -> io::Result<Reply> {
        let utf8 = if letter.smtputf8 { " SMTPUTF8" } else { "" };
        let body = if letter.content.is_ascii() { "" } else { " BODY=8BITMIME" };
        let reply = self.command(&format!("MAIL FROM:<{}>{body}{utf8}", letter.from))?;
        if !reply.is_ok() {
            return Ok(reply);
        }
        let mut refused = None;
        let mut accepted = 0;
        for to in &letter.to {
            let reply = self.command(&format!("RCPT TO:<{to}>"))?;
            if reply.is_ok() {
                accepted += 1;
            } else {
                refused = Some(reply);
            }
        }
        match refused {
            Some(reply) if accepted == 0 => Ok(reply),
            _ => self.command("DATA"),
        }
    }

    /// Sends one command line and reads the reply.
    pub fn command(&mut self, line: &str) -> io::Result<Reply> {
        self.write(format!("{line}\r\n").as_bytes())?;
        self.reply()
    }

    /// Sends bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Reads one reply, all its lines.
    pub fn reply(&mut self) -> io::Result<Reply> {
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            self.stream.read_until(b'\n', &mut line)?;
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\r', '\n']);
            let code = text.get(..3).and_then(|c| c.parse().ok());
            let Some(code) = code else {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    format!("instead of a reply the server said {text:?}"),
                ));
            };
            lines.push(text.get(4..).unwrap_or_default().to_owned());
            if text.as_bytes().get(3) != Some(&b'-') {
                let reply = Reply { code, lines };
                self.replies.push(reply.clone());
                return Ok(reply);
            }
        }
    }
}

/// Connects, introduces `client`, sends one letter and leaves. The reply to the letter comes back.
pub fn send(port: u16, client: &Client, letter: &Letter) -> io::Result<Reply> {
    let mut session = Session::connect(port)?;
    session.introduce(client)?;
    let reply = session.send(letter)?;
    session.command("QUIT")?;
    Ok(reply)
}

/// `content` with CRLF line ends, leading dots doubled (RFC 5321 section 4.5.2) and a last CRLF.
pub fn stuffed(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + content.len() / 32 + 2);
    let mut previous = b'\n';
    for &byte in content {
        if byte == b'\n' && previous != b'\r' {
            out.push(b'\r');
        }
        if byte == b'.' && previous == b'\n' {
            out.push(b'.');
        }
        out.push(byte);
        previous = byte;
    }
    if previous != b'\n' {
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Longer than any of the server's own waits on loopback; a test that gets here has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_made_fit_for_data() {
        let cases: [(&[u8], &[u8]); 5] = [
            (b"a\nb\n", b"a\r\nb\r\n"),
            (b"a\r\n.\r\n..b", b"a\r\n..\r\n...b\r\n"),
            (b".a", b"..a\r\n"),
            (b"", b""),
            (b"\x82\xa0.\n", b"\x82\xa0.\r\n"),
        ];
        for (content, expected) in cases {
            assert_eq!(stuffed(content), expected, "{content:?}");
        }
    }
}
