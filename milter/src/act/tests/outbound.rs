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
