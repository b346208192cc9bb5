//! A paper as text, for a terminal and for mail.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle, presets};

use super::{Columns, Paper, Piece, number};

impl Paper {
    /// The paper as text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing into a String cannot fail.
        let _ = writeln!(out, "{}\n", self.title);
        for piece in &self.pieces {
            let _ = match piece {
                Piece::Bars(bars) if bars.rows.is_empty() => Ok(()),
                Piece::Bars(bars) => {
                    let rows = bars.rows.iter().map(|(name, n)| vec![name.clone(), number(*n)]);
                    writeln!(out, "{}\n{}\n", bars.title, aligned(&[], rows, true))
                }
                Piece::Columns(columns) if columns.is_empty() => Ok(()),
                Piece::Columns(columns) => {
                    writeln!(out, "{}\n{}\n", columns.title, by_day(columns))
                }
                Piece::Facts(facts) => {
                    let rows = facts.iter().map(|(name, value)| vec![name.clone(), value.clone()]);
                    writeln!(out, "{}\n", aligned(&[], rows, false))
                }
                Piece::Heading(text) => writeln!(out, "\n■ {text}\n"),
                Piece::Line(text) => writeln!(out, "{text}\n"),
                Piece::Mark(true, text) => writeln!(out, "!! {text}\n"),
                Piece::Mark(false, text) => writeln!(out, "OK {text}\n"),
                Piece::Note(text) => writeln!(out, "  ({text})\n"),
                Piece::Table { head, rows, numbers } => {
                    writeln!(out, "{}\n", aligned(head, rows.iter().cloned(), *numbers))
                }
            };
        }
        out
    }
}

fn by_day(columns: &Columns) -> String {
    let days = columns.series.iter().map(|s| s.values.len()).max().unwrap_or_default();
    let head: Vec<String> = std::iter::once(String::new())
        .chain(columns.series.iter().map(|series| series.name.clone()))
        .collect();
    let rows = (0..days).map(|day| {
        let values =
            columns.series.iter().map(|s| number(s.values.get(day).copied().unwrap_or_default()));
        std::iter::once((day + 1).to_string()).chain(values).collect()
    });
    aligned(&head, rows, true)
}

fn aligned(head: &[String], rows: impl Iterator<Item = Vec<String>>, numbers: bool) -> String {
    let mut table = Table::new();
    let preset = if head.is_empty() { presets::NOTHING } else { RULED };
    table.load_style(preset).set_content_arrangement(ContentArrangement::Disabled);
    table.force_no_tty();
    if !head.is_empty() {
        table.set_header(head);
    }
    rows.for_each(|row| {
        table.add_row(row);
    });
    if numbers {
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let text = table.to_string();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Lines above, below and under the head; none between rows.
const RULED: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));
