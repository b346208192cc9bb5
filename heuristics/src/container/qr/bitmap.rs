//! Dark and light: a grey picture cut at a threshold that follows its brightness.
//!
//! The method is that of ZXing's hybrid binarizer: the mean of each block of 8 × 8 pixels, evened
//! out over 5 × 5 blocks; a block without contrast takes after its neighbours.

use super::Grey;

/// A picture of dark and light pixels.
pub(super) struct Bitmap {
    width: usize,
    pixels: Vec<u8>,
}

/// A pixel of a [`Bitmap`].
pub(super) const LIGHT: u8 = 0;
/// The other.
pub(super) const DARK: u8 = 1;

impl Bitmap {
    /// Cuts a grey picture; `None` where there is nothing to cut.
    pub(super) fn of(grey: &Grey) -> Option<Bitmap> {
        let width = grey.width;
        if width == 0 || grey.pixels.len() < width {
            return None;
        }
        let across = width.div_ceil(BLOCK);
        let thresholds = thresholds(grey, across);
        let mut pixels = Vec::with_capacity(grey.pixels.len());
        for (y, row) in grey.pixels.chunks_exact(width).enumerate() {
            let from = y / BLOCK * across;
            let thresholds = thresholds.get(from..from + across)?;
            let (whole, rest) = row.as_chunks::<BLOCK>();
            for (block, &threshold) in whole.iter().zip(thresholds) {
                pixels.extend_from_slice(&block.map(|p| u8::from(p <= threshold)));
            }
            let threshold = thresholds.last().copied().unwrap_or(0);
            pixels.extend(rest.iter().map(|&p| u8::from(p <= threshold)));
        }
        Some(Bitmap { width, pixels })
    }

    /// A bitmap of pixels as they are.
    pub(super) fn new(width: usize, pixels: Vec<u8>) -> Bitmap {
        Bitmap { width, pixels }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.pixels.len() / self.width.max(1)
    }

    /// Number of pixels.
    pub(super) fn len(&self) -> usize {
        self.pixels.len()
    }

    /// Row after row.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.pixels.chunks_exact(self.width.max(1))
    }

    /// The pixel, where it is within the picture.
    pub(super) fn at(&self, x: usize, y: usize) -> Option<u8> {
        if x >= self.width {
            return None;
        }
        self.pixels.get(y.checked_mul(self.width)? + x).copied()
    }

    /// Makes a rectangle light, as far as it is within the picture.
    pub(super) fn wipe(&mut self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) {
        let columns = columns.start.min(self.width)..columns.end.min(self.width);
        let width = self.width.max(1);
        let few = rows.end.saturating_sub(rows.start);
        for row in self.pixels.chunks_exact_mut(width).skip(rows.start).take(few) {
            if let Some(part) = row.get_mut(columns.clone()) {
                part.fill(LIGHT);
            }
        }
    }
}

/// Pixels on a side of a block.
const BLOCK: usize = 8;

/// A block whose brightest and darkest pixel are no further apart is of one colour.
const FLAT: u8 = 24;

#[derive(Clone, Copy)]
struct Block {
    least: u8,
    most: u8,
    sum: u32,
    count: u32,
}

impl Block {
    #[inline]
    fn add(&mut self, pixels: &[u8]) {
        for &p in pixels {
            self.least = self.least.min(p);
            self.most = self.most.max(p);
            self.sum += u32::from(p);
        }
        self.count += pixels.len() as u32;
    }
}

/// The threshold of each block, row after row.
fn thresholds(grey: &Grey, across: usize) -> Vec<u8> {
    let empty = Block { least: 255, most: 0, sum: 0, count: 0 };
    let mut means: Vec<u8> = Vec::with_capacity(grey.pixels.len() / 64 + across);
    let mut blocks = vec![empty; across];
    let mut above: Vec<u8> = Vec::new();
    for band in grey.pixels.chunks(grey.width * BLOCK) {
        blocks.fill(empty);
        for row in band.chunks_exact(grey.width) {
            let (whole, rest) = row.as_chunks::<BLOCK>();
            for (block, pixels) in blocks.iter_mut().zip(whole) {
                block.add(pixels);
            }
            if let Some(last) = blocks.last_mut() {
                last.add(rest);
            }
        }
        let mut line: Vec<u8> = Vec::with_capacity(across);
        for (x, block) in blocks.iter().enumerate() {
            line.push(mean(block, x, line.last().copied(), &above));
        }
        means.extend_from_slice(&line);
        above = line;
    }
    evened(&means, across)
}

/// The mean of a block; where it has no contrast, half its brightness, so that it is light, or
/// what is around it, where that is brighter.
fn mean(block: &Block, x: usize, left: Option<u8>, above: &[u8]) -> u8 {
    if block.most.saturating_sub(block.least) > FLAT {
        return (block.sum / block.count.max(1)) as u8;
    }
    let up = above.get(x).copied();
    let corner = x.checked_sub(1).and_then(|x| above.get(x)).copied();
    let around = match (left, up, corner) {
        (Some(left), Some(up), Some(corner)) => {
            (u16::from(up) + 2 * u16::from(left) + u16::from(corner)) / 4
        }
        (Some(one), ..) | (None, Some(one), _) => u16::from(one),
        _ => 0,
    } as u8;
    if block.least < around { around } else { block.least / 2 }
}

/// Each value the mean of the 5 × 5 around it, at the edge of as many as there are.
fn evened(means: &[u8], across: usize) -> Vec<u8> {
    let down = means.len() / across.max(1);
    let mut out = Vec::with_capacity(means.len());
    for y in 0..down {
        let rows = y.saturating_sub(2)..(y + 3).min(down);
        for x in 0..across {
            let columns = x.saturating_sub(2)..(x + 3).min(across);
            let (mut sum, mut count) = (0u32, 0u32);
            for y in rows.clone() {
                let part = means.get(y * across + columns.start..y * across + columns.end);
                for &mean in part.unwrap_or_default() {
                    sum += u32::from(mean);
                    count += 1;
                }
            }
            out.push((sum / count.max(1)) as u8);
        }
    }
    out
}
