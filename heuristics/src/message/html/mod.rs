//! What a person sees of an HTML part, and what it hides.
//!
//! Way in: [`read`], once per part, and [`meta_charset`] before it. One pass of the tokenizer
//! (`tokens`) drives a reader that keeps a bounded stack of open elements (`reader`); no tree is
//! built. Entities are resolved in texts and attributes alike, since a browser resolves them before
//! it looks at a link.
//!
//! Invariants: any input gives a view, in time and memory linear in its length; nothing recurses.
//! Mail clients run no scripts, so `noscript` is shown. Outlook's conditional comments are comments.
//!
//! How an element changes what is seen stands in `style`; rules of `<style>` elements are a `sheet`,
//! whose styles are laid under the element's own. Rules that come after what they are about cost a
//! second reading, never a third.

mod anchors;
mod colour;
mod css;
mod element;
mod flow;
mod forms;
mod meta;
mod reader;
mod sheet;
mod style;
mod tokens;

use super::part::PartId;

pub use meta::meta_charset;

/// Most anchors kept of one part; more are not a letter.
pub const MAX_ANCHORS: usize = 5_000;

/// Most picture addresses kept of one part.
pub const MAX_IMAGES: usize = 5_000;

/// Most forms, and most controls of all of them, kept of one part.
pub const MAX_FORMS: usize = 500;

/// Most blocks of hidden text told apart in one part; later ones are added to the last.
pub const MAX_HIDDEN: usize = 1_000;

/// Most different font families kept of one part.
pub const MAX_FONTS: usize = 64;

/// Most bytes kept of one anchor's text.
pub const MAX_SHOWN: usize = 4_096;

/// Deepest nesting that is told apart; what is deeper counts as at this depth, as in browsers.
pub const MAX_OPEN: usize = 256;

/// One HTML part, read once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Html {
    /// Part it was read from.
    pub part: PartId,
    /// Text a person sees: white space folded as browsers do, blocks and `<br>` as line feeds
    /// (paragraphs as two), table cells separated by a tab.
    pub visible: String,
    /// Blocks of text a person does not see, in order, one for each element that hides.
    pub hidden: Vec<Hidden>,
    /// `a` and `area` elements with a target, in order.
    pub anchors: Vec<Anchor>,
    /// Forms, and controls with a target of their own.
    pub forms: Vec<Form>,
    /// Addresses of pictures (`img src`, backgrounds), as written, entities resolved.
    pub images: Vec<String>,
    /// What stands for pictures that a person sees (`alt`), in order, entities resolved; each at
    /// most [`MAX_SHOWN`] bytes.
    pub alternatives: Vec<String>,
    /// Different font families named in `face` attributes and styles, as written.
    pub fonts: Vec<String>,
    /// `href` of the first `base` element.
    pub base: Option<String>,
    /// Charset that a `meta` element names.
    pub meta_charset: Option<String>,
    /// Where a `meta` element sends the reader on its own.
    pub refresh: Option<String>,
}

/// A link in HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchor {
    /// Text between the tags as a person sees it, white space folded; `alt` of pictures included.
    /// At most [`MAX_SHOWN`] bytes.
    pub shown: String,
    /// `href`, entities resolved, as written otherwise.
    pub target: String,
    /// Where the text stands in [`Html::visible`], in bytes; ranges do not overlap and ascend.
    pub range: std::ops::Range<usize>,
}

/// A form, or a control that sends on its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// `action` or `formaction`, entities resolved; empty where missing.
    pub action: String,
    /// Types of its controls, lower case (`password`, `text`, `textarea`, `select`, `submit`).
    pub inputs: Vec<String>,
    /// Whether it is a control with a `formaction` rather than a form.
    pub control: bool,
}

/// Text a person does not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// The text, white space folded.
    pub text: String,
    /// Which rule hides it.
    pub why: Why,
}

/// What hides a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// `display:none` or `content-visibility:hidden`.
    Display,
    /// The `hidden` attribute.
    Attribute,
    /// `visibility:hidden` or `collapse`.
    Visibility,
    /// `opacity` of (nearly) nothing.
    Opacity,
    /// A font of at most one pixel.
    FontSize,
    /// Placed outside what is shown: position, text-indent, clip.
    Position,
    /// A box without width or height that cuts off what flows over.
    Size,
    /// The colour of its background, or none at all.
    Colour,
    /// `mso-hide`: hidden in Outlook for Windows alone, so the text is in [`Html::visible`] too.
    OutlookOnly,
}

impl Why {
    /// The rule in the words of HTML and CSS.
    pub fn name(self) -> &'static str {
        match self {
            Why::Display => "display:none",
            Why::Attribute => "hidden attribute",
            Why::Visibility => "visibility:hidden",
            Why::Opacity => "opacity:0",
            Why::FontSize => "font-size:0",
            Why::Position => "off-screen position",
            Why::Size => "zero size",
            Why::Colour => "colour of the background",
            Why::OutlookOnly => "mso-hide",
        }
    }
}

/// Reads HTML. Total: any input gives a view.
pub fn read(part: PartId, html: &str) -> Html {
    let mut reader = reader::Reader::new(part, html.len(), sheet::Sheet::default());
    tokens::drive(html, &mut reader);
    if let Some(rules) = reader.late_rules() {
        reader = reader::Reader::new(part, html.len(), rules);
        tokens::drive(html, &mut reader);
    }
    reader.finish()
}

#[cfg(test)]
mod tests;
