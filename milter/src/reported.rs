//! Mails that staff report: each is judged again as it came from outside, and filed (clause
//! report-and-warn).
//!
//! Way in: [`report`] when a mail of ours comes to the report address, [`Report::judged`] off the
//! mail's path. Only attached mails are judged, since a forwarded text has lost what tells: message
//! parts, `.eml` files, and of Outlook's `.msg` files what they hold. Bounded: [`MOST_MAILS`] of
//! [`MOST_BYTES`] together. The report itself is delivered untouched. When a mail cannot be judged
//! that is said in its place.

use sekisho_config::Settings;
use sekisho_heuristics::arrangement::names_drill_sender;
use sekisho_heuristics::decision::Decision;
use sekisho_heuristics::facts::{Client, Direction};
use sekisho_heuristics::indicator::safe_to_show;
use sekisho_heuristics::message::auth_results::Arrival;
use sekisho_heuristics::message::part::Part;
use sekisho_heuristics::message::{Envelope, Message};

use crate::books::event;
use crate::filter::{Filter, Judgement, Submission};
use crate::notice;
use crate::record::{DRILL, Deed, Event};
use crate::stored;

/// What somebody reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Who: MAIL FROM, lower case.
    pub who: String,
    /// Id of the record of the reporting mail.
    pub id: String,
    /// The mails that are to be judged.
    mails: Vec<Attached>,
    /// Mails that were attached beyond the bounds.
    unread: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Attached {
    raw: Vec<u8>,
    /// Whether it is the mail itself, not only what it holds.
    is_whole: bool,
}

/// A report whose mails were judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// Who reported.
    pub who: String,
    /// Id of the record of the reporting mail.
    pub id: String,
    /// What came out, in the order of the report.
    pub mails: Vec<Verdict>,
    /// Mails that were not judged, for their number or size.
    pub unread: usize,
}

/// What came out for a mail that was reported. Texts are safe to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Its subject.
    pub subject: String,
    /// Address of From.
    pub from: String,
    /// Message-ID without brackets.
    pub message_id: String,
    /// Whether a sender of drills stands in it.
    pub is_drill: bool,
    /// Whether only what it holds could be judged, since Outlook's format keeps no header.
    pub is_partial: bool,
    /// Points.
    pub score: u16,
    /// What would be done with it; `None` where judging failed.
    pub decision: Option<Decision>,
    /// Ids and what was seen, the weightiest first.
    pub signs: Vec<(String, String)>,
}

/// The report that a mail brings; `None` for every other mail. `id` is its record's.
pub fn report(
    mail: &Message<'_>,
    direction: Direction,
    id: &str,
    settings: &Settings,
) -> Option<Report> {
    let address = &settings.notify.report_address;
    let to_us = |to: &String| to.eq_ignore_ascii_case(address);
    let is_report = !address.is_empty()
        && direction != Direction::Inbound
        && mail.envelope().recipients.iter().any(to_us)
        && !notice::is_automatic(mail);
    if !is_report {
        return None;
    }
    let who = mail.envelope().mail_from.as_deref().unwrap_or_default().to_lowercase();
    let mut report = Report { who, id: id.to_owned(), mails: Vec::new(), unread: 0 };
    let mut room = MOST_BYTES;
    for part in mail.parts().iter().filter(|part| part.message == 0) {
        let Some(kind) = kind(part) else { continue };
        let size = mail.raw_body(part).len();
        if report.mails.len() >= MOST_MAILS || size > room {
            report.unread += 1;
            continue;
        }
        room -= size;
        let content = mail.content(part);
        report.mails.push(match kind {
            Kind::Mail => Attached { raw: stored::crlf(&content), is_whole: true },
            Kind::Outlook => Attached { raw: wrapped(&content), is_whole: false },
        });
    }
    Some(report)
}

enum Kind {
    Mail,
    Outlook,
}

fn kind(part: &Part) -> Option<Kind> {
    if part.main == "message" && matches!(part.sub.as_str(), "rfc822" | "global") {
        return Some(Kind::Mail);
    }
    let ends = |extension: &str| {
        part.names.iter().any(|name| name.text.to_lowercase().ends_with(extension))
    };
    if ends(".eml") {
        return Some(Kind::Mail);
    }
    (ends(".msg") || part.is("application", "vnd.ms-outlook")).then_some(Kind::Outlook)
}

/// An Outlook file as the only file of a mail, so that it is opened as any file is.
fn wrapped(content: &[u8]) -> Vec<u8> {
    let mut raw = b"MIME-Version: 1.0\r\nContent-Type: application/vnd.ms-outlook; name=a.msg\r\n\
        Content-Transfer-Encoding: binary\r\nContent-Disposition: attachment\r\n\r\n"
        .to_vec();
    raw.extend_from_slice(content);
    raw
}

impl Report {
    /// The same, its mails not to be judged: too many reports come at once.
    #[must_use]
    pub fn unread(mut self) -> Report {
        self.unread += self.mails.len();
        self.mails.clear();
        self
    }

    /// Judges its mails, one after another.
    pub async fn judged(self, filter: &Filter) -> Filed {
        let mut mails = Vec::new();
        for attached in &self.mails {
            mails.push(verdict(attached, filter).await);
        }
        Filed { who: self.who, id: self.id, mails, unread: self.unread }
    }
}

async fn verdict(attached: &Attached, filter: &Filter) -> Verdict {
    let Attached { raw, is_whole } = attached;
    let settings = filter.settings();
    let (envelope, client) = match is_whole {
        true => stored::read(raw, settings),
        false => (Envelope::default(), Client::default()),
    };
    let submission = Submission {
        raw,
        envelope,
        client,
        arrival: Arrival::Stored,
        direction: Some(Direction::Inbound),
    };
    let judged = filter.judge_then(&submission, |mail, judgement| {
        let id = mail.field("message-id").map(|f| String::from_utf8_lossy(f.value).into_owned());
        Verdict {
            subject: safe_to_show(mail.subject()),
            from: safe_to_show(&mail.from().first().map(|m| m.address()).unwrap_or_default()),
            message_id: safe_to_show(id.unwrap_or_default().trim().trim_matches(['<', '>'])),
            is_drill: names_drill_sender(mail, settings),
            is_partial: !is_whole,
            score: judgement.score(),
            decision: Some(judgement.decision()),
            signs: signs(&judgement),
        }
    });
    // A defect of ours, which must not take the report with it.
    judged.await.unwrap_or_default()
}

fn signs(judgement: &Judgement) -> Vec<(String, String)> {
    let findings = judgement.assessment.iter().flat_map(|a| &a.findings);
    findings.map(|f| (f.id.to_owned(), f.evidence.clone())).collect()
}

impl Filed {
    /// Whether nothing but drills was reported: they are counted, nobody need be told.
    pub fn is_drill(&self) -> bool {
        !self.mails.is_empty() && self.unread == 0 && self.mails.iter().all(|mail| mail.is_drill)
    }

    /// What is written down: a line for each mail, or one that there was none.
    pub fn events(&self) -> Vec<Event> {
        let mut notes: Vec<String> = self.mails.iter().map(Verdict::note).collect();
        if self.unread > 0 {
            notes.push(format!("{} attached mails not judged again", self.unread));
        } else if notes.is_empty() {
            notes.push("no mail attached".to_owned());
        }
        notes.iter().map(|note| event(&self.who, Deed::Reported, &self.id, note)).collect()
    }
}

impl Verdict {
    /// One line for the log, without the subject. That of a drill begins with that word.
    fn note(&self) -> String {
        let mut pieces = Vec::new();
        if self.is_drill {
            pieces.push(DRILL.to_owned());
        }
        pieces.push(match self.decision {
            Some(decision) => format!("{} {}", decision.name(), self.score),
            None => "could not be judged".to_owned(),
        });
        if !self.from.is_empty() {
            pieces.push(format!("from {}", self.from));
        }
        if !self.message_id.is_empty() {
            pieces.push(format!("message-id {}", self.message_id));
        }
        let ids: Vec<&str> =
            self.signs.iter().take(MOST_SIGNS).map(|(id, _)| id.as_str()).collect();
        if !ids.is_empty() {
            pieces.push(ids.join(" "));
        }
        pieces.join("; ")
    }
}

/// Mails that are judged of one report.
pub const MOST_MAILS: usize = 5;

/// Bytes that they may have together, as they stand in the report.
pub const MOST_BYTES: usize = 48 << 20;

/// Signs that a line of the log names.
const MOST_SIGNS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_heuristics::policy::Policy;

    fn settings() -> Settings {
        let mut settings = Settings::default();
        settings.notify.report_address = "report@own.example".into();
        settings.notify.drill_senders = vec!["@training.example".parse().unwrap()];
        settings.store.deadline = std::time::Duration::from_millis(1);
        settings
    }

    const BAIT: &str = "From: Sato <sato@training.example>\nTo: taro@own.example\n\
        Message-ID: <7@training.example>\nSubject: Invoice\n\
        Content-Type: application/pdf; name=a.pdf.exe\n\n-\n";

    fn part(fields: &str, content: &str) -> String {
        format!("--b\n{fields}\n\n{content}\n")
    }

    fn mail(parts: &[String]) -> String {
        let parts: String = parts.concat();
        let mail =
            format!("Subject: Fw\nContent-Type: multipart/mixed; boundary=b\n\n{parts}--b--\n");
        mail.replace('\n', "\r\n")
    }

    fn read(raw: &str, direction: Direction, to: &str) -> Option<Report> {
        let envelope =
            Envelope { mail_from: Some("Taro@own.example".into()), recipients: vec![to.into()] };
        let settings = settings();
        let mail = Message::new(raw.as_bytes(), &envelope, &settings.filter.limits);
        report(&mail, direction, "4XyZ-1", &settings)
    }

    fn filed(raw: &str) -> Filed {
        let report = read(raw, Direction::Internal, "Report@own.example").unwrap();
        let (policy, _) = Policy::new(settings());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { report.judged(&Filter::new(policy, true).unwrap()).await })
    }

    #[test]
    fn only_mail_of_ours_to_the_address_is_a_report() {
        let raw = mail(&[part("Content-Type: message/rfc822", BAIT)]);
        assert!(read(&raw, Direction::Internal, "report@own.example").is_some());
        assert_eq!(read(&raw, Direction::Inbound, "report@own.example"), None);
        assert_eq!(read(&raw, Direction::Internal, "it@own.example"), None);
        let vacation = format!("Auto-Submitted: auto-replied\r\n{raw}");
        assert_eq!(read(&vacation, Direction::Internal, "report@own.example"), None);
    }

    #[test]
    fn an_attached_mail_is_judged_as_it_came_from_outside() {
        let base64 = "Content-Type: application/octet-stream; name=x.EML\n\
                      Content-Transfer-Encoding: quoted-printable";
        for fields in ["Content-Type: message/rfc822", base64] {
            let filed = filed(&mail(&[
                part("Content-Type: text/plain", "fyi"),
                part(fields, &BAIT.replace('=', if fields == base64 { "=3D" } else { "=" })),
            ]));
            let [verdict] = &filed.mails[..] else { panic!("{filed:?}") };
            assert_eq!(verdict.subject, "Invoice");
            assert_eq!(verdict.from, "sato@training.example");
            assert!(verdict.signs.iter().any(|(id, _)| id == "double-extension"), "{verdict:?}");
            assert!(verdict.is_drill && filed.is_drill());
            let [event] = &filed.events()[..] else { panic!() };
            assert_eq!((event.what, &*event.who), (Deed::Reported, "taro@own.example"));
            let begins = format!(
                "drill; hold {}; from sato@training.example; message-id 7@training.example; ",
                verdict.score
            );
            assert!(event.note.starts_with(&begins), "{}", event.note);
        }
    }

    #[test]
    fn of_an_outlook_file_what_it_holds_is_judged() {
        let fields = "Content-Type: application/octet-stream; name=x.msg";
        let filed = filed(&mail(&[part(fields, "no compound file")]));
        assert!(filed.mails[0].is_partial && filed.mails[0].decision.is_some(), "{filed:?}");
    }

    #[test]
    fn so_many_are_judged_and_the_others_counted() {
        let many = vec![part("Content-Type: message/rfc822", BAIT); MOST_MAILS + 2];
        let report = read(&mail(&many), Direction::Internal, "report@own.example").unwrap();
        assert_eq!((report.mails.len(), report.unread), (MOST_MAILS, 2));
        let unread = report.unread();
        assert_eq!((unread.mails.len(), unread.unread), (0, MOST_MAILS + 2));
    }

    #[test]
    fn a_report_without_a_mail_is_filed_too() {
        let filed = filed("Subject: strange call\r\n\r\nx\r\n");
        assert!(!filed.is_drill());
        let events = filed.events();
        let notes: Vec<&str> = events.iter().map(|e| e.note.as_str()).collect();
        assert_eq!(notes, ["no mail attached"]);
    }
}
