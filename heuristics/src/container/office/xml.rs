//! XML as documents hold it: tags, attributes and text, one after the other.
//!
//! Way in: [`decode`] for the characters of a part, [`Events`] for what stands in them. This is a
//! scanner, not a checker: names come without their prefix, closing tags are not matched, and what
//! is broken ends the events. Entities are the five of XML and numbers; declared ones are left as
//! written, so nothing here grows. Every byte is looked at a fixed number of times.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use crate::message::charset;

/// One thing in the document.
pub(super) enum Event<'x> {
    /// A start tag.
    Start(Tag<'x>),
    /// An end tag, or the end of an empty element: its name without prefix.
    End(&'x str),
    /// Character data, entities resolved.
    Text(Cow<'x, str>),
}

/// A start tag.
#[derive(Clone, Copy)]
pub(super) struct Tag<'x> {
    /// Name without prefix.
    pub(super) name: &'x str,
    attributes: &'x str,
}

impl<'x> Tag<'x> {
    /// The value of the first attribute of this name, prefixes apart.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'x, str>> {
        self.attributes().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// Names, without prefix, and values.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'x str, Cow<'x, str>)> + use<'x> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            let (name, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, tail) = after.get(1..)?.split_once(quote)?;
            rest = tail;
            let name = name.trim();
            Some((local(name.rsplit(char::is_whitespace).next().unwrap_or(name)), resolved(value)))
        })
    }
}

/// What stands in a document, in order.
pub(super) struct Events<'x> {
    rest: &'x str,
    /// The end of an empty element, told after its start.
    pending: Option<&'x str>,
}

impl<'x> Events<'x> {
    /// The events of `text`.
    pub(super) fn new(text: &'x str) -> Events<'x> {
        Events { rest: text, pending: None }
    }
}

impl<'x> Iterator for Events<'x> {
    type Item = Event<'x>;

    fn next(&mut self) -> Option<Event<'x>> {
        if let Some(name) = self.pending.take() {
            return Some(Event::End(name));
        }
        loop {
            if self.rest.is_empty() {
                return None;
            }
            if !self.rest.starts_with('<') {
                let end = memchr(b'<', self.rest.as_bytes()).unwrap_or(self.rest.len());
                let (text, tail) = self.rest.split_at_checked(end)?;
                self.rest = tail;
                return Some(Event::Text(resolved(text)));
            }
            if let Some(section) = self.rest.strip_prefix("<![CDATA[") {
                let (text, tail) = section.split_once("]]>").unwrap_or((section, ""));
                self.rest = tail;
                return Some(Event::Text(Cow::Borrowed(text)));
            }
            if let Some(comment) = self.rest.strip_prefix("<!--") {
                self.rest = comment.split_once("-->")?.1;
                continue;
            }
            if let Some(instruction) = self.rest.strip_prefix("<?") {
                self.rest = instruction.split_once("?>")?.1;
                continue;
            }
            if let Some(declaration) = self.rest.strip_prefix("<!") {
                self.rest = after_declaration(declaration)?;
                continue;
            }
            return self.tag();
        }
    }
}

impl<'x> Events<'x> {
    fn tag(&mut self) -> Option<Event<'x>> {
        let inner = self.rest.get(1..)?;
        let (tag, tail) = inner.split_at_checked(tag_end(inner.as_bytes())?)?;
        self.rest = tail.get(1..)?;
        if let Some(name) = tag.strip_prefix('/') {
            return Some(Event::End(local(name.trim())));
        }
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |t| (t, true));
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let name = local(name);
        self.pending = is_empty.then_some(name);
        Some(Event::Start(Tag { name, attributes }))
    }
}

/// The first tag of `text`: what kind of part it is.
pub(super) fn root(text: &str) -> Option<Tag<'_>> {
    Events::new(text).find_map(|e| match e {
        Event::Start(tag) => Some(tag),
        _ => None,
    })
}

/// The characters of a part: UTF-8, UTF-16 with a mark or seen by its zeros, or what it declares.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let wide = match bytes {
        [0xFF, 0xFE, rest @ ..] => Some((encoding_rs::UTF_16LE, rest)),
        [0xFE, 0xFF, rest @ ..] => Some((encoding_rs::UTF_16BE, rest)),
        [b'<', 0, ..] => Some((encoding_rs::UTF_16LE, bytes)),
        [0, b'<', ..] => Some((encoding_rs::UTF_16BE, bytes)),
        _ => None,
    };
    if let Some((encoding, bytes)) = wide {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match declared(bytes) {
        Some(label) if !label.eq_ignore_ascii_case("utf-8") => {
            charset::decode(bytes, Some(label), None).text
        }
        _ => String::from_utf8_lossy(bytes),
    }
}

/// The encoding that the XML declaration names.
fn declared(bytes: &[u8]) -> Option<&str> {
    let declaration = bytes.get(..bytes.len().min(200))?.strip_prefix(b"<?xml")?;
    let declaration = declaration.get(..memmem::find(declaration, b"?>")?)?;
    let (_, value) = std::str::from_utf8(declaration).ok()?.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    value.get(1..)?.split(['"', '\'']).next()
}

/// Where a tag ends: the first `>` outside of quotes. A quote that stays open ends nothing.
fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = tag.get(at..)?;
        let found = at + memchr::memchr3(b'>', b'"', b'\'', rest)?;
        match tag.get(found)? {
            b'>' => return Some(found),
            quote => at = found + 2 + memchr(*quote, tag.get(found + 1..)?)?,
        }
    }
}

/// What follows `<!DOCTYPE …>`, its inner declarations passed over.
fn after_declaration(text: &str) -> Option<&str> {
    let first = memchr::memchr2(b'>', b'[', text.as_bytes())?;
    if text.as_bytes().get(first) == Some(&b'>') {
        return text.get(first + 1..);
    }
    let inner = text.get(first + 1..)?;
    inner.split_once(']')?.1.split_once('>').map(|(_, tail)| tail)
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// `text` with its entities resolved; those not known stay as written.
pub(super) fn resolved(text: &str) -> Cow<'_, str> {
    if memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let head = after.get(..after.floor_char_boundary(LONGEST_ENTITY)).unwrap_or_default();
        match head.split_once(';').and_then(|(name, _)| Some((name, character(name)?))) {
            Some((name, c)) => {
                out.push(c);
                rest = after.get(name.len() + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn character(entity: &str) -> Option<char> {
    Some(match entity {
        "amp" => '&',
        "apos" => '\'',
        "gt" => '>',
        "lt" => '<',
        "quot" => '"',
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    })
}

/// Bytes within which an entity must end.
const LONGEST_ENTITY: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        let event = |e| match e {
            Event::Start(tag) => {
                let attributes = tag.attributes().map(|(n, v)| format!(" {n}={v}"));
                format!("<{}{}>", tag.name, attributes.collect::<String>())
            }
            Event::End(name) => format!("</{name}>"),
            Event::Text(text) => text.into_owned(),
        };
        Events::new(text).map(event).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(shown(text), expected);
    }

    #[test]
    fn tags_attributes_text() {
        check("<w:p w:a = 'b>' c=\"d\"\n/>", "<p a=b> c=d></p>");
        check("<a>b &amp; &#x3042;&#12356; &unknown; &</a>", "<a>b & あい &unknown; &</a>");
        check("<a><![CDATA[<b>&amp;]]></a>", "<a><b>&amp;</a>");
        check("<?xml version='1.0'?><!-- <b> --><a/>", "<a></a>");
        check("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a>&x;</a>");
    }

    #[test]
    fn what_is_broken_ends_the_events() {
        check("<a><b c=\"d>text</b>", "<a>");
        check("<a><!-- ", "<a>");
        check("<a", "");
        check("<", "");
    }

    #[test]
    fn every_charset_is_read() {
        let utf16: Vec<u8> = "<a>社外秘</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf16), "<a>社外秘</a>");
        let marked = [&b"\xFF\xFE"[..], &utf16].concat();
        assert_eq!(decode(&marked), "<a>社外秘</a>");
        let declared = b"<?xml version='1.0' encoding='Shift_JIS'?><a>\x8E\xD0\x8A\x4F</a>";
        assert!(decode(declared).ends_with("<a>社外</a>"));
        assert_eq!(decode("\u{FEFF}<a>社</a>".as_bytes()), "<a>社</a>");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_text_stops_us(text in "[<>/!?a:='\"&;#x1 \\[\\]\u{3042}-]{0,80}") {
            shown(&text);
            root(&decode(text.as_bytes()));
        }
    }
}
