//! The banner as HTML: one element, plain ASCII, safe against whatever it quotes and whatever style
//! sheet it comes to stand beside.

use std::fmt::Write as _;

use super::{Section, shown};

/// A table with a row for each section; see [`super::Banner::html`].
pub(super) fn as_html(sections: &[Section<'_>], contact: &str) -> String {
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
            let findings = section.shown.iter().map(|f| section.says(f));
            list(&mut out, findings.chain(more));
        }
        line(&mut out, HEADING, section.words.please);
        list(&mut out, section.words.todo.into_iter().map(str::to_owned));
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

fn list(out: &mut String, items: impl Iterator<Item = String>) {
    let _ = writeln!(out, "<ul style=\"{SHOWN};{LIST}\">");
    for item in items {
        // The line end stands inside the tag: behind it, it would be seen.
        let _ = write!(out, "<li\nstyle=\"{SHOWN};{ITEM}\">");
        escape(out, &item);
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

/// Characters after which the line is broken.
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
