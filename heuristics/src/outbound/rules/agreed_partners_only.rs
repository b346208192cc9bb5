//! A class of mail that leaves to agreed partners only goes to somebody else.
//!
//! The register names domains, what may go there, and until when (001 5.14). Which classes need an
//! agreement the administrator says; by default none does. A label of a higher class needs what a
//! lower one needs, and an agreement about the higher covers the lower. Personal data bears no label:
//! what counts is what [`super::personal_data_leaving`] would find.

use sekisho_config::{MailClass, Ruling, is_or_under};

use crate::indicator::{Evidence, Words};
use crate::outbound::label::Class;
use crate::outbound::leaving::{Leaving, Recipient};
use crate::outbound::rule::{Rule, Rulings};

pub(super) static RULE: Rule = Rule {
    id: "agreed-partners-only",
    clause: Some("agreed-partners"),
    // Only who asks for it by `partners_only` has it; then it is to be kept.
    rulings: Rulings::all(Ruling::Reject),
    converts: false,
    says: Words {
        ja: "宛先「{recipient}」には、この区分（{class}）の情報を送る合意が登録されていません。",
        en: "No agreement is registered to send matter of this class ({class_en}) to {recipient}.",
    },
    advice: Words {
        ja: "宛先をご確認ください。合意済みの取引先であれば、管理者に登録を依頼してください。",
        en: "Check the recipient; where an agreement exists, ask the administrator to register it.",
    },
    means: Words {
        ja: "合意のある取引先にだけ情報を渡すという規程です。設定（partners_only）で指定した区分のメールが、\
             登録（partners）にない、または期限の切れた宛先に送られると該当します。",
        en: "Matter of some classes is handed to outsiders with an agreement only. It is broken where \
             mail of a class named in `partners_only` goes to a domain that `partners` does not \
             name for it, or no longer.",
    },
    look,
};

fn look(leaving: &Leaving<'_>) -> Option<Evidence> {
    let only = &leaving.facts.settings.outbound.partners_only;
    if only.is_empty() {
        return None;
    }
    let (class, stranger) = DEMANDS.iter().find_map(|&(class, demanded, agreed)| {
        if !demanded.iter().any(|d| only.contains(d)) || !bears(leaving, class) {
            return None;
        }
        let stranger = leaving.external().iter().find(|r| !is_agreed(leaving, r, agreed))?;
        Some((class, stranger))
    })?;
    let evidence = Evidence::new(format!("{} to {}", class.name(), stranger.address));
    let evidence = evidence.with("recipient", &stranger.address).with("class_en", class.name());
    Some(evidence.with("class", name_ja(class)))
}

/// A class, the entries of `partners_only` that speak of it, and those of `may_receive` that suffice.
type Demand = (MailClass, &'static [MailClass], &'static [MailClass]);

const DEMANDS: [Demand; 3] = {
    use MailClass::{Confidential, PersonalData, TopSecret};
    [
        (TopSecret, &[TopSecret, Confidential], &[TopSecret]),
        (Confidential, &[Confidential], &[Confidential, TopSecret]),
        (PersonalData, &[PersonalData], &[PersonalData]),
    ]
};

fn bears(leaving: &Leaving<'_>, class: MailClass) -> bool {
    let highest = || leaving.matter().highest().map(|marked| marked.label.class);
    match class {
        MailClass::Confidential => highest().is_some(),
        MailClass::TopSecret => highest() == Some(Class::TopSecret),
        MailClass::PersonalData => bears_personal_data(leaving),
    }
}

fn bears_personal_data(leaving: &Leaving<'_>) -> bool {
    let found = &leaving.personal().found;
    !found.my_numbers().is_empty()
        || !found.cards().is_empty()
        || found.persons() >= leaving.facts.settings.outbound.persons
}

fn is_agreed(leaving: &Leaving<'_>, recipient: &Recipient, agreed: &[MailClass]) -> bool {
    leaving.facts.settings.outbound.partners.iter().any(|partner| {
        is_or_under(&recipient.domain, &partner.domain)
            && partner.may_receive.iter().any(|class| agreed.contains(class))
            && partner.until.is_none_or(|until| leaving.facts.now <= until)
    })
}

fn name_ja(class: MailClass) -> &'static str {
    match class {
        MailClass::Confidential => "機密",
        MailClass::PersonalData => "個人情報",
        MailClass::TopSecret => "極秘",
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::outbound::rule::check::{look_with, silent};
    use sekisho_config::{MailClass, Partner};

    fn look(subject: &str, to: &str, may: &[MailClass], until: Option<i64>) -> Option<String> {
        let partner = Partner {
            domain: "example.com".into(),
            may_receive: may.to_vec(),
            until,
            reason: String::new(),
        };
        let mail = format!("Subject: {subject}\n\nx");
        let seen = look_with(&RULE, &[to], mail, |s| {
            s.outbound.partners_only = vec![MailClass::Confidential];
            s.outbound.partners = vec![partner];
        });
        seen.map(|e| e.shown().to_owned())
    }

    #[test]
    fn fires_for_others_for_other_classes_and_past_the_end() {
        let (secret, may) = ("【社外秘】", &[MailClass::Confidential][..]);
        let said = |to: &str| Some(format!("confidential to {to}"));
        assert_eq!(look(secret, "a@other.example", may, None), said("a@other.example"));
        assert_eq!(look(secret, "a@myexample.com", may, None), said("a@myexample.com"));
        let personal = &[MailClass::PersonalData];
        assert_eq!(look(secret, "a@example.com", personal, None), said("a@example.com"));
        assert_eq!(look(secret, "a@example.com", may, Some(-1)), said("a@example.com"));
        let top_secret = look("【極秘】", "a@example.com", may, None);
        assert_eq!(top_secret.as_deref(), Some("top-secret to a@example.com"));
    }

    #[test]
    fn personal_data_needs_an_agreement_of_its_own() {
        let look = |may: MailClass, text: &str| {
            let mail = format!("Content-Type: text/plain; charset=utf-8\n\n{text}\n");
            let seen = look_with(&RULE, &["a@example.com"], mail, |s| {
                s.outbound.partners_only = vec![MailClass::PersonalData];
                s.outbound.partners = vec![Partner {
                    domain: "example.com".into(),
                    may_receive: vec![may],
                    until: None,
                    reason: String::new(),
                }];
            });
            seen.map(|e| e.shown().to_owned())
        };
        let number = "マイナンバーは123456789018です。";
        let said = "personal-data to a@example.com";
        assert_eq!(look(MailClass::TopSecret, number).as_deref(), Some(said));
        assert_eq!(look(MailClass::PersonalData, number), None);
        assert_eq!(look(MailClass::Confidential, "【社外秘】\n来年度の予算"), None);
    }

    #[test]
    fn silent_for_partners_own_people_other_mail_and_by_default() {
        let may = &[MailClass::Confidential];
        assert_eq!(look("【社外秘】", "a@example.com", may, Some(0)), None);
        assert_eq!(look("【社外秘】", "a@sub.example.com", may, None), None);
        assert_eq!(look("【社外秘】", "a@own.example", may, None), None);
        assert_eq!(look("【極秘】", "a@example.com", &[MailClass::TopSecret], None), None);
        assert_eq!(look("見積書", "a@other.example", may, None), None);
        silent(&RULE, "Subject: 【社外秘】\n\nx");
    }
}
