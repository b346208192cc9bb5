//! To recipients: which mails from outside are kept from them, by whom, and for what signs. No text of
//! the mails stands in it. Each recipient gets one notice, and reads of no other recipient.

use std::collections::BTreeMap;

use sekisho_config::{QuarantineRelease, Settings};

use super::hold::{is_ours, time};
use super::{Block, Notice, Section, languages, offer};
use crate::commands::{Command, Seals};
use crate::store::{Hold, Reason, State};

/// A notice for each of our recipients of quarantined mails among `held`; with links to have them
/// delivered, where the settings let recipients and there are `seals`.
pub fn notices<'h>(
    held: impl IntoIterator<Item = &'h Hold>,
    settings: &Settings,
    seals: Option<&Seals>,
) -> Vec<Notice> {
    let mut mails: BTreeMap<String, Vec<&Hold>> = BTreeMap::new();
    let waits = |hold: &&Hold| hold.reason == Reason::Quarantine && hold.state == State::Held;
    for hold in held.into_iter().filter(waits) {
        for to in hold.recipients.iter().filter(|to| is_ours(to, settings)) {
            let of_his = mails.entry(to.to_lowercase()).or_default();
            // Named twice in the envelope, it is one mail all the same.
            if of_his.last().is_none_or(|last| last.id != hold.id) {
                of_his.push(hold);
            }
        }
    }
    let may_deliver = settings.hold.quarantine_release == QuarantineRelease::Recipient;
    let seals = seals.filter(|_| may_deliver);
    let notice = |(to, held): (String, Vec<&Hold>)| Notice {
        subject: format!("【隔離されたメール / Quarantined】{}", held.len()),
        sections: languages(settings)
            .iter()
            .map(|&lang| section(lang, &to, &held, settings, seals))
            .collect(),
        to: vec![to],
    };
    mails.into_iter().take(MOST_RECIPIENTS).map(notice).collect()
}

fn section(
    lang: &'static str,
    to: &str,
    held: &[&Hold],
    settings: &Settings,
    seals: Option<&Seals>,
) -> Section {
    let word = |ja: &str, en: &str| (if lang == "ja" { ja } else { en }).to_owned();
    let mut blocks = vec![Block::Line(word(
        "あなた宛ての次のメールは、標的型攻撃メールの特徴が見られるため、配信せずに保留しています。期限を\
         過ぎると削除されます。",
        "The following mail to you shows signs of targeted attack mail and was not delivered. It will \
         be deleted when its time is over.",
    ))];
    blocks.push(Block::Line(match seals {
        Some(_) => word(
            "受け取る必要があり、差出人に電話などで確認できたメールだけ、リンクを押して開いたメールを\
             そのまま送信してください。宛先が複数あるメールは、全員に配信されます。",
            "Only where you need it and have asked its sender another way, such as by telephone: \
             follow the link and send the mail that opens as it is. Mail with several recipients \
             goes to all of them.",
        ),
        None => word(
            "受け取る必要があるメールは、番号を添えてシステム管理者にご連絡ください。",
            "If you need one of them, tell your system administrator its ID.",
        ),
    }));
    for hold in held.iter().take(MOST_SHOWN) {
        let mut facts = vec![
            (word("差出人", "From"), hold.sender.clone()),
            (word("件名", "Subject"), hold.subject.clone()),
            (word("保留開始", "Since"), time(hold.held_ms)),
            (word("期限", "Given up at"), time(hold.expires_ms)),
            (word("確認された特徴", "Signs"), hold.findings.join(", ")),
            (word("番号", "ID"), hold.id.clone()),
        ];
        facts.retain(|(_, value)| !value.is_empty());
        blocks.push(Block::Facts(facts));
        let link =
            seals.and_then(|seals| offer(Command::Deliver, &hold.id, to, lang, settings, seals));
        blocks.extend(link.map(|link| Block::Links(vec![link])));
    }
    let more = held.len().saturating_sub(MOST_SHOWN);
    if more > 0 {
        blocks.push(Block::Line(match lang {
            "ja" => format!("ほかに {more} 通あります。"),
            _ => format!("There are {more} more."),
        }));
    }
    Section { lang, blocks }
}

/// Recipients that are told at once; more than that got the same attack.
const MOST_RECIPIENTS: usize = 500;

/// Mails that one notice names.
const MOST_SHOWN: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    fn held(id: &str, recipients: &[&str]) -> Hold {
        Hold {
            id: id.into(),
            reason: Reason::Quarantine,
            sender: "sato@stranger.example".into(),
            subject: "請求書".into(),
            recipients: recipients.iter().map(|&r| r.to_owned()).collect(),
            findings: vec!["double-extension".into()],
            ..Hold::default()
        }
    }

    fn settings() -> Settings {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        settings
    }

    #[test]
    fn each_recipient_of_ours_gets_one_with_all_of_his() {
        let holds = [
            held("h1", &["taro@own.example", "x@elsewhere.example", "Hanako@own.example"]),
            held("h2", &["Taro@own.example", "taro@own.example"]),
            Hold { state: State::Released, ..held("h3", &["taro@own.example"]) },
            Hold { reason: Reason::Approval, ..held("h4", &["taro@own.example"]) },
        ];
        let notices = notices(&holds, &settings(), None);
        let to: Vec<_> = notices.iter().map(|n| n.to.join(" ")).collect();
        assert_eq!(to, ["hanako@own.example", "taro@own.example"]);
        assert!(notices[1].subject.ends_with('2'));
        let text = notices[0].text();
        for expected in ["sato@stranger.example", "請求書", "double-extension", "番号: h1\n"] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        assert!(!text.contains("taro@") && !text.contains("mailto:"), "{text}");
    }

    #[test]
    fn recipients_are_offered_delivery_where_the_settings_say_so() {
        let folder = tempfile::tempdir().unwrap();
        let seals = Seals::open(folder.path()).unwrap();
        let mut settings = settings();
        let holds = [held("h1", &["taro@own.example"])];
        let text = |settings: &Settings| notices(&holds, settings, Some(&seals))[0].text();
        assert!(!text(&settings).contains("[sekisho"));
        settings.hold.quarantine_release = QuarantineRelease::Recipient;
        assert!(text(&settings).contains("[sekisho deliver h1 "));
    }
}
