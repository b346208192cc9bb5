//! What unpacking a folder of a 7z archive may cost, told before an unpacker is built.
//!
//! Two dangers are left by the library. Windows: a few bytes of properties ask for 4 GB. Chains: what
//! one unpacker writes another may swallow without writing a byte (empty blocks of deflate), so that
//! neither input nor output bounds the work. So there may be one unpacker of any kind, and beside it
//! LZMA alone, which the library ends at the size the header says.

use sevenz_rust2::Block;

use super::super::codec::MOST_WINDOW;
use super::Visit;
use crate::container::Kind;
use crate::container::magic::le32;
use crate::message::Problem;

/// The coders of a folder, and what they unpack to in the end.
#[derive(Default)]
pub(super) struct Coders {
    list: Vec<Coder>,
    /// Size unpacked, in bytes.
    pub(super) size: u64,
}

/// One step of unpacking.
struct Coder {
    method: Vec<u8>,
    properties: Vec<u8>,
    /// Size of what it writes, in bytes, as the header says.
    size: u64,
}

/// What it costs to make a key of a password.
#[derive(Clone, Copy)]
pub(super) struct KeyDerivation {
    /// Rounds, as a power of two.
    power: u8,
    salt: usize,
}

/// Whether something may be unpacked.
pub(super) trait Fence {
    /// Pays for beginning; `false` where it asks for too much.
    fn pass(&self, visit: &mut Visit<'_>) -> bool;
}

const AES: &[u8] = b"\x06\xF1\x07\x01";
const BZIP2: &[u8] = b"\x04\x02\x02";
const DEFLATE: &[u8] = b"\x04\x01\x08";
const LZMA: &[u8] = b"\x03\x01\x01";
const LZMA2: &[u8] = b"\x21";
const PPMD: &[u8] = b"\x03\x04\x01";

/// Most steps a folder may have; BCJ2 with its four streams and AES takes six.
const MOST_CODERS: usize = 8;

/// Units of work of beginning with one unpacker.
const START: usize = 100_000;

/// Units of work of one byte that PPMd unpacks; what it predicts badly takes it that long.
const PPMD_BYTE: usize = 20;

/// Most rounds of key derivation, as a power of two; 7-Zip itself takes 19.
const MOST_POWER: u8 = 24;

impl Fence for Coders {
    fn pass(&self, visit: &mut Visit<'_>) -> bool {
        let window = self.list.iter().map(Coder::window).fold(0u64, u64::saturating_add);
        let others = self.list.iter().filter(|c| c.is_unpacker() && c.method != LZMA).count();
        let unpackers = self.list.iter().filter(|c| c.is_unpacker()).count();
        let chained: u64 = match unpackers {
            0 | 1 => 0,
            _ => self.list.iter().map(|c| c.size).fold(0, u64::saturating_add),
        };
        // PPMd takes its memory, and fills a part of it, before the first byte.
        let model = self.list.iter().filter(|c| c.method == PPMD).map(Coder::window).sum::<u64>();
        let work = usize::try_from(chained.saturating_add(model / 8)).unwrap_or(usize::MAX);
        let is_modest = self.list.len() <= MOST_CODERS
            && window <= MOST_WINDOW as u64
            && others <= 1
            && self.key_derivation().is_none_or(|k| k.power <= MOST_POWER);
        if !is_modest {
            visit.budget().note(Problem::Reader(Kind::SevenZip.name()));
        }
        is_modest && visit.budget().take_work(work.saturating_add(START))
    }
}

impl Coders {
    /// The coders of a folder that the library has read.
    pub(super) fn of_block(block: &Block) -> Coders {
        let coder = |(at, coder): (usize, &sevenz_rust2::Coder)| Coder {
            method: coder.encoder_method_id().to_vec(),
            properties: coder.properties().to_vec(),
            size: block.get_unpack_size_at_index(at),
        };
        let list = block.coders.iter().enumerate().map(coder).collect();
        Coders { list, size: block.get_unpack_size() }
    }

    /// The coders of the header that `header` is packed by (7zFormat.txt, "Packed Streams Info"
    /// and "Coders Info"); `None` where it has more than one folder, or makes no sense.
    pub(super) fn of_encoded_header(header: &[u8]) -> Option<Coders> {
        let mut reader = Reader(header.get(1..)?);
        let mut property = reader.byte()?;
        if property == PACK_INFO {
            reader.number()?;
            let streams = reader.number()?;
            // Sizes and checksums of the packed streams.
            loop {
                match reader.byte()? {
                    END => break,
                    SIZE => (0..streams).try_for_each(|_| reader.number().map(drop))?,
                    CRC => reader.checksums(streams)?,
                    _ => return None,
                }
            }
            property = reader.byte()?;
        }
        let is_one = property == UNPACK_INFO
            && reader.byte()? == FOLDER
            && reader.number()? == 1
            && reader.byte()? == 0;
        if !is_one {
            return None;
        }
        let mut list = reader.folder()?;
        if reader.byte()? != UNPACK_SIZE {
            return None;
        }
        for coder in &mut list {
            coder.size = reader.number()?;
        }
        // Which of them is the last to write does not matter here.
        let size = list.iter().map(|c| c.size).max()?;
        Some(Coders { list, size })
    }

    /// Units of work that it takes to unpack `size` bytes, over what every unpacker takes.
    pub(super) fn work(&self, size: u64) -> usize {
        let rate = if self.list.iter().any(|c| c.method == PPMD) { PPMD_BYTE } else { 0 };
        usize::try_from(size).unwrap_or(usize::MAX).saturating_mul(rate)
    }

    /// Whether a password is needed.
    pub(super) fn is_encrypted(&self) -> bool {
        self.list.iter().any(|c| c.method == AES)
    }

    /// How the key is made where a password is needed.
    pub(super) fn key_derivation(&self) -> Option<KeyDerivation> {
        let aes = self.list.iter().find(|c| c.method == AES)?;
        let (first, second) = (aes.properties.first(), aes.properties.get(1));
        let (first, second) = (*first.unwrap_or(&0), *second.unwrap_or(&0));
        let power = match first & 0x3F {
            // The password is the key.
            0x3F => 0,
            power => power,
        };
        Some(KeyDerivation { power, salt: usize::from(first >> 7) + usize::from(second >> 4) })
    }
}

impl KeyDerivation {
    /// Units of work for `password`: bytes that go through SHA-256.
    pub(super) fn work(self, password: &str) -> usize {
        let round = self.salt + 2 * password.chars().count() + 8;
        round.saturating_mul(1 << self.power.min(MOST_POWER))
    }
}

impl Coder {
    fn is_unpacker(&self) -> bool {
        [BZIP2, DEFLATE, LZMA, LZMA2, PPMD].contains(&self.method.as_slice())
    }

    /// Bytes it may keep of what it wrote. 7-Zip asks for a window larger than the whole where it
    /// packs at its highest level, and the library lets windows grow as they fill.
    fn window(&self) -> u64 {
        let asked = match self.method.as_slice() {
            PPMD => return le32(&self.properties, 1).unwrap_or(u32::MAX).into(),
            LZMA => le32(&self.properties, 1).unwrap_or(u32::MAX).into(),
            LZMA2 => match self.properties.first() {
                Some(&bits @ 0..40) => u64::from(2 | bits & 1) << (bits / 2 + 11),
                _ => u32::MAX.into(),
            },
            _ => 0,
        };
        asked.min(self.size)
    }
}

const END: u8 = 0x00;
const PACK_INFO: u8 = 0x06;
const UNPACK_INFO: u8 = 0x07;
const SIZE: u8 = 0x09;
const CRC: u8 = 0x0A;
const FOLDER: u8 = 0x0B;
const UNPACK_SIZE: u8 = 0x0C;

/// Takes what a header holds, one after the other.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn bytes(&mut self, count: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(count).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    /// The leading ones of the first byte say how many bytes follow; the rest of it are the
    /// highest bits.
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let low = self.bytes(more.into())?;
        let low = low.iter().rev().fold(0u64, |n, &b| n << 8 | u64::from(b));
        let high = u64::from(first) & (0x7F_u64 >> more);
        Some(high.checked_shl(8 * more).unwrap_or(0) | low)
    }

    /// Checksums of `count` streams, a bit each where not all have one.
    fn checksums(&mut self, count: u64) -> Option<()> {
        let set = match self.byte()? {
            0 => {
                let bits = self.bytes(count.div_ceil(8))?;
                bits.iter().map(|b| u64::from(b.count_ones())).sum()
            }
            _ => count,
        };
        self.bytes(set.checked_mul(4)?).map(drop)
    }

    fn folder(&mut self) -> Option<Vec<Coder>> {
        let count = self.number().filter(|&n| n <= MOST_CODERS as u64)?;
        let (mut list, mut inputs) = (Vec::new(), 0u64);
        for _ in 0..count {
            let flags = self.byte()?;
            let method = self.bytes(u64::from(flags & 0x0F))?.to_vec();
            let (inputs_here, outputs) = match flags & 0x10 {
                0 => (1, 1),
                _ => (self.number()?, self.number()?),
            };
            // No coder in use writes two streams.
            if outputs != 1 || inputs_here > MOST_CODERS as u64 {
                return None;
            }
            inputs += inputs_here;
            let properties = match flags & 0x20 {
                0 => Vec::new(),
                _ => {
                    let length = self.number()?;
                    self.bytes(length)?.to_vec()
                }
            };
            list.push(Coder { method, properties, size: 0 });
        }
        let bound = count.checked_sub(1)?;
        for _ in 0..2 * bound {
            self.number()?;
        }
        let packed = inputs.checked_sub(bound)?;
        if packed > 1 {
            (0..packed).try_for_each(|_| self.number().map(drop))?;
        }
        Some(list)
    }
}
