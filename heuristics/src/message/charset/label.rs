//! Charset labels as mailers write them, Japanese ones above all.
//!
//! The Encoding Standard's labels are what browsers know; mail has older and stranger ones. A
//! label that still means nothing is [`Label::Unknown`], and the bytes decide.

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, ISO_2022_JP, REPLACEMENT, SHIFT_JIS, UTF_8,
    WINDOWS_1252, X_USER_DEFINED,
};

/// What a label says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// A charset that can be decoded.
    Known(&'static Encoding),
    /// No label, which says US-ASCII (RFC 2045, 5.2).
    Missing,
    /// A label that names nothing we can decode.
    Unknown,
    /// UTF-7 (RFC 2152), which the Encoding Standard left out.
    Utf7,
}

impl Label {
    /// Reads a label: blanks, quotes, a language tag (`*ja`) and what follows a `;` or a blank do
    /// not count, nor do case and punctuation.
    pub(super) fn read(label: Option<&str>) -> Label {
        let Some(label) = label else { return Label::Missing };
        let junk = |c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '=');
        let label = label.trim_matches(junk);
        let end = label.find(|c: char| junk(c) || matches!(c, ';' | ',' | '*' | '('));
        let label = label.get(..end.unwrap_or(label.len())).unwrap_or(label);
        if label.is_empty() {
            return Label::Missing;
        }
        if label.len() > LONGEST {
            return Label::Unknown;
        }
        match Encoding::for_label(label.as_bytes()) {
            // `replacement` swallows the text whole; `x-user-defined` is a trick of scripts.
            Some(encoding) if encoding != REPLACEMENT && encoding != X_USER_DEFINED => {
                Label::Known(encoding)
            }
            Some(_) => Label::Unknown,
            None => alias(label),
        }
    }

    pub(super) fn encoding(self) -> Option<&'static Encoding> {
        match self {
            Label::Known(encoding) => Some(encoding),
            Label::Missing | Label::Unknown | Label::Utf7 => None,
        }
    }

    /// Whether any bytes are valid under the label, so that it is no evidence of anything: it is
    /// what mailers write that never asked what they send.
    pub(super) fn says_little(self) -> bool {
        matches!(self, Label::Missing | Label::Unknown | Label::Utf7)
            || self == Label::Known(WINDOWS_1252)
    }
}

/// Longest label looked at, in bytes.
const LONGEST: usize = 64;

fn alias(label: &str) -> Label {
    let squeezed: String =
        label.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    // `GB2312_CHARSET`, as some libraries name their constants.
    let squeezed = squeezed.strip_suffix("charset").unwrap_or(&squeezed);
    let known = match squeezed {
        // Microsoft's code pages, and what Perl, PHP and Java call them.
        "cp932" | "ms932" | "cp943" | "cp943c" | "ibm932" | "ibm943" | "xmscp932"
        | "xwindows932" | "mswindows932" | "windows932" | "windows31j" | "windows31"
        | "sjiswin" | "sjis" | "shiftjis" | "shiftjis2004" | "shiftjisx0213" | "xsjis"
        | "xshiftjis" | "mskanji" | "pck" | "sjismobile" | "sjismac" => SHIFT_JIS,
        "cp50220" | "cp50221" | "cp50222" | "xcp50220" | "xcp50221" | "xwindows50220"
        | "xwindows50221" | "xwindowsiso2022jp" | "iso2022jp" | "iso2022jpms" | "iso2022jp1"
        | "iso2022jp2" | "iso2022jp3" | "iso2022jp2004" | "iso2022jpext" | "iso2022jpesc"
        | "csiso2022jp" | "csiso2022jp2" | "iso2022" | "jis" | "jis7" | "7bitjis" | "jisms"
        | "xjis" | "junet" => ISO_2022_JP,
        "cp51932" | "eucjpms" | "eucjpwin" | "eucjpopen" | "eucjp" | "xeucjp" | "eucjis2004"
        | "eucjisx0213" | "eucjis" | "xeuc" | "ujis" | "euc" | "cp20932" => EUC_JP,
        "utf8" | "utf8n" | "utf8mb4" | "xutf8" | "cp65001" | "utf" | "unicode11utf8" => UTF_8,
        "ansix341968" | "ansix341986" | "ascii7" | "7bit" | "iso646us" | "us" | "iso88591"
        | "xascii" | "cp1252" | "ansi" => WINDOWS_1252,
        "gb2312" | "cp936" | "ms936" | "windows936" | "xgbk" | "gb231280" | "euccn" | "cp54936" => {
            GB18030
        }
        "cp949" | "ms949" | "uhc" | "ksc56011987" => EUC_KR,
        "chinesebig5" | "cp950" | "ms950" | "big5eten" | "big5hkscs2004" => BIG5,
        "utf7" | "unicode11utf7" | "unicode20utf7" | "xunicode20utf7" | "csutf7" | "cp65000" => {
            return Label::Utf7;
        }
        _ => return Label::Unknown,
    };
    Label::Known(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_japanese_mailers() {
        for (labels, expected) in [
            ("cp932 CP-932 x-sjis ms932 windows-31j MS_Kanji Shift_JIS SJIS-win", SHIFT_JIS),
            ("CP50220 cp50221 CP50222 ISO-2022-JP-MS iso-2022-jp-1 ISO-2022-JP-2", ISO_2022_JP),
            ("iso-2022-jp-3 ISO-2022-JP-2004 JIS iso-2022-jp", ISO_2022_JP),
            ("eucJP-ms EUC-JP x-euc-jp eucjp ujis euc_jp", EUC_JP),
            ("utf8 UTF-8 utf_8 UTF8MB4", UTF_8),
            ("us-ascii ISO-8859-1 ANSI_X3.4-1968", WINDOWS_1252),
        ] {
            for label in labels.split(" ") {
                assert_eq!(Label::read(Some(label)), Label::Known(expected), "{label}");
            }
        }
    }

    #[test]
    fn what_stands_around_a_label_does_not_count() {
        for label in
            ["\"utf-8\"", "'utf-8'", " utf-8 ", "utf-8;", "utf-8; format=flowed", "utf-8*ja"]
        {
            assert_eq!(Label::read(Some(label)), Label::Known(UTF_8), "{label}");
        }
    }

    #[test]
    fn labels_that_say_nothing() {
        assert_eq!(Label::read(None), Label::Missing);
        assert_eq!(Label::read(Some(" \"\" ")), Label::Missing);
        for label in ["unknown-8bit", "x-unknown", "iso-2022-kr", "日本語", "x-user-defined"] {
            assert_eq!(Label::read(Some(label)), Label::Unknown, "{label}");
        }
        assert_eq!(Label::read(Some(&"a".repeat(100_000))), Label::Unknown);
    }

    #[test]
    fn utf_7_is_known_though_browsers_dropped_it() {
        for label in ["UTF-7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7"] {
            assert_eq!(Label::read(Some(label)), Label::Utf7, "{label}");
        }
    }
}
