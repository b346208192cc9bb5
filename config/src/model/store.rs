//! `store.toml`, checked: where memory is kept and for how long.

use std::fmt;
use std::time::Duration;

/// `store.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// The PostgreSQL that several hosts share; `None` is SQLite in the state directory.
    pub url: Option<DatabaseUrl>,
    /// Keep addresses of correspondents as keyed hashes.
    pub hash_addresses: bool,
    /// How long one mail waits for its history.
    pub deadline: Duration,
    /// Answers kept in memory.
    pub cache: usize,
    /// Most bytes that wait on disk while the store is away.
    pub spool: usize,
    /// When what is remembered is deleted.
    pub retention: Retention,
}

/// `store.toml`, table `[retention]`: days until what is older is deleted; `None` is `"off"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Addresses and domains, from the last mail exchanged.
    pub correspondents: Option<u32>,
    /// Message-IDs of mail we sent, numbers in signatures, encrypted files sent.
    pub details: Option<u32>,
    /// Records, events and ended holds.
    pub records: Option<u32>,
}

/// A `postgres://` URL. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Takes a URL by its form; what it names is tried by whoever connects.
    pub fn new(written: &str) -> Result<DatabaseUrl, String> {
        let scheme = ["postgres://", "postgresql://"].iter().any(|s| written.starts_with(s));
        match scheme && !written.contains(char::is_whitespace) {
            true => Ok(DatabaseUrl(written.to_owned())),
            // Not repeated: a password may stand in it.
            false => Err("must be a URL such as \"postgres://user@host/database\", or \"\" for \
                          SQLite"
                .to_owned()),
        }
    }

    /// The URL with its password, for connecting.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let (authority, place) = match rest.find(['/', '?']) {
            Some(end) => rest.split_at(end),
            None => (rest, ""),
        };
        let (user, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let user = user.split(':').next().unwrap_or_default();
        // Behind `?` a password may stand as well.
        let place = place.split('?').next().unwrap_or_default();
        write!(f, "{scheme}://{user}{}{hosts}{place}", if user.is_empty() { "" } else { "@" })
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_texts;

    #[test]
    fn passwords_are_not_shown() {
        for (written, shown) in [
            ("postgres://u:s3cret@db.example/x?sslmode=require", "postgres://u@db.example/x"),
            ("postgresql:///x?host=/run/postgresql&password=s3cret", "postgresql:///x"),
            ("postgres://u:p@ss@a.example,b.example:5433", "postgres://u@a.example,b.example:5433"),
        ] {
            assert_eq!(DatabaseUrl::new(written).unwrap().to_string(), shown);
        }
        assert!(!DatabaseUrl::new("mysql://u:s3cret@db").unwrap_err().contains("s3cret"));
    }

    #[test]
    fn shipped_defaults_and_written_values() {
        let shipped = Store {
            url: None,
            hash_addresses: false,
            deadline: Duration::from_millis(50),
            cache: 4096,
            spool: 256 << 20,
            retention: Retention {
                correspondents: Some(1096),
                details: Some(400),
                records: Some(1096),
            },
        };
        assert_eq!(crate::Settings::default().store, shipped);
        let text = "[store]\nurl = 'postgres://u:secret@db.example/x'\n\
                    hash_addresses = true\ndeadline = '200ms'\n[retention]\nrecords = 'off'\n";
        let expected = Store {
            url: Some(DatabaseUrl::new("postgres://u:secret@db.example/x").unwrap()),
            hash_addresses: true,
            deadline: Duration::from_millis(200),
            retention: Retention { records: None, ..shipped.retention },
            ..shipped
        };
        assert_eq!(from_texts(&[("store.toml", text)]).unwrap().store, expected);
    }

    #[test]
    fn mistakes() {
        let text = "[store]\nurl = 'mysql://u:secret@db'\n[retention]\ndetails = 0\n";
        let problems = from_texts(&[("store.toml", text)]).unwrap_err();
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let expected = [
            "store.toml:2: store.url: must be a URL such as \"postgres://user@host/database\", or \
             \"\" for SQLite",
            "store.toml:4: retention.details: must be an integer from 1 to 36500; or \"off\"",
        ];
        assert_eq!(shown, expected);
    }
}
