//! `sekisho run`: the milter from start to stop.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use sekisho_config::{Listen, Settings};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{Failure, Outcome, RunArgs, config_dir, policy, settings};
use crate::books::Books;
use crate::filter::Filter;
use crate::handler::Checkpoint;
use crate::server::{self, Service};
use crate::socket::Sockets;
use crate::{log, metrics, notify};

/// Runs until SIGTERM or SIGINT; SIGHUP reads the configuration again.
pub(super) fn run(args: &RunArgs) -> Outcome {
    let dir = config_dir(args.config.config.as_deref());
    let settings = settings(dir.as_deref())?;
    let _tail = log::start(settings.filter.log);
    let listen =
        if args.listen.is_empty() { &settings.filter.listen } else { &args.listen }.clone();
    let filter = Filter::new(policy(settings)?, args.offline).map_err(Failure::NameServer)?;
    let opened_at_once = filter.settings().filter.limits.opened_at_once;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Each thread that ever opened a file keeps some memory for the next.
        .max_blocking_threads(opened_at_once)
        .enable_all()
        .build()
        .map_err(|e| Failure::Io("worker threads".into(), e))?;
    runtime.block_on(serve(filter, listen, dir, args.offline))
}

async fn serve(
    filter: Filter,
    listen: Vec<Listen>,
    dir: Option<PathBuf>,
    offline: bool,
) -> Outcome {
    let settings = filter.settings().clone();
    let own = &settings.filter;
    // Before anybody can reach us: whoever asks us to end then is heard.
    let signals = Signals::watch();
    let sockets = Sockets::bind(&listen, own.socket_mode, own.socket_group.as_deref())
        .await
        .map_err(Failure::Bind)?;
    let bound = sockets.addresses();
    info!(
        "listening on {}, mode {}, settings {}",
        bound.join(" and "),
        settings.filter.mode.name(),
        filter.fingerprint()
    );
    if dir.is_none() {
        print_postconf(bound.first().map_or("", String::as_str));
    }
    let books = Books::open(&settings, offline).await;
    let checkpoint = Arc::new(Checkpoint::new(filter, books));
    let stop = CancellationToken::new();
    if let Some(address) = &settings.records.metrics {
        match tokio::net::TcpListener::bind(address).await {
            Ok(listener) => {
                let metrics = checkpoint.books().metrics().clone();
                metrics.set_ready(true);
                tokio::spawn(metrics::serve(listener, metrics, stop.clone()));
            }
            // Not worth a mail.
            Err(e) => warn!("no numbers are told at {address} (metrics in records.toml): {e}"),
        }
    }
    tokio::spawn(obey(signals, checkpoint.clone(), dir, offline, stop.clone()));
    notify::ready();
    let service = Service::new(settings.filter.limits.connections);
    server::serve(sockets, checkpoint.clone(), service, stop).await;
    checkpoint.books().stop().await;
    info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// The signals we listen to.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn watch() -> std::io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }
}

/// Stops on SIGTERM and SIGINT, reads the configuration again on SIGHUP.
async fn obey(
    signals: std::io::Result<Signals>,
    checkpoint: Arc<Checkpoint>,
    dir: Option<PathBuf>,
    offline: bool,
    stop: CancellationToken,
) {
    let Ok(Signals { mut terminate, mut interrupt, mut hangup }) = signals else {
        error!("cannot watch signals; stopping");
        return stop.cancel();
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => reload(&checkpoint, dir.clone(), offline),
        }
    }
    info!("stopping: no new connections, mails in flight are finished");
    notify::stopping();
    stop.cancel();
}

/// Puts new settings in force for new connections; a mistake leaves the old ones and is logged.
fn reload(checkpoint: &Checkpoint, dir: Option<PathBuf>, offline: bool) {
    notify::reloading();
    let old = checkpoint.filter();
    let read = settings(dir.as_deref())
        .and_then(policy)
        .and_then(|new| Filter::new(new, offline).map_err(Failure::NameServer));
    match read {
        Ok(new) => {
            let restart = needs_restart(old.settings(), new.settings());
            info!("configuration read again; settings {}", new.fingerprint());
            checkpoint.exchange(new);
            if !restart.is_empty() {
                info!("changed, but only a restart puts it in force: {}", restart.join(", "));
            }
        }
        Err(Failure::Config(problems)) => {
            for problem in &problems {
                error!("{problem}");
            }
            error!("configuration not read again for these mistakes; the old one stays");
        }
        Err(other) => error!("configuration not read again: {other}"),
    }
    notify::ready();
}

/// Keys whose change is not taken over by a reload.
fn needs_restart(old: &Settings, new: &Settings) -> Vec<&'static str> {
    let store = old.store != new.store;
    let records = old.records != new.records;
    let holds = old.hold.holdd != new.hold.holdd || old.hold.interval != new.hold.interval;
    let (old, new) = (&old.filter, &new.filter);
    [
        ("store.toml", store),
        ("records.toml", records),
        ("hold.toml: holdd, interval", holds),
        ("state_dir", old.state_dir != new.state_dir),
        ("listen", old.listen != new.listen),
        ("socket_mode", old.socket_mode != new.socket_mode),
        ("socket_group", old.socket_group != new.socket_group),
        ("limits.connections", old.limits.connections != new.limits.connections),
        ("log", old.log != new.log),
    ]
    .into_iter()
    .filter_map(|(key, changed)| changed.then_some(key))
    .collect()
}

/// The two lines to paste, for somebody who runs us for the first time.
fn print_postconf(address: &str) {
    let lines = format!(
        "No configuration folder: built-in defaults. To put Postfix behind this filter, run as root:\n\
         \n  postconf -e 'smtpd_milters = {address}'\n  postconf -e 'milter_default_action = tempfail'\n\n\
         then `postfix reload`. Stop with Ctrl-C.\n"
    );
    // Nobody may be reading; the milter runs all the same.
    let _ = std::io::stdout().write_all(lines.as_bytes());
}
