//! Grows the forest of `container::icon::forest`.
//!
//! Every tree learns from two thirds of the families of themes, so that it cannot go by the hand of one
//! theme. Half of what it sees is
//! none of the classes; of a class every family has the same weight.

use sekisho_heuristics::container::icon::{features, forest};

use super::{Class, NONE, Sample};

/// How the forest is grown.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Trees.
    pub trees: usize,
    /// Samples drawn for each.
    pub drawn: usize,
    /// Features tried at a node.
    pub tried: usize,
    /// Deepest level.
    pub depth: usize,
    /// Samples that a leaf needs.
    pub leaf: usize,
}

/// One tree: its nodes in the form of the table.
pub type Tree = Vec<[u8; forest::NODE]>;

/// Grows trees over `samples` of `families` families.
/// The icons of programs that work on files are left out: whether they show a document is a matter
/// of opinion.
pub fn grow(samples: &[&Sample], families: usize, plan: Plan) -> Vec<Tree> {
    // Samples by class and family.
    let mut cells: Vec<Vec<Vec<usize>>> = vec![vec![Vec::new(); families]; forest::CLASSES];
    for (at, sample) in samples.iter().enumerate().filter(|(_, s)| !s.is_of_file_program) {
        let cell = cells.get_mut(usize::from(sample.class)).and_then(|c| c.get_mut(sample.family));
        if let Some(cell) = cell {
            cell.push(at);
        }
    }
    (0..plan.trees).map(|tree| grow_one(samples, &cells, families, plan, tree as u64)).collect()
}

/// The table of all trees, with the share of votes that is needed.
pub fn table(trees: &[Tree], needed: u8) -> Vec<u8> {
    let count = u16::try_from(trees.len()).unwrap_or(u16::MAX);
    let mut out = count.to_le_bytes().to_vec();
    out.push(needed);
    for tree in trees {
        let [low, high] = u16::try_from(tree.len()).unwrap_or(u16::MAX).to_le_bytes();
        out.extend([low, high, 0, 0, 0]);
        out.extend(tree.iter().flatten());
    }
    out
}

/// As how many families the drawings in the manner of Windows count: it is what readers have.
const DRAWN: usize = 2;

fn grow_one(
    samples: &[&Sample],
    cells: &[Vec<Vec<usize>>],
    families: usize,
    plan: Plan,
    tree: u64,
) -> Tree {
    let mut sequence = Sequence::new(0xF0E5 + tree * 7919);
    // What is drawn here, family 0, all trees see: it is no theme.
    let unseen: Vec<bool> = (0..families).map(|f| f != 0 && sequence.share() < 1.0 / 3.0).collect();
    let seen = |class: usize| -> Vec<&Vec<usize>> {
        let families = cells.get(class).into_iter().flatten().zip(&unseen).enumerate();
        let seen = families.filter(|(_, (cell, unseen))| !cell.is_empty() && !**unseen);
        seen.flat_map(|(f, (c, _))| std::iter::repeat_n(c, if f == 0 { DRAWN } else { 1 }))
            .collect()
    };
    let by_class: Vec<Vec<&Vec<usize>>> = (0..forest::CLASSES).map(seen).collect();
    let mut drawn: Vec<usize> = Vec::with_capacity(plan.drawn);
    while drawn.len() < plan.drawn {
        let class = match sequence.share() < 0.5 {
            true => usize::from(NONE),
            false => 1 + sequence.below(forest::CLASSES - 1),
        };
        let Some(families) = by_class.get(class).filter(|f| !f.is_empty()) else { continue };
        let cell = families.get(sequence.below(families.len()));
        drawn.extend(cell.and_then(|c| c.get(sequence.below(c.len()))));
    }
    let mut grower = Grower { samples, plan, sequence, nodes: Vec::new() };
    grower.node(&mut drawn, 0);
    grower.nodes
}

struct Grower<'s> {
    samples: &'s [&'s Sample],
    plan: Plan,
    sequence: Sequence,
    nodes: Vec<[u8; forest::NODE]>,
}

type Counts = [u32; forest::CLASSES];

impl Grower<'_> {
    /// Recursion is as deep as the plan says.
    fn node(&mut self, drawn: &mut [usize], depth: usize) {
        let counts = self.counts(drawn);
        let is_pure = counts.iter().filter(|&&c| c > 0).count() < 2;
        let split = match is_pure || depth >= self.plan.depth || drawn.len() < 2 * self.plan.leaf {
            true => None,
            false => self.best(drawn),
        };
        let Some((feature, threshold)) = split else {
            self.nodes.push(leaf(&counts));
            return;
        };
        let value = |at: &usize| self.value(*at, feature);
        drawn.sort_by_key(|at| value(at) > threshold);
        let middle = drawn.partition_point(|at| value(at) <= threshold);
        let here = self.nodes.len();
        let [low, high] = u16::try_from(feature).unwrap_or_default().to_le_bytes();
        self.nodes.push([low, high, threshold, 0, 0]);
        let (below, above) = drawn.split_at_mut(middle);
        self.node(below, depth + 1);
        let skip = u16::try_from(self.nodes.len() - here).unwrap_or(u16::MAX).to_le_bytes();
        if let Some([.., skip_low, skip_high]) = self.nodes.get_mut(here) {
            [*skip_low, *skip_high] = skip;
        }
        self.node(above, depth + 1);
    }

    fn counts(&self, drawn: &[usize]) -> Counts {
        let mut counts = [0; forest::CLASSES];
        for &at in drawn {
            if let Some(count) = counts.get_mut(self.class(at)) {
                *count += 1;
            }
        }
        counts
    }

    fn class(&self, at: usize) -> usize {
        self.samples.get(at).map_or(0, |s| usize::from(s.class))
    }

    fn value(&self, at: usize, feature: usize) -> u8 {
        self.samples.get(at).and_then(|s| s.features.get(feature)).copied().unwrap_or(0)
    }

    /// The question that parts the classes best, by Gini's measure.
    fn best(&mut self, drawn: &[usize]) -> Option<(usize, u8)> {
        let mut best: Option<(f32, usize, u8)> = None;
        let total = self.counts(drawn);
        for _ in 0..self.plan.tried {
            let feature = self.sequence.below(features::COUNT);
            let mut histogram = vec![[0_u32; forest::CLASSES]; 256];
            for &at in drawn {
                let value = usize::from(self.value(at, feature));
                let count = histogram.get_mut(value).and_then(|c| c.get_mut(self.class(at)));
                count.into_iter().for_each(|c| *c += 1);
            }
            let mut below: Counts = [0; forest::CLASSES];
            for (threshold, counts) in (0_u8..=254).zip(&histogram) {
                below.iter_mut().zip(counts).for_each(|(sum, c)| *sum += c);
                if counts.iter().all(|&c| c == 0) {
                    continue;
                }
                let mut above = total;
                above.iter_mut().zip(below).for_each(|(sum, c)| *sum -= c);
                let (few, many) = (below.iter().sum::<u32>(), above.iter().sum::<u32>());
                if (few.min(many) as usize) < self.plan.leaf {
                    continue;
                }
                let purity = squares(&below) / few as f32 + squares(&above) / many as f32;
                if best.is_none_or(|(most, ..)| purity > most) {
                    best = Some((purity, feature, threshold));
                }
            }
        }
        best.map(|(_, feature, threshold)| (feature, threshold))
    }
}

fn squares(counts: &Counts) -> f32 {
    counts.iter().map(|&c| c as f32 * c as f32).sum()
}

fn leaf(counts: &Counts) -> [u8; forest::NODE] {
    let total: u32 = counts.iter().sum::<u32>().max(1);
    let mut order: Vec<(u32, u8)> = counts.iter().copied().zip(0_u8..).collect();
    order.sort_by_key(|&(count, class)| (std::cmp::Reverse(count), class));
    let share = |at: usize| {
        let (count, class) = order.get(at).copied().unwrap_or_default();
        (u8::try_from(count * 255 / total).unwrap_or(255), class)
    };
    let ((first, class), (second, other)) = (share(0), share(1));
    [class << 4 | other, forest::LEAF, first, second, 0]
}

/// The class with most votes, and the share of votes against "none of them".
pub fn judged(votes: &forest::Votes) -> (Class, f32) {
    let [none, some @ ..] = votes;
    let best = (1_u8..).zip(some).max_by(|(_, a), (_, b)| a.total_cmp(b));
    (best.map_or(NONE, |(class, _)| class), 1.0 - none)
}

/// xorshift: the same numbers everywhere and always.
#[derive(Clone, Debug)]
pub struct Sequence(u64);

impl Sequence {
    /// The sequence with this number.
    pub fn new(seed: u64) -> Sequence {
        let mut sequence = Sequence(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        (0..8).for_each(|_| {
            sequence.next();
        });
        sequence
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// A number from 0 up to 1.
    pub fn share(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }
}
