//! The signature block: who the sender says he is, and how to reach him.

/// A signature block, above quotations and list footers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// The block's lines as written.
    pub text: String,
    /// Mail addresses, lower case, half-width.
    pub addresses: Vec<String>,
    /// Telephone numbers with their labels.
    pub telephones: Vec<Telephone>,
    /// Lines that look like the name of an organisation.
    pub organisations: Vec<String>,
    /// Postal codes, seven digits.
    pub postal_codes: Vec<String>,
}

/// A telephone or fax number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telephone {
    /// What the label says.
    pub label: TelephoneLabel,
    /// As written.
    pub written: String,
    /// Digits only, NFKC; a leading `+` is kept.
    pub digits: String,
}

/// Label of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TelephoneLabel {
    /// FAX, ファックス, F.
    Fax,
    /// No label.
    None,
    /// TEL, 電話, 携帯, T, M.
    Telephone,
    /// One label for both: TEL/FAX.
    TelephoneAndFax,
}

/// Finds the signature in what the sender wrote himself.
pub fn find(_own_text: &str) -> Option<Signature> {
    None
}
