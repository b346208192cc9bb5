//! What is written to PostgreSQL: one statement a table, whatever the size of the batch.
//!
//! Way in: [`batch`], [`move_hold`], [`expire`], [`forget`]. Rows go in the order of their keys, so
//! that two hosts never wait for each other crosswise.

use deadpool_postgres::{Object, Transaction};
use tokio_postgres::Error;
use tokio_postgres::types::ToSql;

use super::super::rows::{
    BATCH_REMEMBERED, LONGEST_NAME, Rows, SECONDS_OF_DAY, Tally, bounded, forget_in_hold,
    forget_in_record, hex, hold, json, like,
};
use crate::record::Record;
use crate::store::{Cutoffs, Step, now};

/// Writes a batch.
pub(super) async fn batch(client: &mut Object, rows: &Rows) -> Result<(), Error> {
    let change = client.transaction().await?;
    let is_new = match &rows.mark {
        Some(mark) => {
            let sql = "INSERT INTO batches VALUES ($1, $2) ON CONFLICT DO NOTHING";
            execute(&change, sql, &[&mark.as_slice(), &now()]).await? > 0
        }
        None => true,
    };
    if is_new {
        tallies(&change, "addresses", rows.addresses.iter()).await?;
        tallies(&change, "domains", rows.domains.iter()).await?;
    }
    details(&change, rows).await?;
    records(&change, rows).await?;
    holds(&change, rows).await?;
    change.commit().await
}

async fn tallies<'r>(
    change: &Transaction<'_>,
    table: &str,
    rows: impl ExactSizeIterator<Item = (&'r String, &'r Tally)>,
) -> Result<(), Error> {
    if rows.len() == 0 {
        return Ok(());
    }
    let (names, tallies): (Vec<&str>, Vec<&Tally>) = rows.map(|(n, t)| (n.as_str(), t)).unzip();
    let column = |of: fn(&Tally) -> i64| tallies.iter().map(|t| of(t)).collect::<Vec<i64>>();
    let sql = format!(
        "INSERT INTO {table} AS known
         SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
                              $6::bigint[], $7::bigint[], $8::bigint[])
         ON CONFLICT (name) DO UPDATE SET
           received = known.received + excluded.received,
           sent = known.sent + excluded.sent,
           received_first = coalesce(least(nullif(known.received_first, 0),
                                           nullif(excluded.received_first, 0)), 0),
           received_last = greatest(known.received_last, excluded.received_last),
           sent_first = coalesce(least(nullif(known.sent_first, 0),
                                       nullif(excluded.sent_first, 0)), 0),
           sent_last = greatest(known.sent_last, excluded.sent_last),
           last_day = greatest(known.last_day, excluded.last_day)"
    );
    let values: [&(dyn ToSql + Sync); 8] = [
        &names,
        &column(|t| t.received),
        &column(|t| t.sent),
        &column(|t| t.received_first),
        &column(|t| t.received_last),
        &column(|t| t.sent_first),
        &column(|t| t.sent_last),
        &column(Tally::last_day),
    ];
    execute(change, &sql, &values).await?;
    Ok(())
}

async fn details(change: &Transaction<'_>, rows: &Rows) -> Result<(), Error> {
    if !rows.sent_ids.is_empty() {
        let sql = "INSERT INTO sent_ids AS known SELECT * FROM unnest($1::bytea[], $2::bigint[])
                   ON CONFLICT (mark) DO UPDATE SET at = greatest(known.at, excluded.at)";
        let marks: Vec<&[u8]> = rows.sent_ids.keys().map(|mark| mark.as_slice()).collect();
        let at: Vec<i64> = rows.sent_ids.values().copied().collect();
        execute(change, sql, &[&marks, &at]).await?;
    }
    if !rows.numbers.is_empty() {
        let sql = "INSERT INTO numbers AS known
                   SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[], $4::bigint[])
                   ON CONFLICT (domain, digits, is_fax)
                   DO UPDATE SET at = greatest(known.at, excluded.at)";
        let keys = || rows.numbers.keys();
        let domains: Vec<&str> = keys().map(|(domain, _, _)| domain.as_str()).collect();
        let digits: Vec<&str> = keys().map(|(_, digits, _)| digits.as_str()).collect();
        let is_fax: Vec<bool> = keys().map(|(_, _, is_fax)| *is_fax).collect();
        let at: Vec<i64> = rows.numbers.values().copied().collect();
        execute(change, sql, &[&domains, &digits, &is_fax, &at]).await?;
    }
    if !rows.encrypted.is_empty() {
        let sql = "INSERT INTO encrypted SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])
                   ON CONFLICT DO NOTHING";
        let sent = || rows.encrypted.iter();
        let addresses: Vec<&str> = sent().map(|(address, _, _)| address.as_str()).collect();
        let at: Vec<i64> = sent().map(|(_, at, _)| *at).collect();
        let names: Vec<&str> = sent().map(|(_, _, name)| name.as_str()).collect();
        execute(change, sql, &[&addresses, &at, &names]).await?;
    }
    Ok(())
}

async fn records(change: &Transaction<'_>, rows: &Rows) -> Result<(), Error> {
    if !rows.records.is_empty() {
        // An array of arrays would have to be rectangular.
        let sql = "INSERT INTO records
                   SELECT at_ms, id, decision, string_to_array(files, ','), body
                   FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
                     AS new (at_ms, id, decision, files, body)
                   ON CONFLICT DO NOTHING";
        let (at, ids): (Vec<i64>, Vec<&str>) =
            rows.records.keys().map(|(at, id)| (*at, id.as_str())).unzip();
        let row = || rows.records.values();
        let decisions: Vec<&str> = row().map(|r| r.decision.as_str()).collect();
        let marks = row().map(|r| r.files.iter().map(hex).collect::<Vec<_>>().join(","));
        let files: Vec<String> = marks.collect();
        let bodies: Vec<&str> = row().map(|r| r.body.as_str()).collect();
        execute(change, sql, &[&at, &ids, &decisions, &files, &bodies]).await?;
    }
    if !rows.events.is_empty() {
        let sql = "INSERT INTO events SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[])
                   ON CONFLICT DO NOTHING";
        let at: Vec<i64> = rows.events.keys().map(|(at, _)| *at).collect();
        let marks: Vec<&[u8]> = rows.events.keys().map(|(_, mark)| mark.as_slice()).collect();
        let bodies: Vec<&str> = rows.events.values().map(String::as_str).collect();
        execute(change, sql, &[&at, &marks, &bodies]).await?;
    }
    Ok(())
}

async fn holds(change: &Transaction<'_>, rows: &Rows) -> Result<(), Error> {
    let sql = "INSERT INTO holds VALUES ($1, $2, $3, $4, $5, $6, $4, $7, $8, $9)
               ON CONFLICT (id) DO UPDATE SET warned = true WHERE excluded.warned";
    for (id, hold) in &rows.holds {
        let (state, body) = (hold.state.name(), json(hold));
        let values: [&(dyn ToSql + Sync); 9] = [
            id,
            &hold.host,
            &state,
            &hold.held_ms,
            &hold.goes_ms,
            &hold.expires_ms,
            &hold.decided_by,
            &hold.warned,
            &body,
        ];
        execute(change, sql, &values).await?;
    }
    Ok(())
}

async fn execute(
    change: &Transaction<'_>,
    sql: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<u64, Error> {
    let statement = change.prepare_cached(sql).await?;
    change.execute(&statement, values).await
}

/// Moves a hold if nobody was quicker.
pub(super) async fn move_hold(client: &Object, step: &Step) -> Result<bool, Error> {
    let sql = "UPDATE holds SET state = $3, moved_ms = $5,
               decided_by = CASE WHEN $4 = '' THEN decided_by ELSE $4 END
               WHERE id = $1 AND state = $2";
    let (id, who) = (step.id.replace('\0', ""), bounded(&step.who, LONGEST_NAME));
    let (from, to) = (step.from.name(), step.to.name());
    let statement = client.prepare_cached(sql).await?;
    Ok(client.execute(&statement, &[&id, &from, &to, &who, &step.at_ms]).await? > 0)
}

/// Deletes what is old and lies in no partition, a bite of each table. Rows that somebody is just
/// writing are left for the next time.
pub(super) async fn expire(client: &Object, cutoffs: &Cutoffs, at_most: u32) -> Result<u64, Error> {
    let seconds = |ms: i64| ms.div_euclid(1000);
    let day = seconds(cutoffs.correspondents_ms).div_euclid(SECONDS_OF_DAY);
    let details = seconds(cutoffs.details_ms);
    let at_most = i64::from(at_most);
    let mut gone = 0;
    for (table, old, before) in [
        ("addresses", "last_day < $1", day),
        ("domains", "last_day < $1", day),
        ("sent_ids", "at < $1", details),
        ("numbers", "at < $1", details),
        ("encrypted", "at < $1", details),
        (
            "holds",
            "moved_ms < $1 AND state IN ('discarded', 'gone', 'released')",
            cutoffs.records_ms,
        ),
        ("batches", "at < $1", now() - BATCH_REMEMBERED),
    ] {
        if before > 0 {
            let sql = format!(
                "DELETE FROM {table} WHERE ctid = ANY (ARRAY (
                   SELECT ctid FROM {table} WHERE {old} LIMIT $2 FOR UPDATE SKIP LOCKED))"
            );
            let statement = client.prepare_cached(&sql).await?;
            gone += client.execute(&statement, &[&before, &at_most]).await?;
        }
    }
    Ok(gone)
}

/// Forgets a person whose address is kept as `name`, record by record.
pub(super) async fn forget(client: &mut Object, address: &str, name: &str) -> Result<u64, Error> {
    let (address, name) = (address.replace('\0', ""), bounded(name, LONGEST_NAME));
    let mut gone = client.execute("DELETE FROM addresses WHERE name = $1", &[&name]).await?;
    gone += client.execute("DELETE FROM encrypted WHERE address = $1", &[&name]).await?;
    let pattern = like(&address);
    let mut behind = (i64::MIN, String::new());
    loop {
        let change = client.transaction().await?;
        // All records may have to be read.
        change.batch_execute("SET LOCAL statement_timeout = 0").await?;
        let sql = "SELECT at_ms, id, body FROM records WHERE (at_ms, id) > ($1, $2)
                   AND body ILIKE $3 ORDER BY at_ms, id LIMIT 500 FOR UPDATE";
        let rows = change.query(sql, &[&behind.0, &behind.1, &pattern]).await?;
        for row in &rows {
            behind = (row.get(0), row.get(1));
            let Ok(mut record) = serde_json::from_str::<Record>(row.get(2)) else { continue };
            if forget_in_record(&mut record, &address) {
                let sql = "UPDATE records SET body = $3 WHERE at_ms = $1 AND id = $2";
                gone += change.execute(sql, &[&behind.0, &behind.1, &json(&record)]).await?;
            }
        }
        change.commit().await?;
        if rows.is_empty() {
            break;
        }
    }
    gone += forget_in_holds(client, &address, &pattern).await?;
    Ok(gone)
}

/// Takes an address out of ended holds; those that still wait need theirs.
async fn forget_in_holds(client: &mut Object, address: &str, pattern: &str) -> Result<u64, Error> {
    let change = client.transaction().await?;
    let sql = "SELECT id, body, state, decided_by, warned FROM holds
               WHERE state IN ('discarded', 'gone', 'released')
               AND (body ILIKE $1 OR decided_by ILIKE $1) FOR UPDATE";
    let mut gone = 0;
    for row in change.query(sql, &[&pattern]).await? {
        let id: String = row.get(0);
        let hold = hold(row.get(1), row.get(2), row.get(3), row.get(4));
        let Some(mut hold) = hold else { continue };
        if forget_in_hold(&mut hold, address) {
            let sql = "UPDATE holds SET body = $2, decided_by = $3 WHERE id = $1";
            gone += change.execute(sql, &[&id, &json(&hold), &hold.decided_by]).await?;
        }
    }
    change.commit().await?;
    Ok(gone)
}
