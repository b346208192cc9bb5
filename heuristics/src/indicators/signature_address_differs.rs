//! The signature gives mail addresses, and none is of From's organisation.
//!
//! Who writes from a borrowed or free mailbox keeps the signature of the one he plays. Innocent:
//! people who answer from a private mailbox, groups of companies, services that send on behalf;
//! hence few points alone. Addresses of the list a mail came by, and of those it is sent to, are
//! nobody's signature; where a list put itself into From, nothing is compared. Delivery reports show
//! whom they could not reach. Quotations, footers of lists and filled-in forms are no signature.
//! Dodged by leaving the address out.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::domain::{has_known_suffix, same_organisation, to_ascii};
use crate::message::{Message, mailing_list};

pub(super) static INDICATOR: Indicator = Indicator {
    id: "signature-address-differs",
    clause: Some("sender-2"),
    group: Group::Text,
    // The least a row has: people with two addresses made more hits in honest mail than bait
    // did.
    points: 5,
    says: Words {
        ja: "署名のメールアドレス {address} が、差出人のアドレス {from} と異なる組織のものです。",
        en: "The mail address {address} in the signature is not in the organisation of the sender \
             {from}.",
    },
    means: Words {
        ja: "本文の署名に書かれたメールアドレスのドメインが、差出人のアドレスのドメインと一致しません。\
             他人の署名を使ったなりすましで見られます。個人のアドレスから送った場合や、グループ会社、\
             配信サービスを使った場合にも当てはまります。署名のアドレスに心当たりがあれば、そちらへ\
             新しくメールを書いて確認してください。",
        en: "The domain of the mail address in the signature is not the sender's. Impersonators keep \
             the signature of the person they play. People who write from a private mailbox, groups \
             of companies and mailing services look the same. Write anew to an address you know and \
             ask.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let addresses = &mail.signature().filter(|s| !s.addresses.is_empty())?.addresses;
    let from = mail.from();
    let sender = from.iter().find(|f| !f.host.is_empty())?;
    let list = mailing_list::read(mail);
    let is_lists = |host: &str| list.as_ref().is_some_and(|list| list.is_run_by(host));
    if is_delivery_report(mail) || from.iter().any(|f| is_lists(&f.host)) {
        return None;
    }
    let recipients = recipients(mail);
    let is_theirs = |address: &str, host: &str| {
        is_lists(host)
            || list.as_ref().is_some_and(|list| list.post == address)
            || recipients.iter().any(|recipient| recipient == address)
    };
    let mut other = None;
    for address in addresses {
        let host = address.rsplit_once('@').and_then(|(_, host)| to_ascii(host))?;
        let is_own = |f: &str| facts.is_own_domain(f) && facts.is_own_domain(&host);
        if from.iter().any(|f| same_organisation(&f.host, &host) || is_own(&f.host)) {
            return None;
        }
        if has_known_suffix(&host) && !is_theirs(address, &host) && !is_robot(address) {
            other = other.or(Some(address));
        }
    }
    let (from, address) = (sender.address(), other?);
    Some(Evidence::new(format!("{from} ≠ {address}")).with("address", address).with("from", from))
}

/// A report that a mail could not be delivered (RFC 3464), or one of old from a mail server.
fn is_delivery_report(mail: &Message<'_>) -> bool {
    let is_report =
        mail.parts().first().is_some_and(|p| p.main == "multipart" && p.sub == "report");
    let is_server = |local: &str| {
        ["mailer-daemon", "postmaster"].iter().any(|name| local.eq_ignore_ascii_case(name))
    };
    is_report || mail.from().iter().any(|f| is_server(&f.local))
}

/// Addresses that a program reads: of lists and their commands.
fn is_robot(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    let names = ["majordomo", "listserv", "unsubscribe"];
    names.contains(&local)
        || ["-unsubscribe", "-request", "-subscribe", "-owner", "-help"]
            .iter()
            .any(|suffix| local.ends_with(suffix))
}

/// To whom the mail is sent, as far as headers and envelope tell.
fn recipients(mail: &Message<'_>) -> Vec<String> {
    let shown = ["to", "cc"].into_iter().flat_map(|field| mail.mailboxes(field));
    let envelope = mail.envelope().recipients.iter().map(|r| r.to_lowercase());
    shown.map(|mailbox| mailbox.address()).chain(envelope).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, look_with, silent};

    fn mail(from: &str, header: &str, details: &str) -> String {
        format!(
            "From: {from}\n{header}Content-Type: text/plain; charset=utf-8\n\nお世話になっております。\n\n\
             ━━━━━━━━━━\nサンプル株式会社\n山田 太郎\n{details}\n━━━━━━━━━━\n"
        )
    }

    #[test]
    fn fires_where_no_address_is_of_the_senders_organisation() {
        let found = fires(&INDICATOR, mail("a@example.com", "", "E-mail: taro@example.co.jp"));
        assert_eq!(found, "a@example.com ≠ taro@example.co.jp");
        for details in [
            "E-mail: taro@two.co.jp",
            "Mail：ＴＡＲＯ＠ＥＸＡＭＰＬＥ．ＣＯＭ",
            "taro [at] example.com",
            "taro@example.com\ninfo@example.net",
            "taro@one.co.jp.example.com",
        ] {
            fires(&INDICATOR, mail("a@one.co.jp", "", details));
        }
    }

    #[test]
    fn silent_where_one_address_matches() {
        for details in [
            "E-mail: taro@example.co.jp",
            "E-mail: TARO@Example.CO.JP",
            "Ｅ−ｍａｉｌ：ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐ",
            "taro(at)example[dot]co[dot]jp",
            "support@mail.example.co.jp",
            "taro@example.com\ntaro@example.co.jp",
            "TEL 03-5253-5111",
        ] {
            silent(&INDICATOR, mail("a@sub.example.co.jp", "", details));
        }
    }

    #[test]
    fn silent_for_addresses_of_lists_and_recipients() {
        let list = "List-Id: <dev.lists.example.org>\nList-Post: <mailto:dev@lists.example.org>\n";
        silent(&INDICATOR, mail("a@example.com", list, "dev@lists.example.org"));
        silent(&INDICATOR, mail("a@example.com", "To: b@own.example\n", "b@own.example"));
    }

    #[test]
    fn silent_in_delivery_reports_and_for_robots() {
        silent(&INDICATOR, mail("MAILER-DAEMON@mx.example.com", "", "taro@example.net"));
        silent(&INDICATOR, mail("a@example.com", "", "majordomo@example.net"));
        silent(&INDICATOR, mail("a@example.com", "", "dev-unsubscribe@example.net"));
    }

    #[test]
    fn silent_where_the_list_stands_in_from() {
        let list = "List-Post: <mailto:dev@lists.example.org>\n";
        silent(&INDICATOR, mail("Taro via Dev <dev@lists.example.org>", list, "taro@example.com"));
    }

    #[test]
    fn fires_on_a_list_where_from_is_the_writers() {
        let list = "List-Post: <mailto:dev@lists.example.org>\n";
        fires(&INDICATOR, mail("a@example.com", list, "taro@example.net"));
    }

    #[test]
    fn silent_in_quotations_footers_and_forms() {
        for body in [
            "了解です。\n\n-----Original Message-----\n-- \n山田\ntaro@example.net\n",
            "本文です。\n\n_______________\nsample mailing list\nsample@lists.example.net\n\
             https://lists.example.net/mailman/listinfo/sample\n",
            "受け付けました。\n\n----------\nお名前：山田\nメール：taro@example.net\nお問い合わせ内容：資料\n",
        ] {
            let head = "From: a@example.com\nContent-Type: text/plain; charset=utf-8\n\n";
            silent(&INDICATOR, format!("{head}{body}"));
        }
        silent(&INDICATOR, "\n");
        silent(&INDICATOR, mail("", "", "taro@example.net"));
    }

    #[test]
    fn own_domains_are_one_organisation() {
        let both = |s: &mut sekisho_config::Settings| {
            s.filter.own_domains = vec!["own.example".into(), "own.example.org".into()];
        };
        let mail = mail("a@own.example", "", "taro@own.example.org");
        assert_eq!(look_with(&INDICATOR, mail, both, |_| {}), None);
    }
}
