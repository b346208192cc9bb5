//! A text part of its own for the banner, in mails that have no text.

use std::hash::{DefaultHasher, Hasher};

use sekisho_heuristics::message::part::PartId;

use super::HeaderEdit;
use super::banner::Banner;
use super::mime_edit::{Edits, with_line_ends};
use super::transfer;

/// Puts a text part before `first`, the first part of a multipart. Whether that could be done.
pub(super) fn before(edits: &mut Edits<'_>, first: PartId, banner: &Banner) -> bool {
    let mail = edits.mail;
    let Some(part) = mail.parts().get(first) else { return false };
    let Some(delimiter) = edits.delimiter_before(part) else { return false };
    let mut new = edits.bytes(delimiter.clone()).to_vec();
    new.extend(text_part(banner, edits.line_end));
    edits.splice(delimiter.start..delimiter.start, new);
    true
}

/// Makes a mail that is one file a multipart/mixed of a text part and that file. The fields that
/// describe the file move to its part, as they were written. Whether that could be done.
pub(super) fn wrap(edits: &mut Edits<'_>, banner: &Banner) -> bool {
    let mail = edits.mail;
    let Some(part) = mail.parts().first() else { return false };
    if !edits.is_plain(part) {
        return false;
    }
    let line_end = edits.line_end;
    let body = edits.bytes(edits.body_start..edits.raw.len());
    let boundary = boundary_for(body);
    let mut file_header = Vec::new();
    let mut moved: Vec<(Vec<u8>, u32)> = Vec::new();
    let mut has_version = false;
    let mut has_type = false;
    for field in mail.fields() {
        has_version |= field.is("mime-version");
        let name = field.name.to_ascii_lowercase();
        if !name.starts_with(b"content-") {
            continue;
        }
        file_header.extend_from_slice(field.name);
        file_header.push(b':');
        file_header.extend_from_slice(&with_line_ends(field.value, line_end));
        file_header.extend_from_slice(line_end);
        if field.is("content-type") {
            has_type = true;
            continue;
        }
        let same = moved.iter().filter(|(n, _)| *n == name).count();
        moved.push((name, u32::try_from(same).unwrap_or(u32::MAX).saturating_add(1)));
    }
    for (name, occurrence) in moved.into_iter().rev() {
        let name = String::from_utf8_lossy(&name).into_owned();
        edits.headers.push(HeaderEdit::Delete { name, occurrence });
    }
    let mixed = format!("multipart/mixed;\n boundary=\"{boundary}\"").into_bytes();
    let name = "Content-Type".to_owned();
    edits.headers.push(match has_type {
        true => HeaderEdit::Change { name, occurrence: 1, value: mixed },
        false => HeaderEdit::Insert { name, value: mixed },
    });
    if !body.is_ascii() {
        let name = "Content-Transfer-Encoding".to_owned();
        edits.headers.push(HeaderEdit::Insert { name, value: b"8bit".to_vec() });
    }
    if !has_version {
        let name = "MIME-Version".to_owned();
        edits.headers.push(HeaderEdit::Insert { name, value: b"1.0".to_vec() });
    }
    let delimiter = format!("--{boundary}").into_bytes();
    let mut front = [delimiter.as_slice(), line_end].concat();
    front.extend(text_part(banner, line_end));
    front.extend_from_slice(&delimiter);
    front.extend_from_slice(line_end);
    front.extend(file_header);
    front.extend_from_slice(line_end);
    let back = [line_end, delimiter.as_slice(), b"--", line_end].concat();
    edits.splice(edits.body_start..edits.body_start, front);
    edits.splice(edits.raw.len()..edits.raw.len(), back);
    true
}

/// Header and body of a text part that holds the banner, with a line end behind it.
fn text_part(banner: &Banner, line_end: &[u8]) -> Vec<u8> {
    let text = with_line_ends(format!("{}\n", banner.text()).as_bytes(), b"\r\n");
    let header = "Content-Type: text/plain; charset=utf-8\n\
                  Content-Transfer-Encoding: base64\n\
                  Content-Disposition: inline\n\n";
    let mut out = with_line_ends(header.as_bytes(), line_end);
    out.extend(transfer::base64(&text, line_end));
    out.extend_from_slice(line_end);
    out
}

/// A boundary that does not occur in `body`; the same body gets the same one.
fn boundary_for(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    loop {
        let boundary = format!("=_sekisho_{:016x}", hasher.finish());
        if memchr::memmem::find(body, boundary.as_bytes()).is_none() {
            return boundary;
        }
        hasher.write(boundary.as_bytes());
    }
}
