//! What staff decide and report by mail, from the submission of a mail to its delivery.

use sekisho_tests::holdd::Holdd;
use sekisho_tests::postfix::{Inbound, Postfix, Submission, available_or_skip};
use sekisho_tests::sekisho::Sekisho;
use sekisho_tests::smtp::{self, Client, Letter};

use crate::outbound::{CUSTOMER, HANAKO};

/// Postfix, the companion, and a sekisho with memory that can send mail.
struct Desk {
    postfix: Postfix,
    sekisho: Sekisho,
    _holdd: Holdd,
}

impl Desk {
    /// With this hold.toml and these lines of notify.toml.
    fn open(hold: &str, notify: &str) -> Option<Desk> {
        if !available_or_skip() {
            return None;
        }
        let mut sekisho = Sekisho::prepared_online(&[]).unwrap();
        let port = sekisho.port();
        let postfix = Postfix::start(Inbound::Main(port), Submission::Asked(port)).unwrap();
        let holdd = Holdd::start(&postfix, &[0], 0).unwrap();
        let hold = format!("holdd = \"{}\"\n{hold}", holdd.socket().display());
        let notify = format!("submit = \"smtp:127.0.0.1:{}\"\n{notify}", postfix.inbound);
        let files: [(&str, &str); 3] = [
            ("authentication.toml", "check = false\n"),
            ("hold.toml", &hold),
            ("notify.toml", &notify),
        ];
        sekisho.configure(&files).unwrap();
        sekisho.restart().unwrap();
        Some(Desk { postfix, sekisho, _holdd: holdd })
    }

    /// A mail that somebody who logged in submits.
    #[track_caller]
    fn submit(&self, letter: &Letter) {
        let client = Client::logged_in("hanako");
        let reply = smtp::send(self.postfix.submission, &client, letter).unwrap();
        assert_eq!(reply.code, 250, "{reply}\n{}", self.sekisho.log());
    }
}

/// A mail from Hanako.
fn hanako(to: &str, subject: &str) -> Letter {
    let content = format!(
        "From: Hanako <{HANAKO}>\r\nTo: {to}\r\nSubject: {subject}\r\n\
         Date: Mon, 16 Nov 2026 09:30:00 +0900\r\nMessage-ID: <{}@own.example>\r\n\r\n\
         Shall we meet next week?\r\n",
        to.len() + subject.len()
    );
    Letter::new(HANAKO, to, content)
}

/// The command of this name in a notice.
#[track_caller]
fn offered(texts: &[String], word: &str) -> String {
    let opens = format!("[sekisho {word} ");
    let (_, rest) = texts[0].split_once(&opens).unwrap_or_else(|| panic!("{texts:?}"));
    format!("{opens}{}]", rest.split_once(']').unwrap().0)
}

const GATE: &str = "postmaster@own.example";
const WAITS: &str = "[delay]\nenabled = true\nminutes = 60\n";

#[test]
fn a_sender_who_does_not_want_to_wait_says_so_by_mail() {
    let Some(desk) = Desk::open(WAITS, "") else { return };
    desk.submit(&hanako(CUSTOMER, "Meeting"));
    let notice = desk.postfix.sole_delivery(HANAKO);
    let command = offered(&notice.texts(), "send");
    assert_eq!(desk.postfix.held().len(), 1);

    // The same from outside is a mail like any other, whatever it says.
    let letter = hanako(GATE, &command);
    let reply = smtp::send(desk.postfix.inbound, &Client::outside(), &letter).unwrap();
    assert_eq!(reply.code, 250, "{reply}");
    desk.postfix.delivered(GATE, 1);
    // Nor is it a command where somebody else sends it.
    let mut other = letter.clone();
    other.from = "taro@own.example".into();
    desk.submit(&other);
    let told = desk.postfix.sole_delivery("taro@own.example");
    assert!(told.subject().contains("Not done"), "{}", told.subject());
    assert_eq!(desk.postfix.held().len(), 1);

    desk.submit(&letter);
    desk.postfix.sole_delivery(CUSTOMER);
    desk.postfix.delivered(GATE, 3);
    let answers = desk.postfix.delivered(HANAKO, 2);
    let done = |mail: &sekisho_tests::maildir::Delivered| mail.subject().contains("Done");
    assert_eq!(answers.iter().filter(|mail| done(mail)).count(), 1);
    assert_eq!(desk.postfix.held(), vec![]);
}

#[test]
fn a_reported_mail_is_judged_again_and_the_administrators_are_told() {
    let notify = "report_address = \"report@own.example\"\nadmin = [\"it@own.example\"]\n";
    let Some(desk) = Desk::open("", notify) else { return };
    let content = format!(
        "From: Hanako <{HANAKO}>\r\nTo: report@own.example\r\nSubject: Fw\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\
         Content-Type: message/rfc822\r\n\r\n\
         From: Sato <sato@stranger.example>\r\nTo: {HANAKO}\r\nSubject: Invoice\r\n\
         Content-Type: application/octet-stream; name=\"plan.pdf.exe\"\r\n\r\nMZ\r\n--b--\r\n"
    );
    desk.submit(&Letter::new(HANAKO, "report@own.example", &content));
    let got = desk.postfix.sole_delivery("report@own.example");
    let body = content.replace("\r\n", "\n");
    assert_eq!(got.body(), body.split_once("\n\n").unwrap().1.as_bytes(), "untouched");
    let told = desk.postfix.sole_delivery("it@own.example");
    assert!(told.subject().ends_with("Reported: Invoice"), "{}", told.subject());
    let text = told.texts().concat();
    assert!(text.contains(HANAKO) && text.contains("double-extension: plan.pdf.exe"), "{text}");
}
