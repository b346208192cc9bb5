//! From findings to points: integers, added up under a cap per group.

use std::collections::BTreeSet;

use crate::inbound::Finding;
use crate::indicator::Group;
use crate::policy::Policy;

/// The most a message can have; stands for "certain".
pub const CERTAIN: u16 = 100;

/// Sum of the findings' points, capped per group and then at [`CERTAIN`].
pub fn total(findings: &[Finding], policy: &Policy) -> u16 {
    let sum: u16 = Group::ALL
        .iter()
        .map(|&group| {
            findings
                .iter()
                .filter(|f| f.group == group)
                .fold(0u16, |sum, f| sum.saturating_add(f.points))
                .min(policy.cap(group))
        })
        .fold(0, u16::saturating_add);
    sum.min(CERTAIN)
}

/// How many different rows of the rule books' table matched (複数合致).
pub fn clauses(findings: &[Finding]) -> usize {
    findings.iter().filter_map(|f| f.clause).collect::<BTreeSet<_>>().len()
}
