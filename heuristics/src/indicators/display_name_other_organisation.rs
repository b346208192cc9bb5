//! Sender's name, subject or signature claims an organisation whose domain From is not.
//!
//! What most phishing does: the name is the brand's, the address anybody's. The claim must be the
//! whole of the sender's name, of what stands in brackets before the subject or after `Your` at its
//! head, or of the signature's first organisation ([`crate::names::Registry::claim`]); a subject counts
//! only where the text speaks or signs as that organisation too. Innocent: mail that one of the organisation's domains signed (DKIM), sent by a
//! service or rewritten by a list; mention in passing (`田中（Amazon担当）`, `Amazonの件`). A list that
//! puts `via` behind the name leaves the claim what it was. A free mailbox is nobody's own domain,
//! the provider's neither. Delivery reports bear the name of the mail server's software. Dodged by names that are in no list.

use crate::facts::{AuthResult, Facts};
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::names::Known;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "display-name-other-organisation",
    clause: None,
    group: Group::Sender,
    // Whom the mail claims to be is the heart of phishing; just below a banner alone, since
    // registries have gaps.
    points: 35,
    says: Words {
        ja: "「{name}」を名乗っていますが、差出人のドメイン {host} は正規のドメイン（{domain} など）では\
             ありません。",
        en: "The mail speaks as {name}, but its sender's domain {host} is none of that organisation's \
             ({domain} and others).",
    },
    means: Words {
        ja: "差出人名、件名の先頭、または署名が実在する組織やブランドを名乗っていますが、差出人の\
             アドレスはその組織のドメインではなく、その組織の電子署名（DKIM）もありません。配信を外部の\
             サービスに任せている組織のメールでも起こることがあります。リンクや添付ファイルは開かず、\
             公式サイトなどから直接確かめてください。",
        en: "The sender's name, the head of the subject or the signature is that of a known \
             organisation or brand, but the address is in none of its domains and none of them has \
             signed the mail (DKIM). Organisations that leave mailing to a service sometimes look the \
             same. Do not open links or files; ask the organisation by its own site.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let from = mail.from().iter().find(|mailbox| !mailbox.host.is_empty())?;
    let hosts = || mail.from().iter().map(|mailbox| mailbox.host.as_str());
    if hosts().any(|host| facts.is_own_domain(host) || facts.is_partner_domain(host)) {
        return None;
    }
    if is_delivery_report(mail) {
        return None;
    }
    let providers = &facts.settings.lists.free_mail_domains;
    let is_theirs = |known: &Known| {
        hosts().any(|host| known.owns(host) && !providers.contains(host))
            || signers(facts).any(|domain| known.owns(domain))
    };
    let by_name = mail.from().iter().flat_map(|mailbox| parts_of_name(&mailbox.name));
    let claims = by_name.filter_map(|name| Some((name, facts.names.claim(name)?)));
    let (claim, known) = claims
        .chain(in_subject(mail, facts))
        .chain(in_signature(mail, facts))
        .find(|(_, known)| !is_theirs(known))?;
    let evidence = Evidence::new(format!("{} <{}>", claim.trim(), from.address()));
    let evidence = evidence.with("name", &known.name).with("host", &from.host);
    Some(evidence.with("domain", &known.domain))
}

/// Mail servers report under the name of their software (`Microsoft Outlook <postmaster@…>`).
fn is_delivery_report(mail: &Message<'_>) -> bool {
    mail.parts().first().is_some_and(|top| top.main == "multipart" && top.sub == "report")
}

/// Domains whose DKIM signature holds.
fn signers<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = &'f str> {
    let dkim = facts.authentication.dkim.iter();
    dkim.filter(|r| r.result == AuthResult::Pass).map(|r| r.domain.as_str())
}

/// The name, and where a list or a service wrote `X via Y`, both: `DocuSign via Files` is as much a
/// claim as `Taro via DocuSign`.
fn parts_of_name(name: &str) -> impl Iterator<Item = &str> {
    let split = VIA.iter().find_map(|via| name.split_once(via));
    let (first, second) = split.map_or((name, None), |(first, second)| (first, Some(second)));
    [Some(first), second].into_iter().flatten()
}

/// Names in the brackets before the subject, or at its very head, that the text speaks as.
fn in_subject<'m>(
    mail: &'m Message<'_>,
    facts: &'m Facts<'_>,
) -> impl Iterator<Item = (&'m str, &'m Known)> {
    // People who write to a list about their own account with somebody speak for themselves.
    let by_list = mail.field("list-id").is_some() || mail.field("in-reply-to").is_some();
    let possessions = possessions(mail.subject()).filter(move |_| !by_list);
    let heads = brackets(mail.subject()).chain(possessions);
    let claims = heads.filter_map(|text| Some((text, facts.names.claim(text)?)));
    claims.filter(|(_, known)| {
        let mut own = mail.texts().iter().filter(|text| text.message == 0).map(|text| text.own());
        own.any(|text| known.speaks_in(text) || signs_as(known, text, facts))
    })
}

/// Beginnings of a subject that tells the reader of what he has there: `Your Hanamizuki account`.
fn possessions(subject: &str) -> impl Iterator<Item = &str> {
    let first = subject.split_whitespace().next().unwrap_or_default();
    let tells = POSSESSIVES.iter().any(|word| word.eq_ignore_ascii_case(first));
    let ends = subject.match_indices(char::is_whitespace).map(|(at, _)| at);
    let ends = ends.chain([subject.len()]).skip(1).take(if tells { MAX_POSSESSION } else { 0 });
    // `Your Hanamizuki article`: the name alone does not yet say that it is about an account there.
    let says_what = |head: &&str| head.split([' ', '-']).count() > 2;
    ends.filter_map(|end| subject.get(..end)).filter(says_what)
}

/// Whether a line of the text is that organisation's team or copyright notice. Its bare name is a
/// heading, its support may be where a reseller points.
fn signs_as(known: &Known, text: &str, facts: &Facts<'_>) -> bool {
    let is_short = |line: &&str| (3..=MAX_LINE).contains(&line.len());
    let lines = text.lines().map(str::trim).filter(is_short).take(MAX_LINES);
    let mut signing = lines.filter(|line| {
        line.contains('©')
            || line.split(|c: char| !c.is_alphabetic()).any(|word| SIGNS.contains(&word))
    });
    signing.any(|line| facts.names.claim(line) == Some(known))
}

/// What stands in brackets before the words of a subject: `[list] 【A】＜B＞ words`.
fn brackets(subject: &str) -> impl Iterator<Item = &str> {
    let mut rest = subject;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let (open, close) = BRACKETS.iter().find(|(open, _)| rest.starts_with(*open))?;
        let (inside, behind) = rest.strip_prefix(*open)?.split_once(*close)?;
        rest = behind;
        Some(inside)
    })
    .take(MAX_BRACKETS)
}

fn in_signature<'m>(
    mail: &'m Message<'_>,
    facts: &'m Facts<'_>,
) -> impl Iterator<Item = (&'m str, &'m Known)> {
    // The first line is the writer's own; agents name below it whom they represent.
    let line = mail.signature().and_then(|signature| signature.organisations.first());
    line.and_then(|line| Some((line.as_str(), facts.names.claim(line)?))).into_iter()
}

const VIA: [&str; 4] = [" via ", " (via ", "（via ", " 経由 "];

const BRACKETS: [(char, char); 9] = [
    ('[', ']'),
    ('【', '】'),
    ('<', '>'),
    ('＜', '＞'),
    ('≪', '≫'),
    ('《', '》'),
    ('「', '」'),
    ('『', '』'),
    ('［', '］'),
];

const MAX_BRACKETS: usize = 6;

/// What a subject begins with that speaks to the reader of something of his.
const POSSESSIVES: &[&str] = &[
    "Your", "Ihr", "Ihre", "Dein", "Deine", "Votre", "Vos", "Tu", "Tus", "Su", "Sus", "Sua",
    "Suas", "Seu", "Seus", "Uw", "Je", "Jouw",
];

/// Words that may belong to such a beginning.
const MAX_POSSESSION: usize = 6;

/// Words in a line by which an organisation signs.
const SIGNS: &[&str] = &["Team", "team", "Copyright"];

/// Bytes of such a line, and lines looked at.
const MAX_LINE: usize = 60;
const MAX_LINES: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::DomainResult;
    use crate::indicator::check::{fires, look_with, silent};

    fn mail(from: &str, subject: &str, text: &str) -> String {
        format!(
            "From: {from}\nTo: b@own.example\nSubject: {subject}\n\
             Content-Type: text/plain; charset=utf-8\n\n{text}\n"
        )
    }

    #[test]
    fn fires_on_the_senders_name() {
        for name in [
            "Amazon.co.jp",
            "三井住友カード",
            "\"ＥＴＣ利用照会サービス via Dev\"",
            "\"Taro via DocuSign\"",
            "Microsoft Support Team",
            "国税庁",
        ] {
            fires(&INDICATOR, mail(&format!("{name} <a@example.com>"), "お知らせ", "x"));
        }
        let found = fires(&INDICATOR, mail("Amazon <a@example.com>", "x", "x"));
        assert_eq!(found, "Amazon <a@example.com>");
    }

    #[test]
    fn fires_on_a_free_mailbox_of_the_same_house() {
        fires(&INDICATOR, mail("Microsoft <a@hotmail.com>", "x", "x"));
        fires(&INDICATOR, mail("Google <a@gmail.com>", "x", "x"));
    }

    #[test]
    fn fires_on_a_subject_that_the_text_bears_out() {
        let text = "いつも三井住友カードをご利用いただきありがとうございます。";
        for subject in ["【三井住友カード】お知らせ", "[list] [SPAM] ＜三井住友カード＞お知らせ"]
        {
            fires(&INDICATOR, mail("自動通知 <a@example.com>", subject, text));
            silent(
                &INDICATOR,
                mail("自動通知 <a@example.com>", subject, "三井住友カードの件です。"),
            );
        }
        silent(&INDICATOR, mail("a@example.com", "お知らせ", text));
    }

    #[test]
    fn fires_on_a_subject_that_tells_of_the_readers_account() {
        let from = "Billing <a@example.com>";
        let text = "We could not charge you.\n\nThe Netflix Team\n";
        for subject in ["Your Netflix membership has ended", "Tu cuenta de N\u{0435}tflix"] {
            fires(&INDICATOR, mail(from, subject, text));
            fires(
                &INDICATOR,
                mail(from, subject, "\u{00A9} 2026 Netflix, Inc. All rights reserved."),
            );
            silent(
                &INDICATOR,
                mail(from, subject, "See the Netflix Team page, or Netflix Support.\n"),
            );
            silent(&INDICATOR, mail(from, &format!("Re: {subject}"), text));
            silent(&INDICATOR, format!("List-Id: <l.example.org>\n{}", mail(from, subject, text)));
        }
        for subject in ["Your Netflix article", "Your review of Netflix", "Netflix gift card"] {
            silent(&INDICATOR, mail(from, subject, text));
        }
    }

    #[test]
    fn fires_on_names_dressed_up() {
        for name in [
            "\"Kaufland Gutschein\"",
            "Financeiro dos Correios",
            "Kundenservice Deutsche Bahn",
            "\"-Albert-Heijn Cadeaucentrum!. .GLWYI\"",
            "\"D P D Versand ...NM623\"",
            "I\u{E0139}RS Ta\u{E0139}x Of\u{E0139}fice",
            "C\u{0337}a\u{0337}rref\u{0337}our",
            "Trust WaIIet",
            "DEWALT\u{2122} US0293",
        ] {
            fires(&INDICATOR, mail(&format!("{name} <a@example.com>"), "x", "x"));
        }
    }

    #[test]
    fn fires_on_a_signature() {
        let text = "本文\n\n-- \nヤマト運輸株式会社\nTEL 03-0000-0000\n";
        fires(&INDICATOR, mail("a@example.com", "x", text));
    }

    #[test]
    fn silent_for_agents_that_name_whom_they_represent() {
        let text = "本文\n\n-- \n株式会社はなみずき保険事務所\n日本生命\nTEL 03-0000-0000\n";
        silent(&INDICATOR, mail("a@example.com", "x", text));
    }

    #[test]
    fn silent_for_the_organisation_itself() {
        for from in [
            "Amazon.co.jp <a@amazon.co.jp>",
            "Amazon <a@marketplace.amazon.co.jp>",
            "三井住友カード <a@mail.vpass.ne.jp>",
            "国税庁 <a@example.go.jp>",
            "Receita Federal <a@servicos.receita.fazenda.gov.br>",
            "Detran <a@detran.pr.gov.br>",
            "Lidl <a@lidl.pt>",
            "Taro via GitHub <notifications@github.com>",
        ] {
            silent(&INDICATOR, mail(from, "x", "x"));
        }
    }

    #[test]
    fn silent_for_mail_that_the_organisation_signed() {
        let signed = |domain: &str, result| {
            let dkim = vec![DomainResult { domain: domain.into(), result }];
            let mail = mail("\"Amazon via Dev\" <dev@lists.example.org>", "x", "x");
            look_with(&INDICATOR, mail, |_| {}, |f| f.authentication.dkim = dkim).is_some()
        };
        assert!(!signed("amazon.co.jp", AuthResult::Pass));
        assert!(signed("amazon.co.jp", AuthResult::Fail));
        assert!(signed("example.org", AuthResult::Pass));
    }

    #[test]
    fn silent_for_delivery_reports() {
        silent(
            &INDICATOR,
            "From: Microsoft Outlook <postmaster@example.com>\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
             --b\nContent-Type: text/plain\n\nx\n--b--\n",
        );
    }

    #[test]
    fn silent_for_mention_in_passing() {
        for from in [
            "\"田中（Amazon担当）\" <a@example.com>",
            "楽天市場店 <a@example.com>",
            "Amazon Linux Team <a@example.com>",
            "Chase Miller <a@example.com>",
            "Visa Services <a@example.com>",
            "Douglas <a@example.com>",
            "Target Team <a@example.com>",
            "Dell R740 <a@example.com>",
            "Microsoft Partner <a@example.com>",
            "Taro (Samsung) <a@example.com>",
            "a@example.com",
        ] {
            silent(&INDICATOR, mail(from, "Amazonの件", "楽天市場店の売上をご報告します。"));
        }
        silent(&INDICATOR, mail("Amazon <a@own.example>", "x", "x"));
        silent(&INDICATOR, "\n");
    }
}
