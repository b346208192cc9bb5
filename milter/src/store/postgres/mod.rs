//! Memory in a PostgreSQL that several hosts share.
//!
//! Way in: [`Postgres::open`]. Everything stands in a schema of its own, `sekisho`. Records and
//! events lie in monthly partitions, made when needed and dropped whole by retention
//! ([`partitions`]). Hosts that write at once do not wait for each other longer than a transaction
//! lasts; a step of a hold is one statement, and the database says who was first.

mod connect;
mod partitions;
mod read;
mod write;

use deadpool_postgres::{Object, Pool, PoolError};
use sekisho_config::DatabaseUrl;
use sekisho_heuristics::history::History;
use tokio_postgres::error::SqlState;

use super::rows::Rows;
use super::{Cutoffs, Hold, Question, Search, Step, Store, StoreError, Wanted, Write, migrations};
use crate::record::{Event, Record};
use partitions::Partitions;

/// Memory in a database server.
pub struct Postgres {
    pool: Pool,
    partitions: Partitions,
}

impl Postgres {
    /// Connects, and makes or migrates the tables.
    pub async fn open(url: &DatabaseUrl) -> Result<Postgres, StoreError> {
        let pool = connect::pool(url)?;
        let store = Postgres { pool, partitions: Partitions::default() };
        let mut client = store.client().await?;
        migrations::postgres(&mut client, migrations::KNOWN).await?;
        Ok(store)
    }

    /// Forgets a person whose address is kept as `name`.
    pub(super) async fn forget_as(&self, address: &str, name: &str) -> Result<u64, StoreError> {
        let mut client = self.client().await?;
        write::forget(&mut client, address, name).await.map_err(store_error)
    }

    async fn client(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => store_error(error),
            other => StoreError::Away(other.to_string()),
        })
    }
}

impl Store for Postgres {
    async fn write(&self, batch: &[Write]) -> Result<(), StoreError> {
        let rows = Rows::of(batch);
        let mut client = self.client().await?;
        self.partitions.make(&mut client, &rows).await?;
        write::batch(&mut client, &rows).await.map_err(|error| {
            // Another host's retention dropped the month: made again the next time.
            if error.code() == Some(&SqlState::CHECK_VIOLATION) {
                self.partitions.forget();
                return StoreError::Away(shown(&error));
            }
            store_error(error)
        })
    }

    async fn history(&self, ask: &Question) -> Result<History, StoreError> {
        let client = self.client().await?;
        read::history(&client, ask).await.map_err(store_error)
    }

    async fn search(&self, search: &Search) -> Result<Vec<Record>, StoreError> {
        let client = self.client().await?;
        read::search(&client, search).await.map_err(store_error)
    }

    async fn events(&self, since_ms: i64, until_ms: i64) -> Result<Vec<Event>, StoreError> {
        let client = self.client().await?;
        read::events(&client, since_ms, until_ms).await.map_err(store_error)
    }

    async fn holds(&self, wanted: &Wanted) -> Result<Vec<Hold>, StoreError> {
        let client = self.client().await?;
        read::holds(&client, wanted).await.map_err(store_error)
    }

    async fn move_hold(&self, step: &Step) -> Result<bool, StoreError> {
        let client = self.client().await?;
        write::move_hold(&client, step).await.map_err(store_error)
    }

    async fn expire(&self, retention: &Cutoffs, at_most: u32) -> Result<u64, StoreError> {
        let mut client = self.client().await?;
        let dropped = self.partitions.drop_before(&mut client, retention.records_ms).await?;
        let gone = write::expire(&client, retention, at_most).await.map_err(store_error)?;
        Ok(dropped + gone)
    }

    async fn forget(&self, address: &str) -> Result<u64, StoreError> {
        self.forget_as(address, &address.to_lowercase()).await
    }
}

/// Who must act. What the server calls temporary, and every lost connection, is nobody's fault that
/// waiting cannot mend.
pub(super) fn store_error(error: tokio_postgres::Error) -> StoreError {
    let Some(state) = error.code() else { return StoreError::Away(shown(&error)) };
    let class = state.code().get(..2).unwrap_or_default();
    match (state, class) {
        (&SqlState::DISK_FULL | &SqlState::OUT_OF_MEMORY, _)
        | (_, "0A" | "22" | "23" | "25" | "28" | "3D" | "3F" | "42" | "58" | "XX") => {
            StoreError::Broken(shown(&error))
        }
        _ => StoreError::Away(shown(&error)),
    }
}

/// The error with its cause: by itself it says "db error".
fn shown(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
