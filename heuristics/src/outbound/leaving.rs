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
            let mail_from = self.mail.envelope().mail_from.iter().cloned();
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
