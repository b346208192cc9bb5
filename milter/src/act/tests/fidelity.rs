//! What is not the edited part is byte-identical: generated trees, broken mails, and the mails of
//! the directory that `SEKISHO_TEST_MAIL` names, where it is set.

use std::path::Path;

use proptest::prelude::*;
use sekisho_config::{HtmlToText, Settings};
use sekisho_heuristics::decision::Decision;
use sekisho_heuristics::message::{Envelope, Message};

use super::{Seen, assessment, body_start, carried_out, seen, settings};
use crate::act::{Plan, transfer};

/// Holds `after` against `before`: header fields that are not edited, the tree, and every part
/// that is not a text shown first.
fn compare(before: &[u8], plan: &Plan, after: &[u8]) -> Result<(), String> {
    if plan.notes.iter().any(|n| n.ends_with("part of its own")) {
        let (old, new) = (&before[body_start(before)..], &after[body_start(after)..]);
        let front = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let back = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
        let wrapped = memchr::memmem::find(new, old).is_some();
        return if wrapped || front + back >= old.len() { Ok(()) } else { Err("lost".into()) };
    }
    let (old, new) = (seen(before), seen(after));
    let leaf = |s: &&Seen| !s.media_type.starts_with("multipart/");
    let old_leaves: Vec<&Seen> = old.iter().filter(leaf).collect();
    let new_leaves: Vec<&Seen> = new.iter().filter(leaf).collect();
    if old_leaves.len() != new_leaves.len() {
        return Err(format!("{} leaves became {}", old_leaves.len(), new_leaves.len()));
    }
    let edited = plan.notes.iter().filter(|n| n.starts_with("banner in text/")).count();
    let mut differ = 0;
    for (old, new) in old_leaves.iter().zip(&new_leaves) {
        if old.raw.1 == new.raw.1 && old.media_type == new.media_type {
            continue;
        }
        differ += 1;
        if !matches!(old.media_type.as_str(), "text/plain" | "text/html") {
            return Err(format!("{} was edited", old.media_type));
        }
        if !keeps_text(&old.text, &new.text) {
            return Err(format!("text lost:\n{}\n---\n{}", old.text, new.text));
        }
    }
    // A part whose end moved by the line end that a banner in an empty body needs still differs.
    if differ > edited {
        Err(format!("{differ} parts differ, {edited} are edited"))
    } else {
        Ok(())
    }
}

/// Whether `new` is `old` with one insertion (line ends and a byte order mark aside).
fn keeps_text(old: &str, new: &str) -> bool {
    let plain =
        |s: &str| s.trim_start_matches('\u{FEFF}').replace("\r\n", "\n").trim_end().to_owned();
    let (old, new) = (plain(old), plain(new));
    let front = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let back = old.bytes().rev().zip(new.bytes().rev()).take_while(|(a, b)| a == b).count();
    new.len() >= old.len() && front + back >= old.len()
}

#[track_caller]
fn check(raw: &[u8], settings: &Settings) {
    let (plan, after) = carried_out(raw, &assessment(Decision::Banner), settings);
    if let Err(what) = compare(raw, &plan, &after) {
        panic!("{what}\n{:?}\n{}", plan.notes, String::from_utf8_lossy(raw));
    }
}

/// Text of a leaf, with lines that look like markup and delimiters of others.
fn leaf() -> impl Strategy<Value = Vec<u8>> {
    let headers = proptest::sample::select(vec![
        "",
        "Content-Type: text/plain; charset=iso-2022-jp\n",
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n",
        "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n",
        "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n",
        "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n",
        "Content-Type: image/png\nContent-Disposition: inline\nContent-ID: <i>\n",
        "Content-Type: text/plain; name=x\nContent-Disposition: attachment; filename=x\n",
    ]);
    let body = proptest::sample::select(vec![
        "",
        "a\n",
        "\n",
        "--x\n",
        "<body>a</body>\n",
        "44GC44GE\n",
        "YQ==\n",
        "=E3=81=82 =\nb\n",
    ]);
    (headers, body).prop_map(|(h, b)| format!("{h}\n{b}").into_bytes())
}

/// A MIME tree; each multipart has a boundary of its own.
fn tree() -> impl Strategy<Value = Vec<u8>> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        let sub = proptest::sample::select(vec!["mixed", "alternative", "related", "signed"]);
        (sub, proptest::collection::vec(inner, 1..4), any::<u32>()).prop_map(|(sub, parts, n)| {
            let mut out = format!("Content-Type: multipart/{sub}; boundary=\"b{n:010}\"\n\n");
            out.push_str("preamble\n");
            let mut out = out.into_bytes();
            for part in parts {
                out.extend(format!("--b{n:010}\n").bytes());
                out.extend(part);
                out.push(b'\n');
            }
            out.extend(format!("--b{n:010}--\n").bytes());
            out
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn generated_trees(tree in tree(), crlf in any::<bool>()) {
        let raw = [b"Subject: s\n".as_slice(), &tree].concat();
        let raw = match crlf {
            true => crate::act::mime_edit::with_line_ends(&raw, b"\r\n"),
            false => raw,
        };
        check(&raw, &settings(|_| {}));
    }

    #[test]
    fn broken_mails_do_not_stop_us(tree in tree(), cut in 0usize..400, bytes in any::<Vec<u8>>()) {
        let mut raw = [b"Subject: s\n".as_slice(), &tree].concat();
        let at = cut % (raw.len() + 1);
        raw.splice(at..at, bytes);
        for html_to_text in [HtmlToText::Off, HtmlToText::Always] {
            let settings = settings(|s| s.actions.html_to_text = html_to_text);
            carried_out(&raw, &assessment(Decision::Banner), &settings);
        }
    }
}

/// Content of a part: any mixture of what the place of the banner depends on.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"\xEF\xBB\xBF",
        b"<html>",
        b"<head>",
        b"<body>",
        b"<p>",
        b"<!-- ",
        b"-->",
        b"a",
        b"bc ",
        b"=",
        b"\r\n",
        b"\x1B$B",
        b"$\"",
        b"\x1B(B",
        b"\x95\x5C",
        b"\xE3\x81\x82",
        b"\t",
    ];
    proptest::collection::vec(proptest::sample::select(pieces), 0..24)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_splice_keeps_every_byte(
        content in content(),
        html in any::<bool>(),
        encoding in 0..3,
        columns in 1usize..90,
        charset in proptest::sample::select(vec!["utf-8", "iso-2022-jp", "shift_jis", "x-none"]),
    ) {
        let (encoding, body) = match encoding {
            0 => ("8bit", content.clone()),
            1 => ("quoted-printable", transfer::quoted_printable(&content, b"\r\n")),
            _ => {
                // Lines of any length, so that groups are cut by line ends.
                let lines = transfer::base64(&content, b"");
                ("base64", lines.chunks(columns).collect::<Vec<_>>().join(&b"\r\n"[..]))
            }
        };
        let media_type = if html { "text/html" } else { "text/plain" };
        let mut raw = format!(
            "Content-Type: {media_type}; charset={charset}\r\n\
             Content-Transfer-Encoding: {encoding}\r\n\r\n"
        )
        .into_bytes();
        raw.extend(body);
        let (plan, after) = carried_out(&raw, &assessment(Decision::Banner), &settings(|_| {}));
        if plan.notes.iter().any(|n| n == &format!("banner in {media_type}")) {
            let new = content_of(&after);
            let front = content.iter().zip(&new).take_while(|(a, b)| a == b).count();
            let back = content.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b);
            prop_assert!(front + back.count() >= content.len(), "{}", after.escape_ascii());
            prop_assert!(new.len() > content.len());
            if encoding == "base64" {
                // Readers stop at padding, though we do not.
                let body = after[body_start(&after)..].iter();
                let digits: Vec<u8> = body.copied().filter(|b| !b"\r\n".contains(b)).collect();
                prop_assert!(digits.len() % 4 == 0);
                prop_assert!(!digits[..digits.len() - 2].contains(&b'='));
            }
            let again = carried_out(&after, &assessment(Decision::Banner), &settings(|_| {})).1;
            prop_assert_eq!(content_of(&again), new);
        }
    }
}

fn content_of(raw: &[u8]) -> Vec<u8> {
    let (envelope, settings) = (Envelope::default(), Settings::default());
    let mail = Message::new(raw, &envelope, &settings.filter.limits);
    mail.content(&mail.parts()[0]).into_owned()
}

/// Every mail below the directory that `SEKISHO_TEST_MAIL` names; nothing where it is not set.
#[test]
fn mails_of_a_directory() {
    let Some(directory) = std::env::var_os("SEKISHO_TEST_MAIL") else { return };
    let settings = settings(|_| {});
    let mut open = vec![Path::new(&directory).to_path_buf()];
    let mut failures = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
            continue;
        }
        if path.extension().is_none_or(|e| e != "eml") {
            continue;
        }
        let raw = std::fs::read(&path).unwrap();
        // A header that ends without a blank line never comes from Postfix.
        if body_start(&raw) == raw.len()
            || !raw[..body_start(&raw)].ends_with(b"\n\n")
                && !raw[..body_start(&raw)].ends_with(b"\n\r\n")
        {
            continue;
        }
        let (plan, after) = carried_out(&raw, &assessment(Decision::Banner), &settings);
        let kept = compare(&raw, &plan, &after);
        let fits = plan.body.is_some() || after.ends_with(&raw[body_start(&raw)..]);
        if kept.is_err() || !fits {
            failures.push(format!("{}: {kept:?} {:?}", path.display(), plan.notes));
        }
    }
    assert!(failures.is_empty(), "{} mails:\n{}", failures.len(), failures.join("\n"));
}
