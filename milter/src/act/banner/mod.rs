//! The words of the banner, as plain text and as HTML.
//!
//! Both say the same: what was noticed, most weighty first, and what to do. They state
//! observations, never an accusation, and name no sender. What a finding says may hold anything a
//! sender wrote: in HTML every character beyond letters, digits and a few marks is written as a
//! numeric reference, so that evidence cannot become markup and the banner is plain ASCII that fits
//! into any charset that has ASCII. Our own words stay within JIS X 0208, so that a mail in
//! ISO-2022-JP need not be recoded for them.

mod html;
mod inert;
pub(in crate::act) mod quoted;
mod text;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sekisho_config::{Actions, Language};
use sekisho_heuristics::inbound::{Assessment, Finding};
use sekisho_heuristics::indicator::is_unshowable;

pub(crate) use inert::inert;

/// A banner for one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    text: String,
    html: String,
}

impl Banner {
    /// Words for `assessment` in the language and with the number of reasons that are configured.
    pub fn new(assessment: &Assessment, actions: &Actions) -> Banner {
        let reasons = reasons(assessment);
        let shown = reasons.get(..actions.banner_reasons).unwrap_or(&reasons);
        let more = reasons.len() - shown.len();
        let sections: Vec<Section<'_>> = match actions.language {
            Language::Japanese => vec![&JAPANESE],
            Language::English => vec![&ENGLISH],
            Language::Both => vec![&JAPANESE, &ENGLISH],
        }
        .into_iter()
        .map(|words| Section { words, shown, more, rows: assessment.clauses })
        .collect();
        let contact = actions.banner_contact.trim();
        Banner { text: text::as_text(&sections, contact), html: html::as_html(&sections, contact) }
    }

    /// Plain text, lines separated by LF, of at most [`COLUMNS`] columns; no line ends with a blank.
    /// Ends with a rule of [`RULE`], without line end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// HTML, plain ASCII, lines of at most 998 characters separated by LF, one element.
    pub fn html(&self) -> &str {
        &self.html
    }
}

/// Widest line of the text form; a full-width character takes two columns.
pub const COLUMNS: usize = 72;

/// What the rules above and below the text form are made of.
pub const RULE: char = '-';

/// What is said in one language.
struct Section<'a> {
    words: &'static Words,
    shown: &'a [&'a Finding],
    more: usize,
    rows: usize,
}

struct Words {
    lang: &'static str,
    label: &'static str,
    title: &'static str,
    noticed: &'static str,
    rows: fn(usize) -> String,
    more: fn(usize) -> String,
    please: &'static str,
    todo: [&'static str; 3],
    bullet: &'static str,
    /// What stands for the dot of a host; see [`inert`].
    dot: &'static str,
    says: fn(&Finding) -> &str,
}

static JAPANESE: Words = Words {
    lang: "ja",
    label: "メールに関する注意",
    title: "【注意】このメールには、標的型攻撃メールに見られる特徴があります。",
    noticed: "確認された点",
    rows: |n| format!("（標的型攻撃メールの特徴 {n} 項目に該当）"),
    more: |n| format!("ほかに {n} 点あります。"),
    please: "お願い",
    todo: [
        "リンクや添付ファイルを開かないでください。",
        "このメールには返信せず、以前からご存じの電話番号など別の方法で送信者にご確認ください。",
        "システム管理者にお知らせください。",
    ],
    bullet: "・",
    dot: "．",
    says: |f| &f.ja,
};

static ENGLISH: Words = Words {
    lang: "en",
    label: "Caution about this message",
    title: "[Caution] This message shows signs that are seen in targeted attack mail.",
    noticed: "What was noticed",
    rows: |n| format!(" (matches {n} of the listed signs)"),
    more: |n| format!("and {n} more"),
    please: "What to do",
    todo: [
        "Do not open its links or attachments.",
        "Do not reply to it. Check with the sender another way, for example by a telephone number \
         you already know.",
        "Tell your system administrator.",
    ],
    bullet: "* ",
    dot: "[.]",
    says: |f| &f.en,
};

/// One finding per clause or, beyond the table, per indicator; most points first, as they come.
fn reasons(assessment: &Assessment) -> Vec<&Finding> {
    let mut told = BTreeSet::new();
    assessment.findings.iter().filter(|f| told.insert(f.clause.unwrap_or(f.id))).collect()
}

impl Section<'_> {
    fn says(&self, finding: &Finding) -> String {
        inert((self.words.says)(finding), self.words.dot)
    }

    fn noticed(&self) -> String {
        let rows = if self.rows > 0 { (self.words.rows)(self.rows) } else { String::new() };
        format!("{}{rows}", self.words.noticed)
    }

    fn more(&self) -> Option<String> {
        (self.more > 0 && !self.shown.is_empty()).then(|| (self.words.more)(self.more))
    }
}

/// `text` on one line, with what cannot be seen written out.
fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\r' | '\n' | '\t' => out.push(' '),
            c if is_unshowable(c) => {
                let _ = write!(out, "\\u{{{:04X}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_heuristics::decision::Decision;
    use sekisho_heuristics::indicator::Group;

    fn finding(id: &'static str, clause: Option<&'static str>, ja: &str) -> Finding {
        let (ja, en) = (ja.to_owned(), "An observation.".to_owned());
        Finding { id, clause, group: Group::Link, points: 20, evidence: String::new(), ja, en }
    }

    fn banner(findings: Vec<Finding>, language: Language, contact: &str) -> Banner {
        let assessment = Assessment {
            score: 50,
            clauses: 2,
            decision: Decision::Banner,
            findings,
            excused: Vec::new(),
            relief: Vec::new(),
            trusted: None,
            arrangement: None,
            problems: Vec::new(),
        };
        let mut actions = sekisho_config::Settings::default().actions;
        actions.language = language;
        actions.banner_contact = contact.to_owned();
        Banner::new(&assessment, &actions)
    }

    #[test]
    fn japanese_in_full() {
        let found = vec![
            finding("a", Some("body-3"), "リンクの表示と行き先が異なります。"),
            finding("b", Some("body-3"), "同じ項目の二つ目は出ません。"),
            finding("c", None, "返信先は差出人と別の組織です。"),
            finding("d", None, "三つ目です。"),
            finding("e", None, "四つ目は数だけ出ます。"),
        ];
        let expected = "\
----------------------------------------------------------------
【注意】このメールには、標的型攻撃メールに見られる特徴があります。

確認された点（標的型攻撃メールの特徴 2 項目に該当）
・リンクの表示と行き先が異なります。
・返信先は差出人と別の組織です。
・三つ目です。
・ほかに 1 点あります。

お願い
・リンクや添付ファイルを開かないでください。
・このメールには返信せず、以前からご存じの電話番号など別の方法で送信者に
  ご確認ください。
・システム管理者にお知らせください。

情報システム課 内線1234
----------------------------------------------------------------";
        let contact = " 情報システム課 内線1234 ";
        assert_eq!(banner(found, Language::Japanese, contact).text(), expected);
    }

    #[test]
    fn english_in_full() {
        let found = vec![finding("a", None, "")];
        let expected = "\
----------------------------------------------------------------
[Caution] This message shows signs that are seen in targeted attack
mail.

What was noticed (matches 2 of the listed signs)
* An observation.

What to do
* Do not open its links or attachments.
* Do not reply to it. Check with the sender another way, for example by
  a telephone number you already know.
* Tell your system administrator.
----------------------------------------------------------------";
        assert_eq!(banner(found, Language::English, "").text(), expected);
    }

    #[test]
    fn our_own_words_are_in_jis_x_0208() {
        for language in [Language::Japanese, Language::English, Language::Both] {
            let found = vec![finding("a", None, "あ"); 5];
            let banner = banner(found, language, "");
            let (bytes, _, lost) = encoding_rs::ISO_2022_JP.encode(banner.text());
            assert!(!lost);
            let (back, _, _) = encoding_rs::ISO_2022_JP.decode(&bytes);
            assert_eq!(back, banner.text());
            assert!(banner.html().is_ascii());
        }
    }

    #[test]
    fn lines_are_short_whatever_the_evidence() {
        for ja in ["あ".repeat(300), "a".repeat(500), "a。".repeat(90), "（".repeat(100)] {
            let banner = banner(vec![finding("a", None, &ja)], Language::Japanese, "");
            let columns = |l: &str| l.chars().map(text::width).sum::<usize>();
            let widest = banner.text().lines().map(columns).max();
            assert!(widest.is_some_and(|w| w <= COLUMNS + 2), "{widest:?}\n{}", banner.text());
            let joined: String = banner.text().lines().map(str::trim_start).collect();
            assert!(joined.contains(&ja));
            assert!(banner.html().lines().all(|l| l.len() <= 998));
        }
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        let banner = banner(vec![finding("a", None, "x\u{202E}y\nz")], Language::Japanese, "");
        assert!(banner.text().contains("・x\\u{202E}y z\n"));
        assert!(banner.html().contains(">x&#x5C;u&#x7B;202E&#x7D;y z<"));
    }
}
