//! uuencode (POSIX `uuencode`, both alphabets): files that stand in a text.
//!
//! Way in: [`find`] for every file in a text, and `read` for a text that begins with one. A `begin`
//! line counts only where an encoded line follows it, since people begin lines with that word. A
//! file whose `end` never comes ends with its last encoded line. A text without any costs one search.

use std::borrow::Cow;

use super::{Content, Encryption, Member, Role, Visit};
use crate::message::charset;
use crate::message::param::{FileName, NameForm};
use crate::message::transfer;

/// Tells the files in a text.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    if visit.budget().take_work(content.len()) {
        for encoded in find(content) {
            if !encoded.tell(visit) {
                return;
            }
        }
    }
}

/// Every file in `text`, in order.
pub fn find(text: &[u8]) -> impl Iterator<Item = Encoded<'_>> {
    let finder = memchr::memmem::Finder::new(b"\nbegin");
    // Before the first line nothing ends a line.
    let mut next = Some(0).filter(|_| text.starts_with(b"begin"));
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = match next.take() {
                Some(at) => at,
                None => from + finder.find(text.get(from..)?)? + 1,
            };
            from = at;
            if let Some(encoded) = at_line(text, at) {
                // The line end before it may be the one before the next file.
                from = encoded.end.saturating_sub(1);
                return Some(encoded);
            }
        }
    })
}

/// Whether a text begins with an encoded file.
pub(super) fn begins(text: &[u8]) -> bool {
    at_line(text, 0).is_some()
}

/// A file as it stands in a text.
#[derive(Clone, Copy, Debug)]
pub struct Encoded<'a> {
    /// Where it begins in the text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    name: &'a [u8],
    body: &'a [u8],
    is_base64: bool,
}

impl Encoded<'_> {
    /// The name on its `begin` line.
    pub fn name(&self) -> FileName {
        let text = charset::decode(self.name, None, None).text.into_owned();
        FileName { text, form: NameForm::Uuencode }
    }

    /// At most so many bytes come out of it, where every line lost all blanks that it can.
    pub fn most(&self) -> usize {
        self.body.len() * 2
    }

    /// Takes the encoding off.
    pub fn decoded(&self) -> Vec<u8> {
        if self.is_base64 {
            return transfer::base64(self.body);
        }
        let mut out = Vec::with_capacity(self.body.len() / 4 * 3);
        for line in self.body.split(|&b| b == b'\n') {
            let line = with_backslashes(line);
            let Some((&first, line)) = line.split_first() else { continue };
            let end = out.len() + length(first);
            // Blanks at the end of a line get lost on the way.
            let value = |at: usize| line.get(at).map_or(0, |&b| b.wrapping_sub(b' ') & 63);
            for at in (0..length(first).div_ceil(3)).map(|group| 4 * group) {
                let [a, b, c, d] = [value(at), value(at + 1), value(at + 2), value(at + 3)];
                out.extend([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
            }
            out.truncate(end);
        }
        out
    }

    /// Tells it as a member. `false`: no more are wanted.
    pub(super) fn tell(&self, visit: &mut Visit<'_>) -> bool {
        let content = match visit.budget().take_bytes(self.most()) {
            true => Content::Whole(Cow::Owned(self.decoded())),
            false => Content::Hidden,
        };
        let size = match &content {
            Content::Whole(decoded) => decoded.len() as u64,
            _ => self.most() as u64,
        };
        let (names, encryption) = (vec![self.name()], Encryption::Clear);
        visit.member(Member { names, size, encryption, role: Role::File, content })
    }
}

/// Longest line; writers make 61 characters, some 76 of base64.
const LONGEST_LINE: usize = 200;

/// The file whose `begin` line stands at `at`.
fn at_line(text: &[u8], at: usize) -> Option<Encoded<'_>> {
    let rest = text.get(at..)?.strip_prefix(b"begin")?;
    let is_base64 = rest.starts_with(b"-base64");
    let rest = rest.strip_prefix(b"-base64").unwrap_or(rest).strip_prefix(b" ")?;
    let line = rest.get(..memchr::memchr(b'\n', rest)?)?;
    let mode = line.iter().take_while(|b| matches!(b, b'0'..=b'7')).count();
    let name = line.get(mode..)?.strip_prefix(b" ")?.trim_ascii();
    if !(3..=4).contains(&mode) || name.is_empty() {
        return None;
    }
    let body = rest.get(line.len() + 1..)?;
    let is_end = |line: &[u8]| if is_base64 { line == b"====" } else { line == b"end" };
    let mut used = 0;
    for line in body.split_inclusive(|&b| b == b'\n') {
        let trimmed = line.strip_suffix(b"\n").unwrap_or(line);
        let trimmed = trimmed.strip_suffix(b"\r").unwrap_or(trimmed);
        let goes_on = is_encoded(&with_backslashes(trimmed), is_base64)
            || used > 0 && may_be_encoded(trimmed);
        if is_end(trimmed) || !goes_on {
            let ended = if is_end(trimmed) { line.len() } else { 0 };
            let first = used == 0 && ended == 0;
            let encoded = body.get(..used)?;
            let end = text.len() - body.len() + used + ended;
            return (!first).then_some(Encoded { start: at, end, name, body: encoded, is_base64 });
        }
        used += line.len();
    }
    (used > 0).then_some(Encoded { start: at, end: text.len(), name, body, is_base64 })
}

/// Whether a line can be an encoded one: as long as its first character says, give or take the
/// blanks at its end and a checksum character.
fn is_encoded(line: &[u8], is_base64: bool) -> bool {
    if is_base64 {
        return (1..=LONGEST_LINE).contains(&line.len()) && transfer::is_base64(line);
    }
    let Some((&first, rest)) = line.split_first() else { return false };
    let wanted = length(first).div_ceil(3) * 4;
    line.iter().all(|b| (b' '..=b'`').contains(b))
        && rest.len() <= wanted + 2
        && (rest.len() + 2 >= wanted || rest.len() * 2 >= wanted && rest.last() != Some(&b' '))
}

/// Whether a line after an encoded one may be one on which somebody changed the charset.
fn may_be_encoded(line: &[u8]) -> bool {
    let Some((&first @ b'!'..=b'_', rest)) = line.split_first() else { return false };
    let wanted = length(first).div_ceil(3) * 4;
    !rest.is_ascii() && (wanted..wanted * 2).contains(&rest.len())
}

/// The line with the back-slashes that became yen signs on their way through Japan.
fn with_backslashes(line: &[u8]) -> Cow<'_, [u8]> {
    if line.is_ascii() {
        return Cow::Borrowed(line);
    }
    let mut out = Vec::with_capacity(line.len());
    for (i, &byte) in line.iter().enumerate() {
        match byte {
            0xC2 if line.get(i + 1) == Some(&0xA5) => {}
            0xA5 => out.push(b'\\'),
            _ => out.push(byte),
        }
    }
    Cow::Owned(out)
}

fn length(first: u8) -> usize {
    usize::from(first.wrapping_sub(b' ') & 63)
}

#[cfg(test)]
mod tests {
    use super::super::tree::check::lines;
    use super::*;
    use proptest::prelude::*;

    /// `begin 644 図.gif`, made by `uuencode` of GNU sharutils.
    const GIF: &str = "begin 644 図.gif\n.1TE&.#EA:&5L;&\\@=V\\`\n`\nend\n";

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let found: Vec<_> = find(text.as_bytes())
            .map(|e| (e.name().text, String::from_utf8_lossy(&e.decoded()).into_owned()))
            .collect();
        let found: Vec<_> = found.iter().map(|(n, c)| (n.as_str(), c.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn files_are_found_wherever_they_stand() {
        let gif = ("図.gif", "GIF89ahello wo");
        check(GIF, &[gif]);
        check(&format!("Hello,\n\n{GIF}{GIF}bye\n"), &[gif, gif]);
        check(&GIF.replace('\n', "\r\n"), &[gif]);
        check("a\nbegin-base64 644 b.txt\naGVsbG8=\n====\n", &[("b.txt", "hello")]);
    }

    #[test]
    fn blanks_and_ends_that_got_lost_do_no_harm() {
        check("begin 644 a\n#86)C\n", &[("a", "abc")]);
        check("begin 600 a\n#  ! \n", &[("a", "\0\0@")]);
        check("begin 600 a\n#  !\n", &[("a", "\0\0@")]);
        check("begin 644 a b.txt\n#86)C\nnot encoded any more\n", &[("a b.txt", "abc")]);
        check("begin 644 empty\n`\nend\n", &[("empty", "")]);
    }

    #[test]
    fn yen_signs_are_back_slashes() {
        let yen = GIF.replace('\\', "\u{A5}");
        assert_ne!(yen, GIF);
        check(&yen, &[("図.gif", "GIF89ahello wo")]);
    }

    #[test]
    fn sentences_are_no_files() {
        check("begin 644 is a permission\nas everybody knows.\n", &[]);
        check("begin 6 months ago\n#86)C\n", &[]);
        check("We\nbegin\nbegin 644\nbegin 644 \n#86)C\n", &[]);
        check("x begin 644 a\n#86)C\nend\n", &[]);
    }

    #[test]
    fn a_file_of_its_own_is_opened() {
        let said = lines("a.uue", GIF.as_bytes(), &[]);
        assert_eq!(said, ["0 a.uue Uuencode 46 Clear", "1 図.gif Gif 14 Clear"]);
    }

    proptest! {
        #[test]
        fn no_text_stops_us(
            pieces in proptest::collection::vec(
                prop_oneof![
                    Just("begin 644 a\n"), Just("begin-base64 644 a\n"), Just("\nbegin"), Just("\n"),
                    Just("#86)C\n"), Just("end\n"), Just("====\n"), Just("`\n"), Just("M"), Just("\r"),
                ],
                0..40,
            ),
        ) {
            let text = pieces.concat();
            for encoded in find(text.as_bytes()) {
                prop_assert!(encoded.decoded().len() <= encoded.most());
                prop_assert!(encoded.start < encoded.end && encoded.end <= text.len());
            }
        }
    }
}
