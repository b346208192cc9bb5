//! The beginning of a hold: which mails wait, and what is written down of those that do.

use sekisho_config::{DigestEvery, Mode, Settings};
use sekisho_heuristics::facts::Direction;
use sekisho_heuristics::message::Message;

use super::terms;
use crate::act::{Plan, Reply};
use crate::commands::Seals;
use crate::filter::Judgement;
use crate::notice::{self, Notice};
use crate::record::Record;
use crate::store::{Hold, Reason, State};

/// Lets mail that leaves wait, where the settings say so (clause no-immediate-sending): mail of
/// persons with any recipient outside. Mail of programs and what the settings except does not wait.
pub fn delay(mail: &Message<'_>, judgement: &Judgement, settings: &Settings, plan: &mut Plan) {
    let waits = judgement.direction == Direction::Outbound
        && settings.hold.delay.is_some()
        && settings.filter.mode == Mode::Enforce
        && plan.reply == Reply::Accept
        && plan.quarantine.is_none()
        && !notice::is_automatic(mail)
        && !judgement.ruled.as_ref().is_some_and(|ruled| ruled.is_exempt);
    if waits {
        plan.quarantine = Some(DELAYED.to_owned());
        plan.notes.push("waits before it is sent".to_owned());
    }
}

/// The hold that `plan` puts a mail on, as it is kept in the store.
pub fn hold(record: &Record, plan: &Plan, settings: &Settings) -> Option<Hold> {
    let why = plan.quarantine.as_deref().filter(|_| plan.reply == Reply::Accept)?;
    let reason = match (why, record.direction.as_str()) {
        (DELAYED, _) => Reason::Delay,
        (_, inbound) if inbound == Direction::Inbound.name() => Reason::Quarantine,
        _ => Reason::Approval,
    };
    let terms = terms(reason, &record.mail_from, record.at_ms, &settings.hold);
    Some(Hold {
        id: record.id.clone(),
        queue_id: record.queue_id.clone(),
        host: record.host.clone(),
        reason,
        direction: record.direction.clone(),
        sender: record.mail_from.clone(),
        recipients: record.recipients.clone(),
        subject: record.subject.clone(),
        findings: record.findings.iter().map(|found| found.id.clone()).collect(),
        approvers: terms.approvers,
        held_ms: record.at_ms,
        goes_ms: terms.goes_ms,
        expires_ms: terms.expires_ms,
        state: State::Held,
        decided_by: String::new(),
        warned: false,
    })
}

/// Whom a new hold is told; with links where there are `seals`.
pub fn notices(hold: &Hold, settings: &Settings, seals: Option<&Seals>) -> Vec<Notice> {
    let to_sender = || notice::hold::to_sender(hold, settings, seals);
    let sender = settings.hold.notify_sender.then(to_sender).flatten();
    let told_now = settings.hold.digest.every == DigestEvery::Once;
    let recipients = notice::digest::notices(told_now.then_some(hold), settings, seals);
    let approvers = notice::hold::to_approvers(hold, settings, seals);
    sender.into_iter().chain(approvers).chain(recipients).collect()
}

/// What Postfix is told of a mail that only waits.
const DELAYED: &str = "sekisho: waits before it is sent";

#[cfg(test)]
mod tests {
    use super::*;

    fn record(direction: &str) -> Record {
        Record {
            id: "4XyZ-1".into(),
            direction: direction.into(),
            mail_from: "taro@own.example".into(),
            at_ms: 1_000,
            ..Record::default()
        }
    }

    fn held(direction: &str, why: Option<&str>) -> Option<Reason> {
        let plan = Plan { quarantine: why.map(str::to_owned), ..Plan::default() };
        hold(&record(direction), &plan, &Settings::default()).map(|hold| hold.reason)
    }

    #[test]
    fn why_a_mail_is_held() {
        assert_eq!(held("inbound", Some("sekisho: score 100, a")), Some(Reason::Quarantine));
        assert_eq!(held("outbound", Some("sekisho: top-secret-leaving")), Some(Reason::Approval));
        assert_eq!(held("outbound", Some(DELAYED)), Some(Reason::Delay));
        assert_eq!(held("outbound", None), None);
    }

    #[test]
    fn recipients_are_told_at_once_where_the_settings_say_so() {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        let held = Hold {
            reason: Reason::Quarantine,
            recipients: vec!["taro@own.example".into()],
            ..Hold::default()
        };
        assert_eq!(notices(&held, &settings, None), []);
        settings.hold.digest.every = DigestEvery::Once;
        assert_eq!(notices(&held, &settings, None)[0].to, ["taro@own.example"]);
    }

    #[test]
    fn what_is_delayed_goes_by_itself() {
        let mut settings = Settings::default();
        settings.hold.delay = Some(std::time::Duration::from_secs(300));
        let plan = Plan { quarantine: Some(DELAYED.into()), ..Plan::default() };
        let hold = hold(&record("outbound"), &plan, &settings).unwrap();
        assert_eq!((hold.held_ms, hold.goes_ms), (1_000, Some(301_000)));
        assert!(hold.expires_ms > 301_000);
    }
}
