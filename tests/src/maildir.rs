//! Reads what was delivered to a Maildir, and mail fields for comparing.

use std::fs;
use std::path::{Path, PathBuf};

/// A Maildir that may not exist yet.
#[derive(Clone, Debug)]
pub struct Maildir {
    path: PathBuf,
    recipient: Option<String>,
}

impl Maildir {
    /// The Maildir at `path`.
    pub fn new(path: impl AsRef<Path>) -> Maildir {
        Maildir { path: path.as_ref().to_owned(), recipient: None }
    }

    /// Only the mails that were delivered to one address (Delivered-To).
    #[must_use]
    pub fn of(mut self, address: &str) -> Maildir {
        self.recipient = Some(address.to_owned());
        self
    }

    /// Every mail delivered so far, `new` and `cur`, oldest first.
    pub fn mails(&self) -> Vec<Delivered> {
        let mut files: Vec<PathBuf> = ["new", "cur"]
            .iter()
            .filter_map(|folder| fs::read_dir(self.path.join(folder)).ok())
            .flat_map(|entries| entries.filter_map(Result::ok).map(|e| e.path()))
            .collect();
        files.sort_by_key(|f| fs::metadata(f).and_then(|m| m.modified()).ok());
        files
            .iter()
            .filter_map(|f| fs::read(f).ok())
            .map(|raw| Delivered { raw })
            .filter(|mail| match &self.recipient {
                Some(address) => mail.header("Delivered-To").first() == Some(address),
                None => true,
            })
            .collect()
    }
}

/// One delivered mail. virtual(8) puts Return-Path and Delivered-To on top and writes LF.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The file as it lies there.
    pub raw: Vec<u8>,
}

impl Delivered {
    /// Values of a header field, unfolded, undecoded, from the top down.
    pub fn header(&self, name: &str) -> Vec<String> {
        self.fields()
            .into_iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    /// Value of a field that must be there exactly once.
    #[track_caller]
    pub fn sole_header(&self, name: &str) -> String {
        let values = self.header(name);
        assert_eq!(values.len(), 1, "{name} in {self:?}");
        values[0].clone()
    }

    /// Every header field as (name, unfolded value).
    pub fn fields(&self) -> Vec<(String, String)> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in self.head().split(|&b| b == b'\n') {
            let line = String::from_utf8_lossy(line);
            let line = line.trim_end_matches('\r');
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push_str(line);
                }
            } else if let Some((name, value)) = line.split_once(':') {
                fields.push((name.trim_end().to_owned(), value.trim_start().to_owned()));
            }
        }
        fields
    }

    /// Header section without the empty line.
    pub fn head(&self) -> &[u8] {
        self.raw.get(..self.end_of_head().0).unwrap_or(&self.raw)
    }

    /// Everything after the empty line.
    pub fn body(&self) -> &[u8] {
        self.raw.get(self.end_of_head().1..).unwrap_or_default()
    }

    /// Decoded texts of the mail's own text/plain body parts, by an independent parser.
    pub fn texts(&self) -> Vec<String> {
        self.parsed(|m| {
            m.text_bodies()
                .filter(|p| matches!(p.body, mail_parser::PartType::Text(_)))
                .filter_map(|p| p.text_contents())
                .map(|t| t.replace("\r\n", "\n"))
                .collect()
        })
    }

    /// Decoded sources of the mail's own text/html body parts, by an independent parser.
    pub fn htmls(&self) -> Vec<String> {
        self.parsed(|m| {
            m.html_bodies()
                .filter(|p| matches!(p.body, mail_parser::PartType::Html(_)))
                .filter_map(|p| p.text_contents())
                .map(|t| t.replace("\r\n", "\n"))
                .collect()
        })
    }

    /// Name and decoded content of every attachment.
    pub fn attachments(&self) -> Vec<(String, Vec<u8>)> {
        use mail_parser::MimeHeaders;
        self.parsed(|m| {
            m.attachments()
                .map(|p| {
                    let name = p.attachment_name().unwrap_or_default().to_owned();
                    (name, p.contents().to_vec())
                })
                .collect()
        })
    }

    /// Subject as a reader sees it.
    pub fn subject(&self) -> String {
        self.parsed(|m| m.subject().unwrap_or_default().to_owned())
    }

    fn parsed<T: Default>(&self, read: impl FnOnce(&mail_parser::Message<'_>) -> T) -> T {
        mail_parser::MessageParser::default()
            .parse(&self.raw)
            .as_ref()
            .map(read)
            .unwrap_or_default()
    }

    /// Ends of the header section: before and after the empty line.
    fn end_of_head(&self) -> (usize, usize) {
        let mut start = 0;
        for line in self.raw.split_inclusive(|&b| b == b'\n') {
            let end = start + line.len();
            if matches!(line, b"\n" | b"\r\n") {
                return (start, end);
            }
            start = end;
        }
        (self.raw.len(), self.raw.len())
    }
}

impl std::fmt::Debug for Delivered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = self.raw.get(..4000).unwrap_or(&self.raw);
        f.write_str(&String::from_utf8_lossy(shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unfolded_and_the_body_kept() {
        let mail = Delivered { raw: b"A: 1\nB : 2\n\t3\na:4\n\nC: no\n\nrest".to_vec() };
        assert_eq!(mail.header("a"), ["1", "4"]);
        assert_eq!(mail.sole_header("B"), "2\t3");
        assert_eq!(mail.body(), b"C: no\n\nrest");
        assert_eq!(mail.header("C"), Vec::<String>::new());
    }

    #[test]
    fn a_folder_that_is_not_there_is_empty() {
        assert!(Maildir::new("/nonexistent/maildir").mails().is_empty());
    }
}
