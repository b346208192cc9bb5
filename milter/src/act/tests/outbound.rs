//! From rulings to changes, hold and refusals of mail that leaves.

use sekisho_config::{Mode, Ruling, Settings};
use sekisho_heuristics::message::{Envelope, Message};
use sekisho_heuristics::outbound::{Breach, Ruled};

use super::{body_start, settings};
use crate::act::{Leaving, Plan, Reply, apply_to, outbound};

const MAIL: &str = "From: \"Hanako\" <hanako@own.example>\r\nCc: c@one.example\r\nTo: a@one.example,\r\n \
                    b@two.example\r\nCC: d@two.example\r\nTo: e@two.example\r\n\r\ntext\r\n";

const CONVERTED: &str =
    "From: \"Hanako\" <hanako@own.example>\r\nTo: hanako@own.example\r\n\r\ntext\r\n";

fn breach(id: &'static str, ruling: Ruling) -> Breach {
    Breach {
        id,
        clause: None,
        ruling,
        evidence: String::new(),
        ja: "件名に「社外秘」の表示があります。".into(),
        en: "The label 社外秘 stands in the subject.".into(),
        advice_ja: "送り直してください。".into(),
        advice_en: "Send it again.".into(),
    }
}

/// What is planned for a confidential mail with these breaches, the hardest first.
fn plan(mail: &str, breaches: Vec<Breach>, settings: &Settings, smtputf8: bool) -> Plan {
    let ruled = Ruled {
        ruling: breaches.first().map(|b| b.ruling),
        breaches,
        is_confidential: true,
        is_exempt: false,
        problems: vec![],
    };
    let envelope = Envelope::default();
    let raw = mail.as_bytes();
    outbound(&Leaving {
        mail: &Message::new(raw, &envelope, &settings.filter.limits),
        raw,
        body_start: body_start(raw),
        goes_outside: true,
        ruled: Some(&ruled),
        settings,
        lookup_id: "4XyZ",
        smtputf8,
    })
}

fn lines(plan: Plan) -> Vec<String> {
    match plan.reply {
        Reply::Reject(reply) => reply.lines,
        other => panic!("{other:?}"),
    }
}

#[test]
fn conversion_leaves_one_to_field_and_no_cc() {
    let plan = plan(MAIL, vec![breach("a", Ruling::Convert)], &settings(|_| {}), false);
    assert_eq!((&plan.reply, &plan.quarantine), (&Reply::Accept, &None));
    let after = apply_to(MAIL.as_bytes(), body_start(MAIL.as_bytes()), &plan);
    assert_eq!(String::from_utf8(after).unwrap(), CONVERTED);
}

/// What stands in To and Cc after a conversion of a mail with these fields; `None` where it is
/// refused.
fn converted(fields: &str) -> Option<Vec<String>> {
    let mail = format!("{fields}Subject: x\r\n\r\ntext\r\n");
    let plan = plan(&mail, vec![breach("a", Ruling::Convert)], &settings(|_| {}), false);
    if plan.reply != Reply::Accept {
        return None;
    }
    let after = String::from_utf8(apply_to(mail.as_bytes(), body_start(mail.as_bytes()), &plan));
    let after = after.unwrap();
    let (head, _) = after.split_once("\r\n\r\n").unwrap();
    let mut shown: Vec<String> = head.split("\r\n").map(str::to_owned).collect();
    shown.retain(|line| !line.starts_with("From:") && line != "Subject: x");
    shown.iter_mut().for_each(|line| *line = line.replacen("to:", "To:", 1));
    Some(shown)
}

#[test]
fn conversion_of_odd_headers_shows_nobody() {
    let to_self = Some(vec!["To: hanako@own.example".to_owned()]);
    let many: String = (0..10_000).map(|n| format!("r{n}@c{n}.example,\r\n ")).collect();
    for others in [
        "To: customers: a@one.example, b@two.example;\r\n".to_owned(),
        "to: a@one.example\r\nTO : b@two.example\r\ncc:\r\n c@two.example\r\n".to_owned(),
        "To: =?utf-8?B?6Yi05pyo?= <a@one.example>, =?utf-8?Q?b=40two=2Eexample?=\r\n".to_owned(),
        format!("To: {many}z@one.example\r\nCc: {many}z@one.example\r\n"),
        "Cc: a@one.example\r\n".repeat(50),
    ] {
        let fields = format!("From: Hanako <hanako@own.example>\r\n{others}");
        assert_eq!(converted(&fields), to_self, "{}", &fields[..fields.len().min(200)]);
    }
}

#[test]
fn nobody_writes_fields_or_addressees_by_his_own_address() {
    for from in [
        "From: \"a@one.example, hanako\"@own.example",
        "From: \"hanako\\\r\n Bcc: a@one.example\"@own.example",
        "From: <hanako>a@one.example@own.example",
        "From: hanako;a@one.example",
        "From: \u{82B1}\u{5B50}@own.example",
        "From: hanako@own.example, jiro@own.example",
    ] {
        let shown = converted(&format!("{from}\r\nTo: b@two.example\r\n"));
        let one = |shown: &Vec<String>| match shown.as_slice() {
            [to] => to.matches('@').count() == 1 && !to.contains([',', '"', ' ', ';']),
            _ => false,
        };
        let stripped = shown.map(|s| s.iter().map(|l| l.replace("To: ", "")).collect());
        assert!(stripped.as_ref().is_none_or(one), "{from}: {stripped:?}");
    }
}

#[test]
fn what_is_held_for_another_rule_is_converted_all_the_same() {
    let both = || vec![breach("b", Ruling::Hold), breach("a", Ruling::Convert)];
    let held = plan(MAIL, both(), &settings(|_| {}), false);
    assert_eq!(held.quarantine.as_deref(), Some("sekisho: b, a"));
    let after = apply_to(MAIL.as_bytes(), body_start(MAIL.as_bytes()), &held);
    assert_eq!(String::from_utf8(after).unwrap(), CONVERTED);

    let signed = format!("DKIM-Signature: v=1\r\n{MAIL}");
    let refused = plan(&signed, both(), &settings(|_| {}), false);
    assert_eq!((&refused.quarantine, &refused.headers), (&None, &vec![]));
    assert_eq!(lines(refused)[0], "The label SHAGAIHI stands in the subject. [a]");
}

#[test]
fn a_refusal_says_what_is_wrong_and_what_to_do_on_lines_of_their_own() {
    let breaches = || vec![breach("a", Ruling::Reject), breach("b", Ruling::Hold)];
    let english = [
        "The label SHAGAIHI stands in the subject. [a]",
        "Send it again.",
        "Not sent. Your administrator finds this by the ID 4XyZ",
    ];
    assert_eq!(lines(plan(MAIL, breaches(), &settings(|_| {}), false)), english);
    let japanese = [
        "件名に「社外秘」の表示があります。",
        "送り直してください。",
        "このメールは送信されませんでした。管理者へのお問い合わせ番号: 4XyZ",
    ];
    let both = lines(plan(MAIL, breaches(), &settings(|_| {}), true));
    assert_eq!(both, [english, japanese].concat());
}

#[test]
fn observing_changes_nothing_not_even_the_mark() {
    let mark = |mode| {
        settings(|s| {
            s.filter.mode = mode;
            s.outbound.transport_mark = "X-Require-TLS".into();
        })
    };
    for ruling in [Ruling::Reject, Ruling::Hold, Ruling::Convert, Ruling::Warn] {
        let observed = plan(MAIL, vec![breach("a", ruling)], &mark(Mode::Observe), false);
        let note = format!("observed only; would be {}", ruling.name());
        assert_eq!(observed, Plan { notes: vec![note], ..Plan::default() });
    }
    assert_eq!(plan(MAIL, vec![], &mark(Mode::Observe), false), Plan::default());
    let marked = plan(MAIL, vec![], &mark(Mode::Enforce), false);
    assert_eq!(marked.notes, ["marked for TLS"]);
}
