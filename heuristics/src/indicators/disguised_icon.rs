//! A program or shortcut shows the icon of a document or folder.
//!
//! People open what they see: a sheet, a folder. A program carries its icon inside, and whoever wrote it
//! chose it; a shortcut names any icon of the reader's own machine. What a picture looks like is told by
//! `container::icon`, which learnt from free icon themes. Innocent: an editor or packer sent by mail
//! whose own icon shows a sheet or a box of files.

use crate::container::Kind;
use crate::container::icon::Likeness;
use crate::container::observation::Observation;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::attachment::Attachment;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "disguised-icon",
    clause: Some("attachment-4"),
    group: Group::Attachment,
    // No honest program pretends to be a document; the program itself counts beside it.
    points: 60,
    says: Words {
        ja: "添付ファイル「{file}」（{what_ja}）に、別の種類のファイルに見えるアイコン（{likeness_ja}）が付いています{starts_ja}。",
        en: "The attached file \"{file}\" ({what_en}) has an icon that looks like another kind of file: {likeness_en}{starts_en}.",
    },
    means: Words {
        ja: "プログラムやショートカットのアイコンは作成者が自由に決められます。文書やフォルダーのアイコンを\
             付けて、開いても安全なファイルのように見せる手口があります。アイコンではなくファイルの種類を確認し、\
             開かずに管理者へ連絡してください。エディターや圧縮ソフトなど、もともと文書に似たアイコンを持つ\
             プログラムのこともあります。",
        en: "Whoever makes a program or a shortcut chooses its icon. With the icon of a document or a \
             folder it passes for a file that is safe to open. Go by the type of the file, not by its \
             icon; do not open it, and tell the administrator. Now and then an editor or a packer has \
             such an icon of its own.",
    },
    look,
};

fn look(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    all.iter().find_map(|file| evidence(file, all))
}

fn evidence(file: &Attachment, all: &[Attachment]) -> Option<Evidence> {
    if !(file.kind.is_program() || file.kind.is_shortcut()) {
        return None;
    }
    let likeness = file.observations.iter().find_map(likeness_of)?;
    let (ja, en) = likeness.names();
    let path = file.path(all, None);
    let starts = file.observations.iter().find_map(command).filter(|_| file.kind != Kind::Pe);
    let (starts_ja, starts_en) = match &starts {
        Some(command) => {
            (format!("。開かれるのは {command} です"), format!("; what it opens is {command}"))
        }
        None => (String::new(), String::new()),
    };
    let shown =
        format!("{path} ({}, looks like: {en}{})", file.kind.name(), shown_command(&starts));
    Some(
        Evidence::new(shown)
            .with("file", path)
            .with("what_ja", file.kind.name_ja())
            .with("what_en", file.kind.name())
            .with("likeness_ja", ja)
            .with("likeness_en", en)
            .with("starts_ja", starts_ja)
            .with("starts_en", starts_en),
    )
}

fn likeness_of(observation: &Observation) -> Option<Likeness> {
    match observation {
        Observation::Icon(likeness) => Some(*likeness),
        _ => None,
    }
}

/// What a shortcut starts, in one line.
fn command(observation: &Observation) -> Option<String> {
    match observation {
        Observation::Shortcut { target, arguments, .. } => {
            Some(format!("{target} {arguments}").trim().to_owned())
        }
        _ => None,
    }
}

fn shown_command(starts: &Option<String>) -> String {
    starts.as_ref().map(|command| format!(", opens {command}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::icon::drawing;
    use crate::container::lnk::samples::Shortcut;
    use crate::container::pe_writer::{Bitmap, Program};
    use crate::container::zip_writer::{File, zip};
    use crate::indicator::check::{fires, silent};
    use crate::message::files::samples::attached;

    fn program(drawing: &drawing::Drawing) -> Vec<u8> {
        let images = [16, 32, 48].map(|side| Bitmap::Colours32.bytes(&drawing.picture(side)));
        Program::new().group(&images).bytes()
    }

    #[test]
    fn fires_for_a_program_with_the_icon_of_a_document() {
        let sheet = program(&drawing::word());
        let shown = "請求書.exe (Windows program, looks like: document)";
        assert_eq!(fires(&INDICATOR, attached("請求書.exe", &sheet)), shown);
        let folder = program(&drawing::folder());
        let shown = "写真.scr (Windows program, looks like: folder)";
        assert_eq!(fires(&INDICATOR, attached("写真.scr", &folder)), shown);
    }

    #[test]
    fn fires_inside_archives() {
        let archive = zip(&[File::new("資料.exe", &program(&drawing::pdf())).utf8().deflated()]);
        let shown = "a.zip › 資料.exe (Windows program, looks like: PDF)";
        assert_eq!(fires(&INDICATOR, attached("a.zip", &archive)), shown);
    }

    #[test]
    fn fires_for_a_shortcut_that_borrows_an_icon() {
        let shortcut = Shortcut {
            items: &["C:\\", "Windows", "System32", "cmd.exe"],
            arguments: Some("/c start a.js"),
            icon: Some((r"%SystemRoot%\System32\shell32.dll", 3)),
            ..Shortcut::default()
        };
        let shown = "資料.lnk (Windows shortcut, looks like: folder, opens \
                     C:\\Windows\\System32\\cmd.exe /c start a.js)";
        assert_eq!(fires(&INDICATOR, attached("資料.lnk", &shortcut.bytes())), shown);
    }

    #[test]
    fn silent_for_programs_with_their_own_icon_or_none() {
        silent(&INDICATOR, attached("a.exe", &program(&drawing::game())));
        silent(&INDICATOR, attached("a.exe", &program(&drawing::window())));
        silent(&INDICATOR, attached("a.exe", &Program::new().bytes()));
    }

    #[test]
    fn silent_for_honest_shortcuts_and_documents() {
        let shortcut = Shortcut {
            items: &["C:\\", "Office16", "WINWORD.EXE"],
            icon: Some((r"C:\Office16\WINWORD.EXE", 0)),
            ..Shortcut::default()
        };
        silent(&INDICATOR, attached("Word.lnk", &shortcut.bytes()));
        let url = "[InternetShortcut]\r\nURL=https://www.example.com/\r\n";
        silent(&INDICATOR, attached("a.url", url.as_bytes()));
        silent(&INDICATOR, attached("a.pdf", b"%PDF-1.7"));
        silent(&INDICATOR, "Subject: a\n\nb");
    }
}
