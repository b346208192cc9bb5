//! Tells of a charge that the reader did not make, and gives a number to call to undo it.
//!
//! A subscription "was renewed" for some hundred dollars; who calls is led to let a stranger into his
//! computer or to name his account. There is neither link nor file to be found, only the number.
//! Innocent are receipts of real shops: they seldom ask to call, and mail of partners is left out.
//! Dodged by pictures and PDFs of the invoice.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "charge-to-call-about",
    clause: None,
    group: Group::Theme,
    // Honest shops confirm orders and name a telephone too.
    points: 15,
    says: Words {
        ja: "契約の更新や請求があったと伝え、取り消しのための電話をかけさせようとしています（\
             「{words}」）。",
        en: "The mail tells of a renewal or charge and wants you to call to undo it (“{words}”).",
    },
    means: Words {
        ja: "身に覚えのない更新料や購入代金を請求したと伝え、取り消しのために電話をかけさせる手口\
             です。電話をかけると、遠隔操作ソフトを入れさせられたり、口座情報を聞き出されたりします。\
             実際に契約しているサービスの領収書にも似た文面があります。記載の番号にはかけず、公式\
             サイトの連絡先で確認してください。",
        en: "A charge that nobody made is told of so that people call. Who calls is asked to let a \
             stranger into the computer, or for account numbers. Receipts of services you do use may \
             read alike. Do not call the number in the mail; look it up on the official site.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "charge-to-call-about", Reach::Unasked)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "Your antivirus subscription has been renewed for $399. To cancel, call our helpline at 555-0100.",
            "Your account will be debited within 24 hours for Norton. Toll free: 555-0100.",
            "Your PC protection is set for automatic renewal. For a refund reach us at 555-0100.",
            "Ihr Abo wurde verlängert. Zum Stornieren rufen Sie an: 555-0100.",
            "サービスは自動更新されました。取り消しをご希望の場合は、03-0000-0000までお電話ください。",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "Your subscription has been renewed. You can change it in your settings at any time.",
            "Thank you for your order. It will be shipped tomorrow.",
            "The licence has been renewed; the helpline is open from nine to five.",
            "Order confirmation. Paid with PayPal. To cancel the order, call us at 555-0100.",
            "Your card will be charged at check-in. To cancel free of charge, call us.",
            "Please call me about the meeting, or cancel it.",
            "ご契約は自動更新されました。ご利用ありがとうございます。",
            "ご不明な点は、コールセンターまでお電話ください。",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }
}
