//! End of message: facts, judgement, plan, answer, one log line. The one decision point of the
//! milter; everything before it only records.

use std::sync::Arc;
use std::time::Instant;

use sekisho_config::{FailureReply, Settings};
use sekisho_heuristics::facts::{Client, Direction};
use sekisho_heuristics::indicator::safe_to_show;
use sekisho_heuristics::message::{Envelope, Message};
use tracing::{error, warn};

use crate::act::{self, HeaderEdit, Plan, Reply as Answer, SmtpReply};
use crate::answer::{self, Response};
use crate::books::{Books, Entry};
use crate::commands;
use crate::facts;
use crate::filter::{Filter, Judgement, Submission};
use crate::holds::holding;
use crate::notice::{self, Notice, refusal};
use crate::received::{OverLimit, Received};
use crate::record::Record;
use crate::recording;
use crate::reported;
use crate::server::{Handler, Terms};
use crate::wire::{Action, Actions, Reply, SmtpText};

/// Judges what the sessions hand over. The filter can be exchanged while it works.
pub struct Checkpoint {
    filter: arc_swap::ArcSwap<Filter>,
    books: Books,
}

impl Checkpoint {
    /// A checkpoint that begins with `filter` and writes into `books`.
    pub fn new(filter: Filter, books: Books) -> Checkpoint {
        let filter = filter.remembering(books.recall());
        Checkpoint { filter: arc_swap::ArcSwap::from_pointee(filter), books }
    }

    /// Puts another filter in force for connections that come from now on.
    pub fn exchange(&self, filter: Filter) {
        self.books.exchange(filter.settings());
        self.filter.store(Arc::new(filter.remembering(self.books.recall())));
    }

    /// What outlives mails.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// The filter in force.
    pub fn filter(&self) -> Arc<Filter> {
        self.filter.load_full()
    }
}

impl Handler for Checkpoint {
    type Connection = Arc<Filter>;

    fn connection(&self) -> Arc<Filter> {
        self.filter()
    }

    fn terms(&self, filter: &Arc<Filter>) -> Terms {
        let settings = filter.settings();
        Terms { limits: settings.filter.limits, actions: ACTIONS }
    }

    async fn end_of_message(&self, filter: &Arc<Filter>, received: Received) -> Response {
        let started = Instant::now();
        let Received { raw, body_start, .. } = &received;
        let id = Id::of(&received);
        let settings = filter.settings();
        if let Some(limit) = received.over_limit {
            self.books.metrics().failed("limits");
            return over_limit(&id, limit, settings);
        }
        let submission = submission(&received, raw, settings);
        let smtputf8 = received.smtputf8();
        let outcome = filter
            .judge_then(&submission, |mail, mut judgement| {
                let mut plan =
                    plan(mail, raw, *body_start, &judgement, settings, &id.lookup, smtputf8);
                if let Some(why) = &judgement.unscanned
                    && !judgement.is_drill()
                {
                    unscanned(&id, why, settings, &mut plan);
                }
                holding::delay(mail, &judgement, settings, &mut plan);
                let learned = std::mem::take(&mut judgement.learned);
                let record = recording::record(&recording::Judged {
                    queue_id: &id.queue_id,
                    mail,
                    submission: &submission,
                    judgement: &judgement,
                    plan: &plan,
                    settings: filter.fingerprint(),
                    with_files: self.books.keeps_records(),
                    took: started.elapsed(),
                });
                recording::log(&record);
                let notices = notices(mail, &judgement, &plan, &record, settings);
                let asked =
                    commands::asked(mail, &submission.client, judgement.direction, settings);
                let report = reported::report(mail, judgement.direction, &record.id, settings);
                (plan, record, learned, notices, asked, report)
            })
            .await;
        match outcome {
            Ok((plan, record, learned, notices, asked, report)) => {
                let hold = holding::hold(&record, &plan, settings);
                let is_taken = plan.reply == Answer::Accept;
                let response = response(plan);
                if answer::is_granted(&response, received.granted) {
                    let seals = self.books.seals();
                    let held = hold.iter().flat_map(|hold| holding::notices(hold, settings, seals));
                    notices.into_iter().chain(held).for_each(|notice| self.books.send(notice));
                    self.books.enter(Entry { record, learned, hold });
                    if let Some(asked) = asked.filter(|_| is_taken) {
                        self.books.command(asked);
                    }
                    if let Some(report) = report.filter(|_| is_taken) {
                        self.books.report(filter.clone(), report);
                    }
                    return response;
                }
                let queue_id = &id.queue_id;
                error!(queue_id = %queue_id, "{queue_id}: the mail server does not allow the changes");
                self.books.metrics().failed("action");
                failure(settings.filter.on_failure.action)
            }
            Err(why) => {
                let queue_id = &id.queue_id;
                error!(queue_id = %queue_id, "{queue_id}: could not be judged: {}", safe_to_show(&why));
                self.books.metrics().failed("judging");
                failure(settings.filter.on_failure.judging)
            }
        }
    }
}

/// What the sender of a refused mail is told, where the settings say so.
fn notices(
    mail: &Message<'_>,
    judgement: &Judgement,
    plan: &Plan,
    record: &Record,
    settings: &Settings,
) -> Vec<Notice> {
    let is_refused = matches!(plan.reply, Answer::Reject(_));
    let told = settings.outbound.notify_sender && is_refused && !notice::is_automatic(mail);
    let ruled = judgement.ruled.as_ref().filter(|_| told);
    ruled.and_then(|ruled| refusal::notice(record, &ruled.breaches, settings)).into_iter().collect()
}

/// How a message is called in the log, and to whoever asks about a refusal.
struct Id {
    queue_id: String,
    lookup: String,
}

impl Id {
    fn of(received: &Received) -> Id {
        let queue_id = safe_to_show(&String::from_utf8_lossy(received.queue_id()));
        match queue_id.is_empty() {
            false => Id { lookup: queue_id.clone(), queue_id },
            // A server that tells no queue id: a name of our own, so that the refusal can be found.
            true => Id { queue_id: "NOQUEUE".into(), lookup: own_id() },
        }
    }
}

fn own_id() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{:X}-{count:X}", crate::filter::now())
}

fn submission<'a>(received: &Received, raw: &'a [u8], settings: &Settings) -> Submission<'a> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let named = |bytes: &[u8]| {
        let name = text(bytes);
        (!name.is_empty() && name != "unknown" && !name.starts_with('[')).then_some(name)
    };
    let connection = &received.connection;
    let ip = connection.address;
    let client = Client {
        ip,
        name: named(&connection.hostname),
        helo: named(&connection.helo),
        own_network: ip
            .is_some_and(|ip| settings.filter.own_networks.iter().any(|n| n.contains(ip))),
        authenticated_user: received.authenticated_as().map(text),
    };
    Submission {
        raw,
        envelope: Envelope {
            mail_from: Some(text(&received.mail_from)),
            recipients: received.recipients.iter().map(|r| text(r)).collect(),
        },
        arrival: facts::arrival(&client),
        client,
        direction: None,
    }
}

fn plan(
    mail: &Message<'_>,
    raw: &[u8],
    body_start: usize,
    judgement: &Judgement,
    settings: &Settings,
    lookup_id: &str,
    smtputf8: bool,
) -> Plan {
    match &judgement.assessment {
        Some(assessment) => act::inbound(&act::plan::Judged {
            mail,
            raw,
            body_start,
            assessment,
            settings,
            lookup_id,
            smtputf8,
            forged_results: &judgement.forged_results,
        }),
        None => act::outbound(&act::Leaving {
            mail,
            raw,
            body_start,
            goes_outside: judgement.direction == Direction::Outbound,
            ruled: judgement.ruled.as_ref(),
            settings,
            lookup_id,
            smtputf8,
        }),
    }
}

/// The virus scanner told nothing: beside what the judgement plans, what the settings say of that.
fn unscanned(id: &Id, why: &str, settings: &Settings, plan: &mut Plan) {
    let queue_id = &id.queue_id;
    warn!(queue_id = %queue_id, "{queue_id}: not scanned for viruses: {}", safe_to_show(why));
    match settings.filter.on_failure.scanner {
        FailureReply::Accept => {}
        FailureReply::Hold => {
            let held = || "sekisho: not scanned for viruses".to_owned();
            plan.quarantine = Some(plan.quarantine.take().unwrap_or_else(held));
        }
        FailureReply::Tempfail if matches!(plan.reply, Answer::Reject(_)) => {}
        FailureReply::Tempfail => {
            plan.notes.push("put off: not scanned for viruses".into());
            plan.reply = act::plan::tempfail();
        }
    }
}

/// What is told when a message is beyond the limits and so cannot be judged whole.
fn over_limit(id: &Id, limit: OverLimit, settings: &Settings) -> Response {
    let queue_id = &id.queue_id;
    if limit == OverLimit::InFlight {
        // No fault of the mail's, and a setting that lets it through unjudged was not meant for it.
        warn!(queue_id = %queue_id, "{queue_id}: put off, busy: over the limit on {limit}");
        return Response::only(smtp_reply(act::plan::busy()));
    }
    warn!(queue_id = %queue_id, "{queue_id}: not judged, over the limit on {limit}");
    failure(settings.filter.on_failure.limits)
}

/// The answer when something of ours failed.
fn failure(reply: FailureReply) -> Response {
    match reply {
        FailureReply::Accept => Response::only(Reply::Accept),
        FailureReply::Hold => Response {
            actions: vec![Action::Quarantine(b"sekisho: could not be judged".to_vec())],
            reply: Reply::Accept,
        },
        FailureReply::Tempfail => Response::only(smtp_reply(act::plan::tempfail())),
    }
}

fn response(plan: Plan) -> Response {
    let header = |edit: HeaderEdit| match edit {
        HeaderEdit::Insert { name, value } => Action::AddHeader { name: name.into_bytes(), value },
        HeaderEdit::Change { name, occurrence, value } => {
            Action::ChangeHeader { name: name.into_bytes(), index: occurrence, value }
        }
        HeaderEdit::Delete { name, occurrence } => {
            Action::ChangeHeader { name: name.into_bytes(), index: occurrence, value: Vec::new() }
        }
    };
    let mut actions: Vec<Action> = plan.headers.into_iter().map(header).collect();
    actions.extend(plan.body.map(Action::ReplaceBody));
    actions.extend(plan.quarantine.map(|why| Action::Quarantine(why.into_bytes())));
    Response { actions, reply: smtp_reply(plan.reply) }
}

fn smtp_reply(reply: Answer) -> Reply {
    let (text, plain) = match reply {
        Answer::Accept => return Reply::Accept,
        Answer::Reject(text) => (text, Reply::Reject),
        Answer::Tempfail(text) => (text, Reply::Tempfail),
    };
    let SmtpReply { code, enhanced, lines } = text;
    let mut detail = enhanced.split('.').skip(1).map(|n| n.parse().unwrap_or(0));
    let detail = (detail.next().unwrap_or(0), detail.next().unwrap_or(0));
    SmtpText::new(code, detail, &lines.join("\n")).map_or(plain, Reply::Text)
}

/// Changes that a judgement may lead to.
const ACTIONS: Actions = Actions::ADD_HEADERS
    .and(Actions::CHANGE_HEADERS)
    .and(Actions::CHANGE_BODY)
    .and(Actions::QUARANTINE);
