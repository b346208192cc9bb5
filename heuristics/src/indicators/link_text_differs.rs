//! A link shows one site and leads to another.
//!
//! Row 4 of the rule books' table on bodies. What is shown is what people check, so this is the
//! plainest lie a mail can tell. Innocent is every newsletter whose sender counts clicks: it shows
//! its own address and leads over the counting host. That is excused where the shown address is
//! the sender's own and the sender is who he says. Dodged by texts that are no address, or by
//! invisible characters and look-alike dots in it, which are taken out before comparing.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::domain::same_organisation;
use crate::message::url::{self, Link, Origin};

/// A link shows one site and leads to another.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "link-text-differs",
    clause: Some("body-4"),
    group: Group::Link,
    // A row of the table, yet counting clicks makes honest newsletters do it.
    points: 25,
    says: Words {
        ja: "リンクの表示は {shown} ですが、実際の接続先は {real} です。",
        en: "A link shows {shown} but really leads to {real}.",
    },
    means: Words {
        ja: "表示されているURLと実際の接続先が、別の組織のサイトになっています。\
             偽サイトへ誘導する典型的な手口ですが、配信業者を使ったメールマガジンなどが、クリック数を数えるために行うこともあります。\
             リンクは押さず、必要なら正しいURLを自分で入力するかブックマークから開いてください。",
        en: "The address shown and the real target belong to different organisations. This is how \
             people are led to fake sites; newsletters do it innocently to count clicks. Do not \
             follow the link: type the address yourself or use a bookmark.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let from = mail.sole_from().map(|m| m.domain()).unwrap_or_default();
    let excuses = |shown: &str| same_organisation(shown, from) && facts.is_authenticated_for(from);
    mail.links().iter().filter(|l| l.origin == Origin::Anchor && l.is_web()).find_map(|link| {
        let real = link.host()?;
        let shown = shown_host(link)?;
        let same = same_organisation(&shown, real) || leads_there(link, &shown);
        if same || excuses(&shown) {
            return None;
        }
        let line = format!("{shown} → {real}");
        Some(Evidence::new(line).with("shown", &shown).with("real", real))
    })
}

/// The host that the anchor's text shows, where the text is a URL or host.
fn shown_host(link: &Link) -> Option<String> {
    let shown = link.shown.as_deref()?;
    if is_product_name(shown.trim()) {
        return None;
    }
    let url = url::read(&url::shown(shown)?, None).filter(url::is_web)?;
    let host = url.host_str()?;
    Some(host.strip_suffix('.').unwrap_or(host).to_owned())
}

/// `ASP.NET` and its relatives are no hosts.
fn is_product_name(shown: &str) -> bool {
    shown.strip_suffix(".NET").is_some_and(|name| !name.contains(['.', '/', ':']))
}

/// Whether a mail protection service that checks links stands between, and the link leads on to
/// what is shown. Other redirects named in a link prove nothing: whoever wrote it can name any.
fn leads_there(link: &Link, shown: &str) -> bool {
    let is_rewriter =
        link.host().is_some_and(|h| REWRITERS.iter().any(|r| sekisho_config::is_or_under(h, r)));
    if !is_rewriter {
        return false;
    }
    let Some(url) = &link.url else { return false };
    let clear = url::named_targets(url).into_iter().map(|named| named.target);
    clear
        .chain(proofpoint_target(url))
        .any(|target| target.host_str().is_some_and(|host| same_organisation(host, shown)))
}

/// The target in Proofpoint's second notation: `u=https-3A__www.example.com_path`.
fn proofpoint_target(url: &::url::Url) -> Option<::url::Url> {
    let (_, written) = url.query_pairs().find(|(name, _)| name == "u")?;
    let address = written.replace("-3A", ":").replace("-2D", "-").replace('_', "/");
    url::read(&address, None).filter(url::is_web)
}

/// Hosts of mail protection services that put every link behind themselves.
const REWRITERS: &[&str] = &[
    "clicktime.symantec.com",
    "linkprotect.cudasvc.com",
    "protection.sophos.com",
    "safelinks.protection.outlook.com",
    "secure-web.cisco.com",
    "urldefense.com",
    "urldefense.proofpoint.com",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::AuthResult;
    use crate::indicator::check::{fires, look_with, silent};

    fn anchor(shown: &str, target: &str) -> String {
        format!(
            "From: a@news.example\nContent-Type: text/html; charset=utf-8\n\n\
             <p>x <a href=\"{target}\">{shown}</a></p>\n"
        )
    }

    #[test]
    fn fires_where_the_shown_address_is_another_site() {
        let cases = [
            (
                "https://www.bank.example/login",
                "https://evil.example/",
                "www.bank.example → evil.example",
            ),
            (
                "www.bank.example",
                "https://bank.example.evil.example/",
                "www.bank.example → bank.example.evil.example",
            ),
            ("bank.co.jp", "https://evil.example/", "bank.co.jp → evil.example"),
            ("bank.co.jp", "https://evil.co.jp/", "bank.co.jp → evil.co.jp"),
            (
                "<b>https://</b>www.<i>bank</i>.example",
                "http://evil.example",
                "www.bank.example → evil.example",
            ),
            ("「https://bank.example/」", "http://evil.example", "bank.example → evil.example"),
            (
                "ｈｔｔｐｓ：／／ｂａｎｋ．ｅｘａｍｐｌｅ／",
                "http://evil.example",
                "bank.example → evil.example",
            ),
            ("ba&#8203;nk.co.jp", "http://evil.example", "bank.co.jp → evil.example"),
            (
                "<img src=x alt='https://bank.example/'>",
                "http://evil.example",
                "bank.example → evil.example",
            ),
            (
                "https://bank.example/",
                "https://bank.example@evil.example/",
                "bank.example → evil.example",
            ),
            ("https://bank.example/", "//evil.example/x", "bank.example → evil.example"),
            ("https://bank.example/<br>ログイン", "//evil.example", "bank.example → evil.example"),
            ("https://bank.example/", "http://192.0.2.7/", "bank.example → 192.0.2.7"),
            ("https://a.github.io/", "https://b.github.io/", "a.github.io → b.github.io"),
        ];
        for (shown, target, evidence) in cases {
            assert_eq!(fires(&INDICATOR, anchor(shown, target)), evidence, "{shown}");
        }
    }

    #[test]
    fn silent_for_the_same_organisation() {
        silent(&INDICATOR, anchor("https://www.bank.example/", "https://login.bank.example/x"));
        silent(&INDICATOR, anchor("WWW.BANK.CO.JP", "https://bank.co.jp./"));
        silent(&INDICATOR, anchor("https://\u{4F8B}\u{3048}.jp/", "https://xn--r8jz45g.jp/"));
        silent(&INDICATOR, anchor("http://192.0.2.7/", "http://192.0.2.7/a"));
    }

    #[test]
    fn silent_for_texts_that_are_no_address() {
        for shown in [
            "こちら",
            "",
            "ログインはこちら",
            "ASP.NET",
            "Node.js",
            "report.pdf",
            "見積書.zip",
            "readme.md",
            "info@bank.co.jp",
            "Ver.1.2.3",
            "1.2.3.4",
            "株式会社Example.com 様",
        ] {
            silent(&INDICATOR, anchor(shown, "https://evil.example/"));
        }
    }

    #[test]
    fn silent_for_targets_that_are_no_site() {
        for target in ["mailto:a@evil.example", "tel:0312345678", "#top", "cid:x", "javascript:x"] {
            silent(&INDICATOR, anchor("https://bank.example/", target));
        }
    }

    #[test]
    fn counting_hosts_are_excused_for_the_senders_own_address_when_authenticated() {
        let look = |shown: &str, result| {
            let mail = anchor(shown, "https://click.counter.example/?c=1");
            look_with(
                &INDICATOR,
                mail,
                |_| {},
                |facts| {
                    facts.authentication.dmarc.domain = "news.example".into();
                    facts.authentication.dmarc.result = result;
                },
            )
        };
        assert_eq!(look("https://www.news.example/", AuthResult::Pass), None);
        assert!(look("https://www.news.example/", AuthResult::Unknown).is_some());
        assert!(look("https://www.news.example/", AuthResult::Fail).is_some());
        assert!(look("https://www.bank.example/", AuthResult::Pass).is_some());
    }

    #[test]
    fn links_rewritten_by_mail_protection_are_followed_to_their_target() {
        let rewriter =
            "https://x.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.bank.example";
        silent(&INDICATOR, anchor("https://bank.example/", rewriter));
        fires(&INDICATOR, anchor("https://other.example/", rewriter));
        let coded = "https://urldefense.proofpoint.com/v2/url?u=https-3A__www.bank.example_a&d=x";
        silent(&INDICATOR, anchor("https://bank.example/", coded));
        fires(
            &INDICATOR,
            anchor("https://bank.example/", "https://evil.example/?url=https://bank.example"),
        );
    }
}
