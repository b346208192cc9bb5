//! Colours as HTML and CSS write them, as far as they hide text.

/// A colour, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Colour {
    /// Red, green and blue.
    Rgb(u8, u8, u8),
    /// Wholly transparent.
    Transparent,
    /// Written in a way that is not read here, or a picture.
    #[default]
    Unknown,
}

impl Colour {
    pub(super) const WHITE: Colour = Colour::Rgb(255, 255, 255);
    pub(super) const BLACK: Colour = Colour::Rgb(0, 0, 0);

    /// Whether text of this colour cannot be seen on `background`: no channel differs by more
    /// than [`Colour::SAME`].
    pub(super) fn is_invisible_on(self, background: Colour) -> bool {
        match (self, background) {
            (Colour::Transparent, _) => true,
            (Colour::Rgb(r, g, b), Colour::Rgb(x, y, z)) => {
                r.abs_diff(x).max(g.abs_diff(y)).max(b.abs_diff(z)) <= Colour::SAME
            }
            _ => false,
        }
    }

    /// Largest difference of a channel, of 255, that nobody sees: `#fcfcfc` on white.
    pub(super) const SAME: u8 = 6;

    /// Reads a CSS colour; a bare `ffffff`, as attributes have it, too.
    pub(super) fn read(written: &[u8]) -> Colour {
        let text = written.trim_ascii();
        if let Some(hex) = text.strip_prefix(b"#") {
            return hexadecimal(hex);
        }
        if let Some(colour) = functional(text) {
            return colour;
        }
        let named = NAMED.iter().find(|(name, _)| text.eq_ignore_ascii_case(name.as_bytes()));
        match named {
            Some((_, colour)) => *colour,
            None if text.len() == 6 => hexadecimal(text),
            None => Colour::Unknown,
        }
    }
}

fn hexadecimal(digits: &[u8]) -> Colour {
    let digit = |at: usize| {
        digits.get(at).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok())
    };
    let single = |at: usize| digit(at).map(|d| d * 17);
    let double = |at: usize| Some(digit(at)? * 16 + digit(at + 1)?);
    let (rgb, alpha) = match digits.len() {
        3 | 4 => ([single(0), single(1), single(2)], single(3)),
        6 | 8 => ([double(0), double(2), double(4)], double(6)),
        _ => return Colour::Unknown,
    };
    match (rgb, alpha) {
        (_, Some(0)) => Colour::Transparent,
        ([Some(r), Some(g), Some(b)], _) => Colour::Rgb(r, g, b),
        _ => Colour::Unknown,
    }
}

/// `rgb(…)` and `rgba(…)`, with commas, blanks or a slash between.
fn functional(text: &[u8]) -> Option<Colour> {
    let open = memchr::memchr(b'(', text)?;
    let name = text.get(..open)?;
    if !name.eq_ignore_ascii_case(b"rgb") && !name.eq_ignore_ascii_case(b"rgba") {
        return Some(Colour::Unknown);
    }
    let inner = std::str::from_utf8(text.get(open + 1..)?).ok()?;
    let mut values = inner
        .split([',', ' ', '/', ')'])
        .filter(|v| !v.is_empty())
        .map(|v| match v.strip_suffix('%') {
            Some(percent) => percent.parse::<f32>().map(|p| p * 2.55),
            None => v.parse::<f32>(),
        })
        .take(4);
    let mut channel = || values.next()?.ok();
    let (Some(r), Some(g), Some(b)) = (channel(), channel(), channel()) else {
        return Some(Colour::Unknown);
    };
    if channel().is_some_and(|alpha| alpha <= 0.02) {
        return Some(Colour::Transparent);
    }
    // `as` saturates, which is what CSS asks for.
    Some(Colour::Rgb(r as u8, g as u8, b as u8))
}

/// Names that mail uses; others stay unknown and hide nothing.
const NAMED: &[(&str, Colour)] = &[
    ("white", Colour::WHITE),
    ("black", Colour::BLACK),
    ("transparent", Colour::Transparent),
    ("red", Colour::Rgb(255, 0, 0)),
    ("blue", Colour::Rgb(0, 0, 255)),
    ("gray", Colour::Rgb(128, 128, 128)),
    ("grey", Colour::Rgb(128, 128, 128)),
    ("silver", Colour::Rgb(192, 192, 192)),
    ("green", Colour::Rgb(0, 128, 0)),
    ("yellow", Colour::Rgb(255, 255, 0)),
    ("navy", Colour::Rgb(0, 0, 128)),
    ("whitesmoke", Colour::Rgb(245, 245, 245)),
    ("snow", Colour::Rgb(255, 250, 250)),
    ("ivory", Colour::Rgb(255, 255, 240)),
    ("ghostwhite", Colour::Rgb(248, 248, 255)),
    ("floralwhite", Colour::Rgb(255, 250, 240)),
    ("azure", Colour::Rgb(240, 255, 255)),
    ("orange", Colour::Rgb(255, 165, 0)),
    ("maroon", Colour::Rgb(128, 0, 0)),
    ("purple", Colour::Rgb(128, 0, 128)),
    ("teal", Colour::Rgb(0, 128, 128)),
    ("lightgray", Colour::Rgb(211, 211, 211)),
    ("lightgrey", Colour::Rgb(211, 211, 211)),
    ("darkgray", Colour::Rgb(169, 169, 169)),
    ("windowtext", Colour::BLACK),
    ("window", Colour::WHITE),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_written_in_mail() {
        let cases = [
            ("#fff", Colour::WHITE),
            ("#FFFFFF", Colour::WHITE),
            ("ffffff", Colour::WHITE),
            ("White", Colour::WHITE),
            ("rgb(255, 255, 255)", Colour::WHITE),
            ("rgb(100% 100% 100%)", Colour::WHITE),
            ("rgba(1,2,3,0)", Colour::Transparent),
            ("rgba(1,2,3,.9)", Colour::Rgb(1, 2, 3)),
            ("#01020300", Colour::Transparent),
            ("rgb(999,-3,0)", Colour::Rgb(255, 0, 0)),
            ("hsl(0 0% 100%)", Colour::Unknown),
            ("inherit", Colour::Unknown),
            ("#12", Colour::Unknown),
            ("", Colour::Unknown),
        ];
        for (written, expected) in cases {
            assert_eq!(Colour::read(written.as_bytes()), expected, "{written}");
        }
    }

    #[test]
    fn light_grey_on_white_is_seen() {
        assert!(Colour::Rgb(252, 252, 252).is_invisible_on(Colour::WHITE));
        assert!(!Colour::Rgb(238, 238, 238).is_invisible_on(Colour::WHITE));
        assert!(!Colour::WHITE.is_invisible_on(Colour::Unknown));
    }
}
