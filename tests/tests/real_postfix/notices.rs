//! What the sender of a refused mail is told by mail, and who is told nothing.

use sekisho_tests::maildir::Delivered;
use sekisho_tests::postfix::OUTSIDE_DOMAIN;
use sekisho_tests::smtp::{self, Client, Letter};
use sekisho_tests::staff::Mail;

use crate::outbound::{CUSTOMER, HANAKO, Office, hanako};

const LABELLED: &str = "【社外秘】\n\n来期の予算は次のとおりです。\n";

/// An office whose senders are told by mail of what was refused.
fn open() -> Option<Office> {
    let office = Office::open(&[])?;
    // Postfix's port is known only now.
    let notify = format!("submit = \"smtp:127.0.0.1:{}\"\n", office.postfix.inbound);
    let files = [("notify.toml", notify.as_str()), ("outbound.toml", "notify_sender = true\n")];
    office.sekisho.configure(&files).unwrap();
    office.sekisho.reload();
    office.sekisho.logged("configuration read again", 1);
    Some(office)
}

impl Office {
    /// Hanako's notices, when they are `count`, and every mail that was delivered is one.
    #[track_caller]
    fn notices(&self, count: usize) -> Vec<Delivered> {
        let notices = self.postfix.delivered(HANAKO, count);
        assert_eq!(notices.len(), count, "{notices:#?}");
        assert_eq!(self.postfix.all_delivered().len(), count, "to nobody else");
        assert_eq!(self.postfix.queue(), []);
        notices
    }
}

#[test]
fn the_sender_of_a_refused_mail_is_told_once_in_both_languages() {
    let Some(office) = open() else { return };
    let sent = hanako("来期の予算案", LABELLED).by_python(office.port());
    office.is_refused(&sent.reply, "confidential-in-body");
    let notice = office.notices(1).remove(0);

    assert_eq!(notice.sole_header("Return-Path"), "<>");
    assert_eq!(notice.sole_header("Auto-Submitted"), "auto-generated");
    assert_eq!(notice.sole_header("To"), HANAKO);
    assert!(notice.sole_header("From").contains("postmaster@own.example"), "{notice:?}");
    assert!(notice.subject().contains("来期の予算案"), "{}", notice.subject());

    let text = notice.texts().concat();
    let last = sent.reply.lines.last().unwrap();
    let (_, id) = last.rsplit_once(' ').unwrap();
    for said in ["「社外秘」の表示があります", "送り直してください", "was not sent", CUSTOMER, id]
    {
        assert!(text.contains(said), "{said}: {text}");
        assert!(notice.html_text().contains(said), "{said}: {}", notice.html_text());
    }
}

#[test]
fn a_notice_passes_the_milter_and_gives_no_other() {
    let Some(office) = open() else { return };
    let reply = hanako("予算案", LABELLED).by_python(office.port()).reply;
    office.is_refused(&reply, "confidential-in-body");
    office.notices(1);
    office.sekisho.logged("internal accept", 1);
    let log = office.sekisho.log();
    assert_eq!(log.matches("outbound reject").count(), 1, "{log}");

    // Somebody sends his notice on to the customer, label and all: that is his own mail.
    let reply = hanako("Fwd: 予算案", LABELLED).by_python(office.port()).reply;
    office.is_refused(&reply, "confidential-in-body");
    office.notices(2);
}

#[test]
fn programs_are_told_nothing() {
    let Some(office) = open() else { return };
    let automatic = hanako("予算案", LABELLED).with("Auto-Submitted", "auto-generated");
    let null = Mail { from: "", ..hanako("予算案", LABELLED) };
    for mail in [automatic, null] {
        let reply = mail.by_python(office.port()).reply;
        office.is_refused(&reply, "confidential-in-body");
    }
    // What is told nothing cannot be waited for; a mail of a person's that comes after it can.
    let reply = hanako("予算案", LABELLED).by_python(office.port()).reply;
    office.is_refused(&reply, "confidential-in-body");
    office.notices(1);
}

#[test]
fn nobody_outside_is_told_of_a_refusal() {
    let Some(office) = open() else { return };
    // From our own network, with somebody else's address in the envelope: a forward, or one who
    // hopes that no rule looks.
    let stranger = format!("stranger@{OUTSIDE_DOMAIN}");
    let content = format!(
        "From: {HANAKO}\r\nTo: {CUSTOMER}\r\nSubject: =?utf-8?B?{}?=\r\n\r\nSee above.\r\n",
        sekisho_tests::letters::base64("【社外秘】予算案".as_bytes()).trim()
    );
    let letter = Letter::new(&stranger, CUSTOMER, content);
    let reply = smtp::send(office.postfix.inbound, &Client::default(), &letter).unwrap();
    office.is_refused(&reply, "confidential-in-body");
    let reply = hanako("予算案", LABELLED).by_python(office.port()).reply;
    office.is_refused(&reply, "confidential-in-body");
    office.notices(1);
}
