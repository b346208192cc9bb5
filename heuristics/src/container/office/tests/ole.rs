//! Word, Excel and PowerPoint 97–2003, and other compound files.

use super::samples::{compound, compressed, module, project_streams};
use super::told;

#[track_caller]
fn check(streams: &[(&str, &[u8])], expected: &[&str]) {
    assert_eq!(told(&compound(streams)), expected);
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A property set stream of one set: properties as identifier, type and value.
fn properties(all: &[(u32, u32, &[u8])]) -> Vec<u8> {
    let mut set = Vec::new();
    let mut values = Vec::new();
    for (id, of, value) in all {
        let at = u32::try_from(8 + 8 * all.len() + values.len()).unwrap();
        set.extend([id.to_le_bytes(), at.to_le_bytes()].concat());
        values.extend(of.to_le_bytes());
        values.extend(*value);
        values.resize(values.len().next_multiple_of(4), 0);
    }
    let mut stream = vec![0xFE, 0xFF, 0, 0];
    stream.resize(24, 0);
    stream.extend(1u32.to_le_bytes());
    stream.extend([0; 16]);
    stream.extend(48u32.to_le_bytes());
    stream.extend([0; 4]);
    stream.extend(u32::try_from(all.len()).unwrap().to_le_bytes());
    stream.extend(set);
    stream.extend(values);
    stream
}

fn lpstr(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len() + 1).unwrap();
    [&length.to_le_bytes()[..], text, &[0]].concat()
}

/// The streams of a Word document: pieces of text (one byte a character or two), lengths of parts.
fn word(pieces: &[(&str, bool)], parts: [u32; 3], flags: u16) -> (Vec<u8>, Vec<u8>) {
    let mut main = vec![0; 0x400];
    main[..4].copy_from_slice(&[0xEC, 0xA5, 0xC1, 0]);
    main[10..12].copy_from_slice(&flags.to_le_bytes());
    for (at, length) in [0x4C, 0x50, 0x54].into_iter().zip(parts) {
        main[at..at + 4].copy_from_slice(&length.to_le_bytes());
    }
    let (mut positions, mut descriptors, mut position) = (vec![0, 0, 0, 0], Vec::new(), 0u32);
    for (text, is_narrow) in pieces {
        let start = u32::try_from(main.len()).unwrap();
        let offset = if *is_narrow {
            main.extend(text.bytes());
            (start * 2) | 0x4000_0000
        } else {
            main.extend(wide(text));
            start
        };
        position += u32::try_from(text.encode_utf16().count()).unwrap();
        positions.extend(position.to_le_bytes());
        descriptors.extend([0, 0]);
        descriptors.extend(offset.to_le_bytes());
        descriptors.extend([0, 0]);
    }
    let length = u32::try_from(positions.len() + descriptors.len()).unwrap();
    // Properties of one byte come first.
    let table = [&[1, 1, 0, 9, 2][..], &length.to_le_bytes(), &positions, &descriptors].concat();
    let length = u32::try_from(table.len()).unwrap();
    main[0x1A2..0x1A6].copy_from_slice(&0u32.to_le_bytes());
    main[0x1A6..0x1AA].copy_from_slice(&length.to_le_bytes());
    (main, table)
}

fn record(of: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [&of.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
}

fn slide(of: u16, version: u16, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    [&version.to_le_bytes()[..], &of.to_le_bytes(), &length.to_le_bytes(), data].concat()
}

fn bof() -> Vec<u8> {
    record(0x0809, &[0, 6, 5, 0])
}

fn bound_sheet(of: u8, name: &str) -> Vec<u8> {
    let length = u8::try_from(name.encode_utf16().count()).unwrap();
    record(0x85, &[&[0, 0, 0, 0, 0, of, length, 1][..], &wide(name)].concat())
}

#[test]
fn text_of_word_documents() {
    let pieces = [("Report\r", true), ("社外秘\u{7}", false), ("注\r取扱注意\r", false)];
    let (main, table) = word(&pieces, [11, 2, 5], 0x200);
    let expected = ["Body: Report\\n社外秘\\t", "Note: 注\\n", "Header: 取扱注意\\n"];
    check(&[("/WordDocument", &main), ("/1Table", &table)], &expected);
}

#[test]
fn fields_of_word_documents() {
    let field = "\u{13} DDEAUTO cmd \"/c calc\" \u{14}結果\u{15}\r";
    let (main, table) = word(&[(field, false)], [100, 0, 0], 0);
    let expected = ["Dde(\"DDEAUTO cmd \\\"/c calc\\\"\")", "Body: 結果\\n"];
    check(&[("/WordDocument", &main), ("/0Table", &table)], &expected);
}

#[test]
fn template_of_word_documents() {
    let (mut main, mut table) = word(&[("a", true)], [1, 0, 0], 0);
    let target = "https://files.example/t.dot";
    let start = u32::try_from(table.len()).unwrap();
    table.extend([0xFF, 0xFF, 2, 0, 0, 0, 0, 0]);
    table.extend(u16::try_from(target.len()).unwrap().to_le_bytes());
    table.extend(wide(target));
    let length = u32::try_from(table.len()).unwrap() - start;
    main[0x19A..0x19E].copy_from_slice(&start.to_le_bytes());
    main[0x19E..0x1A2].copy_from_slice(&length.to_le_bytes());
    let expected = ["Remote(\"https://files.example/t.dot\")", "Body: a"];
    check(&[("/WordDocument", &main), ("/0Table", &table)], &expected);
}

#[test]
fn encryption_of_each() {
    let (main, table) = word(&[("a", true)], [1, 0, 0], 0x100);
    check(&[("/WordDocument", &main), ("/0Table", &table)], &["a Word Encrypted"]);
    let book = [bof(), record(0x2F, &[1, 0, 1, 0, 1, 0]), bound_sheet(1, "a")].concat();
    check(&[("/Workbook", &book)], &["a Excel Encrypted"]);
    let slides = slide(0x2F14, 0xF, &[]);
    check(&[("/PowerPoint Document", &slides)], &["a PowerPoint Encrypted"]);
    check(&[("/EncryptedPackage", b"a")], &["a EncryptedOffice Encrypted"]);
    // An embedded object's encryption is its own.
    let book = bof();
    let streams: [(&str, &[u8]); 3] =
        [("/Workbook", &book), ("/MBD1/WordDocument", &main), ("/MBD1/0Table", &table)];
    check(&streams, &[]);
}

#[test]
fn macros_of_documents() {
    let (main, table) = word(&[("a", true)], [1, 0, 0], 0);
    let mut streams = project_streams("/Macros", &module("Sub AutoOpen()\r\nEnd Sub\r\n"));
    streams.extend([("/WordDocument".into(), main), ("/0Table".into(), table)]);
    let streams: Vec<_> = streams.iter().map(|(p, c)| (p.as_str(), c.as_slice())).collect();
    check(&streams, &["Macro(\"AutoOpen\")", "Body: a"]);
}

#[test]
fn source_in_a_stream_without_attributes_is_a_macro() {
    let source = compressed("Sub A()\r\n");
    let streams: [(&str, &[u8]); 2] = [("/VBA/_VBA_PROJECT", b"a"), ("/VBA/Module1", &source)];
    check(&streams, &["a Compound Unknown", "Macro(\"Module1\")"]);
}

#[test]
fn workbooks() {
    let strings =
        [&[2, 0, 0, 0, 2, 0, 0, 0][..], &[2, 0, 1], &wide("氏名"), &[1, 0, 0, b'A']].concat();
    let book = [
        bof(),
        bound_sheet(0, "名簿"),
        bound_sheet(1, "Macro1"),
        record(0xFC, &strings),
        bof(),
        record(0x14, &[&[6, 0, 1][..], &wide("&C社外秘!")].concat()),
        record(0xFD, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        record(0xFD, &[0, 0, 1, 0, 0, 0, 1, 0, 0, 0]),
        record(0x203, &[&[1, 0, 0, 0, 0, 0][..], &12.5f64.to_le_bytes()].concat()),
        record(0x27E, &[1, 0, 1, 0, 0, 0, 0x92, 1, 0, 0]),
    ]
    .concat();
    let expected = [
        "ExcelMacroSheet(\"Macro1\")",
        "SheetName: 名簿",
        "SheetName: Macro1",
        "Header: 社外秘!",
        "Cell: 氏名\\tA\\t\\n12.5\\t100\\t",
    ];
    check(&[("/Workbook", &book)], &expected);
}

#[test]
fn links_of_workbooks() {
    let link = |path: &str| {
        let length = u16::try_from(path.len()).unwrap();
        record(0x1AE, &[&[1, 0][..], &length.to_le_bytes(), &[0], path.as_bytes()].concat())
    };
    let dde = [bof(), link("cmd\u{3}/c calc"), record(0x23, &[0; 8])].concat();
    check(&[("/Workbook", &dde)], &["Dde(\"cmd /c calc\")"]);
    let path = "Word.Document.8\u{3}\\\\files.example\\a.doc";
    let ole = [bof(), link(path), record(0x23, &[0x10, 0, 0, 0])].concat();
    check(&[("/Workbook", &ole)], &["Remote(\"\\\\\\\\files.example\\\\a.doc\")"]);
    let book = [bof(), link("\u{1}a.xls"), record(0x23, &[0; 8])].concat();
    check(&[("/Workbook", &book)], &[]);
}

#[test]
fn presentations() {
    let inner = [slide(0x0FA0, 0, &wide("予算\r案")), slide(0x0FA8, 0, b"Plan")].concat();
    let notes = slide(0x03F0, 0xF, &slide(0x0FA0, 0, &wide("口頭で")));
    let footer = slide(0x0FD9, 0xF, &slide(0x0FBA, 0x20, &wide("部外秘")));
    let stream = [slide(0x03EE, 0xF, &inner), notes, footer].concat();
    let expected = ["Body: 予算\\n案\\nPlan\\n", "Note: 口頭で\\n", "Footer: 部外秘\\n"];
    check(&[("/PowerPoint Document", &stream)], &expected);
}

#[test]
fn macros_of_presentations_are_packed() {
    let project = super::samples::vba_project(&module("Sub Auto_Open()\r\nEnd Sub\r\n"));
    let mut packed = flate2::write::ZlibEncoder::new(vec![0; 4], flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &project).unwrap();
    let stream = slide(0x1011, 0x10, &packed.finish().unwrap());
    check(&[("/PowerPoint Document", &stream)], &["Macro(\"Auto_Open\")"]);
}

#[test]
fn packed_files_are_members() {
    let content = b"\x7FELF\x02\x01\x01";
    let packed = [
        &[0, 0, 0, 0, 2, 0][..],
        b"setup.exe\0C:\\a\\setup.exe\0\0\0\x03\0\x04\0\0\0abc\0\x07\0\0\0",
        content,
    ]
    .concat();
    let expected = ["a Word Clear", "setup.exe Elf Clear"];
    let told = told(&compound(&[
        ("/WordDocument", &[0; 64]),
        ("/ObjectPool/_1/\u{1}Ole10Native", &packed),
    ]));
    assert_eq!(told, &expected[1..]);
}

#[test]
fn a_linked_object_is_fetched() {
    let class =
        [0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C, 0x82, 0, 0xAA, 0, 0x4B, 0xA9, 0x0B];
    let target = wide("http://files.example/a.hta\0");
    let length = u32::try_from(target.len()).unwrap().to_le_bytes();
    let link = [&[1, 0, 0, 2][..], &[0; 16], &class, &length, &target].concat();
    let expected = ["a Compound Unknown", "Remote(\"http://files.example/a.hta\")"];
    check(&[("/\u{1}Ole", &link)], &expected);
}

#[test]
fn properties_in_japanese() {
    let title = lpstr(b"\x8C\xA9\x90\xCF\x8F\x91");
    let author = [&3u32.to_le_bytes()[..], &wide("太郎\0")].concat();
    let code_page: &[u8] = &[0xA4, 3, 0, 0];
    let set =
        properties(&[(1, 2, code_page), (2, 0x1E, &title), (4, 0x1F, &author), (18, 0x1E, &title)]);
    let book = bof();
    let streams: [(&str, &[u8]); 2] = [("/Workbook", &book), ("/\u{5}SummaryInformation", &set)];
    check(&streams, &["Property: 見積書", "Property: 太郎"]);
    let label = lpstr("極秘".as_bytes());
    let name = "MSIP_Label_1-2_Name";
    let dictionary = [
        &2u32.to_le_bytes()[..],
        &u32::try_from(name.len()).unwrap().to_le_bytes(),
        name.as_bytes(),
    ]
    .concat();
    let code_page: &[u8] = &[0xE9, 0xFD, 0, 0];
    let set = properties(&[(0, 1, &dictionary), (1, 2, code_page), (2, 0x1E, &label)]);
    let streams: [(&str, &[u8]); 2] =
        [("/Workbook", &book), ("/\u{5}DocumentSummaryInformation", &set)];
    check(&streams, &["Label: 極秘"]);
}

#[test]
fn cut_files_are_read_as_far_as_they_go() {
    let (main, table) = word(&[("a", true)], [1, 0, 0], 0);
    let mut streams = project_streams("/Macros", &module("Sub AutoOpen()\r\nEnd Sub\r\n"));
    streams.extend([("/WordDocument".into(), main), ("/0Table".into(), table)]);
    let streams: Vec<_> = streams.iter().map(|(p, c)| (p.as_str(), c.as_slice())).collect();
    let whole = compound(&streams);
    for end in (0..whole.len()).step_by(101) {
        told(&whole[..end]);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn no_damage_stops_us(changes in proptest::collection::vec((0..6000usize, 0u8..), 1..8)) {
        let (main, table) = word(&[("a\u{13}DDE\u{15}", true)], [9, 0, 0], 0);
        let book = [bof(), bound_sheet(1, "a"), record(0xFC, &[1; 40])].concat();
        let slides = slide(0x03EE, 0xF, &slide(0x0FA8, 0, b"Plan"));
        let mut bytes = compound(&[
            ("/WordDocument", &main),
            ("/0Table", &table),
            ("/Workbook", &book),
            ("/PowerPoint Document", &slides),
            ("/\u{1}Ole10Native", &[2; 60]),
            ("/\u{5}SummaryInformation", &properties(&[(2, 0x1E, &lpstr(b"a"))])),
        ]);
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        told(&bytes);
    }
}
