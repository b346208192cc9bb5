//! A person decides about a hold: let it go, delete it, approve, deny.
//!
//! Way in: [`decide`]. The decision is written into the store first; where the mail lies on this
//! host it is carried out at once, else, or where the companion does not answer, the keeper of its
//! host does it at its next look. The end is always written and told by the keeper. Invariant: of two people who decide at once one is heard, and the
//! other is told.

use std::fmt;

use sekisho_config::Holding;

use super::HoldQueue;
use super::approval::{Refusal, may_approve};
use super::keeper::carry_out;
use crate::holdd::client::{ClientError, Done};
use crate::store::{Hold, Reason, State, Step, Store, StoreError, Wanted};

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Let it go, as an approver.
    Approve,
    /// Delete it, as an approver.
    Deny,
    /// Delete it, as an administrator.
    Discard,
    /// Let it go, as an administrator.
    Release,
}

/// What came of a decision that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It is done.
    Done(Hold),
    /// It is written down, its host will do it: why it was not done at once.
    Later(Hold, Option<ClientError>),
    /// The mail had left by hand before.
    Gone(Hold),
}

/// Why a decision was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDecided {
    /// No hold has this id.
    Unknown,
    /// It waits for no approval: the administrator lets it go.
    NoApproval(Reason),
    /// Who decided may not.
    NotEntitled(String, Refusal),
    /// It is in this state already.
    TooLate(State),
    /// The store.
    Store(StoreError),
}

impl fmt::Display for NotDecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotDecided::Unknown => f.write_str("no such hold; `sekisho hold list` shows them"),
            NotDecided::NoApproval(reason) => write!(
                f,
                "it waits for no approval, its reason is {reason}; use release or discard"
            ),
            NotDecided::NotEntitled(who, refusal) => write!(f, "{who} {refusal}"),
            NotDecided::TooLate(state) => write!(f, "nothing left to decide, it is {state}"),
            NotDecided::Store(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for NotDecided {}

impl From<StoreError> for NotDecided {
    fn from(error: StoreError) -> NotDecided {
        NotDecided::Store(error)
    }
}

/// Where a decision is taken.
#[derive(Debug)]
pub struct Desk<'a, S, Q> {
    /// Where holds are kept.
    pub store: &'a S,
    /// The hold queue of this host.
    pub queue: &'a Q,
    /// This host.
    pub host: &'a str,
    /// Who may approve.
    pub settings: &'a Holding,
}

/// Takes the decision of `who` about the hold `id`.
pub async fn decide<S: Store, Q: HoldQueue>(
    desk: &Desk<'_, S, Q>,
    id: &str,
    decision: Decision,
    who: &str,
    at_ms: i64,
) -> Result<Decided, NotDecided> {
    let mut hold = find(desk.store, id).await?.ok_or(NotDecided::Unknown)?;
    if matches!(decision, Decision::Approve | Decision::Deny) {
        if hold.reason != Reason::Approval {
            return Err(NotDecided::NoApproval(hold.reason));
        }
        may_approve(who, &hold.sender, desk.settings)
            .map_err(|refusal| NotDecided::NotEntitled(who.to_owned(), refusal))?;
    }
    let (during, after) = match decision {
        Decision::Approve | Decision::Release => (State::Releasing, State::Released),
        Decision::Deny | Decision::Discard => (State::Discarding, State::Discarded),
    };
    if !matches!(hold.state, State::Held | State::Kept) {
        return Err(NotDecided::TooLate(hold.state));
    }
    if !move_to(desk.store, &hold, during, who, at_ms).await? {
        let now = find(desk.store, id).await?.map_or(State::Gone, |hold| hold.state);
        return Err(NotDecided::TooLate(now));
    }
    hold.state = during;
    hold.decided_by = who.to_owned();
    if hold.host != desk.host {
        return Ok(Decided::Later(hold, None));
    }
    match carry_out(desk.queue, &hold).await {
        Ok(Done::Now | Done::Before) => {
            // That it is done, the keeper writes at its next look: it has the audit log, and those
            // who wait for the end hear of it there.
            hold.state = after;
            Ok(Decided::Done(hold))
        }
        Ok(Done::Absent) => {
            // The keeper finds out what became of it.
            Ok(Decided::Gone(hold))
        }
        Err(e) => Ok(Decided::Later(hold, Some(e))),
    }
}

/// The hold with this id.
pub async fn find<S: Store>(store: &S, id: &str) -> Result<Option<Hold>, StoreError> {
    // An empty id would ask for all of them.
    if id.is_empty() {
        return Ok(None);
    }
    let wanted = Wanted { id: id.to_owned(), ..Wanted::default() };
    Ok(store.holds(&wanted).await?.into_iter().find(|hold| hold.id == id))
}

async fn move_to<S: Store>(
    store: &S,
    hold: &Hold,
    to: State,
    who: &str,
    at_ms: i64,
) -> Result<bool, StoreError> {
    let (id, who) = (hold.id.clone(), who.to_owned());
    store.move_hold(&Step { id, from: hold.state, to, who, at_ms }).await
}
