//! Who wrote to whom before, as plain data: what the store tells of one mail.
//!
//! Every part may be unknown, as all of it is with `--offline`: unknown neither accuses nor excuses.

/// What is remembered that concerns one message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Of the sender of an inbound mail (the address of From); `None` is unknown.
    pub sender: Option<Known>,
    /// Whether a Message-ID in In-Reply-To or References is one of a mail we sent; `None` is
    /// unknown, or the memory does not reach back as far as the answered mail may be old.
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
