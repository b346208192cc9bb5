//! A recipient is in a domain to which nobody of ours ever wrote.
//!
//! A slip of the keyboard or a wrong suggestion of the address book mostly ends where nobody wrote
//! before (003 art. 13), and whom no agreement covers is new first of all (001 5.14). Domains count,
//! since that is what misleads and what agreements name; of the envelope, where Bcc recipients stand.
//! Silent for agreed partners, and where history does not know. Innocent: every new customer, so the
//! mail leaves.

use sekisho_config::Ruling;

use crate::indicator::{Evidence, Words};
use crate::message::domain::registrable;
use crate::outbound::leaving::{Leaving, Recipient};
use crate::outbound::rule::{Rule, Rulings};

pub(super) static RULE: Rule = Rule {
    id: "first-time-recipient",
    clause: Some("misdelivery"),
    // People write to new customers every day: who would be held for that releases without a look.
    rulings: Rulings::all(Ruling::Warn),
    converts: false,
    says: Words {
        ja: "宛先 {addresses} のドメインには、これまでに組織の誰もメールを送っていません。",
        en: "Nobody of the organisation ever wrote to the domain of {addresses}.",
    },
    advice: Words {
        ja: "宛先に間違いがないかご確認ください。今後も継続してやり取りする取引先は、管理者に登録を依頼して\
             ください。",
        en: "Make sure that the recipient is meant; ask the administrator to register partners you \
             will go on writing to.",
    },
    means: Words {
        ja: "宛先の間違いによる誤送信を防ぎ、合意のない相手への情報の受け渡しに気づくための規程です。Bccを含む\
             社外の宛先に、これまで組織の誰も送信したことのないドメインがあると該当します。新しい取引先への\
             最初のメールも該当するため、既定では警告だけを行います。合意のある取引先のドメインと、送信の記録が\
             まだない場合は該当しません。",
        en: "Mail must not reach the wrong people, nor outsiders without an agreement. It is told where \
             an external recipient, Bcc included, is in a domain to which nobody of the organisation \
             ever wrote. A first mail to a new customer is one too, so by default it only warns. \
             Agreed partners do not count, nor anybody while history does not know.",
    },
    look,
};

fn look(leaving: &Leaving<'_>) -> Option<Evidence> {
    let new = leaving.facts.history.new_recipient_domains.as_deref()?;
    if new.is_empty() {
        return None;
    }
    let new: std::collections::HashSet<&str> = new.iter().map(String::as_str).collect();
    let is_new = |r: &&Recipient| {
        let domain = registrable(&r.domain).unwrap_or(&r.domain);
        (new.contains(domain) || new.contains(r.domain.as_str())) && !leaving.is_partner(&r.domain)
    };
    let found: Vec<&Recipient> = leaving.external().iter().filter(is_new).collect();
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
    use crate::outbound::rule::check::look_knowing;
    use sekisho_config::Partner;

    fn seen(to: &[&str], new: Option<&[&str]>) -> Option<String> {
        let partners = |settings: &mut sekisho_config::Settings| {
            settings.filter.partner_domains = vec!["partner.example".into()];
            let agreed = |domain: &str, until| Partner {
                domain: domain.into(),
                may_receive: Vec::new(),
                until,
                reason: String::new(),
            };
            settings.outbound.partners =
                vec![agreed("agreed.example", None), agreed("past.example", Some(-1))];
        };
        let history = |facts: &mut crate::facts::Facts<'_>| {
            let domains = |new: &[&str]| new.iter().map(|&d| d.to_owned()).collect();
            facts.history.new_recipient_domains = new.map(domains);
        };
        let mail = "Subject: x\n\nx";
        let seen = look_knowing(&RULE, to, mail, partners, history);
        seen.map(|e| e.shown().to_owned())
    }

    #[test]
    fn fires_for_a_domain_that_nobody_wrote_to() {
        let new = Some(&["example.com", "past.example", "xn--r8jz45g.jp"][..]);
        let check = |to: &[&str], shown: &str| assert_eq!(seen(to, new).as_deref(), Some(shown));
        check(&["a@example.com"], "a@example.com");
        check(&["A@Mail.Example.COM"], "A@mail.example.com");
        check(&["a@own.example", "b@example.net", "c@example.com"], "c@example.com");
        check(&["a@past.example"], "a@past.example");
        check(&["a@\u{4F8B}\u{3048}.jp"], "a@xn--r8jz45g.jp");
        let many = ["a@example.com", "b@example.com", "c@example.com", "d@example.com"];
        check(&many, "a@example.com, b@example.com, c@example.com (+1)");
    }

    #[test]
    fn silent_for_known_domains_own_people_and_partners() {
        let new = ["example.com", "partner.example", "agreed.example", "own.example"];
        for to in [
            "a@example.net",
            "a@notexample.com",
            "a@own.example",
            "a@partner.example",
            "a@mail.agreed.example",
        ] {
            assert_eq!(seen(&[to], Some(&new)), None, "{to}");
        }
        assert_eq!(seen(&[], Some(&new)), None);
    }

    #[test]
    fn silent_where_history_does_not_know() {
        assert_eq!(seen(&["a@example.com"], None), None);
        assert_eq!(seen(&["a@example.com"], Some(&[])), None);
    }
}
