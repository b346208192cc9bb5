//! Whether a mail came by a mailing list, and which: List-Id (RFC 2919), List-Post (RFC 2369), and
//! the Mailing-List field of older software.
//!
//! Way in: [`read`]. Anybody can write these fields; that a mail has them excuses nothing by
//! itself, only together with what the rule that asks knows besides.

use super::Message;
use super::domain::{same_organisation, to_ascii};

/// What a mail says of the list it came by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailingList {
    /// Host part of List-Id, or all of it; lower case. Empty where there is none.
    pub id: String,
    /// Address that one posts to, lower case. Empty where there is none.
    pub post: String,
}

impl MailingList {
    /// Whether `host` belongs to the organisation that runs the list.
    pub fn is_run_by(&self, host: &str) -> bool {
        let post_host = self.post.rsplit_once('@').map_or("", |(_, host)| host);
        [self.id.as_str(), post_host]
            .into_iter()
            .any(|of_list| !of_list.is_empty() && same_organisation(of_list, host))
    }
}

/// The list that a mail came by; `None` where none of the fields can be read.
pub fn read(mail: &Message<'_>) -> Option<MailingList> {
    let of = |name, read: fn(&[u8]) -> Option<String>| {
        mail.field(name).and_then(|field| read(field.value))
    };
    let post = of("list-post", post).or_else(|| of("mailing-list", mailing_list));
    let list =
        MailingList { id: of("list-id", id).unwrap_or_default(), post: post.unwrap_or_default() };
    (list != MailingList::default()).then_some(list)
}

/// `Name <list.example.com>`, or the identifier alone.
fn id(raw: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(raw);
    let bracketed = text.rsplit_once('<').and_then(|(_, id)| id.split_once('>'));
    let id = bracketed.map_or(text.as_ref(), |(id, _)| id).trim();
    to_ascii(id).filter(|host| host.contains('.') && !host.contains(char::is_whitespace))
}

/// `<mailto:list@example.com?subject=…>`; `NO` and other kinds of URL are none.
fn post(raw: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(raw).to_lowercase();
    let (_, rest) = text.split_once("mailto:")?;
    address(rest.split(['>', '?', ',']).next()?)
}

/// `list dev@example.com; contact dev-owner@example.com` (ezmlm, Yahoo Groups).
fn mailing_list(raw: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(raw).to_lowercase();
    address(text.trim_start().strip_prefix("list ")?.split(';').next()?)
}

fn address(text: &str) -> Option<String> {
    let (local, host) = text.trim().rsplit_once('@')?;
    Some(format!("{local}@{}", to_ascii(host)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Envelope;
    use sekisho_config::Settings;

    #[track_caller]
    fn check(header: &str, expected: Option<(&str, &str)>) {
        let raw = format!("{header}\r\n\r\n");
        let (envelope, settings) = (Envelope::default(), Settings::default());
        let list = read(&Message::new(raw.as_bytes(), &envelope, &settings.filter.limits));
        let shown = list.as_ref().map(|l| (l.id.as_str(), l.post.as_str()));
        assert_eq!(shown, expected, "{header}");
    }

    #[test]
    fn fields_are_read() {
        check("List-Id: Dev <Dev.Lists.example.com>", Some(("dev.lists.example.com", "")));
        check("List-ID: dev.lists.example.com", Some(("dev.lists.example.com", "")));
        check(
            "List-Post: <mailto:Dev@lists.example.com?subject=x>",
            Some(("", "dev@lists.example.com")),
        );
    }

    #[test]
    fn the_older_field_is_read_where_there_is_no_newer_one() {
        check(
            "Mailing-List: list Dev@example.com; contact dev-owner@example.com",
            Some(("", "dev@example.com")),
        );
        check(
            "Mailing-List: list a@example.com\r\nList-Post: <mailto:b@example.com>",
            Some(("", "b@example.com")),
        );
        check("Mailing-List: contact dev-help@example.com; run by ezmlm", None);
    }

    #[test]
    fn nonsense_is_no_list() {
        for header in [
            "Subject: x",
            "List-Post: NO",
            "List-Post: <mailto:>",
            "List-Post: <https://lists.example.com/>",
            "List-Id:",
            "List-Id: <<>>",
            "List-Id: some words",
        ] {
            check(header, None);
        }
    }

    #[test]
    fn runs_in_an_organisation() {
        let list =
            MailingList { id: "dev.lists.example.com".into(), post: "a@list.example".into() };
        assert!(list.is_run_by("example.com"));
        assert!(list.is_run_by("list.example"));
        assert!(!list.is_run_by("example.net"));
        assert!(!list.is_run_by(""));
    }
}
