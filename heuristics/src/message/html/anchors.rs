//! Anchors as they are read: one at a time may be open.

use super::flow::Flow;
use super::tokens::{Attribute, Attributes};
use super::{Anchor, MAX_ANCHORS, MAX_SHOWN};

/// Anchors so far, and the one that is open.
#[derive(Default)]
pub(super) struct Anchors {
    list: Vec<Anchor>,
    open: Option<Open>,
}

struct Open {
    target: String,
    shown: Flow,
    /// Where its first text stands in the visible text.
    start: Option<usize>,
    /// Place of the element on the stack.
    depth: usize,
}

impl Anchors {
    /// Opens an anchor whose element will stand at `depth`, where it has a target.
    pub(super) fn open(&mut self, attributes: &Attributes, depth: usize) {
        if let Some(target) = attributes.text(Attribute::Href) {
            self.open = Some(Open { target, shown: Flow::default(), start: None, depth });
        }
    }

    /// Text a person sees, whose first byte was written `at`.
    #[inline]
    pub(super) fn text(&mut self, bytes: &[u8], at: Option<usize>) {
        if let Some(open) = &mut self.open {
            open.start = open.start.or(at);
            open.show(bytes);
        }
    }

    /// The text of a picture, which is no part of the visible text.
    pub(super) fn picture(&mut self, alt: &[u8]) {
        if let Some(open) = &mut self.open {
            open.show(alt);
        }
    }

    /// What follows stands apart.
    pub(super) fn space(&mut self) {
        if let Some(open) = &mut self.open {
            open.shown.space();
        }
    }

    /// Whether the open one began inside an element whose place on the stack is `depth`.
    pub(super) fn is_within(&self, depth: usize) -> bool {
        self.open.as_ref().is_some_and(|a| a.depth > depth)
    }

    /// Closes the open one; the visible text is `end` bytes long so far.
    pub(super) fn close(&mut self, end: usize) {
        let Some(open) = self.open.take() else { return };
        let range = open.start.unwrap_or(end)..end;
        self.add(Anchor { shown: open.shown.into_string(), target: open.target, range });
    }

    /// Adds an `area`. Within an anchor it comes before that one, which is added when it ends.
    pub(super) fn area(&mut self, attributes: &Attributes, end: usize) {
        if let Some(target) = attributes.text(Attribute::Href) {
            let shown = attributes.text(Attribute::Alt).unwrap_or_default();
            let at = self.open.as_ref().and_then(|a| a.start).unwrap_or(end);
            self.add(Anchor { shown, target, range: at..at });
        }
    }

    pub(super) fn finish(mut self, end: usize) -> Vec<Anchor> {
        self.close(end);
        self.list
    }

    fn add(&mut self, anchor: Anchor) {
        if self.list.len() < MAX_ANCHORS {
            self.list.push(anchor);
        }
    }
}

impl Open {
    fn show(&mut self, bytes: &[u8]) {
        if self.shown.len() + bytes.len() <= MAX_SHOWN {
            self.shown.push(bytes);
        }
    }
}
