//! Speaks to all staff about pay, posts or plans, or sends a file again, from outside.
//!
//! What concerns everybody is opened by everybody. Innocent are outside payroll and training
//! services (name their domains as partners); answers, quotations worked out again and office moves
//! are left out.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find, is_answer};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "theme-organisation-notice",
    clause: Some("theme-4"),
    group: Group::Theme,
    // Odd from outside, but suppliers and portals write so too.
    points: 15,
    says: Words {
        ja: "組織全体への通知（人事・給与・計画など）や資料の再送・差し替えを装う内容が、外\
             部から届いています（「{words}」）。",
        en: "A notice to all staff (personnel, pay, plans) or a file “sent again” comes from \
             outside (“{words}”).",
    },
    means: Words {
        ja: "人事異動、給与や賞与、組織変更、年度計画といった全員に関わる知らせや、「資料を\
             差し替えてください」という連絡は、社内のメールを装って不正なファイルを開かせる\
             手口に使われます。社内の知らせが外部から届くことは通常ありません。給与計算や研\
             修を委託している会社からのこともあるため、担当部署に確認してください。",
        en: "News for everybody - personnel, pay, bonus, reorganisation, plans - or a request \
             to replace a file imitates internal mail to have a harmful file opened. Internal \
             news does not normally come from outside. It may be a contractor for payroll or \
             training; ask the department in charge.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    if is_answer(mail) {
        return None;
    }
    find(mail, facts, "organisation-notice", Reach::Stranger)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, look_with, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "社員各位 来期の人事異動についてお知らせします。",
            "全職員の皆様へ 冬の賞与の支給額を掲載しました。",
            "従業員各位 組織変更に伴う新しい年度計画を添付します。",
            "先ほどの資料に誤りがありましたので、添付ファイルの差し替えをお願いいたします。",
            "会議の資料を再送いたします。",
            "To all employees: the new salary table is attached.",
            "Dear colleagues, your performance review is ready.",
            "Please replace the file I sent this morning.",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "お見積書を再送いたします。添付をご確認ください。",
            "再計算した見積の資料を再送いたします。",
            "事務所移転のお知らせです。書類の送付先の差し替えをお願いします。",
            "給与計算の講座のご案内です。",
            "お取引先各位 年末年始休業のお知らせ",
            "The corrected version of the patch is attached as a file.",
            "We offer payroll software for small firms.",
            "Salary negotiations are in the news.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_partners_and_answers() {
        let text = letter("-", "社員各位 人事異動について");
        let partner = |settings: &mut sekisho_config::Settings| {
            settings.filter.partner_domains = vec!["stranger.example".into()];
        };
        assert_eq!(look_with(&INDICATOR, text, partner, |_| {}), None);
        let answer = letter("Re: 資料の件", "資料を再送いたします。");
        silent(&INDICATOR, format!("In-Reply-To: <a@own.example>\n{answer}"));
        fires(&INDICATOR, answer);
    }
}
