//! UTF-7 (RFC 2152): old mailers wrote it, and filters that do not read it are blind to it.

/// Decodes UTF-7. Returns the text and whether anything in it could not be read. Never fails;
/// bytes that are not ASCII become U+FFFD.
pub(super) fn decode(bytes: &[u8]) -> (String, bool) {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(plus) = memchr::memchr(b'+', rest) {
        let (before, after) = rest.split_at(plus);
        text.push_str(&String::from_utf8_lossy(before));
        let after = after.get(1..).unwrap_or_default();
        let run = after.iter().take_while(|b| sextet(**b).is_some()).count();
        let (encoded, tail) = after.split_at(run);
        if encoded.is_empty() {
            // `+-` is a plus sign; a lone plus is one too.
            text.push('+');
        } else {
            push_run(encoded, &mut text);
        }
        rest = tail.strip_prefix(b"-").unwrap_or(tail);
    }
    text.push_str(&String::from_utf8_lossy(rest));
    let lossy = text.contains(char::REPLACEMENT_CHARACTER);
    (text, lossy)
}

/// Decodes one base64 run of UTF-16 (big-endian, no padding).
fn push_run(encoded: &[u8], text: &mut String) {
    let (mut bits, mut count) = (0u32, 0u32);
    let units = encoded.iter().filter_map(|b| {
        bits = (bits << 6 | sextet(*b)?) & 0x003F_FFFF;
        count += 6;
        if count < 16 {
            return None;
        }
        count -= 16;
        u16::try_from(bits >> count & 0xFFFF).ok()
    });
    let units: Vec<u16> = units.collect();
    text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

fn sextet(b: u8) -> Option<u32> {
    Some(u32::from(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, expected: &str) {
        assert_eq!(decode(written.as_bytes()), (expected.to_owned(), false), "{written}");
    }

    #[test]
    fn the_examples_of_the_rfc() {
        check("A+ImIDkQ.", "A\u{2262}\u{0391}.");
        check("Hi Mom -+Jjo--!", "Hi Mom -\u{263A}-!");
        check("+ZeVnLIqe-", "日本語");
        check("Item 3 is +AKM-1.", "Item 3 is £1.");
    }

    #[test]
    fn plus_signs_that_encode_nothing() {
        check("1+-1", "1+1");
        check("1 + 1+", "1 + 1+");
    }

    #[test]
    fn surrogates() {
        check("+2Dzfuw-", "\u{1F3BB}");
        assert_eq!(decode(b"+2Dw-"), ("\u{FFFD}".into(), true));
    }

    #[test]
    fn eight_bit_bytes_are_lossy() {
        assert_eq!(decode(b"a\xFF+"), ("a\u{FFFD}+".into(), true));
    }
}
