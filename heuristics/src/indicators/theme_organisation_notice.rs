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
    use crate::indicator::check::{fires, silent};
}
