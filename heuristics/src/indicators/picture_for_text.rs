//! The mail is a picture that leads somewhere, with hardly a word.
//!
//! A picture cannot be read by filters, and a click anywhere on it follows the link. Innocent:
//! advertising of shops is often built of pictures, with a line or two of text below; signatures
//! have a logo, but words too.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::home::is_place;
use crate::message::Message;
use crate::message::url::Origin;

/// A linked picture stands for the text.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "picture-for-text",
    clause: None,
    group: Group::Text,
    // Advertising built of pictures looks alike; with any second sign it warns.
    points: 25,
    says: Words {
        ja: "本文がほぼ画像だけで、画像から {evidence} へリンクしています。",
        en: "The mail is a picture with hardly a word, linked to {evidence}.",
    },
    means: Words {
        ja: "文章の代わりに画像が貼られ、押すと外部のサイトが開きます。\
             文字として読めないため内容の検査をすり抜けやすく、偽サイトへの誘導によく使われます。\
             画像中心の広告メールが該当することがあります。",
        en: "A picture stands in place of the text and leads to a site when it is clicked. No filter \
             can read it. Advertising built of pictures looks alike.",
    },
    look,
};

fn look(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let html =
        mail.htmls().iter().find(|html| !html.images.is_empty() && !html.anchors.is_empty())?;
    let letters = html.visible.chars().filter(|c| c.is_alphanumeric()).take(WORDS + 1);
    if letters.map(columns).sum::<usize>() > WORDS {
        return None;
    }
    // An anchor whose range is empty holds no text: what is clicked is a picture.
    let of_picture = |target: &str| {
        html.anchors.iter().any(|a| {
            a.target == target && has_no_text(&html.visible, &a.range) && !is_network(&a.shown)
        })
    };
    let links = mail
        .links()
        .iter()
        .filter(|link| link.part == html.part && link.origin == Origin::Anchor && link.is_web());
    links
        .filter(|link| of_picture(&link.written))
        .find_map(|link| link.host().filter(|host| !is_place(host)).map(Evidence::new))
}

fn has_no_text(visible: &str, range: &std::ops::Range<usize>) -> bool {
    !visible.get(range.clone()).is_some_and(|text| text.chars().any(char::is_alphanumeric))
}

/// Whether the picture is the sign of a social network, by its `alt`: the row of them at the foot of
/// a newsletter is no text.
fn is_network(alt: &str) -> bool {
    NETWORKS.iter().any(|name| alt.trim().eq_ignore_ascii_case(name))
}

/// A kana or kanji says as much as two Latin letters or more: a short answer with its signature is
/// no picture.
fn columns(letter: char) -> usize {
    if letter >= '\u{2E80}' { 2 } else { 1 }
}

/// How the signs of social networks are called.
const NETWORKS: &[&str] = &[
    "facebook",
    "instagram",
    "line",
    "linkedin",
    "note",
    "pinterest",
    "threads",
    "tiktok",
    "twitter",
    "x",
    "youtube",
];

/// Columns of letters and digits that a mail of pictures may have besides: an address, "unsubscribe".
const WORDS: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn mail(html: &str) -> String {
        format!("From: a@example.com\nContent-Type: text/html; charset=utf-8\n\n{html}\n")
    }

    const PICTURE: &str = "<a href=https://site.example/x><img src=https://site.example/p.png></a>";

    #[test]
    fn fires_for_a_linked_picture() {
        assert_eq!(fires(&INDICATOR, mail(PICTURE)), "site.example");
        fires(&INDICATOR, mail(&format!("<p>Special offer</p>{PICTURE}<p>unsubscribe</p>")));
        fires(
            &INDICATOR,
            mail("<a href=https://site.example/><img src=cid:1 alt='Your parcel'></a>"),
        );
    }

    #[test]
    fn silent_for_the_signs_of_networks() {
        let signs = "<p>在庫がなくなり次第終了です。</p><img src=https://shop.example/logo.png>\
                     <a href=https://click.service.example/1><img src=f.png alt=Facebook></a>\
                     <a href=https://click.service.example/2><img src=x.png alt=X></a>\
                     <a href=https://www.youtube.com/c/shop><img src=y.png></a>";
        silent(&INDICATOR, mail(signs));
        fires(&INDICATOR, mail(&format!("{signs}{PICTURE}")));
    }

    #[test]
    fn silent_for_text_with_pictures() {
        let words = "本日はご来社いただき、ありがとうございました。".repeat(20);
        silent(&INDICATOR, mail(&format!("<p>{words}</p>{PICTURE}")));
        silent(&INDICATOR, mail("<p>見積書をお送りします。</p><img src=cid:logo>"));
        let answer = "承知いたしました。".repeat(11);
        silent(&INDICATOR, mail(&format!("<p>{answer}</p>{PICTURE}")));
        fires(&INDICATOR, mail(&format!("<p>お荷物のお届けについて</p>{PICTURE}")));
        silent(
            &INDICATOR,
            mail("<img src=cid:logo><a href=https://site.example/>site.example</a>"),
        );
        silent(&INDICATOR, mail("<a href=mailto:a@example.com><img src=cid:logo></a>"));
        silent(&INDICATOR, "From: a@example.com\n\nhttps://site.example/\n");
    }
}
