//! Samples are one file of eight objects (a script, a link, a page of text, an embedded file), as
//! `qpdf --object-streams=generate` writes it, and with `--encrypt USER OWNER BITS`, where the user
//! password is `secret` or none, the owner password `owner`, and ids and vectors are static.

use proptest::prelude::*;

use crate::container::qr::drawing::{CODE, code, encode};
use crate::container::tree::check::{tree, tree_of};
use crate::container::{Encryption, File, Kind, Tree};
use crate::message::Problem;

/// A file of these objects, numbered from 1, and nothing else.
fn pdf(objects: &[&str]) -> Vec<u8> {
    let bytes: Vec<&[u8]> = objects.iter().map(|o| o.as_bytes()).collect();
    pdf_of(&bytes)
}

fn pdf_of(objects: &[&[u8]]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    for (i, object) in objects.iter().enumerate() {
        out.extend(format!("{} 0 obj\n", i + 1).bytes());
        out.extend_from_slice(object);
        out.extend(b"\nendobj\n");
    }
    out
}

fn stream(dict: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("<<{dict}/Length {}>>\nstream\r\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

/// Names and kinds of the files, what they do, and the problems.
fn lines(files: &[File], problems: &[Problem]) -> Vec<String> {
    let mut out = Vec::new();
    for file in files.iter().skip(1) {
        let names: Vec<_> = file.names.iter().map(|n| n.text.as_str()).collect();
        out.push(format!("{:?} {} {}", file.kind, names.join(" = "), file.size));
    }
    out.extend(files.iter().flat_map(|f| f.observations.iter().map(|o| format!("{o:?}"))));
    out.extend(problems.iter().map(ToString::to_string));
    out
}

#[track_caller]
fn check_file(file: &[u8], expected: &[&str]) {
    let (files, problems) = tree("a.pdf", file, &[]);
    assert_eq!(lines(&files, &problems), expected);
    assert_eq!(files[0].encryption, Encryption::Clear);
}

#[track_caller]
fn check(objects: &[&str], expected: &[&str]) {
    check_file(&pdf(objects), expected);
}

#[track_caller]
fn check_text(objects: &[&[u8]], expected: &[&str]) {
    let (files, _) = tree("a.pdf", &pdf_of(objects), &[]);
    let texts: Vec<_> =
        files[0].texts.iter().map(|t| format!("{:?} {}", t.place, t.text.trim())).collect();
    assert_eq!(texts, expected);
}

/// What is met of smaller limits.
fn limited(file: &[u8], bytes: usize, work: usize) -> Vec<Problem> {
    let mut limits = sekisho_config::Settings::default().filter.limits;
    (limits.inflated_bytes, limits.work) = (bytes, work);
    let mut tree = Tree::new(&limits, Vec::new(), true);
    let at = tree.add(File { kind: Kind::Pdf, ..File::default() });
    tree.open(at, file);
    tree.into_parts().1
}

#[test]
fn scripts() {
    check(&["<</OpenAction<</S/JavaScript/JS(a\\(\\))>>>>"], &["Script(\"a()\")"]);
    check(&["<</AA<</O<</S/JavaScript/JS<FEFF0061>>>>>>>"], &["Script(\"a\")"]);
    check(&["<</S/JavaScript/JS 2 0 R>>", "(b)"], &["Script(\"b\")"]);
    check(&["<</S/J#61vaScript/J#53 2 0 R>>", "<<>>stream\nc()\nendstream"], &["Script(\"c()\")"]);
    check(&["<</S/JavaScript>>"], &["Script(\"\")"]);
}

#[test]
fn a_script_written_again_does_not_hide_the_one_before() {
    let mut file = pdf(&["<</S/JavaScript/JS 2 0 R>>", "<<>>stream\na()\nendstream"]);
    file.extend(b"2 0 obj\n<<>>stream\n \nendstream\nendobj\n");
    check_file(&file, &["Script(\"a()\")"]);
}

#[test]
fn launch_actions() {
    let action = "<</S/Launch/Win<</F(cmd.exe)/P(/c start calc)>>>>";
    check(&[action], &["Launch(\"cmd.exe /c start calc\")"]);
    check(&["<</S/Launch/F<</UF(a.exe)/F(b)>>>>"], &["Launch(\"a.exe\")"]);
    check(&["<</S/Launch/F 2 0 R>>", "(c.exe)"], &["Launch(\"c.exe\")"]);
}

#[test]
fn links_forms_and_what_is_fetched() {
    check(&["<</A<</S/URI/URI(https://a.example/)>>>>"], &["Link(\"https://a.example/\")"]);
    let form = "<</S/SubmitForm/F<</FS/URL/F(https://a.example/p)>>>>";
    check(&[form], &["Form(\"https://a.example/p\")"]);
    let far = "<</S/GoToR/F(\\\\\\\\a.example\\\\b.pdf)>>";
    check(&[far], &["Link(\"\\\\\\\\a.example\\\\b.pdf\")"]);
    check(&["<</S/GoToR/F(b.pdf)>>"], &[]);
}

#[test]
fn embedded_files() {
    let inner = String::from_utf8(stream("/Type/EmbeddedFile", b"MZ")).unwrap();
    check(&["<</F(a.exe)/UF(b.exe)/EF<</F 2 0 R/UF 2 0 R>>>>", &inner], &["Text b.exe = a.exe 2"]);
    check(&[&inner], &["Text  2"]);
    let page = stream("/Type/EmbeddedFile", b"<html><script>a()</script>");
    check_file(&pdf_of(&[&page]), &["Html  26", "Script(\"a()\")"]);
}

#[test]
fn objects_in_object_streams() {
    let sample = include_bytes!("../samples/object-streams.pdf");
    let (files, problems) = tree("a.pdf", sample, &[]);
    let seen = ["Text a.txt 10", "Script(\"app.alert(1)\")", "Link(\"https://a.example/\")"];
    assert_eq!(lines(&files, &problems), seen);
    let texts: Vec<_> = files[0].texts.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(texts, ["A title", "Plain words"]);
}

#[test]
fn a_file_with_an_owner_password_alone_is_clear() {
    let seen = ["Text a.txt 10", "Script(\"app.alert(1)\")", "Link(\"https://a.example/\")"];
    check_file(include_bytes!("../samples/aes256-owner.pdf"), &seen);
    let seen = ["Text a.txt 10", "Script(\"app.alert(1)\")", "Link(\"https://a.example/\")"];
    check_file(include_bytes!("../samples/rc4-owner.pdf"), &seen);
}

#[test]
fn passwords_are_paid_for() {
    let slow = include_bytes!("../samples/aes256-user.pdf");
    let work = |passwords: &[&str]| crate::container::tree::check::work(slow, passwords);
    assert_eq!(work(&["wrong", "wrong too"]) - work(&[]), 900_000);
}

#[test]
fn a_file_with_a_user_password_is_encrypted_and_opened_by_it() {
    for sample in [
        &include_bytes!("../samples/aes256-user.pdf")[..],
        include_bytes!("../samples/aes128-user.pdf"),
        include_bytes!("../samples/rc4-40-user.pdf"),
    ] {
        let (files, _) = tree("a.pdf", sample, &["wrong"]);
        assert_eq!(files[0].encryption, Encryption::Encrypted);
        assert!(!files[0].opened_by_password && files[0].texts.is_empty());
        for password in ["secret", "owner"] {
            let (files, problems) = tree("a.pdf", sample, &["wrong", password]);
            assert_eq!(files[0].encryption, Encryption::Encrypted);
            assert!(files[0].opened_by_password);
            let seen =
                ["Text a.txt 10", "Script(\"app.alert(1)\")", "Link(\"https://a.example/\")"];
            assert_eq!(lines(&files, &problems), seen);
            assert_eq!(files[0].texts.last().unwrap().text, "Plain words");
        }
    }
}

#[test]
fn what_an_encrypted_file_does_is_told_without_its_words() {
    let (files, problems) = tree("a.pdf", include_bytes!("../samples/rc4-40-user.pdf"), &[]);
    assert_eq!(lines(&files, &problems), ["Unknown  18", "Script(\"\")"]);
    assert_eq!(files[1].encryption, Encryption::Encrypted);
}

#[test]
fn encryption_that_is_broken_is_encryption() {
    for encrypt in ["<</Filter/Standard/V 5/R 6/O()/U()/P 0>>", "<</Filter/Other>>", "<</V 99>>"] {
        let file = [&pdf(&["<<>>"])[..], b"trailer<</Encrypt ", encrypt.as_bytes(), b">>"].concat();
        let (files, _) = tree("a.pdf", &file, &["x"]);
        assert_eq!(files[0].encryption, Encryption::Encrypted, "{encrypt}");
    }
}

#[test]
fn jpegs_are_files_of_their_own() {
    let jpeg = encode(code(3), image::ImageFormat::Jpeg);
    let dict = "/Subtype/Image/Width 99/Height 99/Filter/DCTDecode";
    let file = pdf_of(&[&stream(dict, &jpeg)]);
    let size = jpeg.len();
    check_file(&file, &[&format!("Jpeg  {size}"), "QrCode(\"https://qr.example/a\")"]);
}

#[test]
fn pictures_of_one_eight_and_indexed_bits() {
    let seen = ["QrCode(\"https://qr.example/a\")"];
    let grey = code(2).into_raw();
    let dict = "/Subtype/Image/Width 66/Height 66/BitsPerComponent 8/ColorSpace";
    check_file(&pdf_of(&[&stream(&format!("{dict}/DeviceGray"), &grey)]), &seen);
    let rgb: Vec<u8> = grey.iter().flat_map(|&g| [g; 3]).collect();
    check_file(&pdf_of(&[&stream(&format!("{dict}/DeviceRGB"), &rgb)]), &seen);
    let cmyk: Vec<u8> = grey.iter().flat_map(|&g| [0, 0, 0, 255 - g]).collect();
    check_file(&pdf_of(&[&stream(&format!("{dict}[/ICCBased 2 0 R]"), &cmyk), b"<</N 4>>"]), &seen);
    let indexed: Vec<u8> = grey.iter().map(|&g| u8::from(g < 128)).collect();
    let palette = "[/Indexed/DeviceRGB 1<FFFFFF000000>]";
    check_file(&pdf_of(&[&stream(&format!("{dict}{palette}"), &indexed)]), &seen);
}

#[test]
fn masks_of_one_bit_a_module() {
    // 25 modules and a light edge of 3 on the right and below.
    let mut bits = Vec::new();
    for row in CODE {
        bits.extend((row << 7).to_be_bytes());
    }
    bits.resize(4 * 28, 0);
    let dict = "/Subtype/Image/Width 28/Height 28/ImageMask true";
    check_file(&pdf_of(&[&stream(dict, &bits)]), &["QrCode(\"https://qr.example/a\")"]);
}

#[test]
fn text_by_to_unicode() {
    let map = b"begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange \
        2 beginbfchar <0001> <793E> <0002> <5916> endbfchar \
        1 beginbfrange <0003> <0004> <79D8> endbfrange endcmap";
    let page = b"<</Type/Page/Contents 2 0 R/Parent 3 0 R>>";
    let content = stream("", b"BT /F1 9 Tf <0001> Tj <0002> Tj [<0003>] TJ 0 -12 Td <0004> Tj ET");
    let holder = b"<</Resources<</Font<</F1 4 0 R>>>>>>";
    let font = b"<</Subtype/Type0/Encoding/Identity-H/ToUnicode 5 0 R>>";
    let map = stream("", map);
    check_text(&[page, &content, holder, font, &map], &["Body \u{793E}\u{5916}\u{79D8}\n\u{79D9}"]);
}

#[test]
fn text_in_charsets_of_old() {
    let page = |encoding: &str| {
        let font = format!("<</F<</Subtype/Type0/Encoding/{encoding}>>>>");
        format!("<</Type/Page/Contents[2 0 R]/Resources<</Font{font}>>>>").into_bytes()
    };
    let shown = |text: &str| stream("", format!("BT /F 9 Tf <{text}> Tj ET").as_bytes());
    for (encoding, text) in [
        ("90ms-RKSJ-H", "8ED08A4F94E9"),
        ("EUC-H", "BCD2B3B0C8EB"),
        ("H", "3C523330486B"),
        ("UniJIS-UTF16-H", "793E591679D8"),
        ("UniJIS-UCS2-H", "793E591679D8"),
    ] {
        check_text(&[&page(encoding), &shown(text)], &["Body 社外秘"]);
    }
    check_text(&[&page("Identity-H"), &shown("0001")], &[]);
}

#[test]
fn text_of_words_lines_and_forms() {
    let page = b"<</Type/Page/Contents 2 0 R/Resources<</Font<</F<</Subtype/Type1>>>>>>>>";
    let content = stream(
        "",
        b"BT /F 9 Tf 1 0 0 1 9 99 Tm (Top) Tj 1 0 0 1 40 99 Tm [(se) 20 (cret) -300 (file)] TJ \
          (next) ' ET BI /W 1 ID \x00(lost) Tj EI BT (end) Tj ET",
    );
    let form = stream("/Subtype/Form/Resources<</Font<</F<<>>>>>>", b"BT /F 9 Tf (form) Tj ET");
    let seen = ["Body Top secret file\nnext end", "Body form"];
    check_text(&[page, &content, &form], &seen);
}

#[test]
fn remarks_fields_and_properties() {
    let file = pdf(&["<</Type/Annot/Rect[]/Contents(note)>>", "<</FT/Tx/V(typed)>>"]);
    let file = [&file[..], b"trailer<</Info<</Title<FEFF793E>/Keywords(k)/Author(x)>>>>"].concat();
    let (files, _) = tree("a.pdf", &file, &[]);
    let texts: Vec<_> =
        files[0].texts.iter().map(|t| format!("{:?} {}", t.place, t.text)).collect();
    assert_eq!(texts, ["Note note", "Body typed", "Property 社", "Property k"]);
}

#[test]
fn a_file_that_begins_later_is_one() {
    let file = [b"\0\x01GIF or whatever\n", &pdf(&["<</S/JavaScript/JS(a)>>"])[..]].concat();
    let (files, _) = tree("a.gif", &file, &[]);
    assert_eq!(files[0].kind, Kind::Pdf);
    assert_eq!(lines(&files, &[]), ["Script(\"a\")"]);
}

#[test]
fn what_no_viewer_table_leads_to_is_seen() {
    check_file(b"%PDF-1.4\n1 0 obj<</S/JavaScript/JS(a)", &["Script(\"a\")"]);
    check_file(b"%PDF-1.4\n7 0 obj\r<</JS(a)>>\rstartxref 999999", &["Script(\"a\")"]);
}

#[test]
fn references_that_lead_in_a_circle_end() {
    check(
        &["2 0 R", "1 0 R", "<</JS 1 0 R/F 2 0 R/S/Launch/Parent 3 0 R>>"],
        &["Script(\"\")", "Launch(\"\")"],
    );
    let looped = stream("/Type/ObjStm/N 1/First 4/Filter 2 0 R", b"1 0 <</A 1 0 R>>");
    check_file(&pdf_of(&[&looped, b"[2 0 R 1 0 R]"]), &[]);
    let page = "<</Type/Page/Contents[1 0 R 1 0 R]/Parent 1 0 R>>";
    check(&[page], &[]);
}

#[test]
fn a_bomb_in_an_object_stream_ends_at_the_limit() {
    let mut packed = Vec::new();
    let blanks = std::io::Read::take(std::io::repeat(b' '), 3 << 20);
    let mut encoder = flate2::read::ZlibEncoder::new(blanks, flate2::Compression::fast());
    std::io::Read::read_to_end(&mut encoder, &mut packed).unwrap();
    let bomb = stream("/Type/ObjStm/N 9/First 9999999999/Filter/FlateDecode", &packed);
    assert_eq!(limited(&pdf_of(&[&bomb]), 1 << 20, 1 << 30), [Problem::Inflated(1 << 20)]);
}

#[test]
fn many_objects_and_open_streams_end() {
    let many = b"1 0 obj<<>>stream\n".repeat(20_000);
    let (_, problems) = tree("a.pdf", &[b"%PDF-1.4\n", &many[..]].concat(), &[]);
    assert_eq!(problems, []);
    let images = b"1 0 obj<</Subtype/Image/Width 99/Height 99>>stream\n".repeat(2_000);
    assert_eq!(limited(&images, 1 << 20, 1 << 30), [Problem::Inflated(1 << 20)]);
}

#[test]
fn a_large_object_that_everything_refers_to_is_read_as_often_as_the_budget_allows() {
    let long = format!("({})", "a".repeat(100_000));
    let mut objects = vec![long.as_bytes()];
    objects.resize(3_000, b"<</S/URI/URI 1 0 R>>");
    assert_eq!(limited(&pdf_of(&objects), 1 << 20, 1 << 20), [Problem::Work(1 << 20)]);
}

#[test]
fn a_flood_of_links_hides_nothing() {
    let links: Vec<_> = (0..100).map(|n| format!("<</URI(https://a.example/{n})>>")).collect();
    let mut objects: Vec<&[u8]> = links.iter().map(|l| l.as_bytes()).collect();
    objects.push(b"<</S/Launch/F(a.exe)>>");
    let (files, _) = tree("a.pdf", &pdf_of(&objects), &[]);
    assert_eq!(files[0].observations.len(), 31);
}

#[test]
fn a_file_cut_anywhere_ends() {
    let sample = include_bytes!("../samples/object-streams.pdf");
    for cut in 0..sample.len() {
        tree_of(Kind::Pdf, "a.pdf", &sample[..cut], &[]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_damage_stops_us(
        sample in 0..3usize,
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..12),
    ) {
        let mut file = [
            &include_bytes!("../samples/object-streams.pdf")[..],
            include_bytes!("../samples/aes128-user.pdf"),
            include_bytes!("../samples/rc4-owner.pdf"),
        ][sample].to_vec();
        let len = file.len();
        for (at, byte) in changes {
            file[at % len] = byte;
        }
        tree_of(Kind::Pdf, "", &file, &["secret"]);
    }

    #[test]
    fn no_objects_stop_us(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("1 0 obj"), Just("<<"), Just(">>"), Just("/JS"), Just(" 1 0 R "), Just("(a)"),
                Just("stream\n"), Just("endstream"), Just("/Type/ObjStm"), Just("/First 9"), Just("[/Fl"),
                Just("/Subtype/Image/Width 30/Height 30"), Just("/Type/Page/Contents 1 0 R"), Just("/EF<<"),
                Just("trailer<</Encrypt"), Just("/Font<</F 1 0 R>>/Resources"), Just("\n2 0 obj"),
            ],
            0..50,
        ),
    ) {
        tree_of(Kind::Pdf, "", pieces.concat().as_bytes(), &["x"]);
    }
}
