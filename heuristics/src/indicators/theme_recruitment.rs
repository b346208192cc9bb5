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
    find(mail, facts, "recruitment", Reach::Letter)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
}
