//! Mails of our own: what they say, how they look, how they leave.
//!
//! Way in: [`Notice`], handed to an [`Outbox`]. Each kind of notice has a file that writes its
//! words, in Japanese and English, as blocks; this one makes a mail of them, as text and as HTML.
//! No notice is answered by a program: the envelope has the null sender and the header says
//! `Auto-Submitted` (RFC 3834); none is written about mail that says the same of itself.

pub mod admin;
pub mod command;
pub mod digest;
pub mod hold;
mod link;
mod outbox;
pub mod refusal;
pub mod reported;
pub mod warning;

use std::fmt::Write as _;

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use sekisho_config::{Language, Settings};
use sekisho_heuristics::message::Message as Received;

pub use link::{Link, offer};
pub use outbox::Outbox;

/// A mail that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// To whom.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// What it says, one section a language.
    pub sections: Vec<Section>,
}

/// What is said in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// `ja` or `en`.
    pub lang: &'static str,
    /// Its blocks, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A piece of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Names and values.
    Facts(Vec<(String, String)>),
    /// Items of a list.
    List(Vec<String>),
    /// A paragraph.
    Line(String),
    /// Commands to choose from.
    Links(Vec<Link>),
}

/// Whom our mails are from; `None` where the settings name neither an address nor an own domain.
pub fn from_address(settings: &Settings) -> Option<String> {
    match settings.notify.from.as_str() {
        "" => settings.filter.own_domains.first().map(|own| format!("postmaster@{own}")),
        from => Some(from.to_owned()),
    }
}

/// Which languages notices are written in.
pub fn languages(settings: &Settings) -> &'static [&'static str] {
    match settings.actions.language {
        Language::Both => &["ja", "en"],
        Language::English => &["en"],
        Language::Japanese => &["ja"],
    }
}

/// Whether a program wrote the mail, so that no notice may answer it (RFC 3834, section 2).
pub fn is_automatic(mail: &Received<'_>) -> bool {
    let null_sender = mail.envelope().mail_from.as_deref().is_none_or(str::is_empty);
    let says = mail
        .field("auto-submitted")
        .is_some_and(|field| !field.value.trim_ascii().to_ascii_lowercase().starts_with(b"no"));
    null_sender || says
}

impl Notice {
    /// The mail from `from`; `None` where an address cannot be written down.
    fn compose(&self, from: &str) -> Option<Message> {
        let mut message = Message::builder()
            .from(Mailbox::new(Some("sekisho".to_owned()), from.parse().ok()?))
            .subject(self.subject.as_str())
            .date_now()
            .message_id(None)
            .header(AutoSubmitted)
            .header(SuppressReplies);
        for to in &self.to {
            message = message.to(Mailbox::new(None, to.parse::<Address>().ok()?));
        }
        let recipients = self.to.iter().filter_map(|to| to.parse().ok()).collect();
        let envelope = lettre::address::Envelope::new(None, recipients).ok()?;
        let body = MultiPart::alternative_plain_html(self.text(), self.html());
        message.envelope(envelope).multipart(body).ok()
    }

    /// The plain form.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (at, section) in self.sections.iter().enumerate() {
            if at > 0 {
                out.push_str("\n----------------------------------------\n\n");
            }
            for block in &section.blocks {
                // Writing into a String cannot fail.
                let _ = match block {
                    Block::Line(line) => writeln!(out, "{line}"),
                    Block::List(items) => {
                        items.iter().try_for_each(|item| writeln!(out, "  - {item}"))
                    }
                    Block::Facts(facts) => facts
                        .iter()
                        .try_for_each(|(name, value)| writeln!(out, "  {name}: {value}")),
                    Block::Links(links) => links.iter().try_for_each(|link| {
                        writeln!(out, "  {}: {}\n    <{}>", link.label, link.subject, link.mailto())
                    }),
                };
                out.push('\n');
            }
        }
        out
    }

    /// The HTML form: nothing but text of ours and of mails, as text, and links of ours.
    pub fn html(&self) -> String {
        let mut out = String::from("<!DOCTYPE html>\n<html><body style=\"");
        out.push_str(STYLE);
        out.push_str("\">\n");
        for section in &self.sections {
            let _ = writeln!(out, "<div lang=\"{}\">", section.lang);
            for block in &section.blocks {
                html_block(&mut out, block);
            }
            out.push_str("</div>\n");
        }
        out.push_str("</body></html>\n");
        out
    }
}

fn html_link(out: &mut String, link: &Link) {
    let _ = write!(out, "<p><a style=\"{LINK}\" href=\"");
    escape(out, &link.mailto());
    out.push_str("\">");
    escape(out, &link.label);
    out.push_str("</a></p>\n");
}

fn html_block(out: &mut String, block: &Block) {
    match block {
        Block::Line(line) => {
            out.push_str("<p>");
            escape(out, line);
            out.push_str("</p>\n");
        }
        Block::Links(links) => links.iter().for_each(|link| html_link(out, link)),
        Block::List(items) => {
            out.push_str("<ul>\n");
            for item in items {
                out.push_str("<li>");
                escape(out, item);
                out.push_str("</li>\n");
            }
            out.push_str("</ul>\n");
        }
        Block::Facts(facts) => {
            out.push_str("<table>\n");
            for (name, value) in facts {
                let _ = write!(out, "<tr><th style=\"{NAME}\">");
                escape(out, name);
                out.push_str("</th><td>");
                escape(out, value);
                out.push_str("</td></tr>\n");
            }
            out.push_str("</table>\n");
        }
    }
}

/// Appends `text` so that it is text and nothing else.
pub(crate) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

const STYLE: &str = "font-family:'Hiragino Sans','Yu Gothic',Meiryo,'Noto Sans JP',sans-serif;\
    font-size:14px;line-height:1.6;color:#222;background:#fff";
const LINK: &str = "color:#0b57d0;font-weight:bold";
const NAME: &str = "text-align:left;font-weight:normal;color:#555;padding-right:12px;\
    vertical-align:top;white-space:nowrap";

/// `Auto-Submitted: auto-generated` (RFC 3834, section 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// `X-Auto-Response-Suppress: All`, which Exchange understands.
#[derive(Clone)]
struct SuppressReplies;

impl Header for SuppressReplies {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Auto-Response-Suppress")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(SuppressReplies)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "All".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_config::Limits;
    use sekisho_heuristics::message::Envelope;

    fn notice() -> Notice {
        Notice {
            to: vec!["taro@own.example".into()],
            subject: "【送信できませんでした】<見積>".into(),
            sections: vec![Section {
                lang: "ja",
                blocks: vec![
                    Block::Line("メールは <b>送信されませんでした</b>。".into()),
                    Block::Facts(vec![("件名".into(), "a & b".into())]),
                    Block::List(vec!["Bcc で送ってください。".into()]),
                ],
            }],
        }
    }

    fn limits() -> Limits {
        Settings::default().filter.limits
    }

    #[test]
    fn a_mail_that_every_client_reads_and_no_program_answers() {
        let message = notice().compose("postmaster@own.example").unwrap();
        assert_eq!(message.envelope().from(), None);
        let raw = message.formatted();
        let (envelope, limits) = (Envelope::default(), limits());
        let mail = Received::new(&raw, &envelope, &limits);
        assert_eq!(mail.subject(), "【送信できませんでした】<見積>");
        assert_eq!(mail.from()[0].address(), "postmaster@own.example");
        assert!(is_automatic(&mail));
        let texts: Vec<String> =
            mail.texts().iter().map(|t| t.content.replace("\r\n", "\n")).collect();
        assert!(texts[0].contains("メールは <b>送信されませんでした</b>。\n\n  件名: a & b\n"));
        assert!(texts[1].contains("<b>送信"), "HTML shows it as text: {}", texts[1]);
        assert!(raw.is_ascii(), "every relay takes it");
    }

    #[test]
    fn addresses_that_cannot_be_written_give_no_mail() {
        let mut strange = notice();
        strange.to = vec!["a b".into()];
        assert!(strange.compose("postmaster@own.example").is_none());
        assert!(notice().compose("").is_none());
    }

    #[test]
    fn mail_of_programs_is_told_by_sender_and_header() {
        let is = |from: &str, header: &str| {
            let envelope = Envelope { mail_from: Some(from.into()), recipients: vec![] };
            let raw = format!("{header}\r\n\r\n");
            let limits = limits();
            is_automatic(&Received::new(raw.as_bytes(), &envelope, &limits))
        };
        assert!(is("", "Subject: a"));
        assert!(is("a@own.example", "Auto-Submitted: auto-replied"));
        assert!(!is("a@own.example", "Auto-Submitted: No"));
        assert!(!is("a@own.example", "Subject: a"));
    }
}
