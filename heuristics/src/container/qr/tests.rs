//! Codes drawn in pictures of every size, turned, inverted, in crowds.

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgba, RgbaImage};
use proptest::prelude::*;

use super::drawing::{OTHER, blank, code, draw, draw_modules, encode};
use crate::container::observation::Observation;
use crate::container::tree::check::{tree, work};

/// The texts of the codes in a picture file, and the problems.
fn codes(file: &[u8]) -> Vec<String> {
    let (files, problems) = tree("a.png", file, &[]);
    let text = |seen: &Observation| match seen {
        Observation::QrCode(text) => text.clone(),
        other => format!("{other:?}"),
    };
    let seen = files.iter().flat_map(|f| f.observations.iter().map(text));
    seen.chain(problems.iter().map(ToString::to_string)).collect()
}

const URL: &str = "https://qr.example/a";

#[track_caller]
fn check(picture: impl Into<DynamicImage>, expected: &[&str]) {
    assert_eq!(codes(&encode(picture, ImageFormat::Png)), expected);
}

#[test]
fn in_pictures_of_every_format() {
    for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::WebP] {
        let picture = DynamicImage::from(code(3)).to_rgba8();
        assert_eq!(codes(&encode(picture, format)), [URL], "{format:?}");
    }
    assert_eq!(codes(&encode(code(3), ImageFormat::Jpeg)), [URL]);
}

#[test]
fn of_any_size_of_module() {
    for scale in [1, 2, 3, 4, 5, 8, 13, 20, 37, 60] {
        assert_eq!(codes(&encode(code(scale), ImageFormat::Png)), [URL], "{scale}");
    }
}

#[test]
fn light_on_dark() {
    let mut picture = DynamicImage::from(code(4));
    picture.invert();
    check(picture, &[URL]);
}

#[test]
fn turned() {
    for degrees in [7.0, 30.0, 45.0, 90.0, 180.0, 213.0] {
        let mut on = blank(300, 300);
        draw(&mut on, (80, 80), 5.0, degrees);
        assert_eq!(codes(&encode(on, ImageFormat::Png)), [URL], "{degrees}");
    }
}

#[test]
fn of_modules_of_no_whole_pixels() {
    for scale in [1.7_f32, 2.3, 3.1, 4.6] {
        let mut on = blank(300, 300);
        draw(&mut on, (80, 80), scale, 0.0);
        assert_eq!(codes(&encode(on, ImageFormat::Png)), [URL], "{scale}");
    }
}

#[test]
fn small_in_a_large_picture() {
    let mut on = GrayImage::from_fn(1200, 800, |x, y| Luma([((x / 7 + y / 5) % 200) as u8]));
    image::imageops::replace(&mut on, &code(3), 900, 500);
    check(on, &[URL]);
}

#[test]
fn without_a_quiet_zone() {
    let mut on = blank(100, 100);
    draw(&mut on, (0, 0), 4.0, 0.0);
    check(on, &[URL]);
}

#[test]
fn several() {
    let mut on = blank(600, 200);
    draw(&mut on, (20, 20), 4.0, 0.0);
    draw(&mut on, (160, 20), 4.0, 0.0);
    draw_modules(&OTHER, &mut on, (300, 20), 4.0, 0.0);
    draw_modules(&OTHER, &mut on, (420, 90), 3.0, 0.0);
    check(on, &["HTTP://B.EXAMPLE/", URL]);
}

#[test]
fn transparent_pixels_are_white() {
    let code = code(3);
    let picture = RgbaImage::from_fn(code.width(), code.height(), |x, y| {
        if code.get_pixel(x, y).0[0] < 128 { Rgba([0, 0, 0, 255]) } else { Rgba([0, 0, 0, 0]) }
    });
    check(picture, &[URL]);
}

#[test]
fn in_sixteen_bits_and_colours() {
    check(DynamicImage::from(code(3)).to_luma16(), &[URL]);
    check(DynamicImage::from(code(3)).to_rgba16(), &[URL]);
    let code = code(3);
    let coloured = image::RgbImage::from_fn(code.width(), code.height(), |x, y| {
        image::Rgb(if code.get_pixel(x, y).0[0] < 128 { [0, 40, 160] } else { [255, 230, 120] })
    });
    check(coloured, &[URL]);
}

#[test]
fn a_cut_picture_gives_what_can_be_seen() {
    let mut on = blank(200, 400);
    draw(&mut on, (20, 20), 4.0, 0.0);
    let file = encode(on, ImageFormat::Bmp);
    let seen = codes(&file[..file.len() * 2 / 3]);
    assert_eq!(seen, [""; 0], "rows of a bitmap come from below");
    let mut on = blank(200, 400);
    draw(&mut on, (20, 280), 4.0, 0.0);
    let file = encode(on, ImageFormat::Bmp);
    let seen = codes(&file[..file.len() * 2 / 3]);
    assert_eq!(seen, [URL]);
}

#[test]
fn pictures_without_a_code_say_nothing() {
    check(blank(600, 200), &[]);
    check(blank(20, 20), &[]);
    check(GrayImage::from_fn(200, 200, |x, y| Luma([255 * ((x ^ y) & 1) as u8])), &[]);
    let mut pattern = blank(200, 200);
    draw(&mut pattern, (10, 10), 4.0, 0.0);
    let alone = image::imageops::crop_imm(&pattern, 0, 0, 42, 200).to_image();
    check(alone, &[]);
}

/// Finder patterns, `apart` modules from each other.
fn crowd(side: u32, module: u32, apart: u32) -> GrayImage {
    GrayImage::from_fn(side, side, |x, y| {
        let [x, y] = [x, y].map(|at| at / module % apart);
        let ring = x.abs_diff(3).max(y.abs_diff(3));
        Luma([if ring <= 1 || ring == 3 { 0 } else { 255 }])
    })
}

#[test]
fn a_crowd_of_finder_patterns_is_told_and_ends() {
    let said = "picture: cannot be read to its end; the rest was not looked at";
    check(crowd(900, 4, 9), &[said]);
}

#[test]
fn what_a_crowd_makes_the_library_do_is_paid_for() {
    // A tenth of a second, in a picture that a thousand times fits into a mail.
    let picture = encode(crowd(500, 3, 12), ImageFormat::Png);
    assert!(picture.len() < 30_000, "{}", picture.len());
    let work = work(&picture, &[]);
    assert!(work > 5_000_000, "{work}");
}

#[test]
fn a_webp_costs_more_than_its_pixels() {
    assert_eq!(work(&encode(blank(300, 200), ImageFormat::Png), &[]), 60_000);
    let picture = DynamicImage::from(blank(300, 200)).to_rgba8();
    assert_eq!(work(&encode(picture, ImageFormat::WebP), &[]), 120_000);
}

/// Noise, as of a photograph taken in the dark or a scan in black and white.
fn grain(side: u32) -> GrayImage {
    let mut state = 7u32;
    GrayImage::from_fn(side, side, |_, _| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        Luma([255 * (state >> 7 & 1) as u8])
    })
}

#[test]
fn grain_is_no_crowd_of_finder_patterns() {
    check(grain(1200), &[]);
}

#[test]
fn a_code_in_grain_is_read() {
    let mut on = grain(1200);
    for (x, y, pixel) in on.enumerate_pixels_mut() {
        if (380..580).contains(&x) && (380..580).contains(&y) {
            *pixel = Luma([255]);
        }
    }
    draw(&mut on, (420, 420), 5.0, 0.0);
    check(on, &[URL]);
}

#[test]
fn a_picture_too_large_is_not_looked_at() {
    // The header of a PNG of 100,000 × 100,000 pixels, and no more.
    let mut file = encode(blank(100, 100), ImageFormat::Bmp);
    file[18..22].copy_from_slice(&60_000u32.to_le_bytes());
    file[22..26].copy_from_slice(&60_000u32.to_le_bytes());
    assert_eq!(codes(&file), [""; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_damage_stops_us(
        format in 0..5usize,
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..8),
        cut: usize,
    ) {
        use ImageFormat::*;
        let format = [Png, Jpeg, Gif, Bmp, WebP][format];
        let picture = DynamicImage::from(code(1)).to_rgb8();
        let mut file = encode(picture, format);
        let len = file.len();
        for (at, byte) in changes {
            file[at % len] = byte;
        }
        file.truncate(cut % (2 * len));
        codes(&file);
    }

    #[test]
    fn noise_ends(seed: u32, size in 21..200usize, scale in 1..6usize) {
        let mut state = seed | 1;
        let bits: Vec<u8> = (0..size * size).map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            255 * (state >> 7 & 1) as u8
        }).collect();
        let side = size as u32;
        let noise = GrayImage::from_fn(side, side, |x, y| {
            Luma([bits[y as usize / scale * size + x as usize / scale]])
        });
        let seen = codes(&encode(noise, ImageFormat::Bmp));
        prop_assert!(!seen.iter().any(|s| s.contains("http")), "{seen:?}");
    }
}
