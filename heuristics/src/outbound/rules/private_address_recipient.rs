//! A recipient's address is a private one: at a free-mail provider, a carrier or an internet service
//! provider.
//!
//! In-house data is not to go home. Only the envelope counts: there Bcc recipients and the targets
//! of forwards stand. Providers of free mail are compared whole, since their companies write from
//! subdomains; carriers give mailboxes under subdomains too. Silent for the companies behind those
//! names (their domains stand in neither list) and for agreed partners, who may well have no domain
//! of their own.

use sekisho_config::{Ruling, is_in_or_under};

use crate::indicator::{Evidence, Words};
use crate::outbound::leaving::{Leaving, Recipient};
use crate::outbound::rule::{Rule, Rulings};

pub(super) static RULE: Rule = Rule {
    id: "private-address-recipient",
    clause: Some("no-private-forwarding"),
    // Customers write from such addresses too: somebody looks before it goes. The ISMS rule book
    // asks for agreements instead.
    rulings: Rulings { company: Ruling::Hold, isms: Ruling::Warn, foundation: Ruling::Hold },
    converts: false,
    says: Words {
        ja: "宛先 {addresses} は、個人用のメールアドレス（フリーメール、携帯電話会社、プロバイダー）です。",
        en: "The mail goes to {addresses}: private addresses at free-mail providers, mobile carriers \
             or internet service providers.",
    },
    advice: Words {
        ja: "業務のメールは相手の組織のアドレスに送ってください。取引先がこのアドレスしか使っていない\
             場合は、管理者に取引先としての登録を依頼してください。",
        en: "Use the address at the recipient's organisation; where a partner has no other, ask the \
             administrator to register it.",
    },
    means: Words {
        ja: "社内の情報を個人用のメールアドレスに送らない、受信したメールを個人用のアドレスに転送しない\
             という規程です。Bccを含む社外の宛先が、フリーメール、携帯電話会社、またはプロバイダーの\
             個人向けドメインにあると該当します。これらの事業者自身の法人ドメインと、合意のある取引先の\
             ドメインは該当しません。",
        en: "In-house data must not go to private addresses, nor may received mail be forwarded to them. \
             It is broken where an external recipient, Bcc included, is at a free-mail provider or at \
             the personal mail domain of a carrier or internet service provider. The corporate domains \
             of those providers and agreed partners do not count.",
    },
    look,
};

fn look(leaving: &Leaving<'_>) -> Option<Evidence> {
    let lists = &leaving.facts.settings.lists;
    let is_private = |r: &&Recipient| {
        (lists.free_mail_domains.contains(&r.domain)
            || is_in_or_under(&lists.private_mail_domains, &r.domain))
            && !leaving.is_partner(&r.domain)
    };
    let found: Vec<&Recipient> = leaving.external().iter().filter(is_private).collect();
    let first = found.iter().take(MAX_SHOWN).map(|r| r.address.as_str());
    let mut shown = first.collect::<Vec<_>>().join(", ");
    match found.len().saturating_sub(MAX_SHOWN) {
        0 if found.is_empty() => return None,
        0 => {}
        more => shown.push_str(&format!(" (+{more})")),
    }
    Some(Evidence::new(&shown).with("addresses", &shown))
}

/// Addresses named in the evidence; the others are counted.
const MAX_SHOWN: usize = 3;

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::outbound::rule::check::{look_with, silent};

    fn seen_to(to: &[&str]) -> Option<String> {
        look_with(&RULE, to, "Subject: x\n\nx", |_| {}).map(|e| e.shown().to_owned())
    }

    #[test]
    fn fires_at_free_mail_carriers_and_providers() {
        for to in [
            "taro@gmail.com",
            "taro@yahoo.co.jp",
            "taro@icloud.com",
            "taro@outlook.jp",
            "taro..x@docomo.ne.jp",
            "taro@ezweb.ne.jp",
            "taro@i.softbank.jp",
            "taro@nifty.com",
            "taro@hanako.ocn.ne.jp",
            "\"a@b\"@plala.or.jp",
        ] {
            assert_eq!(seen_to(&[to]).as_deref(), Some(to));
        }
        assert_eq!(seen_to(&["Taro@GMail.COM"]).as_deref(), Some("Taro@gmail.com"));
        assert_eq!(seen_to(&["taro@\u{FF47}mail.com"]).as_deref(), Some("taro@gmail.com"));
        assert_eq!(seen_to(&["taro@gmail.com."]).as_deref(), Some("taro@gmail.com"));
    }

    #[test]
    fn fires_for_one_among_others_and_counts_many() {
        let mixed = ["a@own.example", "b@example.com", "c@au.com", "C@au.com"];
        assert_eq!(seen_to(&mixed).as_deref(), Some("c@au.com"));
        let many = ["a@gmail.com", "b@gmail.com", "c@gmail.com", "d@gmail.com", "e@gmail.com"];
        let shown = "a@gmail.com, b@gmail.com, c@gmail.com (+2)";
        assert_eq!(seen_to(&many).as_deref(), Some(shown));
    }

    #[test]
    fn silent_for_the_companies_behind_those_names() {
        for to in [
            "a@google.com",
            "a@mail.yahoo.co.jp",
            "a@yahoo-corp.jp",
            "a@lycorp.co.jp",
            "a@nttdocomo.com",
            "a@kddi.com",
            "a@g.softbank.co.jp",
            "a@softbank.co.jp",
            "a@biglobe.co.jp",
            "a@ntt.com",
            "a@apple.com",
            "a@microsoft.com",
            "a@notgmail.com",
            "a@gmail.com.example",
            "a@notdocomo.ne.jp",
        ] {
            assert_eq!(seen_to(&[to]), None, "{to}");
        }
    }

    #[test]
    fn silent_elsewhere_and_for_what_only_the_header_says() {
        silent(&RULE, "To: taro@gmail.com\nBcc: jiro@docomo.ne.jp\n\ntaro@gmail.com");
        assert_eq!(seen_to(&[]), None);
        assert_eq!(seen_to(&["a@own.example", "gmail.com", "gmail.com@own.example", "@"]), None);
    }

    #[test]
    fn silent_for_partners_without_a_domain_of_their_own() {
        let to = ["info@sazanami.ocn.ne.jp"];
        let seen = look_with(&RULE, &to, "\nx", |s| {
            s.filter.partner_domains = vec!["sazanami.ocn.ne.jp".into()];
        });
        assert_eq!(seen, None);
    }
}
