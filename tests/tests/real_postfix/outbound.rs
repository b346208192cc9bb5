//! What our own people's mail programs meet with each ruling: refusal, hold, warning, conversion.
//!
//! Mails are written and submitted by swaks and by Python's email package, over a submission
//! service that asks for a login; what leaves lands in the Maildir of somebody outside.

use sekisho_tests::letters::{Form, Letter as Written, Structure};
use sekisho_tests::maildir::Delivered;
use sekisho_tests::postfix::{Further, Inbound, Postfix, Submission, available_or_skip};
use sekisho_tests::sekisho::{Files, Sekisho};
use sekisho_tests::smtp::Reply;
use sekisho_tests::staff::{self, Mail};

/// Postfix with a submission service for people who log in, and sekisho beside it.
pub(crate) struct Office {
    pub(crate) postfix: Postfix,
    pub(crate) sekisho: Sekisho,
}

impl Office {
    /// `None` where a program is missing that need not be there.
    pub(crate) fn open(files: Files<'_>) -> Option<Office> {
        Office::open_with(files, &Further::default())
    }

    /// The same with further settings of Postfix's.
    pub(crate) fn open_with(files: Files<'_>, further: &Further) -> Option<Office> {
        if !available_or_skip() || !staff::available_or_skip() {
            return None;
        }
        let sekisho = Sekisho::start(files).expect("sekisho starts");
        let port = sekisho.port();
        let (inbound, submission) = (Inbound::Main(port), Submission::Login(port));
        let postfix = Postfix::start_with(inbound, submission, further).expect("Postfix starts");
        Some(Office { postfix, sekisho })
    }

    /// Where people submit.
    pub(crate) fn port(&self) -> u16 {
        self.postfix.submission
    }

    /// Nothing was delivered and nothing lies in the queue.
    #[track_caller]
    pub(crate) fn nothing_left(&self) {
        self.postfix.settle();
        assert_eq!(self.postfix.all_delivered(), vec![]);
        assert_eq!(self.postfix.queue(), vec![]);
    }

    /// A mail that must be taken by the server, submitted by Python and delivered to the customer
    /// as it was sent.
    #[track_caller]
    pub(crate) fn passes_unchanged(&self, mail: &Mail<'_>) {
        let sent = mail.by_python(self.port());
        assert_eq!(sent.reply.code, 250, "{}\n{}", sent.reply, self.sekisho.log());
        let got = self.postfix.sole_delivery(&mail.to[0]);
        same(&got, &sent.content);
    }

    /// A mail that the rule of that id must refuse.
    #[track_caller]
    pub(crate) fn is_refused(&self, reply: &Reply, rule: &str) {
        assert_eq!(reply.code, 550, "{reply}\n{}", self.sekisho.log());
        let named = format!("[{rule}]");
        assert!(reply.text().contains(&named), "{rule} is not named: {reply}");
    }
}

/// A mail of Hanako's, who has logged in, to a customer.
pub(crate) fn hanako<'a>(subject: &str, text: &'a str) -> Mail<'a> {
    Mail { login: Some("hanako"), ..Mail::new(HANAKO, CUSTOMER, subject, text) }
}

/// Holds a delivered mail against what was submitted: every field and the body. Above it stand only
/// the fields of delivery itself.
#[track_caller]
pub(crate) fn same(got: &Delivered, sent: &[u8]) {
    let raw = String::from_utf8_lossy(&got.raw);
    let sent = String::from_utf8_lossy(sent).replace("\r\n", "\n");
    assert!(raw.ends_with(&sent), "changed:\n{raw}\nsent as:\n{sent}");
    let added = raw.strip_suffix(sent.as_str()).unwrap_or_default();
    let names = added.lines().filter(|line| !line.starts_with([' ', '\t']));
    let names: Vec<_> = names.filter_map(|line| line.split(':').next()).collect();
    assert_eq!(names, ["Return-Path", "X-Original-To", "Delivered-To", "Received"], "{raw}");
}

pub(crate) const HANAKO: &str = "hanako@own.example";
pub(crate) const CUSTOMER: &str = "customer@outside.example";

/// A text that nothing can be said against; the words of the rules in everyday use.
const HARMLESS: &str = "株式会社見本 鈴木様\n\nいつもお世話になっております。\n\
                        機密保持契約書の案をお送りしますので、ご確認ください。\n\n田中花子\n";

/// A text that is labelled.
const LABELLED: &str = "【社外秘】\n\n来期の予算は次のとおりです。\n";

/// A text that is labelled with the highest class.
const TOP_SECRET: &str = "【極秘】\n\n人事の案は次のとおりです。\n";

pub(crate) const CONVERT: (&str, &str) =
    ("outbound.toml", "[rulings]\nbroadcast-recipients-exposed = \"convert\"\n");

/// Addresses of as many customers, one organisation each but the same mailbox of ours.
pub(crate) fn customers(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("customer-{n}@outside.example")).collect()
}

#[test]
fn a_refused_mail_tells_the_client_what_is_wrong_and_an_id_that_the_log_knows() {
    let Some(office) = Office::open(&[]) else { return };
    let mails = [
        hanako("予算案", LABELLED).by_swaks(office.port()),
        hanako("予算案", LABELLED).by_python(office.port()),
        Mail { charset: "iso-2022-jp", ..hanako("予算案", LABELLED) }.by_python(office.port()),
        hanako("【社外秘】予算案", HARMLESS).by_swaks(office.port()),
    ];
    for sent in mails {
        let reply = sent.reply;
        office.is_refused(&reply, "confidential-in-body");
        assert!(reply.lines.len() >= 2, "several lines: {reply}");
        assert!(reply.lines.iter().all(|line| line.starts_with("5.7.1 ")), "{reply}");
        let last = reply.lines.last().unwrap();
        let (_, id) = last.rsplit_once(' ').unwrap();
        assert!(last.contains("by the ID") && id.len() >= 8, "{reply}");
        let log = office.sekisho.log();
        let line = log.lines().find(|line| line.contains(id)).unwrap_or_else(|| panic!("{log}"));
        assert!(line.contains("outbound reject"), "{line}");
        assert!(line.contains("rules=confidential-in-body=reject"), "{line}");
    }
    office.nothing_left();
}

#[test]
fn a_refusal_is_pure_ascii_unless_the_client_reads_japanese() {
    let Some(office) = Office::open(&[]) else { return };
    let mail = hanako("予算案", LABELLED);
    for sent in [mail.by_swaks(office.port()), mail.by_python(office.port())] {
        assert!(sent.reply.text().is_ascii(), "{}", sent.reply);
        assert!(!sent.reply.text().contains('?'), "characters were lost: {}", sent.reply);
    }
    let reply = Mail { smtputf8: true, ..mail }.by_python(office.port()).reply;
    office.is_refused(&reply, "confidential-in-body");
    let text = reply.text();
    assert!(text.contains("「社外秘」の表示があります"), "what is wrong: {reply}");
    assert!(text.contains("送り直してください"), "what to do: {reply}");
    assert!(reply.lines.iter().all(|line| line.starts_with("5.7.1 ")), "{reply}");
    office.nothing_left();
}

#[test]
fn harmless_mail_leaves_as_it_was_written() {
    let Some(office) = Office::open(&[]) else { return };
    for (number, charset) in ["utf-8", "iso-2022-jp", "shift_jis"].into_iter().enumerate() {
        let to = format!("reader-{number}@outside.example");
        let mail = hanako("見積書の件", HARMLESS).with("To", format!("鈴木 <{to}>")).to([to]);
        office.passes_unchanged(&Mail { charset, ..mail });
    }
    let log = office.sekisho.log();
    assert_eq!(log.matches("outbound accept").count(), 3, "{log}");
}

#[test]
fn every_charset_and_structure_is_read() {
    let Some(office) = Office::open(&[]) else { return };
    let letter = Written {
        from: HANAKO,
        to: CUSTOMER,
        subject: "予算案",
        lines: &["社 外 秘", "", "来期の予算は次のとおりです。"],
    };
    let mail = hanako("", "");
    for structure in [Structure::Plain, Structure::Html, Structure::Nested] {
        for form in Form::JAPANESE {
            let sent = mail.swaks_sends(office.port(), &letter.write(form, structure));
            assert_eq!(sent.reply.code, 550, "{structure:?} {form:?}: {}", sent.reply);
            office.is_refused(&sent.reply, "confidential-in-body");
        }
    }
    office.nothing_left();
}

#[test]
fn hold_keeps_a_mail_until_it_is_released_and_then_it_leaves_unchanged() {
    // A company's rule book has the highest class approved by somebody, not refused.
    let by_approval = ("outbound.toml", "[rulings]\nconfidential-in-body = \"off\"\n");
    let Some(office) = Office::open(&[by_approval]) else { return };
    for charset in ["utf-8", "iso-2022-jp"] {
        let to = format!("{charset}@outside.example");
        let mail = Mail { charset, ..hanako("人事案", TOP_SECRET).to([&to]) };
        let sent = mail.by_python(office.port());
        assert_eq!(sent.reply.code, 250, "{}", sent.reply);
        office.postfix.settle();
        assert!(office.postfix.mailbox(&to).mails().is_empty());
        let held = office.postfix.held();
        assert_eq!(held.len(), 1, "{held:?}");
        assert_eq!(held[0].recipients, [to.as_str()]);
        office.sekisho.logged("rules=top-secret-leaving=hold", 1);

        office.postfix.release(&held[0].id);
        same(&office.postfix.sole_delivery(&to), &sent.content);
        assert_eq!(office.postfix.queue(), []);
    }
}

#[test]
fn a_warning_lets_a_mail_leave_unchanged_and_the_log_names_the_rule() {
    let warn = ("outbound.toml", "[rulings]\nconfidential-in-body = \"warn\"\n");
    let Some(office) = Office::open(&[warn]) else { return };
    office.passes_unchanged(&hanako("予算案", LABELLED));
    office.sekisho.logged("rules=confidential-in-body=warn", 1);
    office.sekisho.logged("outbound tag", 1);
}

#[test]
fn conversion_sets_to_and_removes_cc_and_nothing_else() {
    let Some(office) = Office::open(&[CONVERT]) else { return };
    let all = customers(8);
    let mail = hanako("ご案内", HARMLESS)
        .with("From", "田中花子 <hanako@own.example>")
        .with("To", all[..4].join(", "))
        .with("Cc", all[4..].join(", "))
        .to(all.clone());
    for charset in ["utf-8", "iso-2022-jp"] {
        let mail = Mail { charset, ..mail.clone() };
        let sent = mail.by_python(office.port());
        assert_eq!(sent.reply.code, 250, "{}\n{}", sent.reply, office.sekisho.log());
    }
    for to in &all {
        let mails = office.postfix.delivered(to, 2);
        assert_eq!(mails.len(), 2, "the envelope stays: {to}");
        for got in mails {
            assert_eq!(got.header("To"), [HANAKO], "{got:?}");
            assert_eq!(got.header("Cc"), Vec::<String>::new(), "{got:?}");
            assert_eq!(got.subject(), "ご案内");
            assert_eq!(got.texts().concat().trim_end(), HARMLESS.trim_end());
            only_shows(&got, to, &all);
        }
    }
    office.sekisho.logged("rules=broadcast-recipients-exposed=convert", 2);
    office.sekisho.logged("To set to the sender, Cc removed, recipients as in Bcc", 2);
}

#[test]
fn what_is_held_beside_is_converted_too() {
    let rulings = "[rulings]\nbroadcast-recipients-exposed = \"convert\"\n\
                   confidential-in-body = \"off\"\n";
    let Some(office) = Office::open(&[("outbound.toml", rulings)]) else { return };
    let all = customers(6);
    let mail = hanako("人事案", TOP_SECRET).with("To", all.join(", ")).to(all.clone());
    assert_eq!(mail.by_python(office.port()).reply.code, 250);
    office.postfix.settle();
    let held = office.postfix.held();
    assert_eq!(held.len(), 1, "{held:?}");
    office.postfix.release(&held[0].id);
    let got = office.postfix.sole_delivery(&all[0]);
    assert_eq!(got.header("To"), [HANAKO], "{got:?}");
}

#[test]
fn signed_mail_is_refused_instead_of_converted() {
    let Some(office) = Office::open(&[CONVERT]) else { return };
    let all = customers(6);
    let mail = hanako("ご案内", HARMLESS).with("To", all.join(", ")).to(all);
    let sent = Mail { signed: true, ..mail.clone() }.by_python(office.port());
    office.is_refused(&sent.reply, "broadcast-recipients-exposed");
    let sent = mail.with("DKIM-Signature", "v=1; a=rsa-sha256; d=own.example; s=a; h=from; b=x");
    office.is_refused(&sent.by_python(office.port()).reply, "broadcast-recipients-exposed");
    office.sekisho.logged("signed, so not converted but refused", 2);
    office.nothing_left();
}

/// Of all recipients a delivered mail shows at most the one it was delivered to.
#[track_caller]
pub(crate) fn only_shows(got: &Delivered, to: &str, all: &[String]) {
    let raw = String::from_utf8_lossy(&got.raw);
    for other in all.iter().filter(|other| *other != to) {
        // Part of a longer address is another address.
        let shown = raw.split(|c: char| !c.is_ascii_alphanumeric() && !"@.-".contains(c));
        assert!(!shown.into_iter().any(|word| word == other), "{other} is shown: {got:?}");
    }
}

#[test]
fn observe_changes_nothing() {
    let observe = ("filter.toml", "mode = \"observe\"\n");
    let rulings = "transport_mark = \"X-Require-TLS\"\n[rulings]\n\
                   broadcast-recipients-exposed = \"convert\"\n";
    let Some(office) = Office::open(&[observe, ("outbound.toml", rulings)]) else { return };
    let shown = customers(6);
    let reader = |n: usize| format!("reader-{n}@outside.example");
    let mails = [
        (hanako("予算案", LABELLED), "would be reject"),
        (hanako("人事案", TOP_SECRET), "would be reject"),
        (hanako("ご案内", HARMLESS).with("To", shown.join(", ")), "would be convert"),
    ];
    for (number, (mail, said)) in mails.into_iter().enumerate() {
        office.passes_unchanged(&mail.to([reader(number)]));
        office.sekisho.logged(said, 1);
    }
}
