//! How well the forest does on themes it never saw: the tables of ICONS.md.

use std::collections::BTreeMap;
use std::fmt::Write;

use sekisho_heuristics::container::icon::forest;

use super::forest::judged;
use super::themes::FAMILIES;
use super::{Class, NONE, Sample, class_name};

/// A sample with the votes on it.
pub struct Judged<'s> {
    /// The sample.
    pub sample: &'s Sample,
    /// The votes.
    pub votes: forest::Votes,
}

impl Judged<'_> {
    /// What it is taken for where `needed` of the votes are needed.
    pub fn class(&self, needed: f32) -> Class {
        let (class, share) = judged(&self.votes);
        if share >= needed { class } else { NONE }
    }
}

/// Applications' icons, and how many of them are taken for something in any size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Taken for something.
    pub taken: usize,
    /// All.
    pub all: usize,
}

impl Rate {
    /// As a share.
    pub fn share(self) -> f64 {
        self.taken as f64 / self.all.max(1) as f64
    }
}

/// Whether it is an application's own icon, and not one that may well show a file.
pub fn is_own(sample: &Sample) -> bool {
    sample.is_application && !sample.is_of_file_program
}

/// How many of the chosen icons are taken for something in any of their sizes.
pub fn icons(judged: &[Judged<'_>], needed: f32, choose: impl Fn(&Sample) -> bool) -> Rate {
    let mut by_icon: BTreeMap<&str, bool> = BTreeMap::new();
    for j in judged.iter().filter(|j| choose(j.sample)) {
        *by_icon.entry(&j.sample.icon).or_default() |= j.class(needed) != NONE;
    }
    Rate { taken: by_icon.values().filter(|&&t| t).count(), all: by_icon.len() }
}

/// The share of votes at which at most `rate` of the applications' own icons are taken for something.
pub fn needed_for(judged: &[Judged<'_>], rate: f64) -> u8 {
    (64..=250)
        .find(|&needed| icons(judged, f32::from(needed) / 255.0, is_own).share() <= rate)
        .unwrap_or(250)
}

/// What pictures of each class are taken for, as a Markdown table.
pub fn confusion(judged: &[Judged<'_>], needed: f32) -> String {
    let mut counts = vec![vec![0_usize; forest::CLASSES]; forest::CLASSES];
    for j in judged.iter().filter(|j| j.sample.class != NONE || is_own(j.sample)) {
        let row = counts.get_mut(usize::from(j.sample.class));
        let cell = row.and_then(|r| r.get_mut(usize::from(j.class(needed))));
        cell.into_iter().for_each(|c| *c += 1);
    }
    let mut out = String::from("| is, taken for → |");
    let classes = || (0..forest::CLASSES).map(|c| u8::try_from(c).unwrap_or(NONE));
    for class in classes() {
        let _ = write!(out, " {} |", class_name(class));
    }
    out.push_str(" pictures | for something |\n|---|");
    out.push_str(&"---:|".repeat(forest::CLASSES + 2));
    out.push('\n');
    for (class, row) in classes().zip(&counts) {
        let all: usize = row.iter().sum();
        let name = if class == NONE { "application" } else { class_name(class) };
        let _ = write!(out, "| {name} |");
        for count in row {
            let _ = write!(out, " {count} |");
        }
        let taken = all - row.first().copied().unwrap_or(0);
        let _ = writeln!(out, " {all} | {:.1} % |", 100.0 * taken as f64 / all.max(1) as f64);
    }
    out
}

/// Recall and false alarms of each family, as a Markdown table.
pub fn by_family(judged: &[Judged<'_>], needed: f32) -> String {
    let mut out = String::from(
        "| family | documents, folders …: icons recognised in any size | pictures recognised | applications taken for something, in any size | file managers, editors, viewers … taken for something |\n|---|---:|---:|---:|---:|\n",
    );
    let show = |r: Rate| match r.all {
        0 => "–".to_owned(),
        _ => format!("{} of {} ({:.1} %)", r.taken, r.all, 100.0 * r.share()),
    };
    for (at, family) in FAMILIES.iter().enumerate() {
        if !judged.iter().any(|j| j.sample.family == at) {
            continue;
        }
        let of = |s: &Sample| s.family == at;
        let types = icons(judged, needed, |s| of(s) && s.class != NONE);
        let pictures = judged.iter().filter(|j| of(j.sample) && j.sample.class != NONE);
        let pictures = pictures.fold(Rate::default(), |r, j| Rate {
            taken: r.taken + usize::from(j.class(needed) != NONE),
            all: r.all + 1,
        });
        let own = icons(judged, needed, |s| of(s) && is_own(s));
        let file = icons(judged, needed, |s| of(s) && s.is_of_file_program);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            family.name,
            show(types),
            show(pictures),
            show(own),
            show(file)
        );
    }
    out
}
