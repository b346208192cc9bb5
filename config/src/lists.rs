//! `lists.toml` over the shipped lists, one text file each in `defaults/lists/`.
//!
//! Way in: [`lists`]. An administrator replaces a list by a plain array, or extends the shipped
//! one by `{ extend = true, add = [...], remove = [...] }`; which of the two is always written
//! out. What stands in the shipped files is held in form by the tests below.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::DeValue;

use crate::layers::{Mistake, Table, elements, kind};
use crate::scalar::{boolean, by};
use crate::{Lists, net, suggestion, themes};

/// Reads one entry of a list.
type Entry = fn(&str) -> Result<String, String>;

/// Reads `lists.toml`.
pub(crate) fn lists(t: &mut Table<'_>) -> Option<Lists> {
    let [free, private, short, redirect, executable, shortcut, document, html] = &SHIPPED;
    Some(Lists {
        free_mail_domains: list(t, free)?,
        private_mail_domains: list(t, private)?,
        shortener_hosts: list(t, short)?,
        open_redirect_hosts: list(t, redirect)?,
        executable_extensions: list(t, executable)?,
        shortcut_extensions: list(t, shortcut)?,
        document_extensions: list(t, document)?,
        html_extensions: list(t, html)?,
        themes: themes::themes(t),
    })
}

/// A shipped list: its key, its text, how its entries are read.
struct Shipped {
    key: &'static str,
    text: &'static str,
    entry: Entry,
}

const SHIPPED: [Shipped; 8] = [
    Shipped {
        key: "free_mail_domains",
        text: include_str!("../defaults/lists/free-mail-domains.txt"),
        entry: net::domain,
    },
    Shipped {
        key: "private_mail_domains",
        text: include_str!("../defaults/lists/carrier-and-isp-domains.txt"),
        entry: net::domain,
    },
    Shipped {
        key: "shortener_hosts",
        text: include_str!("../defaults/lists/shortener-hosts.txt"),
        entry: net::domain,
    },
    Shipped {
        key: "open_redirect_hosts",
        text: include_str!("../defaults/lists/open-redirect.txt"),
        entry: net::host_and_path,
    },
    Shipped {
        key: "executable_extensions",
        text: include_str!("../defaults/lists/executable-extensions.txt"),
        entry: extension,
    },
    Shipped {
        key: "shortcut_extensions",
        text: include_str!("../defaults/lists/shortcut-extensions.txt"),
        entry: extension,
    },
    Shipped {
        key: "document_extensions",
        text: include_str!("../defaults/lists/document-extensions.txt"),
        entry: extension,
    },
    Shipped {
        key: "html_extensions",
        text: include_str!("../defaults/lists/html-extensions.txt"),
        entry: extension,
    },
];

fn list(t: &mut Table<'_>, shipped: &Shipped) -> Option<BTreeSet<String>> {
    over(t, shipped.key, by(shipped.entry), || {
        entries_of(shipped.text).map(str::to_owned).collect()
    })
}

/// The list at `key`, over the shipped one; `None` where nothing, or a mistake, is written.
pub(crate) fn over(
    t: &mut Table<'_>,
    key: &'static str,
    entry: impl Fn(&DeValue<'_>) -> Result<String, String>,
    shipped: impl Fn() -> BTreeSet<String>,
) -> Option<BTreeSet<String>> {
    t.read_spanned(key, |value| match value.get_ref() {
        DeValue::Table(_) => extended(value, &entry, shipped()),
        DeValue::Array(_) => Ok(elements(value, &entry)?.into_iter().collect()),
        other => Err(vec![Mistake::new(value, format!("must be {FORMS}, not {}", kind(other)))]),
    })
}

/// `{ extend = true, add = [...], remove = [...] }` over the shipped list.
fn extended(
    value: &Spanned<DeValue<'_>>,
    entry: impl Fn(&DeValue<'_>) -> Result<String, String>,
    shipped: BTreeSet<String>,
) -> Result<BTreeSet<String>, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let (mut extend, mut add, mut remove) = (false, Vec::new(), Vec::new());
    for (key, value) in value.get_ref().as_table().into_iter().flat_map(|table| table.iter()) {
        let entries = || elements(value, &entry);
        let outcome = match key.get_ref().as_ref() {
            "extend" => boolean(value.get_ref())
                .map(|written| extend = written)
                .map_err(|message| vec![Mistake::new(value, format!("extend {message}"))]),
            "add" => entries().map(|read| add = read),
            "remove" => entries().map(|read| remove = read),
            other => {
                let hint = match suggestion(other, ["extend", "add", "remove"]) {
                    Some(near) => format!("did you mean {near}?"),
                    None => "known here: extend, add, remove".to_owned(),
                };
                Err(vec![Mistake::new(key, format!("unknown key {other:?}; {hint}"))])
            }
        };
        mistakes.extend(outcome.err().into_iter().flatten());
    }
    if !extend && mistakes.is_empty() {
        mistakes.push(Mistake::new(value, format!("a table extends; write {FORMS}")));
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let mut set = shipped;
    set.extend(add);
    for entry in &remove {
        set.remove(entry);
    }
    Ok(set)
}

/// A file name extension, lower case, without dot.
fn extension(written: &str) -> Result<String, String> {
    if let Some(bare) = written.strip_prefix('.') {
        return Err(format!("write \"{bare}\", without the dot"));
    }
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'!' | b'~');
    if written.is_empty() || written.len() > 32 || !written.bytes().all(good) {
        return Err(format!(
            "{written:?} is not a file name extension; allowed are \"exe\", \"js\""
        ));
    }
    Ok(written.to_ascii_lowercase())
}

/// The entries of a shipped list: a line each, `#` begins a comment line.
fn entries_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

const FORMS: &str = "{ extend = true, add = [...], remove = [...] } for the shipped list with \
                     changes, or [...] in its place";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_lists_are_in_form() {
        for Shipped { key, text, entry } in &SHIPPED {
            assert!(text.starts_with("# "), "{key} says in its header what it is");
            assert!(text.ends_with('\n') && !text.contains('\r'), "{key} has whole lines");
            let entries: Vec<_> = entries_of(text).collect();
            assert!(!entries.is_empty(), "{key} has entries");
            for entry_text in &entries {
                assert_eq!(entry(entry_text).as_deref(), Ok(*entry_text), "{key}");
                assert!(entry_text.is_ascii(), "{key}: {entry_text}");
            }
            for pair in entries.windows(2) {
                assert!(pair[0] < pair[1], "{key}: {} and {} are out of order", pair[0], pair[1]);
            }
        }
    }

    #[test]
    fn lists_of_one_kind_do_not_overlap() {
        let of = |key: &str| -> BTreeSet<&str> {
            let shipped = SHIPPED.iter().find(|s| s.key == key).unwrap();
            entries_of(shipped.text).collect()
        };
        for (a, b) in [
            ("free_mail_domains", "private_mail_domains"),
            ("executable_extensions", "shortcut_extensions"),
            ("executable_extensions", "document_extensions"),
            ("executable_extensions", "html_extensions"),
            ("shortcut_extensions", "document_extensions"),
            ("document_extensions", "html_extensions"),
            ("shortener_hosts", "open_redirect_hosts"),
        ] {
            let both: Vec<_> = of(a).intersection(&of(b)).copied().collect();
            assert!(both.is_empty(), "{both:?} stand in {a} and in {b}");
        }
    }

    #[test]
    fn companies_behind_the_providers_are_no_free_mail() {
        let shipped = &SHIPPED[0];
        for company in [
            "google.com",
            "microsoft.com",
            "apple.com",
            "lycorp.co.jp",
            "rakuten.co.jp",
            "nifty.com",
        ] {
            assert!(entries_of(shipped.text).all(|entry| entry != company), "{company}");
        }
        for provider in ["gmail.com", "yahoo.co.jp", "outlook.jp", "icloud.com", "proton.me"] {
            assert!(entries_of(shipped.text).any(|entry| entry == provider), "{provider}");
        }
    }

    #[test]
    fn extensions() {
        assert_eq!(extension("EXE").as_deref(), Ok("exe"));
        assert_eq!(extension(".exe"), Err("write \"exe\", without the dot".into()));
        for wrong in ["", "e x", "エグゼ", "tar.gz"] {
            assert!(extension(wrong).is_err_and(|m| m.contains("is not a file name extension")));
        }
    }
}
