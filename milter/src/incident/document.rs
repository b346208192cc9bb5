//! The evidence in words.

use super::{Fate, Incident};
use crate::paper::{Paper, Piece, Tongue, number};
use crate::record::Record;
use crate::report::document::deed_word;

/// The evidence as a paper.
pub fn paper(incident: &Incident<'_>, tongue: Tongue) -> Paper {
    let t = tongue;
    let title = t.of(
        "インシデント記録（漏えい等報告の基礎資料）",
        "Incident: evidence for a report of a leak",
    );
    let mut paper = Paper::new(t, title);
    paper.note(t.of(
        "記録から分かる事実だけを記載しています。【要記入】は担当者が記入してください。報告義務の有無は、この資料をもとに担当者が判断してください。",
        "Only what the record tells. Fill in what says [to fill in]; whether there is a duty to report is for people to decide.",
    ));
    overview(&mut paper, incident);
    deadlines(&mut paper, incident);
    items(&mut paper, incident);
    recipients(&mut paper, incident);
    files(&mut paper, incident);
    course(&mut paper, incident);
    evidence(&mut paper, incident);
    paper
}

fn facts(paper: &mut Paper, facts: Vec<(&str, &str, String)>) {
    let t = paper.tongue;
    let facts = facts.into_iter().map(|(ja, en, value)| (t.of(ja, en).to_owned(), value));
    paper.pieces.push(Piece::Facts(facts.collect()));
}

fn overview(paper: &mut Paper, incident: &Incident<'_>) {
    let (t, record) = (paper.tongue, incident.record);
    let blank = fill_in(t);
    let level = match incident.level {
        Some(level) => level.to_string(),
        None => blank.to_owned(),
    };
    let from = if record.from.is_empty() { &record.mail_from } else { &record.from };
    paper.heading("対象のメール", "The mail");
    facts(
        paper,
        vec![
            ("記録番号", "Record", record.id.clone()),
            ("インシデントレベル（0〜3）", "Level (0-3)", level),
            ("方向", "Direction", direction(t, &record.direction).to_owned()),
            ("判定日時", "Judged", record.time.clone()),
            ("差出人", "From", from.clone()),
            ("送信者（MAIL FROM）", "MAIL FROM", record.mail_from.clone()),
            ("認証された利用者", "Authenticated user", or_none(t, &record.user)),
            ("接続元", "Client", or_none(t, &record.client)),
            ("件名", "Subject", record.subject.clone()),
            ("Message-ID", "Message-ID", record.message_id.clone()),
            ("処置", "Decision", record.decision.clone()),
            ("結果", "What became of it", fate(t, incident.fate()).to_owned()),
        ],
    );
    if incident.level.is_none()
        && incident.fate() != Fate::Stopped
        && !incident.personal_data().is_empty()
    {
        paper.note(t.of(
            "個人情報を含むメールが外部に出た場合、規程上のレベルは2以上です。",
            "By the rule books a leak of personal data is at least level 2.",
        ));
    }
}

fn deadlines(paper: &mut Paper, incident: &Incident<'_>) {
    let t = paper.tongue;
    paper.heading("報告の期限", "Deadlines");
    let Some(d) = &incident.deadlines else {
        let text = t.of(
            "知った日が指定されていません（--known-at 2026-11-21 のように指定すると期限を計算します）。",
            "It is not said when it became known (--known-at 2026-11-21 computes the deadlines).",
        );
        return paper.line(text);
    };
    facts(
        paper,
        vec![
            ("事態を知った日", "Known", d.known.clone()),
            (
                "速報（おおむね3〜5日以内）",
                "First report (about 3-5 days)",
                format!("{} – {}", d.first_from, d.first_until),
            ),
            ("確報（30日以内）", "Full report (30 days)", d.full.clone()),
            (
                "確報（不正の目的のおそれがある場合、60日以内）",
                "Full report (unlawful intent, 60 days)",
                d.full_malicious.clone(),
            ),
        ],
    );
    paper.note(t.of(
        "知った日を1日目とし、土日祝日も数えた最も早い期限です。",
        "The day it became known is the first, and holidays count: the earliest reading.",
    ));
}

/// The nine items of article 8.
fn items(paper: &mut Paper, incident: &Incident<'_>) {
    let t = paper.tongue;
    let blank = || fill_in(t).to_owned();
    let personal = incident.personal_data();
    let (stopped, data) = (incident.fate() == Fate::Stopped, personal.join(" / "));
    let summary = match (t, stopped) {
        (Tongue::Ja, true) => {
            format!("{} のメールを検知し、相手に届く前に止めた。{}", incident.record.time, blank())
        }
        (Tongue::Ja, false) => format!(
            "{} に処理したメール（記録 {}）。{}",
            incident.record.time,
            incident.record.id,
            blank()
        ),
        (Tongue::En, true) => format!(
            "The mail of {} was stopped before it arrived. {}",
            incident.record.time,
            blank()
        ),
        (Tongue::En, false) => format!(
            "The mail of {} (record {}). {}",
            incident.record.time,
            incident.record.id,
            blank()
        ),
    };
    let data = if data.is_empty() { none_found(t) } else { format!("{data} {}", blank()) };
    let persons = match (incident.persons(), t) {
        (None, _) => blank(),
        (Some(n), Tongue::Ja) => format!("{}件以上を検出。本人の数は{}", number(n), blank()),
        (Some(n), Tongue::En) => format!("at least {} found; persons: {}", number(n), blank()),
    };
    let cause: Vec<&str> = incident.record.findings.iter().map(|f| f.id.as_str()).collect();
    let cause =
        if cause.is_empty() { blank() } else { format!("{} {}", cause.join(", "), blank()) };
    let prevented = format!("{} {}", incident.record.actions.join("; "), blank());
    paper
        .heading("報告事項（施行規則第8条）", "Items of the report (enforcement rules, article 8)");
    facts(
        paper,
        vec![
            ("1 概要", "1 Summary", summary),
            ("2 個人データの項目", "2 Kinds of personal data", data),
            ("3 本人の数", "3 Persons affected", persons),
            ("4 原因", "4 Cause", cause),
            ("5 二次被害又はそのおそれ", "5 Further harm", blank()),
            ("6 本人への対応", "6 Dealings with the persons", blank()),
            ("7 公表の実施状況", "7 Publication", blank()),
            ("8 再発防止のための措置", "8 Measures", prevented.trim().to_owned()),
            ("9 その他参考となる事項", "9 Other", blank()),
        ],
    );
    paper.note(t.of(
        "報告の対象となる事態：要配慮個人情報（1人から）、財産的被害のおそれ（1人から）、不正の目的のおそれ（1人から）、1,000人を超えるもの。特定個人情報（マイナンバー）は100人を超えるものなど。誤送信は、未読のまま回収した場合を除き漏えいに当たります。高度な暗号化などの措置を講じたものは対象外です。",
        "To be reported: sensitive data, possible financial harm, possible unlawful intent (each from one person on), more than 1,000 persons; My Numbers of more than 100 persons and some other cases. Mail sent to the wrong person is a leak unless taken back unread; well encrypted data is exempt.",
    ));
}

fn recipients(paper: &mut Paper, incident: &Incident<'_>) {
    let t = paper.tongue;
    let all = &incident.record.recipients;
    paper.heading("宛先（エンベロープ）", "Recipients (envelope)");
    let fate = fate(t, incident.fate());
    let rows = all.iter().take(MOST).map(|to| vec![to.clone(), fate.to_owned()]).collect();
    paper.table(&[("宛先", "Recipient"), ("結果", "What became of it")], rows, false);
    if all.len() > MOST {
        let n = number((all.len() - MOST) as u64);
        paper.note(match t {
            Tongue::En => format!("and {n} more; see the record"),
            Tongue::Ja => format!("ほか{n}件（記録を参照）"),
        });
    }
}

fn files(paper: &mut Paper, incident: &Incident<'_>) {
    let t = paper.tongue;
    let files = &incident.record.attachments;
    paper.heading("添付ファイルと暗号化", "Attachments and encryption");
    if files.is_empty() {
        return paper
            .line(t.of("記録された添付ファイルはありません。", "No attachment is on record."));
    }
    let rows = files.iter().take(MOST).map(|f| {
        let encrypted = match f.encrypted {
            true => t.of("暗号化を確認", "shown to be encrypted"),
            false => {
                t.of("暗号化されていない、または確認できない", "not encrypted, or not shown to be")
            }
        };
        vec![f.name.clone(), number(f.size), encrypted.to_owned(), halved(&f.sha256)]
    });
    let head = [
        ("ファイル名", "Name"),
        ("バイト", "Bytes"),
        ("暗号化", "Encrypted"),
        ("SHA-256", "SHA-256"),
    ];
    paper.table(&head, rows.collect(), false);
}

fn course(paper: &mut Paper, incident: &Incident<'_>) {
    let t = paper.tongue;
    paper.heading("経過", "Course of events");
    let judged = t.of("判定", "judged");
    let first = vec![
        incident.record.time.clone(),
        "sekisho".to_owned(),
        judged.to_owned(),
        incident.record.decision.clone(),
    ];
    let later = incident.events.iter().take(MOST).map(|e| {
        vec![e.time.clone(), e.who.clone(), deed_word(t, e.what).to_owned(), e.note.clone()]
    });
    let rows = std::iter::once(first).chain(later).collect();
    paper.table(
        &[("日時", "Time"), ("誰が", "Who"), ("何を", "What"), ("備考", "Note")],
        rows,
        false,
    );
}

fn evidence(paper: &mut Paper, incident: &Incident<'_>) {
    let record = incident.record;
    paper.heading("検知内容", "What was found");
    if record.findings.is_empty() {
        paper.line(paper.tongue.of("検知した項目はありません。", "Nothing was found."));
    } else {
        findings(paper, record);
    }
    facts(
        paper,
        vec![
            (
                "ホストとキューID",
                "Host and queue id",
                format!("{} {}", record.host, record.queue_id),
            ),
            ("設定の照合符号", "Settings", record.settings.clone()),
            ("記録の照合符号（SHA-256）", "Mark of the record (SHA-256)", incident.mark.to_owned()),
        ],
    );
}

fn findings(paper: &mut Paper, record: &Record) {
    let rows = record.findings.iter().take(MOST).map(|f| {
        let weight = if f.ruling.is_empty() { f.points.to_string() } else { f.ruling.clone() };
        vec![f.id.clone(), f.clause.clone(), weight, f.evidence.clone()]
    });
    let head = [
        ("兆候・規則", "Indicator or rule"),
        ("条項", "Clause"),
        ("点数・処置", "Points or ruling"),
        ("根拠", "Evidence"),
    ];
    paper.table(&head, rows.collect(), false);
}

/// A hash in two lines' length, so that it leaves room for what stands beside it.
fn halved(hash: &str) -> String {
    match hash.split_at_checked(32) {
        Some((one, two)) => format!("{one} {two}"),
        None => hash.to_owned(),
    }
}

fn fill_in(t: Tongue) -> &'static str {
    match t {
        Tongue::En => "[to fill in]",
        Tongue::Ja => "【要記入】",
    }
}

fn none_found(t: Tongue) -> String {
    match t {
        Tongue::En => "none found by the rules; [to fill in]".to_owned(),
        Tongue::Ja => "規則による検出なし。【要記入】".to_owned(),
    }
}

fn or_none(t: Tongue, text: &str) -> String {
    if text.is_empty() { t.of("なし", "none").to_owned() } else { text.to_owned() }
}

fn direction(t: Tongue, direction: &str) -> &str {
    match direction {
        "inbound" => t.of("受信", "inbound"),
        "outbound" => t.of("社外への送信", "outbound"),
        "internal" => t.of("社内", "internal"),
        other => other,
    }
}

fn fate(t: Tongue, fate: Fate) -> &'static str {
    match (fate, t) {
        (Fate::Delivered, Tongue::Ja) => "止めずに通した",
        (Fate::Delivered, Tongue::En) => "let through",
        (Fate::Released, Tongue::Ja) => "保留の後に通した",
        (Fate::Released, Tongue::En) => "let through after a hold",
        (Fate::Held, Tongue::Ja) => "保留した",
        (Fate::Held, Tongue::En) => "held",
        (Fate::Stopped, Tongue::Ja) => "届く前に止めた",
        (Fate::Stopped, Tongue::En) => "stopped before it arrived",
    }
}

/// Rows of one table.
const MOST: usize = 200;
