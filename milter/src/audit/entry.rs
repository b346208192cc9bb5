//! One line of the audit log: an entry, linked to the one before by its hash.
//!
//! ```text
//! {"v":1,"seq":7,"at":"2027-03-31T09:00:00.5+09:00","prev":"…","judged":{…},"hash":"…"}
//! ```
//!
//! `hash` is the SHA-256 of the line's bytes up to `,"hash":`; `prev` is the `hash` of the line
//! before, also where that stands in another file, and 64 zeros in the very first. So each line
//! speaks for itself and for everything before it. Way in: [`Head::line`] to write, [`Link::read`]
//! to read; reading is total over any bytes. Schema 1: names are never changed, kinds are added, and
//! a reader steps over kinds it does not know.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::record::{Event, Record};

/// Version of the shape of a line.
pub const VERSION: u16 = 1;

/// The longest line that is written or read, in bytes.
pub const MAX_LINE: usize = 4 << 20;

/// A SHA-256, shown as hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

/// The last entry of a log: its number, counted from 1, and its hash. The default stands before
/// the first entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Number of the entry.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

/// A file was begun.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Opened {
    /// Its name, without the ending that compression adds.
    pub file: String,
    /// Name of the file before; empty in the first.
    pub after: String,
    /// Host that writes.
    pub host: String,
    /// Version of the program.
    pub program: String,
}

/// A file was ended; the next begins with the next entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Closed {
    /// Entries in it, this one included.
    pub entries: u64,
}

/// Entries for which there was no room: the disk was full or too slow for too long.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lost {
    /// Judged mails that are not in the log.
    pub records: u64,
    /// Events that are not in the log.
    pub events: u64,
    /// Time of the first of them.
    pub since: String,
    /// Time of the last of them.
    pub until: String,
}

/// A file ended in the middle of a line: the program was killed or the power failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Torn {
    /// The file.
    pub file: String,
    /// Bytes cut off from it.
    pub bytes: u64,
    /// SHA-256 of those.
    pub sha256: String,
    /// File of the same folder in which they are kept.
    pub kept: String,
}

/// A file was deleted because its time was over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retired {
    /// The file.
    pub file: String,
    /// Number of its first entry.
    pub first: u64,
    /// Number of its last entry.
    pub last: u64,
    /// Hash of its last entry.
    pub hash: String,
    /// Days for which files are kept.
    pub keep_days: u32,
}

/// What the log writes about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Own {
    Closed(Closed),
    Event(Event),
    Lost(Lost),
    Opened(Opened),
    Retired(Retired),
    Torn(Torn),
}

/// A line as far as the chain and the keeping of files are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Number of the entry.
    pub seq: u64,
    /// When it was written, RFC 3339 with the host's offset.
    pub at: String,
    /// Hash of the line before, as this line says.
    pub prev: Hash,
    /// Hash of this line, as it says itself.
    pub stated: Hash,
    /// Hash of this line, as its bytes give it.
    pub hash: Hash,
    /// It is this, or one of the following, or neither.
    pub opened: Option<Opened>,
    /// See [`Closed`].
    pub closed: Option<Closed>,
    /// See [`Lost`].
    pub lost: Option<Lost>,
    /// See [`Torn`].
    pub torn: Option<Torn>,
    /// See [`Retired`].
    pub retired: Option<Retired>,
}

impl Head {
    /// The line of the next entry, with its line feed, and the head it makes. `tagged` is a JSON
    /// member, `"kind":{…}`.
    pub(super) fn line(&self, at: &str, tagged: &[u8]) -> (Vec<u8>, Head) {
        let seq = self.seq.saturating_add(1);
        let start = format!(
            r#"{{"v":{VERSION},"seq":{seq},"at":"{at}","prev":"{prev}","#,
            prev = self.hash
        );
        let mut line = Vec::with_capacity(start.len() + tagged.len() + TAIL_LENGTH + 1);
        line.extend_from_slice(start.as_bytes());
        line.extend_from_slice(tagged);
        let hash = Hash::of(&line);
        line.extend_from_slice(format!("{TAIL}{hash}\"}}\n").as_bytes());
        (line, Head { seq, hash })
    }
}

impl Link {
    /// Reads a line without its line feed; `None` where it is no entry at all.
    pub fn read(line: &[u8]) -> Option<Link> {
        #[derive(Deserialize)]
        struct Line {
            seq: u64,
            at: String,
            prev: String,
            hash: String,
            opened: Option<Opened>,
            closed: Option<Closed>,
            lost: Option<Lost>,
            torn: Option<Torn>,
            retired: Option<Retired>,
        }
        let (hashed, tail) = line.split_at_checked(line.len().checked_sub(TAIL_LENGTH)?)?;
        if !tail.starts_with(TAIL.as_bytes()) {
            return None;
        }
        let read: Line = serde_json::from_slice(line).ok()?;
        Some(Link {
            seq: read.seq,
            at: read.at,
            prev: Hash::parse(&read.prev)?,
            stated: Hash::parse(&read.hash)?,
            hash: Hash::of(hashed),
            opened: read.opened,
            closed: read.closed,
            lost: read.lost,
            torn: read.torn,
            retired: read.retired,
        })
    }

    /// Whether the line's bytes give the hash it states.
    pub fn is_whole(&self) -> bool {
        self.hash == self.stated
    }
}

/// The record of a line, if it is one of a judged mail.
pub fn judged(line: &[u8]) -> Option<Record> {
    #[derive(Deserialize)]
    struct Judged {
        judged: Option<Record>,
    }
    // Most lines of other kinds end here without being read whole.
    memchr::memmem::find(line, br#""judged":{"#)?;
    serde_json::from_slice::<Judged>(line).ok()?.judged
}

/// The event of a line, if it is one.
pub fn event(line: &[u8]) -> Option<Event> {
    #[derive(Deserialize)]
    struct Line {
        event: Option<Event>,
    }
    memchr::memmem::find(line, br#""event":{"#)?;
    serde_json::from_slice::<Line>(line).ok()?.event
}

/// `"judged":{…}`; `None` where it is longer than any line may be.
pub(super) fn tagged_record(record: &Record) -> Option<Vec<u8>> {
    #[derive(Serialize)]
    struct Judged<'r> {
        judged: &'r Record,
    }
    tagged(&Judged { judged: record })
}

/// `"event":{…}`; `None` where it is longer than any line may be.
pub(super) fn tagged_event(event: &Event) -> Option<Vec<u8>> {
    #[derive(Serialize)]
    struct Line<'e> {
        event: &'e Event,
    }
    tagged(&Line { event })
}

/// The member of an object that has one.
pub(super) fn tagged(value: &impl Serialize) -> Option<Vec<u8>> {
    let mut object = serde_json::to_vec(value).ok()?;
    // The outer braces belong to the line.
    object.pop();
    if !object.is_empty() {
        object.remove(0);
    }
    (object.len() <= MAX_LINE - ROOM_FOR_LINKS).then_some(object)
}

impl Hash {
    /// Of some bytes.
    pub fn of(bytes: &[u8]) -> Hash {
        Hash(Sha256::digest(bytes).into())
    }

    /// From 64 hexadecimal digits in lower case.
    pub fn parse(digits: &str) -> Option<Hash> {
        let mut bytes = [0; 32];
        let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = nibble(*high)? << 4 | nibble(*low)?;
        }
        Some(Hash(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What stands between what is hashed and the hash.
const TAIL: &str = ",\"hash\":\"";

/// From there to the end of the line, line feed left out.
const TAIL_LENGTH: usize = TAIL.len() + 64 + 2;

/// More than everything of a line that is not its content.
const ROOM_FOR_LINKS: usize = 512;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(number: u64) -> (Vec<u8>, Head) {
        let head = Head { seq: number - 1, hash: Hash::of(b"before") };
        let lost = Lost { records: 3, ..Lost::default() };
        let tagged = tagged(&Own::Lost(lost)).unwrap();
        head.line("2027-03-31T09:00:00+09:00", &tagged)
    }

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let (mut bytes, head) = line(7);
        assert_eq!(bytes.pop(), Some(b'\n'));
        let link = Link::read(&bytes).unwrap();
        assert_eq!((link.seq, link.prev), (7, Hash::of(b"before")));
        assert_eq!((link.hash, link.is_whole()), (head.hash, true));
        assert_eq!(link.lost.map(|l| l.records), Some(3));
        assert_eq!(Hash::parse(&head.hash.to_string()), Some(head.hash));
    }

    #[test]
    fn every_changed_byte_is_seen() {
        let (mut bytes, _) = line(7);
        bytes.pop();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let whole = Link::read(&changed).is_some_and(|link| link.is_whole());
            assert!(!whole, "{}", String::from_utf8_lossy(&changed));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = (Link::read(&bytes), judged(&bytes), event(&bytes));
        }

        #[test]
        fn mutated_lines(at in 0usize..300, byte: u8, cut in 0usize..300) {
            let (mut bytes, _) = line(9);
            let at = at % bytes.len();
            bytes[at] = byte;
            bytes.truncate(bytes.len().saturating_sub(cut));
            let _ = (Link::read(&bytes), judged(&bytes), event(&bytes));
        }
    }
}
