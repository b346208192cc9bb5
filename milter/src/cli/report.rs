//! `sekisho report monthly` and `sekisho report sign-off`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sekisho_config::{Language, Settings};
use sekisho_heuristics::indicator::safe_to_show;

use super::memory::{each_event, each_record, failed, remember, with_store};
use super::{Failure, Outcome, print};
use crate::audit::{self, verify};
use crate::paper::{Paper, Tongue};
use crate::record::Deed;
use crate::recording::{host, with_offset};
use crate::report::department::Departments;
use crate::report::month::Month;
use crate::report::tally::Tally;
use crate::report::{Integrity, Open, Report, Signed, document, mark};
use crate::store::{Search, State, Store, Wanted};

/// What to report.
#[derive(Subcommand)]
pub(super) enum ReportCommand {
    /// The monthly review of the log: volumes, decisions, departments, holds, integrity, unusual days
    Monthly {
        #[command(flatten)]
        month: MonthArgs,
        /// How to print it
        #[arg(long, value_enum, default_value_t = PaperFormat::Text)]
        format: PaperFormat,
        /// Language [default: that of the settings, Japanese where they name both]
        #[arg(long, value_enum)]
        language: Option<PaperLanguage>,
    },
    /// Record that somebody has read the monthly report
    SignOff {
        #[command(flatten)]
        month: MonthArgs,
        /// Name of who has read it
        #[arg(long, value_name = "NAME")]
        by: String,
    },
}

#[derive(Args)]
pub(super) struct MonthArgs {
    /// Month, such as 2026-10 [default: the month before this one]
    #[arg(long, value_name = "MONTH")]
    month: Option<String>,
    /// Folder of the configuration [default: /etc/sekisho if it exists, else built-in defaults]
    #[arg(long, value_name = "DIR")]
    config: Option<PathBuf>,
}

/// How a paper is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PaperFormat {
    /// One HTML file with charts, for the screen and for A4
    Html,
    /// The numbers alone, one JSON object
    Jsonl,
    /// Text
    Text,
}

/// Language of a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PaperLanguage {
    /// English
    En,
    /// Japanese
    Ja,
}

/// Does what is asked.
pub(super) fn report(command: &ReportCommand) -> Outcome {
    let (ReportCommand::Monthly { month: at, .. } | ReportCommand::SignOff { month: at, .. }) =
        command;
    let (now, zone) = (Timestamp::now(), TimeZone::system());
    let month = match &at.month {
        Some(text) => Month::parse(text, &zone).map_err(Failure::Usage)?,
        None => Month::before(now, &zone)
            .ok_or_else(|| Failure::Usage("there is no month before this one".into()))?,
    };
    with_store(at.config.as_deref(), async |store, settings| match command {
        ReportCommand::Monthly { format, language, .. } => {
            let report = make(store, settings, &month, now, integrity(settings)).await?;
            let text = match format {
                PaperFormat::Jsonl => format!("{}\n", serde_json::json!(report)),
                _ => shown(&document::paper(&report, tongue(*language, settings)), *format),
            };
            print(&text)
        }
        ReportCommand::SignOff { by, .. } => sign_off(store, settings, &month, now, by).await,
    })
}

/// Checks the audit log of this host, against its own anchors and those in the file that the settings
/// name.
fn integrity(settings: &Settings) -> Integrity {
    let dir = audit::folder(settings);
    let outside = settings.records.anchors.file.as_deref().filter(|file| file.exists());
    let checked = verify::own_anchors(&dir).and_then(|mut anchors| {
        let own = anchors.len();
        anchors.extend(outside.map(verify::anchors_in).transpose()?.unwrap_or_default());
        let outside = anchors.len() - own;
        Ok((verify::verify(&dir, &anchors, host())?, outside))
    });
    match checked {
        Ok((log, _)) if log.files == 0 && log.found == 0 => Integrity::Empty,
        Ok((log, outside)) if log.found == 0 => Integrity::Whole {
            files: log.files as u64,
            entries: log.entries,
            anchors: outside as u64,
        },
        Ok((log, _)) => Integrity::Broken(log.findings.iter().map(ToString::to_string).collect()),
        Err(e) => Integrity::Unchecked(format!("{}: {e}", dir.display())),
    }
}

/// Counts the month and adds what is known now.
async fn make<S: Store>(
    store: &S,
    settings: &Settings,
    month: &Month,
    now: Timestamp,
    integrity: Integrity,
) -> Result<Report, Failure> {
    let departments = Departments::by_domain(settings);
    let mut tally = Tally::new(month, &departments, &settings.notify.drill_senders);
    let mut signed = None;
    // Drills are reported and months signed off after they are over.
    let until = now.as_millisecond().saturating_add(1).max(month.until_ms());
    each_event(store, month.since_ms(), until, |event| {
        tally.event(event);
        if let Some(signature) = Signed::in_event(event, month) {
            signed = Some(signature);
        }
    })
    .await?;
    let search =
        Search { since_ms: month.since_ms(), until_ms: month.until_ms(), ..Search::default() };
    each_record(store, search, |record| tally.record(record)).await?;
    let states = vec![State::Held, State::Releasing, State::Discarding];
    let holds = store.holds(&Wanted { states, ..Wanted::default() }).await.map_err(failed)?;
    let days_over = month.days_over(now.as_millisecond());
    let figures = tally.figures(days_over);
    Ok(Report {
        mark: mark(&figures),
        figures,
        made: with_offset(now),
        is_whole: days_over == month.days(),
        integrity,
        open: Open::of(&holds),
        signed,
    })
}

async fn sign_off<S: Store>(
    store: &S,
    settings: &Settings,
    month: &Month,
    now: Timestamp,
    by: &str,
) -> Outcome {
    let by = safe_to_show(by);
    if by.is_empty() {
        return Err(Failure::Usage("--by names nobody".into()));
    }
    let report = make(store, settings, month, now, integrity(settings)).await?;
    if !report.is_whole {
        let name = month.name();
        return Err(Failure::Usage(format!("{name} is not over yet; sign it off afterwards")));
    }
    remember(store, Deed::SignedOff, &by, &month.name(), Signed::note(&report)).await?;
    print(&format!("{} signed off by {by}, figures {}\n", month.name(), report.mark))
}

/// A paper in the form that was asked for.
pub(super) fn shown(paper: &Paper, format: PaperFormat) -> String {
    match format {
        PaperFormat::Html => paper.html(),
        PaperFormat::Jsonl | PaperFormat::Text => paper.text(),
    }
}

/// The language asked for, else that of the settings.
pub(super) fn tongue(asked: Option<PaperLanguage>, settings: &Settings) -> Tongue {
    match (asked, settings.actions.language) {
        (Some(PaperLanguage::En), _) | (None, Language::English) => Tongue::En,
        (Some(PaperLanguage::Ja), _) | (None, Language::Both | Language::Japanese) => Tongue::Ja,
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::fake::Shelf;
    use super::*;
    use crate::record::Record;
    use crate::store::{Hold, Reason};

    fn now() -> Timestamp {
        "2026-11-02T00:00:00Z".parse().unwrap()
    }

    fn october() -> Month {
        Month::parse("2026-10", &TimeZone::UTC).unwrap()
    }

    fn shelf() -> Shelf {
        let mail = |day: i64| Record {
            id: format!("Q{day}"),
            at_ms: october().since_ms() + day * 86_400_000,
            direction: "inbound".into(),
            decision: "banner".into(),
            from: "x@bad.example".into(),
            ..Record::default()
        };
        let held = |reason, state| Hold { held_ms: 1_000, reason, state, ..Hold::default() };
        let holds = vec![held(Reason::Approval, State::Held), held(Reason::Delay, State::Released)];
        Shelf {
            records: vec![mail(-1), mail(0), mail(30), mail(31)].into(),
            holds,
            ..Shelf::default()
        }
    }

    async fn made(shelf: &Shelf) -> Report {
        make(shelf, &Settings::default(), &october(), now(), Integrity::Empty).await.unwrap()
    }

    #[tokio::test]
    async fn the_month_alone_is_counted_and_what_is_still_held() {
        let report = made(&shelf()).await;
        assert_eq!(report.figures.inbound, [0, 0, 2, 0, 0, 0]);
        assert_eq!((report.open.approval, report.open.delay, report.open.oldest_ms), (1, 0, 1_000));
        assert!(report.is_whole && report.signed.is_none());
    }

    #[tokio::test]
    async fn a_month_signed_off_says_so_until_its_figures_change() {
        let shelf = shelf();
        let settings = Settings::default();
        let late: Timestamp = Timestamp::now();
        sign_off(&shelf, &settings, &october(), late, " 監査 花子\u{202E} ").await.unwrap();
        let again = make(&shelf, &settings, &october(), Timestamp::now(), Integrity::Empty).await;
        let again = again.unwrap();
        let signed = again.signed.unwrap();
        assert_eq!((signed.by.as_str(), &signed.mark), ("監査 花子\\u{202E}", &again.mark));
        shelf.records.lock().unwrap().remove(1);
        let changed = make(&shelf, &settings, &october(), Timestamp::now(), Integrity::Empty).await;
        let changed = changed.unwrap();
        assert_ne!(changed.signed.unwrap().mark, changed.mark);
    }

    #[tokio::test]
    async fn nobody_signs_off_a_month_that_goes_on() {
        let during: Timestamp = "2026-10-15T00:00:00Z".parse().unwrap();
        let refused = sign_off(&shelf(), &Settings::default(), &october(), during, "x").await;
        assert!(matches!(refused, Err(Failure::Usage(why)) if why.contains("not over")));
    }
}
