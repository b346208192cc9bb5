//! Hosts and links in what a finding says, written so that nothing can be clicked.
//!
//! Mail programs make links of all that looks like one, in plain text too; a warning must not offer
//! the very link it warns of. The scheme is left out, and the dots of a host are written another
//! way. File names keep theirs: `請求書.pdf.exe` ends in no domain.

use sekisho_heuristics::message::domain::has_known_suffix;

/// `text` with its hosts written with `dot`. A full-width dot behind a scheme would be read as a dot
/// by browsers, which is why the scheme goes.
pub(crate) fn inert(text: &str, dot: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(start) = rest.find(is_of_host) {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let end = from.find(|c| !is_of_host(c)).unwrap_or(from.len());
        let (word, behind) = from.split_at(end);
        rest = behind;
        if SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
            && let Some(behind) = rest.strip_prefix("://")
        {
            rest = behind;
            continue;
        }
        let host = word.trim_matches(['.', '-', '_']).to_ascii_lowercase();
        if host.contains('.') && has_known_suffix(&host) {
            out.push_str(&word.replace('.', dot));
        } else {
            out.push_str(word);
        }
    }
    out.push_str(rest);
    out
}

fn is_of_host(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

const SCHEMES: [&str; 3] = ["http", "https", "ftp"];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(inert(text, "[.]"), expected);
    }

    #[test]
    fn hosts_and_links_cannot_be_clicked() {
        check("https://is.gd/Abc → www.a-b.co.jp。", "is[.]gd/Abc → www[.]a-b[.]co[.]jp。");
        check("HTTP://user@x.example:8080/a.b?c", "user@x[.]example:8080/a.b?c");
        check("差出人info@a.example（a.jpなど）", "差出人info@a[.]example（a[.]jpなど）");
        assert_eq!(inert("リンク先a.jp", "．"), "リンク先a．jp");
    }

    #[test]
    fn what_is_no_host_stays() {
        for text in [
            "請求書.pdf.exe",
            "An observation. And more.",
            "",
            "1.5 MB",
            "...",
            "x:// http:/ http",
            "90-1234-5678",
        ] {
            check(text, text);
        }
    }
}
