//! What a rule for outgoing mail is.
//!
//! Each lives in a file of its own under `rules/`, as a struct literal, so that a forgotten field
//! does not compile.

use sekisho_config::{Profile, Ruling};

use super::leaving::Leaving;
use crate::indicator::{Evidence, Words};

/// One rule: what it is called, which clause asks for it, what is done where it speaks.
pub struct Rule {
    /// Stays for ever; equals the file name, in kebab-case.
    pub id: &'static str,
    /// Clause of the rule books (`broadcast-by-bcc`); `None` for what goes beyond them.
    pub clause: Option<&'static str>,
    /// What each profile does where the rule speaks; administrators override by id.
    pub rulings: Rulings,
    /// Whether the clause says how such a mail is changed ([`Ruling::Convert`]).
    pub converts: bool,
    /// What is wrong, told to the sender: one sentence with `{placeholders}` that the evidence fills.
    pub says: Words,
    /// What the sender can do: one sentence.
    pub advice: Words,
    /// What `sekisho explain` says: what it means, and when it is silent.
    pub means: Words,
    /// Looks at one message; `None` is silence.
    pub look: fn(&Leaving<'_>) -> Option<Evidence>,
}

/// What each profile does where a rule speaks.
#[derive(Clone, Copy, Debug)]
pub struct Rulings {
    /// Small company.
    pub company: Ruling,
    /// ISMS.
    pub isms: Ruling,
    /// Public foundation.
    pub foundation: Ruling,
}

impl Rulings {
    /// The same in every profile.
    pub const fn all(ruling: Ruling) -> Rulings {
        Rulings { company: ruling, isms: ruling, foundation: ruling }
    }

    /// What this profile does.
    pub fn of(&self, profile: Profile) -> Ruling {
        match profile {
            Profile::Company => self.company,
            Profile::Foundation => self.foundation,
            Profile::Isms => self.isms,
        }
    }
}

#[cfg(test)]
pub(crate) mod check {
    //! One rule looked at alone, as `indicator::check` does for indicators.

    use sekisho_config::Settings;

    use super::*;
    use crate::facts::Facts;
    use crate::message::{Envelope, Message};

    /// What the rule sees in a mail from `staff@own.example` to `to`.
    pub(crate) fn look_with(
        rule: &Rule,
        to: &[&str],
        mail: impl AsRef<[u8]>,
        set: impl FnOnce(&mut Settings),
    ) -> Option<Evidence> {
        look_knowing(rule, to, mail, set, |_| {})
    }

    /// The same with facts changed by `know`.
    pub(crate) fn look_knowing(
        rule: &Rule,
        to: &[&str],
        mail: impl AsRef<[u8]>,
        set: impl FnOnce(&mut Settings),
        know: impl FnOnce(&mut Facts<'_>),
    ) -> Option<Evidence> {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        set(&mut settings);
        let envelope = Envelope {
            mail_from: Some("staff@own.example".into()),
            recipients: to.iter().map(|&r| r.to_owned()).collect(),
        };
        let raw = crate::indicator::check::crlf(mail.as_ref());
        let mail = Message::new(&raw, &envelope, &settings.filter.limits).with_file_texts();
        let mut facts = Facts::unknown(&settings);
        know(&mut facts);
        (rule.look)(&Leaving::new(&mail, &facts))
    }

    /// What it sees with shipped settings in a mail to `partner@example.com`; it must fire.
    #[track_caller]
    pub(crate) fn fires(rule: &Rule, mail: impl AsRef<[u8]>) -> String {
        let mail = mail.as_ref();
        let seen = look_with(rule, &["partner@example.com"], mail, |_| {});
        seen.unwrap_or_else(|| panic!("silent: {}", String::from_utf8_lossy(mail)))
            .shown()
            .to_owned()
    }

    /// It must be silent about a mail to `partner@example.com`.
    #[track_caller]
    pub(crate) fn silent(rule: &Rule, mail: impl AsRef<[u8]>) {
        let mail = mail.as_ref();
        let seen = look_with(rule, &["partner@example.com"], mail, |_| {});
        let seen = seen.map(|e| e.shown().to_owned());
        assert_eq!(seen, None, "fires: {}", String::from_utf8_lossy(mail));
    }
}
