//! Links that name another target in themselves: `https://a.example/?url=https%3A%2F%2Fb.example`.

use ::url::Url;

use super::is_web;

/// Another target that a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Name of the parameter, lower case; `None` where the target stands in path or fragment, or is
    /// the whole query.
    pub parameter: Option<String>,
    /// The target.
    pub target: Url,
    /// Whether it was written in base64.
    pub base64: bool,
}

/// Absolute web addresses that stand in the query, path or fragment of `url`: clear,
/// percent-encoded up to three times, or in base64.
pub fn named_targets(url: &Url) -> Vec<Named> {
    let mut named = Vec::new();
    let whole = url.query().into_iter().chain(url.fragment());
    let after_host = url.path().get(1..).unwrap_or_default();
    for text in whole.clone().chain([after_host]) {
        named.extend(target(text).map(|(target, base64)| Named {
            parameter: None,
            target,
            base64,
        }));
    }
    if let Some((target, base64)) = in_path(after_host) {
        named.push(Named { parameter: None, target, base64 });
    }
    let pairs = whole.flat_map(|q| ::url::form_urlencoded::parse(q.as_bytes()));
    for (name, value) in pairs.take(MAX_PARAMETERS) {
        if let Some((target, base64)) = target(&value) {
            named.push(Named { parameter: Some(name.to_lowercase()), target, base64 });
        }
    }
    named
}

/// A target that begins somewhere within the path, or a segment of it in base64.
fn in_path(path: &str) -> Option<(Url, bool)> {
    let lower = path.to_ascii_lowercase();
    let clear = ["http:/", "https:/", "http%3a", "https%3a", "http%253a", "https%253a"]
        .into_iter()
        .filter_map(|start| lower.find(start))
        .min()
        .and_then(|at| path.get(at..))
        .and_then(target);
    clear.or_else(|| path.split('/').take(MAX_PARAMETERS).find_map(target).filter(|t| t.1))
}

/// Reads `text` as an absolute web address, and whether base64 was taken off.
fn target(text: &str) -> Option<(Url, bool)> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut text = text.trim().to_owned();
    for _ in 0..3 {
        if let Some(url) = absolute(&text) {
            return Some((url, false));
        }
        if let Some(decoded) = base64_address(&text) {
            return absolute(&decoded).map(|url| (url, true));
        }
        if !text.contains('%') {
            return None;
        }
        text = unescaped(&text);
    }
    absolute(&text).map(|url| (url, false))
}

fn absolute(text: &str) -> Option<Url> {
    let start = |s: &str| text.get(..s.len()).is_some_and(|t| t.eq_ignore_ascii_case(s));
    let url = if text.starts_with("//") || text.starts_with("\\\\") {
        Url::parse(&format!("https:{text}")).ok()?
    } else if start("http:/") || start("https:/") || start("http:\\") || start("https:\\") {
        Url::parse(text).ok()?
    } else {
        return None;
    };
    // `//` alone before a word is no address.
    let host = url.host_str()?;
    (is_web(&url) && (host.contains('.') || host.starts_with('['))).then_some(url)
}

/// `text` in base64 or base64url, where it begins as the base64 of `http` does.
fn base64_address(text: &str) -> Option<String> {
    if !text.get(..5)?.eq("aHR0c") {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0u32, 0);
    for b in text.bytes() {
        let value = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' | b' ' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        bits = (bits << 6 | u32::from(value)) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.extend(u8::try_from(bits >> count & 0xFF));
        }
    }
    String::from_utf8(out).ok()
}

fn unescaped(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    let digit = |b: &u8| char::from(*b).to_digit(16);
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if let (b'%', [high, low, after @ ..]) = (first, tail)
            && let (Some(high), Some(low)) = (digit(high), digit(low))
        {
            out.extend(u8::try_from(high * 16 + low));
            rest = after;
            continue;
        }
        out.push(*first);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Most parameters and path segments looked at in one URL.
const MAX_PARAMETERS: usize = 100;

/// Longest value that is looked at, in bytes.
const MAX_LENGTH: usize = 1 << 14;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(url: &str, expected: &[&str]) {
        let url = Url::parse(url).unwrap();
        let mut hosts: Vec<String> = named_targets(&url)
            .into_iter()
            .map(|n| n.target.host_str().unwrap_or_default().to_owned())
            .collect();
        hosts.dedup();
        assert_eq!(hosts, expected, "{url}");
    }

    #[test]
    fn targets_in_every_place_and_spelling() {
        check("https://a.example/?url=https://b.example/x", &["b.example"]);
        check("https://a.example/?U=https%3A%2F%2Fb.example%2Fx", &["b.example"]);
        check("https://a.example/?u=https%253A%252F%252Fb.example", &["b.example"]);
        check("https://a.example/?u=//b.example/", &["b.example"]);
        check("https://a.example/?https://b.example/", &["b.example"]);
        check("https://a.example/go/https://b.example/x", &["b.example"]);
        check("https://a.example/go/https%3A%2F%2Fb.example", &["b.example"]);
        check("https://a.example/x#https://b.example/", &["b.example"]);
        check("https://a.example/x#to=https://b.example/", &["b.example"]);
        check("https://a.example/?d=aHR0cHM6Ly9iLmV4YW1wbGUv", &["b.example"]);
        check("https://a.example/r/aHR0cDovL2IuZXhhbXBsZS8_eA/1", &["b.example"]);
        check("https://a.example/x#aHR0cDovL2IuZXhhbXBsZS8", &["b.example"]);
    }

    #[test]
    fn urls_without_another_target() {
        check("https://a.example/?q=https", &[]);
        check("https://a.example/?q=about+https://", &[]);
        check("https://a.example/?q=//comment", &[]);
        check("https://a.example/?m=mailto:x@b.example&f=ftp://b.example", &[]);
        check("https://a.example/aHR0cnothing", &[]);
        check("https://a.example//b", &[]);
    }

    proptest! {
        #[test]
        fn any_url_is_survived(rest in "[a-zA-Z0-9%/:?#=&.\\\\@-]{0,60}") {
            if let Ok(url) = Url::parse(&format!("https://a.example/{rest}")) {
                named_targets(&url);
            }
        }
    }
}
