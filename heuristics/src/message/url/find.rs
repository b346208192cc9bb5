//! URLs in running text, Japanese above all.
//!
//! Way in: [`find`], for links in text, and [`shown`], for the link that an anchor's text shows. Each
//! byte is looked at a bounded number of times: what was scanned is not scanned again.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::Found;
use crate::message::domain;

/// Finds URLs in text. A URL ends where Japanese begins (an IDN host excepted), at closing
/// brackets that were not opened, and before trailing punctuation. At most `limit` are returned.
///
/// `ｈｔｔｐｓ：／／` in full-width letters is found too. Disarmed ones (`hxxps://a[.]jp`) are not: they
/// lead nowhere.
pub fn find(text: &str, limit: usize) -> Vec<Found> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    // Up to where the text is dealt with, and from where it is searched on.
    let (mut done, mut at) = (0, 0);
    while found.len() < limit {
        let rest = bytes.get(at..).unwrap_or_default();
        // The lead byte of full-width forms stands for `：`.
        let Some(hit) = memchr::memchr3(b':', b'.', 0xEF, rest).map(|next| at + next) else {
            break;
        };
        let (step, width) = match bytes.get(hit) {
            Some(b'.') => (bare_host(text, done, hit), 1),
            Some(b':') => (with_scheme(text, done, hit), 1),
            _ => (with_scheme(text, done, hit), '：'.len_utf8()),
        };
        if step.done > hit {
            done = step.done;
        }
        at = step.done.max(hit + width);
        found.extend(step.found);
    }
    found
}

/// The URL or host that `text` shows: the one it consists of, or a URL with its scheme or `www.`
/// that it begins with. Quotation marks, brackets and invisible characters around and in it are
/// left out. `None` where it says anything else.
pub(crate) fn shown(text: &str) -> Option<String> {
    if text.len() > LONGEST_SHOWN {
        return None;
    }
    let folded: String =
        text.nfkc().filter(|c| !crate::indicator::is_unshowable(*c) || *c == '\n').collect();
    let inner = folded.trim().trim_matches(is_around).trim();
    let inner = inner.strip_prefix("URL:").unwrap_or(inner).trim_start();
    let found = find(inner, 1).into_iter().next()?;
    let rest = inner.get(found.range.end..)?;
    let ends = rest.chars().all(|c| is_around(c) || c.is_whitespace());
    let written = inner.get(found.range.clone()).unwrap_or_default().to_ascii_lowercase();
    let plain = written.contains("://") || written.starts_with("www.");
    (found.range.start == 0 && (ends || plain)).then_some(found.url)
}

/// Whether `host` (lower case, ASCII) without a scheme would be taken for a link: `www.` or a known
/// public suffix. Endings that files have too must come with `www.` or a path.
pub(crate) fn is_host_of_link(host: &str, with_path: bool) -> bool {
    let well_formed = |l: &str| {
        (1..=63).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let Some((before, top)) = host.rsplit_once('.') else { return false };
    if !host.split('.').all(well_formed) || top.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    if before.starts_with("www.") {
        return true;
    }
    let is_file = FILE_ENDINGS.contains(&top) && !with_path;
    !is_file && domain::has_known_suffix(host) && domain::registrable(host).is_some()
}

/// What was found at one place, and up to where the text is dealt with.
struct Step {
    found: Option<Found>,
    done: usize,
}

impl Step {
    fn nothing(done: usize) -> Step {
        Step { found: None, done }
    }
}

/// `hit` is the colon after a scheme, or the first byte of a full-width form.
fn with_scheme(text: &str, from: usize, hit: usize) -> Step {
    let rest = text.get(hit..).unwrap_or_default();
    let Some(after_colon) = rest.strip_prefix(':').or(rest.strip_prefix('：')) else {
        return Step::nothing(hit);
    };
    let slash = |s| str::strip_prefix(s, '/').or(str::strip_prefix(s, '／'));
    let Some(after) = slash(after_colon).and_then(slash) else { return Step::nothing(hit) };
    let authority = text.len() - after.len();
    let Some(start) = scheme_start(text, from, hit) else { return Step::nothing(authority) };
    let written = text.get(start..authority).unwrap_or_default();
    if !written.is_ascii() {
        return full_width(text, start);
    }
    let end = url_end(text, authority);
    let host = text.get(authority..end.done).unwrap_or_default();
    let named = host.bytes().any(|b| b.is_ascii_alphanumeric() || b >= 0x80 || b == b'[');
    let url = text.get(start..end.end).filter(|_| named && end.end > authority);
    let found = url.map(|url| Found { range: start..end.end, url: url.to_owned() });
    Step { found, done: end.done }
}

/// Where a known scheme that ends at `colon` begins. Letters before it do not matter
/// (`URLhttps://…`), but `hxxps` is none.
fn scheme_start(text: &str, from: usize, colon: usize) -> Option<usize> {
    let before = text.get(from..colon)?;
    let mut letters: Vec<(usize, char)> = before
        .char_indices()
        .rev()
        .take(5)
        .map_while(|(at, c)| half_width(c).filter(char::is_ascii_alphabetic).map(|c| (at, c)))
        .collect();
    letters.reverse();
    ["https", "http", "ftp"].into_iter().find_map(|scheme| {
        let tail = letters.get(letters.len().checked_sub(scheme.len())?..)?;
        let same = tail.iter().map(|(_, c)| c.to_ascii_lowercase()).eq(scheme.chars());
        tail.first().filter(|_| same).map(|(at, _)| from + at)
    })
}

/// A URL whose scheme is written in full-width letters; then the rest may be, too.
fn full_width(text: &str, start: usize) -> Step {
    let mut folded = String::new();
    let mut places = Vec::new();
    let mut done = start;
    for (at, c) in text.get(start..).unwrap_or_default().char_indices().take(LONGEST_FULL_WIDTH) {
        done = start + at;
        let width = c.len_utf8();
        let Some(c) = half_width(c).filter(|c| c.is_ascii_graphic()) else { break };
        done += width;
        folded.push(c);
        places.push(start + at);
    }
    let Some(authority) = folded.find("://").map(|at| at + 3) else { return Step::nothing(done) };
    let end = url_end(&folded, authority).end;
    let past = places.get(end).copied().unwrap_or(done);
    let url = folded.get(..end).filter(|_| end > authority);
    let found = url.map(|url| Found { range: start..past, url: url.to_owned() });
    Step { found, done: done.max(past) }
}

/// `hit` is a dot; a host may stand around it.
fn bare_host(text: &str, from: usize, hit: usize) -> Step {
    let bytes = text.as_bytes();
    let part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
    let before = bytes.get(from..hit).unwrap_or_default();
    let label = before.iter().rev().take(64).take_while(|b| part(b)).count();
    let start = hit - label;
    let rest = bytes.get(hit..).unwrap_or_default();
    let length = rest.iter().take_while(|b| part(b) || **b == b'.').count();
    let end = hit + length;
    let written = text.get(start..end).unwrap_or_default();
    let host = written.trim_end_matches(['.', '-']);
    let past = start + host.len();
    if bytes.get(end) == Some(&b'@') {
        // A mail address: what follows is its domain.
        let domain = bytes.get(end + 1..).unwrap_or_default();
        return Step::nothing(
            end + 1 + domain.iter().take_while(|b| part(b) || **b == b'.').count(),
        );
    }
    let previous = start.checked_sub(1).and_then(|at| bytes.get(at));
    let bound = previous.is_none_or(|b| !part(b) && !b"@._/:=&%+\\#~".contains(b));
    let next = bytes.get(end).filter(|_| past == end);
    let named = label > 0 && bound && next != Some(&b'_') && !starts_sentence(host);
    if !named || host.len() > 253 {
        return Step::nothing(end);
    }
    let has_path = matches!(next, Some(b'/'));
    let has_port = next == Some(&b':') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
    if !is_host_of_link(&host.to_ascii_lowercase(), has_path) {
        return Step::nothing(end);
    }
    let tail = if has_path || has_port || matches!(next, Some(b'?' | b'#')) {
        path_end(text, end)
    } else {
        End { end: past, done: end }
    };
    let url = format!("http://{}", text.get(start..tail.end).unwrap_or(host));
    Step { found: Some(Found { range: start..tail.end, url }), done: tail.done }
}

/// `done.It` is the end of a sentence without a blank after it.
fn starts_sentence(host: &str) -> bool {
    let Some((before, top)) = host.rsplit_once('.') else { return false };
    let capital = |s: &str| s.starts_with(|c: char| c.is_ascii_uppercase());
    capital(top)
        && top.bytes().skip(1).all(|b| b.is_ascii_lowercase())
        && before.ends_with(|c: char| c.is_ascii_lowercase())
}

/// Where a URL ends, and up to where it was looked at (trailing punctuation included).
struct End {
    end: usize,
    done: usize,
}

/// The end of a URL whose authority begins at `authority`.
fn url_end(text: &str, authority: usize) -> End {
    let mut at = authority;
    let mut host = authority;
    let mut was_ascii = true;
    for (offset, c) in text.get(authority..).unwrap_or_default().char_indices() {
        at = authority + offset;
        match c {
            '@' => host = at + 1,
            'a'..='z' | 'A'..='Z' | '0'..='9' => {}
            '-' | '.' | '_' | '~' | '%' | '!' | '$' | '&' | '*' | '+' | ',' | ';' | '=' | ':'
            | '[' | ']' => {}
            '/' | '?' | '#' => return path_end(text, at),
            _ if c.is_alphanumeric() && !c.is_ascii() && offset < LONGEST_AUTHORITY => {
                // Japanese right after a whole host is the sentence going on.
                let so_far = text.get(host..at).unwrap_or_default();
                if was_ascii && is_whole_host(so_far) {
                    return trimmed(text, authority, at);
                }
            }
            _ => return trimmed(text, authority, at),
        }
        was_ascii = c.is_ascii();
        at += c.len_utf8();
    }
    trimmed(text, authority, at)
}

fn is_whole_host(host: &str) -> bool {
    let host = host.split(':').next().unwrap_or_default();
    match domain::to_ascii(host) {
        Some(ascii) if !host.ends_with('.') => {
            domain::has_known_suffix(&ascii) && ascii.contains('.')
                || ascii.parse::<std::net::Ipv4Addr>().is_ok()
        }
        _ => false,
    }
}

/// The end of path, query and fragment that begin at `start`.
fn path_end(text: &str, start: usize) -> End {
    let bytes = text.as_bytes().get(start..).unwrap_or_default();
    let mut round = 0usize;
    let mut square = 0usize;
    let length = bytes
        .iter()
        .position(|b| {
            match b {
                b'(' => round += 1,
                b'[' => square += 1,
                b')' if round == 0 => return true,
                b']' if square == 0 => return true,
                b')' => round -= 1,
                b']' => square -= 1,
                _ => {}
            }
            !b.is_ascii_graphic() || b"\"<>\\^`{|}".contains(b)
        })
        .unwrap_or(bytes.len());
    trimmed(text, start, start + length)
}

/// Takes trailing punctuation off what ends at `end`.
fn trimmed(text: &str, start: usize, end: usize) -> End {
    let written = text.get(start..end).unwrap_or_default();
    let kept = written.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '&', '(', '[']);
    End { end: start + kept.len(), done: end }
}

/// The ASCII character that a full-width one stands for; ASCII stays.
fn half_width(c: char) -> Option<char> {
    let range: Range<u32> = 0xFF01..0xFF5F;
    match c {
        c if c.is_ascii() => Some(c),
        c if range.contains(&u32::from(c)) => char::from_u32(u32::from(c) - 0xFEE0),
        _ => None,
    }
}

/// Brackets and quotation marks that stand around a URL.
fn is_around(c: char) -> bool {
    matches!(
        c,
        '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '\'' | '`' | '*' | '|'
            | '\u{2018}'..='\u{201F}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301B}'
            | '\u{00AB}' | '\u{00BB}' | '\u{3001}' | '\u{3002}' | '.' | ',' | ':' | ';'
            | '\u{2192}' | '\u{203A}' | '\u{25B6}' | '\u{25BA}' | '\u{25B7}' | '\u{25A0}'
            | '\u{25CF}' | '\u{30FB}' | '\u{22D9}'
    )
}

/// Top-level domains that are file name extensions too.
const FILE_ENDINGS: &[&str] = &[
    "ai", "app", "bz", "cab", "cc", "doc", "gz", "md", "mm", "mo", "mov", "mp", "pl", "pm", "ps",
    "py", "rs", "sc", "sh", "so", "st", "tf", "vb", "zip",
];

/// Longest authority in which non-ASCII letters are taken for an IDN host, in bytes.
const LONGEST_AUTHORITY: usize = 512;

/// Longest full-width URL, in characters.
const LONGEST_FULL_WIDTH: usize = 2_000;

/// Longest text that is looked at for showing a URL, in bytes.
const LONGEST_SHOWN: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn urls(text: &str) -> Vec<String> {
        find(text, 100)
            .into_iter()
            .inspect(|f| assert!(text.get(f.range.clone()).is_some(), "{f:?}"))
            .map(|f| f.url)
            .collect()
    }

    #[test]
    fn urls_in_running_text() {
        let cases: [(&str, &[&str]); 31] = [
            ("https://example.jp/abcをご覧ください。", &["https://example.jp/abc"]),
            ("詳細は、https://example.jp/a?b=c&d#e。", &["https://example.jp/a?b=c&d#e"]),
            ("https://example.jpをご覧", &["https://example.jp"]),
            ("https://\u{4F8B}\u{3048}.jp/x", &["https://\u{4F8B}\u{3048}.jp/x"]),
            ("https://www.\u{4F8B}\u{3048}.jpへ", &["https://www.\u{4F8B}\u{3048}.jp"]),
            ("（https://example.jp/a）", &["https://example.jp/a"]),
            ("「https://example.jp/」", &["https://example.jp/"]),
            ("<https://example.jp/>", &["https://example.jp/"]),
            ("(see https://example.jp/a_(b).)", &["https://example.jp/a_(b)"]),
            ("HTTP://Example.JP, http://b.example!", &["HTTP://Example.JP", "http://b.example"]),
            ("URLhttps://example.jp/", &["https://example.jp/"]),
            ("ｈｔｔｐｓ：／／ｅｘａｍｐｌｅ．ｊｐ／ａをご覧", &["https://example.jp/a"]),
            ("https：／／example.jp/a　b", &["https://example.jp/a"]),
            ("http://2130706433/a http://[::1]/b", &["http://2130706433/a", "http://[::1]/b"]),
            ("https://user@host.example/", &["https://user@host.example/"]),
            (
                "https://a.example/?u=https://b.example/",
                &["https://a.example/?u=https://b.example/"],
            ),
            ("www.example.jp", &["http://www.example.jp"]),
            ("こちらexample.co.jp/pathへ", &["http://example.co.jp/path"]),
            ("example.com.", &["http://example.com"]),
            ("example.jp:8080/a", &["http://example.jp:8080/a"]),
            ("evil.zip/a www.a.md", &["http://evil.zip/a", "http://www.a.md"]),
            ("hxxps://a[.]jp hxxp://b.example", &[]),
            ("taro.yamada@example.co.jp", &[]),
            ("mailto:a@example.jp", &[]),
            ("readme.md report.pl main.rs a.zip", &[]),
            ("ver1.2.3 1.2.3.4 3.14 e.g. i.e. U.S.A.", &[]),
            ("all done.It is. end.In", &[]),
            ("ASP.invalidtld file.txt photo.jpg", &[]),
            ("http:// https://// ftp://.", &[]),
            ("C:\\a.jp\\b /usr/a.sh ../a.jp", &[]),
            ("::::....：：：", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(urls(text), expected, "{text}");
        }
    }

    #[test]
    fn the_link_that_a_text_shows() {
        let cases = [
            ("https://example.jp/", Some("https://example.jp/")),
            (" 「www.example.jp」 ", Some("http://www.example.jp")),
            ("ｗｗｗ．example．jp", Some("http://www.example.jp")),
            ("exam\u{200B}ple.com", Some("http://example.com")),
            ("<https://example.jp/a>。", Some("https://example.jp/a")),
            ("こちら", None),
            ("https://example.jp/ ログイン", Some("https://example.jp/")),
            ("www.example.jp/a はこちら", Some("http://www.example.jp/a")),
            ("example.jp はこちら", None),
            ("詳細は https://example.jp/", None),
            ("こちら example.jp", None),
            ("report.pdf", None),
            ("a@example.jp", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_limit_holds() {
        assert_eq!(find(&"http://a.example ".repeat(10), 3).len(), 3);
    }

    #[test]
    fn long_awkward_texts_take_linear_time() {
        for piece in [
            "a.",
            "http://",
            "ｈｔｔｐ：／／",
            "http://a.jpあ",
            "：／／",
            ".",
            "a",
            "-.",
            "あ.jp",
            "@a.",
        ] {
            find(&piece.repeat(100_000), 10);
            find(&piece.repeat(100_000), usize::MAX);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "(\\PC|[a-z.:/@]){0,60}") {
            urls(&text);
            let _ = shown(&text);
            let _ = super::super::read(&text, None);
        }

        #[test]
        fn any_pieces_are_survived(pieces in prop::collection::vec(prop::sample::select(vec![
            "http", "：", ":", "／", "/", "example.jp", "．", "ｊｐ", "@", "あ", "(", ")", ".", "%", "\u{200B}",
        ]), 0..20)) {
            urls(&pieces.concat());
            let _ = shown(&pieces.concat());
        }
    }
}
