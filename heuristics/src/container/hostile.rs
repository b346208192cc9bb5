//! Archives made to hurt: what judging them may cost is what the limits say.

use super::samples::sample;
use super::tree::check as read;
use super::zip_writer::{File as ZipFile, zip};
use super::{Encryption, File, Kind, Tree, magic};
use crate::message::Problem;

/// Files found, problems, and what was unpacked, with the shipped limits.
fn judged(bytes: &[u8]) -> (usize, Vec<Problem>, usize) {
    let limits = read::limits();
    let mut tree = Tree::new(&limits, vec!["himitsu".into()], true);
    let kind = magic::kind_of_whole(bytes);
    let at = tree.add(File { kind, size: bytes.len() as u64, ..File::default() });
    tree.open(at, bytes);
    let unpacked = limits.inflated_bytes - tree.budget().bytes();
    let (files, problems) = tree.into_parts();
    assert!(files.len() <= 1 + limits.members);
    assert!(unpacked <= limits.inflated_bytes);
    (files.len(), problems, unpacked)
}

fn gzip(content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn ten_in_ten_in_ten() {
    let mut bytes = zip(&[ZipFile::new("0.txt", &vec![b'0'; 1 << 20]).deflated()]);
    for level in 1..=10 {
        let ten: Vec<_> =
            (0..10).map(|i| ZipFile::new(format!("{level}-{i}.zip"), &bytes).deflated()).collect();
        bytes = zip(&ten);
    }
    // A hundred leaves of a megabyte each are what may be unpacked.
    let (files, problems, _) = judged(&bytes);
    assert_eq!((files, problems), (191, vec![Problem::Inflated(100 << 20)]));
}

#[test]
fn one_in_one_in_one() {
    let mut bytes = b"GIF89a..".to_vec();
    for level in 0..40 {
        bytes = match level % 2 {
            0 => zip(&[ZipFile::new("a", &bytes).deflated()]),
            _ => gzip(&bytes),
        };
    }
    let (files, problems, _) = judged(&bytes);
    assert_eq!((files, problems), (21, vec![Problem::Depth(20)]));
}

#[test]
fn members_that_hold_the_rest_of_the_archive() {
    // Stored members, each of which says that it reaches to the end.
    let many: Vec<_> = (0..50).map(|i| ZipFile::new(format!("{i:02}.zip"), b"")).collect();
    let mut bytes = zip(&many);
    let end = u32::try_from(bytes.len()).unwrap();
    for (mark, at) in [(&b"PK\x03\x04"[..], 18), (b"PK\x01\x02", 20)] {
        let found: Vec<_> = memchr::memmem::find_iter(&bytes, mark).collect();
        for (i, start) in found.into_iter().enumerate() {
            let size = end - 36 * (u32::try_from(i).unwrap() + 1);
            bytes[start + at..start + at + 4].copy_from_slice(&size.to_le_bytes());
            bytes[start + at + 4..start + at + 8].copy_from_slice(&size.to_le_bytes());
        }
    }
    let (files, problems, _) = judged(&bytes);
    assert!(files > 50 && problems.contains(&Problem::Depth(20)), "{files} {problems:?}");
}

#[test]
fn a_bomb_of_every_kind() {
    let zeros = vec![0; 300 << 20];
    let once = gzip(&zeros);
    drop(zeros);
    let limit = vec![Problem::Inflated(100 << 20)];
    assert_eq!(judged(&once).1, limit);
    let bytes = zip(&[ZipFile::new("a.gz", &once), ZipFile::new("b.gz", &once)]);
    let (files, problems, _) = judged(&bytes);
    assert_eq!((files, problems), (4, limit));
}

#[test]
fn an_archive_is_encrypted_where_every_member_of_it_is() {
    let encryption = |bytes: &[u8]| read::tree("a", bytes, &[]).0[0].encryption;
    let secret = sample!("aes256.zip");
    // An encrypted archive in a clear one can be seen by nobody, so the clear one counts as that.
    assert_eq!(encryption(&zip(&[ZipFile::new("a.zip", secret)])), Encryption::Encrypted);
    let both = [ZipFile::new("a.zip", secret), ZipFile::new("a.txt", b"text")];
    assert_eq!(encryption(&zip(&both)), Encryption::Clear);
    assert_eq!(encryption(&gzip(secret)), Encryption::Encrypted);
    assert_eq!(encryption(&gzip(&zip(&both))), Encryption::Clear);
    let deeper = zip(&[ZipFile::new("b.zip", &zip(&both)), ZipFile::new("a.7z", secret)]);
    assert_eq!(encryption(&deeper), Encryption::Clear);
    let hidden = [ZipFile::new("a.7z", sample!("encrypted-header.7z"))];
    assert_eq!(encryption(&zip(&hidden)), Encryption::Encrypted);
}

#[test]
fn what_a_password_opened_stays_encrypted_however_clear_its_own_members_are() {
    let bytes = sample!("aes-nested.zip");
    let lines = read::lines("a.zip", bytes, &["himitsu"]);
    let expected =
        ["0 a.zip Zip 348 Encrypted", "1 inner.zip Zip 181 Encrypted", "2 setup.exe Pe 600 Clear"];
    assert_eq!(lines, expected);
}

#[test]
fn a_self_extractor_stays_a_program() {
    let mut program = vec![0; 600];
    program[..2].copy_from_slice(b"MZ");
    program[0x3C] = 0x80;
    program[0x80..0x84].copy_from_slice(b"PE\0\0");
    for archive in [&zip(&[ZipFile::new("a", b"x")]), sample!("clear.7z"), sample!("stored.cab")] {
        assert_eq!(magic::kind_of_whole(&[&program[..], archive].concat()), Kind::Pe);
    }
}

#[test]
fn a_sample_cut_anywhere_stops_nobody() {
    for bytes in [
        sample!("mszip.cab"),
        sample!("files.tgz"),
        sample!("zipcrypto.zip"),
        sample!("lzma.zip"),
        sample!("xz.zip"),
        sample!("bcj2.7z"),
        sample!("invoice.txt.Z"),
        sample!("invoice.txt.bz2"),
        sample!("invoice.txt.xz"),
        sample!("invoice.txt.zst"),
    ] {
        for end in (0..bytes.len()).step_by(3) {
            judged(&bytes[..end]);
        }
    }
}
