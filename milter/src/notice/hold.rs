//! About held mails: to the sender when his mail waits and when it ended, to approvers when they are
//! asked, to all of them before it is given up. No text of the mail stands in it.

use jiff::Timestamp;
use sekisho_config::{Settings, is_or_under};

use super::{Block, Notice, Section, languages};
use crate::holds::Because;
use crate::recording::with_offset;
use crate::store::{Hold, Reason, State};

/// To the sender: it waits, why, and until when. Quarantined mail comes from outside: nobody there
/// is told.
pub fn to_sender(held: &Hold, settings: &Settings) -> Option<Notice> {
    if held.reason == Reason::Quarantine || !is_ours(&held.sender, settings) {
        return None;
    }
    let ja = match held.reason {
        Reason::Approval => "次のメールは、上長の承認を待っているため、まだ送信されていません。",
        _ => "次のメールは、誤送信を防ぐため一定時間保留してから自動で送信されます。",
    };
    let en = match held.reason {
        Reason::Approval => "The following message waits for permission and has not been sent yet.",
        _ => "The following message waits a while, so that a mistake can be caught, and then goes.",
    };
    Some(notice(held, vec![held.sender.clone()], ("送信保留", "Waiting"), (ja, en), settings))
}

/// To those who may approve it.
pub fn to_approvers(held: &Hold, settings: &Settings) -> Option<Notice> {
    if held.reason != Reason::Approval || held.approvers.is_empty() {
        return None;
    }
    let ja = "次のメールの送信には、あなたの承認が必要です。承認または却下は「sekisho hold approve 番号」\
              「sekisho hold deny 番号」で行います。";
    let en = "The following message leaves only with your permission: `sekisho hold approve ID` or \
              `sekisho hold deny ID`.";
    Some(notice(held, held.approvers.clone(), ("承認依頼", "Permission"), (ja, en), settings))
}

/// To everybody whom it concerns, before it is given up.
pub fn about_to_expire(held: &Hold, settings: &Settings) -> Vec<Notice> {
    let mut to = held.approvers.clone();
    match held.reason {
        Reason::Quarantine => to.extend(settings.notify.admin.iter().cloned()),
        _ if is_ours(&held.sender, settings) => to.push(held.sender.clone()),
        _ => {}
    }
    if to.is_empty() {
        return Vec::new();
    }
    let ja = "次のメールは、期限までに判断がない場合、送信も配信もされずに削除されます。";
    let en = "Unless somebody decides in time, the following message will be deleted unsent.";
    vec![notice(held, to, ("まもなく期限切れ", "About to expire"), (ja, en), settings)]
}

/// To the sender of a mail that was not let go: it never left.
pub fn ended(held: &Hold, because: Because, settings: &Settings) -> Option<Notice> {
    let is_over = held.state == State::Discarded && because != Because::ByHand;
    if !is_over || held.reason == Reason::Quarantine || !is_ours(&held.sender, settings) {
        return None;
    }
    let (ja, en) = match because {
        Because::Expired => (
            "次のメールは、期限までに判断がなかったため削除されました。相手には届いていません。",
            "Nobody decided in time, so the following message was deleted. Nobody has received it.",
        ),
        _ => (
            "次のメールは、送信が取りやめられ削除されました。相手には届いていません。",
            "The following message was withdrawn and deleted. Nobody has received it.",
        ),
    };
    Some(notice(held, vec![held.sender.clone()], ("送信取りやめ", "Not sent"), (ja, en), settings))
}

fn is_ours(address: &str, settings: &Settings) -> bool {
    let domain = address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
    domain.is_some_and(|domain| settings.filter.own_domains.iter().any(|d| is_or_under(&domain, d)))
}

fn notice(
    held: &Hold,
    to: Vec<String>,
    title: (&str, &str),
    words: (&str, &str),
    settings: &Settings,
) -> Notice {
    let sections = languages(settings)
        .iter()
        .map(|&lang| section(lang, held, if lang == "ja" { words.0 } else { words.1 }))
        .collect();
    Notice { to, subject: format!("【{} / {}】{}", title.0, title.1, held.subject), sections }
}

fn section(lang: &'static str, held: &Hold, words: &str) -> Section {
    let is_japanese = lang == "ja";
    let word = |ja: &str, en: &str| (if is_japanese { ja } else { en }).to_owned();
    let shown: Vec<&str> = held.recipients.iter().take(MOST_SHOWN).map(String::as_str).collect();
    let more = held.recipients.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" (+{more})") } else { String::new() };
    let time = |ms: i64| Timestamp::from_millisecond(ms).map(with_offset).unwrap_or_default();
    let mut facts = vec![
        (word("件名", "Subject"), held.subject.clone()),
        (word("差出人", "From"), held.sender.clone()),
        (word("宛先", "To"), format!("{}{more}", shown.join(", "))),
        (word("保留開始", "Since"), time(held.held_ms)),
        (word("送信予定", "Goes at"), held.goes_ms.map(time).unwrap_or_default()),
        (word("期限", "Given up at"), time(held.expires_ms)),
        (word("理由", "Why"), held.findings.join(", ")),
        (word("番号", "ID"), held.id.clone()),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    let last = word(
        "すぐに送信する、または取りやめる場合は、番号を添えてシステム管理者にご連絡ください。",
        "To have it sent at once or withdrawn, tell your system administrator the ID.",
    );
    let blocks = vec![Block::Line(words.to_owned()), Block::Facts(facts), Block::Line(last)];
    Section { lang, blocks }
}

/// Recipients that are named.
const MOST_SHOWN: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        settings.notify.admin = vec!["it@own.example".into()];
        settings
    }

    fn held(reason: Reason, sender: &str) -> Hold {
        Hold {
            id: "4XyZ-1".into(),
            reason,
            sender: sender.into(),
            subject: "見積".into(),
            recipients: vec!["a@example.com".into()],
            held_ms: 1_800_000_000_000,
            goes_ms: (reason == Reason::Delay).then_some(1_800_000_300_000),
            expires_ms: 1_800_864_000_000,
            approvers: match reason {
                Reason::Approval => vec!["boss@own.example".into()],
                _ => vec![],
            },
            ..Hold::default()
        }
    }

    #[test]
    fn the_sender_learns_that_his_mail_waits() {
        let settings = settings();
        let delayed = to_sender(&held(Reason::Delay, "taro@own.example"), &settings).unwrap();
        assert!(delayed.text().contains("送信予定: 2027-"), "{}", delayed.text());
        assert!(to_sender(&held(Reason::Approval, "taro@own.example"), &settings).is_some());
        assert!(to_sender(&held(Reason::Quarantine, "taro@own.example"), &settings).is_none());
        assert!(to_sender(&held(Reason::Delay, "a@example.com"), &settings).is_none());
        assert!(to_sender(&held(Reason::Delay, ""), &settings).is_none());
    }

    #[test]
    fn approvers_are_asked_and_warned() {
        let settings = settings();
        let held = held(Reason::Approval, "taro@own.example");
        assert_eq!(to_approvers(&held, &settings).unwrap().to, ["boss@own.example"]);
        let warned = about_to_expire(&held, &settings);
        assert_eq!(warned[0].to, ["boss@own.example", "taro@own.example"]);
    }

    #[test]
    fn quarantine_concerns_administrators() {
        let held = held(Reason::Quarantine, "a@example.com");
        assert_eq!(about_to_expire(&held, &settings())[0].to, ["it@own.example"]);
        assert_eq!(to_approvers(&held, &settings()), None);
    }

    #[test]
    fn what_was_given_up_is_told() {
        let mut held = held(Reason::Delay, "taro@own.example");
        assert_eq!(ended(&held, Because::Due, &settings()), None);
        held.state = State::Discarded;
        assert!(ended(&held, Because::Asked, &settings()).is_some());
        assert!(ended(&held, Because::Expired, &settings()).is_some());
        assert_eq!(ended(&held, Because::ByHand, &settings()), None);
    }
}
