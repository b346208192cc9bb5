//! Proposed points: a logistic fit that may only add, turned into points that a person can weigh.
//!
//! Points are never negative, rows of the rule books' table get at least 5, and nothing below the
//! line of certain signs reaches the banner alone. The fit sees every campaign once and its quality
//! is told on campaigns it has not seen (five folds). It proposes; it does not decide.

use std::fmt::Write;

use sekisho_heuristics::indicators::ALL;

use super::labels::Class;
use super::report;
use super::sample::Sample;

/// Score from which a banner is shown; the fit is scaled so that this is its operating point.
pub const BANNER: f64 = 40.0;

/// Most points a sign gets that is not certain by itself.
const SOFT_MOST: f64 = BANNER - 5.0;

/// Share of honest mail above the banner threshold that the scale aims at.
const FALSE_RATE: f64 = 0.005;

const FOLDS: usize = 5;

/// Points proposed from all samples, and the recall of five-fold proposals on unseen campaigns.
pub fn propose(samples: &[Sample]) -> String {
    let used: Vec<&Sample> = samples.iter().filter(|s| s.class != Class::Other).collect();
    let points = points(&used);
    let mut out = format!("{:32} {:>7} {:>9}\n", "indicator", "shipped", "proposed");
    for (indicator, proposed) in ALL.iter().zip(&points) {
        let _ = writeln!(out, "{:32} {:>7} {proposed:>9.0}", indicator.id, indicator.points);
    }
    let unseen = cross_validated(&used);
    out.push_str("\nfive-fold, campaigns not seen by the fit:\n");
    for rate in [0.001, 0.005, 0.01] {
        let by_fold = |s: &Sample| {
            unseen
                .iter()
                .find(|(sample, _)| std::ptr::eq(*sample, s))
                .map_or(0.0, |(_, score)| *score)
        };
        out.push_str(&report::recall(samples, &by_fold, rate));
    }
    out
}

/// The score of every used sample under points fitted without its fold.
fn cross_validated<'s>(used: &[&'s Sample]) -> Vec<(&'s Sample, f64)> {
    (0..FOLDS)
        .flat_map(|fold| {
            let seen: Vec<&Sample> =
                used.iter().copied().filter(|s| fold_of(&s.group) != fold).collect();
            let points = points(&seen);
            let held_back = used.iter().copied().filter(move |s| fold_of(&s.group) == fold);
            held_back.map(move |s| (s, sum(s, &points))).collect::<Vec<_>>()
        })
        .collect()
}

/// Points for every indicator of the catalogue.
fn points(samples: &[&Sample]) -> Vec<f64> {
    let weights = fit(samples);
    let mut honest: Vec<f64> =
        samples.iter().filter(|s| s.class == Class::Good).map(|s| sum(s, &weights)).collect();
    honest.sort_by(|a, b| b.total_cmp(a));
    let at = (FALSE_RATE * honest.len() as f64).floor() as usize;
    let scale = BANNER / honest.get(at).copied().unwrap_or(1.0).max(0.1);
    ALL.iter()
        .zip(weights)
        .map(|(indicator, weight)| {
            let most = if f64::from(indicator.points) >= BANNER { 100.0 } else { SOFT_MOST };
            let least = if indicator.clause.is_some() { 5.0 } else { 0.0 };
            (weight * scale).clamp(least, most).round()
        })
        .collect()
}

/// Non-negative logistic regression by projected gradient descent, both classes weighed alike.
fn fit(samples: &[&Sample]) -> Vec<f64> {
    let total = |class| -> f64 {
        samples.iter().filter(|s| s.class == class).map(|s| s.weight).sum::<f64>().max(1e-9)
    };
    let (bad, good) = (total(Class::Bad), total(Class::Good));
    let mut weights = vec![0.0; ALL.len()];
    let mut bias = 0.0;
    for _ in 0..ROUNDS {
        let mut gradient: Vec<f64> = weights.iter().map(|w| w * RIDGE).collect();
        let mut bias_gradient = 0.0;
        for sample in samples {
            let is_bad = f64::from(u8::from(sample.class == Class::Bad));
            let share = sample.weight / if sample.class == Class::Bad { bad } else { good };
            let p = 1.0 / (1.0 + (-(sum(sample, &weights) + bias)).exp());
            let error = (p - is_bad) * share;
            bias_gradient += error;
            for &number in &sample.fired {
                if let Some(g) = gradient.get_mut(number) {
                    *g += error;
                }
            }
        }
        bias -= RATE * bias_gradient;
        for (weight, g) in weights.iter_mut().zip(gradient) {
            *weight = (*weight - RATE * g).max(0.0);
        }
    }
    weights
}

fn sum(sample: &Sample, weights: &[f64]) -> f64 {
    sample.fired.iter().filter_map(|&n| weights.get(n)).sum()
}

/// FNV-1a, so that a group's fold never depends on order or chance.
fn fold_of(group: &str) -> usize {
    let hash = group
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    (hash % FOLDS as u64) as usize
}

const ROUNDS: usize = 3_000;
const RATE: f64 = 2.0;
const RIDGE: f64 = 0.002;

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(class: Class, group: usize, fired: &[usize]) -> Sample {
        Sample {
            class,
            part: "p".into(),
            group: group.to_string(),
            weight: 1.0,
            fired: fired.to_vec(),
            score: 0,
        }
    }

    #[test]
    fn what_only_attacks_show_gets_points_and_what_honest_mail_shows_gets_none() {
        let (telling, common) = (0, 1);
        let mut samples = Vec::new();
        for n in 0..100 {
            samples.push(sample(Class::Bad, n, &[telling, common]));
            samples.push(sample(Class::Good, 1_000 + n, &[common]));
        }
        let weights = fit(&samples.iter().collect::<Vec<_>>());
        assert!(weights[telling] > 1.0, "{weights:?}");
        assert!(weights[common] < 0.1, "{weights:?}");
    }

    #[test]
    fn proposals_keep_the_bounds() {
        let samples: Vec<Sample> = (0..50)
            .map(|n| sample(if n % 2 == 0 { Class::Bad } else { Class::Good }, n, &[n % 2]))
            .collect();
        for (indicator, points) in ALL.iter().zip(points(&samples.iter().collect::<Vec<_>>())) {
            assert!(points >= 0.0);
            assert!(indicator.clause.is_none() || points >= 5.0, "{}", indicator.id);
            assert!(f64::from(indicator.points) >= BANNER || points < BANNER, "{}", indicator.id);
        }
    }

    #[test]
    fn a_group_lies_in_one_fold() {
        assert_eq!(fold_of("a"), fold_of("a"));
        let folds: std::collections::BTreeSet<_> =
            (0..100).map(|n| fold_of(&n.to_string())).collect();
        assert_eq!(folds.len(), FOLDS);
    }
}
