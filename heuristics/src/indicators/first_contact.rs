//! The sender and its organisation never exchanged mail with us before.
//!
//! The rule books' stories are told by strangers; this says who is one, and themes count more with it
//! ([`crate::score::THEME_BY_STRANGER`]). Innocent: every new customer, which is why it counts for
//! next to nothing alone. Where history does not know it is silent. Dodged by writing twice, or from a
//! mailbox that was broken into.

use crate::facts::Facts;
use crate::history::is_known;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "first-contact",
    // Half a row: theme-1 is matched by a stranger with a story, not by every stranger.
    clause: None,
    group: Group::Sender,
    // New customers write every day.
    points: 3,
    says: Words {
        ja: "差出人 {from} およびその組織とは、これまでにメールのやり取りがありません。",
        en: "No mail was exchanged with the sender {from} or its organisation before.",
    },
    means: Words {
        ja: "差出人のアドレスともそのドメインとも、送受信の記録がありません。フリーメールや携帯電話会社、\
             プロバイダーのドメインは、アドレスだけで判断します。初めて連絡してくる方は毎日いるため、\
             これだけではごく弱いしるしですが、取材や応募、問い合わせなどの題材と重なると点数を加えます\
             （theme-by-stranger）。自組織と合意のある取引先は該当しません。",
        en: "Neither the sender's address nor its domain is known to have exchanged mail with the \
             organisation; at free-mail providers, carriers and internet service providers the address \
             alone counts. New people write every day, so this is a very weak sign alone, but bait \
             counts more with it (theme-by-stranger). Own and agreed-partner domains do not count.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    if is_known(mail, facts)? {
        return None;
    }
    let from = mail.sole_from()?;
    if facts.is_own_domain(from.domain()) || facts.has_agreement_with(from.domain()) {
        return None;
    }
    let address = from.address();
    Some(Evidence::new(&address).with("from", &address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Contact, Known};
    use crate::indicator::check::{look_with, silent};
    use sekisho_config::{Partner, Settings};

    const MET: Contact = Contact { received: 1, sent: 0, first: 1 };

    fn seen(from: &str, sender: Option<Known>) -> Option<String> {
        let partners = |settings: &mut Settings| {
            settings.filter.partner_domains = vec!["partner.example".into()];
            let agreement = |domain: &str, until| Partner {
                domain: domain.into(),
                may_receive: Vec::new(),
                until,
                reason: String::new(),
            };
            settings.outbound.partners =
                vec![agreement("agreed.example", Some(10)), agreement("past.example", Some(9))];
        };
        let known = |facts: &mut Facts<'_>| {
            facts.now = 10;
            facts.history.sender = sender;
        };
        let mail = format!("From: {from}\n\nx\n");
        look_with(&INDICATOR, mail, partners, known).map(|e| e.shown().to_owned())
    }

    #[test]
    fn fires_for_a_stranger() {
        let fires = |from: &str, sender| assert!(seen(from, Some(sender)).is_some(), "{from}");
        let shown = seen("Taro <Taro@Example.com>", Some(Known::default()));
        assert_eq!(shown.as_deref(), Some("taro@example.com"));
        fires("a@gmail.com", Known { domain: MET, ..Known::default() });
        fires("a@past.example", Known::default());
        fires("a@partner.example.net", Known::default());
    }

    #[test]
    fn silent_for_whom_mail_was_exchanged_with() {
        let sent = Contact { received: 0, sent: 1, first: 1 };
        for known in [
            Known { address: MET, ..Known::default() },
            Known { domain: MET, ..Known::default() },
            Known { domain: sent, ..Known::default() },
        ] {
            assert_eq!(seen("a@example.com", Some(known)), None);
        }
        assert_eq!(seen("a@gmail.com", Some(Known { address: MET, domain: MET })), None);
    }

    #[test]
    fn silent_for_own_and_partner_domains() {
        for from in ["a@own.example", "a@m.own.example", "a@partner.example", "a@agreed.example"] {
            assert_eq!(seen(from, Some(Known::default())), None, "{from}");
        }
    }

    #[test]
    fn silent_where_history_does_not_know() {
        assert_eq!(seen("a@example.com", None), None);
        silent(&INDICATOR, "From: a@example.com\n\nx\n");
        assert_eq!(seen("root", Some(Known::default())), None);
    }
}
