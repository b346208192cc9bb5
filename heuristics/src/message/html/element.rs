//! What the reader must know about elements (HTML Living Standard, sections 13.1 to 13.2).

/// An element by name; unknown ones are told apart by a hash of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    A,
    Area,
    Base,
    Body,
    Br,
    Button,
    Dd,
    Dt,
    Font,
    Form,
    Hr,
    Iframe,
    Image,
    Input,
    Li,
    /// Any list, the border within which an `li` closes another.
    List,
    Meta,
    P,
    Pre,
    Script,
    Select,
    Style,
    Table,
    Td,
    Template,
    Textarea,
    /// `tbody`, `thead`, `tfoot`.
    TableBody,
    Title,
    Tr,
    Wbr,
    /// A block that stands on lines of its own: `div`, `section`, … by hash.
    Block(u32),
    /// A block set off by a blank line: `h1`, `blockquote`, … by hash.
    Paragraph(u32),
    /// Formatting that may be closed across blocks (`b`, `span` is none), by hash.
    Formatting(u32),
    /// No content: `embed`, `link`, `col`, …
    Void,
    /// An element that closes nothing above it: `object`, `marquee`, `caption`, by hash.
    Border(u32),
    /// Anything else, by hash.
    Other(u32),
}

/// How an element breaks the flow of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    None,
    Cell,
    Lines(u8),
}

impl Element {
    /// The element called `name`, lower case.
    pub(super) fn named(name: &[u8]) -> Element {
        match name {
            b"a" => Element::A,
            b"td" | b"th" => Element::Td,
            b"tr" => Element::Tr,
            b"table" => Element::Table,
            b"p" => Element::P,
            b"br" => Element::Br,
            b"img" | b"image" => Element::Image,
            b"font" => Element::Font,
            b"b" | b"strong" | b"i" | b"em" | b"u" | b"s" | b"strike" | b"small" | b"big"
            | b"tt" | b"code" | b"nobr" => Element::Formatting(hash(name)),
            b"div" | b"center" | b"section" | b"article" | b"header" | b"footer" | b"main"
            | b"nav" | b"aside" | b"figure" | b"figcaption" | b"fieldset" | b"address"
            | b"details" | b"summary" | b"html" | b"option" | b"legend" | b"dialog" | b"search"
            | b"hgroup" => Element::Block(hash(name)),
            b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"blockquote" => {
                Element::Paragraph(hash(name))
            }
            b"pre" | b"listing" | b"xmp" => Element::Pre,
            b"ul" | b"ol" | b"menu" | b"dir" | b"dl" => Element::List,
            b"li" => Element::Li,
            b"dd" => Element::Dd,
            b"dt" => Element::Dt,
            b"tbody" | b"thead" | b"tfoot" => Element::TableBody,
            b"area" => Element::Area,
            b"base" => Element::Base,
            b"body" => Element::Body,
            b"button" => Element::Button,
            b"form" => Element::Form,
            b"hr" => Element::Hr,
            b"iframe" | b"noembed" | b"noframes" => Element::Iframe,
            b"input" => Element::Input,
            b"meta" => Element::Meta,
            b"script" => Element::Script,
            b"select" => Element::Select,
            b"style" => Element::Style,
            b"template" => Element::Template,
            b"textarea" => Element::Textarea,
            b"title" => Element::Title,
            b"wbr" => Element::Wbr,
            b"caption" | b"object" | b"marquee" | b"applet" => Element::Border(hash(name)),
            b"col" | b"embed" | b"frame" | b"keygen" | b"link" | b"param" | b"source"
            | b"track" | b"bgsound" | b"basefont" => Element::Void,
            _ => Element::Other(hash(name)),
        }
    }

    /// Whether it has no content and no end tag.
    pub(super) fn is_void(self) -> bool {
        matches!(
            self,
            Element::Area
                | Element::Base
                | Element::Br
                | Element::Hr
                | Element::Image
                | Element::Input
                | Element::Meta
                | Element::Void
                | Element::Wbr
        )
    }

    /// Whether its content is never shown, and not meant to be.
    pub(super) fn is_unrendered(self) -> bool {
        matches!(
            self,
            Element::Iframe | Element::Script | Element::Style | Element::Template | Element::Title
        )
    }

    /// How text before and after it is set apart.
    pub(super) fn breaks(self) -> Break {
        match self {
            Element::Td => Break::Cell,
            Element::P | Element::Pre | Element::List | Element::Paragraph(_) => Break::Lines(2),
            Element::Block(_)
            | Element::Body
            | Element::Dd
            | Element::Dt
            | Element::Form
            | Element::Hr
            | Element::Li
            | Element::Table
            | Element::TableBody
            | Element::Tr => Break::Lines(1),
            Element::Border(_) => Break::Lines(1),
            _ => Break::None,
        }
    }

    /// Whether it is formatting that is closed alone, though blocks opened later stay open.
    pub(super) fn is_formatting(self) -> bool {
        matches!(self, Element::A | Element::Font | Element::Formatting(_))
    }

    /// Whether an end tag of an inline element above it is looked for no further.
    pub(super) fn is_special(self) -> bool {
        self.is_border()
            || self.breaks() != Break::None
            || matches!(self, Element::Button | Element::Select | Element::Textarea)
    }

    /// Whether an end tag of a block above it is looked for no further ("has an element in scope").
    pub(super) fn is_border(self) -> bool {
        matches!(self, Element::Border(_) | Element::Table | Element::Td | Element::Template)
    }

    /// Whether it is a part of a table, which only the table itself shields from end tags.
    pub(super) fn is_table_part(self) -> bool {
        matches!(self, Element::Table | Element::TableBody | Element::Td | Element::Tr)
    }

    /// Whether starting it ends an open `p`.
    pub(super) fn ends_paragraph(self) -> bool {
        matches!(self.breaks(), Break::Lines(_))
            && !matches!(self, Element::Body | Element::TableBody | Element::Tr)
            && !matches!(self, Element::Border(_))
    }
}

/// FNV-1a; two unknown names that collide are taken for one, which does no harm.
pub(super) fn hash(name: &[u8]) -> u32 {
    name.iter().fold(0x811C_9DC5, |h, b| (h ^ u32::from(*b)).wrapping_mul(0x0100_0193))
}
