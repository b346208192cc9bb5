//! Takes commands that came by mail and has them carried out, beside the mail's path.
//!
//! Way in: [`Clerk::take`], which returns at once. Bounded: [`AT_ONCE`] commands at once, others are
//! turned away with a line in the log. Who sends commands that were never offered to him is told so
//! once in a while, so that nobody's mailbox can be filled in his name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tracing::{info, warn};

use super::deskwork::Hands;
use super::now_ms;
use crate::commands::{Asked, Settled, settle};
use crate::holdd::client::Client;
use crate::holds::decide::Desk;
use crate::notice::command;
use crate::recording::host;
use crate::store::Memory;

/// Hears commands.
pub(super) struct Clerk {
    store: Arc<Memory>,
    client: Client,
    hands: Hands,
    places: Semaphore,
    turned_away: Mutex<HashMap<String, Instant>>,
}

impl Clerk {
    pub(super) fn new(store: Arc<Memory>, client: Client, hands: Hands) -> Arc<Clerk> {
        let (places, turned_away) = (Semaphore::new(AT_ONCE), Mutex::default());
        Arc::new(Clerk { store, client, hands, places, turned_away })
    }

    /// Has `asked` carried out.
    pub(super) fn take(self: &Arc<Clerk>, asked: Asked) {
        let clerk = Arc::clone(self);
        tokio::spawn(async move {
            let Ok(_place) = clerk.places.try_acquire() else {
                let (word, id, who) = (asked.command.word(), &asked.id, &asked.who);
                warn!("{word} about {id} by {who} was not heard: {AT_ONCE} others are being done");
                return;
            };
            clerk.carry_out(&asked).await;
        });
    }

    async fn carry_out(&self, asked: &Asked) {
        let Hands { settings, outbox, seals: Some(seals), .. } = &self.hands else { return };
        let settings = settings.load_full();
        let desk = Desk {
            store: &*self.store,
            queue: &self.client,
            host: host(),
            settings: &settings.hold,
        };
        let settled = settle(&desk, seals, asked, now_ms()).await;
        // How it ends, the keeper of its host tells the sender.
        if let Settled::Decided(_, event) = &settled {
            info!("{} of {} by {}, by mail", asked.command.word(), asked.id, asked.who);
            self.hands.write_down(event.clone());
        }
        let is_told = settled != Settled::NotOffered || self.is_first(&asked.who, Instant::now());
        let answer = command::answer(asked, &settled, &settings);
        if let Some(notice) = answer.filter(|_| is_told) {
            outbox.send(&settings, notice);
        }
    }

    /// Whether nobody was turned away by this address for a while.
    fn is_first(&self, who: &str, now: Instant) -> bool {
        // A panic elsewhere does not make times wrong.
        let mut known = self.turned_away.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        known.retain(|_, at| now.saturating_duration_since(*at) < SILENCE);
        known.len() < REMEMBERED && known.insert(who.to_owned(), now).is_none()
    }
}

/// Commands carried out at once.
const AT_ONCE: usize = 64;

/// How long somebody who was turned away is not told so again.
const SILENCE: Duration = Duration::from_secs(3600);

/// Addresses that are remembered as turned away; further ones are not told.
const REMEMBERED: usize = 1_000;
