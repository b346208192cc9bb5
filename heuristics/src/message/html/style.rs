//! How elements look, as far as it decides whether their text is seen.
//!
//! [`Style`] is what one element says of itself; [`Look`] is what comes of it and of the elements
//! around it. Rules of `<style>` elements would be a `Style` each, laid under the element's own.

use super::Why;
use super::colour::Colour;

/// What one element says of its own look. `None` and `false` mean that it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Style {
    /// Hides the element and everything in it, whatever that says of itself.
    pub(super) gone: Option<Why>,
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

    fn read_plain(css: &[u8], mention: &mut impl FnMut(Mention<'_>)) -> Style {
        let mut style = Style::default();
        let mut placed = Box::default();
        for declaration in (Declarations { css, broken: false }) {
            let Some(colon) = memchr::memchr(b':', declaration) else { continue };
            let (name, value) = declaration.split_at(colon);
            let mut buffer = [0; LONGEST_NAME];
            let Some(name) = lower(name.trim_ascii(), &mut buffer) else { continue };
            let value = value.get(1..).unwrap_or_default();
            style.declare(name, without_important(value.trim_ascii()), &mut placed, mention);
        }
        style.gone = style.gone.or(placed.hides());
        style
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
            b"display" if is(value, "none") => self.gone = Some(Why::Display),
            // A later declaration of the same element wins.
            b"display" if self.gone == Some(Why::Display) => self.gone = None,
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

/// Declarations of a style: what stands between semicolons that are not in quotes or parentheses.
struct Declarations<'a> {
    css: &'a [u8],
    /// A quote or parenthesis is never closed: from here on every semicolon counts. Mail clients
    /// differ there; this reading sees the most declarations, and looks at no byte twice.
    broken: bool,
}

impl<'a> Iterator for Declarations<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.css.is_empty() {
            return None;
        }
        let whole = if self.broken { None } else { self.end_of_whole() };
        self.broken |= whole.is_none();
        let end = whole.or_else(|| memchr::memchr(b';', self.css)).unwrap_or(self.css.len());
        let (declaration, rest) = self.css.split_at(end);
        self.css = rest.get(1..).unwrap_or_default();
        Some(declaration)
    }
}

impl Declarations<'_> {
    /// Where the next declaration ends; `None` where a quote or parenthesis in it never does.
    fn end_of_whole(&self) -> Option<usize> {
        let mut quote = None;
        let mut open = false;
        let end = self.css.iter().position(|b| {
            match (quote, b) {
                (Some(q), b) if q == *b => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(*b),
                (None, b'(') => open = true,
                (None, b')') => open = false,
                (None, b';') => return !open,
                _ => {}
            }
            false
        });
        end.or_else(|| (quote.is_none() && !open).then_some(self.css.len()))
    }
}

/// `css` without comments and with its escapes resolved.
fn plain(css: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(css.len());
    let mut rest = css;
    while let Some((first, tail)) = rest.split_first() {
        if let Some(comment) = rest.strip_prefix(b"/*") {
            let end = memchr::memmem::find(comment, b"*/").map_or(comment.len(), |at| at + 2);
            rest = comment.get(end..).unwrap_or_default();
        } else if *first == b'\\' {
            let digits = tail.iter().take(6).take_while(|b| b.is_ascii_hexdigit()).count();
            let (hex, after) = tail.split_at(digits);
            let code = std::str::from_utf8(hex).ok().and_then(|h| u32::from_str_radix(h, 16).ok());
            if let Some(c) = code.and_then(char::from_u32) {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            let blank = digits > 0 && after.first().is_some_and(u8::is_ascii_whitespace);
            rest = after.get(usize::from(blank)..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

fn lower<'b>(name: &[u8], buffer: &'b mut [u8; LONGEST_NAME]) -> Option<&'b [u8]> {
    let out = buffer.get_mut(..name.len())?;
    out.copy_from_slice(name);
    out.make_ascii_lowercase();
    Some(out)
}

fn without_important(value: &[u8]) -> &[u8] {
    match memchr::memrchr(b'!', value) {
        Some(at) => value.get(..at).unwrap_or_default().trim_ascii_end(),
        None => value,
    }
}

fn is(value: &[u8], word: &str) -> bool {
    value.eq_ignore_ascii_case(word.as_bytes())
}

fn starts(value: &[u8], word: &str) -> bool {
    value.get(..word.len()).is_some_and(|start| is(start, word))
}

/// Whether `value` holds `part`, which is lower case.
fn contains(value: &[u8], part: &[u8]) -> bool {
    value.windows(part.len()).any(|w| w.eq_ignore_ascii_case(part))
}

fn known(colour: Colour) -> Option<Colour> {
    // `inherit`, `initial` and unread notations leave the colour as it is.
    (colour != Colour::Unknown).then_some(colour)
}

/// A number and the unit after it.
fn number(value: &[u8]) -> Option<(f32, &[u8])> {
    let is_part = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+');
    let end = value.iter().position(|b| !is_part(b)).unwrap_or(value.len());
    let (digits, unit) = value.split_at(end);
    let n: f32 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some((n, unit.trim_ascii()))
}

fn pixels(n: f32, unit: &[u8]) -> Option<f32> {
    let factor = match unit.to_ascii_lowercase().as_slice() {
        b"" | b"px" => 1.0,
        b"pt" => 4.0 / 3.0,
        b"em" | b"rem" | b"pc" => 16.0,
        b"ex" | b"ch" => 8.0,
        b"mm" => 3.78,
        b"cm" => 37.8,
        b"in" => 96.0,
        b"vw" | b"vh" | b"vmin" | b"vmax" | b"%" => 6.0,
        _ => return None,
    };
    Some(n * factor)
}

fn length(value: &[u8]) -> Option<f32> {
    number(value).and_then(|(n, unit)| pixels(n, unit))
}

/// What stands in `url(…)`.
fn picture(value: &[u8]) -> Option<&[u8]> {
    let open = memchr::memchr(b'(', value)?;
    let named = value.get(open.checked_sub(3)?..open)?.eq_ignore_ascii_case(b"url");
    let inner = value.get(open + 1..)?;
    let inner = inner.get(..memchr::memchr(b')', inner).unwrap_or(inner.len()))?;
    let url = inner.trim_ascii().trim_ascii();
    let url = match url {
        [b'"' | b'\'', inner @ .., b'"' | b'\''] => inner,
        _ => url,
    };
    (named && !url.is_empty()).then_some(url)
}

fn is_faint_filter(value: &[u8]) -> bool {
    let compact: Vec<u8> = value.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    contains(&compact, b"opacity=0)") || contains(&compact, b"opacity(0")
}

/// `rect(0,0,0,0)`, `rect(1px 1px 1px 1px)`, `inset(50%)` and above, `circle(0)`.
fn is_empty_clip(value: &[u8]) -> bool {
    let Some(open) = memchr::memchr(b'(', value) else { return false };
    let (name, rest) = value.split_at(open);
    let mut numbers = rest
        .split(|b| matches!(b, b'(' | b')' | b',' | b' '))
        .filter(|n| !n.is_empty())
        .map(|n| number(n).map(|(n, _)| n))
        .take(4);
    match name.trim_ascii().to_ascii_lowercase().as_slice() {
        b"rect" => numbers.all(|n| n.is_some_and(|n| n <= 1.0)),
        b"inset" => numbers.next().flatten().is_some_and(|n| n >= 50.0),
        b"circle" => numbers.next().flatten() == Some(0.0),
        _ => false,
    }
}

fn is_nothing_scaled(value: &[u8]) -> bool {
    let at = value.windows(5).position(|w| w.eq_ignore_ascii_case(b"scale"));
    at.and_then(|at| memchr::memchr(b'(', value.get(at..)?).map(|open| at + open + 1))
        .and_then(|inner| number(value.get(inner..)?.trim_ascii_start()))
        .is_some_and(|(n, _)| n.abs() <= FAINT)
}

/// Fonts of at most this many pixels cannot be read.
const TINY: f32 = 1.34;

/// Opacity up to this cannot be seen.
const FAINT: f32 = 0.05;

/// A positioned box this far out, in pixels, is outside.
const AWAY: f32 = -100.0;

/// An indent or margin this far out, in pixels, is meant to hide.
const FAR_AWAY: f32 = -500.0;

/// Longest property name that is looked at, in bytes.
const LONGEST_NAME: usize = 24;

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
