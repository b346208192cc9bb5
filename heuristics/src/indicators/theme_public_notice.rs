//! Speaks as a public body, or warns of what public bodies warn of, from elsewhere.
//!
//! A tax office, the police or a health office is obeyed before it is doubted. Real bodies write
//! from go.jp, lg.jp and the like; some let vendors send for them, which is why this is no proof.
//! Products for disasters and mention in passing (licences, guidelines) are left out.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find, has_failed};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "theme-public-notice",
    clause: Some("theme-3"),
    group: Group::Theme,
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
    let rest = || host.split('.');
    match top {
        "gov" | "mil" | "int" => true,
        // pref.kyoto.jp, city.shibuya.tokyo.jp: reserved for the places they name.
        "jp" => {
            matches!(second, "go" | "lg")
                || rest().any(|l| matches!(l, "pref" | "city" | "town" | "vill" | "metro"))
                || OWN.iter().any(|own| sekisho_config::is_or_under(host, own))
        }
        "eu" => second == "europa",
        _ => matches!(second, "gov" | "gob" | "gouv" | "go" | "gc" | "admin"),
    }
}

/// Domains of bodies that keep to none of these forms (source: their own sites).
const OWN: [&str; 6] = [
    "jpcert.or.jp",
    "j-lis.go.jp",
    "jrc.or.jp",
    "keishicho.metro.tokyo.jp",
    "nisc.go.jp",
    "kyoukaikenpo.or.jp",
];

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
}
