//! A text part written anew: UTF-8, base64, with its header saying so.

use sekisho_heuristics::message::part::PartId;

use super::mime_edit::{Edits, with_charset, with_line_ends};
use super::transfer;

/// Gives a part the content `text`. `media_type` is what it is then; where that is not what it was
/// before, no parameter of its Content-Type is kept.
pub(super) fn replace(edits: &mut Edits<'_>, id: PartId, text: &str, media_type: &str) {
    let Some(part) = edits.mail.parts().get(id) else { return };
    let old_type = edits.field(part, "content-type").filter(|_| part.media_type() == media_type);
    let content_type = with_charset(old_type, media_type, "utf-8");
    edits.set_field(id, "Content-Type", &content_type);
    edits.set_field(id, "Content-Transfer-Encoding", b"base64");
    if edits.mail.field("mime-version").is_none() && part.parent.is_none() {
        edits.set_field(id, "MIME-Version", b"1.0");
    }
    // The canonical form of text has CRLF, whatever the lines around it have (RFC 2046, 4.1.1).
    let content = with_line_ends(text.as_bytes(), b"\r\n");
    replace_encoded(edits, id, &content);
}

/// Gives a part that is base64 already, or is about to be, the content `content`.
pub(super) fn replace_encoded(edits: &mut Edits<'_>, id: PartId, content: &[u8]) {
    let Some(part) = edits.mail.parts().get(id) else { return };
    let mut encoded = transfer::base64(content, edits.line_end);
    let after = edits.bytes(part.body.end..edits.raw.len());
    let line_end_follows = after.starts_with(b"\n") || after.starts_with(b"\r\n");
    if !line_end_follows {
        encoded.extend_from_slice(edits.line_end);
    }
    edits.splice(part.body.clone(), encoded);
}
