//! Members that a local header knows and the central directory does not.
//!
//! Readers that go from the front unpack them; those that go by the directory never show them. So
//! the file is walked as the former do: from header to data to what follows it. Between members
//! any bytes may stand (a self-extractor's program holds the very mark), so only a header that makes
//! sense throughout counts.

use std::collections::HashMap;

use super::{CENTRAL, Entry, FLAG_DESCRIPTOR, LOCAL, LONGEST_NAME, local, method};

/// The members missing in `listed`, at most `limit` of them.
pub(super) fn entries<'a>(bytes: &'a [u8], listed: &[Entry<'a>], limit: usize) -> Vec<Entry<'a>> {
    // Without a directory all there is was read from local headers.
    let known: HashMap<usize, u64> = listed.iter().map(|e| (e.local, e.packed)).collect();
    let end = memchr::memmem::rfind(bytes, CENTRAL).filter(|_| !listed.is_empty());
    let Some(bytes) = end.and_then(|end| bytes.get(..end)) else { return Vec::new() };
    let finder = memchr::memmem::Finder::new(LOCAL);
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(start) = bytes.get(at..).and_then(|rest| finder.find(rest)).map(|f| at + f) {
        at = start + LOCAL.len();
        let Some(mut local) = local(bytes, start) else { continue };
        let has_descriptor = local.entry.flags & FLAG_DESCRIPTOR != 0;
        let room = (bytes.len() - local.data.start.min(bytes.len())) as u64;
        let packed = match known.get(&start) {
            // With a descriptor the local header leaves it to the directory.
            Some(&listed) if has_descriptor => listed,
            Some(_) => local.entry.packed,
            None if !is_plausible(&local.entry, room) => continue,
            None if has_descriptor && local.entry.packed == 0 => {
                // Deflate says itself where it ends; the next header lies somewhere behind.
                local.entry.packed = room;
                found.push(local.entry);
                0
            }
            None => {
                let packed = local.entry.packed;
                found.push(local.entry);
                packed
            }
        };
        if found.len() >= limit {
            break;
        }
        at = local.data.start.saturating_add(usize::try_from(packed).unwrap_or(usize::MAX));
    }
    found
}

/// Whether what looks like a header is one: a known method, a name, data that fits in `room` bytes.
fn is_plausible(entry: &Entry<'_>, room: u64) -> bool {
    let has_name = !entry.name.is_empty() && entry.name.len() <= LONGEST_NAME;
    let is_streamed = entry.flags & FLAG_DESCRIPTOR != 0 && entry.method == method::DEFLATED;
    let has_data = if entry.packed == 0 { is_streamed } else { entry.packed <= room };
    has_name
        && has_data
        && !entry.name.iter().any(|&b| b < b' ')
        && (method::is_read(entry.method) || entry.is_encrypted())
}
