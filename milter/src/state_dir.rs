//! Where state is kept.
//!
//! Way in: [`state_dir`]. The order: what `state_dir` in `filter.toml` says, what systemd gives the
//! service, `/var/lib/sekisho` where the service has made it (for commands of administrators),
//! `$XDG_STATE_HOME/sekisho`, the user's `.local/state/sekisho`.

use std::ffi::OsString;
use std::path::PathBuf;

use sekisho_config::Settings;

/// The folder of the service in production (systemd's `StateDirectory=sekisho`).
const SERVICE: &str = "/var/lib/sekisho";

/// The folder for state; it need not exist yet.
pub fn state_dir(settings: &Settings) -> PathBuf {
    let given = settings.filter.state_dir.clone();
    given.unwrap_or_else(|| by_environment(|name| std::env::var_os(name), PathBuf::from(SERVICE)))
}

fn by_environment(ask: impl Fn(&str) -> Option<OsString>, service: PathBuf) -> PathBuf {
    let path = |name| ask(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    // systemd lists several with colons between.
    let systemd = path("STATE_DIRECTORY");
    let first = systemd.and_then(|d| Some(PathBuf::from(d.to_str()?.split(':').next()?)));
    first
        .or_else(|| service.is_dir().then_some(service))
        .or_else(|| path("XDG_STATE_HOME").map(|home| home.join("sekisho")))
        .or_else(|| path("HOME").map(|home| home.join(".local/state/sekisho")))
        .unwrap_or_else(|| PathBuf::from("sekisho-state"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(environment: &[(&str, &str)], expected: &str) {
        let ask = |name: &str| {
            environment.iter().find(|(known, _)| *known == name).map(|(_, v)| OsString::from(*v))
        };
        assert_eq!(by_environment(ask, "/nowhere/at/all".into()), PathBuf::from(expected));
    }

    #[test]
    fn the_nearest_word_counts() {
        let home = ("HOME", "/u/taro");
        check(&[home], "/u/taro/.local/state/sekisho");
        check(&[home, ("XDG_STATE_HOME", "/state")], "/state/sekisho");
        check(&[home, ("STATE_DIRECTORY", "/var/lib/a:/var/lib/b")], "/var/lib/a");
        check(&[home, ("STATE_DIRECTORY", "")], "/u/taro/.local/state/sekisho");
        check(&[], "sekisho-state");
    }
}
