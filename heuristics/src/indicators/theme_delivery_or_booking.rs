//! Tells of a parcel that waits or costs, or of a flight or hotel that was booked.
//!
//! Nobody knows for certain that nothing was ordered, so the link is opened to see. Innocent are
//! carriers, shops and travel agencies; dispatch notes without a difficulty, deliveries between
//! partners and meeting rooms are left out.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::home::{leads_home, leads_to_carriers};
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "theme-delivery-or-booking",
    clause: Some("theme-5"),
    group: Group::Theme,
    // Real parcels and bookings read the same.
    points: 15,
    says: Words {
        ja: "荷物の配達や関税、航空券・宿泊の予約についての連絡で、リンクか添付ファイルを開\
             かせようとしています（「{words}」）。",
        en: "The mail tells of a parcel, a customs fee or a booking and has a link or file to \
             open (“{words}”).",
    },
    means: Words {
        ja: "身に覚えのない荷物の不在通知や配達の保留、関税の請求、航空券やホテルの予約確認\
             は、リンクや添付ファイルを開かせる口実としてよく使われます。本物の宅配会社や旅\
             行会社からの連絡のこともあります。心当たりがあるときも、メールのリンクではなく\
             、公式サイトで伝票番号や予約番号を入力して確認してください。",
        en: "A parcel that could not be delivered, a customs fee or a booking nobody made is \
             a common pretext to have a link or file opened. Carriers and travel agencies do \
             send such mail. Even if you expect something, look it up by its number on the \
             official site instead of following the link.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "delivery-or-booking", Reach::Bait)
        .filter(|_| !leads_home(mail, facts) && !leads_to_carriers(mail))
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "お荷物をお届けできませんでした。下記より再配達をご依頼ください。",
            "国際郵便物の関税が未払いのため保管しております。",
            "宅急便の宛先不明のため持ち帰りました。",
            "航空券の予約確認をお送りします。",
            "ホテルのご予約内容をご確認ください。",
            "Your package could not be delivered because of an incomplete address.",
            "Your shipment is held at customs. Pay the clearance fee.",
            "Flight booking confirmation: your itinerary is below.",
            "Seu pedido foi retido na alfândega.",
            "Ihr Paket konnte nicht zugestellt werden.",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "ご注文の商品を本日発送いたしました。",
            "先月分の納品が完了しました。荷物の返送は不要です。納品書をご確認ください。",
            "会議室の予約を確認しました。",
            "メール配送が停止しています。",
            "The debian package could not be installed; a package is pending in the kernel tree.",
            "Mail delivery failed: returning message to sender.",
            "The meeting room booking is confirmed.",
            "Delivery of the goods is on schedule.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }
}
