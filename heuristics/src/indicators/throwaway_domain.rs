//! Sender or link is in a top-level domain whose names cost next to nothing.
//!
//! Names there are bought for a day; most of what is reported as phishing lives in a few of them.
//! Innocent: clubs, shops and young companies that liked the word. So it counts little. Top-level
//! domains that Japanese bodies use in earnest (.tokyo, .osaka, .club, .shop, .online, .site, .info) are
//! left out, as are .cf and .ml, which are extensions of files that texts name.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::domain::registrable;
use crate::message::text::Text;
use crate::message::url::{Link, Origin};

/// From, Reply-To or a link is in a cheap top-level domain.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "throwaway-domain",
    clause: None,
    group: Group::Link,
    // Cheap endings have honest tenants.
    points: 10,
    says: Words {
        ja: "{evidence} は、ごく安価で使い捨てにされやすい種類のドメインです。",
        en: "{evidence} is in a top-level domain whose names are cheap and often thrown away.",
    },
    means: Words {
        ja: "差出人またはリンク先が、.top、.xyz、.icuなど、ごく安価に取得でき、偽サイトに多用される種類のドメインです。\
             こうしたドメインを使う正規の団体や店舗もあります。",
        en: "The sender or a link is in .top, .xyz, .icu or the like, where names cost next to nothing \
             and fake sites abound. Honest clubs and shops are there, too.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let is_cheap = |host: &str| {
        let last = host.rsplit('.').next().unwrap_or_default();
        CHEAP.binary_search(&last).is_ok()
            && registrable(host).is_some()
            && !facts.is_own_domain(host)
            && !facts.is_partner_domain(host)
    };
    let replies = mail.mailboxes("reply-to");
    let mut mailboxes = mail.from().iter().chain(&replies).map(|mailbox| mailbox.domain());
    if let Some(host) = mailboxes.find(|host| is_cheap(host)) {
        return Some(Evidence::new(host));
    }
    let links = mail.links().iter().filter(|l| l.origin.is_followed() && l.is_web());
    let links = links.take(LINKS).filter(|link| link.host().is_some_and(is_cheap));
    let link = links.take(CHEAP_LINKS).find(|link| !is_bare_name(mail, link))?;
    link.host().map(Evidence::new)
}

/// `points.xyz` in a text, without scheme or path: as likely the name of a file.
fn is_bare_name(mail: &Message<'_>, link: &Link) -> bool {
    // The scheme is ours where the text has none.
    let is_host = link
        .written
        .strip_prefix("http://")
        .is_some_and(|rest| !rest.contains(['/', '?', '#', ':']) && !rest.starts_with("www."));
    let stands =
        |text: &Text| memchr::memmem::find(text.content.as_bytes(), link.written.as_bytes());
    link.origin == Origin::Text && is_host && !mail.texts().iter().any(|t| stands(t).is_some())
}

/// Top-level domains, sorted: most of their names are sold for about a dollar or less in the first
/// year, or were given away.
const CHEAP: &[&str] = &[
    "autos",
    "beauty",
    "bid",
    "boats",
    "bond",
    "buzz",
    "cfd",
    "click",
    "cyou",
    "date",
    "faith",
    "fun",
    "ga",
    "gq",
    "hair",
    "homes",
    "icu",
    "lol",
    "makeup",
    "men",
    "mom",
    "monster",
    "motorcycles",
    "party",
    "quest",
    "racing",
    "rest",
    "sbs",
    "science",
    "skin",
    "stream",
    "top",
    "vip",
    "wang",
    "webcam",
    "win",
    "xin",
    "xyz",
    "yachts",
];

/// Links looked at.
const LINKS: usize = 200;

/// Links with a cheap host looked at: for each the text may be searched.
const CHEAP_LINKS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, look_with, silent};

    #[test]
    fn fires_for_sender_and_link() {
        assert!(CHEAP.is_sorted());
        assert_eq!(fires(&INDICATOR, "From: a@mail.name.top\n\nx\n"), "mail.name.top");
        fires(&INDICATOR, "From: a@example.com\nReply-To: b@name.xyz\n\nx\n");
        fires(&INDICATOR, "From: a@example.com\n\nsee https://www.name.icu/x\n");
        fires(&INDICATOR, "From: a@example.com\n\nsee name.icu/x now\n");
        fires(&INDICATOR, "From: a@example.com\n\nsee http://name.icu now\n");
    }

    #[test]
    fn silent_for_others() {
        for mail in [
            "From: a@example.com\n\nsee https://top.example.com/icu.xyz\n",
            "From: a@club.tokyo\n\nsee https://shop.example.shop/\n",
            "From: a@example.com\n\nedit sendmail.cf and parser.ml\n",
            "From: a@example.com\n\nthe file water.xyz holds the points\n",
            "From: \"name.top\" <a@example.com>\n\nx\n",
            "From: a@top\n\nx\n",
        ] {
            silent(&INDICATOR, mail);
        }
        let partner = |s: &mut sekisho_config::Settings| {
            s.filter.partner_domains = vec!["name.top".into()];
        };
        assert!(look_with(&INDICATOR, "From: a@name.top\n\nx\n", partner, |_| {}).is_none());
    }
}
