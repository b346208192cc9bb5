//! The keeper of holds and people's decisions, over a store in memory and a hold queue that does
//! what a test needs: every race ends in a true state.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex};

use sekisho_config::{Holding, QuarantineRelease, from_texts};
use sekisho_milter::commands::{Asked, Command, Seals, Settled, settle};
use sekisho_milter::holdd::client::{Client, ClientError, Done};
use sekisho_milter::holdd::protocol::{NotAfter, QueueId};
use sekisho_milter::holdd::{Entry, Listing};
use sekisho_milter::holds::decide::{Decided, Decision, Desk, NotDecided, decide};
use sekisho_milter::holds::keeper::{Keeper, Look, RoundError};
use sekisho_milter::holds::{Because, HoldQueue};
use sekisho_milter::record::Deed;
use sekisho_milter::store::{Hold, Reason, State};
use sekisho_tests::memory::{Heard, Memory};

/// A hold queue as Postfix and the companion together show it.
#[derive(Clone, Default)]
struct Queue(Arc<Mutex<Lies>>);

#[derive(Default)]
struct Lies {
    entries: Vec<Entry>,
    partial: bool,
    absent: bool,
    done: HashMap<(String, &'static str), i64>,
    deeds: Vec<String>,
}

impl Queue {
    fn put(&self, id: &str, arrival: i64) {
        let entry =
            Entry { id: id.into(), arrival, size: 1, sender: "taro@own.example".to_owned() };
        self.0.lock().unwrap().entries.push(entry);
    }

    /// What a hand does.
    fn take(&self, id: &str) {
        self.0.lock().unwrap().entries.retain(|entry| entry.id != id);
    }

    fn deeds(&self) -> Vec<String> {
        self.0.lock().unwrap().deeds.clone()
    }

    fn deed(&self, verb: &'static str, id: &QueueId, bound: NotAfter) -> Result<Done, ClientError> {
        let mut lies = self.0.lock().unwrap();
        if lies.absent {
            return Err(ClientError::Late(std::time::Duration::from_secs(1)));
        }
        let fits = |arrival: i64| bound.is_none_or(|bound| arrival <= bound);
        let key = (id.to_string(), verb);
        match lies.entries.iter().position(|e| e.id == id.as_str() && fits(e.arrival)) {
            Some(at) => {
                let entry = lies.entries.remove(at);
                lies.deeds.push(format!("{verb} {id}"));
                lies.done.insert(key, entry.arrival);
                Ok(Done::Now)
            }
            None if lies.done.get(&key).is_some_and(|at| fits(*at)) => Ok(Done::Before),
            None => Ok(Done::Absent),
        }
    }
}

impl HoldQueue for Queue {
    async fn list(&self) -> Result<Listing, ClientError> {
        let lies = self.0.lock().unwrap();
        if lies.absent {
            return Err(ClientError::Late(std::time::Duration::from_secs(1)));
        }
        Ok(Listing { entries: lies.entries.clone(), whole: !lies.partial })
    }

    async fn release(&self, id: &QueueId, bound: NotAfter) -> Result<Done, ClientError> {
        self.deed("release", id, bound)
    }

    async fn discard(&self, id: &QueueId, bound: NotAfter) -> Result<Done, ClientError> {
        self.deed("discard", id, bound)
    }
}

/// Store, queue and keeper of the host `mx`.
struct Lab {
    store: Arc<Memory>,
    queue: Queue,
    heard: Heard,
    keeper: Keeper<Memory, Queue, Heard>,
}

impl Lab {
    /// Holds that lie in the queue of this host.
    fn new(holds: &[Hold]) -> Lab {
        let lab = Lab::without_queue(holds);
        for hold in holds {
            lab.queue.put(&hold.queue_id, hold.held_ms / 1000);
        }
        lab
    }

    fn without_queue(holds: &[Hold]) -> Lab {
        let (store, queue, heard) =
            (Arc::new(Memory::with(holds)), Queue::default(), Heard::default());
        let keeper = keeper(&store, &queue, &heard);
        Lab { store, queue, heard, keeper }
    }

    /// As after a restart: what the keeper saw is forgotten.
    fn restart(&mut self) {
        self.keeper = keeper(&self.store, &self.queue, &self.heard);
    }

    fn look(&mut self, now_ms: i64, look: Look) -> Result<(), RoundError> {
        block_on(self.keeper.round(now_ms, look))
    }

    #[track_caller]
    fn whole(&mut self, now_ms: i64) {
        self.look(now_ms, Look::Whole).unwrap();
    }

    fn decide(&self, decision: Decision, who: &str) -> Result<Decided, NotDecided> {
        let settings = settings();
        let (store, queue) = (&*self.store, &self.queue);
        block_on(decide(
            &Desk { store, queue, host: "mx", settings: &settings },
            "h1",
            decision,
            who,
            NOW,
        ))
    }
}

fn keeper(store: &Arc<Memory>, queue: &Queue, heard: &Heard) -> Keeper<Memory, Queue, Heard> {
    Keeper::new(Arc::clone(store), queue.clone(), heard.clone(), "mx".into(), &settings())
}

fn settings() -> Holding {
    let text = "[[departments]]\nsenders = ['@own.example']\napprovers = ['boss@own.example', \
                'taro@own.example']\ndeputies = ['deputy@own.example']\n";
    from_texts(&[("hold.toml", text)]).unwrap().hold
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Held at [`NOW`], goes five minutes later.
fn delayed() -> Hold {
    Hold { reason: Reason::Delay, goes_ms: Some(NOW + 5 * MINUTE), ..waiting() }
}

/// Held at [`NOW`] until somebody decides.
fn waiting() -> Hold {
    Hold {
        id: "h1".into(),
        queue_id: QUEUE_ID.into(),
        host: "mx".into(),
        reason: Reason::Approval,
        sender: "taro@own.example".into(),
        held_ms: NOW,
        expires_ms: NOW + 10 * DAY,
        ..Hold::default()
    }
}

const NOW: i64 = 1_795_292_933_000;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const QUEUE_ID: &str = "026D799607B";
const TARO: &str = "taro@own.example";
const BOSS: &str = "boss@own.example";

#[test]
fn a_delayed_mail_goes_when_its_time_is_over_and_once() {
    let mut lab = Lab::new(&[delayed()]);
    lab.look(NOW + 5 * MINUTE - 1, Look::Due).unwrap();
    assert_eq!((lab.store.state("h1"), lab.queue.deeds()), (State::Held, vec![]));
    for _ in 0..2 {
        lab.look(NOW + 5 * MINUTE, Look::Due).unwrap();
    }
    assert_eq!(lab.store.state("h1"), State::Released);
    assert_eq!(lab.store.hold("h1").decided_by, "sekisho");
    assert_eq!(lab.queue.deeds(), [format!("release {QUEUE_ID}")]);
    assert_eq!(lab.heard.moved(), [("h1".into(), State::Released, Because::Due)]);
}

#[test]
fn what_nobody_decides_is_warned_of_once_and_then_deleted() {
    let mut lab = Lab::new(&[waiting()]);
    lab.whole(NOW + 8 * DAY - 1);
    assert_eq!(lab.heard.warned(), Vec::<String>::new());
    for _ in 0..2 {
        lab.whole(NOW + 8 * DAY);
    }
    lab.restart();
    lab.whole(NOW + 8 * DAY);
    assert_eq!(lab.heard.warned(), ["h1"]);
    lab.look(NOW + 10 * DAY, Look::Due).unwrap();
    assert_eq!(lab.queue.deeds(), [format!("discard {QUEUE_ID}")]);
    assert_eq!(lab.heard.moved(), [("h1".into(), State::Discarded, Because::Expired)]);
}

#[test]
fn killed_between_deed_and_writing_the_next_look_ends_it_right() {
    for (during, after) in
        [(State::Releasing, State::Released), (State::Discarding, State::Discarded)]
    {
        let hold = Hold { state: during, decided_by: "boss@own.example".into(), ..waiting() };
        let mut lab = Lab::new(&[hold]);
        lab.store.set_away(true);
        assert!(lab.look(NOW + MINUTE, Look::Due).is_err());
        lab.store.set_away(false);
        let id = QueueId::parse(QUEUE_ID).unwrap();
        let verb = if during == State::Releasing { "release" } else { "discard" };
        assert_eq!(lab.queue.deed(verb, &id, None), Ok(Done::Now));
        lab.restart();
        lab.look(NOW + MINUTE, Look::Due).unwrap();
        assert_eq!(lab.store.state("h1"), after);
        assert_eq!(lab.queue.deeds().len(), 1);
    }
}

#[test]
fn released_by_hand_is_gone_and_says_so() {
    let mut lab = Lab::new(&[waiting()]);
    lab.whole(NOW + 1000);
    lab.queue.take(QUEUE_ID);
    lab.whole(NOW + 2000);
    assert_eq!(lab.heard.moved(), [("h1".into(), State::Gone, Because::ByHand)]);
}

#[test]
fn a_mail_that_is_not_in_the_queue_yet_is_waited_for() {
    let mut lab = Lab::without_queue(&[delayed()]);
    lab.whole(NOW + 1000);
    assert_eq!(lab.store.state("h1"), State::Held);
    // After a restart nobody knows that it was ever seen; old it is not on its way any more.
    lab.whole(NOW + 15 * MINUTE);
    assert_eq!(lab.store.state("h1"), State::Gone);
}

#[test]
fn a_list_that_is_not_whole_proves_no_absence() {
    let mut lab = Lab::without_queue(&[waiting()]);
    lab.queue.0.lock().unwrap().partial = true;
    lab.whole(NOW + DAY);
    assert_eq!(lab.store.state("h1"), State::Held);
}

#[test]
fn another_mail_with_the_same_queue_id_is_not_touched() {
    let mut lab = Lab::without_queue(&[Hold { goes_ms: Some(NOW + MINUTE), ..delayed() }]);
    lab.queue.put(QUEUE_ID, NOW / 1000 + 3600);
    lab.whole(NOW + 2 * DAY);
    assert_eq!((lab.store.state("h1"), lab.queue.deeds()), (State::Gone, vec![]));
    let decided = Hold { state: State::Discarding, ..waiting() };
    let mut lab = Lab::without_queue(&[decided]);
    lab.queue.put(QUEUE_ID, NOW / 1000 + 3600);
    lab.whole(NOW + 2 * DAY);
    assert_eq!((lab.store.state("h1"), lab.queue.deeds()), (State::Gone, vec![]));
}

#[test]
fn a_mail_put_on_hold_again_by_hand_is_left_to_the_hand() {
    let mut lab = Lab::new(&[delayed()]);
    lab.whole(NOW + 5 * MINUTE);
    assert_eq!(lab.store.state("h1"), State::Released);
    lab.queue.put(QUEUE_ID, NOW / 1000);
    for _ in 0..2 {
        lab.whole(NOW + 20 * DAY);
    }
    assert_eq!(lab.store.state("h1"), State::Kept);
    assert_eq!(lab.queue.deeds().len(), 1, "it is not released by itself");
    // A person lets it go.
    assert!(matches!(lab.decide(Decision::Release, "root"), Ok(Decided::Done(_))));
    lab.look(NOW + 20 * DAY, Look::Due).unwrap();
    assert_eq!(lab.store.state("h1"), State::Released);
}

#[test]
fn mails_that_others_put_on_hold_are_none_of_ours() {
    let mut lab = Lab::new(&[]);
    lab.queue.put("3E27199607C", NOW / 1000);
    lab.whole(NOW + 10 * DAY);
    assert_eq!((lab.heard.moved(), lab.queue.deeds()), (vec![], vec![]));
}

#[test]
fn holds_of_other_hosts_are_left_to_them() {
    let elsewhere = Hold { host: "mx2".into(), goes_ms: Some(NOW), ..delayed() };
    let mut lab = Lab::new(&[elsewhere]);
    lab.whole(NOW + DAY);
    assert_eq!((lab.store.state("h1"), lab.queue.deeds()), (State::Held, vec![]));
    let decided = lab.decide(Decision::Release, "root").unwrap();
    assert!(matches!(decided, Decided::Later(_, None)), "{decided:?}");
    assert_eq!((lab.store.state("h1"), lab.queue.deeds()), (State::Releasing, vec![]));
}

#[test]
fn two_keepers_of_one_host_release_once() {
    let mut lab = Lab::new(&[delayed()]);
    let mut other = keeper(&lab.store, &lab.queue, &lab.heard);
    let now = NOW + 5 * MINUTE;
    block_on(async {
        let (one, two) =
            tokio::join!(lab.keeper.round(now, Look::Whole), other.round(now, Look::Whole));
        assert_eq!((one, two), (Ok(()), Ok(())));
    });
    lab.whole(now);
    assert_eq!(lab.queue.deeds().len(), 1);
    assert_eq!(lab.heard.moved(), [("h1".into(), State::Released, Because::Due)]);
}

#[test]
fn without_the_companion_mails_stay_on_hold_and_go_later() {
    let mut lab = Lab::new(&[delayed()]);
    lab.queue.0.lock().unwrap().absent = true;
    assert!(matches!(lab.look(NOW + DAY, Look::Due), Err(RoundError::Queue(_))));
    assert!(matches!(lab.decide(Decision::Discard, "root"), Ok(Decided::Later(_, Some(_)))));
    lab.queue.0.lock().unwrap().absent = false;
    lab.look(NOW + DAY, Look::Due).unwrap();
    assert_eq!(lab.store.state("h1"), State::Discarded, "the person was first");
    assert_eq!(lab.heard.moved(), [("h1".into(), State::Discarded, Because::Asked)]);
}

#[test]
fn only_approvers_approve_and_never_the_sender() {
    let mut lab = Lab::new(&[waiting()]);
    for who in ["taro@own.example", "stranger@own.example"] {
        let refused = lab.decide(Decision::Approve, who);
        assert!(matches!(refused, Err(NotDecided::NotEntitled(..))), "{who}: {refused:?}");
    }
    assert_eq!((lab.store.state("h1"), lab.queue.deeds()), (State::Held, vec![]));
    let decided = lab.decide(Decision::Approve, "deputy@own.example");
    assert!(matches!(decided, Ok(Decided::Done(_))), "{decided:?}");
    assert_eq!(lab.store.hold("h1").decided_by, "deputy@own.example");
    let late = lab.decide(Decision::Deny, "boss@own.example");
    assert_eq!(late, Err(NotDecided::TooLate(State::Releasing)));
    // The keeper finds it done, and tells.
    lab.look(NOW, Look::Due).unwrap();
    assert_eq!(lab.store.state("h1"), State::Released);
    assert_eq!(lab.heard.moved(), [("h1".into(), State::Released, Because::Asked)]);
    assert_eq!(lab.queue.deeds(), [format!("release {QUEUE_ID}")]);
}

#[test]
fn what_needs_no_approval_is_for_the_administrator() {
    let lab = Lab::new(&[delayed()]);
    let refused = lab.decide(Decision::Approve, "boss@own.example");
    assert_eq!(refused, Err(NotDecided::NoApproval(Reason::Delay)));
}

#[test]
fn a_keeper_runs_as_a_task_of_its_own() {
    fn is_send<T: Send>(_: &T) {}
    let store = Arc::new(Memory::default());
    let client = Client::new("/nonexistent/socket");
    let keeper = Keeper::new(store, client, Heard::default(), "mx".into(), &settings());
    is_send(&keeper.keep(sekisho_milter::CancellationToken::new()));
}

/// What becomes of a command about `h1` that is sealed for `offered` and sent by `who`.
fn command(lab: &Lab, word: Command, offered: &str, who: &str) -> Settled {
    command_under(&settings(), lab, word, offered, who)
}

fn command_under(
    settings: &Holding,
    lab: &Lab,
    command: Command,
    offered: &str,
    who: &str,
) -> Settled {
    let folder = tempfile::tempdir().unwrap();
    let seals = Seals::open(folder.path()).unwrap();
    let seal = seals.seal(command, "h1", offered).unwrap();
    let asked = Asked { command, id: "h1".into(), seal, who: who.into() };
    let (store, queue) = (&*lab.store, &lab.queue);
    block_on(settle(&Desk { store, queue, host: "mx", settings }, &seals, &asked, NOW))
}

#[track_caller]
fn is_done(settled: &Settled, deed: Deed, who: &str) {
    let Settled::Decided(Decided::Done(_), event) = settled else { panic!("{settled:?}") };
    assert_eq!((event.what, &*event.who, &*event.subject), (deed, who, "h1"));
}

#[test]
fn a_sender_sends_or_withdraws_what_waits_by_mail() {
    let lab = Lab::new(&[delayed()]);
    is_done(&command(&lab, Command::Send, TARO, TARO), Deed::Released, TARO);
    // The keeper writes at its next look that it is done.
    assert_eq!(lab.store.state("h1"), State::Releasing);
    // The same mail again, or the other link of the same notice: the mail no longer waits.
    for again in [Command::Send, Command::Withdraw] {
        assert!(matches!(command(&lab, again, TARO, TARO), Settled::TooLate(Some(_))));
    }
    let lab = Lab::new(&[delayed()]);
    is_done(&command(&lab, Command::Withdraw, TARO, TARO), Deed::Discarded, TARO);
    assert_eq!(lab.store.state("h1"), State::Discarding);
}

#[test]
fn an_approver_decides_by_mail_and_the_sender_does_not() {
    let lab = Lab::new(&[waiting()]);
    for allowed in [Command::Approve, Command::Deny, Command::Send] {
        let settled = command(&lab, allowed, TARO, TARO);
        assert!(matches!(settled, Settled::NotEntitled(_)), "{settled:?}");
    }
    assert_eq!(command(&lab, Command::Approve, BOSS, TARO), Settled::NotOffered);
    assert_eq!((lab.store.state("h1"), lab.queue.deeds()), (State::Held, vec![]));
    is_done(&command(&lab, Command::Approve, BOSS, BOSS), Deed::Approved, BOSS);
    assert_eq!(lab.queue.deeds().len(), 1);
    let lab = Lab::new(&[waiting()]);
    is_done(&command(&lab, Command::Deny, BOSS, BOSS), Deed::Denied, BOSS);
    assert_eq!(lab.store.state("h1"), State::Discarding);
}

#[test]
fn commands_that_change_nothing() {
    let lab = Lab::new(&[]);
    assert_eq!(command(&lab, Command::Send, TARO, TARO), Settled::TooLate(None));
    lab.store.set_away(true);
    assert_eq!(command(&lab, Command::Send, TARO, TARO), Settled::NotNow);
    // An administrator put it on hold again: an old mail does not overrule him.
    let lab = Lab::new(&[Hold { state: State::Kept, ..delayed() }]);
    assert!(matches!(command(&lab, Command::Send, TARO, TARO), Settled::TooLate(Some(_))));
    // Recipients let quarantined mail go only where the settings say so.
    let quarantined =
        Hold { reason: Reason::Quarantine, recipients: vec![TARO.into()], ..delayed() };
    let lab = Lab::new(&[quarantined]);
    assert!(matches!(command(&lab, Command::Deliver, TARO, TARO), Settled::NotEntitled(_)));
    assert_eq!(lab.queue.deeds(), Vec::<String>::new());
    let settings = Holding { quarantine_release: QuarantineRelease::Recipient, ..settings() };
    let other = command_under(&settings, &lab, Command::Deliver, BOSS, BOSS);
    assert!(matches!(other, Settled::NotEntitled(_)), "no recipient: {other:?}");
    let settled = command_under(&settings, &lab, Command::Deliver, TARO, TARO);
    is_done(&settled, Deed::Released, TARO);
}
