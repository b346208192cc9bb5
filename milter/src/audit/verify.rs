//! Whether a log is as it was written: `sekisho log verify`.
//!
//! Way in: [`verify`]. Reads every line of every file once, in bounded memory, and tells each break
//! with its file and line. By itself a chain shows what was altered, deleted, put in or moved; a log
//! that was cut at its end, or computed anew as a whole, shows only against anchors from outside.
//! Total over any bytes; what cannot be read is a finding.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::anchor::Anchor;
use super::entry::{Hash, Head, Link};
use super::files::{self, Lines, Next, Stored};
use super::{ANCHORS, is_locked};

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// File name; empty where the log as a whole is meant.
    pub file: String,
    /// Line of it, counted from 1; 0 where the whole file is meant.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.as_str(), self.line) {
            ("", _) => write!(f, "{}", self.what),
            (file, 0) => write!(f, "{file}: {}", self.what),
            (file, line) => write!(f, "{file}:{line}: {}", self.what),
        }
    }
}

/// What was read and found.
#[derive(Debug, Default)]
pub struct Report {
    /// Files of the log.
    pub files: usize,
    /// Entries in them.
    pub entries: u64,
    /// Number of the first entry; 0 in an empty log.
    pub first: u64,
    /// The last entry.
    pub head: Head,
    /// What is wrong, the first [`MOST_FINDINGS`] of them.
    pub findings: Vec<Finding>,
    /// How many things are wrong.
    pub found: u64,
    /// What the log itself tells of and is no fault in it: losses, torn lines, deleted files.
    pub notes: Vec<String>,
    /// Anchors whose entry is as they say.
    pub anchors_held: usize,
    /// Anchors of other hosts, or of entries whose time was over.
    pub anchors_left_out: usize,
}

/// An anchor and where it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The anchor.
    pub anchor: Anchor,
    /// For findings.
    pub source: String,
}

/// Anchors of a text file such as a syslog, one a line; other lines are stepped over.
pub fn anchors_in(path: &Path) -> io::Result<Vec<Known>> {
    let mut lines = Lines::new(BufReader::new(std::fs::File::open(path)?));
    let mut known = Vec::new();
    let mut number = 0u64;
    while let Some(next) = lines.next()? {
        number += 1;
        let (Next::Line(line) | Next::Torn(line)) = next else { continue };
        if let Some(anchor) = Anchor::find(&String::from_utf8_lossy(line)) {
            let source = format!("{}:{number}", path.display());
            known.push(Known { anchor, source });
        }
    }
    Ok(known)
}

/// Anchors that the folder itself keeps.
pub fn own_anchors(dir: &Path) -> io::Result<Vec<Known>> {
    match anchors_in(&dir.join(ANCHORS)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        known => known,
    }
}

/// Reads the log of `dir` and compares it with itself and with `anchors`. `host` is this machine:
/// its anchors count even where the log names other hosts alone.
pub fn verify(dir: &Path, anchors: &[Known], host: &str) -> io::Result<Report> {
    let mut listing = files::list(dir)?;
    let mut check = Check::new(anchors, host);
    for name in listing.strange.drain(..) {
        check.find(&name, 0, "is no file of this log by its name");
    }
    let last = listing.files.last().copied();
    for stored in &listing.files {
        let is_last = Some(*stored) == last;
        check.file(dir, stored, is_last && is_locked(dir), is_last);
    }
    Ok(check.finish())
}

struct Check<'a> {
    report: Report,
    /// The entry before, as the next one must name it.
    before: Option<Head>,
    /// The last line that is where it belongs, for the head of the report.
    reached: u64,
    anchors: BTreeMap<u64, Vec<&'a Known>>,
    /// Anchors whose entry was met.
    met: BTreeSet<u64>,
    /// Hosts that write this log.
    hosts: BTreeSet<String>,
    /// Files up to this entry were deleted because their time was over.
    retired: u64,
}

impl<'a> Check<'a> {
    fn new(anchors: &'a [Known], host: &str) -> Check<'a> {
        let mut by_number = BTreeMap::<u64, Vec<&Known>>::new();
        for known in anchors {
            by_number.entry(known.anchor.seq).or_default().push(known);
        }
        Check {
            report: Report::default(),
            before: None,
            reached: 0,
            anchors: by_number,
            met: BTreeSet::new(),
            hosts: [host.to_owned()].into(),
            retired: 0,
        }
    }

    fn find(&mut self, file: &str, line: u64, what: impl Into<String>) {
        self.report.found += 1;
        if self.report.findings.len() < MOST_FINDINGS {
            self.report.findings.push(Finding { file: file.to_owned(), line, what: what.into() });
        }
    }

    fn note(&mut self, note: String) {
        if self.report.notes.len() < MOST_FINDINGS {
            self.report.notes.push(note);
        }
    }

    fn file(&mut self, dir: &Path, stored: &Stored, is_written: bool, is_last: bool) {
        self.report.files += 1;
        let name = stored.to_string();
        let mut lines = match stored.open(dir) {
            Ok(reader) => Lines::new(reader),
            Err(error) => return self.find(&name, 0, format!("cannot be read: {error}")),
        };
        let number = self.lines(&mut lines, &name, stored, is_written);
        if number == 0 && !is_last {
            self.find(&name, 0, "is empty");
        }
    }

    /// Reads the lines of a file; returns how many there were.
    fn lines(
        &mut self,
        lines: &mut Lines<impl BufRead>,
        name: &str,
        stored: &Stored,
        is_written: bool,
    ) -> u64 {
        let mut number = 0;
        loop {
            let next = match lines.next() {
                Ok(None) => return number,
                Ok(Some(next)) => next,
                Err(error) => {
                    self.find(name, number + 1, format!("cannot be read from here on: {error}"));
                    return number;
                }
            };
            number += 1;
            match next {
                // It is just being written.
                Next::Torn(_) if is_written => {}
                Next::Torn(_) => self.find(
                    name,
                    number,
                    "ends within a line: cut here, or the program was killed and not started since",
                ),
                Next::TooLong => self.find(name, number, "is longer than any line of this log"),
                Next::Line(line) => match Link::read(line) {
                    None => self.find(name, number, "is no entry: altered or put in"),
                    Some(link) => self.link(name, number, stored, &link),
                },
            }
        }
    }

    fn link(&mut self, name: &str, number: u64, stored: &Stored, link: &Link) {
        self.report.entries += 1;
        let seq = link.seq;
        if !link.is_whole() {
            self.find(name, number, format!("entry {seq} was altered: its hash does not fit"));
        }
        self.place(name, number, stored, link);
        self.chain(name, number, link);
        self.compare(name, number, link);
        self.remarks(name, number, link);
    }

    /// Whether the line fits its file.
    fn place(&mut self, name: &str, number: u64, stored: &Stored, link: &Link) {
        if let Some(opened) = &link.opened {
            self.hosts.insert(opened.host.clone());
            if opened.file != stored.name.to_string() {
                let what = format!("begins the file {}: renamed or exchanged", opened.file);
                self.find(name, number, what);
            }
        }
        if number == 1 && link.seq != stored.name.first {
            let what = format!("entry {} begins a file named for {}", link.seq, stored.name.first);
            self.find(name, number, what);
        } else if number == 1 && link.opened.is_none() {
            self.find(name, number, "the file does not begin with its opening");
        }
        // The end of a day is written when the day is over.
        let day = stored.name.day.to_string();
        if link.closed.is_none() && !link.at.starts_with(&day) {
            self.find(name, number, format!("is of {}, in the file of {day}", link.at));
        }
    }

    /// Whether the line follows the one before.
    fn chain(&mut self, name: &str, number: u64, link: &Link) {
        let Some(before) = self.before else {
            self.report.first = link.seq;
            self.go_on(link);
            if link.seq <= 1 && link.prev != Hash::default() {
                self.find(name, number, "the first entry names one before it");
            }
            return;
        };
        let expected = before.seq.saturating_add(1);
        if link.seq < expected {
            // What follows is measured by the place already reached.
            let what =
                format!("entry {} stands behind entry {}: moved or put in", link.seq, before.seq);
            return self.find(name, number, what);
        }
        if link.seq > expected {
            let missing = match link.seq - 1 {
                last if last == expected => format!("entry {expected} is missing"),
                last => format!("entries {expected} to {last} are missing"),
            };
            self.find(name, number, format!("{missing} before this line: deleted or moved"));
        } else if link.prev != before.hash {
            let what = format!(
                "entry {} does not carry the hash of entry {}: one of them was replaced",
                link.seq, before.seq
            );
            self.find(name, number, what);
        }
        self.go_on(link);
    }

    fn go_on(&mut self, link: &Link) {
        // The stated hash, so that an altered line is one finding and not two.
        self.before = Some(Head { seq: link.seq, hash: link.stated });
        self.reached = self.reached.max(link.seq);
        self.report.head = Head { seq: link.seq, hash: link.hash };
    }

    /// Whether anchors of this entry hold.
    fn compare(&mut self, name: &str, number: u64, link: &Link) {
        let Some(known) = self.anchors.get(&link.seq).cloned() else { return };
        self.met.insert(link.seq);
        for known in known {
            if known.anchor.hash == link.hash {
                self.report.anchors_held += 1;
            } else if self.hosts.contains(&known.anchor.host) {
                let what = format!(
                    "entry {} is not the one that was anchored at {} ({})",
                    link.seq, known.anchor.at, known.source
                );
                self.find(name, number, what);
            } else {
                self.report.anchors_left_out += 1;
            }
        }
    }

    /// What the log tells of itself.
    fn remarks(&mut self, name: &str, number: u64, link: &Link) {
        let at = &link.at;
        if let Some(lost) = &link.lost {
            self.note(format!(
                "{name}:{number}: for want of room {} records and {} events from {} to {} are not \
                 in the log",
                lost.records, lost.events, lost.since, lost.until
            ));
        }
        if let Some(torn) = &link.torn {
            self.note(format!(
                "{name}:{number}: at {at} a line torn by a crash was cut off {}, {} bytes, kept in \
                 {}",
                torn.file, torn.bytes, torn.kept
            ));
        }
        if let Some(retired) = &link.retired {
            self.retired = self.retired.max(retired.last);
            self.note(format!(
                "{name}:{number}: at {at} the file {} (entries {} to {}) was deleted after {} days",
                retired.file, retired.first, retired.last, retired.keep_days
            ));
        }
    }

    fn finish(mut self) -> Report {
        let first = self.report.first;
        if first > 1 && self.retired.saturating_add(1) < first {
            let from = self.retired.saturating_add(1);
            self.find("", 0, format!("entries {from} to {} are missing: deleted", first - 1));
        }
        let is_empty = self.report.entries == 0;
        let mut unmet = std::mem::take(&mut self.anchors);
        unmet.retain(|seq, _| !self.met.contains(seq));
        for (seq, known) in &unmet {
            for known in known {
                let Known { anchor, source } = known;
                let ours = is_empty || self.hosts.contains(&anchor.host);
                if !ours || (*seq < first && *seq <= self.retired) {
                    self.report.anchors_left_out += 1;
                } else if *seq > self.reached {
                    let what = format!(
                        "the log ends with entry {}, but entry {seq} was anchored at {} ({source}): \
                         its end was cut off",
                        self.reached, anchor.at
                    );
                    self.find("", 0, what);
                } else {
                    let what =
                        format!("entry {seq}, anchored at {} ({source}), is missing", anchor.at);
                    self.find("", 0, what);
                }
            }
        }
        self.report
    }
}

/// Findings and notes that are told one by one.
pub const MOST_FINDINGS: usize = 1000;
