//! Icons drawn here in the manner of Windows, which no free theme has: a sheet with a coloured badge
//! and a letter, a yellow folder, a folder with a zipper, a note pad; and what programs have for an
//! icon: windows, boxes, discs, letters on coloured grounds. Nobody's artwork is copied: places, sizes
//! and shades come from a fixed sequence of numbers.

use sekisho_heuristics::container::icon::Likeness;

use super::forest::Sequence;
use super::render::Renderer;
use super::{Class, NONE, Sample, class_of, numbers};

/// Drawings of each class, and of none.
const OF_EACH: usize = 140;
const OF_NONE: usize = 700;

/// Every drawing as samples of the family with index 0.
pub fn samples(renderer: &Renderer) -> Vec<Sample> {
    let mut out = Vec::new();
    let mut sequence = Sequence::new(0x0D7A);
    let of_each = Likeness::ALL.into_iter().flat_map(|l| std::iter::repeat_n(Some(l), OF_EACH));
    let wanted = of_each.chain(std::iter::repeat_n(None, OF_NONE));
    for (at, likeness) in wanted.enumerate() {
        let mut pen = Pen { random: &mut sequence, body: String::new() };
        match likeness {
            Some(likeness) => pen.file(likeness),
            None => pen.program(),
        }
        let svg = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 64 64'>{}</svg>",
            pen.body
        );
        let class: Class = likeness.map_or(NONE, class_of);
        for side in [[16, 48], [32, 128], [24, 64]].get(at % 3).into_iter().flatten() {
            let Some(features) = renderer.svg(&svg, *side).as_ref().and_then(numbers) else {
                continue;
            };
            out.push(Sample {
                class,
                family: 0,
                icon: format!("drawn/{at}"),
                is_application: likeness.is_none(),
                is_of_file_program: false,
                side: *side,
                is_varied: true,
                features,
            });
        }
    }
    out
}

struct Pen<'s> {
    random: &'s mut Sequence,
    body: String,
}

const BLUE: (f32, f32) = (200.0, 225.0);
const GREEN: (f32, f32) = (110.0, 160.0);
const ORANGE: (f32, f32) = (8.0, 30.0);
const RED: (f32, f32) = (-8.0, 10.0);
const YELLOW: (f32, f32) = (38.0, 54.0);
const ANY: (f32, f32) = (0.0, 360.0);

impl Pen<'_> {
    fn between(&mut self, least: f32, most: f32) -> f32 {
        least + (most - least) * self.random.share()
    }

    fn chance(&mut self, share: f32) -> bool {
        self.random.share() < share
    }

    fn add(&mut self, element: &str) {
        self.body.push_str(element);
    }

    fn colour(&mut self, hue: (f32, f32), light: (f32, f32)) -> String {
        let (hue, saturation) = (self.between(hue.0, hue.1), self.between(55.0, 100.0));
        let light = self.between(light.0, light.1);
        format!("hsl({hue:.0},{saturation:.0}%,{light:.0}%)")
    }

    fn rect(&mut self, [x, y, w, h]: [f32; 4], round: f32, fill: &str, more: &str) {
        self.add(&format!(
            "<rect x='{x:.1}' y='{y:.1}' width='{w:.1}' height='{h:.1}' rx='{round:.1}' fill='{fill}' {more}/>"
        ));
    }

    fn path(&mut self, d: &str, fill: &str, more: &str) {
        self.add(&format!("<path d='{d}' fill='{fill}' {more}/>"));
    }

    fn file(&mut self, likeness: Likeness) {
        match likeness {
            Likeness::Archive => self.archive(),
            Likeness::Document => self.office(BLUE, 'W'),
            Likeness::Folder => {
                let hue = if self.chance(0.8) { YELLOW } else { ANY };
                self.folder(hue);
            }
            Likeness::Pdf => self.pdf(),
            Likeness::Picture => self.picture(),
            Likeness::Presentation => self.office(ORANGE, 'P'),
            Likeness::Spreadsheet => self.office(GREEN, 'X'),
            Likeness::Text => self.text(),
        }
    }

    /// An upright sheet, most with a folded corner; gives its box.
    fn sheet(&mut self) -> [f32; 4] {
        let width = self.between(36.0, 50.0);
        let height = self.between(54.0, 63.0);
        let (x, y) = (self.between(64.0 - width - 6.0, 64.0 - width), (64.0 - height) / 2.0);
        let (x, right, bottom) = (x / 1.4, x / 1.4 + width, y + height);
        let fold = if self.chance(0.8) { self.between(8.0, 18.0) } else { 0.0 };
        let grey = self.between(90.0, 100.0);
        let border = self.between(40.0, 80.0);
        let line = self.between(0.6, 2.0);
        let outline = format!(
            "M{x:.1} {y:.1} H{:.1} L{right:.1} {:.1} V{bottom:.1} H{x:.1}Z",
            right - fold,
            y + fold
        );
        let more = format!("stroke='hsl(210,8%,{border:.0}%)' stroke-width='{line:.1}'");
        self.path(&outline, &format!("hsl(210,10%,{grey:.0}%)"), &more);
        if fold > 0.0 {
            let corner = format!("M{:.1} {y:.1} V{:.1} H{right:.1}Z", right - fold, y + fold);
            let shade = self.between(70.0, 92.0);
            self.path(&corner, &format!("hsl(210,8%,{shade:.0}%)"), &more);
        }
        [x, y, width, height]
    }

    fn text_lines(&mut self, [x, y, w, h]: [f32; 4], fill: &str) {
        let step = self.between(5.0, 9.0);
        let thick = step * self.between(0.25, 0.5);
        let mut at = y + h * self.between(0.12, 0.3);
        while at < y + h * 0.88 {
            let length = w * self.between(0.6, 0.76);
            self.rect([x + w * 0.14, at, length, thick], 0.0, fill, "");
            at += step;
        }
    }

    fn grid_lines(&mut self, [x, y, w, h]: [f32; 4], stroke: &str) {
        let (rows, columns) = (self.between(4.0, 8.0) as i32, self.between(2.0, 5.0) as i32);
        let more = format!("stroke='{stroke}' stroke-width='{:.1}'", self.between(0.8, 2.0));
        for row in 0..=rows {
            let y = y + h * (0.25 + 0.6 * row as f32 / rows as f32);
            self.path(&format!("M{:.1} {y:.1} H{:.1}", x + w * 0.12, x + w * 0.88), "none", &more);
        }
        for column in 0..=columns {
            let x = x + w * (0.12 + 0.76 * column as f32 / columns as f32);
            self.path(&format!("M{x:.1} {:.1} V{:.1}", y + h * 0.25, y + h * 0.85), "none", &more);
        }
    }

    /// A letter within a box, as strokes.
    fn letter(&mut self, letter: char, [x, y, w, h]: [f32; 4], stroke: &str) {
        let strokes: &str = match letter {
            'W' => "0 0 .25 1 .5 .25 .75 1 1 0",
            'X' => "0 0 1 1 . 1 0 0 1",
            'P' => "0 1 0 0 .7 0 1 .15 1 .4 .7 .55 0 .55",
            'D' => "0 0 0 1 .6 1 1 .7 1 .3 .6 0 0 0",
            'F' => "1 0 0 0 0 1 . 0 .5 .8 .5",
            'A' => "0 1 .5 0 1 1 . .2 .65 .8 .65",
            'S' => "1 .1 .6 0 0 .15 .1 .45 .9 .6 1 .85 .5 1 0 .9",
            'T' => "0 0 1 0 . .5 0 .5 1",
            'K' => "0 0 0 1 . 1 0 0 .5 1 1",
            'E' => "1 0 0 0 0 1 1 1 . 0 .5 .8 .5",
            'V' => "0 0 .5 1 1 0",
            'Z' => "0 0 1 0 0 1 1 1",
            'L' => "0 0 0 1 1 1",
            'C' | 'G' => "1 .15 .6 0 .1 .2 0 .5 .1 .8 .6 1 1 .85",
            _ => "0 0 1 0 1 1 0 1 0 0",
        };
        let mut d = String::new();
        let mut command = 'M';
        let mut words = strokes.split(' ');
        while let Some(word) = words.next() {
            if word == "." {
                command = 'M';
                continue;
            }
            let across: f32 = word.parse().unwrap_or_default();
            let down: f32 = words.next().and_then(|word| word.parse().ok()).unwrap_or_default();
            d.push_str(&format!("{command}{:.1} {:.1}", x + w * across, y + h * down));
            command = 'L';
        }
        let width = w.min(h) * self.between(0.13, 0.22);
        self.path(&d, "none", &format!("stroke='{stroke}' stroke-width='{width:.1}'"));
    }

    /// A sheet with a badge; or bands in shades of its colour with a badge, as in flat styles.
    fn office(&mut self, hue: (f32, f32), letter: char) {
        let dark = self.colour(hue, (28.0, 45.0));
        let style = self.between(0.0, 4.0) as i32;
        match style {
            0 => {
                // Bands or a grid in lighter and darker shades behind the badge.
                let (x, y) = (self.between(12.0, 20.0), self.between(2.0, 8.0));
                let (w, h) = (64.0 - x, 64.0 - 2.0 * y);
                for band in 0..4 {
                    let fill = self.colour(hue, (30.0, 70.0));
                    self.rect([x, y + h / 4.0 * band as f32, w, h / 4.0], 0.0, &fill, "");
                    if letter == 'X' {
                        let fill = self.colour(hue, (25.0, 70.0));
                        self.rect([x, y + h / 4.0 * band as f32, w / 2.0, h / 4.0], 0.0, &fill, "");
                    }
                }
                if letter == 'P' {
                    let fill = self.colour(hue, (50.0, 75.0));
                    self.add(&format!("<circle cx='38' cy='32' r='26' fill='{fill}'/>"));
                }
            }
            _ => {
                let sheet = self.sheet();
                let line = if self.chance(0.5) { dark.clone() } else { "#999".into() };
                match letter {
                    'X' => self.grid_lines(sheet, &line),
                    _ if self.chance(0.8) => self.text_lines(sheet, &line),
                    _ => {}
                }
                if letter == 'P' && self.chance(0.5) {
                    let (x, y) = (self.between(30.0, 44.0), self.between(16.0, 40.0));
                    self.add(&format!("<circle cx='{x:.1}' cy='{y:.1}' r='11' fill='{dark}'/>"));
                }
            }
        }
        if style == 3 {
            // The letter alone, large, in its colour.
            let side = self.between(24.0, 34.0);
            self.letter(letter, [32.0 - side / 2.0, 34.0 - side / 2.0, side, side], &dark);
            return;
        }
        let side = self.between(24.0, 38.0);
        let x = self.between(0.0, 8.0);
        let y = if self.chance(0.7) { 32.0 - side / 2.0 } else { 62.0 - side };
        let round = self.between(0.0, 6.0);
        self.rect([x, y, side, side], round, &dark, "");
        let inset = side * 0.24;
        let letters = [x + inset, y + inset, side - 2.0 * inset, side - 2.0 * inset];
        self.letter(letter, letters, "#fff");
    }

    fn pdf(&mut self) {
        let red = self.colour(RED, (35.0, 52.0));
        if self.chance(0.2) {
            // A red tile with a white curl.
            let round = self.between(2.0, 14.0);
            self.rect([3.0, 3.0, 58.0, 58.0], round, &red, "");
            self.curl("#fff");
            return;
        }
        let [x, y, w, h] = self.sheet();
        match self.between(0.0, 3.0) as i32 {
            0 => self.curl(&red),
            style => {
                let height = self.between(14.0, 24.0);
                let top = if style == 1 { y + h * self.between(0.3, 0.55) } else { y + 5.0 };
                let left = (x - self.between(-4.0, 8.0)).max(0.0);
                let width = w * self.between(0.7, 1.05);
                self.rect([left, top, width, height], 1.5, &red, "");
                let cell = width / 3.6;
                for (at, letter) in ['P', 'D', 'F'].into_iter().enumerate() {
                    let x = left + cell * (0.4 + at as f32);
                    self.letter(
                        letter,
                        [x, top + height * 0.24, cell * 0.66, height * 0.52],
                        "#fff",
                    );
                }
                if style == 1 && self.chance(0.5) {
                    self.curl(&red);
                }
            }
        }
    }

    /// A looped stroke with three ends.
    fn curl(&mut self, stroke: &str) {
        let (x, y) = (self.between(26.0, 36.0), self.between(30.0, 38.0));
        let reach = self.between(13.0, 20.0);
        let width = self.between(2.0, 4.5);
        let d = format!(
            "M{:.1} {:.1} Q{x:.1} {:.1} {x:.1} {:.1} Q{:.1} {:.1} {x:.1} {:.1} T{:.1} {:.1} M{:.1} {:.1} Q{x:.1} {:.1} {:.1} {:.1}",
            x - reach,
            y + reach,
            y,
            y - reach * 0.7,
            x - reach * 0.2,
            y - reach * 1.4,
            y - reach * 0.5,
            x + reach,
            y + reach * 0.5,
            x - reach,
            y + reach,
            y - reach * 0.1,
            x + reach,
            y + reach * 0.4,
        );
        self.path(&d, "none", &format!("stroke='{stroke}' stroke-width='{width:.1}'"));
    }

    fn folder(&mut self, hue: (f32, f32)) {
        let back = self.colour(hue, (40.0, 58.0));
        let front = self.colour(hue, (60.0, 78.0));
        let (top, bottom) = (self.between(8.0, 15.0), self.between(50.0, 57.0));
        let (tab, drop) = (self.between(18.0, 32.0), self.between(4.0, 8.0));
        let slope = self.between(0.0, 6.0);
        let d = format!(
            "M2 {top:.1} H{tab:.1} L{:.1} {:.1} H62 V{bottom:.1} H2Z",
            tab + slope,
            top + drop
        );
        self.path(&d, &back, "");
        if self.chance(0.3) {
            let (x, w) = (self.between(8.0, 14.0), self.between(38.0, 46.0));
            self.rect([x, top + 4.0, w, 20.0], 0.0, "#fbfbfb", "stroke='#bbb' stroke-width='1'");
        }
        let lip = top + self.between(drop + 2.0, 16.0);
        let lean = if self.chance(0.25) { self.between(3.0, 9.0) } else { 0.0 };
        let front_shape = match self.chance(0.4) {
            true => format!(
                "M2 {:.1} H{:.1} L{:.1} {:.1} H62 V{bottom:.1} H2Z",
                lip + 5.0,
                tab - 2.0,
                tab + 5.0,
                lip
            ),
            false => format!("M{:.1} {lip:.1} H63 L{:.1} {bottom:.1} H2Z", 2.0 + lean, 63.0 - lean),
        };
        self.path(&front_shape, &front, "");
    }

    fn archive(&mut self) {
        match self.between(0.0, 4.0) as i32 {
            0 => {
                // Books in a pile.
                for row in 0..3 {
                    let fill = self.colour(ANY, (30.0, 55.0));
                    let y = 6.0 + 18.0 * row as f32;
                    self.rect([6.0, y, 52.0, 16.0], 3.0, &fill, "");
                    self.rect([10.0, y + 9.0, 46.0, 4.0], 0.0, "#f4f0e4", "");
                }
                let strap = self.colour((20.0, 50.0), (25.0, 45.0));
                self.rect([26.0, 3.0, 11.0, 58.0], 1.0, &strap, "");
                return;
            }
            1 => {
                let _ = self.sheet();
            }
            _ => self.folder(YELLOW),
        }
        let x = self.between(28.0, 48.0);
        let grey = self.between(25.0, 60.0);
        let fill = format!("hsl(210,6%,{grey:.0}%)");
        let top = self.between(8.0, 16.0);
        let mut y = top;
        let mut is_left = true;
        while y < 46.0 {
            let shift = if is_left { -3.0 } else { 0.0 };
            self.rect([x + shift, y, 3.6, 2.4], 0.0, &fill, "");
            y += 2.6;
            is_left = !is_left;
        }
        self.rect([x - 3.5, y - 2.0, 7.0, 9.0], 1.5, &fill, "");
    }

    fn text(&mut self) {
        let [x, y, w, h] = self.sheet();
        let grey = self.between(35.0, 70.0);
        let fill = format!("hsl(210,10%,{grey:.0}%)");
        self.text_lines([x, y, w, h], &fill);
        if self.chance(0.3) {
            // A pad with its binding.
            let band = self.colour(BLUE, (45.0, 75.0));
            self.rect([x, y, w, 8.0], 0.0, &band, "");
        }
    }

    fn picture(&mut self) {
        let upright = self.chance(0.5);
        let frame = if upright { self.sheet() } else { [2.0, 10.0, 60.0, 44.0] };
        let [x, y, w, h] = frame;
        if !upright {
            self.rect(frame, 1.0, "#fafafa", "stroke='#999' stroke-width='1.5'");
        }
        let inner = [x + w * 0.12, y + h * 0.24, w * 0.76, h * 0.6];
        let sky = self.colour((195.0, 215.0), (55.0, 85.0));
        self.rect(inner, 0.0, &sky, "");
        let [x, y, w, h] = inner;
        let hill = self.colour((90.0, 220.0), (25.0, 50.0));
        let peak = self.between(0.2, 0.6);
        let d = format!(
            "M{x:.1} {:.1} L{:.1} {:.1} L{:.1} {:.1} L{:.1} {:.1} L{:.1} {:.1}Z",
            y + h,
            x + w * peak,
            y + h * 0.35,
            x + w * (peak + 0.2),
            y + h * 0.7,
            x + w * 0.85,
            y + h * 0.5,
            x + w,
            y + h
        );
        self.path(&d, &hill, "");
        let sun = self.colour((40.0, 56.0), (55.0, 80.0));
        let (x, y, r) = (x + w * self.between(0.6, 0.85), y + h * 0.22, h * 0.13);
        self.add(&format!("<circle cx='{x:.1}' cy='{y:.1}' r='{r:.1}' fill='{sun}'/>"));
    }

    /// What programs have for an icon.
    fn program(&mut self) {
        let main = self.colour(ANY, (25.0, 65.0));
        let other = self.colour(ANY, (30.0, 80.0));
        let letters = ['S', 'T', 'K', 'E', 'V', 'Z', 'L', 'C', 'A', 'F', 'O'];
        let letter = letters.get(self.random.below(letters.len())).copied().unwrap_or('O');
        match self.random.below(10) {
            0 => {
                // A window with a title bar.
                let h = self.between(44.0, 58.0);
                let y = (64.0 - h) / 2.0;
                self.rect([3.0, y, 58.0, h], 2.0, "#f2f2f2", "stroke='#777' stroke-width='1.5'");
                let bar = self.between(8.0, 14.0);
                self.rect([3.0, y, 58.0, bar], 2.0, &main, "");
                if self.chance(0.5) {
                    self.rect([9.0, y + bar + 5.0, 20.0, 14.0], 0.0, &other, "");
                }
            }
            1 => {
                // A box seen from above a corner, perhaps with an arrow.
                let d = "M32 6 L58 18 V48 L32 60 L6 48 V18Z";
                self.path(d, &main, "");
                self.path("M32 30 V60 L58 48 V18Z", &other, "");
                self.path("M6 18 L32 30 L58 18", "none", "stroke='#fff' stroke-width='2'");
                if self.chance(0.5) {
                    self.path(
                        "M32 8 V28 M24 20 L32 28 L40 20",
                        "none",
                        "stroke='#284' stroke-width='5'",
                    );
                }
            }
            2 => {
                let r = self.between(24.0, 31.0);
                self.add(&format!("<circle cx='32' cy='32' r='{r:.1}' fill='{main}'/>"));
                let hole = self.between(5.0, 18.0);
                self.add(&format!("<circle cx='32' cy='32' r='{hole:.1}' fill='{other}'/>"));
            }
            3 | 4 => {
                // A letter on a tile or a disc.
                let round = self.between(0.0, 30.0);
                self.rect([3.0, 3.0, 58.0, 58.0], round, &main, "");
                self.letter(letter, [20.0, 18.0, 24.0, 28.0], "#fff");
            }
            5 => {
                // A dark window with a prompt.
                self.rect([3.0, 8.0, 58.0, 48.0], 4.0, "#222", "stroke='#888' stroke-width='2'");
                self.path(
                    "M12 20 L22 28 L12 36 M26 38 H42",
                    "none",
                    "stroke='#eee' stroke-width='3'",
                );
            }
            6 => {
                // A shield in quarters.
                self.path("M32 4 L58 12 V34 Q54 52 32 60 Q10 52 6 34 V12Z", &main, "");
                self.path("M32 4 L58 12 V32 H32Z M32 32 V60 Q10 52 6 32Z", &other, "");
            }
            7 => {
                // A wheel with teeth.
                let teeth = 6 + self.random.below(6);
                for tooth in 0..teeth {
                    let turn = 360.0 * tooth as f32 / teeth as f32;
                    self.add(&format!(
                        "<rect x='27' y='2' width='10' height='60' fill='{main}' transform='rotate({turn:.0} 32 32)'/>"
                    ));
                }
                self.add(&format!("<circle cx='32' cy='32' r='20' fill='{main}'/><circle cx='32' cy='32' r='9' fill='{other}'/>"));
            }
            8 => {
                // A screen on its foot, perhaps with a disc before it.
                self.rect([4.0, 6.0, 56.0, 40.0], 3.0, "#667", "");
                self.rect([8.0, 10.0, 48.0, 32.0], 0.0, &main, "");
                self.path("M26 46 H38 L42 58 H22Z", "#889", "");
                if self.chance(0.5) {
                    self.add(&format!("<circle cx='46' cy='46' r='15' fill='#dde'/><circle cx='46' cy='46' r='4' fill='{other}'/>"));
                }
            }
            _ => {
                // A figure of no meaning.
                for _ in 0..3 {
                    let mut d = String::from("M");
                    for _ in 0..(3 + self.random.below(5)) {
                        d.push_str(&format!(
                            "{:.1} {:.1} ",
                            self.between(2.0, 62.0),
                            self.between(2.0, 62.0)
                        ));
                    }
                    let fill = self.colour(ANY, (20.0, 80.0));
                    self.path(&format!("{d}Z"), &fill, "");
                }
            }
        }
    }
}
