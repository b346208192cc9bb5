//! What `verify` finds, by every kind of change.

use std::fs;

use super::super::entry::{Hash, Head};
use super::*;

/// Changes a log of two days by `change` and compares what is found: without anchors, and by those
/// from outside.
#[track_caller]
fn check(change: impl Fn(&Path), expected: &[&str], expected_by_anchors: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let outside = two_days(dir.path());
    assert_eq!(found(dir.path(), &outside.known()), [""; 0], "before the change");
    change(dir.path());
    assert_eq!(found(dir.path(), &[]), expected);
    assert_eq!(found(dir.path(), &outside.known()), expected_by_anchors);
}

/// Changes the lines of a file.
fn lines(path: &Path, change: impl Fn(&mut Vec<String>)) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(path, text).unwrap();
}

/// Computes the hash of a line anew, as somebody who knows the scheme would.
fn hashed_anew(line: &str) -> String {
    let (hashed, _) = line.rsplit_once(",\"hash\":\"").unwrap();
    format!("{hashed},\"hash\":\"{}\"}}", Hash::of(hashed.as_bytes()))
}

#[test]
fn an_untouched_log_is_clean() {
    let dir = tempfile::tempdir().unwrap();
    let outside = two_days(dir.path());
    let report = report(dir.path(), &outside.known());
    assert_eq!((report.files, report.entries, report.first, report.head.seq), (2, 10, 1, 10));
    assert_eq!((report.findings, report.notes), (vec![], vec![]));
    // At the start, at the change of the day, at the end.
    assert_eq!(report.anchors_held, 3);
    assert_eq!(own_anchors(dir.path()).unwrap().len(), 3);
}

#[test]
fn an_empty_folder_and_none_at_all_are_clean() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(found(dir.path(), &[]), [""; 0]);
    assert_eq!(found(&dir.path().join("none"), &[]), [""; 0]);
}

#[test]
fn an_edited_line() {
    let expected =
        ["audit-000000000001-2027-03-31.jsonl:3: entry 3 was altered: its hash does not fit"];
    check(
        |dir| lines(&first(dir), |l| l[2] = l[2].replace("banner", "accept")),
        &expected,
        &expected,
    );
}

#[test]
fn an_edited_last_line() {
    let altered =
        "audit-000000000007-2027-04-01.jsonl:4: entry 10 was altered: its hash does not fit";
    check(
        |dir| lines(&second(dir), |l| l[3] = l[3].replace("banner", "accept")),
        &[altered],
        &[
            altered,
            "audit-000000000007-2027-04-01.jsonl:4: entry 10 is not the one that was anchored at \
             2027-04-01T09:00:00+09:00 (outside)",
        ],
    );
}

#[test]
fn an_edited_line_with_its_hash_computed_anew() {
    let expected = [
        "audit-000000000001-2027-03-31.jsonl:4: entry 4 does not carry the hash of entry 3: one of \
                     them was replaced",
    ];
    check(
        |dir| lines(&first(dir), |l| l[2] = hashed_anew(&l[2].replace("banner", "accept"))),
        &expected,
        &expected,
    );
}

#[test]
fn a_deleted_line() {
    let expected = [
        "audit-000000000001-2027-03-31.jsonl:3: entry 3 is missing before this line: deleted or moved",
    ];
    check(|dir| lines(&first(dir), |l| drop(l.remove(2))), &expected, &expected);
}

#[test]
fn deleted_lines_over_the_end_of_a_file() {
    let expected = [
        "audit-000000000007-2027-04-01.jsonl:1: entries 4 to 6 are missing before this line: deleted \
                     or moved",
    ];
    check(|dir| lines(&first(dir), |l| l.truncate(3)), &expected, &expected);
}

#[test]
fn a_deleted_first_file() {
    let missing = "entries 1 to 6 are missing: deleted";
    check(
        |dir| fs::remove_file(first(dir)).unwrap(),
        &[missing],
        &[missing, "entry 1, anchored at 2027-03-31T09:00:00+09:00 (outside), is missing"],
    );
}

#[test]
fn a_deleted_last_file_shows_by_anchors_only() {
    check(
        |dir| fs::remove_file(second(dir)).unwrap(),
        &[],
        &[
            "the log ends with entry 6, but entry 7 was anchored at 2027-04-01T09:00:00+09:00 \
             (outside): its end was cut off",
            "the log ends with entry 6, but entry 10 was anchored at 2027-04-01T09:00:00+09:00 \
             (outside): its end was cut off",
        ],
    );
}

#[test]
fn everything_deleted_shows_by_anchors_only() {
    let dir = tempfile::tempdir().unwrap();
    let outside = two_days(dir.path());
    fs::remove_file(first(dir.path())).unwrap();
    fs::remove_file(second(dir.path())).unwrap();
    assert_eq!(found(dir.path(), &[]).len(), 0);
    assert_eq!(found(dir.path(), &outside.known()).len(), 3);
}

#[test]
fn exchanged_lines() {
    let expected = [
        "audit-000000000001-2027-03-31.jsonl:2: entry 2 is missing before this line: deleted or moved",
        "audit-000000000001-2027-03-31.jsonl:3: entry 2 stands behind entry 3: moved or put in",
    ];
    check(|dir| lines(&first(dir), |l| l.swap(1, 2)), &expected, &expected);
}

#[test]
fn a_line_put_in() {
    let forged = |line: &str| hashed_anew(&line.replace("\"r2\"", "\"r9\""));
    let expected =
        ["audit-000000000001-2027-03-31.jsonl:4: entry 3 stands behind entry 3: moved or put in"];
    check(|dir| lines(&first(dir), |l| l.insert(3, forged(&l[2]))), &expected, &expected);
    let expected = ["audit-000000000001-2027-03-31.jsonl:4: is no entry: altered or put in"];
    check(|dir| lines(&first(dir), |l| l.insert(3, "{}".into())), &expected, &expected);
}

#[test]
fn a_cut_end_shows_by_anchors_only() {
    check(
        |dir| lines(&second(dir), |l| l.truncate(2)),
        &[],
        &["the log ends with entry 8, but entry 10 was anchored at 2027-04-01T09:00:00+09:00 \
           (outside): its end was cut off"],
    );
}

#[test]
fn an_end_cut_within_a_line() {
    let torn = "audit-000000000007-2027-04-01.jsonl:4: ends within a line: cut here, or the program was killed and \
                not started since";
    let cut = |dir: &Path| {
        let text = fs::read_to_string(second(dir)).unwrap();
        fs::write(second(dir), &text[..text.len() - 9]).unwrap();
    };
    check(
        cut,
        &[torn],
        &[
            torn,
            "the log ends with entry 9, but entry 10 was anchored at 2027-04-01T09:00:00+09:00 \
             (outside): its end was cut off",
        ],
    );
}

#[test]
fn a_chain_computed_anew_shows_by_anchors_only() {
    let rewrite = |dir: &Path| {
        let mut head = Head::default();
        for path in [first(dir), second(dir)] {
            let text = fs::read_to_string(&path).unwrap().replace("\"banner\"", "\"accept\"");
            let mut out = Vec::new();
            for line in text.lines() {
                let at = &line[line.find("\"at\":\"").unwrap() + 6..];
                let at = &at[..at.find('"').unwrap()];
                let start = line.find("\"prev\":\"").unwrap() + 8 + 64 + 2;
                let end = line.rfind(",\"hash\":\"").unwrap();
                let (bytes, next) = head.line(at, &line.as_bytes()[start..end]);
                out.extend(bytes);
                head = next;
            }
            fs::write(path, out).unwrap();
        }
    };
    check(
        rewrite,
        &[],
        &[
            "audit-000000000007-2027-04-01.jsonl:1: entry 7 is not the one that was anchored at \
             2027-04-01T09:00:00+09:00 (outside)",
            "audit-000000000007-2027-04-01.jsonl:4: entry 10 is not the one that was anchored at \
             2027-04-01T09:00:00+09:00 (outside)",
        ],
    );
}

#[test]
fn exchanged_files() {
    let dir = tempfile::tempdir().unwrap();
    two_days(dir.path());
    let aside = dir.path().join("aside");
    fs::rename(first(dir.path()), &aside).unwrap();
    fs::rename(second(dir.path()), first(dir.path())).unwrap();
    fs::rename(&aside, second(dir.path())).unwrap();
    let found = found(dir.path(), &[]);
    let exchanged = |name: &str, other: &str| {
        found.contains(&format!("{name}:1: begins the file {other}: renamed or exchanged"))
    };
    let names = ["audit-000000000001-2027-03-31.jsonl", "audit-000000000007-2027-04-01.jsonl"];
    assert!(exchanged(names[0], names[1]) && exchanged(names[1], names[0]), "{found:#?}");
}

#[test]
fn a_renamed_file() {
    let dir = tempfile::tempdir().unwrap();
    two_days(dir.path());
    let renamed = dir.path().join("audit-000000000008-2027-04-01.jsonl");
    fs::rename(second(dir.path()), renamed).unwrap();
    fs::write(dir.path().join("audit-x.jsonl"), "").unwrap();
    assert_eq!(
        found(dir.path(), &[]),
        [
            "audit-x.jsonl: is no file of this log by its name",
            "audit-000000000008-2027-04-01.jsonl:1: begins the file audit-000000000007-2027-04-01.jsonl: \
             renamed or exchanged",
            "audit-000000000008-2027-04-01.jsonl:1: entry 7 begins a file named for 8",
        ]
    );
}

#[test]
fn anchors_of_other_hosts_say_nothing_of_this_log() {
    let dir = tempfile::tempdir().unwrap();
    let mut known = two_days(dir.path()).known();
    for known in &mut known {
        known.anchor.host = "mx2.example.jp".into();
        known.anchor.hash = Hash::of(b"another log");
        known.anchor.seq += 1000;
    }
    let report = report(dir.path(), &known);
    assert_eq!((report.findings.len(), report.anchors_left_out), (0, 3));
}

mod any {
    use proptest::prelude::*;

    use super::*;

    fn verify_bytes(bytes: &[u8]) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(first(dir.path()), bytes).unwrap();
        report(dir.path(), &[]);
        let wanted = Search::default();
        let zone = options(dir.path()).zone;
        search(dir.path(), &wanted, &zone, |_| Ok(true)).unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn bytes(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            verify_bytes(&bytes);
        }

        /// Whatever one byte of a log becomes, it is noticed.
        #[test]
        fn one_byte_changed(at: prop::sample::Index, byte: u8) {
            let dir = tempfile::tempdir().unwrap();
            two_days(dir.path());
            let path = first(dir.path());
            let mut bytes = fs::read(&path).unwrap();
            let at = at.index(bytes.len());
            let changed = bytes[at] != byte;
            bytes[at] = byte;
            fs::write(&path, &bytes).unwrap();
            prop_assert_eq!(!found(dir.path(), &[]).is_empty(), changed);
            verify_bytes(&bytes);
        }
    }

    #[test]
    fn awkward_files() {
        for bytes in [&b""[..], b"\n", b"\n\n\n", b"{", b"\0\0\0\0", b"\xff\xfe\n", b"[1]\n"] {
            verify_bytes(bytes);
        }
        verify_bytes("[".repeat(100_000).as_bytes());
    }
}
