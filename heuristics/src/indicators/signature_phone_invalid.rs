//! A telephone number in the signature cannot exist in the Japanese number plan.
//!
//! Who invents a signature invents its number, and one in three breaks the plan: a digit too few, an
//! area code there is not, an exchange that begins with 0. Innocent: slips of the finger. Numbers of
//! other countries, short numbers, extensions and numbers without area code are not judged; nor is
//! any number without +81 where neither the mail nor its sender is Japanese. How digits are grouped
//! and whether area, postal code and prefecture agree is told beside, and is no sign alone. Dodged
//! by copying a real number.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::signature::{Signature, Telephone};
use crate::telephone::{self, Number, Reason};

pub(super) static INDICATOR: Indicator = Indicator {
    id: "signature-phone-invalid",
    clause: Some("body-5"),
    group: Group::Text,
    // A row of the table; typing errors happen.
    points: 15,
    says: Words {
        ja: "署名の電話番号 {number} は、桁数や市外局番が日本の電話番号として正しくありません。",
        en: "The telephone number {number} in the signature cannot exist in Japan: its length or \
             area code is wrong.",
    },
    means: Words {
        ja: "署名に書かれた電話番号が、日本の番号計画では存在し得ないものです（桁数の過不足、使われて\
             いない市外局番、0で始まる市内局番）。架空の署名によく見られますが、単なる書き間違いの\
             こともあります。書かれた番号にはかけず、既に知っている番号や公式サイトの番号で確認して\
             ください。",
        en: "A telephone number in the signature breaks the Japanese number plan: too few or too \
             many digits, an area code that is not used, or an exchange that begins with 0. Invented \
             signatures often do; honest people mistype, too. Call a number you already know, not \
             this one.",
    },
    look,
};

fn look(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let signature = mail.signature().filter(|s| !s.telephones.is_empty())?;
    let is_japanese = is_japanese(mail, signature);
    let is_judged = |t: &&Telephone| is_japanese || t.digits.starts_with("+81");
    let numbers: Vec<(&Telephone, Number)> = signature
        .telephones
        .iter()
        .filter(is_judged)
        .map(|t| (t, telephone::read(&t.written)))
        .collect();
    let (wrong, reason) = numbers.iter().find_map(|(t, number)| Some((*t, number.fault()?)))?;
    let written = wrong.written.trim();
    let mut shown = format!("{written}: {}", of(reason));
    if let Some((odd, _)) = numbers.iter().find(|(_, number)| number.is_odd) {
        shown = format!("{shown}; grouping {}", odd.written.trim());
    }
    if let Some(places) = places(signature, &numbers) {
        shown = format!("{shown}; {places}");
    }
    Some(Evidence::new(shown).with("number", written))
}

/// Whether the number plan of Japan is the one to judge by.
fn is_japanese(mail: &Message<'_>, signature: &Signature) -> bool {
    let is_kana = |c: char| matches!(c, '\u{3041}'..='\u{30FA}' | '\u{FF66}'..='\u{FF9D}');
    signature.text.contains(is_kana)
        || signature.text.contains(['〒', '℡', '県'])
        || mail.from().iter().any(|from| from.host.ends_with(".jp"))
        || mail.texts().iter().any(|text| text.message == 0 && text.own().contains(is_kana))
}

fn of(reason: Reason) -> &'static str {
    match reason {
        Reason::Length => "length",
        Reason::AreaCode => "area code",
        Reason::Exchange => "exchange",
    }
}

/// An area code and a postal code, or a prefecture as written, that lie apart.
fn places(signature: &Signature, numbers: &[(&Telephone, Number)]) -> Option<String> {
    let of_postal = |code: &String| {
        let prefectures = sekisho_config::postal_prefectures(code)?;
        Some((code.clone(), prefectures))
    };
    let postal: Vec<_> = signature.postal_codes.iter().filter_map(of_postal).collect();
    let has_all_apart = |prefectures: &str| {
        let share = |other: &str| prefectures.split('/').any(|p| other.split('/').any(|o| o == p));
        !postal.is_empty() && !postal.iter().any(|(_, other)| share(other))
    };
    let of_number = |(t, number): &(&Telephone, Number)| {
        let prefectures = number.prefectures.filter(|p| has_all_apart(p))?;
        Some(format!("{} {prefectures}", t.written.trim()))
    };
    let number = numbers.iter().find_map(of_number);
    // A written prefecture that neither shares with the postal codes.
    let written = || {
        let lies_apart = |(code, prefectures): &(String, &str)| {
            let names = prefectures.split('/').any(|p| signature.text.contains(p));
            let other = signature.text.contains(['県', '府', '都']) && !names;
            other.then(|| format!("〒{code} {prefectures}"))
        };
        postal.iter().find_map(lies_apart)
    };
    let (code, prefectures) = postal.first()?;
    match number {
        Some(number) => Some(format!("{number} / 〒{code} {prefectures}")),
        None => written(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    fn mail(details: &str) -> String {
        format!(
            "From: a@example.com\nContent-Type: text/plain; charset=utf-8\n\nお世話になっております。\n\n\
             ━━━━━━━━━━\nサンプル株式会社\n{details}\n━━━━━━━━━━\n"
        )
    }

    #[test]
    fn fires_on_numbers_that_cannot_exist() {
        for (details, shown) in [
            ("TEL 03-5253-511", "03-5253-511: length"),
            ("電話：０３−５２５３−５１１１１", "０３−５２５３−５１１１１: length"),
            ("携帯 090-123-4567", "090-123-4567: length"),
            ("TEL 0122-23-4567", "0122-23-4567: area code"),
            ("TEL 045-012-3456", "045-012-3456: exchange"),
            ("TEL +81-3-5253-511", "+81-3-5253-511: length"),
            ("TEL (01)-50-5830-6860", "(01)-50-5830-6860: length"),
            ("FAX 0120-123-4567", "0120-123-4567: length"),
        ] {
            assert_eq!(fires(&INDICATOR, mail(details)), shown);
        }
    }

    #[test]
    fn weaker_evidence_stands_beside() {
        let details =
            "〒100-0013 東京都千代田区\nTEL 06-6392-3980\nTEL 042-223-4567\nFAX 03-5253-511";
        assert_eq!(
            fires(&INDICATOR, mail(details)),
            "03-5253-511: length; grouping 042-223-4567; 06-6392-3980 兵庫県/大阪府 / 〒1000013 \
             千葉県/埼玉県/東京都"
        );
        let details = "〒100-0013 大阪府大阪市\nFAX 03-5253-511";
        let shown = "03-5253-511: length; 〒1000013 千葉県/埼玉県/東京都";
        assert_eq!(fires(&INDICATOR, mail(details)), shown);
    }

    #[test]
    fn silent_on_every_written_form_of_valid_numbers() {
        for details in [
            "TEL 03-5253-5111",
            "TEL 03(5253)5111(代表)",
            "TEL：０３（５２５３）５１１１",
            "℡ 03 5253 5111",
            "Tel. +81-(0)3-5253-5111",
            "Tel. +81 3 5253 5111",
            "TEL 03-5253-5111（内線 12345）",
            "TEL 03-5253-5111 ext. 12345",
            "TEL 03-5253-5111(12345)",
            "TEL 03-5253-5111〜3",
            "TEL 0422-23-4567 / FAX 0422-23-4568",
            "携帯 090-1234-5678",
            "携帯 060-1234-5678",
            "IP電話 050-3123-4567",
            "フリーダイヤル 0120-123-456",
            "フリーコール 0800-123-4567",
            "ナビダイヤル 0570-001-069",
            "TEL 5253-5111",
            "警察相談 #9110",
            "TEL 1-408-555-0123",
            "TEL +1 (408) 555-0123",
            "TEL +86 10 1234 5678",
            "TEL 042-223-4567",
            "TEL 03-1234-5678",
        ] {
            silent(&INDICATOR, mail(details));
        }
    }

    #[test]
    fn silent_on_other_numbers() {
        for details in [
            "TEL 03-5253-5111\n〒100-0013 東京都千代田区霞が関",
            "TEL 03-5253-5111\n法人番号 1234567890123",
            "TEL 03-5253-5111\n登録番号 T1234567890123",
            "TEL 03-5253-5111\n注文番号 0123-4567-890",
            "TEL 03-5253-5111\nISBN 978-4-00-000000-0",
            "TEL 03-5253-5111 受付時間 9:00-17:00",
            "TEL 03-5253-5111（平日10:00〜17:30）",
            "TEL 03-5253-5111\n2026-11-20 10:00",
            "TEL 03-5253-5111\nサンプル銀行 普通口座 0123456",
            "山田 太郎",
        ] {
            silent(&INDICATOR, mail(details));
        }
    }

    #[test]
    fn silent_on_numbers_of_other_countries() {
        for details in ["Phone: 01865 123456", "Tel 089/123456", "Cell: 0412 345 678"] {
            let mail = format!(
                "From: a@example.com\n\nSee you.\n\n-- \nTaro Yamada\nSample Ltd.\n{details}\n"
            );
            silent(&INDICATOR, mail);
        }
    }

    #[test]
    fn silent_in_quotations_and_in_filled_in_forms() {
        let quoted = "From: a@example.jp\nContent-Type: text/plain; charset=utf-8\n\n了解です。\n\n\
                      -----Original Message-----\nよろしく。\n-- \n山田\nTEL 03-5253-511\n";
        silent(&INDICATOR, quoted);
        silent(&INDICATOR, mail("お名前：山田\n電話番号：03-5253-511\nお問い合わせ内容：資料"));
        silent(&INDICATOR, "\n");
    }
}
