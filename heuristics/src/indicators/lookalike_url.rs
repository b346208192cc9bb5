//! The host of a link claims a real name that its owner does not control.
//!
//! A name is put where a hurried reader finds it: before the real end of the host
//! (`my.jcb.co.jp.example`), between hyphens, misspelt by a letter, in look-alike characters, under
//! another top-level domain. Innocent: the real hosts, customers' names at services that give each
//! customer a subdomain, names in path or query; shops and fan sites that bear a brand's name, hence
//! not enough for a banner alone. Dodged by hosts that claim nothing. What is compared and how:
//! [`crate::names`]. Pictures are left out: nobody follows them.

use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "lookalike-url",
    clause: Some("body-3"),
    group: Group::Link,
    // Made to deceive; just below a banner alone, since real names can be near each other.
    points: 35,
    says: Words {
        ja: "リンク先のホスト {host} は「{name}」を思わせますが、正規のドメイン（{domain} など）では\
             ありません。",
        en: "The link leads to {host}, which looks like {name}, but is not one of its domains \
             ({domain} and others).",
    },
    means: Words {
        ja: "URLの中に実在する組織やブランドの名称、またはそれに似た綴りが含まれていますが、ドメインは\
             その組織のものではありません。偽サイトへ誘導する手口でよく使われます。販売代理店や\
             ファンサイトなどが名称を使っていることもあります。リンクは開かず、ご自身のブックマークや\
             検索から正規のサイトを開いて確かめてください。",
        en: "The URL holds the name of a real organisation or brand, or something spelt like it, but \
             the domain is not that organisation's. Links to forged sites are made this way. Resellers \
             and fan sites use names innocently, too. Do not follow the link; open the real site from \
             your own bookmarks.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let mut seen = BTreeSet::new();
    let followed = mail.links().iter().filter(|link| link.origin.is_reached());
    let hosts = followed.filter_map(|link| link.host()).filter(|host| seen.insert(*host));
    let (host, found) =
        hosts.take(MAX_HOSTS).find_map(|host| Some((host, facts.names.disguise(host)?)))?;
    let known = found.known;
    let evidence = Evidence::new(format!("{host} ≠ {}", known.domain));
    Some(evidence.with("host", host).with("name", &known.name).with("domain", &known.domain))
}

/// Different hosts looked at in one mail; honest mail has a handful.
const MAX_HOSTS: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, look_with, silent};

    fn mail(url: &str) -> String {
        format!("From: a@example.com\nContent-Type: text/plain; charset=utf-8\n\n{url}\n")
    }

    #[test]
    fn fires_on_names_in_strange_hosts() {
        for (host, domain) in [
            ("rakuten.co.jp.example.com", "rakuten.co.jp"),
            ("www.my.jcb.co.jp.example.top", "jcb.co.jp"),
            ("www.rakuten-co-jp.example", "rakuten.co.jp"),
            ("amazon.example.com", "amazon.co.jp"),
            ("amazon-co-jp.example.com", "amazon.co.jp"),
            ("secure-rakuten.example", "rakuten.co.jp"),
            ("rakuten.top", "rakuten.co.jp"),
            ("rakuten0.example", "rakuten.co.jp"),
            ("amaz0n.example", "amazon.co.jp"),
            ("arnazon.example", "amazon.co.jp"),
            ("amazom.example", "amazon.co.jp"),
            ("paypa1.example", "paypal.com"),
            ("rnicrosoft.example", "microsoft.com"),
            ("xn--mazon-3ve.example", "amazon.co.jp"),
            ("smbc-card.xyz", "smbc-card.com"),
            ("smbccard.example", "smbc-card.com"),
            ("rakutenlogin.example", "rakuten.co.jp"),
            ("www.eki-net-member.example", "eki-net.com"),
            ("eki-nat.example", "eki-net.com"),
            ("au-login.example", "au.com"),
            ("www.etc.login.example.com", "etc-meisai.jp"),
            ("amazon-login.pages.dev", "amazon.co.jp"),
            ("saiasoncard.co.jp.example.top", "saisoncard.co.jp"),
        ] {
            let found = fires(&INDICATOR, mail(&format!("https://{host}/a?b=c")));
            assert_eq!(found, format!("{host} ≠ {domain}"));
        }
    }

    #[test]
    fn fires_in_forms_and_anchors() {
        for html in ["<a href='http://amazon.example/'>x</a>", "<form action='//amazon.example'>"] {
            fires(&INDICATOR, format!("Content-Type: text/html\n\n{html}<input>\n"));
        }
    }

    #[test]
    fn silent_for_real_hosts_and_words() {
        for url in [
            "https://www.amazon.co.jp/",
            "https://www.amazon.com.au/",
            "https://mail.rakuten-card.co.jp/",
            "https://example.com/www.amazon.co.jp/rakuten",
            "https://example.com/?u=https%3A%2F%2Famazon.co.jp",
            "https://pineapple.example/",
            "https://online.example/",
            "https://snapple.com/",
            "https://grapple.example/",
            "https://amazonas.example/",
            "https://visage.example/",
            "https://espresso.example/",
            "https://signpost.example/",
            "https://gcloud.example/",
            "https://webchat.example/",
            "https://view-account.example/",
            "https://line.example/",
            "https://etc.example/",
            "https://au.example.com/",
            "https://github.example.com/",
            "https://rakuten.service-now.com/",
            "https://rakuten.co.jp.edgekey.net/",
            "https://docomo-shop-example.co.jp/",
            "https://192.0.2.1/amazon",
            "mailto:a@amazon.example",
        ] {
            silent(&INDICATOR, mail(url));
        }
        silent(&INDICATOR, "Content-Type: text/html\n\n<img src='http://amazon.example/a.png'>\n");
    }

    #[test]
    fn own_and_partner_domains_are_names() {
        let fires = |host: &str| {
            let settings = |s: &mut sekisho_config::Settings| {
                s.filter.own_domains = vec!["hanamizuki.example.jp".into(), "own.example".into()];
                s.filter.partner_domains = vec!["sazanami.co.jp".into()];
            };
            look_with(&INDICATOR, mail(&format!("http://{host}/")), settings, |_| {}).is_some()
        };
        for host in [
            "sazanami.co.jp.example",
            "sazanami-co-jp.example",
            "sazanani.co.jp",
            "sazanarni.example",
            "own.example.test.example.org",
        ] {
            assert!(fires(host), "{host}");
        }
        for host in ["www.sazanami.co.jp", "sazanami.example", "www.own.example", "own.test"] {
            assert!(!fires(host), "{host}");
        }
    }
}
