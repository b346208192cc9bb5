//! Plans carried out on whole mails: what is expected is read again from the result.

mod fidelity;
mod leaving;
mod matrix;
mod outbound;
mod verdicts;

use sekisho_config::{Language, Settings};
use sekisho_heuristics::decision::Decision;
use sekisho_heuristics::inbound::{Assessment, Finding};
use sekisho_heuristics::indicator::Group;
use sekisho_heuristics::message::{Envelope, Message, charset};

use super::plan::Judged;
use super::{Plan, apply_to, inbound};

/// A mail with the decision `decision` and one finding.
pub(super) fn assessment(decision: Decision) -> Assessment {
    Assessment {
        score: 65,
        clauses: 1,
        decision,
        findings: vec![finding("double-extension", 45, "invoice.pdf.exe")],
        excused: Vec::new(),
        relief: Vec::new(),
        trusted: None,
        arrangement: None,
        problems: Vec::new(),
    }
}

pub(super) fn finding(id: &'static str, points: u16, evidence: &str) -> Finding {
    Finding {
        id,
        clause: None,
        group: Group::Attachment,
        points,
        evidence: evidence.to_owned(),
        ja: format!("添付ファイル {evidence} の拡張子は二重です。"),
        en: format!("The attached file {evidence} has two extensions."),
    }
}

pub(super) fn settings(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::default();
    settings.actions.language = Language::Both;
    change(&mut settings);
    settings
}

/// Where the body of `raw` begins.
pub(super) fn body_start(raw: &[u8]) -> usize {
    let (_, end) = sekisho_heuristics::message::headers::scan(raw, 0, usize::MAX);
    match &raw[end..] {
        [b'\r', b'\n', ..] => end + 2,
        [b'\n', ..] => end + 1,
        _ => end,
    }
}

/// Plans for `raw` and carries the plan out.
pub(super) fn carried_out(
    raw: &[u8],
    assessment: &Assessment,
    settings: &Settings,
) -> (Plan, Vec<u8>) {
    let envelope = Envelope::default();
    let mail = Message::new(raw, &envelope, &settings.filter.limits);
    let body_start = body_start(raw);
    let lookup_id = "4XyZ1234";
    let judged = Judged {
        mail: &mail,
        raw,
        body_start,
        assessment,
        settings,
        lookup_id,
        forged_results: &[],
        smtputf8: false,
    };
    let plan = inbound(&judged);
    let after = apply_to(raw, body_start, &plan);
    (plan, after)
}

/// What a reader sees of one part, or a file's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) depth: usize,
    pub(super) media_type: String,
    /// Raw bytes of header and body.
    pub(super) raw: (Vec<u8>, Vec<u8>),
    /// Text of text parts, decoded; empty for others.
    pub(super) text: String,
}

/// Every part of `raw` as a reader sees it.
pub(super) fn seen(raw: &[u8]) -> Vec<Seen> {
    let envelope = Envelope::default();
    // A wrapped mail is one level deeper.
    let limits = sekisho_config::Limits { depth: 100, ..Settings::default().filter.limits };
    let mail = Message::new(raw, &envelope, &limits);
    let mut seen = Vec::new();
    for part in mail.parts() {
        let content = mail.content(part);
        let text = match part.main.as_str() {
            "text" => charset::decode(&content, part.charset.as_deref(), None).text.into_owned(),
            _ => String::new(),
        };
        let header = match part.source {
            0 => raw[part.header.clone()].to_vec(),
            _ => Vec::new(),
        };
        let body = mail.raw_body(part).to_vec();
        let media_type = part.media_type();
        seen.push(Seen { depth: part.depth, media_type, raw: (header, body), text });
    }
    seen
}

/// Character references of HTML text resolved, as far as the banner uses them.
pub(super) fn resolved(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("&#x") {
        out.push_str(before);
        let (digits, tail) = after.split_once(';').unwrap_or((after, ""));
        out.extend(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32));
        rest = tail;
    }
    out.push_str(rest);
    out.replace("<!--\n-->", "").replace("<!--\r\n-->", "")
}

/// A sentence of the Japanese banner, and one of the English.
pub(super) const JA: &str = "リンクや添付ファイルを開かないでください。";
pub(super) const EN: &str = "Do not open its links or attachments.";
