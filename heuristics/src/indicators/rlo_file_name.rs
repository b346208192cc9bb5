//! A character in a file name that turns round the order of what follows.
//!
//! `請求書\u{202E}fdp.exe` is shown as `請求書exe.pdf`. Right-to-left scripts need no such character
//! in a name: their letters carry their direction. Who does this innocently: hardly anybody; some
//! dialogs of Windows and macOS put an embedding or isolate round a name that is copied from them.

use crate::container::name;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::attachment::Attachment;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "rlo-file-name",
    clause: Some("attachment-5"),
    group: Group::Attachment,
    // Only ever made to deceive: warns alone, and with any second sign of weight holds.
    points: 60,
    says: Words {
        ja: "添付ファイル「{seen}」の名前には表示順を変える制御文字が含まれ、実際の名前は「{real}」です。",
        en: "The name of the attached file \"{seen}\" holds a character that changes the order shown; \
             really it is \"{real}\".",
    },
    means: Words {
        ja: "ファイル名に、文字の表示順を変える目に見えない文字（RLOなど）が入っています。画面に見える\
             拡張子と実際の拡張子が異なることがあります。日本語や英語のファイル名には必要のない文字です。",
        en: "The name holds an invisible character that changes the order in which letters are shown \
             (such as RLO), so the extension you see may not be the real one. Japanese and English \
             names have no use for it.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    let evidence = |file: &Attachment| {
        let found = file.readings.iter().find(|name| name.has_bidi_control())?;
        let path = file.path(all, Some(found));
        let real = name::shortened(found.written());
        Some(Evidence::new(path).with("seen", name::shortened(&found.seen())).with("real", real))
    };
    all.iter().find_map(evidence)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::zip_writer::{File, zip};
    use crate::indicator::check::{fires, look_with, silent};
    use crate::message::files::samples::attached;

    #[test]
    fn fires_and_tells_both_names() {
        let mail = attached("請求書\u{202E}fdp.exe", b"x");
        let said = "請求書\\u{202E}fdp.exe [請求書exe.pdf]";
        assert_eq!(fires(&INDICATOR, &mail), said);
        let evidence = look_with(&INDICATOR, mail, |_| {}, |_| {}).unwrap();
        assert_eq!(evidence.fill("{seen} {real}"), "請求書exe.pdf 請求書\\u{202E}fdp.exe");
    }

    #[test]
    fn fires_for_every_such_character() {
        for c in ('\u{202A}'..='\u{202E}').chain('\u{2066}'..='\u{2069}') {
            fires(&INDICATOR, attached(&format!("a{c}b.pdf"), b"x"));
        }
        fires(&INDICATOR, attached("a%E2%80%AEfdp.exe", b"x"));
    }

    #[test]
    fn fires_inside_archives() {
        let bytes = zip(&[File::new("b\u{202E}fdp.exe", b"x").utf8()]);
        let said = "a.zip › b\\u{202E}fdp.exe [bexe.pdf]";
        assert_eq!(fires(&INDICATOR, attached("a.zip", &bytes)), said);
    }

    #[test]
    fn silent_for_names_without_and_for_the_character_elsewhere() {
        silent(&INDICATOR, attached("تقرير.pdf", b"x"));
        silent(&INDICATOR, attached("דו״ח\u{200F}.pdf", b"x"));
        silent(&INDICATOR, attached("a.txt", "\u{202E}".as_bytes()));
        silent(&INDICATOR, "Subject: \u{202E}fdp.exe\n\n\u{202E}fdp.exe");
    }
}
