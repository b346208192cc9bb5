//! `--set KEY=VALUE`: one change to the settings that are compared.
//!
//! Way in: [`apply`], then [`Policy::new`], which knows ids. Keys are those of the configuration
//! files: `banner` (or `thresholds.banner`), `weights.ID`, `caps.GROUP`, `rulings.RULE`. What is
//! wrong is told with what would be right.

use sekisho_config::{Cap, OwnRuling, Place, Ruling, Settings, Thresholds, Weight, suggestion};
use sekisho_heuristics::policy::Policy;

/// The policy of `settings` with `changes` put in.
///
/// # Errors
/// What is wrong with the first change that is, in English.
pub fn apply(settings: &Settings, changes: &[String]) -> Result<Policy, String> {
    let mut settings = settings.clone();
    for change in changes {
        put(&mut settings, change).map_err(|why| format!("--set {change}: {why}"))?;
    }
    ascending(&settings.thresholds)?;
    match Policy::new(settings) {
        (policy, problems) if problems.is_empty() => Ok(policy),
        (_, problems) => {
            let told = problems.iter().map(|p| format!("--set {}: {}", p.key, p.message));
            Err(told.collect::<Vec<_>>().join("\n"))
        }
    }
}

fn put(settings: &mut Settings, change: &str) -> Result<(), String> {
    let (key, value) = change.split_once('=').ok_or("write it as KEY=VALUE, such as banner=35")?;
    let (key, value) = (key.trim(), value.trim().trim_matches('"'));
    let place = || Place { file: "--set".to_owned(), line: 0 };
    match key.split_once('.').unwrap_or(("thresholds", key)) {
        ("thresholds", name) => {
            let thresholds = &mut settings.thresholds;
            let threshold = match name {
                "tag" => &mut thresholds.tag,
                "banner" => &mut thresholds.banner,
                "hold" => &mut thresholds.hold,
                "reject" => &mut thresholds.reject,
                _ => return Err(unknown(name, &["tag", "banner", "hold", "reject"])),
            };
            *threshold = points_or_off(value)?;
        }
        ("weights", id) => {
            let points = points_or_off(value)?;
            settings.weights.insert(id.to_owned(), Weight { points, place: place() });
        }
        ("caps", group) => {
            let points = points_or_off(value)?.ok_or("a cap cannot be \"off\"; 0 to 100")?;
            settings.caps.insert(group.to_owned(), Cap { points, place: place() });
        }
        ("rulings", id) => {
            let own = OwnRuling { ruling: ruling(value)?, place: place() };
            settings.outbound.rulings.insert(id.to_owned(), own);
        }
        (table, _) => return Err(unknown(table, &["thresholds", "weights", "caps", "rulings"])),
    }
    Ok(())
}

fn points_or_off(value: &str) -> Result<Option<u16>, String> {
    if value == "off" {
        return Ok(None);
    }
    let points = value.parse().ok().filter(|points| *points <= 100);
    points.map(Some).ok_or_else(|| format!("{value:?} is neither 0 to 100 nor off"))
}

fn ruling(value: &str) -> Result<Ruling, String> {
    let all = [Ruling::Off, Ruling::Warn, Ruling::Convert, Ruling::Hold, Ruling::Reject];
    let found = all.into_iter().find(|ruling| ruling.name() == value);
    found.ok_or_else(|| unknown(value, &all.map(Ruling::name)))
}

fn unknown(written: &str, known: &[&str]) -> String {
    let hint = match suggestion(written, known.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("known are {}", known.join(", ")),
    };
    format!("no such key or value {written:?}; {hint}")
}

/// Thresholds ascend, as `check-config` demands.
fn ascending(t: &Thresholds) -> Result<(), String> {
    let named = [("tag", t.tag), ("banner", t.banner), ("hold", t.hold), ("reject", t.reject)];
    let mut set = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let Some(mut lower) = set.next() else { return Ok(()) };
    for next in set {
        if next.1 < lower.1 {
            return Err(format!(
                "--set: {} ({}) is below {} ({}); thresholds ascend: tag <= banner <= hold <= \
                 reject, so set the other one too",
                next.0, next.1, lower.0, lower.1
            ));
        }
        lower = next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn wrong(change: &str, expected: &str) {
        let error = apply(&Settings::default(), &[change.to_owned()]).err().unwrap_or_default();
        assert!(error.contains(expected), "{change}: {error}");
    }

    #[test]
    fn each_kind_of_key_is_put_in() {
        let changes = [
            "banner=35",
            "thresholds.hold=off",
            "weights.html-form=20",
            "weights.free-mail-sender = off",
            "caps.text=10",
            "rulings.lookalike-recipient=\"hold\"",
        ];
        let policy = apply(&Settings::default(), &changes.map(str::to_owned)).unwrap();
        let settings = policy.settings();
        assert_eq!((settings.thresholds.banner, settings.thresholds.hold), (Some(35), None));
        assert_eq!(policy.points("html-form"), Some(20));
        assert_eq!(policy.points("free-mail-sender"), None);
        assert_eq!(settings.caps["text"].points, 10);
        assert_eq!(settings.outbound.rulings["lookalike-recipient"].ruling, Ruling::Hold);
    }

    #[test]
    fn what_is_wrong_is_told_with_what_would_be_right() {
        wrong("banner", "KEY=VALUE");
        wrong("baner=35", "did you mean banner?");
        wrong("weigths.html-form=3", "did you mean weights?");
        wrong("weights.html-from=3", "did you mean html-form?");
        wrong("weights.html-form=101", "neither 0 to 100 nor off");
        wrong("caps.txt=3", "did you mean text?");
        wrong("caps.text=off", "cannot be");
        wrong("rulings.lookalike-recipients=hold", "did you mean lookalike-recipient?");
        wrong("rulings.lookalike-recipient=holt", "did you mean hold?");
        wrong("rulings.lookalike-recipient=convert", "no clause says");
        wrong("tag=90", "thresholds ascend");
    }
}
