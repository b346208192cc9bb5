//! What is read from the SQLite file.
//!
//! Way in: one function for each question of [`crate::store::Store`]. Every statement of the hot
//! path finds its rows by a key, whatever the size of the file.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use sekisho_heuristics::history::{Contact, EncryptedSent, History, Known, Number};

use crate::record::{Event, Record};
use crate::store::rows::{
    LONGEST_NAME, MOST_ANSWERS, MOST_ENCRYPTED, MOST_NUMBERS, MOST_RECIPIENTS, PAGE, Tally,
    bounded, file_mark, fits, hold, id_mark, like, needles,
};
use crate::store::{Hold, MOST_EVENTS, MOST_HOLDS, Question, Search, Wanted};

/// What concerns one mail.
pub(super) fn history(connection: &mut Connection, ask: &Question) -> rusqlite::Result<History> {
    // One snapshot for all statements.
    let read = connection.transaction()?;
    let mut history = History::default();
    if !ask.sender.is_empty() {
        history.sender = Some(Known {
            address: contact(&read, "addresses", &ask.sender)?,
            domain: contact(&read, "domains", &ask.sender_domain)?,
        });
        history.numbers = numbers(&read, &ask.sender_domain)?;
    }
    if !ask.answers.is_empty() {
        history.answers_ours = answers(&read, ask)?;
    }
    if !ask.recipients.is_empty() {
        let mut new = Vec::new();
        for (address, domain) in ask.recipients.iter().take(MOST_RECIPIENTS) {
            if !domain.is_empty()
                && !new.contains(domain)
                && contact(&read, "domains", domain)?.sent == 0
            {
                new.push(domain.clone());
            }
            encrypted(&read, address, ask.encrypted_since, &mut history.encrypted_sent)?;
        }
        history.new_recipient_domains = Some(new);
    }
    Ok(history)
}

fn contact(read: &Connection, table: &str, name: &str) -> rusqlite::Result<Contact> {
    let sql =
        format!("SELECT received, sent, received_first, sent_first FROM {table} WHERE name = ?1");
    let tally = |row: &Row<'_>| {
        Ok(Tally {
            received: row.get(0)?,
            sent: row.get(1)?,
            received_first: row.get(2)?,
            sent_first: row.get(3)?,
            ..Tally::default()
        })
    };
    let found = read.prepare_cached(&sql)?.query_row([bounded(name, LONGEST_NAME)], tally);
    Ok(found.optional()?.unwrap_or_default().contact())
}

fn numbers(read: &Connection, domain: &str) -> rusqlite::Result<Option<Vec<Number>>> {
    let sql = "SELECT digits, is_fax FROM numbers WHERE domain = ?1 LIMIT ?2";
    let mut statement = read.prepare_cached(sql)?;
    let number = |row: &Row<'_>| Ok(Number { digits: row.get(0)?, is_fax: row.get(1)? });
    let most = MOST_NUMBERS as i64 + 1;
    let found = statement.query_map(params![bounded(domain, LONGEST_NAME), most], number)?;
    let found = found.collect::<Result<Vec<_>, _>>()?;
    Ok((found.len() <= MOST_NUMBERS).then_some(found))
}

fn answers(read: &Connection, ask: &Question) -> rusqlite::Result<Option<bool>> {
    let mut statement = read.prepare_cached("SELECT 1 FROM sent_ids WHERE mark = ?1")?;
    for answered in ask.answers.iter().take(MOST_ANSWERS) {
        if statement.exists([id_mark(answered)])? {
            return Ok(Some(true));
        }
    }
    let mut begins = read.prepare_cached("SELECT min(at) FROM sent_ids")?;
    let begins: Option<i64> = begins.query_row([], |row| row.get(0))?;
    Ok(begins.is_some_and(|begins| begins <= ask.answers_since).then_some(false))
}

fn encrypted(
    read: &Connection,
    address: &str,
    since: i64,
    found: &mut Vec<EncryptedSent>,
) -> rusqlite::Result<()> {
    let sql = "SELECT name, at FROM encrypted WHERE address = ?1 AND at >= ?2 \
               ORDER BY at DESC LIMIT ?3";
    let room = MOST_ENCRYPTED.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
    let mut statement = read.prepare_cached(sql)?;
    let rows = statement
        .query_map(params![bounded(address, LONGEST_NAME), since, room], |row| {
            Ok(EncryptedSent { to: address.to_owned(), name: row.get(0)?, at: row.get(1)? })
        })?;
    for row in rows {
        found.push(row?);
    }
    Ok(())
}

/// Records that fit, newest first.
pub(super) fn search(
    connection: &mut Connection,
    search: &Search,
) -> rusqlite::Result<Vec<Record>> {
    let mut conditions = vec!["at_ms >= ?".to_owned()];
    let mut values = vec![Value::from(search.since_ms)];
    let mut demand = |condition: &str, more: Vec<Value>| {
        conditions.push(condition.to_owned());
        values.extend(more);
    };
    if search.until_ms != 0 {
        demand("at_ms < ?", vec![search.until_ms.into()]);
    }
    if let Some((at_ms, id)) = &search.before {
        // The first finds the place in the index, the second the one among equals.
        demand("at_ms <= ?", vec![(*at_ms).into()]);
        demand("(at_ms, id) < (?, ?)", vec![(*at_ms).into(), id.clone().into()]);
    }
    if !search.id.is_empty() {
        demand("id = ?", vec![search.id.clone().into()]);
    }
    if !search.hash.is_empty() {
        let Some(mark) = file_mark(&search.hash) else { return Ok(Vec::new()) };
        let condition = "number IN (SELECT record FROM files WHERE mark = ?)";
        demand(condition, vec![mark.to_vec().into()]);
    }
    if !search.decision.is_empty() {
        let decision = search.decision.to_ascii_lowercase();
        // Named twice so that the index without the many accepted ones can be taken.
        let rare = if decision == "accept" { "" } else { " AND decision <> 'accept'" };
        demand(&format!("decision = ?{rare}"), vec![decision.into()]);
    }
    for needle in needles(search) {
        demand("body LIKE ? ESCAPE '\\'", vec![like(&needle).into()]);
    }
    let sql = format!(
        "SELECT body FROM records WHERE {} ORDER BY at_ms DESC, id DESC",
        conditions.join(" AND ")
    );
    let most = if search.limit == 0 { PAGE } else { search.limit };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if found.len() >= most {
            break;
        }
        // What cannot be read is of no use to whoever searches.
        let Ok(record) = serde_json::from_str::<Record>(row.get_ref(0)?.as_str()?) else {
            continue;
        };
        if fits(&record, search) {
            found.push(record);
        }
    }
    Ok(found)
}

/// Events, newest first.
pub(super) fn events(
    connection: &mut Connection,
    since_ms: i64,
    until_ms: i64,
) -> rusqlite::Result<Vec<Event>> {
    let sql = "SELECT body FROM events WHERE at_ms >= ?1 AND (?2 = 0 OR at_ms < ?2) \
               ORDER BY at_ms DESC, mark LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![since_ms, until_ms, MOST_EVENTS])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.extend(serde_json::from_str::<Event>(row.get_ref(0)?.as_str()?));
    }
    Ok(found)
}

/// Held mails, oldest first.
pub(super) fn holds(connection: &mut Connection, wanted: &Wanted) -> rusqlite::Result<Vec<Hold>> {
    let mut conditions = vec!["1".to_owned()];
    let mut values: Vec<Value> = Vec::new();
    let columns =
        [("id", &wanted.id), ("host", &wanted.host), ("body ->> 'queue_id'", &wanted.queue_id)];
    for (column, text) in columns {
        if !text.is_empty() {
            conditions.push(format!("{column} = ?"));
            values.push(text.clone().into());
        }
    }
    if !wanted.states.is_empty() {
        conditions.push(format!("state IN ({})", vec!["?"; wanted.states.len()].join(", ")));
        values.extend(wanted.states.iter().map(|s| Value::from(s.name().to_owned())));
    }
    if let Some(due) = wanted.due_ms {
        conditions.push("(goes_ms <= ? OR expires_ms <= ?)".to_owned());
        values.extend([due.into(), due.into()]);
    }
    let sql = format!(
        "SELECT body, state, decided_by, warned FROM holds WHERE {} \
         ORDER BY held_ms, id LIMIT {MOST_HOLDS}",
        conditions.join(" AND ")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let state = row.get_ref(1)?.as_str()?;
        found.extend(hold(row.get_ref(0)?.as_str()?, state, row.get(2)?, row.get(3)?));
    }
    Ok(found)
}

/// Numbers of records behind `behind` in which an address stands, and the last number looked at;
/// `None` where none is left to look at.
pub(super) fn records_with(
    connection: &mut Connection,
    address: &str,
    behind: i64,
) -> rusqlite::Result<(Vec<i64>, Option<i64>)> {
    let sql = "SELECT number, body LIKE ?2 ESCAPE '\\' FROM records WHERE number > ?1 \
               ORDER BY number LIMIT 10000";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![behind, like(address)])?;
    let (mut found, mut last) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        last = Some(row.get(0)?);
        if row.get(1)? {
            found.extend(last);
        }
    }
    Ok((found, last))
}
