//! How notices leave: one bounded queue, one task, nobody waits.
//!
//! Way in: [`Outbox::send`]. What the queue cannot hold, what is beyond the hourly bound of an
//! address and what Postfix does not take after [`TRIES`] stands in the log and is given up: a
//! notice is never worth a mail.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use lettre::{AsyncSendmailTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use sekisho_config::{Settings, Submit};
use tokio::sync::mpsc;
use tracing::{error, warn};

use super::{Notice, from_address};

/// Where notices are put.
#[derive(Debug)]
pub struct Outbox {
    queue: mpsc::Sender<Job>,
    sent: Mutex<HashMap<String, Vec<Instant>>>,
}

struct Job {
    submit: Submit,
    message: Message,
}

impl Outbox {
    /// An outbox with its task; the task ends when the outbox is dropped and all is sent.
    pub fn start() -> Outbox {
        let (queue, waiting) = mpsc::channel(WAITING);
        tokio::spawn(deliver(waiting));
        Outbox { queue, sent: Mutex::default() }
    }

    /// Sends a notice as `settings` say. Returns at once; whether it is on its way.
    pub fn send(&self, settings: &Settings, mut notice: Notice) -> bool {
        let notify = &settings.notify;
        let Some(from) = from_address(settings) else {
            warn!("a notice was not sent: {NO_SENDER}");
            return false;
        };
        notice.to.retain(|to| self.is_within_bound(to, notify.per_hour));
        if notice.to.is_empty() {
            return false;
        }
        let Some(message) = notice.compose(&from) else {
            warn!("a notice could not be written: an address in it is none");
            return false;
        };
        let taken = self.queue.try_send(Job { submit: notify.submit.clone(), message }).is_ok();
        if !taken {
            warn!("a notice was not sent: {WAITING} others are waiting");
        }
        taken
    }

    /// Sends one notice now and waits until Postfix has taken it: for somebody at a terminal.
    ///
    /// # Errors
    /// Why it did not leave, in English.
    pub async fn send_now(settings: &Settings, notice: &Notice) -> Result<(), String> {
        let from = from_address(settings).ok_or(NO_SENDER)?;
        let message = notice.compose(&from).ok_or("an address in it is none")?;
        hand_over(&Job { submit: settings.notify.submit.clone(), message }).await
    }

    /// Counts a mail to `to`, if it may still have one this hour.
    fn is_within_bound(&self, to: &str, per_hour: u32) -> bool {
        let now = Instant::now();
        // A panic elsewhere does not make counts wrong.
        let mut sent = self.sent.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if sent.len() > REMEMBERED {
            sent.retain(|_, times| times.last().is_some_and(|at| now - *at < HOUR));
        }
        let times = sent.entry(to.to_lowercase()).or_default();
        times.retain(|at| now - *at < HOUR);
        let fits = times.len() < usize::try_from(per_hour).unwrap_or(usize::MAX);
        if fits {
            times.push(now);
        } else {
            warn!("a notice was not sent: {per_hour} went to {to} within an hour");
        }
        fits
    }
}

async fn deliver(mut waiting: mpsc::Receiver<Job>) {
    while let Some(job) = waiting.recv().await {
        let mut pause = FIRST_PAUSE;
        for attempt in 1..=TRIES {
            match hand_over(&job).await {
                Ok(()) => break,
                Err(why) if attempt == TRIES => error!("a notice was given up: {why}"),
                Err(why) => {
                    warn!("a notice waits for another try: {why}");
                    tokio::time::sleep(pause).await;
                    pause *= 4;
                }
            }
        }
    }
}

async fn hand_over(job: &Job) -> Result<(), String> {
    let message = job.message.clone();
    match &job.submit {
        Submit::Smtp { host, port } => {
            let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
                .port(*port)
                .timeout(Some(PATIENCE))
                .build();
            transport.send(message).await.map(drop).map_err(|e| e.to_string())
        }
        Submit::Sendmail(path) => {
            let transport = AsyncSendmailTransport::<Tokio1Executor>::new_with_command(path);
            transport.send(message).await.map_err(|e| e.to_string())
        }
    }
}

const NO_SENDER: &str = "neither `from` in notify.toml nor own_domains is set";

/// Notices that may wait at once.
const WAITING: usize = 1_000;

/// Addresses whose last hour is remembered before old ones are forgotten.
const REMEMBERED: usize = 10_000;

/// How often Postfix is asked to take one.
const TRIES: u32 = 4;

/// The pause after the first refusal; each further one is four times as long.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// How long Postfix may take for one.
const PATIENCE: Duration = Duration::from_secs(30);

const HOUR: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_gets_so_many_an_hour() {
        let outbox = Outbox::start();
        let fits: Vec<bool> =
            (0..4).map(|_| outbox.is_within_bound("Taro@own.example", 3)).collect();
        assert_eq!(fits, [true, true, true, false]);
        assert!(outbox.is_within_bound("jiro@own.example", 3));
        assert!(!outbox.is_within_bound("taro@own.example", 3));
    }

    #[tokio::test]
    async fn without_a_sender_nothing_leaves() {
        let outbox = Outbox::start();
        let notice =
            Notice { to: vec!["a@own.example".into()], subject: String::new(), sections: vec![] };
        assert!(!outbox.send(&Settings::default(), notice));
    }
}
