//! It claims to answer a mail of ours that we never sent.
//!
//! A `Re:` is opened more readily than a first letter. The claim is a Message-ID of an own domain, or,
//! from somebody who never exchanged mail with us, a bare `Re:` or a quotation of one of our addresses;
//! history knows which mails we sent. Innocent: answers to mail that a colleague sent past our server,
//! by telephone or another service; hence few points. An answer to somebody else's mail, with us in
//! copy, is no such claim. Silent where history does not reach back, for forwarded mail and for lists,
//! which break threads.

use crate::facts::Facts;
use crate::history::is_known;
use crate::history::teaching::answered;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::{Message, mailing_list};

pub(super) static INDICATOR: Indicator = Indicator {
    id: "reply-to-nothing",
    clause: None,
    group: Group::Text,
    // Colleagues send mail from telephones past our server.
    points: 10,
    says: Words {
        ja: "こちらのメールへの返信を装っていますが、該当する送信の記録がありません（{evidence}）。",
        en: "It looks like an answer to a mail of ours, but no such mail was sent ({evidence}).",
    },
    means: Words {
        ja: "返信（Re:）は警戒されにくいため、やり取りのない相手への攻撃メールが返信を装うことがあります。\
             返信元として示された自組織のメールの識別番号（Message-ID）が送信の記録になく、または記録のない\
             相手から「Re:」だけを付けて届いています。携帯電話や別のサービスなど、このサーバーを通さずに\
             送ったメールへの返信も該当するため、弱いしるしです。転送とメーリングリストは該当しません。",
        en: "An answer (Re:) is trusted more than a first letter, so attacks pretend to be one. It names \
             a Message-ID of our own domain that no mail of ours had, or bears a mere Re: from somebody \
             who never exchanged mail with us. Answers to mail that did not pass our server, such as \
             from a telephone, look the same, so this is a weak sign. Forwarded mail and mailing \
             lists do not count.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    if facts.history.answers_ours != Some(false)
        || mail.from().iter().any(|from| facts.is_own_domain(from.domain()))
        || is_passed_on(mail)
    {
        return None;
    }
    if let Some(id) = answered(mail).find(|id| facts.is_own_id(id)) {
        return Some(Evidence::new(id));
    }
    let is_claim =
        || is_answer(mail) && (answered(mail).next().is_none() || quotes_us(mail, facts));
    (is_known(mail, facts) == Some(false) && is_claim()).then(|| Evidence::new(mail.subject()))
}

/// Whether the subject begins as an answer's.
fn is_answer(mail: &Message<'_>) -> bool {
    let subject = bare(mail.subject());
    ANSWERS.iter().any(|answer| subject.starts_with(answer))
}

/// The subject's beginning, lower case, full-width letters as ASCII, without the name of a list.
fn bare(subject: &str) -> String {
    let subject = subject.trim_start();
    let listed = subject.strip_prefix('[').and_then(|s| s.split_once(']')).map(|(_, rest)| rest);
    let start = listed.unwrap_or(subject).trim_start().chars().take(BEGINNING);
    let half = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c => c,
    };
    start.map(half).flat_map(char::to_lowercase).collect()
}

/// Whether somebody passed on what he received, or a list or a server sent it: then the thread is
/// others', or broken by the way it took.
fn is_passed_on(mail: &Message<'_>) -> bool {
    let subject = bare(mail.subject());
    let has = |name: &&str| mail.field(name).is_some();
    mailing_list::read(mail).is_some()
        || PASSED_ON.iter().any(has)
        || FORWARDS.iter().any(|mark| subject.contains(mark))
        || mail.message_count() > 1
        || mail.parts().first().is_some_and(|part| part.sub == "report")
}

/// Whether the quotation begins with one of our addresses as its writer.
fn quotes_us(mail: &Message<'_>, facts: &Facts<'_>) -> bool {
    let is_ours = |line: &str| {
        let hosts = line.split('@').skip(1).take(MOST_ADDRESSES).map(|rest| {
            let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
            let end = rest.find(|c| !is_host(c)).unwrap_or(rest.len());
            rest.get(..end).unwrap_or_default().trim_end_matches('.').to_ascii_lowercase()
        });
        let line = line.to_lowercase();
        let names_reader = READERS.iter().any(|label| line.starts_with(label));
        !names_reader && hosts.into_iter().any(|host| facts.is_own_domain(&host))
    };
    mail.texts().iter().filter(|text| text.message == 0).any(|text| {
        let quoted = text.content.get(text.quoted_from..).unwrap_or_default();
        let lines = quoted.lines().map(|line| line.trim_matches(['>', ' ', '*', '\u{3000}']));
        lines.filter(|line| !line.is_empty()).take(HEAD).any(is_ours)
    })
}

/// How the subject of an answer begins.
const ANSWERS: [&str; 4] = ["re:", "aw:", "sv:", "返信"];

/// Marks of a forwarded mail near the beginning of its subject.
const FORWARDS: [&str; 6] = ["fw:", "fwd:", "wg:", "tr:", "転送", "(fwd)"];

/// Fields of mail that was passed on, and of older lists.
const PASSED_ON: [&str; 7] = [
    "resent-from",
    "x-forwarded-to",
    "x-forwarded-for",
    "x-ml-name",
    "x-mail-count",
    "x-loop",
    "auto-submitted",
];

/// Labels in a quoted header before those who received it.
const READERS: [&str; 6] = ["to:", "cc:", "bcc:", "宛先", "送信先", "reply-to:"];

/// Characters of the subject that are looked at.
const BEGINNING: usize = 40;

/// Lines of a quotation in which its writer is named.
const HEAD: usize = 4;

/// Addresses looked at in one line.
const MOST_ADDRESSES: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Contact, Known};
    use crate::indicator::check::{look_with, silent};

    const MET: Contact = Contact { received: 1, sent: 1, first: 1 };

    /// What is seen where no mail of ours is answered and the sender is a stranger or not.
    fn seen(mail: &str, is_known: bool, answers_ours: Option<bool>) -> Option<String> {
        let mail = format!("From: a@example.com\n{mail}");
        let known = |facts: &mut Facts<'_>| {
            facts.history.answers_ours = answers_ours;
            let address = if is_known { MET } else { Contact::default() };
            facts.history.sender = Some(Known { address, ..Known::default() });
        };
        look_with(&INDICATOR, mail, |_| {}, known).map(|e| e.shown().to_owned())
    }

    #[track_caller]
    fn fires(mail: &str, is_known: bool, shown: &str) {
        assert_eq!(seen(mail, is_known, Some(false)).as_deref(), Some(shown), "{mail}");
        for other in [Some(true), None] {
            assert_eq!(seen(mail, is_known, other), None, "{mail}");
        }
    }

    #[track_caller]
    fn is_silent(mail: &str) {
        for is_known in [false, true] {
            assert_eq!(seen(mail, is_known, Some(false)), None, "{mail}");
        }
    }

    const QUOTATION: &str = "了解しました。\n\n-----Original Message-----\nFrom: Tanaka \
                             <tanaka@own.example>\nSent: Friday\nTo: a@example.com\nSubject: x\n\nx\n";

    #[test]
    fn fires_for_an_own_id_that_was_never_sent() {
        let mail = "Subject: Re: x\nIn-Reply-To: <1@mail.Own.example>\n\nx\n";
        fires(mail, true, "1@mail.Own.example");
        fires(
            "Subject: x\nReferences: <2@example.com> <1@own.example>\n\nx\n",
            false,
            "1@own.example",
        );
    }

    #[test]
    fn fires_for_a_strangers_bare_answer() {
        for subject in ["Re: x", "RE:x", "[list] Re: x", "返信: x", "Ｒｅ：x"] {
            fires(&format!("Subject: {subject}\n\nx\n"), false, subject);
            assert_eq!(seen(&format!("Subject: {subject}\n\nx\n"), true, Some(false)), None);
        }
    }

    #[test]
    fn fires_for_a_stranger_who_quotes_us() {
        let head = "Subject: Re: x\nIn-Reply-To: <1@example.net>\n\
                    Content-Type: text/plain; charset=utf-8\n\n";
        fires(&format!("{head}{QUOTATION}"), false, "Re: x");
        let others = QUOTATION.replace("tanaka@own.example", "b@example.net");
        is_silent(&format!("{head}{}", others.replace("To: a@example.com", "To: c@own.example")));
    }

    #[test]
    fn silent_for_answers_to_others_with_us_in_copy() {
        is_silent("Subject: Re: x\nIn-Reply-To: <1@example.net>\n\nx\n");
        is_silent("Subject: Re: x\nIn-Reply-To: <1@own.example.net>\n\nx\n");
    }

    #[test]
    fn silent_for_forwarded_threads_and_lists() {
        let ours = "In-Reply-To: <1@own.example>\n";
        for head in [
            "Subject: Fw: x\n",
            "Subject: Re: Fwd: x\n",
            "Subject: 転送: x\n",
            "Subject: Re: x\nResent-From: b@example.com\n",
            "Subject: Re: x\nX-Forwarded-To: c@own.example\n",
            "Subject: Re: x\nList-Id: <dev.lists.example.org>\n",
            "Subject: [dev 12] Re: x\nX-ML-Name: dev\n",
            "Subject: Re: x\nAuto-Submitted: auto-replied\n",
            "Subject: Re: x\nContent-Type: message/rfc822\n\nSubject: y\n",
            "Subject: Re: x\nContent-Type: multipart/report; boundary=b\n",
        ] {
            is_silent(&format!("{ours}{head}\nx\n"));
            is_silent(&format!("{head}\nx\n"));
        }
    }

    #[test]
    fn silent_for_first_letters_and_colleagues() {
        is_silent("Subject: x\n\nx\n");
        is_silent("Subject: Regarding: x\n\nx\n");
        is_silent("Subject: x\nIn-Reply-To: your mail of Monday\n\nx\n");
        is_silent("From: b@own.example\nSubject: Re: x\nIn-Reply-To: <1@own.example>\n\nx\n");
    }

    #[test]
    fn silent_where_history_does_not_know() {
        let mail = "From: a@example.com\nSubject: Re: x\nIn-Reply-To: <1@own.example>\n\nx\n";
        silent(&INDICATOR, mail);
    }
}
