//! The MIME structure we read against what `mail-parser` reads of the same mail.
//!
//! Two readers written apart rarely make the same mistake. Mails: the corpus, or the folder that
//! `SEKISHO_TEST_MAIL` names. Broken mail is left out: there the two may differ, and ours is bounded.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

use mail_parser::{Message as Theirs, MessageParser, PartType};
use sekisho_config::Settings;
use sekisho_heuristics::message::{Envelope, Message};

#[test]
fn another_reader_finds_the_same_parts() {
    let mails = mails();
    let (mut compared, mut different) = (0, Vec::new());
    for path in &mails {
        let raw = std::fs::read(path).unwrap();
        let envelope = Envelope::default();
        let settings = Settings::default();
        let mail = Message::new(&raw, &envelope, &settings.filter.limits);
        let theirs = MessageParser::new().with_mime_headers().default_header_ignore().parse(&raw);
        let Some(theirs) = theirs.filter(|theirs| is_sound(theirs)) else { continue };
        if !mail.problems().is_empty() {
            continue;
        }
        compared += 1;
        let mut expected = Vec::new();
        leaves(&theirs, &mut expected);
        if ours(&mail) != expected {
            different.push(format!("{}: {:?} ≠ {expected:?}", path.display(), ours(&mail)));
        }
    }
    let share = (mails.len() - different.len()) * 1000 / mails.len().max(1);
    let is_own = std::env::var_os("SEKISHO_TEST_MAIL").is_none();
    assert!(compared * 10 > mails.len() * 9 || !is_own, "{compared} of {} compared", mails.len());
    assert!(different.is_empty() || !is_own && share > 990, "{share} ‰\n{}", different.join("\n"));
}

/// Type and length of the body of every part that holds no others.
fn ours(mail: &Message<'_>) -> Vec<(String, usize)> {
    let holds = |id| mail.parts().iter().any(|part| part.parent == Some(id));
    let leaves = mail.parts().iter().enumerate().filter(|(id, _)| !holds(*id));
    leaves.map(|(_, part)| (part.media_type(), trimmed(mail.raw_body(part)))).collect()
}

fn leaves(message: &Theirs<'_>, found: &mut Vec<(String, usize)>) {
    let raw = message.raw_message.as_ref();
    let mut open = vec![0_u32];
    while let Some(id) = open.pop() {
        let Some(part) = message.parts.get(id as usize) else { continue };
        match &part.body {
            PartType::Multipart(children) => open.extend(children.iter().rev()),
            PartType::Message(inner) => leaves(inner, found),
            _ => {
                let body = raw.get(part.offset_body as usize..part.offset_end as usize);
                found.push((type_of(part), trimmed(body.unwrap_or_default())));
            }
        }
    }
}

fn type_of(part: &mail_parser::MessagePart<'_>) -> String {
    use mail_parser::MimeHeaders;
    let declared = part.content_type().filter(|t| t.subtype().is_some());
    declared.map_or("text/plain".to_owned(), |t| {
        format!("{}/{}", t.ctype(), t.subtype().unwrap_or_default()).to_lowercase()
    })
}

/// The line end before a delimiter is counted with the body by some and not by others.
fn trimmed(body: &[u8]) -> usize {
    body.trim_ascii_end().len()
}

fn is_sound(message: &Theirs<'_>) -> bool {
    message.parts.iter().all(|part| {
        !part.is_encoding_problem
            && match &part.body {
                PartType::Message(inner) => is_sound(inner),
                _ => true,
            }
    })
}

fn mails() -> Vec<PathBuf> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/cases");
    let folder = std::env::var_os("SEKISHO_TEST_MAIL").map_or(cases, PathBuf::from);
    let (mut open, mut mails) = (vec![folder], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "eml") {
                mails.push(path);
            }
        }
    }
    mails.sort();
    mails
}
