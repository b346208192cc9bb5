//! The program that wrote the mail is called by random letters.
//!
//! Tools that send in bulk invent a new name in X-Mailer for every mail, so that no filter can learn
//! it. Innocent: home-made programs with an abbreviation for a name; short and pronounceable names are
//! not counted.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::random::is_random;

/// X-Mailer or User-Agent is a made-up name.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "invented-mail-software",
    clause: None,
    group: Group::Sender,
    // Home-made senders of honest firms look alike.
    points: 15,
    says: Words {
        ja: "送信ソフトの名前が、でたらめな文字の並び（{evidence}）になっています。",
        en: "The program that sent it is called by random letters ({evidence}).",
    },
    means: Words {
        ja: "メールには送信ソフトの名前が記録されますが、このメールの名前は意味のない文字の並びです。\
             大量送信の道具が、検出を避けるために1通ごとに名前を作り変えることがあります。\
             自作のシステムの略称がまれに該当します。",
        en: "Mail names the program that wrote it; this name is a row of meaningless letters. Tools \
             that send in bulk make up a new one for each mail to avoid being recognised. Rarely an \
             abbreviation of a home-made system looks so.",
    },
    look,
};

fn look(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let named = mail.fields().find(|f| f.is("x-mailer") || f.is("user-agent"))?.text();
    let mut words = named.split_whitespace();
    let (first, rest) = (words.next()?, words.collect::<Vec<_>>());
    // `Ihejubyb 9` and `Qvxrtzk Lwpkq 4.1`: names that stand alone but for a version.
    let is_bare = |word: &&str| word.chars().all(|c| c.is_ascii_digit() || c == '.');
    let is_name = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric());
    let alone = rest.len() <= 2 && is_name(first) && rest.iter().all(|w| is_bare(w) || is_name(w));
    let names = std::iter::once(first).chain(rest.iter().copied().filter(|word| !is_bare(word)));
    let invented = alone && names.map(str::to_ascii_lowercase).any(|name| is_random(&name));
    invented.then(|| Evidence::new(named))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    #[test]
    fn fires_for_random_letters() {
        for mailer in ["Qvxrtzk Bnmwx 8.1", "Xjbtfqwrr 9", "x7K2m9q4Lp0", "Hqtxwpz"] {
            assert_eq!(fires(&INDICATOR, format!("X-Mailer: {mailer}\n\nx\n")), mailer);
        }
    }

    #[test]
    fn silent_for_names_that_people_give() {
        for mailer in [
            "Microsoft Outlook 16.0",
            "PHPMailer 6.9.1 (https://github.com/PHPMailer/PHPMailer)",
            "git-send-email 2.45.0",
            "exmh version 2.5",
            "KMail/1.4.3",
            "QUALCOMM Windows Eudora 5",
            "iPhone Mail (22A3354)",
            "Wanderlust/2.15.9",
            "SquirrelMail",
            "Mew version 6.8 on Emacs",
            "HyperKitty on https://lists.example.org/",
            "WPMailSMTP/Mailer/smtp 3.1",
            "blastmail",
            "AspMail 3.53 (SMTP2D571B)",
            "Nrv 0",
            "",
        ] {
            silent(&INDICATOR, format!("X-Mailer: {mailer}\n\nx\n"));
        }
        silent(&INDICATOR, "Subject: x\n\nx\n");
    }
}
