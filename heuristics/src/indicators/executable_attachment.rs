//! A program or script comes along, by its content or by any of its names.
//!
//! Opening one runs what the sender wrote. Content is what decides, under whatever name; the name
//! decides where the content is encrypted or a script, which is a text like any other. Innocent
//! senders: developers, vendors of drawing and EDI software, tools for electronic applications;
//! an administrator excuses those by an exception.

use crate::container::name::is_class_identifier;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "executable-attachment",
    clause: Some("attachment-2"),
    group: Group::Attachment,
    // No business mail needs it: warns alone, and with any sender sign holds.
    points: 60,
    says: Words {
        ja: "添付ファイル「{file}」は、開くと動作するプログラムまたはスクリプトです（{what_ja}）。",
        en: "The attached file \"{file}\" is a program or script that runs when opened ({what_en}).",
    },
    means: Words {
        ja: "添付ファイル、または添付の圧縮ファイルの中に、開くだけで動作するファイルがあります。\
             内容または拡張子で判定しています。ソフトウェアの開発元などが正当に送ることもありますが、\
             受け取る予定がなければ開かず、送信者に電話などで確認してください。",
        en: "Among the attachments, or inside an attached archive, is a file that runs when it is \
             opened, by its content or by its extension. Software vendors may send such files for \
             good reason; if you do not expect one, do not open it and ask the sender by telephone.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let listed = &facts.settings.lists.executable_extensions;
    let is_executable =
        |extension: &str| listed.contains(extension) || is_class_identifier(extension);
    let all = mail.attachments();
    let found = all.iter().find_map(|f| f.identified(all, f.kind.is_program(), is_executable))?;
    let shown = format!("{} ({})", found.path, found.en);
    let evidence = Evidence::new(shown).with("file", found.path);
    Some(evidence.with("what_ja", found.ja).with("what_en", found.en))
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::zip_writer::{File, ZipCipher, zip};
    use crate::indicator::Evidence;
    use crate::indicator::check::look_with;
    use crate::message::files::samples::{attached, mixed, part};

    fn look(mail: impl AsRef<[u8]>) -> Option<Evidence> {
        let list = ["exe", "scr", "com", "js", "hta", "jar", "msi", "bat"].map(str::to_owned);
        let settings = |s: &mut sekisho_config::Settings| {
            s.lists.executable_extensions = list.into();
        };
        look_with(&INDICATOR, mail, settings, |_| {})
    }

    #[track_caller]
    fn check(mail: impl AsRef<[u8]>, expected: &str) {
        let shown = look(mail).map(|e| e.shown().to_owned());
        assert_eq!(shown.as_deref().unwrap_or("silence"), expected);
    }

    fn pe() -> Vec<u8> {
        let mut pe = vec![0; 200];
        pe[..2].copy_from_slice(b"MZ");
        pe[0x3C] = 0x80;
        pe[0x80..0x84].copy_from_slice(b"PE\0\0");
        pe
    }

    #[test]
    fn fires_by_extension() {
        check(attached("請求書.exe", b"x"), "請求書.exe (extension .exe)");
        check(attached("A.SCR .", b"x"), "A.SCR . (extension .scr)");
        check(attached("a.exe%00.pdf", b"x"), "a.exe%00.pdf = a.exe\\u{0000}.pdf (extension .exe)");
        check(attached("a%2Eexe", b"x"), "a%2Eexe = a.exe (extension .exe)");
        check(attached("a.js", b"var a;"), "a.js (extension .js)");
        let class = "a.txt.{3050F4D8-98B5-11CF-BB82-00AA00BDCE0B}";
        let said = format!("{class} (extension .{})", class[6..].to_lowercase());
        check(attached(class, b"x"), &said);
    }

    #[test]
    fn fires_for_any_of_two_names() {
        let two = part("application/pdf; name=a.exe", "attachment; filename=a.pdf", "JVBERi0=");
        check(mixed(&two), "a.pdf = a.exe (extension .exe)");
    }

    #[test]
    fn fires_by_content_under_any_name() {
        check(attached("請求書.pdf", &pe()), "請求書.pdf (Windows program)");
        check(attached("", &pe()), "(application/octet-stream) (Windows program)");
        check(attached("a.dat", b"\x7FELF\x02\x01\x01"), "a.dat (Linux program)");
        check(attached("a.txt", b"#!/bin/sh\n"), "a.txt (script)");
        check(attached("a.html", b"<html><hta:application>"), "a.html (HTML application)");
        let picture = part("image/png; name=a.png", "inline", "f0VMRgIBAQ==");
        check(mixed(&picture), "a.png (Linux program)");
        let jar = zip(&[File::new("META-INF/MANIFEST.MF", b"")]);
        check(attached("a.pdf", &jar), "a.pdf (Java archive)");
    }

    #[test]
    fn fires_inside_archives() {
        let bytes = zip(&[File::new("読んで.txt", b"a").utf8(), File::new("b/c.exe", b"x")]);
        check(attached("書類.zip", &bytes), "書類.zip › c.exe (extension .exe)");
        let bytes = zip(&[File::new("c.pdf", &pe()).deflated()]);
        check(attached("書類.zip", &bytes), "書類.zip › c.pdf (Windows program)");
        let document = zip(&[File::new("[Content_Types].xml", b""), File::new("c.js", b"x")]);
        check(attached("a.zip", &document), "a.zip › c.js (extension .js)");
    }

    #[test]
    fn fires_for_a_name_listed_in_an_encrypted_archive() {
        let bytes = zip(&[File::new("c.exe", b"x").encrypted(ZipCipher::ZipCrypto)]);
        check(attached("a.zip", &bytes), "a.zip › c.exe (extension .exe)");
    }

    #[test]
    fn fires_inside_attached_mails() {
        let inner = attached("c.exe", b"x");
        let mail = format!(
            "--b\nContent-Type: message/rfc822\n\n{}\n",
            inner.replace("=b", "=i").replace("--b", "--i")
        );
        check(mixed(&mail), "c.exe (extension .exe)");
    }

    #[test]
    fn tells_the_name_that_is_seen_and_the_real_one() {
        let said = "請求書\\u{202E}fdp.exe [請求書exe.pdf] (extension .exe)";
        check(attached("請求書\u{202E}fdp.exe", b"x"), said);
        let said = "a.pdf␣×60.exe (extension .exe)";
        check(attached(&format!("a.pdf{}.exe", " ".repeat(60)), b"x"), said);
    }

    #[test]
    fn silent_for_texts_and_words_in_names() {
        check(attached("MZ世代.txt", "MZ世代の調査 ".repeat(40).as_bytes()), "silence");
        check(attached("setup.exeの使い方.pdf", b"%PDF-1.7"), "silence");
        check(attached("exe.pdf", b"%PDF-1.7"), "silence");
        check(attached("a.json", b"{}"), "silence");
        check(attached("www.example.com", b"text"), "silence");
        check(attached("taro@example.com", b"text"), "silence");
        let subject =
            "--b\nContent-Type: message/rfc822; name=\"Re: about setup.exe\"\n\nSubject: a\n\nb\n";
        check(mixed(subject), "silence");
        let book = zip(&[File::new("[Content_Types].xml", b""), File::new("xl/a.bin", b"")]);
        check(attached("a.xlsx", &book), "silence");
        check("Subject: setup.exe\n\nsetup.exe", "silence");
    }

    #[test]
    fn a_program_named_like_a_host_is_one() {
        check(attached("www.example.com", &pe()), "www.example.com (Windows program)");
        check(attached("setup.com", b"x"), "setup.com (extension .com)");
    }
}
