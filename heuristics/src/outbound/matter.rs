//! Which class labels a mail bears, where each stands, and whether its files are shown to be
//! encrypted.
//!
//! Way in: [`Matter::read`], once a mail. What is quoted counts too: it leaves with the rest. Words
//! of the mail are never kept, only which label was seen and where.

use super::label::{self, Class, Label, Manner};
use crate::container::observation::Place;
use crate::container::{Encryption, Kind};
use crate::message::Message;
use crate::message::attachment::Attachment;

/// The labels of one mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matter {
    /// In the subject, the body, and the header's marks.
    pub in_text: Vec<Marked>,
    /// In the names, texts and marks of files.
    pub in_files: Vec<Marked>,
}

/// A label and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The label.
    pub label: Label,
    /// Where it stands, for a sentence in Japanese.
    pub ja: String,
    /// The same in English.
    pub en: String,
    /// Index of the file in [`Message::attachments`]; `None` for text.
    pub file: Option<usize>,
}

impl Matter {
    /// Reads the mail and what comes along.
    pub fn read(mail: &Message<'_>) -> Matter {
        Matter { in_text: in_text(mail), in_files: in_files(mail.attachments()) }
    }

    /// Whether there is any label.
    pub fn is_labelled(&self) -> bool {
        self.all().next().is_some()
    }

    /// The first label of the highest class.
    pub fn highest(&self) -> Option<&Marked> {
        let top_secret = self.all().find(|marked| marked.label.class == Class::TopSecret);
        top_secret.or_else(|| self.all().next())
    }

    /// Every label, text first.
    pub fn all(&self) -> impl Iterator<Item = &Marked> {
        self.in_text.iter().chain(&self.in_files)
    }
}

/// Whether the file `at` is shown to be encrypted: itself, or what it came in. What lies in an
/// archive beside anything clear is not; nor is what cannot be told.
pub fn is_shown_encrypted(mail: &Message<'_>, at: usize) -> bool {
    let files = mail.attachments();
    let mut next = Some(at);
    while let Some((at, file)) = next.and_then(|at| Some((at, files.get(at)?))) {
        // A holder stands before what it holds, so this ends.
        let holder = file.parent.filter(|&up| up < at);
        let is_beside_clear = holder.and_then(|up| files.get(up)).is_some_and(|holder| {
            holder.kind.is_archive() && holder.encryption != Encryption::Encrypted
        });
        if file.encryption == Encryption::Encrypted && !is_beside_clear {
            return true;
        }
        if holder.is_none() && is_sealed(mail, file) {
            return true;
        }
        next = holder;
    }
    false
}

/// Encrypted by S/MIME or OpenPGP, as its first bytes say; what is only signed is not.
fn is_sealed(mail: &Message<'_>, file: &Attachment) -> bool {
    if !matches!(file.kind, Kind::Pkcs7 | Kind::Pgp) {
        return false;
    }
    let Some(part) = mail.parts().get(file.part) else { return false };
    let content = mail.content(part);
    let head = content.get(..content.len().min(SEAL)).unwrap_or_default();
    let has = |mark: &[u8]| memchr::memmem::find(head, mark).is_some();
    match file.kind {
        Kind::Pkcs7 => has(ENVELOPED_DATA) || has(AUTH_ENVELOPED_DATA),
        // RFC 9580: armor, or a packet with a session key; not a signature or a key.
        _ => {
            has(b"-----BEGIN PGP MESSAGE-----")
                || head.first().is_some_and(|tag| match tag {
                    0xC0.. => matches!(tag & 0x3F, 1 | 3 | 9 | 18 | 20),
                    0x80.. => matches!((tag >> 2) & 0x0F, 1 | 3 | 9),
                    _ => false,
                })
        }
    }
}

/// Bytes that say what a sealed file is.
const SEAL: usize = 256;

/// 1.2.840.113549.1.7.3 (RFC 5652, section 6.1), with its tag and length.
const ENVELOPED_DATA: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03";

/// 1.2.840.113549.1.9.16.1.23 (RFC 5083), with its tag and length.
const AUTH_ENVELOPED_DATA: &[u8] = b"\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17";

fn in_text(mail: &Message<'_>) -> Vec<Marked> {
    let mut marked: Vec<Marked> = Vec::new();
    let mut add = |labels: Vec<Label>, ja: &str, en: &str| {
        for label in labels {
            let seen = |m: &Marked| m.label == label && m.en == en;
            if !marked.iter().any(seen) {
                marked.push(Marked { label, ja: ja.into(), en: en.into(), file: None });
            }
        }
    };
    add(label::find(mail.subject(), Manner::Prose), "件名", "the subject");
    for text in mail.texts() {
        add(label::find(&text.content, Manner::Prose), "本文", "the body");
    }
    for html in mail.htmls() {
        for alt in html.alternatives.iter().take(MOST) {
            add(label::find(alt, Manner::Prose), "本文の画像", "a picture in the body");
        }
    }
    // RFC 4021, section 2.1.55: Company-Confidential; the other is what Microsoft 365 writes.
    for field in mail.fields().filter(|f| f.is("sensitivity") || f.is("msip_labels")).take(10) {
        add(label::find(&field.text(), Manner::Mark), "秘密度", "the sensitivity mark");
    }
    marked
}

fn in_files(files: &[Attachment]) -> Vec<Marked> {
    let mut marked = Vec::new();
    let mut left = LONGEST;
    for (at, file) in files.iter().enumerate() {
        let mut add = |labels: Vec<Label>, ja: &str, en: &str| {
            if marked.len() >= MOST || labels.is_empty() {
                return;
            }
            let path = file.path(files, None);
            for label in labels {
                let (ja, en) = (format!("「{path}」{ja}"), format!("{path} ({en})"));
                marked.push(Marked { label, ja, en, file: Some(at) });
            }
        };
        for name in &file.names {
            add(label::find(&name.text, Manner::Title), "のファイル名", "file name");
        }
        for text in &file.texts {
            if text.text.len() > left {
                break;
            }
            left -= text.text.len();
            let (ja, en, manner) = told(text.place);
            add(label::find(&text.text, manner), ja, en);
        }
    }
    marked
}

/// Bytes of all files together that are looked at.
const LONGEST: usize = 20_000_000;

/// Labels of files that are kept.
const MOST: usize = 100;

fn told(place: Place) -> (&'static str, &'static str, Manner) {
    match place {
        Place::Body => ("の本文", "text", Manner::Prose),
        Place::Cell => ("のセル", "cell", Manner::Prose),
        Place::Footer => ("のフッター", "footer", Manner::Margin),
        Place::Header => ("のヘッダー", "header", Manner::Margin),
        Place::Label => ("の秘密度ラベル", "sensitivity label", Manner::Mark),
        Place::Note => ("のコメント", "note", Manner::Prose),
        Place::Property => ("のプロパティ", "property", Manner::Title),
        Place::SheetName => ("のシート名", "sheet name", Manner::Title),
    }
}
