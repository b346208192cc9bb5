//! From a decision to a plan: spec/interface.md, "Verdicts on the wire".

use sekisho_config::{HtmlToText, Language, Mode, Settings};
use sekisho_heuristics::arrangement::Arrangement;
use sekisho_heuristics::decision::Decision;
use sekisho_heuristics::inbound::Assessment;
use sekisho_heuristics::message::Message;

use super::banner::Banner;
use super::insert::{self, Outcome};
use super::mime_edit::Edits;
use super::target::{self, Target};
use super::{HeaderEdit, Plan, Reply, SmtpReply, html_to_text, new_part, subject};
use crate::record::OBSERVED;

/// A judged mail, and what the plan needs to know around it.
pub struct Judged<'a> {
    /// The mail.
    pub mail: &'a Message<'a>,
    /// The bytes `mail` was read from.
    pub raw: &'a [u8],
    /// Where its body begins: behind the blank line, the length where there is none.
    pub body_start: usize,
    /// What was found.
    pub assessment: &'a Assessment,
    /// The settings in force.
    pub settings: &'a Settings,
    /// What an administrator finds the record by (the queue id), told to whom is refused.
    pub lookup_id: &'a str,
    /// Authentication-Results that the mail brought along under an id of ours: their numbers among
    /// the fields of that name, from 1.
    pub forged_results: &'a [usize],
    /// Whether MAIL FROM carried SMTPUTF8 (RFC 6531): the reply may then hold Japanese.
    pub smtputf8: bool,
}

/// What is done with an inbound mail.
pub fn inbound(judged: &Judged<'_>) -> Plan {
    let assessment = judged.assessment;
    let mut plan = Plan { headers: without_ours(judged.mail), ..Plan::default() };
    note_forged(&mut plan);
    plan.headers.extend(our_headers(assessment));
    plan.notes.extend(assessment.arrangement.map(|arranged| arranged.name().to_owned()));
    if judged.settings.filter.mode == Mode::Observe {
        plan.notes.push(format!("{OBSERVED} {}", assessment.decision.name()));
        return plan;
    }
    remove_forged_results(judged.forged_results, &mut plan);
    if assessment.decision == Decision::Reject {
        plan.reply = Reply::Reject(rejection(judged.lookup_id, judged.smtputf8));
        return plan;
    }
    if assessment.decision == Decision::Hold {
        // What is held stays as it came: it is evidence, and who releases it has looked at it.
        plan.quarantine = Some(hold_reason(assessment));
        return plan;
    }
    change_mail(judged, &mut plan);
    plan
}

/// The reply to a mail that could not be judged, where the settings say to ask again later.
pub fn tempfail() -> Reply {
    let line = "This message could not be checked at the moment. Please try again later.";
    Reply::Tempfail(SmtpReply { code: 451, enhanced: "4.7.1", lines: vec![line.to_owned()] })
}

/// The reply to a mail for which there is no memory at the moment.
pub fn busy() -> Reply {
    let line = "The mail filter is busy. Please try again later.";
    Reply::Tempfail(SmtpReply { code: 451, enhanced: "4.3.2", lines: vec![line.to_owned()] })
}

/// Put before the subject where the banner cannot be put into the body and no tag is configured.
pub fn default_tag(language: Language) -> &'static str {
    match language {
        Language::English => "[Caution]",
        Language::Both | Language::Japanese => "[注意]",
    }
}

/// Every header of our family that the mail brought along, whatever its case, from the last up.
pub(super) fn without_ours(mail: &Message<'_>) -> Vec<HeaderEdit> {
    let mut seen: Vec<(Vec<u8>, u32)> = Vec::new();
    let mut edits = Vec::new();
    for field in mail.fields() {
        let ours = field.name.get(..OUR_PREFIX.len());
        if !ours.is_some_and(|p| p.eq_ignore_ascii_case(OUR_PREFIX.as_bytes())) {
            continue;
        }
        let name = field.name.to_ascii_lowercase();
        let occurrence = match seen.iter_mut().find(|(n, _)| *n == name) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                seen.push((name, 1));
                1
            }
        };
        let name = String::from_utf8_lossy(field.name).into_owned();
        edits.push(HeaderEdit::Delete { name, occurrence });
    }
    edits.reverse();
    edits
}

/// Results that only the sender can have written under our own name.
fn remove_forged_results(forged: &[usize], plan: &mut Plan) {
    let mut numbers: Vec<u32> = forged.iter().filter_map(|&n| u32::try_from(n).ok()).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    if !numbers.is_empty() {
        plan.notes.push(format!("removed {} forged Authentication-Results", numbers.len()));
    }
    plan.headers.extend(numbers.into_iter().map(|occurrence| HeaderEdit::Delete {
        name: "Authentication-Results".to_owned(),
        occurrence,
    }));
}

pub(super) fn note_forged(plan: &mut Plan) {
    if !plan.headers.is_empty() {
        plan.notes.push(format!("removed {} {OUR_PREFIX}* headers", plan.headers.len()));
    }
}

/// What we say to rules of mail clients.
fn our_headers(assessment: &Assessment) -> Vec<HeaderEdit> {
    let insert = |name: &str, value: String| HeaderEdit::Insert {
        name: format!("{OUR_PREFIX}{name}"),
        value: value.into_bytes(),
    };
    let mut edits = vec![
        insert("Score", assessment.score.to_string()),
        insert("Decision", assessment.decision.name().to_owned()),
    ];
    let indicators = indicators(assessment);
    if !indicators.is_empty() {
        edits.push(insert("Indicators", indicators));
    }
    edits
}

/// `id=points, id=points`, folded.
fn indicators(assessment: &Assessment) -> String {
    let mut out = String::new();
    let mut columns = OUR_PREFIX.len() + "Indicators: ".len();
    for finding in &assessment.findings {
        let item = format!("{}={}", finding.id, finding.points);
        if !out.is_empty() {
            out.push(',');
            if columns + item.len() + 3 > LINE_COLUMNS {
                out.push('\n');
                columns = 0;
            }
            out.push(' ');
            columns += 2;
        }
        columns += item.len();
        out.push_str(&item);
    }
    out
}

fn hold_reason(assessment: &Assessment) -> String {
    let arranged = assessment.arrangement.map(Arrangement::name);
    let ids: Vec<&str> =
        arranged.into_iter().chain(assessment.findings.iter().map(|f| f.id)).take(3).collect();
    format!("sekisho: score {}, {}", assessment.score, ids.join(", "))
}

/// The reply to a refused mail. It names no sign: who sends attacks would learn from it.
fn rejection(lookup_id: &str, smtputf8: bool) -> SmtpReply {
    let id: String = lookup_id.chars().filter(char::is_ascii_graphic).take(64).collect();
    // One line: several lines reach some senders cut to the first or the last.
    let mut lines = vec![format!(
        "This message was not accepted: it shows signs of targeted attack mail. If this is a \
         mistake, please reach the recipient another way, such as by telephone, and mention the \
         ID {id}"
    )];
    if smtputf8 {
        lines.push(format!(
            "標的型攻撃メールの特徴が見られるため、このメールをお受け取りできませんでした。\
             お心当たりのない場合は、電話など別の方法で受信者にご連絡のうえ、番号 {id} をお伝えください。"
        ));
    }
    SmtpReply { code: 550, enhanced: "5.7.1", lines }
}

/// Banner, HTML to text and subject tag.
fn change_mail(judged: &Judged<'_>, plan: &mut Plan) {
    let Judged { mail, raw, body_start, assessment, settings, .. } = judged;
    let actions = &settings.actions;
    let suspicious = assessment.decision >= Decision::Banner;
    let mut edits = Edits::new(mail, raw, *body_start);
    let mut converting = match actions.html_to_text {
        HtmlToText::Always => html_to_text::parts(&edits),
        HtmlToText::OnSuspicion if suspicious => html_to_text::parts(&edits),
        _ => Vec::new(),
    };
    let mut tag = if suspicious { actions.subject_tag.trim() } else { "" };
    if assessment.decision == Decision::Banner && actions.banner {
        let banner = Banner::new(assessment, actions);
        let placed = put_banner(&mut edits, &banner, &mut converting, &mut plan.notes);
        if !placed && tag.is_empty() {
            tag = default_tag(actions.language);
            plan.notes.push("the default tag put before the subject instead".to_owned());
        }
    }
    for id in converting {
        note_conversion(html_to_text::convert(&mut edits, id, ""), &mut plan.notes);
    }
    plan.headers.append(&mut edits.headers);
    plan.headers.extend(subject::tag(mail, tag));
    plan.body = edits.into_body();
}

/// Puts the banner where it is seen. HTML parts that are to become text get it as text, and are
/// taken out of `converting`. Returns whether every reader sees it.
fn put_banner(
    edits: &mut Edits<'_>,
    banner: &Banner,
    converting: &mut Vec<usize>,
    notes: &mut Vec<String>,
) -> bool {
    let (ids, hidden_by) = match target::find(edits) {
        Target::Parts { ids, hidden_by } => (ids, hidden_by),
        Target::NewFirst(first) => {
            return put_as_part(new_part::before(edits, first, banner), notes);
        }
        Target::Wrap => return put_as_part(new_part::wrap(edits, banner), notes),
        Target::Nowhere(reason) => {
            notes.push(format!("no banner: {reason}"));
            return false;
        }
    };
    let mut everywhere = true;
    if let Some(reason) = hidden_by {
        notes.push(format!("banner may not be seen: {reason}"));
        everywhere = false;
    }
    for id in ids {
        let name = edits.mail.parts().get(id).map(|p| p.media_type()).unwrap_or_default();
        if let Some(at) = converting.iter().position(|c| *c == id) {
            converting.remove(at);
            let done = html_to_text::convert(edits, id, &insert::text_block(banner));
            note_conversion(done, notes);
            if done {
                continue;
            }
        }
        let outcome = insert::banner(edits, id, banner);
        notes.push(match outcome {
            Outcome::Already => format!("banner stands in {name} already"),
            Outcome::Cannot(why) => format!("no banner in {name}: {why}"),
            Outcome::Recoded => format!("banner in {name}, which was recoded to UTF-8"),
            Outcome::Spliced => format!("banner in {name}"),
            Outcome::Unsure => format!("banner in {name}, whose charset is doubtful"),
        });
        everywhere &= !matches!(outcome, Outcome::Cannot(_) | Outcome::Unsure);
    }
    everywhere
}

fn put_as_part(done: bool, notes: &mut Vec<String>) -> bool {
    notes.push(match done {
        true => "banner in a text part of its own".to_owned(),
        false => "no banner: its structure is doubtful".to_owned(),
    });
    done
}

fn note_conversion(done: bool, notes: &mut Vec<String>) {
    notes.push(match done {
        true => "HTML turned into text".to_owned(),
        false => "HTML left as it is: larger than the limit on text".to_owned(),
    });
}

const OUR_PREFIX: &str = "X-Sekisho-";

const LINE_COLUMNS: usize = 76;
