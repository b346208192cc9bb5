//! What is read from PostgreSQL.
//!
//! Way in: one function for each question of [`crate::store::Store`]. [`history`] sends all its
//! statements before it waits for the first answer: one round trip.

use deadpool_postgres::Object;
use sekisho_heuristics::history::{EncryptedSent, History, Known, Number};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use super::super::rows::{
    LONGEST_NAME, MOST_ANSWERS, MOST_ENCRYPTED, MOST_NUMBERS, MOST_RECIPIENTS, PAGE, Tally,
    bounded, file_mark, fits, hex, hold, id_mark, like, needles,
};
use crate::record::{Event, Record};
use crate::store::{Hold, MOST_EVENTS, MOST_HOLDS, Question, Search, Wanted};

/// What concerns one mail.
pub(super) async fn history(client: &Object, ask: &Question) -> Result<History, Error> {
    let (sender, numbers, answers_ours, new, encrypted) = tokio::try_join!(
        sender(client, ask),
        numbers(client, ask),
        answers(client, ask),
        new_domains(client, ask),
        encrypted(client, ask),
    )?;
    Ok(History {
        sender,
        answers_ours,
        numbers,
        new_recipient_domains: new,
        encrypted_sent: encrypted,
    })
}

async fn sender(client: &Object, ask: &Question) -> Result<Option<Known>, Error> {
    if ask.sender.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT true, received, sent, received_first, sent_first
                 FROM addresses WHERE name = $1
               UNION ALL SELECT false, received, sent, received_first, sent_first
                 FROM domains WHERE name = $2";
    let statement = client.prepare_cached(sql).await?;
    let sender = bounded(&ask.sender, LONGEST_NAME);
    let domain = bounded(&ask.sender_domain, LONGEST_NAME);
    let mut known = Known::default();
    for row in client.query(&statement, &[&sender, &domain]).await? {
        let tally = Tally {
            received: row.get(1),
            sent: row.get(2),
            received_first: row.get(3),
            sent_first: row.get(4),
            ..Tally::default()
        };
        match row.get(0) {
            true => known.address = tally.contact(),
            false => known.domain = tally.contact(),
        }
    }
    Ok(Some(known))
}

async fn numbers(client: &Object, ask: &Question) -> Result<Option<Vec<Number>>, Error> {
    if ask.sender.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT digits, is_fax FROM numbers WHERE domain = $1 ORDER BY 1, 2 LIMIT $2";
    let statement = client.prepare_cached(sql).await?;
    let domain = bounded(&ask.sender_domain, LONGEST_NAME);
    let most = MOST_NUMBERS as i64 + 1;
    let rows = client.query(&statement, &[&domain, &most]).await?;
    let number = |row: &Row| Number { digits: row.get(0), is_fax: row.get(1) };
    Ok((rows.len() <= MOST_NUMBERS).then(|| rows.iter().map(number).collect()))
}

async fn answers(client: &Object, ask: &Question) -> Result<Option<bool>, Error> {
    if ask.answers.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM sent_ids WHERE mark = ANY ($1)),
                      (SELECT min(at) FROM sent_ids)";
    let statement = client.prepare_cached(sql).await?;
    let marks: Vec<Vec<u8>> =
        ask.answers.iter().take(MOST_ANSWERS).map(|id| id_mark(id).to_vec()).collect();
    let row = client.query_one(&statement, &[&marks]).await?;
    if row.get(0) {
        return Ok(Some(true));
    }
    let begins: Option<i64> = row.get(1);
    Ok(begins.is_some_and(|begins| begins <= ask.answers_since).then_some(false))
}

async fn new_domains(client: &Object, ask: &Question) -> Result<Option<Vec<String>>, Error> {
    if ask.recipients.is_empty() {
        return Ok(None);
    }
    let statement = client
        .prepare_cached("SELECT name FROM domains WHERE name = ANY ($1) AND sent > 0")
        .await?;
    let mut asked: Vec<String> = Vec::new();
    for (_, domain) in ask.recipients.iter().take(MOST_RECIPIENTS) {
        if !domain.is_empty() && !asked.contains(domain) {
            asked.push(domain.clone());
        }
    }
    let names: Vec<String> = asked.iter().map(|domain| bounded(domain, LONGEST_NAME)).collect();
    let rows = client.query(&statement, &[&names]).await?;
    let known: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    asked.retain(|domain| !known.contains(&bounded(domain, LONGEST_NAME).as_str()));
    Ok(Some(asked))
}

async fn encrypted(client: &Object, ask: &Question) -> Result<Vec<EncryptedSent>, Error> {
    if ask.recipients.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT address, name, at FROM encrypted
               WHERE address = ANY ($1) AND at >= $2 ORDER BY at DESC LIMIT $3";
    let statement = client.prepare_cached(sql).await?;
    let addresses: Vec<String> = ask
        .recipients
        .iter()
        .take(MOST_RECIPIENTS)
        .map(|(address, _)| bounded(address, LONGEST_NAME))
        .collect();
    let most = i64::from(MOST_ENCRYPTED);
    let rows = client.query(&statement, &[&addresses, &ask.encrypted_since, &most]).await?;
    let sent = |row: &Row| EncryptedSent { to: row.get(0), name: row.get(1), at: row.get(2) };
    Ok(rows.iter().map(sent).collect())
}

/// Records that fit, newest first.
pub(super) async fn search(client: &Object, search: &Search) -> Result<Vec<Record>, Error> {
    let Some((conditions, values)) = demands(search) else { return Ok(Vec::new()) };
    let most = if search.limit == 0 { PAGE } else { search.limit };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let mut behind = search.before.clone();
    loop {
        let mut sql = format!("SELECT at_ms, id, body FROM records WHERE {conditions}");
        let mut values: Vec<&(dyn ToSql + Sync)> =
            values.iter().map(|value| value.as_ref() as &(dyn ToSql + Sync)).collect();
        if let Some((at_ms, id)) = &behind {
            let (at, than) = (values.len() + 1, values.len() + 2);
            sql.push_str(&format!(" AND at_ms <= ${at} AND (at_ms, id) < (${at}, ${than})"));
            values.extend([at_ms as &(dyn ToSql + Sync), id]);
        }
        sql.push_str(&format!(" ORDER BY at_ms DESC, id DESC LIMIT {PAGE}"));
        let rows = client.query(&sql, &values).await?;
        for row in &rows {
            if found.len() >= most {
                return Ok(found);
            }
            // What cannot be read is of no use to whoever searches.
            let record = serde_json::from_str::<Record>(row.get(2)).ok();
            found.extend(record.filter(|record| fits(record, search)));
        }
        let Some(last) = rows.last().filter(|_| rows.len() as u32 == PAGE) else {
            return Ok(found);
        };
        behind = Some((last.get(0), last.get(1)));
    }
}

type Values = Vec<Box<dyn ToSql + Sync + Send>>;

/// What the database can check of a search; `None` where nothing can fit.
fn demands(search: &Search) -> Option<(String, Values)> {
    let mut values: Values = vec![Box::new(search.since_ms)];
    let mut conditions = vec!["at_ms >= $1".to_owned()];
    let mut demand = |condition: &str, value: Box<dyn ToSql + Sync + Send>| {
        values.push(value);
        conditions.push(condition.replace('$', &format!("${}", values.len())));
    };
    if search.until_ms != 0 {
        demand("at_ms < $", Box::new(search.until_ms));
    }
    if !search.id.is_empty() {
        demand("id = $", Box::new(search.id.replace('\0', "")));
    }
    if !search.hash.is_empty() {
        demand("files @> ARRAY[$::text]", Box::new(hex(&file_mark(&search.hash)?)));
    }
    if !search.decision.is_empty() {
        let decision = search.decision.to_ascii_lowercase().replace('\0', "");
        // Named twice so that the index without the many accepted ones can be taken.
        let rare = if decision == "accept" { "" } else { " AND decision <> 'accept'" };
        demand(&format!("decision = ${rare}"), Box::new(decision));
    }
    for needle in needles(search) {
        demand("body ILIKE $", Box::new(like(&needle)));
    }
    Some((conditions.join(" AND "), values))
}

/// Events, newest first.
pub(super) async fn events(
    client: &Object,
    since_ms: i64,
    until_ms: i64,
) -> Result<Vec<Event>, Error> {
    let sql = "SELECT body FROM events WHERE at_ms >= $1 AND ($2::bigint = 0 OR at_ms < $2)
               ORDER BY at_ms DESC, mark LIMIT $3";
    let statement = client.prepare_cached(sql).await?;
    let most = i64::from(MOST_EVENTS);
    let rows = client.query(&statement, &[&since_ms, &until_ms, &most]).await?;
    Ok(rows.iter().filter_map(|row| serde_json::from_str(row.get(0)).ok()).collect())
}

/// Held mails, oldest first.
pub(super) async fn holds(client: &Object, wanted: &Wanted) -> Result<Vec<Hold>, Error> {
    let sql = format!(
        "SELECT body, state, decided_by, warned FROM holds
         WHERE ($1 = '' OR id = $1) AND ($2 = '' OR host = $2)
           AND ($3 OR state = ANY ($4))
           AND ($5::bigint IS NULL OR goes_ms <= $5 OR expires_ms <= $5)
           AND ($6 = '' OR body::json ->> 'queue_id' = $6)
         ORDER BY held_ms, id LIMIT {MOST_HOLDS}"
    );
    let states: Vec<&str> = wanted.states.iter().map(|state| state.name()).collect();
    let [id, host, queue_id] =
        [&wanted.id, &wanted.host, &wanted.queue_id].map(|text| text.replace('\0', ""));
    let values: [&(dyn ToSql + Sync); 6] =
        [&id, &host, &states.is_empty(), &states, &wanted.due_ms, &queue_id];
    let rows = client.query(&sql, &values).await?;
    let hold = |row: &Row| hold(row.get(0), row.get(1), row.get(2), row.get(3));
    Ok(rows.iter().filter_map(hold).collect())
}
