//! Parameters of Content-Type and Content-Disposition (RFC 2045, 2183, 2231), every form at once.

/// One name that the message gives a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    /// The name as a person would see it: decoded, in Unicode, nothing else changed.
    pub text: String,
    /// Where it stood.
    pub form: NameForm,
}

/// Where a file name stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameForm {
    /// Entry of an archive.
    ArchiveEntry,
    /// `filename` or `filename*` of Content-Disposition.
    Disposition,
    /// `name` or `name*` of Content-Type.
    Type,
    /// The `begin` line of a uuencoded file.
    Uuencode,
}

/// A header value with parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameterized {
    /// What stands before the first `;`, white space and comments removed, lower case.
    pub value: String,
    /// Parameters in order; names lower case without `*` and numbers, values decoded.
    pub params: Vec<(String, String)>,
}

impl Parameterized {
    /// First value of a parameter. `name` is lower case.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All values of a parameter that is given more than once or in more than one form.
    pub fn all<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p str> {
        self.params.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Reads a raw header value (folded, any bytes).
pub fn parse(_raw: &[u8]) -> Parameterized {
    Parameterized::default()
}
