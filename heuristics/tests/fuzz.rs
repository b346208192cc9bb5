//! Every parser of the core with bytes that nobody meant for it.
//!
//! Inputs: `fuzz/inputs/*` (what once surprised us, and awkward beginnings), the sample mails of the
//! corpus, and mutations of all of them by a fixed sequence, so that a failure comes again. The
//! number of rounds is small; `SEKISHO_FUZZ_ROUNDS` makes it large.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use sekisho_heuristics::fuzz::TARGETS;

#[test]
fn no_parser_stops_at_any_input() {
    let inputs = inputs();
    assert!(inputs.len() > 20, "the committed inputs are missing");
    let rounds: usize =
        std::env::var("SEKISHO_FUZZ_ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(1);
    let mut sequence = Sequence(0x5eed);
    for (path, input) in &inputs {
        run(path, input);
        for _ in 0..rounds {
            let other = &inputs[sequence.below(inputs.len())].1;
            run(path, &mutate(input, other, &mut sequence));
        }
    }
}

/// All targets on one input; a panic is told with the input that made it.
fn run(path: &Path, input: &[u8]) {
    for (name, target) in TARGETS {
        if catch_unwind(AssertUnwindSafe(|| target(input))).is_err() {
            panic!("{name} stops at a mutation of {}: {}", path.display(), input.escape_ascii());
        }
    }
}

fn inputs() -> Vec<(PathBuf, Vec<u8>)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut open, mut files) =
        (vec![here.join("fuzz/inputs"), here.join("../corpus/cases")], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_none_or(|e| e != "toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.into_iter().map(|p| (p.clone(), std::fs::read(p).unwrap())).collect()
}

/// Some bytes changed, removed, doubled, or taken from another input.
fn mutate(input: &[u8], other: &[u8], sequence: &mut Sequence) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..1 + sequence.below(8) {
        let at = sequence.below(bytes.len() + 1);
        let end = (at + sequence.below(40)).min(bytes.len());
        match sequence.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.extend_from_within(at..end),
            2 => {
                let from = sequence.below(other.len() + 1);
                let to = (from + sequence.below(200)).min(other.len());
                drop(bytes.splice(at..end, other[from..to].iter().copied()));
            }
            3 => bytes.truncate(at),
            4 => bytes.insert(at, AWKWARD[sequence.below(AWKWARD.len())]),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << sequence.below(8);
                }
            }
        }
    }
    bytes
}

/// Bytes on which parsers turn.
const AWKWARD: &[u8] = b"\0\r\n\t \"\\()<>@,;:=?&#%.'/\x1b\x7f\x80\x81\x8e\x8f\xe3\xf0\xfe\xff";

/// xorshift: the same numbers everywhere and always.
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}
