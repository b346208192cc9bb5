//! The sender's domain is called by random letters.
//!
//! Domains for one campaign are registered by the hundred, by programs that make up their names. The
//! domain of From counts, of Reply-To, and of Message-ID, which sending systems write. Innocent:
//! abbreviations without a vowel; see [`crate::message::random`] for what is spared.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::domain::{has_known_suffix, is_rented, registrable, to_ascii};
use crate::message::random::is_random;

/// From, Reply-To or Message-ID is in a domain of random letters.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "random-sender-domain",
    clause: None,
    group: Group::Sender,
    // Abbreviations can look random.
    points: 15,
    says: Words {
        ja: "差出人側のドメイン {evidence} は、意味のない文字の並びです。",
        en: "The sender's domain {evidence} is a row of meaningless letters.",
    },
    means: Words {
        ja: "差出人、返信先、または送信システムのドメイン名が、でたらめな文字の並びになっています。\
             使い捨てのドメインは、プログラムで大量に作られるためこのような名前になります。\
             母音のない長い略称を使う組織がまれに該当します。",
        en: "The domain of From, Reply-To or the sending system is called by random letters, as domains \
             are that programs register by the hundred to throw away. Rarely a long abbreviation of an \
             organisation looks so.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let replies = mail.mailboxes("reply-to");
    let mailboxes = mail.from().iter().chain(&replies).map(|mailbox| mailbox.host.clone());
    let system = mail.field("message-id").and_then(|id| host_of(id.value));
    mailboxes.chain(system).find_map(|host| {
        let domain = registrable(&host)?;
        let name = domain.split('.').next()?;
        let known = facts.is_own_domain(domain) || facts.is_partner_domain(domain);
        let counts = has_known_suffix(domain) && !is_rented(domain) && !known;
        (counts && is_random(name)).then(|| Evidence::new(domain))
    })
}

/// The host of a Message-ID.
fn host_of(id: &[u8]) -> Option<String> {
    let id = std::str::from_utf8(id.get(..MAX_BYTES).unwrap_or(id)).ok()?;
    let (_, host) = id.split_once('>').map_or(id, |(id, _)| id).rsplit_once('@')?;
    to_ascii(host.trim())
}

/// Bytes read of a Message-ID.
const MAX_BYTES: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, look_with, silent};

    #[test]
    fn fires_for_random_letters() {
        for header in [
            "From: a@bxczuzmq.example",
            "From: a@mail.qzkwvtrx.example",
            "From: a@example.com\nReply-To: b@qzkwvtrx.example",
            "From: a@example.com\nMessage-ID: <1@qzkwvtrx.example>",
            "From: a@x7k2m9q4.example",
        ] {
            fires(&INDICATOR, format!("{header}\n\nx\n"));
        }
    }

    #[test]
    fn silent_for_names_and_abbreviations() {
        for header in [
            "From: a@example.com",
            "From: a@qzkwvtrx.example.com",
            "From: a@jreast.example",
            "From: a@smbc-card.example",
            "From: a@xn--r8jz45g.example",
            "From: a@example.com\nMessage-ID: <qzkwvtrxbxczuzmq@example.com>",
            "From: a@example.com\nMessage-ID: <1@QZKWVTRX>",
            "From: a@example.com\nMessage-ID: <1@b-p7tqmd6m-0146.local>",
            "From: \"qzkwvtrx.example\" <a@example.com>",
            "From: a",
        ] {
            silent(&INDICATOR, format!("{header}\n\nx\n"));
        }
    }

    #[test]
    fn silent_for_own_and_partner_domains() {
        let partner = |s: &mut sekisho_config::Settings| {
            s.filter.partner_domains = vec!["qzkwvtrx.example".into()];
        };
        assert!(
            look_with(&INDICATOR, "From: a@qzkwvtrx.example\n\nx\n", partner, |_| {}).is_none()
        );
    }
}
