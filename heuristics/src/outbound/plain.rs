//! Text as rules compare it: width and compatibility forms folded, unseen characters out.
//!
//! Way in: [`plain`]. `１２３４` is `1234` and `ﾊﾟｽﾜｰﾄﾞ` is `パスワード`; tabs and line feeds stay, because
//! they set cells and rows apart. Case stays too.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::indicator::is_unshowable;

/// `text` for comparing. Borrowed where nothing is to be folded, as in most of what is large.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let is_unseen = |c: char| !matches!(c, '\n' | '\t') && is_unshowable(c);
    let is_plain = |c: char| c == '\n' || c == '\t' || c == ' ' || c.is_ascii_graphic();
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let is_folded = is_nfkc_quick(text.chars()) == IsNormalized::Yes;
    if is_folded && !text.chars().any(is_unseen) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| !is_unseen(*c)).nfkc().collect())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn spellings_become_one() {
        assert_eq!(plain("１２３４\u{3000}５６"), "1234 56");
        assert_eq!(plain("ﾏｲﾅﾝﾊﾞｰ"), "マイナンバー");
        assert_eq!(plain("1\u{200B}2\u{AD}3\r\n\t4"), "123\n\t4");
        assert_eq!(plain("氏名\t電話"), "氏名\t電話");
    }
}
