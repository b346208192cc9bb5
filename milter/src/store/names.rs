//! Addresses as they are kept: as they are, or as keyed hashes.
//!
//! Way in: [`Names::open`]. A hash is `#` and 32 hex digits of HMAC-SHA-256, so it is never taken
//! for an address and never hashed twice. The key is made on first use, in a file that its owner
//! alone reads; without it the memory of addresses is worth nothing, to anybody.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Question, Write};

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
        let key = match fs::read(file) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => make_key(file)?,
            other => other?,
        };
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "is no key of 32 bytes");
        Ok(Names { key: Some(key.try_into().map_err(|_| wrong())?) })
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

/// Written beside and put in place whole: a crash leaves no half key, and of two programs that
/// start at once the first one's stays.
fn make_key(file: &Path) -> io::Result<Vec<u8>> {
    let mut key = [0; KEY_BYTES];
    fs::File::open("/dev/urandom")?.read_exact(&mut key)?;
    let beside = file.with_extension(format!("new.{}", std::process::id()));
    let written =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside);
    written.and_then(|mut f| f.write_all(&key).and_then(|()| f.sync_all()))?;
    let placed = fs::hard_link(&beside, file);
    fs::remove_file(&beside)?;
    match placed {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        _ => fs::read(file),
    }
}

const KEY_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_its_owner_alone_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.key");
        let first = Names::open(&file).unwrap().of("a@b.example");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Names::open(&file).unwrap().of("A@B.example"), first);
        assert!(is_hash(&first), "{first}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::write(&file, "short").unwrap();
        assert!(Names::open(&file).is_err());
    }

    #[test]
    fn a_hash_is_not_hashed_again() {
        let names = Names { key: Some([7; KEY_BYTES]) };
        let once = names.of("a@b.example");
        assert_eq!(names.of(&once), once);
        assert_eq!(names.of(""), "");
        assert_eq!(Names::plain().of("a@b.example"), "a@b.example");
    }
}
