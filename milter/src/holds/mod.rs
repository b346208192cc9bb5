//! Held mails from beginning to end: what a new hold's times and approvers are, what is due next,
//! and the task that does it on the host where the mail lies.
//!
//! Way in: [`terms`] when a mail is put on hold, [`keeper::Keeper`] in the running milter,
//! [`decide::decide`] when a person decides. The mail itself lies in Postfix's hold queue, where
//! hands may reach it; the store holds what we know. Invariant: the store never says of a mail in
//! the hold queue that it left, longer than until the next look, and what a hand put on hold again
//! waits for a hand ([`Kept`](crate::store::State::Kept)).

pub mod approval;
pub mod decide;
pub mod holding;
pub mod keeper;
mod next;

use std::future::Future;
use std::time::Duration;

use sekisho_config::Holding;

use crate::holdd::client::{Client, ClientError, Done};
use crate::holdd::protocol::{NotAfter, QueueId};
use crate::holdd::{Entry, Listing};
use crate::store::{Hold, Reason};

/// The hold queue of one host, as the companion serves it.
pub trait HoldQueue: Send + Sync + 'static {
    /// What lies there now.
    fn list(&self) -> impl Future<Output = Result<Listing, ClientError>> + Send;

    /// Lets a mail go that came no later than the bound.
    fn release(
        &self,
        id: &QueueId,
        bound: NotAfter,
    ) -> impl Future<Output = Result<Done, ClientError>> + Send;

    /// Deletes a mail that came no later than the bound.
    fn discard(
        &self,
        id: &QueueId,
        bound: NotAfter,
    ) -> impl Future<Output = Result<Done, ClientError>> + Send;
}

impl HoldQueue for Client {
    async fn list(&self) -> Result<Listing, ClientError> {
        Client::list(self).await
    }

    async fn release(&self, id: &QueueId, bound: NotAfter) -> Result<Done, ClientError> {
        Client::release(self, id, bound).await
    }

    async fn discard(&self, id: &QueueId, bound: NotAfter) -> Result<Done, ClientError> {
        Client::discard(self, id, bound).await
    }
}

/// Who hears of what becomes of held mails: notices, the audit log.
pub trait Told: Send + Sync + 'static {
    /// A hold is about to be given up. `true` once somebody was told; else it is asked again.
    fn about_to_expire(&self, hold: &Hold) -> impl Future<Output = bool> + Send;

    /// A hold came into another state; it is shown as it stands now.
    fn moved(&self, hold: &Hold, because: Because) -> impl Future<Output = ()> + Send;
}

/// Why a hold came into another state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// A person decided.
    Asked,
    /// Somebody did it by hand, past us.
    ByHand,
    /// Its time to go was over.
    Due,
    /// Its time was over and nobody had decided.
    Expired,
}

/// Times and approvers of a new hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// For [`Hold::approvers`].
    pub approvers: Vec<String>,
    /// For [`Hold::goes_ms`].
    pub goes_ms: Option<i64>,
    /// For [`Hold::expires_ms`].
    pub expires_ms: i64,
}

/// Terms of a hold for this reason that begins at `held_ms`.
pub fn terms(reason: Reason, sender: &str, held_ms: i64, settings: &Holding) -> Terms {
    let after = |wait: Duration| held_ms.saturating_add(milliseconds(wait));
    let approvers = match reason {
        Reason::Approval => approval::approvers(sender, settings),
        Reason::Delay | Reason::Quarantine => Vec::new(),
    };
    let goes_ms = match reason {
        Reason::Delay => Some(after(settings.delay.unwrap_or_default())),
        Reason::Approval | Reason::Quarantine => None,
    };
    Terms { approvers, goes_ms, expires_ms: after(settings.expires) }
}

/// Whether what lies there is the mail of this hold.
///
/// Postfix uses queue ids again, but no two mails have the same at once: what was there when the
/// hold began is the mail itself, and what came later is another. A mail that came long before is
/// doubted, for clocks that were set back: then the sender must be the same.
pub fn same_mail(hold: &Hold, entry: &Entry) -> bool {
    let held = hold.held_ms.div_euclid(1000);
    let sender = if hold.sender.is_empty() { "MAILER-DAEMON" } else { &hold.sender };
    hold.queue_id == entry.id
        && latest_arrival(hold).is_none_or(|latest| entry.arrival <= latest)
        && (entry.arrival >= held.saturating_sub(LONGEST_DIALOGUE)
            || entry.sender.eq_ignore_ascii_case(sender))
}

/// The latest second in which the mail of this hold can have come.
pub fn latest_arrival(hold: &Hold) -> NotAfter {
    Some(hold.held_ms.div_euclid(1000).saturating_add(CLOCK_SLACK))
}

fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// Seconds by which the arrival may lie behind the decision.
const CLOCK_SLACK: i64 = 2;

/// Seconds from the first recipient to the decision: a large mail over a slow line.
const LONGEST_DIALOGUE: i64 = 3600;

/// The name under which the program itself decides.
pub const SELF: &str = "sekisho";

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_config::Settings;

    #[test]
    fn terms_depend_on_the_reason() {
        let mut settings = Settings::default().hold;
        settings.delay = Some(Duration::from_secs(300));
        settings.approval.approvers = vec!["boss@own.example".into()];
        let day = 86_400_000;
        let terms = |reason| terms(reason, "taro@own.example", 1000, &settings);
        let expected = |approvers: &[&str], goes_ms| Terms {
            approvers: approvers.iter().map(|a| (*a).to_owned()).collect(),
            goes_ms,
            expires_ms: 1000 + 10 * day,
        };
        assert_eq!(terms(Reason::Delay), expected(&[], Some(301_000)));
        assert_eq!(terms(Reason::Approval), expected(&["boss@own.example"], None));
        assert_eq!(terms(Reason::Quarantine), expected(&[], None));
    }

    #[test]
    fn the_same_queue_id_is_not_the_same_mail() {
        let hold = Hold {
            queue_id: "026D799607B".into(),
            sender: "a@b.example".into(),
            held_ms: 1_000_000_500,
            ..Hold::default()
        };
        let entry = |id: &str, arrival, sender: &str| Entry {
            id: id.into(),
            arrival,
            size: 1,
            sender: sender.into(),
        };
        let same = |entry| same_mail(&hold, &entry);
        assert!(same(entry("026D799607B", 1_000_000, "a@b.example")));
        assert!(same(entry("026D799607B", 999_000, "rewritten@b.example")));
        assert!(same(entry("026D799607B", 900_000, "A@B.example")));
        assert!(!same(entry("026D799607B", 900_000, "c@b.example")));
        assert!(!same(entry("026D799607B", 1_000_060, "a@b.example")), "came later");
        assert!(!same(entry("026D799607C", 1_000_000, "a@b.example")));
        let null = Hold { sender: String::new(), ..hold.clone() };
        assert!(same_mail(&null, &entry("026D799607B", 900_000, "MAILER-DAEMON")));
    }
}
