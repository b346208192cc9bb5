//! A bitmap that counts how often a pixel is looked at, and ends whoever looks too often.
//!
//! Way in: [`Counted::new`]. What `rqrr` does with a picture cannot be told from its size: every three
//! patterns that may be one code are measured some hundred times over. The only thing that grows with
//! all of it is how many pixels it asks for.
//!
//! Invariant: when no look is left, the next unwinds the stack, without a word in the log; so it is
//! used below `catch_unwind` alone.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::rc::Rc;

use image::{GenericImage, GenericImageView, GrayImage, Luma};

use super::bitmap::Bitmap;

/// A bitmap and the looks that are left, for all its copies together.
pub(super) struct Counted {
    pixels: GrayImage,
    left: Rc<Cell<usize>>,
}

/// Pixels that are copied in the time of a look at one.
const COPIED_AT_ONCE: usize = 16;

/// What unwinds the stack.
struct Spent;

impl Counted {
    /// A copy of the bitmap; `None` where its sides say something else than its pixels.
    pub(super) fn new(bitmap: &Bitmap, left: Rc<Cell<usize>>) -> Option<Counted> {
        let [width, height] =
            [bitmap.width(), bitmap.height()].map(|side| u32::try_from(side).ok());
        let pixels = bitmap.rows().flatten().copied().collect();
        Some(Counted { pixels: GrayImage::from_raw(width?, height?, pixels)?, left })
    }

    fn take(&self, looks: usize) {
        let left = self.left.get();
        self.left.set(left.saturating_sub(looks));
        if looks > left {
            resume_unwind(Box::new(Spent));
        }
    }
}

impl Clone for Counted {
    fn clone(&self) -> Counted {
        self.take(self.pixels.len() / COPIED_AT_ONCE);
        Counted { pixels: self.pixels.clone(), left: self.left.clone() }
    }
}

impl GenericImageView for Counted {
    type Pixel = Luma<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.pixels.dimensions()
    }

    fn get_pixel(&self, x: u32, y: u32) -> Luma<u8> {
        self.take(1);
        *self.pixels.get_pixel(x, y)
    }
}

impl GenericImage for Counted {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        self.pixels.get_pixel_mut(x, y)
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.pixels.put_pixel(x, y, pixel);
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.pixels.put_pixel(x, y, pixel);
    }
}

#[cfg(test)]
mod tests {
    use super::super::bitmap::DARK;
    use super::*;

    #[test]
    fn copies_take_from_the_same_looks() {
        let left = Rc::new(Cell::new(5));
        let one = Counted::new(&Bitmap::new(8, vec![DARK; 32]), left.clone()).unwrap();
        let other = one.clone();
        assert_eq!(
            (one.get_pixel(7, 3), other.get_pixel(0, 0), left.get()),
            (Luma([1]), Luma([1]), 1)
        );
    }

    #[test]
    fn the_look_too_many_unwinds() {
        let one = Counted::new(&Bitmap::new(1, vec![DARK]), Rc::new(Cell::new(0))).unwrap();
        let look = std::panic::AssertUnwindSafe(|| one.get_pixel(0, 0));
        assert!(std::panic::catch_unwind(look).is_err());
    }
}
