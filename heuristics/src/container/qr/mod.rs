//! QR codes in pictures: PNG, JPEG, GIF, BMP, WebP, and pictures that other readers bring along.
//!
//! Way in: `read` for a picture file, `look` for grey pixels. Mails are full of pictures and hardly
//! any holds a code, so the common way is short: decode, tell dark from light (`bitmap`), look for
//! the 1:1:3:1:1 of finder patterns in the rows, dark on light and light on dark at once
//! (`finder`). Only where three of them stand as the corners of a square does `rqrr` get to see a
//! cut-out, with nothing but these three in it.
//!
//! The fence: size is read before pixels and paid for by pixel and scan; `rqrr`, whose time grows
//! with the number of finder patterns and of regions squared, gets three patterns that were seen
//! here, [`MOST_TRIES`] times in a picture, in cut-outs scaled to a few pixels a module. It may see
//! more patterns in them, so every pixel that it looks at is counted ([`counted`]) and paid for; a
//! panic in it costs that cut-out. Animations are looked at in their first frame. A picture too
//! large to be looked at is no finding: every camera makes those. Nor is grain, which is full of
//! tiny patterns and hides codes as tiny: photographs taken in the dark and scans in black and
//! white have it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use rqrr::PreparedImage;

use super::observation::{self, Observation};
use super::{Kind, Visit};
use crate::message::{Problem, charset};

mod bitmap;
mod counted;
#[cfg(test)]
pub(super) mod drawing;
mod finder;
mod picture;

use bitmap::Bitmap;
use counted::Counted;
pub(super) use picture::luma;

/// Pixels of a picture in grey, 0 is black.
pub(super) struct Grey {
    /// Pixels in a row; not 0.
    pub(super) width: usize,
    /// The rows, one after the other.
    pub(super) pixels: Vec<u8>,
}

/// Reads a picture file.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    if let Some(grey) = picture::read(content, visit) {
        look(&grey, visit);
    }
}

/// Tells of the QR codes in a picture whose pixels are paid for.
pub(super) fn look(grey: &Grey, visit: &mut Visit<'_>) {
    let Some(bitmap) = Bitmap::of(grey) else { return };
    let (patterns, all) = finder::patterns(&bitmap);
    let (squares, complete) = finder::squares(&patterns);
    if !all || !complete {
        note_crowd(visit);
    }
    let mut read = vec![false; patterns.len()];
    let mut tries = 0;
    for square in squares {
        if square.corners.iter().any(|&c| read.get(c) != Some(&false)) {
            continue;
        }
        tries += 1;
        if tries > MOST_TRIES {
            return note_crowd(visit);
        }
        let cut = square.cut_out(&bitmap, &patterns);
        if !visit.budget().take_work(cut.len()) {
            return;
        }
        let most = (visit.budget().work() / WORK_A_LOOK).min(MOST_LOOKS);
        let left = Rc::new(Cell::new(most));
        let text = decode(&cut, &left);
        // Never more than there is.
        visit.budget().take_work(WORK_A_LOOK * (most - left.get()));
        if left.get() == 0 {
            note_crowd(visit);
        }
        let Some(text) = text else { continue };
        visit.observe(Observation::QrCode(observation::excerpt(&text)));
        for corner in square.corners {
            if let Some(read) = read.get_mut(corner) {
                *read = true;
            }
        }
    }
}

/// Whether pictures of this size are worth decoding: smaller ones hold no code of one pixel a
/// module, larger ones are never looked at.
pub(super) fn is_worth_looking(width: usize, height: usize) -> bool {
    width.min(height) >= SMALLEST_SIDE
        && width.checked_mul(height).is_some_and(|pixels| pixels <= MOST_PIXELS)
}

/// Notes that there are more finder patterns than are tried: nobody means such a crowd to be read.
fn note_crowd(visit: &mut Visit<'_>) {
    visit.budget().note(Problem::Reader(Kind::Png.name()));
}

/// Modules on a side of the smallest code (version 1).
const SMALLEST_SIDE: usize = 21;

/// Largest picture looked at: more than any scanner or camera sends by mail.
const MOST_PIXELS: usize = 20_000_000;

/// Squares handed on in one picture; of a sheet of codes each is one, and hardly more.
const MOST_TRIES: usize = 40;

/// What `rqrr` takes for a look at a pixel, in units of work: most are at places that it computes
/// from the corners.
const WORK_A_LOOK: usize = 2;

/// Looks at pixels that a cut-out may take; the largest code in the worst light takes a tenth.
const MOST_LOOKS: usize = 40_000_000;

/// The text of the code in a cut-out; takes the looks at pixels that it needs from `left`.
fn decode(cut: &Bitmap, left: &Rc<Cell<usize>>) -> Option<String> {
    let bytes = catch_unwind(AssertUnwindSafe(|| {
        let picture = Counted::new(cut, left.clone())?;
        let mut prepared = PreparedImage::without_preparation(picture);
        prepared.detect_grids().iter().find_map(|grid| {
            let mut bytes = Vec::new();
            grid.decode_to(&mut bytes).ok().map(|_| bytes)
        })
    }));
    let bytes = bytes.ok().flatten()?;
    Some(match String::from_utf8(bytes) {
        Ok(text) => text,
        // Bytes without a charset are UTF-8 by custom, Shift_JIS in older codes (JIS X 0510).
        Err(bytes) => charset::decode(bytes.as_bytes(), Some("shift_jis"), None).text.into_owned(),
    })
}

#[cfg(test)]
mod tests;
