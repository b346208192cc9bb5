//! Threatens to publish what was spied out, and wants to be paid in coins.
//!
//! Somebody says that he broke into the reader's device, recorded him, and will send it to all his
//! contacts. All three must stand there: the deed, what he holds, the coin. Innocent are warnings of
//! such mail, which call it by its name, and talk of intrusions that asks for no money. Dodged by
//! pictures of text.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "extortion-threat",
    clause: None,
    group: Group::Theme,
    // Reports and training quote it; with any second sign it warns.
    points: 25,
    says: Words {
        ja: "端末への侵入や録画をほのめかし、暗号資産での支払いを要求しています（「{words}」）。",
        en: "The mail says that your device was broken into and asks to be paid in coins \
             (“{words}”).",
    },
    means: Words {
        ja: "「端末に侵入した」「あなたを録画した」「知人に送る」などと脅し、ビットコインなどを\
             支払わせようとするメールです。同じ文面が無差別に送られており、実際に侵入や録画をした\
             例はほとんどありません。支払いも返信もせず、情報システム担当にお知らせください。\
             このような手口を紹介する注意喚起のメールが似て見えることもあります。",
        en: "Such mail claims a break-in and a recording and threatens to show it to friends and \
             colleagues unless coins are paid. It goes to everybody in the same words, and hardly ever \
             is anything behind it. Do not pay or answer; tell your IT staff. A warning of such mail \
             may read alike.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "extortion-threat", Reach::Unasked)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "I hacked your device and recorded you through your webcam. Send 900 USD in Bitcoin within 48 hours.",
            "I have gained access to your devices. Your contacts will get the video of you unless you pay in BTC.",
            "Ich habe Ihr Gerät gehackt und Ihre Webcam eingeschaltet. Zahlen Sie in Bitcoin.",
            "J’ai piraté votre ordinateur et filmé avec votre webcam. Payez en bitcoin.",
            "He hackeado su equipo y tengo un video suyo. Pague en bitcoin.",
            "Invadi seu computador e gravei com sua webcam. Pague em bitcoin.",
            "あなたのデバイスに侵入し、アダルトサイトを見ている様子を録画しました。48時間以内にビットコインで支払ってください。",
            "端末をハッキングしました。連絡先全員に動画を送られたくなければ、暗号資産を送金してください。",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "「あなたを録画した」とビットコインを要求する脅迫メールが届いています。デバイスに侵入したという内容は虚偽です。",
            "当社のサーバーがハッキングされました。連絡先に送られた不審なメールは開かないでください。",
            "ビットコインの相場が上がっています。カメラで録画したセミナーの動画を公開しています。",
            "A warning about sextortion: mails say “I hacked your device and recorded you” and want Bitcoin.",
            "The trojan switches the webcam on; an analysis is attached.",
            "The conference was recorded. Bitcoin donations are welcome.",
            "Somebody hacked your demo: nice work on the driver of your camera.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }
}
