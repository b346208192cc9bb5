//! Matter labelled 極秘 goes to somebody outside, encrypted or not.

use sekisho_config::{Profile, Ruling};

use crate::indicator::{Evidence, Words};
use crate::outbound::label::Class;
use crate::outbound::leaving::Leaving;
use crate::outbound::rule::{Rule, Rulings};

pub(super) static RULE: Rule = Rule {
    id: "top-secret-leaving",
    clause: Some("top-secret"),
    // 001 5.10 and 002 3-2 forbid it; 000 lets the head approve it.
    rulings: Rulings { company: Ruling::Hold, isms: Ruling::Reject, foundation: Ruling::Reject },
    converts: false,
    says: Words {
        ja: "{where}に「{label}」の表示があります。極秘の情報は{ban}。",
        en: "The label {label} stands in {where_en}; top secret matter {ban_en}.",
    },
    advice: Words {
        ja: "極秘の情報をメールから除いてください。社外への提供が必要な場合は、責任者にご相談ください。",
        en: "Take the top secret matter out of the mail; where it has to be handed over, ask the \
             person in charge.",
    },
    means: Words {
        ja: "極秘の情報は、暗号化していてもメールで社外に送ってはならない（会社規程では責任者の承認が必要）\
             という規程です。件名、本文、添付ファイルに「極秘」の表示があると該当します。「極秘裏に」などの\
             日常の用語、題名、区分の説明、組織内のメールは対象外です。",
        en: "Top secret matter must not be sent outside by mail, encrypted or not (in a company, not \
             without approval). It is broken where subject, body or a file bear such a label; not \
             by everyday use, titles, definitions, or internal mail.",
    },
    look,
};

fn look(leaving: &Leaving<'_>) -> Option<Evidence> {
    let marked = leaving.matter().highest().filter(|m| m.label.class == Class::TopSecret)?;
    if leaving.external().is_empty() {
        return None;
    }
    let line = format!("{} in {}", marked.label.word, marked.en);
    let evidence = Evidence::new(line).with("label", marked.label.word);
    let evidence = evidence.with("where", &marked.ja).with("where_en", &marked.en);
    let (ban, ban_en) = match leaving.facts.settings.outbound.profile {
        Profile::Company => {
            ("責任者の承認なしに社外へ送れません", "must not leave without approval")
        }
        Profile::Foundation | Profile::Isms => ("社外に送ってはなりません", "must not leave"),
    };
    Some(evidence.with("ban", ban).with("ban_en", ban_en))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::container::zip_writer::{File, ZipCipher, zip};
    use crate::message::files::samples::attached;
    use crate::outbound::rule::check::{fires, look_with, silent};
    use sekisho_config::{Profile, Ruling, Settings};

    #[test]
    fn fires_encrypted_or_not() {
        assert_eq!(fires(&RULE, "Subject: 極　秘：人事案\n\nx"), "極秘 in the subject");
        assert_eq!(fires(&RULE, "Subject: a\n\nTOP SECRET\n\nx"), "TOP SECRET in the body");
        let member = File::new("極秘.xlsx", b"x").utf8().encrypted(ZipCipher::Aes);
        let said = "極秘 in a.zip › 極秘.xlsx (file name)";
        assert_eq!(fires(&RULE, attached("a.zip", &zip(&[member]))), said);
    }

    #[test]
    fn silent_for_lower_classes_everyday_use_and_internal_mail() {
        silent(&RULE, "Subject: 【社外秘】\n\nx");
        silent(&RULE, "Subject: a\n\n極秘裏に来日した模様です。\n映画『極秘』を観ました。");
        silent(&RULE, "Subject: a\n\n極秘：漏れると困るもの\n社外秘：その次\n公開：その他\n");
        let seen = look_with(&RULE, &["boss@own.example"], "Subject: 【極秘】\n\nx", |_| {});
        assert_eq!(seen, None);
    }

    #[test]
    fn a_company_may_approve_it_and_says_so() {
        let rulings = Profile::ALL.map(|profile| RULE.rulings.of(profile));
        assert_eq!(rulings, [Ruling::Hold, Ruling::Reject, Ruling::Reject]);
        let told = Profile::ALL.map(|profile| {
            let set = |s: &mut Settings| s.outbound.profile = profile;
            let seen = look_with(&RULE, &["a@example.com"], "Subject: 【極秘】\n\nx", set);
            seen.unwrap().fill(RULE.says.en)
        });
        let said = "The label 極秘 stands in the subject; top secret matter must not leave";
        let by_approval = format!("{said} without approval.");
        assert_eq!(told, [by_approval, format!("{said}."), format!("{said}.")]);
    }
}
