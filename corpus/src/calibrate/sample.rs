//! Mails judged: which indicators fired on which mail.

use sekisho_config::Settings;
use sekisho_heuristics::facts::Facts;
use sekisho_heuristics::inbound::judge;
use sekisho_heuristics::indicators::ALL;
use sekisho_heuristics::message::{Envelope, Message};
use sekisho_heuristics::policy::Policy;

use super::labels::{Class, Label};

/// One judged mail.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What it counts as.
    pub class: Class,
    /// Folder it lies in.
    pub part: String,
    /// Campaign.
    pub group: String,
    /// One divided by the mails of its campaign in its class: every campaign weighs alike.
    pub weight: f64,
    /// Indexes into the catalogue of the indicators that fired.
    pub fired: Vec<usize>,
    /// Score under the shipped points.
    pub score: u16,
}

/// Judges every labelled mail with nothing known from outside.
///
/// # Errors
/// Names the first file that cannot be read.
pub fn judge_all(labels: &[Label]) -> Result<Vec<Sample>, String> {
    let (policy, _) = Policy::new(Settings::default());
    let limits = &policy.settings().filter.limits;
    let facts = Facts::unknown(policy.settings());
    let envelope = Envelope::default();
    let mut samples = Vec::with_capacity(labels.len());
    for label in labels {
        let raw =
            std::fs::read(&label.path).map_err(|e| format!("{}: {e}", label.path.display()))?;
        let assessment = judge(&Message::new(&raw, &envelope, limits), &facts, &policy);
        let number = |id: &str| ALL.iter().position(|i| i.id == id);
        samples.push(Sample {
            class: label.class,
            part: label.part.clone(),
            group: label.group.clone(),
            weight: 1.0,
            fired: assessment.findings.iter().filter_map(|f| number(f.id)).collect(),
            score: assessment.score,
        });
    }
    weigh(&mut samples);
    Ok(samples)
}

/// Sets every sample's weight from the size of its campaign.
pub(super) fn weigh(samples: &mut [Sample]) {
    let mut sizes = std::collections::BTreeMap::new();
    let key = |s: &Sample| (s.class as u8, s.group.clone());
    for sample in samples.iter() {
        *sizes.entry(key(sample)).or_insert(0u32) += 1;
    }
    for sample in samples {
        let size = sizes.get(&key(sample)).copied().unwrap_or(1);
        sample.weight = 1.0 / f64::from(size);
    }
}
