//! Confidential mail leaves over TLS or not at all, by the snippets that are shipped.
//!
//! Postfix is wired with `main.cf.transport-tls` and `master.cf.transport-tls` as they stand. The
//! server outside is another private Postfix. No DNS is asked: the recipients' domain is
//! `localhost`, which the hosts file of every machine knows, at the port of that server.

use std::fs;
use std::process::{Command, Stdio};

use sekisho_tests::maildir::Delivered;
use sekisho_tests::postfix::{Further, Inbound, Postfix, Submission, available_or_skip};
use sekisho_tests::staff::{self, Mail};
use tempfile::TempDir;

use crate::outbound::{Office, hanako};

/// Our own Postfix, and that of the people we write to.
struct Route {
    office: Office,
    outside: Postfix,
}

impl Route {
    /// `settings` are lines in main.cf of the server outside.
    fn open(settings: &str) -> Option<Route> {
        if !available_or_skip() {
            return None;
        }
        let main = format!(
            "virtual_mailbox_domains = localhost\nsmtpd_tls_received_header = yes\n{settings}"
        );
        let further = Further { main, ..Further::default() };
        let outside = Postfix::start_with(Inbound::Unasked, Submission::Absent, &further);
        let outside = outside.expect("Postfix outside starts");
        let further = Further {
            main: format!(
                "{MAIN}smtp_tcp_port = {}\ntransport_maps = inline:{{ localhost=smtp: }}\n",
                outside.inbound
            ),
            master: format!("smtp unix - - n - - smtp\n{MASTER}"),
        };
        let office = Office::open_with(&[MARKED], &further)?;
        Some(Route { office, outside })
    }

    #[track_caller]
    fn submit(&self, mail: &Mail<'_>) {
        let sent = mail.by_python(self.office.port());
        assert_eq!(sent.reply.code, 250, "{}\n{}", sent.reply, self.office.sekisho.log());
    }

    /// The one mail for an address that arrived outside.
    #[track_caller]
    fn arrived(&self, address: &str) -> Delivered {
        self.office.postfix.settle();
        assert_eq!(self.office.postfix.queue(), [], "{}", self.office.postfix.log());
        self.outside.sole_delivery(address)
    }
}

/// Lets confidential mail pass with a mark.
const MARKED: (&str, &str) = (
    "outbound.toml",
    "transport_mark = \"X-Require-TLS\"\n[rulings]\nconfidential-in-body = \"warn\"\n",
);

const MAIN: &str = include_str!("../../../milter/dist/postfix/main.cf.transport-tls");
const MASTER: &str = include_str!("../../../milter/dist/postfix/master.cf.transport-tls");

const READER: &str = "reader@localhost";
const LABELLED: &str = "【社外秘】\n\n来期の予算は次のとおりです。\n";
const HARMLESS: &str = "いつもお世話になっております。\n資料をお送りします。\n";

#[test]
fn marked_mail_waits_where_the_server_offers_no_tls_and_other_mail_leaves() {
    let Some(route) = Route::open("smtpd_tls_security_level = none\n") else { return };
    let ours = &route.office.postfix;
    route.submit(&hanako("ご案内", HARMLESS).to([READER]));
    assert_eq!(route.arrived(READER).subject(), "ご案内");

    route.submit(&hanako("予算案", LABELLED).to(["confidant@localhost"]));
    route.office.sekisho.logged("marked for TLS", 1);
    ours.settle();
    let queue = ours.queue();
    assert_eq!(queue.len(), 1, "{queue:?}");
    assert_eq!((queue[0].queue.as_str(), queue[0].recipients.len()), ("deferred", 1));
    let log = ours.log();
    assert!(log.contains("postfix/tls-only/smtp"), "the shipped service was asked: {log}");
    assert!(log.contains("TLS is required, but was not offered"), "{log}");
    assert_eq!(route.outside.mailbox("confidant@localhost").mails(), []);

    // Patience does not weaken it.
    ours.flush();
    ours.settle();
    assert_eq!(ours.queue(), queue);
    assert_eq!(route.outside.all_delivered().len(), 1);
}

#[test]
fn marked_mail_arrives_over_tls_without_the_mark() {
    if !staff::can_run_or_skip(&[("openssl", "version", "openssl"), ("7z", "--help", "p7zip-full")])
    {
        return;
    }
    let folder = tempfile::Builder::new().prefix("sekisho-tls-").tempdir().unwrap();
    let Some(route) = Route::open(&certified(&folder)) else { return };
    let csv = folder.path().join("予算_社外秘.csv");
    fs::write(&csv, "部門,金額\n総務,1200\n").unwrap();
    let archive = folder.path().join("locked.zip");
    run("7z", &["a", "-bd", "-tzip", "-mem=AES256", "-pK7x2mQ9w", &shown(&archive), &shown(&csv)]);

    let labelled = hanako("予算案", LABELLED).to([READER]);
    let attached = Mail { files: vec![("予算.zip", &archive)], ..hanako("資料", HARMLESS) };
    let attached = attached.to(["second@localhost"]);
    for (mail, count) in [(labelled, 1), (attached, 2)] {
        route.submit(&mail);
        route.office.sekisho.logged("marked for TLS", count);
        let got = route.arrived(&mail.to[0]);
        assert_eq!(got.header("X-Require-TLS"), Vec::<String>::new(), "{got:?}");
        let received = got.header("Received").remove(0);
        assert!(received.contains("using TLSv1."), "{received}");
    }
    let log = route.office.postfix.log();
    assert_eq!(log.matches("postfix/tls-only/smtp").count(), 2, "{log}");
}

#[test]
fn a_mark_that_a_sender_writes_himself_changes_nothing_for_others() {
    let Some(route) = Route::open("smtpd_tls_security_level = none\n") else { return };
    // Postfix looks at what milters add alone; who writes it himself asks for nothing.
    route.submit(&hanako("ご案内", HARMLESS).with("X-Require-TLS", "yes").to([READER]));
    assert_eq!(route.arrived(READER).subject(), "ご案内");
}

/// Lines that have smtpd offer TLS with a new certificate, signed by itself.
fn certified(folder: &TempDir) -> String {
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| shown(&folder.path().join(name)));
    let subject = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj"];
    let files = ["/CN=mx.outside.example", "-keyout", &key, "-out", &certificate];
    run("openssl", &[&["req"], &subject[..], &files[..]].concat());
    format!(
        "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = {certificate}\n\
         smtpd_tls_key_file = {key}\n"
    )
}

fn shown(path: &std::path::Path) -> String {
    path.to_string_lossy().into_owned()
}

#[track_caller]
fn run(program: &str, args: &[&str]) {
    let ran = Command::new(program).args(args).stdin(Stdio::null()).output();
    let ran = ran.unwrap_or_else(|e| panic!("{program}: {e}"));
    let said = [ran.stdout, ran.stderr].concat();
    assert!(ran.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&said));
}
