//! Deletes what is older than the settings allow, in small bites.
//!
//! Way in: [`run`], once an hour for as long as the program runs. Between two bites others write; a
//! store that is away is tried again the next hour.

use std::sync::Arc;
use std::time::Duration;

use sekisho_config::Retention;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Cutoffs, Store, now};

/// Runs until it is told to stop. `retention` is asked each time: settings are reloaded.
pub async fn run<S: Store>(
    store: Arc<S>,
    retention: impl Fn() -> Retention + Send,
    stop: CancellationToken,
) {
    let work = async {
        loop {
            let cutoffs = Cutoffs::of(&retention(), now().saturating_mul(1000));
            match once(store.as_ref(), &cutoffs).await {
                (0, None) => {}
                (gone, None) => info!("deleted {gone} rows that were older than [retention] says"),
                (gone, Some(error)) => {
                    warn!(
                        "deleting what is older than [retention] says ended after {gone} rows: {error}"
                    );
                }
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    stop.run_until_cancelled(work).await;
}

/// Bite by bite until nothing is left; returns how many rows went, and what ended it early.
pub async fn once<S: Store>(store: &S, cutoffs: &Cutoffs) -> (u64, Option<super::StoreError>) {
    let mut gone = 0;
    loop {
        match store.expire(cutoffs, BITE).await {
            Ok(0) => return (gone, None),
            Ok(more) => gone += more,
            Err(error) => return (gone, Some(error)),
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

impl Cutoffs {
    /// What is older than so many days before `now_ms` goes.
    pub fn of(retention: &Retention, now_ms: i64) -> Cutoffs {
        let before = |days: Option<u32>| {
            days.map_or(0, |days| now_ms.saturating_sub(i64::from(days) * DAY_MS).max(0))
        };
        Cutoffs {
            correspondents_ms: before(retention.correspondents),
            details_ms: before(retention.details),
            records_ms: before(retention.records),
        }
    }
}

const EVERY: Duration = Duration::from_secs(3600);

/// Rows of a table that go at once: some ten milliseconds.
const BITE: u32 = 500;

/// As long again, for others.
const BETWEEN: Duration = Duration::from_millis(50);

const DAY_MS: i64 = 86_400_000;

#[cfg(test)]
mod tests {
    use super::super::stub::Stub;
    use super::*;

    #[test]
    fn days_before_now() {
        let retention = Retention { correspondents: Some(1), details: None, records: Some(36_500) };
        let cutoffs = Cutoffs::of(&retention, 2 * DAY_MS);
        assert_eq!(cutoffs, Cutoffs { correspondents_ms: DAY_MS, details_ms: 0, records_ms: 0 });
    }

    #[tokio::test]
    async fn bites_until_nothing_is_left() {
        let stub = Stub::default();
        stub.set_old(vec![0, 7, 500]);
        assert_eq!(once(&stub, &Cutoffs::default()).await, (507, None));
        stub.set_away(true);
        assert!(once(&stub, &Cutoffs::default()).await.1.is_some());
    }
}
