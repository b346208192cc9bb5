//! From's domain is a near miss of an own, a partner's or a well-known domain.
//!
//! One letter, a digit for a letter, `rn` for `m`, a hyphen for a dot, letters of another script: the
//! eye completes what it expects. The attacker owns the near miss, so that SPF, DKIM and DMARC all
//! pass. Innocent: two organisations that happen to differ by a letter; the shipped names have such
//! words told apart, and an own partner is named as one. A name with another ending or other words is
//! no near miss: the sender's name tells those (`display-name-other-organisation`).

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "lookalike-sender-domain",
    clause: None,
    group: Group::Sender,
    // Made to deceive; just below a banner alone, since real names can be near each other.
    points: 35,
    says: Words {
        ja: "差出人のドメイン {host} は、実在するドメイン {domain} に似せた別のドメインです。",
        en: "The sender's domain {host} is not {domain}, which it resembles.",
    },
    means: Words {
        ja: "差出人のドメインが、自組織・取引先・著名な組織のドメインと一文字違い、または見間違えやすい\
             綴りになっています。本物のドメインに似せて取得されたドメインからのメールは、送信ドメイン\
             認証に成功するため見分けがつきにくくなります。以前から使っている連絡先で確かめてください。",
        en: "The sender's domain differs by one letter, or by look-alike characters, from a domain of \
             ours, of a partner or of a well-known organisation. Mail from such a domain passes sender \
             authentication. Ask at a contact you already use.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let (mailbox, found) = mail
        .from()
        .iter()
        .filter(|from| !from.host.is_empty())
        .find_map(|from| Some((from, facts.names.near_miss(&from.host)?)))?;
    let domain = &found.known.domain;
    let evidence = Evidence::new(format!("{} ≠ {domain}", mailbox.host));
    Some(evidence.with("host", &mailbox.host).with("domain", domain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::look_with;

    fn look_at(host: &str) -> Option<String> {
        let settings = |s: &mut sekisho_config::Settings| {
            s.filter.own_domains = vec!["own.example".into(), "hanamizuki.example".into()];
            s.filter.partner_domains = vec!["sazanami.co.jp".into()];
        };
        let mail = format!("From: a@{host}\n\nx\n");
        look_with(&INDICATOR, mail, settings, |_| {}).map(|e| e.shown().to_owned())
    }

    #[test]
    fn fires_on_near_misses() {
        for (host, domain) in [
            ("hanamizuki-example.com", "hanamizuki.example"),
            ("hanarnizuki.example", "hanamizuki.example"),
            ("hanamizuk1.example", "hanamizuki.example"),
            ("hanamizzuki.example", "hanamizuki.example"),
            ("sazanani.co.jp", "sazanami.co.jp"),
            ("mail.sazanmi.co.jp", "sazanami.co.jp"),
            ("szaanami.example", "sazanami.co.jp"),
            ("amazom.co.jp", "amazon.co.jp"),
            ("rnicrosoft.com", "microsoft.com"),
            ("ekl-net.com", "eki-net.com"),
            ("xn--mazon-3ve.com", "amazon.co.jp"),
            ("amazon.co.jp.example", "amazon.co.jp"),
        ] {
            assert_eq!(look_at(host), Some(format!("{host} ≠ {domain}")));
        }
    }

    #[test]
    fn silent_for_real_domains_and_other_names() {
        for host in [
            "own.example",
            "mail.own.example",
            "www.sazanami.co.jp",
            "sazanami.example",
            "amazon.co.jp",
            "ses.amazon.com",
            "amazon-support.example",
            "xn--wgv71a119e.jp",
            "nagoya.example",
            "finance.example",
            "example.com",
            "",
        ] {
            assert_eq!(look_at(host), None, "{host}");
        }
    }
}
