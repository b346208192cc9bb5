//! The queue before a store that is well, away, slow.

use std::path::Path;

use super::super::stub::Stub;
use super::*;

fn sent(at: i64) -> Write {
    Write::SentId { message_id: "m@own.example".to_owned(), at }
}

fn start(stub: &Arc<Stub>, folder: &Path, most: usize) -> Queue {
    Queue::start(Arc::clone(stub), folder.join("spool"), most)
}

/// Times of all that the store took.
fn taken(stub: &Stub) -> Vec<i64> {
    let writes = stub.batches().into_iter().flatten();
    let mut at: Vec<i64> = writes
        .map(|write| match write {
            Write::SentId { at, .. } => at,
            other => panic!("{other:?}"),
        })
        .collect();
    at.sort_unstable();
    at
}

async fn until(what: impl Fn() -> bool) {
    let look = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(5)).await
        }
    };
    tokio::time::timeout(Duration::from_secs(20), look).await.unwrap();
}

#[tokio::test]
async fn what_comes_together_goes_together() {
    let (stub, folder) = (Arc::<Stub>::default(), tempfile::tempdir().unwrap());
    let queue = start(&stub, folder.path(), 1 << 20);
    (0..3).for_each(|at| queue.write(sent(at)));
    until(|| !stub.batches().is_empty()).await;
    assert_eq!(stub.batches(), [[sent(0), sent(1), sent(2)]]);
    queue.stop().await;
    assert_eq!(queue.counts().written.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn what_comes_while_the_store_is_away_is_written_later() {
    let (stub, folder) = (Arc::<Stub>::default(), tempfile::tempdir().unwrap());
    stub.set_away(true);
    let queue = start(&stub, folder.path(), 1 << 20);
    let many = 2 * BATCH as i64 + 7;
    (0..many).for_each(|at| queue.write(sent(at)));
    until(|| queue.counts().spooled.load(Ordering::Relaxed) == many as u64).await;
    assert_eq!(queue.counts().away.load(Ordering::Relaxed), 1);
    stub.set_away(false);
    until(|| taken(&stub).len() as i64 == many).await;
    assert_eq!(taken(&stub), (0..many).collect::<Vec<_>>());
    queue.stop().await;
    assert_eq!(queue.counts().spool_bytes.load(Ordering::Relaxed), 0);
    assert_eq!(std::fs::metadata(folder.path().join("spool")).unwrap().len(), 0);
}

#[tokio::test]
async fn a_stop_writes_what_waits_at_once() {
    let (stub, folder) = (Arc::<Stub>::default(), tempfile::tempdir().unwrap());
    let queue = start(&stub, folder.path(), 1 << 20);
    (0..5000).for_each(|at| queue.write(sent(at)));
    queue.stop().await;
    assert_eq!(taken(&stub), (0..5000).collect::<Vec<_>>());
    queue.write(sent(1));
    assert_eq!(queue.counts().left_out.load(Ordering::Relaxed), 1, "after the end");
}

#[tokio::test]
async fn what_a_stop_finds_no_store_for_is_written_by_the_next_start() {
    let (stub, folder) = (Arc::<Stub>::default(), tempfile::tempdir().unwrap());
    stub.set_away(true);
    let queue = start(&stub, folder.path(), 1 << 20);
    (0..600).for_each(|at| queue.write(sent(at)));
    queue.stop().await;
    drop(queue);
    assert!(stub.batches().is_empty());
    stub.set_away(false);
    let queue = start(&stub, folder.path(), 1 << 20);
    until(|| taken(&stub).len() == 600).await;
    queue.stop().await;
}

#[tokio::test]
async fn while_a_batch_takes_long_others_go_to_disk() {
    let (stub, folder) = (Arc::<Stub>::default(), tempfile::tempdir().unwrap());
    stub.set_slow(Duration::from_secs(5));
    let queue = start(&stub, folder.path(), 1 << 20);
    queue.write(sent(0));
    until(|| queue.counts().spooled.load(Ordering::Relaxed) == 0).await;
    tokio::time::sleep(LINGER + SLOW / 2).await;
    queue.write(sent(1));
    until(|| queue.counts().spooled.load(Ordering::Relaxed) == 1).await;
    stub.set_slow(Duration::ZERO);
    until(|| taken(&stub) == [0, 1]).await;
    queue.stop().await;
}

#[tokio::test]
async fn without_room_on_disk_the_newest_is_left_out_and_counted() {
    let (stub, folder) = (Arc::<Stub>::default(), tempfile::tempdir().unwrap());
    stub.set_away(true);
    let queue = start(&stub, folder.path(), 10);
    for at in 0..30_000 {
        queue.write(sent(at));
        if at % 1000 == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let counts = queue.counts();
    until(|| counts.left_out.load(Ordering::Relaxed) > 10_000).await;
    stub.set_away(false);
    until(|| {
        let left_out = counts.left_out.load(Ordering::Relaxed);
        taken(&stub).len() as u64 + left_out == 30_000
    })
    .await;
    let taken = taken(&stub);
    assert_eq!(taken, (0..taken.len() as i64).collect::<Vec<_>>(), "the oldest are there");
    queue.stop().await;
}

#[tokio::test]
async fn a_spool_that_cannot_be_written_is_no_reason_to_stop() {
    let (stub, folder) = (Arc::<Stub>::default(), tempfile::tempdir().unwrap());
    stub.set_away(true);
    let queue = Queue::start(Arc::clone(&stub), folder.path().join("no/folder"), 1 << 20);
    queue.write(sent(0));
    until(|| queue.counts().away.load(Ordering::Relaxed) == 1).await;
    queue.write(sent(1));
    stub.set_away(false);
    until(|| taken(&stub) == [0, 1]).await;
    queue.stop().await;
}
