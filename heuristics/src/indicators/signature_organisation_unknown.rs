//! The signature names a public body that does not exist, or no longer does.
//!
//! Attackers who write from abroad or from memory misname ministries, invent bureaus, or take
//! numbers of corporations out of the air. Innocent: signatures not touched for years, foreign
//! bodies, names of former times (旧, 元). Companies and associations stand in no list and are never
//! judged. A 法人番号 counts anywhere in the sender's own text, by its check digit. Dodged by a real
//! name, which other signs then hold against the address.

use sekisho_config::Lists;

use crate::corporate_number;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::signature::{folded, is_sentence};
use crate::public_body::{self, Doubt, Kind};

pub(super) static INDICATOR: Indicator = Indicator {
    id: "signature-organisation-unknown",
    clause: Some("body-5"),
    group: Group::Text,
    // A row of the table; lists of public bodies age.
    points: 20,
    says: Words {
        ja: "署名にある「{name}」は、実在が確認できない組織の名称または番号です。",
        en: "The signature gives “{name}”, a body or a number of a corporation that is not known \
             to exist.",
    },
    means: Words {
        ja: "署名に書かれた官公庁や独立行政法人などの名称が、現在の名称の一覧に見当たらないか、既に\
             廃止されたもの、または実在の名称と一文字だけ違うものです。法人番号の検査用数字が誤って\
             いる場合も含みます。組織の改編で名称が変わったばかりの場合や、古い署名をそのまま使って\
             いる場合にも当てはまります。公式サイトなどで調べた連絡先に確認してください。",
        en: "The signature names a ministry, an agency or another public body that is not in the \
             list of existing ones, was abolished, or is one character away from a real name; or a \
             corporate number whose check digit is wrong. Bodies renamed a short time ago and \
             signatures not changed for years look the same. Ask at a contact you found yourself.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    in_signature(mail, &facts.settings.lists).or_else(|| in_text(mail))
}

fn in_signature(mail: &Message<'_>, lists: &Lists) -> Option<Evidence> {
    let lines = mail.signature()?.text.lines().map(folded);
    let doubt = lines
        .filter(|line| !line.is_ascii() && !is_sentence(line))
        .find_map(|line| public_body::doubtful(&line, lists))?;
    let Doubt { name, kind } = doubt;
    let shown = match kind {
        Kind::Abolished(day) => format!("{name} (– {day})"),
        Kind::NearMiss(real) => format!("{name} ≠ {real}"),
        Kind::Unknown => name.clone(),
    };
    Some(Evidence::new(shown).with("name", name))
}

/// A 法人番号 with a wrong check digit, anywhere in the sender's own text.
fn in_text(mail: &Message<'_>) -> Option<Evidence> {
    let own = mail.texts().iter().filter(|text| text.message == 0).map(|text| text.own());
    let digits = own.filter_map(corporate_number::wrong).next()?;
    let name = format!("法人番号 {digits}");
    Some(Evidence::new(&name).with("name", &name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn mail(organisation: &str) -> String {
        format!(
            "From: a@example.jp\nContent-Type: text/plain; charset=utf-8\n\nお世話になっております。\n\n\
             ━━━━━━━━━━\n{organisation}\n山田 太郎\nTEL 03-5253-5111\n━━━━━━━━━━\n"
        )
    }

    #[test]
    fn fires_on_bodies_that_do_not_exist() {
        for (organisation, shown) in [
            ("情報通信省 総務課", "情報通信省"),
            ("通商産業省 総務課", "通商産業省 (– 2001-01-06)"),
            ("厚生労働者 年金局", "厚生労働者 ≠ 厚生労働省"),
            ("神奈河県警察本部", "神奈河県"),
            ("独立行政法人情報安全推進機構", "独立行政法人情報安全推進機構"),
        ] {
            assert_eq!(fires(&INDICATOR, mail(organisation)), shown);
        }
    }

    #[test]
    fn fires_on_a_wrong_corporate_number_anywhere() {
        let text = "From: a@example.jp\nContent-Type: text/plain; charset=utf-8\n\n\
                    弊社の法人番号は下記のとおりです。\n法人番号：１０００−０１２０−５０００２\n\n以上です。\n";
        assert_eq!(fires(&INDICATOR, text), "法人番号 1000012050002");
    }

    #[test]
    fn silent_for_bodies_that_exist_and_for_companies() {
        for organisation in [
            "総務省 情報流通行政局 総務課",
            "気象庁 総務部",
            "神奈川県警察本部",
            "独立行政法人 情報処理推進機構",
            "横浜市役所 市民局",
            "株式会社省エネ総合研究所",
            "一般社団法人中央防衛協会",
            "米国国務省 日本課",
            "旧大蔵省ビル管理組合",
            "法人番号 7000012050002",
        ] {
            silent(&INDICATOR, mail(organisation));
        }
    }

    #[test]
    fn silent_outside_the_signature() {
        let text = "From: a@example.jp\nContent-Type: text/plain; charset=utf-8\n\n\
                    1990年代の大蔵省の通達について調べております。\n\n-- \n山田 太郎\nTEL 03-5253-5111\n";
        silent(&INDICATOR, text);
        silent(&INDICATOR, "\n");
    }
}
