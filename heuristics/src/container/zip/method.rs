//! What members of a ZIP archive are packed by.
//!
//! Way in: [`unpack`]. Read are the methods in use for mail: stored, deflate, bzip2, LZMA, Zstandard,
//! xz. Told only: Deflate64, PPMd, WavPack and what came before deflate, for which there is no
//! reader here that is worth its weight.

use std::io::{self, Read};

use flate2::bufread::DeflateDecoder;

use crate::container::codec;

const STORED: u16 = 0;
/// Deflate.
pub(super) const DEFLATED: u16 = 8;
const BZIP2: u16 = 12;
const LZMA: u16 = 14;
const ZSTD: u16 = 93;
const XZ: u16 = 95;

/// Whether members packed by `method` can be unpacked.
pub(super) fn is_read(method: u16) -> bool {
    matches!(method, STORED | DEFLATED | BZIP2 | LZMA | ZSTD | XZ)
}

/// Units of work it takes to begin, however little is read.
pub(super) fn start(method: u16) -> usize {
    match method {
        BZIP2 => codec::BZIP2_START,
        LZMA | XZ => codec::LZMA_START,
        ZSTD => codec::ZSTD_START,
        _ => 0,
    }
}

/// Up to `limit` bytes of packed data that says it unpacks to `size`; damaged data gives what came
/// out before the damage.
pub(super) fn unpack(method: u16, data: &[u8], size: u64, limit: usize) -> Vec<u8> {
    let mut out = Vec::new();
    // What came out stays, whatever the error; the tree compares it with nothing.
    let _ = unpack_into(&mut out, method, data, size, limit as u64);
    out
}

fn unpack_into(
    out: &mut Vec<u8>,
    method: u16,
    data: &[u8],
    size: u64,
    limit: u64,
) -> io::Result<usize> {
    // Empty blocks could go on for ever for a few bytes; honest data shrinks to no less than this.
    let most_packed = limit.saturating_mul(4).saturating_add(1024);
    match method {
        STORED => data.take(limit).read_to_end(out),
        DEFLATED => DeflateDecoder::new(data.take(most_packed)).take(limit).read_to_end(out),
        BZIP2 => codec::bzip2(data).take(limit).read_to_end(out),
        LZMA => codec::lzma_of_zip(data, Some(size))?.take(limit).read_to_end(out),
        ZSTD => codec::zstd(data)?.take(limit).read_to_end(out),
        XZ => codec::xz(data).take(limit).read_to_end(out),
        _ => Ok(0),
    }
}
