//! What judging costs, over the sample mails: `cargo bench -p sekisho-corpus`.
//!
//! `SEKISHO_TEST_MAIL` may name a folder of `.eml` files to measure instead.

// A measurement that cannot go on fails.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use divan::counter::{BytesCount, ItemsCount};
use sekisho_config::Settings;
use sekisho_heuristics::facts::{Direction, Facts};
use sekisho_heuristics::inbound::judge;
use sekisho_heuristics::indicators::ALL;
use sekisho_heuristics::message::{Envelope, Message};
use sekisho_heuristics::policy::Policy;

fn main() {
    divan::main();
}

fn mails() -> Vec<Vec<u8>> {
    match std::env::var_os("SEKISHO_TEST_MAIL") {
        Some(folder) => files(folder.into()),
        None => {
            let mut cases = sekisho_corpus::cases().unwrap();
            cases.retain(|case| case.direction == Direction::Inbound);
            cases.into_iter().map(|c| c.mail).collect()
        }
    }
}

fn files(folder: std::path::PathBuf) -> Vec<Vec<u8>> {
    let (mut open, mut mails) = (vec![folder], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "eml") {
                mails.push(std::fs::read(path).unwrap());
            }
        }
    }
    mails
}

/// Every mail once, with `work`; counted in mails and bytes.
fn measure(
    bencher: divan::Bencher<'_, '_>,
    work: impl Fn(&Message<'_>, &Facts<'_>, &Policy) + Sync,
) {
    let mails = mails();
    let (policy, _) = Policy::new(Settings::default());
    let envelope = Envelope::default();
    bencher
        .counter(ItemsCount::new(mails.len()))
        .counter(BytesCount::new(mails.iter().map(Vec::len).sum::<usize>()))
        .bench(|| {
            for raw in &mails {
                let mail = Message::new(raw, &envelope, &policy.settings().filter.limits);
                work(&mail, &Facts::unknown(policy.settings()), &policy);
            }
        });
}

#[divan::bench]
fn structure(bencher: divan::Bencher<'_, '_>) {
    measure(bencher, |mail, _, _| {
        divan::black_box(mail.parts().len());
    });
}

#[divan::bench]
fn texts(bencher: divan::Bencher<'_, '_>) {
    measure(bencher, |mail, _, _| {
        divan::black_box(mail.texts().len());
    });
}

#[divan::bench]
fn texts_and_links(bencher: divan::Bencher<'_, '_>) {
    measure(bencher, |mail, _, _| {
        divan::black_box(mail.links().len());
    });
}

#[divan::bench]
fn files_and_their_types(bencher: divan::Bencher<'_, '_>) {
    measure(bencher, |mail, _, _| {
        divan::black_box(mail.attachments().len());
    });
}

#[divan::bench]
fn whole_judgement(bencher: divan::Bencher<'_, '_>) {
    measure(bencher, |mail, facts, policy| {
        divan::black_box(judge(mail, facts, policy));
    });
}

/// One indicator alone, over views that are already made.
#[divan::bench(args = ids(), sample_count = 10)]
fn indicator(bencher: divan::Bencher<'_, '_>, id: &str) {
    let mails = mails();
    let (policy, _) = Policy::new(Settings::default());
    let facts = Facts::under(&policy);
    let envelope = Envelope::default();
    let limits = &policy.settings().filter.limits;
    let messages: Vec<Message<'_>> =
        mails.iter().map(|raw| Message::new(raw, &envelope, limits)).collect();
    for mail in &messages {
        divan::black_box(judge(mail, &facts, &policy));
    }
    let indicator = ALL.iter().find(|indicator| indicator.id == id).unwrap();
    bencher.counter(ItemsCount::new(messages.len())).bench_local(|| {
        for mail in &messages {
            divan::black_box((indicator.look)(mail, &facts));
        }
    });
}

fn ids() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|indicator| indicator.id)
}
