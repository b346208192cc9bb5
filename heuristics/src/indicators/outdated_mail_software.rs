//! The mail names a program as its author's that nobody has maintained for years.
//!
//! Tools that send phishing in bulk call themselves Outlook Express 6 or Foxmail 6 to this day.
//! Innocent: an old machine in a workshop that still runs such a program, which is worth knowing as
//! well. A program counts only five years after its maker let it go. Windows Live Mail and Becky!,
//! which offices in Japan still use, are not listed.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::{Message, date};

/// X-Mailer or User-Agent names a program of long ago.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "outdated-mail-software",
    clause: None,
    group: Group::Sender,
    // Some people do keep programs for twenty years.
    points: 15,
    says: Words {
        ja: "何年も前に提供が終わったメールソフト（{evidence}）で作成されたことになっています。",
        en: "It claims to be written with a program that ended years ago ({evidence}).",
    },
    means: Words {
        ja: "送信ソフトとして、提供が終わってから5年以上たつものが記録されています。\
             迷惑メールを大量に送る道具は、古いソフトを名乗り続けることがよくあります。\
             まれに、古いパソコンを使い続けている人からのメールで該当することがあります。",
        en: "The mail names as its author's program one whose maker gave it up more than five years \
             before. Tools that send in bulk keep calling themselves so. Now and then somebody really \
             uses such a program on an old machine.",
    },
    look,
};

fn look(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let named = mail.fields().find(|f| f.is("x-mailer") || f.is("user-agent"))?.text();
    let &(_, end) = PROGRAMS.iter().find(|(program, _)| starts(&named, program))?;
    let year = date::read(mail)?.year;
    (year >= end + YEARS).then(|| Evidence::new(named))
}

/// Whether `named` begins with `program` and no further digit of its version follows.
fn starts(named: &str, program: &str) -> bool {
    let same = named.get(..program.len()).is_some_and(|start| start.eq_ignore_ascii_case(program));
    let next = named.as_bytes().get(program.len());
    same && !(program.ends_with(|c: char| c.is_ascii_digit())
        && next.is_some_and(u8::is_ascii_digit))
}

/// How programs begin to call themselves, and the last year their maker cared for them.
const PROGRAMS: &[(&str, u16)] = &[
    // Superseded by Foxmail 7 in 2011.
    ("Foxmail 4", 2011),
    ("Foxmail 5", 2011),
    ("Foxmail 6", 2011),
    ("Microsoft CDO for Windows 2000", 2010),
    ("Microsoft Office Outlook 11", 2014),
    ("Microsoft Office Outlook, Build 11", 2014),
    // With Windows XP.
    ("Microsoft Outlook Express", 2014),
    ("Microsoft Outlook IMO", 2005),
    ("Microsoft Outlook, Build 10", 2011),
    ("Mozilla 4", 2002),
    ("QUALCOMM Windows Eudora", 2013),
    ("The Bat! (v1", 2006),
    ("The Bat! (v2", 2006),
    ("The Bat! (v3", 2010),
];

/// Years after the end until somebody who still uses it is a rarity.
const YEARS: u16 = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn mail(year: u16, mailer: &str) -> String {
        format!("From: a@example.com\nDate: Mon, 1 Jun {year} 09:00:00 +0900\n{mailer}\n\nx\n")
    }

    #[test]
    fn fires_years_after_the_end() {
        let express = "X-Mailer: Microsoft Outlook Express 6.00.2900.5512";
        assert_eq!(
            fires(&INDICATOR, mail(2021, express)),
            "Microsoft Outlook Express 6.00.2900.5512"
        );
        fires(&INDICATOR, mail(2026, "X-mailer: Foxmail 6, 13, 102, 15 [cn]"));
        fires(&INDICATOR, mail(2026, "X-Mailer: Microsoft Outlook IMO, Build 9.0.2416"));
        fires(&INDICATOR, mail(2026, "X-Mailer: The Bat! (v2.00.8) Personal"));
    }

    #[test]
    fn silent_while_it_was_in_use() {
        silent(&INDICATOR, mail(2002, "X-Mailer: Microsoft Outlook Express 6.00.2600.0000"));
        silent(&INDICATOR, mail(2015, "X-Mailer: Microsoft Outlook Express 6.00.2900.5931"));
    }

    #[test]
    fn silent_for_what_is_maintained_or_still_common() {
        for mailer in [
            "X-Mailer: Microsoft Outlook 16.0",
            "X-Mailer: Microsoft Windows Live Mail 16.4.3528.331",
            "X-Mailer: Becky! ver. 2.81.08 [ja]",
            "X-Mailer: Foxmail 7.2.25.331[cn]",
            "X-Mailer: Foxmail 60",
            "X-Mailer: The Bat! (v11.0.2)",
            "User-Agent: Mozilla/5.0 (Windows NT 10.0) Thunderbird/128.0",
            "X-Mailer: iPhone Mail (22A3354)",
            "X-Mailer:",
            "",
        ] {
            silent(&INDICATOR, mail(2026, mailer));
        }
        silent(&INDICATOR, "X-Mailer: Microsoft Outlook Express 6\n\nno date\n");
    }
}
