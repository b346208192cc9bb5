//! Many blanks before the extension.
//!
//! A list or an icon shows the first part of a long name, so `請求書.pdf` followed by forty blanks
//! and `.exe` looks like a document. Blanks of any kind count, full-width and look-alike ones too.
//! One or two are typing slips; five in a row before an extension are not.

use crate::container::name::Name;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::attachment::Attachment;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "padded-file-name",
    clause: Some("attachment-5"),
    group: Group::Attachment,
    // Made to hide the extension: warns alone.
    points: 45,
    says: Words {
        ja: "添付ファイル「{file}」の名前には、拡張子の前に空白が{count}個続いています。",
        en: "The name of the attached file \"{file}\" has {count} blanks in a row before its extension.",
    },
    means: Words {
        ja: "ファイル名の拡張子の前に、空白が5個以上続いています。名前の後ろが画面からはみ出し、本当の\
             拡張子が見えなくなります。通常の操作でこのような名前になることは、まずありません。",
        en: "Five or more blanks stand before the extension, which pushes the real extension out of \
             sight. Names like this hardly come about by accident.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    let evidence = |file: &Attachment| {
        let padded = |name: &&Name| name.padding() >= Name::PADDING;
        let name = file.readings.iter().find(padded)?;
        let path = file.path(all, Some(name));
        Some(Evidence::new(&path).with("file", &path).with("count", name.padding().to_string()))
    };
    all.iter().find_map(evidence)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::zip_writer::{File, zip};
    use crate::indicator::check::{fires, silent};
    use crate::message::files::samples::attached;

    #[test]
    fn fires_for_blanks_of_any_kind() {
        let blanks = [" ", "\u{3000}", "\u{00A0}", "\u{2003}", "\u{2800}", "\u{3164}"];
        for blank in blanks {
            let name = format!("請求書.pdf{}.exe", blank.repeat(5));
            assert_eq!(fires(&INDICATOR, attached(&name, b"x")), "請求書.pdf␣×5.exe");
        }
        let mixed = "請求書.pdf \u{3000} \u{3000} \u{3000}.exe";
        assert_eq!(fires(&INDICATOR, attached(mixed, b"x")), "請求書.pdf␣×6.exe");
        let far = format!("請求書{}.docx", " ".repeat(200));
        assert_eq!(fires(&INDICATOR, attached(&far, b"x")), "請求書␣×200.docx");
    }

    #[test]
    fn fires_inside_archives() {
        let bytes = zip(&[File::new("b.pdf          .exe", b"x")]);
        assert_eq!(fires(&INDICATOR, attached("a.zip", &bytes)), "a.zip › b.pdf␣×10.exe");
    }

    #[test]
    fn silent_for_single_and_double_blanks_and_long_names() {
        for name in ["見積書 .pdf", "見積書\u{3000}\u{3000}.pdf", "a b c d e f.pdf", "a.pdf      "]
        {
            silent(&INDICATOR, attached(name, b"x"));
        }
        silent(&INDICATOR, attached(&format!("{}.pdf", "長い名前".repeat(40)), b"x"));
        silent(&INDICATOR, "Subject: a.pdf          .exe\n\na.pdf          .exe");
    }
}
