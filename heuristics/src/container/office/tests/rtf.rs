//! RTF.

use super::samples::compound;
use super::told;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(told(format!("{{\\rtf1{text}}}").as_bytes()), expected);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// An OLE 1 object: class, topic, data.
fn object(form: u32, class: &str, topic: &str, data: &[u8]) -> Vec<u8> {
    let text = |text: &str| {
        let length = u32::try_from(text.len() + 1).unwrap();
        [&length.to_le_bytes()[..], text.as_bytes(), &[0]].concat()
    };
    let length = u32::try_from(data.len()).unwrap();
    let head = [&[1, 5, 0, 0][..], &form.to_le_bytes()].concat();
    [head, text(class), text(topic), text(""), length.to_le_bytes().to_vec(), data.to_vec()]
        .concat()
}

fn packed() -> Vec<u8> {
    let head = b"\x02\0setup.exe\0C:\\setup.exe\0\0\0\x03\0\x02\0\0\0a\0\x07\0\0\0";
    [&head[..], b"\x7FELF\x02\x01\x01"].concat()
}

#[test]
fn text_in_japanese() {
    let fonts = "{\\fonttbl{\\f0\\fcharset128 A;}{\\f1\\fcharset0 B;}}";
    check(&format!("\\ansi{fonts}\\f0\\'8e\\'d0\\'8a\\'4f\\'94\\'e9\\par"), &["Body: 社外秘\\n"]);
    check("\\ansi\\ansicpg932 \\'8e\\'d0\\'8aO", &["Body: 社外"]);
    check(&format!("\\ansi\\deff0{fonts}\\'8e\\'d0{{\\f1 a}}\\f1\\plain\\'8aO"), &["Body: 社a外"]);
    let double = "\\loch\\f1\\hich\\af1\\dbch\\af0 \\'8e\\'d0\\loch\\f1 a";
    check(&format!("\\ansi{fonts}{double}"), &["Body: 社a"]);
    check("\\uc1\\u31038?\\u22806?\\u-3?A", &["Body: 社外\u{FFFD}A"]);
    check("\\uc2\\u31038\\'8e\\'d0A", &["Body: 社A"]);
    check("\\u-10179?\\u-8704?", &["Body: 😀"]);
    check("{\\b a}{\\*\\generator x;}{\\stylesheet{y;}}\\tab\\{b\\}", &["Body: a\\t{b}"]);
}

#[test]
fn places_of_text() {
    let text = "{\\info{\\title A}{\\author B}{\\creatim\\yr2026}}{\\header C\\par}{\\footerr D}E{\\footnote F}";
    let expected = ["Body: E", "Header: C\\n", "Footer: D", "Note: F", "Property: A\\nB\\n"];
    check(text, &expected);
}

#[test]
fn embedded_files_are_members() {
    let data = hex(&object(2, "Package", "", &packed()));
    check(&format!("{{\\object\\objemb{{\\*\\objdata {data}}}}}"), &["setup.exe Elf Clear"]);
    let inner = compound(&[("/Workbook", b"")]);
    let data = hex(&object(2, "Excel.Sheet.8", "", &inner));
    check(&format!("{{\\*\\objdata {data}}}"), &["Excel.Sheet.8 Excel Clear"]);
}

#[test]
fn digits_are_found_over_everything() {
    let data = hex(&object(2, "Package", "", &packed()));
    let (first, rest) = data.split_at(31);
    let member: &[&str] = &["setup.exe Elf Clear"];
    check(&format!("{{\\objdata {first}\r\n \t{rest}}}"), member);
    check(&format!("{{\\objdata {first}{{\\*\\x 99}}{rest}}}"), member);
    check(&format!("{{\\objdata {first}\\*\\x {rest}}}"), member);
    check(&format!("{{\\objdata {first}{{\\b {rest}}}}}"), member);
    check(&format!("{{\\*\\unknown{{\\objdata {data}}}}}"), member);
    check(&format!("{{\\objdata {data}"), member);
    let mut raw = b"{\\rt{\\objdata\\bin".to_vec();
    let bytes = object(2, "Package", "", &packed());
    raw.extend(format!("{} ", bytes.len()).bytes());
    raw.extend(bytes);
    raw.extend(b"}}");
    assert_eq!(told(&raw), member);
}

#[test]
fn an_object_with_lies_about_its_lengths_is_found() {
    let inner = compound(&[("/Workbook", b"")]);
    let data = hex(&[&[1, 5, 0, 0, 2, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF][..], &inner].concat());
    check(&format!("{{\\objdata {data}}}"), &["- Excel Clear"]);
}

#[test]
fn what_is_fetched_on_opening() {
    let template = |target: &str| format!("{{\\*\\template {target}}}");
    let remote = "Remote(\"https://files.example/t.dot\")";
    check(&template("https://files.example/t.dot"), &[remote]);
    check(
        &template("\\\\\\\\files.example\\\\t.dot"),
        &["Remote(\"\\\\\\\\files.example\\\\t.dot\")"],
    );
    check(&template("\\u104 ?\\u116 ?tps://files.example/t.dot"), &[remote]);
    check(&template("C:\\\\t.dot"), &[]);
    let linked = hex(&object(1, "Word.Document.8", "http://files.example/a.doc", b""));
    let text = format!("{{\\object\\objautlink\\objupdate{{\\*\\objdata {linked}}}}}");
    check(&text, &["Remote(\"http://files.example/a.doc\")"]);
}

#[test]
fn fields() {
    let dde = "{\\field{\\*\\fldinst{ DDE}{AUTO cmd /c calc}}{\\fldrslt \\'82\\'a0}}";
    check(&format!("\\ansicpg932{dde}"), &["Dde(\"DDEAUTO cmd /c calc\")", "Body: あ"]);
    let quoted = "{\\field{\\*\\fldinst {\\field{\\*\\fldinst QUOTE 68 68 69}} a b}}";
    check(quoted, &["Dde(\"DDE a b\")"]);
    let link = "{\\field{\\*\\fldinst HYPERLINK \"https://www.example.com/\"}{\\fldrslt A}}";
    check(link, &["Link(\"https://www.example.com/\")", "Body: A"]);
}

#[test]
fn pictures_are_members() {
    let picture = hex(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR");
    check(
        &format!("{{\\*\\shppict{{\\pict\\pngblip\\picw10 {picture}}}}}A"),
        &["Body: A", "- Png Clear"],
    );
    check("{\\pict\\wmetafile8 0100090000}", &[]);
}

#[test]
fn groups_without_end_cost_no_more_than_their_bytes() {
    told(format!("{{\\rtf1{}", "{\\objdata 01".repeat(100_000)).as_bytes());
    told(format!("{{\\rtf1{}", "{\\field{\\*\\fldinst DDE a".repeat(50_000)).as_bytes());
    told(format!("{{\\rtf1{}", "}".repeat(100_000)).as_bytes());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_stops_us(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "{", "}", "\\objdata ", "\\*", "\\bin99999999999 ", "\\u-10179 ", "\\'8", "\\'81", "\\fldinst ",
                "\\field", "\\fldrslt", "0105000002000000", "\\template http://a.example", "\\f1", "\\fonttbl",
                "\\fcharset128", "\\pict", "\\uc99", "\u{3042}", "a", "\\", "\\par", "DDE ",
            ]),
            0..60,
        ),
    ) {
        told(format!("{{\\rtf1{}", words.concat()).as_bytes());
    }
}
