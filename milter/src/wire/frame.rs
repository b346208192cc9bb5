//! Packets: a 32-bit length in network order, a code byte, and the rest.
//!
//! Way in: [`first_packet`] on whatever has been read so far; [`put_packet`] to write one.
//! It fails when a length is zero or above [`PACKET_MAX`]: after that the stream has no meaning.

/// Longest packet taken, code byte included. Postfix sends at most 65,536 for a body chunk and
/// `header_size_limit` (102,400) for a header; libmilter stops at 1 MiB - 1.
pub const PACKET_MAX: usize = 1 << 20;

/// One packet inside a read buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// What kind of packet it is.
    pub code: u8,
    /// Everything after the code.
    pub payload: &'a [u8],
}

/// What a read buffer begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First<'a> {
    /// A whole packet, which takes up [`Packet::wire_len`] bytes.
    Whole(Packet<'a>),
    /// Part of a packet: at least so many bytes are missing.
    Missing(usize),
}

/// A length that no packet may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// Length zero: not even a code.
    Empty,
    /// Longer than [`PACKET_MAX`].
    TooLong(u32),
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FrameError::Empty => write!(f, "packet of length zero"),
            FrameError::TooLong(length) => {
                write!(f, "packet of {length} bytes; at most {PACKET_MAX} are taken")
            }
        }
    }
}

impl std::error::Error for FrameError {}

impl Packet<'_> {
    /// Bytes that the packet takes up in the buffer, its length field included.
    pub fn wire_len(&self) -> usize {
        LENGTH_FIELD + 1 + self.payload.len()
    }
}

/// Looks at the packet that `buffer` begins with.
pub fn first_packet(buffer: &[u8]) -> Result<First<'_>, FrameError> {
    let Some((length, rest)) = buffer.split_first_chunk::<LENGTH_FIELD>() else {
        return Ok(First::Missing(LENGTH_FIELD + 1 - buffer.len()));
    };
    let stated = u32::from_be_bytes(*length);
    let length = match usize::try_from(stated) {
        Ok(0) => return Err(FrameError::Empty),
        Ok(length) if length <= PACKET_MAX => length,
        _ => return Err(FrameError::TooLong(stated)),
    };
    match rest.get(..length).and_then(<[u8]>::split_first) {
        Some((code, payload)) => Ok(First::Whole(Packet { code: *code, payload })),
        None => Ok(First::Missing(length - rest.len())),
    }
}

/// Appends one packet; `fill` writes the payload.
pub fn put_packet(out: &mut Vec<u8>, code: u8, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0, 0, 0, 0, code]);
    fill(out);
    let length = u32::try_from(out.len() - start - LENGTH_FIELD).unwrap_or(u32::MAX);
    if let Some(field) = out.get_mut(start..start + LENGTH_FIELD) {
        field.copy_from_slice(&length.to_be_bytes());
    }
}

/// Bytes of the length field.
const LENGTH_FIELD: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_packet_is_length_code_payload() {
        let mut out = Vec::new();
        put_packet(&mut out, b'H', |p| p.extend_from_slice(b"mx.example\0"));
        assert_eq!(out, b"\0\0\0\x0cHmx.example\0");
        let packet = Packet { code: b'H', payload: b"mx.example\0" };
        assert_eq!(first_packet(&out), Ok(First::Whole(packet)));
        assert_eq!(packet.wire_len(), out.len());
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(first_packet(b""), Ok(First::Missing(5)));
        assert_eq!(first_packet(b"\0\0\0"), Ok(First::Missing(2)));
        assert_eq!(first_packet(b"\0\0\0\x03E"), Ok(First::Missing(2)));
    }

    #[test]
    fn impossible_lengths_are_refused_before_anything_is_stored() {
        assert_eq!(first_packet(b"\0\0\0\0"), Err(FrameError::Empty));
        assert_eq!(first_packet(b"\0\x10\0\x01"), Err(FrameError::TooLong(1_048_577)));
        assert_eq!(first_packet(b"GET / HTTP/1.1"), Err(FrameError::TooLong(0x4745_5420)));
        assert_eq!(first_packet(b"\0\x10\0\0"), Ok(First::Missing(1 << 20)));
    }

    proptest! {
        /// However the bytes arrive, the same packets come out.
        #[test]
        fn split_reads_give_the_same_packets(
            packets in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..40)), 0..8),
            cuts in prop::collection::vec(1..30_usize, 1..40),
        ) {
            let mut wire = Vec::new();
            for (code, payload) in &packets {
                put_packet(&mut wire, *code, |p| p.extend_from_slice(payload));
            }
            let (mut buffer, mut seen, mut at) = (Vec::new(), Vec::new(), 0);
            for cut in cuts.iter().cycle() {
                while let First::Whole(packet) = first_packet(&buffer)? {
                    seen.push((packet.code, packet.payload.to_vec()));
                    buffer.drain(..packet.wire_len());
                }
                if at == wire.len() {
                    break;
                }
                let end = (at + cut).min(wire.len());
                buffer.extend_from_slice(&wire[at..end]);
                at = end;
            }
            prop_assert_eq!(seen, packets);
        }

        #[test]
        fn nothing_panics_on_arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = first_packet(&bytes);
        }
    }
}
