//! `lists.toml` over the shipped lists, one text file each in `defaults/lists/`.
//!
//! Way in: [`lists`]. An administrator replaces a list by a plain array, or extends the shipped
//! one by `{ extend = true, add = [...], remove = [...] }`; which of the two is always written
//! out. What stands in the shipped files is held in form by the tests below.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::DeValue;
use unicode_normalization::UnicodeNormalization;

use crate::layers::{Mistake, Table, elements, kind};
use crate::scalar::{boolean, by};
use crate::{Lists, names, net, suggestion, themes};

/// Reads one entry of a list.
type Entry = fn(&str) -> Result<String, String>;

/// Reads `lists.toml`.
pub(crate) fn lists(t: &mut Table<'_>) -> Option<Lists> {
    let [
        free,
        private,
        short,
        redirect,
        hosting,
        pictures,
        executable,
        shortcut,
        document,
        html,
        bodies,
        abolished,
        municipalities,
        chinese_words,
        chinese_fonts,
        broken,
        translated,
    ] = &SHIPPED;
    Some(Lists {
        free_mail_domains: list(t, free)?,
        private_mail_domains: list(t, private)?,
        shortener_hosts: list(t, short)?,
        open_redirect_hosts: list(t, redirect)?,
        free_hosting_hosts: list(t, hosting)?,
        picture_hosts: list(t, pictures)?,
        executable_extensions: list(t, executable)?,
        shortcut_extensions: list(t, shortcut)?,
        document_extensions: list(t, document)?,
        html_extensions: list(t, html)?,
        public_bodies: list(t, bodies)?,
        abolished_bodies: list(t, abolished)?,
        municipalities: list(t, municipalities)?,
        names: names::names(t),
        chinese_words: list(t, chinese_words)?,
        chinese_fonts: list(t, chinese_fonts)?,
        broken_japanese: list(t, broken)?,
        translated_japanese: list(t, translated)?,
        themes: themes::themes(t),
    })
}

/// A shipped list: its key, its text, how its entries are read.
struct Shipped {
    key: &'static str,
    text: &'static str,
    entry: Entry,
}

const SHIPPED: [Shipped; 17] = [
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
        key: "free_hosting_hosts",
        text: include_str!("../defaults/lists/free-hosting-hosts.txt"),
        entry: net::domain,
    },
    Shipped {
        key: "picture_hosts",
        text: include_str!("../defaults/lists/picture-hosts.txt"),
        entry: net::domain,
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
    Shipped {
        key: "public_bodies",
        text: include_str!("../defaults/lists/public-bodies.txt"),
        entry: body,
    },
    Shipped {
        key: "abolished_bodies",
        text: include_str!("../defaults/lists/abolished-bodies.txt"),
        entry: abolished_body,
    },
    Shipped {
        key: "municipalities",
        text: include_str!("../defaults/lists/municipalities.txt"),
        entry: body,
    },
    Shipped {
        key: "chinese_words",
        text: include_str!("../defaults/lists/chinese-words.txt"),
        entry: chinese_word,
    },
    Shipped {
        key: "chinese_fonts",
        text: include_str!("../defaults/lists/chinese-fonts.txt"),
        entry: font,
    },
    Shipped {
        key: "broken_japanese",
        text: include_str!("../defaults/lists/broken-japanese.txt"),
        entry: japanese_phrase,
    },
    Shipped {
        key: "translated_japanese",
        text: include_str!("../defaults/lists/translated-japanese.txt"),
        entry: japanese_phrase,
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

/// The name of a body as it is compared: NFKC, without blanks.
fn body(written: &str) -> Result<String, String> {
    let name: String = written.nfkc().collect();
    let good = |c: char| c.is_alphanumeric() || matches!(c, '・' | '-' | '々' | '(' | ')');
    if name.is_empty() || name.chars().count() > LONGEST_NAME || !name.chars().all(good) {
        return Err(format!(
            "{written:?} is not the name of a body; write it without blanks: \"総務省\""
        ));
    }
    Ok(name)
}

/// The name of a body and the day from which it did not exist, with one blank between.
fn abolished_body(written: &str) -> Result<String, String> {
    let error = || {
        format!(
            "{written:?} is not a body and the day of its end; write them so: \"大蔵省 2001-01-06\""
        )
    };
    let (name, day) = written.rsplit_once(' ').ok_or_else(error)?;
    let is_number = |part: Option<&str>, digits: usize| {
        part.is_some_and(|p| p.len() == digits && p.bytes().all(|b| b.is_ascii_digit()))
    };
    let mut parts = day.split('-');
    let is_day = is_number(parts.next(), 4)
        && is_number(parts.next(), 2)
        && is_number(parts.next(), 2)
        && parts.next().is_none();
    if !is_day {
        return Err(error());
    }
    Ok(format!("{} {day}", body(name)?))
}

/// Longest name of a body, in characters.
const LONGEST_NAME: usize = 64;
/// A word of Chinese: characters without kana, so that nothing Japanese is found inside.
fn chinese_word(written: &str) -> Result<String, String> {
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}');
    if !(2..=8).contains(&written.chars().count()) || !written.chars().all(is_han) {
        return Err(format!("{written:?} is not a Chinese word of 2 to 8 characters"));
    }
    Ok(written.to_owned())
}

/// A piece of Japanese prose, looked for as it stands.
fn japanese_phrase(written: &str) -> Result<String, String> {
    let is_japanese = |c: char| matches!(c, '\u{3001}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}');
    let length = written.chars().count();
    if !(2..=24).contains(&length) || !written.chars().any(is_japanese) || written.contains('\n') {
        return Err(format!("{written:?} is not a Japanese phrase of 2 to 24 characters"));
    }
    Ok(written.to_owned())
}

/// A font family's name, lower case.
fn font(written: &str) -> Result<String, String> {
    let name = written.trim();
    if name.is_empty() || name.len() > 64 || name.contains(['"', '\'', ',', ';']) {
        return Err(format!("{written:?} is not the name of one font family"));
    }
    Ok(name.to_lowercase())
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
                let is_ascii_only = key.ends_with("domains")
                    || key.ends_with("hosts")
                    || key.ends_with("extensions");
                assert!(!is_ascii_only || entry_text.is_ascii(), "{key}: {entry_text}");
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
    fn no_body_both_exists_and_does_not() {
        let text = |key: &str| SHIPPED.iter().find(|s| s.key == key).unwrap().text;
        let exist: BTreeSet<&str> = entries_of(text("public_bodies")).collect();
        for entry in entries_of(text("abolished_bodies")) {
            let (name, _) = entry.split_once(' ').unwrap();
            assert!(!exist.contains(name), "{name}");
        }
    }

    #[test]
    fn bodies() {
        assert_eq!(body("ＮＨＫ").as_deref(), Ok("NHK"));
        assert_eq!(abolished_body("大蔵省 2001-01-06").as_deref(), Ok("大蔵省 2001-01-06"));
        for wrong in ["", "総務 省", "総務省\n", "<総務省>"] {
            assert!(body(wrong).is_err(), "{wrong}");
        }
        for wrong in
            ["大蔵省", "大蔵省 2001", "大蔵省 2001-1-6", " 2001-01-06", "大蔵省 2001-01-06-1"]
        {
            assert!(abolished_body(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn words_and_fonts() {
        assert_eq!(chinese_word("點擊").as_deref(), Ok("點擊"));
        assert_eq!(font(" Microsoft YaHei ").as_deref(), Ok("microsoft yahei"));
        for wrong in ["", "您", "以下のURL", "ab", "一二三四五六七八九"] {
            assert!(chinese_word(wrong).is_err(), "{wrong}");
        }
        assert_eq!(japanese_phrase("をを").as_deref(), Ok("をを"));
        for wrong in ["", "を", "abc"] {
            assert!(japanese_phrase(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "SimSun, SimHei", "\"SimSun\""] {
            assert!(font(wrong).is_err(), "{wrong}");
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
