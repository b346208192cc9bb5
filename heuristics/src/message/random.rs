//! Names made of random letters, as machines invent them for throw-away domains and programs.
//!
//! Way in: [`is_random`]. A name looks random where many of its pairs of neighbouring letters hardly
//! occur in English, in European languages or in romanised Japanese, or where letters and digits
//! change places again and again. Abbreviations hold such pairs too: pieces of fewer than
//! [`SHORTEST`] letters are never random, nor are names with one or two odd pairs.

/// Whether `name`, lower case, looks like random letters.
pub fn is_random(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.len() > LONGEST || name.starts_with("xn--") {
        return false;
    }
    let changes = bytes.windows(2).filter(|w| matches!(w, [a, b] if is_change(*a, *b))).count();
    changes >= CHANGES || bytes.split(|b| !b.is_ascii_lowercase()).any(is_random_piece)
}

/// Fewest letters in a row that are looked at.
pub const SHORTEST: usize = 6;

fn is_change(a: u8, b: u8) -> bool {
    a.is_ascii_digit() && b.is_ascii_lowercase() || a.is_ascii_lowercase() && b.is_ascii_digit()
}

fn is_random_piece(piece: &[u8]) -> bool {
    if piece.len() < SHORTEST {
        return false;
    }
    let odd = piece.windows(2).filter(|w| matches!(w, [a, b] if is_odd(*a, *b))).count();
    let pairs = piece.len() - 1;
    odd >= 3 && odd * 20 > pairs * 9 || odd >= 4 && odd * 5 > pairs * 2
}

fn is_odd(first: u8, second: u8) -> bool {
    if first == second {
        return false;
    }
    let row = first.checked_sub(b'a').and_then(|at| ODD.get(usize::from(at)));
    row.is_some_and(|row| row.as_bytes().contains(&second))
}

/// For each letter from `a` on, the letters that hardly ever follow it: pairs below one in four
/// thousand of those in the different words of English technical mail, less every pair that
/// romanised Japanese (Hepburn) can have.
const ODD: [&str; 26] = [
    "q",
    "bcdfghjkmnpqvwxz",
    "bdfgjmnpqvwxz",
    "bcfhjknpqtwx",
    "",
    "bcdghjkmnpqvwxyz",
    "bcdfjkmpqtvwxz",
    "bcdfghjkmpqsvwxz",
    "q",
    "bcdfghjklmnpqrstvwxyz",
    "bcdfghjlmpqrtvwxz",
    "bghjmnqrwxz",
    "cdfghjklnqrtvwxz",
    "qx",
    "q",
    "bcdfgjkmnqvwxz",
    "abcdefghijklmnopqrstvwxyz",
    "hjqxz",
    "bdfgjqrvxz",
    "bdgjknqvxz",
    "qvx",
    "bcdfghjklmnpqrstuvwxyz",
    "bcdfgjklmpqtuvwxyz",
    "bdfghjklmnoqrsuvwxyz",
    "bcdfghjklmqrvwxyz",
    "bcdfghjklmnpqrstvwxyz",
];

/// Changes between letters and digits that no name of people's making has.
const CHANGES: usize = 4;

/// Longest name that is looked at (a label of a host name).
const LONGEST: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_letters() {
        for name in
            ["qzkwvtrx", "bxczuzm", "mrjlzkpovxxsl", "x7k2m9q4", "wvtvbrh-co", "hqtxwpz", "a1b2c3"]
        {
            assert!(is_random(name), "{name}");
        }
    }

    #[test]
    fn names_and_abbreviations() {
        for name in [
            "example",
            "smbc-card",
            "jcb",
            "nttdocomo",
            "mufgbank",
            "jreast",
            "vmware",
            "nhkworld",
            "kyotoshinkinbank",
            "tsushima-gyokyo",
            "schwarzkopf",
            "rhythmstrings",
            "zdnet",
            "sfweekly",
            "xxxxxxxx",
            "office365",
            "2ndworld4you",
            "sapporo-shiyakusho",
            "shinkansen",
            "yokohamagyomu",
            "hitachizosen",
            "myjcb",
            "xn--r8jz45g",
            "",
        ] {
            assert!(!is_random(name), "{name}");
        }
    }

    #[test]
    fn nonsense_is_read() {
        for name in ["あ", "-", "--------", "\u{0}\u{0}", "a\u{3042}b"] {
            assert!(!is_random(name), "{name}");
        }
        assert!(!is_random(&"qx".repeat(100_000)));
    }
}
