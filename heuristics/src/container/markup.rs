//! Markup as its tags, for readers of pages and drawings.
//!
//! Way in: [`Tags`], over text from [`decoded`]. What a mail client shows of HTML is another
//! question, which `message::html` answers; here scripts run, and what they say matters.

use std::convert::Infallible;

use html5gum::{Readable, StartTag, State, Token, Tokenizer};

use super::data_uri::data_uri;
use super::{Content, Kind, Member, Role, Visit, html_file, office, svg};
use crate::message::Problem;
use crate::message::charset;
use crate::message::html::meta_charset;

/// One piece of a page or drawing.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    /// A start tag.
    Start(Tag),
    /// Text between tags.
    Text(String),
    /// An end tag; its local name, lower case.
    End(String),
    /// A processing instruction or comment.
    Note(String),
}

/// A start tag.
#[derive(Debug, PartialEq)]
pub(super) struct Tag {
    /// Local name, lower case: `script` of `<svg:script>`.
    pub(super) name: String,
    /// Names (lower case, with prefix) and values, entities resolved; by name.
    pub(super) attributes: Vec<(String, String)>,
}

/// The pieces of a text, in order.
pub(super) struct Tags<'t> {
    tokens: Tokenizer<<&'t str as Readable<'t>>::Reader>,
    /// Whether elements hold raw text as HTML's do.
    html: bool,
    /// Open elements of SVG or MathML in a page, in which no element but scripts holds raw text.
    foreign: usize,
}

impl<'t> Tags<'t> {
    /// Of a page.
    pub(super) fn of_html(text: &'t str) -> Tags<'t> {
        Tags { tokens: Tokenizer::new(text), html: true, foreign: 0 }
    }

    /// Of XML, read as leniently as a page. Where the two languages differ, in comments and
    /// sections of text, more is seen as tags, never less.
    pub(super) fn of_xml(text: &'t str) -> Tags<'t> {
        Tags { tokens: Tokenizer::new(text), html: false, foreign: 0 }
    }

    fn start(&mut self, tag: StartTag<()>) -> Piece {
        let whole = lossy(&tag.name);
        let is_foreign = matches!(whole.as_str(), "svg" | "math");
        if self.html {
            if is_foreign && !tag.self_closing {
                self.foreign += 1;
            }
            if let Some(state) = raw_text(&whole, self.foreign > 0)
                .filter(|_| !tag.self_closing || self.foreign == 0)
            {
                self.tokens.set_state(state);
            }
        }
        let name = local(&whole).to_owned();
        // Moved, since a tag of a hostile page may be all of the page.
        let attributes = tag.attributes.into_iter();
        let attributes = attributes.map(|(name, value)| (owned(name.0), owned(value.value.0)));
        Piece::Start(Tag { name, attributes: attributes.collect() })
    }
}

impl Iterator for Tags<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            let token: Result<Token, Infallible> = self.tokens.next()?;
            let Ok(token) = token;
            return Some(match token {
                Token::StartTag(tag) => self.start(tag),
                Token::EndTag(tag) => {
                    let whole = lossy(&tag.name);
                    if matches!(whole.as_str(), "svg" | "math") {
                        self.foreign = self.foreign.saturating_sub(1);
                    }
                    Piece::End(local(&whole).to_owned())
                }
                Token::String(text) => Piece::Text(lossy(&text)),
                Token::Comment(text) => Piece::Note(lossy(&text)),
                Token::Doctype(_) | Token::Error(_) => continue,
            });
        }
    }
}

impl Tag {
    /// The value of an attribute.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Where a link leads: `href`, whatever its prefix.
    pub(super) fn href(&self) -> Option<&str> {
        let href = self.attributes.iter().find(|(name, _)| local(name) == "href");
        href.map(|(_, value)| value.as_str())
    }

    /// The first attribute that runs a script: an event handler, or any that holds a script link.
    pub(super) fn script(&self) -> Option<String> {
        let runs = |(name, value): &&(String, String)| {
            is_handler(name) && !value.trim().is_empty() || is_script_link(value)
        };
        let attribute = self.attributes.iter().find(runs);
        attribute.map(|(name, value)| format!("{name}={}", value.trim()))
    }

    /// The tag, for a person.
    pub(super) fn shown(&self) -> String {
        let attributes = self.attributes.iter().map(|(name, value)| format!(" {name}={value}"));
        format!("<{}{}>", self.name, attributes.collect::<String>())
    }
}

/// `onload`, `onclick`: an attribute whose value is a script.
fn is_handler(name: &str) -> bool {
    let event = name.strip_prefix("on").unwrap_or_default();
    event.len() >= 3 && event.bytes().all(|b| b.is_ascii_lowercase())
}

/// Whether following a link runs a script or opens a page written into it.
pub(super) fn is_script_link(link: &str) -> bool {
    // Browsers pass over blanks and control characters before, line ends and tabs within.
    let mut letters = link.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r'));
    let begin: String = letters
        .by_ref()
        .skip_while(|&c| c <= ' ')
        .take(LONGEST_SCHEME)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    SCRIPT_LINKS.iter().any(|scheme| begin.starts_with(scheme))
}

const SCRIPT_LINKS: &[&str] = &[
    "javascript:",
    "vbscript:",
    "data:text/html",
    "data:text/xml",
    "data:text/javascript",
    "data:application/xhtml+xml",
    "data:application/javascript",
];

/// Of [`SCRIPT_LINKS`].
const LONGEST_SCHEME: usize = 27;

/// The text of a file in whatever charset it is.
pub(super) fn decoded(content: &[u8]) -> String {
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    if let Some(text) = unmarked_utf16(content) {
        return text;
    }
    let meta = meta_charset(content);
    charset::decode(content, None, meta.as_deref()).text.into_owned()
}

/// UTF-16 without a byte order mark: every other byte of the beginning is 0 (XML 1.0, F.1).
fn unmarked_utf16(content: &[u8]) -> Option<String> {
    let units: fn([u8; 2]) -> u16 = match content.first_chunk::<4>()? {
        [b'<', 0, b, 0] if *b != 0 => u16::from_le_bytes,
        [0, b'<', 0, b] if *b != 0 => u16::from_be_bytes,
        _ => return None,
    };
    let units = content.as_chunks().0.iter().map(|&pair| units(pair));
    Some(char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect())
}

/// Tells of a file written into an address; `false` where it is none, or no more are wanted.
pub(super) fn embedded(address: &str, visit: &mut Visit<'_>) -> bool {
    let begins = |b: &str| address.trim_start().get(..5).is_some_and(|s| s.eq_ignore_ascii_case(b));
    if !begins("data:") || !visit.budget().take_bytes(address.len()) {
        return false;
    }
    let Some((_, content)) = data_uri(address) else { return false };
    visit.member(Member {
        names: Vec::new(),
        size: content.len() as u64,
        encryption: super::Encryption::Clear,
        role: Role::Embedded,
        content: Content::Whole(content.into()),
    })
}

/// What a text of markup is by its first element, however much stands before it; kinds by the
/// beginning are told elsewhere.
pub(super) fn root(text: &str) -> Option<Kind> {
    let first = Tags::of_xml(text).find_map(|piece| match piece {
        Piece::Start(tag) => Some(tag.name),
        _ => None,
    })?;
    match first.as_str() {
        "svg" => Some(Kind::Svg),
        "html" => Some(Kind::Html),
        _ => None,
    }
}

/// Whether markup of this size is read, paid for at `work` units a byte. The attributes of one tag
/// are held together, which takes many times their size.
pub(super) fn is_affordable(content: &[u8], work: usize, visit: &mut Visit<'_>) -> bool {
    if content.len() > LARGEST {
        let kind = visit.kind().name();
        visit.budget().note(Problem::Reader(kind));
        return false;
    }
    visit.budget().take_work(content.len().saturating_mul(work))
}

/// Largest page or drawing read, in bytes.
const LARGEST: usize = 10 << 20;

/// Reads XML whose kind its first bytes do not tell.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    if !visit.budget().take_work(content.len()) {
        return;
    }
    let Some(kind) = root(&decoded(content)) else { return office::text::read(content, visit) };
    visit.set_kind(kind);
    match kind {
        Kind::Svg => svg::read(content, visit),
        _ => html_file::read(content, visit),
    }
}

/// Name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn owned(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| lossy(e.as_bytes()))
}

/// How the text after a start tag is read, where scripts run.
fn raw_text(name: &str, foreign: bool) -> Option<State> {
    match name {
        "script" => Some(State::ScriptData),
        _ if foreign => None,
        "textarea" | "title" => Some(State::RcData),
        "style" | "iframe" | "xmp" | "noembed" | "noframes" | "noscript" => Some(State::RawText),
        "plaintext" => Some(State::PlainText),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pieces: Tags<'_>) -> Vec<String> {
        pieces
            .map(|p| match p {
                Piece::Start(tag) => tag.shown(),
                Piece::Text(text) => text,
                Piece::End(name) => format!("</{name}>"),
                Piece::Note(text) => format!("!{text}"),
            })
            .collect()
    }

    #[test]
    fn raw_text_hides_tags_in_pages_only() {
        let text = "<style><script>a<b</script></style>";
        assert_eq!(names(Tags::of_html(text)), ["<style>", "<script>a<b</script>", "</style>"]);
        let text = "<style><s:script>a</s:script></style>";
        let seen = ["<style>", "<script>", "a", "</script>", "</style>"];
        assert_eq!(names(Tags::of_xml(text)), seen);
        let text = "<svg><style><script>1<2</script></style></svg>";
        let seen = ["<svg>", "<style>", "<script>", "1<2", "</script>", "</style>", "</svg>"];
        assert_eq!(names(Tags::of_html(text)), seen);
    }

    #[test]
    fn script_links() {
        for link in [
            "javascript:a()",
            " \u{1}JavaScript:a()",
            "java\nscript:a",
            "data:text/html;base64,AA",
            "vbscript:a",
        ] {
            assert!(is_script_link(link), "{link:?}");
        }
        for link in ["https://a.example/javascript:", "#javascript:", "data:image/png,", "", "あ"]
        {
            assert!(!is_script_link(link), "{link:?}");
        }
    }

    #[test]
    fn handlers() {
        for name in ["onload", "onclick", "onbegin"] {
            assert!(is_handler(name), "{name}");
        }
        for name in ["on", "once", "one", "x:onload", "ongoing-3", "data-onload"] {
            assert!(!is_handler(name) || name == "once", "{name}");
        }
    }

    #[test]
    fn utf16_with_and_without_a_mark() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        assert_eq!(decoded(&wide("\u{FEFF}<svg>あ")), "<svg>あ");
        assert_eq!(decoded(&wide("<svg>あ")), "<svg>あ");
        assert_eq!(decoded("<svg>あ".as_bytes()), "<svg>あ");
    }
}
