//! Persons in lists: a name beside an address, telephone, mail address or birthday.
//!
//! Three forms: a table whose head names its columns, a person a line, and blocks of labelled lines
//! (`氏名：…`, `電話：…`). The addressees that a quoted mail's header shows are no list, nor is what
//! stands below one another without such labels, as in signatures.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::row;
use super::words::{DETAIL_HEADS, HEADER_FIELDS, NAME_HEADS, ORGANISATIONS, PREFECTURES, SURNAMES};

/// Somebody in a list.
pub(super) struct Person {
    /// Name without blanks: by this, persons are told apart.
    pub(super) key: String,
    /// Whether the name is one beyond doubt: a common surname, a form of address, the head of a
    /// column.
    pub(super) is_sure: bool,
}

/// Tells every person of a plain text.
pub(super) fn read(text: &str, tell: &mut impl FnMut(Person)) {
    let mut table: Option<Table> = None;
    let mut block = Block::default();
    let mut in_header = false;
    for line in text.lines() {
        let line = line.trim_start_matches(['>', ' ']);
        if line.trim().is_empty() {
            (in_header, block) = (false, block.aged());
            continue;
        }
        if line.len() > LONGEST_LINE {
            continue;
        }
        in_header = is_header(line) || in_header && continues_header(line);
        if in_header {
            continue;
        }
        let is_row = row::is_row(line);
        if is_row && let Some(head) = Table::of_head(line) {
            table = Some(head);
            continue;
        }
        let in_table = table.as_ref().filter(|_| is_row).and_then(|table| table.person(line));
        let person = in_table.or_else(|| block.person(line)).or_else(|| on_one_line(line));
        if let Some(person) = person {
            tell(person);
        }
    }
}

/// Columns of a table that matter.
struct Table {
    names: Vec<usize>,
    details: Vec<usize>,
}

impl Table {
    /// The columns, where the line heads a table of persons.
    fn of_head(line: &str) -> Option<Table> {
        if line.bytes().filter(u8::is_ascii_digit).count() > MOST_DIGITS_OF_A_HEAD {
            return None;
        }
        let cells = row::cells(line);
        let columns = |is_one: fn(&str) -> bool| {
            let cells = cells.iter().enumerate();
            cells.filter(|(_, c)| is_one(c)).map(|(at, _)| at).collect::<Vec<_>>()
        };
        let names = Some(columns(heads_names)).filter(|names| !names.is_empty())?;
        let details = Some(columns(heads_details)).filter(|details| !details.is_empty())?;
        Some(Table { names, details })
    }

    fn person(&self, line: &str) -> Option<Person> {
        let cells = row::cells(line);
        let name: String = self.names.iter().filter_map(|&at| cells.get(at).copied()).collect();
        let key = key_of(&name);
        let length = key.chars().count();
        let is_name = (2..=LONGEST_NAME).contains(&length)
            && !key.contains(|c: char| c.is_ascii_digit() || "@/:".contains(c));
        let details = || self.details.iter().filter_map(|&at| cells.get(at).copied());
        (is_name && details().any(is_filled)).then_some(Person { key, is_sure: true })
    }
}

/// A block of labelled lines.
#[derive(Default)]
struct Block {
    name: Option<String>,
    lines: usize,
}

impl Block {
    /// The person whose name stood above, where this line adds a detail.
    fn person(&mut self, line: &str) -> Option<Person> {
        let Some((label, value)) = line.split_once([':', '\t', '】', ']']) else {
            *self = std::mem::take(self).aged();
            return None;
        };
        let label = label.trim_matches(|c: char| !c.is_alphanumeric());
        if heads_names(label) {
            let key = key_of(value);
            let is_name = (2..=LONGEST_NAME).contains(&key.chars().count());
            *self = Block { name: is_name.then_some(key), lines: 0 };
            return None;
        }
        if heads_details(label) && is_filled(value) {
            return self.name.take().map(|key| Person { key, is_sure: true });
        }
        *self = std::mem::take(self).aged();
        None
    }

    fn aged(self) -> Block {
        if self.lines < LONGEST_BLOCK {
            Block { lines: self.lines + 1, ..self }
        } else {
            Block::default()
        }
    }
}

/// A name and a detail on one line, without a head that says which is which.
fn on_one_line(line: &str) -> Option<Person> {
    if !line.contains(|c: char| c.is_ascii_digit() || c == '@') || is_labelled(line) {
        return None;
    }
    let is_between = |c: char| c.is_whitespace() || "\t,|;、/:<>()\"".contains(c);
    let mut words = line.split(is_between).filter(|w| !w.is_empty()).take(MOST_WORDS);
    // A number or a mark may stand before the name.
    let mut name: Option<(String, bool)> = None;
    while let Some(word) = words.next() {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_number = word.chars().all(|c| c.is_ascii_alphanumeric() || "-.@_+".contains(c));
        if is_number {
            if word.contains('@') || word.len() > 6 {
                break;
            }
            continue;
        }
        let with_next = words.clone().next().map(|next| (word, next));
        name = with_next.and_then(|(a, b)| two_words(a, b)).or_else(|| one_word(word));
        break;
    }
    // The name may stand behind the mail address, too.
    if name.is_none() {
        let words = line.split(is_between).filter(|w| !w.is_empty()).take(MOST_WORDS);
        name = words.filter_map(one_word).find(|(_, is_sure)| *is_sure);
    }
    let (key, is_sure) = name?;
    has_detail(line).then_some(Person { key, is_sure })
}

/// Surname and given name set apart by a blank.
fn two_words(surname: &str, given: &str) -> Option<(String, bool)> {
    let given = given.trim_end_matches(['様', '殿', '氏']);
    let is_katakana = |w: &str| w.chars().all(|c| matches!(c, '\u{30A1}'..='\u{30FA}' | 'ー'));
    let lengths = (surname.chars().count(), given.chars().count());
    let is_kanji = is_name_word(surname) && is_name_word(given);
    let is_name = (is_kanji || is_katakana(surname) && is_katakana(given))
        && (1..=5).contains(&lengths.0)
        && (1..=5).contains(&lengths.1)
        && !is_of_organisation(surname)
        && !is_of_organisation(given);
    is_name.then(|| (format!("{surname}{given}"), is_surname(surname)))
}

/// Both in one word.
fn one_word(word: &str) -> Option<(String, bool)> {
    let bare = word.trim_end_matches(['様', '殿', '氏']).trim_end_matches("さん");
    let length = bare.chars().take(LONGEST_WORD + 1).count();
    // What most words of a large table are, is told before anything is looked up.
    if length > LONGEST_WORD || !is_name_word(bare) {
        return None;
    }
    let is_addressed = bare.len() < word.len();
    let is_known = begins_with_surname(bare);
    let is_name = length >= 3
        && !is_of_organisation(bare)
        && !bare.contains(['県', '都', '府', '市', '区', '町', '村', '年', '月', '日']);
    let is_short_known = is_known && length == 2 || is_addressed && is_surname(bare);
    (is_name || is_short_known).then(|| (bare.to_owned(), is_known || is_addressed))
}

/// Whether a common surname and something else make up the word.
fn begins_with_surname(word: &str) -> bool {
    let ends = word.char_indices().map(|(at, _)| at).skip(1).take(LONGEST_SURNAME);
    ends.filter_map(|end| word.get(..end)).any(is_surname)
}

fn is_surname(word: &str) -> bool {
    static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| SURNAMES.iter().copied().collect());
    COMMON.contains(word)
}

fn is_name_word(word: &str) -> bool {
    let mut kanji = 0;
    let is_of_name = word.chars().all(|c| {
        let is_kanji = matches!(c, '\u{4E00}'..='\u{9FFF}' | '々' | '\u{3400}'..='\u{4DBF}' | '\u{20000}'..='\u{2FA1F}' | '\u{F900}'..='\u{FAFF}');
        kanji += usize::from(is_kanji);
        is_kanji || matches!(c, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | 'ー')
    });
    is_of_name && (kanji > 0 || word.chars().count() <= 5)
}

fn is_of_organisation(word: &str) -> bool {
    ORGANISATIONS.iter().any(|end| word.ends_with(end)) || word.contains("会社")
}

/// Whether the line holds a telephone number, an address, a mail address or a birthday.
fn has_detail(line: &str) -> bool {
    has_mail(line) || has_telephone(line) || has_address(line) || has_birthday(line)
}

fn has_mail(line: &str) -> bool {
    line.match_indices('@').take(8).any(|(at, _)| {
        let is_of = |c: char| c.is_ascii_alphanumeric() || "-._+".contains(c);
        let before = line.get(..at).and_then(|b| b.chars().next_back()).is_some_and(is_of);
        let host: String =
            line.get(at + 1..).unwrap_or_default().chars().take_while(|c| is_of(*c)).collect();
        before && host.trim_end_matches('.').contains('.')
    })
}

fn has_telephone(line: &str) -> bool {
    let mut digits = 0_usize;
    let mut groups = 0_usize;
    let mut starts_well = false;
    let mut last = ' ';
    for c in line.chars().chain(['\n']) {
        if c.is_ascii_digit() {
            if digits == 0 {
                starts_well = c == '0' && !last.is_ascii_alphabetic() && last != '-';
            }
            groups += usize::from(!last.is_ascii_digit());
            digits += 1;
        } else if !(matches!(c, '-' | '(' | ')' | '\u{2010}'..='\u{2015}' | '\u{2212}')
            || c == ' ' && groups < 3 && digits < 10)
        {
            if starts_well && matches!(digits, 10 | 11) {
                return true;
            }
            (digits, groups) = (0, 0);
        }
        last = c;
    }
    false
}

fn has_address(line: &str) -> bool {
    let ends = line.match_indices(['都', '道', '府', '県']).take(MOST_WORDS);
    let prefecture = ends.map(|(at, end)| line.split_at(at + end.len())).any(|(before, after)| {
        let near = || after.chars().take(40);
        PREFECTURES.iter().any(|p| before.ends_with(p))
            && near().any(|c| matches!(c, '市' | '区' | '町' | '村' | '郡'))
            && near().any(|c| c.is_ascii_digit())
    });
    prefecture
        || line.split_once('〒').is_some_and(|(_, after)| after.chars().any(|c| c.is_ascii_digit()))
}

/// A whole date of a year in which somebody alive was born, not of these days: lists of appointments
/// have names beside dates, too.
fn has_birthday(line: &str) -> bool {
    let is_era = ["昭和", "平成", "大正", "生年月日"].iter().any(|w| line.contains(w));
    let is_born = line.contains("日生") || line.contains("生まれ");
    let mut parts = line.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty()).peekable();
    let mut has_date = false;
    for _ in 0..MOST_WORDS {
        let Some(year) = parts.next() else { break };
        let year = year.parse::<u32>().unwrap_or(0);
        if (1920..=2012).contains(&year) && parts.peek().is_some_and(|m| m.len() <= 2) {
            let day = parts.clone().nth(1);
            has_date |= day.is_some_and(|d| d.len() <= 2);
        }
    }
    has_date || is_born || is_era && line.contains(|c: char| c.is_ascii_digit())
}

/// Whether a cell under a head of details holds anything.
fn is_filled(cell: &str) -> bool {
    let cell = cell.trim();
    cell.chars().count() >= 4 && !cell.chars().all(|c| "-―ー*xX".contains(c))
}

/// Whether the line begins a header field that shows addressees.
fn is_header(line: &str) -> bool {
    let Some((name, _)) = line.split_once(':') else { return false };
    let name = name.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    HEADER_FIELDS.contains(&name.as_str())
}

/// Whether the line goes on with addressees.
fn continues_header(line: &str) -> bool {
    let line = line.trim_end();
    line.contains('@') && line.ends_with([',', ';', '>']) || line.ends_with([',', ';'])
}

/// Whether it is a line of a signature or a form, with a label before what it says.
fn is_labelled(line: &str) -> bool {
    line.split_once(':')
        .is_some_and(|(label, _)| heads_details(label.trim_matches(|c: char| !c.is_alphanumeric())))
}

fn heads_names(cell: &str) -> bool {
    is_head(cell, NAME_HEADS)
}

fn heads_details(cell: &str) -> bool {
    is_head(cell, DETAIL_HEADS)
}

/// Whether a short cell is one of `heads`, whatever form of politeness or mark is around it.
fn is_head(cell: &str, heads: &[&str]) -> bool {
    if cell.is_empty() || cell.len() > LONGEST_HEAD {
        return false;
    }
    let bare: String =
        cell.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let bare = bare.trim_start_matches(['お', 'ご', '御']);
    heads.iter().any(|head| bare == *head || !head.is_ascii() && bare.ends_with(head))
}

fn key_of(name: &str) -> String {
    let name = name.trim().trim_end_matches(['様', '殿', '氏']);
    name.chars().filter(|c| !c.is_whitespace() && *c != '"').collect()
}

/// Longest line looked at, in bytes, and words of it.
const LONGEST_LINE: usize = 4096;
const MOST_WORDS: usize = 24;

/// Longest head of a column, in bytes, and the most digits in a row of heads.
const LONGEST_HEAD: usize = 48;
const MOST_DIGITS_OF_A_HEAD: usize = 11;

/// Longest name, in characters.
const LONGEST_NAME: usize = 40;

/// Longest name in one word, and longest surname, in characters.
const LONGEST_WORD: usize = 6;
const LONGEST_SURNAME: usize = 3;

/// Lines of a block after the name within which a detail follows.
const LONGEST_BLOCK: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut seen = Vec::new();
        read(text, &mut |person| seen.push(person.key));
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn tables_with_heads() {
        check("氏名,電話番号\n山田太郎,090-0000-0001\n鈴木 花子,\n", &["山田太郎"]);
        check(
            "No\tお名前\tフリガナ\tご住所\n1\t我孫子 一\tアビコ ハジメ\t千葉県我孫子市1\n",
            &["我孫子一アビコハジメ"],
        );
        check("\"Name\",\"E-mail\"\n\"Taro Yamada\",\"taro@a.example\"\n", &["TaroYamada"]);
        check("| 氏名 | 生年月日 |\n|---|---|\n| 山田太郎 | 1980/4/1 |\n", &["山田太郎"]);
        check("氏名,部署\n山田太郎,総務部\n", &[]);
    }

    #[test]
    fn a_person_a_line() {
        check("1. 山田太郎 090-0000-0001", &["山田太郎"]);
        check("・鈴木 花子様 hanako@a.example", &["鈴木花子"]);
        check("佐藤 一郎 東京都千代田区丸の内1-1", &["佐藤一郎"]);
        check("田中次郎 1975年3月2日生", &["田中次郎"]);
        check("ヤマダ タロウ 03-0000-0001", &["ヤマダタロウ"]);
        check("山田太郎 <taro@a.example>", &["山田太郎"]);
        check("taro@a.example 山田太郎", &["山田太郎"]);
    }

    #[test]
    fn blocks_of_labelled_lines() {
        check("氏名:山田太郎\n所属:総務\n電話:090-0000-0001\n", &["山田太郎"]);
        check("【お名前】山田 太郎\n【メールアドレス】a@b.example\n", &["山田太郎"]);
    }

    #[test]
    fn every_surname_can_be_found() {
        for surname in SURNAMES {
            assert!(
                surname.chars().count() <= LONGEST_SURNAME && is_name_word(surname),
                "{surname}"
            );
            assert_eq!(one_word(&format!("{surname}様")), Some(((*surname).to_owned(), true)));
        }
        assert!(begins_with_surname("長谷川花子") && begins_with_surname("森花子"));
        assert!(!begins_with_surname("森") && !begins_with_surname("我孫子一"));
    }

    #[test]
    fn what_is_no_list_of_persons() {
        for text in [
            "新宿本店 03-0000-0001",
            "営業部 03-0000-0002",
            "山田太郎\nTEL: 03-0000-0001\nE-mail: taro@a.example",
            "To: 山田太郎 <taro@a.example>,\n 鈴木花子 <hanako@a.example>,\n 佐藤一 <s@a.example>",
            "宛先: 山田太郎 <taro@a.example>; 鈴木花子 <hanako@a.example>",
            "出席者: 山田太郎、鈴木花子、佐藤一",
            "山田太郎 10:00",
            "山田太郎 2026年11月21日",
            "会議は2026年11月21日10:00から",
            "東京支社 東京都千代田区丸の内1-1",
        ] {
            check(text, &[]);
        }
    }
}
