//! Windows shortcuts (MS-SHLLINK): what is started, with which arguments, under whose icon.
//!
//! Way in: [`read`]. Header, list of shell items, link information, strings and extra blocks are read
//! one after the other; each is optional and says its own length, so that the walk always goes forward.
//! A shortcut may name several targets, and Windows takes one after the other: all are weighed, the
//! first is shown. Texts without Unicode are taken for code page 932.

use super::Visit;
use super::icon::borrowed::{pretended, split_index};
use super::magic::{le16, le32};
use super::name::with_blanks_counted;
use super::observation::{Observation, excerpt};
use crate::message::charset;

/// Tells what a shortcut starts.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    // What is appended to a shortcut is not part of it.
    let content = content.get(..MOST_BYTES).unwrap_or(content);
    if !visit.budget().take_work(content.len()) {
        return;
    }
    let (link, is_whole) = Link::read(content);
    if !is_whole {
        visit.damaged("its structures are cut");
    }
    tell(&link.targets, &link.arguments, &link.icon, visit);
}

/// Tells of a shortcut of any format. `icon` is a file, with the number of the icon after a comma.
pub(super) fn tell(targets: &[String], arguments: &str, icon: &str, visit: &mut Visit<'_>) {
    let shown = |text: &str| excerpt(&with_blanks_counted(text));
    let target = targets.iter().find(|t| !t.is_empty()).map(String::as_str).unwrap_or_default();
    if target.is_empty() && arguments.is_empty() && icon.is_empty() {
        return;
    }
    visit.observe(Observation::Shortcut {
        target: shown(target),
        arguments: shown(arguments),
        icon: shown(icon),
    });
    let (file, index) = split_index(icon);
    if let Some(likeness) = pretended(file, index, targets.iter().map(String::as_str)) {
        visit.observe(Observation::Icon(likeness));
    }
}

/// Bytes of a shortcut that are read; Windows itself writes a few kilobytes.
const MOST_BYTES: usize = 512 * 1024;

/// Items of a list, and extra blocks, that are read.
const MOST_ITEMS: usize = 64;

const HEADER: usize = 0x4C;

const HAS_ITEMS: u32 = 1;
const HAS_INFORMATION: u32 = 1 << 1;
const HAS_ICON_LOCATION: u32 = 1 << 6;
const IS_UNICODE: u32 = 1 << 7;

/// Signatures of the extra blocks that hold a path (2.5.4, 2.5.5).
const ENVIRONMENT: u32 = 0xA000_0001;
const ICON_ENVIRONMENT: u32 = 0xA000_0007;

#[derive(Debug, Default)]
struct Link {
    /// What may be started, in the order in which Windows tries.
    targets: Vec<String>,
    arguments: String,
    icon: String,
}

impl Link {
    /// Reads as far as the structures are whole; `false` where one is not.
    fn read(content: &[u8]) -> (Link, bool) {
        let mut link = Link::default();
        let is_whole = link.fill(content).is_some();
        (link, is_whole)
    }

    fn fill(&mut self, content: &[u8]) -> Option<()> {
        let flags = le32(content, 0x14)?;
        let index = le32(content, 0x38)?.cast_signed();
        let mut rest = content.get(HEADER..)?;
        if flags & HAS_ITEMS != 0 {
            let (items, after) = take(rest.get(2..)?, usize::from(le16(rest, 0)?))?;
            self.targets.extend(path_of_items(items));
            rest = after;
        }
        if flags & HAS_INFORMATION != 0 {
            let size = usize::try_from(le32(rest, 0)?).ok()?;
            let (information, after) = take(rest, size.max(4))?;
            self.targets.extend(path_of_information(information));
            rest = after;
        }
        let mut strings = [const { String::new() }; 5];
        for (bit, string) in (2..).zip(&mut strings) {
            if flags & 1 << bit != 0 {
                let count = usize::from(le16(rest, 0)?);
                let width = if flags & IS_UNICODE != 0 { 2 } else { 1 };
                let (text, after) = take(rest.get(2..)?, count * width)?;
                *string = if width == 2 { utf16(text) } else { ansi(text) };
                rest = after;
            }
        }
        let [_name, relative, _folder, arguments, icon] = strings;
        self.arguments = arguments;
        let mut icon = (flags & HAS_ICON_LOCATION != 0).then_some(icon);
        if !relative.is_empty() {
            self.targets.push(relative);
        }
        for _ in 0..MOST_ITEMS {
            let Some(size) = le32(rest, 0).filter(|&s| s >= 8) else { break };
            let Some((block, after)) = take(rest, usize::try_from(size).ok()?) else { break };
            match le32(block, 4) {
                // What stands here goes before the other targets.
                Some(ENVIRONMENT) => self.targets.splice(..0, path_of_block(block)).for_each(drop),
                Some(ICON_ENVIRONMENT) => icon = path_of_block(block).or(icon),
                _ => {}
            }
            rest = after;
        }
        self.icon = icon
            .filter(|i| !i.trim().is_empty())
            .map(|i| format!("{i},{index}"))
            .unwrap_or_default();
        Some(())
    }
}

fn take(bytes: &[u8], count: usize) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(count)
}

/// The names of shell items, as far as they can be read, as a path (2.2; their inside is not
/// specified, but has been the same since Windows XP).
fn path_of_items(mut list: &[u8]) -> Option<String> {
    let mut path = String::new();
    for _ in 0..MOST_ITEMS {
        let Some(size) = le16(list, 0).filter(|&s| s >= 3) else { break };
        let Some((item, after)) = take(list, usize::from(size)) else { break };
        list = after;
        let Some(name) = name_of_item(item).filter(|n| !n.is_empty()) else { continue };
        if !path.is_empty() && !path.ends_with('\\') {
            path.push('\\');
        }
        path.push_str(&name);
    }
    (!path.is_empty()).then_some(path)
}

fn name_of_item(item: &[u8]) -> Option<String> {
    match item.get(2)? {
        // A drive.
        0x23 | 0x25 | 0x29 | 0x2A | 0x2E | 0x2F => Some(ansi(until_nul(item.get(3..)?))),
        // A file or folder; its long name stands in an extension of its own.
        kind @ 0x30..=0x3F => long_name(item).or_else(|| {
            let name = item.get(14..)?;
            Some(if kind & 4 != 0 { utf16(name) } else { ansi(until_nul(name)) })
        }),
        // A server or share.
        0x41..=0x4F | 0xC3 => Some(ansi(until_nul(item.get(5..)?))),
        // A URL.
        0x61 => {
            let text = memchr::memmem::find(item, b"h\0t\0t\0p\0")
                .and_then(|at| item.get(at..))
                .map(utf16);
            text.or_else(|| Some(ansi(until_nul(item.get(8..)?))))
        }
        _ => None,
    }
}

/// The name in the extension with signature 0xBEEF0004, which stands after some numbers that depend
/// on its version.
fn long_name(item: &[u8]) -> Option<String> {
    let at = memchr::memmem::find(item, &[0x04, 0x00, 0xEF, 0xBE])?;
    let block = item.get(at.checked_sub(4)?..)?;
    let name = match le16(block, 2)? {
        3 => 20,
        7 => 38,
        8 => 42,
        9.. => 46,
        _ => return None,
    };
    Some(utf16(block.get(name..)?))
}

/// The local path, or the share and what follows it (2.3).
fn path_of_information(information: &[u8]) -> Option<String> {
    let offset = |at: usize| le32(information, at).and_then(|o| usize::try_from(o).ok());
    let header = offset(4)?;
    let flags = le32(information, 8)?;
    let unicode = |at: usize| {
        let start = offset(at).filter(|&o| header >= 0x24 && o > 0)?;
        Some(utf16(information.get(start..)?))
    };
    let plain = |at: usize| Some(ansi(until_nul(information.get(offset(at)?..)?)));
    let suffix = unicode(32).or_else(|| plain(24)).unwrap_or_default();
    let base = match flags {
        _ if flags & 1 != 0 => unicode(28).or_else(|| plain(16))?,
        _ if flags & 2 != 0 => {
            let network = information.get(offset(20)?..)?;
            let name = usize::try_from(le32(network, 8)?).ok()?;
            let wide = le32(network, 20).and_then(|o| usize::try_from(o).ok());
            match wide.filter(|_| name > 0x14) {
                Some(at) => utf16(network.get(at..)?),
                None => ansi(until_nul(network.get(name..)?)),
            }
        }
        _ => return None,
    };
    let joint = if suffix.is_empty() || base.ends_with('\\') { "" } else { "\\" };
    Some(format!("{base}{joint}{suffix}"))
}

/// The path in an extra block: 260 bytes, then 520 of Unicode, which goes first where it is there.
fn path_of_block(block: &[u8]) -> Option<String> {
    let wide = block.get(268..788).map(utf16).filter(|t| !t.is_empty());
    let path = wide.or_else(|| Some(ansi(until_nul(block.get(8..268)?))));
    path.filter(|p| !p.is_empty())
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    bytes.get(..end).unwrap_or(bytes)
}

fn ansi(bytes: &[u8]) -> String {
    charset::decode(bytes, Some("shift_jis"), None).text.into_owned()
}

/// UTF-16 up to a NUL.
fn utf16(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|&pair| u16::from_le_bytes(pair));
    char::decode_utf16(units.take_while(|&u| u != 0)).map(|c| c.unwrap_or('\u{FFFD}')).collect()
}

#[cfg(test)]
pub(crate) mod samples {
    //! A small writer of shortcuts.

    use super::*;

    /// What a shortcut says; what is `None` is left out.
    #[derive(Clone, Copy, Default)]
    pub(crate) struct Shortcut<'t> {
        pub(crate) items: &'t [&'t str],
        pub(crate) local: Option<&'t [u8]>,
        pub(crate) share: Option<(&'t [u8], &'t [u8])>,
        pub(crate) relative: Option<&'t str>,
        pub(crate) arguments: Option<&'t str>,
        pub(crate) icon: Option<(&'t str, i32)>,
        pub(crate) environment: Option<&'t str>,
        pub(crate) ansi: bool,
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn counted(bytes: Vec<u8>, extra: usize) -> Vec<u8> {
        let size = u16::try_from(bytes.len() + extra).unwrap();
        [size.to_le_bytes().to_vec(), bytes].concat()
    }

    impl Shortcut<'_> {
        pub(crate) fn bytes(&self) -> Vec<u8> {
            let strings =
                [None, self.relative, None, self.arguments, self.icon.map(|(file, _)| file)];
            let mut flags = if self.ansi { 0 } else { IS_UNICODE };
            let mut out = vec![0; HEADER];
            out[..20].copy_from_slice(b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0F");
            out[0x38..0x3C].copy_from_slice(&self.icon.map_or(0, |(_, i)| i).to_le_bytes());
            if !self.items.is_empty() {
                flags |= HAS_ITEMS;
                let mut list: Vec<u8> = counted(b"\x1F\x50some class identifier".to_vec(), 2);
                for (at, item) in self.items.iter().enumerate() {
                    let item = match at {
                        0 => [b"\x2F".as_slice(), item.as_bytes(), &[0]].concat(),
                        _ => {
                            let extension = [
                                b"\x40\0\x09\0\x04\0\xEF\xBE".as_slice(),
                                &[0; 38],
                                &wide(item),
                                &[0; 4],
                            ];
                            [
                                b"\x32\0\0\0\0\0\0\0\0\0\0\0SHORT~1.EXE\0".to_vec(),
                                extension.concat(),
                            ]
                            .concat()
                        }
                    };
                    list.extend(counted(item, 2));
                }
                list.extend([0, 0]);
                out.extend(counted(list, 0));
            }
            let information = |flag: u32, offsets: [u32; 4], data: &[u8]| {
                let size = u32::try_from(28 + data.len()).unwrap();
                let numbers = [size, 28, flag].into_iter().chain(offsets);
                [numbers.flat_map(u32::to_le_bytes).collect(), data.to_vec()].concat()
            };
            if let Some(local) = self.local {
                flags |= HAS_INFORMATION;
                let end = u32::try_from(28 + local.len()).unwrap();
                out.extend::<Vec<u8>>(information(1, [0, 28, 0, end], &[local, &[0, 0]].concat()));
            } else if let Some((share, suffix)) = self.share {
                flags |= HAS_INFORMATION;
                let link: Vec<u8> = [20 + u32::try_from(share.len()).unwrap() + 1, 2, 20, 0, 0]
                    .into_iter()
                    .flat_map(u32::to_le_bytes)
                    .collect();
                let end = u32::try_from(28 + link.len() + share.len() + 1).unwrap();
                let data = [&link, share, &[0], suffix, &[0]].concat();
                out.extend::<Vec<u8>>(information(2, [0, 0, 28, end], &data));
            }
            for (bit, text) in (2..).zip(strings) {
                let Some(text) = text else { continue };
                flags |= 1 << bit;
                let count = if self.ansi { text.len() } else { wide(text).len() / 2 };
                out.extend(u16::try_from(count).unwrap().to_le_bytes());
                out.extend(if self.ansi { text.as_bytes().to_vec() } else { wide(text) });
            }
            if let Some(path) = self.environment {
                let mut block = [788_u32, ENVIRONMENT].map(u32::to_le_bytes).concat();
                block.resize(268, 0);
                block.extend(wide(path));
                block.resize(788, 0);
                out.extend(block);
            }
            out.extend([0; 4]);
            out[0x14..0x18].copy_from_slice(&flags.to_le_bytes());
            out
        }
    }
}

#[cfg(test)]
mod tests {
    use super::samples::Shortcut;
    use super::*;
    use crate::container::icon::Likeness;
    use crate::container::tree::check;
    use proptest::prelude::*;

    #[track_caller]
    fn observed(shortcut: Shortcut<'_>) -> Vec<Observation> {
        let (files, problems) = check::tree("a.lnk", &shortcut.bytes(), &[]);
        assert_eq!(problems, []);
        files[0].observations.clone()
    }

    fn told(target: &str, arguments: &str, icon: &str) -> Observation {
        let [target, arguments, icon] = [target, arguments, icon].map(str::to_owned);
        Observation::Shortcut { target, arguments, icon }
    }

    #[test]
    fn the_target_is_read_from_the_items() {
        let shortcut =
            Shortcut { items: &["C:\\", "Windows", "System32", "cmd.exe"], ..Shortcut::default() };
        assert_eq!(observed(shortcut), [told(r"C:\Windows\System32\cmd.exe", "", "")]);
    }

    #[test]
    fn the_target_is_read_from_the_link_information() {
        // 見積 in code page 932.
        let local = b"C:\\\x8C\xA9\x90\xCF\\a.exe";
        let shortcut = Shortcut { local: Some(local), ..Shortcut::default() };
        assert_eq!(observed(shortcut), [told(r"C:\見積\a.exe", "", "")]);
        let share: (&[u8], &[u8]) = (br"\\server.example\share", b"a.exe");
        let shortcut = Shortcut { share: Some(share), ..Shortcut::default() };
        assert_eq!(observed(shortcut), [told(r"\\server.example\share\a.exe", "", "")]);
    }

    #[test]
    fn the_environment_block_goes_first() {
        let shortcut = Shortcut {
            local: Some(b"C:\\a.pdf"),
            environment: Some(r"%ComSpec%"),
            ..Shortcut::default()
        };
        assert_eq!(observed(shortcut), [told("%ComSpec%", "", "")]);
    }

    #[test]
    fn a_borrowed_icon_is_told() {
        let shortcut = Shortcut {
            relative: Some(r"..\..\Windows\System32\cmd.exe"),
            arguments: Some("/c start a.js"),
            icon: Some((r"%SystemRoot%\System32\imageres.dll", -3)),
            ..Shortcut::default()
        };
        let icon = r"%SystemRoot%\System32\imageres.dll,-3";
        let told = told(r"..\..\Windows\System32\cmd.exe", "/c start a.js", icon);
        assert_eq!(observed(shortcut), [told, Observation::Icon(Likeness::Folder)]);
    }

    #[test]
    fn arguments_behind_hundreds_of_blanks_are_shown() {
        let arguments = format!("{}/c calc{}", " ".repeat(400), "\t".repeat(100));
        let shortcut = Shortcut {
            relative: Some("cmd.exe"),
            arguments: Some(&arguments),
            ansi: true,
            ..Shortcut::default()
        };
        assert_eq!(observed(shortcut), [told("cmd.exe", "␣×400/c calc␣×100", "")]);
    }

    #[test]
    fn a_cut_shortcut_tells_what_is_there() {
        let whole = Shortcut {
            items: &["C:\\", "cmd.exe"],
            arguments: Some("/c calc"),
            ..Shortcut::default()
        };
        let bytes = whole.bytes();
        for length in 0..bytes.len() {
            check::tree_of(super::super::Kind::Lnk, "a.lnk", &bytes[..length], &[]);
        }
        let (files, problems) = check::tree("a.lnk", &bytes[..bytes.len() - 12], &[]);
        assert_eq!(files[0].observations, [told(r"C:\cmd.exe", "", "")]);
        assert_eq!(problems.len(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn no_shortcut_stops_us(
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..30),
        ) {
            let shortcut = Shortcut {
                items: &["C:\\", "Windows", "cmd.exe"],
                local: Some(b"C:\\a.exe"),
                arguments: Some("/c calc"),
                icon: Some(("a.pdf", 0)),
                environment: Some("%ComSpec%"),
                ..Shortcut::default()
            };
            let mut bytes = shortcut.bytes();
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            check::tree_of(super::super::Kind::Lnk, "a.lnk", &bytes, &[]);
        }
    }
}
