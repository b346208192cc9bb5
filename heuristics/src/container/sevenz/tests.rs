//! 7z archives by 7-Zip itself, and hostile ones.

use super::super::samples::{sample, unpacked_sample};
use super::super::tree::check as read;
use proptest::prelude::*;

#[track_caller]
fn check(bytes: &[u8], passwords: &[&str], expected: &[&str]) {
    assert_eq!(read::lines("a.7z", bytes, passwords), expected);
}

#[test]
fn every_method_gives_the_members() {
    for bytes in [
        sample!("clear.7z"),
        sample!("bzip2.7z"),
        sample!("copy.7z"),
        sample!("deflate.7z"),
        sample!("lzma.7z"),
        sample!("ppmd.7z"),
    ] {
        let (files, problems) = read::tree("a.7z", bytes, &[]);
        assert_eq!(files[0].encryption, super::Encryption::Clear);
        let mut members: Vec<_> = files[1..]
            .iter()
            .map(|f| format!("{} {:?} {} {:?}", f.names[0].text, f.kind, f.size, f.encryption))
            .collect();
        members.sort();
        assert_eq!(members, ["setup.exe Pe 600 Clear", "請求書.txt Text 920 Clear"]);
        assert_eq!(problems, []);
    }
    check(sample!("bcj2.7z"), &[], &["0 a.7z SevenZip 216 Clear", "1 setup.exe Pe 600 Clear"]);
}

#[test]
fn encrypted_members_are_named_and_opened_by_a_password() {
    let bytes = sample!("encrypted-data.7z");
    let closed = [
        "0 a.7z SevenZip 299 Encrypted",
        "1 setup.exe Unknown 600 Encrypted",
        "1 請求書.txt Unknown 920 Encrypted",
    ];
    check(bytes, &[], &closed);
    check(bytes, &["chigau"], &closed);
    let open = [
        "0 a.7z SevenZip 299 Encrypted",
        "1 setup.exe Pe 600 Encrypted",
        "1 請求書.txt Text 920 Encrypted",
    ];
    check(bytes, &["chigau", "himitsu"], &open);
    assert!(read::tree("a.7z", bytes, &["himitsu"]).0[0].opened_by_password);
}

#[test]
fn an_encrypted_header_hides_even_names() {
    let bytes = sample!("encrypted-header.7z");
    check(bytes, &[], &["0 a.7z SevenZip 334 Encrypted"]);
    check(bytes, &["chigau", ""], &["0 a.7z SevenZip 334 Encrypted"]);
    let open = [
        "0 a.7z SevenZip 334 Encrypted",
        "1 setup.exe Pe 600 Encrypted",
        "1 請求書.txt Text 920 Encrypted",
    ];
    check(bytes, &["himitsu"], &open);
}

/// An archive whose header is `header`, not packed, after `packed`.
fn archive(packed: &[u8], header: &[u8]) -> Vec<u8> {
    let start = [
        (packed.len() as u64).to_le_bytes().as_slice(),
        &(header.len() as u64).to_le_bytes(),
        &super::checksum(header).to_le_bytes(),
    ]
    .concat();
    let mark = b"7z\xBC\xAF\x27\x1C\0\x04";
    let sum = super::checksum(&start).to_le_bytes();
    [mark, &sum[..], &start, packed, header].concat()
}

/// A header packed by one coder, which says it unpacks to `size` (below 2^28).
fn encoded(coder: &[u8], size: u32) -> Vec<u8> {
    let [a, b, c, d] = size.to_le_bytes();
    let head = [0x17, 6, 0, 1, 9, 4, 0, 7, 0x0B, 1, 0, 1];
    [&head[..], coder, &[0x0C, 0xE0 | d, a, b, c, 0, 0]].concat()
}

const UNREAD: &str = "7z archive: cannot be read to its end; the rest was not looked at";

#[test]
fn a_header_that_asks_for_too_much_is_not_unpacked() {
    let check = |coder: &[u8], size, encryption: &str, problem: &str| {
        let bytes = archive(b"data", &encoded(coder, size));
        let file = format!("0 a.7z SevenZip {} {encryption}", bytes.len());
        check(&bytes, &["himitsu"], &[&file, problem]);
    };
    let lzma = b"\x23\x03\x01\x01\x05\x5D\0\0\0\xFF";
    let members = "more than 1000 archive members; the rest were not looked at";
    check(lzma, 100 << 20, "Unknown", members);
    let ppmd = b"\x23\x03\x04\x01\x05\x06\0\0\0\xFF";
    check(ppmd, 100, "Unknown", UNREAD);
    // 2^25 rounds to make a key.
    check(b"\x24\x06\xF1\x07\x01\x02\x19\0", 100, "Encrypted", UNREAD);
}

#[test]
fn a_folder_that_asks_for_too_much_is_told() {
    // A window of 66 MiB.
    let bytes = unpacked_sample!("window.7z");
    let file = format!("0 a.7z SevenZip {} Clear", bytes.len());
    check(&bytes, &[], &[&file, "1 zero.bin Unknown 69206016 Clear", UNREAD]);
}

#[test]
fn ppmd_is_paid_for_by_the_byte() {
    let (files, _) = read::tree("a.7z", sample!("ppmd.7z"), &[]);
    let size: u64 = files[1..].iter().map(|f| f.size).sum();
    assert!(read::work(sample!("ppmd.7z"), &[]) as u64 > 20 * size);
    let slower = read::work(sample!("ppmd.7z"), &[]) - read::work(sample!("deflate.7z"), &[]);
    assert!(slower > 10_000, "{slower}");
}

#[test]
fn passwords_are_paid_for() {
    let candidates: Vec<String> = (0..1000).map(|n| format!("himitsu{n}")).collect();
    let candidates: Vec<&str> = candidates.iter().map(String::as_str).collect();
    // 2^24 rounds, 26 bytes each: beyond the work of a message already.
    let aes = b"\x24\x06\xF1\x07\x01\x02\x18\0";
    let lines = read::lines("a.7z", &archive(b"data", &encoded(aes, 100)), &candidates);
    assert_eq!(
        lines,
        [
            "0 a.7z SevenZip 63 Encrypted",
            "takes more than 400000000 units of work; the rest was not looked at"
        ]
    );
}

#[test]
fn a_lost_header_is_not_searched_for() {
    let mut bytes = archive(&vec![1; 100_000], b"");
    bytes[8..32].fill(0);
    check(&bytes, &[], &["0 a.7z SevenZip 100032 Unknown", "damaged: 7z archive: its header"]);
}

#[test]
fn an_archive_that_is_cut_is_damaged() {
    let bytes = sample!("clear.7z");
    for end in 0..bytes.len() {
        let (files, _) = read::tree_of(super::Kind::SevenZip, "a.7z", &bytes[..end], &[]);
        assert_eq!(files.len(), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_damage_stops_us(
        sample in 0..4usize,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let samples =
            [sample!("copy.7z"), sample!("bcj2.7z"), sample!("clear.7z"), sample!("ppmd.7z")];
        let mut bytes = samples[sample].to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len() - 32) + 32;
            bytes[at] = byte;
        }
        // Damage behind right checksums.
        let header = (super::le64(&bytes, 12).unwrap() + 32) as usize;
        let sum = super::checksum(&bytes[header..]).to_le_bytes();
        bytes[28..32].copy_from_slice(&sum);
        let sum = super::checksum(&bytes[12..32]).to_le_bytes();
        bytes[8..12].copy_from_slice(&sum);
        let (files, _) = read::tree("a.7z", &bytes, &["himitsu"]);
        prop_assert!(files.len() < 10);
    }
}
