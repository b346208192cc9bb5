//! A small forest of decision trees over the numbers of [`super::features`].
//!
//! `data/icons.bin` is written by `cargo run --release -p sekisho-corpus --bin icon-model`, which
//! tells in `ICONS.md` how well it does on icon themes it never saw. Layout: number of trees (two bytes),
//! the share of votes that is needed (one byte, 255 is all), then nodes of five bytes, tree after tree.
//! A node asks for one number: not above the threshold goes to the next node, above it as many nodes
//! on as it says. A leaf gives its votes to at most two classes. Every step goes forward, so that any
//! table ends.

/// How many classes there are: none of them, and the eight of [`super::Likeness`].
pub const CLASSES: usize = 9;

/// Bytes of a node.
pub const NODE: usize = 5;

/// Bytes before the first node.
pub const HEADER: usize = 3;

/// High byte of a leaf's first number.
pub const LEAF: u8 = 0xFF;

/// The shares of votes that each class got, 0 to 1.
pub type Votes = [f32; CLASSES];

/// Asks every tree of `table`.
pub fn votes(table: &[u8], features: &[u8]) -> Votes {
    let mut votes = [0.0; CLASSES];
    let count = table.first_chunk::<2>().map_or(0, |c| u16::from_le_bytes(*c));
    let (nodes, _) = table.get(HEADER..).unwrap_or_default().as_chunks::<NODE>();
    let mut at = 0;
    for _ in 0..count {
        let Some(&[size_low, size_high, ..]) = nodes.get(at) else { break };
        let size = usize::from(u16::from_le_bytes([size_low, size_high]));
        let tree = nodes.get(at + 1..).and_then(|rest| rest.get(..size)).unwrap_or_default();
        vote(tree, features, &mut votes);
        at += 1 + size;
    }
    let share = 1.0 / f32::from(count.max(1)) / 255.0;
    votes.map(|sum| sum * share)
}

/// The share of votes against "none of them" that the table asks for.
pub fn needed(table: &[u8]) -> f32 {
    table.get(2).map_or(1.0, |&b| f32::from(b) / 255.0)
}

fn vote(tree: &[[u8; NODE]], features: &[u8], votes: &mut Votes) {
    let mut at = 0;
    while let Some(&[low, high, threshold, skip_low, skip_high]) = tree.get(at) {
        if high == LEAF {
            for (class, share) in [(low >> 4, threshold), (low & 0xF, skip_low)] {
                if let Some(sum) = votes.get_mut(usize::from(class)) {
                    *sum += f32::from(share);
                }
            }
            return;
        }
        let feature = usize::from(u16::from_le_bytes([low, high]));
        let is_above = features.get(feature).is_some_and(|&value| value > threshold);
        let skip = usize::from(u16::from_le_bytes([skip_low, skip_high]));
        at += if is_above { skip.max(1) } else { 1 };
    }
}
