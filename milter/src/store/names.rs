//! Addresses as they are kept: as they are, or as keyed hashes.
//!
//! Way in: [`Names::open`]. A hash is `#` and 32 hex digits of HMAC-SHA-256, so it is never taken
//! for an address and never hashed twice. The key is made on first use ([`key_file`]); without it the memory of addresses is worth nothing, to anybody.

use std::io;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Question, Write};
use crate::key_file::{self, KEY_BYTES};

/// How addresses are kept.
#[derive(Clone)]
pub(super) struct Names {
    key: Option<[u8; KEY_BYTES]>,
}

impl Names {
    /// Addresses as they are.
    pub(super) fn plain() -> Names {
        Names { key: None }
    }

    /// Hashes by the key in `file`, which is made where it is missing.
    pub(super) fn open(file: &Path) -> io::Result<Names> {
        Ok(Names { key: Some(key_file::open(file)?) })
    }

    /// An address as it is kept.
    pub(super) fn of(&self, address: &str) -> String {
        match &self.key {
            Some(key) if !address.is_empty() && !is_hash(address) => hash(key, address),
            _ => address.to_owned(),
        }
    }

    /// Puts hashes in the place of addresses of correspondents.
    pub(super) fn conceal(&self, write: &mut Write) {
        if self.key.is_none() {
            return;
        }
        match write {
            Write::Met { address, .. } => *address = self.of(address),
            Write::Encrypted(sent) => sent.to = self.of(&sent.to),
            _ => {}
        }
    }

    /// A question about the same addresses, as they are kept.
    pub(super) fn concealed(&self, ask: &Question) -> Question {
        let mut ask = ask.clone();
        ask.sender = self.of(&ask.sender);
        ask.recipients.iter_mut().for_each(|(address, _)| *address = self.of(address));
        ask
    }

    /// Whether addresses are kept as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.key.is_none()
    }
}

fn hash(key: &[u8; KEY_BYTES], address: &str) -> String {
    // Every length is a good one for HMAC.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return "#".to_owned() };
    mac.update(address.to_lowercase().as_bytes());
    let half = mac.finalize().into_bytes();
    let digits = half.iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
    std::iter::once('#').chain(digits).collect()
}

fn is_hash(name: &str) -> bool {
    name.strip_prefix('#')
        .is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_not_hashed_again() {
        let names = Names { key: Some([7; KEY_BYTES]) };
        let once = names.of("a@b.example");
        assert_eq!(names.of(&once), once);
        assert_eq!(names.of(""), "");
        assert_eq!(Names::plain().of("a@b.example"), "a@b.example");
    }
}
