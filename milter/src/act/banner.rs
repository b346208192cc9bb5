//! The words of the banner, as plain text and as HTML.
//!
//! Both say the same: what was noticed, most weighty first, and what to do. They state
//! observations, never an accusation, and name no sender. What a finding says may hold anything a
//! sender wrote: in HTML every character beyond letters, digits and a few marks is written as a
//! numeric reference, so that evidence cannot become markup and the banner is plain ASCII that fits
//! into any charset that has ASCII. Our own words stay within JIS X 0208, so that a mail in
//! ISO-2022-JP need not be recoded for them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sekisho_config::{Actions, Language};
use sekisho_heuristics::inbound::{Assessment, Finding};
use sekisho_heuristics::indicator::is_unshowable;

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
        Banner { text: as_text(&sections, contact), html: as_html(&sections, contact) }
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
    says: |f| &f.en,
};

/// One finding per clause or, beyond the table, per indicator; most points first, as they come.
fn reasons(assessment: &Assessment) -> Vec<&Finding> {
    let mut told = BTreeSet::new();
    assessment.findings.iter().filter(|f| told.insert(f.clause.unwrap_or(f.id))).collect()
}

impl Section<'_> {
    fn noticed(&self) -> String {
        let rows = if self.rows > 0 { (self.words.rows)(self.rows) } else { String::new() };
        format!("{}{rows}", self.words.noticed)
    }

    fn more(&self) -> Option<String> {
        (self.more > 0 && !self.shown.is_empty()).then(|| (self.words.more)(self.more))
    }
}

fn as_text(sections: &[Section<'_>], contact: &str) -> String {
    let rule: String = std::iter::repeat_n(RULE, COLUMNS - 8).collect();
    let mut out = format!("{rule}\n");
    for (at, section) in sections.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let bullet = section.words.bullet;
        wrap(&mut out, "", section.words.title);
        if !section.shown.is_empty() {
            out.push('\n');
            wrap(&mut out, "", &section.noticed());
            for finding in section.shown {
                wrap(&mut out, bullet, (section.words.says)(finding));
            }
            if let Some(more) = section.more() {
                wrap(&mut out, bullet, &more);
            }
        }
        out.push('\n');
        wrap(&mut out, "", section.words.please);
        for todo in section.words.todo {
            wrap(&mut out, bullet, todo);
        }
    }
    if !contact.is_empty() {
        out.push('\n');
        wrap(&mut out, "", contact);
    }
    out.push_str(&rule);
    out
}

/// Appends `text` in lines of at most [`COLUMNS`] columns. Lines after the first are indented by
/// two columns where there is a bullet. English breaks at blanks, Japanese anywhere but before a
/// mark that may not begin a line.
fn wrap(out: &mut String, bullet: &str, text: &str) {
    let indent = if bullet.is_empty() { "" } else { "  " };
    let text = shown(text);
    let mut line = bullet.to_owned();
    let mut columns: usize = bullet.chars().map(width).sum();
    for piece in pieces(&text) {
        let piece_columns: usize = piece.trim_end().chars().map(width).sum();
        if columns + piece_columns > COLUMNS && columns > indent.len() {
            out.push_str(line.trim_end());
            out.push('\n');
            line.clear();
            line.push_str(indent);
            columns = indent.len();
        }
        line.push_str(piece);
        columns += piece.chars().map(width).sum::<usize>();
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

/// Cuts `text` where a line may be broken. A run of letters longer than half a line is cut too.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut columns) = (0, 0);
    let mut before = None;
    for (at, c) in text.char_indices() {
        let breaks = match before {
            None => false,
            Some(' ') => c != ' ',
            Some(b) => {
                (width(b) == 2 || width(c) == 2) && !NOT_FIRST.contains(c) && !NOT_LAST.contains(b)
            }
        };
        if breaks || columns >= COLUMNS / 2 {
            pieces.extend(text.get(start..at));
            (start, columns) = (at, 0);
        }
        columns += width(c);
        before = Some(c);
    }
    pieces.extend(text.get(start..));
    pieces
}

/// Marks that do not begin a line of Japanese, and those that do not end one.
const NOT_FIRST: &str =
    "、。，．・：；？！）」』】〕〉》］｝ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}";
const NOT_LAST: &str = "（「『【〔〈《［｛([{";

/// Columns of a character in a fixed-width font, as Japanese mailers count.
fn width(c: char) -> usize {
    match c {
        '\u{0}'..='\u{10FF}' | '\u{1160}'..='\u{200F}' | '\u{FF61}'..='\u{FFDC}' => 1,
        _ => 2,
    }
}

fn as_html(sections: &[Section<'_>], contact: &str) -> String {
    let mut out = String::with_capacity(12 << 10);
    let label: Vec<&str> = sections.iter().map(|s| s.words.label).collect();
    out.push_str("<div role=\"region\" dir=\"ltr\" aria-label=\"");
    escape(&mut out, &label.join(" / "));
    let _ = write!(
        out,
        "\" style=\"{SHOWN};{FRAME}\">\n\
         <table {TABLE} style=\"{SHOWN};{BOX}\">\n\
         <tbody style=\"{SHOWN};{ROWS}\">\n"
    );
    for (at, section) in sections.iter().enumerate() {
        begin_row(&mut out, at == 0, section.words.lang);
        line(&mut out, TITLE, section.words.title);
        if !section.shown.is_empty() {
            line(&mut out, HEADING, &section.noticed());
            let more = section.more();
            let findings = section.shown.iter().map(|f| (section.words.says)(f));
            list(&mut out, findings.chain(more.as_deref()));
        }
        line(&mut out, HEADING, section.words.please);
        list(&mut out, section.words.todo.into_iter());
        out.push_str("</td></tr>\n");
    }
    if !contact.is_empty() {
        begin_row(&mut out, false, sections.first().map_or("ja", |s| s.words.lang));
        line(&mut out, CONTACT, contact);
        out.push_str("</td></tr>\n");
    }
    out.push_str("</tbody></table></div>");
    out
}

fn begin_row(out: &mut String, first: bool, lang: &str) {
    let next = if first { String::new() } else { format!(";{NEXT}") };
    let _ = write!(
        out,
        "<tr style=\"{SHOWN};{ROW}\">\n\
         <td lang=\"{lang}\" align=\"left\" style=\"{SHOWN};{CELL}{next}\">\n"
    );
}

fn line(out: &mut String, style: &str, text: &str) {
    let _ = writeln!(out, "<div style=\"{SHOWN};{style}\">");
    escape(out, text);
    out.push_str("</div>\n");
}

fn list<'t>(out: &mut String, items: impl Iterator<Item = &'t str>) {
    let _ = writeln!(out, "<ul style=\"{SHOWN};{LIST}\">");
    for item in items {
        // The line end stands inside the tag: behind it, it would be seen.
        let _ = write!(out, "<li\nstyle=\"{SHOWN};{ITEM}\">");
        escape(out, item);
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n");
}

/// Appends `text` so that it is text and nothing else, in any context and any charset with ASCII.
fn escape(out: &mut String, text: &str) {
    let mut since_line_end = 0;
    for c in shown(text).chars() {
        let before = out.len();
        match c {
            'a'..='z'
            | 'A'..='Z'
            | '0'..='9'
            | ' '
            | '.'
            | ','
            | ':'
            | '/'
            | '-'
            | '_'
            | '('
            | ')' => {
                out.push(c);
            }
            c => {
                let _ = write!(out, "&#x{:X};", u32::from(c));
            }
        }
        since_line_end += out.len() - before;
        if since_line_end > LONGEST_RUN {
            // A line may have 998 bytes; a line end in the text itself would be seen as a blank.
            out.push_str("<!--\n-->");
            since_line_end = 0;
        }
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

const LONGEST_RUN: usize = 600;

// Inline and `!important`, so that no style sheet of the mail can hide or disguise the banner.
// Foreground and background are both given, for clients that change one of them in dark mode.

/// What every element of the banner has.
const SHOWN: &str = "visibility:visible!important;opacity:1!important;\
    position:static!important;float:none!important;transform:none!important;\
    text-align:left!important;text-indent:0!important;text-transform:none!important;\
    background:#fff6dc!important;color:#332600!important";
const FRAME: &str = "display:block!important;clear:both!important;overflow:visible!important;\
    width:auto!important;max-width:none!important;height:auto!important;\
    max-height:none!important;margin:0 0 16px 0!important;padding:0!important";
const TABLE: &str = "role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" \
    border=\"0\" bgcolor=\"#fff6dc\"";
const BOX: &str = "display:table!important;width:100%!important;max-width:none!important;\
    height:auto!important;margin:0!important;border-collapse:separate!important;\
    border:1px solid #c98a00!important;border-left:6px solid #c98a00!important;\
    border-radius:4px!important";
const ROWS: &str = "display:table-row-group!important";
const ROW: &str = "display:table-row!important";
const CELL: &str = "display:table-cell!important;padding:12px 16px!important;\
    white-space:normal!important;word-break:normal!important;overflow-wrap:anywhere!important;\
    font-family:'Hiragino Sans','Yu Gothic',Meiryo,'Noto Sans JP',sans-serif!important;\
    font-size:14px!important;line-height:1.6!important;letter-spacing:normal!important";
/// Added to [`CELL`] in every row but the first.
const NEXT: &str = "border-top:1px solid #e3bf62!important";
const TITLE: &str = "display:block!important;margin:0!important;font-size:15px!important;\
    font-weight:bold!important";
const HEADING: &str = "display:block!important;margin:8px 0 0 0!important;\
    font-size:14px!important;font-weight:bold!important";
const LIST: &str = "display:block!important;margin:2px 0 0 0!important;\
    padding:0 0 0 20px!important;list-style:disc outside!important";
/// Blanks are kept: a file name may be padded with them.
const ITEM: &str = "display:list-item!important;margin:0!important;padding:0!important;\
    white-space:pre-wrap!important;font-size:14px!important";
const CONTACT: &str = "display:block!important;margin:0!important;font-size:14px!important";

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
            let columns = |l: &str| l.chars().map(width).sum::<usize>();
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
