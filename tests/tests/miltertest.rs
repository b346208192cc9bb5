//! sekisho against miltertest, a client of the protocol that others wrote (Debian: miltertest).
//!
//! The scripts lie in `tests/miltertest/`. Where it is not installed the tests say so and are
//! passed over, unless `SEKISHO_REQUIRE_POSTFIX=1`, with which `tests/all` runs as root.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::process::Command;

use sekisho_tests::sekisho::{Files, Sekisho};

#[track_caller]
fn passes(script: &str, files: Files<'_>) {
    if Command::new("miltertest").arg("-V").output().is_err() {
        let required = std::env::var_os("SEKISHO_REQUIRE_POSTFIX").is_some_and(|v| v == "1");
        assert!(!required, "miltertest is not installed (Debian: apt-get install miltertest)");
        eprintln!("passed over: miltertest is not installed (Debian: apt-get install miltertest)");
        return;
    }
    let sekisho = Sekisho::start(files).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/miltertest");
    let output = Command::new("miltertest")
        .args(["-D", &format!("port={}", sekisho.port()), "-D", &format!("folder={folder}")])
        .args(["-s", &format!("{folder}/{script}.lua")])
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{script}: {said}\n{}", sekisho.log());
}

#[test]
fn a_suspicious_mail_gets_headers_and_a_banner() {
    passes("banner", THRESHOLDS_BANNER);
}

#[test]
fn an_honest_mail_gets_headers_alone() {
    passes("honest", THRESHOLDS_BANNER);
}

#[test]
fn mails_on_one_connection_stay_apart() {
    passes("several", THRESHOLDS_BANNER);
}

#[test]
fn a_cut_connection_harms_nobody_else() {
    passes("cut", THRESHOLDS_BANNER);
}

#[test]
fn a_mail_is_put_on_hold() {
    passes("hold", &[("thresholds.toml", "[thresholds]\ntag = 1\nbanner = 1\nhold = 1\n")]);
}

#[test]
fn a_mail_is_refused() {
    passes("reject", &[("thresholds.toml", "[thresholds]\nhold = \"off\"\nreject = 1\n")]);
}

const THRESHOLDS_BANNER: Files<'_> =
    &[("thresholds.toml", "[thresholds]\ntag = 1\nbanner = 1\nhold = \"off\"\n")];
