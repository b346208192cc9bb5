//! The redirects of a Sieve script (RFC 5228, section 4.2; `:copy` of RFC 3894), and the mails that
//! it sends by notification (RFC 5436). Conditions are not weighed: what may leave, leaves.
//!
//! Way in: [`redirects`]. Total: a script that no server would take is read as far as it goes.

/// A command that sends mail on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Redirect {
    /// Line number, from 1.
    pub(super) line: usize,
    /// Address as written, lower case.
    pub(super) to: String,
}

/// Every redirect, in order.
pub(super) fn redirects(script: &str) -> Vec<Redirect> {
    let mut found = Vec::new();
    let mut command: Option<bool> = None;
    for (line, token) in tokens(script) {
        match (token, command) {
            (Token::Word(word), _) => {
                if word.eq_ignore_ascii_case("redirect") {
                    command = Some(true);
                } else if word.eq_ignore_ascii_case("notify") {
                    command = Some(false);
                }
            }
            (Token::End, _) => command = None,
            (Token::Text(text), Some(redirect)) => {
                let mailto = text.get(..7).filter(|m| m.eq_ignore_ascii_case("mailto:"));
                let to = match mailto {
                    Some(_) => text.get(7..).and_then(|t| t.split('?').next()).unwrap_or_default(),
                    None if redirect && (text.contains('@') || text.contains("${")) => &text,
                    None => continue,
                };
                found.push(Redirect { line, to: to.trim().to_lowercase() });
            }
            (Token::Text(_), None) => {}
        }
    }
    found
}

enum Token {
    /// An identifier or a tag.
    Word(String),
    /// A string.
    Text(String),
    /// The end of a command or the beginning of a block.
    End,
}

/// Words, strings and ends of commands with their lines; comments are left out.
fn tokens(script: &str) -> Vec<(usize, Token)> {
    let mut tokens = Vec::new();
    let mut rest = script;
    let mut line = 1_usize;
    while let Some(c) = rest.chars().next() {
        let begins = line;
        let (len, token) = match c {
            '#' => (rest.find('\n').unwrap_or(rest.len()), None),
            '/' if rest.starts_with("/*") => {
                let end = rest.get(2..).and_then(|inside| inside.find("*/"));
                (end.map_or(rest.len(), |end| end + 4), None)
            }
            '"' => {
                let (text, len) = quoted(rest);
                (len, Some(Token::Text(text)))
            }
            ';' | '{' | '}' => (1, Some(Token::End)),
            _ if c.is_alphanumeric() || c == ':' || c == '_' => {
                let inside = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
                let len = rest.find(|c| !inside(c)).unwrap_or(rest.len());
                let word = rest.get(..len).unwrap_or_default();
                match word.eq_ignore_ascii_case("text:").then(|| multi_line(rest)).flatten() {
                    Some((text, len)) => (len, Some(Token::Text(text))),
                    None => (len, Some(Token::Word(word.to_owned()))),
                }
            }
            _ => (c.len_utf8(), None),
        };
        let (read, after) = rest.split_at_checked(len.max(1)).unwrap_or((rest, ""));
        line = line.saturating_add(read.bytes().filter(|b| *b == b'\n').count());
        rest = after;
        tokens.extend(token.map(|token| (begins, token)));
    }
    tokens
}

/// A quoted string at the beginning, and its length with the quotes.
fn quoted(text: &str) -> (String, usize) {
    let mut out = String::new();
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => {
                out.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return (out, at + 1),
            _ => out.push(c),
        }
    }
    (out, text.len())
}

/// `text:` up to a line with a dot alone, and its length.
fn multi_line(text: &str) -> Option<(String, usize)> {
    let begins = text.find('\n')? + 1;
    let inside = text.get(begins..)?;
    let mut at = 0;
    for line in inside.split_inclusive('\n') {
        if line.trim_end() == "." {
            return Some((inside.get(..at)?.trim().to_owned(), begins + at + line.len()));
        }
        at += line.len();
    }
    Some((inside.trim().to_owned(), text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(script: &str, expected: &[(usize, &str)]) {
        let found = redirects(script);
        let shown: Vec<_> = found.iter().map(|r| (r.line, r.to.as_str())).collect();
        assert_eq!(shown, expected, "{script}");
    }

    #[test]
    fn redirects_are_found_wherever_they_stand() {
        check("redirect \"Taro@Example.com\";", &[(1, "taro@example.com")]);
        check("require [\"copy\"];\nredirect :copy \"a@b.example\";", &[(2, "a@b.example")]);
        let nested =
            "if header :contains \"Subject\" \"x@y.example\" {\n  REDIRECT\n  \"a@b.example\";\n}";
        check(nested, &[(3, "a@b.example")]);
        check(
            "redirect \"a\\\"b@c.example\";redirect \"d@e.example\";",
            &[(1, "a\"b@c.example"), (1, "d@e.example")],
        );
        check("redirect text:\na@b.example\n.\n;", &[(1, "a@b.example")]);
        check("redirect \"${target}\";", &[(1, "${target}")]);
        check("notify :message \"x@y\" \"mailto:a@b.example?subject=x\";", &[(1, "a@b.example")]);
    }

    #[test]
    fn comments_strings_and_other_commands_are_none() {
        check("# redirect \"a@b.example\";\n/* redirect\n\"a@b.example\"; */ keep;", &[]);
        check(
            "fileinto \"redirect a@b.example\"; reject text:\nredirect \"a@b.example\";\n.\n;",
            &[],
        );
        check("redirect; fileinto \"a@b.example\";", &[]);
        check("", &[]);
    }

    proptest! {
        #[test]
        fn anything_is_read(script in "(redirect|text:|\"|\\\\|;|#|/\\*|\\*/|\n|a@b|\\.|\\PC){0,30}") {
            let _ = redirects(&script);
        }
    }
}
