//! A FAX number is given as a telephone.
//!
//! Signatures put together from an office's letterhead mix the two up: one number under both labels,
//! a mobile number labelled FAX, or a number to call in the text that is only the FAX number of the
//! signature, or, where history knows the organisation's numbers, was never anything else. Innocent: small offices with one line, which write one label, `TEL/FAX`. Numbers are
//! compared as they are dialled, so width, dashes and +81 do not count.

use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::history::is_shared;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::signature::{self, Signature, Telephone, TelephoneLabel};
use crate::telephone::{self, Verdict};

pub(super) static INDICATOR: Indicator = Indicator {
    id: "signature-fax-as-phone",
    clause: Some("body-5"),
    group: Group::Text,
    // A row of the table; honest offices share one line.
    points: 10,
    says: Words {
        ja: "署名で {number} がFAX番号と電話番号の両方に使われているなど、番号の種別が一致しません。",
        en: "The number {number} is given both as FAX and as telephone, or is a mobile number given \
             as FAX.",
    },
    means: Words {
        ja: "FAX番号として書かれた番号が電話番号としても書かれている、携帯電話の番号がFAX番号とされて\
             いる、または本文で案内された電話番号が署名ではFAX番号になっています。その組織のこれまでのメールでFAX番号\
             としてだけ使われていた番号が、電話番号として書かれている場合も該当します。寄せ集めで作られた\
             署名に見られます。一つの回線を電話とFAXで共用している小さな事業所にも当てはまります。",
        en: "A number given as FAX is also given as telephone, a mobile number is labelled FAX, or \
             the number to call in the text is the FAX number of the signature; or a number that the \
             organisation's mail gave as FAX alone until now is given as telephone. Signatures put \
             together from pieces look so; so do small offices that share one line.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let signature = mail.signature()?;
    within(mail, signature).or_else(|| known_as_fax(mail, signature, facts))
}

/// A number whose labels differ within the mail.
fn within(mail: &Message<'_>, signature: &Signature) -> Option<Evidence> {
    let labelled = |label| signature.telephones.iter().filter(move |t| t.label == label);
    let mut faxes = labelled(TelephoneLabel::Fax).peekable();
    faxes.peek()?;
    let telephones: BTreeSet<String> = labelled(TelephoneLabel::Telephone).map(dialled).collect();
    let others: BTreeSet<String> = labelled(TelephoneLabel::None)
        .chain(labelled(TelephoneLabel::TelephoneAndFax))
        .map(dialled)
        .collect();
    let mut only_fax = Vec::new();
    for fax in faxes {
        let number = telephone::read(&fax.written);
        if number.verdict == Verdict::Mobile || telephones.contains(&number.digits) {
            return Some(evidence(fax));
        }
        if !others.contains(&number.digits) {
            only_fax.push(number.digits);
        }
    }
    called_in_text(mail, signature, &only_fax)
}

/// A telephone number of the signature that was seen before under a FAX label and under no other.
fn known_as_fax(mail: &Message<'_>, signature: &Signature, facts: &Facts<'_>) -> Option<Evidence> {
    let known = facts.history.numbers.as_deref().filter(|known| !known.is_empty())?;
    if is_shared(mail.sole_from()?.domain(), facts) {
        return None;
    }
    let is_fax_alone = |digits: &str| {
        let mut same = known.iter().filter(|k| k.digits == digits).peekable();
        same.peek().is_some() && same.all(|k| k.is_fax)
    };
    let telephones = signature.telephones.iter();
    let mut telephones = telephones.filter(|t| t.label == TelephoneLabel::Telephone);
    let found = telephones.find(|t| is_fax_alone(&dialled(t)))?;
    let written = found.written.trim();
    Some(Evidence::new(format!("{written} (FAX before)")).with("number", written))
}

fn evidence(number: &Telephone) -> Evidence {
    let written = number.written.trim();
    Evidence::new(written).with("number", written)
}

fn dialled(number: &Telephone) -> String {
    telephone::read(&number.written).digits
}

/// A number that the text above the signature asks to call, and that is only a FAX number below.
fn called_in_text(mail: &Message<'_>, signature: &Signature, faxes: &[String]) -> Option<Evidence> {
    let below: BTreeSet<&str> = signature.text.lines().map(str::trim).collect();
    let own = mail.texts().iter().filter(|text| text.message == 0);
    let lines = own.flat_map(|text| text.own().lines().take(MOST_LINES));
    lines
        .filter(|line| line.len() <= LONGEST_LINE && !below.contains(line.trim()))
        .flat_map(signature::telephones_in)
        .filter(|t| t.label == TelephoneLabel::Telephone)
        .find(|t| faxes.contains(&dialled(t)))
        .map(|t| evidence(&t))
}

const MOST_LINES: usize = 400;
const LONGEST_LINE: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Number;
    use crate::indicator::check::{fires, look_with, silent};

    fn mail(text: &str, details: &str) -> String {
        format!(
            "From: a@example.jp\nContent-Type: text/plain; charset=utf-8\n\n{text}\n\n\
             ━━━━━━━━━━\nサンプル株式会社 山田\n{details}\n━━━━━━━━━━\n"
        )
    }

    #[test]
    fn fires_on_one_number_under_both_labels() {
        for details in [
            "TEL 03-5253-5111\nFAX 03-5253-5111",
            "TEL：０３−５２５３−５１１１　ＦＡＸ：０３（５２５３）５１１１",
            "電話 03-5253-5111 / ﾌｧｯｸｽ +81-3-5253-5111",
            "FAX 0352535111\nﾃﾚﾌｫﾝ 03 5253 5111",
            "TEL 03-5253-5112 FAX 03-5253-5110\n直通 03-5253-5110",
        ] {
            fires(&INDICATOR, mail("お世話になっております。", details));
        }
    }

    #[test]
    fn fires_on_a_mobile_number_labelled_fax() {
        let details = "TEL 03-5253-5111\nFAX 090-1234-5678";
        assert_eq!(fires(&INDICATOR, mail("ご確認ください。", details)), "090-1234-5678");
        fires(&INDICATOR, mail("ご確認ください。", "TEL 03-5253-5111 FAX +81 80 1234 5678"));
    }

    #[test]
    fn fires_where_the_number_to_call_is_only_the_fax_number() {
        let text = "ご不明な点は、お電話（03-5253-5110）までお問い合わせください。";
        let details = "TEL 03-5253-5111\nFAX 03-5253-5110";
        assert_eq!(fires(&INDICATOR, mail(text, details)), "03-5253-5110");
        fires(&INDICATOR, mail("至急、電話 ０３−５２５３−５１１０ へ。", "FAX 03-5253-5110"));
    }

    #[test]
    fn silent_on_numbers_that_differ_or_stand_alone() {
        for details in [
            "TEL 03-5253-5111 FAX 03-5253-5112",
            "TEL 03-5253-5111",
            "FAX 03-5253-5111",
            "TEL/FAX 03-5253-5111",
            "電話・ＦＡＸ：03-5253-5111",
            "電話またはFAX 03-5253-5111",
            "携帯 090-1234-5678\nTEL/FAX 03-5253-5111",
            "TEL 03-5253-5111(代表) FAX 03-5253-5112 携帯 090-1234-5678",
            "山田 太郎",
        ] {
            silent(&INDICATOR, mail("お世話になっております。", details));
        }
    }

    #[test]
    fn silent_where_the_text_calls_the_telephone_or_sends_a_fax() {
        let details = "TEL 03-5253-5111\nFAX 03-5253-5112";
        for text in [
            "お電話（03-5253-5111）でお問い合わせください。",
            "申込書はFAX 03-5253-5112 へお送りください。",
            "申込書は03-5253-5112へお送りください。",
            "電話 03-5253-5111、FAX 03-5253-5112 までどうぞ。",
        ] {
            silent(&INDICATOR, mail(text, details));
        }
        silent(&INDICATOR, "\n");
    }

    fn seen_before(from: &str, details: &str, known: Option<&[(&str, bool)]>) -> Option<String> {
        let mail = mail("お世話になっております。", details).replace("a@example.jp", from);
        let history = |facts: &mut Facts<'_>| {
            let number =
                |&(digits, is_fax): &(&str, bool)| Number { digits: digits.into(), is_fax };
            facts.history.numbers = known.map(|known| known.iter().map(number).collect());
        };
        look_with(&INDICATOR, mail, |_| {}, history).map(|e| e.shown().to_owned())
    }

    #[test]
    fn fires_on_a_number_that_was_fax_alone_before() {
        let known = [("0352535111", false), ("0352535110", true)];
        for details in ["TEL 03-5253-5110", "電話：０３−５２５３−５１１０", "TEL +81 3 5253 5110"]
        {
            let seen = seen_before("a@example.jp", details, Some(&known));
            assert!(seen.is_some_and(|seen| seen.ends_with(" (FAX before)")), "{details}");
        }
    }

    #[test]
    fn silent_on_numbers_that_history_knows_otherwise_or_not_at_all() {
        let both = [("0352535110", true), ("0352535110", false)];
        let fax = [("0352535110", true)];
        let tel = "TEL 03-5253-5110";
        assert_eq!(seen_before("a@example.jp", tel, Some(&both)), None);
        assert_eq!(seen_before("a@example.jp", tel, Some(&[])), None);
        assert_eq!(seen_before("a@example.jp", tel, None), None);
        assert_eq!(seen_before("a@gmail.com", tel, Some(&fax)), None);
        for details in ["FAX 03-5253-5110", "TEL/FAX 03-5253-5110", "TEL 03-5253-5111"] {
            assert_eq!(seen_before("a@example.jp", details, Some(&fax)), None, "{details}");
        }
    }
}
