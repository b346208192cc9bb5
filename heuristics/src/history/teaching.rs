//! What a mail asks of history and what it teaches it.
//!
//! Way in: one function a question, so that who keeps the memory knows no indicator. All are total and
//! bounded: what goes beyond a bound is left out, what cannot be read is not there.

use sekisho_config::{Settings, is_or_under};

use super::Number;
use crate::container::Encryption;
use crate::message::domain::{registrable, to_ascii};
use crate::message::headers::Field;
use crate::message::signature::TelephoneLabel;
use crate::message::{Envelope, Message};
use crate::telephone::{self, Verdict};

/// Somebody outside, in the form in which he is remembered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Correspondent {
    /// The address, lower case, its host in ASCII form.
    pub address: String,
    /// Registrable domain of the host; the host itself where it has none.
    pub domain: String,
}

impl Correspondent {
    /// Whose `address` it is; `None` where it has no local part or no host.
    pub fn of(address: &str) -> Option<Correspondent> {
        let (local, host) = address.rsplit_once('@').filter(|(local, _)| !local.is_empty())?;
        let host = to_ascii(host)?;
        let domain = registrable(&host).unwrap_or(&host).to_owned();
        Some(Correspondent { address: format!("{}@{host}", local.to_lowercase()), domain })
    }
}

/// Who sent an inbound mail: the sole From.
pub fn sender(mail: &Message<'_>) -> Option<Correspondent> {
    Correspondent::of(&mail.sole_from()?.address())
}

/// The envelope's recipients outside own domains, each once, in order; at most
/// [`MOST_RECIPIENTS`].
pub fn recipients(envelope: &Envelope, settings: &Settings) -> Vec<Correspondent> {
    let own = &settings.filter.own_domains;
    let is_outside = |c: &Correspondent| {
        let host = c.address.rsplit_once('@').map_or("", |(_, host)| host);
        !own.iter().any(|domain| is_or_under(host, domain))
    };
    let mut seen = std::collections::HashSet::new();
    let all = envelope.recipients.iter().filter_map(|address| Correspondent::of(address));
    let outside = all.filter(|c| is_outside(c) && seen.insert(c.address.clone()));
    outside.take(MOST_RECIPIENTS).collect()
}

/// The mail's own Message-ID without brackets (RFC 5322, section 3.6.4).
pub fn message_id(mail: &Message<'_>) -> Option<String> {
    ids(mail.field("message-id")?.value).next().map(str::to_owned)
}

/// Message-IDs that the mail says it answers, without brackets, each once: those of In-Reply-To, then
/// those of References from the latest on; at most [`MOST_IDS`].
pub fn answered_ids(mail: &Message<'_>) -> Vec<String> {
    let of = |name: &'static str| mail.fields().filter(move |f| f.is(name));
    let mut earlier: Vec<&str> = of("references").flat_map(|f| ids(f.value)).collect();
    earlier.reverse();
    let mut found: Vec<String> = Vec::new();
    for id in of("in-reply-to").flat_map(|f| ids(f.value)).chain(earlier) {
        if found.len() == MOST_IDS {
            break;
        }
        if !found.iter().any(|known| known == id) {
            found.push(id.to_owned());
        }
    }
    found
}

/// Message-IDs of In-Reply-To and References in the order in which they stand.
pub(crate) fn answered<'m>(mail: &'m Message<'_>) -> impl Iterator<Item = &'m str> {
    let is_answering = |f: &Field<'_>| f.is("in-reply-to") || f.is("references");
    mail.fields().filter(is_answering).flat_map(|f| ids(f.value))
}

/// Message-IDs in the raw value of a field. Of a long one its end is read, where the latest stand.
fn ids(value: &[u8]) -> impl Iterator<Item = &str> {
    let from = value.len().saturating_sub(MAX_BYTES);
    let pieces = value.get(from..).unwrap_or_default().split(|b| *b == b'<').skip(1);
    pieces
        .filter_map(|id| std::str::from_utf8(id.get(..memchr::memchr(b'>', id)?)?).ok())
        .filter(|id| id.contains('@') && id.len() <= LONGEST_ID)
}

/// Telephone and FAX numbers in the sender's signature, as dialled, each once and sorted; at most
/// [`MOST_NUMBERS`]. A number under one label for both (`TEL/FAX`) is both, one without a label is a
/// telephone. Extensions, short numbers and those that cannot exist are left out.
pub fn signed_numbers(mail: &Message<'_>) -> Vec<Number> {
    let telephones = mail.signature().map_or(&[][..], |signature| &signature.telephones);
    let mut numbers = Vec::new();
    for telephone in telephones.iter().take(MOST_NUMBERS) {
        let number = telephone::read(&telephone.written);
        let is_foreign = number.digits.starts_with('+') && number.digits.len() > SHORTEST_FOREIGN;
        let is_whole = match number.verdict {
            Verdict::Valid | Verdict::Mobile => true,
            Verdict::Unknown => is_foreign,
            Verdict::Impossible(_) => false,
        };
        let kinds: &[bool] = match telephone.label {
            _ if !is_whole => &[],
            TelephoneLabel::Fax => &[true],
            TelephoneLabel::TelephoneAndFax => &[false, true],
            TelephoneLabel::None | TelephoneLabel::Telephone => &[false],
        };
        let digits = number.digits;
        numbers.extend(kinds.iter().map(|&is_fax| Number { digits: digits.clone(), is_fax }));
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers.truncate(MOST_NUMBERS);
    numbers
}

/// Names of the encrypted files that the mail carries, each once; at most [`MOST_FILES`]. What lies
/// inside an encrypted file is not named, and a file without a name is called by where it stands.
pub fn encrypted_files(mail: &Message<'_>) -> Vec<String> {
    let all = mail.attachments();
    let is_encrypted = |at: usize| {
        all.get(at)
            .is_some_and(|file| file.encryption == Encryption::Encrypted || file.opened_by_password)
    };
    let mut names: Vec<String> = Vec::new();
    for (at, file) in all.iter().enumerate() {
        if names.len() == MOST_FILES {
            break;
        }
        let mut holder = file.parent;
        let mut is_inside = false;
        // A holder stands before what it holds, so this ends.
        while let Some(up) = holder {
            is_inside |= is_encrypted(up);
            holder = all.get(up).and_then(|file| file.parent).filter(|&further| further < up);
        }
        if is_inside || !is_encrypted(at) {
            continue;
        }
        let name = match file.name() {
            "" => file.path(all, None),
            name => name.chars().take(LONGEST_NAME).collect(),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Recipients asked for.
pub const MOST_RECIPIENTS: usize = 100;

/// Message-IDs asked for.
pub const MOST_IDS: usize = 32;

/// Numbers written down of one mail.
pub const MOST_NUMBERS: usize = 16;

/// Encrypted files written down of one mail.
pub const MOST_FILES: usize = 16;

/// Characters kept of a file's name.
const LONGEST_NAME: usize = 200;

/// Longest Message-ID, the longest line there may be (RFC 5322, section 2.1.1).
const LONGEST_ID: usize = 998;

/// Bytes read of one field with Message-IDs.
const MAX_BYTES: usize = 16 * 1024;

/// Characters up to which a number with a country code is not given whole.
const SHORTEST_FOREIGN: usize = 7;

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::container::samples::sample;
    use crate::indicator::check::crlf;
    use crate::message::files::samples::attached;

    fn of<T>(mail: impl AsRef<[u8]>, ask: impl FnOnce(&Message<'_>) -> T) -> T {
        static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::default);
        let (raw, envelope) = (crlf(mail.as_ref()), Envelope::default());
        ask(&Message::new(&raw, &envelope, &SETTINGS.filter.limits))
    }

    #[test]
    fn correspondents_in_one_form() {
        let check = |address: &str, expected: Option<(&str, &str)>| {
            let found = Correspondent::of(address);
            let found = found.as_ref().map(|c| (c.address.as_str(), c.domain.as_str()));
            assert_eq!(found, expected, "{address}");
        };
        check("Taro@Mail.Example.co.JP", Some(("taro@mail.example.co.jp", "example.co.jp")));
        check("taro@\u{4F8B}\u{3048}.jp", Some(("taro@xn--r8jz45g.jp", "xn--r8jz45g.jp")));
        check("\"a@b\"@example.com", Some(("\"a@b\"@example.com", "example.com")));
        check("a@localhost", Some(("a@localhost", "localhost")));
        for none in ["", "@", "a", "a@", "@example.com"] {
            check(none, None);
        }
    }

    #[test]
    fn the_sender_is_the_sole_from() {
        let sent_by = |from: &str| of(format!("From: {from}\n\n"), sender).map(|c| c.address);
        assert_eq!(sent_by("A <A@Example.com>").as_deref(), Some("a@example.com"));
        assert_eq!(sent_by("a@example.com, b@example.com"), None);
        assert_eq!(sent_by("root"), None);
    }

    #[test]
    fn recipients_outside_each_once() {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        let to = |recipients: Vec<String>| {
            let found = recipients_of(recipients, &settings);
            found.into_iter().map(|c| c.address).collect::<Vec<_>>()
        };
        let some = ["a@own.example", "b@x.own.example", "C@example.com", "c@Example.com", "root"];
        assert_eq!(to(some.map(str::to_owned).into()), ["c@example.com"]);
        let many = (0..500).map(|n| format!("a@{n}.example")).collect();
        assert_eq!(to(many).len(), MOST_RECIPIENTS);
    }

    fn recipients_of(recipients: Vec<String>, settings: &Settings) -> Vec<Correspondent> {
        super::recipients(&Envelope { mail_from: None, recipients }, settings)
    }

    #[test]
    fn answered_mails_latest_first_and_each_once() {
        let head = "Message-ID: <own@example.com>\nReferences: <1@a.example>\n <2@a.example> <3@a>\n\
                    In-Reply-To: <2@a.example> (your mail of Monday)\n\n";
        assert_eq!(of(head, answered_ids), ["2@a.example", "3@a", "1@a.example"]);
        assert_eq!(of(head, message_id).as_deref(), Some("own@example.com"));
        for none in ["\n", "In-Reply-To: your mail\n\n", "References: <a> <b@c\n\n"] {
            assert!(of(none, answered_ids).is_empty(), "{none}");
        }
    }

    #[test]
    fn answered_mails_are_bounded() {
        let many: String = (0..5000).map(|n| format!(" <{n}@example.com>\n")).collect();
        let found = of(format!("References:{many}In-Reply-To: <0@x>\n\n"), answered_ids);
        assert_eq!(found.len(), MOST_IDS);
        assert_eq!(found[..2], ["0@x", "4999@example.com"]);
        let long = format!("In-Reply-To: <{}@x>\n\n", "a".repeat(LONGEST_ID));
        assert!(of(long, answered_ids).is_empty());
    }

    #[track_caller]
    fn numbers(details: &str, expected: &[(&str, bool)]) {
        let mail = format!(
            "From: a@example.jp\nContent-Type: text/plain; charset=utf-8\n\nお世話になっております。\n\n\
             ━━━━━━━━━━\nサンプル株式会社 山田\n{details}\n━━━━━━━━━━\n"
        );
        let found = of(mail, signed_numbers);
        let found: Vec<_> = found.iter().map(|n| (n.digits.as_str(), n.is_fax)).collect();
        assert_eq!(found, expected, "{details}");
    }

    #[test]
    fn numbers_of_a_signature_by_their_labels() {
        let both = [("0352535111", false), ("0352535112", true)];
        numbers("TEL 03-5253-5111 FAX 03-5253-5112", &both);
        numbers("ＴＥＬ：０３−５２５３−５１１１\nﾌｧｯｸｽ +81-3-5253-5112", &both);
        numbers("TEL/FAX 03-5253-5111", &[("0352535111", false), ("0352535111", true)]);
        numbers("携帯 090-1234-5678", &[("09012345678", false)]);
        numbers("TEL +1-408-555-0123", &[("+14085550123", false)]);
        numbers("TEL 03-5253-51 FAX 03-5253-5112", &[("0352535112", true)]);
        numbers("山田 太郎", &[]);
        assert!(of("\n", signed_numbers).is_empty());
    }

    #[test]
    fn encrypted_files_by_name() {
        let files = |mail: String| of(mail, encrypted_files);
        assert_eq!(files(attached("資料.zip", sample!("zipcrypto.zip"))), ["資料.zip"]);
        assert!(files(attached("a.txt", b"text")).is_empty());
        assert!(of("\n", encrypted_files).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_mail_is_survived(raw in proptest::collection::vec(proptest::num::u8::ANY, 0..300), value in "[<>@a, ]{0,80}") {
            of(&raw, |mail| (sender(mail), message_id(mail), signed_numbers(mail), encrypted_files(mail)));
            of(format!("In-Reply-To: {value}\nReferences: {value}\n\n"), answered_ids);
            let _ = Correspondent::of(&value);
        }
    }
}
