//! Rows and cells of tables as texts give them: CSV, sheets, tables of documents and pages.

/// Cells of a row, blanks and quotes around them taken off: set apart by tabs where there are any,
/// else by commas outside of quotes, else by bars. At most [`MOST_CELLS`]; a line without any of
/// them is one cell.
pub(super) fn cells(line: &str) -> Vec<&str> {
    let separator = separator(line);
    let mut quoted = false;
    let is_end = |c: char| {
        quoted ^= c == '"' && separator == ',';
        c == separator && !quoted
    };
    line.split(is_end).take(MOST_CELLS).map(trimmed).collect()
}

/// In which cell of `line` the byte `at` stands; 0 for the first.
pub(super) fn column(line: &str, at: usize) -> usize {
    cells_before(line, at.min(line.len())).saturating_sub(1)
}

/// Whether the line has more than one cell.
pub(super) fn is_row(line: &str) -> bool {
    line.contains(['\t', ',', '|', ';'])
}

fn cells_before(line: &str, at: usize) -> usize {
    let separator = separator(line);
    let mut quoted = false;
    let before = line.get(..at).unwrap_or(line);
    let ends = before.chars().filter(|&c| {
        quoted ^= c == '"' && separator == ',';
        c == separator && !quoted
    });
    ends.count() + 1
}

fn separator(line: &str) -> char {
    ['\t', ',', '|', ';'].into_iter().find(|&c| line.contains(c)).unwrap_or('\t')
}

fn trimmed(cell: &str) -> &str {
    cell.trim().trim_matches('"').trim()
}

/// Cells of a row that are looked at.
const MOST_CELLS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_every_kind_of_table() {
        assert_eq!(cells("a\tb, c\t d"), ["a", "b, c", "d"]);
        assert_eq!(cells("\"山田, 太郎\",\"1\""), ["山田, 太郎", "1"]);
        assert_eq!(cells("| a | b |"), ["", "a", "b", ""]);
        assert_eq!(cells("alone"), ["alone"]);
    }

    #[test]
    fn columns_are_counted_from_nought() {
        assert_eq!(column("a\tbc\td", 3), 1);
        assert_eq!(column("\"a,b\",c", 6), 1);
        assert_eq!(column("a,b", 0), 0);
        assert!(is_row("a,b") && !is_row("a b"));
    }
}
