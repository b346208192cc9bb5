//! Several hosts on one PostgreSQL, the database gone under load, the disk full: mail goes on, each
//! hold is served once, and what waited is written in the end.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sekisho_tests::postgres::Postgres;
use sekisho_tests::sekisho::Sekisho;
use sekisho_tests::smtp::Letter;
use sekisho_tests::staff::Mail;
use sekisho_tests::wait;

use crate::outbound::{CUSTOMER, hanako, same};
use crate::site::{Site, configure, said};
use crate::{STRANGER, TARO};

/// A PostgreSQL and the line of store.toml that names a database in it.
fn database() -> Option<(Postgres, String)> {
    if !Postgres::is_installed() {
        let required = std::env::var_os("SEKISHO_REQUIRE_POSTFIX").is_some_and(|v| v == "1");
        assert!(!required, "PostgreSQL is not installed (Debian: apt-get install postgresql)");
        eprintln!("passed over: PostgreSQL is not installed (Debian: apt-get install postgresql)");
        return None;
    }
    let postgres = Postgres::start().unwrap();
    let url = postgres.database().unwrap();
    Some((postgres, format!("url = \"{url}?sslmode=disable\"\n")))
}

fn letter(number: usize) -> Letter {
    let content = format!("From: <{STRANGER}>\r\nSubject: number {number}.\r\n\r\nx\r\n");
    Letter::new(STRANGER, TARO, content)
}

/// How many records the audit log has of mails to Taro.
fn audited(site: &Site) -> usize {
    site.ask(&["log", "search", "--format", "jsonl", "--to", TARO]).lines().count()
}

#[test]
fn of_many_who_decide_at_once_on_two_hosts_one_is_heard() {
    let Some((_postgres, url)) = database() else { return };
    let rules = "[rulings]\nconfidential-in-body = \"hold\"\n";
    let approvers = "[approval]\napprovers = [\"boss@own.example\", \"head@own.example\"]\n";
    let files = [("store.toml", url.as_str()), ("outbound.toml", rules), ("hold.toml", approvers)];
    let Some(mx1) = Site::open_on(&files, Some("mx1.own.example")) else { return };
    let Some(mx2) = Site::open_on(&files, Some("mx2.own.example")) else { return };
    for round in 1..=3 {
        let sent = mx1.submit(&hanako("予算案", "【社外秘】\n\n来期の予算です。\n"));
        let held = wait::until("the hold on both hosts", || {
            let mut holds = mx2.holds();
            holds.retain(|hold| hold["state"] == "held");
            holds.pop()
        });
        let held = held.unwrap_or_else(|e| panic!("{e}\n{}", mx1.all_logs()));
        assert_eq!(held["host"], "mx1.own.example");
        let id = held["id"].as_str().unwrap();
        let decide = |site: &Site, who: &str| {
            let said = site.sekisho.ask(&["hold", "approve", id, "--by", who]).unwrap();
            (said.status.success(), crate::site::said(&said))
        };
        let answers: Vec<(bool, String)> = std::thread::scope(|scope| {
            let (mx1, mx2, decide) = (&mx1, &mx2, &decide);
            let asked = [(mx1, "boss"), (mx2, "head"), (mx1, "head"), (mx2, "boss")];
            let asked = asked.map(|(site, who)| {
                scope.spawn(move || decide(site, &format!("{who}@own.example")))
            });
            asked.into_iter().map(|answer| answer.join().unwrap()).collect()
        });
        assert_eq!(answers.iter().filter(|(heard, _)| *heard).count(), 1, "{answers:?}");
        let others = answers.iter().filter(|(heard, _)| !heard);
        others.for_each(|(_, said)| assert!(said.contains("nothing left to decide"), "{said}"));
        let got = mx1.postfix.delivered(CUSTOMER, round);
        assert_eq!(got.len(), round, "once");
        same(&got[round - 1], &sent.content);
        let ended = wait::until("the end", || {
            mx2.holds().into_iter().find(|hold| hold["id"] == id && hold["state"] == "released")
        });
        ended.unwrap_or_else(|e| panic!("{e}\n{}", mx1.all_logs()));
        mx1.audited(&format!("\"what\":\"released\",\"subject\":\"{id}\""));
    }
    assert_eq!(mx1.audit().matches("\"what\":\"released\"").count(), 3, "{}", mx1.audit());
    assert_eq!(mx2.audit().matches("\"what\":\"released\"").count(), 0, "it serves its own queue");
}

#[test]
fn two_filters_of_one_host_release_each_mail_once() {
    let Some((_postgres, url)) = database() else { return };
    let files = [
        ("store.toml", url.as_str()),
        ("hold.toml", "notify_sender = false\n[delay]\nenabled = true\nminutes = 0\n"),
    ];
    let Some(mut site) = Site::open(&files) else { return };
    let mut other = Sekisho::prepared_online(&[]).unwrap();
    configure(&other, &site.postfix, &site.holdd, &files);
    other.restart().unwrap();
    site.holdd.kill();
    let count = 10;
    for number in 0..count {
        let to = format!("customer-{number}@outside.example");
        let mail = Mail::new("hanako@own.example", &to, "資料", "承知いたしました。\n");
        site.submit(&Mail { login: Some("hanako"), ..mail });
    }
    wait::until("all holds", || (site.holds().len() == count).then_some(())).unwrap();
    site.holdd.restart().unwrap();
    wait::until("all released", || {
        site.holds().iter().all(|hold| hold["state"] == "released").then_some(())
    })
    .unwrap();
    site.postfix.settle();
    assert_eq!(site.postfix.all_delivered().len(), count);
    let told = |sekisho: &Sekisho| sekisho.log().matches("its time is over").count();
    let both = (told(&site.sekisho), told(&other));
    eprintln!("released by the one and by the other: {both:?}");
    assert_eq!(both.0 + both.1, count, "{}\n{}", site.sekisho.log(), other.log());
    assert_eq!(site.holdd.log().matches("released from hold").count(), count);
}

#[test]
fn a_database_that_goes_and_comes_under_load_delays_no_mail() {
    let Some((postgres, url)) = database() else { return };
    let Some(site) = Site::open(&[("store.toml", &url)]) else { return };
    let (stop, away) = (AtomicBool::new(false), AtomicBool::new(false));
    let (with, without) = std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            let (mut with, mut without) = (Vec::new(), Vec::new());
            while !stop.load(Ordering::Relaxed) {
                let (began, was_away) = (Instant::now(), away.load(Ordering::Relaxed));
                let reply = site.receive(&letter(with.len() + without.len()));
                assert_eq!(reply.code, 250, "{reply}");
                let times = if was_away { &mut without } else { &mut with };
                times.push(began.elapsed());
            }
            (with, without)
        });
        for _ in 0..3 {
            let mails = site.sekisho.log().matches(": inbound ").count();
            let more = |count: usize| {
                let waited = wait::until("more mails", || {
                    (site.sekisho.log().matches(": inbound ").count() > mails + count).then_some(())
                });
                waited.unwrap_or_else(|e| panic!("{e}\n{}", site.all_logs()));
            };
            more(50);
            away.store(true, Ordering::Relaxed);
            postgres.stop().unwrap();
            more(150);
            postgres.resume().unwrap();
            away.store(false, Ordering::Relaxed);
        }
        stop.store(true, Ordering::Relaxed);
        load.join().unwrap()
    });
    let sent = with.len() + without.len();
    let p99 = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() * 99 / 100]
    };
    let (with, without) = (p99(with), p99(without));
    eprintln!(
        "{sent} mails, database stopped three times: p99 {with:?} with it, {without:?} without"
    );
    assert!(without < Duration::from_secs(2), "with {with:?}, without {without:?}");
    site.sekisho.logged("the store answers again", 1);
    let url = url.split('"').nth(1).unwrap().split('?').next().unwrap();
    let written = wait::until("all records in the database", || {
        let count = postgres.sql_at(url, COUNT).ok()?.parse::<usize>().ok()?;
        (count == sent).then_some(())
    });
    written.unwrap_or_else(|e| {
        panic!("{e}: {:?} of {sent}\n{}", postgres.sql_at(url, COUNT), site.sekisho.log())
    });
    assert_eq!(audited(&site), sent);
}

#[test]
fn on_a_full_disk_mail_goes_on_and_what_waited_is_written_when_there_is_room() {
    let Some(mut site) = Site::open(&[]) else { return };
    site.sekisho.kill();
    let state = site.sekisho.state();
    let _ = fs::remove_dir_all(&state);
    let Some(_disk) = Disk::mount(&state) else { return };
    site.sekisho.restart().unwrap();
    for number in 0..10 {
        assert_eq!(site.receive(&letter(number)).code, 250);
    }
    wait::until("ten records", || (audited(&site) == 10).then_some(())).unwrap();
    let filler = state.join("filler");
    // To the last byte: writing ends with an error.
    let _ = fs::write(&filler, vec![0; 16 << 20]);
    for number in 10..60 {
        assert_eq!(site.receive(&letter(number)).code, 250);
    }
    site.postfix.delivered(TARO, 60);
    site.sekisho.logged("audit log: ", 1);
    site.sekisho.logged("what waits for the store waits in memory", 1);
    eprintln!(
        "{}",
        site.sekisho
            .log()
            .lines()
            .filter(|l| !l.contains("inbound"))
            .collect::<Vec<_>>()
            .join("\n")
    );
    fs::remove_file(&filler).unwrap();
    site.sekisho.logged("audit log: written again", 1);
    site.sekisho.logged("the store answers again", 1);
    wait::until("all records", || (audited(&site) == 60).then_some(())).unwrap();
    wait::until("all in the store", || (crate::held::stored(&site).len() == 60).then_some(()))
        .unwrap();
    let verified = site.sekisho.ask(&["log", "verify"]).unwrap();
    assert!(verified.status.success(), "{}", said(&verified));
    site.sekisho.kill();
}

/// A small disk of the test's own, unmounted when dropped.
struct Disk(std::path::PathBuf);

impl Disk {
    /// `None` where this may not be done here.
    fn mount(at: &std::path::Path) -> Option<Disk> {
        fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs"])
            .arg(at)
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            eprintln!("passed over: no disk can be mounted here");
            return None;
        }
        Some(Disk(at.to_owned()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Somebody may still have a file open.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

const COUNT: &str = "SELECT count(*) FROM sekisho.records";
