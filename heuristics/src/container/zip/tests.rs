//! ZIP archives as they come, damaged and hostile ones too.

use super::super::Tree;
use super::super::samples::sample;
use super::super::tree::check as read;
use super::super::zip_writer::{File, ZipCipher, zip};
use super::*;
use proptest::prelude::*;

/// The archive's encryption, its members as `name kind size encryption`, the problems.
fn opened(bytes: &[u8]) -> (Encryption, Vec<String>, Vec<Problem>) {
    let (files, problems) = read::tree_of(Kind::Zip, "a.zip", bytes, &[]);
    let members = files[1..].iter().map(|m| {
        let names: Vec<_> = m.names.iter().map(|n| n.text.as_str()).collect();
        format!("{} {:?} {} {:?}", names.join(" = "), m.kind, m.size, m.encryption)
    });
    (files[0].encryption, members.collect(), problems)
}

#[track_caller]
fn check(bytes: &[u8], expected: &[&str]) -> Vec<Problem> {
    let (_, members, problems) = opened(bytes);
    assert_eq!(members, expected);
    problems
}

/// How many members are listed within limits, and the problems.
fn within(bytes: &[u8], members: usize, inflated: usize) -> (usize, Vec<Problem>) {
    let mut limits = read::limits();
    (limits.members, limits.inflated_bytes) = (members, inflated);
    let mut tree = Tree::new(&limits, Vec::new(), false);
    let at = tree.add(super::super::File { kind: Kind::Zip, ..Default::default() });
    tree.open(at, bytes);
    let (files, problems) = tree.into_parts();
    (files.len() - 1, problems)
}

fn pe() -> Vec<u8> {
    let mut pe = vec![0; 6000];
    pe[..2].copy_from_slice(b"MZ");
    pe[0x3C] = 0x80;
    pe[0x80..0x84].copy_from_slice(b"PE\0\0");
    pe
}

#[test]
fn members_are_listed_and_looked_at() {
    let bytes = zip(&[
        File::new("a/", b""),
        File::new("a/図.gif", b"GIF89a..").utf8(),
        File::new("setup", &pe()).deflated(),
        File::new("secret.exe", &pe()).encrypted(ZipCipher::ZipCrypto),
        File::new("aes.exe", &pe()).encrypted(ZipCipher::Aes),
    ]);
    let expected = [
        "a/図.gif Gif 8 Clear",
        "setup Pe 6000 Clear",
        "secret.exe Unknown 6000 Encrypted",
        "aes.exe Unknown 6000 Encrypted",
    ];
    assert_eq!(check(&bytes, &expected), []);
    assert_eq!(opened(&bytes).0, Encryption::Clear);
}

#[test]
fn encrypted_is_an_archive_whose_every_member_is() {
    let secret = File::new("a", b"x").encrypted(ZipCipher::Aes);
    let encryption = |files: &[File]| opened(&zip(files)).0;
    assert_eq!(encryption(&[secret.clone(), File::new("d/", b"")]), Encryption::Encrypted);
    assert_eq!(encryption(&[secret, File::new("b", b"")]), Encryption::Clear);
    assert_eq!(encryption(&[]), Encryption::Unknown);
}

#[test]
fn every_name_of_an_entry_is_kept() {
    let file = File::new("a.pdf", b"x").unicode_path("b.exe").local_name("c.scr");
    check(&zip(&[file]), &["b.exe = a.pdf = c.scr Text 1 Clear"]);
}

#[test]
fn names_of_japanese_windows_are_cp932() {
    let file = File::new(b"\x90\x5C\x90\xBF\x8F\x91.exe", b"x");
    check(&zip(&[file]), &["申請書.exe Text 1 Clear"]);
}

#[test]
fn bytes_before_and_after_change_nothing() {
    let inner = zip(&[File::new("a", b"GIF89a..")]);
    let wrapped = [b"#!/bin/sh\nanything\n".as_slice(), &inner, b"appended"].concat();
    assert_eq!(check(&wrapped, &["a Gif 8 Clear"]), []);
}

#[test]
fn a_comment_that_holds_an_end_record_is_a_comment() {
    let mut bytes = zip(&[File::new("a", b"GIF89a..")]);
    let len = bytes.len();
    bytes[len - 2] = 22;
    bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2E\0\0\0\xFF\xFF\0\0\0\0");
    assert_eq!(check(&bytes, &["a Gif 8 Clear"]), []);
}

#[test]
fn without_a_central_directory_the_local_headers_are_read() {
    let whole = zip(&[File::new("a", b"GIF89a.."), File::new("b.exe", &pe()).deflated()]);
    let cut = &whole[..memchr::memmem::find(&whole, CENTRAL).unwrap()];
    let problems = check(cut, &["a Gif 8 Clear", "b.exe Pe 6000 Clear"]);
    let said = "ZIP archive: no central directory; local headers were read";
    assert_eq!(problems, [Problem::Damaged(said.into())]);
}

#[test]
fn zip64_is_read() {
    let file = File::new("a", b"GIF89a..").zip64();
    assert_eq!(check(&zip(&[file]), &["a Gif 8 Clear"]), []);
}

#[test]
fn formats_that_are_zips() {
    let check = |names: &[(&str, &[u8])], expected| {
        let files: Vec<File> = names.iter().map(|(n, c)| File::new(n, c)).collect();
        let (files, _) = read::tree("a", &zip(&files), &[]);
        assert_eq!(files[0].kind, expected, "{names:?}");
    };
    check(&[("[Content_Types].xml", b""), ("word/document.xml", b"")], Kind::Docx);
    check(&[("[Content_Types].xml", b""), ("xl/workbook.xml", b"")], Kind::Xlsx);
    check(&[("[Content_Types].xml", b""), ("AppxManifest.xml", b"")], Kind::Msix);
    check(&[("META-INF/MANIFEST.MF", b""), ("A.class", b"")], Kind::Jar);
    check(&[("AndroidManifest.xml", b""), ("META-INF/MANIFEST.MF", b"")], Kind::Apk);
    check(&[("mimetype", b"application/epub+zip")], Kind::Epub);
    check(&[("mimetype", b"application/vnd.oasis.opendocument.text")], Kind::Odf);
    check(&[("src/META-INF/MANIFEST.MF", b"")], Kind::Zip);
    check(&[], Kind::Zip);
}

#[test]
fn members_of_a_document_are_left_out_unless_it_is_named_an_archive() {
    let bytes = zip(&[File::new("[Content_Types].xml", b""), File::new("xl/a", b"")]);
    let members = |name| read::tree(name, &bytes, &[]).0.len() - 1;
    assert_eq!((members("a.xlsx"), members("a.zip")), (0, 2));
}

#[test]
fn a_hundred_thousand_entries_stop_at_the_limit() {
    let bytes = zip(&vec![File::new("a", b""); 100_000]);
    assert_eq!(within(&bytes, 1000, 1 << 20), (1000, vec![Problem::Members(1000)]));
}

#[test]
fn entries_that_overlap_cost_their_first_bytes_only() {
    let bomb = File::new("a", &vec![0; 10 << 20]).deflated();
    let bytes = zip(&vec![bomb.same_data_as_first(); 30]);
    assert_eq!(within(&bytes, 1000, 1 << 20), (30, vec![Problem::Inflated(1 << 20)]));
}

#[test]
fn sizes_that_lie_are_only_reported() {
    let bytes = zip(&[File::new("a", b"GIF89a..").size(u32::MAX - 1)]);
    let problems = check(&bytes, &["a Gif 4294967294 Clear"]);
    assert_eq!(problems, [Problem::Inflated(100 << 20)]);
}

#[test]
fn a_directory_that_says_more_than_it_holds_is_damaged() {
    let mut bytes = zip(&[File::new("a", b"x")]);
    let len = bytes.len();
    bytes[len - 12] = 9;
    let said = "ZIP archive: the central directory does not hold as many entries as it says";
    assert_eq!(check(&bytes, &["a Text 1 Clear"]), [Problem::Damaged(said.into())]);
}

/// The members of a sample that a password opens, in order of their names.
fn opened_by(bytes: &[u8], password: &str) -> (bool, Vec<String>) {
    let (files, problems) = read::tree("a.zip", bytes, &["chigau", password]);
    assert_eq!((files[0].encryption, problems), (Encryption::Encrypted, vec![]));
    let name = |f: &super::super::File| f.names.first().map(|n| n.text.clone()).unwrap_or_default();
    let mut members: Vec<_> = files[1..]
        .iter()
        .map(|f| format!("{} {:?} {} {:?}", name(f), f.kind, f.size, f.encryption))
        .collect();
    members.sort();
    (files[0].opened_by_password, members)
}

#[test]
fn a_password_opens_members_which_stay_encrypted() {
    for bytes in [
        sample!("zipcrypto.zip"),
        sample!("zipcrypto-info.zip"),
        sample!("aes128.zip"),
        sample!("aes192.zip"),
        sample!("aes256.zip"),
    ] {
        let open = ["setup.exe Pe 600 Encrypted", "請求書.txt Text 920 Encrypted"];
        assert_eq!(opened_by(bytes, "himitsu"), (true, open.map(str::to_owned).to_vec()));
        let closed = ["setup.exe Unknown 600 Encrypted", "請求書.txt Unknown 920 Encrypted"];
        assert_eq!(opened_by(bytes, "Himitsu"), (false, closed.map(str::to_owned).to_vec()));
    }
    let streamed = vec!["- Pe 600 Encrypted".to_owned()];
    assert_eq!(opened_by(sample!("zipcrypto-stream.zip"), "himitsu"), (true, streamed));
}

#[test]
fn a_right_password_opens_no_damaged_member() {
    for bytes in [sample!("zipcrypto.zip"), sample!("aes256.zip")] {
        let mut bytes = bytes.to_vec();
        // In the data of the first member.
        let at = local(&bytes, 0).unwrap().data.start + 40;
        bytes[at] ^= 1;
        let (files, _) = read::tree("a.zip", &bytes, &["himitsu"]);
        assert_eq!(files[1].kind, Kind::Unknown);
        assert_ne!(files[2].kind, Kind::Unknown);
    }
}

#[test]
fn passwords_are_tried_as_far_as_the_work_goes() {
    let wrong: Vec<String> = (0..5000).map(|n| format!("himitsu{n}")).collect();
    let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
    let (_, problems) = read::tree("a.zip", sample!("aes256.zip"), &wrong);
    assert_eq!(problems, [Problem::Work(400_000_000)]);
}

#[test]
fn passwords_that_open_nothing_are_given_up_soon() {
    let secret = File::new("a", &[7; 100]).encrypted(ZipCipher::Aes).aes_field();
    let (_, problems) =
        read::tree("a.zip", &zip(&vec![secret; 900]), &["himitsu", "chigau", "betsu"]);
    assert_eq!(problems, []);
}

#[test]
fn methods_beyond_deflate() {
    for bytes in [sample!("bzip2.zip"), sample!("lzma.zip"), sample!("xz.zip")] {
        check(bytes, &["請求書.txt Text 920 Clear"]);
    }
    let zstd = File::new("a.txt", b"").size(920).packed_by(93, sample!("invoice.txt.zst"));
    check(&zip(&[zstd]), &["a.txt Text 920 Clear"]);
    for bytes in [sample!("deflate64.zip"), sample!("ppmd.zip")] {
        check(bytes, &["請求書.txt Unknown 920 Clear"]);
    }
}

#[test]
fn a_start_that_costs_much_is_paid_for() {
    let bzip2 = File::new("a", b"").size(920).packed_by(12, sample!("invoice.txt.bz2"));
    let bytes = zip(&vec![bzip2.same_data_as_first(); 1000]);
    let (files, problems) = within(&bytes, 1000, 100 << 20);
    assert_eq!((files, problems), (1000, vec![Problem::Work(400_000_000)]));
}

/// The local part of an archive: headers and data without a directory.
fn local_part(files: &[File]) -> Vec<u8> {
    let mut bytes = zip(files);
    bytes.truncate(memchr::memmem::find(&bytes, CENTRAL).unwrap());
    bytes
}

#[test]
fn members_that_the_directory_leaves_out_are_told_too() {
    let hidden = local_part(&[File::new("b.exe", &pe()).deflated()]);
    let bytes = [hidden, zip(&[File::new("a.gif", b"GIF89a..")])].concat();
    let problems = check(&bytes, &["a.gif Gif 8 Clear", "b.exe Pe 6000 Clear"]);
    let said = "ZIP archive: members that the central directory does not list";
    assert_eq!(problems, [Problem::Damaged(said.into())]);
}

#[test]
fn a_member_left_out_may_leave_its_size_to_a_descriptor() {
    let mut hidden = local_part(&[File::new("b.exe", &pe()).deflated()]);
    hidden[6] |= FLAG_DESCRIPTOR as u8;
    hidden[18..26].fill(0);
    let bytes = [hidden, zip(&[File::new("a.gif", b"GIF89a..")])].concat();
    check(&bytes, &["a.gif Gif 8 Clear", "b.exe Pe 0 Clear"]);
}

#[test]
fn what_only_looks_like_a_local_header_is_none() {
    // A stored archive in the archive, and the marks in a self-extractor's program.
    let inner = zip(&[File::new("b.gif", b"GIF89a..")]);
    let outer = zip(&[File::new("inner.zip", &inner)]);
    let program = b"...PK\x03\x04 and PK\x01\x02 are what it looks for; PK\x03\x04\0\0\0\0\0\0";
    let bytes = [&program[..], &[0; 100], &outer].concat();
    let name = format!("inner.zip Zip {} Clear", inner.len());
    assert_eq!(check(&bytes, &[&name, "b.gif Gif 8 Clear"]), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_damage_stops_us(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
    ) {
        let mut bytes = zip(&[
            File::new("a", b"x").zip64(),
            File::new("b", &[7; 300]).deflated().unicode_path("c"),
            File::new("d", b"y").encrypted(ZipCipher::Aes),
        ]);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let (_, rest, _) = opened(&bytes[from.index(bytes.len())..]);
        prop_assert!(rest.len() <= 1000);
        opened(&bytes);
    }
    #[test]
    fn no_damage_to_what_is_encrypted_stops_us(
        sample in 0..3usize,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let samples = [sample!("zipcrypto.zip"), sample!("aes128.zip"), sample!("lzma.zip")];
        let mut bytes = samples[sample].to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        read::tree_of(Kind::Zip, "a.zip", &bytes, &["himitsu"]);
    }
}
