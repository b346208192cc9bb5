//! Confidential matter stands in the mail itself.
//!
//! The clause wants it in an attachment that is encrypted; the text of a mail travels as it is. A
//! sentence that says so of the attachment is a covering letter and breaks nothing.

use sekisho_config::Ruling;

use crate::indicator::{Evidence, Words};
use crate::outbound::leaving::Leaving;
use crate::outbound::rule::{Rule, Rulings};

pub(super) static RULE: Rule = Rule {
    id: "confidential-in-body",
    clause: Some("confidential-in-attachment"),
    // The sender can put it right at once and alone, so nothing is gained by holding it.
    rulings: Rulings::all(Ruling::Reject),
    converts: false,
    says: Words {
        ja: "{where}に「{label}」の表示があります。機密の内容はメールの本文では送れません。",
        en: "The label {label} stands in {where_en}; confidential matter must not be in the mail \
             itself.",
    },
    advice: Words {
        ja: "機密の内容は件名や本文に書かず、暗号化した添付ファイルに入れて送り直してください。",
        en: "Move the confidential matter out of subject and body into an encrypted attachment, and \
             send it again.",
    },
    means: Words {
        ja: "機密情報は本文に書かず、暗号化した添付ファイルで送るという規程です。件名または本文に「社外秘」\
             「極秘」「CONFIDENTIAL」などの表示があると該当します。「機密保持契約」などの日常の用語、規程の\
             説明、署名下の免責文、添付ファイルについての断り書きは対象外です。",
        en: "Confidential matter belongs into an encrypted attachment, not into the mail. It is \
             broken where subject or body bear a class label; not by the words in everyday use, \
             explanations of the rules, disclaimers, or what a covering letter says of its \
             attachment.",
    },
    look,
};

fn look(leaving: &Leaving<'_>) -> Option<Evidence> {
    let marked = leaving.matter().in_text.iter().find(|m| !m.label.of_attachment)?;
    let line = format!("{} in {}", marked.label.word, marked.en);
    let evidence = Evidence::new(line).with("label", marked.label.word);
    Some(evidence.with("where", &marked.ja).with("where_en", &marked.en))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::outbound::rule::check::{fires, silent};

    #[track_caller]
    fn check(mail: impl AsRef<[u8]>, said: &str) {
        assert_eq!(fires(&RULE, mail), said);
    }

    #[test]
    fn fires_for_labels_in_subject_and_body() {
        check("Subject: 【社外秘】予算案\n\n送ります。", "社外秘 in the subject");
        check("Subject: a\n\n社 外 秘\n\n予算は次のとおりです。", "社外秘 in the body");
        check("Subject: a\n\n㊙\n予算", "マル秘 in the body");
        check("Subject: a\n\nＣＯＮＦＩＤＥＮＴＩＡＬ\n\nNumbers", "CONFIDENTIAL in the body");
        check("Sensitivity: Company-Confidential\n\nx", "CONFIDENTIAL in the sensitivity mark");
    }

    #[test]
    fn fires_for_labels_in_iso_2022_jp_and_html() {
        let mail = b"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1B$B!Z<R30Hk![\x1B(B\nx\n";
        check(mail, "社外秘 in the body");
        let html = "Content-Type: text/html; charset=utf-8\n\n<p>社<b>外</b>秘</p><p>予算</p>";
        check(html, "社外秘 in the body");
        let blocks =
            "Content-Type: text/html; charset=utf-8\n\n<div>社</div><div>外</div><div>秘</div>";
        check(blocks, "社外秘 in the body");
        let picture = "Content-Type: text/html; charset=utf-8\n\n<img src=\"cid:a\" alt=\"社外秘\"><p>予算</p>";
        check(picture, "社外秘 in a picture in the body");
    }

    #[test]
    fn fires_for_what_is_quoted() {
        check("Subject: Re: a\n\n了解です。\n\n> 【部外秘】\n> 予算\n", "部外秘 in the body");
    }

    #[test]
    fn silent_for_everyday_use_and_covering_letters() {
        for text in [
            "機密保持契約書をお送りします。",
            "有機密度の測定結果です。",
            "極秘裏に進められた計画が報じられました。",
            "This is not confidential.",
            "社外秘とは、社外に出してはならない情報をいいます。",
            "「社外秘」と表示する文書の区分についてご説明します。",
            "添付の資料は社外秘です。お取り扱いにご注意ください。",
            "-- \nTaro\nCONFIDENTIAL: This e-mail is intended only for the addressee.",
        ] {
            silent(&RULE, format!("Subject: a\n\n{text}\n"));
        }
    }
}
