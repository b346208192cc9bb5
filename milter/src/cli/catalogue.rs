//! `sekisho indicators` and `sekisho explain`: of indicators, of what they earn by standing together,
//! of what speaks for a mail, and of the rules for outgoing mail.

use std::path::Path;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use sekisho_config::suggestion;
use sekisho_heuristics::counter;
use sekisho_heuristics::indicator::Words;
use sekisho_heuristics::indicators::ALL;
use sekisho_heuristics::policy::Policy;
use sekisho_heuristics::score::THEME_BY_STRANGER;

use super::{Failure, Outcome, config_dir, policy, print, rulebook, settings};

/// Lists every indicator with its points, and every rule for outgoing mail with what is done.
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
    let Points { default, yours, effective } =
        &Points::of(THEME_BY_STRANGER.id, THEME_BY_STRANGER.points, &policy);
    table.add_row([THEME_BY_STRANGER.id, "–", ADDS, default, yours, effective]);
    for column in 3..6 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    print(&format!("{table}\n\n{rules}\n", rules = rulebook::table(&policy)))
}

/// Says what one indicator or rule means.
pub(super) fn explain(id: &str, config: Option<&Path>) -> Outcome {
    if let Some(counter) = counter::ALL.iter().find(|c| c.id == id) {
        let policy = policy(settings(config_dir(config).as_deref())?)?;
        let points = Points::of(id, counter.points, &policy);
        let head = format!("  takes points off the score: {points}");
        return print(&explanation(id, &head, counter.says, counter.means));
    }
    if let Some(rule) = rulebook::find(id) {
        let policy = policy(settings(config_dir(config).as_deref())?)?;
        return print(&rulebook::explanation(rule, &policy));
    }
    if id == THEME_BY_STRANGER.id {
        let policy = policy(settings(config_dir(config).as_deref())?)?;
        let together = &THEME_BY_STRANGER;
        let points = Points::of(id, together.points, &policy);
        let head = format!(
            "  adds points to each sign of group {} that stands beside {}: {points}",
            together.group.name(),
            together.with,
        );
        return print(&explanation(id, &head, together.says, together.means));
    }
    let Some(indicator) = ALL.iter().find(|i| i.id == id) else {
        let ids = ALL.iter().map(|i| i.id).chain(counter::ALL.iter().map(|c| c.id));
        let ids = ids.chain([THEME_BY_STRANGER.id]).chain(rulebook::ids());
        let hint = match suggestion(id, ids) {
            Some(near) => format!("did you mean {near}?"),
            None => "`sekisho indicators` lists them all".to_owned(),
        };
        return Err(Failure::Usage(format!("no such indicator or rule {id:?}; {hint}")));
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

/// What stands in the group's column for what findings earn by standing together.
const ADDS: &str = "(adds)";

/// What stands in the group's column for counter-evidence.
const TAKES_OFF: &str = "(takes off)";
