//! `sekisho log search`: records of the audit log, the oldest first, printed as they are found.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use comfy_table::{ContentArrangement, Table, presets};
use jiff::Zoned;
use sekisho_heuristics::indicator::safe_to_show;

use super::super::{Failure, Outcome, complain};
use super::{SearchArgs, SearchFormat, csv, time};
use crate::audit::search;
use crate::record::Record;
use crate::store::Search;

pub(super) fn search(args: &SearchArgs) -> Outcome {
    let (dir, _) = args.place.find()?;
    let now = Zoned::now();
    let wanted = wanted(args, &now)?;
    let out = BufWriter::new(io::stdout().lock());
    let mut printer = Printer { out, format: args.format, rows: Vec::new(), found: 0 };
    let result = printer.begin(args.bom).and_then(|()| {
        let unreadable =
            search::search(&dir, &wanted, now.time_zone(), |record| printer.print(record))?;
        printer.finish().map(|()| unreadable)
    });
    let unreadable = result.map_err(|e| Failure::Io(dir.display().to_string(), e))?;
    for what in &unreadable {
        complain(what);
    }
    Ok(ExitCode::from(u8::from(!unreadable.is_empty())))
}

fn wanted(args: &SearchArgs, now: &Zoned) -> Result<Search, Failure> {
    let at = |written: &Option<String>, read: fn(&str, &Zoned) -> Result<i64, String>| {
        let written = written.as_deref();
        Ok(written.map(|w| read(w, now)).transpose().map_err(Failure::Usage)?.unwrap_or(0))
    };
    if !args.decision.is_empty() && !DECISIONS.contains(&args.decision.as_str()) {
        let decision = &args.decision;
        let what = format!("{decision:?} is no decision; there are {}", DECISIONS.join(", "));
        return Err(Failure::Usage(what));
    }
    let digits = args.hash.bytes().all(|b| b.is_ascii_hexdigit());
    if !args.hash.is_empty() && (args.hash.len() != 64 || !digits) {
        return Err(Failure::Usage("--hash wants the 64 digits of a SHA-256".to_owned()));
    }
    Ok(Search {
        id: args.id.clone(),
        from: args.from.clone(),
        to: args.to.clone(),
        subject: args.subject.clone(),
        finding: args.finding.clone(),
        decision: args.decision.clone(),
        hash: args.hash.clone(),
        since_ms: at(&args.since, time::since)?,
        until_ms: at(&args.until, time::until)?,
        ..Search::default()
    })
}

struct Printer<W> {
    out: W,
    format: SearchFormat,
    /// Rows of a table that is not full yet.
    rows: Vec<[String; 7]>,
    found: u64,
}

impl<W: Write> Printer<W> {
    fn begin(&mut self, bom: bool) -> io::Result<()> {
        if self.format != SearchFormat::Csv {
            return Ok(());
        }
        if bom {
            self.out.write_all(csv::BYTE_ORDER_MARK.as_bytes())?;
        }
        csv::head(&mut self.out)
    }

    fn print(&mut self, record: Record) -> io::Result<bool> {
        self.found += 1;
        match self.format {
            SearchFormat::Csv => csv::record(&mut self.out, &record)?,
            SearchFormat::Jsonl => {
                serde_json::to_writer(&mut self.out, &record)?;
                self.out.write_all(b"\n")?;
            }
            SearchFormat::Table => {
                self.rows.push(cells(&record));
                if self.rows.len() >= ROWS {
                    self.table()?;
                }
            }
        }
        Ok(true)
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.format == SearchFormat::Table {
            self.table()?;
            let records = if self.found == 1 { "record" } else { "records" };
            writeln!(self.out, "{} {records}", self.found)?;
        }
        self.out.flush()
    }

    /// Prints the rows so far: one table for everything would hold everything in memory.
    fn table(&mut self) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut table = Table::new();
        table
            .load_style(presets::UTF8_HORIZONTAL_ONLY)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(["time", "id", "from", "to", "subject", "decision", "findings"]);
        if !io::stdout().is_terminal() {
            table.force_no_tty();
        }
        table.add_rows(self.rows.drain(..));
        writeln!(self.out, "{table}")
    }
}

fn cells(record: &Record) -> [String; 7] {
    let from = if record.from.is_empty() { &record.mail_from } else { &record.from };
    let mut to: Vec<String> =
        record.recipients.iter().take(SHOWN).map(|to| safe_to_show(to)).collect();
    if let Some(more) = record.recipients.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        to.push(format!("and {more} more"));
    }
    let found: Vec<String> =
        record.findings.iter().take(SHOWN).map(|found| safe_to_show(&found.id)).collect();
    [
        safe_to_show(&record.time),
        safe_to_show(&record.id),
        safe_to_show(from),
        to.join("\n"),
        safe_to_show(&record.subject),
        format!("{} {}", safe_to_show(&record.decision), record.score),
        found.join("\n"),
    ]
}

const DECISIONS: [&str; 6] = ["accept", "tag", "banner", "hold", "reject", "convert"];

/// Rows of one table.
const ROWS: usize = 500;

/// Recipients and findings of a row.
const SHOWN: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::tests::record;

    fn printed(format: SearchFormat, count: u64) -> String {
        let mut printer = Printer { out: Vec::new(), format, rows: Vec::new(), found: 0 };
        printer.begin(true).unwrap();
        for number in 0..count {
            printer.print(record(number)).unwrap();
        }
        printer.finish().unwrap();
        String::from_utf8(printer.out).unwrap()
    }

    #[test]
    fn three_formats() {
        assert_eq!(printed(SearchFormat::Table, 0), "0 records\n");
        let table = printed(SearchFormat::Table, 501);
        assert_eq!(
            (table.matches("decision").count(), table.matches("banner 65").count()),
            (2, 501)
        );
        assert!(table.ends_with("\n501 records\n"));
        let jsonl = printed(SearchFormat::Jsonl, 2);
        let read: Vec<Record> = jsonl.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(read, [record(0), record(1)]);
        let csv = printed(SearchFormat::Csv, 1);
        assert!(csv.starts_with("\u{FEFF}\"time\",") && csv.lines().count() == 2, "{csv}");
    }
}
