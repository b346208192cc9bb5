//! From decisions to headers, quarantine and replies.

use sekisho_config::{HtmlToText, Language, Mode};
use sekisho_heuristics::arrangement::Arrangement;
use sekisho_heuristics::decision::Decision;
use sekisho_heuristics::message::{Envelope, Message};

use super::{assessment, body_start, carried_out, finding, settings};
use crate::act::plan::Judged;
use crate::act::{Leaving, Plan, Reply, apply_to, inbound, outbound};

const MAIL: &str = "From: a@b.example\r\nSubject: hello\r\n\r\ntext\r\n";

/// The mail after the plan for `decision`, and the plan.
fn after(mail: &str, decision: Decision, tag: &str) -> (Plan, String) {
    let settings = settings(|s| {
        s.actions.subject_tag = tag.to_owned();
        s.actions.language = Language::English;
    });
    let (plan, after) = carried_out(mail.as_bytes(), &assessment(decision), &settings);
    (plan, String::from_utf8_lossy(&after).into_owned())
}

#[test]
fn accept_and_tag_add_headers_alone() {
    for (decision, name) in [(Decision::Accept, "accept"), (Decision::Tag, "tag")] {
        let (plan, mail) = after(MAIL, decision, "[!]");
        assert_eq!(plan.reply, Reply::Accept);
        let ours = format!(
            "X-Sekisho-Score: 65\r\nX-Sekisho-Decision: {name}\r\n\
             X-Sekisho-Indicators: double-extension=45\r\n"
        );
        let expected = format!("From: a@b.example\r\nSubject: hello\r\n{ours}\r\ntext\r\n");
        assert_eq!(mail, expected);
    }
}

#[test]
fn what_is_arranged_is_noted_and_named_in_the_hold_queue() {
    let mut judged = assessment(Decision::Hold);
    judged.arrangement = Some(Arrangement::UnknownWithFiles);
    let (plan, _) = carried_out(MAIL.as_bytes(), &judged, &settings(|_| {}));
    assert_eq!(plan.notes, ["unknown-with-files"]);
    let why = "sekisho: score 65, unknown-with-files, double-extension";
    assert_eq!(plan.quarantine.as_deref(), Some(why));
}

#[test]
fn an_empty_list_of_indicators_is_left_out() {
    let mut judged = assessment(Decision::Accept);
    judged.findings.clear();
    let (plan, _) = carried_out(MAIL.as_bytes(), &judged, &settings(|_| {}));
    assert_eq!(plan.headers.len(), 2);
}

#[test]
fn a_long_list_of_indicators_is_folded() {
    let mut judged = assessment(Decision::Accept);
    judged.findings = vec![finding("padded-file-name", 30, "x"); 9];
    let (_, mail) = carried_out(MAIL.as_bytes(), &judged, &settings(|_| {}));
    let mail = String::from_utf8(mail).unwrap();
    assert!(mail.lines().all(|line| line.len() <= 78), "{mail}");
    assert_eq!(mail.matches("padded-file-name=30").count(), 9);
    assert!(mail.contains("padded-file-name=30,\r\n padded-file-name=30"));
}

#[test]
fn headers_of_ours_from_outside_are_removed_from_the_last_up() {
    let mail = "X-Sekisho-Score: 0\r\nFrom: a@b.example\r\nx-sekisho-score: 1\r\n\
                X-SEKISHO-Anything: x\r\n y\r\nX-Sekishou: stays\r\n\r\ntext\r\n";
    let envelope = Envelope::default();
    let settings = settings(|_| {});
    let message = Message::new(mail.as_bytes(), &envelope, &settings.filter.limits);
    let leaving = Leaving {
        mail: &message,
        raw: mail.as_bytes(),
        body_start: body_start(mail.as_bytes()),
        goes_outside: true,
        ruled: None,
        settings: &settings,
        lookup_id: "",
        smtputf8: false,
    };
    let plan = outbound(&leaving);
    let delete = |name: &str, occurrence| crate::act::HeaderEdit::Delete {
        name: name.to_owned(),
        occurrence,
    };
    let expected = [
        delete("X-SEKISHO-Anything", 1),
        delete("x-sekisho-score", 2),
        delete("X-Sekisho-Score", 1),
    ];
    assert_eq!(plan.headers, expected);
    let after = apply_to(mail.as_bytes(), body_start(mail.as_bytes()), &plan);
    assert_eq!(after, b"From: a@b.example\r\nX-Sekishou: stays\r\n\r\ntext\r\n");
    let (_, mail) = super::carried_out(mail.as_bytes(), &assessment(Decision::Accept), &settings);
    assert_eq!(String::from_utf8(mail).unwrap().matches("Score").count(), 1);
}

#[test]
fn banner_and_tag() {
    let (plan, mail) = after(MAIL, Decision::Banner, "[!]");
    assert_eq!(plan.reply, Reply::Accept);
    assert!(mail.contains("Subject: [!] hello\r\n"));
    assert!(mail.contains("Do not open its links or attachments."));
    assert!(mail.ends_with("--\r\n\r\ntext\r\n"));
}

#[test]
fn hold_keeps_the_body() {
    let (plan, mail) = after(MAIL, Decision::Hold, "");
    assert_eq!(plan.quarantine.as_deref(), Some("sekisho: score 65, double-extension"));
    assert_eq!((plan.reply, plan.body), (Reply::Accept, None));
    assert!(mail.contains("X-Sekisho-Decision: hold\r\n"));
}

#[test]
fn reject_says_why_and_gives_an_id() {
    let settings = settings(|_| {});
    let envelope = Envelope::default();
    let mail = Message::new(MAIL.as_bytes(), &envelope, &settings.filter.limits);
    let assessment = assessment(Decision::Reject);
    let judged = |smtputf8, lookup_id| {
        let (raw, settings, assessment) = (MAIL.as_bytes(), &settings, &assessment);
        let judged = Judged {
            mail: &mail,
            raw,
            body_start: body_start(raw),
            assessment,
            settings,
            lookup_id,
            forged_results: &[],
            smtputf8,
        };
        match inbound(&judged).reply {
            Reply::Reject(reply) => reply,
            other => panic!("{other:?}"),
        }
    };
    let english = judged(false, "4XyZ\r\n250 ok");
    assert_eq!((english.code, english.enhanced), (550, "5.7.1"));
    assert!(english.lines.iter().all(|l| l.is_ascii() && l.len() < 400));
    assert!(english.lines.last().unwrap().ends_with("the ID 4XyZ250ok"));
    let both = judged(true, "4XyZ");
    assert_eq!(both.lines.len(), 2);
    assert!(both.lines.last().unwrap().contains("番号 4XyZ を"));
}

#[test]
fn observing_changes_nothing_but_our_headers() {
    let settings = settings(|s| {
        s.filter.mode = Mode::Observe;
        s.actions.subject_tag = "[!]".into();
        s.actions.html_to_text = HtmlToText::Always;
    });
    let mail = "Subject: a\r\nContent-Type: text/html\r\n\r\n<p>a\r\n";
    for decision in [Decision::Banner, Decision::Hold, Decision::Reject] {
        let (plan, after) = carried_out(mail.as_bytes(), &assessment(decision), &settings);
        assert_eq!((plan.reply, plan.quarantine, plan.body), (Reply::Accept, None, None));
        let after = String::from_utf8(after).unwrap();
        assert!(after.contains(&format!("X-Sekisho-Decision: {}\r\n", decision.name())));
        assert!(after.starts_with("Subject: a\r\nContent-Type: text/html\r\nX-Sekisho-Score"));
        assert!(after.ends_with("\r\n\r\n<p>a\r\n"));
    }
}

#[test]
fn without_banner_the_tag_alone() {
    let settings = settings(|s| {
        s.actions.banner = false;
        s.actions.subject_tag = "[!]".into();
    });
    let (plan, after) = carried_out(MAIL.as_bytes(), &assessment(Decision::Banner), &settings);
    assert_eq!(plan.body, None);
    assert!(String::from_utf8(after).unwrap().contains("Subject: [!] hello\r\n"));
}
