//! Seals: what proves that a command was offered to somebody.
//!
//! Way in: [`Seals::open`], once, then [`Seals::seal`] when a notice is written and
//! [`Seals::is_genuine`] when a command comes. A seal is the first half of HMAC-SHA-256 over the
//! command, the hold's id and the address, by a key of this installation: it can be neither made nor
//! carried over to another mail, person or command. It is spent when the mail no longer waits.

use std::fmt;
use std::io;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Command;
use crate::key_file::{self, KEY_BYTES};

/// Makes and tries seals.
#[derive(Clone)]
pub struct Seals {
    key: [u8; KEY_BYTES],
}

/// The proof; shown as 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal([u8; SEAL_BYTES]);

impl Seals {
    /// By the key in `state_dir`, which is made on first use.
    ///
    /// # Errors
    /// The key can be neither read nor made.
    pub fn open(state_dir: &Path) -> io::Result<Seals> {
        Ok(Seals { key: key_file::open(&state_dir.join(KEY))? })
    }

    /// The seal of `command` about the hold `id`, offered to `address`.
    pub fn seal(&self, command: Command, id: &str, address: &str) -> Option<Seal> {
        let mac = self.mac(command, id, address)?.finalize().into_bytes();
        mac.first_chunk().map(|half| Seal(*half))
    }

    /// Whether `seal` was made for exactly that. Takes the same time wherever it differs.
    pub fn is_genuine(&self, seal: &Seal, command: Command, id: &str, address: &str) -> bool {
        self.mac(command, id, address).is_some_and(|mac| mac.verify_truncated_left(&seal.0).is_ok())
    }

    fn mac(&self, command: Command, id: &str, address: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        for piece in [command.word(), id, &address.to_lowercase()] {
            // No piece can run over into the next.
            mac.update(&u64::try_from(piece.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(piece.as_bytes());
        }
        Some(mac)
    }
}

impl fmt::Debug for Seals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seals")
    }
}

impl Seal {
    /// Reads what [`fmt::Display`] shows.
    pub fn parse(text: &str) -> Option<Seal> {
        let digits: Vec<u8> =
            text.chars().map(|c| c.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
        let bytes = digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, d| byte << 4 | d));
        let bytes: Vec<u8> = if digits.len() == SEAL_BYTES * 2 { bytes.collect() } else { vec![] };
        bytes.try_into().ok().map(Seal)
    }
}

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::recording::hex(&self.0))
    }
}

/// Half a SHA-256: nobody guesses it, and a subject still shows it in two lines.
const SEAL_BYTES: usize = 16;

/// The key of seals in the state directory.
const KEY: &str = "commands.key";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_good_for_one_command_mail_and_person() {
        let seals = Seals { key: [7; KEY_BYTES] };
        let seal = seals.seal(Command::Approve, "4XyZ-1", "Boss@own.example").unwrap();
        let is = |command, id, who| seals.is_genuine(&seal, command, id, who);
        assert!(is(Command::Approve, "4XyZ-1", "boss@own.example"));
        assert!(!is(Command::Deny, "4XyZ-1", "boss@own.example"));
        assert!(!is(Command::Approve, "4XyZ-2", "boss@own.example"));
        assert!(!is(Command::Approve, "4XyZ-", "1boss@own.example"));
        assert!(!is(Command::Approve, "4XyZ-1", "taro@own.example"));
        let other = Seals { key: [8; KEY_BYTES] };
        assert!(!other.is_genuine(&seal, Command::Approve, "4XyZ-1", "boss@own.example"));
    }

    #[test]
    fn what_is_shown_is_read() {
        let seals = Seals { key: [7; KEY_BYTES] };
        let seal = seals.seal(Command::Send, "4XyZ-1", "taro@own.example").unwrap();
        assert_eq!(Seal::parse(&seal.to_string()), Some(seal.clone()));
        assert_eq!(Seal::parse(&seal.to_string().to_uppercase()), Some(seal));
        for wrong in ["", "0", "é0112233445566778899aabbccddeeff", &"0".repeat(34)] {
            assert_eq!(Seal::parse(wrong), None, "{wrong}");
        }
    }
}
