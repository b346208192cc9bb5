//! OpenDocument.

use super::super::super::zip_writer::{File, zip};
use super::told;

fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let kind = File::new("mimetype", b"application/vnd.oasis.opendocument.text");
    let parts = parts.iter().map(|(name, text)| File::new(name, text.as_bytes()).deflated());
    zip(&std::iter::once(kind).chain(parts).collect::<Vec<_>>())
}

#[track_caller]
fn check(parts: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(told(&package(parts)), expected);
}

#[test]
fn text_headers_notes_properties() {
    let content = "<office:document-content><office:body><office:text><text:p>社外<text:s/>秘</text:p>\
        <text:p>A<office:annotation><text:p>確認</text:p></office:annotation>B</text:p>\
        </office:text></office:body></office:document-content>";
    let styles = "<office:document-styles><style:header><text:p>取扱注意</text:p></style:header>\
        <style:footer><text:p>1</text:p></style:footer></office:document-styles>";
    let meta = "<office:document-meta><office:meta><dc:title>見積書</dc:title>\
        <meta:user-defined meta:name=\"a\">総務</meta:user-defined></office:meta></office:document-meta>";
    let expected = [
        "Note: 確認\\n",
        "Body: 社外 秘\\nAB\\n",
        "Header: 取扱注意\\n",
        "Footer: 1\\n",
        "Property: 見積書",
        "Property: 総務",
    ];
    check(&[("content.xml", content), ("styles.xml", styles), ("meta.xml", meta)], &expected);
}

#[test]
fn sheets() {
    let content = "<office:document-content><office:spreadsheet><table:table table:name=\"名簿\">\
        <table:table-row><table:table-cell><text:p>氏名</text:p></table:table-cell>\
        <table:table-cell><text:p>12</text:p></table:table-cell></table:table-row>\
        </table:table></office:spreadsheet></office:document-content>";
    check(&[("content.xml", content)], &["SheetName: 名簿", "Cell: 氏名\\t12\\t\\n"]);
}

#[test]
fn macros_are_modules_with_code() {
    let module = |code: &str| {
        format!(
            "<!DOCTYPE script:module PUBLIC \"a\" \"module.dtd\"><script:module script:name=\"Module1\">{code}</script:module>"
        )
    };
    let empty = module("REM  *****  BASIC  *****\n\n");
    check(
        &[("Basic/script-lc.xml", "<library:libraries/>"), ("Basic/Standard/Module1.xml", &empty)],
        &[],
    );
    let code = module("REM  *****  BASIC  *****\nSub Main\nEnd Sub\n");
    check(&[("Basic/Standard/Module1.xml", &code)], &["Macro(\"Module1\")"]);
    check(&[("Scripts/python/a.py", "pass")], &["Macro(\"Scripts/python/a.py\")"]);
}

#[test]
fn remote_objects_links_dde() {
    let content = "<office:document-content><draw:object xlink:href=\"https://files.example/a.odt\"/>\
        <draw:object xlink:href=\"./Object 1\"/><text:a xlink:href=\"https://www.example.com/\">A</text:a>\
        <office:dde-source office:dde-application=\"soffice\" office:dde-topic=\"a\" office:dde-item=\"b\"/>\
        </office:document-content>";
    let expected = [
        "Remote(\"https://files.example/a.odt\")",
        "Dde(\"soffice a b\")",
        "Link(\"https://www.example.com/\")",
    ];
    check(&[("content.xml", content)], &expected);
}

#[test]
fn encrypted_parts_encrypt_the_document() {
    let manifest = "<manifest:manifest><manifest:file-entry manifest:full-path=\"content.xml\">\
        <manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    let content = "\u{1}\u{2}\u{3}";
    check(&[("content.xml", content), ("META-INF/manifest.xml", manifest)], &["a Odf Encrypted"]);
}

#[test]
fn a_package_without_mark_is_told_by_its_manifest() {
    let bytes = zip(&[
        File::new("META-INF/manifest.xml", b"<manifest:manifest/>"),
        File::new("content.xml", b"<document-content><text:p>A</text:p></document-content>"),
        File::new("Pictures/a.png", b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR"),
    ]);
    assert_eq!(told(&bytes), ["Body: A\\n", "Pictures/a.png Png Clear"]);
}
