//! From findings to points: integers, added up under a cap per group, less what speaks for the mail.

use std::collections::BTreeSet;

use crate::counter::{Relief, is_hard};
use crate::inbound::Finding;
use crate::indicator::{Group, Words};
use crate::policy::Policy;

/// Points that findings earn by standing together.
pub struct Together {
    /// Stays for ever, in kebab-case; the administrator weighs it by this id in `weights.toml`.
    pub id: &'static str,
    /// Shipped points, added to each finding of `group`, 0–100.
    pub points: u16,
    /// The finding that must be there.
    pub with: &'static str,
    /// Whose findings count for more.
    pub group: Group,
    /// What is meant, one sentence.
    pub says: Words,
    /// Why, and who does it innocently.
    pub means: Words,
}

/// A story is one thing from a partner and another from a stranger (rows theme-1 and theme-3).
pub static THEME_BY_STRANGER: Together = Together {
    id: "theme-by-stranger",
    points: 5,
    with: "first-contact",
    group: Group::Theme,
    says: Words {
        ja: "やり取りのない差出人からのメールでは、題材の点数を加算します。",
        en: "What the mail wants counts more where its sender never wrote before.",
    },
    means: Words {
        ja: "first-contact が該当するメールでは、題材（theme グループ）の特徴それぞれに点数を加えます。初めての\
             問い合わせや応募も多いため、加える点数はわずかで、グループの上限は変わりません。",
        en: "Where first-contact speaks, each sign of the theme group earns so many points more. Honest \
             new people ask and apply too, so these are few, and the cap of the group stays.",
    },
};

/// Adds to findings what they earn by standing together. The only place where points depend on other
/// findings.
pub fn add_together(findings: &mut [Finding], policy: &Policy) {
    let together = &THEME_BY_STRANGER;
    let more = policy.points(together.id).unwrap_or_default();
    if findings.iter().any(|f| f.id == together.with) {
        for finding in findings.iter_mut().filter(|f| f.group == together.group) {
            finding.points = finding.points.saturating_add(more);
        }
    }
}

/// The most a message can have; stands for "certain".
pub const CERTAIN: u16 = 100;

/// Sum of the findings' points, capped per group and then at [`CERTAIN`].
pub fn total(findings: &[Finding], policy: &Policy) -> u16 {
    sum(findings, policy, |_| true)
}

/// What is left of [`total`] after `relief`: never less than what files and disguises earn alone.
pub fn relieved(findings: &[Finding], relief: &[Relief], policy: &Policy) -> u16 {
    let total = total(findings, policy);
    let off = relief.iter().fold(0u16, |off, r| off.saturating_add(r.points));
    if off == 0 {
        return total;
    }
    total.saturating_sub(off).max(sum(findings, policy, is_hard))
}

/// How many different rows of the rule books' table matched (複数合致).
pub fn clauses(findings: &[Finding]) -> usize {
    findings.iter().filter_map(|f| f.clause).collect::<BTreeSet<_>>().len()
}

fn sum(findings: &[Finding], policy: &Policy, counts: fn(&Finding) -> bool) -> u16 {
    let sum: u16 = Group::ALL
        .iter()
        .map(|&group| {
            findings
                .iter()
                .filter(|f| f.group == group && counts(f))
                .fold(0u16, |sum, f| sum.saturating_add(f.points))
                .min(policy.cap(group))
        })
        .fold(0, u16::saturating_add);
    sum.min(CERTAIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_config::Settings;

    #[track_caller]
    fn check(findings: &[(&'static str, Group, u16)], off: u16, expected: u16) {
        let (policy, _) = Policy::new(Settings::default());
        let none = String::new;
        let findings = findings.iter().map(|&(id, group, points)| Finding {
            id,
            clause: None,
            group,
            points,
            evidence: none(),
            ja: none(),
            en: none(),
        });
        let relief =
            Relief { id: "list-thread", points: off, evidence: none(), ja: none(), en: none() };
        assert_eq!(relieved(&findings.collect::<Vec<_>>(), &[relief], &policy), expected);
    }

    #[test]
    fn relief_comes_off_after_the_caps() {
        let text = [("a", Group::Text, 50), ("b", Group::Text, 50)];
        check(&text, 0, 70);
        check(&text, 20, 50);
        check(&text, 100, 0);
    }

    #[test]
    fn files_and_disguises_keep_their_points() {
        let program = ("executable-attachment", Group::Attachment, 60);
        check(&[program, ("a", Group::Text, 10)], 5, 65);
        check(&[program, ("a", Group::Text, 10)], 40, 60);
        check(&[("userinfo-link", Group::Link, 15), ("ip-address-link", Group::Link, 15)], 40, 15);
    }
}
