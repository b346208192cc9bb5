//! From names an own domain, but the mail came from outside and nothing vouches for it.
//!
//! "From the president", "from the system department": the oldest disguise. Every address of every
//! From field counts, since clients differ in which one they show. Innocent: services that send in
//! our name without SPF or DKIM set up, and lists that send our staff's mail back; both authenticate
//! once they are set up properly. Unknown authentication does not vouch.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "own-domain-from-outside",
    clause: None,
    group: Group::Sender,
    // Our own name from outside without proof: warns alone, as forgotten services must be found
    // too.
    points: 50,
    says: Words {
        ja: "差出人は自組織のアドレス {from} ですが、組織の外から届いており、本物であることを\
             確認できません。",
        en: "The sender's address {from} is in our own organisation, but the mail came from \
             outside and cannot be confirmed as genuine.",
    },
    means: Words {
        ja: "差出人のアドレスは簡単に偽ることができます。自組織のアドレスを名乗りながら、組織の\
             ネットワークからでもログインした利用者からでもなく、SPF・DKIM・DMARC の確認も取れない\
             メールです。社内の名前で配信する外部サービスの設定が済んでいない場合にも当てはまる\
             ため、心当たりがあれば管理者に知らせてください。",
        en: "A sender's address is easily forged. This mail bears an address of our own, yet it \
             comes neither from our networks nor from a user who logged in, and SPF, DKIM and DMARC \
             do not confirm it. An outside service that sends in our name and is not yet set up \
             looks the same; if you know of one, tell the administrator.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    if facts.client.own_network || facts.client.authenticated_user.is_some() {
        return None;
    }
    let claims_ours = |host: &str| facts.is_own_domain(host) && !facts.is_authenticated_for(host);
    let sender = mail.from().iter().find(|from| claims_ours(&from.host))?;
    let address = sender.address();
    Some(Evidence::new(&address).with("from", &address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{AuthResult, DomainResult};
    use crate::indicator::check::{fires, look_with, silent};

    #[test]
    fn fires_on_an_own_address_from_outside() {
        for from in [
            "From: a@own.example",
            "From: President <A@OWN.Example>",
            "From: a@mail.own.example",
            "From: x@example.com, a@own.example",
            "From: x@example.com\nFrom: a@own.example",
        ] {
            assert!(fires(&INDICATOR, format!("{from}\n\nx\n")).starts_with("a@"), "{from}");
        }
    }

    #[test]
    fn silent_where_our_domain_is_not_in_from() {
        for header in [
            "From: a@example.com\nReply-To: a@own.example\nCc: b@own.example",
            "From: \"a@own.example\" <a@example.com>",
            "From: a@notown.example",
            "From: a@own.example.com",
            "From: own.example@example.com",
            "From: a@example.com\nSender: a@own.example",
            "Subject: a@own.example",
        ] {
            silent(&INDICATOR, format!("{header}\n\n> From: a@own.example\n"));
        }
    }

    const MAIL: &str = "From: a@own.example\n\nx\n";

    #[test]
    fn silent_for_our_networks_and_users() {
        let network = look_with(&INDICATOR, MAIL, |_| {}, |f| f.client.own_network = true);
        assert_eq!(network, None);
        let user = Some("taro".to_owned());
        let login = look_with(&INDICATOR, MAIL, |_| {}, |f| f.client.authenticated_user = user);
        assert_eq!(login, None);
    }

    fn with_spf(domain: &str, result: AuthResult) -> Option<Evidence> {
        let spf = DomainResult { domain: domain.into(), result };
        look_with(&INDICATOR, MAIL, |_| {}, |f| f.authentication.spf = spf)
    }

    #[test]
    fn only_a_pass_for_our_domain_vouches() {
        assert_eq!(with_spf("own.example", AuthResult::Pass), None);
        assert_eq!(with_spf("bounce.own.example", AuthResult::Pass), None);
        assert!(with_spf("example.com", AuthResult::Pass).is_some());
        assert!(with_spf("own.example", AuthResult::None).is_some());
        assert!(with_spf("own.example", AuthResult::TempError).is_some());
    }
}
