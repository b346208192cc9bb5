//! Charts as inline SVG: stacked columns by day, and bars.
//!
//! All in whole numbers and without styles from outside. Each series has its own lightness and
//! pattern of edges, so that a black and white print tells them apart.

use std::fmt::Write as _;

use super::number;
use crate::notice::escape;

/// Amounts by day, series upon series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// What is shown.
    pub title: String,
    /// From the bottom to the top.
    pub series: Vec<Series>,
}

/// One series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// One value a day.
    pub values: Vec<u64>,
}

/// Amounts of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    /// What is shown.
    pub title: String,
    /// Name and amount, from top to bottom.
    pub rows: Vec<(String, u64)>,
}

impl Columns {
    /// Whether there is nothing to draw.
    pub(super) fn is_empty(&self) -> bool {
        self.series.iter().all(|series| series.values.iter().all(|value| *value == 0))
    }

    /// Draws them.
    pub(super) fn svg(&self, out: &mut String) {
        let days = self.series.iter().map(|s| s.values.len()).max().unwrap_or_default();
        let at = |s: &Series, day: usize| s.values.get(day).copied().unwrap_or_default();
        let sum = |day| self.series.iter().map(|s| at(s, day)).fold(0, u64::saturating_add);
        let top = ceiling((0..days).map(sum).max().unwrap_or_default());
        begin(out, &self.title, HEIGHT + 62);
        legend(out, &self.series);
        for quarter in 0..=4u64 {
            let y = BASE - HEIGHT * quarter / 4;
            let value = u64::try_from(u128::from(top) * u128::from(quarter) / 4).unwrap_or(top);
            let _ = write!(
                out,
                "<line x1=\"{LEFT}\" y1=\"{y}\" x2=\"{WIDTH}\" y2=\"{y}\" class=\"g\"/>\
                 <text x=\"{}\" y=\"{}\" class=\"r\">{}</text>",
                LEFT - 6,
                y + 4,
                number(value)
            );
        }
        let step = (WIDTH - LEFT) / days.max(1) as u64;
        for day in 0..days {
            let x = LEFT + step * day as u64 + 2;
            let mut below = 0u64;
            for (series, colour) in self.series.iter().zip(COLOURS.iter().cycle()) {
                let value = at(series, day);
                let (from, to) = (scaled(below, top), scaled(below.saturating_add(value), top));
                below = below.saturating_add(value);
                // What is there is seen, however little it is.
                let height = if value > 0 { (to - from).max(1) } else { continue };
                let width = step.saturating_sub(4).max(1);
                let y = BASE.saturating_sub(from + height);
                let _ = write!(
                    out,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
                     fill=\"{colour}\" stroke=\"#222\" stroke-width=\"0.4\"/>"
                );
            }
            let middle = x + step / 2 - 2;
            let _ = write!(
                out,
                "<text x=\"{middle}\" y=\"{}\" class=\"m\">{}</text>",
                BASE + 14,
                day + 1
            );
        }
        out.push_str("</svg>\n");
    }
}

impl Bars {
    /// Draws them.
    pub(super) fn svg(&self, out: &mut String) {
        let top = self.rows.iter().map(|(_, amount)| *amount).max().unwrap_or_default().max(1);
        begin(out, &self.title, ROW * self.rows.len() as u64 + 4);
        for (row, (name, amount)) in self.rows.iter().enumerate() {
            let y = ROW * row as u64 + 2;
            let width = u64::try_from(
                u128::from(*amount) * u128::from(WIDTH - NAME - 80) / u128::from(top),
            )
            .unwrap_or(0)
            .max(u64::from(*amount > 0));
            let _ = write!(out, "<text x=\"{}\" y=\"{}\" class=\"r\">", NAME - 8, y + 13);
            escape(out, &shortened(name));
            let _ = write!(
                out,
                "</text><rect x=\"{NAME}\" y=\"{y}\" width=\"{width}\" height=\"{}\" \
                 fill=\"{}\"/><text x=\"{}\" y=\"{}\">{}</text>",
                ROW - 5,
                COLOURS[0],
                NAME + width + 6,
                y + 13,
                number(*amount)
            );
        }
        out.push_str("</svg>\n");
    }
}

fn begin(out: &mut String, title: &str, height: u64) {
    let _ = write!(out, "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"");
    escape(out, title);
    out.push_str("\">");
}

fn legend(out: &mut String, series: &[Series]) {
    let mut x = LEFT;
    for (series, colour) in series.iter().zip(COLOURS.iter().cycle()) {
        let _ = write!(
            out,
            "<rect x=\"{x}\" y=\"4\" width=\"12\" height=\"12\" fill=\"{colour}\" stroke=\"#222\" \
             stroke-width=\"0.4\"/><text x=\"{}\" y=\"14\">",
            x + 17
        );
        escape(out, &series.name);
        out.push_str("</text>");
        let wide = |c: char| if c.is_ascii() { 7 } else { 13 };
        x += 17 + series.name.chars().map(wide).sum::<u64>() + 20;
    }
}

/// A name that fits beside its bar.
fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    name.chars().take(LONGEST - 1).chain(['…']).collect()
}

fn scaled(value: u64, top: u64) -> u64 {
    u64::try_from(u128::from(value) * u128::from(HEIGHT) / u128::from(top.max(1))).unwrap_or(HEIGHT)
}

/// The next number that is easy on the eye: 4, 8, 20, 40, 80, 200, …
fn ceiling(most: u64) -> u64 {
    let mut unit = 1u64;
    loop {
        for times in [4, 8, 20] {
            let top = unit.saturating_mul(times);
            if top >= most {
                return top;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

const WIDTH: u64 = 720;
const HEIGHT: u64 = 150;
/// Where the numbers beside the columns end.
const LEFT: u64 = 60;
/// The line that columns stand on.
const BASE: u64 = 30 + HEIGHT;
/// Where bars begin.
const NAME: u64 = 250;
const ROW: u64 = 20;
const LONGEST: usize = 34;

/// From dark to light, so that neighbours differ in print too.
const COLOURS: [&str; 5] = ["#1f4e79", "#9cc3e6", "#f2b84b", "#b03a2e", "#d9d9d9"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_end_below_a_round_number() {
        let tops = [0, 4, 5, 9, 21, 81, 1_000].map(ceiling);
        assert_eq!(tops, [4, 4, 8, 20, 40, 200, 2_000]);
        assert_eq!(ceiling(u64::MAX), u64::MAX);
    }

    #[test]
    fn little_beside_much_is_seen() {
        let series = |name: &str, value| Series { name: name.into(), values: vec![value] };
        let mut out = String::new();
        let series = vec![series("a", 1), series("b", 1_000_000)];
        Columns { title: "t".into(), series }.svg(&mut out);
        assert_eq!(out.matches("<rect").count(), 4, "two of the legend: {out}");
        assert!(out.contains("height=\"1\""), "{out}");
    }
}
