//! Memory in one SQLite file: nothing to set up, one host.
//!
//! Way in: [`Sqlite::open`]. One thread writes, so that writers never meet each other's locks; others
//! read, each of them with a connection of its own, and WAL keeps both out of each other's way. A
//! killed process loses nothing that [`Store::write`] said was written; a power cut may lose the
//! last moments, never the file. Other processes (the command line) may open the same file. A file that
//! was moved or deleted under us takes no more writes: they wait for the next start.

mod read;
mod worker;
mod write;

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use sekisho_heuristics::history::History;

use super::rows::Rows;
use super::{Cutoffs, Hold, Question, Search, Step, Store, StoreError, Wanted, Write, migrations};
use crate::record::{Event, Record};
use worker::Worker;

/// Memory in one file.
pub struct Sqlite {
    file: PathBuf,
    /// Device and inode of the file as it was opened.
    identity: (u64, u64),
    writer: Worker,
    /// For what mail waits for.
    quick: Worker,
    /// For what may read the whole file.
    slow: Worker,
}

impl Sqlite {
    /// Opens `file`, which is made where it is missing, readable by its owner alone. Waits for the
    /// disk.
    pub fn open(file: &Path) -> Result<Sqlite, StoreError> {
        let broken = |e: io::Error| StoreError::Broken(format!("{}: {e}", file.display()));
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600).open(file).map_err(broken)?;
        let identity = identity(file).map_err(broken)?;
        let mut writer = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        set_up(&writer).map_err(store_error)?;
        migrations::sqlite(&mut writer, migrations::KNOWN)?;
        let reader = || connect(file, OpenFlags::SQLITE_OPEN_READ_ONLY);
        Ok(Sqlite {
            file: file.to_owned(),
            identity,
            writer: Worker::start("store-write", vec![writer]).map_err(broken)?,
            quick: Worker::start("store-read", vec![reader()?, reader()?]).map_err(broken)?,
            slow: Worker::start("store-search", vec![reader()?]).map_err(broken)?,
        })
    }

    /// Forgets a person whose address is kept as `name`.
    pub(super) async fn forget_as(&self, address: &str, name: &str) -> Result<u64, StoreError> {
        let (name, low) = (name.to_owned(), address.to_ascii_lowercase());
        let mut gone = self.writer.run(move |c| write::forget_history(c, &name)).await?;
        let mut behind = 0;
        loop {
            let address = low.clone();
            let (found, last) =
                self.slow.run(move |c| read::records_with(c, &address, behind)).await?;
            let address = low.clone();
            gone += self.writer.run(move |c| write::forget_in_records(c, &address, &found)).await?;
            let Some(last) = last else { break };
            behind = last;
        }
        gone += self.writer.run(move |c| write::forget_in_holds(c, &low)).await?;
        Ok(gone)
    }
}

impl Store for Sqlite {
    async fn write(&self, batch: &[Write]) -> Result<(), StoreError> {
        let rows = Rows::of(batch);
        let (file, opened) = (self.file.clone(), self.identity);
        let is_written = self.writer.run(move |c| match identity(&file) {
            Ok(there) if there == opened => write::batch(c, &rows).map(|()| true),
            _ => Ok(false),
        });
        match is_written.await? {
            true => Ok(()),
            false => {
                let file = self.file.display();
                let why =
                    format!("{file} was moved or deleted while it was open; start sekisho anew");
                Err(StoreError::Broken(why))
            }
        }
    }

    async fn history(&self, ask: &Question) -> Result<History, StoreError> {
        let ask = ask.clone();
        self.quick.run(move |c| read::history(c, &ask)).await
    }

    async fn search(&self, search: &Search) -> Result<Vec<Record>, StoreError> {
        let search = search.clone();
        self.slow.run(move |c| read::search(c, &search)).await
    }

    async fn events(&self, since_ms: i64, until_ms: i64) -> Result<Vec<Event>, StoreError> {
        self.slow.run(move |c| read::events(c, since_ms, until_ms)).await
    }

    async fn holds(&self, wanted: &Wanted) -> Result<Vec<Hold>, StoreError> {
        let wanted = wanted.clone();
        self.quick.run(move |c| read::holds(c, &wanted)).await
    }

    async fn move_hold(&self, step: &Step) -> Result<bool, StoreError> {
        let step = step.clone();
        self.writer.run(move |c| write::move_hold(c, &step)).await
    }

    async fn expire(&self, retention: &Cutoffs, at_most: u32) -> Result<u64, StoreError> {
        let retention = *retention;
        self.writer.run(move |c| write::expire(c, &retention, at_most)).await
    }

    async fn forget(&self, address: &str) -> Result<u64, StoreError> {
        self.forget_as(address, address).await
    }
}

/// By which a file is known, whatever its name.
fn identity(file: &Path) -> io::Result<(u64, u64)> {
    std::fs::metadata(file).map(|there| (there.dev(), there.ino()))
}

fn connect(file: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    // Each connection stays with one thread.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(store_error)?;
    connection.busy_timeout(BUSY).map_err(store_error)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// What a file is told once, and what a writing connection is told each time.
fn set_up(writer: &Connection) -> rusqlite::Result<()> {
    // Only in force where the file is still empty; the pages that retention frees are used again.
    writer.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    writer.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    writer.pragma_update(None, "synchronous", "NORMAL")?;
    // A file that was once large would stay so.
    writer.pragma_update(None, "journal_size_limit", 64 << 20)?;
    writer.pragma_update(None, "cache_size", -65_536)
}

/// Who must act.
pub(super) fn store_error(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OperationInterrupted,
        ) => StoreError::Away(error.to_string()),
        _ => StoreError::Broken(error.to_string()),
    }
}

/// How long one process waits for another one's lock.
const BUSY: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn its_owner_alone_reads_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.sqlite");
        let _store = Sqlite::open(&file).unwrap();
        for name in ["store.sqlite", "store.sqlite-wal", "store.sqlite-shm"] {
            let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[tokio::test]
    async fn what_nobody_would_find_again_is_not_called_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.sqlite");
        let store = Sqlite::open(&file).unwrap();
        let moved = folder.path().join("moved");
        std::fs::rename(&file, &moved).unwrap();
        let refused = store.write(&[]).await;
        assert!(matches!(refused, Err(StoreError::Broken(_))), "{refused:?}");
        std::fs::rename(&moved, &file).unwrap();
        assert_eq!(store.write(&[]).await, Ok(()));
    }

    #[test]
    fn a_file_of_a_newer_program_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.sqlite");
        let newer = Connection::open(&file).unwrap();
        newer.pragma_update(None, "user_version", migrations::KNOWN + 1).unwrap();
        let expected = StoreError::Newer { found: migrations::KNOWN + 1, known: migrations::KNOWN };
        assert_eq!(Sqlite::open(&file).err(), Some(expected));
    }
}
