//! What a mail asks memory, and what memory learns of it.
//!
//! Way in: [`question`] before a mail is judged, [`lessons`] after. Only mail that was let through
//! teaches: whoever is bannered, held or refused does not become known by trying, nor by a drill.

use sekisho_config::Settings;
use sekisho_heuristics::decision::Decision;
use sekisho_heuristics::facts::{Direction, Facts};
use sekisho_heuristics::history::{EncryptedSent, teaching};
use sekisho_heuristics::message::Message;

use crate::filter::Judgement;
use crate::store::{Question, Write};

/// What `mail` wants to know of the past, `now` being Unix time.
pub fn question(
    mail: &Message<'_>,
    direction: Direction,
    settings: &Settings,
    now: i64,
) -> Question {
    match direction {
        Direction::Inbound => {
            let sender = teaching::sender(mail);
            let (sender, sender_domain) = sender.map(|s| (s.address, s.domain)).unwrap_or_default();
            Question {
                sender,
                sender_domain,
                answers: teaching::answered_ids(mail),
                answers_since: now.saturating_sub(OLDEST_ANSWERED),
                ..Question::default()
            }
        }
        Direction::Outbound => {
            let window = i64::try_from(settings.outbound.password_window.as_secs());
            let recipients = teaching::recipients(mail.envelope(), settings);
            Question {
                recipients: recipients.into_iter().map(|r| (r.address, r.domain)).collect(),
                encrypted_since: now.saturating_sub(window.unwrap_or(i64::MAX)),
                ..Question::default()
            }
        }
        Direction::Internal => Question::default(),
    }
}

/// What is worth remembering of a judged mail.
pub fn lessons(mail: &Message<'_>, facts: &Facts<'_>, judgement: &Judgement) -> Vec<Write> {
    match judgement.direction {
        // Who plays a stranger stays one.
        _ if judgement.is_drill() => Vec::new(),
        Direction::Inbound => received(mail, facts, judgement.decision()),
        Direction::Outbound => sent(mail, facts, judgement.decision()),
        Direction::Internal => Vec::new(),
    }
}

fn received(mail: &Message<'_>, facts: &Facts<'_>, decision: Decision) -> Vec<Write> {
    let Some(sender) = teaching::sender(mail).filter(|_| decision < Decision::Banner) else {
        return Vec::new();
    };
    let at = facts.now;
    let mut lessons = Vec::new();
    // Numbers are those of an organisation only where it is sure that it wrote.
    if mail.sole_from().is_some_and(|from| facts.is_authenticated_for(from.domain())) {
        let domain = &sender.domain;
        let write = |number| Write::Number { domain: domain.clone(), number, at };
        lessons.extend(teaching::signed_numbers(mail).into_iter().map(write));
    }
    let (address, domain) = (sender.address, sender.domain);
    lessons.push(Write::Met { address, domain, sent: false, at, count: 1 });
    lessons
}

fn sent(mail: &Message<'_>, facts: &Facts<'_>, decision: Decision) -> Vec<Write> {
    if decision == Decision::Reject {
        return Vec::new();
    }
    let at = facts.now;
    let mut lessons = Vec::new();
    lessons.extend(teaching::message_id(mail).map(|message_id| Write::SentId { message_id, at }));
    let files = teaching::encrypted_files(mail);
    for recipient in teaching::recipients(mail.envelope(), facts.settings) {
        let to = recipient.address.clone();
        let file = |name: &String| EncryptedSent { to: to.clone(), name: name.clone(), at };
        lessons.extend(files.iter().map(file).map(Write::Encrypted));
        let (address, domain) = (recipient.address, recipient.domain);
        lessons.push(Write::Met { address, domain, sent: true, at, count: 1 });
    }
    lessons
}

/// A mail that is answered may be as old as this, seconds: 90 days.
const OLDEST_ANSWERED: i64 = 90 * 24 * 3600;
