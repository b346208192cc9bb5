//! Images made by real tools, small ones written here, and damage to both.

use super::super::Role;
use super::super::samples::unpacked_sample;
use super::super::tree::check::{lines, survives, tree_of};
use super::super::zip_writer::{File, zip};
use super::*;
use proptest::prelude::*;

/// Members of a sample as `name kind size`, and the problems.
#[track_caller]
fn check(image: &[u8], expected: &[&str]) {
    let said = lines("a.img", image, &[]);
    let members = said.iter().skip(1).map(|line| {
        let line = line.strip_suffix(" Clear").unwrap_or(line);
        line.strip_prefix("1 ").unwrap_or(line)
    });
    assert_eq!(members.collect::<Vec<_>>(), expected);
}

#[test]
fn joliet_and_rock_ridge_names_are_told_once_each() {
    let image = unpacked_sample!("joliet.iso");
    assert_eq!(lines("a.iso", &image, &[])[0], "0 a.iso Iso9660 385024 Clear");
    check(
        &image,
        &[
            "a.txt Text 5",
            "empty.dat Unknown 0",
            "書類/long name of a picture.gif Gif 5006",
            "書類/請求書 2026.pdf.exe Text 2",
        ],
    );
}

#[test]
fn short_names_count_where_there_are_no_others() {
    check(
        &unpacked_sample!("plain.iso"),
        &[
            "A.TXT Text 5",
            "EMPTY.DAT Unknown 0",
            "______/LONG_NAME_OF_A_PICTURE.GIF Gif 5006",
            "______/__________2026_PDF.EXE Text 2",
        ],
    );
}

#[test]
fn udf_is_read() {
    let image = unpacked_sample!("udf.iso");
    assert_eq!(lines("a.iso", &image, &[])[0], "0 a.iso Udf 878592 Clear");
    check(
        &image,
        &[
            "a.txt Text 5",
            "empty.dat Unknown 0",
            "書類/long name of a picture.gif Gif 5006",
            "書類/請求書 2026.pdf.exe Text 2",
        ],
    );
}

#[test]
fn fat_is_read_in_every_width_and_behind_every_table() {
    check(
        &unpacked_sample!("fat12.img"),
        &[
            "a.txt Text 5",
            "f2.txt Text 600",
            "empty.dat Unknown 0",
            "f4.txt Text 600",
            "図.gif Gif 3006",
            "書類/long name of a picture.gif Gif 5006",
            "書類/請求書 2026.pdf.exe Text 2",
        ],
    );
    let expected = [
        "a.txt Text 5",
        "empty.dat Unknown 0",
        "書類/long name of a picture.gif Gif 5006",
        "書類/請求書 2026.pdf.exe Text 2",
    ];
    for image in [
        unpacked_sample!("dynamic.vhd"),
        unpacked_sample!("fixed.vhd"),
        unpacked_sample!("disk.vhdx"),
    ] {
        check(&image, &expected);
    }
}

#[test]
fn what_is_no_file_system_is_damaged() {
    let said = lines("a.vhd", &[&[1; 1024], b"conectix".as_slice(), &[0; 504]].concat(), &[]);
    assert_eq!(said, ["0 a.vhd Vhd 1536 Unknown", "damaged: VHD disk image: its table of blocks"]);
    let said = lines("a.img", &fat12([0; 8])[..100], &[]);
    assert_eq!(said, ["0 a.img Unknown 100 Unknown"]);
    let (_, problems) = tree_of(Kind::Fat, "a.img", &[0; 600], &[]);
    assert_eq!(problems[0].to_string(), "damaged: FAT disk image: its file system");
}

#[test]
fn a_disk_with_partitions_is_told_by_its_table() {
    let vhd = unpacked_sample!("fixed.vhd");
    let disk = &vhd[..vhd.len() - 512];
    assert_eq!(lines("a.img", disk, &[])[0], "0 a.img Disk 6301696 Clear");
    assert_eq!(lines("a.img", disk, &[]).len(), 5);
}

/// A FAT12 volume of clusters of 512 bytes: the table's entries, then the root with one file of
/// 1,400 bytes from cluster 2 on, then clusters of 512 equal letters.
fn fat12(table: [u16; 8]) -> Vec<u8> {
    let mut image = vec![0; 512];
    image[..3].copy_from_slice(&[0xEB, 0x3C, 0x90]);
    // Sector size, clusters of one, one reserved, one table of one sector, 16 entries, 9 sectors.
    image[11..24].copy_from_slice(&[0, 2, 1, 1, 0, 1, 16, 0, 9, 0, 0xF8, 1, 0]);
    image[54..62].copy_from_slice(b"FAT12   ");
    image[510..].copy_from_slice(&[0x55, 0xAA]);
    let pairs = table.as_chunks::<2>().0.iter();
    image.extend(pairs.flat_map(|&[a, b]| [a as u8, (a >> 8 | b << 4) as u8, (b >> 4) as u8]));
    image.resize(1024, 0);
    image.extend(b"A       GIF");
    image.resize(1024 + 26, 0);
    image.extend([2, 0, 0x78, 5, 0, 0]);
    image.resize(1536, 0);
    for letter in b'a'..=b'f' {
        image.extend([letter; 512]);
    }
    image
}

#[test]
fn a_file_in_pieces_is_put_together() {
    // A ZIP archive whose directory lies where only the right order finds it.
    let archive = zip(&[File::new("b.gif", &[b"GIF89a".as_slice(), &[b'x'; 1200]].concat())]);
    let mut image = fat12([0xFF8, 0xFFF, 5, 0, 0, 3, 0xFFF, 0]);
    image[1024 + 28..1024 + 30]
        .copy_from_slice(&u16::try_from(archive.len()).unwrap().to_le_bytes());
    for (cluster, piece) in [2, 5, 3].into_iter().zip(archive.chunks(512)) {
        let at = 1536 + 512 * (cluster - 2);
        image[at..at + piece.len()].copy_from_slice(piece);
    }
    let said = format!("1 A.GIF Zip {} Clear", archive.len());
    assert_eq!(lines("a.img", &image, &[])[1..], [said.as_str(), "2 b.gif Gif 1206 Clear"]);
}

#[test]
fn chains_that_lead_into_themselves_or_nowhere_end() {
    for next in [2, 0, 1, 7, 0xFF7, 0xFFF] {
        check(&fat12([0xFF8, 0xFFF, next, 0, 0, 0, 0, 0]), &["A.GIF Text 1400"]);
    }
}

#[test]
fn a_disk_of_several_kinds_shows_the_files_of_all() {
    let mut image = unpacked_sample!("joliet.iso");
    let fat = fat12([0xFF8, 0xFFF, 3, 4, 0xFFF, 0, 0, 0]);
    image[..fat.len()].copy_from_slice(&fat);
    let said = lines("a.iso", &image, &[]);
    assert_eq!((said.len(), said[5].as_str()), (6, "1 A.GIF Text 1400 Clear"));
}

#[test]
fn a_folder_that_holds_itself_is_read_once() {
    let mut image = fat12([0xFF8, 0xFFF, 0xFFF, 0xFFF, 0, 0, 0, 0]);
    image[1024 + 11] = 16;
    image[1536..].fill(0);
    let entry: [u8; 32] = image[1024..1056].try_into().unwrap();
    image[1536..1568].copy_from_slice(&entry);
    image[1568..1600].copy_from_slice(&entry);
    image[1568..1579].copy_from_slice(b"B       TXT");
    image[1568 + 11] = 0;
    check(&image, &["A.GIF/B.TXT Unknown 1400"]);
}

#[test]
fn a_file_larger_than_the_image_is_what_is_there() {
    let mut image = unpacked_sample!("joliet.iso");
    let record = memchr::memmem::find(&image, b"A.TXT").unwrap() - 33;
    image[record + 10..record + 14].copy_from_slice(&u32::MAX.to_le_bytes());
    let said = lines("a.iso", &image, &[]);
    assert!(said.contains(&"1 a.txt Unknown 4294967295 Clear".to_owned()), "{said:?}");
}

#[test]
fn volumes_that_are_not_read_are_disks() {
    let mut boot = vec![0; 4096];
    boot[..11].copy_from_slice(b"\xEB\x52\x90NTFS    ");
    boot[510..512].copy_from_slice(&[0x55, 0xAA]);
    assert_eq!(lines("a.img", &boot, &[]), ["0 a.img Disk 4096 Unknown"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_damage_stops_us(
        which in 0..6usize,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..24),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut image = match which {
            0 => unpacked_sample!("joliet.iso"),
            1 => unpacked_sample!("udf.iso"),
            2 => unpacked_sample!("fat12.img"),
            3 => unpacked_sample!("dynamic.vhd"),
            4 => fat12([0xFF8, 0xFFF, 3, 4, 5, 0xFFF, 0, 0]),
            _ => unpacked_sample!("plain.iso"),
        };
        // Most of an image is zeros: damage what is not.
        let used: Vec<usize> = (0..image.len()).filter(|&i| image[i] != 0).collect();
        for (at, byte) in damage {
            image[used[at.index(used.len())]] = byte;
        }
        if let Some(cut) = cut {
            image.truncate(cut.index(image.len()));
        }
        for kind in [Kind::Iso9660, Kind::Vhd, Kind::Vhdx] {
            prop_assert!(survives(kind, &image).iter().all(|f| f.role == Role::File));
        }
    }
}
