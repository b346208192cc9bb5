//! Does what a command asks, and says what became of it.

use std::time::Duration;

use tracing::warn;

use super::{Asked, Command, Seals};
use crate::books::event;
use crate::holds::HoldQueue;
use crate::holds::decide::{Decided, Decision, Desk, NotDecided, decide, find};
use crate::record::{Deed, Event};
use crate::store::{Hold, Reason, State, Store, StoreError};
use sekisho_config::QuarantineRelease;
use sekisho_heuristics::indicator::safe_to_show;

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is decided. Whoever asked decided it: the event to be written down.
    Decided(Decided, Event),
    /// The mail no longer waits, or does not for this; as it stands, if it is known.
    TooLate(Option<Hold>),
    /// Who asked may not (any more).
    NotEntitled(Hold),
    /// It was not offered to who asked.
    NotOffered,
    /// The store did not answer.
    NotNow,
}

/// Does what `asked` asks, at `at_ms`. Changes nothing unless the seal is genuine and the mail waits.
pub async fn settle<S: Store, Q: HoldQueue>(
    desk: &Desk<'_, S, Q>,
    seals: &Seals,
    asked: &Asked,
    at_ms: i64,
) -> Settled {
    let Asked { command, id, seal, who } = asked;
    let word = command.word();
    if !seals.is_genuine(seal, *command, id, who) {
        let (id, who) = (safe_to_show(id), safe_to_show(who));
        warn!("{who} sent the command {word} about {id}, which was not offered to them");
        return Settled::NotOffered;
    }
    let hold = match find_or_wait(desk.store, id).await {
        Ok(Some(hold)) => hold,
        Ok(None) => return Settled::TooLate(None),
        Err(why) => {
            warn!("{word} about {id} by {who} was not heard: {why}");
            return Settled::NotNow;
        }
    };
    // What a hand put on hold again waits for that hand, not for an old mail.
    if hold.state != State::Held {
        return Settled::TooLate(Some(hold));
    }
    let Some((decision, deed)) = decision(*command, &hold, who, desk) else {
        warn!("{word} about {id} by {who} is not allowed");
        return Settled::NotEntitled(hold);
    };
    match decide(desk, id, decision, who, at_ms).await {
        Ok(decided) => Settled::Decided(decided, event(who, deed, id, "by mail")),
        Err(NotDecided::TooLate(state)) => Settled::TooLate(Some(Hold { state, ..hold })),
        Err(NotDecided::Unknown) => Settled::TooLate(None),
        Err(NotDecided::NoApproval(_) | NotDecided::NotEntitled(..)) => Settled::NotEntitled(hold),
        Err(NotDecided::Store(why)) => {
            warn!("{word} about {id} by {who} was not carried out: {why}");
            Settled::NotNow
        }
    }
}

/// The hold with this id. Holds are written in batches: one whose notice was just read may still be
/// on its way to the store.
async fn find_or_wait<S: Store>(store: &S, id: &str) -> Result<Option<Hold>, StoreError> {
    for _ in 0..LOOKS {
        if let Some(hold) = find(store, id).await? {
            return Ok(Some(hold));
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    find(store, id).await
}

/// How often a hold that is not there yet is looked for again.
const LOOKS: u32 = 5;

/// Longer than writes wait for one another.
const BETWEEN_LOOKS: Duration = Duration::from_millis(300);

/// What the command means for this hold, if `who` may give it.
fn decision<S, Q>(
    command: Command,
    hold: &Hold,
    who: &str,
    desk: &Desk<'_, S, Q>,
) -> Option<(Decision, Deed)> {
    let is_sender = hold.sender.eq_ignore_ascii_case(who);
    let is_recipient = hold.recipients.iter().any(|to| to.eq_ignore_ascii_case(who));
    let may_deliver = desk.settings.quarantine_release == QuarantineRelease::Recipient;
    let (is_allowed, decided) = match command {
        // Who may approve is asked where it is decided.
        Command::Approve => (true, (Decision::Approve, Deed::Approved)),
        Command::Deny => (true, (Decision::Deny, Deed::Denied)),
        Command::Deliver => (
            is_recipient && may_deliver && hold.reason == Reason::Quarantine,
            (Decision::Release, Deed::Released),
        ),
        Command::Send => {
            (is_sender && hold.reason == Reason::Delay, (Decision::Release, Deed::Released))
        }
        Command::Withdraw => {
            let is_own = is_sender && hold.reason != Reason::Quarantine;
            (is_own, (Decision::Discard, Deed::Discarded))
        }
    };
    is_allowed.then_some(decided)
}
