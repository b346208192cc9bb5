//! What is to be done with a hold next, pure: its state and its place in the queue in, a step out.
//!
//! Way in: [`next`]. Every race between people, Postfix and ourselves is a row of the tests.

use super::Because;
use crate::store::{Hold, Reason, State};

/// Where the mail of a hold is, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Not in the hold queue.
    Away,
    /// In the hold queue.
    OnHold,
    /// Not seen there; but it may only be on its way: other milters are still being asked, or the
    /// list was not whole.
    Unclear,
}

/// The step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Have it deleted.
    Discard(Because),
    /// It left without us.
    Gone,
    /// A hand put it on hold again.
    Keep,
    /// Have it let go.
    Release(Because),
    /// Nothing.
    Stay,
    /// Tell somebody that it is about to be given up.
    Warn,
}

/// What is to be done at `now_ms`; warnings go out from `warn_ms` before the end.
pub(super) fn next(hold: &Hold, place: Place, now_ms: i64, warn_ms: i64) -> Next {
    use Place::{Away, OnHold, Unclear};
    match (hold.state, place) {
        // Carried out wherever it is: the companion knows whether it was done before.
        (State::Releasing, _) => Next::Release(cause(hold)),
        (State::Discarding, _) => Next::Discard(cause(hold)),
        (State::Held | State::Kept, Away) => Next::Gone,
        (State::Held, OnHold) => due(hold, now_ms, warn_ms),
        (State::Kept, OnHold) => Next::Stay,
        (State::Held | State::Kept, Unclear) => Next::Stay,
        (State::Discarded | State::Gone | State::Released, OnHold) => Next::Keep,
        (State::Discarded | State::Gone | State::Released, Away | Unclear) => Next::Stay,
    }
}

fn due(hold: &Hold, now_ms: i64, warn_ms: i64) -> Next {
    if hold.goes_ms.is_some_and(|goes| goes <= now_ms) {
        return Next::Release(Because::Due);
    }
    if hold.expires_ms <= now_ms {
        return match hold.reason {
            Reason::Delay => Next::Release(Because::Expired),
            Reason::Approval | Reason::Quarantine => Next::Discard(Because::Expired),
        };
    }
    let warned_from = hold.expires_ms.saturating_sub(warn_ms);
    // What goes by itself before needs no warning.
    if warn_ms > 0 && warned_from <= now_ms && !hold.warned && hold.goes_ms.is_none() {
        return Next::Warn;
    }
    Next::Stay
}

/// Why a step that was begun earlier was begun.
fn cause(hold: &Hold) -> Because {
    match hold.reason {
        _ if hold.decided_by != super::SELF => Because::Asked,
        Reason::Delay => Because::Due,
        Reason::Approval | Reason::Quarantine => Because::Expired,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000;

    fn held(reason: Reason) -> Hold {
        Hold { reason, expires_ms: NOW + 5000, ..Hold::default() }
    }

    #[track_caller]
    fn check(hold: &Hold, places: [Next; 3]) {
        let all = [Place::OnHold, Place::Away, Place::Unclear];
        assert_eq!(all.map(|place| next(hold, place, NOW, 1000)), places, "{hold:?}");
    }

    #[test]
    fn waiting_holds_stay_until_their_time() {
        check(&held(Reason::Approval), [Next::Stay, Next::Gone, Next::Stay]);
        let waits = Hold { goes_ms: Some(NOW + 1), ..held(Reason::Delay) };
        check(&waits, [Next::Stay, Next::Gone, Next::Stay]);
        let goes = Hold { goes_ms: Some(NOW), ..held(Reason::Delay) };
        check(&goes, [Next::Release(Because::Due), Next::Gone, Next::Stay]);
    }

    #[test]
    fn what_expires_is_deleted_unless_it_only_waited() {
        for (reason, expected) in [
            (Reason::Approval, Next::Discard(Because::Expired)),
            (Reason::Quarantine, Next::Discard(Because::Expired)),
            (Reason::Delay, Next::Release(Because::Expired)),
        ] {
            let expired = Hold { expires_ms: NOW, ..held(reason) };
            check(&expired, [expected, Next::Gone, Next::Stay]);
        }
    }

    #[test]
    fn a_warning_goes_once_and_before_the_end() {
        let soon = Hold { expires_ms: NOW + 1000, ..held(Reason::Quarantine) };
        check(&soon, [Next::Warn, Next::Gone, Next::Stay]);
        let told = Hold { warned: true, ..soon.clone() };
        check(&told, [Next::Stay, Next::Gone, Next::Stay]);
        assert_eq!(next(&soon, Place::OnHold, NOW, 0), Next::Stay, "warnings are off");
    }

    #[test]
    fn decisions_are_carried_out_wherever_the_mail_is() {
        let release = Hold {
            state: State::Releasing,
            decided_by: "boss@own.example".into(),
            ..held(Reason::Approval)
        };
        check(&release, [Next::Release(Because::Asked); 3]);
        let expired =
            Hold { state: State::Discarding, decided_by: "sekisho".into(), ..release.clone() };
        check(&expired, [Next::Discard(Because::Expired); 3]);
    }

    #[test]
    fn what_a_hand_put_on_hold_again_is_left_to_the_hand() {
        for state in [State::Released, State::Gone, State::Discarded] {
            let ended = Hold { state, expires_ms: 0, goes_ms: Some(0), ..held(Reason::Delay) };
            check(&ended, [Next::Keep, Next::Stay, Next::Stay]);
        }
        let kept = Hold { state: State::Kept, expires_ms: 0, goes_ms: Some(0), ..Hold::default() };
        check(&kept, [Next::Stay, Next::Gone, Next::Stay]);
    }
}
