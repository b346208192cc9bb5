//! Icons drawn for tests, of shapes that no theme and no other program drew.

use super::picture::{Picture, Pixel};

/// What covers a point; places from 0 to 1, later shapes over earlier ones.
enum Shape {
    /// Left, top, right, bottom.
    Box([f32; 4]),
    /// Middle and radius.
    Disc(f32, f32, f32),
    /// From, to, half of the width.
    Line([f32; 2], [f32; 2], f32),
    Polygon(Vec<[f32; 2]>),
}

/// A drawing: shapes with their colours.
pub(crate) struct Drawing(Vec<(Shape, [u8; 3])>);

impl Drawing {
    /// The picture of a drawing, `side` pixels wide and high.
    pub(crate) fn picture(&self, side: usize) -> Picture {
        let fine = if side > 64 { 1 } else { 3 };
        let pixel = |at: usize| -> Pixel {
            let (x, y) = (at % side, at / side);
            let place =
                |at: usize, inner: usize| ((at * fine + inner) as f32 + 0.5) / (side * fine) as f32;
            let points =
                (0..fine * fine).filter_map(|f| self.at(place(x, f % fine), place(y, f / fine)));
            let hits: Vec<[u8; 3]> = points.collect();
            let mean = |channel: usize| {
                let sum: usize = hits.iter().map(|c| usize::from(c[channel])).sum();
                u8::try_from(sum / hits.len().max(1)).unwrap()
            };
            [mean(0), mean(1), mean(2), u8::try_from(hits.len() * 255 / (fine * fine)).unwrap()]
        };
        Picture::new(side, side, (0..side * side).map(pixel).collect()).unwrap()
    }

    fn at(&self, x: f32, y: f32) -> Option<[u8; 3]> {
        self.0.iter().rev().find(|(shape, _)| shape.covers(x, y)).map(|(_, colour)| *colour)
    }
}

impl Shape {
    fn covers(&self, x: f32, y: f32) -> bool {
        match self {
            Shape::Box([left, top, right, bottom]) => {
                (*left..*right).contains(&x) && (*top..*bottom).contains(&y)
            }
            Shape::Disc(a, b, radius) => (x - a).hypot(y - b) < *radius,
            Shape::Line([a, b], [c, d], half) => {
                let (along, down) = (c - a, d - b);
                let share = ((x - a) * along + (y - b) * down) / (along * along + down * down);
                let share = share.clamp(0.0, 1.0);
                (x - a - share * along).hypot(y - b - share * down) < *half
            }
            Shape::Polygon(corners) => {
                let edges = corners.iter().zip(corners.iter().cycle().skip(1));
                let crossed = edges.filter(|([a, b], [c, d])| {
                    (*b > y) != (*d > y) && x < (c - a) * (y - b) / (d - b) + a
                });
                crossed.count() % 2 == 1
            }
        }
    }
}

/// An upright white sheet with a folded corner and grey lines.
fn sheet() -> Vec<(Shape, [u8; 3])> {
    let outline = |by: f32| {
        Shape::Polygon(vec![
            [0.14 + by, 0.03 + by],
            [0.64 - by / 2.0, 0.03 + by],
            [0.86 - by, 0.25 + by / 2.0],
            [0.86 - by, 0.97 - by],
            [0.14 + by, 0.97 - by],
        ])
    };
    let mut shapes = vec![(outline(0.0), [120, 125, 130]), (outline(0.025), [252, 252, 253])];
    shapes.push((Shape::Polygon(vec![[0.64, 0.03], [0.86, 0.25], [0.64, 0.25]]), [200, 205, 210]));
    shapes
}

fn lines(shapes: &mut Vec<(Shape, [u8; 3])>, colour: [u8; 3]) {
    for row in 0..7 {
        let y = 0.3 + row as f32 * 0.09;
        shapes.push((Shape::Box([0.22, y, 0.78, y + 0.035]), colour));
    }
}

fn strokes(shapes: &mut Vec<(Shape, [u8; 3])>, points: &[[f32; 2]], half: f32, colour: [u8; 3]) {
    for pair in points.windows(2) {
        shapes.push((Shape::Line(pair[0], pair[1], half), colour));
    }
}

/// A sheet with lines and, before it, a blue tile with a white W.
pub(crate) fn word() -> Drawing {
    let mut shapes = sheet();
    lines(&mut shapes, [60, 110, 190]);
    shapes.push((Shape::Box([0.02, 0.32, 0.5, 0.8]), [32, 84, 160]));
    let w = [[0.09, 0.44], [0.17, 0.68], [0.26, 0.48], [0.35, 0.68], [0.43, 0.44]];
    strokes(&mut shapes, &w, 0.03, [255; 3]);
    Drawing(shapes)
}

/// A sheet with a grid and, before it, a green tile with a white X.
pub(crate) fn excel() -> Drawing {
    let mut shapes = sheet();
    for at in 0..5 {
        let y = 0.32 + at as f32 * 0.13;
        shapes.push((Shape::Line([0.24, y], [0.78, y], 0.014), [40, 130, 80]));
        let x = 0.24 + at as f32 * 0.135;
        shapes.push((Shape::Line([x, 0.32], [x, 0.84], 0.014), [40, 130, 80]));
    }
    shapes.push((Shape::Box([0.02, 0.32, 0.5, 0.8]), [25, 115, 65]));
    strokes(&mut shapes, &[[0.15, 0.43], [0.37, 0.69]], 0.035, [255; 3]);
    strokes(&mut shapes, &[[0.37, 0.43], [0.15, 0.69]], 0.035, [255; 3]);
    Drawing(shapes)
}

/// A sheet with a red band on which PDF is written.
pub(crate) fn pdf() -> Drawing {
    let mut shapes = sheet();
    shapes.push((Shape::Box([0.06, 0.44, 0.78, 0.72]), [200, 30, 30]));
    let white = [255; 3];
    strokes(
        &mut shapes,
        &[[0.14, 0.66], [0.14, 0.5], [0.25, 0.5], [0.25, 0.58], [0.14, 0.58]],
        0.02,
        white,
    );
    strokes(
        &mut shapes,
        &[[0.35, 0.66], [0.35, 0.5], [0.43, 0.5], [0.48, 0.58], [0.43, 0.66], [0.35, 0.66]],
        0.02,
        white,
    );
    strokes(&mut shapes, &[[0.7, 0.5], [0.58, 0.5], [0.58, 0.66]], 0.02, white);
    strokes(&mut shapes, &[[0.58, 0.58], [0.67, 0.58]], 0.02, white);
    Drawing(shapes)
}

/// A sheet with lines.
pub(crate) fn text() -> Drawing {
    let mut shapes = sheet();
    lines(&mut shapes, [130, 135, 140]);
    Drawing(shapes)
}

/// A yellow folder with a tab.
pub(crate) fn folder() -> Drawing {
    let back =
        vec![[0.04, 0.16], [0.38, 0.16], [0.46, 0.25], [0.96, 0.25], [0.96, 0.84], [0.04, 0.84]];
    let front = vec![[0.04, 0.36], [0.96, 0.36], [0.96, 0.86], [0.04, 0.86]];
    Drawing(vec![(Shape::Polygon(back), [222, 164, 40]), (Shape::Polygon(front), [253, 214, 108])])
}

/// A blue disc with a yellow star: the sign of some game.
pub(crate) fn game() -> Drawing {
    let star = (0..10).map(|at| {
        let turn = std::f32::consts::PI * at as f32 / 5.0;
        let reach = if at % 2 == 0 { 0.42 } else { 0.17 };
        [0.5 + reach * turn.sin(), 0.5 - reach * turn.cos()]
    });
    Drawing(vec![
        (Shape::Disc(0.5, 0.5, 0.49), [30, 30, 90]),
        (Shape::Disc(0.5, 0.5, 0.44), [70, 40, 170]),
        (Shape::Polygon(star.collect()), [250, 200, 40]),
    ])
}

/// A window with a blue title bar: what programs have that nobody drew an icon for.
pub(crate) fn window() -> Drawing {
    Drawing(vec![
        (Shape::Box([0.03, 0.12, 0.97, 0.88]), [110, 120, 135]),
        (Shape::Box([0.06, 0.15, 0.94, 0.85]), [245, 246, 248]),
        (Shape::Box([0.06, 0.15, 0.94, 0.3]), [40, 110, 200]),
        (Shape::Box([0.78, 0.19, 0.82, 0.26]), [255; 3]),
        (Shape::Box([0.86, 0.19, 0.9, 0.26]), [255; 3]),
    ])
}

/// A red shield with a white tick: some scanner.
pub(crate) fn shield() -> Drawing {
    let outline = vec![
        [0.5, 0.03],
        [0.9, 0.16],
        [0.88, 0.55],
        [0.72, 0.82],
        [0.5, 0.97],
        [0.28, 0.82],
        [0.12, 0.55],
        [0.1, 0.16],
    ];
    let mut shapes = vec![(Shape::Polygon(outline), [190, 40, 40])];
    strokes(&mut shapes, &[[0.3, 0.5], [0.45, 0.66], [0.72, 0.32]], 0.06, [255; 3]);
    Drawing(shapes)
}
