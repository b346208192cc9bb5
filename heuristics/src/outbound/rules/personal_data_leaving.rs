//! My Numbers, card numbers, or a list of persons leave the organisation.
//!
//! Read are subject, text, and every file that is not encrypted: what travels encrypted is no leak
//! (guidelines of the Personal Information Protection Commission). Numbers are shown by their last
//! four digits only, in whatever is written about the mail.

use sekisho_config::Ruling;

use crate::indicator::{Evidence, Words};
use crate::outbound::leaving::Leaving;
use crate::outbound::rule::{Rule, Rulings};

pub(super) static RULE: Rule = Rule {
    id: "personal-data-leaving",
    clause: Some("personal-data"),
    // No rule book leaves a choice: My Numbers may not leave, and a leak must be reported.
    rulings: Rulings::all(Ruling::Reject),
    converts: false,
    says: Words {
        ja: "個人情報（{what}）が{where}に含まれています。",
        en: "Personal data is in {where_en}: {what_en}.",
    },
    advice: Words {
        ja: "送る必要があるか確認し、必要な場合は該当部分を削除するか、ファイルに入れて暗号化してから送り直してください。",
        en: "Make sure that it must be sent at all; then take the data out, or put it into an encrypted \
             file, and send it again.",
    },
    means: Words {
        ja: "マイナンバー（検査用数字が正しく、近くや列見出しに「マイナンバー」「個人番号」などの語がある12桁の番号）、\
             クレジットカード番号（発行者の番号帯とチェックディジットが正しい番号）、または氏名に住所・電話番号・\
             メールアドレス・生年月日のいずれかが付いた名簿（設定した人数以上）が、件名・本文・暗号化されていない\
             添付ファイルにあると該当します。注文番号、伝票番号、法人番号、日時、署名の連絡先は該当しません。",
        en: "A My Number (twelve digits with the right check digit, called one by a word beside it or at \
             the head of its column), a card number (Luhn's digit and an issuer's range), or a list of \
             as many persons as the settings say, each with an address, telephone, mail address or \
             birthday, in the subject, the text or a file that is not encrypted. Numbers of orders, \
             parcels and companies, times, and the contact in a signature are none.",
    },
    look,
};

fn look(leaving: &Leaving<'_>) -> Option<Evidence> {
    let personal = leaving.personal();
    let found = &personal.found;
    let persons = Some(found.persons()).filter(|&n| n >= leaving.facts.settings.outbound.persons);
    let (mut ja, mut en) = (Vec::new(), Vec::new());
    let my_numbers = found.my_numbers();
    if let Some(first) = my_numbers.first() {
        let count = my_numbers.len();
        ja.push(format!("マイナンバー {count}件 {first}"));
        en.push(format!("{count} My Number(s), {first}"));
    }
    let cards = found.cards();
    if let Some(first) = cards.first() {
        let count = cards.len();
        ja.push(format!("カード番号 {count}件 {first}"));
        en.push(format!("{count} card number(s), {first}"));
    }
    if let Some(count) = persons {
        ja.push(format!("{count}人分の名簿"));
        en.push(format!("a list of {count} persons"));
    }
    if en.is_empty() {
        return None;
    }
    // A file's name may be such a number itself.
    let files = personal.files.join(", ");
    let files: String = files.chars().map(|c| if c.is_numeric() { '*' } else { c }).collect();
    let (place, place_en) = match files.is_empty() {
        true => ("本文または件名".to_owned(), "the text or subject".to_owned()),
        false => (format!("添付ファイル「{files}」"), files),
    };
    let en = en.join("; ");
    let evidence = Evidence::new(&en).with("what", ja.join("、")).with("what_en", &en);
    Some(evidence.with("where", place).with("where_en", place_en))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::container::zip_writer::{File, zip};
    use crate::message::files::samples::attached;
    use crate::outbound::rule::check::{fires, look_with, silent};

    fn utf8(body: &str) -> String {
        format!("Content-Type: text/plain; charset=utf-8\n\n{body}\n")
    }

    fn html(body: &str) -> String {
        format!("Content-Type: text/html; charset=utf-8\n\n{body}\n")
    }

    fn list(persons: usize) -> String {
        let line = |n| format!("山田{n}郎,090-0000-{n:04}\n");
        let names = "一二三四五六七八九十百千".chars();
        let rows = names
            .take(persons)
            .enumerate()
            .map(|(n, c)| line(n).replacen(&n.to_string(), &c.to_string(), 1));
        format!("氏名,電話番号\n{}", rows.collect::<String>())
    }

    #[test]
    fn fires_for_my_numbers_masked() {
        let said = "1 My Number(s), ********9018";
        assert_eq!(fires(&RULE, utf8("マイナンバーは123456789018です。")), said);
        assert_eq!(fires(&RULE, utf8("個人番号：１２３４－５６７８－９０１８")), said);
        assert_eq!(fires(&RULE, utf8("My Number: 1234 5678 9018")), said);
        assert_eq!(fires(&RULE, html("<b>マイ</b>ナンバー: 1234<span>5678</span>9018")), said);
        let subject = "Subject: =?utf-8?B?5YCL5Lq655Wq5Y+3IDEyMzQ1Njc4OTAxOA==?=\n\nx";
        assert_eq!(fires(&RULE, subject), said);
        let jis =
            b"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B8D?MHV9f\x1b(B 123456789018\n";
        assert_eq!(fires(&RULE, jis), said);
    }

    #[test]
    fn fires_for_files_that_anybody_can_read() {
        let csv = "氏名,個人番号\n山田太郎,123456789018\n";
        let said = "1 My Number(s), ********9018";
        assert_eq!(fires(&RULE, attached("a.csv", csv.as_bytes())), said);
        assert_eq!(
            fires(&RULE, attached("a.zip", &zip(&[File::new("a.csv", csv.as_bytes())]))),
            said
        );
        let row = |cells: &[&str]| {
            let cell = |c: &&str| format!("<c t=\"inlineStr\"><is><t>{c}</t></is></c>");
            format!("<row>{}</row>", cells.iter().map(cell).collect::<String>())
        };
        let sheet = format!(
            "<worksheet><sheetData>{}{}</sheetData></worksheet>",
            row(&["氏名", "マイナンバー"]),
            row(&["山田", "1234-5678-9018"])
        );
        let types = "<Types><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>";
        let book = zip(&[
            File::new("[Content_Types].xml", types.as_bytes()),
            File::new("xl/workbook.xml", b"<workbook/>"),
            File::new("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ]);
        assert_eq!(fires(&RULE, attached("a.xlsx", &book)), said);
    }

    #[test]
    fn fires_for_tables_of_documents() {
        let row = |cells: [&str; 2]| {
            let cell = |c| format!("<w:tc><w:p><w:r><w:t>{c}</w:t></w:r></w:p></w:tc>");
            format!("<w:tr>{}</w:tr>", cells.map(cell).concat())
        };
        let people: String = "一二三四五六七八九十"
            .chars()
            .map(|c| row([&format!("山田{c}郎"), "090-0000-0001"]))
            .collect();
        let head = row(["氏名", "携帯電話"]);
        let xml =
            format!("<w:document><w:body><w:tbl>{head}{people}</w:tbl></w:body></w:document>");
        let document = zip(&[
            File::new("[Content_Types].xml", b"<Types/>"),
            File::new("word/document.xml", xml.as_bytes()),
        ]);
        assert_eq!(fires(&RULE, attached("a.docx", &document)), "a list of 10 persons");
    }

    #[test]
    fn fires_for_cards() {
        let said = "1 card number(s), ************1111";
        assert_eq!(fires(&RULE, utf8("カード番号 4111-1111-1111-1111")), said);
        assert_eq!(fires(&RULE, utf8("4111 1111 1111 1111")), said);
        assert_eq!(fires(&RULE, utf8("４１１１１１１１１１１１１１１１")), said);
    }

    #[test]
    fn fires_for_lists_of_persons() {
        assert_eq!(fires(&RULE, utf8(&list(10))), "a list of 10 persons");
        assert_eq!(fires(&RULE, attached("a.csv", list(12).as_bytes())), "a list of 12 persons");
        let few = look_with(&RULE, &["a@example.com"], utf8(&list(3)), |s| s.outbound.persons = 3);
        assert_eq!(few.unwrap().shown(), "a list of 3 persons");
        silent(&RULE, utf8(&list(9)));
    }

    #[test]
    fn one_person_said_twice_is_one() {
        let (list, page) = (list(9), list(9).replace('\n', "<br>"));
        silent(
            &RULE,
            format!(
                "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; \
                 charset=utf-8\n\n{list}\n--b\nContent-Type: text/html; charset=utf-8\n\n{page}\n--b--\n"
            ),
        );
    }

    #[test]
    fn silent_for_what_only_looks_like_it() {
        for body in [
            "ご注文番号：123456789018",
            "マイナンバー制度の説明会は2026年11月21日10:00からです。受付番号 123456789018",
            "法人番号 1234567890180",
            "運転免許証番号 123456789018 とマイナンバーカードをお持ちください",
            "マイナンバー 123456789017",
            "JANコード 4901234567894 伝票番号 4111-1111-1111-1111",
            "山田太郎\n営業部\nTEL 03-0000-0001\nyamada@own.example",
            "出席者：山田太郎、鈴木花子、佐藤一郎、田中、高橋、伊藤、渡辺、山本、中村、小林、加藤",
        ] {
            silent(&RULE, utf8(body));
        }
        let header: String =
            (0..12).map(|n| format!(" 山田{n} 太郎 <y{n}@a.example>,\n")).collect();
        silent(
            &RULE,
            utf8(&format!("答えます。\n\nTo: 佐藤 <s@a.example>,\n{header}Subject: x\n")),
        );
    }
}
