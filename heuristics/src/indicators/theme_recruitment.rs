//! A stranger applies for a job or sends a CV.
//!
//! Those who hire must open it. Innocent are applicants; answers to applicants and firms that offer
//! jobs are left out.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "theme-recruitment",
    clause: Some("theme-1"),
    group: Group::Theme,
    // Applicants do write.
    points: 10,
    says: Words {
        ja: "面識のない相手からの応募や履歴書の送付で、リンクか添付ファイルがあります（「{w\
             ords}」）。",
        en: "A stranger applies for a job or sends a CV, with a link or file to open \
             (“{words}”).",
    },
    means: Words {
        ja: "求人への応募や履歴書の送付を装い、不正なファイルやリンクを採用担当者に開かせる\
             手口があります。本物の応募も同じ形で届きます。募集していない職種であったり、圧\
             縮ファイルや外部の保管場所から履歴書を取得させようとしたりする場合は、開かずに\
             管理者へ相談してください。",
        en: "Applications and CVs are imitated to make those who hire open a harmful file or \
             link. Real ones look the same. If no such post is open, or the CV is an archive \
             or lies on an outside storage, do not open it and ask your administrator.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "recruitment", Reach::FirstLetter)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "貴社の求人を拝見し、ご連絡いたしました。",
            "履歴書と職務経歴書をお送りいたします。",
            "中途採用に応募いたします。職歴書を添付しました。",
            "貴社のインターンに応募させていただきたく存じます。",
            "Please find my CV attached.",
            "I am applying for the position of engineer.",
            "My resume is enclosed; I hope for your reply.",
            "I am interested in the job opening on your site.",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "このたびはご応募ありがとうございます。履歴書を確認いたしました。",
            "選考結果のお知らせ: 応募書類をお送りした方へ",
            "面接の際は履歴書をご持参ください。ご確認をお願いします。",
            "履歴書は不要です。添付の地図をご覧ください。",
            "We are hiring! Apply now for this position.",
            "Thank you for your application; your CV is on file.",
            "Opening the application shows a small window.",
            "Patches welcome: I am applying it to the tree.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }
}
