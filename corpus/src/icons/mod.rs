//! Icons of free themes as numbers: what the forest that recognises disguised programs learns from.
//!
//! Way in: the program `icon-model`. [`themes`] finds icons by their names and turns each into
//! [`Sample`]s, [`drawn`] adds sheets and folders drawn here in the manner of Windows, [`forest`]
//! grows the trees, [`report`] measures them on the themes that were kept back. No picture is kept.

pub mod drawn;
pub mod forest;
pub mod render;
pub mod report;
pub mod themes;

use sekisho_heuristics::container::icon::{Likeness, Picture, features};

/// Index of a class of the forest: 0 for none, else one more than the place in [`Likeness::ALL`].
pub type Class = u8;

/// The class of icons that look like themselves.
pub const NONE: Class = 0;

/// The class of a likeness.
pub fn class_of(likeness: Likeness) -> Class {
    let at = Likeness::ALL.iter().position(|&l| l == likeness);
    at.and_then(|at| u8::try_from(at + 1).ok()).unwrap_or(NONE)
}

/// Name of a class, for tables.
pub fn class_name(class: Class) -> &'static str {
    let at = usize::from(class).checked_sub(1);
    at.and_then(|at| Likeness::ALL.get(at)).map_or("none", |l| l.names().1)
}

/// One picture of one icon.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What it is.
    pub class: Class,
    /// Index of the family of themes it comes from.
    pub family: usize,
    /// Theme and name: all sizes of one icon share it.
    pub icon: String,
    /// The icon of an application.
    pub is_application: bool,
    /// An application that may look like what it opens: file managers, editors, viewers.
    pub is_of_file_program: bool,
    /// Side in pixels.
    pub side: usize,
    /// Made from another by changing its colours; only to learn from.
    pub is_varied: bool,
    /// The numbers.
    pub features: Vec<u8>,
}

/// `picture` with its colours turned round the circle by `turn` (share of the circle), made paler by
/// `pale` and darker by `dark` (both 0 to 1).
pub fn recoloured(picture: &Picture, turn: f32, pale: f32, dark: f32) -> Option<Picture> {
    let change = |pixel: &[u8; 4]| {
        let [r, g, b, alpha] = *pixel;
        let (hue, saturation, value) = hsv([r, g, b]);
        let [r, g, b] = rgb(hue + turn, saturation * (1.0 - pale), value * (1.0 - dark));
        [r, g, b, alpha]
    };
    let pixels = picture.rows().flatten().map(change).collect();
    Picture::new(picture.width(), picture.height(), pixels)
}

/// The numbers of a picture.
pub fn numbers(picture: &Picture) -> Option<Vec<u8>> {
    features::of(picture)
}

fn hsv(rgb: [u8; 3]) -> (f32, f32, f32) {
    let [r, g, b] = rgb.map(|v| f32::from(v) / 255.0);
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    let range = most - least;
    if range <= f32::EPSILON {
        return (0.0, 0.0, most);
    }
    let sector = if most == r {
        (g - b) / range
    } else if most == g {
        (b - r) / range + 2.0
    } else {
        (r - g) / range + 4.0
    };
    ((sector / 6.0).rem_euclid(1.0), range / most, most)
}

fn rgb(hue: f32, saturation: f32, value: f32) -> [u8; 3] {
    let channel = |shift: f32| {
        let k = (shift + hue.rem_euclid(1.0) * 6.0).rem_euclid(6.0);
        let share = value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0);
        (share * 255.0).round() as u8
    };
    [channel(5.0), channel(3.0), channel(1.0)]
}
