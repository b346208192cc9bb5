//! Received fields (RFC 5321, section 4.4): which client handed the mail over, and how.
//!
//! Way in: [`client`] for a stored mail, [`read`] for one field. Everybody writes these fields in
//! his own way; only the parts that Postfix, Exim, sendmail, qmail, Exchange and the large
//! providers agree on are read. Whoever sends a mail can invent as many as he likes below those of
//! our own servers: callers go from the top and stop at the first stranger.
//!
//! Total and bounded: at most [`MAX_BYTES`] of a field and [`MAX_FIELDS`] fields are read.

use std::net::IpAddr;

use sekisho_config::{Filter, is_or_under};

use super::Message;
use crate::facts::Client;

/// Bytes read of one field.
pub const MAX_BYTES: usize = 4096;

/// Fields looked at from the top.
pub const MAX_FIELDS: usize = 10;

/// What one Received field says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// What the client called itself in HELO or EHLO.
    pub helo: Option<String>,
    /// The client's name as the server looked it up.
    pub name: Option<String>,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The server that wrote the field, lower case.
    pub by: Option<String>,
    /// Protocol, upper case (`ESMTPSA`, `LMTP`; RFC 3848).
    pub with: Option<String>,
    /// The user that Postfix names in a comment: `(Authenticated sender: taro)`.
    pub user: Option<String>,
}

impl Received {
    /// Whether the client had logged in: the protocol's name ends in `A` (RFC 3848), or a user is
    /// named.
    pub fn is_authenticated(&self) -> bool {
        let with = self.with.as_deref().unwrap_or_default();
        self.user.is_some()
            || matches!(
                with,
                "ESMTPA" | "ESMTPSA" | "LMTPA" | "LMTPSA" | "UTF8SMTPA" | "UTF8SMTPSA"
            )
    }
}

/// The client that handed a stored mail to our side: that of the topmost Received field whose
/// client is not in an own network, else of the lowest that was read. A login counts only where an
/// own domain's server wrote the field; a login without a name is the user `""`.
pub fn client(mail: &Message<'_>, filter: &Filter) -> Client {
    let mut client = Client::default();
    for field in mail.fields().filter(|f| f.is("received")).take(MAX_FIELDS) {
        let received = read(field.value);
        let by_own = received
            .by
            .as_deref()
            .is_some_and(|by| filter.own_domains.iter().any(|own| is_or_under(by, own)));
        let login = by_own && received.is_authenticated();
        if received.ip.is_none() && !login {
            continue;
        }
        let own_network =
            received.ip.is_some_and(|ip| filter.own_networks.iter().any(|n| n.contains(ip)));
        client = Client {
            ip: received.ip,
            name: received.name,
            helo: received.helo,
            own_network,
            authenticated_user: login.then(|| received.user.unwrap_or_default()),
        };
        if login || !own_network {
            break;
        }
    }
    client
}

/// Reads one raw field value.
pub fn read(raw: &[u8]) -> Received {
    let mut received = Received::default();
    let mut words = Words { rest: raw.get(..MAX_BYTES).unwrap_or(raw) };
    let mut clause = Clause::Other;
    let mut expects_value = false;
    let mut address_seen = false;
    while let Some(word) = words.next() {
        match word {
            Word::Comment(comment) => {
                let text = String::from_utf8_lossy(comment);
                if let Some(user) = text.trim_start().strip_prefix("Authenticated sender:") {
                    received.user = Some(user.trim().to_owned());
                } else if clause == Clause::From && !address_seen {
                    // Later comments tell of TLS.
                    address_seen = client_comment(&mut received, &text);
                }
            }
            Word::Atom(atom) if expects_value => {
                expects_value = false;
                let text = String::from_utf8_lossy(atom).into_owned();
                match clause {
                    Clause::From => {
                        received.ip = address_literal(&text);
                        received.helo = Some(text);
                    }
                    Clause::By => received.by = Some(text.to_ascii_lowercase()),
                    Clause::With => received.with = Some(text.to_ascii_uppercase()),
                    Clause::Other => {}
                }
            }
            Word::Atom(atom) => {
                (clause, expects_value) = match atom.to_ascii_lowercase().as_slice() {
                    b"from" if received.helo.is_none() => (Clause::From, true),
                    b"by" if received.by.is_none() => (Clause::By, true),
                    b"with" if received.with.is_none() => (Clause::With, true),
                    b"via" | b"id" | b"for" => (Clause::Other, true),
                    _ => (clause, false),
                };
            }
        }
    }
    received
}

/// `name [ip]` (Postfix, sendmail), `[ip] helo=…` (Exim), `HELO x` and `ip` (qmail). Tells whether
/// there was an address.
fn client_comment(received: &mut Received, comment: &str) -> bool {
    let mut address_seen = false;
    let mut after_helo = false;
    for word in comment.split_ascii_whitespace().take(MAX_COMMENT_WORDS) {
        let word = word.trim_end_matches([',', ';']);
        if after_helo {
            received.helo = Some(word.to_owned());
        } else if let Some(ip) = address_literal(word) {
            // What the server saw goes before what the client called itself.
            received.ip = Some(ip);
            address_seen = true;
        } else if let Some(helo) = word.strip_prefix("helo=") {
            received.helo = Some(helo.to_owned());
        } else if received.name.is_none() && is_host_name(word) {
            received.name = Some(word.trim_end_matches('.').to_ascii_lowercase());
        }
        after_helo = matches!(word, "HELO" | "EHLO");
    }
    address_seen
}

fn is_host_name(word: &str) -> bool {
    word.contains('.') && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

/// `[192.0.2.1]`, `[IPv6:2001:db8::1]`, or the address alone; a port behind `]` and a zone (`%eth0`)
/// are dropped.
fn address_literal(word: &str) -> Option<IpAddr> {
    let inner = match word.strip_prefix('[') {
        Some(inner) => inner.split_once(']').map_or(inner, |(address, _)| address),
        None => word,
    };
    let inner = match inner.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("IPv6:") => inner.get(5..).unwrap_or_default(),
        _ => inner,
    };
    let address = inner.split_once('%').map_or(inner, |(address, _)| address);
    address.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Clause {
    By,
    From,
    Other,
    With,
}

enum Word<'a> {
    Atom(&'a [u8]),
    Comment(&'a [u8]),
}

/// Words and outermost comments up to the `;` before the date.
struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<Word<'a>> {
        self.rest = self.rest.trim_ascii_start();
        let first = *self.rest.first()?;
        match first {
            b';' => None,
            b'(' => {
                let mut depth = 0_usize;
                let end = self.rest.iter().position(|b| {
                    match b {
                        b'(' => depth += 1,
                        b')' => depth -= 1,
                        _ => {}
                    }
                    depth == 0
                });
                let end = end.unwrap_or(self.rest.len());
                let comment = self.rest.get(1..end).unwrap_or_default();
                self.rest = self.rest.get(end + 1..).unwrap_or_default();
                Some(Word::Comment(comment))
            }
            _ => {
                let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'(' | b';');
                let end = self.rest.iter().position(ends).unwrap_or(self.rest.len());
                let (atom, rest) = self.rest.split_at(end);
                self.rest = rest;
                Some(Word::Atom(atom))
            }
        }
    }
}

/// Words read of one comment.
const MAX_COMMENT_WORDS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Envelope;
    use proptest::prelude::*;
    use sekisho_config::{Network, Settings};

    /// helo, name, ip, by, with, user; `-` where there is none.
    #[track_caller]
    fn check(field: &str, expected: [&str; 6]) {
        let r = read(field.as_bytes());
        let ip = r.ip.map(|ip| ip.to_string());
        let shown = [r.helo, r.name, ip, r.by, r.with, r.user];
        let shown = shown.map(|value| value.unwrap_or_else(|| "-".into()));
        assert_eq!(shown, expected, "{field}");
    }

    #[test]
    fn postfix() {
        check(
            " from mail.example.com (mx.example.com [203.0.113.5])\r\n\
             \t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n\
             \t(No client certificate requested)\r\n\
             \tby mx.own.example (Postfix) with ESMTPS id 4A7\r\n\
             \tfor <a@own.example>; Mon, 1 Jun 2026 09:00:00 +0900 (JST)",
            ["mail.example.com", "mx.example.com", "203.0.113.5", "mx.own.example", "ESMTPS", "-"],
        );
        check(
            "from [192.168.1.5] (unknown [IPv6:2001:db8::1])\r\n\
             \t(Authenticated sender: taro@own.example)\r\n\
             \tby mail.own.example (Postfix) with ESMTPSA id 4A7; Mon, 1 Jun 2026 09:00:00 +0900",
            [
                "[192.168.1.5]",
                "-",
                "2001:db8::1",
                "mail.own.example",
                "ESMTPSA",
                "taro@own.example",
            ],
        );
    }

    #[test]
    fn other_servers() {
        check(
            "from [203.0.113.5] (helo=mail.example.com) by mx.own.example with esmtps (Exim 4.96)",
            ["mail.example.com", "-", "203.0.113.5", "mx.own.example", "ESMTPS", "-"],
        );
        check(
            "from unknown (HELO mail.example.com) (203.0.113.5) by 0 with SMTP; 1 Jun 2026",
            ["mail.example.com", "-", "203.0.113.5", "0", "SMTP", "-"],
        );
        check(
            "from A.prod.example.com (2001:db8::2) by B.prod.example.com (2001:db8::3) with \
             Microsoft SMTP Server (version=TLS1_2) id 15.20; Mon, 1 Jun 2026 00:00:00 +0000",
            ["A.prod.example.com", "-", "2001:db8::2", "b.prod.example.com", "MICROSOFT", "-"],
        );
        check(
            "by 2002:a05:6402 with SMTP id x; 1 Jun 2026",
            ["-", "-", "-", "2002:a05:6402", "SMTP", "-"],
        );
        check("from a (fe80::1%6) by b", ["a", "-", "fe80::1", "b", "-", "-"]);
        check("(qmail 123 invoked from network); 1 Jun 2026 00:00:00 -0000", ["-"; 6]);
    }

    #[test]
    fn nonsense_gives_what_can_be_had() {
        check("", ["-"; 6]);
        check("from", ["-"; 6]);
        check("from (((", ["-"; 6]);
        check("from a (b [203.0.113.999]) by", ["a", "-", "-", "-", "-", "-"]);
        check("from a by b; by c with d", ["a", "-", "-", "b", "-", "-"]);
    }

    fn client_of(mail: &str) -> Client {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        settings.filter.own_networks = [("127.0.0.0", 8), ("192.168.0.0", 16)]
            .map(|(address, prefix)| Network { address: address.parse().unwrap(), prefix })
            .into();
        let envelope = Envelope::default();
        client(&Message::new(mail.as_bytes(), &envelope, &settings.filter.limits), &settings.filter)
    }

    #[test]
    fn the_client_is_the_first_stranger_from_the_top() {
        let client = client_of(
            "Received: by mail.own.example with LMTP id 1; now\r\n\
             Received: from localhost (localhost [127.0.0.1]) by mail.own.example; now\r\n\
             Received: from out.example.com (out.example.com [203.0.113.5]) by mx.own.example; now\r\n\
             Received: from pc (pc [192.168.0.1]) (Authenticated sender: taro) by mail.own.example; now\r\n\r\n",
        );
        assert_eq!(client.ip, Some("203.0.113.5".parse().unwrap()));
        assert_eq!(client.name.as_deref(), Some("out.example.com"));
        assert!(!client.own_network);
        assert_eq!(client.authenticated_user, None);
    }

    #[test]
    fn a_login_counts_only_at_an_own_server() {
        let own =
            "Received: from pc (pc [203.0.113.9]) by mail.own.example with ESMTPSA; now\r\n\r\n";
        assert_eq!(client_of(own).authenticated_user.as_deref(), Some(""));
        let foreign =
            "Received: from pc (pc [203.0.113.9]) by mail.example.com with ESMTPSA; now\r\n\r\n";
        assert_eq!(client_of(foreign).authenticated_user, None);
    }

    #[test]
    fn without_strangers_it_is_the_lowest_own_client() {
        let client = client_of(
            "Received: from a (a [127.0.0.1]) by mail.own.example; now\r\n\
             Received: from pc (pc [192.168.3.4]) by mail.own.example; now\r\n\r\n",
        );
        assert_eq!((client.ip, client.own_network), (Some("192.168.3.4".parse().unwrap()), true));
        assert_eq!(client_of("Subject: x\r\n\r\n"), Client::default());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            read(&bytes);
        }

        #[test]
        fn any_likely_text_is_read(text in "((from|by|with|;|[(]|[)]|\\[|\\]|IPv6:|1.2.3.4|あ|x) ?){0,30}") {
            read(text.as_bytes());
        }
    }
}
