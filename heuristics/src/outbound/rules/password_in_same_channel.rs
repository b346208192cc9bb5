//! A mail hands over the password of an encrypted file.
//!
//! The clause asks for passwords that were agreed before or are told by telephone. Whether the file
//! comes along, came before or comes by another mail, who reads the one mail reads the other. It is
//! always the mail's own words that hand it over. Where history knows an encrypted file that went to
//! one of the recipients, that is evidence: it is named, and a password without a word about what it
//! opens (`パスワードは…です`) is taken as that file's; the words of an account still are an account's.
//! The password is not shown.

use std::collections::HashSet;

use sekisho_config::Ruling;

use crate::container::{Encryption, Kind};
use crate::history::EncryptedSent;
use crate::indicator::{Evidence, Words};
use crate::message::attachment::Attachment;
use crate::outbound::handover::{self, Handover};
use crate::outbound::leaving::Leaving;
use crate::outbound::rule::{Rule, Rulings};

pub(super) static RULE: Rule = Rule {
    id: "password-in-same-channel",
    clause: Some("password-by-other-path"),
    // All rule books say the same in the same words.
    rulings: Rulings::all(Ruling::Reject),
    converts: false,
    says: Words {
        ja: "暗号化したファイルのパスワード（{evidence}）が{where}に書かれています。",
        en: "The password of an encrypted file ({evidence}) stands in {where_en}.",
    },
    advice: Words {
        ja: "パスワードはメールに書かず、電話などで伝えるか、事前に取り決めたものを使ってください。",
        en: "Leave the password out: tell it by telephone, or use one that was agreed before.",
    },
    means: Words {
        ja: "暗号化したファイルのパスワードを、ファイルと同じ経路（メール）で送らないという規程です。ファイルが同じ\
             メールにあっても、前後の別のメールにあっても該当します。本文、HTML、添付のテキスト、ファイル名を調べます。\
             暗号化したファイルを同じ宛先に送った記録がある間は、何のパスワードか書かれていなくても該当します。\
             「電話で連絡します」「事前に取り決めたもの」、パスワードの変更や再設定の案内は該当しません。",
        en: "The password of an encrypted file must not travel as the file does, by mail: neither in the \
             same mail nor in one before or after it. Text, HTML, attached texts and file names are \
             looked at. While an encrypted file is remembered as sent to the same recipient, the mail \
             need not say what the password is for. That it is told by telephone or was agreed before, and notes on changing or \
             resetting passwords, are none.",
    },
    look,
};

fn look(leaving: &Leaving<'_>) -> Option<Evidence> {
    let mail = leaving.mail;
    let files = mail.attachments();
    let is_encrypted =
        |f: &Attachment| f.encryption == Encryption::Encrypted || f.opened_by_password;
    let sent = sent_before(leaving);
    let has_file = sent.is_some() || files.iter().any(is_encrypted);
    let mut of = Handover::new(mail.subject(), has_file);
    let of_text = |at: &'static str, en: &'static str, password: String| {
        let shown = match sent {
            Some(sent) => format!("{password}; {}", told(sent, leaving.facts.now)),
            None => password,
        };
        Evidence::new(shown).with("where", at).with("where_en", en)
    };
    if let Some(password) = of.in_text(mail.subject()) {
        return Some(of_text("件名", "the subject", password));
    }
    // What others wrote is quoted below and was handed over by them.
    let mut texts = mail.texts().iter().map(|text| text.own());
    if let Some(password) = texts.find_map(|text| of.in_text(text)) {
        return Some(of_text("本文", "the text", password));
    }
    for file in leaving.clear_files().filter(|f| f.kind != Kind::Mail).take(MOST_FILES) {
        let is_named = file.names.iter().any(|name| handover::names_password(&name.text));
        let mut texts = file.texts.iter().map(|text| text.text.as_str());
        let password = texts
            .find_map(|text| {
                let alone = || is_named.then(|| handover::alone(text)).flatten();
                of.in_text(text).or_else(alone)
            })
            .or_else(|| file.names.iter().find_map(|name| handover::in_name(&name.text)));
        if let Some(password) = password {
            // The name may hold it.
            let en = "an attached file";
            return Some(of_text("添付ファイル", en, password));
        }
    }
    // The name of an encrypted file can be read as well as a letter.
    let names = files.iter().filter(|f| is_encrypted(f)).take(MOST_FILES).flat_map(|f| &f.names);
    let password = names.map(|name| name.text.as_str()).find_map(handover::in_name)?;
    Some(of_text("ファイル名", "a file's name", password))
}

/// The latest encrypted file that history knows to have gone to one of the recipients.
fn sent_before<'l>(leaving: &'l Leaving<'_>) -> Option<&'l EncryptedSent> {
    let sent = &leaving.facts.history.encrypted_sent;
    if sent.is_empty() {
        return None;
    }
    let to: HashSet<String> = leaving.external().iter().map(|r| r.address.to_lowercase()).collect();
    sent.iter().filter(|file| to.contains(&file.to.to_lowercase())).max_by_key(|file| file.at)
}

/// Which file, to whom, and how long before: `資料.zip → a@example.com, -0:35`. Hours and minutes, so
/// that no time zone is asked for.
fn told(sent: &EncryptedSent, now: i64) -> String {
    let minutes = now.saturating_sub(sent.at).max(0) / 60;
    let name: String = sent.name.chars().take(LONGEST_NAME).collect();
    format!("{name} → {}, -{}:{:02}", sent.to, minutes / 60, minutes % 60)
}

/// Characters of a file's name that are told.
const LONGEST_NAME: usize = 60;

/// Files that are looked at.
const MOST_FILES: usize = 256;

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::container::samples::sample;
    use crate::history::EncryptedSent;
    use crate::message::files::samples::attached;
    use crate::outbound::rule::check::{fires, look_knowing, silent};

    fn utf8(body: &str) -> String {
        format!("Content-Type: text/plain; charset=utf-8\n\n{body}\n")
    }

    #[test]
    fn fires_where_the_password_is_handed_over() {
        for body in [
            "添付ファイルのパスワードは Abc12345 です。",
            "先ほどお送りしたファイルのパスワードは「Abc12345」です。",
            "先ほどの資料の件です。\n\nパスワード：Abc12345",
            "解凍パスワードは以下の通りです。\n\n　Abc12345\n",
            "添付の解凍ﾊﾟｽﾜｰﾄﾞ：　Ａｂｃ１２３４５",
            "添付ファイルのパ ス ワ ー ド： Abc12345",
            "ZIPのPW: Abc12345",
            "添付のP/W：Abc12345",
            "解凍パス：Abc12345",
            "添付資料の開封用パスワード⇒Abc12345",
            "【パスワード】\nAbc12345\n添付ファイルを開く際にお使いください",
            "The password for the attached file is Abc12345.",
            "Password to open the archive I sent earlier: Abc12345",
        ] {
            assert_eq!(fires(&RULE, utf8(body)), "A*******", "{body}");
        }
    }

    #[test]
    fn fires_in_html_jis_and_files() {
        let html = "Content-Type: text/html; charset=utf-8\n\n<p>添付ファイルのパス<b>ワード</b>は<br><b>Abc12345</b></p>";
        assert_eq!(fires(&RULE, html), "A*******");
        let jis = b"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$BE:IU%U%!%$%k$N%Q%9%o!<%I\x1b(B: Abc12345\n";
        assert_eq!(fires(&RULE, jis), "A*******");
        assert_eq!(fires(&RULE, attached("password.txt", b"Abc12345\r\n")), "A*******");
        assert_eq!(
            fires(&RULE, attached("readme.txt", "解凍パスワード：Abc12345".as_bytes())),
            "A*******"
        );
        let secret = sample!("zipcrypto.zip");
        assert_eq!(fires(&RULE, attached("資料_pw_Abc12345.zip", secret)), "A*******");
        let along = attached("a.zip", secret).replacen("\n\ntext\n", "\n\nPW: Abc12345\n", 1);
        assert_eq!(fires(&RULE, along), "A*******");
    }

    #[test]
    fn silent_where_it_is_not() {
        for body in [
            "添付ファイルのパスワードはお電話でお知らせします。TEL 03-0000-0001",
            "添付ファイルのパスワードはSMSで 090-0000-0001 にお送りしました。",
            "添付ファイルのパスワードは事前に取り決めたものです。",
            "添付ファイルのパスワードは別途ご連絡いたします。\n\nyamada@own.example",
            "パスワードを変更してください: https://own.example/a1B2c3",
            "添付資料のとおり、パスワードは8文字以上、英数字混在（例外なし）としてください。",
            "パスワード再設定用のコード：Abc12345",
            "ログインIDとパスワード：Abc12345",
            "パスワード付きZIPファイルをお送りします。",
            "PPAP（パスワード付きZIP）は廃止しました。添付をご覧ください。",
            "The password for the attached file will be told by phone.",
            "Password-protected archive attached: report2026.zip",
            "Zoomのミーティング パスコード: 123456 資料を添付します。",
        ] {
            silent(&RULE, utf8(body));
        }
        let quoted =
            "了解です。\n\n-----Original Message-----\nFrom: a\n添付ファイルのパスワード：Abc12345";
        silent(&RULE, utf8(quoted));
        silent(&RULE, attached("a.zip", sample!("zipcrypto.zip")));
    }

    /// What is seen of `body`, sent to `example.com` 95 minutes after files went to `to`.
    fn after_files(body: &str, to: &[&str]) -> Option<String> {
        let recipients = ["b@own.example", "Partner@example.com"];
        let history = |facts: &mut crate::facts::Facts<'_>| {
            facts.now = 10_000;
            facts.history.encrypted_sent = (0..)
                .zip(to)
                .map(|(age, &to)| EncryptedSent {
                    to: to.into(),
                    name: format!("資料{age}.zip"),
                    at: 10_000 - 95 * 60 - age,
                })
                .collect();
        };
        let seen = look_knowing(&RULE, &recipients, utf8(body), |_| {}, history);
        seen.map(|e| e.shown().to_owned())
    }

    #[test]
    fn fires_with_the_file_that_history_knows() {
        let told = "A*******; 資料0.zip → partner@example.com, -1:35";
        let to = &["partner@example.com", "partner@example.com"];
        for body in [
            "先ほどお送りしたファイルのパスワードは「Abc12345」です。",
            "パスワードは Abc12345 です。",
            "PW: Abc12345",
            "The password is Abc12345.",
        ] {
            assert_eq!(after_files(body, to).as_deref(), Some(told), "{body}");
        }
    }

    #[test]
    fn history_alone_hands_nothing_over() {
        let to = &["partner@example.com"];
        for body in [
            "先ほどの資料はご覧になりましたか。",
            "パスワードはお電話でお知らせします。",
            "パスワードは事前に取り決めたものです。",
            "ログインIDとパスワード：Abc12345",
            "パスワードを変更してください: https://own.example/a1B2c3",
        ] {
            assert_eq!(after_files(body, to), None, "{body}");
        }
    }

    #[test]
    fn silent_where_the_file_went_to_others_and_without_history() {
        for body in ["パスワードは Abc12345 です。", "PW: Abc12345"] {
            assert_eq!(after_files(body, &["other@example.com"]), None, "{body}");
            assert_eq!(after_files(body, &[]), None, "{body}");
        }
        let words = "先ほどお送りしたファイルのパスワードは「Abc12345」です。";
        assert_eq!(after_files(words, &[]).as_deref(), Some("A*******"));
    }
}
