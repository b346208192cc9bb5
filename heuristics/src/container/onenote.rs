//! OneNote sections (MS-ONESTORE): the files embedded in their pages.
//!
//! Way in: `read`. The store itself is not walked: every embedded file stands whole behind an
//! identifier of its own (FileDataStoreObject, 2.6.13), and every property set that has a file name
//! holds the name's property identifier, so both are found by one search each. Where there are as
//! many names as files they belong together in order; else the names are told for themselves, so
//! that nobody's `.exe` goes unseen. Pictures of the page are embedded the same way.

use std::borrow::Cow;

use super::magic::{le16, le32, le64};
use super::{Content, Encryption, Member, Role, Visit, magic};
use crate::message::param::{FileName, NameForm};

/// Tells the embedded files.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    if !visit.budget().take_work(2 * content.len()) {
        return;
    }
    let most = visit.budget().members().saturating_add(1);
    let files: Vec<&[u8]> = files(content).take(most).collect();
    let names = names(content);
    // Pictures have no name of their own.
    let named = files.iter().filter(|f| !is_picture(f)).count();
    let in_order = named == names.len();
    let mut rest = names.into_iter();
    for file in files {
        let name = if in_order && !is_picture(file) { rest.next() } else { None };
        let role = if is_picture(file) { Role::Embedded } else { Role::File };
        let (size, content) = (file.len() as u64, Content::Whole(Cow::Borrowed(file)));
        if !tell(name, size, role, content, visit) {
            return;
        }
    }
    for name in rest {
        if !tell(Some(name), 0, Role::File, Content::Hidden, visit) {
            return;
        }
    }
}

/// guidHeader of FileDataStoreObject: {BDE316E7-2665-4511-A4C4-8D4D0B7A9EAC}.
const FILE: &[u8] = b"\xE7\x16\xE3\xBD\x65\x26\x11\x45\xA4\xC4\x8D\x4D\x0B\x7A\x9E\xAC";

/// What stands between the identifier and the data: length, unused, reserved.
const FILE_HEADER: usize = 16 + 8 + 4 + 8;

/// Property EmbeddedFileName (MS-ONE, 2.1.12), a length and a text.
const NAME: &[u8] = &0x1C00_1D9C_u32.to_le_bytes();

/// Names looked at; each revision of a page repeats them.
const MOST_NAMES: usize = 1_000;

/// Longest name, in bytes.
const LONGEST_NAME: usize = 1_024;

fn is_picture(file: &[u8]) -> bool {
    magic::kind(file.get(..magic::NEAR).unwrap_or(file)).is_picture()
}

fn tell(
    name: Option<String>,
    size: u64,
    role: Role,
    content: Content<'_>,
    visit: &mut Visit<'_>,
) -> bool {
    let names = name.map(|text| FileName { text, form: NameForm::ArchiveEntry });
    let (names, encryption) = (names.into_iter().collect(), Encryption::Clear);
    visit.member(Member { names, size, encryption, role, content })
}

/// The embedded files, cut to what there is.
fn files(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    memchr::memmem::find_iter(content, FILE).filter_map(|at| {
        let size = usize::try_from(le64(content, at + FILE.len())?).unwrap_or(usize::MAX);
        let data = content.get(at + FILE_HEADER..)?;
        // The identifier alone also stands where the object is referred to.
        (size > 0).then(|| data.get(..size).unwrap_or(data))
    })
}

/// The names, each once.
fn names(content: &[u8]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for at in memchr::memmem::find_iter(content, NAME).take(MOST_NAMES) {
        if let Some(name) = name(content, at)
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// The value of the property whose identifier stands at `at`: the identifiers of a set stand
/// together behind their number, their values follow in the same order.
fn name(content: &[u8], at: usize) -> Option<String> {
    const MOST_PROPERTIES: usize = 64;
    let identifier =
        |i: usize| Some(le32(content, i)?).filter(|p| (1..=0x11).contains(&(p >> 26 & 31)));
    (0..MOST_PROPERTIES).find_map(|before| {
        let first = at.checked_sub(4 * before)?;
        let count = usize::from(le16(content, first.checked_sub(2)?)?);
        if count <= before || count > MOST_PROPERTIES {
            return None;
        }
        let mut value = first + 4 * count;
        for i in 0..before {
            value = value.checked_add(value_size(content, value, identifier(first + 4 * i)?)?)?;
        }
        let size = le32(content, value)? as usize;
        let bytes = content.get(value + 4..)?.get(..size)?;
        (2..=LONGEST_NAME).contains(&size).then(|| text(bytes)).flatten()
    })
}

/// How many bytes the value of a property takes (MS-ONESTORE, 2.6.6); `None` for sets in sets.
fn value_size(content: &[u8], at: usize, identifier: u32) -> Option<usize> {
    Some(match identifier >> 26 & 31 {
        0x1 | 0x2 | 0x8 | 0xA | 0xC => 0,
        0x3 => 1,
        0x4 => 2,
        0x5 | 0x9 | 0xB | 0xD => 4,
        0x6 => 8,
        0x7 => 4 + le32(content, at)? as usize,
        _ => return None,
    })
}

/// A text of UTF-16 that a person could read, without the NUL at its end.
fn text(bytes: &[u8]) -> Option<String> {
    let units = bytes.as_chunks::<2>().0.iter().map(|&pair| u16::from_le_bytes(pair));
    let text: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
    let text = text.trim_end_matches('\0');
    let is_readable = !text.is_empty() && !text.chars().any(|c| c.is_control());
    is_readable.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::super::tree::check::{lines, survives};
    use super::*;
    use proptest::prelude::*;

    const ONE: &[u8] = b"\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3";

    fn embedded(data: &[u8]) -> Vec<u8> {
        let size = (data.len() as u64).to_le_bytes();
        [FILE, &size, &[0; 12], data, b"\x22\xA7\xFB\x71\x79\x0F\x0B\x4A"].concat()
    }

    /// A property set: an object's reference, a number, the name.
    fn named(name: &str) -> Vec<u8> {
        let utf16: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        let size = u32::try_from(utf16.len()).unwrap().to_le_bytes();
        let identifiers = [0x2000_1D9Bu32, 0x1400_1D00, 0x1C00_1D9C, 0x1C00_1D9D];
        let identifiers = identifiers.map(u32::to_le_bytes).concat();
        [&[4, 0], identifiers.as_slice(), &[9; 4], &size, &utf16, &[2, 0, 0, 0, 65, 0]].concat()
    }

    #[track_caller]
    fn check(parts: &[Vec<u8>], expected: &[&str]) {
        let said = lines("a.one", &[ONE, &parts.concat()].concat(), &[]);
        assert_eq!(said[1..], *expected);
    }

    #[test]
    fn files_have_their_names_in_order() {
        let (hta, gif) = (embedded(b"<html><hta:application>"), embedded(b"GIF89a.."));
        let parts = [named("請求書.hta"), named("b.txt"), hta, gif, embedded(b"text")];
        check(&parts, &["1 請求書.hta Hta 23 Clear", "1  Gif 8 Clear", "1 b.txt Text 4 Clear"]);
    }

    #[test]
    fn names_of_no_file_are_told_for_themselves() {
        let parts = [named("a.exe"), named("b.exe"), named("a.exe"), embedded(b"text")];
        check(&parts, &["1  Text 4 Clear", "1 a.exe Unknown 0 Clear", "1 b.exe Unknown 0 Clear"]);
    }

    #[test]
    fn a_length_that_lies_gives_what_is_there() {
        let mut file = embedded(b"text");
        file[16..24].fill(0xFF);
        file.truncate(FILE_HEADER + 4);
        check(&[file], &["1  Text 4 Clear"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn no_damage_stops_us(
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = [ONE, &named("a.exe"), &embedded(b"text"), &named("b")].concat();
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
            survives(Kind::OneNote, &bytes);
        }
    }
}
