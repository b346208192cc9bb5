//! Decisions about held mails by mail: a notice offers links, each of which opens a mail whose
//! subject names the command and proves that it was offered to this very person.
//!
//! Way in: [`asked`] when a mail of ours comes to the address of the notices, [`settle`] to do what it
//! asks, off the mail's path. Invariants: mail from outside is never a command, whatever it says;
//! a command is worth nothing to anybody but the one it was offered to, and nothing once the mail
//! no longer waits; what programs answer (vacation replies) is none; the mail that bears the
//! command is delivered as any other.
//!
//! When it fails: nothing changes, the log says why, and whoever asked is told.

mod settle;
mod token;

use sekisho_config::Settings;
use sekisho_heuristics::facts::{Client, Direction};
use sekisho_heuristics::message::Message;

use crate::notice;

pub use settle::{Settled, settle};
pub use token::{Seal, Seals};

/// What a notice offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// An approver lets it go.
    Approve,
    /// A recipient has his quarantined mail delivered.
    Deliver,
    /// An approver has it deleted.
    Deny,
    /// The sender does not want to wait.
    Send,
    /// The sender does not want it sent.
    Withdraw,
}

impl Command {
    /// All of them.
    pub const ALL: [Command; 5] =
        [Command::Approve, Command::Deliver, Command::Deny, Command::Send, Command::Withdraw];

    /// The word in the subject.
    pub fn word(self) -> &'static str {
        match self {
            Command::Approve => "approve",
            Command::Deliver => "deliver",
            Command::Deny => "deny",
            Command::Send => "send",
            Command::Withdraw => "withdraw",
        }
    }
}

/// A command as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is to be done.
    pub command: Command,
    /// To which hold.
    pub id: String,
    /// What proves that it was offered.
    pub seal: Seal,
    /// Who asks: MAIL FROM, lower case.
    pub who: String,
}

/// The command that a mail of ours brings; `None` for every other mail.
///
/// Whoever logged in by an address asks for that address alone; whoever logged in by another name,
/// or writes from an own network, is believed what MAIL FROM says, since the seal went to that
/// mailbox alone.
pub fn asked(
    mail: &Message<'_>,
    client: &Client,
    direction: Direction,
    settings: &Settings,
) -> Option<Asked> {
    let (command, id, seal) = parsed(mail.subject())?;
    if direction == Direction::Inbound || notice::is_automatic(mail) {
        return None;
    }
    let to_us = |to: &String| is_desk(&to.to_lowercase(), settings);
    let who = mail.envelope().mail_from.as_deref().unwrap_or_default().to_lowercase();
    let login = client.authenticated_user.as_deref().unwrap_or_default().to_lowercase();
    let is_himself = !login.contains('@') || login == who;
    if who.is_empty() || !is_himself || !mail.envelope().recipients.iter().any(to_us) {
        return None;
    }
    Some(Asked { command, id, seal, who })
}

/// The subject of a command.
pub fn subject(command: Command, id: &str, seal: &Seal) -> String {
    format!("{OPENS}{} {id} {seal}]", command.word())
}

/// Reads `[sekisho approve ID SEAL]` wherever it stands in a subject; replies put words before it.
fn parsed(subject: &str) -> Option<(Command, String, Seal)> {
    let (_, rest) = subject.split_once(OPENS)?;
    let (inside, _) = rest.split_once(']')?;
    let mut words = inside.split_whitespace();
    let word = words.next()?;
    let command = Command::ALL.into_iter().find(|c| c.word() == word)?;
    let id = words.next().filter(|id| id.len() <= LONGEST_ID)?;
    let seal = Seal::parse(words.next()?)?;
    words.next().is_none().then(|| (command, id.to_owned(), seal))
}

/// Whether notices come from this address, or postmaster of ours reads it.
fn is_desk(address: &str, settings: &Settings) -> bool {
    let from = notice::from_address(settings).map(|from| from.to_lowercase());
    let postmaster = |own: &String| address.strip_prefix("postmaster@") == Some(own);
    from.as_deref() == Some(address) || settings.filter.own_domains.iter().any(postmaster)
}

const OPENS: &str = "[sekisho ";

/// Longer than any id of ours.
const LONGEST_ID: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_heuristics::message::Envelope;

    const SEAL: &str = "00112233445566778899aabbccddeeff";

    fn settings() -> Settings {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        settings.notify.from = "gate@own.example".into();
        settings
    }

    /// Who asks what by a mail with these fields, sent by this user to this address.
    fn read(
        fields: &str,
        login: Option<&str>,
        (from, to): (&str, &str),
        direction: Direction,
    ) -> Option<(Command, String)> {
        let envelope = Envelope {
            mail_from: Some(from.into()),
            recipients: vec!["x@y.example".into(), to.into()],
        };
        let (raw, settings) = (format!("{fields}\r\n\r\n"), settings());
        let mail = Message::new(raw.as_bytes(), &envelope, &settings.filter.limits);
        let client = Client { authenticated_user: login.map(str::to_owned), ..Client::default() };
        asked(&mail, &client, direction, &settings).map(|asked| (asked.command, asked.who))
    }

    const WAY: (&str, &str) = ("Boss@own.example", "Gate@own.example");

    #[test]
    fn a_mail_of_ours_to_the_desk_is_a_command() {
        let fields = format!("Subject: Re: [sekisho approve 4XyZ-1F {SEAL}]");
        let expected = Some((Command::Approve, "boss@own.example".to_owned()));
        assert_eq!(read(&fields, Some("u123"), WAY, Direction::Internal), expected);
        assert_eq!(read(&fields, None, WAY, Direction::Internal), expected);
        assert_eq!(read(&fields, Some("BOSS@own.example"), WAY, Direction::Outbound), expected);
        let postmaster = ("boss@own.example", "postmaster@own.example");
        assert_eq!(read(&fields, None, postmaster, Direction::Internal), expected);
    }

    #[test]
    fn what_is_no_command() {
        let fields = format!("Subject: [sekisho approve 4XyZ-1F {SEAL}]");
        let cases = [
            // From outside, whoever it says it is.
            (fields.clone(), None, WAY, Direction::Inbound),
            // To somebody else.
            (fields.clone(), None, ("boss@own.example", "it@own.example"), Direction::Internal),
            (
                fields.clone(),
                None,
                ("boss@own.example", "postmaster@a.example"),
                Direction::Outbound,
            ),
            // Logged in as another.
            (fields.clone(), Some("taro@own.example"), WAY, Direction::Internal),
            // By nobody, or by a program.
            (fields.clone(), None, ("", "gate@own.example"), Direction::Internal),
            (format!("Auto-Submitted: auto-replied\r\n{fields}"), None, WAY, Direction::Internal),
        ];
        for (fields, login, way, direction) in cases {
            assert_eq!(read(&fields, login, way, direction), None, "{fields} {login:?} {way:?}");
        }
    }

    #[test]
    fn subjects_that_name_no_command() {
        for subject in [
            "",
            "sekisho approve",
            "[sekisho ",
            "[sekisho ]",
            "[sekisho approve 4XyZ-1F]",
            "[sekisho destroy 4XyZ-1F 00112233445566778899aabbccddeeff]",
            "[sekisho approve 4XyZ-1F 00112233445566778899aabbccddeef]",
            "[sekisho approve 4XyZ-1F 00112233445566778899aabbccddeegg]",
            "[sekisho approve 4XyZ-1F 00112233445566778899aabbccddeeff more]",
        ] {
            assert_eq!(parsed(subject), None, "{subject}");
        }
    }

    #[test]
    fn what_is_offered_is_read_again() {
        let seal = Seal::parse(SEAL).unwrap();
        for command in Command::ALL {
            let subject = subject(command, "4XyZ-1F", &seal);
            assert_eq!(parsed(&subject), Some((command, "4XyZ-1F".to_owned(), seal.clone())));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_subject_is_read(text in "(\\[sekisho )?[a-z]{0,8}[ \\]\\PC]{0,60}") {
            let _ = parsed(&text);
        }
    }
}
