//! What is done with a mail that leaves, from what the rules say.
//!
//! Way in: [`outbound`]. A refusal tells the sender in the SMTP answer what is wrong and what to do:
//! it is his own mail client that shows it. A conversion is done exactly as the clause says or not
//! at all: a signed mail would break, so it is refused instead. No header of ours leaves but the
//! mark for Postfix's transport, where one is configured.

use sekisho_config::{Mode, Ruling, Settings};
use sekisho_heuristics::message::Message;
use sekisho_heuristics::message::charset;
use sekisho_heuristics::message::html::meta_charset;
use sekisho_heuristics::message::part::PartId;
use sekisho_heuristics::outbound::Ruled;
use sekisho_heuristics::outbound::ascii::in_ascii;

use super::banner::quoted;
use super::mime_edit::Edits;
use super::plan::{note_forged, without_ours};
use super::{HeaderEdit, Plan, Reply, SmtpReply, recode, target};

/// A mail that leaves, and what the plan needs to know around it.
pub struct Leaving<'a> {
    /// The mail.
    pub mail: &'a Message<'a>,
    /// The bytes `mail` was read from.
    pub raw: &'a [u8],
    /// Where its body begins: behind the blank line, the length where there is none.
    pub body_start: usize,
    /// Whether anybody outside receives it.
    pub goes_outside: bool,
    /// What the rules say; `None` where they were not asked.
    pub ruled: Option<&'a Ruled>,
    /// The settings in force.
    pub settings: &'a Settings,
    /// What an administrator finds the record by.
    pub lookup_id: &'a str,
    /// Whether MAIL FROM carried SMTPUTF8 (RFC 6531).
    pub smtputf8: bool,
}

/// What is done with an outbound or internal mail.
pub fn outbound(leaving: &Leaving<'_>) -> Plan {
    let mut plan = Plan { headers: without_ours(leaving.mail), ..Plan::default() };
    note_forged(&mut plan);
    let ruling = leaving.ruled.and_then(|ruled| ruled.ruling);
    if leaving.settings.filter.mode == Mode::Observe {
        // Not even marked: the mark would send the mail another way.
        let would = ruling.map(|ruling| format!("observed only; would be {}", ruling.name()));
        plan.notes.extend(would);
        return plan;
    }
    if let Some(ruled) = leaving.ruled {
        if ruling == Some(Ruling::Reject) {
            plan.reply = refusal(leaving, ruled);
            return plan;
        }
        // What is held is converted as well: once released, it leaves as it lies there.
        if ruled.breaches.iter().any(|b| b.ruling == Ruling::Convert) {
            convert(leaving, ruled, &mut plan);
        }
        if plan.reply != Reply::Accept {
            return plan;
        }
        plan.quarantine = (ruling == Some(Ruling::Hold)).then(|| hold_reason(ruled));
        mark(leaving, ruled, &mut plan);
    }
    if leaving.goes_outside {
        take_out_quoted_banner(leaving, &mut plan);
    }
    plan
}

/// Our banner, where the mail quotes one that it had when it came in.
fn take_out_quoted_banner(leaving: &Leaving<'_>, plan: &mut Plan) {
    let quotes = leaving.mail.texts().iter().any(|text| quoted::may_stand_in(&text.content));
    if !quotes || is_signed(leaving.mail) {
        return;
    }
    let mut edits = Edits::new(leaving.mail, leaving.raw, leaving.body_start);
    // Depth of the part whose inside is passed over.
    let mut passing: Option<usize> = None;
    for (id, part) in leaving.mail.parts().iter().enumerate() {
        if passing.is_some_and(|depth| part.depth > depth) {
            continue;
        }
        passing = target::untouchable(part).map(|_| part.depth);
        if passing.is_none()
            && part.message == 0
            && target::is_body(part)
            && edits.is_plain(part)
            && let Some(media_type) = take_out_of_part(&mut edits, id)
        {
            plan.notes.push(format!("our banner taken out of what {media_type} quotes"));
        }
    }
    plan.headers.append(&mut edits.headers);
    plan.body = edits.into_body();
}

/// Writes the part anew where it quotes a banner and can be read without doubt; its media type.
fn take_out_of_part(edits: &mut Edits<'_>, id: PartId) -> Option<&'static str> {
    let mail = edits.mail;
    let part = mail.parts().get(id)?;
    let is_html = part.sub == "html";
    let content = mail.content(part);
    let meta = if is_html { meta_charset(&content) } else { None };
    let decoded = charset::decode(&content, part.charset.as_deref(), meta.as_deref());
    if decoded.lossy {
        return None;
    }
    let (without, media_type) = match is_html {
        true => (quoted::without_in_html(&decoded.text)?, "text/html"),
        false => (quoted::without_in_text(&decoded.text)?, "text/plain"),
    };
    recode::replace(edits, id, &without, media_type);
    Some(media_type)
}

/// Marks confidential mail, so that Postfix demands TLS for it (clause transport).
fn mark(leaving: &Leaving<'_>, ruled: &Ruled, plan: &mut Plan) {
    let name = &leaving.settings.outbound.transport_mark;
    if ruled.is_confidential && !name.is_empty() {
        plan.headers.push(HeaderEdit::Insert { name: name.clone(), value: b"yes".to_vec() });
        plan.notes.push("marked for TLS".to_owned());
    }
}

/// Clause broadcast-by-bcc: To is the sender's own address, Cc is gone, the envelope stays.
fn convert(leaving: &Leaving<'_>, ruled: &Ruled, plan: &mut Plan) {
    if is_signed(leaving.mail) {
        plan.notes.push("signed, so not converted but refused".to_owned());
        plan.reply = refusal(leaving, ruled);
        return;
    }
    let Some(sender) = own_address(leaving.mail) else {
        plan.notes.push("no address of the sender's, so not converted but refused".to_owned());
        plan.reply = refusal(leaving, ruled);
        return;
    };
    let mut counts = [0u32; 2];
    for field in leaving.mail.fields() {
        for (name, count) in ["to", "cc"].iter().zip(&mut counts) {
            *count += u32::from(field.is(name));
        }
    }
    let [to, cc] = counts;
    let delete = |name: &str, occurrence| HeaderEdit::Delete { name: name.into(), occurrence };
    plan.headers.extend((1..=cc).rev().map(|n| delete("Cc", n)));
    plan.headers.extend((2..=to).rev().map(|n| delete("To", n)));
    let (name, value) = ("To".to_owned(), sender.into_bytes());
    plan.headers.push(match to {
        0 => HeaderEdit::Insert { name, value },
        _ => HeaderEdit::Change { name, occurrence: 1, value },
    });
    plan.notes.push("To set to the sender, Cc removed, recipients as in Bcc".to_owned());
}

/// S/MIME, OpenPGP or DKIM: what is signed may not be changed.
fn is_signed(mail: &Message<'_>) -> bool {
    let is = |sub: &str| mail.parts().iter().any(|p| p.is("multipart", sub));
    let wrapped =
        mail.parts().iter().any(|p| p.main == "application" && p.sub.ends_with("pkcs7-mime"));
    is("signed") || is("encrypted") || wrapped || mail.field("dkim-signature").is_some()
}

/// The address of the sole From, else of the envelope, where it can be written into To as it is: in
/// ASCII, since every client shows it, and without what would have to be quoted.
fn own_address(mail: &Message<'_>) -> Option<String> {
    let from = mail.sole_from().map(|from| from.address());
    let envelope = || mail.envelope().mail_from.clone();
    from.filter(|a| is_plain(a)).or_else(|| envelope().filter(|a| is_plain(a)))
}

/// An addr-spec of two dot-atoms (RFC 5322, 3.4.1).
fn is_plain(address: &str) -> bool {
    let is_atom = |text: &str| {
        let special = |c: char| !c.is_ascii_graphic() || "()<>[]:;@\\,\"".contains(c);
        !text.is_empty() && !text.contains(special)
    };
    address.rsplit_once('@').is_some_and(|(local, host)| is_atom(local) && is_atom(host))
}

fn hold_reason(ruled: &Ruled) -> String {
    let ids: Vec<&str> = ruled.breaches.iter().take(3).map(|b| b.id).collect();
    format!("sekisho: {}", ids.join(", "))
}

/// The reply to a refused mail: what is wrong and what to do, for each rule.
fn refusal(leaving: &Leaving<'_>, ruled: &Ruled) -> Reply {
    let id: String = leaving.lookup_id.chars().filter(char::is_ascii_graphic).take(64).collect();
    let told: Vec<_> = ruled
        .breaches
        .iter()
        .filter(|b| b.ruling >= Ruling::Convert && b.ruling != Ruling::Hold)
        .take(MOST_TOLD)
        .collect();
    // What is wrong and what to do are lines of their own, since a line of a reply is short. ASCII
    // unless the client said that it reads more (RFC 5321, 4.2).
    let mut lines: Vec<String> = told
        .iter()
        .flat_map(|b| [in_ascii(&format!("{} [{}]", b.en, b.id)), in_ascii(&b.advice_en)])
        .collect();
    lines.push(format!("Not sent. Your administrator finds this by the ID {id}"));
    if leaving.smtputf8 {
        lines.extend(told.iter().flat_map(|b| [b.ja.clone(), b.advice_ja.clone()]));
        lines.push(format!("このメールは送信されませんでした。管理者へのお問い合わせ番号: {id}"));
    }
    Reply::Reject(SmtpReply { code: 550, enhanced: "5.7.1", lines })
}

/// Rules told in one refusal.
const MOST_TOLD: usize = 3;
