//! A link has a user part before its host: `https://www.bank.example@evil.example/`.
//!
//! People read the beginning of a link and take it for the host; the browser goes to what stands
//! behind the `@`. Hardly anybody does this innocently: links to FTP servers and to test sites
//! behind a password once had it. Dodged by percent-encoding, back-slashes, or a long user part,
//! all of which browsers undo, and so do we.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::url::Link;

/// A link has a user part before its host.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "userinfo-link",
    clause: None,
    group: Group::Link,
    // Made to deceive; very old links to FTP servers look alike.
    points: 30,
    says: Words {
        ja: "リンクの先頭に「{user}@」と書かれていますが、実際の接続先は {host} です。",
        en: "A link begins with “{user}@”, but it really leads to {host}.",
    },
    means: Words {
        ja: "リンクの「@」より前は接続先ではなく、ユーザー名として扱われます。\
             先頭に有名なサイト名を置いて、接続先を見誤らせる手口に使われます。\
             パスワード付きの社内サイトやFTPの案内でまれに正当に使われますが、心当たりがなければ開かないでください。",
        en: "What stands before the “@” of a link is a user name, not the site. Putting a known site's \
             name there makes people misread where the link goes. Links to password-protected test \
             sites or FTP servers do it innocently, but rarely; if you did not expect one, do not \
             open it.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    mail.links().iter().filter(|l| l.origin.is_reached() && l.is_web()).find_map(|link| {
        let (user, host) = user_and_host(link)?;
        Some(Evidence::new(&link.written).with("user", user).with("host", host))
    })
}

fn user_and_host(link: &Link) -> Option<(String, String)> {
    let url = link.url.as_ref()?;
    if !url.username().is_empty() || url.password().is_some() {
        return Some((url.username().to_owned(), link.host()?.to_owned()));
    }
    // `https://bank.example\@evil.example`: browsers turn the back-slash and stay at the first host,
    // other programs go to the second.
    let (_, after_scheme) = link.written.split_once("//")?;
    let authority = after_scheme.split(['/', '?', '#']).next()?;
    let (user, host) = authority.split_once("\\@")?;
    (!user.is_empty() && !host.is_empty()).then(|| (format!("{user}\\"), host.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn html(href: &str) -> String {
        format!("Content-Type: text/html\n\n<a href=\"{href}\">こちら</a>\n")
    }

    #[test]
    fn fires_for_a_user_part() {
        let cases = [
            "https://www.bank.example@evil.example/",
            "https://www.bank.example:443@evil.example/",
            "https://www.bank.example%2Flogin%3F@evil.example/",
            "https:\\\\user@evil.example\\a",
            "//user@evil.example/",
            "https://a@b@evil.example/",
            "https://www.bank.example\\@evil.example/",
            "ftp://user:password@files.example/",
        ];
        for href in cases {
            assert_eq!(fires(&INDICATOR, html(href)), href);
        }
        let text = "Content-Type: text/plain\n\nhttps://user@evil.example/a\n";
        assert_eq!(fires(&INDICATOR, text), "https://user@evil.example/a");
    }

    #[test]
    fn silent_for_the_sign_elsewhere() {
        let cases = [
            "https://host.example/@user",
            "https://host.example/a@b?c=d@e.example#f@g",
            "https://host.example?mail=a@b.example",
            "https://host.example#a@b.example",
            "mailto:a@b.example",
            "https://host.example/",
            "https://@host.example/",
        ];
        for href in cases {
            silent(&INDICATOR, html(href));
        }
        silent(
            &INDICATOR,
            "Content-Type: text/plain\n\na@b.example, https://medium.example/@user\n",
        );
    }
}
