//! To somebody who gave a command by mail: what became of it.

use sekisho_config::Settings;

use super::hold::{facts, is_ours};
use super::{Block, Notice, Section, languages};
use crate::commands::{Asked, Command, Settled};
use crate::holds::decide::Decided;
use crate::store::{Hold, State};

/// The answer to `asked`; `None` where who asked is none of ours.
pub fn answer(asked: &Asked, settled: &Settled, settings: &Settings) -> Option<Notice> {
    if !is_ours(&asked.who, settings) {
        return None;
    }
    let (ja, en) = words(asked.command, settled);
    let held = held(settled);
    let title = match settled {
        Settled::Decided(..) => "受け付けました / Done",
        _ => "実行できませんでした / Not done",
    };
    let section = |&lang: &&'static str| {
        let words = if lang == "ja" { ja } else { en };
        let facts = held.map(|held| Block::Facts(facts(lang, held)));
        let blocks = std::iter::once(Block::Line(words.to_owned())).chain(facts).collect();
        Section { lang, blocks }
    };
    Some(Notice {
        to: vec![asked.who.clone()],
        subject: format!("【{title}】{}", held.map_or("", |held| held.subject.as_str())),
        sections: languages(settings).iter().map(section).collect(),
    })
}

/// The mail, where who asked may know of it.
fn held(settled: &Settled) -> Option<&Hold> {
    match settled {
        Settled::Decided(
            Decided::Done(held) | Decided::Gone(held) | Decided::Later(held, _),
            _,
        ) => Some(held),
        Settled::TooLate(held) => held.as_ref(),
        Settled::NotEntitled(held) => Some(held),
        Settled::NotOffered | Settled::NotNow => None,
    }
}

fn words(command: Command, settled: &Settled) -> (&'static str, &'static str) {
    match settled {
        Settled::Decided(Decided::Done(held), _) if held.state == State::Discarded => (
            "ご指示のとおり、次のメールの送信を取りやめ、削除しました。",
            "As you said, the following message was not sent and is deleted.",
        ),
        Settled::Decided(Decided::Done(_), _) if command == Command::Deliver => (
            "ご指示のとおり、次のメールを配信しました。添付ファイルやリンクには引き続きご注意ください。",
            "As you said, the following message was delivered. Stay careful with its files and links.",
        ),
        Settled::Decided(Decided::Done(_), _) => (
            "ご指示のとおり、次のメールを送信しました。",
            "As you said, the following message was sent.",
        ),
        Settled::Decided(Decided::Later(..), _) => (
            "次のメールについてのご指示を受け付けました。まもなく実行されます。",
            "Your decision about the following message is written down and will be carried out soon.",
        ),
        Settled::Decided(Decided::Gone(_), _) => (
            "次のメールは、管理者の操作などにより、すでに保留されていませんでした。",
            "The following message was not on hold any more: an administrator was quicker.",
        ),
        Settled::TooLate(_) => (
            "ご指示のメールは、すでに送信または削除されたか、保留の記録がありません。何も変更していません。",
            "The message was sent or deleted before, or no such message is held. Nothing was changed.",
        ),
        Settled::NotEntitled(_) => (
            "次のメールについて判断する権限がないため、何も変更していません。",
            "You may not decide about the following message. Nothing was changed.",
        ),
        Settled::NotOffered => (
            "お送りいただいた操作のメールは、リンクがあなたに宛てたものでないか、途中で変わっているため\
             無効です。何も変更していません。通知のリンクを、通知を受け取ったアドレスからお使いください。",
            "The command you sent is not valid: it was offered to somebody else or was changed on its \
             way. Nothing was changed. Please use the link from the address that got the notice.",
        ),
        Settled::NotNow => (
            "現在、ご指示を処理できません。しばらくしてからもう一度お送りください。",
            "Your command cannot be carried out at the moment. Please send it again later.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Seal;

    #[test]
    fn who_asked_is_told_and_strangers_are_not() {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        let asked = |who: &str| Asked {
            command: Command::Approve,
            id: "4XyZ-1".into(),
            seal: Seal::parse("00112233445566778899aabbccddeeff").unwrap(),
            who: who.into(),
        };
        let held = Hold { subject: "見積".into(), ..Hold::default() };
        let late = Settled::TooLate(Some(held));
        let told = answer(&asked("boss@own.example"), &late, &settings).unwrap();
        assert_eq!(told.to, ["boss@own.example"]);
        assert_eq!(told.subject, "【実行できませんでした / Not done】見積");
        assert!(told.text().contains("Nothing was changed"), "{}", told.text());
        assert_eq!(answer(&asked("a@example.com"), &late, &settings), None);
    }
}
