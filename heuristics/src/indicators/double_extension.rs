//! A document's extension right before a program's, script's, shortcut's or page's.
//!
//! Windows hides the last extension, so `請求書.pdf.exe` shows as `請求書.pdf`. Dots alone say
//! nothing: versions, dates and packed files (`.tar.gz`, `.pdf.zip`) have several. Who does this
//! innocently: converters that append `.html` to the name of what they converted.

use crate::container::name::is_class_identifier;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::attachment::Attachment;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "double-extension",
    clause: Some("attachment-5"),
    group: Group::Attachment,
    // Made to be taken for a document: warns alone.
    points: 45,
    says: Words {
        ja: "添付ファイル「{file}」は拡張子が二重で、文書（.{before}）のように見えますが、実際は .{last} です。",
        en: "The attached file \"{file}\" has two extensions: it looks like .{before}, but is .{last}.",
    },
    means: Words {
        ja: "ファイル名の末尾に、文書の拡張子とプログラムなどの拡張子が続けて付いています。Windowsの\
             初期設定では最後の拡張子が表示されないため、文書と見間違えやすい名前です。変換ソフトが\
             機械的に付けることもあります。",
        en: "The name ends in a document's extension followed by that of a program, script, shortcut \
             or web page. Windows hides the last one unless told otherwise, so the file passes for a \
             document. Some converters name files like this by habit.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let lists = &facts.settings.lists;
    let opens = |last: &str| {
        lists.executable_extensions.contains(last)
            || lists.shortcut_extensions.contains(last)
            || lists.html_extensions.contains(last)
            || is_class_identifier(last)
    };
    let all = mail.attachments();
    let evidence = |file: &Attachment| {
        file.readings.iter().filter(|name| file.is_file_name(name)).find_map(|name| {
            let is_double = |(before, last): &(&str, &str)| {
                lists.document_extensions.contains(*before) && opens(last)
            };
            let (before, last) = name.extension_pairs().find(is_double)?;
            let path = file.path(all, Some(name));
            Some(Evidence::new(&path).with("file", &path).with("before", before).with("last", last))
        })
    };
    all.iter().find_map(evidence)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::zip_writer::{File, ZipCipher, zip};
    use crate::indicator::check::look_with;
    use crate::message::files::samples::attached;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        check_mail(attached(name, b"x"), expected);
    }

    #[track_caller]
    fn check_mail(mail: impl AsRef<[u8]>, expected: &str) {
        let set = |list: &[&str]| list.iter().map(|&e| e.to_owned()).collect();
        let settings = |s: &mut sekisho_config::Settings| {
            s.lists.document_extensions = set(&["pdf", "xlsx", "docx", "csv", "txt", "zip", "tar"]);
            s.lists.executable_extensions = set(&["exe", "js", "com"]);
            s.lists.shortcut_extensions = set(&["lnk"]);
            s.lists.html_extensions = set(&["html"]);
        };
        let shown = look_with(&INDICATOR, mail, settings, |_| {}).map(|e| e.shown().to_owned());
        assert_eq!(shown.as_deref().unwrap_or("silence"), expected);
    }

    #[test]
    fn fires() {
        check("請求書.pdf.exe", "請求書.pdf.exe");
        check("請求書.xlsx.js", "請求書.xlsx.js");
        check("請求書.pdf.lnk", "請求書.pdf.lnk");
        check("請求書.docx.html", "請求書.docx.html");
        check("invoice.pdf.com", "invoice.pdf.com");
    }

    #[test]
    fn fires_through_wide_dots_blanks_and_trailing_dots() {
        check("請求書．ｐｄｆ．ｅｘｅ", "請求書．ｐｄｆ．ｅｘｅ");
        check("請求書.pdf .exe", "請求書.pdf .exe");
        check("請求書.pdf. exe. .", "請求書.pdf. exe. .");
        check("請求書%2Epdf%2Eexe", "請求書%2Epdf%2Eexe = 請求書.pdf.exe");
    }

    #[test]
    fn fires_inside_archives() {
        let bytes = zip(&[File::new("b.pdf.exe", b"x").encrypted(ZipCipher::Aes)]);
        check_mail(attached("a.zip", &bytes), "a.zip › b.pdf.exe");
    }

    #[test]
    fn silent_for_versions_dates_and_packed_files() {
        check("報告書2026.11.20.xlsx", "silence");
        check("ver1.2.pdf", "silence");
        check("見積書.pdf.zip", "silence");
        check("a.tar.gz", "silence");
        check("a.csv.gz", "silence");
        check("post.html_copy.zip", "silence");
        check("Co.Ltd.exe", "silence");
        check("a.min.js", "silence");
        check("pdf.exe", "silence");
    }
}
