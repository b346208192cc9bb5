//! `sekisho completions` and `sekisho manual`, both made from the command line's own description.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Command;

use super::{Failure, Outcome};

/// Prints completions for a shell.
pub(super) fn completions(shell: clap_complete::Shell, mut command: Command) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, "sekisho", &mut text);
    std::io::stdout().write_all(&text).map_err(|e| Failure::Io("standard output".into(), e))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes `sekisho.1` and one page per command.
pub(super) fn pages(dir: &Path, command: Command) -> Outcome {
    std::fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(command, dir))
        .map_err(|e| Failure::Io(dir.display().to_string(), e))?;
    Ok(ExitCode::SUCCESS)
}
