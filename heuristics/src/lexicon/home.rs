//! Whether whoever does what a mail asks ends where its sender really is.
//!
//! Way in: [`leads_home`], asked only once a theme was found. Banks, cards and shops write day by
//! day that an account, a payment or a parcel needs a look. Bait of the same words has to lead away
//! from the name it borrows: by a link, a file, a picture with a code, or an answer. Where From is
//! proven to be of a known organisation and there is no such way out, nothing is left to be caught
//! by. Without proof it counts for nothing: a link may have been lost on the way to us, with the
//! HTML part that held it. What anybody may put up at a known name is no home either.

use sekisho_config::{is_in_or_under, is_or_under};

use super::theme::has_failed;
use crate::facts::Facts;
use crate::message::Message;
use crate::message::domain::is_rented;
use crate::message::url::{Link, named_targets};

/// Whether From is proven to be of a known organisation ([`crate::names::Registry`]), and every link,
/// file and answer stays with it.
pub(crate) fn leads_home(mail: &Message<'_>, facts: &Facts<'_>) -> bool {
    let Some(from) = mail.sole_from().map(|from| from.domain()) else { return false };
    if !facts.is_authenticated_for(from)
        || !facts.names.is_real(from)
        || is_anybodys(from, facts)
        || has_failed(facts)
    {
        return false;
    }
    let is_home = |host: &str| {
        facts.names.is_of_one_owner(from, host) && !is_anybodys(host, facts)
            || facts.is_own_domain(host)
            || is_place(host)
            || is_carrier(host)
    };
    let mut links = followed(mail).peekable();
    let is_without = links.peek().is_none();
    answers_come(mail, is_home)
        && has_no_file(mail, is_without)
        && links.take(LINKS).all(|link| ends(link, is_home))
}

/// Whether every link leads to the pages of a carrier, where parcels are really followed, and
/// nothing else is there to be opened. There is at least one.
pub(crate) fn leads_to_carriers(mail: &Message<'_>) -> bool {
    let mut links = followed(mail).peekable();
    links.peek().is_some()
        && has_no_file(mail, false)
        && links.take(LINKS).all(|link| ends(link, is_carrier))
}

/// Whether it shows an address as those who warn of it do, `hxxp://login[.]example`, and has nothing
/// to be opened: a sample of such mail, passed on by somebody who asks to take care.
pub(crate) fn shows_a_sample(mail: &Message<'_>) -> bool {
    let is_defused = |text: &str| DEFUSED.iter().any(|mark| text.contains(mark));
    followed(mail).next().is_none()
        && has_no_file(mail, true)
        && mail.texts().iter().any(|text| is_defused(text.own()))
}

fn followed<'m>(mail: &'m Message<'_>) -> impl Iterator<Item = &'m Link> {
    mail.links().iter().filter(|link| link.origin.is_followed() && link.is_web())
}

/// Whether the link, and what it names as its further aim, are all `at`.
fn ends(link: &Link, at: impl Fn(&str) -> bool) -> bool {
    let further = link.url.as_ref().map(named_targets).unwrap_or_default();
    link.host().is_some_and(&at)
        && further.iter().all(|named| named.target.host_str().is_some_and(&at))
}

/// Whether answers go where the mail says it is from.
fn answers_come(mail: &Message<'_>, is_home: impl Fn(&str) -> bool) -> bool {
    mail.mailboxes("reply-to").iter().all(|mailbox| is_home(mailbox.domain()))
}

/// Whether nothing is attached; where there is no link, not even a picture, which may hold a code.
fn has_no_file(mail: &Message<'_>, is_without_link: bool) -> bool {
    !mail.attachments().iter().any(|file| is_without_link || !file.incidental)
}

/// Whether anybody writes from there or puts pages up there.
fn is_anybodys(host: &str, facts: &Facts<'_>) -> bool {
    let lists = &facts.settings.lists;
    lists.free_mail_domains.contains(host)
        || is_in_or_under(&lists.private_mail_domains, host)
        || is_in_or_under(&lists.free_hosting_hosts, host)
        || is_in_or_under(&lists.shortener_hosts, host)
        || facts.names.is_tenant(host)
        || is_rented(host)
        || CONTENT.iter().any(|content| is_or_under(host, content))
}

fn is_carrier(host: &str) -> bool {
    CARRIERS.iter().any(|carrier| is_or_under(host, carrier))
}

/// Social networks and stores of apps: the row of small pictures at the foot.
pub(crate) fn is_place(host: &str) -> bool {
    PLACES.iter().any(|place| is_or_under(host, place))
}

/// Hosts of known names at which anybody's files and forms are.
const CONTENT: &[&str] = &[
    "1drv.ms",
    "app.box.com",
    "azure.com",
    "docs.google.com",
    "drive.google.com",
    "dropbox.com",
    "dynamics.com",
    "forms.cloud.microsoft",
    "forms.gle",
    "forms.office.com",
    "microsoftonline.com",
    "onmicrosoft.com",
    "powerapps.com",
    "script.google.com",
    "sharepoint.com",
    "sites.google.com",
    "storage.googleapis.com",
    "sway.office.com",
    "windows.net",
];

/// Registrable domains, or the hosts of them at which nobody but their owner has pages.
const PLACES: &[&str] = &[
    "apps.apple.com",
    "facebook.com",
    "instagram.com",
    "line.me",
    "play.google.com",
    "twitter.com",
    "x.com",
    "youtube.com",
];

/// Pages of carriers in Japan (source: their own sites).
const CARRIERS: &[&str] = &[
    "fukutsu.co.jp",
    "japanpost.jp",
    "kuronekoyamato.co.jp",
    "nittsu.co.jp",
    "sagawa-exp.co.jp",
    "seino.co.jp",
];

/// How an address is written so that nobody can follow it.
const DEFUSED: &[&str] = &["hxxp://", "hxxps://", "h**p://", "h**ps://"];

/// Links looked at.
const LINKS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{AuthResult, DomainResult};
    use crate::indicator::check::crlf;
    use crate::message::Envelope;

    /// Judges a mail whose From has the result `dmarc`.
    fn judged(head: &str, body: &str, dmarc: AuthResult) -> [bool; 3] {
        let raw = crlf(format!("{head}Content-Type: text/html\n\n{body}\n").as_bytes());
        let (envelope, settings) = <(Envelope, sekisho_config::Settings)>::default();
        let mail = Message::new(&raw, &envelope, &settings.filter.limits);
        let mut facts = Facts::unknown(&settings);
        let domain = mail.sole_from().unwrap().domain().to_owned();
        facts.authentication.dmarc = DomainResult { domain, result: dmarc };
        [leads_home(&mail, &facts), leads_to_carriers(&mail), shows_a_sample(&mail)]
    }

    fn home(head: &str, body: &str) -> bool {
        judged(head, body, AuthResult::Pass)[0]
    }

    const SHOP: &str = "From: info@mail.yodobashi.com\n";

    #[test]
    fn mail_of_a_known_organisation_that_stays_there() {
        for body in [
            "<a href=https://order.yodobashi.com/x>order</a>",
            "<a href=https://www.yodobashi.com/>a</a><a href=https://x.com/yodobashi>x</a>",
            "<a href=https://www.yodobashi.com/r?u=https%3A%2F%2Forder.yodobashi.com%2Fa>a</a>",
            "<p>no link</p>",
        ] {
            assert!(home(SHOP, body), "{body}");
        }
        assert!(home("From: a@mail.yodobashi.com\nReply-To: b@yodobashi.com\n", "<p>x</p>"));
    }

    #[test]
    fn a_way_out_is_none() {
        for body in [
            "<a href=https://login.example/x>order</a>",
            "<a href=https://www.yodobashi.com/>a</a><a href=https://login.example/>b</a>",
            "<a href=https://www.yodobashi.com/r?u=https%3A%2F%2Flogin.example%2Fa>a</a>",
            "<a href=https://bit.ly/abc>a</a>",
            "<form action=https://login.example/><input name=a></form>",
        ] {
            assert!(!home(SHOP, body), "{body}");
        }
        assert!(!home("From: a@yodobashi.com\nReply-To: b@gmail.com\n", "<p>x</p>"));
        for unproven in [AuthResult::Fail, AuthResult::None, AuthResult::Unknown] {
            assert!(!judged(SHOP, "<p>x</p>", unproven)[0]);
        }
        let file = "--b\nContent-Type: text/plain\n\nx\n--b\nContent-Type: application/pdf; \
                    name=a.pdf\nContent-Disposition: attachment; filename=a.pdf\n\nx\n--b--";
        let head = format!("{SHOP}Content-Type: multipart/mixed; boundary=b\n");
        assert!(!home(&head, file));
    }

    #[test]
    fn anybodys_name_is_nobodys_home() {
        let link = |host: &str| format!("<a href=https://{host}/x>a</a>");
        assert!(!home("From: a@gmail.com\n", &link("www.google.com")));
        assert!(!home("From: a@google.com\n", &link("docs.google.com")));
        assert!(!home("From: a@shop.example\n", &link("shop.example")));
        assert!(home("From: a@google.com\n", &link("accounts.google.com")));
    }

    #[test]
    fn links_to_carriers_alone() {
        let carriers = |body: &str| judged("From: a@shop.example\n", body, AuthResult::None)[1];
        let track = "<a href=https://toi.kuronekoyamato.co.jp/cgi-bin/tneko>a</a>";
        assert!(carriers(track));
        assert!(!carriers(&format!("{track}<a href=https://shop.example/>b</a>")));
        assert!(!carriers("<p>x</p>"));
    }

    #[test]
    fn a_sample_of_such_mail() {
        let sample = |body: &str| judged("From: a@shop.example\n", body, AuthResult::None)[2];
        assert!(sample("<p>hxxps://login[.]example/a</p>"));
        assert!(!sample("<p>hxxps://login[.]example/a</p><a href=https://b.example/>b</a>"));
        assert!(!sample("<p>login</p>"));
    }
}
