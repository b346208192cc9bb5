//! Rates of indicators, overlaps of pairs, and what a score is worth.

use std::fmt::Write;

use sekisho_heuristics::indicators::ALL;

use super::labels::Class;
use super::sample::Sample;

/// How often each indicator fires in each part, in mails and (in brackets) in campaigns' weight.
pub fn rates(samples: &[Sample]) -> String {
    let mut parts: Vec<&str> = samples.iter().map(|s| s.part.as_str()).collect();
    parts.sort_unstable();
    parts.dedup();
    let mut out = format!("{:32} {:>6}", "indicator", "points");
    for part in &parts {
        let all = samples.iter().filter(|s| s.part == *part).count();
        let _ = write!(out, " {:>22}", format!("{part} ({all})"));
    }
    out.push('\n');
    for (number, indicator) in ALL.iter().enumerate() {
        let _ = write!(out, "{:32} {:>6}", indicator.id, indicator.points);
        for part in &parts {
            let of_part = || samples.iter().filter(|s| s.part == *part);
            let hits = of_part().filter(|s| s.fired.contains(&number)).count();
            let all: f64 = of_part().map(|s| s.weight).sum();
            // An empty sum of floats is −0.
            let hit = 0.0
                + of_part().filter(|s| s.fired.contains(&number)).map(|s| s.weight).sum::<f64>();
            let _ =
                write!(out, " {:>22}", format!("{hits} ({:.1} %)", 100.0 * hit / all.max(1e-9)));
        }
        out.push('\n');
    }
    out
}

/// Pairs that fire together in at least a tenth of the attacks on which either fires: candidates
/// for one group under a cap.
pub fn overlaps(samples: &[Sample]) -> String {
    let count = |test: &dyn Fn(&Sample) -> bool| -> f64 {
        samples.iter().filter(|s| s.class == Class::Bad && test(s)).map(|s| s.weight).sum()
    };
    let mut rows = Vec::new();
    for a in 0..ALL.len() {
        for b in a + 1..ALL.len() {
            let both = count(&|s| s.fired.contains(&a) && s.fired.contains(&b));
            let either = count(&|s| s.fired.contains(&a) || s.fired.contains(&b));
            if both >= 1.0 && both / either >= 0.1 {
                rows.push((both / either, both, a, b));
            }
        }
    }
    rows.sort_by(|x, y| y.0.total_cmp(&x.0));
    let mut out = String::from("pairs on attacks (share of both in either, campaigns with both)\n");
    let id = |n: usize| ALL.get(n).map_or("", |i| i.id);
    for (share, both, a, b) in rows {
        let _ = writeln!(out, "{:5.2} {:7.1}  {} + {}", share, both, id(a), id(b));
    }
    out
}

/// Share of attacks above the score that `false_rate` of honest mails exceed, per part.
pub fn recall(samples: &[Sample], score: &dyn Fn(&Sample) -> f64, false_rate: f64) -> String {
    let mut honest: Vec<f64> =
        samples.iter().filter(|s| s.class == Class::Good).map(score).collect();
    honest.sort_by(|a, b| b.total_cmp(a));
    // Of n honest mails, floor(rate × n) may lie above.
    let allowed = (false_rate * honest.len() as f64).floor() as usize;
    let threshold = honest.get(allowed).copied().unwrap_or(0.0);
    let mut out = format!("{:4.1} % of honest mail above {threshold:.1}:", false_rate * 100.0);
    let mut parts: Vec<&str> =
        samples.iter().filter(|s| s.class == Class::Bad).map(|s| s.part.as_str()).collect();
    parts.sort_unstable();
    parts.dedup();
    for part in parts {
        let of_part = || samples.iter().filter(|s| s.class == Class::Bad && s.part == part);
        let (all, weight): (usize, f64) = (of_part().count(), of_part().map(|s| s.weight).sum());
        let above = || of_part().filter(|s| score(s) > threshold);
        let _ = write!(
            out,
            "  {part} {:.3} ({:.3} of campaigns)",
            above().count() as f64 / all.max(1) as f64,
            above().map(|s| s.weight).sum::<f64>() / weight.max(1e-9)
        );
    }
    out.push('\n');
    out
}
