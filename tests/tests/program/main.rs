//! The real program from outside, without a mail server.
//!
//! `first_message`: one mail from the first packet to the last; read it first.
//! `busy`: when there is more to do than room or readers for it.
//! `scan`: what `sekisho scan` promises to scripts. `commands`: what the other commands say.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod busy;
mod commands;
mod first_message;
mod scan;

use std::process::{Command, Output, Stdio};

/// Runs `sekisho` with these arguments, a folder and something on standard input.
fn sekisho(arguments: &[&str], folder: &std::path::Path, input: &[u8]) -> Output {
    use std::io::Write;
    let binary = sekisho_tests::sekisho::binary().unwrap();
    let mut child = Command::new(binary)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
