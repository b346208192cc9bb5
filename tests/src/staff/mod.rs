//! How our own people send: mails written and submitted by other people's programs, `swaks` and
//! Python's email package.
//!
//! Way in: [`available_or_skip`], then [`Mail::by_python`] and [`Mail::by_swaks`]. Both give the
//! last reply of the server, as the sender's client got it. A program that cannot be run fails the
//! test.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::sasl;
use crate::smtp::Reply;

/// What is written, and how it is submitted.
#[derive(Clone, Debug)]
pub struct Mail<'a> {
    /// SASL user name, with the password that the test server takes; `None` does not log in.
    pub login: Option<&'a str>,
    /// MAIL FROM.
    pub from: &'a str,
    /// RCPT TO.
    pub to: Vec<String>,
    /// Whether MAIL FROM says SMTPUTF8 (RFC 6531); Python only.
    pub smtputf8: bool,
    /// Header fields in order, decoded.
    pub headers: Vec<(&'a str, String)>,
    /// Charset of text and header, as Python calls it.
    pub charset: &'a str,
    /// The text.
    pub text: &'a str,
    /// Names and places of the files that are attached.
    pub files: Vec<(&'a str, &'a Path)>,
    /// Whether text and signature stand in a multipart/signed; Python only.
    pub signed: bool,
}

/// What became of a mail.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What the server said last.
    pub reply: Reply,
    /// The message as it was submitted, CRLF line ends; empty where the program does not tell.
    pub content: Vec<u8>,
}

/// Whether the programs of this module are there; see [`can_run_or_skip`].
pub fn available_or_skip() -> bool {
    can_run_or_skip(&[("swaks", "--version", "swaks"), ("python3", "--version", "python3")])
}

/// Whether every program runs, named with an argument that does no harm and its Debian package.
/// Else it says which is missing and the test is passed over, unless `SEKISHO_REQUIRE_POSTFIX=1`
/// makes that a failure.
pub fn can_run_or_skip(programs: &[(&str, &str, &str)]) -> bool {
    programs.iter().all(|(program, harmless, package)| {
        let missing = !runs(program, harmless);
        let required = std::env::var_os("SEKISHO_REQUIRE_POSTFIX").is_some_and(|v| v == "1");
        assert!(!(missing && required), "SEKISHO_REQUIRE_POSTFIX=1, but {program} is missing");
        if missing {
            eprintln!("passed over: {program} is missing (Debian: apt-get install {package})");
        }
        !missing
    })
}

/// Whether a program is there and works.
pub fn runs(program: &str, harmless: &str) -> bool {
    let ran = Command::new(program).arg(harmless).stdin(Stdio::null()).output();
    ran.is_ok_and(|output| output.status.success())
}

impl<'a> Mail<'a> {
    /// A plain mail in UTF-8 to one address, which To shows.
    pub fn new(from: &'a str, to: &str, subject: &str, text: &'a str) -> Mail<'a> {
        let headers = vec![
            ("From", from.to_owned()),
            ("To", to.to_owned()),
            ("Subject", subject.to_owned()),
            ("Date", "Mon, 16 Nov 2026 09:30:00 +0900".to_owned()),
            ("Message-ID", "<1@desk.own.example>".to_owned()),
        ];
        Mail {
            login: None,
            from,
            to: vec![to.to_owned()],
            smtputf8: false,
            headers,
            charset: "utf-8",
            text,
            files: vec![],
            signed: false,
        }
    }

    /// The same with another value of a field, which is put at the end where it is missing.
    #[must_use]
    pub fn with(mut self, name: &'a str, value: impl Into<String>) -> Mail<'a> {
        match self.headers.iter_mut().find(|(n, _)| *n == name) {
            Some((_, old)) => *old = value.into(),
            None => self.headers.push((name, value.into())),
        }
        self
    }

    /// The same to other recipients of the envelope.
    #[must_use]
    pub fn to(self, to: impl IntoIterator<Item = impl Into<String>>) -> Mail<'a> {
        Mail { to: to.into_iter().map(Into::into).collect(), ..self }
    }

    /// Written by Python's email package, submitted by its smtplib.
    #[track_caller]
    pub fn by_python(&self, port: u16) -> Sent {
        let order = json!({
            "port": port,
            "login": self.login,
            "password": sasl::PASSWORD,
            "from": self.from,
            "to": self.to,
            "smtputf8": self.smtputf8,
            "headers": self.headers,
            "charset": self.charset,
            "text": self.text,
            "files": self.files,
            "signed": self.signed,
        });
        let said = run("python3", &["-c".into(), SUBMIT.into()], order.to_string().as_bytes());
        let said: Value = serde_json::from_str(&said).unwrap_or_else(|e| panic!("{e}: {said}"));
        let lines = said["lines"].as_array().into_iter().flatten();
        let lines = lines.filter_map(|line| line.as_str().map(str::to_owned)).collect();
        let code = said["code"].as_u64().and_then(|code| u16::try_from(code).ok());
        let content = said["sent"].as_str().unwrap_or_default();
        let content = mail_parser::decoders::base64::base64_decode(content.as_bytes());
        Sent {
            reply: Reply { code: code.unwrap_or(0), lines },
            content: content.unwrap_or_default(),
        }
    }

    /// Written and submitted by swaks, in UTF-8 as it stands.
    #[track_caller]
    pub fn by_swaks(&self, port: u16) -> Sent {
        let mut args: Vec<String> = vec!["--body".into(), self.text.into()];
        for (name, value) in &self.headers {
            args.extend(["--header".to_owned(), format!("{name}: {value}")]);
        }
        for (name, path) in &self.files {
            args.extend(["--attach-name".to_owned(), (*name).to_owned()]);
            args.extend(["--attach".to_owned(), format!("@{}", path.display())]);
        }
        Sent { reply: self.swaks(port, args, &[]), content: vec![] }
    }

    /// A message that was written otherwise, submitted by swaks as it is.
    #[track_caller]
    pub fn swaks_sends(&self, port: u16, content: &[u8]) -> Sent {
        let data = [&crate::smtp::stuffed(content), b".".as_slice()].concat();
        let args = ["--data", "-", "--no-data-fixup"].map(str::to_owned);
        Sent { reply: self.swaks(port, args.to_vec(), &data), content: content.to_vec() }
    }

    #[track_caller]
    fn swaks(&self, port: u16, more: Vec<String>, input: &[u8]) -> Reply {
        let mut args: Vec<String> = vec![
            "--server".into(),
            "127.0.0.1".into(),
            "--port".into(),
            port.to_string(),
            "--helo".into(),
            "desk.own.example".into(),
            "--from".into(),
            self.from.into(),
            "--to".into(),
            self.to.join(","),
        ];
        if let Some(user) = self.login {
            let login = ["--auth", "PLAIN", "--auth-user", user, "--auth-password", sasl::PASSWORD];
            args.extend(login.map(str::to_owned));
        }
        args.extend(more);
        let transcript = run("swaks", &args, input);
        last_reply(&transcript).unwrap_or_else(|| panic!("no reply in {transcript}"))
    }
}

/// Runs a program with an input and gives its output. That it ends badly is the caller's to judge:
/// swaks does so for every refusal.
#[track_caller]
fn run(program: &str, args: &[String], input: &[u8]) -> String {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|e| panic!("{program}: {e}"));
    let mut stdin = child.stdin.take().expect("a pipe");
    // Who does not read to the end has said why.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().unwrap_or_else(|e| panic!("{program}: {e}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!said.is_empty(), "{program} said nothing: {errors}");
    said
}

/// The last reply in a transcript of swaks before the farewell.
fn last_reply(transcript: &str) -> Option<Reply> {
    let mut replies: Vec<Reply> = Vec::new();
    let mut continues = false;
    for line in transcript.lines() {
        let said = ["<-  ", "<** ", "<~  ", "<~* "].iter().find_map(|mark| line.strip_prefix(mark));
        let Some(said) = said else { continue };
        let code = said.get(..3)?.parse().ok()?;
        let text = said.get(4..).unwrap_or_default().to_owned();
        match replies.last_mut() {
            Some(reply) if continues => reply.lines.push(text),
            _ => replies.push(Reply { code, lines: vec![text] }),
        }
        continues = said.as_bytes().get(3) == Some(&b'-');
    }
    replies.into_iter().rfind(|reply| reply.code != 221)
}

const SUBMIT: &str = include_str!("submit.py");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_reply_before_the_farewell_is_the_one_that_counts() {
        let transcript = "=== Connected to 127.0.0.1.\n<-  220 mx ESMTP\n -> EHLO a\n<-  250-mx\n\
                          <-  250 DSN\n -> .\n<** 550-5.7.1 one\n<** 550 5.7.1 two\n -> QUIT\n\
                          <-  221 2.0.0 Bye\n";
        let lines = vec!["5.7.1 one".to_owned(), "5.7.1 two".to_owned()];
        assert_eq!(last_reply(transcript), Some(Reply { code: 550, lines }));
        assert_eq!(last_reply("*** Error connecting"), None);
    }
}
