//! The signature block: who the sender says he is, and how to reach him.
//!
//! Way in: [`find`], over what the sender wrote himself. Only the last lines are looked at, and at
//! most [`LONGEST`] bytes of them; footers of mailing lists are left out. A signature is found
//! below a rule (`-- `, `━━━`), or where enough contact details stand together at the end.

mod block;
mod detail;
mod organisation;

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::text;
pub(crate) use block::is_sentence;

/// A signature block, above quotations and list footers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// The block's lines as written.
    pub text: String,
    /// Mail addresses, lower case, half-width.
    pub addresses: Vec<String>,
    /// Telephone numbers with their labels.
    pub telephones: Vec<Telephone>,
    /// Lines that look like the name of an organisation.
    pub organisations: Vec<String>,
    /// Postal codes, seven digits.
    pub postal_codes: Vec<String>,
}

impl Signature {
    /// Whether it openly gives a telephone number of another country (`+86 21 …`).
    pub fn is_abroad(&self) -> bool {
        let foreign = |digits: &str| digits.starts_with('+') && !digits.starts_with("+81");
        self.telephones.iter().any(|telephone| foreign(&telephone.digits))
    }
}

/// A telephone or fax number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telephone {
    /// What the label says.
    pub label: TelephoneLabel,
    /// As written.
    pub written: String,
    /// Digits only, NFKC; a leading `+` is kept.
    pub digits: String,
}

/// Label of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TelephoneLabel {
    /// FAX, ファックス, F.
    Fax,
    /// No label.
    None,
    /// TEL, 電話, 携帯, T, M.
    Telephone,
    /// One label for both: TEL/FAX.
    TelephoneAndFax,
}

/// Most bytes at the end of a text that are searched.
pub const LONGEST: usize = 8 * 1024;

/// Finds the signature in what the sender wrote himself. A text that begins with a quotation (a
/// forward without a word) has none: the signature in it is somebody else's.
pub fn find(own_text: &str) -> Option<Signature> {
    if text::begins_with_quotation(own_text) {
        return None;
    }
    let own = own_text.trim_end();
    let mut start = own.len().saturating_sub(LONGEST);
    while !own.is_char_boundary(start) {
        start += 1;
    }
    let lines = block::find(own.get(start..)?)?;
    if is_form(&lines) {
        return None;
    }
    let mut signature = Signature { text: lines.join("\n"), ..Signature::default() };
    for line in lines {
        let line = line.trim();
        let folded = folded(line);
        let addresses = if is_prose(&folded) { vec![] } else { detail::addresses(&folded) };
        for address in addresses {
            if !signature.addresses.contains(&address) {
                signature.addresses.push(address);
            }
        }
        signature.telephones.extend(detail::telephones(&folded, line));
        signature.postal_codes.extend(detail::postal_codes(&folded));
        if !is_sentence(&folded) && organisation::is_organisation(&folded) {
            signature.organisations.push(line.to_owned());
        }
    }
    Some(signature)
}

/// Whether a line is a sentence in which an address is told, such as a newsletter's: whom to write
/// to about advertising; or a patch's `Reviewed-by:`. It is not who signs.
fn is_prose(folded: &str) -> bool {
    is_sentence(folded)
        || folded.contains("-by: ")
        || folded.split_whitespace().filter(|word| is_word(word)).count() > MOST_WORDS
}

fn is_word(word: &str) -> bool {
    let word = word.trim_end_matches([',', '.', ';']);
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'\'')
}

/// English words in a line of contact details.
const MOST_WORDS: usize = 7;

/// Telephone numbers with their labels in one line of any text.
pub(crate) fn telephones_in(line: &str) -> Vec<Telephone> {
    let line = line.trim();
    detail::telephones(&folded(line), line)
}

/// Whether lines are the fields of a form that somebody filled in: `お名前：`, `お問い合わせ内容：`.
/// What stands there is the customer's, not the sender's.
fn is_form(lines: &[&str]) -> bool {
    let is_field = |line: &&&str| {
        let line = folded(line);
        let line = line
            .trim()
            .trim_start_matches(['■', '□', '●', '○', '◆', '◇', '・', '*', '【', '[', '-']);
        FIELDS.iter().any(|field| {
            line.strip_prefix(field).is_some_and(|rest| {
                rest.trim_start().starts_with([':', '】', ']', '=', '>', '／', '('])
                    || rest.trim().is_empty()
            })
        })
    };
    lines.iter().filter(is_field).take(2).count() == 2
}

/// Labels of what a customer fills in; signatures have none of them.
const FIELDS: [&str; 34] = [
    "お名前",
    "氏名",
    "ご氏名",
    "名前",
    "フリガナ",
    "ふりがな",
    "お問い合わせ内容",
    "お問合せ内容",
    "お問い合わせ種別",
    "問い合わせ内容",
    "ご質問内容",
    "ご要望",
    "ご意見",
    "件名",
    "ご住所",
    "お電話番号",
    "ご連絡先",
    "性別",
    "年齢",
    "生年月日",
    "ご職業",
    "備考",
    "ご予約日時",
    "ご希望日時",
    "ご予約内容",
    "ご注文番号",
    "注文番号",
    "お届け先",
    "お支払い方法",
    "配送先",
    "会員番号",
    "お客様番号",
    "内容",
    "メッセージ",
];

/// The form in which lines are read: NFKC, so that width does not count, without zero-width
/// characters.
pub(crate) fn folded(line: &str) -> Cow<'_, str> {
    // Most lines hold nothing that a table must be asked about.
    if line.is_ascii() || line.chars().all(is_plain) {
        return Cow::Borrowed(line);
    }
    match is_nfkc_quick(line.chars()) {
        IsNormalized::Yes if line.chars().all(|c| is_seen(&c)) => Cow::Borrowed(line),
        _ => Cow::Owned(line.chars().filter(is_seen).nfkc().collect()),
    }
}

/// ASCII, kana, common kanji and their marks, which NFKC leaves as they are.
fn is_plain(c: char) -> bool {
    matches!(c, '\0'..='\u{7F}' | '、' | '。' | '「' | '」' | 'ぁ'..='ゖ' | 'ァ'..='ー'
        | '\u{4E00}'..='\u{9FFF}')
}

/// Characters that are seen: those that are not would cut a name or number in two for a reader
/// that is no person.
fn is_seen(c: &char) -> bool {
    !matches!(c,
        '\u{AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DETAILS: &str = "株式会社サンプル 営業部\n山田 太郎\n〒100-0001 東京都千代田区1-2-3\nTEL: 03-1234-5678 FAX: 03-1234-5679\nE-mail: taro@example.jp";

    fn check_details(text: &str) {
        let found = find(text).unwrap_or_default();
        assert_eq!(found.text, DETAILS, "{text}");
        assert_eq!(found.addresses, ["taro@example.jp"]);
        let telephones: Vec<_> =
            found.telephones.iter().map(|t| (t.label, t.written.as_str())).collect();
        assert_eq!(
            telephones,
            [(TelephoneLabel::Telephone, "03-1234-5678"), (TelephoneLabel::Fax, "03-1234-5679"),]
        );
        assert_eq!(found.organisations, ["株式会社サンプル 営業部"]);
        assert_eq!(found.postal_codes, ["1000001"]);
    }

    #[test]
    fn below_every_kind_of_rule() {
        for rule in [
            "-- ",
            "━━━━━━━━",
            "----------",
            "＊＊＊＊＊＊",
            "‥‥‥‥‥‥",
            "=====",
            "┏━━━━┓",
            "－－－－－",
        ] {
            check_details(&format!("お世話になっております。\n\n{rule}\n{DETAILS}\n{rule}\n"));
        }
    }

    #[test]
    fn without_a_rule() {
        check_details(&format!("よろしくお願いいたします。\n\n{DETAILS}\n"));
    }

    #[test]
    fn names_without_details() {
        for text in [
            "よろしくお願いいたします。\n\n総務省 総務課\n山田 太郎\n",
            "よろしくお願いいたします。\n━━━━━\n総務省 総務課\n山田 太郎\n━━━━━\n",
            "よろしくお願いいたします。\n\n-- \n総務省 総務課\n山田 太郎\n",
        ] {
            assert_eq!(find(text).unwrap_or_default().text, "総務省 総務課\n山田 太郎", "{text}");
        }
        let text = "下記の各省にお送りください。\n\n総務省\n以上、よろしくお願いいたします。\n";
        assert_eq!(find(text), None);
    }

    #[test]
    fn a_name_and_a_number_at_the_end() {
        for text in [
            "よろしくお願いいたします。\n\n山田 太郎\n電話 03-5253-5111\n",
            "よろしくお願いいたします。\n山田 太郎\n電話 03-5253-5111\n",
        ] {
            assert_eq!(
                find(text).unwrap_or_default().text,
                "山田 太郎\n電話 03-5253-5111",
                "{text}"
            );
        }
    }

    #[test]
    fn a_thin_rule_between_name_and_details() {
        let text = "よろしくお願いいたします。\n══════\nサンプル株式会社\n佐藤 花子\n──────\nTEL 03-1234-5678\n══════\n";
        let found = find(text).unwrap_or_default();
        assert_eq!(found.text, "サンプル株式会社\n佐藤 花子\n──────\nTEL 03-1234-5678");
        assert_eq!(found.organisations, ["サンプル株式会社"]);
    }

    #[test]
    fn details_in_the_text_above_the_rule_are_not_the_signature() {
        let text = "受付 TEL 03-9999-9999\n----------\n山田\nTEL 03-1234-5678\n";
        assert_eq!(find(text).unwrap_or_default().text, "山田\nTEL 03-1234-5678");
    }

    #[test]
    fn answers_of_a_form_are_not_the_signature() {
        check_details(&format!(
            "お名前：佐藤 様\n電話番号：03-9999-9999\n\n──────\n{DETAILS}\n──────\n"
        ));
    }

    #[test]
    fn list_footers_are_left_out() {
        for footer in [
            "_______________________________________________\nsample mailing list\nsample@lists.example\nhttps://lists.example/mailman/listinfo/sample",
            "-- \nYou received this message because you are subscribed to the group.\nTo unsubscribe send mail to a@lists.example",
            "----------\nこのメーリングリストの配信停止は list@lists.example まで",
        ] {
            check_details(&format!("本文です。\n\n-- \n{DETAILS}\n\n{footer}\n"));
            assert_eq!(find(&format!("本文です。\n{footer}\n")), None, "{footer}");
        }
    }

    #[test]
    fn a_forward_without_a_word_has_no_signature() {
        let text = format!("-----Original Message-----\n本文\n-- \n{DETAILS}\n");
        assert_eq!(find(&text), None);
    }

    #[test]
    fn text_without_a_signature() {
        for text in [
            "",
            "\n\n",
            "ご不明な点は TEL 03-1234-5678 までご連絡ください。",
            "会議は10時からです。\nhttps://example.jp/\nご確認ください。",
            "-- \n",
            "お名前：山田 太郎\n会社名：株式会社サンプル\n電話番号：03-1234-5678\n",
            "ご確認ください\nhttps://a.example/\nhttps://b.example/\n",
            "----------\n----------\n",
            "下記のアドレスへお問い合わせください。\ninfo@example.com\n",
            "下記のアドレスへお問い合わせください。\n\ninfo@example.com\n",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn characters_that_are_not_seen_hide_nothing() {
        let text = "本文\n\n━━\u{2064}━━\u{200B}━\n株式\u{FE09}会社サンプル\nTEL 03-\u{2061}1234-5678\n━━━━━\n";
        let found = find(text).unwrap_or_default();
        assert_eq!(found.organisations.len(), 1);
        assert_eq!(found.telephones[0].digits, "0312345678");
        assert!(found.text.starts_with("株式"));
    }

    #[test]
    fn addresses_in_sentences_are_nobodys_signature() {
        let text = "See you.\n\n-- \nSample Co., Ltd.\nTel 03-5253-5111\nIf you are interested in \
                    advertising please write to ads@example.net today\nお問い合わせは \
                    info@example.net までお願いします。\nE-mail: taro@example.jp\n";
        assert_eq!(find(text).unwrap_or_default().addresses, ["taro@example.jp"]);
    }

    #[test]
    fn a_filled_in_form_is_no_signature() {
        let text = "下記の内容で受け付けました。\n\n----------\nお名前：山田 太郎\nメールアドレス：\
                    taro@example.com\n電話番号：03-1234-567\nお問い合わせ内容：資料の件\n----------\n";
        assert_eq!(find(text), None);
    }

    #[test]
    fn plain_characters_are_their_own_folded_form() {
        let plain = ('\0'..=char::MAX).filter(|c| is_plain(*c));
        assert!(plain.clone().count() > 21_000);
        assert!(plain.clone().all(|c| is_seen(&c)));
        assert_eq!(is_nfkc_quick(plain), IsNormalized::Yes);
    }

    #[test]
    fn english_signatures() {
        let text = "See you.\n\nBest regards,\nTaro Yamada\nSample Co., Ltd.\nPhone: +81-3-1234-5678\nTARO＠example．jp\n";
        let found = find(text).unwrap_or_default();
        assert_eq!(found.organisations, ["Sample Co., Ltd."]);
        assert_eq!(found.addresses, ["taro@example.jp"]);
        assert_eq!(found.telephones[0].digits, "+81312345678");
    }

    const PIECES: &[&str] = &[
        "\n",
        "-- \n",
        "━━━━━",
        "TEL",
        "FAX",
        "03-",
        "1234",
        "＠",
        "@",
        "a",
        ".jp",
        "〒",
        "株式会社",
        "(",
        "+",
        " ",
        "\u{3000}",
        "\u{200B}",
        "> ",
        "To unsubscribe",
        "内線",
        "/",
    ];

    proptest! {
        #[test]
        fn never_panics(text in "(\\PC|\n){0,200}") {
            find(&text);
        }

        #[test]
        fn pieces_never_panic(
            parts in proptest::collection::vec(proptest::sample::select(PIECES), 0..60),
        ) {
            find(&parts.concat());
        }
    }
}
