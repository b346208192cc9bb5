//! Names that archives give their members.
//!
//! Most formats are older than Unicode and say nothing of the charset: [`of_bytes`] goes by
//! evidence, as Japanese Windows writes CP932 and everybody else UTF-8. [`inner`] names what a
//! file that packs one other holds: by convention the same name without the last extension.

use crate::message::charset;
use crate::message::param::{FileName, NameForm};

/// The name that `bytes` are, by evidence.
pub(super) fn of_bytes(bytes: &[u8]) -> FileName {
    of_text(charset::decode(bytes, None, None).text)
}

/// The name that `units`, UTF-16 in little endian, are; what is no character is U+FFFD.
pub(super) fn of_utf16(units: impl Iterator<Item = u16>) -> FileName {
    let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
    of_text(text.collect::<String>())
}

/// The name `text`.
pub(super) fn of_text(text: impl Into<String>) -> FileName {
    FileName { text: text.into(), form: NameForm::ArchiveEntry }
}

/// The names of what a file of these names packs.
pub(super) fn inner(names: &[FileName]) -> Vec<FileName> {
    names.iter().map(|n| of_text(without_packing(&n.text))).collect()
}

/// Leaves each name once, the first where it stands.
pub(super) fn keep_first_of_each(names: &mut Vec<FileName>) {
    let mut kept: Vec<FileName> = Vec::with_capacity(names.len());
    for name in names.drain(..) {
        if !kept.iter().any(|k| k.text == name.text) {
            kept.push(name);
        }
    }
    *names = kept;
}

/// Extensions that say "packed", and what stands in their place afterwards.
const PACKED: &[(&str, &str)] = &[
    ("bz", ""),
    ("bz2", ""),
    ("gz", ""),
    ("gzip", ""),
    ("lzma", ""),
    ("svgz", ".svg"),
    ("taz", ".tar"),
    ("tbz", ".tar"),
    ("tbz2", ".tar"),
    ("tgz", ".tar"),
    ("txz", ".tar"),
    ("tzst", ".tar"),
    ("xz", ""),
    ("z", ""),
    ("zst", ""),
    ("zstd", ""),
];

fn without_packing(name: &str) -> String {
    let packed = name.rsplit_once('.').and_then(|(stem, extension)| {
        let (_, instead) = PACKED.iter().find(|(e, _)| e.eq_ignore_ascii_case(extension))?;
        Some(format!("{stem}{instead}"))
    });
    packed.unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_file_is_named_without_its_last_extension() {
        let check = |name, expected| assert_eq!(without_packing(name), expected);
        check("report.txt.gz", "report.txt");
        check("data.TGZ", "data.tar");
        check("figure.svgz", "figure.svg");
        check("log.Z", "log");
        check("invoice.doc", "invoice.doc");
        check("gz", "gz");
    }

    #[test]
    fn bytes_are_read_by_evidence() {
        let check = |bytes: &[u8], expected| assert_eq!(of_bytes(bytes).text, expected);
        check("請求書.pdf".as_bytes(), "請求書.pdf");
        check(b"\x90\xBF\x8B\x81\x8F\x91.pdf", "請求書.pdf");
        check(b"plain.exe", "plain.exe");
    }

    #[test]
    fn half_a_surrogate_pair_is_no_reason_to_lose_a_name() {
        let units = [0x61, 0xD800, 0x2E, 0x65];
        assert_eq!(of_utf16(units.into_iter()).text, "a\u{FFFD}.e");
    }
}
