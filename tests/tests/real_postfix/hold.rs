//! The companion at a real hold queue: mails that the milter held are released and deleted for
//! those who may ask, and what hands do past it is noticed.

use std::future::Future;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use sekisho_config::Settings;
use sekisho_milter::holdd::client::{Client, ClientError, Done};
use sekisho_milter::holdd::protocol::QueueId;
use sekisho_milter::holds::Because;
use sekisho_milter::holds::keeper::{Keeper, Look};
use sekisho_milter::store::{Hold, Reason, State};
use sekisho_tests::holdd::Holdd;
use sekisho_tests::memory::{Heard, Memory};
use sekisho_tests::wait;

use crate::{HOLD, Lab, TARO, suspicious};

/// A lab whose hold queue has one mail, and the companion.
struct Held {
    lab: Lab,
    holdd: Holdd,
    id: QueueId,
}

impl Held {
    fn start() -> Option<Held> {
        let lab = Lab::start(&[HOLD])?;
        let holdd = Holdd::start(&lab.postfix, &[NOBODY], NOBODY).expect("sekisho holdd starts");
        assert_eq!(lab.receive(&suspicious(TARO)).code, 250);
        let held = lab.postfix.held();
        assert_eq!(held.len(), 1, "{held:?}");
        let id = QueueId::parse(&held[0].id).expect("a queue id of Postfix");
        Some(Held { lab, holdd, id })
    }

    fn client(&self) -> Client {
        Client::new(self.holdd.socket())
    }

    /// What the milter would have written of the held mail.
    fn hold(&self) -> Hold {
        Hold {
            id: "h1".into(),
            queue_id: self.id.to_string(),
            host: "mx".into(),
            reason: Reason::Delay,
            sender: crate::STRANGER.into(),
            held_ms: now_ms(),
            goes_ms: Some(now_ms()),
            expires_ms: i64::MAX,
            ..Hold::default()
        }
    }

    fn keeper(&self, store: &Arc<Memory>, heard: &Heard) -> Keeper<Memory, Client, Heard> {
        let settings = Settings::default().hold;
        Keeper::new(Arc::clone(store), self.client(), heard.clone(), "mx".into(), &settings)
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

/// What a user hears who writes `request` to the socket; nothing where he cannot connect.
fn said_to(uid: u32, socket: &Path, request: &str) -> String {
    let script = "use IO::Socket::UNIX; $SIG{PIPE} = 'IGNORE'; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit 3; \
                  $s->print(\"$ARGV[1]\\n\"); $s->shutdown(1); print while <$s>;";
    let user = uid.to_string();
    let output = Command::new("setpriv")
        .args(["--reuid", &user, "--regid", &user, "--clear-groups", "perl", "-e", script])
        .arg(socket)
        .arg(request)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

const NOBODY: u32 = 65534;

#[test]
fn a_held_mail_is_listed_shown_released_and_delivered_unchanged() {
    let Some(held) = Held::start() else { return };
    let (client, id) = (held.client(), &held.id);
    let listing = block_on(client.list()).unwrap();
    assert!(listing.whole);
    assert_eq!(listing.entries.len(), 1);
    assert_eq!(
        (listing.entries[0].id.as_str(), &*listing.entries[0].sender),
        (id.as_str(), crate::STRANGER)
    );
    let shown = block_on(client.show(id, None)).unwrap().unwrap();
    let text = String::from_utf8_lossy(&shown.bytes);
    assert!(shown.whole && text.contains("Shall we meet next week?"), "{text}");

    let arrival = listing.entries[0].arrival;
    assert_eq!(block_on(client.release(id, Some(arrival - 1))), Ok(Done::Absent), "another mail");
    assert_eq!(block_on(client.release(id, Some(arrival))), Ok(Done::Now));
    let got = held.lab.postfix.sole_delivery(TARO);
    assert_eq!(got.sole_header("X-Sekisho-Decision"), "hold");
    assert_eq!(block_on(client.release(id, Some(arrival))), Ok(Done::Before));
    assert_eq!(block_on(client.discard(id, Some(arrival))), Ok(Done::Absent));
    assert_eq!(block_on(client.show(id, None)), Ok(None));
    assert!(held.holdd.log().contains(&format!("{id}: released from hold, asked by uid 0")));
}

#[test]
fn a_held_mail_is_deleted() {
    let Some(held) = Held::start() else { return };
    assert_eq!(block_on(held.client().discard(&held.id, None)), Ok(Done::Now));
    assert_eq!(held.lab.postfix.queue(), []);
    assert_eq!(block_on(held.client().discard(&held.id, None)), Ok(Done::Before));
    assert!(held.lab.postfix.mailbox(TARO).mails().is_empty());
}

#[test]
fn mails_that_are_not_on_hold_are_not_touched() {
    let Some(held) = Held::start() else { return };
    held.lab.postfix.defer_all();
    assert_eq!(block_on(held.client().release(&held.id, None)), Ok(Done::Now));
    wait::until("a deferred mail", || {
        held.lab.postfix.queue().iter().any(|e| e.queue == "deferred").then_some(())
    })
    .unwrap();
    // Nobody remembers: what is asked for is looked for in the hold queue alone.
    let Held { lab, mut holdd, id } = held;
    holdd.restart().unwrap();
    let client = Client::new(holdd.socket());
    assert_eq!(block_on(client.discard(&id, None)), Ok(Done::Absent));
    assert_eq!(block_on(client.release(&id, None)), Ok(Done::Absent));
    assert_eq!(block_on(client.show(&id, None)), Ok(None));
    assert_eq!(lab.postfix.queue().len(), 1);
    assert_eq!(block_on(client.hold(&id)), Ok(Done::Now));
    assert_eq!(lab.postfix.held().len(), 1);
    for id in ["0123456789AB", "4P2YnT0VfGz9rJ6"] {
        let id = QueueId::parse(id).unwrap();
        assert_eq!(block_on(client.hold(&id)), Ok(Done::Absent));
        assert_eq!(block_on(client.discard(&id, None)), Ok(Done::Absent));
    }
}

#[test]
fn only_those_named_are_heard() {
    let Some(held) = Held::start() else { return };
    let socket = held.holdd.socket();
    // The group reaches the socket; whom it hears is another question.
    assert!(said_to(NOBODY, &socket, "list").starts_with("listed 1 whole\n"));
    assert_eq!(said_to(NOBODY, &socket, "discard ALL"), "bad no queue id\n");
    assert_eq!(said_to(NOBODY, &socket, "release ALL"), "bad no queue id\n");
    assert_eq!(said_to(NOBODY, &socket, "discard -d"), "bad no queue id\n");
    assert_eq!(said_to(NOBODY, &socket, &"x".repeat(100_000)), "bad too long\n");
    assert_eq!(said_to(NOBODY - 1, &socket, "list"), "", "others cannot connect");
    let stricter = Holdd::start(&held.lab.postfix, &[NOBODY - 1], NOBODY).unwrap();
    let discard = format!("discard {}", held.id);
    assert_eq!(said_to(NOBODY, &stricter.socket(), &discard), "refused\n");
    assert!(stricter.log().contains("uid 65534 is refused"), "{}", stricter.log());
    assert_eq!(held.lab.postfix.held().len(), 1);
}

#[test]
fn the_keeper_lets_a_mail_go_and_it_arrives() {
    let Some(held) = Held::start() else { return };
    let (store, heard) = (Arc::new(Memory::with(&[held.hold()])), Heard::default());
    block_on(held.keeper(&store, &heard).round(now_ms(), Look::Due)).unwrap();
    assert_eq!(store.state("h1"), State::Released);
    held.lab.postfix.sole_delivery(TARO);
    assert_eq!(heard.moved(), [("h1".into(), State::Released, Because::Due)]);
}

#[test]
fn released_deleted_and_requeued_by_hand_are_noticed() {
    for hand in ["release", "delete", "requeue"] {
        let Some(held) = Held::start() else { return };
        let hold = Hold { goes_ms: None, ..held.hold() };
        let (store, heard) = (Arc::new(Memory::with(&[hold])), Heard::default());
        let mut keeper = held.keeper(&store, &heard);
        block_on(keeper.round(now_ms(), Look::Whole)).unwrap();
        assert_eq!(store.state("h1"), State::Held, "{hand}");
        match hand {
            "release" => held.lab.postfix.release(held.id.as_str()),
            "delete" => held.lab.postfix.delete(held.id.as_str()),
            _ => held.lab.postfix.requeue(held.id.as_str()),
        }
        block_on(keeper.round(now_ms(), Look::Whole)).unwrap();
        assert_eq!(heard.moved(), [("h1".into(), State::Gone, Because::ByHand)], "{hand}");
    }
}

#[test]
fn put_on_hold_again_by_hand_it_is_not_called_released() {
    let Some(held) = Held::start() else { return };
    held.lab.postfix.defer_all();
    let (store, heard) = (Arc::new(Memory::with(&[held.hold()])), Heard::default());
    block_on(held.keeper(&store, &heard).round(now_ms(), Look::Due)).unwrap();
    assert_eq!(store.state("h1"), State::Released);
    wait::until("a deferred mail", || {
        held.lab.postfix.queue().iter().any(|e| e.queue == "deferred").then_some(())
    })
    .unwrap();
    held.lab.postfix.hold(held.id.as_str());
    block_on(held.keeper(&store, &heard).round(now_ms(), Look::Whole)).unwrap();
    assert_eq!(store.state("h1"), State::Kept);
    block_on(held.keeper(&store, &heard).round(now_ms(), Look::Whole)).unwrap();
    assert_eq!(held.lab.postfix.held().len(), 1, "left to the hand");
}

#[test]
fn killed_and_started_again_everything_goes_on() {
    let Some(mut held) = Held::start() else { return };
    let begun = Hold { state: State::Releasing, decided_by: "sekisho".into(), ..held.hold() };
    let (store, heard) = (Arc::new(Memory::with(&[begun])), Heard::default());
    let mut keeper = held.keeper(&store, &heard);
    held.holdd.kill();
    assert!(block_on(keeper.round(now_ms(), Look::Due)).is_err());
    assert!(matches!(block_on(held.client().list()), Err(ClientError::Absent(..))));
    assert_eq!(held.lab.postfix.held().len(), 1, "it stays on hold");
    held.holdd.restart().unwrap();
    // Released, and killed before it was written down.
    assert_eq!(block_on(held.client().release(&held.id, None)), Ok(Done::Now));
    let mut successor = held.keeper(&store, &heard);
    block_on(successor.round(now_ms(), Look::Due)).unwrap();
    assert_eq!(store.state("h1"), State::Released);
    held.lab.postfix.sole_delivery(TARO);
}
