//! A document carries macros: a VBA project, or sheets of Excel 4 macros.
//!
//! Content decides, under whatever name and in whatever archive: Office does not tell documents with
//! macros by their extension alone, nor do we. Innocent senders: whoever shares forms and tools that
//! calculate; most of them send the same files again and again, and an administrator excuses them.
//! Projects without any code, which Excel leaves in many books, are no macros. Dodged by encryption.

use crate::container::observation::Observation;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::attachment::Attachment;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "macro-document",
    clause: None,
    group: Group::Attachment,
    // Warns alone: the oldest carrier of malware, but honest tools in Excel are sent daily.
    points: 40,
    says: Words {
        ja: "添付ファイル「{file}」にはマクロ（自動処理のプログラム）が含まれています（{what_ja}）。",
        en: "The attached file \"{file}\" contains macros, which are small programs ({what_en}).",
    },
    means: Words {
        ja: "文書に含まれるマクロは、「コンテンツの有効化」を押すと動作し、パソコンを操作できます。\
             計算用のExcelファイルなどで正当に使われることもありますが、受け取る予定がなければ\
             有効化せず、送信者に電話などで確認してください。",
        en: "Macros in a document run once somebody clicks \"Enable content\", and can do whatever that \
             person can do. Forms and tools made with Excel use them for good reason; if you do not \
             expect one, do not enable them and ask the sender by telephone.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    let evidence = |file: &Attachment| {
        let (ja, en) = file.observations.iter().find_map(|seen| match seen {
            Observation::Macro(name) => Some((format!("マクロ {name}"), format!("macro {name}"))),
            Observation::ExcelMacroSheet(name) => {
                Some((format!("マクロシート「{name}」"), format!("macro sheet {name}")))
            }
            _ => None,
        })?;
        let path = file.path(all, None);
        let shown = format!("{path} ({en})");
        Some(Evidence::new(shown).with("file", path).with("what_ja", ja).with("what_en", en))
    };
    all.iter().find_map(evidence)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::office::tests::samples::{
        compound, module, package, package_of, relationships, vba_project,
    };
    use crate::container::zip_writer::{File, zip};
    use crate::indicator::check::{fires, silent};
    use crate::message::files::samples::attached;

    fn document(code: &str) -> Vec<u8> {
        let project = vba_project(&module(code));
        package_of(&[("word/document.xml", b"<w:document/>"), ("word/vbaProject.bin", &project)])
    }

    const AUTO_OPEN: &str = "Sub AutoOpen()\r\nEnd Sub\r\n";

    #[test]
    fn fires_by_content_under_any_name() {
        let said = |name: &str| fires(&INDICATOR, attached(name, &document(AUTO_OPEN)));
        assert_eq!(said("請求書.docm"), "請求書.docm (macro AutoOpen)");
        assert_eq!(said("請求書.docx"), "請求書.docx (macro AutoOpen)");
        assert_eq!(said("a.dat"), "a.dat (macro AutoOpen)");
        assert_eq!(said("a.zip"), "a.zip (macro AutoOpen)");
        let old = vba_project(&module("Sub Tidy()\r\nEnd Sub\r\n"));
        assert_eq!(fires(&INDICATOR, attached("a.xls", &old)), "a.xls (macro ThisDocument)");
    }

    #[test]
    fn fires_in_archives() {
        let archive = zip(&[File::new("a.docm", &document(AUTO_OPEN)).deflated()]);
        let said = fires(&INDICATOR, attached("書類.zip", &archive));
        assert_eq!(said, "書類.zip › a.docm (macro AutoOpen)");
    }

    #[test]
    fn fires_for_macro_sheets() {
        let rels = relationships(&[("xlMacrosheet", "macrosheets/sheet1.xml", "")]);
        let book = package(&[
            ("xl/workbook.xml", "<workbook><sheet name=\"Macro1\" r:id=\"rId0\"/></workbook>"),
            ("xl/_rels/workbook.xml.rels", &rels),
            ("xl/macrosheets/sheet1.xml", "<xm:macrosheet/>"),
        ]);
        assert_eq!(fires(&INDICATOR, attached("a.xlsx", &book)), "a.xlsx (macro sheet Macro1)");
        // Records of an Excel 97 workbook: beginning, and a sheet of type 1.
        let book = b"\x09\x08\x02\0\0\x06\x85\0\x0A\0\0\0\0\0\0\x01\x02\0M1";
        let said = fires(&INDICATOR, attached("a.xls", &compound(&[("/Workbook", book)])));
        assert_eq!(said, "a.xls (macro sheet M1)");
    }

    #[test]
    fn silent_for_documents_without() {
        silent(&INDICATOR, attached("a.xlsm", &document("' no code\r\n")));
        let settings: [(&str, &[u8]); 2] = [
            ("xl/workbook.xml", b"<workbook/>"),
            ("xl/printerSettings/printerSettings1.bin", b"\x01"),
        ];
        silent(&INDICATOR, attached("a.xlsx", &package_of(&settings)));
        let text = "<w:document><w:t>Sub AutoOpen() マクロ vbaProject.bin</w:t></w:document>";
        silent(&INDICATOR, attached("a.docx", &package(&[("word/document.xml", text)])));
        silent(&INDICATOR, attached("a.xls", &compound(&[("/Workbook", b"\x09\x08\x02\0\0\x06")])));
        silent(&INDICATOR, attached("a.txt", "Sub AutoOpen() マクロの書き方".as_bytes()));
        silent(&INDICATOR, "Subject: AutoOpen\n\nSub AutoOpen()");
    }
}
