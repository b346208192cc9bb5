//! Papers for people: reports and forms, as text and as HTML.
//!
//! Way in: [`Paper`], then [`Paper::text`] or [`Paper::html`]. Whoever writes one says what stands
//! in it as [`Piece`]s; nothing that comes from mail is ever markup. The HTML is one file without
//! scripts and without anything fetched, prints on A4 and needs no colours to be read.

mod chart;
mod html;
mod text;

pub use chart::{Bars, Columns, Series};

/// A language of a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    /// English.
    En,
    /// Japanese.
    Ja,
}

/// A paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    /// Its language.
    pub tongue: Tongue,
    /// Its title.
    pub title: String,
    /// What stands in it, from top to bottom.
    pub pieces: Vec<Piece>,
}

/// A piece of a paper.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Amounts beside each other.
    Bars(Bars),
    /// Amounts by day.
    Columns(Columns),
    /// Names and values.
    Facts(Vec<(String, String)>),
    /// Begins a section.
    Heading(String),
    /// Something to be seen first: true for what is wrong, false for what is well.
    Mark(bool, String),
    /// Small print.
    Note(String),
    /// A paragraph.
    Line(String),
    /// Rows under a head; columns from the second on hold numbers where `numbers` says so.
    Table {
        /// Names of the columns.
        head: Vec<String>,
        /// Rows.
        rows: Vec<Vec<String>>,
        /// Whether the columns behind the first hold numbers.
        numbers: bool,
    },
}

impl Tongue {
    /// The text of this language.
    pub fn of<'t>(self, ja: &'t str, en: &'t str) -> &'t str {
        match self {
            Tongue::En => en,
            Tongue::Ja => ja,
        }
    }
}

impl Paper {
    /// An empty paper.
    pub fn new(tongue: Tongue, title: impl Into<String>) -> Paper {
        Paper { tongue, title: title.into(), pieces: Vec::new() }
    }

    /// Begins a section.
    pub fn heading(&mut self, ja: &str, en: &str) {
        self.pieces.push(Piece::Heading(self.tongue.of(ja, en).to_owned()));
    }

    /// Adds a paragraph.
    pub fn line(&mut self, text: impl Into<String>) {
        self.pieces.push(Piece::Line(text.into()));
    }

    /// Adds small print.
    pub fn note(&mut self, text: impl Into<String>) {
        self.pieces.push(Piece::Note(text.into()));
    }

    /// Adds a table.
    pub fn table(&mut self, head: &[(&str, &str)], rows: Vec<Vec<String>>, numbers: bool) {
        let head = head.iter().map(|(ja, en)| self.tongue.of(ja, en).to_owned()).collect();
        self.pieces.push(Piece::Table { head, rows, numbers });
    }
}

/// A number with its thousands apart.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
    }

    fn paper() -> Paper {
        let mut paper = Paper::new(Tongue::Ja, "題 <1>");
        paper.heading("節", "Section");
        paper.pieces.push(Piece::Mark(true, "<script>".into()));
        paper.table(&[("名", "Name"), ("数", "Count")], vec![vec!["a&b".into(), "1".into()]], true);
        let row = ("\"x\"".to_owned(), 3);
        paper.pieces.push(Piece::Bars(Bars { title: "棒".into(), rows: vec![row] }));
        let series = Series { name: "多".into(), values: vec![1, 0, 2] };
        let series = vec![series];
        paper.pieces.push(Piece::Columns(Columns { title: "日".into(), series }));
        paper
    }

    #[test]
    fn nothing_in_a_paper_is_markup_or_fetched() {
        let html = paper().html();
        for text in ["題 &lt;1&gt;", "&lt;script&gt;", "a&amp;b", "&quot;x&quot;", "lang=\"ja\""] {
            assert!(html.contains(text), "{text}: {html}");
        }
        for text in ["<script", "http://", "https://", "url(", " src="] {
            assert!(!html.contains(text), "{text}");
        }
    }

    #[test]
    fn the_text_says_the_same() {
        let text = paper().text();
        for part in ["題 <1>", "■ 節", "!! <script>", "a&b", "\"x\""] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn empty_charts_draw_nothing_and_do_not_fail() {
        let mut paper = Paper::new(Tongue::En, "x");
        paper.pieces.push(Piece::Bars(Bars { title: "b".into(), rows: vec![] }));
        paper.pieces.push(Piece::Columns(Columns { title: "c".into(), series: vec![] }));
        assert!(!paper.html().contains("NaN"));
        assert!(paper.text().contains('x'));
    }
}
