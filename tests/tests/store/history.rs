//! Who wrote to whom.

use sekisho_heuristics::history::{Contact, EncryptedSent, History, Known, Number};
use sekisho_milter::store::{Cutoffs, Question, Store, Write};

use crate::with_each;

pub(crate) fn met(address: &str, sent: bool, at: i64) -> Write {
    let domain = address.split_once('@').unwrap().1.to_owned();
    Write::Met { address: address.to_owned(), domain, sent, at, count: 1 }
}

pub(crate) fn about(address: &str) -> Question {
    let sender_domain = address.split_once('@').unwrap().1.to_owned();
    Question { sender: address.to_owned(), sender_domain, ..Question::default() }
}

fn contact(received: u64, sent: u64, first: i64) -> Contact {
    Contact { received, sent, first }
}

#[tokio::test]
async fn mail_is_counted_in_both_directions() {
    with_each(async |fresh| {
        let store = &fresh.store;
        let none =
            History { sender: Some(Known::default()), numbers: Some(vec![]), ..Default::default() };
        assert_eq!(store.history(&about("a@b.example")).await.unwrap(), none);

        let first = [met("a@b.example", false, 2000), met("a@b.example", false, 1000)];
        store.write(&first).await.unwrap();
        store
            .write(&[met("a@b.example", true, 3000), met("c@b.example", true, 500)])
            .await
            .unwrap();
        let known = store.history(&about("a@b.example")).await.unwrap().sender.unwrap();
        assert_eq!(known.address, contact(2, 1, 1000));
        assert_eq!(known.domain, contact(2, 2, 500));
        let known = store.history(&about("x@b.example")).await.unwrap().sender.unwrap();
        assert_eq!((known.address, known.domain), (Contact::default(), contact(2, 2, 500)));
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_comes_twice_counts_once() {
    with_each(async |fresh| {
        let batch = [met("a@b.example", false, 1000)];
        fresh.store.write(&batch).await.unwrap();
        fresh.store.write(&batch).await.unwrap();
        // A second host writes it from its spool.
        fresh.another().write(&batch).await.unwrap();
        let known = fresh.store.history(&about("a@b.example")).await.unwrap().sender.unwrap();
        assert_eq!(known.address, contact(1, 0, 1000));
    })
    .await;
}

#[tokio::test]
async fn answers_to_mail_of_ours() {
    with_each(async |fresh| {
        let store = &fresh.store;
        let ask = |id: &str, answers_since| Question {
            answers: vec!["other@x.example".to_owned(), id.to_owned()],
            answers_since,
            ..Question::default()
        };
        let answer =
            async |id: &str, since| store.history(&ask(id, since)).await.unwrap().answers_ours;
        assert_eq!(answer("1@own.example", 1_000_000).await, None);
        let sent = |id: &str, at| Write::SentId { message_id: id.to_owned(), at };
        let batch = [sent("1@own.example", 5000), sent("2@own.example", 9000)];
        store.write(&batch).await.unwrap();
        store.write(&batch).await.unwrap();
        assert_eq!(answer("1@own.example", 0).await, Some(true));
        assert_eq!(answer("3@own.example", 5000).await, Some(false));
        // Memory begins at 5000, and the mail answered may be older.
        assert_eq!(answer("3@own.example", 4999).await, None);
    })
    .await;
}

#[tokio::test]
async fn numbers_of_a_domain() {
    with_each(async |fresh| {
        let store = &fresh.store;
        let number = |digits: &str, is_fax| Number { digits: digits.to_owned(), is_fax };
        let write = |number: &Number| Write::Number {
            domain: "b.example".to_owned(),
            number: number.clone(),
            at: 7,
        };
        let known = [number("0312345678", false), number("0312345679", true)];
        store.write(&[write(&known[1]), write(&known[0]), write(&known[1])]).await.unwrap();
        store.write(&[write(&known[0])]).await.unwrap();
        let told = store.history(&about("a@b.example")).await.unwrap().numbers;
        assert_eq!(told, Some(known.to_vec()));
        // No organisation has so many; a provider's customers do.
        let many: Vec<Write> =
            (0..64).map(|n| write(&number(&format!("03{n:08}"), false))).collect();
        store.write(&many).await.unwrap();
        assert_eq!(store.history(&about("a@b.example")).await.unwrap().numbers, None);
    })
    .await;
}

#[tokio::test]
async fn recipients_and_what_was_sent_to_them() {
    with_each(async |fresh| {
        let store = &fresh.store;
        let sent =
            |to: &str, at| EncryptedSent { to: to.to_owned(), name: "見積.zip".to_owned(), at };
        let recipient = |a: &str| (a.to_owned(), a.split_once('@').unwrap().1.to_owned());
        let batch = [
            met("a@known.example", true, 1),
            met("x@heard.example", false, 1),
            Write::Encrypted(sent("a@known.example", 100)),
            Write::Encrypted(sent("a@known.example", 200)),
            Write::Encrypted(sent("z@known.example", 200)),
        ];
        store.write(&batch).await.unwrap();
        let ask = Question {
            recipients: ["a@known.example", "b@new.example", "c@new.example", "x@heard.example"]
                .map(recipient)
                .to_vec(),
            encrypted_since: 150,
            ..Question::default()
        };
        let told = store.history(&ask).await.unwrap();
        let new = ["new.example", "heard.example"].map(str::to_owned).to_vec();
        assert_eq!(told.new_recipient_domains, Some(new));
        assert_eq!(told.encrypted_sent, [sent("a@known.example", 200)]);
        assert_eq!(told.sender, None);
    })
    .await;
}

#[tokio::test]
async fn what_is_old_goes_in_bites() {
    with_each(async |fresh| {
        let store = &fresh.store;
        let day = 86_400;
        let mut batch: Vec<Write> =
            (0..5).map(|n| met(&format!("{n}@old.example"), false, day)).collect();
        batch.push(met("a@new.example", true, 100 * day));
        batch.push(Write::SentId { message_id: "old@own.example".to_owned(), at: day });
        store.write(&batch).await.unwrap();
        let cutoffs = Cutoffs { correspondents_ms: 50 * day * 1000, ..Cutoffs::default() };
        let mut bites = Vec::new();
        loop {
            bites.push(store.expire(&cutoffs, 2).await.unwrap());
            if bites.last() == Some(&0) {
                break;
            }
        }
        // Five addresses and their domain.
        assert_eq!(bites, [3, 2, 1, 0]);
        let known = store.history(&about("0@old.example")).await.unwrap().sender.unwrap();
        assert_eq!(known, Known::default());
        let known = store.history(&about("a@new.example")).await.unwrap().sender.unwrap();
        assert!(known.address.is_known() && known.domain.is_known());
        let details = Cutoffs { details_ms: 50 * day * 1000, ..Cutoffs::default() };
        assert_eq!(store.expire(&details, 2).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn hashed_addresses_stand_nowhere_in_the_clear() {
    with_each(async |fresh| {
        let sent = EncryptedSent { to: "b@c.example".into(), name: "x.zip".into(), at: 1 };
        let batch = [met("taro.yamada@b.example", false, 1), Write::Encrypted(sent)];
        fresh.store.write(&batch).await.unwrap();
        let mut spooled = batch[0].clone();
        fresh.store.conceal(&mut spooled);
        assert_eq!(spooled == batch[0], !fresh.settings.hash_addresses);
        // What was concealed before is not concealed twice.
        fresh.store.write(&[spooled]).await.unwrap();
        let known = fresh.store.history(&about("taro.yamada@b.example")).await.unwrap();
        assert_eq!(known.sender.unwrap().address.received, 2);
        let kept = match fresh.sql("SELECT string_agg(name, ',') FROM sekisho.addresses") {
            Some(names) => names.into_bytes(),
            None => ["store.sqlite", "store.sqlite-wal"]
                .iter()
                .flat_map(|file| std::fs::read(fresh.folder.path().join(file)).unwrap())
                .collect(),
        };
        let clear = kept.windows(11).any(|part| part == b"taro.yamada");
        assert_eq!(clear, !fresh.settings.hash_addresses);
    })
    .await;
}

#[tokio::test]
async fn hostile_texts_are_texts() {
    with_each(async |fresh| {
        let long = format!("{}@b.example", "長".repeat(5000));
        for address in
            ["a'; DROP TABLE addresses; --@b.example", "a\0b@b.example", "%@b.example", &long]
        {
            fresh.store.write(&[met(address, false, 1)]).await.unwrap();
            let known = fresh.store.history(&about(address)).await.unwrap().sender.unwrap();
            assert_eq!(known.address.received, 1);
        }
    })
    .await;
}
