//! Charsets of Japanese mail: what is declared, what the bytes are evidence of.
//!
//! Labels lie: text is Shift_JIS under the label ISO-2022-JP, UTF-8 under ISO-2022-JP, and
//! ISO-2022-JP, which is made of ASCII bytes, under no label at all. [`decode`] takes the label
//! where the bytes fit it and goes by the bytes else. It never fails; pure ASCII, which is most
//! of all mail, is borrowed.

mod evidence;
pub(super) mod iso2022;
mod label;
mod utf7;

use std::borrow::Cow;

use encoding_rs::{
    EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};

use iso2022::{ESC, SO};
use label::Label;

/// Decoded text and how it was decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded<'a> {
    /// The text, without a byte order mark. Bytes that mean nothing in the charset became U+FFFD.
    pub text: Cow<'a, str>,
    /// The charset that was used; UTF-8 for text that came in UTF-7. US-ASCII is reported as
    /// windows-1252 where it is declared, as the Encoding Standard does: who writes into such a
    /// part must keep to ASCII.
    pub charset: &'static Encoding,
    /// Whether the charset used is what the label said (a missing label says US-ASCII). False for
    /// labels that nobody can encode, so that what is `as_declared` can be written back.
    pub as_declared: bool,
    /// Whether some bytes meant nothing in the charset.
    pub lossy: bool,
}

/// The encoding a label of mail stands for, aliases of Japanese mailers included. `None` also for
/// charsets that can be read but not written: UTF-7.
pub fn for_label(label: &str) -> Option<&'static Encoding> {
    Label::read(Some(label)).encoding()
}

/// Decodes `bytes` by the declared label where it fits, else by evidence: ISO-2022 escape
/// sequences, UTF-8, the label an HTML meta element gives, CP932 or EUC-JP by weight; at last
/// windows-1252.
///
/// The meta label stands before the guess between CP932 and EUC-JP because a label that fits is
/// better evidence than weights, which take Chinese text for EUC-JP.
pub fn decode<'a>(bytes: &'a [u8], declared: Option<&str>, meta: Option<&str>) -> Decoded<'a> {
    let label = Label::read(declared);
    if let Some(marked) = by_mark(bytes, label) {
        return marked;
    }
    let is_ascii = bytes.is_ascii();
    let shifts = memchr::memchr2(ESC, SO, bytes).is_some();
    if is_ascii && !shifts {
        return ascii(bytes, label);
    }
    let is_declared_iso2022 = label == Label::Known(ISO_2022_JP);
    let announced = shifts && iso2022::is_announced(bytes);
    // A sequence in 8-bit text of another label is noise, or bait to make a reader see rubbish.
    let may_overrule = is_ascii || label.says_little();
    if is_declared_iso2022 && (announced || memchr::memchr(SO, bytes).is_some())
        || announced && may_overrule && iso2022::is_plausible(bytes)
    {
        let (text, lossy) = iso2022::decode(bytes);
        let text = Cow::Owned(text);
        return Decoded { text, charset: ISO_2022_JP, as_declared: is_declared_iso2022, lossy };
    }
    if is_ascii {
        return ascii(bytes, label);
    }
    if let Label::Known(encoding) = label
        && let Some(text) = fitting(encoding, bytes)
    {
        return Decoded { text, charset: encoding, as_declared: true, lossy: false };
    }
    let meta = Label::read(meta).encoding();
    let (text, charset, lossy) = match label {
        Label::Known(encoding) if !label.says_little() && encoding != ISO_2022_JP => {
            by_label_or_evidence(encoding, bytes)
        }
        _ => by_evidence(bytes, meta),
    };
    Decoded { text, charset, as_declared: label == Label::Known(charset), lossy }
}

/// Text and charset by evidence alone, and whether some bytes meant nothing. `bytes` hold 8-bit
/// bytes and no ISO-2022 sequences that count.
fn by_evidence<'a>(
    bytes: &'a [u8],
    meta: Option<&'static Encoding>,
) -> (Cow<'a, str>, &'static Encoding, bool) {
    let utf8 = evidence::utf8(bytes);
    if utf8.is_valid() || utf8.is_damaged() {
        return lossless_or_not(UTF_8, bytes);
    }
    if let Some(meta) = meta.filter(|m| *m != WINDOWS_1252 && *m != ISO_2022_JP && *m != UTF_8)
        && let Some(text) = fitting(meta, bytes)
    {
        return (text, meta, false);
    }
    match japanese(bytes) {
        Some(encoding) => lossless_or_not(encoding, bytes),
        // Bytes cut out of longer UTF-8 text rather than European text.
        None if utf8.long > utf8.invalid => lossless_or_not(UTF_8, bytes),
        None => lossless_or_not(WINDOWS_1252, bytes),
    }
}

/// For text that its label does not fit: other charsets only where they fit without a fault.
fn by_label_or_evidence<'a>(
    declared: &'static Encoding,
    bytes: &'a [u8],
) -> (Cow<'a, str>, &'static Encoding, bool) {
    if evidence::utf8(bytes).is_valid() {
        return lossless_or_not(UTF_8, bytes);
    }
    match japanese(bytes).filter(|other| *other != declared) {
        Some(other) => match other.decode_without_bom_handling_and_without_replacement(bytes) {
            Some(text) => (text, other, false),
            None => lossless_or_not(declared, bytes),
        },
        None => lossless_or_not(declared, bytes),
    }
}

/// The Japanese charset that the bytes read best in.
fn japanese(bytes: &[u8]) -> Option<&'static Encoding> {
    let (sjis, euc) = (evidence::shift_jis(bytes), evidence::euc_jp(bytes));
    let (score, encoding) =
        if euc.points > sjis.points { (euc, EUC_JP) } else { (sjis, SHIFT_JIS) };
    if score.is_japanese() {
        return Some(encoding);
    }
    // Half-width kana alone weigh nothing in Shift_JIS; long rows of them are nothing else.
    let only_half_width = sjis.points == 0 && sjis.invalid == 0 && sjis.characters >= 4;
    (only_half_width && euc.invalid > 0).then_some(SHIFT_JIS)
}

/// The text, where `bytes` are valid in `encoding` and nothing speaks against it.
fn fitting<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Option<Cow<'a, str>> {
    if encoding == ISO_2022_JP {
        return None;
    }
    if encoding == WINDOWS_1252 {
        // Fits anything. Honest where nothing else fits better.
        let strong = |s: evidence::Score| s.is_japanese() && s.invalid == 0 && s.kana >= 2;
        let japanese = strong(evidence::shift_jis(bytes)) || strong(evidence::euc_jp(bytes));
        if japanese || evidence::utf8(bytes).is_valid() {
            return None;
        }
    } else if encoding != UTF_8 {
        let utf8 = evidence::utf8(bytes);
        if utf8.is_valid() && utf8.long > 0 && !is_utf16(encoding) {
            return None;
        }
        let scores = match encoding {
            _ if encoding == SHIFT_JIS => (evidence::shift_jis(bytes), evidence::euc_jp(bytes)),
            _ if encoding == EUC_JP => (evidence::euc_jp(bytes), evidence::shift_jis(bytes)),
            _ => Default::default(),
        };
        if scores.0.points <= 0 && scores.1.points > 0 && scores.1.invalid == 0 {
            return None;
        }
    }
    encoding.decode_without_bom_handling_and_without_replacement(bytes)
}

fn lossless_or_not<'a>(
    encoding: &'static Encoding,
    bytes: &'a [u8],
) -> (Cow<'a, str>, &'static Encoding, bool) {
    let (text, lossy) = encoding.decode_without_bom_handling(bytes);
    (text, encoding, lossy)
}

/// Text that begins with a byte order mark. The mark outweighs the label, as in all clients.
fn by_mark<'a>(bytes: &'a [u8], label: Label) -> Option<Decoded<'a>> {
    let (charset, length) = Encoding::for_bom(bytes)?;
    let (text, lossy) = charset.decode_without_bom_handling(bytes.get(length..)?);
    let as_declared = label == Label::Known(charset);
    Some(Decoded { text, charset, as_declared, lossy })
}

/// 7-bit text without ISO-2022 sequences: what it says in nearly every charset.
fn ascii(bytes: &[u8], label: Label) -> Decoded<'_> {
    if label == Label::Utf7 && memchr::memchr(b'+', bytes).is_some() {
        let (text, lossy) = utf7::decode(bytes);
        return Decoded { text: Cow::Owned(text), charset: UTF_8, as_declared: false, lossy };
    }
    if let Label::Known(encoding) = label
        && is_utf16(encoding)
        && memchr::memchr(0, bytes).is_some()
    {
        let (text, charset, lossy) = lossless_or_not(encoding, bytes);
        return Decoded { text, charset, as_declared: true, lossy };
    }
    Decoded {
        text: utf8_lossy(bytes),
        charset: label.encoding().filter(|e| !is_utf16(e)).unwrap_or(UTF_8),
        as_declared: match label {
            Label::Known(encoding) => !is_utf16(encoding),
            Label::Missing => true,
            Label::Unknown | Label::Utf7 => false,
        },
        lossy: false,
    }
}

/// The bytes as UTF-8, U+FFFD for what is none. Checking a whole text is many times faster than
/// looking for what is wrong with it, so that comes first.
pub(super) fn utf8_lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, GBK, KOI8_R};
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "お世話になっております。見積書をお送りします。";

    /// What was decoded, the charset used, and whether as declared; `!` marks loss.
    fn read(bytes: &[u8], label: Option<&str>) -> (String, &'static str, bool) {
        let decoded = decode(bytes, label, None);
        let mark = if decoded.lossy { "!" } else { "" };
        (format!("{}{mark}", decoded.text), decoded.charset.name(), decoded.as_declared)
    }

    fn check(encoding: &'static Encoding, label: Option<&str>, as_declared: bool) {
        let bytes = encoding.encode(TEXT).0;
        let expected = (TEXT.to_owned(), encoding.name(), as_declared);
        assert_eq!(read(&bytes, label), expected, "{label:?}");
    }

    const JAPANESE: [&Encoding; 4] = [UTF_8, SHIFT_JIS, EUC_JP, ISO_2022_JP];

    #[test]
    fn any_japanese_charset_under_any_label() {
        let labels = ["utf-8", "us-ascii", "iso-8859-1", "shift_jis", "euc-jp", "iso-2022-jp"];
        for encoding in JAPANESE {
            for label in labels {
                check(encoding, Some(label), for_label(label) == Some(encoding));
            }
            for label in [None, Some("x-unknown"), Some("utf-7"), Some("iso-2022-kr")] {
                check(encoding, label, false);
            }
        }
    }

    #[test]
    fn aliases_are_as_declared() {
        check(SHIFT_JIS, Some("cp932"), true);
        check(ISO_2022_JP, Some("ISO-2022-JP-MS"), true);
        check(ISO_2022_JP, Some("CP50221"), true);
        check(EUC_JP, Some("eucJP-ms"), true);
    }

    #[test]
    fn ascii_is_borrowed_and_as_declared() {
        for label in [None, Some("us-ascii"), Some("utf-8"), Some("iso-2022-jp"), Some("big5")] {
            let decoded = decode(b"plain $B text", label, None);
            assert!(matches!(decoded.text, Cow::Borrowed("plain $B text")));
            assert!(decoded.as_declared && !decoded.lossy, "{label:?}");
        }
        assert!(!decode(b"plain", Some("x-unknown"), None).as_declared);
    }

    #[test]
    fn labels_of_other_languages_hold() {
        for (encoding, label, text) in [
            (KOI8_R, "koi8-r", "Привет, как дела"),
            (BIG5, "big5", "您好，請查收附件。"),
            (GBK, "gb2312", "您好，请查收附件。"),
        ] {
            let bytes = encoding.encode(text).0;
            assert_eq!(read(&bytes, Some(label)), (text.into(), encoding.name(), true));
        }
        let expected = ("Général".into(), "windows-1252", true);
        assert_eq!(read(b"G\xE9n\xE9ral", Some("iso-8859-1")), expected);
    }

    #[test]
    fn european_text_without_a_label() {
        assert_eq!(read(b"caf\xE9", None), ("café".into(), "windows-1252", false));
    }

    #[test]
    fn the_meta_label_decides_between_guesses() {
        let text = "您好，请查收附件。";
        let bytes = GBK.encode(text).0;
        assert_eq!(decode(&bytes, None, Some("gbk")).text, text);
        let bytes = SHIFT_JIS.encode(TEXT).0;
        assert_eq!(decode(&bytes, None, Some("euc-jp")).text, TEXT);
    }

    #[test]
    fn byte_order_marks_outweigh_labels() {
        assert_eq!(read(b"\xEF\xBB\xBFa", None), ("a".into(), "UTF-8", false));
        assert_eq!(read(b"\xEF\xBB\xBFa", Some("utf-8")), ("a".into(), "UTF-8", true));
        assert_eq!(read(b"\xFF\xFEB0", Some("utf-8")), ("あ".into(), "UTF-16LE", false));
        assert_eq!(read(b"\xFE\xFF0B", Some("utf-16be")), ("あ".into(), "UTF-16BE", true));
    }

    #[test]
    fn utf_16_without_a_mark() {
        assert_eq!(read(b"0B\0a", Some("utf-16be")), ("あa".into(), "UTF-16BE", true));
        assert_eq!(read(b"not at all", Some("utf-16")), ("not at all".into(), "UTF-8", false));
    }

    #[test]
    fn utf_7_is_read() {
        let decoded = decode(b"+MEI-", Some("unicode-1-1-utf-7"), None);
        assert_eq!((decoded.text.as_ref(), decoded.as_declared), ("あ", false));
        assert_eq!(read(b"+MEI-", Some("utf-8")), ("+MEI-".into(), "UTF-8", true));
    }

    #[test]
    fn half_width_kana_without_a_label() {
        let text = "ﾃｽﾄ";
        let bytes = SHIFT_JIS.encode("ﾃｽﾄ ﾏﾃﾞ").0;
        assert_eq!(read(&bytes, None), (format!("{text} ﾏﾃﾞ"), "Shift_JIS", false));
    }

    #[test]
    fn damage_keeps_the_charset() {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes.remove(31);
        let decoded = decode(&bytes, Some("utf-8"), None);
        assert_eq!((decoded.charset, decoded.as_declared, decoded.lossy), (UTF_8, true, true));
        let mut bytes = SHIFT_JIS.encode(TEXT).0.into_owned();
        bytes.truncate(bytes.len() - 1);
        let decoded = decode(&bytes, Some("shift_jis"), None);
        assert_eq!((decoded.charset, decoded.as_declared, decoded.lossy), (SHIFT_JIS, true, true));
    }

    #[test]
    fn a_stray_escape_sequence_does_not_hide_text() {
        let text = "\u{1B}$B please confirm your password";
        assert_eq!(read(text.as_bytes(), Some("utf-8")), (text.into(), "UTF-8", true));
        let text = format!("\u{1B}$B$\" {TEXT}");
        assert_eq!(read(text.as_bytes(), Some("utf-8")), (text.clone(), "UTF-8", true));
    }

    const PIECES: &[&[u8]] = &[
        b"\x1B$B",
        b"\x1B$(D",
        b"\x1B(I",
        b"\x1B(B",
        b"\x1B$(P",
        b"\x1B&@\x1B",
        b"\x0E",
        b"\x0F",
        b"$",
        b"\n",
        b"ab",
        b"\x82\xA0",
    ];

    proptest! {
        #[test]
        fn never_panics(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            label in 0usize..12,
        ) {
            let labels = [
                None, Some("utf-8"), Some("cp932"), Some("euc-jp"), Some("iso-2022-jp"),
                Some("utf-7"), Some("utf-16"), Some("gb18030"), Some("big5"), Some("hz-gb-2312"),
                Some("us-ascii"), Some("\u{0}"),
            ];
            let decoded = decode(&bytes, labels[label], Some("euc-kr"));
            prop_assert!(decoded.text.len() <= bytes.len() * 4);
        }

        #[test]
        fn escape_sequences_never_panic(
            parts in proptest::collection::vec(proptest::sample::select(PIECES), 0..20),
        ) {
            decode(&parts.concat(), Some("iso-2022-jp"), None);
            decode(&parts.concat(), None, None);
            iso2022::double_byte_run(&parts.concat());
        }
    }
}
