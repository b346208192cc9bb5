//! The log: one line a mail, beginning with the queue id; the level says who is at fault.
//!
//! `error` is ours or the administrator's to mend, `warn` a trusted peer in a strange state,
//! `info` the record of what was done, `debug` what outsiders do every day. Text and journald show
//! the sentence alone; journald and JSON carry the values as fields besides. Values from mail come
//! here already made safe to show.
//!
//! Way in: [`start`]. Invariant: who reads standard error slowly or not at all keeps no mail
//! waiting. Lines wait in memory, [`WAITING_LINES`] of them; further ones are left out, and how many
//! is told as soon as the others are written. What a panic says goes the same way.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

use sekisho_config::Log;
use sekisho_heuristics::indicator::safe_to_show;
use tracing::{error, warn};
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::debug_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What is still to be written: keep it to the end. Dropping it waits for that, a short while.
#[must_use]
pub struct Tail {
    writing: Option<WorkerGuard>,
    left_out: Arc<LeftOut>,
}

/// Starts the log. `RUST_LOG` changes what is written (`RUST_LOG=debug`); without it, `info`.
pub fn start(kind: Log) -> Tail {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let registry = tracing_subscriber::registry().with(filter);
    let kind = match kind {
        // systemd sets this where standard error goes to its journal.
        Log::Auto if std::env::var_os("JOURNAL_STREAM").is_some() => Log::Journald,
        Log::Auto => Log::Text,
        other => other,
    };
    let (out, tail) = standard_error();
    // A second start, as in tests, keeps the first log.
    let _ = match kind {
        Log::Journald => match tracing_journald::layer() {
            Ok(layer) => registry.with(layer).try_init(),
            // No journal socket after all: standard error is better than silence.
            Err(_) => registry.with(text(out)).try_init(),
        },
        Log::Json => {
            let layer = tracing_subscriber::fmt::layer().json().flatten_event(true);
            registry.with(layer.with_target(false).with_writer(out)).try_init()
        }
        Log::Auto | Log::Text => registry.with(text(out)).try_init(),
    };
    // The usual hook writes to standard error itself, and would wait for its reader.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        error!("panic at {place}: {}", safe_to_show(panic.payload_as_str().unwrap_or_default()));
    }));
    tail
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.left_out.tell();
        let Some(writing) = self.writing.take() else { return };
        // Where nobody reads, the guard says so on standard output, which may be the same pipe: on
        // a thread that the end of the process does not wait for.
        let (done, ended) = mpsc::channel();
        let last = move || {
            drop(writing);
            let _ = done.send(());
        };
        if std::thread::Builder::new().spawn(last).is_ok() {
            let _ = ended.recv_timeout(FAREWELL);
        }
    }
}

/// Lines for which there was no room, and how many of them were told.
#[derive(Default)]
struct LeftOut {
    all: OnceLock<ErrorCounter>,
    told: AtomicUsize,
}

impl LeftOut {
    /// Logs how many there were since the last time, if any.
    fn tell(&self) {
        let all = self.all.get().map_or(0, ErrorCounter::dropped_lines);
        let told = self.told.swap(all, Ordering::Relaxed);
        if all > told {
            warn!("{} lines of this log were left out: nobody read it in time", all - told);
        }
    }
}

/// Standard error as its own thread writes to it.
struct Written {
    left_out: Arc<LeftOut>,
}

impl Write for Written {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        io::stderr().write(line)
    }

    /// Called when no line waits: there is room for one more.
    fn flush(&mut self) -> io::Result<()> {
        self.left_out.tell();
        io::stderr().flush()
    }
}

/// A way to standard error that never waits.
fn standard_error() -> (NonBlocking, Tail) {
    let left_out = Arc::<LeftOut>::default();
    let written = Written { left_out: Arc::clone(&left_out) };
    let builder = NonBlockingBuilder::default().buffered_lines_limit(WAITING_LINES);
    let (out, writing) = builder.lossy(true).thread_name("log").finish(written);
    let _ = left_out.all.set(out.error_counter());
    (out, Tail { writing: Some(writing), left_out })
}

fn text<S>(out: NonBlocking) -> impl tracing_subscriber::Layer<S>
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
        .with_writer(out)
}

/// What is written unless asked otherwise: ours from `info`, libraries only when they fail.
const DEFAULT: &str = "error,sekisho_milter=info";

/// Lines that wait for a slow reader; one mail's is about 1 kB.
const WAITING_LINES: usize = 4096;

/// How long the last lines may take at the end.
const FAREWELL: Duration = Duration::from_secs(2);

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
