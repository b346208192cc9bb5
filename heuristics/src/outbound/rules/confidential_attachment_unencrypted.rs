//! A file that is labelled confidential is not shown to be encrypted.
//!
//! A file is labelled by its name, its texts and marks, or by a mail that says so of what is
//! attached. What cannot be told counts as not encrypted: the clause asks for proof.

use sekisho_config::Ruling;

use crate::indicator::{Evidence, Words};
use crate::outbound::leaving::Leaving;
use crate::outbound::matter::is_shown_encrypted;
use crate::outbound::rule::{Rule, Rulings};

pub(super) static RULE: Rule = Rule {
    id: "confidential-attachment-unencrypted",
    clause: Some("confidential-in-attachment"),
    // Encrypting is the sender's own work; a hold would only delay it.
    rulings: Rulings::all(Ruling::Reject),
    converts: false,
    says: Words {
        ja: "添付ファイル「{file}」は「{label}」ですが（表示の場所：{where}）、暗号化が確認できません。",
        en: "The attachment {file} is labelled {label} ({where_en}) but not shown to be encrypted.",
    },
    advice: Words {
        ja: "ファイルをパスワード付きの文書またはZIP（すべてのファイルを暗号化）にして送り直してください。\
             パスワードは電話など別の手段で伝えてください。",
        en: "Encrypt the file (a document or archive with a password, every member encrypted), send \
             it again, and tell the password by telephone.",
    },
    means: Words {
        ja: "機密の添付ファイルは暗号化して送るという規程です。ファイル名、本文、ヘッダー、フッター、セル、\
             シート名、プロパティ、秘密度ラベルに「社外秘」などの表示があり、暗号化が確認できないと該当します。\
             暗号化されていないファイルが一つでも入った圧縮ファイルは、暗号化されていないものとみなします。",
        en: "Confidential files leave encrypted only. It is broken where a file is labelled by its \
             name, text, header, footer, cell, sheet name, property or sensitivity label, and it is \
             not shown to be encrypted. An archive with one clear member is clear.",
    },
    look,
};

fn look(leaving: &Leaving<'_>) -> Option<Evidence> {
    let matter = leaving.matter();
    let (mail, files) = (leaving.mail, leaving.mail.attachments());
    let own = matter.in_files.iter().filter_map(|marked| Some((marked, marked.file?)));
    let said = matter.in_text.iter().find(|marked| marked.label.of_attachment);
    let attached = || {
        (0..files.len())
            .filter(|&at| files.get(at).is_some_and(|f| f.parent.is_none() && !f.incidental))
    };
    let by_mail = said.into_iter().flat_map(|marked| attached().map(move |at| (marked, at)));
    let (marked, at) = own.chain(by_mail).find(|(_, at)| !is_shown_encrypted(mail, *at))?;
    let path = files.get(at)?.path(files, None);
    let line = match marked.file {
        Some(_) => format!("{} in {}", marked.label.word, marked.en),
        None => format!("{path}: {} in {}", marked.label.word, marked.en),
    };
    let evidence = Evidence::new(line).with("file", path).with("label", marked.label.word);
    Some(evidence.with("where", &marked.ja).with("where_en", &marked.en))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::container::office::tests::samples::{compound, package};
    use crate::container::samples::sample;
    use crate::container::zip_writer::{File, ZipCipher, zip};
    use crate::message::files::samples::attached;
    use crate::outbound::rule::check::{fires, silent};

    fn secret(name: &str) -> File {
        File::new(name, b"x").utf8().encrypted(ZipCipher::Aes)
    }

    #[test]
    fn fires_for_labelled_names_and_texts() {
        let named = attached("予算_社外秘.csv", b"a,b");
        assert_eq!(fires(&RULE, named), "社外秘 in 予算_社外秘.csv (file name)");
        let inside = attached("a.csv", "社外秘\na,b".as_bytes());
        assert_eq!(fires(&RULE, inside), "社外秘 in a.csv (text)");
    }

    #[test]
    fn fires_inside_clear_archives_and_beside_clear_members() {
        let text = "【部外秘】\n予算".as_bytes();
        let clear = attached("a.zip", &zip(&[File::new("b.txt", text)]));
        assert_eq!(fires(&RULE, clear), "部外秘 in a.zip › b.txt (text)");
        let mixed = zip(&[File::new("b.txt", b"x"), secret("社外秘.xlsx")]);
        let said = "社外秘 in a.zip › 社外秘.xlsx (file name)";
        assert_eq!(fires(&RULE, attached("a.zip", &mixed)), said);
    }

    #[test]
    fn fires_where_the_mail_says_it_of_the_attachment() {
        let mail = attached("a.csv", b"a,b").replace("\ntext\n", "\n添付は社外秘です。\n");
        assert_eq!(fires(&RULE, mail), "a.csv: 社外秘 in the body");
    }

    #[test]
    fn silent_for_encrypted_and_unlabelled_files() {
        silent(&RULE, attached("社外秘.zip", &zip(&[secret("社外秘.xlsx")])));
        let outer = zip(&[File::new("b.zip", &zip(&[secret("社外秘.xlsx")]))]);
        silent(&RULE, attached("a.zip", &outer));
        silent(&RULE, attached("機密保持契約書.csv", "機密保持契約書\n甲は乙の".as_bytes()));
        let pgp = b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n";
        silent(&RULE, attached("社外秘.xlsx.asc", pgp));
    }

    #[test]
    fn fires_wherever_in_a_document_the_label_stands() {
        let check = |name: &str, parts: &[(&str, &str)], place: &str| {
            let document = attached(name, &package(parts));
            assert_eq!(fires(&RULE, document), format!("社外秘 in {name} ({place})"));
        };
        let word = |part, xml, place| {
            check("a.docx", &[("word/document.xml", "<w:document/>"), (part, xml)], place);
        };
        let header = "<w:hdr><w:p><w:r><w:t>社 外 秘</w:t></w:r></w:p></w:hdr>";
        word("word/header1.xml", header, "header");
        let footer = "<w:ftr><w:p><w:r><w:t>社外秘 1/3</w:t></w:r></w:p></w:ftr>";
        word("word/footer1.xml", footer, "footer");
        let title = "<cp:coreProperties><dc:title>社外秘予算</dc:title></cp:coreProperties>";
        word("docProps/core.xml", title, "property");
        let label = "<Properties><property name=\"MSIP_Label_1-2_Name\"><vt:lpwstr>社外秘</vt:lpwstr>\
                     </property></Properties>";
        word("docProps/custom.xml", label, "sensitivity label");
        let sheet = "<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>社外秘</t></is></c>\
                     </row></sheetData></worksheet>";
        let book = ("xl/workbook.xml", "<workbook><sheet name=\"名簿\"/></workbook>");
        check("a.xlsx", &[("xl/worksheets/sheet1.xml", sheet), book], "cell");
        let book = ("xl/workbook.xml", "<workbook><sheet name=\"社外秘\"/></workbook>");
        check("a.xlsx", &[book], "sheet name");
    }

    #[test]
    fn silent_for_every_proof_of_encryption() {
        let office = compound(&[("/EncryptionInfo", b"a"), ("/EncryptedPackage", b"a")]);
        silent(&RULE, attached("社外秘.xlsx", &office));
        silent(&RULE, attached("社外秘.pdf", sample!("aes256-user.pdf")));
        silent(&RULE, attached("社外秘.7z", sample!("encrypted-data.7z")));
        silent(&RULE, attached("社外秘.7z", sample!("encrypted-header.7z")));
        silent(&RULE, attached("社外秘.zip", sample!("zipcrypto.zip")));
        let enveloped = b"\x30\x82\x01\x00\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03\xA0";
        silent(&RULE, attached("社外秘.p7m", enveloped));
    }

    #[test]
    fn fires_for_what_is_only_signed_or_opens_without_a_password() {
        let signed = b"\x30\x82\x01\x00\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0";
        let said = "社外秘 in 社外秘.p7m (file name)";
        assert_eq!(fires(&RULE, attached("社外秘.p7m", signed)), said);
        let owner = attached("社外秘.pdf", sample!("aes256-owner.pdf"));
        assert_eq!(fires(&RULE, owner), "社外秘 in 社外秘.pdf (file name)");
        let clear = attached("社外秘.7z", sample!("clear.7z"));
        assert_eq!(fires(&RULE, clear), "社外秘 in 社外秘.7z (file name)");
    }
}
