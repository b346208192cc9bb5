//! A mail that leaves, with the questions that several rules ask answered once.

use std::cell::OnceCell;

use super::matter::Matter;
use super::personal::Found;
use crate::container::Encryption;
use crate::facts::Facts;
use crate::message::Message;
use crate::message::address::Mailbox;
use crate::message::attachment::Attachment;
use crate::message::domain::to_ascii;
use crate::message::mailing_list;

/// The mail, what is known of how it came, and what rules ask of both.
pub struct Leaving<'a> {
    /// The mail.
    pub mail: &'a Message<'a>,
    /// How it came, and the settings in force.
    pub facts: &'a Facts<'a>,
    external: OnceCell<Vec<Recipient>>,
    shown: OnceCell<Vec<Recipient>>,
    matter: OnceCell<Matter>,
    personal: OnceCell<Personal>,
}

/// Personal data of a mail, and where it stands.
#[derive(Default)]
pub(crate) struct Personal {
    /// What was found.
    pub(crate) found: Found,
    /// Files that add to it, for a person; empty for the mail's own text.
    pub(crate) files: Vec<String>,
}

/// An external address the mail goes to, or shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The address, domain in lower case and ASCII form.
    pub address: String,
    /// Its domain.
    pub domain: String,
}

impl<'a> Leaving<'a> {
    /// The mail as the rules see it.
    pub fn new(mail: &'a Message<'a>, facts: &'a Facts<'a>) -> Leaving<'a> {
        Leaving {
            mail,
            facts,
            external: OnceCell::new(),
            shown: OnceCell::new(),
            personal: OnceCell::new(),
            matter: OnceCell::new(),
        }
    }

    /// External recipients of the envelope, each once: only there Bcc recipients exist.
    pub fn external(&self) -> &[Recipient] {
        self.external.get_or_init(|| {
            let addresses = self.mail.envelope().recipients.iter();
            self.external_of(addresses.filter_map(|address| {
                let (local, domain) = address.rsplit_once('@')?;
                Some((local.to_owned(), to_ascii(domain).unwrap_or_else(|| domain.to_lowercase())))
            }))
        })
    }

    /// External addresses that To and Cc show, groups included, each once.
    pub fn shown(&self) -> &[Recipient] {
        self.shown.get_or_init(|| {
            let fields = ["to", "cc"].into_iter().flat_map(|name| self.mail.mailboxes(name));
            let parts = |m: Mailbox| Some((m.local, m.host)).filter(|(_, host)| !host.is_empty());
            self.external_of(fields.filter_map(parts))
        })
    }

    /// Whether the settings except it: the sender, the network, or both where both are named.
    pub fn is_exempt(&self) -> bool {
        let exempt = &self.facts.settings.outbound.exempt;
        let by_sender = || {
            let mail_from = self.mail.envelope().mail_from.iter().map(|a| a.to_lowercase());
            let from = self.mail.from().iter().map(Mailbox::address);
            mail_from.chain(from).any(|a| exempt.senders.iter().any(|p| p.matches(&a)))
        };
        let ip = self.facts.client.ip;
        let by_network = || ip.is_some_and(|ip| exempt.networks.iter().any(|n| n.contains(ip)));
        match (exempt.senders.is_empty(), exempt.networks.is_empty()) {
            (true, true) => false,
            (true, false) => by_network(),
            (false, true) => by_sender(),
            (false, false) => by_sender() && by_network(),
        }
    }

    /// Whether `domain` is a partner's: named as one, or with an agreement that holds. Lower case,
    /// ASCII form.
    pub fn is_partner(&self, domain: &str) -> bool {
        self.facts.has_agreement_with(domain)
    }

    /// Whether somebody else than ours wrote it: From shows a domain, and none of ours.
    pub fn is_by_stranger(&self) -> bool {
        let mut hosts = self.mail.from().iter().map(Mailbox::domain).filter(|h| !h.is_empty());
        hosts.next().is_some_and(|host| {
            !self.facts.is_own_domain(host) && !hosts.any(|host| self.facts.is_own_domain(host))
        })
    }

    /// Whether a mailing list of ours hands it out. Anybody can write its fields: this excuses only
    /// what lists do.
    pub fn is_by_own_list(&self) -> bool {
        let own = |host: &str| self.facts.is_own_domain(host);
        mailing_list::read(self.mail).is_some_and(|list| {
            own(&list.id) || list.post.rsplit_once('@').is_some_and(|(_, host)| own(host))
        })
    }

    /// Whether it bears a label of confidential matter, in its text or in a file.
    pub fn is_confidential(&self) -> bool {
        self.matter().is_labelled()
    }

    /// The class labels that it bears.
    pub fn matter(&self) -> &Matter {
        self.matter.get_or_init(|| Matter::read(self.mail))
    }

    /// Files that anybody can read: encrypted are neither they nor what holds them, whether or not
    /// the mail's own password opened it.
    pub(crate) fn clear_files(&self) -> impl Iterator<Item = &Attachment> {
        let all = self.mail.attachments();
        all.iter().filter(|file| {
            let mut next = Some(*file);
            // A holder stands before what it holds, so this ends.
            while let Some(this) = next {
                if this.opened_by_password || this.encryption == Encryption::Encrypted {
                    return false;
                }
                next = this.parent.and_then(|at| all.get(at));
            }
            true
        })
    }

    /// Personal data in the subject, the text and the files that anybody can read.
    pub(crate) fn personal(&self) -> &Personal {
        self.personal.get_or_init(|| {
            let mut personal = Personal::default();
            personal.found.read(self.mail.subject());
            self.mail.texts().iter().for_each(|text| personal.found.read(&text.content));
            for file in self.clear_files() {
                let before = personal.found.count();
                file.names
                    .iter()
                    .for_each(|n| personal.found.read(&n.text.replace(['_', '.'], " ")));
                for document in &file.texts {
                    // Tables of documents have their cells on lines that begin with a tab.
                    personal.found.read(&document.text.replace("\n\t", "\t"));
                }
                if personal.found.count() > before && personal.files.len() < MOST_FILES {
                    personal.files.push(file.path(self.mail.attachments(), None));
                }
            }
            personal
        })
    }

    fn external_of(&self, addresses: impl Iterator<Item = (String, String)>) -> Vec<Recipient> {
        let mut seen = std::collections::HashSet::new();
        addresses
            .filter(|(_, domain)| !self.facts.is_own_domain(domain))
            .map(|(local, domain)| Recipient { address: format!("{local}@{domain}"), domain })
            .filter(|r| seen.insert(r.address.to_lowercase()))
            .collect()
    }
}

/// Files named in evidence.
const MOST_FILES: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Client;
    use crate::message::Envelope;
    use sekisho_config::{AddressPattern, Network, Partner, Settings};

    #[track_caller]
    fn check<T>(
        mail: &str,
        set: impl FnOnce(&mut Settings),
        ask: impl FnOnce(&Leaving<'_>) -> T,
    ) -> T {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        set(&mut settings);
        let envelope = Envelope {
            mail_from: Some("Scanner@Own.example".into()),
            recipients: vec![
                "a@Example.com".into(),
                "A@example.com".into(),
                "b@own.example".into(),
            ],
        };
        let mail = Message::new(mail.as_bytes(), &envelope, &settings.filter.limits);
        let ip = Some([192, 0, 2, 25].into());
        let mut facts = Facts::unknown(&settings);
        facts.client = Client { ip, ..Client::default() };
        ask(&Leaving::new(&mail, &facts))
    }

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    fn senders(pattern: &str) -> Vec<AddressPattern> {
        vec![pattern.parse().unwrap()]
    }

    #[test]
    fn each_external_recipient_counts_once() {
        let found = check("\r\n", |_| {}, |l| l.external().to_vec());
        let once = Recipient { address: "a@example.com".into(), domain: "example.com".into() };
        assert_eq!(found, [once]);
    }

    #[test]
    fn nothing_is_exempt_where_nothing_is_set() {
        assert!(!check("From: cron@own.example\r\n\r\n", |_| {}, |l| l.is_exempt()));
    }

    #[test]
    fn senders_are_exempt_by_envelope_or_from() {
        let exempt = |pattern: &str, mail| {
            let set = |s: &mut Settings| s.outbound.exempt.senders = senders(pattern);
            check(mail, set, |l| l.is_exempt())
        };
        assert!(exempt("scanner@own.example", "\r\n"));
        assert!(exempt("cron@own.example", "From: Cron <Cron@own.example>\r\n\r\n"));
        assert!(!exempt("cron@own.example", "Reply-To: cron@own.example\r\n\r\n"));
    }

    #[test]
    fn networks_are_exempt() {
        let exempt = |net: &str| {
            let set = |s: &mut Settings| s.outbound.exempt.networks = vec![network(net)];
            check("\r\n", set, |l| l.is_exempt())
        };
        assert!(exempt("192.0.2.0/24"));
        assert!(!exempt("198.51.100.0/24"));
    }

    #[test]
    fn where_both_are_set_both_must_fit() {
        let exempt = |pattern: &str, net: &str| {
            let set = |s: &mut Settings| {
                s.outbound.exempt.senders = senders(pattern);
                s.outbound.exempt.networks = vec![network(net)];
            };
            check("\r\n", set, |l| l.is_exempt())
        };
        assert!(exempt("scanner@own.example", "192.0.2.25"));
        assert!(!exempt("scanner@own.example", "192.0.2.26"));
        assert!(!exempt("cron@own.example", "192.0.2.25"));
    }

    #[test]
    fn agreements_hold_until_their_end() {
        let partner = |until| {
            let set = |s: &mut Settings| {
                s.outbound.partners = vec![Partner {
                    domain: "sazanami.example".into(),
                    may_receive: Vec::new(),
                    until,
                    reason: String::new(),
                }];
            };
            check("\r\n", set, |l| {
                (l.is_partner("mail.sazanami.example"), l.is_partner("x.example"))
            })
        };
        assert_eq!(partner(None), (true, false));
        assert_eq!(partner(Some(1)), (true, false));
        assert_eq!(partner(Some(-1)), (false, false));
    }

    #[test]
    fn lists_of_ours_are_told_by_their_fields() {
        let list = |field: &str| check(&format!("{field}\r\n\r\n"), |_| {}, |l| l.is_by_own_list());
        assert!(list("List-Id: Dev <dev.lists.own.example>"));
        assert!(list("List-Post: <mailto:dev@own.example>"));
        assert!(!list("List-Id: <dev.lists.example.com>"));
        assert!(!list("List-Id: <own.example.com>"));
        assert!(!list("Subject: x"));
    }

    #[test]
    fn a_stranger_wrote_what_none_of_ours_did() {
        let stranger =
            |from: &str| check(&format!("From: {from}\r\n\r\n"), |_| {}, |l| l.is_by_stranger());
        assert!(stranger("a@example.com"));
        assert!(!stranger("a@example.com, b@mail.own.example"));
        assert!(!stranger("b@own.example"));
        assert!(!stranger("root"));
        assert!(!stranger(""));
    }
}
