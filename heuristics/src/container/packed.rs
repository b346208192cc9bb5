//! Files that pack one other: gzip (RFC 1952), bzip2, xz, Zstandard (RFC 8878), compress.
//!
//! Way in: [`read`], one for all five. What they pack is their one member, named as the file is but
//! without the last extension, and by gzip's own header as well. Streams that follow one another
//! are one content, as their own tools have it. Fences: windows by [`super::codec`]; every further
//! stream is paid for in work, since millions of empty ones fit into a mail.

use std::borrow::Cow;

use flate2::bufread::GzDecoder;

use super::{Content, Encryption, Kind, Member, Role, Visit, codec, entry_name, lzw};
use crate::message::param::FileName;

/// Reads any of the five.
pub(super) fn read(bytes: &[u8], visit: &mut Visit<'_>) {
    let mut names = Vec::new();
    let content = match visit.kind() {
        Kind::Gzip => {
            names.extend(name_in_gzip(bytes));
            streams(bytes, visit, &GZIP)
        }
        Kind::Bzip2 => streams(bytes, visit, &BZIP2),
        Kind::Zstd => streams(bytes, visit, &ZSTD),
        Kind::Xz => match visit.budget().take_work(codec::LZMA_START.max(bytes.len())) {
            true => visit.unpack(codec::xz(bytes)),
            false => Vec::new(),
        },
        Kind::Compress => compress(bytes, visit),
        _ => return,
    };
    names.extend(entry_name::inner(visit.names()));
    entry_name::keep_first_of_each(&mut names);
    visit.member(Member {
        names,
        size: content.len() as u64,
        encryption: Encryption::Clear,
        role: Role::File,
        content: Content::Whole(Cow::Owned(content)),
    });
}

/// A format whose streams are unpacked one by one.
struct Format {
    /// Bytes that a further stream begins with; anything else after a stream is padding.
    begins: &'static [u8],
    /// Units of work that one stream costs to begin with.
    start: usize,
    unpack: Unpack,
}

/// Unpacks the first stream; gives what comes out, and what follows the stream if it is whole.
type Unpack = for<'p> fn(&'p [u8], &mut Visit<'_>) -> (Vec<u8>, Option<&'p [u8]>);

const GZIP: Format = Format {
    begins: b"\x1F\x8B\x08",
    start: 40_000,
    unpack: |packed, visit| {
        let mut stream = GzDecoder::new(packed);
        (visit.unpack(&mut stream), Some(stream.into_inner()))
    },
};

const BZIP2: Format = Format {
    begins: b"BZh",
    start: codec::BZIP2_START,
    unpack: |packed, visit| {
        let mut stream = codec::bzip2(packed);
        (visit.unpack(&mut stream), Some(stream.into_inner()))
    },
};

const ZSTD: Format = Format {
    begins: b"\x28\xB5\x2F\xFD",
    start: codec::ZSTD_START,
    unpack: |packed, visit| match codec::zstd(packed) {
        Ok(mut stream) => (visit.unpack(&mut stream), Some(stream.into_inner())),
        Err(_) => {
            visit.damaged("its data");
            (Vec::new(), None)
        }
    },
};

fn streams(bytes: &[u8], visit: &mut Visit<'_>, format: &Format) -> Vec<u8> {
    let mut content = Vec::new();
    let mut rest = bytes;
    while rest.starts_with(format.begins)
        && visit.budget().bytes() > 0
        && visit.budget().take_work(format.start)
    {
        let (mut out, after) = (format.unpack)(rest, visit);
        match content.is_empty() {
            true => content = out,
            false => content.append(&mut out),
        }
        // A stream that takes nothing would be read for ever.
        match after.filter(|after| after.len() < rest.len()) {
            Some(after) => rest = after,
            None => break,
        }
    }
    content
}

fn compress(bytes: &[u8], visit: &mut Visit<'_>) -> Vec<u8> {
    if !visit.budget().take_work(bytes.len()) {
        return Vec::new();
    }
    let most = visit.budget().bytes().saturating_add(1);
    let (content, is_sound) = lzw::unpack(bytes, most);
    if !is_sound {
        visit.damaged("its data");
    }
    visit.unpack(content.as_slice())
}

/// The name in a gzip header (RFC 1952, 2.3): Latin 1 by the letter, what the system has in fact.
fn name_in_gzip(bytes: &[u8]) -> Option<FileName> {
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    let flags = *bytes.get(3)?;
    let mut rest = bytes.get(10..)?;
    if flags & EXTRA != 0 {
        let (length, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    let end = memchr::memchr(0, rest).filter(|&end| flags & NAME != 0 && end > 0)?;
    rest.get(..end).map(entry_name::of_bytes)
}

#[cfg(test)]
mod tests {
    use super::super::samples::sample;
    use super::super::tree::check as read;
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    #[track_caller]
    fn check(name: &str, bytes: &[u8], expected: &[&str]) {
        assert_eq!(read::lines(name, bytes, &[])[1..], *expected, "{name}");
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn one_member_named_without_the_last_extension() {
        check("請求書.txt.bz2", sample!("invoice.txt.bz2"), &["1 請求書.txt Text 920 Clear"]);
        check("請求書.txt.xz", sample!("invoice.txt.xz"), &["1 請求書.txt Text 920 Clear"]);
        check("請求書.txt.zst", sample!("invoice.txt.zst"), &["1 請求書.txt Text 920 Clear"]);
        check("請求書.txt.Z", sample!("invoice.txt.Z"), &["1 請求書.txt Text 920 Clear"]);
    }

    #[test]
    fn gzip_has_a_name_of_its_own() {
        let gz = sample!("invoice.txt.gz");
        check("a.gz", gz, &["1 請求書.txt = a Text 920 Clear"]);
        check("請求書.txt.gz", gz, &["1 請求書.txt Text 920 Clear"]);
        check("figure.svgz", &gzip(b"<svg xmlns='x'/>"), &["1 figure.svg Svg 16 Clear"]);
    }

    #[test]
    fn what_is_packed_twice_is_looked_into_twice() {
        let expected = [
            "1 files.tar Tar 10240 Clear",
            "2 請求書.txt Text 920 Clear",
            "2 setup.exe Pe 600 Clear",
        ];
        check("files.tgz", sample!("files.tgz"), &expected);
    }

    #[test]
    fn compress_widens_its_codes_and_clears_its_table() {
        check("run.Z", sample!("run.Z"), &["1 run Text 100000 Clear"]);
        check("cleared.Z", sample!("cleared.Z"), &["1 cleared Text 36968 Clear"]);
        let (run, is_sound) = lzw::unpack(sample!("run.Z"), usize::MAX);
        assert!(is_sound && run.iter().all(|&b| b == b'a'));
        let (cleared, is_sound) = lzw::unpack(sample!("cleared.Z"), usize::MAX);
        let numbers: String = (1000..1500).map(|n| format!("{n}\n")).collect();
        let mixed = format!("bbbb{}", "a".repeat(60)).repeat(187);
        let expected = ["a".repeat(8000), numbers.clone(), "a".repeat(12_000), mixed, numbers];
        assert!(is_sound && cleared == expected.concat().as_bytes());
    }

    #[test]
    fn streams_that_follow_one_another_are_one_content() {
        let two = [gzip(b"GIF89a.."), gzip(b"more"), vec![0; 512]].concat();
        check("a.gz", &two, &["1 a Gif 12 Clear"]);
        let two = [sample!("invoice.txt.bz2"), sample!("invoice.txt.bz2")].concat();
        check("a.bz2", &two, &["1 a Text 1840 Clear"]);
        let two = [sample!("invoice.txt.zst"), sample!("invoice.txt.zst")].concat();
        check("a.zst", &two, &["1 a Text 1840 Clear"]);
        let two = [sample!("invoice.txt.xz"), sample!("invoice.txt.xz")].concat();
        check("a.xz", &two, &["1 a Text 1840 Clear"]);
    }

    #[test]
    fn millions_of_empty_streams_are_paid_for() {
        let work = "takes more than 400000000 units of work; the rest was not looked at";
        check("a.gz", &gzip(b"").repeat(20_000), &["1 a Unknown 0 Clear", work]);
        let empty = b"BZh9\x17\x72\x45\x38\x50\x90\0\0\0\0";
        let begun = [sample!("invoice.txt.bz2"), &empty.repeat(1000)].concat();
        check("a.bz2", &begun, &["1 a Text 920 Clear", work]);
    }

    #[test]
    fn a_bomb_costs_what_the_limits_allow() {
        let bomb = gzip(&gzip(&vec![0; 30 << 20]));
        let mut limits = read::limits();
        limits.inflated_bytes = 1 << 20;
        let mut tree = super::super::Tree::new(&limits, Vec::new(), false);
        let at = tree.add(super::super::File { kind: Kind::Gzip, ..Default::default() });
        tree.open(at, &bomb);
        let (files, problems) = tree.into_parts();
        assert!(files.iter().map(|f| f.size).sum::<u64>() <= 1 << 20);
        assert_eq!(problems, [crate::message::Problem::Inflated(1 << 20)]);
    }

    #[test]
    fn a_window_of_gigabytes_is_refused() {
        // A frame of unknown size with a window of 2^41 bytes.
        let zstd = b"\x28\xB5\x2F\xFD\0\xF8\x01\0\0";
        check("a.zst", zstd, &["1 a Unknown 0 Clear", "damaged: Zstandard file: its data"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn no_damage_stops_us(
            sample in 0..6usize,
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            cut in any::<prop::sample::Index>(),
        ) {
            let (kind, bytes) = [
                (Kind::Gzip, sample!("invoice.txt.gz")),
                (Kind::Bzip2, sample!("invoice.txt.bz2")),
                (Kind::Xz, sample!("invoice.txt.xz")),
                (Kind::Zstd, sample!("invoice.txt.zst")),
                (Kind::Compress, sample!("invoice.txt.Z")),
                (Kind::Compress, sample!("cleared.Z")),
            ][sample];
            let mut bytes = bytes.to_vec();
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
            prop_assert!(read::tree_of(kind, "a", &bytes, &[]).0.len() < 4);
        }
    }
}
