//! File types by content: our own table.
//!
//! Way in: [`kind`] for the first bytes of a file, [`kind_by_tail`] for what only its end tells.
//! What a file is called plays no part: a name is the sender's word, the content is what opens.
//! What the table does not know is [`Kind::Unknown`] or [`Kind::Text`], never an error. Kinds that
//! only members or streams tell apart (a word processor file is a ZIP) are refined by
//! [`super::open`].

use super::name::Name;
use super::{Kind, compound, disk, text_magic};

/// Bytes from the start of a file after which [`kind`] learns nothing more: the volume descriptors
/// of ISO 9660 and UDF lie at 32 KiB. Programs with a longer DOS stub are told by the stub.
pub const HEAD: usize = 36 * 1024;

/// Bytes from the start that tell everything but disk images and odd programs.
pub const NEAR: usize = 1024;

/// Bytes from the end that [`kind_by_tail`] looks at.
pub const TAIL: usize = 1024;

/// What a file is by its first bytes; give it [`HEAD`] of them where they are cheap, [`NEAR`]
/// where they are not.
pub fn kind(head: &[u8]) -> Kind {
    let signed = TABLE.iter().find_map(|m| {
        let rest = head.get(m.at..)?;
        rest.starts_with(m.bytes).then(|| (m.tell)(head)).flatten()
    });
    signed
        .or_else(|| disk_image(head))
        .or_else(|| is_old_tar(head).then_some(Kind::Tar))
        .unwrap_or_else(|| text_magic::kind(head.get(..NEAR).unwrap_or(head)))
}

/// What a file is by all of its content.
pub fn kind_of_whole(content: &[u8]) -> Kind {
    let tail = content.get(content.len().saturating_sub(TAIL)..).unwrap_or(content);
    match kind(content.get(..HEAD).unwrap_or(content)) {
        Kind::Unknown => kind_by_tail(tail).unwrap_or_default(),
        // A fixed virtual disk begins as a disk does.
        Kind::Disk => kind_by_tail(tail).filter(|&k| k == Kind::Vhd).unwrap_or(Kind::Disk),
        known => known,
    }
}

/// What a file is by its last [`TAIL`] bytes, for kinds that allow anything at their beginning.
pub fn kind_by_tail(tail: &[u8]) -> Option<Kind> {
    let footer = tail.len().checked_sub(512).and_then(|at| tail.get(at..));
    if footer.is_some_and(|f| f.starts_with(b"conectix")) {
        return Some(Kind::Vhd);
    }
    let at = memchr::memmem::rfind(tail, b"PK\x05\x06")?;
    (tail.len() - at >= 22).then_some(Kind::Zip)
}

/// One signature: bytes at an offset, and what they say together with the rest of the head.
struct Magic {
    at: usize,
    bytes: &'static [u8],
    tell: fn(&[u8]) -> Option<Kind>,
}

/// A row whose bytes say everything (`=>`), or need a second look (`?`).
macro_rules! table {
    ($($at:literal $bytes:literal $arrow:tt $tell:expr;)*) => {
        &[$(Magic { at: $at, bytes: $bytes, tell: table!(@ $arrow $tell) }),*]
    };
    (@ => $kind:expr) => { |_| Some($kind) };
    (@ ? $tell:expr) => { $tell };
}

#[rustfmt::skip]
static TABLE: &[Magic] = table! {
    // Programs.
    0 b"MZ" ? dos_or_windows;
    0 b"ZM" ? dos_or_windows;
    0 b"\x7FELF" => Kind::Elf;
    0 b"\xFE\xED\xFA\xCE" => Kind::MachO;
    0 b"\xFE\xED\xFA\xCF" => Kind::MachO;
    0 b"\xCE\xFA\xED\xFE" => Kind::MachO;
    0 b"\xCF\xFA\xED\xFE" => Kind::MachO;
    0 b"\xCA\xFE\xBA\xBE" ? fat_or_class;
    0 b"dex\n03" => Kind::Dex;
    0 b"ITSF" => Kind::Chm;
    // Text at first, but what is appended need not be.
    0 b"#!" ? |h| text_magic::is_interpreter_line(h).then_some(Kind::Script);
    // Shortcuts: header size and class identifier (MS-SHLLINK, 2.1).
    0 b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0F" => Kind::Lnk;
    // Archives.
    0 b"PK\x03\x04" => Kind::Zip;
    0 b"PK\x05\x06" => Kind::Zip;
    0 b"PK\x07\x08PK\x03\x04" => Kind::Zip;
    0 b"PK00PK\x03\x04" => Kind::Zip;
    0 b"Rar!\x1A\x07" => Kind::Rar;
    0 b"RE~^" => Kind::Rar;
    0 b"7z\xBC\xAF\x27\x1C" => Kind::SevenZip;
    0 b"MSCF\0\0\0\0" => Kind::Cab;
    0 b"\x1F\x8B\x08" => Kind::Gzip;
    0 b"\x1F\x9D" ? |h| is_binary(h).then_some(Kind::Compress);
    0 b"BZh" ? |h| matches!(h.get(3..10), Some([b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y'])).then_some(Kind::Bzip2);
    0 b"\xFD7zXZ\0" => Kind::Xz;
    0 b"\x28\xB5\x2F\xFD" => Kind::Zstd;
    0 b"\x60\xEA" ? arj;
    7 b"**ACE**" => Kind::Ace;
    2 b"-l" ? lzh;
    2 b"-pm" ? lzh;
    257 b"ustar" => Kind::Tar;
    // Disk images; ISO 9660 and UDF are looked for apart.
    0 b"conectix" ? |h| is_binary(h).then_some(Kind::Vhd);
    0 b"vhdxfile" ? |h| is_binary(h).then_some(Kind::Vhdx);
    // Documents.
    0 b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" ? |h| Some(compound::kind(h));
    0 b"%PDF-" => Kind::Pdf;
    0 b"{\\rt" => Kind::Rtf;
    0 b"\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3" => Kind::OneNote;
    0 b"\xA1\x2F\xFF\x43\xD9\xEF\x76\x4C\x9E\xE2\x10\xEA\x57\x22\x76\x5F" => Kind::OneNote;
    0 b"\x78\x9F\x3E\x22" => Kind::Tnef;
    // Pictures, sound, film.
    0 b"\x89PNG\r\n\x1A\n" => Kind::Png;
    0 b"\xFF\xD8\xFF" => Kind::Jpeg;
    0 b"GIF87a" => Kind::Gif;
    0 b"GIF89a" => Kind::Gif;
    0 b"BM" ? |h| (h.get(6..10) == Some(&[0; 4])).then_some(Kind::Bmp);
    0 b"II*\0" => Kind::Tiff;
    0 b"MM\0*" => Kind::Tiff;
    0 b"\0\0\x01\0" ? icon;
    0 b"\0\0\x02\0" ? icon;
    0 b"RIFF" ? riff;
    4 b"ftyp" ? |h| Some(match h.get(8..12) {
        Some(b"avif" | b"heic" | b"heix" | b"mif1" | b"msf1") => Kind::Heif,
        Some(b"M4A ") => Kind::Audio,
        _ => Kind::Video,
    });
    0 b"\x1A\x45\xDF\xA3" => Kind::Video;
    0 b"ID3" ? |h| is_binary(h).then_some(Kind::Audio);
    0 b"\xFF\xFB" => Kind::Audio;
    0 b"\xFF\xF3" => Kind::Audio;
    0 b"OggS\0" => Kind::Audio;
    0 b"fLaC" => Kind::Audio;
    // Signed and encrypted.
    0 b"\x30" ? pkcs7;
    0 b"-----BEGIN PGP " => Kind::Pgp;
    0 b"-----BEGIN PKCS7-----" => Kind::Pkcs7;
};

/// `MZ` alone begins many a text. A program is told by the PE signature, or by a header that only
/// a program can have.
fn dos_or_windows(head: &[u8]) -> Option<Kind> {
    let at = le32(head, 0x3C).map(|at| at as usize);
    let signature = at.and_then(|at| head.get(at..)?.get(..4));
    if signature == Some(b"PE\0\0") {
        return Some(Kind::Pe);
    }
    // Bytes in the last page, pages, header paragraphs: what DOS itself checks.
    let (last, pages, header) = (le16(head, 2)?, le16(head, 4)?, le16(head, 8)?);
    let plausible = last < 512 && pages > 0 && header > 0 && is_binary(head);
    plausible.then_some(Kind::DosProgram)
}

/// Both begin alike: a fat Mach-O file goes on with the number of its parts, a Java class with
/// minor and major version, of which the first was 45.
fn fat_or_class(head: &[u8]) -> Option<Kind> {
    let next = head.get(4..8)?;
    let number = next.iter().fold(0u32, |n, &b| n << 8 | u32::from(b));
    Some(if number < 45 { Kind::MachO } else { Kind::JavaClass })
}

fn arj(head: &[u8]) -> Option<Kind> {
    let (size, first) = (le16(head, 2)?, *head.get(4)?);
    // ARJ's own limit on its basic header; the first header is at least 30 bytes.
    ((30..=2600).contains(&size) && (30..=64).contains(&first)).then_some(Kind::Arj)
}

/// `-lh5-` and its family, or a mail signature like `-- `: the closing hyphen tells.
fn lzh(head: &[u8]) -> Option<Kind> {
    let known = matches!(
        head.get(2..7)?,
        [b'-', b'l', b'h', b'0'..=b'7' | b'd' | b'x', b'-']
            | [b'-', b'l', b'z', b's' | b'4' | b'5', b'-']
            | [b'-', b'p', b'm', b'0' | b'2', b'-']
    );
    (known && head.get(20).is_some_and(|&level| level <= 3)).then_some(Kind::Lzh)
}

fn icon(head: &[u8]) -> Option<Kind> {
    let (count, reserved) = (le16(head, 4)?, *head.get(9)?);
    (count > 0 && count < 256 && reserved == 0).then_some(Kind::Icon)
}

fn riff(head: &[u8]) -> Option<Kind> {
    match head.get(8..12)? {
        b"WEBP" => Some(Kind::WebP),
        b"AVI " => Some(Kind::Video),
        b"WAVE" => Some(Kind::Audio),
        _ => None,
    }
}

/// A DER sequence that begins with an object identifier 1.2.840.113549.1.7.x (RFC 5652).
fn pkcs7(head: &[u8]) -> Option<Kind> {
    let oid = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07";
    let start = head.get(1..head.len().min(20))?;
    memchr::memmem::find(start, oid).map(|_| Kind::Pkcs7)
}

/// The volume in a file that is mounted by its name ([`is_mounted`]): 32 KiB in, whatever the file
/// begins as.
pub fn volume(head: &[u8]) -> Option<Kind> {
    // Volume recognition sequence (ECMA-167 2/8): descriptors of 2,048 bytes from 32 KiB on; a
    // disk that is both ISO 9660 and UDF is mounted as UDF.
    let names = (0..).map_while(|i| head.get(32_769 + 2048 * i..)?.get(..5));
    let mut iso = None;
    for name in names {
        match name {
            b"NSR02" | b"NSR03" => return Some(Kind::Udf),
            b"CD001" => iso = Some(Kind::Iso9660),
            _ => {}
        }
    }
    iso
}

/// Whether Windows mounts a file of one of these names, without a look at how it begins.
pub fn is_mounted(names: &[Name]) -> bool {
    names.iter().any(|n| n.possible_extensions().any(|e| matches!(e, "img" | "iso" | "udf")))
}

fn disk_image(head: &[u8]) -> Option<Kind> {
    if let Some(volume) = volume(head) {
        return Some(volume);
    }
    // A FAT boot sector: a jump, the end mark, and the name of the file system.
    let jumps = matches!(head, [0xEB, _, 0x90, ..] | [0xE9, ..]);
    let ends = head.get(510..512) == Some(&[0x55, 0xAA]);
    let named = [54, 82].iter().any(|&at| head.get(at..).is_some_and(|r| r.starts_with(b"FAT")));
    if jumps && ends && named {
        return Some(Kind::Fat);
    }
    disk::is_disk(head).then_some(Kind::Disk)
}

/// A tar header without `ustar`: its checksum is right (the sum of all bytes, the checksum's own
/// taken as blanks).
fn is_old_tar(head: &[u8]) -> bool {
    let (Some(block), Some(field)) = (head.get(..512), head.get(148..156)) else { return false };
    let digits = field.trim_ascii_start();
    let end = digits.iter().position(|b| !matches!(b, b'0'..=b'7')).unwrap_or(digits.len());
    if end == 0 {
        return false;
    }
    let digits = digits.get(..end).unwrap_or_default();
    let written = digits.iter().fold(0u32, |n, &b| n << 3 | u32::from(b - b'0'));
    let sum = |bytes: &[u8]| bytes.iter().map(|&b| u32::from(b)).sum::<u32>();
    sum(block) - sum(field) + 8 * u32::from(b' ') == written
}

/// Whether the first bytes hold one that no text holds.
pub(super) fn is_binary(head: &[u8]) -> bool {
    let start = head.get(..NEAR).unwrap_or(head);
    start.iter().any(|b| matches!(b, 0..=6 | 0x0E..=0x1A | 0x1C..=0x1F))
}

pub(super) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_le_bytes(*two))
}

pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*four))
}

pub(super) fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*eight))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(head: impl AsRef<[u8]>, expected: Kind) {
        assert_eq!(kind(head.as_ref()), expected, "{:?}", head.as_ref().escape_ascii().to_string());
    }

    /// `bytes` put at offsets of an otherwise empty head.
    fn head(size: usize, pieces: &[(usize, &[u8])]) -> Vec<u8> {
        let mut out = vec![0; size];
        for (at, bytes) in pieces {
            out[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        out
    }

    #[test]
    fn programs() {
        check(head(256, &[(0, b"MZ"), (0x3C, &[0x80]), (0x80, b"PE\0\0")]), Kind::Pe);
        check(head(64, &[(0, b"MZ\x90\0\x03\0\0\0\x04\0")]), Kind::DosProgram);
        check(b"\x7FELF\x02\x01\x01", Kind::Elf);
        check(b"\xCF\xFA\xED\xFE\x07\0\0\x01", Kind::MachO);
        check(b"\xCA\xFE\xBA\xBE\0\0\0\x02\x01", Kind::MachO);
        check(b"\xCA\xFE\xBA\xBE\0\0\0\x41\x01", Kind::JavaClass);
        check(b"ITSF\x03\0\0\0", Kind::Chm);
    }

    #[test]
    fn a_text_that_begins_with_mz_is_a_text() {
        check("MZ世代についての報告", Kind::Text);
        check(format!("MZ{}", " generation".repeat(90)), Kind::Text);
        check("MZ", Kind::Text);
        check("MZ-80K\r\n", Kind::Text);
    }

    #[test]
    fn a_program_whose_signature_lies_beyond_what_is_read_is_told_by_its_stub() {
        let far = [(0, &b"MZ\x90\0\x03\0\0\0\x04\0"[..]), (0x3C, &[0, 0, 0x10, 0])];
        check(head(HEAD, &far), Kind::DosProgram);
    }

    #[test]
    fn shortcuts() {
        check(b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0F\x9B\0\x08\0", Kind::Lnk);
        check(b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x01", Kind::Unknown);
    }

    #[test]
    fn archives() {
        check(b"PK\x03\x04\x14\0", Kind::Zip);
        check(b"Rar!\x1A\x07\0", Kind::Rar);
        check(b"Rar!\x1A\x07\x01\0", Kind::Rar);
        check(b"7z\xBC\xAF\x27\x1C\0\x04", Kind::SevenZip);
        check(b"MSCF\0\0\0\0", Kind::Cab);
        check(b"\x1F\x8B\x08\0", Kind::Gzip);
        check(b"BZh91AY&SY", Kind::Bzip2);
        check(b"BZh is the name of a unit", Kind::Text);
        check(b"\xFD7zXZ\0", Kind::Xz);
        check(head(32, &[(0, b"\x20\x1F-lh5-")]), Kind::Lzh);
        check(b"a -ls-all shows hidden files", Kind::Text);
        check(head(512, &[(0, b"a.txt"), (257, b"ustar\x0000")]), Kind::Tar);
        check(head(512, &[(0, b"a"), (148, b"000541\0 ")]), Kind::Tar);
        assert_eq!(kind_by_tail(b"....PK\x05\x06 and the other 18 bytes"), Some(Kind::Zip));
    }

    #[test]
    fn disk_images() {
        check(head(HEAD, &[(32_769, b"CD001")]), Kind::Iso9660);
        check(head(HEAD, &[(32_769, b"BEA01"), (34_817, b"NSR02")]), Kind::Udf);
        check(head(HEAD, &[(32_769, b"CD001"), (34_817, b"NSR03")]), Kind::Udf);
        check(b"vhdxfile\0", Kind::Vhdx);
        check(b"vhdxfile is a mark", Kind::Text);
        check(b"conectix\0\0\0\x02", Kind::Vhd);
        let fat = head(512, &[(0, &[0xEB, 0x3C, 0x90]), (54, b"FAT12   "), (510, &[0x55, 0xAA])]);
        check(fat, Kind::Fat);
        let boot = [(3, &b"NTFS    "[..]), (510, &[0x55, 0xAA])];
        check(head(512, &boot), Kind::Disk);
        let partition = [(450, &[6, 0, 0, 0, 1, 0, 0, 0, 9][..]), (510, &[0x55, 0xAA])];
        check(head(512, &partition), Kind::Disk);
        let vhd = [head(1024, &partition), head(512, &[(0, b"conectix")])].concat();
        assert_eq!(kind_of_whole(&vhd), Kind::Vhd);
        let tail = head(TAIL, &[(TAIL - 512, b"conectix")]);
        assert_eq!(kind_by_tail(&tail), Some(Kind::Vhd));
    }

    #[test]
    fn documents_pictures_sound() {
        check(b"%PDF-1.7\n", Kind::Pdf);
        check(b"{\\rtf1\\ansi", Kind::Rtf);
        check(b"\x78\x9F\x3E\x22\x01\0", Kind::Tnef);
        check(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", Kind::Png);
        check(b"RIFF\x10\0\0\0WEBPVP8 ", Kind::WebP);
        check(b"\0\0\0\x20ftypisom", Kind::Video);
        check(b"\0\0\0\x18ftypheic", Kind::Heif);
        check(b"BM and other makes of car", Kind::Text);
        check(b"\x30\x82\x01\0\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02", Kind::Pkcs7);
        check(b"0 is a digit", Kind::Text);
        check(b"", Kind::Unknown);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_input_stops_us(
            row in 0..TABLE.len(),
            tail in proptest::collection::vec(any::<u8>(), 0..700),
        ) {
            let magic = &TABLE[row];
            let mut bytes = vec![0; magic.at];
            bytes.extend_from_slice(magic.bytes);
            bytes.extend_from_slice(&tail);
            kind(&bytes).name();
            kind(&tail).name_ja();
            kind_by_tail(&tail);
        }
    }
}
