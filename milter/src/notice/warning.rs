//! The warning to all staff (clause report-and-warn): what came, how it is told, what to do.
//!
//! Way in: [`warning`], from a record. Addresses and links are written so that nobody can click
//! them; recipients are named nowhere. Signs are told in words: the sentence of the indicator
//! where the record can fill it, else the first sentence of what it means, with what was seen.

use sekisho_config::Settings;
use sekisho_heuristics::indicator::{Indicator, safe_to_show};
use sekisho_heuristics::indicators::ALL;

use super::{Block, Notice, Section, languages};
use crate::act::banner::inert;
use crate::record::{Found, Record};

/// The warning about `record`, to whoever `to` names.
pub fn warning(record: &Record, to: Vec<String>, settings: &Settings) -> Notice {
    let tells = |lang: &&'static str| Section { lang, blocks: blocks(record, settings, lang) };
    let languages = languages(settings);
    let subject = match languages.first() {
        Some(&"en") => "Warning: suspicious mail",
        _ => "【注意喚起】不審なメールが届いています",
    };
    Notice { to, subject: subject.to_owned(), sections: languages.iter().map(tells).collect() }
}

fn blocks(record: &Record, settings: &Settings, lang: &str) -> Vec<Block> {
    let is_ja = lang == "ja";
    let t = |ja: &str, en: &str| if is_ja { ja.to_owned() } else { en.to_owned() };
    let shown = |text: &str| inert(&safe_to_show(text), "[.]");
    let from = if record.from.is_empty() { &record.mail_from } else { &record.from };
    let mut facts = vec![
        (t("件名", "Subject"), shown(&record.subject)),
        (t("差出人", "From"), shown(from)),
        (t("受信日時", "Received"), record.time.clone()),
    ];
    let files: Vec<String> = record.attachments.iter().take(MOST).map(|f| shown(&f.name)).collect();
    if !files.is_empty() {
        facts.push((t("添付ファイル", "Attached"), files.join(if is_ja { "、" } else { ", " })));
    }
    let mut blocks = vec![
        Block::Line(t(
            "次のような不審なメールが届いています。同じようなメールを受け取っていないか、ご確認ください。",
            "Suspicious mail like the following has come in. Please look whether you have received it.",
        )),
        Block::Facts(facts),
    ];
    let signs = signs(&record.findings, is_ja);
    if !signs.is_empty() {
        blocks.push(Block::Line(t("見分けるための手がかり：", "How to tell it:")));
        blocks.push(Block::List(signs));
    }
    blocks.push(Block::Line(t("対応のお願い：", "What to do:")));
    let mut todo = vec![
        t(
            "添付ファイルを開いたり、リンクを押したり、返信したりしないでください。",
            "Do not open its attachments, follow its links or answer it.",
        ),
        match settings.notify.report_address.as_str() {
            "" => t(
                "受け取った方は、削除せずにシステム管理者へお知らせください。",
                "If you have received it, keep it and tell the system administrator.",
            ),
            address if is_ja => {
                format!(
                    "受け取った方は、削除せずに添付ファイルとして {address} へ転送してください。"
                )
            }
            address => {
                format!("If you have received it, forward it as an attachment to {address}.")
            }
        },
        t(
            "すでに開いた、または情報を入力した場合は、パソコンをネットワークから切り離し、電源は切らずに、すぐシステム管理者へ連絡してください。",
            "If you have opened it or entered anything, take the computer off the network, leave it switched on, and call the system administrator at once.",
        ),
    ];
    if !settings.actions.banner_contact.is_empty() {
        todo.push(settings.actions.banner_contact.clone());
    }
    blocks.push(Block::List(todo));
    blocks.push(Block::Line(match is_ja {
        true => format!("整理番号：{}（お問い合わせの際にお知らせください）", record.id),
        false => format!("Reference: {}", record.id),
    }));
    blocks
}

fn signs(findings: &[Found], is_ja: bool) -> Vec<String> {
    let sign = |found: &Found| {
        let indicator = ALL.iter().find(|i| i.id == found.id)?;
        Some(inert(&sentence(indicator, found, is_ja), "[.]"))
    };
    findings.iter().filter_map(sign).take(MOST).collect()
}

fn sentence(indicator: &Indicator, found: &Found, is_ja: bool) -> String {
    let (says, means) = match is_ja {
        true => (indicator.says.ja, indicator.means.ja),
        false => (indicator.says.en, indicator.means.en),
    };
    let evidence = safe_to_show(&found.evidence);
    if says.matches('{').count() == says.matches("{evidence}").count() {
        return says.replace("{evidence}", &evidence);
    }
    let end = if is_ja { "。" } else { ". " };
    let first = means.split_inclusive(end).next().unwrap_or(means).trim_end();
    match (evidence.as_str(), is_ja) {
        ("", _) => first.to_owned(),
        (evidence, true) => format!("{first}（{evidence}）"),
        (evidence, false) => format!("{first} ({evidence})"),
    }
}

/// Signs and files named.
const MOST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Attached;

    fn record() -> Record {
        let found = |id: &str, evidence: &str| Found {
            id: id.into(),
            evidence: evidence.into(),
            ..Found::default()
        };
        Record {
            id: "Q1-ABC".into(),
            subject: "至急 https://bad.example.com/x".into(),
            from: "x@bad.example.com".into(),
            recipients: vec!["secret@own.example".into()],
            time: "2026-10-01T09:00:00.000+09:00".into(),
            attachments: vec![Attached { name: "請求書.pdf.exe".into(), ..Attached::default() }],
            findings: vec![
                found("link-text-differs", "www.bank.co.jp → bad.example.com"),
                found("hidden-text", "白地に白"),
                found("of-another-version", "x"),
            ],
            ..Record::default()
        }
    }

    fn text(change: impl FnOnce(&mut Settings)) -> String {
        let mut settings = Settings::default();
        change(&mut settings);
        warning(&record(), vec![], &settings).text()
    }

    #[test]
    fn it_says_what_came_how_it_is_told_and_what_to_do() {
        let text = text(|_| {});
        for part in [
            "件名: 至急 bad[.]example[.]com/x",
            "差出人: x@bad[.]example[.]com",
            "請求書.pdf.exe",
            "（www[.]bank[.]co[.]jp → bad[.]example[.]com）",
            "白地に白",
            "電源は切らずに",
            "Do not open its attachments",
            "Reference: Q1-ABC",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        for part in ["https://", "secret@", "{", "of-another-version"] {
            assert!(!text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn staff_are_told_whom_to_tell() {
        let text = text(|s| {
            s.notify.report_address = "report@own.example".into();
            s.actions.banner_contact = "内線 119".into();
        });
        assert!(text.contains("report@own.example へ転送") && text.contains("内線 119"), "{text}");
    }

    #[test]
    fn every_indicator_has_a_sentence_without_holes() {
        for indicator in ALL {
            for is_ja in [true, false] {
                let found = Found { evidence: "x".into(), ..Found::default() };
                let sentence = sentence(indicator, &found, is_ja);
                assert!(
                    !sentence.is_empty() && !sentence.contains('{'),
                    "{}: {sentence}",
                    indicator.id
                );
            }
        }
    }
}
