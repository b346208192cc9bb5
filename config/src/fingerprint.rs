//! A short mark of the settings in force, for logs and audit records.

use std::fmt::{self, Write};

use crate::{Place, Settings};

/// Sixteen hexadecimal digits that differ when the effective settings differ.
///
/// Where in a file something was written, and comments, do not count. Marks are comparable within
/// one version of the program; they are no protection against forgery.
pub fn fingerprint(settings: &Settings) -> String {
    let mut effective = settings.clone();
    let weights = effective.weights.values_mut().map(|w| &mut w.place);
    let caps = effective.caps.values_mut().map(|c| &mut c.place);
    let exceptions = effective.senders.exceptions.iter_mut().map(|e| &mut e.place);
    weights.chain(caps).chain(exceptions).for_each(|place| *place = Place::default());
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    // Writing into a hash cannot fail.
    let _ = write!(hash, "{effective:?}");
    format!("{:016x}", hash.0)
}

/// FNV-1a, 64 bits: the standard library's hashes may change between releases.
struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_texts;

    #[test]
    fn effect_counts_and_writing_does_not() {
        let mark = |text| fingerprint(&from_texts(&[("weights.toml", text)]).unwrap());
        let written = mark("[weights]\nhtml-form = 5\n");
        assert_eq!(written.len(), 16);
        assert_eq!(mark("# moved\n\n[weights]\nhtml-form = 5\n"), written);
        assert_ne!(mark("[weights]\nhtml-form = 6\n"), written);
        assert_eq!(mark(""), fingerprint(&Settings::default()));
    }
}
