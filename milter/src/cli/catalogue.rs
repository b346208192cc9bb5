//! `sekisho indicators` and `sekisho explain`, of indicators and of what speaks for a mail.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use sekisho_config::suggestion;
use sekisho_heuristics::counter;
use sekisho_heuristics::indicator::Words;
use sekisho_heuristics::indicators::ALL;
use sekisho_heuristics::policy::Policy;

use super::{Failure, Outcome, config_dir, policy, settings};

/// Lists every indicator with its points.
pub(super) fn indicators(config: Option<&Path>) -> Outcome {
    let policy = policy(settings(config_dir(config).as_deref())?)?;
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["indicator", "clause", "group", "default", "yours", "effective"]);
    for indicator in ALL {
        let points = Points::of(indicator.id, indicator.points, &policy);
        table.add_row([
            indicator.id,
            indicator.clause.unwrap_or("–"),
            indicator.group.name(),
            &points.default,
            &points.yours,
            &points.effective,
        ]);
    }
    for counter in counter::ALL {
        let points = Points::of(counter.id, counter.points, &policy);
        let Points { default, yours, effective } = &points;
        table.add_row([counter.id, "–", TAKES_OFF, default, yours, effective]);
    }
    for column in 3..6 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    print(&format!("{table}\n"))
}

/// Says what one indicator means.
pub(super) fn explain(id: &str, config: Option<&Path>) -> Outcome {
    if let Some(counter) = counter::ALL.iter().find(|c| c.id == id) {
        let policy = policy(settings(config_dir(config).as_deref())?)?;
        let points = Points::of(id, counter.points, &policy);
        let head = format!("  takes points off the score: {points}");
        return print(&explanation(id, &head, counter.says, counter.means));
    }
    let Some(indicator) = ALL.iter().find(|i| i.id == id) else {
        let ids = ALL.iter().map(|i| i.id).chain(counter::ALL.iter().map(|c| c.id));
        let hint = match suggestion(id, ids) {
            Some(near) => format!("did you mean {near}?"),
            None => "`sekisho indicators` lists them all".to_owned(),
        };
        return Err(Failure::Usage(format!("no such indicator {id:?}; {hint}")));
    };
    let policy = policy(settings(config_dir(config).as_deref())?)?;
    let points = Points::of(id, indicator.points, &policy);
    let clause = indicator.clause.map_or_else(
        || "none (a sign beyond the rule books' table)".to_owned(),
        |clause| format!("{clause} of the rule books' table"),
    );
    let head = format!(
        "  clause  {clause}\n  group   {} (at most {} points together)\n  points  {points}",
        indicator.group.name(),
        policy.cap(indicator.group),
    );
    print(&explanation(id, &head, indicator.says, indicator.means))
}

fn explanation(id: &str, head: &str, says: Words, means: Words) -> String {
    format!(
        "{id}\n\n{head}\n\n日本語\n  {}\n  {}\n\nEnglish\n  {}\n  {}\n",
        says.ja, means.ja, says.en, means.en,
    )
}

struct Points {
    default: String,
    yours: String,
    effective: String,
}

impl Points {
    fn of(id: &str, shipped: u16, policy: &Policy) -> Points {
        let or_off = |points: Option<u16>| points.map_or("off".to_owned(), |p| p.to_string());
        let yours = policy.settings().weights.get(id);
        Points {
            default: shipped.to_string(),
            yours: yours.map_or_else(|| "–".to_owned(), |w| or_off(w.points)),
            effective: or_off(policy.points(id)),
        }
    }
}

impl std::fmt::Display for Points {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Points { default, yours, effective } = self;
        write!(f, "default {default}, yours {yours}, effective {effective}")
    }
}

fn print(text: &str) -> Outcome {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| Failure::Io("standard output".into(), e))?;
    Ok(ExitCode::SUCCESS)
}

/// What stands in the group's column for counter-evidence.
const TAKES_OFF: &str = "(takes off)";
