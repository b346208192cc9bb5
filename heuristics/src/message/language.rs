//! Whether a mail is written in Japanese, as far as kana tell.

use super::Message;

/// Whether the subject, or what the sender wrote himself, is Japanese: kana stand in it. A mail
/// without kana may be Chinese. Quotations do not count.
pub fn is_japanese(mail: &Message<'_>) -> bool {
    let many = |text: &str, least: usize| {
        text.chars().filter(|c| is_kana(*c)).take(least).count() == least
    };
    many(mail.subject(), IN_SUBJECT)
        || mail.texts().iter().filter(|text| text.message == 0).any(|text| {
            let own = text.own();
            many(own.get(..own.floor_char_boundary(MAX_BYTES)).unwrap_or_default(), IN_TEXT)
        })
}

/// Hiragana and katakana, half-width ones too.
pub fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{FF66}'..='\u{FF9D}')
}

/// Kana that make a subject, and a text, Japanese.
const IN_SUBJECT: usize = 2;
const IN_TEXT: usize = 10;

/// Bytes of each text that are looked at.
const MAX_BYTES: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Envelope;
    use sekisho_config::Settings;

    #[track_caller]
    fn check(mail: &str, expected: bool) {
        let (envelope, settings) = (Envelope::default(), Settings::default());
        let message = Message::new(mail.as_bytes(), &envelope, &settings.filter.limits);
        assert_eq!(is_japanese(&message), expected, "{mail}");
    }

    #[test]
    fn kana_tell() {
        check("Subject: お知らせ\n\nx\n", true);
        check("Subject: x\n\nいつもお世話になっております。\n", true);
        check("Subject: 通知\n\n您的賬戶已暫停,請立即登錄確認。\n", false);
        check("Subject: x\n\nHello\n\n> いつもお世話になっております。\n", false);
        check("Subject: x\n\nSee あ and い.\n", false);
    }
}
