//! The banner as plain text: lines of a fixed width, as Japanese mail is written.

use super::{COLUMNS, RULE, Section, shown};

/// Every section between two rules, without a line end behind the last.
pub(super) fn as_text(sections: &[Section<'_>], contact: &str) -> String {
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
                wrap(&mut out, bullet, &section.says(finding));
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
pub(super) fn width(c: char) -> usize {
    match c {
        '\u{0}'..='\u{10FF}' | '\u{1160}'..='\u{200F}' | '\u{FF61}'..='\u{FFDC}' => 1,
        _ => 2,
    }
}
