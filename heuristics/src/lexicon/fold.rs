//! The form in which words are looked for: two spellings that a reader takes for the same word
//! become the same text.
//!
//! Way in: [`fold`], for words and for mail alike. Folded away are width (NFKC), case, accents,
//! characters that are not seen, blanks beside Japanese characters (a word is often spaced out or
//! broken by the end of a line), small kana, long-vowel marks, and kanji, katakana and Cyrillic or
//! Greek letters that pass for others. One pass, bounded by the caller; nothing fails. The
//! result is for comparing only: [`origin`] leads back to the text as written.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{compose, decompose_canonical, is_combining_mark};

use crate::indicator::is_unshowable;

/// Adds the folded form of `text` to `out`, at most `limit` characters of `text`.
pub(super) fn fold(text: &str, limit: usize, out: &mut String) {
    let mut folder = Folder { out, blank: Blank::None, last: '\n' };
    let longest = if text.len() > limit { text.char_indices().nth(limit) } else { None };
    let mut rest = longest.and_then(|(end, _)| text.get(..end)).unwrap_or(text);
    loop {
        let word = rest.bytes().take_while(u8::is_ascii_graphic).count();
        if let Some((word, behind)) =
            rest.split_at_checked(word).filter(|(word, _)| !word.is_empty())
        {
            folder.push_word(word);
            rest = behind;
        }
        let mut chars = rest.chars();
        let Some(c) = chars.next() else { break };
        folder.push(c);
        rest = chars.as_str();
    }
}

/// Byte offset in `text` of the character that brought the folded form to more than `folded`
/// bytes; the length of `text` where none did.
pub(super) fn origin(text: &str, folded: usize) -> usize {
    let mut out = String::new();
    let mut folder = Folder { out: &mut out, blank: Blank::None, last: '\n' };
    for (at, c) in text.char_indices() {
        folder.push(c);
        if folder.out.len() > folded {
            return at;
        }
    }
    text.len()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Blank {
    None,
    Word,
    /// The end of a line.
    Line,
    /// An empty line.
    Paragraph,
}

struct Folder<'o> {
    out: &'o mut String,
    /// What lies between the last character and the next.
    blank: Blank,
    /// The last character, before look-alikes were folded.
    last: char,
}

impl Folder<'_> {
    #[inline]
    fn push(&mut self, c: char) {
        match c {
            '\n' => self.line_end(),
            '\u{21}'..='\u{7E}' => self.put(c.to_ascii_lowercase()),
            'ぁ'..='ゖ' | 'ァ'..='ヺ' | '\u{4E00}'..='\u{9FFF}' | '。' | '、' => self.put(c),
            ' ' | '\t' | '\r' | '\u{3000}' | '\u{A0}' => self.space(),
            _ => self.rare(c),
        }
    }

    /// The same as [`Folder::push`] for each character of a word of ASCII without blanks.
    fn push_word(&mut self, word: &str) {
        let mut chars = word.chars();
        chars.next().into_iter().for_each(|first| self.push(first));
        let start = self.out.len();
        self.out.push_str(chars.as_str());
        if let Some(added) = self.out.get_mut(start..) {
            added.make_ascii_lowercase();
        }
        self.last = chars.next_back().map_or(self.last, |last| last.to_ascii_lowercase());
    }

    fn space(&mut self) {
        if self.blank == Blank::None {
            self.blank = Blank::Word;
        }
    }

    fn line_end(&mut self) {
        self.blank = match self.blank {
            Blank::None | Blank::Word => Blank::Line,
            Blank::Line | Blank::Paragraph => Blank::Paragraph,
        };
    }

    /// Everything but ASCII, kana and common kanji.
    #[cold]
    fn rare(&mut self, c: char) {
        match c {
            'ー' => return self.long_vowel(),
            '\u{2018}' | '\u{2019}' => return self.put('\''),
            '\u{201C}' | '\u{201D}' => return self.put('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => return self.put('-'),
            // A letter of ASCII in its full width.
            '\u{FF01}'..='\u{FF5E}' => {
                let plain = char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c);
                return self.put(plain.to_ascii_lowercase());
            }
            _ if c.is_whitespace() => return self.space(),
            _ if is_unshowable(c) || matches!(c, '\u{FE00}'..='\u{FE0F}') => return,
            _ => {}
        }
        for c in std::iter::once(c).nfkc().flat_map(char::to_lowercase) {
            match c {
                '\u{3099}' | '\u{309A}' => self.voice(c),
                'ー' => self.long_vowel(),
                ' ' => self.space(),
                'ぁ'..='ヺ' => self.put(c),
                _ => {
                    let mut base = None;
                    decompose_canonical(c, |part| {
                        if base.is_none() {
                            base = Some(part);
                        }
                    });
                    if let Some(base) = base.filter(|&b| !is_combining_mark(b)) {
                        self.put(base);
                    }
                }
            }
        }
    }

    /// A voiced mark that stands alone joins the kana before it (half-width katakana).
    fn voice(&mut self, mark: char) {
        if let Some(whole) = compose(self.last, mark)
            && self.blank == Blank::None
        {
            self.out.pop();
            self.put(whole);
        }
    }

    /// サーバー and サーバ are one word.
    fn long_vowel(&mut self) {
        if !is_kana(twin(self.last)) {
            self.put('-');
        }
    }

    #[inline]
    fn put(&mut self, c: char) {
        match self.blank {
            Blank::None => {}
            Blank::Paragraph => self.out.push('\n'),
            Blank::Word | Blank::Line => {
                let before = self.out.chars().next_back();
                if c.is_ascii() && before.is_none_or(|b| b.is_ascii()) {
                    self.out.push(' ');
                }
            }
        }
        self.blank = Blank::None;
        self.last = c;
        self.out.push(match c {
            '\0'..='\u{7F}' => c,
            'ぁ'..='ヺ' => KANA.get(c as usize - 0x3041).copied().unwrap_or(c),
            _ => twin(c),
        });
    }
}

fn is_kana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ')
}

/// [`twin`] of every kana: most of what a Japanese text is made of.
static KANA: [char; 0xBA] = {
    let mut table = ['\0'; 0xBA];
    let mut at = 0;
    while at < table.len() {
        #[expect(clippy::indexing_slicing, reason = "at is below the length, and this is no input")]
        if let Some(c) = char::from_u32(0x3041 + at as u32) {
            table[at] = twin(c);
        }
        at += 1;
    }
    table
};

/// The character that stands for all that look like `c`.
#[inline]
const fn twin(c: char) -> char {
    match c {
        'ァ' => 'ア',
        'ィ' => 'イ',
        'ゥ' => 'ウ',
        'ェ' => 'エ',
        'ォ' => 'オ',
        'ッ' => 'ツ',
        'ャ' => 'ヤ',
        'ュ' => 'ユ',
        'ョ' => 'ヨ',
        'ヵ' => 'カ',
        'ヶ' => 'ケ',
        'っ' => 'つ',
        'ゃ' => 'や',
        'ゅ' => 'ゆ',
        'ょ' => 'よ',
        // Katakana that is written alike in hiragana.
        'ヘ' => 'へ',
        'ベ' => 'べ',
        'ペ' => 'ぺ',
        'リ' => 'り',
        // Kanji that look like katakana.
        '力' => 'カ',
        '口' => 'ロ',
        '工' => 'エ',
        '二' => 'ニ',
        '夕' => 'タ',
        '卜' => 'ト',
        '八' => 'ハ',
        '埸' => '場',
        // Cyrillic and Greek that look like Latin, in lower case.
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' => 'c',
        'е' | 'ε' => 'e',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'н' => 'h',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ν' => 'v',
        'х' | 'χ' => 'x',
        'у' => 'y',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        fold(text, usize::MAX, &mut out);
        out
    }

    #[track_caller]
    fn same(a: &str, b: &str) {
        assert_eq!(folded(a), folded(b), "{a} and {b}");
    }

    #[test]
    fn spellings_of_one_word() {
        same("パスワード", "ﾊﾟｽﾜｰﾄﾞ");
        same("サーバー", "サーバ");
        same("ウィンドウ", "ウインドウ");
        same("ＰＡＳＳＷＯＲＤ", "password");
        same("カード", "力\u{200B}ード");
        same("口座", "ロ座");
        same("お客様", "お 客\u{3000}様");
        same("ご利用確認", "ご利\n用確認");
        same("お客様の ID", "お客様のid");
        same("アカ\u{2064}ウント", "アカウ\u{FE09}ント");
        same("以下ヘアクセス", "以下へアクセス");
        same("\u{430}ccount", "Account");
        same("vérification", "VERIFICATION");
        same("e\u{337}ntrega", "entrega");
        same("ダウンロード", "タ\u{3099}ウンロート\u{3099}");
        same("㈱", "(株)");
    }

    #[test]
    fn words_of_latin_letters_stay_apart() {
        assert_eq!(folded("Verify\r\nyour  Account"), "verify your account");
        assert_eq!(folded("one\n\ntwo"), "one\ntwo");
        assert_eq!(folded("一\n \n二三"), "一\nニ三");
        assert_eq!(folded("don\u{2019}t \u{2014} x"), "don't - x");
    }

    #[test]
    fn what_was_folded_leads_back() {
        let text = "ﾊﾟｽﾜｰﾄﾞ を入力";
        let at = folded(text).find(&folded("入力")).unwrap();
        assert_eq!(&text[origin(text, at)..], "入力");
        assert_eq!(origin("a", 9), 1);
    }

    #[test]
    fn words_of_ascii_are_folded_at_once_as_by_letter() {
        for text in ["Aa B\u{3042}Cc\n\nD,E!", "\u{FF76}A\u{FF9E}", "Ab\u{30FC}", "x-Y\u{3099}"] {
            let mut by_letter = String::new();
            let mut folder = Folder { out: &mut by_letter, blank: Blank::None, last: '\n' };
            text.chars().for_each(|c| folder.push(c));
            assert_eq!(folded(text), by_letter);
        }
    }

    #[test]
    fn the_limit_counts_characters() {
        let mut out = String::new();
        fold("あいうえお", 3, &mut out);
        assert_eq!(out, "あいう");
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "(\\PC|\n| |[ｦ-ﾟ]|[\u{300}-\u{310}]|\u{3099}){0,80}") {
            let out = folded(&text);
            prop_assert!(text.is_char_boundary(origin(&text, out.len() / 2)));
            prop_assert!(out.chars().all(|c| !is_unshowable(c) || c == '\n'));
        }
    }
}
