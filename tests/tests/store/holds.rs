//! Held mail: each step is made by one, whoever else tries.

use sekisho_milter::store::{Cutoffs, Hold, Reason, State, Step, Store, Wanted, Write};

use crate::with_each;

fn hold(id: &str, host: &str, held_ms: i64) -> Hold {
    Hold {
        id: id.to_owned(),
        queue_id: format!("Q{id}"),
        host: host.to_owned(),
        reason: Reason::Delay,
        sender: "s@own.example".to_owned(),
        recipients: vec!["a@b.example".to_owned()],
        held_ms,
        goes_ms: (held_ms % 2 == 0).then_some(held_ms + 100),
        expires_ms: held_ms + 1000,
        ..Hold::default()
    }
}

fn step(id: &str, from: State, to: State, who: &str) -> Step {
    Step { id: id.to_owned(), from, to, who: who.to_owned(), at_ms: 5000 }
}

#[tokio::test]
async fn holds_are_found_and_moved() {
    with_each(async |fresh| {
        let store = &fresh.store;
        let holds = [hold("1", "mx1", 10), hold("2", "mx1", 11), hold("3", "mx2", 12)];
        let write = |hold: &Hold| Write::Hold(Box::new(hold.clone()));
        store.write(&holds.iter().rev().map(write).collect::<Vec<_>>()).await.unwrap();
        let ids = async |wanted: Wanted| {
            let found = store.holds(&wanted).await.unwrap();
            found.into_iter().map(|hold| hold.id).collect::<Vec<_>>().join(" ")
        };
        let any = Wanted::default;
        assert_eq!(store.holds(&any()).await.unwrap(), holds, "oldest first, as they were written");
        assert_eq!(ids(Wanted { id: "2".into(), ..any() }).await, "2");
        assert_eq!(ids(Wanted { host: "mx1".into(), ..any() }).await, "1 2");
        assert_eq!(ids(Wanted { due_ms: Some(111), ..any() }).await, "1");
        assert_eq!(ids(Wanted { due_ms: Some(1011), ..any() }).await, "1 2 3");

        assert!(store.move_hold(&step("1", State::Held, State::Releasing, "taro")).await.unwrap());
        assert!(
            !store.move_hold(&step("1", State::Held, State::Discarding, "jiro")).await.unwrap()
        );
        assert!(
            !store.move_hold(&step("9", State::Held, State::Discarding, "jiro")).await.unwrap()
        );
        assert!(store.move_hold(&step("1", State::Releasing, State::Released, "")).await.unwrap());
        assert_eq!(ids(Wanted { states: vec![State::Held], ..any() }).await, "2 3");
        assert_eq!(ids(Wanted { states: vec![State::Gone, State::Released], ..any() }).await, "1");

        // Written again, as from a spool: what moved stays where it is. The warning is taken.
        let warned = Hold { warned: true, ..holds[0].clone() };
        store.write(&[write(&holds[0]), write(&warned), write(&holds[0])]).await.unwrap();
        let moved = store.holds(&Wanted { id: "1".into(), ..any() }).await.unwrap();
        let expected = Hold {
            state: State::Released,
            decided_by: "taro".to_owned(),
            warned: true,
            ..holds[0].clone()
        };
        assert_eq!(moved, [expected]);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_decide_at_once_one_wins() {
    with_each(async |fresh| {
        let other = fresh.another();
        for round in 0..20 {
            let id = round.to_string();
            fresh.store.write(&[Write::Hold(Box::new(hold(&id, "mx", 1)))]).await.unwrap();
            let release = step(&id, State::Held, State::Releasing, "taro");
            let discard = step(&id, State::Held, State::Discarding, "jiro");
            let (a, b, c, d) = tokio::try_join!(
                fresh.store.move_hold(&release),
                other.move_hold(&discard),
                fresh.store.move_hold(&discard),
                other.move_hold(&release),
            )
            .unwrap();
            assert_eq!([a, b, c, d].into_iter().filter(|won| *won).count(), 1);
            let hold = &fresh.store.holds(&Wanted { id, ..Wanted::default() }).await.unwrap()[0];
            let released = (hold.state, hold.decided_by.as_str()) == (State::Releasing, "taro");
            let discarded = (hold.state, hold.decided_by.as_str()) == (State::Discarding, "jiro");
            assert_eq!((released, discarded), (a || d, b || c));
        }
    })
    .await;
}

#[tokio::test]
async fn ended_holds_go_and_forget_and_waiting_ones_do_not() {
    with_each(async |fresh| {
        let store = &fresh.store;
        for id in ["waits", "ended"] {
            store.write(&[Write::Hold(Box::new(hold(id, "mx", 1)))]).await.unwrap();
        }
        store.move_hold(&step("ended", State::Held, State::Gone, "")).await.unwrap();
        assert_eq!(store.forget("a@b.example").await.unwrap(), 1);
        let holds = store.holds(&Wanted::default()).await.unwrap();
        let to = |id: &str| holds.iter().find(|hold| hold.id == id).unwrap().recipients[0].as_str();
        assert_eq!((to("ended"), to("waits")), ("-", "a@b.example"));
        let cutoffs = Cutoffs { records_ms: 5001, ..Cutoffs::default() };
        assert_eq!(store.expire(&cutoffs, 10).await.unwrap(), 1);
        assert_eq!(store.expire(&cutoffs, 10).await.unwrap(), 0);
        assert_eq!(store.holds(&Wanted::default()).await.unwrap()[0].id, "waits");
    })
    .await;
}
