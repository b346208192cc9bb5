//! Labelled documents and archives as other people's programs write them, clear and encrypted.
//!
//! LibreOffice and msoffcrypto are used where they are; 7z and qpdf must be there as Postfix must.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sekisho_tests::staff::{self, Mail};
use tempfile::TempDir;

use crate::outbound::{Office, hanako};

const UNENCRYPTED: &str = "confidential-attachment-unencrypted";

const TEXT: &str = "いつもお世話になっております。\n資料をお送りします。\n\
                    パスワードはお電話でお伝えします。\n";

/// An office and a desk with files on it.
struct Desk {
    office: Office,
    folder: TempDir,
}

impl Desk {
    fn new() -> Option<Desk> {
        let office = Office::open(&[])?;
        let folder = tempfile::Builder::new().prefix("sekisho-desk-").tempdir().unwrap();
        Some(Desk { office, folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), content).unwrap();
    }

    /// Runs a program in the folder. It must end well, or with a code that means warnings.
    #[track_caller]
    fn run(&self, program: &str, args: &[&str], warnings: Option<i32>) {
        let ran = Command::new(program)
            .args(args)
            .current_dir(self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|e| panic!("{program}: {e}"));
        let ended_well =
            ran.status.success() || warnings.is_some() && ran.status.code() == warnings;
        let said = [ran.stdout, ran.stderr].concat();
        assert!(ended_well, "{program} {args:?}: {}", String::from_utf8_lossy(&said));
    }

    /// A file is sent under a name; the customer must get it as it is.
    #[track_caller]
    fn leaves(&self, name: &str, file: &str) {
        let path = self.path(file);
        let to = format!("{}@outside.example", file.replace('.', "-"));
        let sent = mail(name, &path).to([&to]).by_python(self.office.port());
        assert_eq!(sent.reply.code, 250, "{file}: {}", sent.reply);
        let got = self.office.postfix.sole_delivery(&to);
        assert!(got.attachments() == [(name.to_owned(), fs::read(&path).unwrap())], "{got:?}");
    }

    /// A file is sent under a name and must be refused; `place` is where the label stands.
    #[track_caller]
    fn stays(&self, name: &str, file: &str, place: &str) {
        let sent = mail(name, &self.path(file)).by_python(self.office.port());
        assert_eq!(sent.reply.code, 550, "{file}: {}", sent.reply);
        self.office.is_refused(&sent.reply, UNENCRYPTED);
        assert!(sent.reply.text().contains(place), "{file}: not {place}: {}", sent.reply);
    }
}

fn mail<'a>(name: &'a str, path: &'a Path) -> Mail<'a> {
    Mail { files: vec![(name, path)], ..hanako("資料の送付", TEXT) }
}

#[test]
fn archives_leave_where_every_member_is_encrypted() {
    if !staff::can_run_or_skip(&[("7z", "--help", "p7zip-full")]) {
        return;
    }
    let Some(desk) = Desk::new() else { return };
    desk.write("予算_社外秘.csv", "部門,金額\n総務,1200\n");
    desk.write("readme.txt", "See the budget.\n");
    let pack = |archive: &str, options: &[&str], file: &str| {
        let args = [&["a", "-bd"], options, &[archive, file]].concat();
        desk.run("7z", &args, None);
    };
    let labelled = "予算_社外秘.csv";
    desk.stays(labelled, labelled, "file name");
    let encrypted: [(&str, &[&str]); 4] = [
        ("aes.zip", &["-tzip", "-mem=AES256", "-pK7x2mQ9w"]),
        ("legacy.zip", &["-tzip", "-mem=ZipCrypto", "-pK7x2mQ9w"]),
        ("names.7z", &["-t7z", "-pK7x2mQ9w"]),
        ("nonames.7z", &["-t7z", "-mhe=on", "-pK7x2mQ9w"]),
    ];
    for (archive, options) in encrypted {
        pack(archive, options, labelled);
        desk.leaves("予算.zip", archive);
    }
    for (archive, options) in [("clear.zip", "-tzip"), ("clear.7z", "-t7z")] {
        pack(archive, &[options], labelled);
        desk.stays(archive, archive, "SHAGAIHI");
    }
    pack("aes.zip", &["-tzip"], "readme.txt");
    desk.stays("aes.zip", "aes.zip", "SHAGAIHI");
}

#[test]
fn pdf_leaves_where_it_opens_with_a_password_alone() {
    if !staff::can_run_or_skip(&[("qpdf", "--version", "qpdf")]) {
        return;
    }
    let Some(desk) = Desk::new() else { return };
    desk.write("bare.pdf", PDF);
    // It has no table of contents yet, which qpdf notes and mends.
    desk.run("qpdf", &["bare.pdf", "clear.pdf"], Some(3));
    desk.stays("見積_社外秘.pdf", "clear.pdf", "file name");
    let lock = |file: &str, options: &[&str]| {
        let args = [&["--encrypt"], options, &["--", "clear.pdf", file]].concat();
        desk.run("qpdf", &args, None);
    };
    lock("aes256.pdf", &["K7x2mQ9w", "owner", "256"]);
    lock("aes128.pdf", &["K7x2mQ9w", "owner", "128", "--use-aes=y"]);
    lock("owner.pdf", &["", "owner", "256", "--print=none"]);
    desk.leaves("見積_社外秘.pdf", "aes256.pdf");
    desk.leaves("見積_社外秘.pdf", "aes128.pdf");
    desk.stays("見積_社外秘.pdf", "owner.pdf", "file name");
}

#[test]
fn office_files_leave_where_they_open_with_a_password_alone() {
    if !staff::can_run_or_skip(&[("7z", "--help", "p7zip-full")]) {
        return;
    }
    let Some(desk) = Desk::new() else { return };
    desk.write("[Content_Types].xml", CONTENT_TYPES);
    desk.write("word/document.xml", &word("<w:p><w:r><w:t>社外秘</w:t></w:r></w:p>"));
    let parts = ["[Content_Types].xml", "word/document.xml"];
    desk.run("7z", &[&["a", "-bd", "-tzip", "plan.docx"], &parts[..]].concat(), None);
    desk.stays("計画.docx", "plan.docx", "SHAGAIHI");
    if !staff::runs("msoffcrypto-tool", "--help") {
        eprintln!("passed over in part: msoffcrypto-tool is not installed");
        return;
    }
    let args = ["-e", "-p", "K7x2mQ9w", "plan.docx", "locked.docx"];
    desk.run("msoffcrypto-tool", &args, None);
    desk.leaves("計画_社外秘.docx", "locked.docx");
}

#[test]
fn libreoffice_writes_labels_that_are_found() {
    if !staff::runs("soffice", "--version") {
        eprintln!("passed over: LibreOffice is not installed, or does not run");
        return;
    }
    let Some(desk) = Desk::new() else { return };
    let harmless = "機密保持契約の見直しについて";
    desk.write("header.fodt", &text_document("", "社外秘", "", "来期の予算"));
    desk.write("footer.fodt", &text_document("", "", "社外秘", "来期の予算"));
    desk.write("title.fodt", &text_document("社外秘", "", "", "来期の予算"));
    desk.write("fine.fodt", &text_document("予算", "第1版", "1", harmless));
    desk.write("latin.fodt", &text_document("", "CONFIDENTIAL", "", "Next year"));
    desk.write("cell.fods", &spreadsheet("予算", "社外秘"));
    desk.write("sheet.fods", &spreadsheet("社外秘", "総務"));
    desk.write("fine.fods", &spreadsheet("予算", harmless));
    let profile = format!("-env:UserInstallation=file://{}", desk.path("profile").display());
    let convert = |to: &str, files: &[&str]| {
        let args = [&[profile.as_str(), "--headless", "--convert-to", to], files].concat();
        desk.run("soffice", &args, None);
    };
    let texts = ["header.fodt", "footer.fodt", "title.fodt", "fine.fodt"];
    convert("docx", &texts);
    convert("xlsx", &["cell.fods", "sheet.fods", "fine.fods"]);
    convert("pdf", &["title.fodt", "latin.fodt", "fine.fodt"]);
    for (file, place) in [
        ("header.docx", "header"),
        ("footer.docx", "footer"),
        ("title.docx", "property"),
        ("cell.xlsx", "cell"),
        ("sheet.xlsx", "sheet name"),
        ("title.pdf", "property"),
        ("latin.pdf", "text"),
    ] {
        desk.stays(file, file, &format!("({file} ({place}))"));
    }
    for file in ["fine.docx", "fine.xlsx", "fine.pdf"] {
        desk.leaves(file, file);
    }
}

/// A document for a word processor, with a title among its properties, a header and a footer.
fn text_document(title: &str, header: &str, footer: &str, text: &str) -> String {
    format!(
        "{FLAT} office:mimetype=\"application/vnd.oasis.opendocument.text\">\
         <office:meta><dc:title>{title}</dc:title></office:meta>\
         <office:automatic-styles><style:page-layout style:name=\"p\"><style:header-style/>\
         <style:footer-style/></style:page-layout></office:automatic-styles>\
         <office:master-styles><style:master-page style:name=\"Standard\" \
         style:page-layout-name=\"p\"><style:header><text:p>{header}</text:p></style:header>\
         <style:footer><text:p>{footer}</text:p></style:footer></style:master-page>\
         </office:master-styles><office:body><office:text><text:p>{text}</text:p></office:text>\
         </office:body></office:document>"
    )
}

/// A spreadsheet with one sheet and one cell.
fn spreadsheet(sheet: &str, cell: &str) -> String {
    format!(
        "{FLAT} office:mimetype=\"application/vnd.oasis.opendocument.spreadsheet\">\
         <office:body><office:spreadsheet><table:table table:name=\"{sheet}\"><table:table-row>\
         <table:table-cell office:value-type=\"string\"><text:p>{cell}</text:p>\
         </table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>\
         </office:document>"
    )
}

fn word(body: &str) -> String {
    let space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    format!("<w:document xmlns:w=\"{space}\"><w:body>{body}</w:body></w:document>")
}

const FLAT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document \
    xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
    xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" \
    xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" \
    xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
    xmlns:dc=\"http://purl.org/dc/elements/1.1/\" office:version=\"1.2\"";

const CONTENT_TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
    <Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.\
    wordprocessingml.document.main+xml\"/></Types>";

const PDF: &str = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
    2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
    3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>\nendobj\n\
    trailer\n<< /Root 1 0 R /Size 4 >>\n%%EOF\n";
