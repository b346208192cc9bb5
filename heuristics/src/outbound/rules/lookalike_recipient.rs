//! A recipient's domain is a near miss of one that people write to: mistyped, or misheard.
//!
//! Somebody registers `gmial.com` and reads what arrives. What is compared: the large providers of
//! mailboxes, our own domains, partners'. What counts: one slip on the keyboard, another ending
//! (`.co.jp` for `.com`, `.cpm`), a word romanised otherwise (`si` for `shi`, long vowels), a hyphen
//! for a dot; and what passes for a well-known name ([`crate::names`]). Innocent: real neighbours,
//! which stand in a list of providers, among the real names, or in [`REAL`]; short names differ by a
//! letter often enough that only their endings are compared.

use sekisho_config::{Ruling, is_in_or_under, is_or_under};

use crate::indicator::{Evidence, Words};
use crate::message::domain::registrable;
use crate::names::How;
use crate::outbound::leaving::Leaving;
use crate::outbound::rule::{Rule, Rulings};

use super::super::misspelling;

pub(super) static RULE: Rule = Rule {
    id: "lookalike-recipient",
    clause: Some("misdelivery"),
    // Whoever mistyped it puts it right at once; what has arrived elsewhere never comes back.
    rulings: Rulings::all(Ruling::Reject),
    converts: false,
    says: Words {
        ja: "宛先 {address} のドメインは、{domain} の入力間違いの可能性があります。",
        en: "The recipient {address} may be a mistyped address at {domain}.",
    },
    advice: Words {
        ja: "宛先を確かめ、正しいアドレスに送り直してください。このアドレスで正しい場合は、管理者に取引先と\
             しての登録を依頼してください。",
        en: "Check the address and send the mail again; where it is right as it is, ask the \
             administrator to register its domain as a partner's.",
    },
    means: Words {
        ja: "宛先の間違いによる誤送信を防ぐ規程です。社外の宛先のドメインが、大手のメールサービス、自組織、\
             または取引先のドメインと一か所だけ違う（隣のキー、文字の抜け・重複・入れ替わり、co.jpとcomの\
             取り違え、ローマ字のつづりの違い、ハイフンとドットの取り違えなど）場合に該当します。実在する\
             サービスと取引先のドメインは該当しません。",
        en: "Mail must not reach the wrong people. It is broken where an external recipient's domain is \
             one slip away from a large provider's, our own or a partner's: a neighbouring key, a \
             letter missing, doubled or swapped, another ending such as .co.jp for .com, another \
             romanisation, a hyphen for a dot. Real providers and partners do not count.",
    },
    look,
};

fn look(leaving: &Leaving<'_>) -> Option<Evidence> {
    let mut seen = std::collections::HashSet::new();
    let mut meant: Option<Vec<&str>> = None;
    let suspects = leaving.external().iter().filter(|r| seen.insert(r.domain.as_str()));
    let (recipient, domain) =
        suspects.filter(|r| !is_real(leaving, &r.domain)).take(MAX_DOMAINS).find_map(|r| {
            let meant = meant.get_or_insert_with(|| meant_domains(leaving));
            let found = meant.iter().find(|domain| misspelling::is_of(&r.domain, domain)).copied();
            let found = found.or_else(|| {
                let near = leaving.facts.names.near_miss(&r.domain)?;
                let known = near.known.domain.as_str();
                // A letter and the ending are two slips: then it is another name.
                let is_one = near.how != How::Slip || ending(&r.domain) == ending(known);
                is_one.then_some(known)
            });
            Some((r, found?))
        })?;
    let address = &recipient.address;
    let evidence = Evidence::new(format!("{address} ≠ {domain}"));
    Some(evidence.with("address", address).with("domain", domain))
}

/// Whether somebody is known to receive mail there.
fn is_real(leaving: &Leaving<'_>, domain: &str) -> bool {
    let lists = &leaving.facts.settings.lists;
    let names = leaving.facts.names;
    let label = registrable(domain).and_then(|d| d.split_once('.')).map_or("", |(label, _)| label);
    leaving.is_partner(domain)
        || lists.free_mail_domains.contains(domain)
        || is_in_or_under(&lists.private_mail_domains, domain)
        || WELL_KNOWN.iter().chain(&REAL).any(|real| is_or_under(domain, real))
        || names.is_written_out(domain)
        || names.is_tenant(domain)
        || names.is_honest(label)
}

/// The public suffix of a domain.
fn ending(domain: &str) -> Option<&str> {
    registrable(domain).and_then(|d| d.split_once('.')).map(|(_, ending)| ending)
}

/// What may have been meant, own and partners' domains first.
fn meant_domains<'l>(leaving: &'l Leaving<'_>) -> Vec<&'l str> {
    let settings = leaving.facts.settings;
    let own = settings.filter.own_domains.iter().chain(&settings.filter.partner_domains);
    let agreed = settings.outbound.partners.iter().map(|partner| &partner.domain);
    let theirs = own.chain(agreed).map(|domain| registrable(domain).unwrap_or(domain));
    theirs.chain(WELL_KNOWN).collect()
}

/// Recipients' domains that are compared; more are no letter that somebody typed.
const MAX_DOMAINS: usize = 200;

/// Domains of providers that people type often.
const WELL_KNOWN: [&str; 35] = [
    "gmail.com",
    "googlemail.com",
    "yahoo.co.jp",
    "yahoo.com",
    "ymail.ne.jp",
    "icloud.com",
    "outlook.jp",
    "outlook.com",
    "hotmail.co.jp",
    "hotmail.com",
    "protonmail.com",
    "docomo.ne.jp",
    "ezweb.ne.jp",
    "au.com",
    "softbank.ne.jp",
    "i.softbank.jp",
    "ymobile.ne.jp",
    "uqmobile.jp",
    "nifty.com",
    "biglobe.ne.jp",
    "ocn.ne.jp",
    "plala.or.jp",
    "so-net.ne.jp",
    "jcom.ne.jp",
    "jcom.zaq.ne.jp",
    "eonet.ne.jp",
    "asahi-net.or.jp",
    "hi-ho.ne.jp",
    "t-com.ne.jp",
    "dion.ne.jp",
    "commufa.jp",
    "wakwak.com",
    "infoseek.jp",
    "excite.co.jp",
    "mail.goo.ne.jp",
];

/// Real neighbours of those that stand in no list: the providers' companies, other services.
const REAL: [&str; 22] = [
    "asahi-net.jp",
    "cloud.com",
    "dion.jp",
    "docomo.com",
    "email.com",
    "eonet.jp",
    "excite.com",
    "gmx.com",
    "goo.co.jp",
    "hi-ho.co.jp",
    "hi-ho.jp",
    "infoseek.com",
    "infoseek.ne.jp",
    "jcom.jp",
    "mail.com",
    "outlook.office.com",
    "plala.jp",
    "so-net.co.jp",
    "so-net.com",
    "softbank.co.jp",
    "softbank.com",
    "t-com.co.jp",
];

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::outbound::rule::check::look_with;
    use sekisho_config::{Partner, Settings};

    fn partners(settings: &mut Settings) {
        settings.filter.own_domains.push("hanamizuki.co.jp".into());
        settings.filter.partner_domains =
            vec!["sazanami.co.jp".into(), "shitsuji-kougyou.jp".into(), "abc.co.jp".into()];
        settings.outbound.partners = vec![Partner {
            domain: "mail.tsukuyomi.com".into(),
            may_receive: Vec::new(),
            until: None,
            reason: String::new(),
        }];
    }

    #[track_caller]
    fn check(domain: &str, meant: Option<&str>) {
        let to = format!("a@{domain}");
        let seen = look_with(&RULE, &["b@own.example", "c@partner.example", &to], "\nx", partners);
        let shown = seen.map(|e| e.shown().to_owned());
        assert_eq!(shown, meant.map(|meant| format!("a@{domain} ≠ {meant}")), "{domain}");
    }

    #[test]
    fn fires_on_slips_of_the_keyboard() {
        for (domain, meant) in [
            ("gmial.com", "gmail.com"),
            ("gmai.com", "gmail.com"),
            ("gmaill.com", "gmail.com"),
            ("gnail.com", "gmail.com"),
            ("gmaikl.com", "gmail.com"),
            ("gmail.vom", "gmail.com"),
            ("mail.gmial.com", "gmail.com"),
            ("yahooo.co.jp", "yahoo.co.jp"),
            ("yaho.co.jp", "yahoo.co.jp"),
            ("docmo.ne.jp", "docomo.ne.jp"),
            ("docomo.me.jp", "docomo.ne.jp"),
            ("exweb.ne.jp", "ezweb.ne.jp"),
            ("softbabk.ne.jp", "softbank.ne.jp"),
            ("hotmai.co.jp", "hotmail.co.jp"),
            ("iclouf.com", "icloud.com"),
            ("sazanani.co.jp", "sazanami.co.jp"),
            ("hanamizki.co.jp", "hanamizuki.co.jp"),
        ] {
            check(domain, Some(meant));
        }
    }

    #[test]
    fn fires_on_other_endings() {
        for (domain, meant) in [
            ("gmail.cpm", "gmail.com"),
            ("gmail.con", "gmail.com"),
            ("gmail.co", "gmail.com"),
            ("gmail.co.jp", "gmail.com"),
            ("gmail.jp", "gmail.com"),
            ("gmailcom", "gmail.com"),
            ("yahoo.or.jp", "yahoo.co.jp"),
            ("yahoo.co.jo", "yahoo.co.jp"),
            ("yahoo.cojp", "yahoo.co.jp"),
            ("docomo.co.jp", "docomo.ne.jp"),
            ("ezweb.jp", "ezweb.ne.jp"),
            ("ocn.or.jp", "ocn.ne.jp"),
            ("plala.ne.jp", "plala.or.jp"),
            ("hanamizuki.com", "hanamizuki.co.jp"),
            ("sazanami.ne.jp", "sazanami.co.jp"),
            ("tsukuyomi.co.jp", "tsukuyomi.com"),
        ] {
            check(domain, Some(meant));
        }
    }

    #[test]
    fn fires_on_other_romanisations_and_separators() {
        for (domain, meant) in [
            ("sitsuji-kougyou.jp", "shitsuji-kougyou.jp"),
            ("shituji-kougyou.jp", "shitsuji-kougyou.jp"),
            ("shitsuzi-kogyo.jp", "shitsuji-kougyou.jp"),
            ("shitsujikougyou.jp", "shitsuji-kougyou.jp"),
            ("shitsuji.kougyou.jp", "shitsuji-kougyou.jp"),
            ("tukuyomi.com", "tsukuyomi.com"),
            ("dokomo.ne.jp", "docomo.ne.jp"),
            ("gmeil.com", "gmail.com"),
            ("gmair.com", "gmail.com"),
            ("so.net.ne.jp", "so-net.ne.jp"),
            ("sonet.ne.jp", "so-net.ne.jp"),
            ("hanamizuki-co.jp", "hanamizuki.co.jp"),
        ] {
            check(domain, Some(meant));
        }
    }

    #[test]
    fn fires_on_what_passes_for_a_well_known_name() {
        check("arnazon.co.jp", Some("amazon.co.jp"));
        check("rnicrosoft.com", Some("microsoft.com"));
        check("linmo.jp", Some("linemo.jp"));
    }

    #[test]
    fn silent_for_providers_partners_and_real_neighbours() {
        for domain in [
            "gmail.com",
            "ymail.com",
            "mail.com",
            "email.com",
            "cloud.com",
            "yahoo.com",
            "yahoo.co.jp",
            "yahoo.ne.jp",
            "mail.yahoo.co.jp",
            "hotmail.co.uk",
            "nifty.ne.jp",
            "nifty.co.jp",
            "hanako.ocn.ne.jp",
            "softbank.co.jp",
            "i.softbank.jp",
            "so-net.ne.jp",
            "biglobe.co.jp",
            "sazanami.co.jp",
            "mail.sazanami.co.jp",
            "mail.tsukuyomi.com",
            "amazon.co.jp",
        ] {
            check(domain, None);
        }
    }

    #[test]
    fn silent_for_other_names() {
        for domain in [
            "example.com",
            "example.co.jp",
            "abd.co.jp",
            "abx.co.jp",
            "sazanami.example",
            "sazarami.co.jp",
            "nagoya.jp",
            "softbrain.co.jp",
            "lineo.co.jp",
            "docs.com",
            "docomo-shop.co.jp",
            "zoom.us",
            "co.jp",
            "com",
            "[192.0.2.1]",
            "xn--r8jz45g.jp",
            &format!("{}.com", "gmail".repeat(60)),
        ] {
            check(domain, None);
        }
    }
}
