//! Whether a domain is another one mistyped or misheard: what fingers do on a keyboard, and ears
//! with Japanese names.
//!
//! Way in: [`is_of`]. Unlike [`crate::names`], which asks what deceives an eye, only slips count that
//! an honest hand makes. Both domains in lower-case ASCII form. Total, linear in their length.

/// Whether `domain`, or a domain above it, is `meant` with one slip.
pub(super) fn is_of(domain: &str, meant: &str) -> bool {
    let Some((label, ending)) = split(meant) else { return false };
    if domain.len() > MAX_LENGTH {
        return false;
    }
    let labels = meant.split('.').count();
    // A dot may have been left out or put in.
    (labels.saturating_sub(1)..=labels + 1).filter_map(|count| tail(domain, count)).any(|tail| {
        is_slip(tail, meant, label.len())
            || split(tail).is_some_and(|(their, other)| {
                their == label && is_other_ending(label, ending, other)
                    || other == ending && sounds_like(their, label)
            })
    })
}

/// Host name before the ending, and the ending: that of the public suffix as people say it.
fn split(domain: &str) -> Option<(&str, &str)> {
    let ending = ENDINGS.iter().filter(|ending| {
        domain.strip_suffix(**ending).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1)
    });
    let ending = ending.max_by_key(|ending| ending.len());
    let at = ending.map(|ending| domain.len() - ending.len() - 1).or_else(|| domain.find('.'))?;
    Some((domain.get(..at)?, domain.get(at + 1..)?))
}

/// The last `count` labels.
fn tail(domain: &str, count: usize) -> Option<&str> {
    if count == 0 {
        return None;
    }
    let mut dots = domain.bytes().enumerate().rev().filter(|(_, b)| *b == b'.');
    match dots.nth(count - 1) {
        Some((at, _)) => domain.get(at + 1..),
        // Fewer labels than asked for: the whole, once.
        None => (domain.split('.').count() == count).then_some(domain),
    }
}

/// The same name under another of the endings that people take for each other.
fn is_other_ending(label: &str, ending: &str, other: &str) -> bool {
    ending != other
        && label.len() >= SHORTEST_ENDED
        && ENDINGS.contains(&ending)
        && ENDINGS.contains(&other)
}

/// One slip: neighbouring letters swapped, one left out, one doubled, a neighbouring key in place of
/// or beside the right one, a hyphen for a dot. `label` is the length of the name before the ending.
fn is_slip(typed: &str, meant: &str, label: usize) -> bool {
    let (t, m) = (typed.as_bytes(), meant.as_bytes());
    if t.len().abs_diff(m.len()) > 1 || t == m {
        return false;
    }
    let same = t.iter().zip(m).take_while(|(a, b)| a == b).count();
    let (rest_t, rest_m) = (after(t, same), after(m, same));
    // Short names differ by a letter from other short names.
    let separator = |at: usize| matches!(m.get(at), Some(b'.' | b'-'));
    if same < label && label < SHORTEST_TYPED && !separator(same) {
        return false;
    }
    match (rest_t, rest_m) {
        ([a, b, t @ ..], [c, d, m @ ..]) if a == d && b == c && t == m => true,
        ([a, t @ ..], [b, m @ ..]) if t == m => are_neighbours(*a, *b),
        (t, [_, m @ ..]) if t == m => true,
        ([a, t @ ..], m) if t == m => {
            let beside = [same.checked_sub(1).and_then(|at| meant.as_bytes().get(at)), m.first()];
            beside.into_iter().flatten().any(|b| a == b || are_neighbours(*a, *b))
        }
        _ => false,
    }
}

fn after(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at..).unwrap_or_default()
}

/// Whether two keys lie beside each other (QWERTY), or are taken for each other in addresses.
fn are_neighbours(a: u8, b: u8) -> bool {
    let place = |key: u8| {
        ROWS.iter().enumerate().find_map(|(row, keys)| {
            let column = keys.bytes().position(|k| k == key)?;
            Some((row, column))
        })
    };
    if matches!((a, b), (b'-', b'.' | b'_') | (b'.' | b'_', b'-')) {
        return true;
    }
    let (Some((row_a, a)), Some((row_b, b))) = (place(a), place(b)) else { return false };
    let (upper, lower) = if row_a < row_b { (a, b) } else { (b, a) };
    match row_a.abs_diff(row_b) {
        0 => a.abs_diff(b) == 1,
        // Each row is shifted half a key to the right.
        1 => upper == lower || upper == lower + 1,
        _ => false,
    }
}

/// Whether the names are one Japanese or English word, written as somebody heard it.
fn sounds_like(typed: &str, meant: &str) -> bool {
    typed != meant && typed.len().min(meant.len()) >= SHORTEST_HEARD && heard(typed) == heard(meant)
}

/// A name in one romanisation, long vowels short, with sounds that Japanese does not tell apart as one.
fn heard(name: &str) -> String {
    let mut sound = name.replace("ai", "ei").replace("mp", "np").replace("mb", "nb");
    for (written, one) in SOUNDS {
        if sound.contains(written) {
            sound = sound.replace(written, one);
        }
    }
    // Long vowels, and consonants written twice.
    let mut out = String::with_capacity(sound.len());
    for c in sound.chars() {
        let long = matches!((out.chars().next_back(), c), (Some('o'), 'u' | 'h'));
        if !long && !out.ends_with(c) && c != '-' {
            out.push(c);
        }
    }
    out
}

/// Hepburn as Kunrei, in the order in which they are replaced.
const SOUNDS: [(&str, &str); 15] = [
    ("shi", "si"),
    ("sh", "sy"),
    ("chi", "ti"),
    ("ch", "ty"),
    ("tsu", "tu"),
    ("fu", "hu"),
    ("ji", "zi"),
    ("di", "zi"),
    ("dzu", "zu"),
    ("du", "zu"),
    ("j", "zy"),
    ("zyy", "zy"),
    ("l", "r"),
    ("v", "b"),
    ("c", "k"),
];

/// Endings that people take for each other.
const ENDINGS: [&str; 18] = [
    "ac.jp", "ad.jp", "co.com", "co.jp", "co", "com", "com.jp", "ed.jp", "go.jp", "gr.jp", "jp",
    "lg.jp", "ne.com", "ne.jp", "ne", "net", "or.jp", "org",
];

/// A keyboard's rows; digits stand above.
const ROWS: [&str; 4] = ["1234567890-", "qwertyuiop", "asdfghjkl;", "zxcvbnm,./"];

/// Shortest name of which another ending is no other organisation.
const SHORTEST_ENDED: usize = 3;

/// Shortest name in which a slip is looked for.
const SHORTEST_TYPED: usize = 5;

/// Shortest name that is compared by its sound.
const SHORTEST_HEARD: usize = 5;

/// Longest host name (RFC 1035, section 2.3.4).
const MAX_LENGTH: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(domain: &str, meant: &str, expected: bool) {
        assert_eq!(is_of(domain, meant), expected, "{domain} for {meant}");
    }

    #[test]
    fn keys() {
        for (a, b) in
            [(b'g', b'h'), (b'm', b'n'), (b'o', b'0'), (b'o', b'p'), (b's', b'w'), (b's', b'z')]
        {
            assert!(are_neighbours(a, b) && are_neighbours(b, a), "{a} {b}");
        }
        for (a, b) in [(b'a', b'p'), (b'g', b'g'), (b'q', b's'), (b'x', 0xFF)] {
            assert!(!are_neighbours(a, b), "{a} {b}");
        }
    }

    #[test]
    fn one_slip_counts_and_two_do_not() {
        check("sazanami.co.jp", "sazanami.co.jp", false);
        check("sazamani.co.jp", "sazanami.co.jp", false);
        check("aszanami.co.jp", "sazanami.co.jp", true);
        check("sazanam.co.jp", "sazanami.co.jp", true);
        check("sazanaml.co.jp", "sazanami.co.jp", false);
        check("aszanam.co.jp", "sazanami.co.jp", false);
        check("www.aszanami.co.jp", "sazanami.co.jp", true);
        check("aszanami.co.jp.example", "sazanami.co.jp", false);
    }

    #[test]
    fn short_names_are_compared_by_their_endings_alone() {
        check("abx.co.jp", "abc.co.jp", false);
        check("abc.co.jo", "abc.co.jp", true);
        check("abc.ne.jp", "abc.co.jp", true);
        check("ab.ne.jp", "ab.co.jp", false);
    }

    #[test]
    fn sounds() {
        for (a, b) in [
            ("shinjuku", "sinzyuku"),
            ("fujitsuka", "huzituka"),
            ("oosaka", "osaka"),
            ("ohnishi", "onishi"),
            ("kougyou", "kogyo"),
            ("shimbashi", "shinbashi"),
            ("velvet", "berbet"),
        ] {
            assert_eq!(heard(a), heard(b), "{a} {b}");
        }
        assert_ne!(heard("yamada"), heard("yamaha"));
    }

    proptest! {
        #[test]
        fn anything_is_compared(domain in "\\PC{0,40}", meant in "([a-z.-]{0,20}|\\PC{0,20})") {
            let _ = is_of(&domain, &meant);
        }

        #[test]
        fn a_letter_left_out_is_seen(at in 0usize..10) {
            let mut domain = "hanamizuki.example".to_owned();
            domain.remove(at);
            prop_assert!(is_of(&domain, "hanamizuki.example"));
        }
    }
}
