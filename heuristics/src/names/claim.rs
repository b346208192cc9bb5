//! Which real name a text claims to be: the name of a sender, what stands in front of a subject, a
//! line of a signature.
//!
//! Way in: [`Registry::claim`]. A text claims a name where it *is* the name: before and after it
//! stand nothing but words by which organisations call their desks (`株式会社`, `サポート`, `Support
//! Team`). `田中（Amazon担当）`, `楽天市場店`, `Amazon Linux` are therefore none: something else is
//! named with the name in it. Case, width, blanks, punctuation, invisible characters and Cyrillic
//! look-alikes do not count.

use std::ops::RangeInclusive;

use super::fold::Squashed;
use super::{Known, Registry, fold};

impl Registry {
    /// The name that `text` claims to be.
    pub fn claim(&self, text: &str) -> Option<&Known> {
        self.claim_in(text).or_else(|| self.claim_in(without_code(text)?))
    }

    fn claim_in(&self, text: &str) -> Option<&Known> {
        // A name's letters may each have a mark or a blank of their own.
        let text = text.get(..text.floor_char_boundary(MAX_CLAIM * 8)).unwrap_or_default();
        let text = fold::squash(text);
        if text.len() > MAX_CLAIM {
            return None;
        }
        let mut at = 0;
        // Words before the name: at each place the name is tried first.
        for _ in 0..MAX_WORDS {
            if let Some(known) = self.claim_at(&text, at) {
                return Some(known);
            }
            at += self.word_at(&text, at)?;
        }
        None
    }

    /// A name that begins at `at`, with nothing but desk words behind it.
    fn claim_at(&self, text: &Squashed, at: usize) -> Option<&Known> {
        let (name, len) = self.name_at(text, at)?;
        self.only_desks(text, at + len).then_some(name)
    }

    /// The longest name that begins at `at`, and its length.
    fn name_at(&self, text: &Squashed, at: usize) -> Option<(&Known, usize)> {
        self.longest_at(text, at, |written, alike| {
            let index = self.texts.get(written).or_else(|| self.alikes.get(alike))?;
            self.name(*index)
        })
    }

    /// Length of the longest desk word that begins at `at`, or of the number there.
    fn word_at(&self, text: &Squashed, at: usize) -> Option<usize> {
        let digits = text.from(at, MAX_CLAIM).bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            return Some(digits);
        }
        let found = self.longest_at(text, at, |written, alike| {
            (self.desk.contains(written) || self.desk_alikes.contains(alike)).then_some(())
        });
        found.map(|((), len)| len)
    }

    /// What `find` has for the longest run of characters that begins at `at` and ends as a word
    /// does; it is given them as they are written and with look-alikes as one.
    fn longest_at<T>(
        &self,
        text: &Squashed,
        at: usize,
        find: impl Fn(&str, &str) -> Option<T>,
    ) -> Option<(T, usize)> {
        let written = text.from(at, self.longest_text);
        let alike: String = written.chars().map(fold::alike).collect();
        let longest = self.longest_text.min(text.len().checked_sub(at)?);
        (1..=longest).rev().filter(|len| text.is_boundary(at + len)).find_map(|len| {
            let end = text.byte(at + len).checked_sub(text.byte(at))?;
            Some((find(written.get(..end)?, alike.get(..end)?)?, len))
        })
    }

    /// Whether the rest of the text is desk words, further names (`えきねっと（JR東日本）`), and a
    /// code at its end.
    fn only_desks(&self, text: &Squashed, mut at: usize) -> bool {
        for _ in 0..MAX_WORDS {
            if at >= text.len() || is_code(text.from(at, MAX_CLAIM)) {
                return true;
            }
            let word = self.word_at(text, at);
            match word.max(self.name_at(text, at).map(|(_, len)| len)) {
                Some(len) => at += len,
                None => return false,
            }
        }
        at >= text.len()
    }
}

impl Known {
    /// Whether `text` speaks as this name: thanks for using its services, signs with its desk, or
    /// holds its copyright, which nobody says of another.
    pub fn speaks_in(&self, text: &str) -> bool {
        let text = fold::squash(text).text;
        self.written.iter().filter(|name| name.chars().count() > 1).any(|name| {
            text.match_indices(name.as_str()).take(MAX_MENTIONS).any(|(at, _)| {
                let before = text.get(..at).unwrap_or_default();
                let after = text.get(at + name.len()..).unwrap_or_default();
                VOICE_BEFORE.iter().any(|word| before.ends_with(word))
                    || VOICE_AFTER.iter().any(|word| after.starts_with(word))
            })
        })
    }
}

/// The text without the letters that bulk mailers put behind a row of dots to make each mail
/// another: `Hanamizuki!. .GLWYI`.
fn without_code(text: &str) -> Option<&str> {
    let (rest, code) = text.trim_end().rsplit_once('.')?;
    let rest = rest.trim_end();
    let is_code = CODE.contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    (is_code && rest.ends_with('.')).then_some(rest)
}

/// Letters and digits mixed, as no word is: `NM623`.
fn is_code(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (SHORTEST_MIXED..=*CODE.end()).contains(&text.len())
        && digits >= 2
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Characters of a text that are looked at; no sender's name is longer.
const MAX_CLAIM: usize = 80;

/// Desk words around a name.
const MAX_WORDS: usize = 8;

/// Characters of a code.
const CODE: RangeInclusive<usize> = 4..=12;

/// Fewest of one without dots before it: shorter ones are products (`R740`).
const SHORTEST_MIXED: usize = 5;

/// Mentions of a name that are looked at.
const MAX_MENTIONS: usize = 50;

/// What stands right before a name that speaks of itself.
const VOICE_BEFORE: &[&str] =
    &["いつも", "発行", "発行元", "発行者", "copyright", "配信元", "送信元"];

/// What stands right behind a name that speaks of itself.
const VOICE_AFTER: &[&str] = &[
    "いつもご利用",
    "お客さまセンター",
    "お客様センター",
    "からの大切なお知らせ",
    "からの重要なお知らせ",
    "からのお知らせ",
    "からのご案内",
    "でございます",
    "です",
    "のご利用ありがとう",
    "のご利用誠に",
    "のサービスをご利用",
    "よりお知らせ",
    "をいつもご利用",
    "をご愛顧",
    "をご利用いただ",
    "をご利用のお客",
    "をご利用頂",
    "カスタマー",
    "サポートセンター",
    "サポートチーム",
    "事務局",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn claimed(text: &str) -> Option<&'static str> {
        Registry::shipped().claim(text).map(|known| known.name.as_str())
    }

    #[test]
    fn a_text_that_is_a_name_claims_it() {
        for (text, name) in [
            ("Amazon", "Amazon"),
            ("AMAZON.CO.JP", "Amazon"),
            ("Ａｍａｚｏｎ カスタマーサービス", "Amazon"),
            ("Am\u{0430}z\u{200B}on Support Team", "Amazon"),
            ("Your Amazon account", "Amazon"),
            ("三 井 住 友 カ ー ド", "三井住友カード"),
            ("三井住友カード株式会社", "三井住友カード"),
            ("株式会社ジェーシービー", "JCB"),
            ("「えきねっと」", "えきねっと"),
            ("N.E.T.F.L.I.X", "Netflix"),
            ("イオンカード", "イオンカード"),
            ("えきねっと（JR東日本）", "えきねっと"),
            ("Microsoft 365 Security", "Microsoft"),
            ("Omaha..Steaks", "Omaha Steaks"),
            ("Soci\u{0065}\u{0301}te Generale", "Société Générale"),
            ("Banco do BrasiI", "Banco do Brasil"),
            ("McAfee\u{2122} Notice", "McAfee"),
            ("Netflix!. .GLWYI", "Netflix"),
            ("D P D Versand NM623", "DPD"),
            ("La Poste | Suivre votre colis", "La Poste"),
        ] {
            assert_eq!(claimed(text), Some(name), "{text}");
        }
    }

    #[test]
    fn a_text_with_a_name_in_it_does_not() {
        for text in [
            "",
            "田中太郎",
            "田中（Amazon担当）",
            "楽天市場店 店長",
            "Amazon Linux team",
            "Pineapple",
            "Apples",
            "Re: Amazonの件",
            "Chase Miller",
            "Ana",
            "東京都渋谷区",
            "Google Summer of Code",
            "support team",
            "お客様サポート",
            "Netflix GLWYI",
            "Dell R740",
            "LRS",
            "Tesco Ireland Fan Page",
        ] {
            assert_eq!(claimed(text), None, "{text}");
        }
    }

    #[test]
    fn speaking_as_a_name_is_told_from_speaking_of_it() {
        let registry = Registry::shipped();
        let amazon = registry.claim("Amazon").unwrap();
        for text in ["Amazon をご利用いただきありがとうございます", "© Amazon カスタマーサービス"]
        {
            assert!(amazon.speaks_in(text), "{text}");
        }
        for text in ["Amazonの請求書を添付します。", "昨日Amazonで購入した部品が届きました。", ""]
        {
            assert!(!amazon.speaks_in(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(amazon|カード| |・|\u{200B}|support|\\PC){0,20}") {
            let _ = claimed(&text);
        }
    }
}
