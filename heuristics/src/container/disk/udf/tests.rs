//! Volumes of blocks of 512 bytes with one file, in every way its content may be described.

use super::super::super::Kind;
use super::super::super::tree::check::{lines, survives, tree_of};
use super::*;
use proptest::prelude::*;

const BLOCK: usize = 512;
const START: usize = 300;
const GIF: &[u8] = b"GIF89a: a picture in pieces";

/// Bytes at offsets of an otherwise empty descriptor.
fn descriptor(id: u16, fields: &[(usize, &[u8])]) -> Vec<u8> {
    let mut out = vec![0; BLOCK];
    for (at, bytes) in fields {
        out[*at..*at + bytes.len()].copy_from_slice(bytes);
    }
    out[..2].copy_from_slice(&id.to_le_bytes());
    out[4] = out[..16].iter().fold(0u8, |n, &b| n.wrapping_add(b));
    out
}

fn long(size: u32, block: u32, partition: u16) -> Vec<u8> {
    let place = [size.to_le_bytes(), block.to_le_bytes()].concat();
    [place, partition.to_le_bytes().to_vec(), vec![0; 6]].concat()
}

fn identifier(name: &str, flags: u8, block: u32, partition: u16) -> Vec<u8> {
    let name: Vec<u8> =
        [16].into_iter().chain(name.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let fields: [(usize, &[u8]); 4] = [
        (18, &[flags, u8::try_from(name.len()).unwrap()]),
        (20, &long(512, block, partition)),
        (38, &name),
        (16, &[1]),
    ];
    let mut out = descriptor(tag::IDENTIFIER, &fields);
    out.truncate((38 + name.len()).next_multiple_of(4));
    out
}

fn entry(kind: u8, form: u16, size: usize, descriptors: &[u8]) -> Vec<u8> {
    let length = u32::try_from(descriptors.len()).unwrap().to_le_bytes();
    let (size, form) = ((size as u64).to_le_bytes(), form.to_le_bytes());
    let fields = [(27, &[kind][..]), (34, &form), (56, &size), (212, &length), (216, descriptors)];
    descriptor(tag::EXTENDED_FILE, &fields)
}

/// A volume whose file `図.gif` has these descriptors; blocks 30 to 32 hold its content.
fn volume(form: u16, descriptors: &[u8], metadata: bool) -> Vec<u8> {
    let mut image = vec![0; (START + 40) * BLOCK];
    let mut put = |block: usize, bytes: Vec<u8>| {
        image[block * BLOCK..][..bytes.len()].copy_from_slice(&bytes);
    };
    let partition = u16::from(metadata);
    let mut maps = vec![1, 6, 1, 0, 0, 0];
    if metadata {
        let mut map = vec![2, 64, 0, 0, 0];
        map.extend(b"*UDF Metadata Partition");
        map.resize(40, 0);
        map.extend(10u32.to_le_bytes());
        map.resize(64, 0);
        maps.extend(map);
    }
    let count = [1 + u8::from(metadata)];
    put(64, b"\0NSR02".to_vec());
    put(256, descriptor(tag::ANCHOR, &[(16, &[0, 8, 0, 0]), (20, &[1, 1, 0, 0])]));
    put(257, descriptor(tag::PARTITION, &[(188, &(START as u32).to_le_bytes())]));
    let fields = [(212, &[0, 2][..]), (248, &long(512, 0, partition)), (268, &count), (440, &maps)];
    put(258, descriptor(tag::LOGICAL_VOLUME, &fields));
    put(259, descriptor(tag::END, &[]));
    // The metadata file lies in two pieces.
    let first = if metadata { START + 20 } else { START };
    let pieces = [512u32, 20, 1024, 21].map(u32::to_le_bytes).concat();
    put(START + 10, entry(250, SHORT, 1536, &pieces));
    put(first, descriptor(tag::FILE_SET, &[(400, &long(512, 1, partition))]));
    let names = [identifier("", 10, 1, partition), identifier("図.gif", 0, 2, partition)].concat();
    put(first + 1, entry(4, IN_ENTRY, names.len(), &names));
    put(first + 2, entry(5, form, GIF.len(), descriptors));
    for (block, piece) in [30, 32, 31].into_iter().zip(GIF.chunks(10)) {
        put(START + block, piece.to_vec());
    }
    let more = [10u32, 32, 7, 31].map(u32::to_le_bytes).concat();
    put(START + 35, descriptor(tag::CONTINUATION, &[(20, &[16]), (24, &more)]));
    image
}

#[track_caller]
fn check(image: &[u8]) {
    let (said, _) = tree_of(Kind::Udf, "a", image, &[]);
    assert_eq!(said.len(), 2);
    assert_eq!((said[1].names[0].text.as_str(), said[1].kind), ("図.gif", Kind::Gif));
    assert_eq!(said[1].size, GIF.len() as u64);
}

fn short() -> Vec<u8> {
    [10u32, 30, 10, 32, 7, 31].map(u32::to_le_bytes).concat()
}

#[test]
fn content_is_found_however_it_is_described() {
    check(&volume(SHORT, &short(), false));
    let pieces = [long(10, 30, 0), long(10, 32, 0), long(7, 31, 0)].concat();
    check(&volume(LONG, &pieces, false));
    check(&volume(LONG, &pieces, true));
    check(&volume(IN_ENTRY, GIF, false));
    check(&volume(IN_ENTRY, GIF, true));
    let goes_on = [10u32, 30, 3 << 30 | 512, 35].map(u32::to_le_bytes).concat();
    check(&volume(SHORT, &goes_on, false));
}

#[test]
fn pieces_come_in_their_order() {
    let disk = volume(SHORT, &short(), false);
    let (volume, _) = super::volume(Disk::flat(&disk), 512).unwrap();
    let file = volume.file(((START + 2) * BLOCK) as u64).unwrap();
    assert_eq!(volume.content(&file, 100), GIF);
    assert_eq!(volume.content(&file, 12), GIF[..12]);
}

#[test]
fn descriptors_that_lead_to_themselves_end() {
    let mut image =
        volume(SHORT, &[10u32, 30, 3 << 30 | 512, 35].map(u32::to_le_bytes).concat(), false);
    let more = [10u32, 32, 3 << 30 | 512, 35].map(u32::to_le_bytes).concat();
    let at = (START + 35) * BLOCK;
    image[at..at + BLOCK]
        .copy_from_slice(&descriptor(tag::CONTINUATION, &[(20, &[16]), (24, &more)]));
    check(&image);
}

#[test]
fn without_marks_at_32_kib_it_is_no_volume() {
    let mut image = volume(SHORT, &short(), false);
    assert_eq!(lines("a", &image, &[]), ["0 a Udf 174080 Clear", "1 図.gif Gif 27 Clear"]);
    image[64 * BLOCK..65 * BLOCK].fill(0);
    assert_eq!(lines("a", &image, &[]), ["0 a Unknown 174080 Unknown"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_damage_stops_us(
        metadata: bool,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let mut image = volume(SHORT, &short(), metadata);
        let used: Vec<usize> = (0..image.len()).filter(|&i| image[i] != 0).collect();
        for (at, byte) in damage {
            let at = used[at.index(used.len())];
            image[at] = byte;
            // With a checksum that is right the damage is read.
            let start = at / BLOCK * BLOCK;
            let sum = image[start..start + 16].iter().fold(0u8, |n, &b| n.wrapping_add(b));
            image[start + 4] = sum.wrapping_sub(image[start + 4]);
        }
        survives(Kind::Udf, &image);
    }
}
