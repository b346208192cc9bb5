//! The label file: a table with tabs, one mail a line, columns named in the first line.

use std::path::{Path, PathBuf};

/// What a mail is for the measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// An attack.
    Bad,
    /// Honest mail.
    Good,
    /// Neither, or only measured: never used for a proposal.
    Other,
}

/// One labelled mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub path: PathBuf,
    /// What it counts as.
    pub class: Class,
    /// Name under which its kind of mail is reported (the first folder of its path).
    pub part: String,
    /// Campaign; mails of one campaign share it.
    pub group: String,
}

/// Which labels count as what.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Words of the column `label` that mean an attack.
    pub bad: Vec<String>,
    /// Words of the column `label` that mean honest mail.
    pub good: Vec<String>,
    /// Words of the column `kind` that are used, where there is such a column; empty means all.
    pub kinds: Vec<String>,
}

/// Reads the table at `file`; paths in it are relative to its folder. Columns `path` and `label`
/// are needed; without `group` every mail is a group of its own.
///
/// # Errors
/// A sentence that says what is wrong with the file.
pub fn read(file: &Path, choice: &Choice) -> Result<Vec<Label>, String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let folder = file.parent().unwrap_or(Path::new("."));
    parse(&text, folder, choice).map_err(|e| format!("{}: {e}", file.display()))
}

fn parse(text: &str, folder: &Path, choice: &Choice) -> Result<Vec<Label>, String> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().ok_or("it is empty")?.split('\t').collect();
    let column = |name: &str| names.iter().position(|n| *n == name);
    let path = column("path").ok_or("no column `path` in the first line")?;
    let label = column("label").ok_or("no column `label` in the first line")?;
    let (group, kind) = (column("group"), column("kind"));
    let mut labels = Vec::new();
    for (number, line) in lines.enumerate() {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |at: usize| {
            fields.get(at).copied().ok_or_else(|| format!("line {}: too few columns", number + 2))
        };
        let name = field(path)?;
        let word = field(label)?.to_owned();
        let kind_counts = match kind {
            Some(at) => {
                choice.kinds.is_empty()
                    || choice.kinds.iter().any(|k| k == fields.get(at).copied().unwrap_or(""))
            }
            None => true,
        };
        let class = match () {
            () if !kind_counts => Class::Other,
            () if choice.bad.contains(&word) => Class::Bad,
            () if choice.good.contains(&word) => Class::Good,
            () => Class::Other,
        };
        labels.push(Label {
            path: folder.join(name),
            class,
            part: name.split('/').next().unwrap_or(name).to_owned(),
            group: match group {
                Some(at) => field(at)?.to_owned(),
                None => name.to_owned(),
            },
        });
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice() -> Choice {
        Choice { bad: vec!["phish".into()], good: vec!["ham".into()], kinds: vec!["real".into()] }
    }

    #[test]
    fn columns_are_found_by_name() {
        let text = "label\tpath\tgroup\tkind\nphish\ta/1.eml\tg\treal\nham\tb/2.eml\th\treal\n\
                    ham\tb/3.eml\th\ttest\n";
        let labels = parse(text, Path::new("/x"), &choice()).unwrap();
        let shown: Vec<_> =
            labels.iter().map(|l| (l.part.as_str(), l.class, l.group.as_str())).collect();
        assert_eq!(
            shown,
            [("a", Class::Bad, "g"), ("b", Class::Good, "h"), ("b", Class::Other, "h")]
        );
        assert_eq!(labels[0].path, Path::new("/x/a/1.eml"));
    }

    #[test]
    fn a_missing_column_is_told() {
        assert_eq!(
            parse("path\n", Path::new(""), &choice()),
            Err("no column `label` in the first line".to_owned())
        );
    }
}
