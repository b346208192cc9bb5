//! How elements look, as far as it decides whether their text is seen.
//!
//! [`Style`] is what one element, or one rule of a style sheet, says; [`Look`] is what comes of it
//! and of the elements around it.

use super::Why;
use super::colour::Colour;
use super::css::{
    Declarations, Name, contains, is, is_empty_clip, is_faint_filter, is_nothing_scaled, length,
    lower, number, picture, pixels, plain, starts, without_important,
};

/// What one element says of its own look. `None` and `false` mean that it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Style {
    /// Hides the element and everything in it, whatever that says of itself.
    pub(super) gone: Option<Why>,
    /// `display` is given and not `none`, which undoes a weaker rule's `none`.
    pub(super) displayed: bool,
    pub(super) visible: Option<bool>,
    pub(super) size: Option<Size>,
    pub(super) colour: Option<Colour>,
    pub(super) background: Option<Colour>,
    pub(super) preformatted: Option<bool>,
    pub(super) outlook_only: bool,
}

/// Size of a font.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Size {
    Pixels(f32),
    /// Times the size around it.
    Times(f32),
}

/// How text looks at one place of the document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    gone: Option<Why>,
    visible: bool,
    pixels: f32,
    colour: Colour,
    background: Colour,
    /// White space counts as written.
    pub(super) preformatted: bool,
    /// Hidden by `mso-hide`.
    pub(super) outlook_only: bool,
}

/// Something a style names besides the look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mention<'a> {
    /// A list of font families.
    Fonts(&'a [u8]),
    /// The address of a picture.
    Picture(&'a [u8]),
}

impl Look {
    /// How a mail client shows text that nothing is said of.
    pub(super) const PLAIN: Look = Look {
        gone: None,
        visible: true,
        pixels: 16.0,
        colour: Colour::BLACK,
        background: Colour::WHITE,
        preformatted: false,
        outlook_only: false,
    };

    /// The look inside an element with `style`.
    pub(super) fn with(self, style: &Style) -> Look {
        Look {
            gone: self.gone.or(style.gone),
            visible: style.visible.unwrap_or(self.visible),
            pixels: match style.size {
                Some(Size::Pixels(pixels)) => pixels,
                Some(Size::Times(factor)) => self.pixels * factor,
                None => self.pixels,
            },
            colour: style.colour.unwrap_or(self.colour),
            background: match style.background {
                None | Some(Colour::Transparent) => self.background,
                Some(background) => background,
            },
            preformatted: style.preformatted.unwrap_or(self.preformatted),
            outlook_only: self.outlook_only || style.outlook_only,
        }
    }

    /// What hides text here; `None` where a person sees it.
    pub(super) fn hides(&self) -> Option<Why> {
        match self.gone {
            Some(why) => Some(why),
            None if !self.visible => Some(Why::Visibility),
            None if self.pixels <= TINY => Some(Why::FontSize),
            None if self.colour.is_invisible_on(self.background) => Some(Why::Colour),
            None => None,
        }
    }
}

impl Style {
    /// Reads a `style` attribute; what else it names goes to `mention`.
    pub(super) fn read(css: &[u8], mention: &mut impl FnMut(Mention<'_>)) -> Style {
        if memchr::memchr(b'\\', css).is_some() || memchr::memmem::find(css, b"/*").is_some() {
            return Style::read_plain(&plain(css), mention);
        }
        Style::read_plain(css, mention)
    }

    /// What `!important` declarations say alone. No comments or escapes are looked for.
    pub(super) fn read_important(css: &[u8]) -> Style {
        let mut style = Style::default();
        let mut placed = Box::default();
        for declaration in Declarations::of(css).filter(|d| memchr::memchr(b'!', d).is_some()) {
            style.read_declaration(declaration, &mut placed, &mut |_| {});
        }
        style.gone = style.gone.or(placed.hides());
        style
    }

    /// This style where it says something, else `weaker`.
    pub(super) fn over(self, weaker: &Style) -> Style {
        let undone = self.displayed && weaker.gone == Some(Why::Display);
        Style {
            gone: self.gone.or(weaker.gone.filter(|_| !undone)),
            displayed: self.gone != Some(Why::Display) && (self.displayed || weaker.displayed),
            visible: self.visible.or(weaker.visible),
            size: self.size.or(weaker.size),
            colour: self.colour.or(weaker.colour),
            background: self.background.or(weaker.background),
            preformatted: self.preformatted.or(weaker.preformatted),
            outlook_only: self.outlook_only || weaker.outlook_only,
        }
    }

    /// The colours this style sets, each as one that is not known.
    pub(super) fn with_unknown_colours(&self) -> Style {
        Style {
            colour: self.colour.map(|_| Colour::Unknown),
            background: self.background.map(|_| Colour::Unknown),
            ..Style::default()
        }
    }

    /// Reads declarations without comments and escapes.
    pub(super) fn read_plain(css: &[u8], mention: &mut impl FnMut(Mention<'_>)) -> Style {
        let mut style = Style::default();
        let mut placed = Box::default();
        for declaration in Declarations::of(css) {
            style.read_declaration(declaration, &mut placed, mention);
        }
        style.gone = style.gone.or(placed.hides());
        style
    }

    fn read_declaration(
        &mut self,
        declaration: &[u8],
        placed: &mut Box,
        mention: &mut impl FnMut(Mention<'_>),
    ) {
        let Some(colon) = memchr::memchr(b':', declaration) else { return };
        let (name, value) = declaration.split_at(colon);
        let mut buffer = Name::default();
        let Some(name) = lower(name.trim_ascii(), &mut buffer) else { return };
        let value = value.get(1..).unwrap_or_default();
        self.declare(name, without_important(value.trim_ascii()), placed, mention);
    }

    fn declare(
        &mut self,
        name: &[u8],
        value: &[u8],
        placed: &mut Box,
        mention: &mut impl FnMut(Mention<'_>),
    ) {
        match name {
            b"color" => self.colour = known(Colour::read(value)),
            b"font-family" => mention(Mention::Fonts(value)),
            b"font-size" => self.size = Size::read(value).or(self.size),
            b"font" => self.declare_font(value, mention),
            b"background-color" => self.background = Some(Colour::read(value)),
            b"background" | b"background-image" => self.declare_background(name, value, mention),
            b"display" => {
                // A later declaration of the same element wins.
                self.displayed = !is(value, "none");
                if !self.displayed {
                    self.gone = Some(Why::Display);
                } else if self.gone == Some(Why::Display) {
                    self.gone = None;
                }
            }
            b"content-visibility" if is(value, "hidden") => self.gone = Some(Why::Display),
            b"visibility" => self.visible = Some(!is(value, "hidden") && !is(value, "collapse")),
            b"opacity" if number(value).is_some_and(|(n, _)| n <= FAINT) => {
                self.gone = Some(Why::Opacity);
            }
            b"opacity" if self.gone == Some(Why::Opacity) => self.gone = None,
            b"filter" if is_faint_filter(value) => self.gone = Some(Why::Opacity),
            b"mso-hide" => self.outlook_only = is(value, "all"),
            b"white-space" => self.preformatted = Some(starts(value, "pre")),
            b"width" | b"max-width" => placed.width = length(value).or(placed.width),
            b"height" | b"max-height" => placed.height = length(value).or(placed.height),
            b"overflow" | b"overflow-x" | b"overflow-y" => {
                placed.cuts = is(value, "hidden") || is(value, "clip");
            }
            b"position" => placed.floats = is(value, "absolute") || is(value, "fixed"),
            b"left" | b"top" | b"right" | b"bottom" => {
                placed.away |= length(value).is_some_and(|at| at <= AWAY);
            }
            b"text-indent" | b"margin-left" | b"margin-top"
                if length(value).is_some_and(|at| at <= FAR_AWAY) =>
            {
                self.gone = Some(Why::Position);
            }
            b"clip" | b"clip-path" if is_empty_clip(value) => placed.clipped = true,
            b"transform" if is_nothing_scaled(value) => self.gone = Some(Why::Size),
            _ => {}
        }
    }

    /// `font: 0/0 a`, `font: bold 12px/1.5 "MS Gothic", sans-serif`.
    fn declare_font(&mut self, value: &[u8], mention: &mut impl FnMut(Mention<'_>)) {
        let mut rest = value;
        while !rest.is_empty() {
            let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
            let (word, tail) = rest.split_at(end);
            rest = tail.trim_ascii_start();
            let size = word.split(|b| *b == b'/').next().unwrap_or_default();
            // 100 to 900 without a unit is a weight.
            let is_weight = number(size).is_some_and(|(n, unit)| n >= 100.0 && unit.is_empty());
            if let Some(size) = Size::read(size).filter(|_| !is_weight) {
                self.size = Some(size);
                mention(Mention::Fonts(rest));
                return;
            }
        }
    }

    fn declare_background(
        &mut self,
        name: &[u8],
        value: &[u8],
        mention: &mut impl FnMut(Mention<'_>),
    ) {
        if let Some(url) = picture(value) {
            mention(Mention::Picture(url));
            self.background = Some(Colour::Unknown);
        } else if contains(value, b"gradient(") {
            self.background = Some(Colour::Unknown);
        } else if name == b"background" {
            let first = value.split(u8::is_ascii_whitespace).next().unwrap_or_default();
            let colour = if contains(value, b"(") { value } else { first };
            self.background = Some(Colour::read(colour));
        }
    }
}

impl Size {
    /// Whether text of this size cannot be read, whatever is around.
    pub(super) fn is_tiny(self) -> bool {
        match self {
            Size::Pixels(pixels) => pixels <= TINY,
            Size::Times(factor) => factor <= 0.0,
        }
    }

    fn read(value: &[u8]) -> Option<Size> {
        if let Some((n, unit)) = number(value) {
            return match unit {
                b"em" | b"ex" | b"ch" => Some(Size::Times(n)),
                b"%" => Some(Size::Times(n / 100.0)),
                _ => pixels(n, unit).map(Size::Pixels),
            };
        }
        const WORDS: &[&str] =
            &["xx-small", "x-small", "small", "medium", "large", "x-large", "xx-large"];
        WORDS.iter().any(|word| is(value, word)).then_some(Size::Pixels(16.0))
    }
}

/// Where an element says its box is, put together over several declarations.
#[derive(Default)]
struct Box {
    width: Option<f32>,
    height: Option<f32>,
    cuts: bool,
    floats: bool,
    away: bool,
    clipped: bool,
}

impl Box {
    fn hides(&self) -> Option<Why> {
        let flat = |side: Option<f32>| side.is_some_and(|pixels| (0.0..=TINY).contains(&pixels));
        if self.cuts && (flat(self.width) || flat(self.height)) {
            Some(Why::Size)
        } else if self.floats && (self.away || self.clipped) {
            Some(Why::Position)
        } else {
            None
        }
    }
}

fn known(colour: Colour) -> Option<Colour> {
    // `inherit`, `initial` and unread notations leave the colour as it is.
    (colour != Colour::Unknown).then_some(colour)
}

/// Fonts of at most this many pixels cannot be read.
const TINY: f32 = 1.34;

/// Opacity up to this cannot be seen.
const FAINT: f32 = 0.05;

/// A positioned box this far out, in pixels, is outside.
const AWAY: f32 = -100.0;

/// An indent or margin this far out, in pixels, is meant to hide.
const FAR_AWAY: f32 = -500.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn hides(css: &str) -> Option<Why> {
        let style = Style::read(css.as_bytes(), &mut |_| {});
        Look::PLAIN.with(&style).hides()
    }

    #[test]
    fn ways_to_hide() {
        let cases = [
            ("display:none", Why::Display),
            ("DISPLAY : None !important", Why::Display),
            ("display:/* x */none", Why::Display),
            ("disp\\6c ay:none", Why::Display),
            ("color:red;;display:none;", Why::Display),
            ("visibility: hidden", Why::Visibility),
            ("opacity:0.0", Why::Opacity),
            ("filter: alpha(opacity = 0)", Why::Opacity),
            ("font-size:0", Why::FontSize),
            ("font-size:1px", Why::FontSize),
            ("font-size:1pt", Why::FontSize),
            ("font-size:.01em", Why::FontSize),
            ("font:0/0 a", Why::FontSize),
            ("max-height:0;overflow:hidden", Why::Size),
            ("overflow:hidden;width:0px", Why::Size),
            ("transform:scale(0)", Why::Size),
            ("position:absolute;left:-9999px", Why::Position),
            ("text-indent:-9999px", Why::Position),
            ("position:absolute;clip:rect(0 0 0 0)", Why::Position),
            ("color:#fff", Why::Colour),
            ("color:#fefefe;background:#ffffff", Why::Colour),
            ("color:#000;background:#000 no-repeat", Why::Colour),
            ("color:transparent", Why::Colour),
        ];
        for (css, why) in cases {
            assert_eq!(hides(css), Some(why), "{css}");
        }
    }

    #[test]
    fn ways_that_show() {
        let cases = [
            "",
            ";:;",
            "display:block",
            "display:none;display:block",
            "font-size:12px",
            "font-size:x-small",
            "font:bold 12px/1.5 'MS Gothic', sans-serif",
            "font:400 12px x",
            "opacity:.5",
            "width:0",
            "height:1px;overflow:visible",
            "overflow:hidden;width:100%",
            "position:absolute;left:-10px",
            "position:relative;top:-2px",
            "margin-left:-15px",
            "color:#fff;background-color:#003366",
            "color:#fff;background:url(dark.png)",
            "color:#fff;background:linear-gradient(#000,#333)",
            "color:inherit",
            "color:#eee",
            "mso-hide:all",
            "content:'display:none;x'",
            "background:url(a;display:none)",
        ];
        for css in cases {
            assert_eq!(hides(css), None, "{css}");
        }
    }

    #[test]
    fn sizes_are_relative_to_the_element_around() {
        let outer = Style::read(b"font-size:0", &mut |_| {});
        let inner = Style::read(b"font-size:200%", &mut |_| {});
        let absolute = Style::read(b"font-size:12px", &mut |_| {});
        assert_eq!(Look::PLAIN.with(&outer).with(&inner).hides(), Some(Why::FontSize));
        assert_eq!(Look::PLAIN.with(&outer).with(&absolute).hides(), None);
    }

    #[test]
    fn fonts_and_pictures_are_mentioned() {
        let css = "font:12px 'A', B; background-image: url( 'x;y.png' ); font-family:C;\
            background:#fff url(z.gif)";
        let mut mentions = Vec::new();
        Style::read(css.as_bytes(), &mut |m| mentions.push(format!("{m:?}")));
        let expected = [
            Mention::Fonts(b"'A', B"),
            Mention::Picture(b"x;y.png"),
            Mention::Fonts(b"C"),
            Mention::Picture(b"z.gif"),
        ];
        assert_eq!(mentions, expected.map(|m| format!("{m:?}")));
    }
}
