//! sekisho inline in a real Postfix: SMTP in, Maildir out.
//!
//! Every test starts a Postfix of its own on loopback and the real binary beside it. Where Postfix
//! or root is missing the tests say so and are passed over (`SEKISHO_REQUIRE_POSTFIX=1` makes that
//! a failure). One binary, because linking is slow.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stderr)]

mod banner; // the banner in every charset and structure, headers, what must stay untouched
mod desk; // what staff decide and report by mail
mod failure; // killed, absent, reloaded, terminated: nothing lost, nothing doubled
mod held; // from submission to delivery: what waits, is approved, denied, released
mod hold; // the companion at the hold queue, and what hands do past it
mod notices; // what senders are told by mail
mod outbound; // what staff meet with each ruling
mod outbound_files; // documents and archives as programs write them, clear and encrypted
mod outbound_people; // to whom mail goes and who sends it
mod shared; // several hosts on one database, the database gone, the disk full
mod site; // Postfix, sekisho and its companion, as a site runs them together
mod size; // many recipients, large mails
mod transport; // confidential mail leaves over TLS or not at all
mod verdict; // hold, reject, observe, forged headers
mod wiring; // ports, services, sockets: who is asked

use sekisho_tests::maildir::Delivered;
use sekisho_tests::postfix::{Inbound, Postfix, Submission, available_or_skip};
use sekisho_tests::sekisho::{Files, Sekisho};
use sekisho_tests::smtp::{self, Client, Letter, Reply};

/// Postfix and sekisho, wired as most sites are: two lines in main.cf, no submission service.
struct Lab {
    postfix: Postfix,
    sekisho: Sekisho,
}

impl Lab {
    /// `None` where Postfix cannot be had and need not be.
    fn start(files: Files<'_>) -> Option<Lab> {
        if !available_or_skip() {
            return None;
        }
        let sekisho = Sekisho::start(files).expect("sekisho starts");
        let postfix = Postfix::start(Inbound::Main(sekisho.port()), Submission::Absent);
        Some(Lab { postfix: postfix.expect("Postfix starts"), sekisho })
    }

    /// Sends a letter as another mail server does. The last reply comes back.
    #[track_caller]
    fn receive(&self, letter: &Letter) -> Reply {
        smtp::send(self.postfix.inbound, &Client::outside(), letter).expect("SMTP dialogue")
    }

    /// Sends a letter that must be taken, and waits for its one copy.
    #[track_caller]
    fn deliver(&self, letter: &Letter) -> Delivered {
        let reply = self.receive(letter);
        assert_eq!(reply.code, 250, "{reply}\n{}", self.sekisho.log());
        self.postfix.sole_delivery(&letter.to[0])
    }
}

/// A mail that one indicator has something to say about: its sender has a free mailbox.
fn suspicious(to: &str) -> Letter {
    let content = format!(
        "From: Sato <{STRANGER}>\r\nTo: {to}\r\nSubject: Meeting\r\n\
         Date: Mon, 16 Nov 2026 09:30:00 +0900\r\nMessage-ID: <1@mail.example>\r\n\r\n\
         Shall we meet next week?\r\n"
    );
    Letter::new(STRANGER, to, content)
}

/// A mail that no indicator has anything to say about.
fn honest(to: &str) -> Letter {
    let content = format!(
        "From: Sato <sato@partner.example>\r\nTo: {to}\r\nSubject: Meeting\r\n\
         Date: Mon, 16 Nov 2026 09:30:00 +0900\r\nMessage-ID: <2@mail.example>\r\n\r\n\
         Shall we meet next week?\r\n"
    );
    Letter::new("sato@partner.example", to, content)
}

const STRANGER: &str = "sato.reception@gmail.com";
const TARO: &str = "taro@own.example";

/// Any point at all gives a banner.
const BANNER: (&str, &str) =
    ("thresholds.toml", "[thresholds]\ntag = 1\nbanner = 1\nhold = \"off\"\nreject = \"off\"\n");

/// Any point at all puts a mail on hold.
const HOLD: (&str, &str) =
    ("thresholds.toml", "[thresholds]\ntag = 1\nbanner = 1\nhold = 1\nreject = \"off\"\n");

/// Any point at all refuses a mail.
const REJECT: (&str, &str) =
    ("thresholds.toml", "[thresholds]\ntag = 1\nbanner = 1\nhold = 1\nreject = 1\n");

/// A line at the end of the banner by which it is known, in characters that every Japanese charset
/// has.
const CONTACT: &str = "照会先は情報課の内線一二三四番です。";

const CONTACT_SET: (&str, &str) =
    ("actions.toml", "banner_contact = \"照会先は情報課の内線一二三四番です。\"\n");
