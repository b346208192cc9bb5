//! ISO-2022-JP and its relatives (RFC 1468, 1554, 2237; CP50220–50222), as mail has them.
//!
//! Our own decoder, because the Encoding Standard's knows neither JIS X 0212, JIS X 0213, SO/SI
//! kana, the Chinese and Korean sets of ISO-2022-JP-2, nor what lists append in another charset.
//! JIS X 0201 Roman is read as ASCII, as CP50220 does: a path or URL must keep its characters.
//! A line end returns to ASCII (RFC 1468). Total: what means nothing becomes U+FFFD.

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK};

use super::evidence;

/// Character set that an escape sequence calls up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Ascii,
    /// GB 2312.
    Chinese,
    /// JIS X 0201 katakana.
    Kana,
    /// JIS X 0208, and plane 1 of JIS X 0213, which holds nearly all of it at the same places.
    Kanji,
    /// KS X 1001.
    Korean,
    /// JIS X 0212.
    Supplement,
    /// A set that we cannot decode: plane 2 of JIS X 0213.
    Unknown,
}

/// Escape.
pub(in crate::message) const ESC: u8 = 0x1B;
/// Shift out: kana until shift in.
pub(super) const SO: u8 = 0x0E;
const SI: u8 = 0x0F;

/// Decodes `bytes`. Returns the text and whether some bytes meant nothing. 8-bit bytes between
/// the escape sequences are read by evidence: half-width kana, or text that a list appended.
pub(super) fn decode(bytes: &[u8]) -> (String, bool) {
    let mut text = String::with_capacity(bytes.len());
    let mut lossy = false;
    for_each_segment(bytes, |set, segment| lossy |= push(set, segment, &mut text));
    (text, lossy)
}

/// Whether a sequence that leaves ASCII stands in `bytes`.
pub(super) fn is_announced(bytes: &[u8]) -> bool {
    memchr::memchr_iter(ESC, bytes)
        .filter_map(|at| escape(bytes.get(at..)?))
        .any(|(set, _)| set != Some(Set::Ascii) && set.is_some())
}

/// Whether what the sequences announce reads as Japanese. A label that says otherwise may be
/// overruled then; a stray sequence before plain text must not turn the text into ideographs.
pub(super) fn is_plausible(bytes: &[u8]) -> bool {
    let (mut japanese, mut nonsense) = (0u32, 0u32);
    for_each_segment(bytes, |set, segment| match set {
        Set::Ascii => {}
        Set::Kana => {
            japanese += u32::from(segment.iter().any(|b| matches!(b, 0x21..=0x5F)));
            nonsense += u32::from(segment.iter().any(|b| matches!(b, 0x60..)));
        }
        Set::Kanji => {
            let score = evidence::euc_jp(&eight_bit(segment));
            if score.points > 0 && score.invalid == 0 {
                japanese += 1;
            } else if score.characters > 0 || score.invalid > 0 {
                nonsense += 1;
            }
        }
        Set::Chinese | Set::Korean | Set::Supplement | Set::Unknown => {}
    });
    japanese > nonsense
}

/// Length of the run at the start of `bytes` that a reader of header syntax must not look into: a
/// sequence that calls up a double-byte set, pairs of 7-bit bytes, and the sequence that ends
/// them. `None` where there is none or the end is missing, because a sender could otherwise hide
/// the rest of a field.
pub(in crate::message) fn double_byte_run(bytes: &[u8]) -> Option<usize> {
    let (set, mut at) = escape(bytes)?;
    if matches!(set?, Set::Ascii | Set::Kana) {
        return None;
    }
    loop {
        match bytes.get(at..)? {
            [ESC, ..] => return Some(at + escape(bytes.get(at..)?)?.1),
            [b' ' | b'\t' | b'\r' | b'\n', ..] => at += 1,
            [0x21..=0x7E, 0x21..=0x7E, ..] => at += 2,
            _ => return None,
        }
    }
}

/// The set that a sequence at the start of `rest` calls up (`None`: it only announces a revision
/// of the standard), and the sequence's length.
fn escape(rest: &[u8]) -> Option<(Option<Set>, usize)> {
    Some(match rest {
        [ESC, b'(', b'B' | b'J' | b'H', ..] => (Some(Set::Ascii), 3),
        [ESC, b'(', b'I', ..] => (Some(Set::Kana), 3),
        [ESC, b'$', b'@' | b'B', ..] => (Some(Set::Kanji), 3),
        [ESC, b'$', b'A', ..] => (Some(Set::Chinese), 3),
        [ESC, b'$', b'(', b'@' | b'B' | b'O' | b'Q', ..] => (Some(Set::Kanji), 4),
        [ESC, b'$', b'(', b'D', ..] => (Some(Set::Supplement), 4),
        [ESC, b'$', b'(', b'A', ..] => (Some(Set::Chinese), 4),
        [ESC, b'$', b'(', b'C', ..] => (Some(Set::Korean), 4),
        [ESC, b'$', b'(', b'P', ..] => (Some(Set::Unknown), 4),
        [ESC, b'&', b'@', ESC, ..] => (None, 3),
        _ => return None,
    })
}

/// Calls `each` with every run of one set, in order, sequences and shifts left out.
fn for_each_segment(bytes: &[u8], mut each: impl FnMut(Set, &[u8])) {
    let mut set = Set::Ascii;
    let (mut start, mut at) = (0, 0);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let next = if set == Set::Ascii {
            memchr::memchr3(ESC, SO, SI, rest)
        } else {
            rest.iter().position(|b| matches!(*b, ESC | SO | SI | b'\n'))
        };
        let Some(next) = next else {
            return each(set, bytes.get(start..).unwrap_or_default());
        };
        at += next;
        let (call, length) = match bytes.get(at..) {
            Some([SO, ..]) => (Some(Set::Kana), 1),
            Some([SI, ..]) => (Some(Set::Ascii), 1),
            Some([b'\n', ..]) => (Some(Set::Ascii), 0),
            Some(rest) => match escape(rest) {
                Some(found) => found,
                // Not ours, such as the colours of a terminal: it stays in the text.
                None => {
                    at += 1;
                    continue;
                }
            },
            None => return,
        };
        each(set, bytes.get(start..at).unwrap_or_default());
        set = call.unwrap_or(set);
        at += length;
        start = at;
    }
}

/// Appends a run of one set; returns whether some of it meant nothing.
fn push(set: Set, segment: &[u8], text: &mut String) -> bool {
    let through = |encoding: &'static Encoding, bytes: &[u8], text: &mut String| {
        let (decoded, lossy) = encoding.decode_without_bom_handling(bytes);
        text.push_str(&decoded);
        lossy
    };
    match set {
        Set::Ascii if segment.is_ascii() => {
            text.push_str(&String::from_utf8_lossy(segment));
            false
        }
        Set::Ascii => {
            let (decoded, _, lossy) = super::by_evidence(segment, None);
            text.push_str(&decoded);
            lossy
        }
        Set::Kana => {
            let mut lossy = false;
            text.extend(segment.iter().map(|b| match b & 0x7F {
                b @ 0x21..=0x5F => char::from_u32(0xFF40 + u32::from(b)).unwrap_or_default(),
                b @ ..=0x20 => char::from(b),
                _ => {
                    lossy = true;
                    char::REPLACEMENT_CHARACTER
                }
            }));
            lossy
        }
        Set::Kanji => through(EUC_JP, &eight_bit(segment), text),
        Set::Supplement => through(EUC_JP, &supplement(segment), text),
        Set::Chinese => through(GBK, &eight_bit(segment), text),
        Set::Korean => through(EUC_KR, &eight_bit(segment), text),
        Set::Unknown => {
            let pairs = segment.len().div_ceil(2);
            text.extend(std::iter::repeat_n(char::REPLACEMENT_CHARACTER, pairs));
            pairs > 0
        }
    }
}

/// Pairs with their high bits set: the EUC form. Blanks and controls stay.
fn eight_bit(pairs: &[u8]) -> Vec<u8> {
    pairs.iter().map(|b| if matches!(b, 0x21..=0x7E) { b | 0x80 } else { *b }).collect()
}

/// Pairs in the three-byte form that EUC-JP has for JIS X 0212.
fn supplement(pairs: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pairs.len() / 2 * 3 + 3);
    let mut rest = pairs;
    loop {
        rest = match rest {
            [a @ 0x21..=0x7E, b @ 0x21..=0x7E, tail @ ..] => {
                out.extend_from_slice(&[0x8F, a | 0x80, b | 0x80]);
                tail
            }
            [b @ ..=0x20, tail @ ..] => {
                out.push(*b);
                tail
            }
            [_, tail @ ..] => {
                out.push(0xFF);
                tail
            }
            [] => return out,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(decode(bytes), (expected.to_owned(), false));
    }

    #[test]
    fn both_editions_of_jis_x_0208_and_roman() {
        check(b"\x1B$B$\"$$\x1B(B a\\~ \x1B$@0!\x1B(Jb\\~", "あい a\\~ 亜b\\~");
        check(b"\x1B&@\x1B$B0!\x1B(B", "亜");
    }

    #[test]
    fn characters_of_windows() {
        check(b"\x1B$B-!-j|byu\x1B(B", "①㈱髙\u{FA11}");
    }

    #[test]
    fn half_width_kana_by_sequence_and_by_shift() {
        check(b"\x1B(I64E\x1B(B.", "ｶｴﾅ.");
        check(b"\x0E64E\x0F.", "ｶｴﾅ.");
    }

    #[test]
    fn jis_x_0212() {
        check(b"\x1B$(D0!\x1B(B", "\u{4E02}");
    }

    #[test]
    fn chinese_and_korean_sets_of_iso_2022_jp_2() {
        check(b"\x1B$A2;\x1B(B\x1B$(C0!\x1B(B", "不\u{AC00}");
    }

    #[test]
    fn plane_two_is_lossy() {
        assert_eq!(decode(b"\x1B$(P!!\x1B(B."), ("\u{FFFD}.".into(), true));
    }

    #[test]
    fn a_line_end_returns_to_ascii() {
        check(b"\x1B$B$\"\nabc", "あ\nabc");
    }

    #[test]
    fn text_that_lost_its_escapes_and_foreign_escapes_stay() {
        check(b"$B$\"$$(B", "$B$\"$$(B");
        check(b"\x1B[31mred\x1B[0m", "\x1B[31mred\x1B[0m");
    }

    #[test]
    fn text_of_another_charset_appended_by_a_list() {
        check(b"\x1B$B$\"\x1B(B\n\xE3\x81\x84\xE3\x81\x86", "あ\nいう");
    }

    #[test]
    fn half_a_pair_is_lossy() {
        assert_eq!(decode(b"\x1B$B$\"$\x1B(B"), ("あ\u{FFFD}".into(), true));
    }

    #[test]
    fn a_stray_sequence_before_plain_text_is_not_plausible() {
        assert!(is_plausible(b"\x1B$B$3$s$K$A$O\x1B(B"));
        assert!(!is_plausible(b"\x1B$Bplease confirm your password today"));
        assert!(is_announced(b"x\x1B$B") && is_announced(b"\x1B(I"));
        assert!(!is_announced(b"\x1B(B\x1B[0m\x1B"));
    }

    #[test]
    fn double_byte_runs_have_an_end() {
        assert_eq!(double_byte_run(b"\x1B$B$\";,\x1B(B;x"), Some(10));
        assert_eq!(double_byte_run(b"\x1B$B$\"; filename"), None);
        assert_eq!(double_byte_run(b"\x1B(Babc"), None);
        assert_eq!(double_byte_run(b"abc"), None);
    }
}
