//! About held mails: to the sender when his mail waits and when it ended, to approvers when they are
//! asked, to all of them before it is given up. No text of the mail stands in it. Each goes to one
//! person, since its links are good for that person alone.

use jiff::Timestamp;
use sekisho_config::{Settings, is_or_under};

use super::{Block, Link, Notice, Section, languages, offer};
use crate::commands::{Command, Seals};
use crate::holds::Because;
use crate::recording::with_offset;
use crate::store::{Hold, Reason, State};

/// To the sender: it waits, why, and until when. Quarantined mail comes from outside: nobody there
/// is told. Links are offered where there are `seals`.
pub fn to_sender(held: &Hold, settings: &Settings, seals: Option<&Seals>) -> Option<Notice> {
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
    let title = ("送信保留", "Waiting");
    Some(notice(held, &held.sender, title, (ja, en), settings, seals))
}

/// To each of those who may approve it.
pub fn to_approvers(held: &Hold, settings: &Settings, seals: Option<&Seals>) -> Vec<Notice> {
    if held.reason != Reason::Approval {
        return Vec::new();
    }
    let ja = "次のメールの送信には、あなたの承認が必要です。";
    let en = "The following message leaves only with your permission.";
    let title = ("承認依頼", "Permission");
    let one = |to: &String| notice(held, to, title, (ja, en), settings, seals);
    held.approvers.iter().map(one).collect()
}

/// To everybody whom it concerns, before it is given up.
pub fn about_to_expire(held: &Hold, settings: &Settings, seals: Option<&Seals>) -> Vec<Notice> {
    let mut to = held.approvers.clone();
    match held.reason {
        Reason::Quarantine => to.extend(settings.notify.admin.iter().cloned()),
        _ if is_ours(&held.sender, settings) && !to.contains(&held.sender) => {
            to.push(held.sender.clone());
        }
        _ => {}
    }
    let ja = "次のメールは、期限までに判断がない場合、送信も配信もされずに削除されます。";
    let en = "Unless somebody decides in time, the following message will be deleted unsent.";
    let title = ("まもなく期限切れ", "About to expire");
    to.iter().map(|to| notice(held, to, title, (ja, en), settings, seals)).collect()
}

/// To the sender of a mail that was not let go: it never left.
pub fn ended(held: &Hold, because: Because, settings: &Settings) -> Option<Notice> {
    let is_over = held.state == State::Discarded && because != Because::ByHand;
    // Whoever withdrew his own mail was answered.
    let by_himself = because == Because::Asked && held.decided_by == held.sender;
    if !is_over
        || by_himself
        || held.reason == Reason::Quarantine
        || !is_ours(&held.sender, settings)
    {
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
    Some(notice(held, &held.sender, ("送信取りやめ", "Not sent"), (ja, en), settings, None))
}

/// Whether somebody of ours reads mail to `address`.
pub(super) fn is_ours(address: &str, settings: &Settings) -> bool {
    let domain = address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
    domain.is_some_and(|domain| settings.filter.own_domains.iter().any(|d| is_or_under(&domain, d)))
}

/// What `to` may do about the hold.
fn commands(held: &Hold, to: &str) -> Vec<Command> {
    let mut commands = Vec::new();
    if held.approvers.iter().any(|approver| approver.eq_ignore_ascii_case(to)) {
        commands.extend([Command::Approve, Command::Deny]);
    }
    if held.sender.eq_ignore_ascii_case(to) && held.reason != Reason::Quarantine {
        commands.extend((held.reason == Reason::Delay).then_some(Command::Send));
        commands.push(Command::Withdraw);
    }
    commands
}

fn notice(
    held: &Hold,
    to: &str,
    title: (&str, &str),
    words: (&str, &str),
    settings: &Settings,
    seals: Option<&Seals>,
) -> Notice {
    let sections = languages(settings).iter().map(|&lang| {
        let links = commands(held, to);
        let links =
            links.into_iter().filter_map(|c| offer(c, &held.id, to, lang, settings, seals?));
        section(lang, held, if lang == "ja" { words.0 } else { words.1 }, links.collect())
    });
    Notice {
        to: vec![to.to_owned()],
        subject: format!("【{} / {}】{}", title.0, title.1, held.subject),
        sections: sections.collect(),
    }
}

fn section(lang: &'static str, held: &Hold, words: &str, links: Vec<Link>) -> Section {
    let word = |ja: &str, en: &str| (if lang == "ja" { ja } else { en }).to_owned();
    let facts = facts(lang, held);
    let mut blocks = vec![Block::Line(words.to_owned()), Block::Facts(facts)];
    if links.is_empty() && held.state == State::Held {
        blocks.push(Block::Line(word(
            "送信や取りやめ、承認については、番号を添えてシステム管理者にご連絡ください。",
            "To have it sent, withdrawn or approved, tell your system administrator the ID.",
        )));
    } else if !links.is_empty() {
        blocks.push(Block::Line(word(
            "操作するには、次のリンクを押して開いたメールを、そのまま送信してください。リンクはあなたの\
             アドレスから送った場合だけ有効です。リンクが開かないときは、[ ] で囲まれた部分を件名にして、\
             この通知の差出人あてに新しいメールを送信してください。",
            "To act, follow a link and send the mail that opens as it is. It counts only when it is \
             sent from your own address. Where links do not open, send a new mail to the sender of \
             this notice, with the words in [ ] as its subject.",
        )));
        blocks.push(Block::Links(links));
    }
    Section { lang, blocks }
}

/// What is told of a held mail.
pub(super) fn facts(lang: &str, held: &Hold) -> Vec<(String, String)> {
    let word = |ja: &str, en: &str| (if lang == "ja" { ja } else { en }).to_owned();
    let shown: Vec<&str> = held.recipients.iter().take(MOST_SHOWN).map(String::as_str).collect();
    let more = held.recipients.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" (+{more})") } else { String::new() };
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
    facts
}

/// A time as notices show it.
pub(super) fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(with_offset).unwrap_or_default()
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
        let delayed = to_sender(&held(Reason::Delay, "taro@own.example"), &settings, None).unwrap();
        assert!(delayed.text().contains("送信予定: 2027-"), "{}", delayed.text());
        assert!(to_sender(&held(Reason::Approval, "taro@own.example"), &settings, None).is_some());
        assert!(
            to_sender(&held(Reason::Quarantine, "taro@own.example"), &settings, None).is_none()
        );
        assert!(to_sender(&held(Reason::Delay, "a@example.com"), &settings, None).is_none());
        assert!(to_sender(&held(Reason::Delay, ""), &settings, None).is_none());
    }

    #[test]
    fn approvers_are_asked_and_warned() {
        let settings = settings();
        let held = held(Reason::Approval, "taro@own.example");
        let asked = to_approvers(&held, &settings, None);
        assert_eq!(asked.iter().map(|n| &*n.to).collect::<Vec<_>>(), [["boss@own.example"]]);
        assert!(asked[0].text().contains("システム管理者"), "{}", asked[0].text());
        let warned: Vec<_> =
            about_to_expire(&held, &settings, None).into_iter().flat_map(|n| n.to).collect();
        assert_eq!(warned, ["boss@own.example", "taro@own.example"]);
    }

    #[test]
    fn everybody_is_offered_what_he_may_do() {
        let folder = tempfile::tempdir().unwrap();
        let seals = Seals::open(folder.path()).unwrap();
        let words = |notice: &Notice| -> Vec<String> {
            let links = notice.sections[0].blocks.iter().flat_map(|block| match block {
                Block::Links(links) => links.clone(),
                _ => vec![],
            });
            links.map(|l| l.subject.split(' ').nth(1).unwrap().to_owned()).collect()
        };
        let settings = settings();
        let delayed = held(Reason::Delay, "taro@own.example");
        let told = to_sender(&delayed, &settings, Some(&seals)).unwrap();
        assert_eq!(words(&told), ["send", "withdraw"]);
        assert!(!told.text().contains("システム管理者"), "{}", told.text());
        let asking = held(Reason::Approval, "taro@own.example");
        assert_eq!(words(&to_sender(&asking, &settings, Some(&seals)).unwrap()), ["withdraw"]);
        assert_eq!(words(&to_approvers(&asking, &settings, Some(&seals))[0]), ["approve", "deny"]);
        let warned = about_to_expire(&asking, &settings, Some(&seals));
        assert_eq!(words(&warned[0]), ["approve", "deny"]);
        assert_eq!(words(&warned[1]), ["withdraw"]);
    }

    #[test]
    fn quarantine_concerns_administrators() {
        let held = held(Reason::Quarantine, "a@example.com");
        assert_eq!(about_to_expire(&held, &settings(), None)[0].to, ["it@own.example"]);
        assert_eq!(to_approvers(&held, &settings(), None), []);
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
