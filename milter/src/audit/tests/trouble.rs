//! Crashes, damage, full queues, full disks.

use std::fs;
use std::process::{Command, Stdio};

use super::*;

#[test]
fn a_torn_line_is_kept_aside_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let clock = SetClock::at(MORNING);
    let audit = open_plain(dir.path(), &clock);
    audit.append_record(&record(1));
    audit.append_record(&record(2));
    audit.stop();
    let whole = fs::read(first(dir.path())).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|b| *b == b'\n').unwrap() + 1;
    // Wherever the line is torn, also with nothing but its line feed missing.
    for cut in [last + 1, last + 300, whole.len() - 1] {
        let again = tempfile::tempdir().unwrap();
        fs::write(first(again.path()), &whole[..cut]).unwrap();
        let audit = open_plain(again.path(), &clock);
        audit.append_record(&record(3));
        audit.stop();
        let report = report(again.path(), &own_anchors(again.path()).unwrap());
        assert_eq!(report.findings, []);
        assert_eq!(report.notes.len(), 1, "{:?}", report.notes);
        assert_eq!(ids(again.path()), ["r1", "r3"]);
        let kept = names(again.path()).into_iter().find(|name| name.starts_with("torn-")).unwrap();
        assert_eq!(fs::read(again.path().join(kept)).unwrap(), whole[last..cut]);
    }
}

#[test]
fn a_damaged_end_is_left_as_evidence_and_the_chain_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let clock = SetClock::at(MORNING);
    let audit = open_plain(dir.path(), &clock);
    audit.append_record(&record(1));
    audit.append_record(&record(2));
    audit.stop();
    let damaged = fs::read_to_string(first(dir.path())).unwrap().replace("\"r2\"", "\"r9\"");
    fs::write(first(dir.path()), &damaged).unwrap();
    let audit = open_plain(dir.path(), &clock);
    audit.append_record(&record(3));
    audit.stop();
    assert_eq!(fs::read_to_string(first(dir.path())).unwrap(), damaged);
    assert_eq!(
        found(dir.path(), &[]),
        [
            "audit-000000000001-2027-03-31.jsonl:3: entry 3 was altered: its hash does not fit",
            "audit-000000000004-2027-03-31.jsonl:1: entry 4 does not carry the hash of entry 3: \
             one of them was replaced",
        ]
    );
    for garbage in ["x\n", "x", "", "\n\n"] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(first(dir.path()), garbage).unwrap();
        open_plain(dir.path(), &clock).stop();
        open_plain(dir.path(), &clock).stop();
    }
}

#[test]
fn a_full_queue_loses_and_counts() {
    let dir = tempfile::tempdir().unwrap();
    let clock = SetClock::at(MORNING);
    let own = Options { waiting_bytes: 10, ..options(dir.path()) };
    let audit = open(own, &clock, &Outside::default());
    assert!(!audit.append_record(&record(1)));
    assert!(!audit.append_record(&record(2)));
    assert!(!audit.append_event(&deed(Deed::Held)));
    assert_eq!(audit.lost(), 3);
    audit.stop();
    let report = report(dir.path(), &[]);
    assert_eq!(report.findings, []);
    assert_eq!(
        report.notes,
        ["audit-000000000001-2027-03-31.jsonl:2: for want of room 2 records and 1 events from \
          2027-03-31T09:00:00.001+09:00 to 2027-03-31T09:00:00+09:00 are not in the log"]
    );
}

#[test]
fn a_record_longer_than_a_line_is_shortened() {
    let dir = tempfile::tempdir().unwrap();
    let own = Options { waiting_bytes: 64 << 20, ..options(dir.path()) };
    let audit = open(own, &SetClock::at(MORNING), &Outside::default());
    let mut long = record(1);
    long.recipients = vec!["somebody@example.com".into(); 300_000];
    long.subject = "あ".repeat(100_000);
    assert!(audit.append_record(&long));
    audit.stop();
    assert_eq!(found(dir.path(), &[]), [""; 0]);
    assert!(text(dir.path()).contains("shortened in the audit log: 300000 recipients"));
}

/// Not a test by itself: [`killed_in_the_middle`] starts this program again with only it, and kills
/// that.
#[test]
fn write_until_killed() {
    let Some(dir) = std::env::var_os("SEKISHO_TEST_AUDIT") else { return };
    let audit = Audit::open(options(Path::new(&dir)), vec![]).unwrap();
    for number in 0.. {
        audit.append_record(&record(number));
    }
}

#[test]
fn killed_in_the_middle() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        let before = text(dir.path()).len();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "audit::tests::trouble::write_until_killed"])
            .env("SEKISHO_TEST_AUDIT", dir.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..10_000 {
            if text(dir.path()).len() > before + 500_000 {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    Audit::open(options(dir.path()), vec![]).unwrap().stop();
    let report = report(dir.path(), &own_anchors(dir.path()).unwrap());
    assert_eq!(report.findings, []);
    assert!(report.entries > 300, "{}", report.entries);
}

/// A disk of one megabyte, where the user may mount one.
#[test]
fn a_full_disk_costs_entries_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let command = command.args(arguments).arg(dir.path()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !run("mount", &["-t", "tmpfs", "-o", "size=1m", "tmpfs"]) {
        eprintln!("left out: no right to mount a small disk");
        return;
    }
    let filled = dir.path().join("filled");
    let audit_dir = dir.path().join("audit");
    let own = Options { waiting: 50, ..options(&audit_dir) };
    fs::create_dir(&audit_dir).unwrap();
    // Also a start finds no room.
    let _ = fs::write(&filled, vec![0; 2_000_000]);
    let audit = Audit::open(own, vec![]).unwrap();
    let start = std::time::Instant::now();
    let kept = (0..2000).filter(|number| audit.append_record(&record(*number))).count();
    // Nobody waited for the disk.
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert!(audit.lost() > 1500, "{}", audit.lost());
    fs::remove_file(filled).unwrap();
    for _ in 0..10_000 {
        if text(&audit_dir).contains("\"lost\":{") {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    audit.append_event(&deed(Deed::Stopped));
    audit.stop();
    let report = report(&audit_dir, &own_anchors(&audit_dir).unwrap());
    let (found, notes, ids) = (report.findings, report.notes, ids(&audit_dir).len());
    let unmounted = run("umount", &[]);
    assert_eq!((found, notes.len(), ids), (vec![], 1, kept), "{notes:?}");
    assert!(unmounted);
}

#[test]
fn a_file_that_was_taken_away_shows() {
    for take_away in [
        |path: &Path| fs::remove_file(path).unwrap(),
        |path: &Path| fs::remove_dir_all(path.parent().unwrap()).unwrap(),
        |path: &Path| fs::write(path, "").unwrap(),
    ] {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("audit");
        let clock = SetClock::at(MORNING);
        let audit = open_plain(&dir, &clock);
        audit.append_record(&record(1));
        settle(&audit);
        take_away(&first(&dir));
        clock.pass(2000);
        // The next look is after that much time by the clock, with the next entry.
        audit.append_record(&record(2));
        settle(&audit);
        clock.pass(2000);
        audit.append_record(&record(3));
        audit.stop();
        assert!(ids(&dir).contains(&"r3".to_owned()));
        let found = found(&dir, &[]);
        assert!(found.iter().any(|what| what.contains("missing")), "{found:#?}");
    }
}
