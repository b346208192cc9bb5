//! A name server on loopback with a small zone; signatures made here; no other network.

use std::net::IpAddr;
use std::sync::Arc;

use hickory_server::Server;
use hickory_server::net::runtime::TokioRuntimeProvider;
use hickory_server::proto::rr::rdata::{A, SOA, TXT};
use hickory_server::proto::rr::{LowerName, Name, RData, Record};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use sekisho_heuristics::facts::{AuthResult, Authentication, DomainResult, Facts};
use sekisho_heuristics::inbound;
use sekisho_heuristics::message::Message;
use sekisho_heuristics::policy::Policy;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::*;

/// TXT records of the zone `example`; what is not in it does not exist. Other zones are refused.
const ZONE: &[(&str, &str)] = &[
    ("pass.example", "v=spf1 ip4:203.0.113.5 -all"),
    ("_dmarc.pass.example", "v=DMARC1; p=reject"),
    ("soft.example", "v=spf1 ~all"),
    ("neutral.example", "v=spf1 ?all"),
    ("broken.example", "v=spf1 include: -all"),
    ("included.example", "v=spf1 include:pass.example -all"),
    ("by-name.example", "v=spf1 a:mx.example -all"),
    ("strict.example", "v=spf1 include:pass.example -all"),
    ("_dmarc.strict.example", "v=DMARC1; p=reject; aspf=s; adkim=s"),
    (
        "s._domainkey.signed.example",
        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    ),
    ("_dmarc.signed.example", "v=DMARC1; p=reject"),
    (
        "s._domainkey.list.example",
        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    ),
    ("helo.example", "v=spf1 ip4:203.0.113.5 -all"),
];

/// The key pair of RFC 8463, appendix A.2.
const SEED: [u8; 32] = [
    0x9D, 0x61, 0xB1, 0x9D, 0xEF, 0xFD, 0x5A, 0x60, 0xBA, 0x84, 0x4A, 0xF4, 0x92, 0xEC, 0x2C, 0xC4,
    0x44, 0x49, 0xC5, 0x69, 0x7B, 0x32, 0x69, 0x19, 0x70, 0x3B, 0xAC, 0x03, 0x1C, 0xAE, 0x7F, 0x60,
];
const PUBLIC_KEY: [u8; 32] = [
    0xD7, 0x5A, 0x98, 0x01, 0x82, 0xB1, 0x0A, 0xB7, 0xD5, 0x4B, 0xFE, 0xD3, 0xC9, 0x64, 0x07, 0x3A,
    0x0E, 0xE1, 0x72, 0xF3, 0xDA, 0xA6, 0x23, 0x25, 0xAF, 0x02, 0x1A, 0x68, 0xF7, 0x07, 0x51, 0x1A,
];

async fn name_server() -> (Server<Catalog>, String) {
    let name = |text: &str| Name::from_ascii(format!("{text}.")).unwrap();
    let mut zone = InMemoryZoneHandler::<TokioRuntimeProvider>::empty(
        name("example"),
        ZoneType::Primary,
        AxfrPolicy::Deny,
    );
    let soa = SOA::new(name("ns.example"), name("root.example"), 1, 60, 60, 60, 60);
    zone.upsert_mut(Record::from_rdata(name("example"), 60, RData::SOA(soa)), 0);
    for (owner, text) in ZONE {
        let txt = RData::TXT(TXT::new(vec![(*text).to_owned()]));
        zone.upsert_mut(Record::from_rdata(name(owner), 60, txt), 0);
    }
    let a = RData::A(A::new(203, 0, 113, 5));
    zone.upsert_mut(Record::from_rdata(name("mx.example"), 60, a), 0);
    let mut catalog = Catalog::new();
    catalog.upsert(LowerName::from(name("example")), vec![Arc::new(zone)]);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let mut server = Server::new(catalog);
    server.register_socket(socket);
    (server, address)
}

/// Who sends what; the client is 203.0.113.5, which pass.example allows.
struct Case {
    mail_from: &'static str,
    helo: &'static str,
    own_network: bool,
    raw: String,
    authserv_ids: Vec<String>,
    deadline: Duration,
}

impl Default for Case {
    fn default() -> Case {
        Case {
            mail_from: "a@pass.example",
            helo: "helo.example",
            own_network: false,
            raw: mail("pass.example"),
            authserv_ids: Vec::new(),
            deadline: Duration::from_secs(5),
        }
    }
}

impl Case {
    async fn gather_at(&self, name_server: &str) -> Authentication {
        let mut settings = Settings::default();
        settings.authentication.name_servers = vec![name_server.to_owned()];
        settings.authentication.deadline = self.deadline;
        settings.authentication.trusted_authserv_ids = self.authserv_ids.clone();
        let gatherer = Gatherer::new(&settings, false).unwrap();
        let client = Client {
            ip: Some("203.0.113.5".parse::<IpAddr>().unwrap()),
            helo: Some(self.helo.to_owned()),
            own_network: self.own_network,
            ..Client::default()
        };
        let envelope = Envelope { mail_from: Some(self.mail_from.into()), recipients: vec![] };
        let raw = self.raw.as_bytes();
        let arrival = arrival(&client);
        let asked = Asked { client: &client, envelope: &envelope, raw, arrival };
        gatherer.gather(&asked).await.authentication
    }

    async fn gather(&self) -> Authentication {
        let (_server, address) = name_server().await;
        self.gather_at(&address).await
    }
}

fn mail(from_domain: &str) -> String {
    format!("From: Taro <a@{from_domain}>\r\nTo: b@own.example\r\nSubject: x\r\n\r\nHello.\r\n")
}

/// `mail` with a signature of `domain` on top.
fn signed(mail: &str, domain: &str) -> String {
    let key = Ed25519Key::from_seed_and_public_key(&SEED, &PUBLIC_KEY).unwrap();
    let signer =
        DkimSigner::from_key(key).domain(domain).selector("s").headers(["From", "Subject"]);
    signer.sign(mail.as_bytes()).unwrap().to_header() + mail
}

fn is(domain: &str, result: AuthResult) -> DomainResult {
    DomainResult { domain: domain.to_owned(), result }
}

#[tokio::test]
async fn spf_of_mail_from() {
    let (_server, address) = name_server().await;
    let cases = [
        ("a@pass.example", "pass.example", AuthResult::Pass),
        ("a@PASS.example", "pass.example", AuthResult::Pass),
        ("a@included.example", "included.example", AuthResult::Pass),
        ("a@by-name.example", "by-name.example", AuthResult::Pass),
        ("a@soft.example", "soft.example", AuthResult::SoftFail),
        ("a@neutral.example", "neutral.example", AuthResult::Neutral),
        ("a@broken.example", "broken.example", AuthResult::PermError),
        ("a@nothing.example", "nothing.example", AuthResult::None),
        ("a@refused.example.org", "refused.example.org", AuthResult::TempError),
        ("", "helo.example", AuthResult::Pass),
    ];
    for (mail_from, domain, expected) in cases {
        let found = Case { mail_from, ..Case::default() }.gather_at(&address).await;
        assert_eq!(found.spf, is(domain, expected), "{mail_from:?}");
    }
}

#[tokio::test]
async fn spf_fails_and_so_does_dmarc() {
    let case = Case { mail_from: "a@signed.example", raw: mail("pass.example"), ..Case::default() };
    let found = case.gather().await;
    assert_eq!(found.dkim, [is("", AuthResult::None)]);
    assert_eq!(found.dmarc, is("pass.example", AuthResult::Fail));
}

#[tokio::test]
async fn dmarc_passes_by_aligned_spf() {
    let found = Case::default().gather().await;
    assert_eq!(found.dmarc, is("pass.example", AuthResult::Pass));
}

#[tokio::test]
async fn dmarc_asks_for_alignment() {
    let (_server, address) = name_server().await;
    let cases = [
        // Relaxed: a subdomain will do.
        ("a@pass.example", "sub.pass.example", AuthResult::Pass),
        ("a@included.example", "pass.example", AuthResult::Fail),
        ("a@strict.example", "strict.example", AuthResult::Pass),
        ("a@strict.example", "sub.strict.example", AuthResult::Fail),
        // Nothing is published.
        ("a@pass.example", "nothing.example", AuthResult::None),
    ];
    for (mail_from, from, expected) in cases {
        let case = Case { mail_from, raw: mail(from), ..Case::default() };
        let found = case.gather_at(&address).await;
        assert_eq!(found.dmarc, is(from, expected), "{mail_from} {from}");
    }
}

#[tokio::test]
async fn a_signature_passes_and_carries_dmarc() {
    let raw = signed(&mail("signed.example"), "signed.example");
    let found = Case { raw, ..Case::default() }.gather().await;
    assert_eq!(found.dkim, [is("signed.example", AuthResult::Pass)]);
    assert_eq!(found.dmarc, is("signed.example", AuthResult::Pass));
}

#[tokio::test]
async fn a_changed_body_or_header_fails() {
    let (_server, address) = name_server().await;
    let good = signed(&mail("signed.example"), "signed.example");
    for raw in [good.replace("Hello", "Hullo"), good.replace("Subject: x", "Subject: y")] {
        let found = Case { raw, ..Case::default() }.gather_at(&address).await;
        assert_eq!(found.dkim, [is("signed.example", AuthResult::Fail)]);
        assert_eq!(found.dmarc, is("signed.example", AuthResult::Fail));
    }
}

#[tokio::test]
async fn each_signature_has_its_result() {
    let raw = signed(&signed(&mail("signed.example"), "signed.example"), "list.example");
    let raw = signed(&raw, "nokey.example");
    let found = Case { raw, ..Case::default() }.gather().await;
    assert_eq!(
        found.dkim,
        [
            is("nokey.example", AuthResult::PermError),
            is("list.example", AuthResult::Pass),
            is("signed.example", AuthResult::Pass)
        ]
    );
}

#[tokio::test]
async fn only_so_many_signatures_are_checked() {
    let one = signed(&mail("signed.example"), "signed.example");
    let signature = one.strip_suffix(&mail("signed.example")).unwrap();
    let raw = signature.repeat(100) + &mail("signed.example");
    let found = Case { raw, ..Case::default() }.gather().await;
    assert_eq!(found.dkim.len(), authenticate::MAX_SIGNATURES);
}

/// The address of a name server that never answers, and what keeps it silent.
async fn silent_name_server() -> (UdpSocket, String) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap().to_string();
    (socket, address)
}

#[tokio::test]
async fn a_name_server_that_never_answers_costs_the_deadline_and_no_more() {
    let (_socket, address) = silent_name_server().await;
    let raw = signed(&mail("signed.example"), "signed.example");
    let case = Case { raw, deadline: Duration::from_millis(200), ..Case::default() };
    let most = Duration::from_secs(2);
    let found = timeout(most, case.gather_at(&address)).await.expect("the deadline holds");
    for result in [&found.spf, &found.dkim[0], &found.dmarc] {
        let unknown = matches!(result.result, AuthResult::Unknown | AuthResult::TempError);
        assert!(unknown, "{found:?}");
    }
}

#[tokio::test]
async fn dead_dns_accuses_nobody_of_a_broken_signature() {
    let (_socket, address) = silent_name_server().await;
    let raw = signed(&mail("signed.example"), "signed.example").replace("Hello", "Hullo");
    let deadline = Duration::from_millis(200);
    let case = Case { mail_from: "a@signed.example", raw, deadline, ..Case::default() };
    let authentication = case.gather_at(&address).await;
    // The changed body shows without a key.
    assert_eq!(authentication.dkim, [is("signed.example", AuthResult::Fail)]);
    let policy = Policy::new(Settings::default()).0;
    let facts = Facts { authentication, ..Facts::under(&policy) };
    let (envelope, limits) = (Envelope::default(), policy.settings().filter.limits);
    let message = Message::new(case.raw.as_bytes(), &envelope, &limits);
    let found = inbound::judge(&message, &facts, &policy).findings;
    assert!(!found.iter().any(|f| f.id == "authentication-failed"), "{found:?}");
}

#[tokio::test]
async fn dmarc_waits_for_those_that_could_vouch_and_for_nobody_else() {
    let (_server, address) = name_server().await;
    let broken = |domain| signed(&mail("signed.example"), domain).replace("Hello", "Hullo");
    // refused.example.org is what the server has no answer for.
    let cases = [
        ("a@refused.example.org", broken("signed.example"), AuthResult::Fail),
        (
            "a@pass.example",
            signed(&broken("signed.example"), "refused.example.org"),
            AuthResult::Fail,
        ),
    ];
    for (mail_from, raw, expected) in cases {
        let found = Case { mail_from, raw, ..Case::default() }.gather_at(&address).await;
        assert_eq!(found.dmarc, is("signed.example", expected), "{mail_from}");
    }
    let address = forgetful(address).await;
    let raw = signed(&mail("signed.example"), "signed.example").replace("s=s;", "s=slow;");
    assert!(raw.contains("s=slow;"));
    let deadline = Duration::from_millis(500);
    let found = Case { raw, deadline, ..Case::default() }.gather_at(&address).await;
    assert_eq!(found.dmarc, is("signed.example", AuthResult::Unknown));
}

#[tokio::test]
async fn where_a_trusted_server_has_said_everything_nobody_is_asked() {
    let (_socket, address) = silent_name_server().await;
    let raw = "Authentication-Results: mx.own.example; spf=pass smtp.mailfrom=pass.example; \
               dkim=none; dmarc=pass header.from=pass.example\r\n"
        .to_owned()
        + &mail("pass.example");
    let authserv_ids = vec!["mx.own.example".to_owned()];
    let deadline = Duration::from_secs(60);
    let case = Case { raw, authserv_ids, deadline, ..Case::default() };
    let most = Duration::from_secs(5);
    let found = timeout(most, case.gather_at(&address)).await.expect("no query is sent");
    assert_eq!(found.dmarc, is("pass.example", AuthResult::Pass));
}

/// Passes queries on to `name_server`, but swallows those that hold the label `slow`.
async fn forgetful(name_server: String) -> String {
    let outside = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = outside.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut packet = [0; 4096];
        while let Ok((length, client)) = outside.recv_from(&mut packet).await {
            let query = &packet[..length];
            if query.windows(4).any(|w| w.eq_ignore_ascii_case(b"slow")) {
                continue;
            }
            let inside = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            inside.send_to(query, &name_server).await.unwrap();
            let length = inside.recv(&mut packet).await.unwrap();
            outside.send_to(&packet[..length], client).await.unwrap();
        }
    });
    address
}

#[tokio::test]
async fn what_has_come_in_before_the_deadline_counts() {
    let (_server, address) = name_server().await;
    let address = forgetful(address).await;
    let raw = signed(&signed(&mail("signed.example"), "signed.example"), "slow.example");
    let deadline = Duration::from_millis(500);
    let found = Case { raw, deadline, ..Case::default() }.gather_at(&address).await;
    assert_eq!(found.spf, is("pass.example", AuthResult::Pass));
    assert_eq!(found.dkim[1], is("signed.example", AuthResult::Pass));
    let slow = found.dkim[0].result;
    assert!(matches!(slow, AuthResult::Unknown | AuthResult::TempError), "{slow:?}");
    assert_eq!(found.dmarc, is("signed.example", AuthResult::Pass));
}

#[tokio::test]
async fn a_trusted_result_goes_before_our_own() {
    let raw =
        "Authentication-Results: mx.own.example; spf=softfail smtp.mailfrom=b@other.example\r\n"
            .to_owned()
            + &mail("pass.example");
    let authserv_ids = vec!["mx.own.example".to_owned()];
    let found = Case { raw, authserv_ids, ..Case::default() }.gather().await;
    assert_eq!(found.spf, is("other.example", AuthResult::SoftFail));
    assert_eq!(found.dmarc, is("pass.example", AuthResult::Pass));
}

#[tokio::test]
async fn spf_says_nothing_about_own_relays() {
    let found = Case { own_network: true, ..Case::default() }.gather().await;
    assert_eq!(found.spf, is("pass.example", AuthResult::Unknown));
    assert_eq!(found.dmarc, is("pass.example", AuthResult::Unknown));
}

#[tokio::test]
async fn messages_without_header_are_asked_about_too() {
    let found = Case { raw: String::new(), ..Case::default() }.gather().await;
    assert_eq!(found.spf, is("pass.example", AuthResult::Pass));
    assert_eq!(found.dmarc, DomainResult::default());
}

#[tokio::test]
async fn offline_nothing_is_asked() {
    for offline in [true, false] {
        let mut settings = Settings::default();
        settings.authentication.check = offline;
        let gatherer = Gatherer::new(&settings, offline).unwrap();
        assert!(gatherer.authenticator.is_none());
    }
}

#[test]
fn gathering_can_be_spawned() {
    fn is_send<T: Send>(_: T) {}
    let gatherer = Gatherer::new(&Settings::default(), true).unwrap();
    let (client, envelope) = (Client::default(), Envelope::default());
    let arrival = arrival(&client);
    is_send(gatherer.gather(&Asked { client: &client, envelope: &envelope, raw: b"", arrival }));
}
