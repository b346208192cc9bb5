//! What `sekisho scan` prints: one JSON object a mail, or a table for people.

use std::io::{IsTerminal, Write};

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use sekisho_config::Language;
use sekisho_heuristics::decision::Decision;
use sekisho_heuristics::indicator::safe_to_show;
use serde_json::{Value, json};

use super::Format;
use crate::filter::Judgement;

/// The result for one mail; the error says why it could not be judged.
pub(super) struct Row {
    pub(super) file: String,
    pub(super) judgement: Result<Judgement, String>,
}

/// Prints rows as they come (JSON) or together at the end (table).
pub(super) struct Printer {
    table: Option<Table>,
    language: Language,
    counts: [usize; 5],
    failed: usize,
}

impl Printer {
    pub(super) fn new(format: Format, language: Language) -> Printer {
        let table = (format == Format::Table).then(|| {
            let mut table = Table::new();
            table
                .load_style(presets::UTF8_HORIZONTAL_ONLY)
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_header(["score", "rows", "decision", "mail", "what was seen"]);
            if !std::io::stdout().is_terminal() {
                table.force_no_tty();
            }
            table
        });
        Printer { table, language, counts: [0; 5], failed: 0 }
    }

    pub(super) fn print(&mut self, row: Row) -> std::io::Result<()> {
        match &row.judgement {
            Ok(j) => {
                if let Some(n) = self.counts.get_mut(j.decision() as usize) {
                    *n += 1;
                }
            }
            Err(_) => self.failed += 1,
        }
        let language = self.language;
        match &mut self.table {
            Some(table) => {
                table.add_row(cells(&row, language));
                Ok(())
            }
            None => {
                let mut line = object(&row, language).to_string();
                line.push('\n');
                std::io::stdout().lock().write_all(line.as_bytes())
            }
        }
    }

    /// Prints the table and a line that sums it up.
    pub(super) fn finish(&mut self) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        if let Some(mut table) = self.table.take() {
            for column in [0, 1] {
                if let Some(column) = table.column_mut(column) {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
            let all: usize = self.counts.iter().sum::<usize>() + self.failed;
            let mut sum = format!("{all} mails");
            for (decision, n) in DECISIONS.iter().zip(self.counts).filter(|(_, n)| *n > 0) {
                sum.push_str(&format!(", {n} {}", decision.name()));
            }
            if self.failed > 0 {
                sum.push_str(&format!(", {} could not be judged", self.failed));
            }
            if table.row_count() > 0 {
                writeln!(out, "{table}")?;
            }
            writeln!(out, "{sum}")?;
        }
        out.flush()
    }
}

const DECISIONS: [Decision; 6] = [
    Decision::Accept,
    Decision::Tag,
    Decision::Banner,
    Decision::Convert,
    Decision::Hold,
    Decision::Reject,
];

/// A finding or a breach, as it is printed.
struct Seen<'a> {
    id: &'a str,
    clause: Option<&'a str>,
    points: u16,
    evidence: &'a str,
    ja: &'a str,
    en: &'a str,
}

/// What was seen in one mail, whichever way it goes. Rules have no points.
fn seen(j: &Judgement) -> Vec<Seen<'_>> {
    let findings = j.assessment.iter().flat_map(|a| &a.findings).map(|f| Seen {
        id: f.id,
        clause: f.clause,
        points: f.points,
        evidence: &f.evidence,
        ja: &f.ja,
        en: &f.en,
    });
    let breaches = j.ruled.iter().flat_map(|r| &r.breaches).map(|b| Seen {
        id: b.id,
        clause: b.clause,
        points: 0,
        evidence: &b.evidence,
        ja: &b.ja,
        en: &b.en,
    });
    findings.chain(breaches).collect()
}

fn object(row: &Row, language: Language) -> Value {
    match &row.judgement {
        Ok(j) => {
            let mut fields = json!({
                "file": row.file,
                "direction": j.direction.name(),
                "score": j.score(),
                "clauses": j.clauses(),
                "decision": j.decision().name(),
                "findings": seen(j).iter().map(|f| json!({
                    "id": f.id,
                    "clause": f.clause,
                    "points": f.points,
                    "evidence": f.evidence,
                    "text": text(f, language),
                })).collect::<Vec<_>>(),
                "problems": j.problems(),
            });
            let mut more = |key: &str, value: Value| {
                if let Some(map) = fields.as_object_mut() {
                    map.insert(key.to_owned(), value);
                }
            };
            let excused = j.assessment.as_ref().map_or(&[][..], |a| &a.excused);
            if !excused.is_empty() {
                more("excused", excused.iter().map(|f| f.id).collect());
            }
            let relief = j.assessment.as_ref().map_or(&[][..], |a| &a.relief);
            if !relief.is_empty() {
                let relief = relief
                    .iter()
                    .map(|r| json!({"id": r.id, "points": r.points, "evidence": r.evidence}));
                more("relief", relief.collect());
            }
            if let Some(reason) = j.assessment.as_ref().and_then(|a| a.trusted.as_ref()) {
                more("trusted", reason.as_str().into());
            }
            if let Some(arranged) = j.assessment.as_ref().and_then(|a| a.arrangement) {
                more("arrangement", arranged.name().into());
            }
            fields
        }
        Err(why) => json!({
            "file": row.file,
            "direction": "inbound",
            "score": 0,
            "clauses": 0,
            "decision": "accept",
            "findings": [],
            "problems": [format!("could not be judged: {why}")],
        }),
    }
}

fn text(finding: &Seen<'_>, language: Language) -> String {
    match language {
        Language::Both => format!("{} / {}", finding.ja, finding.en),
        Language::English => finding.en.to_owned(),
        Language::Japanese => finding.ja.to_owned(),
    }
}

fn cells(row: &Row, language: Language) -> Vec<Cell> {
    let j = match &row.judgement {
        Ok(j) => j,
        Err(why) => {
            let why = format!("could not be judged: {why}");
            return ["–", "–", "–", &row.file, &why].into_iter().map(Cell::new).collect();
        }
    };
    let decision = j.decision();
    let word = match j.direction {
        sekisho_heuristics::facts::Direction::Inbound => decision.name().to_owned(),
        other => format!("{} ({})", decision.name(), other.name()),
    };
    let word = match decision {
        Decision::Accept => Cell::new(word),
        Decision::Tag => Cell::new(word).fg(Color::Cyan),
        Decision::Banner | Decision::Convert => Cell::new(word).fg(Color::Yellow),
        Decision::Hold | Decision::Reject => {
            Cell::new(word).fg(Color::Red).add_attribute(Attribute::Bold)
        }
    };
    let mut lines = String::new();
    for f in seen(j) {
        lines.push_str(&format!("{:>3} {}: {}\n", f.points, f.id, line(&f, language)));
    }
    for p in j.problems() {
        lines.push_str(&format!("  – {p}\n"));
    }
    vec![
        Cell::new(j.score()),
        Cell::new(j.clauses()),
        word,
        Cell::new(safe_to_show(&row.file)),
        Cell::new(lines.trim_end()),
    ]
}

/// One language is enough in a table.
fn line<'a>(finding: &Seen<'a>, language: Language) -> &'a str {
    match language {
        Language::English => finding.en,
        Language::Both | Language::Japanese => finding.ja,
    }
}
