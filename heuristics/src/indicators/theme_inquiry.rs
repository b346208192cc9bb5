//! A stranger asks or complains about a product.
//!
//! Complaints are opened at once. Innocent is every customer; confirmations that an inquiry was
//! received and contact lines in signatures are left out.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "theme-inquiry",
    clause: Some("theme-1"),
    group: Group::Theme,
    // Every honest customer begins so: the least a row has.
    points: 5,
    says: Words {
        ja: "面識のない相手からの製品・サービスについての問い合わせや苦情で、リンクか添付フ\
             ァイルがあります（「{words}」）。",
        en: "A stranger asks or complains about a product, with a link or file to open \
             (“{words}”).",
    },
    means: Words {
        ja: "製品についての問い合わせや苦情を装い、写真や資料と称して不正なファイルやリンク\
             を開かせる手口があります。本物のお客様からの連絡も同じ形で届くため、これだけで\
             は弱いしるしです。添付ファイルの種類を確かめ、不審な点があれば開く前に返信で内\
             容を尋ねてください。",
        en: "Questions and complaints about products are imitated to have a “photo” or \
             “document” opened. Real customers write the same way, so this is a weak sign \
             alone. Look at the kind of file, and ask back before you open it if anything is \
             odd.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "inquiry", Reach::FirstLetter)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "貴社の製品についてお伺いしたいことがあります。",
            "先日購入した商品が不良品でした。写真をご覧ください。",
            "御社の製品の故障について、返金をお願いします。",
            "商品に異物が入っていました。",
            "We are interested in your products, please send the price list.",
            "I have an inquiry about your product.",
            "I want a refund for your product.",
            "Complaint about your company: the item is faulty.",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "お問い合わせいただきありがとうございます。商品について回答いたします。",
            "製品に関するお問い合わせ先は下記のとおりです。",
            "特許のクレームについて、製品との対比表をお送りします。",
            "新製品のご案内です。",
            "Thank you for contacting us about your product.",
            "If you have any questions about your product, see the manual.",
            "The driver for the faulty device needs a patch in products like this.",
            "Our products are in the catalogue.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }
}
