//! Addresses in header fields (RFC 5322, section 3.4), read as leniently as mail clients do.
//!
//! Way in: [`mailboxes`]. Where a field is malformed, clients differ in the sender they show. We
//! take, for each mailbox, the **last** angle-bracketed address: it is what the common clients and
//! DMARC's users show and check, and everything before it stays in the display name, where rules
//! can see an address that only pretends. An address inside an encoded word is a name too, unless
//! the field has no other. Total and linear: brackets and quotes left open are text.

mod reader;

use super::charset::{self, iso2022};
use super::{domain, header_text};
use reader::Reader;

/// One mailbox: a display name and an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// Display name, decoded; empty where there is none.
    pub name: String,
    /// What stands before the last `@`, as written; the whole where there is no `@`.
    pub local: String,
    /// What stands after the last `@`, lower case, in ASCII (IDNA) form; empty where there is none.
    pub host: String,
}

impl Mailbox {
    /// `local@host`, lower case.
    pub fn address(&self) -> String {
        format!("{}@{}", self.local.to_lowercase(), self.host)
    }

    /// The host of the address.
    pub fn domain(&self) -> &str {
        &self.host
    }
}

/// Reads an address list from a raw header value. Groups are opened; what is no address is left
/// out; at most `limit` are returned. A lone word (`root`) is an address without a host.
pub fn mailboxes(raw: &[u8], limit: usize) -> Vec<Mailbox> {
    let line = header_text::unfold(raw);
    let mut found = Reader::new(&line, true).read(limit);
    // Readers that know no ISO-2022-JP see addresses inside it; so do we where there is no other.
    if found.is_empty() && memchr::memchr(iso2022::ESC, &line).is_some() {
        found = Reader::new(&line, false).read(limit);
    }
    // Some clients decode first: an encoded word may hold the only address.
    if found.is_empty() && memchr::memmem::find(&line, b"=?").is_some() {
        let text = header_text::decode_untrimmed(&line);
        found = Reader::new(text.as_bytes(), true).read(limit);
    }
    found
}

/// Whether a name in the raw value of an address field holds a comma that should have been quoted
/// (RFC 5322, section 3.2.4): `Yamada, Taro <a@b.example>` is two mailboxes by the letter.
pub fn has_loose_comma(raw: &[u8]) -> bool {
    let line = header_text::unfold(raw);
    let mut reader = Reader::new(&line, true);
    reader.read(MAX_PIECES);
    reader.joined
}

/// Local part and host of an address without brackets. `None` where nothing is left.
fn address_of(written: &[u8]) -> Option<(String, String)> {
    let text = if written.contains(&b'@') || !written.starts_with(b"=?") {
        charset::decode(written, None, None).text
    } else {
        header_text::decode_untrimmed(written)
    };
    // Blanks are left over from folding, save in a quoted local part.
    let text: String = match text.rsplit_once('"') {
        Some(_) => text.trim().to_owned(),
        None => text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect(),
    };
    let text = text.trim_matches(['<', '>', '\'']);
    let text = match text.get(..MAILTO.len()) {
        Some(scheme) if scheme.eq_ignore_ascii_case(MAILTO) => text.get(MAILTO.len()..)?,
        _ => text,
    };
    // A source route (RFC 5322, 4.4) says nothing about the mailbox.
    let text = match text.split_once(':') {
        Some((route, address)) if route.starts_with('@') => address,
        _ => text,
    };
    let (local, host) = text.rsplit_once('@').unwrap_or((text, ""));
    let host = host.trim().trim_end_matches('.');
    if local.is_empty() && host.is_empty() {
        return None;
    }
    let host = match host {
        "" => String::new(),
        host => domain::to_ascii(host).unwrap_or_else(|| host.to_lowercase()),
    };
    Some((local.trim().to_owned(), host))
}

const MAILTO: &str = "mailto:";

/// Mailboxes read for a loose comma.
const MAX_PIECES: usize = 16;

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS};
    use proptest::prelude::*;

    use super::*;

    /// Checks the mailboxes, `name|local|host` each.
    fn check(raw: impl AsRef<[u8]>, expected: &[&str]) {
        let found = mailboxes(raw.as_ref(), 100);
        let found: Vec<String> =
            found.iter().map(|m| format!("{}|{}|{}", m.name, m.local, m.host)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn forms_of_rfc_5322() {
        check(" a@b.example", &["|a|b.example"]);
        check("Taro Yamada <Taro@Example.JP>", &["Taro Yamada|Taro|example.jp"]);
        check("\"Yamada, \\\"T\\\" <x@y>\" <a@b.example>", &["Yamada, \"T\" <x@y>|a|b.example"]);
        check("a@b.example (Taro (T) Yamada)", &["Taro (T) Yamada|a|b.example"]);
        check("Taro (sales) <a@b.example>", &["Taro|a|b.example"]);
        check("<@x.example,@y.example:a@b.example>", &["|a|b.example"]);
        check("a@[192.0.2.1]", &["|a|[192.0.2.1]"]);
    }

    #[test]
    fn several_addresses() {
        check(
            "a@b.example, C <c@d.example>,, e@f.example",
            &["|a|b.example", "C|c|d.example", "|e|f.example"],
        );
        check("a@b.example; c@d.example", &["|a|b.example", "|c|d.example"]);
        assert_eq!(mailboxes("a@b.example,".repeat(9).as_bytes(), 3).len(), 3);
        assert_eq!(mailboxes(b"a@b.example", 0), []);
    }

    #[test]
    fn groups_are_opened() {
        check("undisclosed-recipients:;", &[]);
        check(
            "G: a@b.example, C <c@d.example>; e@f.example",
            &["|a|b.example", "C|c|d.example", "|e|f.example"],
        );
        check("Re: hello <a@b.example>", &["Re: hello|a|b.example"]);
    }

    #[test]
    fn names_in_words_and_in_quotes() {
        check("=?utf-8?B?5bGx55Sw?= <a@b.example>", &["山田|a|b.example"]);
        check("\"=?utf-8?B?5bGx55Sw?=\" <a@b.example>", &["山田|a|b.example"]);
        check("a@b.example (=?utf-8?B?5bGx55Sw?=)", &["山田|a|b.example"]);
        check("=?utf-8?Q?Yamada,_Taro?= <a@b.example>", &["Yamada, Taro|a|b.example"]);
        check(
            "=?UTF-8?B?5bGx55Sw?=\r\n =?UTF-8?B?5aSq6YOO?= <a@b.example>",
            &["山田太郎|a|b.example"],
        );
    }

    #[test]
    fn raw_names_in_any_japanese_charset() {
        for encoding in [SHIFT_JIS, EUC_JP, ISO_2022_JP] {
            check(encoding.encode("山田表 <a@b.example>").0, &["山田表|a|b.example"]);
            check(encoding.encode("\"山田ソ\" <a@b.example>").0, &["山田ソ|a|b.example"]);
        }
        check("山田 <a@b.example>", &["山田|a|b.example"]);
    }

    #[test]
    fn syntax_inside_raw_iso_2022_jp_is_text() {
        check(b"\x1B$B$\"<,$,\x1B(B <a@b.example>", &["あ蒔が|a|b.example"]);
    }

    #[test]
    fn the_last_angle_address_counts() {
        check(
            "\"a@real.example\" <x@y.example> <evil@z.example>",
            &["a@real.example <x@y.example>|evil|z.example"],
        );
        check("a@real.example <evil@z.example>", &["a@real.example|evil|z.example"]);
        check("<evil@z.example> a@real.example", &["a@real.example|evil|z.example"]);
    }

    #[test]
    fn an_address_in_a_word_is_a_name() {
        let word = "=?utf-8?Q?Bank_=3Ca=40real.example=3E?=";
        check(format!("{word} <evil@z.example>"), &["Bank <a@real.example>|evil|z.example"]);
        check(word, &["Bank|a|real.example"]);
        check(
            "支店長 a＠real.example <evil@z.example>",
            &["支店長 a＠real.example|evil|z.example"],
        );
    }

    #[test]
    fn an_address_hidden_in_raw_iso_2022_jp() {
        check(b"\x1B$B<evil@z.example>\x1B(B", &["\u{1B}$B\u{1B}(B|evil|z.example"]);
    }

    #[test]
    fn missing_brackets_and_blanks_of_folding() {
        check("Taro Yamada a@b.example", &["Taro Yamada|a|b.example"]);
        check("Taro <a@\r\n b.example>", &["Taro|a|b.example"]);
        check("a @ b.example", &["|a|b.example"]);
        check("Taro <a@b.example", &["Taro|a|b.example"]);
        check("Taro <a@b.example, C <c@d.example>", &["Taro|a|b.example", "C|c|d.example"]);
        check("<<a@b.example>>", &["<>|a|b.example"]);
        check("Taro a@b.example>", &["Taro|a|b.example"]);
        check("Taro <mailto:a@b.example>", &["Taro|a|b.example"]);
    }

    #[test]
    fn commas_in_names_without_quotes() {
        check("Yamada, Taro <a@b.example>", &["Yamada, Taro|a|b.example"]);
        check("root, a@b.example", &["|root|", "|a|b.example"]);
        check("root (Taro)", &["Taro|root|"]);
        check("root, postmaster", &["|root|", "|postmaster|"]);
    }

    #[test]
    fn loose_commas() {
        for raw in
            ["Yamada, Taro <a@b.example>", "Big Sale , <a@b.example>", "\"A B\", <a@b.example>"]
        {
            assert!(has_loose_comma(raw.as_bytes()), "{raw}");
        }
        for raw in
            ["\"Yamada, Taro\" <a@b.example>", "a@b.example, C <c@d.example>", "a (x, y)", ","]
        {
            assert!(!has_loose_comma(raw.as_bytes()), "{raw}");
        }
    }

    #[test]
    fn quoted_local_parts() {
        check("\"a,b@c\"@d.example", &["|\"a,b@c\"|d.example"]);
        check("T <\"a>b\"@d.example>", &["T|\"a>b\"|d.example"]);
    }

    #[test]
    fn what_is_no_address_is_left_out() {
        for raw in ["", "<>", "Taro Yamada", "\"Taro\" <>", ",;:", "=?utf-8?B?5bGx55Sw?=", "()"] {
            check(raw, &[]);
        }
        check("Taro <root>", &["Taro|root|"]);
    }

    #[test]
    fn quotes_and_comments_left_open_are_text() {
        check("\"Taro <a@b.example>", &["\"Taro|a|b.example"]);
        check("(Taro <a@b.example>", &["(Taro|a|b.example"]);
    }

    #[test]
    fn hostile_lengths_stay_linear() {
        for piece in ["(", "<", "\"", "<\"", "=?a?q?x", "a@b,", ":", "\u{1B}$B!", "\"(", ">@"] {
            mailboxes(piece.repeat(header_text::LONGEST).as_bytes(), usize::MAX);
        }
    }

    const PIECES: &[&[u8]] = &[
        b"a",
        b"@",
        b"b.example",
        b"<",
        b">",
        b"\"",
        b"\\",
        b"(",
        b")",
        b",",
        b";",
        b":",
        b" ",
        b"=?utf-8?B?",
        b"5bGx?=",
        b"\x1B$B",
        b"$<",
        b"\x1B(B",
        b"\x95\x5C",
        b"\r\n ",
        b"'",
    ];

    proptest! {
        #[test]
        fn never_panics(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
            mailboxes(&raw, 10);
        }

        #[test]
        fn pieces_never_panic(
            parts in proptest::collection::vec(proptest::sample::select(PIECES), 0..40),
        ) {
            mailboxes(&parts.concat(), 10);
        }
    }
}
