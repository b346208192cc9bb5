//! A link leads to a place where anybody puts up a page for nothing, under no name of his own.
//!
//! Page builders, object stores, tunnels and dynamic host names need no domain and no bill, so fake
//! pages live there. Innocent: prototypes, pages of clubs, files that programs put into a store. Where
//! people publish under their name for years (github.io, blogs), it tells nothing and is left out.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use sekisho_config::{is_in_or_under, is_or_under};

/// A link leads to free hosting.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "free-hosting-link",
    clause: None,
    group: Group::Link,
    // Clubs and prototypes use it as well.
    points: 10,
    says: Words {
        ja: "リンク先 {evidence} は、誰でも無料でページを公開できるサービスです。",
        en: "A link leads to {evidence}, where anybody can put up a page for nothing.",
    },
    means: Words {
        ja: "組織自身のドメインではなく、誰でも匿名で無料のページを作れるサービスへのリンクがあります。\
             偽のログインページがよく置かれます。\
             個人や小さな団体のページ、試作中のサイトで該当することがあります。",
        en: "A link leads not to an organisation's own domain but to a service where anybody makes a \
             page without name or payment. Fake login pages live there; so do pages of small clubs \
             and prototypes.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let from = mail.sole_from().map(|from| from.domain()).unwrap_or_default();
    let links = mail.links().iter().filter(|l| l.origin.is_followed() && l.is_web());
    let mut hosts = links.take(LINKS).filter_map(|link| link.host());
    let is_free = |host: &&str| {
        is_in_or_under(&facts.settings.lists.free_hosting_hosts, host)
            && !is_or_under(from, host)
            && !facts.is_own_domain(host)
            && !facts.is_partner_domain(host)
    };
    hosts.find(is_free).map(Evidence::new)
}

/// Links looked at.
const LINKS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    #[test]
    fn fires_for_free_hosting() {
        for link in [
            "https://login-page.web.app/",
            "https://storage.googleapis.com/bucket/page.html",
            "https://name.duckdns.org/x",
            "https://a.b.pages.dev",
        ] {
            fires(&INDICATOR, format!("From: a@example.com\n\nsee {link} now\n"));
        }
    }

    #[test]
    fn silent_for_own_domains_and_for_places_of_people() {
        for link in [
            "https://www.example.com/web.app",
            "https://name.github.io/",
            "https://docs.google.com/document/d/1",
            "https://notweb.app/",
            "https://forms.office.com/r/1",
        ] {
            silent(&INDICATOR, format!("From: a@example.com\n\nsee {link} now\n"));
        }
        silent(
            &INDICATOR,
            "Content-Type: text/html\n\n<img src=https://storage.googleapis.com/b/p.png><p>x</p>\n",
        );
        silent(&INDICATOR, "From: no-reply@name.web.app\n\nsee https://name.web.app/x\n");
    }
}
