//! Everything that can be clicked leads to one place, and that is not the sender's.
//!
//! A notice of a bank or shop links to its own pages. Bait has one aim: every button, picture and
//! even the line at the foot lead to the same foreign site. Innocent: people who recommend a page (they
//! show its address, and write from mailboxes of providers), answers and lists; newsletters whose
//! links are counted by the company that sends them, which signs them or takes their bounces.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::domain::{registrable, same_organisation};
use crate::message::url::{Link, Origin};
use crate::message::{Message, mailing_list};
use sekisho_config::{is_in_or_under, is_or_under};

/// All links lead to one organisation that is not the sender's.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "links-elsewhere",
    clause: None,
    group: Group::Link,
    // Weak alone: services that send for a firm, and forms outside, do the same.
    points: 15,
    says: Words {
        ja: "本文のリンクはすべて、差出人 {from} とは別のドメイン {to} につながっています。",
        en: "All links lead to {to}, which is not in the organisation of the sender {from}.",
    },
    means: Words {
        ja: "ボタンや画像などのリンク先がすべて、差出人とは別の一つのドメインになっています。\
             差出人を偽ったメールによく見られますが、外部の配信サービスや申込フォームを使う正規のメールでも該当するため、\
             これだけでは弱いしるしです。",
        en: "Whatever one clicks leads to one domain, which is not the sender's. Mail with a false sender is \
             made so; honest mail is too where a service outside sends it or collects the answers. \
             It is a weak sign alone.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let from = mail.sole_from()?.domain();
    let lists = &facts.settings.lists;
    if lists.free_mail_domains.contains(from)
        || is_in_or_under(&lists.private_mail_domains, from)
        || facts.is_own_domain(from)
        || facts.is_partner_domain(from)
        || mail.field("in-reply-to").is_some()
        || mailing_list::read(mail).is_some()
    {
        return None;
    }
    let mut target = None;
    let mut is_hidden = false;
    for link in clicked(mail) {
        let Some(host) = link.host() else { continue };
        if is_platform(host) {
            continue;
        }
        if facts.stands_behind(mail, host) {
            return None;
        }
        match target {
            None => target = Some(host),
            Some(first) if first == host || same_organisation(first, host) => {}
            Some(_) => return None,
        }
        is_hidden |= !shows_its_address(link);
    }
    let to = target.filter(|_| is_hidden)?;
    let bounces = mail.envelope().mail_from.as_deref().and_then(|path| path.rsplit_once('@'));
    let is_counted = bounces.is_some_and(|(_, sender)| is_counted_by(sender, to));
    if is_counted || facts.names.is_of_one_owner(from, to) {
        return None;
    }
    let to = registrable(to).unwrap_or(to);
    Some(Evidence::new(format!("{from} → {to}")).with("from", from).with("to", to))
}

/// Whether the service that sent the mail counts clicks at `host`, under another of its domains.
fn is_counted_by(sender: &str, host: &str) -> bool {
    let service = |(domain, _): &&(&str, &[&str])| is_or_under(host, domain);
    let senders = COUNTING.iter().find(service).map_or(&[][..], |(_, senders)| senders);
    senders.iter().any(|known| is_or_under(sender, known))
}

/// Anchors of the mail itself that lead to sites. Addresses in plain text show where they lead.
fn clicked<'m>(mail: &'m Message<'_>) -> impl Iterator<Item = &'m Link> {
    let links = mail.links().iter().take(LINKS);
    links.filter(|link| link.origin == Origin::Anchor && link.is_web())
}

fn shows_its_address(link: &Link) -> bool {
    let Some(host) = link.host() else { return false };
    link.shown.as_deref().is_some_and(|shown| shown.contains(host))
}

/// Places where organisations have pages beside their own: following them says nothing of a sender.
fn is_platform(host: &str) -> bool {
    registrable(host).is_some_and(|domain| PLATFORMS.binary_search(&domain).is_ok())
}

/// Where services that send for others count clicks, and where they take bounces (source: their own
/// documentation).
const COUNTING: &[(&str, &[&str])] = &[
    ("awstrack.me", &["amazonses.com"]),
    ("benchurl.com", &["bmsend.com", "bmetrack.com"]),
    ("hubspotlinks.com", &["hubspotemail.net", "hubspot.com"]),
    ("list-manage.com", &["mcsv.net", "rsgsv.net", "mcdlv.net"]),
    ("createsend.com", &["cmail19.com", "cmail20.com"]),
    ("exct.net", &["exacttarget.com"]),
];

/// Registrable domains, sorted.
const PLATFORMS: &[&str] = &[
    "apple.com",
    "facebook.com",
    "google.com",
    "instagram.com",
    "line.me",
    "linkedin.com",
    "t.co",
    "tiktok.com",
    "twitter.com",
    "w3.org",
    "x.com",
    "youtu.be",
    "youtube.com",
];

/// Links looked at.
const LINKS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{AuthResult, DomainResult};
    use crate::indicator::check::{fires, look_with, silent};
    use crate::message::Envelope;

    const BUTTONS: &str = "<a href=https://www.site.example/a><img src=cid:1></a> \
                           <a href=https://site.example/b>unsubscribe</a> \
                           <a href=https://www.facebook.com/shop>f</a>";

    fn mail(head: &str, html: &str) -> String {
        format!("From: info@shop.example\n{head}Content-Type: text/html\n\n{html}\n")
    }

    #[test]
    fn fires_where_all_leads_to_one_other_place() {
        assert_eq!(fires(&INDICATOR, mail("", BUTTONS)), "shop.example → site.example");
    }

    #[test]
    fn silent_where_one_leads_home_or_to_several_places() {
        let home = "<a href=https://www.shop.example/>home</a>";
        silent(&INDICATOR, mail("", &format!("{BUTTONS}{home}")));
        let third = "<a href=https://third.example/>x</a>";
        silent(&INDICATOR, mail("", &format!("{BUTTONS}{third}")));
        silent(&INDICATOR, mail("", "<p>text</p><a href=mailto:a@site.example>write</a>"));
    }

    #[test]
    fn silent_for_people_answers_and_lists() {
        let shown = "<a href=https://site.example/page>https://site.example/page</a>";
        silent(&INDICATOR, mail("", shown));
        silent(&INDICATOR, mail("In-Reply-To: <1@own.example>\n", BUTTONS));
        silent(&INDICATOR, mail("List-Id: <dev.lists.example>\n", BUTTONS));
        let free = mail("", BUTTONS).replace("shop.example", "gmail.com");
        silent(&INDICATOR, free);
    }

    #[test]
    fn silent_where_the_service_that_sends_is_the_one_that_counts() {
        let mail = mail("", BUTTONS);
        assert_eq!(
            look_with(
                &INDICATOR,
                &mail,
                |_| {},
                |facts| {
                    facts.authentication.dkim = vec![DomainResult {
                        domain: "site.example".into(),
                        result: AuthResult::Pass,
                    }];
                }
            ),
            None
        );
        let mail_from = Some("bounce@site.example".into());
        let envelope = Envelope { mail_from, ..Envelope::default() };
        let raw = crate::indicator::check::crlf(mail.as_bytes());
        let settings = sekisho_config::Settings::default();
        let mail = Message::new(&raw, &envelope, &settings.filter.limits);
        assert_eq!(look(&mail, &Facts::unknown(&settings)), None);
    }

    #[test]
    fn silent_where_the_service_that_sends_counts_under_another_name_of_its_own() {
        let counted = "<a href=https://x.us5.list-manage.com/track/click?u=1>a</a>";
        fires(&INDICATOR, mail("", counted));
        let raw = crate::indicator::check::crlf(mail("", counted).as_bytes());
        let settings = sekisho_config::Settings::default();
        let facts = Facts::unknown(&settings);
        for (sender, is_silent) in [("mail1.atl91.mcsv.net", true), ("a.example", false)] {
            let mail_from = Some(format!("bounce@{sender}"));
            let envelope = Envelope { mail_from, ..Envelope::default() };
            let mail = Message::new(&raw, &envelope, &settings.filter.limits);
            assert_eq!(look(&mail, &facts).is_none(), is_silent, "{sender}");
        }
    }

    #[test]
    fn platforms_are_sorted() {
        assert!(PLATFORMS.is_sorted());
    }
}
