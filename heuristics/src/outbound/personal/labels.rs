//! What a number is called: the words beside it, or at the head of its column.
//!
//! Digits alone say little: one number in ten has the check digit of a My Number by chance. The word
//! nearest before a number tells what it is, and most words tell that it is something else.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::row;

/// What a word says of the number that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// A My Number.
    MyNumber,
    /// A payment card.
    Card,
    /// Anything else: an order, a parcel, a licence, a company.
    Other,
}

/// Every label of a text, in order.
pub(super) struct Labels<'t> {
    text: &'t str,
    found: Vec<(usize, Label)>,
    next: usize,
    last: Option<(usize, Label)>,
    /// Columns of the table that the text is in, where its head names any.
    head: Vec<(usize, Label)>,
    head_line: usize,
}

impl<'t> Labels<'t> {
    /// Finds them in `text`, which is plain and lower case.
    pub(super) fn new(text: &'t str) -> Labels<'t> {
        let mut found = Vec::new();
        let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        let all = SEARCH.as_ref().map(|search| search.find_overlapping_iter(text));
        let mut counts = [0_usize; WORDS.len()];
        for seen in all.into_iter().flatten() {
            let word = seen.pattern().as_usize();
            let (Some((spelled, label)), Some(count)) = (WORDS.get(word), counts.get_mut(word))
            else {
                continue;
            };
            let before = text.get(..seen.start()).and_then(|t| t.chars().next_back());
            let after = text.get(seen.end()..).and_then(|t| t.chars().next());
            let is_part = spelled.is_ascii() && (is_letter(before) || is_letter(after));
            if !is_part && *count < MOST_LABELS {
                *count += 1;
                found.push((seen.start(), *label));
            }
        }
        found.sort_unstable_by_key(|(at, _)| *at);
        Labels { text, found, next: 0, last: None, head: Vec::new(), head_line: usize::MAX }
    }

    /// What the number at `at..end` is called. Numbers must be asked for in order. A number that was
    /// called something calls those that follow it closely the same: lists name a thing once.
    pub(super) fn of(&mut self, at: usize, end: usize) -> Option<Label> {
        while let Some(&(place, label)) = self.found.get(self.next).filter(|(p, _)| *p < at) {
            self.next += 1;
            self.last = Some((place, label));
            self.note_head(place, label);
        }
        let (start, line) = line_around(self.text, at);
        let is_called_here = self.last.is_some_and(|(place, _)| place >= start);
        if row::is_row(line) && !self.head.is_empty() && !is_called_here {
            let column = row::column(line, at - start);
            let head = self.head.iter().find(|(c, _)| *c == column).map(|(_, label)| *label);
            // A word in another sentence with a comma is no head.
            let is_of_head = self
                .last
                .is_some_and(|(place, _)| line_around(self.text, place).0 == self.head_line);
            if head.is_some() || is_of_head {
                return head;
            }
        }
        let near = self.last.filter(|(place, _)| is_near(self.text, *place, at));
        let label = match near {
            Some((_, label)) => Some(label),
            None => {
                let &(place, label) = self.found.get(self.next)?;
                let between = self.text.get(end..place)?;
                (between.len() <= BEHIND && !between.contains('\n')).then_some(label)
            }
        };
        if let Some(label) = label {
            self.last = Some((end, label));
        }
        label
    }

    /// Keeps the column of a word that stands alone in a cell of a row.
    fn note_head(&mut self, place: usize, label: Label) {
        let (start, line) = line_around(self.text, place);
        let digits = line.bytes().filter(u8::is_ascii_digit).count();
        if !row::is_row(line) || digits > MOST_DIGITS_OF_A_HEAD {
            return;
        }
        let column = row::column(line, place - start);
        let is_alone = row::cells(line).get(column).is_some_and(|cell| cell.len() <= LONGEST_HEAD);
        if is_alone {
            if self.head_line != start {
                self.head.clear();
                self.head_line = start;
            }
            self.head.push((column, label));
        }
    }
}

/// The line that `at` stands in, as far as it is looked at, and where it begins.
pub(super) fn line_around(text: &str, at: usize) -> (usize, &str) {
    let mut from = at.saturating_sub(LONGEST_LINE);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut to = at.saturating_add(LONGEST_LINE).min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    let before = text.get(from..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(from, |feed| from + feed + 1);
    let after = text.get(at..to).unwrap_or_default();
    let end = after.find('\n').map_or(to, |feed| at + feed);
    (start, text.get(start..end).unwrap_or_default())
}

fn is_near(text: &str, place: usize, at: usize) -> bool {
    let Some(between) = text.get(place..at).filter(|t| t.len() <= BEFORE) else { return false };
    between.matches('\n').count() <= LINES
}

/// How far before a number its word may stand, in bytes and lines; how far behind it on its line.
const BEFORE: usize = 300;
const LINES: usize = 4;
const BEHIND: usize = 30;

/// Longest cell that is a column's head, in bytes, and the most digits in a row of heads.
const LONGEST_HEAD: usize = 60;
const MOST_DIGITS_OF_A_HEAD: usize = 11;

/// How far a line is looked at on both sides, in bytes.
const LONGEST_LINE: usize = 1024;

/// Places of one word that are kept.
const MOST_LABELS: usize = 10_000;

/// All of [`WORDS`] in one pass. `None` cannot happen: they are few.
static SEARCH: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = WORDS.iter().map(|(word, _)| word);
    AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(words).ok()
});

/// Words in lower case, NFKC.
const WORDS: &[(&str, Label)] = &[
    ("マイナンバー", Label::MyNumber),
    ("マイ・ナンバー", Label::MyNumber),
    ("マイ ナンバー", Label::MyNumber),
    ("マ イ ナ ン バ ー", Label::MyNumber),
    ("まいなんばー", Label::MyNumber),
    ("個人番号", Label::MyNumber),
    ("個 人 番 号", Label::MyNumber),
    ("my number", Label::MyNumber),
    ("my no.", Label::MyNumber),
    ("my-number", Label::MyNumber),
    ("my_number", Label::MyNumber),
    ("mynumber", Label::MyNumber),
    ("individual number", Label::MyNumber),
    ("カード番号", Label::Card),
    ("クレジットカード", Label::Card),
    ("カードno", Label::Card),
    ("クレカ", Label::Card),
    ("card number", Label::Card),
    ("card no", Label::Card),
    ("credit card", Label::Card),
    ("debit card", Label::Card),
    ("card", Label::Card),
    ("visa", Label::Card),
    ("mastercard", Label::Card),
    ("jcb", Label::Card),
    ("amex", Label::Card),
    ("法人番号", Label::Other),
    ("免許", Label::Other),
    ("注文", Label::Other),
    ("受注", Label::Other),
    ("発注", Label::Other),
    ("伝票", Label::Other),
    ("追跡", Label::Other),
    ("送り状", Label::Other),
    ("荷物", Label::Other),
    ("問い合わせ番号", Label::Other),
    ("問合せ番号", Label::Other),
    ("問合わせ番号", Label::Other),
    ("受付番号", Label::Other),
    ("管理番号", Label::Other),
    ("整理番号", Label::Other),
    ("申請番号", Label::Other),
    ("照会番号", Label::Other),
    ("予約番号", Label::Other),
    ("契約番号", Label::Other),
    ("登録番号", Label::Other),
    ("顧客番号", Label::Other),
    ("お客様番号", Label::Other),
    ("口座番号", Label::Other),
    ("請求書番号", Label::Other),
    ("取引番号", Label::Other),
    ("決済番号", Label::Other),
    ("年金番号", Label::Other),
    ("保険者番号", Label::Other),
    ("製造番号", Label::Other),
    ("シリアル", Label::Other),
    ("商品コード", Label::Other),
    ("商品番号", Label::Other),
    ("バーコード", Label::Other),
    ("タイムスタンプ", Label::Other),
    ("jan", Label::Other),
    ("janコード", Label::Other),
    ("ean", Label::Other),
    ("gtin", Label::Other),
    ("isbn", Label::Other),
    ("imei", Label::Other),
    ("serial", Label::Other),
    ("order", Label::Other),
    ("orders", Label::Other),
    ("tracking", Label::Other),
    ("shipment", Label::Other),
    ("invoice", Label::Other),
    ("transaction", Label::Other),
    ("ticket", Label::Other),
    ("corporate number", Label::Other),
    ("licence", Label::Other),
    ("license", Label::Other),
    ("timestamp", Label::Other),
];
