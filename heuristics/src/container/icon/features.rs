//! What an icon looks like, as numbers: the only thing that is kept of any icon.
//!
//! Way in: [`of`]. The numbers say what people go by: the silhouette (a sheet is upright with a
//! folded corner, a folder is broad with a tab), where which colours lie, how large a badge of one
//! colour is, where it sits and what is drawn in it, and whether lines run across like text. Each is
//! one byte, so that the table of [`super::forest`] stays small. The order is part of that table.

use super::canvas::{Canvas, Cell, SIDE};
use super::picture::Picture;

/// How many numbers there are of an icon.
pub const COUNT: usize = 555;

/// The numbers of a picture, [`COUNT`] of them; `None` where nothing is drawn.
pub fn of(picture: &Picture) -> Option<Vec<u8>> {
    let canvas = Canvas::new(picture)?;
    let mut out = Features(Vec::with_capacity(COUNT));
    out.shape(&canvas);
    out.outline(&canvas);
    out.colours(&canvas);
    out.edges(&canvas);
    out.hues(&canvas);
    out.lines(&canvas);
    out.symmetry(&canvas);
    debug_assert_eq!(out.0.len(), COUNT);
    Some(out.0)
}

/// Cells along a side of the coarse grid.
const GRID: usize = 8;

/// Opacity from which a cell belongs to the silhouette.
const SOLID: f32 = 0.5;

/// Chroma from which a cell has a colour.
const COLOURED: f32 = 0.06;

struct Features(Vec<u8>);

impl Features {
    /// Adds a number between 0 and 1.
    fn push(&mut self, value: f32) {
        self.0.push((value.clamp(0.0, 1.0) * 255.0) as u8);
    }

    /// Proportions, and how much of each zone is covered.
    fn shape(&mut self, canvas: &Canvas) {
        let covered = canvas.cells().map(|(.., c)| c.alpha).sum::<f32>() / (SIDE * SIDE) as f32;
        self.push(canvas.aspect);
        self.push(canvas.share);
        self.push(covered);
        for zone in zones(canvas, GRID, |c| c.alpha) {
            self.push(zone);
        }
        // Corners: how much of the triangle there is covered. Sheets lack one of them.
        let corner = |flip_x: bool, flip_y: bool| {
            let turn = |at: usize, flip| if flip { SIDE - 1 - at } else { at };
            let cells = canvas.cells().filter(|&(x, y, _)| turn(x, flip_x) + turn(y, flip_y) < 8);
            cells.map(|(.., c)| c.alpha).sum::<f32>() / 36.0
        };
        let corners = [(false, false), (true, false), (false, true), (true, true)];
        let corners = corners.map(|(x, y)| corner(x, y));
        corners.iter().for_each(|&c| self.push(c));
        let [top_left, top_right, ..] = corners;
        self.push((top_left - top_right + 1.0) / 2.0);
    }

    /// Where the silhouette begins, seen from each side.
    fn outline(&mut self, canvas: &Canvas) {
        let depth = |solid: &dyn Fn(usize) -> bool| {
            (0..SIDE).position(solid).unwrap_or(SIDE) as f32 / SIDE as f32
        };
        let is_solid = |x: usize, y: usize| canvas.at(x, y).alpha >= SOLID;
        for at in (0..SIDE).step_by(2) {
            self.push(depth(&|x| is_solid(x, at)));
            self.push(depth(&|x| is_solid(SIDE - 1 - x, at)));
            self.push(depth(&|y| is_solid(at, y)));
            self.push(depth(&|y| is_solid(at, SIDE - 1 - y)));
        }
    }

    /// Colour of each zone on white, and where paper is.
    fn colours(&mut self, canvas: &Canvas) {
        for zone in zones(canvas, GRID, |c| c.on(1.0).l) {
            self.push(zone);
        }
        for zone in zones(canvas, GRID, |c| c.on(1.0).a) {
            self.push(zone * 2.0 + 0.5);
        }
        for zone in zones(canvas, GRID, |c| c.on(1.0).b) {
            self.push(zone * 2.0 + 0.5);
        }
        let is_paper = |c: Cell| c.l > 0.9 && c.chroma() < COLOURED && c.alpha >= SOLID;
        for zone in zones(canvas, GRID / 2, |c| f32::from(u8::from(is_paper(c)))) {
            self.push(zone);
        }
    }

    /// How strong edges of four directions are in each zone, on grey, so that white sheets have some.
    fn edges(&mut self, canvas: &Canvas) {
        const ZONES: usize = GRID / 2;
        let light = |x: usize, y: usize| canvas.at(x, y).on(0.6).l;
        let mut strength = [0.0_f32; ZONES * ZONES * 4];
        for (x, y, _) in canvas.cells() {
            let (before_x, before_y) = (x.saturating_sub(1), y.saturating_sub(1));
            let (after_x, after_y) = ((x + 1).min(SIDE - 1), (y + 1).min(SIDE - 1));
            let across = light(after_x, y) - light(before_x, y);
            let down = light(x, after_y) - light(x, before_y);
            let direction = (down.atan2(across) / std::f32::consts::PI * 4.0).round() as i32;
            let zone = y * ZONES / SIDE * ZONES + x * ZONES / SIDE;
            let place = zone * 4 + usize::try_from(direction.rem_euclid(4)).unwrap_or_default();
            if let Some(sum) = strength.get_mut(place) {
                *sum += across.hypot(down);
            }
        }
        let cells = (SIDE / ZONES * SIDE / ZONES) as f32;
        strength.iter().for_each(|sum| self.push(sum / cells * 2.0));
    }

    /// Which colours there are; and of six families of colour how much, where, how compact; and what
    /// is drawn within the box of the strongest: the letter of a badge.
    fn hues(&mut self, canvas: &Canvas) {
        let covered = canvas.cells().map(|(.., c)| c.alpha).sum::<f32>().max(1.0);
        let mut histogram = [0.0_f32; 12];
        let mut greys = [0.0_f32; 4];
        let mut chroma = 0.0;
        let mut families = [Family::default(); 6];
        for (x, y, cell) in canvas.cells() {
            chroma += cell.chroma() * cell.alpha;
            let place = match cell.chroma() >= COLOURED {
                true => histogram.get_mut((cell.hue() * 12.0) as usize % 12),
                false => greys.get_mut((cell.l * 4.0).min(3.0) as usize),
            };
            if let Some(sum) = place {
                *sum += cell.alpha;
            }
            if cell.chroma() >= COLOURED
                && cell.alpha >= SOLID
                && let Some(family) = families.get_mut(family(cell.hue()))
            {
                family.add(x, y);
            }
        }
        histogram.iter().chain(&greys).for_each(|sum| self.push(sum / covered));
        self.push(chroma / covered * 4.0);
        let kinds = histogram.iter().filter(|&&sum| sum / covered > 0.03).count();
        self.push(kinds as f32 / 12.0);
        for family in &families {
            family.tell(self, covered);
        }
        let strongest = families.iter().max_by(|a, b| a.count.total_cmp(&b.count));
        let strongest = strongest.copied().unwrap_or_default();
        self.push(strongest.count / covered);
        for y in 0..GRID {
            for x in 0..GRID {
                let (x, y) = strongest.point(x, y);
                self.push(canvas.at(x, y).on(1.0).l);
            }
        }
    }

    /// How light goes up and down across the middle: lines of text, rows and columns of a sheet.
    fn lines(&mut self, canvas: &Canvas) {
        let middle = SIDE / 5..SIDE - SIDE / 5;
        let share = 1.0 / middle.len() as f32;
        let light = |x: usize, y: usize| canvas.at(x, y).on(1.0).l;
        let rows: Vec<f32> =
            (0..SIDE).map(|y| middle.clone().map(|x| light(x, y)).sum::<f32>() * share).collect();
        let columns: Vec<f32> =
            (0..SIDE).map(|x| middle.clone().map(|y| light(x, y)).sum::<f32>() * share).collect();
        for profile in [&rows, &columns] {
            self.push(turns(profile) as f32 / 16.0);
            let steps = profile.windows(2).map(|w| match w {
                [a, b] => (a - b).abs(),
                _ => 0.0,
            });
            self.push(steps.sum::<f32>() / SIDE as f32 * 5.0);
            for lag in 2..=6 {
                self.push((likeness_at(profile, lag) + 1.0) / 2.0);
            }
        }
        // The same of single lines: how often they turn, top to bottom and left to right.
        for at in (4..SIDE).step_by(8) {
            let row: Vec<f32> = (0..SIDE).map(|x| light(x, at)).collect();
            let column: Vec<f32> = (0..SIDE).map(|y| light(at, y)).collect();
            self.push(turns(&row) as f32 / 16.0);
            self.push(turns(&column) as f32 / 16.0);
        }
    }

    /// How much the icon is its own mirror image.
    fn symmetry(&mut self, canvas: &Canvas) {
        let difference = |mirrored: &dyn Fn(usize, usize) -> Cell, of: fn(Cell) -> f32| {
            let differences = canvas.cells().map(|(x, y, c)| (of(c) - of(mirrored(x, y))).abs());
            differences.sum::<f32>() / (SIDE * SIDE) as f32
        };
        let across = |x: usize, y: usize| canvas.at(SIDE - 1 - x, y);
        let down = |x: usize, y: usize| canvas.at(x, SIDE - 1 - y);
        for of in [|c: Cell| c.alpha, |c: Cell| c.on(1.0).l, |c: Cell| c.on(1.0).b * 2.0] {
            self.push(difference(&across, of) * 2.0);
            self.push(difference(&down, of) * 2.0);
        }
    }
}

/// The mean of `of` in each zone of a grid, row by row.
fn zones(canvas: &Canvas, grid: usize, of: impl Fn(Cell) -> f32) -> Vec<f32> {
    let mut sums = vec![0.0_f32; grid * grid];
    for (x, y, cell) in canvas.cells() {
        if let Some(sum) = sums.get_mut(y * grid / SIDE * grid + x * grid / SIDE) {
            *sum += of(cell);
        }
    }
    let cells = (SIDE / grid * SIDE / grid) as f32;
    sums.iter().map(|sum| sum / cells).collect()
}

/// Red, orange, yellow, green, blue, violet, by hue in Oklab.
fn family(hue: f32) -> usize {
    const ENDS: [f32; 5] = [0.12, 0.20, 0.32, 0.50, 0.78];
    // What lies beyond violet is red again.
    if hue >= 0.96 { 0 } else { ENDS.iter().filter(|&&end| hue >= end).count() }
}

/// The cells of one family of colour.
#[derive(Clone, Copy)]
struct Family {
    count: f32,
    sum_x: f32,
    sum_y: f32,
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Default for Family {
    fn default() -> Family {
        Family { count: 0.0, sum_x: 0.0, sum_y: 0.0, left: SIDE, top: SIDE, right: 0, bottom: 0 }
    }
}

impl Family {
    fn add(&mut self, x: usize, y: usize) {
        self.count += 1.0;
        self.sum_x += x as f32;
        self.sum_y += y as f32;
        (self.left, self.right) = (self.left.min(x), self.right.max(x + 1));
        (self.top, self.bottom) = (self.top.min(y), self.bottom.max(y + 1));
    }

    fn tell(&self, out: &mut Features, covered: f32) {
        let (side, count) = (SIDE as f32, self.count.max(1.0));
        let width = self.right.saturating_sub(self.left) as f32;
        let height = self.bottom.saturating_sub(self.top) as f32;
        out.push(self.count / covered);
        out.push(self.sum_x / count / side);
        out.push(self.sum_y / count / side);
        out.push(width / side);
        out.push(height / side);
        out.push(self.count / (width * height).max(1.0));
    }

    /// The cell at a place of a grid over the box of the family.
    fn point(&self, x: usize, y: usize) -> (usize, usize) {
        let inner = |from: usize, to: usize, at: usize| {
            from + to.saturating_sub(from) * (2 * at + 1) / (2 * GRID)
        };
        (inner(self.left, self.right, x), inner(self.top, self.bottom, y))
    }
}

/// How often a profile turns from up to down or back by more than a shade.
fn turns(profile: &[f32]) -> usize {
    const SHADE: f32 = 0.04;
    let (mut turns, mut rising, mut extreme) = (0, None, profile.first().copied().unwrap_or(0.0));
    for &value in profile {
        match rising {
            Some(true) if value > extreme => extreme = value,
            Some(false) if value < extreme => extreme = value,
            _ if (value - extreme).abs() > SHADE => {
                turns += usize::from(rising.is_some());
                rising = Some(value > extreme);
                extreme = value;
            }
            _ => {}
        }
    }
    turns
}

/// Correlation of a profile with itself, `lag` cells on.
fn likeness_at(profile: &[f32], lag: usize) -> f32 {
    let mean = profile.iter().sum::<f32>() / profile.len().max(1) as f32;
    let variance: f32 = profile.iter().map(|v| (v - mean) * (v - mean)).sum();
    let products =
        profile.iter().zip(profile.iter().skip(lag)).map(|(a, b)| (a - mean) * (b - mean));
    if variance < 1e-4 { 0.0 } else { products.sum::<f32>() / variance }
}
