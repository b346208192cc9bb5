//! A small picture with transparency, and how the images of icons are decoded into one.
//!
//! Way in: [`Picture::from_icon_image`] for one image of an icon as a program or an icon file holds
//! it: a PNG file, or a bitmap without file header whose height counts its mask too. Sides are at
//! most [`MOST_SIDE`]; nothing is allocated before that is known. What cannot be read is `None`.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::png::PngDecoder;

use crate::container::magic::{le16, le32};

/// Longest side of an icon that is looked at, in pixels; Windows itself shows none above 256.
pub const MOST_SIDE: usize = 512;

/// Shortest side that is looked at, in pixels: below it everything is a dot.
pub const LEAST_SIDE: usize = 8;

/// Red, green, blue, opacity.
pub type Pixel = [u8; 4];

/// Pixels row by row from the top, colours not multiplied by opacity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<Pixel>,
}

impl Picture {
    /// A picture of as many pixels as its sides say; `None` where they say otherwise.
    pub fn new(width: usize, height: usize, pixels: Vec<Pixel>) -> Option<Picture> {
        let sides = LEAST_SIDE..=MOST_SIDE;
        let fits = sides.contains(&width) && sides.contains(&height);
        (fits && pixels.len() == width * height).then_some(Picture { width, height, pixels })
    }

    /// Decodes one image of an icon.
    pub fn from_icon_image(bytes: &[u8]) -> Option<Picture> {
        match bytes.starts_with(b"\x89PNG") {
            true => Picture::from_png(bytes),
            false => bitmap(bytes),
        }
    }

    /// Decodes a PNG file.
    pub fn from_png(bytes: &[u8]) -> Option<Picture> {
        let mut limits = image::Limits::default();
        let most = u32::try_from(MOST_SIDE).ok()?;
        (limits.max_image_width, limits.max_image_height) = (Some(most), Some(most));
        limits.max_alloc = Some(16 * (MOST_SIDE * MOST_SIDE) as u64);
        let mut decoder = PngDecoder::with_limits(Cursor::new(bytes), limits.clone()).ok()?;
        decoder.set_limits(limits).ok()?;
        let (width, height) = decoder.dimensions();
        if width > most || height > most {
            return None;
        }
        let decoded = image::DynamicImage::from_decoder(decoder).ok()?.into_rgba8();
        let pixels = decoded.pixels().map(|p| p.0).collect();
        Picture::new(usize::try_from(width).ok()?, usize::try_from(height).ok()?, pixels)
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The rows, from the top.
    pub fn rows(&self) -> impl Iterator<Item = &[Pixel]> {
        self.pixels.chunks_exact(self.width)
    }
}

/// Size of a BITMAPINFOHEADER.
const HEADER: usize = 40;

/// An uncompressed bitmap: header, palette, colours, then the mask of one bit a pixel, where set
/// bits are transparent. Rows stand from the bottom and are padded to four bytes.
fn bitmap(bytes: &[u8]) -> Option<Picture> {
    let header = usize::try_from(le32(bytes, 0)?).ok()?;
    let (width, doubled) = (side(le32(bytes, 4)?)?, le32(bytes, 8)?);
    let height = side(doubled / 2)?;
    let (depth, compression) = (le16(bytes, 14)?, le32(bytes, 16)?);
    // BI_RGB, or BI_BITFIELDS where it says the usual masks.
    if header < HEADER || !matches!(compression, 0 | 3) {
        return None;
    }
    let told = usize::try_from(le32(bytes, 32)?).ok()?;
    let colours = match depth {
        1 | 4 | 8 if told == 0 => 1 << depth,
        1 | 4 | 8 => told.min(1 << depth),
        24 | 32 => 0,
        _ => return None,
    };
    let masks = if compression == 3 && header == HEADER { 12 } else { 0 };
    let rest = bytes.get(header..)?.get(masks..)?;
    let (palette, rest) = rest.split_at_checked(colours * 4)?;
    let stride = row_bytes(width, usize::from(depth));
    let (colour_rows, mask) = rest.split_at_checked(stride * height)?;
    let mut rows: Vec<Vec<Pixel>> =
        colour_rows.chunks_exact(stride).map(|r| colour_row(r, depth, palette, width)).collect();
    let has_alpha = depth == 32 && rows.iter().flatten().any(|p| p[3] != 0);
    if !has_alpha {
        let mask_rows = mask.chunks(row_bytes(width, 1)).map(Some);
        for (row, mask) in rows.iter_mut().zip(mask_rows.chain(std::iter::repeat(None))) {
            for (x, pixel) in row.iter_mut().enumerate() {
                let is_hidden =
                    mask.and_then(|m| m.get(x / 8)).is_some_and(|b| b << (x % 8) & 0x80 != 0);
                pixel[3] = if is_hidden { 0 } else { 0xFF };
            }
        }
    }
    Picture::new(width, height, rows.into_iter().rev().flatten().collect())
}

fn side(value: u32) -> Option<usize> {
    usize::try_from(value).ok().filter(|s| (LEAST_SIDE..=MOST_SIDE).contains(s))
}

fn row_bytes(width: usize, depth: usize) -> usize {
    (width * depth).div_ceil(32) * 4
}

/// The pixels of one row; opacity is what the fourth byte says, 0 where there is none.
fn colour_row(row: &[u8], depth: u16, palette: &[u8], width: usize) -> Vec<Pixel> {
    let of_palette = |at: u8| match palette.get(usize::from(at) * 4..).and_then(<[u8]>::first_chunk)
    {
        Some(&[b, g, r, _]) => [r, g, b, 0],
        None => [0; 4],
    };
    let pixels: Vec<Pixel> = match depth {
        1 => row
            .iter()
            .flat_map(|b| (0..8).map(move |bit| b >> (7 - bit) & 1))
            .map(of_palette)
            .take(width)
            .collect(),
        4 => row.iter().flat_map(|b| [b >> 4, b & 0xF]).map(of_palette).take(width).collect(),
        8 => row.iter().copied().map(of_palette).take(width).collect(),
        24 => row.as_chunks::<3>().0.iter().map(|&[b, g, r]| [r, g, b, 0]).take(width).collect(),
        _ => row.as_chunks::<4>().0.iter().map(|&[b, g, r, a]| [r, g, b, a]).take(width).collect(),
    };
    pixels
}
