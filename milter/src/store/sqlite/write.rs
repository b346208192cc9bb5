//! What is written to the SQLite file, each time in one transaction.
//!
//! Way in: [`batch`], [`move_hold`], [`expire`], and three functions that forget a person. Each runs on
//! the one thread that writes.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::record::Record;
use crate::store::now;
use crate::store::rows::{
    BATCH_REMEMBERED, LONGEST_NAME, RecordRow, Rows, Tally, bounded, forget_in_hold,
    forget_in_record, hold, json,
};
use crate::store::{Cutoffs, Step};

/// Writes a batch.
pub(super) fn batch(connection: &mut Connection, rows: &Rows) -> rusqlite::Result<()> {
    let change = begin(connection)?;
    let is_new = match &rows.mark {
        Some(mark) => {
            let sql = "INSERT INTO batches VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            change.prepare_cached(sql)?.execute(params![mark, now()])? > 0
        }
        None => true,
    };
    if is_new {
        tallies(&change, "addresses", &rows.addresses)?;
        tallies(&change, "domains", &rows.domains)?;
    }
    details(&change, rows)?;
    for ((at_ms, id), row) in &rows.records {
        record(&change, *at_ms, id, row)?;
    }
    let sql = "INSERT INTO events VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let mut statement = change.prepare_cached(sql)?;
    for ((at_ms, mark), body) in &rows.events {
        statement.execute(params![mark, at_ms, body])?;
    }
    drop(statement);
    holds(&change, rows)?;
    change.commit()
}

fn tallies<'r>(
    change: &Transaction<'_>,
    table: &str,
    rows: impl IntoIterator<Item = (&'r String, &'r Tally)>,
) -> rusqlite::Result<()> {
    let sql = format!(
        "INSERT INTO {table} AS known VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (name) DO UPDATE SET
           received = received + excluded.received,
           sent = sent + excluded.sent,
           received_first = CASE
             WHEN received_first = 0 THEN excluded.received_first
             WHEN excluded.received_first = 0 THEN received_first
             ELSE min(received_first, excluded.received_first) END,
           received_last = max(received_last, excluded.received_last),
           sent_first = CASE
             WHEN sent_first = 0 THEN excluded.sent_first
             WHEN excluded.sent_first = 0 THEN sent_first
             ELSE min(sent_first, excluded.sent_first) END,
           sent_last = max(sent_last, excluded.sent_last),
           last_day = max(last_day, excluded.last_day)"
    );
    let mut statement = change.prepare_cached(&sql)?;
    for (name, tally) in rows {
        statement.execute(params![
            name,
            tally.received,
            tally.sent,
            tally.received_first,
            tally.received_last,
            tally.sent_first,
            tally.sent_last,
            tally.last_day()
        ])?;
    }
    Ok(())
}

fn details(change: &Transaction<'_>, rows: &Rows) -> rusqlite::Result<()> {
    let sql = "INSERT INTO sent_ids VALUES (?1, ?2)
               ON CONFLICT (mark) DO UPDATE SET at = excluded.at WHERE excluded.at > at";
    let mut statement = change.prepare_cached(sql)?;
    for (mark, at) in &rows.sent_ids {
        statement.execute(params![mark, at])?;
    }
    let sql = "INSERT INTO numbers VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET at = excluded.at WHERE excluded.at > at";
    let mut statement = change.prepare_cached(sql)?;
    for ((domain, digits, is_fax), at) in &rows.numbers {
        statement.execute(params![domain, digits, is_fax, at])?;
    }
    let sql = "INSERT INTO encrypted VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let mut statement = change.prepare_cached(sql)?;
    for (address, at, name) in &rows.encrypted {
        statement.execute(params![address, at, name])?;
    }
    Ok(())
}

fn record(change: &Transaction<'_>, at_ms: i64, id: &str, row: &RecordRow) -> rusqlite::Result<()> {
    let sql = "INSERT INTO records (id, at_ms, decision, body) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO NOTHING RETURNING number";
    let number: Option<i64> = change
        .prepare_cached(sql)?
        .query_row(params![id, at_ms, row.decision, row.body], |row| row.get(0))
        .optional()?;
    let Some(number) = number else { return Ok(()) };
    let sql = "INSERT INTO files VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    let mut statement = change.prepare_cached(sql)?;
    for mark in &row.files {
        statement.execute(params![mark, number])?;
    }
    Ok(())
}

fn holds(change: &Transaction<'_>, rows: &Rows) -> rusqlite::Result<()> {
    let sql = "INSERT INTO holds VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
               ON CONFLICT (id) DO UPDATE SET warned = 1 WHERE excluded.warned";
    let mut statement = change.prepare_cached(sql)?;
    for (id, hold) in &rows.holds {
        statement.execute(params![
            id,
            hold.host,
            hold.state.name(),
            hold.held_ms,
            hold.goes_ms,
            hold.expires_ms,
            hold.held_ms,
            hold.decided_by,
            hold.warned,
            json(hold)
        ])?;
    }
    Ok(())
}

/// Moves a hold if nobody was quicker.
pub(super) fn move_hold(connection: &mut Connection, step: &Step) -> rusqlite::Result<bool> {
    let sql = "UPDATE holds SET state = ?3, moved_ms = ?5,
               decided_by = CASE WHEN ?4 = '' THEN decided_by ELSE ?4 END
               WHERE id = ?1 AND state = ?2";
    let who = bounded(&step.who, LONGEST_NAME);
    let values = params![step.id, step.from.name(), step.to.name(), who, step.at_ms];
    Ok(connection.prepare_cached(sql)?.execute(values)? > 0)
}

/// Deletes what is old, a bite of each table.
pub(super) fn expire(
    connection: &mut Connection,
    cutoffs: &Cutoffs,
    at_most: u32,
) -> rusqlite::Result<u64> {
    let change = begin(connection)?;
    let seconds = |ms: i64| ms.div_euclid(1000);
    let day = seconds(cutoffs.correspondents_ms).div_euclid(86_400);
    let details = seconds(cutoffs.details_ms);
    let mut gone = 0;
    for (table, key, at, before) in [
        ("addresses", "name", "last_day", day),
        ("domains", "name", "last_day", day),
        ("sent_ids", "mark", "at", details),
        ("encrypted", "address, at, name", "at", details),
        ("numbers", "domain, digits, is_fax", "at", details),
        ("records", "number", "at_ms", cutoffs.records_ms),
        ("events", "mark", "at_ms", cutoffs.records_ms),
        ("batches", "mark", "at", now() - BATCH_REMEMBERED),
    ] {
        if before <= 0 {
            continue;
        }
        let old = format!("SELECT {key} FROM {table} WHERE {at} < ?1 ORDER BY {at} LIMIT ?2");
        if table == "records" {
            let sql = format!("DELETE FROM files WHERE record IN ({old})");
            change.prepare_cached(&sql)?.execute(params![before, at_most])?;
        }
        let sql = format!("DELETE FROM {table} WHERE ({key}) IN ({old})");
        gone += change.prepare_cached(&sql)?.execute(params![before, at_most])?;
    }
    if cutoffs.records_ms > 0 {
        let sql = "DELETE FROM holds WHERE id IN (
                     SELECT id FROM holds WHERE state IN ('discarded', 'gone', 'released')
                     AND moved_ms < ?1 LIMIT ?2)";
        gone += change.prepare_cached(sql)?.execute(params![cutoffs.records_ms, at_most])?;
    }
    change.commit()?;
    Ok(u64::try_from(gone).unwrap_or(u64::MAX))
}

/// Forgets the history of an address as it is kept.
pub(super) fn forget_history(connection: &mut Connection, name: &str) -> rusqlite::Result<u64> {
    let change = begin(connection)?;
    let mut gone = change.execute("DELETE FROM addresses WHERE name = lower(?1)", [name])?;
    gone += change.execute("DELETE FROM encrypted WHERE address = lower(?1)", [name])?;
    change.commit()?;
    Ok(u64::try_from(gone).unwrap_or(u64::MAX))
}

/// Takes an address out of the records with these numbers.
pub(super) fn forget_in_records(
    connection: &mut Connection,
    address: &str,
    numbers: &[i64],
) -> rusqlite::Result<u64> {
    let change = begin(connection)?;
    let mut gone = 0;
    for number in numbers {
        let mut read = change.prepare_cached("SELECT body FROM records WHERE number = ?1")?;
        let body: Option<String> = read.query_row([number], |row| row.get(0)).optional()?;
        let record = body.and_then(|body| serde_json::from_str::<Record>(&body).ok());
        let Some(mut record) = record else { continue };
        if forget_in_record(&mut record, address) {
            let sql = "UPDATE records SET body = ?2 WHERE number = ?1";
            change.prepare_cached(sql)?.execute(params![number, json(&record)])?;
            gone += 1;
        }
    }
    change.commit()?;
    Ok(gone)
}

/// Takes an address out of ended holds; those that still wait need theirs.
pub(super) fn forget_in_holds(connection: &mut Connection, address: &str) -> rusqlite::Result<u64> {
    let change = begin(connection)?;
    let sql = "SELECT id, body, state, decided_by, warned FROM holds
               WHERE state IN ('discarded', 'gone', 'released')
               AND (instr(lower(body), lower(?1)) OR lower(decided_by) = lower(?1))";
    let mut found = Vec::new();
    let mut statement = change.prepare(sql)?;
    let mut rows = statement.query([address])?;
    while let Some(row) = rows.next()? {
        let state = row.get_ref(2)?.as_str()?;
        let hold = hold(row.get_ref(1)?.as_str()?, state, row.get(3)?, row.get(4)?);
        found.extend(hold.map(|hold| (row.get::<_, String>(0), hold)));
    }
    drop(rows);
    drop(statement);
    let mut gone = 0;
    for (id, mut hold) in found {
        if forget_in_hold(&mut hold, address) {
            let sql = "UPDATE holds SET body = ?2, decided_by = ?3 WHERE id = ?1";
            change.execute(sql, params![id?, json(&hold), hold.decided_by])?;
            gone += 1;
        }
    }
    change.commit()?;
    Ok(gone)
}

/// Takes the lock at once: one that is taken later, in the middle, cannot be waited for.
fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}
