//! An organisation that is known signs with numbers that it never gave before.
//!
//! Who writes from a mailbox that was broken into gives a number at which he answers the call himself.
//! So it is the authenticated organisation whose numbers are compared, and only where none of the
//! signature's was seen: a second office stands beside the known number. Innocent: a move, a new
//! colleague's own line; each number is learned by its first honest mail. Direct lines of a known
//! exchange (the same number but for its last four digits) are no other number.

use crate::facts::Facts;
use crate::history::teaching::signed_numbers;
use crate::history::{Number, is_shared};
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "signature-phone-changed",
    clause: None,
    group: Group::Text,
    // Offices move, and colleagues come.
    points: 10,
    says: Words {
        ja: "署名の電話番号 {number} は、この組織（{domain}）のこれまでのメールにない番号です。",
        en: "The telephone number {number} in the signature is none that {domain} gave before.",
    },
    means: Words {
        ja: "認証された組織からのメールですが、署名の電話番号が、これまでのメールで使われた番号のどれとも\
             違います。乗っ取られたメールアドレスから、攻撃者につながる番号が案内されることがあります。\
             移転や新しい担当者でも該当するため、弱いしるしです。電話で確認するときは、以前から知っている\
             番号を使ってください。知っている番号と並んだ別の拠点の番号や、同じ局番の直通番号は該当しません。",
        en: "The organisation is authenticated, but none of the telephone numbers in the signature stood \
             in its mail before. From a mailbox that was broken into, the number given may be the \
             attacker's. Offices move and new colleagues come, so this is a weak sign. To make sure, call \
             a number you knew before. A second office beside a known number and direct lines of a known \
             exchange do not count.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let known = facts.history.numbers.as_deref()?;
    // An organisation with very many numbers has always another.
    if known.is_empty() || known.len() > MANY {
        return None;
    }
    let domain = mail.sole_from()?.domain();
    if !facts.is_authenticated_for(domain) || is_shared(domain, facts) {
        return None;
    }
    let signed = signed_numbers(mail);
    let is_seen = |number: &Number| known.iter().any(|k| is_same_line(&k.digits, &number.digits));
    if signed.iter().any(is_seen) {
        return None;
    }
    let number = &signed.iter().find(|number| !number.is_fax)?.digits;
    Some(Evidence::new(number).with("number", number).with("domain", domain))
}

/// Whether two numbers are one, or direct lines of one exchange: ten digits with an area code, the
/// last four of which are the line's.
fn is_same_line(a: &str, b: &str) -> bool {
    let is_local =
        |n: &str| n.len() == 10 && !SERVICES.iter().any(|service| n.starts_with(service));
    a == b || is_local(a) && is_local(b) && a.get(..6) == b.get(..6)
}

/// Numbers from which on a new one says nothing.
const MANY: usize = 50;

/// Beginnings of numbers with ten digits that are of no place.
const SERVICES: [&str; 5] = ["0120", "0180", "0570", "0990", "+"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{AuthResult, DomainResult};
    use crate::indicator::check::{look_with, silent};

    fn mail(from: &str, details: &str) -> String {
        format!(
            "From: {from}\nContent-Type: text/plain; charset=utf-8\n\nお世話になっております。\n\n\
             ━━━━━━━━━━\nサンプル株式会社 山田\n{details}\n━━━━━━━━━━\n"
        )
    }

    fn seen_by(
        from: &str,
        details: &str,
        known: Option<&[(&str, bool)]>,
        dmarc: AuthResult,
    ) -> Option<String> {
        let history = |facts: &mut Facts<'_>| {
            let domain = from.rsplit_once('@').unwrap().1.to_owned();
            facts.authentication.dmarc = DomainResult { domain, result: dmarc };
            let number =
                |&(digits, is_fax): &(&str, bool)| Number { digits: digits.into(), is_fax };
            facts.history.numbers = known.map(|known| known.iter().map(number).collect());
        };
        let seen = look_with(&INDICATOR, mail(from, details), |_| {}, history);
        seen.map(|e| e.shown().to_owned())
    }

    fn seen(details: &str) -> Option<String> {
        let known = [("0352535111", false), ("0352535112", true), ("0120123456", false)];
        seen_by("a@example.co.jp", details, Some(&known), AuthResult::Pass)
    }

    #[test]
    fn fires_where_every_number_is_new() {
        for (details, number) in [
            ("TEL 06-6392-3980", "0663923980"),
            ("TEL 06-6392-3980 FAX 06-6392-3981", "0663923980"),
            ("携帯 090-1234-5678", "09012345678"),
            ("電話：０５０−３１２３−４５６７", "05031234567"),
            ("TEL +1-408-555-0123", "+14085550123"),
            ("フリーダイヤル 0120-123-999", "0120123999"),
        ] {
            assert_eq!(seen(details).as_deref(), Some(number), "{details}");
        }
    }

    #[test]
    fn silent_beside_a_known_number() {
        for details in [
            "TEL 03-5253-5111",
            "TEL +81-3-5253-5111",
            "東京 TEL 03-5253-5111\n大阪 TEL 06-6392-3980",
            "TEL 06-6392-3980 FAX 03-5253-5112",
            "携帯 090-1234-5678 TEL 03(5253)5111",
            "フリーダイヤル 0120-123-456\n携帯 090-1234-5678",
            "直通 03-5253-5199",
            "FAX 06-6392-3981",
            "TEL 03-5253-51",
            "山田 太郎",
        ] {
            assert_eq!(seen(details), None, "{details}");
        }
    }

    #[test]
    fn silent_where_nothing_was_seen_or_history_does_not_know() {
        let details = "TEL 06-6392-3980";
        let by = |known, dmarc| seen_by("a@example.co.jp", details, known, dmarc);
        assert_eq!(by(None, AuthResult::Pass), None);
        assert_eq!(by(Some(&[]), AuthResult::Pass), None);
        let many = vec![("0352535111", false); MANY + 1];
        assert_eq!(by(Some(&many), AuthResult::Pass), None);
        silent(&INDICATOR, mail("a@example.co.jp", details));
    }

    #[test]
    fn silent_without_proof_and_where_the_domain_is_nobodys() {
        let known: &[(&str, bool)] = &[("0352535111", false)];
        let by = |from, dmarc| seen_by(from, "TEL 06-6392-3980", Some(known), dmarc);
        for unproven in [AuthResult::Fail, AuthResult::None, AuthResult::Unknown] {
            assert_eq!(by("a@example.co.jp", unproven), None);
        }
        assert!(by("a@example.co.jp", AuthResult::Pass).is_some());
        assert_eq!(by("a@gmail.com", AuthResult::Pass), None);
        assert_eq!(by("a@hanako.ocn.ne.jp", AuthResult::Pass), None);
    }
}
