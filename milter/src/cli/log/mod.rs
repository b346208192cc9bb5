//! `sekisho log`: the audit log for people.
//!
//! [`verify`] tells whether it is as it was written, [`search`] finds records in it. Both read files
//! alone and need no running milter. A folder that does not exist is an empty log.

mod csv;
mod search;
mod time;
mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use sekisho_config::Settings;

use super::{ConfigArgs, Failure, Outcome, config_dir, settings};
use crate::audit;

#[derive(Subcommand)]
pub(super) enum LogCommand {
    /// Find whatever was altered, deleted, moved, put in or cut off
    Verify(VerifyArgs),
    /// Find records, the oldest first
    Search(Box<SearchArgs>),
}

#[derive(Args)]
struct Place {
    /// Folder of the audit log [default: from the configuration]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    place: Place,
    /// Compare with this anchor: its line, or a file with anchors such as a syslog (repeatable)
    /// [default: the anchor file of the configuration, and the copies in the folder itself]
    #[arg(long, value_name = "FILE|LINE")]
    anchor: Vec<String>,
}

#[derive(Args)]
pub(super) struct SearchArgs {
    #[command(flatten)]
    place: Place,
    /// Part of the envelope sender or of the From address
    #[arg(long, value_name = "A", default_value = "")]
    from: String,
    /// Part of an envelope recipient
    #[arg(long, value_name = "A", default_value = "")]
    to: String,
    /// Part of the subject
    #[arg(long, value_name = "S", default_value = "")]
    subject: String,
    /// Id of an indicator or rule that spoke
    #[arg(long, value_name = "ID", default_value = "")]
    finding: String,
    /// What was decided: accept, tag, banner, hold, reject or convert
    #[arg(long, value_name = "D", default_value = "")]
    decision: String,
    /// From this time on: 2027-03-31, 2027-03-31T09:00, the same with an offset, or 30d (ago)
    #[arg(long, value_name = "T")]
    since: Option<String>,
    /// Up to this time, a whole day included: as with --since
    #[arg(long, value_name = "T")]
    until: Option<String>,
    /// SHA-256 of an attachment, in hexadecimal digits
    #[arg(long, value_name = "SHA256", default_value = "")]
    hash: String,
    /// Id of the record
    #[arg(long, value_name = "ID", default_value = "")]
    id: String,
    /// How to print the records
    #[arg(long, value_enum, default_value_t = SearchFormat::Table)]
    format: SearchFormat,
    /// Put a byte order mark before CSV, by which Excel knows that it is UTF-8
    #[arg(long)]
    bom: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SearchFormat {
    /// Comma-separated values for spreadsheets, in UTF-8
    Csv,
    /// One JSON object a record, as in the log
    Jsonl,
    /// A table for people
    Table,
}

/// Does what is asked of the log.
pub(super) fn log(command: &LogCommand) -> Outcome {
    match command {
        LogCommand::Verify(args) => verify::verify(args),
        LogCommand::Search(args) => search::search(args),
    }
}

impl Place {
    /// The folder, and the settings where they could say more.
    fn find(&self) -> Result<(PathBuf, Option<Settings>), Failure> {
        match &self.dir {
            // Evidence that was copied elsewhere is read without this host's configuration.
            Some(dir) if self.config.config.is_none() => Ok((dir.clone(), None)),
            dir => {
                let settings = settings(config_dir(self.config.config.as_deref()).as_deref())?;
                let dir = dir.clone().unwrap_or_else(|| audit::folder(&settings));
                Ok((dir, Some(settings)))
            }
        }
    }
}
