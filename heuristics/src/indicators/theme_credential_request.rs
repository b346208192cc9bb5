//! Wants ID, password, card or account data entered or confirmed.
//!
//! A bank, a shop or "the administrator" says that an account, a card or a mailbox is suspended,
//! full or misused, and that one must log in and confirm. Innocent services do write when a card
//! expires or a log-in is unusual; what they answer (a reset that was asked for, a registration) is
//! left out. Needs neither link nor file, since many ask for the password by return. Dodged by
//! pictures of text, and by stories that no list knows yet.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "theme-credential-request",
    clause: Some("theme-6"),
    group: Group::Theme,
    points: 25,
    says: Words {
        ja: "アカウントやカードの停止・異常などを理由に、ログインや情報の入力・確認を求めて\
             います（「{words}」）。",
        en: "The mail asks you to log in or to enter or confirm account, card or personal \
             data (“{words}”).",
    },
    means: Words {
        ja: "「アカウントを停止した」「不正利用を検知した」「容量が上限に達した」などと不安\
             をあおり、ID、パスワード、カード番号などを入力させるのは、フィッシングの典型的\
             な手口です。実在のサービスが同じような通知を送ることもあります。メールのリンク\
             は開かず、いつも使っているブックマークや公式アプリから確認してください。",
        en: "To say that an account is suspended, a card misused or a mailbox full, and to \
             have ID, password or card number entered, is the usual way of phishing. Real \
             services send such notices too. Do not follow the link; open the service from \
             your own bookmark or its app and look there.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "credential-request", Reach::Anybody)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
}
