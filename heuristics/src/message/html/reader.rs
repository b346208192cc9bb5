//! Puts the view together from start tags, end tags and text.
//!
//! Keeps a stack of open elements, at most [`MAX_OPEN`] deep, and closes them as the tree builder
//! of a browser does (HTML Living Standard, section 13.2.6) as far as it decides what is hidden
//! and where an anchor ends: end tags that may be left out, end tags that match nothing, cells that
//! shield what is around their table, formatting closed across blocks.

use super::anchors::Anchors;
use super::colour::Colour;
use super::element::{Break, Element};
use super::flow::{Flow, is_space};
use super::forms::Forms;
use super::meta;
use super::sheet::Sheet;
use super::style::{Look, Mention, Size, Style};
use super::tokens::{Attribute, Attributes};
use super::{Hidden, Html, MAX_FONTS, MAX_HIDDEN, MAX_IMAGES, MAX_OPEN, MAX_SHOWN, Why};
use crate::message::part::PartId;

/// An HTML part being read.
pub(super) struct Reader {
    html: Html,
    /// Open elements, outermost first; the first stands for the document and stays.
    stack: Vec<Frame>,
    /// How many of them are `p`, since most blocks ask.
    paragraphs: usize,
    visible: Flow,
    hidden: Vec<Concealed>,
    /// Elements that began to hide so far; numbers [`Frame::block`].
    blocks: u32,
    anchors: Anchors,
    forms: Forms,
    last_fonts: Vec<u8>,
    sheet: Sheet,
    /// Text of the `style` element that is open.
    css: Vec<u8>,
    /// Rules were met after elements that they might be about.
    is_late: bool,
}

#[derive(Clone, Copy)]
struct Frame {
    element: Element,
    style: Style,
    look: Look,
    why: Option<Why>,
    /// Which hidden block text here belongs to, where `why` is given.
    block: u32,
    unrendered: bool,
}

struct Concealed {
    block: u32,
    why: Why,
    text: Flow,
}

impl Reader {
    /// A reader for a document of `bytes`; `sheet` is what an earlier reading found.
    pub(super) fn new(part: PartId, bytes: usize, sheet: Sheet) -> Reader {
        let document = Frame {
            element: Element::Void,
            style: Style::default(),
            look: Look::PLAIN,
            why: None,
            block: 0,
            unrendered: false,
        };
        let mut stack = Vec::with_capacity(32);
        stack.push(document);
        Reader {
            html: Html { part, ..Html::default() },
            stack,
            paragraphs: 0,
            // HTML mail is mostly tags.
            visible: Flow::with_capacity(bytes / 8),
            hidden: Vec::new(),
            blocks: 0,
            anchors: Anchors::default(),
            forms: Forms::default(),
            last_fonts: Vec::new(),
            sheet,
            css: Vec::new(),
            is_late: false,
        }
    }

    #[inline]
    pub(super) fn text(&mut self, bytes: &[u8]) {
        let Some(&Frame { look, why, block, unrendered, element, .. }) = self.stack.last() else {
            return;
        };
        if unrendered {
            if element == Element::Style {
                self.sheet.collect(&mut self.css, bytes);
            }
            return;
        }
        if let Some(why) = why {
            return self.conceal(bytes, why, block);
        }
        if look.outlook_only {
            self.conceal(bytes, Why::OutlookOnly, block);
        }
        let at = if look.preformatted {
            self.visible.push_verbatim(bytes)
        } else {
            self.visible.push(bytes)
        };
        self.anchors.text(bytes, at);
    }

    pub(super) fn start(&mut self, name: &[u8], attributes: &Attributes) {
        let element = Element::named(name);
        self.imply_ends(element);
        self.break_at(element);
        match element {
            Element::Br => {
                self.visible.break_line();
                self.anchors.space();
            }
            Element::Base if self.html.base.is_none() => {
                self.html.base = attributes.text(Attribute::Href);
            }
            Element::Area => self.anchors.area(attributes, self.visible.len()),
            Element::Image => self.image(attributes),
            Element::Input | Element::Textarea | Element::Select | Element::Button => {
                let kind = self.forms.control(element, attributes);
                if kind == "image" {
                    self.image(attributes);
                }
            }
            Element::Form => self.forms.open(attributes),
            Element::Meta => self.meta(attributes),
            Element::Style => self.sheet.open(attributes.value(Attribute::Media)),
            Element::A => self.anchors.open(attributes, self.stack.len()),
            _ => {}
        }
        if !element.is_void() {
            self.push(element, attributes);
        }
    }

    pub(super) fn end(&mut self, name: &[u8]) {
        let element = Element::named(name);
        match element {
            Element::Br => self.visible.break_line(),
            Element::A => self.anchors.close(self.visible.len()),
            Element::Form => self.forms.close(),
            _ => {}
        }
        if element.is_void() {
            return;
        }
        if element.is_formatting() {
            return self.close_formatting(element);
        }
        let same = |e: Element| e == element;
        let at = if element.is_table_part() {
            self.nearest(same, |e| matches!(e, Element::Table | Element::Template))
        } else if element.is_special() {
            self.nearest(same, Element::is_border)
        } else {
            self.nearest(same, Element::is_special)
        };
        match at {
            Some(at) => self.close_from(at),
            None => self.break_at(element),
        }
    }

    /// The rules of the document, where some of them came too late for this reading.
    pub(super) fn late_rules(&mut self) -> Option<Sheet> {
        self.close_style();
        self.is_late.then(|| std::mem::take(&mut self.sheet).closed())
    }

    pub(super) fn finish(mut self) -> Html {
        self.html.anchors = self.anchors.finish(self.visible.len());
        self.html.forms = self.forms.finish();
        self.html.visible = self.visible.into_string();
        self.html.hidden = self
            .hidden
            .into_iter()
            .filter(|c| !c.text.is_empty())
            .map(|c| Hidden { text: c.text.into_string(), why: c.why })
            .collect();
        self.html
    }

    fn conceal(&mut self, bytes: &[u8], why: Why, block: u32) {
        if bytes.iter().all(|b| is_space(*b)) {
            if let Some(last) = self.hidden.last_mut().filter(|c| c.block == block) {
                last.text.space();
            }
            return;
        }
        let full = self.hidden.len() >= MAX_HIDDEN;
        match self.hidden.last_mut().filter(|c| full || (c.block == block && c.why == why)) {
            Some(last) => {
                last.text.push(bytes);
            }
            None => {
                let mut text = Flow::default();
                text.push(bytes);
                self.hidden.push(Concealed { block, why, text });
            }
        }
    }

    /// Opens an element with content.
    fn push(&mut self, element: Element, attributes: &Attributes) {
        if self.stack.len() > MAX_OPEN {
            // As in browsers: what is too deep stands beside what is deepest, not in it.
            self.pop();
        }
        let Some(&parent) = self.stack.last() else { return };
        let style = self.style_of(element, attributes);
        let unrendered = parent.unrendered || element.is_unrendered();
        let frame = Frame { element, style, unrendered, ..parent };
        let frame = self.inside(&parent, frame);
        self.paragraphs += usize::from(element == Element::P);
        self.stack.push(frame);
    }

    /// `frame` with the look it has within `parent`.
    fn inside(&mut self, parent: &Frame, mut frame: Frame) -> Frame {
        frame.look = parent.look.with(&frame.style);
        frame.why = frame.look.hides();
        frame.block = parent.block;
        let begins = frame.why != parent.why || frame.look.outlook_only != parent.look.outlook_only;
        if begins {
            self.blocks = self.blocks.wrapping_add(1);
            frame.block = self.blocks;
        }
        frame
    }

    fn style_of(&mut self, element: Element, attributes: &Attributes) -> Style {
        let own = if attributes.is_empty() && element != Element::Pre {
            Style::default()
        } else {
            self.own_style(element, attributes)
        };
        if self.sheet.is_empty() {
            return own;
        }
        let id = attributes.value(Attribute::Id);
        let classes = attributes.value(Attribute::Class).unwrap_or_default();
        self.sheet.style(element, id, classes, own)
    }

    /// What the element's own attributes say.
    fn own_style(&mut self, element: Element, attributes: &Attributes) -> Style {
        let mut style = match attributes.value(Attribute::Style) {
            Some(css) => {
                let (html, last) = (&mut self.html, &mut self.last_fonts);
                Style::read(css, &mut |mention| match mention {
                    Mention::Fonts(list) => add_fonts(html, last, list),
                    Mention::Picture(url) => add_image(html, url),
                })
            }
            None => Style::default(),
        };
        if let Some(picture) = attributes.value(Attribute::Background) {
            add_image(&mut self.html, picture);
            style.background = style.background.or(Some(Colour::Unknown));
        }
        if let Some(colour) = attributes.value(Attribute::BgColor) {
            style.background = style.background.or(Some(Colour::read(colour)));
        }
        if attributes.value(Attribute::Hidden).is_some() {
            style.gone = style.gone.or(Some(Why::Attribute));
        }
        match element {
            Element::Font => {
                if let Some(face) = attributes.value(Attribute::Face) {
                    add_fonts(&mut self.html, &mut self.last_fonts, face);
                }
                let colour = attributes.value(Attribute::Color).map(Colour::read);
                style.colour = style.colour.or(colour);
                // 1 to 7, or relative to it: always legible, whatever is around.
                let sized = attributes.value(Attribute::Size).is_some();
                style.size = style.size.or(sized.then_some(Size::Pixels(16.0)));
            }
            Element::Body => {
                let colour = attributes.value(Attribute::Text).map(Colour::read);
                style.colour = style.colour.or(colour);
            }
            // Browsers colour links by themselves.
            Element::A if attributes.value(Attribute::Href).is_some() => {
                style.colour = style.colour.or(Some(Colour::Rgb(0, 0, 238)));
            }
            Element::Pre => style.preformatted = style.preformatted.or(Some(true)),
            _ => {}
        }
        style
    }

    /// Closes what a start tag closes on its own.
    fn imply_ends(&mut self, element: Element) {
        let table = |e: Element| matches!(e, Element::Table | Element::Template);
        match element {
            Element::Td => self.close_nearest(|e| e == Element::Td, table),
            Element::Tr => {
                self.close_nearest(|e| e == Element::Td, table);
                self.close_nearest(|e| e == Element::Tr, table);
            }
            Element::TableBody => {
                self.close_nearest(|e| e == Element::Td, table);
                self.close_nearest(|e| e == Element::Tr, table);
                self.close_nearest(|e| e == Element::TableBody, table);
            }
            Element::Li => {
                let stop = |e: Element| e == Element::List || e.is_border();
                self.close_nearest(|e| e == Element::Li, stop);
            }
            Element::Dd | Element::Dt => {
                let stop = |e: Element| e == Element::List || e.is_border();
                self.close_nearest(|e| matches!(e, Element::Dd | Element::Dt), stop);
            }
            Element::A => {
                self.anchors.close(self.visible.len());
                self.close_formatting(Element::A);
            }
            _ => {}
        }
        if self.paragraphs > 0 && element.ends_paragraph() {
            let stop = |e: Element| e.is_border() || e == Element::Button;
            self.close_nearest(|e| e == Element::P, stop);
        }
    }

    fn close_nearest(&mut self, is: impl Fn(Element) -> bool, stop: impl Fn(Element) -> bool) {
        if let Some(at) = self.nearest(is, stop) {
            self.close_from(at);
        }
    }

    /// Place of the innermost element that `is` so, unless one that is a `stop` lies within it.
    fn nearest(
        &self,
        is: impl Fn(Element) -> bool,
        stop: impl Fn(Element) -> bool,
    ) -> Option<usize> {
        for (at, frame) in self.stack.iter().enumerate().skip(1).rev() {
            if is(frame.element) {
                return Some(at);
            }
            if stop(frame.element) {
                return None;
            }
        }
        None
    }

    /// Closes the element at `at` and what is in it.
    fn close_from(&mut self, at: usize) {
        while self.stack.len() > at.max(1) {
            self.pop();
        }
    }

    fn pop(&mut self) {
        if self.stack.len() < 2 {
            return;
        }
        let Some(frame) = self.stack.pop() else { return };
        if frame.element == Element::Style {
            self.close_style();
        }
        self.paragraphs -= usize::from(frame.element == Element::P);
        self.break_at(frame.element);
        // Formatting outlives the block it began in, but not a cell or another border.
        if frame.element.is_border() && self.anchors.is_within(self.stack.len()) {
            self.anchors.close(self.visible.len());
        }
    }

    fn close_style(&mut self) {
        let said_something = self.sheet.read(&self.css);
        self.css.clear();
        let has_content = !self.visible.is_empty() || !self.hidden.is_empty();
        self.is_late |= said_something && has_content;
    }

    /// Closes formatting alone where blocks were opened in it, else with what is in it.
    fn close_formatting(&mut self, element: Element) {
        let Some(at) = self.nearest(|e| e == element, Element::is_border) else { return };
        let inner = self.stack.get(at + 1..).unwrap_or_default();
        if !inner.iter().any(|f| f.element.is_special()) {
            return self.close_from(at);
        }
        self.stack.remove(at);
        for place in at..self.stack.len() {
            let around = place.checked_sub(1).and_then(|p| self.stack.get(p)).copied();
            let (Some(around), Some(&frame)) = (around, self.stack.get(place)) else { return };
            let frame = self.inside(&around, frame);
            if let Some(slot) = self.stack.get_mut(place) {
                *slot = frame;
            }
        }
    }

    fn break_at(&mut self, element: Element) {
        let breaks = element.breaks();
        if breaks == Break::None {
            return;
        }
        match breaks {
            Break::Lines(lines) => self.visible.break_lines(lines),
            _ => self.visible.cell(),
        }
        self.anchors.space();
        if let Some(last) = self.hidden.last_mut() {
            last.text.space();
        }
    }

    fn image(&mut self, attributes: &Attributes) {
        if let Some(src) = attributes.value(Attribute::Src) {
            add_image(&mut self.html, src);
        }
        let seen = self.stack.last().is_some_and(|f| f.why.is_none() && !f.unrendered);
        if let Some(alt) = attributes.value(Attribute::Alt).filter(|_| seen) {
            self.anchors.picture(alt);
            add_alternative(&mut self.html, alt);
        }
    }

    fn meta(&mut self, attributes: &Attributes) {
        if self.html.meta_charset.is_none() {
            let charset = attributes.text(Attribute::Charset);
            let named = || attributes.value(Attribute::Content).and_then(meta::charset_of);
            self.html.meta_charset = charset.map(|c| c.trim().to_lowercase()).or_else(named);
        }
        let refreshes = attributes
            .value(Attribute::HttpEquiv)
            .is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(b"refresh"));
        if refreshes && self.html.refresh.is_none() {
            let content = attributes.value(Attribute::Content).unwrap_or_default();
            let target = meta::refresh_target(content);
            self.html.refresh = target.map(|t| String::from_utf8_lossy(t).into_owned());
        }
    }
}

fn add_image(html: &mut Html, address: &[u8]) {
    if !address.is_empty() && html.images.len() < MAX_IMAGES {
        html.images.push(String::from_utf8_lossy(address).into_owned());
    }
}

fn add_alternative(html: &mut Html, alt: &[u8]) {
    let alt = alt.trim_ascii();
    if !alt.is_empty() && html.alternatives.len() < MAX_IMAGES {
        let alt = alt.get(..alt.len().min(MAX_SHOWN)).unwrap_or_default();
        html.alternatives.push(String::from_utf8_lossy(alt).into_owned());
    }
}

fn add_fonts(html: &mut Html, last: &mut Vec<u8>, list: &[u8]) {
    // Mailers repeat one list at every element.
    if last.as_slice() == list {
        return;
    }
    last.clear();
    last.extend_from_slice(list);
    for name in String::from_utf8_lossy(list).split(',') {
        let name = name.trim().trim_matches(['"', '\'']).trim();
        if html.fonts.len() < MAX_FONTS && !name.is_empty() && !html.fonts.iter().any(|f| f == name)
        {
            html.fonts.push(name.to_owned());
        }
    }
}
