//! To the sender of a mail that was refused: what was wrong and what to do, in full, where the
//! answer of the server is ASCII and may be cut by his mail program.

use sekisho_config::{Ruling, Settings};

use super::hold::is_ours;
use super::{Block, Notice, Section, languages};
use crate::record::Record;
use sekisho_heuristics::outbound::Breach;

/// The notice about a refused mail; `None` where its sender is none of ours.
pub fn notice(record: &Record, breaches: &[Breach], settings: &Settings) -> Option<Notice> {
    if !is_ours(&record.mail_from, settings) {
        return None;
    }
    let broken: Vec<&Breach> =
        breaches.iter().filter(|b| b.ruling == breaches_hardest(breaches)).collect();
    let sections = languages(settings).iter().map(|&lang| section(lang, record, &broken)).collect();
    Some(Notice {
        to: vec![record.mail_from.clone()],
        subject: format!("【送信できませんでした / Not sent】{}", record.subject),
        sections,
    })
}

fn breaches_hardest(breaches: &[Breach]) -> Ruling {
    breaches.iter().map(|b| b.ruling).max().unwrap_or(Ruling::Reject)
}

fn section(lang: &'static str, record: &Record, broken: &[&Breach]) -> Section {
    let is_japanese = lang == "ja";
    let word = |ja: &str, en: &str| (if is_japanese { ja } else { en }).to_owned();
    let shown: Vec<&str> = record.recipients.iter().take(MOST_SHOWN).map(String::as_str).collect();
    let more = record.recipients.len().saturating_sub(shown.len());
    let mut to = shown.join(", ");
    if more > 0 {
        to.push_str(&match is_japanese {
            true => format!("、ほか {more} 件"),
            false => format!(" and {more} more"),
        });
    }
    let say = |b: &&Breach| match is_japanese {
        true => format!("{}{}", b.ja, b.advice_ja),
        false => format!("{} {}", b.en, b.advice_en),
    };
    let blocks = vec![
        Block::Line(word(
            "次のメールは、社内の規程に沿わない点があるため送信されませんでした。相手には届いていません。",
            "The following message was not sent, because it does not follow the rules of your \
             organisation. Nobody has received it.",
        )),
        Block::Facts(vec![
            (word("件名", "Subject"), record.subject.clone()),
            (word("宛先", "To"), to),
            (word("日時", "Time"), record.time.clone()),
            (word("番号", "ID"), record.queue_id.clone()),
        ]),
        Block::Line(word("理由と対処", "Why, and what to do")),
        Block::List(broken.iter().map(say).collect()),
        Block::Line(word(
            "直したうえで送り直してください。ご不明な点は、番号を添えてシステム管理者にお問い合わせください。",
            "Please correct it and send it again. Your system administrator can tell you more by \
             the ID.",
        )),
    ];
    Section { lang, blocks }
}

/// Recipients that are named.
const MOST_SHOWN: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn breach(ruling: Ruling, ja: &str) -> Breach {
        Breach {
            id: "x",
            clause: None,
            ruling,
            evidence: String::new(),
            ja: ja.into(),
            en: "Bad.".into(),
            advice_ja: "直してください。".into(),
            advice_en: "Mend it.".into(),
        }
    }

    fn settings() -> Settings {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        settings
    }

    #[test]
    fn it_says_what_was_wrong_in_both_languages() {
        let record = Record {
            mail_from: "taro@own.example".into(),
            subject: "見積".into(),
            queue_id: "4XyZ".into(),
            recipients: (0..12).map(|n| format!("r{n}@example.com")).collect(),
            ..Record::default()
        };
        let breaches =
            [breach(Ruling::Reject, "宛先が見えます。"), breach(Ruling::Warn, "初めてです。")];
        let notice = notice(&record, &breaches, &settings()).unwrap();
        assert_eq!(notice.to, ["taro@own.example"]);
        let text = notice.text();
        assert!(text.contains("  - 宛先が見えます。直してください。\n"), "{text}");
        assert!(text.contains("  - Bad. Mend it.\n"), "{text}");
        assert!(text.contains("r9@example.com、ほか 2 件"), "{text}");
        assert!(!text.contains("初めて"), "what did not stop it is not told: {text}");
    }

    #[test]
    fn strangers_get_nothing() {
        for mail_from in ["", "a@example.com", "nobody"] {
            let record = Record { mail_from: mail_from.into(), ..Record::default() };
            assert_eq!(notice(&record, &[], &settings()), None);
        }
    }
}
