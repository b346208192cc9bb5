//! The rules of `<style>` elements, as far as they decide what is seen.
//!
//! Selectors are read where they name one element by its kind, classes and id (`*`, `p`, `.a`,
//! `td.a.b`, `#c`), also below `html` or `body`, in which everything stands. What depends on states or
//! on attributes matches nothing here, since a wrong match would call honest text hidden. Of rules
//! that depend on other elements (`.dark td`) it is known only that they may change colours.
//!
//! Of media queries, those that every screen meets count. Queries for narrow screens do not: text
//! hidden on phones only is seen elsewhere. What such a query shows again is seen on phones, so
//! nothing hides it. Invariants: linear in the style sheets and in the rules that an element's own
//! names lead to; at most [`MAX_RULES`] rules and [`MAX_CSS`] bytes are kept of one part.

use super::css::{contains, is, length, plain};
use super::element::{Element, hash};
use super::style::{Size, Style};

/// The rules so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    /// Sorted by what a selector's most telling name is; found by it.
    rules: Vec<Rule>,
    /// Names that a query for narrow screens shows again, sorted.
    revealed: Vec<Name>,
    bytes: usize,
    /// The `style` element that is open is for other media.
    is_ignored: bool,
    /// Rules are complete: style elements are not read again.
    is_closed: bool,
}

/// A name that selectors and elements share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Any,
    Kind(u32),
    Class(u32),
    Id(u32),
}

#[derive(Clone, Debug)]
struct Rule {
    /// The most telling name of the selector.
    name: Name,
    /// What else must be there.
    others: Vec<Name>,
    /// Ids, classes, kinds: compared in this order (Selectors Level 3, section 9).
    specificity: (u8, u8, u8),
    order: usize,
    /// It depends on the elements around, too.
    is_vague: bool,
    style: Style,
    important: Style,
}

/// Where a query holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Media {
    Every,
    Narrow,
    Other,
}

impl Sheet {
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.revealed.is_empty()
    }

    /// A `style` element with this `media` attribute begins.
    pub(super) fn open(&mut self, media: Option<&[u8]>) {
        self.is_ignored = media.is_some_and(|m| Media::read(m) != Media::Every);
    }

    /// Takes text of a `style` element into `css`, within bounds.
    pub(super) fn collect(&mut self, css: &mut Vec<u8>, text: &[u8]) {
        let room = MAX_CSS.saturating_sub(self.bytes);
        if !self.is_ignored && !self.is_closed {
            let text = text.get(..room).unwrap_or(text);
            self.bytes += text.len();
            css.extend_from_slice(text);
        }
    }

    /// The same sheet for a second reading.
    pub(super) fn closed(mut self) -> Sheet {
        self.is_closed = true;
        self
    }

    /// Reads the text of a whole `style` element. Tells whether it says anything of looks.
    pub(super) fn read(&mut self, css: &[u8]) -> bool {
        if css.is_empty() {
            return false;
        }
        let before = (self.rules.len(), self.revealed.len());
        let escaped = memchr::memchr(b'\\', css).is_some();
        if escaped || memchr::memmem::find(css, b"/*").is_some() {
            self.read_blocks(&plain(css));
        } else {
            self.read_blocks(css);
        }
        if before == (self.rules.len(), self.revealed.len()) {
            return false;
        }
        self.rules.sort_by_key(|rule| (rule.name, rule.order));
        self.revealed.sort();
        self.revealed.dedup();
        true
    }

    /// What an element looks like with the rules laid under and over its `own` style.
    pub(super) fn style(
        &self,
        element: Element,
        id: Option<&[u8]>,
        classes: &[u8],
        own: Style,
    ) -> Style {
        let mut names = [Name::Any; MAX_NAMES];
        let mut count = 1;
        let id = id.map(|id| Name::Id(lower_hash(id)));
        let classes = classes.split(u8::is_ascii_whitespace).filter(|c| !c.is_empty());
        let classes = classes.map(|class| Name::Class(lower_hash(class)));
        for name in kind(element).into_iter().chain(id).chain(classes) {
            if let Some(slot) = names.get_mut(count) {
                *slot = name;
                count += 1;
            }
        }
        let names = names.get(..count).unwrap_or_default();
        let mut style = own;
        if let Some((under, over)) = self.matching(names) {
            style = over.over(&style.over(&under));
        }
        let hidden = style.gone.is_some() || style.size.is_some_and(Size::is_tiny);
        if hidden && names.iter().any(|name| self.revealed.binary_search(name).is_ok()) {
            style.gone = None;
            style.size = None;
        }
        style
    }

    /// What rules for an element with these `names` say, and what they say with `!important`.
    fn matching(&self, names: &[Name]) -> Option<(Style, Style)> {
        let mut found: Vec<&Rule> = Vec::new();
        for name in names {
            let start = self.rules.partition_point(|rule| rule.name < *name);
            let rules = self.rules.get(start..).unwrap_or_default();
            let rules = rules.iter().take_while(|rule| rule.name == *name);
            found.extend(rules.filter(|rule| rule.others.iter().all(|o| names.contains(o))));
        }
        if found.is_empty() {
            return None;
        }
        found.sort_by_key(|rule| (rule.specificity, rule.order));
        let mut said = (Style::default(), Style::default());
        for rule in found {
            said.0 = rule.style.over(&said.0);
            said.1 = rule.important.over(&said.1);
        }
        Some(said)
    }

    /// Reads rules and at-rules, whose blocks nest two deep at most.
    fn read_blocks(&mut self, css: &[u8]) {
        let mut media = Media::Every;
        let mut rest = css;
        loop {
            let Some(at) = memchr::memchr3(b'{', b'}', b';', rest) else { return };
            let (head, tail) = rest.split_at(at);
            let head = trim(head);
            rest = tail.get(1..).unwrap_or_default();
            match tail.first() {
                Some(b'{') if head.first() == Some(&b'@') => {
                    let query = head.get(..6).filter(|name| is(name, "@media"));
                    if query.is_some() {
                        media = Media::read(head.get(6..).unwrap_or_default());
                    } else {
                        rest = after_block(rest);
                    }
                }
                Some(b'{') => {
                    let end = memchr::memchr(b'}', rest).unwrap_or(rest.len());
                    let (block, after) = rest.split_at(end);
                    rest = after.get(1..).unwrap_or_default();
                    self.add(head, block, media);
                }
                // The end of a media block; or `@import …;`.
                Some(b'}') => media = Media::Every,
                _ => {}
            }
        }
    }

    fn add(&mut self, selectors: &[u8], block: &[u8], media: Media) {
        if media == Media::Other {
            return;
        }
        let style = Style::read_plain(block, &mut |_| {});
        if style == Style::default() && media == Media::Every {
            return;
        }
        let is_loud = memchr::memchr(b'!', block).is_some();
        let important = if is_loud { Style::read_important(block) } else { Style::default() };
        let shows = media == Media::Narrow && style.gone.is_none() && shows_again(&style, block);
        for selector in selectors.split(|b| *b == b',') {
            let Some(rule) = Rule::read(selector) else { continue };
            if self.rules.len() + self.revealed.len() >= MAX_RULES {
                return;
            }
            if media == Media::Every {
                let order = self.rules.len();
                let (style, important) = match rule.is_vague {
                    true => (style.with_unknown_colours(), Style::default()),
                    false => (style, important),
                };
                if style != Style::default() && !(rule.is_vague && rule.name == Name::Any) {
                    self.rules.push(Rule { style, important, order, ..rule });
                }
            } else if shows && matches!(rule.name, Name::Class(_) | Name::Id(_)) {
                self.revealed.push(rule.name);
            }
        }
    }
}

impl Rule {
    /// Reads one selector; the styles stay empty. `None` where it cannot be read.
    fn read(selector: &[u8]) -> Option<Rule> {
        let mut words = selector.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let mut compound = words.next()?;
        let mut is_vague = false;
        for word in words {
            is_vague |= !is(compound, "body") && !is(compound, "html");
            compound = word;
        }
        let mut names = Vec::new();
        let mut rest = compound;
        while let Some(first) = rest.first() {
            let marked = matches!(first, b'.' | b'#');
            let name = rest.get(usize::from(marked)..).unwrap_or_default();
            let end = name.iter().position(|b| !is_name(*b)).unwrap_or(name.len());
            let (name, tail) = name.split_at(end);
            match first {
                b'*' => rest = rest.get(1..).unwrap_or_default(),
                _ if name.is_empty() => return None,
                b'.' => names.push(Name::Class(lower_hash(name))),
                b'#' => names.push(Name::Id(lower_hash(name))),
                _ => names.push(kind(Element::named(&name.to_ascii_lowercase()))?),
            }
            if *first != b'*' {
                rest = tail;
            }
        }
        names.sort_by(|a, b| b.cmp(a));
        let count = |is: fn(&Name) -> bool| {
            u8::try_from(names.iter().filter(|name| is(name)).count()).unwrap_or(u8::MAX)
        };
        let specificity = (
            count(|n| matches!(n, Name::Id(_))),
            count(|n| matches!(n, Name::Class(_))),
            count(|n| matches!(n, Name::Kind(_))),
        );
        let mut names = names.into_iter();
        Some(Rule {
            name: names.next().unwrap_or(Name::Any),
            others: names.collect(),
            specificity,
            order: 0,
            is_vague,
            style: Style::default(),
            important: Style::default(),
        })
    }
}

impl Media {
    fn read(query: &[u8]) -> Media {
        let of_phones =
            |name: &[u8]| width(query, name).is_some_and(|px| (PHONE..=TABLET).contains(&px));
        if query.iter().all(u8::is_ascii_whitespace) {
            Media::Every
        } else if contains(query, b"print") && !contains(query, b"screen")
            || contains(query, b"not ")
        {
            Media::Other
        } else if of_phones(b"max-width") || of_phones(b"max-device-width") {
            Media::Narrow
        } else if memchr::memchr(b'(', query).is_none() {
            let shown = contains(query, b"screen") || contains(query, b"all");
            if shown { Media::Every } else { Media::Other }
        } else if width(query, b"min-width").is_some_and(|px| px <= PHONE) {
            Media::Every
        } else {
            Media::Other
        }
    }
}

/// The length that the feature `name` of a query asks for, in pixels.
fn width(query: &[u8], name: &[u8]) -> Option<f32> {
    let at = query.windows(name.len()).position(|w| w.eq_ignore_ascii_case(name))?;
    let value = query.get(at + name.len()..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii();
    let end = memchr::memchr(b')', value).unwrap_or(value.len());
    length(value.get(..end)?.trim_ascii())
}

/// Whether a block for narrow screens shows what is hidden on wide ones.
fn shows_again(style: &Style, block: &[u8]) -> bool {
    style.displayed
        || style.visible == Some(true)
        || style.size.is_some_and(|size| !size.is_tiny())
        || contains(block, b"max-height")
}

fn kind(element: Element) -> Option<Name> {
    let key = match element {
        Element::Block(h)
        | Element::Border(h)
        | Element::Formatting(h)
        | Element::Other(h)
        | Element::Paragraph(h) => h,
        Element::A => hash(b"a"),
        Element::Body => hash(b"body"),
        Element::Font => hash(b"font"),
        Element::Li => hash(b"li"),
        Element::P => hash(b"p"),
        Element::Pre => hash(b"pre"),
        Element::Table => hash(b"table"),
        Element::Td => hash(b"td"),
        Element::Tr => hash(b"tr"),
        _ => return None,
    };
    Some(Name::Kind(key))
}

/// Without blanks and the comment marks of HTML, which style sheets may wear.
fn trim(head: &[u8]) -> &[u8] {
    let head = head.trim_ascii();
    let head = head.strip_prefix(b"<!--").unwrap_or(head);
    head.strip_prefix(b"-->").unwrap_or(head).trim_ascii()
}

/// What follows the block that `css` begins in.
fn after_block(css: &[u8]) -> &[u8] {
    let mut depth = 1_usize;
    let mut rest = css;
    while let Some(at) = memchr::memchr2(b'{', b'}', rest) {
        depth = if rest.get(at) == Some(&b'{') { depth + 1 } else { depth - 1 };
        rest = rest.get(at + 1..).unwrap_or_default();
        if depth == 0 {
            return rest;
        }
    }
    b""
}

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'-' || b == b'_' || b >= 0x80
}

/// Class names of documents without a doctype, as most mail is, are compared in any case.
fn lower_hash(name: &[u8]) -> u32 {
    let mut buffer = [0; 64];
    let name = name.get(..buffer.len()).unwrap_or(name);
    match buffer.get_mut(..name.len()) {
        Some(lower) => {
            lower.copy_from_slice(name);
            lower.make_ascii_lowercase();
            hash(lower)
        }
        None => hash(name),
    }
}

/// Most bytes of style sheets read of one part.
const MAX_CSS: usize = 128 * 1024;

/// Most rules kept of one part.
const MAX_RULES: usize = 2_000;

/// Names looked at of one element.
const MAX_NAMES: usize = 12;

/// Narrowest and widest screen, in pixels, that a query for phones and tablets asks for.
const PHONE: f32 = 300.0;
const TABLET: f32 = 1_100.0;

#[cfg(test)]
mod tests {
    use crate::message::html::read;

    /// What is seen, and what is hidden, of `body` under the rules `css`.
    #[track_caller]
    fn check(css: &str, body: &str, seen: &str, hidden: &[&str]) {
        let html = format!("<style>{css}</style>{body}");
        let view = read(0, &html);
        let blocks: Vec<&str> = view.hidden.iter().map(|h| h.text.as_str()).collect();
        assert_eq!((view.visible.as_str(), blocks.as_slice()), (seen, hidden), "{html}");
    }

    #[test]
    fn rules_hide_by_class_id_and_kind() {
        let body = "<p class='x a'>1</p><p id=b>2</p><i>3</i><p>4</p>";
        check(".a{display:none}", body, "2\n\n3\n\n4", &["1"]);
        check("#b{font-size:0}", body, "1\n\n3\n\n4", &["2"]);
        check("i{color:#fff}", body, "1\n\n2\n\n4", &["3"]);
        check("p.a, i{opacity:0}", body, "2\n\n4", &["1", "3"]);
        check("p.x.a{visibility:hidden}", body, "2\n\n3\n\n4", &["1"]);
        check(".A{display:none}", body, "2\n\n3\n\n4", &["1"]);
        check("body .a{display:none}", body, "2\n\n3\n\n4", &["1"]);
        check("*{font-size:1px}", "<p>1</p>", "", &["1"]);
    }

    #[test]
    fn what_needs_more_than_the_element_itself_is_left_out() {
        let body = "<p class=a>1</p>";
        for css in [
            "i.a{display:none}",
            ".a .b{display:none}",
            "#x .a{display:none}",
            "div > .a{display:none}",
            ".a:hover{display:none}",
            "p[x]{display:none}",
            ".b{display:none}",
            "{display:none}",
        ] {
            check(css, body, "1", &[]);
        }
    }

    #[test]
    fn the_stronger_rule_wins() {
        let body = "<p class=a id=b style='color:#000'>1</p>";
        check(".a{display:none}.a{display:block}", body, "1", &[]);
        check("#b{display:block}.a{display:none}", body, "1", &[]);
        check(".a{color:#fff}", body, "1", &[]);
        check(".a{color:#fff!important}", body, "", &["1"]);
        check(".a{display:none}", "<p class=a style=display:block>1</p>", "1", &[]);
    }

    #[test]
    fn colours_that_other_elements_may_change_hide_nothing() {
        let body = "<div class=dark><p class=light>1</p></div>";
        check(".dark p{background:#000}.light{color:#fff}", body, "1", &[]);
        check("p{color:#fff}.dark p{color:#036}", body, "1", &[]);
        check(".light{color:#fff}.dark i{background:#000}", body, "", &["1"]);
        check(".light{color:#fff}.dark *{background:#000}", body, "", &["1"]);
    }

    #[test]
    fn text_hidden_or_shown_on_phones_only_is_not_hidden() {
        let body = "<p class=a>1</p>";
        check("@media (max-width:600px){.a{display:none}}", body, "1", &[]);
        let both = ".a{display:none}@media only screen and (max-width: 480px){.a{display:block}}";
        check(both, body, "1", &[]);
        let inline = "@media (max-width:600px){.a{max-height:none!important}}";
        check(inline, "<p class=a style='max-height:0;overflow:hidden'>1</p>", "1", &[]);
        // No phone is one pixel wide.
        let excuse = ".a{display:none}@media (max-width:1px){.a{display:block}}";
        check(excuse, body, "", &["1"]);
    }

    #[test]
    fn other_media_and_at_rules_are_left_out() {
        let body = "<p class=a>1</p>";
        check("@media print{.a{display:none}}", body, "1", &[]);
        check("@media (prefers-color-scheme:dark){.a{color:#fff}}", body, "1", &[]);
        check("@font-face{x{}}@supports(a){.a{display:none}}", body, "1", &[]);
        check("@media screen{.b{color:red}}.a{display:none}", body, "", &["1"]);
        check("@import url(x);<!-- .a{display:none} -->", body, "", &["1"]);
        check("/* } */ .\\61 {display:none}", body, "", &["1"]);
        let print = "<style media=print>.a{display:none}</style><p class=a>1</p>";
        assert_eq!(read(0, print).visible, "1");
    }

    #[test]
    fn rules_after_the_text_count_too() {
        let view = read(0, "<p class=a>1</p><p>2</p><style>.a{display:none}");
        assert_eq!((view.visible.as_str(), view.hidden.len()), ("2", 1));
        let commented = "<p class=a>1</p><!--[if mso]><style>.a{display:none}</style><![endif]-->";
        assert_eq!(read(0, commented).visible, "1");
    }

    #[test]
    fn many_rules_and_open_blocks_are_bounded() {
        let many = ".a{color:#fff}".repeat(20_000);
        check(&many, "<p>1</p>", "1", &[]);
        for css in ["{{{{", "}}}}", "@media{", "a{b", "@media (", ";;;{", ".{}#{}", "\\", "/*"] {
            check(css, "<p>1</p>", "1", &[]);
        }
    }
}
