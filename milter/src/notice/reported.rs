//! To the administrators: what a member of staff reported, and what judging it again said.

use sekisho_config::Settings;

use super::{Block, Notice, Section, languages};
use crate::reported::{Filed, Verdict};

/// The notice about a report; `None` where there is nobody to tell, or only drills were reported,
/// which are counted.
pub fn notice(filed: &Filed, settings: &Settings) -> Option<Notice> {
    if settings.notify.admin.is_empty() || filed.is_drill() {
        return None;
    }
    let subject = filed.mails.first().map_or("", |mail| mail.subject.as_str());
    Some(Notice {
        to: settings.notify.admin.clone(),
        subject: format!("【sekisho】職員からの報告 / Reported: {subject}"),
        sections: languages(settings).iter().map(|&lang| section(lang, filed)).collect(),
    })
}

fn section(lang: &'static str, filed: &Filed) -> Section {
    let word = |ja: &str, en: &str| (if lang == "ja" { ja } else { en }).to_owned();
    let mut blocks = vec![
        Block::Line(word(
            "職員から不審なメールの報告がありました。添付されたメールを改めて判定した結果は次のとおりです。",
            "A member of staff reported mail. Judged again, the attached mails show the following.",
        )),
        Block::Facts(vec![
            (word("報告者", "Reported by"), filed.who.clone()),
            (word("報告の番号", "ID of the report"), filed.id.clone()),
        ]),
    ];
    for mail in &filed.mails {
        blocks.push(Block::Facts(facts(lang, mail)));
        let signs = mail.signs.iter().take(MOST_SIGNS).map(|(id, seen)| format!("{id}: {seen}"));
        if !mail.signs.is_empty() {
            blocks.push(Block::List(signs.collect()));
        }
    }
    if filed.unread > 0 {
        blocks.push(Block::Line(match lang {
            "ja" => format!(
                "ほかに {} 通のメールが添付されていますが、判定していません。",
                filed.unread
            ),
            _ => format!("{} more mails are attached; they were not judged.", filed.unread),
        }));
    } else if filed.mails.is_empty() {
        blocks.push(Block::Line(word(
            "メールが添付されていないため、判定していません。報告のメールそのものをご確認ください。",
            "No mail is attached, so none was judged. Please read the report itself.",
        )));
    }
    Section { lang, blocks }
}

fn facts(lang: &str, mail: &Verdict) -> Vec<(String, String)> {
    let word = |ja: &str, en: &str| (if lang == "ja" { ja } else { en }).to_owned();
    let verdict = match mail.decision {
        Some(decision) => format!("{} ({})", decision.name(), mail.score),
        None => word("判定できませんでした", "could not be judged"),
    };
    let mut facts = vec![
        (word("件名", "Subject"), mail.subject.clone()),
        (word("差出人", "From"), mail.from.clone()),
        ("Message-ID".to_owned(), mail.message_id.clone()),
        (word("判定（点数）", "Verdict (score)"), verdict),
    ];
    if mail.is_drill {
        facts.push((word("備考", "Remark"), word("訓練メール", "a drill")));
    }
    if mail.is_partial {
        facts.push((
            word("備考", "Remark"),
            word(
                "Outlook 形式のため、本文と添付ファイルだけを判定しました",
                "Outlook's format: only its text and files were judged",
            ),
        ));
    }
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

/// Signs of one mail that are named.
const MOST_SIGNS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_heuristics::decision::Decision;

    fn filed(is_drill: bool) -> Filed {
        let signs = vec![("double-extension".to_owned(), "a.pdf.exe".to_owned())];
        let mail = Verdict {
            subject: "請求書".into(),
            decision: Some(Decision::Hold),
            score: 80,
            is_drill,
            signs,
            ..Verdict::default()
        };
        Filed { who: "taro@own.example".into(), id: "4XyZ-1".into(), mails: vec![mail], unread: 0 }
    }

    #[test]
    fn administrators_learn_who_reported_what() {
        let mut settings = Settings::default();
        assert_eq!(notice(&filed(false), &settings), None, "nobody to tell");
        settings.notify.admin = vec!["it@own.example".into()];
        let told = notice(&filed(false), &settings).unwrap();
        assert_eq!(told.to, ["it@own.example"]);
        let text = told.text();
        for expected in ["taro@own.example", "hold (80)", "  - double-extension: a.pdf.exe\n"] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        assert_eq!(notice(&filed(true), &settings), None, "drills are counted, not told");
    }
}
