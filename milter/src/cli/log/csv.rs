//! Records as comma-separated values that a spreadsheet opens without harm.
//!
//! RFC 4180: every cell in quotation marks, lines end with CR LF. What a sender wrote must not become
//! a formula: where a cell begins with a character by which spreadsheets know one (full-width forms
//! included, which Japanese input turns into them), an apostrophe stands before it, which
//! spreadsheets take as "this is text". Control, bidi and invisible characters are shown as
//! `\u{…}`, so that no line is broken within a cell.

use std::io::{self, Write};

use sekisho_heuristics::indicator::safe_to_show;

use crate::record::Record;

/// By which Excel knows that a file is UTF-8; Japanese versions take it for Shift_JIS otherwise.
pub(super) const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Names of the columns.
const COLUMNS: [&str; 20] = [
    "time",
    "id",
    "host",
    "queue_id",
    "direction",
    "mail_from",
    "from",
    "recipients",
    "user",
    "client",
    "message_id",
    "subject",
    "size",
    "attachments",
    "sha256",
    "score",
    "decision",
    "findings",
    "evidence",
    "actions",
];

pub(super) fn head(out: &mut impl Write) -> io::Result<()> {
    row(out, &COLUMNS.map(str::to_owned))
}

pub(super) fn record(out: &mut impl Write, record: &Record) -> io::Result<()> {
    let files = record.attachments.iter();
    let found = record.findings.iter();
    row(
        out,
        &[
            text(&record.time),
            text(&record.id),
            text(&record.host),
            text(&record.queue_id),
            text(&record.direction),
            text(&record.mail_from),
            text(&record.from),
            list(record.recipients.iter()),
            text(&record.user),
            text(&record.client),
            text(&record.message_id),
            text(&record.subject),
            record.size.to_string(),
            list(files.clone().map(|file| &file.name)),
            list(files.map(|file| &file.sha256)),
            record.score.to_string(),
            text(&record.decision),
            list(found.clone().map(|found| &found.id)),
            list(found.map(|found| &found.evidence)),
            list(record.actions.iter()),
        ],
    )
}

fn row<const N: usize>(out: &mut impl Write, cells: &[String; N]) -> io::Result<()> {
    for (at, cell) in cells.iter().enumerate() {
        let separator = if at == 0 { "" } else { "," };
        write!(out, "{separator}\"{}\"", cell.replace('"', "\"\""))?;
    }
    out.write_all(b"\r\n")
}

/// Several values in one cell.
fn list<'t>(values: impl Iterator<Item = &'t String>) -> String {
    let values: Vec<String> = values.map(|value| safe_to_show(value)).collect();
    no_formula(values.join("; "))
}

fn text(value: &str) -> String {
    no_formula(safe_to_show(value))
}

fn no_formula(cell: String) -> String {
    let begins = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'', '|', '%'])
        || cell.starts_with(['\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}', '\u{2212}']);
    if begins { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(subject: &str, expected: &str) {
        let mut out = Vec::new();
        record(&mut out, &Record { subject: subject.to_owned(), ..Record::default() }).unwrap();
        let line = String::from_utf8(out).unwrap();
        let before = "\"\",".repeat(11);
        let after = ",\"0\",\"\",\"\",\"0\",\"\",\"\",\"\",\"\"\r\n";
        assert_eq!(line, format!("{before}{expected}{after}"));
    }

    #[test]
    fn nothing_becomes_a_formula_or_another_cell() {
        check("請求書", "\"請求書\"");
        check("a,\"b\"", "\"a,\"\"b\"\"\"");
        check("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"");
        for begin in ['=', '+', '-', '@', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'] {
            check(&format!("{begin}1"), &format!("\"'{begin}1\""));
        }
        check(" =1", "\"'=1\"");
        check("a\r\nb\u{202E}c", "\"a\\u{000D}\\u{000A}b\\u{202E}c\"");
    }

    #[test]
    fn as_many_cells_as_columns() {
        let mut out = Vec::new();
        head(&mut out).unwrap();
        record(&mut out, &crate::audit::tests::record(1)).unwrap();
        let text = String::from_utf8(out).unwrap();
        let counts: Vec<usize> = text.lines().map(|line| line.matches("\",\"").count()).collect();
        assert_eq!(counts, [COLUMNS.len() - 1; 2], "{text}");
    }
}
