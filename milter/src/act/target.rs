//! Which parts of a mail the banner goes into: those that a reader sees first.

use sekisho_heuristics::message::param::{self, NameForm};
use sekisho_heuristics::message::part::{Part, PartId};

use super::mime_edit::Edits;

/// Where the banner goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Into these text and HTML parts: one, or every alternative of the same text.
    Parts {
        /// The parts, in order.
        ids: Vec<PartId>,
        /// Why a client may show something else than these (a calendar, say), where that is so.
        hidden_by: Option<&'static str>,
    },
    /// Into a new text part before this one, the first of a multipart without readable text.
    NewFirst(PartId),
    /// The whole mail is one file: it becomes the second part of a new multipart/mixed.
    Wrap,
    /// Nowhere; the reason.
    Nowhere(&'static str),
}

/// Finds the parts. Descends from the mail itself: of a multipart/mixed (and unknown subtypes,
/// RFC 2046, 5.1.7) the first part that has a text, of a multipart/related its root, of a
/// multipart/alternative every part.
pub(super) fn find(edits: &Edits<'_>) -> Target {
    let parts = edits.mail.parts();
    let mut ids = Vec::new();
    let mut hidden_by = None;
    let mut new_first = None;
    // Parts still to descend into, and whether they are one of several alternatives.
    let mut open: Vec<(PartId, bool)> = vec![(0, false)];
    while let Some((id, alternative)) = open.pop() {
        let Some(part) = parts.get(id) else { return Target::Nowhere(DOUBTFUL) };
        if let Some(reason) = untouchable(part) {
            // One calendar among alternatives leaves the texts beside it to be edited.
            if alternative && part.is("text", "calendar") {
                hidden_by = Some(reason);
                continue;
            }
            return Target::Nowhere(reason);
        }
        if is_guess(edits, part) {
            return Target::Nowhere(DOUBTFUL);
        }
        let children = || (id + 1..parts.len()).filter(|&c| is_child(parts, c, id));
        if !part.is_multipart() {
            match is_body(part) {
                true if !edits.begins_plainly(part) => return Target::Nowhere(DOUBTFUL),
                true if holds_pgp(edits, part) => return Target::Nowhere("PGP in the text"),
                true => ids.push(id),
                false if id == 0 => return Target::Wrap,
                false => hidden_by = Some("an alternative that cannot carry a banner"),
            }
            continue;
        }
        if edits.mail.parts().get(id + 1).is_none() || part.boundary.is_none() {
            return Target::Nowhere(DOUBTFUL);
        }
        match part.sub.as_str() {
            "alternative" => {
                let children: Vec<PartId> = children().collect();
                open.extend(children.into_iter().rev().map(|c| (c, true)));
            }
            "related" => match root_of_related(edits, part, children) {
                Some(root) => open.push((root, alternative)),
                None => return Target::Nowhere(DOUBTFUL),
            },
            _ => match children().find(|&c| has_text(parts, c)) {
                Some(child) => open.push((child, alternative)),
                None if alternative => hidden_by = Some("an alternative without a text"),
                None => match children().next() {
                    Some(first) => new_first = Some(first),
                    None => return Target::Nowhere(DOUBTFUL),
                },
            },
        }
    }
    if !ids.is_empty() {
        return Target::Parts { ids, hidden_by };
    }
    match (new_first, hidden_by) {
        (Some(first), _) => match parts.get(first) {
            Some(part) if untouchable(part).is_some() => {
                Target::Nowhere(untouchable(part).unwrap_or(DOUBTFUL))
            }
            Some(part) if edits.delimiter_before(part).is_some() => Target::NewFirst(first),
            _ => Target::Nowhere(DOUBTFUL),
        },
        (None, reason) => Target::Nowhere(reason.unwrap_or(DOUBTFUL)),
    }
}

/// Whether a client shows the part as the text of the mail.
pub(super) fn is_body(part: &Part) -> bool {
    part.main == "text"
        && matches!(part.sub.as_str(), "plain" | "html")
        && !part.is_attached()
        && !part.names.iter().any(|n| n.form == NameForm::Disposition)
}

/// Why a part and all in it is never edited: what is signed or encrypted would be broken by it,
/// reports and calendars are read by programs.
pub(super) fn untouchable(part: &Part) -> Option<&'static str> {
    let smime_name = |n: &str| n.len() >= 4 && n.to_ascii_lowercase().ends_with(".p7m");
    match (part.main.as_str(), part.sub.as_str()) {
        ("multipart", "signed") => Some("signed"),
        ("multipart", "encrypted") => Some("encrypted"),
        ("multipart", "report") => Some("a delivery report"),
        ("multipart", "appledouble" | "byteranges") => Some("a multipart read by programs"),
        ("application", "pkcs7-mime" | "x-pkcs7-mime") => Some("S/MIME"),
        ("application", sub) if sub.contains("pkcs7") || sub.starts_with("pgp") => {
            Some("a signature or key")
        }
        ("application", _) if part.names.iter().any(|n| smime_name(&n.text)) => Some("S/MIME"),
        ("text", "calendar") => Some("a calendar"),
        ("message", sub) if sub != "rfc822" && sub != "global" => {
            Some("a report or a piece of mail")
        }
        _ => None,
    }
}

const DOUBTFUL: &str = "its structure is doubtful";

/// Whether the part is what is left where the structure could not be read: text, whatever its
/// header says.
fn is_guess(edits: &Edits<'_>, part: &Part) -> bool {
    let says = |name| edits.field(part, name).is_some_and(|v| !v.trim_ascii().is_empty());
    part.broken
        && !part.type_declared
        && (says("content-type") || says("content-transfer-encoding"))
}

fn is_child(parts: &[Part], child: PartId, of: PartId) -> bool {
    parts.get(child).is_some_and(|c| c.parent == Some(of) && c.message == 0)
}

/// Whether `id` or a part in it is a text of the mail. What lies inside follows it and is deeper.
fn has_text(parts: &[Part], id: PartId) -> bool {
    let Some(part) = parts.get(id) else { return false };
    let inside = parts.iter().skip(id + 1).take_while(|p| p.depth > part.depth);
    is_body(part) || inside.filter(|p| p.message == part.message).any(is_body)
}

/// The part that `start` names (RFC 2387, 3.2), else the first.
fn root_of_related<I: Iterator<Item = PartId>>(
    edits: &Edits<'_>,
    part: &Part,
    children: impl Fn() -> I,
) -> Option<PartId> {
    let start = edits.field(part, "content-type").map(param::parse);
    let start = start
        .as_ref()
        .and_then(|t| t.param("start"))
        .map(|s| s.trim_matches(|c: char| c.is_whitespace() || c == '<' || c == '>').to_owned());
    let named = start.filter(|s| !s.is_empty()).and_then(|start| {
        let is_it = |id: &PartId| {
            edits.mail.parts().get(*id).and_then(|p| p.content_id.as_deref()) == Some(&start)
        };
        children().find(is_it)
    });
    named.or_else(|| children().next())
}

fn holds_pgp(edits: &Edits<'_>, part: &Part) -> bool {
    memchr::memmem::find(&edits.mail.content(part), b"-----BEGIN PGP ").is_some()
}
