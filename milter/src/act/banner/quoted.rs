//! Our own banner where a reply or a forward quotes it: taken out before the mail leaves.
//!
//! Readers outside are not the ones it was written for, and it may shame an honest partner. Mail
//! programs prefix, wrap and rewrite what they quote, so nothing is compared whole. In text the
//! banner is what stands between two of its rules, the first line of it being its title; in HTML it
//! is the innermost table that begins with its title. What does not look so stays as it is.

use std::ops::Range;

use super::{ENGLISH, JAPANESE, RULE};

/// Whether it is worth looking: how the titles begin, which no client wraps.
pub(in crate::act) fn may_stand_in(shown: &str) -> bool {
    shown.contains("【注意】") || shown.contains("[Caution]")
}

/// `text` without the banners it quotes; `None` where there are none.
pub(in crate::act) fn without_in_text(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut found = false;
    while let Some(line) = lines.get(at) {
        match end_of_banner(&lines, at) {
            Some(end) => {
                found = true;
                // The blank line that separates it from the text.
                let blank = lines.get(end).is_some_and(|l| unquoted(l).is_empty());
                at = end + usize::from(blank);
            }
            None => {
                out.push_str(line);
                at += 1;
            }
        }
    }
    found.then_some(out)
}

/// `html` without the banners it quotes; `None` where there are none.
pub(in crate::act) fn without_in_html(html: &str) -> Option<String> {
    let banners = tables_of_ours(html);
    let mut out = String::with_capacity(html.len());
    let mut copied = 0;
    for range in &banners {
        out.push_str(html.get(copied..range.start)?);
        copied = range.end;
    }
    out.push_str(html.get(copied..)?);
    (!banners.is_empty()).then_some(out)
}

/// The line behind the banner that begins at line `at`.
fn end_of_banner(lines: &[&str], at: usize) -> Option<usize> {
    let is_rule = |line: &&str| {
        let line = unquoted(line);
        line.len() >= SHORTEST_RULE && line.chars().all(|c| c == RULE)
    };
    lines.get(at).filter(|line| is_rule(line))?;
    let title: String = lines.get(at + 1..)?.iter().take(2).map(|l| unquoted(l)).collect();
    if !begins_with_title(&title) {
        return None;
    }
    let inside = lines.get(at + 2..)?.iter().take(MOST_LINES);
    inside.enumerate().find(|(_, line)| is_rule(line)).map(|(n, _)| at + 3 + n)
}

/// A line without the marks of quotation before it and blanks around it.
fn unquoted(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '|')).trim_end()
}

fn begins_with_title(text: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let text = letters(text);
    [&JAPANESE, &ENGLISH].iter().any(|words| text.starts_with(&letters(words.title)))
}

/// An open table: where it begins, and the first words in it.
struct Open {
    start: usize,
    words: String,
}

/// Where tables stand whose first words are the banner's title, none inside another, in order.
fn tables_of_ours(html: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut rest = 0;
    while let Some(tag) = next_tag(html, rest) {
        let text = html.get(rest..tag.start).unwrap_or_default();
        if let Some(table) = open.last_mut() {
            add_words(&mut table.words, text);
        }
        rest = tag.end;
        let source = html.get(tag.clone()).unwrap_or_default();
        if names(source, "<table") && open.len() < DEEPEST {
            open.push(Open { start: tag.start, words: String::new() });
        } else if names(source, "</table")
            && let Some(table) = open.pop()
        {
            if begins_with_title(&table.words) {
                found.push(table.start..tag.end);
            } else if let Some(outer) = open.last_mut() {
                add_words(&mut outer.words, &table.words);
            }
        }
    }
    found
}

/// The next tag or comment from `from` on.
fn next_tag(html: &str, from: usize) -> Option<Range<usize>> {
    let bytes = html.as_bytes();
    let start = from + memchr::memchr(b'<', bytes.get(from..)?)?;
    let rest = bytes.get(start..)?;
    let end = match rest.starts_with(b"<!--") {
        true => memchr::memmem::find(rest, b"-->").map(|at| at + 3),
        false => memchr::memchr(b'>', rest).map(|at| at + 1),
    };
    Some(start..start + end.unwrap_or(rest.len()))
}

/// Whether a tag is called `name` (with its `<`).
fn names(tag: &str, name: &str) -> bool {
    let head = tag.get(..name.len()).unwrap_or_default();
    let next = tag.as_bytes().get(name.len());
    head.eq_ignore_ascii_case(name) && next.is_none_or(|b| !b.is_ascii_alphanumeric())
}

/// Adds the letters of `text`, character references read, up to [`MOST_WORDS`].
fn add_words(words: &mut String, text: &str) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if words.len() >= MOST_WORDS {
            return;
        }
        let reference = || {
            let body = rest.get(1..)?.split_once(';')?.0;
            let code = body.strip_prefix('#')?;
            let code = match code.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => code.parse(),
            };
            Some((char::from_u32(code.ok()?)?, body.len() + 2))
        };
        let (c, length) = match c {
            '&' => reference().unwrap_or((c, 1)),
            c => (c, c.len_utf8()),
        };
        if !c.is_whitespace() {
            words.push(c);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// Dashes that make a rule; ours has more, quoting may cut a few.
const SHORTEST_RULE: usize = 56;

/// Lines between the rules of a banner in both languages, with room for wrapping.
const MOST_LINES: usize = 120;

/// Bytes of a table's first words that are kept: the longest title and a little more.
const MOST_WORDS: usize = 256;

/// Tables inside one another that are followed.
const DEEPEST: usize = 64;

#[cfg(test)]
mod tests {
    use sekisho_config::{Language, Settings};
    use sekisho_heuristics::decision::Decision;

    use super::super::Banner;
    use super::*;
    use crate::act::tests::assessment;

    fn banner(language: Language) -> Banner {
        let mut actions = Settings::default().actions;
        actions.language = language;
        Banner::new(&assessment(Decision::Banner), &actions)
    }

    const LANGUAGES: [Language; 3] = [Language::Japanese, Language::English, Language::Both];

    #[test]
    fn quoted_text_loses_the_banner_alone() {
        for language in LANGUAGES {
            let banner = banner(language);
            let original = format!("{}\n\nお世話になっております。\n", banner.text());
            let quoted: String = original.lines().map(|l| format!("> {l}\n")).collect();
            let reply = format!("承知しました。\n\n{quoted}");
            let expected = "承知しました。\n\n> お世話になっております。\n";
            assert_eq!(without_in_text(&reply).as_deref(), Some(expected));
            let forwarded = format!("FYI\n-----Original Message-----\n{original}");
            let expected = "FYI\n-----Original Message-----\nお世話になっております。\n";
            assert_eq!(without_in_text(&forwarded).as_deref(), Some(expected));
        }
    }

    #[test]
    fn several_and_nested_quotations() {
        let banner = banner(Language::Both);
        let once: String = banner.text().lines().map(|l| format!("> {l}\n")).collect();
        let twice: String = banner.text().lines().map(|l| format!("> > {l}\n")).collect();
        let reply = format!("a\n{once}> b\n{twice}> > c\n");
        assert_eq!(without_in_text(&reply).as_deref(), Some("a\n> b\n> > c\n"));
    }

    #[test]
    fn other_rules_and_an_unfinished_banner_stay() {
        let rule = "-".repeat(64);
        assert_eq!(without_in_text(&format!("{rule}\n会議のお知らせ\n{rule}\n")), None);
        assert_eq!(without_in_text(&format!("{rule}\n{}\nno end\n", JAPANESE.title)), None);
        assert_eq!(without_in_text(JAPANESE.title), None);
        assert_eq!(without_in_text(""), None);
    }

    #[test]
    fn quoted_html_loses_the_banner_alone() {
        for language in LANGUAGES {
            let banner = banner(language);
            let html = format!("<p>ok</p><blockquote>{}<p>text</p></blockquote>", banner.html());
            let after = without_in_html(&html).unwrap();
            assert!(after.starts_with("<p>ok</p><blockquote>"), "{after}");
            assert!(after.ends_with("<p>text</p></blockquote>"), "{after}");
            assert!(!after.contains("<table"), "{after}");
        }
    }

    #[test]
    fn a_client_that_rewrites_html_is_followed() {
        let title = JAPANESE.title;
        let html = format!(
            "<table><tr><td>outer<TABLE class=MsoNormalTable><tr><td><p><b>{title}</b></p>x\
             </td></tr></TABLE>after</td></tr></table>"
        );
        let expected = "<table><tr><td>outerafter</td></tr></table>";
        assert_eq!(without_in_html(&html).as_deref(), Some(expected));
    }

    #[test]
    fn other_tables_and_broken_html_stay() {
        for html in [
            "<table><tr><td>a</td></tr></table>",
            "<table><tr><td>[Caution] This message",
            "</table></table>",
            "<",
            "<!--",
            "&#x;&#xFFFFFFFFF;&",
            "",
        ] {
            assert_eq!(without_in_html(html), None, "{html}");
        }
        let spoken = format!("<p>{}</p>", JAPANESE.title);
        assert_eq!(without_in_html(&spoken), None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_breaks_it(text in "(-{60}|\\[Caution\\]|<table>|</table>|&#x5B;|\n|>|.){0,60}") {
            let _ = (without_in_text(&text), without_in_html(&text));
        }
    }
}
