//! The unpackers that several formats share, each behind its fence.
//!
//! Every function takes the packed bytes and gives a reader that ends, with or without an error,
//! after work in proportion to what goes in and what comes out. A window larger than
//! [`MOST_WINDOW`] is refused before anything is allocated: a few bytes can ask for 4 GB, and a
//! failed allocation cannot be caught. How much comes out is bounded by whoever reads.

use std::io::{self, Read};

use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::StreamingDecoder;

/// Most bytes that an unpacker may keep of what it wrote; 7-Zip's and xz's highest levels ask for
/// as much.
pub(super) const MOST_WINDOW: usize = 64 << 20;

/// Units of work that beginning with one bzip2 stream takes: it is unpacked in blocks of up to
/// 900,000 bytes, however few are read.
pub(super) const BZIP2_START: usize = 1_000_000;

/// The same of LZMA, whose tables are filled before the first byte.
pub(super) const LZMA_START: usize = 50_000;

/// The same of Zstandard: blocks of 128 KiB and their tables.
pub(super) const ZSTD_START: usize = 200_000;

/// The first bzip2 stream in `packed`.
pub(super) fn bzip2(packed: &[u8]) -> bzip2::bufread::BzDecoder<&[u8]> {
    bzip2::bufread::BzDecoder::new(packed)
}

/// All xz streams in `packed`.
pub(super) fn xz(packed: &[u8]) -> impl Read {
    XzReader::new_mem_limit(packed, true, WINDOW_KIB)
}

/// The first Zstandard frame in `packed`.
pub(super) fn zstd(packed: &[u8]) -> io::Result<StreamingDecoder<&[u8], ZstdFrame>> {
    let opened = StreamingDecoder::new_with_max_window_size(packed, MOST_WINDOW as u64);
    opened.map_err(io::Error::other)
}

/// What [`zstd`] keeps of a frame.
pub(super) type ZstdFrame = ruzstd::decoding::FrameDecoder;

/// LZMA as ZIP has it (APPNOTE 5.8.8): version, size of the properties, properties, data. `size` is
/// what comes out; `None` where an end mark tells.
pub(super) fn lzma_of_zip(packed: &[u8], size: Option<u64>) -> io::Result<impl Read> {
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let (header, rest) = packed.split_first_chunk::<9>().ok_or_else(cut)?;
    let [_, _, 5, 0, properties, window @ ..] = *header else { return Err(cut()) };
    let window = u32::from_le_bytes(window);
    if window as usize > MOST_WINDOW {
        return Err(io::Error::other("its window is too large"));
    }
    LzmaReader::new_with_props(rest, size.unwrap_or(u64::MAX), properties, window, None)
}

const WINDOW_KIB: u32 = (MOST_WINDOW / 1024) as u32 + 1024;
