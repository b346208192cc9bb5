//! From's display name shows a mail address that is not From's.
//!
//! Phones and many desk clients show the name alone, so an address put there passes for the
//! sender's. It is read as a person reads it: decoded, full-width forms narrowed (NFKC), what cannot
//! be seen taken out, letters and joints pushed apart by blanks put together again, `[at]` taken for
//! `@`. Innocent: the same address in capitals, `Taro @Sales`, lists that write
//! `taro@example.com via Dev`. What has no dot behind the `@` is no address.

use unicode_normalization::UnicodeNormalization;

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words, is_unshowable};
use crate::message::domain::{registrable, to_ascii};
use crate::message::{Message, mailing_list};

pub(super) static INDICATOR: Indicator = Indicator {
    id: "display-name-other-address",
    clause: None,
    group: Group::Sender,
    // Services that write for somebody do it too; with any second sign it warns.
    points: 25,
    says: Words {
        ja: "差出人名に表示されているアドレス {shown} は、実際の差出人アドレス {from} と異なります。",
        en: "The sender's name shows the address {shown}, but the mail's real sender address is \
             {from}.",
    },
    means: Words {
        ja: "差出人の「名前」の欄には何でも書くことができます。そこに別のメールアドレスを書き、実際の\
             アドレスが見えにくい画面で本人からのメールに見せかける手口があります。転送サービスが\
             元のアドレスを名前に残すこともあります。",
        en: "Anything can be written as the sender's name. Attackers put another person's address \
             there, because many screens show the name and hide the real address. Forwarding \
             services sometimes keep the original address in the name, too.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let from = mail.from();
    let (mailbox, shown) =
        from.iter().filter(|mailbox| !mailbox.host.is_empty()).find_map(|m| {
            let shown = addresses_in(&m.name);
            let other = |address: &String| !from.iter().any(|f| f.address() == *address);
            Some((m, shown.into_iter().find(other)?))
        })?;
    if names_a_list(&mailbox.name) && mailing_list::read(mail).is_some() {
        return None;
    }
    let address = mailbox.address();
    let evidence = Evidence::new(format!("{shown} <{address}>"));
    Some(evidence.with("shown", shown).with("from", address))
}

/// `taro@example.com via Dev`, as lists write that send in their own name.
fn names_a_list(name: &str) -> bool {
    let name = name.to_lowercase();
    name.contains(" via ") || name.contains("経由")
}

/// Mail addresses that a person sees in `name`, lower case, host in ASCII form.
fn addresses_in(name: &str) -> Vec<String> {
    if !may_hold_an_address(name) {
        return Vec::new();
    }
    let name = joined(&as_seen(name));
    let at_signs = name.match_indices('@').take(MAX_AT_SIGNS);
    at_signs.filter_map(|(at, _)| address_around(&name, at)).collect()
}

/// A look at the bytes that spares most names the work: an `@` in any of its forms, or `at` in
/// brackets.
fn may_hold_an_address(name: &str) -> bool {
    name.contains(['@', '\u{FF20}', '\u{FE6B}', '[', '(', '{', '\u{FF3B}', '\u{FF08}', '\u{FF5B}'])
}

/// NFKC, lower case, invisible characters removed, every blank a space, every full stop a dot.
fn as_seen(name: &str) -> String {
    let is_seen = |c: &char| c.is_whitespace() || !is_unshowable(*c);
    let mut text: String = name
        .chars()
        .take(MAX_CHARS)
        .filter(is_seen)
        .nfkc()
        .filter(is_seen)
        .map(|c| match c {
            '\u{3002}' => '.',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect();
    for (open, close) in [('[', ']'), ('(', ')'), ('{', '}')] {
        for (word, joint) in [("at", "@"), ("@", "@"), ("dot", "."), (".", ".")] {
            text = text.replace(&format!("{open}{word}{close}"), joint);
        }
    }
    text
}

/// Puts together what blanks push apart: runs of single letters (`t a r o`), an `@` alone and its
/// sides, a dot and what is before it, and what stands behind an `@`. A blank before an `@` that
/// begins a word stays: that is how sections and handles are written.
fn joined(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let is_letter = |word: &&&str| word.chars().count() == 1;
    let mut out = String::with_capacity(text.len());
    let mut previous = "";
    let mut run_end = 0;
    for (i, &word) in words.iter().enumerate() {
        let in_run = i < run_end;
        if !in_run {
            let letters = words.iter().skip(i).take_while(is_letter).count();
            run_end = if letters >= SPACED_LETTERS { i + letters } else { i };
        }
        let joins = in_run
            || matches!(previous, "@" | ".")
            || previous.ends_with('@')
            || word == "@"
            || word.starts_with('.');
        if !joins {
            out.push(' ');
        }
        out.push_str(word);
        previous = word;
    }
    out
}

/// The address whose `@` stands at byte `at`.
fn address_around(text: &str, at: usize) -> Option<String> {
    let (before, after) = (text.get(..at)?, text.get(at + 1..)?);
    let is_local = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let local = before.rsplit(|c| !is_local(c)).next()?;
    let local = local.trim_start_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let host = after.split(|c: char| !c.is_alphanumeric() && !"-.".contains(c)).next()?;
    let (rest, last) = host.trim_end_matches(['.', '-']).rsplit_once('.')?;
    // `example.comより`: an ASCII top-level domain ends where another script begins.
    let ascii = last.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next()?;
    let last = if ascii.is_empty() { last } else { ascii };
    let is_top_level = last.chars().count() >= 2 && !last.starts_with(|c: char| c.is_ascii_digit());
    let host = to_ascii(&format!("{rest}.{last}"))?;
    (is_top_level && !local.is_empty() && registrable(&host).is_some())
        .then(|| format!("{local}@{host}"))
}

/// Characters of a display name that are read.
const MAX_CHARS: usize = 500;

/// `@` signs of a display name that are looked at.
const MAX_AT_SIGNS: usize = 10;

/// So many single letters in a row are one word pushed apart.
const SPACED_LETTERS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};
    use proptest::prelude::*;

    #[track_caller]
    fn check(name: &str, expected: &[&str]) {
        assert_eq!(addresses_in(name), expected, "{name}");
    }

    #[test]
    fn addresses_are_read_as_they_are_seen() {
        let taro: &[&str] = &["taro@example.com"];
        for name in [
            "taro@example.com",
            "Taro <TARO@Example.COM>",
            "山田太郎（taro@example.com）",
            "山田taro@example.comより",
            "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ",
            "taro\u{FE6B}example\u{3002}com",
            "ta\u{200B}ro@exam\u{AD}ple\u{2060}.com",
            "taro @ example.com",
            "taro@ example.com",
            "taro@example .com",
            "taro @ example . com",
            "Mail: taro @ example . com!",
            "taro\u{3000}＠\u{3000}example.com",
            "t a r o @ e x a m p l e . c o m",
            "taro[at]example[dot]com",
            "taro (at) example.com",
            "taro@example.com.",
        ] {
            check(name, taro);
        }
        check("a@one.example / b@two.example", &["a@one.example", "b@two.example"]);
        let international = format!("taro@{}", to_ascii("例え.jp").unwrap());
        check("taro@例え.jp", &[&international]);
    }

    #[test]
    fn other_uses_of_the_sign_are_no_address() {
        for name in [
            "",
            "山田太郎",
            "Taro @Sales",
            "Taro@Sales",
            "Taro @sales.tokyo",
            "@taro",
            "Taro @ Sales Dept.",
            "3 pens @ 1.50",
            "営業部@東京",
            "田中@example.com",
            "a@b",
            "a@b.c",
            "@example.com",
            "a@.com",
            "a@com",
            "a@1.2.3.4",
            "@@@@@@@@@@@@@@@@",
            "Company (at Tokyo)",
        ] {
            check(name, &[]);
        }
    }

    #[test]
    fn fires_on_another_address() {
        let found = fires(&INDICATOR, "From: \"ceo@own.example\" <a@example.com>\n\nx\n");
        assert_eq!(found, "ceo@own.example <a@example.com>");
        for from in [
            "=?UTF-8?B?Y2VvQG93bi5leGFtcGxl?= <a@example.com>",
            "\"ceo@own.example via Service\" <a@example.com>",
            "\"a@example.com b@example.net\" <a@example.com>",
            "\"ceo@own.example\" <ceo@own.example.com>",
            "b@example.com, \"ceo@own.example\" <a@example.com>",
            "b@example.com\nFrom: \"ceo@own.example\" <a@example.com>",
        ] {
            fires(&INDICATOR, format!("From: {from}\n\nx\n"));
        }
    }

    #[test]
    fn silent_for_the_same_address_and_for_names() {
        for from in [
            "a@example.com",
            "\"A@Example.com\" <a@example.com>",
            "\"ａ＠example.com\" <a@example.com>",
            "\"Taro @Sales\" <a@example.com>",
            "\"@taro\" <a@example.com>",
            "\"ceo@own.example\"",
            "Taro via Dev <dev@lists.example.org>",
            "",
        ] {
            silent(&INDICATOR, format!("From: {from}\n\nx\n"));
        }
    }

    #[test]
    fn silent_for_a_lists_via_form() {
        silent(
            &INDICATOR,
            "From: \"taro@example.com via Dev\" <dev@lists.example.org>\n\
             List-Id: <dev.lists.example.org>\n\nx\n",
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_name_is_read(name in "(@|[.]| |\u{200B}|\u{FF20}|[(]at[)]|\\PC|a|あ){0,40}") {
            addresses_in(&name);
        }
    }
}
