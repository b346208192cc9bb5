//! A drawing (SVG) comes along that runs a script or opens a page of its own.
//!
//! A drawing opens in the browser like a page, and what runs in it asks for a password or fetches
//! a file, while scanners and people take it for a picture. Drawings made by drawing programs hold
//! no scripts; charts saved from web sites now and then do, to be moved with the mouse. Dodged by
//! wrapping (svgz, data: addresses, archives, namespace prefixes, other charsets), all of which the
//! reader of such files takes off.

use crate::container::Kind;
use crate::container::observation::Observation;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::attachment::Attachment;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "svg-script",
    clause: None,
    group: Group::Attachment,
    // No business mail needs it: warns alone, and with any sender sign holds.
    points: 60,
    says: Words {
        ja: "添付の画像ファイル「{file}」（SVG形式）には、開くと動作するスクリプトが含まれています。",
        en: "The attached picture \"{file}\" (SVG) contains a script that runs when it is opened.",
    },
    means: Words {
        ja: "SVG形式の画像はブラウザーで開かれ、その中にスクリプトや偽の入力画面を入れることができます。\
             画像に見せかけてパスワードを入力させたり、ファイルをダウンロードさせたりする手口に使われます。\
             通常の図面やロゴにスクリプトは含まれません。開かずに、送信者に電話などで確認してください。",
        en: "SVG pictures open in the browser and can hold scripts or a false log-in page. This is \
             used to ask for passwords or to bring in files under the guise of a picture. Ordinary \
             drawings and logos hold no script; do not open it, and ask the sender by telephone.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    let evidence = |file: &Attachment| {
        let script = file.observations.iter().find_map(|seen| match seen {
            Observation::Script(script) => Some(script.trim()),
            _ => None,
        })?;
        let path = file.path(all, None);
        let shown = if script.is_empty() { path.clone() } else { format!("{path}: {script}") };
        Some(Evidence::new(shown).with("file", path))
    };
    all.iter().filter(|f| f.kind == Kind::Svg).find_map(evidence)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::zip_writer::{File, zip};
    use crate::indicator::check::look_with;
    use crate::message::files::samples::{attached, mixed, part};

    #[track_caller]
    fn check(mail: impl AsRef<[u8]>, expected: &str) {
        let shown = look_with(&INDICATOR, mail, |_| {}, |_| {}).map(|e| e.shown().to_owned());
        assert_eq!(shown.as_deref().unwrap_or("silence"), expected);
    }

    #[test]
    fn fires_for_what_runs() {
        check(attached("図.svg", b"<svg><script>a()</script></svg>"), "図.svg: a()");
        check(attached("a.svg", b"<svg onload='a()'/>"), "a.svg: onload=a()");
        let link = b"<svg><a href='java&#115;cript:a()'/></svg>";
        check(attached("a.svg", link), "a.svg: href=javascript:a()");
        let prefix =
            b"<s:svg xmlns:s='http://www.w3.org/2000/svg'><s:script>a()</s:script></s:svg>";
        check(attached("a.svg", prefix), "a.svg: a()");
        let frame = b"<svg><foreignObject><iframe src='https://a.example/'/></foreignObject></svg>";
        check(attached("a.svg", frame), "a.svg: <iframe src=https://a.example/>");
    }

    #[test]
    fn fires_under_any_name_and_type() {
        check(attached("a.png", b"<svg onload='a()'/>"), "a.png: onload=a()");
        let unnamed =
            part("application/octet-stream", "attachment", "PHN2ZyBvbmxvYWQ9J2EoKScvPg==");
        check(mixed(&unnamed), "(application/octet-stream): onload=a()");
        let shown = part("image/svg+xml; name=a.svg", "inline", "PHN2ZyBvbmxvYWQ9J2EoKScvPg==");
        check(mixed(&shown), "a.svg: onload=a()");
        let late = format!("<!-- {} --><svg onload='a()'/>", "long ".repeat(500));
        check(attached("a.svg", late.as_bytes()), "a.svg: onload=a()");
        let late = format!("<?xml version='1.0'?>{late}");
        check(attached("a.svg", late.as_bytes()), "a.svg: onload=a()");
    }

    #[test]
    fn fires_inside_archives() {
        let packed = zip(&[File::new("b.svg", b"<svg onload='a()'/>")]);
        check(attached("a.zip", &packed), "a.zip › b.svg: onload=a()");
    }

    #[test]
    fn silent_for_drawings_that_only_show() {
        check(attached("a.svg", b"<svg><path d='M0 0'/></svg>"), "silence");
        check(
            attached("a.svg", b"<svg><a href='https://a.example/'><text>b</text></a></svg>"),
            "silence",
        );
        check(attached("a.svg", b"<svg><foreignObject><p>b</p></foreignObject></svg>"), "silence");
        check(
            attached("a.svg", b"<svg><image href='data:image/png;base64,AA=='/></svg>"),
            "silence",
        );
        check(attached("a.html", b"<html><script>a()</script>"), "silence");
        check("Subject: a\n\n<svg onload='a()'/>", "silence");
    }
}
