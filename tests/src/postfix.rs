//! A private Postfix on loopback: own queue, configuration, log and mailboxes in a temporary
//! folder, no DNS, nothing of the machine's own Postfix touched.
//!
//! Way in: [`available`], then [`Postfix::start`]. Mail for any address in [`OWN_DOMAIN`] and
//! [`OUTSIDE_DOMAIN`] is delivered by virtual(8), to one Maildir where Delivered-To tells whose it is. The milter is wired in by
//! the very snippets that are shipped in `milter/dist/postfix/`; only the address is replaced.
//! Needs root, because Postfix's master does. Dropping it stops Postfix and removes the folder,
//! on a panic as well.

use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use tempfile::TempDir;

use crate::maildir::{Delivered, Maildir};
use crate::sasl::Sasl;
use crate::wait;

/// How the inbound port asks the milter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inbound {
    /// `main.cf.inbound`, with the address `inet:127.0.0.1:PORT`.
    Main(u16),
    /// `main.cf.inbound-unix`, from a chrooted service: [`Postfix::socket`].
    MainUnix,
    /// `master.cf.inbound`: only this service.
    Service(u16),
    /// No milter.
    Unasked,
}

/// How the submission port asks the milter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submission {
    /// `master.cf.submission-asked`, with the address `inet:127.0.0.1:PORT`.
    Asked(u16),
    /// The same, for people who log in with a name and [`crate::sasl::PASSWORD`], and nobody else.
    Login(u16),
    /// `master.cf.submission-apart`.
    Apart,
    /// No such service.
    Absent,
}

/// Settings of one test, below those of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Further {
    /// Lines of main.cf.
    pub main: String,
    /// Services of master.cf.
    pub master: String,
}

/// A running Postfix.
pub struct Postfix {
    folder: TempDir,
    /// Port that takes mail from other servers.
    pub inbound: u16,
    /// Port that takes mail from our own people, where the set-up has one.
    pub submission: u16,
    sasl: Option<Sasl>,
}

/// One entry of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Queue id.
    pub id: String,
    /// `active`, `deferred`, `hold`, `incoming`.
    pub queue: String,
    /// Recipients not yet served.
    pub recipients: Vec<String>,
}

/// What is missing for a private Postfix here; `Ok` when nothing is.
pub fn available() -> Result<(), String> {
    if program("postfix").is_none() {
        return Err("Postfix is not installed (Debian: apt-get install postfix)".into());
    }
    if fs::metadata("/proc/self").map_or(1, |m| m.uid()) != 0 {
        return Err("Postfix's master process needs root, and this is not root".into());
    }
    account("/etc/passwd", "postfix")
        .ok_or("there is no user postfix (Debian: apt-get install postfix)")?;
    Ok(())
}

/// Whether a test may go on. Where Postfix cannot be had it says why and is passed over, unless
/// `SEKISHO_REQUIRE_POSTFIX=1` makes that a failure.
pub fn available_or_skip() -> bool {
    match available() {
        Ok(()) => true,
        Err(missing) => {
            let required = std::env::var_os("SEKISHO_REQUIRE_POSTFIX").is_some_and(|v| v == "1");
            assert!(!required, "SEKISHO_REQUIRE_POSTFIX=1, but {missing}");
            eprintln!("passed over: {missing}");
            false
        }
    }
}

impl Postfix {
    /// Starts one and waits until both ports answer.
    pub fn start(inbound: Inbound, submission: Submission) -> Result<Postfix, String> {
        Postfix::start_with(inbound, submission, &Further::default())
    }

    /// The same with further settings.
    pub fn start_with(
        inbound: Inbound,
        submission: Submission,
        further: &Further,
    ) -> Result<Postfix, String> {
        available()?;
        let folder = tempfile::Builder::new().prefix("sekisho-postfix-").tempdir();
        let folder = folder.map_err(|e| format!("temporary folder: {e}"))?;
        let (inbound_port, submission_port) = (free_port(), free_port());
        let mut postfix =
            Postfix { folder, inbound: inbound_port, submission: submission_port, sasl: None };
        postfix
            .lay_out(&inbound, submission, further)
            .map_err(|e| format!("Postfix's files: {e}"))?;
        if matches!(submission, Submission::Login(_)) {
            let sasl =
                Sasl::listen(&postfix.path(SASL_SOCKET)).map_err(|e| format!("SASL: {e}"))?;
            postfix.sasl = Some(sasl);
        }
        let started = postfix.run("postfix", &["start"])?;
        if !started.status.success() {
            return Err(format!("postfix start: {}\n{}", shown(&started), postfix.log()));
        }
        let mut ports = vec![postfix.inbound];
        if submission != Submission::Absent {
            ports.push(postfix.submission);
        }
        for port in ports {
            wait::until("Postfix's port", || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok())
                .map_err(|e| format!("{e}\n{}", postfix.log()))?;
        }
        Ok(postfix)
    }

    /// The folder of main.cf.
    pub fn configuration(&self) -> PathBuf {
        self.path("etc")
    }

    /// Where the milter listens for [`Inbound::MainUnix`]: inside the queue directory, in a folder
    /// that only root and Postfix may enter.
    pub fn socket(&self) -> PathBuf {
        self.path("queue/sekisho/sekisho.sock")
    }

    /// Mailbox of an address.
    pub fn mailbox(&self, address: &str) -> Maildir {
        Maildir::new(self.path("mail/all")).of(address)
    }

    /// Everything that was delivered so far, to anybody.
    pub fn all_delivered(&self) -> Vec<Delivered> {
        Maildir::new(self.path("mail/all")).mails()
    }

    /// Waits until at least `count` mails lie in a mailbox and nothing is under way any more.
    #[track_caller]
    pub fn delivered(&self, address: &str, count: usize) -> Vec<Delivered> {
        let mailbox = self.mailbox(address);
        let waited = wait::until(&format!("{count} mail(s) for {address}"), || {
            let mails = mailbox.mails();
            (mails.len() >= count && self.is_quiet()).then_some(mails)
        });
        match waited {
            Ok(mails) => mails,
            Err(why) => panic!("{why}\nqueue: {:?}\n{}", self.queue(), self.log()),
        }
    }

    /// Waits for the one and only mail in a mailbox.
    #[track_caller]
    pub fn sole_delivery(&self, address: &str) -> Delivered {
        let mut mails = self.delivered(address, 1);
        assert_eq!(mails.len(), 1, "mails for {address}: {mails:#?}");
        mails.remove(0)
    }

    /// Waits until nothing is under way; what is on hold or deferred may stay.
    #[track_caller]
    pub fn settle(&self) {
        if let Err(why) = wait::until("a quiet queue", || self.is_quiet().then_some(())) {
            panic!("{why}: {:?}\n{}", self.queue(), self.log());
        }
    }

    /// What lies in the queue.
    #[track_caller]
    pub fn queue(&self) -> Vec<Queued> {
        let listed = self.run("postqueue", &["-j"]).expect("postqueue runs");
        assert!(listed.status.success(), "postqueue -j: {}", shown(&listed));
        String::from_utf8_lossy(&listed.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .map(|entry| Queued {
                id: entry["queue_id"].as_str().unwrap_or_default().to_owned(),
                queue: entry["queue_name"].as_str().unwrap_or_default().to_owned(),
                recipients: entry["recipients"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|r| r["address"].as_str().map(str::to_owned))
                    .collect(),
            })
            .collect()
    }

    /// What lies in the hold queue.
    #[track_caller]
    pub fn held(&self) -> Vec<Queued> {
        self.queue().into_iter().filter(|entry| entry.queue == "hold").collect()
    }

    /// The mail in the queue, as postcat(1) shows its headers and body.
    pub fn content(&self, id: &str) -> Vec<u8> {
        self.run("postcat", &["-hbq", id]).map(|o| o.stdout).unwrap_or_default()
    }

    /// Releases a mail from hold, as an administrator does by hand.
    #[track_caller]
    pub fn release(&self, id: &str) {
        let released = self.run("postsuper", &["-H", id]).expect("postsuper runs");
        assert!(released.status.success(), "postsuper -H: {}", shown(&released));
        self.flush();
    }

    /// Puts a mail on hold, as an administrator does by hand.
    #[track_caller]
    pub fn hold(&self, id: &str) {
        self.by_hand("postsuper", &["-h", id]);
    }

    /// Deletes a mail, as an administrator does by hand.
    #[track_caller]
    pub fn delete(&self, id: &str) {
        self.by_hand("postsuper", &["-d", id]);
    }

    /// Gives the mail a new file and a new queue id, as an administrator does by hand.
    #[track_caller]
    pub fn requeue(&self, id: &str) {
        self.by_hand("postsuper", &["-r", id]);
    }

    /// From now on nothing is delivered to mailboxes: it is deferred.
    #[track_caller]
    pub fn defer_all(&self) {
        // defer_transports is overridden by postqueue -i, a mailbox without room is not.
        chown(self.path("mail"), Some(0), Some(0)).expect("the folder is ours");
    }

    #[track_caller]
    fn by_hand(&self, name: &str, args: &[&str]) {
        let done = self.run(name, args).expect("the command runs");
        assert!(done.status.success(), "{name} {args:?}: {}", shown(&done));
    }

    /// Has the queue manager try everything at once.
    pub fn flush(&self) {
        let _ = self.run("postqueue", &["-f"]);
    }

    /// Postfix's log so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("mail.log")).unwrap_or_default()
    }

    /// Ends Postfix and everything it started. Again is harmless.
    pub fn stop(&self) {
        let master = fs::read_to_string(self.path("queue/pid/master.pid")).unwrap_or_default();
        let master = master.trim();
        if master.is_empty() || !Path::new("/proc").join(master).exists() {
            return;
        }
        // master passes SIGTERM on to its whole process group.
        let _ = Command::new("sh").args(["-c", "kill -s TERM \"$0\"", master]).status();
        let _ = wait::until("Postfix to end", || {
            (!Path::new("/proc").join(master).exists()).then_some(())
        });
    }

    fn is_quiet(&self) -> bool {
        self.queue().iter().all(|e| matches!(e.queue.as_str(), "hold" | "deferred"))
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn run(&self, name: &str, args: &[&str]) -> Result<Output, String> {
        let program = program(name).ok_or_else(|| format!("{name} is not installed"))?;
        let mut command = Command::new(program);
        command.arg("-c").arg(self.path("etc")).args(args);
        command.output().map_err(|e| format!("{name}: {e}"))
    }

    fn lay_out(
        &self,
        inbound: &Inbound,
        submission: Submission,
        further: &Further,
    ) -> std::io::Result<()> {
        let (postfix, group) = account("/etc/passwd", "postfix").unwrap_or((0, 0));
        let root = self.folder.path();
        fs::set_permissions(root, fs::Permissions::from_mode(0o755))?;
        for folder in ["etc", "queue", "data", "mail", "queue/sekisho"] {
            fs::create_dir(root.join(folder))?;
        }
        chown(root.join("data"), Some(postfix), None)?;
        chown(root.join("mail"), Some(MAIL_OWNER), Some(MAIL_OWNER))?;
        chown(root.join("queue/sekisho"), None, Some(group))?;
        fs::set_permissions(root.join("queue/sekisho"), fs::Permissions::from_mode(0o750))?;
        let (main_milter, inbound_milter) = match inbound {
            Inbound::Main(port) => (at_port(MAIN_INBOUND, *port), String::new()),
            Inbound::MainUnix => (MAIN_INBOUND_UNIX.to_owned(), String::new()),
            Inbound::Service(port) => (String::new(), at_port(MASTER_INBOUND, *port)),
            Inbound::Unasked => (String::new(), String::new()),
        };
        let main = MAIN_CF.replace("@ROOT@", &root.to_string_lossy());
        let main = main + &main_milter + &further.main;
        fs::write(root.join("etc/main.cf"), main)?;
        let chroot = if *inbound == Inbound::MainUnix { "y" } else { "n" };
        let mut master = format!("127.0.0.1:{} inet n - {chroot} - - smtpd\n", self.inbound);
        master.push_str(&inbound_milter);
        if submission != Submission::Absent {
            master.push_str(&format!("127.0.0.1:{} inet n - n - - smtpd\n", self.submission));
            master.push_str(match submission {
                Submission::Login(_) => LOGIN_OPTIONS,
                _ => SUBMISSION_OPTIONS,
            });
            match submission {
                Submission::Asked(port) | Submission::Login(port) => {
                    master.push_str(&at_port(SUBMISSION_ASKED, port))
                }
                Submission::Apart | Submission::Absent => master.push_str(SUBMISSION_APART),
            }
        }
        master.push_str(MASTER_CF);
        master.push_str(&further.master);
        fs::write(root.join("etc/master.cf"), master)?;
        // postfix-script looks for it beside main.cf.
        if Path::new("/etc/postfix/dynamicmaps.cf").exists() {
            fs::copy("/etc/postfix/dynamicmaps.cf", root.join("etc/dynamicmaps.cf"))?;
        }
        Ok(())
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A port on loopback that nobody listens on. Never the same twice in one process.
pub fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let port = listener.and_then(|l| l.local_addr()).map_or(0, |a| a.port());
        if port != 0 && given.insert(port) {
            return port;
        }
    }
}

fn at_port(snippet: &str, port: u16) -> String {
    assert!(snippet.contains(SHIPPED_ADDRESS), "the shipped snippet names no {SHIPPED_ADDRESS}");
    snippet.replace(SHIPPED_ADDRESS, &format!("inet:127.0.0.1:{port}"))
}

/// A program, also where root's PATH lacks the system folders.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/bin", "/sbin", "/usr/local/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(system).map(|d| d.join(name)).find(|p| p.is_file())
}

/// User and group id of an account.
fn account(file: &str, name: &str) -> Option<(u32, u32)> {
    let accounts = fs::read_to_string(file).ok()?;
    let line = accounts.lines().find(|l| l.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2).map(str::parse);
    Some((fields.next()?.ok()?, fields.next()?.ok()?))
}

fn shown(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    format!("{} {} {}", output.status, text(&output.stdout), text(&output.stderr))
}

/// Domain of our organisation; [`crate::sekisho`] configures it as own.
pub const OWN_DOMAIN: &str = "own.example";

/// Somebody else's domain, also delivered to Maildirs so that outbound mail can be looked at.
pub const OUTSIDE_DOMAIN: &str = "outside.example";

const MAIN_INBOUND: &str = include_str!("../../milter/dist/postfix/main.cf.inbound");
const MAIN_INBOUND_UNIX: &str = include_str!("../../milter/dist/postfix/main.cf.inbound-unix");
const MASTER_INBOUND: &str = include_str!("../../milter/dist/postfix/master.cf.inbound");
const SUBMISSION_ASKED: &str = include_str!("../../milter/dist/postfix/master.cf.submission-asked");
const SUBMISSION_APART: &str = include_str!("../../milter/dist/postfix/master.cf.submission-apart");

/// The address in the shipped snippets.
const SHIPPED_ADDRESS: &str = "inet:127.0.0.1:8899";

/// nobody: virtual(8) does not deliver as root.
const MAIL_OWNER: u32 = 65534;

/// As a site's own submission service, less TLS and passwords: the login comes by XCLIENT.
const SUBMISSION_OPTIONS: &str = "  -o syslog_name=postfix/submission
  -o mynetworks=127.0.0.0/8,198.51.100.0/24
  -o smtpd_relay_restrictions=permit_mynetworks,reject
";

/// As a site's own submission service, less TLS.
const LOGIN_OPTIONS: &str = "  -o syslog_name=postfix/submission
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_sasl_type=dovecot
  -o smtpd_sasl_path=sasl
  -o smtpd_authorized_xclient_hosts=
  -o mynetworks=
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
";

/// Where its smtpd finds the server that knows the passwords.
const SASL_SOCKET: &str = "queue/sasl";

const MAIN_CF: &str = include_str!("postfix/main.cf");

const MASTER_CF: &str = include_str!("postfix/master.cf");
