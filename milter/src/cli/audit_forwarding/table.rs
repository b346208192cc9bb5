//! The text form of Postfix's tables: aliases(5), postmap(1), and the settings of main.cf in
//! postconf(5), which share their lines: `#` begins a comment, a blank continues the line before.
//!
//! Way in: [`aliases`], [`map`], [`patterns`], [`settings`]. Total: lines that are none are left out.

use std::collections::HashMap;

/// One line of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Line number, from 1.
    pub(super) number: usize,
    /// What is looked up, lower case.
    pub(super) key: String,
    /// What is found.
    pub(super) value: String,
}

/// `key: value, value`.
pub(super) fn aliases(text: &str) -> Vec<Line> {
    lines(text, |line| {
        let (key, rest) = match line.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => (line, line),
        };
        let (before, value) = rest.split_once(':')?;
        Some((if key.len() == line.len() { before } else { key }, value))
    })
}

/// `key value, value`.
pub(super) fn map(text: &str) -> Vec<Line> {
    lines(text, |line| line.split_once(char::is_whitespace))
}

/// `/pattern/flags value`; what depends on a condition counts as well.
pub(super) fn patterns(text: &str) -> Vec<Line> {
    lines(text, |line| {
        let slash = line.rfind(['/', '!']).unwrap_or_default();
        let at = line.get(slash..)?.find(char::is_whitespace)?;
        line.split_at_checked(slash + at)
    })
}

/// `name = value`, names in values replaced by theirs.
pub(super) fn settings(text: &str, config_directory: &str) -> HashMap<String, String> {
    let mut settings: HashMap<String, String> =
        lines(text, |line| line.split_once('=')).into_iter().map(|l| (l.key, l.value)).collect();
    settings.entry("config_directory".to_owned()).or_insert(config_directory.to_owned());
    let expanded =
        |value: &String| (0..MAX_DEPTH).fold(value.clone(), |v, _| expand(&v, &settings));
    settings.iter().map(|(name, value)| (name.clone(), expanded(value))).collect()
}

/// Replaces `$name`, `${name}` and `$(name)` once.
fn expand(value: &str, settings: &HashMap<String, String>) -> String {
    if !value.contains('$') || value.len() > MAX_VALUE {
        return value.to_owned();
    }
    let mut parts = value.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if out.len() > MAX_VALUE {
            break;
        }
        let bare = part.strip_prefix(['{', '(']).unwrap_or(part);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = bare.find(|c| !is_name(c)).unwrap_or(bare.len());
        let (name, rest) = bare.split_at_checked(end).unwrap_or((bare, ""));
        let closed = bare.len() != part.len();
        let rest = if closed { rest.strip_prefix(['}', ')']).unwrap_or(rest) } else { rest };
        out.push_str(settings.get(name).map_or("", String::as_str));
        out.push_str(rest);
    }
    out
}

/// Logical lines, split by `split`.
fn lines(text: &str, split: impl Fn(&str) -> Option<(&str, &str)>) -> Vec<Line> {
    let mut logical: Vec<(usize, String)> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        match logical.last_mut().filter(|_| line.starts_with(char::is_whitespace)) {
            Some((_, before)) => {
                before.push(' ');
                before.push_str(bare);
            }
            None => logical.push((at.saturating_add(1), bare.to_owned())),
        }
    }
    let read = |(number, line): &(usize, String)| {
        let (key, value) = split(line)?;
        Some(Line {
            number: *number,
            key: key.trim().to_lowercase(),
            value: value.trim().to_owned(),
        })
    };
    logical.iter().filter_map(read).collect()
}

/// Settings within settings.
const MAX_DEPTH: usize = 8;

/// Longest value in which names are replaced.
const MAX_VALUE: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(lines: &[Line]) -> Vec<(usize, &str, &str)> {
        lines.iter().map(|l| (l.number, l.key.as_str(), l.value.as_str())).collect()
    }

    #[test]
    fn aliases_are_read() {
        let text =
            "# x: y\nRoot: taro,\n  jiro@example.com\n\"a b\": \"|cmd: x\"\nlist: :include:/l\nz\n";
        assert_eq!(
            shown(&aliases(text)),
            [
                (2, "root", "taro, jiro@example.com"),
                (4, "a b", "\"|cmd: x\""),
                (5, "list", ":include:/l"),
            ]
        );
    }

    #[test]
    fn maps_are_read() {
        let text = "info@own.example\ttaro@example.com\n@own.example  all\n lone\nlone\n";
        assert_eq!(
            shown(&map(text)),
            [(1, "info@own.example", "taro@example.com"), (2, "@own.example", "all lone")]
        );
        assert_eq!(
            shown(&patterns("/^a b@/i  x@example.com\n")),
            [(1, "/^a b@/i", "x@example.com")]
        );
    }

    #[test]
    fn settings_are_expanded_and_circles_end() {
        let text = "a = hash:${config_directory}/x,\n    $(b) $c\nb=proxy:y\nc = $d\nd = $c$c\n";
        let read = settings(text, "/etc/p");
        assert!(read["a"].starts_with("hash:/etc/p/x, proxy:y "));
    }

    proptest! {
        #[test]
        fn anything_is_read(text in "(\\$[a-c]|=|:|\n| |\"|/|[a-c]|\\PC){0,40}") {
            let _ = (aliases(&text), map(&text), patterns(&text), settings(&text, "/"));
        }
    }
}
