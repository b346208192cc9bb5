//! A mail server that speaks to a running milter as Postfix does, and is as strict.
//!
//! Way in: [`FakePostfix::connect`], then [`FakePostfix::send`] for whole mails; the smaller steps
//! are public so that tests can misbehave. [`Outcome::delivered`] shows what would be in the queue.
//!
//! It keeps Postfix's habits: nothing is flushed before an answer is due; macros go before each
//! event whose stage has any, also before events that were switched off; header folds are LF; the
//! body goes in chunks of 65,535; ABORT follows each mail. And its rules: every [`Fault`] here is
//! something for which Postfix would log a warning and drop the filter.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use sekisho_config::Listen;
use sekisho_milter::wire::frame::{First, first_packet};
use sekisho_milter::wire::{
    Action, Actions, Agreement, Command, Family, FromFilter, MacroStage, Offer, Protocol, Reply,
    Words,
};

use crate::outcome::Outcome;

/// What the filter did wrong, or that it is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(pub String);

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// The offer of Postfix 3.5 and later.
pub const POSTFIX: Offer = Offer { version: 6, actions: Actions::ALL, protocol: Protocol::ALL };

/// The offer of an old mail server: version 2 and nothing newer.
pub const VERSION_2: Offer = Offer { version: 2, actions: Actions(0x1f), protocol: Protocol(0x7f) };

/// An SMTP client.
#[derive(Clone, Debug)]
pub struct Client {
    /// Verified name.
    pub hostname: String,
    /// Address in text.
    pub address: String,
    /// Name in EHLO.
    pub helo: String,
}

impl Default for Client {
    fn default() -> Client {
        Client {
            hostname: "mail.example.com".into(),
            address: "192.0.2.1".into(),
            helo: "mail.example.com".into(),
        }
    }
}

/// Name and value of a header field; the value is all after the colon, with LF folds.
pub type Field = (Vec<u8>, Vec<u8>);

/// A mail and its envelope.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Address of MAIL FROM without brackets.
    pub from: String,
    /// ESMTP arguments of MAIL FROM.
    pub arguments: Vec<String>,
    /// Addresses of RCPT TO without brackets.
    pub recipients: Vec<String>,
    /// Name of the SASL login, if any.
    pub authenticated_as: Option<String>,
    /// Queue id.
    pub queue_id: String,
    /// Headers and body; line ends may be LF or CRLF.
    pub message: Vec<u8>,
}

impl Mail {
    /// A mail from `sender@example.com` to `staff@own.example`.
    pub fn new(message: impl AsRef<[u8]>) -> Mail {
        Mail {
            from: "sender@example.com".into(),
            arguments: Vec::new(),
            recipients: vec!["staff@own.example".into()],
            authenticated_as: None,
            queue_id: "4XYZ12ABCDz9".into(),
            message: message.as_ref().to_vec(),
        }
    }

    /// Header fields, name and all after the colon with LF folds, and the body with CRLF.
    pub fn parts(&self) -> (Vec<Field>, Vec<u8>) {
        let mut fields: Vec<Field> = Vec::new();
        let mut lines = self.message.split_inclusive(|byte| *byte == b'\n');
        for line in lines.by_ref() {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match (line, fields.last_mut()) {
                ([], _) => break,
                ([b' ' | b'\t', ..], Some((_, value))) => {
                    value.push(b'\n');
                    value.extend_from_slice(line);
                }
                _ => {
                    let mut halves = line.splitn(2, |byte| *byte == b':').map(<[u8]>::to_vec);
                    let name = halves.next().unwrap_or_default();
                    fields.push((name, halves.next().unwrap_or_default()));
                }
            }
        }
        let mut body = Vec::new();
        for line in lines {
            let bare = line.strip_suffix(b"\n").unwrap_or(line);
            body.extend_from_slice(bare.strip_suffix(b"\r").unwrap_or(bare));
            body.extend_from_slice(b"\r\n");
        }
        (fields, body)
    }

    fn macros(&self, name: &str) -> String {
        match name.trim_matches(['{', '}']) {
            "j" | "daemon_name" => "mx.own.example".into(),
            "v" => "Postfix 3.7.11".into(),
            "i" => self.queue_id.clone(),
            "mail_addr" => self.from.clone(),
            "auth_type" => self.authenticated_as.iter().map(|_| "PLAIN").collect(),
            "auth_authen" => self.authenticated_as.clone().unwrap_or_default(),
            _ => String::new(),
        }
    }
}

/// One connection to a filter.
pub struct FakePostfix {
    stream: Box<dyn Wire>,
    out: Vec<u8>,
    inbox: Vec<u8>,
    /// What was negotiated.
    pub agreement: Agreement,
    skipped: Option<u8>,
}

impl FakePostfix {
    /// Connects and negotiates as Postfix does.
    pub fn connect(address: &Listen) -> Result<FakePostfix, Fault> {
        FakePostfix::connect_as(address, POSTFIX)
    }

    /// Connects and negotiates with another offer.
    pub fn connect_as(address: &Listen, offer: Offer) -> Result<FakePostfix, Fault> {
        let mut postfix = FakePostfix::dial(address)?;
        postfix.put(&Command::Negotiate(offer));
        postfix.agree(offer)?;
        Ok(postfix)
    }

    /// Reads the answer to an offer that was sent.
    pub fn agree(&mut self, offer: Offer) -> Result<(), Fault> {
        let FromFilter::Negotiate(agreement) = self.packet()? else {
            return Err(Fault("something else than the negotiation was answered".into()));
        };
        if agreement.version > offer.version {
            return Err(Fault(format!("version {} was not offered", agreement.version)));
        }
        if !offer.actions.has(agreement.actions) || !offer.protocol.has(agreement.protocol) {
            return Err(Fault(format!("more than was offered: {agreement:?}")));
        }
        self.agreement = agreement;
        Ok(())
    }

    /// Connects and says nothing yet.
    pub fn dial(address: &Listen) -> Result<FakePostfix, Fault> {
        let stream: Box<dyn Wire> = match address {
            Listen::Inet { host, port } => {
                let stream = TcpStream::connect((host.as_str(), *port)).map_err(lost)?;
                stream.set_nodelay(true).map_err(lost)?;
                stream.set_read_timeout(Some(PATIENCE)).map_err(lost)?;
                Box::new(stream)
            }
            Listen::Unix(path) => {
                let stream = UnixStream::connect(path).map_err(lost)?;
                stream.set_read_timeout(Some(PATIENCE)).map_err(lost)?;
                Box::new(stream)
            }
        };
        Ok(FakePostfix {
            stream,
            out: Vec::new(),
            inbox: Vec::new(),
            agreement: Agreement::default(),
            skipped: None,
        })
    }

    /// The SMTP client connects and says EHLO.
    pub fn greet(&mut self, client: &Client) -> Result<(), Fault> {
        let nobody = Mail::new("");
        let family = if client.address.contains(':') { Family::Inet6 } else { Family::Inet };
        let prefix = if family == Family::Inet6 { "IPv6:" } else { "" };
        let address = format!("{prefix}{}", client.address);
        self.macros(MacroStage::Connect, b'C', &nobody);
        let (hostname, address) = (client.hostname.as_bytes(), address.as_bytes());
        self.event(
            &Command::Connect { hostname, family, port: 40_000, address },
            Protocol::NO_CONNECT,
            Protocol::QUIET_CONNECT,
        )?;
        self.macros(MacroStage::Helo, b'H', &nobody);
        let helo = Command::Helo(client.helo.as_bytes());
        self.event(&helo, Protocol::NO_HELO, Protocol::QUIET_HELO)?;
        Ok(())
    }

    /// One mail, from MAIL FROM to the verdict, and ABORT after it.
    pub fn send(&mut self, mail: &Mail) -> Result<Outcome, Fault> {
        let early = match self.envelope(mail)? {
            None => self.content(mail)?,
            early => early,
        };
        let outcome = match early {
            Some(reply) => Outcome { actions: Vec::new(), reply, progress: 0 },
            None => self.end_of_message(mail)?,
        };
        self.abort()?;
        Ok(outcome)
    }

    /// MAIL FROM, RCPT TO, DATA. An answer other than "continue" is returned.
    pub fn envelope(&mut self, mail: &Mail) -> Result<Option<Reply>, Fault> {
        let mut sender = format!("<{}>\0", mail.from);
        mail.arguments.iter().for_each(|argument| sender.extend([argument, "\0"]));
        self.macros(MacroStage::Mail, b'M', mail);
        let command = Command::Mail(words(sender.as_bytes())?);
        let reply = self.event(&command, Protocol::NO_MAIL, Protocol::QUIET_MAIL)?;
        if reply != Reply::Continue {
            return Ok(Some(reply));
        }
        for recipient in &mail.recipients {
            self.macros(MacroStage::Rcpt, b'R', mail);
            let recipient = format!("<{recipient}>\0");
            let command = Command::Rcpt(words(recipient.as_bytes())?);
            let reply = self.event(&command, Protocol::NO_RCPT, Protocol::QUIET_RCPT)?;
            if reply != Reply::Continue {
                return Ok(Some(reply));
            }
        }
        self.macros(MacroStage::Data, b'T', mail);
        let reply = self.event(&Command::Data, Protocol::NO_DATA, Protocol::QUIET_DATA)?;
        Ok((reply != Reply::Continue).then_some(reply))
    }

    /// Headers and body. An answer other than "continue" and "skip" is returned.
    pub fn content(&mut self, mail: &Mail) -> Result<Option<Reply>, Fault> {
        let (fields, body) = mail.parts();
        let exact = self.agreement.protocol.has(Protocol::HEADER_LEADING_SPACE);
        for (name, value) in &fields {
            self.macros(MacroStage::EndOfHeaders, b'L', mail);
            let value = if exact { value } else { value.strip_prefix(b" ").unwrap_or(value) };
            let command = Command::Header { name, value };
            let reply = self.event(&command, Protocol::NO_HEADERS, Protocol::QUIET_HEADERS)?;
            if reply != Reply::Continue {
                return Ok(Some(reply));
            }
        }
        self.macros(MacroStage::EndOfHeaders, b'N', mail);
        let (left_out, quiet) = (Protocol::NO_END_OF_HEADERS, Protocol::QUIET_END_OF_HEADERS);
        let reply = self.event(&Command::EndOfHeaders, left_out, quiet)?;
        if reply != Reply::Continue {
            return Ok(Some(reply));
        }
        for chunk in body.chunks(65_535) {
            self.macros(MacroStage::EndOfMessage, b'B', mail);
            let command = Command::Body(chunk);
            let reply = self.event(&command, Protocol::NO_BODY, Protocol::QUIET_BODY)?;
            if reply != Reply::Continue {
                return Ok(Some(reply));
            }
        }
        Ok(None)
    }

    /// End of message and what the filter makes of it.
    pub fn end_of_message(&mut self, mail: &Mail) -> Result<Outcome, Fault> {
        self.skipped = None;
        self.macros(MacroStage::EndOfMessage, b'E', mail);
        self.put(&Command::EndOfMessage(b""));
        self.verdict()
    }

    /// Reads changes up to the verdict, as strictly as Postfix.
    pub fn verdict(&mut self) -> Result<Outcome, Fault> {
        let (mut actions, mut progress, mut body_closed) = (Vec::new(), 0, false);
        loop {
            let packet = self.packet()?;
            let in_body = matches!(packet, FromFilter::Action(Action::ReplaceBody(_)));
            body_closed |= !in_body && matches!(actions.last(), Some(Action::ReplaceBody(_)));
            match packet {
                FromFilter::Progress => progress += 1,
                FromFilter::Reply(reply) => {
                    self.silence()?;
                    return Ok(Outcome { actions, reply, progress });
                }
                FromFilter::Negotiate(_) => return Err(Fault("a second negotiation".into())),
                FromFilter::Action(action) => {
                    if in_body && body_closed {
                        return Err(Fault("body chunks with something between them".into()));
                    }
                    self.check(&action)?;
                    match (&action, actions.last_mut()) {
                        (Action::ReplaceBody(more), Some(Action::ReplaceBody(body))) => {
                            body.extend_from_slice(more);
                        }
                        _ => actions.push(action),
                    }
                }
            }
        }
    }

    /// Forgets the message.
    pub fn abort(&mut self) -> Result<(), Fault> {
        self.skipped = None;
        self.put(&Command::Abort);
        self.flush()
    }

    /// Says good-bye and waits until the filter has closed the connection.
    pub fn quit(mut self) -> Result<(), Fault> {
        self.put(&Command::Quit);
        self.flush()?;
        self.closed()
    }

    /// The SMTP client is gone, the connection stays for the next one.
    pub fn quit_new_connection(&mut self) -> Result<(), Fault> {
        self.put(&Command::QuitNewConnection);
        self.flush()
    }

    /// Sends a command as it is, with what was held back.
    pub fn command(&mut self, command: &Command<'_>) -> Result<(), Fault> {
        self.put(command);
        self.flush()
    }

    /// Sends bytes as they are, with what was held back.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.out.extend_from_slice(bytes);
        self.flush()
    }

    /// Waits for the filter to close the connection; anything it says before is a fault.
    pub fn closed(&mut self) -> Result<(), Fault> {
        let mut byte = [0];
        match self.stream.read(&mut byte) {
            Ok(0) => Ok(()),
            Ok(_) => Err(Fault("the filter spoke instead of closing".into())),
            Err(e) if e.kind() == io::ErrorKind::ConnectionReset => Ok(()),
            Err(e) => Err(lost(e)),
        }
    }

    /// Nothing may have come that nobody asked for.
    pub fn silence(&mut self) -> Result<(), Fault> {
        self.stream.nonblocking(true).map_err(lost)?;
        let mut stray = [0; 16];
        let read = self.stream.read(&mut stray);
        self.stream.nonblocking(false).map_err(lost)?;
        match read {
            Ok(count) if count > 0 => Err(Fault("bytes that nobody asked for".into())),
            _ if !self.inbox.is_empty() => Err(Fault("bytes that nobody asked for".into())),
            _ => Ok(()),
        }
    }

    /// Sends an event unless it was switched off or skipped, and reads the answer if one is due.
    fn event(
        &mut self,
        command: &Command<'_>,
        left_out: Protocol,
        quiet: Protocol,
    ) -> Result<Reply, Fault> {
        let code = command.code();
        if self.agreement.protocol.has(left_out) || self.skipped == Some(code) {
            return Ok(Reply::Continue);
        }
        // DATA came with version 4.
        if code == b'T' && self.agreement.version < 4 {
            return Ok(Reply::Continue);
        }
        self.skipped = None;
        self.put(command);
        if self.agreement.protocol.has(quiet) {
            return Ok(Reply::Continue);
        }
        match self.packet()? {
            FromFilter::Reply(Reply::Skip) => {
                if !self.agreement.protocol.has(Protocol::SKIP) {
                    return Err(Fault("skip was not agreed".into()));
                }
                self.skipped = Some(code);
                Ok(Reply::Continue)
            }
            FromFilter::Reply(reply) => Ok(reply),
            other => Err(Fault(format!("{other:?} before the end of the message"))),
        }
    }

    fn check(&self, action: &Action) -> Result<(), Fault> {
        let (right, name, value) = match action {
            Action::AddHeader { name, value } | Action::InsertHeader { name, value, .. } => {
                (Actions::ADD_HEADERS, &name[..], &value[..])
            }
            Action::ChangeHeader { name, value, .. } => {
                (Actions::CHANGE_HEADERS, &name[..], &value[..])
            }
            Action::ReplaceBody(body) if body.len() > 65_535 => {
                return Err(Fault("a body chunk above 65,535 bytes".into()));
            }
            Action::ReplaceBody(_) => (Actions::CHANGE_BODY, &b"X"[..], &b""[..]),
            Action::Quarantine(_) => (Actions::QUARANTINE, &b"X"[..], &b""[..]),
            Action::ChangeSender { .. } => (Actions::CHANGE_SENDER, &b"X"[..], &b""[..]),
            Action::AddRecipient { arguments, .. } if arguments.is_empty() => {
                (Actions::ADD_RECIPIENTS, &b"X"[..], &b""[..])
            }
            Action::AddRecipient { .. } => {
                (Actions::ADD_RECIPIENTS_WITH_ARGUMENTS, &b"X"[..], &b""[..])
            }
            Action::RemoveRecipient(_) => (Actions::REMOVE_RECIPIENTS, &b"X"[..], &b""[..]),
        };
        if !self.agreement.actions.has(right) {
            return Err(Fault(format!("{action:?} was not granted")));
        }
        let name_ok = !name.is_empty() && name.iter().all(|b| b.is_ascii_graphic() && *b != b':');
        let folds_ok = value.split(|byte| *byte == b'\n').skip(1).all(|line| {
            matches!(line.first(), Some(b' ' | b'\t')) && !line.trim_ascii().is_empty()
        });
        if !name_ok || !folds_ok || value.contains(&b'\r') {
            return Err(Fault(format!("not a header: {action:?}")));
        }
        Ok(())
    }

    /// Macros of a stage: those the filter chose, else those of Postfix's defaults.
    fn macros(&mut self, stage: MacroStage, code: u8, mail: &Mail) {
        let chosen =
            self.agreement.macros.iter().find(|(s, _)| *s == stage).map(|(_, n)| n.clone());
        let none_chosen = self.agreement.macros.is_empty();
        let names = match chosen {
            Some(names) => names,
            None if none_chosen => default_macros(stage).to_owned(),
            None => String::new(),
        };
        if names.is_empty() {
            return;
        }
        let mut pairs = Vec::new();
        for name in names.split([' ', ',']).filter(|name| !name.is_empty()) {
            let value = mail.macros(name);
            if !value.is_empty() {
                pairs.extend_from_slice(format!("{name}\0{value}\0").as_bytes());
            }
        }
        if let Some(pairs) = Words::new(&pairs) {
            self.put(&Command::Macros { stage: code, pairs });
        }
    }

    fn put(&mut self, command: &Command<'_>) {
        command.encode(&mut self.out);
    }

    /// Sends what was held back.
    pub fn flush(&mut self) -> Result<(), Fault> {
        let written = self.stream.write_all(&self.out).map_err(lost);
        self.out.clear();
        written
    }

    /// The next packet of the filter.
    pub fn packet(&mut self) -> Result<FromFilter, Fault> {
        self.flush()?;
        loop {
            let first = first_packet(&self.inbox).map_err(|e| Fault(e.to_string()))?;
            if let First::Whole(packet) = first {
                let decoded = FromFilter::decode(packet).map_err(|e| Fault(e.to_string()));
                let length = packet.wire_len();
                self.inbox.drain(..length);
                return decoded;
            }
            let mut bytes = vec![0; 64 << 10];
            match self.stream.read(&mut bytes).map_err(lost)? {
                0 => return Err(Fault("the filter closed the connection".into())),
                count => self.inbox.extend(bytes.iter().take(count)),
            }
        }
    }
}

/// Either kind of socket.
trait Wire: Read + Write + Send {
    fn nonblocking(&self, yes: bool) -> io::Result<()>;
}

impl Wire for TcpStream {
    fn nonblocking(&self, yes: bool) -> io::Result<()> {
        self.set_nonblocking(yes)
    }
}

impl Wire for UnixStream {
    fn nonblocking(&self, yes: bool) -> io::Result<()> {
        self.set_nonblocking(yes)
    }
}

fn words(bytes: &[u8]) -> Result<Words<'_>, Fault> {
    Words::new(bytes).ok_or_else(|| Fault("not a list of strings".into()))
}

fn lost(e: io::Error) -> Fault {
    match e.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            Fault("the filter does not answer".into())
        }
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => {
            Fault("the filter closed the connection".into())
        }
        _ => Fault(e.to_string()),
    }
}

/// Defaults of `milter_*_macros` in Postfix.
fn default_macros(stage: MacroStage) -> &'static str {
    match stage {
        MacroStage::Connect => "j {daemon_name} {daemon_addr} v _",
        MacroStage::Helo => "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}",
        MacroStage::Mail => {
            "i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}"
        }
        MacroStage::Rcpt => "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
        MacroStage::Data | MacroStage::EndOfMessage | MacroStage::EndOfHeaders => "i",
    }
}

/// How long a filter may take for one answer.
const PATIENCE: Duration = Duration::from_secs(20);
