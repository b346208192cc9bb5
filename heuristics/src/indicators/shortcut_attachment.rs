//! A shortcut comes along, by its content or by any of its names.
//!
//! A shortcut starts a program or opens a folder on someone else's server with one click, its icon
//! and visible name are the sender's choice, and Windows hides its extension. Hardly anybody sends
//! one by mail on purpose; now and then a bookmark (`.url`) is dragged into a mail.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "shortcut-attachment",
    clause: Some("attachment-3"),
    group: Group::Attachment,
    // No business mail needs it: warns alone, and with any sender sign holds.
    points: 60,
    says: Words {
        ja: "添付ファイル「{file}」はショートカットです（{what_ja}）。開くと別の場所にあるものが起動します。",
        en: "The attached file \"{file}\" is a shortcut ({what_en}); it opens something that lies elsewhere.",
    },
    means: Words {
        ja: "ショートカットは、別のプログラムや外部のサーバーを開くための小さなファイルです。アイコンと\
             表示名は送信者が自由に決められ、拡張子も表示されません。業務でメールに添付されることは\
             ほとんどありませんので、開く前に送信者へ確認してください。",
        en: "A shortcut starts a program or opens someone else's server. Its icon and its name are \
             the sender's choice, and its extension is not shown. There is hardly a reason to send \
             one by mail: ask the sender before you open it.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let listed = &facts.settings.lists.shortcut_extensions;
    let is_listed = |extension: &str| listed.contains(extension);
    let all = mail.attachments();
    let found = all.iter().find_map(|f| f.identified(all, f.kind.is_shortcut(), is_listed))?;
    let shown = format!("{} ({})", found.path, found.en);
    let evidence = Evidence::new(shown).with("file", found.path);
    Some(evidence.with("what_ja", found.ja).with("what_en", found.en))
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::zip_writer::{File, zip};
    use crate::indicator::check::look_with;
    use crate::message::files::samples::attached;

    #[track_caller]
    fn check(mail: impl AsRef<[u8]>, expected: &str) {
        let list = ["lnk", "url", "library-ms", "search-ms"].map(str::to_owned);
        let settings = |s: &mut sekisho_config::Settings| {
            s.lists.shortcut_extensions = list.into();
        };
        let shown = look_with(&INDICATOR, mail, settings, |_| {}).map(|e| e.shown().to_owned());
        assert_eq!(shown.as_deref().unwrap_or("silence"), expected);
    }

    const LNK: &[u8] = b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0F\x9B\0\x08\0";

    #[test]
    fn fires_by_extension() {
        check(attached("請求書.pdf.lnk", b"x"), "請求書.pdf.lnk (extension .lnk)");
        check(attached("a.library-ms", b"x"), "a.library-ms (extension .library-ms)");
    }

    #[test]
    fn fires_by_content_under_any_name() {
        check(attached("請求書.pdf", LNK), "請求書.pdf (Windows shortcut)");
        check(attached("a.txt", b"[InternetShortcut]\r\nURL=x"), "a.txt (internet shortcut)");
        check(attached("a.xml", b"<libraryDescription>"), "a.xml (Windows library shortcut)");
        check(attached("a", b"<persistedQuery>"), "a (Windows search shortcut)");
    }

    #[test]
    fn fires_inside_archives() {
        let bytes = zip(&[File::new("b.lnk", b"x")]);
        check(attached("a.zip", &bytes), "a.zip › b.lnk (extension .lnk)");
        let bytes = zip(&[File::new("b", LNK).deflated()]);
        check(attached("a.zip", &bytes), "a.zip › b (Windows shortcut)");
    }

    #[test]
    fn silent_for_documents_about_shortcuts() {
        check(attached("lnk.pdf", b"%PDF-1.7"), "silence");
        check(attached("a.txt", "書式:\n[InternetShortcut]\nURL=".as_bytes()), "silence");
        check(attached("url一覧.xlsx", b"x"), "silence");
        check("Subject: a.lnk\n\n[InternetShortcut]", "silence");
    }
}
