//! Picture files to grey pixels, by the `image` crate.

use std::io::Cursor;

use image::{ColorType, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::{Grey, MOST_PIXELS, is_worth_looking};
use crate::container::{Kind, Visit};

/// The pixels of a picture file, on white; `None` where they are too few or too many to hold a
/// code, or are no picture. What is damaged is taken as far as it goes, as viewers do.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) -> Option<Grey> {
    let format = format(visit.kind())?;
    let mut reader = ImageReader::with_format(Cursor::new(content), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    // What has no header to go by shows nowhere.
    let decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    if !is_worth_looking(width, height) {
        return None;
    }
    let color = decoder.color_type();
    let bytes = usize::try_from(decoder.total_bytes()).ok()?;
    let scans = match format {
        ImageFormat::Jpeg => scans(content),
        ImageFormat::WebP => WEBP_SCANS,
        _ => 1,
    };
    if bytes as u64 > MOST_BYTES
        || !visit.budget().take_work((width * height).saturating_mul(scans))
    {
        return None;
    }
    let mut raw = vec![0; bytes];
    // Damage leaves what was decoded before it.
    let _ = decoder.read_image(&mut raw);
    let pixels = grey(raw, color)?;
    (pixels.len() == width * height).then_some(Grey { width, pixels })
}

fn format(kind: Kind) -> Option<ImageFormat> {
    Some(match kind {
        Kind::Bmp => ImageFormat::Bmp,
        Kind::Gif => ImageFormat::Gif,
        Kind::Jpeg => ImageFormat::Jpeg,
        Kind::Png => ImageFormat::Png,
        Kind::WebP => ImageFormat::WebP,
        _ => return None,
    })
}

/// Largest decoded picture in memory: four channels of 8 bits.
const MOST_BYTES: u64 = 4 * MOST_PIXELS as u64;

/// How many times as long as another picture a WebP takes: colours and transparency are two
/// pictures, in formats of their own.
const WEBP_SCANS: usize = 2;

/// How often a progressive JPEG goes over its pixels; a scan over all of them takes few bytes.
fn scans(jpeg: &[u8]) -> usize {
    memchr::memmem::find_iter(jpeg, b"\xFF\xDA").count().max(1)
}

/// One byte a pixel.
fn grey(raw: Vec<u8>, color: ColorType) -> Option<Vec<u8>> {
    let mix = |[r, g, b]: [u8; 3]| luma(r, g, b);
    let over = |grey: u8, alpha: u8| {
        let (grey, alpha) = (u32::from(grey), u32::from(alpha));
        ((grey * alpha + 255 * (255 - alpha)) / 255) as u8
    };
    let high = |pair: [u8; 2]| (u16::from_ne_bytes(pair) >> 8) as u8;
    Some(match color {
        ColorType::L8 => raw,
        ColorType::La8 => raw.as_chunks().0.iter().map(|&[l, a]| over(l, a)).collect(),
        ColorType::Rgb8 => raw.as_chunks().0.iter().map(|&rgb| mix(rgb)).collect(),
        ColorType::Rgba8 => {
            raw.as_chunks().0.iter().map(|&[r, g, b, a]| over(mix([r, g, b]), a)).collect()
        }
        ColorType::L16 => raw.as_chunks().0.iter().map(|&pair| high(pair)).collect(),
        ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16 => {
            let narrow: Vec<u8> = raw.as_chunks().0.iter().map(|&pair| high(pair)).collect();
            let color = match color {
                ColorType::La16 => ColorType::La8,
                ColorType::Rgb16 => ColorType::Rgb8,
                _ => ColorType::Rgba8,
            };
            return grey(narrow, color);
        }
        _ => return None,
    })
}

/// Brightness of a colour (ITU-R BT.601).
pub(in crate::container) fn luma(r: u8, g: u8, b: u8) -> u8 {
    ((77 * u32::from(r) + 150 * u32::from(g) + 29 * u32::from(b)) >> 8) as u8
}
