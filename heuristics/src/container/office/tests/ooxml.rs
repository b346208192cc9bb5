//! Word, Excel and PowerPoint since 2007.

use super::samples::{module, package, package_of, relationships, vba_project};
use super::told;

#[track_caller]
fn check(parts: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(told(&package(parts)), expected);
}

#[track_caller]
fn check_relationship(of: &str, target: &str, mode: &str, expected: &[&str]) {
    let rels = relationships(&[(of, target, mode)]);
    let body = "<w:document/>";
    check(&[("word/document.xml", body), ("word/_rels/settings.xml.rels", &rels)], expected);
}

#[test]
fn macros_are_told_by_the_procedure_that_runs() {
    let source = module("Private Sub Document_Open()\r\n  MsgBox \"a\"\r\nEnd Sub\r\n");
    let project = vba_project(&source);
    let told_at =
        |name| told(&package_of(&[("word/document.xml", b"<w:document/>"), (name, &project)]));
    assert_eq!(told_at("word/vbaProject.bin"), ["Macro(\"Document_Open\")"]);
    assert_eq!(told_at("customXml/item1.dat"), ["Macro(\"Document_Open\")"]);
}

#[test]
fn macros_that_wait_to_be_called_are_told_by_their_module() {
    let project = vba_project(&module("Sub Tidy()\r\nEnd Sub\r\n"));
    let book = package_of(&[("xl/workbook.xml", b"<workbook/>"), ("xl/vbaProject.bin", &project)]);
    assert_eq!(told(&book), ["Macro(\"ThisDocument\")"]);
}

#[test]
fn a_project_without_code_is_no_macro() {
    let project = vba_project(&module("' nothing yet\r\n"));
    let book = package_of(&[("xl/workbook.xml", b"<workbook/>"), ("xl/vbaProject.bin", &project)]);
    assert_eq!(told(&book), [] as [&str; 0]);
}

#[test]
fn a_project_that_cannot_be_read_is_a_macro() {
    let mut project = vba_project(&module(""));
    // The first sector of the allocation table lies nowhere.
    project[76..80].copy_from_slice(&[0xF0, 0xFF, 0xFF, 0]);
    let book = package_of(&[("xl/workbook.xml", b"<workbook/>"), ("xl/vbaProject.bin", &project)]);
    assert_eq!(told(&book), ["Macro(\"_VBA_PROJECT\")"]);
}

#[test]
fn macro_sheets_are_told_by_their_names() {
    let rels = relationships(&[
        ("worksheet", "worksheets/sheet1.xml", ""),
        ("xlMacrosheet", "macrosheets/sheet1.xml", ""),
    ]);
    let book = "<workbook><sheets><sheet name=\"売上\" sheetId=\"1\" r:id=\"rId0\"/>\
                <sheet name=\"Macro1\" sheetId=\"2\" state=\"hidden\" r:id=\"rId1\"/></sheets></workbook>";
    let expected = ["ExcelMacroSheet(\"Macro1\")", "SheetName: 売上", "SheetName: Macro1"];
    let sheet = "<xm:macrosheet/>";
    let parts = [
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", &rels),
        ("xl/macrosheets/sheet1.xml", sheet),
    ];
    check(&parts, &expected);
    // Binary workbooks have no root element; the content types say what a part is.
    let types = "<Types><Override PartName=\"/xl/macrosheets/sheet1.bin\" \
                 ContentType=\"application/vnd.ms-excel.macrosheet\"/></Types>";
    let parts = [("[Content_Types].xml", types), ("xl/workbook.bin", "\u{1}")];
    check(&parts, &["ExcelMacroSheet(\"xl/macrosheets/sheet1.bin\")"]);
}

#[test]
fn what_is_fetched_on_opening() {
    let http = "http://files.example/t.dotm";
    let remote = format!("Remote({http:?})");
    check_relationship("attachedTemplate", http, "External", &[&remote]);
    check_relationship("oleObject", http, "external", &[&remote]);
    check_relationship("frame", http, "External", &[&remote]);
    check_relationship("aFChunk", http, "External", &[&remote]);
    let share = "file:///\\\\files.example\\share\\t.dotm";
    check_relationship("attachedTemplate", share, "External", &[&format!("Remote({share:?})")]);
    check_relationship("hyperlink", http, "External", &[&format!("Link({http:?})")]);
}

#[test]
fn what_is_not_fetched_on_opening() {
    check_relationship("attachedTemplate", "file:///C:\\t\\Normal.dotm", "External", &[]);
    check_relationship("attachedTemplate", "Normal.dotm", "External", &[]);
    check_relationship("image", "http://files.example/a.png", "External", &[]);
    check_relationship("externalLinkPath", "file:///\\\\files.example\\a.xlsx", "External", &[]);
    check_relationship("oleObject", "http://files.example/t", "", &[]);
    let rels = relationships(&[("oleObject", "https://files.example/a.xlsx", "External")]);
    check(
        &[("word/document.xml", "<document/>"), ("word/charts/_rels/chart1.xml.rels", &rels)],
        &[],
    );
}

#[test]
fn fields_split_over_runs() {
    let text = "<w:document><w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>\
        <w:r><w:instrText> DDE</w:instrText></w:r><w:r><w:instrText>AUTO cmd &quot;/c</w:instrText></w:r>\
        <w:r><w:instrText> calc&quot;</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>\
        <w:r><w:t>結果</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p></w:document>";
    let dde = "Dde(\"DDEAUTO cmd \\\"/c calc\\\"\")";
    check(&[("word/document.xml", text)], &[dde, "Body: 結果\\n"]);
    let simple = "<w:hdr><w:fldSimple w:instr=\"DDE excel a b\"/></w:hdr>";
    check(&[("word/header1.xml", simple)], &["Dde(\"DDE excel a b\")"]);
    let link = "<externalLink><ddeLink ddeService=\"cmd\" ddeTopic=\"/c calc\"/></externalLink>";
    check(&[("xl/externalLinks/externalLink1.xml", link)], &["Dde(\"cmd /c calc\")"]);
}

#[test]
fn text_of_word_documents() {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document><w:body><w:p><w:pPr><w:tabs>\
        <w:tab/></w:tabs></w:pPr><w:r><w:t>社外</w:t></w:r><w:r><w:t>秘</w:t><w:tab/><w:t>A</w:t></w:r>\
        </w:p><mc:AlternateContent><mc:Choice><w:p><w:r><w:t>箱</w:t></w:r></w:p></mc:Choice><mc:Fallback>\
        <w:p><w:r><w:t>箱</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent></w:body></w:document>";
    let parts = [
        ("word/document.xml", body),
        ("word/header1.xml", "<w:hdr><w:p><w:r><w:t>取扱注意</w:t></w:r></w:p></w:hdr>"),
        ("word/footer1.xml", "<w:ftr><w:t>1ページ</w:t></w:ftr>"),
        ("word/comments.xml", "<w:comments><w:t>確認済み</w:t></w:comments>"),
        (
            "docProps/core.xml",
            "<cp:coreProperties><dc:title>見積書</dc:title><dc:revision>3</dc:revision></cp:coreProperties>",
        ),
        (
            "docProps/app.xml",
            "<Properties><Application>Word</Application><Company>例示社</Company></Properties>",
        ),
        (
            "docProps/custom.xml",
            "<Properties><property name=\"MSIP_Label_1-2_Name\"><vt:lpwstr>極秘</vt:lpwstr></property>\
            <property name=\"MSIP_Label_1-2_Enabled\"><vt:lpwstr>true</vt:lpwstr></property>\
            <property name=\"部署\"><vt:lpwstr>総務</vt:lpwstr></property></Properties>",
        ),
        (
            "docMetadata/LabelInfo.xml",
            "<clbl:labelList><clbl:label id=\"{1-2}\" enabled=\"1\"/></clbl:labelList>",
        ),
    ];
    let expected = [
        "Body: 社外秘\\tA\\n箱\\n\\n",
        "Header: 取扱注意\\n",
        "Footer: 1ページ",
        "Note: 確認済み",
        "Property: 見積書",
        "Property: 例示社",
        "Label: 極秘",
        "Property: 総務",
        "Label: {1-2}",
    ];
    check(&parts, &expected);
}

#[test]
fn text_of_workbooks_and_presentations() {
    let sheet = "<worksheet><sheetData><row><c t=\"s\"><v>1</v></c><c><v>12.5</v></c></row>\
        <row><c t=\"inlineStr\"><is><t>直接</t></is></c><c t=\"s\"><v>9</v></c></row></sheetData>\
        <headerFooter><oddHeader>&amp;C社外秘</oddHeader></headerFooter></worksheet>";
    let strings = "<sst><si><t>一</t></si><si><t>氏名</t><rPh><t>シメイ</t></rPh></si></sst>";
    let parts = [
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
        ("xl/workbook.xml", "<workbook><sheet name=\"名簿\"/></workbook>"),
    ];
    let expected = ["SheetName: 名簿", "Cell: 氏名\\t12.5\\t\\n直接\\t\\t\\n", "Header: 社外秘"];
    check(&parts, &expected);
    let parts = [
        ("ppt/slides/slide1.xml", "<p:sld><a:p><a:r><a:t>予算</a:t></a:r></a:p></p:sld>"),
        ("ppt/notesSlides/notesSlide1.xml", "<p:notes><a:t>口頭で</a:t></p:notes>"),
        ("ppt/slideMasters/slideMaster1.xml", "<p:sldMaster><a:t>部外秘</a:t></p:sldMaster>"),
    ];
    check(&parts, &["Body: 予算\\n", "Note: 口頭で", "Footer: 部外秘"]);
}

#[test]
fn embedded_files_are_members() {
    let inner = package(&[("xl/workbook.xml", "<workbook/>")]);
    let parts: [(&str, &[u8]); 5] = [
        ("word/document.xml", b"<w:document/>"),
        ("word/media/image1.png", b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR"),
        ("word/embeddings/Microsoft_Excel_Sheet1.xlsx", &inner),
        ("word/printerSettings/printerSettings1.bin", b"\x01\0\x02\0P\0r\0i\0n\0t\0e\0r\0"),
        ("word/fonts/font1.odttf", b"\x81\x9A\0\x01\x02"),
    ];
    let document = package_of(&parts);
    let expected = [
        format!("0 a.docx Docx {} Clear", document.len()),
        "1 word/media/image1.png Png 16 Clear".to_owned(),
        format!("1 word/embeddings/Microsoft_Excel_Sheet1.xlsx Xlsx {} Clear", inner.len()),
    ];
    assert_eq!(super::check::lines("a.docx", &document, &[]), expected);
}

#[test]
fn capitals_utf_16_and_a_long_comment_change_nothing() {
    let rels = relationships(&[("attachedTemplate", "https://files.example/t", "External")]);
    let padded = format!("<!--{}-->{rels}", " ".repeat(9000)).replace("/t\"", "/u\"");
    let wide: Vec<u8> = rels.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = [&b"\xFF\xFE"[..], &wide].concat();
    let document = format!(
        "<!--{}--><w:document><w:fldSimple w:instr=\"DDE a b\"/></w:document>",
        " ".repeat(9000)
    );
    let parts: [(&str, &[u8]); 4] = [
        ("word/_rels/padded.xml.rels", padded.as_bytes()),
        ("[content_types].XML", b"<Types/>"),
        ("Word/document.xml", document.as_bytes()),
        ("Word/_rels/settings.xml.rels", &wide),
    ];
    let expected = [
        "Remote(\"https://files.example/u\")",
        "Dde(\"DDE a b\")",
        "Remote(\"https://files.example/t\")",
    ];
    assert_eq!(told(&package_of(&parts)), expected);
}

#[test]
fn cells_that_repeat_a_long_string_end_where_the_limits_do() {
    let strings = format!("<sst><si><t>{}</t></si></sst>", "あ".repeat(300_000));
    let cells = "<c t=\"s\"><v>0</v></c>".repeat(1000);
    let sheet = format!("<worksheet><row>{cells}</row></worksheet>");
    let book = package(&[("xl/sharedStrings.xml", &strings), ("xl/worksheets/sheet1.xml", &sheet)]);
    let (files, _) = super::check::tree("a.xlsx", &book, &[]);
    let length: usize = files[0].texts.iter().map(|t| t.text.len()).sum();
    assert!((50_000_000..105_000_000).contains(&length), "{length}");
}

#[test]
fn binary_workbooks() {
    let wide = |text: &str| {
        let length = u32::try_from(text.encode_utf16().count()).unwrap();
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        length.to_le_bytes().into_iter().chain(units).collect::<Vec<u8>>()
    };
    let record = |of: u16, data: &[u8]| {
        let size = u8::try_from(data.len()).unwrap();
        let of =
            if of < 128 { vec![of as u8] } else { vec![(of & 0x7F) as u8 | 0x80, (of >> 7) as u8] };
        [of, vec![size], data.to_vec()].concat()
    };
    let cell = |of, data: &[u8]| record(of, &[&[0; 8][..], data].concat());
    let sheet = |id, name| record(156, &[&[0; 8][..], &wide(id), &wide(name)].concat());
    let book = [record(131, &[]), sheet("rId0", "名簿"), sheet("rId1", "Macro1")].concat();
    let strings = [record(159, &[0; 8]), record(19, &[&[0][..], &wide("氏名")].concat())].concat();
    let cells = [
        record(129, &[]),
        record(0, &[0; 17]),
        cell(7, &[0; 4]),
        cell(6, &wide("A")),
        record(0, &[0; 17]),
        cell(5, &12.5f64.to_le_bytes()),
        cell(2, &[0x92, 1, 0, 0]),
        cell(7, &[9, 0, 0, 0]),
    ]
    .concat();
    let rels = relationships(&[
        ("worksheet", "worksheets/sheet1.bin", ""),
        ("xlMacrosheet", "macrosheets/sheet1.bin", ""),
    ]);
    let types = "<Types><Override PartName=\"/xl/macrosheets/sheet1.bin\" \
                 ContentType=\"application/vnd.ms-excel.macrosheet\"/></Types>";
    let parts: [(&str, &[u8]); 5] = [
        ("[Content_Types].xml", types.as_bytes()),
        ("xl/worksheets/sheet1.bin", &cells),
        ("xl/sharedStrings.bin", &strings),
        ("xl/workbook.bin", &book),
        ("xl/_rels/workbook.bin.rels", rels.as_bytes()),
    ];
    let expected = [
        "ExcelMacroSheet(\"Macro1\")",
        "SheetName: 名簿",
        "SheetName: Macro1",
        "Cell: 氏名\\tA\\t\\n12.5\\t100\\t\\t",
    ];
    assert_eq!(told(&package_of(&parts)), expected);
    let cut = &cells[..cells.len() - 3];
    told(&package_of(&[("xl/worksheets/sheet1.bin", cut)]));
}
