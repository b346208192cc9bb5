//! The words by which a mail hands over the password of a file.
//!
//! Way in: [`Handover::in_text`]. After a word for password something must follow that looks like one,
//! in its sentence or, where the sentence announces it, on the next line; the words around must be
//! about a file, not about an account; and nothing may say that it comes by telephone, was agreed
//! before, or is to be changed. Inbound, where any candidate is only tried, needs none of that
//! ([`crate::message::Message::named_passwords`]).

use super::plain::plain;

/// What is known of the mail that the words stand in.
pub(crate) struct Handover {
    is_about_file: bool,
    left: usize,
}

impl Handover {
    /// With the mail's subject, and whether an encrypted file comes along.
    pub(crate) fn new(subject: &str, has_encrypted: bool) -> Handover {
        let subject = joined(subject).to_lowercase();
        Handover { is_about_file: has_encrypted || has_any(&subject, FILE), left: MOST_CHARACTERS }
    }

    /// The password that the text hands over, masked. Only so many characters of a mail are looked at.
    pub(crate) fn in_text(&mut self, text: &str) -> Option<String> {
        let cut = text.char_indices().nth(self.left).map_or(text.len(), |(at, _)| at);
        let text = joined(text.get(..cut).unwrap_or_default());
        self.left = self.left.saturating_sub(text.chars().count());
        let lower = text.to_ascii_lowercase();
        for (at, end) in words(&lower) {
            if let Some(password) = self.after(&text, &lower, at, end) {
                return Some(masked(password));
            }
        }
        None
    }

    /// What stands after the word at `at..end` as a password.
    fn after<'t>(&self, text: &'t str, lower: &str, at: usize, end: usize) -> Option<&'t str> {
        let sentence_at = start_of_sentence(lower, at);
        let rest = text.get(end..)?;
        let line = rest.lines().next().unwrap_or_default();
        let line = around(line, 0, LONGEST_SENTENCE);
        let tail = line.split_once('。').map_or(line, |(tail, _)| tail);
        let sentence = lower.get(sentence_at..end + tail.len())?;
        let follows = |ends: &[&str]| ends.iter().any(|e| tail.trim_start().starts_with(e));
        if has_any(sentence, NOT) || follows(NO_PASSWORD) {
            return None;
        }
        let before = around(lower, at.saturating_sub(BEFORE), sentence_at);
        let after = around(lower, end + tail.len(), end + tail.len() + AFTER);
        let near = around(lower, at.saturating_sub(NEAR), sentence_at);
        let is_of_account = has_any(sentence, ACCOUNT) || has_any(near, ACCOUNT);
        // What the sentence says first is what the password is for.
        let lead = lower.get(sentence_at..end)?;
        let is_of_file = has_any(lead, FILE) || !has_any(lead, ACCOUNT) && has_any(sentence, FILE);
        let is_meant = is_of_file
            || !is_of_account
                && (self.is_about_file || has_any(before, FILE) || has_any(after, FILE));
        if !is_meant {
            return None;
        }
        introduced(tail).or_else(|| {
            let is_below = is_rule(tail)
                || tail.trim_end().ends_with([':', 'は', '→', '⇒', '↓'])
                || has_any(tail, BELOW);
            if !is_below && (has_any(tail, LATER) || !has_any(tail, ANNOUNCES)) {
                return None;
            }
            let mut below = rest.lines().skip(1).map(str::trim).filter(|line| !is_rule(line));
            let password = below.next().and_then(stands_alone)?;
            let is_sure = is_below || password.contains(|c: char| c.is_ascii_digit());
            is_sure.then_some(password)
        })
    }
}

/// Whether a file's name says that a password is in it (`password.txt`).
pub(crate) fn names_password(name: &str) -> bool {
    let name = plain(name).to_lowercase();
    let stem = name.split_once('.').map_or(name.as_str(), |(stem, _)| stem);
    !words(&stem.replace('_', " ")).is_empty()
}

/// The password, masked, that a text consists of.
pub(crate) fn alone(text: &str) -> Option<String> {
    let text = plain(text);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next()?;
    let is_all = lines.take(3).count() < 3;
    is_all.then(|| stands_alone(first).map(masked)).flatten()
}

/// The password, masked, in the name of a file: `資料_pw_Abc123.zip`.
pub(crate) fn in_name(name: &str) -> Option<String> {
    let name = plain(name).replace(['_', '('], " ");
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let lower = stem.to_ascii_lowercase();
    let &(_, end) = words(&lower).first()?;
    let rest = stem.get(end..)?.trim_start_matches([' ', '-', '=', ':', 'は']);
    let token = rest.split(|c: char| !c.is_ascii_graphic()).next()?.trim_matches(SURROUNDING);
    (is_password(token) && token.contains(|c: char| c.is_ascii_digit())).then(|| masked(token))
}

/// The first character and as many stars as others.
fn masked(password: &str) -> String {
    let mut chars = password.chars();
    let first = chars.next().map(String::from).unwrap_or_default();
    first + &"*".repeat(chars.count().min(LONGEST))
}

/// Plain text without the blanks that space out Japanese words.
fn joined(text: &str) -> String {
    let text = plain(text);
    let is_japanese = |c: char| matches!(c, '\u{3041}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}');
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_between = c == ' '
            && out.chars().next_back().is_some_and(is_japanese)
            && chars.peek().is_some_and(|&next| is_japanese(next));
        if !is_between {
            out.push(c);
        }
    }
    out
}

/// The first words for password, each as long as it stands there.
fn words(lower: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for word in WORDS {
        let mut from = 0;
        for _ in 0..MOST_WORDS {
            let Some(at) = find(lower, word, from) else { break };
            from = at + word.len();
            found.push((at, from));
        }
    }
    found.sort_unstable_by_key(|(at, end)| (*at, usize::MAX - end));
    found.dedup_by_key(|(at, _)| *at);
    found.truncate(MOST_WORDS);
    found
}

/// Where `word` stands from `from` on; an English one alone, not in another (`compass`).
fn find(lower: &str, word: &str, from: usize) -> Option<usize> {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let found = lower.get(from..)?.match_indices(word).map(|(at, _)| from + at);
    found.take(MOST_WORDS).find(|&at| {
        let before = lower.get(..at).and_then(|b| b.chars().next_back());
        let after = lower.get(at + word.len()..).and_then(|a| a.chars().next());
        let is_compound = after == Some('-') && word != "password";
        !word.is_ascii() || !(is_letter(before) || is_letter(after) || is_compound)
    })
}

fn start_of_sentence(lower: &str, at: usize) -> usize {
    let before = around(lower, at.saturating_sub(LONGEST_SENTENCE), at);
    let own = before.rsplit(['\n', '。']).next().unwrap_or_default();
    at.saturating_sub(own.len())
}

/// `text` between two bytes, moved to where characters begin.
fn around(text: &str, from: usize, to: usize) -> &str {
    let mut from = from.min(text.len());
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut to = to.min(text.len());
    while !text.is_char_boundary(to) {
        to += 1;
    }
    text.get(from..to).unwrap_or_default()
}

/// A password in the rest of a sentence, behind something that introduces it.
fn introduced(tail: &str) -> Option<&str> {
    let end = tail.char_indices().nth(REACH).map_or(tail.len(), |(at, _)| at);
    let near = tail.get(..end)?;
    let marks = [": ", ":", "=", "「", "『", "は", " is ", "→", "⇒", "【", "\t"];
    marks.iter().filter_map(|mark| Some(near.find(mark)? + mark.len())).find_map(|at| {
        let behind =
            tail.get(at..)?.trim_start_matches([' ', '「', '『', '【', '"', ':', '\t', '、']);
        let token = behind.split(|c: char| !c.is_ascii_graphic()).next()?;
        let token = token.trim_matches(SURROUNDING).trim_end_matches('.');
        let has_digit = token.contains(|c: char| c.is_ascii_digit());
        // `is` is followed by words of all kinds.
        let is_sure = has_digit || !tail.get(..at).is_some_and(|t| t.ends_with(" is "));
        (is_sure && is_password(token)).then_some(token)
    })
}

/// A line that is a password and hardly more.
fn stands_alone(line: &str) -> Option<&str> {
    let mut runs = line.split(|c: char| !c.is_ascii_graphic());
    let token = runs.by_ref().map(|r| r.trim_matches(SURROUNDING)).find(|r| r.len() >= SHORTEST)?;
    let others = line.chars().filter(|c| c.is_alphanumeric()).count();
    let own = token.chars().filter(|c| c.is_alphanumeric()).count();
    let is_alone = others.saturating_sub(own) <= MOST_BESIDE;
    (is_alone && is_password(token)).then_some(token)
}

/// Whether it looks like a password rather than a word, an address, a date or a file.
fn is_password(token: &str) -> bool {
    let lower = token.to_ascii_lowercase();
    let is_host = token.contains("://") || lower.starts_with("www.");
    let is_address = token.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.rsplit_once('.').is_some_and(|(_, top)| top.len() >= 2)
    });
    let is_file = lower.rsplit_once('.').is_some_and(|(_, e)| EXTENSIONS.contains(&e));
    let digits = token.chars().filter(char::is_ascii_digit).count();
    let is_figures = token.chars().all(|c| c.is_ascii_digit() || "-/:().+".contains(c));
    let is_date_or_telephone = is_figures && digits < token.len();
    let is_mark = token.chars().all(|c| !c.is_ascii_alphanumeric());
    (SHORTEST..=LONGEST).contains(&token.len())
        && !(is_host || is_address || is_file || is_date_or_telephone || is_mark)
        && !STOP.contains(&lower.as_str())
        && !lower.starts_with('<')
}

/// Whether a line says nothing: blank, or drawn with marks.
fn is_rule(line: &str) -> bool {
    !line.contains(char::is_alphanumeric)
}

fn has_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| match word.is_ascii() {
        true => find(text, word, 0).is_some(),
        false => text.contains(word),
    })
}

/// Words after which a password stands, lower case, NFKC.
const WORDS: &[&str] = &[
    "パスワード",
    "ぱすわーど",
    "パスコード",
    "暗証番号",
    "解凍パス",
    "開封パス",
    "解凍キー",
    "復号キー",
    "暗号キー",
    "password",
    "passcode",
    "passphrase",
    "passwd",
    "pass",
    "pwd",
    "pw",
    "p/w",
];

/// Words about files that are opened by a password.
const FILE: &[&str] = &[
    "添付",
    "ファイル",
    "解凍",
    "展開",
    "圧縮",
    "暗号化",
    "復号",
    "開封",
    "資料",
    "書類",
    "別送",
    "zip",
    "7z",
    "お送りした",
    "お送りしました",
    "送付した",
    "送付しました",
    "送信した",
    "先ほど",
    "先程",
    "前のメール",
    "前便",
    "別メール",
    "別便",
    "attached",
    "attachment",
    "file",
    "files",
    "archive",
    "decrypt",
    "document",
    "unzip",
    "pdf",
    "excel",
];

/// Words about accounts, meetings and networks.
const ACCOUNT: &[&str] = &[
    "ログイン",
    "アカウント",
    "サインイン",
    "ユーザー",
    "ユーザ",
    "id",
    "会員",
    "ミーティング",
    "会議",
    "zoom",
    "webex",
    "teams",
    "meet",
    "meeting",
    "wi-fi",
    "wifi",
    "ssid",
    "login",
    "log in",
    "sign in",
    "account",
    "username",
    "user",
    "server",
    "サーバ",
    "データベース",
    "database",
    "mysql",
    "サイト",
    "マイページ",
];

/// Words that say the password is not handed over here.
const NOT: &[&str] = &[
    "電話",
    "tel",
    "sms",
    "ショートメッセージ",
    "口頭",
    "事前に",
    "予め",
    "あらかじめ",
    "取り決め",
    "ご存じ",
    "ご存知",
    "既知",
    "いつもの",
    "前回と同じ",
    "郵送",
    "fax",
    "変更",
    "再設定",
    "リセット",
    "再発行",
    "忘れ",
    "有効期限",
    "期限切れ",
    "文字以上",
    "by phone",
    "by telephone",
    "text message",
    "agreed",
    "reset",
    "change",
    "changed",
    "expire",
    "expires",
    "expired",
    "forgot",
    "forgotten",
    "at least",
];

/// What makes it another word: manager, policy, protected.
const NO_PASSWORD: &[&str] = &[
    "付き",
    "つき",
    "保護",
    "レス",
    "管理",
    "マネージャ",
    "ポリシー",
    "認証",
    "リスト",
    "スプレー",
    "なし",
    "無し",
    "-protected",
    "protection",
    "+",
    "protected",
    "manager",
    "policy",
    "-less",
    "required",
    "欄",
    "入力",
];

/// What says that it stands below, what may say so, and what says that it comes another time.
const BELOW: &[&str] = &["以下", "下記", "次の", "follows", "following", "below"];
const ANNOUNCES: &[&str] = &["お知らせ", "お送り", "送ります", "ご連絡", "です"];
const LATER: &[&str] = &["後ほど", "のちほど", "後程", "別途", "追って", "改めて"];

/// Words that stand where a password might.
const STOP: &[&str] = &[
    "will",
    "been",
    "have",
    "that",
    "this",
    "which",
    "with",
    "your",
    "from",
    "sent",
    "zip",
    "pdf",
    "the",
    "and",
    "for",
    "not",
    "you",
    "yes",
    "none",
    "null",
    "true",
    "false",
    "string",
    "protected",
    "required",
    "needed",
    "separately",
    "tel",
    "fax",
    "sms",
    "mail",
    "e-mail",
    "email",
    "password",
    "passwd",
    "pass",
    "excel",
    "word",
    "ppap",
    "file",
    "can",
    "should",
    "must",
    "was",
    "same",
    "being",
    "used",
    "now",
    "also",
    "still",
    "ascii",
    "incorrect",
    "wrong",
    "invalid",
    "correct",
    "prompt",
    "authentication",
    "safe",
    "secure",
    "optional",
];

const EXTENSIONS: &[&str] = &[
    "zip", "7z", "rar", "lzh", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "csv",
    "exe", "html", "php", "cgi", "jp", "com", "net", "org", "c", "h", "py", "pl", "sh", "conf",
];

/// What stands around a password rather than in it.
const SURROUNDING: &[char] =
    &['"', '\'', '(', ')', '<', '>', '[', ']', ':', '=', ',', '`', '*', ';'];

/// Characters of a mail that are looked at, and words of a text.
const MOST_CHARACTERS: usize = 256 * 1024;
const MOST_WORDS: usize = 64;

/// How far around the word a file is spoken of, and an account, in bytes.
const BEFORE: usize = 600;
const AFTER: usize = 200;
const NEAR: usize = 120;

/// How far a sentence is looked at on both sides of the word, in bytes.
const LONGEST_SENTENCE: usize = 600;

/// How far after the word what introduces a password stands, in characters.
const REACH: usize = 60;

/// Bounds of a password's length in bytes.
const SHORTEST: usize = 4;
const LONGEST: usize = 64;

/// Letters and digits that may stand beside a password on its line.
const MOST_BESIDE: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        assert!(names_password("password.txt") && names_password("パスワード.txt"));
        assert!(names_password("zip_pw.txt") && !names_password("compass.txt"));
        assert_eq!(in_name("資料_pw_Abc123.zip").as_deref(), Some("A*****"));
        assert_eq!(in_name("資料(パスワード付き).zip"), None);
        assert_eq!(alone("Abc123\r\n").as_deref(), Some("A*****"));
        assert_eq!(alone("This file says how to choose one.\n"), None);
    }

    #[test]
    fn what_looks_like_a_password() {
        for token in ["Abc12345", "20261121", "P@ssw0rd", "himitsu", "x-Y_z!9"] {
            assert!(is_password(token), "{token}");
        }
        for token in [
            "abc",
            "a@b.example",
            "https://a.example",
            "a.zip",
            "03-0000-0001",
            "2026/11/21",
            "----",
        ] {
            assert!(!is_password(token), "{token}");
        }
    }
}
