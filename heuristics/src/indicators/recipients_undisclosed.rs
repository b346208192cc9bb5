//! To names nobody.
//!
//! Bulk senders put the recipients where nobody sees them. Innocent: announcements to many by Bcc,
//! which is what good manners ask for; so it counts little and only joins other signs.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

/// The recipients are not shown.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "recipients-undisclosed",
    clause: None,
    group: Group::Sender,
    // Every honest broadcast by Bcc looks so.
    points: 5,
    says: Words {
        ja: "宛先が伏せられており（{evidence}）、多数の相手に一斉に送られた可能性があります。",
        en: "Its recipients are not shown ({evidence}); it may have gone to many.",
    },
    means: Words {
        ja: "宛先欄に受信者の名前がなく、伏せられています。\
             迷惑メールの一斉送信でよく見られますが、BCCによる通常の案内でも同じようになります。",
        en: "The To field says “undisclosed recipients” or the like. Bulk senders of spam do so, and so \
             do honest announcements by Bcc.",
    },
    look,
};

fn look(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let to = mail.field("to")?;
    let value = to.value.get(..MAX_BYTES).unwrap_or(to.value).to_ascii_lowercase();
    let hidden = MARKS.iter().any(|mark| memchr::memmem::find(&value, mark.as_bytes()).is_some());
    let nobody = || {
        let shown = mail.mailboxes("to").into_iter().chain(mail.mailboxes("cc"));
        shown.into_iter().all(|mailbox| mailbox.host.is_empty())
    };
    (hidden && nobody()).then(|| Evidence::new(to.text()))
}

/// What programs write there, lower case.
const MARKS: &[&str] = &["undisclosed", "unlisted-recipients", "recipient list not shown"];

/// Bytes read of the field.
const MAX_BYTES: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    #[test]
    fn fires_where_nobody_is_named() {
        for to in
            ["undisclosed-recipients:;", "Undisclosed recipients:;", "<Undisclosed-Recipient:;>"]
        {
            fires(&INDICATOR, format!("From: a@example.com\nTo: {to}\n\nx\n"));
        }
    }

    #[test]
    fn silent_where_somebody_is() {
        for header in [
            "To: b@own.example",
            "To: undisclosed-recipients:;\nCc: b@own.example",
            "To: \"Undisclosed\" <b@own.example>",
            "Subject: undisclosed recipients",
            "To:",
        ] {
            silent(&INDICATOR, format!("From: a@example.com\n{header}\n\nx\n"));
        }
    }
}
