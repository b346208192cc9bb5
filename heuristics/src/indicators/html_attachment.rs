//! An HTML file comes along, by content or by name.
//!
//! It opens in the browser from the disk: no address that a filter could know, scripts run, and a
//! form in it looks like the page it imitates. Banks and insurers send encrypted letters so, some
//! systems their reports. HTML that is the mail's own text, or an attached mail's, is no file.

use crate::container::observation::Observation;
use crate::container::{Kind, Role};
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::attachment::Attachment;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "html-attachment",
    clause: None,
    group: Group::Attachment,
    // Some systems send reports so: asks for care only together with another sign.
    points: 25,
    says: Words {
        ja: "添付ファイル「{file}」はHTMLファイルです。開くとブラウザーで偽の画面が表示されることがあります。",
        en: "The attached file \"{file}\" is an HTML file; opened in a browser it may imitate a sign-in page.",
    },
    means: Words {
        ja: "HTMLファイルを開くと、ブラウザーに本物のようなログイン画面を表示して入力内容を盗んだり、\
             別のファイルを作って保存させたりすることができます。URLの検査も受けません。正当なシステムが\
             報告書などをHTMLで送ることもありますが、受け取る予定がなければ開かず、開いた場合もIDや\
             パスワードを入力しないでください。",
        en: "An HTML file opens in the browser, where it can look like a sign-in page, send away what is \
             typed, or build another file and save it; no check of addresses applies. Some systems \
             send honest reports so. If you do not expect one, do not open it, and never type a \
             password into it.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    all.iter().filter(|f| !f.incidental && f.role == Role::File).find_map(|file| {
        let named = file.named_as(is_page);
        let is_page_by_content = matches!(file.kind, Kind::Html | Kind::Mht);
        let is_declared = file.declared.as_deref() == Some("text/html") && is_text(file);
        if !is_page_by_content && named.is_none() && !is_declared {
            return None;
        }
        let path = file.path(all, named.map(|(name, _)| name));
        let form = file.observations.iter().find_map(|seen| match seen {
            Observation::Form(target) => Some(format!(" (form: {target})")),
            _ => None,
        });
        let shown = format!("{path}{}", form.unwrap_or_default());
        Some(Evidence::new(shown).with("file", path))
    })
}

fn is_page(extension: &str) -> bool {
    matches!(extension, "htm" | "html" | "mht" | "mhtml" | "shtm" | "shtml" | "xht" | "xhtml")
}

/// A part that is declared to be HTML opens as such, unless its name says otherwise.
fn is_text(file: &Attachment) -> bool {
    matches!(file.kind, Kind::Text | Kind::Xml)
        && file.readings.iter().all(|n| n.extension().is_empty())
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::zip_writer::{File, zip};
    use crate::indicator::check::{fires, silent};
    use crate::message::files::samples::{alternative, attached, mixed, part, related};

    const PAGE: &[u8] = b"<!DOCTYPE html><title>a</title>";

    #[track_caller]
    fn check(mail: impl AsRef<[u8]>, expected: &str) {
        assert_eq!(fires(&INDICATOR, mail), expected);
    }

    #[test]
    fn tells_where_a_form_sends_what_is_typed() {
        let page = b"<!DOCTYPE html><form action=https://a.example/p><input type=password></form>";
        check(attached("a.html", page), "a.html (form: https://a.example/p)");
    }

    #[test]
    fn fires_by_name() {
        for name in ["請求書.html", "a.HTM", "a.shtml", "a.xhtml", "a.mht", "a.pdf.html"] {
            check(attached(name, b"x"), name);
        }
    }

    #[test]
    fn fires_by_content_under_any_name() {
        check(attached("請求書.pdf", PAGE), "請求書.pdf");
        check(attached("", PAGE), "(application/octet-stream)");
        check(attached("a", b"From: <Saved by a browser>\nSnapshot-Content-Location: x\n"), "a");
    }

    #[test]
    fn fires_for_attached_html_without_a_name() {
        check(mixed(&part("text/html", "attachment", "aGVsbG8=")), "(text/html)");
    }

    #[test]
    fn fires_inside_archives() {
        let bytes = zip(&[File::new("b.html", PAGE)]);
        check(attached("a.zip", &bytes), "a.zip › b.html");
        let stored = format!("From: a\n{}", attached("b.html", PAGE));
        check(attached("a.eml", stored.as_bytes()), "a.eml › b.html");
    }

    #[test]
    fn silent_for_html_that_is_the_text() {
        silent(&INDICATOR, "Content-Type: text/html\n\n<html>a");
        silent(&INDICATOR, mixed(&part("text/html; charset=utf-8", "", "PGh0bWw+YQ==")));
        silent(&INDICATOR, alternative(&part("text/html; name=a", "", "PGh0bWw+YQ==")));
        silent(&INDICATOR, related("<html>a", ""));
        let inner = "--b\nContent-Type: message/rfc822\n\nContent-Type: text/html\n\n<html>a\n";
        silent(&INDICATOR, mixed(inner));
        let stored = b"From: a\nContent-Type: text/html\n\n<html>a";
        silent(&INDICATOR, attached("a.eml", stored));
        silent(&INDICATOR, attached("a.zip", &zip(&[File::new("a.eml", stored)])));
    }

    #[test]
    fn silent_for_texts_with_tags() {
        silent(&INDICATOR, attached("a.txt", b"The element <html> begins a page."));
        silent(&INDICATOR, attached("html.pdf", b"%PDF-1.7"));
        silent(&INDICATOR, attached("a.css", b"p { color: red }"));
        silent(&INDICATOR, "Subject: a.html\n\n<html>");
    }
}
