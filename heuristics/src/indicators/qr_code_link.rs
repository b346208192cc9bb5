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
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::message::files::samples::{mixed, part, related};

    /// Made by `qrencode -s 2`: `https://example.com/r`.
    const LINK: &str = "iVBORw0KGgoAAAANSUhEUgAAAEIAAABCAQMAAADZmpKrAAAABlBMVEUAAAD///+l2Z/dAAAAAnRS\
        TlP//8i138cAAAAJcEhZcwAACxIAAAsSAdLdfvwAAACcSURBVCiRrdIxCgMxDARAgVuDviJQa9ivG9wa/JUDtQfKEWLC\
        Om1UTbUrgST3yJ8kJdQEJIR3T5Z5epRTRX61lh9CVItkSXHfvVuZPfDZb0usrjlZqq7zZj0hvU2QHGmWrOsqMoxVM6O9\
        k79CafWqIBnuW3CozxRPUiYqlPVcOdxAQixFZZnDxE7pPeRUazlYCImqLCmWXVj//aEXVh1/sP4qTKcAAAAASUVORK5C\
        YII=";

    /// Made likewise: the settings of a wireless network.
    const NETWORK: &str = "iVBORw0KGgoAAAANSUhEUgAAAEIAAABCAQMAAADZmpKrAAAABlBMVEUAAAD///+l2Z/dAAAAAnRS\
        TlP//8i138cAAAAJcEhZcwAACxIAAAsSAdLdfvwAAACdSURBVCiRrdLNBgQxDAfwP7mWvkrIteTVy1xLXqXkWrK1dox0\
        r5PTj3wRQdyBlwTqMqFJ6sUlsliGOJ2q61+rySF1Hve8WyARRlbE2vWRBKZSRhaZhVHWdANYk7rBaWaNbo0PUeVWvtse\
        tS59XpplJeqKJOG6IFkR7MqaBCoQZKmPX/bRvuQATjXXOKXXsqx9Xd8NSSCyRZr07g99AGsOiLZZXlxpAAAAAElFTkSu\
        QmCC";

    #[test]
    fn fires_for_a_code_that_holds_a_url() {
        let said = "a.png: https://example.com/r";
        assert_eq!(fires(&INDICATOR, mixed(&part("image/png; name=a.png", "", LINK))), said);
        let shown = related("<img src='cid:q'>", &part("image/png\nContent-ID: <q>", "", LINK));
        assert_eq!(fires(&INDICATOR, shown), "(image/png): https://example.com/r");
        let html = format!("Content-Type: text/html\n\n<img src='data:image/png;base64,{LINK}'>");
        assert_eq!(fires(&INDICATOR, html), "(image/png): https://example.com/r");
    }

    #[test]
    fn silent_for_codes_of_other_things_and_for_links_that_are_none() {
        silent(&INDICATOR, mixed(&part("image/png; name=a.png", "", NETWORK)));
        silent(&INDICATOR, "Content-Type: text/html\n\n<a href='https://example.com/r'>QR</a>");
    }
}
