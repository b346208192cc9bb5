//! The tag before the subject. The sender's own bytes stay behind it as they are.

use sekisho_heuristics::message::Message;

use super::HeaderEdit;
use super::mime_edit::lf_only;

/// Edits that put `tag` before every Subject field (RFC 5322 allows one, clients show any), or a
/// new one where there is none. A subject that already begins with the tag, be it behind `Re:`, is
/// left.
pub(super) fn tag(mail: &Message<'_>, tag: &str) -> Vec<HeaderEdit> {
    let tag = tag.trim();
    if tag.is_empty() {
        return Vec::new();
    }
    let mut edits = Vec::new();
    let mut count = 0;
    for field in mail.fields().filter(|f| f.is("subject")) {
        count += 1;
        if !begins_with(&field.text(), tag) {
            edits.push(HeaderEdit::Change {
                name: String::from_utf8_lossy(field.name).into_owned(),
                occurrence: count,
                value: tagged(tag, field.value),
            });
        }
    }
    if count == 0 {
        edits.push(HeaderEdit::Insert { name: "Subject".into(), value: words(tag) });
    }
    edits
}

fn begins_with(subject: &str, tag: &str) -> bool {
    let mut rest = subject.trim_start();
    loop {
        if rest.starts_with(tag) {
            return true;
        }
        let marker = REPLY_MARKERS
            .iter()
            .find(|m| rest.get(..m.len()).is_some_and(|start| start.eq_ignore_ascii_case(m)));
        match marker {
            Some(marker) => rest = rest.get(marker.len()..).unwrap_or_default().trim_start(),
            None => return false,
        }
    }
}

/// `tag` and the original value, with a fold between them where the line would get long.
fn tagged(tag: &str, original: &[u8]) -> Vec<u8> {
    let original = lf_only(original.trim_ascii());
    if original.is_empty() {
        return words(tag);
    }
    // White space between two encoded words is not shown (RFC 2047, 6.2): it goes into the first.
    let mut value = match original.starts_with(b"=?") && needs_words(tag) {
        true => words(&format!("{tag} ")),
        false => words(tag),
    };
    let first_line = original.split(|&b| b == b'\n').next().map_or(0, <[u8]>::len);
    let last_line = value.rsplit(|&b| b == b'\n').next().map_or(0, <[u8]>::len);
    if NAME_COLUMNS + last_line + 1 + first_line > LINE_COLUMNS {
        value.push(b'\n');
    }
    value.push(b' ');
    value.extend_from_slice(&original);
    value
}

fn needs_words(tag: &str) -> bool {
    !tag.bytes().all(|b| (0x20..0x7F).contains(&b)) || tag.contains("=?")
}

/// `text` as it is where it is plain ASCII, else as encoded words in UTF-8, one a line.
fn words(text: &str) -> Vec<u8> {
    if !needs_words(text) {
        return text.as_bytes().to_vec();
    }
    let mut words: Vec<String> = vec![String::new()];
    for c in text.chars() {
        match words.last_mut() {
            Some(word) if word.len() + c.len_utf8() <= WORD_BYTES => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    let mut out = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\n ");
        }
        out.extend_from_slice(b"=?UTF-8?B?");
        out.extend_from_slice(&super::transfer::base64(word.as_bytes(), b""));
        out.extend_from_slice(b"?=");
    }
    out
}

/// What clients put before a subject that is answered or forwarded.
const REPLY_MARKERS: &[&str] = &["re:", "fw:", "fwd:", "返信:", "転送:", "RE：", "Re："];

/// An encoded word has at most 75 characters (RFC 2047, section 2).
const WORD_BYTES: usize = 45;

const LINE_COLUMNS: usize = 76;

/// `Subject: `
const NAME_COLUMNS: usize = 9;

#[cfg(test)]
mod tests {
    use super::super::apply_to;
    use super::super::{Plan, Reply};
    use super::*;
    use sekisho_config::Settings;
    use sekisho_heuristics::message::Envelope;

    /// The header after tagging `header` with `tag`.
    fn after(header: &[u8], with: &str) -> String {
        let settings = Settings::default();
        let envelope = Envelope::default();
        let raw = [header, b"\r\n"].concat();
        let mail = Message::new(&raw, &envelope, &settings.filter.limits);
        let headers = tag(&mail, with);
        let plan = Plan { headers, reply: Reply::Accept, ..Plan::default() };
        let after = apply_to(&raw, raw.len(), &plan);
        String::from_utf8_lossy(&after[..after.len() - 2]).into_owned()
    }

    #[test]
    fn the_original_stays_behind_the_tag() {
        assert_eq!(after(b"Subject: hello\r\n", "[!]"), "Subject: [!] hello\r\n");
        assert_eq!(
            after(b"subject:=?ISO-2022-JP?B?GyRCN28bKEI=?=\r\n =?x?q?y?=\r\n", "[注意]"),
            "subject: =?UTF-8?B?W+azqOaEj10g?= =?ISO-2022-JP?B?GyRCN28bKEI=?=\r\n =?x?q?y?=\r\n"
        );
        assert_eq!(
            after(b"Subject: hello\r\n", "[注意]"),
            "Subject: =?UTF-8?B?W+azqOaEj10=?= hello\r\n"
        );
        assert_eq!(after(b"Subject: \x8C\x8F\r\n", "[!]"), "Subject: [!] \u{FFFD}\u{FFFD}\r\n");
    }

    #[test]
    fn a_long_subject_goes_to_the_next_line() {
        let long = "x".repeat(70);
        assert_eq!(
            after(format!("Subject: {long}\r\n").as_bytes(), "[!]"),
            format!("Subject: [!]\r\n {long}\r\n")
        );
    }

    #[test]
    fn not_twice() {
        assert_eq!(after(b"Subject: [!] hello\r\n", "[!]"), "Subject: [!] hello\r\n");
        assert_eq!(after(b"Subject: Re: RE: [!] a\r\n", "[!]"), "Subject: Re: RE: [!] a\r\n");
    }

    #[test]
    fn missing_empty_and_several_subjects() {
        assert_eq!(after(b"To: a@b.example\r\n", "[!]"), "To: a@b.example\r\nSubject: [!]\r\n");
        assert_eq!(after(b"Subject:\r\n", "[!]"), "Subject: [!]\r\n");
        assert_eq!(
            after(b"Subject: a\r\nSubject: b\r\n", "[!]"),
            "Subject: [!] a\r\nSubject: [!] b\r\n"
        );
        assert_eq!(after(b"Subject: a\r\n", " "), "Subject: a\r\n");
    }

    #[test]
    fn a_long_tag_is_several_words_and_no_character_is_cut() {
        let tag = "注意".repeat(12);
        let value = String::from_utf8(words(&tag)).unwrap();
        assert_eq!(value.lines().count(), 2);
        assert!(value.lines().all(|l| l.trim_start().len() <= 75));
    }
}
