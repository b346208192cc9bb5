//! HTML bodies turned into text (clause html-display): what a person sees, and where links lead.

use sekisho_heuristics::indicator::is_unshowable;
use sekisho_heuristics::message::html::{self, Html};
use sekisho_heuristics::message::part::{Part, PartId};
use sekisho_heuristics::message::{Message, charset};

use super::mime_edit::Edits;
use super::recode;

/// HTML parts that a client shows as text of the mail. What is signed, encrypted or a report stays
/// as it is with all in it.
pub(super) fn parts(edits: &Edits<'_>) -> Vec<PartId> {
    let parts = edits.mail.parts();
    let mut found = Vec::new();
    // Depth of the part whose inside is passed over.
    let mut passing: Option<usize> = None;
    for (id, part) in parts.iter().enumerate() {
        if passing.is_some_and(|depth| part.depth > depth) {
            continue;
        }
        passing = super::target::untouchable(part).map(|_| part.depth);
        if passing.is_none()
            && part.sub == "html"
            && super::target::is_body(part)
            && part.message == 0
            && edits.is_plain(part)
        {
            found.push(id);
        }
    }
    found
}

/// Turns one HTML part into text/plain, with `before` in front. Whether that was done: a part
/// larger than the limit on text is not read whole, so it stays.
pub(super) fn convert(edits: &mut Edits<'_>, id: PartId, before: &str) -> bool {
    let mail = edits.mail;
    let Some(part) = mail.parts().get(id) else { return false };
    let Some(text) = text_of(mail, id, part) else { return false };
    recode::replace(edits, id, &format!("{before}{text}"), "text/plain");
    true
}

/// What an HTML part shows, with the target behind each link whose text does not show it.
pub fn text_of(mail: &Message<'_>, id: PartId, part: &Part) -> Option<String> {
    let content = mail.content(part);
    if content.len() > mail.limits().text_bytes {
        return None;
    }
    let meta = html::meta_charset(&content);
    let decoded = charset::decode(&content, part.charset.as_deref(), meta.as_deref());
    Some(with_targets(&html::read(id, &decoded.text)))
}

fn with_targets(html: &Html) -> String {
    let mut anchors: Vec<_> = html.anchors.iter().collect();
    anchors.sort_by_key(|a| a.range.end);
    let mut out = String::with_capacity(html.visible.len() * 2);
    let mut copied = 0;
    for anchor in anchors {
        let Some(target) = target_to_show(&anchor.target, &anchor.shown) else { continue };
        let Some(text) = html.visible.get(copied..anchor.range.end) else { continue };
        copied = anchor.range.end;
        out.push_str(text);
        out.push_str(&format!(" <{target}>"));
    }
    out.push_str(html.visible.get(copied..).unwrap_or_default());
    for form in html.forms.iter().filter(|f| !f.action.trim().is_empty()) {
        out.push_str(&format!("\n[form <{}>]", on_one_line(&form.action)));
    }
    let mut text = out.trim().to_owned();
    text.push('\n');
    text
}

/// The target, unless it leads nowhere else than into this mail, or the text says it in full.
fn target_to_show(target: &str, shown: &str) -> Option<String> {
    let target = on_one_line(target);
    let bare = |s: &str| {
        let s = s.trim().trim_end_matches('/');
        let s = s.strip_prefix("mailto:").unwrap_or(s);
        s.strip_prefix("https://").unwrap_or(s).to_owned()
    };
    let hidden = !target.is_empty() && !target.starts_with('#') && bare(&target) != bare(shown);
    hidden.then_some(target)
}

/// `text` without line ends, with what cannot be seen written out.
fn on_one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars().filter(|c| !matches!(c, '\r' | '\n' | '\t')) {
        match c {
            c if is_unshowable(c) => out.push_str(&format!("\\u{{{:04X}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_heuristics::message::html::{Anchor, Form};

    #[track_caller]
    fn check(visible: &str, anchors: &[(&str, &str)], expected: &str) {
        let mut at = 0;
        let anchors = anchors.iter().map(|(shown, target)| {
            let start = at + visible[at..].find(shown).unwrap();
            at = start + shown.len();
            Anchor { shown: (*shown).into(), target: (*target).into(), range: start..at }
        });
        let anchors = anchors.collect();
        let html = Html { visible: visible.into(), anchors, ..Html::default() };
        assert_eq!(with_targets(&html), expected);
    }

    #[test]
    fn targets_stand_behind_what_is_shown() {
        check(
            "請求書はこちら。\nまたは別紙",
            &[("こちら", "https://a.example/x"), ("別紙", "http://b.example/")],
            "請求書はこちら <https://a.example/x>。\nまたは別紙 <http://b.example/>\n",
        );
    }

    #[test]
    fn what_the_text_says_in_full_is_not_said_twice() {
        check(
            "https://a.example",
            &[("https://a.example", "https://a.example/")],
            "https://a.example\n",
        );
        check("a@b.example", &[("a@b.example", "mailto:a@b.example")], "a@b.example\n");
        check("top", &[("top", "#top")], "top\n");
        check(
            "https://a.example",
            &[("https://a.example", "https://b.example")],
            "https://a.example <https://b.example>\n",
        );
    }

    #[test]
    fn a_target_cannot_hide_or_begin_a_line() {
        check("x", &[("x", "a\r\nb\u{202E}c")], "x <ab\\u{202E}c>\n");
    }

    #[test]
    fn forms_say_where_they_send() {
        let forms = vec![Form { action: "https://a.example/".into(), ..Form::default() }];
        let html = Html { visible: "x".into(), forms, ..Html::default() };
        assert_eq!(with_targets(&html), "x\n[form <https://a.example/>]\n");
    }
}
