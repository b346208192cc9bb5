//! Which real name a text claims to be: the name of a sender, what stands in front of a subject, a
//! line of a signature.
//!
//! Way in: [`Registry::claim`]. A text claims a name where it *is* the name: before and after it
//! stand nothing but words by which organisations call their desks (`株式会社`, `サポート`, `Support
//! Team`). `田中（Amazon担当）`, `楽天市場店`, `Amazon Linux` are therefore none: something else is
//! named with the name in it. Case, width, blanks, punctuation, invisible characters and Cyrillic
//! look-alikes do not count.

use super::{Known, Registry, fold};

impl Registry {
    /// The name that `text` claims to be.
    pub fn claim(&self, text: &str) -> Option<&Known> {
        let (chars, gaps) = fold::squash(text);
        let chars = chars.get(..MAX_CLAIM.min(chars.len()))?;
        let mut at = 0;
        // Words before the name: at each place the name is tried first.
        for _ in 0..MAX_WORDS {
            if let Some(known) = self.claim_at(chars, &gaps, at) {
                return Some(known);
            }
            at += word_at(chars, &gaps, at)?;
        }
        None
    }

    /// A name that begins at `at`, with nothing but desk words behind it.
    fn claim_at(&self, chars: &[char], gaps: &[bool], at: usize) -> Option<&Known> {
        let (name, len) = self.name_at(chars, gaps, at)?;
        self.only_desks(chars, gaps, at + len).then_some(name)
    }

    /// The longest name that begins at `at`, and its length.
    fn name_at(&self, chars: &[char], gaps: &[bool], at: usize) -> Option<(&Known, usize)> {
        let rest = chars.get(at..)?;
        (2..=self.longest_text.min(rest.len())).rev().find_map(|len| {
            if !is_boundary(chars, gaps, at + len) {
                return None;
            }
            let name: String = rest.get(..len)?.iter().collect();
            Some((self.name(*self.texts.get(name.as_str())?)?, len))
        })
    }

    /// Whether the rest of the text is desk words, or further names: `えきねっと（JR東日本）`.
    fn only_desks(&self, chars: &[char], gaps: &[bool], mut at: usize) -> bool {
        for _ in 0..MAX_WORDS {
            if at >= chars.len() {
                return true;
            }
            let word = word_at(chars, gaps, at);
            match word.max(self.name_at(chars, gaps, at).map(|(_, len)| len)) {
                Some(len) => at += len,
                None => return false,
            }
        }
        at >= chars.len()
    }
}

impl Known {
    /// Whether `text` speaks as this name: thanks for using its services, signs with its desk, or
    /// holds its copyright, which nobody says of another.
    pub fn speaks_in(&self, text: &str) -> bool {
        let text: String = fold::squash(text).0.into_iter().collect();
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

/// Length of the longest desk word that begins at `at`.
fn word_at(chars: &[char], gaps: &[bool], at: usize) -> Option<usize> {
    let rest = chars.get(at..).filter(|rest| !rest.is_empty())?;
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    if digits > 0 {
        return Some(digits);
    }
    let fits = |word: &&&'static str| {
        let mut left = rest.iter();
        word.chars().all(|c| left.next() == Some(&c))
            && is_boundary(chars, gaps, at + word.chars().count())
    };
    DESK_WORDS.iter().filter(fits).map(|word| word.chars().count()).max()
}

/// Whether a word may end at `at`: Latin letters need something between words, others do not.
fn is_boundary(chars: &[char], gaps: &[bool], at: usize) -> bool {
    let latin = |at: usize| chars.get(at).is_some_and(char::is_ascii_alphanumeric);
    let letters = at.checked_sub(1).is_some_and(latin) && latin(at);
    !letters || gaps.get(at).copied().unwrap_or(true)
}

/// Characters of a text that are looked at; no sender's name is longer.
const MAX_CLAIM: usize = 80;

/// Desk words around a name.
const MAX_WORDS: usize = 8;

/// Mentions of a name that are looked at.
const MAX_MENTIONS: usize = 50;

/// Words by which organisations call their desks and mail, squashed.
const DESK_WORDS: &[&str] = &[
    "account",
    "accounts",
    "admin",
    "administrator",
    "alert",
    "alerts",
    "and",
    "assistance",
    "atendimento",
    "cliente",
    "kundenservice",
    "soporte",
    "suporte",
    "authentication",
    "auto",
    "bank",
    "billing",
    "by",
    "card",
    "cards",
    "care",
    "center",
    "centre",
    "club",
    "co",
    "com",
    "communications",
    "company",
    "confirmation",
    "corp",
    "corporation",
    "customer",
    "customers",
    "de",
    "delivery",
    "department",
    "dept",
    "desk",
    "email",
    "express",
    "fr",
    "from",
    "global",
    "gmbh",
    "group",
    "help",
    "helpdesk",
    "id",
    "inc",
    "info",
    "information",
    "international",
    "it",
    "japan",
    "jp",
    "kk",
    "limited",
    "llc",
    "local",
    "ltd",
    "mail",
    "mailer",
    "member",
    "members",
    "message",
    "my",
    "ne",
    "net",
    "news",
    "newsletter",
    "no",
    "noreply",
    "notice",
    "notification",
    "notifications",
    "of",
    "office",
    "official",
    "online",
    "or",
    "order",
    "orders",
    "org",
    "payment",
    "payments",
    "points",
    "promotions",
    "protection",
    "rent",
    "reply",
    "rewards",
    "sa",
    "safety",
    "security",
    "server",
    "service",
    "services",
    "shipping",
    "shop",
    "store",
    "support",
    "system",
    "team",
    "the",
    "update",
    "updates",
    "verification",
    "verify",
    "web",
    "your",
    "web事務局",
    "お客さまセンター",
    "お客さまサポート",
    "お客様",
    "お客様サポート",
    "お客様センター",
    "お客様相談室",
    "お支払い",
    "お支払いサービス",
    "お知らせ",
    "ご案内",
    "ご利用",
    "ご連絡",
    "ご通知",
    "よりお知らせ",
    "からのお知らせ",
    "の",
    "より",
    "から",
    "アカウント",
    "アカウント管理",
    "インターネットサービス",
    "オンライン",
    "オンラインサービス",
    "カスタマー",
    "カスタマーサービス",
    "カスタマーサポート",
    "カスタマーセンター",
    "カード",
    "サポート",
    "サポートセンター",
    "サポートチーム",
    "サービス",
    "サービスセンター",
    "ジャパン",
    "セキュリティ",
    "セキュリティセンター",
    "センター",
    "ショップ",
    "ストア",
    "ダイレクト",
    "ネット",
    "ポイント",
    "メール",
    "メール配信",
    "会員",
    "会員サービス",
    "会社",
    "株",
    "株式会社",
    "公式",
    "公式ショップ",
    "事務局",
    "自動通知",
    "自動配信",
    "自動送信",
    "重要",
    "重要なお知らせ",
    "窓口",
    "緊急",
    "通知",
    "配信",
    "本部",
    "日本",
    "認証",
    "運営",
    "運営事務局",
    "株式會社",
];

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
