//! Offers company, potency or miracle cures.
//!
//! Such advertising leads to frauds and harmful files, and nobody at work asked for it. Innocent are
//! medicine, research, wellness programmes of employers, and news that mention such things: they
//! neither invite nor promise wonders. Dodged by pictures of text.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "adult-or-miracle-offer",
    clause: None,
    group: Group::Theme,
    // Advertising of honest shops comes near it.
    points: 15,
    says: Words {
        ja: "出会いや性的な内容、または効果をうたう薬・健康商品の宣伝です（「{words}」）。",
        en: "The mail advertises dating, sex or a miracle cure (“{words}”).",
    },
    means: Words {
        ja: "出会い、性的な内容、精力剤、痩身や痛みへの「驚きの効果」などをうたう宣伝です。業務と関係\
             がなく、リンク先で詐欺や不正なプログラムに誘導されることがあります。医療機関や福利厚生\
             の案内が似て見えることもあります。リンクは開かず、削除してください。",
        en: "It advertises company, sex, potency, or wonders against weight and pain. It has nothing to \
             do with work, and its links often lead to frauds and harmful files. Mail of clinics or \
             wellness programmes may look alike. Do not follow the link, and delete the mail.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "adult-or-miracle-offer", Reach::Unasked)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "Hot Ukrainian girls want to meet you. Click to see photos.",
            "Adult dating near you: join today.",
            "Treffen Sie heiße russische Singles, siehe Fotos!",
            "Rencontrez des filles ukrainiennes ce soir.",
            "Bigger erection in 3 minutes with one pill.",
            "Das Potenzmittel, das die Leistung verbessert.",
            "Doctors hate this trick against belly fat.",
            "Tinnitus? Try this 5-second ritual before it is too late.",
            "人妻と出会い系で今すぐ会えます。写真を見るにはクリック、video chat も無料。",
            "精力剤の通販はこちら。勃起力に効果があります。",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "健康診断のご案内です。メタボと診断された方は産業医にご相談ください。",
            "男女の出会いを支援する自治体のイベントのお知らせです。",
            "肩こりや関節痛の予防について、福利厚生の講座を開催します。",
            "The women of our team meet on Friday.",
            "A study finds that back pain is common among drivers.",
            "Join the women in tech meetup: see the hot topics and meet Ukrainian women leaders.",
            "A breakthrough in diabetes research: a natural way to lower blood sugar was found.",
            "I would like to get to know you better and talk about the position. Email me.",
            "Die Potenz einer Zahl lässt sich online berechnen.",
            "Wellness week: learn how to avoid headaches and lose weight.",
            "The secret of the headache was a null pointer.",
            "A talk on sexual harassment at work: women and men are invited to see it.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }
}
