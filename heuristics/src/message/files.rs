//! Which parts are files, what each is, and what archives among them hold.
//!
//! Way in: [`collect`]. Of most files a kilobyte is decoded, of those the table cannot tell by it
//! some more; whole contents only of formats that [`crate::container`] opens, out of one budget a
//! message. A mail without files costs a walk over its parts.

use std::borrow::Cow;

use super::attachment::Attachment;
use super::part::{Part, PartId, TransferEncoding};
use super::{Message, Problem, headers, transfer, view};
use crate::container::name::Name;
use crate::container::{Encryption, File, Kind, Role, Tree, data_uri, magic, uuencode};

/// Every file of the mail and of attached messages, what they hold after them.
pub(super) fn collect(mail: &Message<'_>) -> Vec<Attachment> {
    let mut walked = walk(mail, Vec::new());
    // Again with what the mail names as passwords, where one could open something.
    if walked.files.iter().any(|file| file.encryption == Encryption::Encrypted) {
        let passwords = mail.named_passwords();
        if !passwords.is_empty() {
            walked = walk(mail, passwords);
        }
    }
    for problem in walked.problems {
        mail.record(problem);
    }
    let attachment = |(file, origin): (File, Origin)| Attachment {
        part: origin.part,
        parent: file.parent,
        role: file.role,
        declared: origin.declared,
        names: file.names,
        readings: file.readings,
        kind: file.kind,
        size: file.size,
        encryption: file.encryption,
        opened_by_password: file.opened_by_password,
        observations: file.observations,
        texts: file.texts,
        incidental: origin.incidental,
    };
    walked.files.into_iter().zip(walked.origins).map(attachment).collect()
}

/// All files of a mail, looked into.
struct Walked {
    files: Vec<File>,
    /// Where each comes from.
    origins: Vec<Origin>,
    problems: Vec<Problem>,
}

/// Where a file comes from.
#[derive(Clone)]
struct Origin {
    /// The part it is, or came in.
    part: PartId,
    /// The media type it is declared to be.
    declared: Option<String>,
    /// Whether nobody would call it a file.
    incidental: bool,
}

fn walk(mail: &Message<'_>, passwords: Vec<String>) -> Walked {
    let mut tree = Tree::new(mail.limits(), passwords, mail.wants_file_texts());
    let mut origins = Vec::new();
    for (part, this) in mail.parts().iter().enumerate().filter(|(_, p)| is_file(p)) {
        let (file, content) = look(mail, this, &mut tree);
        let incidental = is_incidental(mail, part, this, file.kind);
        let at = tree.add(file);
        if let Some(content) = content {
            tree.open(at, &content);
        }
        origins.push(Origin { part, declared: Some(this.media_type()), incidental });
        // What comes out of a picture that the mail shows is no file either.
        origins.resize(tree.len(), Origin { part, declared: None, incidental });
    }
    for html in mail.htmls() {
        for (media_type, picture) in html.images.iter().filter_map(|src| data_uri(src)) {
            let file = File { role: Role::Embedded, ..File::default() };
            add(&mut tree, file, &picture);
            let declared = Some(media_type);
            let origin = Origin { part: html.part, declared, incidental: true };
            origins.resize(tree.len(), origin);
        }
    }
    for text in mail.texts().iter().filter(|text| !text.html) {
        for encoded in uuencode::find(text.content.as_bytes()) {
            if tree.budget().take_bytes(encoded.most()) {
                let file = File { names: vec![encoded.name()], ..File::default() };
                add(&mut tree, file, &encoded.decoded());
                let origin = Origin { part: text.part, declared: None, incidental: false };
                origins.resize(tree.len(), origin);
            }
        }
    }
    let (files, problems) = tree.into_parts();
    Walked { files, origins, problems }
}

/// Adds a file that is no part, where one more may come, and looks into it.
fn add(tree: &mut Tree, file: File, content: &[u8]) {
    if tree.budget().take_member() {
        let (kind, size) = (magic::kind_of_whole(content), content.len() as u64);
        let at = tree.add(File { kind, size, ..file });
        tree.open(at, content);
    }
}

/// A leaf that is no text of the message, or any with a name; an attached message too.
pub(super) fn is_file(part: &Part) -> bool {
    !part.is_multipart() && (!view::is_shown_text(part) || !part.names.is_empty())
}

/// Whether an encoded body begins as the pictures that mails are full of: PNG, GIF, JPEG in base64.
pub(super) fn begins_as_picture(raw: &[u8]) -> bool {
    let raw = raw.trim_ascii_start();
    [&b"iVBORw0KGgo"[..], b"R0lGOD", b"/9j/"].iter().any(|begin| raw.starts_with(begin))
}

/// What a part is by its name and content; the content too, where somebody reads it.
fn look<'m>(mail: &'m Message<'_>, part: &Part, tree: &mut Tree) -> (File, Option<Cow<'m, [u8]>>) {
    let raw = mail.raw_body(part);
    let names = part.names.clone();
    if part.main == "message" && matches!(part.sub.as_str(), "rfc822" | "global") {
        let size = raw.len() as u64;
        return (File { names, kind: Kind::Mail, size, ..File::default() }, None);
    }
    let size = decoded_size(raw, part.encoding);
    let near = beginning(raw, part.encoding, magic::NEAR);
    let mut kind = magic::kind(&near);
    if matches!(kind, Kind::Unknown | Kind::Text) && size > 32 * 1024 {
        kind = magic::kind(&beginning(raw, part.encoding, magic::HEAD));
    }
    if size > 32 * 1024 && !kind.is_disk_image() && magic::is_mounted(&Name::read_all(&names)) {
        kind = magic::volume(&beginning(raw, part.encoding, magic::HEAD)).unwrap_or(kind);
    }
    // A self-extracting archive stays the program that it is.
    let may_hide = !kind.is_program() && !kind.is_archive();
    let is_named_zip =
        || Name::read_all(&names).iter().any(|n| n.possible_extensions().any(|e| e == "zip"));
    if kind == Kind::Unknown || (may_hide && is_named_zip()) {
        kind = magic::kind_by_tail(&end(raw, part.encoding)).unwrap_or(kind);
    }
    // A fixed virtual disk begins as a disk does.
    if kind == Kind::Disk && magic::kind_by_tail(&end(raw, part.encoding)) == Some(Kind::Vhd) {
        kind = Kind::Vhd;
    }
    // What is too large to be looked into is noted by the budget.
    let is_read =
        tree.reads(kind) && tree.budget().take_bytes(usize::try_from(size).unwrap_or(usize::MAX));
    let content = is_read.then(|| mail.content(part));
    let size = content.as_ref().map_or(size, |c| c.len() as u64);
    (File { names, kind, size, ..File::default() }, content)
}

/// Size with the transfer encoding taken off. Of base64 the characters that are no line ends are
/// counted, of quoted-printable what its `=` stand for is guessed.
fn decoded_size(raw: &[u8], encoding: TransferEncoding) -> u64 {
    let count = |byte| memchr::memchr_iter(byte, raw).count();
    let size = match encoding {
        TransferEncoding::Base64 => {
            let ends = count(b'\n') + count(b'\r');
            let padding = raw.trim_ascii_end().iter().rev().take_while(|&&b| b == b'=').count();
            (raw.len() - ends).saturating_sub(padding) / 4 * 3
                + (raw.len() - ends).saturating_sub(padding) % 4 * 3 / 4
        }
        TransferEncoding::QuotedPrintable => raw.len().saturating_sub(2 * count(b'=')),
        _ => raw.len(),
    };
    size as u64
}

/// At least the first `wanted` bytes of the content, where there are as many; some more may come.
fn beginning(raw: &[u8], encoding: TransferEncoding, wanted: usize) -> Cow<'_, [u8]> {
    let decode = match encoding {
        TransferEncoding::Base64 => transfer::base64,
        TransferEncoding::QuotedPrintable => transfer::quoted_printable,
        _ => return Cow::Borrowed(raw.get(..wanted).unwrap_or(raw)),
    };
    // Enough for the lines of any mailer; who puts blanks in between costs a few rounds more.
    let mut cut = wanted.saturating_mul(2);
    loop {
        let decoded = decode(raw.get(..cut).unwrap_or(raw));
        if decoded.len() >= wanted || cut >= raw.len() {
            return Cow::Owned(decoded);
        }
        cut = cut.saturating_mul(4);
    }
}

/// The last [`magic::TAIL`] bytes of the content.
fn end(raw: &[u8], encoding: TransferEncoding) -> Cow<'_, [u8]> {
    let last = |bytes: usize| raw.get(raw.len().saturating_sub(bytes)..).unwrap_or(raw);
    match encoding {
        TransferEncoding::Base64 => {
            // Groups of four characters count from the end, padding included.
            const CHARACTERS: usize = magic::TAIL / 3 * 4 + 4;
            let is_coded = |b: &&u8| b.is_ascii_alphanumeric() || b"+/-_=".contains(b);
            let backwards = raw.iter().rev().filter(is_coded);
            let mut coded: Vec<u8> = backwards.take(CHARACTERS).copied().collect();
            coded.truncate(coded.len() / 4 * 4);
            coded.reverse();
            Cow::Owned(last_bytes(transfer::base64(&coded)))
        }
        TransferEncoding::QuotedPrintable => {
            Cow::Owned(last_bytes(transfer::quoted_printable(last(3 * magic::TAIL))))
        }
        _ => Cow::Borrowed(last(magic::TAIL)),
    }
}

fn last_bytes(mut bytes: Vec<u8>) -> Vec<u8> {
    let surplus = bytes.len().saturating_sub(magic::TAIL);
    bytes.drain(..surplus);
    bytes
}

/// Whether the part belongs to how the mail is shown, signed or returned, so that nobody would
/// call it a file.
fn is_incidental(mail: &Message<'_>, id: PartId, part: &Part, kind: Kind) -> bool {
    let parent = part.parent.and_then(|p| mail.parts().get(p));
    let within = |sub: &str| parent.is_some_and(|p| p.is("multipart", sub));
    let signature = part.main == "application"
        && matches!(part.sub.as_str(), "pgp-signature" | "pkcs7-signature" | "x-pkcs7-signature");
    let report = part.main == "message"
        && matches!(
            part.sub.as_str(),
            "delivery-status" | "disposition-notification" | "feedback-report"
        );
    // The whole mail as one signed or encrypted part (RFC 8551, 3.5; RFC 3156, 4).
    let wrapping = within("encrypted")
        || (parent.is_none_or(|p| p.main == "message")
            && matches!(part.sub.as_str(), "pkcs7-mime" | "x-pkcs7-mime"));
    let unnamed_text = part.main == "text" && part.names.is_empty() && !part.is_attached();
    let alternative = within("alternative") && part.main == "text" && !part.is_attached();
    let fork = part.is("application", "applefile") && within("appledouble");
    signature
        || report
        || wrapping
        || unnamed_text
        || alternative
        || fork
        || within("digest")
        || is_in_report(mail, part)
        || (is_picture(part, kind) && is_shown_picture(mail, id, part, within("related")))
}

/// Part of a delivery report: what it says and returns, and the files in the returned mail. A file
/// of any other type beside them is no part of a report (RFC 6522, 3).
fn is_in_report(mail: &Message<'_>, part: &Part) -> bool {
    let mut child = part;
    while let Some(holder) = child.parent.and_then(|p| mail.parts().get(p)) {
        if holder.is("multipart", "report") {
            return matches!(child.main.as_str(), "message" | "text");
        }
        child = holder;
    }
    false
}

fn is_picture(part: &Part, kind: Kind) -> bool {
    kind.is_picture()
        || (part.main == "image" && matches!(kind, Kind::Unknown | Kind::Text | Kind::Xml))
}

/// A picture that the page shows: inline beside it, or named by `cid:` or Content-Location.
fn is_shown_picture(mail: &Message<'_>, id: PartId, part: &Part, related: bool) -> bool {
    if related && !part.is_attached() {
        return true;
    }
    let content_id = part.content_id.as_deref().filter(|c| !c.is_empty());
    let location = content_location(mail, part);
    if content_id.is_none() && location.is_none() {
        return false;
    }
    let mut pages = mail.htmls().iter().filter(|h| {
        mail.parts().get(h.part).is_some_and(|p| p.message == part.message) && h.part != id
    });
    pages.any(|html| {
        html.images.iter().any(|image| {
            let cid = image.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("cid:"));
            match cid.and_then(|_| image.get(4..)) {
                Some(shown) => content_id.is_some_and(|c| is_same_id(shown, c)),
                None => location.as_deref() == Some(image),
            }
        })
    })
}

/// `cid:` URLs percent-encode what a URL cannot hold (RFC 2392).
fn is_same_id(shown: &str, content_id: &str) -> bool {
    shown == content_id
        || (shown.contains('%') && shown.replace("%40", "@").replace("%24", "$") == content_id)
}

fn content_location(mail: &Message<'_>, part: &Part) -> Option<String> {
    let bytes = mail.source(part.source).get(part.header.clone())?;
    let (fields, _) = headers::scan(bytes, 0, mail.limits().headers);
    let is_location = |f: &&headers::FieldRange| {
        bytes.get(f.name.clone()).is_some_and(|n| n.eq_ignore_ascii_case(b"content-location"))
    };
    let value = bytes.get(fields.iter().find(is_location)?.value.clone())?;
    let text = String::from_utf8_lossy(value).trim().to_owned();
    Some(text).filter(|t| !t.is_empty())
}
#[cfg(test)]
pub(crate) mod samples {
    //! Small mails with files, for the tests of all who look at files.

    use std::fmt::Write;

    /// A base64 part of boundary `b`.
    pub(crate) fn part(content_type: &str, disposition: &str, body: &str) -> String {
        let mut out = format!("--b\nContent-Type: {content_type}\n");
        if !disposition.is_empty() {
            writeln!(out, "Content-Disposition: {disposition}").unwrap();
        }
        format!("{out}Content-Transfer-Encoding: base64\n\n{body}\n")
    }

    /// A text, then `parts`.
    pub(crate) fn mixed(parts: &str) -> String {
        multipart("mixed", "--b\nContent-Type: text/plain\n\ntext\n", parts)
    }

    pub(crate) fn alternative(parts: &str) -> String {
        multipart("alternative", "--b\nContent-Type: text/plain\n\ntext\n", parts)
    }

    pub(crate) fn related(html: &str, parts: &str) -> String {
        multipart("related", &format!("--b\nContent-Type: text/html\n\n{html}\n"), parts)
    }

    pub(crate) fn report(parts: &str) -> String {
        multipart("report", "--b\nContent-Type: text/plain\n\ntext\n", parts)
    }

    /// A mail with one file, its name in raw UTF-8, or without any where it is empty.
    pub(crate) fn attached(name: &str, content: &[u8]) -> String {
        let disposition = match name {
            "" => "attachment".to_owned(),
            name => format!("attachment; filename=\"{name}\""),
        };
        mixed(&part("application/octet-stream", &disposition, &base64(content)))
    }

    pub(crate) fn base64(content: &[u8]) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for (i, group) in content.chunks(3).enumerate() {
            let bits =
                group.iter().fold(0u32, |n, &b| n << 8 | u32::from(b)) << (8 * (3 - group.len()));
            for at in 0..4 {
                let digit = ALPHABET[(bits >> (18 - 6 * at) & 63) as usize];
                out.push(if at <= group.len() { digit as char } else { '=' });
            }
            if i % 19 == 18 {
                out.push('\n');
            }
        }
        out
    }

    fn multipart(sub: &str, first: &str, parts: &str) -> String {
        format!(
            "MIME-Version: 1.0\nContent-Type: multipart/{sub}; boundary=b\n\n{first}{parts}--b--\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{attached, base64, mixed, part};
    use super::*;
    use crate::container::zip_writer::{File, zip};
    use crate::message::Envelope;
    use proptest::prelude::*;

    /// Files as `parent name kind size`.
    #[track_caller]
    fn check(mail: impl AsRef<[u8]>, expected: &[&str]) {
        let (envelope, settings) = (Envelope::default(), sekisho_config::Settings::default());
        let mail = Message::new(mail.as_ref(), &envelope, &settings.filter.limits);
        let files = mail.attachments().iter().map(|f| {
            let parent = f.parent.map_or_else(|| "-".to_owned(), |p| p.to_string());
            format!("{parent} {} {:?} {}", f.name(), f.kind, f.size)
        });
        assert_eq!(files.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn members_follow_their_archive() {
        let archive = zip(&[File::new("b.pdf", b"%PDF-"), File::new("c", b"x")]);
        let size = archive.len();
        let parts = part("application/pdf; name=a.pdf", "", "JVBERi0=")
            + &part("application/zip; name=d.zip", "", &base64(&archive))
            + &part("image/gif; name=e.gif", "", "R0lGODlh");
        let zip = format!("- d.zip Zip {size}");
        let expected = ["- a.pdf Pdf 5", &zip, "1 b.pdf Pdf 5", "1 c Text 1", "- e.gif Gif 6"];
        check(mixed(&parts), &expected);
    }

    #[test]
    fn members_of_documents_are_their_own_business() {
        let book = zip(&[File::new("[Content_Types].xml", b""), File::new("xl/a", b"")]);
        check(attached("a.xlsx", &book), &[&format!("- a.xlsx Xlsx {}", book.len())]);
    }

    #[test]
    fn an_attached_message_and_its_files_are_files() {
        let inner = "Content-Type: application/pdf; name=a.pdf\n\n%PDF-1.7\n";
        let mail = format!("--b\nContent-Type: message/rfc822; name=a.eml\n\n{inner}");
        check(mixed(&mail), &[&format!("- a.eml Mail {}", inner.len() - 1), "- a.pdf Pdf 8"]);
    }

    #[test]
    fn sizes_are_counted_where_content_is_not_decoded() {
        for size in [0, 1, 2, 3, 56, 57, 58, 100_000] {
            let content = vec![b'x'; size];
            let kind = if size == 0 { "Unknown" } else { "Text" };
            check(attached("a", &content), &[&format!("- a {kind} {size}")]);
        }
    }

    #[test]
    fn disk_images_are_told_far_from_the_beginning_and_at_the_end() {
        let mut disk = vec![0; 40_000];
        disk[32_769..32_774].copy_from_slice(b"CD001");
        check(attached("a", &disk), &["- a Iso9660 40000"]);
        let mut disk = vec![0; 50_512];
        disk[50_000..50_008].copy_from_slice(b"conectix");
        check(attached("a", &disk), &["- a Vhd 50512"]);
    }

    #[test]
    fn an_archive_behind_anything_is_one() {
        let hidden = [&[0; 50_000], zip(&[File::new("b", b"%PDF-")]).as_slice()].concat();
        let said = format!("- a Zip {}", hidden.len());
        check(attached("a", &hidden), &[&said, "0 b Pdf 5"]);
        let text = [b"text ".repeat(20), zip(&[File::new("b", b"%PDF-")])].concat();
        check(attached("a.zip", &text), &[&format!("- a.zip Zip {}", text.len()), "0 b Pdf 5"]);
        let program = [b"#!/bin/sh\n", zip(&[File::new("b", b"%PDF-")]).as_slice()].concat();
        check(attached("a.zip", &program), &[&format!("- a.zip Script {}", program.len())]);
    }

    #[test]
    fn blanks_between_characters_hide_nothing() {
        let spaced = format!("{}{}", "\n".repeat(9000), base64(b"%PDF-1.7"));
        let raw = mixed(&part("application/pdf; name=a", "", &spaced));
        check(raw, &["- a Pdf 8"]);
    }

    #[test]
    fn texts_without_a_name_are_no_files() {
        check("Subject: a\n\nb", &[]);
        check(mixed(""), &[]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_mail_stops_us(
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
        ) {
            let archive = zip(&[File::new("b.pdf", b"%PDF-").deflated(), File::new("c", b"x")]);
            let mut raw = attached("a.zip", &archive).into_bytes();
            for (at, byte) in damage {
                let at = at.index(raw.len());
                raw[at] = byte;
            }
            let (envelope, settings) = (Envelope::default(), sekisho_config::Settings::default());
            let mail = Message::new(&raw, &envelope, &settings.filter.limits);
            for file in mail.attachments() {
                file.path(mail.attachments(), None);
            }
        }
    }
}
