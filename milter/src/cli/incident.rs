//! `sekisho incident`: evidence of one mail for a report of a leak.

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sekisho_config::Settings;
use sha2::{Digest, Sha256};

use super::memory::{each_event, record, with_store};
use super::report::{PaperFormat, PaperLanguage, shown, tongue};
use super::{ConfigArgs, Failure, Outcome, print};
use crate::incident::deadlines::Deadlines;
use crate::incident::{Incident, paper};
use crate::record::Event;
use crate::recording::hex;
use crate::store::Store;

#[derive(Args)]
pub(super) struct IncidentArgs {
    /// Id of the mail's record
    id: String,
    /// Level of the incident by the rule books
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..=3))]
    level: Option<u8>,
    /// When it became known, such as 2026-11-21: the deadlines count from then
    #[arg(long, value_name = "DAY")]
    known_at: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = PaperFormat::Text)]
    format: PaperFormat,
    /// Language [default: that of the settings, Japanese where they name both]
    #[arg(long, value_enum)]
    language: Option<PaperLanguage>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Prints the evidence.
pub(super) fn incident(args: &IncidentArgs) -> Outcome {
    let deadlines = match &args.known_at {
        Some(text) => Some(Deadlines::parse(text, &TimeZone::system()).map_err(Failure::Usage)?),
        None => None,
    };
    with_store(args.config.config.as_deref(), async |store, settings| {
        print(&evidence(store, settings, args, deadlines).await?)
    })
}

async fn evidence<S: Store>(
    store: &S,
    settings: &Settings,
    args: &IncidentArgs,
    deadlines: Option<Deadlines>,
) -> Result<String, Failure> {
    let record = record(store, &args.id).await?;
    let mut events: Vec<Event> = Vec::new();
    let now = Timestamp::now().as_millisecond().saturating_add(1);
    each_event(store, record.at_ms, now, |event| {
        if event.subject == record.id && events.len() < MOST_EVENTS {
            events.push(event.clone());
        }
    })
    .await?;
    let mark = hex(&Sha256::digest(serde_json::to_vec(&record).unwrap_or_default()));
    let (level, events) = (args.level, events.as_slice());
    let incident = Incident { record: &record, events, level, deadlines, mark: &mark };
    Ok(match args.format {
        PaperFormat::Jsonl => {
            let object = serde_json::json!({
                "record": record, "events": events, "level": level, "fate": incident.fate(),
                "persons": incident.persons(), "deadlines": incident.deadlines, "mark": mark,
            });
            format!("{object}\n")
        }
        format => shown(&paper(&incident, tongue(args.language, settings)), format),
    })
}

/// Events of one mail.
const MOST_EVENTS: usize = 1_000;

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::memory::fake::Shelf;
    use super::super::{Cli, Command};
    use super::*;
    use crate::record::{Deed, Record};

    async fn evidence_of(words: &str, shelf: &Shelf) -> Result<String, Failure> {
        let cli = Cli::try_parse_from(format!("sekisho incident {words}").split_whitespace());
        let Command::Incident(args) = cli.unwrap().command else { panic!("another command") };
        evidence(shelf, &Settings::default(), &args, None).await
    }

    #[tokio::test]
    async fn the_record_and_what_was_done_about_it() {
        let now = Timestamp::now().as_millisecond() - 100_000;
        let record = |id: &str| Record { id: id.into(), at_ms: now, ..Record::default() };
        let event = |at_ms, subject: &str| Event {
            at_ms,
            time: String::new(),
            host: String::new(),
            who: "boss@own.example".into(),
            what: Deed::Approved,
            subject: subject.into(),
            note: subject.into(),
        };
        let shelf = Shelf {
            records: vec![record("Q1"), record("Q2")].into(),
            events: vec![event(now + 5, "Q1"), event(now + 6, "Q2")].into(),
            ..Shelf::default()
        };
        let line = evidence_of("Q1 --format jsonl --level 2", &shelf).await.unwrap();
        let object: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&object["events"][0]["note"], &object["events"][1]),
            (&"Q1".into(), &serde_json::Value::Null)
        );
        assert_eq!((&object["level"], &object["record"]["id"]), (&2.into(), &"Q1".into()));
        assert!(
            evidence_of("Q1 --format html --language en", &shelf)
                .await
                .unwrap()
                .contains("<h1>Incident")
        );
        assert!(matches!(evidence_of("Q3", &shelf).await, Err(Failure::Usage(_))));
    }
}
