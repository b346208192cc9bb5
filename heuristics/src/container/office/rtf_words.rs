//! What RTF's control words stand for: charsets, places, characters.

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1250, WINDOWS_1251,
    WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257,
    WINDOWS_1258,
};

use super::super::observation::Place;

/// The encoding of a Windows code page.
pub(super) fn code_page(number: i32) -> Option<&'static Encoding> {
    Some(match number {
        874 => WINDOWS_874,
        932 => SHIFT_JIS,
        936 => GBK,
        949 => EUC_KR,
        950 => BIG5,
        1250 => WINDOWS_1250,
        1251 => WINDOWS_1251,
        1252 => WINDOWS_1252,
        1253 => WINDOWS_1253,
        1254 => WINDOWS_1254,
        1255 => WINDOWS_1255,
        1256 => WINDOWS_1256,
        1257 => WINDOWS_1257,
        1258 => WINDOWS_1258,
        65001 => UTF_8,
        _ => return None,
    })
}

/// The encoding of a font's charset (`\fcharset`); `None` for the default.
pub(super) fn charset_of(number: i32) -> Option<&'static Encoding> {
    code_page(match number {
        0 | 2 => 1252,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    })
}

/// Destinations with text that people read.
pub(super) fn place_of(word: &str) -> Option<Place> {
    Some(match word {
        "annotation" | "footnote" => Place::Note,
        "author" | "category" | "comment" | "company" | "doccomm" | "keywords" | "manager"
        | "operator" | "subject" | "title" => Place::Property,
        "footer" | "footerf" | "footerl" | "footerr" => Place::Footer,
        "header" | "headerf" | "headerl" | "headerr" => Place::Header,
        "shptxt" => Place::Body,
        _ => return None,
    })
}

/// Destinations with text for programs, without `\*` before them.
pub(super) fn is_passed_over(word: &str) -> bool {
    matches!(
        word,
        "buptim"
            | "colortbl"
            | "creatim"
            | "filetbl"
            | "info"
            | "nonshppict"
            | "objclass"
            | "objname"
            | "printim"
            | "revtim"
            | "stylesheet"
    )
}

/// Control words that stand for a character.
pub(super) fn symbol(word: &str) -> Option<&'static str> {
    Some(match word {
        "bullet" => "•",
        "cell" | "nestcell" | "tab" => "\t",
        "emdash" => "—",
        "endash" => "–",
        "ldblquote" => "“",
        "line" | "nestrow" | "page" | "par" | "row" | "sect" => "\n",
        "lquote" => "‘",
        "rdblquote" => "”",
        "rquote" => "’",
        _ => return None,
    })
}
