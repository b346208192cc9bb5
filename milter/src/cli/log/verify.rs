//! `sekisho log verify`: each break of the audit log with its file and line. Exit status 0 where
//! there is none, 1 where there are some or something could not be read.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use sekisho_heuristics::indicator::safe_to_show;

use super::super::{Failure, Outcome};
use super::VerifyArgs;
use crate::audit::anchor::Anchor;
use crate::audit::verify::{self, Known, Report, anchors_in, own_anchors};

pub(super) fn verify(args: &VerifyArgs) -> Outcome {
    let (dir, settings) = args.place.find()?;
    let unreadable = |path: &Path| {
        let path = path.display().to_string();
        move |error| Failure::Io(path, error)
    };
    // Anchors first: an entry that is anchored is in the log already.
    let mut anchors = own_anchors(&dir).map_err(unreadable(&dir))?;
    let own = anchors.len();
    if args.anchor.is_empty()
        && let Some(file) = settings.and_then(|settings| settings.records.anchors.file)
        && file.exists()
    {
        anchors.extend(anchors_in(&file).map_err(unreadable(&file))?);
    }
    for given in &args.anchor {
        anchors.extend(read(given)?);
    }
    let outside = anchors.len() - own;
    let report = verify::verify(&dir, &anchors, &host()).map_err(unreadable(&dir))?;
    print(&mut io::stdout().lock(), &dir, &report, outside)
        .map_err(|e| Failure::Io("standard output".to_owned(), e))?;
    Ok(ExitCode::from(u8::from(report.found > 0)))
}

/// An anchor that was given as its line, or those of a file.
fn read(given: &str) -> Result<Vec<Known>, Failure> {
    if let Some(anchor) = Anchor::find(given) {
        return Ok(vec![Known { anchor, source: "--anchor".to_owned() }]);
    }
    let known = anchors_in(Path::new(given)).map_err(|e| Failure::Io(given.to_owned(), e))?;
    if known.is_empty() {
        return Err(Failure::Usage(format!("{given}: no anchor stands in it")));
    }
    Ok(known)
}

fn print(out: &mut impl Write, dir: &Path, report: &Report, outside: usize) -> io::Result<()> {
    for finding in &report.findings {
        writeln!(out, "{}", shown(&finding.to_string()))?;
    }
    let untold = report.found.saturating_sub(report.findings.len() as u64);
    if untold > 0 {
        writeln!(out, "and {untold} more")?;
    }
    for note in &report.notes {
        writeln!(out, "note: {}", shown(note))?;
    }
    let dir = dir.display();
    if report.entries == 0 && report.found == 0 {
        writeln!(out, "{dir}: the log is empty")?;
        return out.flush();
    }
    writeln!(
        out,
        "{dir}: {} entries in {} files, the last {} {}",
        report.entries, report.files, report.head.seq, report.head.hash
    )?;
    let left_out = match report.anchors_left_out {
        0 => String::new(),
        some => format!(", {some} are of other hosts or of entries deleted in time"),
    };
    writeln!(out, "{} anchors hold{left_out}", report.anchors_held)?;
    if outside == 0 {
        writeln!(
            out,
            "no anchor from outside was given: a log rewritten as a whole, or cut at its end, \
             would not show"
        )?;
    }
    match report.found {
        0 => writeln!(out, "nothing wrong was found")?,
        1 => writeln!(out, "1 thing is wrong")?,
        many => writeln!(out, "{many} things are wrong")?,
    }
    out.flush()
}

/// Safe to show, whole: what is shown at a time is shorter than a sentence may be.
fn shown(text: &str) -> String {
    let parts = text.split_inclusive(' ').map(|word| {
        let blank = if word.ends_with(' ') { " " } else { "" };
        safe_to_show(word) + blank
    });
    parts.collect()
}

/// This host, as Linux tells it.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname");
    name.map(|name| name.trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_log_is_said_to_be_empty() {
        let mut out = Vec::new();
        print(&mut out, Path::new("/log"), &Report::default(), 0).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "/log: the log is empty\n");
    }

    #[test]
    fn anchors_are_lines_or_files() {
        let line = format!("sekisho-audit anchor host=a seq=7 hash={} at=x", "ab".repeat(32));
        assert_eq!(read(&line).unwrap()[0].anchor.seq, 7);
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        assert!(matches!(read(path), Err(Failure::Usage(_))));
        std::fs::write(path, format!("other\nMar 31 mx1 {line}\n")).unwrap();
        assert_eq!(read(path).unwrap()[0].source, format!("{path}:2"));
    }
}
