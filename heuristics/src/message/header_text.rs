//! Text of header fields: RFC 2047 words, raw 8-bit, raw ISO-2022-JP.
//!
//! Way in: [`decode`]. Neighbouring words of one charset are joined before they are decoded,
//! because Japanese mailers cut characters and escape sequences in two at the end of a word.
//! White space between two words vanishes (RFC 2047, 6.2), all other stays as written. Words are
//! read wherever they stand: in quoted strings, glued to text, with blanks or raw 8-bit inside.
//! Total and linear; at most [`LONGEST`] bytes are looked at.

use std::borrow::Cow;

use super::charset::{self, iso2022};
use super::transfer;

/// Most bytes of one field that are looked at. A field of such a length says nothing more.
pub const LONGEST: usize = 64 * 1024;

/// Decodes an unstructured header value as people see it: unfolded, white space at both ends
/// removed, encoded words decoded, neighbouring words of one charset joined before decoding.
pub fn decode(raw: &[u8]) -> String {
    let mut text = decode_untrimmed(&unfold(raw)).into_owned();
    text.truncate(text.trim_end().len());
    let blank = text.len() - text.trim_start().len();
    text.drain(..blank);
    text
}

/// The value on one line: line ends go, a tab after one becomes the blank that it stands for.
/// Cut to [`LONGEST`].
pub(super) fn unfold(raw: &[u8]) -> Cow<'_, [u8]> {
    let raw = raw.get(..LONGEST).unwrap_or(raw);
    if memchr::memchr2(b'\r', b'\n', raw).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut line = Vec::with_capacity(raw.len());
    let mut after_line_end = false;
    for &b in raw {
        match b {
            b'\r' | b'\n' => after_line_end = true,
            b'\t' if after_line_end => line.push(b' '),
            _ => {
                after_line_end = false;
                line.push(b);
            }
        }
    }
    Cow::Owned(line)
}

/// [`decode`] for a value that is unfolded already and whose white space counts.
pub(super) fn decode_untrimmed(line: &[u8]) -> Cow<'_, str> {
    let plain = line.is_ascii()
        && memchr::memchr(iso2022::ESC, line).is_none()
        && memchr::memmem::find(line, b"=?").is_none();
    if plain { charset::utf8_lossy(line) } else { Cow::Owned(words(line)) }
}

/// Steps over a line for those who read its syntax: what must not be searched for `"`, `;`, `,`,
/// `\` and the like is one unit.
pub(super) struct Units<'a> {
    line: &'a [u8],
    /// Whether raw 8-bit bytes may be pairs whose second byte looks like ASCII (Shift_JIS).
    has_pairs: bool,
    /// Beyond the last end of a word nothing can be one; without this, openings without an end
    /// would each be searched to the end of the line.
    last_end: usize,
}

impl<'a> Units<'a> {
    pub(super) fn new(line: &'a [u8]) -> Units<'a> {
        let last_end = memchr::memmem::rfind(line, b"?=").unwrap_or(0);
        Units { line, has_pairs: std::str::from_utf8(line).is_err(), last_end }
    }

    /// Length of the unit at `at`: an encoded word, a run of raw ISO-2022-JP, a character of raw
    /// Shift_JIS; 1 for everything else.
    pub(super) fn length(&self, at: usize) -> usize {
        match self.line.get(at..).unwrap_or_default() {
            [b'=', b'?', ..] => self.word(at).map_or(1, |word| word.length),
            rest @ [iso2022::ESC, ..] => iso2022::double_byte_run(rest).unwrap_or(1),
            [0x81..=0x9F | 0xE0..=0xFC, 0x40..=0x7E | 0x80..=0xFC, ..] if self.has_pairs => 2,
            _ => 1,
        }
    }

    fn word(&self, at: usize) -> Option<Word<'a>> {
        if at < self.last_end { Word::read(self.line.get(at..)?) } else { None }
    }
}

/// An encoded word (RFC 2047, 2).
struct Word<'a> {
    /// Charset, language tag (RFC 2231, 5) taken off.
    charset: &'a str,
    is_base64: bool,
    encoded: &'a [u8],
    /// Length of the whole word.
    length: usize,
}

impl<'a> Word<'a> {
    /// Reads the word that `rest` begins with.
    fn read(rest: &'a [u8]) -> Option<Word<'a>> {
        let label = rest.strip_prefix(b"=?")?;
        let label_length = label.iter().take(LONGEST_LABEL).position(|b| *b == b'?')?;
        let label = label.get(..label_length)?;
        if label.is_empty() || !label.iter().all(|b| (0x20..0x7F).contains(b)) {
            return None;
        }
        let charset = std::str::from_utf8(label).ok()?;
        let charset = charset.split_once('*').map_or(charset, |(charset, _)| charset);
        let is_base64 = match rest.get(label_length + 3..label_length + 5)? {
            [b'B' | b'b', b'?'] => true,
            [b'Q' | b'q', b'?'] => false,
            _ => return None,
        };
        let start = label_length + 5;
        let encoded = rest.get(start..)?;
        // Words are short by the RFC, but mailers that do not fold write long ones.
        let encoded = encoded.get(..memchr::memmem::find(encoded, b"?=")?)?;
        Some(Word { charset, is_base64, encoded, length: start + encoded.len() + 2 })
    }

    fn decode_into(&self, bytes: &mut Vec<u8>) {
        if self.is_base64 {
            bytes.extend_from_slice(&transfer::base64(self.encoded));
        } else {
            quoted(self.encoded, bytes);
        }
    }
}

/// Longest charset label of a word, in bytes.
const LONGEST_LABEL: usize = 64;

/// Words of one charset in a row.
#[derive(Default)]
struct Run<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
    /// Where each word but the first begins in `bytes`.
    seams: Vec<usize>,
    /// The encoded texts, where all words are base64.
    base64: Vec<&'a [u8]>,
    has_quoted: bool,
}

impl<'a> Run<'a> {
    fn takes(&self, word: &Word<'_>) -> bool {
        self.charset.eq_ignore_ascii_case(word.charset)
    }

    fn add(&mut self, word: &Word<'a>) {
        self.charset = word.charset;
        self.has_quoted |= !word.is_base64;
        if self.has_quoted {
            self.base64.clear();
        } else {
            self.base64.push(word.encoded);
        }
        if !self.bytes.is_empty() {
            self.seams.push(self.bytes.len());
        }
        word.decode_into(&mut self.bytes);
    }

    /// Decodes the joined words. Where that leaves rubbish, two faults of mailers are tried: words
    /// that each stand alone (an escape sequence left open), and base64 cut anywhere.
    fn finish(self, text: &mut String) {
        let read = |bytes: &[u8]| {
            let decoded = charset::decode(bytes, Some(self.charset), None);
            (decoded.text.into_owned(), decoded.lossy)
        };
        let whole = read(&self.bytes);
        let is_cut = self.base64.iter().any(|piece| significant(piece) % 4 == 1);
        if self.seams.is_empty() || !whole.1 && !is_cut {
            return text.push_str(&whole.0);
        }
        let alone = || {
            let mut start = 0;
            let bounds = self.seams.iter().copied().chain([self.bytes.len()]);
            bounds.fold((String::new(), false), |(text, lossy), end| {
                let word = read(self.bytes.get(start..end).unwrap_or_default());
                start = end;
                (text + &word.0, lossy | word.1)
            })
        };
        let uncut = || read(&transfer::base64(&self.base64.concat()));
        let [first, second] = if is_cut { [uncut(), alone()] } else { [alone(), uncut()] };
        let better = [first, second].into_iter().find(|(text, lossy)| !lossy && !text.is_empty());
        text.push_str(&better.unwrap_or(whole).0);
    }
}

/// How many characters of base64 there are without blanks and padding.
fn significant(base64: &[u8]) -> usize {
    base64.iter().filter(|b| !b.is_ascii_whitespace() && **b != b'=').count()
}

/// Decodes a line that is more than plain ASCII.
fn words(line: &[u8]) -> String {
    let mut text = String::with_capacity(line.len());
    let mut run: Option<Run<'_>> = None;
    // Start of the text that is not decoded yet, and where the search goes on.
    let (mut start, mut at) = (0, 0);
    let units = Units::new(line);
    while let Some(next) = memchr::memchr2(b'=', iso2022::ESC, line.get(at..).unwrap_or_default()) {
        at += next;
        let Some(word) = units.word(at) else {
            at += units.length(at);
            continue;
        };
        let between = line.get(start..at).unwrap_or_default();
        let is_gap = run.is_some() && between.iter().all(|b| b.is_ascii_whitespace());
        if !is_gap || !run.as_ref().is_some_and(|run| run.takes(&word)) {
            if let Some(run) = run.take() {
                run.finish(&mut text);
            }
            if !is_gap {
                text.push_str(&charset::decode(between, None, None).text);
            }
        }
        run.get_or_insert_default().add(&word);
        at += word.length;
        start = at;
    }
    if let Some(run) = run {
        run.finish(&mut text);
    }
    text.push_str(&charset::decode(line.get(start..).unwrap_or_default(), None, None).text);
    text
}

/// The Q encoding (RFC 2047, 4.2), leniently: what is no code stays as it is.
fn quoted(encoded: &[u8], bytes: &mut Vec<u8>) {
    let mut rest = encoded;
    loop {
        rest = match rest {
            [b'=', high, low, tail @ ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    tail
                }
                _ => {
                    bytes.push(b'=');
                    rest.get(1..).unwrap_or_default()
                }
            },
            [b'_', tail @ ..] => {
                bytes.push(b' ');
                tail
            }
            [b, tail @ ..] => {
                bytes.push(*b);
                tail
            }
            [] => return,
        };
    }
}

/// Value of a hexadecimal digit.
pub(super) fn hex(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS};
    use proptest::prelude::*;

    use super::*;

    fn check(raw: impl AsRef<[u8]>, expected: &str) {
        assert_eq!(decode(raw.as_ref()), expected);
    }

    #[test]
    fn plain_text_is_unfolded_and_trimmed() {
        check(" a  b\r\n c\r\n\td \r\n", "a  b c d");
        check("", "");
        check("100% = ?", "100% = ?");
    }

    #[test]
    fn words_in_both_encodings() {
        check(" =?UTF-8?B?5Lya6K2w?=", "会議");
        check("=?utf-8?q?=E4=BC=9A=E8=AD=B0_1?=", "会議 1");
        check("=?ISO-2022-JP?B?GyRCMnE1RBsoQg==?=", "会議");
        check("=?iso-2022-jp?Q?=1B$B2q5D=1B(B?=", "会議");
        check("=?Shift_JIS?B?ie+LYw==?=", "会議");
        check("=?cp932?B?ie+LYw==?=", "会議");
        check("=?EUC-JP?B?svG1xA==?=", "会議");
    }

    #[test]
    fn white_space_vanishes_between_words_only() {
        check("=?utf-8?q?a?= =?utf-8?q?b?=\r\n  =?us-ascii?q?c?=", "abc");
        check("Re:  =?utf-8?q?a?= b", "Re:  a b");
        check("[x]=?utf-8?q?a?=y =?utf-8?q?b?=", "[x]ay b");
    }

    #[test]
    fn a_character_split_over_two_words() {
        check("=?UTF-8?B?5Lya6A==?= =?utf-8?B?rbA=?=", "会議");
        check("=?UTF-8?B?5Lya6A==?= =?UTF-8?Q?=AD=B0?=", "会議");
        check("=?Shift_JIS?B?ie+L?= =?shift_jis?B?Yw==?=", "会議");
    }

    #[test]
    fn a_word_continued_without_its_escape_sequence() {
        check("=?ISO-2022-JP?Q?=1B$B2q?= =?ISO-2022-JP?Q?5D=1B(B?=", "会議");
    }

    #[test]
    fn a_word_that_leaves_its_escape_sequence_open() {
        check("=?ISO-2022-JP?Q?=1B$B2q?= =?ISO-2022-JP?Q?=1B$B5D=1B(B?=", "会議");
        check("=?ISO-2022-JP?Q?=1B$B2q?= =?ISO-2022-JP?Q?_abc?=", "会 abc");
    }

    #[test]
    fn base64_cut_anywhere_or_without_padding() {
        check("=?UTF-8?B?5Lya6?= =?UTF-8?B?K2w?=", "会議");
        check("=?UTF-8?B?YQ?= =?UTF-8?B?Yg?=", "ab");
        check("=?UTF-8?B?5Lya 6K2w?=", "会議");
    }

    #[test]
    fn language_tags() {
        check("=?ISO-2022-JP*ja?B?GyRCMnE1RBsoQg==?=", "会議");
    }

    #[test]
    fn words_in_quoted_strings_and_with_raw_text_inside() {
        check("\"=?utf-8?q?a b?=\"", "\"a b\"");
        check("=?utf-8?q?会議?=", "会議");
    }

    #[test]
    fn raw_text_in_any_japanese_charset() {
        let text = "会議のお知らせ";
        check(text, text);
        for encoding in [SHIFT_JIS, EUC_JP, ISO_2022_JP] {
            check(encoding.encode(text).0, text);
        }
        check(b"\x1B$B2q5D\x1B(B =?utf-8?q?a?=", "会議 a");
    }

    #[test]
    fn raw_iso_2022_jp_that_looks_like_a_word() {
        let raw = b"\x1B$B=?=?5D\x1B(B";
        let expected = charset::decode(raw, Some("iso-2022-jp"), None).text.into_owned();
        assert!(!expected.contains('\u{FFFD}'));
        check(raw, &expected);
    }

    #[test]
    fn what_is_no_word_stays() {
        for raw in ["=?utf-8?x?a?=", "=?utf-8?q?a", "=??q?a?=", "=?a b", "=?", "=?=?=", "a?="] {
            check(raw, raw);
        }
        check("=?utf-8?q?=zz=4?=", "=zz=4");
        check("=?x-unknown?B?5Lya6K2w?=", "会議");
    }

    #[test]
    fn utf_8_under_the_label_iso_2022_jp() {
        check("=?ISO-2022-JP?B?5Lya6K2w?=", "会議");
    }

    #[test]
    fn openings_without_an_end_cost_no_time() {
        let raw = "=?a?q?x".repeat(LONGEST);
        assert_eq!(decode(raw.as_bytes()).len(), LONGEST);
        let raw = "=?a?q?x?=".repeat(LONGEST);
        assert!(decode(raw.as_bytes()).len() < LONGEST);
    }

    const PIECES: &[&[u8]] = &[
        b"=?utf-8?B?",
        b"=?iso-2022-jp?Q?",
        b"?=",
        b" ",
        b"\r\n\t",
        b"\x1B$B",
        b"\x1B(B",
        b"5Lya6",
        b"=1B$B2q",
        b"\xE4\xBC",
        b"\x89\xEF",
        b"=?",
        b"*ja",
        b"_",
    ];

    proptest! {
        #[test]
        fn never_panics(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
            decode(&raw);
        }

        #[test]
        fn pieces_never_panic(parts in proptest::collection::vec(proptest::sample::select(PIECES), 0..30)) {
            let raw = parts.concat();
            prop_assert!(decode(&raw).len() <= raw.len() * 4);
        }
    }
}
