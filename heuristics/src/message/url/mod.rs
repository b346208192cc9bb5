//! Links: found in text, read as browsers read them.

mod find;
mod redirect;

pub use find::find;
pub(crate) use find::{is_host_of_link, shown};
pub use redirect::{Named, named_targets};

use std::net::IpAddr;

use ::url::{Host, ParseError, Url};

use super::domain;
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
    pub url: Option<Url>,
}

/// Where a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// `href` of an anchor or area.
    Anchor,
    /// A document that comes along.
    Document,
    /// `action` of a form.
    Form,
    /// `src` of a picture.
    Image,
    /// A QR code in a picture.
    QrCode,
    /// Target of a `meta` refresh, which a reader is sent to without a click.
    Refresh,
    /// Plain text, or the text of an HTML part outside anchors.
    Text,
}

impl Origin {
    /// Whether the mail itself leads a person there; pictures are fetched, not followed, and what
    /// documents refer to, as papers and flyers do, is [`Origin::is_reached`] only.
    pub fn is_followed(self) -> bool {
        !matches!(self, Origin::Image | Origin::Document)
    }

    /// Whether a person can get there from the mail or what comes along with it.
    pub fn is_reached(self) -> bool {
        self != Origin::Image
    }
}

impl Link {
    /// Host of the target, lower case, ASCII form, without a trailing dot; `None` for mailto and
    /// the like.
    pub fn host(&self) -> Option<&str> {
        let host = self.url.as_ref()?.host_str()?;
        Some(host.strip_suffix('.').unwrap_or(host)).filter(|h| !h.is_empty())
    }

    /// Whether it leads to a site: http, https or ftp with a host.
    pub fn is_web(&self) -> bool {
        self.url.as_ref().is_some_and(is_web)
    }

    /// The IP address that stands in place of the host, in whatever notation it is written.
    pub fn ip(&self) -> Option<IpAddr> {
        match self.url.as_ref()?.host()? {
            Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
            Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
            Host::Domain(_) => None,
        }
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

/// Whether a URL leads to a site: http, https or ftp with a host.
pub fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https" | "ftp") && url.has_host()
}

/// Reads a target as a browser does: white space and line ends inside removed, back-slashes
/// turned, `base` applied. `None` where it is no URL.
///
/// Without a base a browser would take `//host/x` and `www.host.example/x` for paths of the page,
/// but a mail is no page: mail clients complete them to `https:` and `http://`, and so it is done
/// here.
pub fn read(written: &str, base: Option<&Url>) -> Option<Url> {
    if written.len() > MAX_LENGTH {
        return None;
    }
    match Url::options().base_url(base).parse(written) {
        Ok(url) => Some(url),
        Err(ParseError::RelativeUrlWithoutBase) => complete(written),
        Err(_) => None,
    }
}

fn complete(written: &str) -> Option<Url> {
    let text = written.trim_matches(|c: char| c <= ' ');
    if text.starts_with("//") || text.starts_with("\\\\") {
        return Url::parse(&format!("https:{text}")).ok();
    }
    let host = text.split(['/', '\\', '?', '#', ':']).next()?;
    let host = domain::to_ascii(host)?;
    let is_host = is_host_of_link(&host, text.len() > host.len());
    if is_host { Url::parse(&format!("http://{text}")).ok() } else { None }
}

/// Longest target that is read, in bytes.
const MAX_LENGTH: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_as_browsers_do() {
        let cases = [
            ("https://Example.JP/a b", Some("https://example.jp/a%20b")),
            (" \nhttps://exa\n\tmple.jp/ ", Some("https://example.jp/")),
            ("https:\\\\example.jp\\a", Some("https://example.jp/a")),
            ("https:example.jp", Some("https://example.jp/")),
            ("http://0x7f.1/", Some("http://127.0.0.1/")),
            ("http://2130706433/", Some("http://127.0.0.1/")),
            ("https://example%2ejp/", Some("https://example.jp/")),
            ("https://\u{24D4}xample\u{3002}jp/", Some("https://example.jp/")),
            ("//example.jp/a", Some("https://example.jp/a")),
            ("\\\\example.jp/a", Some("https://example.jp/a")),
            ("www.evil.example/x", Some("http://www.evil.example/x")),
            ("example.co.jp", Some("http://example.co.jp/")),
            ("readme.md", None),
            ("#top", None),
            ("/path", None),
            ("", None),
            ("https://", None),
            ("https://exa mple.jp/", None),
        ];
        for (written, expected) in cases {
            let url = read(written, None);
            assert_eq!(url.as_ref().map(Url::as_str), expected, "{written:?}");
        }
    }

    #[test]
    fn a_base_is_applied() {
        let base = Url::parse("https://evil.example/a/").unwrap();
        let url = read("www.bank.example/x", Some(&base)).unwrap();
        assert_eq!(url.as_str(), "https://evil.example/a/www.bank.example/x");
    }

    #[test]
    fn a_trailing_dot_is_no_part_of_the_host() {
        let url = read("https://example.jp./", None);
        let link =
            Link { part: 0, origin: Origin::Anchor, shown: None, written: String::new(), url };
        assert_eq!(link.host(), Some("example.jp"));
    }
}
