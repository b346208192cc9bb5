//! What a preview says: tables for people, one JSON object a line for programs.

use serde_json::json;

use super::{Moved, Outcome, name};
use crate::paper::{Paper, Tongue, number};
use crate::report::document::DECISION_WORDS;
use crate::report::tally::Decided;

/// Tables.
pub fn table(outcome: &Outcome, changes: &[String], tongue: Tongue) -> String {
    let t = tongue;
    let mut paper = Paper::new(t, t.of("設定変更の試算", "What other settings would have done"));
    let set = if changes.is_empty() {
        t.of("なし（現在の設定）", "nothing (today's settings)").to_owned()
    } else {
        changes.join("  ")
    };
    let records = number(outcome.records);
    paper.line(match t {
        Tongue::En => format!("{records} records; changed: {set}"),
        Tongue::Ja => format!("対象の記録：{records}件　変更：{set}"),
    });
    if outcome.other_settings > 0 {
        let n = number(outcome.other_settings);
        paper.line(match t {
            Tongue::En => format!("{n} of them were judged under other settings than today's: before is what was decided then, after is by today's points and the changes."),
            Tongue::Ja => format!("うち{n}件は、現在とは異なる設定で判定されたものです。「前」は当時の判定、「後」は現在の点数に変更を加えた判定です。"),
        });
    }
    if outcome.drills > 0 {
        let n = number(outcome.drills);
        paper.line(match t {
            Tongue::En => format!("{n} drills are left out."),
            Tongue::Ja => format!("訓練メール{n}件は除いています。"),
        });
    }
    totals(&mut paper, outcome);
    if outcome.moves.is_empty() {
        paper.line(t.of("処置が変わるメールはありません。", "No mail would be treated otherwise."));
    } else {
        moved(&mut paper, outcome);
    }
    paper.note(t.of(
        "当時無効だった兆候・規則は記録に残っていないため、試算に含まれません。信頼する差出人と例外は当時の判定のままです。",
        "Indicators and rules that were off then left no trace and are not counted. Trusted senders and exceptions stay as they were then.",
    ));
    paper.text()
}

fn totals(paper: &mut Paper, outcome: &Outcome) {
    let t = paper.tongue;
    let row = |ja: &str, en: &str, decided: &Decided| {
        std::iter::once(t.of(ja, en).to_owned()).chain(decided.iter().map(|n| number(*n))).collect()
    };
    let rows = vec![
        row("受信　前", "inbound, before", &outcome.inbound_before),
        row("受信　後", "inbound, after", &outcome.inbound_after),
        row("送信　前", "outbound, before", &outcome.outbound_before),
        row("送信　後", "outbound, after", &outcome.outbound_after),
    ];
    let mut head = vec![("", "")];
    head.extend(DECISION_WORDS.iter().map(|(_, ja, en)| (*ja, *en)));
    paper.table(&head, rows, true);
}

fn moved(paper: &mut Paper, outcome: &Outcome) {
    let t = paper.tongue;
    let arrow = |from: &str, to: &str| format!("{from} → {to}");
    let rows = outcome.moves.iter().map(|(m, n)| vec![arrow(name(m.from), name(m.to)), number(*n)]);
    paper.table(&[("処置の変化", "Change"), ("件数", "Mails")], rows.collect(), true);
    let (harder, milder) = (("厳しくなる", "Harder"), ("緩くなる", "Milder"));
    let split = |map: &std::collections::BTreeMap<String, Moved>| {
        let mut all: Vec<_> = map.iter().collect();
        all.sort_by(|a, b| {
            (b.1.harder + b.1.milder).cmp(&(a.1.harder + a.1.milder)).then(a.0.cmp(b.0))
        });
        let row =
            |(name, m): (&String, &Moved)| vec![name.clone(), number(m.harder), number(m.milder)];
        all.into_iter().take(MOST_ROWS).map(row).collect::<Vec<_>>()
    };
    paper.table(&[("規程の項目", "Clause"), harder, milder], split(&outcome.clauses), true);
    paper.table(
        &[("部署（ドメイン）", "Department (domain)"), harder, milder],
        split(&outcome.departments),
        true,
    );
    for (list, (ja, en)) in [(&outcome.harder_senders, harder), (&outcome.milder_senders, milder)] {
        if !list.is_empty() {
            let head = (format!("差出人のドメイン（{ja}）"), format!("Senders ({en})"));
            let rows = list.iter().map(|r| vec![r.name.clone(), number(r.count)]).collect();
            paper.table(&[(&head.0, &head.1), ("件数", "Mails")], rows, true);
        }
    }
    if outcome.missed > 0 {
        let n = number(outcome.missed);
        paper.note(match t {
            Tongue::En => format!("A count of senders may be too low by {n} at most."),
            Tongue::Ja => format!("差出人の件数は最大で{n}件少ないことがあります。"),
        });
    }
    let head = [
        ("記録", "Record"),
        ("点数", "Score"),
        ("処置", "Decision"),
        ("差出人", "From"),
        ("件名", "Subject"),
    ];
    let rows = outcome.examples.iter().map(|e| {
        let (score, decision) = match e.direction.as_str() {
            "inbound" => (
                arrow(&e.score_before.to_string(), &e.score_after.to_string()),
                arrow(&e.before, &e.after),
            ),
            _ => (String::new(), arrow(&e.before, &e.after)),
        };
        vec![e.id.clone(), score, decision, e.from.clone(), e.subject.clone()]
    });
    paper.heading("例", "Examples");
    paper.table(&head, rows.collect(), false);
}

/// One object with the totals, then one object an example.
pub fn jsonl(outcome: &Outcome, changes: &[String]) -> String {
    let by_name = |decided: &Decided| {
        let named = decided.iter().enumerate().map(|(at, n)| (name(at).to_owned(), json!(n)));
        named.collect::<serde_json::Map<_, _>>()
    };
    let mut totals = json!(outcome);
    if let Some(totals) = totals.as_object_mut() {
        totals.remove("examples");
        for (key, decided) in [
            ("inbound_before", &outcome.inbound_before),
            ("inbound_after", &outcome.inbound_after),
            ("outbound_before", &outcome.outbound_before),
            ("outbound_after", &outcome.outbound_after),
        ] {
            totals.insert(key.to_owned(), by_name(decided).into());
        }
    }
    let mut out = json!({ "set": changes, "totals": totals }).to_string();
    out.push('\n');
    for example in &outcome.examples {
        out.push_str(&json!({ "example": example }).to_string());
        out.push('\n');
    }
    out
}

const MOST_ROWS: usize = 30;
