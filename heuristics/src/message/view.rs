//! Derived views over the parts: bodies as text and HTML, and the links in them.

use super::html::{self, Html};
use super::part::Part;
use super::text::{self, Text};
use super::url::{self, Link, Origin};
use super::{Message, Problem, charset};

/// Bodies of a message, read together because each HTML part gives a text too.
pub(super) struct Bodies {
    pub(super) htmls: Vec<Html>,
    pub(super) texts: Vec<Text>,
}

/// Whether a client shows the part as text of the message: text, and not sent as a file.
pub(super) fn is_shown_text(part: &Part) -> bool {
    part.main == "text"
        && !part.is_attached()
        && !matches!(part.sub.as_str(), "calendar" | "vcard" | "x-vcard")
}

/// Reads every body part, attached messages' included, within the limit on text.
pub(super) fn bodies(mail: &Message<'_>) -> Bodies {
    let mut bodies = Bodies { htmls: Vec::new(), texts: Vec::new() };
    let mut left = mail.limits().text_bytes;
    for (id, part) in mail.parts().iter().enumerate().filter(|(_, p)| is_shown_text(p)) {
        let content = mail.content(part);
        let bytes = content.get(..left).unwrap_or(&content);
        if bytes.len() < content.len() {
            mail.record(Problem::TextBytes(mail.limits().text_bytes));
        }
        left -= bytes.len();
        let is_html = matches!(part.sub.as_str(), "html" | "xhtml");
        let meta = if is_html { html::meta_charset(bytes) } else { None };
        let decoded = charset::decode(bytes, part.charset.as_deref(), meta.as_deref());
        let content = if is_html {
            let view = html::read(id, &decoded.text);
            let visible = view.visible.clone();
            bodies.htmls.push(view);
            visible
        } else {
            decoded.text.replace("\r\n", "\n")
        };
        let quoted_from = text::quoted_from(&content);
        let message = part.message;
        bodies.texts.push(Text { part: id, message, html: is_html, content, quoted_from });
    }
    bodies
}

/// Every link of every body.
pub(super) fn links(mail: &Message<'_>) -> Vec<Link> {
    let limit = mail.limits().links;
    let mut links = Vec::new();
    for html in mail.htmls() {
        let base = html.base.as_deref().and_then(|b| url::read(b, None));
        let mut push = |origin, shown: Option<&str>, written: &str| {
            links.push(Link {
                part: html.part,
                origin,
                shown: shown.map(str::to_owned),
                written: written.to_owned(),
                url: url::read(written, base.as_ref()),
            });
        };
        for a in &html.anchors {
            push(Origin::Anchor, Some(&a.shown), &a.target);
        }
        for form in html.forms.iter().filter(|f| !f.action.is_empty()) {
            push(Origin::Form, None, &form.action);
        }
        for image in &html.images {
            push(Origin::Image, None, image);
        }
    }
    for text in mail.texts() {
        let html = mail.htmls().iter().find(|h| text.html && h.part == text.part);
        let in_anchor =
            |at: usize| html.is_some_and(|h| h.anchors.iter().any(|a| a.range.contains(&at)));
        for found in url::find(&text.content, limit) {
            if !in_anchor(found.range.start) {
                links.push(Link {
                    part: text.part,
                    origin: Origin::Text,
                    shown: None,
                    url: url::read(&found.url, None),
                    written: found.url,
                });
            }
        }
    }
    if links.len() > limit {
        links.truncate(limit);
        mail.record(Problem::Links(limit));
    }
    links
}
