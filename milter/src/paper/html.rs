//! A paper as one HTML file.

use std::fmt::Write as _;

use super::{Paper, Piece, Tongue};
use crate::notice::escape;

impl Paper {
    /// The paper as HTML.
    pub fn html(&self) -> String {
        let mut out = String::from("<!DOCTYPE html>\n<html lang=\"");
        out.push_str(match self.tongue {
            Tongue::En => "en",
            Tongue::Ja => "ja",
        });
        out.push_str("\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
        escape(&mut out, &self.title);
        out.push_str("</title>\n<style>\n");
        out.push_str(STYLE);
        out.push_str("</style>\n</head>\n<body>\n");
        element(&mut out, "h1", &self.title);
        let mut is_open = false;
        for piece in &self.pieces {
            if let Piece::Heading(_) = piece {
                out.push_str(if is_open { "</section>\n<section>\n" } else { "<section>\n" });
                is_open = true;
            }
            show(&mut out, piece);
        }
        if is_open {
            out.push_str("</section>\n");
        }
        out.push_str("</body>\n</html>\n");
        out
    }
}

fn show(out: &mut String, piece: &Piece) {
    match piece {
        Piece::Bars(bars) if bars.rows.is_empty() => {}
        Piece::Bars(bars) => {
            element(out, "h3", &bars.title);
            bars.svg(out);
        }
        Piece::Columns(columns) if columns.is_empty() => {}
        Piece::Columns(columns) => {
            element(out, "h3", &columns.title);
            columns.svg(out);
        }
        Piece::Facts(facts) => {
            out.push_str("<table class=\"facts\">\n");
            for (name, value) in facts {
                out.push_str("<tr><th>");
                escape(out, name);
                out.push_str("</th><td>");
                escape(out, value);
                out.push_str("</td></tr>\n");
            }
            out.push_str("</table>\n");
        }
        Piece::Heading(text) => element(out, "h2", text),
        Piece::Line(text) => element(out, "p", text),
        Piece::Mark(is_wrong, text) => {
            let _ = write!(out, "<p class=\"{}\">", if *is_wrong { "wrong" } else { "well" });
            out.push_str(if *is_wrong { "⚠ " } else { "✓ " });
            escape(out, text);
            out.push_str("</p>\n");
        }
        Piece::Note(text) => {
            out.push_str("<p class=\"note\">");
            escape(out, text);
            out.push_str("</p>\n");
        }
        Piece::Table { head, rows, numbers } => {
            out.push_str(if *numbers { "<table class=\"numbers\">\n" } else { "<table>\n" });
            out.push_str("<thead><tr>");
            head.iter().for_each(|cell| element(out, "th", cell));
            out.push_str("</tr></thead>\n<tbody>\n");
            for row in rows {
                out.push_str("<tr>");
                row.iter().for_each(|cell| element(out, "td", cell));
                out.push_str("</tr>\n");
            }
            out.push_str("</tbody></table>\n");
        }
    }
}

fn element(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "<{name}>");
    escape(out, text);
    let _ = write!(out, "</{name}>");
    if name.starts_with(['h', 'p']) {
        out.push('\n');
    }
}

const STYLE: &str = "\
@page { size: A4; margin: 15mm }
body { font-family: 'Hiragino Sans', 'Yu Gothic', Meiryo, 'Noto Sans CJK JP', 'Noto Sans JP', sans-serif;
  font-size: 10.5pt; line-height: 1.55; color: #222; background: #fff; max-width: 180mm; margin: 8mm auto;
  padding: 0 4mm }
h1 { font-size: 17pt; border-bottom: 2px solid #1f4e79; padding-bottom: 2mm; margin: 0 0 4mm }
h2 { font-size: 12.5pt; border-left: 5px solid #1f4e79; padding-left: 2.5mm; margin: 8mm 0 3mm;
  break-after: avoid }
h3 { font-size: 10.5pt; margin: 4mm 0 1mm; break-after: avoid }
p { margin: 1.5mm 0; overflow-wrap: anywhere }
.note { color: #555; font-size: 9pt }
.wrong { border: 1.5px solid #b03a2e; background: #fdf0ee; padding: 1.5mm 3mm }
.well { border: 1.5px solid #3c7a3c; background: #f0f7f0; padding: 1.5mm 3mm }
table { border-collapse: collapse; margin: 2mm 0 4mm; width: 100% }
th, td { border: 1px solid #bbb; padding: 0.8mm 2mm; text-align: left; vertical-align: top;
  overflow-wrap: anywhere }
table:not(.numbers) td, table:not(.numbers) th { min-width: 4.2em }
th { background: #eef3f8; font-weight: 600 }
thead { display: table-header-group }
tr { break-inside: avoid }
.numbers td:not(:first-child), .numbers th:not(:first-child) { text-align: right; white-space: nowrap }
.facts th { width: 32%; font-weight: normal }
svg { width: 100%; height: auto; break-inside: avoid; font-size: 12px; fill: #222;
  print-color-adjust: exact }
svg .r { text-anchor: end }
svg .m { text-anchor: middle; font-size: 10px }
svg .g { stroke: #ddd; stroke-width: 1 }
@media print { body { margin: 0; padding: 0 1px; max-width: none } }
";
