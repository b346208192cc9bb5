//! Passwords that a mail names, to be tried on what comes along encrypted.
//!
//! Way in: [`candidates`]. In Japan an encrypted file and its password often travel in one mail, and
//! so do attackers' files, because no scanner opens them. A candidate is what stands after the word
//! for password, on its line or the next; that it is one is only shown by its opening something.

use unicode_normalization::UnicodeNormalization;

/// Candidates kept of one mail: every one is tried on every encrypted file.
pub(super) const MOST: usize = 8;

/// What `texts` name as passwords, in order, each once, at most [`MOST`].
pub(super) fn candidates<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        let folded: String = text.chars().take(LONGEST_TEXT).nfkc().collect();
        let lower = folded.to_ascii_lowercase();
        let mut after = 0;
        for _ in 0..MOST_WORDS {
            let Some((at, word)) = next_word(&lower, after) else { break };
            after = at + word.len();
            for token in tokens(folded.get(after..).unwrap_or_default()) {
                if found.len() == MOST {
                    return found;
                }
                if !found.iter().any(|known| known == token) {
                    found.push(token.to_owned());
                }
            }
        }
    }
    found
}

/// Words after which a password stands, lower case, NFKC.
const WORDS: [&str; 8] =
    ["パスワード", "ぱすわーど", "password", "passcode", "passwd", "pass", "pw", "解凍キー"];

/// Characters of one text that are looked at.
const LONGEST_TEXT: usize = 64 * 1024;

/// Times the words are looked for in one text.
const MOST_WORDS: usize = 64;

/// How far after the word a password may begin, in characters.
const REACH: usize = 60;

/// Longest password tried, in bytes; none shorter than [`SHORTEST`] is.
const LONGEST: usize = 64;
const SHORTEST: usize = 3;

/// The next word of [`WORDS`] from `from` on.
fn next_word(lower: &str, from: usize) -> Option<(usize, &'static str)> {
    let found = WORDS.iter().filter_map(|word| Some((find(lower, word, from)?, *word)));
    found.min_by_key(|(at, word)| (*at, usize::MAX - word.len()))
}

/// Where `word` stands from `from` on; an English one alone, not in another (`compass`).
fn find(lower: &str, word: &str, from: usize) -> Option<usize> {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let found = lower.get(from..)?.match_indices(word).map(|(at, _)| from + at);
    found.take(MOST_WORDS).find(|&at| {
        let before = lower.get(..at).and_then(|b| b.chars().next_back());
        let after = lower.get(at + word.len()..).and_then(|a| a.chars().next());
        !word.is_ascii() || !(is_letter(before) || is_letter(after))
    })
}

/// The first two runs of printable ASCII in reach: the word's own line may name the file first.
fn tokens(after: &str) -> impl Iterator<Item = &str> {
    let end = after.char_indices().nth(REACH).map_or(after.len(), |(at, _)| at);
    let near = after.get(..end).unwrap_or_default();
    // A run that reaches beyond is cut back to where it began and so given whole.
    let whole = after.get(end..).unwrap_or_default();
    let tail = whole.find(|c: char| !c.is_ascii_graphic()).unwrap_or(whole.len().min(LONGEST));
    let near = match near.chars().next_back() {
        Some(c) if c.is_ascii_graphic() => after.get(..end + tail).unwrap_or(near),
        _ => near,
    };
    near.split(|c: char| !c.is_ascii_graphic())
        .map(|run| run.trim_matches(SURROUNDING))
        .filter(|run| (SHORTEST..=LONGEST).contains(&run.len()))
        .take(2)
}

/// What stands around a password rather than in it.
const SURROUNDING: &[char] = &['"', '\'', '(', ')', '<', '>', '[', ']', ':', '=', ',', '`', '*'];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(candidates([text]), expected);
    }

    #[test]
    fn what_stands_after_the_word() {
        check("解凍パスワード：Abc123!x", &["Abc123!x"]);
        check("パスワードは「Abc123」です。", &["Abc123"]);
        check("解凍用ﾊﾟｽﾜｰﾄﾞ：　Ａｂｃ１２３", &["Abc123"]);
        check("ZIPファイルのパスワードは以下の通りです。\n\n　20261121\n", &["20261121"]);
        check("Password: s3cr#t.", &["s3cr#t."]);
        check("PW=infected", &["infected"]);
        check("The compass and the passenger 12345", &[]);
        check("パスワードは別途お電話でご連絡いたします。", &[]);
        check("添付ファイルをご確認ください。", &[]);
    }

    #[test]
    fn each_once_and_no_more_than_the_limit() {
        check("パスワード aaa\nパスワード aaa", &["aaa"]);
        let many: String = (0..50).map(|n| format!("パスワード {n:04}\n")).collect();
        assert_eq!(candidates([many.as_str()]).len(), MOST);
    }

    proptest! {
        #[test]
        fn any_text_gives_few_short_ones(text in "(パスワード|pw|[ -~あ-ん：「」\n]){0,80}") {
            let found = candidates([text.as_str()]);
            prop_assert!(found.len() <= MOST);
            prop_assert!(found.iter().all(|p| (SHORTEST..=LONGEST).contains(&p.len())));
        }
    }
}
