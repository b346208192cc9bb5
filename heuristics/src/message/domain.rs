//! Domains: registrable domain by the Public Suffix List, the form they are compared in.
//!
//! The list's private section counts, as its authors ask: `a.github.io` and `b.github.io` belong to
//! different people. Its default rule `*` holds for top-level domains it does not name.

use std::net::Ipv4Addr;

/// The registrable domain of `host` (Public Suffix List with its default rule `*`), or `None` for
/// IP addresses, single labels, empty labels, and public suffixes themselves. `host` in lower-case
/// ASCII form; one trailing dot is left out.
pub fn registrable(host: &str) -> Option<&str> {
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.len() > MAX_LENGTH || is_address(host) || has_empty_label(host) {
        return None;
    }
    psl::domain_str(host)
}

/// Whether two hosts belong to one organisation: same registrable domain, or the same host.
pub fn same_organisation(a: &str, b: &str) -> bool {
    let bare = |host| str::strip_suffix(host, '.').unwrap_or(host);
    (bare(a) == bare(b) && !a.is_empty())
        || registrable(a).is_some_and(|d| registrable(b) == Some(d))
}

/// Whether `host` is one of many under a name that its provider rents out (`x.cloudfront.net`,
/// `x.github.io`; the private section of the Public Suffix List). Lower-case ASCII form.
pub fn is_rented(host: &str) -> bool {
    let private = |s: psl::Suffix<'_>| s.typ() == Some(psl::Type::Private);
    host.len() <= MAX_LENGTH && psl::suffix(host.as_bytes()).is_some_and(private)
}

/// Whether the Public Suffix List names what `host` ends in (ICANN section), or it is the
/// top-level domain of examples (RFC 2606). Lower-case ASCII form.
pub fn has_known_suffix(host: &str) -> bool {
    if host.len() > MAX_LENGTH || has_empty_label(host) {
        return false;
    }
    host.ends_with(".example") || psl::suffix(host.as_bytes()).is_some_and(|s| s.is_known())
}

/// `host` in the form it is compared in: IDNA ASCII form, lower case, full-width letters and
/// ideographic dots folded, no trailing dot. `None` where it cannot be a host.
pub fn to_ascii(host: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    let mut ascii = if host.bytes().all(plain) && !holds_punycode(host) {
        host.to_ascii_lowercase()
    } else {
        ::url::Host::parse(host).ok()?.to_string()
    };
    if ascii.ends_with('.') {
        ascii.pop();
    }
    (!ascii.is_empty()).then_some(ascii)
}

/// Whether `host` is an IP address, or ends in a number, which browsers take for one.
fn is_address(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    host.starts_with('[')
        || host.contains(':')
        || (!last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()))
        || host.parse::<Ipv4Addr>().is_ok()
}

fn has_empty_label(host: &str) -> bool {
    host.split('.').any(str::is_empty)
}

fn holds_punycode(host: &str) -> bool {
    host.split('.').any(|l| l.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--")))
}

/// Longest host name (RFC 1035, section 2.3.4).
const MAX_LENGTH: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rented_names() {
        assert!(is_rented("a.cloudfront.net"));
        assert!(is_rented("x.a.github.io"));
        assert!(!is_rented("www.example.co.jp"));
        assert!(!is_rented("1.2.3.4"));
        assert!(!is_rented(""));
    }

    #[test]
    fn registrable_domains() {
        let cases = [
            ("example.co.jp", Some("example.co.jp")),
            ("www.a.example.co.jp", Some("example.co.jp")),
            ("www.city.shibuya.tokyo.jp", Some("city.shibuya.tokyo.jp")),
            ("a.github.io", Some("a.github.io")),
            ("x.a.github.io", Some("a.github.io")),
            ("a.b.unlisted", Some("b.unlisted")),
            ("www.example.com.", Some("example.com")),
            ("co.jp", None),
            ("jp", None),
            ("localhost", None),
            ("1.2.3.4", None),
            ("1.2.3.999", None),
            ("[::1]", None),
            ("a..b", None),
            (".example.com", None),
            ("example.com..", None),
            ("", None),
            (".", None),
        ];
        for (host, expected) in cases {
            assert_eq!(registrable(host), expected, "{host}");
        }
    }

    #[test]
    fn organisations() {
        assert!(same_organisation("a.example.jp", "b.example.jp."));
        assert!(same_organisation("localhost", "localhost"));
        assert!(same_organisation("1.2.3.4", "1.2.3.4"));
        assert!(!same_organisation("5.2.3.4", "1.2.3.4"));
        assert!(!same_organisation("a.co.jp", "b.co.jp"));
        assert!(!same_organisation("a.github.io", "b.github.io"));
        assert!(!same_organisation("", ""));
    }

    #[test]
    fn hosts_are_compared_in_one_form() {
        let cases = [
            ("WWW.Example.COM.", Some("www.example.com")),
            ("\u{4F8B}\u{3048}.jp", Some("xn--r8jz45g.jp")),
            ("\u{4F8B}\u{3048}\u{3002}jp", Some("xn--r8jz45g.jp")),
            ("XN--R8JZ45G.jp", Some("xn--r8jz45g.jp")),
            ("\u{FF45}xample\u{FF0E}com", Some("example.com")),
            ("example\u{FF61}com", Some("example.com")),
            ("a_b.example", Some("a_b.example")),
            ("a b", None),
            ("", None),
            (".", None),
            ("xn--\u{3042}", None),
        ];
        for (host, expected) in cases {
            assert_eq!(to_ascii(host).as_deref(), expected, "{host}");
        }
    }

    proptest! {
        #[test]
        fn any_host_is_survived(a in "\\PC{0,40}", b in "[a-z0-9.-]{0,40}") {
            let _ = (registrable(&a), to_ascii(&a), has_known_suffix(&a));
            if let Some(domain) = registrable(&b) {
                prop_assert!(b.trim_end_matches('.').ends_with(domain));
            }
            let _ = same_organisation(&a, &b);
        }
    }
}
