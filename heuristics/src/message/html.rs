//! What a person sees of an HTML part, and what it hides.

use super::part::PartId;

/// One HTML part, read once.
#[derive(Clone, Debug, Default)]
pub struct Html {
    /// Part it was read from.
    pub part: PartId,
    /// Text a person sees, blocks and `<br>` as line feeds, white space folded as browsers do.
    pub visible: String,
    /// Blocks of text a person does not see.
    pub hidden: Vec<Hidden>,
    /// `a` and `area` elements with a target.
    pub anchors: Vec<Anchor>,
    /// Forms that could send what is typed.
    pub forms: Vec<Form>,
    /// Addresses of pictures (`img src`, backgrounds), as written, entities resolved.
    pub images: Vec<String>,
    /// Font families named in `face` attributes and styles, as written.
    pub fonts: Vec<String>,
    /// `href` of the first `base` element.
    pub base: Option<String>,
    /// Charset that a `meta` element names.
    pub meta_charset: Option<String>,
}

/// A link in HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchor {
    /// Text between the tags as a person sees it, white space folded; `alt` of pictures included.
    pub shown: String,
    /// `href`, entities resolved, as written otherwise.
    pub target: String,
    /// Where the text stands in [`Html::visible`], in bytes.
    pub range: std::ops::Range<usize>,
}

/// A form, or a control that sends on its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// `action` or `formaction`, entities resolved; empty where missing.
    pub action: String,
    /// Types of its input controls, lower case (`password`, `text`, `submit`).
    pub inputs: Vec<String>,
}

/// Text a person does not see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// The text.
    pub text: String,
    /// Which rule hides it (`display:none`, `font-size:0`, …).
    pub why: String,
}

/// Reads HTML. Total: any input gives a view.
pub fn read(_part: PartId, _html: &str) -> Html {
    Html::default()
}

/// The charset that a `meta` element within the first 4 KiB names, for decoding (before
/// [`read`], so on bytes of an unknown ASCII-compatible charset).
pub fn meta_charset(_bytes: &[u8]) -> Option<String> {
    None
}
