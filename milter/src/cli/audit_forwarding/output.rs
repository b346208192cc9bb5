//! What `sekisho audit-forwarding` prints: one JSON object a path, or a table for people.

use std::io::{IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};
use sekisho_heuristics::indicator::safe_to_show;
use serde_json::json;

use super::super::Format;
use super::paths::Path;

pub(super) fn print(format: Format, found: &[Path]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match format {
        Format::Jsonl => {
            for path in found {
                writeln!(out, "{}", object(path))?;
            }
        }
        Format::Table => {
            if !found.is_empty() {
                writeln!(out, "{}", table(found))?;
            }
            let leave = found.iter().filter(|path| path.leaves).count();
            let hidden = found.len() - leave;
            writeln!(out, "{leave} paths leave the organisation, {hidden} cannot be followed")?;
        }
    }
    out.flush()
}

fn object(path: &Path) -> serde_json::Value {
    json!({
        "from": path.from,
        "via": path.via,
        "to": path.to,
        "result": result(path),
        "source": path.place,
    })
}

fn table(found: &[Path]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["from", "by way of", "to", "result", "written in"]);
    if !std::io::stdout().is_terminal() {
        table.force_no_tty();
    }
    for path in found {
        let via: Vec<String> = path.via.iter().map(|step| safe_to_show(step)).collect();
        table.add_row([
            safe_to_show(&path.from),
            via.join("\n"),
            safe_to_show(&path.to),
            result(path).to_owned(),
            safe_to_show(&path.place),
        ]);
    }
    table
}

fn result(path: &Path) -> &'static str {
    if path.leaves { "leaves" } else { "cannot-be-followed" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_object_a_path() {
        let path = Path {
            from: "info".into(),
            via: vec!["taro".into()],
            to: "taro@example.com".into(),
            leaves: true,
            place: "/people/taro/.forward:1".into(),
        };
        let expected = r#"{"from":"info","result":"leaves","source":"/people/taro/.forward:1","to":"taro@example.com","via":["taro"]}"#;
        let shown: serde_json::Value = serde_json::from_str(expected).unwrap();
        assert_eq!(object(&path), shown);
        assert!(table(&[path]).to_string().contains("leaves"));
    }
}
