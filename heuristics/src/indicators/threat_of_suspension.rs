//! The text threatens: an account, card or service ends unless the reader acts.
//!
//! Haste is what makes people click. Innocent: a provider's reminder of an unpaid bill or of a
//! registration that lapses. So it takes the whole sentence: what the reader must do, that he has
//! not, and what he then loses; or a limit in hours beside such a loss.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::home::{leads_home, shows_a_sample};
use crate::message::Message;

/// Act, or lose what you have.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "threat-of-suspension",
    clause: None,
    group: Group::Text,
    // Honest services warn of deadlines as well.
    points: 20,
    says: Words {
        ja: "対応しないと利用停止などになると迫る文面があります（「{evidence}」）。",
        en: "The text presses: act, or lose the account or service (“{evidence}”).",
    },
    means: Words {
        ja: "「確認がない場合は利用を制限する」「24時間以内に」など、急いで操作させようとする文面です。\
             あわててリンクを押させるための決まり文句です。\
             料金の未納や登録の期限を知らせる正規の通知にも似た文があります。届いたリンクからではなく、公式サイトで確認してください。",
        en: "The text says that an account, card or service will be stopped unless the reader acts, or \
             sets a limit of hours. It is there to make people click in haste; honest reminders of \
             bills read alike. Look at the official site, not at the link in the mail.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let threat = mail.texts().iter().filter(|text| text.message == 0).find_map(|text| {
        let own = text.own();
        let own = own.get(..own.floor_char_boundary(MAX_BYTES)).unwrap_or_default();
        japanese(own).or_else(|| english(own)).map(Evidence::new)
    });
    threat.filter(|_| !leads_home(mail, facts) && !shows_a_sample(mail))
}

fn japanese(text: &str) -> Option<String> {
    let hours = memchr::memmem::find_iter(text.as_bytes(), "時間以内").find_map(|at| {
        let around = around(text, at, NEAR, NEAR);
        let counted = text.get(..at)?.trim_end().ends_with(|c: char| c.is_numeric());
        let of_reader = !is_promise(text, at);
        (counted && of_reader && holds(&around, LOSSES) && holds(&around, THINGS)).then_some(at)
    });
    let unless = || {
        CONDITIONS.iter().find_map(|condition| {
            memchr::memmem::find_iter(text.as_bytes(), condition.as_bytes()).find(|&at| {
                let before = around(text, at, BEFORE, condition.len());
                let after = around(text, at, 0, NEAR);
                let after = after.split('。').next().unwrap_or_default();
                // Without blanks, `場合` stands at the end of what is before it.
                let head = before.strip_suffix(condition).unwrap_or(&before);
                let lacks = condition.starts_with('な') || LACKS.iter().any(|l| head.ends_with(l));
                lacks && holds(head, DEEDS) && holds(after, LOSSES)
            })
        })
    };
    hours.or_else(unless).map(|at| around(text, at, BEFORE, NEAR / 2))
}

/// `24時間以内に担当者よりご連絡いたします`: a limit that the writer sets himself.
fn is_promise(text: &str, at: usize) -> bool {
    let after = around(text, at, 0, NEAR);
    let sentence = after.split('。').next().unwrap_or_default();
    holds(sentence, PROMISES) && !holds(sentence, LOSSES)
}

fn english(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    ENDINGS.iter().find_map(|ending| {
        memchr::memmem::find_iter(lower.as_bytes(), ending.as_bytes()).find_map(|at| {
            let sentence = sentence(&lower, at);
            (holds(sentence, OBJECTS) && holds(sentence, PRESSURES))
                .then(|| sentence.split_whitespace().collect::<Vec<_>>().join(" "))
        })
    })
}

/// The sentence around `at`, at most [`NEAR`] bytes to either side.
fn sentence(text: &str, at: usize) -> &str {
    let ends = ['.', '!', '?'];
    let start = text.ceil_char_boundary(at.saturating_sub(NEAR / 2));
    let end = text.floor_char_boundary(at.saturating_add(NEAR / 2));
    let before = text.get(start..at).unwrap_or_default();
    let after = text.get(at..end).unwrap_or_default();
    let from = before.rfind(ends).map_or(start, |dot| start + dot + 1);
    let to = after.find(ends).map_or(end, |dot| at + dot);
    text.get(from..to).unwrap_or_default()
}

/// What stands around `at`, in bytes, without blanks.
fn around(text: &str, at: usize, before: usize, after: usize) -> String {
    let start = text.ceil_char_boundary(at.saturating_sub(before));
    let end = text.floor_char_boundary(at.saturating_add(after));
    text.get(start..end).unwrap_or_default().split_whitespace().collect()
}

fn holds(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// What follows a deed that was not done.
const CONDITIONS: &[&str] = &["場合", "なければ", "ないとき"];

/// How the deed is said not to be done, right before `場合`.
const LACKS: &[&str] = &["ない", "なかった", "無い", "ません", "ないままの"];

/// What the reader is to do.
const DEEDS: &[&str] = &[
    "ご確認",
    "確認が",
    "確認いただ",
    "回答",
    "手続",
    "更新",
    "ご入力",
    "ご登録",
    "認証",
    "対応",
    "記入",
    "ご変更",
    "受け取",
];

/// What he loses.
const LOSSES: &[&str] = &[
    "停止",
    "制限",
    "ロック",
    "凍結",
    "失効",
    "無効",
    "削除",
    "退会",
    "閉鎖",
    "解約",
    "利用できな",
    "使用できな",
    "利用いただけな",
    "遮断",
];

/// What a writer says that he will do.
const PROMISES: &[&str] = &[
    "知らせいた",
    "知らせしま",
    "連絡いた",
    "連絡しま",
    "連絡差し上",
    "回答いた",
    "回答しま",
    "返信いた",
    "返信しま",
    "発送いた",
];

/// What may be lost.
const THINGS: &[&str] = &["アカウント", "口座", "カード", "会員", "利用", "サービス"];

/// How an end is put in English.
const ENDINGS: &[&str] =
    &["suspend", "suspension", "deactivat", "terminat", "restrict", "disabled", "permanently"];

/// What ends.
const OBJECTS: &[&str] = &[
    "account",
    "wallet",
    "mailbox",
    "subscription",
    "access",
    " card",
    "your service",
    "profile",
    "your device",
];

/// What presses the reader.
const PRESSURES: &[&str] = &[
    "if not",
    "if you do",
    "if you fail",
    "failure to",
    "unless",
    "otherwise",
    "unverified",
    "hours",
    "immediate",
    "will be",
    "may be",
    "may result",
    "has been",
    "have been",
    "listed for",
    "could be",
];

/// Bytes read of each text.
const MAX_BYTES: usize = 16 * 1024;

/// Bytes to either side in which the words belong together.
const NEAR: usize = 360;

/// Bytes before a condition in which the deed stands.
const BEFORE: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn mail(text: &str) -> String {
        format!("From: a@example.com\nContent-Type: text/plain; charset=utf-8\n\n{text}\n")
    }

    #[test]
    fn fires_where_a_loss_is_threatened() {
        for text in [
            "24時間以内に本人認証が完了しないと、アカウントは停止されます。",
            "７２ 時間以内にお支払い方法を更新してください。会員サービスが制限されています。",
            "期日までにご確認いただけない場合、カードのご利用を制限させていただきます。",
            "お手続きが行われない場合は、口座を凍結いたします。",
            "ご回答がない 場合、\nご登録は自動的に失効します。",
            "お客様情報が更新されなければ、サービスをご利用いただけなくなり、利用停止となります。",
            "All unverified accounts will be suspended on Monday.",
            "Failure to verify may result in restricted access to your wallet.",
            "Your mailbox has been listed for suspension and termination!",
        ] {
            fires(&INDICATOR, mail(text));
        }
    }

    #[test]
    fn silent_where_nobody_is_pressed() {
        for text in [
            "24時間以内に担当者よりご連絡いたします。",
            "保守のためサービスを停止します。障害の際は、24時間以内に状況をお知らせいたします。",
            "本メールに心当たりがない場合は、お手数ですが削除してください。",
            "ご不明な点がございましたら、お問い合わせください。",
            "機械が停止した場合は、電源をご確認ください。",
            "雨天の場合、見学は中止となります。",
            "表示されない場合はブラウザの制限をご確認ください。",
            "The server was suspended while the driver was loaded.",
            "If the device is disabled, the clock stops.",
            "Access to the register is restricted to 32 bits.",
            "The account of the war terminates here.",
        ] {
            silent(&INDICATOR, mail(text));
        }
        silent(
            &INDICATOR,
            mail("どうしましょう。\n\n> ご確認いただけない場合、利用を停止します。"),
        );
        silent(&INDICATOR, mail(&"場合suspend".repeat(5_000)));
    }
}
