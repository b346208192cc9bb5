//! A link leads to a domain called by random letters.
//!
//! The sites behind phishing live for days; their names are made up by programs. Innocent:
//! abbreviations without a vowel (see [`crate::message::random`]). Names that a provider gives to its
//! tenants (`d1234.cloudfront.net`) are machine-made honestly and not counted. Pictures are not followed and not
//! counted.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::domain::{is_rented, registrable};
use crate::message::random::is_random;

/// The registrable domain of a link is random letters.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "random-link-domain",
    clause: None,
    group: Group::Link,
    // Abbreviations can look random.
    points: 15,
    says: Words {
        ja: "リンク先のドメイン {evidence} は、意味のない文字の並びです。",
        en: "A link leads to {evidence}, a domain called by meaningless letters.",
    },
    means: Words {
        ja: "リンク先のドメイン名が、でたらめな文字の並びになっています。\
             偽サイト用の使い捨てドメインは、プログラムで大量に作られるためこのような名前になります。\
             母音のない長い略称のサイトがまれに該当します。",
        en: "A link leads to a domain of random letters, as programs make them up for sites that live a \
             few days. Rarely a long abbreviation of an organisation looks so.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let links = mail.links().iter().filter(|l| l.origin.is_followed() && l.is_web());
    links.take(LINKS).find_map(|link| {
        let host = link.host()?;
        let domain = registrable(host)?;
        let known = facts.is_own_domain(domain) || facts.is_partner_domain(domain);
        let random = is_random(domain.split('.').next()?) && !known && !is_rented(host);
        random.then(|| Evidence::new(host))
    })
}

/// Links looked at.
const LINKS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    #[test]
    fn fires_for_random_letters() {
        for link in [
            "https://bxczuzmq.example/login",
            "https://www.bank.co.jp.qzkwvtrx.example/",
            "http://x7k2m9q4.example/",
        ] {
            fires(&INDICATOR, format!("From: a@example.com\n\nsee {link} now\n"));
        }
    }

    #[test]
    fn silent_for_names_and_for_what_is_no_domain() {
        for link in [
            "https://www.example.com/",
            "https://qzkwvtrx.example.com/bxczuzmq?wvtvbrhg",
            "https://smbc-card.example/",
            "https://d3qzkw0vtr9x06.cloudfront.net/",
            "http://192.0.2.7/",
            "https://xn--r8jz45g.jp/",
            "mailto:a@qzkwvtrx.example",
        ] {
            silent(&INDICATOR, format!("From: a@example.com\n\nsee {link} now\n"));
        }
        silent(
            &INDICATOR,
            "Content-Type: text/html\n\n<img src=https://qzkwvtrx.example/p.png><p>x</p>\n",
        );
    }
}
