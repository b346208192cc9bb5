//! Files that come along: MIME parts that are files, and members of archives, as one flat list.

use super::param::FileName;
use super::part::PartId;
use crate::container::{Encryption, Kind};

/// One file, wherever it was found.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Part it stands in or was unpacked from.
    pub part: PartId,
    /// Index in [`super::Message::attachments`] of the archive that holds it; `None` for a part.
    pub parent: Option<usize>,
    /// Every name it is given; may be empty.
    pub names: Vec<FileName>,
    /// Media type the part declares (`application/pdf`); `None` for archive members.
    pub declared: Option<String>,
    /// What its content is.
    pub kind: Kind,
    /// Size in bytes, transfer encoding taken off; what the archive says for its members.
    pub size: u64,
    /// Whether it is encrypted.
    pub encryption: Encryption,
    /// A picture that the HTML body shows (`cid:`), a signature part, a delivery report: comes
    /// with the mail, but nobody would call it a file.
    pub incidental: bool,
}

impl Attachment {
    /// The name to show: the first one that is not empty.
    pub fn name(&self) -> &str {
        self.names.iter().map(|n| n.text.as_str()).find(|n| !n.is_empty()).unwrap_or("")
    }
}
