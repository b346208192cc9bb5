//! The command line: what can be asked for, and who answers.
//!
//! Names and options are promises (interface of the product): add freely, change none.
//! Exit status: 0 done, 1 something could not be read or is wrong, 2 wrong usage.

mod audit_forwarding;
mod catalogue;
mod check_config;
mod forget;
mod hold;
mod holdd;
mod incident;
mod log;
mod manual;
mod memory;
mod preview;
mod report;
mod rulebook;
mod run;
mod scan;
mod scan_input;
mod scan_output;
mod warn;

use std::fmt;
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use sekisho_config::{Listen, Network, Problem, Settings};
use sekisho_heuristics::policy::Policy;

use crate::facts::BadNameServer;
use crate::socket::BindError;

/// Where the configuration lies in production.
pub const CONFIG_DIR: &str = "/etc/sekisho";

/// Judges mail for Postfix: what comes in by the rule books' table of targeted-attack signs, what
/// leaves by their rules for senders.
#[derive(Parser)]
#[command(name = "sekisho", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List every forward that leaves the organisation: aliases, .forward files, Sieve scripts
    AuditForwarding(audit_forwarding::AuditArgs),
    /// The audit log: is it as it was written, what stands in it
    #[command(subcommand)]
    Log(log::LogCommand),
    /// Forget a person: history, and the address in records of the store
    Forget(forget::ForgetArgs),
    /// See and decide about held mails
    Hold {
        #[command(subcommand)]
        command: hold::HoldCommand,
    },
    /// Run the privileged companion that releases and deletes held mails
    Holdd(holdd::HolddArgs),
    /// Run the milter
    Run(RunArgs),
    /// Judge mails without a mail server: files, folders, Maildirs, mboxes, standard input
    Scan(Box<ScanArgs>),
    /// Say what an indicator or a rule for outgoing mail means, its clause, its points or rulings
    Explain {
        /// Id of the indicator or rule, such as double-extension or top-secret-leaving
        id: String,
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// List every indicator with its points and every rule for outgoing mail with what is done where
    /// it speaks: default, yours, effective
    Indicators(ConfigArgs),
    /// Report every mistake in the configuration at once; without one, show what is in force
    CheckConfig {
        /// Folder of the configuration [default: /etc/sekisho]
        dir: Option<PathBuf>,
    },
    /// Report what happened, for the monthly review
    #[command(subcommand)]
    Report(report::ReportCommand),
    /// Show what other thresholds and points would have done to the mails on record
    Preview(preview::PreviewArgs),
    /// Write the warning to all staff about a mail on record; it is sent only with --send
    Warn(warn::WarnArgs),
    /// Write the evidence of a mail on record in the shape that a report of a leak needs
    Incident(incident::IncidentArgs),
    /// Print shell completions
    Completions {
        /// Shell to complete for
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder
    Manual {
        /// Folder to write to; it is made if missing
        dir: PathBuf,
    },
}

#[derive(Args)]
struct ConfigArgs {
    /// Folder of the configuration [default: /etc/sekisho if it exists, else built-in defaults]
    #[arg(long, value_name = "DIR")]
    config: Option<PathBuf>,
}

#[derive(Args)]
struct RunArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Listen here instead of the configured sockets: unix:PATH or inet:HOST:PORT (repeatable)
    #[arg(long, value_name = "ADDR")]
    listen: Vec<Listen>,
    /// No DNS, no virus scanner, no store; what they would have told is unknown
    #[arg(long)]
    offline: bool,
}

#[derive(Args)]
struct ScanArgs {
    /// Mails: .eml files, folders (*.eml and Maildir cur/new, recursive), mboxes, - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Which way the mails went
    #[arg(long, value_enum, default_value_t = Way::Auto)]
    direction: Way,
    #[command(flatten)]
    config: ConfigArgs,
    /// Believe the Authentication-Results of this authserv-id (repeatable)
    #[arg(long, value_name = "ID")]
    trust_authserv: Vec<String>,
    /// A domain of the organisation, added to the configured ones (repeatable)
    #[arg(long, value_name = "D")]
    own_domain: Vec<String>,
    /// A network of the organisation, added to the configured ones (repeatable)
    #[arg(long, value_name = "NET")]
    own_network: Vec<Network>,
    /// MAIL FROM [default: Return-Path, else From]
    #[arg(long, value_name = "A")]
    mail_from: Option<String>,
    /// RCPT TO (repeatable) [default: To, Cc and Bcc]
    #[arg(long, value_name = "A")]
    rcpt: Vec<String>,
    /// Address of the SMTP client [default: from Received]
    #[arg(long, value_name = "IP")]
    client_ip: Option<IpAddr>,
    /// Authenticated user
    #[arg(long, value_name = "U")]
    auth_user: Option<String>,
    /// No DNS, no virus scanner, no store; what they would have told is unknown
    #[arg(long)]
    offline: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object a result, in input order
    Jsonl,
    /// A table for people
    Table,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Way {
    /// Inbound unless own networks or authentication say otherwise
    Auto,
    /// From outside to us
    Inbound,
    /// From our own users or networks to the outside
    Outbound,
    /// Among ourselves
    Internal,
}

/// Reads the arguments and does what they ask.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::AuditForwarding(args) => audit_forwarding::audit(&args),
        Command::Log(command) => log::log(&command),
        Command::Forget(args) => forget::forget(&args),
        Command::Hold { command } => hold::hold(&command),
        Command::Holdd(args) => holdd::serve(&args),
        Command::Run(args) => run::run(&args),
        Command::Scan(args) => scan::scan(&args),
        Command::Explain { id, config } => catalogue::explain(&id, config.config.as_deref()),
        Command::Indicators(config) => catalogue::indicators(config.config.as_deref()),
        Command::CheckConfig { dir } => check_config::check_config(dir.as_deref()),
        Command::Report(command) => report::report(&command),
        Command::Preview(args) => preview::preview(&args),
        Command::Warn(args) => warn::warn(&args),
        Command::Incident(args) => incident::incident(&args),
        Command::Completions { shell } => manual::completions(shell, Cli::command()),
        Command::Manual { dir } => manual::pages(&dir, Cli::command()),
    };
    match outcome {
        Ok(code) => code,
        // The reader of our output had enough, as `head` does.
        Err(Failure::Io(_, error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            complain(&failure.to_string());
            ExitCode::from(if matches!(failure, Failure::Usage(_)) { 2 } else { 1 })
        }
    }
}

/// Why a command could not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// A socket cannot be listened on.
    Bind(BindError),
    /// The configuration has mistakes.
    Config(Vec<Problem>),
    /// A name server of the configuration is no address.
    NameServer(BadNameServer),
    /// Something could not be read, written or bound: what, and what the system said.
    Io(String, std::io::Error),
    /// What was asked for does not exist or does not go together.
    Usage(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Bind(error) => error.fmt(f),
            Failure::Config(problems) => {
                let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
                f.write_str(&lines.join("\n"))
            }
            Failure::Io(what, error) => write!(f, "{what}: {error}"),
            Failure::NameServer(error) => error.fmt(f),
            Failure::Usage(what) => f.write_str(what),
        }
    }
}

type Outcome = Result<ExitCode, Failure>;

/// An error for people, on standard error.
fn complain(what: &str) {
    use std::io::Write;
    for line in what.lines() {
        // Nothing is left to do where standard error itself is gone.
        let _ = writeln!(std::io::stderr(), "sekisho: {line}");
    }
}

/// The user of this process, as the kernel shows it.
fn own_uid() -> Option<u32> {
    std::fs::metadata("/proc/self").ok().map(|found| found.uid())
}

/// Prints `text` on standard output.
fn print(text: &str) -> Outcome {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| Failure::Io("standard output".into(), e))?;
    Ok(ExitCode::SUCCESS)
}

/// The folder to read: the one given, else /etc/sekisho if it exists.
fn config_dir(given: Option<&Path>) -> Option<PathBuf> {
    match given {
        Some(dir) => Some(dir.to_owned()),
        None => Some(PathBuf::from(CONFIG_DIR)).filter(|dir| dir.is_dir()),
    }
}

/// The settings of a folder, or the built-in ones without. Where there are mistakes, those that the
/// catalogue shows (ids that do not exist) are told with them.
fn settings(dir: Option<&Path>) -> Result<Settings, Failure> {
    let Some(dir) = dir else { return Ok(Settings::default()) };
    let (settings, mut problems) = sekisho_config::survey(dir);
    match settings {
        Some(settings) if problems.is_empty() => Ok(settings),
        settings => {
            let line = |p: &Problem| (p.place.file.clone(), p.place.line);
            let mut more = settings.map(|settings| Policy::new(settings).1).unwrap_or_default();
            more.retain(|new| problems.iter().all(|told| line(told) != line(new)));
            problems.extend(more);
            problems.sort_by_key(line);
            Err(Failure::Config(problems))
        }
    }
}

/// Settings matched with the catalogue.
fn policy(settings: Settings) -> Result<Policy, Failure> {
    match Policy::new(settings) {
        (policy, problems) if problems.is_empty() => Ok(policy),
        (_, problems) => Err(Failure::Config(problems)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_promised_calls_are_understood() {
        let calls = [
            "sekisho run --config /x --listen unix:/run/s.sock --listen inet:127.0.0.1:8899 --offline",
            "sekisho scan --format jsonl --direction outbound --config /x --trust-authserv a \
             --own-domain d --own-domain e --own-network 192.0.2.0/24 --mail-from a@b --rcpt c@d \
             --rcpt e@f --client-ip 192.0.2.1 --auth-user u --offline a.eml -",
            "sekisho explain double-extension",
            "sekisho indicators",
            "sekisho check-config /x",
            "sekisho completions bash",
            "sekisho forget taro@example.com --config /x",
            "sekisho hold list --format jsonl --all --host mx --config /x",
            "sekisho hold show h1 --mail",
            "sekisho hold release h1",
            "sekisho hold discard h1 --config /x",
            "sekisho hold approve h1 --by boss@own.example",
            "sekisho hold deny h1 --by boss@own.example",
            "sekisho holdd --socket /s --group g --postfix-config /p --allow-user a --allow-user 7",
            "sekisho report monthly",
            "sekisho report monthly --month 2026-10 --format html --language en --config /x",
            "sekisho report sign-off --month 2026-10 --by NAME",
            "sekisho preview --set banner=35 --set weights.html-form=20 --since 30d --format jsonl",
            "sekisho warn ID --send --to all@own.example",
            "sekisho incident ID --level 2 --known-at 2026-11-21 --format html",
            "sekisho audit-forwarding --postfix-config /p --home-root /h --home-root /i --sieve a b \
             --sieve c --own-domain d --config /x --format jsonl",
            "sekisho log verify",
            "sekisho log verify --dir /d --anchor /a --anchor b --config /x",
            "sekisho log search --from a --to b --subject s --finding f --decision hold --since 30d \
             --until 2027-03-31 --hash 00 --id i --format csv --bom --dir /d",
        ];
        for call in calls {
            if let Err(e) = Cli::try_parse_from(call.split_whitespace()) {
                panic!("{call}: {e}");
            }
        }
    }
}
