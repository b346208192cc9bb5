//! A Japanese mail was written with a program or service that is used in China.
//!
//! Foxmail, Coremail, the services of Tencent, NetEase and Alibaba say so in X-Mailer or
//! Message-ID. Innocent: partners in China who write Japanese. Silent where the sender's domain is
//! Chinese by its own top-level domain, which hides nothing.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::signature::Signature;
use crate::message::{Message, date, language};

/// The mail program does not fit a Japanese sender.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "foreign-mail-software",
    clause: None,
    group: Group::Sender,
    // Usual in China, where honest partners sit too.
    points: 10,
    says: Words {
        ja: "日本語のメールですが、主に中国で使われるメールソフトまたはサービス（{evidence}）から送られています。",
        en: "The mail is in Japanese, but was sent with software that is used in China ({evidence}).",
    },
    means: Words {
        ja: "日本の組織や個人を名乗る日本語のメールが、FoxmailやCoremailなど主に中国で使われるソフトで送られています。\
             中国の取引先が日本語で書いたメールであれば問題ありません。",
        en: "A mail in Japanese was sent with Foxmail, Coremail or the like, which are mostly used in \
             China. Partners in China who write Japanese do so innocently.",
    },
    look,
};

fn look(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let sent_with = mail.fields().find_map(|field| {
        let marks = match () {
            () if field.is("x-mailer") || field.is("user-agent") => PROGRAMS,
            () if field.is("message-id") => SERVICES,
            () => return None,
        };
        let value = field.value.get(..MAX_BYTES).unwrap_or(field.value).to_ascii_lowercase();
        let is_in = |mark: &&&str| memchr::memmem::find(&value, mark.as_bytes()).is_some();
        marks.iter().find(is_in).map(|_| field)
    })?;
    let clock = date::read(mail).and_then(|date| date.zone);
    if clock == Some(CHINA) {
        return None;
    }
    let openly = mail.from().iter().any(|from| from.host.ends_with(".cn"))
        || mail.signature().is_some_and(Signature::is_abroad);
    (!openly && language::is_japanese(mail)).then(|| Evidence::new(sent_with.text()))
}

/// China's zone, minutes east of Greenwich. Where the clock tells it (`sender-clock-abroad`), the
/// program says nothing more: both are one fact.
const CHINA: i16 = 480;

/// Parts of what programs call themselves, lower case.
const PROGRAMS: &[&str] = &["alimail", "coremail", "foxmail", "netease", "qqmail", "[cn]"];

/// Parts of the Message-IDs that services write, lower case.
const SERVICES: &[&str] = &["<tencent_"];

/// Bytes read of a field.
const MAX_BYTES: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn mail(from: &str, header: &str, text: &str) -> String {
        format!("From: a@{from}\n{header}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n")
    }

    const JAPANESE: &str = "平素よりご利用いただき、ありがとうございます。";

    #[test]
    fn fires_for_programs_and_services_of_china() {
        for header in [
            "X-Mailer: Foxmail 7.2.25.331[cn]",
            "X-Mailer: Coremail Webmail Server",
            "X-Mailer: Alimail-Mailagent",
            "Message-ID: <tencent_0A1B2C@qq.com>",
        ] {
            fires(&INDICATOR, mail("example.com", header, JAPANESE));
        }
    }

    #[test]
    fn silent_for_others() {
        silent(&INDICATOR, mail("example.com", "X-Mailer: Foxmail 7.2[cn]", "Dear all, 您好。"));
        let told = "X-Mailer: Foxmail 7.2[cn]\nDate: Mon, 1 Jun 2026 09:00:00 +0800";
        silent(&INDICATOR, mail("example.com", told, JAPANESE));
        let signed = format!("{JAPANESE}\n\n-- \n王\nTEL: +86-21-5012-3456");
        silent(&INDICATOR, mail("example.com", "X-Mailer: Foxmail 7.2[cn]", &signed));
        silent(&INDICATOR, mail("partner.com.cn", "X-Mailer: Foxmail 7.2[cn]", JAPANESE));
        silent(&INDICATOR, mail("example.com", "X-Mailer: Microsoft Outlook 16.0", JAPANESE));
        silent(&INDICATOR, mail("example.com", "Message-ID: <x.tencent_1@example.com>", JAPANESE));
        silent(&INDICATOR, mail("example.com", "Subject: Foxmail", JAPANESE));
    }
}
