//! What Postfix does with each decision, and whose headers survive.

use sekisho_tests::smtp::Letter;

use crate::{BANNER, CONTACT, CONTACT_SET, HOLD, Lab, REJECT, STRANGER, TARO, honest, suspicious};

#[test]
fn hold_keeps_a_mail_until_it_is_released_by_hand() {
    let Some(lab) = Lab::start(&[HOLD]) else { return };
    let reply = lab.receive(&suspicious(TARO));
    assert_eq!(reply.code, 250, "the sender does not notice: {reply}");
    lab.postfix.settle();
    let held = lab.postfix.held();
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!(held[0].recipients, [TARO]);
    assert!(lab.postfix.mailbox(TARO).mails().is_empty());
    let content = String::from_utf8_lossy(&lab.postfix.content(&held[0].id)).into_owned();
    assert!(content.contains("X-Sekisho-Decision: hold"), "{content}");

    lab.postfix.release(&held[0].id);
    let got = lab.postfix.sole_delivery(TARO);
    assert_eq!(got.sole_header("X-Sekisho-Decision"), "hold");
    assert!(got.sole_header("X-Sekisho-Indicators").starts_with("free-mail-sender="));
    assert_eq!(lab.postfix.queue(), []);
}

#[test]
fn hold_lets_other_mail_pass() {
    let Some(lab) = Lab::start(&[HOLD]) else { return };
    lab.receive(&suspicious(TARO));
    let got = lab.deliver(&honest(TARO));
    assert_eq!(got.sole_header("X-Sekisho-Decision"), "accept");
    assert_eq!(lab.postfix.held().len(), 1);
}

#[test]
fn reject_tells_the_client_why_and_an_id_that_the_log_knows() {
    let Some(lab) = Lab::start(&[REJECT]) else { return };
    let reply = lab.receive(&suspicious(TARO));
    assert_eq!(reply.code, 550, "{reply}");
    assert!(reply.lines.iter().all(|l| l.starts_with("5.7.1 ")), "{reply}");
    assert!(reply.text().is_ascii(), "no SMTPUTF8, no Japanese: {reply}");
    let words = reply.text();
    let mut words = words.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let log = lab.sekisho.log();
    let id = words.find(|w| w.len() >= 8 && w.contains(|c: char| c.is_ascii_digit()));
    assert!(id.is_some_and(|id| log.contains(id)), "{reply}\n{log}");
    lab.postfix.settle();
    assert!(lab.postfix.mailbox(TARO).mails().is_empty());
    assert_eq!(lab.postfix.queue(), []);
}

#[test]
fn reject_speaks_japanese_to_those_who_can_read_it() {
    let Some(lab) = Lab::start(&[REJECT]) else { return };
    let reply = lab.receive(&Letter { smtputf8: true, ..suspicious(TARO) });
    assert_eq!(reply.code, 550, "{reply}");
    let kana = |c: char| ('\u{3041}'..='\u{3093}').contains(&c);
    assert!(reply.text().contains(kana), "Japanese: {reply}");
    assert!(reply.text().contains(|c: char| c.is_ascii_lowercase()), "and English: {reply}");
}

#[test]
fn observe_changes_nothing_but_our_headers() {
    let observe = ("filter.toml", "mode = \"observe\"\n");
    for thresholds in [BANNER, HOLD, REJECT] {
        let Some(lab) = Lab::start(&[observe, thresholds, CONTACT_SET]) else { return };
        let got = lab.deliver(&suspicious(TARO));
        assert_eq!(got.body(), b"Shall we meet next week?\n");
        assert_eq!(got.sole_header("Subject"), "Meeting");
        let decision = got.sole_header("X-Sekisho-Decision");
        assert!(["banner", "hold", "reject"].contains(&decision.as_str()), "{decision}");
    }
}

#[test]
fn headers_of_ours_from_outside_are_removed() {
    let Some(lab) = Lab::start(&[BANNER]) else { return };
    let forged = "X-Sekisho-Score: 0\r\nx-sekisho-decision: accept\r\nX-SEKISHO-Indicators: none\r\n\
                  X-Sekisho-Score: 1\r\nX-Sekisho-Anything: else\r\n";
    let mail = suspicious(TARO);
    let content = [forged.as_bytes(), &mail.content].concat();
    let got = lab.deliver(&Letter { content, ..mail });
    assert_eq!(got.sole_header("X-Sekisho-Decision"), "banner");
    assert_ne!(got.sole_header("X-Sekisho-Score"), "0");
    assert!(got.sole_header("X-Sekisho-Indicators").starts_with("free-mail-sender="));
    assert_eq!(got.header("X-Sekisho-Anything"), Vec::<String>::new(), "{got:?}");
    assert_eq!(got.sole_header("From"), format!("Sato <{STRANGER}>"));
}

#[test]
fn several_mails_on_one_connection_are_judged_apart() {
    use sekisho_tests::smtp::{Client, Session};
    let Some(lab) = Lab::start(&[BANNER, CONTACT_SET]) else { return };
    let mut session = Session::connect(lab.postfix.inbound).unwrap();
    session.introduce(&Client::outside()).unwrap();
    assert_eq!(session.send(&suspicious("first@own.example")).unwrap().code, 250);
    assert_eq!(session.begin(&suspicious("never@own.example")).unwrap().code, 354);
    session.write(b"Subject: only\r\n\r\nthis\r\n.\r\n").unwrap();
    assert_eq!(session.reply().unwrap().code, 250);
    assert_eq!(session.command("MAIL FROM:<given.up@gmail.com>").unwrap().code, 250);
    assert_eq!(session.command("RSET").unwrap().code, 250);
    assert_eq!(session.send(&honest("second@own.example")).unwrap().code, 250);
    let first = lab.postfix.sole_delivery("first@own.example");
    let second = lab.postfix.sole_delivery("second@own.example");
    assert!(first.texts().concat().contains(CONTACT));
    assert_eq!(first.sole_header("X-Sekisho-Decision"), "banner");
    assert_eq!(second.sole_header("X-Sekisho-Decision"), "accept");
    assert_eq!(second.body(), b"Shall we meet next week?\n");
}
