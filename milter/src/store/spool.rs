//! What waits on disk while the store is away: one line of JSON for each batch.
//!
//! Way in: [`Spool::open`], then [`Spool::append`] and, once the store is back, [`Spool::next`] and
//! [`Spool::done`]. A batch is written to the store as it stands in its line, so that one that was
//! written already, by a program that was killed then, counts once. The file grows up to a bound and
//! is emptied when all of it is written; beyond the bound the newest is refused, because the first
//! hours of a fault are the ones that explain it. Everything here waits for the disk.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::Write;

/// The file, which nobody else has open.
pub(super) struct Spool {
    file: File,
    /// Bytes of whole lines.
    end: u64,
    /// Bytes that are written to the store already.
    read: u64,
    most: u64,
}

/// The oldest batch that waits.
pub(super) struct Head {
    pub(super) batch: Vec<Write>,
    /// Where the next one begins.
    pub(super) end: u64,
}

impl Spool {
    /// Opens `path`, which is made where it is missing, readable by its owner alone. What a crash left
    /// of a last line is cut off.
    pub(super) fn open(path: &Path, most: u64) -> io::Result<Spool> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        // Released by the system when the process ends, however it ends.
        file.try_lock()?;
        let end = whole_lines(&file)?;
        file.set_len(end)?;
        Ok(Spool { file, end, read: 0, most })
    }

    /// Adds a batch, on disk when this returns; `false` where there is no room for it.
    pub(super) fn append(&mut self, batch: &[Write]) -> io::Result<bool> {
        let mut line = serde_json::to_vec(batch)?;
        line.push(b'\n');
        if self.end.saturating_add(line.len() as u64) > self.most {
            return Ok(false);
        }
        self.file.seek(SeekFrom::Start(self.end))?;
        if let Err(error) = self.file.write_all(&line).and_then(|()| self.file.sync_data()) {
            // A disk that is full may have taken half of it.
            let _ = self.file.set_len(self.end);
            return Err(error);
        }
        self.end += line.len() as u64;
        Ok(true)
    }

    /// The oldest batch; `None` where nothing waits. Lines that cannot be read are passed over.
    pub(super) fn next(&mut self) -> io::Result<Option<Head>> {
        while self.read < self.end {
            let mut line = Vec::new();
            (&self.file).seek(SeekFrom::Start(self.read))?;
            let rest = (&self.file).take(self.end - self.read);
            let length = BufReader::with_capacity(64 << 10, rest).read_until(b'\n', &mut line)?;
            if length == 0 {
                break;
            }
            let end = self.read + length as u64;
            if let Ok(batch) = serde_json::from_slice(&line) {
                return Ok(Some(Head { batch, end }));
            }
            tracing::error!("a line of the spool cannot be read and is passed over");
            self.read = end;
        }
        self.empty()?;
        Ok(None)
    }

    /// The batches up to `end` are in the store.
    pub(super) fn done(&mut self, end: u64) -> io::Result<()> {
        self.read = end;
        if self.read >= self.end { self.empty() } else { Ok(()) }
    }

    /// Bytes that wait.
    pub(super) fn waiting(&self) -> u64 {
        self.end - self.read
    }

    fn empty(&mut self) -> io::Result<()> {
        (self.read, self.end) = (0, 0);
        self.file.set_len(0)
    }
}

/// Bytes up to and with the last line end.
fn whole_lines(mut file: &File) -> io::Result<u64> {
    let mut end = file.seek(SeekFrom::End(0))?;
    let mut block = vec![0; 64 << 10];
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let part = block.get_mut(..(end - start) as usize).unwrap_or_default();
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        if let Some(at) = part.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn sent(at: i64) -> Vec<Write> {
        vec![Write::SentId { message_id: "m@own.example".to_owned(), at }]
    }

    #[test]
    fn batches_come_back_in_order_and_the_file_is_emptied() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool");
        let mut spool = Spool::open(&path, 1000).unwrap();
        assert!(spool.append(&sent(1)).unwrap() && spool.append(&sent(2)).unwrap());
        for at in [1, 2] {
            let head = spool.next().unwrap().unwrap();
            assert_eq!(head.batch, sent(at));
            spool.done(head.end).unwrap();
        }
        assert!(spool.next().unwrap().is_none());
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    }

    #[test]
    fn what_is_not_done_comes_again_and_half_lines_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool");
        let mut spool = Spool::open(&path, 1000).unwrap();
        spool.append(&sent(1)).unwrap();
        assert!(Spool::open(&path, 1000).is_err(), "two must not write to one spool");
        drop(spool);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"no JSON\n[{\"sent-id\":{\"mess").unwrap();
        drop(file);
        let mut spool = Spool::open(&path, 1000).unwrap();
        spool.append(&sent(2)).unwrap();
        for at in [1, 2] {
            let head = spool.next().unwrap().unwrap();
            assert_eq!(head.batch, sent(at));
            spool.done(head.end).unwrap();
        }
        assert_eq!(spool.waiting(), 0);
    }

    #[test]
    fn beyond_the_bound_the_newest_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(&folder.path().join("spool"), 100).unwrap();
        assert!(spool.append(&sent(1)).unwrap());
        assert!(!spool.append(&sent(2)).unwrap());
        assert_eq!(spool.next().unwrap().unwrap().batch, sent(1));
    }
}
