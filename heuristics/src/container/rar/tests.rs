//! RAR archives by a small writer of stored members.

use super::super::Kind;
use super::super::tree::check as read;
use proptest::prelude::*;

const GIF: &[u8] = b"GIF89a..";

/// RAR 4: a block of any kind.
fn block4(kind: u8, flags: u16, rest: &[u8], data: &[u8]) -> Vec<u8> {
    let size = u16::try_from(7 + rest.len()).unwrap();
    [&[0, 0, kind], &flags.to_le_bytes()[..], &size.to_le_bytes(), rest, data].concat()
}

fn file4(name: &[u8], flags: u16, method: u8, size: u32, data: &[u8]) -> Vec<u8> {
    let packed = u32::try_from(data.len()).unwrap().to_le_bytes();
    let length = u16::try_from(name.len()).unwrap().to_le_bytes();
    let rest = [&packed, &size.to_le_bytes(), &[0; 9][..], &[29, method], &length, &[0; 4], name];
    block4(0x74, 0x8000 | flags, &rest.concat(), data)
}

fn archive4(flags: u16, blocks: &[Vec<u8>]) -> Vec<u8> {
    let end = block4(0x7B, 0x4000, b"", b"");
    [b"Rar!\x1A\x07\0", &block4(0x73, flags, &[0; 6], b"")[..], &blocks.concat(), &end].concat()
}

/// RAR 5: a number of seven bits a byte.
fn number(mut n: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while n > 0x7F {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
    out
}

fn block5(kind: u64, extra: &[u8], rest: &[u8], data: &[u8]) -> Vec<u8> {
    let flags = u64::from(!extra.is_empty()) + 2 * u64::from(!data.is_empty());
    let mut header = [number(kind), number(flags)].concat();
    if !extra.is_empty() {
        header.extend(number(extra.len() as u64));
    }
    if !data.is_empty() {
        header.extend(number(data.len() as u64));
    }
    header.extend([rest, extra].concat());
    [&[0; 4], &number(header.len() as u64)[..], &header, data].concat()
}

fn file5(name: &str, flags: u64, method: u64, size: u64, extra: &[u8], data: &[u8]) -> Vec<u8> {
    let mut rest = [number(flags), number(size), number(0x20)].concat();
    rest.extend([0; 4].repeat((flags & 4 != 0).into()));
    rest.extend([number(method << 7), number(0), number(name.len() as u64)].concat());
    rest.extend(name.as_bytes());
    block5(2, extra, &rest, data)
}

fn archive5(blocks: &[Vec<u8>]) -> Vec<u8> {
    let main = block5(1, b"", &[0], b"");
    let end = block5(5, b"", &[0], b"");
    [b"Rar!\x1A\x07\x01\0", &main[..], &blocks.concat(), &end].concat()
}

#[track_caller]
fn check(bytes: &[u8], encryption: &str, expected: &[&str]) {
    let lines = read::lines("a.rar", bytes, &[]);
    assert_eq!(lines[0], format!("0 a.rar Rar {} {encryption}", bytes.len()));
    assert_eq!(lines[1..], *expected);
}

#[test]
fn stored_members_are_looked_into_others_named() {
    let old = [
        file4(b"a.gif", 0, 0x30, 8, GIF),
        file4(b"b.exe", 0, 0x33, 600, b"packed"),
        file4(b"folder", 0xE0, 0x30, 0, b""),
        file4(b"\x90\xBF\x8B\x81\x8F\x91.exe", 0, 0x30, 1, b"x"),
        file4(b"___.exe\0\0\xAB\xCB\x8A\x42\x6C\xF8\x66\x02", 0x200, 0x30, 1, b"x"),
    ];
    let new = [
        file5("a.gif", 4, 0, 8, b"", GIF),
        file5("b.exe", 4, 3, 600, b"", b"packed"),
        file5("folder", 1, 0, 0, b"", b""),
        file5("請求書.exe", 0, 0, 1, b"", b"x"),
        file5("請求書.exe", 0, 0, 1, b"", b"x"),
    ];
    let expected = [
        "1 a.gif Gif 8 Clear",
        "1 b.exe Unknown 600 Clear",
        "1 請求書.exe Text 1 Clear",
        "1 請求書.exe Text 1 Clear",
    ];
    check(&archive4(0, &old), "Clear", &expected);
    check(&archive5(&new), "Clear", &expected);
}

#[test]
fn folders_of_rar_1_5_are_told_by_their_attributes() {
    let folder = |version: u8| {
        let mut block = file4(b"folder", 0, 0x30, 0, b"");
        (block[24], block[28]) = (version, 0x10);
        block
    };
    check(
        &archive4(0, &[folder(15), file4(b"a.gif", 0, 0x30, 8, GIF)]),
        "Clear",
        &["1 a.gif Gif 8 Clear"],
    );
    // Later, the same bit may mean anything to another system.
    check(&archive4(0, &[folder(20)]), "Clear", &["1 folder Unknown 0 Clear"]);
}

#[test]
fn encrypted_members_are_named() {
    let expected = ["1 a.exe Unknown 8 Encrypted"];
    check(&archive4(0, &[file4(b"a.exe", 4, 0x30, 8, GIF)]), "Encrypted", &expected);
    // An extra record of the length of 1, which is its type.
    check(&archive5(&[file5("a.exe", 0, 0, 8, &[1, 1], GIF)]), "Encrypted", &expected);
}

#[test]
fn encrypted_headers_hide_even_names() {
    check(&archive4(0x80, &[vec![0xA5; 200]]), "Encrypted", &[]);
    let encryption = [b"Rar!\x1A\x07\x01\0", &block5(4, b"", &[0; 20], b"")[..]].concat();
    check(&[&encryption[..], &[0xA5; 200]].concat(), "Encrypted", &[]);
}

#[test]
fn sizes_beyond_32_bits() {
    let large = [&[0; 8][..], b"a.iso"].concat();
    let mut block = file4(&large, 0x100, 0x33, 9, b"data");
    block[26..28].copy_from_slice(&5u16.to_le_bytes());
    block[36] = 1;
    check(&archive4(0, &[block]), "Clear", &["1 a.iso Unknown 4294967305 Clear"]);
    let new = file5("a.iso", 0, 3, u64::MAX, b"", b"data");
    check(&archive5(&[new]), "Clear", &["1 a.iso Unknown 18446744073709551615 Clear"]);
}

#[test]
fn lengths_that_lie_take_what_there_is() {
    let cut = ["1 a.gif Gif 8 Clear", "damaged: RAR archive: it is cut"];
    let bytes = [b"Rar!\x1A\x07\0", &file4(b"a.gif", 0, 0x30, 8, GIF)[..]].concat();
    let mut old = bytes.clone();
    old[7 + 10] = 0xFF;
    check(&old, "Clear", &cut);
    let mut none = bytes;
    none[7 + 5..7 + 7].copy_from_slice(&[3, 0]);
    check(&none, "Unknown", &["damaged: RAR archive: a header"]);
}

#[test]
fn a_hundred_thousand_members_stop_at_the_limit() {
    let bytes = archive5(&vec![file5("a", 0, 0, 1, b"", b"x"); 100_000]);
    let lines = read::lines("a.rar", &bytes, &[]);
    assert_eq!(lines.len(), 1 + 1000 + 1);
    assert_eq!(lines[1001], "more than 1000 archive members; the rest were not looked at");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_damage_stops_us(
        is_new: bool,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = match is_new {
            true => archive5(&[file5("a", 4, 0, 8, &[1, 1], GIF), file5("b", 0, 0, 8, b"", GIF)]),
            false => archive4(0, &[
                file4(b"___.exe\0\0\xAB\xCB\x8A\x42\x6C\xF8\x66\x02", 0x200, 0x30, 1, b"x"),
                file4(b"a.gif", 0, 0x30, 8, GIF),
            ]),
        };
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        read::tree_of(Kind::Rar, "a", &bytes, &[]);
    }
}
