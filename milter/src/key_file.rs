//! Secret keys in the state directory: 32 random bytes that their owner alone reads.
//!
//! Way in: [`open`], which makes the key where it is missing. Of two programs that start at once the
//! first one's stays, and a crash leaves no half key. When it fails: an [`io::Error`]; a file that
//! is no key is never overwritten.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// The key in `file`, made if need be.
pub fn open(file: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let key = match fs::read(file) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => make(file)?,
        other => other?,
    };
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, "is no key of 32 bytes");
    key.try_into().map_err(|_| wrong())
}

/// Written beside and put in place whole.
fn make(file: &Path) -> io::Result<Vec<u8>> {
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_its_owner_alone_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.key");
        let first = open(&file).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(open(&file).unwrap(), first);
        assert_ne!(first, [0; KEY_BYTES]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::write(&file, "short").unwrap();
        assert!(open(&file).is_err());
    }
}
