//! A link is nothing but a long code.
//!
//! Tools that send bait in bulk give each recipient a link of random letters and digits right under
//! the host, with no word that says what lies there. Innocent: links that newsletters count; those of
//! the sender's own domain, of the service that sends the mail and of well-known short links are not counted.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::url::Origin;
use sekisho_config::is_in_or_under;

/// The path of a link is one long code.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "opaque-link",
    clause: None,
    group: Group::Link,
    // Counters of clicks make such links too.
    points: 15,
    says: Words {
        ja: "リンク先 {evidence} は、長い符号だけでできたURLです。",
        en: "A link to {evidence} is nothing but a long code.",
    },
    means: Words {
        ja: "差出人とは別のドメインへのリンクで、URLが意味のある語を含まず、受信者ごとの長い符号だけでできています。\
             迷惑メールの一斉送信の道具が作るリンクに多い形です。\
             メール配信サービスのクリック計測で該当することがあります。",
        en: "The link leads to a domain that is not the sender's, and holds no word, only a long code made \
             for each recipient. Tools for mass mailing of bait make such links; services that count \
             the clicks of newsletters sometimes do too.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let links = mail.links().iter().take(LINKS);
    let mut followed =
        links.filter(|link| matches!(link.origin, Origin::Anchor | Origin::Text) && link.is_web());
    let link = followed.find(|link| {
        let Some(host) = link.host() else { return false };
        link.url.as_ref().is_some_and(|url| url.query().is_none() && is_code(url.path()))
            && !facts.stands_behind(mail, host)
            && !is_in_or_under(&facts.settings.lists.shortener_hosts, host)
    })?;
    link.host().map(Evidence::new)
}

/// One segment, long, of letters of both cases and digits, as no person names a page.
fn is_code(path: &str) -> bool {
    let segment = path.trim_matches('/');
    let bytes = segment.as_bytes();
    if bytes.len() < SHORTEST || !bytes.iter().all(|b| b.is_ascii_alphanumeric() || is_filler(*b)) {
        return false;
    }
    let has = |is: fn(&u8) -> bool| bytes.iter().filter(|b| is(b)).count() >= 3;
    let mut runs = bytes.split(|b| !b.is_ascii_alphanumeric());
    has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && runs.any(|run| run.len() >= LONGEST_WORD)
}

fn is_filler(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'=')
}

/// Shortest code, in bytes: longer than the ids of documents and videos.
const SHORTEST: usize = 32;

/// A code has a run without a hyphen at least this long; titles of articles have none.
const LONGEST_WORD: usize = 20;

/// Links looked at.
const LINKS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    const CODE: &str = "bVI1QmFhY1REaHUxMFRTWXhIMExvWk42U1Ezemg2OX";

    fn mail(link: &str) -> String {
        format!("From: info@shop.example\nContent-Type: text/html\n\n<a href={link}>here</a>\n")
    }

    #[test]
    fn fires_for_a_code_under_another_host() {
        assert_eq!(fires(&INDICATOR, mail(&format!("http://site.example/{CODE}"))), "site.example");
        fires(&INDICATOR, mail(&format!("https://www.site.example/{CODE}==/")));
    }

    #[test]
    fn silent_for_the_sender_and_for_words() {
        for link in [
            format!("https://click.shop.example/{CODE}"),
            format!("https://site.example/unsubscribe/{CODE}"),
            format!("https://site.example/p?u={CODE}"),
            "https://site.example/how-to-write-minutes-of-a-meeting-in-2026".into(),
            "https://site.example/How-To-Write-Minutes-2026-And-Send-Them-To-All-Of-Us".into(),
            "https://site.example/d41d8cd98f00b204e9800998ecf8427e".into(),
            "https://bit.ly/3abcDEF".into(),
        ] {
            silent(&INDICATOR, mail(&link));
        }
    }
}
