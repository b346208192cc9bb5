//! The store that the settings name.
//!
//! Way in: [`Memory::new`], which touches no more than the state directory, then [`Memory::open`], now
//! or as often as it fails: a database that is down when the program starts is no reason not to
//! start. Every call opens it where nobody did, but for [`Store::history`], for which mail waits.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use sekisho_config as config;
use sekisho_config::DatabaseUrl;
use sekisho_heuristics::history::{EncryptedSent, History};
use tokio::sync::OnceCell;

use super::names::Names;
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::{Cutoffs, Hold, Question, Search, Step, Store, StoreError, Wanted, Write};
use crate::record::{Event, Record};

/// The store that the settings name.
pub struct Memory {
    place: Place,
    names: Names,
    opened: OnceCell<Kind>,
}

enum Place {
    File(PathBuf),
    Server(DatabaseUrl),
}

enum Kind {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Memory {
    /// The store, not opened yet. Makes the state directory, and the key of hashed addresses where
    /// the settings ask for them.
    pub fn new(settings: &config::Store, state_dir: &Path) -> Result<Memory, StoreError> {
        let broken = |path: &Path, e| StoreError::Broken(format!("{}: {e}", path.display()));
        let folder = DirBuilder::new().recursive(true).mode(0o700).create(state_dir);
        folder.map_err(|e| broken(state_dir, e))?;
        let names = match settings.hash_addresses {
            true => {
                let key = state_dir.join(KEY);
                Names::open(&key).map_err(|e| broken(&key, e))?
            }
            false => Names::plain(),
        };
        let place = match &settings.url {
            Some(url) => Place::Server(url.clone()),
            None => Place::File(state_dir.join(FILE)),
        };
        Ok(Memory { place, names, opened: OnceCell::new() })
    }

    /// Opens it, makes or migrates its tables. Does nothing where that was done.
    pub async fn open(&self) -> Result<(), StoreError> {
        self.kind().await.map(|_| ())
    }

    async fn kind(&self) -> Result<&Kind, StoreError> {
        let open = async || match &self.place {
            Place::Server(url) => Postgres::open(url).await.map(Kind::Postgres),
            Place::File(file) => {
                let file = file.clone();
                let opening = tokio::task::spawn_blocking(move || Sqlite::open(&file));
                let ended = |e: tokio::task::JoinError| StoreError::Broken(e.to_string());
                opening.await.map_err(ended)?.map(Kind::Sqlite)
            }
        };
        self.opened.get_or_try_init(open).await
    }
}

impl std::fmt::Display for Memory {
    /// Where it is, without a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Place::File(file) => write!(f, "{}", file.display()),
            Place::Server(url) => write!(f, "{url}"),
        }
    }
}

/// The same call to whichever it is.
macro_rules! either {
    ($kind:expr, $store:ident => $call:expr) => {
        match $kind {
            Kind::Sqlite($store) => $call.await,
            Kind::Postgres($store) => $call.await,
        }
    };
}

impl Store for Memory {
    async fn write(&self, batch: &[Write]) -> Result<(), StoreError> {
        let kind = self.kind().await?;
        if self.names.is_plain() {
            return either!(kind, store => store.write(batch));
        }
        let mut batch = batch.to_vec();
        batch.iter_mut().for_each(|write| self.names.conceal(write));
        either!(kind, store => store.write(&batch))
    }

    async fn history(&self, ask: &Question) -> Result<History, StoreError> {
        let Some(kind) = self.opened.get() else {
            return Err(StoreError::Away("it is not opened yet".to_owned()));
        };
        if self.names.is_plain() {
            return either!(kind, store => store.history(ask));
        }
        let concealed = self.names.concealed(ask);
        let mut history = either!(kind, store => store.history(&concealed))?;
        let shown = |sent: EncryptedSent| {
            let of = concealed.recipients.iter().position(|(name, _)| *name == sent.to)?;
            Some(EncryptedSent { to: ask.recipients.get(of)?.0.clone(), ..sent })
        };
        history.encrypted_sent = history.encrypted_sent.into_iter().filter_map(shown).collect();
        Ok(history)
    }

    async fn search(&self, search: &Search) -> Result<Vec<Record>, StoreError> {
        either!(self.kind().await?, store => store.search(search))
    }

    async fn events(&self, since_ms: i64, until_ms: i64) -> Result<Vec<Event>, StoreError> {
        either!(self.kind().await?, store => store.events(since_ms, until_ms))
    }

    async fn holds(&self, wanted: &Wanted) -> Result<Vec<Hold>, StoreError> {
        either!(self.kind().await?, store => store.holds(wanted))
    }

    async fn move_hold(&self, step: &Step) -> Result<bool, StoreError> {
        either!(self.kind().await?, store => store.move_hold(step))
    }

    async fn expire(&self, retention: &Cutoffs, at_most: u32) -> Result<u64, StoreError> {
        either!(self.kind().await?, store => store.expire(retention, at_most))
    }

    fn conceal(&self, write: &mut Write) {
        self.names.conceal(write);
    }

    async fn forget(&self, address: &str) -> Result<u64, StoreError> {
        let address = address.to_lowercase();
        if address.is_empty() {
            return Ok(0);
        }
        let name = self.names.of(&address);
        either!(self.kind().await?, store => store.forget_as(&address, &name))
    }
}

/// The SQLite file in the state directory.
const FILE: &str = "store.sqlite";

/// The key of hashed addresses in the state directory.
const KEY: &str = "store.key";
