//! To the administrators: what was held or refused, and by what signs (clause report-and-warn).
//!
//! Way in: [`Bundle::tell`]. The first of its kind is told at once; what is alike within the time
//! that the settings name is counted, and told as one mail when that time is over, so that a
//! campaign is two mails and not two thousand. Alike are mails of one direction, decision and
//! subject (its digits left out) that show the same signs.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use sekisho_config::{Settings, Told};

use super::{Block, Notice, Section, languages};
use crate::record::Record;

/// What was told, and what is counted until it is told again.
#[derive(Debug, Default)]
pub struct Bundle {
    kinds: Mutex<HashMap<String, Kind>>,
}

#[derive(Debug)]
struct Kind {
    began: Instant,
    further: u32,
    recipients: u32,
    last: Record,
}

impl Bundle {
    /// The notice about `record`, if one is to be sent now.
    pub fn tell(&self, record: &Record, settings: &Settings, now: Instant) -> Option<Notice> {
        if !is_told(record, settings) {
            return None;
        }
        // A panic elsewhere does not make counts wrong.
        let mut kinds = self.kinds.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let key = kind(record);
        if let Some(known) = kinds.get_mut(&key) {
            known.further = known.further.saturating_add(1);
            let recipients = u32::try_from(record.recipients.len()).unwrap_or(u32::MAX);
            known.recipients = known.recipients.saturating_add(recipients);
            known.last = record.clone();
            return None;
        }
        if !settings.notify.bundle.is_zero() && kinds.len() < MOST_KINDS {
            let last = record.clone();
            kinds.insert(key, Kind { began: now, further: 0, recipients: 0, last });
        }
        Some(notice(record, 0, 0, settings))
    }

    /// The notices about what was counted and whose time is over.
    pub fn due(&self, settings: &Settings, now: Instant) -> Vec<Notice> {
        let bundle = settings.notify.bundle;
        let mut kinds = self.kinds.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let is_over = |kind: &Kind| now.saturating_duration_since(kind.began) >= bundle;
        let over: Vec<Kind> =
            kinds.extract_if(|_, kind| is_over(kind)).map(|(_, kind)| kind).collect();
        over.iter()
            .filter(|kind| kind.further > 0)
            .map(|kind| notice(&kind.last, kind.further, kind.recipients, settings))
            .collect()
    }
}

/// How often [`Bundle::due`] is worth asking.
pub const ROUND: Duration = Duration::from_secs(5);

/// Whether the settings ask for a notice.
fn is_told(record: &Record, settings: &Settings) -> bool {
    let notify = &settings.notify;
    let by_decision = notify.admin_decisions.iter().any(|d: &Told| d.name() == record.decision);
    let by_score = notify.admin_score.is_some_and(|score| record.score >= score);
    !notify.admin.is_empty() && !record.is_drill() && (by_decision || by_score)
}

fn kind(record: &Record) -> String {
    let subject: String = record.subject.chars().filter(|c| !c.is_numeric()).take(80).collect();
    let ids: Vec<&str> = record.findings.iter().take(3).map(|f| f.id.as_str()).collect();
    format!("{}\n{}\n{subject}\n{}", record.direction, record.decision, ids.join(" "))
}

fn notice(record: &Record, further: u32, recipients: u32, settings: &Settings) -> Notice {
    let sections = languages(settings)
        .iter()
        .map(|&lang| section(lang, record, further, recipients))
        .collect();
    let count = if further > 0 { format!(" (+{further})") } else { String::new() };
    Notice {
        to: settings.notify.admin.clone(),
        subject: format!(
            "【sekisho】{} {}{count}: {}",
            record.direction, record.decision, record.subject
        ),
        sections,
    }
}

fn section(lang: &'static str, record: &Record, further: u32, recipients: u32) -> Section {
    let is_japanese = lang == "ja";
    let word = |ja: &str, en: &str| (if is_japanese { ja } else { en }).to_owned();
    let first = match (further, is_japanese) {
        (0, true) => "次のメールを検知しました。".to_owned(),
        (0, false) => "The following message was noticed.".to_owned(),
        (n, true) => {
            format!(
                "同様のメールがさらに {n} 通（宛先のべ {recipients} 件）ありました。最後の1通は次のとおりです。"
            )
        }
        (n, false) => {
            format!(
                "{n} more messages of this kind came, to {recipients} recipients. The last one:"
            )
        }
    };
    let shown: Vec<&str> = record.recipients.iter().take(10).map(String::as_str).collect();
    let more = record.recipients.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" (+{more})") } else { String::new() };
    let mut facts = vec![
        (word("処置", "Decision"), record.decision.clone()),
        (word("点数", "Score"), record.score.to_string()),
        (word("件名", "Subject"), record.subject.clone()),
        (word("差出人", "From"), record.from.clone()),
        ("MAIL FROM".to_owned(), record.mail_from.clone()),
        (word("宛先", "To"), format!("{}{more}", shown.join(", "))),
        (word("送信元", "Client"), record.client.clone()),
        (word("利用者", "User"), record.user.clone()),
        (word("日時", "Time"), record.time.clone()),
        (word("番号", "ID"), record.id.clone()),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    let signs = record.findings.iter().take(MOST_SIGNS).map(|f| match f.ruling.as_str() {
        "" => format!("{} ({}): {}", f.id, f.points, f.evidence),
        ruling => format!("{} [{ruling}]: {}", f.id, f.evidence),
    });
    let mut blocks = vec![Block::Line(first), Block::Facts(facts)];
    if !record.findings.is_empty() {
        blocks.push(Block::Line(word("確認された点", "What was noticed")));
        blocks.push(Block::List(signs.collect()));
    }
    blocks.push(Block::Line(word(
        "職員への注意喚起は「sekisho warn 番号」で作成できます。",
        "`sekisho warn ID` writes a warning to all staff.",
    )));
    Section { lang, blocks }
}

/// Kinds that are counted at once; what is beyond is told one by one.
const MOST_KINDS: usize = 1_000;

/// Signs that are named.
const MOST_SIGNS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Found;

    fn settings() -> Settings {
        let mut settings = Settings::default();
        settings.notify.admin = vec!["it@own.example".into()];
        settings.notify.admin_score = Some(30);
        settings
    }

    fn record(subject: &str, decision: &str, score: u16) -> Record {
        Record {
            subject: subject.into(),
            decision: decision.into(),
            direction: "inbound".into(),
            score,
            recipients: vec!["a@own.example".into(), "b@own.example".into()],
            findings: vec![Found { id: "double-extension".into(), ..Found::default() }],
            ..Record::default()
        }
    }

    #[test]
    fn what_the_settings_name_is_told() {
        let told = |decision, score| {
            Bundle::default()
                .tell(&record("a", decision, score), &settings(), Instant::now())
                .is_some()
        };
        assert!(told("hold", 0) && told("reject", 0) && told("tag", 30));
        assert!(!told("tag", 29) && !told("banner", 10));
        let mut drill = record("a", "tag", 100);
        drill.actions = vec!["drill".into()];
        assert!(Bundle::default().tell(&drill, &settings(), Instant::now()).is_none());
        let nobody = Settings::default();
        let mail = record("a", "hold", 100);
        assert!(Bundle::default().tell(&mail, &nobody, Instant::now()).is_none());
    }

    #[test]
    fn a_campaign_is_one_notice_with_a_count() {
        let (bundle, settings, start) = (Bundle::default(), settings(), Instant::now());
        let first = bundle.tell(&record("請求書 1", "hold", 90), &settings, start);
        assert!(first.is_some());
        for n in 2..=100 {
            let mail = record(&format!("請求書 {n}"), "hold", 90);
            assert_eq!(bundle.tell(&mail, &settings, start), None);
        }
        let other = bundle.tell(&record("別の件", "hold", 90), &settings, start);
        assert!(other.is_some());
        assert_eq!(bundle.due(&settings, start).len(), 0);
        let over = start + settings.notify.bundle;
        let due = bundle.due(&settings, over);
        assert_eq!(due.len(), 1);
        assert!(due[0].subject.ends_with("hold (+99): 請求書 100"), "{}", due[0].subject);
        assert!(due[0].text().contains("宛先のべ 198 件"), "{}", due[0].text());
        assert!(bundle.due(&settings, over).is_empty());
    }
}
