//! `lists.toml`, checked: the lists that indicators read, and the look-ups in them.
//!
//! Hosts and domains are lower case and in ASCII form; [`is_in_or_under`] looks one up with the
//! domains above it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// `lists.toml` and the shipped `defaults/lists/*.txt`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Lists {
    /// Domains where anybody opens a mailbox for nothing. To be looked up exactly: the providers'
    /// companies write from subdomains (`auctions.yahoo.co.jp`, `corp.mail.ru`).
    pub free_mail_domains: DomainSet,
    /// Personal mail domains of carriers and internet service providers, with their subdomains.
    pub private_mail_domains: DomainSet,
    /// Hosts of shorteners: a link there says nothing of where it leads.
    pub shortener_hosts: DomainSet,
    /// Hosts that forward to any target named in the link, some only under a path:
    /// `example.com/url`. [`Lists::is_open_redirect`] looks one up.
    pub open_redirect_hosts: DomainSet,
    /// Services where anybody puts up a page for nothing, with their subdomains.
    pub free_hosting_hosts: DomainSet,
    /// Hosts where anybody uploads a picture for nothing, with their subdomains.
    pub picture_hosts: DomainSet,
    /// File name extensions of programs and scripts, lower case, without dot.
    pub executable_extensions: ExtensionSet,
    /// File name extensions of shortcuts, lower case, without dot.
    pub shortcut_extensions: ExtensionSet,
    /// File name extensions that people take for documents, lower case, without dot.
    pub document_extensions: ExtensionSet,
    /// File name extensions that a browser opens as HTML, lower case, without dot.
    pub html_extensions: ExtensionSet,
    /// Public bodies that exist, bureaus of a ministry with the ministry's name before them.
    pub public_bodies: NameSet,
    /// Public bodies that no longer exist: name, blank, day of the end (`大蔵省 2001-01-06`).
    /// [`Lists::abolished`] looks one up.
    pub abolished_bodies: NameSet,
    /// Cities, towns, villages, and wards.
    pub municipalities: NameSet,
    /// Organisations, brands and public bodies that mail claims to come from.
    pub names: Names,
    /// Words that Chinese writes and Japanese does not, in characters that Japanese charsets hold.
    pub chinese_words: WordSet,
    /// Font families made for Chinese, lower case.
    pub chinese_fonts: WordSet,
    /// Japanese that no native writer writes; each is an error wherever it stands.
    pub broken_japanese: WordSet,
    /// Correct phrases that speak of translation; they count beside real errors only.
    pub translated_japanese: WordSet,
    /// Words of the themes, and which of them together make one.
    pub themes: Themes,
}

/// Words and phrases of bait, and the rules that say which of them together make a theme:
/// `defaults/lists/themes.toml`, and `[themes]` of `lists.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Themes {
    /// Words by the name of their list; lower case, a `*` at the end for any ending.
    pub words: BTreeMap<String, BTreeSet<String>>,
    /// The rules, in the order in which they are tried.
    pub rules: Vec<ThemeRule>,
}

/// Which words together make a theme. Every list is named by its key in [`Themes::words`];
/// distances are in columns: two for a kanji or kana, one for a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThemeRule {
    /// Id of the theme without its `theme-`.
    pub theme: String,
    /// One word of each list must stand there; the first list's is the one distances count from.
    pub all: Vec<String>,
    /// How far from it the others may stand.
    pub within: u16,
    /// One word of any of these must stand there too; nothing is asked where it is empty.
    pub also: Vec<String>,
    /// How far from it; 0 is anywhere in the text.
    pub also_within: u16,
    /// A word of these at the place makes it mean something else.
    pub not: Vec<String>,
    /// A word of these anywhere in the text excuses it.
    pub unless: Vec<String>,
    /// Whether the first list's word must stand in the sender's name or the subject.
    pub head: bool,
}

/// Real names and what stands beside them in hosts: `defaults/lists/names.toml`, and `[[names]]` of
/// `lists.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Names {
    /// The names, by id; an administrator's record stands in place of a shipped one.
    pub records: Vec<Name>,
    /// Words by which bait asks for something (`login`): a name joined to one is still that name,
    /// and a weak token beside one counts.
    pub bait: BTreeSet<String>,
    /// Everyday parts of hosts (`mail`, `card`): a name joined to one is still that name.
    pub plain: BTreeSet<String>,
    /// Services that give each customer a subdomain by his own name.
    pub tenants: DomainSet,
    /// Words by which organisations call their desks and mail: a text of a name and such words
    /// claims the name.
    pub desk: BTreeSet<String>,
}

/// A real name: who it is, how it is written, which domains are its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// What the record is called: lower-case letters, digits, hyphens.
    pub id: String,
    /// What it is.
    pub kind: NameKind,
    /// How people see it written.
    pub names: Vec<String>,
    /// Every domain it mails from or links to, subdomains included, lower case, ASCII form.
    pub domains: Vec<String>,
    /// Labels that it holds under the suffixes of all countries (written `example.*`).
    pub country_labels: Vec<String>,
    /// Suffixes under which its state registers public bodies alone (`gov.br`): every domain there
    /// counts as its own.
    pub suffixes: Vec<String>,
    /// What stands for it in hosts wherever it turns up: lower-case letters and digits.
    pub tokens: Vec<String>,
    /// What stands for it in hosts only beside a bait word.
    pub weak_tokens: Vec<String>,
    /// Words that look like a token with a slip but are not.
    pub honest: Vec<String>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// A private organisation or brand.
    Private,
    /// A public body: it may write from any domain under go.jp and lg.jp.
    Public,
}

impl Lists {
    /// The day (year-month-day) from which the public body `name` did not exist; `None` for any
    /// other name.
    pub fn abolished(&self, name: &str) -> Option<&str> {
        let next = self
            .abolished_bodies
            .range::<str, _>((Bound::Included(name), Bound::Unbounded))
            .next()?;
        next.strip_prefix(name)?.strip_prefix(' ')
    }

    /// Whether a link to `path` on `host` (lower case, ASCII form) leads wherever the link says.
    /// A listed host stands for its subdomains too, a listed path for what lies under it.
    pub fn is_open_redirect(&self, host: &str, path: &str) -> bool {
        host_and_parents(host).any(|host| {
            self.open_redirect_hosts
                .range::<str, _>((Bound::Included(host), Bound::Unbounded))
                .map_while(|entry| entry.strip_prefix(host))
                // "example.com.au" sorts among the entries of "example.com" but is another host.
                .filter(|listed| listed.is_empty() || listed.starts_with('/'))
                .any(|listed| is_path_under(path, listed))
        })
    }
}

/// Whether `host` or a domain above it stands in `set`. Lower case, ASCII form.
pub fn is_in_or_under(set: &DomainSet, host: &str) -> bool {
    host_and_parents(host).any(|domain| set.contains(domain))
}

/// `host` and the domains above it, nearest first, top-level domains left out: none is listed.
/// Nothing for what is too long to be a host (RFC 1035, section 2.3.4): a link's author chooses its
/// length, and each parent costs a look-up.
fn host_and_parents(host: &str) -> impl Iterator<Item = &str> {
    let first = (host.len() <= 253).then_some(host);
    std::iter::successors(first, |host| host.split_once('.').map(|(_, parent)| parent))
        .take_while(|host| host.contains('.'))
}

fn is_path_under(path: &str, listed: &str) -> bool {
    path.strip_prefix(listed)
        .is_some_and(|rest| rest.is_empty() || listed.is_empty() || !continues_name(rest))
}

/// Whether what follows a listed path makes its last segment another name (`/url` in `/urls`).
fn continues_name(rest: &str) -> bool {
    !rest.starts_with(['/', '?', '#', ';', '&'])
}

/// Names of bodies, NFKC, without blanks.
pub type NameSet = BTreeSet<String>;

/// Domains, lower case, ASCII form; looked up exactly or with every parent.
pub type DomainSet = BTreeSet<String>;

/// Words, looked up as they stand.
pub type WordSet = BTreeSet<String>;

/// File name extensions, lower case, without dot.
pub type ExtensionSet = BTreeSet<String>;

#[cfg(test)]
mod tests {
    use super::*;

    fn check_redirect(listed: &str, host: &str, path: &str, expected: bool) {
        let open_redirect_hosts = listed.split(' ').map(str::to_owned).collect();
        let lists = Lists { open_redirect_hosts, ..Lists::default() };
        assert_eq!(lists.is_open_redirect(host, path), expected, "{host}{path} in {listed}");
    }

    #[test]
    fn open_redirects_by_host_and_path() {
        check_redirect("example.com", "example.com", "", true);
        check_redirect("example.com", "www.example.com", "/any?u=1", true);
        check_redirect("example.com", "example.com.au", "/", false);
        check_redirect("example.com", "anexample.com", "/", false);
        check_redirect("example.com/url", "www.example.com", "/url?q=1", true);
        check_redirect("example.com/url", "example.com", "/url/x", true);
        check_redirect("example.com/url", "example.com", "/urls", false);
        check_redirect("example.com/url", "example.com", "/", false);
        check_redirect(
            "example.com.au example.com/a/b example.com/url",
            "example.com",
            "/url",
            true,
        );
        check_redirect("example.com-x.example example.com/url", "example.com", "/url", true);
        check_redirect("", "example.com", "/", false);
    }

    #[test]
    fn overlong_hosts_are_no_hosts() {
        let set = DomainSet::from(["example.com".to_owned()]);
        assert!(is_in_or_under(&set, "mail.example.com"));
        assert!(!is_in_or_under(&set, "com"));
        assert!(!is_in_or_under(&set, &format!("{}example.com", "a.".repeat(200))));
    }
}
