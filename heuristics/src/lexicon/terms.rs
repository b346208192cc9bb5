//! Where the lexicon's words stand in a mail, and whether a rule holds there.
//!
//! Way in: [`Terms::read`], once per mail; [`Terms::find`] per theme. A passage is what a reader
//! takes in at once: sender's name and subject, then one text above its quotations. Everything
//! is bounded: [`LONGEST`] characters a text, [`MOST`] a mail, [`MOST_HITS`] words a passage;
//! rules look places up by binary search.

use std::ops::Range;

use super::fold::{fold, origin};
use super::{Lexicon, Rule};
use crate::message::Message;

/// Words found in one mail.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    passages: Vec<Passage>,
}

#[derive(Clone, Debug)]
struct Passage {
    /// Sender's name and subject, as written.
    head: String,
    /// Length of its folded form in bytes.
    folded_head: usize,
    /// Index into the mail's texts; `None` where the message has no text.
    text: Option<usize>,
    /// Columns of the whole.
    columns: u32,
    /// Sorted by list, then by place.
    hits: Vec<Hit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    list: u16,
    /// Columns.
    from: u32,
    to: u32,
    /// Bytes of the folded passage.
    start: u32,
    end: u32,
}

/// Longest text that is searched, in characters.
const LONGEST: usize = 20_000;
/// Most characters of a mail that are searched.
const MOST: usize = 60_000;
/// Most words of a passage that are kept.
const MOST_HITS: usize = 8_000;
/// Most places of a rule's first list that are tried in a passage.
const MOST_ANCHORS: usize = 200;
/// Columns about a match within which a word of `not` gives it another meaning.
const AROUND: u32 = 16;

impl Terms {
    /// Searches subject and own text of the mail and of attached messages.
    pub(crate) fn read(mail: &Message<'_>, lexicon: &Lexicon) -> Terms {
        let mut terms = Terms::default();
        let mut left = MOST;
        let mut folded = String::new();
        let mut before = String::new();
        for message in 0..mail.message_count().min(MOST_MESSAGES) {
            let head = head(mail, message);
            let texts = mail.texts().iter().enumerate().filter(|(_, t)| t.message == message);
            let texts = texts.filter(|(_, t)| !t.content.is_empty()).map(|(at, _)| Some(at));
            let mut texts = texts.collect::<Vec<_>>();
            if texts.is_empty() {
                texts.push(None);
            }
            for text in texts {
                folded.clear();
                fold(&head, LONGEST, &mut folded);
                folded.push('\n');
                let folded_head = folded.len();
                let own = text.and_then(|at| mail.texts().get(at)).map_or("", |t| t.own());
                let limit = LONGEST.min(left);
                fold(own, limit, &mut folded);
                left -= limit.min(own.len());
                // Plain and HTML form of one letter mostly say the same.
                if folded != before {
                    let (hits, columns) = lexicon.hits(&folded);
                    let head = head.clone();
                    terms.passages.push(Passage { head, folded_head, text, columns, hits });
                    std::mem::swap(&mut folded, &mut before);
                }
            }
        }
        terms
    }

    /// The first words that make `theme`, in a few words around as written; what stands below
    /// `part` percent of a passage does not count.
    pub(crate) fn find(
        &self,
        mail: &Message<'_>,
        lexicon: &Lexicon,
        theme: &str,
        part: u32,
    ) -> Option<String> {
        let rules = lexicon.rules_of(theme);
        self.passages.iter().find_map(|passage| {
            let end = u64::from(passage.columns) * u64::from(part) / 100;
            rules.iter().find_map(|rule| {
                let place = passage.holds(rule, u32::try_from(end).unwrap_or(u32::MAX))?;
                Some(passage.quoted(mail, place))
            })
        })
    }
}

/// Most messages (the mail and those attached to it) that are searched.
const MOST_MESSAGES: usize = 8;

/// Sender's name and subject of one message.
fn head(mail: &Message<'_>, message: usize) -> String {
    if message == 0 {
        let name = mail.from().first().map_or("", |from| from.name.as_str());
        return format!("{name}\n\n{}", mail.subject());
    }
    mail.fields_of(message).find(|f| f.is("subject")).map(|f| f.text()).unwrap_or_default()
}

impl Lexicon {
    /// Every word of every list in a folded text, and the columns of the text.
    fn hits(&self, folded: &str) -> (Vec<Hit>, u32) {
        let mut hits: Vec<Hit> = Vec::new();
        let all = self.words.search(folded, |found| {
            let (from, to) = (found.columns.start, found.columns.end);
            let start = u32::try_from(found.bytes.start).unwrap_or(u32::MAX);
            let end = u32::try_from(found.bytes.end).unwrap_or(u32::MAX);
            let lists = found.entry.lists.iter();
            hits.extend(lists.map(|&list| Hit { list, from, to, start, end }));
            hits.len() < MOST_HITS
        });
        hits.sort_unstable();
        (hits, all)
    }
}

impl Passage {
    fn of(&self, list: u16) -> &[Hit] {
        let start = self.hits.partition_point(|hit| hit.list < list);
        let end = self.hits.partition_point(|hit| hit.list <= list);
        self.hits.get(start..end).unwrap_or_default()
    }

    /// Bytes of the folded passage where the rule holds; the first list's word must end before the
    /// column `end`.
    fn holds(&self, rule: &Rule, end: u32) -> Option<Range<usize>> {
        let anchors = self.of(rule.anchor);
        if anchors.is_empty() || rule.unless.iter().any(|&list| !self.of(list).is_empty()) {
            return None;
        }
        anchors.iter().take(MOST_ANCHORS).find_map(|anchor| {
            if anchor.to > end || rule.head && anchor.end as usize > self.folded_head {
                return None;
            }
            let mut whole = *anchor;
            for &list in &rule.others {
                let near = nearest(self.of(list), anchor, rule.within)?;
                whole.from = whole.from.min(near.from);
                whole.to = whole.to.max(near.to);
                whole.start = whole.start.min(near.start);
                whole.end = whole.end.max(near.end);
            }
            let mut also = rule.also.iter();
            if !rule.also.is_empty()
                && !also.any(|&list| nearest(self.of(list), anchor, rule.also_within).is_some())
            {
                return None;
            }
            let other = rule.not.iter().any(|&list| stands_about(self.of(list), &whole));
            (!other).then_some(whole.start as usize..whole.end as usize)
        })
    }

    /// The place as written, with the rest of its sentence as far as that is short.
    fn quoted(&self, mail: &Message<'_>, place: Range<usize>) -> String {
        let text = self.text.and_then(|at| mail.texts().get(at)).map_or("", |t| t.own());
        let in_head = place.start < self.folded_head;
        let (written, offset) =
            if in_head { (self.head.as_str(), 0) } else { (text, self.folded_head) };
        let start = origin(written, place.start.saturating_sub(offset));
        let end = origin(written, place.end.saturating_sub(offset));
        let before = written.get(..start).unwrap_or_default();
        let lead = before.chars().rev().take(BESIDE).take_while(|c| !ends_sentence(*c));
        let start = start - lead.map(char::len_utf8).sum::<usize>();
        let after = written.get(end..).unwrap_or_default();
        let trail = after.chars().take(BESIDE).take_while(|c| !ends_sentence(*c));
        let end = end + trail.map(char::len_utf8).sum::<usize>();
        let quoted = written.get(start..end).unwrap_or_default();
        quoted.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Characters of the sentence shown on either side.
const BESIDE: usize = 30;

fn ends_sentence(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '!' | '?' | '\n' | '．')
}

/// The hit that stands nearest to `anchor` without touching it, at most `within` columns away.
fn nearest(hits: &[Hit], anchor: &Hit, within: u32) -> Option<Hit> {
    let next = hits.partition_point(|hit| hit.from < anchor.to);
    let after = hits.get(next).map(|hit| (hit.from - anchor.to, *hit));
    let before = hits.partition_point(|hit| hit.from < anchor.from);
    // Words of a list may hold one another, so the last to begin is not always the last to end.
    let before = hits.get(..before)?.iter().rev().take(4).find(|hit| hit.to <= anchor.from);
    let before = before.map(|hit| (anchor.from - hit.to, *hit));
    let near = [after, before].into_iter().flatten().min_by_key(|(distance, _)| *distance)?;
    (near.0 <= within).then_some(near.1)
}

/// Whether a hit stands within or close about `place`.
fn stands_about(hits: &[Hit], place: &Hit) -> bool {
    let (from, to) = (place.from.saturating_sub(AROUND), place.to.saturating_add(AROUND));
    let end = hits.partition_point(|hit| hit.from < to);
    hits.get(..end).is_some_and(|hits| hits.iter().rev().take(AROUND as usize).any(|h| h.to > from))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sekisho_config::{Settings, ThemeRule, Themes};

    use super::*;
    use crate::message::Envelope;

    fn themes(rule: ThemeRule) -> Themes {
        let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
        let words = [
            ("ask", list(&["お願い", "send*"])),
            ("not", list(&["空の鍵"])),
            ("soon", list(&["至急", "soon"])),
            ("thing", list(&["鍵", "key", "key ring"])),
            ("unless", list(&["冗談"])),
        ];
        Themes { words: words.map(|(k, w)| (k.to_owned(), w)).into(), rules: vec![rule] }
    }

    fn rule() -> ThemeRule {
        let keys = |keys: &[&str]| keys.iter().map(|k| (*k).to_owned()).collect();
        ThemeRule {
            theme: "test".into(),
            all: keys(&["thing", "ask"]),
            within: 10,
            also: vec![],
            also_within: 0,
            not: keys(&["not"]),
            unless: keys(&["unless"]),
            head: false,
        }
    }

    fn found(rule: ThemeRule, subject: &str, text: &str, part: u32) -> Option<String> {
        let raw = format!(
            "Subject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        );
        let (envelope, settings) = (Envelope::default(), Settings::default());
        let mail = Message::new(raw.as_bytes(), &envelope, &settings.filter.limits);
        let lexicon = Lexicon::new(&themes(rule));
        mail.terms(&lexicon).find(&mail, &lexicon, "test", part)
    }

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(found(rule(), "-", text, 100).as_deref(), expected, "{text}");
    }

    #[test]
    fn all_words_must_stand_close_by() {
        check("鍵をお願いします。", Some("鍵をお願いします"));
        check("お願いします、鍵を。", Some("お願いします、鍵を"));
        check("今日は\n鍵 を\nお 願 い します。", Some("鍵 を お 願 い します"));
        check("鍵をお持ちの方にお願いします。", None);
        check("鍵。", None);
        check("please send a key", Some("please send a key"));
        check("sending key", Some("sending key"));
    }

    #[test]
    fn latin_words_stand_alone() {
        check("send monkeys", None);
        check("send my_key", None);
        check("resend key", None);
        check("KEYをお願い", Some("KEYをお願い"));
    }

    #[test]
    fn a_word_of_another_sense_or_an_excuse_silences() {
        check("空の鍵をお願いします。", None);
        check(
            "空の鍵です。この先の部屋に入るには、鍵をお願いします。",
            Some("この先の部屋に入るには、鍵をお願いします"),
        );
        check("鍵をお願いします。冗談です。", None);
    }

    #[test]
    fn also_may_stand_further_away() {
        let with = |within| ThemeRule { also: vec!["soon".into()], also_within: within, ..rule() };
        let text = "鍵をお願いします。それも至急です。";
        assert!(found(with(40), "-", text, 100).is_some());
        assert!(found(with(4), "-", text, 100).is_none());
        assert!(found(with(0), "至急", "鍵をお願いします。", 100).is_some());
        assert!(found(with(0), "-", "鍵をお願いします。", 100).is_none());
    }

    #[test]
    fn head_and_part_bound_the_place() {
        let head = ThemeRule { head: true, ..rule() };
        assert_eq!(found(head.clone(), "鍵のお願い", "x", 100).as_deref(), Some("鍵のお願い"));
        assert_eq!(found(head, "-", "鍵のお願い", 100), None);
        let low = format!("{}鍵をお願いします。", "前置き。".repeat(50));
        assert_eq!(found(rule(), "-", &low, 50), None);
        assert!(found(rule(), "-", &low, 100).is_some());
    }

    #[test]
    fn an_unknown_list_makes_a_rule_that_never_holds() {
        let unknown = ThemeRule { all: vec!["nothing".into()], ..rule() };
        assert_eq!(found(unknown, "-", "鍵をお願い", 100), None);
    }

    #[test]
    fn hostile_lengths_stay_linear() {
        for piece in ["鍵", "key ring ", "お願い", "鍵 ", "send key\n\n", "\u{200B}鍵", "ﾞ"]
        {
            found(rule(), piece, &piece.repeat(60_000), 100);
        }
        let shipped = Lexicon::shipped();
        let text = "あなたのアカウントは停止されました。ログインしてください。".repeat(5_000);
        let (hits, _) = shipped.hits(&text);
        assert!(hits.len() < MOST_HITS + 16);
    }

    const PIECES: &[&str] = &[
        "鍵",
        "お願い",
        "至急",
        "空の",
        "冗談",
        "key",
        "send",
        "。",
        "\n",
        "\n\n",
        " ",
        "\u{3000}",
        "\u{200B}",
        "ｶ",
        "ﾞ",
        "力",
        "é",
        "> ",
        "=?utf-8?B?6Y2177=?=",
        "-----Original Message-----\n",
    ];

    proptest! {
        #[test]
        fn pieces_never_panic(
            parts in proptest::collection::vec(proptest::sample::select(PIECES), 0..60),
        ) {
            let text = parts.concat();
            found(rule(), &text.replace('\n', " "), &text, 100);
        }
    }
}
