//! A document fetches its template, or an object, from elsewhere as soon as it is opened.
//!
//! The document itself is clean; what runs comes from the sender's server later, or the fetch alone
//! carries the reader's Windows password hash out (UNC paths). Innocent senders: companies whose
//! templates lie on a file server of their own, and send a document without letting go of it.
//! Hyperlinks, pictures and links to other workbooks wait for a click or are asked about.

use crate::container::observation::Observation;
use crate::container::office::remote;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::attachment::Attachment;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "remote-template",
    clause: None,
    group: Group::Attachment,
    // Warns alone, and with any sign of the sender's comes near to holding. Not more: templates on a
    // partner's own file server stand in honest documents.
    points: 50,
    says: Words {
        ja: "添付ファイル「{file}」は、開くと外部のサーバー {host} からひな形や部品を読み込みます。",
        en: "The attached file \"{file}\" fetches a template or an object from {host} when it is opened.",
    },
    means: Words {
        ja: "文書を開いた時点で、外部のサーバーから別のファイルが読み込まれます。文書自体に不審な点がなくても、\
             あとから不正なプログラムが取り込まれたり、Windowsの認証情報が送られたりすることがあります。\
             社内のファイルサーバーにあるひな形を使った文書が送られてきた場合にも検知されます。\
             心当たりがなければ開かないでください。",
        en: "As soon as the document is opened, another file is read from a server outside. The document \
             may be clean while what it fetches is not, and the request may carry Windows credentials \
             out. Documents made from a template on the sender's own file server do this too; if you \
             did not expect the document, do not open it.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    let evidence = |file: &Attachment| {
        let host = file.observations.iter().find_map(|seen| match seen {
            Observation::Remote(target) => remote::host(target),
            _ => None,
        })?;
        let path = file.path(all, None);
        Some(Evidence::new(format!("{path} ({host})")).with("file", path).with("host", host))
    };
    all.iter().find_map(evidence)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::office::tests::samples::{package, relationships};
    use crate::container::zip_writer::{File, zip};
    use crate::indicator::check::{fires, silent};
    use crate::message::files::samples::attached;

    fn document(of: &str, target: &str) -> Vec<u8> {
        let rels = relationships(&[(of, target, "External")]);
        package(&[("word/document.xml", "<w:document/>"), ("word/_rels/settings.xml.rels", &rels)])
    }

    #[track_caller]
    fn check(of: &str, target: &str, expected: &str) {
        let said = fires(&INDICATOR, attached("a.docx", &document(of, target)));
        assert_eq!(said, format!("a.docx ({expected})"), "{target}");
    }

    #[test]
    fn fires_for_what_is_fetched_on_opening() {
        check("attachedTemplate", "https://Files.example/t.dotm", "files.example");
        check("attachedTemplate", "file:///\\\\files.example\\share\\t.dotm", "files.example");
        check("attachedTemplate", "\\\\192.0.2.1\\share\\t.dotm", "192.0.2.1");
        check(
            "oleObject",
            "mhtml:http://files.example/a!x-usc:http://files.example/a",
            "files.example",
        );
        check("frame", "http://files.example/a", "files.example");
    }

    #[test]
    fn fires_in_rtf_and_archives_under_any_name() {
        let rtf = b"{\\rtf1{\\*\\template http://files.example/t.dot}}";
        assert_eq!(fires(&INDICATOR, attached("a.doc", rtf)), "a.doc (files.example)");
        let inner = document("attachedTemplate", "https://files.example/t.dotm");
        let archive = zip(&[File::new("a.dat", &inner)]);
        assert_eq!(fires(&INDICATOR, attached("a.zip", &archive)), "a.zip › a.dat (files.example)");
    }

    #[test]
    fn silent_for_scripts_of_pages_and_documents_a_pdf_leads_to() {
        let page = b"<!DOCTYPE html><script src='https://cdn.example/a.js'></script>";
        silent(&INDICATOR, attached("a.html", page));
        let pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/GoToR/F(//a.example/b.pdf)>>>>\
                    endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
        silent(&INDICATOR, attached("a.pdf", pdf));
    }

    #[test]
    fn silent_for_local_templates_and_hyperlinks() {
        let quiet = |of, target| silent(&INDICATOR, attached("a.docx", &document(of, target)));
        quiet("attachedTemplate", "file:///C:\\Users\\taro\\Templates\\Normal.dotm");
        quiet("attachedTemplate", "C:\\Templates\\Normal.dotm");
        quiet("attachedTemplate", "Normal.dotm");
        quiet("hyperlink", "https://www.example.com/");
        quiet("image", "https://www.example.com/a.png");
        silent(
            &INDICATOR,
            attached("a.rtf", b"{\\rtf1{\\*\\template C:\\\\t.dot}http://files.example/t.dot}"),
        );
        silent(&INDICATOR, "Subject: a\n\nattachedTemplate http://files.example/t.dotm");
    }
}
