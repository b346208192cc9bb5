//! A link leads to a bare IP address.
//!
//! A site that wants to be known has a name; machines that were broken into, and sites set up for a
//! day, have an address alone. Innocent are devices and servers of one's own house (a router, a
//! printer, a test machine), and people who discuss those. Dodged by writing the address so that
//! nobody sees it is one (`http://3232235777/`, `0xC0.0xA8.1.1`), which browsers undo, and so do we.

use std::net::IpAddr;

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

/// A link leads to a bare IP address.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "ip-address-link",
    clause: None,
    group: Group::Link,
    // Only devices and tests inside link so; with any second sign it warns.
    points: 30,
    says: Words {
        ja: "リンク先がサイト名ではなく、番号のアドレス（{address}）になっています。",
        en: "A link leads to a bare number address ({address}) instead of a named site.",
    },
    means: Words {
        ja: "通常のウェブサイトには名前（ドメイン）があり、IPアドレスのままのリンクを社外へ送ることはまれです。\
             社内の機器や試験用のサーバーを案内する場合には、正当なメールでも使われます。\
             心当たりのないときは開かず、送信者に電話などで確認してください。",
        en: "Public web sites have names; links to a bare IP address are rarely sent to other \
             organisations. Devices and test servers of one's own house are an innocent reason. If \
             you did not expect it, do not open it and ask the sender by telephone.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    mail.links().iter().filter(|l| l.origin.is_reached() && l.is_web()).find_map(|link| {
        let address = link.ip().filter(|ip| !is_inside(*ip))?.to_string();
        let written = &link.written;
        let evidence = if written.contains(&address) {
            Evidence::new(written)
        } else {
            Evidence::new(format!("{written} → {address}"))
        };
        Some(evidence.with("address", address))
    })
}

/// Whether the address is one of an office's own network (RFC 1918), where machines that watch
/// others and devices have no name. Nobody outside can put a site there.
fn is_inside(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(v4) if v4.is_private())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn html(href: &str) -> String {
        format!("Content-Type: text/html\n\n<a href=\"{href}\">こちら</a>\n")
    }

    fn text(body: &str) -> String {
        format!("Content-Type: text/plain; charset=utf-8\n\n{body}\n")
    }

    #[test]
    fn fires_for_every_notation_a_browser_takes() {
        let cases = [
            ("http://192.0.2.7/login", "http://192.0.2.7/login"),
            ("http://3221225991/a", "http://3221225991/a → 192.0.2.7"),
            ("http://0xC0000207/", "http://0xC0000207/ → 192.0.2.7"),
            ("http://0300.0.02.7/", "http://0300.0.02.7/ → 192.0.2.7"),
            ("http://192.0.519/", "http://192.0.519/ → 192.0.2.7"),
            ("https://[2001:db8::7]/", "https://[2001:db8::7]/"),
            ("http:\\\\192.0.2.7\\", "http:\\\\192.0.2.7\\"),
            ("//192.0.2.7/x", "//192.0.2.7/x"),
            ("http://user@192.0.2.7:8080/", "http://user@192.0.2.7:8080/"),
        ];
        for (href, evidence) in cases {
            assert_eq!(fires(&INDICATOR, html(href)), evidence);
        }
    }

    #[test]
    fn fires_for_links_in_text_and_for_forms() {
        assert_eq!(fires(&INDICATOR, text("http://192.0.2.7/aをご覧")), "http://192.0.2.7/a");
        fires(&INDICATOR, "Content-Type: text/html\n\n<form action='http://192.0.2.7/'>\n");
    }

    #[test]
    fn silent_for_devices_of_an_office() {
        for href in ["http://192.168.10.5/zabbix/", "http://10.0.0.1:8080/", "http://172.16.3.9/"] {
            silent(&INDICATOR, html(href));
        }
        fires(&INDICATOR, html("http://172.32.3.9/"));
    }

    #[test]
    fn silent_for_addresses_that_are_no_link() {
        silent(&INDICATOR, text("サーバーは192.0.2.7です。Ver. 1.2.3.4 をご利用ください。"));
        silent(&INDICATOR, html("https://192-0-2-7.host.example/"));
        silent(&INDICATOR, html("https://host.example/192.0.2.7?ip=192.0.2.7"));
        silent(&INDICATOR, html("https://192.0.2.7.host.example/"));
        silent(&INDICATOR, html("mailto:a@[192.0.2.7]"));
        silent(&INDICATOR, "Content-Type: text/html\n\n<img src='http://192.0.2.7/a.gif'>\n");
    }
}
