//! A stranger asks for an interview, a lecture, a manuscript.
//!
//! Whoever deals with the public must read such a letter. Innocent are real journalists and
//! organisers; thanks, reports, published interviews and the words in other senses are left out.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "theme-interview-request",
    clause: Some("theme-1"),
    group: Group::Theme,
    // Journalists do ask.
    points: 10,
    says: Words {
        ja: "面識のない相手からの取材・講演・執筆の依頼で、リンクか添付ファイルがあります（\
             「{words}」）。",
        en: "A stranger asks for an interview, a lecture or an article, with a link or file \
             (“{words}”).",
    },
    means: Words {
        ja: "取材や講演、原稿の依頼は、受け取った人が開かざるを得ない題材として標的型攻撃に\
             使われます。実在する記者や団体の名をかたることもあります。本物の依頼も多いため\
             、添付ファイルやリンクを開く前に、その団体の公式サイトに載っている連絡先に確認\
             してください。",
        en: "Requests for interviews, lectures or articles are used in targeted attacks \
             because one must open them, often under the name of a real journalist or \
             society. Many are real; ask at the contact given on the organisation’s own site \
             before you open anything.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "interview-request", Reach::FirstLetter)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "突然のご連絡失礼いたします。貴社の新製品について取材のお願いです。",
            "インタビューをお願いしたく、企画書をお送りします。",
            "弊誌への寄稿をお願いできないでしょうか。",
            "講演のご依頼についてご相談です。",
            "We would like to interview your president for our magazine.",
            "We invite you as a keynote at our conference.",
            "Would you contribute an article to our journal?",
            "Are you available for an interview next week?",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "先日は取材にご協力いただきありがとうございました。",
            "取材記事を公開しましたので、ご確認をお願いいたします。",
            "山林での材料の取材についてご協力をお願いします。",
            "講演会のご案内です。ご検討ください。",
            "He refused the interview. Read the article here.",
            "Thank you for the interview yesterday.",
            "The interview of the day: prices are rising.",
            "The manuscript was published in 1987.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_answers_and_without_anything_to_open() {
        let letter = letter("Re: 取材", "取材のお願いです。");
        silent(&INDICATOR, format!("In-Reply-To: <a@own.example>\n{letter}"));
        silent(&INDICATOR, "Subject: x\n\nWe would like to interview you.\n");
    }
}
