//! The grammar of CSS as far as `style` attributes need it: declarations, escapes, numbers, lengths.

/// Declarations of a style: what stands between semicolons that are not in quotes or parentheses.
pub(super) struct Declarations<'a> {
    css: &'a [u8],
    /// A quote or parenthesis is never closed: from here on every semicolon counts. Mail clients
    /// differ there; this reading sees the most declarations, and looks at no byte twice.
    broken: bool,
}

impl<'a> Declarations<'a> {
    pub(super) fn of(css: &'a [u8]) -> Declarations<'a> {
        Declarations { css, broken: false }
    }
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
pub(super) fn plain(css: &[u8]) -> Vec<u8> {
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

/// `name` in lower case; `None` where it is longer than any that is looked at.
pub(super) fn lower<'b>(name: &[u8], buffer: &'b mut Name) -> Option<&'b [u8]> {
    let out = buffer.get_mut(..name.len())?;
    out.copy_from_slice(name);
    out.make_ascii_lowercase();
    Some(out)
}

/// `value` without `!important`.
pub(super) fn without_important(value: &[u8]) -> &[u8] {
    match memchr::memrchr(b'!', value) {
        Some(at) => value.get(..at).unwrap_or_default().trim_ascii_end(),
        None => value,
    }
}

pub(super) fn is(value: &[u8], word: &str) -> bool {
    value.eq_ignore_ascii_case(word.as_bytes())
}

pub(super) fn starts(value: &[u8], word: &str) -> bool {
    value.get(..word.len()).is_some_and(|start| is(start, word))
}

/// Whether `value` holds `part`, which is lower case.
pub(super) fn contains(value: &[u8], part: &[u8]) -> bool {
    value.windows(part.len()).any(|w| w.eq_ignore_ascii_case(part))
}

/// A number and the unit after it.
pub(super) fn number(value: &[u8]) -> Option<(f32, &[u8])> {
    let is_part = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+');
    let end = value.iter().position(|b| !is_part(b)).unwrap_or(value.len());
    let (digits, unit) = value.split_at(end);
    let n: f32 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some((n, unit.trim_ascii()))
}

/// Pixels of `n` units; sizes of the window and percentages are taken as those of a small window.
pub(super) fn pixels(n: f32, unit: &[u8]) -> Option<f32> {
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

/// A length in pixels.
pub(super) fn length(value: &[u8]) -> Option<f32> {
    number(value).and_then(|(n, unit)| pixels(n, unit))
}

/// What stands in `url(…)`.
pub(super) fn picture(value: &[u8]) -> Option<&[u8]> {
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

pub(super) fn is_faint_filter(value: &[u8]) -> bool {
    let compact: Vec<u8> = value.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    contains(&compact, b"opacity=0)") || contains(&compact, b"opacity(0")
}

/// `rect(0,0,0,0)`, `rect(1px 1px 1px 1px)`, `inset(50%)` and above, `circle(0)`.
pub(super) fn is_empty_clip(value: &[u8]) -> bool {
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

pub(super) fn is_nothing_scaled(value: &[u8]) -> bool {
    let at = value.windows(5).position(|w| w.eq_ignore_ascii_case(b"scale"));
    at.and_then(|at| memchr::memchr(b'(', value.get(at..)?).map(|open| at + open + 1))
        .and_then(|inner| number(value.get(inner..)?.trim_ascii_start()))
        .is_some_and(|(n, _)| n.abs() <= NOTHING)
}

/// A box scaled to at most this much cannot be seen.
const NOTHING: f32 = 0.05;

/// Longest property name that is looked at, in bytes.
const LONGEST_NAME: usize = 24;

/// Room for a property name in lower case.
pub(super) type Name = [u8; LONGEST_NAME];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_end_at_semicolons_outside_quotes_and_parentheses() {
        let cases: [(&str, &[&str]); 6] = [
            ("a:b;c:d", &["a:b", "c:d"]),
            ("a:url(x;y);c", &["a:url(x;y)", "c"]),
            ("a:'x;y';c", &["a:'x;y'", "c"]),
            ("a:'x;y", &["a:'x", "y"]),
            ("a:(x;y;z", &["a:(x", "y", "z"]),
            (";;", &["", ""]),
        ];
        for (css, expected) in cases {
            let declarations: Vec<&[u8]> = Declarations::of(css.as_bytes()).collect();
            let expected: Vec<&[u8]> = expected.iter().map(|d| d.as_bytes()).collect();
            assert_eq!(declarations, expected, "{css}");
        }
    }

    #[test]
    fn comments_and_escapes_are_resolved() {
        assert_eq!(plain(br"a/* x */b\6c c\"), b"ablc");
        assert_eq!(plain(b"a/*"), b"a");
    }
}
