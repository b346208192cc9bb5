//! `sekisho holdd`: the privileged companion from start to stop.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use sekisho_config::{Listen, Log};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Failure, Outcome};
use crate::holdd::{self, Commands};
use crate::socket::Sockets;
use crate::{log, notify};

/// Options of `sekisho holdd`. It reads no configuration: fewer doors into what runs as root.
#[derive(Args)]
pub(super) struct HolddArgs {
    /// Listen on this unix socket
    #[arg(long, value_name = "PATH", default_value = holdd::SOCKET)]
    socket: PathBuf,
    /// Group that may connect to the socket, a name or a number
    #[arg(long, value_name = "GROUP", default_value = "sekisho")]
    group: String,
    /// Folder of Postfix's configuration [default: Postfix's own]
    #[arg(long, value_name = "DIR")]
    postfix_config: Option<PathBuf>,
    /// User that may ask beside root, a name or a number (repeatable)
    #[arg(long, value_name = "USER", default_value = "sekisho")]
    allow_user: Vec<String>,
}

/// Runs until SIGTERM or SIGINT.
pub(super) fn serve(args: &HolddArgs) -> Outcome {
    let _tail = log::start(Log::Auto);
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut allowed = vec![ROOT];
    for user in &args.allow_user {
        match user_id(&accounts, user) {
            Some(uid) => allowed.push(uid),
            None => {
                return Err(Failure::Usage(format!(
                    "no user {user} in /etc/passwd; a number would do as well"
                )));
            }
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::Io("event loop".into(), e))?;
    runtime.block_on(run(args, allowed))
}

async fn run(args: &HolddArgs, allowed: Vec<u32>) -> Outcome {
    let commands = Commands::find(args.postfix_config.as_deref())
        .await
        .map_err(|e| Failure::Io("Postfix's commands".into(), std::io::Error::other(e)))?;
    let listen = [Listen::Unix(args.socket.clone())];
    let sockets =
        Sockets::bind(&listen, SOCKET_MODE, Some(&args.group)).await.map_err(Failure::Bind)?;
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
        return Err(Failure::Io("signals".into(), std::io::Error::other("cannot be watched")));
    };
    let uids: Vec<String> = allowed.iter().map(u32::to_string).collect();
    info!("listening on {}, uids that may ask: {}", args.socket.display(), uids.join(", "));
    if !is_root() {
        warn!("this is not root: Postfix will let nothing be done");
    }
    notify::ready();
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        notify::stopping();
        stopping.cancel();
    });
    holdd::serve(sockets, commands, allowed, stop).await;
    info!("stopped");
    Ok(ExitCode::SUCCESS)
}

fn is_root() -> bool {
    super::own_uid() == Some(ROOT)
}

/// The number of a user in the text of passwd(5): `name:password:number:…`.
fn user_id(accounts: &str, user: &str) -> Option<u32> {
    let number = |line: &str| line.split(':').nth(2)?.parse().ok();
    user.parse().ok().or_else(|| {
        accounts.lines().find(|line| line.split(':').next() == Some(user)).and_then(number)
    })
}

const ROOT: u32 = 0;

/// Owner and group read and write, others nothing.
const SOCKET_MODE: u32 = 0o660;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_name_and_number() {
        let accounts = "root:x:0:0::/:/bin/sh\nsekisho:x:990:990::/:/bin/false\nbroken\n";
        assert_eq!(user_id(accounts, "sekisho"), Some(990));
        assert_eq!(user_id(accounts, "7"), Some(7));
        assert_eq!(user_id(accounts, "seki"), None);
        assert_eq!(user_id(accounts, "broken"), None);
    }
}
