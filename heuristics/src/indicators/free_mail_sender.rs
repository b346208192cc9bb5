//! From is at a provider where anybody opens a mailbox for nothing under any name.
//!
//! The rule books' first sign: the writer speaks for an organisation and writes from a free mailbox.
//! Innocent: sole proprietors, applicants, associations; hence few points alone. Dodged by domains
//! bought for the day. Hosts are compared whole: `mail.yahoo.co.jp` and the like are where the
//! providers themselves write from, and a provider that gives mailboxes under subdomains has those
//! in the list.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "free-mail-sender",
    clause: Some("sender-1"),
    group: Group::Sender,
    // The least a row has: about as common in honest mail as in bait.
    points: 5,
    says: Words {
        ja: "差出人のアドレス {from} は、誰でも無料で取得できるメールサービスのものです。",
        en: "The sender's address {from} is at a mail service where anybody can open an account \
             free of charge.",
    },
    means: Words {
        ja: "企業や官公庁を名乗る標的型攻撃メールの多くは、身元を確認されずに作れる無料メールの\
             アドレスから送られます。個人事業主や求職者、各種団体の方は普段から使うことがあるため、\
             これだけでは弱いしるしです。組織の担当者を名乗っている場合は、既に知っている連絡先に\
             確認してください。",
        en: "Targeted attacks that speak for a company or a public body are often sent from a free \
             mailbox, which can be opened without proof of identity. Sole proprietors, applicants \
             and associations use them innocently, so this is a weak sign alone. Where the writer \
             speaks for an organisation, ask at a contact you already know.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let providers = &facts.settings.lists.free_mail_domains;
    let sender = mail.from().iter().find(|from| providers.contains(&from.host))?;
    let address = sender.address();
    Some(Evidence::new(&address).with("from", &address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::look_with;

    fn look_at(from: &str) -> Option<String> {
        let mail = format!("From: {from}\nTo: b@own.example\n\nx\n");
        let list = |settings: &mut sekisho_config::Settings| {
            settings.lists.free_mail_domains =
                ["gmail.com", "yahoo.co.jp"].map(str::to_owned).into();
        };
        look_with(&INDICATOR, mail, list, |_| {}).map(|e| e.shown().to_owned())
    }

    #[test]
    fn fires_at_a_free_provider() {
        for from in
            ["taro@gmail.com", "Taro <taro@gmail.com>", "\"a@example.com\" <Taro@Gmail.COM>"]
        {
            assert_eq!(look_at(from).as_deref(), Some("taro@gmail.com"), "{from}");
        }
        let several = "a@example.com, b@yahoo.co.jp\nFrom: c@example.com";
        assert_eq!(look_at(several).as_deref(), Some("b@yahoo.co.jp"));
    }

    #[test]
    fn silent_elsewhere() {
        for from in [
            "a@example.com",
            "a@google.com",
            "\"taro@gmail.com\" <a@example.com>",
            "a@notgmail.com",
            "a@gmail.com.example",
            "a@gmail.example",
            "gmail.com@example.com",
            "auction@mail.yahoo.co.jp",
            "a@yahoo-corp.jp",
            "gmail.com",
            "",
        ] {
            assert_eq!(look_at(from), None, "{from}");
        }
    }

    #[test]
    fn a_mail_without_from_is_survived() {
        assert_eq!(look_with(&INDICATOR, "\n", |_| {}, |_| {}), None);
    }
}
