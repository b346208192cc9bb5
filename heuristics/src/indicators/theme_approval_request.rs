//! Asks to approve or sign something, or to confirm a payment.
//!
//! It sounds like work that waits, and costs one click. Innocent are workflow and signature
//! services and partners' accounts; approvals already given and payments received are left out.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::home::leads_home;
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "theme-approval-request",
    clause: Some("theme-5"),
    group: Group::Theme,
    // Office life is made of it.
    points: 10,
    says: Words {
        ja: "承認・署名や支払いの確認を求め、リンクか添付ファイルを開かせようとしています（\
             「{words}」）。",
        en: "The mail asks you to approve, sign or confirm something and has a link or file \
             (“{words}”).",
    },
    means: Words {
        ja: "承認依頼や電子署名の依頼、支払いの確認を装って、偽のログイン画面や不正なファイ\
             ルを開かせる手口があります。電子契約サービスや取引先からの正当な依頼のこともあ\
             ります。身に覚えのない依頼であれば、開く前に、既に知っている連絡先で相手に確認\
             してください。",
        en: "Requests to approve, to sign or to confirm a payment are imitated to make people \
             open a false log-in page or a harmful file. Signature services and partners send \
             real ones. If you do not expect it, ask at a contact you already know before you \
             open anything.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "approval-request", Reach::Bait).filter(|_| !leads_home(mail, facts))
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "経費の申請が届いています。至急、承認をお願いいたします。",
            "電子契約の署名依頼が届いています。契約書をご確認ください。",
            "請求書の件、決裁をお願いいたします。",
            "送金をお願いしたく、請求書をお送りします。",
            "Please review and sign the attached document.",
            "Your approval required: purchase order 1234, please approve.",
            "Please confirm the payment; the swift copy is attached.",
            "Invoice 4711 is overdue.",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "先日の申請は承認されました。",
            "請求書の承認済みの控えをお送りします。",
            "ご入金ありがとうございました。入金を確認いたしました。",
            "契約書をご署名いただきありがとうございました。",
            "Your expense report has been approved; please find attached the document.",
            "Thank you for your payment. Payment received for the invoice, please find attached the receipt.",
            "Signed-off-by: A B, please approve the patch to this document.",
            "See the documentation for details.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }
}
