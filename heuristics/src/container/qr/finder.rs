//! Finder patterns: the three nested squares by which a QR code is found (ISO/IEC 18004, 5.3.2).
//!
//! A line through the middle of one, in any direction, crosses dark, light, dark, light, dark as
//! 1:1:3:1:1. Rows are looked through for that, then the column and the row through the middle;
//! codes printed light on dark cross it the other way round.

use super::bitmap::{Bitmap, DARK, LIGHT};

/// One finder pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pattern {
    x: f32,
    y: f32,
    /// Width of a module, in pixels.
    unit: f32,
    /// Colour of the outer ring.
    colour: u8,
}

/// Three patterns that stand as the corners of a square.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Square {
    /// Which of the patterns; the right angle comes first.
    pub(super) corners: [usize; 3],
    side: f32,
}

/// The patterns of a picture, and whether these are all. The grain of a photograph or of a scan in
/// black and white is full of tiny ones; more than [`MOST_TINY`] of them are no pattern of anything.
pub(super) fn patterns(bitmap: &Bitmap) -> (Vec<Pattern>, bool) {
    let mut found: Vec<Pattern> = Vec::new();
    let mut tiny: Vec<Pattern> = Vec::new();
    let (mut all, mut is_grainy) = (true, false);
    for (y, row) in bitmap.rows().enumerate() {
        runs(row, |end, runs, colour| {
            let total: usize = runs.iter().sum();
            if !is_finder(&runs) || is_grainy && is_tiny(total as f32 / 7.0) {
                return;
            }
            let middle = end - total / 2 - total % 2;
            let is_within = |p: &Pattern| {
                let reach = 3.5 * p.unit;
                p.colour == colour
                    && (p.x - middle as f32).abs() < reach
                    && (p.y - y as f32).abs() < reach
            };
            if found.iter().chain(&tiny).any(is_within) {
                return;
            }
            let Some(pattern) = confirm(bitmap, middle, y, total, colour) else { return };
            if is_tiny(pattern.unit) {
                tiny.push(pattern);
                is_grainy |= tiny.len() > MOST_TINY;
            } else if found.len() < MOST_PATTERNS {
                found.push(pattern);
            } else {
                all = false;
            }
            if is_grainy {
                tiny.clear();
            }
        });
    }
    found.append(&mut tiny);
    (found, all)
}

/// Every three patterns that may be the corners of a code, the smallest squares first, and whether
/// these are all.
pub(super) fn squares(patterns: &[Pattern]) -> (Vec<Square>, bool) {
    let mut found = Vec::new();
    for (b, corner) in patterns.iter().enumerate() {
        for (a, one) in patterns.iter().enumerate().filter(|&(a, _)| a != b) {
            if !corner.is_like(one) {
                continue;
            }
            for (c, other) in patterns.iter().enumerate().skip(a + 1).filter(|&(c, _)| c != b) {
                let Some(side) = square(corner, one, other) else { continue };
                if found.len() >= MOST_CANDIDATES {
                    return (found, false);
                }
                found.push(Square { corners: [b, a, c], side });
            }
        }
    }
    // Of codes side by side, each alone makes a smaller square than corners of both.
    found.sort_by(|a, b| a.side.total_cmp(&b.side));
    (found, true)
}

impl Square {
    /// The code, dark on light, a few pixels to a module, without any other finder pattern.
    pub(super) fn cut_out(&self, bitmap: &Bitmap, patterns: &[Pattern]) -> Bitmap {
        let [Some(&b), Some(&a), Some(&c)] = self.corners.map(|c| patterns.get(c)) else {
            return Bitmap::new(1, vec![LIGHT]);
        };
        let unit = (a.unit + b.unit + c.unit) / 3.0;
        let (fourth_x, fourth_y) = (a.x + c.x - b.x, a.y + c.y - b.y);
        let span = |values: [f32; 4], most: usize| {
            let least = values.into_iter().fold(f32::MAX, f32::min) - MARGIN * unit;
            let greatest = values.into_iter().fold(0.0, f32::max) + MARGIN * unit;
            (least.max(0.0) as usize)..(greatest.max(0.0) as usize).min(most)
        };
        let columns = span([a.x, b.x, c.x, fourth_x], bitmap.width());
        let rows = span([a.y, b.y, c.y, fourth_y], bitmap.height());
        // Out of each `step` pixels one is taken, and taken `times` over.
        let step = ((unit / 4.0) as usize).max(1);
        let times = if unit < 3.0 { (4.0 / unit.max(1.0)) as usize } else { 1 };
        let mut pixels = Vec::new();
        for y in rows.clone().step_by(step) {
            let line = columns.clone().step_by(step).flat_map(|x| {
                let is_dark = bitmap.at(x, y) == Some(b.colour);
                std::iter::repeat_n(if is_dark { DARK } else { LIGHT }, times)
            });
            let start = pixels.len();
            pixels.extend(line);
            let end = pixels.len();
            for _ in 1..times {
                pixels.extend_from_within(start..end);
            }
        }
        let width = columns.len().div_ceil(step) * times;
        let mut cut = Bitmap::new(width.max(1), pixels);
        let place = |at: f32, from: usize| (at - from as f32) * times as f32 / step as f32;
        let strange = || {
            let others = patterns.iter().enumerate().filter(|(i, _)| !self.corners.contains(i));
            others.map(|(_, p)| p).filter(|p| p.colour == b.colour)
        };
        // What looks like a pattern within the code is data, as long as it is not a crowd.
        let is_within = |p: &&Pattern| is_within(p, &b, &a, &c);
        let is_data = strange().filter(is_within).count() <= MOST_WITHIN;
        for p in strange().filter(|p| !(is_data && is_within(p))) {
            let reach = 2.0 * p.unit * times as f32 / step as f32;
            let range = |middle: f32| {
                ((middle - reach).max(0.0) as usize)..((middle + reach).max(0.0) as usize)
            };
            cut.wipe(range(place(p.x, columns.start)), range(place(p.y, rows.start)));
        }
        cut
    }
}

impl Pattern {
    /// Whether both may belong to one code.
    fn is_like(&self, other: &Pattern) -> bool {
        self.colour == other.colour && self.unit.max(other.unit) < 1.7 * self.unit.min(other.unit)
    }
}

/// Patterns kept of one picture: a sheet of twenty codes.
const MOST_PATTERNS: usize = 64;

/// Tiny patterns that may still be those of codes.
const MOST_TINY: usize = 32;

/// Whether modules are so small that grain looks like them.
fn is_tiny(unit: f32) -> bool {
    unit < 3.0
}

/// Squares kept to be sorted.
const MOST_CANDIDATES: usize = 4_096;

/// Places within one code that look like a finder pattern by chance.
const MOST_WITHIN: usize = 3;

/// Modules around the middles of the corners that are cut out: half a pattern and some quiet.
const MARGIN: f32 = 6.0;

/// Distance of two finder patterns, in modules: 14 in version 1, 170 in version 40, and some for
/// units measured badly.
const SIDES: std::ops::Range<f32> = 10.0..230.0;

/// Tells of every run of a row that ends five of them: where it ends, the five, and its colour.
fn runs(row: &[u8], mut tell: impl FnMut(usize, [usize; 5], u8)) {
    let mut last = [0; 5];
    let mut at = 0;
    while let Some(rest) = row.get(at..).filter(|r| !r.is_empty()) {
        let colour = rest.first().copied().unwrap_or(LIGHT);
        // Most runs of a photograph are short, most of a drawing long.
        let short = rest.iter().take(16).take_while(|&&p| p == colour).count();
        let length = match short {
            16 => memchr::memchr(colour ^ 1, rest).unwrap_or(rest.len()),
            short => short,
        };
        let [_, b, c, d, e] = last;
        last = [b, c, d, e, length];
        at += length;
        if b > 0 {
            tell(at, last, colour);
        }
    }
}

/// Whether five runs are as 1:1:3:1:1, none off by half.
fn is_finder(runs: &[usize; 5]) -> bool {
    let [a, b, stone, d, e] = *runs;
    let total = a + b + stone + d + e;
    let near = |run: usize, modules: usize| {
        2 * (7 * run).abs_diff(modules * total) < modules.max(1) * total
    };
    total >= 7 && a > 0 && near(a, 1) && near(b, 1) && near(stone, 3) && near(d, 1) && near(e, 1)
}

/// The pattern around a place where a row crosses one, if the column and the row through its
/// middle do too.
fn confirm(bitmap: &Bitmap, x: usize, y: usize, total: usize, colour: u8) -> Option<Pattern> {
    let (middle_y, tall) = cross(total, colour, y, |at| bitmap.at(x, at))?;
    let row = middle_y as usize;
    let (middle_x, wide) = cross(total, colour, x, |at| bitmap.at(at, row))?;
    Some(Pattern { x: middle_x, y: middle_y, unit: (tall + wide) as f32 / 14.0, colour })
}

/// Follows a line both ways from `from`: the middle of the pattern on it and its extent.
fn cross(
    expected: usize,
    colour: u8,
    from: usize,
    pixel: impl Fn(usize) -> Option<u8>,
) -> Option<(f32, usize)> {
    // No run is longer than the whole pattern.
    let follow = |mut at: Option<usize>, next: &dyn Fn(usize) -> Option<usize>| {
        let mut lengths = [0; 3];
        for (length, colour) in lengths.iter_mut().zip([colour, colour ^ 1, colour]) {
            while *length <= expected && at.and_then(&pixel) == Some(colour) {
                *length += 1;
                at = at.and_then(next);
            }
        }
        lengths
    };
    let [stone_before, ring_before, edge_before] = follow(Some(from), &|at| at.checked_sub(1));
    let [stone_after, ring_after, edge_after] =
        follow(from.checked_add(1), &|at| at.checked_add(1));
    let stone = stone_before + stone_after;
    let runs = [edge_before, ring_before, stone, ring_after, edge_after];
    let total: usize = runs.iter().sum();
    let fits = is_finder(&runs) && 2 * total.abs_diff(expected) < expected;
    let begin = (from + 1).checked_sub(stone_before)?;
    fits.then(|| (begin as f32 + (stone as f32 - 1.0) / 2.0, total))
}

/// Whether a pattern lies in the square of three corners, the first of them the right angle.
fn is_within(p: &Pattern, corner: &Pattern, one: &Pattern, other: &Pattern) -> bool {
    let (ux, uy) = (one.x - corner.x, one.y - corner.y);
    let (vx, vy) = (other.x - corner.x, other.y - corner.y);
    let (px, py) = (p.x - corner.x, p.y - corner.y);
    let area = ux * vy - uy * vx;
    let along = (px * vy - py * vx) / area;
    let across = (ux * py - uy * px) / area;
    (0.0..=1.0).contains(&along) && (0.0..=1.0).contains(&across)
}

/// The side of the square in pixels, if `corner` is a right angle between sides of a length that
/// codes have.
fn square(corner: &Pattern, one: &Pattern, other: &Pattern) -> Option<f32> {
    if !corner.is_like(other) || !one.is_like(other) {
        return None;
    }
    let (ux, uy) = (one.x - corner.x, one.y - corner.y);
    let (vx, vy) = (other.x - corner.x, other.y - corner.y);
    let (u, v) = (ux.hypot(uy), vx.hypot(vy));
    let side = u.max(v);
    let unit = (corner.unit + one.unit + other.unit) / 3.0;
    let is_square = side < 1.35 * u.min(v) && (ux * vx + uy * vy).abs() < 0.35 * u * v;
    (is_square && SIDES.contains(&(side / unit))).then_some(side)
}
