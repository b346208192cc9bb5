//! Makes `heuristics/data/japanese.bin`, the table of `sekisho_heuristics::japanese::model`.
//!
//! `cargo run -p sekisho-corpus --bin japanese-model -- PROSE`, where PROSE is a gzip file of lines
//! `source TAB paragraph`. Only the sources named in [`SOURCES`] are read, whose licences allow it
//! (`NOTICE`); `corpus/prose/*.txt`, our own sentences, are added. The same input gives the same bytes:
//! everything is counted in integers and compared with constants, and no logarithm is taken.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::bufread::GzDecoder;
use sekisho_heuristics::japanese::model::{
    BOUNDARY, MOST_BITS, Reader, SYMBOLS, Symbol, TABLE_BYTES, place,
};

/// Sources with a permissive licence that asks for no more than to be named.
const SOURCES: [&str; 3] = ["angular", "apache", "react"];

/// How often a sentence of our own counts: it stands for the many mails that say the same.
const OWN_WEIGHT: u32 = 8;

fn main() -> Result<(), Box<dyn Error>> {
    let prose = std::env::args_os().nth(1).ok_or("usage: japanese-model PROSE.txt.gz")?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut counts = Counts::default();
    let packed = BufReader::new(File::open(prose)?);
    for line in BufReader::new(GzDecoder::new(packed)).lines() {
        let line = line?;
        let (source, paragraph) = line.split_once('\t').ok_or("a line without a source")?;
        if SOURCES.contains(&source) {
            counts.add(paragraph, 1);
        }
    }
    for path in own_prose(&here.join("prose"))? {
        fs::read_to_string(path)?.lines().for_each(|line| counts.add(line, OWN_WEIGHT));
    }
    fs::write(here.join("../heuristics/data/japanese.bin"), counts.table())?;
    Ok(())
}

fn own_prose(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// How often one, two and three symbols in a row occur.
struct Counts {
    one: Vec<u32>,
    two: Vec<u32>,
    three: Vec<u32>,
}

impl Default for Counts {
    fn default() -> Counts {
        let of = |power| vec![0; SYMBOLS.pow(power)];
        Counts { one: of(1), two: of(2), three: of(3) }
    }
}

impl Counts {
    fn add(&mut self, paragraph: &str, weight: u32) {
        let mut reader = Reader::default();
        let mut last = [BOUNDARY; 2];
        for symbol in paragraph.chars().filter_map(|c| reader.read(c)) {
            add(&mut self.one, index(&[symbol]), weight);
            add(&mut self.two, index(&[last[1], symbol]), weight);
            add(&mut self.three, index(&[last[0], last[1], symbol]), weight);
            last = [last[1], symbol];
        }
    }

    fn table(&self) -> Vec<u8> {
        let mut table = vec![0; TABLE_BYTES];
        let all = || 0..Symbol::try_from(SYMBOLS).unwrap_or(Symbol::MAX);
        for first in all() {
            for second in all() {
                let after = Follow::of(&self.three, &[first, second]);
                let after_one = Follow::of(&self.two, &[second]);
                let ever = Follow::of(&self.one, &[]);
                for third in all() {
                    // Witten–Bell: what follows here, backed by what follows in shorter contexts.
                    let p = 1.0 / f64::from(u32::try_from(SYMBOLS).unwrap_or(u32::MAX));
                    let p = ever.mixed(count(&self.one, &[third]), p);
                    let p = after_one.mixed(count(&self.two, &[second, third]), p);
                    let p = after.mixed(count(&self.three, &[first, second, third]), p);
                    let (byte, shift) = place(first, second, third);
                    if let Some(nibbles) = table.get_mut(byte) {
                        *nibbles |= bits(p) << shift;
                    }
                }
            }
        }
        table
    }
}

/// How much follows a context, and how many different symbols.
struct Follow {
    total: f64,
    kinds: f64,
}

impl Follow {
    fn of(counts: &[u32], context: &[Symbol]) -> Follow {
        let start = index(context) * SYMBOLS;
        let row = counts.get(start..start + SYMBOLS).unwrap_or_default();
        let kinds = row.iter().filter(|&&n| n > 0).count();
        Follow {
            total: f64::from(row.iter().sum::<u32>()),
            kinds: f64::from(u32::try_from(kinds).unwrap_or(u32::MAX)),
        }
    }

    fn mixed(&self, count: f64, shorter: f64) -> f64 {
        if self.total == 0.0 {
            shorter
        } else {
            (count + self.kinds * shorter) / (self.total + self.kinds)
        }
    }
}

/// Surprise in whole bits, rounded. Halving is exact, so every machine gives the same.
fn bits(probability: f64) -> u8 {
    let mut bound = std::f64::consts::FRAC_1_SQRT_2;
    let mut bits = 0;
    while bits < MOST_BITS && probability < bound {
        bound /= 2.0;
        bits += 1;
    }
    bits
}

fn index(symbols: &[Symbol]) -> usize {
    symbols.iter().fold(0, |at, &symbol| at * SYMBOLS + usize::from(symbol))
}

fn count(counts: &[u32], symbols: &[Symbol]) -> f64 {
    counts.get(index(symbols)).copied().map_or(0.0, f64::from)
}

fn add(counts: &mut [u32], at: usize, weight: u32) {
    if let Some(count) = counts.get_mut(at) {
        *count += weight;
    }
}
