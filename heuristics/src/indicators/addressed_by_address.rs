//! The mail calls its reader by his mail address: 「taro@own.example 様」, "Dear taro@own.example".
//!
//! Who has a contract with somebody knows his name; who bought a list of addresses does not.
//! Innocent: services that were never told a name. Greetings alone count, and a subject in which the
//! recipient's address stands; an address in the text, as in a form's answer, does not.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

/// The greeting has an address for a name.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "addressed-by-address",
    clause: None,
    group: Group::Text,
    // Programs greet so that know the address alone; some honest services do too.
    points: 15,
    says: Words {
        ja: "お名前ではなく、メールアドレスで呼びかけています（「{evidence}」）。",
        en: "It addresses its reader by the mail address, not by name (“{evidence}”).",
    },
    means: Words {
        ja: "取引や契約のある相手であれば氏名が分かるはずですが、メールアドレスをそのまま宛名にしています。\
             アドレスだけを入手した送信者がよく使う書き方です。\
             氏名を登録しないサービスからの自動通知が該当することがあります。",
        en: "Who has dealings with a person knows the name. This mail uses the address instead, as \
             senders do who know nothing else. Services that were never told a name do so innocently.",
    },
    look,
};

fn look(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let greeting = mail.texts().iter().filter(|text| text.message == 0).find_map(|text| {
        let lines = text.own().lines().map(str::trim).filter(|line| !line.is_empty());
        lines.take(LINES).find_map(greeted)
    });
    greeting.or_else(|| subject(mail)).map(Evidence::new)
}

/// The greeting, where it is an address and a title, or a salutation and an address.
fn greeted(line: &str) -> Option<&str> {
    let at = memchr::memchr(b'@', line.as_bytes())?;
    let before = line.get(..at)?;
    let start = before.rfind(|c| !is_of_address(c)).map_or(0, |last| {
        last + before.get(last..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
    });
    let after = line.get(at + 1..)?;
    let host = after.find(|c| !is_of_address(c)).unwrap_or(after.len());
    if start == at || host == 0 {
        return None;
    }
    let head = before.get(..start)?.trim().trim_end_matches(['<', '(', '「', '(']).trim_end();
    let tail = after.get(host..)?.trim_start_matches(['>', ')', '」', ' ', '\u{3000}', '\u{A0}']);
    // `Taro Sekisho <taro@own.example>さん` has a name, as do attributions of quotations.
    let titled = (head.is_empty() || HONOURS.contains(&head))
        && TITLES.iter().any(|title| tail.starts_with(title));
    let saluted = head.len() <= LONGEST
        && SALUTATIONS.iter().any(|s| {
            head.get(..s.len()).is_some_and(|start| start.eq_ignore_ascii_case(s))
                && head.get(s.len()..).is_some_and(is_end_of_salutation)
        });
    let shown = line.get(..at + 1 + host)?;
    (titled || saluted && tail.len() <= LONGEST).then_some(shown)
}

/// `Dear`, `Dear User`, `Dear customer:`; but not `Dear Ms. Sato, write to`.
fn is_end_of_salutation(rest: &str) -> bool {
    let rest = rest.trim().trim_end_matches([',', ':', '!']).to_ascii_lowercase();
    matches!(
        rest.as_str(),
        "" | "user" | "customer" | "client" | "member" | "owner" | "valued customer"
    )
}

/// The recipient's whole address in the subject.
fn subject<'m>(mail: &'m Message<'_>) -> Option<&'m str> {
    let subject = mail.subject();
    memchr::memchr(b'@', subject.as_bytes())?;
    let lower = subject.to_lowercase();
    let recipients = mail.mailboxes("to").into_iter().filter(|to| !to.host.is_empty());
    let mut recipients = recipients.map(|to| to.address()).take(RECIPIENTS);
    recipients.any(|to| lower.contains(&to)).then_some(subject)
}

fn is_of_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._+-%".contains(c)
}

/// Titles behind a name.
const TITLES: &[&str] = &["様", "さま", "さん", "殿"];

/// Words before a name that has a title.
const HONOURS: &[&str] = &["親愛なる", "尊敬する", "大切な"];

/// Words before a name.
const SALUTATIONS: &[&str] = &[
    "Dear",
    "Hello",
    "Hi",
    "Hey",
    "Attention",
    "Attn",
    "Hallo",
    "Guten Tag",
    "Olá",
    "Bonjour",
    "Hola",
];

/// Lines in which a greeting stands.
const LINES: usize = 8;

/// Longest text around the address in a greeting's line, in bytes.
const LONGEST: usize = 60;

/// Recipients looked for in the subject.
const RECIPIENTS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn mail(text: &str) -> String {
        format!(
            "From: a@example.com\nTo: taro@own.example\n\
             Content-Type: text/plain; charset=utf-8\n\n{text}\n"
        )
    }

    #[test]
    fn fires_where_an_address_is_the_name() {
        for text in [
            "taro@own.example 様\n\nいつもご利用ありがとうございます。",
            "重要なお知らせ\n\n<taro@own.example>さま",
            "親愛なる taro@own.example　様、",
            "Dear taro@own.example,\n\nYour account",
            "Hello taro@own.example!",
            "Dear User: taro@own.example",
        ] {
            fires(&INDICATOR, mail(text));
        }
        fires(&INDICATOR, "To: taro@own.example\nSubject: TARO@own.example: last notice\n\nx\n");
    }

    #[test]
    fn silent_for_names_and_addresses_in_the_text() {
        for text in [
            "関所太郎 様\n\n会員ID: taro@own.example",
            "メールアドレス: taro@own.example\nお名前: 関所太郎 様",
            "Dear Ms. Sato, please write to taro@own.example",
            "Hi all,\nask dev@lists.example about it",
            "関所太郎 <taro@own.example>さん:",
            "> Taro <taro@own.example>さん",
            "登録されたのは taro@own.example さんです",
            "On Monday taro@own.example wrote:\n> Hi",
            "Hello @taro, 3 @ 5",
            "様",
            "@",
        ] {
            silent(&INDICATOR, mail(text));
        }
        let late = format!("{}taro@own.example 様", "行\n".repeat(9));
        silent(&INDICATOR, mail(&late));
        silent(&INDICATOR, "To: taro@own.example\nSubject: mail to hanako@own.example\n\nx\n");
    }
}
