//! The banner into one text or HTML part.
//!
//! Wherever that is certain to be read, the banner is spliced in as bytes and every byte of the
//! part stays: in the part's charset and transfer encoding, at a place where no character, no
//! encoded group and no escaped run is cut. At the beginning of a text that is always so; ISO-2022-JP
//! is in its ASCII state there, and the banner returns to it at the end of each line. HTML takes the
//! banner as plain ASCII with character references, which fits every charset that has ASCII.
//!
//! A text part is written anew as UTF-8 (base64) where its charset cannot hold the banner, where
//! 8-bit bytes would stand in a part that says 7bit, and where its charset label is missing or wrong: the
//! reader then sees both the banner and the text, which a banner in a guessed charset would not
//! give. Where the bytes mean nothing in any charset they are kept, and the banner is put in front
//! of them in the charset they look most like.

use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, REPLACEMENT, UTF_16BE, UTF_16LE, X_USER_DEFINED};
use sekisho_heuristics::message::charset::{self, Decoded};
use sekisho_heuristics::message::part::{Part, PartId, TransferEncoding};

use super::banner::{Banner, RULE};
use super::html_place;
use super::mime_edit::{Edits, with_line_ends};
use super::{recode, transfer};

/// What became of one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The banner stands where it would be put.
    Already,
    /// It cannot be put in without harm.
    Cannot(&'static str),
    /// The part was written anew as UTF-8.
    Recoded,
    /// Put in; every byte of the part is kept.
    Spliced,
}

/// Puts the banner into a text or HTML part that [`super::target::find`] chose.
pub(super) fn banner(edits: &mut Edits<'_>, id: PartId, banner: &Banner) -> Outcome {
    let mail = edits.mail;
    let Some(part) = mail.parts().get(id) else { return Outcome::Cannot("no such part") };
    if matches!(part.encoding, TransferEncoding::Unknown | TransferEncoding::Uuencode) {
        return Outcome::Cannot("an unknown transfer encoding");
    }
    if part.charset.as_deref().is_some_and(is_other_stateful) {
        return Outcome::Cannot("a charset that cannot be edited");
    }
    let content = mail.content(part);
    let decoded = charset::decode(&content, part.charset.as_deref(), None);
    let site = Site { id, part, content: &content, decoded };
    if part.sub == "html" { site.html(edits, banner) } else { site.text(edits, banner) }
}

/// The text form of the banner and what separates it from the text below it.
pub(super) fn text_block(banner: &Banner) -> String {
    format!("{}\n\n", banner.text())
}

/// Charsets that switch their state inside ASCII bytes in ways we do not follow.
fn is_other_stateful(label: &str) -> bool {
    let label = label.trim().to_ascii_lowercase();
    label.starts_with("utf-7")
        || label.starts_with("unicode-1-1-utf-7")
        || label.starts_with("iso-2022-kr")
        || label.starts_with("iso-2022-cn")
        || label.starts_with("hz")
}

/// A part and what it holds.
struct Site<'p> {
    id: PartId,
    part: &'p Part,
    content: &'p [u8],
    decoded: Decoded<'p>,
}

impl Site<'_> {
    fn text(&self, edits: &mut Edits<'_>, banner: &Banner) -> Outcome {
        let flowed = edits.field(self.part, "content-type").is_some_and(is_flowed);
        let block = if flowed { space_stuffed(&text_block(banner)) } else { text_block(banner) };
        if self.begins_with_banner(&block) {
            return Outcome::Already;
        }
        if let Some(bytes) = self.in_own_charset(edits, &block)
            && self.splice_text(edits, &bytes)
        {
            return Outcome::Spliced;
        }
        if let Some(why) = self.why_not_recoded(edits) {
            return Outcome::Cannot(why);
        }
        let text = self.decoded.text.trim_start_matches('\u{FEFF}');
        recode::replace(edits, self.id, &format!("{block}{text}"), "text/plain");
        Outcome::Recoded
    }

    fn html(&self, edits: &mut Edits<'_>, banner: &Banner) -> Outcome {
        if [UTF_16BE, UTF_16LE].contains(&self.decoded.charset) {
            return self.wide_html(edits, banner);
        }
        let at = html_place::place(self.content);
        let after = self.content.get(at..).unwrap_or_default().trim_ascii_start();
        if begins_with_lines(&String::from_utf8_lossy(after), banner.html()) {
            return Outcome::Already;
        }
        match self.splice_html(edits, at, banner.html()) {
            true => Outcome::Spliced,
            false => Outcome::Cannot("an encoding that is not read alike by all"),
        }
    }

    /// HTML in UTF-16 has no ASCII bytes to splice into.
    fn wide_html(&self, edits: &mut Edits<'_>, banner: &Banner) -> Outcome {
        if let Some(why) = self.why_not_recoded(edits) {
            return Outcome::Cannot(why);
        }
        let text = self.decoded.text.trim_start_matches('\u{FEFF}');
        let (before, after) = text.split_at(html_place::place(text.as_bytes()));
        if begins_with_lines(after.trim_start(), banner.html()) {
            return Outcome::Already;
        }
        let html = format!("{before}\n{}\n{after}", banner.html());
        recode::replace(edits, self.id, &html, "text/html");
        Outcome::Recoded
    }

    /// Why the part cannot be written anew without harm.
    fn why_not_recoded(&self, edits: &Edits<'_>) -> Option<&'static str> {
        match (self.decoded.lossy, edits.is_plain(self.part)) {
            (true, _) => Some("bytes that mean nothing in its charset"),
            (_, false) => Some("its end is doubtful"),
            _ => None,
        }
    }

    fn begins_with_banner(&self, block: &str) -> bool {
        let text = self.decoded.text.trim_start_matches('\u{FEFF}');
        // The closing rule may be longer, see `splice_text`.
        begins_with_lines(text, block.trim_end_matches('\n').trim_end_matches(RULE))
    }

    /// `block` in the charset the part is read in; `None` where it does not fit there, or where
    /// that charset is not certain.
    fn in_own_charset(&self, edits: &Edits<'_>, block: &str) -> Option<Vec<u8>> {
        let bytes = match (self.part.charset.as_deref(), self.decoded.as_declared) {
            // A missing label says US-ASCII, and a label nobody knows may say anything.
            (None, true) if block.is_ascii() => block.as_bytes().to_vec(),
            (Some(label), true) if charset::for_label(label).is_some() => {
                encode(block, self.decoded.charset)?
            }
            (_, false) if self.decoded.lossy => encode(block, self.decoded.charset)?,
            _ => return None,
        };
        let stays_7bit = self.part.encoding != TransferEncoding::Identity
            || bytes.is_ascii()
            || !self.content.is_ascii()
            || edits.field(self.part, "content-transfer-encoding").is_some_and(is_8bit);
        stays_7bit.then_some(bytes)
    }

    /// Puts `bytes` at the beginning of the text, behind a byte order mark.
    fn splice_text(&self, edits: &mut Edits<'_>, bytes: &[u8]) -> bool {
        const MARK: &[u8] = b"\xEF\xBB\xBF";
        let mark = if self.content.starts_with(MARK) { MARK } else { b"" };
        let line_end = edits.line_end;
        let raw = edits.bytes(self.part.body.clone());
        let start = self.part.body.start;
        let (at, bytes) = match self.part.encoding {
            TransferEncoding::QuotedPrintable => {
                let Some(at) = transfer::quoted_printable_place(raw, mark) else { return false };
                (at, transfer::quoted_printable(bytes, line_end))
            }
            TransferEncoding::Base64 => {
                let Some(group) = transfer::base64_group(raw, mark.len()) else { return false };
                let mut bytes = with_line_ends(bytes, text_line_end(self.content));
                // Whole groups need no padding. What is missing lengthens the closing rule.
                let rule_end = bytes.trim_ascii_end().len();
                let missing = (3 - bytes.len() % 3) % 3;
                bytes.splice(rule_end..rule_end, std::iter::repeat_n(RULE as u8, missing));
                let mut lines = line_break_unless_at_start(raw, group.start, line_end);
                lines.extend(transfer::base64(&bytes, line_end));
                lines.extend_from_slice(line_end);
                (group.start, lines)
            }
            _ => (mark.len(), with_line_ends(bytes, line_end)),
        };
        edits.splice(start + at..start + at, bytes);
        true
    }

    /// Puts `html` at offset `at` of the content, on lines of its own.
    fn splice_html(&self, edits: &mut Edits<'_>, at: usize, html: &str) -> bool {
        let line_end = edits.line_end;
        let raw = edits.bytes(self.part.body.clone());
        let before = self.content.get(..at).unwrap_or_default();
        let (range, bytes) = match self.part.encoding {
            TransferEncoding::QuotedPrintable => {
                let Some(at) = transfer::quoted_printable_place(raw, before) else { return false };
                let mut lines = line_break_unless_at_start(raw, at, line_end);
                lines.extend(transfer::quoted_printable(format!("{html}\n").as_bytes(), line_end));
                (at..at, lines)
            }
            TransferEncoding::Base64 => {
                let Some(group) = transfer::base64_group(raw, at) else { return false };
                (group.clone(), self.base64_html(raw, &group, at, html, line_end))
            }
            _ => {
                let mut lines = line_break_unless_at_start(raw, at, line_end);
                lines.extend(with_line_ends(html.as_bytes(), line_end));
                lines.extend_from_slice(line_end);
                (at..at, lines)
            }
        };
        let start = self.part.body.start;
        edits.splice(start + range.start..start + range.end, bytes);
        true
    }

    /// The base64 lines that take the place of `group`, the one group that the place lies in.
    fn base64_html(
        &self,
        raw: &[u8],
        group: &std::ops::Range<usize>,
        at: usize,
        html: &str,
        line_end: &[u8],
    ) -> Vec<u8> {
        let group_at = at - at % 3;
        let content_end = text_line_end(self.content);
        let mut new = self.content.get(group_at..at).unwrap_or_default().to_vec();
        if at > 0 {
            new.extend_from_slice(content_end);
        }
        new.extend_from_slice(&with_line_ends(html.as_bytes(), content_end));
        new.extend_from_slice(content_end);
        let rest_end = (group_at + 3).min(self.content.len());
        let rest = if group.is_empty() { at..at } else { at..rest_end };
        // Only the last group of all may be padded; others are filled with blanks.
        if rest_end < self.content.len() {
            let missing = (3 - (new.len() + rest.len()) % 3) % 3;
            new.extend(std::iter::repeat_n(b' ', missing));
        }
        new.extend_from_slice(self.content.get(rest).unwrap_or_default());
        let mut lines = line_break_unless_at_start(raw, group.start, line_end);
        lines.extend(transfer::base64(&new, line_end));
        let after = raw.get(group.end..).unwrap_or_default();
        if !after.starts_with(b"\r\n") && !after.starts_with(b"\n") {
            lines.extend_from_slice(line_end);
        }
        lines
    }
}

/// `text` in `charset`, in characters every reader of that charset has; `None` where some have none.
fn encode(text: &str, charset: &'static Encoding) -> Option<Vec<u8>> {
    if [REPLACEMENT, X_USER_DEFINED, UTF_16BE, UTF_16LE].contains(&charset) {
        return None;
    }
    // Half-width kana would silently become full-width.
    let half_width_kana = |c| matches!(c, '\u{FF61}'..='\u{FF9F}');
    if charset == ISO_2022_JP && text.contains(half_width_kana) {
        return None;
    }
    let (bytes, _, unmappable) = charset.encode(text);
    let beyond_jis = match charset {
        c if c == ISO_2022_JP => has_vendor_rows_in_escapes(&bytes),
        c if c == EUC_JP => has_vendor_rows(&bytes),
        _ => false,
    };
    (!unmappable && !beyond_jis).then(|| bytes.into_owned())
}

/// Whether ISO-2022-JP bytes use rows that JIS X 0208 leaves empty (NEC and IBM extensions, which
/// strict readers do not have).
fn has_vendor_rows_in_escapes(bytes: &[u8]) -> bool {
    let mut two_byte = false;
    let mut rest = bytes;
    while let [_, tail @ ..] = rest {
        rest = match rest {
            [0x1B, b'$', _, tail @ ..] => {
                two_byte = true;
                tail
            }
            [0x1B, b'(', _, tail @ ..] => {
                two_byte = false;
                tail
            }
            [lead, _, tail @ ..] if two_byte => {
                if is_vendor_row(lead.saturating_sub(0x20)) {
                    return true;
                }
                tail
            }
            _ => tail,
        };
    }
    false
}

/// The same of EUC-JP bytes.
fn has_vendor_rows(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            // Half-width kana.
            (0x8E, [_, tail @ ..]) => tail,
            (0xA1..=0xFE, [_, tail @ ..]) => {
                if is_vendor_row(first - 0xA0) {
                    return true;
                }
                tail
            }
            _ => tail,
        };
    }
    false
}

fn is_vendor_row(row: u8) -> bool {
    matches!(row, 9..=15 | 85..)
}

fn begins_with_lines(text: &str, beginning: &str) -> bool {
    let mut text = text.lines();
    let mut lines = beginning.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(found) = text.next() else { return false };
        let same = if lines.peek().is_some() { found == line } else { found.starts_with(line) };
        if !same {
            return false;
        }
    }
    true
}

/// CRLF, unless the text has bare LF.
fn text_line_end(content: &[u8]) -> &'static [u8] {
    super::mime_edit::line_end_of(content)
}

fn line_break_unless_at_start(raw: &[u8], at: usize, line_end: &[u8]) -> Vec<u8> {
    let before = raw.get(..at).unwrap_or_default();
    let at_start = before.is_empty() || before.ends_with(b"\n");
    if at_start { Vec::new() } else { line_end.to_vec() }
}

fn is_flowed(content_type: &[u8]) -> bool {
    let format = sekisho_heuristics::message::param::parse(content_type);
    format.param("format").is_some_and(|f| f.eq_ignore_ascii_case("flowed"))
}

fn is_8bit(encoding: &[u8]) -> bool {
    let encoding = encoding.trim_ascii();
    encoding.eq_ignore_ascii_case(b"8bit") || encoding.eq_ignore_ascii_case(b"binary")
}

/// Lines that format=flowed would read as quoted or stuffed get a blank in front (RFC 3676, 4.4).
fn space_stuffed(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        if line.starts_with([' ', '>']) || line.starts_with("From ") {
            out.push(' ');
        }
        out.push_str(line);
    }
    out
}
