//! The milter server with a toy handler, driven by a fake Postfix: connections, order, misbehaviour.

// clippy.toml lets tests panic, but does not see that all of this file is one.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use sekisho_config::{Limits, Listen};
use sekisho_milter::CancellationToken;
use sekisho_milter::answer::Response;
use sekisho_milter::received::{OverLimit, Received};
use sekisho_milter::server::{Handler, Service, Terms, serve};
use sekisho_milter::socket::Sockets;
use sekisho_milter::wire::{
    Action, Actions, Command, FromFilter, Offer, Protocol, Reply, SmtpText, Words,
};
use sekisho_tests::fake_postfix::{Client, FakePostfix, Fault, Mail, POSTFIX, VERSION_2};
use sekisho_tests::wait;
use tokio::sync::Semaphore;

/// Does what the subject says.
struct Toy {
    limits: Limits,
    seen: Mutex<Vec<Received>>,
    connections: AtomicUsize,
    gate: Semaphore,
}

impl Handler for Toy {
    type Connection = usize;

    fn connection(&self) -> usize {
        self.connections.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn terms(&self, _: &usize) -> Terms {
        Terms { limits: self.limits, actions: Actions::ALL }
    }

    async fn end_of_message(&self, connection: &usize, received: Received) -> Response {
        let subject = received.headers().find(|(name, _)| *name == b"Subject");
        let subject = subject.map(|(_, value)| value.trim_ascii().to_vec()).unwrap_or_default();
        let body = received.raw[received.body_start..].to_vec();
        self.seen.lock().unwrap().push(received);
        let header = |name: &str, value: &str| Action::InsertHeader {
            index: 1,
            name: name.into(),
            value: value.into(),
        };
        match subject.as_slice() {
            b"panic" => panic!("as the subject says"),
            b"wait" => drop(self.gate.acquire().await.unwrap()),
            b"refuse" => {
                let text = SmtpText::new(550, (7, 1), "100% no\n(id 1)").unwrap();
                return Response::only(Reply::Text(text));
            }
            b"change" => {
                let mut changed = b"a line\r\n".to_vec();
                changed.extend_from_slice(&body);
                return Response {
                    actions: vec![
                        Action::Quarantine(b"why".to_vec()),
                        Action::ReplaceBody(changed),
                        header("X-Connection", &connection.to_string()),
                        Action::ChangeHeader {
                            name: b"X-Forged".to_vec(),
                            index: 1,
                            value: vec![],
                        },
                    ],
                    reply: Reply::Accept,
                };
            }
            _ => {}
        }
        Response::only(Reply::Accept)
    }
}

struct Running {
    toy: Arc<Toy>,
    address: Listen,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn postfix(&self) -> FakePostfix {
        FakePostfix::connect(&self.address).unwrap()
    }

    fn seen(&self) -> Vec<Received> {
        std::mem::take(&mut self.toy.seen.lock().unwrap())
    }

    /// Waits for the end of the server.
    fn join(&mut self) {
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        self.toy.gate.add_permits(100);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn limits() -> Limits {
    sekisho_config::Settings::default().filter.limits
}

fn start_on(listen: Listen, limits: Limits, service: Service) -> Running {
    let toy = Arc::new(Toy {
        limits,
        seen: Mutex::default(),
        connections: AtomicUsize::new(0),
        gate: Semaphore::new(0),
    });
    let stop = CancellationToken::new();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let sockets = runtime.block_on(Sockets::bind(std::slice::from_ref(&listen), 0o600, None));
    let sockets = sockets.unwrap();
    let address = match sockets.inet_addresses().first() {
        Some(bound) => Listen::Inet { host: bound.ip().to_string(), port: bound.port() },
        None => listen,
    };
    let serving = serve(sockets, Arc::clone(&toy), service, stop.clone());
    let thread = std::thread::spawn(move || runtime.block_on(serving));
    Running { toy, address, stop, thread: Some(thread) }
}

fn start() -> Running {
    start_on(anywhere(), limits(), Service::new(10))
}

fn anywhere() -> Listen {
    Listen::Inet { host: "127.0.0.1".into(), port: 0 }
}

fn unix(dir: &Path) -> Listen {
    Listen::Unix(dir.join("milter.sock"))
}

fn mail(subject: &str) -> Mail {
    Mail::new(format!("Subject: {subject}\r\n\r\nbody\r\n"))
}

fn gone() -> Fault {
    Fault("the filter closed the connection".into())
}

/// A mail passes on this connection.
fn check_alive(postfix: &mut FakePostfix) {
    assert_eq!(postfix.send(&mail("hello")).unwrap().reply, Reply::Accept);
}

#[test]
fn one_answer_a_mail_and_everything_is_recorded() {
    let server = start();
    let mut postfix = server.postfix();
    assert!(postfix.agreement.protocol.has(Protocol::QUIET));
    postfix.greet(&Client::default()).unwrap();
    let mut mail = Mail::new("Subject: hello\r\n\tworld\r\nX-8bit: \u{95a2}\r\n\r\none\r\ntwo\r\n");
    mail.arguments.push("SMTPUTF8".into());
    mail.authenticated_as = Some("taro".into());
    assert_eq!(postfix.send(&mail).unwrap().reply, Reply::Accept);
    postfix.quit().unwrap();
    let seen = server.seen();
    let [received] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!(received.raw, mail.message);
    assert_eq!(received.mail_from, b"sender@example.com");
    assert_eq!(received.recipients, [b"staff@own.example"]);
    assert!(received.smtputf8());
    assert_eq!(received.authenticated_as(), Some(&b"taro"[..]));
    assert_eq!(received.queue_id(), mail.queue_id.as_bytes());
    assert_eq!(received.connection.address, "192.0.2.1".parse().ok());
    assert_eq!(received.connection.helo, b"mail.example.com");
}

#[test]
fn changes_arrive_in_an_order_that_postfix_takes() {
    let server = start();
    let mut postfix = server.postfix();
    let long = "x".repeat(998) + "\r\n";
    let body = long.repeat(200);
    let mail = Mail::new(format!("X-Forged: 1\r\nSubject: change\r\n\r\n{body}"));
    let outcome = postfix.send(&mail).unwrap();
    assert!(outcome.is_held());
    let delivered = String::from_utf8(outcome.delivered(&mail, true)).unwrap();
    assert_eq!(delivered, format!("X-Connection: 1\r\nSubject: change\r\n\r\na line\r\n{body}"));
}

#[test]
fn a_server_that_cannot_do_it_all_is_asked_to_wait() {
    let server = start();
    let offer = Offer { actions: Actions::ADD_HEADERS, ..POSTFIX };
    let mut postfix = FakePostfix::connect_as(&server.address, offer).unwrap();
    assert_eq!(postfix.send(&mail("change")).unwrap().reply, Reply::Tempfail);
    check_alive(&mut postfix);
}

#[test]
fn a_refusal_of_two_lines_is_well_formed() {
    let server = start();
    let reply = server.postfix().send(&mail("refuse")).unwrap().reply;
    let Reply::Text(text) = reply else { panic!("{reply:?}") };
    assert_eq!(text.to_string(), "550 5.7.1 100% no / (id 1)");
}

#[test]
fn many_mails_on_one_connection_even_with_a_new_client() {
    let server = start();
    let mut postfix = server.postfix();
    postfix.greet(&Client::default()).unwrap();
    check_alive(&mut postfix);
    check_alive(&mut postfix);
    postfix.quit_new_connection().unwrap();
    postfix.greet(&Client { address: "2001:db8::2".into(), ..Client::default() }).unwrap();
    check_alive(&mut postfix);
    let addresses =
        server.seen().iter().map(|r| r.connection.address.unwrap().to_string()).collect::<Vec<_>>();
    assert_eq!(addresses, ["192.0.2.1", "192.0.2.1", "2001:db8::2"]);
}

#[test]
fn an_aborted_mail_leaves_nothing_behind() {
    let server = start();
    let mut postfix = server.postfix();
    postfix.envelope(&mail("change")).unwrap();
    postfix.content(&mail("change")).unwrap();
    postfix.abort().unwrap();
    check_alive(&mut postfix);
    assert_eq!(server.seen()[0].raw, b"Subject: hello\r\n\r\nbody\r\n");
}

#[test]
fn macros_may_come_at_any_time_for_anything() {
    let server = start();
    let mut postfix = server.postfix();
    for stage in [b'E', b'Z', 0, b'C'] {
        let pairs = Words::new(b"i\0early\0odd\0").unwrap();
        postfix.command(&Command::Macros { stage, pairs }).unwrap();
    }
    check_alive(&mut postfix);
    assert_eq!(server.seen()[0].queue_id(), b"4XYZ12ABCDz9");
}

#[test]
fn version_2_gets_its_answers_one_by_one() {
    let server = start();
    let mut postfix = FakePostfix::connect_as(&server.address, VERSION_2).unwrap();
    assert_eq!((postfix.agreement.version, postfix.agreement.protocol), (2, Protocol(0)));
    postfix.greet(&Client::default()).unwrap();
    check_alive(&mut postfix);
    assert_eq!(server.seen()[0].raw, b"Subject: hello\r\n\r\nbody\r\n");
}

#[test]
fn a_body_above_the_limit_is_skipped_where_an_answer_is_due() {
    let small = Limits { body_bytes: 70_000, ..limits() };
    let server = start_on(anywhere(), small, Service::new(10));
    let offer = Offer { protocol: Protocol::SKIP, ..POSTFIX };
    for offer in [offer, POSTFIX] {
        let mut postfix = FakePostfix::connect_as(&server.address, offer).unwrap();
        let mail = Mail::new(format!("Subject: big\r\n\r\n{}", "0123456\r\n".repeat(40_000)));
        assert_eq!(postfix.send(&mail).unwrap().reply, Reply::Accept);
        check_alive(&mut postfix);
        let seen = server.seen();
        assert_eq!(seen[0].over_limit, Some(OverLimit::Body));
        assert_eq!(seen[0].raw.len() - seen[0].body_start, 70_000);
        assert_eq!(seen[1].over_limit, None);
    }
}

#[test]
fn a_panic_costs_one_mail() {
    let server = start();
    let mut postfix = server.postfix();
    assert_eq!(postfix.send(&mail("panic")).unwrap().reply, Reply::Tempfail);
    check_alive(&mut postfix);
}

#[test]
fn however_a_mail_ends_its_bytes_are_free_again() {
    let narrow = Limits { bytes_in_flight: 1 << 20, ..limits() };
    let server = start_on(anywhere(), narrow, Service::new(10));
    let big =
        |subject: &str| Mail::new(format!("Subject: {subject}\n\n{}", "0123456\n".repeat(80_000)));
    // One that answers each event: what was sent is held when this returns.
    let held = || {
        let offer = Offer { protocol: Protocol(0), ..POSTFIX };
        let mut postfix = FakePostfix::connect_as(&server.address, offer).unwrap();
        assert_eq!(postfix.envelope(&big("hello")).unwrap(), None);
        assert_eq!(postfix.content(&big("hello")).unwrap(), None);
        postfix
    };
    let is_taken = |postfix: &mut FakePostfix| {
        postfix.send(&big("hello")).unwrap();
        server.seen()[0].over_limit.is_none()
    };
    let mut other = server.postfix();
    let mut aborted = held();
    assert!(!is_taken(&mut other));
    aborted.abort().unwrap();
    // Answered, so the abort before it was read.
    check_alive(&mut aborted);
    server.seen();
    assert!(is_taken(&mut other) && is_taken(&mut other));
    assert_eq!(other.send(&big("panic")).unwrap().reply, Reply::Tempfail);
    server.seen();
    assert!(is_taken(&mut other));
    drop(held());
    wait::until("the bytes of a cut connection", || is_taken(&mut other).then_some(())).unwrap();
}

#[test]
fn cut_connections_are_no_mails_and_harm_nobody() {
    let server = start();
    let mut other = server.postfix();
    drop(FakePostfix::dial(&server.address).unwrap());
    drop(server.postfix());
    let mut half = server.postfix();
    half.envelope(&mail("hello")).unwrap();
    half.bytes(b"\0\0\0\x10LSub").unwrap();
    drop(half);
    check_alive(&mut other);
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn packets_without_meaning_end_the_connection() {
    let server = start();
    for nonsense in [
        &b"\0\0\0\x01Z"[..],
        b"\0\0\0\0",
        b"\0\x10\0\x01L",
        b"\0\0\0\x04Labc",
        b"GET / HTTP/1.1\r\n",
    ] {
        let mut postfix = server.postfix();
        postfix.bytes(nonsense).unwrap();
        assert_eq!(postfix.packet(), Err(gone()), "{nonsense:?}");
    }
    let mut early = FakePostfix::dial(&server.address).unwrap();
    early.command(&Command::EndOfMessage(b"")).unwrap();
    assert_eq!(early.packet(), Err(gone()));
    check_alive(&mut server.postfix());
}

#[test]
fn the_longest_packet_is_taken() {
    let roomy = Limits { header_bytes: 2 << 20, ..limits() };
    let server = start_on(anywhere(), roomy, Service::new(10));
    let mut postfix = server.postfix();
    let mail = Mail::new(format!("X-Long: {}\r\n\r\n", "x".repeat((1 << 20) - 11)));
    assert_eq!(postfix.send(&mail).unwrap().reply, Reply::Accept);
    assert_eq!(server.seen()[0].raw, mail.message);
}

#[test]
fn packets_may_come_byte_by_byte() {
    let server = start();
    let mut postfix = FakePostfix::dial(&server.address).unwrap();
    let mut wire = Vec::new();
    Command::Negotiate(POSTFIX).encode(&mut wire);
    for byte in wire {
        postfix.bytes(&[byte]).unwrap();
    }
    postfix.agree(POSTFIX).unwrap();
    check_alive(&mut postfix);
}

#[test]
fn slow_work_is_reported() {
    let service = Service { progress: Duration::from_millis(1), ..Service::new(10) };
    let server = start_on(anywhere(), limits(), service);
    let mut postfix = server.postfix();
    let mail = mail("wait");
    postfix.envelope(&mail).unwrap();
    postfix.content(&mail).unwrap();
    postfix.command(&Command::EndOfMessage(b"")).unwrap();
    assert_eq!(postfix.packet(), Ok(FromFilter::Progress));
    assert_eq!(postfix.packet(), Ok(FromFilter::Progress));
    server.toy.gate.add_permits(1);
    assert_eq!(postfix.verdict().unwrap().reply, Reply::Accept);
}

#[test]
fn a_connection_above_the_cap_waits_its_turn() {
    let server = start_on(anywhere(), limits(), Service::new(1));
    let mut first = server.postfix();
    let mut second = FakePostfix::dial(&server.address).unwrap();
    second.command(&Command::Negotiate(POSTFIX)).unwrap();
    check_alive(&mut first);
    assert_eq!(server.toy.connections.load(Ordering::SeqCst), 1);
    second.silence().unwrap();
    first.quit().unwrap();
    second.agree(POSTFIX).unwrap();
    check_alive(&mut second);
}

#[test]
fn an_idle_connection_is_closed() {
    let hasty = Limits { idle: Duration::from_millis(20), ..limits() };
    let server = start_on(anywhere(), hasty, Service::new(10));
    server.postfix().closed().unwrap();
}

#[test]
fn a_mail_in_flight_is_finished_and_an_idle_connection_is_closed_on_shutdown() {
    let mut server = start();
    let mut idle = server.postfix();
    // Version 2: its answers show that the server is in the middle of the mail.
    let mut busy = FakePostfix::connect_as(&server.address, VERSION_2).unwrap();
    let mail = mail("wait");
    busy.envelope(&mail).unwrap();
    busy.content(&mail).unwrap();
    busy.command(&Command::EndOfMessage(b"")).unwrap();
    let mut receiving = FakePostfix::connect_as(&server.address, VERSION_2).unwrap();
    receiving.envelope(&mail).unwrap();
    server.stop.cancel();
    idle.closed().unwrap();
    assert!(FakePostfix::connect(&server.address).is_err());
    server.toy.gate.add_permits(2);
    assert_eq!(busy.verdict().unwrap().reply, Reply::Accept);
    busy.closed().unwrap();
    receiving.content(&mail).unwrap();
    assert_eq!(receiving.end_of_message(&mail).unwrap().reply, Reply::Accept);
    receiving.closed().unwrap();
    server.join();
}

#[test]
fn shutdown_does_not_wait_for_ever() {
    let service = Service { grace: Duration::from_millis(20), ..Service::new(10) };
    let mut server = start_on(anywhere(), limits(), service);
    let mut busy = FakePostfix::connect_as(&server.address, VERSION_2).unwrap();
    busy.envelope(&mail("wait")).unwrap();
    server.stop.cancel();
    server.join();
    busy.closed().unwrap();
}

#[test]
fn unix_sockets_work_the_same_and_are_cleaned_up() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = start_on(unix(dir.path()), limits(), Service::new(10));
    let mut postfix = server.postfix();
    check_alive(&mut postfix);
    postfix.quit().unwrap();
    server.stop.cancel();
    server.join();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
