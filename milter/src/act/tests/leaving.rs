//! Mail that leaves: what is changed in it, and what must not be.

use sekisho_config::{Ruling, Settings};
use sekisho_heuristics::decision::Decision;
use sekisho_heuristics::message::{Envelope, Message};
use sekisho_heuristics::outbound::{Breach, Ruled};

use super::{assessment, body_start, settings};
use crate::act::banner::Banner;
use crate::act::{Leaving, Plan, Reply, apply_to, outbound};

fn ruled(ruling: Ruling) -> Ruled {
    let breach = |id: &'static str, ruling| Breach {
        id,
        clause: None,
        ruling,
        evidence: "6".into(),
        ja: "To と Cc に社外の宛先が 6 件あります。".into(),
        en: "To and Cc show 6 external addresses \u{2014} too many.".into(),
        advice_ja: "Bcc で送ってください。".into(),
        advice_en: "Send it by Bcc.".into(),
    };
    Ruled {
        ruling: Some(ruling),
        breaches: vec![
            breach("broadcast-recipients-exposed", ruling),
            breach("first-time-recipient", Ruling::Warn),
        ],
        is_confidential: false,
        is_exempt: false,
        problems: Vec::new(),
    }
}

/// The plan for `mail` under `ruled`, and the mail after it.
fn leaves(
    mail: &str,
    ruled: Option<&Ruled>,
    settings: &Settings,
    smtputf8: bool,
) -> (Plan, String) {
    let envelope = Envelope {
        mail_from: Some("taro@own.example".into()),
        recipients: vec!["a@example.com".into()],
    };
    let raw = mail.as_bytes();
    let message = Message::new(raw, &envelope, &settings.filter.limits).with_file_texts();
    let body_start = body_start(raw);
    let leaving = Leaving {
        mail: &message,
        raw,
        body_start,
        goes_outside: true,
        ruled,
        settings,
        lookup_id: "4XyZ",
        smtputf8,
    };
    let plan = outbound(&leaving);
    let after = apply_to(raw, body_start, &plan);
    (plan, String::from_utf8(after).unwrap())
}

const BROADCAST: &str = "From: Taro <taro@own.example>\r\nTo: a@example.com,\r\n b@example.com\r\n\
    Cc: c@example.com\r\nSubject: x\r\nCC: d@example.com\r\nTo: e@example.com\r\n\r\ntext\r\n";

#[test]
fn converted_exactly_as_the_clause_says() {
    let (plan, mail) = leaves(BROADCAST, Some(&ruled(Ruling::Convert)), &settings(|_| {}), false);
    assert_eq!(plan.reply, Reply::Accept);
    assert_eq!(
        mail,
        "From: Taro <taro@own.example>\r\nTo: taro@own.example\r\nSubject: x\r\n\r\ntext\r\n"
    );
    assert_eq!(plan.notes, ["To set to the sender, Cc removed, recipients as in Bcc"]);
    let bare = "From: taro@own.example\r\nCc: a@example.com\r\n\r\n";
    let (_, mail) = leaves(bare, Some(&ruled(Ruling::Convert)), &settings(|_| {}), false);
    assert_eq!(mail, "From: taro@own.example\r\nTo: taro@own.example\r\n\r\n");
}

#[test]
fn signed_mail_is_refused_instead_of_converted() {
    for signed in [
        "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
        "Content-Type: application/pkcs7-mime\r\n\r\nx\r\n",
        "DKIM-Signature: v=1\r\n\r\nx\r\n",
    ] {
        let mail = format!("From: taro@own.example\r\nTo: a@example.com\r\n{signed}");
        let (plan, _) = leaves(&mail, Some(&ruled(Ruling::Convert)), &settings(|_| {}), false);
        assert!(matches!(plan.reply, Reply::Reject(_)), "{signed}");
    }
}

#[test]
fn confidential_mail_is_marked_where_a_mark_is_set() {
    let confidential = Ruled {
        ruling: None,
        breaches: Vec::new(),
        is_confidential: true,
        is_exempt: false,
        problems: Vec::new(),
    };
    let marked = settings(|s| s.outbound.transport_mark = "X-Require-TLS".into());
    let (_, mail) = leaves(BROADCAST, Some(&confidential), &marked, false);
    assert!(mail.contains("\r\nX-Require-TLS: yes\r\n\r\n"), "{mail}");
    let (_, mail) = leaves(BROADCAST, Some(&confidential), &settings(|_| {}), false);
    assert_eq!(mail, BROADCAST);
}

#[test]
fn a_quoted_banner_does_not_leave() {
    let settings = settings(|_| {});
    let banner = Banner::new(&assessment(Decision::Banner), &settings.actions);
    let quoted: String = banner.text().lines().map(|l| format!("> {l}\r\n")).collect();
    let plain = format!(
        "Content-Type: text/plain; charset=utf-8\r\n\r\n了解です。\r\n{quoted}> よろしく\r\n"
    );
    let html = format!(
        "Content-Type: text/html; charset=utf-8\r\n\r\n<p>ok</p>{}<p>bye</p>\r\n",
        banner.html().replace('\n', "\r\n")
    );
    for mail in [&plain, &html] {
        let (plan, after) = leaves(mail, None, &settings, false);
        assert_eq!(plan.notes.len(), 1, "{:?}", plan.notes);
        let envelope = Envelope::default();
        let message = Message::new(after.as_bytes(), &envelope, &settings.filter.limits);
        let texts: String = message.texts().iter().map(|t| t.content.to_string()).collect();
        assert!(!texts.contains("標的型") && !texts.contains("Caution"), "{texts}");
        assert!(texts.contains("よろしく") || texts.contains("bye"), "{texts}");
    }
    let signed =
        format!("Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n{plain}\r\n--b--\r\n");
    assert_eq!(leaves(&signed, None, &settings, false).1, signed);
}
