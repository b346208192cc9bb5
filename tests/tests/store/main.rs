//! Memory, both kinds of it: the same expectations of SQLite and of PostgreSQL, and what faults do to
//! each.
//!
//! Where PostgreSQL is not installed its half says so and is passed over, unless
//! `SEKISHO_REQUIRE_POSTFIX=1`, with which `tests/all` runs as root.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stderr)]

mod faults;
mod history;
mod holds;
mod records;
mod tls;

use std::sync::Arc;
use std::sync::{Mutex, Weak};

use sekisho_config::{DatabaseUrl, Settings, Store as StoreSettings};
use sekisho_milter::store::Memory;
use sekisho_tests::postgres::Postgres;
use tempfile::TempDir;

/// A store of the test's own, empty, and what it lives on.
struct Fresh {
    store: Memory,
    settings: StoreSettings,
    folder: TempDir,
    server: Option<Arc<Postgres>>,
}

impl Fresh {
    fn new(server: Option<Arc<Postgres>>, hash_addresses: bool) -> Fresh {
        let folder = tempfile::tempdir().unwrap();
        let url = server.as_ref().map(|server| server.database().unwrap());
        let url = url.map(|url| DatabaseUrl::new(&url).unwrap());
        let settings = StoreSettings { url, hash_addresses, ..Settings::default().store };
        let store = Memory::new(&settings, folder.path()).unwrap();
        Fresh { store, settings, folder, server }
    }

    /// The same store as another process, or another host, has it.
    fn another(&self) -> Memory {
        Memory::new(&self.settings, self.folder.path()).unwrap()
    }

    /// SQL by the database's own program, where it is a server.
    fn sql(&self, sql: &str) -> Option<String> {
        let url = self.settings.url.as_ref()?.secret();
        Some(self.server.as_ref()?.sql_at(url, sql).unwrap())
    }
}

/// The PostgreSQL that the tests of this run share; `None` where none is installed.
fn server() -> Option<Arc<Postgres>> {
    static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
    if !Postgres::is_installed() {
        let required = std::env::var_os("SEKISHO_REQUIRE_POSTFIX").is_some_and(|v| v == "1");
        assert!(!required, "PostgreSQL is not installed (Debian: apt-get install postgresql)");
        eprintln!("passed over: PostgreSQL is not installed (Debian: apt-get install postgresql)");
        return None;
    }
    let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(running) = shared.upgrade() {
        return Some(running);
    }
    let started = Arc::new(Postgres::start().unwrap());
    *shared = Arc::downgrade(&started);
    Some(started)
}

/// Has a test pass with each kind of store, with addresses as they are and hashed.
async fn with_each(test: impl AsyncFn(Fresh)) {
    let mut servers = vec![None];
    if let Some(server) = server() {
        servers.push(Some(server));
    }
    for server in servers {
        for hash_addresses in [false, true] {
            let fresh = Fresh::new(server.clone(), hash_addresses);
            fresh.store.open().await.unwrap();
            eprintln!("{}, hash_addresses = {hash_addresses}", fresh.store);
            test(fresh).await;
        }
    }
}
