//! What faults do to memory: a killed process, a full disk, a server that goes and comes, tables of
//! a newer program.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sekisho_config::Settings;
use sekisho_milter::store::queue::Queue;
use sekisho_milter::store::{Memory, Search, Store, StoreError, Write};
use sekisho_tests::postgres::Postgres;

use crate::history::{about, met};
use crate::records::record;
use crate::{Fresh, server, with_each};

/// Where the child keeps its store; unset in every other run.
const CHILD: &str = "SEKISHO_TEST_STORE_OF_CHILD";

fn numbered(n: i64) -> Write {
    Write::Record(Box::new(record(&format!("n{n}"), n)))
}

/// How many numbered records there are.
async fn count(store: &Memory) -> usize {
    let all = Search { limit: 1_000_000, ..Search::default() };
    store.search(&all).await.unwrap().len()
}

/// Looks often, for a minute at most.
pub(crate) async fn until(what: &str, mut look: impl AsyncFnMut() -> bool) {
    let looking = async {
        while !look().await {
            tokio::time::sleep(Duration::from_millis(20)).await
        }
    };
    tokio::time::timeout(Duration::from_secs(60), looking).await.expect(what);
}

/// Not a test: the process that the next one kills.
#[tokio::test]
async fn child_that_writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let store = Memory::new(&Settings::default().store, Path::new(&folder)).unwrap();
    for n in 1.. {
        store.write(&[numbered(n), met("a@b.example", false, n)]).await.unwrap();
        println!("\nwritten {n}");
    }
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_was_written() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "faults::child_that_writes_until_it_is_killed", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut lines =
            lines.filter_map(|line| line.strip_prefix("written ")?.parse::<usize>().ok());
        let told = lines.nth(40).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let told = lines.last().unwrap_or(told);

        let store = Memory::new(&Settings::default().store, folder.path()).unwrap();
        let there = count(&store).await;
        assert!(there == told || there == told + 1, "{there} of {told}");
        // A batch is there whole or not at all.
        let known = store.history(&about("a@b.example")).await.unwrap().sender.unwrap();
        assert_eq!(known.address.received as usize, there);
        // The next one counts from 1 again.
        drop(store);
        std::fs::remove_file(folder.path().join("store.sqlite")).unwrap();
        let _ = std::fs::remove_file(folder.path().join("store.sqlite-wal"));
        let _ = std::fs::remove_file(folder.path().join("store.sqlite-shm"));
    }
}

/// A small disk in memory, unmounted when dropped.
struct SmallDisk<'p>(&'p Path);

impl SmallDisk<'_> {
    fn mount(at: &Path, options: &str) -> Option<()> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).stderr(Stdio::null());
        mount.status().ok()?.success().then_some(())
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_costs_the_newest_alone() {
    let folder = tempfile::tempdir().unwrap();
    if SmallDisk::mount(folder.path(), "size=1m").is_none() {
        eprintln!("passed over: no small disk can be mounted (needs root)");
        return;
    }
    let disk = SmallDisk(folder.path());
    let store = Arc::new(Memory::new(&Settings::default().store, folder.path()).unwrap());
    let queue = Queue::start(Arc::clone(&store), folder.path().join("spool"), 64 << 20);
    let counts = queue.counts();
    let mut given = 0;
    while counts.away.load(Ordering::Relaxed) == 0 || given < 6000 {
        given += 1;
        queue.write(numbered(given));
        if given % 100 == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    assert!(SmallDisk::mount(folder.path(), "remount,size=64m").is_some());
    until("all to be written", async || {
        let done = counts.written.load(Ordering::Relaxed) + counts.left_out.load(Ordering::Relaxed);
        done >= given as u64 && counts.spool_bytes.load(Ordering::Relaxed) == 0
    })
    .await;
    queue.stop().await;
    let left_out = counts.left_out.load(Ordering::Relaxed) as usize;
    assert_eq!(count(&store).await + left_out, given as usize);
    drop((queue, store, disk));
}

#[tokio::test]
async fn a_server_that_goes_and_comes_under_load_loses_nothing() {
    if server().is_none() {
        return;
    }
    let server = Arc::new(Postgres::start().unwrap());
    let fresh = Fresh::new(Some(Arc::clone(&server)), false);
    let store = Arc::new(fresh.store);
    let queue =
        Arc::new(Queue::start(Arc::clone(&store), fresh.folder.path().join("spool"), 1 << 26));
    let load = {
        let queue = Arc::clone(&queue);
        tokio::spawn(async move {
            for n in 1..=3000 {
                queue.write(numbered(n));
                queue.write(met("a@b.example", false, n));
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
    };
    let counts = queue.counts();
    until("the first batch", async || counts.written.load(Ordering::Relaxed) > 0).await;
    server.stop().unwrap();
    until("the fault to be noticed", async || counts.spooled.load(Ordering::Relaxed) > 0).await;
    assert!(matches!(store.history(&about("a@b.example")).await, Err(StoreError::Away(_))));
    load.await.unwrap();
    server.resume().unwrap();
    until("all to be written", async || counts.written.load(Ordering::Relaxed) == 6000).await;
    queue.stop().await;
    assert_eq!(count(&store).await, 3000);
    let known = store.history(&about("a@b.example")).await.unwrap().sender.unwrap();
    assert_eq!(known.address.received, 3000);
}

#[tokio::test]
async fn several_hosts_that_open_an_empty_store_at_once() {
    for server in [None, server()] {
        let fresh = Fresh::new(server, false);
        let [a, b, c] = [fresh.another(), fresh.another(), fresh.another()];
        tokio::try_join!(fresh.store.open(), a.open(), b.open(), c.open()).unwrap();
        a.write(&[met("a@b.example", false, 1)]).await.unwrap();
        let known = c.history(&about("a@b.example")).await.unwrap().sender.unwrap();
        assert_eq!(known.address.received, 1);
    }
}

#[tokio::test]
async fn tables_of_a_newer_program_are_left_alone() {
    with_each(async |fresh| {
        if fresh.sql("UPDATE sekisho.version SET version = 99").is_none() {
            // SQLite's version is a test of the package itself.
            return;
        }
        let newer = Err(StoreError::Newer { found: 99, known: 1 });
        assert_eq!(fresh.another().open().await, newer);
    })
    .await;
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_says_why() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("store.sqlite"),
        "no database, but long enough for one".repeat(99),
    )
    .unwrap();
    let store = Memory::new(&Settings::default().store, folder.path()).unwrap();
    assert!(matches!(store.open().await, Err(StoreError::Broken(_))));
    assert!(matches!(store.history(&about("a@b.example")).await, Err(StoreError::Away(_))));
}
