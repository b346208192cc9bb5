//! Windows programs: the icon that Explorer shows, and what it looks like.
//!
//! Way in: [`read`]. Only the headers, the section table and three levels of the resource directory are
//! read, from the slice and without allocation, rather than by a library that also reads imports,
//! certificates and symbols of every hostile file and reserves what they claim. The levels are type,
//! name, language: the walk is three steps deep whatever the directory points to, so that no loop in it
//! matters. Explorer shows the first group of icons; where none of its images can be read, the next is
//! taken.

use super::icon::{self, Picture};
use super::magic::{le16, le32};
use super::observation::Observation;
use super::{Kind, Visit};

/// Tells what the icon of a program looks like.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    let Some(resources) = Resources::find(content) else { return };
    // What looked like a program for DOS had its signature further on than was seen at first.
    visit.set_kind(Kind::Pe);
    for group in resources.groups() {
        let mut images = Vec::new();
        for image in resources.images(group) {
            let pixels = image.side * image.side;
            if !visit.budget().take_work(4 * pixels + image.bytes.len()) {
                return;
            }
            images.extend(Picture::from_icon_image(image.bytes));
        }
        if images.is_empty() {
            continue;
        }
        if let Some(likeness) = icon::likeness(&images) {
            visit.observe(Observation::Icon(likeness));
        }
        return;
    }
}

/// Sections that are looked at; Windows loads no program with more than 96.
const MOST_SECTIONS: usize = 96;

/// Entries of a directory that are looked at.
const MOST_ENTRIES: usize = 4096;

/// Groups of icons, each in so many languages, that are tried.
const MOST_GROUPS: usize = 4;

/// Entries of a group that are looked at, and images of it that are decoded.
const MOST_LISTED: usize = 64;
const MOST_IMAGES: usize = 12;

const ICON: u32 = 3;
const GROUP_ICON: u32 = 14;

/// The bit of an entry that says "directory".
const DIRECTORY: u32 = 1 << 31;

/// A program's resources.
struct Resources<'a> {
    content: &'a [u8],
    /// Section table.
    sections: &'a [u8],
    /// From the root directory to the end of its section.
    tree: &'a [u8],
}

/// One image of a group: its side as the group says, and its bytes.
struct Image<'a> {
    side: usize,
    bytes: &'a [u8],
}

impl<'a> Resources<'a> {
    /// Finds the resource directory by the headers (PE Format, "Optional Header Data Directories").
    fn find(content: &'a [u8]) -> Option<Resources<'a>> {
        let header = content.get(usize::try_from(le32(content, 0x3C)?).ok()?..)?;
        if !header.starts_with(b"PE\0\0") {
            return None;
        }
        let optional = usize::from(le16(header, 20)?);
        let directories = match le16(header, 24)? {
            0x10B => 24 + 96,
            0x20B => 24 + 112,
            _ => return None,
        };
        // The third directory; how many there are stands right before the first.
        let count = le32(header, directories - 4)?;
        let address = le32(header, directories + 2 * 8)?;
        if count < 3 || address == 0 {
            return None;
        }
        let table = header.get(24 + optional..)?;
        let sections = usize::from(le16(header, 6)?).min(MOST_SECTIONS) * 40;
        let sections = table.get(..sections.min(table.len()))?;
        let tree = at_address(content, sections, address)?;
        Some(Resources { content, sections, tree })
    }

    /// The data of the first groups, in the order in which Windows counts them.
    fn groups(&self) -> impl Iterator<Item = &'a [u8]> {
        let names = self.directory(0).and_then(|root| self.named(root, GROUP_ICON));
        let names = names.into_iter().flat_map(|at| self.entries(at)).take(MOST_GROUPS);
        names.flat_map(|(_, name)| self.languages(name)).take(MOST_GROUPS)
    }

    /// The images of a group, of each size the one with most colours: what today's screens show.
    fn images(&self, group: &[u8]) -> Vec<Image<'a>> {
        let Some(icons) = self.directory(0).and_then(|root| self.named(root, ICON)) else {
            return Vec::new();
        };
        let count = le16(group, 4).map_or(0, usize::from).min(MOST_LISTED);
        let mut best: Vec<(u8, u16, u16)> = Vec::new();
        for entry in group.get(6..).unwrap_or_default().as_chunks::<14>().0.iter().take(count) {
            let &[side, _, _, _, _, _, depth_low, depth_high, _, _, _, _, id_low, id_high] = entry;
            let depth = u16::from_le_bytes([depth_low, depth_high]);
            let id = u16::from_le_bytes([id_low, id_high]);
            match best.iter_mut().find(|(s, ..)| *s == side) {
                Some(known) if known.1 < depth => *known = (side, depth, id),
                Some(_) => {}
                None => best.push((side, depth, id)),
            }
        }
        let images = best.into_iter().take(MOST_IMAGES).filter_map(|(side, _, id)| {
            let name = self.subdirectory(icons, u32::from(id))?;
            let bytes = self.languages(name).next()?;
            // A side of 256 is written as 0; images may say more themselves.
            let side = if side == 0 { icon::picture::MOST_SIDE } else { usize::from(side) };
            Some(Image { side, bytes })
        });
        images.collect()
    }

    /// The data under a name: one for each language.
    fn languages(&self, entry: u32) -> impl Iterator<Item = &'a [u8]> {
        let directory = self.directory_at(entry);
        let entries = directory.into_iter().flat_map(|at| self.entries(at)).take(MOST_GROUPS);
        entries.filter_map(|(_, leaf)| self.data(leaf))
    }

    /// Where the directory at this offset of the tree has its entries: offset and number.
    fn directory(&self, at: usize) -> Option<(usize, usize)> {
        let named = le16(self.tree, at.checked_add(12)?)?;
        let numbered = le16(self.tree, at.checked_add(14)?)?;
        let count = usize::from(named) + usize::from(numbered);
        Some((at.checked_add(16)?, count.min(MOST_ENTRIES)))
    }

    fn directory_at(&self, entry: u32) -> Option<(usize, usize)> {
        if entry & DIRECTORY == 0 {
            return None;
        }
        self.directory(usize::try_from(entry & !DIRECTORY).ok()?)
    }

    /// Name and target of each entry.
    fn entries(&self, (at, count): (usize, usize)) -> impl Iterator<Item = (u32, u32)> {
        let bytes = self.tree.get(at..).unwrap_or_default().as_chunks::<8>().0;
        bytes.iter().take(count).map(|&[a, b, c, d, e, f, g, h]| {
            (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]))
        })
    }

    /// The target of the entry with this number.
    fn subdirectory(&self, directory: (usize, usize), number: u32) -> Option<u32> {
        self.entries(directory).find(|&(name, _)| name == number).map(|(_, target)| target)
    }

    /// The directory under this number.
    fn named(&self, directory: (usize, usize), number: u32) -> Option<(usize, usize)> {
        self.directory_at(self.subdirectory(directory, number)?)
    }

    /// The bytes that a leaf points to: address, size.
    fn data(&self, leaf: u32) -> Option<&'a [u8]> {
        let at = usize::try_from(leaf).ok().filter(|_| leaf & DIRECTORY == 0)?;
        let (address, size) = (le32(self.tree, at)?, le32(self.tree, at.checked_add(4)?)?);
        let bytes = at_address(self.content, self.sections, address)?;
        Some(bytes.get(..usize::try_from(size).ok()?).unwrap_or(bytes))
    }
}

/// The content from a relative virtual address to the end of its section.
fn at_address<'a>(content: &'a [u8], sections: &[u8], address: u32) -> Option<&'a [u8]> {
    sections.chunks_exact(40).find_map(|section| {
        let (size, start) = (le32(section, 8)?, le32(section, 12)?);
        let (stored, place) = (le32(section, 16)?, le32(section, 20)?);
        let inner = address.checked_sub(start).filter(|&i| i < size.max(stored))?;
        // What lies behind the stored part is zero and no icon.
        let from = usize::try_from(place.checked_add(inner)?).ok()?;
        let length = usize::try_from(stored.checked_sub(inner)?).ok()?;
        let rest = content.get(from..)?;
        Some(rest.get(..length).unwrap_or(rest))
    })
}

#[cfg(test)]
mod tests {
    use super::super::icon::Likeness;
    use super::super::icon::drawing::{self, Drawing};
    use super::super::pe_writer::{Bitmap, Program};
    use super::super::tree::check;
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(program: &Program, expected: Option<Likeness>) {
        let bytes = program.bytes();
        let (files, problems) = check::tree("a.exe", &bytes, &[]);
        assert_eq!(files[0].kind, Kind::Pe);
        assert_eq!(problems, []);
        let icon: Vec<Observation> = expected.map(Observation::Icon).into_iter().collect();
        assert_eq!(files[0].observations, icon);
    }

    fn bitmaps(drawing: &Drawing, sides: &[usize]) -> Vec<Vec<u8>> {
        sides.iter().map(|&side| Bitmap::Colours32.bytes(&drawing.picture(side))).collect()
    }

    #[test]
    fn a_program_with_the_icon_of_a_document() {
        let sheet = bitmaps(&drawing::word(), &[16, 32, 48]);
        check(&Program::new().group(&sheet), Some(Likeness::Document));
        let folder = bitmaps(&drawing::folder(), &[32, 48]);
        check(&Program::new().group(&folder), Some(Likeness::Folder));
        check(&Program::new().wide().group(&folder), Some(Likeness::Folder));
    }

    #[test]
    fn every_way_to_write_an_image() {
        for bitmap in [
            Bitmap::Colours32,
            Bitmap::Opaque32,
            Bitmap::Colours24,
            Bitmap::Palette8,
            Bitmap::Palette4,
            Bitmap::Png,
        ] {
            let image = bitmap.bytes(&drawing::folder().picture(48));
            check(&Program::new().group(&[image]), Some(Likeness::Folder));
        }
        let image = Bitmap::Palette1.bytes(&drawing::folder().picture(48));
        assert!(Picture::from_icon_image(&image).is_some());
    }

    #[test]
    fn silent_for_programs_with_their_own_icon_or_none() {
        check(&Program::new(), None);
        check(&Program::new().group(&bitmaps(&drawing::window(), &[16, 32, 48])), None);
        check(&Program::new().group(&bitmaps(&drawing::game(), &[16, 32, 48])), None);
    }

    #[test]
    fn the_first_group_is_what_counts() {
        let (own, folder) =
            (bitmaps(&drawing::game(), &[32, 48]), bitmaps(&drawing::folder(), &[32, 48]));
        check(&Program::new().group(&own).group(&folder), None);
        check(&Program::new().group(&folder).group(&own), Some(Likeness::Folder));
        let broken = vec![b"no picture".to_vec()];
        check(&Program::new().group(&broken).group(&folder), Some(Likeness::Folder));
    }

    #[test]
    fn the_program_of_a_library_or_screen_saver_is_no_other() {
        let bytes = Program::new().group(&bitmaps(&drawing::folder(), &[48])).bytes();
        for name in ["a.scr", "a.cpl", "a.dll", "a.pdf", ""] {
            let (files, _) = check::tree(name, &bytes, &[]);
            assert_eq!(files[0].observations, [Observation::Icon(Likeness::Folder)], "{name}");
        }
    }

    #[test]
    fn cut_programs_and_directories_that_lead_in_circles_end() {
        let bytes = Program::new().group(&bitmaps(&drawing::folder(), &[16])).bytes();
        for length in (0..bytes.len()).step_by(29) {
            check::tree_of(Kind::Pe, "a.exe", &bytes[..length], &[]);
        }
        let mut circles = bytes.clone();
        let tree = bytes.windows(8).position(|w| w == [3, 0, 0, 0, 0x20, 0, 0, 0x80]).unwrap();
        for entry in 0..40 {
            let at = tree + entry * 8 + 4;
            circles[at..at + 4].copy_from_slice(&DIRECTORY.to_le_bytes());
        }
        check::tree_of(Kind::Pe, "a.exe", &circles, &[]);
    }

    #[test]
    fn a_resource_directory_outside_of_all_sections_is_none() {
        let mut bytes = Program::new().group(&bitmaps(&drawing::folder(), &[16])).bytes();
        let header = usize::try_from(le32(&bytes, 0x3C).unwrap()).unwrap();
        bytes[header + 136..header + 140].copy_from_slice(&[0xF0, 0xFF, 0xFF, 0xFF]);
        let (files, _) = check::tree("a.exe", &bytes, &[]);
        assert_eq!(files[0].observations, []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn no_program_stops_us(
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..40),
        ) {
            let group = [Bitmap::Palette4.bytes(&drawing::folder().picture(16))];
            let mut bytes = Program::new().group(&group).bytes();
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            check::tree_of(Kind::Pe, "a.exe", &bytes, &[]);
        }
    }
}
