//! Monthly partitions of records and events.
//!
//! Way in: [`Partitions::make`] before a write, [`Partitions::drop_before`] by retention. Months are
//! those of UTC. Dropping a table takes a moment whatever its size, but needs the parent's lock: it is
//! not waited for longer than [`LOCK`], and tried again the next time.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use deadpool_postgres::Object;
use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};

use super::store_error;
use crate::store::rows::Rows;
use crate::store::{StoreError, now};

/// The partitions that are known to be there.
#[derive(Default)]
pub(super) struct Partitions {
    known: Mutex<BTreeSet<(&'static str, Month)>>,
}

/// Its first day.
type Month = civil::Date;

impl Partitions {
    /// Makes what is missing for these rows, and the month to come.
    pub(super) async fn make(&self, client: &mut Object, rows: &Rows) -> Result<(), StoreError> {
        let ahead = (now() + AHEAD_SECONDS).saturating_mul(1000);
        let times = |at: &mut dyn Iterator<Item = i64>| -> BTreeSet<Month> {
            at.chain([ahead]).filter_map(month).collect()
        };
        for (table, months) in [
            ("records", times(&mut rows.records.keys().map(|(at, _)| *at))),
            ("events", times(&mut rows.events.keys().map(|(at, _)| *at))),
        ] {
            for month in months {
                self.make_one(client, table, month).await?;
            }
        }
        Ok(())
    }

    async fn make_one(
        &self,
        client: &mut Object,
        table: &'static str,
        month: Month,
    ) -> Result<(), StoreError> {
        if self.lock().contains(&(table, month)) {
            return Ok(());
        }
        let name = name(table, month);
        let there = "SELECT to_regclass($1) IS NOT NULL";
        let there = client.query_one(there, &[&name]).await.map_err(store_error)?;
        if let (false, Some((from, to))) = (there.get(0), bounds(month)) {
            let change = client.transaction().await.map_err(store_error)?;
            // Two hosts that make the same one at once: the second waits and finds it.
            let sql = format!(
                "SELECT pg_advisory_xact_lock(7523094288207667810); \
                 CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} \
                 FOR VALUES FROM ({from}) TO ({to})"
            );
            change.batch_execute(&sql).await.map_err(store_error)?;
            change.commit().await.map_err(store_error)?;
        }
        self.lock().insert((table, month));
        Ok(())
    }

    /// Drops the oldest partition of each table that is over by then; returns about how many rows
    /// went.
    pub(super) async fn drop_before(
        &self,
        client: &mut Object,
        cutoff_ms: i64,
    ) -> Result<u64, StoreError> {
        let mut gone = 0;
        for table in ["records", "events"] {
            let rows = client.query(PARTITIONS, &[&table]).await.map_err(store_error)?;
            let oldest = rows.iter().find_map(|row| {
                let name: String = row.get(0);
                let (_, end) = bounds(month_of(&name, table)?)?;
                (end <= cutoff_ms).then(|| (name, row.get::<_, f32>(1)))
            });
            let Some((name, estimate)) = oldest else { continue };
            let change = client.transaction().await.map_err(store_error)?;
            let sql = format!("SET LOCAL lock_timeout = '{LOCK}'; DROP TABLE {name}");
            change.batch_execute(&sql).await.map_err(store_error)?;
            change.commit().await.map_err(store_error)?;
            self.forget();
            gone += estimate.max(1.0) as u64;
        }
        Ok(gone)
    }

    /// Looks for all of them again.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<(&'static str, Month)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn month(at_ms: i64) -> Option<Month> {
    let at = Timestamp::from_millisecond(at_ms).ok()?;
    Some(at.to_zoned(TimeZone::UTC).date().first_of_month())
}

/// From its first millisecond to the first of the next.
fn bounds(month: Month) -> Option<(i64, i64)> {
    let ms =
        |date: civil::Date| Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond());
    Some((ms(month)?, ms(month.checked_add(1.month()).ok()?)?))
}

fn name(table: &str, month: Month) -> String {
    format!("{table}_y{:04}m{:02}", month.year(), month.month())
}

fn month_of(name: &str, table: &str) -> Option<Month> {
    let (year, month) = name.strip_prefix(table)?.strip_prefix("_y")?.split_once('m')?;
    civil::Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
}

/// Partitions of a table by name, so oldest first, with the rows they are thought to have.
const PARTITIONS: &str = "SELECT c.relname::text, c.reltuples FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass($1::text) ORDER BY c.relname";

/// How long dropping waits, and keeps others waiting.
const LOCK: &str = "500ms";

/// The month to come is made while it is still a day away, when nobody waits for it.
const AHEAD_SECONDS: i64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months() {
        let november = month(1_795_000_000_000).unwrap();
        assert_eq!(name("records", november), "records_y2026m11");
        assert_eq!(month_of("records_y2026m11", "records"), Some(november));
        assert_eq!(bounds(november), Some((1_793_491_200_000, 1_796_083_200_000)));
        assert_eq!(month_of("records_old", "records"), None);
        assert_eq!(month(i64::MAX), None);
    }
}
