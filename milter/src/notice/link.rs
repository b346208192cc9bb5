//! A command that a notice offers, as a link that opens a mail ready to be sent.

use std::fmt::Write as _;

use sekisho_config::Settings;

use super::from_address;
use crate::commands::{self, Command, Seals};

/// A command to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it does, for the reader.
    pub label: String,
    /// The subject of the mail that it opens.
    pub subject: String,
    /// To whom that mail goes.
    pub to: String,
}

/// The link by which `address` may give `command` about the hold `id`; `None` where notices come from
/// nowhere.
pub fn offer(
    command: Command,
    id: &str,
    address: &str,
    lang: &str,
    settings: &Settings,
    seals: &Seals,
) -> Option<Link> {
    let (ja, en) = match command {
        Command::Approve => ("承認して送信する", "Approve, and let it go"),
        Command::Deliver => ("受け取る", "Deliver it to me"),
        Command::Deny => ("却下して削除する", "Deny, and delete it"),
        Command::Send => ("今すぐ送信する", "Send it now"),
        Command::Withdraw => ("送信を取りやめて削除する", "Withdraw and delete it"),
    };
    let seal = seals.seal(command, id, address)?;
    Some(Link {
        label: (if lang == "ja" { ja } else { en }).to_owned(),
        subject: commands::subject(command, id, &seal),
        to: from_address(settings)?,
    })
}

impl Link {
    /// The address of the link (RFC 6068).
    pub fn mailto(&self) -> String {
        let mut out = String::from("mailto:");
        push_encoded(&mut out, &self.to);
        out.push_str("?subject=");
        push_encoded(&mut out, &self.subject);
        out
    }
}

fn push_encoded(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::{Block, Notice, Section};

    #[test]
    fn links_open_a_mail_in_both_forms() {
        let link = Link {
            label: "承認 <1>".into(),
            subject: "[sekisho approve 4XyZ-1F 00]".into(),
            to: "a+b@own.example".into(),
        };
        let mailto = "mailto:a%2Bb@own.example?subject=%5Bsekisho%20approve%204XyZ-1F%2000%5D";
        assert_eq!(link.mailto(), mailto);
        let section = Section { lang: "ja", blocks: vec![Block::Links(vec![link])] };
        let notice = Notice { to: vec![], subject: String::new(), sections: vec![section] };
        let text = format!("  承認 <1>: [sekisho approve 4XyZ-1F 00]\n    <{mailto}>\n\n");
        assert_eq!(notice.text(), text);
        let html = notice.html();
        assert!(html.contains(&format!("href=\"{mailto}\">承認 &lt;1&gt;</a>")), "{html}");
    }
}
