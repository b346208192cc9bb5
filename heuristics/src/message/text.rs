//! The text of a message as a person reads it, and which of it the sender wrote himself.
//!
//! A quotation must never be a place to hide in: where nothing but blanks stands above it, the
//! whole text counts as the sender's own (see [`quoted_from`]). Everything is one pass over the
//! lines, each looked at a bounded number of times.

use super::part::PartId;

/// Text of one body part.
#[derive(Clone, Debug)]
pub struct Text {
    /// Part it stands in.
    pub part: PartId,
    /// Message it belongs to: 0 is the mail itself.
    pub message: usize,
    /// Whether it was read from HTML (then this is what a person sees of it).
    pub html: bool,
    /// The whole text, line feeds only.
    pub content: String,
    /// Byte offset in `content` where quotations of earlier mail begin; the length where none do.
    pub quoted_from: usize,
}

impl Text {
    /// What the sender wrote himself: the text above quotations, lines that begin with `>` left in
    /// place only where they are answers between quotations.
    pub fn own(&self) -> &str {
        self.content.get(..self.quoted_from).unwrap_or(&self.content)
    }
}

/// Byte offset where a quoted earlier mail begins (`-----Original Message-----`, `On … wrote:`,
/// `差出人:` blocks, a run of `>` lines to the end), or the length of `content`.
///
/// It is the length too where nothing but blanks stands above the quotation. Such a mail is either
/// a forward without a word, whose sender vouches for what he forwards, or begins with a forged
/// quotation to hide the rest from every rule; both are judged by their whole text. No look of a
/// reply (`Re:`) changes that, because the sender writes the look too.
pub fn quoted_from(content: &str) -> usize {
    match quotation(content) {
        Some(at) if content.get(..at).is_some_and(|above| !above.trim().is_empty()) => at,
        _ => content.len(),
    }
}

/// Byte offset where a quotation begins, whatever stands above it. One that the sender answers
/// below (`On … wrote:`, lines with `>`, then his answer) is none.
pub(super) fn quotation(content: &str) -> Option<usize> {
    let trailing = trailing_quotation(content);
    let mut lines = Lines::new(content);
    while let Some((at, line)) = lines.next() {
        let begins = opens(line.trim(), lines.clone());
        if begins && trailing.is_none_or(|trailing| at < trailing) {
            let marked = lines.clone().take(MARKED_WITHIN).find(|(_, line)| line.starts_with('>'));
            match marked {
                Some((marked, _)) if trailing.is_none_or(|trailing| marked < trailing) => {}
                _ => return Some(at),
            }
        }
    }
    trailing
}

/// Whether the first line that is not blank opens a quotation.
pub(super) fn begins_with_quotation(content: &str) -> bool {
    let mut lines = Lines::new(content);
    let first = lines.find(|(_, line)| !line.trim().is_empty());
    first.is_some_and(|(_, line)| opens(line.trim(), lines.clone()))
        && quotation(content)
            .is_some_and(|at| content.get(..at).is_some_and(|a| a.trim().is_empty()))
}

/// Whether a line, trimmed, opens a quotation; `after` are the lines below it.
fn opens(line: &str, after: Lines<'_>) -> bool {
    let Some(first) = line.chars().next() else { return false };
    // What no opening begins with costs no more than this.
    if is_rule_char(first) {
        return is_separator(line)
            || is_header_block(line, after.clone())
            || is_rule(line) && rule_opens_header_block(after);
    }
    if line.ends_with([':', '：']) && ALONE.contains(&line) {
        return true;
    }
    first != '>' && (is_attribution(line, after.clone()) || is_header_block(line, after))
}

/// Lines below the words that open a quotation within which its `>` begin.
const MARKED_WITHIN: usize = 4;

/// Lines with the offsets at which they begin.
#[derive(Clone)]
struct Lines<'a> {
    content: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    fn new(content: &'a str) -> Lines<'a> {
        Lines { content, at: 0 }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<(usize, &'a str)> {
        let rest = self.content.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let at = self.at;
        self.at += length + 1;
        Some((at, rest.get(..length)?))
    }
}

/// `-----Original Message-----` and its like: a title between dashes, or one that stands alone.
fn is_separator(line: &str) -> bool {
    if line.len() > LONGEST_SEPARATOR {
        return false;
    }
    let title = line.trim_matches(|c: char| is_rule_char(c) || c.is_whitespace());
    let dashes = |part: Option<&str>| {
        part.is_some_and(|part| part.chars().filter(|c| is_rule_char(*c)).count() >= 2)
    };
    let Some(at) = line.find(title) else { return false };
    let title = title.trim_end_matches([':', '：']);
    dashes(line.get(..at))
        && (TITLES.iter().any(|known| known.eq_ignore_ascii_case(title))
            || title.to_ascii_lowercase().starts_with("forwarded by "))
}

/// Titles of quotations, with dashes before them.
const TITLES: [&str; 17] = [
    "Original Message",
    "Original Appointment",
    "Forwarded Message",
    "Reply Message",
    "Begin forwarded message",
    "元のメッセージ",
    "元のメール",
    "元の予定",
    "転送メッセージ",
    "転送されたメッセージ",
    "転送メール",
    "転送元メッセージ",
    "返信元メッセージ",
    "返信メッセージ",
    "引用元メッセージ",
    "オリジナルメッセージ",
    "オリジナル メッセージ",
];

/// Titles that stand alone on their line.
const ALONE: [&str; 4] = [
    "Begin forwarded message:",
    "Start of forwarded message:",
    "転送されたメッセージ：",
    "転送されたメッセージ:",
];

const LONGEST_SEPARATOR: usize = 160;

fn is_rule_char(c: char) -> bool {
    matches!(
        c,
        '-' | '_'
            | '='
            | '*'
            | '~'
            | '－'
            | '＿'
            | '─'
            | '━'
            | '\u{2015}'
            | '\u{2010}'
            | '\u{2014}'
    )
}

fn is_rule(line: &str) -> bool {
    line.len() >= 8 && line.len() <= LONGEST_LINE && line.chars().all(is_rule_char)
}

/// `On Fri, 20 Nov 2026 … wrote:` and `2026年11月20日(金) 10:00 山田 <a@b.example>:`, over up to three
/// lines.
fn is_attribution(line: &str, mut after: Lines<'_>) -> bool {
    let start = line.trim_start_matches(['(', '（']);
    let is_english = ["On ", "At ", "In message <", "In article <"]
        .iter()
        .any(|beginning| start.starts_with(beginning));
    let is_dated = start.starts_with(|c: char| c.is_ascii_digit()) && has_date(start);
    if !is_english && !is_dated {
        // `山田さんは書きました:` with the quotation right below.
        return line.ends_with([':', '：'])
            && ENDINGS.iter().any(|ending| line.ends_with(ending))
            && line.len() <= LONGEST_LINE
            && after
                .by_ref()
                .take(4)
                .find(|(_, l)| !l.trim().is_empty())
                .is_some_and(|(_, l)| l.starts_with('>'));
    }
    let mut joined = String::new();
    let mut next = Some(line);
    for _ in 0..3 {
        let Some(line) = next.filter(|l| !l.is_empty() && l.len() <= LONGEST_LINE) else {
            return false;
        };
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line);
        if line.ends_with([':', '：']) {
            let names_somebody = joined.contains('@') || joined.contains("さん");
            return ENDINGS.iter().any(|ending| joined.ends_with(ending))
                || is_dated && names_somebody;
        }
        next = after.next().map(|(_, line)| line.trim());
    }
    false
}

/// How attributions end.
const ENDINGS: [&str; 9] = [
    " wrote:",
    " writes:",
    "wrote :",
    "書きました:",
    "書きました：",
    "のメール:",
    "のメール：",
    "のメッセージ:",
    "のメッセージ：",
];

/// Whether a date stands at the start: `2026年11月20日`, `2026/11/20`, `2026-11-20`.
fn has_date(line: &str) -> bool {
    let mut parts = line.splitn(3, |c: char| !c.is_ascii_digit());
    let is_number = |part: Option<&str>| {
        part.is_some_and(|p| (1..=4).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
    };
    is_number(parts.next())
        && line.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['年', '/', '-', '.'])
        && is_number(parts.next())
}

/// `差出人: … 送信日時: … 宛先: … 件名: …`, as Outlook writes it: the first line names the sender,
/// and at least two other fields follow, a date or subject among them.
fn is_header_block(line: &str, after: Lines<'_>) -> bool {
    // Nearly every line is told by its first letter.
    let first = line.chars().find(|c| !c.is_whitespace() && !matches!(c, '*' | '■' | '【'));
    if !matches!(first, Some('f' | 'F' | '差' | '送' | '発')) {
        return false;
    }
    if !matches!(header_label(line), Some(Label::From)) {
        return false;
    }
    let mut others = 0;
    let mut tells = false;
    for (_, line) in after.take(LONGEST_BLOCK) {
        match header_label(line.trim()) {
            Some(Label::From) => break,
            Some(label) => {
                others += 1;
                tells |= label == Label::Telling;
            }
            None if line.trim().is_empty() => break,
            // A folded list of recipients.
            None => {}
        }
    }
    others >= 2 && tells
}

/// A rule whose next line that is not blank opens a header block.
fn rule_opens_header_block(mut after: Lines<'_>) -> bool {
    let first = after.by_ref().take(3).find(|(_, line)| !line.trim().is_empty());
    first.is_some_and(|(_, line)| is_header_block(line.trim(), after))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    From,
    /// Date or subject.
    Telling,
    Other,
}

/// The header field that a line of a quoted header shows.
fn header_label(line: &str) -> Option<Label> {
    let line = line.trim_start_matches(['*', '■', '【']);
    // Labels are short; a long line is not searched for its colon.
    let colon = line.char_indices().take(24).find(|(_, c)| matches!(c, ':' | '：' | '】'))?.0;
    let label = line.get(..colon)?;
    // Blanks inside are how Outlook justifies: `宛　先:`.
    let label: String = label
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '*')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    Some(match label.as_str() {
        "from" | "差出人" | "送信者" | "発信者" | "送信元" => Label::From,
        "sent" | "date" | "subject" | "件名" | "題名" | "送信日時" | "日時" | "日付" | "送信日"
        | "受信日時" => Label::Telling,
        "to" | "cc" | "bcc" | "reply-to" | "宛先" | "ｃｃ" | "返信先" | "添付ファイル"
        | "attachments" | "重要度" | "importance" => Label::Other,
        _ => return None,
    })
}

/// Lines of a quoted header that are looked at.
const LONGEST_BLOCK: usize = 12;

/// Longest line that can be an attribution, in bytes.
const LONGEST_LINE: usize = 400;

/// Where a run of `>` lines begins that reaches to the end; blank lines inside belong to it.
fn trailing_quotation(content: &str) -> Option<usize> {
    let mut begin = None;
    let mut end = content.len();
    loop {
        let above = content.get(..end)?;
        let at = memchr::memrchr(b'\n', above.as_bytes()).map_or(0, |i| i + 1);
        let line = above.get(at..)?.trim();
        if line.starts_with('>') {
            begin = Some(at);
        } else if !line.is_empty() {
            return begin;
        }
        if at == 0 {
            return begin;
        }
        end = at - 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Checks what the sender wrote above each way of quoting.
    fn check(quotation: &str) {
        let own = "ご確認ください。\n\n";
        let content = format!("{own}{quotation}\n以前の本文\n");
        assert_eq!(&content[..quoted_from(&content)], own, "{quotation}");
    }

    fn check_own(content: &str) {
        assert_eq!(quoted_from(content), content.len(), "{content}");
    }

    #[test]
    fn titles_between_dashes() {
        check("-----Original Message-----");
        check("-------- Forwarded Message --------");
        check("---------- Forwarded message ---------");
        check("-----元のメッセージ-----");
        check("----- 転送メッセージ -----");
        check("\u{2015}\u{2015}\u{2015}\u{2015} 元のメール \u{2015}\u{2015}\u{2015}\u{2015}");
        check("----- Forwarded by T.Yamada on 2026/11/20 -----");
        check("Begin forwarded message:");
    }

    #[test]
    fn attributions() {
        check("On Fri, 20 Nov 2026 at 10:00, Taro Yamada <a@b.example> wrote:");
        check("On Fri, 20 Nov 2026 at 10:00, Taro Yamada\n<a@b.example>\nwrote:");
        check("2026年11月20日(金) 10:00 山田太郎 <a@b.example>:");
        check("2026年11月20日(金) 10:00 山田太郎\n<a@b.example>:");
        check("2026/11/20 10:00、山田 太郎 <a@b.example>のメール：");
        check("2026/11/20 10:00 に 山田 さんは書きました:");
        check("(2026-11-20 10:00), Taro wrote:");
        check("In message <1@b.example> on 11/20/26\nyou Taro <a@b.example> wrote:");
        let content = "了解\n山田さんは書きました：\n\n> 昨日の件です。\n";
        assert_eq!(quoted_from(content), "了解\n".len());
    }

    #[test]
    fn header_blocks() {
        check("差出人: 山田 <a@b.example>\n送信日時: 2026年11月20日 10:00\n宛先: 佐藤\n件名: 会議");
        check("From: Taro\nSent: Friday, November 20, 2026\nTo: Sato;\n Suzuki\nSubject: Meeting");
        check("*差出人:* 山田\n*日時:* 2026年11月20日\n*宛先:* 佐藤");
        check("差出人： 山田\n宛　先： 佐藤\n件　名： 会議");
        check(
            "________________________________\nFrom: Taro\nSent: Friday\nTo: Sato\nSubject: Meeting",
        );
    }

    #[test]
    fn runs_of_quoted_lines_to_the_end() {
        let content = "了解です。\n\n> 昨日の件\n>\n\n>> その前の件\n> 以上\n\n";
        assert_eq!(&content[..quoted_from(content)], "了解です。\n\n");
        let content = "回答します。\n> 質問1\nはい。\n> 質問2\n";
        assert_eq!(&content[..quoted_from(content)], "回答します。\n> 質問1\nはい。\n");
        assert_eq!(quoted_from("a\n> b\n> c"), 2);
    }

    #[test]
    fn answers_between_quotations_stay() {
        check_own("> 質問1\nはい。\n> 質問2\nいいえ。\n");
        let reply = "On Fri, 20 Nov 2026, Taro wrote:\n> Question\n\nAnswer\n-- \nHanako\n";
        check_own(reply);
        assert_eq!(quotation(reply), None);
    }

    #[test]
    fn a_mail_that_begins_with_a_quotation_is_judged_whole() {
        check_own("-----Original Message-----\nパスワードを入力してください。\n");
        check_own("\n \u{3000}\nFrom: a\nSent: b\nTo: c\nSubject: d\n\n至急\n");
        check_own("> パスワードを\n> 入力してください。\n");
    }

    #[test]
    fn what_only_looks_like_a_quotation_is_own_text() {
        for content in [
            "お知らせです。\n-----\n差出人: 総務課\nまでご連絡ください。\n",
            "下記のとおりです。\n件名: 会議\n日時: 11月20日\n宛先: 各位\n",
            "1. 案内\n2026年11月20日の会議について:\n資料を送ります。\n",
            "On Monday we meet.\nPlease bring: pens\n",
            "A\n----- 申込書 -----\nB\n",
            "",
        ] {
            check_own(content);
        }
    }

    #[test]
    fn hostile_lengths_stay_linear() {
        for piece in ["> \n", "From: a\n", "On a\n", "2026年1\n", "-----\n", "-", ">", "\n", "a:\n"]
        {
            quoted_from(&piece.repeat(50_000));
        }
        quoted_from(&"書きました:\n\n\n\n".repeat(10_000));
    }

    const PIECES: &[&str] = &[
        "\n",
        "> ",
        "On ",
        "wrote:",
        "2026年11月",
        "差出人:",
        "件名:",
        "宛先:",
        "-----",
        "_______",
        "Original Message",
        "あ",
        "@",
        ":",
        " ",
        "\u{3000}",
        "書きました:",
    ];

    proptest! {
        #[test]
        fn never_panics(content in "\\PC{0,200}") {
            prop_assert!(content.is_char_boundary(quoted_from(&content)));
        }

        #[test]
        fn pieces_never_panic(
            parts in proptest::collection::vec(proptest::sample::select(PIECES), 0..40),
        ) {
            let content = parts.concat();
            let at = quoted_from(&content);
            prop_assert!(content.is_char_boundary(at) && at <= content.len());
        }
    }
}
