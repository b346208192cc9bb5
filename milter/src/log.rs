//! The log: one line a mail, beginning with the queue id; the level says who is at fault.
//!
//! `error` is ours or the administrator's to mend, `warn` a trusted peer in a strange state,
//! `info` the record of what was done, `debug` what outsiders do every day. Text and journald show
//! the sentence alone; journald and JSON carry the values as fields besides. Values from mail come
//! here already made safe to show.

use std::fmt::Write as _;
use std::io::IsTerminal;

use sekisho_config::Log;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::debug_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts the log. `RUST_LOG` changes what is written (`RUST_LOG=debug`); without it, `info`.
pub fn start(kind: Log) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let registry = tracing_subscriber::registry().with(filter);
    let kind = match kind {
        // systemd sets this where standard error goes to its journal.
        Log::Auto if std::env::var_os("JOURNAL_STREAM").is_some() => Log::Journald,
        Log::Auto => Log::Text,
        other => other,
    };
    // A second start, as in tests, keeps the first log.
    let _ = match kind {
        Log::Journald => match tracing_journald::layer() {
            Ok(layer) => registry.with(layer).try_init(),
            // No journal socket after all: standard error is better than silence.
            Err(_) => registry.with(text()).try_init(),
        },
        Log::Json => {
            let layer = tracing_subscriber::fmt::layer().json().flatten_event(true);
            registry.with(layer.with_target(false).with_writer(std::io::stderr)).try_init()
        }
        Log::Auto | Log::Text => registry.with(text()).try_init(),
    };
}

fn text<S>() -> impl tracing_subscriber::Layer<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    let only_the_sentence = debug_fn(|writer, field, value| match field.name() {
        "message" => write!(writer, "{value:?}"),
        _ => Ok(()),
    });
    tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .fmt_fields(only_the_sentence)
        .with_writer(std::io::stderr)
}

/// What is written unless asked otherwise: ours from `info`, libraries only when they fail.
const DEFAULT: &str = "error,sekisho_milter=info";

/// `key=value` pairs of a sentence, blanks in values quoted.
pub fn pairs(values: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (key, value) in values.iter().filter(|(_, v)| !v.is_empty()) {
        let blank = value.contains([' ', ',', '"']);
        let separator = if out.is_empty() { "" } else { ", " };
        // Writing into a String cannot fail.
        let _ = match blank {
            true => write!(out, "{separator}{key}={value:?}"),
            false => write!(out, "{separator}{key}={value}"),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_leave_empty_values_out() {
        assert_eq!(pairs(&[("a", "1"), ("b", ""), ("c", "x y")]), r#"a=1, c="x y""#);
    }
}
