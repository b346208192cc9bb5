//! Everything a site runs: Postfix, the milter with its memory, the companion at the hold queue.
//!
//! Way in: [`Site::open`]. The three know each other: notices go to this Postfix, holds are served by
//! this companion.

use std::process::Output;

use sekisho_tests::holdd::Holdd;
use sekisho_tests::maildir::Delivered;
use sekisho_tests::postfix::{Inbound, Postfix, Submission, available_or_skip};
use sekisho_tests::sekisho::{Files, Sekisho};
use sekisho_tests::smtp::{self, Client, Letter, Reply};
use sekisho_tests::staff::{self, Mail, Sent};
use sekisho_tests::wait;
use serde_json::Value;

/// A site at work. The milter comes first, so that it ends first.
pub(crate) struct Site {
    pub(crate) sekisho: Sekisho,
    pub(crate) holdd: Holdd,
    pub(crate) postfix: Postfix,
}

impl Site {
    /// `None` where a program is missing that need not be there.
    pub(crate) fn open(files: Files<'_>) -> Option<Site> {
        Site::open_on(files, None)
    }

    /// The same on a host of another name.
    pub(crate) fn open_on(files: Files<'_>, host: Option<&str>) -> Option<Site> {
        if !available_or_skip() || !staff::available_or_skip() {
            return None;
        }
        let mut sekisho = Sekisho::prepared_online(files).expect("files are written");
        if let Some(host) = host {
            sekisho = sekisho.on_host(host);
        }
        let port = sekisho.port();
        let postfix = Postfix::start(Inbound::Main(port), Submission::Login(port));
        let postfix = postfix.expect("Postfix starts");
        let holdd = Holdd::start(&postfix, &[0], 0).expect("sekisho holdd starts");
        configure(&sekisho, &postfix, &holdd, files);
        sekisho.restart().expect("sekisho starts");
        Some(Site { sekisho, holdd, postfix })
    }

    /// Submits a mail that must be taken.
    #[track_caller]
    pub(crate) fn submit(&self, mail: &Mail<'_>) -> Sent {
        let sent = mail.by_python(self.postfix.submission);
        assert_eq!(sent.reply.code, 250, "{}\n{}", sent.reply, self.sekisho.log());
        sent
    }

    /// Sends a letter as another mail server does.
    #[track_caller]
    pub(crate) fn receive(&self, letter: &Letter) -> Reply {
        smtp::send(self.postfix.inbound, &Client::outside(), letter).expect("SMTP dialogue")
    }

    /// Holds as `sekisho hold list` tells them, the ended ones too.
    #[track_caller]
    pub(crate) fn holds(&self) -> Vec<Value> {
        holds(&self.sekisho)
    }

    /// Waits until there is one hold, in this state.
    #[track_caller]
    pub(crate) fn sole_hold(&self, state: &str) -> Value {
        let waited = wait::until(&format!("a hold that is {state}"), || {
            self.holds().into_iter().find(|hold| hold["state"] == state)
        });
        let hold =
            waited.unwrap_or_else(|e| panic!("{e}: {:?}\n{}", self.holds(), self.all_logs()));
        assert_eq!(self.holds().len(), 1, "{:?}", self.holds());
        hold
    }

    /// What a command says, which must end well.
    #[track_caller]
    pub(crate) fn ask(&self, arguments: &[&str]) -> String {
        let output = self.sekisho.ask(arguments).expect("the command runs");
        assert!(output.status.success(), "{arguments:?}: {}\n{}", said(&output), self.all_logs());
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What a command complains of, which must end badly.
    #[track_caller]
    pub(crate) fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.sekisho.ask(arguments).expect("the command runs");
        assert!(!output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Waits for a notice to an address whose subject has these words.
    #[track_caller]
    pub(crate) fn notice(&self, address: &str, words: &str) -> Delivered {
        let mailbox = self.postfix.mailbox(address);
        let found = wait::until(&format!("a notice {words:?} to {address}"), || {
            mailbox.mails().into_iter().find(|mail| mail.subject().contains(words))
        });
        found.unwrap_or_else(|e| panic!("{e}\n{}", self.all_logs()))
    }

    /// Waits until the audit log has these words in a line, and verifies all of it.
    #[track_caller]
    pub(crate) fn audited(&self, words: &str) {
        let waited = wait::until(&format!("{words:?} in the audit log"), || {
            self.audit().contains(words).then_some(())
        });
        waited.unwrap_or_else(|e| panic!("{e}\n{}\n{}", self.audit(), self.all_logs()));
        self.ask(&["log", "verify"]);
    }

    /// The text of the audit log.
    pub(crate) fn audit(&self) -> String {
        let files = std::fs::read_dir(self.sekisho.state().join("audit")).into_iter().flatten();
        let files = files.flatten().map(|file| file.path());
        let logs = files.filter(|file| file.extension().is_some_and(|e| e == "jsonl"));
        logs.map(|file| std::fs::read_to_string(file).unwrap_or_default()).collect()
    }

    pub(crate) fn all_logs(&self) -> String {
        format!("{}\n{}\n{}", self.sekisho.log(), self.holdd.log(), self.postfix.log())
    }
}

/// Writes the configuration that lets the three know each other.
pub(crate) fn configure(sekisho: &Sekisho, postfix: &Postfix, holdd: &Holdd, files: Files<'_>) {
    let mut all: Vec<(&str, String)> = vec![
        ("authentication.toml", "check = false\n".to_owned()),
        ("notify.toml", format!("submit = \"smtp:127.0.0.1:{}\"\n", postfix.inbound)),
        ("hold.toml", format!("holdd = {:?}\ninterval = \"1s\"\n", holdd.socket())),
        // Every mail asks anew, however quick the test is.
        ("store.toml", "[store]\ncache = 0\n".to_owned()),
        ("records.toml", "metrics = \"\"\n[anchors]\nsyslog = false\n".to_owned()),
    ];
    for (name, text) in files {
        match all.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => known.push_str(text),
            None => all.push((name, (*text).to_owned())),
        }
    }
    let all: Vec<(&str, &str)> = all.iter().map(|(name, text)| (*name, text.as_str())).collect();
    sekisho.configure(&all).expect("files are written");
}

/// Holds as `sekisho hold list` tells them, the ended ones too.
#[track_caller]
pub(crate) fn holds(sekisho: &Sekisho) -> Vec<Value> {
    let output = sekisho.ask(&["hold", "list", "--all", "--format", "jsonl"]).unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a command printed.
pub(crate) fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}
