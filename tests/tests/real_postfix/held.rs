//! From submission to delivery: what waits, what is approved or denied, what is released from
//! quarantine, and that everybody hears of it who should.

use std::collections::BTreeSet;

use sekisho_config::Settings;
use sekisho_milter::store::{Memory, Search, Store};
use sekisho_tests::smtp::{self, Client, Letter};
use sekisho_tests::staff::Mail;
use sekisho_tests::wait;
use serde_json::Value;

use crate::outbound::{CUSTOMER, HANAKO, hanako, same};
use crate::site::{Site, said};
use crate::{HOLD, STRANGER, TARO, suspicious};

/// What goes outside waits until the next look.
const DELAY: (&str, &str) = ("hold.toml", "[delay]\nenabled = true\nminutes = 0\n");

/// Labelled mail waits for permission.
const ASK: (&str, &str) = ("outbound.toml", "[rulings]\nconfidential-in-body = \"hold\"\n");

/// Who may give it; Hanako is one of them, which does not help with her own mail.
const APPROVERS: (&str, &str) =
    ("hold.toml", "[approval]\napprovers = [\"boss@own.example\", \"hanako@own.example\"]\n");

const BOSS: &str = "boss@own.example";

const PLAIN: &str = "いつもお世話になっております。\n資料の件、承知いたしました。\n";

const LABELLED: &str = "【社外秘】\n\n来期の予算は次のとおりです。\n";

fn id(hold: &Value) -> &str {
    hold["id"].as_str().unwrap()
}

fn queue_id(hold: &Value) -> &str {
    hold["queue_id"].as_str().unwrap()
}

/// The filter saw the mail once: a released mail is not judged again.
#[track_caller]
fn judged_once(site: &Site, hold: &Value) {
    let judged = format!("{}: {}", queue_id(hold), hold["direction"].as_str().unwrap());
    assert_eq!(site.sekisho.log().matches(&judged).count(), 1, "{}", site.sekisho.log());
}

/// The hold of a mail that was just submitted.
#[track_caller]
fn asks_permission(site: &Site) -> Value {
    let hold = site.sole_hold("held");
    assert_eq!(hold["reason"], "approval");
    assert_eq!(hold["approvers"], serde_json::json!([BOSS]), "never the sender");
    hold
}

#[test]
fn mail_to_the_outside_waits_and_then_goes_by_itself_as_it_was_written() {
    let Some(mut site) = Site::open(&[DELAY]) else { return };
    // Nobody serves the hold queue yet.
    site.holdd.kill();
    site.submit(&Mail { login: Some("hanako"), ..Mail::new(HANAKO, TARO, "社内", PLAIN) });
    site.postfix.sole_delivery(TARO);
    assert_eq!(site.holds(), Vec::<Value>::new(), "purely internal mail does not wait");

    let mixed = hanako("資料", PLAIN).to([CUSTOMER, "jiro@own.example"]);
    let sent = site.submit(&mixed);
    let hold = site.sole_hold("held");
    assert_eq!((&hold["reason"], &hold["from"]), (&"delay".into(), &HANAKO.into()));
    site.postfix.settle();
    assert_eq!(site.postfix.held().len(), 1, "the mail of all recipients waits");
    let notice = site.notice(HANAKO, "送信保留");
    assert!(notice.texts()[0].contains(id(&hold)), "{notice:?}");
    assert_eq!(notice.sole_header("Return-Path"), "<>");
    site.sekisho.logged("held mails are not served, they stay on hold", 1);
    assert_eq!(site.postfix.held().len(), 1, "without the companion it stays");

    site.holdd.restart().unwrap();
    let released = site.sole_hold("released");
    same(&site.postfix.sole_delivery(CUSTOMER), &sent.content);
    same(&site.postfix.sole_delivery("jiro@own.example"), &sent.content);
    judged_once(&site, &released);
    site.audited("\"what\":\"expired\"");
    assert_eq!(site.postfix.queue(), []);
}

#[test]
fn a_mail_that_needs_permission_goes_when_the_superior_says_so_and_not_before() {
    let Some(site) = Site::open(&[ASK, APPROVERS, DELAY]) else { return };
    let sent = site.submit(&hanako("予算案", LABELLED));
    let hold = asks_permission(&site);
    let asked = site.notice(BOSS, "承認依頼");
    assert!(asked.texts()[0].contains("confidential-in-body"), "{asked:?}");
    assert!(!asked.texts()[0].contains("来期の予算"), "no text of the mail: {asked:?}");
    site.notice(HANAKO, "送信保留");

    let id = id(&hold);
    let own = site.refuses(&["hold", "approve", id, "--by", HANAKO]);
    assert!(own.contains("may not approve own mail"), "{own}");
    let other = site.refuses(&["hold", "approve", id, "--by", TARO]);
    assert!(other.contains("neither approver nor deputy"), "{other}");
    site.refuses(&["hold", "approve", "no-such-hold", "--by", BOSS]);
    assert_eq!(site.sole_hold("held"), hold);

    site.ask(&["hold", "approve", id, "--by", BOSS]);
    same(&site.postfix.sole_delivery(CUSTOMER), &sent.content);
    let released = site.sole_hold("released");
    assert_eq!(released["decided_by"], BOSS);
    judged_once(&site, &released);
    site.audited("\"what\":\"released\"");
    assert!(site.audit().contains(&format!("\"who\":\"{BOSS}\"")), "{}", site.audit());
    let late = site.refuses(&["hold", "deny", id, "--by", BOSS]);
    assert!(late.contains("nothing left to decide"), "{late}");
    let found = site.ask(&["log", "search", "--finding", "confidential-in-body"]);
    assert!(found.contains("\n1 record\n"), "{found}");
}

#[test]
fn a_mail_that_is_denied_never_leaves_and_its_sender_hears_of_it() {
    let Some(site) = Site::open(&[ASK, APPROVERS]) else { return };
    site.submit(&hanako("予算案", LABELLED));
    let hold = asks_permission(&site);
    site.ask(&["hold", "deny", id(&hold), "--by", BOSS]);
    site.sole_hold("discarded");
    assert_eq!(site.postfix.held(), []);
    site.notice(HANAKO, "送信取りやめ");
    site.postfix.settle();
    assert_eq!(site.postfix.mailbox(CUSTOMER).mails(), vec![]);
    site.audited("\"what\":\"discarded\"");
}

#[test]
fn a_suspicious_mail_is_released_by_the_administrator() {
    let Some(site) = Site::open(&[HOLD, APPROVERS]) else { return };
    assert_eq!(site.receive(&suspicious(TARO)).code, 250);
    let hold = site.sole_hold("held");
    assert_eq!((&hold["reason"], &hold["from"]), (&"quarantine".into(), &STRANGER.into()));
    let shown = site.ask(&["hold", "show", id(&hold), "--mail"]);
    assert!(shown.contains("free-mail-sender") && shown.contains("Shall we meet"), "{shown}");
    let approval = site.refuses(&["hold", "approve", id(&hold), "--by", BOSS]);
    assert!(approval.contains("it waits for no approval"), "{approval}");
    site.ask(&["hold", "release", id(&hold)]);
    let got = site.postfix.sole_delivery(TARO);
    assert_eq!(got.texts(), ["Shall we meet next week?\n"]);
    judged_once(&site, &site.sole_hold("released"));
    site.audited("\"what\":\"released\"");
    site.postfix.settle();
    assert_eq!(site.postfix.mailbox(STRANGER).mails(), vec![], "nobody outside is told");
}

#[test]
fn what_hands_do_past_us_is_noticed() {
    let Some(mut site) = Site::open(&[HOLD]) else { return };
    site.holdd.kill();
    assert_eq!(site.receive(&suspicious(TARO)).code, 250);
    let hold = site.sole_hold("held");
    // It must be seen in the queue first: what was never there may still be on its way.
    site.sekisho.logged("held mails are not served, they stay on hold", 1);
    site.holdd.restart().unwrap();
    site.sekisho.logged("held mails are served again", 1);
    site.postfix.release(queue_id(&hold));
    site.postfix.sole_delivery(TARO);
    site.sole_hold("gone");
    site.audited("\"who\":\"by hand\"");
}

#[test]
fn killed_between_hold_and_release_it_goes_on_where_it_was() {
    let Some(mut site) = Site::open(&[ASK, APPROVERS]) else { return };
    let sent = site.submit(&hanako("予算案", LABELLED));
    let hold = asks_permission(&site);
    site.sekisho.kill();
    // Decided while nobody serves: the companion is away as well.
    site.holdd.kill();
    let later = site.ask(&["hold", "approve", id(&hold), "--by", BOSS]);
    assert!(later.contains("to be done as soon as it can be"), "{later}");
    site.sole_hold("releasing");
    assert_eq!(site.postfix.held().len(), 1);
    site.holdd.restart().unwrap();
    site.sekisho.restart().unwrap();
    site.sole_hold("released");
    same(&site.postfix.sole_delivery(CUSTOMER), &sent.content);
    site.audited("\"what\":\"released\"");
}

#[test]
fn strangers_are_strangers_once_and_answers_are_known() {
    let Some(site) = Site::open(&[]) else { return };
    site.submit(&hanako("資料", PLAIN));
    site.postfix.delivered(CUSTOMER, 1);
    let found = |subject: &str, more: &str, from: &str| {
        let content = format!(
            "From: <{from}>\r\nTo: {TARO}\r\nSubject: {subject}\r\n{more}\
             Date: Mon, 16 Nov 2026 09:30:00 +0900\r\nMessage-ID: <a@example.com>\r\n\r\nYes.\r\n"
        );
        assert_eq!(site.receive(&Letter::new(from, TARO, content)).code, 250);
        let record = wait::until("the record", || {
            let all = site.ask(&["log", "search", "--format", "jsonl", "--subject", subject]);
            // The latest of them: a mail of this subject may have come before.
            serde_json::from_str::<Value>(all.lines().last()?).ok()
        });
        let record = record.unwrap_or_else(|e| panic!("{e}\n{}", site.all_logs()));
        let ids = record["findings"].as_array().into_iter().flatten().map(|f| f["id"].clone());
        ids.filter_map(|id| id.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let suzuki = "suzuki@partner.example";
    assert_eq!(found("first", "", suzuki), ["first-contact"]);
    wait::until("the memory of it", || found_none(&found("again", "", suzuki))).unwrap();
    assert!(found_none(&found("whom we wrote to", "", CUSTOMER)).is_some());
    let answers = "In-Reply-To: <1@desk.own.example>\r\n";
    assert!(found_none(&found("Re: real", answers, CUSTOMER)).is_some());
    // A memory that is young cannot know that a mail was never sent.
    let claims = "In-Reply-To: <never-sent@desk.own.example>\r\n";
    assert_eq!(found("Re: false", claims, "stranger@else.example"), ["first-contact"]);
    let table = site.ask(&["log", "search", "--finding", "first-contact"]);
    assert!(table.contains("\n2 records\n"), "{table}");
}

fn found_none(findings: &[String]) -> Option<()> {
    findings.is_empty().then_some(())
}

#[test]
fn a_filter_killed_in_the_middle_loses_no_mail_and_next_to_no_record() {
    let Some(mut site) = Site::open(&[]) else { return };
    let port = site.postfix.inbound;
    let sending = std::thread::spawn(move || {
        for number in 0..200 {
            let content = format!("Subject: number {number}.\r\n\r\nx\r\n");
            let letter = Letter::new(STRANGER, TARO, content);
            // A mail server tries again.
            wait::until("the letter to be taken", || {
                let reply = smtp::send(port, &Client::outside(), &letter);
                reply.is_ok_and(|reply| reply.code == 250).then_some(())
            })
            .unwrap();
        }
    });
    for share in [60, 120] {
        let reached = || (site.audit().lines().count() > share).then_some(());
        wait::until("the next mails", reached).unwrap();
        site.sekisho.kill();
        // As it lies there: a line may be half written, and nothing else is wrong.
        let verified = said(&site.sekisho.ask(&["log", "verify"]).unwrap());
        let breaks = verified.lines().filter(|line| line.contains(".jsonl:")).count();
        assert!(breaks <= usize::from(verified.contains("within a line")), "{verified}");
        site.sekisho.restart().unwrap();
    }
    sending.join().unwrap();
    site.postfix.settle();
    let delivered = site.postfix.mailbox(TARO).mails();
    assert_eq!(delivered.len(), 200);
    site.sekisho.terminate();
    site.sekisho.wait().unwrap();
    site.ask(&["log", "verify"]);
    let audit = site.audit();
    let stored = stored(&site);
    let missing = |known: &dyn Fn(&str) -> bool| {
        let subjects = delivered.iter().map(|mail| mail.sole_header("Subject"));
        subjects.filter(|subject| !known(subject)).count()
    };
    let lost = (missing(&|subject| audit.contains(subject)), missing(&|s| stored.contains(s)));
    eprintln!("of 200 mails, killed twice: {lost:?} records lost of the audit log, of the store");
    // What came within the last moments before each of the two kills.
    assert!(lost.0 <= 4 && lost.1 <= 2 * 60, "{lost:?}");
}

/// Subjects in the store.
pub(crate) fn stored(site: &Site) -> BTreeSet<String> {
    let settings = Settings::default().store;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Memory::new(&settings, &site.sekisho.state()).unwrap();
        let search = Search { limit: 1000, ..Search::default() };
        let records = store.search(&search).await.unwrap();
        records.into_iter().map(|record| record.subject).collect()
    })
}
