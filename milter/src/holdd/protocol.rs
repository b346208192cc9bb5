//! The words between the companion and those who ask it: one line a request, one line an answer,
//! where the answer says so followed by bytes.
//!
//! Way in: [`Request::parse`] and [`Head::parse`], both pure and total. Invariants: a request is no
//! longer than [`LONGEST_REQUEST`]; what passes as a [`QueueId`] is letters and digits alone, of a
//! length that Postfix makes, so that it is no option, no path and never `ALL`.

use std::fmt;

/// A queue id as Postfix writes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueId(String);

/// What the companion can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Delete a mail that is on hold.
    Discard(QueueId, NotAfter),
    /// Put a mail of the queue on hold.
    Hold(QueueId),
    /// What lies in the hold queue.
    List,
    /// Let a mail go that is on hold.
    Release(QueueId, NotAfter),
    /// The content of a mail that is on hold.
    Show(QueueId, NotAfter),
}

/// The latest second (Unix time) at which the mail that is meant can have come. Postfix uses queue
/// ids again: a mail that came later is another one, whatever its id. `None` takes any.
pub type NotAfter = Option<i64>;

/// The first line of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// No such mail is on hold.
    Absent,
    /// The request was not understood.
    Bad(String),
    /// The companion did it earlier: the mail is on hold no more because of that.
    Before,
    /// So many bytes of a mail follow.
    Content(Size),
    /// It is done.
    Done,
    /// Postfix's own command did not do it.
    Failed(String),
    /// So many lines follow, one [`super::Entry`] each, as JSON.
    Listed(Size),
    /// The asker's uid may not ask.
    Refused,
}

/// How much follows, and whether that is all there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Lines or bytes.
    pub count: usize,
    /// Nothing was left out.
    pub whole: bool,
}

impl QueueId {
    /// Reads a queue id, short (time and inode in upper-case hexadecimal) or long (time in base 52,
    /// `z`, inode in base 51; postconf(5), enable_long_queue_ids).
    pub fn parse(written: &str) -> Option<QueueId> {
        let hex = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
        let short = SHORT.contains(&written.len()) && written.bytes().all(hex);
        let consonant =
            |b: u8| b.is_ascii_digit() || b.is_ascii_alphabetic() && !b"aeiouAEIOU".contains(&b);
        let long = LONG.contains(&written.len())
            && written.bytes().all(consonant)
            && written.bytes().skip(TIME_DIGITS).any(|b| b == b'z');
        (short || long).then(|| QueueId(written.to_owned()))
    }

    /// As Postfix writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Request {
    /// Reads a line without its end. `Err` says what is wrong.
    pub fn parse(line: &[u8]) -> Result<Request, &'static str> {
        if line.len() > LONGEST_REQUEST {
            return Err("too long");
        }
        let line = std::str::from_utf8(line).map_err(|_| "not ASCII")?;
        let mut words = line.split(' ');
        let (verb, id, bound) = (words.next(), words.next(), words.next());
        if words.next().is_some() {
            return Err("too many words");
        }
        let read_id = || {
            let written = id.ok_or("a queue id is missing")?;
            QueueId::parse(written).ok_or("no queue id")
        };
        let not_after = || match bound {
            None => Ok(None),
            Some(digits) if digits.len() <= 12 && digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().map(Some).map_err(|_| "no time")
            }
            Some(_) => Err("no time"),
        };
        match verb {
            Some("discard") => Ok(Request::Discard(read_id()?, not_after()?)),
            Some("hold") if bound.is_none() => Ok(Request::Hold(read_id()?)),
            Some("list") if id.is_none() => Ok(Request::List),
            Some("release") => Ok(Request::Release(read_id()?, not_after()?)),
            Some("show") => Ok(Request::Show(read_id()?, not_after()?)),
            Some("hold" | "list") => Err("too many words"),
            _ => Err("no such request"),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, id, bound) = match self {
            Request::Discard(id, bound) => ("discard", id, bound),
            Request::Hold(id) => ("hold", id, &None),
            Request::List => return f.write_str("list"),
            Request::Release(id, bound) => ("release", id, bound),
            Request::Show(id, bound) => ("show", id, bound),
        };
        write!(f, "{verb} {id}")?;
        bound.map_or(Ok(()), |second| write!(f, " {}", second.max(0)))
    }
}

impl Head {
    /// Reads a first line without its end; `None` where it is none.
    pub fn parse(line: &str) -> Option<Head> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let size = || {
            let (count, whole) = rest.split_once(' ')?;
            let whole = match whole {
                "whole" => true,
                "cut" => false,
                _ => return None,
            };
            Some(Size { count: count.parse().ok()?, whole })
        };
        match word {
            "absent" if rest.is_empty() => Some(Head::Absent),
            "bad" => Some(Head::Bad(rest.to_owned())),
            "before" if rest.is_empty() => Some(Head::Before),
            "content" => size().map(Head::Content),
            "done" if rest.is_empty() => Some(Head::Done),
            "failed" => Some(Head::Failed(rest.to_owned())),
            "listed" => size().map(Head::Listed),
            "refused" if rest.is_empty() => Some(Head::Refused),
            _ => None,
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sized = |word: &str, size: &Size| {
            format!("{word} {} {}", size.count, if size.whole { "whole" } else { "cut" })
        };
        // Whatever Postfix says must stay on one line.
        let said = |word: &str, why: &str| {
            let why: String = why.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            format!("{word} {}", why.chars().take(LONGEST_REASON).collect::<String>())
        };
        f.write_str(&match self {
            Head::Absent => "absent".to_owned(),
            Head::Bad(why) => said("bad", why),
            Head::Before => "before".to_owned(),
            Head::Content(size) => sized("content", size),
            Head::Done => "done".to_owned(),
            Head::Failed(why) => said("failed", why),
            Head::Listed(size) => sized("listed", size),
            Head::Refused => "refused".to_owned(),
        })
    }
}

/// Bytes of the longest request, its end not counted.
pub const LONGEST_REQUEST: usize = 80;

/// Bytes of the longest first line of an answer, its end not counted.
pub const LONGEST_HEAD: usize = 2048;

/// Characters of a reason.
const LONGEST_REASON: usize = 400;

/// Five digits of microseconds and an inode.
const SHORT: std::ops::RangeInclusive<usize> = 6..=24;

/// Six digits of seconds, four of microseconds, `z`, and an inode.
const LONG: std::ops::RangeInclusive<usize> = 12..=32;

/// Digits of time before the `z` of a long id.
const TIME_DIGITS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn queue_ids_are_told_by_their_form() {
        for good in ["026D799607B", "3E27199607C", "4P2YnT0VfGz9rJ6", "4P2YnT0VfGzzzz"] {
            assert_eq!(QueueId::parse(good).map(|id| id.to_string()), Some(good.into()), "{good}");
        }
        for bad in [
            "",
            "ALL",
            "-",
            "NOQUEUE",
            "0A1B2",
            "026d799607b",
            "../026D799607B",
            "026D799607B\n",
            "-d",
            "4P2YnT0VfGx9rJ6",
            "4P2YnT0VfGz",
            "4P2YnT0VaGz9rJ6",
            "026D799607B026D799607B0000",
            "\u{FF10}26D799607B",
        ] {
            assert_eq!(QueueId::parse(bad), None, "{bad}");
        }
    }

    #[track_caller]
    fn check(line: &str, expected: Result<&str, &'static str>) {
        let read = Request::parse(line.as_bytes()).map(|request| request.to_string());
        assert_eq!(read, expected.map(str::to_owned), "{line}");
    }

    #[test]
    fn requests() {
        check("list", Ok("list"));
        check("release 026D799607B", Ok("release 026D799607B"));
        check("release 026D799607B 1795292933", Ok("release 026D799607B 1795292933"));
        check("discard 026D799607B 5", Ok("discard 026D799607B 5"));
        check("hold 026D799607B", Ok("hold 026D799607B"));
        check("show 026D799607B", Ok("show 026D799607B"));
        check("", Err("no such request"));
        check("requeue 026D799607B", Err("no such request"));
        check("release", Err("a queue id is missing"));
        check("release ALL", Err("no queue id"));
        check("discard ALL", Err("no queue id"));
        check("release  026D799607B", Err("no queue id"));
        check("release 026D799607B -1", Err("no time"));
        check("release 026D799607B 1 2", Err("too many words"));
        check("list all", Err("too many words"));
        check("hold 026D799607B 1", Err("too many words"));
        check(&"x".repeat(81), Err("too long"));
        assert_eq!(Request::parse(b"list\xff"), Err("not ASCII"));
    }

    #[test]
    fn heads_come_back_as_they_went() {
        let size = Size { count: 3, whole: false };
        for head in [
            Head::Absent,
            Head::Bad("no queue id".into()),
            Head::Before,
            Head::Content(size),
            Head::Done,
            Head::Failed("postsuper: fatal".into()),
            Head::Listed(Size { count: 0, whole: true }),
            Head::Refused,
        ] {
            assert_eq!(Head::parse(&head.to_string()), Some(head));
        }
        let two_lines = Head::Failed("a\ndone".into()).to_string();
        assert_eq!(two_lines, "failed a done");
        for wrong in ["", "done now", "listed", "listed -1 whole", "listed 3 all", "content x cut"]
        {
            assert_eq!(Head::parse(wrong), None, "{wrong}");
        }
        let long = Head::Failed("\u{3042}".repeat(5000)).to_string();
        assert!(long.len() <= LONGEST_HEAD, "{}", long.len());
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = Request::parse(&bytes);
            let _ = Head::parse(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn what_is_understood_says_the_same_again(
            line in "(release|discard|hold|show|list|ALL)( [0-9A-Fz]{0,26}){0,2}( [0-9]{0,13})?"
        ) {
            if let Ok(request) = Request::parse(line.as_bytes()) {
                let again = request.to_string();
                prop_assert_eq!(Request::parse(again.as_bytes()), Ok(request));
                prop_assert!(!again.contains("ALL") && again.len() <= LONGEST_REQUEST);
            }
        }
    }
}
