//! What an indicator is: one observation that can be told to a member of staff in one sentence.
//!
//! Each lives in a file of its own under `indicators/`, as a struct literal, so that a forgotten
//! field does not compile. `look` reads only [`Message`] and [`Facts`]; no indicator reads another.

use crate::facts::Facts;
use crate::message::Message;

/// One observation: what it is called, which clause asks for it, what it is worth, how to look.
pub struct Indicator {
    /// Stays for ever; equals the file name, in kebab-case.
    pub id: &'static str,
    /// Row of the rule books' table (`attachment-5`); `None` for signs beyond it.
    pub clause: Option<&'static str>,
    /// Signs of one group share a cap, so that ten weak ones of a kind do not add up to an attack.
    pub group: Group,
    /// Shipped points, 0–100, where 100 stands for "certain"; administrators override by id.
    pub points: u16,
    /// What the banner says: one sentence with `{placeholders}` that the evidence fills.
    pub says: Words,
    /// What `sekisho explain` says: what it means, and who does this innocently.
    pub means: Words,
    /// Looks at one message; `None` is silence.
    pub look: fn(&Message<'_>, &Facts<'_>) -> Option<Evidence>,
}

/// The same text in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// Japanese.
    pub ja: &'static str,
    /// English.
    pub en: &'static str,
}

/// What a sign is about. Signs of one group share a cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Files that come along.
    Attachment,
    /// Where links lead and what they show.
    Link,
    /// Who the mail says it is from.
    Sender,
    /// What the text says and how.
    Text,
    /// What the text wants: a story that makes one open or answer.
    Theme,
}

impl Group {
    /// All groups, in the order they are listed.
    pub const ALL: [Group; 5] =
        [Group::Sender, Group::Theme, Group::Text, Group::Link, Group::Attachment];

    /// Name in `weights.toml`, table `[caps]`.
    pub fn name(self) -> &'static str {
        match self {
            Group::Attachment => "attachment",
            Group::Link => "link",
            Group::Sender => "sender",
            Group::Text => "text",
            Group::Theme => "theme",
        }
    }

    /// Shipped cap: the most points the group's signs add together.
    ///
    /// Attachments may reach certainty alone (a program disguised as a document is one); what is
    /// said about sender, text or links needs a second group to be certain. Honest mail tells such
    /// stories too, so that themes alone reach no more than a warning.
    pub fn cap(self) -> u16 {
        match self {
            Group::Attachment => 100,
            Group::Link | Group::Sender | Group::Text => 70,
            Group::Theme => 40,
        }
    }
}

/// What was seen: one line for the record, and the values that fill the sentence.
///
/// Values are made safe to show when they are put in: control and bidi characters become
/// `\u{202E}`, and each is cut to [`Evidence::MAX_CHARS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    shown: String,
    values: Vec<(&'static str, String)>,
}

impl Evidence {
    /// Longest value kept, in characters; what is cut off is replaced by `…`.
    pub const MAX_CHARS: usize = 160;

    /// Evidence with one line for the record; also the value of `{evidence}`.
    pub fn new(shown: impl AsRef<str>) -> Evidence {
        Evidence { shown: safe_to_show(shown.as_ref()), values: Vec::new() }
    }

    /// Adds a value for the placeholder `{name}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl AsRef<str>) -> Evidence {
        self.values.push((name, safe_to_show(value.as_ref())));
        self
    }

    /// The line for the record.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// `sentence` with its placeholders filled. A placeholder without a value stays as it is.
    pub fn fill(&self, sentence: &str) -> String {
        let mut out = String::with_capacity(sentence.len() + self.shown.len());
        let mut rest = sentence;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                out.push('{');
                rest = after;
                continue;
            };
            match self.value(name) {
                Some(value) => out.push_str(value),
                None => {
                    out.push('{');
                    out.push_str(name);
                    out.push('}');
                }
            }
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    fn value(&self, name: &str) -> Option<&str> {
        if name == "evidence" {
            return Some(&self.shown);
        }
        self.values.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str())
    }
}

/// `text` with control, bidi and other invisible characters written as `\u{…}`, runs of blanks
/// kept visible, cut to [`Evidence::MAX_CHARS`].
pub fn safe_to_show(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(Evidence::MAX_CHARS * 4));
    for (count, c) in text.trim().chars().enumerate() {
        if count == Evidence::MAX_CHARS {
            out.push('…');
            break;
        }
        if is_unshowable(c) {
            out.push_str(&format!("\\u{{{:04X}}}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// Characters that change how others are shown, or are not seen at all.
pub fn is_unshowable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
pub(crate) mod check {
    //! One way into every indicator for its tests.

    use super::{Evidence, Indicator};
    use crate::facts::Facts;
    use crate::message::{Envelope, Message};
    use crate::names::Registry;
    use sekisho_config::Settings;
    use std::sync::{Arc, LazyLock};

    /// Looks at `mail` (LF line ends are made CRLF) with facts changed by `change`.
    pub(crate) fn look_with(
        indicator: &Indicator,
        mail: impl AsRef<[u8]>,
        settings: impl FnOnce(&mut Settings),
        change: impl FnOnce(&mut Facts<'_>),
    ) -> Option<Evidence> {
        let raw = crlf(mail.as_ref());
        let mut set = Settings::default();
        set.filter.own_domains = vec!["own.example".into()];
        settings(&mut set);
        let envelope = Envelope::default();
        let mail = Message::new(&raw, &envelope, &set.filter.limits);
        let names = names(&set);
        let mut facts = Facts { names: &names, ..Facts::unknown(&set) };
        change(&mut facts);
        (indicator.look)(&mail, &facts)
    }

    /// Compiled once for the settings that nearly all tests have.
    fn names(settings: &Settings) -> Arc<Registry> {
        static USUAL: LazyLock<Arc<Registry>> = LazyLock::new(|| {
            let mut settings = Settings::default();
            settings.filter.own_domains = vec!["own.example".into()];
            Arc::new(Registry::new(&settings))
        });
        let filter = &settings.filter;
        if filter.own_domains == ["own.example"] && filter.partner_domains.is_empty() {
            return Arc::clone(&USUAL);
        }
        Arc::new(Registry::new(settings))
    }

    /// The evidence shown, or a failure that prints the mail.
    #[track_caller]
    pub(crate) fn fires(indicator: &Indicator, mail: impl AsRef<[u8]>) -> String {
        let mail = mail.as_ref();
        match look_with(indicator, mail, |_| {}, |_| {}) {
            Some(e) => e.shown().to_owned(),
            None => panic!("{} is silent on:\n{}", indicator.id, String::from_utf8_lossy(mail)),
        }
    }

    /// Nothing, or a failure that prints the evidence and the mail.
    #[track_caller]
    pub(crate) fn silent(indicator: &Indicator, mail: impl AsRef<[u8]>) {
        let mail = mail.as_ref();
        if let Some(e) = look_with(indicator, mail, |_| {}, |_| {}) {
            panic!("{} fires with {e:?} on:\n{}", indicator.id, String::from_utf8_lossy(mail));
        }
    }

    /// A bare LF becomes CRLF, as on the wire.
    pub(crate) fn crlf(mail: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(mail.len() + 64);
        for (i, &b) in mail.iter().enumerate() {
            if b == b'\n' && (i == 0 || mail[i - 1] != b'\r') {
                out.push(b'\r');
            }
            out.push(b);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_fills_its_sentence() {
        let e = Evidence::new("a → b").with("from", "a").with("to", "b{from}");
        assert_eq!(
            e.fill("{from} is not {to}; {evidence}, {other}, {"),
            "a is not b{from}; a → b, {other}, {"
        );
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(safe_to_show("請求書\u{202E}fdp.exe\u{0}"), "請求書\\u{202E}fdp.exe\\u{0000}");
    }

    #[test]
    fn long_values_are_cut() {
        let shown = safe_to_show(&"あ".repeat(500));
        assert_eq!(shown.chars().count(), Evidence::MAX_CHARS + 1);
    }
}
