//! A Japanese mail is dated by a clock between the Near East and China.
//!
//! Mail programs write the time zone of the machine they run on into Date. Senders of phishing set up
//! everything but this. Innocent: staff and partners who write Japanese from Singapore, Taipei,
//! Bangkok or Delhi, which is why it counts little. Silent for Japan and Korea, for UTC, in which
//! servers and scripts run, and for Europe, Africa and the Americas, where services of the world
//! have their machines.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::signature::Signature;
use crate::message::{Message, date, language};

/// The time zone does not fit a Japanese sender.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "sender-clock-abroad",
    clause: None,
    group: Group::Sender,
    // Branches and travellers abroad write Japanese too.
    points: 15,
    says: Words {
        ja: "日本語のメールですが、日本とは異なる時間帯（UTC{evidence}）の時計で送信されています。",
        en: "The mail is in Japanese, but its date is of a clock outside Japan (UTC{evidence}).",
    },
    means: Words {
        ja: "メールの日時には、送信に使われた機器の時間帯が記録されます。\
             日本語の文面なのに中国・東南アジア・中東などの時間帯になっています。\
             現地の駐在員や取引先からのメールであれば問題ありません。",
        en: "The date of a mail tells the time zone of the machine that sent it. Here the text is \
             Japanese but the zone that of China, Southeast Asia or the Near East. Mail from staff or \
             partners who are there is innocent.",
    },
    look,
};

fn look(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let zone = date::read(mail)?.zone.filter(|zone| ZONES.contains(zone))?;
    let written = format!("+{}:{:02}", zone / 60, zone % 60);
    let is_open = || mail.signature().is_some_and(Signature::is_abroad);
    (language::is_japanese(mail) && !is_open()).then(|| Evidence::new(written))
}

/// Zones from Moscow's and Turkey's to China's, minutes east of Greenwich.
const ZONES: std::ops::RangeInclusive<i16> = 180..=510;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn mail(zone: &str, text: &str) -> String {
        format!(
            "From: a@example.com\nDate: Mon, 1 Jun 2026 09:00:00 {zone}\n\
             Content-Type: text/plain; charset=utf-8\n\n{text}\n"
        )
    }

    const JAPANESE: &str = "平素よりご利用いただき、ありがとうございます。";

    #[test]
    fn fires_for_clocks_between_moscow_and_china() {
        assert_eq!(fires(&INDICATOR, mail("+0800", JAPANESE)), "+8:00");
        assert_eq!(fires(&INDICATOR, mail("+0530", JAPANESE)), "+5:30");
        assert_eq!(fires(&INDICATOR, mail("+0300 (MSK)", JAPANESE)), "+3:00");
    }

    #[test]
    fn silent_for_japan_servers_and_services_of_the_world() {
        for zone in ["+0900", "+0900 (JST)", "+0000", "-0000", "GMT", "", "-0700", "+0100", "+0200"]
        {
            silent(&INDICATOR, mail(zone, JAPANESE));
        }
    }

    #[test]
    fn silent_for_partners_who_sign_with_a_number_abroad() {
        let signed = |number| mail("+0800", &format!("{JAPANESE}\n\n-- \n王\nTEL: {number}"));
        silent(&INDICATOR, signed("+86-21-5012-3456"));
        fires(&INDICATOR, signed("+81-3-5256-1234"));
        fires(&INDICATOR, signed("03-5256-1234"));
    }

    #[test]
    fn silent_for_mail_in_other_languages_and_without_a_date() {
        silent(&INDICATOR, mail("+0800", "Dear all, 您好。"));
        silent(&INDICATOR, format!("From: a@example.com\n\n{JAPANESE}\n"));
        silent(&INDICATOR, format!("Date: 2026/06/01 09:00 +0800\n\n{JAPANESE}\n"));
    }
}
