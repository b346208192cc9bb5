//! A Japanese mail leads to a site in another country's top-level domain, which is not the sender's.
//!
//! Phishing for Japanese readers lives on domains that were cheap in China, Russia or Brazil, or on
//! servers there that were broken into. Innocent: mail about travel and trade with such a country;
//! so it counts little, and the sender's own site never does. Country codes that are sold all over the
//! world (.io, .co, .me, .tv, .ai …) and those of countries whose sites Japanese mail often links are
//! left out.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::domain::{registrable, same_organisation};
use crate::message::{Message, language};

/// A link's country does not fit a Japanese mail.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "foreign-domain-link",
    clause: None,
    group: Group::Link,
    // Odd in Japanese mail, usual for firms that trade abroad.
    points: 10,
    says: Words {
        ja: "日本語のメールですが、リンク先 {evidence} は外国（.{country}）のドメインです。",
        en: "The mail is in Japanese, but it links to {evidence}, a domain of another country (.{country}).",
    },
    means: Words {
        ja: "日本の組織を名乗る日本語のメールなのに、リンク先が差出人とは別の、外国のドメインになっています。\
             その国との取引や旅行に関するメールであれば問題ありません。",
        en: "A mail in Japanese leads to another country's top-level domain that is not the sender's. \
             Mail about trade or travel with that country does so innocently.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let from = mail.sole_from().map(|from| from.domain()).unwrap_or_default();
    let links = mail.links().iter().filter(|l| l.origin.is_followed() && l.is_web());
    let host = links.take(LINKS).filter_map(|link| link.host()).find(|host| {
        COUNTRIES.binary_search(&country(host)).is_ok()
            && registrable(host).is_some()
            && !same_organisation(host, from)
            && !facts.is_own_domain(host)
            && !facts.is_partner_domain(host)
    })?;
    let evidence = || Evidence::new(host).with("country", country(host));
    language::is_japanese(mail).then(evidence)
}

fn country(host: &str) -> &str {
    host.rsplit('.').next().unwrap_or_default()
}

/// Country codes, sorted.
const COUNTRIES: &[&str] = &[
    "ar", "az", "bd", "br", "by", "cl", "cn", "eg", "ge", "id", "in", "ir", "ke", "kz", "ma", "ng",
    "pe", "ph", "pk", "ro", "rs", "ru", "su", "tr", "ua", "uz", "ve", "vn", "za",
];

/// Links looked at.
const LINKS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn mail(from: &str, text: &str) -> String {
        format!("From: a@{from}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n")
    }

    #[test]
    fn fires_for_another_country() {
        assert!(COUNTRIES.is_sorted());
        let text = "こちらからご確認をお願いいたします。 https://www.name.cn/login";
        assert_eq!(fires(&INDICATOR, mail("example.jp", text)), "www.name.cn");
        fires(&INDICATOR, mail("other.cn", text));
        fires(
            &INDICATOR,
            mail("example.jp", "お手続きはこちらでお願いします https://x.name.com.br/"),
        );
    }

    #[test]
    fn silent_for_the_senders_own_site_and_other_languages() {
        let text = "こちらからご確認をお願いいたします。 https://www.name.cn/login";
        silent(&INDICATOR, mail("name.cn", text));
        silent(&INDICATOR, mail("example.jp", "See https://www.name.cn/ please, thank you."));
        for link in
            ["https://name.io/", "https://name.co.jp/", "https://name.tv/", "mailto:a@name.cn"]
        {
            silent(
                &INDICATOR,
                mail("example.jp", &format!("こちらからご確認をお願いいたします {link}")),
            );
        }
    }
}
