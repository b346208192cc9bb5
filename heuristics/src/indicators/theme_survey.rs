//! A stranger asks to fill in a survey.
//!
//! Innocent are shops, universities and offices that count; thanks for answers, results, surveys of
//! ground, and the lower half of newsletters are left out.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "theme-survey",
    clause: Some("theme-1"),
    group: Group::Theme,
    points: 5,
    says: Words {
        ja: "面識のない相手からのアンケートや調査への協力依頼で、リンクか添付ファイルがあり\
             ます（「{words}」）。",
        en: "A stranger asks you to fill in a survey, with a link or file to open \
             (“{words}”).",
    },
    means: Words {
        ja: "アンケートや調査への協力依頼は、リンクや添付ファイルを開かせたり、個人や組織の\
             情報を集めたりする口実に使われます。本物の調査も多いため、これだけでは弱いしる\
             しです。実施元の公式サイトに案内があるか確認してから回答してください。",
        en: "Requests to fill in a survey are a pretext to have a link or file opened, or to \
             collect data about people and the organisation. Many surveys are real, so this \
             is a weak sign alone. See whether the organiser’s own site announces it before \
             you answer.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "survey", Reach::Letter)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
}
