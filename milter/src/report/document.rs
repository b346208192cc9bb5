//! The monthly report in words, tables and charts.

use jiff::Timestamp;

use super::tally::{DECISIONS, Day, Decided, Figures, Spoke, deed};
use super::unusual::{LEAST, Measure, TIMES};
use super::{Integrity, Report};
use crate::paper::{Bars, Columns, Paper, Piece, Series, Tongue, number};
use crate::record::Deed;
use crate::recording::with_offset;

/// The report as a paper.
pub fn paper(report: &Report, tongue: Tongue) -> Paper {
    let figures = &report.figures;
    let (year, month) = figures.month.split_once('-').unwrap_or((&figures.month, ""));
    let title = match tongue {
        Tongue::En => format!("Mail checkpoint: monthly report {}", figures.month),
        Tongue::Ja => {
            format!("メール監視 月次報告書（{year}年{}月）", month.trim_start_matches('0'))
        }
    };
    let mut paper = Paper::new(tongue, title);
    head(&mut paper, report);
    attention(&mut paper, report);
    volumes(&mut paper, figures);
    inbound(&mut paper, figures);
    outbound(&mut paper, figures);
    departments(&mut paper, figures);
    holds(&mut paper, report);
    drills(&mut paper, figures);
    integrity(&mut paper, &report.integrity);
    rules(&mut paper, figures);
    paper
}

fn head(paper: &mut Paper, report: &Report) {
    let t = paper.tongue;
    let figures = &report.figures;
    let signed = match &report.signed {
        None => t.of("未確認（署名なし）", "not signed off").to_owned(),
        Some(signed) => format!("{} {}", signed.time, signed.by),
    };
    let fact = |ja: &str, en: &str, value: String| (t.of(ja, en).to_owned(), value);
    paper.pieces.push(Piece::Facts(vec![
        fact("対象月", "Month", figures.month.clone()),
        fact("作成日時", "Made", report.made.clone()),
        fact("確認者", "Signed off", signed),
        fact("集計値の照合符号（SHA-256）", "Mark of the figures (SHA-256)", report.mark.clone()),
        fact(
            "対象月に使われた設定の数",
            "Settings in force in the month",
            number(figures.settings as u64),
        ),
    ]));
    match &report.signed {
        Some(signed) if signed.mark != report.mark => paper.pieces.push(Piece::Mark(
            true,
            t.of(
                "確認されたときと集計値が異なります。内容を見直し、改めて確認してください。",
                "The figures are not those that were signed off: look at them again and sign again.",
            )
            .to_owned(),
        )),
        Some(_) => paper.pieces.push(Piece::Mark(
            false,
            t.of("この集計値は確認済みです。", "These figures are signed off.").to_owned(),
        )),
        None => {}
    }
    if !report.is_whole {
        let text = t.of(
            "対象月はまだ終わっていません。途中経過です。",
            "The month is not over: these figures are provisional.",
        );
        paper.pieces.push(Piece::Mark(true, text.to_owned()));
    }
}

/// What a reader should see before all numbers.
fn attention(paper: &mut Paper, report: &Report) {
    let t = paper.tongue;
    let figures = &report.figures;
    paper.heading("要確認事項", "What to look at");
    let before = paper.pieces.len();
    if let Integrity::Broken(found) = &report.integrity {
        let n = found.len();
        paper.pieces.push(Piece::Mark(
            true,
            match t {
                Tongue::En => format!("The audit log is not whole ({n} findings, see below)."),
                Tongue::Ja => format!("監査ログに改変・欠落の疑いがあります（{n}件。後述）。"),
            },
        ));
    }
    for unusual in &figures.unusual {
        let day = unusual.day + 1;
        let (value, median) = (number(unusual.value), number(unusual.median));
        let what = match unusual.what {
            Measure::Inbound => t.of("受信数", "inbound mails"),
            Measure::Outbound => t.of("社外への送信数", "outbound mails"),
            Measure::Suspicious => t.of("不審な受信メール", "suspicious inbound mails"),
            Measure::Violations => t.of("規則に触れた送信メール", "mails that broke a rule"),
        };
        paper.pieces.push(Piece::Mark(
            true,
            match t {
                Tongue::En => {
                    format!("{}-{day:02}: {value} {what}; usual are {median}.", figures.month)
                }
                Tongue::Ja => format!("{day}日：{what}が{value}件でした（通常は{median}件程度）。"),
            },
        ));
    }
    if figures.deeds.contains_key("clock-jumped") {
        let text = t.of("サーバーの時計が飛んだ記録があります。", "The clock of a host jumped.");
        paper.pieces.push(Piece::Mark(true, text.to_owned()));
    }
    if paper.pieces.len() == before {
        let text = t.of("特に目立つ点はありませんでした。", "Nothing stood out.");
        paper.pieces.push(Piece::Mark(false, text.to_owned()));
    }
    paper.note(match t {
        Tongue::En => format!(
            "A day stands out where its number differs from the median of the month's days of its \
             kind (working days, or weekends) by more than {TIMES} times the scaled median absolute \
             deviation (MAD × 1.4826), and by {LEAST} mails or more."
        ),
        Tongue::Ja => format!(
            "目立つ日の判定：平日と土日を分け、同じ種類の日の中央値との差が、中央絶対偏差\
             （MAD×1.4826）の{TIMES}倍を超え、かつ{LEAST}件以上ある日を挙げています。祝日は平日に含みます。"
        ),
    });
}

fn volumes(paper: &mut Paper, figures: &Figures) {
    let t = paper.tongue;
    paper.heading("件数", "Volumes");
    let row = |ja: &str, en: &str, decided: &Decided| {
        let mut row = vec![t.of(ja, en).to_owned(), number(decided.iter().sum())];
        row.extend(decided.iter().map(|n| number(*n)));
        row
    };
    let rows = vec![
        row("受信", "Inbound", &figures.inbound),
        row("社外への送信", "Outbound", &figures.outbound),
        row("社内", "Internal", &figures.internal),
    ];
    let mut head = vec![("方向", "Direction"), ("合計", "All")];
    head.extend(DECISION_WORDS.iter().map(|(_, ja, en)| (*ja, *en)));
    paper.table(&head, rows, true);
    let series = |ja: &str, en: &str, of: fn(&Day) -> u64| Series {
        name: t.of(ja, en).to_owned(),
        values: figures.days.iter().map(of).collect(),
    };
    paper.pieces.push(Piece::Columns(Columns {
        title: t.of("日ごとの件数", "Mails by day").to_owned(),
        series: vec![
            series("受信", "inbound", |day| day.inbound),
            series("社外への送信", "outbound", |day| day.outbound),
            series("社内", "internal", |day| day.internal),
        ],
    }));
    if figures.observed > 0 {
        let n = number(figures.observed);
        paper.note(match t {
            Tongue::En => {
                format!("{n} mails were only watched: they went their way whatever was decided.")
            }
            Tongue::Ja => {
                format!("うち{n}件は監視のみ（observe）での判定で、実際の処置は行っていません。")
            }
        });
    }
    if figures.with_problems > 0 {
        let n = number(figures.with_problems);
        paper.note(match t {
            Tongue::En => format!("Of {n} mails something could not be read or asked."),
            Tongue::Ja => format!("一部を読み取れなかった、または照会できなかったメール：{n}件"),
        });
    }
}

fn inbound(paper: &mut Paper, figures: &Figures) {
    let t = paper.tongue;
    paper.heading("受信メールの判定", "Inbound mail");
    let decided =
        |at: usize| figures.days.iter().map(move |d| d.decided.get(at).copied().unwrap_or(0));
    let shown = [1, 2, 4, 5].map(|at| {
        let (_, ja, en) = DECISION_WORDS.get(at).copied().unwrap_or_default();
        Series { name: t.of(ja, en).to_owned(), values: decided(at).collect() }
    });
    paper.pieces.push(Piece::Columns(Columns {
        title: t
            .of("日ごとの処置（通常の配信を除く）", "Decisions by day, deliveries left out")
            .to_owned(),
        series: shown.into(),
    }));
    paper.pieces.push(Piece::Bars(Bars {
        title: t
            .of("規程の表の項目別（該当したメール数）", "Mails by row of the rule books' table")
            .to_owned(),
        rows: most(figures.clauses.iter().map(|(id, n)| (row(t, id), *n))),
    }));
    spoken(paper, ("兆候", "Indicator"), &figures.indicators);
    senders(paper, figures);
}

fn senders(paper: &mut Paper, figures: &Figures) {
    for (ja, en, list) in [
        (
            "不審なメールの送信元ドメイン（上位）",
            "Domains most suspicious mail came from",
            &figures.suspicious_senders,
        ),
        ("受信の多い送信元ドメイン（上位）", "Domains most mail came from", &figures.senders),
    ] {
        if !list.is_empty() {
            let rows = list.iter().map(|r| vec![r.name.clone(), number(r.count)]).collect();
            paper.table(&[(ja, en), ("件数", "Mails")], rows, true);
        }
    }
    missed(paper, figures);
}

fn missed(paper: &mut Paper, figures: &Figures) {
    if figures.missed == 0 {
        return;
    }
    let n = number(figures.missed);
    paper.note(match paper.tongue {
        Tongue::En => format!(
            "There were more names than are counted at once; a count may be too low by {n} at most."
        ),
        Tongue::Ja => format!(
            "同時に数える名前の上限を超えたため、上位の件数は最大で{n}件少ないことがあります。"
        ),
    });
}

fn outbound(paper: &mut Paper, figures: &Figures) {
    let t = paper.tongue;
    paper.heading("送信メールの規則", "Rules for outgoing mail");
    if figures.rules.is_empty() {
        return paper.line(t.of("規則に触れたメールはありませんでした。", "No mail broke a rule."));
    }
    spoken(paper, ("規則", "Rule"), &figures.rules);
    let rows = figures.breaking.iter().map(|r| vec![r.name.clone(), number(r.count)]).collect();
    paper.table(
        &[("規則に触れた差出人（上位）", "Senders, most first"), ("件数", "Mails")],
        rows,
        true,
    );
}

fn spoken(
    paper: &mut Paper,
    what: (&str, &str),
    spoke: &std::collections::BTreeMap<String, Spoke>,
) {
    let mut all: Vec<_> = spoke.iter().collect();
    all.sort_by(|a, b| b.1.mails.cmp(&a.1.mails).then(a.0.cmp(b.0)));
    let rows: Vec<Vec<String>> = all
        .into_iter()
        .take(MOST_ROWS)
        .map(|(id, spoke)| {
            let id = if spoke.clause.is_empty() {
                id.clone()
            } else {
                format!("{id} [{}]", spoke.clause)
            };
            let mut row = vec![id, number(spoke.mails)];
            row.extend(spoke.decided.iter().map(|n| number(*n)));
            row
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    let mut head = vec![what, ("該当", "Mails")];
    head.extend(DECISION_WORDS.iter().map(|(_, ja, en)| (*ja, *en)));
    paper.table(&head, rows, true);
    paper.note(paper.tongue.of(
        "右の列は、該当したメール全体に対して行った処置です。一通に複数が該当することがあります。",
        "The columns say what was done with the whole mail; several may speak in one mail.",
    ));
}

fn departments(paper: &mut Paper, figures: &Figures) {
    let t = paper.tongue;
    paper.heading("部署別", "Departments");
    let rows = figures.departments.iter().take(MOST_ROWS).map(|(name, d)| {
        let numbers = [d.inbound, d.suspicious, d.outbound, d.violations].map(number);
        std::iter::once(name.clone()).chain(numbers).collect()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        return paper.line(t.of("記録がありません。", "There are no records."));
    }
    let head = [
        ("部署（ドメイン）", "Department (domain)"),
        ("受信", "Inbound"),
        ("うち不審", "Suspicious"),
        ("送信", "Outbound"),
        ("うち規則に該当", "Broke a rule"),
    ];
    paper.table(&head, rows, true);
    paper.note(t.of(
        "複数の部署に宛てたメールは、最初の宛先の部署に数えています。",
        "A mail to several departments counts for the first of them.",
    ));
}

fn holds(paper: &mut Paper, report: &Report) {
    let t = paper.tongue;
    paper.heading("保留したメールとその結末", "Holds and how they ended");
    let deeds = [
        ("held", "保留した", "Held"),
        ("approved", "承認された", "Approved"),
        ("denied", "承認されなかった", "Denied"),
        ("released", "解放された", "Released"),
        ("discarded", "破棄された", "Discarded"),
        ("expired", "期限により終わった", "Ended by time"),
    ];
    let count = |deed| report.figures.deeds.get(deed).copied().unwrap_or_default();
    let rows =
        deeds.iter().map(|&(deed, ja, en)| vec![t.of(ja, en).to_owned(), number(count(deed))]);
    paper.table(&[("出来事（対象月）", "In the month"), ("件数", "Count")], rows.collect(), true);
    let open = &report.open;
    let all = number(open.approval + open.delay + open.quarantine);
    let (approval, delay, quarantine) = (open.approval, open.delay, open.quarantine);
    let mut line = match t {
        Tongue::En => format!(
            "Still held when this report was made: {all} (for permission {approval}, for their time {delay}, suspicious {quarantine})."
        ),
        Tongue::Ja => format!(
            "報告書の作成時点で保留中：{all}件（承認待ち {approval}件、送信待ち {delay}件、隔離 {quarantine}件）。"
        ),
    };
    if let Ok(oldest) = Timestamp::from_millisecond(open.oldest_ms)
        && open.oldest_ms > 0
    {
        let oldest = with_offset(oldest);
        line.push_str(&match t {
            Tongue::En => format!(" The oldest waits since {oldest}."),
            Tongue::Ja => format!("最も古いものは {oldest} からです。"),
        });
    }
    paper.line(line);
    let warned = number(count("warned"));
    let reported = number(count("reported"));
    paper.line(match t {
        Tongue::En => format!("Reports by staff: {reported}. Warnings to all staff: {warned}."),
        Tongue::Ja => format!("職員からの報告：{reported}件。全職員への注意喚起：{warned}回。"),
    });
}

fn drills(paper: &mut Paper, figures: &Figures) {
    let t = paper.tongue;
    let drills = &figures.drills;
    paper.heading("標的型メール訓練", "Drills");
    if drills.mails == 0 {
        return paper.line(t.of("この月に訓練メールはありませんでした。", "There were none."));
    }
    let (mails, recipients) = (number(drills.mails), number(drills.recipients));
    let (reported, reporters) = (number(drills.reported), number(drills.reporters.len() as u64));
    paper.line(match t {
        Tongue::En => format!("{mails} mails to {recipients} recipients; {reported} of the mails were reported, by {reporters} people. They count nowhere else."),
        Tongue::Ja => format!("訓練メール {mails}通（宛先のべ {recipients}人）のうち、{reported}通が{reporters}人から報告されました。ほかの集計には含みません。"),
    });
    if !drills.reporters.is_empty() {
        let rows = drills.reporters.iter().take(MOST_ROWS).map(|who| vec![who.clone()]).collect();
        paper.table(&[("報告した人", "Who reported")], rows, false);
    }
}

fn integrity(paper: &mut Paper, integrity: &Integrity) {
    let t = paper.tongue;
    paper.heading("監査ログの完全性", "Integrity of the audit log");
    match integrity {
        Integrity::Empty => {
            paper.line(t.of("監査ログはまだありません。", "There is no audit log yet."))
        }
        Integrity::Unchecked(why) => paper.pieces.push(Piece::Mark(
            true,
            match t {
                Tongue::En => format!("Not checked: {why}"),
                Tongue::Ja => format!("検証していません（{why}）。"),
            },
        )),
        Integrity::Whole { files, entries, anchors } => {
            let (files, entries, anchors) = (number(*files), number(*entries), number(*anchors));
            paper.pieces.push(Piece::Mark(false, match t {
                Tongue::En => format!("Whole: {entries} entries in {files} files, {anchors} anchors fit."),
                Tongue::Ja => format!("改変・欠落は見つかりませんでした（{files}ファイル、{entries}件、アンカー{anchors}個と一致）。"),
            }));
        }
        Integrity::Broken(found) => {
            let rows = found.iter().take(MOST_ROWS).map(|line| vec![line.clone()]).collect();
            paper.table(&[("見つかった異常", "What was found")], rows, false);
        }
    }
}

/// Where to sign, on paper.
fn rules(paper: &mut Paper, figures: &Figures) {
    let t = paper.tongue;
    paper.heading("確認", "Sign-off");
    let month = &figures.month;
    paper.line(match t {
        Tongue::En => format!("To sign off: sekisho report sign-off --month {month} --by NAME"),
        Tongue::Ja => format!("内容を確認したら、次のコマンドで記録してください：sekisho report sign-off --month {month} --by 氏名"),
    });
    let blank = |ja: &str, en: &str| (t.of(ja, en).to_owned(), "　".to_owned());
    paper.pieces.push(Piece::Facts(vec![
        blank("確認日", "Date"),
        blank("確認者（署名）", "Name and signature"),
        blank("所見・対応", "Remarks and measures"),
    ]));
}

fn most(rows: impl Iterator<Item = (String, u64)>) -> Vec<(String, u64)> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    rows.truncate(MOST_ROWS);
    rows
}

/// A row of the rule books' table, as the books name it.
fn row(t: Tongue, clause: &str) -> String {
    let named = clause.rsplit_once('-').and_then(|(part, number)| {
        let part = match part {
            "attachment" => "添付ファイル",
            "body" => "本文",
            "sender" => "差出人",
            "theme" => "テーマ",
            _ => return None,
        };
        Some(format!("{part} {number}（{clause}）"))
    });
    named.filter(|_| t == Tongue::Ja).unwrap_or_else(|| clause.to_owned())
}

/// What was done, in a word.
pub(crate) fn deed_word(t: Tongue, what: Deed) -> &'static str {
    let ja = match what {
        Deed::Approved => "承認",
        Deed::ClockJumped => "時計の飛び",
        Deed::Denied => "不承認",
        Deed::Discarded => "破棄",
        Deed::Expired => "期限切れ",
        Deed::Forgotten => "個人の消去",
        Deed::Held => "保留",
        Deed::Released => "解放",
        Deed::Reported => "職員からの報告",
        Deed::SignedOff => "月次報告書の確認",
        Deed::Started => "起動",
        Deed::Stopped => "停止",
        Deed::Warned => "全職員への注意喚起",
    };
    t.of(ja, deed(what))
}

/// Rows of one table.
const MOST_ROWS: usize = 50;

/// Decisions in the order of [`DECISIONS`], in both languages.
pub(crate) const DECISION_WORDS: [(&str, &str, &str); DECISIONS.len()] = [
    (DECISIONS[0], "配信", "delivered"),
    (DECISIONS[1], "印", "tagged"),
    (DECISIONS[2], "警告文", "banner"),
    (DECISIONS[3], "変換", "converted"),
    (DECISIONS[4], "保留", "held"),
    (DECISIONS[5], "拒否", "refused"),
];
