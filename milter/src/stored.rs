//! What a stored mail's own header fields tell of how it came, for `sekisho scan` and for mails
//! that staff report. Anybody can
//! write these fields; they stand in for what a mail server knows.

use sekisho_config::Settings;
use sekisho_heuristics::facts::Client;
use sekisho_heuristics::message::{Envelope, Message, address, received};

/// Reads envelope and client: MAIL FROM from Return-Path, else From; RCPT TO from To, Cc and Bcc;
/// the client from Received.
pub fn read(raw: &[u8], settings: &Settings) -> (Envelope, Client) {
    let none = Envelope::default();
    let mail = Message::new(raw, &none, &settings.filter.limits);
    let addresses = |name: &str| -> Vec<String> {
        let with_host = mail.mailboxes(name).into_iter().filter(|m| !m.host.is_empty());
        with_host.map(|m| m.address()).collect()
    };
    // `<>`, the null sender, is a Return-Path without a mailbox.
    let return_path = mail
        .field("return-path")
        .map(|f| address::mailboxes(f.value, 1).first().map(|m| m.address()).unwrap_or_default());
    let envelope = Envelope {
        mail_from: return_path.or_else(|| addresses("from").into_iter().next()),
        recipients: ["to", "cc", "bcc"].iter().flat_map(|name| addresses(name)).collect(),
    };
    (envelope, received::client(&mail, &settings.filter))
}

/// The same bytes, every bare LF made CRLF.
pub fn crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    let mut start = 0;
    for at in memchr::memchr_iter(b'\n', bytes) {
        let line = bytes.get(start..at).unwrap_or_default();
        out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        out.extend_from_slice(b"\r\n");
        start = at + 1;
    }
    out.extend_from_slice(bytes.get(start..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: &str) -> (Option<String>, Vec<String>, Option<String>) {
        let raw = format!("{}\r\n\r\n", fields.replace('\n', "\r\n"));
        let (envelope, client) = read(raw.as_bytes(), &Settings::default());
        (envelope.mail_from, envelope.recipients, client.ip.map(|ip| ip.to_string()))
    }

    #[test]
    fn the_envelope_is_taken_from_the_fields() {
        let (from, to, ip) = check(
            "Return-Path: <bounce@list.example>\n\
             Received: from mx.list.example (mx.list.example [192.0.2.7]) by mx.own.example\n\
             From: a@b.example\nTo: X <x@own.example>, y@own.example\nCc: z@own.example",
        );
        assert_eq!(from.as_deref(), Some("bounce@list.example"));
        assert_eq!(to, ["x@own.example", "y@own.example", "z@own.example"]);
        assert_eq!(ip.as_deref(), Some("192.0.2.7"));
    }

    #[test]
    fn the_null_sender_stays_null_and_from_stands_in_for_no_return_path() {
        assert_eq!(check("Return-Path: <>\nFrom: a@b.example").0.as_deref(), Some(""));
        assert_eq!(check("From: a@b.example").0.as_deref(), Some("a@b.example"));
        assert_eq!(check("Subject: none").0, None);
    }
}
