//! What both kinds of store have in common: a batch brought into the form of the tables, and
//! records tried against a search.
//!
//! Way in: [`Rows::of`]. Invariants: texts are bounded and hold no NUL, which PostgreSQL refuses;
//! each key stands once and in order, so that two hosts that write at once lock in the same order.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_heuristics::history::Contact;
use sha2::{Digest, Sha256};

use super::{Hold, Search, State, Write};
use crate::record::Record;

/// A batch as it goes into the tables.
#[derive(Default)]
pub(super) struct Rows {
    /// Of the whole batch, where it counts something.
    pub(super) mark: Option<Mark>,
    pub(super) addresses: BTreeMap<String, Tally>,
    pub(super) domains: BTreeMap<String, Tally>,
    /// Marks of Message-IDs, with the time.
    pub(super) sent_ids: BTreeMap<Mark, i64>,
    /// Domain, digits, whether FAX; with the time.
    pub(super) numbers: BTreeMap<(String, String, bool), i64>,
    /// Address, time, name.
    pub(super) encrypted: BTreeSet<(String, i64, String)>,
    /// By time and id.
    pub(super) records: BTreeMap<(i64, String), RecordRow>,
    /// By time and mark.
    pub(super) events: BTreeMap<(i64, Mark), String>,
    pub(super) holds: BTreeMap<String, Hold>,
}

/// First half of a SHA-256: as good as unique, and short.
pub(super) type Mark = [u8; 16];

/// A record, ready for its table.
pub(super) struct RecordRow {
    pub(super) decision: String,
    /// Marks of attached files.
    pub(super) files: Vec<Mark>,
    pub(super) body: String,
}

/// Mails exchanged, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) received: i64,
    pub(super) sent: i64,
    pub(super) received_first: i64,
    pub(super) received_last: i64,
    pub(super) sent_first: i64,
    pub(super) sent_last: i64,
}

impl Rows {
    /// Sorts a batch by table.
    pub(super) fn of(batch: &[Write]) -> Rows {
        let mut rows = Rows::default();
        for write in batch {
            rows.take(write);
        }
        if !rows.addresses.is_empty() || !rows.domains.is_empty() {
            rows.mark = serde_json::to_vec(batch).ok().map(|bytes| mark(&bytes));
        }
        rows
    }

    fn take(&mut self, write: &Write) {
        match write {
            Write::Met { address, domain, sent, at, count } => {
                let tally = Tally::of(*sent, *at, *count);
                for (table, name) in [(&mut self.addresses, address), (&mut self.domains, domain)] {
                    if !name.is_empty() {
                        table.entry(bounded(name, LONGEST_NAME)).or_default().add(tally);
                    }
                }
            }
            Write::SentId { message_id, at } => {
                latest(&mut self.sent_ids, id_mark(message_id), *at)
            }
            Write::Number { domain, number, at } => {
                let domain = bounded(domain, LONGEST_NAME);
                let key = (domain, bounded(&number.digits, LONGEST_NUMBER), number.is_fax);
                latest(&mut self.numbers, key, *at);
            }
            Write::Encrypted(sent) => {
                let (to, name) =
                    (bounded(&sent.to, LONGEST_NAME), bounded(&sent.name, LONGEST_NAME));
                self.encrypted.insert((to, sent.at, name));
            }
            Write::Record(record) => {
                let key = (bounded_time(record.at_ms), bounded(&record.id, LONGEST_ID));
                self.records.insert(key, RecordRow::of(record));
            }
            Write::Event(event) => {
                let body = json(event);
                self.events.insert((bounded_time(event.at_ms), mark(body.as_bytes())), body);
            }
            Write::Hold(hold) => {
                let mut hold = hold.as_ref().clone();
                hold.host = bounded(&hold.host, LONGEST_NAME);
                hold.decided_by = bounded(&hold.decided_by, LONGEST_NAME);
                hold.warned |= self.holds.get(&hold.id).is_some_and(|known| known.warned);
                self.holds.insert(bounded(&hold.id, LONGEST_ID), hold);
            }
        }
    }
}

impl RecordRow {
    pub(super) fn of(record: &Record) -> RecordRow {
        RecordRow {
            decision: bounded(&record.decision, LONGEST_ID),
            files: record.attachments.iter().filter_map(|a| file_mark(&a.sha256)).collect(),
            body: json(record),
        }
    }
}

impl Tally {
    fn of(sent: bool, at: i64, count: u32) -> Tally {
        let count = i64::from(count);
        match sent {
            true => Tally { sent: count, sent_first: at, sent_last: at, ..Tally::default() },
            false => {
                Tally { received: count, received_first: at, received_last: at, ..Tally::default() }
            }
        }
    }

    /// Counts another one in.
    pub(super) fn add(&mut self, other: Tally) {
        self.received = self.received.saturating_add(other.received);
        self.sent = self.sent.saturating_add(other.sent);
        self.received_first = earlier(self.received_first, other.received_first);
        self.received_last = self.received_last.max(other.received_last);
        self.sent_first = earlier(self.sent_first, other.sent_first);
        self.sent_last = self.sent_last.max(other.sent_last);
    }

    /// Days since 1970 of the last mail.
    pub(super) fn last_day(&self) -> i64 {
        self.received_last.max(self.sent_last).div_euclid(SECONDS_OF_DAY)
    }

    /// As the rules read it.
    pub(super) fn contact(&self) -> Contact {
        Contact {
            received: self.received.unsigned_abs(),
            sent: self.sent.unsigned_abs(),
            first: earlier(self.received_first, self.sent_first),
        }
    }
}

/// The earlier of two times, of which 0 is none.
fn earlier(a: i64, b: i64) -> i64 {
    match (a, b) {
        (0, known) | (known, 0) => known,
        (a, b) => a.min(b),
    }
}

fn latest<K: Ord>(table: &mut BTreeMap<K, i64>, key: K, at: i64) {
    let known = table.entry(key).or_insert(at);
    *known = (*known).max(at);
}

/// The first half of a SHA-256.
pub(super) fn mark(bytes: &[u8]) -> Mark {
    let mut half = [0; 16];
    half.iter_mut().zip(Sha256::digest(bytes)).for_each(|(to, from)| *to = from);
    half
}

/// The mark of a Message-ID.
pub(super) fn id_mark(message_id: &str) -> Mark {
    mark(message_id.as_bytes())
}

/// The mark of a file by the SHA-256 in its record; `None` for what is none.
pub(super) fn file_mark(hex: &str) -> Option<Mark> {
    let mut half = [0; 16];
    for (at, byte) in half.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    (hex.len() == 64).then_some(half)
}

/// A mark in hex.
pub(super) fn hex(mark: &Mark) -> String {
    let digits = mark.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// A text as the tables take it: of `most` bytes or less, without NUL.
pub(super) fn bounded(text: &str, most: usize) -> String {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().replace('\0', "\u{fffd}")
}

/// A time between 1970 and 9998, milliseconds: months are made of it.
fn bounded_time(at_ms: i64) -> i64 {
    at_ms.clamp(0, 253_370_764_800_000)
}

/// As JSON. Control characters are escaped in it, so it holds no NUL either.
pub(super) fn json(value: &impl serde::Serialize) -> String {
    // Plain data with text keys always has a JSON form.
    serde_json::to_string(value).unwrap_or_default()
}

/// A hold as its row tells it: the columns that move count, not the body.
pub(super) fn hold(body: &str, state: &str, decided_by: String, warned: bool) -> Option<Hold> {
    let hold: Hold = serde_json::from_str(body).ok()?;
    let state = State::ALL.into_iter().find(|s| s.name() == state)?;
    Some(Hold { state, decided_by, warned, ..hold })
}

/// The parts of a record's JSON without which it cannot fit: for the database to look for. Letters
/// with two cases outside ASCII are left to [`fits`], which knows more cases than databases do.
pub(super) fn needles(search: &Search) -> Vec<String> {
    let finding = match search.finding.as_str() {
        "" => String::new(),
        id => format!("\"id\":{}", json(&id)),
    };
    let texts = [&search.from, &search.to, &search.subject];
    let texts = texts.into_iter().filter(|text| text.chars().all(has_one_case_or_is_ascii));
    let texts = texts.map(|text| json(text).trim_matches('"').to_owned());
    texts.chain([finding]).filter(|needle| !needle.is_empty()).collect()
}

/// A pattern for LIKE that finds `needle` anywhere; `\` escapes.
pub(super) fn like(needle: &str) -> String {
    let mut pattern = String::from("%");
    for c in needle.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern + "%"
}

/// Whether a record is wanted, less its time, id and place behind others: the database knows those.
pub(super) fn fits(record: &Record, search: &Search) -> bool {
    let part = |text: &str, wanted: &str| {
        wanted.is_empty() || text.to_lowercase().contains(&wanted.to_lowercase())
    };
    let whole = |text: &str, wanted: &str| wanted.is_empty() || text.eq_ignore_ascii_case(wanted);
    (part(&record.mail_from, &search.from) || part(&record.from, &search.from))
        && (search.to.is_empty() || record.recipients.iter().any(|r| part(r, &search.to)))
        && part(&record.subject, &search.subject)
        && whole(&record.decision, &search.decision)
        && (search.finding.is_empty() || record.findings.iter().any(|f| f.id == search.finding))
        && (search.hash.is_empty()
            || record.attachments.iter().any(|a| whole(&a.sha256, &search.hash)))
}

/// Takes an address out of a record, `-` in its place; whether it stood there.
pub(super) fn forget_in_record(record: &mut Record, address: &str) -> bool {
    let mut found = false;
    let addresses = [&mut record.mail_from, &mut record.from, &mut record.user];
    for text in addresses.into_iter().chain(&mut record.recipients) {
        if text.eq_ignore_ascii_case(address) {
            *text = FORGOTTEN.to_owned();
            found = true;
        }
    }
    let words = record.findings.iter_mut().map(|f| &mut f.evidence);
    for text in words.chain(&mut record.actions).chain([&mut record.subject]) {
        found |= forget_in_text(text, address);
    }
    found
}

/// Takes an address out of an ended hold.
pub(super) fn forget_in_hold(hold: &mut Hold, address: &str) -> bool {
    let mut found = false;
    let addresses = std::iter::once(&mut hold.sender).chain(&mut hold.recipients);
    for text in addresses.chain(&mut hold.approvers).chain([&mut hold.decided_by]) {
        if text.eq_ignore_ascii_case(address) {
            *text = FORGOTTEN.to_owned();
            found = true;
        }
    }
    found | forget_in_text(&mut hold.subject, address)
}

fn forget_in_text(text: &mut String, address: &str) -> bool {
    // ASCII lower case keeps every place where it was.
    let (low, address) = (text.to_ascii_lowercase(), address.to_ascii_lowercase());
    if address.is_empty() || !low.contains(&address) {
        return false;
    }
    let mut left = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in low.match_indices(&address) {
        left.push_str(text.get(from..at).unwrap_or_default());
        left.push_str(FORGOTTEN);
        from = at + found.len();
    }
    left.push_str(text.get(from..).unwrap_or_default());
    *text = left;
    true
}

fn has_one_case_or_is_ascii(c: char) -> bool {
    c.is_ascii() || (c.to_lowercase().eq([c]) && c.to_uppercase().eq([c]))
}

/// What stands where a person was forgotten.
const FORGOTTEN: &str = "-";

/// Longest address (RFC 5321, section 4.5.3.1, has 64 + 1 + 255), domain or file name kept.
pub(super) const LONGEST_NAME: usize = 320;

const LONGEST_NUMBER: usize = 32;
pub(super) const LONGEST_ID: usize = 128;

/// An organisation has fewer numbers; a domain with more is a provider's, and its numbers say
/// nothing.
pub(super) const MOST_NUMBERS: usize = 64;

/// Encrypted files told of one mail.
pub(super) const MOST_ENCRYPTED: u32 = 100;

/// Recipients asked for of one mail.
pub(super) const MOST_RECIPIENTS: usize = 100;

/// Message-IDs asked for of one mail.
pub(super) const MOST_ANSWERS: usize = 32;

/// Records of a page where the search does not say.
pub(super) const PAGE: u32 = 1000;

/// How long a batch is remembered, so that it counts once: long enough for one that was written
/// after its writer gave up on it, and is written again from the spool.
pub(super) const BATCH_REMEMBERED: i64 = 7 * SECONDS_OF_DAY;

pub(super) const SECONDS_OF_DAY: i64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(bounded("請求", 4), "請");
        assert_eq!(bounded("a\0b", 9), "a\u{fffd}b");
    }

    #[test]
    fn needles_are_looked_for_as_json_writes_them() {
        let search = Search { subject: "a\"b\\".into(), finding: "x".into(), ..Search::default() };
        assert_eq!(needles(&search), ["a\\\"b\\\\", "\"id\":\"x\""]);
        assert_eq!(like("50%_\\"), "%50\\%\\_\\\\%");
        // Full-width letters have cases that LIKE does not know.
        assert!(needles(&Search { subject: "\u{ff21}".into(), ..Search::default() }).is_empty());
    }

    #[test]
    fn a_person_is_forgotten_wherever_the_address_stands() {
        let mut record = Record {
            from: "A@b.example".into(),
            recipients: vec!["c@own.example".into(), "a@b.example".into()],
            subject: "Re: a@B.example, twice: a@b.example".into(),
            ..Record::default()
        };
        assert!(forget_in_record(&mut record, "a@b.example"));
        assert_eq!(record.from, "-");
        assert_eq!(record.recipients, ["c@own.example", "-"]);
        assert_eq!(record.subject, "Re: -, twice: -");
        assert!(!forget_in_record(&mut record, "a@b.example"));
    }
}
