//! A page that comes along builds a file out of its own text and has the browser save it.
//!
//! What travels is a page; the program or archive comes into being on the reader's machine, behind
//! every filter. Saved web pages hold scripts of all kinds, but do not hand out files.

use crate::container::observation::Observation;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "html-smuggling",
    clause: None,
    group: Group::Attachment,
    // There is hardly a reason to send a file so but to get past filters.
    points: 50,
    says: Words {
        ja: "添付ファイル「{file}」を開くと、その中に隠されたデータから別のファイルが作られ、保存されます。",
        en: "When opened, the attached file \"{file}\" builds another file out of data hidden in it and saves it.",
    },
    means: Words {
        ja: "HTMLやSVGのスクリプトで、文字列として隠したデータからファイルを組み立て、ブラウザーに保存させる\
             手口です（HTMLスマグリング）。メールの検査を通り抜けるために使われます。保存されたファイルを\
             開かず、管理者に連絡してください。",
        en: "A script in an HTML or SVG file puts a file together from text in it and has the browser \
             save it (HTML smuggling), so that no mail filter sees the file. Do not open what was \
             saved; tell your administrator.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    all.iter().find_map(|file| {
        let code = file.observations.iter().find_map(|seen| match seen {
            Observation::Smuggling(code) => Some(code),
            _ => None,
        })?;
        let path = file.path(all, None);
        Some(Evidence::new(format!("{path}: {code}")).with("file", path))
    })
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, silent};
    use crate::message::files::samples::attached;

    #[test]
    fn fires_for_a_page_that_saves_a_file() {
        let page = "<!DOCTYPE html><script>var b=new Blob([atob('TVqQAAMAAAAEAAAA')]);\
                    var a=document.createElement('a');a.href=URL.createObjectURL(b);\
                    a.download='invoice.zip';a.click();</script>";
        let seen = fires(&INDICATOR, attached("a.html", page.as_bytes()));
        assert!(seen.starts_with("a.html: "), "{seen}");
    }

    #[test]
    fn silent_for_pages_with_other_scripts() {
        let page = "<!DOCTYPE html><script>document.title = 'a';</script><a href=a.zip>a.zip</a>";
        silent(&INDICATOR, attached("a.html", page.as_bytes()));
        silent(&INDICATOR, attached("a.txt", b"URL.createObjectURL(new Blob([atob('TVqQ')]))"));
    }
}
