//! Pictures in a file, for the QR codes in them.
//!
//! JPEGs are files of their own and are told as such; pictures packed by other filters are
//! unpacked to grey pixels and looked at here.

use super::file::{Pdf, Stored};
use super::object::{Dict, Object};
use crate::container::qr::{self, Grey, luma};
use crate::container::{Content, Encryption, Member, Role, Visit};

/// Looks at the pictures with these indices, as far as the first [`MOST_PIXELS`].
pub(super) fn read(pdf: &Pdf<'_>, pictures: &[usize], visit: &mut Visit<'_>) {
    let mut left = MOST_PIXELS;
    for &index in pictures {
        let Some(stored) = pdf.stored(index, visit) else { continue };
        let Some(dict) = stored.object.dict() else { continue };
        let size = |key| pdf.value(dict, key, visit).and_then(|v| v.count());
        let [width, height] = ["Width", "Height"].map(size);
        let (Some(width), Some(height)) = (width, height) else { continue };
        if !qr::is_worth_looking(width, height) {
            continue;
        }
        let Some(rest) = left.checked_sub(width * height) else {
            // A book of scanned pages; what is sent to be scanned with a phone comes first.
            visit.damaged("more pictures than are looked at");
            return;
        };
        left = rest;
        look(pdf, &stored, dict, (width, height), visit);
    }
}

/// Pixels looked at in one file: some ten scanned pages.
const MOST_PIXELS: usize = 60_000_000;

fn look(
    pdf: &Pdf<'_>,
    stored: &Stored,
    dict: &Dict,
    (width, height): (usize, usize),
    visit: &mut Visit<'_>,
) {
    let Some(unpacked) = pdf.unpacked(stored, visit) else { return };
    match unpacked.left.as_deref() {
        Some(b"DCTDecode" | b"DCT") => {
            visit.member(Member {
                names: Vec::new(),
                size: unpacked.data.len() as u64,
                encryption: Encryption::Clear,
                role: Role::Embedded,
                content: Content::Whole(unpacked.data.into()),
            });
        }
        Some(_) => {}
        None => {
            if !visit.budget().take_work(width * height) {
                return;
            }
            let colours = Colours::of(pdf, dict, visit);
            if let Some(pixels) = colours.and_then(|c| c.grey(&unpacked.data, width, height)) {
                qr::look(&Grey { width, pixels }, visit);
            }
        }
    }
}

/// How samples become colours (ISO 32000-1, 8.9.5).
struct Colours {
    /// Bits of a sample: 1, 2, 4 or 8.
    bits: usize,
    /// Samples of a pixel.
    channels: usize,
    /// Brightness of each colour that a sample may name.
    palette: Option<Vec<u8>>,
}

impl Colours {
    fn of(pdf: &Pdf<'_>, dict: &Dict, visit: &mut Visit<'_>) -> Option<Colours> {
        let is_mask = pdf.value(dict, "ImageMask", visit) == Some(Object::Bool(true));
        if is_mask {
            return Some(Colours { bits: 1, channels: 1, palette: None });
        }
        let bits = pdf.value(dict, "BitsPerComponent", visit).and_then(|b| b.count());
        let bits = bits.filter(|b| matches!(b, 1 | 2 | 4 | 8))?;
        let space = pdf.value(dict, "ColorSpace", visit)?;
        if let [Object::Name(name), base, _, table, ..] = space.values()
            && matches!(name.as_slice(), b"Indexed" | b"I")
        {
            let base = pdf.resolve(base, visit)?.object;
            let channels = channels(&base, pdf, visit)?;
            let table = pdf.resolve(table, visit)?;
            let unpacked = pdf.unpacked(&table, visit);
            let colours = table.object.bytes().or(unpacked.as_ref().map(|u| u.data.as_slice()))?;
            let palette = colours.chunks_exact(channels).map(brightness).collect();
            return Some(Colours { bits, channels: 1, palette: Some(palette) });
        }
        Some(Colours { bits, channels: channels(&space, pdf, visit)?, palette: None })
    }

    /// Grey pixels; rows that are missing are white.
    fn grey(&self, data: &[u8], width: usize, height: usize) -> Option<Vec<u8>> {
        let row = (width * self.channels * self.bits).div_ceil(8);
        let mut pixels = Vec::with_capacity(width * height);
        for line in data.chunks(row.max(1)).take(height) {
            let from = pixels.len();
            match (self.bits, &self.palette) {
                (8, None) if self.channels == 1 => pixels.extend_from_slice(line),
                (8, None) => pixels.extend(line.chunks_exact(self.channels).map(brightness)),
                _ if self.channels == 1 => {
                    let samples = line.iter().flat_map(|&byte| self.samples(byte));
                    pixels.extend(samples.take(width).map(|s| self.shade(s)));
                }
                _ => {
                    let samples: Vec<u8> = line
                        .iter()
                        .flat_map(|&byte| self.samples(byte))
                        .map(|s| self.shade(s))
                        .collect();
                    pixels.extend(samples.chunks_exact(self.channels).map(brightness));
                }
            }
            pixels.resize(from + width, 255);
        }
        pixels.resize(width * height, 255);
        Some(pixels)
    }

    fn samples(&self, byte: u8) -> impl Iterator<Item = u8> {
        let (bits, mask) = (self.bits, (1u16 << self.bits) - 1);
        (1..=8 / bits).map(move |i| (u16::from(byte) >> (8 - i * bits) & mask) as u8)
    }

    fn shade(&self, sample: u8) -> u8 {
        match &self.palette {
            Some(palette) => palette.get(usize::from(sample)).copied().unwrap_or(255),
            None => (u16::from(sample) * 255 / ((1u16 << self.bits) - 1)) as u8,
        }
    }
}

/// How many samples a pixel of a colour space has.
fn channels(space: &Object, pdf: &Pdf<'_>, visit: &mut Visit<'_>) -> Option<usize> {
    let values = space.values();
    Some(match values.first()?.name()? {
        b"DeviceGray" | b"CalGray" | b"G" | b"Separation" => 1,
        b"DeviceRGB" | b"CalRGB" | b"RGB" | b"Lab" => 3,
        b"DeviceCMYK" | b"CMYK" => 4,
        b"ICCBased" => {
            let profile = pdf.resolve(values.get(1)?, visit)?.object;
            profile.dict()?.count("N").filter(|n| matches!(n, 1 | 3 | 4))?
        }
        _ => return None,
    })
}

/// Brightness of a pixel of one, three or four samples.
fn brightness(pixel: &[u8]) -> u8 {
    match *pixel {
        [grey] => grey,
        [r, g, b] => luma(r, g, b),
        [c, m, y, k] => luma(255 - c, 255 - m, 255 - y).saturating_sub(k),
        _ => 255,
    }
}
