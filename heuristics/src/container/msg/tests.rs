//! Messages written by the compound file library, and damage to them.

use std::io::Write;

use super::super::Kind;
use super::super::tree::check::{lines, survives, tree, tree_of};
use super::*;
use crate::container::observation::Observation;
use proptest::prelude::*;

fn written(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (path, content) in streams {
        file.create_storage_all(std::path::Path::new(path).parent().unwrap()).unwrap();
        file.create_stream(path).unwrap().write_all(content).unwrap();
    }
    file.into_inner().into_inner()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn message() -> Vec<u8> {
    let mut properties = vec![0; 48];
    properties[32..36].copy_from_slice(&[3, 0, 0xFD, 0x3F]);
    properties[40..44].copy_from_slice(&932u32.to_le_bytes());
    let inner = "/__attach_version1.0_#00000001/__substg1.0_3701000D";
    let file = |folder: &str, name: &str| format!("{folder}/__attach_version1.0_#00000000/{name}");
    let long_gif = [b"GIF89a".as_slice(), &[0; 9000]].concat();
    written(&[
        ("/__properties_version1.0", &properties),
        ("/__nameid_version1.0/__substg1.0_00020102", b""),
        ("/__substg1.0_1000001E", b"\x8C\xA9 http://a.example/"),
        ("/__substg1.0_10130102", b"<html>a"),
        (&file("", "__substg1.0_3707001F"), &utf16("請求書.exe")),
        (&file("", "__substg1.0_3704001E"), b"\x90\xBF~1.EXE"),
        (&file("", "__substg1.0_37010102"), &long_gif),
        ("/__attach_version1.0_#00000001/__substg1.0_3001001F", &utf16("subject")),
        (&format!("{inner}/__properties_version1.0"), &[0; 24]),
        (&format!("{inner}/__substg1.0_1000001F"), &utf16("http://b.example/")),
        (&file(inner, "__substg1.0_3707001F"), &utf16("inner.pdf")),
        (&file(inner, "__substg1.0_37010102"), b"%PDF-1.7"),
        ("/__attach_version1.0_#00000002/__substg1.0_3701000D/CONTENTS", b"GIF89a"),
    ])
}

#[test]
fn attachments_messages_objects_and_texts_are_told() {
    let bytes = message();
    let said = lines("a.msg", &bytes, &[]);
    assert_eq!(said[0], format!("0 a.msg Msg {} Unknown", bytes.len()));
    assert_eq!(
        said[1..],
        [
            "1  Html 7 Clear",
            "1 請求書.exe = 請~1.EXE Gif 9006 Clear",
            "1 inner.pdf Pdf 8 Clear",
            "1 CONTENTS Gif 6 Clear",
        ]
    );
    let (files, _) = tree("a.msg", &bytes, &[]);
    let links = ["http://a.example/", "http://b.example/"];
    assert_eq!(files[0].observations, links.map(|l| Observation::Link(l.into())));
    assert_eq!(files[0].texts[0].text, "見 http://a.example/");
}

#[test]
fn a_message_that_is_cut_is_damaged() {
    let bytes = message();
    let (files, problems) = tree_of(Kind::Msg, "a", &bytes[..bytes.len() / 2], &[]);
    let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(files.len(), 1, "{said:?}");
    assert_eq!(said, ["damaged: Outlook message: its streams"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_damage_stops_us(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
    ) {
        let mut bytes = message();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        survives(Kind::Msg, &bytes);
    }
}
