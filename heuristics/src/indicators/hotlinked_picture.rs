//! A picture of the mail lies where anybody uploads pictures for nothing.
//!
//! Organisations keep their pictures on their own hosts or in clouds under contract; who fakes a
//! mail takes the logo to a free picture host. Innocent: people of clubs and forums. A link that a
//! person follows to such a picture is not counted: the mail then shows no picture.

use sekisho_config::is_in_or_under;

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::url::Origin;

/// A picture is fetched from a free picture host.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "hotlinked-picture",
    clause: None,
    group: Group::Text,
    // Not once in honest mail measured; private people do it.
    points: 20,
    says: Words {
        ja: "本文の画像が、誰でも匿名で投稿できる画像サイト {evidence} から読み込まれます。",
        en: "A picture in the mail comes from {evidence}, where anybody uploads pictures.",
    },
    means: Words {
        ja: "企業や団体のメールの画像は、通常その組織のサーバーに置かれます。\
             無料の画像投稿サイトの画像が本文に使われているのは、組織を装って作られたメールによく見られる特徴です。",
        en: "Organisations keep the pictures of their mail on servers of their own. Pictures from a free \
             picture host are common in mail that only pretends to come from one.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let from = mail.sole_from().map(|from| from.domain()).unwrap_or_default();
    let pictures = mail.links().iter().filter(|link| link.origin == Origin::Image);
    let mut hosts = pictures.take(PICTURES).filter_map(|link| link.host());
    let is_upload = |host: &&str| {
        is_in_or_under(&facts.settings.lists.picture_hosts, host)
            && !crate::message::domain::same_organisation(from, host)
    };
    hosts.find(is_upload).map(Evidence::new)
}

/// Pictures looked at.
const PICTURES: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn mail(html: &str) -> String {
        format!("From: a@example.com\nContent-Type: text/html\n\n{html}\n")
    }

    #[test]
    fn fires_for_a_picture_that_anybody_uploaded() {
        assert_eq!(
            fires(&INDICATOR, mail("<img src=https://i.imgur.com/x.png><p>text</p>")),
            "i.imgur.com"
        );
    }

    #[test]
    fn silent_for_links_and_for_other_pictures() {
        silent(&INDICATOR, mail("<a href=https://imgur.com/gallery/x>our trip</a>"));
        silent(&INDICATOR, mail("<img src=https://www.example.com/imgur.com/x.png>"));
        silent(&INDICATOR, mail("<img src=cid:logo><p>https://imgur.com/x</p>"));
        silent(
            &INDICATOR,
            "From: no-reply@imgur.com\nContent-Type: text/html\n\n<img src=https://i.imgur.com/x.png>\n",
        );
    }
}
