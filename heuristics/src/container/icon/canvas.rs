//! An icon brought to one size, in colours as people see them.
//!
//! What is drawn is cut out of its transparent margin, scaled so that its longer side fills the
//! canvas, centred, and converted to Oklab (Björn Ottosson, 2020), where equal distances look alike.

use super::picture::{Picture, Pixel};

/// Side of the canvas, in cells.
pub(super) const SIDE: usize = 32;

/// One cell of the canvas.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cell {
    /// Opacity, 0 to 1.
    pub(super) alpha: f32,
    /// Lightness, 0 to 1.
    pub(super) l: f32,
    /// Green (negative) to red.
    pub(super) a: f32,
    /// Blue (negative) to yellow.
    pub(super) b: f32,
}

impl Cell {
    /// The cell on an opaque ground of grey with lightness `ground`.
    pub(super) fn on(self, ground: f32) -> Cell {
        let alpha = self.alpha;
        Cell {
            alpha: 1.0,
            l: self.l * alpha + ground * (1.0 - alpha),
            a: self.a * alpha,
            b: self.b * alpha,
        }
    }

    /// How colourful it is; the most colourful of sRGB has about 0.3.
    pub(super) fn chroma(self) -> f32 {
        self.a.hypot(self.b)
    }

    /// Hue as a share of the circle, 0 to 1, from red over yellow, green and blue.
    pub(super) fn hue(self) -> f32 {
        (self.b.atan2(self.a) / std::f32::consts::TAU).rem_euclid(1.0)
    }
}

/// An icon of [`SIDE`] by [`SIDE`] cells.
pub(super) struct Canvas {
    cells: Vec<Cell>,
    /// Width of what is drawn over the sum of its sides.
    pub(super) aspect: f32,
    /// Share of the picture's area that the box around what is drawn takes.
    pub(super) share: f32,
}

impl Canvas {
    /// Brings a picture to the canvas; `None` where nothing is drawn.
    pub(super) fn new(picture: &Picture) -> Option<Canvas> {
        let (left, top, right, bottom) = drawn(picture)?;
        let (width, height) = ((right - left) as f32, (bottom - top) as f32);
        let scale = width.max(height) / SIDE as f32;
        let origin_x = (left as f32 + right as f32 - SIDE as f32 * scale) / 2.0;
        let origin_y = (top as f32 + bottom as f32 - SIDE as f32 * scale) / 2.0;
        let rows: Vec<&[Pixel]> = picture.rows().collect();
        let mut cells = Vec::with_capacity(SIDE * SIDE);
        for y in 0..SIDE {
            for x in 0..SIDE {
                let (x, y) = (origin_x + x as f32 * scale, origin_y + y as f32 * scale);
                cells.push(mean(&rows, x, y, scale));
            }
        }
        let share = width * height / (picture.width() * picture.height()) as f32;
        Some(Canvas { cells, aspect: width / (width + height), share })
    }

    /// The cell in column `x` and row `y`; a transparent one outside.
    pub(super) fn at(&self, x: usize, y: usize) -> Cell {
        if x >= SIDE {
            Cell::default()
        } else {
            self.cells.get(y * SIDE + x).copied().unwrap_or_default()
        }
    }

    /// Every cell with its column and row.
    pub(super) fn cells(&self) -> impl Iterator<Item = (usize, usize, Cell)> {
        self.cells.iter().enumerate().map(|(at, &cell)| (at % SIDE, at / SIDE, cell))
    }
}

/// Opacity from which a pixel is seen.
const SEEN: u8 = 24;

/// The box around what is drawn: left, top, right, bottom, the last two beyond it.
fn drawn(picture: &Picture) -> Option<(usize, usize, usize, usize)> {
    let (mut left, mut top, mut right, mut bottom) = (usize::MAX, usize::MAX, 0, 0);
    for (y, row) in picture.rows().enumerate() {
        let Some(first) = row.iter().position(|p| p[3] >= SEEN) else { continue };
        let last = row.iter().rposition(|p| p[3] >= SEEN).unwrap_or(first);
        left = left.min(first);
        right = right.max(last + 1);
        top = top.min(y);
        bottom = y + 1;
    }
    (right > left).then_some((left, top, right, bottom))
}

/// The mean of a square of the picture, opacity as weight.
fn mean(rows: &[&[Pixel]], x: f32, y: f32, side: f32) -> Cell {
    let (mut sum, mut colour, mut area) = (0.0, [0.0_f32; 3], 0.0);
    for (row, height) in spans(y, side) {
        let Some(row) = rows.get(row) else { continue };
        for (column, width) in spans(x, side) {
            let Some(&[r, g, b, alpha]) = row.get(column) else { continue };
            let weight = width * height * f32::from(alpha) / 255.0;
            sum += weight;
            for (total, value) in colour.iter_mut().zip([r, g, b]) {
                *total += weight * LINEAR.get(usize::from(value)).copied().unwrap_or_default();
            }
        }
    }
    area += side * side;
    if sum <= f32::EPSILON {
        return Cell::default();
    }
    let (l, a, b) = oklab(colour.map(|total| total / sum));
    Cell { alpha: (sum / area).min(1.0), l, a, b }
}

/// The pixels that `from..from + length` covers, and how much of each.
fn spans(from: f32, length: f32) -> impl Iterator<Item = (usize, f32)> {
    let (from, to) = (from.max(0.0), (from + length).max(0.0));
    let (first, last) = (from.floor() as usize, to.ceil() as usize);
    (first..last).map(move |at| {
        let at_f = at as f32;
        (at, (to.min(at_f + 1.0) - from.max(at_f)).max(0.0))
    })
}

/// sRGB values as light: IEC 61966-2-1 with its exponent taken as 2, near enough for pictures of
/// this size and the same on every machine.
static LINEAR: [f32; 256] = {
    let mut table = [0.0; 256];
    let mut at = 0;
    while at < 256 {
        let share = at as f32 / 255.0;
        #[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
        {
            table[at] = share * share;
        }
        at += 1;
    }
    table
};

fn oklab([r, g, b]: [f32; 3]) -> (f32, f32, f32) {
    let l = (0.412_221_47 * r + 0.536_332_54 * g + 0.051_445_993 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    (
        0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
        1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
        0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
    )
}
