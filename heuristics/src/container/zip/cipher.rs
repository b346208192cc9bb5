//! Encrypted members of ZIP archives: PKWARE's old cipher and WinZip's AES (AE-1, AE-2).
//!
//! Way in: [`Passwords::open`]. Done here and not by a library: a library opens what its own reading
//! of the directory allows, while members are found here in archives that are cut, prefixed or lie;
//! the ciphers themselves are a page of code. A password counts as right when the checksum of the
//! content, or AES's authentication code, says so. Each is tried once on a member, the last right
//! one first, and every attempt is paid for in work. Members of one archive have one password as a
//! rule: after [`MOST_CLOSED`] that none opened, no more are tried.

use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use hmac::{Hmac, Mac};
use sha1::Sha1;

use super::{AES, Entry, FLAG_DESCRIPTOR, FLAG_MASKED, FLAG_STRONG, Visit, le16, method};

/// Passwords to try, the likeliest first.
pub(super) struct Passwords {
    candidates: Vec<String>,
    /// Members that none of them opened.
    closed: usize,
}

/// Members on which all passwords fail before no others are tried.
const MOST_CLOSED: usize = 4;

impl Passwords {
    pub(super) fn new(candidates: Vec<String>) -> Passwords {
        Passwords { candidates, closed: 0 }
    }

    /// The content of an encrypted member whose bytes in the archive are `data`, where one of the
    /// passwords opens it.
    pub(super) fn open(
        &mut self,
        entry: &Entry<'_>,
        data: &[u8],
        visit: &mut Visit<'_>,
    ) -> Option<Vec<u8>> {
        // PKWARE's later encryption, with certificates and hidden names.
        let is_other = entry.flags & (FLAG_STRONG | FLAG_MASKED) != 0;
        if is_other || self.closed >= MOST_CLOSED {
            return None;
        }
        for (at, password) in self.candidates.iter().enumerate() {
            let opened = match entry.method {
                AES => open_aes(entry, data, password.as_bytes(), visit),
                _ => open_old(entry, data, password.as_bytes(), visit),
            };
            if opened.is_some() {
                visit.set_opened_by_password();
                let right = self.candidates.remove(at);
                self.candidates.insert(0, right);
                return opened;
            }
        }
        self.closed += 1;
        None
    }
}

/// How AES is used: the extra field 0x9901.
#[derive(Clone, Copy)]
pub(super) struct Aes {
    version: u16,
    strength: u8,
    /// What the member is packed by.
    method: u16,
}

impl Aes {
    pub(super) fn read(field: &[u8]) -> Option<Aes> {
        let (version, method) = (le16(field, 0)?, le16(field, 5)?);
        Some(Aes { version, strength: *field.get(4)?, method })
    }
}

/// Bytes before the data that the old cipher begins with; the last of them tells most wrong
/// passwords.
const OLD_HEADER: usize = 12;

fn open_old(
    entry: &Entry<'_>,
    data: &[u8],
    password: &[u8],
    visit: &mut Visit<'_>,
) -> Option<Vec<u8>> {
    let (header, data) = data.split_first_chunk::<OLD_HEADER>()?;
    if !visit.budget().take_work(OLD_HEADER + password.len()) {
        return None;
    }
    let mut keys = OldKeys::new(password);
    let last = header.map(|b| keys.decrypt(b)).last().copied()?;
    // The checksum was not known when the header was written, where a descriptor follows the data.
    let by_time = entry.flags & FLAG_DESCRIPTOR != 0 && last == (entry.time >> 8) as u8;
    if last != (entry.checksum >> 24) as u8 && !by_time {
        return None;
    }
    if !visit.budget().take_bytes(data.len()) {
        return None;
    }
    let plain: Vec<u8> = data.iter().map(|&b| keys.decrypt(b)).collect();
    let content = unpacked(entry, entry.method, &plain, visit)?;
    is_whole(&content, entry, visit).then_some(content)
}

/// PKWARE's cipher (APPNOTE 6.1).
struct OldKeys {
    keys: [u32; 3],
}

impl OldKeys {
    fn new(password: &[u8]) -> OldKeys {
        let mut this = OldKeys { keys: [0x1234_5678, 0x2345_6789, 0x3456_7890] };
        password.iter().for_each(|&byte| this.update(byte));
        this
    }

    fn decrypt(&mut self, byte: u8) -> u8 {
        let [_, _, third] = self.keys;
        let mixed = (third | 2) as u16;
        let plain = byte ^ (mixed.wrapping_mul(mixed ^ 1) >> 8) as u8;
        self.update(plain);
        plain
    }

    fn update(&mut self, plain: u8) {
        let [first, second, third] = &mut self.keys;
        *first = crc_step(*first, plain);
        *second = second.wrapping_add(*first & 0xFF).wrapping_mul(0x0808_8405).wrapping_add(1);
        *third = crc_step(*third, (*second >> 24) as u8);
    }
}

/// One byte of CRC-32, without the inversions around it.
fn crc_step(crc: u32, byte: u8) -> u32 {
    let at = (crc as u8 ^ byte) as usize;
    crc >> 8 ^ CRC_TABLE.get(at).copied().unwrap_or(0)
}

static CRC_TABLE: [u32; 256] = crc_table();

#[allow(clippy::indexing_slicing, reason = "constant, and the index is below the length")]
const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut crc = at as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[at] = crc;
        at += 1;
    }
    table
}

/// Rounds of key derivation, fixed by WinZip.
const ROUNDS: u32 = 1000;

/// Units of work of one derivation: four blocks of a thousand rounds, two blocks of SHA-1 each.
const DERIVATION: usize = 4 * 1000 * 2 * 64;

/// The authentication code after the data: the first bytes of an HMAC-SHA-1.
const CODE: usize = 10;

fn open_aes(
    entry: &Entry<'_>,
    data: &[u8],
    password: &[u8],
    visit: &mut Visit<'_>,
) -> Option<Vec<u8>> {
    let aes = entry.aes?;
    let size = match aes.strength {
        1 => 16,
        2 => 24,
        3 => 32,
        _ => return None,
    };
    let (salt, rest) = data.split_at_checked(size / 2)?;
    let (verifier, rest) = rest.split_at_checked(2)?;
    let (data, code) = rest.split_at_checked(rest.len().checked_sub(CODE)?)?;
    if !visit.budget().take_work(DERIVATION) {
        return None;
    }
    let mut derived = [0; 2 * 32 + 2];
    let derived = derived.get_mut(..2 * size + 2)?;
    pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, ROUNDS, derived);
    let (key, rest) = derived.split_at_checked(size)?;
    let (mac_key, check) = rest.split_at_checked(size)?;
    if check != verifier || !visit.budget().take_bytes(data.len()) {
        return None;
    }
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(mac_key).ok()?;
    mac.update(data);
    mac.verify_truncated_left(code).ok()?;
    let plain = match size {
        16 => counter_mode(&Aes128::new_from_slice(key).ok()?, data),
        24 => counter_mode(&Aes192::new_from_slice(key).ok()?, data),
        _ => counter_mode(&Aes256::new_from_slice(key).ok()?, data),
    };
    let content = unpacked(entry, aes.method, &plain, visit)?;
    // The code has proved it; AE-2 leaves the checksum out.
    (aes.version == 2 || is_whole(&content, entry, visit)).then_some(content)
}

/// WinZip counts in little endian, from 1.
fn counter_mode<C: BlockCipherEncrypt>(cipher: &C, data: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(data.len());
    for (counter, chunk) in (1u128..).zip(data.chunks(16)) {
        let mut block = Block::<C>::default();
        for (to, from) in block.iter_mut().zip(counter.to_le_bytes()) {
            *to = from;
        }
        cipher.encrypt_block(&mut block);
        plain.extend(chunk.iter().zip(&block).map(|(a, b)| a ^ b));
    }
    plain
}

fn unpacked(
    entry: &Entry<'_>,
    packed_by: u16,
    plain: &[u8],
    visit: &mut Visit<'_>,
) -> Option<Vec<u8>> {
    if !method::is_read(packed_by) || !visit.budget().take_work(method::start(packed_by)) {
        return None;
    }
    let most = visit.budget().bytes().saturating_add(1);
    let content = method::unpack(packed_by, plain, entry.size, most);
    Some(visit.unpack(content.as_slice()))
}

/// Whether the content is what the checksum says, or is cut by the limit, so that nobody can say.
fn is_whole(content: &[u8], entry: &Entry<'_>, visit: &mut Visit<'_>) -> bool {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    crc.sum() == entry.checksum || visit.budget().bytes() == 0
}
