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
    find(mail, facts, "interview-request", Reach::Letter)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
}
