//! Who wrote to whom before, as plain data: what the store tells of one mail.
//!
//! Way in: [`History`], which the shell fills, and [`is_known`]. What to ask and what to write down of
//! a mail is told by [`teaching`]. Every part may be unknown, as all of it is with `--offline`: unknown
//! neither accuses nor excuses. A story that only strangers tell counts as a stranger's there.

pub mod teaching;

use sekisho_config::is_in_or_under;

use crate::facts::Facts;
use crate::message::Message;
use crate::message::domain::registrable;

/// What is remembered that concerns one message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Of the sender of an inbound mail (the address of From); `None` is unknown.
    pub sender: Option<Known>,
    /// Whether a Message-ID in In-Reply-To or References is one of a mail we sent; `None` is
    /// unknown, or the memory does not reach back as far as the answered mail may be old. Of a mail
    /// that names none, `false` says no more than that the memory reaches back so far.
    pub answers_ours: Option<bool>,
    /// Telephone and FAX numbers seen before in authenticated mail of the sender's organisation;
    /// `None` is unknown, empty is none seen.
    pub numbers: Option<Vec<Number>>,
    /// Of each external recipient's domain of an outbound mail: whether one of ours ever wrote
    /// there. Only domains that are known to be new stand here; `None` is unknown.
    pub new_recipient_domains: Option<Vec<String>>,
    /// Encrypted files we sent to one of the recipients within the window that the settings name.
    pub encrypted_sent: Vec<EncryptedSent>,
}

/// How well somebody outside is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The address itself.
    pub address: Contact,
    /// Its registrable domain.
    pub domain: Contact,
}

/// Mail exchanged with an address or a domain before this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Mails from there.
    pub received: u64,
    /// Mails of ours to there.
    pub sent: u64,
    /// When the first was exchanged, Unix time; 0 where none was.
    pub first: i64,
}

impl Contact {
    /// Whether any mail was exchanged.
    pub fn is_known(&self) -> bool {
        self.received > 0 || self.sent > 0
    }
}

/// A number that stood in a signature.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number {
    /// Digits in national form (`0312345678`), `+` kept for foreign ones.
    pub digits: String,
    /// Whether it stood under a FAX label.
    pub is_fax: bool,
}

/// An encrypted file that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedSent {
    /// To which address.
    pub to: String,
    /// Its name.
    pub name: String,
    /// When, Unix time.
    pub at: i64,
}

/// Whether the sender (the sole From) exchanged mail with the organisation before: the address, or
/// its registrable domain. `None` where history does not know, or there is no such sender.
///
/// Where anybody has a mailbox (free mail, carriers, internet service providers, services with a
/// subdomain for each customer) the domain is nobody's, and only the address counts.
pub fn is_known(mail: &Message<'_>, facts: &Facts<'_>) -> Option<bool> {
    let known = facts.history.sender?;
    let host = mail.sole_from()?.domain();
    let by_domain = || known.domain.is_known() && !is_shared(host, facts);
    Some(known.address.is_known() || by_domain())
}

/// Whether people who have nothing to do with one another have addresses at `host` or beside it.
/// Lower case, ASCII form.
pub fn is_shared(host: &str, facts: &Facts<'_>) -> bool {
    let lists = &facts.settings.lists;
    let domain = registrable(host).unwrap_or(host);
    let is_listed = |host: &str| {
        lists.free_mail_domains.contains(host) || is_in_or_under(&lists.private_mail_domains, host)
    };
    is_listed(host) || is_listed(domain) || facts.names.is_tenant(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Envelope;
    use sekisho_config::Settings;

    const MET: Contact = Contact { received: 1, sent: 0, first: 1 };
    const NEVER: Contact = Contact { received: 0, sent: 0, first: 0 };

    #[track_caller]
    fn check(from: &str, sender: Option<Known>, expected: Option<bool>) {
        let raw = format!("From: {from}\r\n\r\nx\r\n");
        let (envelope, settings) = <(Envelope, Settings)>::default();
        let mail = Message::new(raw.as_bytes(), &envelope, &settings.filter.limits);
        let mut facts = Facts::unknown(&settings);
        facts.history.sender = sender;
        assert_eq!(is_known(&mail, &facts), expected, "{from}");
    }

    #[test]
    fn an_address_or_its_domain_makes_known() {
        let wrote_to = Contact { received: 0, sent: 1, first: 1 };
        for (address, domain, expected) in [
            (MET, MET, true),
            (MET, NEVER, true),
            (NEVER, MET, true),
            (NEVER, wrote_to, true),
            (NEVER, NEVER, false),
        ] {
            check("a@m.example.com", Some(Known { address, domain }), Some(expected));
        }
    }

    #[test]
    fn where_anybody_has_a_mailbox_only_the_address_counts() {
        let by_domain = Known { address: NEVER, domain: MET };
        for from in [
            "a@gmail.com",
            "a@yahoo.co.jp",
            "a@mail.yahoo.co.jp",
            "a@docomo.ne.jp",
            "a@hanako.ocn.ne.jp",
        ] {
            check(from, Some(by_domain), Some(false));
            check(from, Some(Known { address: MET, domain: MET }), Some(true));
        }
    }

    #[test]
    fn nothing_is_known_offline_or_without_a_sender() {
        check("a@example.com", None, None);
        check("root", Some(Known::default()), None);
        check("a@example.com, b@example.net", Some(Known::default()), None);
    }
}
