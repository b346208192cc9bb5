//! What follows from holds and anchors: events written down, people told.

use std::io;
use std::sync::Arc;

use arc_swap::ArcSwap;
use sekisho_config::Settings;

use super::event;
use crate::audit::Audit;
use crate::audit::anchor::{Anchor, Destination};
use crate::holds::{Because, Told};
use crate::notice::{Block, Notice, Outbox, Section, hold};
use crate::record::Deed;
use crate::store::queue::Queue;
use crate::store::{Hold, State, Write};

/// Hears what becomes of held mails.
pub(super) struct Desk {
    settings: Arc<ArcSwap<Settings>>,
    queue: Arc<Queue>,
    audit: Option<Arc<Audit>>,
    outbox: Arc<Outbox>,
}

impl Desk {
    pub(super) fn new(
        settings: Arc<ArcSwap<Settings>>,
        queue: Arc<Queue>,
        audit: Option<Arc<Audit>>,
        outbox: Arc<Outbox>,
    ) -> Desk {
        Desk { settings, queue, audit, outbox }
    }
}

impl Told for Desk {
    async fn about_to_expire(&self, held: &Hold) -> bool {
        let settings = self.settings.load_full();
        let notices = hold::about_to_expire(held, &settings);
        // Whom nobody can be told, nobody is told again and again.
        let nobody = notices.is_empty();
        notices.into_iter().fold(nobody, |told, notice| self.outbox.send(&settings, notice) || told)
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
            if let Some(audit) = &self.audit {
                audit.append_event(&event);
            }
            // Whoever decided has written it into the store himself.
            if because != Because::Asked {
                self.queue.write(Write::Event(event));
            }
        }
        let settings = self.settings.load_full();
        if let Some(notice) = hold::ended(held, because, &settings) {
            self.outbox.send(&settings, notice);
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
