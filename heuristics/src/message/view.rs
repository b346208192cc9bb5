//! Derived views over the parts: bodies as text and HTML, and the links in them.

use std::borrow::Cow;
use std::collections::HashSet;

use super::html::{self, Html};
use super::part::{Part, PartId};
use super::text::{self, Text};
use super::url::{self, Link, Origin};
use super::{Message, Problem, charset};
use crate::container::observation::Observation;

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

/// Whether it is a multipart without a part, as where its delimiter never comes. Clients show what
/// stands there as text.
fn is_hollow(mail: &Message<'_>, id: PartId, part: &Part) -> bool {
    part.is_multipart() && mail.parts().get(id + 1).is_none_or(|next| next.parent != Some(id))
}

/// Reads every body part, attached messages' included, within the limit on text.
pub(super) fn bodies(mail: &Message<'_>) -> Bodies {
    let mut bodies = Bodies { htmls: Vec::new(), texts: Vec::new() };
    let mut left = mail.limits().text_bytes;
    let is_shown = |(id, part): &(PartId, &Part)| is_shown_text(part) || is_hollow(mail, *id, part);
    for (id, part) in mail.parts().iter().enumerate().filter(is_shown) {
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
            with_line_feeds(&decoded.text)
        };
        let quoted_from = text::quoted_from(&content);
        let message = part.message;
        bodies.texts.push(Text { part: id, message, html: is_html, content, quoted_from });
    }
    bodies
}

/// The text with `\r\n` as `\n`.
fn with_line_feeds(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for at in memchr::memchr_iter(b'\n', text.as_bytes()) {
        let line = text.get(done..at).unwrap_or_default();
        out.push_str(line.strip_suffix('\r').unwrap_or(line));
        out.push('\n');
        done = at + 1;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Every link of every body, the same target with the same text once. What a person follows comes
/// before pictures, so that no number of those crowds out a link.
pub(super) fn links(mail: &Message<'_>) -> Vec<Link> {
    let mut links = Links::new(mail.limits().links);
    for html in mail.htmls() {
        let base = html.base.as_deref().and_then(|b| url::read(b, None));
        let base = base.as_ref();
        for a in &html.anchors {
            links.push(html.part, Origin::Anchor, Some(&a.shown), &a.target, base);
        }
        for form in html.forms.iter().filter(|f| !f.action.is_empty()) {
            links.push(html.part, Origin::Form, None, &form.action, base);
        }
        if let Some(target) = &html.refresh {
            links.push(html.part, Origin::Refresh, None, target, base);
        }
    }
    for text in mail.texts() {
        let html = mail.htmls().iter().find(|h| text.html && h.part == text.part);
        for found in url::find(&text.content, mail.limits().links.saturating_add(1)) {
            if !html.is_some_and(|h| is_in_anchor(h, found.range.start)) {
                links.push(text.part, Origin::Text, None, found.url, None);
            }
        }
    }
    for html in mail.htmls() {
        let base = html.base.as_deref().and_then(|b| url::read(b, None));
        for image in html.images.iter().filter(|i| !is_in_mail(i)) {
            links.push(html.part, Origin::Image, None, image, base.as_ref());
        }
    }
    for file in mail.attachments() {
        for seen in &file.observations {
            match seen {
                Observation::QrCode(text) if is_link(text) => {
                    links.push(file.part, Origin::QrCode, None, text.trim(), None);
                }
                Observation::Link(target) => {
                    links.push(file.part, Origin::Document, None, target.as_str(), None);
                }
                _ => {}
            }
        }
    }
    if links.is_full {
        mail.record(Problem::Links(mail.limits().links));
    }
    links.list
}

/// Whether what a QR code says leads to a site: telephones offer to open that and nothing else.
pub(super) fn is_link(text: &str) -> bool {
    let text = text.trim();
    let begins = |s: &str| text.get(..s.len()).is_some_and(|t| t.eq_ignore_ascii_case(s));
    (begins("http://") || begins("https://") || begins("www."))
        && !text.contains(char::is_whitespace)
        && url::read(text, None).is_some_and(|u| url::is_web(&u))
}

/// Links so far, each once.
struct Links<'m> {
    list: Vec<Link>,
    seen: HashSet<(PartId, Origin, Option<&'m str>, Cow<'m, str>)>,
    limit: usize,
    is_full: bool,
}

impl<'m> Links<'m> {
    fn new(limit: usize) -> Links<'m> {
        Links { list: Vec::new(), seen: HashSet::new(), limit, is_full: false }
    }

    fn push(
        &mut self,
        part: PartId,
        origin: Origin,
        shown: Option<&'m str>,
        written: impl Into<Cow<'m, str>>,
        base: Option<&::url::Url>,
    ) {
        let written = written.into();
        if self.list.len() >= self.limit {
            self.is_full |= !self.seen.contains(&(part, origin, shown, written));
        } else if self.seen.insert((part, origin, shown, written.clone())) {
            self.list.push(Link {
                part,
                origin,
                shown: shown.map(str::to_owned),
                url: url::read(&written, base),
                written: written.into_owned(),
            });
        }
    }
}

/// Whether the byte at `at` of the visible text belongs to an anchor.
fn is_in_anchor(html: &Html, at: usize) -> bool {
    let before = html.anchors.partition_point(|a| a.range.start <= at);
    let last = before.checked_sub(1).and_then(|last| html.anchors.get(last));
    last.is_some_and(|a| a.range.contains(&at))
}

/// Whether a picture comes with the mail, so that its address leads nowhere.
fn is_in_mail(address: &str) -> bool {
    let scheme = address.trim_start().get(..5).unwrap_or_default().to_ascii_lowercase();
    scheme == "data:" || scheme.starts_with("cid:")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::html;

    #[test]
    fn line_ends_become_line_feeds() {
        for text in ["", "\r\n", "a", "\r\r\na\rb\n\r\n\n\r", "あ\r\nい\r\n"] {
            assert_eq!(with_line_feeds(text), text.replace("\r\n", "\n"));
        }
    }

    #[test]
    fn what_stands_in_an_anchor_is_told_apart() {
        let view = html::read(0, "a<a href=x></a><a href=y>bc</a><a href=z></a>d<a href=w>e</a>");
        assert_eq!(view.visible, "abcde");
        let inside: Vec<bool> = (0..6).map(|at| is_in_anchor(&view, at)).collect();
        assert_eq!(inside, [false, true, true, false, true, false]);
    }

    #[test]
    fn a_multipart_whose_delimiter_never_comes_is_text() {
        let raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\nsee https://a.example/\r\n";
        let (envelope, settings) =
            <(crate::message::Envelope, sekisho_config::Settings)>::default();
        let mail = Message::new(raw, &envelope, &settings.filter.limits);
        assert_eq!(mail.texts().len(), 1);
        assert_eq!(mail.links().len(), 1);
    }

    #[test]
    fn a_link_that_is_repeated_counts_once() {
        let mut links = Links::new(3);
        for _ in 0..9 {
            links.push(0, Origin::Anchor, Some("a"), "https://a.example/", None);
            links.push(0, Origin::Anchor, Some("b"), "https://a.example/", None);
            links.push(0, Origin::Text, None, "https://a.example/".to_owned(), None);
        }
        assert_eq!(links.list.len(), 3);
    }
}
