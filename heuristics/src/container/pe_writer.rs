//! A small writer of Windows programs for tests: headers, one section, groups of icons; no code.

use super::icon::picture::{Picture, Pixel};

/// A program.
#[derive(Clone)]
pub(crate) struct Program {
    groups: Vec<Vec<Vec<u8>>>,
    is_wide: bool,
}

/// Where the section lies when loaded, and in the file.
const ADDRESS: u32 = 0x1000;
const PLACE: u32 = 0x400;

impl Program {
    pub(crate) fn new() -> Program {
        Program { groups: Vec::new(), is_wide: false }
    }

    /// Makes it a 64-bit program.
    pub(crate) fn wide(mut self) -> Program {
        self.is_wide = true;
        self
    }

    /// Adds a group of icons; each image as [`Bitmap::bytes`] gives it.
    pub(crate) fn group(mut self, images: &[Vec<u8>]) -> Program {
        self.groups.push(images.to_vec());
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let resources = self.resources();
        let mut out = vec![0; 0x80];
        out[..2].copy_from_slice(b"MZ");
        out[0x3C] = 0x80;
        out.extend(b"PE\0\0\x4C\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0");
        let optional: usize = if self.is_wide { 112 } else { 96 };
        out.extend(u16::try_from(optional + 128).unwrap().to_le_bytes());
        out.extend([2, 1]);
        let start = out.len();
        out.extend([0x0B, if self.is_wide { 2 } else { 1 }]);
        out.resize(start + optional - 4, 0);
        out.extend(16_u32.to_le_bytes());
        let size = u32::try_from(resources.len()).unwrap();
        let directory = if self.groups.is_empty() { [0, 0] } else { [ADDRESS, size] };
        out.resize(out.len() + 16, 0);
        out.extend(directory.map(u32::to_le_bytes).concat());
        out.resize(start + optional + 128, 0);
        out.extend(b".rsrc\0\0\0");
        out.extend(
            [size, ADDRESS, size, PLACE, 0, 0, 0, 0x4000_0040].map(u32::to_le_bytes).concat(),
        );
        out.resize(PLACE as usize, 0);
        out.extend(resources);
        out
    }

    /// Directories of types, names and languages, then the leaves, then the data.
    fn resources(&self) -> Vec<u8> {
        let images: Vec<&Vec<u8>> = self.groups.iter().flatten().collect();
        let mut next = 0_u16;
        let groups: Vec<Vec<u8>> =
            self.groups.iter().map(|images| group(images, &mut next)).collect();
        let (icons, groups): (Vec<&[u8]>, Vec<&[u8]>) = (
            images.iter().map(|i| i.as_slice()).collect(),
            groups.iter().map(Vec::as_slice).collect(),
        );
        let names = |count: usize| 16 + 8 * count;
        let root = names(2);
        let all = icons.len() + groups.len();
        let languages = root + names(icons.len()) + names(groups.len());
        let leaves = languages + all * names(1);
        let data = leaves + all * 16;
        const DIRECTORY: usize = 1 << 31;
        let mut out =
            directory(&[(3, root | DIRECTORY), (14, (root + names(icons.len())) | DIRECTORY)]);
        for (first, count) in [(0, icons.len()), (icons.len(), groups.len())] {
            let entries: Vec<(usize, usize)> = (0..count)
                .map(|at| (at + 1, (languages + (first + at) * names(1)) | DIRECTORY))
                .collect();
            out.extend(directory(&entries));
        }
        for at in 0..all {
            out.extend(directory(&[(1041, leaves + at * 16)]));
        }
        let mut at = data;
        for bytes in icons.iter().chain(&groups) {
            let address = ADDRESS + u32::try_from(at).unwrap();
            let size = u32::try_from(bytes.len()).unwrap();
            out.extend([address, size, 0, 0].map(u32::to_le_bytes).concat());
            at += bytes.len();
        }
        icons.iter().chain(&groups).for_each(|bytes| out.extend(*bytes));
        out
    }
}

fn directory(entries: &[(usize, usize)]) -> Vec<u8> {
    let mut out = vec![0; 14];
    out.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
    for &(name, target) in entries {
        out.extend([name, target].map(|n| u32::try_from(n).unwrap().to_le_bytes()).concat());
    }
    out
}

/// The group that lists images, numbered on from `next`.
fn group(images: &[Vec<u8>], next: &mut u16) -> Vec<u8> {
    let mut out = vec![0, 0, 1, 0];
    out.extend(u16::try_from(images.len()).unwrap().to_le_bytes());
    for image in images {
        *next += 1;
        let side = Picture::from_icon_image(image).map_or(32, |p| p.width());
        let side = u8::try_from(side).unwrap_or(0);
        out.extend([side, side, 0, 0, 1, 0, 32, 0]);
        out.extend(u32::try_from(image.len()).unwrap().to_le_bytes());
        out.extend(next.to_le_bytes());
    }
    out
}

/// How an image of an icon is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bitmap {
    Colours24,
    Colours32,
    /// 32 bits of which eight are zero everywhere: the mask says what is transparent.
    Opaque32,
    Palette1,
    Palette4,
    Palette8,
    Png,
}

impl Bitmap {
    pub(crate) fn bytes(self, picture: &Picture) -> Vec<u8> {
        if matches!(self, Bitmap::Png) {
            return png(picture);
        }
        let (width, height) = (picture.width(), picture.height());
        let (depth, palette): (u16, Vec<[u8; 3]>) = match self {
            Bitmap::Palette1 => (1, vec![[0; 3], [255; 3]]),
            Bitmap::Palette4 => (4, cube(&[0, 255], &[0, 255], &[0, 128, 192, 255])),
            Bitmap::Palette8 => (
                8,
                cube(
                    &[0, 36, 73, 109, 146, 182, 219, 255],
                    &[0, 36, 73, 109, 146, 182, 219, 255],
                    &[0, 85, 170, 255],
                ),
            ),
            Bitmap::Colours24 => (24, Vec::new()),
            _ => (32, Vec::new()),
        };
        let doubled = u32::try_from(2 * height).unwrap();
        let mut out = [40, u32::try_from(width).unwrap(), doubled].map(u32::to_le_bytes).concat();
        out.extend([1, 0]);
        out.extend(depth.to_le_bytes());
        out.resize(40, 0);
        palette.iter().for_each(|&[r, g, b]| out.extend([b, g, r, 0]));
        let rows: Vec<&[Pixel]> = picture.rows().collect();
        for row in rows.iter().rev() {
            let mut line = Vec::new();
            for (x, &[r, g, b, alpha]) in row.iter().enumerate() {
                let place =
                    palette.iter().enumerate().min_by_key(|(_, p)| distance(**p, [r, g, b]));
                let place = place.map_or(0, |(at, _)| u8::try_from(at).unwrap());
                match depth {
                    1 if x % 8 == 0 => line.push(place << 7),
                    1 => *line.last_mut().unwrap() |= place << (7 - x % 8),
                    4 if x % 2 == 0 => line.push(place << 4),
                    4 => *line.last_mut().unwrap() |= place,
                    8 => line.push(place),
                    24 => line.extend([b, g, r]),
                    _ if matches!(self, Bitmap::Opaque32) => line.extend([b, g, r, 0]),
                    _ => line.extend([b, g, r, alpha]),
                }
            }
            line.resize(line.len().div_ceil(4) * 4, 0);
            out.extend(line);
        }
        for row in rows.iter().rev() {
            let mut line = vec![0_u8; width.div_ceil(32) * 4];
            for (x, pixel) in row.iter().enumerate() {
                line[x / 8] |= u8::from(pixel[3] < 128) << (7 - x % 8);
            }
            out.extend(line);
        }
        out
    }
}

fn cube(reds: &[u8], greens: &[u8], blues: &[u8]) -> Vec<[u8; 3]> {
    let of = |r: u8| greens.iter().flat_map(move |&g| blues.iter().map(move |&b| [r, g, b]));
    reds.iter().flat_map(|&r| of(r)).collect()
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.iter().zip(b).map(|(&a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

fn png(picture: &Picture) -> Vec<u8> {
    use image::ImageEncoder;
    let pixels: Vec<u8> = picture.rows().flatten().flatten().copied().collect();
    let (width, height) =
        (u32::try_from(picture.width()).unwrap(), u32::try_from(picture.height()).unwrap());
    let mut out = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut out);
    encoder.write_image(&pixels, width, height, image::ExtendedColorType::Rgba8).unwrap();
    out
}
