//! File names as those who open the file, and those who only look at it, read them.
//!
//! Way in: [`Name::read`]. A name is kept as written; beside it stands a form for comparison: the
//! last path component, compatibility forms folded (full-width letters and dots), lower case,
//! invisible characters taken out, trailing dots and blanks stripped as Windows does. Everything
//! here is linear in a name of at most [`Name::MAX_CHARS`] characters.

use unicode_normalization::UnicodeNormalization;

use crate::message::param::FileName;

/// One name, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    written: String,
    folded: String,
    /// Forms that end earlier: before a NUL, before the colon of an NTFS stream.
    cut: Vec<String>,
}

impl Name {
    /// Characters of a name that are looked at. The end is what counts, so the beginning is cut.
    pub const MAX_CHARS: usize = 1024;

    /// Blanks in a row that no one types by accident.
    pub const PADDING: usize = 5;

    /// Reads a name as a message or an archive gives it, path and all.
    pub fn read(text: &str) -> Name {
        let written = last_component(end_of(text, Self::MAX_CHARS)).to_owned();
        let folded = fold(&written);
        // A program written in C stops at a NUL; `a.exe:b` and `a.exe::$DATA` name the file a.exe.
        let ends = [written.find('\0'), written.find(':').filter(|&at| at > 1)];
        let before = ends.into_iter().flatten().filter_map(|at| written.get(..at)).map(fold);
        let cut = before.filter(|name| !name.is_empty()).collect();
        Name { written, folded, cut }
    }

    /// Every reading of every name, percent-encoded ones once more decoded.
    pub fn read_all(names: &[FileName]) -> Vec<Name> {
        let mut readings: Vec<Name> = Vec::with_capacity(names.len());
        for name in names {
            let decoded = Name::read_percent_decoded(&name.text);
            for reading in [Some(Name::read(&name.text)), decoded].into_iter().flatten() {
                if !readings.contains(&reading) {
                    readings.push(reading);
                }
            }
        }
        readings
    }

    /// The name that stands behind `%2E` and the like, where `text` holds such and they decode.
    pub fn read_percent_decoded(text: &str) -> Option<Name> {
        percent_decoded(text).map(|decoded| Name::read(&decoded))
    }

    /// The last path component as written.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The form for comparison.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// What stands after the last dot, for comparison; empty without a dot.
    pub fn extension(&self) -> &str {
        extensions(&self.folded).next().unwrap_or("")
    }

    /// Every extension that a reader may take the file by: the last one, and the last ones of
    /// names that end earlier.
    pub fn possible_extensions(&self) -> impl Iterator<Item = &str> {
        self.readings().filter_map(|name| extensions(name).next())
    }

    /// The last two extensions of every reading, `(before, last)`: `("pdf", "exe")`.
    pub fn extension_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.readings().filter_map(|name| {
            let mut found = extensions(name);
            let last = found.next()?;
            Some((found.next()?, last))
        })
    }

    /// The name as it looks on a screen: bidi controls obeyed, invisible characters gone.
    pub fn seen(&self) -> String {
        let shown =
            if self.has_bidi_control() { reordered(&self.written) } else { self.written.clone() };
        shown.chars().filter(|&c| !is_invisible(c) && !c.is_control()).collect()
    }

    /// Whether it holds an override, embedding or isolate (UAX #9, 2.1–2.5); marks such as U+200E
    /// belong into Hebrew and Arabic names.
    pub fn has_bidi_control(&self) -> bool {
        self.written.chars().any(is_bidi_control)
    }

    /// Length of the longest run of blanks before the extension: right before its dot, right after
    /// it, or after something that looks like an extension already (`a.pdf      b.exe`).
    pub fn padding(&self) -> usize {
        let mut longest = 0;
        let mut run = 0;
        // Whether a dot or an extension ended right before the run.
        let mut after_extension = false;
        // Length of what stands since the last dot, and whether it holds a letter.
        let mut since_dot: Option<(usize, bool)> = None;
        let text = self.written.trim_end_matches(|c| is_blank(c) || is_dot(c));
        for c in text.chars().filter(|&c| !is_invisible(c)) {
            if is_blank(c) {
                if run == 0 {
                    after_extension =
                        since_dot.is_some_and(|(n, letter)| n == 0 || n <= 5 && letter);
                }
                run += 1;
                continue;
            }
            if after_extension || is_dot(c) {
                longest = longest.max(run);
            }
            run = 0;
            after_extension = false;
            let letter = c.is_ascii_alphabetic() || matches!(c, '\u{FF21}'..='\u{FF5A}');
            since_dot = match since_dot {
                _ if is_dot(c) => Some((0, false)),
                Some((n, before)) if letter || c.is_numeric() => Some((n + 1, before || letter)),
                _ => None,
            };
        }
        // Without a dot after it, a run stands before no extension.
        match text.chars().any(is_dot) {
            true => longest,
            false => 0,
        }
    }

    /// The name in one line of at most some seventy characters: runs of blanks counted (`␣×40`),
    /// the middle left out, the end always there; where bidi controls make it look otherwise, that
    /// form in brackets. Control characters are left for [`crate::indicator::Evidence`] to write
    /// out.
    pub fn shown(&self) -> String {
        let real = shortened(&self.written);
        match self.has_bidi_control() {
            true => format!("{real} [{}]", shortened(&self.seen())),
            false => real,
        }
    }

    fn readings(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.folded.as_str()).chain(self.cut.iter().map(String::as_str))
    }
}

/// `text` in one line: runs of [`Name::PADDING`] blanks and more counted, the middle left out.
pub fn shortened(text: &str) -> String {
    const HEAD: usize = 40;
    const TAIL: usize = 28;
    let out = with_blanks_counted(text);
    let count = out.chars().count();
    if count <= HEAD + TAIL + 1 {
        return out;
    }
    let head = out.chars().take(HEAD);
    head.chain(['…']).chain(out.chars().skip(count - TAIL)).collect()
}

/// `text` with runs of [`Name::PADDING`] blanks and more counted: `␣×40`.
pub fn with_blanks_counted(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(256));
    let mut blanks = String::new();
    for c in text.chars().chain(['\0']) {
        if is_blank(c) {
            blanks.push(c);
            continue;
        }
        match blanks.chars().count() {
            n if n >= Name::PADDING => out.push_str(&format!("␣×{n}")),
            _ => out.push_str(&blanks),
        }
        blanks.clear();
        out.push(c);
    }
    // The NUL that ended the last run.
    out.pop();
    out
}

/// Whether `text` is a class identifier in braces: as an extension it makes Windows open the file
/// with that class (`a.txt.{3050F4D8-…}`), and Explorer does not show it.
pub fn is_class_identifier(extension: &str) -> bool {
    let inner = extension.strip_prefix('{').and_then(|e| e.strip_suffix('}'));
    inner.is_some_and(|i| {
        i.len() == 36
            && i.bytes().enumerate().all(|(at, b)| match at {
                8 | 13 | 18 | 23 => b == b'-',
                _ => b.is_ascii_hexdigit(),
            })
    })
}

/// Whether the folded name is a host or a mail address rather than a file: `www.example.com`,
/// `taro@example.com`. Their last label is the extension of DOS programs.
pub fn is_host_or_address(folded: &str) -> bool {
    let is_host = |h: &str| {
        h.contains('.')
            && h.split('.').all(|label| {
                !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            })
    };
    match folded.rsplit_once('@') {
        Some((local, host)) => {
            !local.is_empty() && !local.contains(char::is_whitespace) && is_host(host)
        }
        None => folded.starts_with("www.") && is_host(folded),
    }
}

/// Any blank: what Unicode calls white space, and letters that look like it.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}')
}

/// A dot in any dress, the ideographic full stop among them.
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '\u{2024}' | '\u{3002}' | '\u{FE52}' | '\u{FF0E}' | '\u{FF61}')
}

fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Not seen and no blank: zero-width characters, joiners, bidi controls and marks.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180D}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
}

fn end_of(text: &str, chars: usize) -> &str {
    match text.len() > chars {
        true => {
            let start = text.char_indices().rev().nth(chars - 1).map_or(0, |(at, _)| at);
            text.get(start..).unwrap_or(text)
        }
        false => text,
    }
}

fn last_component(text: &str) -> &str {
    let text = text.trim_end_matches(['/', '\\']);
    text.rsplit(['/', '\\']).next().unwrap_or(text)
}

fn fold(name: &str) -> String {
    let mut folded = if name.is_ascii() {
        name.to_ascii_lowercase()
    } else {
        let seen = name.chars().filter(|&c| !is_invisible(c));
        let dots = seen.nfkc().map(|c| if is_dot(c) { '.' } else { c });
        dots.flat_map(char::to_lowercase).collect()
    };
    folded.retain(|c| !c.is_control());
    let len = folded.trim_end_matches(|c| c == '.' || is_blank(c) || c == '"').len();
    folded.truncate(len);
    folded
}

/// Extensions from the last to the first, blanks around them taken off, empty ones passed over.
/// The stem is none, unless nothing stands before its dot.
fn extensions(folded: &str) -> impl Iterator<Item = &str> {
    let after_stem = folded.split_once('.').map_or("", |(_, rest)| rest);
    let pieces = after_stem.rsplit('.').map(|piece| piece.trim_matches(is_blank));
    pieces.filter(|piece| !piece.is_empty())
}

fn percent_decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let hex = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    let mut found = false;
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        if let ([high, low, after @ ..], b'%') = (tail, b)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push(high << 4 | low);
            rest = after;
            found = true;
            continue;
        }
        out.push(b);
    }
    if !found {
        return None;
    }
    Some(crate::message::charset::decode(&out, None, None).text.into_owned())
}

/// Reorders for display what overrides, embeddings and isolates turn round (UAX #9, rules X and
/// L2, with every character taken as strong: letters of the right-to-left scripts are not looked
/// at, since a name that needs them is shown by them).
fn reordered(text: &str) -> String {
    const DEEPEST: u8 = 125;
    let mut levels = vec![(0u8, false)];
    let mut placed: Vec<(char, u8)> = Vec::with_capacity(text.len());
    for c in text.chars() {
        let (level, overridden) = levels.last().copied().unwrap_or((0, false));
        let next_odd = (level + 1) | 1;
        let next_even = (level + 2) & !1;
        let opened = match c {
            '\u{202E}' => Some((next_odd, true)),
            '\u{202B}' | '\u{2067}' => Some((next_odd, false)),
            '\u{202D}' | '\u{202A}' | '\u{2066}' | '\u{2068}' => Some((next_even, false)),
            _ => None,
        };
        match (opened, c) {
            (Some(open), _) if open.0 <= DEEPEST => levels.push(open),
            (Some(_), _) => {}
            (None, '\u{202C}' | '\u{2069}') if levels.len() > 1 => {
                levels.pop();
            }
            (None, c) if is_bidi_control(c) => {}
            // Left-to-right letters in a right-to-left run stay in their own order unless overridden.
            (None, c) if level % 2 == 1 && !overridden && c.is_alphanumeric() => {
                placed.push((c, level + 1));
            }
            (None, c) => placed.push((c, level)),
        }
    }
    let highest = placed.iter().map(|&(_, level)| level).max().unwrap_or(0);
    for level in (1..=highest).rev() {
        for run in placed.chunk_by_mut(|a, b| (a.1 >= level) == (b.1 >= level)) {
            if run.first().is_some_and(|&(_, l)| l >= level) {
                run.reverse();
            }
        }
    }
    placed.into_iter().map(|(c, _)| c).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check_extension(name: &str, expected: &str) {
        assert_eq!(Name::read(name).extension(), expected, "{name:?}");
    }

    #[track_caller]
    fn check_seen(name: &str, expected: &str) {
        assert_eq!(Name::read(name).seen(), expected, "{name:?}");
    }

    #[track_caller]
    fn check_padding(name: &str, expected: usize) {
        assert_eq!(Name::read(name).padding(), expected, "{name:?}");
    }

    #[test]
    fn extension_is_what_windows_takes() {
        check_extension("a.EXE", "exe");
        check_extension("dir.d/a", "");
        check_extension("C:\\temp\\a.scr", "scr");
        check_extension("a.exe. . ", "exe");
        check_extension("a.exe ", "exe");
        check_extension("a．ＥＸＥ", "exe");
        check_extension("a.e\u{200B}xe", "exe");
        check_extension("請求書\u{202E}fdp.exe", "exe");
        check_extension(
            "a.txt.{3050F4D8-98B5-11CF-BB82-00AA00BDCE0B}",
            "{3050f4d8-98b5-11cf-bb82-00aa00bdce0b}",
        );
        check_extension("pdf", "");
        check_extension(".exe", "exe");
        check_extension("", "");
    }

    #[test]
    fn names_that_end_earlier_are_read_too() {
        let all = |name: &str| -> Vec<String> {
            Name::read(name).possible_extensions().map(str::to_owned).collect()
        };
        assert_eq!(all("a.exe\0.pdf"), ["pdf", "exe"]);
        assert_eq!(all("a.exe::$DATA"), ["exe::$data", "exe"]);
        assert_eq!(all("a.txt:b.exe"), ["exe", "txt"]);
    }

    #[test]
    fn pairs_of_extensions() {
        let pair = |name: &str| {
            let name = Name::read(name);
            name.extension_pairs().next().map(|(a, b)| format!("{a}+{b}"))
        };
        assert_eq!(pair("請求書.pdf.exe").as_deref(), Some("pdf+exe"));
        assert_eq!(pair("請求書．ｐｄｆ．ｅｘｅ").as_deref(), Some("pdf+exe"));
        assert_eq!(pair("請求書.pdf   .  exe ..").as_deref(), Some("pdf+exe"));
        assert_eq!(pair("a.pdf..exe").as_deref(), Some("pdf+exe"));
        assert_eq!(pair("報告書2026.11.20.xlsx").as_deref(), Some("20+xlsx"));
        assert_eq!(pair("pdf.exe"), None);
    }

    #[test]
    fn percent_encoded_names_are_decoded() {
        let decoded = |n: &str| Name::read_percent_decoded(n).map(|n| n.written().to_owned());
        assert_eq!(decoded("a%2Eexe").as_deref(), Some("a.exe"));
        assert_eq!(decoded("%E8%AB%8B.pdf").as_deref(), Some("請.pdf"));
        assert_eq!(decoded("100%.pdf"), None);
        assert_eq!(decoded("a%zz"), None);
    }

    #[test]
    fn seen_as_on_a_screen() {
        check_seen("請求書\u{202E}fdp.exe", "請求書exe.pdf");
        check_seen("a\u{202E}cod\u{202C}.exe", "adoc.exe");
        check_seen("\u{202E}a\u{202D}bc\u{202C}d", "dbca");
        check_seen("\u{202B}abc.pdf\u{202C}", "pdf.abc");
        check_seen("\u{2067}abc\u{2069}.exe", "abc.exe");
        check_seen("a\u{200B}b.pdf", "ab.pdf");
        check_seen("見積.pdf", "見積.pdf");
    }

    #[test]
    fn padding_is_counted_before_the_extension() {
        check_padding("請求書.pdf          .exe", 10);
        check_padding("請求書\u{3000}\u{3000}\u{3000}\u{3000}\u{3000}.docx", 5);
        check_padding("a\u{00A0}\u{2800}\u{3164}\t .exe", 5);
        check_padding("a.pdf \u{200B} \u{200B} \u{200B} \u{200B} .exe", 5);
        check_padding("a.pdf          b.exe", 10);
        check_padding("a.pdf.      exe", 6);
        check_padding("2026.11.20      報告.docx", 0);
        check_padding("見積書  最終.xlsx", 0);
        check_padding("表      裏.xlsx", 0);
        check_padding("見積書  .xlsx", 2);
        check_padding("見積書.xlsx          ", 0);
        check_padding("見積書          ", 0);
    }

    #[test]
    fn shown_in_one_line() {
        assert_eq!(Name::read(&format!("a.pdf{}.exe", " ".repeat(120))).shown(), "a.pdf␣×120.exe");
        let long = Name::read(&format!("{}.exe", "あ".repeat(300))).shown();
        assert_eq!(long, format!("{}…{}.exe", "あ".repeat(40), "あ".repeat(24)));
    }

    #[test]
    fn hosts_and_addresses() {
        let check = |name: &str, expected| assert_eq!(is_host_or_address(name), expected, "{name}");
        check("www.example.com", true);
        check("taro@example.com", true);
        check("setup.com", false);
        check("invoice.pdf.com", false);
        check("請求書.pdf.com", false);
        check("a b@example.com", false);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_name_stops_us(
            pieces in proptest::collection::vec(
                prop_oneof![
                    Just("."), Just("．"), Just(" "), Just("\u{202E}"), Just("\u{202B}"), Just("\u{202C}"),
                    Just("\u{2066}"), Just("\u{2069}"), Just("%2E"), Just("%"), Just(":"), Just("\0"), Just("/"),
                    Just("exe"), Just("請"), Just("\u{FDFA}"), Just("{"),
                ],
                0..60,
            ),
            text in ".{0,40}",
        ) {
            for text in [pieces.concat(), pieces.concat().repeat(40), text] {
                let name = Name::read(&text);
                name.seen();
                name.padding();
                prop_assert!(name.shown().chars().count() <= 150);
                name.extension_pairs().count();
                Name::read_percent_decoded(&text);
            }
        }
    }
}
