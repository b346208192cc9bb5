//! Baits with minutes, drafts of speeches, leaked or internal papers.
//!
//! One wants to see what one was not meant to see. Innocent is whoever takes minutes; papers of a
//! meeting that both sides held, and answers, are left out.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "theme-internal-document",
    clause: Some("theme-2"),
    group: Group::Theme,
    // Office life is made of it.
    points: 10,
    says: Words {
        ja: "議事録や原稿、内部資料などの興味を引く文書を開かせようとしています（「{words}」\
             ）。",
        en: "The mail offers minutes, a draft or internal papers to open (“{words}”).",
    },
    means: Words {
        ja: "心当たりのない議事録、演説の原稿、流出したとされる資料や内部文書は、好奇心を利\
             用して不正なファイルを開かせる標的型攻撃の題材です。実際に出席した会議の議事録\
             であれば問題ありません。覚えがない場合は開かずに、送信者に別の方法で確認してく\
             ださい。",
        en: "Minutes, speech drafts, leaked or internal papers that you did not expect play \
             on curiosity to have a file opened. The minutes of a meeting you attended are no \
             reason for doubt. Otherwise do not open it, and ask the sender by another way.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "internal-document", Reach::Letter)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "理事会の議事録をお送りします。",
            "流出資料を入手しましたのでご覧ください。",
            "大臣の演説原稿を添付いたします。",
            "内部文書のダウンロードはこちらです。",
            "The leaked documents can be downloaded; see the link.",
            "Please find the meeting minutes attached.",
            "A draft speech is enclosed.",
            "Confidential report: view it here.",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "昨日の打ち合わせの議事録をお送りします。",
            "議事録作成ツールのご案内です。",
            "弊社との定例の議事録を添付します。",
            "会議のアジェンダをお送りします。",
            "It takes thirty minutes; see the link.",
            "Notes of our meeting: the meeting minutes are attached.",
            "The minutes of the weekly call are in the archive.",
            "The report is public.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_without_anything_to_open() {
        silent(&INDICATOR, "Subject: x\n\nPlease find the meeting minutes attached.\n");
    }
}
