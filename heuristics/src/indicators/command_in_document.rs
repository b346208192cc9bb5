//! A document starts a program or hands a command to one when it is opened.
//!
//! Fields of dynamic data exchange (DDE) in Office documents and launch actions in PDF run a command
//! that stands in the document, without any macro. Honest documents hardly have either: DDE is what
//! spreadsheets of trading desks use within one house. Scripts in PDF forms, which add up columns,
//! are no command.

use crate::container::observation::Observation;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "command-in-document",
    clause: None,
    group: Group::Attachment,
    // As a macro, but with hardly any honest use by mail.
    points: 45,
    says: Words {
        ja: "添付ファイル「{file}」には、開いたときにプログラムを起動する命令があります（{command}）。",
        en: "The attached file \"{file}\" holds a command that starts a program when it is opened ({command}).",
    },
    means: Words {
        ja: "Office文書のDDEフィールドやPDFの起動アクションは、マクロがなくても、文書に書かれた命令で\
             プログラムを起動できます。社内の表計算で使われることはありますが、社外からのメールで正当に\
             使われることはほとんどありません。確認の画面が出ても許可せず、送信者に電話などで確認してください。",
        en: "DDE fields of Office documents and launch actions of PDF start programs by a command in \
             the document, without any macro. Some houses use DDE among their own spreadsheets; mail \
             from outside hardly ever does. Do not allow it when asked; call the sender.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    all.iter().find_map(|file| {
        let command = file.observations.iter().find_map(|seen| match seen {
            Observation::Dde(command) | Observation::Launch(command) => Some(command),
            _ => None,
        })?;
        let path = file.path(all, None);
        let evidence = Evidence::new(format!("{path}: {command}"));
        Some(evidence.with("file", path).with("command", command))
    })
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::message::files::samples::attached;

    #[test]
    fn fires_for_dde_and_launch_actions() {
        let field = br#"{\rtf1{\field{\*\fldinst DDEAUTO cmd "/k calc"}{\fldrslt x}}}"#;
        let seen = fires(&INDICATOR, attached("a.rtf", field));
        assert!(seen.starts_with("a.rtf: ") && seen.contains("cmd"), "{seen}");
        let launch =
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/Launch/F(cmd.exe)>>>>endobj\n\
                       trailer<</Root 1 0 R>>\n%%EOF\n";
        let seen = fires(&INDICATOR, attached("a.pdf", launch));
        assert!(seen.starts_with("a.pdf: ") && seen.contains("cmd.exe"), "{seen}");
    }

    #[test]
    fn silent_for_other_fields_and_for_scripts_of_forms() {
        let field = br"{\rtf1{\field{\*\fldinst DATE}{\fldrslt 2026}}DDEAUTO}";
        silent(&INDICATOR, attached("a.rtf", field));
        let script =
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(a=1)>>>>endobj\n\
                       trailer<</Root 1 0 R>>\n%%EOF\n";
        silent(&INDICATOR, attached("a.pdf", script));
        silent(&INDICATOR, "Subject: DDE\n\ncmd.exe");
    }
}
