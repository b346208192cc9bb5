//! A container or document was not looked at whole, because a limit was met.
//!
//! Archives in archives, thousands of members, or a few bytes that unpack to gigabytes are ways to
//! wear out whoever looks inside. Honest mail meets the limits rarely: large data sets do.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "archive-limit",
    clause: None,
    group: Group::Attachment,
    // What could not be looked at is suspect, but big honest archives exist.
    points: 20,
    says: Words {
        ja: "添付ファイルが大きいか複雑なため、中身のすべては確認できませんでした。",
        en: "The attachments are too large or too deeply packed to be looked at whole.",
    },
    means: Words {
        ja: "圧縮ファイルの展開後の大きさ、入っているファイルの数、または入れ子の深さが、確認の上限を\
             超えています。上限より先に何が入っているかは確認できていません。大量のデータを送る場合にも\
             起こります。上限は filter.toml の limits で変更できます。",
        en: "An archive unpacks to more bytes, holds more files or is nested deeper than is looked \
             at; nothing is known of what lies beyond. Large sets of data do this too. The limits \
             stand in filter.toml, table limits.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    mail.container_limit().map(Evidence::new)
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::zip_writer::{File, zip};
    use crate::indicator::check::{fires, look_with, silent};
    use crate::message::files::samples::{attached, mixed, part};

    #[test]
    fn fires_for_too_many_members() {
        let mail = attached("a.zip", &zip(&vec![File::new("b", b""); 11]));
        let settings = |s: &mut sekisho_config::Settings| s.filter.limits.members = 10;
        let evidence = look_with(&INDICATOR, mail, settings, |_| {}).unwrap();
        let said = "more than 10 archive members; the rest were not looked at";
        assert_eq!(evidence.shown(), said);
    }

    #[test]
    fn fires_for_what_unpacks_to_too_much() {
        let bomb = zip(&[File::new("b", b"x").size(u32::MAX - 1)]);
        let said = "unpacks to more than 104857600 bytes; the rest was not looked at";
        assert_eq!(fires(&INDICATOR, attached("a.zip", &bomb)), said);
    }

    #[test]
    fn fires_for_parts_that_are_not_looked_at() {
        let mail = mixed(&part("application/zip; name=a.zip", "", "UEsFBg==").repeat(4));
        let settings = |s: &mut sekisho_config::Settings| s.filter.limits.parts = 4;
        let evidence = look_with(&INDICATOR, mail, settings, |_| {}).unwrap();
        let said = "more than 4 MIME parts; the rest were not looked at";
        assert_eq!(evidence.shown(), said);
    }

    #[test]
    fn silent_within_the_limits_and_for_damage() {
        silent(&INDICATOR, attached("a.zip", &zip(&[File::new("b", b"x")])));
        silent(&INDICATOR, attached("a.zip", b"PK\x03\x04 and nothing of an archive"));
        silent(&INDICATOR, "Subject: a\n\nb");
    }
}
