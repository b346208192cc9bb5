//! Streams written here, and damage to them.

use super::super::tree::check::{lines, survives, tree};
use super::super::{Kind, Role};
use super::*;
use crate::container::observation::Observation;
use proptest::prelude::*;

fn attribute(level: u8, tag: u32, data: &[u8]) -> Vec<u8> {
    let size = u32::try_from(data.len()).unwrap().to_le_bytes();
    [&[level], tag.to_le_bytes().as_slice(), &size, data, &[0, 0]].concat()
}

fn stream(attributes: &[Vec<u8>]) -> Vec<u8> {
    [b"\x78\x9F\x3E\x22\x01\0".as_slice(), &attributes.concat()].concat()
}

/// A property list of one value each; sizes are given with values of no fixed size.
fn list(values: &[(u16, u16, &[u8])]) -> Vec<u8> {
    let mut out = u32::try_from(values.len()).unwrap().to_le_bytes().to_vec();
    for (kind, id, value) in values {
        out.extend(kind.to_le_bytes());
        out.extend(id.to_le_bytes());
        if *id >= 0x8000 {
            // Named by a string.
            out.extend([&[7; 16], [1, 0, 0, 0].as_slice(), &[3, 0, 0, 0], b"ab\0\0"].concat());
        }
        if *kind != 3 {
            out.extend([1, 0, 0, 0]);
            out.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
        }
        out.extend(*value);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

fn mail() -> Vec<u8> {
    let inner = stream(&[
        attribute(2, tag::RENDERING, &[0; 14]),
        attribute(2, tag::TITLE, b"inner.gif\0"),
        attribute(2, tag::DATA, b"GIF89a.."),
    ]);
    stream(&[
        attribute(1, tag::OEM_CODE_PAGE, &[0xA4, 3, 0, 0, 0, 0, 0, 0]),
        attribute(
            1,
            tag::MESSAGE_PROPERTIES,
            &list(&[
                (3, 0x0017, &[1, 0, 0, 0]),
                (kind::UNICODE, 0x8001, &utf16("x")),
                (kind::UNICODE, id::BODY, &utf16("see https://a.example/x")),
                (kind::BINARY, id::HTML, b"<html>a"),
                (kind::BINARY, id::RTF, b"\0\0\0\0\0\0\0\0MELA\0\0\0\0{\\rtf1}"),
            ]),
        ),
        attribute(2, tag::RENDERING, &[0; 14]),
        attribute(2, tag::TITLE, b"\x90\xBF~1.EXE\0"),
        attribute(2, tag::DATA, b"GIF89a"),
        attribute(
            2,
            tag::PROPERTIES,
            &list(&[
                (kind::UNICODE, id::LONG_NAME, &utf16("請求書.exe")),
                (kind::STRING, id::SHORT_NAME, b"\x90\xBF~1.EXE\0"),
            ]),
        ),
        attribute(2, tag::RENDERING, &[0; 14]),
        attribute(2, tag::TITLE, b"a message\0"),
        attribute(
            2,
            tag::PROPERTIES,
            &list(&[(kind::OBJECT, id::DATA, &[MESSAGE, &inner].concat())]),
        ),
    ])
}

#[test]
fn attachments_messages_and_texts_are_told() {
    let bytes = mail();
    let said = lines("winmail.dat", &bytes, &[]);
    assert_eq!(
        said[1..],
        [
            "1 請求書.exe = 請~1.EXE Gif 6 Clear",
            "1 a message Tnef 71 Unknown",
            "2 inner.gif Gif 8 Clear",
            "1  Html 7 Clear",
            "1  Rtf 7 Clear",
        ]
    );
    let (files, _) = tree("winmail.dat", &bytes, &[]);
    assert_eq!(files[0].observations, [Observation::Link("https://a.example/x".into())]);
    assert_eq!(files[0].texts[0].text, "see https://a.example/x");
    assert_eq!((files[1].role, files[4].role), (Role::File, Role::Embedded));
}

#[test]
fn a_stream_that_is_cut_gives_what_is_there() {
    let whole = mail();
    let mut before = 0;
    for end in 0..whole.len() {
        before = before.max(survives(Kind::Tnef, &whole[..end]).len());
    }
    assert_eq!(before, 6);
}

#[test]
fn lengths_that_lie_end_the_list() {
    let mut bytes = stream(&[
        attribute(2, tag::RENDERING, &[]),
        attribute(2, tag::TITLE, b"a.gif\0"),
        attribute(2, tag::DATA, b"GIF89a"),
    ]);
    let at = bytes.len() - 2 - 6 - 4;
    bytes[at..at + 4].fill(0xFF);
    assert_eq!(lines("a", &bytes, &[])[1..], ["1 a.gif Gif 8 Clear"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_damage_stops_us(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
    ) {
        let mut bytes = mail();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        survives(Kind::Tnef, &bytes);
    }
}
