//! `sekisho indicators` and `sekisho explain`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use sekisho_config::suggestion;
use sekisho_heuristics::indicator::Indicator;
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
        let points = Points::of(indicator, &policy);
        table.add_row([
            indicator.id,
            indicator.clause.unwrap_or("–"),
            indicator.group.name(),
            &points.default,
            &points.yours,
            &points.effective,
        ]);
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
    let Some(indicator) = ALL.iter().find(|i| i.id == id) else {
        let hint = match suggestion(id, ALL.iter().map(|i| i.id)) {
            Some(near) => format!("did you mean {near}?"),
            None => "`sekisho indicators` lists them all".to_owned(),
        };
        return Err(Failure::Usage(format!("no such indicator {id:?}; {hint}")));
    };
    let policy = policy(settings(config_dir(config).as_deref())?)?;
    let points = Points::of(indicator, &policy);
    let clause = indicator.clause.map_or_else(
        || "none (a sign beyond the rule books' table)".to_owned(),
        |clause| format!("{clause} of the rule books' table"),
    );
    print(&format!(
        "{id}\n\n  clause  {clause}\n  group   {group} (at most {cap} points together)\n  \
         points  default {default}, yours {yours}, effective {effective}\n\n\
         日本語\n  {ja}\n  {means_ja}\n\nEnglish\n  {en}\n  {means_en}\n",
        group = indicator.group.name(),
        cap = policy.cap(indicator.group),
        default = points.default,
        yours = points.yours,
        effective = points.effective,
        ja = indicator.says.ja,
        en = indicator.says.en,
        means_ja = indicator.means.ja,
        means_en = indicator.means.en,
    ))
}

struct Points {
    default: String,
    yours: String,
    effective: String,
}

impl Points {
    fn of(indicator: &Indicator, policy: &Policy) -> Points {
        let or_off = |points: Option<u16>| points.map_or("off".to_owned(), |p| p.to_string());
        let yours = policy.settings().weights.get(indicator.id);
        Points {
            default: indicator.points.to_string(),
            yours: yours.map_or_else(|| "–".to_owned(), |w| or_off(w.points)),
            effective: or_off(policy.points(indicator.id)),
        }
    }
}

fn print(text: &str) -> Outcome {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| Failure::Io("standard output".into(), e))?;
    Ok(ExitCode::SUCCESS)
}
