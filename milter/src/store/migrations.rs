//! The versions of the tables, the same numbers for both kinds of store; forward only.
//!
//! Way in: [`sqlite`] and [`postgres`], each on opening. Every step is one transaction with the
//! number it leads to, so that a crash leaves either version whole; of several programs that open at
//! once one migrates and the others wait. A new version is one more entry of [`STEPS`]: steps that
//! were released never change.

use rusqlite::{Connection, TransactionBehavior};
use tokio_postgres::Client;

use super::StoreError;

/// What leads to the next version.
struct Step {
    sqlite: &'static str,
    postgres: &'static str,
}

const STEPS: [Step; 1] = [Step {
    sqlite: include_str!("migrations/1.sqlite.sql"),
    postgres: include_str!("migrations/1.postgres.sql"),
}];

/// The newest version.
pub(super) const KNOWN: u32 = STEPS.len() as u32;

/// Brings an SQLite file to version `to`.
pub(super) fn sqlite(connection: &mut Connection, to: u32) -> Result<(), StoreError> {
    let error = super::sqlite::store_error;
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let change = change.map_err(error)?;
    let found = change.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(error)?;
    for (step, version) in missing(found, to)? {
        change.execute_batch(step.sqlite).map_err(error)?;
        change.pragma_update(None, "user_version", version).map_err(error)?;
    }
    change.commit().map_err(error)
}

/// Brings a PostgreSQL schema to version `to`. Makes the schema where it is missing.
pub(super) async fn postgres(client: &mut Client, to: u32) -> Result<(), StoreError> {
    let error = super::postgres::store_error;
    let change = client.transaction().await.map_err(error)?;
    change
        .batch_execute("SELECT pg_advisory_xact_lock(7523094288207667809)")
        .await
        .map_err(error)?;
    let is_there = "SELECT to_regnamespace('sekisho') IS NOT NULL";
    let is_there: bool = change.query_one(is_there, &[]).await.map_err(error)?.get(0);
    if !is_there {
        change.batch_execute("CREATE SCHEMA sekisho").await.map_err(error)?;
    }
    let table = "CREATE TABLE IF NOT EXISTS sekisho.version (version bigint NOT NULL)";
    let kept = "SELECT to_regclass('sekisho.version') IS NOT NULL";
    let kept: bool = change.query_one(kept, &[]).await.map_err(error)?.get(0);
    if !kept {
        change.batch_execute(table).await.map_err(error)?;
    }
    let found =
        change.query_opt("SELECT version FROM sekisho.version", &[]).await.map_err(error)?;
    let found = found.map(|row| row.get::<_, i64>(0));
    let version = u32::try_from(found.unwrap_or(0)).unwrap_or(u32::MAX);
    for (step, version) in missing(version, to)? {
        change.batch_execute(step.postgres).await.map_err(error)?;
        let write = match (found, version) {
            (None, 1) => "INSERT INTO sekisho.version VALUES ($1)",
            _ => "UPDATE sekisho.version SET version = $1",
        };
        change.execute(write, &[&i64::from(version)]).await.map_err(error)?;
    }
    change.commit().await.map_err(error)
}

/// The steps between two versions, each with the version it leads to.
fn missing(found: u32, to: u32) -> Result<impl Iterator<Item = (&'static Step, u32)>, StoreError> {
    if found > KNOWN {
        return Err(StoreError::Newer { found, known: KNOWN });
    }
    Ok(STEPS.iter().zip(1..).filter(move |(_, version)| (found + 1..=to).contains(version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every table and index with the words that made it.
    fn tables(connection: &Connection) -> Vec<String> {
        let mut statement = connection
            .prepare("SELECT name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY name")
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn every_older_version_comes_to_the_newest() {
        let mut fresh = Connection::open_in_memory().unwrap();
        sqlite(&mut fresh, KNOWN).unwrap();
        for older in 0..=KNOWN {
            let mut connection = Connection::open_in_memory().unwrap();
            sqlite(&mut connection, older).unwrap();
            sqlite(&mut connection, KNOWN).unwrap();
            assert_eq!(tables(&connection), tables(&fresh), "from version {older}");
        }
    }

    #[test]
    fn a_newer_file_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", KNOWN + 1).unwrap();
        let newer = StoreError::Newer { found: KNOWN + 1, known: KNOWN };
        assert_eq!(sqlite(&mut connection, KNOWN), Err(newer));
        assert!(tables(&connection).is_empty());
    }
}
