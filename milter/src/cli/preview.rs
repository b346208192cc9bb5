//! `sekisho preview`: what other thresholds and points would have done.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::memory::{each_record, with_store};
use super::report::{PaperLanguage, tongue};
use super::{ConfigArgs, Failure, Format, Outcome, print};
use crate::preview::{Comparison, change, output};
use crate::report::department::Departments;
use crate::store::{Search, Store};
use sekisho_config::Settings;

#[derive(Args)]
pub(super) struct PreviewArgs {
    /// Change this: banner=35, weights.ID=20, caps.GROUP=50, rulings.RULE=hold; off switches off
    /// (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// How far to look back: 90m, 12h, 30d, 8w
    #[arg(long, value_name = "TIME", default_value = "30d")]
    since: String,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Examples of each change
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(0..=1000))]
    examples: u16,
    /// Language [default: that of the settings, Japanese where they name both]
    #[arg(long, value_enum)]
    language: Option<PaperLanguage>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Replays what is on record and prints what would be otherwise.
pub(super) fn preview(args: &PreviewArgs) -> Outcome {
    let since = span(&args.since).map_err(Failure::Usage)?;
    with_store(args.config.config.as_deref(), async |store, settings| {
        let since_ms = Timestamp::now()
            .as_millisecond()
            .saturating_sub(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        print(&compared(store, settings, args, since_ms).await?)
    })
}

async fn compared<S: Store>(
    store: &S,
    settings: &Settings,
    args: &PreviewArgs,
    since_ms: i64,
) -> Result<String, Failure> {
    let today = super::policy(settings.clone())?;
    let new = change::apply(settings, &args.set).map_err(Failure::Usage)?;
    let departments = Departments::by_domain(settings);
    let mut comparison = Comparison::new(&today, &new, &departments, usize::from(args.examples));
    let search = Search { since_ms: since_ms.max(0), ..Search::default() };
    each_record(store, search, |record| comparison.record(record)).await?;
    let outcome = comparison.outcome();
    Ok(match args.format {
        Format::Jsonl => output::jsonl(&outcome, &args.set),
        Format::Table => output::table(&outcome, &args.set, tongue(args.language, settings)),
    })
}

/// Reads `30d` and the like.
fn span(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no time to look back; write it like 90m, 12h, 30d or 8w");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return Err(wrong()),
    };
    let number = text.strip_suffix(unit).and_then(|n| n.parse::<u32>().ok()).ok_or_else(wrong)?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::memory::fake::Shelf;
    use super::super::{Cli, Command};
    use super::*;
    use crate::record::Record;

    async fn preview(words: &str, records: Vec<Record>) -> Result<String, Failure> {
        let cli = Cli::try_parse_from(format!("sekisho preview {words}").split_whitespace());
        let Command::Preview(args) = cli.unwrap().command else { panic!("another command") };
        let shelf = Shelf { records: records.into(), ..Shelf::default() };
        compared(&shelf, &Settings::default(), &args, 1_000).await
    }

    #[tokio::test]
    async fn records_since_then_are_replayed() {
        let record = |at_ms| Record {
            id: format!("Q{at_ms}"),
            at_ms,
            direction: "inbound".into(),
            decision: "banner".into(),
            ..Record::default()
        };
        let records = vec![record(999), record(1_000), record(2_000)];
        let said = preview("--format jsonl --examples 1", records).await.unwrap();
        assert!(said.contains("\"banner->accept\":2"), "{said}");
        assert_eq!(said.lines().count(), 2, "{said}");
    }

    #[tokio::test]
    async fn a_wrong_change_is_wrong_usage() {
        let said = preview("--set baner=3", vec![]).await;
        assert!(matches!(said, Err(Failure::Usage(why)) if why.contains("did you mean banner?")));
    }

    #[test]
    fn times_to_look_back() {
        assert_eq!(span("30d"), Ok(Duration::from_secs(30 * 86_400)));
        assert_eq!(span("8w"), Ok(Duration::from_secs(56 * 86_400)));
        for text in ["", "d", "30", "-1d", "3y", "9999999999d", "1日"] {
            assert!(span(text).is_err(), "{text}");
        }
    }
}
