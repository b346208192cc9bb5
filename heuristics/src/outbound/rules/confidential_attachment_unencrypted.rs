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
}
