//! sekisho beside a real clamd: found, clean, down.
//!
//! Where clamd is not installed the tests say so and are passed over, unless
//! `SEKISHO_REQUIRE_POSTFIX=1`, with which `tests/all` runs as root.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use sekisho_config::Listen;
use sekisho_milter::wire::Reply;
use sekisho_tests::clamd::{Clamd, MARK, eicar};
use sekisho_tests::fake_postfix::{FakePostfix, Mail};
use sekisho_tests::outcome::Outcome;
use sekisho_tests::sekisho::Sekisho;

/// A clamd, or nothing where none is installed.
fn clamd() -> Option<Clamd> {
    if !Clamd::is_installed() {
        let required = std::env::var_os("SEKISHO_REQUIRE_POSTFIX").is_some_and(|v| v == "1");
        assert!(!required, "clamd is not installed (Debian: apt-get install clamav-daemon)");
        eprintln!("passed over: clamd is not installed (Debian: apt-get install clamav-daemon)");
        return None;
    }
    Some(Clamd::start().unwrap())
}

fn start(clamd: &Clamd, on_failure: &str) -> Sekisho {
    let scanner = format!("clamd = \"unix:{}\"\ndeadline = \"5s\"\n", clamd.socket().display());
    let files = [
        ("scanner.toml", scanner.as_str()),
        ("authentication.toml", "check = false\n"),
        ("filter.toml", on_failure),
    ];
    let mut sekisho = Sekisho::prepared_online(&files).unwrap();
    sekisho.restart().unwrap();
    sekisho
}

fn send(sekisho: &Sekisho, mail: &str) -> Outcome {
    let address: Listen = format!("inet:127.0.0.1:{}", sekisho.port()).parse().unwrap();
    FakePostfix::connect(&address).unwrap().send(&Mail::new(mail)).unwrap()
}

fn with_file(content: &str) -> String {
    format!(
        "From: a@example.com\nSubject: x\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n\
         --b\nContent-Disposition: attachment; filename=a.txt\n\n{content}\n--b--\n"
    )
}

#[test]
fn what_clamd_finds_is_held_and_what_it_does_not_goes_on() {
    let Some(clamd) = clamd() else { return };
    let sekisho = start(&clamd, "");
    assert!(send(&sekisho, &with_file(&eicar())).is_held());
    sekisho.logged("malware-found=100", 1);
    assert!(send(&sekisho, &with_file(MARK)).is_held());
    sekisho.logged("malware-found=100", 2);
    let clean = send(&sekisho, &with_file("minutes of the meeting"));
    assert!(clean.is_taken() && !clean.is_held());
}

#[test]
fn without_clamd_the_settings_say_what_happens() {
    let Some(mut clamd) = clamd() else { return };
    let strict = start(&clamd, "");
    let lenient = start(&clamd, "[on_failure]\nscanner = \"accept\"\n");
    let holding = start(&clamd, "[on_failure]\nscanner = \"hold\"\n");
    clamd.kill();
    let mail = with_file("minutes of the meeting");
    let put_off = send(&strict, &mail).reply;
    assert!(matches!(&put_off, Reply::Text(text) if text.code() == 451), "{put_off:?}");
    strict.logged("not scanned for viruses: clamd cannot be asked", 1);
    let taken = send(&lenient, &mail);
    assert!(taken.is_taken() && !taken.is_held());
    assert!(send(&holding, &mail).is_held());
}
