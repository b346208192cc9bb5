//! A OneNote section comes along, by content or by name.
//!
//! Programs and scripts lie embedded in its pages under a picture that says where to double-click,
//! and macro rules do not apply to them. Colleagues share notebooks over servers; sections are sent
//! by mail rarely.

use crate::container::Kind;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::attachment::Attachment;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "onenote-attachment",
    clause: None,
    group: Group::Attachment,
    // Rare in honest mail: asks for care alone, and with any sender sign warns.
    points: 35,
    says: Words {
        ja: "添付ファイル「{file}」はOneNoteのファイルです。中にプログラムを埋め込むことができます。",
        en: "The attached file \"{file}\" is a OneNote file; programs can be embedded in its pages.",
    },
    means: Words {
        ja: "OneNoteのファイルには、プログラムやスクリプトを画像の下に隠して埋め込むことができ、ページ上の\
             ボタンのような絵をダブルクリックさせて実行させる攻撃があります。メールで受け取る予定が\
             なければ開かず、送信者に確認してください。開いた場合も、ページの中のものをダブルクリック\
             しないでください。",
        en: "Programs and scripts can be embedded in the pages of a OneNote file, hidden under a picture \
             that asks for a double click. If you do not expect one, do not open it and ask the \
             sender; if it is open, do not double-click anything on its pages.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    let evidence = |file: &Attachment| {
        let named = file.named_as(|extension| matches!(extension, "one" | "onepkg" | "onetoc2"));
        if file.kind != Kind::OneNote && named.is_none() {
            return None;
        }
        let path = file.path(all, named.map(|(name, _)| name));
        Some(Evidence::new(path.clone()).with("file", path))
    };
    all.iter().find_map(evidence)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::zip_writer::{File, zip};
    use crate::indicator::check::{fires, silent};
    use crate::message::files::samples::attached;

    const ONE: &[u8] = b"\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3";

    #[track_caller]
    fn check(mail: impl AsRef<[u8]>, expected: &str) {
        assert_eq!(fires(&INDICATOR, mail), expected);
    }

    #[test]
    fn fires_by_name() {
        check(attached("見積書.one", b"x"), "見積書.one");
        check(attached("a.onepkg", b"MSCF\0\0\0\0"), "a.onepkg");
    }

    #[test]
    fn fires_by_content_under_any_name() {
        check(attached("a.pdf", ONE), "a.pdf");
    }

    #[test]
    fn fires_inside_archives() {
        let bytes = zip(&[File::new("b", ONE)]);
        check(attached("a.zip", &bytes), "a.zip › b");
    }

    #[test]
    fn silent_for_words_in_names() {
        silent(&INDICATOR, attached("one.pdf", b"%PDF-1.7"));
        silent(&INDICATOR, attached("OneNoteの使い方.docx", b"x"));
        silent(&INDICATOR, attached("no.1", b"one"));
        silent(&INDICATOR, "Subject: a.one\n\na.one");
    }
}
