//! The way of one message, the same for the milter and for `sekisho scan`:
//! direction → facts → judgement.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use sekisho_config::Settings;
use sekisho_heuristics::arrangement::Arrangement;
use sekisho_heuristics::decision::Decision;
use sekisho_heuristics::facts::{Client, Direction, Facts, Scan};
use sekisho_heuristics::history::History;
use sekisho_heuristics::inbound::{self, Assessment};
use sekisho_heuristics::message::auth_results::{Arrival, Reading};
use sekisho_heuristics::message::{Envelope, Message};
use sekisho_heuristics::outbound::{self, Ruled};
use sekisho_heuristics::policy::Policy;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;
use tokio::task::block_in_place;

use crate::direction::direction;
use crate::facts::{Asked, BadNameServer, Gatherer, NoAnswer, Scanner};
use crate::memory;
use crate::store::recall::Recall;
use crate::store::{Memory, Question, Write};

/// One configuration at work. Made at start and at each reload; connections keep the one they
/// began with.
pub struct Filter {
    policy: Policy,
    gatherer: Gatherer,
    scanner: Option<Scanner>,
    /// Messages whose files may still be looked into at once.
    openers: Semaphore,
    recall: Option<Arc<Recall<Memory>>>,
    fingerprint: String,
}

/// A message and what is known of how it came.
pub struct Submission<'a> {
    /// The whole message, CRLF line ends.
    pub raw: &'a [u8],
    /// The envelope.
    pub envelope: Envelope,
    /// The SMTP client.
    pub client: Client,
    /// How it came before us, which says which Authentication-Results may be believed.
    pub arrival: Arrival,
    /// The direction where it was named; else it is found out.
    pub direction: Option<Direction>,
}

/// What came out for one message.
#[derive(Debug)]
pub struct Judgement {
    /// Which way it goes.
    pub direction: Direction,
    /// The assessment, for inbound mail.
    pub assessment: Option<Assessment>,
    /// What the rules say, for outbound mail, and internal mail where the settings ask for it.
    pub ruled: Option<Ruled>,
    /// Authentication-Results fields that bear a trusted id but were brought along: their number
    /// among all fields of that name, from 1.
    pub forged_results: Vec<usize>,
    /// Why the virus scanner that is configured told nothing.
    pub unscanned: Option<String>,
    /// What is worth remembering of it; empty where nothing is remembered.
    pub learned: Vec<Write>,
}

impl Judgement {
    /// What is to be done.
    pub fn decision(&self) -> Decision {
        let ruling = self.ruled.as_ref().and_then(|r| r.ruling);
        self.assessment.as_ref().map_or_else(|| outbound::decision(ruling), |a| a.decision)
    }

    /// Whether it is a drill, which is delivered whatever it shows.
    pub fn is_drill(&self) -> bool {
        self.assessment.as_ref().is_some_and(|a| a.arrangement == Some(Arrangement::Drill))
    }

    /// What could not be read.
    pub fn problems(&self) -> &[String] {
        let of_rules = self.ruled.as_ref().map_or(&[][..], |r| &r.problems);
        self.assessment.as_ref().map_or(of_rules, |a| &a.problems)
    }

    /// Different clauses that spoke.
    pub fn clauses(&self) -> usize {
        let ruled = || {
            let clauses = self.ruled.iter().flat_map(|r| &r.breaches).filter_map(|b| b.clause);
            clauses.collect::<BTreeSet<_>>().len()
        };
        self.assessment.as_ref().map_or_else(ruled, |a| a.clauses)
    }

    /// Points; 0 for mail that is not inbound.
    pub fn score(&self) -> u16 {
        self.assessment.as_ref().map_or(0, |a| a.score)
    }
}

impl Filter {
    /// A filter with its policy; offline it never asks the network.
    ///
    /// # Errors
    /// A name server in the settings is no address.
    pub fn new(policy: Policy, offline: bool) -> Result<Filter, BadNameServer> {
        let gatherer = Gatherer::new(policy.settings(), offline)?;
        let settings = policy.settings();
        let scanner = if offline { None } else { Scanner::new(settings) };
        let openers = Semaphore::new(settings.filter.limits.opened_at_once);
        let fingerprint = sekisho_config::fingerprint(settings);
        Ok(Filter { policy, gatherer, scanner, openers, recall: None, fingerprint })
    }

    /// The same filter, which asks `recall` of the past.
    #[must_use]
    pub fn remembering(mut self, recall: Option<Arc<Recall<Memory>>>) -> Filter {
        self.recall = recall;
        self
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        self.policy.settings()
    }

    /// Short name of the effective settings, for logs.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Judges one message. The error is what a panic said: a defect of ours, that costs this mail
    /// a failure reply and nothing else.
    pub async fn judge(&self, submission: &Submission<'_>) -> Result<Judgement, String> {
        self.judge_then(submission, |_, judgement| judgement).await
    }

    /// Judges one message and does `then` with it while its view is still at hand.
    pub async fn judge_then<T>(
        &self,
        submission: &Submission<'_>,
        then: impl FnOnce(&Message<'_>, Judgement) -> T,
    ) -> Result<T, String> {
        let settings = self.settings();
        let direction = match submission.direction {
            Some(direction) => direction,
            None => guarded(|| direction_of(submission, settings))?,
        };
        let is_ruled = match direction {
            Direction::Inbound => false,
            Direction::Internal => settings.outbound.internal,
            Direction::Outbound => true,
        };
        let mail = guarded(|| {
            let Submission { raw, envelope, .. } = submission;
            let mail = Message::new(raw, envelope, &settings.filter.limits);
            if is_ruled { mail.with_file_texts() } else { mail }
        })?;
        let question = match self.recall {
            Some(_) => guarded(|| memory::question(&mail, direction, settings, now()))?,
            None => Question::default(),
        };
        let remembering = async {
            match &self.recall {
                Some(recall) => recall.history(&question).await,
                None => History::default(),
            }
        };
        let (mut reading, mut scanned) = (Reading::default(), Ok(Scan::Unknown));
        let history;
        if direction == Direction::Inbound {
            let Submission { client, envelope, raw, arrival, .. } = submission;
            let asked = Asked { client, envelope, raw, arrival: *arrival };
            let scanning = async {
                match &self.scanner {
                    Some(scanner) => scanner.scan(raw).await,
                    None => Ok(Scan::Unknown),
                }
            };
            (reading, scanned, history) =
                tokio::join!(self.gatherer.gather(&asked), scanning, remembering);
        } else {
            history = remembering.await;
        }
        let Reading { authentication, forged: forged_results } = reading;
        let unscanned = scanned.as_ref().err().map(NoAnswer::to_string);
        // Nothing is opened of mail that is not judged.
        let is_costly = (direction == Direction::Inbound || is_ruled)
            && (submission.raw.len() > COSTLY || mail.has_costly_files());
        // Its permit bounds the memory that unpacked files take; it is never closed.
        let _permit = if is_costly { self.openers.acquire().await.ok() } else { None };
        let judge = || {
            let facts = Facts {
                now: now(),
                client: submission.client.clone(),
                authentication,
                scan: scanned.unwrap_or_default(),
                history,
                settings,
                names: self.policy.names(),
                lexicon: self.policy.lexicon(),
            };
            let assessment = (direction == Direction::Inbound).then(|| {
                let mut assessment = inbound::judge(&mail, &facts, &self.policy);
                let why = unscanned.iter().map(|why| format!("no virus scan: {why}"));
                assessment.problems.extend(why);
                assessment
            });
            let ruled = is_ruled.then(|| outbound::judge(&mail, &facts, &self.policy));
            let learned = Vec::new();
            let mut judgement =
                Judgement { direction, assessment, ruled, forged_results, unscanned, learned };
            if self.recall.is_some() {
                judgement.learned = memory::lessons(&mail, &facts, &judgement);
            }
            then(&mail, judgement)
        };
        guarded(|| if is_costly { off_the_async_threads(judge) } else { judge() })
    }
}

/// Mails above this many bytes are judged off the async threads whatever they hold; handing the
/// thread over for each newsletter with a logo would cost more than looking at the logo.
const COSTLY: usize = 256 << 10;

/// Runs `work` where it holds up nobody else's connection.
fn off_the_async_threads<T>(work: impl FnOnce() -> T) -> T {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => block_in_place(work),
        // One thread, as in tests: there is nobody else.
        _ => work(),
    }
}

/// Only mail from own networks needs its From looked at to know the way it goes.
fn direction_of(submission: &Submission<'_>, settings: &Settings) -> Direction {
    let Submission { raw, client, envelope, .. } = submission;
    let from = match client.own_network {
        true => Message::new(raw, envelope, &settings.filter.limits).from().to_vec(),
        false => Vec::new(),
    };
    direction(client, envelope, &from, &settings.filter)
}

/// Runs `work`; a panic in it becomes an error that says what the panic said.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied());
        text.unwrap_or("panic without a text").to_owned()
    })
}

/// Seconds since 1970-01-01T00:00:00Z.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.ok().and_then(|d| i64::try_from(d.as_secs()).ok()).unwrap_or(0)
}
