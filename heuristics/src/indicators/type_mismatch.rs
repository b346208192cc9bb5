//! A file's content is of another kind than its extension says.
//!
//! Told are programs, archives and disk images, shortcuts, HTML and compound files under a name of
//! something else: the ways in which a harmless name carries what is not. Only extensions that people
//! know say anything; what is behind `.dat` may be anything. Many documents are ZIP or compound files
//! by nature; text files may hold anything that is text. Innocent: business systems that export HTML
//! as `.xls`, and files renamed by hand.

use crate::container::Kind;
use crate::container::name::Name;
use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;
use crate::message::attachment::Attachment;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "type-mismatch",
    clause: None,
    group: Group::Attachment,
    // Exports of business systems do so too; what is dangerous about the content counts for itself.
    points: 25,
    says: Words {
        ja: "添付ファイル「{file}」の中身は、拡張子 .{extension} と異なる種類（{what_ja}）です。",
        en: "The content of the attached file \"{file}\" is of another kind than .{extension}: {what_en}.",
    },
    means: Words {
        ja: "拡張子は文書や画像などですが、中身は別の種類のファイルです。無害なファイルに見せかけて検査を\
             避ける手口があります。業務システムがHTMLを .xls として出力する場合や、手作業で名前を変えた\
             場合にも起こります。心当たりがなければ、開く前に送信者へ確認してください。",
        en: "The extension says document, picture or the like, but the content is a file of another \
             kind: a way to pass checks as something harmless. Business systems that export HTML as \
             .xls do this too, and so do people who rename files by hand. If you do not expect it, \
             ask the sender before you open it.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    all.iter().find_map(|file| {
        let content = Content::of(file.kind)?;
        let (name, extension) = mismatch(file, content, facts)?;
        let path = file.path(all, Some(name));
        let shown = format!("{path} ({})", file.kind.name());
        let evidence = Evidence::new(shown).with("file", path).with("extension", extension);
        Some(evidence.with("what_ja", file.kind.name_ja()).with("what_en", file.kind.name()))
    })
}

/// What is told apart of the content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Archive(Kind),
    Compound,
    Html,
    Program(Kind),
    Shortcut,
}

impl Content {
    fn of(kind: Kind) -> Option<Content> {
        match kind {
            Kind::Compound
            | Kind::EncryptedOffice
            | Kind::Excel
            | Kind::Msg
            | Kind::PowerPoint
            | Kind::Word => Some(Content::Compound),
            Kind::Html | Kind::Mht => Some(Content::Html),
            _ if kind.is_program() => Some(Content::Program(kind)),
            _ if kind.is_shortcut() => Some(Content::Shortcut),
            _ if kind.is_archive() || kind.is_disk_image() => Some(Content::Archive(kind)),
            _ => None,
        }
    }
}

/// The first reading whose extension promises something else.
fn mismatch<'f>(
    file: &'f Attachment,
    content: Content,
    facts: &Facts<'_>,
) -> Option<(&'f Name, &'f str)> {
    let lists = &facts.settings.lists;
    let says_something = |extension: &str| {
        lists.document_extensions.contains(extension) || lists.html_extensions.contains(extension)
    };
    // What runs or opens something is told by indicators of its own; under such a name no content
    // is harmless.
    let is_other = |extension: &str| {
        says_something(extension)
            && !lists.executable_extensions.contains(extension)
            && !lists.shortcut_extensions.contains(extension)
            && !is_normal(content, extension, lists.html_extensions.contains(extension))
    };
    let names = file.readings.iter().filter(|n| file.is_file_name(n));
    names.map(|n| (n, n.extension())).find(|(_, extension)| is_other(extension))
}

/// Whether files with this extension are expected to have such content.
fn is_normal(content: Content, extension: &str, is_page: bool) -> bool {
    match content {
        Content::Compound => COMPOUND.contains(&extension),
        // Text is shown as text whatever it is.
        Content::Html => is_page || TEXT.contains(&extension),
        Content::Program(Kind::Jar | Kind::Apk | Kind::Msix) => extension == "zip",
        Content::Program(_) | Content::Shortcut => false,
        Content::Archive(kind) => {
            let of_kind = ARCHIVES.iter().find(|(kinds, _)| kinds.contains(&kind));
            of_kind.is_some_and(|(_, extensions)| extensions.contains(&extension))
        }
    }
}

/// Documents that are compound files, or are when they are encrypted.
#[rustfmt::skip]
static COMPOUND: &[&str] = &[
    "doc", "docm", "docx", "dot", "dotm", "dotx", "fax", "hwp", "hwpx", "jtd", "jtdc", "jtt", "jww", "mdb", "mpp", "msg", "oft", "one",
    "pot", "potm", "potx", "pps", "ppsm", "ppsx", "ppt", "pptm", "pptx", "pub", "vsd", "vsdx", "wpd", "wps", "xlm", "xls", "xlsb", "xlsm",
    "xlsx", "xlt", "xltm", "xltx",
];

/// Archives and disk images by extension, and documents that are such by nature. What packs a single
/// file is often unpacked on the way, or named after what is in it.
#[rustfmt::skip]
static ARCHIVES: &[(&[Kind], &[&str])] = &[
    (&[Kind::Zip], &[
        "zip", "zipx", "docm", "docx", "dotm", "dotx", "epub", "hwpx", "jtdc", "key", "numbers", "odg", "odp", "ods", "odt", "ott", "pages",
        "potm", "potx", "ppsm", "ppsx", "pptm", "pptx", "rtfd", "vsdx", "xbd", "xlsb", "xlsm", "xlsx", "xltm", "xltx", "xps",
    ]),
    (&[Kind::Rar], &["rar"]),
    (&[Kind::SevenZip], &["7z"]),
    (&[Kind::Lzh], &["lzh"]),
    (&[Kind::Cab], &["cab", "one"]),
    (&[Kind::Tar, Kind::Gzip, Kind::Bzip2, Kind::Xz, Kind::Zstd, Kind::Compress], &["tar", "tgz", "gz", "bz2", "xz"]),
    (&[Kind::Iso9660, Kind::Udf, Kind::Fat, Kind::Vhd, Kind::Vhdx], &[]),
];

/// What opens as plain text.
static TEXT: &[&str] = &["eml", "log", "md", "text", "txt", "xml"];

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::lnk::samples::Shortcut;
    use crate::container::pe_writer::Program;
    use crate::container::zip_writer::{File, zip};
    use crate::indicator::check::{fires, silent};
    use crate::message::files::samples::attached;

    #[track_caller]
    fn check(name: &str, content: impl AsRef<[u8]>, expected: &str) {
        assert_eq!(fires(&INDICATOR, attached(name, content.as_ref())), expected);
    }

    #[track_caller]
    fn quiet(name: &str, content: impl AsRef<[u8]>) {
        silent(&INDICATOR, attached(name, content.as_ref()));
    }

    const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    const HTML: &str = "<!DOCTYPE html><title>a</title>";

    #[test]
    fn fires_for_programs_and_shortcuts() {
        check("請求書.pdf", Program::new().bytes(), "請求書.pdf (Windows program)");
        check("a.jpg", b"\x7FELF\x02\x01\x01", "a.jpg (Linux program)");
        check("a.txt", b"#!/bin/sh\n", "a.txt (script)");
        check("a.docx", Shortcut::default().bytes(), "a.docx (Windows shortcut)");
        check("a.txt", "[InternetShortcut]\r\nURL=x", "a.txt (internet shortcut)");
        check("a.html", "<html><hta:application>", "a.html (HTML application)");
    }

    #[test]
    fn fires_for_archives_and_disk_images() {
        let archive = zip(&[File::new("b", b"x")]);
        check("a.pdf", &archive, "a.pdf (ZIP archive)");
        check("a.jpg", b"Rar!\x1A\x07\0", "a.jpg (RAR archive)");
        check("a.zip", b"Rar!\x1A\x07\0", "a.zip (RAR archive)");
        let mut disk = vec![0; 40_000];
        disk[32_769..32_774].copy_from_slice(b"CD001");
        check("a.docx", disk, "a.docx (ISO disk image)");
    }

    #[test]
    fn fires_for_html_and_compound_files() {
        check("a.pdf", HTML, "a.pdf (HTML page)");
        check("売上.xls", HTML, "売上.xls (HTML page)");
        check("a.pdf", COMPOUND, "a.pdf (OLE compound file)");
    }

    #[test]
    fn fires_inside_archives() {
        let archive = zip(&[File::new("b.pdf", HTML.as_bytes()).deflated()]);
        check("a.zip", archive, "a.zip › b.pdf (HTML page)");
    }

    #[test]
    fn silent_for_containers_that_are_normal() {
        let document = zip(&[File::new("[Content_Types].xml", b""), File::new("word/a", b"")]);
        quiet("a.docx", &document);
        quiet("a.docx", zip(&[File::new("a", b"x")]));
        quiet("a.docx", COMPOUND);
        quiet("a.xls", COMPOUND);
        quiet("a.jtd", COMPOUND);
        quiet("a.zip", zip(&[File::new("META-INF/MANIFEST.MF", b"")]));
        quiet("a.tar.gz", b"\x1F\x8B\x08\0");
        quiet("a.tgz", b"\x1F\x8B\x08\0");
    }

    #[test]
    fn silent_for_what_is_what_it_says() {
        quiet("a.exe", Program::new().bytes());
        quiet("a.lnk", Shortcut::default().bytes());
        quiet("a.html", HTML);
        quiet("a.pdf", b"%PDF-1.7");
        quiet("a.xls", "日付,金額\r\n");
        quiet("a.doc", b"{\\rtf1}");
        silent(&INDICATOR, "Subject: a.pdf\n\n<html>");
    }

    #[test]
    fn silent_for_names_that_say_nothing() {
        quiet("a", HTML);
        quiet("a.dat", Program::new().bytes());
        quiet("", COMPOUND);
        quiet("ATT00001.txt", HTML);
    }
}
