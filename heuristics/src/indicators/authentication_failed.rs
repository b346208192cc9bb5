//! SPF, DKIM or DMARC fails for the domain in From.
//!
//! The owner of the domain says that this is not his mail. SPF and DKIM count only as far as they
//! speak of From's organisation, and not where another of them vouches for it or may do so yet:
//! forwarding breaks SPF, footers break signatures, and with dead DNS a broken signature is all that
//! can be told. Silent where nothing is published, an answer is missing, or a mailing list that
//! itself authenticates has rewritten the mail.

use crate::facts::{AuthResult, Authentication, DomainResult, Facts};
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::domain::same_organisation;
use crate::message::{Message, mailing_list};

pub(super) static INDICATOR: Indicator = Indicator {
    id: "authentication-failed",
    clause: None,
    group: Group::Sender,
    // Forwarding breaks it innocently; with any second sign it warns.
    points: 25,
    says: Words {
        ja: "差出人のドメイン {domain} の送信ドメイン認証（{method}）に失敗しており、差出人が偽られて\
             いる可能性があります。",
        en: "The check of the sender's domain {domain} ({method}) failed, so the sender may be \
             forged.",
    },
    means: Words {
        ja: "差出人のドメインの持ち主が公開している情報と、実際の送られ方や電子署名が一致しません。\
             転送や、設定の誤りで失敗することもあります。内容に心当たりがないときは、既に知っている\
             連絡先に確認してください。",
        en: "What the owner of the sender's domain publishes does not agree with the way this mail \
             was sent, or with its signature. Forwarding and mistakes in set-up can cause this too. \
             If you did not expect the mail, ask at a contact you already know.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let mut hosts = mail.from().iter().map(|from| from.host.as_str()).filter(|h| !h.is_empty());
    let (host, method) = hosts.find_map(|host| Some((host, failed_method(host, facts)?)))?;
    if came_by_authenticated_list(mail, facts) {
        return None;
    }
    let evidence = Evidence::new(format!("{method} fail: {host}"));
    Some(evidence.with("domain", host).with("method", method))
}

/// The method that fails for `host`. DMARC goes first: it is the owner's own word on how the other
/// two are to be read.
fn failed_method(host: &str, facts: &Facts<'_>) -> Option<&'static str> {
    let fails = |r: &DomainResult| {
        r.result == AuthResult::Fail && (r.domain == host || same_organisation(&r.domain, host))
    };
    let may_yet_vouch = |r: &DomainResult| {
        matches!(r.result, AuthResult::Unknown | AuthResult::TempError)
            && (r.domain.is_empty() || same_organisation(&r.domain, host))
    };
    let Authentication { spf, dkim, dmarc } = &facts.authentication;
    if fails(dmarc) {
        Some("DMARC")
    } else if facts.is_authenticated_for(host) || dkim.iter().any(may_yet_vouch) {
        None
    } else if fails(spf) {
        Some("SPF")
    } else if dkim.iter().any(fails) && !may_yet_vouch(spf) && !may_yet_vouch(dmarc) {
        // A changed body shows without asking anybody: this answer is there when no other is.
        Some("DKIM")
    } else {
        None
    }
}

fn came_by_authenticated_list(mail: &Message<'_>, facts: &Facts<'_>) -> bool {
    let passes = |r: &DomainResult| r.result == AuthResult::Pass;
    let authentication = &facts.authentication;
    let vouched =
        [&authentication.spf].into_iter().chain(&authentication.dkim).filter(|r| passes(r));
    mailing_list::read(mail)
        .is_some_and(|list| vouched.into_iter().any(|r| list.is_run_by(&r.domain)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{look_with, silent};
    use AuthResult::{Fail, Neutral, Pass, PermError, SoftFail, TempError, Unknown};

    type Told<'a> = (&'a str, AuthResult);

    const NOTHING: Told<'_> = ("", Unknown);

    fn look_at(header: &str, spf: Told<'_>, dkim: &[Told<'_>], dmarc: Told<'_>) -> Option<String> {
        let told = |(domain, result): Told<'_>| DomainResult { domain: domain.into(), result };
        let authentication = Authentication {
            spf: told(spf),
            dkim: dkim.iter().map(|&d| told(d)).collect(),
            dmarc: told(dmarc),
        };
        let mail = format!("{header}\n\nx\n");
        let change = |facts: &mut Facts<'_>| facts.authentication = authentication;
        look_with(&INDICATOR, mail, |_| {}, change).map(|e| e.shown().to_owned())
    }

    const FROM: &str = "From: a@example.com";

    #[test]
    fn fires_when_the_from_domain_disowns_the_mail() {
        let failed = ("example.com", Fail);
        let found = look_at(FROM, NOTHING, &[], failed);
        assert_eq!(found.as_deref(), Some("DMARC fail: example.com"));
        let found = look_at(FROM, ("bounce.example.com", Fail), &[], NOTHING);
        assert_eq!(found.as_deref(), Some("SPF fail: example.com"));
        let (no_spf, no_dmarc) =
            (("example.com", AuthResult::None), ("example.com", AuthResult::None));
        let found = look_at(FROM, no_spf, &[("esp.example", Pass), failed], no_dmarc);
        assert_eq!(found.as_deref(), Some("DKIM fail: example.com"));
        // The sending service's own pass does not speak for From.
        let found = look_at(FROM, ("esp.example", Pass), &[("esp.example", Pass)], failed);
        assert_eq!(found.as_deref(), Some("DMARC fail: example.com"));
        let found = look_at("From: x@example.net\nFrom: a@example.com", NOTHING, &[], failed);
        assert_eq!(found.as_deref(), Some("DMARC fail: example.com"));
    }

    #[test]
    fn silent_when_nothing_fails() {
        silent(&INDICATOR, FROM);
        for result in [AuthResult::None, Unknown, TempError, PermError, Neutral, SoftFail, Pass] {
            let told = ("example.com", result);
            assert_eq!(look_at(FROM, told, &[told], told), None, "{result:?}");
        }
    }

    #[test]
    fn silent_when_another_domain_fails() {
        let other = ("example.net", Fail);
        assert_eq!(look_at(FROM, other, &[other], other), None);
        assert_eq!(look_at("Subject: x", other, &[other], other), None);
        assert_eq!(look_at(FROM, ("", Fail), &[("", Fail)], ("", Fail)), None);
    }

    #[test]
    fn silent_when_one_fails_and_the_other_vouches() {
        // Forwarded: SPF breaks, the signature holds.
        let (pass, fail) = (("example.com", Pass), ("example.com", Fail));
        assert_eq!(look_at(FROM, fail, &[pass], pass), None);
        assert_eq!(look_at(FROM, fail, &[fail, pass], NOTHING), None);
        // A relay of their own changed the body.
        assert_eq!(look_at(FROM, pass, &[fail], NOTHING), None);
    }

    #[test]
    fn silent_while_dns_is_dead_and_another_may_vouch_yet() {
        let (fail, no_policy) = (("example.com", Fail), ("example.com", AuthResult::None));
        for unanswered in [Unknown, TempError] {
            let missing = ("example.com", unanswered);
            assert_eq!(look_at(FROM, missing, &[fail], missing), None);
            assert_eq!(look_at(FROM, no_policy, &[fail], missing), None);
            assert_eq!(look_at(FROM, missing, &[fail], no_policy), None);
            // A second signature of theirs, whose key did not come.
            assert_eq!(look_at(FROM, no_policy, &[fail, missing], no_policy), None);
            assert_eq!(look_at(FROM, fail, &[missing], no_policy), None);
        }
        assert_eq!(look_at(FROM, NOTHING, &[fail], NOTHING), None);
    }

    #[test]
    fn fires_when_only_somebody_else_has_not_answered() {
        // Else a signature or an envelope whose name server keeps silent would be a way out.
        let (fail, no_policy) = (("example.com", Fail), ("example.com", AuthResult::None));
        let elsewhere = ("slow.example", TempError);
        let found = look_at(FROM, elsewhere, &[fail, elsewhere], no_policy);
        assert_eq!(found.as_deref(), Some("DKIM fail: example.com"));
        let found = look_at(FROM, fail, &[elsewhere], no_policy);
        assert_eq!(found.as_deref(), Some("SPF fail: example.com"));
    }

    #[test]
    fn silent_for_a_list_that_authenticates_itself() {
        let list = format!("{FROM}\nList-Id: Dev <dev.lists.example.org>");
        let fail = ("example.com", Fail);
        let by_list = ("lists.example.org", Pass);
        assert_eq!(look_at(&list, by_list, &[fail], fail), None);
        assert_eq!(look_at(&list, NOTHING, &[fail, ("example.org", Pass)], fail), None);
        let post = format!("{FROM}\nList-Post: <mailto:dev@lists.example.org>");
        assert_eq!(look_at(&post, by_list, &[fail], fail), None);
    }

    #[test]
    fn fires_on_a_list_that_does_not() {
        let list = format!("{FROM}\nList-Id: Dev <dev.lists.example.org>");
        let fail = ("example.com", Fail);
        assert!(look_at(&list, ("example.net", Pass), &[fail], fail).is_some());
        assert!(look_at(&list, NOTHING, &[], fail).is_some());
    }
}
