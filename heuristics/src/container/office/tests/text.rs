//! Plain text, CSV, and documents that are one XML file.

use super::samples::{module, vba_project};
use super::told;
use crate::message::files::samples::base64;

#[test]
fn text_in_every_charset() {
    let check = |bytes: &[u8]| assert_eq!(told(bytes), ["Body: 氏名,社外秘です"]);
    check("氏名,社外秘です".as_bytes());
    check(b"\x8E\x81\x96\xBC,\x8E\xD0\x8A\x4F\x94\xE9\x82\xC5\x82\xB7");
    check(b"\xBB\xE1\xCC\xBE,\xBC\xD2\xB3\xB0\xC8\xEB\xA4\xC7\xA4\xB9");
    check(b"\x1B$B;aL>\x1B(B,\x1B$B<R30Hk$G$9\x1B(B");
    let wide: Vec<u8> = "氏名,社外秘です".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&[&b"\xFF\xFE"[..], &wide].concat());
}

#[test]
fn xml_is_text() {
    assert_eq!(told(b"<?xml?><order>A</order>"), ["Body: <?xml?><order>A</order>"]);
}

#[test]
fn word_documents_as_one_file() {
    let project = base64(&vba_project(&module("Sub AutoOpen()\r\nEnd Sub\r\n")));
    let document = format!(
        "<?xml version=\"1.0\"?><?mso-application progid=\"Word.Document\"?><pkg:package>\
         <pkg:part pkg:name=\"/word/vbaProject.bin\"><pkg:binaryData>{project}</pkg:binaryData></pkg:part>\
         <Relationship Type=\"a/attachedTemplate\" Target=\"https://files.example/t\" TargetMode=\"External\"/>\
         <w:document><w:p><w:r><w:t>社外秘</w:t></w:r></w:p></w:document></pkg:package>"
    );
    let expected =
        ["Remote(\"https://files.example/t\")", "Macro(\"AutoOpen\")", "Body: 社外秘\\n"];
    assert_eq!(told(document.as_bytes()), expected);
    let old = "<?xml version=\"1.0\"?><w:wordDocument><w:docPr><w:attachedTemplate \
               w:val=\"\\\\files.example\\t.dot\"/></w:docPr></w:wordDocument>";
    assert_eq!(told(old.as_bytes()), ["Remote(\"\\\\\\\\files.example\\\\t.dot\")"]);
}
