//! To whom a mail goes and who sends it: Bcc, groups, a thousand recipients, colleagues, programs,
//! logins, and forwards that no milter sees.

use std::fs;
use std::process::Command;

use sekisho_tests::postfix::{Further, Postfix};
use sekisho_tests::sekisho::binary;
use sekisho_tests::smtp::{self, Client, Letter};
use sekisho_tests::staff::Mail;

use crate::outbound::{CONVERT, CUSTOMER, HANAKO, Office, customers, hanako, only_shows, same};

const TEXT: &str = "いつもお世話になっております。\n新しい窓口のご案内です。\n";

/// What must be encrypted when it goes outside.
const LABELLED: &str = "【社外秘】\n\n来期の予算は次のとおりです。\n";

const EXPOSED: &str = "broadcast-recipients-exposed";

#[test]
fn recipients_in_bcc_are_never_revealed() {
    let Some(office) = Office::open(&[CONVERT]) else { return };
    let hidden = customers(7);
    let all: Vec<String> = [CUSTOMER.to_owned()].into_iter().chain(hidden.clone()).collect();
    // Some clients leave the field in the mail and trust the server to take it out.
    let mail = hanako("ご案内", TEXT).with("Bcc", hidden.join(", ")).to(all.clone());
    let sent = mail.by_swaks(office.port());
    assert_eq!(sent.reply.code, 250, "{}", sent.reply);
    for to in &all {
        let got = office.postfix.sole_delivery(to);
        assert_eq!(got.header("To"), [CUSTOMER], "{got:?}");
        assert_eq!(got.header("Bcc"), Vec::<String>::new(), "{got:?}");
        let visible = [to.clone(), CUSTOMER.to_owned()];
        let others: Vec<String> = all.iter().filter(|a| !visible.contains(a)).cloned().collect();
        only_shows(&got, to, &others);
    }
    let log = office.sekisho.log();
    assert!(log.contains("outbound accept") && log.contains("rcpts=8"), "{log}");
    assert!(hidden.iter().all(|address| !log.contains(address)), "{log}");
}

#[test]
fn a_thousand_recipients_are_refused_in_to_and_served_in_bcc() {
    let Some(office) = Office::open(&[]) else { return };
    let all = customers(1000);
    let mail = hanako("ご案内", TEXT).to(all.clone());
    let sent = mail.clone().with("To", all.join(", ")).by_python(office.port());
    office.is_refused(&sent.reply, EXPOSED);
    assert!(sent.reply.text().contains("To and Cc show 1000 external addresses"), "{}", sent.reply);
    office.nothing_left();

    let sent = mail.with("To", HANAKO).by_python(office.port());
    assert_eq!(sent.reply.code, 250, "{}", sent.reply);
    all_served(&office.postfix, &all);
}

#[test]
fn a_thousand_recipients_in_to_and_cc_are_converted() {
    let Some(office) = Office::open(&[CONVERT]) else { return };
    let all = customers(1000);
    let mail = hanako("ご案内", TEXT)
        .with("To", all[..500].join(", "))
        .with("Cc", all[500..].join(", "))
        .to(all.clone());
    let sent = mail.by_python(office.port());
    assert_eq!(sent.reply.code, 250, "{}", sent.reply);
    all_served(&office.postfix, &all);
}

/// Everybody has one copy, with the sender in To and nobody else shown.
#[track_caller]
fn all_served(postfix: &Postfix, all: &[String]) {
    postfix.settle();
    let mails = postfix.all_delivered();
    let mut served: Vec<String> =
        mails.iter().map(|mail| mail.sole_header("Delivered-To")).collect();
    served.sort();
    let mut expected = all.to_vec();
    expected.sort();
    assert!(served == expected, "{} of {} were served", served.len(), expected.len());
    for mail in &mails {
        assert_eq!(mail.header("To"), [HANAKO]);
        assert_eq!(mail.header("Cc"), Vec::<String>::new());
        let of_delivery = 2; // Delivered-To, X-Original-To
        let shown = String::from_utf8_lossy(&mail.raw).matches("@outside.example").count();
        assert_eq!(shown, of_delivery, "{mail:?}");
    }
}

#[test]
fn members_of_a_group_are_shown_and_undisclosed_recipients_are_not() {
    let Some(office) = Office::open(&[]) else { return };
    let all = customers(6);
    let group = format!("Customers: {};", all.join(", "));
    let mail = hanako("ご案内", TEXT).to(all.clone());
    for (to, cc) in [(group.as_str(), ""), (HANAKO, group.as_str())] {
        let mut mail = mail.clone().with("To", to);
        if !cc.is_empty() {
            mail = mail.with("Cc", cc);
        }
        office.is_refused(&mail.by_swaks(office.port()).reply, EXPOSED);
        office.is_refused(&mail.by_python(office.port()).reply, EXPOSED);
    }
    office.nothing_left();

    let undisclosed = mail.clone().with("To", "undisclosed-recipients:;");
    let few = mail.with("To", format!("Customers: {};", all[..5].join(", ")));
    for mail in [undisclosed, few] {
        assert_eq!(mail.by_swaks(office.port()).reply.code, 250);
    }
    office.postfix.settle();
    assert_eq!(office.postfix.all_delivered().len(), 12);
}

#[test]
fn among_colleagues_only_outsiders_count() {
    let Some(office) = Office::open(&[CONVERT]) else { return };
    let colleagues: Vec<String> = (1..=20).map(|n| format!("staff-{n}@own.example")).collect();
    let few = customers(5);
    let to = || [colleagues.clone(), few.clone()].concat();
    let mail = hanako("ご案内", TEXT).with("To", to().join(", ")).to(to());
    let sent = mail.by_python(office.port());
    assert_eq!(sent.reply.code, 250, "{}", sent.reply);
    for address in [&colleagues[0], &colleagues[19], &few[4]] {
        same(&office.postfix.sole_delivery(address), &sent.content);
    }

    // One copy is every recipient's copy: colleagues get it converted too.
    let more = [customers(6), vec!["boss@own.example".to_owned()]].concat();
    let mail = hanako("ご案内", TEXT).with("Cc", more.join(", ")).to(more);
    assert_eq!(mail.by_python(office.port()).reply.code, 250);
    let got = office.postfix.sole_delivery("boss@own.example");
    assert_eq!((got.header("To"), got.header("Cc")), (vec![HANAKO.to_owned()], vec![]));

    // What goes outside as well is no internal mail.
    let both = ["boss@own.example", CUSTOMER];
    let mail = hanako("予算案", LABELLED).with("To", both.join(", ")).to(both);
    office.is_refused(&mail.by_python(office.port()).reply, "confidential-in-body");
    office.postfix.settle();
    assert!(office.postfix.mailbox(CUSTOMER).mails().is_empty());
    assert_eq!(office.postfix.mailbox("boss@own.example").mails().len(), 1);
}

#[test]
fn internal_mail_is_exempt_unless_the_settings_say_otherwise() {
    let colleague = "taro@own.example";
    let mail = || hanako("予算案", LABELLED).with("To", colleague).to([colleague]);
    let Some(office) = Office::open(&[]) else { return };
    office.passes_unchanged(&mail());
    office.sekisho.logged("internal accept", 1);

    let internal = ("outbound.toml", "internal = true\n");
    let Some(office) = Office::open(&[internal]) else { return };
    let sent = mail().by_python(office.port());
    office.is_refused(&sent.reply, "confidential-in-body");
    office.nothing_left();
}

#[test]
fn programs_can_be_exempt_by_sender_and_network() {
    let exempt = ("outbound.toml", "[exempt]\nsenders = [\"scanner@own.example\"]\n");
    let Some(office) = Office::open(&[exempt]) else { return };
    let scanner = Mail { from: "scanner@own.example", ..hanako("予算案", LABELLED) };
    office.passes_unchanged(&scanner.to(["scans@outside.example"]));
    let sent = hanako("予算案", LABELLED).by_python(office.port());
    office.is_refused(&sent.reply, "confidential-in-body");

    let rules = ("outbound.toml", "[exempt]\nnetworks = [\"198.51.100.25\"]\n");
    let Some(office) = Office::open(&[rules]) else { return };
    let from = |last: u8| Client {
        address: Some(format!("198.51.100.{last}")),
        login: Some("printer".into()),
        ..Client::default()
    };
    let letter = Letter::new(HANAKO, CUSTOMER, "From: hanako@own.example\r\n\r\nCONFIDENTIAL\r\n");
    let reply = smtp::send(office.postfix.inbound, &from(26), &letter).unwrap();
    office.is_refused(&reply, "confidential-in-body");
    let reply = smtp::send(office.postfix.inbound, &from(25), &letter).unwrap();
    assert_eq!(reply.code, 250, "{reply}\n{}", office.sekisho.log());
    assert_eq!(office.postfix.sole_delivery(CUSTOMER).body(), b"CONFIDENTIAL\n");
}

#[test]
fn own_networks_submit_without_a_login() {
    let Some(office) = Office::open(&[]) else { return };
    let port = office.postfix.inbound;
    let mail = Mail { login: None, ..hanako("予算案", LABELLED) };
    for sent in [mail.by_swaks(port), mail.by_python(port)] {
        office.is_refused(&sent.reply, "confidential-in-body");
    }
    let mail = Mail { text: TEXT, ..mail };
    let sent = mail.by_python(port);
    assert_eq!(sent.reply.code, 250, "{}", sent.reply);
    same(&office.postfix.sole_delivery(CUSTOMER), &sent.content);
    assert!(!office.sekisho.log().contains("user="), "{}", office.sekisho.log());
}

#[test]
fn the_log_tells_who_logged_in_beside_whom_the_mail_names() {
    let Some(office) = Office::open(&[]) else { return };
    let mail = hanako("ご案内", TEXT).with("From", "社長 <president@own.example>");
    let sent = mail.by_swaks(office.port());
    assert_eq!(sent.reply.code, 250, "{}", sent.reply);
    office.sekisho.logged("outbound accept", 1);
    let log = office.sekisho.log();
    let line = log.lines().find(|line| line.contains("outbound accept")).unwrap();
    for said in ["user=hanako", "mail_from=hanako@own.example", "from=president@own.example"] {
        assert!(line.contains(said), "{said} is missing: {line}");
    }

    let stranger = Mail { login: None, ..mail };
    let reply = stranger.by_python(office.port()).reply;
    assert!((500..600).contains(&reply.code), "nobody submits without a login: {reply}");
}

#[test]
fn no_header_of_ours_leaves() {
    let Some(office) = Office::open(&[]) else { return };
    let mail = hanako("ご案内", TEXT)
        .with("X-Sekisho-Score", "0")
        .with("X-Sekisho-Decision", "accept")
        .with("X-SEKISHO-Anything", "else");
    assert_eq!(mail.by_swaks(office.port()).reply.code, 250);
    let got = office.postfix.sole_delivery(CUSTOMER);
    assert!(!got.head().to_ascii_lowercase().windows(9).any(|w| w == b"x-sekisho"), "{got:?}");
}

#[test]
fn forwards_that_no_milter_sees_are_found_by_the_audit() {
    let maps = tempfile::Builder::new().prefix("sekisho-maps-").tempdir().unwrap();
    let path = |name: &str| maps.path().join(name);
    let virtuals = "info@own.example taro@own.example, partner@outside.example\n\
                    taro@own.example taro.private@outside.example\n\
                    hr@own.example hr-archive@own.example\n";
    fs::write(path("virtual"), virtuals).unwrap();
    fs::write(path("aliases"), "root: jiro\nsales: sales@outside.example\n").unwrap();
    fs::create_dir_all(path("home/jiro")).unwrap();
    fs::write(path("home/jiro/.forward"), "jiro@outside.example\n").unwrap();
    let main = format!(
        "virtual_alias_maps = texthash:{}\nalias_maps = texthash:{}\n",
        path("virtual").display(),
        path("aliases").display()
    );
    let further = Further { main, ..Further::default() };
    let Some(office) = Office::open_with(&[], &further) else { return };

    // sekisho sees an internal mail, Postfix sends it on.
    let mail = hanako("ご案内", TEXT).to(["info@own.example"]);
    assert_eq!(mail.by_python(office.port()).reply.code, 250);
    for to in ["partner@outside.example", "taro.private@outside.example"] {
        office.postfix.sole_delivery(to);
    }
    office.sekisho.logged("internal accept", 1);

    let audit = Command::new(binary().unwrap())
        .args(["audit-forwarding", "--format", "jsonl", "--config"])
        .arg(office.sekisho.configuration())
        .arg("--postfix-config")
        .arg(office.postfix.configuration())
        .arg("--home-root")
        .arg(path("home"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&audit.stdout);
    let errors = String::from_utf8_lossy(&audit.stderr);
    assert_eq!((audit.status.code(), errors.as_ref()), (Some(0), ""), "{said}");
    let mut found: Vec<String> = said
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|path| format!("{} -> {} {}", path["from"], path["to"], path["result"]))
        .map(|path| path.replace('"', ""))
        .collect();
    found.sort();
    let expected = [
        "info@own.example -> partner@outside.example leaves",
        "info@own.example -> taro.private@outside.example leaves",
        "jiro -> jiro@outside.example leaves",
        "root -> jiro@outside.example leaves",
        "sales -> sales@outside.example leaves",
        "taro@own.example -> taro.private@outside.example leaves",
    ];
    assert_eq!(found, expected, "{said}");
}
