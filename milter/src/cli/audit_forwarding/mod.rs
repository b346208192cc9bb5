//! `sekisho audit-forwarding`: forwards that no milter sees.
//!
//! What local(8) and Dovecot forward is queued behind the milters, so that the rule
//! `automatic-forward-outside` never meets it. This command reads what they read (Postfix's alias
//! and virtual maps in their text form, Bcc maps, `.forward` files, Sieve scripts) and lists every
//! path that leaves the organisation. [`sources`] reads files, [`paths`] follows them; the other
//! parts are pure parsers. What cannot be read is told and makes the exit status 1.

mod output;
mod paths;
mod sieve;
mod sources;
mod table;
mod target;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{ConfigArgs, Failure, Format, Outcome, complain, config_dir, settings};
use sources::Sources;

#[derive(Args)]
pub(super) struct AuditArgs {
    /// Read main.cf of this folder [default: what postconf says, else /etc/postfix/main.cf]
    #[arg(long, value_name = "DIR")]
    postfix_config: Option<PathBuf>,
    /// Folder of home folders whose .forward is read (repeatable) [default: those of /etc/passwd]
    #[arg(long, value_name = "DIR")]
    home_root: Vec<PathBuf>,
    /// Sieve scripts: files, and folders with *.sieve (recursive)
    #[arg(long, value_name = "PATH", num_args = 1..)]
    sieve: Vec<PathBuf>,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    config: ConfigArgs,
    /// A domain of the organisation, added to the configured ones (repeatable)
    #[arg(long, value_name = "D")]
    own_domain: Vec<String>,
}

/// Reads everything that forwards, and prints what leaves.
pub(super) fn audit(args: &AuditArgs) -> Outcome {
    let mut own =
        settings(config_dir(args.config.config.as_deref()).as_deref())?.filter.own_domains;
    for domain in &args.own_domain {
        own.push(sekisho_config::domain(domain).map_err(Failure::Usage)?);
    }
    if own.is_empty() {
        let what = "no own domains are set: name them in filter.toml or with --own-domain";
        return Err(Failure::Usage(what.to_owned()));
    }
    let mut sources = Sources::default();
    sources.postfix(args.postfix_config.as_deref());
    sources.homes(&args.home_root);
    for path in &args.sieve {
        sources.sieve(path);
    }
    for problem in &sources.problems {
        complain(problem);
    }
    let found = paths::leaving(&sources.hops, &own);
    output::print(args.format, &found).map_err(|e| Failure::Io("standard output".to_owned(), e))?;
    Ok(ExitCode::from(u8::from(!sources.problems.is_empty())))
}
