//! Draws QR codes for tests: a code's modules (made by `qrencode -l M`), placed in pictures.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma};

/// The modules of the code for `https://qr.example/a`, a row a number.
pub(in crate::container) const CODE: [u32; 25] = [
    0b1111111010101110001111111,
    0b1000001000011010001000001,
    0b1011101011001101001011101,
    0b1011101001011101001011101,
    0b1011101000110010001011101,
    0b1000001011010110001000001,
    0b1111111010101010101111111,
    0b0000000001100010000000000,
    0b1010001101010001000100101,
    0b0110010111010001111101011,
    0b1110111011001111011011101,
    0b0111010101010010101001000,
    0b1101101011000110111000001,
    0b0111110000000101101100011,
    0b1100001011010001000001101,
    0b0011000101000100001111000,
    0b1101001100011101111110010,
    0b0000000010101000100010001,
    0b1111111011101110101010001,
    0b1000001000011011100010000,
    0b1011101000100111111110001,
    0b1011101001100110010010110,
    0b1011101011110001010111011,
    0b1000001000000101110110000,
    0b1111111010111100101001001,
];

/// The modules of the code for `HTTP://B.EXAMPLE/`.
pub(in crate::container) const OTHER: [u32; 21] = [
    0b111111100010101111111,
    0b100000101010101000001,
    0b101110101011001011101,
    0b101110100000101011101,
    0b101110101111101011101,
    0b100000101110001000001,
    0b111111101010101111111,
    0b000000001000000000000,
    0b110100110011101110110,
    0b101011000101011011111,
    0b110100110011010010010,
    0b110011000100100101001,
    0b000110111011000010001,
    0b000000001111011000011,
    0b111111101011111110101,
    0b100000100011101010110,
    0b101110100101101101010,
    0b101110101111000000111,
    0b101110100101011101101,
    0b100000101100111110101,
    0b111111101100010100000,
];

/// A light picture of this size.
pub(in crate::container) fn blank(width: u32, height: u32) -> GrayImage {
    GrayImage::from_pixel(width, height, Luma([240]))
}

/// Draws [`CODE`] at a place, so many pixels a module, turned by an angle about its middle.
pub(in crate::container) fn draw(on: &mut GrayImage, at: (u32, u32), scale: f32, degrees: f32) {
    draw_modules(&CODE, on, at, scale, degrees);
}

/// The same of any code.
pub(in crate::container) fn draw_modules(
    code: &[u32],
    on: &mut GrayImage,
    at: (u32, u32),
    scale: f32,
    degrees: f32,
) {
    let size = code.len();
    let all = 0.0..size as f32;
    let middle = size as f32 / 2.0 * scale;
    let (sin, cos) = degrees.to_radians().sin_cos();
    let reach = (19.0 * scale) as i64;
    let (x, y) = (i64::from(at.0) + middle as i64, i64::from(at.1) + middle as i64);
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let (fx, fy) = (dx as f32 + 0.5, dy as f32 + 0.5);
            let column = ((fx * cos + fy * sin + middle) / scale).floor();
            let row = ((fy * cos - fx * sin + middle) / scale).floor();
            if !all.contains(&column) || !all.contains(&row) {
                continue;
            }
            let is_dark = code[row as usize] >> (size - 1 - column as usize) & 1 == 1;
            let (Ok(px), Ok(py)) = (u32::try_from(x + dx), u32::try_from(y + dy)) else { continue };
            if px < on.width() && py < on.height() {
                on.put_pixel(px, py, Luma([if is_dark { 20 } else { 250 }]));
            }
        }
    }
}

/// The code alone with a quiet zone.
pub(in crate::container) fn code(scale: u32) -> GrayImage {
    let mut on = blank(33 * scale, 33 * scale);
    draw(&mut on, (4 * scale, 4 * scale), scale as f32, 0.0);
    on
}

/// As a file.
pub(in crate::container) fn encode(
    picture: impl Into<DynamicImage>,
    format: ImageFormat,
) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.into().write_to(&mut out, format).unwrap();
    out.into_inner()
}
