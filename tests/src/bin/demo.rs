//! Shows sekisho at work: sends sample mails of `corpus/` through a private Postfix with sekisho
//! inline and prints what each recipient sees.
//!
//! Started by `bash tests/demo`. Without Postfix or root it speaks the milter protocol itself.
//! Ends with 1 where something did not start.

// It is here to print, and what does not start is told in one sentence.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use sekisho_config::Listen;
use sekisho_corpus::{Case, cases};
use sekisho_milter::wire::{Protocol, Reply};
use sekisho_tests::fake_postfix::{self, FakePostfix, Mail};
use sekisho_tests::maildir::Delivered;
use sekisho_tests::postfix::{Inbound, OWN_DOMAIN, Postfix, Submission, available};
use sekisho_tests::sekisho::{Files, Sekisho};
use sekisho_tests::smtp::{Client, Letter, Session};
use sekisho_tests::wait;

fn main() -> ExitCode {
    match show() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("demo: {why}");
            ExitCode::FAILURE
        }
    }
}

fn show() -> Result<(), String> {
    let cases = cases().map_err(|errors| errors.join("\n"))?;
    let sekisho = Sekisho::start(SETTINGS)?;
    let server = Server::start(sekisho.port())?;
    println!("\n{}", heading("sekisho / 関所"));
    println!("{}", server.introduction(&sekisho));
    println!("Settings: shipped defaults; {OWN_DOMAIN} is our own domain; no DNS.\n");
    for (number, name) in SHOWN.iter().enumerate() {
        let case = cases.iter().find(|c| c.name == *name).ok_or(format!("no case {name}"))?;
        let to = format!("staff{}@{OWN_DOMAIN}", number + 1);
        println!("{}", heading(&format!("{}. {name}", number + 1)));
        present(case, &server.pass(case, &to)?);
    }

    println!(
        "{}",
        heading("Settings changed while it runs (SIGHUP): what was held is now refused")
    );
    sekisho.configure(&[STRICT]).map_err(|e| e.to_string())?;
    sekisho.reload();
    let case = cases.iter().find(|c| c.name == REFUSED).ok_or(format!("no case {REFUSED}"))?;
    let mut round = 0;
    let seen = wait::until("the new settings to be in force", || {
        round += 1;
        let seen = server.pass(case, &format!("strict{round}@{OWN_DOMAIN}"));
        match seen {
            Ok(seen) if !seen.told.starts_with('5') => None,
            other => Some(other),
        }
    })??;
    present(case, &seen);
    println!("{}", heading("What to look at next"));
    println!("{NEXT}");
    Ok(())
}

/// What stands between the client and sekisho.
enum Server {
    Real(Box<Postfix>),
    Fake(Listen),
}

/// What became of a mail.
struct Seen {
    /// What the sender's server was told.
    told: String,
    /// The mail as it is in the mailbox, or in the hold queue.
    delivered: Option<Delivered>,
    held: bool,
}

impl Server {
    fn start(milter: u16) -> Result<Server, String> {
        match available() {
            Ok(()) => {
                let postfix = Postfix::start(Inbound::Main(milter), Submission::Absent)?;
                Ok(Server::Real(Box::new(postfix)))
            }
            Err(missing) => {
                println!("No Postfix here: {missing}.");
                println!("The same mails go over the milter protocol, spoken by our own client.");
                Ok(Server::Fake(Listen::Inet { host: "127.0.0.1".into(), port: milter }))
            }
        }
    }

    fn introduction(&self, sekisho: &Sekisho) -> String {
        let milter = sekisho.port();
        match self {
            Server::Real(postfix) => format!(
                "A private Postfix takes mail on 127.0.0.1:{} and asks sekisho on 127.0.0.1:{milter};\n\
                 wired by the two lines of milter/dist/postfix/main.cf.inbound.",
                postfix.inbound
            ),
            Server::Fake(_) => format!("sekisho listens on 127.0.0.1:{milter}."),
        }
    }

    /// Sends a case to one recipient and looks what became of it.
    fn pass(&self, case: &Case, to: &str) -> Result<Seen, String> {
        match self {
            Server::Real(postfix) => pass_real(postfix, case, to),
            Server::Fake(at) => pass_fake(at, case, to).map_err(|fault| fault.to_string()),
        }
    }
}

fn pass_real(postfix: &Postfix, case: &Case, to: &str) -> Result<Seen, String> {
    let client = Client {
        address: case.client.ip.map(|ip| ip.to_string()),
        name: case.client.name.clone(),
        login: case.client.authenticated_user.clone(),
    };
    let from = case.envelope.mail_from.as_deref().unwrap_or_default();
    let mut session = Session::connect(postfix.inbound).map_err(|e| e.to_string())?;
    session.introduce(&client).map_err(|e| e.to_string())?;
    let reply = session.send(&Letter::new(from, to, &case.mail)).map_err(|e| e.to_string())?;
    if !reply.is_ok() {
        return Ok(Seen { told: reply.to_string(), delivered: None, held: false });
    }
    postfix.settle();
    let held = postfix.held().into_iter().find(|entry| entry.recipients.iter().any(|r| r == to));
    let delivered = match &held {
        Some(entry) => Some(Delivered { raw: postfix.content(&entry.id) }),
        None => postfix.mailbox(to).mails().pop(),
    };
    Ok(Seen { told: reply.to_string(), delivered, held: held.is_some() })
}

fn pass_fake(at: &Listen, case: &Case, to: &str) -> Result<Seen, fake_postfix::Fault> {
    let name = case.client.name.clone();
    let client = fake_postfix::Client {
        hostname: name.clone().unwrap_or_else(|| "unknown".into()),
        address: case.client.ip.map_or_else(|| "192.0.2.1".into(), |ip| ip.to_string()),
        helo: name.unwrap_or_else(|| "client.example".into()),
    };
    let mut mail = Mail::new(&case.mail);
    mail.from = case.envelope.mail_from.clone().unwrap_or_default();
    mail.recipients = vec![to.to_owned()];
    let mut postfix = FakePostfix::connect(at)?;
    postfix.greet(&client)?;
    let outcome = postfix.send(&mail)?;
    let exact = postfix.agreement.protocol.has(Protocol::HEADER_LEADING_SPACE);
    postfix.quit()?;
    Ok(match &outcome.reply {
        Reply::Accept | Reply::Continue => Seen {
            told: "250 taken".into(),
            delivered: Some(Delivered { raw: outcome.delivered(&mail, exact) }),
            held: outcome.is_held(),
        },
        Reply::Text(text) => Seen { told: text.to_string(), delivered: None, held: false },
        other => Seen { told: format!("{other:?}"), delivered: None, held: false },
    })
}

fn present(case: &Case, seen: &Seen) {
    println!("{}", case.about);
    let sent = Delivered { raw: case.mail.clone() };
    println!("  the sender's server is told   {}", seen.told);
    let Some(mail) = &seen.delivered else {
        println!("  the recipient sees            nothing\n");
        return;
    };
    let place = if seen.held { "nothing yet: it is in Postfix's hold queue" } else { "this mail" };
    println!("  the recipient sees            {place}");
    println!("  From:    {}", shown_from(mail));
    println!("  Subject: {}", mail.subject());
    for (name, value) in mail.fields() {
        if name.to_ascii_lowercase().starts_with("x-sekisho-") {
            println!("  {name}: {}", value.trim());
        }
    }
    let before = readable(&sent);
    let after = readable(mail);
    for line in after.lines().take(LINES) {
        let mark = if before.lines().any(|l| l.trim() == line.trim()) { ' ' } else { '+' };
        println!("  {mark} | {line}");
    }
    if after.lines().count() > LINES {
        println!("    | …");
    }
    println!();
}

/// From as a mail client shows it.
fn shown_from(mail: &Delivered) -> String {
    let parsed = mail_parser::MessageParser::default().parse(&mail.raw);
    let from = parsed.as_ref().and_then(|m| m.from()).and_then(|from| from.first());
    let part = |text: Option<&str>| text.unwrap_or_default().to_owned();
    from.map(|a| format!("{} <{}>", part(a.name()), part(a.address()))).unwrap_or_default()
}

/// The text of a mail: text/plain, or HTML without its tags.
fn readable(mail: &Delivered) -> String {
    let plain = mail.texts().concat();
    if !plain.trim().is_empty() {
        return plain;
    }
    let mut text = String::new();
    let mut in_tag = false;
    let html = mail.htmls().concat();
    let body = html.find("<body").and_then(|at| html.get(at..)).unwrap_or(&html);
    for c in body.chars() {
        match c {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                text.push('\n');
            }
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

fn heading(text: &str) -> String {
    format!("── {text} {}", "─".repeat(60usize.saturating_sub(text.chars().count())))
}

/// Sample mails in the order they are shown: honest ones first.
const SHOWN: &[&str] = &[
    "ordinary/order-confirmation",
    "ordinary/meeting-request-with-pdf",
    "sender/reply-to-free-mail",
    "link/ip-address",
    "link/text-shows-other-host",
    "sender/display-name-address-encoded",
    "attachment/double-extension",
    "together/disguised-invoice",
];

const REFUSED: &str = "together/disguised-invoice";

const SETTINGS: Files<'_> =
    &[("actions.toml", "banner_contact = \"情報システム課（内線 1234）へご連絡ください。\"\n")];

/// Certain ones are refused.
const STRICT: (&str, &str) = ("thresholds.toml", "[thresholds]\nhold = 100\nreject = 100\n");

/// Lines of a text that are shown.
const LINES: usize = 24;

const NEXT: &str = "\
  target/debug/sekisho scan corpus/cases     judge all sample mails without a mail server
  target/debug/sekisho scan ~/Maildir        … or your own
  target/debug/sekisho explain double-extension
  milter/dist/postfix/main.cf.inbound        the two lines for your Postfix
  heuristics/src/inbound.rs                  the main path of the code
  bash tests/all                             all tests";
