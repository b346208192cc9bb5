//! A picture holds a QR code that leads to a site.
//!
//! Who scans it leaves the company's computer for a telephone that no filter watches, and sees no
//! address before it is too late; that is why the link is a picture. Innocent are invitations,
//! flyers and signatures with a code of the sender's own site, which is why it weighs little alone;
//! where the code leads is looked at by every indicator of links.

use crate::container::observation::Observation;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::url::Origin;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "qr-code-link",
    clause: None,
    group: Group::Link,
    // Flyers and event tickets have them: with any other sign of a link it tags.
    points: 15,
    says: Words {
        ja: "画像の中のQRコードに、リンク先（{host}）が埋め込まれています。",
        en: "A QR code in a picture leads to {host}.",
    },
    means: Words {
        ja: "メールの画像や添付文書の中に、ウェブサイトへ誘導するQRコードがあります。スマートフォンで\
             読み取ると、会社の対策を通らずにリンク先が開きます。案内状やチラシにもよく使われます。\
             読み取る前に、リンク先のホスト名が知っている相手のものか確認してください。",
        en: "A picture in the mail or in an attached document holds a QR code that leads to a web \
             site. Scanned with a telephone it opens outside the company's protection. Invitations \
             and flyers have them too; check that you know the host before you scan.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let mut codes = mail.links().iter().filter(|link| link.origin == Origin::QrCode);
    let link = codes.find(|link| link.is_web())?;
    let host = link.host()?;
    let all = mail.attachments();
    let says = |o: &Observation| matches!(o, Observation::QrCode(t) if t.trim() == link.written);
    let file = all.iter().find(|file| file.observations.iter().any(says))?;
    let shown = format!("{}: {}", file.path(all, None), link.written);
    Some(Evidence::new(shown).with("host", host))
}

#[cfg(test)]
mod tests {}
