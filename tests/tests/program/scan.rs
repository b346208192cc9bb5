//! What `sekisho scan` promises to scripts.

use std::fs;

use serde_json::Value;

use crate::{sekisho, text};

const BAIT: &str = "From: a@gmail.com\nTo: b@own.example\nSubject: x\n\
    Content-Type: application/zip; name=\"a\u{202E}fdp.exe\"\n\n-";
const PLAIN: &str = "From: a@example.jp\nTo: b@own.example\nSubject: y\n\nHello.\n";

fn scan(arguments: &[&str], input: &[u8]) -> (Vec<Value>, i32) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("1.eml", BAIT), ("2.eml", PLAIN), ("3.txt", PLAIN)] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    fs::create_dir_all(folder.path().join("box/cur")).unwrap();
    fs::write(folder.path().join("box/cur/1:2,S"), PLAIN).unwrap();
    let mbox = format!("From a@b Sat Nov 21 10:00:00 2026\n{PLAIN}\n").repeat(3);
    fs::write(folder.path().join("old.mbox"), mbox).unwrap();
    let mut all = vec!["scan", "--format", "jsonl", "--offline"];
    all.extend(arguments);
    let output = sekisho(&all, folder.path(), input);
    let lines = text(&output.stdout);
    let objects = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    (objects, output.status.code().unwrap())
}

fn files(objects: &[Value]) -> Vec<&str> {
    objects.iter().map(|o| o["file"].as_str().unwrap()).collect()
}

#[test]
fn one_object_a_message_in_input_order() {
    let (objects, code) = scan(&["2.eml", "1.eml", "box", "old.mbox", "-"], PLAIN.as_bytes());
    let expected =
        ["2.eml", "1.eml", "box/cur/1:2,S", "old.mbox#1", "old.mbox#2", "old.mbox#3", "-"];
    assert_eq!(files(&objects), expected);
    assert_eq!(code, 0);
}

#[test]
fn folders_give_eml_and_maildir_alone() {
    let (objects, _) = scan(&["."], b"");
    assert_eq!(files(&objects), ["./1.eml", "./2.eml", "./box/cur/1:2,S"]);
}

#[test]
fn an_object_has_the_promised_keys_and_evidence_nobody_can_be_fooled_by() {
    let (objects, _) = scan(&["1.eml"], b"");
    let object = &objects[0];
    assert_eq!(object["direction"], "inbound");
    assert_eq!(object["decision"], "hold");
    assert_eq!((object["score"].as_u64(), object["clauses"].as_u64()), (Some(100), Some(4)));
    assert_eq!(object["problems"], Value::Array(vec![]));
    let findings = object["findings"].as_array().unwrap();
    let rlo = findings.iter().find(|f| f["id"] == "rlo-file-name").unwrap();
    assert_eq!(rlo["clause"], "attachment-5");
    assert_eq!(rlo["points"], 60);
    assert!(rlo["evidence"].as_str().unwrap().contains("a\\u{202E}fdp.exe"), "{rlo}");
    assert!(!rlo["text"].as_str().unwrap().is_empty());
    let free = findings.iter().find(|f| f["id"] == "free-mail-sender").unwrap();
    assert_eq!(free["clause"], "sender-1");
}

#[test]
fn a_mail_of_our_own_is_not_inbound() {
    let own = "From: a@own.example\nTo: b@example.jp\nReceived: from x ([127.0.0.1]) by y\n\n";
    let (objects, _) = scan(&["--own-domain", "own.example", "-"], own.as_bytes());
    assert_eq!(objects[0]["direction"], "outbound");
    let (objects, _) =
        scan(&["--own-domain", "own.example", "--direction", "inbound", "-"], own.as_bytes());
    assert_eq!(objects[0]["direction"], "inbound");
    let given = ["--own-domain", "own.example", "--auth-user", "a", "--rcpt", "c@own.example", "-"];
    assert_eq!(scan(&given, own.as_bytes()).0[0]["direction"], "internal");
}

#[test]
fn unreadable_paths_are_told_and_wrong_usage_is_code_2() {
    let (objects, code) = scan(&["absent.eml", "2.eml"], b"");
    assert_eq!((files(&objects), code), (vec!["2.eml"], 1));
    assert_eq!(scan(&["--no-such-option"], b"").1, 2);
    assert_eq!(scan(&[], b"").1, 2);
}

#[test]
fn a_table_names_the_sign_and_sums_up() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("1.eml"), BAIT).unwrap();
    let output = sekisho(&["scan", "--offline", "1.eml"], folder.path(), b"");
    let shown = text(&output.stdout);
    for word in ["1.eml", "hold", "rlo-file-name", "1 mails, 1 hold"] {
        assert!(shown.contains(word), "{word:?} is not in\n{shown}");
    }
    assert!(!shown.contains('\u{1b}'), "colour where no terminal is");
}
