//! From html5gum's tokenizer to the reader, without an allocation per token.
//!
//! Text goes straight through; a tag's name and the attributes somebody asks for are collected in
//! buffers that are used again for the next tag. Comments and doctypes are dropped.

use std::convert::Infallible;
use std::ops::Range;

use html5gum::{Emitter, Error, State, Tokenizer};

use super::reader::Reader;

/// Runs the tokenizer over `html`.
pub(super) fn drive(html: &str, reader: &mut Reader) {
    let Ok(()) = Tokenizer::new_with_emitter(html, Tokens::new(reader)).finish();
}

/// An attribute that somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Action,
    Alt,
    Background,
    BgColor,
    Charset,
    Class,
    Color,
    Content,
    Face,
    Form,
    FormAction,
    Hidden,
    Href,
    HttpEquiv,
    Id,
    Media,
    Size,
    Src,
    Style,
    Text,
    Type,
}

impl Attribute {
    fn named(name: &[u8]) -> Option<Attribute> {
        Some(match name {
            b"style" => Attribute::Style,
            b"href" | b"xlink:href" => Attribute::Href,
            b"src" => Attribute::Src,
            b"alt" => Attribute::Alt,
            b"bgcolor" => Attribute::BgColor,
            b"background" => Attribute::Background,
            b"color" => Attribute::Color,
            b"face" => Attribute::Face,
            b"size" => Attribute::Size,
            b"hidden" => Attribute::Hidden,
            b"type" => Attribute::Type,
            b"id" => Attribute::Id,
            b"class" => Attribute::Class,
            b"media" => Attribute::Media,
            b"action" => Attribute::Action,
            b"formaction" => Attribute::FormAction,
            b"form" => Attribute::Form,
            b"text" => Attribute::Text,
            b"content" => Attribute::Content,
            b"http-equiv" => Attribute::HttpEquiv,
            b"charset" => Attribute::Charset,
            _ => return None,
        })
    }
}

/// The attributes of one tag, entities resolved.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    values: Vec<u8>,
    ranges: Vec<(Attribute, Range<usize>)>,
}

impl Attributes {
    /// The value of `attribute`; the first where it is given twice.
    pub(super) fn value(&self, attribute: Attribute) -> Option<&[u8]> {
        let (_, range) = self.ranges.iter().find(|(a, _)| *a == attribute)?;
        self.values.get(range.clone())
    }

    /// The same as text.
    pub(super) fn text(&self, attribute: Attribute) -> Option<String> {
        self.value(attribute).map(|v| String::from_utf8_lossy(v).into_owned())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    fn clear(&mut self) {
        self.values.clear();
        self.ranges.clear();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Current {
    Start,
    End,
    Other,
}

struct Tokens<'r> {
    reader: &'r mut Reader,
    current: Current,
    name: Vec<u8>,
    last_start: Vec<u8>,
    attributes: Attributes,
    attribute_name: Vec<u8>,
    /// Whether the attribute being read is asked for; decided when its value begins.
    collecting: Option<bool>,
}

impl<'r> Tokens<'r> {
    fn new(reader: &'r mut Reader) -> Tokens<'r> {
        Tokens {
            reader,
            current: Current::Other,
            name: Vec::new(),
            last_start: Vec::new(),
            attributes: Attributes::default(),
            attribute_name: Vec::new(),
            collecting: None,
        }
    }

    fn begin_tag(&mut self, kind: Current) {
        self.current = kind;
        self.name.clear();
        self.attributes.clear();
        self.attribute_name.clear();
        self.collecting = Some(false);
    }

    /// Decides whether the attribute whose name has been read is asked for.
    fn begin_value(&mut self) -> bool {
        if let Some(collecting) = self.collecting {
            return collecting;
        }
        let wanted = match self.current {
            Current::Start => Attribute::named(&self.attribute_name),
            _ => None,
        };
        let known = |a: Attribute| self.attributes.ranges.iter().any(|(b, _)| *b == a);
        let wanted = wanted.filter(|a| !known(*a));
        if let Some(attribute) = wanted {
            let at = self.attributes.values.len();
            self.attributes.ranges.push((attribute, at..at));
        }
        self.collecting = Some(wanted.is_some());
        wanted.is_some()
    }
}

impl Emitter for Tokens<'_> {
    type Token = Infallible;

    fn init_start_tag(&mut self) {
        self.begin_tag(Current::Start);
    }

    fn init_end_tag(&mut self) {
        self.begin_tag(Current::End);
    }

    fn push_tag_name(&mut self, s: &[u8]) {
        let room = LONGEST_NAME.saturating_sub(self.name.len());
        self.name.extend_from_slice(s.get(..room).unwrap_or(s));
    }

    fn init_attribute(&mut self) {
        // The one before may have had no value (`hidden`).
        self.begin_value();
        self.attribute_name.clear();
        self.collecting = None;
    }

    fn push_attribute_name(&mut self, s: &[u8]) {
        let room = LONGEST_NAME.saturating_sub(self.attribute_name.len());
        self.attribute_name.extend_from_slice(s.get(..room).unwrap_or(s));
    }

    #[inline]
    fn push_attribute_value(&mut self, s: &[u8]) {
        if !self.begin_value() {
            return;
        }
        self.attributes.values.extend_from_slice(s);
        let end = self.attributes.values.len();
        if let Some((_, range)) = self.attributes.ranges.last_mut() {
            range.end = end;
        }
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.begin_value();
        match self.current {
            Current::Start => {
                std::mem::swap(&mut self.last_start, &mut self.name);
                self.reader.start(&self.last_start, &self.attributes);
                next_state(&self.last_start)
            }
            Current::End => {
                self.last_start.clear();
                self.reader.end(&self.name);
                None
            }
            Current::Other => None,
        }
    }

    #[inline]
    fn emit_string(&mut self, s: &[u8]) {
        self.reader.text(s);
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.current == Current::End && !self.last_start.is_empty() && self.last_start == self.name
    }

    fn set_last_start_tag(&mut self, name: Option<&[u8]>) {
        self.last_start.clear();
        self.last_start.extend_from_slice(name.unwrap_or_default());
    }

    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn emit_error(&mut self, _: Error) {}
    fn emit_eof(&mut self) {}
    fn set_self_closing(&mut self) {}
    fn set_force_quirks(&mut self) {}

    fn init_comment(&mut self) {
        self.current = Current::Other;
    }

    fn push_comment(&mut self, _: &[u8]) {}
    fn emit_current_comment(&mut self) {}

    fn init_doctype(&mut self) {
        self.current = Current::Other;
    }

    fn push_doctype_name(&mut self, _: &[u8]) {}
    fn emit_current_doctype(&mut self) {}
    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}
}

/// How the text after a start tag is tokenized where no scripts run.
fn next_state(name: &[u8]) -> Option<State> {
    match name {
        b"textarea" | b"title" => Some(State::RcData),
        b"script" => Some(State::ScriptData),
        b"style" | b"xmp" | b"iframe" | b"noembed" | b"noframes" => Some(State::RawText),
        b"plaintext" => Some(State::PlainText),
        _ => None,
    }
}

/// Names of tags and attributes are cut to this many bytes; every name that is asked for is
/// shorter.
const LONGEST_NAME: usize = 32;
