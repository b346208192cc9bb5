//! FNV-1a for the registry's tables: its words are a few letters long, where the standard
//! library's hash costs more than the comparison it saves. The tables are made from settings alone
//! and never grow with mail, so that nobody can make their entries collide.

use std::hash::{BuildHasher, Hasher};

/// Builds [`Fnv1a`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fnv;

/// FNV-1a, 64 bits.
#[derive(Debug)]
pub(super) struct Fnv1a(u64);

impl BuildHasher for Fnv {
    type Hasher = Fnv1a;

    fn build_hasher(&self) -> Fnv1a {
        Fnv1a(START)
    }
}

impl Hasher for Fnv1a {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| step(hash, *byte));
    }

    /// Keys that are hashes already.
    fn write_u64(&mut self, key: u64) {
        self.0 ^= key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Hash of a word given letter by letter.
pub(super) fn of_bytes<'w>(bytes: impl Iterator<Item = &'w u8>) -> u64 {
    bytes.fold(START, |hash, byte| step(hash, *byte))
}

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
}

const START: u64 = 0xcbf2_9ce4_8422_2325;
