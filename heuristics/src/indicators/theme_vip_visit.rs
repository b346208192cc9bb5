//! Baits with the visit of a minister, a head of state, the imperial family, a governor.
//!
//! Innocent are protocol offices and embassies; prizes and licences that bear a minister's name,
//! and salesmen's visits, are left out.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "theme-vip-visit",
    clause: Some("theme-2"),
    group: Group::Theme,
    // Visits do happen.
    points: 10,
    says: Words {
        ja: "要人の訪問や来日に関する情報を題材に、リンクか添付ファイルを開かせようとしてい\
             ます（「{words}」）。",
        en: "The mail tells of the visit of an important person and has a link or file to \
             open (“{words}”).",
    },
    means: Words {
        ja: "大臣や知事、外国の首脳、皇室などの訪問に関する情報は、思わず開きたくなる題材と\
             して標的型攻撃に使われてきました。実際に受け入れを担当している場合を除き、添付\
             ファイルやリンクを開く前に、送信者に別の方法で確認してください。",
        en: "News of the visit of a minister, a governor, a head of state or the imperial \
             family has been used as bait in targeted attacks. Unless you are in charge of \
             such a visit, ask the sender by another way before you open the file or link.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "vip-visit", Reach::Letter)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "来月の大臣の視察について、日程をお送りします。",
            "知事が貴所を訪問されます。",
            "天皇皇后両陛下の行幸啓に関する資料です。",
            "大統領の来日に伴う警備のご連絡です。",
            "The prime minister will visit your city next week.",
            "Schedule of the visit of the ambassador",
            "The crown prince plans an official visit.",
            "Inspection tour by the foreign minister",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "来週、営業担当が御社を訪問いたします。",
            "経済産業大臣賞を受賞しました。ご来社の皆様に感謝します。",
            "知事許可を受けた訪問介護の事業所です。",
            "弊社社長が来社の予定です。",
            "The cpufreq governor changed; visit to see the graph.",
            "Visit our website for details.",
            "The president of our club will visit the fair.",
            "The minister gave a speech.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }
}
