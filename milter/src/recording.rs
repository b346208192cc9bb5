//! From a judged mail to its [`Record`], and from the record to the line in the log.
//!
//! Way in: [`record`], then [`log`]. Everything that came from outside is made safe to show here,
//! once, so that whoever reads records need not.

use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sekisho_heuristics::container::Encryption;
use sekisho_heuristics::facts::Direction;
use sekisho_heuristics::indicator::safe_to_show;
use sekisho_heuristics::message::Message;
use sekisho_heuristics::outbound::without_numbers;
use sha2::{Digest, Sha256};
use tracing::info;

use crate::act::Plan;
use crate::filter::{Judgement, Submission};
use crate::log::pairs;
use crate::record::{Attached, Found, Record, VERSION};

/// A judged mail and what is known around it.
pub struct Judged<'a> {
    /// Postfix's queue id, safe to show.
    pub queue_id: &'a str,
    /// The mail.
    pub mail: &'a Message<'a>,
    /// How it came.
    pub submission: &'a Submission<'a>,
    /// What came out.
    pub judgement: &'a Judgement,
    /// What is done to it.
    pub plan: &'a Plan,
    /// Fingerprint of the settings in force.
    pub settings: &'a str,
    /// Whether its files are to be named and hashed: that costs a second reading of them.
    pub with_files: bool,
    /// Time spent on it.
    pub took: Duration,
}

/// What is written down of `judged`, as of now.
pub fn record(judged: &Judged<'_>) -> Record {
    let Judged { queue_id, mail, submission, judgement, plan, .. } = judged;
    let now = Timestamp::now();
    let at_ms = now.as_millisecond();
    let client = &submission.client;
    let envelope = &submission.envelope;
    let message_id = mail.field("message-id").map(|field| field.value.to_vec()).unwrap_or_default();
    let message_id = String::from_utf8_lossy(&message_id);
    let assessment = judgement.assessment.as_ref();
    Record {
        version: VERSION,
        id: format!("{queue_id}-{at_ms:X}"),
        at_ms,
        time: with_offset(now),
        queue_id: (*queue_id).to_owned(),
        host: host().to_owned(),
        direction: judgement.direction.name().to_owned(),
        mail_from: safe_to_show(envelope.mail_from.as_deref().unwrap_or_default()),
        from: safe_to_show(&mail.from().first().map(|m| m.address()).unwrap_or_default()),
        recipients: envelope.recipients.iter().map(|r| safe_to_show(r)).collect(),
        user: safe_to_show(client.authenticated_user.as_deref().unwrap_or_default()),
        client: client.ip.map(|ip| ip.to_string()).unwrap_or_default(),
        message_id: safe_to_show(message_id.trim().trim_matches(['<', '>'])),
        subject: shown(mail.subject()),
        size: submission.raw.len() as u64,
        attachments: if judged.with_files { attached(mail) } else { Vec::new() },
        score: judgement.score(),
        clauses: u16::try_from(judgement.clauses()).unwrap_or(u16::MAX),
        decision: judgement.decision().name().to_owned(),
        findings: found(judgement),
        relief: assessment.iter().flat_map(|a| &a.relief).map(relief).collect(),
        excused: assessment.iter().flat_map(|a| &a.excused).map(|f| f.id.to_owned()).collect(),
        trusted: assessment
            .and_then(|a| a.trusted.as_deref())
            .map(safe_to_show)
            .unwrap_or_default(),
        actions: plan.notes.clone(),
        problems: judgement.problems().to_vec(),
        settings: judged.settings.to_owned(),
        took_us: u64::try_from(judged.took.as_micros()).unwrap_or(u64::MAX),
    }
}

/// One line a mail: what was found and what is done.
pub fn log(record: &Record) {
    let Record { queue_id, direction, decision, mail_from, from, client, user, settings, .. } =
        record;
    let is_inbound = direction.as_str() == Direction::Inbound.name();
    let (score, clauses) = (record.score, record.clauses);
    let recipients = record.recipients.len().to_string();
    let points = |f: &Found| format!("{}={}", f.id, f.points);
    let indicators = if is_inbound { joined(&record.findings, points) } else { String::new() };
    let ruling = |f: &Found| format!("{}={}", f.id, f.ruling);
    let rules = if is_inbound { String::new() } else { joined(&record.findings, ruling) };
    let relief = joined(&record.relief, points);
    let excused = record.excused.join(" ");
    let evidence: Vec<&str> = record.findings.iter().map(|f| f.evidence.as_str()).collect();
    let evidence = evidence.join(" | ");
    let actions = record.actions.join("; ");
    let problems = record.problems.join("; ");
    let trusted = &record.trusted;
    let ms = format!("{:.1}", Duration::from_micros(record.took_us).as_secs_f64() * 1000.0);
    let or_empty = |text: String| if is_inbound { text } else { String::new() };
    let sentence = pairs(&[
        ("score", &or_empty(score.to_string())),
        ("rows", &or_empty(clauses.to_string())),
        ("mail_from", mail_from),
        ("from", from),
        ("rcpts", &recipients),
        ("client", client),
        ("user", user),
        ("indicators", &indicators),
        ("rules", &rules),
        ("relief", &relief),
        ("excused", &excused),
        ("trusted", trusted),
        ("actions", &actions),
        ("problems", &problems),
        ("ms", &ms),
    ]);
    info!(
        queue_id = %queue_id, direction, decision, score, clauses, mail_from, from, recipients,
        client, user, indicators, rules, relief, excused, trusted, evidence, actions, problems, ms,
        settings, "{queue_id}: {direction} {decision} {sentence}"
    );
}

/// `at` as RFC 3339 with the offset of this host, to the millisecond.
pub fn with_offset(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// Name of this host, as its kernel tells it.
pub fn host() -> &'static str {
    static HOST: OnceLock<String> = OnceLock::new();
    HOST.get_or_init(|| match gethostname::gethostname().to_string_lossy().trim() {
        "" => "localhost".to_owned(),
        name => safe_to_show(name),
    })
}

fn joined(found: &[Found], show: impl Fn(&Found) -> String) -> String {
    found.iter().map(show).collect::<Vec<_>>().join(" ")
}

fn found(judgement: &Judgement) -> Vec<Found> {
    let text = |clause: Option<&str>| clause.unwrap_or_default().to_owned();
    let findings = judgement.assessment.iter().flat_map(|a| &a.findings).map(|f| Found {
        id: f.id.to_owned(),
        clause: text(f.clause),
        points: f.points,
        ruling: String::new(),
        evidence: without_numbers(&f.evidence).into_owned(),
    });
    let breaches = judgement.ruled.iter().flat_map(|r| &r.breaches).map(|b| Found {
        id: b.id.to_owned(),
        clause: text(b.clause),
        points: 0,
        ruling: b.ruling.name().to_owned(),
        evidence: without_numbers(&b.evidence).into_owned(),
    });
    findings.chain(breaches).collect()
}

fn relief(relief: &sekisho_heuristics::counter::Relief) -> Found {
    Found { id: relief.id.to_owned(), points: relief.points, ..Found::default() }
}

/// Words of the mail as a record holds them: My Numbers and card numbers masked.
fn shown(text: &str) -> String {
    safe_to_show(&without_numbers(text))
}

/// The mail's own files, hashed.
fn attached(mail: &Message<'_>) -> Vec<Attached> {
    let own = mail.attachments().iter().filter(|file| file.parent.is_none() && !file.incidental);
    own.take(MOST_FILES)
        .filter_map(|file| {
            let content = mail.content(mail.parts().get(file.part)?);
            Some(Attached {
                name: shown(file.name()),
                size: content.len() as u64,
                sha256: hex(&Sha256::digest(&content)),
                encrypted: file.encryption == Encryption::Encrypted,
            })
        })
        .collect()
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing into a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Files named in a record.
const MOST_FILES: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_carry_their_offset() {
        let time = with_offset(Timestamp::from_millisecond(1_800_000_000_123).unwrap());
        assert!(time.contains(".123"), "{time}");
        let offset = time.get(time.len() - 6..).unwrap();
        assert!(offset.starts_with(['+', '-']) && offset.as_bytes()[3] == b':', "{time}");
    }

    #[test]
    fn personal_numbers_are_masked() {
        assert_eq!(shown("個人番号1234-5678-9018\n.pdf"), "個人番号****-****-9018\\u{000A}.pdf");
        assert_eq!(shown("注文1234-5678-9017"), "注文1234-5678-9017");
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(hex(&[0, 0x0F, 0xA0]), "000fa0");
    }
}
