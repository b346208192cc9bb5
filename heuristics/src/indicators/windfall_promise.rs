//! Promises money or things that nobody asked for, for a click or an answer.
//!
//! A prize, a gift card, an inheritance, a donation, funds to be released, coins given away, a
//! bonus of a casino. Honest shops hold draws and give points, and in Japan every day, so that in
//! Japanese only a stranger's fortune counts; a charity's or a company's news about sums is left
//! out. An answer or a list's thread that quotes is silent. Dodged by pictures of text.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "windfall-promise",
    clause: None,
    group: Group::Theme,
    // Honest lotteries and gift campaigns exist.
    points: 20,
    says: Words {
        ja: "心当たりのない当選・遺産・寄付・暗号資産の配布などを持ちかけ、返信やクリックを\
             求めています（「{words}」）。",
        en: "The mail promises a prize, money or coins that you did not ask for, if you click or \
             answer (“{words}”).",
    },
    means: Words {
        ja: "当選金、ギフト券、遺産、寄付金、暗号資産の無料配布などを受け取れると持ちかけ、個人情報\
             やカード情報を入力させたり、手数料を振り込ませたりする手口です。企業の正規の抽選や\
             アンケートの謝礼にも似た文面があります。応募した覚えがなければ、返信やリンクのクリック\
             はせず、削除してください。",
        en: "Prizes, gift cards, inheritances, donations and free coins are promised to make people \
             enter personal or card data or pay a fee first. Honest draws and thanks for surveys read \
             alike. If you did not enter for it, neither answer nor click, and delete the mail.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "windfall-promise", Reach::Unasked)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "Congratulations! You have won a $500 gift card. Click below to claim it.",
            "Your email address was selected: you are the winner of the lottery. Contact our agent to claim the sum.",
            "I am a widow and wish to donate the sum of 2,000,000 dollars to you. Kindly reply.",
            "Your inheritance of 10.5 million USD is ready. Send your full name to release the funds.",
            "I have a lucrative deal for both of us. Get back to me for more details.",
            "The airdrop is live. Check whether your wallet is eligible and connect it.",
            "100 free spins and a welcome bonus await you, no deposit required!",
            "Herzlichen Glückwunsch! Sie wurden ausgewählt für einen Gutschein im Wert von 500 €. Jetzt teilnehmen.",
            "Gefeliciteerd! U bent gekozen en krijgt een cadeaukaart. Klik hier.",
            "Félicitations, vous avez gagné un bon d’achat de 1000 €. Cliquez ici.",
            "¡Felicidades! Ha ganado un premio. Haga clic aquí para recibirlo.",
            "Parabéns! Você ganhou um vale-presente. Clique aqui para resgatar.",
            "亡き夫が残した遺産500万ドルを、あなたに譲渡したいと考えております。ご返信をお待ちしております。",
            "宝くじの当選金1億円の受取人に選ばれました。お受け取りのため、ご連絡ください。",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "ポイント5倍キャンペーン実施中！抽選で100名様にギフト券をプレゼントいたします。ぜひご応募ください。",
            "アンケートにご回答いただいた方に、抽選で図書カードを進呈いたします。",
            "ご当選おめでとうございます。先日ご応募いただいた賞品を発送いたしました。",
            "相続税セミナーのご案内です。遺産が1億円を超える場合の対策を、税理士があなたに解説します。",
            "The foundation announced a donation of 3 million dollars to the hospital.",
            "Our team won the award for best paper at the conference.",
            "The company reported revenue of 20 million dollars for the quarter; contact us for the annual report.",
            "The job claims a token from the queue before it starts.",
            "Your gift card order has been shipped. Thank you for your purchase.",
            "Employees may work from home two days per week; contact your manager to confirm.",
            "A cooperation would be mutually beneficial. If you are interested, contact me.",
            "Use AirDrop to send the photos: click the device and receive the file.",
            "Estate planning: how an inheritance of more than 1 million dollars is taxed. Contact us.",
            "Please register for one of the time slots; VIP guests deposit their coats at gate 2.",
            "Wir haben den Auftrag von Bosch gewonnen! Klicken Sie hier zur Teilnahme an der Feier.",
            "Please claim your travel expenses by Friday.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn fires_without_a_link_and_in_the_subject_alone() {
        fires(
            &INDICATOR,
            "Subject: hello\n\nA donation of 1,000,000 euros was made for you. Reply.\n",
        );
        fires(&INDICATOR, letter("You have won a gift card", "-"));
    }

    #[test]
    fn silent_for_answers_and_threads_that_quote() {
        let talk =
            "\n\nI have a lucrative deal, he writes. Get back to me.\n\n> What did he want?\n";
        let answer = "Subject: Re: hello\nIn-Reply-To: <1@example.com>";
        silent(&INDICATOR, format!("{answer}{talk}"));
        let list = "Subject: hello\nList-Post: <mailto:dev@lists.example.org>";
        silent(&INDICATOR, format!("{list}{talk}"));
        fires(&INDICATOR, format!("Subject: Re: hello{talk}"));
        fires(&INDICATOR, format!("{answer}\n\nI have a lucrative deal. Get back to me.\n"));
    }
}
