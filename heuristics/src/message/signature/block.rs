//! Where the signature block stands: the last lines of what the sender wrote, list footers left
//! out, below a rule or with enough contact details that it can be nothing else.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{folded, is_seen};

/// Lines looked at, from the end.
const LAST_LINES: usize = 60;

/// Longest line that can belong to a signature, in bytes. Longer ones are prose.
const LONGEST_LINE: usize = 300;

/// Lines between two details of one block.
const WIDEST_GAP: usize = 4;

/// Lines of names between the rule and the first detail.
const NAME_LINES: usize = 6;

/// What a line of a signature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Blank,
    /// A line of dashes and the like.
    Rule,
    /// `-- ` (RFC 3676, 4.3).
    Separator,
    /// A telephone number, postal code or mail address.
    Detail,
    /// The name of an organisation.
    Organisation,
    /// A sentence, or a line too long for anything else.
    Prose,
    Text,
}

/// Finds the block; returns its lines.
pub(super) fn find(own_text: &str) -> Option<Vec<&str>> {
    let all: Vec<&str> = last_lines(own_text);
    // Searched for once in the whole before each line is asked.
    let above_footer = if marks_footer(own_text) { footer(&all) } else { all.len() };
    let lines = all.get(..above_footer).unwrap_or(&all);
    let kinds = Kinds::new(lines);
    let range =
        below_separator(&kinds).or_else(|| around_details(&kinds)).or_else(|| closing(&kinds))?;
    let block = without_form(lines.get(range)?)?;
    let is_content = |line: &&str| !matches!(kind(line), Kind::Blank | Kind::Rule);
    let first = block.iter().position(is_content)?;
    let last = block.iter().rposition(is_content)?;
    Some(block.get(first..=last)?.to_vec())
}

/// What each line is, found when it is first asked for: of most texts only the last few are.
struct Kinds<'l, 't> {
    lines: &'l [&'t str],
    known: Vec<OnceCell<Kind>>,
}

impl<'l, 't> Kinds<'l, 't> {
    fn new(lines: &'l [&'t str]) -> Kinds<'l, 't> {
        Kinds { lines, known: vec![OnceCell::new(); lines.len()] }
    }

    fn len(&self) -> usize {
        self.lines.len()
    }

    fn of(&self, at: usize) -> Option<Kind> {
        let line = self.lines.get(at)?;
        Some(*self.known.get(at)?.get_or_init(|| kind(line)))
    }

    /// Lines in a row that are `wanted`, from the first of `places` on.
    fn run(&self, places: impl Iterator<Item = usize>, wanted: impl Fn(Kind) -> bool) -> usize {
        places.take_while(|at| self.of(*at).is_some_and(&wanted)).count()
    }

    /// The last line that is `wanted`.
    fn last(&self, places: Range<usize>, wanted: impl Fn(Kind) -> bool) -> Option<usize> {
        places.rev().find(|at| self.of(*at).is_some_and(&wanted))
    }
}

/// What stands below the answers of a form, where the mail shows what somebody typed into one:
/// those are his details, not the sender's. `None` where nothing does.
fn without_form<'l, 't>(block: &'l [&'t str]) -> Option<&'l [&'t str]> {
    let is_answer = |line: &&str| {
        let line = line.trim_start_matches(|c: char| !c.is_alphanumeric());
        FORM_LABELS.iter().any(|label| line.starts_with(label)) || line.trim_end().ends_with('様')
    };
    let Some(answer) = block.iter().rposition(is_answer) else { return Some(block) };
    let below = block.get(answer + 1..)?;
    let rule = below.iter().position(|line| kind(line) == Kind::Rule)?;
    below.get(rule + 1..)
}

/// Labels of forms, polite to the one who fills them in; nobody signs with `お名前`.
const FORM_LABELS: [&str; 13] = [
    "お名前",
    "ご氏名",
    "氏名",
    "お客様",
    "ご住所",
    "ご連絡先",
    "ご職業",
    "お電話番号",
    "お問合せ内容",
    "お問い合わせ内容",
    "ご注文",
    "フリガナ",
    "ふりがな",
];

fn last_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.trim_end().rsplit('\n').take(LAST_LINES).collect();
    lines.reverse();
    lines
}

/// Index of the first line of a mailing list's footer; the number of lines where there is none.
fn footer(lines: &[&str]) -> usize {
    let marks = |line: &str| {
        let line = line.trim();
        line.len() <= LONGEST_LINE && marks_footer(line)
    };
    let Some(marked) = lines.iter().position(|line| marks(line)) else { return lines.len() };
    // The rule above belongs to the footer, and what stands between the two.
    let above = lines.get(..marked).unwrap_or_default();
    let near = above.iter().rev().take(FOOTER_LINES).take_while(|line| !line.trim().is_empty());
    let rule = near
        .map(|line| kind(line))
        .position(|kind| matches!(kind, Kind::Rule | Kind::Separator))
        .map(|up| marked - up - 1);
    rule.unwrap_or(marked)
}

/// Lines between the rule above a footer and what marks it.
const FOOTER_LINES: usize = 6;

/// What only footers of lists say.
const FOOTERS: [&str; 15] = [
    "You received this message because",
    "You are receiving this because",
    "To unsubscribe",
    "Unsubscribe:",
    "/mailman/listinfo",
    "/mailman3/lists/",
    "lists.sourceforge.net/lists/",
    "Yahoo! Groups Links",
    "Yahoo!グループ",
    "groups.google.com/",
    "メーリングリスト参加者",
    "このメーリングリスト",
    "配信停止",
    "メールマガジンの解除",
    "配信解除",
];

fn marks_footer(text: &str) -> bool {
    MARKS.as_ref().is_some_and(|marks| marks.is_match(text))
}

/// [`FOOTERS`], found in one pass. `None` where it could not be built, which their number makes
/// impossible.
static MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    // Of this kind a few words are searched many bytes at a time.
    let mut builder = AhoCorasick::builder();
    builder.match_kind(MatchKind::LeftmostFirst).kind(Some(AhoCorasickKind::ContiguousNFA));
    builder.build(FOOTERS).ok()
});

/// Below the last `-- `, where something other than blanks stands.
fn below_separator(kinds: &Kinds<'_, '_>) -> Option<Range<usize>> {
    let below = kinds.lines.iter().rposition(|line| is_separator(line))? + 1..kinds.len();
    let is_content = |kind| !matches!(kind, Kind::Blank | Kind::Rule);
    kinds.last(below.clone(), is_content).map(|_| below)
}

/// The last run of details, and what belongs to it.
fn around_details(kinds: &Kinds<'_, '_>) -> Option<Range<usize>> {
    let is_strong = |kind| matches!(kind, Kind::Detail | Kind::Organisation);
    let last = kinds.last(0..kinds.len(), is_strong)?;
    let mut first = last;
    let mut strong = 1;
    let mut has_detail = kinds.of(last) == Some(Kind::Detail);
    // Index of the rule that stands above the block so far.
    let mut at = last;
    let mut crossed = None;
    while let Some(above) = at.checked_sub(1) {
        let kind = kinds.of(above)?;
        let is_apart = first - above > WIDEST_GAP || two_blanks(kinds, above);
        if is_apart || kind == Kind::Prose {
            break;
        }
        if kind == Kind::Rule && crossed.is_none() {
            // A thin rule between name and details, or the rule above the block: a second rule
            // tells.
            crossed = Some((above, first, strong));
        }
        if is_strong(kind) {
            first = above;
            strong += 1;
            has_detail |= kind == Kind::Detail;
        }
        at = above;
    }
    let rule_above = |first: usize| {
        let top = first.saturating_sub(NAME_LINES);
        let rule = kinds.last(top..first, |kind| kind == Kind::Rule)?;
        let is_apart = |i| two_blanks(kinds, i) || kinds.of(i) == Some(Kind::Prose);
        (!(rule..first).any(is_apart)).then_some(rule)
    };
    let outer = rule_above(first);
    if let (None, Some((rule, below, strong_below))) = (outer, crossed) {
        // No rule above all of it: what stands above the inner rule is prose.
        return (strong_below > 0 && below <= last).then_some(rule + 1..end(kinds, last));
    }
    if outer.is_none() && (strong < 2 || !has_detail) {
        return None;
    }
    let start = match outer {
        Some(rule) => rule + 1,
        None => first - names_above(kinds, first),
    };
    Some(start..end(kinds, last))
}

/// The short lines at the very end, below the last sentence or blank, where they name an
/// organisation or a way to reach somebody.
fn closing(kinds: &Kinds<'_, '_>) -> Option<Range<usize>> {
    let is_content = |kind| !matches!(kind, Kind::Blank | Kind::Rule | Kind::Separator);
    let end = kinds.last(0..kinds.len(), is_content)? + 1;
    let is_name = |line: &&&str| {
        line.len() <= SHORT_LINE && !line.starts_with('>') && !is_sentence(&folded(line.trim()))
    };
    let above = kinds.lines.get(..end)?.iter().rev().take(CLOSING_LINES + 1);
    let below_sentence = above.take_while(is_name).count();
    let below_gap = kinds.run((0..end).rev(), is_content);
    let count = below_sentence.min(below_gap);
    let start = end.checked_sub(count).filter(|_| count <= CLOSING_LINES)?;
    // An address alone below a sentence is where to ask, not who writes.
    let is_alone = |line: &&str| line.split_whitespace().nth(1).is_none();
    let tells = |at: usize| match kinds.of(at) {
        Some(Kind::Organisation) => true,
        Some(Kind::Detail) => count > 1 || !kinds.lines.get(at).is_some_and(is_alone),
        _ => false,
    };
    (start..end).any(tells).then_some(start..end)
}

/// Lines of a signature that stands at the end without a rule.
const CLOSING_LINES: usize = 5;

/// Longest of them, in bytes.
const SHORT_LINE: usize = 120;

fn two_blanks(kinds: &Kinds<'_, '_>, at: usize) -> bool {
    kinds.of(at) == Some(Kind::Blank) && kinds.of(at + 1) == Some(Kind::Blank)
}

/// Lines right above the first detail, up to a blank: name and department.
fn names_above(kinds: &Kinds<'_, '_>, first: usize) -> usize {
    kinds.run((0..first).rev().take(3), |kind| kind == Kind::Text)
}

/// The end of the block: what follows its last detail up to a rule or blank.
fn end(kinds: &Kinds<'_, '_>, last: usize) -> usize {
    last + 1 + kinds.run((last + 1..kinds.len()).take(3), |kind| kind == Kind::Text)
}

fn is_separator(line: &str) -> bool {
    matches!(line, "-- " | "--" | "-- \r")
}

fn kind(line: &str) -> Kind {
    if is_separator(line) {
        return Kind::Separator;
    }
    let line = line.trim();
    if line.is_empty() {
        return Kind::Blank;
    }
    if line.len() > LONGEST_LINE || line.starts_with('>') {
        return Kind::Prose;
    }
    if is_rule(line) {
        return Kind::Rule;
    }
    let folded = folded(line);
    if is_sentence(&folded) {
        Kind::Prose
    } else if super::organisation::is_organisation(&folded) {
        Kind::Organisation
    } else if is_detail(&folded) {
        Kind::Detail
    } else {
        Kind::Text
    }
}

/// At least four signs that draw a line, and nothing else but blanks.
fn is_rule(line: &str) -> bool {
    let mut signs = 0;
    let all = line.chars().all(|c| {
        let is_blank = c.is_whitespace() || !is_seen(&c);
        signs += usize::from(!is_blank);
        is_blank || RULE_SIGNS.contains(c)
    });
    all && signs >= 4
}

const RULE_SIGNS: &str = "-_=*+~#.:;/\\|^<>oO\u{2010}\u{2011}\u{2013}\u{2014}\u{2015}\u{2212}ー－＿＝＊＋\u{FF5E}\u{301C}＃．・…‥─━┃│┏┓┗┛┌┐└┘┠┨├┤╋┼═║■□◆◇●○◎★☆▲△▼▽※♪°｡､";

/// Whether a line holds contact details. A web address alone is none: texts end with links.
fn is_detail(folded: &str) -> bool {
    folded.starts_with('〒')
        || !super::detail::addresses(folded).is_empty()
        || !super::detail::telephones(folded, folded).is_empty()
}

/// Whether a line is prose. Signatures have no verbs.
pub(crate) fn is_sentence(folded: &str) -> bool {
    const ENDS: [&str; 12] = [
        "。",
        "ます",
        "です",
        "ください",
        "下さい",
        "ません",
        "ました",
        "まで",
        "でしょうか",
        "願います",
        "?",
        "!",
    ];
    let trimmed = folded.trim_end_matches([')', '）', '」']);
    if folded.is_ascii() {
        return trimmed.ends_with(['?', '!']);
    }
    // With what all of them end.
    let last = ['。', 'す', 'い', 'ん', 'た', 'で', 'か', '?', '!'];
    trimmed.ends_with(last) && ENDS.iter().any(|end| trimmed.ends_with(end))
        || folded.contains("。")
}
