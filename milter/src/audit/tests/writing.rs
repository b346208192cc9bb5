//! What is written: schema, days, rights, anchors.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::*;

/// Schema version 1 in full: a change here breaks every log that was ever written.
const SCHEMA_1: &str = include_str!("schema_1.jsonl");

/// Two days of a log with every kind of line that a test can bring about.
fn sample(dir: &Path) {
    let clock = SetClock::at(MORNING);
    let own = Options { waiting_bytes: 2000, ..options(dir) };
    let audit = open(own, &clock, &Outside::default());
    audit.append_record(&record(1));
    settle(&audit);
    audit.append_event(&deed(Deed::Released));
    settle(&audit);
    clock.pass(DAY + 500);
    audit.append_event(&deed(Deed::SignedOff));
    settle(&audit);
    audit.append_record(&Record { subject: "x".repeat(2000), ..record(2) });
    audit.stop();
    let mut torn = fs::OpenOptions::new().append(true).open(dir.join(SECOND_OF_SAMPLE)).unwrap();
    io::Write::write_all(&mut torn, b"{\"v\":1,").unwrap();
    open_plain(dir, &clock).stop();
}

const SECOND_OF_SAMPLE: &str = "audit-000000000005-2027-04-01.jsonl";

#[test]
fn schema_1_is_written() {
    let dir = tempfile::tempdir().unwrap();
    sample(dir.path());
    // The version of the program stands in the first line of each file, and so in all hashes.
    let links = |line: &str| {
        let mut line = line.replace(env!("CARGO_PKG_VERSION"), "0.1.0");
        for key in ["\"prev\":\"", "\"hash\":\""] {
            let at = line.rfind(key).unwrap() + key.len();
            line.replace_range(at..at + 64, "*");
        }
        line
    };
    let written: Vec<String> = text(dir.path()).lines().map(links).collect();
    let golden: Vec<String> = SCHEMA_1.lines().map(links).collect();
    assert_eq!(written, golden);
}

#[test]
fn schema_1_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let second = SCHEMA_1.rfind("{\"v\":1,\"seq\":5,").unwrap();
    fs::write(first(dir.path()), &SCHEMA_1[..second]).unwrap();
    fs::write(dir.path().join(SECOND_OF_SAMPLE), &SCHEMA_1[second..]).unwrap();
    let report = report(dir.path(), &[]);
    assert_eq!((report.findings, report.entries, report.notes.len()), (vec![], 8, 2));
    assert_eq!(ids(dir.path()), ["r1"]);
    // The chain goes on behind it.
    open_plain(dir.path(), &SetClock::at(MORNING + DAY + 1000)).stop();
    assert_eq!(found(dir.path(), &[]), [""; 0]);
}

#[test]
fn a_file_a_day_compressed_when_it_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let (clock, outside) = (SetClock::at(MORNING), Outside::default());
    let audit = open(Options { compress: true, ..options(dir.path()) }, &clock, &outside);
    for day in 0..3u64 {
        audit.append_record(&record(day));
        settle(&audit);
        clock.pass(DAY);
    }
    audit.stop();
    // What was not compressed before the end is at the next start.
    drop(open(Options { compress: true, ..options(dir.path()) }, &clock, &outside));
    let audit = open(Options { compress: true, ..options(dir.path()) }, &clock, &outside);
    let packed = |names: &[String]| names.iter().filter(|name| name.ends_with(".gz")).count();
    for _ in 0..2000 {
        if packed(&names(dir.path())) == 3 {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    audit.stop();
    assert_eq!(
        names(dir.path()),
        [
            "anchors",
            "audit-000000000001-2027-03-31.jsonl.gz",
            "audit-000000000004-2027-04-01.jsonl.gz",
            "audit-000000000007-2027-04-02.jsonl.gz",
            "audit-000000000010-2027-04-03.jsonl",
            "lock",
        ]
    );
    assert_eq!(found(dir.path(), &outside.known()), [""; 0]);
    assert_eq!(ids(dir.path()), ["r0", "r1", "r2"]);
    let packed = dir.path().join("audit-000000000004-2027-04-01.jsonl.gz");
    assert_eq!(fs::metadata(&packed).unwrap().mode() & 0o7777, 0o640);
    let mut bytes = fs::read(&packed).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&packed, bytes).unwrap();
    assert!(!found(dir.path(), &[]).is_empty());
}

#[test]
fn the_same_day_goes_on_in_the_same_file() {
    let dir = tempfile::tempdir().unwrap();
    let clock = SetClock::at(MORNING);
    for number in 1..=3 {
        let audit = open_plain(dir.path(), &clock);
        audit.append_record(&record(number));
        audit.stop();
        clock.pass(1000);
    }
    assert_eq!(names(dir.path()), ["anchors", "audit-000000000001-2027-03-31.jsonl", "lock"]);
    assert_eq!(found(dir.path(), &own_anchors(dir.path()).unwrap()), [""; 0]);
    assert_eq!(ids(dir.path()), ["r1", "r2", "r3"]);
}

#[test]
fn old_files_go_and_the_log_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let (clock, outside) = (SetClock::at(MORNING), Outside::default());
    let audit = open(Options { keep_days: 2, ..options(dir.path()) }, &clock, &outside);
    for day in 0..5u64 {
        audit.append_record(&record(day));
        settle(&audit);
        clock.pass(DAY);
    }
    audit.stop();
    assert_eq!(ids(dir.path()), ["r1", "r2", "r3", "r4"]);
    let report = report(dir.path(), &outside.known());
    assert_eq!(report.findings, []);
    assert_eq!(
        report.notes,
        ["audit-000000000013-2027-04-04.jsonl:2: at 2027-04-04T09:00:00+09:00 the file \
          audit-000000000001-2027-03-31.jsonl (entries 1 to 3) was deleted after 2 days"]
    );
    assert_eq!(report.anchors_left_out, 1);
}

#[test]
fn a_clock_that_is_years_ahead_deletes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let clock = SetClock::at(MORNING);
    let audit = open(Options { keep_days: 2, ..options(dir.path()) }, &clock, &Outside::default());
    for day in 0..3u64 {
        audit.append_record(&record(day));
        settle(&audit);
        clock.pass(DAY);
    }
    clock.jump(1000 * DAY);
    for day in 3..6u64 {
        audit.append_record(&record(day));
        settle(&audit);
        clock.pass(DAY);
    }
    audit.stop();
    assert_eq!(ids(dir.path()).len(), 6);
}

#[test]
fn jumps_of_the_clock_are_written_down_and_days_stay_apart() {
    let dir = tempfile::tempdir().unwrap();
    let clock = SetClock::at(MORNING);
    let audit = open_plain(dir.path(), &clock);
    audit.append_record(&record(1));
    settle(&audit);
    clock.jump(-DAY);
    audit.append_record(&record(2));
    audit.stop();
    clock.jump(-3_600_000);
    open_plain(dir.path(), &clock).stop();
    assert_eq!(
        names(dir.path())[1..3],
        ["audit-000000000001-2027-03-31.jsonl", "audit-000000000004-2027-03-30.jsonl"]
    );
    assert_eq!(found(dir.path(), &[]), [""; 0]);
    let text = text(dir.path());
    let notes: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once("\"note\":\""))
        .map(|(_, n)| &n[..44])
        .collect();
    assert_eq!(
        notes,
        [
            "back by 86400.000 s while running\"},\"hash\":\"",
            "back by 3600.000 s while the program was not"
        ]
    );
}

#[test]
fn only_one_writes() {
    let dir = tempfile::tempdir().unwrap();
    let audit = open_plain(dir.path(), &SetClock::at(MORNING));
    assert!(is_locked(dir.path()));
    let other = Audit::open(options(dir.path()), vec![]).err().map(|error| error.to_string());
    let id = std::process::id();
    let dir_shown = dir.path().display();
    assert_eq!(
        other.unwrap(),
        format!(
            "the audit log {dir_shown} is being written by process {id}; stop it, or name another \
             folder"
        )
    );
    audit.stop();
    assert!(Audit::open(options(dir.path()), vec![]).is_ok());
}

#[test]
fn readable_by_its_group_only() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("state/audit");
    fs::create_dir_all(&dir).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).unwrap();
    let group = fs::metadata(&dir).unwrap().gid();
    let own = Options { group: Some(group.to_string()), ..options(&dir) };
    let audit = open(own, &SetClock::at(MORNING), &Outside::default());
    audit.append_record(&record(1));
    audit.stop();
    assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o7777, 0o2750);
    for name in ["anchors", "audit-000000000001-2027-03-31.jsonl", "lock"] {
        let found = fs::metadata(dir.join(name)).unwrap();
        assert_eq!((found.mode() & 0o7777, found.gid()), (0o640, group), "{name}");
    }
}

/// Group 8 exists on every host, as a number.
#[test]
fn files_come_into_the_configured_group() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("audit");
    let own = Options { group: Some("8".into()), ..options(&dir) };
    match Audit::open(own, vec![]) {
        Ok(audit) => {
            audit.stop();
            let file = names(&dir).into_iter().find(|name| name.starts_with("audit-")).unwrap();
            assert_eq!(fs::metadata(dir.join(file)).unwrap().gid(), 8);
        }
        // Only root and members may give files away.
        Err(error) => assert!(error.to_string().contains("cannot make"), "{error}"),
    }
}

#[test]
fn hooks_get_the_text_and_a_failing_one_harms_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let got = Arc::<Mutex<Vec<String>>>::default();
    let taken = Arc::clone(&got);
    let mail = anchor::Hook {
        name: "mail".into(),
        send: move |text: &str| {
            taken.lock().unwrap().push(text.to_owned());
            Ok(())
        },
    };
    let broken = anchor::Hook {
        name: "broken".into(),
        send: |_: &str| Err(io::Error::other("nobody there")),
    };
    let file = dir.path().join("elsewhere");
    let destinations: Vec<Box<dyn Destination>> =
        vec![Box::new(broken), Box::new(mail), Box::new(AnchorFile(file.clone()))];
    let audit = Audit::open(options(&dir.path().join("audit")), destinations).unwrap();
    audit.append_record(&record(1));
    audit.stop();
    let got = got.lock().unwrap();
    assert_eq!(got.len(), 2);
    assert_eq!(Anchor::find(&got[1]).unwrap().hash, audit.head().hash);
    assert_eq!(fs::read_to_string(file).unwrap(), got.join("\n") + "\n");
}

/// Bytes of a typical mail's entry: printed for the closing note, bounded here.
#[test]
fn bytes_of_an_entry() {
    let dir = tempfile::tempdir().unwrap();
    let outside = two_days(dir.path());
    drop(outside);
    let text = text(dir.path());
    let line = text.lines().find(|line| line.contains("\"judged\"")).unwrap();
    println!("{} bytes", line.len() + 1);
    assert!(line.len() < 1500, "{}", line.len());
}
