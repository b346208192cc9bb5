//! Measures every indicator on labelled mail and proposes points.
//!
//! `cargo run --release -p sekisho-corpus --bin calibrate -- LABELS.tsv [--bad A,B] [--good A,B]
//! [--kinds A,B]`. LABELS.tsv names mails relative to its folder in the columns `path` and `label`,
//! their campaigns in `group`; see `calibrate::labels`. More label files are only measured.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use sekisho_corpus::calibrate::labels::{self, Choice, Class};
use sekisho_corpus::calibrate::{propose, report, sample};

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(text) => match std::io::stdout().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "calibrate: {why}");
            ExitCode::from(2)
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<String, String> {
    let words = |list: &str| list.split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut choice = Choice { bad: words("phish,scam"), good: words("ham"), kinds: Vec::new() };
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--bad" => choice.bad = words(&value()?),
            "--good" => choice.good = words(&value()?),
            "--kinds" => choice.kinds = words(&value()?),
            "--help" => return Ok(USAGE.to_owned()),
            option if option.starts_with('-') => {
                return Err(format!("no such option {option}; calibrate --help lists them"));
            }
            file => files.push(file.into()),
        }
    }
    let (first, others) = files.split_first().ok_or("name a label file")?;
    let mut all = labels::read(first, &choice)?;
    for other in others {
        let mut more = labels::read(other, &choice)?;
        more.iter_mut().for_each(|l| l.class = Class::Other);
        all.extend(more);
    }
    let samples = sample::judge_all(&all)?;
    let mut out = report::rates(&samples);
    out.push('\n');
    out.push_str(&report::overlaps(&samples));
    out.push_str("\nshipped points:\n");
    for rate in [0.001, 0.005, 0.01] {
        out.push_str(&report::recall(&samples, &|s| f64::from(s.score), rate));
    }
    out.push('\n');
    out.push_str(&propose::propose(&samples));
    Ok(out)
}

const USAGE: &str = "\
calibrate LABELS.tsv [MORE.tsv…] [--bad A,B] [--good A,B] [--kinds A,B]
  LABELS.tsv   columns path (relative to its folder), label, and if there, group and kind
  MORE.tsv     mail that is only measured and has no part in what is proposed
  --bad        labels of attacks [phish,scam]
  --good       labels of honest mail [ham]
  --kinds      kinds that count [all]
";
