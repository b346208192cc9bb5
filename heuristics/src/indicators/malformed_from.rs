//! From is not written as mail programs write it.
//!
//! Programs that send bait in bulk glue names, several senders and invented domains together; mail
//! software does not. RFC 5322 asks for one From field (section 3.6), for a Sender field where From
//! names several people (3.6.2), for quotes round a comma (3.2.4); a domain that the world can
//! answer has a dot (RFC 5321, section 2.3.5). Innocent: devices that know no domain of their own,
//! and `Yamada, Taro <…>` without quotes, which is left out.

use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::address::{Mailbox, has_loose_comma};

/// From breaks the form of mail addresses.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "malformed-from",
    clause: None,
    group: Group::Sender,
    // Mail programs do not write it; devices sometimes do.
    points: 25,
    says: Words {
        ja: "差出人（From）の書式が正しくありません（{evidence}）。",
        en: "The sender (From) is not written as mail programs write it ({evidence}).",
    },
    means: Words {
        ja: "差出人欄に複数の差出人が並んでいる、インターネット上のドメインがないなど、メールの規格（RFC 5322）に沿っていません。\
             通常のメールソフトがこのような差出人を書くことはなく、大量送信の道具で作られたメールによく見られます。\
             複合機や装置からの自動通知で該当することがあります。",
        en: "From names several senders, has no domain of the Internet, or is otherwise not as RFC 5322 \
             asks. Mail programs do not write that; tools for mass mailing do. Devices that send reports \
             sometimes do it innocently.",
    },
    look,
};

fn look(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let fields: Vec<&[u8]> = mail.fields().filter(|f| f.is("from")).map(|f| f.value).collect();
    let mailboxes = mail.from();
    // Reports of mail servers name themselves `MAILER-DAEMON`, some without a domain.
    if mail.envelope().mail_from.as_deref() == Some("")
        || mailboxes.iter().any(|m| m.local.eq_ignore_ascii_case("mailer-daemon"))
    {
        return None;
    }
    let [field] = fields.as_slice() else {
        return (fields.len() > 1).then(|| told(&format!("From × {}", fields.len()), mailboxes));
    };
    let hosts: BTreeSet<&str> = mailboxes.iter().map(|m| m.host.as_str()).collect();
    if let Some(host) = hosts.iter().find(|host| !is_of_the_internet(host)) {
        let shown = if host.is_empty() { "no domain" } else { host };
        return Some(told(shown, mailboxes));
    }
    if mailboxes.len() > 1 && mail.field("sender").is_none() {
        return Some(told(&format!("{} senders", mailboxes.len()), mailboxes));
    }
    let is_plain =
        |m: &Mailbox| m.name.split_once(',').is_some_and(|(a, b)| is_word(a) && is_word(b));
    let is_loose = memchr::memchr(b',', field).is_some()
        && has_loose_comma(field)
        && !mailboxes.iter().any(is_plain);
    is_loose.then(|| told("comma without quotes", mailboxes))
}

fn told(what: &str, mailboxes: &[Mailbox]) -> Evidence {
    let shown = mailboxes.iter().take(SHOWN).map(|m| format!("{} <{}>", m.name, m.address()));
    let list: Vec<String> = shown.collect();
    Evidence::new(format!("{what}: {}", list.join(", ")))
}

/// A name with a dot, or an address in brackets. Internal names never reach the Internet.
fn is_of_the_internet(host: &str) -> bool {
    let inner_dot = host.split('.').filter(|label| !label.is_empty()).count() > 1;
    inner_dot && !host.contains(['!', '/', ' ', '@']) || host.starts_with('[')
}

fn is_word(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '.'))
}

/// Mailboxes shown as evidence.
const SHOWN: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn from(value: &str) -> String {
        format!("From: {value}\nTo: b@own.example\n\nx\n")
    }

    #[test]
    fn fires_at_what_no_mail_program_writes() {
        for value in [
            "Big Sale! , <a@shop.example>",
            "\"Gift Card\", <>, <a@shop.example>",
            "Winner <prize@notice88123>",
            "<winner>",
            "Prize <a@shop,com>",
            "A <a@one.example>, B <b@two.example>",
        ] {
            fires(&INDICATOR, from(value));
        }
        fires(&INDICATOR, "From: a@one.example\nFrom: b@two.example\n\nx\n");
        assert_eq!(fires(&INDICATOR, from("Prize <gift@box88>")), "box88: Prize <gift@box88>");
    }

    #[test]
    fn silent_at_what_people_send() {
        for value in [
            "Taro Yamada <a@example.com>",
            "Yamada, Taro <a@example.com>",
            "\"山田, 太郎 (営業部)\" <a@example.com>",
            "=?utf-8?B?5bGx55Sw?= <a@example.com>",
            "a@[192.0.2.1]",
            "a@example.com (Taro)",
        ] {
            silent(&INDICATOR, from(value));
        }
        silent(
            &INDICATOR,
            "From: A <a@one.example>, B <b@one.example>\nSender: a@one.example\n\nx\n",
        );
        silent(&INDICATOR, "To: b@own.example\n\nx\n");
        silent(&INDICATOR, from("Mail Delivery Subsystem <MAILER-DAEMON>"));
    }
}
