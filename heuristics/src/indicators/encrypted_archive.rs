//! An archive comes along whose members or names are encrypted.
//!
//! No scanner sees what is in it, and people are used to opening it: in Japan encrypted archives
//! with the password in the same or the next mail were business habit for years, and attackers
//! took the habit over. Innocent are partners who keep it; encrypted documents are no archives.
//! Where the mail itself names a password that opens it, what is inside is judged like any file,
//! and the reason says so.

use crate::container::{Encryption, Kind};
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::attachment::Attachment;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "encrypted-archive",
    clause: None,
    group: Group::Attachment,
    // Still a habit of honest partners: alone a note, with a stranger's sign a banner.
    points: 15,
    says: Words {
        ja: "添付の圧縮ファイル「{file}」は暗号化されていて、{more_ja}。",
        en: "The attached archive \"{file}\" is encrypted; {more_en}.",
    },
    means: Words {
        ja: "暗号化された圧縮ファイルは、ウイルス対策ソフトが中身を検査できません。暗号化ZIPと\
             パスワードを同じメールで送る方法は、攻撃メールでもよく使われます。送信者に心当たりがない場合は\
             開かないでください。本文のパスワードで開けた場合は、中身も判定しています。",
        en: "Security software cannot look into an encrypted archive. Sending one together with its \
             password in the same mail is a common way of attack. Do not open it if you do not \
             expect it. Where a password in the mail opens it, its content has been judged too.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    let mut files = all.iter().enumerate();
    let (_, file) = files.find(|(at, file)| is_encrypted(*at, file, all))?;
    let path = file.path(all, None);
    let (ja, en) = match (file.opened_by_password, mail.named_passwords().is_empty()) {
        (true, _) => (
            "同じメールにパスワードが書かれています（それを使って中身を確認しました）",
            "its password stands in the same mail (what is inside was judged with it)",
        ),
        (false, false) => (
            "同じメールにパスワードのような記載がありますが、中身を検査できません",
            "the same mail seems to name its password, but nobody could look inside",
        ),
        (false, true) => ("中身を検査できません", "nobody could look inside"),
    };
    let evidence = Evidence::new(&path).with("file", path);
    Some(evidence.with("more_ja", ja).with("more_en", en))
}

/// Whether the archive itself encrypts: its names, or a member. A document in it that has a
/// password of its own is another matter.
fn is_encrypted(at: usize, file: &Attachment, all: &[Attachment]) -> bool {
    let encrypts = |m: &Attachment| {
        let is_hidden = m.kind == Kind::Unknown || file.opened_by_password;
        m.encryption == Encryption::Encrypted && is_hidden
    };
    let has_members = members(at, all).next().is_some();
    file.kind.is_archive()
        && match has_members {
            true => members(at, all).any(encrypts),
            false => file.encryption == Encryption::Encrypted,
        }
}

/// What stands right in the archive `at`.
fn members(at: usize, all: &[Attachment]) -> impl Iterator<Item = &Attachment> {
    all.iter().filter(move |file| file.parent == Some(at))
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::samples::sample;
    use crate::container::zip_writer::{File, ZipCipher, zip};
    use crate::indicator::check::{fires, look_with, silent};
    use crate::message::files::samples::attached;

    fn secret(cipher: ZipCipher) -> Vec<u8> {
        zip(&[File::new("a.pdf", b"x").encrypted(cipher)])
    }

    #[test]
    fn fires_for_encrypted_zips() {
        for cipher in [ZipCipher::ZipCrypto, ZipCipher::Aes] {
            assert_eq!(fires(&INDICATOR, attached("a.zip", &secret(cipher))), "a.zip");
            assert_eq!(fires(&INDICATOR, attached("a.dat", &secret(cipher))), "a.dat");
        }
        let mixed =
            zip(&[File::new("b", b"x"), File::new("a.pdf", b"x").encrypted(ZipCipher::Aes)]);
        assert_eq!(fires(&INDICATOR, attached("a.zip", &mixed)), "a.zip");
    }

    #[test]
    fn fires_inside_a_clear_archive() {
        let outer = zip(&[File::new("b.zip", &secret(ZipCipher::Aes))]);
        assert_eq!(fires(&INDICATOR, attached("a.zip", &outer)), "a.zip › b.zip");
    }

    #[test]
    fn says_whether_anybody_could_look_inside() {
        let check = |text: &str, archive: &[u8], said: &str| {
            let mail = attached("a.zip", archive).replace("\ntext\n", &format!("\n{text}\n"));
            let evidence = look_with(&INDICATOR, mail, |_| {}, |_| {}).unwrap();
            let start = "添付の圧縮ファイル「a.zip」は暗号化されていて、";
            assert_eq!(evidence.fill(INDICATOR.says.ja), format!("{start}{said}。"));
        };
        let secret = secret(ZipCipher::ZipCrypto);
        check("text", &secret, "中身を検査できません");
        let named = "同じメールにパスワードのような記載がありますが、中身を検査できません";
        check("password: abc123", &secret, named);
        let opened = "同じメールにパスワードが書かれています（それを使って中身を確認しました）";
        check("password: himitsu", sample!("zipcrypto.zip"), opened);
    }

    #[test]
    fn silent_for_clear_archives_and_documents() {
        silent(&INDICATOR, attached("a.zip", &zip(&[File::new("a.pdf", b"x")])));
        silent(&INDICATOR, attached("a.pdf", b"%PDF-1.7"));
        silent(&INDICATOR, "Subject: zip\n\nパスワード: abc123");
    }
}
