//! `sekisho forget`: a person asks to be forgotten.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use sha2::{Digest, Sha256};

use super::memory::open_store;
use super::{Failure, Outcome, config_dir, settings};
use crate::books::event;
use crate::record::Deed;
use crate::recording::hex;
use crate::store::{Store, Write};

#[derive(Args)]
pub(super) struct ForgetArgs {
    /// The person's mail address
    address: String,
    /// Folder of the configuration [default: /etc/sekisho if it exists, else built-in defaults]
    #[arg(long, value_name = "DIR")]
    config: Option<PathBuf>,
}

/// Forgets one address in the store. What stands in the audit log stays there until its time is
/// over: it is evidence, and cannot be changed unseen.
pub(super) fn forget(args: &ForgetArgs) -> Outcome {
    if !args.address.contains('@') {
        let what =
            format!("{:?} is no mail address; allowed is e.g. taro@example.com", args.address);
        return Err(Failure::Usage(what));
    }
    let settings = settings(config_dir(args.config.as_deref()).as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::Io("event loop".into(), e))?;
    let failed = |e: crate::store::StoreError| {
        Failure::Io("the store (store.toml)".into(), std::io::Error::other(e.to_string()))
    };
    let rows = runtime.block_on(async {
        let store = open_store(&settings).await?;
        let rows = store.forget(&args.address).await.map_err(failed)?;
        // Who was forgotten is not written down, only a mark by which the request can be found.
        let mark = hex(&Sha256::digest(args.address.to_lowercase().as_bytes()));
        let mark = mark.get(..16).unwrap_or_default();
        let told = event("administrator", Deed::Forgotten, mark, &format!("{rows} rows"));
        store.write(&[Write::Event(told)]).await.map_err(failed)?;
        Ok::<u64, Failure>(rows)
    })?;
    let text = format!(
        "{rows} rows of the store changed. The audit log keeps what stands in it until its time is \
         over.\n"
    );
    let out = std::io::stdout().write_all(text.as_bytes());
    out.map_err(|e| Failure::Io("standard output".into(), e))?;
    Ok(ExitCode::SUCCESS)
}
