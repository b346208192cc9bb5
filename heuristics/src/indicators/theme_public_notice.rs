//! Speaks as a public body, or warns of what public bodies warn of, from elsewhere.
//!
//! A tax office, the police or a health office is obeyed before it is doubted. Real bodies write
//! from go.jp, lg.jp and the like; some let vendors send for them, which is why this is no proof.
//! Products for disasters and mention in passing (licences, guidelines) are left out.

use sekisho_config::is_or_under;

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find, has_failed};
use crate::message::Message;
use crate::message::domain::registrable;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "theme-public-notice",
    clause: Some("theme-3"),
    group: Group::Theme,
    // Associations pass real warnings on.
    points: 15,
    says: Words {
        ja: "官公庁などの公的機関を名乗る、または災害・感染症・税金などの注意を促す内容です\
             が、公的機関のドメインから送られていません（「{words}」）。",
        en: "The mail speaks as a public body or gives an official warning, but does not come \
             from such a body (“{words}”).",
    },
    means: Words {
        ja: "税務署、警察、省庁、自治体などを名乗り、未納の税金や還付、感染症、災害、セキュ\
             リティの注意喚起を口実に、リンクや添付ファイルを開かせる手口があります。公的機\
             関の多くは go.jp や lg.jp などのドメインを使いますが、外部の配信サービスから送\
             られることもあります。その機関の公式サイトで同じお知らせがあるか確認してくださ\
             い。",
        en: "Tax offices, police, ministries and towns are imitated: unpaid tax, refunds, \
             epidemics, disasters or security warnings are the pretext. Most public bodies \
             write from domains such as go.jp or lg.jp, though some use outside services. See \
             whether the body’s own site carries the same notice.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let public = mail.sole_from().is_some_and(|from| is_public(from.domain()));
    if public && !has_failed(facts) {
        return None;
    }
    find(mail, facts, "public-notice", Reach::Bait)
}

/// Whether the domain is one that only public bodies have, of whatever country.
fn is_public(host: &str) -> bool {
    let mut labels = host.rsplit('.');
    let (top, second) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
    match top {
        "gov" | "mil" | "int" => true,
        "jp" => {
            matches!(second, "go" | "lg")
                || is_of_a_place(host, second)
                || OWN.iter().any(|own| is_or_under(host, own))
        }
        "eu" => second == "europa",
        "kr" | "th" | "id" => second == "go",
        "ca" => second == "gc",
        "ch" => second == "admin",
        _ => top.len() == 2 && matches!(second, "gov" | "gob" | "gouv"),
    }
}

/// `pref.kyoto.jp`, `city.shibuya.tokyo.jp`: reserved for the places they name. In `city.co.jp` and
/// its like anybody may have them; those suffixes have two letters, and no prefecture's name has.
fn is_of_a_place(host: &str, second: &str) -> bool {
    let first = registrable(host).and_then(|domain| domain.split('.').next());
    second.len() > 2 && first.is_some_and(|label| PLACES.contains(&label) && label != second)
}

const PLACES: [&str; 5] = ["city", "metro", "pref", "town", "vill"];

/// Domains of bodies that keep to none of these forms (source: their own sites).
const OWN: [&str; 2] = ["jpcert.or.jp", "kyoukaikenpo.or.jp"];

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, look_with, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "国税庁からのお知らせです。未納の税金があります。",
            "保健所よりご連絡いたします。感染症についての資料をご覧ください。",
            "警視庁サイバー警察です。貴社の情報が漏れています。",
            "台風による災害の緊急情報です。避難所の一覧をご覧ください。",
            "製品の脆弱性についての注意喚起です。至急ご確認ください。",
            "Security alert: a vulnerability in your mail server must be closed.",
            "You have a pending refund of your tax refund claim.",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "防災グッズの特別価格のご案内です。地震に備えて、至急ご確認ください。",
            "当社は総務省の届出番号を取得しています。お知らせまで。",
            "金融庁のガイドラインに基づき、手順を改めました。",
            "知事許可の更新が終わりました。",
            "The vulnerability was fixed in git commit 1234; warning: build it anew.",
            "We discuss the earthquake in the next lecture.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn fires_for_a_body_in_name_or_subject() {
        fires(&INDICATOR, letter("【国税庁】未納税金のお知らせ", "下記をご覧ください。"));
        let named = letter("重要なお知らせ", "下記をご覧ください。").replace("Taro", "税務署");
        fires(&INDICATOR, named);
    }

    #[test]
    fn silent_for_public_bodies_own_mail() {
        let text = "国税庁からのお知らせです。";
        for host in [
            "nta.go.jp",
            "pref.kyoto.lg.jp",
            "mail.city.shibuya.tokyo.jp",
            "pref.kyoto.jp",
            "jpcert.or.jp",
            "irs.gov",
            "hmrc.gov.uk",
            "who.int",
            "ec.europa.eu",
        ] {
            silent(&INDICATOR, letter("-", text).replace("stranger.example>", &format!("{host}>")));
        }
        for host in [
            "go.jp.example",
            "nta-go.jp",
            "gov.example",
            "govern.com",
            "city.co.jp",
            "city.evil.jp",
            "pref.jp",
        ] {
            fires(&INDICATOR, letter("-", text).replace("stranger.example>", &format!("{host}>")));
        }
    }

    #[test]
    fn fires_for_a_forged_public_domain() {
        let mail =
            letter("-", "国税庁からのお知らせです。").replace("stranger.example>", "nta.go.jp>");
        let forged = |facts: &mut crate::facts::Facts<'_>| {
            facts.authentication.dmarc.result = crate::facts::AuthResult::Fail;
        };
        assert!(look_with(&INDICATOR, mail, |_| {}, forged).is_some());
    }
}
