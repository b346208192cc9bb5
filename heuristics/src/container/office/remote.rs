//! Where a document fetches something from: told from where it only finds it on this machine.
//!
//! Way in: [`host`]. Programs of the office suites take URLs, file URLs and UNC paths, and monikers
//! before them; drive letters, paths without a host and this machine itself are nobody else's.

use super::super::observation::{Observation, excerpt};

/// The host that `target` leads to: of http, https and ftp URLs, of file URLs with a host, of UNC
/// paths (`\\host\share`). `None` where it stays on this machine.
pub(crate) fn host(target: &str) -> Option<String> {
    let target: String = target.trim().chars().filter(|c| !c.is_control()).collect();
    let mut rest = target.as_str();
    for _ in 0..MOST_MONIKERS {
        let Some(inner) = MONIKERS.iter().find_map(|m| without_prefix(rest, m)) else { break };
        rest = inner;
    }
    let url = ["https:", "http:", "ftp:"].iter().find_map(|s| without_prefix(rest, s));
    if let Some(after) = url {
        return authority(after.trim_start_matches(is_slash));
    }
    let path = without_prefix(rest, "file:").unwrap_or(rest);
    let slashes = path.chars().take_while(|&c| is_slash(c)).count();
    let inner = path.get(slashes..)?;
    // `\\?\UNC\host` is the long form of `\\host`; other names there are devices.
    if let Some(device) = ["?\\", "./", ".\\"].iter().find_map(|p| without_prefix(inner, p)) {
        return without_prefix(device, "UNC\\").and_then(authority);
    }
    // `file:///a/b` has an empty host; with four slashes and more the path is a UNC path.
    let has_host = slashes == 2 || slashes > 3 || slashes == 3 && path.contains("\\\\");
    has_host.then(|| authority(inner)).flatten()
}

/// Tells of something fetched on opening, where `target` leads to another machine.
pub(super) fn observation(target: &str) -> Option<Observation> {
    host(target).map(|_| Observation::Remote(excerpt(target)))
}

/// The host in front of a path, without user, port and WebDAV marks; `None` for this machine.
fn authority(text: &str) -> Option<String> {
    let whole = text.split(|c| is_slash(c) || matches!(c, '?' | '#' | '!')).next()?;
    let host = whole.rsplit('@').find(|part| !is_webdav(part)).unwrap_or(whole);
    // An address of IPv6 stands in brackets and has colons of its own.
    let host = match host.strip_prefix('[') {
        Some(address) => address.split(']').next()?,
        None => host.split(':').next()?,
    };
    let host = host.trim_end_matches('.').to_lowercase();
    let is_drive = whole.len() >= 2 && whole.get(1..2) == Some(":");
    let is_here = matches!(host.as_str(), "" | "." | "localhost" | "127.0.0.1" | "::1");
    (!is_drive && !is_here).then_some(host)
}

/// Windows writes port and encryption of a WebDAV share behind its host: `host@SSL@8443`.
fn is_webdav(part: &str) -> bool {
    part.eq_ignore_ascii_case("ssl") || !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())
}

fn is_slash(c: char) -> bool {
    matches!(c, '/' | '\\')
}

fn without_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

/// Monikers that pass what follows on to another handler.
const MONIKERS: &[&str] =
    &["mhtml:", "script:", "url:", "x-usc:", "ms-word:ofe|u|", "ms-excel:ofe|u|"];

/// How many monikers are taken off.
const MOST_MONIKERS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(target: &str, expected: &str) {
        assert_eq!(host(target).as_deref().unwrap_or("-"), expected, "{target}");
    }

    #[test]
    fn of_other_machines() {
        check("http://files.example/t.dotm", "files.example");
        check(" HTTPS://user@Files.Example:8080/t", "files.example");
        check("http:\\\\files.example\\t", "files.example");
        check("\\\\files.example\\share\\t.dotm", "files.example");
        check("\\\\files.example@SSL@8443\\share\\t.dotm", "files.example");
        check("//files.example/share/t.dotm", "files.example");
        check("file://files.example/share/t.dotm", "files.example");
        check("file:///\\\\files.example\\share\\t.dotm", "files.example");
        check("file://///files.example/share/t.dotm", "files.example");
        check("\\\\?\\UNC\\files.example\\share\\t.dotm", "files.example");
        check("mhtml:http://files.example/a!x-usc:http://files.example/a", "files.example");
        check("script:https://files.example/a.sct", "files.example");
        check("http://[2001:db8::1]/a", "2001:db8::1");
    }

    #[test]
    fn of_this_machine_there_is_none() {
        check("C:\\Users\\taro\\Normal.dotm", "-");
        check("file:///C:\\Users\\taro\\Normal.dotm", "-");
        check("file:///C:/Documents/taro/Normal.dotm", "-");
        check("file://C:/Documents/taro/Normal.dotm", "-");
        check("file:///srv/taro/normal.dotm", "-");
        check("file://localhost/c$/normal.dotm", "-");
        check("\\\\?\\C:\\Users\\taro\\Normal.dotm", "-");
        check("\\\\.\\pipe\\a", "-");
        check("Normal.dotm", "-");
        check("templates/normal.dotm", "-");
        check("mailto:taro@example.com", "-");
        check("http://", "-");
        check("", "-");
        check("あ", "-");
    }
}
