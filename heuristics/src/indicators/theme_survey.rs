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
    // Most surveys are honest: the least a row has.
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
    find(mail, facts, "survey", Reach::FirstLetter)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "業務改善に関するアンケートにご協力ください。",
            "企業の実態調査へのご回答をお願いいたします。",
            "調査票にご記入のうえ、ご返送ください。",
            "お客様満足度調査のご協力のお願い",
            "Please take our survey.",
            "Complete this questionnaire and win a prize.",
            "We ask you to participate in a customer survey.",
            "Fill out the attached questionnaire.",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "アンケートにご協力いただき誠にありがとうございました。",
            "アンケート結果をまとめましたので、ご参加ください。",
            "地盤調査の報告書をお送りします。ご回答をお願いします。",
            "アンケート機能の使い方をご紹介します。",
            "The survey results are in, take the full report here.",
            "According to a survey, most people take the train.",
            "A land survey was done; complete the form.",
            "We did a survey of the literature.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_in_the_lower_half_of_newsletters() {
        let text = format!("{}\nアンケートにご協力ください。", "今月の特集です。\n".repeat(20));
        let newsletter = format!("List-Unsubscribe: <https://a.example/>\n{}", letter("-", &text));
        silent(&INDICATOR, newsletter);
        fires(&INDICATOR, letter("-", &text));
    }
}
