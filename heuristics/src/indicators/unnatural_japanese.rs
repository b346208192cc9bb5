//! Japanese prose with several errors that native writers do not make.
//!
//! The row asks for a feeling; this measures what can be shown: broken endings and particles, kana
//! that are missing or lack their mark, kanji in the place of katakana, lost characters, blanks and
//! marks in wrong places. Each error is shown. Innocent: people who learn Japanese, and translated
//! notices, hence few points; one slip, which everybody makes, is silent. Dodged by copying honest
//! mail, which most attackers do, and by machines that write well.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::japanese::slips;
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "unnatural-japanese",
    clause: Some("body-1"),
    group: Group::Text,
    // A row of the table, and errors that are shown; writers whose Japanese is learnt are why it is
    // not more.
    points: 20,
    says: Words {
        ja: "日本語として不自然な箇所が複数あります（{evidence}）。",
        en: "The Japanese reads unnaturally in several places ({evidence}).",
    },
    means: Words {
        ja: "助詞や語尾の誤り、濁点の抜け、単語の途中の空白、形の似た別の文字など、日本語を母語とする人が\
             書かない誤りが複数あります。海外で作られた標的型攻撃メールやフィッシングメールによく見られ\
             ます。外国の取引先や翻訳されたお知らせでも起こるため、差出人に心当たりがあるか確認してください。",
        en: "Several errors are of a kind that native writers do not make: wrong particles or endings, \
             missing voiced marks, blanks inside words, characters that only look right. They are common \
             in attacks made abroad. Partners abroad and translated notices have them too, so ask \
             yourself whether you know the sender.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let lists = &facts.settings.lists;
    // A mail's plain text says what its HTML says; the errors of both would be the same ones, but
    // not its length.
    let texts = mail.texts();
    let any_html = texts.iter().any(|text| text.html && text.message == 0);
    let shown = texts.iter().filter(|text| text.html == any_html || text.message != 0);
    let prose = [mail.subject()].into_iter().chain(shown.map(|text| text.own()));
    let errors = slips::errors(prose, &lists.broken_japanese, &lists.translated_japanese)?;
    let shown = errors.verdict()?;
    let first: Vec<String> = shown.iter().take(SHOWN).map(|words| format!("「{words}」")).collect();
    Some(Evidence::new(first.concat()))
}

/// Errors told in the banner.
const SHOWN: usize = 4;
