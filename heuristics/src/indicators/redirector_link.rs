//! A link leads over a shortener or an open redirect to a site that it does not show.
//!
//! Borrowed names pass filters and eyes: the link begins with a known host and ends elsewhere.
//! Innocent are shorteners in newsletters and on paper, share buttons, and hosts that count clicks.
//! Dodged by encoding the target (percent, twice, base64), by putting it into path or fragment, or
//! by a redirect that keeps its targets in a database; of those only the listed shorteners are seen.

use sekisho_config::DomainSet;

use crate::facts::{AuthResult, Facts};
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::domain::same_organisation;
use crate::message::url::{self, Link, Named};

/// A link leads over a shortener or an open redirect to another site.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "redirector-link",
    clause: None,
    group: Group::Link,
    // Newsletters and social networks shorten links too.
    points: 15,
    says: Words {
        ja: "リンク {link} は別のサイトへ転送されるため、見た目からは行き先が分かりません。",
        en: "The link {link} forwards to another site, so its look does not tell where it goes.",
    },
    means: Words {
        ja: "短縮URLや転送用のURLは、最終的な行き先を隠します。\
             メールマガジンやSNSの共有ボタンなどで正当に使われることも多くあります。\
             行き先に心当たりがなければ開かず、送信者に確認してください。",
        en: "Short links and forwarding links hide where they finally lead. Newsletters, printed \
             matter and share buttons use them innocently. If you do not know where it leads, do \
             not open it and ask the sender.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let from = mail.sole_from().map(|m| m.domain()).unwrap_or_default();
    mail.links().iter().filter(|l| l.origin.is_followed() && l.is_web()).find_map(|link| {
        let (host, path) = (link.host()?, link.url.as_ref()?.path());
        let evidence = if is_shortener(facts, host, path) && !same_organisation(host, from) {
            Evidence::new(&link.written).with("link", &link.written)
        } else {
            let target = other_site(link, host, path, facts, from)?;
            let line = format!("{} → {target}", link.written);
            Evidence::new(line).with("link", format!("{host} → {target}"))
        };
        // Asked last: hardly a link comes as far as here.
        (!is_in_or_under(SERVICES.iter().copied(), host, path)).then_some(evidence)
    })
}

fn is_shortener(facts: &Facts<'_>, host: &str, path: &str) -> bool {
    path.len() > 1 && in_set(&facts.settings.lists.shortener_hosts, host, path)
}

/// The host of another site that the link forwards to.
fn other_site(
    link: &Link,
    host: &str,
    path: &str,
    facts: &Facts<'_>,
    from: &str,
) -> Option<String> {
    let targets = url::named_targets(link.url.as_ref()?).into_iter().filter(|named| {
        let target = named.target.host_str().unwrap_or_default();
        // Counting clicks on the way to the sender's own site misleads nobody.
        !same_organisation(target, host) && !same_organisation(target, from)
    });
    let mut targets = targets.peekable();
    targets.peek()?;
    let is_open = in_set(&facts.settings.lists.open_redirect_hosts, host, path);
    let named = targets.find(|named| is_open || forwards(named))?;
    if is_counting_host(host, is_open, facts, from) {
        return None;
    }
    named.target.host_str().map(str::to_owned)
}

/// Whether the sender counts clicks here: his own host, or one of whoever signed the mail for him.
/// A host that forwards anybody anywhere is his own only where he is known to be who he says.
fn is_counting_host(host: &str, is_open: bool, facts: &Facts<'_>, from: &str) -> bool {
    let own = same_organisation(host, from) && (!is_open || facts.is_authenticated_for(from));
    let signed = || {
        let dkim = &facts.authentication.dkim;
        dkim.iter().any(|r| r.result == AuthResult::Pass && same_organisation(&r.domain, host))
    };
    own || (!is_open && signed())
}

/// Whether a named target is what a redirect has, rather than a page spoken of.
fn forwards(named: &Named) -> bool {
    match &named.parameter {
        _ if named.base64 => true,
        None => true,
        Some(name) => FORWARDING.contains(&name.as_str()),
    }
}

fn in_set(set: &DomainSet, host: &str, path: &str) -> bool {
    // A few entries of the host and its parents are asked for, not the whole list.
    let parents = host.match_indices('.').filter_map(|(dot, _)| host.get(dot + 1..));
    std::iter::once(host).chain(parents).take(MAX_LABELS).any(|name| {
        // The host itself sorts first, then its paths.
        set.range::<str, _>((std::ops::Bound::Included(name), std::ops::Bound::Unbounded))
            .map_while(|entry| entry.strip_prefix(name))
            .any(|listed| listed.is_empty() || is_under(path, listed))
    })
}

fn is_in_or_under<'l>(mut list: impl Iterator<Item = &'l str>, host: &str, path: &str) -> bool {
    list.any(|entry| {
        let (listed, prefix) = match entry.find('/') {
            Some(slash) => entry.split_at(slash),
            None => (entry, ""),
        };
        sekisho_config::is_or_under(host, listed) && (prefix.is_empty() || is_under(path, prefix))
    })
}

/// Whether `path` is `prefix` (which begins with a slash) or lies under it.
fn is_under(path: &str, prefix: &str) -> bool {
    prefix.starts_with('/')
        && path
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/'))
}

/// Parameters by which redirects name their target. Those that come back after signing in
/// (`continue`, `return`) and those that speak of a page (`ref`, `q`, `text`) are none.
const FORWARDING: &[&str] = &[
    "adurl",
    "dest",
    "desturl",
    "destination",
    "forward",
    "fwd",
    "go",
    "goto",
    "href",
    "l",
    "link",
    "lnk",
    "location",
    "nexturl",
    "out",
    "outurl",
    "r",
    "rd",
    "redir",
    "redirect",
    "redirect_to",
    "redirect_uri",
    "redirect_url",
    "redirecturl",
    "redirurl",
    "ru",
    "rurl",
    "t",
    "target",
    "targeturl",
    "to",
    "tourl",
    "u",
    "url",
    "urllink",
    "_url",
];

/// Places of big services that look like redirects and are none, or lead to their own pages alone:
/// maps, forms, videos, share buttons, archives, checkers, mail protection.
const SERVICES: &[&str] = &[
    "amzn.asia",
    "amzn.to",
    "apple.co",
    "aka.ms",
    "b.hatena.ne.jp",
    "bsky.app/intent",
    "clicktime.symantec.com",
    "docs.google.com",
    "facebook.com/dialog",
    "facebook.com/share.php",
    "facebook.com/sharer",
    "facebook.com/sharer.php",
    "forms.gle",
    "g.co",
    "getpocket.com/edit",
    "getpocket.com/save",
    "goo.gl/forms",
    "goo.gl/maps",
    "google.co.jp/maps",
    "google.com/calendar",
    "google.com/maps",
    "calendar.google.com",
    "calendar.app.google",
    "line.me",
    "lin.ee",
    "linkedin.com/cws/share",
    "linkedin.com/shareArticle",
    "linkedin.com/sharing",
    "linkprotect.cudasvc.com",
    "maps.app.goo.gl",
    "maps.google.co.jp",
    "maps.google.com",
    "outlook.live.com/calendar",
    "pinterest.com/pin/create",
    "plus.google.com/share",
    "protection.sophos.com",
    "reddit.com/submit",
    "safelinks.protection.outlook.com",
    "secure-web.cisco.com",
    "social-plugins.line.me",
    "t.me/share",
    "tumblr.com/share",
    "twitter.com/home",
    "twitter.com/intent",
    "twitter.com/share",
    "urldefense.com",
    "urldefense.proofpoint.com",
    "validator.w3.org",
    "vimeo.com",
    "wa.me",
    "web.archive.org",
    "whatsapp.com",
    "x.com/intent",
    "x.com/share",
    "youtu.be",
];

/// Labels of a host that are looked up, from the whole host on.
const MAX_LABELS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::DomainResult;
    use crate::indicator::check;

    fn look_from(from: &str, target: &str, pass: &[&str]) -> Option<String> {
        let mail = format!(
            "From: {from}\nContent-Type: text/html; charset=utf-8\n\n<a href=\"{target}\">x</a>\n"
        );
        let set = |s: &mut sekisho_config::Settings| {
            s.lists.shortener_hosts = ["short.example".to_owned()].into();
            s.lists.open_redirect_hosts =
                ["open.example".to_owned(), "portal.example/url".to_owned()].into();
        };
        let signed = |facts: &mut Facts<'_>| {
            let result = AuthResult::Pass;
            facts.authentication.dkim =
                pass.iter().map(|d| DomainResult { domain: (*d).into(), result }).collect();
        };
        check::look_with(&INDICATOR, mail, set, signed).map(|e| e.shown().to_owned())
    }

    #[track_caller]
    fn fires(target: &str) {
        assert!(look_from("a@sender.example", target, &[]).is_some(), "silent on {target}");
    }

    #[track_caller]
    fn silent(target: &str) {
        assert_eq!(look_from("a@sender.example", target, &[]), None, "{target}");
    }

    #[test]
    fn fires_for_shorteners() {
        fires("https://short.example/abc");
        fires("https://www.short.example/abc");
        silent("https://short.example/");
        silent("https://notshort.example/abc");
    }

    #[test]
    fn fires_for_listed_redirects() {
        fires("https://open.example/x?anything=https://evil.example/");
        fires("https://portal.example/url?q=https%3A%2F%2Fevil.example");
        silent("https://portal.example/urls?q=https://evil.example/");
        silent("https://portal.example/search?q=https://evil.example/");
        silent("https://open.example/x");
    }

    #[test]
    fn fires_for_redirects_by_their_shape() {
        fires("https://host.example/go?url=https://evil.example/");
        fires("https://host.example/go?url=https%253A%252F%252Fevil.example");
        fires("https://host.example/go?x=aHR0cHM6Ly9ldmlsLmV4YW1wbGUv");
        fires("https://host.example/out/https://evil.example/");
        fires("https://host.example/#https://evil.example/");
        fires("https://host.example/?//evil.example/");
    }

    #[test]
    fn silent_within_a_site_and_for_pages_spoken_of() {
        silent("https://host.example/?url=https://www.host.example/a");
        silent("https://host.example/login?continue=https://other.example/");
        silent("https://host.example/search?q=https://other.example/");
        silent("https://host.example/?utm_source=mail");
    }

    #[test]
    fn silent_for_the_senders_own_counting() {
        let own = "https://click.sender.example/?url=https://shop.example/";
        assert_eq!(look_from("a@sender.example", own, &[]), None);
        silent("https://counter.example/?url=https://www.sender.example/");
        let counter = "https://click.counter.example/?url=https://shop.example/";
        assert_eq!(look_from("a@sender.example", counter, &["counter.example"]), None);
        fires(counter);
        // Whoever writes a known portal into From gets no excuse for its redirect.
        let portal = "https://portal.example/url?q=https://evil.example/";
        assert!(look_from("a@portal.example", portal, &[]).is_some());
        assert_eq!(look_from("a@portal.example", portal, &["portal.example"]), None);
    }

    #[test]
    fn silent_for_maps_forms_videos_and_share_buttons() {
        silent("https://www.google.com/maps/search/?api=1&query=https://other.example");
        silent("https://maps.app.goo.gl/abc");
        silent("https://forms.gle/abc");
        silent("https://youtu.be/abc");
        silent("https://www.facebook.com/sharer/sharer.php?u=https://other.example/");
        silent("https://twitter.com/intent/tweet?url=https://other.example/&text=x");
        silent("https://line.me/R/msg/text/?https://other.example/");
        silent("https://web.archive.org/web/2020/https://other.example/");
    }
}
