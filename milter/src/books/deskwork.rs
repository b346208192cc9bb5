//! What follows from holds and anchors: events written down, people told.

use std::io;
use std::sync::Arc;

use arc_swap::ArcSwap;
use sekisho_config::Settings;

use super::event;
use crate::audit::Audit;
use crate::audit::anchor::{Anchor, Destination};
use crate::commands::Seals;
use crate::holds::{Because, Told};
use crate::notice::{Block, Notice, Outbox, Section, hold};
use crate::record::{Deed, Event};
use crate::store::queue::Queue;
use crate::store::{Hold, State, Write};

/// Where deeds are written down and notices leave by.
#[derive(Clone)]
pub(super) struct Hands {
    pub(super) settings: Arc<ArcSwap<Settings>>,
    pub(super) queue: Option<Arc<Queue>>,
    pub(super) audit: Option<Arc<Audit>>,
    pub(super) outbox: Arc<Outbox>,
    pub(super) seals: Option<Seals>,
}

/// Hears what becomes of held mails.
pub(super) struct Desk {
    hands: Hands,
}

impl Hands {
    /// Writes `event` into the audit log and the store.
    pub(super) fn write_down(&self, event: Event) {
        self.append(&event);
        if let Some(queue) = &self.queue {
            queue.write(Write::Event(event));
        }
    }

    fn append(&self, event: &Event) {
        if let Some(audit) = &self.audit {
            audit.append_event(event);
        }
    }
}

impl Desk {
    pub(super) fn new(hands: Hands) -> Desk {
        Desk { hands }
    }
}

impl Told for Desk {
    async fn about_to_expire(&self, held: &Hold) -> bool {
        let Hands { settings, outbox, seals, .. } = &self.hands;
        let settings = settings.load_full();
        let notices = hold::about_to_expire(held, &settings, seals.as_ref());
        // Whom nobody can be told, nobody is told again and again.
        let nobody = notices.is_empty();
        notices.into_iter().fold(nobody, |told, notice| outbox.send(&settings, notice) || told)
    }

    async fn moved(&self, held: &Hold, because: Because) {
        let deed = match (held.state, because) {
            (State::Released, Because::Asked) => Some(Deed::Released),
            (State::Discarded, Because::Asked) => Some(Deed::Discarded),
            (State::Released | State::Discarded, Because::Due | Because::Expired) => {
                Some(Deed::Expired)
            }
            (State::Released, Because::ByHand) => Some(Deed::Released),
            (State::Discarded | State::Gone, _) => Some(Deed::Discarded),
            _ => None,
        };
        if let Some(deed) = deed {
            let who = match because {
                Because::Asked => held.decided_by.as_str(),
                Because::ByHand => "by hand",
                Because::Due | Because::Expired => "sekisho",
            };
            let event = event(who, deed, &held.id, held.state.name());
            // Whoever decided has written it into the store himself.
            match because {
                Because::Asked => self.hands.append(&event),
                _ => self.hands.write_down(event),
            }
        }
        let settings = self.hands.settings.load_full();
        if let Some(notice) = hold::ended(held, because, &settings) {
            self.hands.outbox.send(&settings, notice);
        }
    }
}

/// Anchors of the audit log, told by mail.
pub(super) struct AnchorMail {
    settings: Arc<ArcSwap<Settings>>,
    outbox: Arc<Outbox>,
}

impl AnchorMail {
    pub(super) fn new(settings: Arc<ArcSwap<Settings>>, outbox: Arc<Outbox>) -> AnchorMail {
        AnchorMail { settings, outbox }
    }
}

impl Destination for AnchorMail {
    fn name(&self) -> String {
        "mail".to_owned()
    }

    fn send(&mut self, anchor: &Anchor) -> io::Result<()> {
        let settings = self.settings.load_full();
        let Some(to) = settings.records.anchors.mail.clone() else { return Ok(()) };
        let ja =
            "監査ログの現在の末尾です。改ざんの確認に使いますので、このメールを保存してください。";
        let en = "The present end of the audit log. Keep this mail: the log is checked against it.";
        let line = anchor.to_string();
        let section = |lang, words: &str| Section {
            lang,
            blocks: vec![Block::Line(words.to_owned()), Block::Line(line.clone())],
        };
        let notice = Notice {
            to: vec![to],
            subject: format!("【sekisho】audit log {} #{}", anchor.host, anchor.seq),
            sections: vec![section("ja", ja), section("en", en)],
        };
        match self.outbox.send(&settings, notice) {
            true => Ok(()),
            false => Err(io::Error::other("it could not be sent")),
        }
    }
}
