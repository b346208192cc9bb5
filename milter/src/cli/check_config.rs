//! `sekisho check-config`: every mistake at once, else what is in force.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::{CONFIG_DIR, Failure, Outcome, policy, rulebook, settings};

/// Reads the folder and says what is wrong; where nothing is, what the settings come to.
pub(super) fn check_config(dir: Option<&Path>) -> Outcome {
    let dir = dir.unwrap_or(Path::new(CONFIG_DIR));
    if !dir.is_dir() {
        let what = if dir.exists() { "is a file; name its folder" } else { "no such folder" };
        let error = std::io::Error::new(std::io::ErrorKind::NotFound, what);
        return Err(Failure::Io(dir.display().to_string(), error));
    }
    let policy = policy(settings(Some(dir))?)?;
    let settings = policy.settings();
    let t = &settings.thresholds;
    let or_off = |t: Option<u16>| t.map_or("off".to_owned(), |t| t.to_string());
    let text = format!(
        "{dir}: no mistakes\n  own domains  {own}\n\nmail that comes in\n  thresholds   tag {tag}, \
         banner {banner}, hold {hold}, reject {reject}\n  indicators   {active} of {all} looked at\n\n\
         mail that leaves\n{outbound}\n{rules}\n",
        dir = dir.display(),
        own = match settings.filter.own_domains.as_slice() {
            [] => "none set: nothing counts as outbound or internal".to_owned(),
            own => own.join(", "),
        },
        tag = or_off(t.tag),
        banner = or_off(t.banner),
        hold = or_off(t.hold),
        reject = or_off(t.reject),
        active = policy.active().len(),
        all = sekisho_heuristics::indicators::ALL.len(),
        outbound = rulebook::in_force(&policy),
        rules = rulebook::table(&policy),
    );
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|e| Failure::Io("standard output".into(), e))?;
    Ok(ExitCode::SUCCESS)
}
