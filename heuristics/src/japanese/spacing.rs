//! Blanks where Japanese prose has none: inside words (`確 認させて`), round particles (`お客様 の アカウント`),
//! before a full stop.
//!
//! Only lines of prose are looked at. Headings and labels set their letters apart (`お 知 ら せ`,
//! `ご 利 用 日 時`), and a blank between family name, given name and 様, or beside Latin letters and
//! numbers, is how Japanese is written; so is the blank after each phrase in books for children.

use super::{is_han, is_japanese_letter};

/// Calls `found` with each blank that stands wrong, as a person sees it.
pub fn search<'t>(line: &'t str, mut found: impl FnMut(&'t str)) {
    // A no-break space begins with C2.
    let any = memchr::memchr2(b' ', 0xC2, line.as_bytes()).is_some();
    if !any || line.is_ascii() || !is_prose(line) {
        return;
    }
    let mut window = [(0, '\n'); 5];
    for (at, c) in line.char_indices().chain([(line.len(), '\n'); 2]) {
        window = [window[1], window[2], window[3], window[4], (at, c)];
        let [(start, a), (_, left), (_, blank), (_, b), (_, c)] = window;
        if !BLANKS.contains(&blank) || !is_japanese_letter(left) {
            continue;
        }
        let before_stop = matches!(b, '。' | '、');
        // Both blanks of `の` belong to it; the second one tells.
        let single = BLANKS.contains(&a) && is_japanese_letter(b) && !NAMES.contains(left);
        let cut = is_han(left) && is_han(b) && is_hiragana(c) && !SUFFIXES.contains(b);
        if before_stop || single || cut {
            found(line.get(start..at + if c == '\n' { 0 } else { c.len_utf8() }).unwrap_or(line));
        }
    }
}

/// Whether a line holds a sentence rather than a heading or a label.
fn is_prose(line: &str) -> bool {
    let letters = line.chars().filter(|&c| is_japanese_letter(c));
    let (all, hiragana) =
        letters.fold((0, 0), |(all, kana), c| (all + 1, kana + usize::from(is_hiragana(c))));
    all >= SENTENCE && hiragana * 4 >= all
}

fn is_hiragana(c: char) -> bool {
    ('\u{3041}'..='\u{3096}').contains(&c)
}

const BLANKS: [char; 2] = [' ', '\u{A0}'];

/// Fewest Japanese letters of a line that is a sentence.
const SENTENCE: usize = 16;

/// What stands alone between blanks in names and addresses.
const NAMES: &str = "様殿氏君御他等第計";

/// Kanji that begin a word of their own after a name or a noun.
const SUFFIXES: &str = "様殿氏君御各等及又他宛先方行着発分別付前後中内外際頃毎約計第";

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<&str> {
        let mut all = Vec::new();
        search(line, |shown| all.push(shown));
        all
    }

    #[test]
    fn blanks_that_stand_wrong() {
        assert_eq!(found("ご本人様のご利 用かどうかを確 認させていただきます").len(), 2);
        assert_eq!(
            found("お客様 の アカウント に 問題 が 発生しましたのでご連絡いたします").len(),
            3
        );
        assert_eq!(found("カードのご利用についてお知らせいたします 。"), ["ます 。"]);
        assert_eq!(found("以下 の リ ン クをクリックしてご確認くださいますように").len(), 3);
    }

    #[test]
    fn blanks_that_are_customary() {
        for line in [
            "お 知 ら せ",
            "ご 利 用 日 時 ：2026年11月20日",
            "清水 健太 様から、第12回 研究会 への招待が届きましたのでお知らせします。",
            "株式会社見本 営業部 山田 太郎 様 いつもお世話になっております。",
            "Windows の設定を開き、 3 つ目の項目を選んでください。",
            "東京\u{3000}太郎です。\u{3000}いつもお世話になっております。",
            "きょうは がっこうで えを かきました。とても たのしかったです。",
            "古池や 蛙飛びこむ 水の音",
        ] {
            assert_eq!(found(line), [""; 0], "{line}");
        }
    }
}
